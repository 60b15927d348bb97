"""Tags as people leave them in Word."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from support.wordml import VOCABULARY, W, lines, p, part, r, render

from mailmerge.template.context import DomaineLevels, FrenchDate, Level
from mailmerge.template.findings import Finding
from mailmerge.template.language.tags import normalise_tags

DOMAINES = (
    DomaineLevels("1", "Information", (Level("1.1", "Chercher", 3), Level("1.2", "Gérer", 0))),
    DomaineLevels("2", "Communication", (Level("2.1", "Interagir", 8),)),
)
VALUES = {
    "prenom": "Éloïse",
    "nom": "d’Arc & <Fils>",
    "date_naissance": FrenchDate(2011, 3, 1),
    "classe": "3A",
    "pix": "266",
    "niveau": "Novice 1",
    "c_1_1": Level("1.1", "Chercher", 3),
    "domaines": DOMAINES,
    "etablissement": {"nom": "Collège", "ville": "Annecy", "academie": ""},
    "chef": {"nom": "C. Duval", "titre": "Principale"},
    "code_de_verification": "P-123",
}


def normalised(*paragraphs: str, root: str = "document") -> tuple[etree._Element, list[Finding]]:
    tree = part("".join(paragraphs), root)
    return tree, normalise_tags(tree, VOCABULARY)


def text(*runs: str) -> str:
    """The paragraph's text once its tags are right."""
    tree, findings = normalised(p(*runs))
    assert findings == []
    return lines(tree)[0]


def printed(*paragraphs: str) -> list[str]:
    tree, findings = normalised(*paragraphs)
    assert findings == []
    return lines(render(tree, VALUES))


def found(*paragraphs: str) -> list[Finding]:
    return normalised(*paragraphs)[1]


# --- joining -----------------------------------------------------------------------------------

PROOF = '<w:proofErr w:type="spellStart"/>'
BOOKMARK = '<w:bookmarkStart w:id="7" w:name="_GoBack"/><w:bookmarkEnd w:id="7"/>'


@pytest.mark.parametrize(
    "runs",
    [
        [r("{"), r("{ nom }"), r("}")],
        [r("{{"), PROOF, r("nom"), PROOF, r("}}")],
        [r("{{ n"), BOOKMARK, r("om }}")],
        [r("{{ n"), f'<w:hyperlink r:id="rId9">{r("om")}</w:hyperlink>', r(" }}")],
        [r("{{ "), f"<w:smartTag w:uri='x' w:element='y'>{r('nom')}</w:smartTag>", r("}}")],
        [r("{{ "), f'<w:ins w:id="1" w:author="A">{r("nom")}</w:ins>', r("}}")],
        [r("{{ n"), f'<w:del w:id="1"><w:r><w:delText>xx</w:delText></w:r></w:del>{r("om}}")}'],
        [r("{{ "), f"<w:sdt><w:sdtPr/><w:sdtContent>{r('nom }}')}</w:sdtContent></w:sdt>"],
        [r("{{"), "<w:r><w:tab/></w:r>", r("nom"), "<w:r><w:br/></w:r>", r("}}")],
        [r("{{ no"), "<w:r><w:softHyphen/></w:r>", r("m }}")],
        ["<w:r><w:t>{{</w:t><w:t>nom</w:t><w:t>}}</w:t></w:r>"],
    ],
)
def test_a_tag_in_pieces_becomes_whole(runs: list[str]) -> None:
    tree, findings = normalised(p(r("a "), *runs, r(" b")))
    assert findings == []
    assert lines(tree) == ["a {{ nom }} b"]
    assert lines(render(tree, VALUES)) == ["a d’Arc & <Fils> b"]
    whole = [t.text for t in tree.iter(f"{{{W}}}t")]
    assert "{{ nom }}" in whole


