"""What the name of a file from Pix Orga says: the class, and the day it was made."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

from mailmerge.results.cells import text

_SESSION_FILE = re.compile(r"_(?:r[ée]sultats_session|session_results)_\d+", re.IGNORECASE)
_DIVISION_FILE = re.compile(r"(?:^|\D)\d{8}_r(?:[ée]sultats|esults)_(.+)$", re.IGNORECASE)
_COPY = re.compile(r"\s*(?:\(\d+\)|[-–]\s*(?:copie|copy)|\s(?:copie|copy))\s*$", re.IGNORECASE)
_FILE_DATE = re.compile(r"(?:^|\D)(20\d{6})(?:_([0-2]\d[0-5]\d))?(?:_|\b)")


def _stem(file_name: str) -> str:
    return unicodedata.normalize("NFC", PurePath(file_name).stem).strip()


def division_of(file_name: str) -> str:
    """The class in the name of a class export (``20260615_resultats_3E+ (1).csv``), or "".

    A session export's name ends with the session's number, which is no class.
    """
    stem = _stem(file_name)
    while (shorter := _COPY.sub("", stem)) != stem:
        stem = shorter
    if _SESSION_FILE.search(stem):
        return ""
    found = _DIVISION_FILE.search(stem)
    return text(found[1]) if found else ""


def file_date(file_name: str) -> str:
    """When Pix made a file, from its name: ``"202606150000"``, sortable; "" if it doesn't say."""
    found = _FILE_DATE.search(_stem(file_name))
    return found[1] + (found[2] or "0000") if found else ""
