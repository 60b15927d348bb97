"""With PDF/A every file is a tagged PDF: headings, tables and pictures, and none of other pupils.

`support.tagged.TaggedPdf` holds the rules that every one of them obeys.
"""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from support import printing
from support.documents import pdf_class
from support.printing import IDENTITY, para, table
from support.school import TEMPLATES
from support.tagged import TaggedPdf, words_of

from mailmerge import columns, pdf
from mailmerge.engines import libreoffice

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(libreoffice.find() is None, reason="LibreOffice is not here"),
]
META = pdf.Meta("Collège Jean-Moulin", datetime(2026, 6, 30, 12, 0, tzinfo=UTC), pdfa=True)
CLASS = printing.CLASS
NAMES = [str(row[columns.NOM]) for row in CLASS]

_LINK = (
    '<w:hyperlink r:id="rId_web"><w:r><w:rPr><w:rStyle w:val="Link"/></w:rPr>'
    "<w:t>le site de Pix</w:t></w:r></w:hyperlink>"
)
_NOTE = '<w:r><w:footnoteReference w:id="1"/></w:r>'
_PHOTO = printing.picture("rId_photo").replace(
    'name="x"/>', 'name="x" descr="Photo de {{ nom }}"/>', 1
)
_STYLES = (
    '<w:style w:type="paragraph" w:styleId="T1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl '
    'w:val="0"/></w:pPr></w:style><w:style w:type="character" w:styleId="Link"><w:name '
    'w:val="Hyperlink"/></w:style>'
)
_PAGES = (
    para("Attestation", '<w:pStyle w:val="T1"/>')
    + para(IDENTITY, after=_NOTE)
    + table([para("{{ nom }}"), para("266")], [para(""), para("niveau 3")])
    + para("Voir ", after=_LINK)
    + para("", after=_PHOTO)
    + para("mot " * 1200 + "{{ nom }}")
)
_RELATIONS = {"rId_web": ("hyperlink", "https://pix.fr"), "rId_photo": ("image", "media/a.png")}


def convert(template: bytes, folder: Path) -> tuple[Path, list[range]]:
    """The class printed by LibreOffice as PDF/A, and each pupil's pages."""
    word, made = folder / "classe.docx", folder / "classe.pdf"
    word.write_bytes(printing.class_document(template))
    libreoffice.LibreOffice(pdfa=True).convert(word, made)
    expected = [
        pdf.Expected(mark, str(row[columns.NOM]), ())
        for mark, row in zip(printing.bookmarks(CLASS), CLASS, strict=True)
    ]
    return made, list(pdf.locate(made, expected, bookmarks=True).ranges)


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[range]]:
    """Pupils of two pages: a heading, a table, a link, a note, a picture and a long paragraph."""
    parts = {"styles": printing.LIST_STYLES + _STYLES, "footnotes": printing.footnotes("Note")}
    files = {"word/media/a.png": printing.png()}
    template = printing.word_file(_PAGES, parts=parts, relations=_RELATIONS, files=files)
    return convert(template, tmp_path_factory.mktemp("letters"))


@pytest.fixture(scope="module")
def slips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[range]]:
    """Pupils of one A5 page."""
    return convert((TEMPLATES / "talon-a5.docx").read_bytes(), tmp_path_factory.mktemp("slips"))


def cut(made: Path, ranges: list[range], folder: Path) -> list[Path]:
    targets = [folder / f"{rank}.pdf" for rank in range(len(ranges))]
    pdf.split(made, ranges, targets, ["Attestation"] * len(ranges), META)
    return targets


def changed(made: Path, folder: Path, change: Any) -> Path:
    """A copy of a PDF, after ``change(document)``."""
    target = folder / "change.pdf"
    with pikepdf.open(made) as document:
        change(document)
        document.save(target)
    return target


# One pupil


def test_a_pupil_s_file_is_tagged_and_says_nothing_of_the_others(letters, tmp_path):
    for name, target in zip(NAMES, cut(*letters, tmp_path), strict=True):
        tags = TaggedPdf(target)
        assert [top.kind for top in tags.tags] == ["Document"]
        assert [figure.alt for figure in tags.all("Figure")] == [f"Photo de {name}"]
        assert not [other for other in NAMES if other != name and other in words_of(target)]
        assert not [other for other in printing.bookmarks(CLASS) if other in words_of(target)]


def test_headings_tables_with_their_empty_cells_links_and_notes_keep_their_tags(letters, tmp_path):
    for target in cut(*letters, tmp_path):
        tags = TaggedPdf(target)
        assert len(tags.all("H1")) == 1
        assert [[cell.kind for cell in row.kids] for row in tags.all("TR")] == [["TD", "TD"]] * 2
        assert len(tags.all("Note")) == 1
        with pikepdf.open(target) as document:
            (link,) = document.pages[0].Annots  # the note's own link led to a place of the source
            entries = pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree)
            assert entries[int(link.StructParent)].S == "/Link"


def test_a_paragraph_over_two_pages_is_one(letters, tmp_path):
    made, ranges = letters
    assert [len(taken) for taken in ranges] == [2, 2, 2]
    (target, *_) = cut(made, ranges, tmp_path)
    with pikepdf.open(target) as document:
        entries = pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree)
        first, second = (entries[int(page.obj.StructParents)] for page in document.pages)
        owners = [{each.objgen for each in entry if each is not None} for entry in (first, second)]
        assert len(owners[0] & owners[1]) == 1


