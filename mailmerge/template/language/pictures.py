"""Word's and Excel's pictures for dates (``dd/MM/yyyy``) and numbers (``# ##0,00``), in French.

Sources: ECMA-376 part 1, 17.16.4.1 (date pictures) and 17.16.4.2 (number pictures).
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS: Final = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
SHORT_MONTHS: Final = (
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
)
NARROW_SPACE: Final = "\u202f"
_SPACES: Final = " \u00a0\u202f\u2009"

_DATE_TOKEN = re.compile(r"'([^']*)'|d{1,4}|m{1,4}|y{1,4}", re.IGNORECASE)
# French Word and Excel show jj/MM/aaaa; only as whole words, so that « jour » stays a word.
_FRENCH_TOKEN = re.compile(r"(?<![^\W\d_])(?:j{1,4}|a{4}|a{2})(?![^\W\d_])", re.IGNORECASE)
_MONTH_NAME_NEXT = re.compile(rf"[{_SPACES}]+m{{3,4}}", re.IGNORECASE)
_NUMBER = re.compile(
    rf"[+-]?(?:\d{{1,3}}(?:[{_SPACES}]\d{{3}})+|\d{{1,30}})(?:[.,]\d{{1,30}})?", re.ASCII
)
_PLACES = re.compile(rf"[0#](?:[0#.,{_SPACES}]*[0#])?")
_QUOTES = re.compile(r"'([^']*)'")


def format_date(value: date, picture: str) -> str:
    """``value`` as ``picture`` says; « 1er » where a lone ``d`` stands before a month's name.

    Letters may be Word's (``d M y``) or French (``j m a``), in either case: a date has no minutes,
    so ``mm`` is the month too. Text between apostrophes is kept as it is.

    >>> format_date(date(2011, 3, 1), "dddd d MMMM yyyy")
    'mardi 1er mars 2011'
    """
    if "y" not in picture.casefold():
        picture = _FRENCH_TOKEN.sub(
            lambda m: ("d" if m[0][0] in "jJ" else "y") * len(m[0]), picture
        )

    def one(match: re.Match[str]) -> str:
        token = match[0]
        if token.startswith("'"):
            return match[1]
        if token.casefold() == "d" and value.day == 1:
            return "1er" if _MONTH_NAME_NEXT.match(picture, match.end()) else "1"
        return _date_token(value, token.casefold())

    return _DATE_TOKEN.sub(one, picture)


def _date_token(value: date, token: str) -> str:
    day, month = DAYS[value.weekday()], MONTHS[value.month - 1]
    forms = {
        "d": str(value.day),
        "dd": f"{value.day:02}",
        "ddd": f"{day[:3]}.",
        "dddd": day,
        "m": str(value.month),
        "mm": f"{value.month:02}",
        "mmm": SHORT_MONTHS[value.month - 1],
        "mmmm": month,
        "y": f"{value.year % 100:02}",
        "yy": f"{value.year % 100:02}",
    }
    return forms.get(token, f"{value.year:04}")


def parse_number(text: str) -> Decimal | None:
    """The number that ``text`` is, written the French or the English way; None when it is none.

    >>> parse_number("1 234,5"), parse_number("-")
    (Decimal('1234.5'), None)
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    return Decimal("".join(c for c in text if c not in _SPACES).replace(",", "."))


def format_number(value: Decimal, picture: str) -> str:
    """``value`` as ``picture`` says, with a decimal comma, thousands set apart by U+202F.

    Unlike Word, an unused ``#`` leaves no blank before the number.

    >>> format_number(Decimal("1234.5"), "# ##0,00")
    '1\\u202f234,50'
    """
    picture = picture.split(";")[0]
    places = _PLACES.search(picture)
    if places is None:
        return _QUOTES.sub(r"\1", picture)
    integers, decimals, grouped = _places(places[0])
    rounded = value.quantize(Decimal(1).scaleb(-len(decimals)), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    optional = len(decimals) - len(decimals.rstrip("#"))
    for _ in range(optional):
        fraction = fraction.removesuffix("0") if fraction.endswith("0") else fraction
    whole = whole.lstrip("0").rjust(integers.count("0"), "0")
    if grouped:
        whole = f"{int(whole or 0):,}".replace(",", NARROW_SPACE) if whole else ""
    sign = "-" if rounded < 0 else ""
    before, after = picture[: places.start()], picture[places.end() :]
    number = sign + whole + ("," + fraction if fraction else "")
    return _QUOTES.sub(r"\1", before) + number + _QUOTES.sub(r"\1", after)


def _places(core: str) -> tuple[str, str, bool]:
    """Integer places, decimal places, and whether thousands are set apart."""
    english = re.fullmatch(r"([0#,]*#,[0#]{3})(?:\.([0#]*))?", core)
    if english:
        return english[1].replace(",", ""), english[2] or "", True
    whole, _, decimals = (
        core.replace(".", ",").rpartition(",") if re.search("[.,]", core) else (core, "", "")
    )
    grouped = any(c in _SPACES or c in ".," for c in whole)
    return re.sub("[^0#]", "", whole), re.sub("[^0#]", "", decimals), grouped
