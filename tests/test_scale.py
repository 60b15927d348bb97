"""What keeps a school of 100,000 pupils linear in time and flat in memory, without measuring."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from support.pix_exports import certification, write_export

from mailmerge import columns as col
from mailmerge.making.issuing import ClassJob
from mailmerge.making.planning import plan
from mailmerge.report import DivisionCount, PupilLine, Report, summary_lines, to_text
from mailmerge.results.frames import tidy
from mailmerge.results.reading import read_sources
from mailmerge.results.table import Pupil, Statut

PUPILS, CLASSES = 20_000, 700


@pytest.fixture(scope="module")
def jobs() -> list[ClassJob]:
    everybody = [
        Pupil(f"Nom{i:05}", "Zoé", f"3-{i % CLASSES}", Statut.OBTENUE, i, (), "", numero=str(i))
        for i in range(PUPILS)
    ]
    identities = {
        col.NUMERO: [pupil.numero for pupil in everybody],
        col.NOM: [pupil.nom for pupil in everybody],
        col.PRENOM: [pupil.prenom for pupil in everybody],
    }
    table = tidy(pd.DataFrame(identities, dtype=object))
    return plan(everybody, everybody, table, pattern="{nom} {prenom}")


def test_a_plan_of_20_000_pupils_holds_no_dictionary_of_columns_for_each(
    jobs: list[ClassJob],
) -> None:
    assert len(jobs) == CLASSES
    assert sum(len(job.sheets) for job in jobs) == PUPILS
    rows = [thing for thing in reachable(jobs) if isinstance(thing, dict) and col.NOM in thing]
    assert len(rows) == 1  # the columns themselves, of all rows


def test_a_class_that_leaves_for_a_worker_takes_its_own_pupils_along_and_nobody_else(
    jobs: list[ClassJob],
) -> None:
    packed = pickle.dumps(jobs[7])
    arrived = pickle.loads(packed)  # noqa: S301 - just written
    assert arrived == jobs[7]
    assert {type(sheet.row) for sheet in arrived.sheets} == {dict}
    assert b"Nom00007" in packed
    assert b"Nom00008" not in packed


def test_a_sheet_says_the_class_that_its_pupil_is_printed_in(jobs: list[ClassJob]) -> None:
    assert {sheet.row[col.CLASSE] for sheet in jobs[7].sheets} == {"3-7"}


def test_equal_texts_of_all_files_are_one_object(tmp_path: Path) -> None:
    for division in ("3A", "3B"):
        path = tmp_path / f"20260615_resultats_{division}.csv"
        write_export(path, "L3", [certification(numero=f"1{ord(division[1])}")])
    table = read_sources([tmp_path]).table
    for name in (col.NOM, col.PRENOM, col.LIEU_NAISSANCE, col.STATUT):
        assert table[name][0] is table[name][1]


def test_a_report_compares_each_pupil_s_class_a_few_times_however_many_classes_there_are() -> None:
    names = [f"3-{rank}" for rank in range(300)]
    report = Report(
        divisions=[DivisionCount(Counted(name), obtenues=10) for name in names],
        eleves=[
            PupilLine(str(rank), "Nom", "Zoé", Counted(name), "obtenue", categorie="obtenues")
            for name in names
            for rank in range(10)
        ],
    )
    report.kept = [Counted(name) for name in names]
    Counted.comparisons = 0
    assert len(summary_lines(report)) > len(names)
    assert to_text(report, "").count("Nom Zoé") == len(report.eleves)
    assert 0 < Counted.comparisons < 10 * len(report.eleves)


class Counted(str):
    """A class's name that counts how often it is compared."""

    __slots__ = ()
    comparisons = 0

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def reachable(root: object) -> Iterator[object]:
    """Everything that is held by ``root``."""
    seen: set[int] = set()
    left = [root]
    while left:
        thing = left.pop()
        if id(thing) in seen or isinstance(thing, type | ModuleType):
            continue
        seen.add(id(thing))
        yield thing
        left += gc.get_referents(thing)
