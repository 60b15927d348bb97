"""Word's merge fields made into tags."""

from __future__ import annotations

import pytest
from lxml import etree
from support.wordml import VOCABULARY, W, code, field, lines, mark, merge_field, p, part, r, render

from mailmerge.template.context import FrenchDate
from mailmerge.template.findings import Finding
from mailmerge.template.language.fields import strip_mail_merge, translate_fields
from mailmerge.template.language.tags import normalise_tags

VALUES = {
    "prenom": "éloïse",
    "nom": "d’Arc & <Fils>",
    "date_naissance": FrenchDate(2011, 3, 1),
    "classe": "3A",
    "pix": "266",
    "niveau": "",
    "numero": "12",
    "rang": 4,
    "c_1_1": "3",
    "statut": "Validée",
}


def translated(*paragraphs: str, root: str = "document") -> tuple[etree._Element, list[Finding]]:
    tree = part("".join(paragraphs), root)
    return tree, translate_fields(tree, VOCABULARY)


def printed(*paragraphs: str, **changes: object) -> list[str]:
    tree, findings = translated(*paragraphs)
    assert findings == []
    assert normalise_tags(tree, VOCABULARY) == []
    return lines(render(tree, VALUES | changes))


def codes(*paragraphs: str) -> list[str]:
    return [finding.code for finding in translated(*paragraphs)[1]]


def test_a_field_is_replaced_by_its_tag_and_its_last_result_goes() -> None:
    tree, findings = translated(p(r("Nom : "), merge_field("Nom", "«Nom»"), r(".")))
    assert findings == []
    assert lines(tree) == ["Nom : {{ nom }}."]
    assert not list(tree.iter(f"{{{W}}}fldChar", f"{{{W}}}instrText"))


def test_values_print_as_they_are_whatever_they_contain() -> None:
    assert printed(p(merge_field("Nom"))) == ["d’Arc & <Fils>"]


@pytest.mark.parametrize(
    ("instruction", "shown"),
    [
        ("Nom", "d’Arc & <Fils>"),
        ('"Prénom"', "éloïse"),
        ("Pr_nom", "éloïse"),
        ("Date de naissance", "01/03/2011"),
        ("M_1#1", "3"),
        ("Prénom \\* Upper", "ÉLOÏSE"),
        ("Prénom \\*upper \\* MERGEFORMAT", "ÉLOÏSE"),
        ("Nom \\* Lower", "d’arc & <fils>"),
        ("Prénom \\* FirstCap", "Éloïse"),
        ("Nom \\* Caps", "D’Arc & <Fils>"),
        ("Prénom \\* CHARFORMAT", "éloïse"),
        ('Date_de_naissance \\@ "dd/MM/yyyy"', "01/03/2011"),
        ("Date_de_naissance \\@dd/MM/yyyy", "01/03/2011"),
        ('Date_de_naissance \\@ "dddd d MMMM yyyy" \\* FirstCap', "Mardi 1er mars 2011"),
        ("Date_de_naissance \\@ “d MMMM yyyy”", "1er mars 2011"),
        ('Nombre_de_Pix \\# "0,00"', "266,00"),
        ("Nombre_de_Pix \\# 0000", "0266"),
        ('Classe \\b "Classe de l’élève : " \\f " !"', "Classe de l’élève : 3A !"),
        ('Niveau \\b "Niveau " \\f "."', ""),
        ("Classe \\m \\v", "3A"),
        ('Classe \\b "{{ & “ \\" %} "', '{{ & “ " %} 3A'),
    ],
)
def test_switches_do_what_they_do_in_word(instruction: str, shown: str) -> None:
    assert printed(p(merge_field(instruction))) == [shown]


def test_a_field_inside_the_text_before_another_works() -> None:
    inner = field(" MERGEFIELD Nom ")
    assert printed(p(field(' MERGEFIELD Classe \\b "', inner, ' en "'))) == ["d’Arc & <Fils> en 3A"]


