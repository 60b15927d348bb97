"""A run that is stopped ends at once, whatever was still waiting."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Any

from mailmerge.making import pool


class SlowWorkshop:
    """Stands in for the compiled template and its engine."""

    def __init__(self) -> None:
        self.begun = threading.Event()

    def open(self, **_: Any) -> SlowWorkshop:
        return self

    def issue(self, *_: Any) -> None:
        self.begun.set()
        threading.Event().wait(0.3)


def test_hands_that_are_dropped_do_not_wait_for_a_class_that_was_not_begun(tmp_path: Path) -> None:
    workshop: Any = SlowWorkshop()

    def stop_in_the_middle() -> None:
        with (
            contextlib.suppress(ZeroDivisionError),
            pool.own_hands(workshop, [], tmp_path) as hands,
        ):
            for job in ("at work", "waiting"):
                hands.give(job, tmp_path)  # type: ignore[arg-type]
            workshop.begun.wait(10)
            _ = 1 / 0

    run = threading.Thread(target=stop_in_the_middle, daemon=True)
    run.start()
    run.join(20)
    assert not run.is_alive()
