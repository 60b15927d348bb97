"""Every error a school can meet, its exit code, and what the run noticed on its way.

One base class, one exit-code enum. Messages are in French: what is wrong, where, what to do.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from enum import IntEnum

from mailmerge.text import typeset


class ExitCode(IntEnum):
    """What the command returns; documented in the README and tested."""

    OK = 0
    INTERNAL = 1  # a bug of ours, never the school's fault
    USAGE = 2  # Click's own code for wrong options
    INPUT = 3  # no readable Pix result at all
    TEMPLATE = 4  # the template can't be used
    ENGINE = 5  # no engine could make the PDFs
    OUTPUT = 6  # the output folder or one of its files can't be written
    VERIFICATION = 7  # a page did not carry the pupil it should
    PARTIAL = 8  # part of the work was done; the report names what was not
    WARNINGS = 9  # `check` found something to look at, nothing that stops a run
    INTERRUPTED = 130  # Ctrl-C or a closed window


@dataclass(frozen=True, slots=True)
class Notice:
    """Something noticed that the report must say; a warning or an error by the list it is in.

    Attributes:
        code: a stable short name, e.g. ``"classe-inconnue"``.
        message: French, complete: what, where, what to do.
        source: the file's name (no folder), or None.
        line: the line or row in that file, counted from 1, or None.
        column: the column's header, or None.
        mark: what the notice is about, as a hash, for those told in full only once; else "".
    """

    code: str
    message: str
    source: str | None = None
    line: int | None = None
    column: str | None = None
    mark: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", typeset(self.message))


class PixMailmergeError(Exception):
    """The base of every error that is shown to a person.

    ``message`` says in French the cause, the place and the remedy.
    """

    exit_code: ExitCode = ExitCode.INTERNAL
    code: str = "erreur"

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = typeset(message)
        self.source = source
        self.line = line
        self.column = column

    def notice(self) -> Notice:
        """The same facts as a line of the report."""
        return Notice(self.code, self.message, self.source, self.line, self.column)


class UsageError(PixMailmergeError):
    """An option or a setting that can't be used."""

    exit_code = ExitCode.USAGE
    code = "utilisation"


class SettingsError(UsageError):
    """``etablissement.toml`` can't be used."""

    code = "reglages"


class InputError(PixMailmergeError):
    """A file of results (or a roster) can't be read."""

    exit_code = ExitCode.INPUT
    code = "lecture"


class TemplateError(PixMailmergeError):
    """The Word template can't be used."""

    exit_code = ExitCode.TEMPLATE
    code = "modele"


class EngineError(PixMailmergeError):
    """An engine is missing, failed, hung or gave something that is no PDF."""

    exit_code = ExitCode.ENGINE
    code = "moteur"


class OutputError(PixMailmergeError):
    """A file can't be put into the output folder (locked, full, read-only)."""

    exit_code = ExitCode.OUTPUT
    code = "ecriture"


class VerificationError(PixMailmergeError):
    """A page did not carry the pupil it should: nothing of that class is delivered."""

    exit_code = ExitCode.VERIFICATION
    code = "verification"


def cause_of(error: OSError) -> str:
    """The cause of a reading or writing error, as part of a French sentence."""
    reasons = {
        errno.ENOSPC: "le disque est plein. Libérez de la place",
        getattr(
            errno, "EDQUOT", -1
        ): "votre quota d’espace disque est atteint. Libérez de la place",
        errno.EROFS: "le disque est en lecture seule",
        errno.EACCES: "vous n’en avez pas le droit, ou le fichier est ouvert ailleurs",
        errno.EPERM: "vous n’en avez pas le droit, ou le fichier est ouvert ailleurs",
        errno.ENAMETOOLONG: "le chemin est trop long. Choisissez un dossier au nom plus court",
        errno.ENOENT: "il est introuvable (clé USB retirée, réseau coupé ?)",
    }
    return reasons.get(error.errno or 0, f"erreur {error.errno} du système")
