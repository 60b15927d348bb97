"""Lists of pupils of every kind are read; the dangerous and the damaged are refused by name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from support.pix_exports import certification, write_export
from support.rosters import (
    TABLES,
    csv_bytes,
    enrolled,
    every_kind,
    rows,
    siecle_xml,
    siecle_zip,
    write_list,
    zipped,
)

from mailmerge.errors import InputError
from mailmerge.results.lists import split_name
from mailmerge.results.reading import read_sources
from mailmerge.results.roster import is_roster, read_roster

ZOE = enrolled(nom="Müller", prenom="Zoé", date_naissance="02/11/2010", classe="3°C")
OEUVRARD = enrolled(nom="Œuvrard", prenom="Noël", date_naissance="30/01/2011", classe="3A")
PUPILS = [enrolled(ine="1234567890A"), ZOE]


def seen(path: Path) -> list[tuple[str, str, object, str]]:
    pupils = read_roster(path).pupils
    return [(p.nom.casefold(), p.prenom, p.date_naissance, p.division) for p in pupils]


def test_every_kind_of_list_gives_the_same_pupils(tmp_path: Path) -> None:
    expected = [
        ("lefèvre", "Élodie", dt.date(2011, 3, 14), "3A"),
        ("müller", "Zoé", dt.date(2010, 11, 2), "3°C"),
    ]
    found = {kind: seen(path) for kind, path in every_kind(tmp_path, PUPILS).items()}
    assert found == dict.fromkeys(found, expected)
    assert len(found) == len(TABLES) + 5


def test_in_a_list_of_an_old_mac_days_are_counted_from_1904(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    born = dt.date(2011, 3, 14)
    book.active.append(["Nom", "Prénom", "Né(e) le", "Classe"])
    book.active.append(["Petit", "Zoé", (born - dt.date(1904, 1, 1)).days, "3A"])
    book.active.append(["Petit", "Léa", born, "3A"])
    book.save(tmp_path / "liste.xlsx")
    assert [day for _, _, day, _ in seen(tmp_path / "liste.xlsx")] == [born, born]


@pytest.mark.parametrize("name", ["ElevesSansAdresses.xml", "ExportXML_ElevesSansAdresses.zip"])
def test_a_list_from_siecle_among_the_results_is_named_and_not_passed_over(
    tmp_path: Path, name: str
) -> None:
    write_export(tmp_path / "20260615_resultats_3A.csv", "L3", [certification()])
    path = tmp_path / name
    path.write_bytes((siecle_zip if path.suffix == ".zip" else siecle_xml)(PUPILS))
    reading = read_sources([tmp_path])
    assert len(reading.table) == 1
    assert reading.errors == ()
    [notice] = reading.warnings
    assert (notice.code, notice.source) == ("liste-parmi-les-resultats", name)
    assert "--roster" in notice.message
    assert read_sources([tmp_path], skip=[path]).warnings == ()


def test_results_still_in_their_archive_are_named_and_other_archives_are_nobody_s_business(
    tmp_path: Path,
) -> None:
    export = write_export(tmp_path / "20260615_resultats_3A.csv", "L3", [certification()])
    (tmp_path / "3B.zip").write_bytes(zipped({"resultats_3B.csv": export.read_bytes()}))
    (tmp_path / "photos.zip").write_bytes(zipped({"photo.png": b"png"}))
    (tmp_path / "abime.zip").write_bytes(b"PK rien")
    (tmp_path / "page.xml").write_bytes(b"<?xml version='1.0'?><page/>")
    [notice] = read_sources([tmp_path]).warnings
    assert "Extrayez" in notice.message
    assert notice.source == "3B.zip"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_csv_is_read_in_the_encoding_it_has(tmp_path: Path, encoding: str) -> None:
    path = write_list(tmp_path / "liste.csv", "SIECLE CSV", PUPILS, encoding=encoding)
    assert [name for name, *_ in seen(path)] == ["lefèvre", "müller"]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("iso-8859-15", "ISO-8859-15"),
        ("utf-8", "ISO-8859-15"),
        ("utf-8-sig", "UTF-8"),
        ("cp1252", "ISO-8859-15"),
        ("utf-16", "ISO-8859-15"),
    ],
)
def test_siecle_xml_is_read_as_it_was_really_saved(
    tmp_path: Path, encoding: str, declared: str
) -> None:
    path = tmp_path / "ElevesSansAdresses.xml"
    path.write_bytes(siecle_xml([OEUVRARD], encoding=encoding, declared=declared))
    assert seen(path) == [("œuvrard", "Noël", dt.date(2011, 1, 30), "3A")]


def test_siecle_gives_usage_names_second_names_and_identifiers_and_leaves_out_who_left(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ElevesSansAdresses.xml"
    path.write_bytes(
        siecle_xml(
            [
                enrolled(nom_usage="Lefèvre-Roy", prenom_2="Marie", ine="123456789AB"),
                enrolled(nom="Parti", prenom="Jean", date_sortie="01/02/2020"),
                enrolled(nom="Inactif", prenom="Luc", classe="Inactifs"),
                enrolled(nom="Arrivé", prenom="Ali", classe=""),
            ]
        )
    )
    roster = read_roster(path)
    assert [p.nom for p in roster.pupils] == ["Lefèvre", "Arrivé"]
    first = roster.pupils[0]
    assert (first.nom_usage, first.autres_prenoms) == ("Lefèvre-Roy", ("Marie",))
    assert first.identifiants == ("123456789AB",)
    assert {n.code for n in roster.warnings} == {"liste-sortis", "liste-sans-classe"}


def test_a_doctype_is_refused(tmp_path: Path) -> None:
    bomb = siecle_xml(PUPILS).replace(
        b"<BEE_ELEVES", b'<!DOCTYPE x [<!ENTITY a "a">]>\n<BEE_ELEVES', 1
    )
    for encoded in (bomb, bomb.decode("iso-8859-15").encode("utf-16")):
        path = tmp_path / "ElevesSansAdresses.xml"
        path.write_bytes(encoded)
        with pytest.raises(InputError, match="DOCTYPE"):
            read_roster(path)


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(zipped({"ElevesSansAdresses.xml": b"<BEE_ELEVES>" + b" " * 30_000_000}))
    with pytest.raises(InputError, match="quantité anormale"):
        read_roster(path)


@pytest.mark.parametrize(
    "data",
    [
        siecle_xml(PUPILS)[:-40],
        siecle_zip(PUPILS)[:-30],
        b"<?xml version='1.0'?><AUTRE/>",
        zipped({"a.xml": b"<BEE_ELEVES/>", "b.xml": b"<BEE_ELEVES/>"}),
        b"%PDF-1.7 liste",
        b"Nom;Ville\nDupont;Nantes\n",
    ],
)
def test_what_is_no_usable_list_is_named_as_such(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "liste.dat"
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        read_roster(path)
    assert "liste.dat" in error.value.message
    assert "Pix Orga" not in error.value.message


def test_titles_may_come_below_an_address_and_totals_below_the_pupils(tmp_path: Path) -> None:
    table = [
        ["Collège des Tilleuls", "", ""],
        ["", "", ""],
        *rows("Pronote en une cellule", PUPILS),
        ["2 élèves", "", ""],
    ]
    path = tmp_path / "liste.csv"
    path.write_bytes(csv_bytes(table))
    assert len(read_roster(path).pupils) == 2


def test_columns_can_be_told_by_hand(tmp_path: Path) -> None:
    table = [["Patronyme", "Petit nom", "Né", "Groupe"], ["Lefèvre", "Élodie", "14/03/2011", "3A"]]
    path = tmp_path / "liste.csv"
    path.write_bytes(csv_bytes(table))
    with pytest.raises(InputError, match=r"etablissement\.toml"):
        read_roster(path)
    told = {
        "nom": "Patronyme",
        "prenom": "Petit nom",
        "date_naissance": "Né",
        "classe": "groupe",
    }
    assert [(p.nom, p.division) for p in read_roster(path, told).pupils] == [("Lefèvre", "3A")]
    with pytest.raises(InputError, match="Patronymes"):
        read_roster(path, {**told, "nom": "Patronymes"})


def test_dates_written_month_first_are_told_apart(tmp_path: Path) -> None:
    pupils = [enrolled(date_naissance="03/14/2011"), enrolled(nom="B", date_naissance="11/02/2010")]
    roster = read_roster(write_list(tmp_path / "liste.csv", "Pronote", pupils))
    days = [p.date_naissance for p in roster.pupils]
    assert days == [dt.date(2011, 3, 14), dt.date(2010, 11, 2)]
    assert [n.code for n in roster.warnings] == ["liste-dates-americaines"]


def test_an_unreadable_birth_date_keeps_the_pupil_and_is_named_without_the_date(
    tmp_path: Path,
) -> None:
    path = write_list(tmp_path / "l.csv", "Pronote", [enrolled(date_naissance="31/02/2011")])
    roster = read_roster(path)
    assert roster.pupils[0].date_naissance is None
    assert "Élodie Lefèvre" in roster.warnings[0].message
    assert "2011" not in roster.warnings[0].message


def test_a_pupil_who_stands_twice_counts_once(tmp_path: Path) -> None:
    pupils = [enrolled(), enrolled(), enrolled(classe="3B")]
    roster = read_roster(write_list(tmp_path / "l.csv", "Pronote", pupils))
    assert [p.division for p in roster.pupils] == ["3A"]
    assert [n.code for n in roster.warnings] == ["liste-doublon"]


@pytest.mark.parametrize(
    ("whole", "split"),
    [
        ("DE LA TOUR Anne-Sophie", ("DE LA TOUR", "Anne-Sophie")),
        ("D’ARTOIS Zoé", ("D’ARTOIS", "Zoé")),
        ("Jean Baptiste DUPONT", ("DUPONT", "Jean Baptiste")),
        ("Dupont, Jean", ("Dupont", "Jean")),
        ("Le Goff Anne", ("Le Goff Anne", "")),
    ],
)
def test_a_whole_name_is_split_where_capitals_tell(whole: str, split: tuple[str, str]) -> None:
    assert split_name(whole) == split


def test_a_list_among_the_results_is_told_kindly(tmp_path: Path) -> None:
    write_export(tmp_path / "20260615_resultats_3A.csv", "L3", [certification()])
    path = write_list(tmp_path / "eleves.csv", "Pronote", PUPILS)
    assert is_roster(path)
    assert not is_roster(tmp_path / "20260615_resultats_3A.csv")
    reading = read_sources([tmp_path])
    assert [n.code for n in reading.errors] == ["liste-parmi-les-resultats"]
    assert "--roster" in reading.errors[0].message
    assert read_sources([tmp_path], skip=[path]).errors == ()
