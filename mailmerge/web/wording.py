"""Messages of the program, where they name an option of the commands, in the words of the page."""

from __future__ import annotations

from mailmerge.text import typeset

_PHRASES = tuple(
    (typeset(said), typeset(shown))
    for said, shown in (
        (
            "ou lancez la commande sur ce seul fichier avec --class",
            "ou écrivez-la à côté du fichier dans l’onglet Récupération",
        ),
        ("etablissement.toml : la date", "La date"),
        ("ou relancez avec --class", "ou écrivez-la à côté du fichier dans l’onglet Récupération"),
        ("À compléter dans etablissement.toml", "À compléter dans l’onglet Modèle"),
        ("n’est indiquée dans etablissement.toml", "n’est choisie dans l’onglet Modèle"),
        ("« --engine embedded »", "le moteur intégré (Édition, Options)"),
        ("« --engine libreoffice »", "LibreOffice (Édition, Options)"),
        ("(option --template)", "(onglet Modèle)"),
        ("avec --output", "au lancement du programme"),
        (
            "Rien n’est laissé de côté sans --since",
            "Pour les laisser de côté, donnez une date dans l’onglet Édition, Options :",
        ),
        (
            "indiquez-la avec --roster, ou dans la section [liste] de etablissement.toml",
            "déposez-la dans l’onglet Récupération",
        ),
        ("et indiquez-le avec --roster", "et déposez-le dans l’onglet Récupération"),
        ("Indiquez-le sans --roster", "Déposez-le seul dans l’onglet Récupération"),
        (", comme demandé (--since)", ", comme demandé"),
        ("puis relancez la commande", "puis recommencez"),
        ('Écrivez par exemple date = "26/06/2026"', "Écrivez par exemple 26/06/2026"),
    )
)


def on_page(message: str) -> str:
    """``message`` as the page says it."""
    for said, shown in _PHRASES:
        message = message.replace(said, shown)
    return message
