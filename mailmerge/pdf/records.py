"""What is expected, found and said of PDFs, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Expected:
    """What one pupil's pages must carry.

    Attributes:
        bookmark: the name of the destination on the pupil's first page.
        name: the pupil's name as messages say it.
        texts: what must be found: the name as printed, the certification number.
        numero: the certification number, which no other pupil's page may carry; "" for none.
    """

    bookmark: str
    name: str
    texts: tuple[str, ...]
    numero: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """The pages of each pupil, in the order asked.

    Attributes:
        ranges: page indexes, from 0.
        unprintable: the ranks (from 0) of the pupils whose pages are right by bookmark and number
            but lack the picture of a character: no font of this machine has it. They must not be
            delivered; the others are sound.
    """

    ranges: tuple[range, ...]
    unprintable: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Meta:
    """What the files say of themselves: who made them (the school), and when (with time zone).

    ``pdfa``: the source is tagged PDF/A-2b, and so shall be what is cut out of it.
    """

    author: str
    created: datetime
    pdfa: bool = False
