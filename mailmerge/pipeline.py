"""The run, top-down: read, update the workbook, choose the pupils, issue each class, report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import PurePosixPath

from mailmerge import columns, engines
from mailmerge.errors import Notice
from mailmerge.gathering import (
    Results,
    gather,
    require_sources,
    save_results,
    settings_of,
    template_of,
)
from mailmerge.making.archiving import zip_files
from mailmerge.making.cluster import remote_hands
from mailmerge.making.crew import Crew
from mailmerge.making.delivery import OutputFolder
from mailmerge.making.filing import Filing
from mailmerge.making.issuing import ClassJob, Workshop, cannot_write
from mailmerge.making.planning import ATTESTATIONS, class_title, marked, plan, read_numbers, select
from mailmerge.making.pool import own_hands
from mailmerge.making.pressing import Press
from mailmerge.making.records import Ledger, Prints, fingerprint, finishing
from mailmerge.making.reprinting import documents_of, reprint
from mailmerge.making.telling import remember
from mailmerge.overview.charting import Drawer
from mailmerge.overview.consulting import PupilFile, find_one, pupil_file
from mailmerge.overview.counting import count_divisions, mean_levels, pupil_lines
from mailmerge.overview.synthesis import Synthesis
from mailmerge.pdf.sealing import Seal, load_seal
from mailmerge.places import CLASS_LIST
from mailmerge.report import JSON_NAME, TEXT_NAME, Report, by_division, to_text, write_json
from mailmerge.request import Nobody, Request, Watcher
from mailmerge.results.table import Pupil
from mailmerge.settings import Settings
from mailmerge.template.compiling import check_identity, compile_template
from mailmerge.template.opening import open_template
from mailmerge.template.rendering import prepare_school

SYNTHESIS = "Synthèse.pdf"
_NAMES = {"nom": columns.NOM, "prenom": columns.PRENOM}

# Begins the classes; what it gives delivers them, once the workbook is saved.
Maker = Callable[
    [Workshop, Sequence[ClassJob], Filing, Watcher], AbstractContextManager[Callable[[], None]]
]


def run(request: Request, watcher: Watcher | None = None) -> Report:
    """The whole way: from Pix exports to verified PDFs in the output folder.

    Raises:
        PixMailmergeError: nothing could be done (no readable input, unusable template, no engine,
            output folder not writable). What could be done in part is in the report instead.
    """
    make = partial(issue, cluster=request.cluster)
    with drawer(request) as page:
        return _produce(request, watcher or Nobody(), make, page, whole=True)


def merge(request: Request, watcher: Watcher | None = None) -> Report:
    """The Word document of each class, to be read, edited or printed in Word; no PDF.

    Raises:
        PixMailmergeError: as `run`.
    """
    with drawer(request) as page:
        return _produce(request, watcher or Nobody(), write_documents, page)


def normalize(request: Request, watcher: Watcher | None = None) -> Report:
    """Only the first half: Pix exports into « Résultats Pix.xlsx », and the report."""
    watcher = watcher or Nobody()
    report = Report()
    settings = settings_of(request)
    with drawer(request) as page:
        results = gather(request, report, watcher)
        chosen = choose(request, results)
        describe(report, results, chosen)
        if not request.dry_run:
            with OutputFolder(request.output).opened() as folder:
                filing = Filing(folder, report, Ledger(folder, Prints("", "", ""), ATTESTATIONS))
                with saving(results, settings, filing, watcher, page):
                    pass
                filing.tell_found(plan_for(results, chosen, settings, apart=False))
                finish(report, folder)
    return report


def look(request: Request) -> Report:
    """Who is there and who holds the certification; nothing is written."""
    report = Report()
    results = gather(request, report, Nobody())
    describe(report, results, choose(request, results))
    return report


def consult(request: Request, who: str, report: Report | None = None) -> PupilFile:
    """One pupil's certification in full; nothing is written.

    Args:
        request: where the results are.
        who: a certification number, or part of a name.
        report: receives what could not be read.

    Raises:
        UsageError: nobody of that name or number, or several.
    """
    results = gather(request, report or Report(), Nobody())
    return pupil_file(find_one(results.pupils, who), results.table)


def reprint_documents(request: Request, watcher: Watcher | None = None) -> Report:
    """PDFs from the class documents in the output folder, as people left them.

    Raises:
        InputError: there is no such document.
    """
    watcher = watcher or Nobody()
    report = Report()
    settings = load(request, report)
    results = gather(request, report, watcher)
    chosen = choose(request, results)
    describe(report, results, chosen)
    everybody = plan_for(results, results.pupils, settings)
    documents, left = documents_of(request.output, plan_for(results, chosen, settings), everybody)
    report.warn(left)
    press = Press(
        list(engines.choose(request.engine, pdfa=request.pdfa)),
        settings.etablissement.nom,
        pdfa=request.pdfa,
        duplex=request.duplex,
    )
    seal = seal_of(request)
    stamp = seal.fingerprint if seal else ""
    prints = Prints("", finishing(duplex=request.duplex, pdfa=request.pdfa, seal=stamp), "")
    sheets = [sheet for job in everybody for sheet in job.sheets]
    if not request.dry_run:
        with OutputFolder(request.output).opened() as folder:
            watcher.stage("Attestations", len(documents))
            ledger = Ledger(folder, prints, ATTESTATIONS)
            filing = Filing(folder, report, ledger, seal=seal)
            for rank, (docx, job) in enumerate(documents):
                issued = ledger.issued_names(job.division, docx.name)
                place = folder.staging / str(rank)
                filing.put_class(reprint(docx, job, sheets, issued, press, place))
                watcher.advance()
            filing.tell_found(plan_for(results, chosen, settings, apart=False))
            finish(report, folder)
    return report


def _produce(
    request: Request, watcher: Watcher, make: Maker, page: Drawer | None, *, whole: bool = False
) -> Report:
    require_sources(request)
    report = Report()
    settings = load(request, report)
    results = gather(request, report, watcher)
    chosen = choose(request, results)
    describe(report, results, chosen)
    workshop = prepare(request, results, settings, report)
    jobs = plan_for(results, chosen, settings, workshop.title)
    seal = seal_of(request)
    if not request.dry_run:
        dated = settings.edition.date is not None
        shared = fingerprint(workshop, dated=dated, seal=seal.fingerprint if seal else "")
        with OutputFolder(request.output).opened() as folder:
            ledger = Ledger(folder, shared, workshop.title, workshop.names)
            filing = Filing(folder, report, ledger, force=request.force, seal=seal)
            with (
                make(workshop, jobs, filing, watcher) as deliver,
                saving(results, settings, filing, watcher, page),
            ):
                deliver()
            if whole and not (request.pupils or request.numbers or request.marked):
                filing.clear(jobs, {p.division for p in chosen} if request.divisions else None)
            filing.tell_found(plan_for(results, chosen, settings, workshop.title, apart=False))
            if request.archive:
                pack(report, filing)
            finish(report, folder)
    return report


def load(request: Request, report: Report) -> Settings:
    """The school's settings, with a warning for what the page would show empty."""
    settings = settings_of(request)
    report.warn(settings.missing())
    return settings


