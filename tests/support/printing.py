"""Templates written piece by piece as Word stores them, printed by a real engine."""

from __future__ import annotations

import datetime as dt
import functools
import io
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from mailmerge import columns, engines, pdf
from mailmerge.engines.libreoffice import LibreOffice
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
    number = str(1_000_000 + sum(map(ord, nom + prenom)) * 7 % 900_000)
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


@functools.cache  # LibreOffice starts faster with a profile that it knows
def _engine(name: str) -> engines.Engine:
    return engines.choose(name)[0]


def convert(docx: bytes, folder: Path, engine: str = "embedded") -> Path:
    """``docx`` as a PDF."""
    source, target = folder / "classe.docx", folder / f"{engine}.pdf"
    source.write_bytes(docx)
    _engine(engine).convert(source, target)
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
    return read_pages(convert(docx, folder, engine), rows)


def convert_all(documents: Mapping[str, bytes], folder: Path) -> dict[str, Path]:
    """Several documents as PDFs by LibreOffice."""
    engine = LibreOffice()
    pdfs = {}
    for rank, (name, content) in enumerate(documents.items()):
        source = folder / f"{rank}.docx"
        source.write_bytes(content)
        pdfs[name] = source.with_suffix(".pdf")
        engine.convert(source, pdfs[name])
    return pdfs


def read_pages(target: Path, rows: Sequence[Mapping[str, Any]] = CLASS) -> list[list[str]]:
    """The text of every page of every pupil of a class's PDF."""
    expected = [
        pdf.Expected(bookmark, row[columns.NOM], ())
        for row, bookmark in zip(rows, bookmarks(rows), strict=True)
    ]
    located = pdf.locate(target, expected, bookmarks=True)
    with pypdfium2.PdfDocument(target) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    clean = [" ".join(unicodedata.normalize("NFKC", text).split()) for text in texts]
    return [[clean[index] for index in pupil_pages] for pupil_pages in located.ranges]


# --- pieces of a body ---------------------------------------------------------------------------


def para(text: str, properties: str = "", after: str = "") -> str:
    """A paragraph of one run; ``after`` is more runs."""
    ppr = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f'<w:p>{ppr}<w:r><w:t xml:space="preserve">{text}</w:t></w:r>{after}</w:p>'


WHO = para(IDENTITY)
PAGE_BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


def table(*rows: Sequence[str], width: int = 3000) -> str:
    """A table; each cell is the paragraphs in it."""
    column = f'<w:gridCol w:w="{width}"/>'
    cell = f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
    inside = "".join(
        "<w:tr>" + "".join(f"{cell}{content}</w:tc>" for content in row) + "</w:tr>" for row in rows
    )
    return (
        '<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
        f"<w:tblGrid>{column * len(rows[0])}</w:tblGrid>{inside}</w:tbl>"
    )


def section_end(section: str) -> str:
    """An empty paragraph that ends a section."""
    return f"<w:p><w:pPr><w:sectPr>{section}</w:sectPr></w:pPr></w:p>"


def control(content: str, properties: str = "") -> str:
    """A content control."""
    return (
        f'<w:sdt><w:sdtPr><w:id w:val="-1234"/>{properties}</w:sdtPr>'
        f"<w:sdtContent>{content}</w:sdtContent></w:sdt>"
    )


def listed(text: str, number: int = 1, level: int = 0) -> str:
    """A numbered paragraph."""
    numbering = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return para(text, numbering)


def numbering(*nums: str, styles: bool = False) -> str:
    """One abstract list of two levels, ``A1.`` and ``B1.``, and the numberings that use it."""
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        + (f'<w:pStyle w:val="Liste{level}"/>' if styles else "")
        + f'<w:lvlText w:val="{"AB"[level]}%{level + 1}."/><w:lvlJc w:val="left"/>'
        '<w:pPr><w:ind w:left="1440" w:hanging="720"/></w:pPr></w:lvl>'
        for level in (0, 1)
    )
    return (
        '<w:abstractNum w:abstractNumId="0"><w:nsid w:val="1234ABCD"/>'
        f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        + "".join(
            f'<w:num w:numId="{number}"><w:abstractNumId w:val="0"/>{overrides}</w:num>'
            for number, overrides in enumerate(nums, 1)
        )
    )


LIST_STYLES = _STYLES + "".join(
    f'<w:style w:type="paragraph" w:styleId="Liste{level}"><w:name w:val="Liste{level}"/><w:pPr>'
    f'<w:numPr>{ilvl}<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    for level, ilvl in ((0, ""), (1, '<w:ilvl w:val="1"/>'))
)


def footnotes(*notes: str) -> str:
    """A footnotes part: Word's two separators, then notes 1, 2 …"""
    marks = "".join(
        f'<w:footnote w:type="{kind}" w:id="{identity}"><w:p><w:r><w:{element}/></w:r></w:p>'
        "</w:footnote>"
        for kind, identity, element in (
            ("separator", -1, "separator"),
            ("continuationSeparator", 0, "continuationSeparator"),
        )
    )
    raised = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    return marks + "".join(
        f'<w:footnote w:id="{identity}"><w:p><w:r>{raised}<w:footnoteRef/></w:r><w:r>'
        f'<w:t xml:space="preserve"> {text}</w:t></w:r></w:p></w:footnote>'
        for identity, text in enumerate(notes, 1)
    )


def footnote_call(identity: int, kind: str = "footnote") -> str:
    """The run that calls a note."""
    return (
        '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
        f'<w:{kind}Reference w:id="{identity}"/></w:r>'
    )


def text_box(content: str) -> str:
    """An anchored text box as Word 2010 and later write it, with its copy for older ones."""
    return (
        '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor distT="0" '
        'distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" behindDoc="0" locked="0" '
        'layoutInCell="1" allowOverlap="1" wp14:anchorId="1B2C3D4E"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="page"><wp:posOffset>720000</wp:posOffset></wp:positionH>'
        '<wp:positionV relativeFrom="page"><wp:posOffset>5400000</wp:posOffset></wp:positionV>'
        '<wp:extent cx="3600000" cy="720000"/><wp:wrapNone/><wp:docPr id="7" name="Zone 7"/>'
        '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/'
        'wordprocessingShape"><wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm>'
        '<a:off x="0" y="0"/><a:ext cx="3600000" cy="720000"/></a:xfrm><a:prstGeom prst="rect"/>'
        f"</wps:spPr><wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx><wps:bodyPr/>"
        "</wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback>"
        '<w:pict><v:rect id="Zone_x0020_7" style="width:283pt;height:57pt"><v:textbox>'
        f"<w:txbxContent>{content}</w:txbxContent></v:textbox></v:rect></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )


def bookmark(name: str, content: str = "", identity: int = 5) -> str:
    """A bookmark around runs."""
    return (
        f'<w:bookmarkStart w:id="{identity}" w:name="{name}"/>{content}'
        f'<w:bookmarkEnd w:id="{identity}"/>'
    )
