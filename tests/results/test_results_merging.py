"""New exports merged into an edited workbook: no edit is lost, nothing newer is overwritten."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.pix_exports import NOT_TESTED, Certification, certification, write_export

from mailmerge import columns as col
from mailmerge.errors import InputError
from mailmerge.results.merging import Update, read_base, update, write_base
from mailmerge.results.reading import read_sources
from mailmerge.results.table import identity_notices, pupils
from mailmerge.results.workbook import read_workbook, write_workbook

JUNE = "20260615_resultats_3A.csv"
JULY = "20260705_resultats_3A.csv"
MAY = "20260515_resultats_3A.csv"


def export(folder: Path, *records: Certification, name: str = JUNE) -> pd.DataFrame:
    reading = read_sources([write_export(folder / name, "L3", records)])
    assert reading.errors == ()
    return reading.table


def through_files(result: Update, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The workbook and the base as the next run reads them."""
    write_workbook(result.table, folder / "Résultats Pix.xlsx")
    write_base(result.base, folder / "base.csv")
    base = read_base(folder / "base.csv")
    assert base is not None
    return read_workbook(folder / "Résultats Pix.xlsx"), base


def cell(table: pd.DataFrame, column: str, number: str = "1000001") -> object:
    return table.loc[table[col.NUMERO] == number, column].item()


def edit(table: pd.DataFrame, column: str, value: object, number: str = "1000001") -> None:
    table.loc[table[col.NUMERO] == number, column] = value


def values(table: pd.DataFrame) -> list[dict]:
    return table.drop(columns=[col.SOURCE, col.LINE]).to_dict("records")


def parts(workbook: Path) -> dict[str, bytes]:
    """All of a workbook but its own date."""
    with zipfile.ZipFile(workbook) as archive:
        names = [name for name in archive.namelist() if name != "docProps/core.xml"]
        return {name: archive.read(name) for name in names}


WAITING = certification(statut="Démarrée", pix="-", niveau="-", levels=NOT_TESTED)


def test_a_first_run_adds_everything(tmp_path: Path) -> None:
    result = update(None, None, export(tmp_path, certification()))
    assert result.added == ("1000001",)
    assert (result.updated, result.unchanged, result.notices) == ((), (), ())


def test_a_second_run_on_the_same_files_changes_nothing(tmp_path: Path) -> None:
    exports = export(tmp_path, certification(), certification(numero="2", nom="Sow"))
    first = update(None, None, exports)
    second = update(*through_files(first, tmp_path), exports)
    assert (second.added, second.updated, second.notices) == ((), (), ())
    assert set(second.unchanged) == {"1000001", "2"}
    assert values(second.table) == values(first.table)
    write_workbook(second.table, tmp_path / "2.xlsx")
    assert parts(tmp_path / "2.xlsx") == parts(tmp_path / "Résultats Pix.xlsx")


def test_a_result_that_arrived_follows_the_new_export(tmp_path: Path) -> None:
    first = update(None, None, export(tmp_path, WAITING))
    second = update(*through_files(first, tmp_path), export(tmp_path, certification(), name=JULY))
    assert second.updated == ("1000001",)
    assert cell(second.table, col.PIX) == "266"
    assert cell(second.table, "1.1") == "3"
    assert second.notices == ()


def test_an_edit_by_hand_is_kept_and_told_while_other_cells_follow(tmp_path: Path) -> None:
    first = update(None, None, export(tmp_path, WAITING))
    book, base = through_files(first, tmp_path)
    edit(book, col.NOM, "Lefèvre-Roux")
    edit(book, col.DATE_NAISSANCE, dt.date(2011, 3, 15))
    exports = export(tmp_path, certification(), name=JULY)
    second = update(book, base, exports)
    assert cell(second.table, col.NOM) == "Lefèvre-Roux"
    assert cell(second.table, col.DATE_NAISSANCE) == dt.date(2011, 3, 15)
    assert cell(second.table, col.STATUT) == "Validée"
    [notice] = second.notices
    assert "Nom" in notice.message
    assert "Date de naissance" in notice.message
    assert "2011" not in notice.message
    third = update(*through_files(second, tmp_path), exports)
    assert values(third.table) == values(second.table)
    assert third.updated == ()


def test_a_cell_emptied_by_hand_stays_empty(tmp_path: Path) -> None:
    exports = export(tmp_path, certification())
    book, base = through_files(update(None, None, exports), tmp_path)
    edit(book, col.LIEU_NAISSANCE, "")
    assert cell(update(book, base, exports).table, col.LIEU_NAISSANCE) == ""


def test_an_older_file_loaded_later_changes_nothing_that_is_newer(tmp_path: Path) -> None:
    first = update(None, None, export(tmp_path, certification()))
    for name in (MAY, "export.csv"):
        again = update(*through_files(first, tmp_path), export(tmp_path, WAITING, name=name))
        assert values(again.table) == values(first.table) or name == "export.csv"
        assert cell(again.table, col.STATUT) == "Validée"
        assert cell(again.table, col.PIX) == "266"
        june = update(*through_files(again, tmp_path), export(tmp_path, certification(), name=JUNE))
        assert cell(june.table, col.PIX) == "266"


