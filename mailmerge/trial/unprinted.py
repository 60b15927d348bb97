"""The data that a template does not print, in few words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mailmerge.referential import COMPETENCE_CODES, DOMAINES


def in_few_words(headers: Sequence[str]) -> str:
    """The titles of some columns; compétences are said together, by domaine where one is whole.

    >>> in_few_words(["Statut", "Session"])
    '« Statut », « Session »'
    """
    titles = [f"« {header} »" for header in headers if header not in COMPETENCE_CODES]
    return ", ".join([*titles, *_competences(headers)])


def _competences(headers: Collection[str]) -> list[str]:
    if set(COMPETENCE_CODES) <= set(headers):
        return [f"les niveaux des {len(COMPETENCE_CODES)} compétences"]
    domaines: list[str] = []
    single: list[str] = []
    for domaine in DOMAINES:
        codes = [c.code for c in domaine.competences if c.code in headers]
        if len(codes) == len(domaine.competences):
            domaines.append(domaine.numero)
        else:
            single += codes
    groups = (
        ("les compétences du domaine", "les compétences des domaines", domaines),
        ("la compétence", "les compétences", single),
    )
    return [f"{one if len(all_) == 1 else many} {_and(all_)}" for one, many, all_ in groups if all_]


def _and(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} et {last}" if most else last
