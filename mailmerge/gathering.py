"""From the files people have to the one table, and the table into « Résultats Pix.xlsx »."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mailmerge.counting import attested_numbers
from mailmerge.delivery import OutputFolder
from mailmerge.errors import InputError, Notice
from mailmerge.report import Report
from mailmerge.request import Request, Watcher
from mailmerge.results.merging import read_base, update, write_base
from mailmerge.results.reading import Reading, read_sources
from mailmerge.results.table import Pupil, identity_notices, pupils
from mailmerge.results.workbook import read_workbook, write_workbook

WORKBOOK = "Résultats Pix.xlsx"
_BASE = "exports.csv"


@dataclass(frozen=True)
class Results:
    """The table after reading and updating, and everybody in it.

    ``attested_before`` are the certification numbers that the workbook already attested;
    ``base`` is what the exports said, for the next run to tell edits by.
    """

    table: pd.DataFrame
    base: pd.DataFrame
    pupils: list[Pupil]
    attested_before: frozenset[str]


def gather(request: Request, report: Report, watcher: Watcher) -> Results:
    """Read the sources and bring the workbook's table up to date with them.

    Raises:
        InputError: there is no certification at all, neither in the sources nor in the workbook.
    """
    watcher.stage("Lecture des résultats", 1)
    folder = OutputFolder(request.output)
    reading = _read(request)
    report.warn(reading.warnings)
    report.fail(reading.errors)
    workbook = folder.root / WORKBOOK
    existing = read_workbook(workbook) if workbook.exists() else None
    if reading.table.empty and existing is None:
        raise InputError(_nothing_read(request.sources, reading.errors))
    updated = update(existing, read_base(folder.state / _BASE), reading.table)
    report.warn(updated.notices)
    report.warn(identity_notices(updated.table))
    watcher.advance()
    before = frozenset[str]()
    if existing is not None:
        before = attested_numbers(pupils(existing), existing)
    return Results(updated.table, updated.base, pupils(updated.table), before)


def save_results(results: Results, folder: OutputFolder, watcher: Watcher) -> None:
    """Deliver « Résultats Pix.xlsx » and remember what the exports said.

    Raises:
        OutputError: the workbook is open in Excel, the disk is full…
    """
    watcher.stage("Écriture de « Résultats Pix.xlsx »", 1)
    folder.check_free(WORKBOOK)
    with folder.write(WORKBOOK) as staged:
        write_workbook(results.table, staged)
    with folder.write(f"{folder.state.name}/{_BASE}") as staged:
        write_base(results.base, staged)
    watcher.advance()


def _read(request: Request) -> Reading:
    """Read the sources; where none of them names a class, ``--class`` gives it to all."""
    reading = read_sources(request.sources)
    known = any(division for file in reading.files for division in file.divisions)
    if len(request.divisions) == 1 and not known:
        reading = read_sources(request.sources, division=request.divisions[0])
    return reading


def _nothing_read(sources: Sequence[Path], errors: Iterable[Notice]) -> str:
    places = ", ".join(f"« {path} »" for path in sources)
    details = "".join(f"\n  • {error.message}" for error in errors)
    return (
        f"Aucun résultat Pix n’a été trouvé dans {places}. Déposez-y les fichiers .csv téléchargés "
        f"depuis Pix Orga.{details}"
    )
