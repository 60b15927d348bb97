"""The school: what `etablissement.toml` says, checked, with French messages.

Everything is optional: text typed straight into the template works too.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from mailmerge.errors import Notice, SettingsError, cause_of
from mailmerge.names import check_pattern
from mailmerge.places import TEMPLATES

FILE_NAME = "etablissement.toml"
_TODAY = frozenset({"", "aujourd'hui", "aujourd’hui"})


@dataclass(frozen=True, slots=True)
class Etablissement:
    """The school as printed; ``logo`` is a picture file or None."""

    nom: str = ""
    ville: str = ""
    academie: str = ""
    logo: Path | None = None


@dataclass(frozen=True, slots=True)
class Chef:
    """The headteacher who signs; ``signature`` is a picture file or None."""

    nom: str = ""
    titre: str = ""
    signature: Path | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """How attestations are dated and their files named.

    ``date`` is the day printed on the page (None: the day of the run).
    ``nom_de_fichier`` is the pattern of a pupil's file name, without folder or extension.
    ``modele`` is the Word template to use when no other is asked for, or None.
    """

    date: dt.date | None = None
    nom_de_fichier: str = "{nom} {prenom}"
    modele: Path | None = None


@dataclass(frozen=True, slots=True)
class Liste:
    """The school's list of pupils: the file, and the titles of its columns where they are unusual.

    ``fichier`` is the list to use when no other is asked for, or None.
    """

    fichier: Path | None = None
    nom: str = ""
    prenom: str = ""
    nom_prenom: str = ""
    nom_usage: str = ""
    date_naissance: str = ""
    classe: str = ""
    identifiant: str = ""

    @property
    def told(self) -> dict[str, str]:
        """Field → title, for the columns that are told."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "fichier"}
        return {name: title for name, title in values.items() if title}


@dataclass(frozen=True, slots=True)
class Settings:
    """All of `etablissement.toml`."""

    etablissement: Etablissement = field(default_factory=Etablissement)
    chef: Chef = field(default_factory=Chef)
    edition: Edition = field(default_factory=Edition)
    liste: Liste = field(default_factory=Liste)

    def missing(self) -> list[Notice]:
        """A warning for each thing the page would show empty."""
        wanted = {
            "nom de l’établissement": self.etablissement.nom,
            "ville": self.etablissement.ville,
            "nom du chef d’établissement": self.chef.nom,
        }
        empty = [label for label, value in wanted.items() if not value]
        notices = []
        if empty:
            notices.append(
                Notice(
                    "etablissement-incomplet",
                    f"À compléter dans {FILE_NAME} : {', '.join(empty)}. "
                    "(Inutile si vous l’avez écrit directement dans le modèle.)",
                    FILE_NAME,
                )
            )
        return notices


def load_settings(path: Path | None) -> Settings:
    """Read ``path``, or give empty settings for None.

    Raises:
        SettingsError: unreadable file, unknown key, wrong type, missing picture, bad pattern.
    """
    if path is None:
        return Settings()
    sections = _Sections(path, tomllib.loads(read_text(path)))
    return Settings(
        etablissement=Etablissement(**sections.take("etablissement", Etablissement)),
        chef=Chef(**sections.take("chef", Chef)),
        edition=Edition(**sections.take("edition", Edition)),
        liste=Liste(**sections.take("liste", Liste)),
    )


def find_settings(folders: list[Path]) -> Path | None:
    """The first `etablissement.toml` beside the sources, or None."""
    candidates = (folder / FILE_NAME for folder in folders)
    return next((path for path in candidates if path.is_file()), None)


def read_text(path: Path) -> str:
    """The file's text, as Notepad may have saved it; it is good TOML.

    Raises:
        SettingsError: no file, or not TOML; says the line and what to do.
    """
    text = _decoded(path)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(path, text, str(error)) from error
    return text


