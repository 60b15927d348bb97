"""What a page really draws, glyph by glyph, as opposed to what its text claims.

A character for which no font has a picture is drawn as nothing by dxpdf and as an empty box by
LibreOffice, which still lets the text say the right character (``ActualText``). Both show in the
content stream: the glyph is the font's number 0, or a copy of it. It has no layout (a substitute
font's letters may come last), so it is asked only where a name is in doubt.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pikepdf

NOT_DRAWN = "\ufdd0"  # a glyph without picture; Unicode keeps this code point for such uses
UNREADABLE = "\ufdd1"  # a drawn glyph that the file does not tie to a character (Arabic shapes)

_OPERATORS = "Tf Tj TJ ' \" BDC BMC EMC Do"
_DEEPEST_FORM = 6
_BFCHAR = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_BFRANGE = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(<[0-9A-Fa-f]*>|\[[^\]]*\])")
_HEX = re.compile(rb"<([0-9A-Fa-f]*)>")


class DrawnText:
    """The drawn text of the pages of one document; its fonts are looked at once."""

    def __init__(self, document: pikepdf.Pdf) -> None:
        self._document = document
        self._fonts: dict[tuple[int, int], _Font] = {}

    def of_page(self, index: int) -> str:
        """Page ``index``'s characters in drawing order, with the two marks, without layout."""
        page = self._document.pages[index]
        return "".join(self._walk(page, page.get("/Resources"), 0))

    def _walk(
        self, stream: pikepdf.Page | pikepdf.Object, resources: pikepdf.Object | None, depth: int
    ) -> Iterator[str]:
        font: _Font | None = None
        marks: list[str | None] = []  # the ActualText of each open mark
        held: list[str] = []
        for instruction in pikepdf.parse_content_stream(stream, _OPERATORS):
            name, operands = str(instruction.operator), list(instruction.operands)
            if name == "Tf":
                font = self._font(resources, str(operands[0]))
            elif name in ("BDC", "BMC"):
                marks.append(_actual_text(operands))
            elif name == "EMC":
                actual = marks.pop() if marks else None
                if actual is not None:
                    drawn = "".join(held)
                    held.clear()
                    yield NOT_DRAWN if NOT_DRAWN in drawn else actual
            elif name == "Do":
                yield from self._form(resources, str(operands[0]), depth)
            elif font is not None:
                text = font.read(_shown(operands))
                if any(mark is not None for mark in marks):
                    held.append(text)
                else:
                    yield text

    def _form(self, resources: pikepdf.Object | None, name: str, depth: int) -> Iterator[str]:
        form = _entry(resources, "/XObject", name)
        if form is not None and form.get("/Subtype") == "/Form" and depth < _DEEPEST_FORM:
            yield from self._walk(form, form.get("/Resources", resources), depth + 1)

    def _font(self, resources: pikepdf.Object | None, name: str) -> _Font | None:
        found = _entry(resources, "/Font", name)
        if found is None:
            return None
        key = found.objgen
        if key == (0, 0):
            return _Font.of(found)
        if key not in self._fonts:
            self._fonts[key] = _Font.of(found)
        return self._fonts[key]


def _entry(resources: pikepdf.Object | None, kind: str, name: str) -> pikepdf.Object | None:
    group = None if resources is None else resources.get(kind)
    return None if group is None else group.get(name)


def _actual_text(operands: Sequence[object]) -> str | None:
    properties = operands[1] if len(operands) > 1 else None
    if isinstance(properties, pikepdf.Dictionary) and "/ActualText" in properties:
        return str(properties["/ActualText"])
    return None


def _shown(operands: Sequence[object]) -> bytes:
    last = operands[-1] if operands else None
    parts = list(last) if isinstance(last, pikepdf.Array) else [last]
    return b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))


@dataclass(frozen=True)
class _Font:
    """How a font's codes read: ``width`` bytes each, to characters; ``blank`` draws no picture."""

    width: int
    characters: dict[int, str] | None
    blank: frozenset[int]

    @classmethod
    def of(cls, font: pikepdf.Object) -> _Font:
        composite = font.get("/Subtype") == "/Type0"
        unicode_map = font.get("/ToUnicode")
        characters = (
            _to_unicode(unicode_map.read_bytes())
            if isinstance(unicode_map, pikepdf.Stream)
            else None
        )
        if composite:
            # Codes are glyph numbers in what engines write; 0 is the missing glyph by definition.
            return cls(2, characters or {}, frozenset({0}))
        return cls(1, characters, _blank_codes(font, characters or {}))

    def read(self, shown: bytes) -> str:
        if self.width == 1 and self.characters is None:
            return shown.decode("cp1252", "replace")
        characters = self.characters or {}
        codes = (
            int.from_bytes(shown[i : i + self.width], "big")
            for i in range(0, len(shown), self.width)
        )
        return "".join(
            NOT_DRAWN
            if code in self.blank
            else characters.get(code, "\0").replace("\0", UNREADABLE)
            for code in codes
        )


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
