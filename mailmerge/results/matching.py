"""Who in the results is who in the school's list; every doubt is named, none is silent.

From the surest to the least sure: national identifier; same name and birth date; a likely name and
the same birth date; same name and a birth date with day and month swapped; the same name alone
where it is unique on both sides and no birth date speaks against it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mailmerge.errors import Notice
from mailmerge.results.listed import ListedPupil
from mailmerge.results.namesakes import Likeness, likeness, squeeze, sure_key, sure_keys
from mailmerge.results.wording import fr, listed

# An INE: ten digits and a letter, or nine digits and two letters. Other identifiers of an
# export are the school's own, and differing proves nothing.
_INE = re.compile(r"\d{10}[A-Z]|\d{9}[A-Z]{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in the results.

    Attributes:
        nom, prenom: as Pix writes them.
        date_naissance: the birth date, or None.
        identifiants: external identifiers, possibly INEs.
        division: the class that the file says, or "".
        numero: the number of a certification, which tells namesakes apart in a message.
    """

    nom: str
    prenom: str
    date_naissance: dt.date | None
    identifiants: frozenset[str] = frozenset()
    division: str = ""
    numero: str = ""

    @property
    def who(self) -> str:
        """The name in a message."""
        return f"{self.prenom} {self.nom}"


@dataclass(frozen=True, slots=True)
class Match:
    """Who is who.

    Attributes:
        pairs: place among the persons → place in the list; two persons may be one pupil.
        notices: every doubtful match, and every likely one that was not made.
        unsure: places of the persons whose name the list has, without telling who is who; none
            where it has fewer of that name than the results, so that nobody is taken at random.
    """

    pairs: dict[int, int]
    notices: tuple[Notice, ...]
    unsure: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


def match(people: Sequence[Person], pupils: Sequence[ListedPupil]) -> Match:
    """Find everybody of the results in the list."""
    matcher = _Matcher(people, pupils)
    matcher.run()
    return Match(matcher.found, tuple(matcher.notices()), matcher.unsure())


