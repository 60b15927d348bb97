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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mailmerge import __version__, columns
from mailmerge.engines.identity import identity
from mailmerge.errors import Notice
from mailmerge.making.delivery import OutputFolder
from mailmerge.making.issuing import ClassJob, IssuedClass, Workshop

_FOLDER = "classes"
_FORMAT = 2
_UNKNOWN = "?"  # the hash of a document that came from elsewhere


@dataclass(frozen=True, slots=True)
class Record:
    """A class as it was delivered.

    Attributes:
        title: the first words of its files.
        division: the class.
        key: the hash of all that its pages depend on; "" for work that is not whole.
        files: every file delivered, relative to the output folder, with its hash; a Word document
            with the hash of what we made, whatever people have done to it since.
        pages: certification number → the pupil's file and number of pages.
        engine: what made the pages.
        warnings: what was said then, to be said again.
        document: the hash of what the class's Word document was made of; "" for unknown.
        reprint: the key of PDFs that come from the Word document as people left it, else "".
        reprinted: the PDFs that come from a document edited by hand.
        issued: Word document → certification number → surname and first name as printed in it,
            "" where the template prints none.
    """

    title: str
    division: str
    key: str
    files: dict[str, str]
    pages: dict[str, tuple[str, int]]
    engine: str | None
    warnings: tuple[Notice, ...] = ()
    document: str = ""
    reprint: str = ""
    reprinted: tuple[str, ...] = ()
    issued: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prints:
    """The hashes of what all classes share.

    Attributes:
        document: what the Word documents depend on: template, school, pictures, program.
        finish: how PDFs are made of them, whatever the engine.
        engine: the engine.
    """

    document: str
    finish: str
    engine: str


