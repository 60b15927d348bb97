"""The sample school with its list: LSU's récupération, every case of it."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from support.pix_exports import NOT_TESTED, certification, refused, write_export
from support.rosters import enrolled, every_kind, of, siecle_xml, write_list
from support.sample_school import classes, roster
from support.school import PROJECT, School, school_in

from mailmerge import pipeline
from mailmerge.errors import UsageError
from mailmerge.report import Report, describe, summary_lines, total_of

SAMPLE = PROJECT / "data" / "exemple"
LIST = SAMPLE / "ElevesSansAdresses.xml"
SESSION = SAMPLE / "20260612_0930_resultats_session_48213.csv"


@pytest.fixture
def school(tmp_path: Path) -> School:
    return school_in(tmp_path)


def codes(report: Report) -> list[str]:
    return [notice.code for notice in report.avertissements]


def divisions(report: Report) -> dict[str, str]:
    return {line.numero: line.division for line in report.eleves if line.numero}


def by_name(report: Report, nom: str, prenom: str) -> list[tuple[str, str]]:
    return [
        (line.division, line.statut)
        for line in report.eleves
        if (line.nom, line.prenom) == (nom, prenom)
    ]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[School, Report]:
    school = school_in(tmp_path_factory.mktemp("ecole"))
    return school, pipeline.normalize(school.request(sources=(SAMPLE,), roster=LIST))


def test_the_counts_add_up_to_the_list(sample: tuple[School, Report]) -> None:
    _, report = sample
    third = [pupil for pupil in roster() if pupil.classe != "4A"]
    assert sum(count.total for count in report.divisions) == len(third)
    for count in report.divisions:
        assert count.total == sum(pupil.classe == count.division for pupil in third)
    assert "liste-autres-niveaux" in codes(report)


def test_homonyms_each_keep_their_class(sample: tuple[School, Report]) -> None:
    assert by_name(sample[1], "Martin", "Camille") == [("3A", "obtenue"), ("3B", "obtenue")]


def test_a_changed_class_follows_the_list_and_is_named(sample: tuple[School, Report]) -> None:
    school, report = sample
    moved = classes()["3A"][1]
    assert divisions(report)[moved.numero] == "3B"
    notice = next(n for n in report.avertissements if n.code == "classe-changee")
    assert f"{moved.prenom} {moved.nom}" in notice.message
    head, *body = school.table()
    assert [row[head.index("Classe")] for row in body if row[0] == moved.numero] == ["3B"]


def test_a_pupil_who_left_is_named_and_counted_apart(sample: tuple[School, Report]) -> None:
    _, report = sample
    left = classes()["3°C"][2]
    line = next(line for line in report.eleves if line.numero == left.numero)
    assert (line.hors_liste, line.statut) == (True, "obtenue")
    assert next(d for d in report.divisions if d.division == "3°C").hors_liste == 1
    assert any(n.code == "hors-liste" and left.nom in n.message for n in report.avertissements)


def test_a_pupil_who_arrived_late_did_not_sit(sample: tuple[School, Report]) -> None:
    assert by_name(sample[1], "Bertin", "Naël") == [("3A", "non_passee")]
    line = next(line for line in sample[1].eleves if line.nom == "Bertin")
    assert "pas passé la certification" in line.raison


def test_a_usage_name_matches_in_silence_and_a_swapped_date_is_named(
    sample: tuple[School, Report],
) -> None:
    _, report = sample
    married = classes()["3B"][4]
    assert divisions(report)[married.numero] == "3B"
    assert not any(married.nom in n.message for n in report.avertissements)
    assert "liste-jour-mois" in codes(report)


def test_the_classes_of_the_list_replace_sans_classe(sample: tuple[School, Report]) -> None:
    _, report = sample
    assert by_name(report, "Kervella", "Solène") == [("3A", "obtenue")]
    assert "" not in {count.division for count in report.divisions}
    assert "sans-classe" not in codes(report)


def test_no_warning_holds_a_birth_date_or_an_identifier(sample: tuple[School, Report]) -> None:
    _, report = sample
    shown = "\n".join([*summary_lines(report), *map(describe, report.avertissements)])
    secrets = {pupil.ine for pupil in roster()} | {pupil.date_naissance for pupil in roster()}
    secrets |= {r.identifiant for rows in classes().values() for r in rows}
    assert not [secret for secret in secrets if secret in shown]
    assert not re.search(r"\b\d\d/\d\d/20(09|1\d)\b", shown)


def test_a_second_run_changes_nothing_and_says_so(school: School) -> None:
    request = school.request(sources=(SAMPLE,), roster=LIST)
    first = pipeline.normalize(request)
    table = school.table()
    second = pipeline.normalize(request)
    assert (first.changed, second.changed) == (True, False)
    assert any("Rien de nouveau" in line for line in summary_lines(second))
    assert school.table() == table
    assert sum(d.deja_presentes for d in second.divisions) == sum(
        d.obtenues for d in first.divisions
    )
    assert codes(second) == codes(first)


def test_a_session_file_and_the_list_give_the_classes_of_the_class_files(school: School) -> None:
    plain = [pupil for pupil in roster() if pupil.classe != "4A"]
    moved = classes()["3A"][1]
    plain = [
        of(moved, "3A") if (p.nom, p.prenom) == (moved.nom, moved.prenom) else p for p in plain
    ]
    path = school.root / "liste.xml"
    path.write_bytes(siecle_xml(plain))
    by_file = pipeline.normalize(school.request(sources=(SAMPLE,), output=school.root / "a"))
    by_list = pipeline.normalize(
        school.request(sources=(SESSION,), roster=path, output=school.root / "b")
    )
    from_files = {n: d for n, d in divisions(by_file).items() if d}
    seen = divisions(by_list)
    assert len(seen) == 14
    assert {n: seen[n] for n in seen if n in from_files} == {
        n: from_files[n] for n in seen if n in from_files
    }
    assert set(seen.values()) == {"3A", "3B", "3°C"}


@pytest.mark.parametrize(
    "kind", ["SIECLE CSV", "ONDE", "Pronote en une cellule", "Pix SCO", "xlsx"]
)
def test_every_kind_of_list_gives_the_sample_school_the_same_counts(
    school: School, sample: tuple[School, Report], kind: str
) -> None:
    path = every_kind(school.root, roster())[kind]
    report = pipeline.look(school.request(sources=(SAMPLE,), roster=path))
    expected = {d.division: d.counts for d in sample[1].divisions}
    if kind in ("Pronote en une cellule", "xlsx"):  # no usage name there: one more who left
        gone = classes()["3B"][4]
        assert [p.numero for p in report.eleves if p.hors_liste and p.nom == gone.nom] == [
            gone.numero
        ]
        expected["3B"] = {
            **expected["3B"],
            "obtenues": expected["3B"]["obtenues"] - 1,
            "non_passees": 1,
        }
    assert {d.division: d.counts for d in report.divisions} == expected


@pytest.mark.parametrize(
    ("sat", "listed", "counts"),
    [
        (2, ["3A", "3B"], {"obtenues": 2, "non_passees": 0, "hors_liste": 0}),
        (2, ["3A", "3A"], {"obtenues": 2, "non_passees": 0, "hors_liste": 0}),
        (1, ["3A", "3B"], {"obtenues": 1, "non_passees": 1, "hors_liste": 0}),
        (2, ["3A"], {"obtenues": 0, "non_passees": 1, "hors_liste": 2}),  # nobody at random
        (3, ["3A", "3A"], {"obtenues": 0, "non_passees": 2, "hors_liste": 3}),
    ],
)
def test_namesakes_whom_nothing_tells_apart_are_counted_once_each(
    school: School, sat: int, listed: list[str], counts: dict[str, int]
) -> None:
    days = ("14/03/2011", "02/04/2011", "30/05/2011")
    people = [
        certification(
            numero=f"100000{rank}", nom="Martin", prenom="Camille", date_naissance=day,
            identifiant=str(rank),
        )
        for rank, day in enumerate(days[:sat])
    ]  # fmt: skip
    write_export(school.data / "20260612_0930_resultats_session_48213.csv", "L1 session", people)
    lines = "".join(f"Martin;Camille;{division};A{at}\n" for at, division in enumerate(listed))
    path = school.root / "l.csv"
    path.write_text(f"Nom;Prénom;Classe;INE\n{lines}", encoding="utf-8")
    report = pipeline.normalize(school.request(roster=path))
    total = total_of(report.divisions)
    assert {name: getattr(total, name) for name in counts} == counts
    assert total.total == len(listed)
    assert "liste-ambigu" in codes(report)
    if set(listed) == {"3A"} and sat == 2 == len(listed):
        assert {line.division for line in report.eleves} == {"3A"}


def test_a_class_typed_by_hand_stays_against_the_list(school: School) -> None:
    import openpyxl

    school.add_class("3A", [certification()])
    path = write_list(school.root / "l.csv", "Pronote", [of(certification(), "3B")])
    request = school.request(roster=path)
    pipeline.normalize(request)
    book = openpyxl.load_workbook(school.output / "Résultats Pix.xlsx")
    sheet = book.worksheets[0]
    at = [cell.value for cell in sheet[1]].index("Classe") + 1
    assert sheet.cell(2, at).value == "3B"
    sheet.cell(2, at).value = "3D"
    book.save(school.output / "Résultats Pix.xlsx")
    report = pipeline.normalize(request)
    assert [line.division for line in report.eleves] == ["3D"]
    assert "modification-gardee" in codes(report)


def test_the_settings_can_tell_the_list_and_its_columns(school: School) -> None:
    school.add_class("3A", [certification()])
    (school.data / "eleves.csv").write_text(
        "Patronyme;Petit nom;Groupe\nLefèvre;Élodie;3B\nSow;Awa;3B", encoding="utf-8"
    )
    with (school.data / "etablissement.toml").open("a", encoding="utf-8") as file:
        file.write('[liste]\nfichier = "eleves.csv"\nnom = "Patronyme"\n')
        file.write('prenom = "Petit nom"\nclasse = "Groupe"\n')
    report = pipeline.normalize(school.request())
    assert report.erreurs == []
    assert [(p.nom, p.division, p.statut) for p in report.eleves] == [
        ("Lefèvre", "3B", "obtenue"),
        ("Sow", "3B", "non_passee"),
    ]


def test_a_whole_class_without_results_counts_and_other_levels_do_not(school: School) -> None:
    school.add_class("3A", [certification()])
    pupils = [
        of(certification(), "3A"),
        enrolled(nom="A", classe="3C"),
        enrolled(nom="B", classe="6A"),
        enrolled(nom="C", classe="ULIS"),
    ]
    path = write_list(school.root / "l.csv", "Pronote", pupils)
    report = pipeline.look(school.request(roster=path))
    assert {d.division: d.non_passees for d in report.divisions} == {"3A": 0, "3C": 1}
    notice = next(n for n in report.avertissements if n.code == "liste-autres-niveaux")
    assert "6A" in notice.message


def test_last_years_certifications_are_flagged_and_left_out_only_when_asked(
    school: School,
) -> None:
    old = certification(numero="9", nom="Ancien", date_passage="12/06/2025")
    school.add_class("3A", [certification(), old])
    report = pipeline.normalize(school.request())
    assert len(report.eleves) == 2
    notice = next(n for n in report.avertissements if n.code == "annee-precedente")
    assert "Ancien" in notice.message
    assert "01/09/2025" in notice.message
    since = pipeline.normalize(school.request(since=dt.date(2025, 9, 1)))
    assert [p.nom for p in since.eleves] == ["Lefèvre"]
    assert any(n.code == "avant-la-date" and "1 cert" in n.message for n in since.avertissements)
    assert len(school.table()) == 3  # the workbook keeps what it had


def test_a_repeater_is_updated_and_an_older_file_replaces_nothing(school: School) -> None:
    old = certification(numero="1", pix="100", date_passage="12/06/2025")
    school.add_class("3A", [old])
    pipeline.normalize(school.request())
    school.add_class("3A", [old, certification(numero="2", pix="300")])
    report = pipeline.normalize(school.request())
    assert (report.divisions[0].mises_a_jour, report.eleves[0].numero) == (1, "2")
    again = write_export(school.root / "20250615_resultats_3A.csv", "L3", [old])
    report = pipeline.normalize(school.request(sources=(again,)))
    assert (report.divisions[0].deja_presentes, report.eleves[0].numero) == (1, "2")


def test_a_pix_plus_certification_without_levels_gets_no_attestation(school: School) -> None:
    plus = certification(
        type="Certification Pix+ Droit", pix="", niveau="", levels=NOT_TESTED, nom="Plus"
    )
    school.add_class("3A", [plus, refused(numero="2", nom="Refus")])
    report = pipeline.look(school.request())
    lines = {line.nom: line for line in report.eleves}
    assert lines["Plus"].statut == "non_passee"
    assert "Pix+ Droit" in lines["Plus"].raison
    assert lines["Refus"].statut == "non_obtenue"


def test_the_order_of_the_list_needs_a_list(school: School) -> None:
    school.add_class("3A", [certification()])
    with pytest.raises(UsageError, match="--roster"):
        pipeline.look(school.request(order="roster"))


def _three(school: School, listed: str) -> Report:
    """Two namesakes and another in the results, without classes, over a list."""
    people = [
        certification(
            numero=f"100000{rank}", nom=nom, prenom=prenom, date_naissance=day, identifiant=""
        )
        for rank, (nom, prenom, day) in enumerate(
            [("Martin", "Léa", "01/01/2011"), ("Martin", "Léa", "09/09/2010"),
             ("Autre", "Tom", "02/02/2011")]
        )
    ]  # fmt: skip
    write_export(school.data / "20260612_0930_resultats_session_48213.csv", "L1 session", people)
    path = school.root / "l.csv"
    path.write_text(f"Nom;Prénom;Classe;Date de naissance\n{listed}", encoding="utf-8")
    return pipeline.normalize(school.request(roster=path))


def test_the_class_of_one_namesake_is_never_given_to_an_arbitrary_one_of_two(
    school: School,
) -> None:
    report = _three(school, "Martin;Léa;3A;\nAutre;Tom;3B;02/02/2011\n")
    assert [line.division for line in report.eleves if line.nom == "Martin" and line.numero] == [
        "",
        "",
    ]


def test_more_namesakes_in_the_results_than_in_the_list_are_told_with_what_to_do(
    school: School,
) -> None:
    report = _three(school, "Martin;Léa;3A;\nAutre;Tom;3B;02/02/2011\n")
    (notice,) = [n for n in report.avertissements if n.code == "liste-ambigu"]
    message = " ".join(notice.message.split())
    assert message.startswith(
        "Léa Martin : les résultats ont 2 élèves de ce nom (n° 1000000, sans classe ; "
        "n° 1000001, sans classe), la liste d’élèves n’en a qu’un qui puisse être l’un d’eux"
    )
    assert "la date de naissance ou l’identifiant dans la liste" in message
    assert "hors-liste" not in codes(report)  # nobody says that one of them left
    assert "liste-etrangere" not in codes(report)
    by_hand = {line.numero: (line.statut, line.hors_liste) for line in report.eleves}
    assert by_hand["1000000"] == by_hand["1000001"] == ("obtenue", True)
    (listed,) = [line for line in report.eleves if line.nom == "Martin" and not line.numero]
    assert (listed.division, listed.statut) == ("3A", "non_passee")
    assert "rien ne dit si c’est cet élève" in " ".join(listed.raison.split())


def test_with_the_birth_date_in_the_list_each_namesake_has_a_place(school: School) -> None:
    report = _three(school, "Martin;Léa;3A;09/09/2010\nAutre;Tom;3B;02/02/2011\n")
    places = {line.numero: (line.division, line.hors_liste) for line in report.eleves}
    assert places == {"1000000": ("", True), "1000001": ("3A", False), "1000002": ("3B", False)}


def test_which_of_two_namesakes_obtained_it_does_not_change_the_counts_of_the_list(
    school: School,
) -> None:
    same = {"nom": "Martin", "prenom": "Léa", "identifiant": ""}
    path = school.root / "l.csv"
    path.write_text("Nom;Prénom;Classe\nMartin;Léa;3A\n", encoding="utf-8")
    file = school.data / "20260612_0930_resultats_session_48213.csv"
    counts = []
    for first, second in (("14/03/2011", "02/04/2011"), ("02/04/2011", "14/03/2011")):
        sat = [
            certification(date_naissance=first, **same),
            refused(numero="1000002", date_naissance=second, **same),
        ]
        write_export(file, "L1 session", sat)
        report = pipeline.look(school.request(roster=path))
        counts.append({d.division: (d.counts, d.hors_liste) for d in report.divisions})
    assert counts[0] == counts[1]


def test_a_namesake_whose_birth_date_differs_is_still_counted_as_not_having_sat(
    school: School,
) -> None:
    listed = "Martin;Léa;3B;05/05/2005\nMartin;Léa;3A;\nAutre;Tom;3A;02/02/2011\n"
    report = _three(school, listed)
    (third,) = [d for d in report.divisions if d.division == "3B"]
    assert third.non_passees == 1
