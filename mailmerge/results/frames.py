"""Data frames in the table's one shape (``mailmerge/columns.py``)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mailmerge import columns as col
from mailmerge.results.layouts import is_complementary, is_extra
from mailmerge.text import fold


def empty_table() -> pd.DataFrame:
    """A table without a row, with every column."""
    return pd.DataFrame(columns=[*col.WORKBOOK_COLUMNS, col.SOURCE, col.LINE], dtype=object)


def stack(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """``tables`` one under another; missing columns are empty; extra columns match by folding."""
    if not tables:
        return empty_table()
    spelling: dict[str, str] = {}
    for table in tables:
        for name in _extras(table):
            spelling.setdefault(fold(name) or name, name)
    spelled = [_spelled(table, spelling) for table in tables]
    whole = pd.concat(spelled, ignore_index=True) if len(spelled) > 1 else spelled[0]
    return tidy(whole)


def _spelled(table: pd.DataFrame, spelling: dict[str, str]) -> pd.DataFrame:
    wanted = {name: spelling.get(fold(name) or name, name) for name in _extras(table)}
    other = {name: spelled for name, spelled in wanted.items() if spelled != name}
    return table.rename(columns=other) if other else table


def _extras(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if is_extra(name) and name not in (col.SOURCE, col.LINE)]


def tidy(table: pd.DataFrame) -> pd.DataFrame:
    """The table's columns in their one order, all of them there, text "" where there is none."""
    extras = sorted(_extras(table), key=lambda name: not is_complementary(name))
    ordered = table.reindex(columns=[*col.WORKBOOK_COLUMNS, *extras, col.SOURCE, col.LINE])
    ordered = ordered.astype(object)
    gaps = ordered.isna()
    for name in ordered.columns[gaps.any()]:
        empty = None if name in col.DATE_COLUMNS else "" if name != col.LINE else 0
        pairs = zip(gaps[name], ordered[name], strict=True)
        values = [empty if gone else value for gone, value in pairs]
        ordered[name] = pd.Series(values, index=ordered.index, dtype=object)
    return ordered.reset_index(drop=True)
