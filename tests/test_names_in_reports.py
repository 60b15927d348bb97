"""One order of a pupil's name in lists (« Nom Prénom »), one in sentences (« Prénom Nom »)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.pix_exports import certification, refused
from support.rosters import of, write_list
from support.school import School, school_in

from mailmerge import pipeline
from mailmerge.report import summary_lines


@pytest.fixture
def school(tmp_path: Path) -> School:
    """Bao Lucas sat without obtaining, and the school's list does not have him."""
    school = school_in(tmp_path)
    durand = certification(nom="Durand", prenom="Zoé")
    school.add_class(
        "3A", [durand, refused(numero="1000002", nom="Bao", prenom="Lucas", identifiant="2")]
    )
    write_list(school.root / "l.csv", "Pronote", [of(durand, "3A")])
    return school


def test_lists_on_screen_and_in_the_report_begin_with_the_surname(school):
    report = pipeline.normalize(school.request())
    shown = (school.output / "Rapport.txt").read_text("utf-8-sig")
    assert any("Bao Lucas" in line for line in summary_lines(report))
    assert "3A – Bao Lucas" in shown
    assert "Lucas Bao" not in shown
    assert "· Bao Lucas" in school.command("list").stdout


def test_sentences_begin_with_the_first_name(school):
    report = pipeline.normalize(school.request(roster=school.root / "l.csv"))
    [gone] = [n.message for n in report.avertissements if n.code == "hors-liste"]
    assert "Lucas Bao" in gone
    assert school.command("show", "Bao").stdout.startswith("Lucas Bao, 3A")
