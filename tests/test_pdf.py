"""Every pupil's pages are found, proven to be that pupil's, cut out, and nothing else with them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.documents import pdf_class, word_class
from support.every_engine import ENGINES

from mailmerge.engines import choose
from mailmerge.errors import VerificationError
from mailmerge.pdf import Expected, Located, Meta, bind, locate, split
from mailmerge.pdf.proving import squash

META = Meta("Collège Jean-Moulin", datetime(2026, 6, 30, 12, 0, tzinfo=UTC))
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
MARKS = {"Eleve00001": 0, "Eleve00002": 1, "Eleve00003": 2}

ZOE = Expected("Eleve00001", "DUPONT Zoé", ("Dupont", "Zoé", "1000001"), "1000001")
PAUL = Expected("Eleve00002", "ÉMILE Paul", ("Émile", "Paul", "1000002"), "1000002")
LEA = Expected("Eleve00003", "LI Léa", ("Li", "Léa", "1000003"), "1000003")
CLASS = (ZOE, PAUL, LEA)


def page(pupil: Expected) -> list[str]:
    return [" ".join(pupil.texts[:2]), f"Certification n° {pupil.numero}"]


PAGES = [page(pupil) for pupil in CLASS]


def text_of(pdf: Path) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


# Finding


@pytest.mark.parametrize("name_tree", [False, True], ids=["/Dests", "/Names"])
def test_pages_run_from_one_bookmark_to_the_next(tmp_path: Path, name_tree: bool) -> None:
    pages = [page(ZOE), page(PAUL), ["suite"], page(LEA)]
    marks = {"Eleve00001": 0, "Eleve00002": 1, "Eleve00003": 3, "_GoBack": 2}
    pdf = pdf_class(tmp_path / "a.pdf", pages, marks, name_tree=name_tree)
    assert locate(pdf, CLASS, True) == Located((range(1), range(1, 3), range(3, 4)), ())


def test_without_bookmarks_the_pages_are_shared_out_evenly(tmp_path: Path) -> None:
    pdf = pdf_class(tmp_path / "a.pdf", [p for own in PAGES for p in (own, ["suite"])])
    assert locate(pdf, CLASS, False).ranges == (range(2), range(2, 4), range(4, 6))


@pytest.mark.parametrize("pages", [2, 4], ids=["fewer", "not a multiple"])
def test_pages_that_can_not_be_shared_out_are_refused(tmp_path: Path, pages: int) -> None:
    pdf = pdf_class(tmp_path / "a.pdf", [["x"]] * pages)
    with pytest.raises(VerificationError, match=f"a {pages} pages pour 3 élèves"):
        locate(pdf, CLASS, False)


@pytest.mark.parametrize(
    ("marks", "named"),
    [
        ({"Eleve00001": 0, "Eleve00003": 2}, "ÉMILE Paul"),
        ({"Eleve00001": 0, "Eleve00002": 0, "Eleve00003": 2}, "ÉMILE Paul"),
        ({"Eleve00001": 0, "Eleve00002": 2, "Eleve00003": 1}, "LI Léa"),
        ({"Eleve00001": 1, "Eleve00002": 1, "Eleve00003": 2}, "ÉMILE Paul"),
    ],
    ids=["missing", "two on one page", "out of order", "a page before the first"],
)
def test_bookmarks_that_are_wrong_name_the_pupil(
    tmp_path: Path, marks: dict[str, int], named: str
) -> None:
    with pytest.raises(VerificationError, match=named):
        locate(pdf_class(tmp_path / "a.pdf", PAGES, marks), CLASS, True)


def test_a_page_before_the_first_pupil_is_refused(tmp_path: Path) -> None:
    pdf = pdf_class(
        tmp_path / "a.pdf", [["couverture"], *PAGES], {k: v + 1 for k, v in MARKS.items()}
    )
    with pytest.raises(VerificationError, match="qui n’est à personne"):
        locate(pdf, CLASS, True)


def test_no_pupil_is_no_page(tmp_path: Path) -> None:
    assert locate(pdf_class(tmp_path / "a.pdf", [["x"]]), [], True) == Located((), ())


# Proving


@pytest.mark.parametrize("bookmarks", [True, False])
def test_two_pupils_swapped_are_noticed(tmp_path: Path, bookmarks: bool) -> None:
    pdf = pdf_class(tmp_path / "a.pdf", [PAGES[1], PAGES[0], PAGES[2]], MARKS)
    with pytest.raises(VerificationError, match="La page de DUPONT Zoé porte le numéro"):
        locate(pdf, CLASS, bookmarks)


def test_the_next_pupil_s_number_on_a_page_is_noticed(tmp_path: Path) -> None:
    pages = [PAGES[0], [*PAGES[1], "n°1000003"], PAGES[2]]
    with pytest.raises(VerificationError, match=r"ÉMILE Paul porte le numéro .* de LI Léa"):
        locate(pdf_class(tmp_path / "a.pdf", pages, MARKS), CLASS, True)


@pytest.mark.parametrize("lost", ["Dupont", "Zoé", "1000001"])
def test_a_name_or_number_that_is_not_printed_is_noticed(tmp_path: Path, lost: str) -> None:
    pages = [[line.replace(lost, "") for line in PAGES[0]], *PAGES[1:]]
    with pytest.raises(VerificationError, match="DUPONT Zoé ne porte pas"):
        locate(pdf_class(tmp_path / "a.pdf", pages, MARKS), CLASS, True)


def test_an_accent_that_was_lost_is_noticed(tmp_path: Path) -> None:
    pages = [["Dupont Zoe", "1000001"], *PAGES[1:]]
    with pytest.raises(VerificationError, match="DUPONT Zoé"):
        locate(pdf_class(tmp_path / "a.pdf", pages, MARKS), CLASS, True)


def test_messages_hold_no_number(tmp_path: Path) -> None:
    pages = [PAGES[1], PAGES[0], PAGES[2]]
    with pytest.raises(VerificationError) as caught:
        locate(pdf_class(tmp_path / "a.pdf", pages, MARKS), CLASS, True)
    assert "100000" not in caught.value.message


def test_a_short_number_may_be_a_score_or_a_postal_code(tmp_path: Path) -> None:
    short = [Expected("Eleve00001", "A", ("266",), "266"), Expected("Eleve00002", "B", (), "75011")]
    pages = [["266 pix", "75011 Paris"], ["266 pix", "75011 Paris"]]
    pdf = pdf_class(tmp_path / "a.pdf", pages, {"Eleve00001": 0, "Eleve00002": 1})
    assert locate(pdf, short, True).unprintable == ()


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Straße", "STRASSE"),
        ("de la Rochefoucauld-Montbel", "DE LA ROCHEFOU-\nCAULD-MONTBEL"),
        ("Zoé", "ZOE\u0301"),
        ("Soﬁa", "Sofia"),
        ("L’Hôte", "L'Hôte"),
        ("Jean-Pierre", "Jean\u2011Pierre"),
        ("Ana\u00a0Maria", "Ana\u00ad Maria"),
    ],
)
def test_the_same_name_in_another_typography_is_the_same(name: str, printed: str) -> None:
    assert squash(name) == squash(printed)


@pytest.mark.parametrize("other", ["Zoe", "Zoë", "Zo", "Zoé&"])
def test_another_name_is_another(other: str) -> None:
    assert squash(other) != squash("Zoé")


LETTERS = st.text("aàâæbcçdeéèêëfghiîïjkœôöuùûüÿzñßłøşğščžáíóúñåäđ'&", min_size=1)


@given(LETTERS, st.data())
def test_a_name_that_wraps_anywhere_in_capitals_is_still_found(
    name: str, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(name)))
    printed = f"{name[:cut].upper()}-\r\n{name[cut:].upper()}"
    assert squash(name) in squash(f"Attestation\r\n{printed}\r\nnée le")


# Characters that no font of the machine has

NAMES = {
    "Élodie Nguyễn Thị": True,
    "Ελένη Иван": True,
    "Łukasz Ødegård Šárka": True,
    "محمد علي": True,
    "דוד כהן": True,
    "李小龙": False,
    "தமிழ்": False,
    "𓀀𓀁": False,
    "Jean \U0010fffd": False,
    "Marie 李": False,
    "Soﬁa محمد": True,
    "Ａｎｎａ １＋１": False,
    "Eve ＝Ba": False,
}


@pytest.fixture
def only_dejavu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose only fonts are DejaVu: no Chinese, Tamil or hieroglyphs."""
    if not DEJAVU.is_dir() or not Path("/etc/fonts/conf.d").is_dir():
        pytest.skip("needs DejaVu and fontconfig")
    fonts = tmp_path / "fonts.conf"
    fonts.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig><dir>{DEJAVU}</dir><cachedir>{tmp_path}/cache</cachedir>"
        '<include ignore_missing="yes">/etc/fonts/conf.d</include></fontconfig>',
        encoding="utf-8",
    )
    monkeypatch.setenv("FONTCONFIG_FILE", str(fonts))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_name_without_a_font_drops_that_pupil_alone(
    engine: str, tmp_path: Path, only_dejavu: None
) -> None:
    expected = [
        Expected(
            f"Eleve{rank:05d}", name, (*name.split(), str(2_000_000 + rank)), f"{2_000_000 + rank}"
        )
        for rank, name in enumerate(NAMES, 1)
    ]
    docx = word_class(tmp_path / "a.docx", [(p.name, f"n° {p.numero} ■■□") for p in expected])
    choose(engine)[0].convert(docx, tmp_path / "a.pdf")
    located = locate(tmp_path / "a.pdf", expected, True)
    dropped = [expected[rank].name for rank in located.unprintable]
    assert dropped == [name for name, drawn in NAMES.items() if not drawn]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_wrong_name_in_another_script_is_no_missing_font(engine: str, tmp_path: Path) -> None:
    docx = word_class(tmp_path / "a.docx", [("Ελένη", "2000001")])
    choose(engine)[0].convert(docx, tmp_path / "a.pdf")
    with pytest.raises(VerificationError, match="Иван"):
        locate(tmp_path / "a.pdf", [Expected("Eleve00001", "Иван", ("Иван",))], True)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_real_class_with_a_two_page_pupil_is_proven_and_cut(engine: str, tmp_path: Path) -> None:
    lines = [page(ZOE), [*page(PAUL), *["ligne"] * 35], page(LEA)]
    choose(engine)[0].convert(word_class(tmp_path / "a.docx", lines), tmp_path / "a.pdf")
    located = locate(tmp_path / "a.pdf", CLASS, choose(engine)[0].keeps_bookmarks)
    assert [len(pages) for pages in located.ranges] == [1, 2, 1]
    targets = [tmp_path / f"{rank}.pdf" for rank in range(3)]
    split(tmp_path / "a.pdf", located.ranges, targets, ["A", "B", "C"], META)
    for pupil, target in zip(CLASS, targets, strict=True):
        assert locate(target, [Expected("", pupil.name, pupil.texts, pupil.numero)], False)
        assert b"Eleve0000" not in target.read_bytes()


