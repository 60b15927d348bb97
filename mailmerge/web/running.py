"""One run at a time, in the background, followed and stopped from the page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from mailmerge import incident
from mailmerge.errors import PixMailmergeError
from mailmerge.report import Report
from mailmerge.request import Watcher
from mailmerge.text import typeset

Work: TypeAlias = Callable[[Watcher], Report]


class StoppedError(Exception):
    """Somebody pressed the stop button; raised between two steps, where every file is whole."""


@dataclass(frozen=True)
class Progress:
    """Where the run is.

    Attributes:
        number: how many runs there were; 0 before the first.
        stage, done, total: the stage at work and its steps.
        running: whether it goes on.
        stopping: whether it was asked to stop.
        stopped: whether it ended by that.
        error: French, why nothing could be done; "" otherwise.
        report: what it did, once it has ended by itself.
        version: grows with every change.
    """

    number: int = 0
    stage: str = ""
    done: int = 0
    total: int = 0
    running: bool = False
    stopping: bool = False
    stopped: bool = False
    error: str = ""
    report: Report | None = None
    version: int = 0


class Runner:
    """The one run of the page; a `Watcher` of it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._progress = Progress()
        self._thread: threading.Thread | None = None

    @property
    def progress(self) -> Progress:
        """Where the run is now."""
        return self._progress

    def start(self, work: Work) -> bool:
        """Begin ``work`` in the background; False when another run is still at it."""
        with self._changed:
            if self._progress.running:
                return False
            before = self._progress
            self._progress = Progress(
                number=before.number + 1,
                stage=typeset("Préparation"),
                running=True,
                version=before.version + 1,
            )
            self._changed.notify_all()
            self._thread = threading.Thread(target=self._run, args=(work,), name="run")
            self._thread.start()
            return True

    def stop(self) -> None:
        """Ask the run to end after the step it is at."""
        with self._changed:
            if self._progress.running:
                self._set(stopping=True)

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the end of the run."""
        if self._thread is not None:
            self._thread.join(timeout)

    def wait_for_change(self, version: int, timeout: float) -> Progress:
        """The progress as soon as it is another than ``version``, or after ``timeout`` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._progress.version != version, timeout)
            return self._progress

    def stage(self, label: str, total: int) -> None:
        """A stage begins (`Watcher`)."""
        with self._changed:
            self._set(stage=label, done=0, total=total)
        self._leave_if_asked()

    def advance(self, steps: int = 1) -> None:
        """Some steps are done (`Watcher`)."""
        with self._changed:
            self._set(done=self._progress.done + steps)
        self._leave_if_asked()

    def _leave_if_asked(self) -> None:
        if self._progress.stopping and self._progress.done < self._progress.total:
            raise StoppedError

    def _run(self, work: Work) -> None:
        try:
            report = work(self)
        except StoppedError:
            self._end(stopped=True)
        except PixMailmergeError as error:
            self._end(error=error.message)
        except Exception as error:  # the last net of this thread
            self._end(error=incident.record(error))
        else:
            self._end(report=report)

    def _end(self, **news: object) -> None:
        with self._changed:
            self._set(running=False, **news)

    def _set(self, **news: object) -> None:
        fresh = {**news, "version": self._progress.version + 1}
        self._progress = replace(self._progress, **fresh)  # type: ignore[arg-type]
        self._changed.notify_all()
