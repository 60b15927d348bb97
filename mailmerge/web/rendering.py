"""Pages from their templates: French typography, and the messages that follow an action."""

from __future__ import annotations

import json
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import jinja2
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from mailmerge.errors import Notice
from mailmerge.referential import DOMAINES, MAX_LEVEL
from mailmerge.report import describe
from mailmerge.results.table import Statut
from mailmerge.text import typeset
from mailmerge.web.presence import BEAT
from mailmerge.web.wording import on_page

STATUTS = {
    Statut.OBTENUE: "Obtenue",
    Statut.EN_ATTENTE: "En attente de résultat",
    Statut.NON_OBTENUE: "Passée sans l’obtenir",
    Statut.NON_PASSEE: "Non passée",
}


class Typography(Extension):
    """Puts the unbreakable spaces of French into what templates say, not into their code."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The tokens, typeset where they are text."""
        for token in stream:
            if token.type in ("data", "string"):
                yield Token(token.lineno, token.type, typeset(token.value))
            else:
                yield token


def number(value: int) -> str:
    """A count as French writes it: 3 000."""
    return f"{value:,}".replace(",", "\u202f")


def plural(value: int, one: str, many: str = "") -> str:
    """« 1 élève », « 3 élèves »; French has none of something in the singular."""
    return f"{number(value)}\u00a0{one if abs(value) < 2 else many or one + 's'}"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mailmerge.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=[Typography],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "plural": plural,
        "number": number,
        "notice": describe,
        "on_page": on_page,
    }
    environment.globals |= {
        "DOMAINES": DOMAINES,
        "MAX_LEVEL": MAX_LEVEL,
        "STATUTS": {str(key): value for key, value in STATUTS.items()},
        "BEAT": BEAT,
    }
    return environment


_templates = _environment()


def page(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """The page ``name`` with ``values``."""
    site = request.app.state.site
    said = site.sayings.get(request.query_params.get("m", ""))
    text = _templates.get_template(name).render(
        csrf=site.keys.csrf,
        said=said,
        running=site.runner.progress.running,
        path=request.url.path,
        **values,
    )
    return HTMLResponse(text, status)


@dataclass(frozen=True)
class Saying:
    """What an action has to say. ``kind``: « bon », « attention » or « erreur »."""

    kind: str
    title: str
    details: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", on_page(typeset(self.title)))
        object.__setattr__(
            self, "details", tuple(on_page(typeset(detail)) for detail in self.details)
        )


class Sayings:
    """Messages that the next page shows; reloading it or going back shows them again.

    They stay here, under a name that tells nothing, because addresses hold no pupil's data.
    """

    def __init__(self, most: int = 200) -> None:
        self._most = most
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def keep(self, what: Any) -> str:
        """Keep something, and give its name."""
        name = secrets.token_urlsafe(9)
        self._kept[name] = what
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return name

    def get(self, name: str) -> Any:
        """What was kept, or None."""
        return self._kept.get(name)


def answer(request: Request, target: str, *sayings: Saying) -> Response:
    """Go to ``target`` after an action, and say at the top of it what came of it."""
    if sayings:
        path, _, _ = target.partition("#")
        name = request.app.state.site.sayings.keep(sayings)
        target = f"{path}{'&' if '?' in path else '?'}m={name}"
    return RedirectResponse(target, status_code=303)


def messages(notices: Iterable[Notice]) -> tuple[str, ...]:
    """Notices as lines."""
    return tuple(describe(notice) for notice in notices)


def event(values: dict[str, Any]) -> str:
    """One server-sent event."""
    return f"data: {json.dumps(values, ensure_ascii=False)}\n\n"