@dataclass
class _Matcher:
    people: Sequence[Person]
    pupils: Sequence[ListedPupil]
    found: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.holders: dict[int, list[int]] = defaultdict(list)
        self.doubts: dict[int, tuple[str, str]] = {}
        self.by_identifier: dict[str, set[int]] = defaultdict(set)
        self.by_name: dict[str, list[int]] = defaultdict(list)
        for place, pupil in enumerate(self.pupils):
            for identifier in pupil.identifiants:
                self.by_identifier[squeeze(identifier)].add(place)
            for key in sure_keys(pupil):
                self.by_name[key].append(place)
        self.free_by_birth: dict[dt.date, list[int]] = {}
        self.namesakes = Counter(sure_key(p.nom, p.prenom) for p in self.people)
        self.classmates = Counter(map(_name_in_class, self.people))

    def run(self) -> None:
        """All rounds, the surest first."""
        self._round(self._same_identifier, self._doubt_of_identifier)
        self._round(self._same_name_and_birth, self._doubt_of_other_identifier)
        self.free_by_birth = self._free_by_birth()
        self._round(self._likely_name_and_birth, lambda *_: _LIKELY_NAME)
        self._round(self._swapped_birth, lambda *_: _SWAPPED)
        self._round(self._name_alone, self._doubt_of_name_alone)

    def notices(self) -> list[Notice]:
        """The doubts, in the order of the persons; one for all where no birth date is known."""
        alone = {i: self.people[i].who for i, doubt in self.doubts.items() if doubt == _NO_BIRTH}
        grouped = len(alone) > 3 and not any(pupil.date_naissance for pupil in self.pupils)
        notices = []
        if grouped:
            names = listed(list(alone.values()))
            notices.append(Notice(_NO_BIRTH[0], fr("{names} : ", names=names) + fr(_NO_BIRTH[1])))
        told: set[Notice] = set()
        crowds = self._crowds()
        for i, doubt in sorted(self.doubts.items()):
            if any(i in crowd for crowd in crowds):
                notices += [self._say_crowd(*item) for item in crowds.items() if item[0][0] == i]
                continue
            notice = Notice(doubt[0], fr("{who} : ", who=self.people[i].who) + fr(doubt[1]))
            said = doubt == _SEVERAL and notice in told  # one notice for both namesakes
            if not (said or (grouped and i in alone)):
                notices.append(notice)
                told.add(notice)
        return notices

    def unsure(self) -> dict[int, tuple[int, ...]]:
        """Who may be in the list, with the places of those who nothing says they are not."""
        crowded = {i for crowd in self._crowds() for i in crowd}
        return {i: () if i in crowded else places for i, places in self._perhaps().items()}

    def _perhaps(self) -> dict[int, tuple[int, ...]]:
        return {
            i: tuple(place for place in self._named(i) if self._may_be(self.people[i], place))
            for i, doubt in self.doubts.items()
            if doubt in (_AMBIGUOUS, _SEVERAL) and i not in self.found
        }

    def _crowds(self) -> dict[tuple[int, ...], int]:
        """Namesakes who are more than the pupils they may be → how many those are."""
        places: dict[str, set[int]] = defaultdict(set)
        members: dict[str, list[int]] = defaultdict(list)
        for i, perhaps in sorted(self._perhaps().items()):
            if perhaps:
                key = sure_key(self.people[i].nom, self.people[i].prenom)
                places[key].update(perhaps)
                members[key].append(i)
        return {
            tuple(group): len(places[key])
            for key, group in members.items()
            if len(group) > len(places[key])
        }

    def _say_crowd(self, crowd: Sequence[int], places: int) -> Notice:
        people = sorted((self.people[i] for i in crowd), key=lambda p: (p.division, p.numero))
        one = places == 1
        message = fr(
            "{who} : les résultats ont {count} élèves de ce nom ({people}), la liste d'élèves "
            "{places} qui {may} être l'un d'eux, et rien ne dit qui est qui. Complétez ou corrigez "
            "la date de naissance ou l'identifiant dans la liste (si c'est le même élève, dans "
            "« Résultats Pix.xlsx »). En attendant, aucun n'est pris au hasard : ils sont comptés "
            "hors liste, et {other} de la liste {counted} comme n'ayant pas passé la "
            "certification.",
            who=people[0].who,
            count=len(people),
            people=" ; ".join(map(_shown, people)),
            places=fr("n'en a qu'un") if one else fr("n'en a que {places}", places=places),
            may="puisse" if one else "puissent",
            other="celui" if one else "ceux",
            counted="compte" if one else "comptent",
        )
        return Notice(_AMBIGUOUS[0], message)

    def _named(self, i: int) -> list[int]:
        person = self.people[i]
        return self.by_name.get(sure_key(person.nom, person.prenom), [])

    # --- one round ---

    def _round(
        self,
        candidates: Callable[[int], Iterable[int]],
        doubt: Callable[[Person, ListedPupil], tuple[str, str] | None],
    ) -> None:
        proposals = {
            i: [place for place in candidates(i) if self._may_hold(person, place)]
            for i, person in enumerate(self.people)
            if i not in self.found
        }
        rivals: dict[int, list[int]] = defaultdict(list)
        for i, places in proposals.items():
            for place in places:
                rivals[place].append(i)
        for i, places in proposals.items():
            self._settle(i, places, rivals, doubt)

    def _settle(
        self,
        i: int,
        places: list[int],
        rivals: dict[int, list[int]],
        doubt: Callable[[Person, ListedPupil], tuple[str, str] | None],
    ) -> None:
        if not places:
            return
        person = self.people[i]
        if len(places) == 1 and not self._contested(i, places[0], rivals):
            found = doubt(person, self.pupils[places[0]])
            self._hold(i, places[0], found)
            return
        same = [p for p in places if _same_class(person.division, self.pupils[p].division)]
        if len(same) == 1 and not any(
            _same_class(self.people[j].division, person.division)
            for j in rivals[same[0]]
            if j != i and _differ(person, self.people[j])
        ):
            self._hold(i, same[0], _BY_CLASS)
        else:
            self.doubts[i] = _AMBIGUOUS

    def _contested(self, i: int, place: int, rivals: dict[int, list[int]]) -> bool:
        return any(_differ(self.people[i], self.people[j]) for j in rivals[place] if j != i)

    def _may_hold(self, person: Person, place: int) -> bool:
        """Whether nobody else is that pupil already, unless both are plainly one person."""
        return not any(_differ(person, self.people[j]) for j in self.holders[place])

    def _hold(self, i: int, place: int, doubt: tuple[str, str] | None) -> None:
        self.found[i] = place
        self.holders[place].append(i)
        if self.doubts.get(i) in (_AMBIGUOUS, _SEVERAL, _NAMESAKE):
            del self.doubts[i]
        if doubt is not None:
            self.doubts[i] = doubt

    # --- who may be whom ---

    def _same_identifier(self, i: int) -> list[int]:
        person = self.people[i]
        places = {p for key in person.identifiants for p in self.by_identifier[squeeze(key)]}
        return [place for place in sorted(places) if self._is_plausible(i, place)]

    def _is_plausible(self, i: int, place: int) -> bool:
        """An identifier alone, with another name and another birth date, is a typing error."""
        person, pupil = self.people[i], self.pupils[place]
        same_birth = pupil.date_naissance == person.date_naissance is not None
        if same_birth or likeness(pupil, person.nom, person.prenom):
            return True
        self.doubts[i] = _OTHER_PERSON
        return False

    def _same_name_and_birth(self, i: int) -> list[int]:
        person = self.people[i]
        born = person.date_naissance
        named = self.by_name.get(sure_key(person.nom, person.prenom), [])
        return [p for p in named if born and self.pupils[p].date_naissance == born]

    def _free_by_birth(self) -> dict[dt.date, list[int]]:
        """The pupils whom nobody is yet: few, where all of an académie are on the list."""
        free: dict[dt.date, list[int]] = defaultdict(list)
        for place, pupil in enumerate(self.pupils):
            if pupil.date_naissance and not self.holders[place]:
                free[pupil.date_naissance].append(place)
        return free

    def _likely_name_and_birth(self, i: int) -> list[int]:
        person = self.people[i]
        if person.date_naissance is None:
            return []
        return [
            place
            for place in self.free_by_birth.get(person.date_naissance, [])
            if likeness(self.pupils[place], person.nom, person.prenom) is Likeness.LIKELY
        ]

    def _swapped_birth(self, i: int) -> list[int]:
        person = self.people[i]
        swapped = _swapped(person.date_naissance)
        named = self.by_name.get(sure_key(person.nom, person.prenom), [])
        return [p for p in named if swapped and self.pupils[p].date_naissance == swapped]

    def _name_alone(self, i: int) -> list[int]:
        person = self.people[i]
        key = sure_key(person.nom, person.prenom)
        named = self._named(i)
        free = [place for place in named if self._may_be(person, place)]
        if len(named) > 1 and i not in self.doubts and free:
            self.doubts[i] = _SEVERAL
            return self._of_the_class(person, free)
        if len(named) != 1 or self.holders[named[0]]:
            return []
        pupil = self.pupils[named[0]]
        if self.namesakes[key] > 1:
            self.doubts[i] = _AMBIGUOUS
        elif _two_ines(person, pupil) or not _near(person.date_naissance, pupil.date_naissance):
            self.doubts[i] = _NAMESAKE
        else:
            return named
        return []

    def _may_be(self, person: Person, place: int) -> bool:
        """Whether nobody is that pupil yet, and no birth date and no INE speaks against it."""
        pupil = self.pupils[place]
        near = _near(person.date_naissance, pupil.date_naissance)
        return not self.holders[place] and near and not _two_ines(person, pupil)

    def _of_the_class(self, person: Person, places: Iterable[int]) -> list[int]:
        """The one namesake in the person's class, if nobody else of that name is in it."""
        same = [p for p in places if _same_class(person.division, self.pupils[p].division)]
        return same if len(same) == self.classmates[_name_in_class(person)] == 1 else []

    # --- what is doubtful about a match ---

    def _doubt_of_identifier(self, person: Person, pupil: ListedPupil) -> tuple[str, str] | None:
        if likeness(pupil, person.nom, person.prenom) is Likeness.NONE:
            return _OTHER_NAME
        known = pupil.date_naissance and person.date_naissance
        return _OTHER_BIRTH if known and pupil.date_naissance != person.date_naissance else None

    def _doubt_of_other_identifier(
        self, person: Person, pupil: ListedPupil
    ) -> tuple[str, str] | None:
        return _OTHER_IDENTIFIER if _two_ines(person, pupil) else None

    def _doubt_of_name_alone(self, person: Person, pupil: ListedPupil) -> tuple[str, str]:
        if len(self.by_name[sure_key(person.nom, person.prenom)]) > 1:
            return _BY_CLASS_ALONE
        return _NEAR_BIRTH if person.date_naissance and pupil.date_naissance else _NO_BIRTH


