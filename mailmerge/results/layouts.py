"""A header row → the table's columns, by name; which of Pix's layouts it is.

Pix changed its columns in 2020, 2021, March 2026 and April 2026 (facts, section 1), and
spreadsheets turn the headers ``1.1`` … ``5.2`` into dates and numbers. Position never tells what
a column is.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mailmerge import columns as col
from mailmerge.referential import COMPETENCE_CODES, DOMAINES
from mailmerge.results.cells import text
from mailmerge.results.grids import Cell, Row
from mailmerge.results.wording import fr, listed, quoted
from mailmerge.text import fold

WORKBOOK = "classeur"  # the layout of « Résultats Pix.xlsx »
_SPELLINGS: dict[str, tuple[str, ...]] = {
    col.NUMERO: (
        "numéro de certification",
        "n° de certification",
        "numéro certification",
        "certification number",
    ),
    col.PRENOM: ("prénom", "first name"),
    col.NOM: ("nom", "last name"),
    col.DATE_NAISSANCE: ("date de naissance", "date of birth", "birth date"),
    col.LIEU_NAISSANCE: ("lieu de naissance", "place of birth", "birth place"),
    col.IDENTIFIANT: ("identifiant externe", "external user id", "external id"),
    col.STATUT: ("statut", "status"),
    col.PIX: (
        "nombre de pix",
        "number of pix",
        "score en pix",
        "score in pix",
        "pix score",
        "résultat",
        "résultats",
        "result",
        "results",
    ),
    col.COMMENTAIRE: (
        "commentaire jury pour l’organisation",
        "examining body’s comment for the organisation",
        "examining body’s comment for the organization",
    ),
    col.SESSION: ("session",),
    col.DATE_PASSAGE: (
        "date de passage de la certification",
        "date de passage",
        "date of pix certification exam",
    ),
    col.TYPE: ("type", "type de certification", "certification type", "type of certification"),
    col.NIVEAU: ("niveau", "niveau global", "level"),
    col.CENTRE: (
        "centre",
        "centre de certification",
        "certification centre",
        "certification center",
    ),
    col.CLASSE: ("classe", "division", "class"),
}
_COLUMN_OF = {fold(spelling): name for name, all_ in _SPELLINGS.items() for spelling in all_}
_REQUIRED = (col.NUMERO, col.PRENOM, col.NOM, col.DATE_NAISSANCE, col.DATE_PASSAGE)
_MONTHS = {
    word: month
    for month, words in enumerate(
        (
            "janv jan janvier january",
            "fevr fev feb fevrier february",
            "mars mar march",
            "avr apr avril april",
            "mai may",
        ),
        1,
    )
    for word in words.split()
}
_TITLES = {fold(f"{c.code} {c.nom}"): c.code for domaine in DOMAINES for c in domaine.competences}
_COMPLEMENTARY = "Certification "


class HeaderError(ValueError):
    """A header row that can't be used; the message says why and what to do, in French."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a header row says.

    Attributes:
        names: for each cell, the table's column, or None for a cell without a title.
        layout: Pix's layout, as the report shows it: ``"L3"``, ``"L1 session"``, ``"G1"`` …
        required: the place of the last column that a whole row can't do without.
    """

    names: tuple[str | None, ...]
    layout: str
    required: int


def header_score(row: Row) -> int:
    """How many of Pix's own columns a row names (the competences aside)."""
    return len({_COLUMN_OF[key] for key in _folded(row) if key in _COLUMN_OF})


def is_header(row: Row) -> bool:
    """Whether a row is a header of Pix results: the number's title and three more."""
    numbered = any(isinstance(cell, str) and _says_number(cell) for cell in row)
    return numbered and header_score(row) > 3


@lru_cache(maxsize=4096)
def _says_number(cell: str) -> bool:
    """Whether a cell is the title of the number; asked of every cell, so quick to say no."""
    return "ertification" in cell.casefold() and _COLUMN_OF.get(fold(cell)) == col.NUMERO


