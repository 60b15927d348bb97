"""PDFs from class documents that someone may have edited by hand in Word.

The file of a pupil is named after today's table while the page says what the document says, so
both must be proven to be the same pupil's. What the document said when it was made tells a name
corrected by hand in Word (allowed: the certification number is the proof) from a workbook that was
changed after the document (refused).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mailmerge import columns
from mailmerge.errors import InputError, Notice, PixMailmergeError, TemplateError
from mailmerge.making.issuing import ClassJob, IssuedClass, bind_class, failed
from mailmerge.making.planning import WITHOUT_CLASS, some_of
from mailmerge.making.pressing import Press, Sheet
from mailmerge.pdf import Expected
from mailmerge.template.opening import open_template
from mailmerge.template.rendering import bookmarked_texts

_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")

Names = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Page:
    """A pupil's page in a document: the bookmark, whose it is by its number, what it says."""

    bookmark: str
    sheet: Sheet
    text: str


def documents_of(
    folder: Path, jobs: Sequence[ClassJob], whole: Sequence[ClassJob]
) -> tuple[list[tuple[Path, ClassJob]], list[Notice]]:
    """The Word document of each job, with whom to print of it; and what is left out.

    For some pupils, their own document, else their class's; for a class, its document, else the one
    of some of its pupils.

    Args:
        folder: where the documents are.
        jobs: the pupils asked for, by class.
        whole: the same for everybody.

    Raises:
        InputError: there is no document at all.
    """
    classes = {job.division: job.docx for job in whole}
    documents: list[tuple[Path, ClassJob]] = []
    notices: list[Notice] = []
    without: list[str] = []
    for job in jobs:
        part = job if job.partial else some_of(job)
        own, other = (folder / part.docx, part), (folder / classes[job.division], job)
        there = [(docx, job) for docx, job in (own, other) if docx.exists()]
        if not there:
            without.append(job.division or WITHOUT_CLASS)
            continue
        documents.append(there[0] if job.partial else there[-1])
        if not job.partial and there[0] == own:
            notices.append(_some_only(own[0], alone=len(there) == 1))
    if not documents:
        raise InputError(
            f"Aucun document d’attestations dans « {folder} ». Lancez d’abord la commande merge "
            "(ou run, qui fait tout)."
        )
    if without:
        message = f"Pas de document d’attestations pour {', '.join(without)} : lancez merge."
        notices.append(Notice("document-absent", message))
    return documents, notices


def _some_only(docx: Path, *, alone: bool) -> Notice:
    """A document of some pupils, where the whole class was asked for."""
    why = (
        "n’a que certains élèves de la classe. Pour avoir les autres, lancez merge."
        if alone
        else "n’est pas converti : le document de toute la classe l’est. Pour convertir celui-ci, "
        "indiquez ses élèves avec --pupil."
    )
    return Notice("document-partiel", f"« {docx.name} » {why}", docx.name)


def pages_of(docx: Path, job: ClassJob, everybody: Sequence[Sheet]) -> list[Page]:
    """Whose pages a class document has, read from its bookmarks.

    Args:
        docx: a class document that `merge` or `run` made.
        job: the class it is the document of.
        everybody: all who have an attestation.

    Raises:
        TemplateError: not such a document, or a page of nobody known, or of another class.
    """
    by_number = {_NOT_ALPHANUMERIC.sub("", sheet.numero): sheet for sheet in everybody}
    found = bookmarked_texts(open_template(docx))
    if not found:
        raise _refused(
            docx,
            "n’est pas un document d’attestations produit par ce programme, ou ses repères ont été "
            "effacés. Relancez la commande merge pour le refaire.",
        )
    pages: list[Page] = []
    for bookmark, numero, text in found:
        sheet = by_number.get(numero)
        if sheet is None:
            raise _refused(
                docx,
                "contient une page dont l’élève ne figure plus dans « Résultats Pix.xlsx ». "
                "Relancez la commande merge pour refaire le document.",
            )
        division = str(sheet.row[columns.CLASSE])
        if division != job.division:
            raise _refused(
                docx,
                f"n’est plus à jour : il contient la page de {sheet.who}, qui est maintenant "
                f"{_in_class(division)} dans « Résultats Pix.xlsx ». Refaites-le avec merge, ou "
                "corrigez le classeur.",
            )
        pages.append(Page(bookmark, sheet, text))
    return pages


