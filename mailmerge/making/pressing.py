"""A class's Word document into proven PDFs: one for the class, one for each pupil."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailmerge import columns, pdf
from mailmerge.engines import Engine
from mailmerge.errors import EngineError, Notice
from mailmerge.pdf import Expected, Located

_SECONDS_PER_PUPIL = 5  # generous: LibreOffice needs 0.2, Word about 1
_SECONDS_AT_LEAST = 180
COVER_TITLE = "Liste de la classe"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One pupil to print.

    Attributes:
        row: the certification, by column of the table.
        file: the path of the pupil's PDF, relative to the output folder.
    """

    row: Mapping[str, Any]
    file: str

    @property
    def numero(self) -> str:
        """The certification number."""
        return str(self.row[columns.NUMERO])

    @property
    def name(self) -> str:
        """« NOM Prénom », in a list or an outline."""
        return f"{self.row[columns.NOM]} {self.row[columns.PRENOM]}"

    @property
    def who(self) -> str:
        """« Prénom NOM », in a sentence."""
        return f"{self.row[columns.PRENOM]} {self.row[columns.NOM]}"


@dataclass(frozen=True, slots=True)
class PrintedPupil:
    """What became of one pupil; ``pdf`` is None where there is none, and ``problem`` says why."""

    sheet: Sheet
    pdf: Path | None
    pages: int | None
    problem: Notice | None = None


@dataclass(frozen=True)
class Chunk:
    """Some pupils of a class, converted and found."""

    sheets: Sequence[Sheet]
    pdf: Path
    located: Located

    def sound(self) -> dict[int, range]:
        """Rank → pages of every pupil who may be delivered."""
        bad = set(self.located.unprintable)
        return {rank: r for rank, r in enumerate(self.located.ranges) if rank not in bad}

    def only(self, numbers: Collection[str]) -> Chunk:
        """The pupils of these certification numbers."""
        ranks = [rank for rank, sheet in enumerate(self.sheets) if sheet.numero in numbers]
        bad = set(self.located.unprintable)
        ranges = tuple(self.located.ranges[rank] for rank in ranks)
        unprintable = tuple(new for new, rank in enumerate(ranks) if rank in bad)
        sheets = [self.sheets[rank] for rank in ranks]
        return Chunk(sheets, self.pdf, Located(ranges, unprintable))


@dataclass
class Press:
    """Engines at work: the ones that failed are remembered and left for last.

    Attributes:
        engines: the engines to try, best first.
        author: who the PDFs say made them.
        pdfa: the pages are PDF/A, and so shall be what is cut out of them.
        duplex: a blank page after a pupil with an odd number of pages, in a class's file.
        cores: how many conversions may go on at once, if that suits the engine.
        used: the name of the engine that made the last pages.
        warnings: engines that had to be replaced; `take_warnings` empties it.
    """

    engines: list[Engine]
    author: str
    pdfa: bool = False
    duplex: bool = False
    cores: int = 1
    used: str | None = None
    warnings: list[Notice] = field(default_factory=list)
    _order: threading.Lock = field(default_factory=threading.Lock)

    @property
    def lanes(self) -> int:
        """How many conversions go on at once."""
        return self.cores if self.engines[0].fewest else 1

    def share(self, pupils: int) -> int:
        """How many of so many pupils a conversion takes: every lane gets two, if they are worth it.

        While one is converted, what came before it is proven.
        """
        engine = self.engines[0]
        parts = min(2 * self.lanes, pupils // engine.fewest) if self.lanes > 1 else 1
        return min(engine.chunk, -(-pupils // max(1, parts)))

    def convert(
        self, docx: Path, sheets: Sequence[Sheet], expected: Sequence[Expected], folder: Path
    ) -> Chunk:
        """Convert a document and prove whose each page is.

        Raises:
            EngineError: no engine could convert it.
            VerificationError: a page is not the pupil's.
        """
        target = folder / f"{docx.stem}.pdf"
        engine = self._convert(docx, target, len(sheets))
        return Chunk(sheets, target, pdf.locate(target, expected, engine.keeps_bookmarks))

    def cut(self, chunks: Iterable[Chunk], folder: Path) -> list[PrintedPupil]:
        """One file for each pupil, in ``folder``."""
        printed: list[PrintedPupil] = []
        for chunk in chunks:
            sound = chunk.sound()
            targets = {rank: folder / f"eleve-{len(printed) + rank:05d}.pdf" for rank in sound}
            titles = [f"Attestation – {chunk.sheets[rank].name}" for rank in sound]
            pdf.split(chunk.pdf, list(sound.values()), list(targets.values()), titles, self._meta())
            printed += [
                PrintedPupil(sheet, targets[rank], len(sound[rank]))
                if rank in sound
                else PrintedPupil(sheet, None, None, _unprintable(sheet))
                for rank, sheet in enumerate(chunk.sheets)
            ]
        return printed

    def bind(
        self, chunks: Iterable[Chunk], title: str, target: Path, cover: Chunk | None = None
    ) -> Path:
        """One file for the class, with an outline entry for each pupil, and one for a cover."""
        chunks = list(chunks)
        parts = [(chunk.pdf, list(chunk.sound().values())) for chunk in chunks]
        names = [chunk.sheets[rank].name for chunk in chunks for rank in chunk.sound()]
        if cover is not None:
            parts.insert(0, (cover.pdf, list(cover.sound().values())))
            names.insert(0, COVER_TITLE)
        covered = cover is not None
        pdf.bind(parts, names, target, title, self._meta(), duplex=self.duplex, cover=covered)
        return target

    def take_warnings(self) -> tuple[Notice, ...]:
        """The warnings since the last call."""
        taken, self.warnings = tuple(dict.fromkeys(self.warnings)), []
        return taken

    def _convert(self, docx: Path, target: Path, pupils: int) -> Engine:
        """Convert with the first engine that can; the ones that failed go last for good."""
        timeout = max(_SECONDS_AT_LEAST, _SECONDS_PER_PUPIL * pupils)
        failures: list[EngineError] = []
        threading.Thread(target=pdf.get_ready, daemon=True).start()
        for engine in self.engines:
            try:
                engine.convert(docx, target, timeout=timeout)
            except EngineError as error:
                failures.append(error)
                with self._order:  # a new list: whoever looks at the old one finds every engine
                    self.engines = [*(each for each in self.engines if each is not engine), engine]
                continue
            with self._order:
                self.used = engine.name
                self.warnings += [_replaced(error, engine) for error in failures]
            return engine
        raise failures[0]

    def _meta(self) -> pdf.Meta:
        return pdf.Meta(author=self.author, created=dt.datetime.now().astimezone(), pdfa=self.pdfa)


def _replaced(error: EngineError, used: Engine) -> Notice:
    return Notice(
        "moteur-remplace",
        f"{error.message} Les pages ont été produites avec {used.label} à la place.",
    )


def _unprintable(sheet: Sheet) -> Notice:
    return Notice(
        "caracteres-sans-police",
        f"{sheet.who} : le nom contient des caractères qu’aucune police de cet ordinateur ne "
        "sait dessiner. Son attestation n’a pas été produite ; ouvrez le document Word de la "
        "classe sur un ordinateur qui a la police voulue, ou vérifiez l’écriture du nom.",
    )
