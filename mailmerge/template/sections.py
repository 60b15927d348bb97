"""Sections: each pupil begins on a new page, with pages and headers of one's own.

All is written into the template's body before it is compiled; what differs from pupil to pupil is
a tag of ours (see `marking`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from mailmerge.template.tidying import is_whole
from mailmerge.template.wordxml import qn

# The order that the schema asks for (ECMA-376, CT_SectPr); what we insert must respect it.
_ORDER = [
    qn(f"w:{name}")
    for name in (
        "headerReference", "footerReference", "footnotePr", "endnotePr", "type", "pgSz", "pgMar",
        "paperSrc", "pgBorders", "lnNumType", "pgNumType", "cols", "formProt", "vAlign",
        "noEndnote", "titlePg", "textDirection", "bidi", "rtlGutter", "docGrid", "printerSettings",
        "sectPrChange",
    )
]  # fmt: skip
_PAGE_STARTS = ("nextPage", "oddPage", "evenPage")
_BLOCKS = (qn("w:p"), qn("w:tbl"))


def sections(body: Any) -> list[Any]:
    """The section properties in ``body``, in page order."""
    return list(body.iter(qn("w:sectPr")))


def references(section: Any) -> list[Any]:
    """A section's references to headers and footers."""
    return [*section.findall(qn("w:headerReference")), *section.findall(qn("w:footerReference"))]


def make_repeatable(body: Any, empty_part: Callable[[str], str]) -> None:
    """Make ``body`` fit to be followed by another of its kind.

    Args:
        body: begins and ends with a paragraph afterwards; every section says all of its headers.
        empty_part: gives the relation of an empty header (``"w:headerReference"``) or footer.
    """
    if body.find(qn("w:sectPr")) is None:
        body.append(body.makeelement(qn("w:sectPr")))
    _begin_and_end_with_paragraphs(body)
    _say_headers(body, empty_part)
    first = sections(body)[0]
    kind = _child(first, "w:type")
    if kind.get(qn("w:val")) not in _PAGE_STARTS:
        kind.set(qn("w:val"), "nextPage")
    numbers = _child(first, "w:pgNumType")
    if numbers.get(qn("w:start")) is None:
        numbers.set(qn("w:start"), "1")


def restart_notes(body: Any) -> None:
    """Number the footnotes of each pupil from 1 (Word does; see `CompiledTemplate.alone`)."""
    notes = _child(sections(body)[0], "w:footnotePr")
    if notes.find(qn("w:numRestart")) is None:
        notes.append(notes.makeelement(qn("w:numRestart"), {qn("w:val"): "eachSect"}))


def close(body: Any, unless_last: tuple[str, str], if_last: tuple[str, str]) -> None:
    """Put the last section's properties both into the last paragraph and at the body's end.

    The two pairs of tags print the first for every pupil but the last, the second for the last.
    """
    section = body[-1]
    last = body[-2]
    properties = last.find(qn("w:pPr"))
    if properties is None:
        properties = last.makeelement(qn("w:pPr"))
        last.insert(0, properties)
    inner = copy.deepcopy(section)
    properties.append(inner)
    _surround(inner, *unless_last)
    _surround(section, *if_last)


def _surround(element: Any, before: str, after: str) -> None:
    previous = element.getprevious()
    if previous is None:
        parent = element.getparent()
        parent.text = (parent.text or "") + before
    else:
        previous.tail = (previous.tail or "") + before
    element.tail = after + (element.tail or "")


def _begin_and_end_with_paragraphs(body: Any) -> None:
    """A table, or a paragraph that tags may take away, can't hold a bookmark or a section."""
    blocks = [child for child in body if child.tag in _BLOCKS]
    if not blocks or blocks[0].tag != qn("w:p") or not is_whole(blocks[0]):
        body.insert(0, _tiny_paragraph(body))
    last = body[-2]
    if last.tag != qn("w:p") or not is_whole(last) or last.find(f".//{qn('w:sectPr')}") is not None:
        body.insert(len(body) - 1, _tiny_paragraph(body))


def _say_headers(body: Any, empty_part: Callable[[str], str]) -> None:
    """Write into each section the headers it inherits, or an empty one where it has none.

    The next pupil's first section would otherwise inherit from this pupil's last one.
    """
    everywhere = {_kind(ref) for section in sections(body) for ref in references(section)}
    current: dict[tuple[str, str], str] = {}
    for section in sections(body):
        own = {_kind(ref): ref.get(qn("r:id")) for ref in references(section)}
        for kind in sorted(everywhere - own.keys()):
            current[kind] = current.get(kind) or empty_part(kind[0])
            reference = section.makeelement(
                kind[0], {qn("w:type"): kind[1], qn("r:id"): current[kind]}
            )
            section.insert(0, reference)
        current |= own


def _kind(reference: Any) -> tuple[str, str]:
    return str(reference.tag), reference.get(qn("w:type"), "default")


def _child(section: Any, name: str) -> Any:
    """The child called ``name``, put where the schema wants it if it is missing."""
    tag = qn(name)
    found = section.find(tag)
    if found is not None:
        return found
    element = section.makeelement(tag)
    rank = _ORDER.index(tag)
    section.insert(sum(1 for child in section if _rank(child) < rank), element)
    return element


def _rank(element: Any) -> int:
    return _ORDER.index(element.tag) if element.tag in _ORDER else len(_ORDER)


def _tiny_paragraph(body: Any) -> Any:
    """An empty paragraph, one point tall."""
    paragraph = body.makeelement(qn("w:p"))
    properties = paragraph.makeelement(qn("w:pPr"))
    spacing = {"before": "0", "after": "0", "line": "20", "lineRule": "exact"}
    properties.append(
        paragraph.makeelement(qn("w:spacing"), {qn(f"w:{k}"): v for k, v in spacing.items()})
    )
    paragraph.append(properties)
    return paragraph
