"""Templates written piece by piece as Word stores them, printed by a real engine."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from mailmerge import columns, engines, pdf
from mailmerge.referential import COMPETENCE_CODES
from mailmerge.settings import Settings
from mailmerge.template.compiling import compile_template
from mailmerge.template.opening import check_template
from mailmerge.template.rendering import School, bookmark_name, prepare_school, render_class

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": OFFICE,
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wp14": "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
    }.items()
)
A4 = '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" ' \
     'w:left="1134" w:header="567" w:footer="567" w:gutter="0"/>'  # fmt: skip
LANDSCAPE = A4.replace('w:w="11906" w:h="16838"', 'w:w="16838" w:h="11906" w:orient="landscape"')
IDENTITY = "{{ prenom }} {{ nom }} {{ numero }}"
_KINDS = {
    "header": "header", "footer": "footer", "footnotes": "footnotes", "endnotes": "endnotes",
    "numbering": "numbering", "settings": "settings", "styles": "styles", "comments": "comments",
}  # fmt: skip
_ROOTS = {"header": "hdr", "footer": "ftr"}
_STYLES = (
    '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Liberation Sans" '
    'w:hAnsi="Liberation Sans" w:cs="Liberation Sans"/><w:sz w:val="22"/></w:rPr></w:rPrDefault>'
    '<w:pPrDefault/></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal">'
    '<w:name w:val="Normal"/></w:style>'
)


def word_file(
    body: str,
    *,
    section: str = A4,
    parts: Mapping[str, str] | None = None,
    relations: Mapping[str, tuple[str, str]] | None = None,
    files: Mapping[str, bytes] | None = None,
    main_type: str = "document",
    extra_types: str = "",
) -> bytes:
    """A .docx.

    Args:
        body: the body's XML; its last section's properties are added.
        section: what stands in the last ``w:sectPr``.
        parts: name without extension (``header1``, ``footnotes``) → the inside of that part;
            its relation is called ``rId_`` and the name.
        relations: id → kind of relation and target outside, of the main document.
        files: further members, by path.
    """
    parts = {"styles": _STYLES, **(parts or {})}
    types, rels, members = [], [], dict(files or {})
    for name, inner in parts.items():
        kind = _KINDS[name.rstrip("0123456789")]
        root = _ROOTS.get(kind, kind)
        members[f"word/{name}.xml"] = f"<w:{root} {NAMESPACES}>{inner}</w:{root}>".encode()
        types.append(
            f'<Override PartName="/word/{name}.xml" ContentType="application/vnd.openxmlformats-'
            f'officedocument.wordprocessingml.{kind}+xml"/>'
        )
        rels.append(f'<Relationship Id="rId_{name}" Type="{OFFICE}/{kind}" Target="{name}.xml"/>')
    for identity, (kind, target) in (relations or {}).items():
        mode = "" if f"word/{target}" in members else ' TargetMode="External"'
        kind = kind if ":" in kind else f"{OFFICE}/{kind}"
        rels.append(f'<Relationship Id="{identity}" Type="{kind}" Target="{target}"{mode}/>')
    document = (
        f"<w:document {NAMESPACES}><w:body>{body}<w:sectPr>{section}</w:sectPr></w:body>"
        "</w:document>"
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    members = {
        "[Content_Types].xml": (
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="png" ContentType="image/png"/>'
            '<Default Extension="bin" ContentType="application/octet-stream"/>'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
            f'officedocument.wordprocessingml.{main_type}.main+xml"/>{"".join(types)}{extra_types}'
            "</Types>"
        ).encode(),
        "_rels/.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
        ).encode(),
        "word/document.xml": document.encode(),
        "word/_rels/document.xml.rels": (
            f'<Relationships xmlns="{package}/relationships">{"".join(rels)}</Relationships>'
        ).encode(),
        **members,
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def reference(kind: str, part: str, which: str = "default") -> str:
    """A header or footer of a section: ``reference("header", "header1", "first")``."""
    return f'<w:{kind}Reference w:type="{which}" r:id="rId_{part}"/>'


def page_field(name: str = "PAGE", stored: str = "9") -> str:
    """A field that the engine fills in."""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> '
        f'{name} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>'
        f'{stored}</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def picture(relation: str, *, anchored: bool = False, identity: int = 1) -> str:
    """A drawing of 1 × 1 cm, in the line or anchored to the page."""
    graphic = (
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f'<pic:pic><pic:nvPicPr><pic:cNvPr id="{identity}" name="x"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch>'
        '</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="360000" cy="360000"/>'
        '</a:xfrm><a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic>'
    )
    size = f'<wp:extent cx="360000" cy="360000"/>{{}}<wp:docPr id="{identity}" name="x"/>'
    if not anchored:
        return (
            f"<w:r><w:drawing><wp:inline>{size.format('')}{graphic}</wp:inline></w:drawing></w:r>"
        )
    return (
        '<w:r><w:drawing><wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" '
        'relativeHeight="1" behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1">'
        '<wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="page"><wp:posOffset>720000'
        '</wp:posOffset></wp:positionH><wp:positionV relativeFrom="page"><wp:posOffset>7200000'
        f"</wp:posOffset></wp:positionV>{size.format('<wp:wrapNone/>')}{graphic}</wp:anchor>"
        "</w:drawing></w:r>"
    )


def png(color: str = "red") -> bytes:
    """A small picture."""
    stream = io.BytesIO()
    Image.new("RGB", (20, 20), color).save(stream, "PNG")
    return stream.getvalue()


def pupil(nom: str, prenom: str = "Zoé", **values: Any) -> dict[str, Any]:
    """A row of the table."""
    row: dict[str, Any] = dict.fromkeys(columns.WORKBOOK_COLUMNS, "")
    row |= dict.fromkeys(COMPETENCE_CODES, "3")
    number = str(1_000_000 + sum(map(ord, nom + prenom)) * 7)
    row |= {columns.NOM: nom, columns.PRENOM: prenom, columns.NUMERO: number}
    row |= {columns.DATE_NAISSANCE: dt.date(2011, 3, 14), columns.PIX: "266"}
    row |= {columns.DATE_PASSAGE: dt.date(2026, 5, 18), columns.CLASSE: "3A"}
    return row | values


CLASS = (pupil("DURAND"), pupil("LEFÈVRE", "Noé"), pupil("MARTIN", "Léa"))
SCHOOL = prepare_school(Settings(), dt.date(2026, 6, 26))


def class_document(
    template: bytes,
    rows: Sequence[Mapping[str, Any]] = CLASS,
    school: School = SCHOOL,
    **options: Any,
) -> bytes:
    """The Word document of a class, from a template's bytes."""
    compiled = compile_template(check_template("modèle.docx", template), list(rows[0]))
    return render_class(compiled, school, rows, bookmarks(rows), **options)