def seal_of(request: Request) -> Seal | None:
    """The school's seal, where one is asked for.

    Raises:
        UsageError: it can't be used.
    """
    return load_seal(request.seal, request.seal_password) if request.seal else None


def choose(request: Request, results: Results) -> list[Pupil]:
    """The pupils asked for."""
    numbers: set[str] | None = None
    if request.numbers is not None:
        numbers = set(read_numbers(request.numbers))
    if request.marked:
        marks = set(marked(results.pupils, results.table))
        numbers = marks if numbers is None else numbers & marks
    return select(results.pupils, request.divisions, request.pupils, numbers)


def plan_for(
    results: Results,
    chosen: Sequence[Pupil],
    settings: Settings,
    title: str = ATTESTATIONS,
    *,
    apart: bool = True,
) -> list[ClassJob]:
    """The class jobs of the chosen pupils.

    ``title`` begins the names of the class's files; ``apart``: part of a class gets its own.
    """
    pattern = settings.edition.nom_de_fichier
    return plan(results.pupils, chosen, results.table, pattern=pattern, title=title, apart=apart)


@contextmanager
def saving(
    results: Results, settings: Settings, filing: Filing, watcher: Watcher, page: Drawer | None
) -> Iterator[None]:
    """Deliver the workbook before, and the headteacher's page after, what is done inside."""
    folder = filing.folder
    synthesis = overview(results, settings.etablissement.nom)
    if page is not None:
        page.begin(synthesis)
    save_results(results, folder, watcher, synthesis.rows())
    yield
    if page is not None:
        deliver_page(page, filing)


def drawer(request: Request) -> AbstractContextManager[Drawer | None]:
    """Who draws the headteacher's page, when the whole school is asked for."""
    return nullcontext() if request.dry_run or request.is_selection else Drawer()


def deliver_page(page: Drawer, filing: Filing) -> None:
    """Deliver the headteacher's page; without it the attestations are no less good."""
    try:
        drawn = page.finish()
    except (EOFError, OSError):  # no memory left for it
        filing.report.warn([_no_synthesis()])
        return
    with filing.folder.write(SYNTHESIS) as staged:
        staged.write_bytes(drawn)


