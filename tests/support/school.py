"""A school on disk for whole runs, and what a person would look at afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2

from mailmerge import pipeline
from mailmerge.report import Report
from mailmerge.request import Request
from support.pix_exports import Certification, write_export

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATES = PROJECT / "templates"
SETTINGS = """
[etablissement]
nom = "Collège des Tilleuls"
ville = "Saint-Martin-des-Prés"
academie = "Académie de Valmont"
[chef]
nom = "Claire Duval"
titre = "Principale"
[edition]
date = "26/06/2026"
"""


@dataclass(frozen=True)
class School:
    """A project folder with ``data/`` and ``output/``."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def output(self) -> Path:
        return self.root / "output"

    def add_class(
        self, division: str, records: Sequence[Certification], layout: str = "L3"
    ) -> Path:
        return write_export(self.data / f"20260615_resultats_{division}.csv", layout, records)

    def request(self, **options: Any) -> Request:
        defaults: dict[str, Any] = {
            "sources": (self.data,),
            "output": self.output,
            "template": TEMPLATES / "attestation.docx",
            "engine": "embedded",
        }
        return Request(**{**defaults, **options})

    def run(self, **options: Any) -> Report:
        return pipeline.run(self.request(**options))

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The program as a person starts it, from the project folder."""
        return subprocess.run(
            [sys.executable, "-m", "mailmerge", *arguments],
            cwd=self.root,
            env={"PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin", "HOME": str(self.root)},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def files(self) -> set[str]:
        """Every file a person sees in the output folder."""
        paths = (path for path in self.output.rglob("*") if path.is_file())
        shown = (path.relative_to(self.output) for path in paths)
        return {path.as_posix() for path in shown if not path.parts[0].startswith(".")}

    def rapport(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.output / "rapport.json").read_text("utf-8"))
        return document

    def table(self) -> list[list[Any]]:
        """The cells of « Résultats Pix.xlsx »."""
        book = openpyxl.load_workbook(self.output / "Résultats Pix.xlsx")
        return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def school_in(folder: Path) -> School:
    """A school with its settings and no results yet."""
    school = School(folder)
    school.data.mkdir(parents=True)
    (school.data / "etablissement.toml").write_text(SETTINGS, encoding="utf-8")
    return school


def pages(pdf: Path) -> list[str]:
    """The text of each page, in the form that people compare (NFKC, single spaces)."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return [" ".join(unicodedata.normalize("NFKC", text).split()) for text in texts]


def outline(pdf: Path) -> list[str]:
    """The titles of a PDF's outline."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [item.get_title() for item in document.get_toc()]