def test_what_stands_on_another_pupil_s_page_too_keeps_its_type_alone(letters, tmp_path):
    """A heading that takes the next pupil's first line, with words about both."""
    made, ranges = letters

    def mix(document: pikepdf.Pdf) -> None:
        top = document.Root.StructTreeRoot.K[0]
        entries = pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree)
        page = document.pages[ranges[1][0]].obj
        heading, other = top.K[0], entries[int(page.StructParents)][0]
        other.K = Array()
        heading.K.append(Dictionary(Type=Name.MCR, Pg=page, MCID=0))
        for element in (top, heading):
            element.Alt = element.ActualText = element.T = f"{NAMES[0]} et {NAMES[1]}"

    targets = cut(changed(made, tmp_path, mix), ranges, tmp_path)
    for name, target in zip(NAMES, targets, strict=True):
        assert TaggedPdf(target).all("H1")
        assert not [other for other in NAMES if other != name and other in words_of(target)]


def test_identifiers_titles_and_classes_of_attributes_are_left_out(letters, tmp_path):
    made, ranges = letters

    def name(document: pikepdf.Pdf) -> None:
        root = document.Root.StructTreeRoot
        for element in root.K[0].K:
            element.ID = element.T = NAMES[1]
            element.C = Name.Classe
        root.IDTree = Dictionary(Names=Array([NAMES[1], root.K[0].K[0]]))
        root.ClassMap = Dictionary(Classe=Dictionary(O=Name.Layout, Nom=NAMES[1]))

    (target, *_) = cut(changed(made, tmp_path, name), ranges, tmp_path)
    assert TaggedPdf(target).all("H1")
    assert NAMES[1] not in words_of(target)


def test_a_tree_that_bites_its_tail_is_walked_once(letters, tmp_path):
    made, ranges = letters

    def loop(document: pikepdf.Pdf) -> None:
        top = document.Root.StructTreeRoot.K[0]
        top.K[0].K.append(top)
        top.K.append(top.K[1])

    (target, *_) = cut(changed(made, tmp_path, loop), ranges, tmp_path)
    assert len(TaggedPdf(target).all("H1")) == 1


# A class


def test_a_class_of_several_parts_with_a_cover_is_one_tagged_document(letters, tmp_path):
    made, ranges = letters
    target = tmp_path / "classe.pdf"
    cover = (made, [range(1)])
    sources = [cover, (made, ranges), (made, ranges[:1])]
    names = ["Liste", *NAMES, NAMES[0]]
    pdf.bind(sources, names, target, "3A", META, cover=True, duplex=True)
    tags = TaggedPdf(target)
    assert [part.kind for part in tags.tags[0].kids] == ["Part"] * 5
    assert [figure.alt for figure in tags.all("Figure")] == [
        f"Photo de {name}" for name in [NAMES[0], *NAMES, NAMES[0]]
    ]
    with pikepdf.open(target) as document:
        blank = [
            number for number, page in enumerate(document.pages) if "/StructParents" not in page
        ]
        assert blank == [1]
    if shutil.which("qpdf"):
        subprocess.run(["qpdf", "--check", str(target)], check=True, capture_output=True)


def test_the_same_style_may_stand_for_something_else_in_another_document(letters, tmp_path):
    made, ranges = letters

    def rename(document: pikepdf.Pdf) -> None:
        document.Root.StructTreeRoot.RoleMap["/Standard"] = Name.H3

    other, target = changed(made, tmp_path, rename), tmp_path / "classe.pdf"
    pdf.bind([(made, ranges[:1]), (other, ranges[1:2])], NAMES[:2], target, "3A", META)
    first, second = TaggedPdf(target).tags[0].kids
    assert "H3" not in {tag.kind for tag in first.walk()}
    assert "H3" in {tag.kind for tag in second.walk()}


def test_slips_on_one_sheet_keep_their_tags(slips, tmp_path):
    made, ranges = slips
    target = tmp_path / "classe.pdf"
    pdf.bind([(made, ranges)], NAMES, target, "3A", META)
    tags = TaggedPdf(target)
    assert [len([t for t in part.walk() if t.kind == "H1"]) for part in tags.tags[0].kids] == [
        1
    ] * 3
    with pikepdf.open(target) as document:
        assert len(document.pages) == 2
    if shutil.which("pdfinfo"):
        command = ["pdfinfo", "-struct-text", str(target)]
        told = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
        assert not told.stderr
        assert [told.stdout.count(name) for name in NAMES] == [1, 1, 1]


# What is not tagged does not say that it is


def test_pages_without_tags_do_not_claim_to_have_some(letters, tmp_path):
    made, ranges = letters
    plain = pdf_class(tmp_path / "sans.pdf", [["Zoé"]])
    target = tmp_path / "classe.pdf"
    pdf.bind([(made, ranges[:1]), (plain, [range(1)])], ["A", "B"], target, "3A", META)
    with pikepdf.open(target) as document:
        assert document.Root.MarkInfo.Marked is False


def test_an_ordinary_pdf_has_no_tags(letters, tmp_path):
    made, ranges = letters
    target = tmp_path / "eleve.pdf"
    pdf.split(made, ranges[:1], [target], ["A"], pdf.Meta(META.author, META.created))
    with pikepdf.open(target) as document:
        assert not {"/StructTreeRoot", "/MarkInfo"} & set(document.Root.keys())
        assert all("/StructParents" not in page for page in document.pages)
