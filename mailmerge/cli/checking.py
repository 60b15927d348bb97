"""The commands to use before a run: check, preview, new-template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailmerge.cli import options as opt
from mailmerge.cli.progress import progress
from mailmerge.places import TEMPLATES
from mailmerge.text import typeset

if TYPE_CHECKING:
    from mailmerge.trial.checking import Check, Remark


@click.command(
    short_help="Vérifier le modèle et les résultats, sans rien produire.",
    help="Dire avant tout PDF ce qui n’ira pas : balises inconnues ou mal fermées, images et zones "
    "de texte que le moteur ne sait pas imprimer, polices manquantes, pages en trop, résultats à "
    "vérifier. Toute la production est simulée ; aucun fichier n’est écrit.",
)
@opt.sources
@opt.template
@opt.selection
@opt.engine
@opt.output
@opt.settings
@opt.quiet
def check(**options: Any) -> int:
    """Everything that would go wrong, before it does."""
    from mailmerge.trial import checking

    quiet = options.pop("quiet")
    with progress(quiet=quiet) as watcher:
        found = checking.check(opt.request(options), watcher)
    _print(found, quiet=quiet)
    return int(found.exit_code)


@click.command(
    short_help="Voir l’attestation d’un élève.",
    help="Produire l’attestation d’un seul élève, en PDF et en image, dans le dossier de sortie. "
    "Sans résultats : celle d’un élève inventé. Sans --pupil : le premier de la liste.",
)
@opt.sources
@opt.template
@opt.selection
@click.option("--longest", "which", flag_value="longest", help="L’élève au plus long nom.")
@click.option("--most", "which", flag_value="most", help="L’élève qui a le plus de niveaux.")
@opt.engine
@click.option(
    "--compare",
    is_flag=False,
    flag_value="auto",
    metavar="[MOTEUR]",
    type=click.Choice(opt.ENGINES),
    help="Mettre côte à côte la même page faite par un autre moteur (sans précision : LibreOffice "
    "ou le moteur intégré).",
)  # fmt: skip
@opt.output
@opt.settings
def preview(**options: Any) -> int:
    """One pupil's pages."""
    from mailmerge.errors import ExitCode
    from mailmerge.trial import previewing as pre

    which = pre.Which(options.pop("which") or pre.Which.FIRST)
    compare = options.pop("compare")
    request = opt.request(options)
    made = pre.preview(request, which)
    other = pre.preview(request, which, pre.other_engine(made, compare)) if compare else None
    for notice in (*made.warnings, *(other.warnings if other else ())):
        click.secho(f"À vérifier – {notice.message}", fg="yellow", err=True)
    for path in pre.write_preview(request, made, other):
        click.echo(str(path))
    if made.invented:
        click.echo("Aucun résultat n’est encore là : l’élève de l’aperçu est inventé.")
    return int(ExitCode.OK)


@click.command(
    "new-template",
    short_help="Copier un modèle fourni pour l’adapter.",
    help="Copier un des modèles fournis pour l’adapter dans Word (par défaut : « Mon modèle.docx »)"
    ", avec la liste de toutes les balises à côté. Un fichier existant n’est jamais remplacé.",
)
@click.argument(
    "target", type=click.Path(path_type=Path), default=Path("Mon modèle.docx"), metavar="[FICHIER]"
)
@click.option(
    "--from", "name", default="attestation", metavar="MODÈLE",
    help="Modèle à copier : attestation (par défaut), attestation-sobre, talon-a5…",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Remplacer le fichier s’il existe.")
@opt.output
def new_template(target: Path, name: str, force: bool, output: Path) -> int:
    """A template of one's own."""
    from mailmerge.errors import ExitCode
    from mailmerge.gathering import WORKBOOK
    from mailmerge.results.workbook import read_workbook
    from mailmerge.trial import gallery

    workbook = output / WORKBOOK
    headers = map(str, read_workbook(workbook).columns) if workbook.exists() else ()
    made = gallery.new_template(TEMPLATES, name, target, headers, force=force)
    for path in made:
        click.echo(typeset(f"Créé : {path}"))
    click.echo(typeset(f"Ouvrez « {made[0]} » dans Word, adaptez-le, puis vérifiez-le avec check."))
    return int(ExitCode.OK)


COMMANDS = (check, preview, new_template)


def _print(found: Check, *, quiet: bool) -> None:
    groups = [("À corriger", "error", "red")]
    if not quiet:
        groups += [("À vérifier", "warning", "yellow"), ("À savoir", "info", "")]
    for title, severity, colour in groups:
        remarks = [remark for remark in found.remarks if remark.severity == severity]
        if remarks:
            click.secho(f"\n{title} ({len(remarks)})", bold=True)
        for remark in remarks:
            click.secho(f"  • {_line(remark)}", fg=colour or None)
    if not quiet:
        click.echo(f"\n{_closing(found)}")


def _line(remark: Remark) -> str:
    return f"{remark.where}\n    {remark.message}" if remark.where else remark.message


def _closing(found: Check) -> str:
    tried = len(found.tried)
    trial = (
        f" Essai avec {found.engine} sur {tried} élève{'s' if tried > 1 else ''}." if tried else ""
    )
    if found.of("error"):
        return f"Des points sont à corriger avant de produire les attestations.{trial}"
    if found.of("warning"):
        return f"Rien n’empêche la production ; des points sont à vérifier.{trial}"
    return f"Rien à signaler : tout est prêt.{trial}"
