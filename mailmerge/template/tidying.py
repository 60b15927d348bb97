"""What a template is freed from before its tags are read, and what it must not hold.

Comments, controls, tracked changes and marks of Word's own print nothing, or not what they should
in a page that is repeated; what no engine repeats rightly is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE as REL

from mailmerge.errors import TemplateError
from mailmerge.template.findings import Finding, Findings
from mailmerge.template.runs import accept_revisions, set_text
from mailmerge.template.wordxml import W14, qn

# Far beyond any real template; they keep an attack from taking minutes.
MAX_ELEMENTS = 300_000
MAX_BRACES = 20_000

LINE_END = "\u2028"  # in a value; in XML a line's end is but a space to Word
_HYPHENS = {0x2011: "-", 0xAD: None, 0x200B: None}

_NOISE = tuple(
    qn(f"w:{name}")
    for name in (
        "commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef", "proofErr",
        "lastRenderedPageBreak", "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart",
        "moveToRangeEnd", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "trPrChange",
        "tcPrChange", "tblGridChange", "tblPrExChange", "numberingChange",
    )
)  # fmt: skip
_COMMENTS = (
    REL.COMMENTS,
    "http://schemas.microsoft.com/office/2011/relationships/commentsExtended",
    "http://schemas.microsoft.com/office/2016/09/relationships/commentsIds",
    "http://schemas.microsoft.com/office/2018/08/relationships/commentsExtensible",
    "http://schemas.microsoft.com/office/2011/relationships/people",
)
_FIELD_CODES = (qn("w:instrText"), qn("w:fldSimple"))
_REFERENCE = re.compile(r"\s*REF\s+([^\s\"\\]+)")
_BLOCK = re.compile(r"\{%-?\s*(?:(?:p|tr|tc|r)\s+)?(if|for|endif|endfor)\b")
_PLACED = re.compile(r"\{[%{#](?:p|tr|tc)\s")


def tidy_document(document: WordDocument) -> None:
    """Forget comments and the wish to track changes."""
    for rid in [rid for rid, rel in document.part.rels.items() if rel.reltype in _COMMENTS]:
        del document.part.rels[rid]
    for element in document.settings.element.findall(qn("w:trackRevisions")):
        document.settings.element.remove(element)


def tidy(root: Any) -> None:
    """Make one part plain: controls opened, changes accepted, noise gone. In place.

    Raises:
        TemplateError: the part is far larger than any real one.
    """
    _check_size(root)
    _open_controls(root)
    accept_revisions(root)
    _accept_marks(root)
    _remove(root, *_NOISE)
    _forget_cursor(root)
    for element in root.iter(qn("w:p"), qn("w:tr")):
        for attribute in ("paraId", "textId"):
            element.attrib.pop(f"{{{W14}}}{attribute}", None)
    _plain_hyphens(root)


def refusals(root: Any, label: str, external: Collection[str] = ()) -> list[Finding]:
    """What a part holds that can't be right on every pupil's page.

    Args:
        root: the part, its tags made whole.
        label: what messages call it.
        external: the ids of the part's links that hold a tag.
    """
    findings = Findings(root, label)
    changing = _bookmarks_with_tags(root)
    for code in root.iter(*_FIELD_CODES):
        text = code.get(qn("w:instr"), "") + (code.text or "")
        target = _REFERENCE.match(text)
        if target and target[1] in changing:
            findings.add(
                "renvoi-a-une-balise",
                "Un renvoi reprend un texte qui contient une balise, et montrerait celui d’un "
                "autre élève : écrivez la balise à la place du renvoi.",
                code,
                text,
            )
        if "{{" in text or "{%" in text:
            findings.add(
                "balise-dans-un-champ",
                "Une balise est placée dans le code d’un champ de Word : écrivez-la dans le "
                "texte, hors du champ.",
                code,
                text,
            )
    for reference in root.iter(qn("w:endnoteReference")):
        findings.add(
            "note-de-fin",
            "Les notes de fin ne peuvent pas être imprimées élève par élève : dans Word, "
            "convertissez-les en notes de bas de page.",
            reference,
        )
    for link in root.iter(qn("w:hyperlink")):
        if link.get(qn("r:id")) in external:
            findings.add(
                "balise-dans-un-lien",
                "L’adresse d’un lien contient une balise, qui ne peut pas être remplie : écrivez "
                "l’adresse en toutes lettres, ou utilisez un QR code ({{ qr(…) }}).",
                link,
            )
    _refuse_conditional_sections(root, findings)
    return findings.all()


def is_whole(paragraph: Any) -> bool:
    """Whether a paragraph is on the page whatever its tags say."""
    text = _text(paragraph)
    return not _PLACED.search(text) and not _depth(text)


def _bookmarks_with_tags(root: Any) -> set[str]:
    """The names of the bookmarks around texts with tags."""
    names: dict[str, str] = {}  # of the bookmarks that are open, by id
    found: set[str] = set()
    for element in root.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"), qn("w:t")):
        if element.tag == qn("w:bookmarkStart"):
            names[element.get(qn("w:id"))] = element.get(qn("w:name"), "")
        elif element.tag == qn("w:bookmarkEnd"):
            names.pop(element.get(qn("w:id")), None)
        elif "{{" in (element.text or "") or "{%" in (element.text or ""):
            found |= set(names.values())
    return found


def _refuse_conditional_sections(root: Any, findings: Findings) -> None:
    depth = 0
    for child in root:
        text = _text(child)
        inside = depth or not (_depth(text) == 0 and not _PLACED.search(text))
        if (
            inside
            and child.tag != qn("w:sectPr")
            and child.find(f".//{qn('w:sectPr')}") is not None
        ):
            findings.add(
                "section-sous-condition",
                "Un saut de section se trouve entre {% if %} ou {% for %} et sa fin : placez-le "
                "en dehors.",
                child,
            )
        depth += _depth(text)


def _depth(text: str) -> int:
    """How many more blocks a text opens than it closes."""
    return sum(-1 if word.startswith("end") else 1 for word in _BLOCK.findall(text))


def _text(element: Any) -> str:
    return "".join(text.text or "" for text in element.iter(qn("w:t")))


def _check_size(root: Any) -> None:
    elements = braces = 0
    for element in root.iter():
        elements += 1
        braces += (element.text or "").count("{")
    if elements > MAX_ELEMENTS or braces > MAX_BRACES:
        raise TemplateError("Le modèle est démesuré : il ne peut pas être utilisé.")


def _open_controls(root: Any) -> None:
    """Put the content of each content control in its place.

    Its link to other data would put back the template's own text, and the embedded engine loses
    the ones inside a paragraph.
    """
    for control in list(root.iter(qn("w:sdt"), qn("w:customXml"))):
        inside = control.find(qn("w:sdtContent")) if control.tag == qn("w:sdt") else control
        parent = control.getparent()
        position = parent.index(control)
        own = () if inside is None else [c for c in inside if c.tag != qn("w:customXmlPr")]
        parent[position : position + 1] = own


def _forget_cursor(root: Any) -> None:
    """Word's hidden bookmark where somebody last typed."""
    starts = [s for s in root.iter(qn("w:bookmarkStart")) if s.get(qn("w:name")) == "_GoBack"]
    identities = {start.get(qn("w:id")) for start in starts}
    ends = [e for e in root.iter(qn("w:bookmarkEnd")) if e.get(qn("w:id")) in identities]
    for mark in (*starts, *ends):
        mark.getparent().remove(mark)


