"""The school's own list of pupils: who is there today, and in which class.

The kinds of files are those of facts, section 4; a file is known by what it holds, not by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mailmerge.errors import InputError, Notice
from mailmerge.results import lists, siecle
from mailmerge.results.files import read_bytes
from mailmerge.results.listed import ListedPupil
from mailmerge.results.namesakes import squeeze
from mailmerge.results.wording import fr, listed


@dataclass(frozen=True, slots=True)
class Roster:
    """A list of pupils, in the file's order; ``rank`` of each is its place from 0.

    Attributes:
        path: the file.
        pupils: everybody in it, once.
        warnings: what was left out or looks odd.
    """

    path: Path
    pupils: tuple[ListedPupil, ...]
    warnings: tuple[Notice, ...]


def read_roster(path: Path, told: Mapping[str, str] | None = None) -> Roster:
    """Read a list of pupils: SIECLE's XML or its ZIP, or any table with names and classes.

    Args:
        path: the file.
        told: field (`lists.FIELDS`) → title of its column, where the school says so by hand.

    Raises:
        InputError: the file can't be read, or is no list of pupils.
    """
    data = read_bytes(path)
    if siecle.is_siecle(data):
        pupils, warnings = siecle.read(data, path.name)
    else:
        pupils, warnings = lists.read(path, told or {})
    if not pupils:
        message = fr(
            "La liste d'élèves « {name} » ne contient aucun élève. Refaites l'export, avec les "
            "noms, les dates de naissance et les classes.",
            name=path.name,
        )
        raise InputError(message, source=path.name)
    once, repeats = _once(pupils, path.name)
    ranked = tuple(replace(pupil, rank=rank) for rank, pupil in enumerate(once))
    return Roster(path, ranked, (*warnings, *repeats, *_classless(ranked, path.name)))


def is_roster(path: Path) -> bool:
    """Whether a file is plainly a list of pupils, so that a misplaced one is named as such."""
    try:
        return siecle.is_plainly_siecle(read_bytes(path)) or lists.is_list(path)
    except InputError:
        return False


def _once(pupils: Sequence[ListedPupil], source: str) -> tuple[list[ListedPupil], list[Notice]]:
    """Each pupil once; whoever stands in two classes is named."""
    seen: dict[tuple[str, ...], ListedPupil] = {}
    kept: list[ListedPupil] = []
    notices = []
    for pupil in pupils:
        known = next((seen[key] for key in _keys(pupil) if key in seen), None)
        if known is None:
            kept.append(pupil)
            seen |= dict.fromkeys(_keys(pupil), pupil)
        elif known.division != pupil.division:
            message = fr(
                "{who} figure deux fois dans la liste d'élèves « {source} », en {first} et en "
                "{second}. La première ligne est gardée ; corrigez la liste.",
                who=pupil.who,
                source=source,
                first=known.division or "« sans classe »",
                second=pupil.division or "« sans classe »",
            )
            notices.append(Notice("liste-doublon", message, source, pupil.line))
    return kept, notices


def _keys(pupil: ListedPupil) -> list[tuple[str, ...]]:
    """What tells that two lines are one pupil: an identifier, else name, birth date and class."""
    if pupil.identifiants:
        return [("id", squeeze(identifier)) for identifier in pupil.identifiants]
    birth = str(pupil.date_naissance or "")
    return [(squeeze(pupil.nom), squeeze(pupil.prenom), birth, "" if birth else pupil.division)]


def _classless(pupils: Sequence[ListedPupil], source: str) -> list[Notice]:
    names = [pupil.who for pupil in pupils if not pupil.division]
    if not names:
        return []
    message = fr(
        "Dans la liste d'élèves « {source} », ces élèves n'ont pas de classe : {names}.",
        source=source,
        names=listed(names),
    )
    return [Notice("liste-sans-classe", message, source)]
