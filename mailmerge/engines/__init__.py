"""docx → pdf: one module per engine, one for running programs.

``choose`` gives the engines to try in order. Their modules are imported only then, so that asking
for help stays instant.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from mailmerge.errors import EngineError

NAMES = ("auto", "word", "libreoffice", "embedded")  # « auto » tries the others in this order


class Engine(Protocol):
    """What turns a Word document into a PDF.

    Attributes:
        name: the word of the command line, one of ``NAMES`` but ``"auto"``.
        label: what a French reader calls it.
        keeps_bookmarks: Word bookmarks become named destinations of the PDF.
        chunk: how many pupils to give it at a time: what one start and one document cost it.
        fewest: how many pupils are worth a conversion of their own beside another one; 0 where
            conversions are better done one after the other.
        cannot_draw: short codes of what a template should not hold with this engine, explained
            in ``docs/engines.md``.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - the class says it
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def keeps_bookmarks(self) -> bool: ...  # noqa: D102
    @property
    def chunk(self) -> int: ...  # noqa: D102
    @property
    def fewest(self) -> int: ...  # noqa: D102
    @property
    def cannot_draw(self) -> tuple[str, ...]: ...  # noqa: D102

    def available(self) -> bool:
        """Whether this machine has it; costs no start of a program."""
        ...

    def convert(self, docx: Path, pdf: Path, *, timeout: float | None = None) -> None:
        """Make ``pdf`` from ``docx``; afterwards it is whole and checked, or absent.

        Safe to call from several threads at once. ``timeout`` is in seconds.

        Raises:
            EngineError: the document or the engine is at fault; the message says which.
        """
        ...


def choose(name: str, *, pdfa: bool = False) -> tuple[Engine, ...]:
    """The engines to try for ``--engine name``, best first.

    With ``pdfa`` only engines that make PDF/A count, set to make it: LibreOffice.

    ``auto``: Word where it is installed, else LibreOffice, else the embedded one; an engine that
    fails before anything was delivered hands over to the next of the list.

    Raises:
        EngineError: the named engine (or, with ``auto``, every engine) is missing here.
    """
    if pdfa:
        return _for_pdfa(name)
    if name == "auto":
        present = tuple(engine for engine in map(_engine, NAMES[1:]) if engine.available())
        if present:
            return present
        raise EngineError(
            "Aucun moteur de conversion en PDF n’est disponible sur cet ordinateur. Installez "
            "LibreOffice, ou réinstallez le programme avec son moteur intégré (« dxpdf »)."
        )
    if name not in NAMES:
        raise EngineError(f"Moteur inconnu : « {name} ». Choisissez parmi : {', '.join(NAMES)}.")
    engine = _engine(name)
    if engine.available():
        return (engine,)
    raise EngineError(_MISSING[name])


def _for_pdfa(name: str) -> tuple[Engine, ...]:
    from mailmerge.engines.libreoffice import LibreOffice

    if name not in ("auto", "libreoffice"):
        raise EngineError(
            f"L’option --pdfa demande LibreOffice : {label(name)} ne sait pas produire de PDF/A. "
            "Choisissez « --engine libreoffice », ou retirez --pdfa."
        )
    engine = LibreOffice(pdfa=True)
    if not engine.available():
        raise EngineError(_MISSING["libreoffice"])
    return (engine,)


def label(name: str) -> str:
    """What a French reader calls the engine ``name``."""
    return _engine(name).label


def stop_all() -> None:
    """End every program that is still running, with its children; for an interrupted run."""
    from mailmerge.engines import programs

    programs.stop_all()


def show_folder(folder: Path) -> bool:
    """Open ``folder`` in the desktop's file manager; False where there is none."""
    from mailmerge.engines import programs

    return programs.show_folder(folder)


def _engine(name: str) -> Engine:
    if name == "word":
        from mailmerge.engines.word import Word

        return Word()
    if name == "libreoffice":
        from mailmerge.engines.libreoffice import LibreOffice

        return LibreOffice()
    from mailmerge.engines.embedded import Embedded

    return Embedded()


_MISSING = {
    "word": "Microsoft Word n’est pas disponible sur cet ordinateur (il n’est utilisable que sous "
    "Windows et macOS). Installez-le, ou choisissez un autre moteur : « --engine libreoffice » "
    "ou « --engine embedded ».",
    "libreoffice": "LibreOffice est introuvable sur cet ordinateur. Installez-le, ou choisissez "
    "le moteur intégré : « --engine embedded ».",
    "embedded": "Le moteur intégré (« dxpdf ») n’est pas installé. Réinstallez le programme, ou "
    "choisissez un autre moteur : « --engine libreoffice ».",
}