_CHECK = " Vérifiez que c'est la même personne."
_OTHER_NAME = (
    "liste-autre-nom",
    "même identifiant et même date de naissance dans la liste d'élèves, mais un autre nom."
    + _CHECK,
)
_OTHER_BIRTH = (
    "liste-autre-date",
    "même identifiant et même nom dans la liste d'élèves, mais une autre date de naissance. "
    "Corrigez celle qui est fausse.",
)
_OTHER_PERSON = (
    "liste-identifiant-douteux",
    "la liste d'élèves donne cet identifiant à quelqu'un d'autre (ni le même nom, ni la même date "
    "de naissance). L'identifiant n'est pas suivi ; corrigez-le.",
)
_OTHER_IDENTIFIER = (
    "liste-autre-identifiant",
    "même nom et même date de naissance dans la liste d'élèves, mais un autre identifiant "
    "national." + _CHECK,
)
_LIKELY_NAME = (
    "liste-nom-proche",
    "le nom est écrit autrement dans la liste d'élèves, avec la même date de naissance." + _CHECK,
)
_SWAPPED = (
    "liste-jour-mois",
    "le jour et le mois de naissance sont inversés dans la liste d'élèves ou dans les résultats. "
    "Corrigez la date qui est fausse.",
)
_NO_BIRTH = (
    "liste-nom-seul",
    "reconnu dans la liste d'élèves par le nom seul, sans date de naissance." + _CHECK,
)
_NEAR_BIRTH = (
    "liste-nom-seul",
    "reconnu dans la liste d'élèves par le nom seul : les dates de naissance diffèrent un peu. "
    "Corrigez celle qui est fausse, si c'est la même personne.",
)
_BY_CLASS = (
    "liste-homonymes",
    "plusieurs personnes ont ce nom et cette date de naissance ; la classe les a départagées."
    + _CHECK,
)
_BY_CLASS_ALONE = (
    "liste-homonymes",
    "plusieurs élèves de la liste portent ce nom ; la classe les a départagés." + _CHECK,
)
_AMBIGUOUS = (
    "liste-ambigu",
    "plusieurs personnes portent ce nom, et rien ne dit laquelle figure dans la liste d'élèves. "
    "Complétez la date de naissance ou l'identifiant dans la liste.",
)
_SEVERAL = (
    "liste-ambigu",
    "plusieurs élèves de la liste portent ce nom, et rien ne dit qui est qui. Ajoutez leur date de "
    "naissance dans la liste ; en attendant, chacun est compté une fois, d'après les résultats.",
)
_NAMESAKE = (
    "liste-homonyme",
    "la liste d'élèves a quelqu'un du même nom, mais la date de naissance ou l'identifiant est "
    "différent : ce sont deux personnes. Si c'est la même, corrigez la liste.",
)


