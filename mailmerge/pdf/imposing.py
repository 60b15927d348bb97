"""Slips put two to a sheet: the A5 pages of a class on A4, to be printed and cut in two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pikepdf

from mailmerge.pdf.tagging import redraw

_A4 = (595.28, 841.89)  # points
_A5_HEIGHT = _A4[1] / 2
_TOLERANCE = 6.0  # points, 2 mm: engines round page sizes
_CUT = 14  # points: the length of the marks at the edges, where to cut


def are_slips(pages: Iterable[pikepdf.Page]) -> bool:
    """Whether every page is an A5 page on its side, and there is one."""
    slips = [_is_slip(page) for page in pages]
    return bool(slips) and all(slips)


def two_to_a_sheet(document: pikepdf.Pdf, start: int = 0) -> list[int]:
    """Put the A5 pages of ``document`` from page ``start`` on in twos on A4 sheets, in place.

    Returns the new index of each former page.
    """
    slips = list(document.pages)[start:]
    for first in range(0, len(slips), 2):
        document.add_blank_page(page_size=_A4)
        _fill(document, document.pages[-1], slips[first : first + 2])
    del document.pages[start : start + len(slips)]
    return [*range(start), *(start + rank // 2 for rank in range(len(slips)))]


def _is_slip(page: pikepdf.Page) -> bool:
    left, bottom, right, top = map(float, page.mediabox)
    size = (right - left, top - bottom)
    wanted = (_A4[0], _A5_HEIGHT)
    upright = int(page.obj.get("/Rotate", 0)) % 180 == 0
    return upright and all(
        abs(one - other) < _TOLERANCE for one, other in zip(size, wanted, strict=True)
    )


def _fill(document: pikepdf.Pdf, sheet: pikepdf.Page, slips: Sequence[pikepdf.Page]) -> None:
    content, forms, links = [], pikepdf.Dictionary(), pikepdf.Array()
    for rank, slip in enumerate(slips):
        rise = _A5_HEIGHT if rank == 0 else 0.0
        left, bottom = (float(value) for value in list(slip.mediabox)[:2])
        forms[f"/Talon{rank}"] = form = slip.as_form_xobject()
        redraw(document, slip.obj, form, sheet.obj)
        content.append(f"q 1 0 0 1 {-left:.3f} {rise - bottom:.3f} cm /Talon{rank} Do Q")
        for link in slip.obj.get("/Annots", ()):
            box = [float(value) for value in link.Rect]
            moves = (-left, rise - bottom) * 2
            link.Rect = pikepdf.Array([b + m for b, m in zip(box, moves, strict=True)])
            links.append(link)
    content += [
        f".6 G .5 w {x:.2f} {_A5_HEIGHT:.2f} m {x + _CUT:.2f} {_A5_HEIGHT:.2f} l S"
        for x in (0, _A4[0] - _CUT)
    ]
    sheet.obj.Resources = pikepdf.Dictionary(XObject=forms)
    sheet.obj.Contents = document.make_stream("\n".join(content).encode("ascii"))
    if len(links):
        sheet.obj.Annots = links
