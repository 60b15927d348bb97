"""Cutting a class's PDF into one file per pupil, and binding pupils into one file.

Only pages are taken over, for PDF/A with their tags: no destination, link target or document-wide
entry of the source, which could carry another pupil's name or page into a file.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pikepdf

from mailmerge.pdf.imposing import are_slips, two_to_a_sheet
from mailmerge.pdf.records import Meta
from mailmerge.pdf.slimming import slim
from mailmerge.pdf.structure import Structure
from mailmerge.pdf.tagging import gather, graft

_KEPT = frozenset(
    {"/Type", "/Parent", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"}
    | {"/Rotate", "/UserUnit", "/Resources", "/Contents", "/Group", "/Annots"}
)


def split(
    pdf: Path,
    ranges: Sequence[range],
    targets: Sequence[Path],
    titles: Sequence[str],
    meta: Meta,
) -> None:
    """Write the pages of each range to the target of the same rank; folders must exist.

    The same input gives the same bytes.
    """
    with _opened(pdf, meta) as source:
        for taken, target, title in zip(ranges, targets, titles, strict=True):
            with pikepdf.new() as document:
                source.give(document, taken)
                _save(document, target, title, meta)


def bind(
    sources: Iterable[tuple[Path, Iterable[range]]],
    names: Sequence[str],
    target: Path,
    title: str,
    meta: Meta,
    *,
    duplex: bool = False,
    cover: bool = False,
) -> None:
    """Write the ranges of every source, in that order, into one file.

    The file has an outline entry for each range: ``names``, in the same order. Where every page
    is an A5 one on its side (a slip), two of them share an A4 sheet; else, with ``duplex``, a blank
    page follows a range with an odd number of pages, so that each begins on a new sheet of paper.
    With ``cover``, the first range is no pupil's: it stands on sheets of its own.
    """
    with pikepdf.new() as document:
        starts: list[int] = []
        front = 0  # pages of the cover
        roles: dict[str, pikepdf.Object] = {}
        for pdf, ranges in sources:
            with _opened(pdf, meta, roles) as source:
                for taken in ranges:
                    if duplex and len(document.pages) % 2 and not are_slips(document.pages[front:]):
                        _add_blank_page(document)
                    if cover and len(starts) == 1:
                        front = len(document.pages)
                    starts.append(len(document.pages))
                    source.give(document, taken)
        if are_slips(document.pages[front:]):
            sheets = two_to_a_sheet(document, front)
            starts = [sheets[start] for start in starts]
        gather(document)
        with document.open_outline() as outline:
            outline.root.extend(
                pikepdf.OutlineItem(name, start) for name, start in zip(names, starts, strict=True)
            )
        document.Root.PageMode = pikepdf.Name.UseOutlines
        _save(document, target, title, meta)


class _Source:
    """A class's PDF whose pages, for PDF/A with their tags, are ready to be taken over."""

    def __init__(self, pdf: pikepdf.Pdf, meta: Meta, roles: dict[str, pikepdf.Object]) -> None:
        self._pdf = pdf
        self._pages = _cleaned_pages(pdf)
        self._structure = Structure(pdf, roles) if meta.pdfa else None

    def give(self, document: pikepdf.Pdf, taken: range) -> None:
        """Add the pages ``taken`` to ``document``."""
        start = len(document.pages)
        document.pages.extend(self._pages[index] for index in taken)
        if self._structure is not None:
            _take_colours(document, self._pdf)
            graft(document, start, self._structure, taken)


@contextlib.contextmanager
def _opened(
    pdf: Path, meta: Meta, roles: dict[str, pikepdf.Object] | None = None
) -> Iterator[_Source]:
    """A class's PDF; what was taken from it outlives it, as pikepdf copies the streams at once.

    ``roles``: see `Structure`. Every object is looked at, which from memory takes half the time.
    """
    with io.BytesIO(pdf.read_bytes()) as content, pikepdf.open(content) as opened:
        yield _Source(opened, meta, {} if roles is None else roles)


def _add_blank_page(document: pikepdf.Pdf) -> None:
    """A blank page of the size of the last one."""
    left, bottom, right, top = (float(edge) for edge in document.pages[-1].mediabox)
    document.add_blank_page(page_size=(right - left, top - bottom))


def _cleaned_pages(source: pikepdf.Pdf) -> list[pikepdf.Page]:
    pages = list(source.pages)
    for page in pages:
        if "/Annots" in page:
            page.Annots = pikepdf.Array(_web_links(page.Annots))
        for key in set(page.obj.keys()) - _KEPT:
            del page[key]
    slim(source)
    return pages


def _web_links(annotations: Iterable[pikepdf.Object]) -> list[pikepdf.Object]:
    """The links to the web; any other kind could drag another pupil's page along."""
    links = []
    for annotation in annotations:
        action = annotation.get("/A")
        if action is not None and action.get("/S") == "/URI":
            for key in ("/P", "/StructParent", "/Parent", "/Popup"):
                if key in annotation:
                    del annotation[key]
            links.append(annotation)
    return links


def _take_colours(document: pikepdf.Pdf, source: pikepdf.Pdf) -> None:
    """PDF/A says for which colours a page was made."""
    if "/OutputIntents" in source.Root and "/OutputIntents" not in document.Root:
        intents = source.make_indirect(source.Root.OutputIntents)
        document.Root.OutputIntents = document.copy_foreign(intents)


def _claim_pdfa(document: pikepdf.Pdf) -> None:
    """The same facts as XMP, and the claim to be PDF/A-2b."""
    with document.open_metadata(set_pikepdf_as_editor=False) as xmp:
        xmp.load_from_docinfo(document.docinfo)
        xmp["dc:language"] = {"fr-FR"}
        xmp["pdfaid:part"] = "2"
        xmp["pdfaid:conformance"] = "B"


def _save(document: pikepdf.Pdf, target: Path, title: str, meta: Meta) -> None:
    offset = meta.created.strftime("%z") or "+0000"
    document.docinfo["/Title"] = title
    document.docinfo["/Author"] = meta.author
    document.docinfo["/Creator"] = "pix-mailmerge"
    document.docinfo["/CreationDate"] = f"D:{meta.created:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]}'"
    document.Root.Lang = pikepdf.String("fr-FR")
    document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    if meta.pdfa:
        _claim_pdfa(document)
    # Into memory first: pikepdf writes in hundreds of pieces, each of them a call of Python's.
    stream = io.BytesIO()
    document.save(
        stream,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    target.write_bytes(stream.getbuffer())
