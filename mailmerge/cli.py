"""The commands: parse, call, print. Heavy parts are imported when a command needs them."""

from __future__ import annotations

import gettext
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

# Click finds its own messages through gettext; the language must be set before it is asked.
_LOCALE = Path(__file__).with_name("locale")
os.environ["LANGUAGE"] = "fr"
gettext.bindtextdomain("messages", str(_LOCALE))
gettext.textdomain("messages")

import click  # noqa: E402

from mailmerge import __version__  # noqa: E402
from mailmerge.errors import ExitCode, PixMailmergeError  # noqa: E402

if TYPE_CHECKING:
    from mailmerge.pipeline import Request
    from mailmerge.report import Report

ENGINES = ("auto", "word", "libreoffice", "embedded")
PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_TEMPLATE = PROJECT / "templates" / "attestation.docx"
_A_MOMENT = 1.0  # seconds before a progress bar is worth showing

Command = TypeVar("Command", bound=Callable[..., Any])


def main() -> None:
    """Run the command line; every error becomes a message in French and an exit code."""
    _speak_utf8()
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = ExitCode.INTERRUPTED
        click.echo("Interrompu. Les fichiers déjà terminés sont entiers.", err=True)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except PixMailmergeError as error:
        click.secho(f"Erreur\u00a0: {error.message}", fg="red", err=True)
        code = error.exit_code
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
        click.echo("Interrompu. Les fichiers déjà terminés sont entiers.", err=True)
    except Exception as error:  # the last net: a bug of ours must not look like the school's
        code = _unexpected(error)
    sys.exit(int(code or 0))


def _unexpected(error: Exception) -> ExitCode:
    """Say it kindly, and keep what an engineer needs in a file that holds no pupil's data."""
    place = Path(tempfile.gettempdir()) / "pix-mailmerge-erreur.txt"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{f.filename}:{f.lineno} {f.name}" for f in frames]
    place.write_text("\n".join([f"pix-mailmerge {__version__}", *lines, type(error).__name__]))
    click.secho(
        "Erreur inattendue du programme ; vos fichiers n’y sont pour rien. Ce qui était déjà "
        f"produit est intact. Pour nous aider à la corriger, envoyez le fichier « {place} » "
        "(il ne contient aucune donnée d’élève).",
        fg="red",
        err=True,
    )
    if os.environ.get("PIX_MAILMERGE_DEBUG"):
        raise error
    return ExitCode.INTERNAL


@click.group(
    subcommand_metavar="COMMANDE [ARGUMENTS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Des résultats Pix aux attestations signées : un PDF par élève et un par classe.",
)
@click.version_option(__version__, prog_name="pix-mailmerge")
def cli() -> None:
    """The group of all commands."""


def sources_argument(function: Command) -> Command:
    """SOURCES: files and folders; ``data/`` when none is given."""
    return click.argument(
        "sources", nargs=-1, type=click.Path(path_type=Path), metavar="[FICHIERS OU DOSSIERS]..."
    )(function)


def common_options(function: Command) -> Command:
    """The options that most commands share."""
    for option in reversed(_COMMON):
        function = option(function)
    return function


def selection_options(function: Command) -> Command:
    """Which classes and pupils."""
    for option in reversed(_SELECTION):
        function = option(function)
    return function


_COMMON = (
    click.option(
        "--output", type=click.Path(path_type=Path), default=Path("output"), metavar="DOSSIER",
        help="Dossier qui reçoit tous les fichiers (par défaut : output).",
    ),
    click.option(
        "--settings", type=click.Path(path_type=Path), metavar="FICHIER",
        help="Réglages de l’établissement (par défaut : etablissement.toml à côté des résultats).",
    ),
    click.option("--dry-run", is_flag=True, help="Tout vérifier, ne rien écrire."),
    click.option("--quiet", is_flag=True, help="N’afficher que les erreurs."),
)  # fmt: skip
_SELECTION = (
    click.option(
        "--class", "divisions", multiple=True, metavar="CLASSE",
        help="Seulement cette classe (à répéter pour plusieurs). Pour des fichiers qui "
        "n’indiquent pas la classe : la classe de tous leurs élèves.",
    ),
    click.option(
        "--pupil", "pupils", multiple=True, metavar="NOM",
        help="Seulement cet élève : une partie de son nom, ou son numéro de certification.",
    ),
)  # fmt: skip
_TEMPLATE = click.option(
    "--template", type=click.Path(path_type=Path), default=DEFAULT_TEMPLATE, metavar="MODÈLE",
    help="Modèle Word à utiliser (par défaut : templates/attestation.docx).",
)  # fmt: skip
_ENGINE = click.option(
    "--engine", type=click.Choice(ENGINES), default="auto", metavar="MOTEUR",
    help="Ce qui convertit en PDF : auto, word, libreoffice ou embedded (moteur intégré).",
)  # fmt: skip


@cli.command(help="Tout faire : lire les résultats, produire et vérifier les attestations.")
@sources_argument
@_TEMPLATE
@selection_options
@_ENGINE
@common_options
def run(**options: Any) -> int:
    """The whole way."""
    from mailmerge import pipeline

    return _carry_out(pipeline.run, options)


