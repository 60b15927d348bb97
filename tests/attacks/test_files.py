"""Files built to fill the memory, to read other files or never to end: named, and left unread.

More of the same, piece by piece: `tests/template/test_opening.py` (templates),
`tests/template/test_sandbox.py` (code in tags), `tests/results/test_rosters.py` (SIECLE),
`tests/template/test_images.py` (pictures), `tests/fuzz/` (damage).
"""

from __future__ import annotations

import functools
import gzip
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from support.attacked import Outcome, attacked, printed
from support.bombs import (
    LAUGHS,
    archive,
    huge_png,
    in_part,
    lying,
    ods_cell,
    open_document,
    workbook,
)
from support.every_engine import ENGINES
from support.old_books import (
    book,
    dimensions,
    endless,
    formula,
    number,
    old_file,
    own_text,
    shared,
    use,
)
from support.pix_exports import certification
from support.printing import WHO, page_field, para, picture, word_file
from support.rosters import siecle_xml
from support.school import School, school_in

from mailmerge.engines import libreoffice
from mailmerge.errors import TemplateError
from mailmerge.results.reading import read_sources
from mailmerge.template.opening import check_template

SHEET, SHARED, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
END = "</sheetData>"
FAR_ROW = "<table:table-row table:number-rows-repeated='1048576'>{}</table:table-row>"
ROW = "<table:table-row>{}</table:table-row>"
CANARY = "CANARI-7f3a"


def laughing(name: str, text: str) -> str:
    if name != SHARED:
        return text
    return text.replace("<sst", f"{LAUGHS}<sst", 1).replace("Élodie", "&a9;")


def many_uses(name: str, text: str) -> str:
    """A text of 32,000 letters in 150,000 cells: 5 GB."""
    if name == SHARED:
        return text.replace("Élodie", "x" * 32_000)
    row = '<row><c t="s"><v>9</v></c>' + '<c t="s"><v>{}</v></c>' * 40 + "</row>"
    rows = row.format(*range(40)) * 4_000
    return text.replace(END, rows + END) if name == SHEET else text


def outside(canary: Path) -> str:
    return f'<!DOCTYPE sst [<!ENTITY x SYSTEM "file://{canary}">]><sst'


