"""French dates, Word's pictures and case switches, Word's IF."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailmerge.template.context import FrenchDate, Level
from mailmerge.template.language import filters

BIRTH = date(2011, 3, 14)
FIRST = date(2026, 1, 1)
NARROW = "\u202f"


@pytest.mark.parametrize(
    ("value", "picture", "shown"),
    [
        (BIRTH, "dd/MM/yyyy", "14/03/2011"),
        (BIRTH, "jj/MM/aaaa", "14/03/2011"),
        (BIRTH, "dd/mm/yy", "14/03/11"),
        (BIRTH, "d MMMM yyyy", "14 mars 2011"),
        (BIRTH, "j mmmm aaaa", "14 mars 2011"),
        (BIRTH, "dddd d MMMM yyyy", "lundi 14 mars 2011"),
        (BIRTH, "ddd d MMM yyyy", "lun. 14 mars 2011"),
        (BIRTH, "'le jour dit :' d/M", "le jour dit : 14/3"),
        (FIRST, "d MMMM yyyy", "1er janvier 2026"),
        (FIRST, "dddd d MMMM", "jeudi 1er janvier"),
        (FIRST, "d/M/yyyy", "1/1/2026"),
        (FIRST, "dd MMMM yyyy", "01 janvier 2026"),
        (FrenchDate(2026, 1, 1), "d MMMM yyyy", "1er janvier 2026"),
        ("14/03/2011", "d MMMM yyyy", "14 mars 2011"),
        ("2011-03-14", "d MMMM yyyy", "14 mars 2011"),
        ("31/02/2011", "d MMMM yyyy", "31/02/2011"),
        ("-", "d MMMM yyyy", "-"),
        ("", "dd/MM/yyyy", ""),
        (None, "dd/MM/yyyy", ""),
    ],
)
def test_a_date_prints_as_its_picture_says(value: object, picture: str, shown: str) -> None:
    assert filters.date(value, picture) == shown


def test_a_date_prints_day_month_year_by_default() -> None:
    assert filters.date(BIRTH) == filters.as_text(BIRTH) == "14/03/2011"


@given(st.dates())
def test_a_printed_date_reads_back_as_itself(day: date) -> None:
    shown = filters.date(day, "dd/MM/yyyy")
    assert filters.date(shown, "yyyy-MM-dd") == day.isoformat()


def test_every_month_and_day_has_its_french_name() -> None:
    days = [date(2026, 1, 5) + timedelta(days=31 * i) for i in range(12)]
    assert [filters.date(day, "MMMM") for day in days][:3] == ["janvier", "février", "mars"]
    assert filters.date(date(2026, 8, 2), "dddd d MMM") == "dimanche 2 août"


@pytest.mark.parametrize(
    ("value", "picture", "shown"),
    [
        ("266", "0", "266"),
        ("7", "000", "007"),
        ("1024", "# ##0", f"1{NARROW}024"),
        ("1024", "#,##0", f"1{NARROW}024"),
        ("1024,5", "# ##0,00", f"1{NARROW}024,50"),
        ("1234.5", "#,##0.00", f"1{NARROW}234,50"),
        ("3", "0,00", "3,00"),
        ("3", "0,##", "3"),
        ("2,5", "0", "3"),
        ("266", "0 'Pix'", "266 Pix"),
        ("0", "#", ""),
        ("-4", "0", "-4"),
        ("-", "0", "-"),
        ("", "0", ""),
    ],
)
def test_a_number_prints_as_its_picture_says(value: str, picture: str, shown: str) -> None:
    assert filters.nombre(value, picture) == shown


@given(st.text(max_size=30), st.text(alphabet="0#,. ;'x\u202f", max_size=12))
def test_no_value_and_no_picture_breaks_the_number_filter(value: str, picture: str) -> None:
    assert isinstance(filters.nombre(value, picture), str)


def test_case_switches_keep_accents() -> None:
    assert filters.majuscules("Éloïse d’Été") == "ÉLOÏSE D’ÉTÉ"
    assert filters.minuscules("ÉLOÏSE") == "éloïse"
    assert filters.premiere_majuscule("éloïse anne") == "Éloïse anne"
    assert filters.capitales("anne-élodie de la tour") == "Anne-Élodie De La Tour"
    assert filters.capitales("DUPONT") == "DUPONT"


def test_text_before_and_after_prints_only_with_a_value() -> None:
    assert filters.apres(filters.avant("3A", "Classe "), ".") == "Classe 3A."
    assert filters.apres(filters.avant("", "Classe "), ".") == ""


@pytest.mark.parametrize(
    ("left", "sign", "right", "holds"),
    [
        ("10", ">", "9", True),
        ("1 024", "=", "1024", True),
        ("2,5", "=", "2.50", True),
        ("abc", "=", "ABC", False),
        ("abc", "<>", "ABC", True),
        ("Éloïse", "<", "Zoé", True),
        ("3A", "=", "3*", True),
        ("13A", "=", "3*", False),
        ("3A", "=", "?A", True),
        ("3A", "<>", "3*", False),
        ("3*", "=", "3A", False),
        ("[a]", "=", "[a]*", True),
        ("-", "=", "0", False),
        ("-", ">=", "1", False),
        ("", "=", "", True),
        (Level("1.1", "…", 0), "=", "-", True),
        (Level("1.1", "…", 4), ">=", "3", True),
        (BIRTH, "=", "14/03/2011", True),
    ],
)
def test_words_if_compares_numbers_as_numbers_and_text_with_its_case(
    left: object, sign: str, right: str, holds: bool
) -> None:
    assert filters.comparer(left, sign, right) is holds


def test_wildcards_do_not_take_long_on_hostile_text() -> None:
    assert filters.comparer("a" * 5000, "=", "*a" * 20 + "b") is False
