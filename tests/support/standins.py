"""Stand-ins and real faults for whole runs."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pikepdf

from support.pix_exports import Certification, certification


def soffice(folder: Path, code: str) -> Path:
    """A program in LibreOffice's place that runs ``code`` first, then converts by dxpdf.

    ``code`` may use ``text`` (the document's XML), ``out`` (the PDF to write), ``count`` (how many
    conversions there were before) and ``good`` (converts).
    """
    program = folder / "soffice"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, pathlib, signal, subprocess, sys, time, zipfile\n"
        "out = pathlib.Path(sys.argv[sys.argv.index('--outdir') + 1], 'document.pdf')\n"
        "text = zipfile.ZipFile(sys.argv[-1]).read('word/document.xml').decode()\n"
        f"log = pathlib.Path({str(folder / 'calls')!r})\n"
        "count = log.stat().st_size if log.exists() else 0\n"
        "log.open('a').write('x')\n"
        "def good():\n"
        "    import dxpdf\n"
        "    dxpdf.convert_file(sys.argv[-1], str(out))\n"
        f"{code}\n"
        "good()\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


def people(first: int, names: Sequence[str]) -> list[Certification]:
    return [
        certification(numero=f"{first + rank:07}", identifiant=f"{first + rank}", nom=name)
        for rank, name in enumerate(names)
    ]


@contextlib.contextmanager
def small_disk(folder: Path, size: str, *, read_only: bool = False) -> Iterator[Path]:
    """A real disk of this size, or OSError where mounting is not allowed."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise OSError(done.stderr.decode())
    try:
        if read_only:
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def broken_pdfs(output: Path) -> list[str]:
    """The delivered PDFs that do not open as they are."""
    broken = []
    for path in output.rglob("*.pdf"):
        if ".pix-mailmerge" in path.parts:
            continue
        try:
            with pikepdf.open(path, attempt_recovery=False) as document:
                assert len(document.pages)
        except (pikepdf.PdfError, AssertionError):
            broken.append(path.name)
    return broken
