"""What stands on a page is read the same, whether block by block or by a parser of the whole."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from support.documents import word_class
from support.every_engine import ENGINES

from mailmerge.engines import choose
from mailmerge.errors import VerificationError
from mailmerge.pdf import Expected, drawn, locate
from mailmerge.pdf.drawn import JOINT, DrawnText

PLAIN = b"BT\n/F1 12 Tf\n1 0 0 -1 51 26 Tm\n<44> Tj\n8 0 Td <75> Tj\n7 0 Td <7072E9> Tj\nET\n"
SECOND = b"BT\n/F1 12 Tf\n1 0 0 -1 99 26 Tm\n<4C69> Tj\nET\n"


def page_of(folder: Path, content: bytes, *more: bytes) -> Path:
    """A PDF with a page for each content stream; font F1 has Windows's letters."""
    path = folder / "page.pdf"
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
        )
        for each in (content, *more):
            page = pdf.add_blank_page(page_size=(595, 842))
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
            page.Contents = pdf.make_stream(each)
        pdf.save(path)
    return path


def read(path: Path, index: int = 0) -> str:
    with pikepdf.open(path) as pdf:
        return DrawnText(pdf).of_page(index)


def parts(found: str) -> list[str]:
    return [part for part in found.split(JOINT) if part]


@pytest.fixture
def thorough(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page is read the quick way."""
    monkeypatch.setattr(drawn, "_plain_content", lambda *_: None)


@pytest.fixture
def no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page is read the thorough way."""
    monkeypatch.setattr(pikepdf, "parse_content_stream", None)


def test_a_plain_page_is_read_without_a_parser(tmp_path: Path, no_parser: None) -> None:
    assert parts(read(page_of(tmp_path, PLAIN + SECOND))) == ["Dupré", "Li"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (PLAIN + SECOND, "Dupré|Li"),
        (b"BT\n/F1 9 Tf\n<44> Tj\n50 0 Td <75> Tj\nET\n", "D|u"),
        (b"q\nBT\n/F1 9 Tf\n5 7 Td [<44>-3<75>]TJ\nET\nQ\n", "Du"),
        (b"BT\n/F1 9 Tf\n<44> Tj\n0 -14 Td <75> Tj\nET\n", "D|u"),
        (b"BT\n/F1 9 Tf\n[<44>-2500<75>]TJ\nET\n", "D|u"),
        (b"BT\n/F1 9 Tf\n[(D)-2500(u)]TJ\nET\n", "D|u"),
        (b"BT\n/F1 9 Tf\n<44> Tj\nET\nq\n/F2 9 Tf\nQ\nBT\n<75> Tj\nET\n", "D|u"),
        (b"BT\n/F1 9 Tf\n<44> Tj\nT*\n<75> Tj\nET\n", "D|u"),
        (b"BT\n/F1 9 Tf\n14 TL <44> Tj\n<75> '\nET\n", "D|u"),
        (b"BT\n/F1 9 Tf\n<44> Tj\n1 0 0 1 5 5 Tm <75> Tj\nET\n", "D|u"),
        (b"BT /F1 9 Tf <44> Tj ET\n" + SECOND, "D|Li"),
        (b"BT\n/F1 9 Tf\n(D\\165) Tj\nET\n", "Du"),
        (b"BT\n/F1 9 Tf\n<44 75> Tj\nET\n", "Du"),
        (b"BT\n/F1 9 Tf\n<4> Tj\nET\n", "@"),
        (b"/Span <</ActualText <FEFF0044>>> BDC\nBT\n/F1 9 Tf\n<75> Tj\nET\nEMC\n", "D"),
        (b"BT\n/F2 9 Tf\n<44> Tj\nET\n" + SECOND, "Li"),
    ],
    ids=[
        "two blocks", "farther on", "array", "next line", "a gap", "a gap between literal strings",
        "the font from before", "T*", "quote", "another place", "spaces for lines",
        "literal string", "spaces in a string", "half a byte", "said otherwise", "no such font",
    ],
)  # fmt: skip
def test_every_way_to_write_text_is_read(tmp_path: Path, content: bytes, text: str) -> None:
    assert parts(read(page_of(tmp_path, content))) == text.split("|")


