"""Who in the results is who in the list: sure matches are silent, doubtful ones are named."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailmerge.results.listed import ListedPupil
from mailmerge.results.matching import Match, Person, match

BORN = dt.date(2011, 3, 14)


def person(
    nom: str = "Lefèvre",
    prenom: str = "Élodie",
    born: dt.date | None = BORN,
    *identifiers: str,
    division: str = "3A",
) -> Person:
    return Person(nom, prenom, born, frozenset(identifiers), division)


def pupil(
    nom: str = "Lefèvre",
    prenom: str = "Élodie",
    born: dt.date | None = BORN,
    *identifiers: str,
    division: str = "3A",
    usage: str = "",
    others: tuple[str, ...] = (),
) -> ListedPupil:
    return ListedPupil(nom, prenom, division, born, usage, others, identifiers)


def codes(result: Match) -> list[str]:
    return [notice.code for notice in result.notices]


@pytest.mark.parametrize(
    ("written", "in_the_list"),
    [
        (person("LEFEVRE", "elodie"), pupil()),
        (person("Lefèvre-Roy"), pupil(usage="Lefèvre Roy")),
        (person("Roy"), pupil(usage="Roy")),
        (person("Lefèvre Roy"), pupil(usage="Roy")),
        (person("Le Goff", "Jean Baptiste"), pupil("LEGOFF", "Jean-Baptiste")),
        (person("d’Artois"), pupil("D'ARTOIS")),
        (person(prenom="Élodie Marie"), pupil(others=("Marie", "Anne"))),
        (person("de La Tour"), pupil("DE LA TOUR Élodie", "")),
        (person("Autre", "Nom", BORN, "1234567890A"), pupil("Autre", "Nom", None, "1234567890a")),
    ],
)
def test_spellings_of_one_name_match_in_silence(written: Person, in_the_list: ListedPupil) -> None:
    result = match([written], [pupil("Autre", "Élève", BORN), in_the_list])
    assert (result.pairs, codes(result)) == ({0: 1}, [])


@pytest.mark.parametrize(
    ("written", "in_the_list", "code"),
    [
        (person("La Tour"), pupil("de La Tour"), "liste-nom-proche"),
        (person("Martin-Dupont"), pupil("Martin"), "liste-nom-proche"),
        (person(prenom="Jean"), pupil(prenom="Jean-Baptiste"), "liste-nom-proche"),
        (person(prenom="Marie"), pupil(others=("Marie",)), "liste-nom-proche"),
        (person("Élodie", "Lefèvre"), pupil(), "liste-nom-proche"),
        (person(born=dt.date(2011, 4, 3)), pupil(born=dt.date(2011, 3, 4)), "liste-jour-mois"),
        (person(), pupil(born=None), "liste-nom-seul"),
        (person(born=dt.date(2011, 3, 15)), pupil(), "liste-nom-seul"),
        (
            person("X", "Y", BORN, "1234567890A"),
            pupil("Z", "T", BORN, "1234567890A"),
            "liste-autre-nom",
        ),
        (
            person(born=dt.date(2010, 1, 1)).__class__(
                "Lefèvre", "Élodie", dt.date(2010, 1, 1), frozenset({"1234567890A"})
            ),
            pupil("Lefèvre", "Élodie", BORN, "1234567890A"),
            "liste-autre-date",
        ),
        (
            person("Lefèvre", "Élodie", BORN, "1234567890A"),
            pupil("Lefèvre", "Élodie", BORN, "9876543210B"),
            "liste-autre-identifiant",
        ),
    ],
)
def test_a_doubtful_match_is_made_and_named(
    written: Person, in_the_list: ListedPupil, code: str
) -> None:
    result = match([written], [in_the_list])
    assert (result.pairs, codes(result)) == ({0: 0}, [code])


@pytest.mark.parametrize(
    ("people", "pupils", "code"),
    [
        ([person(born=dt.date(2009, 7, 1))], [pupil()], "liste-homonyme"),
        (
            [person("X", "Y", BORN, "1234567890A")],
            [pupil("Z", "T", dt.date(2010, 1, 1), "1234567890A")],
            "liste-identifiant-douteux",
        ),
        (
            [person(division=""), person("Lefèvre", "Élodie", dt.date(2011, 3, 15), division="")],
            [pupil(born=None)],
            "liste-ambigu",
        ),
        ([person(division="")], [pupil(), pupil(division="3B")], "liste-ambigu"),
    ],
)
def test_a_match_that_would_be_a_guess_is_not_made_and_named(
    people: list[Person], pupils: list[ListedPupil], code: str
) -> None:
    result = match(people, pupils)
    assert result.pairs == {}
    assert set(codes(result)) == {code}


def test_homonyms_are_told_by_their_birth_dates() -> None:
    other = dt.date(2011, 11, 2)
    result = match(
        [person("Martin", "Camille", other), person("Martin", "Camille")],
        [pupil("Martin", "Camille"), pupil("Martin", "Camille", other, division="3B")],
    )
    assert (result.pairs, codes(result)) == ({0: 1, 1: 0}, [])


def test_homonyms_of_one_day_are_told_by_their_class_and_named() -> None:
    result = match(
        [person("M", "C", BORN, "1", division="3B"), person("M", "C", BORN, "2")],
        [pupil("M", "C"), pupil("M", "C", division="3B")],
    )
    assert result.pairs == {0: 1, 1: 0}
    assert codes(result) == ["liste-homonymes", "liste-homonymes"]


def test_a_homonym_who_left_does_not_take_the_place_of_the_one_who_stayed() -> None:
    result = match([person("M", "C", dt.date(2009, 5, 5)), person("M", "C")], [pupil("M", "C")])
    assert result.pairs == {1: 0}


def test_two_certifications_under_two_spellings_are_one_pupil() -> None:
    result = match([person("Legoff"), person("Le Goff")], [pupil("LE GOFF")])
    assert result.pairs == {0: 0, 1: 0}


def test_a_list_without_birth_dates_is_one_notice_for_all() -> None:
    names = ["Aubert", "Bernard", "Colin", "Denis", "Étienne"]
    result = match([person(n) for n in names], [pupil(n, born=None) for n in names])
    assert len(result.pairs) == 5
    assert codes(result) == ["liste-nom-seul"]
    assert all(name in result.notices[0].message for name in names)


NAMES = st.sampled_from(["Martin", "Le Goff", "Müller", "d’Artois", "Nguyễn", "O’Connor"])
PERSONS = st.builds(
    person,
    NAMES,
    st.sampled_from(["Zoé", "Jean-Baptiste", "Ali"]),
    st.dates(dt.date(2011, 1, 1), dt.date(2011, 1, 20)),
    division=st.sampled_from(["3A", "3B"]),
)
PUPILS = st.builds(
    pupil,
    NAMES,
    st.sampled_from(["Zoé", "Jean-Baptiste", "Ali"]),
    st.none() | st.dates(dt.date(2011, 1, 1), dt.date(2011, 1, 20)),
)


@given(st.lists(PERSONS, max_size=8), st.lists(PUPILS, max_size=8))
def test_no_match_is_of_another_name_and_no_message_holds_a_date(
    people: list[Person], pupils: list[ListedPupil]
) -> None:
    result = match(people, pupils)
    for mine, theirs in result.pairs.items():
        assert people[mine].nom == pupils[theirs].nom
        assert people[mine].prenom == pupils[theirs].prenom
        same = people[mine].date_naissance == pupils[theirs].date_naissance
        named = any(people[mine].who in notice.message for notice in result.notices)
        assert same or named
    assert not any(re.search(r"20\d\d", notice.message) for notice in result.notices)


def test_namesakes_without_birth_dates_in_the_list_are_told_once_and_are_nobody_who_left() -> None:
    people = [person("Martin", "Camille", BORN, "A1", division="")]
    people.append(person("Martin", "Camille", dt.date(2011, 4, 2), "A2", division=""))
    named = [pupil("Martin", "Camille", None, division=name) for name in ("3A", "3B")]
    result = match(people, named)
    assert result.pairs == {}
    assert codes(result) == ["liste-ambigu"]
    assert "date de naissance" in result.notices[0].message.replace("\xa0", " ")
    assert set(result.unsure) == {0, 1}


def test_namesakes_without_birth_dates_in_the_list_are_told_by_their_class_and_named() -> None:
    people = [person("Martin", "Camille", BORN, "A1", division="3B")]
    people.append(person("Martin", "Camille", dt.date(2011, 4, 2), "A2", division="3 A"))
    named = [pupil("Martin", "Camille", None, division=name) for name in ("3A", "3B")]
    result = match(people, named)
    assert result.pairs == {0: 1, 1: 0}
    assert codes(result) == ["liste-homonymes"] * 2
    assert result.unsure == {}


@pytest.mark.parametrize(
    ("in_the_results", "in_the_list"),
    [(("3A", "3A"), ("3A", "3B")), (("3A",), ("3A", "3A")), (("3C",), ("3A", "3B"))],
)
def test_a_class_that_does_not_tell_namesakes_apart_is_not_followed(
    in_the_results: tuple[str, ...], in_the_list: tuple[str, ...]
) -> None:
    born = (BORN, dt.date(2011, 4, 2))
    people = [
        person("Martin", "Camille", day, division=name)
        for day, name in zip(born, in_the_results, strict=False)
    ]
    named = [
        pupil("Martin", "Camille", None, f"A{rank}", division=name)
        for rank, name in enumerate(in_the_list)
    ]
    result = match(people, named)
    assert result.pairs == {}
    assert set(codes(result)) == {"liste-ambigu"}
