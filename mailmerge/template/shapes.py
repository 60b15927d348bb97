"""What an engine draws wrongly or not at all: found in the template, named, with a way out.

One row for each code of the engines' ``cannot_draw`` (docs/engines.md says what was seen). A row is
an XPath over one part of the document, or a property of text that may also come from a style.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from docx.document import Document as WordDocument
from lxml import etree

from mailmerge.template.compiling import StoryPart
from mailmerge.template.findings import Finding, Findings, paragraph_text
from mailmerge.template.wordxml import NAMESPACES, qn

_NS: Final = {
    **NAMESPACES,
    "wpg": "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "re": "http://exslt.org/regular-expressions",
}
_OFF: Final = frozenset({"0", "false", "off", "none"})
_TALL: Final = 290_000  # EMU, 8 mm: taller than two lines of text
_PLAIN_LINES: Final = ("none", "nil", "single", "thick", "double")
_BORDERS: Final = ("tcBorders", "tblBorders", "pBdr", "bdr")

_BREAKS = etree.XPath(
    ".//w:br[@w:type='page'] | .//w:pageBreakBefore[not(@w:val='0')]", namespaces=_NS
)

Find = Callable[[StoryPart, WordDocument], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Shape:
    """One thing that some engine can't draw.

    Attributes:
        find: the elements of a part that are such a thing.
        fault: French, what is wrong, with ``{engine}`` for the engine's label.
        remedy: French, what to do instead.
    """

    find: Find
    fault: str
    remedy: str


def undrawable(
    document: WordDocument, stories: Sequence[StoryPart], codes: Collection[str], engine: str
) -> list[Finding]:
    """Warnings for what the engine called ``engine`` can't draw, in the order of reading.

    Args:
        document: the template's document, whose parts are ``stories`` (made by ``prepare``).
        codes: the engine's ``cannot_draw``.
    """
    found: list[Finding] = []
    for story in stories:
        for code in codes:
            shape = SHAPES[code]
            places = list(_places(shape.find(story, document)))
            if not places:
                continue
            message = f"{shape.fault.format(engine=engine)} {shape.remedy}"
            others = len(places) - 1
            if others:
                where = "un autre endroit" if others == 1 else f"{others} autres endroits"
                message += f" (De même à {where}.)"
            findings = Findings(story.root, story.label)
            findings.add(code, message, places[0], severity="warning")
            found += findings.all()
    return found


def _places(elements: Iterable[Any]) -> dict[Any, None]:
    """The paragraphs (or sections) of elements, each once; old Word's copies left out."""
    places: dict[Any, None] = {}
    for element in elements:
        if next(element.iterancestors(qn("mc:Fallback")), None) is None:
            places[_paragraph_of(element)] = None
    return places


def _paragraph_of(element: Any) -> Any:
    """The paragraph that an element is in; for a table or a cell, its first one."""
    around = [element, *element.iterancestors(qn("w:p"), qn("w:tc"), qn("w:tbl"))]
    nearest = around[1] if len(around) > 1 and element.tag != qn("w:p") else element
    return next(nearest.iter(qn("w:p")), nearest)


def holds_picture(story: StoryPart) -> bool:
    """Whether a part has a picture (a signature pasted by hand, a logo)."""
    return next(story.root.iter(qn("a:blip"), qn("v:imagedata")), None) is not None


def breaks_pages(story: StoryPart) -> bool:
    """Whether the template itself asks for several pages."""
    return bool(_BREAKS(story.root)) or len(list(story.root.iter(qn("w:sectPr")))) > 1


def _xpath(expression: str, *kinds: str) -> Find:
    """Elements by XPath, in parts of these kinds (``body``, ``header``, ``notes``)."""

    search = etree.XPath(expression, namespaces=_NS)  # python-docx has a search of its own

    def find(story: StoryPart, _document: WordDocument) -> Iterable[Any]:
        found: Any = [] if kinds and story.kind not in kinds else search(story.root)
        return list(found)

    return find


