"""The check: everything that would go wrong or look wrong, said before any PDF.

Like Word's « Vérifier les erreurs », it goes the whole way of a run (reading, template, engine, a
trial on the extreme pupils) in a folder of its own: nothing is written into the output folder.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from docx.document import Document as WordDocument

from mailmerge import columns, engines
from mailmerge.engines import Engine
from mailmerge.errors import ExitCode, Notice, OutputError, PixMailmergeError
from mailmerge.gathering import WORKBOOK, Results, gather, template_of
from mailmerge.making.delivery import OutputFolder
from mailmerge.making.issuing import ClassJob, IssuedClass, OpenWorkshop, Workshop
from mailmerge.making.planning import class_title
from mailmerge.pdf.fonts import page_fonts
from mailmerge.pipeline import choose, load, no_signature, plan_for
from mailmerge.referential import COMPETENCE_CODES
from mailmerge.report import Report, describe
from mailmerge.request import Nobody, Request, Watcher
from mailmerge.settings import Settings
from mailmerge.template import context
from mailmerge.template.compiling import (
    CompiledTemplate,
    StoryPart,
    check_identity,
    compile_template,
    prepare,
)
from mailmerge.template.findings import paragraph_text
from mailmerge.template.fonts import asked_fonts, font_probe
from mailmerge.template.opening import TemplateFile, open_template
from mailmerge.template.rendering import prepare_school
from mailmerge.template.shapes import breaks_pages, holds_picture, undrawable
from mailmerge.template.wordxml import qn
from mailmerge.text import fold, typeset
from mailmerge.trial.sampling import extremes, invented_sheet
from mailmerge.trial.unprinted import in_few_words

Severity = Literal["error", "warning", "info"]
_EXITS = {
    "modele": ExitCode.TEMPLATE,
    "moteur": ExitCode.ENGINE,
    "verification": ExitCode.VERIFICATION,
    "ecriture": ExitCode.OUTPUT,
}
# What `attestation-champs-word.docx` shows where the school types its own words.
_SAMPLE_TEXTS = ("Nom de l’établissement", "Ville · Académie", "Prénom Nom")
_ATTRIBUTE = re.compile(r"\.\s?(\w+)")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FONT_STYLES = re.compile(r"(bold|italic|oblique|regular|medium|book|roman|psmt|ps|mt)$")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that the check says.

    Attributes:
        severity: ``error`` stops a run; ``warning`` wants a look; ``info`` is good to know.
        code: a stable short name, e.g. ``"balise-inconnue"``.
        message: French, whole sentences: what, and what to do.
        where: French: the place in the template, or "".
        exit_code: what the command returns for this remark alone.
    """

    severity: Severity
    code: str
    message: str
    where: str = ""
    exit_code: ExitCode = ExitCode.OK

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", typeset(self.message))


@dataclass
class Check:
    """The result: remarks in the order of the work, and what was tried.

    Attributes:
        template: the template's file name.
        engine: the French label of the engine that was tried, or "".
        tried: the names of the pupils of the trial.
    """

    template: str = ""
    engine: str = ""
    remarks: list[Remark] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    def of(self, severity: Severity) -> list[Remark]:
        """The remarks of one severity."""
        return [remark for remark in self.remarks if remark.severity == severity]

    @property
    def exit_code(self) -> ExitCode:
        """What a run would return; else `ExitCode.WARNINGS` or `ExitCode.OK`."""
        codes = [remark.exit_code for remark in self.of("error")]
        if codes:  # a run goes on after what it can leave out
            return next((code for code in codes if code != ExitCode.PARTIAL), ExitCode.PARTIAL)
        return ExitCode.WARNINGS if self.of("warning") else ExitCode.OK

    def error(self, error: PixMailmergeError) -> None:
        """Something that stops a run."""
        self.remarks.append(Remark("error", error.code, error.message, "", error.exit_code))

    def warn(self, code: str, message: str, where: str = "") -> None:
        """Something to look at."""
        self.remarks.append(Remark("warning", code, message, where, ExitCode.WARNINGS))

    def tell(self, code: str, message: str) -> None:
        """Something good to know."""
        self.remarks.append(Remark("info", code, message))

    def notices(self, severity: Severity, notices: Iterable[Notice]) -> None:
        """What a step of the run noticed."""
        for notice in notices:
            code = ExitCode.WARNINGS
            if severity == "error":
                code = _EXITS.get(notice.code, ExitCode.PARTIAL)
            self.remarks.append(Remark(severity, notice.code, describe(notice), "", code))


@dataclass
class _Template:
    """A template that could be opened; ``compiled`` is None where it has errors."""

    file: TemplateFile
    document: WordDocument
    stories: list[StoryPart]
    compiled: CompiledTemplate | None = None


