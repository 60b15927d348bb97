"""One class, from its pupils to its finished files: the unit of work.

Nothing here touches the output folder: files are made in a working folder, verified, and handed to
the delivery. A worker process needs only a `Workshop` and a `ClassJob`, both plain data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mailmerge import columns, engines, pdf
from mailmerge.engines import Engine
from mailmerge.errors import EngineError, Notice, PixMailmergeError
from mailmerge.pdf import Located
from mailmerge.template.compiling import CompiledTemplate, compile_template
from mailmerge.template.opening import TemplateFile
from mailmerge.template.rendering import School, bookmark_name, render_class

CHUNK = 100  # pupils a conversion: LibreOffice slows down on longer documents
_SECONDS_PER_PUPIL = 5  # generous: LibreOffice needs 0.2, Word about 1
_SECONDS_AT_LEAST = 180


@dataclass(frozen=True, slots=True)
class Sheet:
    """One pupil to print.

    Attributes:
        row: the certification, by column of the table.
        file: the path of the pupil's PDF, relative to the output folder.
    """

    row: Mapping[str, Any]
    file: str

    @property
    def numero(self) -> str:
        """The certification number."""
        return str(self.row[columns.NUMERO])

    @property
    def name(self) -> str:
        """« NOM Prénom », for messages and outlines."""
        return f"{self.row[columns.NOM]} {self.row[columns.PRENOM]}"


@dataclass(frozen=True, slots=True)
class ClassJob:
    """A class to print; paths are relative to the output folder."""

    division: str
    title: str
    docx: str
    pdf: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class IssuedPupil:
    """What became of one pupil; ``made`` is None where there is no PDF, and ``problem`` says why."""

    sheet: Sheet
    made: Path | None
    pages: int | None
    problem: Notice | None = None


@dataclass(frozen=True, slots=True)
class IssuedClass:
    """What became of a class: finished files in the working folder, ready to be delivered."""

    job: ClassJob
    docx: Path | None = None
    pdf: Path | None = None
    pupils: tuple[IssuedPupil, ...] = ()
    engine: str | None = None
    warnings: tuple[Notice, ...] = ()
    errors: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Workshop:
    """All that every class needs; travels to worker processes as plain data.

    Attributes:
        template: the template's bytes.
        headers: the table's columns, each of them a tag.
        school: values and pictures that are the same on every page.
        author: who the PDFs say made them.
        engine: the engine asked for, ``"auto"`` included.
    """

    template: TemplateFile
    headers: tuple[str, ...]
    school: School
    author: str
    engine: str

    def open(self) -> OpenWorkshop:
        """Compile the template and find the engines, once per process."""
        return OpenWorkshop(
            template=compile_template(self.template, self.headers),
            school=self.school,
            engines=list(engines.choose(self.engine)),
            author=self.author,
        )


@dataclass
class OpenWorkshop:
    """A workshop at work: it remembers engines that failed and leaves them for last."""

    template: CompiledTemplate
    school: School
    engines: list[Engine]
    author: str
    warnings: list[Notice] = field(default_factory=list)

    def issue(self, job: ClassJob, folder: Path) -> IssuedClass:
        """Make the files of a class in ``folder``; never raises for what the report can say."""
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return self._issue(job, folder)
        except PixMailmergeError as error:
            notice = replace(error.notice(), message=f"{job.title} : {error.message}")
            return IssuedClass(job, errors=(notice,))

    def render(self, job: ClassJob, sheets: Sequence[Sheet], first: int = 0) -> bytes:
        """The class's Word document with these pupils, the first one being ``first`` in class."""
        return render_class(
            self.template,
            self.school,
            [sheet.row for sheet in sheets],
            bookmarks(sheets),
            division=job.division,
            title=job.title,
            first_rank=first + 1,
        )

    def _issue(self, job: ClassJob, folder: Path) -> IssuedClass:
        docx = folder / "classe.docx"
        docx.write_bytes(self.render(job, job.sheets))
        if self.template.for_class:
            return self._issue_list(job, docx, folder)
        parts = [
            self._convert_chunk(job, first, docx, folder)
            for first in range(0, len(job.sheets), CHUNK)
        ]
        return self._finish(job, docx, parts, folder)

    def _issue_list(self, job: ClassJob, docx: Path, folder: Path) -> IssuedClass:
        """A class sheet: one document, in which every pupil must be found."""
        converted = folder / "classe.pdf"
        engine = self._convert(docx, converted, len(job.sheets))
        texts = tuple(word for sheet in job.sheets for word in self._expected_texts(sheet))
        whole = pdf.Expected(bookmarks(job.sheets)[0], job.title, texts)
        located = pdf.locate(converted, [whole], engine.keeps_bookmarks)
        target = folder / "liste.pdf"
        pdf.bind([(converted, located.ranges)], [job.title], target, job.title, self._meta())
        return IssuedClass(job, docx, target, engine=engine.name, warnings=self._take_warnings())

    def _convert_chunk(self, job: ClassJob, first: int, docx: Path, folder: Path) -> _Chunk:
        """Convert the pupils from ``first`` on and find each one's pages."""
        sheets = job.sheets[first : first + CHUNK]
        if len(sheets) < len(job.sheets):
            docx = folder / f"morceau-{first}.docx"
            docx.write_bytes(self.render(job, sheets, first))
        converted = folder / f"morceau-{first}.pdf"
        engine = self._convert(docx, converted, len(sheets))
        expected = [
            pdf.Expected(
                bookmark,
                sheet.name,
                self._expected_texts(sheet),
                sheet.numero if self.template.uses("numero") else "",
            )
            for sheet, bookmark in zip(sheets, bookmarks(sheets), strict=True)
        ]
        located = pdf.locate(converted, expected, engine.keeps_bookmarks)
        return _Chunk(sheets, converted, located, engine)

    def _expected_texts(self, sheet: Sheet) -> tuple[str, ...]:
        """What the pupil's pages must carry: name and number, as far as the template has them."""
        wanted = {"nom": columns.NOM, "prenom": columns.PRENOM, "numero": columns.NUMERO}
        if self.template.for_class:
            wanted.pop("numero")
            return tuple(str(sheet.row[header]) for header in wanted.values())
        return tuple(str(sheet.row[h]) for tag, h in wanted.items() if self.template.uses(tag))

    def _convert(self, docx: Path, target: Path, pupils: int) -> Engine:
        """Convert with the first engine that can; the ones that failed go last for good."""
        timeout = max(_SECONDS_AT_LEAST, _SECONDS_PER_PUPIL * pupils)
        failures: list[EngineError] = []
        for engine in list(self.engines):
            try:
                engine.convert(docx, target, timeout=timeout)
            except EngineError as error:
                failures.append(error)
                self.engines.remove(engine)
                self.engines.append(engine)
                continue
            self._tell_failures(failures, engine)
            return engine
        raise failures[0]

    def _tell_failures(self, failures: Iterable[EngineError], used: Engine) -> None:
        self.warnings += [
            Notice(
                "moteur-remplace",
                f"{error.message} Les pages ont été produites avec {used.label} à la place.",
            )
            for error in failures
        ]

    def _take_warnings(self) -> tuple[Notice, ...]:
        taken, self.warnings = tuple(self.warnings), []
        return taken

    def _finish(
        self, job: ClassJob, docx: Path, chunks: Sequence[_Chunk], folder: Path
    ) -> IssuedClass:
        """Cut out each pupil and bind the class."""
        pupils: list[IssuedPupil] = []
        for chunk in chunks:
            pupils += self._cut(chunk, folder, len(pupils))
        made = [pupil for pupil in pupils if pupil.made is not None]
        target = folder / "attestations.pdf"
        if made:
            sound = [(chunk.pdf, [p for _, p in chunk.sound()]) for chunk in chunks]
            names = [pupil.sheet.name for pupil in made]
            pdf.bind(sound, names, target, job.title, self._meta())
        return IssuedClass(
            job,
            docx,
            target if made else None,
            tuple(pupils),
            engine=chunks[-1].engine.name if chunks else None,
            warnings=self._take_warnings(),
            errors=tuple(pupil.problem for pupil in pupils if pupil.problem),
        )

    def _cut(self, chunk: _Chunk, folder: Path, first: int) -> list[IssuedPupil]:
        sound = dict(chunk.sound())
        targets = {rank: folder / f"eleve-{first + rank:05d}.pdf" for rank in sound}
        titles = [f"Attestation – {chunk.sheets[rank].name}" for rank in sound]
        pdf.split(chunk.pdf, list(sound.values()), list(targets.values()), titles, self._meta())
        return [
            IssuedPupil(sheet, targets[rank], len(sound[rank]))
            if rank in sound
            else IssuedPupil(sheet, None, None, _unprintable(sheet))
            for rank, sheet in enumerate(chunk.sheets)
        ]

    def _meta(self) -> pdf.Meta:
        return pdf.Meta(author=self.author, created=dt.datetime.now().astimezone())


@dataclass(frozen=True)
class _Chunk:
    """Some pupils of a class, converted."""

    sheets: Sequence[Sheet]
    pdf: Path
    located: Located
    engine: Engine

    def sound(self) -> list[tuple[int, range]]:
        """Rank and pages of every pupil who may be delivered."""
        return [
            (rank, pages)
            for rank, pages in enumerate(self.located.ranges)
            if rank not in self.located.unprintable
        ]


def bookmarks(sheets: Sequence[Sheet]) -> list[str]:
    """Each pupil's bookmark in the class document."""
    return [bookmark_name(rank, sheet.numero) for rank, sheet in enumerate(sheets, 1)]


def _unprintable(sheet: Sheet) -> Notice:
    return Notice(
        "caracteres-sans-police",
        f"{sheet.name} : le nom contient des caractères qu’aucune police de cet ordinateur ne "
        "sait dessiner. Son attestation n’a pas été produite ; ouvrez le document Word de la "
        "classe sur un ordinateur qui a la police voulue, ou vérifiez l’écriture du nom.",
    )
