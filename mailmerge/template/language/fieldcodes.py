"""Word's fields as they stand in a part: where each begins and ends, and what its code says.

A complex field is a row of runs: ``w:fldChar`` begin, ``w:instrText`` pieces, separate, the result
last shown, end (ECMA-376 part 1, 17.16.18). Fields nest in codes and in results, and may cross
paragraphs. ``w:fldSimple`` is the short form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from mailmerge.template.runs import (
    RPR,
    XML_SPACE,
    Element,
    P,
    R,
    T,
    content,
    own_descendants,
    split_run,
    w,
)

_FLD_CHAR, _INSTR, _SIMPLE = w("fldChar"), w("instrText"), w("fldSimple")
_TYPE: Final = w("fldCharType")
_BLANKS: Final = {w("tab"): "\t", w("br"): "\n", w("cr"): "\n", w("noBreakHyphen"): "\u2011"}
# What closes an argument: Word takes straight and curly quotes for one another.
_QUOTES: Final = {'"': '"”“', "“": '”"“', "”": '”"“', "„": '”"“', "«": "»"}
_OPERATOR: Final = "=<>"
MAX_DEPTH: Final = 30  # fields in fields; Word itself gives up at about 20


class NestedTooDeepError(Exception):
    """Fields inside fields beyond `MAX_DEPTH`."""


@dataclass(slots=True, eq=False)
class Field:
    """One complex field: the runs that bound it, and what lies between them."""

    begin: Element
    code: list[Element | Field] = field(default_factory=list)
    separate: Element | None = None
    result: list[Element | Field] = field(default_factory=list)
    end: Element | None = None

    def inner(self) -> Iterator[Field]:
        """The fields inside the code."""
        return (item for item in self.code if isinstance(item, Field))

    def shown(self) -> Iterator[Field]:
        """The fields inside the result."""
        return (item for item in self.result if isinstance(item, Field))


@dataclass(frozen=True, slots=True)
class Atom:
    """One thing in a field's code: a character, a nested field, or a run that is no text."""

    text: str
    run: Element | None  # None for the end of a paragraph
    nested: Field | None = None

    @property
    def blank(self) -> bool:
        """Whether it separates arguments."""
        return bool(self.text) and self.text.isspace()


@dataclass(frozen=True, slots=True)
class Argument:
    """One word of a field's code, from ``atoms[start]`` to ``atoms[end - 1]``, quotes included."""

    atoms: Sequence[Atom]
    start: int
    end: int
    quoted: bool = False
    kind: str = "word"  # "word", "operator", "switch" or "unclosed"

    @property
    def content(self) -> range:
        """The positions of its atoms, quotes left out."""
        inside = 1 if self.quoted else 0
        return range(self.start + inside, self.end - inside)

    @property
    def inside(self) -> list[Atom]:
        """Its atoms, quotes and escaping backslashes left out."""
        found = []
        for position in self.content:
            atom = self.atoms[position]
            if not (atom.text == "\\" and self._escapes(position)):
                found.append(atom)
        return found

    def _escapes(self, position: int) -> bool:
        return position + 1 in self.content and self.atoms[position + 1].text in ('"', "\\")

    @property
    def text(self) -> str:
        """Its characters; what is no text counts for nothing."""
        return "".join(atom.text for atom in self.inside)


def read_fields(story: Element) -> tuple[list[Field], list[Element]]:
    """The outermost fields of a story, and the runs where a field begins that never ends.

    Runs that hold more than one thing of a field are split, simple fields are written out.

    Raises:
        NestedTooDeepError: no person made that.
    """
    for simple in [e for e in own_descendants(story) if e.tag == _SIMPLE]:
        _write_out(simple)
    for run in [e for e in own_descendants(story) if e.tag == R]:
        if any(child.tag in (_FLD_CHAR, _INSTR) for child in run):
            split_run(run)
    fields: list[Field] = []
    stack: list[Field] = []
    for run in [e for e in own_descendants(story) if e.tag == R]:
        _read_run(run, stack, fields)
    return fields, [unclosed.begin for unclosed in stack]


def _read_run(run: Element, stack: list[Field], fields: list[Field]) -> None:
    mark = run.find(_FLD_CHAR)
    kind = mark.get(_TYPE) if mark is not None else None
    if kind == "begin":
        if len(stack) >= MAX_DEPTH:
            raise NestedTooDeepError
        stack.append(Field(run))
    elif not stack:
        return
    elif kind == "separate":
        stack[-1].separate = run
    elif kind == "end":
        done = stack.pop()
        done.end = run
        _into(stack[-1], done) if stack else fields.append(done)
    else:
        _into(stack[-1], run)


