"""Who may talk to the page: this program's own user, from the page itself, within limits.

The page is on a port of this computer that every program and every user of it can reach, and
that any web site can try to reach through the user's browser. Hence, for every request:

- `Host` must be ours (no DNS rebinding), and a writing request must come from our own pages;
- the opening address carries a secret, exchanged for a cookie; without the cookie, nothing;
- bodies are bounded, whatever their headers say;
- answers carry a strict Content-Security-Policy and are never stored by the browser.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mailmerge.text import typeset

ENTRANCE = "/entrer"
STATIC = "/static/"
MAX_BODY = 64 * 1024 * 1024  # bytes of one request: a year of a large school is under 5 MB

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# The browser's own PDF viewer styles itself inside the document; a PDF of ours runs nothing.
_PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not "no-referrer": browsers would then send « Origin: null » with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Keys:
    """The secrets of one start of the program; they die with it."""

    entrance: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    naming: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    @property
    def csrf(self) -> str:
        """What our own forms carry and nobody else's can."""
        return hmac.new(self.naming, b"csrf", hashlib.sha256).hexdigest()

    def opaque(self, text: str) -> str:
        """A name for addresses that tells nothing of what it names."""
        return hmac.new(self.naming, text.encode(), hashlib.sha256).hexdigest()[:20]


class TooLargeError(Exception):
    """A body went over `MAX_BODY`."""


class Guard:
    """The middleware around everything.

    Args:
        app: what it protects.
        keys: the secrets.
        hosts: the names (without port) that the page may be called by; empty when it was put on
            every address of the computer, then any plain address will do, but no name.
        port: the port it listens on.
    """

    def __init__(self, app: ASGIApp, keys: Keys, hosts: Sequence[str], port: int) -> None:
        self._app = app
        self._keys = keys
        self._hosts = {_bracketed(host) for host in hosts}
        self._port = port
        self.cookie = f"pix-mailmerge-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, let in, or pass on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        answer = self._refusal(scope, headers)
        dressed = _dressed(send, scope["path"])
        if answer is not None:
            await answer(scope, receive, dressed)
            return
        await self._app(scope, _bounded(receive), dressed)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to a request that may not pass (or that enters); None to let it pass."""
        if not self._is_our_host(headers.getlist("host")):
            return _refused(421, "Cette adresse n’est pas celle de la page.")
        if not _fits(headers):
            return _refused(413, TOO_LARGE)
        if scope["path"].startswith(STATIC):
            return None
        if scope["method"] in _WRITING and not self._is_our_page(headers):
            return _refused(403, "Cette demande ne vient pas de la page elle-même.")
        if scope["path"] == ENTRANCE:
            return self._enter(scope)
        if not self._is_known(headers):
            return _refused(
                403,
                "Cette page est privée : ouvrez-la par l’adresse que le programme affiche dans sa "
                "fenêtre. Si cette fenêtre est fermée, lancez de nouveau le programme.",
            )
        return None

    def _is_our_host(self, hosts: list[str]) -> bool:
        if len(hosts) != 1:
            return False
        name, _, port = hosts[0].lower().rpartition(":")
        if port != str(self._port):
            return False
        return name in self._hosts if self._hosts else _is_address(name)

    def _is_our_page(self, headers: Headers) -> bool:
        """Every browser says where a writing request comes from; whoever does not is no browser."""
        return headers.get("origin", "").lower() == f"http://{headers['host'].lower()}"

    def _is_known(self, headers: Headers) -> bool:
        cookies = cookie_parser(headers.get("cookie", ""))
        return _same(cookies.get(self.cookie, ""), self._keys.session)

    def _enter(self, scope: Scope) -> Response:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("cle", [""])[0]
        if scope["method"] != "GET" or not _same(given, self._keys.entrance):
            return _refused(
                403,
                "Cette adresse n’est plus valable : elle change à chaque lancement. Prenez celle "
                "que le programme affiche dans sa fenêtre.",
            )
        # A page that goes on by itself, and no redirection: after a click in another program or a
        # file, a browser would leave a SameSite=Strict cookie out of a redirected request.
        answer = HTMLResponse(_ENTERED)
        answer.set_cookie(self.cookie, self._keys.session, httponly=True, samesite="strict")
        return answer


_ENTERED = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Attestations Pix</title>'
    '<link rel="icon" href="/static/icon.svg"><meta http-equiv="refresh" content="0;url=/">'
    '<p><a href="/">Ouvrir la page</a></p></html>'
)
_REFUSED = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Attestations Pix</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<link rel="stylesheet" href="/static/style.css"><main class="alone"><h1>{}</h1>'
    "<p>{}</p></main></html>"
)
TOO_LARGE = (
    f"L’envoi dépasse {MAX_BODY >> 20} Mo, et rien n’en a été gardé. Revenez en arrière et envoyez "
    "moins de fichiers à la fois ; un fichier de Pix fait bien moins d’un Mo."
)


def _refused(status: int, message: str) -> Response:
    if status == 421:  # nothing of ours for a name that is not ours
        return PlainTextResponse(typeset(message), status)
    title = "Envoi trop lourd" if status == 413 else "Accès refusé"
    return HTMLResponse(_REFUSED.format(title, typeset(message)), status)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name == "localhost"
    return True


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host.lower()


def _fits(headers: Headers) -> bool:
    length = headers.get("content-length", "0")
    return length.isdecimal() and int(length) <= MAX_BODY


def _bounded(receive: Receive) -> Receive:
    """``receive``, counting: a chunked body has no length to look at before."""
    seen = 0

    async def count() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise TooLargeError
        return message

    return count


def _dressed(send: Send, path: str) -> Send:
    """``send``, with the headers of safety on every answer."""

    async def dress(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            is_pdf = headers.get("content-type") == "application/pdf"
            headers["content-security-policy"] = _PDF_POLICY if is_pdf else _POLICY
            headers["cache-control"] = (
                "private, max-age=3600" if path.startswith(STATIC) else "no-store"
            )
        await send(message)

    return dress
