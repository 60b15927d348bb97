"""Who gets an attestation, in which class document, under which file names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import pandas as pd

from mailmerge import columns
from mailmerge.errors import UsageError
from mailmerge.making.issuing import ClassJob
from mailmerge.making.pressing import Sheet
from mailmerge.names import fill_pattern, folder_names, safe_name, unique_names
from mailmerge.results.classes import class_key
from mailmerge.results.rows import Columns, Row, columns_of
from mailmerge.results.table import Pupil, Statut
from mailmerge.template.compiling import CompiledTemplate
from mailmerge.text import fold

WITHOUT_CLASS = "Sans classe"
ATTESTATIONS = "Attestations"
SELECTION = " (sélection)"
TO_PRINT = "Imprimer"
_NOT_MARKED = frozenset({"", "non", "n", "0", "faux", "false", "no"})


def select(
    pupils: Sequence[Pupil],
    divisions: Sequence[str] = (),
    wanted: Sequence[str] = (),
    numbers: Collection[str] | None = None,
) -> list[Pupil]:
    """The pupils of these classes and of these names or numbers; all of them when none is given.

    Args:
        pupils: everybody.
        divisions: class names, compared folded.
        wanted: a certification number, or part of « NOM Prénom », accents and case ignored.
        numbers: certification numbers; None when none are asked for.

    Raises:
        UsageError: a class or a pupil that nobody has; it lists the classes there are.
    """
    kept = _in_divisions(pupils, divisions) if divisions else list(pupils)
    if numbers is not None:
        kept = _numbered(kept, numbers)
    if not wanted:
        return kept
    chosen: set[int] = set()
    for text in wanted:
        found = search(kept, text)
        if not found:
            raise UsageError(
                f"Aucun élève ne correspond à « {text} ». Écrivez une partie de son nom, ou son "
                "numéro de certification."
            )
        chosen |= {id(pupil) for pupil in found}
    return [pupil for pupil in kept if id(pupil) in chosen]


def search(pupils: Sequence[Pupil], text: str) -> list[Pupil]:
    """The pupil of a certification number, or those whose name has ``text`` in it, folded."""
    numbered = [pupil for pupil in pupils if pupil.numero and text.strip() == pupil.numero]
    return numbered or [pupil for pupil in pupils if _is_named(pupil, text)]


def read_numbers(path: Path) -> list[str]:
    """The certification numbers of a text file: one a line, or separated by spaces or ``;``.

    Raises:
        UsageError: unreadable file, or nothing in it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise UsageError(
            f"Impossible de lire la liste de numéros « {path.name} ». Vérifiez son nom."
        ) from error
    numbers = re.findall(r"[0-9A-Za-z-]+", text)
    if not numbers:
        raise UsageError(
            f"« {path.name} » ne contient aucun numéro de certification. Écrivez-en un par ligne."
        )
    return numbers


def marked(pupils: Sequence[Pupil], table: pd.DataFrame) -> list[str]:
    """The numbers of the pupils who are marked in the column « Imprimer » of the workbook.

    Raises:
        UsageError: there is no such column, or nobody is marked in it.
    """
    column = next((name for name in table.columns if fold(str(name)) == fold(TO_PRINT)), None)
    if column is None:
        raise UsageError(
            f"« Résultats Pix.xlsx » n’a pas de colonne « {TO_PRINT} ». Ajoutez-la, et mettez un x "
            "sur la ligne des élèves voulus."
        )
    said = table[column].tolist()
    asked = [p for p in pupils if p.row is not None and fold(str(said[p.row])) not in _NOT_MARKED]
    if not asked:
        raise UsageError(
            f"Dans « Résultats Pix.xlsx », aucun élève n’est marqué dans « {TO_PRINT} ». Mettez un "
            "x sur la ligne des élèves voulus, et enregistrez le classeur."
        )
    return [pupil.numero for pupil in asked]


def class_title(template: CompiledTemplate) -> str:
    """How the names of a class's files begin: a class sheet's after its template.

    ``liste-de-classe.docx`` gives « Liste de classe »; never « Attestations », as a list must not
    take the place of a class's attestations.
    """
    if not template.for_class:
        return ATTESTATIONS
    words = " ".join(template.file.title.replace("-", " ").replace("_", " ").split())
    return "Liste" if fold(words) in ("", fold(ATTESTATIONS)) else words[:1].upper() + words[1:]


