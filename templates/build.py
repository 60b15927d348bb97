"""Rebuilds the gallery: ``python templates/build.py [--output FOLDER]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from sources import attestation, class_list, slip  # noqa: E402
from sources.ooxml import Element  # noqa: E402
from sources.package import save  # noqa: E402
from sources.styles import COLOURS, SOBER, Palette  # noqa: E402
from sources.wording import FIELDS, SOBER_TAGS, TAGS, Wording  # noqa: E402


def _attestation(words: Wording, colours: Palette) -> tuple[Element, list[Element]]:
    return attestation.styles(colours), attestation.page(words, colours)


TEMPLATES: dict[str, tuple[str, Callable[[], tuple[Element, list[Element]]]]] = {
    "attestation": ("Attestation", lambda: _attestation(TAGS, COLOURS)),
    "attestation-sobre": ("Attestation", lambda: _attestation(SOBER_TAGS, SOBER)),
    "attestation-champs-word": ("Attestation", lambda: _attestation(FIELDS, COLOURS)),
    "talon-a5": ("Attestation, talon A5", lambda: (slip.styles(), slip.page(COLOURS))),
    "liste-de-classe": ("Liste de classe", lambda: (class_list.styles(), class_list.page())),
}


def main() -> None:
    """Write every template into the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=HERE)
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    for name, (title, make) in TEMPLATES.items():
        styles, body = make()
        save(folder / f"{name}.docx", title, styles, body)


if __name__ == "__main__":
    main()
