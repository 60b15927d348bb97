"""1. Récupération: the files of Pix, what is in them, and the synthesis."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailmerge import pipeline
from mailmerge.errors import Notice, PixMailmergeError
from mailmerge.report import DivisionCount, Report, total_of
from mailmerge.web import intake, schoolfile
from mailmerge.web.desk import Desk, FileView, View
from mailmerge.web.forms import Form, action
from mailmerge.web.rendering import Saying, answer, messages, page, plural
from mailmerge.web.sending import send_file

SYNTHESIS = "synthese"
LAYOUTS = {
    "G1": "Export de 2018 à 2020",
    "G1b": "Export de 2020",
    "G2": "Export de 2021",
    "L1": "Export de 2021 à mars 2026",
    "L2": "Export de mars et avril 2026",
    "L3": "Export depuis avril 2026",
}


def show(request: Request) -> Response:
    """The step's page."""
    site = request.app.state.site
    view = site.desk.view()
    synthesis = site.project.recall(SYNTHESIS, None)
    return page(
        request,
        "recuperation.html",
        files=site.desk.files(),
        view=view,
        roster=site.desk.roster(),
        listed=sum(not p.pupil.hors_liste for p in view.people),
        headteacher=(site.project.output / pipeline.SYNTHESIS).is_file(),
        divisions=sorted({d.name for d in view.divisions if d.name}),
        counts=[DivisionCount(**count) for count in synthesis or []],
        total=total_of([DivisionCount(**count) for count in synthesis or []]),
        classless=_classless(view),
        layout=describe_layout,
        suffixes=",".join(sorted(intake.SUFFIXES)),
    )


def describe_layout(layout: str) -> str:
    """« L3 session » in words."""
    names = []
    for name in layout.split(" + "):
        known = LAYOUTS.get(name.split()[0], name) if name else ""
        names.append(f"{known}, session d’examen" if "session" in name else known)
    return " ; ".join(dict.fromkeys(names))


def receive(request: Request, form: Form) -> Response:
    """Files that were dropped or chosen."""
    site = request.app.state.site
    files = form.files("fichiers")
    if not files:
        said = Saying("attention", "Aucun fichier n’a été choisi. Choisissez-en un, puis envoyez.")
        return answer(request, "/recuperation", said)
    return answer(request, "/recuperation#fichiers", *intake.take(site.project, files))


def give_classes(request: Request, form: Form) -> Response:
    """The classes of files that do not say them."""
    changed = _give(request.app.state.site.desk, form)
    said = changed or [Saying("attention", "Aucune classe n’a changé.")]
    return answer(request, "/recuperation#fichiers", *said)


def _give(desk: Desk, form: Form, but: str = "") -> list[Saying]:
    """Give each file the class typed beside it; what to say of those that changed."""
    said = []
    for file in desk.files():
        if file.key == but:
            continue
        typed = form.get(f"classe-{file.key}")
        division = " ".join((typed or "").split())[:60]
        shown = form.get(f"etait-{file.key}")  # another tab may have changed it since
        if typed is None or typed == shown or division == file.division:
            continue
        desk.give(file, division)
        what = f"classe « {division} »" if division else "la classe est celle que dit le fichier"
        said.append(Saying("bon", f"{file.path.name} : {what}."))
    return said


def remove(request: Request, form: Form) -> Response:
    """Take a file back; what was recovered from it stays in the workbook."""
    site = request.app.state.site
    file = _file(request, form)
    given = _give(site.desk, form, but=file.key)
    file.path.unlink(missing_ok=True)
    site.desk.give(file, "")
    kept = (
        " Les certifications déjà récupérées restent dans « Résultats Pix.xlsx »."
        if site.project.workbook.exists()
        else ""
    )
    said = Saying("bon", f"{file.path.name} a été retiré du dossier des résultats.{kept}")
    return answer(request, "/recuperation#fichiers", *given, said)


def recover(request: Request, form: Form) -> Response:
    """Bring « Résultats Pix.xlsx » up to date, and keep the synthesis."""
    site = request.app.state.site
    if site.runner.progress.running:
        said = Saying(
            "attention", "Une production est en cours : attendez sa fin, puis recommencez."
        )
        return answer(request, "/recuperation", said)
    try:
        given = _give(site.desk, form)
        report = pipeline.normalize(site.desk.request())
    except PixMailmergeError as error:
        return answer(request, "/recuperation", Saying("erreur", error.message))
    site.project.remember(SYNTHESIS, [_count(count) for count in report.divisions])
    return answer(request, "/recuperation#synthese", *given, _recovered(report))


def forget_roster(request: Request, _: Form) -> Response:
    """Do without the list of pupils; the file of the school stays where it is elsewhere."""
    site = request.app.state.site
    roster = site.desk.roster()
    site.project.write(
        site.project.settings, schoolfile.changed(site.project.settings, {"liste": ""})
    )
    if roster is not None and roster.parent == site.project.data.resolve():
        roster.unlink(missing_ok=True)
    said = Saying("bon", "La liste d’élèves est retirée.")
    return answer(request, "/recuperation", said)


def headteacher(request: Request) -> Response:
    """The synthesis on one page."""
    return send_file(request.app.state.site.project.output / pipeline.SYNTHESIS, inline=True)


def workbook(request: Request) -> Response:
    """« Résultats Pix.xlsx », to look at in Excel."""
    return send_file(request.app.state.site.project.workbook)


def _classless(view: View) -> dict[str, tuple[Notice, ...]]:
    """The files that leave pupils without a class, once all of them are read."""
    notices = view.report.avertissements
    return {n.source: (n,) for n in notices if n.code == "sans-classe" and n.source}


def _recovered(report: Report) -> Saying:
    fresh = sum(count.obtenues + count.mises_a_jour for count in report.divisions)
    people = plural(sum(count.total for count in report.divisions), "élève")
    if not fresh:
        title = f"Récupération terminée : rien de nouveau ({people})."
    else:
        title = f"Récupération terminée : {plural(fresh, 'certification nouvelle')} sur {people}."
        title = title.replace("certification nouvelles", "certifications nouvelles")
    problems = messages(report.erreurs)
    return Saying("attention" if problems else "bon", title, problems)


def _count(count: DivisionCount) -> dict[str, Any]:
    return {**asdict(count), "pdf": None, "docx": None}


def _file(request: Request, form: Form) -> FileView:
    key = form.text("retirer")
    files: list[FileView] = request.app.state.site.desk.files()
    for file in files:
        if file.key == key:
            return file
    raise HTTPException(404)


ROUTES = [
    Route("/recuperation", show),
    Route("/recuperation/classeur", workbook),
    Route("/recuperation/synthese.pdf", headteacher),
    action("/recuperation/fichiers", receive),
    action("/recuperation/classes", give_classes),
    action("/recuperation/retirer", remove),
    action("/recuperation/liste", forget_roster),
    action("/recuperation/lancer", recover),
]
