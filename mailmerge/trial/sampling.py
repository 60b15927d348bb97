"""A few pupils in the place of all: the extreme ones of a table, or an invented one."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mailmerge import columns
from mailmerge.making.pressing import Sheet
from mailmerge.referential import COMPETENCE_CODES

_RARE_AT_MOST = 5
_LAST_USUAL_LETTER = "\u024f"  # the end of the extended Latin letters
_INVENTED = {
    columns.NUMERO: "0000000",
    columns.PRENOM: "Camille",
    columns.NOM: "EXEMPLE",
    columns.DATE_NAISSANCE: dt.date(2011, 3, 14),
    columns.LIEU_NAISSANCE: "Saint-Martin-des-Prés",
    columns.STATUT: "Validée",
    columns.PIX: "384",
    columns.SESSION: "00000",
    columns.DATE_PASSAGE: dt.date(2026, 5, 12),
    columns.TYPE: "Certification Pix",
    columns.NIVEAU: "Indépendant 2",
    columns.CLASSE: "3A",
}
_LEVELS = "33425341-5276418"


def invented_sheet() -> Sheet:
    """« Camille EXEMPLE », who is nobody, for a school without results yet."""
    row = dict.fromkeys(columns.WORKBOOK_COLUMNS, "") | _INVENTED
    return Sheet(row | dict(zip(COMPETENCE_CODES, _LEVELS, strict=True)), "EXEMPLE Camille.pdf")


def longest(sheets: Sequence[Sheet]) -> Sheet:
    """The pupil with the longest name."""
    return max(sheets, key=_name_length)


def most_levels(sheets: Sequence[Sheet]) -> Sheet:
    """The pupil who reached a level in most compétences, the highest ones among equals."""
    return max(sheets, key=_levels)


def extremes(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The pupils who put a page to the test, in the order of ``sheets``.

    The longest name, the longest value of every column, most and fewest levels, most empty values,
    and some whose names have rare letters.
    """
    if not sheets:
        return []
    measures: list[Callable[[Sheet], Any]] = [
        _name_length, _levels, lambda sheet: [-n for n in _levels(sheet)], _empty
    ]  # fmt: skip
    measures += [_length_of(header) for header in _text_columns(sheet.row for sheet in sheets)]
    chosen = {id(max(sheets, key=measure)) for measure in measures}
    rare = [id(sheet) for sheet in sheets if _rare(sheet.name)]
    chosen.update(rare[:_RARE_AT_MOST])
    return [sheet for sheet in sheets if id(sheet) in chosen]


def _name_length(sheet: Sheet) -> int:
    return len(sheet.name)


def _levels(sheet: Sheet) -> list[int]:
    values = [str(sheet.row.get(code, "-")) for code in COMPETENCE_CODES]
    reached = [int(value) for value in values if value.isdecimal() and value != "0"]
    return [len(reached), sum(reached)]


def _empty(sheet: Sheet) -> int:
    return sum(value in ("", None, "-") for value in sheet.row.values())


def _length_of(header: str) -> Callable[[Sheet], int]:
    return lambda sheet: len(str(sheet.row.get(header) or ""))


def _text_columns(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    first = next(iter(rows))
    skipped = (*COMPETENCE_CODES, *columns.DATE_COLUMNS, columns.NUMERO, columns.STATUT)
    return [header for header in first if header not in skipped]


def _rare(name: str) -> bool:
    return any(char > _LAST_USUAL_LETTER and unicodedata.category(char)[0] == "L" for char in name)
