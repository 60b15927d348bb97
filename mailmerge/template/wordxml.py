"""Names and small helpers of WordprocessingML."""

from __future__ import annotations

from typing import Any

from docx.opc.part import Part, XmlPart
from lxml import etree

NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "v": "urn:schemas-microsoft-com:vml",
}
W14 = NAMESPACES["w14"]
PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def qn(name: str) -> str:
    """``"w:p"`` → ``"{http://…}p"``."""
    prefix, local = name.split(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def part_root(part: Part) -> Any:
    """The XML of a part, whether python-docx knows its kind or not."""
    return part.element if isinstance(part, XmlPart) else etree.fromstring(part.blob, PARSER)
