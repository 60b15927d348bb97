"""A PDF that carries only what its pages show: no other page's pictures, and small ones.

LibreOffice gives all pages one list of everything: cut from it, a pupil's file would hold the QR
codes of the whole class. And engines store each picture as RGB with a mask; here it becomes a
table of colours (``Indexed``) over the colour space that it had, so that PDF/A stays PDF/A.
Text, fonts (engines store the letters that are used, no others) and JPEG stay as they are.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Name

from mailmerge.pdf.pixels import Packed, Pixels, pack_colours, pack_greys

_LEAST_BYTES = 2_000  # as stored: below, there is nothing to gain (a QR code has about 800)
_MOST_PIXELS = 12_000_000  # an A4 page at 300 dpi has 8.7 million
_REMEMBERED = 128  # pictures: a school's logo is the same in every class that a process makes

_UNUSUAL = frozenset({"/Mask", "/Matte", "/Alternates", "/SMaskInData"})

_known: dict[bytes, Packed | None] = {}


def slim(document: pikepdf.Pdf) -> None:
    """Drop what pages are given but do not use, and store their pictures small, in place."""
    if _share_a_list(document):
        document.remove_unreferenced_resources()
    pictures: dict[tuple[int, int], pikepdf.Object] = {}
    for page in document.pages:
        _collect(page.get("/Resources"), pictures)
    # Colours first: what shows of them is in a mask, which is a grey picture.
    for picture in sorted(filter(_is_plain, pictures.values()), key=_is_grey):
        _store_small(picture)


def _collect(resources: pikepdf.Object | None, found: dict[tuple[int, int], Any]) -> None:
    """Pictures that a page or a form draws, their masks, and those of the forms in it.

    Not ``document.objects``: asking for these reads the whole file.
    """
    drawn = None if resources is None else resources.get("/XObject")
    for _, stream in () if drawn is None else drawn.items():
        if stream.objgen not in found:
            found[stream.objgen] = stream
            _collect(stream.get("/Resources"), found)
            if (mask := stream.get("/SMask")) is not None:
                found[mask.objgen] = mask


def _share_a_list(document: pikepdf.Pdf) -> bool:
    """Whether pages share one list of fonts and pictures; a list of its own has what it needs."""
    lists = [page.obj.get("/Resources") for page in document.pages]
    shared = [each.objgen for each in lists if each is not None and each.is_indirect]
    return len(set(shared)) < len(shared)


def _is_plain(candidate: pikepdf.Object) -> bool:
    """Whether this is a picture whose bytes are colours or greys, packed by Flate alone."""
    if not isinstance(candidate, pikepdf.Stream) or candidate.get("/Subtype") != Name.Image:
        return False
    space = candidate.get("/ColorSpace")
    colours = space == Name.DeviceRGB
    if isinstance(space, pikepdf.Array) and space[0] == Name.ICCBased:
        colours = space[1].get("/N") == 3
    return bool(
        (colours or (_is_grey(candidate) and _decode(candidate) in ([0, 1], [1, 0])))
        and candidate.get("/BitsPerComponent") == 8
        and candidate.get("/Filter") == Name.FlateDecode
        and not _UNUSUAL & set(candidate.keys())
        and (_is_grey(candidate) or "/Decode" not in candidate)
        and int(candidate.Width) * int(candidate.Height) <= _MOST_PIXELS
    )


def _is_grey(picture: pikepdf.Object) -> bool:
    return bool(picture.get("/ColorSpace") == Name.DeviceGray)


def _decode(picture: pikepdf.Object) -> list[int]:
    return [int(value) for value in picture.get("/Decode", (0, 1))]


def _store_small(picture: pikepdf.Object) -> None:
    stored = picture.read_raw_bytes()
    if len(stored) < _LEAST_BYTES:
        return
    mask = _usable_mask(picture)
    seen = [picture.Width, picture.Height, mask is not None and _decode(mask), _is_grey(picture)]
    raw = b"" if mask is None else mask.read_raw_bytes()
    key = hashlib.sha256(f"{seen} {len(raw)}".encode() + raw + stored).digest()
    if key not in _known:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        packed = _packed(picture, mask)
        smaller = packed and len(packed.data) + len(packed.palette) < len(stored)
        _known[key] = packed if smaller else None
    if (found := _known[key]) is not None:
        _store(found, picture)


def _usable_mask(picture: pikepdf.Object) -> pikepdf.Object | None:
    """What says which of its pixels show, if it is that simple."""
    mask = picture.get("/SMask")
    if mask is None or not (_is_grey(mask) and _is_plain(mask)):
        return None
    same = (mask.Width, mask.Height) == (picture.Width, picture.Height)
    return mask if same else None


def _packed(picture: pikepdf.Object, mask: pikepdf.Object | None) -> Packed | None:
    try:
        if _is_grey(picture):
            return pack_greys(_pixels(picture))
        return pack_colours(_pixels(picture), None if mask is None else _alpha(mask))
    except ValueError:  # not as many bytes as it says: left to the reader that will show it
        return None


def _alpha(mask: pikepdf.Object) -> Pixels:
    values = _pixels(mask)
    return values if _decode(mask) == [0, 1] else 255 - values


def _pixels(picture: pikepdf.Object) -> Pixels:
    shape = (int(picture.Height), int(picture.Width)) + (() if _is_grey(picture) else (3,))
    return np.frombuffer(picture.read_bytes(), np.uint8).reshape(shape)


def _store(packed: Packed, picture: pikepdf.Object) -> None:
    if packed.palette:
        last = len(packed.palette) // 3 - 1
        table = [Name.Indexed, picture.ColorSpace, last, pikepdf.String(packed.palette)]
        picture.ColorSpace = pikepdf.Array(table)  # an object of its own would be slow to number
    picture.BitsPerComponent = packed.bits
    prediction = pikepdf.Dictionary(
        Predictor=15,
        Colors=packed.channels,
        BitsPerComponent=packed.bits,
        Columns=packed.columns,
    )
    picture.write(
        packed.data,
        filter=Name.FlateDecode,
        decode_parms=prediction if packed.predicted else None,
    )
