"""A bug of ours: said kindly, and kept for an engineer in a file that holds no pupil's data."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

from mailmerge import __version__
from mailmerge.text import typeset


def record(error: Exception) -> str:
    """Write where ``error`` came from (never what it says), and give the message for people."""
    place = Path(tempfile.gettempdir()) / "pix-mailmerge-erreur.txt"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    text = "\n".join([f"pix-mailmerge {__version__}", *lines, type(error).__name__])
    place.write_text(text, encoding="utf-8")
    return typeset(
        "Erreur inattendue du programme ; vos fichiers n’y sont pour rien. Ce qui était déjà "
        f"produit est intact. Pour nous aider à la corriger, envoyez le fichier « {place} » "
        "(il ne contient aucune donnée d’élève)."
    )
