"""PDFs from class documents that someone may have edited by hand in Word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mailmerge import columns
from mailmerge.errors import PixMailmergeError, TemplateError
from mailmerge.issuing import ClassJob, IssuedClass, bind_class, failed
from mailmerge.pdf import Expected
from mailmerge.pressing import Press, Sheet
from mailmerge.template.opening import open_template
from mailmerge.template.rendering import bookmarked_texts

_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]")


def job_of(docx: Path, sheets: Sequence[Sheet]) -> tuple[ClassJob, list[Expected]]:
    """Whose pages a class document has, read from its bookmarks.

    Args:
        docx: a class document that `merge` or `run` made.
        sheets: everybody who may be in it.

    Raises:
        TemplateError: not such a document, or a page of nobody known.
    """
    by_number = {_NOT_ALPHANUMERIC.sub("", sheet.numero): sheet for sheet in sheets}
    found = bookmarked_texts(open_template(docx))
    if not found:
        raise TemplateError(
            f"« {docx.name} » n’est pas un document d’attestations produit par ce programme, ou "
            "ses repères ont été effacés. Relancez la commande merge pour le refaire.",
            source=docx.name,
        )
    present: list[Sheet] = []
    expected: list[Expected] = []
    for bookmark, numero, text in found:
        sheet = by_number.get(numero)
        if sheet is None:
            raise TemplateError(
                f"« {docx.name} » contient une page dont l’élève ne figure plus dans "
                "« Résultats Pix.xlsx ». Relancez la commande merge pour refaire le document.",
                source=docx.name,
            )
        present.append(sheet)
        expected.append(_expected(bookmark, sheet, text))
    division = str(present[0].row[columns.CLASSE])
    job = ClassJob(division, docx.stem, docx.name, f"{docx.stem}.pdf", tuple(present))
    return job, expected


def reprint(docx: Path, sheets: Sequence[Sheet], press: Press, folder: Path) -> IssuedClass:
    """Convert a class document as it stands, prove its pages and cut it."""
    folder.mkdir(parents=True, exist_ok=True)
    empty = ClassJob("", docx.stem, docx.name, f"{docx.stem}.pdf", ())
    try:
        job, expected = job_of(docx, sheets)
    except PixMailmergeError as error:
        return failed(empty, error)
    try:
        chunk = press.convert(docx, job.sheets, expected, folder)
        return bind_class(job, None, [chunk], press, folder)
    except PixMailmergeError as error:
        return failed(job, error)


def _expected(bookmark: str, sheet: Sheet, text: str) -> Expected:
    """What the page must carry: as much of the pupil's identity as the document still has.

    A name corrected by hand is no longer looked for; the number then tells the pages.
    """
    row: Mapping[str, Any] = sheet.row
    squeezed = "".join(text.split()).casefold()
    identity = (str(row[header]) for header in (columns.NOM, columns.PRENOM, columns.NUMERO))
    texts = tuple(value for value in identity if "".join(value.split()).casefold() in squeezed)
    numero = sheet.numero if sheet.numero in texts else ""
    return Expected(bookmark, sheet.name, texts, numero)
