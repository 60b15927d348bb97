"""Grids of cells, as a file gives them before anyone knows what they mean."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from typing import Any, TypeAlias

from mailmerge.errors import InputError
from mailmerge.results.wording import fr, quoted

Cell: TypeAlias = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
Row: TypeAlias = list[Cell]

DOWNLOAD_AGAIN = fr(
    "Téléchargez de nouveau les résultats de certification depuis Pix Orga "
    "(fichier .csv) et mettez-les à sa place."
)


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a CSV file or of one sheet.

    Attributes:
        source: the file's name, without its folder.
        sheet: the sheet's name; None for a CSV file.
        rows: the cells, row by row; rows may differ in length.
        lines: for each row, its line (CSV) or row (workbook) in the file, from 1.
        damage: where the file stops being readable, if it does; the rows before it are good.
        from_1904: a date that lost its format counts its days from 1904, as on old Macs.
        hidden: the spreadsheet program does not show the sheet.
    """

    source: str
    sheet: str | None
    rows: list[Row]
    lines: list[int]
    damage: InputError | None = None
    from_1904: bool = False
    hidden: bool = False


def shared(cell: Any) -> Any:
    """``cell``; a text is the same object wherever it is equal: few are different in a table."""
    return sys.intern(cell) if type(cell) is str else cell


def filled(row: Row) -> bool:
    """Whether any cell of a row holds something."""
    return any(
        cell is not None and not (isinstance(cell, str) and not cell.strip()) for cell in row
    )


def foreign(name: str, kind: str) -> InputError:
    """The error for a file that is something else: ``kind``, with its article, in French."""
    message = fr(
        "Le fichier « {name} » n'est pas un tableau de résultats : c'est {kind}. ",
        name=name,
        kind=kind,
    )
    return InputError(message + DOWNLOAD_AGAIN, source=name)


def place(grid: Grid, line: int | None = None, column: str | None = None) -> str:
    """Where in a file, in French, as messages say it."""
    parts = [fr("« {source} »", source=grid.source)]
    if grid.sheet is not None:
        parts.append(fr("feuille « {sheet} »", sheet=quoted(grid.sheet)))
    if line is not None:
        parts.append(f"ligne {line}")
    if column is not None:
        parts.append(fr("colonne « {column} »", column=quoted(column)))
    return ", ".join(parts)
