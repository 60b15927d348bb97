"""One class, from its pupils to its finished files: the unit of work.

Nothing here touches the output folder: files are made in a working folder, verified, and handed to
the delivery. A worker process needs only a `Workshop` and a `ClassJob`, both plain data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from mailmerge import columns, engines
from mailmerge.errors import Notice, OutputError, PixMailmergeError, TemplateError, cause_of
from mailmerge.making.pressing import Chunk, Press, PrintedPupil, Sheet
from mailmerge.pdf import Expected
from mailmerge.template.compiling import CompiledTemplate, compile_template
from mailmerge.template.opening import TemplateFile
from mailmerge.template.rendering import School, bookmark_name, render_class

_ROUNDS = 3  # a first guess at each pupil's count of pages, the right one, one more for its effect


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
    """What became of a class: finished files in the working folder, ready to be delivered.

    ``source`` is the Word document of the output folder that the pages come from, when they were
    not made from the table; ``complete``: it has everybody of the job.
    """

    job: ClassJob
    docx: Path | None = None
    pdf: Path | None = None
    pupils: tuple[PrintedPupil, ...] = ()
    engine: str | None = None
    warnings: tuple[Notice, ...] = ()
    errors: tuple[Notice, ...] = ()
    source: str | None = None
    complete: bool = True

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
        duplex: blank pages for two-sided printing.
        cover: the class list that comes first in a class's file, or None.
        names: the columns of the pupil's name that the template prints.
        title: how the names of the class's files begin.
        pdfa: make PDF/A-2b.
    """

    template: TemplateFile
    headers: tuple[str, ...]
    school: School
    author: str
    engine: str
    duplex: bool = False
    cover: TemplateFile | None = None
    title: str = "Attestations"
    pdfa: bool = False
    names: tuple[str, ...] = (columns.NOM, columns.PRENOM)

    def open(self, cores: int = 1) -> OpenWorkshop:
        """Compile the template and find the engines, once per process.

        ``cores`` is how many of the computer's this process may use for conversions.
        """
        return OpenWorkshop(
            template=compile_template(self.template, self.headers),
            school=self.school,
            press=Press(
                list(engines.choose(self.engine, pdfa=self.pdfa)),
                self.author,
                pdfa=self.pdfa,
                duplex=self.duplex,
                cores=cores,
            ),
            cover=compile_template(self.cover, self.headers) if self.cover else None,
        )


