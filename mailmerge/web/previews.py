"""A pupil's page as a picture, quickly: the template compiled once, the quick engine, a cache.

And the check of the template, whose messages stand beside it.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Hashable
from pathlib import Path

from mailmerge import engines
from mailmerge.errors import EngineError
from mailmerge.making.issuing import ClassJob, OpenWorkshop, Workshop
from mailmerge.template.opening import open_template
from mailmerge.template.rendering import prepare_school
from mailmerge.trial import checking
from mailmerge.trial.checking import Check
from mailmerge.trial.previewing import one_picture
from mailmerge.trial.sampling import invented_sheet
from mailmerge.web.desk import Desk, Person, View
from mailmerge.web.project import Project

_KEPT = 60  # pictures
_MOST = 8  # pages in one
_QUICK = "embedded"


class Previews:
    """The pages of pupils as pictures, for the template and the settings as they are now."""

    def __init__(self, project: Project, desk: Desk) -> None:
        self._project = project
        self._desk = desk
        self._drawing, self._checking = threading.Lock(), threading.Lock()
        self._state: Hashable = None
        self._workshop: OpenWorkshop | None = None
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._checked: tuple[Hashable, Check] | None = None

    def picture(self, view: View, person: Person | None) -> bytes:
        """The pages of a pupil's attestation (None: of an invented pupil), as one PNG.

        Raises:
            PixMailmergeError: the template, the settings or the engine can't be used.
        """
        key = person.key if person else ""
        with self._drawing:
            workshop = self._open(view)
            if key not in self._pictures:
                self._pictures[key] = _draw(workshop, _job(workshop, view, person))
                while len(self._pictures) > _KEPT:
                    self._pictures.popitem(last=False)
            return self._pictures[key]

    def check(self) -> Check:
        """What the check says of the template, the settings and the data as they are now."""
        with self._checking:
            state = self._current(self._desk.view())
            if self._checked is None or self._checked[0] != state:
                self._checked = (state, checking.check(self._desk.request(engine=_engine())))
            return self._checked[1]

    def _open(self, view: View) -> OpenWorkshop:
        state = self._current(view)
        if state != self._state or self._workshop is None:
            self._pictures.clear()
            settings = self._desk.settings()
            headers = () if view.results is None else view.results.table.columns
            self._workshop = Workshop(
                template=open_template(self._desk.template()),
                headers=tuple(str(name) for name in headers),
                school=prepare_school(settings, dt.date.today()),
                author=settings.etablissement.nom,
                engine=_engine(),
            ).open()
            self._state = state
        return self._workshop

    def _current(self, view: View) -> Hashable:
        """All that a picture depends on."""
        settings = view.settings
        watched = [
            self._desk.template(),
            self._project.settings,
            settings.chef.signature,
            settings.etablissement.logo,
        ]
        marks = [(str(path), path.stat().st_mtime_ns) for path in watched if path and path.exists()]
        return (id(view), dt.date.today(), *marks)


def _engine() -> str:
    """The quickest engine there is."""
    present = {engine.name for engine in engines.choose("auto")}
    return _QUICK if _QUICK in present else "auto"


def _job(workshop: OpenWorkshop, view: View, person: Person | None) -> ClassJob:
    """The pupil alone; the whole class where the template is a class's sheet."""
    title = "Aperçu"
    if person is None:
        return ClassJob("3A", title, "apercu.docx", "apercu.pdf", (invented_sheet(),))
    job = next(d.job for d in view.divisions if d.name == person.pupil.division)
    assert job is not None  # noqa: S101 - the pupil has an attestation
    sheets = tuple(sheet for sheet in job.sheets if sheet.numero == person.numero)
    if workshop.template.for_class:
        sheets = job.sheets
    return ClassJob(job.division, title, "apercu.docx", "apercu.pdf", sheets)


def _draw(workshop: OpenWorkshop, job: ClassJob) -> bytes:
    with tempfile.TemporaryDirectory(prefix="pix-mailmerge-") as folder:
        issued = workshop.issue(job, Path(folder))
        if issued.pdf is None:
            raise EngineError("L’aperçu n’a pas pu être produit : " + issued.errors[0].message)
        return one_picture(issued.pdf.read_bytes(), _MOST)
