"""Files that people send: looked at first, kept only when something in them can be read."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from mailmerge.results.reading import DATA_SUFFIXES, read_file
from mailmerge.results.table import natural
from mailmerge.web.project import Project
from mailmerge.web.rendering import Saying, messages, plural


def take(project: Project, files: Sequence[tuple[str, bytes]]) -> list[Saying]:
    """Keep the files that hold results; what to say about them all."""
    taken: list[str] = []
    sayings: list[Saying] = []
    for name, content in sorted(files, key=lambda file: natural(file[0])):
        shown = Path(name.replace("\\", "/")).name
        problems = _problems(shown, content)
        if problems:
            sayings.append(Saying("erreur", f"« {shown} » n’a pas été gardé.", problems))
            continue
        path = project.keep(name, content)
        taken.append(path.name)
    if taken:
        received = f"{plural(len(taken), 'fichier reçu', 'fichiers reçus')}."
        sayings.insert(0, Saying("bon", received))
    return sayings


def _problems(name: str, content: bytes) -> tuple[str, ...]:
    """Why a file can't be used at all."""
    suffix = Path(name).suffix.lower()
    if suffix not in DATA_SUFFIXES:
        return (
            f"Ce n’est pas un fichier de résultats ({suffix or 'sans extension'}). Déposez les "
            "fichiers .csv téléchargés depuis Pix Orga, ou un classeur .xlsx ou .ods.",
        )
    with tempfile.TemporaryDirectory(prefix="pix-mailmerge-") as folder:
        path = Path(folder, f"envoi{suffix}")
        path.write_bytes(content)
        reading = read_file(path)
    if reading.files:
        return ()
    return tuple(text.replace(path.name, name) for text in messages(reading.errors))
