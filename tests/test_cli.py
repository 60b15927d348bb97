"""The command line as people use it: help, messages, exit codes, all in French."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.pix_exports import certification, refused
from support.school import PROJECT, School, school_in

from mailmerge.cli import cli
from mailmerge.errors import ExitCode

ENGLISH = ("Usage", "Options:", "Error", "Show this", "Commands:", "Missing", "Invalid", "No such")


@pytest.fixture
def school(tmp_path: Path) -> School:
    school = school_in(tmp_path)
    school.add_class(
        "3A",
        [
            certification(numero="1000001", nom="Durand", prenom="Zoé", identifiant="1"),
            refused(numero="1000002", nom="Petit", prenom="Jules", identifiant="2"),
        ],
    )
    return school


def french(text: str) -> bool:
    return not any(word in text.replace("Options:", "") for word in ENGLISH)


def test_the_help_of_every_command_is_in_french():
    for name in ("", *cli.commands):
        arguments = [*([name] if name else []), "--help"]
        result = subprocess.run(
            [sys.executable, "-m", "mailmerge", *arguments],
            cwd=PROJECT,
            env={**os.environ, "LANG": "en_US.UTF-8"},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert "Utilisation" in result.stdout
        assert "Afficher cette aide." in result.stdout
        assert french(result.stdout)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rum"], ["« rum »", "run"]),
        (["run", "--engin", "embedded"], ["« --engin »", "« --engine »"]),
        (["run", "--engine", "excel"], ["« excel »", "« embedded »"]),
        (["run", "absent.csv"], ["absent.csv"]),
        (["run", "--template", "absent.docx"], ["absent.docx", "introuvable"]),
        (["run", "--template", "data"], ["« data »", "c’est un dossier"]),
        (["run", "--clas", "3A"], ["Vouliez-vous dire", "« --class », « --cluster »"]),
        (["pdf", "--seal", "absent.p12"], ["« absent.p12 » n’existe pas"]),
        (["run", "--roster", "absent.xml"], ["« absent.xml » n’existe pas"]),
        (["run", "--class", "4B"], ["4B", "3A"]),
        (["run", "--settings", "absent.toml"], ["« absent.toml » n’existe pas"]),
        (["pdf"], ["merge"]),
        (["show"], ["« NOM_OU_NUMÉRO »"]),
        (["run", "--class"], ["« --class »"]),
        (["run", "--since", "hier"], ["« --since »", "« hier »", "01/09/2025"]),
        (["serve", "--port", "70000"], ["« --port »", "hors des limites"]),
        (["serve", "--data", "data/etablissement.toml"], ["est un fichier, pas un dossier"]),
    ],
)
def test_a_wrong_word_is_answered_in_french_with_a_way_out(school, arguments, words):
    result = school.command(*arguments)
    message = result.stderr.replace("\u202f", " ")
    assert result.returncode not in (ExitCode.OK, ExitCode.INTERNAL)
    assert all(word in message for word in words)
    assert french(message)
    assert "'" not in message
    assert "Traceback" not in message


def test_a_file_that_can_not_be_read_is_no_folder_to_put_files_in(school):
    (school.root / "page.pdf").write_bytes(b"%PDF-1.4")
    message = school.command("run", "page.pdf", "absent").stderr.replace("\u202f", " ")
    assert "Aucun résultat Pix n’a pu être lu." in message
    assert "c’est un PDF" in message
    assert "« absent » n’existe pas" in message
    assert "Déposez-y" not in message


def test_an_empty_folder_is_said_once(school):
    (school.root / "vide").mkdir()
    message = school.command("run", "vide").stderr.replace("\u202f", " ")
    assert "Aucun résultat Pix n’a été trouvé dans « vide ». Déposez-y" in message
    assert message.count("vide") == 1


def test_looking_never_passes_over_a_file_that_could_not_be_read(school):
    school.command("normalize")
    for looking in (
        ["show", "Durand", "--from", "absent.csv"],
        ["show", "Inconnu", "--from", "absent.csv"],
        ["list", "absent.csv"],
        ["preview", "absent.csv", "--engine", "embedded"],
    ):
        assert "« absent.csv » n’existe pas" in school.command(*looking).stderr.replace(
            "\u202f", " "
        )
    assert school.command("show", "Durand", "--from", "absent.csv").returncode == ExitCode.PARTIAL
    assert school.command("show", "Durand").returncode == ExitCode.OK


def test_exit_codes_are_the_documented_ones(school):
    assert school.command("run", "--bad").returncode == ExitCode.USAGE
    assert school.command("run", "rien").returncode == ExitCode.INPUT
    assert school.command("run", "--engine", "embedded").returncode == ExitCode.OK
    (school.data / "m.docx").write_bytes(b"x")
    assert school.command("run", "--template", "data/m.docx").returncode == ExitCode.TEMPLATE
    (school.root / "pris").write_text("x")
    assert school.command("run", "--output", "pris").returncode == ExitCode.OUTPUT
    (school.data / "20260615_resultats_3B.csv").write_bytes(b"")
    assert school.command("run", "--engine", "embedded").returncode == ExitCode.PARTIAL


def test_run_says_in_the_end_what_each_class_has_and_where_it_is(school):
    result = school.command("run", "--engine", "embedded")
    assert "3A (2 élèves)" in result.stdout
    assert "1 certification obtenue" in result.stdout
    assert "1 passée sans l’obtenir" in result.stdout
    assert "output" in result.stdout
    assert "sans-signature" not in result.stderr
    assert "signature" in result.stderr


def test_quiet_says_nothing_when_all_went_well(school):
    result = school.command("run", "--engine", "embedded", "--quiet")
    assert (result.stdout, result.stderr) == ("", "")


def test_messages_hold_no_birth_date_and_no_identifier(school):
    school.add_class("3B", [certification(numero="1000009", nom="Durand", identifiant="SECRET77")])
    result = school.command("run", "--engine", "embedded")
    for secret in ("14/03/2011", "2011", "SECRET77"):
        assert secret not in result.stdout + result.stderr


def test_list_ticks_who_holds_the_certification_and_says_why_others_do_not(school):
    result = school.command("list")
    assert "✓ Durand Zoé" in result.stdout
    assert "Petit Jules" in result.stdout
    assert "✓ Petit" not in result.stdout
    assert "n’a pas été obtenue" in result.stdout


def test_a_dry_run_writes_nothing(school):
    result = school.command("run", "--engine", "embedded", "--dry-run")
    assert result.returncode == ExitCode.OK
    assert "rien n’a été écrit" in result.stdout
    assert not school.output.exists()


def test_a_bug_of_ours_is_no_traceback_and_its_trace_holds_no_pupil(monkeypatch, tmp_path):
    from mailmerge import cli as command_line
    from mailmerge import incident

    def explode(**_: object) -> None:
        raise RuntimeError("Durand Zoé")

    monkeypatch.setattr(command_line.cli, "main", explode)
    monkeypatch.setattr(incident.tempfile, "gettempdir", lambda: str(tmp_path))
    assert command_line._run() == ExitCode.INTERNAL
    (trace,) = tmp_path.iterdir()
    assert "explode" in trace.read_text("utf-8")
    assert "Durand" not in trace.read_text("utf-8")


def test_every_command_has_a_short_help_and_is_in_the_readme():
    readme = (PROJECT / "README.md").read_text("utf-8")
    for name, command in cli.commands.items():
        assert command.short_help
        assert f"`{name}`" in readme


def test_help_does_not_import_the_heavy_parts():
    code = (
        "import sys; from mailmerge.cli import cli; "
        "print([m for m in ('pandas', 'docx', 'pikepdf', 'PIL', 'openpyxl') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("mailmerge.making.pool", ("pandas", "numpy", "pikepdf", "pypdfium2", "openpyxl")),
        ("mailmerge.overview.charting, mailmerge.overview.synthesis", ("pandas", "numpy")),
    ],
    ids=["a worker", "the page's drawer"],
)
def test_a_helping_process_imports_what_it_needs_and_no_more(module, heavy):
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_help_runs_in_process_too():
    assert CliRunner().invoke(cli, ["--help"]).exit_code == 0
