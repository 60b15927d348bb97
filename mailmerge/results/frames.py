"""Data frames in the table's one shape (``mailmerge/columns.py``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from mailmerge import columns as col
from mailmerge.results.layouts import is_complementary, is_extra
from mailmerge.text import fold


def empty_table() -> pd.DataFrame:
    """A table without a row, with every column."""
    return pd.DataFrame(columns=[*col.WORKBOOK_COLUMNS, col.SOURCE, col.LINE], dtype=object)


def stack(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """``tables`` one under another; missing columns are empty; extra columns match by folding."""
    spelled = _spelled_alike(tables)
    if not spelled:
        return empty_table()
    return tidy(pd.concat(spelled, ignore_index=True) if len(spelled) > 1 else spelled[0])


def aligned(tables: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """The same tables with the same columns; extra columns match by folding."""
    spelled = _spelled_alike(tables)
    extras = [name for table in spelled for name in _extras(table)]
    return [tidy(table, extras) for table in spelled]


def _spelled_alike(tables: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """The tables, each extra column spelled as in the first that has it."""
    spelling: dict[str, str] = {}
    spelled = []
    for table in tables:
        names = {name: spelling.setdefault(fold(name) or name, name) for name in _extras(table)}
        other = {name: first for name, first in names.items() if first != name}
        spelled.append(table.rename(columns=other) if other else table)
    return spelled


def _extras(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if is_extra(name) and name not in (col.SOURCE, col.LINE)]


def tidy(table: pd.DataFrame, extras: Iterable[str] = ()) -> pd.DataFrame:
    """The table's columns in their one order, all of them there, text "" where there is none.

    ``extras``: more columns that shall be there.
    """
    names = dict.fromkeys([*extras, *_extras(table)])
    extras = sorted(names, key=lambda name: not is_complementary(name))
    ordered = table.reindex(columns=[*col.WORKBOOK_COLUMNS, *extras, col.SOURCE, col.LINE])
    ordered = ordered.astype(object)
    gaps = ordered.isna()
    for name in ordered.columns[gaps.any()]:
        empty = None if name in col.DATE_COLUMNS else "" if name != col.LINE else 0
        pairs = zip(gaps[name], ordered[name], strict=True)
        values = [empty if gone else value for gone, value in pairs]
        ordered[name] = pd.Series(values, index=ordered.index, dtype=object)
    return ordered.reset_index(drop=True)
