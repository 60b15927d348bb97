"""Word's IF field written as ``{% if %}`` … ``{% endif %}`` around the texts in its code."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from mailmerge.template.language.fieldcodes import (
    Argument,
    Atom,
    Field,
    atoms,
    first_result,
    is_text,
    properties_of,
)
from mailmerge.template.runs import (
    Element,
    SpansStructureError,
    check_joinable,
    remove_between,
    text_run,
)


def write_condition(found: Field, test: str, branches: Sequence[Argument]) -> None:
    """Put ``{% if %}``, ``{% else %}``, ``{% endif %}`` around the texts in a field's code.

    The three marks end up in neighbouring paragraphs at most, so that whichever branch is left out,
    Word's structure stays whole.
    """
    code = branches[0].atoms
    bounds = [found.begin]
    for branch in branches:
        bounds += [_first(code[branch.start]), _last(code[branch.end - 1])]
    bounds.append(end_of(found))
    for first, last in pairwise(bounds):
        check_joinable(first, last)
    default = formatting(found, ())
    previous = found.begin
    for mark, branch in zip((f"{{% if {test} %}}", "{% else %}"), branches, strict=False):
        opening, closing = text_run(mark), text_run("")
        _first(code[branch.start]).addprevious(opening)
        _write_branch(branch, default)
        final = code[branch.end - 1]
        if final.nested is not None:
            end_of(final.nested).addnext(closing)
        else:
            _first(final).addprevious(closing)
        remove_between(previous, opening)
        drop(previous)
        previous = closing
    ending = text_run("{% endif %}")
    end_of(found).addnext(ending)
    remove_between(previous, ending)
    drop(previous)


def _write_branch(branch: Argument, default: Element | None) -> None:
    """Write a branch's characters as text, each before the run of code that holds it.

    The run that holds the branch's end stays: what follows is placed by it, and removes it.
    """
    for run, text in _pieces(branch).items():
        if is_text(run):
            properties = properties_of(run)
            run.addprevious(text_run(text, default if properties is None else properties))
    needed = {atom.run for atom in branch.atoms[branch.end - 1 :]}
    written = {a.run: a for a in branch.atoms[branch.start : branch.end - 1] if a.nested is None}
    for done in written:
        if done is not None and done not in needed and is_text(done):
            drop(done)


def _pieces(branch: Argument) -> dict[Element, str]:
    """The characters that each run of code gives to a branch."""
    pieces: dict[Element, str] = {}
    for atom in branch.inside:
        if atom.run is not None and atom.nested is None:
            pieces[atom.run] = pieces.get(atom.run, "") + atom.text
    return pieces


def _first(atom: Atom) -> Element:
    """The run where an atom begins."""
    run = atom.nested.begin if atom.nested is not None else atom.run
    if run is None:
        raise SpansStructureError
    return run


def _last(atom: Atom) -> Element:
    """The run where an atom ends."""
    return end_of(atom.nested) if atom.nested is not None else _first(atom)


def end_of(found: Field) -> Element:
    """The run that ends a field."""
    if found.end is None:
        raise SpansStructureError
    return found.end


def drop(run: Element) -> None:
    """Take a run out of its paragraph."""
    parent = run.getparent()
    if parent is not None:
        parent.remove(run)


def formatting(found: Field, words: Sequence[Argument]) -> Element | None:
    """The formatting a field prints with.

    With ``\\* MERGEFORMAT`` the one of the result last shown; else, as Word does, the one of the
    first letter of the field's code. Where that has none, the result's: the template shows it so.
    """
    code = next((a.run for a in atoms(found.code) if a.run is not None and a.text.strip()), None)
    result = properties_of(first_result(found))
    if result is not None and any(a.text.upper() == "MERGEFORMAT" for a in words):
        return result
    of_code = properties_of(code)
    return result if of_code is None else of_code