# Cutting and binding


def test_each_pupil_gets_their_pages_and_nothing_of_the_others(tmp_path: Path) -> None:
    pdf = pdf_class(tmp_path / "a.pdf", [PAGES[0], PAGES[1], ["suite de Paul"], PAGES[2]], MARKS)
    with pikepdf.open(pdf, allow_overwriting_input=True) as source:
        first, last = source.pages[0], source.pages[3]
        goto = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Link,
            Rect=[0, 0, 9, 9],
            Dest=pikepdf.Array([last.obj, pikepdf.Name.Fit]),
        )
        web = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Link,
            Rect=[0, 0, 9, 9],
            A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://pix.fr"),
        )
        first.Annots = pikepdf.Array([source.make_indirect(goto), source.make_indirect(web)])
        first.obj.PieceInfo = pikepdf.Dictionary(Other=last.obj)
        source.save(pdf)
    targets = [tmp_path / "zoe.pdf", tmp_path / "paul.pdf"]
    split(pdf, [range(1), range(1, 3)], targets, ["Attestation – Zoé", "Attestation – Paul"], META)
    assert "Zoé" in text_of(targets[0])
    assert "suite de Paul" in text_of(targets[1])
    with pikepdf.open(targets[0]) as zoe:
        assert len(zoe.pages) == 1
        assert [str(note.A.URI) for note in zoe.pages[0].Annots] == ["https://pix.fr"]
        assert "/Dests" not in zoe.Root
        assert "/Names" not in zoe.Root
        kinds = [o.get("/Type") for o in zoe.objects if isinstance(o, pikepdf.Dictionary)]
        assert kinds.count(pikepdf.Name.Page) == 1


