"""Purge removes what the program made, after saying so, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.pix_exports import certification
from support.school import School, school_in

from mailmerge import pipeline
from mailmerge.purging import look_for


@pytest.fixture
def school(tmp_path: Path) -> School:
    school = school_in(tmp_path)
    school.add_class("3A", [certification()])
    pipeline.run(school.request())
    return school


def test_purge_lists_asks_and_removes_everything_it_made(school: School) -> None:
    refused = school.command("purge")  # nobody is there to answer
    assert "Attestations 3A.pdf" in refused.stdout
    assert "Rien n’a été supprimé." in refused.stdout
    assert refused.returncode == 0
    assert (school.output / "Résultats Pix.xlsx").exists()
    done = school.command("purge", "--yes")
    assert done.returncode == 0
    assert list(school.output.iterdir()) == []
    assert (school.data / "20260615_resultats_3A.csv").exists()
    assert "Rien à supprimer" in school.command("purge", "--yes").stdout


def test_a_strangers_file_and_its_folder_stay(school: School) -> None:
    mine = school.output / "3A" / "photo.jpg"
    mine.write_bytes(b"x")
    (school.output / "notes.docx").write_bytes(b"x")
    school.command("purge", "--yes")
    assert school.files() == {"3A/photo.jpg", "notes.docx"}


def test_a_folder_that_no_run_has_used_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "Résultats Pix.xlsx").write_bytes(b"x")
    (tmp_path / "rapport.json").write_text("{}", encoding="utf-8")
    assert not look_for(tmp_path)


def test_files_of_an_earlier_run_are_known_too(school: School) -> None:
    (school.data / "20260615_resultats_3A.csv").unlink()
    school.add_class("3B", [certification(numero="2", nom="Sow")])
    pipeline.run(school.request())
    assert "Attestations 3A.pdf" in look_for(school.output).files


def test_a_forged_report_leads_nowhere_else(school: School, tmp_path: Path) -> None:
    outside = tmp_path / "dehors.pdf"
    outside.write_bytes(b"x")
    link = school.output / "lien.pdf"
    link.symlink_to(outside)
    rapport = school.rapport()
    rapport["divisions"][0]["pdf"] = "../dehors.pdf"
    rapport["divisions"][0]["docx"] = "lien.pdf"
    (school.output / "rapport.json").write_text(json.dumps(rapport), encoding="utf-8")
    school.command("purge", "--yes")
    assert outside.exists()
    assert link.is_symlink()
