"""What the codes of a PDF's fonts stand for, and which of them draw nothing.

A character for which no font has a picture is drawn as nothing by dxpdf and as an empty box by
LibreOffice, which still lets the text say the right character (``ActualText``). Both show in the
font: the glyph is its number 0, or a copy of it.
"""

from __future__ import annotations

import re
import struct
from itertools import pairwise

import pikepdf

NOT_DRAWN = "\ufdd0"  # a glyph without picture; Unicode keeps this code point for such uses
UNREADABLE = "\ufdd1"  # a drawn glyph that the file does not tie to a character (Arabic shapes)

_BFCHAR = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_BFRANGE = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(<[0-9A-Fa-f]*>|\[[^\]]*\])")
_HEX = re.compile(rb"<([0-9A-Fa-f]*)>")


class GlyphFont:
    """How a font's codes read as characters, with the two marks."""

    def __init__(self, font: pikepdf.Object) -> None:
        composite = font.get("/Subtype") == "/Type0"
        unicode_map = font.get("/ToUnicode")
        mapped = unicode_map if isinstance(unicode_map, pikepdf.Stream) else None
        characters = {} if mapped is None else _to_unicode(mapped.read_bytes())
        # A composite font's codes are glyph numbers in what engines write; 0 is the missing glyph.
        blank = frozenset({0}) if composite else _blank_codes(font, characters)
        # Without a map a simple font has Windows's letters, unless it says that its own are others.
        own = isinstance(font.get("/Encoding"), pikepdf.Dictionary)
        self._wide, self._told = composite, composite or mapped is not None or own
        self._characters = _Characters(
            {code: text.replace("\0", UNREADABLE) for code, text in characters.items()}
            | dict.fromkeys(blank, NOT_DRAWN)
        )

    def read(self, shown: bytes) -> str:
        """The characters that these codes draw; a code has two bytes, or one."""
        if not self._told:
            return shown.decode("cp1252", "replace")
        count = len(shown) // 2
        codes = struct.unpack(f">{count}H", shown[: 2 * count]) if self._wide else shown
        return "".join(map(self._characters.__getitem__, codes))


class _Characters(dict[int, str]):
    def __missing__(self, code: int) -> str:
        return UNREADABLE


def _to_unicode(cmap: bytes) -> dict[int, str]:
    characters: dict[int, str] = {}
    for block in _BFCHAR.findall(cmap):
        for code, text in _PAIR.findall(block):
            characters[int(code, 16)] = _text(text)
    for block in _BFRANGE.findall(cmap):
        for first, last, to in _RANGE.findall(block):
            start, count = int(first, 16), int(last, 16) - int(first, 16) + 1
            if to.startswith(b"["):
                texts = [_text(each) for each in _HEX.findall(to)]
            else:
                text = _text(to[1:-1])
                texts = [text[:-1] + chr(ord(text[-1]) + i) for i in range(min(count, 0x10000))]
            characters.update(zip(range(start, start + count), texts, strict=False))
    return characters


def _text(hexadecimal: bytes) -> str:
    return bytes.fromhex(hexadecimal.decode()).decode("utf-16-be", "replace")


def _blank_codes(font: pikepdf.Object, characters: dict[int, str]) -> frozenset[int]:
    """The codes of a simple TrueType font whose glyph is the missing one, or a copy of it."""
    descriptor = font.get("/FontDescriptor")
    program = None if descriptor is None else descriptor.get("/FontFile2")
    if program is None:
        return frozenset()
    try:
        glyphs, codes = _outlines(program.read_bytes())
    except (struct.error, IndexError, KeyError, ValueError):
        return frozenset()  # another kind of font program: nothing known, nothing claimed
    return frozenset(
        code
        for code, glyph in codes.items()
        if characters.get(code, "").strip()
        and (glyph == 0 or (glyph < len(glyphs) and glyphs[glyph] == glyphs[0]))
    )


def _outlines(program: bytes) -> tuple[list[bytes], dict[int, int]]:
    """The glyphs' outlines and, from the byte table (cmap format 0), the glyph of each code."""
    tables = {
        program[at : at + 4]: struct.unpack_from(">II", program, at + 8)
        for at in range(12, 12 + 16 * struct.unpack_from(">H", program, 4)[0], 16)
    }
    (long_offsets,) = struct.unpack_from(">h", program, tables[b"head"][0] + 50)
    start, length = tables[b"loca"]
    size, code, scale = (4, "I", 1) if long_offsets else (2, "H", 2)
    offsets = struct.unpack_from(f">{length // size}{code}", program, start)
    glyf = tables[b"glyf"][0]
    glyphs = [program[glyf + a * scale : glyf + b * scale] for a, b in pairwise(offsets)]
    cmap = tables[b"cmap"][0]
    for i in range(struct.unpack_from(">H", program, cmap + 2)[0]):
        table = cmap + struct.unpack_from(">I", program, cmap + 8 + 8 * i)[0]
        if struct.unpack_from(">H", program, table)[0] == 0:
            return glyphs, dict(enumerate(program[table + 6 : table + 262]))
    raise KeyError("cmap")
