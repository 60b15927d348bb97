"""Whether anybody still has the page open, so that the program can end by itself."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

BEAT = 10  # seconds between two signs of life of a page; the script has it from here
_GRACE = 12  # seconds: the time to go from one page to the next, or to reload one
_SILENCE = 150  # seconds: browsers let hidden tabs speak once a minute
_JUMP = 30  # seconds without a look: the computer slept
_REMEMBERED = 200  # pages that were left


class Presence:
    """The tabs that are open, and when somebody last asked for something.

    Args:
        idle_minutes: end after so long without anybody; 0: never.
        clock: seconds, for tests.
    """

    def __init__(self, idle_minutes: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle = idle_minutes * 60
        self._clock = clock
        self._lock = threading.Lock()
        self._tabs: dict[str, float] = {}
        self._left: deque[str] = deque(maxlen=_REMEMBERED)
        self._had_tabs = False
        self._last = self._looked = clock()

    @property
    def met(self) -> bool:
        """Whether a tab was ever open."""
        return self._had_tabs

    def asked(self) -> None:
        """Somebody asked for something."""
        with self._lock:
            self._last = self._clock()

    def beat(self, tab: str) -> None:
        """A page is open in a tab.

        A page's last sign of life may arrive after its farewell, on another connection: it
        doesn't come back from there.
        """
        with self._lock:
            self._had_tabs = True
            if tab not in self._left:
                self._tabs[tab] = self._clock()

    def leave(self, tab: str) -> None:
        """A tab was closed, or goes to another page; that one has a name of its own."""
        with self._lock:
            self._had_tabs = True
            self._tabs.pop(tab, None)
            self._left.append(tab)
            self._last = self._clock()

    def is_over(self) -> bool:
        """Whether everybody has left; to be asked every few seconds."""
        with self._lock:
            now = self._clock()
            if now - self._looked > _JUMP:  # give the tabs of a computer that slept time to speak
                self._last = now
                self._tabs = dict.fromkeys(self._tabs, now)
            self._looked = now
            gone = [tab for tab, seen in self._tabs.items() if now - seen > _SILENCE]
            for tab in gone:
                del self._tabs[tab]
            if self._had_tabs and not self._tabs and now - self._last > _GRACE:
                return True
            return bool(self._idle) and now - self._last > self._idle
