"""What reading must give: the same values from every layout and every re-saved form."""

from __future__ import annotations

import csv
import datetime as dt
import io
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, WINDOWS_EPOCH
from support.calc import calc, saved
from support.pix_exports import (
    CODES,
    LAYOUTS,
    LEVELS,
    NOT_TESTED,
    cells,
    certification,
    export_csv,
    refused,
    write_export,
)

from mailmerge import columns as col
from mailmerge.results.reading import Reading, read_sources

NAME = "20260615_resultats_3E+.csv"
PUPILS = [
    certification(),
    refused(numero="1000002", prenom="Noé", nom="d’Artois-Müller", identifiant=""),
    certification(
        numero="1000003",
        prenom="Zoé",
        nom="N’Diaye",
        statut="Annulée",
        pix="-",
        niveau="-",
        levels=NOT_TESTED,
    ),
]


def read(path: Path, **options: object) -> Reading:
    return read_sources([path], **options)  # type: ignore[arg-type]


def assert_read_exactly(reading: Reading, count: int = 3) -> None:
    """The three pupils, exactly: what no layout or re-saving may change."""
    assert reading.errors == ()
    table = reading.table
    assert list(table.columns[: len(col.WORKBOOK_COLUMNS)]) == list(col.WORKBOOK_COLUMNS)
    assert len(table) == count
    first, second, third = (table.iloc[i] for i in range(3))
    assert first[col.NUMERO] == "1000001"
    assert (first[col.PRENOM], first[col.NOM]) == ("Élodie", "Lefèvre")
    assert first[col.DATE_NAISSANCE] == dt.date(2011, 3, 14)
    assert first[col.DATE_PASSAGE] == dt.date(2026, 6, 12)
    assert first[col.LIEU_NAISSANCE] == "Nantes"
    assert first[col.SESSION] == "48213"
    assert first[col.PIX] == "266"
    assert tuple(first[code] for code in CODES) == LEVELS
    assert (second[col.NOM], second[col.PIX]) == ("d’Artois-Müller", "0")
    assert third[col.PIX] == "-"
    assert tuple(third[code] for code in CODES) == NOT_TESTED


def as_written(text: str, encoding: str) -> bytes:
    return text.encode(encoding)


# --- layouts ---


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_every_layout_of_pix_gives_the_same_values(layout: str, tmp_path: Path) -> None:
    records = PUPILS
    if layout in ("L1 anglais", "L1 session anglais"):
        records = [PUPILS[0], refused(**{**vars(PUPILS[1]), "statut": "Rejetée"}), PUPILS[2]]
    reading = read(write_export(tmp_path / NAME, layout, records))
    assert_read_exactly(reading)
    assert reading.files[0].layout == layout
    assert reading.files[0].rows == 3
    assert set(reading.table[col.CLASSE]) == {"3E+"}
    assert reading.table[col.IDENTIFIANT].tolist() == ["0012345", "", "0012345"]
    if layout in ("G1", "G1b"):
        assert reading.table[col.STATUT].tolist() == ["Validée", "Rejetée", "Annulée"]
    else:
        assert reading.table[col.STATUT].tolist() == [
            "Validée",
            "Rejetée" if "anglais" in layout else "Non obtenue",
            "Annulée",
        ]
    centre = "Collège Jeanne Barret"
    has_centre = layout.startswith("G") or "session" in layout
    assert set(reading.table[col.CENTRE]) == {centre if has_centre else ""}
    assert reading.table[col.NIVEAU][0] == ("Indépendant 1" if "L3" in layout else "")


@pytest.mark.parametrize("layout", ["L1 session", "L2 session", "L3 session", "L1 session anglais"])
def test_complementary_certifications_of_a_session_keep_their_label(
    layout: str, tmp_path: Path
) -> None:
    records = [
        certification(complementary={"CléA numérique": "Validée", "Pix+ Droit": "Non passée"}),
        certification(numero="2", complementary={"CléA numérique": "Non passée"}),
    ]
    table = read(write_export(tmp_path / "s.csv", layout, records)).table
    assert table["Certification CléA numérique"].tolist() == ["Validée", "Non passée"]
    assert table["Certification Pix+ Droit"].tolist() == ["Non passée", "Non passée"]


