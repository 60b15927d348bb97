"""The three steps, as forms and answers; the real browser has its own tests."""

from __future__ import annotations

import datetime as dt
import io
import re
import threading
import zipfile
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from PIL import Image
from support.page import ADDRESS, Page, addresses, start_page
from support.pix_exports import certification, export_csv, refused

from mailmerge import pipeline
from mailmerge.report import Report
from mailmerge.request import Request, Watcher
from mailmerge.settings import load_settings
from mailmerge.web.running import Runner

A = certification(numero="11", nom="Dupré", prenom="Zoé")
B = certification(numero="12", nom="N’Diaye", prenom="Côme")
C = refused(numero="13", nom="Vasseur", prenom="Apolline")


def _csv(*records: object, layout: str = "L3") -> bytes:
    return export_csv(layout, records).encode("utf-8-sig")  # type: ignore[arg-type]


@pytest.fixture
def page(tmp_path: Path) -> Page:
    page = start_page(tmp_path)
    page.enter()
    return page


@pytest.fixture
def school(page: Page) -> Page:
    page.send(("20260615_resultats_3A.csv", _csv(A, C)), ("20260615_resultats_3°B.csv", _csv(B)))
    return page


# --- Récupération ---


def test_files_are_told_at_once_with_class_and_count(school: Page) -> None:
    text = school.get("/recuperation").text
    assert "20260615_resultats_3A.csv" in text
    assert "2\u00a0certifications" in text
    assert 'value="3°B"' in text


def test_a_broken_file_is_named_and_the_others_are_kept(page: Page) -> None:
    answer = page.send(
        ("20260615_resultats_3A.csv", _csv(A)),
        ("20260615_resultats_3B.xlsx", b"PK\x03\x04 cut"),
        ("photo.jpg", b"\xff\xd8"),
        ("vide.csv", b""),
    )
    assert "1\u00a0fichier reçu" in answer.text
    for name in ("20260615_resultats_3B.xlsx", "photo.jpg", "vide.csv"):
        assert f"{name}\u202f» n’a pas été gardé" in answer.text
    assert [path.name for path in page.site.project.result_files()] == ["20260615_resultats_3A.csv"]


@pytest.mark.parametrize(
    "name",
    ["../../20260615_resultats_3A.csv", "C:\\temp\\20260615_resultats_3A.csv", "/etc/CON.csv",
     "..csv", ".csv", "a" * 300 + ".csv", "e\u0301te\u0301\u202e.csv"],
)  # fmt: skip
def test_a_name_is_never_a_path(page: Page, name: str) -> None:
    page.send((name, _csv(A)))
    outside = [path for path in page.data.parent.rglob("*.csv") if path.parent != page.data]
    assert not outside
    assert len(page.site.project.result_files()) <= 1


def test_the_class_survives_a_name_that_a_browser_gave_with_a_folder(page: Page) -> None:
    page.send(("C:\\temp\\20260615_resultats_3A.csv", _csv(A)))
    assert [division.name for division in page.site.desk.view().divisions] == ["3A"]


def test_the_same_file_twice_is_one_and_another_of_its_name_overwrites_nothing(page: Page) -> None:
    page.send(("20260615_resultats_3A.csv", _csv(A)))
    page.send(("20260615_resultats_3A.csv", _csv(A)))
    assert len(page.site.project.result_files()) == 1
    page.send(("20260615_resultats_3A.csv", _csv(B)))
    assert len(page.site.project.result_files()) == 2
    assert [len(d.people) for d in page.site.desk.view().divisions] == [2]


def test_the_class_of_a_session_file_is_given_by_hand_and_every_command_follows(
    page: Page,
) -> None:
    name = "20260612_0930_resultats_session_48213.csv"
    page.send((name, _csv(A, layout="L3 session")))
    assert [division.name for division in page.site.desk.view().divisions] == [""]
    key = page.site.desk.files()[0].key
    page.post("/recuperation/classes", {f"classe-{key}": " 3e  « B » "})
    assert [division.name for division in page.site.desk.view().divisions] == ["3e « B »"]
    report = pipeline.look(page.site.desk.request())
    assert [count.division for count in report.divisions] == ["3e « B »"]
    page.post("/recuperation/classes", {f"classe-{key}": ""})
    assert [division.name for division in page.site.desk.view().divisions] == [""]


