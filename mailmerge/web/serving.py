"""The server's life: a free port, the browser, and the end when everybody has left."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from mailmerge.errors import UsageError
from mailmerge.web.guard import ENTRANCE, Keys
from mailmerge.web.opening import open_browser
from mailmerge.web.presence import Presence
from mailmerge.web.project import Project
from mailmerge.web.site import Site, build

LOOPBACK = "127.0.0.1"
_LOOK = 2.0  # seconds between two looks at who is there
_PATIENCE = 3  # seconds for the last answers


def serve(
    project: Project,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    browser: bool = True,
    idle_minutes: float = 120,
    say: Callable[[str], None],
) -> None:
    """Serve the page until its last tab is closed, nobody asks any more, or Ctrl-C.

    Args:
        project: the school's folders.
        host: the address to listen on; anything but this computer itself on purpose only.
        port: 0: a free one.
        browser: open it.
        idle_minutes: end after so long without anybody, 0: never.
        say: receives the lines for the person who started it.

    Raises:
        UsageError: the address or the port can't be had.
    """
    with _listen(host, port) as listener:
        port = listener.getsockname()[1]
        site = Site(project, Keys(), Presence(idle_minutes))
        address = f"http://{_shown(host)}:{port}{ENTRANCE}?cle={site.keys.entrance}"
        say(f"La page est prête : {address}")
        threading.Thread(target=_warm_up, args=(site,), daemon=True).start()
        leading = open_browser(address, project.data.parent) if browser else None
        try:
            with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is one way to close the page
                asyncio.run(_live(site, build(site, _names(host), port), listener, leading))
        finally:
            _remove(leading)
            site.runner.stop()
            site.runner.wait()


async def _live(site: Site, app: Starlette, listener: socket.socket, leading: Path | None) -> None:
    config = uvicorn.Config(
        app,
        access_log=False,  # no trace of who looked at whom
        log_level="critical",  # tracebacks may hold pupils' names; incidents are recorded apart
        server_header=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=_PATIENCE,
    )
    server = uvicorn.Server(config)
    watching = asyncio.create_task(_watch(site, server, leading))
    try:
        await server.serve(sockets=[listener])
    finally:
        watching.cancel()


async def _watch(site: Site, server: uvicorn.Server, leading: Path | None) -> None:
    """End the server when everybody has left; never during a run."""
    while not server.should_exit:
        await asyncio.sleep(_LOOK)
        if site.presence.met:
            _remove(leading)
        if site.presence.is_over() and not site.runner.progress.running:
            server.should_exit = True


def _warm_up(site: Site) -> None:
    """Read the files while the browser starts; what is wrong with them, the page will say."""
    with contextlib.suppress(Exception):
        site.desk.view()
        site.desk.files()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform == "win32":  # there, the other option would let a stranger share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise UsageError(
            f"Impossible d’ouvrir la page à l’adresse {host}, port {port} : elle n’est pas de cet "
            "ordinateur, ou le port est déjà pris. Sans --host ni --port, le programme en choisit."
        ) from error
    listener.listen(64)  # whoever comes before the server is ready waits a moment
    return listener


def _names(host: str) -> list[str]:
    """The names the page may be called by; none at all means any plain address."""
    address = _address(host)
    if address is not None and address.is_unspecified:
        return []
    if address is None or address.is_loopback:
        return [host, "localhost"] if host != "localhost" else [host]
    return [host]


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach that address."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _shown(host: str) -> str:
    address = _address(host)
    if address is not None and address.is_unspecified:
        return socket.gethostbyname(socket.gethostname())
    return f"[{host}]" if ":" in host else host


def _remove(file: Path | None) -> None:
    if file is not None:
        file.unlink(missing_ok=True)
