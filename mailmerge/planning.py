"""Who gets an attestation, in which class document, under which file names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from mailmerge import columns
from mailmerge.errors import UsageError
from mailmerge.issuing import ClassJob
from mailmerge.names import fill_pattern, folder_names, safe_name, unique_names
from mailmerge.pressing import Sheet
from mailmerge.results.table import Pupil, Statut
from mailmerge.template.compiling import CompiledTemplate
from mailmerge.text import fold

WITHOUT_CLASS = "Sans classe"
ATTESTATIONS = "Attestations"
SELECTION = "sélection"


def select(
    pupils: Sequence[Pupil], table: pd.DataFrame, divisions: Sequence[str], wanted: Sequence[str]
) -> list[Pupil]:
    """The pupils of these classes and of these names or numbers; all of them when none is given.

    Args:
        divisions: class names, compared folded.
        wanted: a certification number, or part of « NOM Prénom », accents and case ignored.

    Raises:
        UsageError: a class or a pupil that nobody has; it lists the classes there are.
    """
    kept = _in_divisions(pupils, divisions) if divisions else list(pupils)
    if not wanted:
        return kept
    numbers = table[columns.NUMERO].tolist()
    chosen: list[Pupil] = []
    for text in wanted:
        found = [p for p in kept if _is(p, text, numbers[p.row])]
        if not found:
            raise UsageError(
                f"Aucun élève ne correspond à « {text} ». Écrivez une partie de son nom, ou son "
                "numéro de certification."
            )
        chosen += found
    return [pupil for pupil in kept if pupil in chosen]


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
    """
    wanted = {id(pupil) for pupil in chosen}
    attested = [pupil for pupil in pupils if pupil.statut is Statut.OBTENUE]
    folders = folder_names((p.division for p in pupils), without=WITHOUT_CLASS)
    by_division: dict[str, list[Pupil]] = {}
    for pupil in attested:
        by_division.setdefault(pupil.division, []).append(pupil)
    jobs = []
    for division, members in by_division.items():
        folder = folders[division]
        sheets = _sheets(table, members, folder, pattern)
        kept = tuple(s for p, s in zip(members, sheets, strict=True) if id(p) in wanted)
        if kept:
            jobs.append(_job(division, f"{title} {folder}", kept, partial=len(kept) < len(sheets)))
    return jobs


def _job(division: str, title: str, sheets: tuple[Sheet, ...], *, partial: bool) -> ClassJob:
    """Some pupils of a class get documents of their own: those of the whole class stay."""
    stem = safe_name(f"{title} ({SELECTION})" if partial else title)
    return ClassJob(division, stem, f"{stem}.docx", f"{stem}.pdf", sheets, partial)


def _sheets(
    table: pd.DataFrame, members: Sequence[Pupil], folder: str, pattern: str
) -> list[Sheet]:
    rows = _rows(table, members)
    names = _file_names(rows, pattern)
    return [
        Sheet(_public(row), f"{folder}/{name}.pdf") for row, name in zip(rows, names, strict=True)
    ]


def _in_divisions(pupils: Sequence[Pupil], divisions: Sequence[str]) -> list[Pupil]:
    known = {_key(pupil.division or WITHOUT_CLASS) for pupil in pupils}
    names = sorted({pupil.division or WITHOUT_CLASS for pupil in pupils})
    for division in divisions:
        if _key(division) not in known:
            raise UsageError(
                f"La classe « {division} » ne figure pas dans les résultats. "
                f"Classes connues : {', '.join(names) or 'aucune'}."
            )
    asked = {_key(division) for division in divisions}
    return [pupil for pupil in pupils if _key(pupil.division or WITHOUT_CLASS) in asked]


def _is(pupil: Pupil, text: str, numero: str) -> bool:
    if text.strip() == numero:
        return True
    wanted = fold(text)
    names = (f"{pupil.nom} {pupil.prenom}", f"{pupil.prenom} {pupil.nom}")
    return bool(wanted) and any(wanted in fold(name) for name in names)


def _key(division: str) -> str:
    """A class as compared: case and spaces don't count, punctuation does (3+ is not 3-)."""
    return "".join(division.casefold().split())


def _file_names(rows: Sequence[dict[str, Any]], pattern: str) -> list[str]:
    wanted = [
        fill_pattern(
            pattern,
            {
                "nom": str(row[columns.NOM]),
                "prenom": str(row[columns.PRENOM]),
                "classe": str(row[columns.CLASSE]),
                "numero": str(row[columns.NUMERO]),
                "identifiant": str(row[columns.IDENTIFIANT]),
                "ine": str(row[columns.IDENTIFIANT]),
                "rang": f"{rank:02d}",
            },
        )
        for rank, row in enumerate(rows, 1)
    ]
    return unique_names(wanted, [str(row[columns.NUMERO]) for row in rows])


def _rows(table: pd.DataFrame, members: Sequence[Pupil]) -> list[dict[str, Any]]:
    """The certification shown of each pupil, by column; with the pupil's class."""
    records = table.iloc[[pupil.row for pupil in members]].to_dict("records")
    return [
        {**{str(name): value for name, value in record.items()}, columns.CLASSE: pupil.division}
        for pupil, record in zip(members, records, strict=True)
    ]


def _public(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in columns.PRIVATE_COLUMNS}
