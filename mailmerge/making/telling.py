"""What earlier runs have told in full, so that a person reads it once.

A notice with a mark is about something that lasts, such as a correction made by hand that the
exports go on contradicting. Told once, it is only counted, and listed in the report to read.
"""

from __future__ import annotations

from mailmerge.errors import Notice
from mailmerge.making.delivery import OutputFolder
from mailmerge.report import TEXT_NAME, Report

_TOLD = "deja-signale.txt"


def set_known_apart(report: Report, folder: OutputFolder) -> None:
    """Take out of the warnings those that an earlier run told, and count them in one."""
    told = _told(folder)
    report.known = [notice for notice in report.avertissements if notice.mark in told]
    if not report.known:
        return
    new = [notice for notice in report.avertissements if notice.mark not in told]
    message = (
        f"Corrections faites à la main, déjà signalées et toujours gardées : {len(report.known)}. "
        f"La liste est à la fin de « {TEXT_NAME} »."
    )
    report.avertissements = [*new, Notice("modifications-connues", message)]


def remember(report: Report, folder: OutputFolder) -> None:
    """Write down what this run told; what is no longer true is forgotten.

    Raises:
        OutputError: it can't be written.
    """
    marks = {notice.mark for notice in (*report.avertissements, *report.known)} - {""}
    if marks or _told(folder):
        with folder.write(f"{folder.state.name}/{_TOLD}") as staged:
            staged.write_text("\n".join(sorted(marks)), encoding="ascii")


def _told(folder: OutputFolder) -> frozenset[str]:
    try:
        return frozenset((folder.state / _TOLD).read_text(encoding="ascii").split())
    except (OSError, ValueError):  # without it, all is told again
        return frozenset()