@cli.command(help="Seulement réunir les résultats dans « Résultats Pix.xlsx ».")
@sources_argument
@selection_options
@common_options
def normalize(**options: Any) -> int:
    """Exports into the workbook."""
    from mailmerge import pipeline

    return _carry_out(pipeline.normalize, options)


@cli.command(
    short_help="Produire les documents Word des classes.",
    help="Produire le document Word de chaque classe, à relire ou à modifier, sans PDF. Sans "
    "fichier indiqué, part de « Résultats Pix.xlsx ».",
)
@sources_argument
@_TEMPLATE
@selection_options
@common_options
def merge(**options: Any) -> int:
    """Workbook and template into Word documents."""
    from mailmerge import pipeline

    return _carry_out(pipeline.merge, options, from_workbook=True)


@cli.command(
    short_help="Convertir en PDF les documents Word des classes.",
    help="Convertir en PDF les documents « Attestations … .docx » du dossier de sortie, tels que "
    "vous les avez modifiés dans Word, et les découper par élève.",
)
@selection_options
@_ENGINE
@common_options
def pdf(**options: Any) -> int:
    """Word documents into PDFs."""
    from mailmerge import pipeline

    return _carry_out(pipeline.reprint_documents, {**options, "sources": ()}, from_workbook=True)


@cli.command(
    "list",
    short_help="Montrer les classes et leurs élèves.",
    help="Montrer les classes, leurs élèves et qui a obtenu la certification. Sans fichier "
    "indiqué, lit « Résultats Pix.xlsx ».",
)
@sources_argument
@selection_options
@click.option("--output", type=click.Path(path_type=Path), default=Path("output"), hidden=True)
def list_(**options: Any) -> int:
    """Classes and pupils."""
    from mailmerge import pipeline

    request = _request(options, from_workbook=True)
    report = pipeline.look(request)
    _print_list(report)
    return int(report.exit_code)


def _print_list(report: Report) -> None:
    division = None
    for pupil in report.eleves:
        if pupil.division != division:
            division = pupil.division
            click.secho(f"\n{division or 'Sans classe'}", bold=True)
        mark = "✓" if pupil.statut == "obtenue" else "·"
        reason = f" – {pupil.raison}" if pupil.raison else ""
        click.secho(f"  {mark} {pupil.nom} {pupil.prenom}{reason}", dim=bool(reason))


def _carry_out(
    action: Callable[..., Report], options: dict[str, Any], *, from_workbook: bool = False
) -> int:
    quiet = options.pop("quiet")
    request = _request(options, from_workbook=from_workbook)
    with _progress(quiet) as watcher:
        report = action(request, watcher)
    _print_report(report, request, quiet=quiet)
    return int(report.exit_code)


def _request(options: dict[str, Any], *, from_workbook: bool = False) -> Request:
    """The request; without sources, the workbook where the command can do with it, or data/."""
    from mailmerge.pipeline import WORKBOOK, Request

    sources = options.pop("sources")
    if not sources and not (from_workbook and (options["output"] / WORKBOOK).exists()):
        sources = (Path("data"),)
    return Request(sources=tuple(sources), **options)


def _print_report(report: Report, request: Request, *, quiet: bool) -> None:
    from mailmerge.report import describe, summary_lines

    if not quiet:
        for line in summary_lines(report):
            click.echo(line)
        for notice in report.avertissements:
            click.secho(f"À vérifier – {describe(notice)}", fg="yellow", err=True)
    for notice in report.erreurs:
        click.secho(f"À corriger – {describe(notice)}", fg="red", err=True)
    if quiet:
        return
    if request.dry_run:
        click.echo("Essai terminé : rien n’a été écrit.")
    else:
        click.echo(f"{report.printed} attestations dans « {request.output} ».")


@contextmanager
def _progress(quiet: bool) -> Iterator[Any]:
    watcher = Bars(visible=not quiet and sys.stderr.isatty())
    try:
        yield watcher
    finally:
        watcher.close()


class Bars:
    """Progress bars on the error stream, only for what lasts longer than a moment."""

    def __init__(self, *, visible: bool) -> None:
        self._visible = visible
        self._bar: Any = None
        self._started = 0.0
        self._pending = 0
        self._label, self._total = "", 0

    def stage(self, label: str, total: int) -> None:
        """A stage of ``total`` steps begins."""
        self.close()
        self._label, self._total, self._pending = label, total, 0
        self._started = time.monotonic()

    def advance(self, steps: int = 1) -> None:
        """Some steps are done; the bar appears once the stage has lasted a moment."""
        self._pending += steps
        if not self._visible or time.monotonic() - self._started < _A_MOMENT:
            return
        if self._bar is None:
            self._bar = click.progressbar(
                length=self._total, label=self._label, file=sys.stderr, show_pos=True
            )
            self._bar.__enter__()
        self._bar.update(self._pending)
        self._pending = 0

    def close(self) -> None:
        """The stage has ended."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


def _speak_utf8() -> None:
    """Accents must reach consoles and files that Windows would open in another encoding."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
