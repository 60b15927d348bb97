"""3. Édition: choose, produce, follow, stop, print, download."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from mailmerge import columns, engines, pipeline
from mailmerge.errors import ExitCode, PixMailmergeError
from mailmerge.report import Report
from mailmerge.request import ALPHABETICAL, AS_LISTED, Watcher
from mailmerge.web.desk import Division, Person, View
from mailmerge.web.forms import Form, action, day_in
from mailmerge.web.picks import SHOWN, Picks, Selection, selected, ticked_in
from mailmerge.web.rendering import Saying, answer, event, messages, page, plural
from mailmerge.web.running import Progress
from mailmerge.web.sending import disposition, send_file

_QUIET = 10.0  # seconds without news before a sign that the line is open


def show(request: Request) -> Response:
    """The step's page."""
    site = request.app.state.site
    view = site.desk.view()
    progress = site.runner.progress
    picked = site.picks.selection(view)
    return page(
        request,
        "edition.html",
        view=view,
        picked=picked,
        ticked=picked.keys,
        printable=[division for division in view.divisions if division.job],
        anything=site.project.output.is_dir(),
        pdfa=_makes_pdfa(),
        progress=progress,
        outcome=_outcome(progress),
        made=_made(progress, site.project.output),
        ready=[_ready(site.project.output, division) for division in view.divisions],
        engines=_engines(),
        template=site.desk.template().name,
    )


def start(request: Request, form: Form) -> Response:
    """Produce what was chosen, in the background."""
    site = request.app.state.site
    view: View = site.desk.view()
    chosen = _chosen(site.picks, view, form)
    since = day_in(form.text("depuis"))
    people = chosen.printed(view)
    recent = [person for person in people if not _is_older(person, since)]
    if not recent:
        return answer(request, "/edition", Saying("attention", _nothing(chosen, since)))
    everybody = sum(len(division.printable) for division in view.divisions)
    numbers = () if len(people) == everybody else tuple(person.numero for person in recent)
    asked = site.desk.request(since=since, pupils=numbers, **_wishes(view, form))

    def work(watcher: Watcher) -> Report:
        report = pipeline.run(asked, watcher)
        if report.exit_code is ExitCode.OK:  # else what was not made can be produced again at once
            site.picks.forget(chosen)
        return report

    if not site.runner.start(work):
        return answer(request, "/edition", Saying("attention", "Une production est déjà en cours."))
    return answer(request, "/edition")


def stop(request: Request, _: Form) -> Response:
    """Stop after the class at work."""
    request.app.state.site.runner.stop()
    return answer(request, "/edition")


def follow(request: Request) -> Response:
    """The progress, as it happens."""
    runner = request.app.state.site.runner

    def news() -> Iterator[str]:
        version = -1
        while True:
            progress = runner.wait_for_change(version, _QUIET)
            if progress.version == version:
                yield ": toujours là\n\n"
                continue
            version = progress.version
            yield event(_said(progress))
            if not progress.running:
                return

    return StreamingResponse(news(), media_type="text/event-stream")


def made_pdf(request: Request) -> Response:
    """One of the class documents of the last run, to print; a selection has its own."""
    site = request.app.state.site
    made = _made(site.runner.progress, site.project.output)
    rank = request.path_params["rank"]
    if rank >= len(made):
        raise HTTPException(404)
    return send_file(site.project.output / made[rank][1], inline=True)


def _made(progress: Progress, output: Path) -> list[tuple[str, str]]:
    """Class and document of everything that the last run made and that is still there."""
    if progress.running or progress.report is None:
        return []
    divisions = progress.report.divisions
    made = [(d.division or "Sans classe", d.pdf) for d in divisions if d.pdf]
    return [(division, pdf) for division, pdf in made if (output / pdf).is_file()]


def class_pdf(request: Request) -> Response:
    """All the attestations of a class, to print."""
    division = _division(request)
    assert division.job is not None  # noqa: S101 - see _division
    return send_file(request.app.state.site.project.output / division.job.pdf, inline=True)


def class_zip(request: Request) -> Response:
    """A class's files in one, one PDF for each pupil."""
    division = _division(request)
    output: Path = request.app.state.site.project.output
    assert division.job is not None  # noqa: S101 - see _division
    files = [output / sheet.file for sheet in division.job.sheets]
    present = [file for file in files if file.is_file()]
    if not present:
        raise HTTPException(404)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:  # PDFs are compressed already
        for file in present:
            archive.write(file, file.name)
    name = f"{division.job.title}.zip"
    return Response(
        stream.getvalue(),
        media_type="application/zip",
        headers={"content-disposition": disposition(name)},
    )


