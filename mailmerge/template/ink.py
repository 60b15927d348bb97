"""A signature's ink made plain for printing: a fifth of the bytes, in every pupil's file."""

from __future__ import annotations

from math import sqrt

from PIL import Image, ImageChops, ImageStat

_INKS = (1, 16, 64)  # colours to try; a stamp over a signature needs many
_COVERS = 16  # degrees of cover, at the edge of a stroke
_GRAIN = 5  # of 255, on average: what a camera adds by itself


def plainly_inked(image: Image.Image) -> Image.Image:
    """Ink of one colour, or few, that covers the paper in few degrees.

    Where the colours could be told from the picture's own, they stay.
    """
    colours, alpha = image.convert("RGB"), image.getchannel("A")
    degrees, step = _COVERS - 1, 255 // (_COVERS - 1)
    cover = alpha.point([(value * degrees + 127) // 255 * step for value in range(256)])
    dense = alpha.point(lambda value: 255 if value >= 128 else 0)
    strokes = _alone(colours, dense)
    for count in _INKS if dense.getbbox() else ():
        inks = strokes.quantize(count)
        plain = colours.quantize(palette=inks, dither=Image.Dither.NONE).convert("RGB")
        if _seen_difference(plain, colours, cover) <= _GRAIN:
            plain.putalpha(cover)
            return plain
    return image


def _alone(colours: Image.Image, dense: Image.Image) -> Image.Image:
    """The strokes on a ground of their own mean colour, which so adds none to them."""
    if not dense.getbbox():
        return colours
    mean = tuple(round(value) for value in ImageStat.Stat(colours, dense).mean)
    return Image.composite(colours, Image.new("RGB", colours.size, mean), dense)


def _seen_difference(one: Image.Image, other: Image.Image, cover: Image.Image) -> float:
    """By how much two colourings differ where they cover the paper, as far as they do: 0 to 255."""
    off = ImageChops.multiply(ImageChops.difference(one, other), Image.merge("RGB", [cover] * 3))
    covered = ImageStat.Stat(off, cover.point(lambda value: 255 if value else 0))
    return sqrt(sum(value**2 for value in covered.rms) / 3)
