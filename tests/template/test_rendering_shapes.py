"""Templates of every shape print right for every pupil, with a real engine's pages as witness."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pypdfium2
import pytest
from lxml import etree
from support.every_engine import ENGINES
from support.printing import (
    A4,
    CLASS,
    LANDSCAPE,
    LIST_STYLES,
    PAGE_BREAK,
    WHO,
    bookmark,
    class_document,
    control,
    convert,
    convert_all,
    footnote_call,
    footnotes,
    listed,
    numbering,
    page_field,
    pages,
    para,
    picture,
    png,
    printed,
    pupil,
    read_pages,
    reference,
    section_end,
    table,
    text_box,
    word_file,
)
from support.wordml import W

from mailmerge import columns
from mailmerge.errors import TemplateError
from mailmerge.template.compiling import compile_template
from mailmerge.template.opening import check_template

HEADERS = {
    "header1": para("Haut {{ nom }} p. ", after=page_field()),
    "footer1": para("Bas {{ prenom }}"),
}
BOTH = reference("header", "header1") + reference("footer", "footer1")
LISTS = {"numbering": numbering("")}
DATA_BOUND = '<w:dataBinding w:xpath="/x" w:storeItemID="{A}"/>'
DELETED = '<w:rPr><w:del w:id="3" w:author="x"/></w:rPr>'

# What a template holds → the text of each page, ``{}`` where the pupil is named.
SHAPES: dict[str, tuple[bytes, list[str]]] = {
    "one paragraph": (word_file(WHO), ["{who}"]),
    "begins and ends with a table": (
        word_file(table([WHO, para("x")])),
        ["{who} x"],
    ),
    "begins with a table in a table": (
        word_file(table([table([WHO], width=2000) + para("y"), para("x")], width=4500)),
        ["{who} y x"],
    ),
    "begins with a content control": (word_file(control(WHO) + para("fin")), ["{who} fin"]),
    "begins with a loop": (
        word_file(para("{%p if nom %}") + WHO + para("{%p endif %}")),
        ["{who}"],
    ),
    "begins with a page break before": (
        word_file(para("{{ prenom }} {{ nom }} {{ numero }}", "<w:pageBreakBefore/>")),
        ["{who}"],
    ),
    "centred vertically": (
        word_file(WHO, section=A4 + '<w:vAlign w:val="center"/>'),
        ["{who}"],
    ),
    "two pages, header and footer": (
        word_file(WHO + PAGE_BREAK + para("suite"), section=BOTH + A4, parts=HEADERS),
        ["Haut {nom} p. 1 {who} Bas {prenom}", "Haut {nom} p. 2 suite Bas {prenom}"],
    ),
    "first, even and odd headers": (
        word_file(
            WHO + PAGE_BREAK + para("deux") + PAGE_BREAK + para("trois"),
            section=reference("header", "header1")
            + reference("header", "header2", "first")
            + reference("header", "header3", "even")
            + A4
            + "<w:titlePg/>",
            parts={
                "header1": para("Impaire {{ nom }}"),
                "header2": para("Première {{ nom }}"),
                "header3": para("Paire {{ nom }}"),
                "settings": "<w:evenAndOddHeaders/>",
            },
        ),
        ["Première {nom} {who}", "Paire {nom} deux", "Impaire {nom} trois"],
    ),
    "a header in the second section only": (
        word_file(WHO + section_end(A4) + para("deux"), section=BOTH + LANDSCAPE, parts=HEADERS),
        ["{who}", "Haut {nom} p. 2 deux Bas {prenom}"],
    ),
    "a header that the second section inherits": (
        word_file(WHO + section_end(BOTH + A4) + para("deux"), section=LANDSCAPE, parts=HEADERS),
        ["Haut {nom} p. 1 {who} Bas {prenom}", "Haut {nom} p. 2 deux Bas {prenom}"],
    ),
    "a continuous section": (
        word_file(
            WHO + section_end(A4) + para("suite"), section='<w:type w:val="continuous"/>' + A4
        ),
        ["{who} suite"],
    ),
    "a section that ends in the last paragraph": (
        word_file(WHO + section_end(A4)),
        ["{who}", ""],
    ),
    "numbered lists": (
        word_file(WHO + listed("un") + listed("sous", level=1) + listed("deux"), parts=LISTS),
        ["{who} A1. un B1. sous A2. deux"],
    ),
    "lists numbered by their style": (
        word_file(
            WHO
            + para("un", '<w:pStyle w:val="Liste0"/><w:keepNext/>')
            + para("sous", '<w:pStyle w:val="Liste1"/>')
            + para("deux", '<w:pStyle w:val="Liste0"/>'),
            parts={"numbering": numbering("", styles=True), "styles": LIST_STYLES},
        ),
        ["{who} A1. un B1. sous A2. deux"],
    ),
    "a list that goes on after another": (
        word_file(
            WHO + listed("un") + para("entre") + listed("deux", 2),
            parts={"numbering": numbering("", "")},
        ),
        ["{who} A1. un entre A2. deux"],
    ),
    "a list that starts at five": (
        word_file(
            WHO + listed("cinq"),
            parts={
                "numbering": numbering(
                    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
                )
            },
        ),
        ["{who} A5. cinq"],
    ),
    "content controls everywhere": (
        word_file(
            WHO
            + f"<w:p>{control('<w:r><w:t>dans {{ nom }}</w:t></w:r>', DATA_BOUND)}</w:p>"
            + control(para("bloc {{ prenom }}") + control(para("dedans")), DATA_BOUND)
            + table([para("a"), para("b")])
            .replace("<w:tr>", "<w:sdt><w:sdtContent><w:tr>")
            .replace("</w:tr>", "</w:tr></w:sdtContent></w:sdt>")
            + para("fin")
        ),
        ["{who} dans {nom} bloc {prenom} dedans a b fin"],
    ),
    "a tag that a content control cuts": (
        word_file(
            WHO
            + "<w:p><w:r><w:t>{{ n</w:t></w:r>"
            + control("<w:r><w:t>om }} fin</w:t></w:r>")
            + "</w:p>"
        ),
        ["{who} {nom} fin"],
    ),
    "comments, tracked changes, proofing marks": (
        word_file(
            f"<w:p><w:pPr>{DELETED}</w:pPr><w:r><w:t>Bon</w:t></w:r></w:p>"
            '<w:p w14:paraId="4A5B6C7D" w:rsidR="00A77B3E"><w:commentRangeStart w:id="0"/>'
            '<w:r><w:t xml:space="preserve">jour </w:t></w:r><w:commentRangeEnd w:id="0"/>'
            '<w:r><w:commentReference w:id="0"/></w:r><w:proofErr w:type="spellStart"/>'
            '<w:ins w:id="1" w:author="a"><w:r><w:t>{{ n</w:t></w:r></w:ins><w:r><w:t>om }}</w:t>'
            '</w:r><w:del w:id="2" w:author="a"><w:r><w:delText> rayé</w:delText></w:r></w:del>'
            '<w:proofErr w:type="spellEnd"/></w:p>'
            + WHO,
            parts={"comments": '<w:comment w:id="0" w:author="M">' + para("Avis") + "</w:comment>"},
        ),
        ["Bonjour {nom} {who}"],
    ),
    "a row that was struck out": (
        word_file(
            WHO
            + table([para("rayée")], [para("garde")]).replace(
                "<w:tr>", '<w:tr><w:trPr><w:del w:id="9" w:author="a"/></w:trPr>', 1
            )
            + para("fin")
        ),
        ["{who} garde fin"],
    ),
    "a numbered caption": (
        word_file(WHO + para("Tableau ", after=page_field("SEQ Tableau", "1"))),
        ["{who} Tableau 1"],
    ),
    "a reference to a bookmark": (
        word_file(
            "<w:p>"
            + bookmark("_Ref123456", "<w:r><w:t>{{ prenom }} {{ nom }}</w:t></w:r>")
            + "</w:p>"
            + WHO
            + para("page ", after=page_field("PAGEREF _Ref123456 \\h", "1"))
            + '<w:p><w:hyperlink w:anchor="_Ref123456"><w:r><w:t>haut</w:t></w:r></w:hyperlink>'
            "</w:p>"
        ),
        ["{prenom} {nom} {who} page 1 haut"],
    ),
    "table rows from a loop, merged and nested cells": (
        word_file(
            WHO
            + table(
                [para("{%tr for d in domaines %}"), para("")],
                [para("{{ d.numero }}"), para("{{ d.competences[0].code }}")],
                [para("{%tr endfor %}"), para("")],
            )
            + table([para("large"), para("")])
            .replace("<w:tcPr>", '<w:tcPr><w:gridSpan w:val="1"/><w:vMerge w:val="restart"/>', 1)
            .replace("<w:p><w:r><w:t", '<w:p w:rsidR="00112233"><w:r><w:t', 1)
        ),
        ["{who} 1 1.1 2 2.1 3 3.1 4 4.1 5 5.1 large"],
    ),
}  # fmt: skip


def expected(shape: str) -> list[list[str]]:
    return [
        [
            page.replace("{who}", f"{row[columns.PRENOM]} {row[columns.NOM]} {row[columns.NUMERO]}")
            .replace("{nom}", row[columns.NOM])
            .replace("{prenom}", row[columns.PRENOM])
            for page in SHAPES[shape][1]
        ]
        for row in CLASS
    ]


def body_of(document: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return etree.fromstring(archive.read("word/document.xml"))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_pupil_has_the_same_pages_with_their_own_data(shape: str, tmp_path: Path) -> None:
    assert printed(SHAPES[shape][0], tmp_path) == expected(shape)


@pytest.mark.libreoffice
def test_libreoffice_prints_the_same_pages_for_every_shape(tmp_path: Path) -> None:
    documents = {shape: class_document(template) for shape, (template, _) in SHAPES.items()}
    found = {shape: read_pages(pdf) for shape, pdf in convert_all(documents, tmp_path).items()}
    assert found == {shape: expected(shape) for shape in SHAPES}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_text_box_holds_its_own_pupil(engine: str, tmp_path: Path) -> None:
    template = word_file(text_box(WHO) + para("fin"))
    for [page], row in zip(printed(template, tmp_path, engine), CLASS, strict=True):
        assert sorted(page.split()) == sorted(
            [row[columns.PRENOM], row[columns.NOM], row[columns.NUMERO], "fin"]
        )


@pytest.mark.parametrize("engine", ENGINES)
def test_pupils_with_more_pages_than_others_each_start_at_page_one(
    engine: str, tmp_path: Path
) -> None:
    template = word_file(
        WHO + para("{%p if commentaire %}") + PAGE_BREAK + para("{{ commentaire }}")
        + para("{%p endif %}"),
        section=BOTH + A4,
        parts=HEADERS,
    )  # fmt: skip
    rows = (
        pupil("UN", **{columns.COMMENTAIRE: "long"}),
        pupil("DEUX"),
        pupil("TROIS", **{columns.COMMENTAIRE: "long"}),
    )
    found = printed(template, tmp_path, engine, rows)
    assert [len(pages) for pages in found] == [2, 1, 2]
    assert [page[:18].split("p. ")[1][0] for pages in found for page in pages] == list("12112")


def test_footnotes_hold_the_pupils_own_text_once_each_pupil_is_converted_apart(
    tmp_path: Path,
) -> None:
    template = word_file(
        WHO + para("appel", after=footnote_call(1)) + para("encore", after=footnote_call(2)),
        parts={"footnotes": footnotes("de {{ nom }}", "deux", "jamais appelée {{ prenom }}")},
    )
    assert compile_template(check_template("m.docx", template)).alone
    for row in CLASS:
        [[page]] = printed(template, tmp_path, rows=[row])
        assert page.endswith(f"appel1 encore2 1 de {row[columns.NOM]} 2 deux")
    together = printed(template, tmp_path)
    assert [f"de {row[columns.NOM]} " in page for row, [page] in zip(CLASS, together, strict=True)]
    section = body_of(class_document(template)).find(f".//{{{W}}}footnotePr/{{{W}}}numRestart")
    assert section is not None
    assert section.get(f"{{{W}}}val") == "eachSect"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_total_of_pages_is_the_pupils_own(engine: str, tmp_path: Path) -> None:
    template = word_file(
        WHO + PAGE_BREAK + para("sur ", after=page_field("NUMPAGES")),
        section=reference("header", "header1") + A4,
        parts={"header1": para("p. ", after=page_field() + page_field("SECTIONPAGES"))},
    )
    document = class_document(template, pages=[2, 2, 2])
    for first, second in pages(document, tmp_path, engine):
        assert first.startswith("p. 12 ")
        assert second == "p. 22 sur 2"


@pytest.mark.parametrize("anchored", [False, True])
def test_a_picture_pasted_in_the_template_is_on_every_page_and_stored_once(
    anchored: bool, tmp_path: Path
) -> None:
    template = word_file(
        WHO + f"<w:p>{picture('rIdPic', anchored=anchored)}</w:p>",
        relations={"rIdPic": ("image", "media/tampon.png")},
        files={"word/media/tampon.png": png("red")},
    )
    document = class_document(template)
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        assert sum(name.startswith("word/media") for name in archive.namelist()) == 1
    identities = [element.get("id") for element in body_of(document).iter("{*}docPr")]
    assert len(set(identities)) == len(CLASS)
    with pypdfium2.PdfDocument(convert(document, tmp_path)) as pdf:
        for page in pdf:
            colours = page.render(scale=0.5).to_pil().convert("RGB").getcolors(100_000)
            assert any(red > 200 and green < 60 for _, (red, green, _) in colours)


def test_no_two_things_of_a_class_document_have_the_same_identity() -> None:
    template = word_file(
        "<w:p>" + bookmark("Nom", "<w:r><w:t>{{ nom }}</w:t></w:r>") + "</w:p>"
        + "<w:p>" + bookmark("_GoBack", identity=6) + "</w:p>" + text_box(WHO),
        section=BOTH + A4,
        parts={**HEADERS, "header1": "<w:p>" + bookmark("Haut", "<w:r><w:t>{{ nom }}</w:t></w:r>")
               + "</w:p>"},
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(class_document(template))) as archive:
        roots = [
            etree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.startswith(("word/document", "word/header")) and name.endswith(".xml")
        ]
    starts = [start for root in roots for start in root.iter(f"{{{W}}}bookmarkStart")]
    names = [start.get(f"{{{W}}}name") for start in starts]
    assert len(set(names)) == len(names) == 3 * len(CLASS)
    assert len({start.get(f"{{{W}}}id") for start in starts}) == len(names)
    assert all(len(str(name)) <= 40 for name in names)
    ends = [end.get(f"{{{W}}}id") for root in roots for end in root.iter(f"{{{W}}}bookmarkEnd")]
    assert sorted(ends, key=str) == sorted((s.get(f"{{{W}}}id") for s in starts), key=str)


def test_nothing_of_the_template_itself_is_left_in_a_class_document() -> None:
    template = word_file(
        WHO, section=BOTH + A4, parts={**HEADERS, "comments": '<w:comment w:id="0"/>'}
    )
    with zipfile.ZipFile(io.BytesIO(class_document(template))) as archive:
        assert "word/comments.xml" not in archive.namelist()
        for name in archive.namelist():
            assert b"{{" not in archive.read(name), name


def test_a_class_document_opens_in_word_s_library_and_closes_sections_in_order() -> None:
    document = docx.Document(io.BytesIO(class_document(SHAPES["numbered lists"][0])))
    assert len(document.sections) == len(CLASS)
    ranks = [child.tag for child in document.part.numbering_part.element]
    assert ranks == sorted(ranks, key=lambda tag: "num" in tag and "abstract" not in tag)


# --- what is refused by name --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "parts", "words"),
    [
        (
            WHO + para("appel", after=footnote_call(1, "endnote")),
            {"endnotes": footnotes("x").replace("footnote", "endnote")},
            "notes de fin",
        ),
        (
            WHO + para("", after=page_field('HYPERLINK "https://a/{{ nom }}"')),
            {},
            "code d’un champ",
        ),
        (
            WHO + para("{%p if nom %}") + section_end(A4) + para("x") + para("{%p endif %}"),
            {},
            "saut de section",
        ),
        (WHO + para("", after=page_field("INCLUDETEXT /etc/passwd")), {}, "INCLUDETEXT"),
        (
            "<w:p>"
            + bookmark("Eleve", "<w:r><w:t>{{ nom }}</w:t></w:r>")
            + "</w:p>"
            + para("", after=page_field("REF Eleve \\h", "DURAND")),
            {},
            "Un renvoi reprend",
        ),
        (WHO + para("", after=page_field('STYLEREF "Titre 1"')), {}, "STYLEREF"),
        (
            WHO + para("a", after=footnote_call(1)),
            {"footnotes": footnotes("{{ signature }}")},
            "est dans une note",
        ),
    ],
)
def test_what_can_not_be_right_is_refused_by_name(
    body: str, parts: dict[str, str], words: str
) -> None:
    with pytest.raises(TemplateError, match=words):
        class_document(word_file(body, parts=parts))


def test_a_link_whose_address_holds_a_tag_is_refused() -> None:
    body = WHO + '<w:p><w:hyperlink r:id="rIdL"><w:r><w:t>lien</w:t></w:r></w:hyperlink></w:p>'
    address = {"rIdL": ("hyperlink", "https://exemple.fr/%7B%7B%20nom%20%7D%7D")}
    with pytest.raises(TemplateError, match="L’adresse d’un lien"):
        class_document(word_file(body, relations=address))
    fixed = {"rIdL": ("hyperlink", "https://exemple.fr/")}
    assert class_document(word_file(body, relations=fixed))


def test_an_error_while_printing_names_the_pupil() -> None:
    rows = (pupil("DURAND", Taille="1"), pupil("MARTIN", Taille="x"))
    with pytest.raises(TemplateError) as caught:
        class_document(word_file(WHO + para("{{ (1 / taille|int)|round|int }}")), rows)
    assert caught.value.message.startswith("MARTIN Zoé\u00a0: ")
