"""« Résultats Pix.xlsx »: one clean sheet that people edit and that Word's own mail merge can use.

Everything but the two dates is text: Word guesses a column's type from its first rows and drops
what does not fit, so a column that mixes ``-`` and numbers must be text throughout.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from mailmerge import columns as col
from mailmerge.errors import InputError
from mailmerge.referential import COMPETENCE_CODES
from mailmerge.results.reading import read_file
from mailmerge.results.table import PRIVATE, sort_table
from mailmerge.results.wording import fr

SHEET = "Résultats"
_WIDTHS = {
    col.NUMERO: 14.0,
    col.PRENOM: 18.0,
    col.NOM: 24.0,
    col.DATE_NAISSANCE: 13.0,
    col.LIEU_NAISSANCE: 22.0,
    col.IDENTIFIANT: 18.0,
    col.STATUT: 14.0,
    col.PIX: 10.0,
    col.COMMENTAIRE: 30.0,
    col.SESSION: 11.0,
    col.DATE_PASSAGE: 14.0,
    col.TYPE: 14.0,
    col.NIVEAU: 15.0,
    col.CENTRE: 26.0,
    col.CLASSE: 10.0,
} | dict.fromkeys(COMPETENCE_CODES, 6.0)
_EXTRA_WIDTH = 20.0
_CENTRED = frozenset({*COMPETENCE_CODES, col.PIX})
_HEADER_FILL, _HEADER_INK = "#1F3864", "#FFFFFF"
_STEADY = dt.datetime(2026, 1, 1)  # so that the same table gives the same bytes
# Beyond this, rows go to the disk as they come: less memory, no list of shared texts.
_MANY_ROWS = 20_000


def write_workbook(table: pd.DataFrame, path: Path) -> None:
    """Write the table, sorted by class and name, to ``path``; the same table gives the same bytes.

    No value is ever a formula, whatever it begins with. Where and when the file is put in place
    is the caller's business.

    Raises:
        OSError: ``path`` can't be written.
    """
    names = [name for name in table.columns if name not in PRIVATE]
    ordered = sort_table(table)
    options = {"constant_memory": len(ordered) > _MANY_ROWS}
    try:
        with xlsxwriter.Workbook(str(path), options) as workbook:
            workbook.set_properties(
                {"title": "Résultats Pix", "author": "pix-mailmerge", "created": _STEADY}
            )
            sheet = workbook.add_worksheet(SHEET)
            formats = _lay_out(workbook, sheet, names, len(ordered))
            rows = zip(*(ordered[name].tolist() for name in names), strict=True)
            for line, values in enumerate(rows, 1):
                for place, value in enumerate(values):
                    _put(sheet, line, place, value, formats[place])
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error


def _lay_out(workbook: Any, sheet: Any, names: list[str], rows: int) -> list[Any]:
    """Header, widths, filter and printing; the format of each column, also for rows to come."""
    text = {"num_format": "@"}
    plain = workbook.add_format(text)
    centred = workbook.add_format({**text, "align": "center"})
    day = workbook.add_format({"num_format": "dd/mm/yyyy", "align": "center"})
    title = workbook.add_format(
        {
            **text,
            "bold": True,
            "font_color": _HEADER_INK,
            "bg_color": _HEADER_FILL,
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
        }
    )
    formats = [
        day if name in col.DATE_COLUMNS else centred if name in _CENTRED else plain
        for name in names
    ]
    for place, (name, style) in enumerate(zip(names, formats, strict=True)):
        sheet.set_column(place, place, _WIDTHS.get(name, _EXTRA_WIDTH), style)
    sheet.set_row(0, 45)
    for place, name in enumerate(names):
        sheet.write_string(0, place, name, title)
    last = len(names) - 1
    sheet.autofilter(0, 0, rows, last)
    sheet.freeze_panes(1, names.index(col.NOM) + 1)
    # Levels are text on purpose: no green corner in every cell.
    sheet.ignore_errors({"number_stored_as_text": f"A1:{_last_cell(last)}"})
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    return formats


def _last_cell(last_column: int) -> str:
    return f"{xlsxwriter.utility.xl_col_to_name(last_column)}1048576"


def _put(sheet: Any, line: int, place: int, value: Any, style: Any) -> None:
    # The writers are told the type: nothing is guessed, « =… » stays text.
    if value in ("", None):
        sheet.write_blank(line, place, None, style)
    elif isinstance(value, dt.date):
        sheet.write_datetime(line, place, value, style)
    elif sheet.write_string(line, place, value, style) < 0:
        raise ValueError(f"a text too long for a cell, row {line + 1}")


def read_workbook(path: Path) -> pd.DataFrame:
    """Read « Résultats Pix.xlsx » back, with whatever people did to it.

    Columns may have moved or been added, dates typed as text, rows added or deleted.

    Raises:
        InputError: the first thing that can't be read, with its row and column; nothing of the
            workbook is used then, so that nothing of it can be lost.
    """
    reading = read_file(path, entities=False)
    if not reading.errors:
        return reading.table
    first = reading.errors[0]
    more = len(reading.errors) - 1
    message = first.message
    if more:
        message += fr(
            " ({count} {what} dans ce classeur.)",
            count=more,
            what="autre problème" if more == 1 else "autres problèmes",
        )
    raise InputError(message, source=first.source, line=first.line, column=first.column)
