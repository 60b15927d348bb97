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
        for name in table.columns:
            if is_extra(name) and name not in (col.SOURCE, col.LINE):
                spelling.setdefault(fold(name) or name, name)
    renamed = [
        table.rename(
            columns={
                name: spelling.get(fold(name) or name, name)
                for name in table.columns
                if is_extra(name) and name not in (col.SOURCE, col.LINE)
            }
        )
        for table in tables
    ]
    whole = pd.concat(renamed, ignore_index=True) if len(renamed) > 1 else renamed[0]
    return tidy(whole)


def tidy(table: pd.DataFrame) -> pd.DataFrame:
    """The table's columns in their one order, all of them there, text "" where there is none."""
    extras = [
        name for name in table.columns if is_extra(name) and name not in (col.SOURCE, col.LINE)
    ]
    extras.sort(key=lambda name: not is_complementary(name))
    ordered = table.reindex(columns=[*col.WORKBOOK_COLUMNS, *extras, col.SOURCE, col.LINE])
    ordered = ordered.astype(object)
    for name in ordered.columns:
        missing = ordered[name].isna()
        if missing.any():
            empty = None if name in col.DATE_COLUMNS else "" if name != col.LINE else 0
            ordered[name] = [
                empty if gone else value for gone, value in zip(missing, ordered[name], strict=True)
            ]
            ordered[name] = ordered[name].astype(object)
    return ordered.reset_index(drop=True)
