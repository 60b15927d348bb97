"""The synthesis for the headteacher: LSU's counts, the names behind them, and the mean levels.

Plain data, which goes to the process that draws it: pandas stays out of this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mailmerge.overview.categories import CATEGORIES, OFF_LIST, sentence
from mailmerge.report import DivisionCount, PupilLine, total_of
from mailmerge.text import typeset

Levels = Mapping[str | None, tuple[float, ...]]


@dataclass(frozen=True)
class Synthesis:
    """A whole school.

    Attributes:
        school: its name, or "".
        divisions: one count per class.
        pupils: everybody, with the category each counts in.
        levels: class → mean level in each domaine, 0 to 8; None is everybody.
        with_roster: the school's list is known.
    """

    school: str
    divisions: tuple[DivisionCount, ...]
    pupils: tuple[PupilLine, ...]
    levels: Levels
    with_roster: bool

    @property
    def total(self) -> DivisionCount:
        """All classes together."""
        return total_of(self.divisions)

    @property
    def sentence(self) -> str:
        """All the pupils in one sentence."""
        return sentence(self.total.counts)

    def rows(self) -> list[list[str]]:
        """The workbook's second sheet: counts by class, then everybody behind them."""
        heads = [category.title for category in CATEGORIES]
        off = [OFF_LIST.title] if self.with_roster else []
        rows = [
            ["Synthèse des certifications Pix"],
            [self.sentence],
            ["Cette feuille est refaite à chaque fois : n’y notez rien."],
            [],
            ["Classe", "Élèves", *heads, *off],
        ]
        rows += [self._counts(division) for division in (*self.divisions, self.total)]
        rows += [[], ["Classe", "Situation", "Nom", "Prénom", "Explication"]]
        rows += [
            [line.division or "Sans classe", line.category, line.nom, line.prenom, line.raison]
            for line in self.pupils
        ]
        return [[typeset(cell) for cell in row] for row in rows]

    def _counts(self, count: DivisionCount) -> list[str]:
        known = dict(count.counts)
        shown = [str(known[category.key]) for category in CATEGORIES]
        if not self.with_roster and not known["non_passees"]:
            shown[-1] = "inconnu"
        off = [str(count.hors_liste)] if self.with_roster else []
        return [count.division or "Sans classe", str(count.total), *shown, *off]
