"""Slips are bound two to a sheet; class sheets have files of their own and fail nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from support.pix_exports import certification, refused, write_export
from support.school import outline, pages

from mailmerge.pdf.imposing import are_slips, two_to_a_sheet
from mailmerge.pipeline import run
from mailmerge.request import Request

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
A5, A4 = (595.28, 419.53), (595.28, 841.89)
NAMES = ("Aubin", "Bao", "Costa")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    pupils = [
        certification(numero=f"100000{rank}", nom=name, identifiant=name)
        for rank, name in enumerate(NAMES, 1)
    ]
    pupils.append(refused(numero="1000009", nom="Zola", identifiant="z"))
    write_export(folder / "20260615_resultats_3A.csv", "L3", pupils)
    return folder


def request(data: Path, name: str) -> Request:
    return Request((data,), data.parent / "sortie", TEMPLATES / f"{name}.docx", engine="embedded")


def sizes(pdf: Path) -> list[tuple[float, float]]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_size() for page in document]


def test_slips_are_bound_two_to_an_a4_sheet_and_stay_alone_for_each_pupil(data: Path) -> None:
    run(request(data, "talon-a5"))
    output = data.parent / "sortie"
    sheets = sizes(output / "Attestations 3A.pdf")
    assert sheets == [pytest.approx(A4, abs=0.1)] * 2
    with pypdfium2.PdfDocument(output / "Attestations 3A.pdf") as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    assert [[name for name in NAMES if name in text] for text in texts] == [
        ["Aubin", "Bao"],
        ["Costa"],
    ]
    for name in NAMES:
        assert sizes(output / "3A" / f"{name} Élodie.pdf") == [pytest.approx(A5, abs=2)]
    with pikepdf.open(output / "Attestations 3A.pdf") as document, document.open_outline() as tree:
        targets = [document.pages.index(pikepdf.Page(item.destination[0])) for item in tree.root]
    assert targets == [0, 0, 1]


def blank(*page_sizes: tuple[float, float]) -> pikepdf.Pdf:
    document = pikepdf.new()
    for size in page_sizes:
        document.add_blank_page(page_size=size)
    return document


@pytest.mark.parametrize("duplex", [False, True])
def test_slips_stay_two_to_a_sheet_behind_a_cover_that_has_its_own(
    data: Path, duplex: bool
) -> None:
    run(replace(request(data, "talon-a5"), cover=True, duplex=duplex))
    path = data.parent / "sortie" / "Attestations 3A.pdf"
    blank = [[]] if duplex else []  # the back of the cover's sheet
    told = [[name for name in NAMES if name in text] for text in pages(path)]
    assert told == [list(NAMES), *blank, ["Aubin", "Bao"], ["Costa"]]
    assert sizes(path) == [pytest.approx(A4, abs=1)] * len(told)
    assert outline(path) == ["Liste de la classe", *(f"{name} Élodie" for name in NAMES)]
    with pikepdf.open(path) as document, document.open_outline() as tree:
        targets = [document.pages.index(pikepdf.Page(item.destination[0])) for item in tree.root]
    first = len(blank) + 1
    assert targets == [0, first, first, first + 1]


def test_only_pages_that_are_all_a5_on_their_side_are_slips() -> None:
    assert are_slips(blank(A5, A5).pages)
    assert are_slips(blank((595.3, 419.8)).pages)
    assert not are_slips(blank(A5, A4).pages)
    assert not are_slips(blank((A5[1], A5[0])).pages)
    turned = blank(A5)
    turned.pages[0].rotate(90, relative=False)
    assert not are_slips(turned.pages)


def test_links_to_the_web_move_with_their_slip() -> None:
    document = blank(A5, A5)
    link = {
        "/Type": pikepdf.Name.Annot,
        "/Subtype": pikepdf.Name.Link,
        "/A": pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://pix.fr")),
    }
    for page in document.pages:
        page.Annots = pikepdf.Array([pikepdf.Dictionary(link | {"/Rect": [10, 20, 30, 40]})])
    assert two_to_a_sheet(document) == [0, 0]
    [sheet] = document.pages
    tops = [float(annotation.Rect[1]) for annotation in sheet.Annots]
    assert tops == [pytest.approx(20 + A4[1] / 2), pytest.approx(20)]


def test_a_class_sheet_is_named_after_its_template_and_leaves_the_attestations_alone(
    data: Path,
) -> None:
    run(request(data, "attestation"))
    output = data.parent / "sortie"
    before = (output / "Attestations 3A.pdf").read_bytes()
    report = run(request(data, "liste-de-classe"))
    assert (output / "Attestations 3A.pdf").read_bytes() == before
    assert (output / "Liste de classe 3A.pdf").is_file()
    assert (output / "Liste de classe 3A.docx").is_file()
    assert report.erreurs == []
    assert json.loads((output / "rapport.json").read_text("utf-8"))["divisions"][0]["pdf"] == (
        "Liste de classe 3A.pdf"
    )


def test_the_report_of_a_class_sheet_says_of_nobody_that_he_failed_but_who_did(data: Path) -> None:
    run(request(data, "liste-de-classe"))
    text = (data.parent / "sortie" / "Rapport.txt").read_text("utf-8-sig")
    without = text.split("Élèves sans attestation (1)")[1]
    assert "Zola" in without
    assert "Aubin" not in without


def test_a_class_sheet_called_attestations_does_not_take_the_name_of_the_attestations(
    data: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "Attestations.docx"
    copy.write_bytes((TEMPLATES / "liste-de-classe.docx").read_bytes())
    run(Request((data,), tmp_path / "sortie", copy, engine="embedded"))
    assert (tmp_path / "sortie" / "Liste 3A.pdf").is_file()