def test_the_rank_of_the_record_is_the_rank_of_the_pupil() -> None:
    assert printed(p(field(" MERGEREC "), r("/"), field(" MERGESEQ "))) == ["4/4"]


# --- formatting ------------------------------------------------------------------------------


def formatting(*runs: str) -> list[str]:
    tree, _ = translated(p(*runs))
    run = tree.find(f".//{{{W}}}r")
    assert run is not None
    properties = run.find(f"{{{W}}}rPr")
    return [etree.QName(x).localname for x in properties] if properties is not None else []


def test_mergeformat_keeps_the_formatting_of_the_result_last_shown() -> None:
    assert formatting(
        field(" MERGEFIELD Nom \\* MERGEFORMAT ", properties="<w:i/>", result=r("x", "<w:b/>"))
    ) == ["b"]


def test_without_mergeformat_the_formatting_is_that_of_the_fields_code() -> None:
    assert formatting(field(" MERGEFIELD Nom ", properties="<w:i/>", result=r("x", "<w:b/>"))) == [
        "i"
    ]


def test_a_code_without_formatting_prints_as_the_template_shows() -> None:
    assert formatting(field(" MERGEFIELD Nom ", result=r("x", "<w:b/>"))) == ["b"]


def test_a_simple_field_keeps_its_formatting() -> None:
    simple = '<w:fldSimple w:instr=" MERGEFIELD Nom " w:dirty="true">{}</w:fldSimple>'
    assert formatting(simple.format(r("«Nom»", "<w:b/><w:noProof/>"))) == ["b", "noProof"]


# --- IF --------------------------------------------------------------------------------------


def if_field(*pieces: str, result: str = "résultat") -> str:
    return field(*pieces, result=r(result))


PIX = field(" MERGEFIELD Nombre_de_Pix ", result=code("266"))
CLASSE = field(" MERGEFIELD Classe ")


@pytest.mark.parametrize(("pix", "shown"), [("266", "Bravo !"), ("99", "Continue.")])
def test_if_compares_numbers_as_numbers(pix: str, shown: str) -> None:
    paragraph = p(r("→ "), if_field(" IF ", PIX, ' >= 250 "Bravo !" "Continue."'), r(" ←"))
    assert printed(paragraph, pix=pix) == [f"→ {shown} ←"]


def test_if_without_else_prints_nothing_when_it_does_not_hold() -> None:
    paragraph = p(r("a"), if_field(" IF ", PIX, ' > 300 "oui" \\* MERGEFORMAT '), r("b"))
    assert printed(paragraph) == ["ab"]
    assert printed(paragraph, pix="301") == ["aouib"]


def test_if_takes_wildcards_curly_quotes_and_no_spaces() -> None:
    assert printed(p(if_field("IF ", CLASSE, "=“3*” “troisième” “lycée”"))) == ["troisième"]
    assert printed(p(if_field("IF ", CLASSE, '<>"3*" "lycée" troisième'))) == ["troisième"]


@pytest.mark.parametrize(
    ("classe", "pix", "shown"),
    [("3A", "266", "3A: 266"), ("3A", "10", "3A: peu"), ("2B", "10", "lycée")],
)
def test_ifs_nest_in_branches(classe: str, pix: str, shown: str) -> None:
    inner = if_field(" IF ", PIX, " > 100 ", PIX, ' "peu" ')
    paragraph = p(if_field(" IF ", CLASSE, ' = "3?" "', CLASSE, ": ", inner, '" "lycée" '))
    assert printed(paragraph, classe=classe, pix=pix) == [shown]


def test_ifs_nest_in_operands() -> None:
    inner = if_field(" IF ", CLASSE, ' = "3A" "oui" "non" ')
    assert printed(p(if_field(" IF ", inner, ' = "oui" "vrai" "faux"'))) == ["vrai"]
    both = if_field(' IF "', CLASSE, " ", PIX, '" = "3A 266" "vrai" "faux"')
    assert printed(p(both)) == ["vrai"]


