"""Opening a Word template that nobody has vouched for: bounded, no macros, nothing from outside.

The archive is checked before anything is unpacked; every XML part is refused if it declares a
DOCTYPE; relations that would fetch something (pictures, templates, objects) are refused by name.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE as REL
from docx.opc.part import Part, XmlPart
from lxml import etree

from mailmerge.errors import TemplateError
from mailmerge.template.language.fields import strip_mail_merge
from mailmerge.template.wordxml import PARSER, part_root

MAX_FILE_BYTES = 50 * 2**20
MAX_UNPACKED_BYTES = 200 * 2**20
MAX_XML_BYTES = 20 * 2**20
MAX_MEMBERS = 2_000
MAX_RATIO = 200  # Word's own XML packs about 10 to 30 times

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCODING = re.compile(rb"[^<]{0,4}<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]*)")
_ENCODINGS = frozenset({"utf-8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "windows-1252"})
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_STRICT = b"purl.oclc.org/ooxml/officeDocument"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
# Where a link to outside only waits for a reader's click.
_CLICKABLE = frozenset({"hyperlink", "hlinkClick", "hlinkHover"})
# What an SVG picture may use: its own pieces, and pictures in it that are no SVG again.
_GZIP = b"\x1f\x8b"
_INSIDE = re.compile(r"\s*(?:#|data:image/(?:png|jpe?g|gif)[;,]|$)", re.IGNORECASE)
_FETCHED = re.compile(
    rb"url\(\s*+(?:&quot;|[\"'])?+\s*+(?!#)[^\s)]{1,60}|@import|<\?xml-stylesheet",
    re.IGNORECASE,
)
_MAX_DRAWING = 32 * 2**20  # bytes, unpacked
_VML_PICTURES = frozenset({"imagedata", "fill", "stroke", "image"})
# Relations to what is no part of a Word page, by the end of their type.
_OBJECT = (
    "il contient un objet incorporé (une feuille Excel, par exemple). Collez-le comme image ou "
    "comme tableau de Word"
)
_FOREIGN = {
    "aFChunk": "il contient un document importé (altChunk). Copiez son texte à la place",
    "subDocument": "c’est un document maître. Copiez le texte de ses sous-documents à la place",
    "oleObject": _OBJECT,
    "package": _OBJECT,
    "control": "il contient un contrôle ActiveX. Supprimez-le",
    "vbaProject": "il contient des macros. Enregistrez-le au format « Document Word (.docx) »",
}
_DAMAGED = "le document est abîmé. Ouvrez-le dans Word et enregistrez-le à nouveau"
# Dropped quietly: the data source of Word's own merge and the model the document was made from
# are never read, neither by us nor by an engine.
_DROPPED_EXTERNAL = frozenset(
    {
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/mailMergeSource",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/mailMergeHeaderSource",
    }
)


@dataclass(frozen=True)
class TemplateFile:
    """A template's bytes, checked; ``name`` is for messages."""

    name: str
    content: bytes

    def open(self) -> WordDocument:
        """A new python-docx document, free to be changed."""
        document = Document(io.BytesIO(self.content))
        _drop_external(document)
        return document

    @cached_property
    def title(self) -> str:
        """The name without extension, for names of files."""
        return Path(self.name).stem


def open_template(path: Path) -> TemplateFile:
    """Read and check the template at ``path``.

    Raises:
        TemplateError: missing, too large, not a Word document, protected, with macros, with
            external content, or built as an attack.
    """
    name = path.name
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_FILE_BYTES else b""
    except FileNotFoundError as error:
        raise _refused(
            name, "le fichier est introuvable. Vérifiez son nom et son dossier"
        ) from error
    except OSError as error:
        if path.is_dir():
            raise _refused(name, "c’est un dossier. Indiquez un document Word (.docx)") from error
        raise _refused(
            name,
            "le fichier ne peut pas être lu ; fermez-le s’il est ouvert dans un autre programme",
        ) from error
    if size > MAX_FILE_BYTES:
        raise _refused(name, "le fichier dépasse 50 Mo. Allégez ses images (Word : « Compresser »)")
    return check_template(name, content)


def check_template(name: str, content: bytes) -> TemplateFile:
    """The same for bytes (a template that travelled or was uploaded)."""
    _check_archive(name, content)
    template = TemplateFile(name, content)
    try:
        document = Document(io.BytesIO(content))
        document.settings  # noqa: B018 - every part that we use is read here, once
        document.styles  # noqa: B018
    except (ValueError, LookupError, TypeError, etree.LxmlError, zipfile.BadZipFile, zlib.error,
            EOFError, AttributeError, NotImplementedError) as error:  # fmt: skip
        raise _refused(name, _DAMAGED) from error
    if document.element.body is None:
        raise _refused(name, "le document est vide")
    _check_parts(name, document)
    return template


def _check_archive(name: str, content: bytes) -> None:
    if not content:
        raise _refused(name, "le fichier est vide")
    if content.startswith(_OLE_MAGIC):
        raise _refused(
            name,
            "le document est protégé par un mot de passe ou date d’un ancien Word (.doc). "
            "Enregistrez-le au format « Document Word (.docx) », sans mot de passe",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(name, archive)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        zlib.error,
    ) as error:
        raise _refused(
            name, "ce n’est pas un document Word (.docx), ou il est incomplet"
        ) from error


