"""Converters that fail in every way: what is sound is delivered, the rest is named."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from support.school import School, school_in
from support.standins import broken_pdfs, people, soffice

from mailmerge.engines import libreoffice
from mailmerge.errors import ExitCode
from mailmerge.making import pressing

POISON = "'Poison' in text and "


@pytest.fixture
def school(tmp_path: Path) -> School:
    """Ten classes of one pupil; the pupil of 3-4 is called Poison."""
    school = school_in(tmp_path / "school")
    for rank in range(10):
        name = "Poison" if rank == 4 else f"Sain{'abcdefghij'[rank]}"
        school.add_class(f"3-{rank}", people(1_000_000 + 10 * rank, [name]))
    return school


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("sys.exit(0)", "aucun PDF"),
        ("(out.touch(), sys.exit(0))", "aucun PDF"),
        (
            "(good(), out.write_bytes(out.read_bytes()[:2000]), sys.exit(0))",
            "illisible",
        ),
        ("os.kill(os.getpid(), signal.SIGKILL)", "brutalement"),
        ("sys.exit(81)", "code 81"),
    ],
    ids=["no file", "empty", "truncated", "killed", "failing"],
)
def test_one_poison_document_among_ten_is_named_and_the_nine_are_delivered(
    school, tmp_path, monkeypatch, fault, said
):
    monkeypatch.setenv(libreoffice.VARIABLE, str(soffice(tmp_path, POISON + fault)))
    report = school.run(engine="libreoffice")
    assert report.exit_code == ExitCode.PARTIAL
    (error,) = report.erreurs
    assert "3-4" in error.message
    assert said in error.message
    assert report.printed == 9
    assert broken_pdfs(school.output) == []


def test_a_stale_pdf_of_an_earlier_run_is_never_taken_for_the_new_one(
    school, tmp_path, monkeypatch
):
    monkeypatch.setenv(libreoffice.VARIABLE, str(soffice(tmp_path, "")))
    school.run(engine="libreoffice")
    monkeypatch.setenv(libreoffice.VARIABLE, str(soffice(tmp_path, POISON + "sys.exit(0)")))
    report = school.run(engine="libreoffice", force=True)
    assert report.printed == 9
    line = next(pupil for pupil in report.eleves if pupil.nom == "Poison")
    assert line.pdf is None
    assert line.raison


def test_a_pdf_with_another_pupils_page_stops_its_class(school, tmp_path, monkeypatch):
    swap = (
        "keep = pathlib.Path(log.parent, 'kept.pdf')\n"
        "if 'Poison' in text: out.write_bytes(keep.read_bytes()); sys.exit(0)\n"
        "good(); keep.write_bytes(out.read_bytes()); sys.exit(0)"
    )
    monkeypatch.setenv(libreoffice.VARIABLE, str(soffice(tmp_path, swap)))
    report = school.run(engine="libreoffice")
    (error,) = report.erreurs
    assert error.code == "verification"
    assert "Poison" in error.message
    assert report.printed == 9


def test_a_converter_that_hangs_is_ended_in_time_with_its_children(school, tmp_path, monkeypatch):
    monkeypatch.setattr(pressing, "_SECONDS_AT_LEAST", 3)
    monkeypatch.setattr(pressing, "_SECONDS_PER_PUPIL", 0)
    hang = (
        "if 'Poison' in text:\n"
        "    child = subprocess.Popen(['sleep', '600'])\n"
        "    pathlib.Path(log.parent, 'child').write_text(str(child.pid))\n"
        "    time.sleep(600)"
    )
    monkeypatch.setenv(libreoffice.VARIABLE, str(soffice(tmp_path, hang)))
    report = school.run(engine="libreoffice")
    assert "n’a pas terminé" in report.erreurs[0].message
    assert report.printed == 9
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 5
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_with_auto_a_converter_that_dies_in_mid_batch_hands_over_and_the_report_says_so(
    school, tmp_path, monkeypatch
):
    dies = "if count >= 3: os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setenv(libreoffice.VARIABLE, str(soffice(tmp_path, dies)))
    report = school.run(engine="auto")
    assert report.exit_code == ExitCode.OK
    assert report.printed == 10
    (warning,) = [each for each in report.avertissements if each.code == "moteur-remplace"]
    assert "moteur intégré" in warning.message
    again = school.run(engine="auto")
    assert warning in again.avertissements


def test_without_any_font_the_engine_says_what_to_install_and_no_page_is_delivered(
    school, tmp_path, monkeypatch
):
    empty = tmp_path / "fonts.conf"
    empty.write_text("<fontconfig><dir>/nonexistent</dir></fontconfig>", encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(empty))
    report = school.run(divisions=("3-1",))
    assert report.exit_code == ExitCode.ENGINE
    assert "police" in report.erreurs[0].message
    assert report.printed == 0
