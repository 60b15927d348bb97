"""Signatures and logos as schools have them; QR codes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFilter
from support.printing import (
    A4,
    CLASS,
    SCHOOL,
    WHO,
    class_document,
    convert,
    para,
    pupil,
    reference,
    word_file,
)

from mailmerge.errors import SettingsError, TemplateError
from mailmerge.template.images import LOGO_BOX, SIGNATURE_BOX, Picture, load_picture
from mailmerge.template.rendering import School

EMU = 360_000


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.content))


def stroke(size: tuple[int, int], paper: object, ink: object = (20, 30, 90), mode: str = "RGB"):
    image = Image.new(mode, size, paper)
    width, height = size
    points = [(width * (0.2 + 0.03 * n), height * (0.4 + 0.2 * (n % 2))) for n in range(20)]
    ImageDraw.Draw(image).line(points, fill=ink, width=max(2, width // 150))
    return image


def photograph() -> Image.Image:
    """Ink on grey paper, a shadow across it, with a camera's noise."""
    width, height = 1500, 800
    ink = np.asarray(stroke((width, height), 255, 0, "L"), dtype=float) / 255
    down, across = np.mgrid[0:height, 0:width]
    light = 120 + 70 * across / width - 30 * down / height
    light += np.random.default_rng(3).normal(0, 5, (height, width))
    grey = np.clip(light * (0.2 + 0.8 * ink), 0, 255)
    colours = np.dstack([grey, grey * 0.97, grey * 0.9]).astype("uint8")
    return Image.fromarray(colours).filter(ImageFilter.GaussianBlur(1))


def test_a_picture_fits_its_box_and_keeps_its_shape(tmp_path: Path) -> None:
    for size, expected in {
        (4000, 1000): (3.5, 0.875),
        (1000, 4000): (0.5, 2.0),
        (30, 30): (2.0, 2.0),
    }.items():
        picture = load_picture(saved(tmp_path / "l.png", Image.new("RGB", size)), LOGO_BOX, "Logo")
        assert (picture.width / EMU, picture.height / EMU) == pytest.approx(expected, abs=0.01)
        assert max(opened(picture).size) <= 3.5 / 2.54 * 220 + 1


def cmyk(path: Path) -> Path:
    return saved(path, Image.new("CMYK", (60, 40), (0, 255, 255, 0)), format="JPEG")


def palette(path: Path) -> Path:
    return saved(path, Image.new("RGB", (60, 40), "red").quantize(4), format="PNG")


def sixteen_bits(path: Path) -> Path:
    return saved(path, Image.fromarray(np.full((40, 60), 0x8000, "uint16")), format="PNG")


def animated(path: Path) -> Path:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue")]
    return saved(path, frames[0], format="GIF", save_all=True, append_images=frames[1:])


def transparent_palette(path: Path) -> Path:
    image = Image.new("RGBA", (60, 40), (255, 0, 0, 0))
    image.paste((255, 0, 0, 255), (20, 10, 40, 30))
    return saved(path, image.quantize(8), format="PNG")


