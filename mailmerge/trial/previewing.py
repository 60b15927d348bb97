"""One pupil's pages, in seconds: as a PDF and as pictures, with one engine or two side by side."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path

import pikepdf
from PIL import Image

from mailmerge import columns, engines
from mailmerge.errors import EngineError, InputError, Notice, UsageError
from mailmerge.gathering import gather, template_of
from mailmerge.making.delivery import OutputFolder
from mailmerge.making.issuing import ClassJob, Workshop
from mailmerge.making.pressing import Sheet
from mailmerge.names import safe_name
from mailmerge.overview.consulting import find_one
from mailmerge.pdf.opened import opened
from mailmerge.pipeline import choose, load, plan_for
from mailmerge.report import Report
from mailmerge.request import Nobody, Request
from mailmerge.results.reading import EMPTY_FOLDER
from mailmerge.results.table import Pupil
from mailmerge.template.opening import open_template
from mailmerge.template.rendering import prepare_school
from mailmerge.text import typeset
from mailmerge.trial.sampling import invented_sheet, longest, most_levels

DPI = 110
_MARGIN, _LABEL = 24, 40  # pixels around the pages, and above them for the engine's name
_GREY = "#D5DAE2"


class Which(StrEnum):
    """The pupil to show."""

    FIRST = "first"
    LONGEST = "longest"
    MOST = "most"


@dataclass(frozen=True, slots=True)
class Preview:
    """A pupil's pages.

    Attributes:
        name: « NOM Prénom » (or the class, for a class sheet).
        engine: the French label of the engine that drew them.
        invented: the pupil is nobody: there are no results yet.
        pdf: the PDF.
        pages_png: each page as a PNG at `DPI`.
        warnings: results that could not be read, an engine that had to be replaced.
    """

    name: str
    engine: str
    invented: bool
    pdf: bytes
    pages_png: list[bytes]
    warnings: tuple[Notice, ...] = ()


def preview(request: Request, which: Which = Which.FIRST, engine: str | None = None) -> Preview:
    """The pages of one pupil; nothing is written.

    Args:
        request: as for a run; ``pupils`` and ``divisions`` narrow the choice.
        which: whom to take among the pupils who have an attestation.
        engine: another engine than the request's.

    Raises:
        PixMailmergeError: the template, the data or the engine can't be used; the pupil asked for
            by name is several.
    """
    report = Report()
    job, headers, invented = _job(request, which, report)
    settings = load(request, Report())
    workshop = Workshop(
        template=open_template(template_of(request, settings)),
        headers=headers,
        school=prepare_school(settings, dt.date.today()),
        author=settings.etablissement.nom,
        engine=engine or request.engine,
    ).open()
    if workshop.template.for_class:
        name = job.title
    else:
        sheet = _pick(job.sheets, which)
        name = sheet.name
        job = replace(job, sheets=(sheet,))
    with tempfile.TemporaryDirectory(prefix="pix-mailmerge-apercu-") as folder:
        issued = workshop.issue(job, Path(folder))
        if issued.pdf is None:
            raise EngineError("L’aperçu n’a pas pu être produit : " + issued.errors[0].message)
        own = next((pupil.pdf for pupil in issued.pupils if pupil.pdf), issued.pdf)
        pdf = own.read_bytes()
    label = engines.label(issued.engine) if issued.engine else ""
    unread = (notice for notice in report.erreurs if notice.code != EMPTY_FOLDER)
    warnings = (*unread, *issued.warnings)
    return Preview(name, label, invented, pdf, pictures(pdf), warnings)


def pictures(pdf: bytes, dpi: int = DPI) -> list[bytes]:
    """Each page of a PDF as a PNG."""
    with opened(pdf) as document:
        return [_png(page.render(scale=dpi / 72).to_pil()) for page in document]


def one_picture(pdf: bytes, most: int) -> bytes:
    """The pages of a PDF below one another in one PNG; past ``most``, how many more there are."""
    with opened(pdf) as document:
        more = len(document) - most
        shown = (page.render(scale=DPI / 72).to_pil() for page in islice(document, most))
        pages = [page.convert("RGB") for page in shown]
    if more > 0:
        pages.append(_label(typeset(f"… et {more} page{'s' if more > 1 else ''} de plus")))
    return _png(_stack(pages))


def side_by_side(left: Preview, right: Preview) -> bytes:
    """Two engines' pages in one PNG: a row for each page, the engines' names above."""
    stacks = [_stack([Image.open(io.BytesIO(png)) for png in m.pages_png]) for m in (left, right)]
    width = sum(column.width for column in stacks) + 3 * _MARGIN
    height = max(column.height for column in stacks) + _LABEL + 2 * _MARGIN
    whole = Image.new("RGB", (width, height), _GREY)
    x = _MARGIN
    for made, column in zip((left, right), stacks, strict=True):
        whole.paste(_label(made.engine), (x, _MARGIN // 2))
        whole.paste(column, (x, _LABEL + _MARGIN))
        x += column.width + _MARGIN
    return _png(whole)


def other_engine(made: Preview, asked: str) -> str:
    """The engine to compare with: the one asked for, or with ``auto`` LibreOffice or the embedded.

    Raises:
        UsageError: it is the same engine.
    """
    if asked == "auto":
        asked = "libreoffice" if made.engine != engines.label("libreoffice") else "embedded"
    if engines.label(asked) == made.engine:
        raise UsageError(
            f"L’aperçu est déjà fait avec {made.engine} : choisissez un autre moteur à comparer."
        )
    return asked


def write_preview(request: Request, made: Preview, other: Preview | None = None) -> list[Path]:
    """Deliver « Aperçu NOM Prénom.pdf », its pictures, and the comparison with ``other``.

    Raises:
        OutputError: the output folder or a file in it can't be written.
    """
    stem = f"Aperçu {safe_name(made.name)}"
    files = {f"{stem}.pdf": made.pdf}
    for rank, picture in enumerate(made.pages_png, 1):
        files[f"{stem}.png" if rank == 1 else f"{stem} {rank}.png"] = picture
    if other is not None:
        files[f"{stem} (comparaison).png"] = side_by_side(made, other)
    with OutputFolder(request.output).opened() as folder:
        for name, content in files.items():
            staged = folder.staging / name
            staged.write_bytes(content)
            folder.deliver(staged, name)
    return [request.output / name for name in files]


def _job(request: Request, which: Which, report: Report) -> tuple[ClassJob, tuple[str, ...], bool]:
    """The class of the pupil to show, with the table's columns; an invented one without data."""
    settings = load(request, Report())
    try:
        results = gather(request, report, Nobody())
    except InputError:
        if request.pupils or request.divisions:
            raise
        return _class_of([invented_sheet()]), (), True
    headers = tuple(map(str, results.table.columns))
    chosen = choose(request, results)
    if request.pupils and which is Which.FIRST:
        chosen = [_only_one(chosen, request.pupils)]
    sheets = [sheet for job in plan_for(results, chosen, settings) for sheet in job.sheets]
    if sheets:
        shown = _pick(sheets, which).row[columns.CLASSE]
        return _class_of([s for s in sheets if s.row[columns.CLASSE] == shown]), headers, False
    if request.pupils or request.divisions:
        reasons = "".join(f"\n  • {pupil.nom} {pupil.prenom} : {pupil.raison}" for pupil in chosen)
        raise InputError(f"Aucun des élèves demandés n’a d’attestation à montrer.{reasons}")
    return _class_of([invented_sheet()]), headers, True