def _shown(person: Person) -> str:
    return fr(
        "n° {number}, {division}",
        number=person.numero,
        division=person.division or fr("sans classe"),
    )


def _same_class(first: str, second: str) -> bool:
    return bool(first) and squeeze(first) == squeeze(second)


def _name_in_class(person: Person) -> tuple[str, str]:
    return sure_key(person.nom, person.prenom), squeeze(person.division)


def _differ(first: Person, second: Person) -> bool:
    """Whether two persons of the results have identifiers, and none in common."""
    mine, theirs = (frozenset(map(squeeze, p.identifiants)) for p in (first, second))
    return bool(mine and theirs) and not mine & theirs


def _two_ines(person: Person, pupil: ListedPupil) -> bool:
    mine = {squeeze(i) for i in person.identifiants if _INE.fullmatch(i)}
    theirs = {squeeze(i) for i in pupil.identifiants if _INE.fullmatch(i)}
    return bool(mine and theirs) and not mine & theirs


def _swapped(day: dt.date | None) -> dt.date | None:
    if day is None or day.day > 12 or day.day == day.month:
        return None
    return dt.date(day.year, day.day, day.month)


def _near(first: dt.date | None, second: dt.date | None) -> bool:
    """Whether a birth date is missing, or two of day, month and year agree."""
    if first is None or second is None:
        return True
    agreeing = (first.day == second.day, first.month == second.month, first.year == second.year)
    return sum(agreeing) >= 2
