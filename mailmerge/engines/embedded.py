"""The embedded engine: dxpdf, which needs no Office.

It runs in a child process: a hang, a panic or an abort of its native code then costs one
conversion, not the run.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from mailmerge.engines import dxpdf_child, programs
from mailmerge.engines.produced import produce
from mailmerge.errors import EngineError

IMAGE_DPI = 300  # a signature is printed, not only looked at
TIMEOUT = 120.0  # seconds; 200 pupils take about 3

# Seen with dxpdf 0.8.1; each code is explained in docs/engines.md.
CANNOT_DRAW = (
    "inline-content-control",
    "inline-shape",
    "preset-shape",
    "group-shape",
    "vml-box",
    "gradient-fill",
    "page-field-in-body",
    "num-pages-field",
    "section-pages-field",
    "caps",
    "strike",
    "symbol-font",
    "raised-text",
    "text-effect",
    "frame",
    "page-borders",
    "vertical-page-alignment",
    "column-break",
    "text-direction",
    "border-style",
    "tiff-picture",
    "vector-picture",
    "picture-beside-text",
    "chart",
    "smartart",
)


@dataclass(frozen=True)
class Embedded:
    """dxpdf in a child process.

    ``child`` is the script that is run; tests put a misbehaving one in its place.
    """

    child: Path = Path(dxpdf_child.__file__)

    name = "embedded"
    label = "le moteur intégré"
    keeps_bookmarks = True
    chunk = 500  # its time is linear; memory is what counts: about 1 MB a pupil
    fewest = 12  # a start costs as much as seven
    cannot_draw = CANNOT_DRAW

    def available(self) -> bool:
        """Whether the ``dxpdf`` package is installed."""
        return importlib.util.find_spec("dxpdf") is not None

    def convert(self, docx: Path, pdf: Path, *, timeout: float | None = None) -> None:
        """See ``Engine.convert``."""

        def work(source: Path, folder: Path) -> None:
            _run(self.child, source, folder / "document.pdf", timeout or TIMEOUT)

        produce(docx, pdf, "Le moteur intégré", work)


def _fonts() -> dict[str, str]:
    """Which fonts dxpdf looks at, unless the machine has a setting of its own for that."""
    own = Path(__file__).with_name("fonts.conf")
    there = own.is_file() and Path("/etc/fonts/fonts.conf").is_file()  # which it includes
    if sys.platform != "linux" or "FONTCONFIG_FILE" in os.environ or not there:
        return {}
    return {"FONTCONFIG_FILE": str(own)}


def _run(child: Path, docx: Path, pdf: Path, timeout: float) -> None:
    spec = importlib.util.find_spec("dxpdf")
    if spec is None or not spec.submodule_search_locations:
        raise EngineError("Le moteur intégré (« dxpdf ») n’est pas installé.")
    home = Path(next(iter(spec.submodule_search_locations))).parent
    command: list[str | Path] = [sys.executable, "-I", "-S", child, home, docx, pdf, str(IMAGE_DPI)]
    try:
        programs.run(command, label="Le moteur intégré", timeout=timeout, env=_fonts())
    except programs.ProgramError as error:
        # Fontconfig comments on the machine's own settings at every start.
        details = [line for line in error.details if not line.startswith("Fontconfig")]
        if any("no fonts available" in line for line in details):
            raise programs.ProgramError(
                "Le moteur intégré ne trouve aucune police de caractères sur cet ordinateur. "
                "Installez-en une (sous Linux, le paquet « fonts-dejavu-core »).",
                details,
            ) from error
        raise programs.ProgramError(error.message, details, timed_out=error.timed_out) from error
