"""What the run did: counts, files, warnings, errors; as `rapport.json` and as a text to read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from mailmerge.errors import (
    EngineError,
    ExitCode,
    Notice,
    OutputError,
    TemplateError,
    VerificationError,
)
from mailmerge.overview.categories import CATEGORIES, OFF_LIST, TITLES, sentence
from mailmerge.text import typeset

JSON_NAME = "rapport.json"
TEXT_NAME = "Rapport.txt"
_NAMED = 15  # names on a line of the screen


# What kept every page from being made, by the code of the error.
_REASONS = {
    error.code: error.exit_code
    for error in (TemplateError, EngineError, OutputError, VerificationError)
}


@dataclass(slots=True)
class DivisionCount:
    """One class in LSU's categories; they add up to the pupils of its list, if there is one.

    ``obtenues`` are new since the last run, ``mises_a_jour`` replace an older certification,
    ``deja_presentes`` were already there. ``non_passees`` is None without a roster.
    ``hors_liste`` are in the results and not in the school's list: they are in no category.
    """

    division: str
    obtenues: int = 0
    en_attente: int = 0
    non_obtenues: int = 0
    non_passees: int | None = None
    mises_a_jour: int = 0
    deja_presentes: int = 0
    pdf: str | None = None
    docx: str | None = None
    hors_liste: int = 0
    archive: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Category → number of pupils."""
        return {c.key: getattr(self, c.key) or 0 for c in CATEGORIES}

    @property
    def attested(self) -> int:
        """The pupils who hold the certification, whenever it came."""
        return sum(self.counts[c.key] for c in CATEGORIES if c.certified)

    @property
    def total(self) -> int:
        """The pupils known."""
        return sum(self.counts.values())


@dataclass(slots=True)
class PupilLine:
    """One pupil: status and file; ``raison`` says in French why there is no attestation."""

    numero: str
    nom: str
    prenom: str
    division: str
    statut: str
    pdf: str | None = None
    pages: int | None = None
    raison: str = ""
    categorie: str = ""
    hors_liste: bool = False

    @property
    def category(self) -> str:
        """The title of the category the pupil is counted in."""
        return OFF_LIST.title if self.hors_liste else TITLES.get(self.categorie, "")


@dataclass(slots=True)
class Report:
    """All there is to say about a run; paths are relative to the output folder.

    ``with_roster``: the school's list was there to compare with. ``changed``: the workbook says
    something else than before the run. ``kept``: classes of which nothing had to be made again.
    ``known``: warnings that an earlier run told in full, no longer among ``avertissements``.
    """

    engine: str | None = None
    divisions: list[DivisionCount] = field(default_factory=list)
    eleves: list[PupilLine] = field(default_factory=list)
    avertissements: list[Notice] = field(default_factory=list)
    erreurs: list[Notice] = field(default_factory=list)
    with_roster: bool = False
    changed: bool = True
    kept: list[str] = field(default_factory=list)
    known: list[Notice] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """All was done, part of it, or nothing: then why."""
        if not self.erreurs:
            return ExitCode.OK
        wanted = any(pupil.statut == "obtenue" for pupil in self.eleves)
        if self.printed or not wanted:
            return ExitCode.PARTIAL
        reasons = (_REASONS.get(notice.code) for notice in self.erreurs)
        return next((reason for reason in reasons if reason), ExitCode.PARTIAL)

    def division(self, name: str) -> DivisionCount:
        """The count of the class called ``name``.

        Raises:
            KeyError: no such class in the report.
        """
        for count in self.divisions:
            if count.division == name:
                return count
        raise KeyError(name)

    def warn(self, notices: Iterable[Notice]) -> None:
        """Add warnings."""
        self.avertissements.extend(notices)

    def fail(self, notices: Iterable[Notice]) -> None:
        """Add errors."""
        self.erreurs.extend(notices)

    @property
    def printed(self) -> int:
        """How many pupils have an attestation."""
        return sum(pupil.pdf is not None for pupil in self.eleves)


def write_json(report: Report, stream: IO[str]) -> None:
    """`rapport.json`, as `design.md` promises it; each entry of a list has a line of its own.

    Written line by line: a whole académie is never held as one text.
    """
    facts = {
        "engine": report.engine,
        "modifie": report.changed,
        "total": total_of(report.divisions),
    }
    lists: dict[str, Iterable[Any]] = {
        "divisions": report.divisions,
        "eleves": report.eleves,
        "avertissements": map(_notice, report.avertissements),
        "erreurs": map(_notice, report.erreurs),
        "deja_signales": map(_notice, report.known),
    }
    between = "{\n"
    for key, value in facts.items():
        stream.write(f'{between}  "{key}": {_json(value)}')
        between = ",\n"
    for key, entries in lists.items():
        stream.write(f'{between}  "{key}": [')
        lead = "\n"
        for entry in entries:
            stream.write(f"{lead}    {_json(entry)}")
            lead = ",\n"
        stream.write("]" if lead == "\n" else "\n  ]")
    stream.write("\n}\n")


def _json(value: Any) -> str:
    return json.dumps(value, default=asdict, ensure_ascii=False)


