"""Reading what stands on a PDF's pages: PDFium, one thread at a time.

PDFium keeps state for the whole process and crashes it when two threads call it at once (the
browser page draws a preview while it checks the template). Hence the only place that opens it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pypdfium2 import PdfDocument

__all__ = ["PdfDocument", "opened", "texts_of"]

_alone = threading.Lock()


@contextmanager
def opened(pdf: Path | bytes) -> Iterator[PdfDocument]:
    """The document, to oneself: use it, and all that comes from it, inside the block only.

    Raises:
        pypdfium2.PdfiumError: this is no PDF.
    """
    with _alone, PdfDocument(pdf) as document:
        yield document


def texts_of(pdf: Path, ranges: Iterable[range]) -> list[str]:
    """The text of each range of pages."""
    with opened(pdf) as document:
        return ["\n".join(_page_text(document, index) for index in pages) for pages in ranges]


def _page_text(document: PdfDocument, index: int) -> str:
    page = document[index]
    try:
        textpage = page.get_textpage()
        try:
            return str(textpage.get_text_range())
        finally:
            textpage.close()
    finally:
        page.close()