def test_branches_keep_their_formatting_tabs_and_pictures() -> None:
    tab = "<w:r><w:tab/></w:r>"
    tree, _ = translated(
        p(
            field(
                " IF ",
                PIX,
                ' > 1 "un ',
                code("gras", "<w:b/>"),
                tab,
                ' fin" "non"',
                result=r("x"),
            )
        )
    )
    shown = render(tree, VALUES)
    assert lines(shown) == ["un gras\t fin"]
    bold = [run for run in shown.iter(f"{{{W}}}r") if run.find(f"{{{W}}}rPr/{{{W}}}b") is not None]
    assert ["".join(str(x) for x in run.itertext()) for run in bold] == ["gras"]


def test_a_branch_may_hold_several_paragraphs() -> None:
    paragraphs = (
        p(r("Début "), mark("begin"), code(" IF "), CLASSE, code(' = "3A" "un')),
        p(code("deux")),
        p(code('trois" "quatre" '), mark("separate"), r("un")),
        p(r("deux")),
        p(r("trois"), mark("end"), r(" fin.")),
    )
    assert printed(*paragraphs) == ["Début un", "deux", "trois fin."]
    assert printed(*paragraphs, classe="2B") == ["Début quatre fin."]


def test_paragraphs_between_the_arguments_of_if_do_not_print() -> None:
    paragraphs = (
        p(mark("begin"), code(" IF "), CLASSE, code(' = "3A" ')),
        p(code('"oui" ')),
        p(code('"non" '), mark("end")),
        p(r("suite")),
    )
    assert printed(*paragraphs) == ["oui", "suite"]
    assert printed(*paragraphs, classe="2B") == ["non", "suite"]


def test_an_if_across_cells_is_refused_by_name_and_left_alone() -> None:
    cells = (
        f"<w:tbl><w:tr><w:tc>{p(mark('begin'), code(' IF '), CLASSE, code(' = 1 '))}</w:tc>"
        f"<w:tc>{p(code(chr(34) + 'x' + chr(34)), mark('end'))}</w:tc></w:tr></w:tbl>"
    )
    tree = part(cells + p())
    before = etree.tostring(tree)
    assert [f.code for f in translate_fields(tree, VOCABULARY)] == ["champ-a-cheval"]
    assert etree.tostring(tree) == before


# --- what is left, what is refused ------------------------------------------------------------


@pytest.mark.parametrize(
    "instruction", [" PAGE ", ' DATE \\@ "d/M/yy" ', ' TOC \\o "1-3" ', " REF x ", ""]
)
def test_fields_that_the_engine_fills_in_are_left_alone(instruction: str) -> None:
    tree = part(p(field(instruction, result=r("1"))))
    before = etree.tostring(tree)
    assert translate_fields(tree, VOCABULARY) == []
    assert etree.tostring(tree) == before


def test_a_merge_field_shown_by_a_link_is_translated() -> None:
    link = field(' HYPERLINK "https://pix.fr" ', result=merge_field("Nom"))
    tree, findings = translated(p(link))
    assert (lines(tree), findings) == (["{{ nom }}"], [])


@pytest.mark.parametrize(
    "name",
    [
        "SKIPIF", "NEXT", "NEXTIF", "ASK", "FILLIN", "SET", "INCLUDETEXT", "INCLUDEPICTURE",
        "DATABASE", "LINK", "DDE", "DDEAUTO", "ADDRESSBLOCK", "GREETINGLINE",
    ],
)  # fmt: skip
def test_fields_that_attestations_cannot_have_are_refused_by_name(name: str) -> None:
    _, findings = translated(p(field(f" {name} x ")))
    assert [finding.code for finding in findings] == ["champ-refuse"]
    assert f"Le champ {name} de Word n’est pas pris en charge" in findings[0].message


def test_a_merge_field_inside_a_field_we_do_not_compute_is_refused() -> None:
    assert codes(p(field(" = ", PIX, " + 1 "))) == ["champ-refuse"]
    assert codes(p(field(" INCLUDEPICTURE ", field(" MERGEFIELD Photo ")))) == ["champ-refuse"]


