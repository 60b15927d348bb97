"""The characters of a tag: what Word's automatic corrections put in, undone; texts made safe."""

from __future__ import annotations

from typing import Final

INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
CLOSING: Final = {
    '"': '"”“„″',
    "“": '"”“″',
    "”": '"”“″',
    "„": '"”“″',
    "″": '"”″',
    "«": "»",
    "'": "'’‘′",
    "‘": "'’′",
    "’": "'’′",
    "′": "'’′",
}
_SINGLE: Final = "'’‘′"
_SIGNS: Final = {"≠": "!=", "≤": "<=", "≥": ">=", "–": "-", "—": "-", "‑": "-", "−": "-", "×": "*"}


def literal(text: str) -> str:
    """``text`` as a string of the template language that no later step can misread.

    Whatever XML, docxtpl's ``patch_xml`` or Jinja could touch is written as an escape.

    >>> literal("l’été & {{")
    "'l\\\\u2019été \\\\x26 \\\\x7b\\\\x7b'"
    """
    return "'" + "".join(map(_escaped, text)) + "'"


def _escaped(char: str) -> str:
    if char.isalnum() or char in " .,:;!?/()_-=+*@#":
        return char
    code = ord(char)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def clean(body: str) -> str:
    """``body`` with plain spaces, plain signs, and every string written as ``literal`` does."""
    out: list[str] = []
    position = 0
    while position < len(body):
        char = body[position]
        end = _string_end(body, position) if char in CLOSING else 0
        if end:
            out.append(literal(_string_value(body[position : end + 1])))
            position = end + 1
            continue
        position += 1
        if char in INVISIBLE:
            continue
        if "！" <= char <= "～":  # the full-width forms of ASCII
            char = chr(ord(char) - 0xFEE0)
        out.append(" " if char.isspace() else _SIGNS.get(char, char))
    return "".join(out).replace("<>", "!=").replace("! =", "!=")


def _string_end(body: str, start: int) -> int:
    """Where the string that opens at ``start`` closes, or 0."""
    closing = CLOSING[body[start]]
    for position in range(start + 1, len(body)):
        char = body[position]
        if char not in closing or body[position - 1] == "\\":
            continue
        around = body[position - 1 : position + 2]
        apostrophe = (
            char in _SINGLE and len(around) == 3 and around[0].isalnum() and around[2].isalnum()
        )
        if not (apostrophe and position > start + 1):
            return position
    return 0


def _string_value(quoted: str) -> str:
    inner = quoted[1:-1]
    if quoted[0] == "«":
        return inner.strip()
    if "\\" not in inner:
        return inner
    try:
        return inner.encode("ascii", "backslashreplace").decode("unicode-escape")
    except UnicodeDecodeError:
        return inner