def test_a_session_without_any_pix_row_has_neither_score_nor_levels(tmp_path: Path) -> None:
    names = [n for n in LAYOUTS["L3 session"] if n not in (*CODES, "Niveau", "Score en Pix")]
    rows = cells("L3 session", [certification()])
    row = [rows[1][rows[0].index(name)] for name in names]
    path = tmp_path / "20260612_0930_resultats_session_1.csv"
    text = ";".join([*names, "Certification Pix+ Édu"]) + "\n" + ";".join([*row, "Validée"])
    path.write_text(text, encoding="utf-8")
    reading = read(path)
    assert reading.errors == ()
    assert reading.table[col.PIX].tolist() == [""]
    assert reading.table["Certification Pix+ Édu"].tolist() == ["Validée"]


def test_columns_are_found_by_name_wherever_they_stand_and_however_they_are_typed(
    tmp_path: Path,
) -> None:
    rows = [list(reversed(row)) for row in cells("L3", PUPILS)]
    rows[0] = [f"  {name.upper().replace('’', chr(39))} " for name in rows[0]]
    path = tmp_path / NAME
    path.write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    assert_read_exactly(read(path))


def test_a_column_that_a_school_adds_is_kept(tmp_path: Path) -> None:
    rows = cells("L3", PUPILS)
    for row, value in zip(rows, ["Professeur principal", "Mme Roux", "", "M. Sow"], strict=True):
        row.insert(2, value)
    path = tmp_path / NAME
    path.write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    reading = read(path)
    assert_read_exactly(reading)
    assert reading.table["Professeur principal"].tolist() == ["Mme Roux", "", "M. Sow"]


# --- re-saved forms ---


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"],
)
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_encoding_separator_and_line_ending_reads_the_same(
    encoding: str, separator: str, newline: str, tmp_path: Path
) -> None:
    text = export_csv("L3", PUPILS, separator=separator, newline=newline)
    (tmp_path / NAME).write_bytes(text.encode(encoding))
    reading = read(tmp_path / NAME)
    assert_read_exactly(reading)
    assert reading.warnings == ()


def test_utf_16_with_a_big_endian_mark_reads_the_same(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"\xfe\xff" + export_csv("L3", PUPILS).encode("utf-16-be"))
    assert_read_exactly(read(tmp_path / NAME))


def test_blank_lines_title_lines_and_trailing_separators_change_nothing(tmp_path: Path) -> None:
    lines = [line + ";;" for line in export_csv("L2", PUPILS).split("\n")]
    text = "sep=;\nRésultats de la 3E+;;\n\n;;;;\n" + "\n\n;;;;;\n".join(lines) + "\n\n\n"
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    assert_read_exactly(read(tmp_path / NAME))


def test_lines_that_a_spreadsheet_put_whole_into_the_first_cell_are_cut_again(
    tmp_path: Path,
) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([line] for line in export_csv("L3", PUPILS).split("\n"))
    (tmp_path / NAME).write_text(out.getvalue(), encoding="utf-8")
    assert_read_exactly(read(tmp_path / NAME))


MONTHS = ["janv", "févr", "mars", "avr", "mai"]
ENGLISH_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May"]


def day_month(code: str) -> tuple[int, int]:
    return int(code[0]), int(code[2])


SPOILT = {
    "with a comma": lambda d, m: f"{d},{m}",
    "French short date": lambda d, m: f"{d:02}-{MONTHS[m - 1]}",
    "French short date with a dot": lambda d, m: f"{d:02}-{MONTHS[m - 1]}.",
    "English short date": lambda d, m: f"{d}-{ENGLISH_MONTHS[m - 1]}",
    "month read first (US)": lambda d, m: f"{m}-{ENGLISH_MONTHS[d - 1]}",
    "whole French date": lambda d, m: f"{d:02}/{m:02}/2026",
    "whole US date": lambda d, m: f"{m:02}/{d:02}/2026",
    "ISO date and time": lambda d, m: f"2026-{m:02}-{d:02} 00:00:00",
    "ISO, month first": lambda d, m: f"2026-{d:02}-{m:02}",
    "day number of Excel": lambda d, m: str((dt.date(2026, m, d) - dt.date(1899, 12, 30)).days),
    "with its name": lambda d, m: f"{d}.{m}",
}