def test_every_unknown_field_is_named_at_once_with_the_nearest_name_and_the_place() -> None:
    _, findings = translated(
        p(r("Bonjour")),
        p(r("Élève : "), merge_field("Prenon", "«Prenon»")),
        p(if_field(" IF ", field(" MERGEFIELD Clase "), ' = 1 "', merge_field("Xyzzy"), '"')),
    )
    assert [finding.code for finding in findings] == ["champ-inconnu"] * 3
    assert "«\u202fPrenon\u202f»" in findings[0].message
    assert "vouliez-vous dire «\u202fprenom\u202f»\u202f?" in findings[0].message
    assert findings[0].where == (
        "corps du document, paragraphe 2\u00a0: «\u202fÉlève : «Prenon»\u202f»"
    )
    assert "classe" in findings[1].message
    assert "vouliez" not in findings[2].message


def test_an_unreadable_if_and_an_unended_field_are_named() -> None:
    assert codes(p(field(" IF x "))) == ["champ-illisible"]
    assert codes(p(field(" IF ", CLASSE, ' = "3A" "oui '))) == ["champ-illisible"]
    assert codes(p(mark("begin"), code(" MERGEFIELD Nom "))) == ["champ-non-ferme"]


def test_a_condition_that_libreoffice_emptied_is_said_to_be_so() -> None:
    """What it leaves of an IF that holds fields: neither the comparison nor the texts."""
    [finding] = translated(p(field(' IF  "" ""')))[1]
    assert "LibreOffice" in finding.message
    assert "modifiez-le dans Word" in finding.message


def test_fields_nested_without_end_are_refused_and_not_followed() -> None:
    assert codes(p(mark("begin") * 3000, mark("end") * 3000)) == ["champ-imbrique"]


def test_a_number_format_that_is_not_supported_is_a_warning() -> None:
    _, findings = translated(p(merge_field("Nombre_de_Pix \\* CardText")))
    assert [(f.code, f.severity) for f in findings] == [("format-ignore", "warning")]


def test_a_field_that_was_deleted_with_tracked_changes_does_not_come_back() -> None:
    deleted = (
        "<w:del><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:delInstrText> MERGEFIELD X "
    )
    deleted += "</w:delInstrText></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r></w:del>"
    assert printed(p(r("a"), deleted, f"<w:ins>{merge_field('Classe')}</w:ins>")) == ["a3A"]


def test_headers_are_named_as_such() -> None:
    _, findings = translated(p(merge_field("Prenon")), root="hdr")
    assert findings[0].where.startswith("en-tête, paragraphe 1")


def test_the_data_source_and_the_attached_template_are_forgotten() -> None:
    relation = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    settings = etree.fromstring(
        f'<w:settings xmlns:w="{W}" {relation}><w:zoom w:percent="100"/>'
        '<w:attachedTemplate r:id="rId1"/><w:mailMerge><w:mainDocumentType w:val="formLetters"/>'
        '<w:dataSource r:id="rId2"/><w:odso><w:src r:id="rId3"/></w:odso></w:mailMerge>'
        "</w:settings>"
    )
    assert strip_mail_merge(settings) == {"rId1", "rId2", "rId3"}
    assert [etree.QName(child).localname for child in settings] == ["zoom"]


@pytest.mark.parametrize("instruction", [" NUMPAGES ", " SECTIONPAGES  \\* MERGEFORMAT "])
def test_a_count_of_pages_is_the_pupils_own(instruction: str) -> None:
    tree = part(p(field(instruction, result=r("1"))))
    assert translate_fields(tree, VOCABULARY) == []
    assert lines(tree) == ["{{ nombre_de_pages }}"]


def test_a_numbered_caption_keeps_the_number_that_it_has_in_the_template() -> None:
    tree = part(p(r("Tableau "), field(" SEQ Tableau \\* ARABIC ", result=r("1"))))
    assert translate_fields(tree, VOCABULARY) == []
    assert lines(tree) == ["Tableau 1"]
    assert not list(tree.iter(f"{{{W}}}fldChar"))
