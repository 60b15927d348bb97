"""Opening a Word template that nobody has vouched for: bounded, no macros, nothing from outside.

The archive is checked before anything is unpacked; every XML part is refused if it declares a
DOCTYPE; relations that would fetch something (pictures, templates, objects) are refused by name.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE as REL
from docx.opc.part import Part
from lxml import etree

from mailmerge.errors import TemplateError

MAX_FILE_BYTES = 50 * 2**20
MAX_UNPACKED_BYTES = 200 * 2**20
MAX_XML_BYTES = 20 * 2**20
MAX_MEMBERS = 2_000
MAX_RATIO = 200  # Word's own XML packs about 10 to 30 times

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MAIN_TYPES = frozenset(
    "application/vnd.openxmlformats-officedocument.wordprocessingml." + kind
    for kind in ("document.main+xml", "template.main+xml")
)
# What Word may point to outside without anything being read: a link that a reader clicks.
_HARMLESS_EXTERNAL = frozenset({REL.HYPERLINK})
# Dropped quietly: the data source of Word's own merge and the model the document was made from
# are never read, neither by us nor by an engine.
_DROPPED_EXTERNAL = frozenset(
    {
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/mailMergeSource",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/mailMergeHeaderSource",
    }
)

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


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
        raise _refused(
            name, "le fichier ne peut pas être lu. Est-il ouvert dans un autre programme ?"
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
    except (
        ValueError,
        KeyError,
        etree.XMLSyntaxError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        AttributeError,
    ) as error:
        raise _refused(
            name, "le document est abîmé. Ouvrez-le dans Word et enregistrez-le à nouveau"
        ) from error
    if document.element.body is None:
        raise _refused(name, "le document est vide")
    _check_external(name, document)
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
        if member.filename.endswith((".xml", ".rels")):
            _check_xml(name, archive, member)
    _check_kind(name, archive.read("[Content_Types].xml"), names)


def _check_xml(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    if member.file_size > MAX_XML_BYTES:
        raise _refused(name, "le texte du document est démesuré")
    with archive.open(member) as stream:
        head = stream.read(MAX_XML_BYTES + 1)  # also proves that the member unpacks
    if len(head) > MAX_XML_BYTES or _DOCTYPE.search(head) or b"\x00<\x00!\x00D" in head:
        raise _refused(name, "le document contient une déclaration XML interdite (DOCTYPE)")


def _check_kind(name: str, content_types: bytes, names: set[str]) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    kinds = {
        element.get("ContentType", "") for element in etree.fromstring(content_types, parser).iter()
    }
    if any("macroEnabled" in kind or "vbaProject" in kind for kind in kinds) or any(
        "vbaProject" in member for member in names
    ):
        raise _refused(
            name,
            "le document contient des macros. Enregistrez-le au format "
            "« Document Word (.docx) », sans macros",
        )
    if not kinds & _MAIN_TYPES:
        raise _refused(name, "ce n’est pas un document Word (.docx)")


def _check_external(name: str, document: WordDocument) -> None:
    """Refuse whatever an engine could fetch from elsewhere, and documents inside the document."""
    for part in document.part.package.iter_parts():
        if "afchunk" in str(part.content_type).casefold():
            raise _refused(name, "il contient un document importé (altChunk) ; copiez son texte")
        for relation in part.rels.values():
            kind = relation.reltype.rsplit("/", 1)[-1]
            if relation.reltype.endswith("/aFChunk"):
                raise _refused(
                    name, "il contient un document importé (altChunk). Copiez son texte à la place"
                )
            allowed = _HARMLESS_EXTERNAL | _DROPPED_EXTERNAL
            if relation.is_external and relation.reltype not in allowed:
                what = "une image liée" if kind == "image" else f"un contenu lié ({kind})"
                raise _refused(
                    name,
                    f"il contient {what} à un autre fichier ou à internet : "
                    f"« {relation.target_ref[:80]} ». Dans Word, insérez l’image dans le "
                    "document au lieu de la lier",
                )


def _drop_external(document: WordDocument) -> None:
    """Forget the data source and the attached model, so that nothing asks for them."""
    for part in document.part.package.iter_parts():
        dropped = [rid for rid, rel in part.rels.items() if rel.reltype in _DROPPED_EXTERNAL]
        for rid in dropped:
            del part.rels[rid]
        if dropped:
            _drop_mentions(part)


def _drop_mentions(part: Part) -> None:
    root = getattr(part, "element", None)
    if root is None:
        return
    for tag in ("mailMerge", "attachedTemplate"):
        for element in list(root.iter(f"{{{W}}}{tag}")):
            element.getparent().remove(element)


def _refused(name: str, reason: str) -> TemplateError:
    return TemplateError(f"Le modèle « {name} » ne peut pas être utilisé : {reason}.", source=name)
