"""This computer's hands: one worker process per core for many pupils, a thread for a few."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from mailmerge import engines
from mailmerge.errors import EngineError
from mailmerge.making.crew import Hands
from mailmerge.making.issuing import (
    ClassJob,
    IssuedClass,
    OpenWorkshop,
    Workshop,
    cannot_write,
    failed,
)

# Below so many pupils processes cost more than they save: measured on two cores, 180. With more
# cores it should be fewer, which could not be measured.
_WORTH_A_POOL = 120
_LOOK = 0.1  # seconds

_workshop: OpenWorkshop | None = None


@contextmanager
def own_hands(workshop: Workshop, jobs: Sequence[ClassJob], folder: Path) -> Iterator[Hands]:
    """The hands for these classes; they rest when the block ends, also in the middle of one.

    Raises:
        OutputError: ``folder`` can't be written to.
    """
    pupils = sum(len(job.sheets) for job in jobs)
    workers = min(len(jobs), os.cpu_count() or 1)
    hands = (
        _Thread(workshop)
        if workers < 2 or pupils < _WORTH_A_POOL
        else _Processes(workshop, folder, workers)
    )
    try:
        yield hands
    except BaseException:
        hands.drop()
        raise
    hands.rest()


class _Thread:
    """A thread beside the one that reads, writes and delivers."""

    ahead = 2  # the next class is made while one is delivered

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._opened: OpenWorkshop | None = None
        self._executor = ThreadPoolExecutor(1, "classes")
        self._given: set[Future[IssuedClass]] = set()

    def give(self, job: ClassJob, folder: Path) -> Future[IssuedClass]:
        given = self._executor.submit(self._issue, job, folder)
        self._given.add(given)
        return given

    def take(
        self,
        done: Future[IssuedClass],
        job: ClassJob,  # noqa: ARG002 - other hands need it
        folder: Path,  # noqa: ARG002
    ) -> IssuedClass:
        self._given.discard(done)
        return done.result()

    def rest(self) -> None:
        self._executor.shutdown()

    def drop(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
        # `wait` never takes a class that was not begun for done.
        begun = [given for given in self._given if not given.cancelled()]
        while wait(begun, _LOOK).not_done:
            engines.stop_all()  # again and again: a class may try a second engine

    def _issue(self, job: ClassJob, folder: Path) -> IssuedClass:
        self._opened = self._opened or self._workshop.open(cores=os.cpu_count() or 1)
        return self._opened.issue(job, folder)


class _Processes:
    """Worker processes, each with its own engines."""

    def __init__(self, workshop: Workshop, folder: Path, workers: int) -> None:
        self._kept = folder / "atelier"
        try:
            self._kept.write_bytes(pickle.dumps(workshop))
        except OSError as error:
            raise cannot_write("le travail en cours", error) from error
        self._workers = workers
        self._pool = _pool(self._kept, workers)
        self.ahead = 2 * workers

    def give(self, job: ClassJob, folder: Path) -> Future[IssuedClass]:
        try:
            return self._pool.submit(_issue, job, folder)
        except BrokenProcessPool:  # one worker was killed, the others with it
            self._pool = _pool(self._kept, self._workers)
            return self._pool.submit(_issue, job, folder)

    def take(self, done: Future[IssuedClass], job: ClassJob, folder: Path) -> IssuedClass:
        try:
            return done.result()
        except BrokenProcessPool:
            return self._alone(job, folder)

    def rest(self) -> None:
        self._pool.shutdown()

    def drop(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _alone(self, job: ClassJob, folder: Path) -> IssuedClass:
        """Once more, a class whose worker was killed (no memory left?) or stood beside one."""
        with _pool(self._kept, 1) as pool:
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
