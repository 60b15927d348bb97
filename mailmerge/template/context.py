"""What the tags of a template mean: a pupil's values, the school's, and the list of them all.

The list is data: the guide's page of tags, the checks and the values are made from it.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailmerge import columns
from mailmerge.referential import COMPETENCE_CODES, DOMAINES, MAX_LEVEL, Competence
from mailmerge.settings import Settings
from mailmerge.template.language.sandbox import RESERVED
from mailmerge.template.language.vocabulary import Tag, Vocabulary
from mailmerge.text import fold

VALIDITY_YEARS = 3  # seed « générer attestations Pix »: « La certification est valable 3 ans »
GAUGE = "■"
HOLLOW = "□"  # for photocopiers, which lose a pale square


class Text(str):
    """A text value; false in ``{% if … %}`` when there is nothing to print (empty or ``-``)."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return self not in ("", "-")


class FrenchDate(dt.date):
    """A date that prints as ``14/03/2011``."""

    def __str__(self) -> str:
        return self.strftime("%d/%m/%Y")


@dataclass(frozen=True, slots=True)
class Level:
    """A pupil's level in one compétence; prints as LSU does: ``-`` below level 1.

    ``valeur`` is 0 to 8; ``plein`` and ``vide`` are the two parts of a gauge of eight squares, and
    ``creux`` is the second part as outlines.
    """

    code: str
    nom: str
    valeur: int

    @property
    def niveau(self) -> str:
        """The level as printed."""
        return str(self.valeur) if self.valeur else "-"

    @property
    def plein(self) -> str:
        """The squares reached."""
        return GAUGE * self.valeur

    @property
    def vide(self) -> str:
        """The squares not reached."""
        return GAUGE * (MAX_LEVEL - self.valeur)

    @property
    def creux(self) -> str:
        """The squares not reached, as outlines."""
        return HOLLOW * (MAX_LEVEL - self.valeur)

    def __str__(self) -> str:
        return self.niveau


@dataclass(frozen=True, slots=True)
class DomaineLevels:
    """A domaine with the pupil's levels in its compétences."""

    numero: str
    nom: str
    competences: tuple[Level, ...]


# Tag name → column of the table, for the columns that have a shorter name as tags.
_COLUMN_TAGS: dict[str, str] = {
    "prenom": columns.PRENOM,
    "nom": columns.NOM,
    "date_naissance": columns.DATE_NAISSANCE,
    "lieu_naissance": columns.LIEU_NAISSANCE,
    "classe": columns.CLASSE,
    "pix": columns.PIX,
    "niveau": columns.NIVEAU,
    "date_passage": columns.DATE_PASSAGE,
    "numero": columns.NUMERO,
    "identifiant": columns.IDENTIFIANT,
    "statut": columns.STATUT,
    "commentaire": columns.COMMENTAIRE,
    "session": columns.SESSION,
    "type": columns.TYPE,
    "centre": columns.CENTRE,
}