def _text_property(*names: str) -> Find:
    """Text that has one of these properties, of its own or from a style."""

    def find(story: StoryPart, document: WordDocument) -> Iterator[Any]:
        styles = _styles_with(document, names)
        for run in story.root.iter(qn("w:r")):
            if not "".join(text.text or "" for text in run.iter(qn("w:t"))).strip():
                continue
            own = run.find(qn("w:rPr"))
            if any(_on(own, name) for name in names) or (
                styles and not _said(own, names) and not styles.isdisjoint(_styles_of(run))
            ):
                yield run

    return find


def _styles_with(document: WordDocument, names: Iterable[str]) -> set[str]:
    """The styles that have a property, of their own or from the style they are based on."""
    styles: Any = document.styles.element
    based: dict[str, str] = {}
    having: set[str] = set()
    for style in styles.iter(qn("w:style")):
        name = style.get(qn("w:styleId"), "")
        parent = style.find(qn("w:basedOn"))
        if parent is not None:
            based[name] = parent.get(qn("w:val"), "")
        if any(_on(style.find(qn("w:rPr")), prop) for prop in names):
            having.add(name)
    for name in based:
        chain = [name]
        while chain[-1] in based and based[chain[-1]] not in chain:
            chain.append(based[chain[-1]])
        if not having.isdisjoint(chain):
            having.add(name)
    return having


def _styles_of(run: Any) -> Iterator[str]:
    paragraph = next(run.iterancestors(qn("w:p")), None)
    for owner, properties, style in ((run, "w:rPr", "w:rStyle"), (paragraph, "w:pPr", "w:pStyle")):
        named = None if owner is None else owner.find(f"{qn(properties)}/{qn(style)}")
        if named is not None:
            yield named.get(qn("w:val"), "")


def _said(properties: Any, names: Iterable[str]) -> bool:
    return properties is not None and any(properties.find(qn(name)) is not None for name in names)


def _on(properties: Any, name: str) -> bool:
    found = None if properties is None else properties.find(qn(name))
    return found is not None and found.get(qn("w:val"), "1") not in _OFF


def _field(pattern: str, *kinds: str) -> Find:
    test = f"re:test({{}}, '^\\s*{pattern}\\b', 'i')"
    return _xpath(
        f".//w:instrText[{test.format('.')}] | .//w:fldSimple[{test.format('@w:instr')}]", *kinds
    )


def _picture_file(*endings: str) -> Find:
    """Pictures whose file in the document has one of these kinds."""

    def find(story: StoryPart, _document: WordDocument) -> Iterator[Any]:
        for element in story.root.iter(qn("a:blip"), qn("v:imagedata")):
            identity = element.get(qn("r:embed")) or element.get(qn("r:id"))
            relation = story.part.rels.get(identity) if identity else None
            if relation is None or relation.is_external:
                continue
            if str(relation.target_part.partname).lower().endswith(endings):
                yield element

    return find


def _beside_text(story: StoryPart, _document: WordDocument) -> Iterator[Any]:
    """Tall pictures, or tags of pictures, in a line that also has text."""
    for paragraph in story.root.iter(qn("w:p")):
        text = paragraph_text(paragraph)
        words = text
        for tag in ("{{ signature }}", "{{ logo }}"):
            words = words.replace(tag, "")
        tall = [
            extent
            for extent in paragraph.iterfind(f"{qn('w:r')}/{qn('w:drawing')}/"
                                             f"{qn('wp:inline')}/{qn('wp:extent')}")
            if int(extent.get("cy", "0")) > _TALL
            and next(extent.getparent().iter(qn("a:blip")), None) is not None
        ]  # fmt: skip
        if words.strip() and (tall or words != text):
            yield paragraph


_RECTANGLE = "@prst='rect' or @prst='line'"
_ANCHORED = ".//wp:anchor//wps:wsp[not(ancestor::wpg:wgp)]/wps:spPr"
_LINE_STYLES = " and ".join(f"@w:val!='{style}'" for style in _PLAIN_LINES)
_REDRAW = "Dans Word, remplacez-la par un rectangle simple ou par une cellule de tableau."

