"""The files in an old Office file (.xls): its chains end, found out before they are followed.

Such a file is a small file system: sectors linked by a table (source: [MS-CFB]). A chain that
closes on itself is read for ever, or until the memory is full.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_END = 0xFFFFFFFE
_LAST_SECTOR = 0xFFFFFFFA  # numbers from here on are marks
_CUTOFF = 4096  # shorter streams live in the « mini » stream, in pieces of 64 bytes
_MINI = 64
_STREAMS = ("workbook", "book")  # Excel 97 and later; Excel 5 and 95


class UnsoundError(Exception):
    """It is no whole, sound file of this kind."""


def workbook_streams(data: bytes) -> list[bytes]:
    """The streams of an .xls that a reader may take for its workbook, the likeliest first.

    What follows the last record of each means nothing.

    Raises:
        UnsoundError: a chain without end, a piece that is not there, or no workbook in it.
    """
    try:
        streams = _File(data).streams()
    except (struct.error, IndexError, ValueError) as error:
        raise UnsoundError from error
    if not streams:
        raise UnsoundError
    return streams


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

    def streams(self) -> list[bytes]:
        """The streams with records; a file kept for Excel 95 and 97 has two."""
        _, start, size = self._entry(0)
        mini = self._chain(start)[:size]
        entries = map(self._entry, range(1, len(self._entries) // 128))
        found = [(name, start, size) for name, start, size in entries if name in _STREAMS]
        found.sort(key=lambda entry: _STREAMS.index(entry[0]))
        return [
            self._chain(start) if size >= _CUTOFF else self._mini_chain(start, mini)
            for _, start, size in found
        ]

    def _mini_chain(self, start: int, mini: bytes) -> bytes:
        pieces = _walk(start, self._mini_table)
        return b"".join(mini[n * _MINI : (n + 1) * _MINI] for n in pieces)

    def _entry(self, rank: int) -> tuple[str, int, int]:
        entry = self._entries[rank * 128 : rank * 128 + 128]
        name = entry[:64].decode("utf-16-le", "replace").partition("\0")[0]
        start, size, more = struct.unpack_from("<III", entry, 116)
        # The upper half of a size means something in large sectors only ([MS-CFB] 2.6.3).
        return name.lower(), start, size + (more << 32 if self._size > 512 else 0)

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
