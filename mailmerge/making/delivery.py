"""The only step that writes into the output folder: whole files or none, one run at a time."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path, PurePath

from filelock import FileLock, Timeout

from mailmerge.errors import OutputError, cause_of

STATE_FOLDER = ".pix-mailmerge"
ASIDE_FOLDER = "Anciens"
_DELIVERED = "fichiers.txt"
_ATTEMPTS = 5  # antivirus programs hold new files for a moment on Windows
_PAUSE = 0.2  # seconds, doubled each time


class OutputFolder:
    """A folder that receives finished files.

    Files are prepared in `staging` (same disk, hidden) and moved into place with `os.replace`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / STATE_FOLDER
        self.staging = self.state / "travail"
        self._delivered: set[str] | None = None

    @contextlib.contextmanager
    def opened(self) -> Iterator[OutputFolder]:
        """Hold the folder for one run; what an interrupted run left behind is removed.

        Raises:
            OutputError: not a folder, read-only, full, or another run is at work.
        """
        self._prepare()
        lock = FileLock(self.state / "verrou", timeout=0)
        try:
            with lock:
                self._empty_staging()
                try:
                    yield self
                finally:
                    shutil.rmtree(self.staging, ignore_errors=True)
        except Timeout as error:
            raise OutputError(
                f"Une autre production est en cours dans le dossier « {self.root.name} ». "
                "Attendez qu’elle se termine, ou choisissez un autre dossier avec --output."
            ) from error

    def _prepare(self) -> None:
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.state) as probe:
                probe.write(b"essai")
        except (FileExistsError, NotADirectoryError) as error:
            raise OutputError(
                f"« {self.root} » est un fichier, pas un dossier. Choisissez un autre dossier "
                "avec --output."
            ) from error
        except OSError as error:
            raise OutputError(
                f"Impossible d’écrire dans le dossier « {self.root} » : {cause_of(error)}. "
                "Choisissez un autre dossier avec --output."
            ) from error

    def _empty_staging(self) -> None:
        shutil.rmtree(self.staging, ignore_errors=True)
        try:
            self.staging.mkdir(exist_ok=True)
        except OSError as error:
            raise _unwritable(self.root.name, error) from error

    def check_free(self, relative: PurePath | str) -> None:
        """Find out before the work whether a file is open elsewhere.

        Raises:
            OutputError: Excel, Word or LibreOffice holds the file.
        """
        target = self.root / relative
        if not target.exists():
            return
        owner = _owner_file(target)
        try:
            with target.open("r+b"):
                pass
        except PermissionError as error:
            raise _locked(target) from error
        if owner is not None:
            raise _locked(target, owner)

    def set_aside(self, relative: PurePath | str) -> None:
        """Move a file that is no longer wanted to « Anciens », where nothing is replaced.

        Raises:
            OutputError: the file is open elsewhere…
        """
        source = self.root / relative
        target = self.root / ASIDE_FOLDER / relative
        count = 1
        while target.exists():
            count += 1
            target = target.with_name(f"{source.stem} ({count}){source.suffix}")
        self.deliver(source, target.relative_to(self.root))
        with contextlib.suppress(OSError):  # an emptied class folder goes; a used one stays
            if source.parent != self.root:
                source.parent.rmdir()

    @contextlib.contextmanager
    def write(self, relative: PurePath | str) -> Iterator[Path]:
        """A path to write to; the file is delivered when the block ends.

        Raises:
            OutputError: it can't be written or put into place.
        """
        staged = self.staging / PurePath(relative).name
        try:
            yield staged
        except OSError as error:
            raise _unwritable(PurePath(relative).name, error) from error
        self.deliver(staged, relative)

    def known(self) -> set[str]:
        """Every file that runs have put here, relative to the folder, with ``/``."""
        try:
            return set((self.state / _DELIVERED).read_text(encoding="utf-8").splitlines())
        except FileNotFoundError:
            return set()

    def _note(self, relative: PurePath | str) -> None:
        """Remember that a file is ours, before it is there: `purge` removes no other."""
        name = PurePath(relative).as_posix()
        if self._delivered is None:
            self._delivered = self.known()
        if name not in self._delivered:
            self._delivered.add(name)
            with (self.state / _DELIVERED).open("a", encoding="utf-8") as ledger:
                ledger.write(f"{name}\n")

    def deliver(self, staged: Path, relative: PurePath | str) -> Path:
        """Move a finished file into place, replacing an older one in a single step.

        Raises:
            OutputError: the target is open elsewhere, the disk is full…
        """
        target = self.root / relative
        pause = _PAUSE
        for attempt in range(_ATTEMPTS):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                self._note(relative)
                staged.replace(target)
            except PermissionError as error:
                if attempt == _ATTEMPTS - 1:
                    raise _locked(target) from error
                time.sleep(pause)
                pause *= 2
            except OSError as error:
                raise _unwritable(target.name, error) from error
            else:
                return target
        raise AssertionError("unreachable")  # pragma: no cover


def _unwritable(name: str, error: OSError) -> OutputError:
    return OutputError(f"Impossible d’écrire « {name} » : {cause_of(error)}.", source=name)


def _owner_file(target: Path) -> Path | None:
    """The hidden file that Office or LibreOffice puts beside a document while it is open."""
    office = target.with_name(f"~${target.name}")
    short = target.with_name(f"~${target.name[2:]}")  # Word drops two letters of long names
    libreoffice = target.with_name(f".~lock.{target.name}#")
    return next((path for path in (office, short, libreoffice) if path.exists()), None)


def _locked(target: Path, owner: Path | None = None) -> OutputError:
    hint = (
        f" Si aucun programme ne l’utilise, supprimez le fichier caché « {owner.name} »."
        if owner
        else ""
    )
    return OutputError(
        f"« {target.name} » est ouvert dans un autre programme (Excel, Word, lecteur PDF…). "
        f"Fermez-le, puis relancez.{hint}",
        source=target.name,
    )
