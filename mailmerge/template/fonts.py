"""The fonts a template asks for, and a probe that shows what an engine gives in their place."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator, Sequence
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.part import Part

from mailmerge.template.compiling import StoryPart
from mailmerge.template.opening import TemplateFile
from mailmerge.template.wordxml import NAMESPACES, part_root, qn

PROBE = "Attestation né(e) 2026"  # letters that every text font has
_THEMED = qn("w:asciiTheme")


def asked_fonts(document: WordDocument, stories: Sequence[StoryPart]) -> list[str]:
    """The fonts that the text of the template is set in, in the order of reading.

    A run's own font, else its style's, else its paragraph's style's, else the document's own.
    """
    styles = _Styles(document)
    found: dict[str, None] = {}
    for story in stories:
        for run in story.root.iter(qn("w:r")):
            if any((text.text or "").strip() for text in run.iter(qn("w:t"))):
                font = styles.font_of(run)
                if font:
                    found[font] = None
    return list(found)


def font_probe(file: TemplateFile, fonts: Sequence[str]) -> bytes:
    """A Word document with one page in each of ``fonts``, with the fonts that ``file`` embeds."""
    document = file.open()
    body: Any = document.element.body
    section = body.find(qn("w:sectPr"))
    kept = copy.deepcopy(section) if section is not None else None
    for element in list(body):
        body.remove(element)
    for rank, font in enumerate(fonts):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.page_break_before = rank > 0
        run: Any = paragraph.add_run(PROBE)._r
        names = run.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
            names.set(qn(f"w:{kind}"), font)
    if kept is not None:
        for reference in kept.findall(qn("w:headerReference")):
            kept.remove(reference)
        for reference in kept.findall(qn("w:footerReference")):
            kept.remove(reference)
        body.append(kept)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


class _Styles:
    """Which font a style gives."""

    def __init__(self, document: WordDocument) -> None:
        root: Any = document.styles.element
        self._theme = _theme_fonts(document.part)
        self._by_id = {style.get(qn("w:styleId"), ""): style for style in root.iter(qn("w:style"))}
        self._default = root.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
        self._normal = next(
            (
                name
                for name, style in self._by_id.items()
                if style.get(qn("w:default")) == "1" and style.get(qn("w:type")) == "paragraph"
            ),
            "",
        )

    def font_of(self, run: Any) -> str | None:
        """The font of a run, or None where nothing says it."""
        return next(filter(None, map(self._font, self._properties(run))), None)

    def _properties(self, run: Any) -> Iterator[Any]:
        yield run.find(qn("w:rPr"))
        yield from self._chain(run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}"))
        paragraph = next(run.iterancestors(qn("w:p")), None)
        named = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}") if paragraph is not None else None
        yield from self._chain(named, self._normal)
        yield self._default

    def _chain(self, named: Any, default: str = "") -> Iterator[Any]:
        name = named.get(qn("w:val"), "") if named is not None else default
        seen: set[str] = set()
        while name in self._by_id and name not in seen:
            seen.add(name)
            style = self._by_id[name]
            yield style.find(qn("w:rPr"))
            based = style.find(qn("w:basedOn"))
            name = based.get(qn("w:val"), "") if based is not None else ""

    def _font(self, properties: Any) -> str | None:
        fonts = None if properties is None else properties.find(qn("w:rFonts"))
        if fonts is None:
            return None
        themed = fonts.get(_THEMED)
        if themed:
            return self._theme.get("major" if themed.startswith("major") else "minor")
        name = fonts.get(qn("w:ascii"))
        return str(name) if name else None


def _theme_fonts(part: Part) -> dict[str, str]:
    """``major`` and ``minor`` fonts of the document's theme."""
    for relation in part.rels.values():
        if relation.reltype.endswith("/theme") and not relation.is_external:
            root = part_root(relation.target_part)
            fonts = {}
            for kind in ("major", "minor"):
                latin = root.find(f".//a:{kind}Font/a:latin", NAMESPACES)
                if latin is not None and latin.get("typeface"):
                    fonts[kind] = str(latin.get("typeface"))
            return fonts
    return {}
