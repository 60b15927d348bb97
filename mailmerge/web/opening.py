"""Showing the page: the browser is given the secret without the computer's other users seeing it.

On Linux everybody can read what a program was started with, so the browser is started on a private
file that leads to the page; on Windows and macOS other users can't, and the address is enough.
"""

from __future__ import annotations

import html
import os
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from pathlib import Path

_LEADING = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Attestations Pix</title>'
    '<meta http-equiv="refresh" content="0;url={0}"><p><a href="{0}">Ouvrir la page</a></p></html>'
)


def open_browser(
    address: str, folder: Path, open_: Callable[[str], bool] = webbrowser.open
) -> Path | None:
    """Open ``address`` in the browser; the private file that leads there, to be removed after.

    ``folder`` is where the file is put: browsers in a sandbox (snap) can't read hidden or
    temporary folders.
    """
    if sys.platform in ("win32", "darwin"):
        open_(address)
        return None
    try:
        # mkstemp: readable by this user alone.
        handle, name = tempfile.mkstemp(dir=folder, prefix="ouvrir-la-page-", suffix=".html")
    except OSError:
        handle, name = tempfile.mkstemp(suffix=".html")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(_LEADING.format(html.escape(address)))
    open_(Path(name).absolute().as_uri())
    return Path(name)
