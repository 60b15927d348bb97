"""One class, from its pupils to its finished files: the unit of work.

Nothing here touches the output folder: files are made in a working folder, verified, and handed to
the delivery. A worker process needs only a `Workshop` and a `ClassJob`, both plain data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mailmerge import columns, engines
from mailmerge.errors import Notice, OutputError, PixMailmergeError, cause_of
from mailmerge.pdf import Expected
from mailmerge.pressing import Chunk, Press, PrintedPupil, Sheet
from mailmerge.template.compiling import CompiledTemplate, compile_template
from mailmerge.template.opening import TemplateFile
from mailmerge.template.rendering import School, bookmark_name, render_class

CHUNK = 100  # pupils a conversion: LibreOffice slows down on longer documents


@dataclass(frozen=True, slots=True)
class ClassJob:
    """A class to print; paths are relative to the output folder.

    ``partial`` is true where only some of its pupils were asked for.
    """

    division: str
    title: str
    docx: str
    pdf: str
    sheets: tuple[Sheet, ...]
    partial: bool = False

    def files(self) -> list[str]:
        """All the files that it may give."""
        return [self.docx, self.pdf, *(sheet.file for sheet in self.sheets)]


@dataclass(frozen=True, slots=True)
class IssuedClass:
    """What became of a class: finished files in the working folder, ready to be delivered."""

    job: ClassJob
    docx: Path | None = None
    pdf: Path | None = None
    pupils: tuple[PrintedPupil, ...] = ()
    engine: str | None = None
    warnings: tuple[Notice, ...] = ()
    errors: tuple[Notice, ...] = ()

    def made(self) -> set[str]:
        """The files that there are to deliver, relative to the output folder."""
        whole = {self.job.docx: self.docx, self.job.pdf: self.pdf}
        whole |= {pupil.sheet.file: pupil.pdf for pupil in self.pupils}
        return {name for name, path in whole.items() if path is not None}


@dataclass(frozen=True)
class Workshop:
    """All that every class needs; travels to worker processes as plain data.

    Attributes:
        template: the template's bytes.
        headers: the table's columns, each of them a tag.
        school: values and pictures that are the same on every page.
        author: who the PDFs say made them.
        engine: the engine asked for, ``"auto"`` included.
        title: how the names of the class's files begin.
        pdfa: make PDF/A-2b.
    """

    template: TemplateFile
    headers: tuple[str, ...]
    school: School
    author: str
    engine: str
    title: str = "Attestations"
    pdfa: bool = False

    def open(self) -> OpenWorkshop:
        """Compile the template and find the engines, once per process."""
        return OpenWorkshop(
            template=compile_template(self.template, self.headers),
            school=self.school,
            press=Press(
                list(engines.choose(self.engine, pdfa=self.pdfa)), self.author, pdfa=self.pdfa
            ),
        )


@dataclass
class OpenWorkshop:
    """A workshop at work."""

    template: CompiledTemplate
    school: School
    press: Press

    def issue(self, job: ClassJob, folder: Path) -> IssuedClass:
        """Make the files of a class in ``folder``; what goes wrong is in the result."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            docx = folder / "classe.docx"
            docx.write_bytes(self.render(job, job.sheets))
            if self.template.for_class:
                return self._issue_list(job, docx, folder)
            chunks = [
                self._convert(job, first, docx, folder)
                for first in range(0, len(job.sheets), CHUNK)
            ]
            return bind_class(job, docx, chunks, self.press, folder)
        except PixMailmergeError as error:
            return failed(job, error)
        except OSError as error:
            return failed(job, cannot_write(job.title, error))

    def render(self, job: ClassJob, sheets: Sequence[Sheet], first: int = 0) -> bytes:
        """The Word document of these pupils, the first one being number ``first`` of the class."""
        return render_class(
            self.template,
            self.school,
            [sheet.row for sheet in sheets],
            bookmarks(sheets),
            division=job.division,
            title=job.title,
            first_rank=first + 1,
        )

    def _convert(self, job: ClassJob, first: int, docx: Path, folder: Path) -> Chunk:
        """Convert the pupils from ``first`` on; all of them come from ``docx`` itself."""
        sheets = job.sheets[first : first + CHUNK]
        if len(sheets) < len(job.sheets):
            docx = folder / f"morceau-{first}.docx"
            docx.write_bytes(self.render(job, sheets, first))
        expected = [
            Expected(
                bookmark,
                sheet.name,
                self._texts(sheet),
                sheet.numero if self.template.uses("numero") else "",
            )
            for sheet, bookmark in zip(sheets, bookmarks(sheets), strict=True)
        ]
        return self.press.convert(docx, sheets, expected, folder)

    def _issue_list(self, job: ClassJob, docx: Path, folder: Path) -> IssuedClass:
        """A class sheet: one document, in which every pupil must be found."""
        texts = tuple(
            str(sheet.row[header])
            for sheet in job.sheets
            for header in (columns.NOM, columns.PRENOM)
        )
        whole = Expected(bookmarks(job.sheets)[0], job.title, texts)
        chunk = self.press.convert(docx, job.sheets[:1], [whole], folder)
        target = self.press.bind([chunk], job.title, folder / "liste.pdf")
        return IssuedClass(
            job, docx, target, engine=self.press.used, warnings=self.press.take_warnings()
        )

    def _texts(self, sheet: Sheet) -> tuple[str, ...]:
        """What the pupil's pages must carry: name and number, as far as the template has them."""
        identity = {"nom": columns.NOM, "prenom": columns.PRENOM, "numero": columns.NUMERO}
        return tuple(str(sheet.row[h]) for tag, h in identity.items() if self.template.uses(tag))


def bind_class(
    job: ClassJob, docx: Path | None, chunks: Sequence[Chunk], press: Press, folder: Path
) -> IssuedClass:
    """Cut out each pupil and bind the class."""
    pupils = press.cut(chunks, folder)
    made = any(pupil.pdf is not None for pupil in pupils)
    return IssuedClass(
        job,
        docx,
        press.bind(chunks, job.title, folder / "attestations.pdf") if made else None,
        tuple(pupils),
        engine=press.used,
        warnings=press.take_warnings(),
        errors=tuple(pupil.problem for pupil in pupils if pupil.problem),
    )


def failed(job: ClassJob, error: PixMailmergeError) -> IssuedClass:
    """A class of which nothing can be delivered."""
    notice = error.notice()
    return IssuedClass(job, errors=(replace(notice, message=f"{job.title} : {notice.message}"),))


def cannot_write(what: str, error: OSError) -> OutputError:
    """The working files of ``what`` could not be written: full disk, drive gone…"""
    return OutputError(f"Les fichiers de « {what} » n’ont pas pu être écrits : {cause_of(error)}.")


def bookmarks(sheets: Sequence[Sheet]) -> list[str]:
    """Each pupil's bookmark in the class document."""
    return [bookmark_name(rank, sheet.numero) for rank, sheet in enumerate(sheets, 1)]
