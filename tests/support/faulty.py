"""Templates with one fault each, out of a few lines of Word's XML."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.oxml.parser import parse_xml
from docx.shared import Cm
from PIL import Image

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "wpg": "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)
IDENTITY = "{{ prenom }} {{ nom }}, certification {{ numero }}, {{ signature }}"


def template(path: Path, *paragraphs: str, identity: str = IDENTITY, font: str = "") -> Path:
    """A template with the pupil's identity, then ``paragraphs``: plain text, or XML of one."""
    document = docx.Document()
    document.styles["Normal"].font.name = font or "DejaVu Sans"
    for text in identity.split(", ") if identity else []:
        document.add_paragraph(text)
    for paragraph in paragraphs:
        add(document, paragraph)
    document.save(str(path))
    return path


def add(document: Document, paragraph: str) -> None:
    """Append a paragraph, a table or section properties."""
    if not paragraph.startswith("<"):
        document.add_paragraph(paragraph)
        return
    element: Any = parse_xml(with_namespaces(paragraph))
    body: Any = document.element.body
    if element.tag.endswith("}sectPr"):
        body.remove(body.sectPr)
        body.append(element)
    else:
        body.insert(len(body) - 1, element)


def with_namespaces(xml: str) -> str:
    """``xml`` with every prefix declared on its outermost element."""
    end = min(xml.index(sign) for sign in (" ", ">", "/") if sign in xml[1:])
    return f"{xml[:end]} {NAMESPACES}{xml[end:]}"


def p(inner: str, properties: str = "") -> str:
    """A paragraph of runs."""
    ppr = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f"<w:p>{ppr}{inner}</w:p>"


def r(inner: str, properties: str = "") -> str:
    """A run; text that is no XML goes into ``w:t``."""
    rpr = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    content = inner if inner.startswith("<") else f"<w:t>{inner}</w:t>"
    return f"<w:r>{rpr}{content}</w:r>"


def drawing(content: str, place: str = "anchor") -> str:
    """A run with a shape; ``content`` is what stands in ``a:graphicData``."""
    kind = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
    return r(
        f'<w:drawing><wp:{place}><wp:extent cx="900000" cy="900000"/><wp:docPr id="1" name="x"/>'
        f'<a:graphic><a:graphicData uri="{kind}">{content}</a:graphicData></a:graphic>'
        f"</wp:{place}></w:drawing>"
    )


def shape(geometry: str, fill: str = "") -> str:
    """A drawing's shape with a text box."""
    return (
        f'<wps:wsp><wps:spPr><a:prstGeom prst="{geometry}"/>{fill}</wps:spPr><wps:txbx>'
        "<w:txbxContent><w:p><w:r><w:t>dedans</w:t></w:r></w:p></w:txbxContent></wps:txbx></wps:wsp>"
    )


def with_picture(path: Path, kind: str, text: str = "") -> Path:
    """A template with a picture of this kind (``PNG``, ``TIFF``), 2 cm tall, after ``text``."""
    stream = io.BytesIO()
    Image.new("RGB", (60, 60), "navy").save(stream, kind)
    document = docx.Document(str(template(path)))
    run = document.add_paragraph(text).add_run()
    run.add_picture(stream, height=Cm(2))
    document.save(str(path))
    return path
