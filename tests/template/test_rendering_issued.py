"""Whole classes issued: totals of pages, footnotes, documents that LibreOffice wrote itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import docx
import pypdfium2
import pytest
from support.printing import (
    A4,
    PAGE_BREAK,
    SCHOOL,
    WHO,
    footnote_call,
    footnotes,
    page_field,
    para,
    printed,
    pupil,
    reference,
    word_file,
)

from mailmerge import columns
from mailmerge.making.issuing import ClassJob, IssuedClass, Workshop
from mailmerge.making.pressing import Sheet
from mailmerge.template.opening import check_template

ROWS = [
    pupil("UN", **{columns.COMMENTAIRE: "long"}),
    pupil("DEUX"),
    pupil("TROIS", **{columns.COMMENTAIRE: "long"}),
]
TOTAL = {"header1": para("p. {{ rang }}: ", after=page_field() + "<w:r><w:t>/</w:t></w:r>"
                         + page_field("NUMPAGES"))}  # fmt: skip
TWO_OR_ONE = WHO + para("{%p if commentaire %}") + PAGE_BREAK + para("suite") + para("{%p endif %}")


def issue(template: bytes, folder: Path) -> IssuedClass:
    workshop = Workshop(
        template=check_template("modèle.docx", template),
        headers=tuple(ROWS[0]),
        school=SCHOOL,
        author="Collège",
        engine="embedded",
    )
    sheets = tuple(Sheet(row, f"{row[columns.NOM]}.pdf") for row in ROWS)
    job = ClassJob("3A", "Attestations 3A", "a.docx", "a.pdf", sheets)
    return workshop.open().issue(job, folder)


def texts(pdf: Path | None) -> list[str]:
    assert pdf is not None
    with pypdfium2.PdfDocument(pdf) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_each_pupil_is_told_how_many_pages_they_have(tmp_path: Path) -> None:
    template = word_file(TWO_OR_ONE, section=reference("header", "header1") + A4, parts=TOTAL)
    issued = issue(template, tmp_path)
    assert issued.errors == ()
    starts = [[text.split(" Zoé")[0] for text in texts(pupil.pdf)] for pupil in issued.pupils]
    assert starts == [
        ["p. 1: 1/2", "p. 1: 2/2 suite"],
        ["p. 2: 1/1"],
        ["p. 3: 1/2", "p. 3: 2/2 suite"],
    ]
    assert issued.docx is not None
    headers = [s.header.paragraphs[0].text for s in docx.Document(str(issued.docx)).sections]
    assert [text[-1] for text in headers] == ["2", "1", "2"]


def test_a_class_list_is_told_its_total_of_pages(tmp_path: Path) -> None:
    template = word_file(
        para("{%p for e in eleves %}") + para("{{ e.nom }} {{ e.prenom }}") + PAGE_BREAK
        + para("{%p endfor %}"),
        section=reference("header", "header1") + A4,
        parts={"header1": para("", after=page_field() + page_field("NUMPAGES"))},
    )  # fmt: skip
    issued = issue(template, tmp_path)
    assert issued.errors == ()
    assert [text[:2] for text in texts(issued.pdf)] == ["13", "23", "33"]


def test_a_total_that_changes_the_number_of_pages_is_refused_not_turned_over_for_ever(
    tmp_path: Path,
) -> None:
    template = word_file(
        WHO + para("{%p if nombre_de_pages == 1 %}") + PAGE_BREAK + para("x") + para("{%p endif %}")
    )
    [error] = issue(template, tmp_path).errors
    assert "nombre de pages" in error.message


def test_footnotes_are_numbered_from_one_for_each_pupil(tmp_path: Path) -> None:
    template = word_file(
        WHO + para("appel", after=footnote_call(1)),
        parts={"footnotes": footnotes("note de {{ nom }}")},
    )
    issued = issue(template, tmp_path)
    assert issued.errors == ()
    for row, issued_pupil in zip(ROWS, issued.pupils, strict=True):
        [page] = texts(issued_pupil.pdf)
        assert page.endswith(f"appel1 1 note de {row[columns.NOM]}")
    assert len(texts(issued.pdf)) == len(ROWS)


WRITTEN = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
 <office:automatic-styles>
  <style:page-layout style:name="pl"><style:page-layout-properties fo:page-width="21cm"
   fo:page-height="29.7cm" fo:margin="2cm"/><style:header-style/><style:footer-style/>
  </style:page-layout>
  <style:page-layout style:name="pw"><style:page-layout-properties fo:page-width="29.7cm"
   fo:page-height="21cm" style:print-orientation="landscape" fo:margin="2cm"/>
   <style:header-style/></style:page-layout>
  <style:style style:name="wide" style:family="paragraph" style:master-page-name="Paysage"/>
  <text:list-style style:name="L"><text:list-level-style-number text:level="1"
   style:num-suffix=")" style:num-format="1"/></text:list-style>
 </office:automatic-styles>
 <office:master-styles>
  <style:master-page style:name="Standard" style:page-layout-name="pl">
   <style:header><text:p>Haut {{ nom }} <text:page-number/></text:p></style:header>
   <style:footer><text:p>Total <text:page-count>7</text:page-count></text:p></style:footer>
  </style:master-page>
  <style:master-page style:name="Paysage" style:page-layout-name="pw">
   <style:header><text:p>Large {{ prenom }}</text:p></style:header></style:master-page>
 </office:master-styles>
 <office:body><office:text>
  <table:table table:name="T"><table:table-column/><table:table-row><table:table-cell>
   <text:p>{{ prenom }} {{ nom }} {{ numero }}</text:p></table:table-cell></table:table-row>
  </table:table>
  <text:list text:style-name="L"><text:list-item><text:p>un</text:p></text:list-item>
   <text:list-item><text:p>deux</text:p></text:list-item></text:list>
  <text:p text:style-name="wide">fin {{ nom }}</text:p>
 </office:text></office:body>
</office:document>"""


@pytest.mark.libreoffice
def test_a_document_that_libreoffice_wrote_has_its_headers_sections_and_lists_right(
    tmp_path: Path,
) -> None:
    source = tmp_path / "modele.fodt"
    source.write_text(WRITTEN, encoding="utf-8")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "docx", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=120)
    template = (tmp_path / "modele.docx").read_bytes()
    for engine in ("embedded", "libreoffice"):
        found = printed(template, tmp_path, engine, ROWS, pages=[2, 2, 2])
        for row, (first, second) in zip(ROWS, found, strict=True):
            who = f"Zoé {row[columns.NOM]} {row[columns.NUMERO]}"
            words = first.replace("1)un", "1) un").replace("2)deux", "2) deux")
            assert words == f"Haut {row[columns.NOM]} 1 {who} 1) un 2) deux Total 2", engine
            assert second == f"Large Zoé fin {row[columns.NOM]}", engine
