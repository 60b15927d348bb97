"""A pupil's page as a picture, quickly: the template compiled once, the embedded engine, a cache."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path

import pypdfium2

from mailmerge import engines
from mailmerge.errors import TemplateError
from mailmerge.issuing import ClassJob, OpenWorkshop, Workshop
from mailmerge.pressing import Sheet
from mailmerge.template.opening import open_template
from mailmerge.template.rendering import prepare_school
from mailmerge.web.desk import Desk, Person, View
from mailmerge.web.project import Project

_RESOLUTION = 110  # dots per inch: sharp on a screen, 100 KB a page
_KEPT = 60  # pictures
_SECONDS = 30.0


class Previews:
    """The pages of pupils as pictures."""

    def __init__(self, project: Project, desk: Desk) -> None:
        self._project = project
        self._desk = desk
        self._lock = threading.Lock()
        self._state: object = None
        self._workshop: OpenWorkshop | None = None
        self._pictures: OrderedDict[str, bytes] = OrderedDict()

    def picture(self, view: View, person: Person) -> bytes:
        """The first page of a pupil's attestation, as PNG.

        Raises:
            PixMailmergeError: the template, the settings or the engine can't be used.
        """
        with self._lock:
            workshop = self._open(view)
            if person.key not in self._pictures:
                self._pictures[person.key] = _draw(workshop, person)
                while len(self._pictures) > _KEPT:
                    self._pictures.popitem(last=False)
            return self._pictures[person.key]

    @property
    def version(self) -> str:
        """Changes with everything that the pictures show."""
        return format(abs(hash(self._current(self._desk.view()))), "x")

    def _open(self, view: View) -> OpenWorkshop:
        state = self._current(view)
        if state != self._state or self._workshop is None:
            self._pictures.clear()
            settings = self._desk.settings()
            assert view.results is not None  # noqa: S101 - there is a pupil
            self._workshop = Workshop(
                template=open_template(self._project.template()),
                headers=tuple(str(name) for name in view.results.table.columns),
                school=prepare_school(settings, dt.date.today()),
                author=settings.etablissement.nom,
                engine=_engine(),
            ).open()
            self._state = state
        return self._workshop

    def _current(self, view: View) -> object:
        """All that a picture depends on."""
        watched = [self._project.template(), *self._pictured()]
        marks = [(str(path), path.stat().st_mtime_ns) for path in watched if path.exists()]
        return (id(view), dt.date.today(), *marks)

    def _pictured(self) -> list[Path]:
        chef, school = self._desk.view().settings.chef, self._desk.view().settings.etablissement
        return [path for path in (chef.signature, school.logo) if path is not None]


def _engine() -> str:
    """The quickest engine there is."""
    available = engines.choose("auto")
    return "embedded" if any(engine.name == "embedded" for engine in available) else "auto"


def _draw(workshop: OpenWorkshop, person: Person) -> bytes:
    sheet = Sheet({**person.row, "Classe": person.pupil.division}, "apercu.pdf")
    job = ClassJob(person.pupil.division, "Aperçu", "apercu.docx", "apercu.pdf", (sheet,))
    with tempfile.TemporaryDirectory(prefix="pix-mailmerge-") as folder:
        docx, pdf = Path(folder, "apercu.docx"), Path(folder, "apercu.pdf")
        docx.write_bytes(workshop.render(job, job.sheets))
        workshop.press.engines[0].convert(docx, pdf, timeout=_SECONDS)
        return _first_page(pdf)


def _first_page(pdf: Path) -> bytes:
    with pypdfium2.PdfDocument(pdf) as document:
        if not len(document):
            raise TemplateError("Le modèle ne donne aucune page. Vérifiez qu’il contient du texte.")
        image = document[0].render(scale=_RESOLUTION / 72).to_pil()
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=False)
    return stream.getvalue()