def _into(outer: Field, item: Element | Field) -> None:
    (outer.code if outer.separate is None else outer.result).append(item)


def _write_out(simple: Element) -> None:
    """``w:fldSimple`` as the complex field it is short for."""
    parent = simple.getparent()
    if parent is None:
        return
    properties = simple.find(f"{R}/{RPR}")

    def bound(name: str, value: str) -> Element:
        run = etree.Element(R)
        if properties is not None:
            run.append(etree.fromstring(etree.tostring(properties)))
        child = etree.SubElement(run, w(name))
        if name == "fldChar":
            child.set(_TYPE, value)
        else:
            child.text = value
            child.set(XML_SPACE, "preserve")
        return run

    runs = [bound("fldChar", "begin"), bound("instrText", simple.get(w("instr")) or "")]
    runs += [bound("fldChar", "separate"), *[c for c in simple if c.tag != w("fldData")]]
    runs.append(bound("fldChar", "end"))
    position = parent.index(simple)
    parent[position : position + 1] = runs


def atoms(items: Iterable[Element | Field]) -> list[Atom]:
    """A field's code, thing by thing; the end of a paragraph is a line feed."""
    found: list[Atom] = []
    paragraph: Element | None = None
    for item in items:
        run = item.begin if isinstance(item, Field) else item
        home = next(run.iterancestors(P), None)
        if paragraph is not None and home is not paragraph:
            found.append(Atom("\n", None))
        paragraph = home
        found += [Atom("", run, item)] if isinstance(item, Field) else _run_atoms(item)
        if isinstance(item, Field) and item.end is not None:
            paragraph = next(item.end.iterancestors(P), None)
    return found


def _run_atoms(run: Element) -> list[Atom]:
    found = []
    for child in content(run):
        if child.tag in (_INSTR, T):
            found += [Atom(char, run) for char in child.text or ""]
        else:
            found.append(Atom(_BLANKS.get(str(child.tag), ""), run))
    return found


def is_text(run: Element) -> bool:
    """Whether a run of a code holds characters only (tabs and pictures have runs of their own)."""
    return all(child.tag in (_INSTR, T) for child in content(run))


def arguments(code: Sequence[Atom]) -> list[Argument]:
    """The words of a field's code: quoted or not, operators, switches (``\\*``)."""
    found = []
    position = 0
    while position < len(code):
        if code[position].blank:
            position += 1
            continue
        argument = _argument(code, position)
        found.append(argument)
        position = argument.end
    return found


def _argument(code: Sequence[Atom], start: int) -> Argument:
    text = code[start].text
    if text in _QUOTES:
        closing = _closing(code, start)
        if closing is None:
            return Argument(code, start + 1, len(code), kind="unclosed")
        return Argument(code, start, closing + 1, quoted=True)
    if text == "\\" and start + 1 < len(code) and code[start + 1].text.strip():
        return Argument(code, start, start + 2, kind="switch")
    end = start + 1
    if text and text in _OPERATOR:
        while end < len(code) and code[end].text and code[end].text in _OPERATOR:
            end += 1
        return Argument(code, start, end, kind="operator")
    stops = _OPERATOR + '\\"“”„'
    while (
        end < len(code) and not code[end].blank and not (code[end].text and code[end].text in stops)
    ):
        end += 1
    return Argument(code, start, end)


def _closing(code: Sequence[Atom], start: int) -> int | None:
    """Where the argument opened at ``start`` closes."""
    opening = code[start].text
    # A straight quote prefers its like: curly ones may be a quotation inside the text.
    choices = ['"', "”“"] if opening == '"' else [_QUOTES[opening]]
    for closing in choices:
        for position in range(start + 1, len(code)):
            if (
                code[position].text
                and code[position].text in closing
                and code[position - 1].text != "\\"
            ):
                return position
    return None


def properties_of(run: Element | None) -> Element | None:
    """A run's formatting, or None."""
    found = run.find(RPR) if run is not None else None
    return found if found is not None and len(found) else None


def first_result(found: Field) -> Element | None:
    """The first run of the result that shows something."""
    for item in found.result:
        if not isinstance(item, Field) and item.find(T) is not None:
            return item
    return None
