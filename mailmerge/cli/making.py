"""The commands that make files: run, normalize, merge, pdf."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from mailmerge.cli import options as opt
from mailmerge.cli.progress import progress
from mailmerge.text import typeset

if TYPE_CHECKING:
    from mailmerge.errors import Notice
    from mailmerge.report import Report
    from mailmerge.request import Request

_SHOWN = 8  # notices on the screen


@click.command(
    short_help="Tout faire, des résultats aux attestations.",
    help="Lire les résultats Pix, tenir à jour « Résultats Pix.xlsx », produire et vérifier les "
    "attestations. Sans fichier indiqué : tout le dossier data.",
)
@opt.sources
@opt.template
@opt.selection
@opt.binding
@opt.engine
@opt.force
@opt.cluster
@opt.pdfa
@opt.seal
@opt.making
def run(**options: Any) -> int:
    """The whole way."""
    from mailmerge import pipeline

    return carry_out(pipeline.run, options)


@click.command(
    short_help="Réunir les résultats dans un classeur.",
    help="Réunir les résultats Pix dans « Résultats Pix.xlsx », sans produire d’attestation.",
)
@opt.sources
@opt.selection
@opt.making
def normalize(**options: Any) -> int:
    """Exports into the workbook."""
    from mailmerge import pipeline

    return carry_out(pipeline.normalize, options)


@click.command(
    short_help="Produire les documents Word des classes.",
    help="Produire le document Word de chaque classe, à relire ou à modifier, sans PDF. Sans "
    "fichier indiqué : à partir de « Résultats Pix.xlsx ».",
)
@opt.sources
@opt.template
@opt.selection
@opt.order
@opt.making
def merge(**options: Any) -> int:
    """Workbook and template into Word documents."""
    from mailmerge import pipeline

    return carry_out(pipeline.merge, options, from_workbook=True)


@click.command(
    short_help="Convertir en PDF les documents Word des classes.",
    help="Convertir en PDF les documents « Attestations … .docx » du dossier de sortie, tels que "
    "vous les avez modifiés dans Word, et les découper par élève.",
)
@opt.selection
@opt.duplex
@opt.engine
@opt.pdfa
@opt.seal
@opt.making
def pdf(**options: Any) -> int:
    """Word documents into PDFs."""
    from mailmerge import pipeline

    return carry_out(pipeline.reprint_documents, options, from_workbook=True)


COMMANDS = (run, normalize, merge, pdf)


def carry_out(
    action: Callable[..., Report], options: dict[str, Any], *, from_workbook: bool = False
) -> int:
    """Run ``action`` with a progress bar, print its report, give its exit code."""
    quiet = options.pop("quiet")
    request = opt.request(options, from_workbook=from_workbook)
    with progress(quiet=quiet) as watcher:
        report = action(request, watcher)
    _print(report, request, quiet=quiet)
    return int(report.exit_code)


def _print(report: Report, request: Request, *, quiet: bool) -> None:
    from mailmerge.report import summary_lines

    if not quiet:
        for line in summary_lines(report):
            click.echo(line)
        _print_notices("À vérifier", report.avertissements, "yellow")
    _print_notices("À corriger", report.erreurs, "red")
    if not quiet:
        click.echo(typeset(_closing(report, request)))


def _print_notices(label: str, notices: Sequence[Notice], colour: str) -> None:
    """The first few; a screen full of warnings is not read, and the report has them all."""
    from mailmerge.report import TEXT_NAME, describe

    for notice in notices[:_SHOWN]:
        click.secho(typeset(f"{label} – {describe(notice)}"), fg=colour, err=True)
    more = len(notices) - _SHOWN
    if more > 0:
        click.secho(
            typeset(f"{label} – … et {more} de plus, dans « {TEXT_NAME} »."), fg=colour, err=True
        )


def _closing(report: Report, request: Request) -> str:
    if request.dry_run:
        return "Essai terminé : rien n’a été écrit."
    if report.printed:
        plural = "s" if report.printed > 1 else ""
        return f"{report.printed} attestation{plural} dans « {request.output} »."
    return f"Terminé, dans « {request.output} »."