def open_folder(request: Request, _: Form) -> Response:
    """Show the folder in the desktop's file manager."""
    output = request.app.state.site.project.output
    if not output.is_dir():
        said = Saying("attention", "Le dossier sera créé à la première production.")
        return answer(request, "/edition", said)
    if not engines.show_folder(output):
        said = Saying("attention", f"Ouvrez ce dossier dans votre explorateur : {output}")
        return answer(request, "/edition", said)
    return answer(request, "/edition", Saying("bon", f"Le dossier s’ouvre : {output}"))


def _chosen(picks: Picks, view: View, form: Form) -> Selection:
    """All that is ticked, on this list and on others; or everything, or one pupil from its page."""
    listed = form.get(SHOWN) is not None
    picked = picks.change(view, form) if listed else selected(view, ticked_in(form))
    if form.text("tout"):
        return selected(view, {division.key for division in view.divisions} | picked.keys)
    return picked


def _wishes(view: View, form: Form) -> dict[str, Any]:
    """The options."""
    pdfa = bool(form.text("archivage"))
    engine = "libreoffice" if pdfa else form.text("moteur")
    return {
        "engine": engine if engine in engines.NAMES else "auto",
        "order": AS_LISTED if form.text("ordre") == AS_LISTED and view.listed else ALPHABETICAL,
        "duplex": bool(form.text("recto-verso")),
        "cover": bool(form.text("couverture")),
        "force": bool(form.text("refaire")),
        "pdfa": pdfa,
    }


def _is_older(person: Person, since: dt.date | None) -> bool:
    day = person.row.get(columns.DATE_PASSAGE)
    return since is not None and day is not None and day < since


def _nothing(chosen: Selection, since: dt.date | None) -> str:
    if chosen and since:
        return f"Aucune certification choisie n’a été passée depuis le {since:%d/%m/%Y}."
    return "Rien n’est choisi : cochez au moins une classe, ou un élève certifié."


def _engines() -> list[tuple[str, str]]:
    try:
        found = engines.choose("auto")
    except PixMailmergeError:
        return []
    return [(engine.name, engine.label) for engine in found]


def _makes_pdfa() -> bool:
    try:
        return bool(engines.choose("auto", pdfa=True))
    except PixMailmergeError:
        return False


def _ready(output: Path, division: Division) -> dict[str, Any]:
    """What is in the output folder for a class."""
    job = division.job
    files = [output / sheet.file for sheet in job.sheets] if job else []
    pdf = output / job.pdf if job else None
    when = dt.datetime.fromtimestamp(pdf.stat().st_mtime) if pdf and pdf.is_file() else None
    return {"division": division, "when": when, "count": sum(f.is_file() for f in files)}


def _division(request: Request) -> Division:
    division: Division | None = request.app.state.site.desk.view().division(
        request.path_params["key"]
    )
    if division is None or division.job is None:
        raise HTTPException(404)
    return division


def _said(progress: Progress) -> dict[str, Any]:
    return {
        "stage": progress.stage,
        "done": progress.done,
        "total": progress.total,
        "running": progress.running,
        "stopping": progress.stopping,
    }


def _outcome(progress: Progress) -> Saying | None:
    """What came of the last run."""
    if progress.running or not progress.number:
        return None
    if progress.error:
        return Saying("erreur", "Rien n’a pu être produit.", (progress.error,))
    if progress.stopped:
        return Saying(
            "attention",
            "Production arrêtée. Les fichiers déjà terminés sont entiers ; relancez pour finir.",
        )
    assert progress.report is not None  # noqa: S101 - the only other end
    return _done(progress.report)


def _done(report: Report) -> Saying:
    title = f"Production terminée : {plural(report.printed, 'attestation')}."
    kept = [division or "Sans classe" for division in report.kept]
    if kept and len(kept) == len(report.divisions):
        title += " Rien n’avait changé : les fichiers sont restés les mêmes."
    elif kept:
        title += f" Inchangées et gardées : {', '.join(kept)}."
    problems = messages(report.erreurs) + messages(report.avertissements)
    return Saying("attention" if report.erreurs else "bon", title, problems)


ROUTES = [
    Route("/edition", show),
    Route("/edition/progression", follow),
    Route("/edition/fait/{rank:int}.pdf", made_pdf),
    Route("/edition/classe/{key}.pdf", class_pdf),
    Route("/edition/classe/{key}.zip", class_zip),
    action("/edition/lancer", start),
    action("/edition/arreter", stop),
    action("/edition/dossier", open_folder),
]
