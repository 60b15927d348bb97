"""One pupil of a list of pupils."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedPupil:
    """A pupil as the school's list has them.

    Attributes:
        nom: the family name; the whole name where the list does not tell the two apart.
        prenom: the first name; "" where ``nom`` is the whole name.
        division: the class; "" is « sans classe ».
        date_naissance: None where the list has none.
        nom_usage: the usage name, or "".
        autres_prenoms: the second and third first names.
        identifiants: national (INE) or other identifiers.
        line: the line in the file, None for XML.
        rank: the place in the list, from 0.
    """

    nom: str
    prenom: str
    division: str
    date_naissance: dt.date | None = None
    nom_usage: str = ""
    autres_prenoms: tuple[str, ...] = ()
    identifiants: tuple[str, ...] = ()
    line: int | None = None
    rank: int = 0

    @property
    def who(self) -> str:
        """The name in a message."""
        return f"{self.prenom} {self.nom}".strip()
