"""Which engine exactly: what a record of finished work remembers, to tell a changed engine by."""

from __future__ import annotations

import importlib.metadata

from mailmerge import engines
from mailmerge.engines import libreoffice


def identity(name: str) -> str:
    """The engines that ``--engine name`` means here, each with its version, in their order.

    LibreOffice and Word would have to be started to tell their version: for LibreOffice the
    program file's size and date stand for it, for Word nothing does.

    Raises:
        EngineError: no such engine here.
    """
    return ", ".join(f"{engine.name} {_version(engine.name)}" for engine in engines.choose(name))


def _version(name: str) -> str:
    if name == "embedded":
        return importlib.metadata.version("dxpdf")
    if name == "libreoffice" and (program := libreoffice.find()) is not None:
        facts = program.resolve().stat()
        return f"{program} {facts.st_size} {facts.st_mtime_ns}"
    return ""