def _folded(row: Row) -> list[str]:
    return [fold(cell) if isinstance(cell, str) else "" for cell in row]


def read_header(row: Row) -> Header:
    """The columns that a header row names.

    Raises:
        HeaderError: a column is missing, stands there twice, or a competence can't be told.
    """
    names: list[str | None] = [_plain_name(cell) for cell in row]
    for place, code in _competences(row, names).items():
        names[place] = code
    _rename_repeated_extras(names)
    _refuse_twins(names)
    _require(names)
    layout = _layout(row, {name for name in names if name})
    needed = {*_REQUIRED, col.PIX, col.STATUT, *COMPETENCE_CODES}
    required = max(place for place, name in enumerate(names) if name in needed)
    return Header(tuple(names), layout, required)


def is_extra(name: str) -> bool:
    """Whether a column is neither Pix's nor ours: a complementary certification or a school's."""
    return name not in col.WORKBOOK_COLUMNS


def is_complementary(name: str) -> bool:
    """Whether a column is the result of a complementary certification (CléA, Pix+ …)."""
    return is_extra(name) and name.startswith(_COMPLEMENTARY)


def _plain_name(cell: Cell) -> str | None:
    title = text(cell)
    if not title:
        return None
    key = fold(title)
    if key in _COLUMN_OF:
        return _COLUMN_OF[key]
    if key.startswith("certification "):
        return _COMPLEMENTARY + title[len(_COMPLEMENTARY) :].strip()
    # Names that begin with an underscore are the table's own, private ones.
    return title.lstrip("_ ") or None


def _competences(row: Row, names: Sequence[str | None]) -> dict[int, str]:
    """Place → code for the cells that title a competence, told together."""
    certain: dict[int, str] = {}
    doubtful: dict[int, tuple[str, str]] = {}
    for place, cell in enumerate(row):
        if names[place] in col.WORKBOOK_COLUMNS and names[place] not in COMPETENCE_CODES:
            continue
        code = _code(cell)
        if code:
            certain[place] = code
        elif readings := _date_readings(cell):
            doubtful[place] = readings
    return certain | _told_dates(certain, doubtful)


def _code(cell: Cell) -> str | None:
    """The code that a cell says plainly: ``1.1``, ``1,1``, 1.1, « 1.1 Mener une recherche … »."""
    if not isinstance(cell, str | float):
        return None
    title = text(cell)
    if found := re.fullmatch(r"'?([1-5])[.,]([1-4])", title):
        code = f"{found[1]}.{found[2]}"
        return code if code in COMPETENCE_CODES else None
    return _TITLES.get(fold(title))


def _date_readings(cell: Cell) -> tuple[str, str] | None:
    """A date as « first.second » and « second.first », where either is a competence's code."""
    pair = _day_and_month(cell)
    if pair is None:
        return None
    readings = (f"{pair[0]}.{pair[1]}", f"{pair[1]}.{pair[0]}")
    return readings if set(readings) & set(COMPETENCE_CODES) else None


def _day_and_month(cell: Cell) -> tuple[int, int] | None:
    if isinstance(cell, dt.date):
        return cell.day, cell.month
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _of_serial(int(cell)) if float(cell).is_integer() else None
    if not isinstance(cell, str):
        return None
    words = fold(cell).split()
    if len(words) == 1:
        return _of_serial(int(words[0])) if re.fullmatch(r"\d{5}", words[0]) else None
    numbers = [int(w) if re.fullmatch(r"\d{1,4}", w) else _MONTHS.get(w, 0) for w in words]
    if len(numbers) >= 3 and numbers[0] > 1900:
        numbers = [numbers[2], numbers[1]]
    elif len(words) not in (2, 3) or not numbers[0] or not numbers[1]:
        return None
    if words[0] in _MONTHS:
        numbers = [numbers[1], numbers[0]]
    return numbers[0], numbers[1]


def _of_serial(number: int) -> tuple[int, int] | None:
    if not 36_526 <= number <= 73_050:  # 2000 … 2099, as Excel counts days
        return None
    day = dt.date(1899, 12, 30) + dt.timedelta(days=number)
    return day.day, day.month


