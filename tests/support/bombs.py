"""Small files that would unfold to anything: workbooks, archives, pictures."""

from __future__ import annotations

import functools
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

from support.pix_exports import cells, certification

LAUGHS = '<!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
) + "]>"  # fmt: skip


def archive(members: Mapping[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return stream.getvalue()


def workbook(change: Callable[[str, str], str] = lambda _, text: text, **more: str) -> bytes:
    """An .xlsx of one result whose texts are shared; ``change`` is given each part's name."""
    rows = cells("L3", [certification()])
    texts = sorted({cell for row in rows for cell in row})
    places = {text: number for number, text in enumerate(texts)}
    sheet = "".join(
        f'<row r="{line}">'
        + "".join(f'<c t="s"><v>{places[cell]}</v></c>' for cell in row)
        + "</row>"
        for line, row in enumerate(rows, 1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData>'
        "</worksheet>",
        **more,
    }
    return archive({name: change(name, text) for name, text in parts.items()})


def in_part(part: str, old: str, new: str) -> Callable[[str, str], str]:
    """The first ``old`` of a part becomes ``new``."""

    def change(name: str, text: str) -> str:
        assert name != part or old in text
        return text.replace(old, new, 1) if name == part else text

    return change


def open_document(rows: str, declared: str = "") -> bytes:
    """An .ods of these rows."""
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(f'xmlns:{n}="{urn}:{n}:1.0"' for n in ("office", "table", "text"))
    return archive({
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{urn}:manifest:1.0"/>',
        "content.xml": f'<?xml version="1.0"?>{declared}<office:document-content {names}>'
        f'<office:body><office:spreadsheet><table:table table:name="a">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>",
    })  # fmt: skip


def ods_cell(text: str, repeated: str = "1") -> str:
    return (
        f"<table:table-cell office:value-type='string' table:number-columns-repeated='{repeated}'>"
        f"<text:p>{text}</text:p></table:table-cell>"
    )


@functools.cache
def huge_png(side: int = 50_000) -> bytes:
    """A true picture of side × side points, all black, in 300 KB."""
    packer = zlib.compressobj(9)
    rows = (b"\0" * (side // 8 + 1)) * 1000
    data = b"".join(packer.compress(rows) for _ in range(side // 1000)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def lying(packed: bytes) -> bytes:
    """The same archive, whose list of members says that each is 9 bytes long."""
    return re.sub(
        rb"(PK\x01\x02.{20})(.{4})", lambda m: m[1] + struct.pack("<I", 9), packed, flags=re.DOTALL
    )