def test_a_class_that_was_only_typed_counts_when_everything_is_recovered(page: Page) -> None:
    page.send(("20260612_0930_resultats_session_48213.csv", _csv(A, layout="L3 session")))
    key = page.site.desk.files()[0].key
    text = page.post("/recuperation/lancer", {f"classe-{key}": "3D"}).text
    assert "classe «\u202f3D\u202f»" in text
    assert "1\u00a0certification nouvelle" in text
    assert [division.name for division in page.site.desk.view().divisions] == ["3D"]


def test_a_page_from_before_does_not_undo_a_class_given_in_another_tab(page: Page) -> None:
    page.send(("20260612_0930_resultats_session_48213.csv", _csv(A, layout="L3 session")))
    key = page.site.desk.files()[0].key
    assert f'name="etait-{key}" value=""' in page.get("/recuperation").text
    page.post("/recuperation/classes", {f"classe-{key}": "3C", f"etait-{key}": ""})
    page.post("/recuperation/lancer", {f"classe-{key}": "", f"etait-{key}": ""})
    assert [division.name for division in page.site.desk.view().divisions] == ["3C"]


def test_a_class_typed_beside_a_file_is_kept_when_another_file_is_taken_back(page: Page) -> None:
    page.send(
        ("20260612_0930_resultats_session_48213.csv", _csv(A, layout="L3 session")),
        ("20260612_0930_resultats_session_48214.csv", _csv(B, layout="L3 session")),
    )
    first, second = (file.key for file in page.site.desk.files())
    page.post("/recuperation/retirer", {"retirer": second, f"classe-{first}": "3C"})
    assert [(file.key, file.division) for file in page.site.desk.files()] == [(first, "3C")]


def test_recovery_writes_the_workbook_and_keeps_the_synthesis_for_the_next_start(
    school: Page, tmp_path: Path
) -> None:
    answer = school.post("/recuperation/lancer")
    assert "2\u00a0certifications nouvelles sur 3\u00a0élèves" in answer.text
    rows = list(openpyxl.load_workbook(school.site.project.workbook).active.values)  # type: ignore[union-attr]
    assert len(rows) == 4
    later = start_page(tmp_path)
    later.enter()
    text = later.get("/recuperation").text
    assert "Sur 3\u00a0élèves" in text
    assert "1 l’a passée sans l’obtenir" in text
    assert "rien de nouveau" in later.post("/recuperation/lancer").text


def test_a_file_taken_back_leaves_what_was_recovered(school: Page) -> None:
    school.post("/recuperation/lancer")
    school.post("/recuperation/retirer", {"retirer": school.site.desk.files()[0].key})
    assert len(school.site.project.result_files()) == 1
    assert len(school.site.desk.view().people) == 3


def test_messages_on_the_page_never_speak_of_command_line_options(page: Page) -> None:
    page.send(("20260612_0930_resultats_session_48213.csv", _csv(A, layout="L3 session")))
    for path in ("/recuperation", "/modele/verification"):
        text = page.get(path).text
        assert "--" not in text.replace("<!--", "")


ROSTER = (
    "Nom;Prénom;Né(e) le;Classe\n"
    "DUPRÉ;Zoé;14/03/2011;3A\nN’DIAYE;Côme;14/03/2011;3C\nLEROY;Inès;01/02/2011;3A\n"
)


def test_a_list_of_pupils_gives_the_classes_and_those_who_did_not_sit(page: Page) -> None:
    session = "20260612_0930_resultats_session_48213.csv"
    answer = page.send((session, _csv(A, B, layout="L3 session")), ("eleves.csv", ROSTER.encode()))
    assert "Liste d’élèves reçue\u00a0: 3\u00a0élèves" in answer.text
    view = page.site.desk.view()
    assert {d.name: len(d.people) for d in view.divisions} == {"3A": 2, "3C": 1}
    assert [file.path.name for file in page.site.desk.files()] == [session]
    text = page.post("/recuperation/lancer").text
    assert "1 ne l’a pas passée" in text
    absent = next(p for p in view.people if p.pupil.nom.casefold() == "leroy")
    assert page.get(f"/consultation/eleve/{absent.key}").status_code == 200
    assert page.get("/recuperation/synthese.pdf").content.startswith(b"%PDF")
    page.post("/recuperation/liste")
    assert not page.site.desk.view().listed
    assert not (page.data / "eleves.csv").exists()


# --- Consultation ---


def test_certified_pupils_are_marked_and_the_others_greyed_with_the_reason(school: Page) -> None:
    text = school.get("/consultation").text
    assert text.count("✓") == 3  # two pupils and the sentence that explains it
    assert "n’a pas été obtenue" in text