def _told_dates(certain: dict[int, str], doubtful: dict[int, tuple[str, str]]) -> dict[int, str]:
    """Which competence each date in a header stands for, all read in the same way.

    « 2 janvier » was 2.1 where dates are day first and 1.2 where they are month first. A way of
    reading is possible if it gives sixteen different competences; when both are, the one
    that puts them in Pix's order is right; else nothing is guessed.
    """
    if not doubtful or len(set(certain.values())) == len(COMPETENCE_CODES):
        return {}
    possible = []
    for way in (0, 1):
        told = {place: readings[way] for place, readings in doubtful.items()}
        told = {place: code for place, code in told.items() if code in COMPETENCE_CODES}
        codes = list((certain | told).values())
        if sorted(codes) == sorted(COMPETENCE_CODES) and told not in possible:
            possible.append(told)
    if len(possible) > 1:
        possible = [told for told in possible if _in_order(certain | told)]
    if len(possible) == 1:
        return possible[0]
    raise HeaderError(
        fr(
            "le tableur a changé les titres des compétences en dates, et rien ne dit à coup sûr "
            "laquelle est laquelle. Réécrivez ces titres (1.1, 1.2 … 5.2), ou repartez "
            "du fichier téléchargé depuis Pix Orga"
        )
    )


def _in_order(codes: dict[int, str]) -> bool:
    placed = [codes[place] for place in sorted(codes)]
    return placed == sorted(placed)


def _rename_repeated_extras(names: list[str | None]) -> None:
    """Tell two columns of a school with the same title apart: « Remarque », « Remarque (2) »."""
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name is None or not is_extra(name):
            continue
        rank, unique = 1, name
        while fold(unique) in seen:
            rank += 1
            unique = f"{name} ({rank})"
        seen.add(fold(unique))
        names[place] = unique


def _refuse_twins(names: Iterable[str | None]) -> None:
    known = [name for name in names if name and not is_extra(name)]
    twins = sorted({name for name in known if known.count(name) > 1})
    if twins:
        raise HeaderError(
            fr(
                "deux colonnes disent la même chose : {names}. Supprimez celle qui est de trop",
                names=listed(twins),
            )
        )


def _require(names: Iterable[str | None]) -> None:
    """Refuse a header without what every certification needs.

    A session without any Pix or CléA certification has neither score nor levels: that is whole too.
    """
    present = {name for name in names if name}
    required = list(_REQUIRED)
    results = (col.PIX, *COMPETENCE_CODES)
    if any(name in present for name in results) or not any(map(is_complementary, present)):
        required += results
    missing = [name for name in required if name not in present]
    if missing:
        shown = listed(missing if len(missing) <= 6 else [*missing[:5], "…"])
        many = len(missing) > 1
        raise HeaderError(
            fr(
                "il manque {which} {names}. Téléchargez de nouveau le fichier depuis Pix Orga, "
                "sans enlever ni renommer de colonne",
                which="les colonnes" if many else "la colonne",
                names=shown,
            )
        )


def _layout(row: Row, names: set[str]) -> str:
    """The name of the layout; for people and reports, never to find a column."""
    keys = set(_folded(row))
    suffix = " anglais" if "certification number" in keys else ""
    if {fold(name) for name in (col.TYPE, col.PIX, col.CENTRE, col.CLASSE)} <= keys:
        return WORKBOOK
    if col.TYPE in names:
        layout = "L3" if col.NIVEAU in names else "L2"
    elif col.COMMENTAIRE in names:
        layout = "L1"
    elif col.STATUT in names:
        return "G2" + suffix
    else:
        return ("G1b" if any(map(is_complementary, names)) else "G1") + suffix
    return layout + (" session" if col.CENTRE in names else "") + suffix


def titles(row: Row) -> str:
    """A row's titles, shortened, for a message."""
    filled = [title for title in map(text, row) if title]
    return quoted(" ; ".join(filled))
