"""Each certification once; pupils told apart; the right certification shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from support.pix_exports import Certification, certification, refused, write_export

from mailmerge import columns as col
from mailmerge.results.reading import read_sources
from mailmerge.results.table import (
    Pupil,
    Statut,
    combine,
    identity_notices,
    natural,
    pupils,
)


def table_of(
    folder: Path, *records: Certification, name: str = "20260615_resultats_3A.csv"
) -> pd.DataFrame:
    reading = read_sources([write_export(folder / name, "L3 session", records)])
    assert reading.errors == ()
    return reading.table


def pupils_of(folder: Path, *records: Certification) -> list[Pupil]:
    return pupils(combine(table_of(folder, *records)).table)


# --- each certification once ---


def test_the_same_certification_in_two_files_counts_once_in_silence_and_keeps_its_class(
    tmp_path: Path,
) -> None:
    records = [certification(), certification(numero="2", nom="Sow")]
    write_export(tmp_path / "20260612_0930_resultats_session_48213.csv", "L3 session", records)
    write_export(tmp_path / "20260615_resultats_3E+.csv", "L3", records)
    combined = combine(read_sources([tmp_path]).table)
    assert combined.warnings == ()
    assert combined.table[col.NUMERO].tolist() == ["1000001", "2"]
    assert set(combined.table[col.CLASSE]) == {"3E+"}
    assert set(combined.table[col.CENTRE]) == {"Collège Jeanne Barret"}


def test_of_two_rows_that_differ_the_newer_file_s_stays_and_the_columns_are_named(
    tmp_path: Path,
) -> None:
    old = certification(statut="En erreur", pix="-", niveau="-", levels=("-",) * 16)
    write_export(tmp_path / "20260620_resultats_3A.csv", "L3", [certification()])
    write_export(tmp_path / "20260625_0800_resultats_session_1.csv", "L3", [old])
    write_export(tmp_path / "20260630_resultats_3A.csv", "L3", [certification(pix="270")])
    combined = combine(read_sources([tmp_path]).table)
    assert combined.table[col.PIX].tolist() == ["270"]
    assert combined.table[col.STATUT].tolist() == ["Validée"]
    [warning] = combined.warnings
    assert "Nombre de Pix" in warning.message
    assert "20260630_resultats_3A.csv" in warning.message
    assert "2011" not in warning.message


def test_a_newer_row_without_a_class_takes_the_class_of_the_older_one(tmp_path: Path) -> None:
    write_export(tmp_path / "20260601_resultats_3B.csv", "L3", [certification(pix="1")])
    write_export(tmp_path / "20260625_0800_resultats_session_1.csv", "L3", [certification()])
    [row] = combine(read_sources([tmp_path]).table).table.to_dict("records")
    assert (row[col.CLASSE], row[col.PIX]) == ("3B", "266")


def test_the_table_is_in_the_order_of_classes_and_names_as_people_read_them(
    tmp_path: Path,
) -> None:
    for division in ("3°10", "3°9", "3B", "10", ""):
        name = f"20260615_resultats_{division}.csv" if division else "autre.csv"
        records = [
            certification(numero=f"{len(division)}{division[-1:] or 0}{i}".replace("B", "7"), nom=n)
            for i, n in enumerate(["Zola", "Émile", "el Amrani", "Durand"])
        ]
        write_export(tmp_path / name, "L3", records)
    table = combine(read_sources([tmp_path]).table).table
    assert list(dict.fromkeys(table[col.CLASSE])) == ["3°9", "3°10", "3B", "10", ""]
    assert table[col.NOM].tolist()[:4] == ["Durand", "el Amrani", "Émile", "Zola"]


def test_natural_order_puts_3_a_with_or_without_a_sign_beside_3a() -> None:
    classes = ["3°C", "3A", "3 B", "10A", "6-1", "6-10", "6-2"]
    assert sorted(classes, key=natural) == ["3A", "3 B", "3°C", "6-1", "6-2", "6-10", "10A"]


# --- pupils ---


def test_the_latest_obtained_certification_is_shown_and_the_others_are_listed(
    tmp_path: Path,
) -> None:
    [pupil] = pupils_of(
        tmp_path,
        certification(numero="1", date_passage="01/06/2025", pix="300"),
        certification(numero="2", date_passage="02/06/2026", pix="200"),
        refused(numero="3", date_passage="03/06/2026", nom="LEFEVRE", prenom="elodie"),
    )
    assert pupil.statut is Statut.OBTENUE
    assert (pupil.row, pupil.others, pupil.raison) == (1, (2, 0), "")


def test_two_homonyms_stay_two_by_their_birth_date(tmp_path: Path) -> None:
    found = pupils_of(
        tmp_path,
        certification(numero="1"),
        certification(numero="2", date_naissance="15/03/2011", identifiant="9"),
    )
    assert len(found) == 2


def test_two_identifiers_with_one_name_and_birth_date_are_two_pupils_and_are_told(
    tmp_path: Path,
) -> None:
    records = (certification(numero="1"), certification(numero="2", identifiant="9"))
    assert len(pupils_of(tmp_path, *records)) == 2
    [notice] = identity_notices(table_of(tmp_path, *records))
    assert notice.code == "homonymes"
    assert "Élodie Lefèvre" in notice.message


@pytest.mark.parametrize(
    "other", [{"date_naissance": "15/03/2011"}, {"nom": "Autre", "prenom": "Nom"}]
)
def test_one_identifier_with_two_birth_dates_or_names_stays_two_and_is_told(
    other: dict[str, str], tmp_path: Path
) -> None:
    records = (certification(numero="1"), certification(numero="2", **other))
    assert len(pupils_of(tmp_path, *records)) == 2
    [notice] = identity_notices(table_of(tmp_path, *records))
    assert notice.code == "identifiant-partage"
    assert "0012345" not in notice.message
    assert "2011" not in notice.message


def test_an_unknown_identifier_is_no_second_pupil(tmp_path: Path) -> None:
    records = (certification(numero="1"), certification(numero="2", identifiant=""))
    assert len(pupils_of(tmp_path, *records)) == 1
    assert identity_notices(table_of(tmp_path, *records)) == ()


@pytest.mark.parametrize(
    ("statut", "case", "words"),
    [
        ("Démarrée", Statut.EN_ATTENTE, "commencée"),
        ("En erreur", Statut.EN_ATTENTE, "problème technique"),
        ("Rejetée", Statut.NON_OBTENUE, "n’a pas été obtenue"),
        ("Non obtenue", Statut.NON_OBTENUE, "n’a pas été obtenue"),
        ("Annulée", Statut.NON_OBTENUE, "annulée"),
    ],
)
def test_every_other_status_says_why_there_is_no_attestation(
    statut: str, case: Statut, words: str, tmp_path: Path
) -> None:
    [pupil] = pupils_of(tmp_path, refused(statut=statut))
    assert pupil.statut is case
    assert words in pupil.raison
    assert "12/06/2026" in pupil.raison


def test_a_pupil_s_class_is_known_from_any_certification(tmp_path: Path) -> None:
    one = table_of(tmp_path, certification(numero="1", date_passage="01/01/2026"))
    two = table_of(tmp_path, certification(numero="2"), name="s.csv")
    table = combine(pd.concat([one, two])).table
    [pupil] = pupils(table)
    assert pupil.division == "3A"
    assert table.loc[pupil.row, col.NUMERO] == "2"
    assert table.loc[pupil.row, col.DATE_PASSAGE] == dt.date(2026, 6, 12)


def test_the_sample_school_holds_every_case_that_its_readme_promises() -> None:
    folder = Path(__file__).parents[2] / "data" / "exemple"
    reading = read_sources([folder])
    assert reading.errors == ()
    assert {one.layout for one in reading.files} == {"L3", "L3 session"}
    combined = combine(reading.table)
    assert combined.warnings == ()
    assert len(combined.table) < len(reading.table)
    found = pupils(combined.table)
    assert {pupil.division for pupil in found} == {"3A", "3B", "3°C", ""}
    assert {pupil.statut for pupil in found} == set(Statut) - {Statut.NON_PASSEE}
    assert len([pupil for pupil in found if pupil.others]) == 1
    names = [(pupil.nom, pupil.prenom) for pupil in found]
    assert [name for name in set(names) if names.count(name) == 2] == [("Martin", "Camille")]


def test_the_sample_school_is_made_again_to_the_byte(tmp_path: Path) -> None:
    from support.sample_school import write_school

    for made in write_school(tmp_path):
        kept = Path(__file__).parents[2] / "data" / "exemple" / made.name
        assert made.read_bytes() == kept.read_bytes()
