"""Bytes flipped, cut and doubled in every kind of input: only our own errors, never a traceback.

1,000 cases in CI; `PIX_FUZZ_CASES=20000 pytest tests/fuzz` for more. A case is told by its seed.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.pix_exports import certification, export_csv
from support.school import PROJECT, TEMPLATES

from mailmerge.errors import PixMailmergeError
from mailmerge.results.reading import read_sources
from mailmerge.results.table import pupils
from mailmerge.results.workbook import write_workbook
from mailmerge.template.compiling import compile_template
from mailmerge.template.context import pupil_values
from mailmerge.template.images import SIGNATURE_BOX, load_picture
from mailmerge.template.opening import open_template
from mailmerge.template.rendering import School, render_class

CASES = int(os.environ.get("PIX_FUZZ_CASES", "1000"))
PORTIONS = {"csv": 0.3, "xlsx": 0.3, "docx": 0.15, "png": 0.25}


def read_results(path: Path) -> None:
    reading = read_sources([path])
    pupils(reading.table)
    assert not reading.table.empty or reading.errors or reading.warnings


def use_template(path: Path) -> None:
    template = compile_template(open_template(path))
    reading = read_sources([path.with_name("whole.csv")])
    row = reading.table.to_dict("records")[0]
    assert pupil_values(row, 1)
    render_class(template, School({"etablissement": {}, "chef": {}}), [row], ["Eleve00001N1"])


def use_picture(path: Path) -> None:
    load_picture(path, SIGNATURE_BOX, "Signature")


USES: dict[str, Callable[[Path], None]] = {
    "csv": read_results,
    "xlsx": read_results,
    "docx": use_template,
    "png": use_picture,
}


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    records = [certification(numero=f"100000{n}", nom=f"Nom{n}") for n in range(4)]
    csv = folder / "20260615_resultats_3A.csv"
    csv.write_bytes(export_csv("L3", records).encode("utf-8-sig"))
    write_workbook(read_sources([csv]).table, folder / "Résultats Pix.xlsx")
    return {
        "csv": csv.read_bytes(),
        "xlsx": (folder / "Résultats Pix.xlsx").read_bytes(),
        "docx": (TEMPLATES / "attestation-sobre.docx").read_bytes(),
        "png": (PROJECT / "data" / "exemple" / "signature.png").read_bytes(),
    }


def harmed(content: bytes, chance: random.Random) -> bytes:
    """One to eight changes of a kind that disks, mail and editors make."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(max(1, len(data)))
        kind = chance.randrange(5)
        if kind == 0:
            del data[at:]
        elif kind == 1:
            data[at:at] = data[at : at + chance.randint(1, 40)]
        elif kind == 2:
            del data[at : at + chance.randint(1, 40)]
        else:
            for place in range(at, min(len(data), at + chance.randint(1, 4))):
                data[place] = chance.randrange(256)
    return bytes(data)


@pytest.mark.parametrize("kind", list(USES))
def test_a_damaged_file_is_read_or_refused_by_our_own_errors(kind, originals, tmp_path):
    (tmp_path / "whole.csv").write_bytes(originals["csv"])
    path = tmp_path / f"20260615_resultats_3A.{kind}"
    for seed in range(int(CASES * PORTIONS[kind])):
        path.write_bytes(harmed(originals[kind], random.Random(seed)))  # noqa: S311 - told by its seed
        try:
            USES[kind](path)
        except PixMailmergeError as error:
            assert len(error.message) > 20  # noqa: PT017 - most cases raise nothing
        except Exception as error:
            shutil.copy(path, Path(os.environ.get("PIX_FUZZ_KEEP", tmp_path)) / f"{seed}.{kind}")
            raise AssertionError(f"{kind}, seed {seed}: {type(error).__name__}: {error}") from error
