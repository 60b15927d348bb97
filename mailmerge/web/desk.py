"""What the school's files say now: read once, kept until one of them changes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mailmerge import pipeline
from mailmerge.errors import InputError, Notice, PixMailmergeError, SettingsError
from mailmerge.gathering import Results, gather
from mailmerge.making.issuing import ClassJob
from mailmerge.places import DEFAULT_TEMPLATE
from mailmerge.report import DivisionCount, Report
from mailmerge.request import Nobody, Request
from mailmerge.results import assigned
from mailmerge.results.reading import read_file
from mailmerge.results.rows import records
from mailmerge.results.table import Pupil, Statut
from mailmerge.settings import Settings, load_settings
from mailmerge.text import fold
from mailmerge.web.project import Project

_Mark = tuple[str, int, int]


@dataclass(frozen=True)
class FileView:
    """A file of results, as the page shows it.

    ``divisions`` are the classes that it says itself, ``given`` is the one that the school gave it.
    """

    key: str
    path: Path
    layout: str
    divisions: tuple[str, ...]
    rows: int
    warnings: tuple[Notice, ...]
    errors: tuple[Notice, ...]
    given: str

    @property
    def named(self) -> tuple[str, ...]:
        """The classes that it names."""
        return tuple(name for name in self.divisions if name)

    @property
    def division(self) -> str:
        """Its one class: the one given by hand, else the one it names itself, else ""."""
        return self.given or (self.named[0] if len(self.named) == 1 else "")


@dataclass(frozen=True)
class Person:
    """A pupil, as the page shows one; ``file`` is the attestation's path in the output folder.

    ``ident`` says who it is from one start to the next, ``key`` the same in an address.
    """

    ident: str
    key: str
    pupil: Pupil
    numero: str
    row: Mapping[str, Any]
    folded: str
    file: str | None
    namesake: bool = False

    @property
    def name(self) -> str:
        """« NOM Prénom »; of two in a class, with the certification number, as their files."""
        name = f"{self.pupil.nom} {self.pupil.prenom}"
        return f"{name} ({self.numero})" if self.namesake and self.numero else name

    @property
    def obtained(self) -> bool:
        """Whether there is an attestation to print."""
        return self.pupil.statut is Statut.OBTENUE


@dataclass(frozen=True)
class Division:
    """A class; ``job`` is its printing, None where nobody has an attestation."""

    ident: str
    key: str
    name: str
    people: tuple[Person, ...]
    count: DivisionCount
    job: ClassJob | None

    @property
    def label(self) -> str:
        """How it is called on the page."""
        return self.name or "Sans classe"

    @property
    def printable(self) -> tuple[Person, ...]:
        """Those who have an attestation to print."""
        return tuple(person for person in self.people if person.obtained)


@dataclass(frozen=True)
class View:
    """Everybody, at one moment. ``problem`` says why there is nobody, when a file is to blame."""

    report: Report
    divisions: tuple[Division, ...] = ()
    results: Results | None = None
    settings: Settings = field(default_factory=Settings)
    problem: str = ""

    @property
    def listed(self) -> bool:
        """Whether the school's list of pupils is known."""
        return self.results is not None and self.results.with_roster

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Every pupil, class by class."""
        return tuple(person for division in self.divisions for person in division.people)

    @cached_property
    def by_key(self) -> dict[str, Person]:
        """Opaque name → pupil."""
        return {person.key: person for person in self.people}

    def division(self, key: str) -> Division | None:
        """The class of an opaque name."""
        return next((division for division in self.divisions if division.key == key), None)


class Desk:
    """The one place where the page reads the school's files."""

    def __init__(self, project: Project, opaque: Callable[[str], str]) -> None:
        self._project = project
        self._opaque = opaque
        self._lock = threading.Lock()
        self._mark: tuple[_Mark, ...] | None = None
        self._view = View(Report())
        self._files: dict[tuple[_Mark, str], FileView] = {}

    def view(self) -> View:
        """What the files say now."""
        with self._lock:
            mark = self._marks()
            if mark != self._mark:
                self._view, self._mark = self._look(), mark
            return self._view

    def roster(self) -> Path | None:
        """The school's list of pupils, when there is one."""
        try:
            return self.settings().liste.fichier
        except PixMailmergeError:
            return None  # said by everything that needs the settings

    def template(self) -> Path:
        """The template in use: what the settings say, for the page as for the commands."""
        try:
            return self.settings().edition.modele or DEFAULT_TEMPLATE
        except PixMailmergeError:
            return DEFAULT_TEMPLATE  # said by everything that needs the settings

    def files(self) -> list[FileView]:
        """Each file of results, with what is wrong in it."""
        given, roster = self.given(), self.roster()
        with self._lock:
            wanted = {
                (_mark(path), given.get(path.name, "")): path
                for path in self._project.result_files()
                if path.resolve() != roster
            }
            self._files = {
                key: self._files.get(key) or self._read(path, key[1])
                for key, path in wanted.items()
            }
            return list(self._files.values())

    def given(self) -> dict[str, str]:
        """The classes that the school gave to files by hand."""
        try:
            return assigned.assigned_divisions(self._project.data)
        except PixMailmergeError:
            return {}  # said by every reading of a file

    def give(self, file: FileView, division: str) -> None:
        """Give a file the class ``division``; "" takes it back."""
        given = {**self.given(), file.path.name: division}
        kept = {name: value for name, value in given.items() if value}
        text = assigned.to_toml(kept)
        self._project.write(self._project.data / assigned.FILE_NAME, text.encode())

    def request(self, **wishes: Any) -> Request:
        """What the page asks of the pipeline: everything it was given."""
        settings = self._project.settings
        return Request(
            sources=tuple(self._project.result_files()),
            output=self._project.output,
            settings=settings if settings.is_file() else None,
            **wishes,
        )

    def settings(self) -> Settings:
        """The school's settings.

        Raises:
            SettingsError: the file can't be used.
        """
        path = self._project.settings
        return load_settings(path if path.is_file() else None)

    def _marks(self) -> tuple[_Mark, ...]:
        project = self._project
        files = sorted(project.data.glob("[!.]*")) if project.data.is_dir() else []
        return tuple(_mark(path) for path in (*files, project.workbook))

    def _look(self) -> View:
        if not self._project.result_files() and not self._project.workbook.exists():
            return View(Report())
        request = self.request()
        report = Report()
        try:
            settings = self.settings()
        except PixMailmergeError as error:
            report.fail([error.notice()])
            settings = Settings()
        try:
            results = gather(request, report, Nobody())
        except (InputError, SettingsError) as error:
            return View(report, settings=settings, problem=error.message)
        pipeline.describe(report, results, results.pupils)
        return View(report, self._divisions(results, report, settings), results, settings)

    def _divisions(
        self, results: Results, report: Report, settings: Settings
    ) -> tuple[Division, ...]:
        jobs = {j.division: j for j in pipeline.plan_for(results, results.pupils, settings)}
        files = {sheet.numero: sheet.file for job in jobs.values() for sheet in job.sheets}
        rows = records(results.table)
        called = Counter((p.division, fold(p.who)) for p in results.pupils)
        members: dict[str, list[Person]] = {}
        for pupil in results.pupils:
            numero = pupil.numero
            who = numero or f"{pupil.division} {pupil.nom} {pupil.prenom} {len(members)}"
            ident = f"eleve {who}"
            person = Person(
                ident=ident,
                key=self._opaque(ident),
                pupil=pupil,
                numero=numero,
                row=rows[pupil.row] if pupil.row is not None else {},
                folded=fold(f"{pupil.nom} {pupil.prenom} {pupil.nom}"),
                file=files.get(numero),
                namesake=called[pupil.division, fold(pupil.who)] > 1,
            )
            members.setdefault(pupil.division, []).append(person)
        return tuple(
            Division(
                ident=f"classe {name}",
                key=self._opaque(f"classe {name}"),
                name=name,
                people=tuple(people),
                count=report.division(name),
                job=jobs.get(name),
            )
            for name, people in members.items()
        )

    def _read(self, path: Path, given: str) -> FileView:
        reading = read_file(path)
        source = reading.files[0] if reading.files else None
        return FileView(
            key=self._opaque(f"fichier {path.name}"),
            path=path,
            layout=source.layout if source else "",
            divisions=source.divisions if source else (),
            rows=source.rows if source else 0,
            warnings=reading.warnings,
            errors=reading.errors,
            given=given,
        )


def _mark(path: Path) -> _Mark:
    """What changes when a file does."""
    try:
        about = path.stat()
    except OSError:
        return (path.name, 0, -1)
    return (path.name, about.st_mtime_ns, about.st_size)
