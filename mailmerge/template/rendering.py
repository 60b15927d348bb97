"""One Word document for a class: the compiled template once per pupil, each in its own sections.

What would clash or leak from one pupil to the next is made each pupil's own: identities,
bookmarks, numbering, footnotes, headers that hold tags, page numbers.
"""

from __future__ import annotations

import copy
import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.parser import parse_xml
from markupsafe import Markup

from mailmerge.errors import TemplateError
from mailmerge.settings import Settings
from mailmerge.template import context
from mailmerge.template.compiling import CompiledTemplate
from mailmerge.template.images import (
    LOGO_BOX,
    SIGNATURE_BOX,
    Picture,
    blank_picture,
    load_picture,
)
from mailmerge.template.notes import NotesPart
from mailmerge.template.numbering import Numbering
from mailmerge.template.opening import TemplateFile
from mailmerge.template.sections import close_pupil, header_references, start_pupil
from mailmerge.template.wordxml import qn

_FIRST_PICTURE_ID = 1000
_BOOKMARK = re.compile(r"Eleve\d{5}N([0-9A-Za-z]*)")
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]")
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
            "signature": load_picture(signature, SIGNATURE_BOX, label)
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

    Raises:
        TemplateError: a tag can't be computed; the message names the pupil.
    """
    document = ClassDocument(template, school)
    if template.for_class:
        document.add(context.class_values(rows, division), bookmarks[0])
    else:
        for rank, (row, bookmark) in enumerate(zip(rows, bookmarks, strict=True), first_rank):
            document.add(context.pupil_values(row, rank), bookmark)
    return document.save(title)


def bookmarked_texts(file: TemplateFile) -> list[tuple[str, str, str]]:
    """What a class document holds: each pupil's bookmark, number in it, and the text after it.

    The text runs to the next pupil's bookmark, headers and footers left out.
    """
    found: list[tuple[str, str, list[str]]] = []
    for element in file.open().element.body.iter(qn("w:bookmarkStart"), qn("w:t")):
        if element.tag == qn("w:t"):
            if found:
                found[-1][2].append(element.text or "")
            continue
        match = _BOOKMARK.fullmatch(element.get(qn("w:name"), ""))
        if match:
            found.append((match.group(), match.group(1), []))
    return [(bookmark, number, "".join(words)) for bookmark, number, words in found]


class ClassDocument:
    """A Word document that grows by one pupil at a time."""

    def __init__(self, template: CompiledTemplate, school: School) -> None:
        self._template = template
        self._document = template.file.open()
        self._main = self._document.part
        self._body = self._document.element.body
        self._school = school
        self._pictures = {self._main.partname: self._place_pictures(self._main)}
        self._last_section = self._take_last_section()
        for element in list(self._body):
            self._body.remove(element)
        self._numbering = Numbering(self._main)
        self._notes = [
            NotesPart(self._part(name), fragment) for name, fragment in template.notes.items()
        ]
        self._next_id = _FIRST_PICTURE_ID
        self._count = 0

    def add(self, values: Mapping[str, Any], bookmark: str) -> None:
        """Append the pages of one pupil (or of the class, for a class sheet)."""
        self._count += 1
        everything = {**self._school.values, **values}
        body = self._render(self._template.body, everything, self._main)
        self._make_own(body)
        self._numbering.restart(body, self._count)
        for notes in self._notes:
            notes.add(body, everything)
        section = copy.deepcopy(self._last_section)
        body.append(section)
        self._mark(body, bookmark)
        start_pupil(body, restart_pages=self._count > 1 or len(self._template.headers) > 0)
        self._give_headers(body, everything)
        self._append(body)

    def save(self, title: str) -> bytes:
        """The whole document as bytes."""
        for notes in self._notes:
            notes.save()
        self._document.core_properties.title = title
        self._document.core_properties.language = "fr-FR"
        stream = io.BytesIO()
        self._document.save(stream)
        return stream.getvalue()

    def _append(self, body: Any) -> None:
        if self._count > 1:
            close_pupil(self._body)
        for element in list(body):
            self._body.append(element)

    def _render(self, fragment: Any, values: Mapping[str, Any], part: Part) -> Any:
        pictures = self._pictures.get(part.partname)
        if pictures is None:
            pictures = self._pictures[part.partname] = self._place_pictures(part)
        return parse_xml(fragment.render({**values, **pictures}))

    def _place_pictures(self, part: Any) -> dict[str, Any]:
        """The XML of each picture, stored once in ``part``; ``""`` where there is none."""
        placed: dict[str, Any] = {}
        for name, picture in self._school.pictures.items():
            if picture is None or not self._template.uses(name):
                placed[name] = context.Text("")
                continue
            inline = part.new_pic_inline(io.BytesIO(picture.png), picture.width, picture.height)
            for side in ("distT", "distB", "distL", "distR"):  # else LibreOffice adds 3 mm
                inline.set(side, "0")
            properties = inline.find(qn("wp:docPr"))
            properties.set("name", name)
            properties.set("descr", picture.description)
            placed[name] = Markup(_PICTURE.format(inline.xml))  # noqa: S704 - our own XML
        return placed

    def _make_own(self, body: Any) -> None:
        """Identities of pictures and bookmarks are unique in a document."""
        for properties in body.iter(qn("wp:docPr")):
            self._next_id += 1
            properties.set("id", str(self._next_id))
        renamed: dict[str, str] = {}
        for start in body.iter(qn("w:bookmarkStart")):
            self._next_id += 1
            renamed[start.get(qn("w:id"))] = str(self._next_id)
            name = start.get(qn("w:name"), "")
            start.set(qn("w:name"), f"{name[:30]}{self._count}")
        for mark in body.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
            identity = mark.get(qn("w:id"))
            mark.set(qn("w:id"), renamed.get(identity, identity))
        for link in body.iter(qn("w:hyperlink")):
            anchor = link.get(qn("w:anchor"))
            if anchor:
                link.set(qn("w:anchor"), f"{anchor[:30]}{self._count}")

    def _mark(self, body: Any, bookmark: str) -> None:
        """Put the pupil's bookmark on the first paragraph of the pupil's first page."""
        first = next(body.iter(qn("w:p")), None)
        if first is None:
            raise TemplateError(
                f"Le modèle « {self._template.file.name} » ne contient aucun texte.",
                source=self._template.file.name,
            )
        self._next_id += 1
        start = first.makeelement(
            qn("w:bookmarkStart"), {qn("w:id"): str(self._next_id), qn("w:name"): bookmark}
        )
        end = first.makeelement(qn("w:bookmarkEnd"), {qn("w:id"): str(self._next_id)})
        position = 1 if first.find(qn("w:pPr")) is not None else 0
        first.insert(position, start)
        first.insert(position + 1, end)

    def _give_headers(self, body: Any, values: Mapping[str, Any]) -> None:
        """A header part of one's own for each header that holds tags."""
        made: dict[str, str] = {}
        for reference in header_references(body):
            relation = reference.get(qn("r:id"))
            original = self._main.rels[relation].target_part
            fragment = self._template.headers.get(str(original.partname))
            if fragment is None:
                continue
            if relation not in made:
                made[relation] = self._own_header(original, relation, fragment, values)
            reference.set(qn("r:id"), made[relation])

    def _own_header(
        self, original: Any, relation: str, fragment: Any, values: Mapping[str, Any]
    ) -> str:
        stem = str(original.partname).rsplit(".", 1)[0]
        name = PackURI(f"{stem}Eleve{self._count}.xml")
        kind = type(original)
        root = self._render(fragment, values, original)
        part: Any = kind(name, original.content_type, root, self._main.package)
        for rid, rel in original.rels.items():
            target = rel.target_ref if rel.is_external else rel.target_part
            part.load_rel(rel.reltype, target, rid, rel.is_external)
        self._make_own(root)
        return str(self._main.relate_to(part, self._main.rels[relation].reltype))

    def _part(self, name: str) -> Any:
        return next(p for p in self._main.package.iter_parts() if str(p.partname) == name)

    def _take_last_section(self) -> Any:
        section = self._body.find(qn("w:sectPr"))
        if section is None:
            section = self._body.makeelement(qn("w:sectPr"))
        return section