_PUPIL_TAGS = (
    Tag("prenom", "Prénom de l’élève", "Zoé"),
    Tag("nom", "Nom de l’élève", "LEFÈVRE-MARTIN"),
    Tag("date_naissance", "Date de naissance", "14/03/2011"),
    Tag("lieu_naissance", "Lieu de naissance", "Saint-Étienne"),
    Tag("classe", "Classe", "3A"),
    Tag("pix", "Nombre de Pix", "266"),
    Tag("niveau", "Niveau global, quand Pix le donne", "Indépendant 1"),
    Tag("date_passage", "Date de passage de la certification", "18/05/2026"),
    Tag("fin_validite", "Fin de validité : trois ans après le passage", "18/05/2029"),
    Tag("numero", "Numéro de certification", "1048576"),
    Tag("centre", "Centre de certification (fichiers de session)", "Collège des Tilleuls"),
    Tag("session", "Numéro de session", "48213"),
    Tag("identifiant", "Identifiant externe (souvent l’INE)", "123456789AB"),
    Tag("statut", "Statut donné par Pix", "Validée"),
    Tag("commentaire", "Commentaire du jury pour l’organisation", ""),
    Tag("type", "Type de certification", "Certification Pix"),
    Tag("rang", "Rang de l’élève dans le document de sa classe", "1"),
    Tag("nombre_de_pages", "Nombre de pages de l’attestation de l’élève", "1"),
    Tag("domaines", "Les cinq domaines et leurs compétences, pour une boucle", ""),
)
_SCHOOL_TAGS = (
    Tag("etablissement.nom", "Nom de l’établissement", "Collège des Tilleuls"),
    Tag("etablissement.ville", "Ville de l’établissement", "Saint-Martin-des-Prés"),
    Tag("etablissement.academie", "Académie", "Académie de Clermont-Ferrand"),
    Tag("chef.nom", "Nom du chef d’établissement", "Claire DUVAL"),
    Tag("chef.titre", "Titre du chef d’établissement", "Principale"),
    Tag("signature", "Image de la signature, ou un espace de même taille", "(image)"),
    Tag("logo", "Image du logo, s’il y en a un", "(image)"),
    Tag(
        "qr", 'QR code d’un texte : {{ qr(numero) }}, {{ qr("https://…", 3) }} sur 3 cm', "(image)"
    ),
    Tag("date_edition", "Date imprimée sur l’attestation", "26/06/2026"),
    Tag("eleves", "Les élèves de la classe, pour une liste de classe", ""),
)


def competence_tag(code: str) -> str:
    """The tag of a compétence: ``"1.1"`` → ``"c_1_1"``."""
    return f"c_{code.replace('.', '_')}"


_FIRST = DOMAINES[0].competences[0].nom


def _competence_tags() -> Iterable[Tag]:
    for domaine in DOMAINES:
        for competence in domaine.competences:
            tag = competence_tag(competence.code)
            meaning = f"Niveau en {competence.code} {competence.nom}"
            yield Tag(tag, meaning, "3")
    yield Tag("c_1_1.nom", "Nom de la compétence (de même pour les autres)", _FIRST)
    yield Tag("c_1_1.plein", "Carrés pleins de la jauge, un par niveau atteint", "■■■")
    yield Tag("c_1_1.vide", "Carrés restants de la jauge, à mettre en gris clair", "■■■■■")
    yield Tag("c_1_1.creux", "Carrés restants de la jauge, en creux", "□□□□□")


# What the list of tags shows, under these titles.
TAG_GROUPS: tuple[tuple[str, tuple[Tag, ...]], ...] = (
    ("L’élève", _PUPIL_TAGS),
    ("Les compétences", tuple(_competence_tags())),
    ("L’établissement", _SCHOOL_TAGS),
)
TAGS: tuple[Tag, ...] = tuple(tag for _, tags in TAG_GROUPS for tag in tags)
# Tags that stand for one pupil: a template with none of them is printed once for the class.
PUPIL_NAMES = frozenset(
    {tag.name for tag in _PUPIL_TAGS if tag.name not in ("classe", "nombre_de_pages")}
    | {competence_tag(c.code) for d in DOMAINES for c in d.competences}
)


def added_tags(headers: Iterable[str]) -> dict[str, str]:
    """Tag name → header, for the columns that Pix or the school added to the table.

    The name is the folded header: ``mention``; ``m_2e_langue`` where it begins with a digit;
    ``colonne_rang`` where ``rang`` means something else; ``mention_2`` for a second one alike.
    """
    return dict(_added_tags(tuple(headers)))


@functools.lru_cache(maxsize=8)  # the same for every pupil of a table
def _added_tags(headers: tuple[str, ...]) -> dict[str, str]:
    taken = {tag.name for tag in TAGS} | {"etablissement", "chef"} | RESERVED
    own = {*columns.WORKBOOK_COLUMNS, *columns.PRIVATE_COLUMNS}
    tags: dict[str, str] = {}
    for header in headers:
        name = fold(header, "_")
        name = f"m_{name}" if name[:1].isdigit() else name
        name = f"colonne_{name}" if name in taken else name
        if header in own or not name.isidentifier():
            continue
        numbered = (f"{name}_{number}" for number in itertools.count(2))
        tags[name if name not in tags else next(n for n in numbered if n not in tags)] = header
    return tags


