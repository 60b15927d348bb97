"""LSU's categories for a run, per class (seed « Gestion des certifications Pix », 1. Récupération).

Each pupil counts once: newly obtained, updated (a newer certification replaces one that was there),
already there, waiting, sat without obtaining, not sat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import pandas as pd

from mailmerge import columns
from mailmerge.overview.synthesis import Levels
from mailmerge.referential import DOMAINES
from mailmerge.report import DivisionCount, PupilLine
from mailmerge.results.table import Pupil, Statut


def pupil_lines(
    pupils: Iterable[Pupil], table: pd.DataFrame, known_before: frozenset[str]
) -> list[PupilLine]:
    """One line per pupil, with the category that the pupil counts in.

    Args:
        pupils: the pupils to count.
        table: the certifications; `Pupil.others` are positions in it.
        known_before: the numbers of the certifications attested at the last run.
    """
    numbers = table[columns.NUMERO].tolist()
    return [
        PupilLine(
            numero=pupil.numero,
            nom=pupil.nom,
            prenom=pupil.prenom,
            division=pupil.division,
            statut=str(pupil.statut),
            raison=pupil.raison,
            categorie=_category(pupil, numbers, known_before),
            hors_liste=pupil.hors_liste,
        )
        for pupil in pupils
    ]


def count_divisions(lines: Iterable[PupilLine], *, with_roster: bool) -> list[DivisionCount]:
    """One count per class, in the lines' order.

    Args:
        lines: the pupils to count; those who are not in the school's list are counted apart.
        with_roster: the school's list is known, so that nobody is missing.
    """
    counts: dict[str, DivisionCount] = {}
    for line in lines:
        count = counts.setdefault(line.division, DivisionCount(line.division))
        if with_roster:
            count.non_passees = count.non_passees or 0
        name = "hors_liste" if line.hors_liste else line.categorie
        setattr(count, name, (getattr(count, name) or 0) + 1)
    return list(counts.values())


def attested_numbers(pupils: Iterable[Pupil]) -> frozenset[str]:
    """The numbers of the certifications that these pupils are attested."""
    return frozenset(pupil.numero for pupil in pupils if pupil.statut is Statut.OBTENUE)


def _category(pupil: Pupil, numbers: Sequence[str], known_before: frozenset[str]) -> str:
    if pupil.statut is Statut.OBTENUE:
        if pupil.numero in known_before:
            return "deja_presentes"
        if any(numbers[row] in known_before for row in pupil.others):
            return "mises_a_jour"
        return "obtenues"
    if pupil.statut is Statut.EN_ATTENTE:
        return "en_attente"
    return "non_passees" if pupil.statut is Statut.NON_PASSEE else "non_obtenues"


def mean_levels(pupils: Iterable[Pupil], table: pd.DataFrame) -> Levels:
    """The mean level of the certified pupils in each domaine, by class; None is everybody.

    ``-`` counts as 0: below level 1, as LSU prints it. Pupils who are not in the school's list
    are left out.
    """
    codes = [c.code for domaine in DOMAINES for c in domaine.competences]
    columns = {code: table[code].tolist() for code in codes}
    sums: dict[str | None, list[list[int]]] = defaultdict(lambda: [[] for _ in DOMAINES])
    for pupil in pupils:
        if pupil.row is None or pupil.statut is not Statut.OBTENUE or pupil.hors_liste:
            continue
        for place, domaine in enumerate(DOMAINES):
            texts = (columns[c.code][pupil.row] for c in domaine.competences)
            values = [int(text) if text.isdecimal() else 0 for text in texts]
            for name in (pupil.division, None):
                sums[name][place] += values
    return {
        name: tuple(sum(values) / len(values) for values in domaines)
        for name, domaines in sums.items()
    }
