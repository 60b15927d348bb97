"""A program may hang, fail, chatter or leave children: it never outlives its call."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailmerge.engines import guardian, programs
from mailmerge.engines.programs import ProgramError

fcntl = pytest.importorskip("fcntl", reason="the lock that tells a living child is POSIX's")

# A program with a child; both hold the lock on argv[1] for as long as they live.
FAMILY = """
import fcntl, os, subprocess, sys, time
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=[lock.fileno()])
print("prêt", flush=True)
if sys.argv[2] == "hang":
    time.sleep(60)
"""


def python(code: str, *arguments: object) -> list[str | Path]:
    return [sys.executable, "-c", code, *map(str, arguments)]


def run(command: list[str | Path], timeout: float = 20.0, **options: object) -> str:
    return programs.run(command, label="Essai", timeout=timeout, **options)  # type: ignore[arg-type]


def everyone_is_gone(lock: Path) -> bool:
    """Whether nobody holds the lock any more; a killed process needs a moment to let go."""
    deadline = time.monotonic() + 5
    with lock.open("a") as handle:
        while time.monotonic() < deadline:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                time.sleep(0.02)
            else:
                return True
    return False


def test_what_a_program_prints_on_both_outputs_comes_back() -> None:
    text = run(python("import sys; print('un'); sys.stdout.flush(); sys.stderr.write('déjà\\n')"))
    assert text.splitlines() == ["un", "déjà"]


def test_a_hanging_program_is_stopped_in_time_with_its_children(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with pytest.raises(ProgramError, match="Essai n’a pas terminé en 1 s") as caught:
        run(python(FAMILY, lock, "hang"), timeout=1)
    assert caught.value.timed_out
    assert caught.value.details == ("prêt",)
    assert everyone_is_gone(lock)


def test_children_left_behind_by_a_program_that_ended_well_are_stopped_too(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert run(python(FAMILY, lock, "end")) == "prêt"
    assert everyone_is_gone(lock)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C reaches these tests also where they run in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_stops_the_program_with_its_children(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run(python(FAMILY, lock, "hang"), timeout=30)
    timer.join()
    assert everyone_is_gone(lock)


def test_stop_all_ends_programs_that_other_threads_wait_for(tmp_path: Path) -> None:
    lock, caught = tmp_path / "lock", []

    def wait() -> None:
        try:
            run(python(FAMILY, lock, "hang"), timeout=30)
        except ProgramError as error:
            caught.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while not lock.exists():
        time.sleep(0.02)
    programs.stop_all()
    thread.join(10)
    assert len(caught) == 1
    assert everyone_is_gone(lock)


def test_a_failure_says_the_exit_code_and_keeps_the_last_lines_apart() -> None:
    code = "import sys; [print(f'ligne {i}') for i in range(100)]; sys.exit(3)"
    with pytest.raises(ProgramError) as caught:
        run(python(code))
    assert caught.value.message == "Essai a échoué (code 3)."
    assert len(caught.value.details) == programs.LINES_KEPT
    assert caught.value.details[-1] == "ligne 99"
    assert not caught.value.timed_out


def test_a_crash_says_the_signal() -> None:
    with pytest.raises(ProgramError, match=r"brutalement \(signal 6\)"):
        run(python("import os; os.abort()"))


def test_a_missing_program_says_what_to_do() -> None:
    with pytest.raises(ProgramError, match="Essai n’a pas pu être lancé"):
        run(["/nowhere/at-all"])


def test_a_chatterbox_does_not_fill_the_memory_nor_block() -> None:
    text = run(python("print('x' * 99); [print('y' * 99) for _ in range(50_000)]; print('fin')"))
    assert text.endswith("fin")
    assert len(text) < programs.OUTPUT_KEPT


def test_standard_input_is_closed() -> None:
    assert run(python("import sys; print(repr(sys.stdin.read()))")) == "''"


def test_no_python_variable_leaks_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("PYTHONHOME", "/somewhere")
    monkeypatch.setenv("ESSAI", "gardé")
    environment = programs.environment({"AJOUT": "1"})
    assert not [name for name in environment if name.startswith("PYTHON")]
    assert environment["ESSAI"] == "gardé"
    assert environment["AJOUT"] == "1"
    assert environment["PATH"] == os.environ["PATH"]


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")
def test_the_guardian_ends_as_its_program_did() -> None:
    command = [sys.executable, "-I", "-S", guardian.__file__, sys.executable, "-c", "exit(7)"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    assert process.wait(30) == 7
