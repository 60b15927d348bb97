"""Blocks of a part: every ``if`` has its ``endif``, where Word's structure stays whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mailmerge.template.findings import Findings
from mailmerge.template.language.tokens import BLOCKS, MIDDLES, Body
from mailmerge.template.language.wording import short
from mailmerge.template.runs import Element, T, w

_UNITS: Final = {"p": w("p"), "tr": w("tr"), "tc": w("tc"), "r": w("r")}
# What a statement takes away as a whole, and what people call it.
_TAKEN: Final = {
    "p": ("tout le paragraphe", "un paragraphe"),
    "tr": ("toute la ligne du tableau", "une ligne du tableau"),
    "tc": ("toute la cellule", "une cellule"),
}
_PICTURES: Final = (w("drawing"), w("pict"), w("object"))


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement met in the part, for the check of blocks."""

    body: Body
    written: str
    at: Element


def check_blocks(root: Element, statements: list[Statement], findings: Findings) -> None:
    """Add to ``findings`` what is wrong with the statements of one part."""
    order = {element: rank for rank, element in enumerate(root.iter())}
    checker = _Checker(findings)
    for statement in sorted(statements, key=lambda statement: order.get(statement.at, 0)):
        checker.meet(statement)
    checker.finish()


class _Checker:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._open: list[Statement] = []

    def meet(self, statement: Statement) -> None:
        """The next statement, in the order of the document."""
        if statement.body.prefix in _TAKEN and not _is_alone(statement):
            self._not_alone(statement)
        keyword = statement.body.keyword
        if statement.body.opens:
            self._open.append(statement)
        elif keyword in MIDDLES:
            self._middle(statement)
        elif keyword.startswith("end"):
            self._end(statement)

    def finish(self) -> None:
        """The end of the part."""
        for statement in self._open:
            self._never_ended(statement)

    def _middle(self, statement: Statement) -> None:
        keyword = statement.body.keyword
        if self._open and self._open[-1].body.keyword in MIDDLES[keyword]:
            self._same_level(self._open[-1], statement)
            return
        self._stray(statement, "if")

    def _end(self, statement: Statement) -> None:
        opener = statement.body.keyword.removeprefix("end")
        if opener not in [block.body.keyword for block in self._open]:
            self._stray(statement, opener)
            return
        while self._open[-1].body.keyword != opener:
            self._never_ended(self._open.pop())
        self._same_level(self._open.pop(), statement)

    def _not_alone(self, statement: Statement) -> None:
        taken, place = _TAKEN[statement.body.prefix]
        message = (
            f"L’instruction « {{%{short(statement.written)} %}} » remplace {taken} où elle se "
            "trouve : ce qui est écrit à côté d’elle ne serait jamais imprimé. Mettez-la seule "
            f"dans {place}, ou écrivez-la sans « {statement.body.prefix} »."
        )
        self._findings.add("bloc-pas-seul", message, statement.at, statement.written)

    def _stray(self, statement: Statement, opener: str) -> None:
        message = (
            f"L’instruction {{% {statement.body.keyword} %}} n’a pas de {{% {opener} %}} "
            "avant elle : ajoutez-le ou retirez-la."
        )
        self._findings.add("bloc-non-ouvert", message, statement.at, statement.written)

    def _never_ended(self, statement: Statement) -> None:
        ending = BLOCKS[statement.body.keyword]
        prefix = statement.body.prefix
        message = (
            f"L’instruction « {{% {short(statement.written)} %}} » n’est jamais terminée : "
            f"ajoutez {{%{prefix} {ending} %}} là où elle finit."
        )
        self._findings.add("bloc-non-ferme", message, statement.at, statement.written)

    def _same_level(self, first: Statement, second: Statement) -> None:
        if _path(first) == _path(second):
            return
        message = (
            f"{{% {short(first.written)} %}} et {{% {short(second.written)} %}} ne sont pas "
            "au même niveau du document (l’une dans un tableau, un lien ou un contrôle, l’autre "
            "en dehors) : placez-les dans des paragraphes ou des lignes voisins, avec le même "
            "préfixe (p, tr)."
        )
        self._findings.add("bloc-a-cheval", message, second.at, second.written)


def _is_alone(statement: Statement) -> bool:
    """Whether nothing else is in what a statement with a prefix takes away."""
    unit = next(statement.at.iterancestors(_UNITS[statement.body.prefix]), None)
    if unit is None:
        return True
    text = "".join(element.text or "" for element in unit.iter(T))
    beside = text.replace(f"{{%{statement.body.text}%}}", "", 1).strip()
    return not beside and next(unit.iter(*_PICTURES), None) is None


def _path(statement: Statement) -> list[str]:
    """The kinds of elements that stay open where the statement stands once docxtpl placed it."""
    at = statement.at
    unit = _UNITS.get(statement.body.prefix)
    if unit is not None:
        at = next(at.iterancestors(unit), at)
        return [str(ancestor.tag) for ancestor in at.iterancestors()]
    return [str(at.tag), *(str(ancestor.tag) for ancestor in at.iterancestors())]
