"""Whether two spellings are one person's name.

*Sure*: the same letters whatever the case, accents, hyphens and spaces, with the family name or the
usage name, and with or without the second first names. *Likely*: particles left out, one half
of a double name, one of several first names, surname and first name swapped.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache

from mailmerge.results.listed import ListedPupil
from mailmerge.text import fold

_PARTICLES = frozenset(
    {"de", "du", "des", "d", "la", "le", "les", "l", "el", "al", "van", "von", "der", "den", "da"}
    | {"do", "dos", "di", "del", "della", "ben", "bin", "ould", "o", "mac", "mc", "n", "ait"}
)


class Likeness(IntEnum):
    """How alike two names are."""

    NONE = 0
    LIKELY = 1
    SURE = 2


@lru_cache(maxsize=2**16)
def squeeze(text: str) -> str:
    """``text`` as compared: no case, accents, punctuation or spaces."""
    return fold(text, "") or "".join(text.casefold().split())


def surnames(pupil: ListedPupil) -> list[str]:
    """The surnames a pupil may go by: family name, usage name, both in either order."""
    names = [name for name in (pupil.nom, pupil.nom_usage) if name]
    if len(names) == 2:
        names += [f"{names[0]} {names[1]}", f"{names[1]} {names[0]}"]
    return names


def first_names(pupil: ListedPupil) -> list[str]:
    """The first name alone, and followed by the second ones."""
    names = [pupil.prenom]
    for other in pupil.autres_prenoms:
        names.append(f"{names[-1]} {other}")
    return names


def sure_keys(pupil: ListedPupil) -> set[str]:
    """The squeezed whole names that are surely this pupil's."""
    return {squeeze(s) + squeeze(f) for s in surnames(pupil) for f in first_names(pupil)}


def sure_key(nom: str, prenom: str) -> str:
    """What is looked for among `sure_keys`."""
    return squeeze(nom) + squeeze(prenom)


def likeness(pupil: ListedPupil, nom: str, prenom: str) -> Likeness:
    """How alike a pupil of the list and a name of the results are."""
    if sure_key(nom, prenom) in sure_keys(pupil):
        return Likeness.SURE
    if not pupil.prenom:
        same = _words(pupil.nom) == _words(f"{nom} {prenom}")
        return Likeness.LIKELY if same else Likeness.NONE
    others = [pupil.prenom, *pupil.autres_prenoms]
    straight = _share(surnames(pupil), nom) and _share(others, prenom)
    swapped = sure_key(prenom, nom) in sure_keys(pupil)
    return Likeness.LIKELY if straight or swapped else Likeness.NONE


def _share(names: Iterable[str], wanted: str) -> bool:
    """Whether one of ``names`` and ``wanted`` hold one another, particles aside."""
    words = _words(wanted)
    joined = "".join(fold(w) for w in wanted.split())
    return any(
        _words(name) <= words or words <= _words(name) or squeeze(name) == joined for name in names
    )


@lru_cache(maxsize=2**16)
def _words(name: str) -> frozenset[str]:
    words = fold(name).split()
    return frozenset(word for word in words if word not in _PARTICLES) or frozenset(words)
