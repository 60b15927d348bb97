"""The proof that pages are a pupil's: the name and the number are drawn there, and nobody else's.

What is drawn is read first, without layout. Where that leaves a doubt, PDFium is asked, which knows
of layout.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from pathlib import Path

from mailmerge.errors import VerificationError
from mailmerge.pdf.drawn import JOINT
from mailmerge.pdf.glyphs import NOT_DRAWN, UNREADABLE
from mailmerge.pdf.records import Expected

# A shorter number may be a score, a year or a postal code that pages print for their own reasons.
SHORTEST_NUMBER = 6
REMEDY = "Rien n’a été livré pour cette classe. Vérifiez le modèle, ou essayez un autre moteur."
_TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_UNSPACED = re.compile(rf"[\w{JOINT}-]+")


def prove(
    pdf: Path, expected: Sequence[Expected], ranges: Sequence[range], drawn: Sequence[str]
) -> tuple[int, ...]:
    """The ranks of the pupils on whose pages only the pictures of letters lack.

    Args:
        pdf: the document.
        expected: its pupils.
        ranges: the pages of each.
        drawn: what stands on these, as `DrawnText` reads it.

    Raises:
        VerificationError: something else is on a pupil's pages.
    """
    strangers = _Strangers(expected)
    strangers.refuse(drawn, expected)
    doubtful = [
        rank
        for rank, (pupil, text) in enumerate(zip(expected, drawn, strict=True))
        if not _is_drawn(pupil, text) or strangers.may_be_in(text, pupil)
    ]
    if not doubtful:
        return ()
    from mailmerge.pdf.opened import texts_of  # PDFium takes its time to come

    readable = texts_of(pdf, [ranges[rank] for rank in doubtful])
    strangers.refuse(readable, [expected[rank] for rank in doubtful])
    return tuple(
        rank
        for rank, text in zip(doubtful, map(squash, readable), strict=True)
        if not _printed(expected[rank], text, squash(drawn[rank]))
    )


class _Strangers:
    """Everybody of a document, none of whose numbers may stand on another one's pages."""

    def __init__(self, everybody: Iterable[Expected]) -> None:
        self._owners = {p.numero: p for p in everybody if len(p.numero) >= SHORTEST_NUMBER}
        self._lengths = {len(numero) for numero in self._owners}
        figures = all(map(str.isdecimal, self._owners))
        self._like = re.compile(rf"\d{{{SHORTEST_NUMBER},}}" if figures else r"[\w-]+")

    def refuse(self, texts: Iterable[str], pupils: Iterable[Expected]) -> None:
        """Stop if a pupil's pages carry another one's number.

        Raises:
            VerificationError: they do.
        """
        for pupil, text in zip(pupils, texts, strict=True):
            whole = text.replace(JOINT, "")
            if self._is_free(whole, pupil):
                continue
            # A number may be a text block of its own, or be spread over some.
            found = {*_TOKEN.findall(text), *_TOKEN.findall(whole)}
            if strangers := self._owners.keys() & found - {pupil.numero}:
                other = self._owners[min(strangers)].name
                raise VerificationError(
                    f"La page de {pupil.name} porte le numéro de certification de {other}. {REMEDY}"
                )

    def may_be_in(self, text: str, pupil: Expected) -> bool:
        """Whether pieces of the text, with others right beside them, would be such a number.

        They may be the parts of it, or the figures in the cells of a table: only a layout shows. So
        may be what can't be read here.
        """
        if self._owners and UNREADABLE in text:
            return True
        if self._is_free(text.replace(JOINT, ""), pupil):
            return False
        for pieces in (run.split(JOINT) for run in _UNSPACED.findall(text) if JOINT in run):
            whole, edges = "".join(pieces), set(accumulate(map(len, pieces), initial=0))
            found = {whole[at : at + n] for n in self._lengths for at in edges if at + n in edges}
            if self._owners.keys() & found - {pupil.numero}:
                return True
        return False

    def _is_free(self, whole: str, pupil: Expected) -> bool:
        """Whether no other one's number is anywhere in the text, however it is parted: the rule."""
        return not any(
            run[at : at + size] != pupil.numero and run[at : at + size] in self._owners
            for run in self._like.findall(whole)
            for size in self._lengths
            for at in range(len(run) - size + 1)
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
            f"La page de {pupil.name} ne porte pas son nom ou son numéro tels qu’attendus. {REMEDY}"
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
