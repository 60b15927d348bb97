"""Classes issued side by side, one worker process per core, each with its own engines."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from mailmerge import engines
from mailmerge.errors import EngineError
from mailmerge.making.issuing import (
    ClassJob,
    IssuedClass,
    OpenWorkshop,
    Workshop,
    cannot_write,
    failed,
)

# Below this many pupils a second process costs more than it saves.
_WORTH_A_POOL = 80

_workshop: OpenWorkshop | None = None


def issue_all(workshop: Workshop, jobs: Sequence[ClassJob], folder: Path) -> Iterator[IssuedClass]:
    """Issue every job in ``folder``, giving each class as soon as it is finished.

    The files of a class are removed when the next one is asked for: deliver them at once.
    """
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
    # The longest first, so that no core waits for a late large class.
    order = sorted(range(len(jobs)), key=lambda rank: -len(jobs[rank].sheets))
    kept = folder / "atelier"
    try:
        kept.write_bytes(pickle.dumps(workshop))
    except OSError as error:
        raise cannot_write("le travail en cours", error) from error
    pool = _pool(kept, workers)
    lost: list[int] = []
    with pool:
        try:
            futures = {pool.submit(_issue, jobs[rank], folder / str(rank)): rank for rank in order}
            for future in as_completed(futures):
                rank = futures.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    lost.append(rank)
                shutil.rmtree(folder / str(rank), ignore_errors=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for rank in lost:
        yield _alone(kept, jobs[rank], folder / str(rank))
        shutil.rmtree(folder / str(rank), ignore_errors=True)


def _alone(workshop: Path, job: ClassJob, folder: Path) -> IssuedClass:
    """Once more, a class whose worker was killed (no memory left?) or stood beside one that was."""
    with _pool(workshop, 1) as pool:
        try:
            return pool.submit(_issue, job, folder).result()
        except BrokenProcessPool:
            return failed(
                job,
                EngineError(
                    "le programme de conversion s’est arrêté brutalement, deux fois. Fermez "
                    "d’autres programmes (la mémoire manque peut-être), puis relancez."
                ),
            )


def _pool(workshop: Path, workers: int) -> ProcessPoolExecutor:
    # The workshop goes by a file: the start of a worker would wait until a pipe is read.
    # A fresh interpreter for each worker: the same on every system, no lock is inherited half-held.
    return ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_open,
        initargs=(workshop,),
    )


def _open(workshop: Path) -> None:
    global _workshop
    opened: Workshop = pickle.loads(workshop.read_bytes())  # noqa: S301 - our own, just written
    _workshop = opened.open()


def _issue(job: ClassJob, folder: Path) -> IssuedClass:
    assert _workshop is not None  # noqa: S101 - set by the initializer
    return _workshop.issue(job, folder)
