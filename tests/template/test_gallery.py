"""The gallery: every template is one handsome page that Word, LibreOffice and dxpdf all draw."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dxpdf
import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from lxml import etree
from support import gallery

from mailmerge.columns import WORKBOOK_COLUMNS
from mailmerge.referential import DOMAINES
from mailmerge.text import fold

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ALL_TEMPLATES = (*gallery.PUPIL_TEMPLATES, "attestation-champs-word", "liste-de-classe")
PUPILS = {
    "ordinary": gallery.pupil,
    "longest": gallery.longest_pupil,
    "barest": gallery.barest_pupil,
}
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


def document_xml(template: str) -> Any:
    return part(template, "word/document.xml")


def part(template: str, name: str) -> Any:
    with zipfile.ZipFile(gallery.TEMPLATES / f"{template}.docx") as archive:
        return etree.fromstring(archive.read(name))


def pages(pdf: bytes) -> list[str]:
    """The text of each page, every run of white space one space."""
    document = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def fonts(pdf: bytes) -> set[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {
            str(font.BaseFont).split("+")[-1]
            for page in document.pages
            for font in page.Resources.get("/Font", {}).values()
        }


def without_spaces(text: str) -> str:
    return re.sub(r"[\s\u00a0\u00ad\ufffe-]+", "", text)


@pytest.fixture(scope="session")
def libreoffice(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, bytes]], Any]:
    """Convert several documents with one start of LibreOffice and one profile of its own."""
    folder = tmp_path_factory.mktemp("libreoffice")

    def convert(documents: dict[str, bytes]) -> dict[str, bytes]:
        for name, content in documents.items():
            (folder / f"{name}.docx").write_bytes(content)
        sources = [str(folder / f"{name}.docx") for name in documents]
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir"]
        subprocess.run(
            [*command, str(folder), *sources], check=True, capture_output=True, timeout=180
        )
        return {name: (folder / f"{name}.pdf").read_bytes() for name in documents}

    return convert


def all_pupil_pages() -> Iterator[tuple[str, bytes]]:
    for template in gallery.PUPIL_TEMPLATES:
        for name, make in PUPILS.items():
            yield f"{template}-{name}", gallery.render(template, make(), pictures=name != "barest")


def test_the_shipped_templates_are_what_the_build_script_makes(tmp_path: Path) -> None:
    script = gallery.TEMPLATES / "build.py"
    subprocess.run([sys.executable, str(script), "--output", str(tmp_path)], check=True)
    for template in ALL_TEMPLATES:
        built, shipped = (
            zipfile.ZipFile(folder / f"{template}.docx") for folder in (tmp_path, gallery.TEMPLATES)
        )
        assert built.namelist() == shipped.namelist()
        for name in built.namelist():
            assert built.read(name) == shipped.read(name), f"{template}: {name}"
            assert built.getinfo(name).date_time == shipped.getinfo(name).date_time


@pytest.mark.parametrize("kind", PUPILS)
@pytest.mark.parametrize("template", gallery.PUPIL_TEMPLATES)
def test_a_pupil_fills_one_page_with_the_embedded_engine(template: str, kind: str) -> None:
    docx = gallery.render(template, PUPILS[kind](), pictures=kind != "barest")
    assert len(pages(dxpdf.convert(docx))) == 1


@pytest.mark.parametrize("template", ALL_TEMPLATES)
def test_the_template_itself_shows_as_one_page_while_it_is_edited(template: str) -> None:
    docx = (gallery.TEMPLATES / f"{template}.docx").read_bytes()
    assert len(pages(dxpdf.convert(docx))) == 1


@pytest.mark.libreoffice
def test_every_pupil_fills_one_page_with_libreoffice_in_the_embedded_font(
    libreoffice: Callable[[dict[str, bytes]], dict[str, bytes]],
) -> None:
    for name, pdf in libreoffice(dict(all_pupil_pages())).items():
        assert len(pages(pdf)) == 1, name
        assert fonts(pdf) == {"AttestationSans-Bold", "AttestationSans-Regular"}, name


@pytest.mark.parametrize("template", gallery.PUPIL_TEMPLATES)
def test_the_embedded_engine_draws_everything_in_the_font_that_the_template_carries(
    template: str,
) -> None:
    pdf = dxpdf.convert(gallery.render(template, gallery.pupil()))
    assert fonts(pdf) == {"AttestationSans-Bold", "AttestationSans-Regular"}


def test_the_font_may_be_embedded_and_changed_and_holds_the_letters_of_names() -> None:
    letters = "ÀÉÈÊÏÔŒÙŸçñøßłŞğİŻžĐẠễΆωЙїЂ’«»·–—\u00a0\u202f■□"
    for file in (gallery.TEMPLATES / "sources" / "fonts").glob("*.ttf"):
        font = TTFont(file)
        assert font["OS/2"].fsType == 0
        assert "Open Font License" in font["name"].getDebugName(13)
        assert "Reserved Font Name" not in font["name"].getDebugName(0)
        assert not [char for char in letters if ord(char) not in font.getBestCmap()]


@pytest.mark.parametrize("template", gallery.PUPIL_TEMPLATES)
def test_no_text_typed_in_the_template_is_lost_on_the_page(template: str) -> None:
    page = without_spaces(pages(dxpdf.convert(gallery.render(template, gallery.pupil())))[0])
    for text in document_xml(template).iter(f"{W}t"):
        for typed in TAG.split(text.text or ""):
            assert without_spaces(typed) in page, typed


@pytest.mark.parametrize("template", gallery.PUPIL_TEMPLATES)
def test_the_page_says_who_what_when_and_that_it_is_not_the_certificate(template: str) -> None:
    [page] = pages(dxpdf.convert(gallery.render(template, gallery.pupil())))
    for text in (
        *("Camille DURAND", "14 mars 2011", "Lyon", "3A", "384 Pix", "Indépendant 2"),
        *("12 mai 2026", "1234567", "Collège des Tilleuls", "Académie d’Exemple"),
        *("Dominique Martin", "Principale du collège", "30/06/2026", "pix.fr"),
        "Cette attestation n’est pas le certificat.",
    ):
        assert text in page
    assert not re.search("délivrée|professionnalis|maximum|/ ?8", page)


def test_each_competence_stands_beside_its_gauge_and_its_level() -> None:
    levels = "0123456781234567"
    [page] = pages(dxpdf.convert(gallery.render("attestation", gallery.pupil(levels=levels))))
    rows = iter(levels)
    for domaine in DOMAINES:
        assert f"{domaine.numero}. {domaine.nom}" in page
        for competence in domaine.competences:
            assert f"{competence.code} {competence.nom} {'■' * 8} {next(rows)}" in page


@pytest.mark.parametrize("template", gallery.PUPIL_TEMPLATES)
def test_what_is_empty_leaves_no_stray_words(template: str) -> None:
    docx = gallery.render(template, gallery.barest_pupil(), pictures=False)
    [page] = pages(dxpdf.convert(docx))
    assert "né(e) le 14 mars 2011 a obtenu" in page
    assert "Certification n° 1234567." in page
    assert "Fait le 30/06/2026" in page
    assert "·" not in page
    assert "None" not in page


def test_the_class_list_holds_every_pupil_and_repeats_its_header_on_the_next_page() -> None:
    first, second = pages(
        dxpdf.convert(gallery.render("liste-de-classe", gallery.school_class(45)))
    )
    assert "Classe de 3A" in first
    assert "Signature de l’élève" in first
    assert "Signature de l’élève" in second
    listed = re.findall(r"NOM\d{3}", first + second)
    assert listed == [f"NOM{rank:03}" for rank in range(1, 45)]
    assert "45 élèves." in second


@pytest.mark.parametrize("template", ALL_TEMPLATES)
def test_a_template_is_a_sound_word_document(template: str) -> None:
    body = document_xml(template)[0]
    assert body[0].tag == f"{W}p"
    assert [child.tag for child in body[-2:]] == [f"{W}p", f"{W}sectPr"]
    for text in body.iter(f"{W}t"):
        assert "{" not in TAG.sub("", text.text or ""), "a tag is split over runs"
    for row in body.iter(f"{W}tr"):
        assert row.find(f"{W}trPr/{W}cantSplit") is not None
    assert all(table.find(f"{W}tblPr/{W}tblCaption") is not None for table in body.iter(f"{W}tbl"))
    settings = part(template, "word/settings.xml")
    assert settings.find(f"{W}compat/{W}compatSetting").get(f"{W}val") == "15"
    assert settings.find(f"{W}embedTrueTypeFonts") is not None
    assert settings.find(f"{W}saveSubsetFonts") is None
    styles = part(template, "word/styles.xml")
    assert styles.find(f".//{W}lang").get(f"{W}val") == "fr-FR"
    known = {style.get(f"{W}styleId") for style in styles.iter(f"{W}style")}
    named = body.iter(f"{W}pStyle", f"{W}rStyle", f"{W}tblStyle")
    assert {style.get(f"{W}val") for style in named} <= known
    title = "{http://purl.org/dc/elements/1.1/}title"
    assert part(template, "docProps/core.xml").findtext(title)


@pytest.mark.parametrize("template", ["attestation", "talon-a5"])
def test_white_text_reads_well_on_every_coloured_band(template: str) -> None:
    fills = {
        cell.find(f"{W}tcPr/{W}shd").get(f"{W}fill")
        for cell in document_xml(template).iter(f"{W}tc")
        if cell.find(f"{W}p/{W}pPr/{W}pStyle[@{W}val='Domaine']") is not None
    }
    assert len(fills) == len(DOMAINES)
    assert all(contrast_with_white(fill) >= 4.5 for fill in fills)


def contrast_with_white(colour: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    red, green, blue = linear
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def test_words_own_fields_are_named_after_the_columns_of_the_workbook() -> None:
    columns = {fold(f"M_{name}" if name[0].isdigit() else name, "") for name in WORKBOOK_COLUMNS}
    code = "".join(
        text.text for text in document_xml("attestation-champs-word").iter(f"{W}instrText")
    )
    used = set(re.findall(r"MERGEFIELD (\S+)", code))
    assert {fold(name, "") for name in used} <= columns
    assert max(map(len, used)) <= 40, "Word cuts longer names"
    for needed in ("Prénom", "Nom", "Nombre_de_Pix", "Niveau", "M_11", "M_52"):
        assert needed in used
    for date in re.findall(r"MERGEFIELD Date_\S+ (\S+)", code):
        assert date == "\\@"


def test_every_complex_field_is_opened_separated_and_closed() -> None:
    for paragraph in document_xml("attestation-champs-word").iter(f"{W}p"):
        open_fields: list[str] = []
        for char in paragraph.iter(f"{W}fldChar"):
            kind = char.get(f"{W}fldCharType")
            if kind == "begin":
                open_fields.append(kind)
            elif kind == "separate":
                assert open_fields.pop() == "begin"
                open_fields.append(kind)
            else:
                assert open_fields.pop() == "separate"
        assert not open_fields
