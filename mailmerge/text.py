"""Folding, the one way two spellings are compared; and the typography of French messages."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not decompose but that people type without.
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+", re.UNICODE)


_TYPOGRAPHY = (
    ("« ", "«\u202f"),
    (" »", "\u202f»"),
    (" ;", "\u202f;"),
    (" !", "\u202f!"),
    (" ?", "\u202f?"),
    (" :", "\u00a0:"),
)


def typeset(text: str) -> str:
    """``text`` with the unbreakable spaces of French, so that sources can be typed plainly."""
    for plain, french in _TYPOGRAPHY:
        text = text.replace(plain, french)
    return text


def strip_accents(text: str) -> str:
    """``text`` in lower case without accents or ligatures; punctuation and spaces stay."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def fold(text: str, joiner: str = " ") -> str:
    """``text`` as compared: no case, no accents, every run of punctuation or space one ``joiner``.

    >>> fold("  Prénom de l’Élève ")
    'prenom de l eleve'
    >>> fold("Date de naissance", "_")
    'date_de_naissance'
    """
    return _NOT_ALPHANUMERIC.sub(joiner, strip_accents(text)).strip(joiner)
