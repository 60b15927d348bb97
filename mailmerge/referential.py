"""The CRCN / Pix referential: five domaines, sixteen compétences (facts, section 2)."""

from __future__ import annotations

from dataclasses import dataclass

MAX_LEVEL = 8


@dataclass(frozen=True, slots=True)
class Competence:
    """One compétence: its code (``"1.1"``) and its name."""

    code: str
    nom: str


@dataclass(frozen=True, slots=True)
class Domaine:
    """One domaine: its number (``"1"``), its name and its compétences, in order."""

    numero: str
    nom: str
    competences: tuple[Competence, ...]


def _domaine(numero: str, nom: str, *competences: str) -> Domaine:
    return Domaine(
        numero,
        nom,
        tuple(Competence(f"{numero}.{i}", name) for i, name in enumerate(competences, 1)),
    )


DOMAINES: tuple[Domaine, ...] = (
    _domaine(
        "1",
        "Information et données",
        "Mener une recherche et une veille d’information",
        "Gérer des données",
        "Traiter des données",
    ),
    _domaine(
        "2",
        "Communication et collaboration",
        "Interagir",
        "Partager et publier",
        "Collaborer",
        "S’insérer dans le monde numérique",
    ),
    _domaine(
        "3",
        "Création de contenu",
        "Développer des documents textuels",
        "Développer des documents multimédia",
        "Adapter les documents à leur finalité",
        "Programmer",
    ),
    _domaine(
        "4",
        "Protection et sécurité",
        "Sécuriser l’environnement numérique",
        "Protéger les données personnelles et la vie privée",
        "Protéger la santé, le bien-être et l’environnement",
    ),
    _domaine(
        "5",
        "Environnement numérique",
        "Résoudre des problèmes techniques",
        "Évoluer dans un environnement numérique",
    ),
)
COMPETENCE_CODES: tuple[str, ...] = tuple(c.code for d in DOMAINES for c in d.competences)
