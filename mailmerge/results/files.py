"""A file → grids of cells. What it is shows in its content, never in its name's ending."""

from __future__ import annotations

from pathlib import Path

from mailmerge.errors import InputError
from mailmerge.results.delimited import csv_grid
from mailmerge.results.grids import DOWNLOAD_AGAIN, Grid, foreign
from mailmerge.results.spreadsheets import is_workbook, workbook_grids
from mailmerge.results.wording import fr

MAX_FILE_BYTES = 256 * 2**20

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


def read_grids(path: Path) -> list[Grid]:
    """Every table of cells in ``path``, in order.

    Raises:
        InputError: the file is missing, empty, foreign, damaged or beyond every reasonable size.
    """
    data = read_bytes(path)
    if is_workbook(data):
        return workbook_grids(data, path.name)
    _refuse_foreign(data, path.name)
    return [csv_grid(data, path.name)]


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
            "« {name} » n'existe pas. Vérifiez son nom et son emplacement.", name=path.name
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


def _refuse_foreign(data: bytes, name: str) -> None:
    for signature, kind in _FOREIGN:
        if data.startswith(signature):
            raise foreign(name, kind)
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise foreign(name, "une page web ou un fichier XML, peut-être la page de connexion")
