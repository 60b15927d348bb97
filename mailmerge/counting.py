"""LSU's categories for a run, per class (seed « Gestion des certifications Pix », 1. Récupération).

Each pupil counts once: newly obtained, updated (a newer certification replaces one that was there),
already there, waiting, sat without obtaining, not sat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from mailmerge import columns
from mailmerge.report import DivisionCount
from mailmerge.results.table import Pupil, Statut


def count_divisions(
    pupils: Iterable[Pupil], table: pd.DataFrame, known_before: frozenset[str]
) -> list[DivisionCount]:
    """One count per class, in the pupils' order.

    Args:
        pupils: the pupils to count.
        table: the certifications; `Pupil.row` and `Pupil.others` are positions in it.
        known_before: the numbers of the certifications attested at the last run.
    """
    numbers = table[columns.NUMERO].tolist()
    counts: dict[str, DivisionCount] = {}
    for pupil in pupils:
        count = counts.setdefault(pupil.division, DivisionCount(pupil.division))
        category = _category(pupil, numbers, known_before)
        setattr(count, category, (getattr(count, category) or 0) + 1)
    return list(counts.values())


def attested_numbers(pupils: Iterable[Pupil], table: pd.DataFrame) -> frozenset[str]:
    """The numbers of the certifications that these pupils are attested."""
    numbers = table[columns.NUMERO].tolist()
    return frozenset(numbers[pupil.row] for pupil in pupils if pupil.statut is Statut.OBTENUE)


def _category(pupil: Pupil, numbers: Sequence[str], known_before: frozenset[str]) -> str:
    if pupil.statut is Statut.OBTENUE:
        if numbers[pupil.row] in known_before:
            return "deja_presentes"
        if any(numbers[row] in known_before for row in pupil.others):
            return "mises_a_jour"
        return "obtenues"
    if pupil.statut is Statut.EN_ATTENTE:
        return "en_attente"
    return "non_passees" if pupil.statut is Statut.NON_PASSEE else "non_obtenues"