def test_two_pupils_of_a_name_are_told_apart_by_their_certification_number(page: Page) -> None:
    same = [
        certification(numero=n, identifiant=n, date_naissance=f"0{n[-1]}/02/2011")
        for n in ("21", "22")
    ]
    page.send(("20260615_resultats_3A.csv", _csv(*same, A)))
    text = page.get("/consultation").text
    assert "Lefèvre Élodie (21)" in text
    assert "Lefèvre Élodie (22)" in text
    assert "Dupré Zoé (" not in text


def test_search_forgives_accents_and_case_and_can_be_narrowed_by_status(school: Page) -> None:
    found = school.post("/consultation", {"texte": "dupre"}).text
    assert "Dupré Zoé" in found
    assert "Vasseur" not in found
    assert "Dupré Zoé" in school.post("/consultation", {"texte": "ZOE dup"}).text
    refused_only = school.post("/consultation", {"statut": "non_obtenue"}).text
    assert "Vasseur Apolline" in refused_only
    assert "Dupré" not in refused_only
    assert "Personne ne correspond" in school.post("/consultation", {"texte": "inconnu"}).text


def test_one_pupil_in_full_with_a_dash_below_level_one(school: Page) -> None:
    address = addresses(school.get("/consultation").text, "/consultation/eleve/")[0]
    text = school.get(address).text
    assert "Zoé Dupré" in text
    assert text.count('class="gauge') == 16
    assert text.count("</span>-</span>") == 2  # one level 0, one not tested
    assert "14/03/2011" in text


def test_an_unknown_pupil_or_class_is_said_kindly(school: Page) -> None:
    assert school.get("/consultation/eleve/abc").status_code == 404
    assert school.get("/edition/classe/abc.pdf").status_code == 404
    assert school.get("/consultation?classe=abc&page=99").status_code == 200


# --- Modèle ---


def _png(size: tuple[int, int] = (400, 150)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "navy").save(stream, "PNG")
    return stream.getvalue()


def test_settings_are_saved_without_losing_what_the_school_wrote(page: Page) -> None:
    path = page.data / "etablissement.toml"
    path.write_text(
        '# à nous\n[etablissement]\nnom = "Ancien" # nom\nlogo = ""\n', encoding="utf-8"
    )
    page.post("/modele", {"etablissement": 'Collège "Ada" \\', "ville": "Nantes", "chef": "C. D."})
    text = path.read_text(encoding="utf-8")
    assert "# à nous" in text
    assert 'logo = ""' in text
    settings = load_settings(path)
    assert settings.etablissement.nom == 'Collège "Ada" \\'
    assert settings.chef.nom == "C. D."


def test_a_wrong_date_is_refused_with_an_example_and_nothing_is_changed(page: Page) -> None:
    page.post("/modele", {"etablissement": "Ada"})
    answer = page.post("/modele", {"etablissement": "Autre", "date": "32/13/2026"})
    assert "Écrivez par exemple 26/06/2026" in answer.text
    assert 'value="Autre"' in answer.text  # what was typed stays, to be corrected
    assert load_settings(page.data / "etablissement.toml").etablissement.nom == "Ada"


def test_settings_that_do_not_read_are_shown_on_every_step_and_never_written_over(
    school: Page,
) -> None:
    path = school.data / "etablissement.toml"
    path.write_text('[etablissement]\nnom = "Collège\n', encoding="utf-8")
    for step in ("/recuperation", "/consultation", "/modele", "/edition"):
        answer = school.get(step)
        assert answer.status_code == 200
        assert "ligne 2" in answer.text
        assert "Déposez d’abord" not in answer.text
    assert "pas enregistrés" in school.post("/modele", {"etablissement": "Autre"}).text
    assert path.read_text(encoding="utf-8").startswith('[etablissement]\nnom = "Collège\n')


def test_a_signature_is_seen_at_once_and_a_text_is_no_signature(page: Page) -> None:
    page.post("/modele/image", {"image": "signature"}, files={"fichier": ("s.png", _png())})
    assert load_settings(page.data / "etablissement.toml").chef.signature is not None
    address = addresses(page.get("/modele").text, "/modele/image/signature")[0]
    assert page.get(address).content.startswith(b"\x89PNG")
    answer = page.post("/modele/image", {"image": "signature"}, files={"fichier": ("s.png", b"x")})
    assert "PNG ou JPEG" in answer.text
    assert page.get(address).status_code == 200
    page.post("/modele/image", {"image": "signature", "retirer": "1"})
    assert page.get(address).status_code == 404


