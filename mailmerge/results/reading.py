"""Files and folders → one table, with everything that could not be read named.

One bad row, sheet or file never stops the others: it becomes an error of the report.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mailmerge import columns as col
from mailmerge.errors import InputError, Notice
from mailmerge.results import cells
from mailmerge.results.assigned import assigned_divisions
from mailmerge.results.file_names import division_of
from mailmerge.results.files import read_grids
from mailmerge.results.frames import empty_table, stack
from mailmerge.results.layouts import WORKBOOK
from mailmerge.results.roster import is_roster
from mailmerge.results.sections import ROW_ERRORS, Found, read_all
from mailmerge.results.wording import fr, listed
from mailmerge.text import fold

DATA_SUFFIXES = frozenset({".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods"})
_PACKED_SUFFIXES = frozenset({".xml", ".zip"})
EMPTY_FOLDER = "dossier-vide"  # the code of its notice
SAMPLE_FOLDER = "exemple"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that gave certifications.

    Attributes:
        path: the file.
        layout: Pix's layout(s), e.g. ``"L3"``; several are joined by « + ».
        divisions: the classes found in it, sorted; "" stands for « sans classe ».
        rows: how many certifications it gave.
        is_workbook: it is a « Résultats Pix.xlsx », which people edit.
    """

    path: Path
    layout: str
    divisions: tuple[str, ...]
    rows: int
    is_workbook: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: ``table`` has one row for each row of the files, repeats included."""

    table: pd.DataFrame
    files: tuple[SourceFile, ...]
    warnings: tuple[Notice, ...]
    errors: tuple[Notice, ...]


def read_sources(sources: Sequence[Path], *, skip: Collection[Path] = ()) -> Reading:
    """Read every file and folder of ``sources``; sub-folders are never entered.

    Args:
        sources: files, or folders whose Pix files are read in the order of their names.
        skip: files to leave alone in folders, such as a roster.

    Never raises for what a file holds: that is in ``errors``.
    """
    found = Found()
    files: list[SourceFile] = []
    for path in _files_of(sources, skip, found):
        one = read_file(path)
        found.warnings += one.warnings
        found.errors += one.errors
        if one.files:
            found.tables.append(one.table)
            files += one.files
    # A whole file that can't be read matters more than a row.
    errors = sorted(found.errors, key=lambda error: error.code in ROW_ERRORS)
    return Reading(stack(found.tables), tuple(files), tuple(found.warnings), tuple(errors))


def read_file(path: Path, *, entities: bool = True) -> Reading:
    """Read one file; its class is what ``classes.toml`` or else its name says.

    ``entities``: turn HTML codes such as ``&#39;`` into letters and say so.
    """
    found = Found()
    try:
        assigned = assigned_divisions(path.parent).get(path.name, "")
        grids = read_grids(path)
        read_all(grids, path.name, found, entities=entities)
    except InputError as error:
        notice = _a_roster(path) if is_roster(path) else error.notice()
        return Reading(empty_table(), (), (), (notice,))
    table = _with_division(stack(found.tables), assigned or division_of(path.name))
    files: tuple[SourceFile, ...] = ()
    if found.layouts:
        divisions = tuple(sorted(set(table[col.CLASSE])))
        layout = " + ".join(dict.fromkeys(found.layouts))
        files = (SourceFile(path, layout, divisions, len(table), WORKBOOK in found.layouts),)
    return Reading(table, files, tuple(found.warnings), tuple(found.errors))


def _a_roster(path: Path) -> Notice:
    message = fr(
        "« {name} » est une liste d'élèves, pas un fichier de résultats. Pour vous en servir, "
        "indiquez-la avec --roster, ou dans la section [liste] de etablissement.toml.",
        name=path.name,
    )
    return Notice("liste-parmi-les-resultats", message, path.name)


# --- which files ---


def _files_of(sources: Sequence[Path], skip: Collection[Path], found: Found) -> Iterator[Path]:
    left_alone = {path.resolve() for path in skip}
    for source in sources:
        if source.is_dir():
            found.warnings += _say_unread(source, left_alone)
        for path in _folder_files(source, found) if source.is_dir() else [source]:
            if path.resolve() not in left_alone:
                left_alone.add(path.resolve())
                yield path


def _folder_files(folder: Path, found: Found) -> list[Path]:
    """The data files that stand directly in ``folder``, by name."""
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: (fold(entry.name), entry.name))
    except OSError:
        message = fr(
            "Le dossier « {name} » ne peut pas être lu. Vérifiez que vous en avez le droit.",
            name=folder.name,
        )
        found.errors.append(Notice("dossier-illisible", message, folder.name))
        return []
    files = [entry for entry in entries if is_data_file(entry)]
    passed = [entry.name for entry in entries if _holds_data(entry)]
    if passed:
        message = fr(
            "Le dossier « {folder} » a des sous-dossiers avec des fichiers de résultats, qui ne "
            "sont pas lus : {names}. Pour les lire, indiquez-les aussi.",
            folder=folder.name,
            names=listed(passed),
        )
        found.warnings.append(Notice("sous-dossier", message, folder.name))
    if not files:
        message = fr(
            "Le dossier « {folder} » ne contient aucun fichier de résultats. Téléchargez-les "
            "depuis Pix Orga (fichiers .csv) et déposez-les dedans.",
            folder=folder.name,
        )
        found.errors.append(Notice(EMPTY_FOLDER, message, folder.name))
    return files


def _say_unread(folder: Path, known: Collection[Path]) -> Iterator[Notice]:
    """The lists of pupils and the archives of results in ``folder`` that no one asked to read."""
    try:
        packed = [p for p in sorted(folder.iterdir()) if p.suffix.lower() in _PACKED_SUFFIXES]
    except OSError:
        return  # said where the folder is read
    for path in packed:
        if path.name.startswith(".") or path.resolve() in known:
            continue
        if is_roster(path):
            yield _a_roster(path)
        elif _is_archive_of_results(path):
            message = fr(
                "L'archive « {name} » n'est pas lue. Extrayez-en les fichiers de résultats et "
                "déposez-les dans le même dossier.",
                name=path.name,
            )
            yield Notice("archive-non-lue", message, path.name)


def _is_archive_of_results(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(Path(name).suffix.lower() in DATA_SUFFIXES for name in archive.namelist())
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return False


def is_data_file(path: Path) -> bool:
    """Whether a file of a folder may hold results: by its ending; hidden and lock files are not."""
    return (
        path.suffix.lower() in DATA_SUFFIXES
        and not path.name.startswith((".", "~$"))
        and path.is_file()
    )


def _holds_data(entry: Path) -> bool:
    if not entry.is_dir() or entry.name.startswith(".") or entry.name == SAMPLE_FOLDER:
        return False
    try:
        return any(is_data_file(inner) for inner in entry.iterdir())
    except OSError:
        return False  # nobody asked for this sub-folder; it is not read either way


def _with_division(table: pd.DataFrame, known: str) -> pd.DataFrame:
    """Give the rows without a class the one known of their file."""
    table.loc[table[col.CLASSE] == "", col.CLASSE] = cells.text(known)
    return table
