"""Numbered lists begin again for each pupil."""

from __future__ import annotations

import copy
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE as REL
from docx.opc.part import Part

from mailmerge.template.marking import LIST
from mailmerge.template.wordxml import qn

_LONGEST_CHAIN = 12  # styles based on each other in a ring must not hang us

# Level → its first number.
Starts = dict[int, str]


class Lists:
    """The ordered lists of a document: which there are, and each pupil's own copies of them.

    Numberings (``w:num``) of one ``w:abstractNum`` share their count. So the first one that a
    pupil uses begins anew; the others go on from it, as they do in the template.
    """

    def __init__(self, main: Part) -> None:
        part = _related(main, REL.NUMBERING)
        self._root: Any = part.element if part is not None else None
        self._newest: Any = None
        self._nums: dict[str, Any] = {}
        self._starts: dict[str, Starts] = {}
        self._plain: dict[str, str] = {}  # abstract → its first numbering without overrides
        self._by_style = _numbered_styles(_related(main, REL.STYLES))
        self._style_levels: dict[str, str] = {}
        self._pupil = 0
        self._last = 0
        self._made: dict[str, str] = {}
        self._begun: set[str] = set()
        if self._root is not None:
            self._read()

    # --- the template ------------------------------------------------------------------------

    def mark(self, root: Any) -> None:
        """Put our tag in the place of the numbering of every paragraph of an ordered list."""
        for paragraph in root.iter(qn("w:p")):
            properties = paragraph.find(qn("w:pPr"))
            if properties is None:
                continue
            element = properties.find(f"{qn('w:numPr')}/{qn('w:numId')}")
            if element is None:
                element = self._from_style(properties)
            number = element.get(qn("w:val")) if element is not None else None
            if number in self._nums:
                # Numberings that say nothing of their own are one list; dxpdf would restart each.
                same = self._plain.get(_abstract(self._nums[number]), number)
                number = number if _has_overrides(self._nums[number]) else same
                element.set(qn("w:val"), f"{{{{ {LIST}('{number}') }}}}")

    def _from_style(self, properties: Any) -> Any:
        """The numbering that a paragraph has from its style, written into the paragraph."""
        style = properties.find(qn("w:pStyle"))
        name = style.get(qn("w:val")) if style is not None else ""
        number, level = self._by_style.get(name, ("", ""))
        if number not in self._nums:
            return None
        numbering = properties.find(qn("w:numPr"))
        if numbering is None:
            numbering = properties.makeelement(qn("w:numPr"))
            style.addnext(numbering)
            for before in ("keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl"):
                earlier = properties.find(qn(f"w:{before}"))
                if earlier is not None:
                    earlier.addnext(numbering)
        if numbering.find(qn("w:ilvl")) is None:
            value = level or self._style_levels.get(name, "0")
            numbering.insert(0, numbering.makeelement(qn("w:ilvl"), {qn("w:val"): value}))
        element = numbering.makeelement(qn("w:numId"), {qn("w:val"): number})
        numbering.append(element)
        return element

    # --- the pupils --------------------------------------------------------------------------

    def next_pupil(self) -> None:
        """From now on numberings are the next pupil's."""
        self._pupil += 1
        self._made, self._begun = {}, set()

    def own(self, number: str) -> str:
        """The pupil's own numbering for the template's ``number``."""
        if number not in self._made:
            self._made[number] = number if self._pupil == 1 else self._copy(number)
        return self._made[number]

    def _copy(self, number: str) -> str:
        self._last += 1
        identity = str(self._last)
        num = copy.deepcopy(self._nums[number])
        num.set(qn("w:numId"), identity)
        for name in list(num.attrib):
            if "durableId" in name:
                del num.attrib[name]
        abstract = _abstract(num)
        if abstract not in self._begun:
            self._begun.add(abstract)
            _begin(num, self._starts[number])
        self._newest.addnext(num)
        self._newest = num
        return identity

    # --- reading -----------------------------------------------------------------------------

    def _read(self) -> None:
        abstracts = {a.get(qn("w:abstractNumId")): a for a in self._root.iter(qn("w:abstractNum"))}
        linked: dict[str, str] = {}  # numbering style → the abstract that defines it
        for identity, abstract in abstracts.items():
            link = abstract.find(qn("w:styleLink"))
            if link is not None:
                linked[link.get(qn("w:val"))] = identity
            for level in abstract.iter(qn("w:lvl")):
                style = level.find(qn("w:pStyle"))
                if style is not None:
                    self._style_levels[style.get(qn("w:val"))] = level.get(qn("w:ilvl"), "0")
        for num in self._root.findall(qn("w:num")):
            self._newest = num
            self._last = max(self._last, int(num.get(qn("w:numId"))))
            abstract = abstracts.get(_abstract(num))
            link = abstract.find(qn("w:numStyleLink")) if abstract is not None else None
            if link is not None:
                abstract = abstracts.get(linked.get(link.get(qn("w:val")), ""), abstract)
            starts = _ordered_starts(abstract) if abstract is not None else {}
            if starts:
                identity = num.get(qn("w:numId"))
                self._nums[identity], self._starts[identity] = num, starts
                if not _has_overrides(num):
                    self._plain.setdefault(_abstract(num), identity)


