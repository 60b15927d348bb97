"""The commands: parse, call, print. Heavy parts are imported when a command needs them.

One module for each step of a school's work (making, looking); each adds its commands to `cli`.
"""

from __future__ import annotations

import io
import os
import sys

# First of all: click asks for its messages' language when it is imported.
from mailmerge.cli import french

import click  # isort: skip

from mailmerge import __version__, incident
from mailmerge.cli import checking, looking, making, serving, tidying
from mailmerge.cli.options import typeset_help
from mailmerge.errors import ExitCode, PixMailmergeError

_INTERRUPTED = "Interrompu. Les fichiers déjà terminés sont entiers."


@click.group(
    subcommand_metavar="COMMANDE [ARGUMENTS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Des résultats Pix aux attestations signées : un PDF par élève et un par classe.",
)
@click.version_option(__version__, prog_name="pix-mailmerge")
def cli() -> None:
    """The group of all commands."""


_STEPS = (making, checking, looking, tidying, serving)
for command in (command for step in _STEPS for command in step.COMMANDS):
    cli.add_command(typeset_help(command))


def main() -> None:
    """Run the command line; every error becomes a message in French and an exit code."""
    _speak_utf8()
    sys.exit(int(_run()))


def _run() -> int:
    """The one handler of every error."""
    try:
        return cli.main(standalone_mode=False) or ExitCode.OK
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        click.echo(french.guillemets(said.getvalue()), nl=False, err=True)
        return error.exit_code
    except PixMailmergeError as error:
        click.secho(f"Erreur\u00a0: {error.message}", fg="red", err=True)
        return error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo(_INTERRUPTED, err=True)
        return ExitCode.INTERRUPTED
    except Exception as error:  # the last net: a bug of ours must not look like the school's
        return _unexpected(error)


def _unexpected(error: Exception) -> ExitCode:
    """Say it kindly, and keep what an engineer needs in a file that holds no pupil's data."""
    click.secho(incident.record(error), fg="red", err=True)
    if os.environ.get("PIX_MAILMERGE_DEBUG"):
        raise error
    return ExitCode.INTERNAL


def _speak_utf8() -> None:
    """Accents must reach consoles and files that Windows would open in another encoding."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
