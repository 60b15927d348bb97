"""What is asked of a run, and who follows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


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
    engine: str = "auto"
    dry_run: bool = False
    force: bool = False
    cluster: str | None = None
    pdfa: bool = False
    seal: Path | None = None
    seal_password: str = field(default="", repr=False)


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