def test_a_tag_takes_the_formatting_of_its_first_brace_and_leaves_its_neighbours_theirs() -> None:
    tree, _ = normalised(p(r("x{", "<w:b/>"), r("{nom", "<w:i/>"), r("}} y", "<w:u/>")))
    runs = [
        ("".join(str(x) for x in run.itertext()), [etree.QName(q).localname for q in run[0]])
        for run in tree.iter(f"{{{W}}}r")
    ]
    assert runs == [("x{{ nom }}", ["b"]), (" y", ["u"])]


def test_a_content_control_that_a_tag_leaves_empty_keeps_a_run() -> None:
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{r('nom }}')}</w:sdtContent></w:sdt>"
    tree, _ = normalised(p(r("{{ "), control))
    assert tree.find(f".//{{{W}}}sdtContent/{{{W}}}r") is not None


def test_a_document_without_tags_is_left_as_it_is() -> None:
    tree = part(p(r("Rien, « rien » {1, 2} du tout.")) + p(BOOKMARK))
    before = etree.tostring(tree)
    assert normalise_tags(tree, VOCABULARY) == []
    assert etree.tostring(tree) == before


TAGS = [
    "{{ nom }}",
    "{{ Prénom|majuscules }}",
    "{{date_naissance|date(“d MMMM yyyy”)}}",
    "{% if niveau != ‘-’ %}oui{% else %}non{% endif %}",
    "{% for d in domaines %}{{ d.nom }}{% for c in d.competences %}{{ c }}{% endfor %}{% endfor %}",
    "{# rien #}«Nom»{{ chef.nom }}",
]


@given(
    tag=st.sampled_from(TAGS),
    cuts=st.lists(st.integers(0, 110), max_size=12),
    noise=st.lists(
        st.sampled_from(["", PROOF, BOOKMARK, "<w:r><w:t/></w:r>"]), min_size=13, max_size=13
    ),
)
@example(tag=TAGS[3], cuts=list(range(60)), noise=[PROOF] * 61)
def test_a_tag_cut_anywhere_says_what_it_says_uncut(
    tag: str, cuts: list[int], noise: list[str]
) -> None:
    places = [0, *sorted(cut for cut in cuts if cut < len(tag)), len(tag)]
    pieces = [r(tag[a:b]) for a, b in pairwise(places)]
    runs = [x for piece, between in zip(pieces, noise, strict=False) for x in (piece, between)]
    tree, findings = normalised(p(r("« "), *runs, r(" »")))
    uncut, _ = normalised(p(r("« "), r(tag), r(" »")))
    assert findings == []
    assert lines(tree) == lines(uncut)
    assert lines(render(tree, VALUES)) == lines(render(uncut, VALUES))
    again = etree.tostring(tree)
    assert normalise_tags(tree, VOCABULARY) == []
    assert etree.tostring(tree) == again


@given(st.lists(st.text(alphabet="{}%#«»<>｛｝ nomif.|'\"“”", max_size=12), max_size=4))
def test_no_text_at_all_breaks_the_reading_of_tags(pieces: list[str]) -> None:
    tree, findings = normalised(p(*map(r, pieces)))
    assert all(finding.message and finding.where for finding in findings)
    assert etree.fromstring(etree.tostring(tree)) is not None


