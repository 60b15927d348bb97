"""What goes into an engine and what comes out: never trusted, always looked at.

Why: LibreOffice exits 0 on every failure tried, leaves an old PDF in place, and makes a plausible
PDF of a text file that is named .docx. So each conversion works in a fresh private folder, on a
document that was checked, and only a PDF that opens is moved into place.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from mailmerge.errors import EngineError, cause_of

_ROOM = 256 * 1024  # bytes; less free than this is a full disk
_BODY = "word/document.xml"


def produce(docx: Path, pdf: Path, label: str, work: Callable[[Path, Path], None]) -> None:
    """Let ``work(docx, folder)`` make ``document.pdf`` in ``folder``, check it, move it to ``pdf``.

    ``work`` is given a copy of ``docx`` with a plain name, in a private folder. A file that was at
    ``pdf`` is removed first, so that nothing old can be taken for the result.

    Raises:
        EngineError: the document is no Word document, the engine failed, or its PDF is no good.
    """
    check_docx(docx)
    try:
        pdf.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".conversion-", dir=pdf.parent, ignore_cleanup_errors=True
        ) as name:
            source = Path(name, "document.docx")
            result = Path(name, "pdf")
            result.mkdir()
            shutil.copyfile(docx, source)
            _work(work, source, result, docx.name)
            made = result / "document.pdf"
            check_pdf(made, label)
            made.replace(pdf)
    except OSError as error:
        raise EngineError(
            f"La conversion de « {docx.name} » en PDF n’a pas pu écrire ses fichiers : "
            f"{cause_of(error)}. Puis relancez."
        ) from error


def _work(work: Callable[[Path, Path], None], source: Path, folder: Path, name: str) -> None:
    """Let the engine work; on a full disk it fails with words of its own, or with none."""
    try:
        work(source, folder)
    except EngineError as error:
        if shutil.disk_usage(folder).free < _ROOM:
            raise EngineError(
                f"La conversion de « {name} » en PDF n’a pas abouti : le disque est plein. Libérez "
                "de la place, puis relancez."
            ) from error
        raise


def check_docx(docx: Path) -> None:
    """Refuse what is no whole Word document (cut short, text, another archive).

    Raises:
        EngineError: naming the file.
    """
    try:
        with zipfile.ZipFile(docx) as archive:
            archive.getinfo(_BODY)
            damaged = _damaged_part(archive)
    except (OSError, KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise EngineError(
            f"« {docx.name} » n’est pas un document Word (.docx) lisible : il ne peut pas être "
            "converti en PDF."
        ) from error
    if damaged is not None:
        raise EngineError(
            f"« {docx.name} » est abîmé ({damaged}) : il ne peut pas être converti en "
            "PDF. Refaites-le, ou enregistrez-le de nouveau depuis Word."
        )


def _damaged_part(archive: zipfile.ZipFile) -> str | None:
    try:
        return archive.testzip()
    except (zlib.error, EOFError):  # testzip() reports a wrong checksum but lets these through
        return "compression"


def check_pdf(pdf: Path, label: str) -> int:
    """The number of pages of a PDF that an engine made.

    Raises:
        EngineError: absent, empty, unreadable or without a page.
    """
    import pikepdf

    if not pdf.is_file() or pdf.stat().st_size == 0:
        raise EngineError(f"{label} n’a produit aucun PDF, sans dire pourquoi. {_REMEDY}")
    try:
        # A repaired file is a cut one: whoever reads on would miss pages.
        # Only pages are looked for: what they inherit would have every object of the file read.
        with pikepdf.open(pdf, attempt_recovery=False, inherit_page_attributes=False) as document:
            pages = len(document.pages)
    except (pikepdf.PdfError, OSError, ValueError) as error:
        raise EngineError(f"{label} a produit un PDF illisible. {_REMEDY}") from error
    if pages == 0:
        raise EngineError(f"{label} a produit un PDF sans aucune page. {_REMEDY}")
    return pages


_REMEDY = "Vérifiez la place libre sur le disque, puis relancez ou choisissez un autre moteur."