@pytest.mark.parametrize(
    ("make", "colour"),
    [
        (cmyk, (254, 0, 0)),
        (palette, (255, 0, 0)),
        (sixteen_bits, (128, 128, 128)),
        (animated, (255, 0, 0)),
        (transparent_palette, (255, 0, 0)),
    ],
)
def test_every_kind_of_picture_shows_its_colours(make, colour, tmp_path: Path) -> None:
    image = opened(load_picture(make(tmp_path / "image"), LOGO_BOX, "Logo")).convert("RGB")
    middle = image.getpixel((image.width // 2, image.height // 2))
    assert all(abs(one - other) < 12 for one, other in zip(middle, colour, strict=True))


def test_a_photograph_is_turned_upright_as_its_camera_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    image = saved(tmp_path / "p.jpg", Image.new("RGB", (400, 100)), exif=exif)
    picture = load_picture(image, LOGO_BOX, "Logo")
    assert picture.height > picture.width


def test_transparency_is_kept(tmp_path: Path) -> None:
    image = stroke((600, 300), (0, 0, 0, 0), (0, 0, 0, 255), "RGBA")
    picture = opened(load_picture(saved(tmp_path / "s.png", image), SIGNATURE_BOX, "S", ink=True))
    assert picture.mode == "RGBA"
    assert picture.getchannel("A").getextrema() == (0, 255)


def test_a_photographed_signature_loses_its_grey_paper_and_the_room_around_it(
    tmp_path: Path,
) -> None:
    path = saved(tmp_path / "s.jpg", photograph(), quality=85)
    picture = load_picture(path, SIGNATURE_BOX, "Signature", ink=True)
    image = opened(picture)
    assert image.mode == "RGBA"
    alpha = np.asarray(image.getchannel("A"))
    assert (alpha < 20).mean() > 0.7
    assert (alpha > 200).mean() > 0.01
    assert image.width / image.height > 2.5  # what was drawn is three times as wide as high
    assert len(picture.content) < 100_000


def test_a_signature_of_one_ink_is_stored_as_one_ink_and_looks_the_same(tmp_path: Path) -> None:
    ink = (26, 43, 99)
    drawn = Image.new("RGB", (1200, 500), ink)
    drawn.putalpha(stroke((1200, 500), 0, 255, "L").filter(ImageFilter.GaussianBlur(2)))
    picture = load_picture(saved(tmp_path / "s.png", drawn), SIGNATURE_BOX, "Signature", ink=True)
    pixels = np.asarray(opened(picture)).astype(int)
    visible = pixels[pixels[..., 3] > 0]
    assert len(np.unique(visible[:, :3], axis=0)) == 1
    assert np.abs(visible[0, :3] - ink).max() <= 8
    assert len(np.unique(visible[:, 3])) <= 16
    assert len(picture.content) < 10_000


def test_a_photographed_signature_keeps_the_shades_of_its_ink(tmp_path: Path) -> None:
    path = saved(tmp_path / "s.jpg", photograph(), quality=85)
    pixels = np.asarray(opened(load_picture(path, SIGNATURE_BOX, "Signature", ink=True)))
    assert 1 < len(np.unique(pixels[pixels[..., 3] > 0][:, :3], axis=0)) <= 64


def test_a_signature_of_more_colours_than_inks_keeps_them_all(tmp_path: Path) -> None:
    chance = np.random.default_rng(7)
    image = Image.fromarray(chance.integers(0, 256, (100, 300, 4)).astype("uint8"), "RGBA")
    given = saved(tmp_path / "s.png", image)
    picture = opened(load_picture(given, SIGNATURE_BOX, "Signature", ink=True))
    pixels = np.asarray(picture)
    assert len(np.unique(pixels[pixels[..., 3] > 0], axis=0)) > 20_000


def test_a_screenshot_that_could_be_see_through_and_is_not_loses_its_grey_paper(
    tmp_path: Path,
) -> None:
    path = saved(tmp_path / "s.png", photograph().convert("RGBA"))
    image = opened(load_picture(path, SIGNATURE_BOX, "Signature", ink=True))
    assert image.mode == "RGBA"
    assert (np.asarray(image.getchannel("A")) < 20).mean() > 0.7


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGB", (300, 200), (180, 180, 180)),  # no ink at all
        stroke((300, 200), (10, 10, 10), (240, 240, 240)),  # light on dark
        Image.linear_gradient("L").convert("RGB"),
    ],
)
def test_a_picture_that_is_no_ink_on_paper_stays_as_it_is(
    image: Image.Image, tmp_path: Path
) -> None:
    path = saved(tmp_path / "s.png", image)
    assert opened(load_picture(path, SIGNATURE_BOX, "S", ink=True)).mode == "RGB"


def test_a_scanned_page_shows_its_signature_large_and_stays_light(tmp_path: Path) -> None:
    page = Image.new("RGB", (2480, 3508), "white")
    page.paste(stroke((900, 300), "white"), (1200, 2600))
    path = saved(tmp_path / "s.png", page)
    picture = load_picture(path, SIGNATURE_BOX, "S", ink=True)
    assert picture.width / EMU > 5
    school = School(SCHOOL.values, {"signature": picture, "logo": None})
    template = word_file(WHO + para("{{ signature }}"))
    with_it = convert(class_document(template, school=school), tmp_path).stat().st_size
    without = convert(class_document(word_file(WHO)), tmp_path).stat().st_size
    assert with_it - without < 100_000