# --- forgiving ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("{{nom}}", "{{ nom }}"),
        ("{{\u00a0nom\u202f}}", "{{ nom }}"),
        ("{{ no\u200bm }}", "{{ nom }}"),
        ("{ { nom } }", "{{ nom }}"),
        ("｛｛nom｝｝", "{{ nom }}"),
        ("{{ NOM }}", "{{ nom }}"),
        ("{{ Prénom }}", "{{ prenom }}"),
        ("{{ Date de naissance }}", "{{ date_naissance }}"),
        ("{{ Commentaire jury pour l’organisation }}", "{{ commentaire }}"),
        ("{{ 1.1 }} {{ M_1#1 }} {{ C 1.1 }}", "{{ c_1_1 }} {{ c_1_1 }} {{ c_1_1 }}"),
        ("{{ Code de vérification }}", "{{ code_de_verification }}"),
        ("{{ Établissement.Ville }}", "{{ etablissement.ville }}"),
        ("{{ C_1_1.Plein }}", "{{ c_1_1.plein }}"),
        ("{{ nom|Majuscules }}", "{{ nom|majuscules }}"),
        ("{{ Nom | upper }}", "{{ nom| upper }}"),
        ("{{ nom.upper() }}", "{{ nom.upper() }}"),
        ("{{ Date de naissance|date(«\u202fd MMMM yyyy\u202f») }}",
         "{{ date_naissance|date('d MMMM yyyy') }}"),
        ("{{ classe|default(“l’élève”) }}", "{{ classe|default('l\\u2019élève') }}"),
        ("{{ nom|avant('né d’Arc') }}", "{{ nom|avant('né d\\u2019Arc') }}"),
        ("{%IF Niveau = “-” %}a{%Else%}b{%EndIf%}",
         "{% if niveau == '-' %}a{% else %}b{% endif %}"),
        ("{% if pix|int ≥ 250 AND Classe <> '2B' %}a{% else if classe %}b{% end if %}",
         "{% if pix|int >= 250 and classe != '2B' %}a{% elif classe %}b{% endif %}"),
        ("{% if Date de naissance %}a{% endif %}", "{% if date_naissance %}a{% endif %}"),
        ("{% if Prénom is not defined %}{% endif %}", "{% if prenom is not defined %}{% endif %}"),
        ("{%  p if Nom %}", "{%p if nom %}"),
        ("{{ 'Nom' ~ nom }}", "{{ 'Nom' ~ nom }}"),
        ("{% set x = Nom %}{{ x }}", "{% set x = nom %}{{ x }}"),
        ("{#  rien #}", "{#  rien #}"),
        ("«Nom» <<Prénom>> «M_11»", "{{ nom }} {{ prenom }} {{ c_1_1 }}"),
        ("« nom »", "{{ nom }}"),
        ("« Bonjour »", "« Bonjour »"),
    ],
)  # fmt: skip
def test_what_people_write_is_understood(written: str, right: str) -> None:
    tree, findings = normalised(p(r(written)))
    assert lines(tree) == [right]
    assert [finding for finding in findings if finding.code != "bloc-non-ferme"] == []


def test_names_that_a_loop_makes_are_its_own() -> None:
    inside = "{{ c.Nom }} {{ c.niveau }}{{ loop.index }},"
    loop = "{% for c in domaines[0].competences %}" + inside + "{% endfor %}"
    assert text(r(loop)) == loop.replace("c.Nom", "c.nom")
    assert printed(p(r(loop))) == ["Chercher 31,Gérer -2,"]


def test_paragraph_and_row_tags_work() -> None:
    row = "<w:tr><w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr>"
    rows = ["{%tr for d in Domaines %}", "{{ d.nom }}", "{%tr endfor %}"]
    table = f"<w:tbl>{''.join(row.format(text) for text in rows)}</w:tbl>"
    assert printed(
        p(r("{%p if Niveau %}")), p(r("{{ niveau }}")), p(r("{%p endif %}")), table, p()
    ) == [
        "Novice 1",
        "Information",
        "Communication",
        "",
    ]


def test_comparisons_survive_the_way_to_the_template_language() -> None:
    assert printed(p(r("{% if pix|int < 300 and pix|int > 200 %}a & b{% endif %}"))) == ["a & b"]


def test_values_and_texts_are_never_read_as_tags() -> None:
    tree, _ = normalised(p(r("{{ nom }}{{ “{{ 7*7 & <b> ’ }}” }}")))
    assert lines(render(part(p(r("{{ nom }}"))), {"nom": "{{ 7*7 }}"})) == ["{{ 7*7 }}"]
    assert tree is not None


def test_tags_in_a_pictures_description_are_put_right_too() -> None:
    picture = (
        '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{{ Prénom|avant(“à ”) }}"/>'
    )
    tree, findings = normalised(p(picture + "</wp:inline></w:drawing></w:r>"))
    assert findings == []
    assert b'descr="&#224; &#201;lo&#239;se"' in etree.tostring(render(tree, VALUES))