def fingerprint(workshop: Workshop, *, dated: bool, seal: str = "") -> Prints:
    """The hashes of what all classes share: template, school, pictures, engine, program.

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
    for name, picture in sorted(workshop.school.pictures.items()):
        digest.update(f"{name} {picture!r}".encode())
    program = (_FORMAT, __version__)
    facts = (program, workshop.author, sorted(workshop.headers), workshop.template.name, school)
    digest.update(repr(facts).encode())
    cover = workshop.cover.content if workshop.cover is not None else b""
    finish = finishing(duplex=workshop.duplex, pdfa=workshop.pdfa, seal=seal, cover=cover)
    return Prints(digest.hexdigest(), finish, repr(identity(workshop.engine)))


def finishing(
    *, duplex: bool = False, pdfa: bool = False, seal: str = "", cover: bytes = b""
) -> str:
    """The hash of how PDFs are made out of Word documents."""
    return _digest((pdfa, duplex, seal, cover))


def printed_names(job: ClassJob, names: Sequence[str]) -> dict[str, list[str]]:
    """Certification number → surname and first name; "" for a column that is not in ``names``."""
    headers = (columns.NOM, columns.PRENOM)
    return {
        sheet.numero: [str(sheet.row[h]) if h in names else "" for h in headers]
        for sheet in job.sheets
    }


class Ledger:
    """The records of an output folder, held open by the run at work.

    ``title`` begins the names of the class's files: the attestations of a class and, say, its
    list each have their own record.
    """

    def __init__(
        self, folder: OutputFolder, shared: Prints, title: str, names: Sequence[str] = ()
    ) -> None:
        self._folder = folder
        self._shared = shared
        self._title = title
        self._names = names

    def unchanged(self, job: ClassJob) -> Record | None:
        """The record of a class that needs no work, or None.

        The Word document may have been edited by hand since: it is left as it is, and so are the
        PDFs that `pdf` made of it.
        """
        record = self._read(self._place(job.division))
        document = self._document(job)
        if record is None or record.document != document:
            return None
        if record.key != self._key(document) and record.reprint != self._reprint_key(document):
            return None
        if not zipfile.is_zipfile(self._folder.root / job.docx):
            return None
        pdfs = {job.pdf, *(name for name, _ in record.pages.values())}
        return record if all(self._is_ours(record, name) for name in pdfs) else None

    def edits(self, job: ClassJob) -> list[str]:
        """The files of a class that hold what someone changed by hand in Word."""
        record = self._read(self._place(job.division))
        if record is None:
            return []
        known = record.files.get(job.docx)
        found = _hash(self._folder.root / job.docx) if known else None
        edited = [job.docx] if found is not None and found != known else []
        ours = set(job.files())
        return edited + [
            name
            for name in record.reprinted
            if name in ours and (self._folder.root / name).exists()
        ]

    def delivered(self, job: ClassJob) -> list[str]:
        """The PDFs of earlier runs that are still there for the pupils of a job."""
        record = self._read(self._place(job.division))
        if record is None:
            return []
        ours = set(job.files()) | {record.pages.get(s.numero, ("", 0))[0] for s in job.sheets}
        names = record.files if not job.partial else [n for n in record.files if n in ours]
        return sorted(
            name for name in names if name.endswith(".pdf") and (self._folder.root / name).exists()
        )

    def issued_names(self, division: str, docx: str) -> Mapping[str, Sequence[str]]:
        """Certification number → surname and first name, as the Word document was delivered."""
        record = self._read(self._place(division))
        return record.issued.get(docx, {}) if record else {}

    def found(self, job: ClassJob) -> Record | None:
        """What of a class is in the output folder: the record less what is not there."""
        record = self._read(self._place(job.division))
        if record is None:
            return None
        there = {n: h for n, h in record.files.items() if (self._folder.root / n).exists()}
        files = {sheet.numero: sheet.file for sheet in job.sheets}
        pages = {
            number: (name, count)
            for number, (name, count) in record.pages.items()
            if files.get(number) == name and self._is_ours(record, name)
        }
        return replace(record, files=there, pages=pages)

    def intend(self, job: ClassJob, *, reprint: bool = False) -> None:
        """Write down, before the first file of a class is put in place, which ones are ours."""
        before = self._before(job)
        names = job.files()
        if reprint:  # the Word document stays, and what is kept of the class is still known
            names.remove(job.docx)
        else:
            before = replace(before, key="", reprint="")
        self._write(replace(before, files=dict.fromkeys(names, "") | before.files))

    def note_document(self, job: ClassJob) -> None:
        """Remember a Word document that was put in place alone.

        The PDFs count as made of it if it says the same as the one that they were made of.
        """
        before = self._with_document(self._before(job), job)
        if not job.partial and before.document != (document := self._document(job)):
            before = replace(before, document=document, key="", reprint="")
        self._write(before)

    def note(self, issued: IssuedClass, delivered: Sequence[str]) -> None:
        """Remember a class once its files are in place; only whole work will be kept.

        Files of an earlier run that were not made again stay known as ours.
        """
        job = issued.job
        made = self._hashes(delivered)
        whole = not (issued.errors or job.partial) and issued.made() == made.keys()
        before = self._noted(issued, made)
        if job.docx in made:
            before = self._with_document(before, job)
            if not job.partial:
                before = replace(before, document=self._document(job))
        left = tuple(name for name in before.reprinted if name not in made)
        key = self._key(before.document) if whole else ""
        self._write(replace(before, key=key, reprint="", reprinted=left))

    def note_reprint(self, issued: IssuedClass, delivered: Sequence[str]) -> None:
        """Remember PDFs that come from a Word document as it stands.

        The document stays known as it was made, which is how an edited one is told.

        Args:
            issued: the class; ``issued.source`` is the document.
            delivered: what was put in place.
        """
        source = issued.source or issued.job.docx
        made = self._hashes(delivered)
        old = self._before(issued.job)
        before = self._noted(issued, made)
        whole = issued.complete and not issued.errors and issued.made() <= made.keys()
        if not issued.job.partial:
            key = self._reprint_key(before.document) if whole and before.document else ""
            before = replace(before, key="", reprint=key)
        elif issued.errors:
            before = replace(before, key="", reprint="")
        known = old.files.get(source) or _UNKNOWN
        edited = known != _hash(self._folder.root / source)
        marked = (
            (set(before.reprinted) | made.keys()) if edited else set(before.reprinted) - {*made}
        )
        files = before.files | {source: known}
        self._write(replace(before, files=files, reprinted=tuple(sorted(marked))))

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

    def _document(self, job: ClassJob) -> str:
        rows = [(sheet.file, sorted(sheet.row.items())) for sheet in job.sheets]
        return _digest(
            (self._shared.document, job.division, job.title, job.docx, job.pdf, self._names, rows)
        )

    def _key(self, document: str) -> str:
        return _digest((document, self._shared.finish, self._shared.engine))

    def _reprint_key(self, document: str) -> str:
        return _digest((document, self._shared.finish))

    def _before(self, job: ClassJob) -> Record:
        known = self._read(self._place(job.division))
        return known or Record(self._title, job.division, "", {}, {}, None)

    def _noted(self, issued: IssuedClass, made: dict[str, str]) -> Record:
        """The record with the PDFs that were put in place."""
        before = self._before(issued.job)
        pages = {p.sheet.numero: (p.sheet.file, p.pages or 0) for p in issued.pupils if p.pdf}
        return replace(
            before,
            files=before.files | made,
            pages=(before.pages | pages) if issued.job.partial else pages,
            engine=issued.engine,
            warnings=before.warnings if issued.job.partial else issued.warnings,
        )

    def _with_document(self, before: Record, job: ClassJob) -> Record:
        """The record with the Word document of a job, just put in place."""
        return replace(
            before,
            files=before.files | self._hashes([job.docx]),
            issued={**before.issued, job.docx: printed_names(job, self._names)},
        )

    def _hashes(self, names: Iterable[str]) -> dict[str, str]:
        hashes = {name: _hash(self._folder.root / name) for name in names}
        return {name: value for name, value in hashes.items() if value is not None}

    def _is_ours(self, record: Record, name: str) -> bool:
        return _hash(self._folder.root / name) == record.files.get(name, "")

    def _place(self, division: str) -> Path:
        name = hashlib.sha256(f"{self._title}\n{division}".encode()).hexdigest()[:24]
        return self._folder.state / _FOLDER / f"{name}.json"

    def _read(self, place: Path) -> Record | None:
        """A record; one that is not whole is as good as none."""
        try:
            values: dict[str, Any] = json.loads(place.read_bytes())
            notices = tuple(Notice(**notice) for notice in values.pop("warnings"))
            pages = {number: (name, count) for number, (name, count) in values["pages"].items()}
            values["reprinted"] = tuple(values.get("reprinted", ()))
            return Record(**{**values, "pages": pages, "warnings": notices})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _write(self, record: Record) -> None:
        place = self._place(record.division)
        with self._folder.write(place.relative_to(self._folder.root)) as staged:
            staged.write_text(json.dumps(asdict(record), ensure_ascii=False), encoding="utf-8")


def _digest(facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _hash(path: Path) -> str | None:
    """The hash of a file's bytes; None for a file that can't be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
