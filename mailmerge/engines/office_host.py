"""A LibreOffice that stays, so that a class needn't wait for its start.

It has a small document of its own open, without which it would end after each conversion. A
program started on the same profile hands its arguments over, waits until they are done, and ends;
so a conversion is asked for as of any LibreOffice. Tried with LibreOffice 7.4 on Linux.
"""

from __future__ import annotations

import shutil
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path

from mailmerge.engines import programs
from mailmerge.errors import EngineError

POSSIBLE = sys.platform == "linux"
_START = 15.0  # seconds; 2 are usual
_LOOK = 0.02  # seconds
_MOST = 50  # conversions; then a fresh one, whatever the old one has not let go of


class OfficeHost:
    """The LibreOffice that ``command`` starts on ``profile``.

    Args:
        command: the program and its options, without a document.
        profile: its folder, which nobody else uses; gone afterwards.
        env: added to the cleaned environment.

    Raises:
        EngineError: it did not start.
    """

    def __init__(
        self, command: Sequence[str | Path], profile: Path, env: Mapping[str, str] | None
    ) -> None:
        self.profile = profile
        self._left = _MOST
        document = profile / "attente.txt"
        try:
            document.touch()
            process = programs.stay([*command, document], env)
        except OSError as error:
            raise EngineError("LibreOffice n’a pas pu être lancé.") from error
        self._process = process
        self.end = weakref.finalize(self, _end, process, profile)
        # An open document has a lock file beside it; from then on conversions can be asked for.
        lock = profile / f".~lock.{document.name}#"
        deadline = time.monotonic() + _START
        while not lock.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                self.end()
                raise EngineError("LibreOffice ne répond pas.")
            time.sleep(_LOOK)

    def fresh(self) -> bool:
        """Whether it may stay for another conversion."""
        self._left -= 1
        return self._left > 0 and self._process.poll() is None


def _end(process: programs.Stayer, profile: Path) -> None:
    programs.end(process)
    shutil.rmtree(profile, ignore_errors=True)