# --- findings ----------------------------------------------------------------------------------


def test_a_quotation_that_could_be_a_tag_stays_and_is_pointed_out() -> None:
    tree, findings = normalised(p(r("La certification « Pix »")))
    assert lines(tree) == ["La certification « Pix »"]
    assert [(f.code, f.severity) for f in findings] == [("citation", "warning")]
    assert "{{ pix }}" in findings[0].message


def test_single_braces_around_nearly_a_tag_are_only_pointed_out() -> None:
    assert [(f.code, f.severity) for f in found(p(r("{prenon} {1.1} {voir plus bas}")))] == [
        ("accolade-simple", "warning")
    ]


@pytest.mark.parametrize(
    ("written", "code", "says"),
    [
        ("{{ prenon }}", "balise-inconnue", "vouliez-vous dire «\u202fprenom\u202f»\u202f?"),
        ("{{ chef.nim }}", "balise-inconnue", "«\u202fchef.nom\u202f»"),
        ("{% if truc %}x{% endif %}", "balise-inconnue", "«\u202ftruc\u202f» ne correspond"),
        ("{{ nom|uper }}", "filtre-inconnu", "«\u202fupper\u202f»"),
        ("{{ nom", "balise-non-fermee", "ajoutez }}"),
        ("{{ nom {{ prenom }}", "balise-non-fermee", "«\u202f{{ nom {{ prenom }}\u202f»"),
        ("{% if nom", "balise-non-fermee", "ajoutez %}"),
        ("nom }}", "balise-non-ouverte", "ajoutez {{"),
        ("{% if nom %}", "bloc-non-ferme", "ajoutez {% endif %}"),
        ("{%p for d in domaines %}", "bloc-non-ferme", "ajoutez {%p endfor %}"),
        ("{% endif %}", "bloc-non-ouvert", "{% if %}"),
        ("{% else %}", "bloc-non-ouvert", "{% if %}"),
        ("{ nom }", "accolade-simple", "{{ nom }}"),
        ("{{ nom + }}", "balise-illisible", "guillemets"),
        ("{{ nom|date(“x) }}", "balise-illisible", "guillemets"),
        ("{% include 'x' %}", "instruction-inconnue", "include"),
        ("{% macro x() %}", "instruction-inconnue", "macro"),
        ("{% si nom %}", "instruction-inconnue", "«\u202fsi\u202f» s’écrit «\u202fif\u202f»"),
        ("{{ date_naissance|date(yyyy) }}", "balise-inconnue", "Un texte se met entre guillemets"),
        ("{{ nom et prenom }}", "mot-francais", "«\u202fet\u202f» s’écrit «\u202fand\u202f»"),
        ("{{ nom.__class__ }}", "balise-interdite", "__class__"),
    ],
)
def test_what_cannot_be_understood_is_said(written: str, code: str, says: str) -> None:
    findings = found(p(r(written)))
    assert [finding.code for finding in findings] == [code]
    assert findings[0].severity == "error"
    assert says in findings[0].message


def test_everything_wrong_is_said_at_once_with_its_place() -> None:
    cell = f"<w:tc>{p(r('Classe : {{ clase }} merci'))}</w:tc>"
    row = f"<w:tr><w:tc>{p()}</w:tc></w:tr>"
    findings = found(
        p(r("Titre")), p(r("{{ prenon }}")), f"<w:tbl>{row}<w:tr>{cell}</w:tr></w:tbl>"
    )
    assert [finding.where for finding in findings] == [
        "corps du document, paragraphe 2\u00a0: «\u202f{{ prenon }}\u202f»",
        "corps du document, paragraphe 4, tableau 1, ligne 2\u00a0: "
        "«\u202fClasse : {{ clase }} merci\u202f»",
    ]


def test_the_words_around_are_shown_and_no_more() -> None:
    where = found(p(r("un mot " * 30 + "{{ prenon }}" + " deux mots" * 30)))[0].where
    assert where.endswith("…\u202f»")
    assert "{{ prenon }}" in where
    assert len(where) < 120


