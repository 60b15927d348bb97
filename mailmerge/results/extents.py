"""How much a workbook's XML would unfold to, found out before a reader makes room for it.

One cell far away makes a grid of billions; a cell « repeated », or a long text that a million cells
share, fills the memory as well. What the parts are called says nothing: each of them is looked at.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable
from xml.parsers import expat

MAX_CELLS = 6_000_000  # two hundred thousand certifications; about 300 MB
MAX_TEXT = 100_000_000  # characters
MAX_SHEETS = 200

_EXCEL_MARKS = (b"sheetData", b"<sst", b":sst", b"sheets>")
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.IGNORECASE)
_SAYS_NOTHING = frozenset({"number-columns-repeated", "style-name", "content-validation-name"})


class TooLargeError(Exception):
    """The workbook would fill the memory."""


class UnsoundError(Exception):
    """No plain XML, or it declares entities."""


class Extent:
    """What the parts of a workbook unfold to, all together."""

    def __init__(self, sheets: int = 0) -> None:
        self.cells = 0
        self.sheets = sheets
        self.text = 0  # characters in cells
        self.shared: list[int] = []  # the length of each text that cells may share
        self.uses: Counter[str] = Counter()  # the number of such a text → how many cells have it

    def is_too_large(self) -> bool:
        """Whether it goes beyond what is read."""
        lengths = {str(number): length for number, length in enumerate(self.shared)}
        shared = sum(lengths.get(number, 0) * count for number, count in self.uses.items())
        return self.cells > MAX_CELLS or self.sheets > MAX_SHEETS or self.text + shared > MAX_TEXT


def check_parts(parts: Iterable[bytes]) -> None:
    """Refuse a workbook (xlsx, ods) whose parts together are beyond all measure.

    Raises:
        TooLargeError: too many cells or sheets, or too much text.
        UnsoundError: XML that no spreadsheet program writes.
    """
    extent = Extent()
    for part in parts:
        if any(mark in part for mark in _EXCEL_MARKS):
            _read(part, _ExcelPart(extent))
        if b"table-row" in part:
            _read(part, _OpenDocumentPart(extent))
        if extent.is_too_large():
            raise TooLargeError


def _read(part: bytes, reader: _ExcelPart | _OpenDocumentPart) -> None:
    if _DECLARED.search(part):
        raise UnsoundError
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError) as error:
        raise UnsoundError from error
    reader.finish()


class _ExcelPart:
    """A sheet, the texts that sheets share, or the list of sheets."""

    def __init__(self, extent: Extent) -> None:
        self._extent = extent
        self._row = self._column = 0  # of the cell that is open
        self._rows = self._columns = 0  # as far as something is filled
        self._refers = False  # the open cell's value is the number of a shared text
        self._value: list[str] | None = None
        self._sharing = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2] if ":" in name else name
        if local == "c":
            self._open(attributes)
        elif local in ("v", "is", "f"):
            if self._row > self._rows:
                self._rows = self._row
            if self._column > self._columns:
                self._columns = self._column
            self._value = [] if self._refers and local == "v" else None
        elif local == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif local == "si":
            self._extent.shared.append(0)
            self._sharing = True
        elif local == "sheet":
            self._extent.sheets += 1

    def _open(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        self._column += 1
        if place is not None:
            found = _PLACE.fullmatch(place)
            if found is None:
                raise ValueError(place)
            self._column, self._row = _number(found[1]), int(found[2])
        self._refers = attributes.get("t") == "s"

    def end(self, name: str) -> None:
        if self._value is not None and name.endswith("v"):
            self._extent.uses["".join(self._value).strip()] += 1
            self._value = None
        elif self._sharing and name.endswith("si"):
            self._sharing = False

    def finish(self) -> None:
        self._extent.cells += self._rows * self._columns

    def characters(self, text: str) -> None:
        if self._sharing:
            self._extent.shared[-1] += len(text)
        elif self._value is not None:
            self._value.append(text)
        else:
            self._extent.text += len(text)


@functools.cache
def _number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


class _OpenDocumentPart:
    """The tables of an .ods, where cells, rows and spaces are « repeated »."""

    def __init__(self, extent: Extent) -> None:
        self._extent = extent
        self._row = self._column = 0
        self._rows = self._columns = 0
        self._times = self._row_times = 1

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        given = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if local == "table":
            self.finish()
            self._extent.sheets += 1
        elif local == "table-row":
            self._row_times = int(given.get("number-rows-repeated", 1))
            self._row += self._row_times
            self._column = 0
        elif local in ("table-cell", "covered-table-cell"):
            self._times = int(given.get("number-columns-repeated", 1))
            self._column += self._times
            if given.keys() - _SAYS_NOTHING:
                self._fill()
        elif local == "s":
            self._add_text(int(given.get("c", 1)))

    def end(self, name: str) -> None:
        """Nothing ends that would count."""

    def finish(self) -> None:
        self._extent.cells += self._rows * self._columns
        self._row = self._rows = self._columns = 0

    def characters(self, text: str) -> None:
        if text.strip():
            self._add_text(len(text))

    def _add_text(self, length: int) -> None:
        self._extent.text += length * self._times * self._row_times
        self._fill()

    def _fill(self) -> None:
        self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)
