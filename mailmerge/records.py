"""What earlier runs finished, so that a run redoes only what changed and sets aside what is stale.

One small file per class in the state folder, written after the class's files are in place. A class
is kept when the key of all that its pages depend on is the same and every PDF is, byte for byte,
the one that was delivered. Hashes, not dates of files, decide: clocks are wrong and folders are
copied. So no file needs to be forced to the disk either: what a power cut has eaten is redone.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mailmerge import __version__
from mailmerge.delivery import OutputFolder
from mailmerge.engines.identity import identity
from mailmerge.errors import Notice
from mailmerge.issuing import ClassJob, IssuedClass, Workshop

_FOLDER = "classes"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Record:
    """A class as it was delivered.

    Attributes:
        title: the first words of its files.
        division: the class.
        key: the hash of all that its pages depend on; "" for work that is not whole.
        files: every file delivered, relative to the output folder, with its hash.
        pages: certification number → the pupil's file and number of pages.
        engine: what made the pages.
        warnings: what was said then, to be said again.
    """

    title: str
    division: str
    key: str
    files: dict[str, str]
    pages: dict[str, tuple[str, int]]
    engine: str | None
    warnings: tuple[Notice, ...] = ()


def fingerprint(workshop: Workshop, *, dated: bool, seal: str = "") -> str:
    """The hash of what all classes share: template, school, pictures, engine, program.

    Args:
        workshop: the workshop.
        dated: the settings give the day to print. Otherwise it is the day of the run, which does
            not count: an attestation keeps the day on which it was made.
        seal: the fingerprint of the certificate that seals every PDF; "" for none.
    """
    school = dict(workshop.school.values)
    if not dated:
        school.pop("date_edition", None)
    digest = hashlib.sha256(workshop.template.content)
    if workshop.cover is not None:
        digest.update(workshop.cover.content)
    for name, picture in sorted(workshop.school.pictures.items()):
        digest.update(f"{name} {picture!r}".encode())
    program = (_FORMAT, __version__, identity(workshop.engine))
    wanted = (workshop.author, workshop.pdfa, workshop.duplex, seal)
    facts = (program, wanted, sorted(workshop.headers), workshop.template.name, school)
    digest.update(repr(facts).encode())
    return digest.hexdigest()


class Ledger:
    """The records of an output folder, held open by the run at work.

    ``title`` begins the names of the class's files: the attestations of a class and, say, its
    list each have their own record.
    """

    def __init__(self, folder: OutputFolder, shared: str, title: str) -> None:
        self._folder = folder
        self._shared = shared
        self._title = title

    def unchanged(self, job: ClassJob) -> Record | None:
        """The record of a class that needs no work, or None.

        The Word document may have been edited by hand since: it is left as it is.
        """
        record = self._read(self._place(job.division))
        if record is None or record.key != self._key(job):
            return None
        root = self._folder.root
        if not zipfile.is_zipfile(root / job.docx):
            return None
        pdfs = {job.pdf, *(name for name, _ in record.pages.values())}
        whole = all(_hash(root / name) == record.files.get(name, "") for name in pdfs)
        return record if whole else None

    def edited(self, job: ClassJob) -> bool:
        """Whether someone changed the class's Word document since it was delivered."""
        record = self._read(self._place(job.division))
        known = record.files.get(job.docx) if record else None
        found = _hash(self._folder.root / job.docx) if known else None
        return found is not None and found != known

    def intend(self, job: ClassJob) -> None:
        """Write down, before the first file of a class is put in place, which ones are ours."""
        before = self._read(self._place(job.division))
        files = dict.fromkeys(job.files(), "") | (before.files if before else {})
        self._write(Record(self._title, job.division, "", files, {}, None))

    def note(self, issued: IssuedClass, delivered: Sequence[str]) -> None:
        """Remember a class once its files are in place; only whole work will be kept.

        Files of an earlier run that were not made again stay known as ours.
        """
        job = issued.job
        before = self._read(self._place(job.division))
        hashes = {name: _hash(self._folder.root / name) for name in delivered}
        made = {name: value for name, value in hashes.items() if value is not None}
        whole = not (issued.errors or job.partial) and issued.made() == set(made)
        record = Record(
            title=self._title,
            division=job.division,
            key=self._key(job) if whole else "",
            files=(before.files if before else {}) | made,
            pages={p.sheet.numero: (p.sheet.file, p.pages or 0) for p in issued.pupils if p.pdf},
            engine=issued.engine,
            warnings=issued.warnings,
        )
        self._write(record)

    def stale(
        self, jobs: Iterable[ClassJob], refused: set[str], among: Iterable[str] | None
    ) -> list[str]:
        """Files that earlier runs made and that belong to nobody chosen now, forgotten here.

        Args:
            jobs: all that this run asked for.
            refused: files of theirs that can't be made any more.
            among: look only at these classes; None for all.
        """
        wanted = {name for job in jobs for name in job.files()} - refused
        asked = None if among is None else set(among)
        gone: list[str] = []
        for place in sorted((self._folder.state / _FOLDER).glob("*.json")):
            record = self._read(place)
            if record is None or record.title != self._title:
                continue
            if asked is not None and record.division not in asked:
                continue
            left = {name for name in record.files if name not in wanted}
            gone += sorted(name for name in left if (self._folder.root / name).exists())
            if left == record.files.keys():
                place.unlink()
            elif left:
                kept = {name: value for name, value in record.files.items() if name not in left}
                self._write(replace(record, files=kept))
        return gone

    def _key(self, job: ClassJob) -> str:
        rows = [(sheet.file, sorted(sheet.row.items())) for sheet in job.sheets]
        facts = (self._shared, job.division, job.title, job.docx, job.pdf, rows)
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    def _place(self, division: str) -> Path:
        name = hashlib.sha256(f"{self._title}\n{division}".encode()).hexdigest()[:24]
        return self._folder.state / _FOLDER / f"{name}.json"

    def _read(self, place: Path) -> Record | None:
        """A record; one that is not whole is as good as none."""
        try:
            values: dict[str, Any] = json.loads(place.read_bytes())
            notices = tuple(Notice(**notice) for notice in values.pop("warnings"))
            pages = {number: (name, count) for number, (name, count) in values["pages"].items()}
            return Record(**{**values, "pages": pages, "warnings": notices})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _write(self, record: Record) -> None:
        place = self._place(record.division)
        with self._folder.write(place.relative_to(self._folder.root)) as staged:
            staged.write_text(json.dumps(asdict(record), ensure_ascii=False), encoding="utf-8")


def _hash(path: Path) -> str | None:
    """The hash of a file's bytes; None for a file that can't be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
