"""`check` says before any PDF, in French and with the place, all that would go or look wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pytest
from click.testing import CliRunner
from support.faulty import p, r, template
from support.pix_exports import NOT_TESTED, certification, refused, write_export

from mailmerge.cli import cli
from mailmerge.engines.libreoffice import LibreOffice
from mailmerge.errors import ExitCode, TemplateError
from mailmerge.gathering import WORKBOOK
from mailmerge.pipeline import run
from mailmerge.referential import COMPETENCE_CODES
from mailmerge.request import Request
from mailmerge.results.reading import read_sources
from mailmerge.results.workbook import write_workbook
from mailmerge.template.context import competence_tag
from mailmerge.trial import checking
from mailmerge.trial.checking import Check, Remark, check

ROOT = Path(__file__).resolve().parents[1]
TOML = """
[etablissement]
nom = "Collège"
ville = "Ville"
[chef]
nom = "Mme D."
signature = "s.png"
"""


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """A class of two, settings and a signature: nothing to say about them."""
    data = tmp_path / "data"
    data.mkdir()
    pupils = [
        certification(numero="1000001", nom="Lefèvre", prenom="Élodie"),
        certification(numero="1000002", nom="Martin", prenom="Noé", identifiant="0012346"),
    ]
    write_export(data / "20260615_resultats_3A.csv", "L3", pupils)
    signature = ROOT / "data" / "exemple" / "signature.png"
    (data / "s.png").write_bytes(signature.read_bytes())
    (data / "etablissement.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


def checked(school: Path, path: Path, **options: Any) -> Check:
    options = {"engine": "embedded", **options}
    request = Request((school / "data",), school / "sortie", template=path, **options)
    found = check(request)
    assert not (school / "sortie").exists()
    return found


def the(found: Check, code: str) -> Remark:
    [remark] = [remark for remark in found.remarks if remark.code == code]
    return remark


def codes(found: Check, *severities: str) -> set[str]:
    return {remark.code for remark in found.remarks if remark.severity in severities}


# Nothing to say


@pytest.mark.parametrize(
    "name", ["attestation", "attestation-sobre", "talon-a5", "liste-de-classe"]
)
def test_the_gallery_with_sound_data_is_ready_and_exits_0(school: Path, name: str) -> None:
    found = checked(school, ROOT / "templates" / f"{name}.docx")
    assert codes(found, "error", "warning") == set()
    assert found.exit_code == ExitCode.OK
    assert "Lefèvre Élodie" in found.tried


@pytest.mark.libreoffice
@pytest.mark.skipif(not LibreOffice().available(), reason="LibreOffice is not installed")
def test_the_gallery_is_ready_with_libreoffice_too(school: Path) -> None:
    found = checked(school, ROOT / "templates" / "attestation.docx", engine="libreoffice")
    assert found.remarks == [the(found, "donnees-inutilisees")]
    assert found.engine == "LibreOffice"


# The template


def test_unknown_tags_are_all_named_at_once_with_the_nearest_right_name_and_their_place(
    school: Path,
) -> None:
    path = template(school / "m.docx", "Né à {{ lieu_naisance }}", "Note : {{ prenon }}")
    found = checked(school, path)
    unknown = [remark for remark in found.remarks if remark.code == "balise-inconnue"]
    assert len(unknown) == 2
    assert "lieu_naissance" in unknown[0].message
    assert unknown[0].where.startswith("corps du document, paragraphe 4")
    assert "Né à" in unknown[0].where
    assert "prenom" in unknown[1].message
    assert found.exit_code == ExitCode.TEMPLATE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Bonjour {{ nom", "balise-non-fermee"),
        ("Bonjour nom }}", "balise-non-ouverte"),
        ("{% if niveau %}Niveau", "bloc-non-ferme"),
        ("Niveau{% endif %}", "bloc-non-ouvert"),
    ],
)
def test_what_is_not_closed_is_named_with_its_place(school: Path, text: str, code: str) -> None:
    found = checked(school, template(school / "m.docx", text))
    assert the(found, code).where.startswith("corps du document, paragraphe 4\u00a0: «")
    assert found.exit_code == ExitCode.TEMPLATE


def test_the_example_in_the_guide_is_what_check_says(school: Path) -> None:
    [remark] = checked(school, template(school / "m.docx", "Né à {{ lieu_naisance }}")).remarks
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    said = f"{remark.where}\n{remark.message}".replace("\u202f", " ").replace("\u00a0", " ")
    assert said in guide


def test_run_refuses_the_same_faults_in_the_same_words_before_it_makes_any_file(
    school: Path,
) -> None:
    path = template(school / "m.docx", "{{ prenon }}", "{{ nom", "{% if niveau %}oui")
    found = checked(school, path)
    request = Request((school / "data",), school / "sortie", template=path, engine="embedded")
    with pytest.raises(TemplateError) as error:
        run(request)
    assert len(found.of("error")) == 3
    for remark in found.of("error"):
        assert remark.message in error.value.message
        assert remark.where in error.value.message
    assert not (school / "sortie").exists()


def test_data_that_the_template_does_not_print_is_told_on_one_line(school: Path) -> None:
    found = checked(school, template(school / "m.docx"))
    remark = the(found, "donnees-inutilisees")
    assert remark.severity == "info"
    for header in ("Date de naissance", "Nombre de Pix"):
        assert f"«\u202f{header}\u202f»" in remark.message
    assert "Prénom" not in remark.message
    assert "_source" not in remark.message


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ([], "les niveaux des 16 compétences"),
        (["1.1"], "les compétences des domaines 2, 3, 4 et 5, les compétences 1.2 et 1.3"),
        (["1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "3.4", "4.1", "4.2"],
         "les compétences du domaine 5, les compétences 1.3 et 4.3"),
        (COMPETENCE_CODES[:-1], "la compétence 5.2"),
    ],
)  # fmt: skip
def test_levels_that_are_not_printed_are_named_together(
    school: Path, printed: list[str], said: str
) -> None:
    path = template(school / "m.docx", *(f"{{{{ {competence_tag(code)} }}}}" for code in printed))
    message = the(checked(school, path), "donnees-inutilisees").message
    assert message.endswith(f", {said}.")
    assert message.count("compétence") == said.count("compétence")


def test_a_column_that_the_school_added_is_listed_as_a_tag(school: Path) -> None:
    table = read_sources([school / "data"]).table
    output = school / "ailleurs"
    output.mkdir()
    write_workbook(table.assign(**{"Mention du jury": "Bravo"}), output / WORKBOOK)
    path = template(school / "m.docx", "{{ mention_du_jury }}")
    found = check(Request((school / "data",), output, template=path, engine="embedded"))
    assert "{{ mention_du_jury }}" in the(found, "colonnes-ajoutees").message
    assert found.exit_code == ExitCode.OK
    assert [path.name for path in output.iterdir()] == [WORKBOOK]


def test_what_the_chosen_engine_can_not_draw_is_a_warning_for_that_engine_only(
    school: Path,
) -> None:
    path = template(school / "m.docx", p(r("barré", "<w:strike/>")))
    found = checked(school, path)
    assert "moteur intégré" in the(found, "strike").message
    assert "barré" in the(found, "strike").where
    assert found.exit_code == ExitCode.WARNINGS
    if LibreOffice().available():
        assert "strike" not in codes(checked(school, path, engine="libreoffice"), "warning")


def test_a_missing_font_is_named_with_the_one_that_replaces_it(school: Path) -> None:
    found = checked(school, template(school / "m.docx", font="Police Introuvable"))
    remark = the(found, "police-remplacee")
    assert "« Police Introuvable » manque" in remark.message.replace("\u202f", " ")
    assert "la remplace par" in remark.message
    assert found.exit_code == ExitCode.WARNINGS


@pytest.mark.libreoffice
@pytest.mark.skipif(not LibreOffice().available(), reason="LibreOffice is not installed")
def test_every_missing_font_gets_its_own_answer_with_libreoffice(school: Path) -> None:
    path = template(school / "m.docx", font="Police Introuvable")
    document = docx.Document(str(path))
    document.add_paragraph().add_run("autre").font.name = "Inconnue Deux"
    document.save(str(path))
    found = checked(school, path, engine="libreoffice")
    messages = [x.message for x in found.remarks if x.code == "police-remplacee"]
    assert len(messages) == 2
    assert "Police Introuvable" in messages[0]
    assert "Inconnue Deux" in messages[1]


def test_a_font_that_the_template_embeds_is_not_missing(school: Path) -> None:
    found = checked(school, ROOT / "templates" / "attestation.docx")
    assert "police-remplacee" not in codes(found, "warning")


def test_no_signature_image_is_a_warning(school: Path) -> None:
    settings = school / "data" / "etablissement.toml"
    settings.write_text(TOML.replace('signature = "s.png"\n', ""), encoding="utf-8")
    found = checked(school, template(school / "m.docx"))
    assert "place reste blanche" in the(found, "sans-signature").message
    assert found.exit_code == ExitCode.WARNINGS


def test_a_template_without_place_for_a_signature_is_a_warning_unless_one_is_pasted(
    school: Path,
) -> None:
    path = template(school / "m.docx", identity="{{ prenom }} {{ nom }}")
    assert "sans signature" in the(checked(school, path), "sans-signature").message
    document = docx.Document(str(path))
    document.add_picture(str(school / "data" / "s.png"))
    document.save(str(path))
    assert "sans-signature" not in codes(checked(school, path), "warning")


def test_words_of_the_gallery_that_were_not_replaced_are_named(school: Path) -> None:
    found = checked(school, ROOT / "templates" / "attestation-champs-word.docx")
    message = the(found, "texte-d-exemple").message
    assert "Nom de l’établissement" in message
    assert "Prénom Nom" in message


def test_a_page_too_many_names_the_pupils_whose_text_is_too_long(school: Path) -> None:
    longest = certification(numero="1000003", nom="A" * 40, prenom="Bé", identifiant="0012347")
    write_export(school / "data" / "20260615_resultats_3B.csv", "L3", [longest])
    filling = ["ligne"] * 20
    path = template(
        school / "m.docx", *filling, "{% if nom|length > 20 %}" + "x " * 1500 + "{% endif %}"
    )
    document = docx.Document(str(path))
    document.styles["Normal"].paragraph_format.space_after = 0
    document.save(str(path))
    found = checked(school, path)
    message = the(found, "page-en-trop").message
    assert f"(1) : Bé {'A' * 40} (2). Laissez" in message.replace("\u00a0", " ")
    assert "Martin" not in message


def test_two_pages_for_everybody_are_a_warning_unless_the_template_breaks_the_page(
    school: Path,
) -> None:
    too_long = template(school / "m.docx", *["ligne"] * 80)
    assert "prend" in the(checked(school, too_long), "plusieurs-pages").message
    on_purpose = template(school / "n.docx", p(r('<w:br w:type="page"/>')), "verso")
    assert codes(checked(school, on_purpose), "warning") == set()


# The data, the engine, the settings


def test_the_warnings_of_the_data_are_said(school: Path) -> None:
    session = "20260612_0930_resultats_session_48213.csv"
    write_export(school / "data" / session, "L3 session", [certification(numero="1000009")])
    found = checked(school, template(school / "m.docx"))
    assert any(session in remark.message for remark in found.of("warning"))
    assert found.exit_code == ExitCode.WARNINGS


def test_without_results_the_template_is_tried_on_an_invented_pupil_and_the_exit_is_3(
    school: Path,
) -> None:
    (school / "data" / "20260615_resultats_3A.csv").unlink()
    found = checked(school, template(school / "m.docx"))
    assert found.exit_code == ExitCode.INPUT
    assert "Aucun résultat Pix" in the(found, "lecture").message
    assert found.tried == ["EXEMPLE Camille"]


def test_settings_that_can_not_be_read_exit_2_and_the_template_is_checked_all_the_same(
    school: Path,
) -> None:
    (school / "data" / "etablissement.toml").write_text("nom = ", encoding="utf-8")
    found = checked(school, template(school / "m.docx", "{{ prenon }}"))
    assert found.exit_code == ExitCode.USAGE
    assert codes(found, "error") == {"reglages", "balise-inconnue"}


def test_a_missing_engine_exits_5(school: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIX_MAILMERGE_SOFFICE", str(school / "absent"))
    found = checked(school, template(school / "m.docx"), engine="libreoffice")
    assert found.exit_code == ExitCode.ENGINE


def test_a_template_that_can_not_be_opened_exits_4(school: Path) -> None:
    (school / "m.docx").write_text("du texte")
    assert checked(school, school / "m.docx").exit_code == ExitCode.TEMPLATE


def test_a_tag_that_fails_for_one_pupil_is_found_before_the_run(school: Path) -> None:
    path = template(school / "m.docx", "{% if nom == 'Martin' %}{{ pix / 0 }}{% endif %}")
    found = checked(school, path)
    assert found.exit_code == ExitCode.TEMPLATE


def test_a_workbook_open_in_another_program_is_said(school: Path) -> None:
    output = school / "autre"
    output.mkdir()
    table = read_sources([school / "data"]).table
    write_workbook(table, output / WORKBOOK)
    (output / f".~lock.{WORKBOOK}#").touch()
    path = template(school / "m.docx")
    found = check(Request((school / "data",), output, template=path, engine="embedded"))
    assert "ouvert dans un autre programme" in the(found, "ecriture").message
    assert found.exit_code == ExitCode.OUTPUT


# The pupils of the trial


def test_the_trial_takes_the_extreme_pupils_of_the_data(school: Path) -> None:
    pupils = [
        certification(numero=str(2000000 + rank), nom=f"Nom{rank:02}", identifiant=f"99{rank:04}")
        for rank in range(30)
    ]
    pupils += [
        certification(numero="3000001", nom="L" * 30, identifiant="1"),
        certification(numero="3000002", nom="Loin", lieu_naissance="V" * 40, identifiant="2"),
        certification(numero="3000003", nom="Rien", levels=NOT_TESTED, identifiant="3"),
        certification(numero="3000004", nom="Tout", levels=("8",) * 16, identifiant="4"),
        certification(numero="3000005", nom="Ελένη", identifiant="5"),
        refused(numero="3000006", nom="Refusé" * 9, identifiant="6"),
    ]
    write_export(school / "data" / "20260616_resultats_3C.csv", "L3", pupils)
    found = checked(school, template(school / "m.docx"))
    tried = {name.split()[0] for name in found.tried}
    assert {"L" * 30, "Loin", "Rien", "Tout", "Ελένη"} <= tried
    assert len(tried) <= 10


@pytest.mark.parametrize(
    ("asked", "printed", "same"),
    [
        ("Calibri", "Calibri-Bold", True),
        ("Times New Roman", "TimesNewRomanPSMT", True),
        ("Arial", "Arial-BoldItalicMT", True),
        ("Calibri Light", "Calibri-Light", True),
        ("Calibri", "Carlito", False),
        ("Noto Sans", "NotoSansMono-Regular", False),
    ],
)
def test_fonts_are_recognised_under_the_names_that_pdfs_give_them(
    asked: str, printed: str, same: bool
) -> None:
    assert checking._same(asked, printed) is same


# The command


def test_the_command_groups_what_it_says_and_gives_the_exit_code(school: Path) -> None:
    path = template(school / "m.docx", "{{ prenon }}", p(r("barré", "<w:strike/>")))
    arguments = ["check", str(school / "data"), "--template", str(path), "--engine", "embedded"]
    result = CliRunner().invoke(
        cli, [*arguments, "--output", str(school / "sortie")], standalone_mode=False
    )
    assert result.return_value == ExitCode.TEMPLATE
    assert "À corriger (1)" in result.output
    assert "À vérifier (1)" in result.output
    assert "corps du document, paragraphe 4" in result.output
    assert "1000001" not in result.output
    assert not (school / "sortie").exists()


def test_quiet_says_only_the_errors(school: Path) -> None:
    path = template(school / "m.docx", p(r("barré", "<w:strike/>")))
    arguments = ["check", str(school / "data"), "--template", str(path), "--engine", "embedded"]
    result = CliRunner().invoke(cli, [*arguments, "--quiet"], standalone_mode=False)
    assert result.output == ""
    assert result.return_value == ExitCode.WARNINGS


def test_the_table_of_the_trial_is_not_changed(school: Path) -> None:
    before = read_sources([school / "data"]).table
    checked(school, template(school / "m.docx"))
    pd.testing.assert_frame_equal(read_sources([school / "data"]).table, before)
