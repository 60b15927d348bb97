"""What a page really draws, glyph by glyph, as opposed to what its text claims.

Read from the content stream, without layout: the letters of a substitute font may come last. Most
of what stands on a class's pages is the same on each of them, so a text block is read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import pikepdf

from mailmerge.pdf.glyphs import NOT_DRAWN, UNREADABLE, GlyphFont

JOINT = "\u2060"  # stands between two texts of two places, which may or may not be one word

_OPERATORS = "q Q Tf Tj TJ ' \" BDC BMC EMC Do Td TD Tm T* ET"
_DEEPEST_FORM = 6
# What makes a page one to be parsed: literal strings, inline pictures, texts said otherwise.
_IRREGULAR = (b"(", b"'", b'"', b"BI", b"/ActualText")
_SHOWING = (b"Tj", b"TJ")
_HEX_STRINGS_ONLY = re.compile(rb"(?:<[0-9A-Fa-f]*+>|[^<>]++)*+")
_FONT_TEXT_OR_MOVE = re.compile(
    rb"/([^\s/<>\[\]]+)\s+([-\d.]+)\s+Tf|<([0-9A-Fa-f]*)>|"
    rb"([\d.]+) 0 Td|(\bT[dDm*]|\d{4}[.\d]*\s*(?=<))"
)
_MOVES = ("Td", "TD", "Tm", "T*", "ET")
_GAP = 1000  # thousandths of the letters' height: more than there is between letters

_Key = tuple[int, int]


class DrawnText:
    """The drawn text of the pages of one document; its fonts are looked at once."""

    def __init__(self, document: pikepdf.Pdf) -> None:
        self._document = document
        self._fonts: dict[_Key, GlyphFont] = {}
        self._blocks: dict[tuple[frozenset[tuple[str, _Key]], bytes], str] = {}

    def of_page(self, index: int) -> str:
        """Page ``index``'s characters in drawing order, with the marks of `glyphs` and `JOINT`.

        A page written as no engine should is `UNREADABLE`.
        """
        try:
            return self._read_page(index)
        except (ValueError, IndexError, pikepdf.PdfError):
            return UNREADABLE

    def _read_page(self, index: int) -> str:
        page = self._document.pages[index]
        resources = page.get("/Resources")
        content = _plain_content(page, resources)
        if content is not None:
            try:
                return self._read_blocks(content, resources)
            except ValueError:  # not as plain as it looked
                pass
        return "".join(self._walk(page, resources, 0))

    # --- the quick way: text blocks whose strings are hexadecimal, as engines write them ----------

    def _read_blocks(self, content: bytes, resources: pikepdf.Object | None) -> str:
        fonts = dict(_fonts_of(resources))
        group = frozenset((name, font.objgen) for name, font in fonts.items())
        first, *blocks = content.split(b"BT\n")
        outside = [first]
        found: list[str] = []
        for block in blocks:
            inside, _, after = block.partition(b"ET\n")
            outside.append(after)
            text = self._blocks.get((group, inside))
            if text is None:
                text = self._blocks[group, inside] = self._read_block(inside, fonts)
            found.append(text)
        if _has(b"".join(outside), _SHOWING):
            raise ValueError("text outside of blocks")
        return JOINT.join(found)

    def _read_block(self, block: bytes, fonts: Mapping[str, pikepdf.Object]) -> str:
        shown = block[block.find(b"<") :]
        if not _HEX_STRINGS_ONLY.fullmatch(shown):
            raise ValueError("other strings")
        font: GlyphFont | None = None
        read: list[str] = []
        codes = ""
        height = 0.0
        for name, size, text, along, move in _FONT_TEXT_OR_MOVE.findall(block):
            if name or move or (along and float(along) >= height):  # not to the next letter
                read += [_read(font, codes), "" if name else JOINT]
                codes = ""
            if name:
                font, height = self._font(fonts.get(name.decode())), abs(float(size))
            codes += text.decode()
        return "".join([*read, _read(font, codes)]).strip(JOINT)

    # --- the thorough way ------------------------------------------------------------------------

    def _walk(
        self, stream: pikepdf.Page | pikepdf.Object, resources: pikepdf.Object | None, depth: int
    ) -> Iterator[str]:
        chosen: list[GlyphFont | None] = [None]  # and those to come back to
        fonts = dict(_fonts_of(resources))
        marks: list[str | None] = []  # the ActualText of each open mark
        held: list[str] = []
        for instruction in pikepdf.parse_content_stream(stream, _OPERATORS):
            name, operands = str(instruction.operator), list(instruction.operands)
            if name in ("Tf", "q", "Q"):
                self._choose(name, operands, fonts, chosen)
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
            elif name in _MOVES:
                yield JOINT
            elif chosen[-1] is not None:
                text = (JOINT if name in "'\"" else "") + "".join(_shown(chosen[-1], operands))
                if any(mark is not None for mark in marks):
                    held.append(text)
                else:
                    yield text

    def _choose(
        self,
        name: str,
        operands: Sequence[object],
        fonts: Mapping[str, pikepdf.Object],
        chosen: list[GlyphFont | None],
    ) -> None:
        if name == "q":
            chosen.append(chosen[-1])
        elif name == "Tf":
            chosen[-1] = self._font(fonts.get(str(operands[0]).lstrip("/")))
        elif len(chosen) > 1:
            chosen.pop()

    def _form(self, resources: pikepdf.Object | None, name: str, depth: int) -> Iterator[str]:
        form = _group(resources, "/XObject").get(name)
        if form is not None and form.get("/Subtype") == "/Form" and depth < _DEEPEST_FORM:
            yield from self._walk(form, form.get("/Resources", resources), depth + 1)

    def _font(self, found: pikepdf.Object | None) -> GlyphFont | None:
        if found is None:
            return None
        key = found.objgen
        if key == (0, 0):
            return GlyphFont(found)
        if key not in self._fonts:
            self._fonts[key] = GlyphFont(found)
        return self._fonts[key]


def _plain_content(page: pikepdf.Page, resources: pikepdf.Object | None) -> bytes | None:
    """The content stream, if it is one that can be read block by block."""
    stream = page.get("/Contents")
    if not isinstance(stream, pikepdf.Stream):
        return None
    if any(x.get("/Subtype") == "/Form" for x in _group(resources, "/XObject").values()):
        return None
    if any(font.objgen == (0, 0) for _, font in _fonts_of(resources)):
        return None
    content = stream.read_bytes()
    return None if _has(content, _IRREGULAR) else content


def _has(content: bytes, words: Sequence[bytes]) -> bool:
    return any(word in content for word in words)


def _fonts_of(resources: pikepdf.Object | None) -> Iterator[tuple[str, pikepdf.Object]]:
    return ((name.lstrip("/"), font) for name, font in _group(resources, "/Font").items())


def _group(resources: pikepdf.Object | None, kind: str) -> Mapping[str, pikepdf.Object]:
    group = None if resources is None else resources.get(kind)
    return {} if group is None else dict(group.items())


def _read(font: GlyphFont | None, codes: str) -> str:
    """The characters of hexadecimal ``codes``.

    Raises:
        ValueError: there is no font to read them with, or half a byte.
    """
    if font is None and codes:
        raise ValueError("no font")
    return font.read(bytes.fromhex(codes)) if font is not None else ""


def _actual_text(operands: Sequence[object]) -> str | None:
    properties = operands[1] if len(operands) > 1 else None
    if isinstance(properties, pikepdf.Dictionary) and "/ActualText" in properties:
        return str(properties["/ActualText"])
    return None


def _shown(font: GlyphFont, operands: Sequence[object]) -> Iterator[str]:
    last = operands[-1] if operands else None
    for part in list(last) if isinstance(last, pikepdf.Array) else [last]:
        if isinstance(part, pikepdf.String):
            yield font.read(bytes(part))
        elif isinstance(part, int | float | Decimal) and abs(float(part)) >= _GAP:
            yield JOINT
