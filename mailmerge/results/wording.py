"""French typography for this room's messages, so that their source stays readable."""

from __future__ import annotations

import hashlib

from mailmerge.text import typeset

_LONGEST_QUOTE = 40
_MOST_NAMES = 12


def fr(template: str, **values: object) -> str:
    """``template`` with French spaces and apostrophes, then filled in; ``values`` stay as they are.

    >>> fr("« {nom} » : d'accord", nom="L'été")
    '«\\u202fL\\'été\\u202f»\\xa0: d’accord'
    """
    return typeset(template).replace("'", "’").format(**values)


def mark(*facts: object) -> str:
    """A short hash of what a notice is about (`Notice.mark`)."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]


def quoted(value: object) -> str:
    """A cell's content as a message may show it: one short line."""
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


def listed(names: list[str]) -> str:
    """``names`` as French says them: « A », « B » et « C »."""
    marked = [fr("« {name} »", name=name) for name in names]
    return marked[0] if len(marked) == 1 else ", ".join(marked[:-1]) + " et " + marked[-1]


def shortened(names: list[str]) -> str:
    """The first ``names``, and how many more there are: « A, B et 3 de plus »."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" et {more} de plus" if more > 0 else "")
