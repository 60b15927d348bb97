"""Classes issued side by side, one worker process per core, each with its own engines."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from mailmerge import engines
from mailmerge.errors import EngineError
from mailmerge.issuing import ClassJob, IssuedClass, OpenWorkshop, Workshop

# Below this many pupils a second process costs more than it saves.
_WORTH_A_POOL = 80

_workshop: OpenWorkshop | None = None


def issue_all(workshop: Workshop, jobs: Sequence[ClassJob], folder: Path) -> Iterator[IssuedClass]:
    """Issue every job in ``folder``, giving each class as soon as it is finished."""
    pupils = sum(len(job.sheets) for job in jobs)
    workers = min(len(jobs), os.cpu_count() or 1)
    if workers < 2 or pupils < _WORTH_A_POOL:
        yield from _one_by_one(workshop, jobs, folder)
    else:
        yield from _side_by_side(workshop, jobs, folder, workers)


def _one_by_one(
    workshop: Workshop, jobs: Sequence[ClassJob], folder: Path
) -> Iterator[IssuedClass]:
    opened = workshop.open()
    try:
        for rank, job in enumerate(jobs):
            yield opened.issue(job, folder / str(rank))
            shutil.rmtree(folder / str(rank), ignore_errors=True)
    except BaseException:
        engines.stop_all()
        raise


def _side_by_side(
    workshop: Workshop, jobs: Sequence[ClassJob], folder: Path, workers: int
) -> Iterator[IssuedClass]:
    # The longest first, so that no core waits for a late large class. A fresh interpreter for
    # each worker: the same on every system, and no lock is inherited half-held.
    order = sorted(range(len(jobs)), key=lambda rank: -len(jobs[rank].sheets))
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_open,
        initargs=(workshop,),
    )
    with pool:
        try:
            futures = {pool.submit(_issue, jobs[rank], folder / str(rank)): rank for rank in order}
            for future in as_completed(futures):
                rank = futures[future]
                yield _result(future, jobs[rank])
                shutil.rmtree(folder / str(rank), ignore_errors=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _result(future: object, job: ClassJob) -> IssuedClass:
    try:
        return future.result()  # type: ignore[attr-defined, no-any-return]
    except BrokenProcessPool:
        error = EngineError(
            f"{job.title} : le programme de conversion s’est arrêté brutalement. Relancez ; si "
            "cela se reproduit, fermez d’autres programmes ou choisissez un autre moteur."
        )
        return IssuedClass(job, errors=(error.notice(),))


def _open(workshop: Workshop) -> None:
    global _workshop
    _workshop = workshop.open()


def _issue(job: ClassJob, folder: Path) -> IssuedClass:
    assert _workshop is not None  # noqa: S101 - set by the initializer
    return _workshop.issue(job, folder)