@functools.cache
def hostile() -> dict[str, bytes]:
    """Workbooks by name; made when they are needed."""
    return {
        "laughs.xlsx": workbook(laughing),
        "far.xlsx": workbook(in_part(SHEET, END, f'<row><c r="XFD99999"><v>1</v></c></row>{END}')),
        "far-hidden.xlsx": workbook(
            in_part(SHEET, END, f'<row><c r="XFD1048576"><!-- --><v>1</v></c></row>{END}')
        ),
        "far-unsaid.xlsx": workbook(
            in_part(SHEET, END, f'<row r="1048576">{"<c/>" * 16_383}<c><v>1</v></c></row>{END}')
        ),
        "sheets.xlsx": workbook(
            lambda name, text: text.replace(
                "</sheets>",
                "".join(f'<sheet name="b{n}" sheetId="{n}" r:id="rId1"/>' for n in range(2, 20_000))
                + "</sheets>",
            ) if name == BOOK else text
        ),
        "shared.xlsx": workbook(many_uses),
        "elsewhere.xlsx": workbook(
            in_part("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "a.bin"),
            **{"xl/a.bin": '<worksheet><sheetData><row><c r="XFD1048576"><v>1</v></c></row>'
               "</sheetData></worksheet>"},
        ),
        "binary.xlsx": archive({"xl/workbook.bin": b"\x83\x01", "xl/workbook.xml": "<workbook/>"}),
        "ratio.xlsx": workbook(**{"xl/media/a.bin": "\0" * 60_000_000}),
        "members.xlsx": archive(dict.fromkeys((f"xl/{n}" for n in range(6_000)), b"")
                                | {"xl/workbook.xml": "<workbook/>"}),
        "lying.xlsx": lying(workbook(**{"xl/media/a.bin": "\0" * 3_000_000})),
        "nested.zip.xlsx": archive({"a.zip": archive({"b.zip": b"\0" * 9_000_000})}),
        "laughs.ods": open_document(ROW.format(ods_cell("&a9;")), LAUGHS),
        "repeated.ods": open_document(FAR_ROW.format(ods_cell("x", "16384"))),
        "spaces.ods": open_document(ROW.format(ods_cell('a<text:s text:c="100000000"/>b') * 30)),
        "text.ods": open_document(FAR_ROW.format(ods_cell("x" * 50_000))),
        **old_bombs(),
    }  # fmt: skip


def old_bombs() -> dict[str, bytes]:
    """Old Excel files, of half a megabyte at most."""
    long = shared(["x" * 65_000])
    filled = [use(row, column, 0) for row in range(2_000) for column in range(20)]
    spaces = b"\x1e\x01\x00" + b"\x19\x40\x00\xff" * 15_000  # a minute for each such formula
    bombs = {
        "far.xls": book([number(0, 0), number(65_535, 65_535)]),
        "shared.xls": book(filled, common=long),  # 2.6 GB, held twice
        "one-sheet-often.xls": book(filled[:80], common=long, entries=190),  # 1 GB
        "sheets.xls": book([number(0, 0)], entries=5_000),
        "rooms.xls": book([own_text(row, 0, b"x", 65_535) for row in range(20_000)]),  # 1.3 GB
        "room.xls": book([dimensions((0, 2**32 - 1), (0, 65_535)), number(0, 0)]),
        "formula.xls": book([formula(0, 0, spaces)]),
    }
    hidden = old_file(Book=book([number(0, 0)]), Workbook=bombs["shared.xls"])
    files = {name: old_file(Workbook=stream) for name, stream in bombs.items()}
    return {
        **files,
        "hidden.xls": hidden,
        "endless.xls": endless(old_file(Workbook=book([number(0, 0)]))),
    }


@pytest.fixture
def school(tmp_path: Path) -> School:
    """A class with one sound file; a file with a secret lies beside the school."""
    school = school_in(tmp_path / "école")
    school.add_class("3A", [certification()])
    (tmp_path / "secret.txt").write_text(CANARY, "utf-8")
    Image.new("RGB", (200, 200), (255, 0, 200)).save(tmp_path / "secret.png")
    return school


def test_the_bombs_are_whole_files_of_their_kind_but_for_the_bomb(tmp_path: Path) -> None:
    """Otherwise they would be refused for another reason."""
    old = old_file(Workbook=book([number(0, 0), number(9, 3)]))
    for name, data in {"a.xlsx": workbook(), "b.xls": old,
                       "c.ods": open_document(ROW.format(ods_cell("x", "3")))}.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
    assert len(read_sources([tmp_path / "a.xlsx"]).table) == 1
    for name in ("b.xls", "c.ods"):
        (error,) = read_sources([tmp_path / name]).errors
        assert "aucune ligne n’a les" in error.message  # read, and holds no results


def test_bombs_among_the_results_are_each_named_and_the_sound_file_is_printed(
    school: School,
) -> None:
    for name, data in hostile().items():
        (school.data / name).write_bytes(data)
    secret = outside(school.root.parent / "secret.txt")
    reading = workbook(in_part(SHARED, "<sst", secret))
    (school.data / "reading.xlsx").write_bytes(reading)
    outcome = attacked(school, "run", "--engine", "embedded")
    assert outcome.code == 8, outcome
    told = {notice["source"] for notice in school.rapport()["erreurs"]}
    assert told == {*hostile(), "reading.xlsx"}
    assert CANARY not in outcome.said
    assert "Lefèvre" in printed(school)


@functools.cache
def rosters() -> dict[str, bytes]:
    return {
        "laughs.xml": siecle_xml([]).replace(b"<BEE_ELEVES", f"{LAUGHS}<BEE_ELEVES".encode(), 1),
        "shared.xlsx": hostile()["shared.xlsx"],
        "endless.xls": hostile()["endless.xls"],
        "lying.zip": lying(archive({"Eleves.xml": b"<BEE_ELEVES>" + b" " * 60_000_000})),
        "climbing.zip": archive({"../../dehors.xml": b"<BEE_ELEVES/>", "/b.xml": b"<a/>"}),
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["laughs.xml", "shared.xlsx", "endless.xls", "lying.zip", "climbing.zip"]
)
def test_a_bomb_as_a_list_of_pupils_is_refused_by_name(name: str, school: School) -> None:
    (school.root / name).write_bytes(rosters()[name])
    outcome = attacked(school, "list", "data", "--roster", name)
    assert outcome.code == 3, outcome
    assert name in outcome.said


def test_a_picture_of_fifty_thousand_points_is_refused_as_signature(school: School) -> None:
    (school.data / "bombe.png").write_bytes(huge_png())
    settings = school.data / "etablissement.toml"
    named = settings.read_text("utf-8").replace("[chef]", '[chef]\nsignature = "bombe.png"')
    settings.write_text(named, "utf-8")
    outcome = attacked(school, "run", "--engine", "embedded")
    assert outcome.code in (2, 8), outcome
    assert "bombe.png" in outcome.said
    assert "trop grande" in outcome.said


def run_with(school: School, template: bytes, engine: str = "embedded") -> Outcome:
    (school.root / "modèle.docx").write_bytes(template)
    return attacked(school, "run", "--template", "modèle.docx", "--engine", engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_picture_of_fifty_thousand_points_in_a_template_fills_no_memory(
    engine: str, school: School
) -> None:
    body = WHO + f"<w:p>{picture('rIdP')}</w:p>"
    relations, files = {"rIdP": ("image", "media/a.png")}, {"word/media/a.png": huge_png()}
    outcome = run_with(school, word_file(body, relations=relations, files=files), engine)
    assert outcome.code in (0, 4, 5), outcome
    if outcome.code == 0:
        assert "Lefèvre" in printed(school)


@pytest.mark.parametrize(
    "code",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% for i in range(10**9) %}x{% endfor %}",
        "{{ 'a' * 10**9 }}",
    ],
)
def test_code_in_a_template_is_refused_and_nothing_is_printed(code: str, school: School) -> None:
    outcome = run_with(school, word_file(WHO + para(code)))
    assert outcome.code == 4, outcome
    assert "modèle.docx" in outcome.said
    assert not list(school.output.rglob("*/*.pdf"))
    assert not list(school.output.rglob("Attestations*"))


