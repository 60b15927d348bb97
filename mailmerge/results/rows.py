"""The rows of a table one by one, without a copy of what the table holds already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pandas as pd

Columns: TypeAlias = Mapping[str, Any]  # name → its values, by place


@dataclass(frozen=True, slots=True, eq=False)
class Row(Mapping[str, Any]):
    """One row, looked up in the columns of its table when it is asked for.

    A dictionary for each of 100,000 rows would take ten times the table's own room. What leaves for
    another process is a dictionary, of this row alone.

    Attributes:
        columns: name → all the values of a column.
        place: which of them are this row's.
    """

    columns: Columns = field(repr=False)
    place: int

    def __getitem__(self, name: str) -> Any:
        return self.columns[name][self.place]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)


def records(table: pd.DataFrame, names: Iterable[str] | None = None) -> list[Row]:
    """The rows, with all columns or with ``names``."""
    columns = columns_of(table, names)
    return [Row(columns, place) for place in range(len(table))]


def columns_of(table: pd.DataFrame, names: Iterable[str] | None = None) -> Columns:
    """Name → values, of all columns or of ``names``; nothing is copied."""
    return {
        str(name): table[name].to_numpy() for name in (table.columns if names is None else names)
    }


def table_of(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> pd.DataFrame:
    """The table of some rows, column by column."""
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=object) for name in names}
    )
