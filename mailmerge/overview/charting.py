"""« Synthèse.pdf »: one page for the headteacher, drawn with matplotlib.

matplotlib is the ordinary choice: kept up by many, a BSD-like licence, wheels for every system, and
it draws to PDF as vectors with its own font embedded. It is heavy, so it is imported when the page
is drawn. Colours are those of the templates; every colour is doubled by a number or a place.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import logging
import math
import multiprocessing
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mailmerge.overview.categories import CATEGORIES
from mailmerge.referential import DOMAINES, MAX_LEVEL
from mailmerge.report import DivisionCount
from mailmerge.text import typeset

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from matplotlib.figure import Figure

    from mailmerge.overview.synthesis import Synthesis

_INK, _SOFT, _PALE = "#1F2A44", "#4A5468", "#D5DAE2"
_DOMAINES = ("#8F5A00", "#1B7A4B", "#0B6E86", "#2457A6", "#6B3FA0")
# Category keys drawn as one bar piece, its colour, and whether its number is white on it.
_PIECES = (
    ("Certification obtenue", tuple(c.key for c in CATEGORIES if c.certified), "#1B7A4B", True),
    ("En attente de résultat", ("en_attente",), "#E0B252", False),
    ("Passée sans l’obtenir", ("non_obtenues",), "#6B3FA0", True),
    ("Non passée", ("non_passees",), "#C9CFD9", False),
)
MAX_CLASSES = 15
_COLUMNS = 4
_A4 = (8.27, 11.69)  # inches
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "pdf.fonttype": 3,  # cutting out the letters of a TrueType font takes twice as long as all else
    "text.color": _INK,
    "axes.edgecolor": _PALE,
    "xtick.color": _SOFT,
    "ytick.color": _INK,
    "text.parse_math": False,  # a class named « $3$ » is a name
}


class Drawer:
    """Draws the page in a process of its own, while the classes are made.

    matplotlib takes longer to import, and to leave, than a class takes to print: so it is imported
    while the results are read, and its process ended as soon as the page is there.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_draw_what_comes, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Drawer:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def begin(self, synthesis: Synthesis) -> None:
        """Start drawing; a process that died already is told by `finish`."""
        with contextlib.suppress(OSError):
            self._pipe.send(replace(synthesis, pupils=()))  # it draws numbers, not names

    def finish(self) -> bytes:
        """Wait for the page.

        Raises:
            EOFError, OSError: the process died (no memory left).
        """
        return self._pipe.recv_bytes()


def _draw_what_comes(pipe: Connection) -> None:
    import matplotlib.backends.backend_pdf
    import matplotlib.figure  # noqa: F401 - ready when the synthesis comes

    pipe.send_bytes(draw(pipe.recv()))


