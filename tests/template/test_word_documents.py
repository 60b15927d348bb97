"""Whole documents with the shapes that Word and LibreOffice write, from fields to printed text."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from lxml import etree
from support.wordml import VOCABULARY, W, lines, render

from mailmerge.template.context import FrenchDate, Level
from mailmerge.template.language.fields import translate_fields
from mailmerge.template.language.tags import normalise_tags

FIXTURES = Path(__file__).parent / "fixtures"
VALUES = {
    "prenom": "Zoé",
    "nom": "Lefèvre & Fils",
    "date_naissance": FrenchDate(2011, 3, 1),
    "classe": "3A",
    "pix": "266",
    "numero": "1048576",
    "c_1_1": Level("1.1", "Chercher", 3),
    "etablissement": {"nom": "Collège des Tilleuls"},
}


def ready(body: etree._Element) -> etree._Element:
    assert translate_fields(body, VOCABULARY) == []
    assert normalise_tags(body, VOCABULARY) == []
    return body


def word_document() -> etree._Element:
    return etree.parse(FIXTURES / "word-attestation.xml").getroot()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "a bien réussi (266 Pix)"),
        ({"pix": "100"}, "est en troisième"),
        ({"pix": "100", "classe": "2B"}, "est au lycée"),
    ],
)
def test_a_word_document_prints_every_field_and_tag(changes: dict[str, str], sentence: str) -> None:
    values = VALUES | changes
    box = f"N° 1048576 {values['classe']}"
    assert lines(render(ready(word_document()), values)) == [
        "Attestation",
        "L’élève Zoé LEFÈVRE & FILS, né(e) le 1er mars 2011",
        "1.1",
        "3",
        sentence,
        "",
        box,
        box,
        "Collège des Tilleuls1",
    ]


def test_a_word_documents_formatting_and_page_numbers_are_kept() -> None:
    shown = render(ready(word_document()), VALUES)
    formats = {
        "".join(str(x) for x in run.itertext()): [etree.QName(q).localname for q in properties]
        for run in shown.iter(f"{{{W}}}r")
        if (properties := run.find(f"{{{W}}}rPr")) is not None
    }
    assert formats["Zoé"] == ["b", "sz"]
    assert formats["LEFÈVRE & FILS"] == ["i", "noProof"]
    assert formats["bien"] == ["b"]
    assert [e.text for e in shown.iter(f"{{{W}}}instrText")] == [" PAGE "]


def test_a_rendered_word_document_opens_again() -> None:
    document = docx.Document()
    shown = render(ready(word_document()), VALUES)
    body = document.element.body
    for child in list(body):
        body.remove(child)
    body.extend(list(shown[0]))
    saved = io.BytesIO()
    document.save(saved)
    again = docx.Document(saved)
    assert again.paragraphs[1].text == "L’élève Zoé LEFÈVRE & FILS, né(e) le 1er mars 2011"
    assert again.tables[0].cell(0, 1).text == "3"


def test_a_document_that_libreoffice_wrote_prints_its_database_fields() -> None:
    """The .docx was made by LibreOffice from the .fodt beside it."""
    body = docx.Document(str(FIXTURES / "libreoffice-champs.docx")).element.body
    assert lines(render(ready(body), VALUES)) == [
        "Élève : Zoé Lefèvre & Fils",
        "Né(e) le 01/03/2011, niveau 3 ; page 1 ; 3A",
        "oui",
    ]
