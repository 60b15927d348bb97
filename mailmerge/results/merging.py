"""Merging new exports into « Résultats Pix.xlsx » as people left it, without losing an edit.

A three-way merge by certification number: what the workbook says now, what the exports had said
at the last run (the base), and what they say today.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from mailmerge import columns as col
from mailmerge.errors import InputError, Notice
from mailmerge.referential import COMPETENCE_CODES
from mailmerge.results import cells
from mailmerge.results.alignment import check_aligned
from mailmerge.results.file_names import file_date
from mailmerge.results.frames import aligned, empty_table, tidy
from mailmerge.results.grids import shared
from mailmerge.results.rows import columns_of, records, table_of
from mailmerge.results.table import PRIVATE, agreed, combine, sort_table, who
from mailmerge.results.wording import fr, mark, quoted, shortened

_RESULTS = frozenset({col.STATUT, col.PIX, col.NIVEAU, *COMPETENCE_CODES})
_NOTHING = ("", None, "-")
_UNSAID = frozenset({*col.DATE_COLUMNS, col.IDENTIFIANT})  # private: named, never quoted

_Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Update:
    """The merged table and what changed.

    Attributes:
        table: every certification once, sorted.
        base: what to keep as the next run's base (``write_base``).
        added, updated, unchanged: the numbers of the exports' certifications, each in one of these.
        notices: hand edits that were kept against the exports, and rows that disagreed.
    """

    table: pd.DataFrame
    base: pd.DataFrame
    added: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    notices: tuple[Notice, ...]


@dataclass(slots=True)
class _Changes:
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def update(
    existing: pd.DataFrame | None,
    base: pd.DataFrame | None,
    exports: pd.DataFrame,
    workbooks: Collection[str] = (),
) -> Update:
    """Merge ``exports`` into ``existing``.

    A cell that differs from the base was edited by hand: it stays, and is told when the export says
    otherwise. Any other cell follows the export, unless the export is an older file than the
    one of the base, or only knows of a certification that was not yet finished. An empty
    cell of an export erases nothing. Without a base, what the workbook says stays, but a
    certification that was waiting gets its result. A certification deleted by hand stays
    deleted; rows that no export has stay.

    Args:
        existing: the workbook as read back, or None when there is none (the base is then ignored).
        base: what the last run returned as ``Update.base``, or None.
        exports: what is read today.
        workbooks: the sources that are workbooks too (see ``combine``).

    Raises:
        InputError: the workbook's rows are out of step with its numbers (``check_aligned``).
    """
    new = combine(exports, workbooks)
    if existing is None:
        table = new.table
        return Update(table, table, tuple(table[col.NUMERO]), (), (), new.warnings)
    old = combine(existing)
    said_before = empty_table() if base is None else base
    before, after, ground = aligned([old.table, new.table, said_before])
    columns, warnings = old.table.columns, [*old.warnings, *new.warnings]
    del old, new  # large ones take much room
    grounds = _by_number(ground)
    rows = _by_number(before)
    check_aligned(rows, grounds, records(after))
    changes = _Changes(notices=warnings)
    for export in records(after):
        _merge_one(rows, grounds, export, changes)
    _say_removed(changes)
    table = table_of(list(rows.values()), before.columns)
    return Update(
        sort_table(_without_empty_extras(table, columns)),
        sort_table(table_of(list(grounds.values()), before.columns)),
        tuple(changes.added),
        tuple(changes.updated),
        tuple(changes.unchanged),
        tuple(changes.notices),
    )


def _by_number(table: pd.DataFrame) -> dict[str, _Record]:
    return {row[col.NUMERO]: row for row in records(table)}


def same_certifications(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    """Whether two tables say the same, wherever their rows come from and in whatever order."""
    one, two = aligned([first, second])
    mine, theirs = columns_of(sort_table(one)), columns_of(sort_table(two))
    return all(list(mine[name]) == list(theirs[name]) for name in mine if name not in PRIVATE)


def _without_empty_extras(table: pd.DataFrame, old: Iterable[str]) -> pd.DataFrame:
    """Drop the extra columns that only an old base knew and that hold nothing any more."""
    keep = {*col.WORKBOOK_COLUMNS, *PRIVATE, *old}
    empty = [n for n in table.columns if n not in keep and not table[n].astype(bool).any()]
    return table.drop(columns=empty)


def _merge_one(
    rows: dict[str, _Record], grounds: dict[str, _Record], export: _Record, changes: _Changes
) -> None:
    number = export[col.NUMERO]
    row, ground = rows.get(number), grounds.get(number)
    older = ground is not None and _is_older(export, ground)
    if row is None:
        if ground is not None:
            changes.removed.append(who(export))
            changes.unchanged.append(number)
        else:
            rows[number] = export
            changes.added.append(number)
    else:
        kept: list[str] = []
        differing = [n for n in row if n not in PRIVATE and row[n] != export[n]]
        said = {n: _cell(n, row, ground, export, older, kept) for n in differing}
        changed = {n: value for n, value in said.items() if value != row[n]}
        if changed:
            rows[number] = {**row, **changed}
        (changes.updated if changed else changes.unchanged).append(number)
        if kept:
            changes.notices.append(_kept_notice(rows[number], kept, export, ground is not None))
    grounds[number] = _next_ground(ground, export, older)


def _is_older(export: _Record, ground: _Record) -> bool:
    """Whether an export is older than the one the base was made from.

    By the dates in the names of Pix's files; where one has none, a result never goes back to
    waiting.
    """
    today, then = file_date(export[col.SOURCE]), file_date(ground[col.SOURCE])
    if today and then and today != then:
        return today < then
    return export[col.STATUT] in cells.WAITING and ground[col.STATUT] not in (*cells.WAITING, "")


def _next_ground(ground: _Record | None, export: _Record, older: bool) -> _Record:
    """What the exports say, all told: the newest file first, completed by the other."""
    if ground is None:
        return export
    first, second = (ground, export) if older else (export, ground)
    missing = {n: second[n] for n, value in first.items() if value in ("", None) and second[n]}
    return {**first, **missing} if missing else first


def _cell(
    name: str, row: _Record, ground: _Record | None, export: _Record, older: bool, kept: list[str]
) -> Any:
    """What a cell becomes that the export says otherwise; a hand edit that is kept against it is
    added to ``kept``.
    """
    mine, theirs = row[name], export[name]
    if theirs in ("", None):
        return mine
    known = agreed(name, mine, theirs)
    if known is not None:
        return known
    if ground is None:
        if mine in ("", None) or _gets_result(name, row, export):
            return theirs
        kept.append(name)
        return mine
    before = ground[name]
    if mine == before:
        return theirs if not older or mine in ("", None) else mine
    if not older:
        kept.append(name)
    return mine


def _gets_result(name: str, row: _Record, export: _Record) -> bool:
    """Whether a certification that was waiting has its result now, and this cell is part of it."""
    arrived = row[col.STATUT] in cells.WAITING and export[col.STATUT] not in (*cells.WAITING, "")
    return arrived and name in _RESULTS and (name == col.STATUT or row[name] in _NOTHING)


def _kept_notice(row: _Record, kept: list[str], export: _Record, edited: bool) -> Notice:
    what = (
        "modifié à la main dans « Résultats Pix.xlsx » et différent de l'export"
        if edited
        else "différent dans « Résultats Pix.xlsx » et dans l'export"
    )
    message = fr(
        "{who} : {columns} : " + what + ". Le classeur est gardé ; pour suivre l'export, recopiez "
        "sa valeur dans le classeur.",
        who=who(row),
        columns=", ".join(_both_said(name, row, export) for name in kept),
    )
    about = mark(row[col.NUMERO], [(name, row[name], export[name]) for name in kept])
    return Notice("modification-gardee", message, column=kept[0], mark=about)


def _both_said(name: str, row: _Record, export: _Record) -> str:
    """A column, with what the workbook and the export say in it; never a date or identifier."""
    if name in _UNSAID:
        return fr("« {name} »", name=name)
    return fr(
        "« {name} » (« {mine} », et « {theirs} » dans l'export)",
        name=name,
        mine=quoted(row[name]) if row[name] else "vide",
        theirs=quoted(export[name]),
    )


def _say_removed(changes: _Changes) -> None:
    count = len(changes.removed)
    if count:
        message = fr(
            "{count} {what} de « Résultats Pix.xlsx » à la main ({names}) : les exports ne l'y "
            "remettent pas. Pour tout y remettre, supprimez ce classeur et recommencez.",
            count=count,
            what="certification retirée" if count == 1 else "certifications retirées",
            names=shortened(changes.removed),
        )
        changes.notices.append(Notice("certification-retiree", message))


# --- the base, kept from one run to the next ---


def write_base(base: pd.DataFrame, path: Path) -> None:
    """Write what the exports said, for the next run: a CSV, dates in ISO form."""
    shown = base.copy()
    for name in col.DATE_COLUMNS:
        shown[name] = [day.isoformat() if day else "" for day in shown[name]]
    shown.to_csv(path, index=False, encoding="utf-8", quoting=csv.QUOTE_ALL, lineterminator="\n")


def read_base(path: Path) -> pd.DataFrame | None:
    """What ``write_base`` wrote, or None where there is no such file.

    Raises:
        InputError: the file is damaged.
    """
    if not path.exists():
        return None
    try:
        base = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8").astype(object)
        for name in col.DATE_COLUMNS:
            days = [dt.date.fromisoformat(day) if day else None for day in base[name]]
            base[name] = pd.Series(days, dtype=object)
        for name in base.columns.difference([*col.DATE_COLUMNS, col.LINE]):
            base[name] = pd.Series([shared(text) for text in base[name]], dtype=object)
        base[col.LINE] = pd.Series([int(line) for line in base[col.LINE]], dtype=object)
        return tidy(base)
    except (OSError, ValueError, KeyError) as error:
        message = fr(
            "Le fichier « {name} », où le programme note ce que disaient les exports, est abîmé. "
            "Supprimez-le et recommencez : « Résultats Pix.xlsx » garde ses modifications.",
            name=path.name,
        )
        raise InputError(message, source=path.name) from error
