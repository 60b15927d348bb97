"""Makes « Attestation Sans » (regular, bold) out of Noto Sans, for embedding in the templates.

Run by hand, once, where Debian's ``fonts-noto-core`` is unpacked::

    python templates/sources/reduce_fonts.py /usr/share/fonts/truetype/noto

Noto Sans is under the SIL Open Font License without a Reserved Font Name, so it may be reduced and
renamed; what comes out stays under that licence (``templates/OFL.txt``). It gets a name of its own
because a full Noto Sans installed on a machine must not take its place: it lacks the squares of the
gauges. Needs fontTools.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Attestation Sans"
OUTPUT = Path(__file__).parent / "fonts"

# Latin with all its extensions (Vietnamese too), combining accents, Greek, Cyrillic, punctuation,
# currencies, letter-like symbols: any name that a French school writes in these scripts.
RANGES = (
    (0x0020, 0x024F),
    (0x02B0, 0x036F),
    (0x0370, 0x03FF),
    (0x0400, 0x04FF),
    (0x1E00, 0x1EFF),
    (0x2000, 0x206F),
    (0x20A0, 0x20BF),
    (0x2100, 0x214F),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
)
SQUARES = {"blacksquare": 0x25A0, "whitesquare": 0x25A1}
SQUARE_ADVANCE, SQUARE_SIDE, SQUARE_BASE = 940, 780, -30  # thousandths of an em
SQUARE_STROKE = 60


def reduce(source: Path, style: str) -> Path:
    """The font file ``Attestation Sans`` in ``style``, made from the Noto Sans file ``source``."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options(hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], layout_features=[
        "ccmp", "locl", "mark", "mkmk", "kern"
    ])  # fmt: skip
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[char for low, high in RANGES for char in range(low, high + 1)])
    subsetter.subset(font)
    add_squares(font)
    _rename(font, style)
    target = OUTPUT / f"AttestationSans-{style}.ttf"
    font.save(target)
    return target


def add_squares(font: TTFont) -> None:
    """Draw the steps of the gauges, full and hollow, a little taller than the capitals."""
    for name, char in SQUARES.items():
        if char in font.getBestCmap():
            continue
        pen = TTGlyphPen(None)
        _square(pen, 0)
        if name == "whitesquare":
            _square(pen, SQUARE_STROKE)
        font["glyf"][name] = pen.glyph()
        font["hmtx"][name] = (SQUARE_ADVANCE, (SQUARE_ADVANCE - SQUARE_SIDE) // 2)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[char] = name


def _square(pen: TTGlyphPen, inset: int) -> None:
    """The outline of a square; the inner one of a hollow square turns the other way."""
    left = (SQUARE_ADVANCE - SQUARE_SIDE) // 2 + inset
    bottom, side = SQUARE_BASE + inset, SQUARE_SIDE - 2 * inset
    corners = [(0, 0), (0, side), (side, side), (side, 0)]
    if inset:
        corners.reverse()
    x, y = corners[0]
    pen.moveTo((left + x, bottom + y))
    for x, y in corners[1:]:
        pen.lineTo((left + x, bottom + y))
    pen.closePath()


def _rename(font: TTFont, style: str) -> None:
    names = {
        0: f"{font['name'].getDebugName(0)} Reduced and extended for pix-mailmerge.",
        1: FAMILY,
        2: style,
        3: f"{FAMILY} {style} 1.0, from Noto Sans",
        4: f"{FAMILY} {style}",
        6: f"{FAMILY.replace(' ', '')}-{style}",
    }
    for name_id, text in names.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    font["name"].names = [r for r in font["name"].names if r.platformID == 3]
    font["OS/2"].achVendID = "NONE"


if __name__ == "__main__":
    OUTPUT.mkdir(exist_ok=True)
    for weight in ("Regular", "Bold"):
        made = reduce(Path(sys.argv[1]) / f"NotoSans-{weight}.ttf", weight)
        print(made, made.stat().st_size)
