"""What tags print: any column, any value, exactly."""

from __future__ import annotations

import datetime as dt
import io
import keyword
import unicodedata
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.printing import WHO, class_document, para, printed, pupil, word_file
from support.wordml import field, r

from mailmerge import columns
from mailmerge.template.context import (
    FrenchDate,
    added_tags,
    printable,
    pupil_values,
    vocabulary,
)
from mailmerge.template.language.sandbox import RESERVED


@pytest.mark.parametrize(
    ("headers", "tags"),
    [
        (["Mention"], {"mention": "Mention"}),
        (["Code de vérification"], {"code_de_verification": "Code de vérification"}),
        (["2e langue", "1.10"], {"m_2e_langue": "2e langue", "m_1_10": "1.10"}),
        (["for", "If", "Not", "Loop"],
         {"colonne_for": "for", "colonne_if": "If", "colonne_not": "Not", "colonne_loop": "Loop"}),
        (["Rang", "Logo", "QR", "Signature"],
         {"colonne_rang": "Rang", "colonne_logo": "Logo", "colonne_qr": "QR",
          "colonne_signature": "Signature"}),
        (["Établissement", "Chef"], {"colonne_etablissement": "Établissement",
                                     "colonne_chef": "Chef"}),
        (["Mention", "MENTION", "Mention !"],
         {"mention": "Mention", "mention_2": "MENTION", "mention_3": "Mention !"}),
        (["", "  ", "***"], {}),
        (["Оценка"], {"оценка": "Оценка"}),
        ([*columns.WORKBOOK_COLUMNS, *columns.PRIVATE_COLUMNS], {}),
    ],
)  # fmt: skip
def test_every_added_column_is_a_tag_by_its_folded_name(
    headers: list[str], tags: dict[str, str]
) -> None:
    assert added_tags(headers) == tags


@given(st.lists(st.text(min_size=1, max_size=400), max_size=6, unique=True))
@settings(max_examples=60, deadline=None)
def test_whatever_the_headers_each_tag_can_be_written_and_finds_its_column(
    headers: list[str],
) -> None:
    names = vocabulary(headers)
    for tag, header in added_tags(headers).items():
        assert tag.isidentifier()
        assert tag not in RESERVED
        assert not (keyword.iskeyword(tag) and tag in RESERVED)
        assert names.resolve(tag) == tag
        assert names.resolve(header) in (tag, names.resolve(header.strip()))


def test_added_columns_print_by_tag_by_header_and_as_merge_fields(tmp_path: Path) -> None:
    long = "Avis du conseil de classe " * 12
    row = pupil("DURAND", **{"Mention": "Très bien", "Rang": "12e", "2e langue": "", long: "oui"})
    text = "{{ mention }}|{{ Mention }}|{{ colonne_rang }}|{{ Rang }}|{{ rang }}|{{ m_2e_langue }}|"
    template = word_file(
        WHO
        + para(text)
        + f"<w:p>{field(' MERGEFIELD Mention ', result=r('«Mention»'))}</w:p>"
        + f"<w:p>{field(' MERGEFIELD M_2e_langue ', result=r('«x»'))}</w:p>"
        + f"<w:p>{field(f' MERGEFIELD {long[:40].strip()} ', result=r('«x»'))}</w:p>"
    )
    [[page]] = printed(template, tmp_path, rows=[row])
    assert page.endswith("Très bien|Très bien|12e|12e|1|| Très bien oui")


# --- values -------------------------------------------------------------------------------------

EXACT = [
    "{{ 7*7 }}",
    "{% for x in y %}",
    "{# rien #}",
    "<w:br/>",
    "Dupont & Fils",
    "a < b > c",
    "]]>",
    "&amp;#233;",
    "«\u202fPix\u202f»",
    "O’Brien l'Aîné",
    "N’Guyễn Đặng Ž ß Œ",
    "x" * 200,
    "A" + " B" * 99,
    "\\1 \\g<0> %s {0}",
]


