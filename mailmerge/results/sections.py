"""Grids → tables: each header row, and the rows under it, column by column.

One bad row or sheet never stops the others: it becomes an error of the report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TypeAlias

import pandas as pd

from mailmerge import columns as col
from mailmerge.errors import InputError, Notice
from mailmerge.referential import COMPETENCE_CODES
from mailmerge.results import cells
from mailmerge.results.classes import class_of_sheet
from mailmerge.results.frames import empty_table
from mailmerge.results.grids import Cell, Grid, Row, filled, place, shared
from mailmerge.results.layouts import (
    Header,
    HeaderError,
    header_score,
    is_complementary,
    is_header,
    read_header,
    titles,
)
from mailmerge.results.wording import fr, quoted

_Reader: TypeAlias = Callable[[Cell], object]
_COMPETENCE_READERS: dict[str, _Reader] = dict.fromkeys(COMPETENCE_CODES, cells.level)
_READERS: dict[str, _Reader] = {
    **_COMPETENCE_READERS,
    col.NUMERO: cells.certification_number,
    col.PRENOM: cells.name,
    col.NOM: cells.name,
    col.LIEU_NAISSANCE: cells.words,
    col.DATE_NAISSANCE: cells.date,
    col.DATE_PASSAGE: cells.date,
    col.IDENTIFIANT: cells.identifier,
    col.STATUT: cells.statut,
    col.PIX: cells.score,
    col.NIVEAU: cells.global_level,
    col.CLASSE: cells.division,
}
# One row is wrong, and the file is read all the same.
ROW_ERRORS = frozenset({"valeur", "fichier-coupe", "ligne-decalee"})
_PEOPLE = (col.PRENOM, col.NOM, col.LIEU_NAISSANCE)


@dataclass(slots=True)
class Found:
    """What comes to light while files are read."""

    tables: list[pd.DataFrame] = field(default_factory=list)
    layouts: list[str] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    errors: list[Notice] = field(default_factory=list)


def read_all(grids: Sequence[Grid], name: str, found: Found, *, entities: bool) -> None:
    """Read the sheets that hold results; those beside them that hold none are named."""
    foreign = []
    if len(grids) > 1:
        grids = [grid for grid in grids if grid.sheet != col.SYNTHESIS_SHEET]
    for grid in grids:
        if any(map(filled, grid.rows)) and not _read_grid(grid, found, entities=entities):
            foreign.append(grid)
        if grid.damage is not None:
            found.errors.append(grid.damage.notice())
    if foreign and len(foreign) == len([g for g in grids if any(map(filled, g.rows))]):
        raise _not_results(foreign[0])
    if not foreign and not found.layouts and not found.errors:
        message = fr(
            "Le fichier « {name} » est vide. Téléchargez de nouveau les résultats depuis Pix Orga.",
            name=name,
        )
        raise InputError(message, source=name)
    for grid in foreign:
        message = fr(
            "{where} : ce n'est pas un tableau de résultats Pix ; la feuille n'est pas lue.",
            where=place(grid),
        )
        found.warnings.append(Notice("feuille-ignoree", message, name))


def _not_results(grid: Grid) -> InputError:
    best = max(range(len(grid.rows)), key=lambda i: (header_score(grid.rows[i]), -i))
    line = grid.lines[best]
    if header_score(grid.rows[best]) >= 3:
        try:
            read_header(grid.rows[best])
        except (HeaderError, cells.CellError) as error:
            message = fr("{where} : {why}.", where=place(grid, line), why=error)
            return InputError(message, source=grid.source, line=line)
    first = next(i for i, row in enumerate(grid.rows) if filled(row))
    message = fr(
        "Le fichier « {name} » n'est pas un export de résultats Pix : aucune ligne n'a les titres "
        "attendus (« {number} », « {surname} »…) ; il commence par « {start} ». Retirez-le, ou "
        "téléchargez de nouveau les résultats depuis Pix Orga.",
        name=grid.source,
        number=col.NUMERO,
        surname=col.NOM,
        start=_titles(grid.rows[first]),
    )
    return InputError(message, source=grid.source, line=grid.lines[first])


def _titles(row: Row) -> str:
    try:
        return titles(row)
    except cells.CellError:
        return "…"


def _read_grid(grid: Grid, found: Found, *, entities: bool) -> bool:
    """Read each table pasted into a grid, from its header row to the next; False if none."""
    heads = [i for i, row in enumerate(grid.rows) if is_header(row)]
    for start, end in pairwise([*heads, len(grid.rows)]):
        try:
            header = read_header(grid.rows[start])
        except (HeaderError, cells.CellError) as error:
            line = grid.lines[start]
            message = fr("{where} : {why}.", where=place(grid, line), why=error)
            found.errors.append(Notice("colonnes", message, grid.source, line))
            continue
        found.layouts.append(header.layout)
        last = end < len(grid.rows)
        body = [i for i in range(start + 1, end) if filled(grid.rows[i])]
        if last and body and _is_title(grid.rows[body[-1]]):
            body.pop()  # the title line above the next pasted table
        try:
            table = _Section(grid, header, body, found, entities).table()
        except InputError as error:
            found.errors.append(error.notice())
            continue
        if len(table):
            found.tables.append(_of_sheet_class(table, grid, found))
    if heads and grid.hidden:
        _say_hidden(grid, found)
    return bool(heads)


def _say_hidden(grid: Grid, found: Found) -> None:
    message = fr(
        "{where} : la feuille est masquée dans le tableur, et ses résultats sont lus. Affichez-la "
        "pour vérifier, ou supprimez-la.",
        where=place(grid),
    )
    found.warnings.append(Notice("feuille-masquee", message, grid.source))


def _of_sheet_class(table: pd.DataFrame, grid: Grid, found: Found) -> pd.DataFrame:
    """``table``, whose rows without a class get the one that the name of their sheet says."""
    division = class_of_sheet(grid.sheet)
    if col.CLASSE not in table.columns:
        table[col.CLASSE] = pd.Series([""] * len(table), dtype=object)
    unknown = table[col.CLASSE] == ""
    if division and unknown.any():
        table.loc[unknown, col.CLASSE] = division
        message = fr(
            "{where} : le nom de la feuille est pris pour la classe, {division}.",
            where=place(grid),
            division=division,
        )
        found.warnings.append(Notice("classe-de-la-feuille", message, grid.source))
    return table


def _is_title(row: Row) -> bool:
    return sum(1 for cell in row if filled([cell])) == 1


class _Section:
    """The rows under one header, turned into a table column by column.

    Each different value of a column is read once: a hundred thousand rows hold few different ones.
    """

    def __init__(
        self, grid: Grid, header: Header, body: list[int], found: Found, entities: bool
    ) -> None:
        self.grid = grid
        self.header = header
        self.found = found
        self.entities = entities
        self.lines: list[int] = []
        self.rows: list[Row] = []
        self.refused: dict[int, list[tuple[str, str]]] = defaultdict(list)  # (column, why)
        for i in body:
            self._take(grid.rows[i], grid.lines[i])

    def _take(self, row: Row, line: int) -> None:
        width = len(self.header.names)
        if len(row) <= self.header.required:
            self._error(
                "fichier-coupe",
                line,
                None,
                fr(
                    "fichier coupé, la ligne n'a que {cells} cellules sur {width}. Téléchargez de "
                    "nouveau le fichier depuis Pix Orga",
                    cells=len(row),
                    width=width,
                ),
            )
        elif len(row) > width and filled(row[width:]):
            self._error(
                "ligne-decalee",
                line,
                None,
                fr(
                    "la ligne a plus de cellules que de titres de colonnes : un séparateur est de "
                    "trop. Corrigez-la"
                ),
            )
        else:
            self.lines.append(line)
            self.rows.append((row + [None] * (width - len(row)))[:width])

    def _error(self, code: str, line: int, column: str | None, why: str) -> None:
        message = fr("{where} : {why}.", where=place(self.grid, line, column), why=why)
        self.found.errors.append(Notice(code, message, self.grid.source, line, column))

    def _warn(self, code: str, line: int | None, column: str | None, why: str) -> None:
        message = fr("{where} : {why}.", where=place(self.grid, line, column), why=why)
        self.found.warnings.append(Notice(code, message, self.grid.source, line, column))

    def table(self) -> pd.DataFrame:
        columns: dict[str, list[object]] = {}
        for name, values in zip(self.header.names, zip(*self.rows, strict=True), strict=False):
            if name is None:
                self._say_untitled(values)
            else:
                columns[name] = self._column(name, values)
        if not self.rows:
            return empty_table()
        columns[col.STATUT] = self._statuts(columns)
        self._say_refused()
        keep = [i for i in range(len(self.rows)) if i not in self.refused]
        columns[col.SOURCE] = [self.grid.source] * len(self.rows)
        columns[col.LINE] = list(self.lines)
        if self.refused:
            columns = {name: [values[i] for i in keep] for name, values in columns.items()}
        return pd.DataFrame(columns, dtype=object)

    def _say_untitled(self, values: Sequence[Cell]) -> None:
        first = next((i for i, cell in enumerate(values) if filled([cell])), None)
        if first is not None:
            self._warn(
                "colonne-sans-titre",
                self.lines[first],
                None,
                fr(
                    "une colonne remplie n'a pas de titre ; elle n'est pas lue. Donnez-lui un titre"
                ),
            )

    def _column(self, name: str, values: Sequence[Cell]) -> list[object]:
        self._refuse_american(name, values)
        if bool in set(map(type, values)):  # Python takes True for 1, a school does not
            values = [cells.text(cell) if isinstance(cell, bool) else cell for cell in values]
        reader = self._reader(name)
        read: dict[Cell, object] = {}
        wrong: dict[Cell, str] = {}
        for value in set(values):
            try:
                read[value] = shared(reader(value))
            except cells.CellError as error:
                wrong[value] = str(error)
        if wrong:
            self._refuse_rows(name, values, wrong)
        result = [read.get(value, "") for value in values]
        if self.entities and name not in col.DATE_COLUMNS:
            result = self._plain(name, result)
        return result

    def _reader(self, name: str) -> Callable[[Cell], object]:
        if is_complementary(name):
            return cells.complementary
        if name in col.DATE_COLUMNS and self.grid.from_1904:
            return partial(cells.date, from_1904=True)
        return _READERS.get(name, cells.text)

    def _refuse_rows(self, name: str, values: Sequence[Cell], wrong: dict[Cell, str]) -> None:
        for i, value in enumerate(values):
            if value in wrong:
                self.refused[i].append((name, wrong[value]))

    def _say_refused(self) -> None:
        """One error for each row, however many of its cells can't be read."""
        for i, wrong in sorted(self.refused.items()):
            unnumbered = [pair for pair in wrong if pair[0] == col.NUMERO]
            columns: dict[str, list[str]] = defaultdict(list)
            for name, why in unnumbered or wrong:  # no certification at all: that is enough
                columns[why].append(name)
            if len(columns) == 1:
                [(why, names)] = columns.items()
                self._error("valeur", self.lines[i], ", ".join(names), why)
            else:
                said = [
                    fr("colonne « {names} » : {why}", names=quoted(", ".join(names)), why=why)
                    for why, names in columns.items()
                ]
                self._error("valeur", self.lines[i], None, fr(" ; ").join(said))

    def _refuse_american(self, name: str, values: Sequence[Cell]) -> None:
        """Refuse dates written month first: half of them would be read as another day."""
        if name not in col.DATE_COLUMNS:
            return
        orders = {cells.month_first(value) for value in set(values)}
        if True in orders and False not in orders:
            line = next(
                line
                for line, value in zip(self.lines, values, strict=True)
                if cells.month_first(value)
            )
            message = fr(
                "{where} : les dates semblent écrites à l'américaine, le mois d'abord ; rien n'est "
                "lu de ce tableau. Écrivez-les sous la forme JJ/MM/AAAA, ou repartez du fichier "
                "téléchargé depuis Pix Orga.",
                where=place(self.grid, line, name),
            )
            raise InputError(message, source=self.grid.source, line=line, column=name)

    def _plain(self, name: str, values: list[object]) -> list[object]:
        coded = {
            v for v in set(values) if isinstance(v, str) and "&" in v and cells.has_entities(v)
        }
        if not coded:
            return values
        plain = {value: cells.without_entities(value) for value in coded if isinstance(value, str)}
        for i, value in enumerate(values):
            if value in coded and name in _PEOPLE and i not in self.refused:
                why = fr(
                    "« {value} » est lu comme « {plain} »", value=value, plain=plain[str(value)]
                )
                self._warn("code-html", self.lines[i], name, why)
        return [plain[str(value)] if value in coded else value for value in values]

    def _statuts(self, columns: dict[str, list[object]]) -> list[object]:
        """The statuses: Pix's own, or for the oldest layouts what the score says."""
        points = columns.get(col.PIX, [""] * len(self.rows))
        if col.STATUT not in columns:
            return [cells.statut_from_score(str(value)) for value in points]
        for i, (value, score) in enumerate(zip(columns[col.STATUT], points, strict=True)):
            if not value and score and i not in self.refused:
                why = fr("le statut est vide. Complétez-le ({words}…)", words=cells.VALIDEE)
                self.refused[i].append((col.STATUT, why))
        return columns[col.STATUT]
