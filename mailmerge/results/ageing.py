"""Certifications of earlier years: flagged, and left out only when it is asked.

Exports list last year's pupils too, and a certification holds three years (facts, sections 1, 3).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import pandas as pd

from mailmerge import columns as col
from mailmerge.errors import Notice
from mailmerge.results.table import Pupil
from mailmerge.results.wording import fr, listed

_FIRST_MONTH = 9  # the French school year goes from September to August
_NAMED = 12


def school_year_start(day: dt.date) -> dt.date:
    """The first day of the school year that ``day`` is in.

    >>> school_year_start(dt.date(2026, 6, 15))
    datetime.date(2025, 9, 1)
    """
    return dt.date(day.year if day.month >= _FIRST_MONTH else day.year - 1, _FIRST_MONTH, 1)


def leave_out(table: pd.DataFrame, since: dt.date | None) -> tuple[pd.DataFrame, frozenset[str]]:
    """The certifications sat from ``since`` on or without a date; and the numbers of the others."""
    if since is None:
        return table, frozenset()
    old = [day is not None and day < since for day in table[col.DATE_PASSAGE]]
    kept = table.loc[[not gone for gone in old]].reset_index(drop=True)
    return kept, frozenset(table.loc[old, col.NUMERO])


def older_notices(
    table: pd.DataFrame, pupils: Sequence[Pupil], since: dt.date | None, left_out: Iterable[str]
) -> list[Notice]:
    """How many were left out; or whose certification is of an earlier school year.

    Args:
        table: the certifications.
        pupils: everybody; `Pupil.row` is a position in ``table``.
        since: the day asked for, or None.
        left_out: the numbers that ``since`` left out of the files.
    """
    if since is not None:
        _, old = leave_out(table, since)
        return _say_left_out(len(old | set(left_out)), since)
    days = table[col.DATE_PASSAGE].tolist()
    newest = max((day for day in days if day), default=None)
    if newest is None:
        return []
    start = school_year_start(newest)
    older = [p.who for p in pupils if p.row is not None and days[p.row] and days[p.row] < start]
    if not older:
        return []
    more = len(older) - _NAMED
    message = fr(
        "{count} {what} avant l'année scolaire des plus récentes (1er septembre {year}) : "
        "{names}{more}. Rien n'est laissé de côté sans --since 01/09/{year}.",
        count=len(older),
        what="certification passée" if len(older) == 1 else "certifications passées",
        year=start.year,
        names=listed(older[:_NAMED]),
        more=f" et {more} de plus" if more > 0 else "",
    )
    return [Notice("annee-precedente", message)]


def _say_left_out(count: int, since: dt.date) -> list[Notice]:
    if not count:
        return []
    message = fr(
        "{count} {what} avant le {day:%d/%m/%Y}, comme demandé (--since).",
        count=count,
        what="certification laissée de côté, passée"
        if count == 1
        else "certifications laissées de côté, passées",
        day=since,
    )
    return [Notice("avant-la-date", message)]
