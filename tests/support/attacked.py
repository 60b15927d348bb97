"""The program under attack, as a person starts it: bounded, watched, and looked at afterwards."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from dataclasses import dataclass

from support.school import PROJECT, School, pages

MOST_MEMORY = 450  # megabytes, of the program and of each program that it starts
_ADDRESS_SPACE = 6 * 2**30  # what a converter and numpy reserve, and no bomb
_SECONDS = 60
_PEAK = ".memoire"  # in the folder for temporary files: kilobytes

# The program tells its own peak: what the system says of a child begins with its parent's memory.
_LIMITED = f"""
import atexit, os, re, resource, runpy, sys

def tell(main=os.getpid()):
    if os.getpid() == main:
        own = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
        started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        open(os.path.join(os.environ["TMPDIR"], {_PEAK!r}), "w").write(str(max(own, started)))

atexit.register(tell)
resource.setrlimit(resource.RLIMIT_AS, ({_ADDRESS_SPACE}, {_ADDRESS_SPACE}))
sys.argv[0] = "mailmerge"
runpy.run_module("mailmerge", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class Outcome:
    """What a command said, its exit code, and its peak of memory in megabytes."""

    code: int
    stdout: str
    stderr: str
    memory: int

    @property
    def said(self) -> str:
        """All of it, with plain spaces."""
        return " ".join((self.stdout + self.stderr).split())


def attacked(school: School, *arguments: str) -> Outcome:
    """Run a command; the attack may end it with an error of ours, and in no other way.

    Nothing outside the output folder has changed then, nothing is left in the folder for temporary
    files, there is no traceback, memory and time are bounded.
    """
    temporary = school.root.parent / "temporaire"
    temporary.mkdir(exist_ok=True)
    before = _outside(school)
    process = subprocess.Popen(
        [sys.executable, "-c", _LIMITED, *arguments],
        cwd=school.root,
        env={
            "PYTHONPATH": str(PROJECT),
            "PATH": "/usr/bin:/bin",
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    watch = threading.Timer(_SECONDS, process.kill)
    watch.start()
    errors: list[bytes] = []
    assert process.stdout is not None
    assert process.stderr is not None
    reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
    reader.start()
    out = process.stdout.read()
    process.wait()
    watch.cancel()
    reader.join()
    peak = temporary / _PEAK
    memory = int(peak.read_text()) // 1024 if peak.exists() else 0
    outcome = Outcome(process.returncode, out.decode(), errors[0].decode(), memory)
    assert outcome.code in range(10), outcome
    assert outcome.code != 1, outcome  # a bug of ours
    assert "Traceback" not in outcome.said
    assert 0 < outcome.memory < MOST_MEMORY, outcome.memory
    peak.unlink()
    assert _outside(school) == before
    return outcome


def _outside(school: School) -> dict[str, str]:
    """Every file around the school and in it, but what it may write, with its content's hash."""
    around = school.root.parent
    files = (path for path in around.rglob("*") if path.is_file() or path.is_symlink())
    kept = {
        path.relative_to(around).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if not path.is_relative_to(school.output)
    }
    # Programs keep settings and font lists at home; those are no documents.
    return {name: digest for name, digest in kept.items() if not name.startswith("temporaire/.")}


def printed(school: School) -> str:
    """The text of all pupils' PDFs."""
    return " ".join(text for pdf in sorted(school.output.rglob("*/*.pdf")) for text in pages(pdf))
