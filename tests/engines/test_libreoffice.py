"""LibreOffice: a fake one that fails as the real one does (exit code 0), then the real one."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pikepdf
import pytest
from support.documents import pdf_class, word_class

from mailmerge.engines import choose, libreoffice
from mailmerge.engines.libreoffice import LibreOffice
from mailmerge.errors import EngineError

needs_soffice = pytest.mark.skipif(libreoffice.find() is None, reason="LibreOffice is not here")
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="the fake is a POSIX script")


@pytest.fixture
def docx(tmp_path: Path) -> Path:
    return word_class(tmp_path / "classe.docx", [["Zoé"], ["Éloïse"]])


@pytest.fixture
def soffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install a fake soffice that runs the code it is given."""

    def install(code: str) -> Path:
        good = pdf_class(tmp_path / "good.pdf", [["un"]])
        program = tmp_path / "soffice"
        program.write_text(
            f"#!{sys.executable}\nimport os, pathlib, shutil, subprocess, sys, time\n"
            "out = pathlib.Path(sys.argv[sys.argv.index('--outdir') + 1], 'document.pdf')\n"
            f"good = {str(good)!r}\nlog = {str(tmp_path / 'log')!r}\n{code}\n",
            encoding="utf-8",
        )
        program.chmod(0o755)
        monkeypatch.setenv(libreoffice.VARIABLE, str(program))
        return program

    return install


def profile(line: str) -> str:
    return next(word for word in line.split() if word.startswith("-env:UserInstallation="))


@needs_posix
def test_the_program_named_by_the_environment_is_used(soffice, docx: Path, tmp_path: Path) -> None:
    soffice("shutil.copy(good, out); print(*sys.argv, file=open(log, 'a'))")
    LibreOffice().convert(docx, tmp_path / "classe.pdf")
    line = (tmp_path / "log").read_text()
    assert '"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}' in line
    assert '"ReduceImageResolution":{"type":"boolean","value":"false"}' in line
    assert "--headless" in line
    assert (tmp_path / "classe.pdf").is_file()


@needs_posix
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("sys.exit(0)", "aucun PDF"),
        ("out.touch()", "aucun PDF"),
        ("out.write_bytes(open(good, 'rb').read()[:300])", "illisible"),
        ("sys.exit(77)", r"a échoué \(code 77\)"),
        ("time.sleep(60)", "n’a pas terminé"),
        ("subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])", "aucun PDF"),
    ],
    ids=["exits 0", "empty", "half", "dies", "hangs", "leaves a child"],
)
def test_a_failing_libreoffice_leaves_no_pdf(
    soffice, docx: Path, tmp_path: Path, code: str, said: str
) -> None:
    soffice(code)
    target = pdf_class(tmp_path / "classe.pdf", [["périmé"]])
    with pytest.raises(EngineError, match=said):
        LibreOffice().convert(docx, target, timeout=2)
    assert not target.exists()


@needs_posix
def test_a_text_file_never_reaches_libreoffice(soffice, tmp_path: Path) -> None:
    soffice("open(log, 'a'); shutil.copy(good, out)")
    fake = tmp_path / "fake.docx"
    fake.write_text("Bonjour", encoding="utf-8")
    with pytest.raises(EngineError, match="document Word"):
        LibreOffice().convert(fake, tmp_path / "fake.pdf")
    assert not (tmp_path / "log").exists()


@needs_posix
def test_a_profile_is_kept_for_the_next_call_but_never_shared(
    soffice, docx: Path, tmp_path: Path
) -> None:
    # Each fake waits for the other, so both run at once.
    soffice(
        "print(*sys.argv, file=open(log, 'a'))\n"
        "here = pathlib.Path(log + str(os.getpid())); here.touch()\n"
        "while len(list(here.parent.glob('log?*'))) < 2: time.sleep(0.02)\n"
        "shutil.copy(good, out)"
    )
    engine = LibreOffice()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(engine.convert, [docx] * 2, [tmp_path / "a.pdf", tmp_path / "b.pdf"]))
    engine.convert(docx, tmp_path / "c.pdf")
    first, second, third = map(profile, (tmp_path / "log").read_text().splitlines())
    assert first != second
    assert third in (first, second)


@needs_posix
def test_the_profile_of_a_failure_is_thrown_away(soffice, docx: Path, tmp_path: Path) -> None:
    soffice("print(*sys.argv, file=open(log, 'a')); sys.exit(1)")
    engine = LibreOffice()
    for _ in range(2):
        with pytest.raises(EngineError):
            engine.convert(docx, tmp_path / "a.pdf")
    first, second = map(profile, (tmp_path / "log").read_text().splitlines())
    assert first != second
    assert not Path(first.removeprefix("-env:UserInstallation=file://")).exists()


def test_a_program_that_is_not_there_makes_it_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(libreoffice.VARIABLE, "/nowhere/soffice")
    assert not LibreOffice().available()
    with pytest.raises(EngineError, match=r"LibreOffice est introuvable.*--engine embedded"):
        choose("libreoffice")


@needs_soffice
@pytest.mark.libreoffice
def test_the_real_one_converts_two_documents_at_once(docx: Path, tmp_path: Path) -> None:
    engine, failures = LibreOffice(), []

    def convert(name: str) -> None:
        try:
            engine.convert(docx, tmp_path / name)
        except EngineError as error:
            failures.append(error)

    threads = [threading.Thread(target=convert, args=(name,)) for name in ("a.pdf", "b.pdf")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    for name in ("a.pdf", "b.pdf"):
        with pikepdf.open(tmp_path / name) as pdf:
            assert len(pdf.pages) == 2
