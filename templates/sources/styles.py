"""The styles that Word's users see, with their French names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .ooxml import Element, twips, w
from .reduced import FAMILY

NAVY = "1F2A44"
SLATE = "4A5468"
PALE = "D5DAE2"
MIST = "F1F3F7"
WHITE = "FFFFFF"
BLACK = "000000"


@dataclass(frozen=True)
class Palette:
    """The colours of a template. ``domaines``: one a domaine; white text on each reads well
    (contrast above 4.5), and in grey they stay dark beside the pale steps of a gauge."""

    domaines: tuple[str, ...]
    ink: str = NAVY
    soft: str = SLATE
    pale: str = PALE
    mist: str = MIST


COLOURS = Palette(("8F5A00", "1B7A4B", "0B6E86", "2457A6", "6B3FA0"))
SOBER = Palette(("FFFFFF",) * 5, ink=BLACK, soft=BLACK, pale="C8C8C8", mist=WHITE)


@dataclass(frozen=True)
class Style:
    """A style: sizes in points, space before and after in millimetres, ``line`` as a multiple."""

    name: str
    size: float
    bold: bool = False
    colour: str = NAVY
    align: str = "left"
    before: float = 0
    after: float = 0
    line: float = 1.0
    spacing: float = 0
    caps: bool = False
    kind: str = "paragraph"
    outline: int | None = None

    @property
    def identifier(self) -> str:
        """What the document's paragraphs say."""
        return identifier(self.name)


def identifier(name: str) -> str:
    """The identifier of a style: its name without spaces, accents or apostrophes."""
    plain = name.translate(str.maketrans("ÉÈÀéèàêçô’", "EEAeeaeco'"))
    return "".join(char for char in plain if char.isalnum())


def stylesheet(styles: Iterable[Style]) -> Element:
    """The styles part: French, our font, no space between paragraphs unless a style says so."""
    fonts = w("rFonts", ascii=FAMILY, hAnsi=FAMILY, eastAsia=FAMILY, cs=FAMILY)
    language = w("lang", val="fr-FR", eastAsia="fr-FR", bidi="ar-SA")
    run = w("rPr", fonts, language)
    spacing = w("spacing", before=0, after=0, line=240, lineRule="auto")
    defaults = w("docDefaults", w("rPrDefault", run), w("pPrDefault", w("pPr", spacing)))
    return w(
        "styles", defaults, _normal(), _default_character(), _plain_table(), *map(_style, styles)
    )


def _normal() -> Element:
    name = w("name", val="Normal")
    size = w("rPr", w("sz", val=20), w("szCs", val=20))
    return w("style", name, w("qFormat"), size, type="paragraph", default=1, styleId="Normal")


def _default_character() -> Element:
    return w(
        "style",
        w("name", val="Default Paragraph Font"),
        w("uiPriority", val=1),
        w("semiHidden"),
        type="character",
        default=1,
        styleId="DefaultParagraphFont",
    )


def _plain_table() -> Element:
    sides = (("top", 0.0), ("left", 1.5), ("bottom", 0.0), ("right", 1.5))
    margins = w("tblCellMar", *(w(side, w=twips(size), type="dxa") for side, size in sides))
    properties = w("tblPr", w("tblInd", w=0, type="dxa"), margins)
    return w(
        "style",
        w("name", val="Normal Table"),
        w("uiPriority", val=99),
        w("semiHidden"),
        properties,
        type="table",
        default=1,
        styleId="TableNormal",
    )


def _style(style: Style) -> Element:
    made = w("style", type=style.kind, styleId=style.identifier)
    made.set(made.tag.replace("}style", "}customStyle"), "1")
    made.append(w("name", val=style.name))
    made.append(w("basedOn", val="Normal" if style.kind == "paragraph" else "DefaultParagraphFont"))
    made.append(w("qFormat"))
    if style.kind == "paragraph":
        made.append(_paragraph_properties(style))
    made.append(_run_properties(style))
    return made


def _paragraph_properties(style: Style) -> Element:
    spacing = w(
        "spacing",
        before=twips(style.before),
        after=twips(style.after),
        line=round(240 * style.line),
        lineRule="auto",
    )
    properties = w("pPr", spacing, w("jc", val=style.align))
    if style.outline is not None:
        properties.append(w("outlineLvl", val=style.outline))
    return properties


def _run_properties(style: Style) -> Element:
    properties = w("rPr")
    if style.bold:
        properties.append(w("b"))
    if style.caps:
        properties.append(w("caps"))
    properties.append(w("color", val=style.colour))
    if style.spacing:
        properties.append(w("spacing", val=round(style.spacing * 20)))
    if style.size:
        properties.append(w("sz", val=round(style.size * 2)))
        properties.append(w("szCs", val=round(style.size * 2)))
    return properties
