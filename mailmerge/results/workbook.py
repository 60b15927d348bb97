"""« Résultats Pix.xlsx »: one clean sheet that people edit and that Word's own mail merge can use.

Everything but the two dates is text: Word guesses a column's type from its first rows and drops
what does not fit, so a column that mixes ``-`` and numbers must be text throughout.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

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
_HEADER_FILL, _HEADER_INK = "1F3864", "FFFFFF"
# What a spreadsheet would read as an escaped character: its own underscore is escaped.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# openpyxl has no word for it: numbers are text on purpose, no green corner in every cell.
_NO_CORNERS = (
    b'<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/></ignoredErrors>'
)
_END = b"</worksheet>"


def write_workbook(
    table: pd.DataFrame, path: Path, synthesis: Sequence[Sequence[str]] = ()
) -> None:
    """Write the table, sorted by class and name, to ``path``; then ``synthesis`` as a second sheet.

    The table's sheet stays the first, where Word's mail merge looks; the second is never read.

    No value is ever a formula, whatever it begins with. Where and when the file is put in place
    is the caller's business.

    Raises:
        OSError: ``path`` can't be written.
    """
    names = [name for name in table.columns if name not in PRIVATE]
    ordered = sort_table(table)
    workbook = Workbook(write_only=True)
    workbook.properties.creator = "pix-mailmerge"
    workbook.properties.title = "Résultats Pix"
    sheet = workbook.create_sheet(SHEET)
    _lay_out(sheet, names, len(ordered))
    sheet.append([_header_cell(sheet, name) for name in names])
    cells = [_body_cell(sheet, name) for name in names]
    for values in zip(*(ordered[name].tolist() for name in names), strict=True):
        for cell, value in zip(cells, values, strict=True):
            _put(cell, value)
        sheet.append(cells)
    if synthesis:
        _write_synthesis(workbook.create_sheet(col.SYNTHESIS_SHEET), synthesis)
    plain = path.with_suffix(".tmp")
    workbook.save(plain)
    _without_corners(plain, path)
    plain.unlink()


def _write_synthesis(sheet: Any, rows: Sequence[Sequence[str]]) -> None:
    """Rows of text; a number is written as one. Titles stand where the row before is empty."""
    for letter, width in zip("ABCDEFGHIJK", (22, 24, 22, 22, *[14] * 7), strict=True):
        sheet.column_dimensions[letter].width = width
    before: Sequence[str] = ()
    for row in rows:
        cells = []
        for place, value in enumerate(row):
            cell = WriteOnlyCell(sheet)
            if place and value.isdecimal():
                cell.value = int(value)
            else:
                _put(cell, value)
            if not before:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
        before = row


def _without_corners(source: Path, target: Path) -> None:
    """Copy the workbook, telling Excel that its text numbers are no mistakes."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            with old.open(member) as packed, new.open(member.filename, "w") as copy:
                if member.filename == "xl/worksheets/sheet1.xml":
                    _copy(packed, copy, member.file_size - len(_END))
                    copy.write(_NO_CORNERS)
                shutil.copyfileobj(packed, copy)


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    """The first ``size`` bytes, a piece at a time: a large sheet is larger than all else here."""
    while size > 0:
        piece = source.read(min(size, 2**20))
        target.write(piece)
        size -= len(piece)


def _lay_out(sheet: Any, names: list[str], rows: int) -> None:
    last = get_column_letter(len(names))
    sheet.freeze_panes = f"{get_column_letter(names.index(col.NOM) + 2)}2"
    sheet.auto_filter.ref = f"A1:{last}{rows + 1}"
    for place, name in enumerate(names, 1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(name, _EXTRA_WIDTH)
    sheet.row_dimensions[1].height = 45
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _header_cell(sheet: Any, name: str) -> Any:
    cell = WriteOnlyCell(sheet)
    _put(cell, name)
    cell.number_format = "@"
    cell.font = Font(bold=True, color=_HEADER_INK)
    cell.fill = PatternFill("solid", fgColor=_HEADER_FILL)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    return cell


def _body_cell(sheet: Any, name: str) -> Any:
    """One cell of a column, styled once and used again for every row."""
    cell = WriteOnlyCell(sheet)
    cell.number_format = "DD/MM/YYYY" if name in col.DATE_COLUMNS else "@"
    if name in _CENTRED:
        cell.alignment = Alignment(horizontal="center")
    return cell


def _put(cell: Any, value: Any) -> None:
    # openpyxl guesses a type, and takes a text that begins with « = » for a formula: set it right.
    if isinstance(value, str) and value:
        cell.value = _ESCAPE.sub("_x005F_", value)
        cell.data_type = "s"
    else:
        cell.value = value or None


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
