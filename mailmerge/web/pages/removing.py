"""Removing what was produced, after showing it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailmerge import purging
from mailmerge.web.forms import Form, action
from mailmerge.web.pages.recovery import SYNTHESIS
from mailmerge.web.rendering import Saying, answer, page, plural

SHOWN = 40  # names


def show(request: Request) -> Response:
    """What would be removed."""
    project = request.app.state.site.project
    found = purging.look_for(project.output)
    return page(
        request, "suppression.html", files=found.files, shown=SHOWN, output=str(project.output)
    )


def remove(request: Request, _: Form) -> Response:
    """Remove it; the files of Pix and the settings stay."""
    site = request.app.state.site
    if site.runner.progress.running:
        said = Saying("attention", "Une production est en cours : attendez sa fin.")
        return answer(request, "/edition", said)
    found = purging.look_for(site.project.output)
    purging.carry_out(found)
    site.project.remember(SYNTHESIS, None)
    site.picks.clear()
    said = Saying(
        "bon",
        f"{plural(len(found.files), 'fichier supprimé', 'fichiers supprimés')}. Pensez aussi aux "
        "fichiers de Pix (onglet Récupération) et à la corbeille.",
    )
    return answer(request, "/edition", said)


ROUTES = [Route("/edition/suppression", show), action("/edition/suppression", remove)]