def plan(
    pupils: Sequence[Pupil],
    chosen: Iterable[Pupil],
    table: pd.DataFrame,
    *,
    pattern: str,
    title: str = ATTESTATIONS,
    apart: bool = True,
) -> list[ClassJob]:
    """One job for each class that has an attestation to print.

    File names depend on all the pupils of a class, not on the selection: a pupil printed alone
    gets the same file as with the class.

    Args:
        pupils: everybody.
        chosen: those asked for.
        table: the certifications; `Pupil.row` is a position in it.
        pattern: the file-name pattern of the settings.
        title: the first word of the class's file names.
        apart: part of a class gets its own document, and the whole class's stays as it is.
    """
    wanted = {id(pupil) for pupil in chosen}
    attested = [pupil for pupil in pupils if pupil.statut is Statut.OBTENUE]
    folders = folder_names((p.division for p in pupils), without=WITHOUT_CLASS)
    by_division: dict[str, list[Pupil]] = {}
    for pupil in attested:
        by_division.setdefault(pupil.division, []).append(pupil)
    shown = _columns(table, attested)
    jobs = []
    for division, members in by_division.items():
        folder = folders[division]
        sheets = _sheets(shown, members, folder, pattern)
        kept = tuple(s for p, s in zip(members, sheets, strict=True) if id(p) in wanted)
        if kept:
            partial = apart and len(kept) < len(sheets)
            jobs.append(_job(division, f"{title} {folder}", kept, partial=partial))
    return jobs


def some_of(job: ClassJob) -> ClassJob:
    """The document of some pupils of a whole class's job, whoever they are: it has no sheets."""
    return _job(job.division, job.title, (), partial=True)


def _job(division: str, title: str, sheets: tuple[Sheet, ...], *, partial: bool) -> ClassJob:
    """Some pupils of a class get documents of their own: those of the whole class stay."""
    stem = safe_name(f"{title}{SELECTION}" if partial else title)
    return ClassJob(division, stem, f"{stem}.docx", f"{stem}.pdf", sheets, partial)


def _sheets(shown: Columns, members: Sequence[Pupil], folder: str, pattern: str) -> list[Sheet]:
    rows = [Row(shown, pupil.row) for pupil in members if pupil.row is not None]
    names = _file_names(rows, [pupil.ine for pupil in members], pattern)
    return [Sheet(row, f"{folder}/{name}.pdf") for row, name in zip(rows, names, strict=True)]


def _in_divisions(pupils: Sequence[Pupil], divisions: Sequence[str]) -> list[Pupil]:
    known = {class_key(pupil.division or WITHOUT_CLASS) for pupil in pupils}
    names = sorted({pupil.division or WITHOUT_CLASS for pupil in pupils})
    for division in divisions:
        if class_key(division) not in known:
            raise UsageError(
                f"La classe « {division} » ne figure pas dans les résultats. "
                f"Classes connues : {', '.join(names) or 'aucune'}."
            )
    asked = {class_key(division) for division in divisions}
    return [pupil for pupil in pupils if class_key(pupil.division or WITHOUT_CLASS) in asked]


def _numbered(pupils: Sequence[Pupil], numbers: Collection[str]) -> list[Pupil]:
    unknown = sorted(set(numbers) - {pupil.numero for pupil in pupils})
    if unknown:
        raise UsageError(
            f"Aucun élève n’a ces numéros de certification : {', '.join(unknown)}. Corrigez-les "
            "ou retirez-les."
        )
    return [pupil for pupil in pupils if pupil.numero in numbers]


def _is_named(pupil: Pupil, text: str) -> bool:
    wanted = fold(text)
    names = (f"{pupil.nom} {pupil.prenom}", f"{pupil.prenom} {pupil.nom}")
    return bool(wanted) and any(wanted in fold(name) for name in names)


def _file_names(rows: Sequence[Row], ines: Sequence[str], pattern: str) -> list[str]:
    """The names; an INE is the school's list's, else the export's external identifier."""
    wanted = [
        fill_pattern(
            pattern,
            {
                "nom": str(row[columns.NOM]),
                "prenom": str(row[columns.PRENOM]),
                "classe": str(row[columns.CLASSE]),
                "numero": str(row[columns.NUMERO]),
                "identifiant": str(row[columns.IDENTIFIANT]),
                "ine": ine or str(row[columns.IDENTIFIANT]),
                "rang": f"{rank:02d}",
            },
        )
        for rank, (row, ine) in enumerate(zip(rows, ines, strict=True), 1)
    ]
    return unique_names(wanted, [str(row[columns.NUMERO]) for row in rows])


def _columns(table: pd.DataFrame, attested: Iterable[Pupil]) -> Columns:
    """The public columns, for the rows of the sheets to look into; with the pupils' classes."""
    public = [name for name in table.columns if name not in columns.PRIVATE_COLUMNS]
    classes = table[columns.CLASSE].tolist()
    for pupil in attested:
        if pupil.row is not None:
            classes[pupil.row] = pupil.division
    return {**columns_of(table, public), columns.CLASSE: classes}
