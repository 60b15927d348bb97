"""Footnotes: each pupil has notes of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docx.opc.part import Part
from lxml import etree

from mailmerge.template.language.sandbox import Fragment
from mailmerge.template.wordxml import PARSER, part_root, qn

TAG = qn("w:footnote")


def typed_notes(root: Any) -> list[Any]:
    """The notes that people typed; the others are separators."""
    return [note for note in root.findall(TAG) if note.get(qn("w:type")) in (None, "normal")]


class NotesPart:
    """The footnotes part of a document, which grows with each pupil.

    Args:
        part: the document's own part, emptied of typed notes.
        fragments: the template's notes, by id.
    """

    def __init__(self, part: Part, fragments: Mapping[str, Fragment]) -> None:
        self._part = part
        self._fragments = fragments
        self._root = part_root(part)
        self._next = max((int(n.get(qn("w:id"), "0")) for n in self._root), default=0)
        self._wanted: list[tuple[str, int]] = []

    def call(self, identity: str) -> str:
        """The id of the current pupil's copy of the note ``identity``."""
        self._next += 1
        self._wanted.append((identity, self._next))
        return str(self._next)

    def write(self, values: Mapping[str, Any]) -> None:
        """Write the notes that were called, with this pupil's values."""
        for identity, own in self._wanted:
            note = etree.fromstring(self._fragments[identity].render(values).encode(), PARSER)
            note.set(qn("w:id"), str(own))
            self._root.append(note)
        self._wanted = []

    def save(self) -> None:
        """Write the notes back into the document's part."""
        store_root(self._part, self._root)


def store_root(part: Part, root: Any) -> None:
    """Give a part that python-docx does not know (no element of its own) its XML."""
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
