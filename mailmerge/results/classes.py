"""Which class each certification is of, where its file does not say, or says it in two ways."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import pandas as pd

from mailmerge import columns as col
from mailmerge.errors import Notice
from mailmerge.results import cells
from mailmerge.results.wording import fr, listed

# What people call a sheet that holds one class: 3A, 3e B, 3°2, 2nde 4, 1ère G3, TG5, T STMG 2.
# « Feuil1 », « Sheet1 », « 2026 » or « 3 mai » are no class.
_TRACKS = r"stmg|sti2d|std2a|st2s|stl|sthr|stav|segpa|ulis|pro|es|[gsl]"
_CLASS_SHEET = re.compile(
    r"(?![1-6]\s?(?:er|re|nd|de)$)[1-6]\s?(?:°|(?:e|è|ème|eme|nde|nd|de|re|ère|ere)(?=[\s\d_-]|[a-z]\d*$))?[\s_-]?"
    rf"(?:(?:{_TRACKS})[\s_-]?\d{{1,2}}|segpa|ulis|[a-z]{{1,2}}\d{{0,2}}\+?|\d{{1,2}})"
    rf"|t(?:erm|le)?[\s_-]?(?:{_TRACKS})?[\s_-]?\d{{1,2}}",
    re.IGNORECASE,
)


def class_key(division: str) -> str:
    """A class as compared: case and spaces don't count, punctuation does (3+ is not 3-)."""
    return "".join(division.casefold().split())


def class_of_sheet(sheet: str | None) -> str:
    """The class that a sheet's name says, or ""."""
    name = cells.text(sheet or "")
    return name if _CLASS_SHEET.fullmatch(name) and not name.isdecimal() else ""


def give_class(
    exports: pd.DataFrame, existing: pd.DataFrame | None, division: str
) -> tuple[pd.DataFrame, list[Notice]]:
    """``exports`` with ``division`` for the certifications of which no class is known at all.

    A class in ``existing``, the workbook, is known: nobody moves from class to class that way.
    """
    known = set() if existing is None else _classed(existing)
    without = exports[col.CLASSE] == ""
    unknown = without & ~exports[col.NUMERO].isin(known | _classed(exports))
    given = exports.copy()
    given.loc[unknown, col.CLASSE] = cells.text(division)
    filled = len(set(exports.loc[unknown, col.NUMERO]))
    kept = len(set(exports.loc[without, col.NUMERO]) & known)
    if not filled:
        return given, []
    message = fr(
        "{count} {what} sans classe {are} en {division} (--class), dans {files}.",
        count=filled,
        what="certification" if filled == 1 else "certifications",
        are="est mise" if filled == 1 else "sont mises",
        division=division,
        files=listed(list(dict.fromkeys(exports.loc[unknown, col.SOURCE]))),
    )
    if kept:
        message += fr(
            " {count} {what} déjà une classe dans « Résultats Pix.xlsx » et la {keep}.",
            count=kept,
            what="autre a" if kept == 1 else "autres ont",
            keep="garde" if kept == 1 else "gardent",
        )
    return given, [Notice("classe-donnee", message)]


def _classed(table: pd.DataFrame) -> set[str]:
    return set(table.loc[table[col.CLASSE] != "", col.NUMERO])


def one_spelling(
    existing: pd.DataFrame | None, base: pd.DataFrame | None, exports: pd.DataFrame
) -> tuple[pd.DataFrame | None, pd.DataFrame | None, pd.DataFrame, list[Notice]]:
    """The same three tables (workbook, base, exports), each class spelled in one way.

    The workbook's spelling, which a person may have chosen, goes before the exports'; in each of
    them, the most frequent one.
    """
    tables = [table for table in (existing, exports) if table is not None]
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    chosen: dict[str, str] = {}
    for table in tables:
        here: dict[str, Counter[str]] = defaultdict(Counter)
        for division in table[col.CLASSE]:
            here[class_key(division)][division] += 1
        for key, counts in here.items():
            chosen.setdefault(key, counts.most_common(1)[0][0])
            spellings[key] += counts
    notices = [
        _say_spelled(chosen[key], list(counts))
        for key, counts in spellings.items()
        if len(counts) > 1
    ]
    return (
        None if existing is None else _respelled(existing, chosen),
        None if base is None else _respelled(base, chosen),
        _respelled(exports, chosen),
        notices,
    )


def _respelled(table: pd.DataFrame, chosen: dict[str, str]) -> pd.DataFrame:
    wanted = {name: chosen.get(class_key(name), name) for name in set(table[col.CLASSE])}
    if all(name == spelled for name, spelled in wanted.items()):
        return table
    table = table.copy()
    classes = [wanted[name] for name in table[col.CLASSE]]
    table[col.CLASSE] = pd.Series(classes, dtype=object, index=table.index)
    return table


def _say_spelled(chosen: str, spellings: Sequence[str]) -> Notice:
    message = fr(
        "{names} : c'est une seule classe, écrite de plusieurs façons. Elle est écrite "
        "« {chosen} » partout.",
        names=listed(sorted(spellings)),
        chosen=chosen,
    )
    return Notice("classe-orthographe", message)


def classless(table: pd.DataFrame, exports: pd.DataFrame) -> list[Notice]:
    """For each file, how many certifications of the merged ``table`` have no class.

    Args:
        table: « Résultats Pix.xlsx » as updated, with what everything known says.
        exports: what was read, for the files' names.
    """
    unknown = set(table[col.NUMERO]) - _classed(table)
    rows = exports[exports[col.NUMERO].isin(unknown)]
    return [
        Notice("sans-classe", _say_classless(str(name), numbers), str(name))
        for name, numbers in rows.groupby(col.SOURCE, sort=False)[col.NUMERO]
    ]


def _say_classless(name: str, numbers: Iterable[str]) -> str:
    count = len(set(numbers))
    return fr(
        "Dans « {name} », rien ne dit la classe de {count} {what} : « sans classe ». Pour la "
        "donner, remplissez la colonne « {column} » de « Résultats Pix.xlsx », ou lancez la "
        "commande sur ce seul fichier avec --class.",
        name=name,
        count=count,
        what="certification" if count == 1 else "certifications",
        column=col.CLASSE,
    )