@pytest.mark.parametrize("spoilt", list(SPOILT))
def test_competence_headers_that_a_spreadsheet_spoilt_are_told_exactly(
    spoilt: str, tmp_path: Path
) -> None:
    rows = cells("L3", PUPILS)
    rows[0] = [SPOILT[spoilt](*day_month(name)) if name in CODES else name for name in rows[0]]
    (tmp_path / NAME).write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    assert_read_exactly(read(tmp_path / NAME))


@pytest.mark.parametrize("spoilt", ["French short date", "month read first (US)"])
def test_spoilt_headers_are_told_by_what_they_say_even_when_the_columns_moved(
    spoilt: str, tmp_path: Path
) -> None:
    rows = [list(reversed(row)) for row in cells("L3", PUPILS)]
    rows[0] = [SPOILT[spoilt](*day_month(n)) if n in CODES else n for n in rows[0]]
    (tmp_path / NAME).write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    assert_read_exactly(read(tmp_path / NAME))


def test_two_dates_that_could_be_either_of_two_competences_are_told_by_pix_s_order(
    tmp_path: Path,
) -> None:
    rows = cells("L3", PUPILS)
    for code, spoilt in (("1.2", "01-févr"), ("2.1", "02-janv")):
        rows[0][rows[0].index(code)] = spoilt
    (tmp_path / NAME).write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    assert_read_exactly(read(tmp_path / NAME))


def test_dates_that_nothing_can_tell_apart_are_refused_not_guessed(tmp_path: Path) -> None:
    rows = cells("L3", PUPILS)
    for code, spoilt in (("1.2", "01-févr"), ("2.1", "02-janv")):
        rows[0][rows[0].index(code)] = spoilt
    moved = [[*row[1:], row[0]] for row in rows]
    a, b = moved[0].index("1.1"), moved[0].index("5.2")
    for row in moved:
        row[a], row[b] = row[b], row[a]
    (tmp_path / NAME).write_text("\n".join(";".join(row) for row in moved), encoding="utf-8")
    reading = read(tmp_path / NAME)
    assert len(reading.table) == 0
    assert "Réécrivez ces titres" in reading.errors[0].message


# --- workbooks ---


def typed(name: str, value: str) -> object:
    """A cell as Excel keeps it after opening Pix's CSV."""
    if value.isdecimal() and name != "Identifiant Externe":
        return int(value)
    if "ate de" in name and value[:1].isdigit():
        return dt.datetime.strptime(value, "%d/%m/%Y")
    return value


def write_xlsx(path: Path, *sheets: list[list[object]], epoch: dt.datetime = WINDOWS_EPOCH) -> Path:
    book = openpyxl.Workbook()
    book.epoch = epoch
    book.remove(book.active)
    for rank, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Feuil{rank}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def typed_rows(layout: str, records: list, *, dates: bool = True) -> list[list[object]]:
    names, *rows = cells(layout, records)
    head: list[object] = [
        dt.datetime(2026, int(n[2]), int(n[0])) if dates and n in CODES else n for n in names
    ]
    return [head, *([typed(n, v) for n, v in zip(names, row, strict=True)] for row in rows)]


def test_a_workbook_that_excel_typed_reads_the_same(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "20260615_resultats_3E+.xlsx", typed_rows("L3", PUPILS))
    reading = read(path)
    assert_read_exactly(reading)
    assert reading.table[col.IDENTIFIANT][0] == "0012345"


def test_competence_headers_as_decimal_numbers_are_told(tmp_path: Path) -> None:
    rows = typed_rows("L3", PUPILS, dates=False)
    rows[0] = [float(name) if name in CODES else name for name in rows[0]]
    assert_read_exactly(read(write_xlsx(tmp_path / "20260615_resultats_3E+.xlsx", rows)))


