"""Signature and logo: any picture a school has, upright, of a sensible size, in its box."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2.exceptions import SecurityError
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from mailmerge.errors import SettingsError
from mailmerge.template.ink import plainly_inked

_EMU_PER_CM = 360_000
_DPI = 220  # Word’s own for print
_MAX_PIXELS = 60_000_000  # a scan of an A4 page at 600 dpi has 35 million
_MAX_FILE_BYTES = 30 * 2**20
_SMALL = 40_000  # bytes: below, a PNG is as good as a JPEG
_MAX_QR = 300  # characters: 61 squares a side, still read from a page at 2.5 cm
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")


@dataclass(frozen=True, slots=True)
class Box:
    """The room a picture may fill, in centimetres."""

    width: float
    height: float


SIGNATURE_BOX = Box(6.0, 2.2)
LOGO_BOX = Box(3.5, 2.0)


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG and the size it is drawn at, in EMU (360,000 to the centimetre)."""

    content: bytes
    width: int
    height: int
    description: str


def load_picture(path: Path, box: Box, description: str, *, ink: bool = False) -> Picture:
    """The picture at ``path``, turned upright and scaled to fit ``box``.

    With ``ink`` (a signature, a stamp) the paper around it is cut off, and grey paper under it, as
    on a photograph, becomes transparent.

    Raises:
        SettingsError: not a picture, damaged, or far too large.
    """
    image = _opened(path)
    if ink:
        image = _trimmed(_ink_of(image))
    scale = min(box.width / image.width, box.height / image.height)
    width, height = image.width * scale, image.height * scale
    image.thumbnail((_pixels(width), _pixels(height)), Image.Resampling.LANCZOS)
    if ink and image.mode == "RGBA":
        image = plainly_inked(image)
    return Picture(_packed(image), _emu(width), _emu(height), description)


def _opened(path: Path) -> Image.Image:
    """The picture as RGB, or RGBA where it has transparency."""
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise _refused(path, "le fichier est trop lourd (plus de 30 Mo). Réduisez-la")
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as opened:
                if opened.width * opened.height > _MAX_PIXELS:
                    raise _refused(path, "l’image est trop grande. Réduisez-la")
                opened.load()
                image = ImageOps.exif_transpose(opened)
                if image.mode.startswith("I;16"):  # converting would cut at 255, not scale
                    return image.convert("I").point(lambda value: value * (1 / 256)).convert("RGB")
                return _without_idle_transparency(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _refused(path, "l’image est trop grande. Réduisez-la") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        reason = (
            "ce n’est pas une image PNG ou JPEG, ou elle est abîmée. Ouvrez-la dans un logiciel de "
            "dessin et enregistrez-la au format PNG"
        )
        raise _refused(path, reason) from error


def _without_idle_transparency(image: Image.Image) -> Image.Image:
    """As RGB, or RGBA where something shows through; a screenshot is RGBA for nothing."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            return image
    return image.convert("RGB")


def _ink_of(image: Image.Image) -> Image.Image:
    """The picture without its paper, where it is a photograph of ink on paper."""
    if image.mode == "RGBA":
        return image
    from mailmerge.template.paper import without_paper  # NumPy takes its time to come

    return without_paper(image)


def _trimmed(image: Image.Image) -> Image.Image:
    """The picture without the white or transparent room around what is drawn."""
    if image.mode == "RGBA":
        drawn = image.getchannel("A").point(lambda value: 255 if value > 40 else 0)
    else:
        drawn = image.convert("L").point(lambda value: 255 if value < 200 else 0)
    # A speck of dust must not count as drawn.
    box = drawn.filter(ImageFilter.MedianFilter(3)).getbbox() if min(image.size) > 50 else None
    return image.crop(box) if box else image


def blank_picture(box: Box, description: str) -> Picture:
    """An invisible picture that keeps the place free."""
    image = Image.new("RGBA", (1, 1), (255, 255, 255, 0))
    return Picture(_saved(image, "PNG"), _emu(box.width), _emu(box.height), description)


def qr_picture(text: str, centimetres: float) -> Picture | None:
    """The QR code of ``text``, with its quiet zone; None for no text.

    Raises:
        SecurityError: the text is too long to be read by a telephone, or the size is unreasonable.
    """
    if not text:
        return None
    if len(text) > _MAX_QR:
        raise SecurityError(f"le texte d’un QR code est trop long ({_MAX_QR} caractères au plus)")
    if not isinstance(centimetres, int | float) or not 1 <= centimetres <= 15:
        raise SecurityError("la taille d’un QR code se donne en centimètres, de 1 à 15")
    import segno  # few templates have one

    stream = io.BytesIO()
    segno.make_qr(text, error="m", encoding="utf-8").save(stream, kind="png", scale=4, border=4)
    side = _emu(centimetres)
    return Picture(stream.getvalue(), side, side, f"QR code : {text}")


def _packed(image: Image.Image) -> bytes:
    """The picture as PNG, or as JPEG where that is much smaller (a photograph)."""
    png = _saved(image, "PNG")
    if image.mode != "RGB" or len(png) < _SMALL:
        return png
    return min(png, _saved(image, "JPEG", quality=88, optimize=True), key=len)


def _saved(image: Image.Image, form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def _pixels(centimetres: float) -> int:
    return max(1, round(centimetres / 2.54 * _DPI))


def _emu(centimetres: float) -> int:
    return max(1, round(centimetres * _EMU_PER_CM))


def _refused(path: Path, reason: str) -> SettingsError:
    return SettingsError(f"L’image « {path.name} » ne convient pas : {reason}.", source=path.name)
