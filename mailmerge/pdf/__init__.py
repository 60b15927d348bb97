"""A class's PDF: find every pupil's pages and prove them, cut them out, bind them together.

What opens PDFs (pikepdf, NumPy) takes its time to come, and is needed only when an engine has
made one: it comes when it is first asked for, or with `get_ready`, while an engine works.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mailmerge.pdf.records import Expected, Located, Meta

if TYPE_CHECKING:
    from mailmerge.pdf.locating import locate
    from mailmerge.pdf.splitting import bind, split

__all__ = ["Expected", "Located", "Meta", "bind", "get_ready", "locate", "split"]

_COMING = {"locate": "locating", "bind": "splitting", "split": "splitting"}


def get_ready() -> None:
    """Import what the next steps need."""
    for module in dict.fromkeys(_COMING.values()):
        import_module(f"{__name__}.{module}")


def __getattr__(name: str) -> Any:
    if name not in _COMING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_COMING[name]}"), name)
