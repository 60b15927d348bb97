"""One Word document for a class: the compiled template once per pupil, each in its own sections.

What must not clash or leak from one pupil to the next is asked for by tags of our own, which
compiling has put in (`marking`); this module answers them.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE as REL
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from lxml import etree

from mailmerge import columns
from mailmerge.errors import TemplateError
from mailmerge.settings import Settings
from mailmerge.template import context, marking
from mailmerge.template.compiling import CompiledTemplate
from mailmerge.template.images import (
    LOGO_BOX,
    SIGNATURE_BOX,
    Picture,
    blank_picture,
    load_picture,
    qr_picture,
)
from mailmerge.template.language.sandbox import template_function
from mailmerge.template.notes import NotesPart
from mailmerge.template.numbering import Lists
from mailmerge.template.opening import TemplateFile
from mailmerge.template.packing import pack
from mailmerge.template.tidying import LINE_END, break_lines
from mailmerge.template.wordxml import PARSER, part_root, qn

MAX_DOCUMENT = 64 * 2**20  # characters of XML; a class of 100 with the default template has 6
_FIRST_IDENTITY = 1000
_BOOKMARK = re.compile(r"Eleve\d{5}N([0-9A-Za-z]*)")
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]")
_RELATION = re.compile(r'"([^"<>]+)"')
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_HOLE = "\N{OBJECT REPLACEMENT CHARACTER}"
# A picture's tag stands in a text: that text is closed before it and opened again after it.
_PICTURE = '</w:t></w:r><w:r><w:drawing>{}</w:drawing></w:r><w:r><w:t xml:space="preserve">'


@dataclass(frozen=True)
class School:
    """What is the same on every page: values of tags and the two pictures."""

    values: Mapping[str, Any]
    pictures: Mapping[str, Picture | None] = field(default_factory=dict)


def prepare_school(settings: Settings, today: dt.date) -> School:
    """The school's values and pictures.

    Without a signature its place stays blank; without a logo there is nothing.

    Raises:
        SettingsError: a picture can't be used.
    """
    signature = settings.chef.signature
    logo = settings.etablissement.logo
    label = "Signature"
    return School(
        values=context.school_values(settings, today),
        pictures={
            "signature": load_picture(signature, SIGNATURE_BOX, label, ink=True)
            if signature
            else blank_picture(SIGNATURE_BOX, label),
            "logo": load_picture(logo, LOGO_BOX, "Logo de l’établissement") if logo else None,
        },
    )


def bookmark_name(rank: int, numero: str) -> str:
    """The bookmark of a pupil's first page: ``Eleve00001N1048576``.

    Letters and digits only (LibreOffice escapes ``_``), 40 characters at most (Word's limit).
    """
    return f"Eleve{rank:05d}N{_NOT_ALPHANUMERIC.sub('', numero)}"[:40]


def render_class(
    template: CompiledTemplate,
    school: School,
    rows: Sequence[Mapping[str, Any]],
    bookmarks: Sequence[str],
    *,
    division: str = "",
    title: str = "",
    first_rank: int = 1,
    pages: Sequence[int] = (),
) -> bytes:
    """The class's .docx.

    Args:
        template: the compiled template.
        school: the school's values.
        rows: one certification per pupil, by column of the table, in page order.
        bookmarks: each pupil's bookmark; one alone for a class sheet.
        division: the class, for class sheets.
        title: the document's title property.
        first_rank: the first pupil's rank in the class, for a part of a large class.
        pages: how many pages each pupil has (or the class sheet), as far as is known; else 1.

    Raises:
        TemplateError: a tag can't be computed; the message names the pupil.
    """
    if template.for_class:
        document = ClassDocument(template, school)
        values = {**context.class_values(rows, division), "nombre_de_pages": (*pages, 1)[0]}
        document.add(values, bookmarks[0])
        return document.save(title)
    document = ClassDocument(template, school, len(rows))
    known = (*pages, *(1 for _ in rows[len(pages) :]))
    for rank, (row, bookmark, count) in enumerate(
        zip(rows, bookmarks, known, strict=True), first_rank
    ):
        try:
            document.add({**context.pupil_values(row, rank), "nombre_de_pages": count}, bookmark)
        except TemplateError as error:
            name = f"{row[columns.NOM]} {row[columns.PRENOM]}"
            raise TemplateError(f"{name} : {error.message}", source=error.source) from error
    return document.save(title)


def bookmarked_texts(file: TemplateFile) -> list[tuple[str, str, str]]:
    """What a class document holds: each pupil's bookmark, number in it, and the text after it.

    The text runs to the next pupil's bookmark, with the headers and footers told on the way.
    Paragraphs, tabs and line breaks part words; runs do not.
    """
    found: list[tuple[str, str, list[str]]] = []
    document = file.open()
    section: list[str] = []  # its headers are told before the bookmark of its last paragraph
    for element in document.element.body.iter(*_MARKS, *_REFERENCES, *_WORDS):
        if element.tag in _REFERENCES:
            root = part_root(document.part.related_parts[element.get(qn("r:id"))])
            section += [*map(_word, root.iter(*_WORDS)), "\n"]
        elif element.tag in _WORDS:
            if found:
                found[-1][2].extend(["\n" if section else "", *section, _word(element)])
                section = []
        elif match := _BOOKMARK.fullmatch(element.get(qn("w:name"), "")):
            found.append((match.group(), match.group(1), []))
    if found:
        found[-1][2].extend(["\n", *section])
    return [(bookmark, number, "".join(words)) for bookmark, number, words in found]


_MARKS = [qn("w:bookmarkStart")]
_REFERENCES = [qn("w:headerReference"), qn("w:footerReference")]
_WORDS = [qn(f"w:{name}") for name in ("t", "p", "tab", "br", "cr", "noBreakHyphen")]


def _word(element: Any) -> str:
    """The text of an element of a document; white space where it parts words."""
    return (element.text or "") if element.tag == qn("w:t") else "\n"


class ClassDocument:
    """A Word document that grows by one pupil at a time, ``size`` in all."""

    def __init__(self, template: CompiledTemplate, school: School, size: int = 1) -> None:
        self._template = template
        self._school = school
        self._size = size
        self._document = Document(io.BytesIO(template.skeleton))
        self._main = self._document.part
        self._lists = Lists(self._main)
        self._notes = self._open_notes()
        self._pictures: dict[str, dict[str, Any]] = {}
        self._bodies: list[str] = []
        self._headers: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        self._identity = _FIRST_IDENTITY
        self._count = self._length = 0

    def add(self, values: Mapping[str, Any], bookmark: str) -> None:
        """Append the pages of one pupil (or of the class, for a class sheet)."""
        self._count += 1
        self._headers = {}
        self._lists.next_pupil()
        self._values = {
            **self._school.values,
            **values,
            marking.PUPIL: self._count,
            marking.BOOKMARK: bookmark,
            marking.IS_LAST: self._count == self._size,
            marking.IDENTITY: self._new_identity,
            marking.LIST: self._own_list,
            marking.HEADER: self._own_header,
            marking.NOTE: self._own_note,
        }
        self._bodies.append(self._render(self._template.body, self._main))
        if self._notes is not None:
            self._notes.write(self._values)

    def save(self, title: str) -> bytes:
        """The whole document as bytes."""
        if self._notes is not None:
            self._notes.save()
        for relation in self._template.headers:  # each pupil has a copy; this one holds tags
            del self._main.rels[relation]
        self._document.core_properties.title = title
        self._document.core_properties.language = "fr-FR"
        package = self._main.package
        whole = self._with_bodies()
        return pack(package, [whole if part is self._main else part for part in package.parts])

    def _with_bodies(self) -> Part:
        """The main part with every pupil's body; joined as text, which is four times as fast."""
        opening = self._bodies[0][: self._bodies[0].index(">") + 1]
        inside = "".join(body[body.index(">") + 1 : body.rindex("</")] for body in self._bodies)
        body = self._document.element.body
        body.clear()
        body.text = _HOLE
        skeleton = etree.tostring(self._document.element, encoding="unicode")
        before, after = skeleton.split(_HOLE)
        before = before[: before.rindex("<")]
        xml = f"{_DECLARATION}{before}{opening}{inside}{after}"
        whole = Part(self._main.partname, self._main.content_type, xml.encode(), self._main.package)
        _copy_relations(self._main, whole, self._main.rels)
        return whole

    def _render(self, fragment: Any, part: Part) -> str:
        xml: str = fragment.render({**self._values, **self._pictures_of(part)})
        self._length += len(xml)
        if self._length > MAX_DOCUMENT:
            raise self._refused("le document produit est démesuré. Allégez le modèle")
        try:
            expat.ParserCreate().Parse(xml, True)
        except expat.ExpatError as error:
            raise self._refused(
                "une balise coupe la mise en page (elle commence dans une cellule ou un lien et "
                "finit ailleurs)"
            ) from error
        if LINE_END in xml:
            root = etree.fromstring(xml, PARSER)
            break_lines(root)
            xml = etree.tostring(root, encoding="unicode")
        return xml

    # --- what our own tags print -------------------------------------------------------------

    @template_function
    def _new_identity(self) -> int:
        self._identity += 1
        return self._identity

    @template_function
    def _own_list(self, number: str) -> str:
        return self._lists.own(number)

    @template_function
    def _own_note(self, identity: str) -> str:
        if self._notes is None:
            raise self._refused("une note de bas de page est introuvable")
        return self._notes.call(identity)

    @template_function
    def _own_header(self, relation: str) -> str:
        if relation not in self._headers:
            self._headers[relation] = self._make_header(relation)
        return self._headers[relation]

    def _make_header(self, relation: str) -> str:
        original = self._main.rels[relation].target_part
        xml = self._render(self._template.headers[relation], original)
        stem = str(original.partname).removesuffix(".xml")
        name = PackURI(f"{stem}Eleve{self._count}.xml")
        content = (_DECLARATION + xml).encode()
        part = Part(name, original.content_type, content, self._main.package)
        used = set(_RELATION.findall(xml))  # the original collects every pupil's QR codes
        _copy_relations(original, part, used & original.rels.keys())
        return str(self._main.relate_to(part, self._main.rels[relation].reltype))

    # --- pictures ----------------------------------------------------------------------------

    def _pictures_of(self, part: Any) -> dict[str, Any]:
        """The tags that print a picture in ``part``; each picture is stored once."""
        if part.partname not in self._pictures:
            placed: dict[str, Any] = {
                name: context.Text("")
                if picture is None
                else _Placed(part, picture, self._new_identity)
                for name, picture in self._school.pictures.items()
            }

            @template_function
            def qr(text: object, size: float = 2.5) -> object:
                picture = qr_picture(str(text), size)
                return _Placed(part, picture, self._new_identity) if picture else context.Text("")

            self._pictures[part.partname] = {**placed, "qr": qr}
        return self._pictures[part.partname]

    def _open_notes(self) -> NotesPart | None:
        if not self._template.notes:
            return None
        relations = self._main.rels.values()
        part = next(rel.target_part for rel in relations if rel.reltype == REL.FOOTNOTES)
        return NotesPart(part, self._template.notes)

    def _refused(self, reason: str) -> TemplateError:
        name = self._template.file.name
        return TemplateError(
            f"Le modèle « {name} » ne peut pas être utilisé : {reason}.", source=name
        )


def _copy_relations(source: Part, target: Part, relations: Iterable[str]) -> None:
    for rid in relations:
        rel = source.rels[rid]
        where = rel.target_ref if rel.is_external else rel.target_part
        target.load_rel(rel.reltype, where, rid, rel.is_external)


class _Placed:
    """A picture as the value of a tag; stored in the document when it is first printed."""

    def __init__(self, part: Any, picture: Picture, identity: Any) -> None:
        self._part = part
        self._picture = picture
        self._identity = identity
        self._xml = ""

    def __html__(self) -> str:
        if not self._xml:
            picture = self._picture
            stream = io.BytesIO(picture.content)
            inline = self._part.new_pic_inline(stream, picture.width, picture.height)
            for side in ("distT", "distB", "distL", "distR"):  # else LibreOffice adds 3 mm
                inline.set(side, "0")
            properties = inline.find(qn("wp:docPr"))
            properties.set("id", "@")
            properties.set("name", "Image")
            properties.set("descr", picture.description)
            self._xml = _PICTURE.format(inline.xml)
        return self._xml.replace('id="@"', f'id="{self._identity()}"', 1)

    def __str__(self) -> str:
        return ""