def draw(synthesis: Synthesis) -> bytes:
    """The page as a PDF; more than `MAX_CLASSES` classes are named as left to the
    workbook's sheet « Synthèse ».
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # its remarks are for engineers
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        page = Figure(figsize=_A4)
        shown = synthesis.divisions[:MAX_CLASSES]
        _head(page, synthesis)
        # The more classes, the more of the page the bars take.
        bars = 0.05 + 0.0195 * (len(shown) + (len(shown) > 1))
        _bars(page, synthesis, shown, top=0.855, height=bars)
        _levels(page, synthesis, shown, top=0.855 - bars - 0.065)
        page.text(0.07, 0.025, _foot(synthesis), fontsize=7, color=_SOFT)
        info = {"Title": "Synthèse des certifications Pix", "Author": synthesis.school}
        drawn = io.BytesIO()
        page.savefig(drawn, format="pdf", metadata={**info, "CreationDate": None})
        return drawn.getvalue()


def _head(page: Figure, synthesis: Synthesis) -> None:
    day = f"{dt.date.today():%d/%m/%Y}"
    page.text(0.07, 0.945, "Synthèse des certifications Pix", fontsize=17, weight="bold")
    where = " – ".join(part for part in (synthesis.school, f"le {day}") if part)
    page.text(0.07, 0.925, where, fontsize=9, color=_SOFT)
    said = textwrap.fill(synthesis.sentence, 100)
    page.text(0.07, 0.915, typeset(said), fontsize=9, va="top", linespacing=1.3)
    page.text(0.07, 0.872, _since_last_time(synthesis.total), fontsize=8, color=_SOFT)


def _since_last_time(total: DivisionCount) -> str:
    parts = [
        f"{total.obtenues} nouvelle{'s' if total.obtenues > 1 else ''}",
        f"{total.mises_a_jour} mise{'s' if total.mises_a_jour > 1 else ''} à jour",
        f"{total.deja_presentes} déjà présente{'s' if total.deja_presentes > 1 else ''}",
    ]
    return typeset(f"Certifications depuis la dernière fois : {', '.join(parts)}.")


def _bars(
    page: Figure,
    synthesis: Synthesis,
    shown: tuple[DivisionCount, ...],
    *,
    top: float,
    height: float,
) -> None:
    """How many of each class are where, as one bar a class in hundredths of its pupils."""
    rows = [*shown, synthesis.total] if len(synthesis.divisions) > 1 else list(shown)
    axes = page.add_axes((0.2, top - height, 0.73, height - 0.03))
    for at, count in enumerate(rows):
        left = 0.0
        for _, keys, colour, white in _PIECES:
            number = sum(count.counts[key] for key in keys)
            width = 100 * number / max(count.total, 1)
            axes.barh(at, width, left=left, height=0.72, color=colour, edgecolor="white")
            if number:
                ink = "white" if white else _INK
                axes.text(left + width / 2, at, str(number), color=ink, ha="center", va="center")
            left += width
    names = [f"{_name(count.division)} ({count.total})" for count in shown]
    names += [f"Ensemble ({synthesis.total.total})"] if len(rows) > len(shown) else []
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    _legend(axes)


def _legend(axes: Any) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(color=colour, label=label) for label, _, colour, _ in _PIECES]
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False,
        handlelength=1, borderpad=0, columnspacing=1.4,
    )  # fmt: skip


def _levels(
    page: Figure, synthesis: Synthesis, shown: tuple[DivisionCount, ...], *, top: float
) -> None:
    """The mean level in each domaine, a small chart for the school and for each class."""
    page.text(
        0.07, top + 0.02, "Niveau moyen par domaine des élèves certifiés (de 0 à 8)",
        fontsize=11, weight="bold",
    )  # fmt: skip
    _domaine_names(page, top)
    charts: list[tuple[str, tuple[float, ...]]] = []
    if None in synthesis.levels:
        charts.append(("Établissement", synthesis.levels[None]))
    charts += [
        (_name(d.division), synthesis.levels[d.division])
        for d in shown
        if d.division in synthesis.levels
    ]
    if not charts:
        page.text(0.07, top - 0.06, "Aucune certification obtenue pour le moment.", color=_SOFT)
    room = top - 0.075
    rows = math.ceil((MAX_CLASSES + 1) / _COLUMNS) if len(charts) > 12 else 3
    step = min(0.155, room / rows)
    # One scale for all, so that classes compare; no more room than the highest bar needs.
    highest = min(MAX_LEVEL, math.ceil(max((max(m) for _, m in charts), default=0)) + 1)
    for place, (name, means) in enumerate(charts):
        row, column = divmod(place, _COLUMNS)
        box = (0.07 + column * 0.2225, top - 0.045 - (row + 1) * step + 0.03, 0.18, step - 0.055)
        _small_chart(page.add_axes(box), name, means, highest)


def _domaine_names(page: Figure, top: float) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(color=colour, label=f"{domaine.numero} {domaine.nom}")
        for domaine, colour in zip(DOMAINES, _DOMAINES, strict=True)
    ]
    page.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.062, top + 0.016), ncols=5,
        frameon=False, handlelength=0.8, columnspacing=1, handletextpad=0.4, fontsize=6.8,
    )  # fmt: skip


def _small_chart(axes: Any, name: str, means: tuple[float, ...], highest: float) -> None:
    places = range(len(means))
    axes.bar(places, means, color=_DOMAINES, width=0.7)
    for at, mean in zip(places, means, strict=True):
        shown = f"{mean:.1f}".replace(".", ",")
        axes.text(at, mean + 0.15, shown, ha="center", va="bottom", fontsize=7)
    axes.set_title(name, fontsize=8.5, loc="left", weight="bold", pad=3)
    axes.set_xticks(places, [domaine.numero for domaine in DOMAINES])
    axes.set_ylim(0, highest + 0.6)
    axes.set_yticks([])
    axes.tick_params(length=0, pad=2)
    axes.spines[["top", "left", "right"]].set_visible(False)


def _foot(synthesis: Synthesis) -> str:
    said = ["Un niveau « - » (non testé ou inférieur au niveau 1) compte pour 0."]
    if not synthesis.with_roster:
        said.append("Sans liste d’élèves, qui n’a pas passé la certification n’est pas connu.")
    elif synthesis.total.hors_liste:
        said.append(f"Élèves hors de la liste, comptés à part : {synthesis.total.hors_liste}.")
    more = len(synthesis.divisions) - MAX_CLASSES
    if more > 0:
        said.append(f"{more} autres classes : feuille « Synthèse » de « Résultats Pix.xlsx ».")
    return typeset(" ".join(said))


def _name(division: str) -> str:
    name = division or "Sans classe"
    return name if len(name) <= 16 else name[:15] + "…"
