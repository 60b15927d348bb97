"""From the files people have to the one table, and the table into « Résultats Pix.xlsx »."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from mailmerge.errors import InputError, Notice, UsageError
from mailmerge.making.delivery import OutputFolder
from mailmerge.making.telling import set_known_apart
from mailmerge.overview.counting import attested_numbers
from mailmerge.places import DEFAULT_TEMPLATE
from mailmerge.report import Report
from mailmerge.request import AS_LISTED, Request, Watcher
from mailmerge.results.ageing import leave_out, older_notices
from mailmerge.results.classes import classless, give_class, one_spelling
from mailmerge.results.enrolment import as_listed, enrol
from mailmerge.results.merging import Update, read_base, same_certifications, update, write_base
from mailmerge.results.reading import EMPTY_FOLDER, Reading, read_sources
from mailmerge.results.roster import Roster, read_roster
from mailmerge.results.table import Pupil, identity_notices, pupils
from mailmerge.results.workbook import read_workbook, write_workbook
from mailmerge.settings import Settings, find_settings, load_settings

WORKBOOK = "Résultats Pix.xlsx"
_BASE = "exports.csv"


@dataclass(frozen=True)
class Results:
    """The table after reading and updating, and everybody in it.

    Attributes:
        table: every certification, as it goes into the workbook.
        base: what the exports said, for the next run to tell edits by.
        pupils: everybody; with the school's list, those who did not sit too.
        attested_before: the certification numbers that the workbook already attested.
        with_roster: the school's list was there to compare with.
        changed: the workbook will not say the same as before.
    """

    table: pd.DataFrame
    base: pd.DataFrame
    pupils: list[Pupil]
    attested_before: frozenset[str]
    with_roster: bool = False
    changed: bool = True


def gather(request: Request, report: Report, watcher: Watcher) -> Results:
    """Read the sources and bring the workbook's table up to date with them.

    Raises:
        InputError: there is no certification at all, neither in the sources nor in the workbook;
            or the list of pupils can't be used.
    """
    watcher.stage("Lecture des résultats", 1)
    folder = OutputFolder(request.output)
    roster = _roster(request)
    # First of all: while it is open, a large workbook takes more room than anything after it.
    workbook = folder.root / WORKBOOK
    existing = read_workbook(workbook) if workbook.exists() else None
    reading = read_sources(request.sources, skip=[roster.path] if roster else [])
    report.fail(reading.errors)
    if reading.table.empty and existing is None:
        raise InputError(_nothing_read(request.sources, (*reading.errors, *reading.warnings)))
    exports, left = leave_out(reading.table, request.since)
    if roster is None:
        exports = _with_class(request, reading, exports, existing, report)
    updated = _updated(existing, read_base(folder.state / _BASE), exports, reading, report)
    results = _enrolled(updated, roster, request, report)
    if roster is None:  # with a list, who is not in it is named
        report.warn(classless(results.table, exports))
    report.warn(older_notices(results.table, results.pupils, request.since, left))
    set_known_apart(report, folder)
    watcher.advance()
    if existing is None:
        return results
    return replace(
        results,
        attested_before=attested_numbers(pupils(existing)),
        changed=not same_certifications(existing, results.table),
    )


def settings_of(request: Request) -> Settings:
    """The settings asked for, or those beside the sources.

    Raises:
        SettingsError: they can't be used.
    """
    folders = [path if path.is_dir() else path.parent for path in request.sources]
    return load_settings(request.settings or find_settings([*folders, Path("data")]))


def require_sources(request: Request) -> None:
    """Refuse sources none of which exists: the settings beside them would be missed too.

    Raises:
        InputError: none exists.
    """
    sources = request.sources
    if sources and not any(path.exists() for path in sources):
        names = ", ".join(f"« {path} »" for path in sources)
        what = "Vérifiez leurs noms et leur" if len(sources) > 1 else "Vérifiez son nom et son"
        raise InputError(
            f"{names} n’existe{'nt' if len(sources) > 1 else ''} pas : rien n’a été fait. "
            f"{what} emplacement."
        )


def template_of(request: Request, settings: Settings) -> Path:
    """The template asked for, else the one that the settings name, else the default one."""
    return request.template or settings.edition.modele or DEFAULT_TEMPLATE


def _roster(request: Request) -> Roster | None:
    """The school's list: the one asked for, or the one told in the settings."""
    liste = settings_of(request).liste
    path = request.roster or liste.fichier
    if path is None and request.order == AS_LISTED:
        raise UsageError(
            "L’ordre de la liste d’élèves (--order roster) demande une liste : --roster FICHIER."
        )
    return read_roster(path, liste.told) if path else None


def _enrolled(updated: Update, roster: Roster | None, request: Request, report: Report) -> Results:
    """The results, with the school's list put over them where there is one."""
    if roster is None:
        everybody = pupils(updated.table, request.since)
        return Results(updated.table, updated.base, everybody, frozenset())
    seen = enrol(updated.table, updated.base, roster, request.since)
    report.warn(seen.notices)
    everybody = as_listed(seen.pupils) if request.order == AS_LISTED else seen.pupils
    return Results(seen.table, seen.base, everybody, frozenset(), with_roster=True)


def save_results(
    results: Results,
    folder: OutputFolder,
    watcher: Watcher,
    synthesis: Sequence[Sequence[str]] = (),
) -> None:
    """Deliver « Résultats Pix.xlsx » and remember what the exports said.

    ``synthesis`` is the second sheet, row by row.

    Raises:
        OutputError: the workbook is open in Excel, the disk is full…
    """
    watcher.stage("Écriture de « Résultats Pix.xlsx »", 1)
    folder.check_free(WORKBOOK)
    with folder.write(WORKBOOK) as staged:
        write_workbook(results.table, staged, synthesis)
    with folder.write(f"{folder.state.name}/{_BASE}") as staged:
        write_base(results.base, staged)
    watcher.advance()


def _with_class(
    request: Request,
    reading: Reading,
    exports: pd.DataFrame,
    existing: pd.DataFrame | None,
    report: Report,
) -> pd.DataFrame:
    """Where no file names a class, ``--class`` gives it to whoever has none in the workbook."""
    named = any(division for file in reading.files for division in file.divisions)
    if len(request.divisions) != 1 or named:
        return exports
    given, notices = give_class(exports, existing, request.divisions[0])
    report.warn(notices)
    return given


def _updated(
    existing: pd.DataFrame | None,
    base: pd.DataFrame | None,
    exports: pd.DataFrame,
    reading: Reading,
    report: Report,
) -> Update:
    existing, base, exports, notices = one_spelling(existing, base, exports)
    workbooks = {file.path.name for file in reading.files if file.is_workbook}
    updated = update(existing, base, exports, workbooks)
    report.warn([*reading.warnings, *notices, *updated.notices])
    report.warn(identity_notices(updated.table))
    return updated


def _nothing_read(sources: Sequence[Path], notices: Iterable[Notice]) -> str:
    folders = ", ".join(f"« {path} »" for path in sources if path.is_dir())
    download = "les fichiers .csv téléchargés depuis Pix Orga."
    if folders:
        remedy = f"Aucun résultat Pix n’a été trouvé dans {folders}. Déposez-y {download}"
    elif sources:
        remedy = "Aucun résultat Pix n’a pu être lu."
    else:
        remedy = f"Aucun résultat Pix n’a été trouvé. Déposez {download}"
    details = (notice.message for notice in notices if notice.code != EMPTY_FOLDER)
    return remedy + "".join(f"\n  • {message}" for message in details)
