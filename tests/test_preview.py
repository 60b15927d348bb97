"""`preview` shows one pupil's pages as a PDF and as pictures, with one engine or two."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner
from PIL import Image
from support.pix_exports import NOT_TESTED, certification, refused, write_export

from mailmerge.cli import cli
from mailmerge.engines.libreoffice import LibreOffice
from mailmerge.errors import ExitCode, InputError, TemplateError, UsageError
from mailmerge.request import Request
from mailmerge.trial.previewing import (
    Preview,
    Which,
    one_picture,
    other_engine,
    preview,
    side_by_side,
    write_preview,
)

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
LONG = "Montmorency-Laval-Entrecasteaux"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    pupils = [
        certification(numero="1", nom="Aubin", prenom="Léa", levels=NOT_TESTED),
        certification(numero="2", nom="Bao", prenom="Lucas", levels=("5",) * 16, identifiant="b"),
        certification(numero="3", nom=LONG, prenom="Zoé", identifiant="c"),
        refused(numero="4", nom="Refus" * 12, prenom="Ève", identifiant="d"),
    ]
    write_export(folder / "20260615_resultats_3A.csv", "L3", pupils)
    return folder


def asked(data: Path, name: str = "attestation", **options: tuple[str, ...]) -> Request:
    template = TEMPLATES / f"{name}.docx"
    return Request((data,), data.parent / "sortie", template, engine="embedded", **options)


def text(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize(
    ("which", "name"),
    [(Which.FIRST, "Aubin Léa"), (Which.LONGEST, f"{LONG} Zoé"), (Which.MOST, "Bao Lucas")],
)
def test_the_pupil_to_show_is_the_first_the_longest_name_or_the_one_with_most_levels(
    data: Path, which: Which, name: str
) -> None:
    made = preview(asked(data), which)
    assert made.name == name
    assert name.split()[0] in text(made.pdf)
    assert not made.invented
    assert not (data.parent / "sortie").exists()


def test_any_pupil_can_be_asked_for_by_name(data: Path) -> None:
    assert preview(asked(data, pupils=("bao",))).name == "Bao Lucas"


def test_of_two_namesakes_none_is_taken_silently_and_each_can_be_chosen_by_number(
    data: Path,
) -> None:
    namesake = certification(numero="7", nom="Bao", prenom="Lucas", identifiant="z")
    write_export(data / "20260615_resultats_3B.csv", "L3", [namesake])
    with pytest.raises(UsageError) as refused:
        preview(asked(data, pupils=("Bao Lucas",)))
    assert "Bao Lucas, 3A, certification 2" in refused.value.message
    assert "Bao Lucas, 3B, certification 7" in refused.value.message
    made = preview(asked(data, "attestation", pupils=("7",)))
    assert "3B" in text(made.pdf)


def test_with_a_rule_to_choose_by_a_part_of_several_names_is_enough(data: Path) -> None:
    assert preview(asked(data, pupils=("a",)), Which.MOST).name == "Bao Lucas"


def test_one_pupil_only_can_be_asked_for_by_name(data: Path) -> None:
    with pytest.raises(UsageError, match="un seul élève"):
        preview(asked(data, pupils=("Bao", "Aubin")))


def test_a_pupil_without_attestation_is_refused_with_the_reason(data: Path) -> None:
    with pytest.raises(InputError, match="n’a pas été obtenue"):
        preview(asked(data, pupils=("refus",)))


def test_every_page_is_a_picture_of_the_size_of_the_paper(data: Path) -> None:
    made = preview(asked(data))
    [picture] = [Image.open(io.BytesIO(png)) for png in made.pages_png]
    assert picture.width == pytest.approx(8.27 * 110, abs=2)
    assert picture.height == pytest.approx(11.69 * 110, abs=2)


def test_a_slip_is_shown_alone_not_two_to_a_sheet(data: Path) -> None:
    [png] = preview(asked(data, "talon-a5")).pages_png
    picture = Image.open(io.BytesIO(png))
    assert picture.width > picture.height


def test_a_class_sheet_is_shown_whole(data: Path) -> None:
    made = preview(asked(data, "liste-de-classe"))
    assert made.name == "classe 3A"
    assert all(name in text(made.pdf) for name in ("Aubin", "Bao", LONG.split("-")[0]))


def test_without_results_an_invented_pupil_is_shown(tmp_path: Path) -> None:
    made = preview(asked(tmp_path))
    assert made.invented
    assert "Camille EXEMPLE" in text(made.pdf)


def test_a_template_with_faults_is_refused_with_the_messages_of_the_check(
    data: Path, tmp_path: Path
) -> None:
    from support.faulty import template

    path = template(tmp_path / "m.docx", "{{ prenon }}")
    with pytest.raises(TemplateError, match="prenom"):
        preview(Request((data,), tmp_path / "sortie", path, engine="embedded"))


def sample(engine: str, *sizes: tuple[int, int]) -> Preview:
    pages = []
    for size in sizes:
        stream = io.BytesIO()
        Image.new("RGB", size, "white").save(stream, "PNG")
        pages.append(stream.getvalue())
    return Preview("Zoé", engine, False, b"", pages)


def test_two_engines_stand_side_by_side_under_their_names() -> None:
    whole = side_by_side(
        sample("le moteur intégré", (300, 400), (300, 400)), sample("LibreOffice", (300, 400))
    )
    picture = Image.open(io.BytesIO(whole)).convert("L")
    assert picture.width > 600
    assert picture.height > 800
    for left in (24, 348):
        label = picture.crop((left, 0, left + 300, 60))
        assert label.getextrema()[0] < 100, "no name above the pages"


def test_of_a_very_long_document_the_first_pages_are_drawn_and_the_others_counted() -> None:
    with pypdfium2.PdfDocument.new() as document:
        for _ in range(5):
            document.new_page(300, 400).close()
        stream = io.BytesIO()
        document.save(stream)
    two, all_five = (
        Image.open(io.BytesIO(one_picture(stream.getvalue(), most))).convert("L") for most in (2, 9)
    )
    assert two.height < 0.5 * all_five.height
    assert two.crop((0, two.height - 40, 300, two.height)).getextrema()[0] < 100, "no count"


def test_an_engine_is_not_compared_with_itself() -> None:
    assert other_engine(sample("le moteur intégré"), "auto") == "libreoffice"
    assert other_engine(sample("LibreOffice"), "auto") == "embedded"
    with pytest.raises(UsageError, match="autre moteur"):
        other_engine(sample("le moteur intégré"), "embedded")


def test_the_files_are_named_after_the_pupil_even_an_odd_one(tmp_path: Path) -> None:
    made = sample("le moteur intégré", (30, 40), (30, 40))
    odd = Preview("D/Été: Zoé", made.engine, False, b"%PDF", made.pages_png)
    written = write_preview(Request((), tmp_path), odd)
    assert [path.name for path in written] == [
        "Aperçu D-Été- Zoé.pdf",
        "Aperçu D-Été- Zoé.png",
        "Aperçu D-Été- Zoé 2.png",
    ]
    assert all(path.is_file() for path in written)


@pytest.mark.libreoffice
@pytest.mark.skipif(not LibreOffice().available(), reason="LibreOffice is not installed")
def test_the_command_writes_pdf_picture_and_comparison(data: Path, tmp_path: Path) -> None:
    output = tmp_path / "sortie"
    arguments = ["preview", str(data), "--longest", "--engine", "embedded", "--compare"]
    result = CliRunner().invoke(cli, [*arguments, "--output", str(output)], standalone_mode=False)
    assert result.return_value == ExitCode.OK
    assert {path.name for path in output.glob("*.*") if path.is_file()} == {
        f"Aperçu {LONG} Zoé.pdf",
        f"Aperçu {LONG} Zoé.png",
        f"Aperçu {LONG} Zoé (comparaison).png",
    }
