"""How the check's sentences are written: French spaces, and what people wrote shown short."""

from __future__ import annotations

import re
from typing import Final

_NARROW: Final = "\u202f"
_BEFORE = re.compile(r" (?=[;!?»])")


def french(sentence: str) -> str:
    """``sentence`` with the spaces that French typography asks for around « » : ; ! ?."""
    sentence = _BEFORE.sub(_NARROW, sentence.replace("« ", f"«{_NARROW}"))
    return sentence.replace(" : ", "\u00a0: ")


def short(text: str, length: int = 60) -> str:
    """``text`` on one line, cut with « … » past ``length`` characters."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
