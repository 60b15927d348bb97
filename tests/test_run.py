"""Whole runs: from Pix files in a folder to what a school finds in output/."""

from __future__ import annotations

import stat
import unicodedata
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from support.pix_exports import certification, refused, write_export
from support.school import School, outline, pages, school_in

from mailmerge import pipeline
from mailmerge.errors import ExitCode, InputError, OutputError, TemplateError, UsageError


@pytest.fixture
def school(tmp_path: Path) -> School:
    return school_in(tmp_path)


def three(first: int = 1) -> list:
    return [
        certification(numero=f"100000{first}", nom="Durand", prenom="Zoé", identifiant="1"),
        certification(
            numero=f"100000{first + 1}", nom="Arnaud", prenom="Léo", pix="412", identifiant="2"
        ),
        refused(numero=f"100000{first + 2}", nom="Petit", prenom="Jules", identifiant="3"),
    ]


def test_a_run_makes_the_workbook_a_document_and_a_pdf_per_class_and_a_pdf_per_pupil(school):
    school.add_class("3A", three())
    report = school.run()
    assert report.exit_code == ExitCode.OK
    assert school.files() == {
        "Résultats Pix.xlsx",
        "Attestations 3A.docx",
        "Attestations 3A.pdf",
        "3A/Arnaud Léo.pdf",
        "3A/Durand Zoé.pdf",
        "rapport.json",
        "Rapport.txt",
        "Synthèse.pdf",
    }


def test_every_page_carries_its_own_pupil_school_and_result(school):
    school.add_class("3A", three())
    school.run()
    (page,) = pages(school.output / "3A" / "Arnaud Léo.pdf")
    for words in (
        "Léo Arnaud",
        "412 Pix",
        "Indépendant 1",
        "Collège des Tilleuls",
        "Saint-Martin-des-Prés",
        "Académie de Valmont",
        "Claire Duval",
        "14 mars 2011",
        "Nantes",
        "3A",
        "12 juin 2026",
        "trois ans",
        "1000002",
        "26/06/2026",
    ):
        assert words in page
    assert "Durand" not in page


def test_the_class_pdf_has_the_pupils_in_alphabetical_order_with_an_outline(school):
    school.add_class("3A", three())
    school.run()
    pdf = school.output / "Attestations 3A.pdf"
    assert ["Léo Arnaud" in pages(pdf)[0], "Zoé Durand" in pages(pdf)[1]] == [True, True]
    assert outline(pdf) == ["Arnaud Léo", "Durand Zoé"]


def test_the_class_document_opens_in_word_with_one_section_per_pupil(school):
    school.add_class("3A", three())
    school.run()
    document = docx.Document(str(school.output / "Attestations 3A.docx"))
    assert len(document.sections) == 2


def test_who_has_no_attestation_is_listed_with_the_reason(school):
    school.add_class("3A", three())
    school.run()
    rapport = school.rapport()
    petit = next(p for p in rapport["eleves"] if p["nom"] == "Petit")
    assert (petit["statut"], petit["pdf"], petit["pages"]) == ("non_obtenue", None, None)
    text = (school.output / "Rapport.txt").read_text("utf-8-sig")
    assert "Petit Jules" in text
    assert "n’a pas été obtenue" in text


def test_rapport_json_has_the_promised_shape(school):
    school.add_class("3A", three())
    school.run()
    rapport = school.rapport()
    assert rapport["engine"] == "embedded"
    (division,) = rapport["divisions"]
    assert division["division"] == "3A"
    assert (division["obtenues"], division["non_obtenues"], division["en_attente"]) == (2, 1, 0)
    assert division["pdf"] == "Attestations 3A.pdf"
    assert division["docx"] == "Attestations 3A.docx"
    leo = next(p for p in rapport["eleves"] if p["prenom"] == "Léo")
    assert leo["numero"] == "1000002"
    assert leo["pdf"] == "3A/Arnaud Léo.pdf"
    assert leo["pages"] == 1
    assert rapport["avertissements"] == [
        {
            "code": "sans-signature",
            "message": rapport["avertissements"][0]["message"],
            "source": None,
            "ligne": None,
        }
    ]
    assert rapport["erreurs"] == []