def check(request: Request, watcher: Watcher | None = None) -> Check:
    """Everything that can be said of a run before it; raises nothing that a school can mend.

    Args:
        request: as for a run; its output folder is read (an existing workbook), never written.
        watcher: who follows.
    """
    watcher = watcher or Nobody()
    found = Check()
    settings = _settings(request, found)
    path = template_of(request, settings or Settings())
    found.template = path.name
    results = _results(request, watcher, found)
    watcher.stage("Vérification du modèle", 3)
    template = _template(path, results, found)
    watcher.advance()
    engine = _engine(request, found)
    if template and engine:
        for finding in undrawable(
            template.document, template.stories, engine.cannot_draw, engine.label
        ):
            found.warn(finding.code, finding.message, finding.where)
    watcher.advance()
    if settings and template and template.compiled:
        _signature(template, template.compiled, settings, found)
        _sample_texts(template, found)
        _columns(template, template.compiled, results, found)
        if engine:
            _simulate(request, template, settings, results, found)
    watcher.advance()
    return found


# --- one step each ---


def _settings(request: Request, found: Check) -> Settings | None:
    report = Report()
    try:
        settings = load(request, report)
    except PixMailmergeError as error:
        found.error(error)
        return None
    found.notices("warning", report.avertissements)
    return settings


def _results(request: Request, watcher: Watcher, found: Check) -> Results | None:
    report = Report()
    try:
        results = gather(request, report, watcher)
    except PixMailmergeError as error:
        found.error(error)
        return None
    found.notices("error", report.erreurs)
    found.notices("warning", report.avertissements)
    return results


def _template(path: Path, results: Results | None, found: Check) -> _Template | None:
    headers = tuple(map(str, results.table.columns)) if results else ()
    try:
        file = open_template(path)
        document = file.open()
        stories, findings = prepare(document, context.vocabulary(headers))
        for finding in findings:
            exit_code = ExitCode.TEMPLATE if finding.severity == "error" else ExitCode.WARNINGS
            found.remarks.append(
                Remark(finding.severity, finding.code, finding.message, finding.where, exit_code)
            )
        template = _Template(file, document, stories)
        if all(finding.severity != "error" for finding in findings):
            compiled = compile_template(file, headers)
            check_identity(compiled)
            template.compiled = compiled
    except PixMailmergeError as error:
        found.error(error)
        return None
    return template


def _engine(request: Request, found: Check) -> Engine | None:
    try:
        engine = engines.choose(request.engine)[0]
    except PixMailmergeError as error:
        found.error(error)
        return None
    found.engine = engine.label
    return engine


def _signature(
    template: _Template, compiled: CompiledTemplate, settings: Settings, found: Check
) -> None:
    if compiled.uses("signature"):
        if settings.chef.signature is None:
            found.notices("warning", [no_signature()])
    elif not compiled.for_class and not any(map(holds_picture, template.stories)):
        found.warn(
            "sans-signature",
            "Le modèle n’a ni balise {{ signature }} ni image : les attestations sortiront sans "
            "signature. Ajoutez la balise à l’endroit voulu, ou collez-y l’image.",
        )


def _sample_texts(template: _Template, found: Check) -> None:
    """Words of the gallery that every page would print, left in place of the school's."""
    body = template.stories[0].root
    typed = {paragraph_text(paragraph).strip() for paragraph in body.iter(qn("w:p"))}
    left = [text for text in _SAMPLE_TEXTS if text in typed]
    if left:
        shown = ", ".join(f"« {text} »" for text in left)
        found.warn(
            "texte-d-exemple",
            f"Le modèle porte encore ces textes d’exemple : {shown}. Tapez les vôtres à la place.",
        )


def _columns(
    template: _Template, compiled: CompiledTemplate, results: Results | None, found: Check
) -> None:
    """What the data has and the template doesn't print; the columns that the school added."""
    if results is None:
        return
    table = results.table
    text = " ".join(t.text or "" for s in template.stories for t in s.root.iter(qn("w:t")))
    used = compiled.names | (set(_ATTRIBUTE.findall(text)) if compiled.for_class else set())
    if "domaines" in used:
        used |= {context.competence_tag(code) for code in COMPETENCE_CODES}
    filled = [str(h) for h in table.columns if any(value not in ("", None) for value in table[h])]
    unused = [h for h, tag in context.tags_by_header(filled).items() if tag not in used]
    if unused:
        found.tell(
            "donnees-inutilisees",
            f"Le modèle n’imprime pas ces données, et c’est permis : {in_few_words(unused)}.",
        )
    added = context.added_tags(filled)
    if added:
        tags = ", ".join(f"{{{{ {tag} }}}} (« {header} »)" for tag, header in added.items())
        found.tell("colonnes-ajoutees", f"Colonnes ajoutées, utilisables comme balises : {tags}.")


