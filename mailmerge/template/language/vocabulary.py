"""The names a template may use, however they are written.

A name is understood as people and Word write it: any case, with or without accents, spaces or
punctuation; Word's merge fields put ``_`` or ``#`` for a character, ``M_`` before a digit, and drop
accented letters (``Pr_nom``) (facts, section 5).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Protocol

from mailmerge.text import fold, strip_accents

# Word cuts a merge field's name here.
_WORD_NAME_LENGTH: Final = 40


class Names(Protocol):
    """What fields and tags ask about a name that someone wrote."""

    def resolve(self, written: str) -> str | None:
        """The right tag for ``written``, or None."""

    def nearest(self, written: str) -> str | None:
        """The right tag that looks most like ``written``, for a message."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: its name, what it prints (French) and an example."""

    name: str
    meaning: str
    example: str = ""


class Vocabulary:
    """Every name that can be written, and the tag each one means.

    Args:
        tags: the tags there are.
        columns: column header → tag, for the headers that Word's merge fields are named after.
            A tag that ``tags`` does not have is a tag all the same.
    """

    def __init__(self, tags: Sequence[Tag], columns: Mapping[str, str]) -> None:
        spellings = [(tag.name, tag.name) for tag in tags] + list(columns.items())
        self.names: frozenset[str] = frozenset(tag for _, tag in spellings)
        self._columns = dict(columns)
        self._patterns = [(_pattern(spelling), tag) for spelling, tag in dict.fromkeys(spellings)]
        self._folded = {fold(spelling, ""): tag for spelling, tag in reversed(spellings)}

    def resolve(self, written: str) -> str | None:
        """The tag that ``written`` means; None when no name fits or several do."""
        written = unicodedata.normalize("NFC", written.strip())
        if written in self.names:
            return written
        if written in self._columns:
            return self._columns[written]
        plain = strip_accents(written)
        tags = {tag for pattern, tag in self._patterns if pattern.fullmatch(plain)}
        if not tags and len(written) >= _WORD_NAME_LENGTH:
            start = fold(written, "")
            tags = {tag for spelling, tag in self._folded.items() if spelling.startswith(start)}
        return tags.pop() if len(tags) == 1 else None

    def nearest(self, written: str) -> str | None:
        """The tag whose name, or whose column's, looks most like ``written``."""
        close = get_close_matches(fold(written, "")[:80], self._folded, n=1, cutoff=0.6)
        return self._folded[close[0]] if close else None


def _pattern(spelling: str) -> re.Pattern[str]:
    """What people and Word may write for ``spelling``, compared without accents or case."""
    parts: list[str] = []
    for char in unicodedata.normalize("NFC", spelling):
        plain = fold(char, "")
        if not plain:
            part = r"[\W_]*"
        elif char.isascii():
            part = plain
        else:  # Word may have dropped it
            part = f"(?:{re.escape(plain)}|_{{1,2}})"
        if part != r"[\W_]*" or parts[-1:] != [part]:
            parts.append(part)
    prefix = r"(?:m_?)?" if spelling[:1].isdigit() else ""
    return re.compile(rf"[\W_]*{prefix}{''.join(parts)}[\W_]*")
