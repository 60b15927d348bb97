"""The one table: each certification once, in order, and the pupils told apart."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from mailmerge import columns as col
from mailmerge.errors import Notice
from mailmerge.referential import COMPETENCE_CODES
from mailmerge.results import cells
from mailmerge.results.file_names import file_date
from mailmerge.results.frames import tidy
from mailmerge.results.layouts import is_complementary
from mailmerge.results.rows import Row, records, table_of
from mailmerge.results.wording import fr, listed
from mailmerge.text import fold

PRIVATE = (col.SOURCE, col.LINE)

_Record = Mapping[str, Any]


class Statut(StrEnum):
    """LSU's four cases (facts, section 3)."""

    OBTENUE = "obtenue"
    EN_ATTENTE = "en_attente"
    NON_OBTENUE = "non_obtenue"
    NON_PASSEE = "non_passee"


@dataclass(frozen=True, slots=True)
class Combined:
    """``table`` with each certification once, sorted; ``warnings`` where two rows disagreed."""

    table: pd.DataFrame
    warnings: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Pupil:
    """One pupil, and which of the pupil's certifications is shown.

    Attributes:
        nom, prenom, division: as in the shown row; ``division`` "" is « sans classe ».
        statut: LSU's case.
        row: the index in the table of the latest obtained certification, else of the latest one;
            None for a pupil of the school's list who has none.
        others: the indexes of the pupil's other certifications.
        raison: French, why there is no attestation; "" when there is one.
        numero: the number of the certification shown, or "".
        ine: the identifier in the school's list, or "".
        rank: the place in the school's list; None for whoever is not in it, or without a list.
        hors_liste: there is a list of the school's pupils, and the pupil is not in it.
    """

    nom: str
    prenom: str
    division: str
    statut: Statut
    row: int | None
    others: tuple[int, ...]
    raison: str
    numero: str = ""
    ine: str = ""
    rank: int | None = None
    hors_liste: bool = False

    @property
    def who(self) -> str:
        """The name in a message."""
        return f"{self.prenom} {self.nom}".strip()


# --- order ---


def natural(text: str) -> list[tuple[int, int, str]]:
    """A sort key in which 3°9 comes before 3°10, 3e A beside 3E a; "" comes last."""
    parts = re.findall(r"\d+|[^\W\d]+", fold(text))
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
    return key or [(2, 0, text)]


def sort_table(table: pd.DataFrame) -> pd.DataFrame:
    """By class (natural order, « sans classe » last), name, birth, exam date, number."""
    columns = [
        _keys(table[col.CLASSE], natural),
        table[col.CLASSE],
        _keys(table[col.NOM], fold),
        _keys(table[col.PRENOM], fold),
        [day or dt.date.min for day in table[col.DATE_NAISSANCE]],
        [day or dt.date.min for day in table[col.DATE_PASSAGE]],
        _keys(table[col.NUMERO], _number_key),
    ]
    keys = list(zip(*columns, strict=True))
    order = sorted(range(len(table)), key=keys.__getitem__)
    return table.iloc[order].reset_index(drop=True)


def _keys(values: Iterable[str], key: Callable[[str], Any]) -> list[Any]:
    """``key`` of every value, worked out once for each different one."""
    values = list(values)
    known = {value: key(value) for value in set(values)}
    return [known[value] for value in values]


def _number_key(number: str) -> tuple[int, int, str]:
    return (0, int(number), number) if number.isdecimal() else (1, 0, number)


# --- each certification once ---


def combine(table: pd.DataFrame, workbooks: Collection[str] = ()) -> Combined:
    """Keep each certification (number) once, completed by its repeats, sorted.

    Of two rows that differ the newer stays, by the date in the name of the Pix file and then by the
    order of reading; a known class is never lost to an unknown one. A row of one of ``workbooks``,
    file names of « Résultats Pix.xlsx » among the sources, goes before the exports': people
    edited it.
    """
    table = tidy(table)
    repeated = table[col.NUMERO].duplicated(keep=False)
    if not repeated.any():
        return Combined(sort_table(table), ())
    warnings: list[Notice] = []
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in records(table[repeated]):
        groups[row[col.NUMERO]].append(row)
    kept = [_merged(group, warnings, workbooks) for group in groups.values()]
    whole = pd.concat([table[~repeated], table_of(kept, table.columns)], ignore_index=True)
    return Combined(sort_table(tidy(whole)), tuple(warnings))


