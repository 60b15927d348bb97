"""The commands to use before a run: check, preview, new-template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mailmerge.cli import options as opt
from mailmerge.cli.progress import progress

if TYPE_CHECKING:
    from mailmerge.checking import Check, Remark


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
    from mailmerge import checking

    quiet = options.pop("quiet")
    with progress(quiet=quiet) as watcher:
        found = checking.check(opt.request(options), watcher)
    _print(found, quiet=quiet)
    return int(found.exit_code)


COMMANDS = (check,)


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
        return f"Le modèle « {found.template} » ou les résultats sont à corriger.{trial}"
    if found.of("warning"):
        return f"Rien n’empêche la production ; des points sont à vérifier.{trial}"
    return f"Rien à signaler : tout est prêt.{trial}"
