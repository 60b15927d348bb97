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
import threading
import time
from pathlib import Path

from mailmerge.engines import programs, word_child
from mailmerge.engines.produced import produce
from mailmerge.errors import EngineError

LABEL = "Microsoft Word"
TIMEOUT = 300.0  # seconds
_CLOSING = 10.0  # seconds that Word may take to go after a conversion of ours

CANNOT_DRAW: tuple[str, ...] = ()


class Word:
    """Word, one document at a time.

    ``hook`` is a folder with another ``docx2pdf`` package and ``running`` tells whether Word is
    running; both are for tests.
    """

    name = "word"
    label = LABEL
    keeps_bookmarks = False
    cannot_draw = CANNOT_DRAW

    def __init__(self, hook: Path | None = None) -> None:
        self._hook = hook
        self._one_at_a_time = threading.Lock()
        self._used = False

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

        with self._one_at_a_time:
            self._refuse_a_running_word()
            self._used = True
            produce(docx, pdf, LABEL, work)

    def _refuse_a_running_word(self) -> None:
        # After a conversion of ours, Word needs a moment to go.
        deadline = time.monotonic() + (_CLOSING if self._used else 0.0)
        while running():
            if time.monotonic() >= deadline:
                raise EngineError(
                    "Microsoft Word est ouvert. Enregistrez vos documents et fermez Word, puis "
                    "relancez (si aucune fenêtre n’est visible, fermez la session Windows ou "
                    "arrêtez Word dans le Gestionnaire des tâches). Vous pouvez aussi choisir "
                    "« --engine embedded »."
                )
            time.sleep(0.2)


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
