"""Word through a stand-in for docx2pdf: nothing here ran a real Word."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.documents import pdf_class, word_class

from mailmerge.engines import word
from mailmerge.engines.word import Word
from mailmerge.errors import EngineError


@pytest.fixture
def docx(tmp_path: Path) -> Path:
    return word_class(tmp_path / "classe.docx", [["Zoé"]])


@pytest.fixture
def stand_in(tmp_path: Path):
    """A Word engine whose ``docx2pdf.convert`` runs the code it is given."""

    def make(code: str) -> Word:
        good = pdf_class(tmp_path / "good.pdf", [["un"]])
        package = tmp_path / "hook" / "docx2pdf"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(
            "import os, shutil, sys, time\n"
            f"good = {str(good)!r}\n"
            f"def convert(docx, pdf, keep_active=False):\n    {code}\n",
            encoding="utf-8",
        )
        return Word(hook=package.parent)

    return make


def test_a_document_is_converted(stand_in, docx: Path, tmp_path: Path) -> None:
    engine = stand_in("assert docx.endswith('.docx'); shutil.copy(good, pdf)")
    assert engine.available()
    engine.convert(docx, tmp_path / "classe.pdf")
    assert (tmp_path / "classe.pdf").is_file()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("pass", "aucun PDF"),
        ("raise ValueError('com_error')", r"a échoué \(code 1\)"),
        ("open(pdf, 'wb').write(b'%PDF')", "illisible"),
        ("time.sleep(60)", "n’a pas terminé"),
    ],
    ids=["silent, as on macOS", "raises", "half", "hangs"],
)
def test_a_failure_leaves_no_pdf(
    stand_in, docx: Path, tmp_path: Path, code: str, said: str
) -> None:
    target = pdf_class(tmp_path / "classe.pdf", [["périmé"]])
    with pytest.raises(EngineError, match=said):
        stand_in(code).convert(docx, target, timeout=2)
    assert not target.exists()


def test_a_word_that_is_open_is_left_alone(
    stand_in, docx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word, "running", lambda: True)
    with pytest.raises(EngineError, match="fermez Word"):
        stand_in("shutil.copy(good, pdf)").convert(docx, tmp_path / "classe.pdf")
    assert not (tmp_path / "classe.pdf").exists()


def test_our_own_word_is_given_time_to_go(
    stand_in, docx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, True, True, False])
    monkeypatch.setattr(word, "running", lambda: next(answers))
    stand_in("shutil.copy(good, pdf)").convert(docx, tmp_path / "classe.pdf")
    assert (tmp_path / "classe.pdf").is_file()
    assert list(answers) == []


def test_two_conversions_at_once_take_turns(stand_in, docx: Path, tmp_path: Path) -> None:
    engine = stand_in(
        "os.mkdir(good + '.busy'); time.sleep(0.3); shutil.copy(good, pdf);os.rmdir(good + '.busy')"
    )
    targets = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(engine.convert, [docx, docx], targets))
    assert all(target.is_file() for target in targets)


def test_word_promises_no_bookmarks() -> None:
    assert not Word.keeps_bookmarks
