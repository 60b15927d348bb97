"""Worker processes that are killed (no memory left): retried once alone, then named."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from support.school import School, school_in
from support.standins import people

from mailmerge.errors import ExitCode
from mailmerge.making import pool
from mailmerge.making.issuing import IssuedClass

_REAL = pool._issue
_MARK = "PIX_TEST_KILL"


def _kill_at_poison(job, folder: Path) -> IssuedClass:
    """In the worker: die at the class of Poison, the first time or every time."""
    once = Path(os.environ[_MARK])
    if any(sheet.name.startswith("Poison") for sheet in job.sheets) and not once.exists():
        if once.suffix == ".once":
            once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return _REAL(job, folder)


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> School:
    monkeypatch.setattr(pool, "_WORTH_A_POOL", 2)
    monkeypatch.setattr(pool.multiprocessing, "get_context", lambda _: _FORK)
    monkeypatch.setattr(pool, "_issue", _kill_at_poison)
    school = school_in(tmp_path / "school")
    for rank in range(4):
        name = "Poison" if rank == 2 else "Sain"
        school.add_class(f"3-{rank}", people(1_000_000 + 10 * rank, [name, f"Autre{rank}"]))
    return school


# Forked workers see this test's own functions; the program itself starts fresh ones.
_FORK = pool.multiprocessing.get_context("fork")


def test_a_killed_worker_costs_nothing_when_the_second_try_goes_well(school, tmp_path, monkeypatch):
    monkeypatch.setenv(_MARK, str(tmp_path / "mark.once"))
    report = school.run()
    assert (report.exit_code, report.printed) == (ExitCode.OK, 8)


def test_a_class_that_kills_its_worker_twice_is_named_and_the_others_are_delivered(
    school, tmp_path, monkeypatch
):
    monkeypatch.setenv(_MARK, str(tmp_path / "mark.always"))
    report = school.run()
    assert report.exit_code == ExitCode.PARTIAL
    (error,) = report.erreurs
    assert "3-2" in error.message
    assert report.printed == 6
