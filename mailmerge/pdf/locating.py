"""Which pages are whose, and the proof of it.

A pupil's pages run from that pupil's named destination to the next one's. Each text expected of a
pupil is then looked for on those very pages, and no other pupil's number may be there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from pathlib import Path

import pikepdf

from mailmerge.errors import VerificationError
from mailmerge.pdf.drawn import JOINT, DrawnText
from mailmerge.pdf.glyphs import NOT_DRAWN, UNREADABLE
from mailmerge.pdf.records import Expected, Located

# A shorter number may be a score, a year or a postal code that pages print for their own reasons.
SHORTEST_NUMBER = 6


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
    owners = {p.numero: p for p in expected if len(p.numero) >= SHORTEST_NUMBER}
    _refuse_strangers(drawn, expected, owners)
    return Located(ranges, _unprintable(pdf, expected, ranges, drawn, owners))


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
                f"La page de {pupil.name} est introuvable dans le PDF de la classe. {_REMEDY}"
            )
        if starts and start <= starts[-1]:
            raise VerificationError(
                f"La page de {pupil.name} n’est pas à sa place dans le PDF de la classe : chaque "
                f"élève doit commencer sur une nouvelle page. {_REMEDY}"
            )
        starts.append(start)
    if starts[0] != 0:
        raise VerificationError(
            f"Le PDF de la classe commence par une page qui n’est à personne, avant celle de "
            f"{expected[0].name}. {_REMEDY}"
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


_TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_UNSPACED = re.compile(rf"[\w{JOINT}-]+")


def _refuse_strangers(
    texts: Iterable[str], pupils: Iterable[Expected], owners: Mapping[str, Expected]
) -> None:
    """Stop if a pupil's pages carry another one's number; one pass over the text.

    ``owners``: everybody of the document, by certification number.
    """
    for pupil, text in zip(pupils, texts, strict=True):
        # A number may be a text block of its own, or be spread over some.
        found = {*_TOKEN.findall(text), *_TOKEN.findall(text.replace(JOINT, ""))}
        if strangers := owners.keys() & found - {pupil.numero}:
            other = owners[min(strangers)].name
            raise VerificationError(
                f"La page de {pupil.name} porte le numéro de certification de {other}. {_REMEDY}"
            )


def _may_have_strangers(pupil: Expected, text: str, owners: Mapping[str, Expected]) -> bool:
    """Whether pieces of the text, with others right beside them, would be another one's number.

    They may be the parts of it, or the figures in the cells of a table: only a layout shows. So may
    be what can't be read here.
    """
    if owners and UNREADABLE in text:
        return True
    lengths = {len(numero) for numero in owners}
    for pieces in (run.split(JOINT) for run in _UNSPACED.findall(text) if JOINT in run):
        whole, edges = "".join(pieces), set(accumulate(map(len, pieces), initial=0))
        found = {whole[at : at + n] for n in lengths for at in edges if at + n in edges}
        if owners.keys() & found - {pupil.numero}:
            return True
    return False


def _unprintable(
    pdf: Path,
    expected: Sequence[Expected],
    ranges: Sequence[range],
    drawn: Sequence[str],
    owners: Mapping[str, Expected],
) -> tuple[int, ...]:
    """The ranks of the pupils on whose pages only the pictures of letters lack.

    What is not plainly drawn may still be read by who knows of layout: PDFium.

    Raises:
        VerificationError: something else is on a pupil's pages.
    """
    doubtful = [
        rank
        for rank, (pupil, text) in enumerate(zip(expected, drawn, strict=True))
        if not _is_drawn(pupil, text) or _may_have_strangers(pupil, text, owners)
    ]
    if not doubtful:
        return ()
    from mailmerge.pdf.opened import texts_of  # PDFium takes its time to come

    readable = texts_of(pdf, [ranges[rank] for rank in doubtful])
    _refuse_strangers(readable, [expected[rank] for rank in doubtful], owners)
    return tuple(
        rank
        for rank, text in zip(doubtful, map(squash, readable), strict=True)
        if not _printed(expected[rank], text, squash(drawn[rank]))
    )


def _is_drawn(pupil: Expected, text: str) -> bool:
    """Whether all expected texts are plainly there, as typed or at least in `squash`'s form."""
    whole = text.replace(JOINT, "")
    missing = [wanted for wanted in pupil.texts if wanted not in whole]
    if not missing:
        return True
    squashed = squash(whole)
    return all(squash(wanted) in squashed for wanted in missing)