@dataclass
class OpenWorkshop:
    """A workshop at work."""

    template: CompiledTemplate
    school: School
    press: Press
    cover: CompiledTemplate | None = None

    def issue(self, job: ClassJob, folder: Path) -> IssuedClass:
        """Make the files of a class in ``folder``; what goes wrong is in the result."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            docx = folder / "classe.docx"
            if self.template.for_class:
                return self._issue_list(job, docx, folder)
            chunks = self._counted(lambda pages: self._chunks(job, docx, folder, pages))
            return bind_class(job, docx, chunks, self.press, folder, self._cover(job, folder))
        except PixMailmergeError as error:
            return failed(job, error)
        except OSError as error:
            return failed(job, cannot_write(job.title, error))

    def _counted(self, make: Callable[[Sequence[int]], list[Chunk]]) -> list[Chunk]:
        """``make`` given each pupil's count of pages: tried with 1, then with what came out."""
        pages: list[int] = []
        for _ in range(_ROUNDS):
            chunks = make(pages)
            found = [len(pupil) for chunk in chunks for pupil in chunk.located.ranges]
            if found == (pages or [1] * len(found)) or not self.template.uses("nombre_de_pages"):
                return chunks
            pages = found
        raise TemplateError(
            "Le nombre de pages d’un élève change dès qu’il est imprimé : placez le total de pages "
            "dans l’en-tête ou le pied de page, ou retirez-le du modèle."
        )

    def _chunks(self, job: ClassJob, docx: Path, folder: Path, pages: Sequence[int]) -> list[Chunk]:
        """The class converted, in parts that go side by side; ``docx`` becomes the whole."""
        count = len(job.sheets)
        size = 1 if self.template.alone else self.press.share(count)
        if size >= count:
            docx.write_bytes(self.render(job, job.sheets, pages=pages))
            return [self._convert(job, 0, docx, folder)]
        lanes = ThreadPoolExecutor(self.press.lanes, "conversions")
        try:
            given = []
            for first in range(0, count, size):
                part = folder / f"morceau-{first}.docx"
                sheets = job.sheets[first : first + size]
                part.write_bytes(self.render(job, sheets, first, pages[first : first + size]))
                given.append(lanes.submit(self._convert, job, first, part, folder, len(sheets)))
            docx.write_bytes(self.render(job, job.sheets, pages=pages))
            return [chunk.result() for chunk in given]
        finally:
            lanes.shutdown(cancel_futures=True)

    def render(
        self, job: ClassJob, sheets: Sequence[Sheet], first: int = 0, pages: Sequence[int] = ()
    ) -> bytes:
        """The Word document of these pupils, the first one being number ``first`` of the class.

        ``pages`` is how many pages each of them has, if that is known.
        """
        return render_class(
            self.template,
            self.school,
            [sheet.row for sheet in sheets],
            bookmarks(sheets),
            division=job.division,
            title=job.title,
            first_rank=first + 1,
            pages=pages,
        )

    def _convert(
        self, job: ClassJob, first: int, docx: Path, folder: Path, count: int | None = None
    ) -> Chunk:
        """Convert ``docx``, which has ``count`` pupils (else all) from rank ``first`` on."""
        sheets = job.sheets[first:][:count]
        expected = [
            Expected(
                bookmark,
                sheet.who,
                self._texts(sheet),
                sheet.numero if self.template.uses("numero") else "",
            )
            for sheet, bookmark in zip(sheets, bookmarks(sheets), strict=True)
        ]
        return self.press.convert(docx, sheets, expected, folder)

    def _issue_list(self, job: ClassJob, docx: Path, folder: Path) -> IssuedClass:
        """A class sheet: one document, in which every pupil must be found."""
        chunks = self._list_chunks(job, docx, folder)
        target = self.press.bind(chunks, job.title, folder / "liste.pdf")
        return IssuedClass(
            job, docx, target, engine=self.press.used, warnings=self.press.take_warnings()
        )

    def _list_chunks(self, job: ClassJob, docx: Path, folder: Path) -> list[Chunk]:
        texts = tuple(
            str(sheet.row[header])
            for sheet in job.sheets
            for header in (columns.NOM, columns.PRENOM)
        )
        whole = Expected(bookmarks(job.sheets)[0], job.title, texts)

        def convert(pages: Sequence[int]) -> list[Chunk]:
            docx.write_bytes(self.render(job, job.sheets, pages=pages))
            return [self.press.convert(docx, job.sheets[:1], [whole], folder)]

        return self._counted(convert)

    def _cover(self, job: ClassJob, folder: Path) -> Chunk | None:
        """The list of the class, to tick off when the attestations are handed out."""
        if self.cover is None:
            return None
        lister = OpenWorkshop(self.cover, self.school, self.press)
        return lister._list_chunks(job, folder / "garde.docx", folder)[0]

    def _texts(self, sheet: Sheet) -> tuple[str, ...]:
        """What the pupil's pages must carry: name and number, as far as the template has them."""
        identity = {"nom": columns.NOM, "prenom": columns.PRENOM, "numero": columns.NUMERO}
        return tuple(str(sheet.row[h]) for tag, h in identity.items() if self.template.uses(tag))


def bind_class(
    job: ClassJob,
    docx: Path | None,
    chunks: Sequence[Chunk],
    press: Press,
    folder: Path,
    cover: Chunk | None = None,
) -> IssuedClass:
    """Cut out each pupil and bind the class, behind its cover if it has one."""
    pupils = press.cut(chunks, folder)
    made = any(pupil.pdf is not None for pupil in pupils)
    return IssuedClass(
        job,
        docx,
        press.bind(chunks, job.title, folder / "attestations.pdf", cover) if made else None,
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
