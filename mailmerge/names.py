"""Names of files and folders: readable, unique, safe on Windows, never outside the folder."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from string import Formatter

from pathvalidate import sanitize_filename

from mailmerge.errors import SettingsError

# Leaves room for a school's own folder under Windows' 260 characters.
MAX_LENGTH = 100
MAX_FOLDER = 50  # a class; « Attestations … (sélection) » stays below MAX_LENGTH
# Two words or more, of letters and digits: nothing to make safe, and no reserved name. So short
# that it stays below 255 bytes in any alphabet.
_PLAIN = re.compile(r"(?=.{,60}$)[^\W_]+(?:[ '’-][^\W_]+)+")
PATTERN_FIELDS = ("nom", "prenom", "classe", "numero", "identifiant", "ine", "rang")


def check_pattern(pattern: str, *, source: str | None = None) -> None:
    """Refuse a file-name pattern that uses anything but plain known fields.

    Raises:
        SettingsError: unknown field, format code, unbalanced brace, or no field at all.
    """
    allowed = ", ".join(f"{{{name}}}" for name in PATTERN_FIELDS)
    try:
        pieces = list(Formatter().parse(pattern))
    except ValueError as error:
        raise SettingsError(
            f"Le modèle de nom de fichier « {pattern} » a une accolade de trop. "
            f"Champs possibles : {allowed}.",
            source=source,
        ) from error
    used = [name for _, name, _, _ in pieces if name is not None]
    odd = [piece for piece in pieces if piece[1] is not None and (piece[2] or piece[3])]
    unknown = [name for name in used if name not in PATTERN_FIELDS]
    if unknown or odd or not used:
        raise SettingsError(
            f"Le modèle de nom de fichier « {pattern} » ne convient pas. "
            f"Champs possibles : {allowed}.",
            source=source,
        )


def safe_name(text: str, *, default: str = "sans nom", longest: int = MAX_LENGTH) -> str:
    """``text`` as a file or folder name, without extension, that every system accepts.

    Forbidden characters become ``-``, reserved names (CON, NUL…) get a ``_``, the text is NFC,
    at most ``longest`` characters, and never begins or ends with a dot or a space.
    """
    composed = unicodedata.normalize("NFC", text)
    if len(composed) <= longest and _PLAIN.fullmatch(composed):
        return composed
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in composed)
    tidy = " ".join(visible.split())
    sanitised = sanitize_filename(tidy, replacement_text="-", platform="universal")
    cut = sanitised[:longest].strip(" .")
    return sanitize_filename(cut, platform="universal") or default


def unique_names(wanted: Sequence[str], marks: Sequence[str]) -> list[str]:
    """One safe name each: twins (case and accents' form aside) all get their ``mark`` added.

    Every twin is marked, so that no file looks like the only one of that name. Where marks are
    the same too, a counter follows.
    """
    names = [safe_name(name) for name in wanted]
    twins = Counter(_key(name) for name in names)
    own = [
        safe_name(mark) if twins[_key(name)] > 1 else ""
        for name, mark in zip(names, marks, strict=True)
    ]
    return _distinct(names, own)


def folder_names(divisions: Iterable[str], *, without: str) -> dict[str, str]:
    """A unique safe name for each division; ``""`` is named ``without``.

    Short enough to stand in the name of a class's file too.
    """
    distinct = list(dict.fromkeys(divisions))
    names = [safe_name(division or without, longest=MAX_FOLDER) for division in distinct]
    return dict(zip(distinct, _distinct(names, [""] * len(names)), strict=True))


def _distinct(names: Sequence[str], marks: Sequence[str]) -> list[str]:
    """Each name with its mark, and a counter in it where that is taken already."""
    taken: set[str] = set()
    result = []
    for name, mark in zip(names, marks, strict=True):
        candidate, count = _marked(name, mark), 1
        while _key(candidate) in taken:
            count += 1
            candidate = _marked(name, f"{mark} - {count}" if mark else str(count))
        taken.add(_key(candidate))
        result.append(candidate)
    return result


def fill_pattern(pattern: str, values: Mapping[str, str]) -> str:
    """The pattern with a pupil's values; separators in values never make folders."""
    return pattern.format_map({name: values.get(name, "") for name in PATTERN_FIELDS})


def _marked(name: str, mark: str) -> str:
    if not mark:
        return name
    mark = mark[: MAX_LENGTH // 2]
    return f"{name[: MAX_LENGTH - len(mark) - 3].rstrip(' .')} ({mark})"


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