def test_a_second_run_says_that_everything_was_there(school):
    school.add_class("3A", three())
    school.run()
    before = school.table()
    report = school.run()
    (division,) = report.divisions
    assert (division.deja_presentes, division.obtenues) == (2, 0)
    assert school.table() == before


def test_a_newer_certification_counts_as_updated(school):
    school.add_class("3A", [certification(numero="1000001", date_passage="12/06/2025")])
    school.run()
    newer = certification(numero="1000777", date_passage="12/06/2026", pix="500")
    write_export(school.data / "20260616_resultats_3A.csv", "L3", [newer])
    report = school.run()
    (division,) = report.divisions
    assert division.mises_a_jour == 1
    (page,) = pages(school.output / "3A" / "Lefèvre Élodie.pdf")
    assert "500 Pix" in page


def test_an_edit_made_in_excel_reaches_the_page_and_survives_the_next_run(school):
    school.add_class("3A", three())
    school.run()
    workbook = school.output / "Résultats Pix.xlsx"
    book = openpyxl.load_workbook(workbook)
    for row in book.worksheets[0].iter_rows(min_row=2):
        if row[2].value == "Arnaud":
            row[4].value = "Saint-Étienne"
    book.save(workbook)
    school.run()
    (page,) = pages(school.output / "3A" / "Arnaud Léo.pdf")
    assert "Saint-Étienne" in page


HOSTILE = [
    "Dupont & Fils",
    "a<b>c",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "C:\\Windows\\system32",
    "CON",
    "N" * 200,
    unicodedata.normalize("NFD", "Gaëlle-Émilie"),
    "O’Connor-d'Arc",
    "Şăçłīñģ Ngọc",
    "]]></w:t>",
    "${jndi:ldap://x}",
    "«Nom»",
    "Ivanov Иван Ελένη",
]


def test_hostile_names_come_out_exactly_each_in_its_own_file(school):
    records = [
        certification(numero=f"20000{rank:02d}", nom=name, prenom="Léa", identifiant=f"{rank}")
        for rank, name in enumerate(HOSTILE)
    ]
    school.add_class("3A", records)
    report = school.run()
    assert report.erreurs == []
    made = {pupil.numero: pupil.pdf for pupil in report.eleves}
    assert len({path.casefold() for path in made.values()}) == len(HOSTILE)
    for record in records:
        path = school.output / made[record.numero]
        assert path.resolve().is_relative_to((school.output / "3A").resolve())
        text = "".join(pages(path))
        expected = unicodedata.normalize("NFKC", record.nom)
        assert "".join(expected.split()) in "".join(text.split())


def test_homonyms_each_have_their_own_file_and_result(school):
    school.add_class(
        "3A",
        [
            certification(numero="1000001", nom="Martin", prenom="Léa", pix="301"),
            certification(
                numero="1000002",
                nom="Martin",
                prenom="Léa",
                pix="402",
                date_naissance="01/02/2011",
                identifiant="0099999",
            ),
        ],
    )
    report = school.run()
    for pupil, pix in zip(report.eleves, ("402", "301"), strict=True):
        (page,) = pages(school.output / pupil.pdf)
        assert f"{pix} Pix" in page
        assert pupil.numero in pupil.pdf


def test_classes_that_differ_by_case_only_have_their_own_folders(school):
    school.add_class("3a", [certification(numero="1000001")])
    write_export(
        school.data / "20260616_resultats_3A .csv",
        "L3",
        [certification(numero="1000002", nom="Autre", identifiant="7")],
    )
    report = school.run()
    folders = {pupil.pdf.split("/")[0].casefold() for pupil in report.eleves}
    assert len(folders) == len({pupil.division.strip() for pupil in report.eleves})


