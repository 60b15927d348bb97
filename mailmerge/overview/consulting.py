"""Looking at the results: a class with its certified pupils, and one pupil's certification in full.

No birth date and no identifier is shown: class and certification number tell homonyms apart.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from mailmerge import columns as col
from mailmerge.errors import UsageError
from mailmerge.making.planning import WITHOUT_CLASS, search
from mailmerge.referential import DOMAINES
from mailmerge.report import PupilLine
from mailmerge.results.layouts import is_complementary
from mailmerge.results.table import Pupil, Statut
from mailmerge.text import fold, typeset

_HEADS = ("Classe", "Nom", "Prénom", "Certifié", "Situation", "Explication", "Numéro")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_SHOWN = 15  # of the pupils whom a name may mean
_SITUATIONS = {
    Statut.OBTENUE: "obtenue",
    Statut.EN_ATTENTE: "en attente de résultat",
    Statut.NON_OBTENUE: "non obtenue",
    Statut.NON_PASSEE: "non passée",
}


# --- a class ---


def named(lines: Iterable[PupilLine], text: str) -> list[PupilLine]:
    """The pupils whose name has ``text`` in it, accents and case ignored."""
    wanted = fold(text)
    return [
        line
        for line in lines
        if wanted in fold(f"{line.nom} {line.prenom}")
        or wanted in fold(f"{line.prenom} {line.nom}")
    ]


def as_csv(lines: Iterable[PupilLine]) -> str:
    """The pupils as a CSV file: ``;``, one title row."""
    return csv_text([_HEADS, *map(_cells, lines)])


def as_json(lines: Iterable[PupilLine]) -> str:
    """The pupils as a JSON list."""
    keys = ("classe", "nom", "prenom", "certifie", "situation", "explication", "numero")
    rows = [dict(zip(keys, _cells(line), strict=True)) for line in lines]
    shown = [{**row, "certifie": row["certifie"] == "oui"} for row in rows]
    return json.dumps(shown, ensure_ascii=False, indent=2)


def _cells(line: PupilLine) -> list[str]:
    return [
        line.division,
        line.nom,
        line.prenom,
        "oui" if line.statut == Statut.OBTENUE else "non",
        _SITUATIONS[Statut(line.statut)],
        line.raison,
        line.numero,
    ]


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV with ``;``; a spreadsheet must not take a name for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\n")
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue().rstrip("\n")


def _harmless(cell: str) -> str:
    """``cell``, with an apostrophe before what a formula begins with; « - » alone is a level."""
    return f"'{cell}" if cell != "-" and cell.lstrip().startswith(_FORMULA) else cell


# --- a pupil ---


@dataclass(frozen=True, slots=True)
class DomaineShown:
    """A domaine and the levels in it: code, name, level (``-`` below level 1)."""

    numero: str
    nom: str
    competences: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class PupilFile:
    """All that is known of a pupil's certifications.

    Attributes:
        nom, prenom, classe, situation, explication: the pupil.
        certification: label → value of the certification shown.
        domaines: its levels; none where it has none.
        complementaires: complementary certifications (CléA numérique, Pix+ …) → result.
        autres: the pupil's other certifications, one line each.
    """

    nom: str
    prenom: str
    classe: str
    situation: str
    explication: str
    certification: dict[str, str]
    domaines: tuple[DomaineShown, ...]
    complementaires: dict[str, str]
    autres: tuple[str, ...]

    def to_json(self) -> str:
        """The same as a JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)

    def rows(self) -> list[tuple[str, str]]:
        """The same as pairs of cells."""
        who = [("Nom", self.nom), ("Prénom", self.prenom), ("Classe", self.classe)]
        who += [("Situation", self.situation), ("Explication", self.explication)]
        levels = [
            (f"{code} {name}", level)
            for domaine in self.domaines
            for code, name, level in domaine.competences
        ]
        pairs = [*who, *self.certification.items(), *levels, *self.complementaires.items()]
        pairs += [("Autre certification", other) for other in self.autres]
        return [pair for pair in pairs if pair[1]]


