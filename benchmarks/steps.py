"""What a run does besides making pages, step by step: ``python benchmarks/steps.py [PUPILS…]``.

Seconds of this process's own CPU, and the most memory it had held by the end of each step. Every
school is run twice, in a fresh process each: first from exports alone, then over its workbook.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schools import ROOT, write_school

sys.path.insert(0, str(ROOT))
SIZES = (1_000, 10_000, 100_000)


def main(*sizes: str) -> None:
    for size in map(int, sizes or SIZES):
        with tempfile.TemporaryDirectory(prefix="pix-steps-") as folder:
            write_school(Path(folder, "data"), size)
            for name in ("first run", "again"):
                print(f"{size} pupils, {name}", flush=True)
                command = [sys.executable, __file__, "--in", folder]
                subprocess.run(command, check=True)


def steps(folder: Path) -> None:
    """All the steps, in the order of `pipeline.run`."""
    with _step("import"):
        from mailmerge import gathering, pipeline
        from mailmerge.making.delivery import OutputFolder
        from mailmerge.making.filing import Filing
        from mailmerge.making.records import Ledger, fingerprint
        from mailmerge.report import Report
        from mailmerge.request import Nobody, Request
    request = Request((folder / "data",), folder / "out", engine="embedded")
    report, nobody = Report(), Nobody()
    settings = pipeline.load(request, report)
    with _step("gather"):
        results = pipeline.gather(request, report, nobody)
    with _step("choose, describe"):
        chosen = pipeline.choose(request, results)
        pipeline.describe(report, results, chosen)
    workshop = pipeline.prepare(request, results, settings, report)
    with _step("plan_for"):
        jobs = pipeline.plan_for(results, chosen, settings, workshop.title)
    with OutputFolder(request.output).opened() as output:
        ledger = Ledger(output, fingerprint(workshop, dated=True), workshop.title)
        filing = Filing(output, report, ledger)
        with _step("overview"):
            synthesis = pipeline.overview(results, "").rows()
        with _step("save_results"):
            gathering.save_results(results, output, nobody, synthesis)
        with _step("ledger: keep, clear"):
            for job in jobs:
                filing.keep(job)
            filing.clear(jobs, None)
        with _step("tell_found"):
            filing.tell_found(pipeline.plan_for(results, chosen, settings, apart=False))
        with _step("finish"):
            pipeline.finish(report, output)


@contextmanager
def _step(name: str) -> Iterator[None]:
    started = time.process_time()
    yield
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if _IS_MAC else 2**10)
    print(f"  {name:22}{seconds:8.2f} s{peak:8.0f} MB", flush=True)


_IS_MAC = os.uname().sysname == "Darwin"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--in"]:
        steps(Path(sys.argv[2]))
    else:
        main(*sys.argv[1:])
