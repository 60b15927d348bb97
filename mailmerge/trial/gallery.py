"""The templates that come with the program, and a copy of one to make one's own."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from mailmerge.errors import OutputError, UsageError
from mailmerge.template.taglist import to_docx
from mailmerge.text import fold

TAG_LIST = "Balises du modèle.docx"


def templates(folder: Path) -> dict[str, Path]:
    """Name → file of every template in ``folder``."""
    return {path.stem: path for path in sorted(folder.glob("*.docx")) if path.name[0] not in "~."}


def new_template(
    folder: Path, name: str, target: Path, headers: Iterable[str] = (), *, force: bool = False
) -> list[Path]:
    """Copy the template called ``name`` to ``target``, with the list of all tags beside it.

    Args:
        folder: the gallery.
        target: the copy; a folder keeps the template's own name.
        headers: the table's columns, for the list of tags.
        force: replace files that are there already.

    Returns the files written; a list of tags that is there already stays, unless ``force``.

    Raises:
        UsageError: no such template; the message lists those there are.
        OutputError: ``target`` exists or can't be written.
    """
    source = _find(folder, name)
    if target.is_dir():
        target = target / source.name
    elif target.suffix.lower() != ".docx":
        target = target.with_name(f"{target.name}.docx")
    if target.exists() and not force:
        raise OutputError(
            f"« {target} » existe déjà et n’a pas été touché. Choisissez un autre nom, ou ajoutez "
            "--force pour le remplacer.",
            source=target.name,
        )
    tags = target.with_name(TAG_LIST)
    files = {target: source.read_bytes()}
    if force or not tags.exists():
        files[tags] = to_docx(headers)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            path.write_bytes(content)
    except OSError as error:
        raise OutputError(
            f"Impossible d’écrire « {target} » : {error.strerror or error}. Le fichier est-il "
            "ouvert dans Word ?",
            source=target.name,
        ) from error
    return list(files)


def _find(folder: Path, name: str) -> Path:
    known = templates(folder)
    by_fold = {fold(stem): path for stem, path in known.items()}
    wanted = fold(name.removesuffix(".docx"))
    if wanted in by_fold:
        return by_fold[wanted]
    near = get_close_matches(wanted, by_fold, n=1)
    hint = f" Vouliez-vous dire « {by_fold[near[0]].stem} » ?" if near else ""
    raise UsageError(
        f"Aucun modèle ne s’appelle « {name} ».{hint} Modèles fournis : {', '.join(known)}."
    )