def _simulate(
    request: Request,
    template: _Template,
    settings: Settings,
    results: Results | None,
    found: Check,
) -> None:
    """Render every class, convert the extreme pupils, look at pages and fonts."""
    try:
        headers = tuple(map(str, results.table.columns)) if results else ()
        workshop = Workshop(
            template=template.file,
            headers=headers,
            school=prepare_school(settings, dt.date.today()),
            author=settings.etablissement.nom,
            engine=request.engine,
        ).open()
        jobs = _jobs(request, results, settings, workshop.template)
        if results:
            _output(request, jobs, found)
            for job in jobs:
                workshop.render(job, job.sheets)
        with tempfile.TemporaryDirectory(prefix="pix-mailmerge-essai-") as folder:
            _trial(template, workshop, jobs, Path(folder), found)
    except PixMailmergeError as error:
        found.error(error)


def _jobs(
    request: Request, results: Results | None, settings: Settings, template: CompiledTemplate
) -> list[ClassJob]:
    if results:
        title = class_title(template)
        jobs = plan_for(results, choose(request, results), settings, title)
        if jobs:
            return jobs
    sheet = invented_sheet()
    return [ClassJob(str(sheet.row[columns.CLASSE]), "Essai", "essai.docx", "essai.pdf", (sheet,))]


def _output(request: Request, jobs: Sequence[ClassJob], found: Check) -> None:
    """Files of an earlier run that another program holds open."""
    folder = OutputFolder(request.output)
    for name in (WORKBOOK, *(name for job in jobs for name in (job.docx, job.pdf))):
        try:
            folder.check_free(name)
        except OutputError as error:
            found.error(error)


def _trial(
    template: _Template,
    workshop: OpenWorkshop,
    jobs: Sequence[ClassJob],
    folder: Path,
    found: Check,
) -> None:
    biggest = max(jobs, key=lambda job: len(job.sheets))
    everybody = [sheet for job in jobs for sheet in job.sheets]
    sheets = biggest.sheets if workshop.template.for_class else tuple(extremes(everybody))
    trial = replace(biggest, title="Essai", docx="essai.docx", pdf="essai.pdf", sheets=sheets)
    issued = workshop.issue(trial, folder)
    found.tried = [sheet.name for sheet in sheets]
    found.notices("warning", issued.warnings)
    found.notices("error", issued.errors)
    if issued.pdf is None:
        return
    _pages(template, issued, found)
    engine = next(e for e in workshop.press.engines if e.name == issued.engine)
    _fonts(template, issued.pdf, engine, folder, found)


def _pages(template: _Template, issued: IssuedClass, found: Check) -> None:
    """More pages for some pupils than for the others, or more than one that nobody asked for."""
    pages = {p.sheet.who: p.pages for p in issued.pupils if p.pages is not None}
    if not pages:
        return
    usual = min(pages.values())
    if usual == max(pages.values()) and usual > 1 and not any(map(breaks_pages, template.stories)):
        found.warn(
            "plusieurs-pages",
            f"Chaque attestation prend {usual} pages, sans saut de page dans le modèle. Réduisez "
            "une police, un espace ou une marge pour qu’elle tienne sur une page.",
        )
    longer = [f"{name} ({count})" for name, count in pages.items() if count > usual]
    if longer:
        found.warn(
            "page-en-trop",
            f"L’attestation de certains élèves prend plus de pages que les autres ({usual}) : "
            f"{', '.join(longer)}. Laissez plus de place aux noms longs : réduisez une police, un "
            "espace ou une marge.",
        )


def _fonts(template: _Template, pdf: Path, engine: Engine, folder: Path, found: Check) -> None:
    """Fonts that the PDF does not have, and, from a page in each of them, what came instead."""
    printed = {font for page in page_fonts(pdf) for font in page}
    asked = asked_fonts(template.document, template.stories)
    missing = [font for font in asked if not any(_same(font, other) for other in printed)]
    if not missing:
        return
    probe, result = folder / "polices.docx", folder / "polices.pdf"
    probe.write_bytes(font_probe(template.file, missing))
    engine.convert(probe, result)
    for font, shown in zip(missing, page_fonts(result), strict=False):
        if not shown or _same(font, shown[0]):
            continue
        found.warn(
            "police-remplacee",
            f"La police « {font} » manque sur cet ordinateur : {engine.label} la remplace par "
            f"« {_family(shown[0])} ». Installez-la, choisissez une autre police, ou incorporez-la "
            "dans le modèle (Word : Fichier, Options, Enregistrement, « Incorporer les polices »).",
        )


def _same(asked: str, printed: str) -> bool:
    """Whether a PDF's name of a font (``TimesNewRomanPS-BoldMT``) may be that of ``asked``."""
    names = set()
    for name in (fold(printed, ""), fold(re.split("[-,]", printed)[0], "")):
        names.add(name)
        while _FONT_STYLES.search(name):
            name = _FONT_STYLES.sub("", name)
            names.add(name)
    return fold(asked, "") in names


def _family(printed: str) -> str:
    """A PDF's name of a font as people write it: ``LiberationSans-Bold`` → « Liberation Sans »."""
    return _CAMEL.sub(" ", re.split("[-,]", printed)[0])
