"""The list of all tags, for people: made from what the program knows, never written twice.

``python -m mailmerge.template.taglist docs/balises.md`` makes the guide's page again.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from mailmerge.referential import DOMAINES
from mailmerge.template import context
from mailmerge.template.context import FrenchDate, Level, Text
from mailmerge.template.language.sandbox import Fragment, TemplateEnvironment
from mailmerge.template.language.vocabulary import Tag
from mailmerge.text import typeset

TITLE: Final = "Les balises du modèle"
_INTRODUCTION: Final = (
    "Une balise se tape dans Word, entre deux accolades : elle est remplacée par la donnée de "
    "chaque élève et garde sa mise en forme. Majuscules et accents sont pardonnés. Chaque colonne "
    "de « Résultats Pix.xlsx » marche aussi comme champ de publipostage de Word."
)
# Filter → what it does, and an expression that shows it.
FORMS: Final[dict[str, tuple[str, str]]] = {
    "date": ("Une date écrite autrement", 'date_naissance|date("d MMMM yyyy")'),
    "majuscules": ("Tout en majuscules", "prenom|majuscules"),
    "minuscules": ("Tout en minuscules", "nom|minuscules"),
    "capitales": ("Une majuscule à chaque mot", "nom|minuscules|capitales"),
    "premiere_majuscule": ("Une majuscule au début", "nom|minuscules|premiere_majuscule"),
    "nombre": ("Un nombre écrit autrement", 'pix|nombre("# ##0,0")'),
    "avant": ("Du texte avant, s’il y a une valeur", 'lieu_naissance|avant("à ")'),
    "apres": ("Du texte après, s’il y a une valeur", 'centre|apres(" (centre)")'),
}
BLOCKS: Final[tuple[tuple[str, str], ...]] = (
    ("{% if niveau %}Niveau {{ niveau }}{% endif %}", "Seulement si la donnée existe"),
    ("{% if classe %}{{ classe }}{% else %}sans classe{% endif %}", "L’un ou l’autre"),
    ("{% if pix >= 256 %}256 Pix et plus{% endif %}", "Selon le nombre de Pix"),
    ("{% if c_1_1 >= 3 %}niveau 3 atteint{% endif %}", "Selon un niveau"),
    (
        "{% for d in domaines %}{{ d.numero }}. {{ d.nom }} {% endfor %}",
        "Répété pour chaque domaine",
    ),
)
# What the page of blocks can't show as a result: the tag takes a paragraph or a row away.
UNITS: Final[tuple[tuple[str, str], ...]] = (
    ("{%p if niveau %} … {%p endif %}", "Chacune seule dans son paragraphe : il disparaît"),
    ("{%tr for c in d.competences %} … {%tr endfor %}", "Une ligne de tableau pour chacune"),
    ("{%tr for e in eleves %} … {{ e.nom }} … {%tr endfor %}", "Une liste de classe"),
)
_SAMPLE: Final[dict[str, Any]] = {
    "prenom": Text("Zoé"),
    "nom": Text("LEFÈVRE-MARTIN"),
    "date_naissance": FrenchDate(2011, 3, 14),
    "lieu_naissance": Text("Saint-Étienne"),
    "classe": Text("3A"),
    "pix": Text("1024"),
    "niveau": Text("Indépendant 1"),
    "centre": Text(""),
    "c_1_1": Level("1.1", "Mener une recherche", 3),
    "domaines": DOMAINES,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One tag: how it is written, what it means, what it prints."""

    tag: str
    meaning: str
    example: str


def sections(headers: Iterable[str] = ()) -> list[tuple[str, list[Line]]]:
    """Every tag under a title; ``headers`` are the table's, for the columns that a school added."""
    found = [
        (title, [Line(f"{{{{ {_written(tag)} }}}}", tag.meaning, tag.example) for tag in tags])
        for title, tags in context.TAG_GROUPS
    ]
    added = context.added_tags(headers)
    if added:
        lines = [Line(f"{{{{ {tag} }}}}", f"Colonne « {name} »", "") for tag, name in added.items()]
        found.append(("Vos colonnes", lines))
    forms = [Line(f"{{{{ {shown} }}}}", meaning, "") for meaning, shown in FORMS.values()]
    found.append(("Mettre en forme", [_shown(line) for line in forms]))
    blocks = [_shown(Line(tag, meaning, "")) for tag, meaning in BLOCKS]
    found.append(("Choisir et répéter", blocks + [Line(tag, text, "") for tag, text in UNITS]))
    return [
        (title, [Line(x.tag, typeset(x.meaning), x.example) for x in lines])
        for title, lines in found
    ]


def to_markdown(headers: Iterable[str] = ()) -> str:
    """The page of the guide."""
    parts = [f"# {TITLE}", "", typeset(_INTRODUCTION), ""]
    for title, lines in sections(headers):
        parts += [f"## {title}", "", "| Balise | Ce qu’elle imprime | Exemple |", "|---|---|---|"]
        parts += [
            f"| `{_cell(line.tag)}` | {_cell(line.meaning)} | {_cell(line.example)} |"
            for line in lines
        ]
        parts.append("")
    return "\n".join(parts)


def to_docx(headers: Iterable[str] = ()) -> bytes:
    """One page to keep beside the template, in two columns."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(10)
    section.top_margin = section.bottom_margin = Mm(8)
    section.header_distance = section.footer_distance = Mm(0)
    _in_columns(section)
    document.core_properties.title = TITLE
    document.core_properties.language = "fr-FR"
    normal = document.styles["Normal"]
    normal.font.size = Pt(8)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)
    _text(document.add_paragraph(), TITLE, size=16, bold=True)
    _text(document.add_paragraph(), typeset(_INTRODUCTION), size=8)
    for title, lines in sections(headers):
        heading = document.add_paragraph()
        heading.paragraph_format.space_before = Pt(4)
        heading.paragraph_format.keep_with_next = True
        _text(heading, title, size=10.5, bold=True)
        for line in lines:
            paragraph = document.add_paragraph()
            paragraph.paragraph_format.left_indent = Mm(2)
            paragraph.paragraph_format.first_line_indent = Mm(-2)
            _text(paragraph, line.tag, size=8, bold=True)
            _text(paragraph, f"  {line.meaning}", size=8)
            if line.example:
                _text(paragraph, f"  {line.example}", size=8, grey=True)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _shown(line: Line) -> Line:
    """``line`` with what its tag prints for the sample pupil."""
    printed = Fragment(TemplateEnvironment(), line.tag, "").render(_SAMPLE)
    return Line(line.tag, line.meaning, printed.strip())


def _written(tag: Tag) -> str:
    """A tag as it is typed: the QR code's has its text in brackets."""
    return "qr(numero)" if tag.name == "qr" else tag.name


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _in_columns(section: Any) -> None:
    columns = section._sectPr.find(qn("w:cols"))
    if columns is None:
        columns = OxmlElement("w:cols")
        section._sectPr.append(columns)
    columns.set(qn("w:num"), "2")
    columns.set(qn("w:space"), "400")


def _text(
    paragraph: Any, text: str, *, size: float, bold: bool = False, grey: bool = False
) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = "Arial"
    run.bold = bold
    if grey:
        run.font.color.rgb = RGBColor(0x4A, 0x54, 0x68)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(to_markdown(), encoding="utf-8")