def _merged(
    rows: Sequence[_Record], warnings: list[Notice], workbooks: Collection[str]
) -> dict[str, Any]:
    """The newest of some rows of one number, its empty cells filled from the others."""

    def rank(i: int) -> tuple[bool, str, int]:
        source = rows[i][col.SOURCE]
        return (source in workbooks, file_date(source), i)

    ranked = sorted(range(len(rows)), key=rank, reverse=True)
    newest, *older = [rows[i] for i in ranked]
    result = dict(newest)
    differing: list[str] = []
    for row in older:
        for name, value in row.items():
            if name in PRIVATE or value in ("", None):
                continue
            known = agreed(name, result[name], value)
            if known is not None:
                result[name] = known
            elif result[name] not in ("", None):
                differing.append(name)
            elif name != col.COMMENTAIRE:  # a jury's comment that is gone is gone
                result[name] = value
    if differing:
        message = fr(
            "{who} : la même certification est décrite différemment ({columns}) dans {files} ; "
            "celle de « {kept} »{why} est gardée. Vérifiez-la.",
            who=who(result),
            columns=listed(list(dict.fromkeys(differing))),
            files=listed(list(dict.fromkeys(row[col.SOURCE] for row in rows))),
            kept=newest[col.SOURCE],
            why=_why_kept(newest[col.SOURCE], workbooks),
        )
        warnings.append(
            Notice("certification-differente", message, newest[col.SOURCE], newest[col.LINE])
        )
    return result


def agreed(name: str, mine: Any, theirs: Any) -> Any:
    """What two sources say alike in a column, else None; of an identifier, with all its zeros."""
    if mine == theirs:
        return mine
    if name == col.IDENTIFIANT and cells.identity_key(mine) == cells.identity_key(theirs):
        return max(mine, theirs, key=len)
    return None


def _why_kept(source: str, workbooks: Collection[str]) -> str:
    if source in workbooks:
        return ", classeur qui peut avoir été modifié à la main,"
    return ", la plus récente," if file_date(source) else ", lue en dernier,"


def who(row: _Record) -> str:
    """A pupil's name in a message."""
    return f"{row[col.PRENOM]} {row[col.NOM]}"


# --- pupils ---


def statut_of(row: _Record) -> Statut:
    """LSU's case for one certification.

    A session of complementary certifications only has a row without any Pix result: not sat. So
    has a Pix+ certification of its own: no attestation is better than a wrong one.
    """
    if _is_another_certification(row):
        return Statut.NON_PASSEE
    word = row[col.STATUT]
    if word in cells.WAITING:
        return Statut.EN_ATTENTE
    if word == cells.VALIDEE and row[col.PIX] not in ("", "-"):
        return Statut.OBTENUE
    if word in (cells.REJETEE, cells.NON_OBTENUE, cells.ANNULEE) or row[col.PIX] != "":
        return Statut.NON_OBTENUE
    return Statut.NON_PASSEE


def _is_another_certification(row: _Record) -> bool:
    """Whether the row is a Pix+ certification without the levels of a Pix one."""
    named = fold(row.get(col.TYPE, "")).split()
    is_plus = "+" in row.get(col.TYPE, "") and "pix" in named
    return is_plus and not any(row.get(code, "").isdecimal() for code in COMPETENCE_CODES)


def pupils(table: pd.DataFrame, since: dt.date | None = None) -> list[Pupil]:
    """The pupils of a table, in its order.

    The same pupil is the same name, first name (folded) and birth date; two external identifiers
    there are two pupils. Doubts are told by ``identity_notices``.

    Args:
        table: the certifications.
        since: certifications sat before that day don't count, nor who has no other.
    """
    rows = needed(table)
    found = [pupil_of(rows, indexes, since) for indexes in identities(rows)]
    known = [pupil for pupil in found if pupil is not None]
    return sorted(known, key=lambda pupil: min(pupil.row or 0, *pupil.others, pupil.row or 0))


def needed(table: pd.DataFrame) -> list[Row]:
    """The rows with the columns that tell pupils and their status."""
    extra = [str(name) for name in table.columns if is_complementary(str(name))]
    return records(table, [*_NEEDED, *extra])


_NEEDED = (
    col.NUMERO,
    col.NOM,
    col.PRENOM,
    col.DATE_NAISSANCE,
    col.IDENTIFIANT,
    col.CLASSE,
    col.STATUT,
    col.PIX,
    col.DATE_PASSAGE,
    col.TYPE,
    *COMPETENCE_CODES,
)


def _same_name_and_birth(rows: Sequence[_Record]) -> list[list[int]]:
    surnames = _keys((row[col.NOM] for row in rows), fold)
    first_names = _keys((row[col.PRENOM] for row in rows), fold)
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        # A name in letters that folding does not know (none left) is compared as it stands.
        key = (
            surnames[i] or row[col.NOM],
            first_names[i] or row[col.PRENOM],
            str(row[col.DATE_NAISSANCE]),
        )
        groups[key].append(i)
    return list(groups.values())


def identities(rows: Sequence[_Record]) -> list[list[int]]:
    """The indexes of each pupil's rows."""
    result: list[list[int]] = []
    for indexes in _same_name_and_birth(rows):
        by_identifier: dict[str, list[int]] = defaultdict(list)
        for i in indexes:
            by_identifier[cells.identity_key(rows[i][col.IDENTIFIANT])].append(i)
        named = [key for key in by_identifier if key]
        result += list(by_identifier.values()) if len(named) > 1 else [indexes]
    return result


