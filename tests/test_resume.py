"""A run that is cut and started again redoes only what is missing or changed."""

from __future__ import annotations

import datetime as dt
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import docx
import pikepdf
import pytest
from support.pix_exports import certification
from support.school import PROJECT, TEMPLATES, School, pages, school_in

from mailmerge import pipeline
from mailmerge.errors import ExitCode
from mailmerge.template.rendering import prepare_school

PICTURE = PROJECT / "data" / "exemple" / "signature.png"


@pytest.fixture
def school(tmp_path: Path) -> School:
    school = school_in(tmp_path)
    school.add_class("3A", [pupil(1, "Durand", "Zoé"), pupil(2, "Arnaud", "Léo")])
    school.add_class("3B", [pupil(3, "Petit", "Jules")])
    return school


def pupil(number: int, nom: str, prenom: str, **values: object):
    identity = {"numero": f"100000{number}", "identifiant": str(number)}
    return certification(**{**identity, "nom": nom, "prenom": prenom, **values})


def inodes(school: School) -> dict[str, int]:
    """Which file each PDF is: a file that is made again is another one."""
    return {
        path.relative_to(school.output).as_posix(): path.stat().st_ino
        for path in school.output.rglob("*.pdf")
        if path.name != "Synthèse.pdf"
    }


def files_told(school: School) -> dict[str, tuple[str, int]]:
    return {p["numero"]: (p["pdf"], p["pages"]) for p in school.rapport()["eleves"]}


def redone(school: School, before: dict[str, int]) -> set[str]:
    return {name for name, inode in inodes(school).items() if before.get(name) != inode}


def hold(school: School) -> list[Path]:
    """Keep every PDF's inode taken, so that a new file can't get the number of an old one."""
    held = school.root / "held"
    shutil.rmtree(held, ignore_errors=True)
    held.mkdir()
    links = []
    for rank, path in enumerate(sorted(school.output.rglob("*.pdf"))):
        link = held / f"{rank}.pdf"
        link.hardlink_to(path)
        links.append(link)
    return links


A_FILES = {"Attestations 3A.pdf", "3A/Durand Zoé.pdf", "3A/Arnaud Léo.pdf"}
B_FILES = {"Attestations 3B.pdf", "3B/Petit Jules.pdf"}


def run_again(school: School, **options: object) -> set[str]:
    hold(school)
    before = inodes(school)
    report = school.run(**options)
    assert report.exit_code == ExitCode.OK
    return redone(school, before)


def test_nothing_is_made_again_when_nothing_changed_and_the_report_lists_every_file(school):
    school.run()
    first = files_told(school)
    assert run_again(school) == set()
    again = school.rapport()
    assert files_told(school) == first
    assert [d["pdf"] for d in again["divisions"]] == ["Attestations 3A.pdf", "Attestations 3B.pdf"]
    assert again["engine"] == "embedded"
    assert "inchangée" in (school.output / "Rapport.txt").read_text("utf-8-sig")


def test_force_makes_everything_again(school):
    school.run()
    assert run_again(school, force=True) == A_FILES | B_FILES


def test_a_changed_row_makes_its_class_again_and_no_other(school):
    school.run()
    school.add_class("3B", [pupil(3, "Petit", "Jules", pix="700")])
    assert run_again(school) == B_FILES


def test_a_changed_template_makes_every_class_again(school, tmp_path):
    school.run()
    changed = tmp_path / "attestation.docx"
    document = docx.Document(str(TEMPLATES / "attestation.docx"))
    document.core_properties.comments = "une autre version"
    document.save(str(changed))
    assert run_again(school, template=changed) == A_FILES | B_FILES


def test_a_signature_added_then_changed_makes_every_class_again(school):
    school.run()
    settings = school.data / "etablissement.toml"
    shutil.copy(PICTURE, school.data / "signature.png")
    text = settings.read_text("utf-8").replace(
        "[edition]", 'signature = "signature.png"\n[edition]'
    )
    settings.write_text(text, "utf-8")
    assert run_again(school) == A_FILES | B_FILES
    shutil.copy(PROJECT / "data" / "exemple" / "logo.png", school.data / "signature.png")
    assert run_again(school) == A_FILES | B_FILES


def test_a_changed_school_name_makes_every_class_again(school):
    school.run()
    settings = school.data / "etablissement.toml"
    settings.write_text(settings.read_text("utf-8").replace("Tilleuls", "Chênes"), "utf-8")
    assert run_again(school) == A_FILES | B_FILES


def test_an_undated_attestation_keeps_the_day_on_which_it_was_made(school, monkeypatch):
    settings = school.data / "etablissement.toml"
    settings.write_text(settings.read_text("utf-8").replace('date = "26/06/2026"', ""), "utf-8")
    school.run()

    def tomorrow(settings, _):
        return prepare_school(settings, dt.date(2026, 1, 2))

    monkeypatch.setattr(pipeline, "prepare_school", tomorrow)
    assert run_again(school) == set()
    assert run_again(school, force=True) == A_FILES | B_FILES
    assert "02/01/2026" in pages(school.output / "3B" / "Petit Jules.pdf")[0]


@pytest.mark.parametrize("harm", ["deleted", "cut", "emptied", "changed"])
def test_a_file_that_is_gone_or_harmed_makes_its_class_again(school, harm):
    school.run()
    victim = school.output / "3A" / "Arnaud Léo.pdf"
    whole = victim.read_bytes()
    if harm == "deleted":
        victim.unlink()
    else:
        parts = {"cut": whole[:900], "emptied": b"", "changed": whole[:-9] + bytes(9)}
        victim.write_bytes(parts[harm])
    assert run_again(school) >= {"3A/Arnaud Léo.pdf"}
    assert pages(victim)[0].count("Léo Arnaud") == 1


