"""Looking without making: list and show."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from support.pix_exports import certification, refused
from support.rosters import of, write_list
from support.school import School, school_in

FULL = certification(
    numero="11",
    nom="Béranger",
    prenom="Zoé",
    date_naissance="14/03/2011",
    identifiant="1234567890A",
    complementary={"CléA numérique": "Validée"},
)
OLD = certification(
    numero="10", nom="Béranger", prenom="Zoé", identifiant="1234567890A", pix="100",
    date_passage="12/06/2025",
)  # fmt: skip


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> School:
    school = school_in(tmp_path_factory.mktemp("ecole"))
    school.add_class("3A", [FULL, OLD, refused(numero="12", nom="Petit", prenom="=Léo")],
                     layout="L3 session")  # fmt: skip
    write_list(school.root / "liste.csv", "Pronote", [
        of(FULL, "3A"), of(certification(nom="Sow", prenom="Awa"), "3A"),
    ])  # fmt: skip
    assert school.command("normalize", "--quiet").returncode == 0
    return school


def test_a_class_shows_certified_pupils_ticked_and_others_with_the_reason(school: School) -> None:
    shown = school.command("list", "--roster", "liste.csv").stdout
    assert "✓ Béranger Zoé" in shown
    assert "· Sow Awa – N’a pas passé la certification" in shown
    assert "hors de la liste" in shown


def test_two_pupils_of_a_name_are_listed_with_their_certification_number(tmp_path: Path) -> None:
    school = school_in(tmp_path)
    same = [certification(numero=f"2{n}", identifiant=f"{n}") for n in (1, 2)]
    school.add_class("3A", [*same, FULL])
    shown = school.command("list").stdout
    assert "✓ Lefèvre Élodie (21)" in shown
    assert "✓ Lefèvre Élodie (22)" in shown
    assert "✓ Béranger Zoé\n" in shown


def test_search_ignores_accents_and_case(school: School) -> None:
    shown = school.command("list", "--search", "BERANG").stdout
    assert "Béranger" in shown
    assert "Petit" not in shown


def test_a_list_can_be_csv_or_json_and_no_cell_is_a_formula(school: School) -> None:
    text = school.command("list", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [(row["Nom"], row["Certifié"]) for row in rows] == [
        ("Béranger", "oui"),
        ("Petit", "non"),
    ]
    assert rows[1]["Prénom"] == "'=Léo"
    loaded = json.loads(school.command("list", "--format", "json").stdout)
    assert [(row["nom"], row["certifie"]) for row in loaded] == [
        ("Béranger", True),
        ("Petit", False),
    ]


def test_one_pupil_is_shown_in_full_without_birth_date_or_identifier(school: School) -> None:
    shown = school.command("show", "beranger").stdout
    for words in ("266", "12/06/2026", "-  3.3", "CléA numérique", "Autres certifications", "100"):
        assert words in shown
    assert "14/03/2011" not in shown
    assert "1234567890A" not in shown


def test_show_takes_a_number_and_gives_json(school: School) -> None:
    loaded = json.loads(school.command("show", "11", "--format", "json").stdout)
    assert loaded["certification"]["Nombre de Pix"] == "266"
    assert loaded["domaines"][0]["competences"][0][0] == "1.1"
    refusal = school.command("show", "petit").stdout
    assert "n’a pas été obtenue" in refusal


def test_several_or_no_pupils_are_told(school: School) -> None:
    several = school.command("show", "e")
    assert (several.returncode, "Béranger Zoé, 3A, certification 11" in several.stderr) == (2, True)
    assert school.command("show", "Personne").returncode == 2