def _abstract(num: Any) -> str:
    return str(num.find(qn("w:abstractNumId")).get(qn("w:val")))


def _has_overrides(num: Any) -> bool:
    return num.find(qn("w:lvlOverride")) is not None


def _begin(num: Any, starts: Starts) -> None:
    """Make every level of ``num`` begin anew, where it does not say so itself."""
    said = {o.get(qn("w:ilvl")): o for o in num.findall(qn("w:lvlOverride"))}
    for level, start in starts.items():
        override = said.get(str(level))
        if override is None:
            override = num.makeelement(qn("w:lvlOverride"), {qn("w:ilvl"): str(level)})
            num.append(override)
        if override.find(qn("w:startOverride")) is None:
            own = override.find(f"{qn('w:lvl')}/{qn('w:start')}")
            value = own.get(qn("w:val")) if own is not None else start
            override.insert(0, num.makeelement(qn("w:startOverride"), {qn("w:val"): value}))


def _ordered_starts(abstract: Any) -> Starts:
    """The first numbers of a list that counts; empty for bullets."""
    starts: Starts = {}
    ordered = False
    for level in abstract.iter(qn("w:lvl")):
        form = level.find(qn("w:numFmt"))
        ordered |= form is None or form.get(qn("w:val")) not in ("bullet", "none")
        start = level.find(qn("w:start"))
        starts[int(level.get(qn("w:ilvl")))] = start.get(qn("w:val")) if start is not None else "1"
    return starts if ordered else {}


def _numbered_styles(part: Any) -> dict[str, tuple[str, str]]:
    """Style → its numbering and level ("" if not said), following what a style is based on."""
    if part is None:
        return {}
    own: dict[str, tuple[str, str]] = {}
    parents: dict[str, str] = {}
    for style in part.element.iter(qn("w:style")):
        identity = style.get(qn("w:styleId"))
        numbering = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        based = style.find(qn("w:basedOn"))
        if numbering is not None and numbering.find(qn("w:numId")) is not None:
            level = numbering.find(qn("w:ilvl"))
            own[identity] = (
                numbering.find(qn("w:numId")).get(qn("w:val")),
                level.get(qn("w:val")) if level is not None else "",
            )
        if based is not None:
            parents[identity] = based.get(qn("w:val"))
    return {name: found for name in {*own, *parents} if (found := _follow(name, own, parents))}


def _follow(
    style: str, own: dict[str, tuple[str, str]], parents: dict[str, str]
) -> tuple[str, str] | None:
    for _ in range(_LONGEST_CHAIN):
        if style in own:
            return own[style]
        style = parents.get(style, "")
    return None


def _related(main: Part, kind: str) -> Any:
    relations = (rel for rel in main.rels.values() if rel.reltype == kind and not rel.is_external)
    relation = next(relations, None)
    return relation.target_part if relation is not None else None
