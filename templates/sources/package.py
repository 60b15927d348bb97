"""A Word document out of its parts: the same bytes each time, fonts embedded as Word does it."""

from __future__ import annotations

import uuid
import zipfile
from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from .ooxml import W_NS, Element, w
from .reduced import FAMILY, FONTS

_R_NS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_NS = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_EPOCH = (2026, 1, 1, 0, 0, 0)  # one date in every archive: the same code gives the same bytes

_CONTENT_TYPES = f"""<Types xmlns="{_PACKAGE_NS}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Default Extension="odttf" \
ContentType="application/vnd.openxmlformats-officedocument.obfuscatedFont"/>
<Override PartName="/word/document.xml" ContentType="{_DOCUMENT_TYPE}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{_DOCUMENT_TYPE}.styles+xml"/>
<Override PartName="/word/settings.xml" ContentType="{_DOCUMENT_TYPE}.settings+xml"/>
<Override PartName="/word/fontTable.xml" ContentType="{_DOCUMENT_TYPE}.fontTable+xml"/>
<Override PartName="/docProps/core.xml" \
ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
<Override PartName="/docProps/app.xml" \
ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/>
</Types>"""

_SETTINGS = f"""<w:settings xmlns:w="{W_NS}">
<w:zoom w:percent="100"/><w:embedTrueTypeFonts/>
<w:defaultTabStop w:val="708"/><w:characterSpacingControl w:val="doNotCompress"/>
<w:compat><w:compatSetting w:name="compatibilityMode" \
w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>
<w:themeFontLang w:val="fr-FR"/><w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/>
</w:settings>"""

_CORE = """<cp:coreProperties \
xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{title}</dc:title>\
<dc:language>fr-FR</dc:language>\
<dcterms:created xsi:type="dcterms:W3CDTF">2026-01-01T00:00:00Z</dcterms:created>\
</cp:coreProperties>"""

_APP = """<Properties \
xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">\
<Application>Microsoft Office Word</Application><AppVersion>16.0000</AppVersion></Properties>"""


def save(path: Path, title: str, styles: Element, body: Sequence[Element]) -> None:
    """Write the document with ``body`` (the page's section properties last) at ``path``."""
    document = w("document", w("body", *body))
    parts: dict[str, bytes] = {
        "[Content_Types].xml": _CONTENT_TYPES.encode(),
        "_rels/.rels": _relationships(
            ("officeDocument", "word/document.xml"),
            (f"{_PACKAGE_NS}/relationships/metadata/core-properties", "docProps/core.xml"),
            ("extended-properties", "docProps/app.xml"),
        ),
        "docProps/core.xml": _CORE.format(title=title).encode(),
        "docProps/app.xml": _APP.encode(),
        "word/document.xml": _xml(document),
        "word/_rels/document.xml.rels": _relationships(
            ("styles", "styles.xml"), ("settings", "settings.xml"), ("fontTable", "fontTable.xml")
        ),
        "word/styles.xml": _xml(styles),
        "word/settings.xml": _SETTINGS.encode(),
        "word/fontTable.xml": _xml(_font_table()),
        "word/_rels/fontTable.xml.rels": _relationships(
            *(("font", f"fonts/font{number}.odttf") for number, _ in enumerate(FONTS, 1))
        ),
    }
    for number, file in enumerate(FONTS.values(), 1):
        parts[f"word/fonts/font{number}.odttf"] = obfuscate(file.read_bytes(), _key(file))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            archive.writestr(info, content)


def obfuscate(font: bytes, key: uuid.UUID) -> bytes:
    """The font as ISO/IEC 29500-1 § 17.8.1 hides it: 32 bytes XORed with the reversed key."""
    mask = bytes.fromhex(key.hex)[::-1]
    head = bytes(byte ^ mask[i % 16] for i, byte in enumerate(font[:32]))
    return head + font[32:]


def _key(file: Path) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, file.name)


def _font_table() -> Element:
    font = w(
        "font",
        w("altName", val="Noto Sans"),
        w("charset", val="00"),
        w("family", val="swiss"),
        w("pitch", val="variable"),
        name=FAMILY,
    )
    for number, (weight, file) in enumerate(FONTS.items(), 1):
        embedded = w(f"embed{weight}", fontKey=f"{{{str(_key(file)).upper()}}}")
        embedded.set(f"{{{_R_NS}}}id", f"rId{number}")
        font.append(embedded)
    return w("fonts", font)


def _relationships(*targets: tuple[str, str]) -> bytes:
    root = etree.Element("Relationships", xmlns=f"{_PACKAGE_NS}/relationships")
    for number, (kind, target) in enumerate(targets, 1):
        kind = kind if "/" in kind else f"{_R_NS}/{kind}"
        etree.SubElement(root, "Relationship", Id=f"rId{number}", Type=kind, Target=target)
    return _xml(root)


def _xml(root: Element) -> bytes:
    etree.cleanup_namespaces(root, keep_ns_prefixes=["w"])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