def _only_one(chosen: Sequence[Pupil], asked: Sequence[str]) -> Pupil:
    """The pupil asked for by name; never the first of several without a word.

    Raises:
        UsageError: several pupils.
    """
    if len(asked) > 1:
        raise UsageError("L’aperçu montre un seul élève : n’indiquez --pupil qu’une fois.")
    return find_one(chosen, asked[0])


def _class_of(sheets: Sequence[Sheet]) -> ClassJob:
    division = str(sheets[0].row[columns.CLASSE])
    title = f"classe {division}" if division else "Sans classe"
    return ClassJob(division, title, "apercu.docx", "apercu.pdf", tuple(sheets))


def _pick(sheets: Sequence[Sheet], which: Which) -> Sheet:
    if which is Which.LONGEST:
        return longest(sheets)
    return most_levels(sheets) if which is Which.MOST else sheets[0]


def _stack(pages: Sequence[Image.Image]) -> Image.Image:
    """The pages below one another."""
    width = max(page.width for page in pages)
    height = sum(page.height for page in pages) + _MARGIN * (len(pages) - 1)
    whole = Image.new("RGB", (width, height), _GREY)
    y = 0
    for page in pages:
        whole.paste(page, (0, y))
        y += page.height + _MARGIN
    return whole


def _label(text: str) -> Image.Image:
    """A line of text, in the Helvetica that every PDF reader has: Pillow's own font lacks é."""
    text = text[:1].upper() + text[1:]
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(300, _LABEL))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        shown = text.encode("cp1252", "replace").hex().encode()
        colours = b".835 .855 .886 rg 0 0 300 40 re f .122 .165 .267 rg "
        page.Contents = pdf.make_stream(colours + b"BT /F1 20 Tf 0 12 Td <" + shown + b"> Tj ET")
        stream = io.BytesIO()
        pdf.save(stream)
    with opened(stream.getvalue()) as document:
        drawn: Image.Image = document[0].render(scale=1).to_pil()
        return drawn.convert("RGB")


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    # Not "optimize": for 2 % fewer bytes it takes five times as long.
    image.save(stream, "PNG")
    return stream.getvalue()
