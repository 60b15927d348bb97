"""What an engine can't draw is found in the template, named in Word's words, with a way out."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from support.faulty import drawing, p, r, shape, template, with_picture

from mailmerge.engines import embedded, libreoffice, word
from mailmerge.template.compiling import StoryPart, prepare
from mailmerge.template.context import vocabulary
from mailmerge.template.findings import Finding
from mailmerge.template.opening import open_template
from mailmerge.template.shapes import SHAPES, undrawable

ROOT = Path(__file__).resolve().parents[2]


def findings(path: Path, *codes: str) -> list[Finding]:
    document = open_template(path).open()
    stories, faults = prepare(document, vocabulary())
    assert faults == []
    return undrawable(document, stories, codes or tuple(SHAPES), "le moteur d’essai")


def chart(kind: str) -> str:
    uri = f"http://schemas.openxmlformats.org/drawingml/2006/{kind}"
    return r(
        '<w:drawing><wp:inline><wp:extent cx="9" cy="9"/><wp:docPr id="1" name="x"/><a:graphic>'
        f'<a:graphicData uri="{uri}"/></a:graphic></wp:inline></w:drawing>'
    )


def cell(properties: str) -> str:
    return (
        "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc>"
        f"<w:tcPr>{properties}</w:tcPr>{p(r('mot'))}</w:tc></w:tr></w:tbl>"
    )


def section(inner: str) -> str:
    return f'<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>{inner}</w:sectPr>'


FAULTS = {
    "inline-shape": p(r("mot") + drawing(shape("rect"), "inline")),
    "preset-shape": p(r("mot") + drawing(shape("roundRect"))),
    "group-shape": p(r("mot") + drawing(f"<wpg:wgp>{shape('rect')}</wpg:wgp>")),
    "vml-box": p(r("mot") + r("<w:pict><v:roundrect/></w:pict>")),
    "gradient-fill": p(r("mot") + drawing(shape("rect", "<a:gradFill/>"))),
    "page-field-in-body": p(
        r("mot") + '<w:fldSimple w:instr=" PAGE ">' + r("1") + "</w:fldSimple>"
    ),
    "caps": p(r("mot", "<w:caps/>")),
    "strike": p(r("mot", "<w:strike/>")),
    "symbol-font": p(r("mot") + r('<w:sym w:font="Wingdings" w:char="F0FC"/>')),
    "raised-text": p(r("mot", '<w:position w:val="6"/>')),
    "text-effect": p(r("mot", "<w:outline/>")),
    "frame": p(r("mot"), '<w:framePr w:w="2000"/>'),
    "page-borders": section('<w:pgBorders><w:top w:val="single"/></w:pgBorders>'),
    "vertical-page-alignment": section('<w:vAlign w:val="center"/>'),
    "column-break": p(r("mot") + r('<w:br w:type="column"/>')),
    "text-direction": cell('<w:textDirection w:val="btLr"/>'),
    "border-style": cell('<w:tcBorders><w:top w:val="dotted"/></w:tcBorders>'),
    "picture-beside-text": "mot {{ logo }}",
    "chart": p(r("mot") + chart("chart")),
    "smartart": p(r("mot") + chart("diagram")),
}

# What no engine gets to see: it is put right when the template is opened.
MENDED = {
    "inline-content-control": p(
        r("mot") + "<w:sdt><w:sdtPr/><w:sdtContent>" + r("choix") + "</w:sdtContent></w:sdt>"
    ),
    "num-pages-field": p(r("mot") + '<w:fldSimple w:instr="NUMPAGES">' + r("1") + "</w:fldSimple>"),
    "section-pages-field": p(
        r("mot") + '<w:fldSimple w:instr="SECTIONPAGES">' + r("1") + "</w:fldSimple>"
    ),
    "tracked-changes": p(f'<w:ins w:id="1" w:author="x">{r("ajout")}</w:ins>'),
}


def test_every_code_of_every_engine_has_a_detector_and_a_french_message() -> None:
    codes = {*embedded.CANNOT_DRAW, *libreoffice.CANNOT_DRAW, *word.CANNOT_DRAW}
    assert codes == set(SHAPES)
    documented = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
    for code, row in SHAPES.items():
        assert f"`{code}`" in documented
        assert "{engine}" in row.fault
        assert row.remedy.endswith(".")


@pytest.mark.parametrize("code", FAULTS)
def test_a_thing_that_can_not_be_drawn_is_found_with_its_place(tmp_path: Path, code: str) -> None:
    found = findings(template(tmp_path / "m.docx", FAULTS[code]))
    assert [finding.code for finding in found] == [code]
    [finding] = found
    assert finding.severity == "warning"
    assert "le moteur d’essai" in finding.message
    assert "corps du document" in finding.where
    if not FAULTS[code].startswith("<w:sectPr"):
        assert "mot" in finding.where


@pytest.mark.parametrize("kind", ["TIFF"])
def test_a_picture_of_a_kind_that_can_not_be_drawn_is_found(tmp_path: Path, kind: str) -> None:
    [finding] = findings(with_picture(tmp_path / "m.docx", kind))
    assert finding.code == "tiff-picture"


def test_a_vector_picture_is_found(tmp_path: Path) -> None:
    path = with_picture(tmp_path / "m.docx", "PNG")
    document = docx.Document(str(path))
    [picture] = [p for p in document.part.package.iter_parts() if "media" in str(p.partname)]
    picture.partname = type(picture.partname)("/word/media/image1.emf")
    document.save(str(path))
    [finding] = findings(path)
    assert finding.code == "vector-picture"


def test_a_tall_picture_is_only_wrong_beside_text(tmp_path: Path) -> None:
    assert findings(with_picture(tmp_path / "alone.docx", "PNG")) == []
    [finding] = findings(with_picture(tmp_path / "beside.docx", "PNG", "Signature : "))
    assert finding.code == "picture-beside-text"


def test_a_text_box_in_a_header_is_found_there(tmp_path: Path) -> None:
    document = docx.Document(str(template(tmp_path / "m.docx")))
    from docx.oxml.parser import parse_xml
    from support.faulty import with_namespaces

    header = document.sections[0].header.paragraphs[0]
    header._p.append(parse_xml(with_namespaces(drawing(shape("rect")))))
    document.save(str(tmp_path / "m.docx"))
    [finding] = findings(tmp_path / "m.docx")
    assert finding.code == "header-shape"
    assert finding.where.startswith("en-tête")


def test_capitals_that_come_from_a_style_are_found_unless_the_text_says_otherwise(
    tmp_path: Path,
) -> None:
    document = docx.Document(str(template(tmp_path / "m.docx")))
    document.styles["Heading 1"].font.all_caps = True
    document.styles["Heading 2"].base_style = document.styles["Heading 1"]
    document.add_paragraph("titre", "Heading 2")
    document.add_paragraph("", "Heading 1").add_run("simple").font.all_caps = False
    document.save(str(tmp_path / "m.docx"))
    [finding] = findings(tmp_path / "m.docx")
    assert finding.code == "caps"
    assert "titre" in finding.where


def test_the_same_thing_at_several_places_is_said_once(tmp_path: Path) -> None:
    struck = [p(r(f"mot {rank}", "<w:strike/>")) for rank in range(30)]
    [finding] = findings(template(tmp_path / "m.docx", *struck))
    assert "De même à 29 autres endroits" in finding.message
    assert "mot 0" in finding.where


@pytest.mark.parametrize("code", MENDED)
def test_what_opening_the_template_puts_right_is_no_fault(tmp_path: Path, code: str) -> None:
    path = template(tmp_path / "m.docx", MENDED[code])
    document = open_template(path).open()
    body = StoryPart(document.part, document.element.body, "corps du document", "body")
    assert [f.code for f in undrawable(document, [body], tuple(SHAPES), "le moteur")] == [code]
    assert findings(path) == []


def test_the_copy_for_old_words_is_not_counted(tmp_path: Path) -> None:
    old = "<w:pict><v:rect/></w:pict>"
    both = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="wps"/><mc:Fallback>{old}</mc:Fallback></mc:AlternateContent>'
    )
    assert findings(template(tmp_path / "m.docx", p(r("mot") + r(both)))) == []


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "templates").glob("*.docx")))
def test_the_gallery_has_nothing_that_an_engine_can_not_draw(name: str) -> None:
    assert findings(ROOT / "templates" / name) == []


def test_the_page_is_named_in_a_template_that_breaks_its_pages_itself(tmp_path: Path) -> None:
    path = template(tmp_path / "m.docx", p(r('<w:br w:type="page"/>')), p(r("mot", "<w:strike/>")))
    [finding] = findings(path)
    assert finding.where.startswith("corps du document, page 2, paragraphe")
