"""Pix exports of every layout, made from simple records, for any test that needs files.

``export_csv("L3", [certification(...)])`` is the text as Pix writes it;
``write_export(folder / name, layout, records)`` writes the file. Everybody is invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

CODES = [
    f"{domaine}.{i}" for domaine, last in enumerate((3, 4, 4, 3, 2), 1) for i in range(1, last + 1)
]
LEVELS = ("3", "2", "4", "3", "1", "0", "2", "3", "2", "-", "1", "3", "4", "2", "3", "1")
NOT_TESTED = ("-",) * 16


@dataclass(frozen=True)
class Certification:
    """One row of an export, in French and as text; ``levels`` in the order of ``CODES``."""

    numero: str = "1000001"
    prenom: str = "Élodie"
    nom: str = "Lefèvre"
    date_naissance: str = "14/03/2011"
    lieu_naissance: str = "Nantes"
    identifiant: str = "0012345"
    statut: str = "Validée"
    pix: str = "266"
    niveau: str = "Indépendant 1"
    levels: Sequence[str] = LEVELS
    commentaire: str = ""
    session: str = "48213"
    centre: str = "Collège Jeanne Barret"
    date_passage: str = "12/06/2026"
    type: str = "Certification Pix"
    complementary: dict[str, str] = field(default_factory=dict)


def certification(**values: object) -> Certification:
    return replace(Certification(), **values)  # type: ignore[arg-type]


def refused(**values: object) -> Certification:
    """A certification that was sat and not obtained."""
    return certification(
        **{"statut": "Non obtenue", "pix": "0", "niveau": "-", "levels": NOT_TESTED, **values}
    )


PEOPLE = (
    "Numéro de certification",
    "Prénom",
    "Nom",
    "Date de naissance",
    "Lieu de naissance",
    "Identifiant Externe",
)
_ENGLISH = {
    "Numéro de certification": "Certification number",
    "Prénom": "First name",
    "Nom": "Last name",
    "Date de naissance": "Date of birth",
    "Lieu de naissance": "Place of birth",
    "Identifiant Externe": "External user ID",
    "Statut": "Status",
    "Nombre de Pix": "Number of pix",
    "Commentaire jury pour l’organisation": "Examining body’s comment for the organisation",
    "Session": "Session",
    "Centre de certification": "Certification centre",
    "Date de passage de la certification": "Date of Pix certification exam",
}
_ENGLISH_STATUS = {
    "Validée": "Validated",
    "Rejetée": "Rejected",
    "Annulée": "Cancelled",
    "En erreur": "In error",
    "Démarrée": "Started",
    "Non passée": "Not taken",
}
_COMMENT, _PASSED = "Commentaire jury pour l’organisation", "Date de passage de la certification"
_CENTRE, _TYPE = "Centre de certification", "Type de certification"

LAYOUTS: dict[str, tuple[str, ...]] = {
    "G1": (*PEOPLE, "Nombre de Pix", *CODES, "Session", _CENTRE, _PASSED),
    "G1b": (
        *PEOPLE,
        "Certification CléA numérique",
        "Nombre de Pix",
        *CODES,
        "Session",
        _CENTRE,
        _PASSED,
    ),
    "G2": (*PEOPLE, "Statut", "Nombre de Pix", *CODES, "Session", _CENTRE, _PASSED),
    "L1": (*PEOPLE, "Statut", "Nombre de Pix", *CODES, _COMMENT, "Session", _PASSED),
    "L2": (*PEOPLE, _TYPE, "Statut", "Résultat", *CODES, _COMMENT, "Session", _PASSED),
    "L3": (
        *PEOPLE,
        _TYPE,
        "Statut",
        "Niveau",
        "Score en Pix",
        *CODES,
        _COMMENT,
        "Session",
        _PASSED,
    ),
}
_WITH_CENTRE = (_COMMENT, "Session", _CENTRE, _PASSED)
LAYOUTS["L1 session"] = (*PEOPLE, "Statut", "Nombre de Pix", *CODES, *_WITH_CENTRE)
LAYOUTS["L2 session"] = (*PEOPLE, _TYPE, "Statut", "Résultats", *CODES, *_WITH_CENTRE)
LAYOUTS["L3 session"] = (
    *PEOPLE,
    _TYPE,
    "Statut",
    "Niveau",
    "Score en Pix",
    *CODES,
    *_WITH_CENTRE,
)
LAYOUTS["L1 session anglais"] = tuple(_ENGLISH.get(name, name) for name in LAYOUTS["L1 session"])
LAYOUTS["L1 anglais"] = tuple(_ENGLISH.get(name, name) for name in LAYOUTS["L1"])


def header(layout: str, records: Iterable[Certification] = ()) -> list[str]:
    """The header of a layout; a session's complementary columns stand before its score or level."""
    names = list(LAYOUTS[layout])
    extra = [
        f"Certification {label}"
        for label in dict.fromkeys(label for record in records for label in record.complementary)
    ]
    if extra and "session" in layout:
        before = "Niveau" if "Niveau" in names else names[names.index("1.1") - 1]
        at = names.index(before)
        names[at:at] = extra
    return names


def cells(layout: str, records: Sequence[Certification]) -> list[list[str]]:
    """The header and the rows as text cells."""
    names = header(layout, records)
    return [names, *([_value(record, name, layout) for name in names] for record in records)]


def _value(record: Certification, name: str, layout: str) -> str:
    french = {english: own for own, english in _ENGLISH.items()}.get(name, name)
    if french in CODES:
        return record.levels[CODES.index(french)]
    if french.startswith("Certification "):
        label = french.removeprefix("Certification ")
        return record.complementary.get(label, "Non passée")
    value = {
        **dict(
            zip(
                PEOPLE,
                (
                    record.numero,
                    record.prenom,
                    record.nom,
                    record.date_naissance,
                    record.lieu_naissance,
                    record.identifiant,
                ),
                strict=True,
            )
        ),
        "Statut": record.statut,
        "Nombre de Pix": record.pix,
        "Score en Pix": record.pix,
        "Résultat": f"{record.pix} pix" if record.pix.isdecimal() else record.pix,
        "Résultats": f"{record.pix} pix" if record.pix.isdecimal() else record.pix,
        "Niveau": record.niveau,
        _TYPE: record.type,
        _COMMENT: record.commentaire,
        "Session": record.session,
        _CENTRE: record.centre,
        _PASSED: record.date_passage,
    }[french]
    return _ENGLISH_STATUS.get(value, value) if "anglais" in layout else value


_BARE = {"Numéro de certification", "Certification number", "Session"}


def export_csv(
    layout: str, records: Sequence[Certification], *, separator: str = ";", newline: str = "\n"
) -> str:
    """The text as Pix writes it: strings quoted, numbers bare, null empty, no last newline."""
    names, *rows = cells(layout, records)
    lines = [separator.join(_quoted(name) for name in names)]
    lines += [separator.join(map(_as_pix_writes, names, row)) for row in rows]
    return newline.join(lines)


def _as_pix_writes(name: str, value: str) -> str:
    bare = name in _BARE or name in CODES or "Pix" in name
    return value if bare and value.isdecimal() else _quoted(value)


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if value else ""


def write_export(path: Path, layout: str, records: Sequence[Certification]) -> Path:
    """Write a file exactly as Pix does: UTF-8 with BOM, LF, no newline at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(export_csv(layout, records).encode("utf-8-sig"))
    return path