def test_the_preview_is_a_picture_of_the_pupil_or_of_an_invented_one(school: Page) -> None:
    address = addresses(school.get("/modele").text, "/modele/apercu/")[0]
    picture = Image.open(io.BytesIO(school.get(address).content))
    assert picture.format == "PNG"
    assert picture.width > 800
    assert school.get("/modele/apercu/exemple.png").status_code == 200


def test_the_preview_shows_every_page_of_the_attestation_below_one_another(school: Page) -> None:
    template = Document()
    template.add_paragraph("{{ nom }}")
    template.add_page_break()
    template.add_paragraph("{{ prenom }}")
    stream = io.BytesIO()
    template.save(stream)
    alone = _height(school)
    school.post("/modele/envoyer", files={"fichier": ("deux.docx", stream.getvalue())})
    assert _height(school) > 1.8 * alone


def _height(page: Page) -> int:
    address = addresses(page.get("/modele").text, "/modele/apercu/")[0]
    return Image.open(io.BytesIO(page.get(address).content)).height


def test_the_check_stands_beside_the_preview(school: Page) -> None:
    text = school.get("/modele/verification").text
    assert "À vérifier" in text
    assert "signature" in text


def test_a_template_goes_to_word_and_comes_back(school: Page) -> None:
    docx = school.get("/modele/telecharger").content
    answer = school.post("/modele/envoyer", files={"fichier": ("Mon modèle.docx", docx)})
    assert "Votre modèle est en place" in answer.text
    assert school.site.desk.template().name == "modele.docx"
    school.post("/modele/choisir", {"modele": "attestation-sobre.docx"})
    assert school.site.desk.template().name == "attestation-sobre.docx"
    assert "Le modèle de l’établissement" in school.get("/modele").text


def test_a_template_whose_pages_could_be_anybodys_is_refused_at_once(school: Page) -> None:
    template, stream = Document(), io.BytesIO()
    template.add_paragraph("Bravo !")
    template.save(stream)
    answer = school.post("/modele/envoyer", files={"fichier": ("x.docx", stream.getvalue())})
    assert "n’a pas été gardé" in answer.text
    assert "Ajoutez {{ nom }}" in answer.text


def test_the_template_chosen_on_the_page_is_the_one_of_the_commands_and_the_other_way_round(
    school: Page,
) -> None:
    settings = school.data / "etablissement.toml"
    school.post("/modele/choisir", {"modele": "talon-a5.docx"})
    chosen = load_settings(settings).edition.modele
    assert chosen is not None
    assert chosen.name == "talon-a5.docx"
    own = school.data / "Notre modèle.docx"
    own.write_bytes(school.get("/modele/telecharger").content)
    settings.write_text('[edition]\nmodele = "Notre modèle.docx"\n', encoding="utf-8")
    assert school.site.desk.template() == own.resolve()
    text = school.get("/modele").text
    assert re.search(r'value="Notre modèle.docx" checked> Notre modèle<', text)
    assert "Notre modèle.docx" in school.get("/edition").text


def test_a_broken_template_is_refused_and_the_one_in_use_stays(school: Page) -> None:
    answer = school.post("/modele/envoyer", files={"fichier": ("x.docx", b"PK no")})
    assert "n’a pas été gardé" in answer.text
    assert school.site.desk.template().name == "attestation.docx"
    assert school.post("/modele/choisir", {"modele": "../../x.docx"}).status_code == 404


# --- Édition ---


def _produce(page: Page, **choice: object) -> str:
    page.post("/edition/lancer", {"moteur": "embedded", **choice})
    page.wait()
    return page.get("/edition").text


def test_everything_is_produced_shown_and_zipped(school: Page) -> None:
    text = _produce(school, tout="1")
    assert "Production terminée\u00a0: 2\u00a0attestations" in text
    assert "Rien n’avait changé" in _produce(school, tout="1")
    pdf = school.get(addresses(text, "/edition/classe/")[0])
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["content-disposition"].startswith("inline")
    zipped = school.get(next(a for a in addresses(text, "/edition/classe/") if ".zip" in a))
    with zipfile.ZipFile(io.BytesIO(zipped.content)) as archive:
        assert archive.namelist() == ["Dupré Zoé.pdf"]


