"""2. Consultation: classes, pupils ticked or greyed, one certification in full."""

from __future__ import annotations

from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailmerge import columns
from mailmerge.referential import DOMAINES
from mailmerge.results.table import Statut
from mailmerge.text import fold
from mailmerge.web.desk import Person, View
from mailmerge.web.forms import Form, action
from mailmerge.web.rendering import answer, page
from mailmerge.web.sending import send_file

PER_PAGE = 60


class Wanted(NamedTuple):
    """What the list is narrowed to."""

    division: str = ""
    statut: str = ""
    text: str = ""


def show(request: Request) -> Response:
    """The list."""
    site = request.app.state.site
    view: View = site.desk.view()
    wanted = _wanted(request)
    found = _found(view, wanted)
    number = _page_number(request, len(found))
    picked = site.picks.selection(view)
    return page(
        request,
        "consultation.html",
        view=view,
        wanted=wanted,
        search=request.query_params.get("r", ""),
        division=view.division(wanted.division),
        found=len(found),
        people=found[number * PER_PAGE : (number + 1) * PER_PAGE],
        number=number,
        picked=picked,
        ticked=picked.keys,
        pages=-(-len(found) // PER_PAGE),
        made=_made(site, found[number * PER_PAGE : (number + 1) * PER_PAGE]),
    )


def search(request: Request, form: Form) -> Response:
    """Look for a name: what was typed stays here, out of the address and the history."""
    statut = form.text("statut")
    wanted = Wanted(
        form.text("classe"),
        statut if statut in tuple(Statut) else "",
        form.text("texte")[:100],
    )
    if not any(wanted):
        return answer(request, "/consultation")
    if not wanted.text and not wanted.statut:
        return answer(request, f"/consultation?classe={wanted.division}#liste")
    name = request.app.state.site.sayings.keep(wanted)
    return answer(request, f"/consultation?r={name}#liste")


def show_one(request: Request) -> Response:
    """One certification in full."""
    site = request.app.state.site
    view = site.desk.view()
    person = _person(view, request)
    division = next(d for d in view.divisions if d.name == person.pupil.division)
    near = [p.key for p in division.people]
    rank = near.index(person.key)
    assert view.results is not None  # noqa: S101 - there is a pupil
    table = view.results.table
    return page(
        request,
        "eleve.html",
        person=person,
        division=division,
        facts=_facts(person),
        levels={c.code: person.row.get(c.code, "-") for d in DOMAINES for c in d.competences},
        others=[dict(table.iloc[row]) for row in person.pupil.others],
        before=near[rank - 1] if rank else None,
        after=near[rank + 1] if rank + 1 < len(near) else None,
        made=bool(_made(site, [person])),
        columns=columns,
    )


def attestation(request: Request) -> Response:
    """A pupil's attestation."""
    site = request.app.state.site
    person = _person(site.desk.view(), request)
    if person.file is None:
        raise HTTPException(404)
    return send_file(site.project.output / person.file, inline=True)


def _facts(person: Person) -> list[tuple[str, str]]:
    """What there is to say about a certification, in LSU's order; empty things left out."""
    row = {**dict.fromkeys(columns.WORKBOOK_COLUMNS, ""), **person.row}
    wanted = (
        ("Classe", person.pupil.division or "Sans classe"),
        ("Né(e) le", _text(row[columns.DATE_NAISSANCE])),
        ("À", _text(row[columns.LIEU_NAISSANCE])),
        ("Passée le", _text(row[columns.DATE_PASSAGE])),
        ("Niveau", _text(row[columns.NIVEAU])),
        ("Centre", _text(row[columns.CENTRE])),
        ("Session", _text(row[columns.SESSION])),
        ("Certification", _text(row[columns.TYPE])),
        ("Numéro", person.numero),
        ("Commentaire du jury", _text(row[columns.COMMENTAIRE])),
    )
    return [(label, value) for label, value in wanted if value not in ("", "-")]


def _text(value: object) -> str:
    return f"{value:%d/%m/%Y}" if hasattr(value, "strftime") else str(value or "")


def _wanted(request: Request) -> Wanted:
    kept = request.app.state.site.sayings.get(request.query_params.get("r", ""))
    if isinstance(kept, Wanted):
        return kept
    return Wanted(division=request.query_params.get("classe", ""))


def _found(view: View, wanted: Wanted) -> list[Person]:
    division = view.division(wanted.division)
    people = division.people if division else view.people
    words = fold(wanted.text)
    return [
        person
        for person in people
        if (not wanted.statut or person.pupil.statut == wanted.statut) and words in person.folded
    ]


def _page_number(request: Request, found: int) -> int:
    given = request.query_params.get("page", "1")
    last = max(0, (found - 1) // PER_PAGE)
    return min(max(int(given) - 1, 0), last) if given.isdecimal() and len(given) < 9 else 0


def _made(site: object, people: list[Person]) -> set[str]:
    """Those whose attestation is in the output folder."""
    output = site.project.output  # type: ignore[attr-defined]
    return {person.key for person in people if person.file and (output / person.file).is_file()}


def _person(view: View, request: Request) -> Person:
    person = view.by_key.get(request.path_params["key"])
    if person is None:
        raise HTTPException(404)
    return person


ROUTES = [
    Route("/consultation", show),
    action("/consultation", search),
    Route("/consultation/eleve/{key}", show_one),
    Route("/consultation/attestation/{key}.pdf", attestation),
]