def bookmarks(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each pupil's bookmark."""
    return [bookmark_name(rank, row[columns.NUMERO]) for rank, row in enumerate(rows, 1)]


def convert(docx: bytes, folder: Path, engine: str = "embedded") -> Path:
    """``docx`` as a PDF."""
    source, target = folder / "classe.docx", folder / f"{engine}.pdf"
    source.write_bytes(docx)
    engines.choose(engine)[0].convert(source, target)
    return target


def printed(
    template: bytes,
    folder: Path,
    engine: str = "embedded",
    rows: Sequence[Mapping[str, Any]] = CLASS,
    **options: Any,
) -> list[list[str]]:
    """The text of every page of every pupil, white space as one space, found by bookmark."""
    return pages(class_document(template, rows, **options), folder, engine, rows)


def pages(
    docx: bytes, folder: Path, engine: str = "embedded", rows: Sequence[Mapping[str, Any]] = CLASS
) -> list[list[str]]:
    """The text of every page of every pupil of a class document."""
    target = convert(docx, folder, engine)
    expected = [
        pdf.Expected(bookmark, row[columns.NOM], ())
        for row, bookmark in zip(rows, bookmarks(rows), strict=True)
    ]
    located = pdf.locate(target, expected, bookmarks=True)
    with pypdfium2.PdfDocument(target) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    clean = [" ".join(unicodedata.normalize("NFKC", text).split()) for text in texts]
    return [[clean[index] for index in pupil_pages] for pupil_pages in located.ranges]
