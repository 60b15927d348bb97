"""How the check's sentences show what people wrote."""

from __future__ import annotations


def short(text: str, length: int = 60) -> str:
    """``text`` on one line, cut with « … » past ``length`` characters."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
