"""The ways to compare, each a program of its own: ``python contenders.py WAY DATA OUTPUT COUNT``.

``naive`` and ``unoserver`` render and convert pupil by pupil, as scripts found on the web do;
``libreoffice-pages`` and ``embedded-pages`` do that work, and no more, in this program's way: one
document for many pupils, proven and split; ``floor`` only copies finished pages into files. Each
prints the seconds that its COUNT pupils took, its own start not included. The pupils' rows come
from `write_rows`, so that no way pays for reading tables.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
TEMPLATE = ROOT / "templates" / "attestation.docx"
_SYSTEM_PYTHON = Path("/usr/bin/python3")  # the one that has LibreOffice's « uno » module


def naive(data: Path, output: Path, count: int) -> None:
    """One docxtpl render and one soffice call a pupil."""
    for docx in _documents(data, output, count):
        command = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(output), docx]
        subprocess.run(command, check=True, capture_output=True)


def unoserver(data: Path, output: Path, count: int) -> float:
    """One docxtpl render a pupil, converted by a LibreOffice that stays open.

    Returns the seconds of that LibreOffice's start.
    """
    import unoserver as package
    from unoserver.client import UnoClient

    env = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])}
    command = [str(_SYSTEM_PYTHON), "-m", "unoserver.server", "--port", "2203"]
    begun = time.perf_counter()
    server = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    try:
        _wait_for(2203)
        started = time.perf_counter() - begun
        client = UnoClient(port="2203")
        for docx in _documents(data, output, count):
            client.convert(inpath=docx, outpath=str(Path(docx).with_suffix(".pdf")))
    finally:
        server.terminate()
        server.wait()
    return started


def _wait_for(port: int) -> None:
    """Until a server listens there."""
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the server did not start")


def floor(data: Path, output: Path, count: int) -> None:
    """Each finished page into its own file: what any way must do at least."""
    import pikepdf

    made = 0
    for source in sorted(data.glob("Attestations *.pdf")):
        with pikepdf.open(source) as pdf:
            for page in pdf.pages:
                with pikepdf.new() as single:
                    single.pages.append(page)
                    single.save(output / f"{made}.pdf")
                made += 1
    if made < count:
        raise SystemExit(f"only {made} pages")


def _documents(data: Path, output: Path, count: int) -> Iterator[str]:
    """A pupil's document, one after the other, rendered by docxtpl alone."""
    import datetime as dt
    import io

    import jinja2
    from docxtpl import DocxTemplate, InlineImage

    from mailmerge.settings import load_settings
    from mailmerge.template.context import pupil_values
    from mailmerge.template.language.filters import FILTERS
    from mailmerge.template.rendering import prepare_school

    school = prepare_school(load_settings(data / "etablissement.toml"), dt.date(2026, 6, 26))
    for rank, row in enumerate(_rows(data)[:count]):
        template = DocxTemplate(TEMPLATE)
        pictures: dict[str, Any] = {
            name: InlineImage(template, io.BytesIO(picture.content), width=picture.width)
            for name, picture in school.pictures.items()
            if picture
        }
        values = {**school.values, **pupil_values(row, rank), **pictures}
        environment = jinja2.Environment(autoescape=True)  # docxtpl's usual one
        environment.filters.update(FILTERS)
        template.render(values, environment, autoescape=True)
        path = output / f"{rank}.docx"
        template.save(path)
        yield str(path)


def merged(engine: str, data: Path, output: Path, count: int) -> None:
    """One document for as many pupils as the engine takes well, each page proven and cut out."""
    import datetime as dt

    from mailmerge.making.issuing import ClassJob, Workshop
    from mailmerge.making.pressing import Sheet
    from mailmerge.settings import load_settings
    from mailmerge.template.opening import open_template
    from mailmerge.template.rendering import prepare_school

    settings = load_settings(data / "etablissement.toml")
    rows = _rows(data)[:count]
    workshop = Workshop(
        template=open_template(TEMPLATE),
        headers=tuple(rows[0]),
        school=prepare_school(settings, dt.date(2026, 6, 26)),
        author="",
        engine=engine,
    ).open(cores=os.cpu_count() or 1)
    sheets = tuple(Sheet(row, f"{rank}.pdf") for rank, row in enumerate(rows))
    issued = workshop.issue(ClassJob("", "Tous", "tous.docx", "tous.pdf", sheets), output)
    made = sum(pupil.pdf is not None for pupil in issued.pupils)
    if made < count:
        raise SystemExit(f"only {made} pupils: {issued.errors}")


def write_rows(data: Path) -> None:
    """Read the school's files once, for all ways: ``rows.json`` beside them."""
    from mailmerge.results.reading import read_sources

    table = read_sources([data]).table
    rows = table.to_dict("records")
    (data / "rows.json").write_text(json.dumps(rows, default=str), encoding="utf-8")


def _rows(data: Path) -> list[dict[str, Any]]:
    import datetime as dt

    from mailmerge.columns import DATE_COLUMNS

    rows: list[dict[str, Any]] = json.loads((data / "rows.json").read_text(encoding="utf-8"))
    for row in rows:
        row |= {name: dt.date.fromisoformat(row[name]) for name in DATE_COLUMNS}
    return rows


WAYS: dict[str, Callable[[Path, Path, int], float | None]] = {
    "naive": naive,
    "unoserver": unoserver,
    "libreoffice-pages": partial(merged, "libreoffice"),
    "embedded-pages": partial(merged, "embedded"),
    "floor": floor,
}


def main(way: str, data: str, output: str, count: str) -> None:
    target = Path(output)
    target.mkdir(parents=True)
    started = time.perf_counter()
    once = WAYS[way](Path(data), target, int(count)) or 0.0  # what does not grow with the pupils
    print(f"seconds={time.perf_counter() - started - once}")


if __name__ == "__main__":
    main(*sys.argv[1:5])
