"""The page as a browser would see it, without a browser: a client that has entered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from starlette.testclient import TestClient

from mailmerge.web.guard import ENTRANCE, Keys
from mailmerge.web.presence import Presence
from mailmerge.web.project import Project
from mailmerge.web.site import Site, build

PORT = 8123
ADDRESS = f"http://127.0.0.1:{PORT}"


@dataclass
class Page:
    """A started page, and a client of it."""

    site: Site
    client: TestClient

    @property
    def data(self) -> Path:
        return self.site.project.data

    @property
    def output(self) -> Path:
        return self.site.project.output

    def enter(self) -> None:
        self.client.get(f"{ENTRANCE}?cle={self.site.keys.entrance}")

    def get(self, address: str, **options: Any) -> httpx2.Response:
        return self.client.get(address, **options)

    def post(
        self, address: str, data: dict[str, Any] | None = None, **options: Any
    ) -> httpx2.Response:
        """A form of the page itself: origin and token right."""
        fields = {"csrf": self.site.keys.csrf, **(data or {})}
        return self.client.post(address, data=fields, headers={"origin": ADDRESS}, **options)

    def send(self, *files: tuple[str, bytes]) -> httpx2.Response:
        parts = [("fichiers", file) for file in files]
        return self.post("/recuperation/fichiers", files=parts)

    def wait(self) -> None:
        self.site.runner.wait(60)


def start_page(root: Path, *, hosts: Sequence[str] = ("127.0.0.1", "localhost")) -> Page:
    (root / "data").mkdir(parents=True, exist_ok=True)
    site = Site(Project(root / "data", root / "output"), Keys(), Presence(0))
    client = TestClient(build(site, hosts, PORT), base_url=ADDRESS, raise_server_exceptions=False)
    return Page(site, client)


def addresses(text: str, start: str) -> list[str]:
    """The addresses on a page that begin so, in order."""
    return re.findall(rf'(?:href|src|action)="({re.escape(start)}[^"#]*)', text)