def svg(reference: str) -> bytes:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="100" height="100"><image width="100" height="100" xlink:href="{reference}"/>'
        '<rect fill="url(#a)" width="5" height="5"/></svg>'
    ).encode()


def with_svg(drawing: bytes) -> bytes:
    return word_file(
        WHO + f"<w:p>{picture('rIdP')}</w:p>",
        relations={"rIdP": ("image", "media/b.svg")},
        files={"word/media/b.svg": drawing},
        extra_types='<Default Extension="svg" ContentType="image/svg+xml"/>',
    )


def reaching(kind: str, folder: Path) -> bytes:
    """A template that asks for the secret beside the school."""
    text, image = f"file://{folder}/secret.txt", f"file://{folder}/secret.png"
    pict = "<w:p><w:r><w:pict><v:shape style='width:9cm'>{}</v:shape></w:pict></w:r></w:p>"
    nested = "data:image/svg+xml;base64,PHN2Zy8+"
    return {
        "an SVG picture": lambda: with_svg(svg(image)),
        "an SVG picture in an SVG picture": lambda: with_svg(svg(nested)),
        "a styled SVG picture": lambda: with_svg(
            svg("#a").replace(b"<rect", f'<rect style="fill:url({image})"'.encode(), 1)
        ),
        "a linked picture": lambda: word_file(
            WHO + f"<w:p>{picture('rIdP')}</w:p>", relations={"rIdP": ("image", image)}
        ),
        "a climbing relation": lambda: word_file(
            WHO + f"<w:p>{picture('rIdP')}</w:p>",
            relations={"rIdP": ("image", f"../../../../..{folder}/secret.png")},
        ),
        "a linked object": lambda: word_file(
            WHO, relations={"rIdO": ("oleObject", text)}
        ),
        "INCLUDETEXT": lambda: word_file(
            WHO + para("", after=page_field(f'IncludeText "{text}"', ""))
        ),
        "INCLUDEPICTURE": lambda: word_file(
            WHO + f'<w:p><w:fldSimple w:instr=" INCLUDEPICTURE &quot;{image}&quot; "/></w:p>'
        ),
        "a model": lambda: word_file(
            WHO, relations={"rIdT": ("attachedTemplate", text)}
        ),
        "the address of an old picture": lambda: word_file(
            WHO + pict.format(f'<v:imagedata o:href="{image}"/>')
        ),
    }[kind]()  # fmt: skip


