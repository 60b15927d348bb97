"""LSU's categories of pupils, in the words of this program (seed « Gestion des certifications »).

Each pupil is in exactly one of them, so that they add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """One category.

    Attributes:
        key: its name in `rapport.json`.
        one, many: after a number, in a line about a class.
        title: above a list of names, and as the head of a column.
        certified: the pupils in it hold the certification.
    """

    key: str
    one: str
    many: str
    title: str
    certified: bool = False


CATEGORIES: tuple[Category, ...] = (
    Category(
        "obtenues", "certification obtenue", "certifications obtenues", "Obtenue", certified=True
    ),
    Category("mises_a_jour", "mise à jour", "mises à jour", "Mise à jour", certified=True),
    Category("deja_presentes", "déjà présente", "déjà présentes", "Déjà présente", certified=True),
    Category(
        "en_attente", "en attente de résultat", "en attente de résultat", "En attente de résultat"
    ),
    Category(
        "non_obtenues", "passée sans l’obtenir", "passées sans l’obtenir", "Passée sans l’obtenir"
    ),
    Category("non_passees", "non passée", "non passées", "Non passée"),
)
TITLES = {category.key: category.title for category in CATEGORIES}
OFF_LIST = Category("hors_liste", "hors liste", "hors liste", "Hors de la liste d’élèves")


def sentence(counts: Mapping[str, int]) -> str:
    """All the pupils in one sentence, as LSU says it.

    >>> sentence({"obtenues": 3, "deja_presentes": 1, "non_obtenues": 1})
    'Sur 5 élèves, 4 ont obtenu la certification Pix et 1 l’a passée sans l’obtenir.'
    """
    total = sum(counts.get(category.key, 0) for category in CATEGORIES)
    certified = sum(counts.get(c.key, 0) for c in CATEGORIES if c.certified)
    facts = [
        _fact(certified, "a obtenu la certification Pix", "ont obtenu la certification Pix"),
        _fact(counts.get("en_attente", 0), "attend son résultat", "attendent leur résultat"),
        _fact(
            counts.get("non_obtenues", 0),
            "l’a passée sans l’obtenir",
            "l’ont passée sans l’obtenir",
        ),
        _fact(counts.get("non_passees", 0), "ne l’a pas passée", "ne l’ont pas passée"),
    ]
    said = [fact for fact in facts if fact]
    if not said:
        return "Aucun élève."
    listed = said[0] if len(said) == 1 else ", ".join(said[:-1]) + " et " + said[-1]
    return f"Sur {total} élève{'s' if total > 1 else ''}, {listed}."


def _fact(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}" if count else ""
