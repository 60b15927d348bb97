"""How the page is started, and who gets its address."""

from __future__ import annotations

import re
import socket
import stat
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.browser import served

from mailmerge.cli import cli
from mailmerge.errors import UsageError
from mailmerge.web.opening import open_browser
from mailmerge.web.project import Project
from mailmerge.web.serving import serve

ADDRESS = "http://127.0.0.1:5000/entrer?cle=secret"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere others see no arguments")
def test_the_browser_is_started_without_the_secret_where_others_see_what_it_was_started_with(
    tmp_path: Path,
) -> None:
    asked: list[str] = []
    leading = open_browser(ADDRESS, tmp_path, lambda address: bool(asked.append(address)))
    assert leading is not None
    assert "secret" not in asked[0]
    assert asked[0] == leading.as_uri()
    assert stat.S_IMODE(leading.stat().st_mode) == 0o600
    assert f"url={ADDRESS}" in leading.read_text(encoding="utf-8")


def test_a_port_in_use_is_said_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="port"):
            serve(
                Project(tmp_path, tmp_path),
                port=taken.getsockname()[1],
                browser=False,
                say=lambda _: None,
            )


def test_every_start_has_its_own_port_and_secret(tmp_path: Path) -> None:
    with served(tmp_path / "a") as first, served(tmp_path / "b") as second:
        assert first.address != second.address
        for place in (first, second):
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/entrer\?cle=[\w-]{32,}", place.address)


def test_the_help_warns_of_other_computers() -> None:
    text = " ".join(CliRunner().invoke(cli, ["serve", "--help"]).output.split())
    assert "visible que de cet ordinateur" in text
    assert "sans chiffrement" in text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_what_is_sent_to_the_page_is_this_users_alone(tmp_path: Path) -> None:
    project = Project(tmp_path, tmp_path)
    sent = project.keep("20260615_resultats_3A.csv", b"x")
    assert stat.S_IMODE(sent.stat().st_mode) == 0o600
    shared = tmp_path / "etablissement.toml"
    shared.touch(mode=0o664)
    shared.chmod(0o664)
    project.write(shared, b"")
    assert stat.S_IMODE(shared.stat().st_mode) == 0o664
