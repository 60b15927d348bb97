"""LibreOffice without its window, each conversion with a profile of its own.

Two processes on one profile wait for each other or give up silently, so a profile is used by one
conversion at a time. It is kept for the next one, as a first start costs about a second, and
thrown away when a conversion fails.

From the second conversion on a LibreOffice stays and the documents are handed to it, as a start
costs more than a class. Whatever goes wrong with that, each conversion has a start of its own.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import sys
import tempfile
import threading
import weakref
from pathlib import Path

from mailmerge.engines import programs
from mailmerge.engines.office_host import POSSIBLE, OfficeHost
from mailmerge.engines.produced import produce
from mailmerge.errors import EngineError

LABEL = "LibreOffice"
TIMEOUT = 300.0  # seconds; 100 pages take about 10 on an old machine
VARIABLE = "PIX_MAILMERGE_SOFFICE"  # a program to use instead of the one that would be found

# Seen with LibreOffice 7.4; each code is explained in docs/engines.md.
CANNOT_DRAW = (
    "num-pages-field",
    "section-pages-field",
    "tracked-changes",
    "vertical-page-alignment",
    "header-shape",
)

_EXPORT = {
    "ExportBookmarksToPDFDestination": {"type": "boolean", "value": "true"},
    "ReduceImageResolution": {"type": "boolean", "value": "false"},
    "UseLosslessCompression": {"type": "boolean", "value": "true"},
}
_ENVIRONMENT = {"SAL_USE_VCLPLUGIN": "svp"} if sys.platform == "linux" else None
_PDFA = {  # PDF/A-2b, which LibreOffice tags of itself: said all the same, as we count on it
    "SelectPdfVersion": {"type": "long", "value": "2"},
    "UseTaggedPDF": {"type": "boolean", "value": "true"},
}


class LibreOffice:
    """``soffice --convert-to pdf``, run with profiles that nobody else uses."""

    name = "libreoffice"
    label = LABEL
    keeps_bookmarks = True
    chunk = 100  # a pupil of 200 costs twice as much as one of 100
    fewest = 0  # the one that stays is faster than two that start
    cannot_draw = CANNOT_DRAW

    def __init__(self, *, pdfa: bool = False) -> None:
        self._export = {**_EXPORT, **(_PDFA if pdfa else {})}
        self._lock = threading.Lock()
        self._free: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._home: Path | None = None
        self._host: OfficeHost | None = None
        self._host_turn = threading.Lock()
        self._host_wanted: bool | None = None  # not yet; yes; never again

    def available(self) -> bool:
        """Whether LibreOffice is found on this machine."""
        return find() is not None

    def convert(self, docx: Path, pdf: Path, *, timeout: float | None = None) -> None:
        """See ``Engine.convert``."""

        def work(source: Path, folder: Path) -> None:
            self._run(source, folder, timeout or TIMEOUT)

        produce(docx, pdf, LABEL, work)

    def _run(self, docx: Path, folder: Path, timeout: float) -> None:
        program = find()
        if program is None:
            raise EngineError("LibreOffice est introuvable sur cet ordinateur.")
        if self._hand_over(program, docx, folder, timeout):
            return
        profile = self._take_profile()
        try:
            self._ask(program, profile, docx, folder, timeout)
        except BaseException:
            shutil.rmtree(profile, ignore_errors=True)
            raise
        self._free.put(profile)
        if self._host_wanted is None:
            self._host_wanted = POSSIBLE

    def _hand_over(self, program: Path, docx: Path, folder: Path, timeout: float) -> bool:
        """Have the LibreOffice that stays convert; False where there is none or it failed."""
        if not self._host_wanted or not self._host_turn.acquire(blocking=False):
            return False
        try:
            if self._host is None:
                profile = self._take_profile()
                self._host = OfficeHost(_start(program, profile), profile, _ENVIRONMENT)
            self._ask(program, self._host.profile, docx, folder, timeout)
            # It exits 0 whatever happened; what it made is looked at by `produce`.
            self._host_wanted = (folder / f"{docx.stem}.pdf").is_file()
        except EngineError as error:
            self._host_wanted = False
            if isinstance(error, programs.ProgramError) and error.timed_out:
                raise
        finally:
            self._dismiss_host_if_done()
            self._host_turn.release()
        if not self._host_wanted:  # what a broken one leaves there would stop the next
            for left in folder.iterdir():
                left.unlink()
        return self._host_wanted

    def _dismiss_host_if_done(self) -> None:
        if self._host is not None and (not self._host_wanted or not self._host.fresh()):
            self._host.end()
            self._host = None

    def _ask(self, program: Path, profile: Path, docx: Path, folder: Path, timeout: float) -> None:
        form = f"pdf:writer_pdf_Export:{json.dumps(self._export, separators=(',', ':'))}"
        command = [*_start(program, profile), "--convert-to", form, "--outdir", folder, docx]
        programs.run(command, label=LABEL, timeout=timeout, env=_ENVIRONMENT)

    def _take_profile(self) -> Path:
        with self._lock:
            if self._home is None:
                self._home = Path(tempfile.mkdtemp(prefix="pix-mailmerge-libreoffice-"))
                # Removed when the engine is no longer used, at the latest when Python ends.
                weakref.finalize(self, shutil.rmtree, self._home, ignore_errors=True)
        try:
            return self._free.get_nowait()
        except queue.Empty:
            profile = Path(tempfile.mkdtemp(prefix="profil-", dir=self._home))
            (profile / "user").mkdir()
            settings = profile / "user" / "registrymodifications.xcu"
            settings.write_text(_SETTINGS, encoding="utf-8")
            return profile


def find() -> Path | None:
    """LibreOffice's program: the environment's word, the PATH, then the usual places."""
    if named := os.environ.get(VARIABLE):
        return Path(named) if Path(named).is_file() else None
    for name in ("soffice", "libreoffice"):
        if found := shutil.which(name):
            return Path(found)
    return next((path for path in _usual_places() if path.is_file()), None)


def _usual_places() -> list[Path]:
    if sys.platform == "win32":
        roots = [
            os.environ[name]
            for name in ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)")
            if name in os.environ
        ]
        # soffice.com waits for the end of the work; soffice.exe may not.
        return [
            Path(root, "LibreOffice", "program", name)
            for root in roots
            for name in ("soffice.com", "soffice.exe")
        ]
    if sys.platform == "darwin":
        inside = Path("LibreOffice.app", "Contents", "MacOS", "soffice")
        return [Path("/Applications") / inside, Path.home() / "Applications" / inside]
    return [Path("/opt/libreoffice/program/soffice"), Path("/snap/bin/libreoffice")]


def _start(program: Path, profile: Path) -> list[str | Path]:
    return [
        program,
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        "--nofirststartwizard",
        f"-env:UserInstallation={profile.resolve().as_uri()}",
    ]


def _setting(path: str, name: str, value: str) -> str:
    return (
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
    )


# A template is somebody's file: no macro, no linked content fetched from elsewhere.
_SETTINGS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<oor:items xmlns:oor="http://openoffice.org/2001/registry"'
    ' xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    + _setting("Office.Common/Security/Scripting", "MacroSecurityLevel", "3")
    + _setting("Office.Common/Security/Scripting", "DisableMacrosExecution", "true")
    + _setting("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true")
    + _setting("Office.Writer/Content/Update", "Link", "0")
    + _setting("Office.Common/Misc", "FirstRun", "false")
    + "</oor:items>\n"
)
