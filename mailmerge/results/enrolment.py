"""The school's list put over the results: today's classes, who did not sit, who is not there.

The list is the truth of the day: a pupil's class is the list's, unless someone typed another into
« Résultats Pix.xlsx ».
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pandas as pd

from mailmerge import columns as col
from mailmerge.errors import Notice
from mailmerge.results.listed import ListedPupil
from mailmerge.results.matching import Match, Person, match
from mailmerge.results.namesakes import squeeze, sure_key, sure_keys
from mailmerge.results.roster import Roster
from mailmerge.results.table import (
    Pupil,
    Statut,
    identities,
    natural,
    needed,
    pupil_of,
    sort_table,
)
from mailmerge.results.wording import fr, listed, mark
from mailmerge.text import fold


@dataclass(frozen=True)
class Enrolment:
    """The results seen with the school's list.

    Attributes:
        table: the certifications, with the classes of the list.
        base: what the exports said, with the same classes.
        pupils: everybody of the list's classes concerned, and whoever is only in the results.
        notices: doubtful matches, changed classes, pupils who left, classes left aside.
    """

    table: pd.DataFrame
    base: pd.DataFrame
    pupils: list[Pupil]
    notices: tuple[Notice, ...]


def enrol(
    table: pd.DataFrame, base: pd.DataFrame, roster: Roster, since: dt.date | None = None
) -> Enrolment:
    """Put ``roster`` over the certifications of ``table``.

    Args:
        table: « Résultats Pix.xlsx » as updated.
        base: what the exports say; a class that differs there was typed by hand and stays.
        roster: the school's list.
        since: certifications sat before that day don't count.
    """
    work = _Enrolment(table, base, roster, since)
    return work.done()


class _Unsure(NamedTuple):
    """Somebody with a result who is perhaps in the list, at one of these places if any is free."""

    pupil: Pupil
    places: tuple[int, ...]


class _Enrolment:
    def __init__(
        self, table: pd.DataFrame, base: pd.DataFrame, roster: Roster, since: dt.date | None
    ) -> None:
        self.roster = roster
        self.since = since
        self.rows = needed(table)
        self.groups = identities(self.rows)
        self.match: Match = match([_person(self.rows, g) for g in self.groups], roster.pupils)
        self.spelling = _spelling(roster.pupils)
        self.notices: list[Notice] = [*roster.warnings, *self.match.notices]
        self.table, self.base = self._with_classes(table.copy(), base.copy())

    def done(self) -> Enrolment:
        # The classes have changed, and with them the order of the rows.
        table = sort_table(self.table)
        place_of = {number: place for place, number in enumerate(table[col.NUMERO])}
        rows = needed(table)
        members: dict[int, list[int]] = defaultdict(list)
        gone: list[Pupil] = []
        unsure: list[_Unsure] = []
        for i, group in enumerate(self.groups):
            indexes = [place_of[self.rows[at][col.NUMERO]] for at in group]
            if i in self.match.pairs:
                members[self.match.pairs[i]] += indexes
            elif (pupil := pupil_of(rows, indexes, self.since)) is not None:
                stranger = replace(pupil, hors_liste=True)
                if i in self.match.unsure:
                    unsure.append(_Unsure(stranger, self.match.unsure[i]))
                else:
                    gone.append(stranger)
        counted, stood_for = self._counted_once(unsure)
        strangers = [*gone, *counted]
        names = {sure_key(pupil.nom, pupil.prenom) for pupil, _ in unsure}
        everybody = [
            self._listed(pupil, rows, members[place], names)
            for place, pupil in enumerate(self.roster.pupils)
            if place not in stood_for
        ]
        concerned, aside = _concerned(everybody, {pupil.division for pupil in strangers})
        self.notices += [*_say_aside(aside), *_say_gone(gone)]
        if strangers and not (self.match.pairs or self.match.unsure):
            self.notices.insert(0, _wrong_list(self.roster.path.name))
        return Enrolment(
            table,
            sort_table(self.base),
            in_order([*concerned, *strangers]),
            tuple(self.notices),
        )

    def _counted_once(self, unsure: Sequence[_Unsure]) -> tuple[list[Pupil], set[int]]:
        """Count whoever may be in the list as in it, for a namesake there who has no result.

        Nothing tells which of the namesakes is who, but how many of them have a result is known.
        So the list gives one a class only where it gives the same one to all.

        Returns the pupils, and the places in the list that they stand for.
        """
        counted: list[Pupil] = []
        stood_for: set[int] = set()
        namesakes: dict[str, list[_Unsure]] = defaultdict(list)
        for one in unsure:
            namesakes[sure_key(one.pupil.nom, one.pupil.prenom)].append(one)
        for group in namesakes.values():
            seats = self._seats(group, stood_for)
            stood_for |= seats.keys()
            seated = seats.values()
            divisions = {self.roster.pupils[at].division for one in group for at in one.places}
            common = divisions.pop() if len(divisions) == 1 and len(seats) == len(group) else ""
            counted += [
                replace(one.pupil, division=one.pupil.division or common, hors_liste=False)
                if one in seated
                else one.pupil
                for one in group
            ]
        return counted, stood_for

    def _seats(self, group: Sequence[_Unsure], given: Set[int]) -> dict[int, _Unsure]:
        """A place of the list for each, as far as there are: first those of the pupils' classes."""
        seats: dict[int, _Unsure] = {}
        for by_class in (True, False):
            for one in group:
                free = [at for at in one.places if at not in seats and at not in given]
                if by_class:
                    own = squeeze(one.pupil.division)
                    free = [at for at in free if squeeze(self.roster.pupils[at].division) == own]
                if free and one not in seats.values():
                    seats[free[0]] = one
        return seats

    def _with_classes(
        self, table: pd.DataFrame, base: pd.DataFrame
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The list's classes in the table; what a person typed there stays."""
        said = dict(zip(base[col.NUMERO], base[col.CLASSE], strict=True))
        classes = table[col.CLASSE].tolist()
        moved: dict[tuple[str, str], list[str]] = defaultdict(list)
        wanted: dict[str, str] = {}
        for i, group in enumerate(self.groups):
            place = self.match.pairs.get(i)
            for at in group:
                number, now = self.rows[at][col.NUMERO], classes[at]
                if place is None:
                    division = self._spelled(now)
                    wanted[number] = self._spelled(said.get(number, ""))
                else:
                    division = wanted[number] = self.roster.pupils[place].division
                if not division or now == division:
                    continue
                if number in said and now and said[number] != now:
                    self._say_typed(self.rows[at], now, division)
                    continue
                classes[at] = division
                if now and squeeze(now) != squeeze(division):
                    moved[now, division].append(_who(self.rows[at]))
        table[col.CLASSE] = pd.Series(classes, dtype=object)
        base[col.CLASSE] = pd.Series(
            [wanted.get(n) or old for n, old in said.items()], dtype=object
        )
        self.notices += _say_moved(moved)
        return table, base

    def _spelled(self, division: str) -> str:
        return self.spelling.get(squeeze(division), division)

    def _say_typed(self, row: Mapping[str, Any], typed: str, division: str) -> None:
        message = fr(
            "{who} : « {column} » a été modifiée à la main dans « Résultats Pix.xlsx » ({typed}) "
            "et la liste d'élèves dit {division}. Le classeur est gardé.",
            who=_who(row),
            column=col.CLASSE,
            typed=typed,
            division=division,
        )
        about = mark(row[col.NUMERO], col.CLASSE, typed, division)
        self.notices.append(Notice("modification-gardee", message, column=col.CLASSE, mark=about))

    def _listed(
        self,
        listed_pupil: ListedPupil,
        rows: Sequence[Mapping[str, Any]],
        indexes: list[int],
        unsure: set[str],
    ) -> Pupil:
        found = pupil_of(rows, indexes, self.since) if indexes else None
        ine = next(iter(listed_pupil.identifiants), "")
        if found is not None:
            # The row's class is the list's, or what a person typed instead.
            division = rows[found.row or 0][col.CLASSE] or listed_pupil.division
            return replace(found, division=division, rank=listed_pupil.rank, ine=ine)
        reason = fr("N'a pas passé la certification (aucun résultat dans les fichiers de Pix).")
        if indexes and self.since is not None:
            reason = fr(
                "N'a pas passé la certification depuis le {day:%d/%m/%Y} (une plus ancienne est "
                "laissée de côté).",
                day=self.since,
            )
        elif not unsure.isdisjoint(sure_keys(listed_pupil)):
            reason = fr(
                "Les résultats ont quelqu'un de ce nom, et rien ne dit si c'est cet élève. Ajoutez "
                "la date de naissance dans la liste."
            )
        return Pupil(
            nom=listed_pupil.nom,
            prenom=listed_pupil.prenom,
            division=listed_pupil.division,
            statut=Statut.NON_PASSEE,
            row=None,
            others=tuple(indexes),
            raison=reason,
            rank=listed_pupil.rank,
            ine=ine,
        )


def in_order(pupils: Iterable[Pupil]) -> list[Pupil]:
    """By class (natural order, « sans classe » last) and name."""
    return sorted(
        pupils,
        key=lambda p: (natural(p.division), p.division, fold(p.nom), fold(p.prenom), p.numero),
    )


def as_listed(pupils: Iterable[Pupil]) -> list[Pupil]:
    """By class, and there in the order of the school's list; who is not in it comes last."""
    by_name = in_order(pupils)
    places = {id(pupil): place for place, pupil in enumerate(by_name)}
    return sorted(
        by_name,
        key=lambda p: (
            natural(p.division),
            p.division,
            places[id(p)] + 10**9 if p.rank is None else p.rank,
        ),
    )


def _person(rows: Sequence[Mapping[str, Any]], group: Sequence[int]) -> Person:
    first = rows[group[0]]
    classes = (rows[at][col.CLASSE] for at in group)
    return Person(
        nom=first[col.NOM],
        prenom=first[col.PRENOM],
        date_naissance=first[col.DATE_NAISSANCE],
        identifiants=frozenset(rows[at][col.IDENTIFIANT] for at in group) - {""},
        division=next((name for name in classes if name), ""),
        numero=first[col.NUMERO],
    )


def _who(row: Mapping[str, Any]) -> str:
    return f"{row[col.PRENOM]} {row[col.NOM]}"


def _spelling(pupils: Iterable[ListedPupil]) -> dict[str, str]:
    """Squeezed class name → the list's spelling, where it has only one."""
    spellings: dict[str, set[str]] = defaultdict(set)
    for pupil in pupils:
        if pupil.division:
            spellings[squeeze(pupil.division)].add(pupil.division)
    return {key: next(iter(names)) for key, names in spellings.items() if len(names) == 1}


def _level(division: str) -> str:
    """The level a class's name begins with: « 3°C » → 3, « TG2 » → t, « 2nde 4 » → 2, else ""."""
    found = re.match(r"\d+|t(?=erm|g|st|\d|le|$)|bts|cpge|ulis|segpa", fold(division))
    return found[0] if found else ""


def _concerned(
    everybody: Sequence[Pupil], other_classes: Iterable[str]
) -> tuple[list[Pupil], list[Pupil]]:
    """The pupils of the levels that have results; and those of other classes.

    A list often holds the whole school, and the certification concerns one or two levels of it. A
    class of a concerned level counts even if nobody there sat.
    """
    sat = {pupil.division for pupil in everybody if pupil.row is not None or pupil.others}
    levels = {_level(division) for division in (*sat, *other_classes)}
    if not sat:
        return list(everybody), []
    concerned: list[Pupil] = []
    aside: list[Pupil] = []
    for pupil in everybody:
        known = pupil.division in sat or not _level(pupil.division)
        target = concerned if known or _level(pupil.division) in levels else aside
        target.append(pupil)
    return concerned, aside


def _wrong_list(source: str) -> Notice:
    message = fr(
        "Aucun élève des résultats ne figure dans la liste d'élèves « {source} » : est-ce la bonne "
        "liste, de la bonne année ?",
        source=source,
    )
    return Notice("liste-etrangere", message, source)


def _say_aside(aside: Sequence[Pupil]) -> list[Notice]:
    if not aside:
        return []
    names = sorted({pupil.division for pupil in aside}, key=natural)
    message = fr(
        "La liste d'élèves contient aussi d'autres niveaux, où personne n'a de résultat Pix : "
        "{count} {what} ({names}), {counted} ici.",
        count=len(aside),
        what="élève" if len(aside) == 1 else "élèves",
        names=", ".join(names),
        counted="non compté" if len(aside) == 1 else "non comptés",
    )
    return [Notice("liste-autres-niveaux", message)]


def _say_moved(moved: dict[tuple[str, str], list[str]]) -> list[Notice]:
    return [
        Notice(
            "classe-changee",
            fr(
                "{names} : en {old} d'après les résultats, en {new} d'après la liste d'élèves, "
                "qui est suivie.",
                names=listed(list(dict.fromkeys(names))),
                old=old,
                new=new,
            ),
        )
        for (old, new), names in moved.items()
    ]


def _say_gone(strangers: Sequence[Pupil]) -> list[Notice]:
    by_class: dict[str, list[str]] = defaultdict(list)
    for pupil in strangers:
        by_class[pupil.division].append(pupil.who)
    notices = []
    for division, names in by_class.items():
        one = len(names) == 1
        message = fr(
            "{division} : {names} {verb} des résultats Pix mais ne {are} pas dans la liste "
            "d'élèves : {left} l'établissement ? {kept}",
            division=division or "Sans classe",
            names=listed(names),
            verb="a" if one else "ont",
            are="figure" if one else "figurent",
            left="a quitté" if one else "ont quitté",
            kept="L’attestation est produite quand même, et comptée à part."
            if one
            else "Leurs attestations sont produites quand même, et comptées à part.",
        )
        notices.append(Notice("hors-liste", message))
    return notices
