"""`etablissement.toml` changed from the page: comments, order and unknown lines stay."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from pathlib import Path

import tomlkit
from PIL import Image, ImageOps
from tomlkit.exceptions import TOMLKitError

from mailmerge.errors import PixMailmergeError, SettingsError
from mailmerge.settings import FILE_NAME, load_settings, read_text
from mailmerge.template import context
from mailmerge.template.compiling import check_identity, compile_template, prepare
from mailmerge.template.findings import Finding
from mailmerge.template.opening import open_template
from mailmerge.web.desk import View

# Field of the page → section and key of the file.
FIELDS = {
    "etablissement": ("etablissement", "nom"),
    "ville": ("etablissement", "ville"),
    "academie": ("etablissement", "academie"),
    "chef": ("chef", "nom"),
    "titre": ("chef", "titre"),
    "date": ("edition", "date"),
}
ROSTER = {"liste": ("liste", "fichier")}
TEMPLATE = {"modele": ("edition", "modele")}
PICTURES = {"signature": ("chef", "signature"), "logo": ("etablissement", "logo")}
_LARGEST = 40_000_000  # pixels; a scan of a page at 600 dpi
_SIDE = 1600  # pixels kept: more than print needs in the space there is


def read(path: Path) -> dict[str, str]:
    """The fields as they stand; empty ones where the file says nothing or can't be read."""
    try:
        document = _document(path)
    except SettingsError:
        document = tomlkit.document()
    values = {}
    for field, (section, key) in FIELDS.items():
        value = document.get(section, {}).get(key, "")
        values[field] = f"{value:%d/%m/%Y}" if hasattr(value, "strftime") else str(value)
    return values


def changed(path: Path, values: Mapping[str, str]) -> bytes:
    """The file's new content with ``values``; "" takes a line out.

    Raises:
        SettingsError: the file is no TOML: it is the school's to mend, never overwritten.
    """
    document = _document(path)
    for field, value in values.items():
        section, key = {**FIELDS, **PICTURES, **ROSTER, **TEMPLATE}[field]
        if section not in document:
            document.add(section, tomlkit.table())
        table = document[section]
        if value:
            table[key] = value
        else:
            table.pop(key, None)
    text = tomlkit.dumps(document)
    _check(path, text)
    return text.encode()


def pictures(path: Path) -> dict[str, Path]:
    """The signature and the logo that are there."""
    try:
        document = _document(path)
    except SettingsError:
        return {}
    found = {}
    for which, (section, key) in PICTURES.items():
        name = str(document.get(section, {}).get(key, ""))
        picture = (path.parent / name).resolve()
        if name and picture.is_file() and picture.suffix.lower() in (".png", ".jpg", ".jpeg"):
            found[which] = picture
    return found


def checked_picture(content: bytes, which: str) -> bytes:
    """A picture that somebody sent, upright and of a reasonable size, as PNG.

    Raises:
        SettingsError: no picture, or one that is too large.
    """
    label = "signature" if which == "signature" else "logo"
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > _LARGEST:
                raise SettingsError(
                    f"L’image ({label}) est trop grande : {image.width} × {image.height} points. "
                    "Réduisez-la, ou numérisez-la à 300 points par pouce."
                )
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise SettingsError(
            f"Ce fichier n’est pas une image utilisable ({label}). Envoyez un fichier PNG ou JPEG."
        ) from error
    upright.thumbnail((_SIDE, _SIDE))
    stream = io.BytesIO()
    upright.save(stream, "PNG")
    return stream.getvalue()


def template_problem(name: str, content: bytes, view: View) -> tuple[str, ...]:
    """Why a template can't be used; nothing when it can."""
    if Path(name).suffix.lower() != ".docx":
        return (
            "Il faut un document Word (.docx). Dans Word : Fichier, Enregistrer sous, "
            "« Document Word (*.docx) ».",
        )
    headers = () if view.results is None else tuple(map(str, view.results.table.columns))
    with tempfile.TemporaryDirectory(prefix="pix-mailmerge-") as folder:
        path = Path(folder, "modele.docx")
        path.write_bytes(content)
        try:
            file = open_template(path)
            _, findings = prepare(file.open(), context.vocabulary(headers))
            errors = tuple(_place(found) for found in findings if found.severity == "error")
            if not errors:
                check_identity(compile_template(file, headers))
        except PixMailmergeError as error:
            return tuple(error.message.splitlines())
    return errors


def _place(finding: Finding) -> str:
    return f"{finding.where} : {finding.message}" if finding.where else finding.message


def _document(path: Path) -> tomlkit.TOMLDocument:
    if not path.is_file():
        return tomlkit.document()
    text = read_text(path)
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise SettingsError(
            f"{FILE_NAME} ne se lit pas. Corrigez-le, ou supprimez-le pour repartir d’un fichier "
            "neuf.",
            source=FILE_NAME,
        ) from error


def _check(path: Path, text: str) -> None:
    """Read the new file as every command will, before it takes the place of the old one.

    Raises:
        SettingsError: a value that can't be used, said as the commands say it.
    """
    trial = path.with_name(f".{FILE_NAME}.essai")
    try:
        trial.parent.mkdir(parents=True, exist_ok=True)
        trial.write_text(text, encoding="utf-8")
        load_settings(trial)
    except SettingsError as error:
        message = error.message.replace(trial.name, FILE_NAME)
        raise SettingsError(message, source=FILE_NAME) from error
    finally:
        trial.unlink(missing_ok=True)
