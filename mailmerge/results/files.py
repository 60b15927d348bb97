"""The bytes of a file, as grids of cells: CSV in any encoding and separator, xlsx, xls, ods.

A file is known by its content, never by its name's ending. Everything is bounded before it is
read: these files come by mail and from shared folders.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from mailmerge.errors import InputError
from mailmerge.results.wording import fr, quoted

Cell: TypeAlias = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
Row: TypeAlias = list[Cell]

MAX_FILE_BYTES = 256 * 2**20
MAX_MEMBERS = 5_000
MAX_UNPACKED_BYTES = 1024 * 2**20
MAX_RATIO = 250  # a workbook of a hundred thousand certifications packs about 30 to 1
MAX_SHEET_CELLS = 30_000_000

_SEPARATORS = (";", ",", "\t")
_SAMPLE_LINES = 40
# Windows (Western Europe), old macOS, MS-DOS: told apart by the accents of Pix's own headers.
_OLD_ENCODINGS = ("cp1252", "mac_roman", "cp850")
_ACCENTED_HEADERS = ("prénom", "numéro", "résultat")
_FOREIGN = (
    (b"%PDF", "un PDF"),
    (b"\x89PNG", "une image"),
    (b"\xff\xd8\xff", "une image"),
    (b"GIF8", "une image"),
    (b"{\\rtf", "un document de texte"),
    (b"PK\x03\x04", "une archive ZIP"),
    (b"Rar!", "une archive"),
    (b"7z\xbc\xaf", "une archive"),
    (b"\x1f\x8b", "une archive"),
)
DOWNLOAD_AGAIN = (
    "Téléchargez de nouveau les résultats de certification depuis Pix Orga "
    "(fichier .csv) et mettez-les à sa place."
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a CSV file or of one sheet.

    Attributes:
        source: the file's name, without its folder.
        sheet: the sheet's name; None for a CSV file.
        rows: the cells, row by row; rows may differ in length.
        lines: for each row, its line (CSV) or row (workbook) in the file, from 1.
        damage: where the file stops being readable, if it does; the rows before it are good.
    """

    source: str
    sheet: str | None
    rows: list[Row]
    lines: list[int]
    damage: InputError | None = None


def read_grids(path: Path) -> list[Grid]:
    """Every table of cells in ``path``, in order.

    Raises:
        InputError: the file is missing, empty, foreign, damaged or beyond every reasonable size.
    """
    data = read_bytes(path)
    if data.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(data)):
        _check_archive(data, path.name)
        return _workbook_grids(data, path.name)
    if data.startswith(_OLE):
        return _workbook_grids(data, path.name)
    _refuse_foreign(data, path.name)
    return [_csv_grid(_decode(data, path.name), path.name)]


def read_bytes(path: Path) -> bytes:
    """The bytes of a file of reasonable size.

    Raises:
        InputError: missing, locked, empty or far too large.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            message = fr(
                "Le fichier « {name} » est bien trop gros ({size} Mo) pour des résultats Pix. "
                "Vérifiez que c'est le bon fichier.",
                name=path.name,
                size=path.stat().st_size // 2**20,
            )
            raise InputError(message, source=path.name)
        data = path.read_bytes()
    except FileNotFoundError as error:
        message = fr(
            "Le fichier « {name} » n'existe pas. Vérifiez son nom et son dossier.", name=path.name
        )
        raise InputError(message, source=path.name) from error
    except OSError as error:
        message = fr(
            "Le fichier « {name} » ne peut pas être ouvert. S'il est ouvert dans Excel, "
            "fermez-le ; sinon, vérifiez que vous avez le droit de le lire.",
            name=path.name,
        )
        raise InputError(message, source=path.name) from error
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe;,"):
        message = fr("Le fichier « {name} » est vide. ", name=path.name) + DOWNLOAD_AGAIN
        raise InputError(message, source=path.name)
    return data


def _foreign(name: str, kind: str) -> InputError:
    message = fr(
        "Le fichier « {name} » n'est pas un tableau de résultats : c'est {kind}. ",
        name=name,
        kind=kind,
    )
    return InputError(message + DOWNLOAD_AGAIN, source=name)


def _refuse_foreign(data: bytes, name: str) -> None:
    for signature, kind in _FOREIGN:
        if data.startswith(signature):
            raise _foreign(name, kind)
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise _foreign(name, "une page web ou un fichier XML, peut-être la page de connexion")


# --- workbooks ---


def _check_archive(data: bytes, name: str) -> None:
    """Refuse a document that is no workbook, an archive bomb, or a damaged archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {member.filename for member in archive.infolist()}
            _refuse_other_documents(archive, names, name)
            _refuse_bomb(archive, len(data), name)
            # Reading each member whole also proves that none is larger than it says.
            if archive.testzip() is None:
                _check_extent(archive, names, name)
                return
    except InputError:
        raise
    # zipfile raises many kinds on a damaged or encrypted archive.
    except Exception as error:
        raise _unreadable_workbook(name) from error
    raise _unreadable_workbook(name)


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
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return
    if "word/document.xml" in names:
        raise _foreign(name, "un document Word")
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
        kind = archive.read("mimetype")
        if b"spreadsheet" in kind:
            return
        if b"opendocument" in kind:
            raise _foreign(name, "un document LibreOffice qui n’est pas un classeur")
    raise _foreign(name, "une archive ZIP")