def test_a_record_that_is_not_whole_counts_for_nothing(school):
    school.run()
    for record in (school.output / ".pix-mailmerge" / "classes").iterdir():
        record.write_bytes(record.read_bytes()[:50])
    assert run_again(school) == A_FILES | B_FILES


def test_the_pdf_of_a_pupil_who_is_gone_is_set_aside_and_said(school):
    school.run()
    school.add_class("3A", [pupil(2, "Arnaud", "Léo")])
    (school.output / "Résultats Pix.xlsx").unlink()
    report = school.run()
    assert "3A/Durand Zoé.pdf" not in school.files()
    assert "Anciens/3A/Durand Zoé.pdf" in school.files()
    assert any("Durand Zoé" in notice.message for notice in report.avertissements)


def test_a_whole_class_that_is_gone_is_set_aside(school):
    school.run()
    (school.data / "20260615_resultats_3B.csv").unlink()
    (school.output / "Résultats Pix.xlsx").unlink()
    school.run()
    assert {name for name in school.files() if "3B" in name} == {
        "Anciens/Attestations 3B.docx",
        "Anciens/Attestations 3B.pdf",
        "Anciens/3B/Petit Jules.pdf",
    }


def test_files_set_aside_twice_replace_nothing(school):
    for _ in range(2):
        school.add_class("3B", [pupil(3, "Petit", "Jules")])
        school.run()
        (school.data / "20260615_resultats_3B.csv").unlink()
        (school.output / "Résultats Pix.xlsx").unlink()
        school.run()
    names = {name for name in school.files() if name.startswith("Anciens/3B")}
    assert names == {"Anciens/3B/Petit Jules.pdf", "Anciens/3B/Petit Jules (2).pdf"}


def test_files_that_we_did_not_make_stay_where_they_are(school):
    school.run()
    (school.output / "3A" / "Note du professeur.pdf").write_bytes(b"%PDF")
    school.add_class("3A", [pupil(2, "Arnaud", "Léo")])
    (school.output / "Résultats Pix.xlsx").unlink()
    school.run()
    assert "3A/Note du professeur.pdf" in school.files()


def test_asking_for_one_class_leaves_the_others_alone(school):
    school.run()
    school.add_class("3A", [pupil(2, "Arnaud", "Léo")])
    (school.output / "Résultats Pix.xlsx").unlink()
    school.run(divisions=("3a",))
    assert "Anciens/3A/Durand Zoé.pdf" in school.files()
    assert school.files() >= B_FILES


def test_asking_for_one_pupil_replaces_that_pdf_and_no_document_of_the_class(school):
    school.run()
    changed = run_again(school, pupils=("Arnaud",))
    assert changed == {"3A/Arnaud Léo.pdf", "Attestations 3A (sélection).pdf"}
    assert len(pages(school.output / "Attestations 3A.pdf")) == 2
    assert not any(name.startswith("Anciens") for name in school.files())


def test_a_class_document_edited_by_hand_is_kept_or_set_aside_but_never_lost(school):
    school.run()
    path = school.output / "Attestations 3B.docx"
    document = docx.Document(str(path))
    document.add_paragraph("ajouté à la main")
    document.save(str(path))
    assert run_again(school) == set()
    assert docx.Document(str(path)).paragraphs[-1].text == "ajouté à la main"
    school.add_class("3B", [pupil(3, "Petit", "Jules", pix="700")])
    report = school.run()
    aside = school.output / "Anciens" / "Attestations 3B.docx"
    assert docx.Document(str(aside)).paragraphs[-1].text == "ajouté à la main"
    assert any("modifié à la main" in notice.message for notice in report.avertissements)


def test_a_class_with_a_pupil_who_cannot_be_printed_is_tried_again(school):
    school.add_class("3B", [pupil(3, "Petit", "Jules"), pupil(4, "\U0001f9ff", "Ana")])
    assert school.run().exit_code == ExitCode.PARTIAL
    hold(school)
    before = inodes(school)
    assert school.run().exit_code == ExitCode.PARTIAL
    assert redone(school, before) == B_FILES


def test_killed_at_ten_moments_every_file_is_whole_and_the_next_run_finishes(tmp_path):
    school = school_in(tmp_path)
    for rank, division in enumerate("ABCDEF"):
        rows = [pupil(10 * rank + n, f"Nom{rank}{n}", "Zoé") for n in range(1, 4)]
        school.add_class(f"3{division}", rows)
    command = [sys.executable, "-m", "mailmerge", "run", "data", "--engine", "embedded", "--quiet"]
    for moment in range(10):
        process = subprocess.Popen(
            command, cwd=school.root, env={"PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"}
        )
        time.sleep(0.7 + 0.17 * moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in school.output.rglob("*.pdf"):
            if ".pix-mailmerge" not in path.parts:
                with pikepdf.open(path, attempt_recovery=False) as document:
                    assert len(document.pages) >= 1
        for path in school.output.glob("*.docx"):
            docx.Document(str(path))
    report = school.run()
    assert report.exit_code == ExitCode.OK
    assert report.printed == 18
    assert not list((school.output / ".pix-mailmerge").glob("travail/*"))
