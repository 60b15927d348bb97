"""Footnotes and endnotes: each pupil has notes of one's own."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from docx.opc.part import Part, XmlPart
from lxml import etree

from mailmerge.template.sandbox import Fragment
from mailmerge.template.wordxml import PARSER, qn


class NotesPart:
    """A footnotes (or endnotes) part that grows with each pupil.

    Args:
        part: the document's own notes part.
        fragment: the part compiled, rendered for each pupil.
    """

    def __init__(self, part: Part, fragment: Fragment) -> None:
        self._part = part
        self._fragment = fragment
        self._root = (
            part.element if isinstance(part, XmlPart) else etree.fromstring(part.blob, PARSER)
        )
        kind = "w:footnote" if self._root.tag == qn("w:footnotes") else "w:endnote"
        self._tag = qn(kind)
        self._reference = qn(f"{kind}Reference")
        # Separators keep their place; the notes themselves come back with each pupil.
        for note in [n for n in self._root.findall(self._tag) if n.get(qn("w:type")) is None]:
            self._root.remove(note)
        self._next = 1 + max(
            (int(note.get(qn("w:id"), "0")) for note in self._root.findall(self._tag)), default=0
        )

    def add(self, body: Any, values: Mapping[str, Any]) -> None:
        """Give every reference in ``body`` a note rendered for this pupil."""
        references = list(body.iter(self._reference))
        if not references:
            return
        rendered = etree.fromstring(self._fragment.render(values).encode(), PARSER)
        notes = {note.get(qn("w:id")): note for note in rendered.findall(self._tag)}
        for reference in references:
            note = copy.deepcopy(notes[reference.get(qn("w:id"))])
            note.set(qn("w:id"), str(self._next))
            reference.set(qn("w:id"), str(self._next))
            self._root.append(note)
            self._next += 1

    def save(self) -> None:
        """Write the notes back into the document's part."""
        if not isinstance(self._part, XmlPart):
            self._part._blob = etree.tostring(  # python-docx has no public way
                self._root, xml_declaration=True, encoding="UTF-8", standalone=True
            )
