"""Tagged PDFs, walked as a reader that speaks would: by the rules of ISO 32000-1, 14.7 and 14.8."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf

_STANDARD = {"Document", "Part", "Sect", "Div", "P", "H1", "H2", "H3", "L", "LI", "Lbl", "LBody"}
_STANDARD |= {"Table", "TR", "TH", "TD", "Span", "Link", "Note", "Figure"}
_KEYS = {"/Type", "/S", "/P", "/Pg", "/K", "/A", "/Alt", "/ActualText", "/E", "/Lang"}

# A piece of marked content: the stream that it is in (a page or a form), and its number there.
Mark = tuple[tuple[int, int], int]


@dataclass
class Tag:
    """An element: its standard type, what it says in place of its content, what it holds."""

    kind: str
    alt: str
    page: int | None
    kids: list[Tag] = field(default_factory=list)

    def walk(self) -> Iterator[Tag]:
        yield self
        for kid in self.kids:
            yield from kid.walk()


class TaggedPdf:
    """A PDF's tags; anything that is not as the rules want it is an ``AssertionError``."""

    def __init__(self, path: Path) -> None:
        with pikepdf.open(path) as document:
            self._document = document
            self._pages = {page.objgen: rank for rank, page in enumerate(document.pages)}
            assert document.Root.MarkInfo.Marked is True
            self._root = document.Root.StructTreeRoot
            self._parents = dict(pikepdf.NumberTree(self._root.ParentTree).items())
            self._entries: Counter[int] = Counter()
            self._held: Counter[Mark] = Counter()
            self.tags = [self._tag(kid, self._root) for kid in self._root.K]
            self._every_mark_has_its_element()
            self._every_entry_is_of_use()
            self._no_other_page_is_in_the_file()

    def all(self, kind: str) -> list[Tag]:
        """Every element of a type, in order."""
        return [each for top in self.tags for each in top.walk() if each.kind == kind]

    def _tag(self, element: Any, parent: Any) -> Tag:
        assert element.Type == "/StructElem"
        assert element.P.objgen == parent.objgen
        assert set(element.keys()) <= _KEYS
        kind = str(self._root.RoleMap.get(element.S, element.S))[1:]
        assert kind in _STANDARD, kind
        page = self._pages[element.Pg.objgen] if "/Pg" in element else None
        tag = Tag(kind, str(element.get("/Alt", "")), page)
        for kid in element.get("/K", ()):
            if isinstance(kid, int):
                self._hold(element, element.Pg, element.Pg, kid)
            elif "/S" in kid:
                tag.kids.append(self._tag(kid, element))
            elif kid.Type == "/MCR":
                self._hold(element, kid.Pg, kid.get("/Stm", kid.Pg), kid.MCID)
            else:
                self._link(element, kid)
        return tag

    def _hold(self, element: Any, page: Any, stream: Any, number: int) -> None:
        assert page.objgen in self._pages
        self._held[stream.objgen, number] += 1
        entry = int(stream.StructParents)
        self._entries[entry] = 1
        assert self._parents[entry][number].objgen == element.objgen

    def _link(self, element: Any, reference: Any) -> None:
        assert reference.Type == "/OBJR"
        page = self._document.pages[self._pages[reference.Pg.objgen]]
        assert reference.Obj.objgen in [link.objgen for link in page.Annots]
        entry = int(reference.Obj.StructParent)
        self._entries[entry] += 1
        assert self._parents[entry].objgen == element.objgen

    def _every_mark_has_its_element(self) -> None:
        drawn = Counter(mark for page in self._document.pages for mark in _marks(page.obj))
        assert drawn
        assert drawn == self._held

    def _every_entry_is_of_use(self) -> None:
        assert self._entries == dict.fromkeys(self._parents, 1)
        assert self._root.ParentTreeNextKey == len(self._parents)

    def _no_other_page_is_in_the_file(self) -> None:
        kinds = [
            each.get("/Type")
            for each in self._document.objects
            if isinstance(each, pikepdf.Dictionary)
        ]
        assert kinds.count(pikepdf.Name.Page) == len(self._pages)


def _marks(stream: Any) -> Iterator[Mark]:
    """The numbered content of a page or a form, and of the forms that it draws."""
    for operands, operator in pikepdf.parse_content_stream(stream):
        if str(operator) == "BDC" and "/MCID" in operands[1]:
            yield stream.objgen, int(operands[1].MCID)
        if str(operator) == "Do":
            drawn = stream.Resources.XObject[str(operands[0])]
            if drawn.Subtype == "/Form":
                yield from _marks(drawn)


def words_of(path: Path) -> str:
    """Every string of a PDF that is not in a content stream, titles and tags among them."""
    with pikepdf.open(path) as document:
        return "\n".join(found for each in document.objects for found in _strings(each))


def _strings(thing: Any) -> Iterator[str]:
    if isinstance(thing, pikepdf.String):
        yield str(thing)
    elif isinstance(thing, pikepdf.Array):
        for each in thing:
            yield from () if _is_indirect(each) else _strings(each)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        for each in thing.values():
            yield from () if _is_indirect(each) else _strings(each)


def _is_indirect(thing: Any) -> bool:
    return isinstance(thing, pikepdf.Object) and thing.is_indirect
