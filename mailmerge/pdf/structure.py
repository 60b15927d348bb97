"""The tags of a class's PDF, known page by page: what may be cut out with some of its pages.

LibreOffice gives a class one tree of elements (headings, tables, pictures with what they show). An
element that stands on the pages taken and no others is theirs as it is. One that stands on other
pages too is made anew with its type alone, as whatever else it says could be about those.
Identifiers, titles and classes of attributes are left out: nothing that LibreOffice writes refers
to one.

Rules: ISO 32000-1, 14.7 (logical structure).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name

_KEPT = frozenset({"/Type", "/S", "/P", "/Pg", "/K", "/A", "/Alt", "/ActualText", "/E", "/Lang"})


@dataclass(slots=True)
class _Content:
    """Marked content of a page, or a link on it; ``obj`` is how its element refers to it."""

    obj: pikepdf.Object | int
    page: int


@dataclass(slots=True, eq=False)
class _Element:
    """An element, what it holds, in order, and the pages on which that stands."""

    obj: pikepdf.Object
    parent: _Element | None = None
    kids: list[_Element | _Content] = field(default_factory=list)
    pages: set[int] = field(default_factory=set)
    _ranks: dict[int, list[int]] | None = None

    def on(self, wanted: frozenset[int]) -> Iterator[_Element | _Content]:
        """What it holds on these pages, in order, without a look at what it holds on others."""
        if self._ranks is None:
            self._ranks = {}
            for rank, kid in enumerate(self.kids):
                for page in kid.pages if isinstance(kid, _Element) else (kid.page,):
                    self._ranks.setdefault(page, []).append(rank)
        ranks = {rank for page in wanted for rank in self._ranks.get(page, ())}
        return (self.kids[rank] for rank in sorted(ranks))


class Structure:
    """The tags of a source, of whose annotations only the links to take over are left.

    Looks at every element once, and changes it: a source is there to be taken from.

    Attributes:
        marked: whether the source is a tagged PDF, by its own word.
    """

    def __init__(self, source: pikepdf.Pdf, roles: dict[str, pikepdf.Object]) -> None:
        """``roles``: what styles stand for in the sources before, if any; this one's are added.

        A style that stands for something else there keeps that role, and the elements of this
        source get the role in the style's place.
        """
        root = source.Root.get("/StructTreeRoot", Dictionary())
        self.marked = bool(source.Root.get("/MarkInfo", Dictionary()).get("/Marked", False))
        self._source = source
        self._pages = [page.obj for page in source.pages]
        self._ranks = {page.objgen: rank for rank, page in enumerate(self._pages)}
        self._links = {
            link.objgen: rank
            for rank, page in enumerate(self._pages)
            for link in page.get("/Annots", ())
        }
        self._marks: dict[int, dict[int, _Element]] = defaultdict(dict)  # page, number
        self._linked: dict[int, list[tuple[pikepdf.Object, _Element]]] = defaultdict(list)
        self._clashing = _agree(root.get("/RoleMap", Dictionary()), roles)
        self._roles = source.make_indirect(Dictionary(roles))
        self._known = {root.objgen}
        self._top = self._survey(root)

    def cut(self, taken: Sequence[int]) -> pikepdf.Object:
        """The tags of these pages as a dictionary of the source, which leads to no other page.

        ``K``: the uppermost elements, whose parent it is. ``Marks``: for each page the elements of
        its marked content by number. ``Links``: links, each before its element. ``RoleMap``.
        """
        part = self._source.make_indirect(Dictionary(RoleMap=self._roles, Links=Array()))
        anew: dict[_Element, pikepdf.Object] = {}
        self._fill(part, self._top, frozenset(taken), anew)
        part.Marks = Array()
        for page in taken:
            owners = {n: anew.get(mark, mark.obj) for n, mark in self._marks[page].items()}
            part.Marks.append(Array([owners.get(n) for n in range(max(owners, default=-1) + 1)]))
            for link, element in self._linked[page]:
                part.Links.extend([link, anew.get(element, element.obj)])
        return part

    def _fill(
        self,
        target: pikepdf.Object,
        element: _Element,
        wanted: frozenset[int],
        anew: dict[_Element, pikepdf.Object],
    ) -> None:
        """Give ``target`` what ``element`` holds on the wanted pages."""
        target.K = Array()
        for kid in element.on(wanted):
            if isinstance(kid, _Content):
                target.K.append(self._explicit(kid))
                continue
            taken = kid.obj
            if not kid.pages <= wanted:
                taken = self._source.make_indirect(Dictionary(Type=Name.StructElem, S=kid.obj.S))
                anew[kid] = taken
                self._fill(taken, kid, wanted, anew)
            taken.P = target
            target.K.append(taken)

    def _explicit(self, content: _Content) -> pikepdf.Object:
        """A reference to content that says by itself on which page that is."""
        if isinstance(content.obj, int):
            return Dictionary(Type=Name.MCR, Pg=self._pages[content.page], MCID=content.obj)
        return content.obj

    def _survey(self, root: pikepdf.Object) -> _Element:
        top = _Element(root)
        met = [top]
        for element in met:  # grows meanwhile: what an element holds comes after it
            self._read(element)
            met += [kid for kid in element.kids if isinstance(kid, _Element)]
        for element in reversed(met):
            if element.parent is not None:
                element.parent.pages |= element.pages
        return top

    def _read(self, element: _Element) -> None:
        """Note what an element holds; rid it of what is not taken over."""
        obj = element.obj
        for key in set(obj.keys()) - _KEPT:
            del obj[key]
        if self._clashing and (role := self._clashing.get(str(obj.get("/S")))):
            obj.S = role
        own = self._rank_of(obj)
        held = kids_of(obj)
        found = [self._look_at(kid, element, own) for kid in held]
        element.kids = [kid for kid in found if kid is not None]
        if len(element.kids) < len(held):
            obj.K = Array([kid.obj for kid in element.kids])
        contents = [kid for kid in element.kids if isinstance(kid, _Content)]
        element.pages = {kid.page for kid in contents}
        if not element.kids and own is not None:  # an empty cell has a place in its row
            element.pages = {own}
        if "/Pg" in obj and not any(isinstance(kid.obj, int) for kid in contents):
            del obj.Pg  # says where those are that don't say it themselves

    def _look_at(
        self, kid: pikepdf.Object | int, holder: _Element, own: int | None
    ) -> _Element | _Content | None:
        """What an element holds there; None for what is not taken over."""
        if isinstance(kid, int):
            return self._mark(kid, kid, holder, own)
        if not isinstance(kid, Dictionary):
            return None
        kind = kid.get("/Type")
        if kind == Name.MCR:
            return self._mark(kid, int(kid.MCID), holder, self._rank_of(kid, own))
        if kind == Name.OBJR:
            return self._link(kid, holder)
        if not kid.is_indirect or kid.objgen in self._known:  # an element has one place
            return None
        self._known.add(kid.objgen)
        return _Element(kid, holder)

    def _mark(
        self, kid: pikepdf.Object | int, number: int, holder: _Element, page: int | None
    ) -> _Content | None:
        """Marked content; what a form draws has numbers of its own, which are not known here."""
        if page is None or number in self._marks[page]:
            return None
        if not isinstance(kid, int):
            if "/Stm" in kid:
                return None
            kid.Pg = self._pages[page]
        self._marks[page][number] = holder
        return _Content(kid, page)

    def _link(self, kid: pikepdf.Object, holder: _Element) -> _Content | None:
        page = self._links.pop(kid.Obj.objgen, None)
        if page is None:
            return None
        kid.Pg = self._pages[page]
        self._linked[page].append((kid.Obj, holder))
        return _Content(kid, page)

    def _rank_of(self, thing: pikepdf.Object, default: int | None = None) -> int | None:
        """The page that it names as its own."""
        page = thing.get("/Pg")
        return default if page is None else self._ranks.get(page.objgen)


def kids_of(element: pikepdf.Object) -> list[pikepdf.Object | int]:
    """What an element refers to; a single reference needs no list."""
    kids = element.get("/K", ())
    return list(kids) if isinstance(kids, Array | tuple) else [kids]


def _agree(found: pikepdf.Object, roles: dict[str, pikepdf.Object]) -> dict[str, pikepdf.Object]:
    """Add to ``roles``; return those that contradict it. That a type is itself need not be said."""
    return {
        style: role
        for style, role in found.items()
        if role != style and roles.setdefault(style, role) != role
    }
