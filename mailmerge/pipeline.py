"""The run, top-down: read, update the workbook, choose the pupils, issue each class, report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from mailmerge import columns, engines
from mailmerge.counting import attested_numbers, count_divisions
from mailmerge.delivery import OutputFolder
from mailmerge.errors import ExitCode, InputError, Notice, OutputError
from mailmerge.issuing import ClassJob, IssuedClass, Workshop
from mailmerge.planning import plan, select
from mailmerge.pool import issue_all
from mailmerge.pressing import Press
from mailmerge.report import JSON_NAME, TEXT_NAME, PupilLine, Report, to_json, to_text
from mailmerge.reprinting import reprint
from mailmerge.results.merging import read_base, update, write_base
from mailmerge.results.reading import read_sources
from mailmerge.results.table import Pupil, identity_notices, pupils
from mailmerge.results.workbook import read_workbook, write_workbook
from mailmerge.settings import Settings, find_settings, load_settings
from mailmerge.template.compiling import compile_template
from mailmerge.template.opening import open_template
from mailmerge.template.rendering import prepare_school

WORKBOOK = "Résultats Pix.xlsx"
BASE = "exports.csv"


class Watcher(Protocol):
    """Whoever follows a run: a progress bar, a web page, nobody."""

    def stage(self, label: str, total: int) -> None:
        """A stage of ``total`` steps begins; the one before has ended."""

    def advance(self, steps: int = 1) -> None:
        """Some steps of the stage are done."""


class Nobody:
    """A watcher that looks away."""

    def stage(self, label: str, total: int) -> None:
        """Nothing."""

    def advance(self, steps: int = 1) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a run.

    Attributes:
        sources: files and folders of Pix results.
        output: the folder that receives everything.
        template: the Word template, or None where none is needed.
        settings: `etablissement.toml`; None looks for one beside the sources.
        divisions: only these classes; with files that name no class, the class of all of them.
        pupils: only these pupils (names or certification numbers).
        engine: one of `engines.NAMES`.
        dry_run: look and tell, write nothing.
    """

    sources: tuple[Path, ...]
    output: Path
    template: Path | None = None
    settings: Path | None = None
    divisions: tuple[str, ...] = ()
    pupils: tuple[str, ...] = ()
    engine: str = "auto"
    dry_run: bool = False


@dataclass(frozen=True)
class Results:
    """The table after reading and updating, and everybody in it.

    ``attested_before`` are the certification numbers that the workbook already attested;
    ``base`` is what the exports said, for the next run to tell edits by.
    """

    table: pd.DataFrame
    base: pd.DataFrame
    pupils: list[Pupil]
    attested_before: frozenset[str]


def run(request: Request, watcher: Watcher | None = None) -> Report:
    """The whole way: from Pix exports to verified PDFs in the output folder.

    Raises:
        PixMailmergeError: nothing could be done (no readable input, unusable template, no engine,
            output folder not writable). What could be done in part is in the report instead.
    """
    watcher = watcher or Nobody()
    report = Report()
    settings = load(request, report)
    results = gather(request, report, watcher)
    chosen = select(results.pupils, results.table, request.divisions, request.pupils)
    jobs = plan(results.pupils, chosen, results.table, pattern=settings.edition.nom_de_fichier)
    workshop = prepare(request, results, settings, report)
    describe(report, results, chosen)
    if not request.dry_run:
        with OutputFolder(request.output).opened() as folder:
            save_results(results, folder, watcher)
            issue(workshop, jobs, folder, report, watcher)
            finish(report, folder)
    report.exit_code = verdict(report)
    return report


def normalize(request: Request, watcher: Watcher | None = None) -> Report:
    """Only the first half: Pix exports into « Résultats Pix.xlsx », and the report."""
    watcher = watcher or Nobody()
    report = Report()
    results = gather(request, report, watcher)
    describe(report, results, results.pupils)
    if not request.dry_run:
        with OutputFolder(request.output).opened() as folder:
            save_results(results, folder, watcher)
            finish(report, folder)
    report.exit_code = verdict(report)
    return report


def merge(request: Request, watcher: Watcher | None = None) -> Report:
    """The Word document of each class, to be read, edited or printed in Word; no PDF."""
    watcher = watcher or Nobody()
    report = Report()
    settings = load(request, report)
    results = gather(request, report, watcher)
    chosen = select(results.pupils, results.table, request.divisions, request.pupils)
    jobs = plan(results.pupils, chosen, results.table, pattern=settings.edition.nom_de_fichier)
    workshop = prepare(request, results, settings, report)
    describe(report, results, chosen)
    if not request.dry_run:
        with OutputFolder(request.output).opened() as folder:
            save_results(results, folder, watcher)
            write_documents(workshop, jobs, folder, report, watcher)
            finish(report, folder)
    report.exit_code = verdict(report)
    return report


