"""Whether the rows of « Résultats Pix.xlsx » still are those of their certification numbers.

The classic accident of a spreadsheet is one column sorted without the others, or filled down: each
pupil then has somebody else's name, birth date or score, and every page would be wrong while it
looks right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from mailmerge import columns as col
from mailmerge.errors import InputError
from mailmerge.results.table import who
from mailmerge.results.wording import fr, shortened
from mailmerge.text import fold

_Record = Mapping[str, Any]

# Column → how many of its cells must hold another row's old value to prove a shift. Two swapped
# names are one; two swapped birth dates or scores may be a correction.
_SHIFTING = {col.NOM: 2, col.PRENOM: 2, col.DATE_NAISSANCE: 3, col.PIX: 3}


def check_aligned(
    rows: Mapping[str, _Record], grounds: Mapping[str, _Record], exports: Iterable[_Record]
) -> None:
    """Compare the workbook with what the exports said of the same certifications.

    Args:
        rows: the workbook, by certification number.
        grounds: what the exports had said at the last run, by number.
        exports: what they say today; compared with where they said nothing before.

    Raises:
        InputError: someone has another pupil's name, or neither name, first name nor birth date
            is what it was; or a column is sorted or shifted apart from the others. Nothing of
            such a workbook can be followed.
    """
    said = {row[col.NUMERO]: row for row in exports} | dict(grounds)
    pairs = {number: (row, said[number]) for number, row in rows.items() if number in said}
    wrong = _renamed(pairs, said) | _shifted(pairs)
    if not wrong:
        return
    numbers = [number for number in rows if number in wrong]
    message = fr(
        "« Résultats Pix.xlsx » semble décalé : {what}. Une colonne a sans doute été triée ou "
        "collée sans les autres ; rien n'est produit. Remettez l'ordre (Ctrl+Z, ou ce que disent "
        "les exports), ou supprimez ce classeur pour repartir des exports.",
        what=_told([pairs[number] for number in numbers]),
    )
    raise InputError(
        message,
        source="Résultats Pix.xlsx",
        line=rows[numbers[0]][col.LINE] or None,
    )


def _told(pairs: list[tuple[_Record, _Record]]) -> str:
    named = [(row, ground) for row, ground in pairs if _name(row) != _name(ground)]
    if not named:
        return fr(
            "la date de naissance ou le nombre de Pix de plusieurs élèves a changé de ligne "
            "({names})",
            names=shortened([who(ground) for _, ground in pairs]),
        )
    row, first = named[0]
    others = [who(ground) for _, ground in pairs if ground is not first]
    return fr(
        "la certification de {before} porte maintenant le nom de {now}",
        before=who(first),
        now=who(row),
    ) + (fr(" ; de même pour {names}", names=shortened(others)) if others else "")


def _name(row: _Record) -> tuple[str, str]:
    # Letters that folding does not know are compared as they stand.
    return (fold(row[col.NOM]) or row[col.NOM], fold(row[col.PRENOM]) or row[col.PRENOM])


def _renamed(pairs: Mapping[str, tuple[_Record, _Record]], said: Mapping[str, _Record]) -> set[str]:
    """The certifications that have somebody else's name, or another identity altogether."""
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for number, record in said.items():
        holders[_name(record)].append(number)
    wrong = set()
    for number, (row, ground) in pairs.items():
        now, before = _name(row), _name(ground)
        if now == before:
            continue
        others = [other for other in holders[now] if other != number]
        # A certification that is new, or gone from the workbook, still has its own name.
        held = [pairs.get(other, (said[other], said[other])) for other in others]
        taken = any(not _is_one_pupil(row, ground, other) for other in held)
        if taken or _all_differ(row, ground):
            wrong.add(number)
    return wrong


def _is_one_pupil(row: _Record, ground: _Record, other: tuple[_Record, _Record]) -> bool:
    """Whether a corrected name may rightly be the one that another certification has.

    It may where the other still has it, and is the same pupil's by all else.
    """
    if _name(other[0]) != _name(row):
        return False
    mine, theirs = ground[col.IDENTIFIANT], other[1][col.IDENTIFIANT]
    same_birth = ground[col.DATE_NAISSANCE] == other[1][col.DATE_NAISSANCE]
    return same_birth and not (mine and theirs and mine != theirs)


def _all_differ(row: _Record, ground: _Record) -> bool:
    """Whether neither name, first name nor birth date is the old one (names may be swapped)."""
    return row[col.DATE_NAISSANCE] != ground[col.DATE_NAISSANCE] and not (
        set(_name(row)) & set(_name(ground))
    )


def _shifted(pairs: Mapping[str, tuple[_Record, _Record]]) -> set[str]:
    """The certifications whose cell holds another edited row's old value, in one column."""
    wrong: set[str] = set()
    for name, least in _SHIFTING.items():
        edited = {
            number: (_plain(row[name]), _plain(ground[name]))
            for number, (row, ground) in pairs.items()
            if _plain(row[name]) != _plain(ground[name])
        }
        old = {before for _, before in edited.values()} - {""}
        moved = {number for number, (now, _) in edited.items() if now in old}
        if len(moved) >= least:
            wrong |= moved
    return wrong


def _plain(value: Any) -> str:
    return fold(value) or value if isinstance(value, str) else str(value or "")