def _printed(pupil: Expected, readable: str, glyphs: str) -> bool:
    """Whether all expected texts are there; False when only the pictures of letters lack.

    Raises:
        VerificationError: something else is on these pages.
    """
    verdicts = [
        _is_plainly_in(word, readable) or _find_drawn(word, readable, glyphs)
        for each in pupil.texts
        if not _is_plainly_in(each, readable)
        for word in each.split()
    ]
    if None in verdicts:
        raise VerificationError(
            f"La page de {pupil.name} ne porte pas son nom ou son numéro tels qu’attendus. "
            f"{_REMEDY}"
        )
    return all(verdicts)


def _is_plainly_in(wanted: str, readable: str) -> bool:
    """Whether the text has it and no character could be without a font."""
    return squash(wanted) in readable and not any(map(_is_rare, wanted))


def _find_drawn(word: str, readable: str, glyphs: str) -> bool | None:
    """Whether ``word`` is drawn: True, False (characters without picture), None (not there)."""
    said = squash(word)
    if said in glyphs:
        return True
    runs = [run for run in _runs(word) if squash(run)]
    whole = _search(runs, glyphs)
    if whole is not None or not (said in readable or any(map(_is_rare, said))):
        return whole
    # LibreOffice draws what comes from a substitute font apart, after the rest of the line.
    parts = [_search([run], glyphs) for run in runs]
    return None if None in parts else all(parts)


def _runs(word: str) -> Iterator[str]:
    """Runs of a kind: ASCII, what is said in usual letters (a wide « ＝ »), other scripts.

    As typed: what is compared as « = » may be the wide one, which a font may lack.
    """
    typed = unicodedata.normalize("NFC", word)
    kinds = groupby(typed, lambda char: (char.isascii(), any(map(_is_rare, squash(char)))))
    return ("".join(run) for _, run in kinds)


def _search(runs: Sequence[str], glyphs: str) -> bool | None:
    """Like ``_find_drawn``, for runs that stand side by side."""
    found = [match.group() for match in re.finditer("".join(map(_pattern, runs)), glyphs)]
    if not found:
        return None
    return any(NOT_DRAWN not in match for match in found)


def _pattern(run: str) -> str:
    """What to look for: letters in their order, but those of other scripts in any.

    Right to left, Indic vowels: these come merged, or as glyphs that can't be read back.
    """
    said = squash(run)
    if run.isascii():
        return re.escape(said)
    several = f"{{{-(-len(said) // 3)},{2 * len(said)}}}"
    if any(map(_is_rare, said)):
        letters = re.escape("".join(sorted({*said, NOT_DRAWN, UNREADABLE})))
        return f"[{letters}]{several}"
    each = "".join(f"(?:{re.escape(squash(char))}|{NOT_DRAWN})" for char in run)
    return f"(?:{each}|{NOT_DRAWN}{several})"


def _is_rare(char: str) -> bool:
    """Outside Latin, Greek and Cyrillic, which every engine and usual font can draw."""
    code = ord(char)
    return not (code < 0x530 or 0x1D00 <= code < 0x2070 or 0xA720 <= code < 0xA800)


_DROPPED = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufffe\u2010-\u2015-]"
)
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2018": "'"})


def squash(text: str) -> str:
    """``text`` as compared with a page's: no case, no spaces, no hyphens, one kind of apostrophe.

    A name may be printed in capitals, wrap over lines and be hyphenated. Accents count.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _DROPPED.sub("", folded.translate(_APOSTROPHES))


_REMEDY = "Rien n’a été livré pour cette classe. Vérifiez le modèle, ou essayez un autre moteur."
