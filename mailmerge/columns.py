"""The names of the table's columns, the same in memory and in « Résultats Pix.xlsx ».

The first 27 are layout L1 of Pix Orga in its order, so that Word's own mail merge and the published
school model keep working; then four of ours; then complementary certifications and whatever
columns a school added.
"""

from __future__ import annotations

from mailmerge.referential import COMPETENCE_CODES

NUMERO = "Numéro de certification"
PRENOM = "Prénom"
NOM = "Nom"
DATE_NAISSANCE = "Date de naissance"
LIEU_NAISSANCE = "Lieu de naissance"
IDENTIFIANT = "Identifiant Externe"
STATUT = "Statut"
PIX = "Nombre de Pix"
COMMENTAIRE = "Commentaire jury pour l’organisation"
SESSION = "Session"
DATE_PASSAGE = "Date de passage de la certification"
TYPE = "Type"
NIVEAU = "Niveau"
CENTRE = "Centre"
CLASSE = "Classe"

L1_COLUMNS: tuple[str, ...] = (
    NUMERO,
    PRENOM,
    NOM,
    DATE_NAISSANCE,
    LIEU_NAISSANCE,
    IDENTIFIANT,
    STATUT,
    PIX,
    *COMPETENCE_CODES,
    COMMENTAIRE,
    SESSION,
    DATE_PASSAGE,
)
WORKBOOK_COLUMNS: tuple[str, ...] = (*L1_COLUMNS, TYPE, NIVEAU, CENTRE, CLASSE)
DATE_COLUMNS: tuple[str, ...] = (DATE_NAISSANCE, DATE_PASSAGE)

# The workbook's second sheet: written, never read.
SYNTHESIS_SHEET = "Synthèse"

# Where a row came from; in memory only, never written.
SOURCE = "_source"
LINE = "_ligne"
PRIVATE_COLUMNS: tuple[str, ...] = (SOURCE, LINE)