@pytest.mark.parametrize(
    "drawing",
    [
        svg("#a"),
        svg("#a").replace(b"url(#a)", b"url(&quot;#a&quot;)"),
        svg("#a").replace(b"url(#a)", b"url( '#a' )"),
        gzip.compress(b"a metafile of Office, as it packs them"),
        b"\xff\xd8\xff\xe0 a photograph with <svg in it",
    ],
    ids=["plain", "quoted", "quoted with spaces", "packed metafile", "photograph"],
)
def test_a_drawing_that_shows_nothing_but_itself_is_no_reason_to_refuse(drawing: bytes) -> None:
    check_template("modèle.docx", with_svg(drawing))


def test_a_packed_svg_picture_that_shows_another_file_is_refused() -> None:
    with pytest.raises(TemplateError, match="image liée"):
        check_template("modèle.docx", with_svg(gzip.compress(svg("file:///etc/hostname"))))


@pytest.mark.parametrize("kind", ["an SVG picture", "INCLUDETEXT", "INCLUDEPICTURE"])
def test_a_template_that_asks_for_another_file_is_refused(kind: str, school: School) -> None:
    outcome = run_with(school, reaching(kind, school.root.parent))
    assert outcome.code == 4, outcome
    assert "modèle.docx" in outcome.said
    assert CANARY not in outcome.said


@pytest.mark.parametrize(
    "kind",
    [
        "an SVG picture in an SVG picture", "a styled SVG picture",
        "a linked picture", "a climbing relation", "a linked object",
    ],
)  # fmt: skip
def test_every_such_way_is_known(kind: str, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"lié|incorporé"):
        check_template("modèle.docx", reaching(kind, tmp_path))


@pytest.mark.libreoffice
@pytest.mark.skipif(libreoffice.find() is None, reason="LibreOffice is not here")
@pytest.mark.parametrize("kind", ["a model", "the address of an old picture"])
def test_where_a_template_may_pass_the_other_file_is_not_read(kind: str, school: School) -> None:
    outcome = run_with(school, reaching(kind, school.root.parent), "libreoffice")
    assert outcome.code == 0, outcome
    for path in school.output.rglob("*.pdf"):
        with pypdfium2.PdfDocument(path) as document:
            assert CANARY not in document[0].get_textpage().get_text_range()
            drawn = document[0].render(scale=0.5).to_numpy().astype(int)
        assert (abs(drawn - (200, 0, 255)).sum(axis=2) > 60).all()


def test_an_svg_picture_that_keeps_to_itself_is_welcome() -> None:
    for reference in ("data:image/png;base64,AAAA", "#a", ""):
        check_template("modèle.docx", with_svg(svg(reference)))