def identity_notices(table: pd.DataFrame) -> tuple[Notice, ...]:
    """Where two pupils may be one or one may be two; each is kept as it stands and named."""
    rows = records(table, _NEEDED)
    notices = []
    by_identifier: dict[str, dict[tuple[str, str, str], int]] = defaultdict(dict)
    for indexes in _same_name_and_birth(rows):
        first = rows[indexes[0]]
        identifiers = {cells.identity_key(rows[i][col.IDENTIFIANT]) for i in indexes} - {""}
        if len(identifiers) > 1:
            why = fr(
                "même nom et même date de naissance, mais deux identifiants : ce sont deux élèves. "
                "Si c'est le même, corrigez l'identifiant dans « Résultats Pix.xlsx »."
            )
            notices.append(Notice("homonymes", fr("{who} : ", who=who(first)) + why))
        elif not identifiers and len({rows[i][col.CLASSE] for i in indexes} - {""}) > 1:
            why = fr(
                "deux certifications dans deux classes et aucun identifiant : c'est un seul élève. "
                "S'ils sont deux, donnez-leur un « {column} » dans « Résultats Pix.xlsx ».",
                column=col.IDENTIFIANT,
            )
            notices.append(Notice("homonymes-possibles", fr("{who} : ", who=who(first)) + why))
        for identifier in identifiers:
            key = (fold(first[col.NOM]), fold(first[col.PRENOM]), str(first[col.DATE_NAISSANCE]))
            by_identifier[identifier].setdefault(key, indexes[0])
    notices += [
        _shared_identifier([rows[i] for i in same.values()])
        for same in by_identifier.values()
        if len(same) > 1
    ]
    return tuple(notices)


def _shared_identifier(rows: Sequence[_Record]) -> Notice:
    message = fr(
        "{names} : un même identifiant pour deux noms ou deux dates de naissance. Ils restent "
        "deux élèves ; si c'est le même, corrigez-le dans « Résultats Pix.xlsx ».",
        names=listed(list(dict.fromkeys(map(who, rows)))),
    )
    return Notice("identifiant-partage", message)


def pupil_of(
    rows: Sequence[_Record], indexes: Sequence[int], since: dt.date | None = None
) -> Pupil | None:
    """One pupil, from the rows that are that pupil's; None if all are older than ``since``."""

    def age(i: int) -> tuple[Any, ...]:
        return (rows[i][col.DATE_PASSAGE] or dt.date.min, _number_key(rows[i][col.NUMERO]))

    latest_first = sorted(indexes, key=age, reverse=True) if len(indexes) > 1 else list(indexes)
    recent = [i for i in latest_first if since is None or not is_before(rows[i], since)]
    if not recent:
        return None
    shown = next((i for i in recent if statut_of(rows[i]) is Statut.OBTENUE), None)
    shown = shown if shown is not None else _sat(rows, recent)
    row = rows[shown]
    statut = statut_of(row)
    classes = [row[col.CLASSE], *(rows[i][col.CLASSE] for i in latest_first)]
    return Pupil(
        nom=row[col.NOM],
        prenom=row[col.PRENOM],
        division=next((name for name in classes if name), ""),
        statut=statut,
        row=shown,
        others=tuple(i for i in latest_first if i != shown),
        raison=_raison(row, statut),
        numero=row[col.NUMERO],
    )


def _sat(rows: Sequence[_Record], indexes: Sequence[int]) -> int:
    """The latest Pix certification; one of another kind only where there is nothing else."""
    pix = (i for i in indexes if statut_of(rows[i]) is not Statut.NON_PASSEE)
    return next(pix, indexes[0])


def is_before(row: _Record, day: dt.date) -> bool:
    """Whether a certification was sat before ``day``; one without a date was not."""
    passed = row[col.DATE_PASSAGE]
    return passed is not None and passed < day


_REASONS = {
    cells.DEMARREE: "La certification{day} a été commencée ; son résultat est attendu.",
    cells.EN_ERREUR: (
        "La certification{day} a rencontré un problème technique ; son résultat est attendu."
    ),
    cells.ANNULEE: "La certification{day} a été annulée.",
    cells.REJETEE: "La certification{day} n'a pas été obtenue.",
    cells.NON_OBTENUE: "La certification{day} n'a pas été obtenue.",
}


def _raison(row: _Record, statut: Statut) -> str:
    if statut is Statut.OBTENUE:
        return ""
    day = row[col.DATE_PASSAGE]
    passed = f" passée le {day:%d/%m/%Y}" if day else ""
    if statut is Statut.NON_PASSEE:
        return _other_certification(row, passed)
    if row[col.STATUT] in _REASONS:
        return fr(_REASONS[row[col.STATUT]], day=passed)
    return fr("La certification{day} n'a pas de nombre de Pix.", day=passed)


def _other_certification(row: _Record, passed: str) -> str:
    """What a session without a Pix certification was about."""
    kinds = [f"{name} : {row[name]}" for name in row if is_complementary(name) and row[name]]
    if _is_another_certification(row):
        kinds.insert(0, f"{row[col.TYPE]} : {row[col.STATUT] or 'sans résultat'}")
    if not kinds:
        return fr("La session{day} ne portait pas sur la certification Pix.", day=passed)
    return fr(
        "La session{day} ne portait pas sur la certification Pix, mais sur une autre "
        "({kinds}) : il n'y a pas d'attestation Pix.",
        day=passed,
        kinds=fr(" ; ").join(kinds),
    )