# What the French sentences call things is what Word's menus call them.
SHAPES: Final[dict[str, Shape]] = {
    "inline-content-control": Shape(
        _xpath(".//w:sdt[w:sdtContent/w:r[w:t] or w:sdtContent/w:fldSimple]"),
        "Un contrôle de contenu au milieu d’une phrase : {engine} n’en imprime pas le texte.",
        "Dans Word, clic droit sur le contrôle, « Supprimer le contrôle de contenu » : le texte "
        "reste.",
    ),
    "inline-shape": Shape(
        _xpath(".//wp:inline//wps:wsp[not(ancestor::wpg:wgp)]"),
        "Une zone de texte ou une forme « alignée sur le texte » : {engine} ne l’imprime pas, ni "
        "son texte.",
        "Dans Word, remplacez-la par une cellule de tableau colorée, ou donnez-lui l’habillage "
        "« Devant le texte ».",
    ),
    "preset-shape": Shape(
        _xpath(f"{_ANCHORED}/a:prstGeom[not({_RECTANGLE})] | {_ANCHORED}/a:custGeom"),
        "Une forme qui n’est pas un rectangle (coins arrondis, ellipse, flèche…) : {engine} ne "
        "l’imprime pas, ni son texte.",
        _REDRAW,
    ),
    "group-shape": Shape(
        _xpath(".//wpg:wgp[not(ancestor::wpg:wgp)] | .//v:group"),
        "Des formes groupées : {engine} ne les imprime pas, ni leur texte.",
        "Dans Word, clic droit, « Dissocier », puis gardez des rectangles ou un tableau.",
    ),
    "vml-box": Shape(
        _xpath(
            ".//w:pict//*[self::v:rect or self::v:roundrect or self::v:shape or self::v:oval]"
            "[not(v:imagedata) and not(ancestor::v:group)]"
        ),
        "Une zone de texte d’un ancien Word : {engine} imprime son texte dans la ligne, sans "
        "cadre.",
        "Dans Word, enregistrez le document au format actuel (Fichier, Informations, Convertir), "
        "ou remplacez-la par une cellule de tableau.",
    ),
    "gradient-fill": Shape(
        _xpath(".//wps:spPr/a:gradFill"),
        "Une forme remplie d’un dégradé : {engine} n’imprime pas son fond.",
        "Dans Word, choisissez une couleur unie.",
    ),
    "page-field-in-body": Shape(
        _field("PAGE", "body", "notes"),
        "Un numéro de page dans le texte : {engine} imprime un numéro faux.",
        "Dans Word, placez-le dans le pied de page.",
    ),
    "num-pages-field": Shape(
        _field("NUMPAGES"),
        "Le nombre total de pages : {engine} compte les pages de toute la classe, pas de l’élève.",
        "Retirez ce champ.",
    ),
    "section-pages-field": Shape(
        _field("SECTIONPAGES"),
        "Le nombre de pages de la section : {engine} imprime un nombre faux.",
        "Retirez ce champ.",
    ),
    "caps": Shape(
        _text_property("w:caps", "w:smallCaps"),
        "Du texte mis en majuscules (ou petites majuscules) par la police : {engine} l’imprime "
        "comme il est tapé.",
        "Tapez-le en majuscules ; dans une balise : {{ nom|majuscules }}.",
    ),
    "strike": Shape(
        _text_property("w:strike", "w:dstrike"),
        "Du texte barré : {engine} n’imprime pas le trait.",
        "Supprimez ce texte s’il ne doit pas être lu.",
    ),
    "symbol-font": Shape(
        _xpath(".//w:sym"),
        "Un symbole inséré d’une police comme Wingdings : {engine} n’imprime rien si cette police "
        "manque.",
        "Tapez le caractère lui-même : ✓ ■ ★ ☐.",
    ),
    "raised-text": Shape(
        _xpath(".//w:r[w:t]/w:rPr/w:position[@w:val!='0'] | .//w:pPr/w:framePr[@w:dropCap]"),
        "Du texte décalé vers le haut ou le bas, ou une lettrine : {engine} ne le place pas bien.",
        "Utilisez « Exposant » ou « Indice », ou retirez la lettrine.",
    ),
    "text-effect": Shape(
        _text_property(
            "w:outline", "w:shadow", "w:emboss", "w:imprint",
            "w14:glow", "w14:shadow", "w14:reflection", "w14:textOutline",
        ),
        "Du texte avec un effet (contour, ombre, lumière) : {engine} l’imprime sans cet effet.",
        "Retirez l’effet si l’aspect compte.",
    ),
    "frame": Shape(
        _xpath(".//w:pPr/w:framePr[not(@w:dropCap)]"),
        "Un cadre (texte encadré d’un ancien Word) : {engine} met son texte à la suite du reste.",
        "Dans Word, remplacez-le par une cellule de tableau.",
    ),
    "page-borders": Shape(
        _xpath(".//w:sectPr/w:pgBorders[*]"),
        "Une bordure de page : {engine} ne l’imprime pas.",
        "Dans Word, encadrez le texte par un tableau d’une cellule, ou par un rectangle.",
    ),
    "vertical-page-alignment": Shape(
        _xpath(".//w:sectPr/w:vAlign[@w:val!='top']"),
        "La page est centrée ou alignée en hauteur : {engine} ne le fait pas.",
        "Mettez de l’espace avant le premier paragraphe.",
    ),
    "column-break": Shape(
        _xpath(".//w:br[@w:type='column']"),
        "Un saut de colonne : {engine} commence une nouvelle page.",
        "Retirez-le, ou mettez le texte dans un tableau de deux cellules.",
    ),
    "text-direction": Shape(
        _xpath(".//w:tcPr/w:textDirection[@w:val!='lrTb' and @w:val!='lr' and @w:val!='tb']"),
        "Du texte tourné dans une cellule : {engine} l’imprime droit.",
        "Écrivez-le horizontalement.",
    ),
    "border-style": Shape(
        _xpath(" | ".join(f".//w:{name}/*[{_LINE_STYLES}]" for name in _BORDERS[:3])
               + f" | .//w:r/w:rPr/w:bdr[{_LINE_STYLES}]"),
        "Une bordure en pointillés ou en tirets : {engine} trace une ligne pleine.",
        "Choisissez une ligne pleine si l’aspect compte.",
    ),
    "tiff-picture": Shape(
        _picture_file(".tif", ".tiff"),
        "Une image au format TIFF : {engine} ne l’imprime pas.",
        "Enregistrez-la en PNG ou en JPEG et insérez-la de nouveau.",
    ),
    "vector-picture": Shape(
        _picture_file(".wmf", ".emf", ".svg"),
        "Une image vectorielle (WMF, EMF ou SVG) : {engine} ne l’imprime pas.",
        "Insérez-la de nouveau au format PNG (dans Word : couper, « Collage spécial », PNG).",
    ),
    "picture-beside-text": Shape(
        _beside_text,
        "Une image haute dans la même ligne que du texte : {engine} ne met pas le texte à la même "
        "hauteur que Word.",
        "Placez l’image et le texte dans deux cellules d’un tableau.",
    ),
    "chart": Shape(
        _xpath(".//a:graphicData[contains(@uri, '/chart')]"),
        "Un graphique : {engine} ne l’imprime pas.",
        "Collez-le comme une image.",
    ),
    "smartart": Shape(
        _xpath(".//a:graphicData[contains(@uri, '/diagram')]"),
        "Un objet SmartArt : {engine} ne l’imprime pas.",
        "Collez-le comme une image.",
    ),
    "tracked-changes": Shape(
        _xpath(".//w:ins[.//w:t] | .//w:del[.//w:delText]"),
        "Des modifications suivies qui ne sont pas acceptées : {engine} imprime leurs marques.",
        "Dans Word, onglet Révision, « Accepter toutes les modifications ».",
    ),
    "header-shape": Shape(
        _xpath(".//wp:anchor//wps:txbx", "header"),
        "Une zone de texte dans l’en-tête ou le pied de page : {engine} place mal son texte.",
        "Remplacez-la par un tableau.",
    ),
}  # fmt: skip
