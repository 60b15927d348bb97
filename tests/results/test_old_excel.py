"""Old Excel files (.xls): read exactly, counted before they are opened, or refused by name.

Files that fill the memory are in `tests/attacks/test_files.py`; what LibreOffice saves is in
`tests/results/test_results_reading.py`.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from support.old_books import (
    DAYS_FROM_1904,
    LOCKED,
    book,
    dimensions,
    number,
    old_file,
    shared,
    table_book,
    use,
)
from support.pix_exports import cells, certification

from mailmerge import columns as col
from mailmerge.results.reading import Reading, read_sources

PUPILS = [
    certification(),
    certification(numero="1000002", nom="Nguyễn", prenom="Œuvrine", lieu_naissance="Łódź"),
    certification(numero="1000003", nom="d’Artois-Müller", prenom="Noé"),
]
BORN = dt.date(2011, 3, 14)


def read(folder: Path, stream: bytes) -> Reading:
    path = folder / "20260615_resultats_3A.xls"
    path.write_bytes(old_file(Workbook=stream))
    return read_sources([path])


def said(reading: Reading) -> str:
    (error,) = reading.errors
    return " ".join(error.message.split())


@pytest.mark.parametrize("longest", [20, 41, 99, 8_224])
def test_texts_are_read_exactly_wherever_a_record_ends(longest: int, tmp_path: Path) -> None:
    """Plain and wide letters, formats and phonetic signs beside them, cut at every place."""
    rows = cells("L3", PUPILS)
    reading = read(tmp_path, table_book(rows, longest=longest))
    assert reading.errors == ()
    for column in (col.NOM, col.PRENOM, col.LIEU_NAISSANCE):
        at = rows[0].index(column)
        assert reading.table[column].tolist() == [row[at] for row in rows[1:]]


@pytest.mark.parametrize("count", [0, 3, 2**31 - 1])
def test_a_count_of_texts_that_lies_costs_nothing_and_loses_nothing(
    count: int, tmp_path: Path
) -> None:
    rows = cells("L3", [certification()])
    texts = sorted({cell for row in rows for cell in row})
    filled = [
        use(y, x, texts.index(cell)) for y, row in enumerate(rows) for x, cell in enumerate(row)
    ]
    reading = read(tmp_path, book(filled, common=shared(texts, count=count)))
    assert reading.table[col.NOM].tolist() == ["Lefèvre"]


@pytest.mark.parametrize(
    ("common", "first_day"),
    [(b"", dt.date(1899, 12, 30)), (DAYS_FROM_1904, dt.date(1904, 1, 1))],
    ids=["1900", "1904"],
)
def test_a_date_that_lost_its_format_is_counted_from_where_the_file_says(
    common: bytes, first_day: dt.date, tmp_path: Path
) -> None:
    rows: list[list[object]] = [list(row) for row in cells("L3", [certification()])]
    at = rows[0].index("Date de naissance")
    rows[1][at] = (BORN - first_day).days
    reading = read(tmp_path, table_book(rows, common=common))
    assert reading.table[col.DATE_NAISSANCE].tolist() == [BORN]


def test_a_whole_school_of_long_comments_is_not_refused(tmp_path: Path) -> None:
    pupils = [
        certification(numero=str(1_000_000 + rank), commentaire="Très bien. " * 40)
        for rank in range(1_500)
    ]
    assert len(read(tmp_path, table_book(cells("L3", pupils), longest=8_224)).table) == 1_500


def test_a_format_on_a_whole_sheet_is_not_refused(tmp_path: Path) -> None:
    """Excel then says that the sheet reaches to its last cell, and fills none."""
    assert "aucune ligne n’a les titres" in said(
        read(tmp_path, book([dimensions((0, 65_536), (0, 256)), number(0, 0)]))
    )


def test_a_workbook_kept_for_two_versions_of_excel_is_read_as_the_newer(tmp_path: Path) -> None:
    path = tmp_path / "20260615_resultats_3A.xls"
    newer = table_book(cells("L3", PUPILS))
    path.write_bytes(old_file(Book=book([number(0, 0)]), Workbook=newer))
    assert len(read_sources([path]).table) == 3


def test_a_password_is_named(tmp_path: Path) -> None:
    locked = book([number(0, 0)], common=LOCKED + shared(["rien de lisible"]))
    assert "protégé par un mot de passe" in said(read(tmp_path, locked))


@pytest.mark.parametrize(
    ("rows", "columns"), [((0, 65_537), (0, 256)), ((5, 1), (0, 1)), ((0, 2**32 - 1), (0, 1))]
)
def test_a_sheet_that_announces_more_than_there_can_be_is_refused(
    rows: tuple[int, int], columns: tuple[int, int], tmp_path: Path
) -> None:
    """The reader would make room for it, and end the program where there is none."""
    told = said(read(tmp_path, book([dimensions(rows, columns), number(0, 0)])))
    assert "abîmé" in told
    assert "20260615_resultats_3A.xls" in told