def test_a_logo_with_a_photograph_is_stored_small(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (800, 1400, 3), dtype="uint8")
    path = saved(tmp_path / "l.png", Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2)))
    assert len(load_picture(path, LOGO_BOX, "Logo").content) < 60_000


def test_bombs_and_what_is_no_picture_are_refused(tmp_path: Path) -> None:
    bomb = saved(tmp_path / "b.png", Image.new("1", (9_000, 9_000)))
    with pytest.raises(SettingsError, match="trop grande"):
        load_picture(bomb, LOGO_BOX, "Logo")
    whole = saved(tmp_path / "w.png", photograph()).read_bytes()
    for name, content in {"t.png": b"texte", "e.png": b"", "half.png": whole[:5000]}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SettingsError, match="abîmée"):
            load_picture(tmp_path / name, LOGO_BOX, "Logo")
    with pytest.raises(SettingsError, match="abîmée"):
        load_picture(tmp_path / "absente.png", LOGO_BOX, "Logo")


def test_the_signature_may_stand_in_headers_and_tables_and_is_stored_once(tmp_path: Path) -> None:
    path = saved(tmp_path / "s.png", stroke((600, 300), "white"))
    picture = load_picture(path, SIGNATURE_BOX, "Signature", ink=True)
    school = School(SCHOOL.values, {"signature": picture, "logo": None})
    template = word_file(
        WHO + para("{{ signature }}{{ logo }} {{ signature }}"),
        section=reference("header", "header1") + A4,
        parts={"header1": para("{{ nom }} {{ signature }}")},
    )
    document = class_document(template, school=school)
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        assert sum(name.startswith("word/media") for name in archive.namelist()) == 1
    with pypdfium2.PdfDocument(convert(document, tmp_path)) as pdf:
        for page in pdf:
            assert len([o for o in page.get_objects() if o.type == 3]) == 3


# --- QR codes -----------------------------------------------------------------------------------

QR = word_file(
    WHO + para("{{ qr('https://pix.fr/' ~ numero) }} {{ qr(mention, 4) }}"),
    section=reference("footer", "footer1") + A4,
    parts={"footer1": para("{{ qr(numero) }}")},
)


def test_a_qr_code_is_each_pupils_own_and_stored_once_per_text(tmp_path: Path) -> None:
    rows = [pupil(f"NOM{n}", Mention="la même") for n in range(3)]
    document = class_document(QR, rows)
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        names = archive.namelist()
        assert sum(name.startswith("word/media") for name in names) == 3 + 1 + 3
        footers = [n for n in names if "footer1Eleve" in n and n.endswith(".rels")]
        assert [archive.read(name).count(b'relationships/image"') for name in footers] == [1, 1, 1]
    with pypdfium2.PdfDocument(convert(document, tmp_path)) as pdf:
        drawn = [[o for o in page.get_objects() if o.type == 3] for page in pdf]
        sizes = [round(o.get_bounds()[2] - o.get_bounds()[0]) for o in drawn[0]]
    assert [len(objects) for objects in drawn] == [3, 3, 3]
    assert sorted(sizes) == [71, 71, 113]  # points: 2.5 cm and 4 cm


def test_a_qr_code_of_nothing_is_nothing() -> None:
    document = class_document(QR, [pupil("NOM", Mention="")])
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        assert sum(name.startswith("word/media") for name in archive.namelist()) == 2


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("qr('a' * 200 ~ 'b' * 101)", "300 caractères au plus"),
        ("qr(nom, 100)", "de 1 à 15"),
        ("qr(nom, 'grand')", "de 1 à 15"),
    ],
)
def test_a_qr_code_that_can_not_be_read_is_refused(tag: str, words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        class_document(word_file(WHO + para(f"{{{{ {tag} }}}}")), CLASS)
