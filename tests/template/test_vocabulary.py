"""Names as people and Word write them."""

from __future__ import annotations

import pytest
from support.wordml import VOCABULARY

from mailmerge.template.language.vocabulary import Tag, Vocabulary


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("prenom", "prenom"),
        ("Prénom", "prenom"),
        ("PRENOM", "prenom"),
        ("Pr_nom", "prenom"),
        ("Pre\u0301nom", "prenom"),
        ("Numéro_de_certification", "numero"),
        ("Num_ro_de_certification", "numero"),
        ("Numero de certification", "numero"),
        ("Date_de_naissance", "date_naissance"),
        ("Date_de_passage_de_la_certification", "date_passage"),
        ("Identifiant_Externe", "identifiant"),
        ("Nombre_de_Pix", "pix"),
        ("Commentaire_jury_pour_lorganisation", "commentaire"),
        ("Commentaire jury pour l'organisation", "commentaire"),
        ("M_11", "c_1_1"),
        ("M_1_1", "c_1_1"),
        ("M_1#1", "c_1_1"),
        ("1#1", "c_1_1"),
        ("1.1", "c_1_1"),
        ("C_5_2", "c_5_2"),
        ("c52", "c_5_2"),
        ("Établissement.Nom", "etablissement.nom"),
        ("etablissement_ville", "etablissement.ville"),
        ("Code de vérification", "code_de_verification"),
        ("Code_de_vérification", "code_de_verification"),
        ("Code_de_v_rification", "code_de_verification"),
    ],
)
def test_a_name_is_understood_as_people_and_word_write_it(written: str, tag: str) -> None:
    assert VOCABULARY.resolve(written) == tag


@pytest.mark.parametrize(
    "written", ["", "_", "prnom", "truc", "c.nom", "M_nom", "1.9", "nom prenom"]
)
def test_a_name_that_nothing_answers_to_is_not_guessed(written: str) -> None:
    assert VOCABULARY.resolve(written) is None


def test_a_name_that_fits_two_columns_is_not_guessed() -> None:
    names = Vocabulary([], {"Mention é": "mention_e", "Mention à": "mention_a"})
    assert names.resolve("Mention__") is None
    assert names.resolve("Mention_à") == "mention_a"


def test_word_cuts_field_names_at_forty_characters() -> None:
    header = "Mention particulière accordée par le conseil de classe"
    names = Vocabulary([], {header: "mention"})
    assert names.resolve(header.replace(" ", "_")[:40]) == "mention"
    assert names.resolve("Mention_particulière") is None


@pytest.mark.parametrize(
    ("written", "tag"),
    [("prenon", "prenom"), ("Date_de_naisance", "date_naissance"), ("chef.nim", "chef.nom")],
)
def test_the_nearest_name_is_offered(written: str, tag: str) -> None:
    assert VOCABULARY.nearest(written) == tag


def test_nothing_is_offered_when_nothing_is_near() -> None:
    assert VOCABULARY.nearest("xyzzy") is None


def test_every_tag_resolves_to_itself() -> None:
    tags = [Tag(name, "") for name in sorted(VOCABULARY.names)]
    assert [VOCABULARY.resolve(tag.name) for tag in tags] == [tag.name for tag in tags]
