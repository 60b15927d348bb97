"""Which font each page of a PDF is set in, as far as text says."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2.raw as pdfium

from mailmerge.pdf.opened import opened

_SUBSET = re.compile(r"^[A-Z]{6}\+")


def page_fonts(pdf: Path) -> list[list[str]]:
    """For each page, the names of its fonts in the order in which they come up."""
    found: list[list[str]] = []
    with opened(pdf) as document:
        for page in document:
            names: dict[str, None] = {}
            for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=4):
                names[_SUBSET.sub("", item.get_font().get_base_name())] = None
            found.append(list(names))
    return found