def test_a_block_that_would_break_a_table_is_said() -> None:
    cell = f"<w:tbl><w:tr><w:tc>{p(r('{% endif %}'))}</w:tc></w:tr></w:tbl>"
    assert [f.code for f in found(p(r("{% if nom %}")), cell, p())] == ["bloc-a-cheval"]
    assert [f.code for f in found(p(r("{%p if nom %}")), p(r("a{% endif %}")))] == ["bloc-a-cheval"]


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("{%p if nom %} lost", "kept", "{%p endif %}"),
        ("{%p if nom %}", "kept", "lost {%p endif %}"),
        ("{%p if nom %} lost {% endif %}",),
    ],
)
def test_words_beside_a_tag_that_takes_the_paragraph_away_are_not_lost_without_a_word(
    paragraphs: tuple[str, ...],
) -> None:
    finding = found(*(p(r(text)) for text in paragraphs))[0]
    assert finding.code == "bloc-pas-seul"
    assert finding.severity == "error"
    assert "Mettez-la seule dans un paragraphe" in finding.message


def test_both_ends_of_a_loop_in_one_row_are_refused_with_what_to_do() -> None:
    texts = ("{%tr for d in domaines %}", "{{ d.nom }}{%tr endfor %}")
    cells = "".join(f"<w:tc>{p(r(text))}</w:tc>" for text in texts)
    findings = found(f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>", p())
    assert [finding.code for finding in findings] == ["bloc-pas-seul"] * 2
    assert "une ligne du tableau" in findings[0].message


def test_blocks_may_run_over_neighbouring_paragraphs_and_cells() -> None:
    cells = [f"<w:tc>{p(r(text))}</w:tc>" for text in ("{% if nom %}a", "b{% endif %}")]
    assert found(f"<w:tbl><w:tr>{''.join(cells)}</w:tr></w:tbl>", p()) == []
    assert printed(p(r("{% if nom %}a")), p(r("b{% endif %}"))) == ["a", "b"]


def test_both_copies_of_a_text_box_are_put_right_and_named_once() -> None:
    box = f"<w:txbxContent>{p(r('{{ Pré'), r('nom }} {{ prenon }}'))}</w:txbxContent>"
    both = f"<mc:Choice Requires='wps'>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    holder = p(f"<w:r><mc:AlternateContent>{both}</mc:AlternateContent></w:r>", r("{{ Nom }}"))
    tree, findings = normalised(p(), holder)
    assert lines(tree)[1:] == ["{{ nom }}", *["{{ prenom }} {{ prenon }}"] * 2]
    assert [finding.where for finding in findings] == [
        "corps du document, zone de texte, paragraphe 3\u00a0: "
        "«\u202f{{ Prénom }} {{ prenon }}\u202f»"
    ]


@pytest.mark.parametrize(("root", "label"), [("hdr", "en-tête"), ("ftr", "pied de page")])
def test_headers_and_footers_are_named_as_such(root: str, label: str) -> None:
    _, findings = normalised(p(r("{{ prenon }}")), root=root)
    assert findings[0].where.startswith(f"{label}, paragraphe 1")


def test_a_flood_of_faults_is_counted_and_not_listed() -> None:
    findings = found(*(p(r(f"{{{{ inconnu{i} }}}}")) for i in range(300)))
    assert len(findings) == 201
    assert findings[-1].message.startswith("Il y a encore 100 autres points")


@pytest.mark.parametrize("flood", ["{{", "{#", "{%", "}}", "«", "{ "])
def test_a_flood_of_braces_is_read_in_no_time(flood: str) -> None:
    assert len(found(p(r(flood * 20_000)))) <= 201


def test_messages_have_french_spaces() -> None:
    for finding in found(p(r("{{ prenon }} {{ nom {% if x %} « Pix » }}"))):
        for sign in ";!?»":
            assert f" {sign}" not in finding.message
        assert "« " not in finding.message
