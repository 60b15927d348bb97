"""What an installed package needs is in it."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_file_beside_the_code_is_named_as_package_data() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["mailmerge"]
    package = ROOT / "mailmerge"
    files = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    assert "engines/fonts.conf" in files
    assert [f for f in files if not any(fnmatch(f, pattern) for pattern in patterns)] == []
