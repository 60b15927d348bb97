"""The commands that only look: list, show."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from mailmerge.cli import options as opt
from mailmerge.errors import ExitCode, UsageError
from mailmerge.text import typeset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailmerge.overview.consulting import PupilFile
    from mailmerge.report import PupilLine, Report

_format = click.option(
    "--format", "shape", type=click.Choice(("table", "csv", "json")), default="table",
    metavar="FORME", help="table (à lire), csv ou json (pour un autre programme).",
)  # fmt: skip


@click.command(
    "list",
    short_help="Montrer les classes et leurs élèves.",
    help="Montrer les classes, leurs élèves et qui a obtenu la certification (✓) ; pour les "
    "autres, la raison. Sans fichier indiqué : à partir de « Résultats Pix.xlsx ».",
)
@opt.sources
@click.option("--search", metavar="NOM", help="Seulement les élèves dont le nom contient ceci.")
@_format
@opt.selection
@opt.settings
@opt.output
def list_pupils(search: str | None, shape: str, **options: Any) -> int:
    """Classes and pupils."""
    from mailmerge import pipeline
    from mailmerge.overview import consulting

    report = pipeline.look(opt.request(options, from_workbook=True))
    _print_errors(report)
    lines = consulting.named(report.eleves, search) if search else report.eleves
    if shape == "table":
        _print_classes(lines)
    else:
        click.echo(consulting.as_csv(lines) if shape == "csv" else consulting.as_json(lines))
    if search and not lines:
        click.echo(f"Aucun élève dont le nom contienne « {search} ».", err=True)
    return int(report.exit_code)


@click.command(
    short_help="Montrer la certification d’un élève.",
    help="Montrer la certification d’un élève : son nom, ou une partie, ou son numéro de "
    "certification. Sans --from : à partir de « Résultats Pix.xlsx ».",
)
@click.argument("who", metavar="NOM_OU_NUMÉRO")
@click.option(
    "--from", "sources", multiple=True, type=opt.sources_type, metavar="FICHIER",
    help="Fichier ou dossier de résultats (à répéter pour plusieurs).",
)  # fmt: skip
@_format
@opt.roster
@opt.settings
@opt.output
def show(who: str, shape: str, **options: Any) -> int:
    """One pupil's certification in full."""
    from mailmerge import pipeline
    from mailmerge.overview import consulting
    from mailmerge.report import Report

    report = Report()
    try:
        pupil = pipeline.consult(opt.request(options, from_workbook=True), who, report)
    except UsageError:  # perhaps the pupil is in a file that could not be read
        _print_errors(report)
        raise
    _print_errors(report)
    if shape == "json":
        click.echo(pupil.to_json())
    elif shape == "csv":
        click.echo(consulting.csv_text(pupil.rows()))
    else:
        _print_pupil(pupil)
    return int(ExitCode.PARTIAL if report.erreurs else ExitCode.OK)


COMMANDS = (list_pupils, show)


def _print_errors(report: Report) -> None:
    """What could not be read, so that nobody is looked for in vain."""
    from mailmerge.report import describe

    for notice in report.erreurs:
        click.secho(typeset(f"À corriger – {describe(notice)}"), fg="red", err=True)


def _print_classes(lines: Sequence[PupilLine]) -> None:
    from mailmerge.report import by_division

    members = by_division(lines)
    called = Counter((line.division, line.nom, line.prenom) for line in lines)
    division = None
    for pupil in lines:
        if pupil.division != division:
            division = pupil.division
            held = sum(line.statut == "obtenue" for line in members[division])
            counts = f"{held}/{len(members[division])}"
            click.secho(f"\n{division or 'Sans classe'} ({counts})", bold=True)
        certified = pupil.statut == "obtenue"
        reason = f" – {pupil.raison}" if pupil.raison else ""
        off = " – hors de la liste d’élèves" if pupil.hors_liste else ""
        mark = "✓" if certified else "·"
        namesake = called[pupil.division, pupil.nom, pupil.prenom] > 1 and pupil.numero
        number = f" ({pupil.numero})" if namesake else ""
        click.secho(f"  {mark} {pupil.nom} {pupil.prenom}{number}{reason}{off}", dim=not certified)


def _print_pupil(pupil: PupilFile) -> None:
    click.secho(f"{pupil.prenom} {pupil.nom}, {pupil.classe}", bold=True)
    click.echo(f"Certification Pix\u00a0: {pupil.situation}")
    if pupil.explication:
        click.echo(pupil.explication)
    for label, value in pupil.certification.items():
        click.echo(f"  {label}\u00a0: {value}")
    for domaine in pupil.domaines:
        click.secho(f"\n{domaine.numero}. {domaine.nom}", bold=True)
        for code, name, level in domaine.competences:
            click.echo(f"  {level}  {code} {name}")
    _print_section("Certifications complémentaires", [
        f"{name}\u00a0: {said}" for name, said in pupil.complementaires.items()
    ])  # fmt: skip
    _print_section("Autres certifications", pupil.autres)


def _print_section(title: str, lines: Sequence[str]) -> None:
    if lines:
        click.secho(f"\n{title}", bold=True)
        for line in lines:
            click.echo(f"  {line}")
