"""A LibreOffice that stays between conversions: used, replaced when it dies, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pikepdf
import pytest
from support.documents import word_class

from mailmerge.engines import libreoffice
from mailmerge.engines.libreoffice import LibreOffice
from mailmerge.engines.office_host import POSSIBLE
from mailmerge.errors import EngineError

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(
        libreoffice.find() is None or not POSSIBLE, reason="no LibreOffice that could stay"
    ),
]


@pytest.fixture
def docx(tmp_path: Path) -> Path:
    return word_class(tmp_path / "classe.docx", [["Zoé"], ["Éloïse"]])


@pytest.fixture(autouse=True)
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles where the test can tell them from others'."""
    monkeypatch.setattr(libreoffice.tempfile, "tempdir", str(tmp_path))


def staying(folder: Path) -> list[int]:
    """The processes of LibreOffice whose profile is somewhere in ``folder``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "soffice.bin" in command.split("\0")[0] and str(folder) in command:
            found.append(int(process.name))
    return found


def gone(folder: Path) -> bool:
    deadline = time.monotonic() + 20
    while staying(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not staying(folder)


def _broken(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w:document")
    return path


def pages(pdf: Path) -> int:
    with pikepdf.open(pdf) as document:
        return len(document.pages)


def test_one_stays_from_the_second_conversion_on_and_goes_with_the_engine(
    docx: Path, tmp_path: Path
) -> None:
    engine, target = LibreOffice(), tmp_path / "classe.pdf"
    engine.convert(docx, target)
    assert staying(tmp_path) == []
    engine.convert(docx, target)
    first = staying(tmp_path)
    assert len(first) == 1
    target.unlink()
    engine.convert(docx, target)
    assert staying(tmp_path) == first
    assert pages(target) == 2
    del engine
    assert gone(tmp_path)


def test_when_it_is_killed_the_next_conversion_is_made_all_the_same(
    docx: Path, tmp_path: Path
) -> None:
    engine, target = LibreOffice(), tmp_path / "classe.pdf"
    engine.convert(docx, target)
    engine.convert(docx, target)
    (process,) = staying(tmp_path)
    os.kill(process, signal.SIGKILL)
    target.unlink()
    engine.convert(docx, target)
    assert pages(target) == 2


def test_a_document_it_cannot_convert_is_no_fault_of_the_next(docx: Path, tmp_path: Path) -> None:
    engine, target = LibreOffice(), tmp_path / "classe.pdf"
    engine.convert(docx, target)
    with pytest.raises(EngineError):
        engine.convert(_broken(tmp_path / "cassé.docx"), target)
    engine.convert(docx, target)
    assert pages(target) == 2


def test_it_is_gone_when_the_program_is_killed(docx: Path, tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal, sys\n"
        "from mailmerge.engines.libreoffice import LibreOffice\n"
        "engine, docx = LibreOffice(), pathlib.Path(sys.argv[1])\n"
        "for name in ('a.pdf', 'b.pdf'): engine.convert(docx, docx.with_name(name))\n"
        "print('converted', flush=True); sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(docx)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"converted\n"
    assert len(staying(tmp_path)) == 1
    process.kill()
    process.wait()
    assert gone(tmp_path)
