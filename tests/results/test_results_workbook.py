"""« Résultats Pix.xlsx »: what Word and people find in it, and what comes back."""

from __future__ import annotations

import datetime as dt
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.pix_exports import CODES, certification, refused, write_export

from mailmerge import columns as col
from mailmerge.errors import InputError
from mailmerge.results.reading import read_sources
from mailmerge.results.table import combine
from mailmerge.results.workbook import read_workbook, write_workbook


@pytest.fixture
def table(tmp_path: Path) -> pd.DataFrame:
    records = [
        certification(complementary={"CléA numérique": "Validée"}),
        refused(numero="1000002", nom="=SUM(A1:A9)", prenom="+33"),
        certification(numero="1000003", nom="Abel", identifiant="000001"),
    ]
    write_export(tmp_path / "in" / "20260615_resultats_3A.csv", "L3 session", records)
    return combine(read_sources([tmp_path / "in"]).table).table


@pytest.fixture
def path(table: pd.DataFrame, tmp_path: Path) -> Path:
    write_workbook(table, tmp_path / "Résultats Pix.xlsx")
    return tmp_path / "Résultats Pix.xlsx"


def values(table: pd.DataFrame) -> list[dict]:
    return table.drop(columns=[col.SOURCE, col.LINE]).to_dict("records")


def test_the_first_sheet_is_the_table_with_pix_s_columns_first_then_ours(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Résultats"]
    sheet = book.active
    titles = [cell.value for cell in sheet[1]]
    assert titles == [*col.WORKBOOK_COLUMNS, "Certification CléA numérique"]
    assert titles[:27] == list(col.L1_COLUMNS)
    assert [cell.value for cell in sheet["C"]] == ["Nom", "Abel", "Lefèvre", "=SUM(A1:A9)"]
    assert sheet.auto_filter.ref == "A1:AF4"
    assert sheet.freeze_panes == "D2"


def test_every_cell_but_the_dates_is_text_and_none_is_a_formula(path: Path) -> None:
    sheet = openpyxl.load_workbook(path).active
    names = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        for name, cell in zip(names, row, strict=True):
            if name in col.DATE_COLUMNS:
                assert isinstance(cell.value, dt.datetime)
                assert cell.number_format == "DD/MM/YYYY"
            else:
                assert cell.value is None or cell.data_type in ("s", "inlineStr")
                assert cell.number_format == "@"


def test_excel_shows_no_green_corner_for_numbers_that_are_text(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert 'numberStoredAsText="1"' in sheet
    assert sheet.endswith("</worksheet>")


def test_it_reads_back_exactly(table: pd.DataFrame, path: Path) -> None:
    back = read_workbook(path)
    assert values(back) == values(table)
    assert list(back.columns) == list(table.columns)
    assert back[col.LINE].tolist() == [2, 3, 4]


def test_it_is_a_source_like_any_other(table: pd.DataFrame, path: Path) -> None:
    reading = read_sources([path])
    assert (reading.errors, reading.warnings) == ((), ())
    assert reading.files[0].layout == "classeur"
    assert values(reading.table) == values(table)


def test_what_people_do_to_it_by_hand_is_read(table: pd.DataFrame, path: Path) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.active
    sheet.move_range("C1:C4", cols=40)
    sheet.delete_cols(3)
    titles = [cell.value for cell in sheet[1]]
    sheet.cell(1, len(titles) + 1, "Remarque")
    sheet.cell(2, len(titles) + 1, "à voir")
    sheet.cell(2, titles.index(col.DATE_NAISSANCE) + 1, "01/02/2011")
    sheet.cell(2, titles.index("1.1") + 1, 5)
    sheet.cell(2, titles.index(col.CLASSE) + 1, 6)
    book.create_sheet("Notes").append(["penser aux enveloppes"])
    book.save(path)
    back = read_workbook(path)
    assert back[col.NOM].tolist() == table[col.NOM].tolist()
    assert back["Remarque"].tolist() == ["à voir", "", ""]
    assert back[col.DATE_NAISSANCE][0] == dt.date(2011, 2, 1)
    assert back["1.1"][0] == "5"
    assert back[col.CLASSE].tolist() == ["6", "3A", "3A"]


def test_a_cell_that_cannot_be_read_names_its_row_and_column(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.active
    titles = [cell.value for cell in sheet[1]]
    sheet.cell(3, titles.index("2.3") + 1, "beaucoup")
    sheet.cell(4, titles.index(col.DATE_PASSAGE) + 1, "12/06/26")
    book.save(path)
    with pytest.raises(InputError) as caught:
        read_workbook(path)
    assert caught.value.source == "Résultats Pix.xlsx"
    assert {caught.value.line, caught.value.column} <= {3, 4, "2.3", col.DATE_PASSAGE}
    assert "1 autre problème" in caught.value.message


def test_an_empty_table_makes_a_workbook_that_reads_back_empty(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    write_workbook(table.iloc[:0], tmp_path / "vide.xlsx")
    assert len(read_workbook(tmp_path / "vide.xlsx")) == 0


def clean(value: str) -> str:
    """As every text of the table is: NFC, one line."""
    return " ".join(unicodedata.normalize("NFC", value).split())


LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff\ufffd")
TEXT = st.text(LETTERS, max_size=30).map(clean)
NAME = TEXT.filter(bool).filter(lambda name: not name.startswith("#"))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    surname=NAME,
    place=TEXT,
    extra=TEXT,
    level=st.sampled_from(["-", "", "0", "8"]),
    day=st.dates(dt.date(1950, 1, 1), dt.date(2030, 1, 1)),
)
@example(surname="=1+1", place="@x", extra="-2", level="0", day=dt.date(2011, 3, 14))
@example(surname="_x0041_", place="&#39;", extra="_x000D_", level="-", day=dt.date(2000, 2, 29))
@example(surname="007", place="1e5", extra="TRUE", level="8", day=dt.date(1999, 12, 31))
@example(surname="12/06/2026", place="6-1", extra="'apostrophe", level="", day=dt.date(2011, 1, 1))
def test_whatever_a_table_holds_comes_back_from_the_workbook(
    surname: str, place: str, extra: str, level: str, day: dt.date, path: Path
) -> None:
    table = read_workbook(path)
    table.loc[1, col.NOM] = surname
    table.loc[1, col.LIEU_NAISSANCE] = place
    table.loc[1, col.DATE_NAISSANCE] = day
    table.loc[1, CODES] = level
    table["Remarque"] = ["", extra, ""]
    other = path.with_name("autre.xlsx")
    write_workbook(table, other)
    by_number = lambda row: row[col.NUMERO]  # noqa: E731
    assert sorted(values(read_workbook(other)), key=by_number) == sorted(
        values(table), key=by_number
    )