def test_a_cancelled_certification_follows_the_newer_export(tmp_path: Path) -> None:
    first = update(None, None, export(tmp_path, certification()))
    gone = certification(statut="Annulée", pix="-", niveau="-", levels=NOT_TESTED)
    second = update(*through_files(first, tmp_path), export(tmp_path, gone, name=JULY))
    assert cell(second.table, col.STATUT) == "Annulée"
    assert cell(second.table, "1.1") == "-"


def test_rows_that_no_export_has_and_rows_added_by_hand_stay(tmp_path: Path) -> None:
    first = update(None, None, export(tmp_path, certification(), certification(numero="2")))
    book, base = through_files(first, tmp_path)
    mine = book.iloc[[0]].assign(**{col.NUMERO: "77", col.NOM: "Ajoutée"})
    book = pd.concat([book, mine], ignore_index=True)
    second = update(book, base, export(tmp_path, certification(numero="3"), name=JULY))
    assert set(second.table[col.NUMERO]) == {"1000001", "2", "3", "77"}
    assert second.added == ("3",)


def test_a_row_deleted_by_hand_stays_deleted_and_is_told(tmp_path: Path) -> None:
    exports = export(tmp_path, certification(), certification(numero="2"))
    book, base = through_files(update(None, None, exports), tmp_path)
    second = update(book[book[col.NUMERO] != "2"], base, exports)
    assert second.table[col.NUMERO].tolist() == ["1000001"]
    assert [notice.code for notice in second.notices] == ["certification-retiree"]
    third = update(*through_files(second, tmp_path), exports)
    assert third.table[col.NUMERO].tolist() == ["1000001"]


def test_a_column_added_by_hand_is_kept(tmp_path: Path) -> None:
    exports = export(tmp_path, certification())
    book, base = through_files(update(None, None, exports), tmp_path)
    book["Remarque"] = "à rappeler"
    second = update(book, base, export(tmp_path, certification(numero="2"), name=JULY))
    assert cell(second.table, "Remarque") == "à rappeler"
    assert cell(second.table, "Remarque", "2") == ""


def test_without_a_base_the_workbook_wins_but_a_waiting_certification_gets_its_result(
    tmp_path: Path,
) -> None:
    first = update(None, None, export(tmp_path, WAITING, certification(numero="2")))
    book, _ = through_files(first, tmp_path)
    edit(book, col.NOM, "Autre", "2")
    edit(book, "1.2", "5")
    exports = export(tmp_path, certification(), certification(numero="2"), name=JULY)
    second = update(book, None, exports)
    assert cell(second.table, col.NOM, "2") == "Autre"
    assert cell(second.table, col.STATUT) == "Validée"
    assert cell(second.table, col.PIX) == "266"
    assert cell(second.table, "1.1") == "3"
    assert cell(second.table, "1.2") == "5"


def test_an_export_that_lacks_a_column_erases_nothing(tmp_path: Path) -> None:
    session = tmp_path / "20260612_0930_resultats_session_48213.csv"
    write_export(session, "L3 session", [certification()])
    first = update(None, None, read_sources([session]).table)
    second = update(*through_files(first, tmp_path), export(tmp_path, certification(), name=JULY))
    assert cell(second.table, col.CENTRE) == "Collège Jeanne Barret"


def test_a_damaged_base_is_an_error_with_a_remedy_and_a_missing_one_is_none(
    tmp_path: Path,
) -> None:
    assert read_base(tmp_path / "base.csv") is None
    (tmp_path / "base.csv").write_bytes(b"\xff\x00;")
    with pytest.raises(InputError, match="Supprimez-le"):
        read_base(tmp_path / "base.csv")


NUMBERS = st.sampled_from(["1", "2", "3"])
# Names and scores that change rows are refused: see test_alignment.
EDITABLE = [
    col.COMMENTAIRE,
    col.LIEU_NAISSANCE,
    col.STATUT,
    col.NIVEAU,
    "1.1",
    col.CLASSE,
    "Remarque",
]
WORDS = st.sampled_from(["", "a", "b", "Validée", "Démarrée", "-", "5"])
ROW = st.fixed_dictionaries(dict.fromkeys(EDITABLE, WORDS))
TABLES = st.dictionaries(NUMBERS, ROW, max_size=3)
NAMES = st.sampled_from([MAY, JUNE, JULY, "x.csv"])


def made(rows: dict[str, dict[str, str]], source: str) -> pd.DataFrame:
    from mailmerge.results.frames import tidy

    day = dt.date(2026, 6, 1)
    frame = pd.DataFrame(
        [
            {col.NUMERO: n, col.SOURCE: source, col.LINE: 2, **dict.fromkeys(col.DATE_COLUMNS, day)}
            | row
            for n, row in rows.items()
        ],
        columns=[*col.WORKBOOK_COLUMNS, "Remarque", col.SOURCE, col.LINE],
        dtype=object,
    )
    return tidy(frame)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(book=TABLES, base=st.none() | TABLES, exports=TABLES, sources=st.tuples(NAMES, NAMES))