def test_a_file_says_its_title_author_date_and_language(tmp_path: Path) -> None:
    pdf = pdf_class(tmp_path / "a.pdf", PAGES, MARKS)
    split(pdf, [range(1)], [tmp_path / "zoe.pdf"], ["Attestation – Zoé"], META)
    with pikepdf.open(tmp_path / "zoe.pdf") as zoe:
        assert str(zoe.docinfo["/Title"]) == "Attestation – Zoé"
        assert str(zoe.docinfo["/Author"]) == "Collège Jean-Moulin"
        assert str(zoe.docinfo["/CreationDate"]) == "D:20260630120000+00'00'"
        assert str(zoe.Root.Lang) == "fr-FR"


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    pdf = pdf_class(tmp_path / "a.pdf", PAGES, MARKS)
    one, two = tmp_path / "1.pdf", tmp_path / "2.pdf"
    for target in (one, two):
        split(pdf, [range(2)], [target], ["A"], META)
    assert one.read_bytes() == two.read_bytes()


def test_a_class_is_bound_from_several_sources_with_an_outline(tmp_path: Path) -> None:
    first = pdf_class(tmp_path / "a.pdf", [PAGES[0], PAGES[1], ["suite"]])
    second = pdf_class(tmp_path / "b.pdf", [PAGES[2]])
    target = tmp_path / "classe.pdf"
    sources = [(first, [range(1, 3), range(1)]), (second, [range(1)])]
    bind(sources, ["Paul", "Zoé", "Léa"], target, "3°A", META)
    with pikepdf.open(target) as bound:
        assert len(bound.pages) == 4
        with bound.open_outline() as outline:
            assert [item.title for item in outline.root] == ["Paul", "Zoé", "Léa"]
            pages = [bound.pages.index(pikepdf.Page(i.destination[0])) for i in outline.root]
        assert pages == [0, 2, 3]
    assert text_of(target).index("Paul") < text_of(target).index("Zoé")
