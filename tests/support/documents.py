"""Small Word and PDF documents of a class, for tests of engines and of the verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import docx
import pikepdf
from docx.oxml import OxmlElement
from docx.oxml.ns import qn


def word_class(path: Path, pupils: Sequence[Sequence[str]]) -> Path:
    """A .docx with one page per pupil: the pupil's lines, a bookmark ``Eleve00001`` … on each."""
    document = docx.Document()
    for rank, lines in enumerate(pupils, 1):
        first = document.add_paragraph()
        first.paragraph_format.page_break_before = rank > 1
        for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
            mark = OxmlElement(tag)
            mark.set(qn("w:id"), str(rank))
            if tag == "w:bookmarkStart":
                mark.set(qn("w:name"), f"Eleve{rank:05d}")
            first._p.append(mark)
        first.add_run(lines[0])
        for line in lines[1:]:
            document.add_paragraph(line)
    document.save(str(path))
    return path


def pdf_class(
    path: Path,
    pages: Sequence[Sequence[str]],
    bookmarks: Mapping[str, int] | None = None,
    *,
    name_tree: bool = False,
) -> Path:
    """A PDF whose pages show lines of cp1252 text, with named destinations (name → page index)."""
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type1,
                BaseFont=pikepdf.Name.Helvetica,
                Encoding=pikepdf.Name.WinAnsiEncoding,
            )
        )
        for lines in pages:
            page = pdf.add_blank_page(page_size=(595, 842))
            shown = b" ".join(
                b"<" + line.encode("cp1252").hex().encode() + b"> Tj T*" for line in lines
            )
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
            page.Contents = pdf.make_stream(b"BT /F1 12 Tf 14 TL 50 700 Td " + shown + b" ET")
        places = {
            name: pikepdf.Array([pdf.pages[index].obj, pikepdf.Name.XYZ, 0, 842, 0])
            for name, index in (bookmarks or {}).items()
        }
        if name_tree:
            tree = pikepdf.NameTree.new(pdf)
            for name, place in places.items():
                tree[name] = place
            pdf.Root.Names = pikepdf.Dictionary(Dests=tree.obj)
        elif places:
            pdf.Root.Dests = pikepdf.Dictionary({f"/{n}": place for n, place in places.items()})
        pdf.save(path)
    return path