def _accept_marks(root: Any) -> None:
    """Accept deleted rows and paragraph ends; forget the marks of inserted ones."""
    for mark in list(root.iter(qn("w:del"), qn("w:moveFrom"))):
        properties = mark.getparent()
        if properties.tag == qn("w:trPr"):
            row = properties.getparent()
            row.getparent().remove(row)
        elif properties.tag == qn("w:rPr") and properties.getparent().tag == qn("w:pPr"):
            _join_next(properties.getparent().getparent())
    _remove(root, qn("w:ins"), qn("w:del"), qn("w:moveFrom"), qn("w:moveTo"), qn("w:cellIns"))


def _join_next(paragraph: Any) -> None:
    """Bring the next paragraph's content into ``paragraph``, whose end was deleted."""
    following = paragraph.getnext()
    if following is None or following.tag != qn("w:p"):
        return
    properties = following.find(qn("w:pPr"))
    if properties is not None:
        following.remove(properties)
        paragraph.replace(paragraph.find(qn("w:pPr")), properties)
    paragraph.extend(list(following))
    following[:] = list(paragraph)  # the later one stays: its end is the one that was kept
    paragraph.getparent().remove(paragraph)


def break_lines(root: Any) -> None:
    """Write each `LINE_END` of a part's texts as Word does, with an element of its own."""
    for text in [t for t in root.iter(qn("w:t")) if LINE_END in (t.text or "")]:
        for rank, piece in enumerate(text.text.split(LINE_END)):
            if rank:
                text.addprevious(text.makeelement(qn("w:br")))
            line = text.makeelement(qn("w:t"))
            set_text(line, piece)
            text.addprevious(line)
        text.getparent().remove(text)


def _plain_hyphens(root: Any) -> None:
    """No-break hyphens as plain ones, which every font has; hidden hyphens as nothing.

    The embedded engine draws nothing for U+2011, whether typed or as Word's own element.
    """
    for hyphen in list(root.iter(qn("w:noBreakHyphen"))):
        text = hyphen.makeelement(qn("w:t"))
        text.text = "-"
        hyphen.getparent().replace(hyphen, text)
    for text in root.iter(qn("w:t")):
        if text.text and not text.text.isascii():
            text.text = text.text.translate(_HYPHENS)


def _remove(root: Any, *tags: str) -> None:
    for element in list(root.iter(*tags)):
        element.getparent().remove(element)
