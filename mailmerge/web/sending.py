"""Files of the school's folders, sent to the browser under their own names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

_TYPES = {
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".zip": "application/zip",
    ".png": "image/png",
}


def disposition(name: str, *, inline: bool = False) -> str:
    """The header that names a file, in any alphabet (RFC 6266)."""
    return f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}"


def send_file(path: Path, *, inline: bool = False, name: str = "") -> Response:
    """A file, shown by the browser (``inline``) or downloaded.

    Raises:
        HTTPException: 404, it isn't there.
    """
    if not path.is_file():
        raise HTTPException(404)
    return FileResponse(
        path,
        media_type=_TYPES.get(path.suffix.lower(), "application/octet-stream"),
        headers={"content-disposition": disposition(name or path.name, inline=inline)},
    )
