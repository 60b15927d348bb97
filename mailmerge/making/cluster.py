"""Classes issued on other machines: the same unit of work on a Dask distributed scheduler.

Nothing but bytes travels: a worker is given the workshop (template and pictures included) and a
class, and gives the finished files back. It needs this program installed, no path of ours.
"""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mailmerge.errors import EngineError, UsageError
from mailmerge.making.issuing import (
    ClassJob,
    IssuedClass,
    OpenWorkshop,
    Workshop,
    cannot_write,
    failed,
)

_CONNECTING = 10  # seconds
_AHEAD = 32  # classes sent before the first comes back: enough for many workers, little memory


@dataclass(frozen=True)
class PackedClass:
    """An issued class with its files: name in the working folder → bytes."""

    issued: IssuedClass
    files: dict[str, bytes]


def issue_on_cluster(
    workshop: Workshop, jobs: Sequence[ClassJob], folder: Path, address: str
) -> Iterator[IssuedClass]:
    """Issue every job on the workers of the scheduler at ``address``; files come to ``folder``.

    Raises:
        UsageError: the extra is not installed, or no scheduler answers.
    """
    with _connected(address) as executor:
        waiting = list(reversed(list(enumerate(jobs))))
        running: dict[Future[PackedClass], int] = {}
        while waiting or running:
            while waiting and len(running) < _AHEAD:
                rank, job = waiting.pop()
                running[executor.submit(issue_packed, workshop, job)] = rank
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                rank = running.pop(future)
                yield _unpacked(future, jobs[rank], folder / str(rank))


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
            'pip install "pix-mailmerge[cluster]".'
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