def tags_by_header(headers: Iterable[str]) -> dict[str, str]:
    """Header → the tag that prints the column, for every public column among ``headers``."""
    headers = list(headers)
    tags = {header: tag for tag, header in {**_COLUMN_TAGS, **added_tags(headers)}.items()}
    tags |= {code: competence_tag(code) for code in COMPETENCE_CODES}
    return {header: tags[header] for header in headers if header in tags}


def vocabulary(headers: Iterable[str] = ()) -> Vocabulary:
    """All the tags a template may use with a table that has these columns."""
    added = added_tags(headers)
    extra = [Tag(name, f"Colonne « {header} »", "") for name, header in added.items()]
    aliases = {header: name for name, header in {**_COLUMN_TAGS, **added}.items()}
    aliases |= {code: competence_tag(code) for code in COMPETENCE_CODES}
    return Vocabulary((*TAGS, *extra), aliases)


def pupil_values(row: Mapping[str, Any], rank: int) -> dict[str, Any]:
    """What a pupil's tags print.

    Args:
        row: one certification, by column of the table; dates as `datetime.date` or None.
        rank: the pupil's place in the class document, from 1.
    """
    values: dict[str, Any] = {
        tag: _value(row.get(header, "")) for tag, header in _COLUMN_TAGS.items()
    }
    values |= {tag: _value(row[header]) for tag, header in added_tags(row).items()}
    domaines = tuple(
        DomaineLevels(d.numero, d.nom, tuple(_level(c, row) for c in d.competences))
        for d in DOMAINES
    )
    values |= {competence_tag(c.code): c for d in domaines for c in d.competences}
    values["domaines"] = domaines
    values["fin_validite"] = _end_of_validity(row.get(columns.DATE_PASSAGE))
    values["rang"] = rank
    return values


def school_values(settings: Settings, today: dt.date) -> dict[str, Any]:
    """What the school's tags print; pictures are added by the rendering."""
    school, head = settings.etablissement, settings.chef
    return {
        "etablissement": {
            "nom": Text(school.nom),
            "ville": Text(school.ville),
            "academie": Text(school.academie),
        },
        "chef": {"nom": Text(head.nom), "titre": Text(head.titre)},
        "date_edition": _value(settings.edition.date or today),
    }


def class_values(rows: Sequence[Mapping[str, Any]], division: str) -> dict[str, Any]:
    """What a class sheet's tags print: the class and its pupils."""
    pupils = [pupil_values(row, rank) for rank, row in enumerate(rows, 1)]
    return {"classe": Text(division), "eleves": pupils}


def _value(value: object) -> object:
    if isinstance(value, dt.date):
        return FrenchDate(value.year, value.month, value.day)
    return Text("" if value is None else printable(str(value)))


_LINE_ENDS = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
# Nothing to see, or not for Word's XML: controls, soft hyphens, joiners of words, marks of
# direction (which could turn the words around them), halves of characters, non-characters.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"
)


def printable(text: str) -> str:
    """``text`` as a page can show it.

    Accents are composed, ends of lines U+2028, the no-break hyphen (which few fonts have) a plain
    one; what is invisible is left out.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_ENDS.sub("\u2028", text).replace("\t", " ").replace("\u2011", "-")
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text))


def _level(competence: Competence, row: Mapping[str, Any]) -> Level:
    text = str(row.get(competence.code, "-"))
    return Level(competence.code, competence.nom, int(text) if text.isdecimal() else 0)


def _end_of_validity(passed: object) -> object:
    if not isinstance(passed, dt.date):
        return Text("")
    try:
        return FrenchDate(passed.year + VALIDITY_YEARS, passed.month, passed.day)
    except ValueError:  # 29 February
        return FrenchDate(passed.year + VALIDITY_YEARS, 2, 28)
