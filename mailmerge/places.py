"""Where the project's own files are; it runs from its folder, as it comes."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TEMPLATES = PROJECT / "templates"
DEFAULT_TEMPLATE = TEMPLATES / "attestation.docx"
CLASS_LIST = TEMPLATES / "liste-de-classe.docx"
