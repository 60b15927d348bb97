"""Who may talk to the page: every request that is not the page's own is refused."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Route
from support.page import ADDRESS, PORT, Page, start_page
from support.pix_exports import certification, write_export

from mailmerge.web import guard, serving
from mailmerge.web.guard import ENTRANCE


@pytest.fixture
def stranger(tmp_path: Path) -> Page:
    """The page, and somebody who does not have the secret."""
    (tmp_path / "data").mkdir()
    write_export(
        tmp_path / "data" / "20260615_resultats_3A.csv", "L3", [certification(nom="Secrète")]
    )
    return start_page(tmp_path)


@pytest.fixture
def page(stranger: Page) -> Page:
    """The page, and its own user."""
    stranger.enter()
    return stranger


def _routes(page: Page, method: str) -> Iterator[str]:
    for route in page.client.app.routes:  # type: ignore[attr-defined]
        if isinstance(route, Route) and method in (route.methods or ()):
            yield re.sub(r"{\w+}", "abc", route.path)


def test_without_the_cookie_no_page_answers(stranger: Page) -> None:
    for path in _routes(stranger, "GET"):
        answer = stranger.get(path, follow_redirects=False)
        assert answer.status_code == 403, path
        assert "Secrète" not in answer.text


def test_a_wrong_secret_does_not_enter(stranger: Page) -> None:
    for query in ("", "?cle=", "?cle=abc", f"?cle={stranger.site.keys.session}", "?cle=é"):
        assert stranger.get(ENTRANCE + query).status_code == 403
    assert not stranger.client.cookies


def test_the_secret_gives_a_cookie_that_scripts_and_other_sites_cannot_use(stranger: Page) -> None:
    answer = stranger.get(f"{ENTRANCE}?cle={stranger.site.keys.entrance}")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert stranger.site.keys.entrance.lower() not in cookie
    assert 'content="0;url=/"' in answer.text  # on to an address without the secret
    assert stranger.get("/recuperation").status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "pirate.example",
        f"pirate.example:{PORT}",
        "127.0.0.1",
        "127.0.0.1:1",
        f"127.0.0.2:{PORT}",
        "",
    ],
)
def test_another_host_name_is_refused_even_with_the_cookie(page: Page, host: str) -> None:
    assert page.get("/recuperation", headers={"host": host}).status_code == 421


def test_localhost_is_the_same_computer(page: Page) -> None:
    answer = page.get("/static/style.css", headers={"host": f"localhost:{PORT}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://pirate.example", "http://127.0.0.1:1", f"https://127.0.0.1:{PORT}"],
)
def test_a_form_from_elsewhere_is_refused_even_with_cookie_and_token(
    page: Page, origin: str | None
) -> None:
    headers = {} if origin is None else {"origin": origin}
    for path in _routes(page, "POST"):
        answer = page.client.post(path, data={"csrf": page.site.keys.csrf}, headers=headers)
        assert answer.status_code == 403, path


@pytest.mark.parametrize("token", ["", "abc", "é"])
def test_every_form_needs_the_token(page: Page, token: str) -> None:
    paths = list(_routes(page, "POST"))
    assert len(paths) > 10
    for path in paths:
        answer = page.client.post(path, data={"csrf": token}, headers={"origin": ADDRESS})
        assert answer.status_code == 403, path
        assert "Rechargez-la" in answer.text


def test_every_answer_forbids_foreign_content_and_storing(page: Page) -> None:
    for path in ("/recuperation", "/static/page.js", "/rien", ENTRANCE):
        headers = page.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert page.get("/recuperation").headers["cache-control"] == "no-store"


def test_the_pages_hold_no_inline_script_or_style(page: Page) -> None:
    for path in ("/recuperation", "/consultation", "/modele", "/edition"):
        text = page.get(path).text
        assert not re.search(r"<style|style=|\son\w+=|<script(?! src=)|javascript:|https?://", text)


def test_a_body_too_large_is_refused_by_its_length(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "MAX_BODY", 1000)
    assert page.send(("a.csv", b"x" * 2000)).status_code == 413


def test_a_body_too_large_is_refused_without_a_length(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "MAX_BODY", 1000)
    kind = "multipart/form-data; boundary=x"

    def endless() -> Iterator[bytes]:
        yield b'--x\r\ncontent-disposition: form-data; name="fichiers"; filename="a.csv"\r\n\r\n'
        for _ in range(100):
            yield b"x" * 100

    headers = {"origin": ADDRESS, "content-type": kind}
    answer = page.client.post("/recuperation/fichiers", content=endless(), headers=headers)
    assert answer.status_code == 413


def test_too_many_files_at_once_are_refused_kindly(page: Page) -> None:
    answer = page.send(*[(f"{n}.csv", b"x") for n in range(301)])
    assert answer.status_code == 400
    assert "300 au plus" in answer.text


def test_a_cut_upload_changes_nothing(page: Page) -> None:
    headers = {"origin": ADDRESS, "content-type": "multipart/form-data; boundary=x"}
    body = b'--x\r\ncontent-disposition: form-data; name="csrf"\r\n\r\nab'
    answer = page.client.post("/recuperation/fichiers", content=body, headers=headers)
    assert answer.status_code in (400, 403)
    assert [path.name for path in page.data.iterdir()] == ["20260615_resultats_3A.csv"]


def test_addresses_hold_no_name_number_or_class(page: Page) -> None:
    for path in ("/consultation", "/edition", "/modele"):
        text = page.get(path).text
        for address in re.findall(r'(?:href|src|action)="([^"]*)"', text):
            assert not re.search(r"Secr|1000001|3A|lodie", address)
    answer = page.post("/consultation", {"texte": "Secrète"}, follow_redirects=False)
    assert "Secr" not in answer.headers["location"]


def test_the_names_in_addresses_change_at_every_start(tmp_path: Path) -> None:
    first, second = start_page(tmp_path / "a"), start_page(tmp_path / "b")
    assert first.site.keys.opaque("x") != second.site.keys.opaque("x")


def test_a_bug_shows_no_pupil_and_logs_none(
    page: Page, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def broken(*_: object) -> None:
        raise RuntimeError("Secrète Élodie")

    monkeypatch.setattr(type(page.site.desk), "view", broken)
    with caplog.at_level(logging.DEBUG):
        answer = page.get("/consultation")
    assert answer.status_code == 500
    written = answer.text + caplog.text + "".join(capfd.readouterr())
    assert "Secrète" not in written
    assert "Erreur inattendue" in answer.text


def test_the_server_listens_on_this_computer_only_unless_told() -> None:
    assert serving.is_loopback(serving.LOOPBACK)
    assert serving.is_loopback("localhost")
    assert serving.is_loopback("::1")
    assert not serving.is_loopback("0.0.0.0")  # noqa: S104 - what must be told apart
    assert not serving.is_loopback("192.168.1.5")


def test_on_all_addresses_a_plain_address_will_do_but_no_name(tmp_path: Path) -> None:
    page = start_page(tmp_path, hosts=())
    page.enter()
    assert page.get("/recuperation", headers={"host": f"192.168.1.5:{PORT}"}).status_code == 200
    assert page.get("/recuperation", headers={"host": f"pirate.example:{PORT}"}).status_code == 421
