"""The page in the browser: serve."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    short_help="Ouvrir la page dans le navigateur.",
    help="Ouvrir une page dans le navigateur pour tout faire sans taper de commande : déposer les "
    "fichiers de Pix, consulter les classes, régler le modèle, produire les attestations. La page "
    "n’est visible que de cet ordinateur. Elle s’arrête quand son dernier onglet est fermé.",
)
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default=Path("data"),
    metavar="DOSSIER", help="Dossier des résultats et des réglages (par défaut : data).",
)  # fmt: skip
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), default=Path("output"),
    metavar="DOSSIER", help="Dossier qui reçoit tous les fichiers (par défaut : output).",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Ne pas ouvrir le navigateur.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="PORT",
    help="Port à utiliser (par défaut : le premier qui est libre).",
)  # fmt: skip
@click.option(
    "--host", default="127.0.0.1", metavar="ADRESSE",
    help="Rendre la page visible d’autres ordinateurs, à cette adresse. À éviter : les données des "
    "élèves circulent alors sans chiffrement sur le réseau.",
)  # fmt: skip
@click.option(
    "--idle-minutes", type=click.FloatRange(min=0), default=120, metavar="MINUTES",
    help="S’arrêter après ce temps sans activité (par défaut : 120 ; 0 : jamais).",
)  # fmt: skip
def serve(
    data: Path, output: Path, no_browser: bool, port: int, host: str, idle_minutes: float
) -> int:
    """The page."""
    from mailmerge.text import typeset
    from mailmerge.web.project import Project
    from mailmerge.web.serving import is_loopback
    from mailmerge.web.serving import serve as serve_page

    if not is_loopback(host):
        click.secho(
            typeset(
                "Attention : la page sera visible d’autres ordinateurs, et les données des élèves "
                "circuleront sans chiffrement. Ne donnez son adresse à personne."
            ),
            fg="yellow",
            err=True,
        )
    serve_page(
        Project(data.absolute(), output.absolute()),
        host=host,
        port=port,
        browser=not no_browser,
        idle_minutes=idle_minutes,
        say=lambda line: click.echo(typeset(line)),
    )
    click.echo(typeset("La page est fermée. Tout est enregistré."))
    return 0


COMMANDS = (serve,)