def _check_members(name: str, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES:
        raise _refused(name, "une fois décompressé, le document est démesuré")
    if unpacked > 2**20 and unpacked / packed > MAX_RATIO:
        raise _refused(name, "le document est compressé de façon anormale")
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names:
        raise _refused(name, "ce n’est pas un document Word (.docx)")
    for member in members:
        _check_member(name, archive, member)
    _check_kind(name, archive, names)


def _check_member(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack a member, which proves its size, and refuse XML that declares anything."""
    content = archive.read(member)
    head = content[:4].lstrip(b"\xef\xbb\xbf\x00 \t\r\n")
    is_xml = head.startswith((b"<", b"\xff\xfe", b"\xfe\xff"))
    if not is_xml and not member.filename.endswith((".xml", ".rels")):
        return
    if len(content) > MAX_XML_BYTES:
        raise _refused(name, "le texte du document est démesuré")
    encoding = _ENCODING.match(content)
    if encoding and encoding[1].decode().casefold() not in _ENCODINGS:
        raise _refused(name, "son XML est écrit dans un codage inattendu")
    if _DOCTYPE.search(content.replace(b"\x00", b"")):
        raise _refused(name, "le document contient une déclaration XML interdite (DOCTYPE)")


def _check_kind(name: str, archive: zipfile.ZipFile, names: set[str]) -> None:
    content_types = archive.read("[Content_Types].xml")
    relations = archive.read("_rels/.rels") if "_rels/.rels" in names else b""
    kinds = {
        element.get("ContentType", "") for element in etree.fromstring(content_types, PARSER).iter()
    }
    if any("macroEnabled" in kind or "vbaProject" in kind for kind in kinds) or any(
        "vbaProject" in member for member in names
    ):
        raise _refused(
            name,
            "le document contient des macros. Enregistrez-le au format "
            "« Document Word (.docx) », sans macros",
        )
    if _STRICT in relations:
        raise _refused(
            name,
            "il est au format « Strict Open XML ». Enregistrez-le au format "
            "« Document Word (.docx) »",
        )
    if f"{_WORD}template.main+xml" in kinds:
        raise _refused(
            name,
            "c’est un modèle au sens de Word (.dotx). Enregistrez-le au format "
            "« Document Word (.docx) »",
        )
    if f"{_WORD}document.main+xml" not in kinds:
        raise _refused(name, "ce n’est pas un document Word (.docx)")


def _check_parts(name: str, document: WordDocument) -> None:
    """Refuse whatever an engine could fetch from elsewhere, and documents inside the document."""
    for part in document.part.package.iter_parts():
        links: dict[str, str] = {}
        for rid, relation in part.rels.items():
            kind = relation.reltype.rsplit("/", 1)[-1]
            of_chart = kind == "package" and "drawingml.chart" in part.content_type
            if kind in _FOREIGN and not of_chart:
                raise _refused(name, _FOREIGN[kind])
            if not relation.is_external or relation.reltype in _DROPPED_EXTERNAL:
                continue
            if relation.reltype != REL.HYPERLINK:
                raise _linked(name, kind, relation.target_ref)
            links[rid] = relation.target_ref
        if isinstance(part, XmlPart) or str(part.partname).endswith(".xml"):
            _check_links(name, _root(name, part), links)
        else:
            _check_drawing(name, part.blob)


def _check_links(name: str, root: Any, links: Mapping[str, str]) -> None:
    """Links are for readers to click; a picture that uses one would be fetched by LibreOffice."""
    for element in root.iter():
        local = etree.QName(element).localname if isinstance(element.tag, str) else ""
        for attribute, value in element.attrib.items():
            shown = links.get(value) if local not in _CLICKABLE else None
            if attribute == "src" and value and local in _VML_PICTURES:
                shown = value
            if shown is not None:
                raise _linked(name, "image", shown)


def _check_drawing(name: str, content: bytes) -> None:
    """An SVG picture may show a file that lies elsewhere: LibreOffice reads it."""
    if content.startswith(_GZIP):  # .svgz, or Office's own .emz
        with contextlib.suppress(zlib.error):
            content = zlib.decompressobj(31).decompress(content, _MAX_DRAWING)
    plain = content.replace(b"\x00", b"")
    begins = plain.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")
    if not begins or (b"<svg" not in plain and b":svg" not in plain):
        return
    try:
        root = etree.fromstring(content, PARSER)
    except etree.XMLSyntaxError as error:
        raise _refused(name, _DAMAGED) from error
    for element in root.iter():
        for attribute, value in element.attrib.items():
            local = etree.QName(attribute).localname
            if local in ("href", "src") and not _INSIDE.match(str(value)):
                raise _linked(name, "image", str(value))
    if found := _FETCHED.search(plain):
        raise _linked(name, "image", found[0].decode("utf-8", "replace"))


def _root(name: str, part: Part) -> Any:
    try:
        return part_root(part)
    except etree.XMLSyntaxError as error:
        raise _refused(name, _DAMAGED) from error


def _linked(name: str, kind: str, target: str) -> TemplateError:
    what = "une image liée" if kind == "image" else f"un contenu lié ({kind})"
    return _refused(
        name,
        f"il contient {what} à un autre fichier ou à internet : « {target[:80]} ». Dans Word, "
        "insérez l’image dans le document au lieu de la lier",
    )


def _drop_external(document: WordDocument) -> None:
    """Forget the data source and the attached model, so that nothing asks for them."""
    strip_mail_merge(document.settings.element)
    for part in document.part.package.iter_parts():
        for rid in [rid for rid, rel in part.rels.items() if rel.reltype in _DROPPED_EXTERNAL]:
            del part.rels[rid]


def _refused(name: str, reason: str) -> TemplateError:
    return TemplateError(f"Le modèle « {name} » ne peut pas être utilisé : {reason}.", source=name)
