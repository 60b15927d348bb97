"""SIECLE's « ElevesSansAdresses.xml », as it is or in its ZIP, without any trust in it."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from mailmerge.errors import InputError, Notice
from mailmerge.results import cells
from mailmerge.results.listed import ListedPupil
from mailmerge.results.wording import fr

MAX_XML_BYTES = 128 * 2**20  # a school of 3,000 pupils is below 10 MB
MAX_RATIO = 200  # such files pack about 20 to 1
_MAX_MEMBERS = 50
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"encoding=[\"']([A-Za-z0-9._-]{1,30})[\"']")
_INACTIVE = "inactifs"
_TOO_MUCH = "l'archive contient une quantité anormale de données"
_EXPORT_AGAIN = (
    "Refaites l'export depuis SIECLE (Exportations, En XML, « Élèves sans adresses ») et indiquez "
    "le fichier obtenu, sans l'ouvrir ni le modifier."
)


def is_siecle(data: bytes) -> bool:
    """Whether a file is XML, or a ZIP that holds an XML file and is no workbook."""
    if not data.startswith(b"PK"):
        head = data[:400].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        return head.startswith(b"<?xml") or head.startswith(b"<BEE_ELEVES")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    office = {"[Content_Types].xml", "mimetype"} & set(names)
    return not office and any(name.lower().endswith(".xml") for name in names)


def is_plainly_siecle(data: bytes) -> bool:
    """Whether a file that nobody called a list of pupils is one all the same."""
    if not is_siecle(data):
        return False
    if not data.startswith(b"PK"):
        return b"BEE_ELEVES" in data[:2000].replace(b"\x00", b"")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return any("eleves" in name.lower() for name in archive.namelist())


def read(data: bytes, source: str) -> tuple[list[ListedPupil], list[Notice]]:
    """The pupils of a SIECLE file.

    Raises:
        InputError: damaged, too large, with a DOCTYPE, or another export.
    """
    xml = _unzipped(data, source) if data.startswith(b"PK") else data
    root = _parse(xml, source)
    if root.tag != "BEE_ELEVES":
        raise _wrong(source, "ce n'est pas l'export « Élèves sans adresses »")
    divisions, inactive = _divisions(root)
    pupils, gone = [], 0
    for node in root.iter("ELEVE"):
        key = _key(node)
        if key in inactive or _has_left(node):
            gone += 1
        elif _text(node, "NOM_DE_FAMILLE", "NOM") and _text(node, "PRENOM"):
            pupils.append(_pupil(node, divisions.get(key, "")))
    return pupils, _say_gone(gone, source)


def _say_gone(count: int, source: str) -> list[Notice]:
    if not count:
        return []
    message = fr(
        "Liste d'élèves « {source} » : {count} {what} l'établissement, donc non {counted}.",
        source=source,
        count=count,
        what="élève a quitté" if count == 1 else "élèves ont quitté",
        counted="compté" if count == 1 else "comptés",
    )
    return [Notice("liste-sortis", message, source)]


def _wrong(source: str, why: str) -> InputError:
    message = fr("La liste d'élèves « {name} » : {why}. ", name=source, why=fr(why))
    return InputError(message + fr(_EXPORT_AGAIN), source=source)


def _unzipped(data: bytes, source: str) -> bytes:
    """The one XML file of a ZIP, never more than `MAX_XML_BYTES` of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member, allowed = _xml_member(archive, source)
            with archive.open(member) as file:
                xml = file.read(allowed + 1)
    except InputError:
        raise
    # zipfile raises many kinds on a damaged or encrypted archive.
    except Exception as error:
        raise _wrong(source, "l'archive est abîmée ou protégée par un mot de passe") from error
    if len(xml) > allowed:
        raise _wrong(source, _TOO_MUCH)
    return xml


def _xml_member(archive: zipfile.ZipFile, source: str) -> tuple[zipfile.ZipInfo, int]:
    """The XML file of the archive and how many bytes of it may be read."""
    everything = archive.infolist()
    members = [m for m in everything if m.filename.lower().endswith(".xml")]
    if len(everything) > _MAX_MEMBERS or len(members) != 1:
        raise _wrong(source, "l'archive doit contenir un seul fichier XML")
    allowed = min(MAX_XML_BYTES, max(members[0].compress_size * MAX_RATIO, 2**20))
    if members[0].file_size > allowed:
        raise _wrong(source, _TOO_MUCH)
    return members[0], allowed


def _parse(xml: bytes, source: str) -> Element:
    if len(xml) > MAX_XML_BYTES:
        raise _wrong(source, "le fichier est bien trop gros")
    text = _DECLARATION.sub("", _decode(xml), count=1)
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise _wrong(source, "le fichier contient des définitions (DOCTYPE) refusées") from error
    except (ParseError, ValueError) as error:
        raise _wrong(source, "le fichier est coupé ou abîmé") from error
    for node in root.iter():  # some tools re-save it with a namespace
        if isinstance(node.tag, str):
            node.tag = node.tag.rpartition("}")[2]
    return root


def _decode(xml: bytes) -> str:
    """The text, as it was really saved: an editor may change the bytes, not the declaration."""
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        return xml.decode("utf-16", errors="replace")
    try:
        return xml.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = _ENCODING.search(xml[:200])
    windows = re.search(rb"[\x80-\x9f]", xml) is not None  # letters only in Windows' own set
    name = declared[1].decode().lower() if declared else ""
    latin = "iso-8859-1" if name in ("iso-8859-1", "latin-1", "latin1") else "iso-8859-15"
    return xml.decode("cp1252" if windows else latin, errors="replace")


def _divisions(root: Element) -> tuple[dict[str, str], set[str]]:
    """ELEVE_ID → class; and who is only among the « Inactifs »."""
    divisions: dict[str, str] = {}
    inactive: set[str] = set()
    for node in root.iter("STRUCTURES_ELEVE"):
        for code in _codes(node):
            if code.casefold() == _INACTIVE:
                inactive.add(_key(node))
            else:
                divisions.setdefault(_key(node), code)
    return divisions, inactive - set(divisions)


def _codes(node: Element) -> Iterator[str]:
    for structure in node.iter("STRUCTURE"):
        if _text(structure, "TYPE_STRUCTURE") == "D":
            code = _text(structure, "CODE_STRUCTURE")
            if code:
                yield code


def _key(node: Element) -> str:
    return node.get("ELEVE_ID") or _text(node, "ELEVE_ID") or node.get("ELENOET") or ""


def _has_left(node: Element) -> bool:
    left = _day(_text(node, "DATE_SORTIE"))
    return left is not None and left <= dt.date.today()


def _pupil(node: Element, division: str) -> ListedPupil:
    identifiers = [_text(node, tag) for tag in ("INE_RNIE", "ID_NATIONAL")]
    return ListedPupil(
        nom=_text(node, "NOM_DE_FAMILLE", "NOM"),
        prenom=_text(node, "PRENOM"),
        division=division,
        date_naissance=_day(_text(node, "DATE_NAISS")),
        nom_usage=_text(node, "NOM_USAGE"),
        autres_prenoms=tuple(t for tag in ("PRENOM2", "PRENOM3") if (t := _text(node, tag))),
        identifiants=tuple(dict.fromkeys(i for i in identifiers if i)),
    )


def _text(node: Element, *tags: str) -> str:
    for tag in tags:
        value = " ".join((node.findtext(tag) or "").split())
        if value:
            return value
    return ""


def _day(text: str) -> dt.date | None:
    try:
        return cells.date(text)
    except cells.CellError:
        return None
