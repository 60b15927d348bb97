"""What the check of a template says, and where in the document it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from mailmerge.template.runs import FALLBACK, TEXT_BOX, Element, P, T, own_descendants, w
from mailmerge.text import typeset

PAGE_BREAK_BEFORE: Final = w("pageBreakBefore")
_PAGE_STARTS: Final = (w("br"), PAGE_BREAK_BEFORE)
Severity = Literal["error", "warning"]
_AROUND: Final = 40
MAX_FINDINGS: Final = 200  # in one part: nobody reads more, and a hostile template could make many
_LABELS: Final = {
    w("document"): "corps du document",
    w("body"): "corps du document",
    w("hdr"): "en-tête",
    w("ftr"): "pied de page",
    w("footnotes"): "note de bas de page",
    w("endnotes"): "note de fin",
    w("comments"): "commentaire",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the template that must (error) or may want to (warning) be changed.

    Attributes:
        code: a stable short name, e.g. ``"balise-inconnue"``.
        message: French, whole sentences: what is wrong and what to do.
        where: French: part, paragraph, table and row, and the words around.
        severity: an error stops ``run``; a warning does not.
    """

    code: str
    message: str
    where: str
    severity: Severity = "error"


class Findings:
    """Collects the findings of one part; the same one in a text box's two copies counts once."""

    def __init__(self, root: Element, label: str | None = None) -> None:
        self._root = root
        self._label = label or _LABELS.get(str(root.tag), "document")
        self._found: dict[Finding, None] = {}
        self._met = 0

    def add(
        self, code: str, message: str, at: Element, around: str = "", severity: Severity = "error"
    ) -> None:
        """Record one; ``at`` is an element, ``around`` the words to look for near it."""
        self._met += 1
        if self._met > MAX_FINDINGS:
            return
        finding = Finding(code, typeset(message), self._where(at, around), severity)
        self._found[finding] = None

    def all(self) -> list[Finding]:
        """Every finding, in the order met; past `MAX_FINDINGS`, how many more there are."""
        others = self._met - MAX_FINDINGS
        if others <= 0:
            return list(self._found)
        message = f"Il y a encore {others} autres points à corriger dans cette partie."
        return [*self._found, Finding("trop-de-fautes", message, self._label)]

    def _where(self, at: Element, around: str) -> str:
        paragraph = at if at.tag == P else next(at.iterancestors(P), None)
        places = [self._label, *self._page(paragraph)]
        if any(a.tag == TEXT_BOX for a in at.iterancestors()):
            places.append("zone de texte")
        if paragraph is None:
            return places[0]
        places.append(f"paragraphe {self._rank(paragraph)}")
        cell = next(paragraph.iterancestors(w("tc")), None)
        if cell is not None:
            places += self._cell(cell)
        words = _words(paragraph_text(paragraph), around)
        return ", ".join(places) + (typeset(" : « ") + words + typeset(" »") if words else "")

    def _page(self, paragraph: Element | None) -> list[str]:
        """The page, in a document that says itself where its pages begin; else nothing."""
        sections = len(list(self._root.iter(w("sectPr"))))
        if paragraph is None or sections > 1:
            return []
        shown = _twin(paragraph)
        page = 1
        for element in self._root.iter(P, *_PAGE_STARTS):
            if element.tag == PAGE_BREAK_BEFORE or element.get(w("type")) == "page":
                page += 1
            if element is shown:
                inside = next(element.iter(PAGE_BREAK_BEFORE), None) is not None
                return [f"page {page + inside}"] if page + inside > 1 else []
        return []

    def _rank(self, paragraph: Element) -> int:
        """The paragraph's number in the part; both copies of a text box's have the same."""
        choice = _twin(paragraph)
        rank = 0
        for other in self._root.iter(P):
            if next(other.iterancestors(FALLBACK), None) is None or other is choice:
                rank += 1
            if other is choice:
                break
        return rank

    def _cell(self, cell: Element) -> list[str]:
        row, table = cell.getparent(), next(cell.iterancestors(w("tbl")), None)
        if table is None or row is None:
            return []
        tables, rows = list(self._root.iter(w("tbl"))), list(table.iter(w("tr")))
        places = [f"tableau {tables.index(table) + 1}"]
        return [*places, f"ligne {rows.index(row) + 1}"] if row in rows else places


def paragraph_text(paragraph: Element) -> str:
    """The words of a paragraph, text boxes anchored in it left out."""
    return "".join(e.text or "" for e in own_descendants(paragraph) if e.tag == T)


def _twin(paragraph: Element) -> Element:
    """For a paragraph in an old-Word copy of a text box, the same one in the copy that is shown."""
    fallback = next(paragraph.iterancestors(FALLBACK), None)
    alternatives = fallback.getparent() if fallback is not None else None
    if fallback is None or alternatives is None or len(alternatives) < 2:
        return paragraph
    mine, shown = list(fallback.iter(P)), list(alternatives[0].iter(P))
    position = mine.index(paragraph)
    return shown[position] if position < len(shown) else paragraph


def _words(text: str, around: str) -> str:
    text = " ".join(text.split())
    around = " ".join(around.split())
    middle = max(text.find(around), 0)
    start = max(middle - _AROUND // 2, 0)
    end = min(middle + max(len(around), 1) + _AROUND // 2, len(text))
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")