def test_a_script_without_font_stops_that_pupil_alone_by_name(school):
    school.add_class(
        "3A", [*three(), certification(numero="1000009", nom="\U00013000\U00013001", prenom="Nil")]
    )
    report = school.run()
    assert report.exit_code == ExitCode.PARTIAL
    (error,) = report.erreurs
    assert "Nil" in error.message
    assert report.printed == 2
    assert len(pages(school.output / "Attestations 3A.pdf")) == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("20260615_resultats_3B.csv", b""),
        ("20260615_resultats_3B.csv", b"\x00\x01\x02\xff\xfe" * 50),
        ("20260615_resultats_3B.csv", b"%PDF-1.7 rien"),
        ("liste.csv", "Nom;Prénom;Classe\nDurand;Zoé;3A\n".encode()),
        ("20260615_resultats_3B.xlsx", b"PK\x03\x04 coup"),
    ],
)
def test_a_bad_file_is_named_and_the_rest_is_done(school, name, content):
    school.add_class("3A", three())
    (school.data / name).write_bytes(content)
    report = school.run()
    assert report.exit_code == ExitCode.PARTIAL
    assert any(name in (error.source or "") for error in report.erreurs)
    assert report.printed == 2


def test_a_bad_row_is_named_by_line_and_column_and_the_others_go_through(school):
    school.add_class("3A", [*three(), certification(numero="1000008", date_naissance="31/02/2011")])
    report = school.run()
    (error,) = report.erreurs
    assert (error.line, error.column) == (5, "Date de naissance")
    assert report.printed == 2


def test_nothing_to_read_is_said_before_anything_is_made(school):
    with pytest.raises(InputError, match="Pix Orga"):
        school.run()
    assert not school.output.exists()


def test_an_address_with_a_slip_makes_no_page_without_the_schools_name_and_signature(school):
    school.add_class("3A", three())
    school.run()
    before = {path: path.read_bytes() for path in school.output.rglob("*.pdf")}
    with pytest.raises(InputError, match="n’existe pas"):
        school.run(sources=(school.root / "dta",), settings=None)
    assert {path: path.read_bytes() for path in school.output.rglob("*.pdf")} == before


def test_a_template_with_unknown_tags_is_refused_before_anything_is_made(school, tmp_path):
    school.add_class("3A", three())
    document = docx.Document()
    document.add_paragraph("{{ nmo }} {{ prenom }}")
    document.add_paragraph("{{ datte_naissance }}")
    document.save(str(tmp_path / "modèle.docx"))
    with pytest.raises(TemplateError) as caught:
        school.run(template=tmp_path / "modèle.docx")
    assert "nmo" in caught.value.message
    assert "datte_naissance" in caught.value.message
    assert not school.output.exists()


def test_the_settings_may_name_the_template(school):
    school.add_class("3A", three())
    document = docx.Document()
    document.add_paragraph("Bravo {{ prenom }} {{ nom }}, {{ numero }}")
    document.save(str(school.data / "Notre modèle.docx"))
    with (school.data / "etablissement.toml").open("a", encoding="utf-8") as settings:
        settings.write('modele = "Notre modèle.docx"\n')
    school.run(template=None)
    assert pages(school.output / "3A" / "Arnaud Léo.pdf") == ["Bravo Léo Arnaud, 1000002"]


def test_a_template_that_names_nobody_is_refused(school, tmp_path):
    school.add_class("3A", three())
    document = docx.Document()
    document.add_paragraph("Score : {{ pix }}")
    document.save(str(tmp_path / "anonyme.docx"))
    with pytest.raises(TemplateError, match="nom"):
        school.run(template=tmp_path / "anonyme.docx")


def test_an_unknown_class_or_pupil_is_answered_with_what_there_is(school):
    school.add_class("3A", three())
    with pytest.raises(UsageError, match="3A"):
        school.run(divisions=("3Z",))
    with pytest.raises(UsageError, match="Dupond"):
        school.run(pupils=("Dupond",))


def test_one_pupil_is_found_without_accents_or_case(school):
    school.add_class("3A", three())
    report = school.run(pupils=("ARNAUD leo",))
    assert [pupil.nom for pupil in report.eleves] == ["Arnaud"]


def test_class_option_names_the_class_of_a_session_file_alone(school):
    path = school.data / "20260612_0930_resultats_session_48213.csv"
    write_export(path, "L3 session", three())
    report = school.run(divisions=("3D",))
    assert {pupil.division for pupil in report.eleves} == {"3D"}
    assert "Attestations 3D.pdf" in school.files()


