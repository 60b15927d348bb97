"""Putting the files of a class into the output folder, and saying so in the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mailmerge.errors import Notice, OutputError
from mailmerge.making.delivery import ASIDE_FOLDER, OutputFolder
from mailmerge.making.issuing import ClassJob, IssuedClass
from mailmerge.making.records import Ledger, Record
from mailmerge.pdf.sealing import Seal
from mailmerge.report import PupilLine, Report


class Filing:
    """An output folder and the report about it, for the length of a run."""

    def __init__(
        self,
        folder: OutputFolder,
        report: Report,
        ledger: Ledger | None = None,
        *,
        force: bool = False,
        seal: Seal | None = None,
    ) -> None:
        self._seal = seal
        self.folder = folder
        self._force = force
        self._refused: set[str] = set()
        self.report = report
        self._ledger = ledger
        self._lines = {line.numero: line for line in report.eleves}
        self._divisions = {count.division: count for count in report.divisions}

    def keep(self, job: ClassJob) -> bool:
        """Report a class as it was made by an earlier run; False if it must be made."""
        if self._ledger is None or self._force or job.partial:
            return False
        record = self._ledger.unchanged(job)
        if record is None:
            return False
        self.report.warn(record.warnings)
        self.report.engine = record.engine or self.report.engine
        self.report.kept.append(job.division)
        self._keep_lines(job, record)
        return True

    def put_document(self, job: ClassJob, staged: Path | None) -> str | None:
        """Deliver a class's Word document; one that was edited by hand is not lost."""
        self._save_edits(job)
        path = self.put(staged, job.docx)
        if path is not None and self._ledger is not None:
            self._ledger.note_document(job)
        self._divisions[job.division].docx = path
        return path

    def put_class(self, issued: IssuedClass) -> None:
        """Move a class's files into place and write them into the report."""
        job = issued.job
        self.report.warn(issued.warnings)
        self.report.fail(issued.errors)
        self.report.engine = issued.engine or self.report.engine
        self._withdraw(issued)
        self._withdraw_absent(issued)
        if self._ledger is None or not issued.made():
            self._put_all(issued)
            return
        try:
            if issued.source is None:
                self._save_edits(job)
            self._apply_seal(issued)
            self._ledger.intend(job, reprint=issued.source is not None)
            delivered = self._put_all(issued)
            if issued.source is None:
                self._ledger.note(issued, delivered)
            else:
                self._ledger.note_reprint(issued, delivered)
        except OutputError as error:
            self.report.fail([error.notice()])

    def tell_found(self, jobs: Sequence[ClassJob]) -> None:
        """Put into the report what earlier runs made and that is still there.

        Args:
            jobs: the chosen pupils, by class, with the names of the whole class's files.
        """
        for job in jobs:
            record = self._ledger.found(job) if self._ledger is not None else None
            if record is None:
                continue
            division = self._divisions[job.division]
            division.docx = division.docx or (job.docx if job.docx in record.files else None)
            division.pdf = division.pdf or (job.pdf if job.pdf in record.files else None)
            for line in self._of(job):
                if line.pdf is None and not line.raison and line.numero in record.pages:
                    line.pdf, line.pages = record.pages[line.numero]
                    self.report.engine = self.report.engine or record.engine

    def set_aside(self, names: Iterable[str], why: str) -> None:
        """Move files to « Anciens » and say so; a locked one is named and stays."""
        for name in names:
            try:
                self.folder.set_aside(name)
            except OutputError as error:
                self.report.fail([error.notice()])
                continue
            self.report.warn(
                [Notice("mis-de-cote", f"« {name} » {why} : rangé dans « {ASIDE_FOLDER} ».")]
            )

    def clear(self, jobs: Sequence[ClassJob], among: Iterable[str] | None) -> None:
        """Set aside what earlier runs made for pupils who are no longer there.

        Args:
            jobs: all that was asked for.
            among: only in these classes; None for all.
        """
        if self._ledger is not None:
            stale = self._ledger.stale(jobs, self._refused, among)
            self.set_aside(stale, "ne correspond plus à une attestation demandée")

    def _save_edits(self, job: ClassJob) -> None:
        if self._ledger is not None:
            self.set_aside(self._ledger.edits(job), "avait été modifié à la main")

    def _withdraw(self, issued: IssuedClass) -> None:
        """Leave no PDF of an earlier run where a new one was wanted and could not be made."""
        job = issued.job
        if self._ledger is None:
            return
        there = self._ledger.delivered(job)
        if issued.pdf is not None:
            lost = {pupil.sheet.file for pupil in issued.pupils if pupil.pdf is None}
            there = [name for name in there if name in lost]
        self.set_aside(there, f"date d’avant l’échec de « {job.title} »")

    def _withdraw_absent(self, issued: IssuedClass) -> None:
        """Leave no earlier PDF of pupils whose page is no longer in their class's document."""
        if issued.complete or self._ledger is None:
            return
        there = set(self._ledger.delivered(issued.job))
        printed = {pupil.sheet.numero for pupil in issued.pupils}
        for sheet in issued.job.sheets:
            if sheet.numero in printed:
                continue
            if sheet.file in there:
                self.set_aside([sheet.file], f"n’a plus de page dans « {issued.source} »")
            if (line := self._lines.get(sheet.numero)) is not None:
                line.raison = f"Sa page n’est pas dans « {issued.source} »."

    def _apply_seal(self, issued: IssuedClass) -> None:
        """Seal what is about to be delivered; here, so that the key never leaves this process."""
        if self._seal is not None:
            for path in (issued.pdf, *(pupil.pdf for pupil in issued.pupils)):
                if path is not None:
                    self._seal.apply(path)

    def _put_all(self, issued: IssuedClass) -> list[str]:
        job = issued.job
        division = self._divisions[job.division]
        division.docx = self.put(issued.docx, job.docx) or issued.source
        division.pdf = self.put(issued.pdf, job.pdf)
        delivered = [division.docx if issued.docx else None, division.pdf]
        for pupil in issued.pupils:
            made = self.put(pupil.pdf, pupil.sheet.file)
            if pupil.problem is not None:
                self._refused.add(pupil.sheet.file)
            delivered.append(made)
            line = self._lines.get(pupil.sheet.numero)
            if line is not None:
                line.pdf, line.pages = made, pupil.pages
                line.raison = pupil.problem.message if pupil.problem else line.raison
        if issued.pdf is None:
            for line in self._of(job):
                line.raison = line.raison or _FAILED
        return [name for name in delivered if name is not None]

    def _keep_lines(self, job: ClassJob, record: Record) -> None:
        division = self._divisions[job.division]
        division.docx, division.pdf = job.docx, job.pdf
        for line in self._of(job):
            line.pdf, line.pages = record.pages.get(line.numero, (None, None))

    def _of(self, job: ClassJob) -> Sequence[PupilLine]:
        numbers = (sheet.numero for sheet in job.sheets)
        return [self._lines[number] for number in numbers if number in self._lines]

    def put(self, staged: Path | None, relative: str) -> str | None:
        """Deliver one file; a locked one is named in the report and the rest goes on."""
        if staged is None:
            return None
        try:
            self.folder.deliver(staged, relative)
        except OutputError as error:
            self.report.fail([error.notice()])
            return None
        return relative


_FAILED = "La production de sa classe a échoué, voir « À corriger »."
