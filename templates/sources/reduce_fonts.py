"""Makes « Attestation Sans » (regular, bold) out of Noto Sans, for embedding in the templates.

Run by hand, once, where Debian's ``fonts-noto-core`` is unpacked::

    python templates/sources/reduce_fonts.py /usr/share/fonts/truetype/noto

Noto Sans is under the SIL Open Font License without a Reserved Font Name, so it may be reduced and
renamed; what comes out stays under that licence (``templates/OFL.txt``). It gets a name of its own
because a full Noto Sans installed on a machine must not take its place: it lacks the square of the
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
SQUARE = 0x25A0
SQUARE_ADVANCE, SQUARE_SIDE, SQUARE_BASE = 940, 780, -30  # thousandths of an em


def reduce(source: Path, style: str) -> Path:
    """The font file ``Attestation Sans`` in ``style``, made from the Noto Sans file ``source``."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options(hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], layout_features=[
        "ccmp", "locl", "mark", "mkmk", "kern"
    ])  # fmt: skip
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[char for low, high in RANGES for char in range(low, high + 1)])
    subsetter.subset(font)
    _add_square(font)
    _rename(font, style)
    target = OUTPUT / f"AttestationSans-{style}.ttf"
    font.save(target)
    return target


def _add_square(font: TTFont) -> None:
    """Draw U+25A0, one step of the gauges, a little taller than the capitals."""
    pen = TTGlyphPen(None)
    left = (SQUARE_ADVANCE - SQUARE_SIDE) // 2
    right, top = left + SQUARE_SIDE, SQUARE_BASE + SQUARE_SIDE
    pen.moveTo((left, SQUARE_BASE))
    for point in ((left, top), (right, top), (right, SQUARE_BASE)):
        pen.lineTo(point)
    pen.closePath()
    font["glyf"]["blacksquare"] = pen.glyph()
    font["hmtx"]["blacksquare"] = (SQUARE_ADVANCE, left)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[SQUARE] = "blacksquare"


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
