"""The classes and pupils that were ticked: one selection for all lists, kept until it is produced.

It is kept in ``data/.page``, so that neither another page of a list nor a closed tab loses it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import NamedTuple

from mailmerge.web.desk import Division, Person, View
from mailmerge.web.forms import Form
from mailmerge.web.project import Project

SHOWN = "vus"  # the field that names the boxes of a form, ticked or not
_MEMORY = "choix"


class Selection(NamedTuple):
    """What is ticked, as far as it can be printed."""

    divisions: tuple[Division, ...]
    people: tuple[Person, ...]

    @property
    def keys(self) -> set[str]:
        """The opaque names of all that is ticked."""
        return {d.key for d in self.divisions} | {p.key for p in self.people}

    @property
    def idents(self) -> list[str]:
        """The same as they are remembered."""
        return [*(d.ident for d in self.divisions), *(p.ident for p in self.people)]

    def __bool__(self) -> bool:
        return bool(self.divisions or self.people)

    def printed(self, view: View) -> list[Person]:
        """Everybody of it who has an attestation, in the order of the classes."""
        keys = self.keys
        return [
            person
            for division in view.divisions
            for person in division.printable
            if division.key in keys or person.key in keys
        ]


class Picks:
    """The memory of the boxes."""

    def __init__(self, project: Project, opaque: Callable[[str], str]) -> None:
        self._project = project
        self._opaque = opaque
        self._lock = threading.Lock()

    def selection(self, view: View) -> Selection:
        """What is ticked now."""
        return selected(view, {self._opaque(ident) for ident in self._recall()})

    def change(self, view: View, form: Form) -> Selection:
        """Take over the boxes of a form; those that it does not show stay as they are."""
        shown = set(form.text(SHOWN).split())
        ticked = selected(view, ticked_in(form))
        with self._lock:
            kept = [ident for ident in self._recall() if self._opaque(ident) not in shown]
            self._remember(list(dict.fromkeys([*kept, *ticked.idents])))
        return self.selection(view)

    def forget(self, produced: Selection) -> None:
        """Untick what was produced."""
        done = set(produced.idents)
        with self._lock:
            self._remember([ident for ident in self._recall() if ident not in done])

    def clear(self) -> None:
        """Untick everything."""
        with self._lock:
            self._remember([])

    def _recall(self) -> list[str]:
        kept = self._project.recall(_MEMORY, [])
        return [ident for ident in kept if isinstance(ident, str)]

    def _remember(self, idents: list[str]) -> None:
        if idents != self._recall():
            self._project.remember(_MEMORY, idents)


def ticked_in(form: Form) -> set[str]:
    """The opaque names that a form ticks."""
    return {*form.texts("classe"), *form.texts("eleve")}


def selected(view: View, keys: Collection[str]) -> Selection:
    """The classes and pupils of opaque names, those who have something to print."""
    return Selection(
        tuple(d for d in view.divisions if d.job is not None and d.key in keys),
        tuple(p for p in view.people if p.obtained and p.key in keys),
    )
