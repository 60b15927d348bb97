"""Signature and logo: any picture a school has, upright, of a sensible size, in its box."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import segno
from jinja2.exceptions import SecurityError
from PIL import Image, ImageOps, UnidentifiedImageError

from mailmerge.errors import SettingsError

_EMU_PER_CM = 360_000
_DPI = 300
_MAX_PIXELS = 60_000_000  # a scan of an A4 page at 600 dpi has 35 million
_MAX_FILE_BYTES = 30 * 2**20
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
    """A PNG and the size it is drawn at, in EMU (360,000 to the centimetre)."""

    png: bytes
    width: int
    height: int
    description: str


def load_picture(path: Path, box: Box, description: str) -> Picture:
    """The picture at ``path``, turned upright, scaled to fit ``box``, never enlarged past it.

    Raises:
        SettingsError: not a picture, damaged, or far too large.
    """
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise _refused(path, "le fichier est trop lourd (plus de 30 Mo)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as opened:
                if opened.width * opened.height > _MAX_PIXELS:
                    raise _refused(path, "l’image est trop grande. Réduisez-la")
                image = ImageOps.exif_transpose(opened)
                mode = "RGBA" if image.has_transparency_data else "RGB"
                image = image.convert(mode)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _refused(path, "l’image est trop grande. Réduisez-la") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise _refused(path, "ce n’est pas une image PNG ou JPEG, ou elle est abîmée") from error
    scale = min(box.width / image.width, box.height / image.height)
    width, height = image.width * scale, image.height * scale
    image.thumbnail((_pixels(width), _pixels(height)), Image.Resampling.LANCZOS)
    return Picture(_png(image), _emu(width), _emu(height), description)


def blank_picture(box: Box, description: str) -> Picture:
    """An invisible picture that keeps the place free."""
    image = Image.new("RGBA", (1, 1), (255, 255, 255, 0))
    return Picture(_png(image), _emu(box.width), _emu(box.height), description)


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
    stream = io.BytesIO()
    segno.make_qr(text, error="m", encoding="utf-8").save(stream, kind="png", scale=4, border=4)
    side = _emu(centimetres)
    return Picture(stream.getvalue(), side, side, f"QR code : {text}")


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _pixels(centimetres: float) -> int:
    return max(1, round(centimetres / 2.54 * _DPI))


def _emu(centimetres: float) -> int:
    return max(1, round(centimetres * _EMU_PER_CM))


def _refused(path: Path, reason: str) -> SettingsError:
    return SettingsError(f"L’image « {path.name} » ne convient pas : {reason}.", source=path.name)
