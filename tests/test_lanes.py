"""A class converted in parts that go side by side is the class converted at once."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
import pytest
from support.printing import A4, SCHOOL, WHO, page_field, para, pupil, reference, word_file

from mailmerge import columns
from mailmerge.engines import Engine
from mailmerge.engines.embedded import Embedded
from mailmerge.errors import EngineError
from mailmerge.making.issuing import ClassJob, IssuedClass, OpenWorkshop
from mailmerge.making.pressing import Press, Sheet
from mailmerge.template.compiling import compile_template
from mailmerge.template.opening import check_template

ROWS = [pupil(f"NOM{rank:02d}", **{columns.NUMERO: f"30000{rank:02d}"}) for rank in range(27)]
TEMPLATE = word_file(
    WHO,
    section=reference("header", "header1") + A4,
    parts={"header1": para("n° {{ rang }} p. ", after=page_field())},
)


class Watched(Embedded):
    """The embedded engine, which counts its conversions; with ``fails`` none succeeds."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__()
        self.__dict__.update(fails=fails, now=0, calls=0, lock=threading.Lock())

    def convert(self, docx: Path, pdf: Path, *, timeout: float | None = None) -> None:
        told = self.__dict__
        with told["lock"]:
            told["calls"] += 1
            told["now"] += 1
        try:
            if told["fails"]:
                raise EngineError("Le moteur est en panne.")
            super().convert(docx, pdf, timeout=timeout)
        finally:
            with told["lock"]:
                told["now"] -= 1


def issue(folder: Path, engines: Sequence[Engine], lanes: int) -> IssuedClass:
    template = compile_template(check_template("modèle.docx", TEMPLATE), tuple(ROWS[0]))
    workshop = OpenWorkshop(template, SCHOOL, Press(list(engines), "Collège", cores=lanes))
    sheets = tuple(Sheet(row, f"{row[columns.NOM]}.pdf") for row in ROWS)
    return workshop.issue(ClassJob("3A", "Attestations 3A", "a.docx", "a.pdf", sheets), folder)


def texts(pdf: Path | None) -> list[str]:
    assert pdf is not None
    with pypdfium2.PdfDocument(pdf) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def members(docx: Path | None) -> dict[str, bytes]:
    """All that it holds but the time it was made."""
    assert docx is not None
    with zipfile.ZipFile(docx) as archive:
        names = set(archive.namelist()) - {"docProps/core.xml"}
        return {name: archive.read(name) for name in names}


def test_the_pages_are_those_of_one_conversion_in_the_same_order(tmp_path: Path) -> None:
    engine = Watched()
    apart = issue(tmp_path / "apart", [engine], 2)
    assert engine.__dict__["calls"] == 2
    whole = issue(tmp_path / "whole", [Watched()], 1)
    assert texts(apart.pdf) == texts(whole.pdf)
    assert [texts(p.pdf) for p in apart.pupils] == [texts(p.pdf) for p in whole.pupils]
    assert texts(apart.pupils[20].pdf) == ["n° 21 p. 1 Zoé NOM20 3000020"]


def test_the_word_document_is_the_whole_class_all_the_same(tmp_path: Path) -> None:
    apart = issue(tmp_path / "apart", [Embedded()], 2)
    whole = issue(tmp_path / "whole", [Embedded()], 1)
    assert members(apart.docx) == members(whole.docx)


@pytest.mark.parametrize(("lanes", "calls"), [(1, 1), (2, 2), (8, 2)])
def test_a_part_is_never_so_small_that_its_start_costs_more(
    tmp_path: Path, lanes: int, calls: int
) -> None:
    engine = Watched()
    issue(tmp_path, [engine], lanes)
    assert engine.__dict__["calls"] == calls


def test_an_engine_that_fails_in_every_lane_is_replaced_and_named_once(tmp_path: Path) -> None:
    broken, sound = Watched(fails=True), Embedded()
    issued = issue(tmp_path, [broken, sound], 2)
    assert issued.errors == ()
    assert len(issued.pupils) == len(ROWS)
    assert [notice.code for notice in issued.warnings] == ["moteur-remplace"]


def test_one_part_that_can_not_be_converted_stops_the_class_and_nothing_goes_on(
    tmp_path: Path,
) -> None:
    engine = Watched(fails=True)
    issued = issue(tmp_path, [engine], 2)
    (error,) = issued.errors
    assert "Le moteur est en panne" in error.message
    assert issued.pdf is None
    assert engine.__dict__["now"] == 0


def test_a_lane_that_looks_while_an_engine_is_put_last_finds_every_engine(tmp_path: Path) -> None:
    looks: list[int] = []

    class Order(list[Engine]):
        def remove(self, engine: Engine) -> None:
            super().remove(engine)
            looks.append(press.lanes)  # as another thread may, at this very moment

    press = Press(Order([Watched(fails=True)]), "Collège", cores=2)
    with pytest.raises(EngineError, match="Le moteur est en panne"):
        press.convert(tmp_path / "a.docx", [], [], tmp_path)
    assert press.lanes == 2
