"""The few WordprocessingML elements that the gallery's templates are made of.

Lengths are millimetres, sizes of type are points, colours are ``"RRGGBB"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lxml import etree
from lxml.builder import ElementMaker

W_NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
Element = etree._Element
_make = ElementMaker(namespace=W_NS, nsmap={"w": W_NS})


def twips(millimetres: float) -> str:
    """Millimetres as Word counts them: twentieths of a point."""
    return str(round(millimetres * 1440 / 25.4))


def w(name: str, /, *children: Element, **attributes: str | float) -> Element:
    """One ``w:`` element with ``w:`` attributes."""
    element: Element = _make(name, *children)
    for key, value in attributes.items():
        element.set(f"{{{W_NS}}}{key}", str(value))
    return element


@dataclass(frozen=True)
class Styled:
    """Text in a character style."""

    text: str
    style: str


@dataclass(frozen=True)
class Merge:
    """A Word mail-merge field: the name of a column, switches, and what Word shows meanwhile."""

    column: str
    switches: str = ""
    shown: str = ""
    style: str = ""

    @property
    def code(self) -> str:
        """The instruction, as Word spells it."""
        return " ".join(filter(None, ("MERGEFIELD", self.column, self.switches)))


@dataclass(frozen=True)
class Field:
    """Any other field (``DATE``…): its instruction and what Word shows meanwhile."""

    code: str
    shown: str
    style: str = ""


@dataclass(frozen=True)
class If:
    """Word's rule IF: a column compared with a value, then one text or another."""

    column: str
    comparison: str
    then: Sequence[Piece]
    otherwise: Sequence[Piece] = ()
    shown: Sequence[Piece] = ()


Piece = str | Styled | Merge | Field | If


def run(text: str, style: str = "") -> Element:
    """A run of text, whole, in a character style."""
    return _run(style, _text("t", text))


def _run(style: str, *content: Element) -> Element:
    properties = [w("rPr", w("rStyle", val=style))] if style else []
    return w("r", *properties, *content)


def _text(name: str, text: str) -> Element:
    element = w(name)
    element.text = text
    element.set(XML_SPACE, "preserve")
    return element


def _char(kind: str, style: str = "") -> Element:
    return _run(style, w("fldChar", fldCharType=kind))


def runs(pieces: Iterable[Piece]) -> list[Element]:
    """The runs of a paragraph: fields as Word writes them, begin, code, separate, shown, end."""
    made: list[Element] = []
    for piece in pieces:
        match piece:
            case str():
                made.append(run(piece))
            case Styled(text, style):
                made += [run(text, style)] if text else []
            case Merge() | Field():
                code = _run(piece.style, _text("instrText", f" {piece.code} "))
                made += _complex([code], runs([Styled(piece.shown, piece.style)]), piece.style)
            case If():
                made += _complex(_condition(piece), runs(piece.shown))
    return made


def _complex(code: list[Element], shown: list[Element], style: str = "") -> list[Element]:
    return [_char("begin", style), *code, _char("separate", style), *shown, _char("end", style)]


def _condition(rule: If) -> list[Element]:
    made = [_run("", _text("instrText", " IF ")), *map(_as_code, runs([Merge(rule.column)]))]
    made.append(_run("", _text("instrText", f" {rule.comparison} ")))
    for branch in (rule.then, rule.otherwise):
        made += [_run("", _text("instrText", '"')), *map(_as_code, runs(branch))]
        made.append(_run("", _text("instrText", '" ')))
    return made


def _as_code(element: Element) -> Element:
    """Text inside a field's code stands in ``w:instrText``."""
    for text in element.iter(f"{{{W_NS}}}t"):
        text.tag = f"{{{W_NS}}}instrText"
    return element


def paragraph(style: str, *pieces: Piece) -> Element:
    """A paragraph in a paragraph style."""
    return w("p", w("pPr", w("pStyle", val=style)), *runs(pieces))


def first_spacer() -> Element:
    """A thin line above the first table; it holds a space.

    A pupil's bookmark goes into the first paragraph, and dxpdf gives an empty paragraph with a
    bookmark a whole line's height: the page would stand 4 mm too low.
    """
    return paragraph("Filet", " ")


@dataclass(frozen=True)
class Cell:
    """A cell: its paragraphs, colour, place; ``borders``: side → (colour, eighths of a point)."""

    content: Sequence[Element]
    fill: str = ""
    span: int = 1
    merge: str = ""  # "restart" opens a cell over several rows, "continue" goes on with it
    align: str = "center"
    borders: dict[str, tuple[str, int]] = field(default_factory=dict)
    margins: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A row of cells, never broken over two pages. ``exact``: the height can't grow."""

    cells: Sequence[Cell]
    height: float = 0
    exact: bool = False
    header: bool = False


def table(
    name: str, widths: Sequence[float], rows: Iterable[Row | Element], style: str = "TableNormal"
) -> Element:
    """A table with fixed columns; ``name`` is its alternative text. Elements stand as they are."""
    properties = w(
        "tblPr",
        w("tblStyle", val=style),
        w("tblW", w=twips(sum(widths)), type="dxa"),
        w("tblLayout", type="fixed"),
        w("tblLook", val="0420", firstRow="1", noVBand="1"),
        w("tblCaption", val=name),
    )
    grid = w("tblGrid", *(w("gridCol", w=twips(width)) for width in widths))
    made = (_row(row, widths) if isinstance(row, Row) else row for row in rows)
    return w("tbl", properties, grid, *made)


def _row(row: Row, widths: Sequence[float]) -> Element:
    properties = w("trPr", w("cantSplit"))
    if row.height:
        rule = "exact" if row.exact else "atLeast"
        properties.append(w("trHeight", val=twips(row.height), hRule=rule))
    if row.header:
        properties.append(w("tblHeader"))
    made = w("tr", properties)
    column = 0
    for cell in row.cells:
        made.append(_cell(cell, sum(widths[column : column + cell.span])))
        column += cell.span
    return made


def _cell(cell: Cell, width: float) -> Element:
    properties = w("tcPr", w("tcW", w=twips(width), type="dxa"))
    if cell.span > 1:
        properties.append(w("gridSpan", val=cell.span))
    if cell.merge:
        properties.append(w("vMerge", val=cell.merge))
    if cell.borders:
        sides = (side for side in ("top", "left", "bottom", "right") if side in cell.borders)
        properties.append(w("tcBorders", *(_border(side, *cell.borders[side]) for side in sides)))
    if cell.fill:
        properties.append(w("shd", val="clear", color="auto", fill=cell.fill))
    if cell.margins:
        sides = (side for side in ("top", "left", "bottom", "right") if side in cell.margins)
        margins = (w(side, w=twips(cell.margins[side]), type="dxa") for side in sides)
        properties.append(w("tcMar", *margins))
    properties.append(w("vAlign", val=cell.align))
    return w("tc", properties, *cell.content)


def _border(side: str, colour: str, size: int) -> Element:
    return w(side, val="single", sz=size, space=0, color=colour)


def section(width: float, height: float, margins: Sequence[float]) -> Element:
    """The page: its size and its margins (top, right, bottom, left)."""
    top, right, bottom, left = map(twips, margins)
    size = {"w": twips(width), "h": twips(height)}
    if width > height:
        size["orient"] = "landscape"
    return w(
        "sectPr",
        w("pgSz", **size),
        w("pgMar", top=top, right=right, bottom=bottom, left=left, header=0, footer=0, gutter=0),
    )