_CELL_PLACE = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>')
_REPEATED = re.compile(
    rb"<table:(?:table-cell|covered-table-cell)\b(?=[^>]*office:value-type)[^>]*"
    rb'number-columns-repeated="(\d+)"'
)
_REPEATED_ROW = re.compile(
    rb'<table:table-row\b[^>]*number-rows-repeated="(\d{3,})"[^>]*(?<!/)>(.*?)</table:table-row>',
    re.DOTALL,
)


def _check_extent(archive: zipfile.ZipFile, names: set[str], name: str) -> None:
    """Refuse a sheet whose lone far-away cell would make a grid of billions of cells."""
    for member in sorted(names):
        if member.startswith("xl/worksheets/") and member.endswith(".xml"):
            cells = _xlsx_extent(archive.read(member))
        elif member == "content.xml":
            cells = _ods_extent(archive.read(member))
        else:
            continue
        if cells > MAX_SHEET_CELLS:
            message = fr(
                "Le classeur « {name} » a une cellule remplie très loin du tableau. Supprimez-la, "
                "ou copiez le tableau dans un nouveau classeur.",
                name=name,
            )
            raise InputError(message, source=name)


def _xlsx_extent(xml: bytes) -> int:
    columns: set[bytes] = set()
    last_row = 0
    for letters, row in _CELL_PLACE.findall(xml):
        columns.add(letters)
        last_row = max(last_row, int(row))
    return last_row * max(map(_column_number, columns), default=0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _ods_extent(xml: bytes) -> int:
    widest = max(map(int, _REPEATED.findall(xml)), default=1)
    tallest = max(
        (int(count) for count, cells in _REPEATED_ROW.findall(xml) if b"office:value" in cells),
        default=1,
    )
    return widest * tallest if min(widest, tallest) > 1 else max(widest, tallest) * 100


def _unreadable_workbook(name: str) -> InputError:
    message = fr(
        "Le classeur « {name} » est abîmé ou n'est pas un vrai classeur. Ouvrez-le dans Excel ou "
        "LibreOffice et enregistrez-le de nouveau au format .xlsx, ou téléchargez de nouveau "
        "le fichier depuis Pix Orga.",
        name=name,
    )
    return InputError(message, source=name)


def _workbook_grids(data: bytes, name: str) -> list[Grid]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            grids = []
            for sheet in workbook.sheet_names:
                rows: list[Row] = [
                    list(row)
                    for row in workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
                ]
                grids.append(Grid(name, sheet, _unfold(rows), list(range(1, len(rows) + 1))))
            return grids
    except PasswordError as error:
        message = fr(
            "Le classeur « {name} » est protégé par un mot de passe. Enlevez la protection, "
            "puis recommencez.",
            name=name,
        )
        raise InputError(message, source=name) from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise _unreadable_workbook(name) from error
    except BaseException as error:
        # A panic in calamine's Rust code derives from BaseException and has no public name.
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable_workbook(name) from error


# --- CSV ---


def _decode(data: bytes, name: str) -> str:
    """The text of ``data``: UTF-8, UTF-16 or an old one-byte encoding."""
    utf16 = _utf16_of(data)
    if utf16 is not None:
        try:
            return data.decode(utf16).lstrip("\ufeff")
        except UnicodeDecodeError as error:
            raise _damaged_text(data, error.start, name) from error
    if b"\x00" in data:
        raise _foreign(name, "un fichier qui n’est pas du texte")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Accents that already read well as UTF-8 can't be Windows ones: the file is damaged.
        if not data[: error.start].isascii():
            raise _damaged_text(data, error.start, name) from error
    return _decode_old(data, name)


def _utf16_of(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = data[:2000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) * 0.4 and even == 0:
        return "utf-16-le"
    if even > len(sample) * 0.4 and odd == 0:
        return "utf-16-be"
    return None


def _decode_old(data: bytes, name: str) -> str:
    texts = []
    for encoding in _OLD_ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(word in text.lower() for word in _ACCENTED_HEADERS):
            return text
        texts.append(text)
    if not texts or any(ord(char) < 9 for char in texts[0][:4000]):
        raise _foreign(name, "un fichier qui n’est pas du texte")
    return texts[0]


def _damaged_text(data: bytes, at: int, name: str) -> InputError:
    line = data.count(b"\n", 0, at) + 1
    message = fr(
        "Le fichier « {name} » est coupé ou abîmé à la ligne {line} : des lettres accentuées n'y "
        "sont plus lisibles. ",
        name=name,
        line=line,
    )
    return InputError(message + DOWNLOAD_AGAIN, source=name, line=line)


def _separator(text: str) -> str:
    """The separator that cuts the widest row of the first lines."""
    sample = text[:100_000].splitlines(keepends=True)[:_SAMPLE_LINES]

    def widest(separator: str) -> int:
        try:
            return max((len(row) for row in csv.reader(sample, delimiter=separator)), default=0)
        except csv.Error:
            return 0

    return max(_SEPARATORS, key=widest)


def _numbered_rows(text: str, separator: str) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _CutError(line) from error
        yield line, list(row)


class _CutError(Exception):
    """The CSV text can't be cut into cells from this line on."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _csv_grid(text: str, name: str) -> Grid:
    rows: list[Row] = []
    lines: list[int] = []
    damage = None
    try:
        for line, row in _numbered_rows(text, _separator(text)):
            rows.append(row)
            lines.append(line)
    except _CutError as cut:
        message = fr(
            "Fichier coupé : dans « {name} », la ligne {line} a un guillemet qui n'est pas fermé "
            "ou mal placé ; elle et les suivantes ne sont pas lues. ",
            name=name,
            line=cut.line,
        )
        damage = InputError(message + DOWNLOAD_AGAIN, source=name, line=cut.line)
    return Grid(name, None, _unfold(rows), lines, damage)


def _unfold(rows: list[Row]) -> list[Row]:
    """Cut again a table that a spreadsheet opened with each whole line in its first cell."""
    filled = [[cell for cell in row if cell not in ("", None)] for row in rows]
    if any(len(cells) > 1 for cells in filled):
        return rows
    texts = [str(cells[0]) if cells else "" for cells in filled]
    if not any(text.count(separator) > 5 for text in texts for separator in _SEPARATORS):
        return rows
    separator = _separator("\n".join(texts))
    return [list(next(csv.reader([text], delimiter=separator), [])) for text in texts]


def place(grid: Grid, line: int | None = None, column: str | None = None) -> str:
    """Where in a file, in French, as messages say it."""
    parts = [fr("« {source} »", source=grid.source)]
    if grid.sheet is not None:
        parts.append(fr("feuille « {sheet} »", sheet=quoted(grid.sheet)))
    if line is not None:
        parts.append(f"ligne {line}")
    if column is not None:
        parts.append(fr("colonne « {column} »", column=quoted(column)))
    return ", ".join(parts)
