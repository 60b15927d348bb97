"""Invented pupils on the gallery's templates, without the rest of the program.

``python tests/support/gallery.py docs/images`` redraws the pictures of the gallery.
"""

from __future__ import annotations

import datetime as dt
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dxpdf
import jinja2
import pypdfium2
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from PIL import Image

from mailmerge.referential import COMPETENCE_CODES, MAX_LEVEL

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
SAMPLES = ROOT / "data" / "exemple"
PUPIL_TEMPLATES = ("attestation", "attestation-sobre", "talon-a5")
LONG_NAME = ("Marie-Antoinette Désirée", "DE LA ROCHEFOUCAULD-MONTMORENCY-LAVAL")
LONG_SCHOOL = "Collège Pierre-et-Marie-Curie-et-Irène-Joliot-Curie de Saint-Étienne-du-Rouvray"
_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
           "octobre", "novembre", "décembre")  # fmt: skip


class Day(dt.date):
    """A date that prints as in the exports."""

    def __str__(self) -> str:
        return f"{self:%d/%m/%Y}"


@dataclass(frozen=True)
class Level:
    """A compétence's level, as the template sees it."""

    niveau: str

    def __str__(self) -> str:
        return self.niveau

    @property
    def plein(self) -> str:
        return "■" * self._steps

    @property
    def vide(self) -> str:
        return "■" * (MAX_LEVEL - self._steps)

    @property
    def creux(self) -> str:
        return "□" * (MAX_LEVEL - self._steps)

    @property
    def _steps(self) -> int:
        return int(self.niveau) if self.niveau.isdigit() else 0


def pupil(levels: str = "33425341-5276418", **values: Any) -> dict[str, Any]:
    """What a template knows of an ordinary pupil; ``values`` says what is different."""
    given = zip(COMPETENCE_CODES, levels, strict=True)
    tags = {f"c_{code.replace('.', '_')}": Level(level) for code, level in given}
    return {
        "prenom": "Camille",
        "nom": "DURAND",
        "date_naissance": Day(2011, 3, 14),
        "lieu_naissance": "Lyon",
        "classe": "3A",
        "pix": "384",
        "niveau": "Indépendant 2",
        "date_passage": Day(2026, 5, 12),
        "fin_validite": Day(2029, 5, 12),
        "numero": "1234567",
        "centre": "Collège des Tilleuls",
        "etablissement": SimpleNamespace(
            nom="Collège des Tilleuls",
            ville="Villeneuve-lès-Exemple",
            academie="Académie d’Exemple",
        ),
        "chef": SimpleNamespace(nom="Dominique Martin", titre="Principale du collège"),
        "date_edition": Day(2026, 6, 30),
        **tags,
        **values,
    }


def longest_pupil() -> dict[str, Any]:
    """Long in every field at once."""
    return pupil(
        levels="8" * len(COMPETENCE_CODES),
        prenom=LONG_NAME[0],
        nom=LONG_NAME[1],
        lieu_naissance="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson",
        classe="3EME PREPA-METIERS",
        pix="1024",
        centre=LONG_SCHOOL,
        date_passage=Day(2026, 9, 22),
        etablissement=SimpleNamespace(
            nom=LONG_SCHOOL, ville="Saint-Étienne-du-Rouvray", academie="Académie de Normandie"
        ),
        chef=SimpleNamespace(
            nom="Marie-Bérengère de Saint-Exupéry-Castelbajac",
            titre="Principale adjointe, pour le chef d’établissement et par délégation",
        ),
    )


def barest_pupil() -> dict[str, Any]:
    """Without anything that may be empty."""
    return pupil(
        levels="-" * len(COMPETENCE_CODES),
        lieu_naissance="",
        classe="",
        niveau="",
        pix="8",
        centre="",
        etablissement=SimpleNamespace(nom="Collège des Tilleuls", ville="", academie=""),
    )


def school_class(size: int) -> dict[str, Any]:
    """What a class-level template knows."""
    names = [(f"NOM{rank:03}", "Camille") for rank in range(1, size)]
    names.append(LONG_NAME[::-1])
    pupils = [pupil(nom=nom, prenom=prenom) for nom, prenom in names]
    return {**pupil(), "eleves": pupils}


def render(
    template: str, values: dict[str, Any], *, pictures: bool = True, logo: float = 24
) -> bytes:
    """The Word document that ``template`` of the gallery gives.

    Pictures are as tall as the program allows; ``logo`` is its height in millimetres.
    """
    document = DocxTemplate(TEMPLATES / f"{template}.docx")
    shown = {"signature": "", "logo": ""}
    if pictures:
        for name, height in (("signature", 22), ("logo", logo)):
            file = str(SAMPLES / f"{name}.png")
            shown[name] = InlineImage(document, file, height=Mm(height))
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["date"] = lambda day, _: f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    document.render({**shown, **values}, environment, autoescape=True)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def draw(template: str, docx: bytes, folder: Path) -> None:
    """The picture of a template's first page, small enough for a web page."""
    page = pypdfium2.PdfDocument(dxpdf.convert(docx))[0]
    picture = page.render(scale=96 / 72).to_pil().convert("RGB")
    framed = Image.new("RGB", (picture.width + 2, picture.height + 2), "#B8BEC8")
    framed.paste(picture, (1, 1))
    small = framed.quantize(128, dither=Image.Dither.NONE)
    small.save(folder / f"modele-{template}.png", optimize=True)


def main(folder: Path) -> None:
    """Redraw every picture of the gallery into ``folder``."""
    for template in PUPIL_TEMPLATES:
        draw(template, render(template, pupil(), logo=20), folder)
    draw("liste-de-classe", render("liste-de-classe", school_class(26)), folder)
    as_it_is = (TEMPLATES / "attestation-champs-word.docx").read_bytes()
    draw("attestation-champs-word", as_it_is, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
