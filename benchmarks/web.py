"""The page's first view and its lists: bytes and milliseconds, for 300 and 3,000 pupils.

By ``python -m benchmarks.web``. The budget of the first view: 100 KB and 100 ms for 300 pupils.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.page import Page, start_page
from support.pix_exports import certification, write_export

REPEATS = 15
FIRST_VIEW = ("/recuperation", "/static/style.css", "/static/page.js", "/static/icon.svg")


def school(root: Path, pupils: int, size: int = 30) -> Page:
    """A school of classes of 30."""
    (root / "data").mkdir(parents=True)
    for division in range(pupils // size):
        rows = [
            certification(
                numero=str(10_000 + division * size + n),
                nom=f"Élève{division:03}",
                prenom=f"Prénom{n:02}",
                identifiant="",
            )
            for n in range(size)
        ]
        write_export(root / "data" / f"20260615_resultats_3.{division:03}.csv", "L3", rows)
    page = start_page(root)
    page.enter()
    return page


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def measure(pupils: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = school(Path(folder), pupils)
        cold = seconds(lambda: page.get("/recuperation"))
        print(f"\n{pupils} pupils; reading all files, once at the start: {cold * 1000:.0f} ms")
        contents = [page.get(path).content for path in FIRST_VIEW]
        whole = sum(map(len, contents))
        print(f"  first view: {whole / 1000:.0f} KB in {len(contents)} files")
        for path in ("/recuperation", "/consultation", "/modele", "/edition"):
            times = [seconds(lambda path=path: page.get(path)) for _ in range(REPEATS)]
            size = len(page.get(path).content) / 1000
            print(f"  {path:15} {statistics.median(times) * 1000:5.0f} ms  {size:4.0f} KB")
        people = page.site.desk.view().people
        first = seconds(lambda: page.get(f"/modele/apercu/{people[0].key}.png"))
        later = [seconds(lambda p=p: page.get(f"/modele/apercu/{p.key}.png")) for p in people[1:6]]
        again = seconds(lambda: page.get(f"/modele/apercu/{people[0].key}.png"))
        print(
            f"  preview         {first * 1000:5.0f} ms the first, "
            f"{statistics.median(later) * 1000:.0f} ms another pupil, {again * 1000:.0f} ms again"
        )


if __name__ == "__main__":
    for pupils in (300, 3000):
        measure(pupils)
