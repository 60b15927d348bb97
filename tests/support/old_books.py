"""Old Excel files (.xls), record by record ([MS-XLS]) in their small file system ([MS-CFB])."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

_END, _TABLE, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_SECTOR = 512
_LONGEST = 8_224  # bytes of a record; the rest goes into records that continue it


def record(kind: int, content: bytes = b"") -> bytes:
    """One record, however long."""
    return struct.pack("<HH", kind, len(content)) + content


BOF_COMMON = record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0))
BOF_SHEET = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
EOF = record(0x0A)
DAYS_FROM_1904 = record(0x22, struct.pack("<H", 1))
LOCKED = record(0x2F, struct.pack("<HHH", 1, 1, 1) + bytes(48))


def number(row: int, column: int, value: float = 1.0) -> bytes:
    return record(0x203, struct.pack("<HHHd", row, column, 0, value))


def use(row: int, column: int, text: int) -> bytes:
    """A cell that has one of the shared texts."""
    return record(0xFD, struct.pack("<HHHI", row, column, 0, text))


def own_text(row: int, column: int, text: bytes, said: int | None = None) -> bytes:
    """A cell with a text of its own, which says to be ``said`` long."""
    length = len(text) if said is None else said
    return record(0x204, struct.pack("<HHHHB", row, column, 0, length, 0) + text)


def formula(row: int, column: int, code: bytes) -> bytes:
    return record(6, struct.pack("<HHHdHIH", row, column, 0, 1.0, 0, 0, len(code)) + code)


def dimensions(rows: tuple[int, int], columns: tuple[int, int]) -> bytes:
    return record(0x200, struct.pack("<IIHHH", *rows, *columns, 0))


def shared(texts: Sequence[str], *, count: int | None = None, longest: int = _LONGEST) -> bytes:
    """The texts that cells share, every second one with formats and phonetic signs beside it.

    ``longest``: bytes of a record; ``count``: how many texts it says there are.
    """
    said = len(texts) if count is None else count
    records = [struct.pack("<II", said, said)]
    for rank, text in enumerate(texts):
        _write(text, b"fmt!" * 2 + b"phonetic " * 3 if rank % 2 else b"", records, longest)
    return record(0xFC, records[0]) + b"".join(record(0x3C, more) for more in records[1:])


def _write(text: str, beside: bytes, records: list[bytes], longest: int) -> None:
    wide = any(char > "\xff" for char in text)
    head = struct.pack("<HB", len(text), wide | (0x0C if beside else 0))
    head += struct.pack("<HI", 2, 27) if beside else b""
    if len(records[-1]) + len(head) + 1 > longest:
        records.append(b"")
    records[-1] += head
    for at, char in enumerate(text):
        if len(records[-1]) + 2 > longest:  # the next record says anew how wide characters are
            wide = any(char > "\xff" for char in text[at:]) or not wide
            records.append(bytes([wide]))
        records[-1] += char.encode("utf-16-le" if wide else "latin-1")
    while beside:
        room = longest - len(records[-1])
        records[-1] += beside[:room]
        beside = beside[room:]
        if beside:
            records.append(b"")


def book(*sheets: Iterable[bytes], common: bytes = b"", entries: int = 1) -> bytes:
    """The stream of a workbook; ``entries``: how often each sheet is named."""
    bodies = [BOF_SHEET + b"".join(sheet) + EOF for sheet in sheets]
    names = [f"f{rank}".encode() for rank in range(len(bodies) * entries)]
    at = len(BOF_COMMON) + len(common) + sum(12 + len(name) for name in names) + len(EOF)
    listed = b""
    for rank, body in enumerate(bodies):
        for name in names[rank * entries : (rank + 1) * entries]:
            listed += record(0x85, struct.pack("<IHBB", at, 0, len(name), 0) + name)
        at += len(body)
    return BOF_COMMON + common + listed + EOF + b"".join(bodies)


def table_book(
    rows: Sequence[Sequence[object]], *, common: bytes = b"", longest: int = 99
) -> bytes:
    """A workbook of these rows: its texts are shared, its numbers are plain."""
    texts = sorted({cell for row in rows for cell in row if isinstance(cell, str)})
    places = {text: rank for rank, text in enumerate(texts)}
    cells = [
        use(y, x, places[cell]) if isinstance(cell, str) else number(y, x, float(str(cell)))
        for y, row in enumerate(rows)
        for x, cell in enumerate(row)
        if cell is not None
    ]
    return book(cells, common=common + shared(texts, longest=longest))


def old_file(**streams: bytes) -> bytes:
    """The file of these streams by name, of at most 7 MB."""
    padded = {
        name: stream.ljust(max(4608, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
        for name, stream in streams.items()
    }
    sectors = 1 + sum(len(stream) // _SECTOR for stream in padded.values())
    tables = 1
    while tables * 128 < tables + sectors:
        tables += 1
    assert tables <= 109
    table = [_TABLE] * tables + [_END]
    directory = _entry("Root Entry", 5, _END, 0, 1)
    for name, stream in padded.items():
        first = len(table)
        table += [*range(first + 1, first + len(stream) // _SECTOR), _END]
        directory += _entry(name, 2, first, len(stream))
    table += [_FREE] * (tables * 128 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, tables, tables, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    linked = struct.pack(f"<{len(table)}I", *table)
    return header + linked + directory.ljust(_SECTOR, b"\0") + b"".join(padded.values())


def endless(file: bytes) -> bytes:
    """The file, whose directory leads back to itself."""
    (tables,) = struct.unpack_from("<I", file, 44)
    at = _SECTOR + 4 * tables
    return file[:at] + struct.pack("<I", tables) + file[at + 4 :]


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE) -> bytes:
    written = f"{name}\0".encode("utf-16-le")
    entry = written.ljust(64, b"\0") + struct.pack("<HBB", len(written), kind, 1)
    entry += struct.pack("<III", _FREE, _FREE, child) + bytes(36)
    return entry + struct.pack("<IQ", start, size)
