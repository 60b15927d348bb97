"""Runs and paragraphs taken apart and put together: what fields and tags both need.

Elements are lxml's; every function works inside one part (document, header, footer, footnotes …).
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Final

from lxml import etree

from mailmerge.template.wordxml import qn

XML_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"

Element = etree._Element


def w(name: str) -> str:
    """The full name of ``w:name``."""
    return qn(f"w:{name}")


P, R, T, RPR, PPR = w("p"), w("r"), w("t"), w("rPr"), w("pPr")
TEXT_BOX = w("txbxContent")
FALLBACK = qn("mc:Fallback")
# What marks a place between two runs: kept when the runs around it go.
_RANGE_MARKS = frozenset(
    w(name)
    for name in (
        "bookmarkStart",
        "bookmarkEnd",
        "commentRangeStart",
        "commentRangeEnd",
        "permStart",
        "permEnd",
    )
)
_WRAPPERS = frozenset(w(name) for name in ("ins", "moveTo", "smartTag", "customXml"))
_DELETED = frozenset(w(name) for name in ("del", "moveFrom"))


class SpansStructureError(Exception):
    """Two runs that can't be brought into one paragraph (different cells, sections, controls)."""


def stories(root: Element) -> Iterator[Element]:
    """The part and each of its text boxes: a field or a tag never crosses from one to another."""
    yield root
    yield from root.iter(TEXT_BOX)


def own_descendants(container: Element) -> Iterator[Element]:
    """Every element inside ``container`` in document order, text boxes left out."""
    for child in container:
        if not isinstance(child.tag, str) or child.tag == TEXT_BOX:
            continue
        yield child
        yield from own_descendants(child)


def accept_revisions(root: Element) -> None:
    """Accept tracked changes and undo smart tags, so that runs stand directly in their paragraph.

    A template prints what it will be once its changes are accepted; text that was struck out must
    not come back on a page, nor a tag inside it be filled in.
    """
    for element in list(root.iter(*_WRAPPERS, *_DELETED)):
        parent = element.getparent()
        # Without content it is the mark of a changed paragraph end or table row: left alone.
        if parent is None or len(element) == 0:
            continue
        if element.tag in _WRAPPERS:
            position = parent.index(element)
            children = [c for c in element if c.tag not in (w("smartTagPr"), w("customXmlPr"))]
            parent[position : position + 1] = children
        else:
            parent.remove(element)


def text_run(text: str, properties: Element | None = None) -> Element:
    """A run that prints ``text``, formatted as ``properties`` (a ``w:rPr``) say."""
    run = etree.Element(R)
    if properties is not None:
        run.append(deepcopy(properties))
    set_text(etree.SubElement(run, T), text)
    return run


def set_text(element: Element, text: str) -> None:
    """Give a ``w:t`` its text, every space kept."""
    element.text = text
    element.set(XML_SPACE, "preserve")


def content(run: Element) -> list[Element]:
    """What a run holds, its formatting left out."""
    return [child for child in run if child.tag != RPR and isinstance(child.tag, str)]


def split_run(run: Element) -> list[Element]:
    """Give each thing in ``run`` a run of its own, formatted alike; return the runs."""
    things = content(run)
    if len(things) < 2:
        return [run]
    properties = run.find(RPR)
    runs = [run]
    for thing in things[1:]:
        following = etree.Element(R)
        for name, value in run.attrib.items():
            following.set(name, value)
        if properties is not None:
            following.append(deepcopy(properties))
        following.append(thing)
        runs[-1].addnext(following)
        runs.append(following)
    return runs


def remove_between(first: Element, last: Element) -> None:
    """Remove what lies between two runs, joining their paragraphs when there are two.

    Bookmarks stay. The joined paragraph is formatted as the first one.

    Raises:
        SpansStructureError: the runs stand in different cells, controls or sections.
    """
    home, other = _parent(first), _parent(last)
    if home is other:
        _remove_siblings(first, last)
        return
    check_joinable(first, last)
    _remove_siblings(first, None)
    paragraph = home.getnext()
    while paragraph is not None and paragraph is not other:
        following = paragraph.getnext()
        home.extend(list(paragraph.iter(*_RANGE_MARKS)))
        _parent(paragraph).remove(paragraph)
        paragraph = following
    reached = False
    for child in list(other):
        reached = reached or child is last
        if child.tag != PPR and (reached or child.tag in _RANGE_MARKS):
            home.append(child)
    _parent(other).remove(other)


def check_joinable(first: Element, last: Element) -> None:
    """Say whether ``remove_between`` can work, before anything is changed.

    Raises:
        SpansStructureError: it can't.
    """
    home, other = _parent(first), _parent(last)
    if home is other:
        return
    siblings = home.tag == P and other.tag == P and home.getparent() is other.getparent()
    if not siblings:
        raise SpansStructureError
    between: Element | None = home
    while between is not None and between is not other:
        if between.find(f".//{w('sectPr')}") is not None:
            raise SpansStructureError
        between = between.getnext()
    if between is None:
        raise SpansStructureError


def _remove_siblings(first: Element, last: Element | None) -> None:
    sibling = first.getnext()
    while sibling is not None and sibling is not last:
        following = sibling.getnext()
        if sibling.tag not in _RANGE_MARKS:
            _parent(sibling).remove(sibling)
        sibling = following


def _parent(element: Element) -> Element:
    parent = element.getparent()
    if parent is None:
        raise SpansStructureError
    return parent
