"""The command that removes: purge."""

from __future__ import annotations

from pathlib import Path

import click

from mailmerge.cli import options as opt
from mailmerge.text import fold, typeset

_SHOWN = 20


@click.command(
    short_help="Supprimer tout ce que le programme a produit.",
    help="Supprimer du dossier de sortie tout ce que le programme y a produit (classeur, "
    "documents, attestations, rapports) et ce qu’il a retenu, après l’avoir montré et demandé "
    "confirmation. Vos autres fichiers, et ceux du dossier data, restent.",
)
@opt.output
@click.option("--yes", is_flag=True, help="Ne pas demander confirmation.")
def purge(output: Path, yes: bool) -> int:
    """Remove outputs and what is remembered."""
    from mailmerge import purging

    found = purging.look_for(output)
    if not found:
        click.echo(f"Rien à supprimer dans « {output} ».")
        return 0
    click.echo(f"À supprimer dans « {output} » ({len(found.files)} fichiers) :")
    for name in found.files[:_SHOWN]:
        click.echo(f"  • {name}")
    if len(found.files) > _SHOWN:
        click.echo(f"  • … et {len(found.files) - _SHOWN} de plus")
    if found.state is not None:
        click.echo(f"  • {found.state.name} (ce que le programme a retenu)")
    if not yes and not _agreed("Supprimer définitivement ces fichiers ?"):
        click.echo("Rien n’a été supprimé.")
        return 0
    purging.carry_out(found)
    click.echo("C’est fait. Pensez aussi aux fichiers de Pix du dossier data, et à la corbeille.")
    return 0


def _agreed(question: str) -> bool:
    """Ask in French: click's own question takes only « y » and « n ». No answer is no."""
    try:
        answer = click.prompt(typeset(f"{question} [o/N]"), default="", show_default=False)
    except click.Abort:
        click.echo()
        return False
    return fold(answer) in ("o", "oui", "y", "yes")


COMMANDS = (purge,)