@pytest.mark.parametrize("value", EXACT)
def test_a_value_is_on_the_page_exactly_and_never_read_as_a_template(
    value: str, tmp_path: Path
) -> None:
    [[page]] = printed(word_file(WHO), tmp_path, rows=[pupil(value)])
    squashed = unicodedata.normalize("NFKC", value).replace(" ", "")
    assert squashed in page.replace(" ", "")


@pytest.mark.parametrize("value", EXACT)
def test_a_value_is_in_the_word_document_exactly(value: str) -> None:
    document = docx.Document(io.BytesIO(class_document(word_file(WHO), [pupil(value)])))
    assert document.paragraphs[0].text.startswith(f"Zoé {value} 1")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Saint\u2011Étienne", "Saint-Étienne"),  # few fonts have the no-break hyphen
        ("Ste\u0301phane", "Stéphane"),
        ("Ma\u00adrie", "Marie"),
        ("\u202eeiraM\u202c \u2066x\u2069", "eiraM x"),
        ("\u200fMarie\u200e\ufeff\u200b\u2060", "Marie"),
        ("Ma\x00ri\x1be\x07", "Marie"),
        ("Ma\ud800rie\ufffe\uffff", "Marie"),
        ("a\tb", "a b"),
        ("\U0001f1eb\U0001f1f7 \u2600\ufe0f", "\U0001f1eb\U0001f1f7 \u2600\ufe0f"),
    ],
)
def test_what_can_not_be_seen_or_drawn_is_made_plain(value: str, shown: str) -> None:
    assert printable(value) == shown
    document = docx.Document(io.BytesIO(class_document(word_file(WHO), [pupil(value)])))
    assert document.paragraphs[0].text.startswith(f"Zoé {shown} 1")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x0b"])
def test_lines_of_a_value_are_lines_on_the_page(end: str) -> None:
    row = pupil("DURAND", **{columns.COMMENTAIRE: f"un{end}deux"})
    template = word_file(WHO + para("[{{ commentaire }}]"))
    document = docx.Document(io.BytesIO(class_document(template, [row])))
    assert document.paragraphs[1].text == "[un\ndeux]"


@given(st.text(alphabet=st.characters(codec=None), max_size=60))
@settings(max_examples=80, deadline=None)
def test_any_text_gives_a_document_that_opens(value: str) -> None:
    document = docx.Document(io.BytesIO(class_document(word_file(WHO), [pupil("X", value)])))
    expected = printable(value).replace("\u2028", "\n")
    assert document.paragraphs[0].text.startswith(f"{expected} X 1")


def test_the_hyphen_of_a_name_is_drawn_by_the_embedded_engine(tmp_path: Path) -> None:
    typed = "<w:r><w:t>mi</w:t><w:noBreakHyphen/><w:t>temps</w:t></w:r>"
    template = word_file(WHO + para("e\u2011mail {{ lieu_naissance }} ", after=typed))
    row = pupil("DURAND", **{columns.LIEU_NAISSANCE: "Saint\u2011Étienne"})
    [[page]] = printed(template, tmp_path, rows=[row])
    assert page.endswith("e-mail Saint-Étienne mi-temps")


def test_values_have_their_french_forms() -> None:
    row = pupil("X", **{"4.1": "0", "4.2": "-", "4.3": "", columns.NIVEAU: "-"})
    values = pupil_values(row, 7)
    assert [str(values[f"c_4_{n}"]) for n in (1, 2, 3)] == ["-", "-", "-"]
    assert values["c_1_1"].plein + values["c_1_1"].vide == "■" * 8
    assert not values["niveau"]
    assert str(values["fin_validite"]) == "18/05/2029"
    assert values["rang"] == 7
    leap = pupil_values(pupil("X", **{columns.DATE_PASSAGE: dt.date(2024, 2, 29)}), 1)
    assert str(leap["fin_validite"]) == str(FrenchDate(2027, 2, 28))
