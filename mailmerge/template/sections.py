"""Sections: each pupil begins on a new page, with pages numbered from 1."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

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


def header_references(body: Any) -> Iterator[Any]:
    """Every header and footer reference of ``body``'s sections."""
    yield from body.iter(qn("w:headerReference"), qn("w:footerReference"))


def sections(body: Any) -> list[Any]:
    """The section properties in ``body``, in page order."""
    return list(body.iter(qn("w:sectPr")))


def start_pupil(body: Any, *, restart_pages: bool) -> None:
    """Make the first section of ``body`` begin on a new page, its pages counted from 1."""
    first = sections(body)[0]
    kind = _child(first, "w:type")
    if kind.get(qn("w:val")) not in _PAGE_STARTS:
        kind.set(qn("w:val"), "nextPage")
    numbers = _child(first, "w:pgNumType")
    if restart_pages and numbers.get(qn("w:start")) is None:
        numbers.set(qn("w:start"), "1")
    _inherit_nothing(body)


def close_pupil(body: Any) -> None:
    """Move the section properties at the end of ``body`` into its last paragraph.

    A table or a paragraph that already ends a section can't hold them: a tiny empty paragraph
    is added for that.
    """
    section = body[-1]
    body.remove(section)
    last = body[-1] if len(body) else None
    if (
        last is None
        or last.tag != qn("w:p")
        or last.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None
    ):
        last = _tiny_paragraph(body)
    properties = last.find(qn("w:pPr"))
    if properties is None:
        properties = last.makeelement(qn("w:pPr"))
        last.insert(0, properties)
    change = properties.find(qn("w:pPrChange"))
    if change is not None:
        properties.remove(change)
    properties.append(section)


def _inherit_nothing(body: Any) -> None:
    """Write into each section the headers it inherits from the one before, within this pupil.

    The next pupil's first section would otherwise inherit from this pupil's last one.
    """
    inherited: dict[tuple[str, str], Any] = {}
    for section in sections(body):
        own = {_kind(ref): ref for ref in header_references(section)}
        for kind, reference in inherited.items():
            if kind not in own:
                section.insert(0, copy.deepcopy(reference))
        inherited |= own


def _kind(reference: Any) -> tuple[str, str]:
    return reference.tag, reference.get(qn("w:type"), "default")


def _child(section: Any, name: str) -> Any:
    """The child called ``name``, put where the schema wants it if it is missing."""
    tag = qn(name)
    found = section.find(tag)
    if found is not None:
        return found
    element = section.makeelement(tag)
    rank = _ORDER.index(tag)
    position = sum(1 for child in section if _rank(child) < rank)
    section.insert(position, element)
    return element


def _rank(element: Any) -> int:
    return _ORDER.index(element.tag) if element.tag in _ORDER else len(_ORDER)


def _tiny_paragraph(body: Any) -> Any:
    paragraph = body.makeelement(qn("w:p"))
    properties = paragraph.makeelement(qn("w:pPr"))
    spacing = {
        qn("w:before"): "0",
        qn("w:after"): "0",
        qn("w:line"): "20",
        qn("w:lineRule"): "exact",
    }
    properties.append(paragraph.makeelement(qn("w:spacing"), spacing))
    paragraph.append(properties)
    body.append(paragraph)
    return paragraph