def overview(results: Results, school: str) -> Synthesis:
    """The whole school in LSU's categories, whoever was asked for."""
    lines = pupil_lines(results.pupils, results.table, results.attested_before)
    counts = count_divisions(lines, with_roster=results.with_roster)
    levels = mean_levels(results.pupils, results.table)
    return Synthesis(school, tuple(counts), tuple(lines), levels, results.with_roster)


def pack(report: Report, filing: Filing) -> None:
    """Deliver a ZIP of each class's files."""
    members = by_division(report.eleves)
    for division in report.divisions:
        made = [p.pdf for p in members[division.division] if p.pdf]
        if division.pdf and made:
            name = str(PurePosixPath(division.pdf).with_suffix(".zip"))
            folder = filing.folder
            staged = zip_files(folder.root, [division.pdf, *made], folder.staging / name)
            division.archive = filing.put(staged, name)


def prepare(request: Request, results: Results, settings: Settings, report: Report) -> Workshop:
    """Check template, pictures and engine before any file is made.

    Raises:
        TemplateError, SettingsError, EngineError: the first thing that can't be used.
    """
    file = open_template(template_of(request, settings))
    headers = tuple(str(header) for header in results.table.columns)
    template = compile_template(file, headers)
    check_identity(template)
    if template.uses("signature") and settings.chef.signature is None:
        report.warn([no_signature()])
    engines.choose(request.engine, pdfa=request.pdfa)
    cover = open_template(CLASS_LIST) if request.cover and not template.for_class else None
    return Workshop(
        template=file,
        headers=headers,
        school=prepare_school(settings, dt.date.today()),
        author=settings.etablissement.nom,
        engine=request.engine,
        duplex=request.duplex,
        cover=cover,
        title=class_title(template),
        pdfa=request.pdfa,
        names=tuple(h for tag, h in _NAMES.items() if template.uses(tag)),
    )


def describe(report: Report, results: Results, chosen: Sequence[Pupil]) -> None:
    """Put every chosen pupil and every class into the report."""
    report.eleves = pupil_lines(chosen, results.table, results.attested_before)
    report.divisions = count_divisions(report.eleves, with_roster=results.with_roster)
    report.with_roster, report.changed = results.with_roster, results.changed


@contextmanager
def write_documents(
    workshop: Workshop, jobs: Sequence[ClassJob], filing: Filing, watcher: Watcher
) -> Iterator[Callable[[], None]]:
    """Deliver the Word document of every class."""

    def deliver() -> None:
        watcher.stage("Documents Word", len(jobs))
        opened = workshop.open()
        for job in jobs:
            staged = filing.folder.staging / job.docx
            try:
                staged.write_bytes(opened.render(job, job.sheets))
            except OSError as error:
                raise cannot_write(job.title, error) from error
            filing.put_document(job, staged)
            watcher.advance()

    yield deliver


@contextmanager
def issue(
    workshop: Workshop,
    jobs: Sequence[ClassJob],
    filing: Filing,
    watcher: Watcher,
    cluster: str | None = None,
) -> Iterator[Callable[[], None]]:
    """Issue and deliver every class; a class that fails does not stop the others.

    A class of which nothing changed since it was delivered is kept.
    """
    left = [job for job in jobs if not filing.keep(job)]
    folder = filing.folder.staging
    far = cluster if left else None  # nobody is asked for nothing
    with remote_hands(workshop, far) if far else own_hands(workshop, left, folder) as hands:
        crew = Crew(hands, left, folder)

        def deliver() -> None:
            pupils = sum(len(job.sheets) for job in jobs)
            watcher.stage("Attestations", pupils)
            watcher.advance(pupils - sum(len(job.sheets) for job in left))
            for issued in crew.finished():
                filing.put_class(issued)
                watcher.advance(len(issued.job.sheets))

        yield deliver


def finish(report: Report, folder: OutputFolder) -> None:
    """Deliver `rapport.json` and the report to read, and remember what they told."""
    label = engines.label(report.engine) if report.engine else ""
    with folder.write(JSON_NAME) as staged, staged.open("w", encoding="utf-8") as stream:
        write_json(report, stream)
    with folder.write(TEXT_NAME) as staged:
        # Notepad needs the mark at the beginning to read accents right.
        staged.write_text(to_text(report, label), encoding="utf-8-sig")
    remember(report, folder)


def no_signature() -> Notice:
    """The warning for a page to be signed by hand."""
    return Notice(
        "sans-signature",
        "Aucune image de signature n’est indiquée dans etablissement.toml : sa place reste "
        "blanche, pour signer à la main.",
    )


def _no_synthesis() -> Notice:
    return Notice(
        "sans-synthese",
        f"« {SYNTHESIS} » n’a pas pu être dessinée, faute de mémoire. Fermez d’autres programmes, "
        "puis relancez.",
    )