def test_merging_twice_is_merging_once(
    book: dict, base: dict | None, exports: dict, sources: tuple[str, str]
) -> None:
    new = made(exports, sources[0])
    ground = None if base is None else made(base, sources[1])
    once = update(made(book, "Résultats Pix.xlsx"), ground, new)
    twice = update(once.table, once.base, new)
    assert values(twice.table) == values(once.table)
    assert (twice.added, twice.updated) == ((), ())
    assert sorted(once.added + once.updated + once.unchanged) == sorted(exports)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(book=TABLES, base=TABLES, exports=TABLES, sources=st.tuples(NAMES, NAMES))
def test_what_a_hand_wrote_is_never_overwritten(
    book: dict, base: dict, exports: dict, sources: tuple[str, str]
) -> None:
    result = update(made(book, "R.xlsx"), made(base, sources[1]), made(exports, sources[0]))
    after = {row[col.NUMERO]: row for row in result.table.to_dict("records")}
    for number, row in book.items():
        for name, value in row.items():
            if number in base and value != base[number][name]:
                assert after[number].get(name, "") == value


def test_a_kept_edit_says_both_values_but_no_birth_date(tmp_path: Path) -> None:
    exports = export(tmp_path, certification())
    book, base = through_files(update(None, None, exports), tmp_path)
    edit(book, col.LIEU_NAISSANCE, "Rennes")
    edit(book, col.DATE_NAISSANCE, dt.date(2011, 12, 25))
    [notice] = update(book, base, exports).notices
    assert "Rennes" in notice.message
    assert certification().lieu_naissance in notice.message
    assert "2011" not in notice.message


def test_pupils_deleted_from_the_workbook_are_named(tmp_path: Path) -> None:
    many = [
        certification(numero=str(n), nom=f"Nom{n:02}", identifiant=str(n)) for n in range(1, 16)
    ]
    exports = export(tmp_path, *many)
    book, base = through_files(update(None, None, exports), tmp_path)
    [notice] = update(book[book[col.NUMERO] == "15"], base, exports).notices
    assert "Nom01" in notice.message
    assert "et 2 de plus" in notice.message


def test_an_edited_workbook_among_the_sources_wins_over_the_exports(tmp_path: Path) -> None:
    made = update(None, None, export(tmp_path, certification()))
    book, _ = through_files(made, tmp_path)
    edit(book, col.LIEU_NAISSANCE, "Rennes")
    write_workbook(book, tmp_path / "Copie.xlsx")
    reading = read_sources([tmp_path / "Copie.xlsx", tmp_path / JUNE])
    workbooks = {file.path.name for file in reading.files if file.is_workbook}
    assert workbooks == {"Copie.xlsx"}
    result = update(None, None, reading.table, workbooks)
    assert cell(result.table, col.LIEU_NAISSANCE) == "Rennes"
    [notice] = result.notices
    assert "décrite différemment" in notice.message
    assert "la plus récente" not in notice.message


def test_a_session_file_is_no_workbook_and_goes_by_its_date_like_any_export(tmp_path: Path) -> None:
    """Today's session files have all the columns of « Résultats Pix.xlsx » but the class."""
    session = tmp_path / "20260612_0930_resultats_session_48213.csv"
    write_export(session, "L3 session", [certification(pix="266")])
    later = write_export(tmp_path / JUNE, "L3", [certification(pix="301")])
    reading = read_sources([session, later])
    assert not any(file.is_workbook for file in reading.files)
    result = update(None, None, reading.table)
    assert cell(result.table, col.PIX) == "301"
    [notice] = result.notices
    assert "la plus récente" in notice.message


def test_leading_zeros_that_a_spreadsheet_lost_are_no_difference_and_are_kept(
    tmp_path: Path,
) -> None:
    whole = export(tmp_path, certification(identifiant="0012345"))
    short = export(tmp_path, certification(identifiant="12345"), name=JULY)
    both = update(None, None, pd.concat([whole, short], ignore_index=True))
    assert cell(both.table, col.IDENTIFIANT) == "0012345"
    assert both.notices == ()
    for first, second in ((whole, short), (short, whole)):
        book, base = through_files(update(None, None, first), tmp_path)
        later = update(book, base, second)
        assert cell(later.table, col.IDENTIFIANT) == "0012345"
        assert later.notices == ()


def test_a_pupil_whose_identifier_lost_its_zeros_in_one_of_two_files_is_one_pupil(
    tmp_path: Path,
) -> None:
    spring = export(tmp_path, certification(numero="1", identifiant="0012345"), name=MAY)
    june = export(tmp_path, certification(numero="2", identifiant="12345"))
    table = update(None, None, pd.concat([spring, june], ignore_index=True)).table
    assert len(pupils(table)) == 1
    assert identity_notices(table) == ()
