"""The class that the school gave by hand to a file that says none: ``classes.toml`` beside it.

One line for each file, ``"20260612_0930_resultats_session_48213.csv" = "3A"``; written by the page
in the browser, and read by every command.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from mailmerge.errors import InputError
from mailmerge.results.wording import fr

FILE_NAME = "classes.toml"


def assigned_divisions(folder: Path) -> dict[str, str]:
    """File name → class, as the school gave it.

    Raises:
        InputError: the file is no TOML, or a class is no text.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return {}
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise _unusable() from error
    if not all(isinstance(division, str) for division in given.values()):
        raise _unusable()
    return given


def to_toml(divisions: dict[str, str]) -> str:
    """The text of ``classes.toml``."""
    lines = ["# La classe des fichiers qui ne la disent pas."]
    lines += [f"{_quoted(name)} = {_quoted(division)}" for name, division in divisions.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    plain = "".join(char for char in text if char.isprintable())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unusable() -> InputError:
    message = fr(
        'Le fichier « {name} » ne se lit pas. Chaque ligne s’écrit : "nom du fichier" = "classe". '
        "Corrigez-le ou supprimez-le.",
        name=FILE_NAME,
    )
    return InputError(message, source=FILE_NAME)
