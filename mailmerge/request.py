"""What is asked of a run, and who follows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

ALPHABETICAL, AS_LISTED = "alphabetical", "roster"
ORDERS = (ALPHABETICAL, AS_LISTED)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a run.

    Attributes:
        sources: files and folders of Pix results; none: « Résultats Pix.xlsx » of the output.
        output: the folder that receives everything.
        template: the Word template, or None where none is needed.
        settings: `etablissement.toml`; None looks for one beside the sources.
        divisions: only these classes; where no file names a class, a single one is everybody’s.
        pupils: only these pupils (part of a name, or certification numbers).
        numbers: a text file of the certification numbers asked for.
        marked: only the pupils marked in the column « Imprimer » of the workbook.
        roster: the school's list of pupils; None looks for one told in the settings.
        since: certifications sat before that day are left out.
        order: one of `ORDERS`, for the pupils of a class.
        duplex: a blank page after a pupil with an odd number of pages, for two-sided printing.
        cover: a first page with the list of the class's pupils.
        archive: a ZIP of each class's files.
        engine: one of `engines.NAMES`.
        dry_run: look and tell, write nothing.
        force: make everything again, even what has not changed since an earlier run.
        cluster: the address of a Dask scheduler that makes the pages; None for this machine.
        pdfa: make PDF/A-2b, for archives.
        seal: a PKCS #12 file (.p12, .pfx) whose certificate seals every PDF.
        seal_password: its password.
    """

    sources: tuple[Path, ...]
    output: Path
    template: Path | None = None
    settings: Path | None = None
    divisions: tuple[str, ...] = ()
    pupils: tuple[str, ...] = ()
    numbers: Path | None = None
    marked: bool = False
    roster: Path | None = None
    since: dt.date | None = None
    order: str = ALPHABETICAL
    duplex: bool = False
    cover: bool = False
    archive: bool = False
    engine: str = "auto"
    dry_run: bool = False
    force: bool = False
    cluster: str | None = None
    pdfa: bool = False
    seal: Path | None = None
    seal_password: str = field(default="", repr=False)

    @property
    def is_selection(self) -> bool:
        """Whether only some of the pupils are asked for."""
        return bool(self.divisions or self.pupils or self.numbers or self.marked)


class Watcher(Protocol):
    """Whoever follows a run: a progress bar, a web page, nobody."""

    def stage(self, label: str, total: int) -> None:
        """A stage of ``total`` steps begins; the one before has ended."""

    def advance(self, steps: int = 1) -> None:
        """Some steps of the stage are done."""


class Nobody:
    """A watcher that looks away."""

    def stage(self, label: str, total: int) -> None:
        """Nothing."""

    def advance(self, steps: int = 1) -> None:
        """Nothing."""
