"""Parts of a class side by side: what goes wrong in one ends the class and leaves nothing."""

from __future__ import annotations

import errno
import os
import threading
import time
from pathlib import Path

import pytest
from support.printing import SCHOOL, WHO, pupil, word_file

from mailmerge import columns, engines
from mailmerge.engines import dxpdf_child
from mailmerge.engines.embedded import Embedded
from mailmerge.making import pressing
from mailmerge.making.issuing import ClassJob, IssuedClass, OpenWorkshop
from mailmerge.making.pressing import Press, Sheet
from mailmerge.template.compiling import compile_template
from mailmerge.template.opening import check_template

ROWS = [pupil(f"NOM{rank:02d}", **{columns.NUMERO: f"30000{rank:02d}"}) for rank in range(26)]
SECOND_PART = "NOM13"


def issue(folder: Path, engine: Embedded) -> IssuedClass:
    template = compile_template(check_template("modèle.docx", word_file(WHO)), tuple(ROWS[0]))
    workshop = OpenWorkshop(template, SCHOOL, Press([engine], "Collège", cores=2))
    sheets = tuple(Sheet(row, f"{row[columns.NOM]}.pdf") for row in ROWS)
    return workshop.issue(ClassJob("3A", "Attestations 3A", "a.docx", "a.pdf", sheets), folder)


def engine_that(folder: Path, code: str) -> Embedded:
    """The embedded engine, whose child first runs ``code`` where the document has the second part.

    It leaves its number in ``pids``.
    """
    child = folder / "child.py"
    child.write_text(
        "import os, runpy, sys, time, zipfile\n"
        f"open({str(folder / 'pids')!r}, 'a').write(f'{{os.getpid()}} ')\n"
        "text = zipfile.ZipFile(sys.argv[2]).read('word/document.xml').decode()\n"
        f"if {SECOND_PART!r} in text:\n    {code}\n"
        f"runpy.run_path({dxpdf_child.__file__!r}, run_name='__main__')\n",
        encoding="utf-8",
    )
    return Embedded(child)


def nobody_is_left(folder: Path) -> bool:
    """Whether the children are gone; a killed one needs a moment."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        alive = [pid for pid in (folder / "pids").read_text().split() if _is_alive(int(pid))]
        if not alive:
            return True
        time.sleep(0.05)
    return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_part_that_hangs_is_ended_in_time_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pressing, "_SECONDS_AT_LEAST", 2)
    monkeypatch.setattr(pressing, "_SECONDS_PER_PUPIL", 0)
    issued = issue(tmp_path / "class", engine_that(tmp_path, "time.sleep(600)"))
    (error,) = issued.errors
    assert "Attestations 3A" in error.message
    assert "n’a pas terminé en 2 s" in error.message
    assert issued.pdf is None
    assert nobody_is_left(tmp_path)


def test_a_part_whose_converter_dies_stops_the_class(tmp_path: Path) -> None:
    issued = issue(tmp_path / "class", engine_that(tmp_path, "os.kill(os.getpid(), 9)"))
    (error,) = issued.errors
    assert "brutalement" in error.message
    assert issued.pdf is None
    assert nobody_is_left(tmp_path)


def test_a_part_that_is_an_earlier_part_again_is_noticed(tmp_path: Path) -> None:
    """The converter gives the second part the pages of the first."""
    kept = tmp_path / "first.pdf"
    waits = f"[time.sleep(0.02) for _ in iter(lambda: os.path.exists({str(kept)!r}), True)]"
    again = f"({waits}, shutil.copy({str(kept)!r}, sys.argv[3]), sys.exit(0))"
    engine = engine_that(tmp_path, again)
    keeps = (
        f"shutil.copy(sys.argv[3], {str(kept)!r} + '.new')\n"
        f"os.replace({str(kept)!r} + '.new', {str(kept)!r})\n"
    )
    child = tmp_path / "child.py"
    child.write_text(f"import shutil\n{child.read_text('utf-8')}{keeps}", encoding="utf-8")
    (error,) = issue(tmp_path / "class", engine).errors
    assert error.code == "verification"


def test_stopping_ends_both_parts(tmp_path: Path) -> None:
    engine = engine_that(tmp_path, "pass")
    child = tmp_path / "child.py"
    child.write_text(
        child.read_text("utf-8").replace("runpy.run_path", "time.sleep(600)\nrunpy.run_path")
    )
    made: list[IssuedClass] = []
    run = threading.Thread(target=lambda: made.append(issue(tmp_path / "class", engine)))
    run.start()
    deadline = time.monotonic() + 20
    pids = tmp_path / "pids"
    while not (pids.exists() and len(pids.read_text().split()) == 2):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    engines.stop_all()
    run.join(20)
    assert not run.is_alive()
    assert made[0].errors
    assert nobody_is_left(tmp_path)


def test_a_disk_that_fills_up_between_two_parts_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "morceau-13.docx":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    issued = issue(tmp_path / "class", engine_that(tmp_path, "pass"))
    (error,) = issued.errors
    assert "le disque est plein" in error.message
    assert issued.pdf is None
    assert nobody_is_left(tmp_path)