def _not_toml(path: Path, text: str, reason: str) -> SettingsError:
    lines = text.splitlines() or [""]
    found = re.search(r"at line (\d+)", reason)
    number = min(int(found[1]) if found else len(lines), len(lines))
    line = lines[number - 1].strip()
    advice = 'Une ligne s’écrit : nom = "valeur", avec des guillemets droits autour du texte.'
    if re.search("twice|overwrite|already", reason):
        advice = "Elle répète ce qui est écrit plus haut : gardez-en une seule."
    elif "\\" in line:
        advice = f"Placez le fichier à côté de {FILE_NAME}, et écrivez son nom seul, sans dossier."
    shown = line if len(line) <= 60 else line[:59] + "…"
    return SettingsError(
        f"{path.name}, ligne {number} : « {shown} » ne se lit pas. {advice}", source=path.name
    )


def _decoded(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise SettingsError(
            f"Le fichier de réglages « {path.name} » n’existe pas. Vérifiez son nom et son "
            "emplacement.",
            source=path.name,
        ) from error
    except OSError as error:
        raise SettingsError(
            f"Impossible de lire {path.name} : {cause_of(error)}.", source=path.name
        ) from error
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


class _Sections:
    """The checked reading of one TOML document."""

    def __init__(self, path: Path, document: dict[str, Any]) -> None:
        self._path = path
        self._document = document
        known = [f.name for f in fields(Settings)]
        for name, value in document.items():
            if not isinstance(value, dict):
                raise self._error(
                    f"« {name} » n’est dans aucune partie. Ajoutez au-dessus la ligne de la "
                    f"sienne : {', '.join(f'[{section}]' for section in known)}."
                )
            if name not in known:
                self._unknown(f"[{name}]", name, known)

    def take(self, section: str, kind: type) -> dict[str, Any]:
        """The keyword arguments for ``kind`` from ``section``."""
        known = [f.name for f in fields(kind)]
        values = {}
        for key, value in self._document.get(section, {}).items():
            if key not in known:
                self._unknown(f"{key} (dans [{section}])", key, known)
            values[key] = self._convert(section, key, value)
        return values

    def _convert(self, section: str, key: str, value: object) -> object:
        if key in ("logo", "signature"):
            return self._file(key, value, "l’image")
        if key == "modele":
            return self._file(key, value, "le modèle Word", TEMPLATES)
        if key == "fichier":
            return self._file(key, value, "la liste d’élèves")
        if key == "date":
            return self._date(value)
        if not isinstance(value, str):
            raise self._error(f"{key} (dans [{section}]) doit être un texte entre guillemets.")
        if key == "nom_de_fichier":
            check_pattern(value, source=self._path.name)
        return " ".join(value.split())

    def _file(self, key: str, value: object, what: str, *elsewhere: Path) -> Path | None:
        """The file called ``value`` beside the settings, or in one of ``elsewhere``."""
        if not isinstance(value, str):
            raise self._error(f"{key} doit être un nom de fichier entre guillemets.")
        if not value.strip():
            return None
        places = [(folder / value).resolve() for folder in (self._path.parent, *elsewhere)]
        file = next((place for place in places if place.is_file()), None)
        if file is None:
            raise self._error(
                f"{what} « {value} » ({key}) est introuvable. Placez ce fichier dans le même "
                f"dossier que {self._path.name}."
            )
        return file

    def _date(self, value: object) -> dt.date | None:
        if isinstance(value, dt.date):
            return value
        if isinstance(value, str) and value.strip().casefold() in _TODAY:
            return None
        for picture in ("%d/%m/%Y", "%Y-%m-%d"):
            try:
                return dt.datetime.strptime(str(value).strip(), picture).date()
            except ValueError:
                continue
        raise self._error(
            f'la date « {value} » n’est pas comprise. Écrivez par exemple date = "26/06/2026".'
        )

    def _unknown(self, label: str, name: str, known: list[str]) -> None:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
        raise self._error(f"« {label} » n’est pas un réglage connu.{hint}")

    def _error(self, message: str) -> SettingsError:
        return SettingsError(f"{self._path.name} : {message}", source=self._path.name)
