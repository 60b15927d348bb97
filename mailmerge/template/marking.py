"""What must differ from pupil to pupil, written into the template as tags of our own.

Their names begin with ``_``, which no tag of a template does (`vocabulary` knows none). What they
print is the business of `rendering`.
"""

from __future__ import annotations

import re
from typing import Any

from mailmerge.template.sections import references, sections
from mailmerge.template.wordxml import qn

PUPIL = "_eleve"  # the pupil's place in this document, from 1
BOOKMARK = "_signet"  # the name of the bookmark on the pupil's first page
IDENTITY = "_identite"  # () → a number that nothing else in the document has
HEADER = "_entete"  # (relation) → the relation of the pupil's own header
LIST = "_liste"  # (numbering) → the pupil's own numbering
NOTE = "_note"  # (id) → the id of the pupil's own footnote
IS_LAST = "_dernier"

UNLESS_LAST = (f"{{% if not {IS_LAST} %}}", "{% endif %}")
IF_LAST = (f"{{% if {IS_LAST} %}}", "{% endif %}")

_POINTS = re.compile(r"(\b(?:REF|PAGEREF|NOTEREF)\s+|\\l\s+\"?)([^\s\"\\]+)")
_MAX_NAME = 30  # of the 40 characters that Word allows


def mark_first_page(body: Any) -> None:
    """The pupil's bookmark, in the first paragraph."""
    first = next(body.iter(qn("w:p")))
    identity = _number(0)
    start = {qn("w:id"): identity, qn("w:name"): f"{{{{ {BOOKMARK} }}}}"}
    position = 1 if first.find(qn("w:pPr")) is not None else 0
    first.insert(position, first.makeelement(qn("w:bookmarkStart"), start))
    first.insert(position + 1, first.makeelement(qn("w:bookmarkEnd"), {qn("w:id"): identity}))


def mark_headers(body: Any, relations: frozenset[str]) -> None:
    """References to headers that are each pupil's own."""
    for section in sections(body):
        for reference in references(section):
            relation = reference.get(qn("r:id"))
            if relation in relations:
                reference.set(qn("r:id"), f"{{{{ {HEADER}('{relation}') }}}}")


def mark_notes(body: Any) -> set[str]:
    """References to footnotes; returns the ids of those that are called."""
    called = set()
    for reference in body.iter(qn("w:footnoteReference")):
        identity = reference.get(qn("w:id"), "")
        called.add(identity)
        reference.set(qn("w:id"), f"{{{{ {NOTE}('{identity}') }}}}")
    return called


def mark_identities(roots: list[Any]) -> None:
    """Drawings and bookmarks, and what points to a bookmark, in all of ``roots``."""
    names: dict[str, str] = {}
    rank = 0
    for root in roots:
        numbers: dict[str, str] = {}
        for properties in root.iter(qn("wp:docPr")):
            properties.set("id", f"{{{{ {IDENTITY}() }}}}")
        for start in root.iter(qn("w:bookmarkStart")):
            name = start.get(qn("w:name"), "")
            own = name if len(name) <= _MAX_NAME else f"Signet{len(names)}"
            names[name] = f"{own}x{{{{ {PUPIL} }}}}"
            start.set(qn("w:name"), names[name])
        for mark in root.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
            identity = mark.get(qn("w:id"), "")
            if identity not in numbers:
                rank += 1
                numbers[identity] = _number(rank)
            mark.set(qn("w:id"), numbers[identity])
    for root in roots:
        _repoint(root, names)


def _repoint(root: Any, names: dict[str, str]) -> None:
    def own(match: re.Match[str]) -> str:
        return match[1] + names.get(match[2], match[2])

    for link in root.iter(qn("w:hyperlink")):
        anchor = link.get(qn("w:anchor"))
        if anchor in names:
            link.set(qn("w:anchor"), names[anchor])
    for code in root.iter(qn("w:instrText")):
        code.text = _POINTS.sub(own, code.text or "")
    for simple in root.iter(qn("w:fldSimple")):
        simple.set(qn("w:instr"), _POINTS.sub(own, simple.get(qn("w:instr"), "")))


def _number(rank: int) -> str:
    """A number of the pupil's own: the pupil's place, then ``rank`` on four digits."""
    return f"{{{{ {PUPIL} }}}}{rank:04d}"
