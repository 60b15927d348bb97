"""The template: the school, the signature, the gallery, Word and back, the preview."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailmerge.errors import PixMailmergeError
from mailmerge.web import schoolfile
from mailmerge.web.desk import Person, View
from mailmerge.web.forms import Form, action
from mailmerge.web.project import Project
from mailmerge.web.rendering import Saying, answer, page
from mailmerge.web.sending import send_file

NOBODY = "exemple"  # the invented pupil, for a school without results yet
OWN = "Le modèle de l’établissement"
TITLES = {
    "attestation.docx": "Attestation en couleurs",
    "attestation-sobre.docx": "Attestation sobre, pour la photocopieuse",
    "attestation-champs-word.docx": "Attestation, champs de publipostage de Word",
    "talon-a5.docx": "Talon A5, deux par page",
    "liste-de-classe.docx": "Liste de classe à signer",
}


def show(request: Request) -> Response:
    """The page."""
    site = request.app.state.site
    view: View = site.desk.view()
    people = _printable(view)
    person = _shown(request, view, people)
    problem = ""
    typed = site.sayings.get(request.query_params.get("saisie", ""))
    values = typed if isinstance(typed, dict) else schoolfile.read(site.project.settings)
    try:
        site.desk.settings()
    except PixMailmergeError as error:
        problem = error.message
    rank = people.index(person) if person else 0
    return page(
        request,
        "modele.html",
        values=values,
        problem=problem,
        pictures=schoolfile.pictures(site.project.settings),
        stamp=secrets.token_hex(4),
        templates=_gallery(site.project),
        current=site.desk.template().name,
        person=person,
        rank=rank,
        people=len(people),
        before=people[rank - 1].key if person and rank else None,
        after=people[rank + 1].key if person and rank + 1 < len(people) else None,
        longest=max(people, key=lambda p: len(p.name)).key if people else None,
        picture=person.key if person else NOBODY,
    )


def save(request: Request, form: Form) -> Response:
    """The school and its headteacher."""
    site = request.app.state.site
    path = site.project.settings
    values = {key: form.text(key) for key in schoolfile.FIELDS}
    try:
        site.project.write(path, schoolfile.changed(path, values))
    except PixMailmergeError as error:
        said = Saying("erreur", "Les réglages ne sont pas enregistrés.", (error.message,))
        return answer(request, f"/modele?saisie={site.sayings.keep(values)}", said)
    return answer(request, "/modele", Saying("bon", "Les réglages sont enregistrés."))


def receive_picture(request: Request, form: Form) -> Response:
    """The signature or the logo: checked before it replaces the one there is."""
    project = request.app.state.site.project
    which = form.text("image")
    if which not in schoolfile.PICTURES:
        raise HTTPException(404)
    if form.text("retirer"):
        project.write(project.settings, schoolfile.changed(project.settings, {which: ""}))
        return answer(request, "/modele#images", Saying("bon", "L’image est retirée."))
    files = form.files("fichier")
    if not files:
        return answer(request, "/modele#images", Saying("attention", "Choisissez une image."))
    try:
        png = schoolfile.checked_picture(files[0][1], which)
    except PixMailmergeError as error:
        return answer(request, "/modele", Saying("erreur", error.message))
    name = f"{which}.png"
    project.write(project.data / name, png)
    project.write(project.settings, schoolfile.changed(project.settings, {which: name}))
    return answer(request, "/modele#images", Saying("bon", "L’image est en place."))


def picture(request: Request) -> Response:
    """The signature or the logo in use."""
    project = request.app.state.site.project
    path = schoolfile.pictures(project.settings).get(request.path_params["which"])
    if path is None:
        raise HTTPException(404)
    return send_file(path, inline=True)


def choose_template(request: Request, form: Form) -> Response:
    """A template of the gallery, or the school's own."""
    project = request.app.state.site.project
    name = form.text("modele")
    if name not in project.templates():
        raise HTTPException(404)
    _use(project, name)
    return answer(request, "/modele#apercu", Saying("bon", "Le modèle est choisi."))


def download(request: Request) -> Response:
    """The template in use, to be changed in Word."""
    path: Path = request.app.state.site.desk.template()
    return send_file(path)


def receive_template(request: Request, form: Form) -> Response:
    """A template that comes back from Word; refused ones don't replace the one there is."""
    site = request.app.state.site
    files = form.files("fichier")
    if not files:
        return answer(
            request, "/modele", Saying("attention", "Choisissez un fichier Word (.docx).")
        )
    name, content = files[0]
    problem = schoolfile.template_problem(name, content, site.desk.view())
    if problem:
        title = "Ce modèle n’a pas été gardé ; celui d’avant reste en place."
        return answer(request, "/modele", Saying("erreur", title, problem))
    site.project.write(site.project.own_template, content)
    _use(site.project, site.project.own_template.name)
    return answer(request, "/modele#apercu", Saying("bon", "Votre modèle est en place."))


def preview(request: Request) -> Response:
    """A pupil's page as a picture."""
    site = request.app.state.site
    view = site.desk.view()
    key = request.path_params["key"]
    person = view.by_key.get(key)
    if key != NOBODY and (person is None or not person.obtained):
        raise HTTPException(404)
    return Response(site.previews.picture(view, person), media_type="image/png")


def verification(request: Request) -> Response:
    """What the check says; asked for by the page once it is there, for it takes some seconds."""
    check = request.app.state.site.previews.check()
    return page(request, "verification.html", check=check)


def _printable(view: View) -> list[Person]:
    return [person for person in view.people if person.obtained]


def _shown(request: Request, view: View, people: Sequence[Person]) -> Person | None:
    person = view.by_key.get(request.query_params.get("eleve", ""))
    if person is not None and person.obtained:
        return person
    return people[0] if people else None


def _use(project: Project, name: str) -> None:
    """Write in the settings which template is in use: every command follows."""
    project.write(project.settings, schoolfile.changed(project.settings, {"modele": name}))


def _gallery(project: Project) -> list[tuple[str, str]]:
    """Each template and how it is called on the page; the school's own first."""
    own, others = {}, {}
    for name, path in project.templates().items():
        if path.parent == project.data:
            own[name] = OWN if path == project.own_template else path.stem
        else:
            others[name] = TITLES.get(name, path.stem)
    ranks = {name: rank for rank, name in enumerate(TITLES)}
    return [*own.items(), *sorted(others.items(), key=lambda item: ranks.get(item[0], len(ranks)))]


ROUTES = [
    Route("/modele", show),
    Route("/modele/image/{which}", picture),
    Route("/modele/telecharger", download),
    Route("/modele/verification", verification),
    Route("/modele/apercu/{key}.png", preview),
    action("/modele", save),
    action("/modele/image", receive_picture),
    action("/modele/choisir", choose_template),
    action("/modele/envoyer", receive_template),
]
