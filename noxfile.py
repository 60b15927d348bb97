"""The words people expect: `nox` (lint, types, imports, tests), `nox -s lock`, `nox -s bench` …

Every session works in one environment each, installed from requirements-dev.lock.
"""

from __future__ import annotations

import nox

nox.options.sessions = ["lint", "types", "imports", "tests"]
nox.options.reuse_existing_virtualenvs = True

# One lock for Windows, macOS and Linux, from Python 3.11 on; wheels only, hashes, no host named.
COMPILE = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version=3.11"),
    *("--generate-hashes", "--only-binary=:all:"),
    *("--no-emit-index-url", "--no-header", "--no-annotate"),
)


def _install(session: nox.Session) -> None:
    session.install("--require-hashes", "--only-binary", ":all:", "-r", "requirements-dev.lock")


@nox.session
def lint(session: nox.Session) -> None:
    """Style and formatting."""
    _install(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(name="format")
def format_(session: nox.Session) -> None:
    """Put the code in form."""
    _install(session)
    session.run("ruff", "check", "--fix", ".")
    session.run("ruff", "format", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Type checks, strict."""
    _install(session)
    session.run("mypy")


@nox.session
def imports(session: nox.Session) -> None:
    """The one-way imports of the architecture."""
    _install(session)
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests; `nox -s tests -- -k launcher` picks some."""
    _install(session)
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Lock the dependencies again; `nox -s lock -- --upgrade` takes their newest versions."""
    session.install("uv")
    more = session.posargs
    session.run(*COMPILE, *more, "pyproject.toml", "-o", "requirements.lock")
    session.run(
        *COMPILE, *more, "--group=dev", "--constraints=requirements.lock",
        "pyproject.toml", "-o", "requirements-dev.lock",
    )  # fmt: skip


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks, side by side in one run."""
    _install(session)
    session.run("python", "benchmarks/run.py", *session.posargs)