def test_tables_pasted_together_and_several_sheets_each_follow_their_own_header(
    tmp_path: Path,
) -> None:
    first = [
        ["Classe de 3A"],
        *typed_rows("L3", PUPILS[:1]),
        [],
        ["Classe de 3B"],
        *typed_rows("L1", PUPILS[1:2], dates=False),
    ]
    notes = [["À faire"], ["appeler M. Sow"]]
    path = write_xlsx(
        tmp_path / NAME.replace(".csv", ".xlsx"), first, typed_rows("G2", PUPILS[2:]), notes
    )
    reading = read(path)
    assert_read_exactly(reading)
    assert reading.files[0].layout == "L3 + L1 + G2"
    assert [notice.code for notice in reading.warnings] == ["feuille-ignoree"]


@calc
@pytest.mark.parametrize("kind", ["ods", "xls", "xlsx"])
def test_what_libreoffice_saves_reads_the_same(kind: str, tmp_path: Path) -> None:
    made = write_export(tmp_path / "in" / NAME, "L3", PUPILS)
    option = "--infilter=CSV:59,34,76,1,,1036,false,true"
    assert_read_exactly(read(saved(made, kind, tmp_path, option)))


# --- cells ---


@pytest.mark.parametrize(
    ("column", "written", "value"),
    [
        ("Score en Pix", "266 pix", "266"),
        ("Score en Pix", "266,0", "266"),
        ("1.1", "–", "-"),
        ("1.1", "0", "0"),
        ("1.1", "8", "8"),
        ("Statut", "validée", "Validée"),
        ("Statut", "NON OBTENUE", "Non obtenue"),
        ("Statut", "In error", "En erreur"),
        ("Niveau", "-", "-"),
        ("Niveau", "Advanced 2", "Avancé 2"),
        ("Numéro de certification", "1000001.0", "1000001"),
        ("Nom", "Dupont & Fils <b>", "Dupont & Fils <b>"),
        ("Nom", "{{ 7*7 }}", "{{ 7*7 }}"),
        ("Nom", "=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("Nom", "../../etc/CON", "../../etc/CON"),
        ("Nom", "Le\x07\x1bGoff\u200b", "LeGoff\u200b"),
        ("Nom", "  Le \u00a0 Goff ", "Le Goff"),
        ("Nom", unicodedata.normalize("NFD", "Éléonore"), "Éléonore"),
        ("Nom", "王小明", "王小明"),
        ("Nom", "x" * 200, "x" * 200),
        ("Identifiant Externe", "000123", "000123"),
        ("Identifiant Externe", "12E4", "12E4"),
        ("Identifiant Externe", "6-1", "6-1"),
    ],
)
def test_a_cell_is_read_as(column: str, written: str, value: str, tmp_path: Path) -> None:
    names, row = cells("L3", [certification()])
    row[names.index(column)] = written
    path = tmp_path / NAME
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=";").writerows([names, row])
    reading = read(path)
    assert reading.errors == ()
    name = {"Score en Pix": col.PIX}.get(column, column)
    assert reading.table[name].tolist() == [value]


@pytest.mark.parametrize("written", ["14/03/2011", "14-03-2011", "2011-03-14", "14.3.2011"])
def test_dates_are_read_day_first_or_iso(written: str, tmp_path: Path) -> None:
    record = certification(date_naissance=written)
    table = read(write_export(tmp_path / NAME, "L3", [record])).table
    assert table[col.DATE_NAISSANCE].tolist() == [dt.date(2011, 3, 14)]


def test_a_date_cell_that_lost_its_format_is_read_and_a_bare_number_in_a_csv_is_not(
    tmp_path: Path,
) -> None:
    rows = typed_rows("L3", PUPILS)
    at = cells("L3", [])[0].index("Date de naissance")
    rows[1][at] = (dt.date(2011, 3, 14) - dt.date(1899, 12, 30)).days
    assert_read_exactly(read(write_xlsx(tmp_path / "20260615_resultats_3E+.xlsx", rows)))
    bare = write_export(tmp_path / NAME, "L3", [certification(date_naissance="40616")])
    assert read(bare).errors[0].column == col.DATE_NAISSANCE


def test_in_a_workbook_of_an_old_mac_days_are_counted_from_1904(tmp_path: Path) -> None:
    rows = typed_rows("L3", PUPILS)
    at = cells("L3", [])[0].index("Date de naissance")
    rows[1][at] = (dt.date(2011, 3, 14) - dt.date(1904, 1, 1)).days
    path = write_xlsx(tmp_path / "20260615_resultats_3E+.xlsx", rows, epoch=CALENDAR_MAC_1904)
    assert_read_exactly(read(path))


