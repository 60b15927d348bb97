"""A program that ends with us: ``python guardian.py PROGRAM ARGUMENT…``, standard input a pipe.

It is started as a bare file with ``-I -S``, so it must not import ``mailmerge``. Our end of the
pipe closes when we die, however that happens; then the whole process group does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence


def main(command: Sequence[str]) -> int:
    """Run ``command`` until it ends or nobody holds the pipe any more; its exit code."""
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return program.wait()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # an ordinary end would abort on the thread that still reads
