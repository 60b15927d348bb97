"""Progress bars on the error stream, only for what lasts longer than a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

_A_MOMENT = 1.0  # seconds


@contextmanager
def progress(*, quiet: bool) -> Iterator[Bars]:
    """Bars for the length of a command; none when quiet or when nobody looks."""
    bars = Bars(visible=not quiet and sys.stderr.isatty())
    try:
        yield bars
    finally:
        bars.close()


class Bars:
    """A `Watcher` that draws."""

    def __init__(self, *, visible: bool) -> None:
        self._visible = visible
        self._bar: Any = None
        self._started = 0.0
        self._pending = 0
        self._label, self._total = "", 0

    def stage(self, label: str, total: int) -> None:
        """A stage of ``total`` steps begins."""
        self.close()
        self._label, self._total, self._pending = label, total, 0
        self._started = time.monotonic()

    def advance(self, steps: int = 1) -> None:
        """Some steps are done; the bar appears once the stage has lasted a moment."""
        self._pending += steps
        if not self._visible or time.monotonic() - self._started < _A_MOMENT:
            return
        if self._bar is None:
            self._bar = click.progressbar(
                length=self._total, label=self._label, file=sys.stderr, show_pos=True
            )
            self._bar.__enter__()
        self._bar.update(self._pending)
        self._pending = 0

    def close(self) -> None:
        """The stage has ended."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
