"""The A4 attestation: in colour, sober for the photocopier, and with Word's own merge fields.

Everything stands in tables whose rows have a height: a name or a school on two lines takes the room
kept for it, and the page stays one page. Rows can still grow; there is room left at the foot.
"""

from __future__ import annotations

from collections.abc import Iterator

from mailmerge.referential import DOMAINES, Domaine

from . import wording
from .ooxml import Cell, Element, Piece, Row, first_spacer, paragraph, section, table
from .styles import SOBER, WHITE, Palette, Style, identifier, stylesheet
from .wording import Wording

WIDTH = 174.0
LOGO = 37.0  # room for a picture of 35 × 24 mm
MARGINS = (9.0, 18.0, 6.0, 18.0)
_COLUMNS = (11.0, 84.0, 53.0, 26.0)  # code, compétence, gauge, level
_ROW, _BAND = 5.1, 5.65


def styles(colours: Palette) -> Element:
    """The page's styles; a domaine's colour is its gauge style's and its band's."""
    ink, soft = colours.ink, colours.soft
    band = WHITE if colours is not SOBER else ink
    return stylesheet(
        [
            Style("Établissement", 14, bold=True, colour=ink, line=0.95),
            Style("Ville et académie", 10, colour=soft),
            Style("Logo", 10, align="right"),
            Style("Titre de l’attestation", 29, bold=True, colour=ink, align="center", line=0.9,
                  outline=0),
            Style("Sous-titre de l’attestation", 12, colour=soft, align="center"),
            Style("Texte", 11, colour=ink, align="center", line=1.05),
            Style("Nom de l’élève", 19, bold=True, colour=ink, align="center", line=0.9),
            Style("Rubrique", 8.5, colour=soft, align="center"),
            Style("Valeur", 12, bold=True, colour=ink, align="center"),
            Style("Score", 18, bold=True, colour=ink, align="center", line=0.88),
            Style("Domaine", 10, bold=True, colour=band, outline=1),
            Style("En-tête de tableau", 8.5, colour=soft),
            Style("En-tête à droite", 8.5, colour=soft, align="center"),
            Style("Code", 9, colour=soft),
            Style("Compétence", 9.5, colour=ink),
            Style("Jauge", 9, colour=ink, align="right"),
            Style("Niveau", 10.5, bold=True, colour=ink, align="center"),
            Style("Mention", 8.5, colour=soft, after=1.2),
            Style("Légende", 7.5, colour=soft, before=0.8),
            Style("Fait à", 10, colour=ink, after=1.2),
            Style("Chef d’établissement", 10.5, bold=True, colour=ink),
            Style("Fonction", 9.5, colour=ink),
            Style("Emplacement de la signature", 10, colour=ink),
            Style("Balise", 6, colour=soft, align="center"),
            Style("Filet", 1, colour=ink),
            *(
                Style(f"Jauge domaine {d.numero}", 0, kind="character", colour=_gauge(colours, d))
                for d in DOMAINES
            ),
            Style("Jauge vide", 0, kind="character",
                  colour=ink if colours is SOBER else colours.pale),
        ]
    )  # fmt: skip


def _gauge(colours: Palette, domaine: Domaine) -> str:
    colour = colours.domaines[int(domaine.numero) - 1]
    return colours.ink if colour == WHITE else colour


def page(words: Wording, colours: Palette) -> list[Element]:
    """The body of the document: one pupil's page."""
    return [
        first_spacer(),
        _stripe(colours),
        paragraph("Filet"),
        _heading(words),
        paragraph("Filet"),
        _results(words, colours),
        paragraph("Filet"),
        _competences(words, colours),
        paragraph(identifier("Légende"), wording.LEGEND),
        _closing(words),
        paragraph("Filet"),
        section(210, 297, MARGINS),
    ]


def _p(style: str, *pieces: Piece) -> Element:
    return paragraph(identifier(style), *pieces)


def _stripe(colours: Palette) -> Element:
    """Five colours at the head of the page, one for each domaine."""
    fills = [_gauge(colours, domaine) for domaine in DOMAINES]
    cells = [Cell([_p("Filet")], fill=fill) for fill in fills]
    return table(
        "Bandeau de couleurs",
        (WIDTH / 5,) * 5,
        [Row(cells, 1.2 if colours is SOBER else 2.4, exact=True)],
    )


