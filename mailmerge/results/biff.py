"""Old Excel files (.xls): what their records would unfold to, and from when they count days.

A workbook is one stream of records of a kind, a length and that many bytes (source: [MS-XLS]
2.1.4): first what is common to its sheets, then sheet after sheet. The reader makes room for all
that a record announces, and a room too large for the memory ends the whole program: so whatever
it would believe is looked at before.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mailmerge.results.compound import UnsoundError
from mailmerge.results.extents import Extent, TooLargeError

_BOF, _EOF, _CONTINUE = 0x0809, 0x000A, 0x003C
_LOCKED, _DATE_MODE, _SHEET, _SHARED = 0x002F, 0x0022, 0x0085, 0x00FC
_DIMENSIONS, _FORMULA, _FORMULA_TEXT, _SHARED_USE = 0x0200, 0x0006, 0x0207, 0x00FD
# Records that begin with row and column: numbers, texts, formulas, truth values.
_CELLS = frozenset({_FORMULA, 0x203, 0x204, 0x205, 0x27E, _SHARED_USE, 0xD6, 0xBD})
_SEVERAL = 0xBD  # from a first column to a last one, which ends the record
_TEXTS = frozenset({0x204, 0xD6})  # with a text of their own

_MOST_CELLS = 65_536 * 256  # of a sheet: the format has no more
_LONGEST_FORMULA = 1_800  # bytes ([MS-XLS] 2.5.198.104, cce)
_SPELT_OUT = 64  # a byte of a formula's code may stand for so much text: spaces, long names
_HELD = 2  # the reader keeps the sheets of an .xls, and gives away copies


class LockedError(Exception):
    """The workbook is protected by a password."""


@dataclass
class _Common:
    """What the records before the sheets say.

    Attributes:
        from_1904: days are counted from 1904.
        sheets: where each sheet begins.
        shared: the length of each text that cells may share.
    """

    from_1904: bool = False
    sheets: list[int] = field(default_factory=list)
    shared: list[int] = field(default_factory=list)


def check_book(stream: bytes) -> bool:
    """Refuse a workbook beyond all measure; tell whether it counts days from 1904.

    Raises:
        TooLargeError: too many cells or sheets, or too much text.
        UnsoundError: counts that lie, records that several sheets share, or no workbook at all.
        LockedError: a password is needed.
    """
    try:
        common = _common(stream)
        extent, left = Extent(sheets=len(common.sheets)), len(stream)
        for start in common.sheets:
            if extent.is_too_large():
                raise TooLargeError
            left -= _measure(stream, start, common.shared, extent)
            if left < 0:  # they share records, and are read as often as there are sheets
                raise UnsoundError
    except (struct.error, IndexError) as error:
        raise UnsoundError from error
    if extent.is_too_large():
        raise TooLargeError
    return common.from_1904


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place and length of the records from ``at`` to the end of the sheet.

    A chart in a sheet has its own beginning and end; some readers stop there, some go on.
    """
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, length
        at += 4 + length
        depth += (kind == _BOF) - (kind == _EOF)
        if kind == _EOF and depth <= 0:
            return


def _common(stream: bytes) -> _Common:
    common = _Common()
    for kind, at, length in _records(stream, 0):
        if kind == _LOCKED:
            raise LockedError
        if kind == _DATE_MODE:
            common.from_1904 = struct.unpack_from("<H", stream, at) == (1,)
        elif kind == _SHEET:
            common.sheets += struct.unpack_from("<I", stream, at)
        elif kind == _SHARED:
            if common.shared:  # which of them cells mean would be a matter of taste
                raise UnsoundError
            common.shared = _Texts(stream, at, length).lengths()
    return common


def _measure(stream: bytes, start: int, shared: Sequence[int], extent: Extent) -> int:
    """Add what a sheet unfolds to; returns how many bytes its records are."""
    rows = columns = at = length = 0
    for kind, at, length in _records(stream, start):
        if kind in _CELLS:
            row, column = struct.unpack_from("<HH", stream, at)
            if kind == _SEVERAL:
                (column,) = struct.unpack_from("<H", stream, at + length - 2)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        if kind in _HAVE_TEXT:
            extent.text += _HELD * _text(stream, kind, at, shared)
        elif kind == _DIMENSIONS:
            _check_dimensions(stream, at, length)
    extent.cells += _HELD * rows * columns
    return max(at + length - start, 0)


_HAVE_TEXT = _TEXTS | {_SHARED_USE, _FORMULA, _FORMULA_TEXT}


def _text(stream: bytes, kind: int, at: int, shared: Sequence[int]) -> int:
    """For how many characters a record makes the reader take room, whether or not they follow."""
    if kind == _SHARED_USE:
        (number,) = struct.unpack_from("<I", stream, at + 6)
        return shared[number] if number < len(shared) else 0
    if kind == _FORMULA:
        (code,) = struct.unpack_from("<H", stream, at + 20)
        if code > _LONGEST_FORMULA:
            raise UnsoundError
        return int(code) * _SPELT_OUT
    (said,) = struct.unpack_from("<H", stream, at if kind == _FORMULA_TEXT else at + 6)
    return int(said)


def _check_dimensions(stream: bytes, at: int, length: int) -> None:
    """The first and last rows and columns, each last one excluded; all 0 for an empty sheet."""
    layout = "<IIHH" if length >= 14 else "<HHHH"
    first_row, last_row, first, last = struct.unpack_from(layout, stream, at)
    if not last_row or not last:
        return
    rows, columns = last_row - first_row, last - first
    if rows < 0 or columns < 0 or rows * columns > _MOST_CELLS:
        raise UnsoundError


class _Texts:
    """The texts that cells share: a record, and those that continue it ([MS-XLS] 2.4.265)."""

    def __init__(self, stream: bytes, at: int, length: int) -> None:
        self._stream = stream
        self._at, self._end = at, at + length

    def lengths(self) -> list[int]:
        """How many characters each has, or says to have; their count may lie and is not read."""
        self._at += 8
        lengths = []
        while self._more():
            characters, flags = struct.unpack_from("<HB", self._stream, self._at)
            lengths.append(int(characters))
            self._at += 3
            beside = self._beside(flags)
            self._pass_characters(characters, flags)
            self._pass(beside)
        return lengths

    def _beside(self, flags: int) -> int:
        """How many bytes follow the characters: formats, phonetic signs ([MS-XLS] 2.5.293)."""
        size = 0
        if flags & 0x08:
            size += 4 * struct.unpack_from("<H", self._stream, self._at)[0]
            self._at += 2
        if flags & 0x04:
            size += struct.unpack_from("<I", self._stream, self._at)[0]
            self._at += 4
        return size

    def _pass_characters(self, left: int, flags: int) -> None:
        while True:
            width = 1 + (flags & 1)
            here = min(left, max(self._end - self._at, 0) // width)
            self._at += here * width
            left -= here
            if not left or not self._continues():
                return
            flags = self._stream[self._at]  # each record says anew how wide its characters are
            self._at += 1

    def _pass(self, left: int) -> None:
        while left > (here := max(self._end - self._at, 0)):
            left -= here
            if not self._continues():
                return
        self._at += left

    def _more(self) -> bool:
        while self._at >= self._end:
            if not self._continues():
                return False
        return True

    def _continues(self) -> bool:
        """Go on in the next record, if it is one that continues this one."""
        kind, length = struct.unpack_from("<HH", self._stream, self._end)
        if kind != _CONTINUE:
            self._at = self._end
            return False
        self._at = self._end + 4
        self._end = self._at + length
        return True
