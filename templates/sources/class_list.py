"""The class summary sheet: one table for each class, to sign and file."""

from __future__ import annotations

from .ooxml import Cell, Element, Piece, Row, paragraph, section, table
from .styles import MIST, NAVY, PALE, SLATE, Style, identifier, stylesheet
from .wording import TAGS

MARGINS = (12.0, 15.0, 12.0, 15.0)
_COLUMNS = {
    "N°": (14.0, "{{ loop.index }}", "Cellule"),
    "Nom": (44.0, "{{ e.nom }}", "Cellule forte"),
    "Prénom": (38.0, "{{ e.prenom }}", "Cellule"),
    "Pix": (16.0, "{{ e.pix }}", "Cellule forte"),
    "Niveau": (30.0, "{{ e.niveau }}", "Cellule"),
    "Signature de l’élève": (38.0, "", "Cellule"),
}
_WIDTHS = tuple(width for width, _, _ in _COLUMNS.values())


def styles() -> Element:
    """The sheet's styles."""
    return stylesheet(
        [
            Style("Établissement", 12, bold=True),
            Style("Ville et académie", 9.5, colour=SLATE),
            Style("Titre de la liste", 22, bold=True, before=5, outline=0),
            Style("Sous-titre de la liste", 11, colour=SLATE, after=4),
            Style("En-tête de tableau", 9, bold=True, colour="FFFFFF"),
            Style("Cellule", 9.5),
            Style("Cellule forte", 9.5, bold=True),
            Style("Balise", 5, colour=SLATE),
            Style("Fait à", 10, before=5),
            Style("Chef d’établissement", 10, bold=True),
            Style("Fonction", 9.5),
            Style("Filet", 1),
        ]
    )


def page() -> list[Element]:
    """The body of the document: one class."""
    title = "{% if classe %}Classe de {{ classe }}{% else %}Sans classe{% endif %}"
    count = "{{ eleves|length }} élève{% if eleves|length > 1 %}s{% endif %}."
    return [
        _p("Établissement", *TAGS.school),
        _p("Ville et académie", *TAGS.town),
        _p("Titre de la liste", title),
        _p("Sous-titre de la liste", "Certification Pix\u00a0: attestations remises aux élèves"),
        table(
            "Élèves de la classe",
            _WIDTHS,
            [_header(), _tag("{%tr for e in eleves %}"), _pupil(), _tag("{%tr endfor %}")],
        ),
        _p("Fait à", f"{count} {TAGS.done[0]}."),
        _p("Chef d’établissement", *TAGS.head),
        _p("Fonction", *TAGS.title),
        section(210, 297, MARGINS),
    ]


def _p(style: str, *pieces: Piece) -> Element:
    return paragraph(identifier(style), *pieces)


def _header() -> Row:
    cells = [Cell([_p("En-tête de tableau", title)], fill=NAVY) for title in _COLUMNS]
    return Row(cells, 8, header=True)


def _pupil() -> Row:
    line = {"bottom": (PALE, 4)}
    return Row([Cell([_p(style, tag)], borders=line) for _, tag, style in _COLUMNS.values()], 7)


def _tag(tag: str) -> Row:
    """A row that only holds a loop's tag: it is gone from the printed page."""
    return Row([Cell([_p("Balise", tag)], span=len(_COLUMNS), fill=MIST)])
