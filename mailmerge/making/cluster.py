"""Classes issued on other machines: the same unit of work on a Dask distributed scheduler.

Nothing but bytes travels: a worker is given the workshop (template and pictures included) and a
class, and gives the finished files back. It needs this program installed, no path of ours.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mailmerge.errors import EngineError, UsageError
from mailmerge.making.crew import Hands
from mailmerge.making.issuing import (
    ClassJob,
    IssuedClass,
    OpenWorkshop,
    Workshop,
    cannot_write,
    failed,
)

_CONNECTING = 10  # seconds


@dataclass(frozen=True)
class PackedClass:
    """An issued class with its files: name in the working folder → bytes."""

    issued: IssuedClass
    files: dict[str, bytes]


class _Remote:
    """The workers of a scheduler."""

    ahead = 32  # enough for many workers, little memory

    def __init__(self, workshop: Workshop, executor: Executor) -> None:
        self._workshop, self._executor = workshop, executor

    def give(
        self,
        job: ClassJob,
        folder: Path,  # noqa: ARG002 - the files come back as bytes
    ) -> Future[PackedClass]:
        return self._executor.submit(issue_packed, self._workshop, job)

    def take(self, done: Future[PackedClass], job: ClassJob, folder: Path) -> IssuedClass:
        return _unpacked(done, job, folder)


@contextmanager
def remote_hands(workshop: Workshop, address: str) -> Iterator[Hands]:
    """The workers of the scheduler at ``address``.

    Raises:
        UsageError: the extra is not installed, or no scheduler answers.
    """
    with _connected(address) as executor:
        yield _Remote(workshop, executor)


def issue_packed(workshop: Workshop, job: ClassJob) -> PackedClass:
    """Issue a class in a folder of the worker's own; what runs over there."""
    with tempfile.TemporaryDirectory(prefix="pix-mailmerge-") as folder:
        issued = _opened(workshop).issue(job, Path(folder))
        paths = [issued.docx, issued.pdf, *(pupil.pdf for pupil in issued.pupils)]
        return PackedClass(issued, {path.name: path.read_bytes() for path in paths if path})


_opened_ones: dict[bytes, OpenWorkshop] = {}


def _opened(workshop: Workshop) -> OpenWorkshop:
    """The workshop at work; compiled once in a worker, as every task brings an equal copy."""
    key = hashlib.sha256(pickle.dumps(workshop)).digest()
    if key not in _opened_ones:
        _opened_ones.clear()
        _opened_ones[key] = workshop.open()
    return _opened_ones[key]


def _unpacked(future: Future[PackedClass], job: ClassJob, folder: Path) -> IssuedClass:
    try:
        packed = future.result()
    except Exception as error:  # the cluster's own errors: worker lost again and again, cancelled…
        return failed(
            job,
            EngineError(
                f"le calcul distribué n’a pas rendu cette classe ({type(error).__name__}). "
                "Relancez : ce qui est terminé sera conservé."
            ),
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in packed.files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        return failed(job, cannot_write(job.title, error))

    def here(path: Path | None) -> Path | None:
        return folder / path.name if path else None

    issued = packed.issued
    return replace(
        issued,
        job=job,
        docx=here(issued.docx),
        pdf=here(issued.pdf),
        pupils=tuple(replace(pupil, pdf=here(pupil.pdf)) for pupil in issued.pupils),
    )


@contextmanager
def _connected(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(
            "L’option --cluster demande un composant de plus. Installez-le : "
            f'"{sys.executable}" -m pip install distributed'
        ) from error
    try:
        client: Any = Client(  # type: ignore[no-untyped-call]
            address, timeout=_CONNECTING, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise UsageError(
            f"Aucun ordonnanceur Dask ne répond à l’adresse « {address} ». Vérifiez l’adresse et "
            "que « dask scheduler » y est lancé."
        ) from error
    with client, client.get_executor(pure=False) as executor:
        yield executor