def to_text(report: Report, engine_label: str) -> str:
    """The report a person reads: what was made, what was not and why."""
    parts = ["RAPPORT DU PUBLIPOSTAGE PIX", ""]
    if engine_label:
        parts += [f"Documents produits avec : {engine_label}", ""]
    parts += summary_lines(report)
    parts += _names(report)
    # A class sheet prints no page of a pupil's own: that is no failure, and has no reason.
    without = [pupil for pupil in report.eleves if pupil.pdf is None and pupil.raison]
    parts += _section(
        "Élèves sans attestation",
        [f"{p.division or 'Sans classe'} – {p.nom} {p.prenom} : {p.raison}" for p in without],
    )
    parts += _section("À corriger", [describe(notice) for notice in report.erreurs])
    parts += _section("À vérifier", [describe(notice) for notice in report.avertissements])
    parts += _section("Déjà signalé", [describe(notice) for notice in report.known])
    return typeset("\n".join(parts)) + "\n"


def summary_lines(report: Report) -> list[str]:
    """One line per class, with the names of those who are without; then the whole school."""
    lines: list[str] = []
    members, unchanged = by_division(report.eleves), set(report.kept)
    for division in report.divisions:
        kept = ", inchangée" if division.division in unchanged else ""
        lines.append(_count_line(division) + kept)
        lines += _without(members[division.division])
    total = total_of(report.divisions)
    if len(report.divisions) > 1:
        lines.append(_count_line(total))
    lines += ["", sentence(total.counts)]
    if not report.with_roster:
        lines.append(
            "Qui n’a pas passé la certification n’est pas connu : il faut pour cela la liste des "
            "élèves (--roster)."
        )
    if not report.changed and not report.erreurs:
        lines.append("Rien de nouveau : « Résultats Pix.xlsx » disait déjà tout cela.")
    return [typeset(line) for line in lines]


def by_division(pupils: Iterable[PupilLine]) -> Mapping[str, list[PupilLine]]:
    """The pupils of each class, in their order; none for a class that nobody is in."""
    members: dict[str, list[PupilLine]] = defaultdict(list)
    for pupil in pupils:
        members[pupil.division].append(pupil)
    return members


def _without(members: Sequence[PupilLine]) -> list[str]:
    """The names behind the small numbers of a class; those of all are in the report to read."""
    shown = [c.title for c in CATEGORIES if not c.certified or c.key == "mises_a_jour"]
    lines = []
    for title in (*shown, OFF_LIST.title):
        those = [p for p in members if p.category == title]
        if those:
            names = ", ".join(f"{p.nom} {p.prenom}".strip() for p in those[:_NAMED])
            more = f" et {len(those) - _NAMED} de plus" if len(those) > _NAMED else ""
            lines.append(f"    {title} : {names}{more}")
    return lines


def describe(notice: Notice) -> str:
    """A notice on one line, with its place when the message does not begin with it."""
    place = [notice.source or ""]
    if notice.line is not None:
        place.append(f"ligne {notice.line}")
    if notice.column:
        place.append(f"colonne « {notice.column} »")
    where = ", ".join(part for part in place if part)
    known = not where or (notice.source or "") in notice.message
    return notice.message if known else f"{where} : {notice.message}"


def _names(report: Report) -> list[str]:
    """Everybody behind the numbers, by class and category."""
    lines = ["", "Qui est derrière ces nombres"]
    members = by_division(report.eleves)
    for division in report.divisions:
        lines.append(f"  {division.division or 'Sans classe'}")
        for title in (*TITLES.values(), OFF_LIST.title):
            names = [
                f"{p.nom} {p.prenom}" for p in members[division.division] if p.category == title
            ]
            if names:
                lines.append(f"    {title} ({len(names)}) : {', '.join(names)}")
    return lines if report.eleves else []


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"{title} ({len(lines)})", *(f"  • {line}" for line in lines)] if lines else []


def _count_line(count: DivisionCount) -> str:
    facts = [_plural(count.counts[c.key], c.one, c.many) for c in CATEGORIES]
    said = ", ".join(fact for fact in facts if fact) or "aucun résultat"
    if count.hors_liste:
        said += f" ; {count.hors_liste} hors liste"
    pupils = _plural(count.total, "élève", "élèves") or "aucun élève"
    return f"{count.division or 'Sans classe'} ({pupils}) : {said}"


def _plural(count: int, one: str, many: str) -> str:
    if not count:
        return ""
    return f"{count} {one if count == 1 else many}"


def total_of(divisions: Sequence[DivisionCount]) -> DivisionCount:
    """All classes together."""
    known = [d.non_passees for d in divisions if d.non_passees is not None]
    total = DivisionCount("Toutes les classes", non_passees=sum(known) if known else None)
    for name in ("obtenues", "en_attente", "non_obtenues", "mises_a_jour", "deja_presentes"):
        setattr(total, name, sum(getattr(division, name) for division in divisions))
    total.hors_liste = sum(division.hors_liste for division in divisions)
    return total


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "code": notice.code,
        "message": notice.message,
        "source": notice.source,
        "ligne": notice.line,
    }
