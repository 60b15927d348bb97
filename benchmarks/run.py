"""The benchmark: ``python benchmarks/run.py [--quick | --growth | --pupils N…]``; see README.md."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from contenders import write_rows
from measuring import Measure, measure
from schools import ROOT, write_school

CONTENDERS = Path(__file__).with_name("contenders.py")
WAYS = (
    "naive", "unoserver", "libreoffice-pages", "embedded-pages", "libreoffice", "embedded", "floor",
)  # fmt: skip
# The slow ways are measured on a few pupils and scaled: their cost a pupil does not change.
SAMPLE = {"naive": 4, "unoserver": 10}
FLOORS = 3  # half a second of creating files varies by half; the middle one of so many counts


@dataclass(frozen=True)
class Line:
    """A way and a size: seconds of the whole run, memory and size of a pupil's file in bytes."""

    way: str
    pupils: int
    seconds: float
    measure: Measure
    file: int
    scaled: bool


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    sizes = options.pupils or ([30, 1_000, 10_000] if options.growth else [30, 200])
    ways = options.ways or list(WAYS)
    if options.quick:
        sizes, ways = [30], [way for way in ways if way != "unoserver"]
    print(f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}")
    print(_HEADER)
    with tempfile.TemporaryDirectory(prefix="pix-benchmark-") as folder:
        for pupils in sizes:
            _print(list(_lines(Path(folder, str(pupils)), pupils, ways)))


def _lines(folder: Path, pupils: int, ways: Sequence[str]) -> Iterator[Line]:
    """Every way on one school, one after the other; the floor copies the pages of ``embedded``."""
    data = write_school(folder / "data", pupils)
    write_rows(data)
    for way in ways:
        if not _installed(way):
            print(f"{way:12} not installed here", flush=True)
            continue
        yield _line(way, pupils, data, folder)
    shutil.rmtree(folder)


def _line(way: str, pupils: int, data: Path, folder: Path) -> Line:
    output = folder / way
    if way in ("libreoffice", "embedded"):
        command = [sys.executable, "-m", "mailmerge", "run", data, "--engine", way]
        done = measure([*command, "--output", output], env={"PYTHONPATH": str(ROOT)})
        return Line(way, pupils, done.seconds, done, _mean(output.glob("*/*.pdf")), False)
    count = min(pupils, SAMPLE.get(way, pupils))
    source = folder / "embedded" if way == "floor" else data
    runs = FLOORS if way == "floor" else 1
    done = _middle_one(
        measure([sys.executable, CONTENDERS, way, source, place, str(count)])
        for place in (output, *(folder / f"{way}-{rank}" for rank in range(1, runs)))
    )
    inner = float(done.output.rsplit("seconds=", 1)[1])
    seconds = done.seconds - inner + inner * pupils / count
    return Line(
        way,
        pupils,
        seconds,
        done,
        _mean(output.glob("eleve-*.pdf" if way.endswith("pages") else "*.pdf")),
        count < pupils,
    )


def _middle_one(measures: Iterable[Measure]) -> Measure:
    ordered = sorted(measures, key=lambda each: each.seconds)
    return ordered[len(ordered) // 2]


def _print(lines: Sequence[Line]) -> None:
    by_way = {line.way: line.seconds for line in lines}
    for line in lines:
        ratios = [
            f"{by_way['naive'] / line.seconds:9.1f}" if "naive" in by_way else f"{'':9}",
            f"{line.seconds / by_way['floor']:9.1f}" if "floor" in by_way else f"{'':9}",
        ]
        print(
            f"{line.way:18}{line.pupils:8}{line.seconds:10.2f}{'*' if line.scaled else ' '}"
            f"{line.seconds / line.pupils * 1000:10.2f}{''.join(ratios)}"
            f"{line.measure.total / 2**20:10.0f}{line.measure.largest / 2**20:10.0f}"
            f"{line.file / 1024:10.1f}",
            flush=True,
        )


_HEADER = (
    f"{'way':18}{'pupils':>8}{'seconds':>10} {'ms/pupil':>10}{'x naive':>9}{'x floor':>9}"
    f"{'MB all':>10}{'MB one':>10}{'KB/pupil':>10}"
)


def _mean(files: Iterator[Path]) -> int:
    sizes = [file.stat().st_size for file in files]
    return sum(sizes) // max(1, len(sizes))


def _installed(way: str) -> bool:
    if way == "unoserver":
        from importlib.util import find_spec

        return (
            find_spec("unoserver") is not None
            and Path("/usr/lib/python3/dist-packages/uno.py").exists()
        )
    return not way.startswith(("naive", "libreoffice")) or shutil.which("soffice") is not None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="30 pupils, under two minutes")
    parser.add_argument("--growth", action="store_true", help="30, 1,000 and 10,000 pupils")
    parser.add_argument("--pupils", type=int, action="append", help="another size, repeatable")
    parser.add_argument("--ways", nargs="+", choices=WAYS, help="only these")
    return parser


if __name__ == "__main__":
    main()
