"""A PDF carries only what its pages show, as small as it can be said, and looks the same."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageDraw, ImageFilter
from support.every_engine import ENGINES
from support.pix_exports import certification
from support.printing import A4, WHO, para, word_file
from support.school import pages, school_in

from mailmerge.pdf.opened import opened
from mailmerge.pdf.pixels import pack_colours
from mailmerge.pdf.slimming import slim

Pixels = NDArray[np.uint8]
WIDTH, HEIGHT = 400, 200
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
ROUNDING = 2  # of 255: one level of colour, one of the renderer


def strokes() -> Pixels:
    """How much of an ink covers each pixel."""
    image = Image.new("L", (WIDTH, HEIGHT))
    drawing = ImageDraw.Draw(image)
    places = np.random.default_rng(3).integers(0, WIDTH, (12, 2, 2)).tolist()
    for (x1, y1), (x2, y2) in places:
        drawing.line((x1, y1 / 2, x2, y2 / 2), 255, 5)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(2)))


def as_engines_store(colours: Pixels, alpha: Pixels) -> Pixels:
    """Multiplied by what shows and divided again, with the rounding of both."""
    kept = np.round(colours.astype(float) * alpha[..., None] / 255)
    return np.round(kept * 255 / np.maximum(alpha, 1)[..., None]).clip(0, 255).astype(np.uint8)


def flat(*colour: int) -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), colour, np.uint8)


def photograph() -> Pixels:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    grain = np.random.default_rng(5).integers(0, 40, (HEIGHT, WIDTH, 3))
    return (np.stack([x * 200 // WIDTH, y * 200 // HEIGHT, (x + y) // 2], 2) + grain).astype("u1")


def blocks(count: int) -> Pixels:
    """Areas of ``count`` colours; a little grain, so that Flate alone does not do it."""
    chance = np.random.default_rng(count)
    colours = chance.integers(0, 256, (count, 3)).astype(np.uint8)
    return colours[chance.integers(0, count, (HEIGHT, WIDTH))]


STEPS = (strokes() // 17 * 17).astype(np.uint8)
PICTURES: dict[str, tuple[Pixels, Pixels | None]] = {
    "one ink": (as_engines_store(flat(26, 43, 99), strokes()), strokes()),
    "one ink in 16 steps": (as_engines_store(flat(26, 43, 99), STEPS), STEPS),
    "few colours": (blocks(2), None),
    "16 colours": (blocks(16), None),
    "200 colours": (blocks(200), None),
    "greys": (np.repeat(strokes()[..., None], 3, axis=2), None),
    "see-through areas": (as_engines_store(blocks(9), strokes()), strokes()),
    "photograph": (photograph(), None),
    "see-through photograph": (as_engines_store(photograph(), strokes()), strokes()),
}


def document_of(
    path: Path, colours: Pixels, alpha: Pixels | None, *, inverted: bool = False, **facts: Any
) -> Path:
    """Two pages of one picture and a text, over a coloured ground."""
    with pikepdf.new() as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1,
                                  BaseFont=pikepdf.Name.Helvetica)  # fmt: skip
        profile = pdf.make_stream(PROFILE, N=3)
        picture = image_in(pdf, colours, pikepdf.Array([pikepdf.Name.ICCBased, profile]))
        if alpha is not None:
            shown = 255 - alpha if inverted else alpha
            picture.SMask = image_in(pdf, shown, pikepdf.Name.DeviceGray)
            if inverted:
                picture.SMask.Decode = pikepdf.Array([1, 0])
        for key, value in facts.items():
            picture[f"/{key}"] = value
        for number in range(2):
            page = pdf.add_blank_page(page_size=(WIDTH, HEIGHT * 2))
            page.Resources = pikepdf.Dictionary(
                Font=pikepdf.Dictionary(F1=font), XObject=pikepdf.Dictionary(Im=picture)
            )
            page.Contents = pdf.make_stream(
                f"1 1 .9 rg 0 0 {WIDTH} 60 re f q {WIDTH} 0 0 {HEIGHT} 0 0 cm /Im Do Q "
                f"0 g BT /F1 12 Tf 10 {HEIGHT + 20} Td (Page {number}) Tj ET".encode()
            )
        pdf.save(path)
    return path


def image_in(pdf: pikepdf.Pdf, pixels: Pixels, space: pikepdf.Object) -> pikepdf.Stream:
    stream = pdf.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
    stream.write(zlib.compress(pixels.tobytes()), filter=pikepdf.Name.FlateDecode)
    stream.Width, stream.Height, stream.BitsPerComponent = pixels.shape[1], pixels.shape[0], 8
    stream.ColorSpace = space
    return stream


def slimmed(path: Path) -> Path:
    target = path.with_name("slim.pdf")
    with pikepdf.open(path) as document:
        slim(document)
        document.save(target)
    return target


def drawn(path: Path, scale: float = 1) -> list[NDArray[np.int16]]:
    with opened(path) as document:
        return [page.render(scale=scale).to_numpy().astype(np.int16) for page in document]


def stored(path: Path) -> list[Mapping[str, Any]]:
    with pikepdf.open(path) as pdf:
        return [
            {**{key: str(value) for key, value in item.items() if key != "/SMask"},
             "raw": item.read_raw_bytes()}
            for item in pdf.objects
            if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"
        ]  # fmt: skip


@pytest.mark.parametrize("inverted", [False, True], ids=["", "as LibreOffice stores a mask"])
@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_is_drawn_the_same_in_fewer_bytes(
    kind: str, inverted: bool, tmp_path: Path
) -> None:
    before = document_of(tmp_path / "a.pdf", *PICTURES[kind], inverted=inverted)
    after = slimmed(before)
    assert pages(after) == pages(before) == ["Page 0", "Page 1"]
    for scale in (1, 3):
        for one, other in zip(drawn(before, scale), drawn(after, scale), strict=True):
            assert np.abs(one - other).max() <= ROUNDING
    assert after.stat().st_size < before.stat().st_size


@pytest.mark.parametrize(
    ("kind", "bits"), [("one ink", 1), ("few colours", 1), ("16 colours", 4), ("200 colours", 8)]
)
def test_a_colour_costs_as_few_bits_as_there_are_colours(
    kind: str, bits: int, tmp_path: Path
) -> None:
    after = slimmed(document_of(tmp_path / "a.pdf", *PICTURES[kind]))
    with pikepdf.open(after) as pdf:
        picture = pdf.pages[0].Resources.XObject.Im
        assert picture.BitsPerComponent == bits
        name, base, last, _ = picture.ColorSpace
        assert (name, base[0]) == ("/Indexed", "/ICCBased")  # the colours that PDF/A was promised
        assert base[1].read_bytes() == PROFILE
        assert last < 1 << bits


def test_a_see_through_signature_is_little_more_than_its_outline(tmp_path: Path) -> None:
    after = slimmed(document_of(tmp_path / "a.pdf", *PICTURES["one ink in 16 steps"]))
    with pikepdf.open(after) as pdf:
        picture = pdf.pages[0].Resources.XObject.Im
        assert len(picture.read_raw_bytes()) < 60
        assert picture.SMask.BitsPerComponent == 4


def test_slimming_twice_changes_nothing_more(tmp_path: Path) -> None:
    for kind, (colours, alpha) in PICTURES.items():
        once = slimmed(document_of(tmp_path / "a.pdf", colours, alpha)).rename(tmp_path / "b.pdf")
        assert stored(slimmed(once)) == stored(once), kind


@pytest.mark.parametrize(
    "facts",
    [
        {"Decode": pikepdf.Array([1, 0, 1, 0, 1, 0])},
        {"Mask": pikepdf.Array([0, 9, 0, 9, 0, 9])},
        {"BitsPerComponent": 4},
        {"ColorSpace": pikepdf.Name.DeviceCMYK},
        {"Width": 20_000, "Height": 20_000},
        {"Width": WIDTH + 1},
    ],
    ids=["inverted", "a colour shows through", "4 bits", "CMYK", "far too large", "a lie"],
)
def test_a_picture_of_another_kind_stays_as_it_is(facts: dict[str, Any], tmp_path: Path) -> None:
    before = document_of(tmp_path / "a.pdf", blocks(9), None, **facts)
    assert stored(slimmed(before)) == stored(before)


def test_a_mask_that_is_mixed_with_the_colours_stays_with_them(tmp_path: Path) -> None:
    before = document_of(tmp_path / "a.pdf", *PICTURES["see-through photograph"])
    with pikepdf.open(before, allow_overwriting_input=True) as pdf:
        pdf.pages[0].Resources.XObject.Im.SMask.Matte = pikepdf.Array([0, 0, 0])
        pdf.save(before)
    for one, other in zip(drawn(before), drawn(slimmed(before)), strict=True):
        assert np.abs(one - other).max() <= ROUNDING


def test_pages_that_share_one_list_of_pictures_keep_their_own_only(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pictures = {f"/Im{n}": image_in(pdf, blocks(n + 2), pikepdf.Name.DeviceRGB)
                    for n in range(3)}  # fmt: skip
        shared = pdf.make_indirect(pikepdf.Dictionary(XObject=pikepdf.Dictionary(pictures)))
        for n in range(3):
            page = pdf.add_blank_page(page_size=(100, 100))
            page.Resources = shared
            page.Contents = pdf.make_stream(f"q 100 0 0 100 0 0 cm /Im{n} Do Q".encode())
        pdf.save(tmp_path / "a.pdf")
    with pikepdf.open(slimmed(tmp_path / "a.pdf")) as pdf:
        kept = [list(page.Resources.XObject.keys()) for page in pdf.pages]
    assert kept == [["/Im0"], ["/Im1"], ["/Im2"]]


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_else_s_qr_code_is_in_a_pupil_s_file(engine: str, tmp_path: Path) -> None:
    school = school_in(tmp_path)
    school.add_class("3A", [certification(numero=f"100000{n}", nom=f"Nom{n}") for n in range(3)])
    template = tmp_path / "modèle.docx"
    template.write_bytes(word_file(WHO + para("{{ qr(numero) }}"), section=A4))
    report = school.run(template=template, engine=engine)
    files = [school.output / str(pupil.pdf) for pupil in report.eleves]
    codes = []
    for file in files:
        with pikepdf.open(file) as pdf:
            pictures = [o for o in pdf.objects if o.get("/Subtype") == "/Image"
                        and "/SMask" not in o]  # fmt: skip
            assert len(pictures) == 1
            codes.append(pictures[0].read_raw_bytes())
    assert len(set(codes)) == len(files) == 3


def test_a_pupil_s_file_of_the_sample_school_is_small_and_its_text_can_be_found(
    tmp_path: Path,
) -> None:
    school = school_in(tmp_path)
    example = Path(__file__).parents[1] / "data" / "exemple"
    for name in ("etablissement.toml", "logo.png", "signature.png"):
        (school.data / name).write_bytes((example / name).read_bytes())
    settings = school.data / "etablissement.toml"
    settings.write_text(settings.read_text("utf-8").partition("[liste]")[0], "utf-8")
    school.add_class("3A", [certification()])
    school.run()
    file = school.output / "3A" / "Lefèvre Élodie.pdf"
    assert file.stat().st_size < 45_000  # 93,000 as the engine made it
    (text,) = pages(file)
    assert "Lefèvre" in text
    assert "Principale du collège" in text
    assert len(_pictures_shown(file)) == 2


def _pictures_shown(file: Path) -> list[Image.Image]:
    with opened(file) as document:
        return [item.get_bitmap(render=True).to_pil() for item in document[0].get_objects([3])]


def test_a_slim_picture_reads_back_as_the_one_that_was_given(tmp_path: Path) -> None:
    """Pixel by pixel, by another reader than the one that draws."""
    for kind in ("16 colours", "200 colours", "greys", "photograph"):
        colours, _ = PICTURES[kind]
        after = slimmed(document_of(tmp_path / "a.pdf", colours, None))
        with pikepdf.open(after) as pdf:
            stream = io.BytesIO()
            pikepdf.PdfImage(pdf.pages[0].Resources.XObject.Im).extract_to(stream=stream)
        read = np.asarray(Image.open(stream).convert("RGB")).astype(int)
        assert np.abs(read - colours).max() <= 1, kind


def test_a_photograph_without_loss_gets_no_table_of_colours() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1500, 1500, 3), np.uint8)
    assert pack_colours(noise, None).palette == b""
