"""Arguments and options that several commands share, and the request they make."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mailmerge.text import typeset

if TYPE_CHECKING:
    from mailmerge.request import Request

ENGINES = ("auto", "word", "libreoffice", "embedded")
DEFAULT_SOURCES = Path("data")

ORDERS = ("alphabetical", "roster")

Function = TypeVar("Function", bound=Callable[..., Any])


class FrenchDay(click.ParamType[dt.date]):
    """A day as people write it: 01/09/2025, or 2025-09-01."""

    name = "jour"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        """The day, or Click's own error."""
        if isinstance(value, dt.date):
            return value
        day = _day_in(value.strip())
        if day is None:
            self.fail(
                f"« {value} » n’est pas une date. Écrivez par exemple 01/09/2025.", param, ctx
            )
        return day


def _day_in(text: str) -> dt.date | None:
    for picture in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(text, picture).date()
        except ValueError:
            continue
    return None


sources_type: click.Path = click.Path(path_type=Path)
sources = click.argument(
    "sources", nargs=-1, type=sources_type, metavar="[FICHIERS OU DOSSIERS]..."
)
output = click.option(
    "--output", type=click.Path(path_type=Path), default=Path("output"), metavar="DOSSIER",
    help="Dossier qui reçoit tous les fichiers (par défaut : output).",
)  # fmt: skip
settings = click.option(
    "--settings", type=click.Path(path_type=Path), metavar="FICHIER",
    help="Réglages de l’établissement (par défaut : etablissement.toml à côté des résultats).",
)  # fmt: skip
template = click.option(
    "--template", type=click.Path(path_type=Path), metavar="MODÈLE",
    help="Modèle Word à utiliser (par défaut : celui d’etablissement.toml, sinon "
    "templates/attestation.docx).",
)  # fmt: skip
engine = click.option(
    "--engine", type=click.Choice(ENGINES), default="auto", metavar="MOTEUR",
    help="Ce qui convertit en PDF : auto, word, libreoffice ou embedded (moteur intégré).",
)  # fmt: skip
roster = click.option(
    "--roster", type=click.Path(path_type=Path), metavar="LISTE",
    help="Liste des élèves de l’établissement (SIECLE, ONDE, Pronote, CSV, classeur…) : dit les "
    "classes, et qui n’a pas passé la certification.",
)  # fmt: skip
dry_run = click.option("--dry-run", is_flag=True, help="Tout vérifier, ne rien écrire.")
force = click.option(
    "--force", is_flag=True, help="Tout refaire, même les classes qui n’ont pas changé."
)
cluster = click.option(
    "--cluster", metavar="ADRESSE",
    help="Répartir les classes sur d’autres ordinateurs : adresse d’un ordonnanceur Dask.",
)  # fmt: skip
pdfa = click.option(
    "--pdfa",
    is_flag=True,
    help="Produire des PDF/A-2b balisés, pour l’archivage (avec LibreOffice).",
)
seal = click.option(
    "--seal", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="CERTIFICAT",
    help="Apposer le cachet électronique de l’établissement (fichier .p12). Le mot de passe est "
    "demandé, ou lu dans la variable PIX_MAILMERGE_SEAL_PASSWORD.",
)  # fmt: skip
quiet = click.option("--quiet", is_flag=True, help="N’afficher que les erreurs.")
_divisions = click.option(
    "--class", "divisions", multiple=True, metavar="CLASSE",
    help="Seulement cette classe (à répéter pour plusieurs). Si aucun fichier n’indique de "
    "classe : la classe de tous leurs élèves.",
)  # fmt: skip
_pupils = click.option(
    "--pupil", "pupils", multiple=True, metavar="NOM",
    help="Seulement cet élève : une partie de son nom, ou son numéro de certification "
    "(à répéter pour plusieurs).",
)  # fmt: skip


_numbers = click.option(
    "--numbers", type=click.Path(path_type=Path), metavar="FICHIER",
    help="Seulement les élèves dont le numéro de certification est dans ce fichier texte.",
)  # fmt: skip
_marked = click.option(
    "--marked", is_flag=True,
    help="Seulement les élèves marqués dans une colonne « Imprimer » de « Résultats Pix.xlsx ».",
)  # fmt: skip
_since = click.option(
    "--since", type=FrenchDay(), metavar="JJ/MM/AAAA",
    help="Laisser de côté les certifications passées avant ce jour.",
)  # fmt: skip
order = click.option(
    "--order", type=click.Choice(ORDERS), default=ORDERS[0], metavar="ORDRE",
    help="Ordre des élèves d’une classe : alphabetical (alphabétique) ou roster (celui de la "
    "liste d’élèves).",
)  # fmt: skip
duplex = click.option(
    "--duplex", is_flag=True,
    help="Pour imprimer en recto verso : une page blanche après un élève au nombre impair de "
    "pages, dans le PDF de la classe.",
)  # fmt: skip
_cover = click.option(
    "--cover", is_flag=True,
    help="Commencer le PDF de la classe par la liste de ses élèves, à cocher ou à signer.",
)  # fmt: skip
_zip = click.option(
    "--zip", "archive", is_flag=True, help="Ajouter un fichier ZIP par classe, à transmettre."
)


def selection(function: Function) -> Function:
    """Which classes and which pupils."""
    return _divisions(_pupils(_numbers(_marked(_since(roster(function))))))


def binding(function: Function) -> Function:
    """How a class's pupils are put together."""
    return order(duplex(_cover(_zip(function))))


def making(function: Function) -> Function:
    """What every command that writes files takes."""
    return output(settings(dry_run(quiet(function))))


def typeset_help(command: click.Command) -> click.Command:
    """The command with the unbreakable spaces of French in all its help."""
    command.help = typeset(command.help or "")
    command.short_help = typeset(command.short_help or "")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            parameter.help = typeset(parameter.help or "")
    return command


def request(options: dict[str, Any], *, from_workbook: bool = False) -> Request:
    """The request; without sources, the workbook where the command can do with it, or ``data/``."""
    from mailmerge.gathering import WORKBOOK
    from mailmerge.request import Request

    given = options.pop("sources", ())
    if options.get("seal") is not None:
        options["seal_password"] = _seal_password()
    if not given and not (from_workbook and (options["output"] / WORKBOOK).exists()):
        given = (DEFAULT_SOURCES,)
    return Request(sources=tuple(given), **options)


def _seal_password() -> str:
    """Never on the command line, where other users of the computer could read it."""
    known = os.environ.get("PIX_MAILMERGE_SEAL_PASSWORD")
    if known is not None:
        return known
    answer: str = click.prompt("Mot de passe du certificat", hide_input=True, err=True)
    return answer
