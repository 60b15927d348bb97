"""Removing what the program made: outputs, and what it remembers; never anybody else's file."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mailmerge.errors import OutputError, cause_of
from mailmerge.gathering import WORKBOOK
from mailmerge.making.delivery import OutputFolder
from mailmerge.report import JSON_NAME, TEXT_NAME


@dataclass(frozen=True, slots=True)
class Purge:
    """What would be removed.

    Attributes:
        folder: the output folder.
        files: the files that runs put there and that still are, relative to it.
        state: what the program remembers there (a hidden folder), if there is any.
    """

    folder: OutputFolder
    files: tuple[str, ...]
    state: Path | None

    def __bool__(self) -> bool:
        return bool(self.files or self.state)


def look_for(root: Path) -> Purge:
    """List the program's own files in an output folder; nothing is removed."""
    folder = OutputFolder(root)
    if not folder.state.is_dir() or folder.state.is_symlink():
        # A folder that no run has used: not even a file of a known name in it is ours.
        return Purge(folder, (), None)
    names = folder.known() | set(_reported(root / JSON_NAME)) | {WORKBOOK, TEXT_NAME, JSON_NAME}
    ours = sorted(name for name in names if _is_inside(folder, name))
    return Purge(folder, tuple(ours), folder.state)


def carry_out(purge: Purge) -> None:
    """Remove what was listed, then the folders that it leaves empty.

    Raises:
        OutputError: a file is open elsewhere, or another run is at work; nothing else is lost.
    """
    root = purge.folder.root
    with purge.folder.opened():
        for name in purge.files:
            try:
                (root / name).unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(
                    f"Impossible de supprimer « {name} » : {cause_of(error)}. Fermez-le, puis "
                    "relancez la commande.",
                    source=name,
                ) from error
    for inner in sorted({PurePosixPath(name).parent for name in purge.files}, reverse=True):
        if inner != PurePosixPath():
            with contextlib.suppress(OSError):  # somebody keeps other files there
                (root / inner).rmdir()
    if purge.state is not None:
        shutil.rmtree(purge.state, ignore_errors=True)


def _is_inside(folder: OutputFolder, name: str) -> bool:
    """Whether a name is a file in the folder; no link and no ``..`` may lead out of it."""
    path = folder.root / name
    if name.startswith(folder.state.name) or path.is_symlink() or not path.is_file():
        return False
    return path.resolve().is_relative_to(folder.root.resolve())


def _reported(report: Path) -> Iterator[str]:
    """The files that the last report names, from versions that kept no list."""
    try:
        document: Any = json.loads(report.read_text(encoding="utf-8"))
        lines: Sequence[dict[str, Any]] = [*document["divisions"], *document["eleves"]]
        for line in lines:
            yield from (line[key] for key in ("pdf", "docx") if line.get(key))
    except (OSError, ValueError, KeyError, TypeError):
        return
