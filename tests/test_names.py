"""Names of files: readable, safe on Windows, unique, never outside their folder."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathvalidate import sanitize_filename

from mailmerge.errors import SettingsError
from mailmerge.names import MAX_LENGTH, check_pattern, fill_pattern, safe_name, unique_names

FORBIDDEN = set('<>:"/\\|?*')
RESERVED = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10)}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("DUPONT Zoé", "DUPONT Zoé"),
        ("../../etc/passwd", "-..-etc-passwd"),
        ("CON", "CON_"),
        ("aux ", "aux_"),
        ("a/b", "a-b"),
        ("", "sans nom"),
        ("...", "sans nom"),
        ("3°C", "3°C"),
        (unicodedata.normalize("NFD", "Zoé"), "Zoé"),
    ],
)
def test_a_name_stays_readable_and_becomes_safe(written, expected):
    assert safe_name(written) == expected


@given(st.text(max_size=300))
def test_no_text_makes_an_unsafe_file_name(text):
    name = safe_name(text)
    assert 0 < len(name) <= MAX_LENGTH + 1
    assert not FORBIDDEN & set(name)
    assert not name.startswith((" ", ".")) or name == "sans nom"
    assert not name.endswith((" ", "."))
    assert name.split(".")[0].casefold() not in RESERVED
    assert unicodedata.is_normalized("NFC", name)
    assert all(unicodedata.category(char) not in ("Cc", "Cs") for char in name)
    assert PurePosixPath(name).name == PureWindowsPath(name).name == name


@given(st.lists(st.from_regex(r"[^\W_]{1,9}", fullmatch=True), min_size=1), st.sampled_from(" '’-"))
def test_plain_words_are_the_name_that_the_library_gives_them(words, between):
    text = unicodedata.normalize("NFC", between.join(words))[:80].strip(" ")
    assert safe_name(text) == sanitize_filename(text, platform="universal")


@given(st.lists(st.text(max_size=5), max_size=12))
def test_names_are_unique_whatever_the_case_or_the_form_of_accents(texts):
    names = unique_names(texts, [str(rank % 3) for rank in range(len(texts))])
    keys = {unicodedata.normalize("NFC", name).casefold() for name in names}
    assert len(keys) == len(texts)


def test_all_twins_are_marked_so_that_none_looks_like_the_only_one():
    names = unique_names(["Martin Léa", "MARTIN léa", "Petit Jo"], ["101", "102", "103"])
    assert names == ["Martin Léa (101)", "MARTIN léa (102)", "Petit Jo"]


def test_a_pattern_takes_the_fields_of_a_pupil():
    values = {"nom": "Durand", "prenom": "Zoé", "classe": "3A", "ine": "123"}
    assert fill_pattern("{classe} {nom} {prenom} {ine}", values) == "3A Durand Zoé 123"


@pytest.mark.parametrize(
    "pattern", ["", "attestation", "{nom", "{nom!r}", "{nom:>99999999}", "{nom.x}", "{secret}"]
)
def test_a_pattern_that_is_not_plain_is_refused_with_the_fields_there_are(pattern):
    with pytest.raises(SettingsError, match=r"\{prenom\}"):
        check_pattern(pattern)
