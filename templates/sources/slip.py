"""The short slip: one A5 page on its side for each pupil, who he is on the left, levels right.

The class's PDF has two of them on an A4 sheet; that is done when it is bound, not in the document.
"""

from __future__ import annotations

from collections.abc import Iterator

from mailmerge.referential import DOMAINES, Domaine

from . import wording
from .ooxml import Cell, Element, Piece, Row, first_spacer, paragraph, section, table
from .styles import NAVY, PALE, SLATE, WHITE, Palette, Style, identifier, stylesheet
from .wording import TAGS

MARGINS = (8.0, 10.0, 5.0, 10.0)
_COLUMNS = (80.0, 6.0, 9.0, 73.0, 22.0)  # the pupil, a gap, code, compétence, level
_FOOT = (68.0, 61.0, 61.0)  # the mentions, the head, the signature
_ROW, _BAND = 4.6, 5.2


def styles() -> Element:
    """The slip's styles."""
    return stylesheet(
        [
            Style("Établissement", 11, bold=True),
            Style("Ville et académie", 8.5, colour=SLATE, after=4),
            Style("Titre de l’attestation", 21, bold=True, outline=0),
            Style("Sous-titre de l’attestation", 9.5, colour=SLATE, after=4),
            Style("Nom de l’élève", 13, bold=True, after=0.8),
            Style("Texte", 9, after=0.8),
            Style("Score", 17, bold=True, before=2),
            Style("Valeur", 10, bold=True),
            Style("Balise", 5, colour=SLATE),
            Style("Mention", 7, colour=SLATE, after=1),
            Style("Fait à", 8.5, after=1),
            Style("Chef d’établissement", 9, bold=True),
            Style("Fonction", 8.5),
            Style("Emplacement de la signature", 9),
            Style("Domaine", 9, bold=True, colour=WHITE, outline=1),
            Style("Code", 8, colour=SLATE),
            Style("Compétence", 8),
            Style("Niveau", 9, bold=True, align="center"),
            Style("Filet", 1),
        ]
    )


def page(colours: Palette) -> list[Element]:
    """The body of the document: one pupil's slip."""
    rows: list[Row] = []
    for domaine in DOMAINES:
        rows += _rows(domaine, colours, first=not rows)
    slip = table("Attestation et niveaux par compétence", _COLUMNS, rows)
    return [
        first_spacer(),
        slip,
        paragraph("Filet"),
        _closing(),
        paragraph("Filet"),
        section(210, 148, MARGINS),
    ]


def _p(style: str, *pieces: Piece) -> Element:
    return paragraph(identifier(style), *pieces)


def _pupil() -> list[Element]:
    before, after = TAGS.only_if_level
    return [
        _p("Établissement", *TAGS.school),
        _p("Ville et académie", *TAGS.town),
        _p("Titre de l’attestation", wording.TITLE),
        _p("Sous-titre de l’attestation", wording.SUBTITLE),
        _p("Nom de l’élève", *TAGS.name),
        _p("Texte", *TAGS.birth),
        _p("Texte", wording.OBTAINED),
        _p("Score", *TAGS.score),
        _p("Balise", before),
        _p("Valeur", *TAGS.level),
        _p("Balise", after),
        _p("Texte", f"Passée le {TAGS.date[0]}, valable trois ans."),
    ]


def _closing() -> Element:
    """Where the certificate is; place, date and head; the signature beside them."""
    mentions = [_p("Mention", *TAGS.number), _p("Mention", wording.ORIGINAL)]
    head = [
        _p("Fait à", *TAGS.done),
        _p("Chef d’établissement", *TAGS.head),
        _p("Fonction", *TAGS.title),
    ]
    signature = [_p("Emplacement de la signature", *TAGS.signature)]
    cells = [
        Cell(mentions, align="top", margins={"left": 0, "right": 5, "top": 2}),
        Cell(head, align="top", margins={"top": 2}),
        Cell(signature, align="top", margins={"left": 0, "right": 0, "top": 2}),
    ]
    return table("Mentions et signature", _FOOT, [Row(cells, 25)])


def _rows(domaine: Domaine, colours: Palette, *, first: bool) -> Iterator[Row]:
    fill = colours.domaines[int(domaine.numero) - 1]
    title = f"{domaine.numero}. {domaine.nom}"
    band = Cell([_p("Domaine", title)], fill=fill, span=3)
    yield Row([*_left(first), band], _BAND)
    for competence in domaine.competences:
        _, level = TAGS.competence(competence.code)
        line = {"bottom": (PALE, 4)}
        cells = [
            Cell([_p("Code", competence.code)], borders=line),
            Cell([_p("Compétence", competence.nom)], borders=line),
            Cell([_p("Niveau", *level)], borders=line),
        ]
        yield Row([*_left(first=False), *cells], _ROW)


def _left(first: bool) -> list[Cell]:
    """The pupil's cell goes down the whole table."""
    merge = "restart" if first else "continue"
    content = _pupil() if first else [_p("Filet")]
    edge = {"right": (NAVY, 6)}
    margins = {"left": 0.0}
    pupil = Cell(content, merge=merge, align="top", borders=edge, margins=margins)
    return [pupil, Cell([_p("Filet")], merge=merge)]
