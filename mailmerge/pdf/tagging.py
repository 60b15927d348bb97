"""A tagged PDF made of pages from others, each with its part of their tags.

Rules: ISO 32000-1, 14.7.4 (what elements hold, and how a page leads to them) and 14.8 (tagged PDF).
"""

from __future__ import annotations

from collections.abc import Sequence

import pikepdf
from pikepdf import Array, Dictionary, Name

from mailmerge.pdf.structure import Structure, kids_of


def graft(document: pikepdf.Pdf, start: int, structure: Structure, taken: Sequence[int]) -> None:
    """Give the pages from ``start`` on, copies of the pages ``taken``, the tags that those have."""
    root = _root_of(document)
    part = document.copy_foreign(structure.cut(taken))  # knows the pages that were copied before
    root.RoleMap = part.RoleMap
    for element in part.K:
        element.P = root
        root.K.append(element)
    for rank, marks in enumerate(part.Marks, start):
        if len(marks):
            document.pages[rank].obj.StructParents = _entry(root, marks)
    links = list(part.Links)
    for link, element in zip(links[::2], links[1::2], strict=True):
        link.StructParent = _entry(root, element)
    mark = document.Root.MarkInfo
    mark.Marked = bool(mark.Marked) and structure.marked


def gather(document: pikepdf.Pdf) -> None:
    """Make of several tagged documents one whose parts they are: readers look for one root."""
    root = document.Root.get("/StructTreeRoot")
    if root is None or len(root.K) < 2:
        return
    tree = Dictionary(Type=Name.StructElem, S=Name.Document, P=root, K=root.K)
    whole = document.make_indirect(tree)
    for part in whole.K:
        part.P = whole
        if part.get("/S") == Name.Document:
            part.S = Name.Part
    root.K = Array([whole])


def redraw(
    document: pikepdf.Pdf, page: pikepdf.Object, form: pikepdf.Object, sheet: pikepdf.Object
) -> None:
    """Note in the tags that what was ``page`` is drawn by ``form`` on ``sheet`` from now on."""
    if "/StructParents" not in page:
        return
    entries = pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree)
    form.StructParents = page.StructParents
    links = [link for link in page.get("/Annots", ()) if "/StructParent" in link]
    owners = [owner for owner in entries[int(page.StructParents)] if owner is not None]
    owners += [entries[int(link.StructParent)] for link in links]
    for owner in {owner.objgen: owner for owner in owners}.values():
        own = _is_on(owner, page)
        kids = Array()
        for kid in kids_of(owner):
            if isinstance(kid, int) and own:
                kid = Dictionary(Type=Name.MCR, Pg=page, MCID=kid)
            if not isinstance(kid, int) and "/S" not in kid and _is_on(kid, page):
                kid.Pg = sheet
                if kid.Type == Name.MCR:
                    kid.Stm = form
            kids.append(kid)
        owner.K = kids
        if own:
            del owner.Pg


def _is_on(thing: pikepdf.Object, page: pikepdf.Object) -> bool:
    return "/Pg" in thing and thing.Pg.objgen == page.objgen


def _root_of(document: pikepdf.Pdf) -> pikepdf.Object:
    """The root of the tags, a new one where there is none yet."""
    if "/StructTreeRoot" not in document.Root:
        tree = Dictionary(Type=Name.StructTreeRoot, K=Array(), ParentTreeNextKey=0)
        document.Root.StructTreeRoot = root = document.make_indirect(tree)
        root.ParentTree = pikepdf.NumberTree.new(document).obj
        document.Root.MarkInfo = Dictionary(Marked=True)
    return document.Root.StructTreeRoot


def _entry(root: pikepdf.Object, owner: pikepdf.Object) -> int:
    """A new entry of the list that leads from content to its elements; returns its number."""
    number = int(root.ParentTreeNextKey)
    pikepdf.NumberTree(root.ParentTree)[number] = owner
    root.ParentTreeNextKey = number + 1
    return number