def _heading(words: Wording) -> Element:
    """School and logo, title, and the sentence that attests."""
    side = WIDTH - LOGO
    school = Cell(
        [_p("Établissement", *words.school), _p("Ville et académie", *words.town)],
        margins={"left": 0},
    )
    logo = Cell([_p("Logo", *words.logo)], margins={"right": 0})
    title = [_p("Titre de l’attestation", wording.TITLE)]
    sentence = [_p("Texte", *words.birth), _p("Texte", wording.OBTAINED)]
    title.append(_p("Sous-titre de l’attestation", wording.SUBTITLE))
    return table(
        "Établissement et élève",
        (side, LOGO),
        [
            Row([school, logo], 24.2),
            Row([Cell(title, span=2)], 18.6),
            Row([_wide(wording.ATTESTS, align="bottom")], 7),
            Row([Cell([_p("Nom de l’élève", *words.name)], span=2)], 16.5),
            Row([Cell(sentence, span=2, align="top")], 17),
        ],
    )


def _wide(text: str, align: str) -> Cell:
    return Cell([_p("Texte", text)], span=2, align=align)


def _results(words: Wording, colours: Palette) -> Element:
    """Date, score and global level, validity. Without a level the score stands alone, centred."""
    level = [_p("Valeur", *words.level)]
    if words.only_if_level:
        opening, closing = words.only_if_level
        level = [_p("Balise", opening), *level, _p("Balise", closing)]
    cells = [
        [_p("Rubrique", "Certification passée le"), _p("Valeur", *words.date)],
        [_p("Score", *words.score), *level],
        [_p("Rubrique", wording.VALID), _p("Valeur", wording.VALIDITY)],
    ]
    rule = dict.fromkeys(("top", "bottom"), (colours.ink, 8))
    made = [Cell(content, fill=colours.mist, borders=rule) for content in cells]
    return table("Résultat", (58, 58, 58), [Row(made, 16)])


def _competences(words: Wording, colours: Palette) -> Element:
    """The five domaines and their sixteen compétences, each with its gauge and its level."""
    header = Row(
        [
            Cell([_p("En-tête de tableau", "Domaines et compétences")], span=3, align="bottom"),
            Cell([_p("En-tête à droite", "Niveau")], align="bottom"),
        ],
        6.5,
        header=True,
    )
    rows = [header]
    for domaine in DOMAINES:
        rows.append(_band(domaine, colours))
        rows += _levels(words, domaine, colours)
    return table("Niveaux par compétence", _COLUMNS, rows)


def _band(domaine: Domaine, colours: Palette) -> Row:
    text = f"{domaine.numero}. {domaine.nom}"
    fill = colours.domaines[int(domaine.numero) - 1]
    borders = {"bottom": (colours.ink, 8)} if fill == WHITE else {}
    return Row([Cell([_p("Domaine", text)], fill=fill, span=4, borders=borders)], _BAND)


def _levels(words: Wording, domaine: Domaine, colours: Palette) -> Iterator[Row]:
    for competence in domaine.competences:
        gauge, level = words.competence(competence.code)
        last = competence is domaine.competences[-1]
        borders = {} if last else {"bottom": (colours.pale, 4)}
        yield Row(
            [
                Cell([_p("Code", competence.code)], borders=borders),
                Cell([_p("Compétence", competence.nom)], borders=borders),
                Cell([_p("Jauge", *gauge)], borders=borders),
                Cell([_p("Niveau", *level)], borders=borders),
            ],
            _ROW,
        )


def _closing(words: Wording) -> Element:
    """Where the certificate is, on the left; place, date and signature on the right."""
    original = [
        _p("Mention", *words.number),
        _p("Mention", wording.ORIGINAL),
        _p("Mention", wording.LEGAL),
    ]
    head = [
        _p("Fait à", *words.done),
        _p("Chef d’établissement", *words.head),
        _p("Fonction", *words.title),
        _p("Emplacement de la signature", *words.signature),
    ]
    cells = [
        Cell(original, align="top", margins={"left": 0, "right": 8, "top": 2.2}),
        Cell(head, align="top", margins={"top": 2.2, "right": 0}),
    ]
    return table("Mentions et signature", (88, 86), [Row(cells, 44)])
