"""`etablissement.toml`, as schools write and save it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from mailmerge.errors import SettingsError
from mailmerge.settings import load_settings

GOOD = """
[etablissement]
nom = "Collège Hélène-Boucher"
ville = "Voreppe"
academie = "Grenoble"
[chef]
nom = "Mme Perrin"
titre = "Principale"
[edition]
date = "26/06/2026"
nom_de_fichier = "{classe} {nom} {prenom}"
"""


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "etablissement.toml"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_it_is_read_as_notepad_may_have_saved_it(tmp_path, encoding):
    settings = load_settings(written(tmp_path, GOOD, encoding))
    assert settings.etablissement.nom == "Collège Hélène-Boucher"
    assert settings.edition.date == dt.date(2026, 6, 26)
    assert settings.missing() == []


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ('"aujourd’hui"', None),
        ('""', None),
        ('"2026-06-26"', dt.date(2026, 6, 26)),
        ("2026-06-26", dt.date(2026, 6, 26)),
    ],
)
def test_the_date_may_be_written_in_every_usual_way(tmp_path, date, expected):
    assert load_settings(written(tmp_path, f"[edition]\ndate = {date}")).edition.date == expected


def test_without_file_everything_is_empty_and_a_warning_says_what_to_fill():
    (warning,) = load_settings(None).missing()
    assert "nom de l’établissement" in warning.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[etablissement]\nnome = 'x'", ("nome", "« nom »")),
        ("[ecole]\nnom = 'x'", ("[ecole]",)),
        ("[etablissement]\nnom = 3", ("nom", "texte")),
        ("[etablissement]\nnom = Collège", ("guillemets",)),
        ("[chef]\nsignature = 'absente.png'", ("absente.png", "introuvable")),
        ("[edition]\ndate = '32/13/2026'", ("32/13/2026",)),
        ("[edition]\nnom_de_fichier = '{tout}'", ("{nom}",)),
    ],
)
def test_a_mistake_is_named_with_the_file_and_the_remedy(tmp_path, text, words):
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, text))
    message = caught.value.message.replace("\u202f", " ")
    assert caught.value.source == "etablissement.toml"
    assert all(word in message for word in words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[chef]\nnom = “Claire”", "ligne 2 : « nom = “Claire” » ne se lit pas. Une ligne s’écrit"),
        ('[chef]\nnom = "Claire\ntitre = ""', 'ligne 2 : « nom = "Claire » ne se lit pas'),
        ('[chef]\nlogo = "C:\\Users\\x.png"', "écrivez son nom seul, sans dossier"),
        ('[chef]\nnom = "a"\nnom = "b"', 'ligne 3 : « nom = "b" » ne se lit pas. Elle répète'),
        ("[chef]\n[chef]", "gardez-en une seule"),
        ("[chef", "ligne 1"),
        ('nom = "Claire"', "« nom » n’est dans aucune partie"),
    ],
)
def test_a_line_that_does_not_read_is_shown_in_french_with_what_to_write(tmp_path, text, said):
    path = tmp_path / "etablissement.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    message = caught.value.message.replace("\u202f", " ").replace("\u00a0", " ")
    assert said in message
    assert "column" not in message


def test_pictures_are_found_beside_the_file(tmp_path):
    (tmp_path / "signature.png").write_bytes(b"x")
    settings = load_settings(written(tmp_path, "[chef]\nsignature = 'signature.png'"))
    assert settings.chef.signature == (tmp_path / "signature.png").resolve()
