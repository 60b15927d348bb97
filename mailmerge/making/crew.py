"""Classes given out to those who make them, a few ahead, and taken back as each is finished."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import Any, Protocol

from mailmerge.making.issuing import ClassJob, IssuedClass


class Hands(Protocol):
    """Those who make classes: a thread, processes of this computer, a cluster.

    Attributes:
        ahead: how many classes they hold at once; enough that nobody waits for the next one.
    """

    @property
    def ahead(self) -> int: ...  # noqa: D102 - the class says it

    def give(self, job: ClassJob, folder: Path) -> Future[Any]:
        """Begin a class, whose files come to ``folder``."""
        ...

    def take(self, done: Future[Any], job: ClassJob, folder: Path) -> IssuedClass:
        """What became of a class; what went wrong is in the result."""
        ...


class Crew:
    """Hands at work on some classes; they begin at once.

    Args:
        hands: those who do the work.
        jobs: the classes.
        folder: receives a folder of files for each class.
    """

    def __init__(self, hands: Hands, jobs: Sequence[ClassJob], folder: Path) -> None:
        self._hands, self._jobs, self._folder = hands, jobs, folder
        # The longest first, so that nobody waits for a late large class.
        self._waiting = deque(sorted(range(len(jobs)), key=lambda rank: -len(jobs[rank].sheets)))
        self._running: dict[Future[Any], int] = {}
        self._give()

    def finished(self) -> Iterator[IssuedClass]:
        """Each class as soon as it is finished.

        Its files are removed when the next one is asked for: deliver them at once.
        """
        while self._running:
            for done in wait(self._running, return_when=FIRST_COMPLETED).done:
                rank = self._running.pop(done)
                place = self._place(rank)
                issued = self._hands.take(done, self._jobs[rank], place)
                self._give()
                yield issued
                shutil.rmtree(place, ignore_errors=True)

    def _give(self) -> None:
        while self._waiting and len(self._running) < self._hands.ahead:
            rank = self._waiting.popleft()
            self._running[self._hands.give(self._jobs[rank], self._place(rank))] = rank

    def _place(self, rank: int) -> Path:
        return self._folder / str(rank)
