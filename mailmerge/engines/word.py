"""Microsoft Word through docx2pdf, on Windows and macOS, guarded.

**This was never run on a real Word.** Its tests use a stand-in for docx2pdf; what is said of
docx2pdf 0.1.8 was read in its source: it attaches to a Word that is already running and closes it
with the user's documents, leaves Word open when a document fails, and is silent about failures on
macOS. Hence: nothing is tried while Word is running, each conversion runs in a child process with
a time limit, in a private folder, and its PDF is checked. Word writes no named destinations this
way, so a pupil's pages are found by their number.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

from mailmerge.engines import programs, word_child
from mailmerge.engines.produced import produce
from mailmerge.errors import EngineError

LABEL = "Microsoft Word"
TIMEOUT = 300.0  # seconds
_LOCK = Path(tempfile.gettempdir(), "pix-mailmerge-word.lock")
_TURNS = 10  # conversions that may be ahead of ours
_CLOSING = 10.0  # seconds that Word may take to go after a conversion of ours

# The class is one document: Word counts its pages, not the pupil's. See docs/engines.md.
CANNOT_DRAW = ("num-pages-field",)


class Word:
    """Word, one document at a time.

    ``hook`` is a folder with another ``docx2pdf`` package, for tests.
    """

    name = "word"
    label = LABEL
    keeps_bookmarks = False
    chunk = 100
    fewest = 0
    cannot_draw = CANNOT_DRAW

    def __init__(self, hook: Path | None = None) -> None:
        self._hook = hook

    def available(self) -> bool:
        """Whether Word and docx2pdf are installed here."""
        if self._hook is not None:
            return True
        return installed() and importlib.util.find_spec("docx2pdf") is not None

    def convert(self, docx: Path, pdf: Path, *, timeout: float | None = None) -> None:
        """See ``Engine.convert``. Refuses while a Word is running, which docx2pdf could close."""

        def work(source: Path, folder: Path) -> None:
            command = [sys.executable, "-P", word_child.__file__, self._hook or ""]
            programs.run(
                [*command, source, folder / "document.pdf"],
                label=LABEL,
                timeout=timeout or TIMEOUT,
            )

        # There is one Word on a machine: other threads and worker processes wait for their turn.
        try:
            with FileLock(_LOCK, timeout=_TURNS * (timeout or TIMEOUT)):
                _refuse_a_running_word()
                produce(docx, pdf, LABEL, work)
                _let_word_go()
        except Timeout as error:
            raise EngineError(
                "Microsoft Word est resté occupé par une autre conversion. Relancez quand elle est "
                "terminée, ou choisissez « --engine embedded »."
            ) from error


def _refuse_a_running_word() -> None:
    if running():
        raise EngineError(
            "Microsoft Word est ouvert. Enregistrez vos documents et fermez Word, puis relancez "
            "(si aucune fenêtre n’est visible, fermez votre session ou arrêtez Word dans le "
            "gestionnaire des tâches). Vous pouvez aussi choisir « --engine embedded »."
        )


def _let_word_go() -> None:
    """Wait until the Word of a conversion has gone, so that the next one does not meet it."""
    deadline = time.monotonic() + _CLOSING
    while running() and time.monotonic() < deadline:
        time.sleep(0.1)


def installed() -> bool:
    """Whether Word is installed, without starting it."""
    if sys.platform == "win32":
        import winreg

        try:
            winreg.CloseKey(winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, r"Word.Application\CLSID"))
        except OSError:
            return False
        return True
    if sys.platform == "darwin":
        return Path("/Applications/Microsoft Word.app").exists()
    return False


def running() -> bool:
    """Whether some Word is running now."""
    if sys.platform == "win32":
        command = ["tasklist", "/NH", "/FI", "IMAGENAME eq WINWORD.EXE"]
        return "WINWORD.EXE" in programs.run(command, label="tasklist", timeout=30).upper()
    if sys.platform == "darwin":
        # Asking is no start: AppleScript answers from the list of running applications.
        command = ["osascript", "-e", 'application "Microsoft Word" is running']
        return programs.run(command, label="osascript", timeout=30).strip() == "true"
    return False
