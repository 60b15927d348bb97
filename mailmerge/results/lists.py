"""Lists of pupils in tables: SIECLE and ONDE CSV, Pronote, Pix SCO, and what people type by hand.

The columns are known by their titles, under the names people use, or told in
`etablissement.toml`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailmerge.errors import InputError, Notice
from mailmerge.results import cells
from mailmerge.results.files import read_grids
from mailmerge.results.grids import DOWNLOAD_AGAIN, Cell, Grid, Row, place
from mailmerge.results.layouts import is_header
from mailmerge.results.listed import ListedPupil
from mailmerge.results.wording import fr, listed
from mailmerge.text import fold

NOM, PRENOM, NOM_PRENOM, NOM_USAGE = "nom", "prenom", "nom_prenom", "nom_usage"
PRENOM_2, PRENOM_3 = "prenom_2", "prenom_3"
DATE, CLASSE, IDENTIFIANT = "date_naissance", "classe", "identifiant"
FIELDS = (NOM, PRENOM, NOM_PRENOM, NOM_USAGE, DATE, CLASSE, IDENTIFIANT)

_HEADER_WITHIN = 30  # rows: some lists begin with the school's address
# The titles of each column, best first; see facts, section 4.
_TITLES: dict[str, tuple[str, ...]] = {
    NOM: (
        "nom de famille", "nom de naissance", "nom patronymique", "nom élève", "nom de l’élève",
        "nom", "last name", "surname",
    ),
    PRENOM: (
        "premier prénom", "prénom 1", "1er prénom", "prénom élève", "prénom de l’élève", "prénom",
        "prénoms", "prénom(s)", "prénom usuel", "first name",
    ),
    PRENOM_2: ("prénom 2", "deuxième prénom", "second prénom", "2e prénom", "2ème prénom"),
    PRENOM_3: ("prénom 3", "troisième prénom", "3e prénom", "3ème prénom"),
    NOM_PRENOM: (
        "élèves", "élève", "nom prénom", "nom et prénom", "nom et prénom de l’élève", "nom complet",
        "nom prénom élève", "identité", "nom prénom de l’élève", "liste des élèves",
    ),
    NOM_USAGE: ("nom d’usage", "nom usage", "nom d’usage élève", "nom d’usage de l’élève"),
    DATE: (
        "date de naissance", "date naissance", "date naiss", "né(e) le", "né le", "née le",
        "naissance", "date de naissance (jj/mm/aaaa)", "birth date", "date of birth", "ddn",
    ),
    CLASSE: (
        "division", "classe", "code structure", "code division", "libellé classe", "lib classe",
        "classe de rattachement", "lib structure", "libellé structure", "libellé division",
        "lib division", "classes", "nom de la classe", "class",
    ),
    IDENTIFIANT: (
        "ine", "identifiant national", "identifiant national élève", "id national", "n° ine",
        "numéro ine", "numéro national", "n° national", "ine rnie", "identifiant unique",
        "identifiant externe", "identifiant",
    ),
}  # fmt: skip
_KEYS = {name: tuple(map(fold, titles)) for name, titles in _TITLES.items()}
_LIST_AGAIN = fr(
    "Refaites l'export de la liste (SIECLE, ONDE, Pronote…) et indiquez-le avec --roster."
)
_TELL = (
    " Si les titres de vos colonnes sont différents, indiquez-les dans etablissement.toml, section "
    '[liste] : nom = "…", prenom = "…", date_naissance = "…", classe = "…".'
)


@dataclass(frozen=True, slots=True)
class _Header:
    """Field → place of its column."""

    places: Mapping[str, int]

    def cell(self, row: Row, field: str) -> Cell:
        at = self.places.get(field)
        return row[at] if at is not None and at < len(row) else None


def is_list(path: Path) -> bool:
    """Whether a table has the titles of a list of pupils and none of Pix's results.

    Raises:
        InputError: the file can't be read at all.
    """
    grids = read_grids(path)
    rows = [row for grid in grids for row in grid.rows[:_HEADER_WITHIN]]
    return not any(map(is_header, rows)) and any(_is_complete(_find(row, {})) for row in rows)


def read(path: Path, told: Mapping[str, str]) -> tuple[list[ListedPupil], list[Notice]]:
    """The pupils of every sheet that has the titles.

    Raises:
        InputError: unreadable file, or no row with the titles of a list.
    """
    try:
        grids = read_grids(path)
    except InputError as error:
        raise _as_list(error) from error
    pupils: list[ListedPupil] = []
    notices: list[Notice] = []
    found = False
    for grid in grids:
        start = _header_row(grid, told)
        if start is None:
            continue
        found = True
        if grid.damage is not None:
            raise _as_list(grid.damage)
        pupils += _Table(grid, start, told, notices).pupils()
    if not found:
        raise _no_header(grids, path.name, told)
    return pupils, notices


def _as_list(error: InputError) -> InputError:
    """The same error with the remedy for a list: its own program, not Pix Orga."""
    message = error.message.replace(DOWNLOAD_AGAIN, _LIST_AGAIN)
    return InputError(
        fr("Liste d'élèves : ") + message[:1].lower() + message[1:].replace(" de résultats", ""),
        source=error.source,
        line=error.line,
    )  # fmt: skip


def _no_header(grids: Sequence[Grid], name: str, told: Mapping[str, str]) -> InputError:
    if told:
        message = fr(
            "La liste d'élèves « {name} » n'a pas les colonnes que dit etablissement.toml : "
            "{titles}. Recopiez leurs titres tels qu'ils sont dans la liste.",
            name=name,
            titles=listed(list(told.values())),
        )
        return InputError(message, source=name)
    if any(is_header(row) for grid in grids for row in grid.rows[:_HEADER_WITHIN]):
        message = fr(
            "« {name} » est un fichier de résultats Pix, pas une liste d'élèves. Indiquez-le sans "
            "--roster.",
            name=name,
        )
        return InputError(message, source=name)
    message = fr(
        "Dans la liste d'élèves « {name} », aucune ligne n'a les titres attendus : le nom, le "
        "prénom (ou les deux dans une colonne) et la classe.",
        name=name,
    )
    return InputError(message + fr(_TELL), source=name)


def _header_row(grid: Grid, told: Mapping[str, str]) -> int | None:
    for i, row in enumerate(grid.rows[:_HEADER_WITHIN]):
        if not is_header(row) and _is_complete(_find(row, told)):
            return i
    return None


def _is_complete(header: _Header) -> bool:
    names = {NOM, PRENOM} <= set(header.places) or NOM_PRENOM in header.places
    return names and CLASSE in header.places


def _find(row: Row, told: Mapping[str, str]) -> _Header:
    """The columns of a header row; told ones go before known titles."""
    titles = [fold(cell) if isinstance(cell, str) else "" for cell in row]
    places: dict[str, int] = {}
    for field, title in told.items():
        if fold(title) in titles:
            places[field] = titles.index(fold(title))
    for field, keys in _KEYS.items():
        taken = set(places.values())
        known = [titles.index(key) for key in keys if key in titles]
        free = [at for at in known if at not in taken]
        if free and field not in places:
            places[field] = free[0]
    if PRENOM in places and NOM in places:
        places.pop(NOM_PRENOM, None)
    # « Élève » or « Nom » alone beside « Né(e) le »: the whole name in one cell.
    elif NOM in places and PRENOM not in places and NOM_PRENOM not in places:
        places[NOM_PRENOM] = places.pop(NOM)
    return _Header(places)


class _Table:
    """The rows under one header."""

    def __init__(
        self, grid: Grid, start: int, told: Mapping[str, str], notices: list[Notice]
    ) -> None:
        self.grid = grid
        self.header = _find(grid.rows[start], told)
        self.body = list(zip(grid.rows[start + 1 :], grid.lines[start + 1 :], strict=True))
        self.notices = notices
        self.month_first = self._is_month_first()
        self.unreadable: list[str] = []

    def pupils(self) -> list[ListedPupil]:
        found = []
        for row, line in self.body:
            try:
                pupil = self._pupil(row, line)
            except cells.CellError as error:
                self._warn("liste-valeur", fr("{why}. La ligne n'est pas lue", why=error), line)
                continue
            if pupil is not None:
                found.append(pupil)
        if self.unreadable:
            why = fr("date de naissance illisible pour {names}", names=listed(self.unreadable))
            self._warn("liste-date", why)
        return found

    def _pupil(self, row: Row, line: int) -> ListedPupil | None:
        nom, prenom = self._names(row)
        division = cells.division(self.header.cell(row, CLASSE))
        if not nom:
            if division and prenom:
                raise cells.CellError("il manque le nom de l’élève")
            return None  # a blank line, a total, the date of the printing
        others = (self._text(row, field) for field in (PRENOM_2, PRENOM_3))
        identifier = cells.identifier(self.header.cell(row, IDENTIFIANT))
        return ListedPupil(
            nom=nom,
            prenom=prenom,
            division=division,
            date_naissance=self._birth(row, f"{prenom} {nom}".strip()),
            nom_usage=self._text(row, NOM_USAGE),
            autres_prenoms=tuple(name for name in others if name),
            identifiants=(identifier,) if identifier else (),
            line=line,
        )

    def _names(self, row: Row) -> tuple[str, str]:
        if NOM_PRENOM not in self.header.places:
            return self._text(row, NOM), self._text(row, PRENOM)
        whole = self._text(row, NOM_PRENOM)
        if not any(self._text(row, field) for field in (CLASSE, DATE, IDENTIFIANT)):
            return "", ""  # a total or a remark under the list
        return split_name(whole)

    def _text(self, row: Row, field: str) -> str:
        return cells.text(self.header.cell(row, field))

    def _birth(self, row: Row, who: str) -> dt.date | None:
        cell = self.header.cell(row, DATE)
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return None
        if isinstance(cell, bool):
            return None
        if isinstance(cell, str) and self.month_first:
            cell = re.sub(r"^(\d{1,2})([/.\- ])(\d{1,2})", r"\3\2\1", cell.strip())
        try:
            return cells.date(cell, from_1904=self.grid.from_1904)
        except cells.CellError:
            self.unreadable.append(who)
            return None

    def _is_month_first(self) -> bool:
        """Whether every date that can be told is written month first."""
        orders = {cells.month_first(self.header.cell(row, DATE)) for row, _ in self.body}
        american = True in orders and False not in orders
        if american:
            why = "les dates de naissance y sont écrites le mois d’abord ; elles sont lues ainsi"
            self._warn("liste-dates-americaines", fr(why))
        return american

    def _warn(self, code: str, why: str, line: int | None = None) -> None:
        message = fr("Liste d'élèves {where} : {why}.", where=place(self.grid, line), why=why)
        self.notices.append(Notice(code, message, self.grid.source, line))


def split_name(whole: str) -> tuple[str, str]:
    """« NOM Prénom », « Prénom NOM » or « Nom, Prénom » as surname and first name.

    The surname is what stands in capitals; where nothing tells the two apart, the whole name
    is given as the surname and compared as a whole.

    >>> split_name("DE LA TOUR Anne-Sophie")
    ('DE LA TOUR', 'Anne-Sophie')
    """
    surname, comma, first = whole.partition(",")
    if comma and surname.strip() and first.strip():
        return surname.strip(), first.strip()
    words = whole.split()
    loud = [_is_loud(word) for word in words]
    if all(loud) or not any(loud):
        return whole, ""
    lead = next((i for i, is_loud in enumerate(loud) if not is_loud), len(words))
    if lead and not any(loud[lead:]):
        return " ".join(words[:lead]), " ".join(words[lead:])
    tail = next(i for i, is_loud in enumerate(loud) if is_loud)
    if tail and all(loud[tail:]):
        return " ".join(words[tail:]), " ".join(words[:tail])
    return whole, ""


def _is_loud(word: str) -> bool:
    """Whether a word is written in capitals; « N’Diaye » is not, « D'ARTOIS » and « (É.) » are."""
    letters = [char for char in word if char.isalpha()]
    return len(letters) > 1 and all(char.isupper() or char == "ß" for char in letters)