def test_class_option_never_renames_the_classes_that_files_name(school):
    stranger = certification(numero="1000009", nom="Inconnu", identifiant="9")
    path = school.data / "20260612_0930_resultats_session_48213.csv"
    write_export(path, "L3 session", [stranger])
    school.add_class("3A", three())
    report = school.run(divisions=("3A",))
    assert {pupil.numero for pupil in report.eleves} == {"1000001", "1000002", "1000003"}


def test_a_dry_run_tells_and_writes_nothing(school):
    school.add_class("3A", three())
    report = school.run(dry_run=True)
    assert report.divisions[0].obtenues == 2
    assert not school.output.exists()


def test_a_workbook_open_in_excel_is_a_clear_message_and_stays_as_it_was(school):
    school.add_class("3A", three())
    school.run()
    before = (school.output / "Résultats Pix.xlsx").read_bytes()
    (school.output / "~$Résultats Pix.xlsx").write_bytes(b"Claire")
    school.add_class("3B", three(first=4))
    with pytest.raises(OutputError, match="Fermez-le"):
        school.run()
    assert (school.output / "Résultats Pix.xlsx").read_bytes() == before


def test_an_output_path_that_is_a_file_is_a_clear_message(school):
    school.add_class("3A", three())
    school.output.write_text("occupé")
    with pytest.raises(OutputError, match="fichier, pas un dossier"):
        school.run()


def test_a_second_run_in_the_same_folder_at_once_is_turned_away(school):
    from mailmerge.making.delivery import OutputFolder

    school.add_class("3A", three())
    with OutputFolder(school.output).opened(), pytest.raises(OutputError, match="en cours"):
        school.run()


def test_merge_then_an_edit_in_word_then_pdf_prints_the_edited_page(school):
    school.add_class("3A", three())
    pipeline.merge(school.request())
    assert "Attestations 3A.docx" in school.files()
    assert "Attestations 3A.pdf" not in school.files()
    path = school.output / "Attestations 3A.docx"
    document = docx.Document(str(path))
    edited = next(p for p in document.element.body.iter(qn("w:t")) if p.text == "Léo Arnaud")
    edited.text = "Léo Arnaud, avec les félicitations du conseil"
    document.save(str(path))
    report = pipeline.reprint_documents(school.request(sources=()))
    assert report.printed == 2
    assert "félicitations du conseil" in pages(school.output / "3A" / "Arnaud Léo.pdf")[0]
    assert "félicitations du conseil" not in pages(school.output / "3A" / "Durand Zoé.pdf")[0]


def test_pdf_without_documents_says_which_command_makes_them(school):
    school.add_class("3A", three())
    pipeline.normalize(school.request())
    with pytest.raises(InputError, match="merge"):
        pipeline.reprint_documents(school.request(sources=()))


def test_normalize_writes_the_workbook_and_no_attestation(school):
    school.add_class("3A", three())
    pipeline.normalize(school.request())
    assert school.files() == {
        "Résultats Pix.xlsx",
        "Synthèse.pdf",
        "rapport.json",
        "Rapport.txt",
    }


def test_a_class_of_more_than_one_chunk_is_bound_in_order(school):
    names = [f"Nom{rank:03d}" for rank in range(120)]
    school.add_class(
        "3A",
        [
            certification(numero=f"30{rank:05d}", nom=name, identifiant=str(rank))
            for rank, name in enumerate(names)
        ],
    )
    report = school.run()
    assert report.printed == 120
    texts = pages(school.output / "Attestations 3A.pdf")
    assert len(texts) == 120
    assert all(name in text for name, text in zip(names, texts, strict=True))


def test_the_samples_are_never_mixed_with_the_schools_own_files(school):
    sample = school.data / "exemple"
    sample.mkdir()
    write_export(sample / "20260615_resultats_3Z.csv", "L3", [certification(numero="9000001")])
    school.add_class("3A", three())
    report = school.run()
    assert {division.division for division in report.divisions} == {"3A"}


def test_nothing_is_left_in_the_working_folder(school):
    school.add_class("3A", three())
    school.run()
    assert not (school.output / ".pix-mailmerge" / "travail").exists()
    assert stat.S_ISDIR((school.output / "3A").stat().st_mode)
