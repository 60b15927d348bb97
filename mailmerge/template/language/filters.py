"""What a tag can do to its value: French dates, Word's pictures and case switches, Word's IF.

Jinja's own filters (``upper``, ``default`` …) stay available beside these. Values may be any
object: text, dates, levels; what prints is their text, and a date's is ``14/03/2011``.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date as Date  # noqa: N812 - « date » is the filter's name
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from mailmerge.template.language.pictures import format_date, format_number, parse_number
from mailmerge.text import strip_accents

DATE_PICTURE: Final = "dd/MM/yyyy"
_WRITTEN_DATES: Final = ("%d/%m/%Y", "%Y-%m-%d")
_WORD_START = re.compile(r"(^|[\s\-\u2010\u2011])(\w)")
_ORDERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def as_text(value: object) -> str:
    """``value`` as it prints: nothing for None, ``14/03/2011`` for a date."""
    if value is None:
        return ""
    # A class of its own that says how it prints (a level, a French date) has the last word.
    if isinstance(value, Date) and type(value).__str__ in (Date.__str__, datetime.__str__):
        return format_date(value, DATE_PICTURE)
    return str(value)


def date(value: object, picture: str = DATE_PICTURE) -> str:
    """A date as ``picture`` says, in French: ``{{ date_naissance|date("d MMMM yyyy") }}``.

    The first of a month is « 1er janvier », which French asks for (Word's ``\\@`` prints
    « 1 janvier »); merge fields go through this filter too. Text that is no date is left as it is.
    """
    if isinstance(value, Date):
        return format_date(value, picture)
    text = as_text(value)
    day = _parse_date(text.strip())
    return text if day is None else format_date(day, picture)


def _parse_date(text: str) -> Date | None:
    for form in _WRITTEN_DATES:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def majuscules(value: object) -> str:
    """All in capitals, accents kept: Word's ``\\* Upper``."""
    return as_text(value).upper()


def minuscules(value: object) -> str:
    """All in small letters: Word's ``\\* Lower``."""
    return as_text(value).lower()


def premiere_majuscule(value: object) -> str:
    """The first letter in capital, the others as they are: Word's ``\\* FirstCap``."""
    text = as_text(value)
    return text[:1].upper() + text[1:]


def capitales(value: object) -> str:
    """Each word's first letter in capital, the others as they are: Word's ``\\* Caps``."""
    return _WORD_START.sub(lambda m: m[1] + m[2].upper(), as_text(value))


def nombre(value: object, picture: str = "# ##0") -> str:
    """A number as ``picture`` says: ``{{ pix|nombre("# ##0") }}``. ``-`` and other text stay."""
    text = as_text(value)
    number = parse_number(text)
    return text if number is None else format_number(number, picture)


def avant(value: object, text: object) -> str:
    """``text`` then the value, or nothing when the value is empty: Word's ``\\b``."""
    shown = as_text(value)
    return as_text(text) + shown if shown else ""


def apres(value: object, text: object) -> str:
    """The value then ``text``, or nothing when the value is empty: Word's ``\\f``."""
    shown = as_text(value)
    return shown + as_text(text) if shown else ""


def comparer(left: object, comparison: str, right: object) -> bool:
    """Word's IF, and any comparison in a tag: numbers as numbers, dates as dates, else text.

    Text counts with its case. On the right of = and <>, ``*`` and ``?`` stand for any characters
    and any one character. ``-`` and an empty value are text, and come before every number.
    Sources: ECMA-376 part 1, 17.16.5.26; MS-OI29500 2.1.478 (these signs on the right only); Word's
    help: « the capitalization of text is significant ».
    """
    compare = _ORDERS[comparison]
    one, other = as_text(left).strip(), as_text(right).strip()
    for parse in (parse_number, _parse_date):
        pair = parse(one), parse(other)
        if None not in pair:
            return compare(*pair)
    if comparison in ("=", "<>") and ("*" in other or "?" in other):
        return fnmatchcase(one, other.replace("[", "[[]")) is (comparison == "=")
    if comparison in ("=", "<>"):
        return compare(one, other)
    return compare((strip_accents(one), one), (strip_accents(other), other))


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "date": date,
    "majuscules": majuscules,
    "minuscules": minuscules,
    "premiere_majuscule": premiere_majuscule,
    "capitales": capitales,
    "nombre": nombre,
    "avant": avant,
    "apres": apres,
    "comparer": comparer,
}