def reprint_documents(request: Request, watcher: Watcher | None = None) -> Report:
    """PDFs from the class documents in the output folder, as people left them."""
    watcher = watcher or Nobody()
    report = Report()
    settings = load(request, report)
    results = gather(request, report, watcher)
    chosen = select(results.pupils, results.table, request.divisions, request.pupils)
    pattern = settings.edition.nom_de_fichier
    everybody = plan(results.pupils, results.pupils, results.table, pattern=pattern)
    asked = plan(results.pupils, chosen, results.table, pattern=pattern)
    documents = [request.output / job.docx for job in asked if (request.output / job.docx).exists()]
    if not documents:
        raise InputError(
            f"Aucun document d’attestations dans « {request.output} ». Lancez d’abord la commande "
            "merge (ou run, qui fait tout)."
        )
    press = Press(list(engines.choose(request.engine)), settings.etablissement.nom)
    describe(report, results, chosen)
    if not request.dry_run:
        with OutputFolder(request.output).opened() as folder:
            watcher.stage("Attestations", len(documents))
            sheets = [sheet for job in everybody for sheet in job.sheets]
            for rank, docx in enumerate(documents):
                deliver(reprint(docx, sheets, press, folder.staging / str(rank)), folder, report)
                watcher.advance()
            finish(report, folder)
    report.exit_code = verdict(report)
    return report


def look(request: Request) -> Report:
    """Who is there and who holds the certification; nothing is written."""
    report = Report()
    results = gather(request, report, Nobody())
    describe(
        report, results, select(results.pupils, results.table, request.divisions, request.pupils)
    )
    return report


def load(request: Request, report: Report) -> Settings:
    """The school's settings, with a warning for what the page would show empty."""
    folders = [path if path.is_dir() else path.parent for path in request.sources]
    settings = load_settings(request.settings or find_settings(folders))
    report.warn(settings.missing())
    return settings


def gather(request: Request, report: Report, watcher: Watcher) -> Results:
    """Read the sources and bring the workbook's table up to date with them.

    Raises:
        InputError: there is no certification at all, neither in the sources nor in the workbook.
    """
    watcher.stage("Lecture des résultats", 1)
    workbook, base_file = request.output / WORKBOOK, _base_file(request.output)
    reading = read_sources(request.sources, division=_division_for_files(request))
    report.warn(reading.warnings)
    report.fail(reading.errors)
    existing = read_workbook(workbook) if workbook.exists() else None
    base = read_base(base_file)
    if reading.table.empty and existing is None:
        raise InputError(_nothing_read(request.sources, reading.errors))
    updated = update(existing, base, reading.table)
    report.warn(updated.notices)
    report.warn(identity_notices(updated.table))
    watcher.advance()
    before = frozenset[str]()
    if existing is not None:
        before = attested_numbers(pupils(existing), existing)
    return Results(updated.table, updated.base, pupils(updated.table), before)


def prepare(request: Request, results: Results, settings: Settings, report: Report) -> Workshop:
    """Check template, pictures and engine before any file is made.

    Raises:
        TemplateError, SettingsError, EngineError: the first thing that can't be used.
    """
    assert request.template is not None  # noqa: S101 - the command line sees to it
    file = open_template(request.template)
    headers = tuple(str(header) for header in results.table.columns)
    template = compile_template(file, headers)
    if template.uses("signature") and settings.chef.signature is None:
        report.warn([_no_signature()])
    engines.choose(request.engine)
    return Workshop(
        template=file,
        headers=headers,
        school=prepare_school(settings, dt.date.today()),
        author=settings.etablissement.nom,
        engine=request.engine,
    )


def describe(report: Report, results: Results, chosen: Sequence[Pupil]) -> None:
    """Put every chosen pupil and every class into the report."""
    numbers = results.table[columns.NUMERO].tolist()
    report.eleves = [
        PupilLine(
            numero=numbers[pupil.row],
            nom=pupil.nom,
            prenom=pupil.prenom,
            division=pupil.division,
            statut=str(pupil.statut),
            raison=pupil.raison,
        )
        for pupil in chosen
    ]
    report.divisions = count_divisions(chosen, results.table, results.attested_before)


