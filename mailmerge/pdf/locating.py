"""Which pages are whose, and the proof of it.

A pupil's pages run from that pupil's named destination to the next one's. Each text expected of a
pupil is then looked for on those very pages, and no other pupil's number may be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pikepdf

from mailmerge.errors import VerificationError
from mailmerge.pdf.drawn import JOINT, DrawnText
from mailmerge.pdf.proving import REMEDY, prove
from mailmerge.pdf.records import Expected, Located


def locate(pdf: Path, expected: Sequence[Expected], bookmarks: bool) -> Located:
    """Find and prove the pages of every pupil of ``expected``, given in the document's order.

    With ``bookmarks`` the named destinations tell the pages; without, the pages are shared out
    evenly. Either way the text has the last word.

    Raises:
        VerificationError: the pages are not the pupils'; it names the first one concerned.
    """
    if not expected:
        return Located((), ())
    # What pages inherit would have every object read; without it, PDFium is asked.
    with pikepdf.open(pdf, inherit_page_attributes=False) as document:
        total = len(document.pages)
        if bookmarks:
            ranges = _by_bookmark(document, expected, total)
        else:
            ranges = _by_count(expected, total)
        reader = DrawnText(document)
        drawn = [JOINT.join(map(reader.of_page, pages)) for pages in ranges]
    return Located(ranges, prove(pdf, expected, ranges, drawn))


def _by_bookmark(
    document: pikepdf.Pdf, expected: Sequence[Expected], total: int
) -> tuple[range, ...]:
    pages = {page.obj.objgen: index for index, page in enumerate(document.pages)}
    targets = dict(_destinations(document))
    starts: list[int] = []
    for pupil in expected:
        start = pages.get(targets.get(pupil.bookmark, (0, 0)))
        if start is None:
            raise VerificationError(
                f"La page de {pupil.name} est introuvable dans le PDF de la classe. {REMEDY}"
            )
        if starts and start <= starts[-1]:
            raise VerificationError(
                f"La page de {pupil.name} n’est pas à sa place dans le PDF de la classe : chaque "
                f"élève doit commencer sur une nouvelle page. {REMEDY}"
            )
        starts.append(start)
    if starts[0] != 0:
        raise VerificationError(
            f"Le PDF de la classe commence par une page qui n’est à personne, avant celle de "
            f"{expected[0].name}. {REMEDY}"
        )
    return tuple(range(a, b) for a, b in zip(starts, [*starts[1:], total], strict=True))


def _by_count(expected: Sequence[Expected], total: int) -> tuple[range, ...]:
    each, rest = divmod(total, len(expected))
    if rest or not each:
        raise VerificationError(
            f"Le PDF de la classe a {total} pages pour {len(expected)} élèves : tous doivent en "
            "avoir le même nombre avec Microsoft Word. Raccourcissez le modèle, ou choisissez un "
            f"autre moteur. Premier élève concerné\u00a0: {expected[0].name} ou un suivant."
        )
    return tuple(range(rank * each, (rank + 1) * each) for rank in range(len(expected)))


def _destinations(document: pikepdf.Pdf) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each named destination with the object number of its page, from both of PDF's places."""
    root = document.Root
    found: list[tuple[str | bytes, pikepdf.Object]] = []
    if "/Dests" in root:
        found += ((name.lstrip("/"), target) for name, target in root.Dests.items())
    if "/Names" in root and "/Dests" in root.Names:
        found += pikepdf.NameTree(root.Names.Dests).items()
    for name, target in found:
        place = target.get("/D") if isinstance(target, pikepdf.Dictionary) else target
        if isinstance(place, pikepdf.Array) and len(place) and isinstance(place[0], pikepdf.Object):
            text = name.decode("latin-1") if isinstance(name, bytes) else name
            yield text, place[0].objgen
