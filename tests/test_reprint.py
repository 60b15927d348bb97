"""`pdf` prints documents as people left them, and never one pupil's page under another's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from support.pix_exports import certification
from support.school import TEMPLATES, School, pages, school_in

from mailmerge import pipeline
from mailmerge.errors import ExitCode, InputError
from mailmerge.report import Report

DOCUMENT = "Attestations 3A.docx"
SELECTION = "Attestations 3A (sélection).docx"
PLAIN = TEMPLATES / "attestation-sobre.docx"


@pytest.fixture
def school(tmp_path: Path) -> School:
    school = school_in(tmp_path)
    school.add_class("3A", [pupil(1, "Durand", "Zoé"), pupil(2, "Arnaud", "Léo")])
    return school


def pupil(number: int, nom: str, prenom: str, **values: object):
    identity = {"numero": f"100000{number}", "identifiant": str(number)}
    return certification(**{**identity, "nom": nom, "prenom": prenom, **values})


def edit_workbook(school: School, change: Callable[[dict[str, int], object], None]) -> None:
    path = school.output / "Résultats Pix.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    change({cell.value: cell.column for cell in sheet[1]}, sheet)
    book.save(path)


def correct(school: School, name: str, old: str, new: str) -> None:
    """Type over a text in Word."""
    path = school.output / name
    document = docx.Document(str(path))
    texts = [t for t in document.element.body.iter(qn("w:t")) if t.text and old in t.text]
    assert texts
    for text in texts:
        text.text = text.text.replace(old, new)
    document.save(str(path))


def reprint(school: School, **options: object) -> Report:
    return pipeline.reprint_documents(school.request(sources=(), **options))


def said(report: Report) -> str:
    messages = [notice.message for notice in [*report.erreurs, *report.avertissements]]
    return "\n".join(messages).replace("\u202f", " ").replace("\u00a0", " ")


def test_names_that_changed_places_in_the_workbook_stop_everything(school):
    school.run()
    before = school.files()

    def swap(column, sheet):
        for header in ("Nom", "Prénom"):
            a, b = (sheet.cell(row, column[header]) for row in (2, 3))
            a.value, b.value = b.value, a.value

    edit_workbook(school, swap)
    with pytest.raises(InputError, match="décalé"):
        reprint(school)
    assert school.files() == before


def test_a_name_changed_in_the_workbook_after_the_document_stops_the_class_and_says_both(school):
    school.run()

    def rename(column, sheet):
        for row in (2, 3):
            cell = sheet.cell(row, column["Nom"])
            cell.value = cell.value.replace("Durand", "Durant")

    edit_workbook(school, rename)
    report = reprint(school)
    assert report.exit_code == ExitCode.TEMPLATE
    assert "le document dit « Zoé Durand », le classeur dit « Zoé Durant »" in said(report)
    assert not [n for n in school.files() if n.endswith(".pdf") and n.startswith(("3A/", "Att"))]
    assert "Anciens/3A/Durand Zoé.pdf" in school.files()
    assert "« Attestations 3A »" in said(report)
    assert {pupil["pdf"] for pupil in school.rapport()["eleves"]} == {None}


def test_a_page_made_into_another_known_pupils_is_refused(school):
    pipeline.merge(school.request())
    correct(school, DOCUMENT, "Zoé Durand", "Léo Arnaud")
    report = reprint(school)
    assert "le document dit « Léo Arnaud », le classeur dit « Zoé Durand »" in said(report)


def test_a_corrected_name_without_the_number_proves_nothing(school):
    pipeline.merge(school.request())
    correct(school, DOCUMENT, "Zoé Durand", "Zoé Durant")
    correct(school, DOCUMENT, "1000001", "")
    report = reprint(school)
    assert report.exit_code == ExitCode.TEMPLATE
    assert "rien ne prouve" in said(report)


def test_a_name_unlike_the_workbook_is_refused_when_nobody_knows_what_was_issued(school):
    pipeline.merge(school.request())
    correct(school, DOCUMENT, "Zoé Durand", "Zoé Durant")
    for record in (school.output / ".pix-mailmerge" / "classes").iterdir():
        record.unlink()
    assert "le classeur dit « Zoé Durand »" in said(reprint(school))


def test_a_hand_corrected_page_survives_an_unchanged_run_and_is_set_aside_by_a_changed_one(school):
    school.run()
    correct(school, DOCUMENT, "Zoé Durand", "Zoé Durant")
    assert reprint(school).exit_code == ExitCode.OK
    printed = school.output / "3A" / "Durand Zoé.pdf"
    assert "Zoé Durant" in pages(printed)[0]
    again = school.run()
    assert again.kept == ["3A"]
    assert "Zoé Durant" in pages(printed)[0]
    rows = [pupil(1, "Durand", "Zoé", pix="700"), pupil(2, "Arnaud", "Léo")]
    school.add_class("3A", rows)
    report = school.run()
    assert "Zoé Durand" in pages(printed)[0]
    aside = {DOCUMENT, "Attestations 3A.pdf", "3A/Durand Zoé.pdf", "3A/Arnaud Léo.pdf"}
    assert {f"Anciens/{name}" for name in aside} <= school.files()
    assert "Zoé Durant" in pages(school.output / "Anciens" / "3A" / "Durand Zoé.pdf")[0]
    assert said(report).count("modifié à la main") == len(aside)


def test_an_edited_selection_document_is_printed_for_the_chosen_pupil_alone(school):
    school.run()
    other = (school.output / "3A" / "Arnaud Léo.pdf").read_bytes()
    pipeline.merge(school.request(pupils=("Durand",)))
    correct(school, SELECTION, "Zoé Durand", "Zoé Durant")
    report = reprint(school, pupils=("Durand",))
    assert (report.exit_code, report.printed) == (ExitCode.OK, 1)
    assert "Zoé Durant" in pages(school.output / "3A" / "Durand Zoé.pdf")[0]
    assert (school.output / "3A" / "Arnaud Léo.pdf").read_bytes() == other
    assert len(pages(school.output / "Attestations 3A.pdf")) == 2


def test_the_selection_document_alone_is_enough(school):
    pipeline.merge(school.request(pupils=("Durand",)))
    reprint(school, pupils=("Durand",))
    assert "3A/Durand Zoé.pdf" in school.files()
    assert "3A/Arnaud Léo.pdf" not in school.files()


def test_the_selection_document_alone_is_found_without_naming_its_pupils_and_the_rest_is_told(
    school,
):
    school.add_class("3B", [pupil(3, "Petit", "Jules")])
    pipeline.merge(school.request(pupils=("Durand",)))
    report = reprint(school)
    assert (report.exit_code, report.printed) == (ExitCode.OK, 1)
    assert "Attestations 3A (sélection).pdf" in school.files()
    assert "3A/Durand Zoé.pdf" in school.files()
    assert f"« {SELECTION} » n’a que certains élèves de la classe" in said(report)
    assert "Pas de document d’attestations pour 3B" in said(report)


def test_a_selection_document_that_is_no_document_leaves_the_pdfs_of_the_others(school):
    school.run()
    (school.output / DOCUMENT).unlink()
    (school.output / SELECTION).write_bytes(b"rien")
    before = {name for name in school.files() if name.endswith(".pdf")}
    report = reprint(school)
    assert report.erreurs
    assert before <= school.files()


def test_beside_the_document_of_the_class_the_one_of_some_pupils_is_left_and_named(school):
    school.run()
    pipeline.merge(school.request(pupils=("Durand",)))
    report = reprint(school)
    assert (report.exit_code, report.printed) == (ExitCode.OK, 2)
    assert f"« {SELECTION} » n’est pas converti" in said(report)


def test_a_page_deleted_in_word_takes_the_earlier_pdf_of_its_pupil_out_of_the_way(school):
    school.run()
    path = school.output / DOCUMENT
    document = docx.Document(str(path))
    body = document.element.body
    starts = [
        paragraph
        for paragraph in body.iterchildren(qn("w:p"))
        if any(
            b.get(qn("w:name"), "").startswith("Eleve")
            for b in paragraph.iter(qn("w:bookmarkStart"))
        )
    ]
    first, second = (list(body).index(paragraph) for paragraph in starts)
    for element in list(body)[first:second]:
        body.remove(element)
    document.save(str(path))
    report = reprint(school)
    assert report.printed == 1
    assert "n’a pas de page pour Léo Arnaud" in said(report)
    assert "« 3A/Arnaud Léo.pdf » n’a plus de page" in said(report)
    assert "3A/Arnaud Léo.pdf" not in school.files()
    assert "Anciens/3A/Arnaud Léo.pdf" in school.files()
    [line] = [line for line in report.eleves if line.nom == "Arnaud"]
    assert line.raison.startswith("Sa page n’est pas dans")


def test_one_pupil_of_a_class_document_gets_that_page_only(school):
    pipeline.merge(school.request())
    reprint(school, pupils=("Arnaud",))
    assert "Léo Arnaud" in pages(school.output / "3A" / "Arnaud Léo.pdf")[0]
    assert "3A/Durand Zoé.pdf" not in school.files()


def test_a_pupil_who_moved_to_another_class_makes_the_document_out_of_date(school):
    school.run()

    def move(column, sheet):
        sheet.cell(2, column["Classe"]).value = "3B"

    edit_workbook(school, move)
    report = reprint(school, divisions=("3A",))
    assert report.exit_code == ExitCode.TEMPLATE
    assert "n’est plus à jour" in said(report)
    assert "en 3B" in said(report)


def test_a_class_that_fails_leaves_no_pdf_of_an_earlier_run_behind(school, tmp_path):
    school.add_class("3B", [pupil(3, "Petit", "Jules")])
    school.run()
    template = tmp_path / "modele.docx"
    document = docx.Document()
    document.add_paragraph('{% if classe == "3B" %}{{ nom }} {{ numero }}{% else %}rien{% endif %}')
    document.save(str(template))
    report = school.run(template=template)
    assert report.exit_code == ExitCode.PARTIAL
    left = {name for name in school.files() if name.endswith(".pdf") and "3A" in name}
    assert left == {
        "Anciens/Attestations 3A.pdf",
        "Anciens/3A/Durand Zoé.pdf",
        "Anciens/3A/Arnaud Léo.pdf",
    }
    assert "Attestations 3A" in said(report)
    assert "3B/Petit Jules.pdf" in school.files()


def test_a_document_from_another_template_is_no_edit_and_no_unchanged_class(school):
    school.run()
    pipeline.merge(school.request(template=PLAIN))
    report = school.run(template=PLAIN)
    assert "modifié à la main" not in said(report)
    pipeline.merge(school.request())
    assert school.run(template=PLAIN).kept == []


def test_merge_with_the_same_template_leaves_the_class_unchanged(school):
    school.run()
    pipeline.merge(school.request(engine="auto"))
    assert school.run().kept == ["3A"]


@pytest.mark.parametrize("step", [pipeline.normalize, pipeline.merge])
def test_the_report_of_a_later_step_still_lists_the_files_that_are_there(school, step):
    school.run()
    first = school.rapport()
    step(school.request())
    again = school.rapport()
    assert [(p["pdf"], p["pages"]) for p in again["eleves"]] == [
        (p["pdf"], p["pages"]) for p in first["eleves"]
    ]
    assert again["divisions"][0]["pdf"] == "Attestations 3A.pdf"
    assert again["divisions"][0]["docx"] == DOCUMENT
    (school.output / "3A" / "Durand Zoé.pdf").unlink()
    step(school.request())
    there = {p["nom"]: p["pdf"] for p in school.rapport()["eleves"]}
    assert there == {"Durand": None, "Arnaud": "3A/Arnaud Léo.pdf"}


def test_a_name_that_stands_in_the_page_header_only_is_seen(school, tmp_path):
    template = tmp_path / "modele.docx"
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "{{ prenom }} {{ nom }}"
    document.add_paragraph("Bravo")
    document.save(str(template))
    pipeline.merge(school.request(template=template))
    report = reprint(school)
    assert (report.exit_code, report.printed) == (ExitCode.OK, 2)
    assert "Zoé Durand" in pages(school.output / "3A" / "Durand Zoé.pdf")[0]
