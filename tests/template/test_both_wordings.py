"""The attestation with Word's own merge fields prints what the attestation with tags prints."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import dxpdf
import pypdfium2

from mailmerge import columns
from mailmerge.referential import COMPETENCE_CODES
from mailmerge.results.reading import read_sources
from mailmerge.settings import Chef, Etablissement, Settings
from mailmerge.template.compiling import compile_template
from mailmerge.template.opening import open_template
from mailmerge.template.rendering import bookmark_name, prepare_school, render_class

ROOT = Path(__file__).resolve().parents[2]
# What is typed in the Word template, where the school's own words go.
AS_TYPED = Settings(
    etablissement=Etablissement("Nom de l’établissement", "Ville", "Académie"),
    chef=Chef("Prénom Nom", "Titre"),
)
ODD = (
    {columns.LIEU_NAISSANCE: ""},
    {columns.CLASSE: ""},
    {columns.NIVEAU: "-"},
    {columns.NIVEAU: ""},
    {columns.CENTRE: "Collège d’à côté"},
    {columns.DATE_NAISSANCE: dt.date(2011, 3, 1)},
    {columns.PIX: "0", **dict.fromkeys(COMPETENCE_CODES, "-")},
    {columns.PIX: "1024", **dict.fromkeys(COMPETENCE_CODES, "8")},
    dict.fromkeys(COMPETENCE_CODES, "0"),
    {columns.NOM: "D’Été & <Fils>", columns.PRENOM: "Ève-Anaïs « Zoé »"},
)


def hundred_pupils() -> list[dict[str, Any]]:
    """The invented school's pupils, and some with what is empty, extreme or odd."""
    table = read_sources([ROOT / "data" / "exemple"]).table
    table = table[table[columns.STATUT] == "Validée"]
    rows = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    odd = [row | ODD[rank % len(ODD)] for rank, row in enumerate(rows)]
    return (rows + odd)[:100]


def pages(template: str, rows: list[dict[str, Any]]) -> list[str]:
    compiled = compile_template(open_template(ROOT / "templates" / template), rows[0])
    school = prepare_school(AS_TYPED, dt.date.today())
    marks = [bookmark_name(rank, str(row[columns.NUMERO])) for rank, row in enumerate(rows, 1)]
    made = pypdfium2.PdfDocument(dxpdf.convert(render_class(compiled, school, rows, marks)))
    return [" ".join(page.get_textpage().get_text_range().split()) for page in made]


def test_word_fields_and_tags_give_the_same_page_text_for_a_hundred_pupils() -> None:
    rows = hundred_pupils()
    assert len(rows) == 100
    with_tags = pages("attestation.docx", rows)
    assert pages("attestation-champs-word.docx", rows) == with_tags
    assert len(with_tags) == 100
    assert len(set(with_tags)) > 90
