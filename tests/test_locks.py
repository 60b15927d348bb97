"""The locks: whole, for every system, checked by hash, naming no host."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pinned(lock: str) -> dict[str, set[str]]:
    """Each package's locked versions (a package may have one per version of Python)."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / lock).read_text(), re.M):
        versions.setdefault(name, set()).add(version)
    return versions


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in requirements}  # type: ignore[index]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_and_has_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=[a-z])", (ROOT / lock).read_text().strip())
    assert len(entries) > 10
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+==", entry)
        assert "--hash=sha256:" in entry


@pytest.mark.parametrize("lock", LOCKS)
def test_no_host_is_named(lock: str) -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted", (ROOT / lock).read_text())


def test_the_locks_hold_what_pyproject_asks_for_and_were_not_forgotten() -> None:
    assert names(PROJECT["project"]["dependencies"]) <= set(pinned("requirements.lock"))
    assert names(PROJECT["dependency-groups"]["dev"]) <= set(pinned("requirements-dev.lock"))


def test_the_tests_run_on_the_very_versions_that_schools_get() -> None:
    developers = pinned("requirements-dev.lock")
    for name, versions in pinned("requirements.lock").items():
        assert developers.get(name) == versions
