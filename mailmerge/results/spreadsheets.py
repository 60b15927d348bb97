"""Workbooks (xlsx, xls, ods) → grids, bounded before they are opened.

A workbook is an archive of XML: a small file can unpack to anything, and one cell filled far
away makes a grid of billions of cells.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

from mailmerge.errors import InputError
from mailmerge.results import biff, compound, extents
from mailmerge.results.delimited import unfold
from mailmerge.results.grids import Grid, Row, foreign, shared
from mailmerge.results.wording import fr

MAX_MEMBERS = 5_000
MAX_UNPACKED_BYTES = 384 * 2**20
MAX_RATIO = 250  # a workbook of a hundred thousand certifications packs about 30 to 1

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are an archive (xlsx, ods …) or an old Office file (xls …)."""
    archive = data.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(data))
    return archive or data.startswith(OLE)


def workbook_grids(data: bytes, name: str) -> list[Grid]:
    """Every sheet of a workbook.

    Raises:
        InputError: no workbook, damaged, locked by a password, or of an abnormal size.
    """
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _locked_workbook(name)
        from_1904 = _check_old_book(data, name)
    else:
        _check_archive(data, name)
        from_1904 = _is_from_1904(data)
    return [replace(grid, from_1904=from_1904) for grid in _read_sheets(data, name)]


def _check_archive(data: bytes, name: str) -> None:
    """Refuse a document that is no workbook, an archive bomb, or a damaged archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {member.filename for member in archive.infolist()}
            _refuse_other_documents(archive, names, name)
            _refuse_bomb(archive, len(data), name)
            extents.check_parts(_members(archive))
            return
    except InputError:
        raise
    except extents.TooLargeError as error:
        raise _beyond_measure(name) from error
    # zipfile raises many kinds on a damaged or encrypted archive.
    except Exception as error:
        raise _unreadable_workbook(name) from error


def _members(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """Each member, whole: which also proves that none is damaged or larger than it says."""
    for member in archive.infolist():
        yield archive.read(member)


def _check_old_book(data: bytes, name: str) -> bool:
    """Refuse an old workbook that is unsound, locked or a bomb; whether its days are from 1904."""
    try:
        from_1904, *_ = map(biff.check_book, compound.workbook_streams(data))
    except compound.UnsoundError as error:
        raise _unreadable_workbook(name) from error
    except biff.LockedError as error:
        raise _locked_workbook(name) from error
    except extents.TooLargeError as error:
        raise _beyond_measure(name) from error
    return from_1904


def _beyond_measure(name: str) -> InputError:
    message = fr(
        "Le classeur « {name} » a une cellule remplie très loin du tableau, ou une quantité "
        "anormale de feuilles ou de texte. Copiez le tableau dans un nouveau classeur.",
        name=name,
    )
    return InputError(message, source=name)


def _refuse_bomb(archive: zipfile.ZipFile, packed: int, name: str) -> None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    allowed = min(MAX_UNPACKED_BYTES, max(packed * MAX_RATIO, 2**24))
    if len(members) > MAX_MEMBERS or unpacked > allowed:
        message = fr(
            "Le classeur « {name} » contient une quantité anormale de données : il n'est "
            "pas lu. Copiez le tableau dans un nouveau classeur.",
            name=name,
        )
        raise InputError(message, source=name)


def _refuse_other_documents(archive: zipfile.ZipFile, names: set[str], name: str) -> None:
    if "xl/workbook.bin" in names:  # .xlsb: nothing tells what it unfolds to
        raise foreign(name, "un classeur binaire (.xlsb), à enregistrer au format .xlsx,")
    if "xl/workbook.xml" in names:
        return
    if "word/document.xml" in names:
        raise foreign(name, "un document Word")
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
        kind = archive.read("mimetype")
        if b"spreadsheet" in kind:
            return
        if b"opendocument" in kind:
            raise foreign(name, "un document LibreOffice qui n’est pas un classeur")
    raise foreign(name, "une archive ZIP")


_FROM_1904 = {  # which part says so, and how
    "xl/workbook.xml": re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904=[\"'](?:1|true)[\"']"),
    "content.xml": re.compile(rb"<table:null-date\b[^>]*\bdate-value=[\"']1904-01-01"),
}


def _is_from_1904(data: bytes) -> bool:
    """Whether days are counted from 1904: Excel on old Macs, or an option of today's programs."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return any(
            said.search(archive.read(part)) is not None
            for part, said in _FROM_1904.items()
            if part in archive.namelist()
        )


def _unreadable_workbook(name: str) -> InputError:
    message = fr(
        "Le classeur « {name} » est abîmé ou n'est pas un vrai classeur. Ouvrez-le dans Excel ou "
        "LibreOffice et enregistrez-le de nouveau au format .xlsx, ou téléchargez de nouveau "
        "le fichier depuis Pix Orga.",
        name=name,
    )
    return InputError(message, source=name)


def _locked_workbook(name: str) -> InputError:
    message = fr(
        "Le classeur « {name} » est protégé par un mot de passe. Enlevez la protection, "
        "puis recommencez.",
        name=name,
    )
    return InputError(message, source=name)


def _rows(sheet: CalamineSheet) -> Iterator[Row]:
    """The rows, one at a time and equal texts once, so that a large sheet is not held twice."""
    left: Row = [""] * (sheet.start[1] if sheet.start else 0)  # calamine begins where the cells do
    for row in sheet.iter_rows():
        yield left + [shared(cell) for cell in row]


def _read_sheets(data: bytes, name: str) -> list[Grid]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            grids = []
            for sheet in workbook.sheets_metadata:
                rows = list(_rows(workbook.get_sheet_by_name(sheet.name)))
                lines = list(range(1, len(rows) + 1))
                hidden = sheet.visible != SheetVisibleEnum.Visible
                grids.append(Grid(name, sheet.name, unfold(rows), lines, hidden=hidden))
            return grids
    except PasswordError as error:
        raise _locked_workbook(name) from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise _unreadable_workbook(name) from error
    except BaseException as error:
        # A panic in calamine's Rust code derives from BaseException and has no public name.
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable_workbook(name) from error
