"""The font that the templates carry (made by ``reduce_fonts.py``)."""

from pathlib import Path

FAMILY = "Attestation Sans"
_FOLDER = Path(__file__).parent / "fonts"
FONTS = {weight: _FOLDER / f"AttestationSans-{weight}.ttf" for weight in ("Regular", "Bold")}
