"""Files that people send: looked at first, kept only when something in them can be read."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from mailmerge.errors import PixMailmergeError
from mailmerge.results.reading import DATA_SUFFIXES, read_file
from mailmerge.results.roster import is_roster, read_roster
from mailmerge.results.table import natural
from mailmerge.web import schoolfile
from mailmerge.web.project import Project
from mailmerge.web.rendering import Saying, messages, plural

ROSTER_SUFFIXES = frozenset({".xml", ".zip"})
SUFFIXES = DATA_SUFFIXES | ROSTER_SUFFIXES


def take(project: Project, files: Sequence[tuple[str, bytes]]) -> list[Saying]:
    """Keep the files that hold results, and the school's list of pupils; what to say of them."""
    received = 0
    sayings: list[Saying] = []
    for name, content in sorted(files, key=lambda file: natural(file[0])):
        shown = Path(name.replace("\\", "/")).name
        try:
            pupils, problems = _look(shown, content)
        except PixMailmergeError as error:
            pupils, problems = 0, (error.message,)
        if problems:
            sayings.append(Saying("erreur", f"« {shown} » n’a pas été gardé.", problems))
        elif pupils:
            sayings.append(_listed(project, name, content, pupils))
        else:
            project.keep(name, content)
            received += 1
    if received:
        title = f"{plural(received, 'fichier reçu', 'fichiers reçus')}."
        sayings.insert(0, Saying("bon", title))
    return sayings


def _look(name: str, content: bytes) -> tuple[int, tuple[str, ...]]:
    """How many pupils a list has (0: it is a file of results), and why a file can't be used.

    Raises:
        InputError: a list of pupils that can't be read.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        said = (
            f"Ce n’est pas un fichier de résultats ({suffix or 'sans extension'}). Déposez les "
            "fichiers .csv téléchargés depuis Pix Orga, ou un classeur .xlsx ou .ods."
        )
        return 0, (said,)
    with tempfile.TemporaryDirectory(prefix="pix-mailmerge-") as folder:
        path = Path(folder, f"envoi{suffix}")
        path.write_bytes(content)
        reading = read_file(path)
        if reading.files:
            return 0, ()
        if suffix in ROSTER_SUFFIXES or is_roster(path):
            return len(read_roster(path).pupils), ()
    return 0, tuple(text.replace(path.name, name) for text in messages(reading.errors))


def _listed(project: Project, name: str, content: bytes, pupils: int) -> Saying:
    """The list is told in the settings, where every command finds it."""
    path = project.keep(name, content)
    changed = schoolfile.changed(project.settings, {"liste": path.name})
    project.write(project.settings, changed)
    return Saying("bon", f"Liste d’élèves reçue : {plural(pupils, 'élève')}.")
