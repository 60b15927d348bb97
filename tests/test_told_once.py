"""A correction that the exports contradict is told in full once, then counted, never hidden."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from support.pix_exports import certification, refused
from support.rosters import of, write_list
from support.school import School, school_in

from mailmerge import pipeline
from mailmerge.report import Report


@pytest.fixture
def school(tmp_path: Path) -> School:
    school = school_in(tmp_path)
    export(school)
    pipeline.normalize(school.request())
    return school


def export(school: School, nom: str = "Durand") -> None:
    people = [certification(nom=nom, prenom="Zoé"), refused(numero="1000002", identifiant="2")]
    school.add_class("3A", people)


def correct(school: School, header: str, value: object) -> None:
    path = school.output / "Résultats Pix.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    head = [cell.value for cell in sheet[1]]
    [row] = [row for row in sheet.iter_rows(min_row=2) if row[0].value == "1000001"]
    row[head.index(header)].value = value
    book.save(path)


def kept(report: Report) -> list[str]:
    return [n.message for n in report.avertissements if n.code == "modification-gardee"]


def counted(report: Report) -> list[str]:
    return [n.message for n in report.avertissements if n.code == "modifications-connues"]


def test_a_correction_is_told_in_full_once_then_counted_with_where_to_read_it(school):
    correct(school, "Nom", "Durant")
    first = pipeline.normalize(school.request())
    assert "Durant" in kept(first)[0]
    assert counted(first) == []
    for _ in range(2):
        later = pipeline.normalize(school.request())
        assert kept(later) == []
        assert "gardées\u00a0: 1." in counted(later)[0]
        assert "Rapport.txt" in counted(later)[0]
        shown = (school.output / "Rapport.txt").read_text("utf-8-sig")
        assert "Déjà signalé (1)" in shown
        assert kept(first)[0] in shown
        assert [n["message"] for n in school.rapport()["deja_signales"]] == kept(first)


@pytest.mark.parametrize(
    "change",
    [
        lambda school: export(school, "Durieux"),
        lambda school: correct(school, "Nom", "Duran"),
        lambda school: correct(school, "Date de naissance", "15/03/2011"),
    ],
    ids=["the export says another thing", "a new correction", "a date, which is never shown"],
)
def test_when_the_export_or_the_correction_changes_it_is_told_again(
    school: School, change: Callable[[School], None]
) -> None:
    correct(school, "Nom", "Durant")
    pipeline.normalize(school.request())
    change(school)
    again = pipeline.normalize(school.request())
    assert len(kept(again)) == 1
    assert counted(again) == []


def test_a_correction_that_the_export_follows_at_last_is_forgotten(school):
    correct(school, "Nom", "Durant")
    pipeline.normalize(school.request())
    export(school, "Durant")
    report = pipeline.normalize(school.request())
    assert kept(report) + counted(report) == []
    assert report.known == []


def test_a_trial_run_tells_without_counting_as_told(school):
    correct(school, "Nom", "Durant")
    for _ in range(2):
        assert kept(pipeline.normalize(school.request(dry_run=True)))
    assert kept(pipeline.normalize(school.request()))


def test_a_class_typed_against_the_list_of_pupils_is_told_once_too(school):
    durand = certification(nom="Durand", prenom="Zoé")
    listed = write_list(school.root / "l.csv", "Pronote", [of(durand, "3B")])
    request = school.request(roster=listed)
    pipeline.normalize(request)
    correct(school, "Classe", "3D")
    told = kept(pipeline.normalize(request))
    assert any("la liste d’élèves dit 3B" in message for message in told)
    again = pipeline.normalize(request)
    assert kept(again) == []
    assert [notice.message for notice in again.known] == told


def test_a_class_typed_for_a_pupil_who_is_not_in_the_list_stays_at_every_run(school):
    other = certification(nom="Sow", prenom="Awa", date_naissance="01/02/2011")
    listed = write_list(school.root / "l.csv", "Pronote", [of(other, "3B")])
    request = school.request(roster=listed)
    pipeline.normalize(request)
    correct(school, "Classe", "3D")
    for told in (1, 0, 0):
        report = pipeline.normalize(request)
        assert len(kept(report)) == told
        assert [p.division for p in report.eleves if p.numero == "1000001"] == ["3D"]
