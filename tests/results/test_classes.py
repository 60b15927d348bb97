"""Classes that a file does not say, or spells in two ways."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from support.pix_exports import cells, certification, write_export
from support.school import school_in

from mailmerge import columns as col
from mailmerge import pipeline
from mailmerge.results.classes import class_of_sheet, classless, give_class, one_spelling
from mailmerge.results.reading import read_sources

SESSION = "20260612_0930_resultats_session_48213.csv"


def table(**classes: str) -> pd.DataFrame:
    frame = pd.DataFrame(
        {col.NUMERO: [n[1:] for n in classes], col.CLASSE: list(classes.values())}, dtype=object
    )
    frame[col.SOURCE] = SESSION
    return frame


def said(frame: pd.DataFrame | None) -> dict[str, str]:
    assert frame is not None
    return dict(zip(frame[col.NUMERO], frame[col.CLASSE], strict=True))


def test_the_class_option_moves_nobody_whose_class_the_workbook_knows() -> None:
    given, [notice] = give_class(table(n1="", n2="", n3=""), table(n1="3A", n2=""), "3B")
    assert said(given) == {"1": "", "2": "3B", "3": "3B"}
    assert "2 certifications" in notice.message
    assert "1 autre a déjà" in notice.message


def test_the_class_option_is_silent_where_every_class_is_known() -> None:
    given, notices = give_class(table(n1=""), table(n1="3A"), "3B")
    assert (said(given), notices) == ({"1": ""}, [])


def test_classes_that_differ_by_case_or_spaces_are_one_and_it_is_said() -> None:
    _, _, exports, [notice] = one_spelling(None, None, table(n1="3A", n2="3A", n3="3a ", n4="3B"))
    assert said(exports) == {"1": "3A", "2": "3A", "3": "3A", "4": "3B"}
    assert "3A" in notice.message


def test_the_workbook_s_spelling_goes_first_and_punctuation_counts() -> None:
    book, base, exports, _ = one_spelling(
        table(n1="3e A"), table(n1="3EA"), table(n1="3EA", n2="3EA", n3="3EA+")
    )
    assert (said(book), said(base)) == ({"1": "3e A"}, {"1": "3e A"})
    assert said(exports) == {"1": "3e A", "2": "3e A", "3": "3EA+"}


def test_only_those_without_a_class_after_the_merge_are_told() -> None:
    [notice] = classless(table(n1="3A", n2=""), table(n1="", n2="", n9=""))
    assert notice.source == SESSION
    assert "de 1 certification" in notice.message
    assert classless(table(n1="3A"), table(n1="")) == []


@pytest.mark.parametrize(
    "sheet",
    ["3A", "3e B", "3°2", "TG5", "3E+", "3ème 4", "2nde 4", "1ère G3", "1STMG2", "3 C", "T5"],
)
def test_a_sheet_s_name_may_be_a_class(sheet: str) -> None:
    assert class_of_sheet(sheet) == sheet


@pytest.mark.parametrize(
    "sheet",
    [
        "Feuil1",
        "Sheet1",
        "Feuille1",
        "Résultats",
        "2026",
        "3 mai",
        "Test1",
        "1",
        "1er",
        "Tab1",
        None,
        "31",
        "20260615_resultats_3A",
        "Synthèse",
    ],
)
def test_any_other_name_is_not(sheet: str | None) -> None:
    assert class_of_sheet(sheet) == ""


def test_sheets_named_after_classes_give_them_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "tout.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, numero in (("3A", "1"), ("3e B", "2")):
        sheet = book.create_sheet(name)
        for row in cells("L3", [certification(numero=numero)]):
            sheet.append(row)
    book.save(path)
    reading = read_sources([path])
    assert said(reading.table) == {"1": "3A", "2": "3e B"}
    assert [n.code for n in reading.warnings] == ["classe-de-la-feuille"] * 2


def test_a_row_with_many_bad_cells_is_one_error_and_broken_files_come_first(tmp_path: Path) -> None:
    bad = certification(levels=("12",) * 16)
    write_export(tmp_path / "20260615_resultats_3A.csv", "L3", [bad, certification(numero="2")])
    (tmp_path / "z.csv").write_text("a;b\n1;2\n")
    broken, row = read_sources([tmp_path]).errors
    assert broken.source == "z.csv"
    assert "1.1, 1.2, 1.3" in row.message
    assert row.line == 2


def test_a_later_session_given_another_class_leaves_the_first_one_where_it_is(
    tmp_path: Path,
) -> None:
    school = school_in(tmp_path)
    write_export(school.data / SESSION, "L3 session", [certification()])
    pipeline.normalize(school.request(divisions=("3A",)))
    later = SESSION.replace("48213", "50000").replace("0612", "0712")
    write_export(school.data / later, "L3 session", [certification(numero="2", nom="Sow")])
    report = pipeline.normalize(school.request(divisions=("3B",)))
    assert [line.numero for line in report.eleves] == ["2"]
    again = pipeline.normalize(school.request())
    assert {line.numero: line.division for line in again.eleves} == {"1000001": "3A", "2": "3B"}
    assert "sans-classe" not in [notice.code for notice in again.avertissements]
