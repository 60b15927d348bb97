"""Numbered lists begin again for each pupil."""

from __future__ import annotations

from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE as REL
from docx.opc.part import Part

from mailmerge.template.wordxml import qn

_LEVELS = 9


class Numbering:
    """The numbering definitions of a document, to which each pupil adds copies of its own."""

    def __init__(self, main: Part) -> None:
        part = _related(main, REL.NUMBERING)
        self._root: Any = part.element if part is not None else None
        self._next = 1
        self._starts: dict[str, dict[int, str]] = {}
        self._nums: dict[str, Any] = {}
        self._by_style = _numbered_styles(_related(main, REL.STYLES))
        if self._root is not None:
            self._read()

    def restart(self, body: Any, rank: int) -> None:
        """Give the ordered lists of ``body`` definitions of its own, from the second pupil on."""
        if self._root is None or rank == 1:
            return
        made: dict[str, str] = {}
        for paragraph in body.iter(qn("w:p")):
            used = self._used(paragraph)
            if used is None or used[0] not in self._nums:
                continue
            number, element = used
            if number not in made:
                made[number] = self._copy(number)
            if element is None:
                self._set(paragraph, made[number])
            else:
                element.set(qn("w:val"), made[number])

    def _read(self) -> None:
        starts = {
            abstract.get(qn("w:abstractNumId")): _ordered_starts(abstract)
            for abstract in self._root.iter(qn("w:abstractNum"))
        }
        for num in self._root.iter(qn("w:num")):
            identity = num.get(qn("w:numId"))
            self._next = max(self._next, int(identity) + 1)
            abstract = num.find(qn("w:abstractNumId")).get(qn("w:val"))
            if starts.get(abstract):
                self._nums[identity] = num
                self._starts[identity] = starts[abstract]

    def _used(self, paragraph: Any) -> tuple[str, Any] | None:
        """The number definition of a paragraph and the element that says so (None: its style)."""
        properties = paragraph.find(qn("w:pPr"))
        if properties is None:
            return None
        element = properties.find(f"{qn('w:numPr')}/{qn('w:numId')}")
        if element is not None:
            return element.get(qn("w:val")), element
        style = properties.find(qn("w:pStyle"))
        number = self._by_style.get(style.get(qn("w:val"))) if style is not None else None
        return (number, None) if number else None

    def _copy(self, number: str) -> str:
        identity = str(self._next)
        self._next += 1
        original = self._nums[number]
        num = original.makeelement(qn("w:num"), {qn("w:numId"): identity})
        abstract = original.find(qn("w:abstractNumId")).get(qn("w:val"))
        num.append(num.makeelement(qn("w:abstractNumId"), {qn("w:val"): abstract}))
        for level, start in self._starts[number].items():
            override = num.makeelement(qn("w:lvlOverride"), {qn("w:ilvl"): str(level)})
            override.append(num.makeelement(qn("w:startOverride"), {qn("w:val"): start}))
            num.append(override)
        self._root.append(num)
        return identity

    @staticmethod
    def _set(paragraph: Any, number: str) -> None:
        properties = paragraph.find(qn("w:pPr"))
        numbering = properties.get_or_add_numPr()
        numbering.get_or_add_numId().set(qn("w:val"), number)


def _ordered_starts(abstract: Any) -> dict[int, str]:
    """Level → first number, for a list that counts; empty for bullets."""
    starts: dict[int, str] = {}
    ordered = False
    for level in abstract.iter(qn("w:lvl")):
        form = level.find(qn("w:numFmt"))
        ordered |= form is None or form.get(qn("w:val")) not in ("bullet", "none")
        start = level.find(qn("w:start"))
        starts[int(level.get(qn("w:ilvl")))] = start.get(qn("w:val")) if start is not None else "1"
    return starts if ordered else {}


def _numbered_styles(part: Any) -> dict[str, str]:
    """Style → number definition, following what a style is based on."""
    if part is None:
        return {}
    own: dict[str, str] = {}
    parents: dict[str, str] = {}
    for style in part.element.iter(qn("w:style")):
        identity = style.get(qn("w:styleId"))
        number = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}")
        based = style.find(qn("w:basedOn"))
        if number is not None:
            own[identity] = number.get(qn("w:val"))
        if based is not None:
            parents[identity] = based.get(qn("w:val"))
    return {style: number for style in {*own, *parents} if (number := _follow(style, own, parents))}


def _follow(style: str, own: dict[str, str], parents: dict[str, str]) -> str:
    for _ in range(_LEVELS):  # styles based on each other in a ring must not hang us
        if style in own:
            return own[style]
        style = parents.get(style, "")
    return ""


def _related(main: Part, kind: str) -> Any:
    relations = (rel for rel in main.rels.values() if rel.reltype == kind)
    relation = next(relations, None)
    return relation.target_part if relation is not None else None
