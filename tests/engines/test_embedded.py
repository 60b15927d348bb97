"""The embedded engine: real conversions, and a child that misbehaves in every way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from support.documents import pdf_class, word_class

from mailmerge.engines import dxpdf_child
from mailmerge.engines.embedded import Embedded
from mailmerge.engines.programs import ProgramError
from mailmerge.errors import EngineError


@pytest.fixture
def docx(tmp_path: Path) -> Path:
    return word_class(tmp_path / "classe.docx", [["Zoé"], ["Éloïse"]])


def fake(tmp_path: Path, code: str) -> Embedded:
    """An engine whose child runs ``code``, with ``docx`` and ``pdf`` as its paths."""
    child = tmp_path / "child.py"
    child.write_text(f"import os, sys, time\n_, _, docx, pdf, _ = sys.argv\n{code}\n", "utf-8")
    return Embedded(child)


def test_a_class_becomes_a_pdf_with_its_bookmarks(docx: Path, tmp_path: Path) -> None:
    Embedded().convert(docx, tmp_path / "classe.pdf")
    with pikepdf.open(tmp_path / "classe.pdf") as pdf:
        assert len(pdf.pages) == 2
        assert set(pdf.Root.Dests.keys()) == {"/Eleve00001", "/Eleve00002"}


def test_hostile_file_names_are_no_matter(tmp_path: Path) -> None:
    docx = word_class(tmp_path / "-o 3°A + l’été ; $(ls).docx", [["Zoé"]])
    Embedded().convert(docx, tmp_path / "--help.pdf")
    assert (tmp_path / "--help.pdf").is_file()


def test_the_child_imports_nothing_of_ours_and_needs_no_installation(tmp_path: Path) -> None:
    code = "import sys, runpy; runpy.run_path(sys.argv[1]); print('mailmerge' in sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", code, dxpdf_child.__file__]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_a_document_that_dxpdf_refuses_fails_with_its_words_kept_apart(
    docx: Path, tmp_path: Path
) -> None:
    engine = fake(tmp_path, "sys.exit('RuntimeError: Parse error: oops')")
    with pytest.raises(ProgramError) as caught:
        engine.convert(docx, tmp_path / "classe.pdf")
    assert caught.value.message == "Le moteur intégré a échoué (code 1)."
    assert caught.value.details == ("RuntimeError: Parse error: oops",)


def test_a_machine_without_fonts_is_told_which_to_install(docx: Path, tmp_path: Path) -> None:
    engine = fake(tmp_path, "sys.exit('RuntimeError: Render error: no fonts available')")
    with pytest.raises(EngineError, match="fonts-dejavu-core"):
        engine.convert(docx, tmp_path / "classe.pdf")


def test_the_comments_of_fontconfig_are_no_details(docx: Path, tmp_path: Path) -> None:
    engine = fake(tmp_path, "print('Fontconfig warning: x', flush=True); sys.exit('vrai')")
    with pytest.raises(ProgramError) as caught:
        engine.convert(docx, tmp_path / "classe.pdf")
    assert caught.value.details == ("vrai",)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("os.abort()", "brutalement"),
        ("time.sleep(60)", "n’a pas terminé"),
        ("pass", "aucun PDF"),
        ("open(pdf, 'wb').close()", "aucun PDF"),
        ("open(pdf, 'wb').write(b'%PDF-1.7 half')", "illisible"),
    ],
    ids=["dies", "hangs", "writes nothing", "writes an empty file", "writes half a file"],
)
def test_a_child_that_misbehaves_leaves_no_pdf(
    docx: Path, tmp_path: Path, code: str, said: str
) -> None:
    target = pdf_class(tmp_path / "classe.pdf", [["périmé"]])
    with pytest.raises(EngineError, match=said):
        fake(tmp_path, code).convert(docx, target, timeout=2)
    assert not target.exists()
    assert not list(tmp_path.glob(".conversion-*"))


@pytest.mark.skipif(sys.platform != "linux", reason="fontconfig chooses the fonts on Linux")
def test_old_type_1_fonts_are_left_out_unless_the_machine_says_otherwise(
    docx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    code = f"open({str(seen)!r}, 'a').write(os.environ.get('FONTCONFIG_FILE', '') + '\\n')"
    for own in ("", "/a/setting/of/its/own.conf"):
        if own:
            monkeypatch.setenv("FONTCONFIG_FILE", own)
        else:
            monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
        with pytest.raises(EngineError):
            fake(tmp_path, code).convert(docx, tmp_path / "classe.pdf")
    ours, theirs = seen.read_text().splitlines()
    assert "Type 1" in Path(ours).read_text(encoding="utf-8")
    assert theirs == "/a/setting/of/its/own.conf"