def reprint(
    docx: Path, job: ClassJob, everybody: Sequence[Sheet], issued: Names, press: Press, folder: Path
) -> IssuedClass:
    """Convert a class document as it stands, prove its pages and cut those of the job's pupils.

    Args:
        docx: the Word document.
        job: whom to print; a job without sheets is whoever the document has.
        everybody: all who have an attestation.
        issued: certification number → surname and first name, as the document was made.
        press: the engines.
        folder: where to work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        pages = pages_of(docx, job, everybody)
        if not job.sheets:
            job = replace(job, sheets=tuple(page.sheet for page in pages))
        asked = {sheet.numero for sheet in job.sheets}
        missing = _missing(docx, job, pages)
        expected = [
            expected_of(docx, page, issued.get(page.sheet.numero), everybody) for page in pages
        ]
        whole = press.convert(docx, [page.sheet for page in pages], expected, folder)
        made = bind_class(job, None, [whole.only(asked)], press, folder)
    except PixMailmergeError as error:
        return failed(job, error)
    warnings = (*made.warnings, *missing)
    return replace(made, warnings=warnings, source=docx.name, complete=not missing)


def expected_of(
    docx: Path, page: Page, issued: Sequence[str] | None, everybody: Sequence[Sheet]
) -> Expected:
    """What a page must carry: as much of the pupil's identity as the document still has.

    Raises:
        TemplateError: the page may be another pupil's than the one whom the file is named after.
    """
    sheet, words = page.sheet, _Words(page.text)
    table = [str(sheet.row[header]) for header in (columns.NOM, columns.PRENOM)]
    texts: list[str] = []
    corrected = False
    for now, then in zip(table, issued or table, strict=True):
        if not then:  # the template does not print it
            continue
        if _Words(now).text == _Words(then).text:
            if words.say(now):
                texts.append(now)
                continue
            if issued is None:
                raise _unlike(docx, "un autre nom", sheet)
        elif not words.say(now) or (words.say(then) and not _Words(now).say(then)):
            raise _unlike(docx, f"« {' '.join(filter(None, reversed(issued or ())))} »", sheet)
        corrected = True
    numbered = words.say(sheet.numero)
    if corrected:
        _refuse_other(docx, words, sheet, everybody)
    if not numbered and (corrected or not texts):
        raise _refused(
            docx,
            f"ne porte plus, sur la page de {sheet.who}, ni son nom tel que dans le classeur, ni "
            "son numéro de certification : rien ne prouve que c’est la sienne. Remettez l’un ou "
            "l’autre, ou refaites le document avec merge.",
        )
    if numbered:
        texts.append(sheet.numero)
    return Expected(page.bookmark, sheet.who, tuple(texts), sheet.numero if numbered else "")


class _Words:
    """A text as a row of words: accents count, case and punctuation do not."""

    def __init__(self, text: str) -> None:
        normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        self.text = f" {_BETWEEN_WORDS.sub(' ', normal).strip()} "
        self._raw = text

    def say(self, value: str) -> bool:
        """Whether these whole words are in the text."""
        wanted = _Words(value).text
        return wanted in self.text if wanted.strip() else value.strip() in self._raw


def _refuse_other(docx: Path, words: _Words, own: Sheet, everybody: Sequence[Sheet]) -> None:
    """Stop if a page without its pupil's name has another's in full."""
    for sheet in everybody:
        nom, prenom = str(sheet.row[columns.NOM]), str(sheet.row[columns.PRENOM])
        same = _Words(sheet.name).text == _Words(own.name).text
        orders = (f"{nom} {prenom}", f"{prenom} {nom}")
        if not same and nom and prenom and any(map(words.say, orders)):
            raise _unlike(docx, f"« {sheet.who} »", own)


def _missing(docx: Path, job: ClassJob, pages: Sequence[Page]) -> list[Notice]:
    """The job's pupils who have no page; in a class's document, a warning.

    Raises:
        TemplateError: pupils who were asked for by name.
    """
    present = {page.sheet.numero for page in pages}
    names = [sheet.who for sheet in job.sheets if sheet.numero not in present]
    if not names:
        return []
    error = _refused(
        docx,
        f"n’a pas de page pour {', '.join(names)} : il n’est plus à jour, ou la page a été "
        "supprimée. Refaites-le avec merge.",
    )
    if job.partial or len(names) == len(job.sheets):
        raise error
    return [replace(error.notice(), code="page-absente")]


def _unlike(docx: Path, said: str, sheet: Sheet) -> TemplateError:
    return TemplateError(
        f"« {docx.name} » : pour le même numéro de certification, le document dit {said}, le "
        f"classeur dit « {sheet.who} ». Refaites-le avec merge, ou corrigez le classeur.",
        source=docx.name,
    )


def _refused(docx: Path, why: str) -> TemplateError:
    return TemplateError(f"« {docx.name} » {why}", source=docx.name)


def _in_class(division: str) -> str:
    return f"en {division}" if division else "sans classe"