@calc
@pytest.mark.parametrize("ending", ["ods", "xls"])
@pytest.mark.parametrize("epoch", [CALENDAR_MAC_1904, WINDOWS_EPOCH])
def test_as_saved_by_libreoffice_too_days_are_counted_from_where_the_file_says(
    epoch: dt.datetime, ending: str, tmp_path: Path
) -> None:
    rows = typed_rows("L3", PUPILS)
    at = cells("L3", [])[0].index("Date de naissance")
    rows[1][at] = (dt.date(2011, 3, 14) - epoch.date()).days
    made = write_xlsx(tmp_path / "20260615_resultats_3E+.xlsx", rows, epoch=epoch)
    assert_read_exactly(read(saved(made, ending, tmp_path)))


def test_html_codes_in_names_become_letters_and_are_told(tmp_path: Path) -> None:
    records = [certification(nom="N&#39;Diaye"), certification(numero="2", nom="D&amp;#39;Or")]
    reading = read(write_export(tmp_path / NAME, "L3", records))
    assert reading.table[col.NOM].tolist() == ["N'Diaye", "D'Or"]
    assert [(notice.code, notice.line) for notice in reading.warnings] == [
        ("code-html", 2),
        ("code-html", 3),
    ]


@pytest.mark.parametrize(
    ("field", "value", "column"),
    [
        ("levels", ("9", *LEVELS[1:]), "1.1"),
        ("levels", ("-1", *LEVELS[1:]), "1.1"),
        ("levels", ("2,5", *LEVELS[1:]), "1.1"),
        ("pix", "2000", col.PIX),
        ("pix", "beaucoup", col.PIX),
        ("statut", "Peut-être", col.STATUT),
        ("statut", "", col.STATUT),
        ("nom", "", col.NOM),
        ("nom", "Lef\ufffdvre", col.NOM),
        ("nom", "#NOM?", col.NOM),
        ("numero", "", col.NUMERO),
        ("numero", "1,00000E+06", col.NUMERO),
        ("identifiant", "1,23457E+11", col.IDENTIFIANT),
        ("date_naissance", "14/03/11", col.DATE_NAISSANCE),
        ("date_naissance", "31/02/2011", col.DATE_NAISSANCE),
        ("date_naissance", "14/03/0211", col.DATE_NAISSANCE),
        ("date_passage", "", col.DATE_PASSAGE),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_place_and_the_other_rows_go_through(
    field: str, value: object, column: str, tmp_path: Path
) -> None:
    good = certification(numero="5")
    bad = certification(**{"numero": "6", field: value})
    reading = read(write_export(tmp_path / NAME, "L3", [good, bad, certification(numero="7")]))
    assert reading.table[col.NUMERO].tolist() == ["5", "7"]
    [error] = reading.errors
    assert (error.source, error.line, error.column) == (NAME, 3, column)
    assert NAME in error.message
    assert "ligne 3" in error.message
    assert "14/03" not in error.message
    assert error.message.endswith(".")


def test_american_dates_refuse_the_table_rather_than_half_of_it(tmp_path: Path) -> None:
    records = [
        certification(date_naissance="03/04/2011"),
        certification(numero="2", date_naissance="03/25/2011"),
    ]
    reading = read(write_export(tmp_path / NAME, "L3", records))
    assert len(reading.table) == 0
    assert reading.errors[0].line == 3
    assert "américaine" in reading.errors[0].message


def test_a_class_that_excel_turned_into_a_date_is_not_guessed(tmp_path: Path) -> None:
    rows = typed_rows("L3", PUPILS)
    for row, value in zip(rows, ["Classe", "6-1", dt.datetime(2026, 1, 6), 6], strict=True):
        row.append(value)
    reading = read(write_xlsx(tmp_path / "a.xlsx", rows))
    assert reading.table[col.CLASSE].tolist() == ["6-1", "6"]
    assert (reading.errors[0].line, reading.errors[0].column) == (3, col.CLASSE)


@pytest.mark.parametrize("column", ["Nom", "Prénom", "Lieu de naissance", "Identifiant Externe"])
@pytest.mark.parametrize("value", [dt.datetime(2026, 2, 1), dt.time(1, 30)])
def test_a_text_that_a_spreadsheet_turned_into_a_date_is_never_printed(
    column: str, value: object, tmp_path: Path
) -> None:
    rows = typed_rows("L3", PUPILS)
    rows[1][rows[0].index(column)] = value
    reading = read(write_xlsx(tmp_path / "20260615_resultats_3A.xlsx", rows))
    assert reading.table[col.NUMERO].tolist() == ["1000002", "1000003"]
    (error,) = reading.errors
    assert (error.line, error.column) == (2, column)
    assert "changé la cellule en date" in error.message


@pytest.mark.parametrize("epoch", [CALENDAR_MAC_1904, WINDOWS_EPOCH])
def test_a_year_alone_is_no_day_of_1905(epoch: dt.datetime, tmp_path: Path) -> None:
    rows = typed_rows("L3", PUPILS)
    rows[1][rows[0].index("Date de naissance")] = 2011
    reading = read(write_xlsx(tmp_path / "20260615_resultats_3A.xlsx", rows, epoch=epoch))
    (error,) = reading.errors
    assert (error.line, error.column) == (2, col.DATE_NAISSANCE)
    assert "que l’année" in error.message


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_results_on_a_hidden_sheet_are_read_and_told(state: str, tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "20260615_resultats_3A.xlsx",
        typed_rows("L3", PUPILS[:1]),
        typed_rows("L3", PUPILS[1:]),
        [["des notes"]],
    )
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[1:]:
        sheet.sheet_state = state
    book.save(path)
    reading = read(path)
    assert len(reading.table) == 3
    (told,) = [notice for notice in reading.warnings if notice.code == "feuille-masquee"]
    assert "« Feuil2 »" in " ".join(told.message.split())


# --- classes ---


@pytest.mark.parametrize(
    ("name", "division"),
    [
        ("20260615_resultats_3E+.csv", "3E+"),
        ("20260615_resultats_3A (1).csv", "3A"),
        ("20260615_resultats_3A(2).csv", "3A"),
        ("20260615_resultats_3A - Copie.csv", "3A"),
        ("Copie de 20260615_resultats_3A.csv", "3A"),
        ("20260615_results_3°10.csv", "3°10"),
        ("20260615_resultats_3ème Molière.csv", "3ème Molière"),
        (unicodedata.normalize("NFD", "20260615_resultats_3è.csv"), "3è"),
        ("20260615_resultats_6-1.csv", "6-1"),
        ("20260615_resultats_3_B.csv", "3_B"),
        ("20260612_0930_resultats_session_48213.csv", ""),
        ("20260612_0930_session_results_48213 (1).csv", ""),
        ("resultats.csv", ""),
        ("mes élèves 2026.csv", ""),
    ],
)
def test_the_class_comes_from_the_file_s_name_and_never_from_a_session_s_number(
    name: str, division: str, tmp_path: Path
) -> None:
    reading = read(write_export(tmp_path / name, "L3", PUPILS))
    assert set(reading.table[col.CLASSE]) == {division}
    assert reading.warnings == ()


def test_a_class_column_wins_over_the_file_s_name(tmp_path: Path) -> None:
    names, row = cells("L3", [certification()])
    path = tmp_path / "20260615_resultats_3A.csv"
    text = ";".join([*names, "Classe"]) + "\n" + ";".join([*row, "3B"])
    path.write_text(text, encoding="utf-8")
    assert read(path).table[col.CLASSE].tolist() == ["3B"]


def test_a_session_s_pupils_whose_class_another_file_says_are_no_warning(tmp_path: Path) -> None:
    write_export(tmp_path / "20260612_0930_resultats_session_48213.csv", "L3 session", PUPILS)
    write_export(tmp_path / NAME, "L3", PUPILS)
    assert read(tmp_path).warnings == ()


# --- folders and foreign files ---


def test_a_folder_gives_its_own_data_files_in_order_and_nothing_else(tmp_path: Path) -> None:
    write_export(tmp_path / "20260615_resultats_3B.csv", "L3", PUPILS[:1])
    write_export(tmp_path / "20260615_resultats_3A.csv", "L1", PUPILS[1:])
    for name in ("~$a.xlsx", ".cache.csv", "etablissement.toml", "logo.png", "a.pdf", "b.docx"):
        (tmp_path / name).write_bytes(b"nothing to read")
    write_export(tmp_path / "exemple" / "20260615_resultats_3Z.csv", "L3", PUPILS)
    reading = read(tmp_path)
    assert [one.divisions for one in reading.files] == [("3A",), ("3B",)]
    assert (reading.warnings, reading.errors) == ((), ())


def test_a_sub_folder_with_results_is_named_and_not_read(tmp_path: Path) -> None:
    write_export(tmp_path / NAME, "L3", PUPILS)
    write_export(tmp_path / "2025" / NAME, "L3", PUPILS)
    reading = read(tmp_path)
    assert len(reading.files) == 1
    assert [notice.code for notice in reading.warnings] == ["sous-dossier"]
    assert "2025" in reading.warnings[0].message


def test_an_empty_folder_a_missing_file_and_a_file_given_twice(tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    made = write_export(tmp_path / NAME, "L3", PUPILS)
    reading = read_sources([tmp_path / "vide", tmp_path / "absent.csv", made, tmp_path])
    assert [error.code for error in reading.errors] == ["dossier-vide", "lecture"]
    assert len(reading.table) == 3


def docx_bytes() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 40_000_000)
    return out.getvalue()


FOREIGN = {
    "empty": b"",
    "only separators": b"\xef\xbb\xbf;;;\r\n;;;\r\n",
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "a Word document": docx_bytes(),
    "an image": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "a login page": b"\r\n<!DOCTYPE html><html><body>Connexion</body></html>",
    "binary": bytes(range(256)) * 20,
    "a damaged workbook": b"PK\x03\x04" + b"\x00" * 200,
    "an old workbook that is none": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x01" * 2000,
    "an archive bomb": bomb(),
    "a roster": "Nom;Prénom;Né(e) le;Classe\nSow;Ali;01/02/2011;3A\n".encode(),
    "a letter": "Bonjour,\nvoici la liste.\n".encode("cp1252"),
}


@pytest.mark.parametrize("kind", list(FOREIGN))
def test_a_foreign_file_is_named_with_a_remedy_and_the_others_go_through(
    kind: str, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_bytes(FOREIGN[kind])
    write_export(tmp_path / NAME, "L3", PUPILS)
    reading = read(tmp_path)
    assert len(reading.table) == 3
    [error] = reading.errors
    assert error.source == "a.csv"
    assert "a.csv" in error.message
    remedies = ("Téléchargez", "téléchargez", "Copiez", "--roster")
    assert any(remedy in error.message for remedy in remedies)


def test_a_cell_filled_far_away_is_refused_instead_of_filling_the_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in cells("L3", PUPILS):
        book.active.append(row)
    book.active["XFD1048576"] = "x"
    book.save(tmp_path / "a.xlsx")
    [error] = read(tmp_path / "a.xlsx").errors
    assert "très loin" in error.message


def test_a_cell_far_away_that_is_only_coloured_changes_nothing(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "20260615_resultats_3E+.xlsx", typed_rows("L3", PUPILS))
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"].number_format = "@"
    book.save(path)
    assert_read_exactly(read(path))


def test_a_cell_repeated_without_end_is_refused_in_a_libreoffice_sheet(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            '<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
            'office:value-type="string" table:number-columns-repeated="16384"/></table:table-row>',
        )
    [error] = read(tmp_path / "a.ods").errors
    assert "très loin" in error.message


def test_a_total_under_the_table_is_one_error_and_not_five(tmp_path: Path) -> None:
    names, *rows = cells("L3", PUPILS)
    lines = [names, *rows, ["Total : 3"] + [""] * (len(names) - 1)]
    (tmp_path / NAME).write_text("\n".join(";".join(row) for row in lines), encoding="utf-8")
    reading = read(tmp_path / NAME)
    assert len(reading.table) == 3
    assert [(error.line, error.column) for error in reading.errors] == [(5, col.NUMERO)]


def test_a_workbook_with_a_password_says_so(tmp_path: Path) -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    (tmp_path / "a.xlsx").write_bytes(head + "EncryptedPackage".encode("utf-16-le"))
    [error] = read(tmp_path / "a.xlsx").errors
    assert "mot de passe" in error.message


def test_a_header_without_a_column_names_what_is_missing(tmp_path: Path) -> None:
    rows = cells("L3", PUPILS)
    at = rows[0].index("Nom")
    text = "\n".join(";".join(v for i, v in enumerate(row) if i != at) for row in rows)
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    [error] = read(tmp_path / NAME).errors
    assert "Nom" in error.message
    assert error.line == 1


def test_two_columns_that_say_the_same_are_refused(tmp_path: Path) -> None:
    rows = [[*row, row[1]] for row in cells("L3", PUPILS)]
    (tmp_path / NAME).write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    [error] = read(tmp_path / NAME).errors
    assert "Supprimez celle qui est de trop" in error.message


def test_a_cut_line_is_told_as_a_cut_file(tmp_path: Path) -> None:
    text = export_csv("L3", PUPILS)
    (tmp_path / NAME).write_text(text[:-60], encoding="utf-8")
    reading = read(tmp_path / NAME)
    assert len(reading.table) == 2
    assert "coupé" in reading.errors[0].message
    assert reading.errors[0].line == 4


@pytest.mark.parametrize("cut", range(1, 130))
def test_wherever_a_file_is_cut_no_pupil_is_lost_in_silence(cut: int, tmp_path: Path) -> None:
    data = export_csv("L3", PUPILS).encode()
    (tmp_path / NAME).write_bytes(data[:-cut])
    reading = read(tmp_path / NAME)
    lost = 3 - len(reading.table)
    # A line that lost only its closing quote and holds every value can't be told from a whole one.
    assert lost == 0 or reading.errors
    if lost == 0:
        assert_read_exactly(reading)


def test_an_accent_cut_in_two_is_told_instead_of_being_read_in_another_encoding(
    tmp_path: Path,
) -> None:
    data = export_csv("L3", PUPILS).encode()
    (tmp_path / NAME).write_bytes(data.replace("Lefèvre".encode(), b"Lef\xc3vre"))
    [error] = read(tmp_path / NAME).errors
    assert error.line == 2
    assert "coupé ou abîmé" in error.message


# --- properties ---

# Controls, the byte order mark and what XML has no place for.
DROPPED = {chr(code) for code in (*range(32), *range(127, 160), 0xFEFF, 0xFFFE, 0xFFFF)}
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40
)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(surname=TEXT)
@example(surname="=1+1")
@example(surname='"; \t"')
@example(surname="@SUM(A1)")
def test_any_name_comes_out_as_it_went_in_whatever_it_holds(surname: str, tmp_path: Path) -> None:
    write_export(tmp_path / NAME, "L3", [certification(nom=surname), certification(numero="9")])
    reading = read(tmp_path / NAME)
    assert "9" in set(reading.table[col.NUMERO])
    if len(reading.table) == 2 and not reading.warnings:
        read_name = reading.table[col.NOM][0]
        visible = "".join(c for c in surname if not c.isspace() and c not in DROPPED)
        assert unicodedata.normalize("NFC", visible) == unicodedata.normalize(
            "NFC", "".join(read_name.split())
        )
    else:
        assert reading.errors or reading.warnings


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=400), prefix=st.sampled_from(["", "PK\x03\x04", "\xff\xfe", "pix"]))
def test_arbitrary_bytes_give_our_errors_and_no_others(
    data: bytes, prefix: str, tmp_path: Path
) -> None:
    head = export_csv("L3", PUPILS).encode() if prefix == "pix" else prefix.encode("latin-1")
    (tmp_path / NAME).write_bytes(head + data)
    reading = read(tmp_path / NAME)
    assert len(reading.table) or reading.errors


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.integers(0, 6000), byte=st.integers(0, 255))
def test_a_damaged_workbook_gives_our_errors_and_no_others(
    at: int, byte: int, tmp_path: Path
) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", typed_rows("L3", PUPILS))
    data = bytearray(path.read_bytes())
    data[at % len(data)] = byte
    path.write_bytes(data)
    reading = read(path)
    assert len(reading.table) or reading.errors
