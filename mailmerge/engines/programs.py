"""Running another program so that it can neither hang, nor linger, nor flood us.

The program gets its own process group; whatever happens (it ends, it fails, its time is over, we
are interrupted) nothing of that group is left running afterwards.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TypeAlias

from mailmerge.engines import guardian
from mailmerge.errors import EngineError

OUTPUT_KEPT = 64 * 1024  # bytes of a program's last words
LINES_KEPT = 20
_LOOK = 0.5  # seconds between two looks at a program whose output is still open
_READER_GRACE = 5.0  # seconds to drain the pipe of a program that has ended

Stayer: TypeAlias = subprocess.Popen[bytes]

_running: set[subprocess.Popen[bytes]] = set()
_lock = threading.Lock()


class ProgramError(EngineError):
    """A program could not be started, failed or was stopped.

    Attributes:
        details: its last lines of output, for the report rather than the screen.
        timed_out: it was stopped because its time was over.
    """

    def __init__(self, message: str, details: Sequence[str] = (), *, timed_out: bool = False):
        super().__init__(message)
        self.details = tuple(details)
        self.timed_out = timed_out


def run(
    command: Sequence[str | Path],
    *,
    label: str,
    timeout: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run ``command`` to its end and return the last of what it printed.

    ``label`` is what messages call the program; ``timeout`` is in seconds; ``env`` adds to the
    cleaned environment. Standard input is closed, standard output and error are read as one.

    Raises:
        ProgramError: not found, exit code other than 0, or out of time.
    """
    try:
        process = _start(command, cwd, env)
    except OSError as error:
        raise ProgramError(
            f"{label} n’a pas pu être lancé ({error.strerror or error}). "
            "Réinstallez-le ou choisissez un autre moteur.",
        ) from error
    tail = _Tail(process)
    deadline = time.monotonic() + timeout
    try:
        # Its output ends when it does; waiting for that is instant where wait() looks now and then.
        tail.wait(timeout)
        code = process.wait(max(0.05, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        _kill_group(process)
        raise ProgramError(
            f"{label} n’a pas terminé en {timeout:.0f} s et a été arrêté. "
            "Relancez, ou choisissez un autre moteur.",
            tail.lines(),
            timed_out=True,
        ) from None
    finally:
        # Also on success and on Ctrl-C: a program may leave children behind.
        _kill_group(process)
        with _lock:
            _running.discard(process)
    if code != 0:
        how = (
            f"s’est arrêté brutalement (signal {-code})" if code < 0 else f"a échoué (code {code})"
        )
        raise ProgramError(f"{label} {how}.", tail.lines())
    return "\n".join(tail.lines())


def stay(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Stayer:
    """Start a program that stays until `end` is called with it, `stop_all`, or our own end.

    For systems with process groups; what it prints is lost.

    Raises:
        OSError: it could not be started.
    """
    guarded = [sys.executable, "-I", "-S", guardian.__file__, *map(str, command)]
    with _lock:
        process = subprocess.Popen(
            guarded,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(env),
            start_new_session=True,
        )
        _running.add(process)
    return process


def end(process: Stayer) -> None:
    """End a program that `stay` started, with its children."""
    _kill_group(process)
    with _lock:
        _running.discard(process)
    if process.stdin is not None:
        process.stdin.close()


def stop_all() -> None:
    """End every program started here; threads that wait in ``run`` get a ``ProgramError``."""
    with _lock:
        processes = tuple(_running)
    for process in processes:
        _kill_group(process)


def show_folder(folder: Path) -> bool:
    """Open ``folder`` in the desktop's file manager, without waiting; False where there is none."""
    if sys.platform == "win32":
        os.startfile(folder)  # noqa: S606 - a folder of ours
        return True
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    seen = sys.platform == "darwin" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    if opener is None or not seen:
        return False
    quiet = subprocess.DEVNULL
    subprocess.Popen(
        [opener, str(folder)], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    return True


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our environment without what would make another program load our Python."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("PYTHON", "__PYVENV", "VIRTUAL_ENV", "CONDA_"))
    }
    return kept | dict(extra or {})


def _start(
    command: Sequence[str | Path], cwd: Path | None, env: Mapping[str, str] | None
) -> subprocess.Popen[bytes]:
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    else:
        flags = 0
    with _lock:  # so that stop_all never misses a program that is just being born
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=environment(env),
            start_new_session=sys.platform != "win32",
            creationflags=flags,
        )
        _running.add(process)
    return process


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill ``process`` with its children; none left is no error."""
    if sys.platform == "win32":
        if process.poll() is None:
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)],
                check=False,
                capture_output=True,
                stdin=subprocess.DEVNULL,
            )
    else:
        # The group outlives its leader while a child lives, and its number is not given again.
        # macOS answers PermissionError where only a zombie is left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_READER_GRACE)


class _Tail:
    """The last ``OUTPUT_KEPT`` bytes of what a program prints, read while it runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101 - always a pipe, see _start
        self._process = process
        self._bytes = bytearray()
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            while chunk := os.read(pipe.fileno(), 8192):
                self._bytes += chunk
                del self._bytes[:-OUTPUT_KEPT]

    def wait(self, timeout: float) -> None:
        """Until the output ends, or the program (a child may hold its output), or its time."""
        deadline = time.monotonic() + timeout
        while self._reader.is_alive() and time.monotonic() < deadline:
            self._reader.join(min(_LOOK, max(0.0, deadline - time.monotonic())))
            if self._process.poll() is not None:
                return

    def lines(self) -> tuple[str, ...]:
        self._reader.join(_READER_GRACE)
        lines = bytes(self._bytes).decode("utf-8", "replace").splitlines()
        return tuple(line.strip() for line in lines if line.strip())[-LINES_KEPT:]
