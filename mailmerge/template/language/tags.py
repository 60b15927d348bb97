"""Tags as people leave them in Word, made whole: ``{{ … }}``, ``{% … %}``, ``{# … #}``.

Word cuts a tag into runs wherever it likes (spelling marks, revisions, a change of font). Each tag
is written whole into the run that holds its opening braces, with that run's formatting, and what
it says is put right (`expressions`). Everything that can't be is found at once; nothing is raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from mailmerge.template.findings import Finding, Findings, Severity
from mailmerge.template.language.blocks import Statement, check_blocks
from mailmerge.template.language.expressions import (
    local_names,
    rewrite_statement,
    rewrite_value,
)
from mailmerge.template.language.vocabulary import Names
from mailmerge.template.language.wording import short
from mailmerge.template.runs import (
    Element,
    P,
    R,
    T,
    accept_revisions,
    content,
    own_descendants,
    set_text,
    w,
)

_S: Final = "[\\s\u00ad\u200b\u2060\ufeff]*"
_OPEN = re.compile(rf"[{{｛]{_S}([{{｛%％#])")
_CLOSE: Final = {
    "{": re.compile(rf"[}}｝]{_S}[}}｝]"),
    "%": re.compile(rf"[%％]{_S}[}}｝]"),
    "#": re.compile(rf"#{_S}[}}｝]"),
}
_STRAY = re.compile(rf"[}}｝]{_S}[}}｝]|%{_S}[}}｝]")
_SINGLE = re.compile(r"[{｛]([^{}｛｝]{1,60})[}｝]")
_QUOTED = re.compile(r"«([^«»{}]{1,60})»|<<([^<>{}]{1,60})>>")
_AS_TEXT: Final = {
    w("tab"): "\t",
    w("br"): "\n",
    w("cr"): "\n",
    w("noBreakHyphen"): "\u2011",
    w("softHyphen"): "\u00ad",
}
_MASK: Final = "\0"


def normalise_tags(root: Element, names: Names, label: str | None = None) -> list[Finding]:
    """Make every tag of one part whole and right, in place; say which ones can't be.

    Args:
        root: the part: ``w:document``, ``w:hdr``, ``w:ftr``, ``w:footnotes``, ``w:endnotes``.
        names: what names mean.
        label: what to call the part in messages; by default derived from ``root``.
    """
    accept_revisions(root)
    return _Normaliser(root, names, label).run()


@dataclass(frozen=True, slots=True)
class _Mark:
    """One tag in a text: its place, its kind (``{``, ``%``, ``#``) and its inside."""

    start: int
    end: int
    kind: str
    body: str
    closed: bool = True


@dataclass(slots=True)
class _Text:
    """A text with tags: its characters and the element that each one comes from."""

    at: Element
    text: str
    owners: list[Element]
    marks: list[_Mark]


class _Normaliser:
    def __init__(self, root: Element, names: Names, label: str | None) -> None:
        self._root, self._names = root, names
        self._findings = Findings(root, label)
        self._local: set[str] = set()
        self._statements: list[Statement] = []

    def run(self) -> list[Finding]:
        texts = [text for text in map(_paragraph, self._root.iter(P)) if text]
        loose = list(_loose_texts(self._root))
        every = [mark for text in texts for mark in text.marks]
        every += [mark for _, _, value in loose for mark in _marks(value)]
        for mark in every:
            if mark.kind == "%":
                self._local |= local_names(mark.body)
        for text in texts:
            self._paragraph(text)
        for element, attribute, value in loose:
            self._loose(element, attribute, value)
        check_blocks(self._root, self._statements, self._findings)
        return self._findings.all()

    # --- one paragraph -----------------------------------------------------------------------

    def _paragraph(self, text: _Text) -> None:
        changes = self._changes(text.text, text.marks, text.at, text.owners)
        _apply(text, changes)

    def _loose(self, element: Element, attribute: str | None, value: str) -> None:
        """A tag in an attribute (a picture's description) or in a field's code."""
        for start, end, new in reversed(self._changes(value, _marks(value), element, None)):
            value = value[:start] + new + value[end:]
        if attribute is None:
            element.text = value
        else:
            element.set(attribute, value)

    def _changes(
        self, text: str, marks: list[_Mark], at: Element, owners: list[Element] | None
    ) -> list[tuple[int, int, str]]:
        """What to write in place of which characters, in order."""
        changes = []
        for mark in marks:
            place = owners[mark.start] if owners else at
            if not mark.closed:
                self._unclosed(text, mark, at)
            elif mark.kind == "#":
                changes.append((mark.start, mark.end, "{#" + mark.body + "#}"))
            else:
                changes.append((mark.start, mark.end, self._tag(mark, at, place)))
        rest = _masked(text, marks)
        if owners:
            changes += self._quoted(rest, at)
        self._leftovers(rest, at)
        return sorted(changes)

    def _tag(self, mark: _Mark, at: Element, place: Element) -> str:
        rewrite = rewrite_value if mark.kind == "{" else rewrite_statement
        body = rewrite(mark.body, self._names, self._local)
        for problem in body.problems:
            self._findings.add(problem.code, problem.message, at, mark.body)
        if mark.kind == "{":
            return "{{" + body.text + "}}"
        self._statements.append(Statement(body, mark.body, place))
        return "{%" + body.text + "%}"

    def _unclosed(self, text: str, mark: _Mark, at: Element) -> None:
        opening, closing = ("{%", "%}") if mark.kind == "%" else ("{{", "}}")
        opening, closing = ("{#", "#}") if mark.kind == "#" else (opening, closing)
        message = (
            f"La balise « {short(text[mark.start : mark.start + 40])} » est ouverte par {opening} "
            f"mais n’est pas fermée : ajoutez {closing} dans le même paragraphe."
        )
        self._findings.add("balise-non-fermee", message, at, text[mark.start : mark.start + 20])

    def _quoted(self, rest: str, at: Element) -> Iterator[tuple[int, int, str]]:
        """``«Nom»``, as Word shows a merge field, is a tag; a quotation (« Pix ») stays one."""
        for match in _QUOTED.finditer(rest):
            inner = match[1] or match[2]
            tag = self._names.resolve(inner)
            if tag is None:
                continue
            if inner.strip() == inner or inner.strip() == tag:
                yield match.start(), match.end(), f"{{{{ {tag} }}}}"
                continue
            message = (
                f"« {inner.strip()} » est resté une citation, écrite telle quelle. "
                f"Pour imprimer la donnée de l’élève, écrivez {{{{ {tag} }}}}."
            )
            self._findings.add("citation", message, at, match[0], "warning")

    def _leftovers(self, rest: str, at: Element) -> None:
        for match in _STRAY.finditer(rest):
            message = (
                f"Le signe « {match[0]} » ferme une balise qui n’est pas ouverte : ajoutez "
                f"{'{%' if '%' in match[0] else '{{'} avant le nom, ou retirez-le."
            )
            self._findings.add("balise-non-ouverte", message, at, match[0])
        for match in _SINGLE.finditer(rest):
            inner = match[1].strip()
            if not inner[:1].isalpha() or _MASK in inner or _STRAY.match(rest, match.end() - 1):
                continue
            known = self._names.resolve(inner)
            tag = known or self._names.nearest(inner)
            if tag:
                message = (
                    f"« {short(match[0])} » n’a qu’une accolade de chaque côté : "
                    f"une balise s’écrit {{{{ {tag} }}}}."
                )
                severity: Severity = "error" if known else "warning"
                self._findings.add("accolade-simple", message, at, match[0], severity)


def _masked(text: str, marks: list[_Mark]) -> str:
    """The text with its tags blotted out, every character at its place."""
    pieces, position = [], 0
    for mark in marks:
        pieces += [text[position : mark.start], _MASK * (mark.end - mark.start)]
        position = mark.end
    return "".join([*pieces, text[position:]])


def _marks(text: str) -> list[_Mark]:
    """Every tag of a text; one that another tag or the end interrupts is not closed."""
    marks = []
    never_closed: set[str] = set()  # so that a flood of braces is read once, not once a brace
    opening = _OPEN.search(text)
    while opening:
        kind = {"｛": "{", "％": "%"}.get(opening[1], opening[1])
        following = _OPEN.search(text, opening.end())
        inside = following.start() if following and kind != "#" else len(text)
        closing = None
        if kind not in never_closed:
            closing = _CLOSE[kind].search(text, opening.end(), inside)
        if closing is None and kind == "#":
            never_closed.add(kind)
        if closing:
            body = text[opening.end() : closing.start()]
            marks.append(_Mark(opening.start(), closing.end(), kind, body))
            opening = _OPEN.search(text, closing.end())
        else:
            marks.append(_Mark(opening.start(), opening.end(), kind, "", closed=False))
            opening = following
    return marks


def _paragraph(paragraph: Element) -> _Text | None:
    """The paragraph's text, if anything in it may be a tag."""
    characters: list[str] = []
    owners: list[Element] = []
    for element in own_descendants(paragraph):
        parent = element.getparent()
        if element.tag == P or parent is None or parent.tag != R:
            continue
        text = (element.text or "") if element.tag == T else _AS_TEXT.get(str(element.tag), "")
        characters.append(text)
        owners += [element] * len(text)
    whole = "".join(characters)
    if not any(sign in whole for sign in ("{", "}", "｛", "｝", "«", "<<")):
        return None
    return _Text(paragraph, whole, owners, _marks(whole))


def _loose_texts(root: Element) -> Iterator[tuple[Element, str | None, str]]:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == w("instrText") and element.text and _OPEN.search(element.text):
            yield element, None, element.text
        for name, value in element.attrib.items():
            if "{{" in value or "{%" in value:
                yield element, str(name), str(value)


def _apply(text: _Text, changes: list[tuple[int, int, str]]) -> None:
    """Write each change into the element that holds its first character."""
    changed = {
        start: (end, new)
        for start, end, new in changes
        if text.text[start:end] != new
        or any(o is not text.owners[start] for o in text.owners[start:end])
    }
    if not changed:
        return
    written: dict[Element, list[str]] = {owner: [] for owner in text.owners}
    touched: dict[Element, None] = {}
    position = 0
    while position < len(text.text):
        owner = text.owners[position]
        if position not in changed:
            written[owner].append(text.text[position])
            position += 1
            continue
        end, new = changed[position]
        written[owner].append(new)
        touched.update(dict.fromkeys(text.owners[position:end]))
        position = end
    for element in touched:
        _store(element, "".join(written[element]))


def _store(element: Element, text: str) -> None:
    if element.tag == T and text:
        set_text(element, text)
        return
    run = element.getparent()
    if run is None:
        return
    run.remove(element)
    parent = run.getparent()
    # A content control must hold something; anywhere else an emptied run goes.
    if not content(run) and parent is not None and (parent.tag == P or len(parent) > 1):
        parent.remove(run)
    elif not content(run):
        etree.SubElement(run, T)
