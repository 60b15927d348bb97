"""What the run did: counts, files, warnings, errors; as `rapport.json` and as a text to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from mailmerge.errors import ExitCode, Notice

JSON_NAME = "rapport.json"
TEXT_NAME = "Rapport.txt"


@dataclass(slots=True)
class DivisionCount:
    """One class in LSU's categories; they add up to the pupils known.

    ``obtenues`` are new since the last run, ``mises_a_jour`` replace an older certification,
    ``deja_presentes`` were already there. ``non_passees`` is None without a roster.
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

    @property
    def attested(self) -> int:
        """The pupils who hold the certification, whenever it came."""
        return self.obtenues + self.mises_a_jour + self.deja_presentes

    @property
    def total(self) -> int:
        """The pupils known."""
        return self.attested + self.en_attente + self.non_obtenues + (self.non_passees or 0)


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


@dataclass(slots=True)
class Report:
    """All there is to say about a run; paths are relative to the output folder.

    ``kept`` are the classes of which nothing had to be made again.
    """

    engine: str | None = None
    divisions: list[DivisionCount] = field(default_factory=list)
    eleves: list[PupilLine] = field(default_factory=list)
    avertissements: list[Notice] = field(default_factory=list)
    erreurs: list[Notice] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """All was done, or part of it."""
        return ExitCode.PARTIAL if self.erreurs else ExitCode.OK

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


def to_json(report: Report) -> str:
    """`rapport.json`, as `design.md` promises it."""
    return json.dumps(
        {
            "engine": report.engine,
            "divisions": [asdict(division) for division in report.divisions],
            "eleves": [asdict(pupil) for pupil in report.eleves],
            "avertissements": [_notice(notice) for notice in report.avertissements],
            "erreurs": [_notice(notice) for notice in report.erreurs],
        },
        ensure_ascii=False,
        indent=2,
    )


def to_text(report: Report, engine_label: str) -> str:
    """The report a person reads: what was made, what was not and why."""
    parts = ["RAPPORT DU PUBLIPOSTAGE PIX", ""]
    if engine_label:
        parts += [f"Documents produits avec : {engine_label}", ""]
    parts += summary_lines(report)
    # A class sheet prints no page of a pupil's own: that is no failure, and has no reason.
    without = [pupil for pupil in report.eleves if pupil.pdf is None and pupil.raison]
    parts += _section(
        "Élèves sans attestation",
        [f"{p.division or 'Sans classe'} – {p.nom} {p.prenom} : {p.raison}" for p in without],
    )
    parts += _section("À corriger", [describe(notice) for notice in report.erreurs])
    parts += _section("À vérifier", [describe(notice) for notice in report.avertissements])
    return "\n".join(parts) + "\n"


def summary_lines(report: Report) -> list[str]:
    """One line per class, then the whole school."""
    kept = set(report.kept)
    lines = [
        _count_line(division) + (", inchangée" if division.division in kept else "")
        for division in report.divisions
    ]
    if len(report.divisions) > 1:
        lines.append(_count_line(_total(report.divisions)))
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


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"{title} ({len(lines)})", *(f"  • {line}" for line in lines)] if lines else []


def _count_line(count: DivisionCount) -> str:
    facts = [
        _plural(count.obtenues, "certification obtenue", "certifications obtenues"),
        _plural(count.mises_a_jour, "mise à jour", "mises à jour"),
        _plural(count.deja_presentes, "déjà présente", "déjà présentes"),
        _plural(count.en_attente, "en attente de résultat", "en attente de résultat"),
        _plural(count.non_obtenues, "passée sans l’obtenir", "passées sans l’obtenir"),
        _plural(count.non_passees or 0, "non passée", "non passées"),
    ]
    said = ", ".join(fact for fact in facts if fact) or "aucun résultat"
    return f"{count.division or 'Sans classe'} ({count.total} élèves) : {said}"


def _plural(count: int, one: str, many: str) -> str:
    if not count:
        return ""
    return f"{count} {one if count == 1 else many}"


def _total(divisions: Sequence[DivisionCount]) -> DivisionCount:
    known = [d.non_passees for d in divisions if d.non_passees is not None]
    return DivisionCount(
        "Toutes les classes",
        obtenues=sum(d.obtenues for d in divisions),
        en_attente=sum(d.en_attente for d in divisions),
        non_obtenues=sum(d.non_obtenues for d in divisions),
        non_passees=sum(known) if known else None,
        mises_a_jour=sum(d.mises_a_jour for d in divisions),
        deja_presentes=sum(d.deja_presentes for d in divisions),
    )


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "code": notice.code,
        "message": notice.message,
        "source": notice.source,
        "ligne": notice.line,
    }
