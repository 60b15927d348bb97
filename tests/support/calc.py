"""Files as LibreOffice's spreadsheets save them, for tests that are skipped where it has none."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mailmerge.engines import libreoffice


def _has_calc() -> bool:
    """Whether LibreOffice is here with its spreadsheets, which Debian packs apart."""
    office = libreoffice.find()
    return office is not None and any(office.resolve().parents[1].rglob("*sclo.*"))


def calc(test: object) -> object:
    """Marks a test that needs LibreOffice's spreadsheets."""
    missing = pytest.mark.skipif(not _has_calc(), reason="LibreOffice Calc is not here")
    return pytest.mark.libreoffice(missing(test))


def saved(source: Path, ending: str, folder: Path, *options: str) -> Path:
    """The file, opened and saved again in another form."""
    office = libreoffice.find()
    assert office is not None
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [
            office,
            "--headless",
            profile,
            *options,
            "--convert-to",
            ending,
            "--outdir",
            folder,
            source,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder / f"{source.stem}.{ending}"
