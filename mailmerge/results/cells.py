"""What one cell says, as a value: text, identifiers, dates, levels, scores, statuses.

Each reader takes a cell as a file gave it and returns the table's value, or raises ``CellError``
with what is wrong and what to do, in French, without the file, line and column, which
the caller knows. No message quotes a birth date or an identifier.
"""

from __future__ import annotations

import datetime as dt
import html
import re
import unicodedata

from mailmerge.referential import MAX_LEVEL
from mailmerge.results.grids import Cell
from mailmerge.results.wording import fr, quoted
from mailmerge.text import fold

# 16 compétences × 8 Pix a level × the highest level there ever was (facts, section 1).
MAX_SCORE = 16 * 8 * MAX_LEVEL
MAX_TEXT = 32_767  # what a cell of a workbook holds

VALIDEE, REJETEE, NON_OBTENUE = "Validée", "Rejetée", "Non obtenue"
ANNULEE, EN_ERREUR, DEMARREE = "Annulée", "En erreur", "Démarrée"
WAITING = frozenset({DEMARREE, EN_ERREUR})  # a result is still to come
STATUTS = (VALIDEE, REJETEE, NON_OBTENUE, ANNULEE, EN_ERREUR, DEMARREE)

_STATUT_WORDS = {fold(word): word for word in STATUTS} | {
    "validated": VALIDEE,
    "rejected": REJETEE,
    "not obtained": NON_OBTENUE,
    "cancelled": ANNULEE,
    "canceled": ANNULEE,
    "in error": EN_ERREUR,
    "error": EN_ERREUR,
    "started": DEMARREE,
}
_COMPLEMENTARY_WORDS = _STATUT_WORDS | {"non passee": "Non passée", "not taken": "Non passée"}
_GLOBAL_LEVELS = {
    "beginner": "Novice",
    "novice": "Novice",
    "independent": "Indépendant",
    "independant": "Indépendant",
    "advanced": "Avancé",
    "avance": "Avancé",
    "expert": "Expert",
}

_ILLEGAL = re.compile(
    r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_DASHES = frozenset("-–—−‐‑")
_NUMBER = re.compile(r"(\d{1,6})(?:[.,]0+)?")
_EXPONENT = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_CERTIFICATION = re.compile(r"(?=.*\d)[0-9A-Za-z-]{1,40}")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})(?:[ T].*)?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
_SHORT_YEAR = re.compile(r"\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{2}")
_SPREADSHEET_ERRORS = frozenset(
    {"#NOM?", "#NAME?", "#REF!", "#N/A", "#VALEUR!", "#VALUE!", "#DIV/0!", "#NOMBRE!", "#NUM!"}
)
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_EPOCH_1904 = dt.date(1904, 1, 1)
_FIRST_DATE, _LAST_DATE = dt.date(1900, 1, 1), dt.date(2100, 12, 31)


class CellError(ValueError):
    """A cell that can't be read; the message says what is wrong and what to do, in French."""


def text(cell: Cell) -> str:
    """Any cell as clean text: NFC, one line, no character that XML refuses, no space around.

    Whole numbers lose the ``.0`` that spreadsheets add; dates read as DD/MM/YYYY.

    Raises:
        CellError: the spreadsheet lost the value, or it is longer than a cell may be.
    """
    if not isinstance(cell, str):
        return _unlabelled(cell)
    clean = cell
    if not (cell.isascii() and cell.isprintable()):
        clean = unicodedata.normalize("NFC", _ILLEGAL.sub("", cell))
    clean = " ".join(clean.split())
    if clean in _SPREADSHEET_ERRORS:
        raise CellError(
            fr(
                "la cellule contient « {value} » : le tableur a perdu la vraie valeur. Recopiez-la "
                "depuis Pix Orga",
                value=clean,
            )
        )
    if "\ufffd" in clean:
        raise CellError(
            fr("une lettre accentuée a été perdue et remplacée par « \ufffd ». Corrigez la cellule")
        )
    if len(clean) > MAX_TEXT:
        raise CellError(fr("le texte est trop long pour une cellule. Raccourcissez-le"))
    return clean


