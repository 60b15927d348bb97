"""Which engines are tried, in which order, and what is said when one is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mailmerge import engines
from mailmerge.engines import Engine, embedded, libreoffice, word
from mailmerge.errors import EngineError

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "engines.md"
ALL: tuple[Engine, ...] = (word.Word(), libreoffice.LibreOffice(), embedded.Embedded())


def present(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for kind in (word.Word, libreoffice.LibreOffice, embedded.Embedded):
        monkeypatch.setattr(kind, "available", lambda self: self.name in names)


@pytest.mark.parametrize(
    "names",
    [("word", "libreoffice", "embedded"), ("libreoffice", "embedded"), ("embedded",)],
)
def test_auto_prefers_word_then_libreoffice_then_the_embedded_one(
    monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    present(monkeypatch, *names)
    assert tuple(engine.name for engine in engines.choose("auto")) == names


def test_auto_without_any_engine_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    present(monkeypatch)
    with pytest.raises(EngineError, match="Installez LibreOffice"):
        engines.choose("auto")


@pytest.mark.parametrize("name", ["word", "libreoffice", "embedded"])
def test_a_named_engine_is_the_only_one_tried(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    present(monkeypatch, "word", "libreoffice", "embedded")
    assert [engine.name for engine in engines.choose(name)] == [name]


@pytest.mark.parametrize("name", ["word", "libreoffice", "embedded"])
def test_a_named_engine_that_is_missing_names_another_way(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    present(monkeypatch)
    with pytest.raises(EngineError, match="--engine"):
        engines.choose(name)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(EngineError, match="auto, word, libreoffice, embedded"):
        engines.choose("pages")


def test_asking_for_engines_imports_nothing_heavy() -> None:
    code = (
        "import sys; from mailmerge import engines; engines.choose('embedded');"
        "print(sorted({'dxpdf', 'pikepdf', 'docx2pdf', 'lxml', 'pandas'} & set(sys.modules)))"
    )
    root = DOCUMENTATION.parents[1]
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("engine", ALL, ids=lambda engine: engine.name)
def test_every_limit_of_an_engine_is_explained(engine: Engine) -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    assert [code for code in engine.cannot_draw if f"`{code}`" not in text] == []
