"""Lists of pupils of every kind that schools have, from simple records. Everybody is invented."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd

from support.pix_exports import Certification


@dataclass(frozen=True)
class Enrolled:
    """One pupil of a list, as text."""

    nom: str = "Lefèvre"
    prenom: str = "Élodie"
    date_naissance: str = "14/03/2011"
    classe: str = "3A"
    ine: str = ""
    nom_usage: str = ""
    prenom_2: str = ""
    prenom_3: str = ""
    date_sortie: str = ""


def enrolled(**values: str) -> Enrolled:
    return replace(Enrolled(), **values)


def of(record: Certification, classe: str, **values: str) -> Enrolled:
    """The pupil of a certification, without identifier unless ``values`` say so."""
    known = {
        "nom": record.nom,
        "prenom": record.prenom,
        "date_naissance": record.date_naissance,
        "classe": classe,
    }
    return Enrolled(**{**known, **values})


def siecle_xml(
    pupils: Iterable[Enrolled], *, encoding: str = "iso-8859-15", declared: str = "ISO-8859-15"
) -> bytes:
    """ElevesSansAdresses.xml; ``encoding`` is how it is really saved."""
    nodes, structures = [], []
    for rank, pupil in enumerate(pupils, 1001):
        fields = {
            "ID_NATIONAL": pupil.ine,
            "ELENOET": str(rank),
            "NOM_DE_FAMILLE": pupil.nom,
            "NOM_USAGE": pupil.nom_usage,
            "PRENOM": pupil.prenom,
            "PRENOM2": pupil.prenom_2,
            "PRENOM3": pupil.prenom_3,
            "DATE_NAISS": pupil.date_naissance,
            "DATE_SORTIE": pupil.date_sortie,
        }
        inner = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in fields.items() if text)
        nodes.append(f'<ELEVE ELEVE_ID="{rank}" ELENOET="{rank}">{inner}</ELEVE>')
        groups = [("3GR1", "G"), (pupil.classe, "D")] if pupil.classe else [("3GR1", "G")]
        shown = "".join(
            f"<STRUCTURE><CODE_STRUCTURE>{escape(code)}</CODE_STRUCTURE>"
            f"<TYPE_STRUCTURE>{kind}</TYPE_STRUCTURE></STRUCTURE>"
            for code, kind in groups
        )
        structures.append(f'<STRUCTURES_ELEVE ELEVE_ID="{rank}">{shown}</STRUCTURES_ELEVE>')
    text = (
        f'<?xml version="1.0" encoding="{declared}"?>\n<BEE_ELEVES VERSION="2.1">'
        "<PARAMETRES><UAJ>0000000X</UAJ></PARAMETRES><DONNEES>"
        f"<ELEVES>{''.join(nodes)}</ELEVES>"
        f"<STRUCTURES>{''.join(structures)}</STRUCTURES></DONNEES></BEE_ELEVES>"
    )
    return text.encode(encoding, errors="xmlcharrefreplace")


def siecle_zip(pupils: Iterable[Enrolled]) -> bytes:
    """ExportXML_ElevesSansAdresses.zip."""
    return zipped({"ElevesSansAdresses.xml": siecle_xml(pupils)})


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


TABLES: dict[str, dict[str, str]] = {
    "SIECLE CSV": {
        "Nom de famille": "nom",
        "Nom d'usage": "nom_usage",
        "Prénom 1": "prenom",
        "Prénom 2": "prenom_2",
        "Date de naissance": "date_naissance",
        "INE": "ine",
        "Division": "classe",
    },
    "SIECLE CSV ancien": {
        "Nom": "nom",
        "Prénom": "prenom",
        "Date naissance": "date_naissance",
        "Id National": "ine",
        "Code Structure": "classe",
        "Lib. Structure": "libelle",
    },
    "ONDE": {
        "Nom élève": "nom",
        "Nom d’usage élève": "nom_usage",
        "Prénom élève": "prenom",
        "Date naissance": "date_naissance",
        "Sexe": "sexe",
        "INE": "ine",
        "Niveau": "niveau",
        "Libellé classe": "classe",
    },
    "Pronote": {
        "Nom": "nom",
        "Prénom": "prenom",
        "Né(e) le": "date_naissance",
        "Sexe": "sexe",
        "Classe": "classe",
    },
    "Pronote en une cellule": {
        "Élèves": "nom_prenom",
        "Né(e) le": "date_naissance",
        "Classe": "classe",
    },
    "Pix SCO": {
        "Identifiant unique*": "ine",
        "Premier prénom*": "prenom",
        "Deuxième prénom": "prenom_2",
        "Nom de famille*": "nom",
        "Nom d’usage": "nom_usage",
        "Date de naissance (jj/mm/aaaa)*": "date_naissance",
        "Division*": "classe",
    },
}


def rows(kind: str, pupils: Iterable[Enrolled]) -> list[list[str]]:
    """The header and the rows of a list of this kind."""
    titles = TABLES[kind]
    return [list(titles), *([_value(p, field) for field in titles.values()] for p in pupils)]


def _value(pupil: Enrolled, field: str) -> str:
    made = {
        "nom_prenom": f"{pupil.nom.upper()} {pupil.prenom}",
        "libelle": f"CLASSE DE {pupil.classe}",
        "sexe": "F",
        "niveau": "3EME",
    }
    return made[field] if field in made else str(getattr(pupil, field))


def csv_bytes(
    table: Sequence[Sequence[str]], *, separator: str = ";", encoding: str = "iso-8859-1"
) -> bytes:
    lines = (separator.join(cell for cell in row) for row in table)
    return "\r\n".join(lines).encode(encoding, errors="replace")


def write_list(path: Path, kind: str, pupils: Sequence[Enrolled], **options: str) -> Path:
    """A CSV list, in ISO-8859-1 with ``;`` unless told otherwise."""
    path.write_bytes(csv_bytes(rows(kind, pupils), **options))
    return path


def write_workbook_list(path: Path, kind: str, pupils: Sequence[Enrolled]) -> Path:
    """The same list as xlsx or ods, with real dates."""
    head, *body = rows(kind, pupils)
    frame = pd.DataFrame(body, columns=head)
    for title, field in TABLES[kind].items():
        if field == "date_naissance":
            frame[title] = pd.to_datetime(frame[title], format="%d/%m/%Y")
    frame.to_excel(path, index=False, engine="odf" if path.suffix == ".ods" else "openpyxl")
    return path


def every_kind(folder: Path, pupils: Sequence[Enrolled]) -> dict[str, Path]:
    """One file of every kind with the same pupils; letters outside ISO-8859-1 need UTF-8."""
    files = {kind: write_list(folder / f"{at}.csv", kind, pupils, encoding="utf-8-sig")
             for at, kind in enumerate(TABLES)}  # fmt: skip
    files["tabulations"] = write_list(
        folder / "tab.csv", "Pronote", pupils, separator="\t", encoding="utf-16"
    )
    files["xlsx"] = write_workbook_list(folder / "liste.xlsx", "Pronote", pupils)
    xml = folder / "ElevesSansAdresses.xml"
    xml.write_bytes(siecle_xml(pupils))
    resaved = folder / "reenregistre.xml"
    resaved.write_bytes(siecle_xml(pupils, encoding="utf-8"))
    archive = folder / "ExportXML_ElevesSansAdresses.zip"
    archive.write_bytes(siecle_zip(pupils))
    return files | {"SIECLE XML": xml, "SIECLE XML en UTF-8": resaved, "SIECLE ZIP": archive}
