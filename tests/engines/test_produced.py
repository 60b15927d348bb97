"""Nothing that goes into an engine or comes out of it is taken on trust."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from support.documents import pdf_class, word_class

from mailmerge.engines.produced import check_docx, check_pdf, produce
from mailmerge.errors import EngineError


@pytest.fixture
def docx(tmp_path: Path) -> Path:
    return word_class(tmp_path / "Attestations 3A.docx", [["Zoé"]])


def test_a_pdf_tells_its_pages(tmp_path: Path) -> None:
    assert check_pdf(pdf_class(tmp_path / "a.pdf", [["un"], ["deux"]]), "Essai") == 2


@pytest.mark.parametrize(
    ("keep", "said"),
    [(None, "aucun PDF"), (0, "aucun PDF"), (0.5, "illisible"), (0.95, "illisible")],
    ids=["absent", "empty", "half", "tail cut off"],
)
def test_a_pdf_that_is_not_whole_is_refused(tmp_path: Path, keep: float | None, said: str) -> None:
    pdf = pdf_class(tmp_path / "a.pdf", [["un"]] * 20)
    if keep is None:
        pdf.unlink()
    else:
        whole = pdf.read_bytes()
        pdf.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(EngineError, match=said):
        check_pdf(pdf, "Essai")


def test_a_pdf_without_a_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="sans aucune page"):
        check_pdf(pdf_class(tmp_path / "a.pdf", []), "Essai")


def test_a_word_document_passes(docx: Path) -> None:
    check_docx(docx)


def test_a_text_file_called_docx_is_refused_by_name(tmp_path: Path) -> None:
    fake = tmp_path / "lettre.docx"
    fake.write_text("Bonjour", encoding="utf-8")
    with pytest.raises(EngineError, match=r"« lettre\.docx »"):
        check_docx(fake)


def test_a_truncated_document_is_refused(docx: Path) -> None:
    docx.write_bytes(docx.read_bytes()[:-200])
    with pytest.raises(EngineError, match="lisible"):
        check_docx(docx)


def test_a_document_damaged_inside_is_refused(docx: Path) -> None:
    data = bytearray(docx.read_bytes())
    with zipfile.ZipFile(docx) as archive:
        start = archive.getinfo("word/styles.xml").header_offset + 100
    data[start : start + 20] = bytes(20)
    docx.write_bytes(data)
    with pytest.raises(EngineError, match=r"abîmé|lisible"):
        check_docx(docx)


def test_another_kind_of_archive_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "tableur.docx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(EngineError, match="document Word"):
        check_docx(other)


def test_the_work_is_done_in_a_private_folder_and_the_result_moved(docx: Path) -> None:
    target = docx.parent / "3A.pdf"
    seen = []

    def work(source: Path, folder: Path) -> None:
        seen.append((source, folder, list(folder.iterdir())))
        pdf_class(folder / "document.pdf", [["un"]])

    produce(docx, target, "Essai", work)
    source, folder, before = seen[0]
    assert source.name == "document.docx"
    assert source != docx
    assert before == []
    assert not folder.exists()
    assert check_pdf(target, "Essai") == 1
    assert sorted(path.name for path in docx.parent.iterdir()) == ["3A.pdf", docx.name]


def test_after_a_failure_the_old_pdf_is_not_there_to_be_taken_for_the_new(docx: Path) -> None:
    target = pdf_class(docx.parent / "3A.pdf", [["périmé"]])
    with pytest.raises(EngineError, match="aucun PDF"):
        produce(docx, target, "Essai", lambda *_: None)
    assert [path.name for path in docx.parent.iterdir()] == [docx.name]


def test_a_folder_that_does_not_exist_is_said_in_french(docx: Path) -> None:
    with pytest.raises(EngineError, match="n’a pas pu écrire ses fichiers"):
        produce(docx, docx.parent / "absent" / "3A.pdf", "Essai", lambda *_: None)
