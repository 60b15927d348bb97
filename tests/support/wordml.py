"""Pieces of WordprocessingML as Word writes them, and the way a part is rendered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from docxtpl import DocxTemplate
from lxml import etree

from mailmerge.template.context import vocabulary
from mailmerge.template.language.sandbox import Fragment, TemplateEnvironment

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": W,
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)
VOCABULARY = vocabulary(["Code de vérification"])


def part(inner: str, root: str = "document") -> etree._Element:
    """A part holding ``inner`` (paragraphs): a document by default, or ``hdr``, ``ftr``."""
    body = f"<w:body>{inner}</w:body>" if root == "document" else inner
    return etree.fromstring(f"<w:{root} {_NAMESPACES}>{body}</w:{root}>")


def p(*runs: str) -> str:
    """A paragraph."""
    return f'<w:p w:rsidR="00FA6E12" w:rsidRDefault="00D15E3B">{"".join(runs)}</w:p>'


def r(text: str, properties: str = "") -> str:
    """A run of text."""
    rpr = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r w:rsidR="003C2A11">{rpr}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def mark(kind: str, properties: str = "") -> str:
    """A run with a ``w:fldChar``."""
    rpr = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r w:rsidR="00A77B3E">{rpr}<w:fldChar w:fldCharType="{kind}"/></w:r>'


def code(text: str, properties: str = "") -> str:
    """A run with a piece of a field's code."""
    rpr = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{rpr}<w:instrText xml:space="preserve">{escape(text)}</w:instrText></w:r>'


def field(*pieces: str, result: str = "", properties: str = "") -> str:
    """A complex field; pieces that are no XML are code."""
    inner = "".join(x if x.startswith("<w:") else code(x, properties) for x in pieces)
    shown = mark("separate", properties) + result if result else ""
    return mark("begin", properties) + inner + shown + mark("end", properties)


def merge_field(code_text: str, shown: str = "«…»") -> str:
    """A MERGEFIELD as Word inserts it."""
    return field(f" MERGEFIELD {code_text} ", result=r(shown, "<w:noProof/>"))


def render(root: etree._Element, values: Mapping[str, object]) -> etree._Element:
    """The part rendered as the program does: docxtpl's patches, a sandboxed Jinja, parsed again."""
    source = DocxTemplate("none.docx").patch_xml(etree.tostring(root, encoding="unicode"))
    return etree.fromstring(Fragment(TemplateEnvironment(), source, "modèle.docx").render(values))


def lines(root: etree._Element) -> list[str]:
    """The text of each paragraph, tabs and all, nested text boxes apart."""
    return ["".join(_texts(paragraph)) for paragraph in root.iter(f"{{{W}}}p")]


def _texts(element: etree._Element) -> Iterator[str]:
    for child in element:
        if child.tag == f"{{{W}}}txbxContent":
            continue
        if child.tag == f"{{{W}}}t":
            yield child.text or ""
        elif child.tag == f"{{{W}}}tab" and element.tag == f"{{{W}}}r":
            yield "\t"
        else:
            yield from _texts(child)
