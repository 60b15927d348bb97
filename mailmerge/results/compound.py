"""Old Excel files (.xls): their chains end and their cells fit, found out before they are read.

An .xls is a small file system: sectors linked by a table (source: [MS-CFB]) that hold, in one
stream, records of at most 8 KB (source: [MS-XLS] 2.1.4). A chain that closes on itself and a lone
cell far away are read for ever, or until the memory is full.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_END = 0xFFFFFFFE
_LAST_SECTOR = 0xFFFFFFFA  # numbers from here on are marks
_CUTOFF = 4096  # shorter streams live in the « mini » stream, in pieces of 64 bytes
_MINI = 64
_STREAMS = ("Workbook", "Book")
_NEW_PART = frozenset({0x0809, 0x0009, 0x0209, 0x0409})  # BOF
# Records that begin with row and column: numbers, texts, formulas, truth values; and their rows.
_CELLS = frozenset({0x06, 0x203, 0x204, 0x205, 0x206, 0x27E, 0xFD, 0xD6, 0x03, 0x04, 0x05, 0x02})
_SEVERAL = frozenset({0xBD, 0xBE})  # from a first column to a last one, which ends the record


class UnsoundError(Exception):
    """It is no whole, sound file of this kind."""


def largest_grid(data: bytes) -> int:
    """How many cells the sheets of an .xls unfold to, all together.

    Raises:
        UnsoundError: a chain without end, a piece that is not there, or no workbook in it.
    """
    try:
        return sum(rows * columns for rows, columns in _grids(_File(data).workbook()))
    except (struct.error, IndexError, ValueError) as error:
        raise UnsoundError from error


def _grids(stream: bytes) -> Iterator[tuple[int, int]]:
    rows = columns = at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind in _NEW_PART:
            yield rows, columns
            rows = columns = 0
        elif kind in _CELLS or kind in _SEVERAL:
            row, column = struct.unpack_from("<HH", stream, at + 4)
            if kind in _SEVERAL:
                (column,) = struct.unpack_from("<H", stream, at + 2 + length)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        at += 4 + length
    yield rows, columns


class _File:
    """The sectors of a file and how they are linked."""

    def __init__(self, data: bytes) -> None:
        (shift,) = struct.unpack_from("<H", data, 30)
        if shift not in (9, 12):
            raise UnsoundError
        self._data, self._size = data, 1 << shift
        count, directory = struct.unpack_from("<II", data, 44)
        mini_table, more, more_count = struct.unpack_from("<I4xII", data, 60)
        tables = list(struct.unpack_from("<109I", data, 76))
        for number in self._linked(more, more_count):
            entries = struct.unpack(f"<{self._size // 4}I", self._sector(number))
            tables += entries[:-1]
        used = [number for number in tables if number < _LAST_SECTOR][: max(count, 1)]
        self._table = _numbers(b"".join(map(self._sector, used)))
        self._entries = self._chain(directory)
        self._mini_table = _numbers(self._chain(mini_table))

    def workbook(self) -> bytes:
        """The stream with the records."""
        _, start, size = self._entry(0)
        mini = self._chain(start)[:size]
        for at in range(1, len(self._entries) // 128):
            name, start, size = self._entry(at)
            if name in _STREAMS:
                if size >= _CUTOFF:
                    return self._chain(start)
                pieces = _walk(start, self._mini_table)
                return b"".join(mini[n * _MINI : (n + 1) * _MINI] for n in pieces)
        raise UnsoundError

    def _entry(self, rank: int) -> tuple[str, int, int]:
        entry = self._entries[rank * 128 : rank * 128 + 128]
        (length,) = struct.unpack_from("<H", entry, 64)
        name = entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        start, size = struct.unpack_from("<II", entry, 116)
        return name, start, size

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        sector = self._data[at : at + self._size]
        if not sector:
            raise UnsoundError
        return sector.ljust(self._size, b"\0")  # the last one may be cut

    def _chain(self, start: int) -> bytes:
        return b"".join(map(self._sector, _walk(start, self._table)))

    def _linked(self, start: int, count: int) -> Iterator[int]:
        """The sectors that list more of the table; each ends with the next one's number."""
        seen: set[int] = set()
        while start < _LAST_SECTOR and len(seen) < count:
            if start in seen:
                raise UnsoundError
            seen.add(start)
            yield start
            (start,) = struct.unpack_from("<I", self._sector(start), self._size - 4)
        if start < _LAST_SECTOR:
            raise UnsoundError


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _walk(start: int, table: tuple[int, ...]) -> Iterator[int]:
    """The numbers from ``start`` on, each naming the next; none may come twice."""
    seen: set[int] = set()
    while start < _LAST_SECTOR:
        if start in seen:
            raise UnsoundError
        seen.add(start)
        yield start
        start = table[start]
    if start != _END and seen:
        raise UnsoundError
