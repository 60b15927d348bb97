"""Remembering which boxes are ticked, as they are ticked; and unticking them all."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from mailmerge.web.forms import Form, action
from mailmerge.web.rendering import answer


def keep(request: Request, form: Form) -> Response:
    """Take over the boxes of a list; asked by the script at each change."""
    site = request.app.state.site
    site.picks.change(site.desk.view(), form)
    return PlainTextResponse("")


def clear(request: Request, _: Form) -> Response:
    """Untick everything, and show the same list again."""
    request.app.state.site.picks.clear()
    came = urlsplit(request.headers.get("referer", ""))
    if came.path == "/consultation":
        return answer(request, f"{came.path}?{came.query}#liste")
    return answer(request, "/edition")


ROUTES = [action("/choix", keep), action("/choix/aucun", clear)]