def test_one_pupil_alone_from_the_list(school: Page) -> None:
    key = next(p.key for p in school.site.desk.view().people if p.pupil.nom == "N’Diaye")
    assert "1\u00a0attestation" in _produce(school, eleve=[key])
    assert (school.output / "3°B" / "N’Diaye Côme.pdf").is_file()
    assert not (school.output / "3A").exists()


def test_part_of_a_class_has_its_own_document_to_print(page: Page) -> None:
    page.send(("20260615_resultats_3A.csv", _csv(A, B)))
    first = page.site.desk.view().people[0]
    text = _produce(page, eleve=[first.key])
    pdf = page.get(addresses(text, "/edition/fait/")[0])
    assert pdf.content.startswith(b"%PDF")
    assert not (page.output / "Attestations 3A.pdf").exists()


def test_without_a_script_the_page_of_a_run_refreshes_itself_until_the_end(
    school: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, run = threading.Event(), pipeline.run
    monkeypatch.setattr(pipeline, "run", lambda *a: (going.wait(30), run(*a))[1])
    refreshing = '<noscript><meta http-equiv="refresh"'
    assert refreshing in school.post("/edition/lancer", {"tout": "1", "moteur": "embedded"}).text
    going.set()
    school.wait()
    text = school.get("/edition").text
    assert refreshing not in text
    assert "Production terminée" in text


def test_an_error_leads_back_to_the_page_that_it_comes_from(school: Page) -> None:
    answer = school.client.post(
        "/edition/lancer",
        data={"csrf": school.site.keys.csrf, "tout": "1", "depuis": "hier"},
        headers={"origin": ADDRESS, "referer": f"{ADDRESS}/edition?m=x"},
    )
    assert '<a class="button" href="/edition">Revenir' in answer.text


def test_nothing_chosen_is_said_and_a_refused_pupil_gives_nothing(school: Page) -> None:
    assert "Rien n’est choisi" in school.post("/edition/lancer").text
    key = next(p.key for p in school.site.desk.view().people if not p.obtained)
    assert "Rien n’est choisi" in school.post("/edition/lancer", {"eleve": [key]}).text


def test_a_second_run_waits_for_the_first_and_the_stop_is_heard() -> None:
    runner, begun, going, seen = Runner(), threading.Event(), threading.Event(), []

    def work(watcher: Watcher) -> None:
        watcher.stage("Attestations", 3)
        begun.set()
        for step in range(3):
            going.wait(10)
            seen.append(step)
            watcher.advance()

    assert runner.start(work)  # type: ignore[arg-type]
    assert not runner.start(work)  # type: ignore[arg-type]
    begun.wait(10)
    runner.stop()
    going.set()
    runner.wait(10)
    assert seen == [0]
    assert runner.progress.stopped
    assert not runner.progress.running


def test_progress_is_told_as_it_happens(school: Page) -> None:
    school.post("/edition/lancer", {"tout": "1", "moteur": "embedded"})
    answer = school.get("/edition/progression")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert '"running": true' in answer.text
    assert answer.text.rstrip().endswith('"stopping": false}')
    assert '"running": false' in answer.text


def test_a_folder_in_use_elsewhere_is_said_with_what_to_do(
    school: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.post("/recuperation/lancer")
    (school.output / "~$Résultats Pix.xlsx").write_bytes(b"")
    assert "Fermez-le" in school.post("/recuperation/lancer").text
    assert "Rien n’a pu être produit" in _produce(school, tout="1")


# --- what is ticked ---


def _keys(page: Page) -> dict[str, str]:
    view = page.site.desk.view()
    pupils = {person.name: person.key for person in view.people}
    return pupils | {division.name: division.key for division in view.divisions}


def _is_ticked(text: str, key: str) -> bool:
    return re.search(rf'value="{key}"[^>]* checked', text) is not None


def test_what_is_ticked_is_found_again_on_other_lists_and_at_the_next_start(
    school: Page, tmp_path: Path
) -> None:
    keys = _keys(school)
    zoe, three_b = keys["Dupré Zoé"], keys["3°B"]
    school.post("/choix", {"vus": zoe, "eleve": [zoe]})
    school.post("/choix", {"vus": three_b, "classe": [three_b]})
    assert _is_ticked(school.get("/consultation").text, zoe)
    text = school.get("/edition").text
    assert _is_ticked(text, three_b)
    assert "Choix\u00a0: 1\u00a0classe et 1\u00a0élève" in text
    later = start_page(tmp_path)
    later.enter()
    assert _is_ticked(later.get("/consultation").text, _keys(later)["Dupré Zoé"])
    assert "Dupré" not in (later.data / ".page" / "etat.json").read_text(encoding="utf-8")


def test_a_list_changes_only_the_boxes_that_it_shows(school: Page) -> None:
    zoe, come = _keys(school)["Dupré Zoé"], _keys(school)["N’Diaye Côme"]
    school.post("/choix", {"vus": f"{zoe} {come}", "eleve": [zoe, come]})
    school.post("/choix", {"vus": zoe})
    text = school.get("/consultation").text
    assert not _is_ticked(text, zoe)
    assert _is_ticked(text, come)
    school.post("/choix/aucun")
    assert not _is_ticked(school.get("/consultation").text, come)


def test_what_is_ticked_elsewhere_is_produced_too_and_then_unticked(school: Page) -> None:
    zoe, three_b = _keys(school)["Dupré Zoé"], _keys(school)["3°B"]
    school.post("/choix", {"vus": zoe, "eleve": [zoe]})
    assert "Dupré Zoé" in school.get("/edition").text
    text = _produce(school, vus=three_b, classe=[three_b])
    assert "2\u00a0attestations" in text
    assert "Choix\u00a0:" not in text


def test_what_is_ticked_is_produced_from_a_list_that_shows_none_of_it(school: Page) -> None:
    zoe = _keys(school)["Dupré Zoé"]
    school.post("/choix", {"vus": zoe, "eleve": [zoe]})
    assert "1\u00a0attestation." in _produce(school, vus="")


def test_one_pupil_from_the_pupils_page_is_produced_alone(school: Page) -> None:
    zoe, come = _keys(school)["Dupré Zoé"], _keys(school)["N’Diaye Côme"]
    school.post("/choix", {"vus": zoe, "eleve": [zoe]})
    assert "1\u00a0attestation." in _produce(school, eleve=[come])
    assert _is_ticked(school.get("/consultation").text, zoe)


# --- options, and removing ---


def test_certifications_before_a_day_are_left_out(page: Page) -> None:
    old = certification(numero="21", nom="Ancien", date_passage="03/03/2025")
    page.send(("20260615_resultats_3A.csv", _csv(A, old)))
    text = _produce(page, tout="1", depuis="2025-09-01")
    assert "1\u00a0attestation." in text
    assert "--" not in text
    assert [path.name for path in page.output.glob("3A/*.pdf")] == ["Dupré Zoé.pdf"]
    key = _keys(page)["Ancien Élodie"]
    answer = page.post("/edition/lancer", {"eleve": [key], "depuis": "2025-09-01"})
    assert "Aucune certification choisie n’a été passée depuis le 01/09/2025" in answer.text


def test_the_options_are_those_of_the_run(school: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []
    monkeypatch.setattr(pipeline, "run", lambda request, _: asked.append(request) or Report())
    _produce(school, tout="1")
    options = {"recto-verso": "1", "couverture": "1", "refaire": "1", "archivage": "1"}
    _produce(school, tout="1", depuis="2025-09-01", **options)
    plain, full = asked
    assert (plain.duplex, plain.cover, plain.force, plain.pdfa) == (False,) * 4
    assert plain.since is None
    assert plain.engine == "embedded"
    assert (full.duplex, full.cover, full.force) == (True,) * 3
    assert full.since == dt.date(2025, 9, 1)
    assert full.pdfa
    assert full.engine == "libreoffice"  # the only one that makes PDF/A


def test_a_date_from_a_browser_without_date_fields_is_understood_or_refused(school: Page) -> None:
    assert "2\u00a0attestations" in _produce(school, tout="1", depuis="01/09/2025")
    answer = school.post("/edition/lancer", {"tout": "1", "depuis": "31/02/2026"})
    assert "n’est pas une date" in answer.text


def test_what_was_produced_is_listed_then_removed_and_the_files_of_pix_stay(school: Page) -> None:
    school.post("/recuperation/lancer")
    _produce(school, tout="1")
    own = school.output / "à moi.txt"
    own.write_text("x")
    text = school.get("/edition/suppression").text
    assert "3A/Dupré Zoé.pdf" in text
    assert "à moi" not in text
    answer = school.post("/edition/suppression")
    assert "fichiers supprimés" in answer.text
    assert "Imprimer" not in answer.text
    assert list(school.output.iterdir()) == [own]
    assert len(school.site.project.result_files()) == 2
    assert "Synthèse de la dernière" not in school.get("/recuperation").text
    assert "rien à supprimer" in school.get("/edition/suppression").text