def _unlabelled(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "VRAI" if cell else "FAUX"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        seconds = "" if cell.time() == dt.time() else f" {cell:%H:%M:%S}"
        return _shown(cell.date()) + seconds
    if isinstance(cell, dt.date):
        return _shown(cell)
    return str(cell)


def _shown(day: dt.date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def has_entities(value: str) -> bool:
    """Whether ``value`` holds HTML codes such as ``&#39;`` (a known fault of some exports)."""
    return _ENTITY.search(value) is not None


def without_entities(value: str) -> str:
    """``value`` with its HTML codes turned into the letters they stand for."""
    for _ in range(3):  # some are encoded twice
        plain = text(_ENTITY.sub(lambda code: html.unescape(code[0]), value))
        if plain == value:
            break
        value = plain
    return value


def words(cell: Cell) -> str:
    """A text such as a place: the spreadsheet may have made it a day or an hour.

    Raises:
        CellError: it did, and what was written is lost.
    """
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        raise CellError(
            "le tableur a changé la cellule en date. Recopiez-la depuis le fichier téléchargé de "
            "Pix Orga"
        )
    return text(cell)


def name(cell: Cell) -> str:
    """A surname or a first name, which can't be empty."""
    value = words(cell)
    if not value:
        raise CellError("la cellule est vide. Complétez-la")
    return value


def certification_number(cell: Cell) -> str:
    """The number of a certification: digits, sometimes letters and hyphens."""
    value = re.sub(r"(?<=\d) (?=\d{3}(?:\D|$))", "", text(cell))
    whole = re.fullmatch(r"(\d+)[.,]0+", value)
    value = whole[1] if whole else value
    if not value:
        raise CellError("la cellule est vide. Complétez-la, ou supprimez la ligne")
    if _EXPONENT.fullmatch(value):
        raise CellError(
            "le tableur a arrondi le numéro. Repartez du fichier téléchargé depuis Pix Orga"
        )
    if not _CERTIFICATION.fullmatch(value):
        raise CellError("ce n’est pas un numéro de certification. Corrigez ou supprimez la ligne")
    return value


def date(cell: Cell, *, from_1904: bool = False) -> dt.date:
    """A day: a date cell, DD/MM/YYYY (Pix), ISO, or a date cell that lost its format.

    ``from_1904``: such a cell counts the days from 1904 (`Grid.from_1904`).

    Raises:
        CellError: empty, no such day, a year alone, or one of two digits, which is never completed.
    """
    if isinstance(cell, dt.datetime):
        return _plausible(cell.date())
    if isinstance(cell, dt.date):
        return _plausible(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _serial_date(cell, _EPOCH_1904 if from_1904 else _EXCEL_EPOCH)
    value = text(cell)
    if not value:
        raise CellError("la date est vide. Complétez-la, sous la forme JJ/MM/AAAA")
    if _SHORT_YEAR.fullmatch(value):
        raise CellError("l’année n’a que deux chiffres. Écrivez la date sous la forme JJ/MM/AAAA")
    if found := _DAY_FIRST.fullmatch(value):
        day, month, year = map(int, found.groups())
    elif found := _ISO.fullmatch(value):
        year, month, day = map(int, found.groups())
    else:
        raise CellError("la date n’est pas lisible. Écrivez-la sous la forme JJ/MM/AAAA")
    try:
        return _plausible(dt.date(year, month, day))
    except ValueError as error:
        if isinstance(error, CellError):
            raise
        raise CellError(
            "cette date n’existe pas. Écrivez-la sous la forme JJ/MM/AAAA, le jour d’abord"
        ) from error


def _serial_date(number: float, epoch: dt.date) -> dt.date:
    if _FIRST_DATE.year <= number <= _LAST_DATE.year:  # as days, they would be in 1905
        raise CellError("il n’y a que l’année. Écrivez la date sous la forme JJ/MM/AAAA")
    if not 1 <= number <= 80_000:
        raise CellError("la date n’est pas lisible. Écrivez-la sous la forme JJ/MM/AAAA")
    return _plausible(epoch + dt.timedelta(days=int(number)))


def _plausible(day: dt.date) -> dt.date:
    if not _FIRST_DATE <= day <= _LAST_DATE:
        raise CellError("l’année n’est pas possible. Corrigez la date (JJ/MM/AAAA)")
    return day


def month_first(cell: Cell) -> bool | None:
    """Whether a written date can only be month first (True) or day first (False); None: both."""
    found = _DAY_FIRST.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if found is None:
        return None
    first, second = int(found[1]), int(found[2])
    if first <= 12 < second <= 31:
        return True
    return False if second <= 12 < first <= 31 else None


def level(cell: Cell) -> str:
    """The level of a compétence: ``-``, ``0`` … ``8``, or empty. ``0`` and ``-`` stay apart."""
    value = text(cell)
    return _whole(value, value, MAX_LEVEL, "un niveau")


def score(cell: Cell) -> str:
    """The number of Pix: ``-``, ``0`` … ``1024``, also written ``266 pix``, or empty."""
    value = text(cell)
    bare = re.sub(r"\s*pix$", "", value, flags=re.IGNORECASE)
    return _whole(value, re.sub(r"^(\d) (\d{3})$", r"\1\2", bare), MAX_SCORE, "un nombre de Pix")


def _whole(value: str, bare: str, top: int, what: str) -> str:
    """``bare``, what ``value`` says without its ornaments: a number up to ``top``, a dash or ""."""
    if not value:
        return ""
    if value in _DASHES:
        return "-"
    found = _NUMBER.fullmatch(bare)
    if found and int(found[1]) <= top:
        return str(int(found[1]))
    raise CellError(
        fr(
            "« {value} » n'est pas {what} (de 0 à {top}, ou « - »). Corrigez la cellule",
            value=quoted(value),
            what=what,
            top=top,
        )
    )


def statut(cell: Cell) -> str:
    """The status in Pix's French word, whatever the language of the export; or empty."""
    value = text(cell)
    if not value:
        return ""
    word = _STATUT_WORDS.get(fold(value))
    if word is None:
        raise CellError(
            fr(
                "le statut « {value} » est inconnu. Les statuts de Pix sont : {words}. "
                "Corrigez la cellule",
                value=quoted(value),
                words=", ".join(STATUTS),
            )
        )
    return word


def statut_from_score(points: str) -> str:
    """The status in the exports of 2018–2020 (layout G1), which had no such column.

    Pix then printed ``-`` as the score of a certification that was cancelled or in error and ``0``
    as that of a rejected one (facts, section 1), so any other score was validated.
    """
    if points in ("", "-"):
        return ANNULEE if points else ""
    return VALIDEE if int(points) > 0 else REJETEE


def complementary(cell: Cell) -> str:
    """The result of a complementary certification, in Pix's French word where it is known."""
    value = text(cell)
    return _COMPLEMENTARY_WORDS.get(fold(value), value)


def global_level(cell: Cell) -> str:
    """The global level (« Novice 1 » …): Pix's French words; anything else as it stands."""
    value = text(cell)
    if value in _DASHES:
        return "-"
    word, _, rank = fold(value).partition(" ")
    if word in _GLOBAL_LEVELS and rank in ("1", "2"):
        return f"{_GLOBAL_LEVELS[word]} {rank}"
    return value


def identifier(cell: Cell) -> str:
    """The external identifier, as text: leading zeros stay, a spreadsheet's ``.0`` goes."""
    value = words(cell)
    if _EXPONENT.fullmatch(value):
        raise CellError(
            "le tableur a arrondi l’identifiant. Repartez du fichier téléchargé depuis Pix Orga, "
            "ou videz la cellule"
        )
    return value


def identity_key(identifier: str) -> str:
    """What two spellings of an identifier have in common: a spreadsheet loses leading zeros."""
    folded = identifier.casefold()
    return (folded.lstrip("0") or folded) if folded.isdecimal() else folded


def division(cell: Cell) -> str:
    """A class name, as text.

    Raises:
        CellError: a spreadsheet turned « 6-1 » into a date, and which class it was is unknown.
    """
    if isinstance(cell, dt.date):
        raise CellError(
            "le tableur a changé le nom de la classe en date. Écrivez-le précédé d’une apostrophe "
            "(par exemple '6-1)"
        )
    return text(cell)
