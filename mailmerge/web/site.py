"""The site: what it knows, its pages, its guard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from mailmerge import incident
from mailmerge.errors import PixMailmergeError
from mailmerge.text import typeset
from mailmerge.web.desk import Desk
from mailmerge.web.forms import Form, action
from mailmerge.web.guard import TOO_LARGE, Guard, Keys, TooLargeError
from mailmerge.web.pages import choosing, consultation, edition, model, recovery, removing
from mailmerge.web.picks import Picks
from mailmerge.web.presence import Presence
from mailmerge.web.previews import Previews
from mailmerge.web.project import Project
from mailmerge.web.rendering import Sayings, page
from mailmerge.web.running import Runner
from mailmerge.web.wording import on_page

STATIC = Path(__file__).parent / "static"
_STEPS = ("/recuperation", "/consultation", "/modele", "/edition")


@dataclass
class Site:
    """All that the pages share."""

    project: Project
    keys: Keys
    presence: Presence
    desk: Desk = field(init=False)
    previews: Previews = field(init=False)
    picks: Picks = field(init=False)
    runner: Runner = field(default_factory=Runner)
    sayings: Sayings = field(default_factory=Sayings)

    def __post_init__(self) -> None:
        self.desk = Desk(self.project, self.keys.opaque)
        self.previews = Previews(self.project, self.desk)
        self.picks = Picks(self.project, self.keys.opaque)


def build(site: Site, hosts: Sequence[str], port: int) -> Starlette:
    """The application, for those host names (none: any plain address) and that port."""
    app = Starlette(
        routes=[
            Route("/", lambda _: RedirectResponse("/recuperation")),
            *recovery.ROUTES,
            *consultation.ROUTES,
            *model.ROUTES,
            *choosing.ROUTES,
            *edition.ROUTES,
            *removing.ROUTES,
            action("/presence", _present),
            Route("/favicon.ico", lambda _: FileResponse(STATIC / "icon.svg")),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[
            Middleware(Guard, keys=site.keys, hosts=hosts, port=port),
            Middleware(_Attendance, presence=site.presence),
        ],
        exception_handlers={
            HTTPException: _http_error,
            PixMailmergeError: _our_error,
            TooLargeError: _too_large,
            Exception: _bug,
        },
    )
    app.state.site = site
    return app


class _Attendance:
    """Notes that somebody asked for something, the pages' signs of life aside."""

    def __init__(self, app: ASGIApp, presence: Presence) -> None:
        self._app = app
        self._presence = presence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note, and pass on."""
        if scope["type"] == "http" and scope["path"] != "/presence":
            self._presence.asked()
        await self._app(scope, receive, send)


def _present(request: Request, form: Form) -> Response:
    presence = request.app.state.site.presence
    (presence.leave if form.text("depart") else presence.beat)(form.text("onglet")[:40])
    return PlainTextResponse("")


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    if error.status_code == 404:
        return _failed(request, 404, "Cette page n’existe pas, ou plus", _GONE)
    if error.status_code == 400:
        return _failed(request, 400, "Cet envoi n’a pas pu être lu", _UNREADABLE)
    return _failed(request, error.status_code, "Cette demande n’est pas possible", _GONE)


def _our_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, PixMailmergeError)  # noqa: S101
    return _failed(request, 403 if error.code == "utilisation" else 409, "Ce n’est pas fait",
                   error.message)  # fmt: skip


def _too_large(request: Request, _: Exception) -> Response:
    return _failed(request, 413, "Envoi trop lourd", TOO_LARGE)


def _bug(request: Request, error: Exception) -> Response:
    return _failed(request, 500, "Erreur inattendue", incident.record(error))


def _failed(request: Request, status: int, title: str, message: str) -> Response:
    came = urlsplit(request.headers.get("referer", "")).path
    return page(
        request,
        "erreur.html",
        status,
        title=typeset(title),
        message=on_page(typeset(message)),
        back=came if request.method == "POST" and came.startswith(_STEPS) else "",
    )


_GONE = (
    "Les adresses des élèves et des classes changent à chaque lancement du programme, pour que "
    "l’historique du navigateur ne dise rien d’eux. Repartez de l’un des onglets ci-dessus."
)
_UNREADABLE = (
    "L’envoi a été interrompu, ou compte trop de fichiers (300 au plus à la fois). Recommencez ; "
    "ce qui était déjà reçu est gardé."
)
