"""The pixels of a picture in the fewest bytes that Flate can give them.

Engines round a colour that shows through as they store it: one ink becomes hundreds of shades that
look the same. Two colours that differ by no more than that, once on white paper, are one here.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

_ROUNDING = 1  # of 255: by how much a colour may change as it is seen
_MOST_COLOURS = 256


@dataclass(frozen=True, slots=True)
class Packed:
    """A picture's data for PDF.

    Attributes:
        data: packed by Flate.
        bits: bits a channel.
        channels: 3, or 1 with a palette or for greys.
        predicted: PNG's prediction stands before each row, whose length is ``columns``.
        palette: three bytes a colour, or nothing.
    """

    data: bytes
    bits: int = 8
    channels: int = 1
    predicted: bool = False
    columns: int = 0
    palette: bytes = b""


def pack_colours(pixels: Pixels, alpha: Pixels | None) -> Packed:
    """Rows × columns × RGB; ``alpha`` (rows × columns) says how much shows, None for all."""
    height, width, _ = pixels.shape
    if alpha is None:
        alpha = np.full((height, width), 255, np.uint8)
    found = _palette(pixels.reshape(-1, 3), alpha.ravel())
    if found is None:
        return _packed(pixels)
    palette, places = found
    bits = next(bits for bits in (1, 2, 4, 8) if len(palette) <= 1 << bits)
    return _packed(places.reshape(height, width), bits, palette.tobytes())


def pack_greys(pixels: Pixels) -> Packed:
    """Rows × columns of greys, or of how much of a picture shows: nothing is rounded here."""
    levels = np.unique(pixels)
    for bits in (1, 2, 4):
        step = 255 // ((1 << bits) - 1)
        if not (levels % step).any():
            return _packed(pixels // step, bits)
    return _packed(pixels)


def _palette(colours: Pixels, alpha: Pixels) -> tuple[Pixels, Pixels] | None:
    """The colours that are needed, and each pixel's place among them; None if they are too many.

    What shows most is looked at first, then what there is most of. Hidden pixels get the first.
    """
    shown = alpha > 0
    codes = colours[shown].astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    distinct, where, counts = np.unique(codes, return_inverse=True, return_counts=True)
    strength = np.zeros(len(distinct), np.int32)
    np.maximum.at(strength, where, alpha[shown])
    # A colour that shows well stands for its neighbours alone, of which there are 27 with itself.
    if np.count_nonzero(2 * strength > 255) > 27 * _MOST_COLOURS:
        return None
    channels = np.stack([distinct >> 16, distinct >> 8 & 255, distinct & 255], 1).astype(np.int32)
    place = np.zeros(len(distinct), np.uint8)
    left = np.lexsort((-counts, -strength))
    chosen: list[int] = []
    while left.size:
        if len(chosen) == _MOST_COLOURS:
            return None
        apart = np.abs(channels[left] - channels[left[0]]).max(axis=1)
        same = apart * strength[left] <= _ROUNDING * 255
        place[left[same]] = len(chosen)
        chosen.append(int(left[0]))
        left = left[~same]
    places = np.zeros(len(colours), np.uint8)
    places[shown] = place[where]
    return channels[chosen].astype(np.uint8).reshape(-1, 3), places


def _packed(pixels: Pixels, bits: int = 8, palette: bytes = b"") -> Packed:
    rows = _rows(pixels, bits)
    channels = 3 if pixels.ndim == 3 else 1
    plain = zlib.compress(rows.tobytes(), 9)
    predicted = _predicted(rows)
    best = min(plain, predicted, key=len)
    return Packed(best, bits, channels, best is predicted, pixels.shape[1], palette)


def _rows(pixels: Pixels, bits: int) -> Pixels:
    """Several pixels a byte, each row beginning a byte of its own."""
    if bits == 8:
        return pixels
    each = 8 // bits
    missing = -pixels.shape[1] % each
    groups = np.pad(pixels, ((0, 0), (0, missing))).reshape(len(pixels), -1, each)
    shifts = np.arange(8 - bits, -1, -bits, dtype=np.uint8)
    return np.asarray(np.bitwise_or.reduce(groups << shifts, axis=2), np.uint8)


def _predicted(rows: Pixels) -> bytes:
    """What a PNG file of these bytes has inside: PDF knows the same prediction."""
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rows)).save(stream, "PNG", compress_level=9)
    file, at, parts = stream.getvalue(), 8, []
    while at < len(file):
        length, kind = int.from_bytes(file[at : at + 4], "big"), file[at + 4 : at + 8]
        if kind == b"IDAT":
            parts.append(file[at + 8 : at + 8 + length])
        at += length + 12
    return b"".join(parts)