def save_results(results: Results, folder: OutputFolder, watcher: Watcher) -> None:
    """Deliver « Résultats Pix.xlsx » and remember what the exports said."""
    watcher.stage("Écriture de « Résultats Pix.xlsx »", 1)
    folder.check_free(WORKBOOK)
    staged = folder.staging / WORKBOOK
    write_workbook(results.table, staged)
    folder.deliver(staged, WORKBOOK)
    staged = folder.staging / BASE
    write_base(results.base, staged)
    folder.deliver(staged, f"{folder.state.name}/{BASE}")
    watcher.advance()


def write_documents(
    workshop: Workshop,
    jobs: Sequence[ClassJob],
    folder: OutputFolder,
    report: Report,
    watcher: Watcher,
) -> None:
    """Deliver the Word document of every class."""
    watcher.stage("Documents Word", len(jobs))
    opened = workshop.open()
    for job in jobs:
        staged = folder.staging / job.docx
        staged.write_bytes(opened.render(job, job.sheets))
        division = next(d for d in report.divisions if d.division == job.division)
        division.docx = _put(staged, job.docx, folder, report)
        watcher.advance()


def issue(
    workshop: Workshop,
    jobs: Sequence[ClassJob],
    folder: OutputFolder,
    report: Report,
    watcher: Watcher,
) -> None:
    """Issue and deliver every class; a class that fails does not stop the others."""
    watcher.stage("Attestations", sum(len(job.sheets) for job in jobs))
    for issued in issue_all(workshop, jobs, folder.staging):
        deliver(issued, folder, report)
        watcher.advance(len(issued.job.sheets))


def deliver(issued: IssuedClass, folder: OutputFolder, report: Report) -> None:
    """Move a class's files into place and write them into the report."""
    job = issued.job
    report.warn(issued.warnings)
    report.fail(issued.errors)
    report.engine = issued.engine or report.engine
    if not job.sheets:
        return
    division = next(d for d in report.divisions if d.division == job.division)
    lines = {line.numero: line for line in report.eleves}
    division.docx = _put(issued.docx, job.docx, folder, report) or division.docx
    division.pdf = _put(issued.pdf, job.pdf, folder, report)
    for pupil in issued.pupils:
        line = lines[pupil.sheet.numero]
        line.pdf = _put(pupil.pdf, pupil.sheet.file, folder, report)
        line.pages = pupil.pages
        if pupil.problem is not None:
            line.raison = pupil.problem.message
    if issued.pdf is None:
        for sheet in job.sheets:
            line = lines[sheet.numero]
            line.raison = (
                line.raison or "La production de sa classe a échoué (voir « À corriger »)."
            )


def finish(report: Report, folder: OutputFolder) -> None:
    """Deliver `rapport.json` and the report to read."""
    texts: dict[str, Callable[[], str]] = {
        JSON_NAME: lambda: to_json(report),
        TEXT_NAME: lambda: to_text(report, engine_label(report)),
    }
    for name, text in texts.items():
        staged = folder.staging / name
        encoding = "utf-8" if name == JSON_NAME else "utf-8-sig"  # for Notepad
        staged.write_text(text(), encoding=encoding)
        folder.deliver(staged, name)


def engine_label(report: Report) -> str:
    """The engine as a French reader calls it; "" when nothing was converted."""
    return engines.label(report.engine) if report.engine else ""


def verdict(report: Report) -> ExitCode:
    """The run's exit code: all done, or part of it."""
    return ExitCode.PARTIAL if report.erreurs else ExitCode.OK


def _put(staged: Path | None, relative: str, folder: OutputFolder, report: Report) -> str | None:
    """Deliver one file; a locked one is named in the report and the rest goes on."""
    if staged is None:
        return None
    try:
        folder.deliver(staged, relative)
    except OutputError as error:
        report.fail([error.notice()])
        return None
    return relative


def _division_for_files(request: Request) -> str | None:
    return request.divisions[0] if len(request.divisions) == 1 else None


def _base_file(output: Path) -> Path:
    return OutputFolder(output).state / BASE


def _no_signature() -> Notice:
    return Notice(
        "sans-signature",
        "Aucune image de signature n’est indiquée dans etablissement.toml : sa place reste "
        "blanche, pour signer à la main.",
    )


def _nothing_read(sources: Sequence[Path], errors: Iterable[Notice]) -> str:
    places = ", ".join(f"« {path} »" for path in sources)
    details = "".join(f"\n  • {error.message}" for error in errors)
    return (
        f"Aucun résultat Pix n’a été trouvé dans {places}. Déposez-y les fichiers .csv téléchargés "
        f"depuis Pix Orga.{details}"
    )