def test_a_form_on_the_page_is_read_too(tmp_path: Path) -> None:
    path = page_of(tmp_path, b"/X1 Do\n" + PLAIN)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        form = pdf.make_stream(SECOND, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
        form.Resources = pdf.pages[0].Resources
        pdf.pages[0].Resources.XObject = pikepdf.Dictionary(X1=form)
        pdf.save(path)
    assert read(path).replace(JOINT, "") == "LiDupré"


def test_fonts_of_the_same_name_on_two_pages_are_two_fonts(tmp_path: Path) -> None:
    path = page_of(tmp_path, PLAIN, PLAIN)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        other = pikepdf.Dictionary(pdf.pages[1].Resources.Font.F1)
        other.ToUnicode = pdf.make_stream(b"1 beginbfrange <00> <FF> <0041> endbfrange")
        fonts = pikepdf.Dictionary(F1=pdf.make_indirect(other))
        pdf.pages[1].Resources = pikepdf.Dictionary(Font=fonts)
        pdf.save(path)
    with pikepdf.open(path) as pdf:
        reader = DrawnText(pdf)
        assert parts(reader.of_page(0)) == ["Dupré"]
        assert parts(reader.of_page(1)) == ["\x85¶±³Ī"]


LINES = [
    ["Attestation de Zoé Dupré-N’Guyen", "Certification n° 1000001", "office, œuvre, fi fl"],
    ["Attestation d’Ελένη Иван", "Certification n° 1000002", "12 345,6 Pix – « très bien »"],
]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_s_page_reads_the_same_both_ways(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    pdf = tmp_path / "a.pdf"
    choose(engine)[0].convert(word_class(tmp_path / "a.docx", LINES), pdf)
    quick = [read(pdf, index).replace(JOINT, "") for index in range(2)]
    request.getfixturevalue("thorough")
    assert quick == [read(pdf, index).replace(JOINT, "") for index in range(2)]
    assert "DupréN’Guyen" in quick[0].replace(" ", "").replace("-", "")


# A number that belongs to somebody else, however it is written

OWN = Expected("Eleve00001", "Zoé", ("1000001",), "1000001")
NEXT = Expected("Eleve00002", "Léa", ("1000002",), "1000002")


def shown(text: str, x: int = 50, y: int = 26) -> bytes:
    codes = text.encode("cp1252").hex().encode()
    return b"BT\n/F1 9 Tf\n1 0 0 -1 %d %d Tm\n<%s> Tj\nET\n" % (x, y, codes)


@pytest.mark.parametrize(
    "stranger",
    [
        shown("1000002"),
        shown("n 1000") + shown("002", 80),
        shown("x") + shown("1000002", 80) + shown("y", 120),
        shown("nom", y=60) + shown("1000", 50, 90) + shown("002", 70, 90) + shown("fin", y=120),
        b"BT\n/F1 9 Tf\n<31303030303031> Tj\n0 -9 Td <31303030303032> Tj\nET\n",
    ],
    ids=[
        "a block", "spread over two", "between two", "partly bold, on a line of its own",
        "under another number",
    ],
)  # fmt: skip
def test_another_pupil_s_number_is_noticed(tmp_path: Path, stranger: bytes) -> None:
    path = page_of(tmp_path, shown("1000001") + stranger, shown("1000002"))
    with pytest.raises(VerificationError, match="porte le numéro de certification de Léa"):
        locate(path, [OWN, NEXT], bookmarks=False)


def test_another_pupil_s_number_in_a_font_with_letters_of_its_own_is_noticed(
    tmp_path: Path,
) -> None:
    mixed = shown("1000001") + shown("baaaaac", y=60).replace(b"F1", b"F2")
    path = page_of(tmp_path, mixed, shown("1000002"))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        fonts = pdf.pages[0].Resources.Font
        fonts.F2 = pdf.make_indirect(pikepdf.Dictionary(dict(fonts.F1.items())))
        names = [97, pikepdf.Name.zero, pikepdf.Name.one, pikepdf.Name.two]
        fonts.F2.Encoding = pikepdf.Dictionary(Differences=names)
        pdf.save(path)
    with pytest.raises(VerificationError, match="porte le numéro de certification de Léa"):
        locate(path, [OWN, NEXT], bookmarks=False)


@pytest.mark.parametrize("odd", [b"Tf\n", b"Do\n", b"(x) Do\n"])
def test_a_page_written_as_none_should_be_is_left_to_pdfium(tmp_path: Path, odd: bytes) -> None:
    path = page_of(tmp_path, b"(x) Tj\n" + odd + shown("1000001"), shown("1000002"))
    assert locate(path, [OWN, NEXT], bookmarks=False).unprintable == ()
    path = page_of(tmp_path, odd + shown("1000001") + shown("(1000002)", y=60), shown("1000002"))
    with pytest.raises(VerificationError, match="porte le numéro de certification de Léa"):
        locate(path, [OWN, NEXT], bookmarks=False)


def test_figures_of_neighbouring_cells_are_no_number(tmp_path: Path) -> None:
    """A row of levels: 3, then 1, 0, 0, 0, 0, 0, 2, then 4."""
    cells = b"".join(shown(figure, 50 + 30 * at, 60) for at, figure in enumerate("310000024"))
    path = page_of(tmp_path, shown("1000001") + cells, shown("1000002"))
    assert locate(path, [OWN, NEXT], bookmarks=False).unprintable == ()


# A name that is not the one on the page


@pytest.mark.parametrize(
    ("name", "page"),
    [("Ａｄａ", "DURAND"), ("Noé", "Le nom de Zoé"), ("Éa", "René, Ana"), ("x²", "2x")],
    ids=["wide letters", "in two parts", "one letter of it", "in another order"],
)
def test_letters_here_and_there_are_not_a_name(tmp_path: Path, name: str, page: str) -> None:
    path = page_of(tmp_path, shown(page) + shown("1000001", y=60))
    with pytest.raises(VerificationError, match="ne porte pas son nom"):
        locate(path, [Expected("Eleve00001", name, (name, "1000001"))], bookmarks=False)


def test_what_only_a_layout_shows_is_left_to_pdfium(tmp_path: Path) -> None:
    path = page_of(tmp_path, shown("Dupre", 90) + shown("1000001", 200) + shown("Zoe ", 50))
    pupil = Expected("Eleve00001", "Zoe Dupre", ("Zoe Dupre", "1000001"), "1000001")
    assert locate(path, [pupil], bookmarks=False).unprintable == ()


def test_another_pupil_s_number_that_only_a_layout_shows_is_noticed_too(tmp_path: Path) -> None:
    """Both numbers are drawn in pieces, the last one first; only one pupil's page is in doubt."""
    own = Expected("Eleve00001", "Zoe Dupre", ("Zoe Dupre",), "1000001")
    mixed = shown("Dupre ", 90) + shown("002 ", 250) + shown("Zoe ", 50) + shown("1000", 230)
    path = page_of(tmp_path, mixed, shown("1000002"))
    with pytest.raises(VerificationError, match="porte le numéro de certification de Léa"):
        locate(path, [own, NEXT], bookmarks=False)
