"""One program's time and memory, its children included."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_PAUSE = 0.05  # seconds between two looks at the memory


@dataclass(frozen=True)
class Measure:
    """Wall time in seconds; memory in bytes, of all processes and of the largest one."""

    seconds: float
    total: int
    largest: int
    output: str


def measure(command: Sequence[str | Path], *, env: dict[str, str] | None = None) -> Measure:
    """Run ``command`` to its end.

    Memory is the resident set summed over the program and its descendants, so pages that two
    processes share count twice: an upper bound. Python keeps the bytecode that it compiles.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=_environment() | (env or {}),
    )
    peaks = _Peaks(process.pid)
    output, _ = process.communicate()
    seconds = time.perf_counter() - started
    peaks.stop()
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}:\n{output[-2000:]}")
    return Measure(seconds, peaks.total, peaks.largest, output)


def _environment() -> dict[str, str]:
    """Ours, less what a developer's machine may set and a school's does not."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


class _Peaks:
    def __init__(self, pid: int) -> None:
        self.total = self.largest = 0
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_PAUSE):
            sizes = list(_sizes(self._pid))
            self.total = max(self.total, sum(sizes))
            self.largest = max(self.largest, *sizes, 0)


def _sizes(pid: int) -> list[int]:
    sizes = []
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return sizes
    for process in family:
        try:
            sizes.append(process.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return sizes
