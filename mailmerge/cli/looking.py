"""The commands that only look: list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mailmerge.cli import options as opt

if TYPE_CHECKING:
    from mailmerge.report import Report


@click.command(
    "list",
    short_help="Montrer les classes et leurs élèves.",
    help="Montrer les classes, leurs élèves et qui a obtenu la certification (✓). Sans fichier "
    "indiqué : à partir de « Résultats Pix.xlsx ».",
)
@opt.sources
@opt.selection
@opt.output
def list_pupils(**options: Any) -> int:
    """Classes and pupils."""
    from mailmerge import pipeline

    report = pipeline.look(opt.request(options, from_workbook=True))
    _print(report)
    return int(report.exit_code)


COMMANDS = (list_pupils,)


def _print(report: Report) -> None:
    division = None
    for pupil in report.eleves:
        if pupil.division != division:
            division = pupil.division
            click.secho(f"\n{division or 'Sans classe'}", bold=True)
        mark = "✓" if pupil.statut == "obtenue" else "·"
        reason = f" – {pupil.raison}" if pupil.raison else ""
        click.secho(f"  {mark} {pupil.nom} {pupil.prenom}{reason}", dim=bool(reason))
