"""The synthesis: counts that add up, a second sheet that is never read, one page to look at."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.pix_exports import certification, refused
from support.rosters import of, write_list
from support.school import School, pages, school_in

from mailmerge import columns as col
from mailmerge import pipeline
from mailmerge.overview.categories import CATEGORIES, sentence
from mailmerge.overview.charting import draw
from mailmerge.overview.counting import count_divisions, mean_levels, pupil_lines
from mailmerge.overview.synthesis import Synthesis
from mailmerge.referential import COMPETENCE_CODES
from mailmerge.report import DivisionCount, PupilLine
from mailmerge.results.enrolment import enrol
from mailmerge.results.frames import empty_table, tidy
from mailmerge.results.listed import ListedPupil
from mailmerge.results.roster import Roster

NAMES = st.sampled_from(["Martin", "Le Goff", "Müller", "Sow", "O’Connor", "d’Artois"])
FIRST = st.sampled_from(["Zoé", "Ali", "Jean-Baptiste"])
DAYS = st.dates(dt.date(2011, 1, 1), dt.date(2011, 2, 28))
CERTIFICATIONS = st.lists(
    st.fixed_dictionaries(
        {
            col.NOM: NAMES,
            col.PRENOM: FIRST,
            col.DATE_NAISSANCE: DAYS,
            col.IDENTIFIANT: st.sampled_from(["", "", "1", "2"]),
            col.STATUT: st.sampled_from(["Validée", "Non obtenue", "Démarrée", "Annulée", ""]),
            col.CLASSE: st.sampled_from(["", "3A", "3B"]),
            col.DATE_PASSAGE: st.dates(dt.date(2025, 3, 1), dt.date(2026, 6, 30)),
        }
    ),
    max_size=12,
)
LISTED = st.lists(
    st.builds(
        ListedPupil,
        NAMES,
        FIRST,
        st.sampled_from(["3A", "3B", "3C", "6A", ""]),
        st.none() | DAYS,
    ),
    max_size=12,
)


def table_of(records: list[dict[str, object]]) -> pd.DataFrame:
    rows = [
        {
            **record,
            col.NUMERO: str(number),
            col.PIX: "300" if record[col.STATUT] == "Validée" else "",
            **dict.fromkeys(COMPETENCE_CODES, "3"),
            col.SOURCE: "x.csv",
            col.LINE: number,
        }
        for number, record in enumerate(records, 1)
    ]
    return tidy(pd.DataFrame(rows, dtype=object)) if rows else empty_table()


@settings(max_examples=50, deadline=None)
@given(CERTIFICATIONS, LISTED, st.none() | st.just(dt.date(2025, 9, 1)))
def test_the_counts_always_add_up_to_the_list(
    records: list[dict[str, object]], listed: list[ListedPupil], since: dt.date | None
) -> None:
    table = table_of(records)
    roster = Roster(Path("liste.csv"), tuple(listed), ())
    seen = enrol(table, table, roster, since)
    lines = pupil_lines(seen.pupils, seen.table, frozenset())
    counts = count_divisions(lines, with_roster=True)
    aside = len(listed) - sum(not pupil.hors_liste for pupil in seen.pupils)
    assert sum(count.total for count in counts) == len(listed) - aside
    if aside:  # other levels than those of the results: named, with their number
        notice = next(n for n in seen.notices if n.code == "liste-autres-niveaux")
        assert f" {aside} élève" in notice.message
    assert sum(c.hors_liste for c in counts) == sum(pupil.hors_liste for pupil in seen.pupils)
    for count in counts:
        members = [line for line in lines if line.division == count.division]
        for category in CATEGORIES:
            named = [m for m in members if m.categorie == category.key and not m.hors_liste]
            assert len(named) == count.counts[category.key]
    shown = [at for p in seen.pupils for at in (p.row, *p.others) if at is not None]
    assert len(shown) == len(set(shown))  # no certification counts for two pupils


def test_the_sentence_says_each_number_once() -> None:
    counts = {"obtenues": 2, "mises_a_jour": 1, "en_attente": 1, "non_passees": 2}
    assert sentence(counts) == (
        "Sur 6 élèves, 3 ont obtenu la certification Pix, 1 attend son résultat et 2 ne l’ont pas "
        "passée."
    )
    assert sentence({}) == "Aucun élève."


@pytest.fixture
def school(tmp_path: Path) -> School:
    school = school_in(tmp_path)
    school.add_class("3A", [certification(), refused(numero="2", nom="Durand", prenom="Léo")])
    return school


def test_the_workbook_has_a_second_sheet_that_is_never_read(school: School) -> None:
    pipeline.normalize(school.request())
    book = openpyxl.load_workbook(school.output / "Résultats Pix.xlsx")
    assert book.sheetnames == ["Résultats", "Synthèse"]
    cells = [[cell.value for cell in row] for row in book["Synthèse"].iter_rows()]
    head = next(row for row in cells if row[0] == "Classe")
    line = next(row for row in cells if row[0] == "3A")
    assert line[: len(head)][1:3] == [2, 1]
    assert any(row[1:4] == ["Passée sans l’obtenir", "Durand", "Léo"] for row in cells)
    book["Synthèse"]["A1"] = "Numéro de certification"
    book.save(school.output / "Résultats Pix.xlsx")
    again = pipeline.normalize(school.request(sources=(school.output / "Résultats Pix.xlsx",)))
    assert (again.erreurs, len(again.eleves)) == ([], 2)
    assert not any(n.code == "feuille-ignoree" for n in again.avertissements)


def test_the_report_names_who_is_behind_each_number(school: School) -> None:
    path = write_list(
        school.root / "l.csv",
        "Pronote",
        [of(certification(), "3A"), of(certification(nom="Sow", prenom="Awa"), "3A")],
    )
    pipeline.normalize(school.request(roster=path))
    rapport = school.rapport()
    assert rapport["divisions"][0]["non_passees"] == 1
    assert rapport["divisions"][0]["hors_liste"] == 1
    assert rapport["total"]["obtenues"] == 1
    assert {p["nom"]: p["categorie"] for p in rapport["eleves"]} == {
        "Lefèvre": "obtenues",
        "Durand": "non_obtenues",
        "Sow": "non_passees",
    }
    text = (school.output / "Rapport.txt").read_text("utf-8-sig")
    assert "Non passée (1)\u00a0: Sow Awa" in text


def test_without_a_list_the_report_says_that_who_did_not_sit_is_unknown(school: School) -> None:
    pipeline.normalize(school.request())
    assert school.rapport()["divisions"][0]["non_passees"] is None
    assert "--roster" in (school.output / "Rapport.txt").read_text("utf-8-sig")


def test_the_headteachers_page_is_one_page_with_the_school_the_numbers_and_the_domaines(
    school: School,
) -> None:
    pipeline.normalize(school.request())
    (page,) = pages(school.output / "Synthèse.pdf")
    for words in ("Collège des Tilleuls", "3A (2)", "Information et données", "2 élèves"):
        assert words in page


@pytest.mark.parametrize("classes", [0, 1, 15, 40])
def test_the_page_stays_one_page_whatever_the_number_of_classes(
    tmp_path: Path, classes: int
) -> None:
    names = [f"3e $x_{at}$" for at in range(classes)]
    counts = tuple(DivisionCount(name, obtenues=20, en_attente=2, non_passees=3) for name in names)
    levels = {None: (2.0, 3.0, 1.0, 8.0, 0.0), **dict.fromkeys(names, (1.0, 2.0, 3.0, 4.0, 5.0))}
    lines = (PupilLine("1", "A", "B", "3A", "obtenue"),)
    drawn = draw(Synthesis("Collège", counts, lines, levels, True))
    (tmp_path / "s.pdf").write_bytes(drawn)
    with pypdfium2.PdfDocument(tmp_path / "s.pdf") as document:
        assert len(document) == 1
        assert not any(o.type == 3 for o in document[0].get_objects())  # no bitmap: vectors
        text = document[0].get_textpage().get_text_range()
    assert ("25 autres classes" in text) == (classes == 40)


def test_mean_levels_count_a_dash_as_zero() -> None:
    table = table_of(
        [{col.NOM: "A", col.PRENOM: "B", col.DATE_NAISSANCE: None, col.IDENTIFIANT: "",
          col.STATUT: "Validée", col.CLASSE: "3A", col.DATE_PASSAGE: None}]
    )  # fmt: skip
    table["1.1"] = ["-"]
    from mailmerge.results.table import pupils

    assert mean_levels(pupils(table), table)["3A"] == (2.0, 3.0, 3.0, 3.0, 3.0)