def find_one(pupils: Sequence[Pupil], text: str) -> Pupil:
    """The one pupil of that certification number or name.

    Raises:
        UsageError: nobody, or several; then they are listed.
    """
    found = search(pupils, text)
    if len(found) > 1:
        exact = [p for p in found if fold(text) in _whole_names(p)]
        found = exact if len(exact) == 1 else found
    if not found:
        raise UsageError(
            f"Aucun élève ne correspond à « {text} ». Écrivez une partie de son nom, ou son "
            "numéro de certification."
        )
    if len(found) > 1:
        shown = "".join(
            f"\n  • {p.nom} {p.prenom}, {p.division or WITHOUT_CLASS}"
            + (f", certification {p.numero}" if p.numero else "")
            for p in found[:_SHOWN]
        )
        if len(found) > _SHOWN:
            shown += f"\n  • … et {len(found) - _SHOWN} de plus"
        raise UsageError(
            f"Plusieurs élèves correspondent à « {text} ». Précisez le nom, ou donnez le numéro "
            f"de certification :{shown}"
        )
    return found[0]


def _whole_names(pupil: Pupil | PupilLine) -> set[str]:
    return {fold(f"{pupil.nom} {pupil.prenom}"), fold(f"{pupil.prenom} {pupil.nom}")}


def pupil_file(pupil: Pupil, table: pd.DataFrame) -> PupilFile:
    """All that is known of one pupil."""
    row = _row(table, pupil.row)
    others = [_row(table, at) for at in pupil.others]
    everything = [row, *others]
    complementary = {
        name: next((r[name] for r in everything if r.get(name)), "")
        for name in map(str, table.columns)
        if is_complementary(name)
    }
    return PupilFile(
        nom=pupil.nom,
        prenom=pupil.prenom,
        classe=pupil.division or WITHOUT_CLASS,
        situation=_SITUATIONS[pupil.statut],
        explication=pupil.raison,
        certification=_facts(row),
        domaines=_domaines(row) if pupil.statut is Statut.OBTENUE else (),
        complementaires={name: said for name, said in complementary.items() if said},
        autres=tuple(typeset(_line(other)) for other in others),
    )


def _row(table: pd.DataFrame, at: int | None) -> dict[str, Any]:
    if at is None:
        return {}
    return {str(name): value for name, value in table.iloc[at].to_dict().items()}


def _facts(row: dict[str, Any]) -> dict[str, str]:
    """What a certification says of itself, without the birth and the identifier."""
    if not row:
        return {}
    names = (
        (col.NUMERO, "Numéro"),
        (col.TYPE, "Type"),
        (col.STATUT, "Statut"),
        (col.PIX, "Nombre de Pix"),
        (col.NIVEAU, "Niveau"),
        (col.DATE_PASSAGE, "Passée le"),
        (col.CENTRE, "Centre"),
        (col.SESSION, "Session"),
        (col.COMMENTAIRE, "Commentaire du jury"),
    )
    facts = {label: row[name] for name, label in names if row[name] not in ("", None)}
    if row.get(col.DATE_PASSAGE):
        facts["Passée le"] = f"{row[col.DATE_PASSAGE]:%d/%m/%Y}"
    return {label: str(value) for label, value in facts.items()}


def _domaines(row: dict[str, Any]) -> tuple[DomaineShown, ...]:
    def level(code: str) -> str:
        text = str(row[code])
        return text if text.isdecimal() and int(text) else "-"

    return tuple(
        DomaineShown(d.numero, d.nom, tuple((c.code, c.nom, level(c.code)) for c in d.competences))
        for d in DOMAINES
    )


def _line(row: dict[str, Any]) -> str:
    day = f"{row[col.DATE_PASSAGE]:%d/%m/%Y}" if row[col.DATE_PASSAGE] else "date inconnue"
    points = f", {row[col.PIX]} Pix" if str(row[col.PIX]).isdecimal() else ""
    kind = f"{row[col.TYPE]}, " if row[col.TYPE] else ""
    return f"{day} : {kind}{row[col.STATUT] or 'sans statut'}{points} (n° {row[col.NUMERO]})"
