"""`new-template` copies a template of the gallery, with the list of all tags beside it."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import dxpdf
import pypdfium2
import pytest
from click.testing import CliRunner
from support.pix_exports import certification, write_export

from mailmerge.cli import cli
from mailmerge.errors import OutputError, UsageError
from mailmerge.gathering import WORKBOOK
from mailmerge.results.reading import read_sources
from mailmerge.results.workbook import write_workbook
from mailmerge.template import context, taglist
from mailmerge.template.language.filters import FILTERS
from mailmerge.trial.gallery import TAG_LIST, new_template, templates

ROOT = Path(__file__).resolve().parents[1]
GALLERY = ROOT / "templates"


def words(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)


@pytest.mark.parametrize(
    "name", ["attestation-sobre", "Attestation sobre", "ATTESTATION-SOBRE.docx"]
)
def test_a_template_is_copied_under_the_wanted_name_with_the_tags_beside_it(
    tmp_path: Path, name: str
) -> None:
    made = new_template(GALLERY, name, tmp_path / "sous" / "Le mien")
    assert made == [tmp_path / "sous" / "Le mien.docx", tmp_path / "sous" / TAG_LIST]
    assert made[0].read_bytes() == (GALLERY / "attestation-sobre.docx").read_bytes()


def test_a_folder_keeps_the_templates_own_name(tmp_path: Path) -> None:
    assert new_template(GALLERY, "talon-a5", tmp_path)[0] == tmp_path / "talon-a5.docx"


def test_an_unknown_name_is_answered_with_the_nearest_and_the_list(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="attestation-sobre") as error:
        new_template(GALLERY, "atestation-sobre", tmp_path)
    assert all(name in str(error.value) for name in templates(GALLERY))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_never_replaced_without_force(tmp_path: Path) -> None:
    mine = tmp_path / "mien.docx"
    mine.write_text("mon travail")
    with pytest.raises(OutputError, match="--force"):
        new_template(GALLERY, "attestation", mine)
    assert mine.read_text() == "mon travail"
    new_template(GALLERY, "attestation", mine, force=True)
    assert mine.read_bytes() == (GALLERY / "attestation.docx").read_bytes()


def test_a_list_of_tags_with_someones_notes_stays(tmp_path: Path) -> None:
    (tmp_path / TAG_LIST).write_text("mes notes")
    assert new_template(GALLERY, "attestation", tmp_path / "a.docx") == [tmp_path / "a.docx"]
    assert (tmp_path / TAG_LIST).read_text() == "mes notes"


def test_the_list_holds_every_tag_every_filter_and_what_they_print(tmp_path: Path) -> None:
    shown = words(new_template(GALLERY, "attestation", tmp_path / "a.docx")[1])
    for tag in context.TAGS:
        assert f"{{{{ {tag.name}" in shown
    assert set(taglist.FORMS) == set(FILTERS) - {"comparer"}, "a filter is not documented"
    for name in taglist.FORMS:
        assert f"|{name}" in shown
    assert "14 mars 2011" in shown


def test_every_tag_in_the_list_is_understood_by_the_program() -> None:
    vocabulary = context.vocabulary()
    for _, lines in taglist.sections():
        for line in lines:
            for name in re.findall(r"\{\{ ([\w.]+)", line.tag):
                known = vocabulary.resolve(name) or name.split(".")[0] in ("d", "e")
                assert known, name


def test_the_columns_that_the_school_added_are_in_the_list(tmp_path: Path) -> None:
    write_export(tmp_path / "20260615_resultats_3A.csv", "L3", [certification()])
    table = read_sources([tmp_path]).table
    write_workbook(table.assign(**{"Mention du jury": "Bravo"}), tmp_path / WORKBOOK)
    arguments = ["new-template", str(tmp_path / "a.docx"), "--output", str(tmp_path)]
    CliRunner().invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)
    shown = words(tmp_path / TAG_LIST)
    assert "{{ mention_du_jury }}" in shown
    assert "_source" not in shown


def test_the_list_is_one_page() -> None:
    pdf = pypdfium2.PdfDocument(dxpdf.convert(taglist.to_docx(["Mention", "Code", "Tuteur"])))
    assert len(pdf) == 1


def test_the_guides_page_of_tags_is_what_the_code_makes() -> None:
    shipped = (ROOT / "docs" / "balises.md").read_text(encoding="utf-8")
    assert shipped == taglist.to_markdown(), (
        "Refaire : python -m mailmerge.template.taglist docs/balises.md"
    )
