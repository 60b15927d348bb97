"""What a cell says is text: never a formula, a path, a tag, a field or a command to the screen."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
import pytest
from support.attacked import attacked, printed
from support.pix_exports import certification
from support.rosters import Enrolled, write_list
from support.school import TEMPLATES, School, school_in

from mailmerge.errors import ExitCode

FORMULAS = (
    "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|'x'!A0",
    "\t=1+1", "\r=1+1", '=HYPERLINK("http://exemple.fr","x")', "＝1+1",
)  # fmt: skip
WIDE = bool(shutil.which("fc-list")) and bool(
    subprocess.run(["fc-list", ":charset=ff1d"], capture_output=True, check=False).stdout
)
BEGINS_A_FORMULA = re.compile(r"\s*[=+@＝＋＠－-]")


@pytest.fixture
def school(tmp_path: Path) -> School:
    return school_in(tmp_path / "école")


def test_a_formula_is_text_in_every_output(school: School) -> None:
    records = [
        certification(numero=f"30000{n:02}", identifiant=f"{n}", nom=f"{text} Nom{n}",
                      prenom=text, lieu_naissance=text, commentaire=text, centre=text)
        for n, text in enumerate(FORMULAS)
    ]  # fmt: skip
    school.add_class("3A", records)
    for command in ("run", "list", "show"):
        words = ["3000000"] if command == "show" else []
        form = ["--format", "csv"] if command != "run" else ["--engine", "embedded"]
        outcome = attacked(school, command, *words, *form)
        # Without a font for the wide sign, that pupil is named and the others are printed.
        assert outcome.code == (ExitCode.PARTIAL if command == "run" and not WIDE else 0), outcome
        if command != "run":
            rows = list(csv.reader(io.StringIO(outcome.stdout), delimiter=";"))
            assert len(rows) > len(FORMULAS)
            risky = [cell for row in rows for cell in row if BEGINS_A_FORMULA.match(cell)]
            assert set(risky) <= {"-"}
    workbook = school.output / "Résultats Pix.xlsx"
    book = openpyxl.load_workbook(workbook)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert any(str(cell.value).startswith("=cmd") for cell in cells)
    with zipfile.ZipFile(workbook) as archive:
        sheets = [archive.read(n) for n in archive.namelist() if "worksheets" in n]
    assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)
    with zipfile.ZipFile(school.output / "Attestations 3A.docx") as archive:
        body = archive.read("word/document.xml")
    assert b"instrText" not in body
    assert b"fldSimple" not in body
    assert len(json.loads((school.output / "rapport.json").read_text("utf-8"))["eleves"]) == 8


def test_the_class_list_and_a_roster_hold_no_formula_either(school: School) -> None:
    school.add_class("3A", [certification(nom="=1+1", prenom="@x")])
    write_list(school.root / "liste.csv", "Pronote",
               [Enrolled("=1+1", "@x", "14/03/2011", "=2+2"),
                Enrolled("+33", "-x", "15/03/2011", "=2+2")])  # fmt: skip
    outcome = attacked(
        school, "run", "--engine", "embedded", "--roster", "liste.csv",
        "--template", str(TEMPLATES / "liste-de-classe.docx"),
    )  # fmt: skip
    assert outcome.code in (0, 8), outcome
    for path in school.output.glob("*.xlsx"):
        cells = [
            c for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for c in row
        ]
        assert "f" not in {cell.data_type for cell in cells}
    shown = attacked(school, "list", "--format", "csv", "--roster", "liste.csv").stdout
    cells = [cell for row in csv.reader(io.StringIO(shown), delimiter=";") for cell in row]
    assert not any(BEGINS_A_FORMULA.match(cell) for cell in cells)


PATHS = (
    "../../../dehors", "/etc/passwd", "C:\\Windows\\x", "\\\\serveur\\partage", "CON", "nul.txt",
    "fin...", "a\u202efdp.exe", "N" * 300, "~/x", "$HOME", ".", "..", "a:b", "a\u2215b", "-rf",
)  # fmt: skip


def test_a_path_in_a_name_or_a_class_makes_a_plain_file_in_the_output_folder(
    school: School,
) -> None:
    school.add_class("3A", [
        certification(numero=f"40000{n:02}", identifiant=f"{n}", nom=text, prenom=text)
        for n, text in enumerate(PATHS)
    ])  # fmt: skip
    lines = (school.data / "20260615_resultats_3A.csv").read_text("utf-8-sig").split("\n")
    classes = ['"Classe"', *('"' + text.replace('"', '""') + '"' for text in PATHS)]
    text = "\n".join(f"{line};{name}" for line, name in zip(lines, classes, strict=True))
    (school.data / "20260615_resultats_3A.csv").unlink()
    (school.data / "resultats.csv").write_text(text, "utf-8")
    outcome = attacked(school, "run", "--engine", "embedded")
    assert outcome.code == 0, outcome
    made = [pupil["pdf"] for pupil in school.rapport()["eleves"]]
    assert len(made) == len(set(made)) == len(PATHS)
    for name in made:
        path = (school.output / name).resolve()
        assert path.is_file()
        assert path.parent.parent == school.output.resolve()
        for part in (path.stem, path.parent.name):
            assert not set(part) & set('<>:"/\\|?*')
            assert not part.endswith((".", " "))
            assert part.casefold() not in ("con", "nul", "nul.txt")
            assert len(part) <= 101
            assert not any(unicodedata.category(char) in ("Cc", "Cf") for char in part)


@pytest.mark.parametrize(
    ("pattern", "refused"),
    [
        ("/../../C:\\\\x\\\\{nom}/../\\u202efdp.exe", False), ("{nom.__class__}", True),
        ("{nom:>999999999}", True),
    ],
)  # fmt: skip
def test_a_path_in_the_pattern_of_names_makes_no_path(
    pattern: str, refused: bool, school: School
) -> None:
    school.add_class("3A", [certification()])
    settings = school.data / "etablissement.toml"
    settings.write_text(settings.read_text("utf-8") + f'nom_de_fichier = "{pattern}"\n', "utf-8")
    outcome = attacked(school, "run", "--engine", "embedded")
    assert outcome.code == (2 if refused else 0), outcome
    made = [path for path in school.files() if path.startswith("3A/")]
    assert len(made) == (0 if refused else 1)
    if refused:
        assert "Champs possibles" in outcome.said


AS_THEY_ARE = (
    "{{ chef.nom }}", "{% for x in y %}", "{{ ''.__class__ }}", "<w:p>", "</w:t></w:r>",
    "&lt;b&gt;",
    "{ INCLUDETEXT /etc/passwd }", "«Nom»", "]]></w:t>", "${jndi:ldap://x}", "%n%s", "_x0041_",
)  # fmt: skip


def test_what_looks_like_a_tag_xml_or_a_field_prints_as_it_is(school: School) -> None:
    school.add_class("3A", [
        certification(numero=f"50000{n:02}", identifiant=f"{n}", nom=f"Nom{n}", prenom=text)
        for n, text in enumerate(AS_THEY_ARE)
    ])  # fmt: skip
    outcome = attacked(school, "run", "--engine", "embedded")
    assert outcome.code == 0, outcome
    text = "".join(printed(school).split())
    for value in AS_THEY_ARE:
        expected = "".join(unicodedata.normalize("NFKC", value).split())
        # « &lt;b&gt; » is HTML that a spreadsheet left behind: it is read as what it stands for.
        assert expected in text or expected == "&lt;b&gt;"
    assert "root:x:0" not in text


def test_a_name_can_not_give_orders_to_the_screen_that_shows_it(school: School) -> None:
    orders = ("\x1b[2J\x1b[31mRouge", "\x1b]0;titre\x07", "a\bb", "\x9b31m")
    school.add_class("3A", [
        certification(numero=f"60000{n:02}", identifiant=f"{n}", nom=f"Nom{n}{text}", prenom=text)
        for n, text in enumerate(orders)
    ])  # fmt: skip
    for command in (("run", "--engine", "embedded"), ("list",)):
        outcome = attacked(school, *command)
        assert not [
            char for char in outcome.stdout + outcome.stderr
            if unicodedata.category(char) == "Cc" and char != "\n"
        ]  # fmt: skip
    report = (school.output / "Rapport.txt").read_text("utf-8")
    assert "\x1b" not in report
