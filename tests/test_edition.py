"""Édition: only what is asked is produced, in the order asked, ready to print and hand out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from support.pix_exports import certification
from support.rosters import of, write_list
from support.school import School, outline, pages, school_in

from mailmerge import pipeline
from mailmerge.errors import UsageError
from mailmerge.making.planning import read_numbers

PEOPLE = [
    certification(numero="11", nom="Arnaud", prenom="Zoé"),
    certification(numero="12", nom="Béranger", prenom="Léo"),
    certification(numero="13", nom="Caron", prenom="Inès"),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> School:
    """A class with everything that can be asked for."""
    school = school_in(tmp_path_factory.mktemp("ecole"))
    school.add_class("3A", PEOPLE)
    with (school.data / "etablissement.toml").open("a", encoding="utf-8") as file:
        file.write('nom_de_fichier = "{ine} {nom}"\n')
    listed = [of(person, "3A", ine=f"12000000{at}AA") for at, person in enumerate(PEOPLE)]
    path = write_list(school.root / "l.csv", "SIECLE CSV", listed[::-1])
    options = {"order": "roster", "duplex": True, "cover": True, "archive": True}
    report = school.run(roster=path, **options)
    assert report.erreurs == []
    return school


def test_the_class_comes_in_the_order_of_the_list_behind_its_cover(whole: School) -> None:
    assert outline(whole.output / "Attestations 3A.pdf") == [
        "Liste de la classe",
        "Caron Inès",
        "Béranger Léo",
        "Arnaud Zoé",
    ]
    first = pages(whole.output / "Attestations 3A.pdf")[0]
    assert all(person.nom in first for person in PEOPLE)


def test_each_pupil_begins_on_a_new_sheet_for_two_sided_printing(whole: School) -> None:
    texts = pages(whole.output / "Attestations 3A.pdf")
    assert [bool(text) for text in texts] == [True, False, True, False, True, False, True]
    assert "Caron" in texts[2]
    assert len(pages(whole.output / "3A" / "120000002AA Caron.pdf")) == 1


def test_file_names_can_carry_the_ine_of_the_list(whole: School) -> None:
    assert (whole.output / "3A" / "120000000AA Arnaud.pdf").is_file()


def test_a_class_has_a_zip_with_names_that_windows_reads(whole: School) -> None:
    assert whole.rapport()["divisions"][0]["archive"] == "Attestations 3A.zip"
    with zipfile.ZipFile(whole.output / "Attestations 3A.zip") as archive:
        members = archive.infolist()
    assert [m.filename for m in members] == [
        "Attestations 3A.pdf",
        "120000002AA Caron.pdf",
        "120000001AA Béranger.pdf",
        "120000000AA Arnaud.pdf",
    ]
    assert all(m.filename.isascii() or m.flag_bits & 0x800 for m in members)


def test_a_selection_gets_its_own_document_and_leaves_the_class_as_it_was(whole: School) -> None:
    before = (whole.output / "Attestations 3A.pdf").read_bytes()
    (whole.root / "numeros.txt").write_text("11\n13\n", encoding="utf-8")
    whole.run(numbers=whole.root / "numeros.txt")
    assert (whole.output / "Attestations 3A.pdf").read_bytes() == before
    assert outline(whole.output / "Attestations 3A (sélection).pdf") == ["Arnaud Zoé", "Caron Inès"]


def chosen(school: School, **options: object) -> list[str]:
    return [line.numero for line in pipeline.look(school.request(**options)).eleves]


@pytest.fixture
def school(tmp_path: Path) -> School:
    school = school_in(tmp_path)
    school.add_class("3A", PEOPLE)
    return school


def test_pupils_are_chosen_by_names_numbers_and_files(school: School) -> None:
    assert chosen(school, pupils=("beran", "13")) == ["12", "13"]
    path = school.root / "n.txt"
    path.write_text("\ufeff12 ; 11\r\n", encoding="utf-8")
    assert chosen(school, numbers=path) == ["11", "12"]
    path.write_text("12 99", encoding="utf-8")
    with pytest.raises(UsageError, match="99"):
        chosen(school, numbers=path)
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(UsageError, match="aucun numéro"):
        read_numbers(path)


def test_pupils_can_be_marked_in_the_workbook(school: School) -> None:
    pipeline.normalize(school.request())
    with pytest.raises(UsageError, match="Imprimer"):
        chosen(school, marked=True)
    book = openpyxl.load_workbook(school.output / "Résultats Pix.xlsx")
    sheet = book.worksheets[0]
    column = sheet.max_column + 1
    for row, text in enumerate(["Imprimer", "x", "non", "OUI"], 1):
        sheet.cell(row, column).value = text
    book.save(school.output / "Résultats Pix.xlsx")
    assert chosen(school, marked=True) == ["11", "13"]
    assert chosen(school) == ["11", "12", "13"]
