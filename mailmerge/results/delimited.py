"""CSV text in any encoding and with any separator → a grid."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from mailmerge.errors import InputError
from mailmerge.results.grids import DOWNLOAD_AGAIN, Grid, Row, foreign
from mailmerge.results.wording import fr

_SEPARATORS = (";", ",", "\t")
_SAMPLE_LINES = 40
# Windows (Western Europe), old macOS, MS-DOS: told apart by the accents of Pix's own headers.
_OLD_ENCODINGS = ("cp1252", "mac_roman", "cp850")
_ACCENTED_HEADERS = ("prénom", "numéro", "résultat")


def csv_grid(data: bytes, name: str) -> Grid:
    """The grid of a CSV file; where its quotes break, the rows before are kept.

    Raises:
        InputError: the bytes are no text, or text that was cut or damaged.
    """
    return _grid(_decode(data, name), name)


def _decode(data: bytes, name: str) -> str:
    """The text of ``data``: UTF-8, UTF-16 or an old one-byte encoding."""
    utf16 = _utf16_of(data)
    if utf16 is not None:
        try:
            return data.decode(utf16).lstrip("\ufeff")
        except UnicodeDecodeError as error:
            raise _damaged_text(data, error.start, name) from error
    if b"\x00" in data:
        raise foreign(name, "un fichier qui n’est pas du texte")
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
        raise foreign(name, "un fichier qui n’est pas du texte")
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


def _grid(text: str, name: str) -> Grid:
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
    return Grid(name, None, unfold(rows), lines, damage)


def unfold(rows: list[Row]) -> list[Row]:
    """Cut again a table that a spreadsheet opened with each whole line in its first cell."""
    filled = [[cell for cell in row if cell not in ("", None)] for row in rows]
    if any(len(cells) > 1 for cells in filled):
        return rows
    texts = [str(cells[0]) if cells else "" for cells in filled]
    if not any(text.count(separator) > 5 for text in texts for separator in _SEPARATORS):
        return rows
    separator = _separator("\n".join(texts))
    return [list(next(csv.reader([text], delimiter=separator), [])) for text in texts]
