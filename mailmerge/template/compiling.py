"""A template made ready: fields translated, tags understood, every part compiled once."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE as REL
from docx.opc.part import Part, XmlPart
from docxtpl import DocxTemplate
from jinja2 import meta
from jinja2.exceptions import TemplateSyntaxError
from lxml import etree

from mailmerge.errors import TemplateError
from mailmerge.template import context
from mailmerge.template.fields import strip_mail_merge, translate_fields
from mailmerge.template.findings import Finding
from mailmerge.template.opening import TemplateFile
from mailmerge.template.sandbox import Fragment, TemplateEnvironment
from mailmerge.template.tags import normalise_tags
from mailmerge.template.vocabulary import Vocabulary
from mailmerge.template.wordxml import PARSER, W14, qn

_HEADERS = (REL.HEADER, REL.FOOTER)
_NOTES = (REL.FOOTNOTES, REL.ENDNOTES)
_LABELS = {
    REL.HEADER: "en-tête",
    REL.FOOTER: "pied de page",
    REL.FOOTNOTES: "note de bas de page",
    REL.ENDNOTES: "note de fin",
}
BODY_LABEL = "corps du document"


@dataclass(frozen=True)
class CompiledTemplate:
    """All that is needed to print any number of pupils.

    Attributes:
        file: the template itself; each class document starts from a fresh copy of it.
        body: the body without its last section's properties.
        headers: compiled headers and footers that hold tags, by part name.
        notes: compiled footnotes and endnotes, by part name.
        names: the tags used anywhere (top names: ``nom``, ``etablissement``, ``c_1_1``…).
        for_class: printed once for a class (a list) rather than once a pupil.
    """

    file: TemplateFile
    body: Fragment
    headers: Mapping[str, Fragment] = field(default_factory=dict)
    notes: Mapping[str, Fragment] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    for_class: bool = False

    def uses(self, *names: str) -> bool:
        """Whether any of these tags is on the page."""
        return not self.names.isdisjoint(names)


@dataclass(frozen=True)
class StoryPart:
    """One part of the document that people type in."""

    part: Part
    root: Any
    label: str
    kind: str


def prepare(document: WordDocument, names: Vocabulary) -> tuple[list[StoryPart], list[Finding]]:
    """Translate fields and mend tags in every part of ``document``, in place.

    Returns the parts in reading order and everything that is wrong or odd with them.
    """
    findings: list[Finding] = []
    strip_mail_merge(document.settings.element)
    stories = list(_stories(document))
    for story in stories:
        _forget_noise(story.root)
        findings += translate_fields(story.root, names, story.label)
        findings += normalise_tags(story.root, names, story.label)
    return stories, findings


def compile_template(file: TemplateFile, headers: Iterable[str] = ()) -> CompiledTemplate:
    """Compile ``file`` for a table with these column headers.

    Raises:
        TemplateError: unknown or unclosed tags (all named at once), or refused constructs.
    """
    names = context.vocabulary(headers)
    document = file.open()
    stories, findings = prepare(document, names)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        lines = "".join(f"\n  • {finding.where} : {finding.message}" for finding in errors)
        raise TemplateError(
            f"Le modèle « {file.name} » est à corriger avant de produire les attestations :{lines}",
            source=file.name,
        )
    return _compile(file, stories)


def _compile(file: TemplateFile, stories: list[StoryPart]) -> CompiledTemplate:
    environment = TemplateEnvironment()
    patch = DocxTemplate(None).patch_xml
    used: set[str] = set()
    body: Fragment | None = None
    by_kind: dict[str, dict[str, Fragment]] = {"header": {}, "notes": {}}
    for story in stories:
        source = patch(_source(story))
        names = _names(environment, source, file.name)
        fragment = Fragment(environment, source, file.name)
        used |= names
        if story.kind == "body":
            body = fragment
        elif story.kind == "notes" or "{{" in source or "{%" in source:
            by_kind[story.kind][str(story.part.partname)] = fragment
    if body is None:  # open_template has seen a body
        raise TemplateError(f"Le modèle « {file.name} » est vide.", source=file.name)
    return CompiledTemplate(
        file=file,
        body=body,
        headers=by_kind["header"],
        notes=by_kind["notes"],
        names=frozenset(used),
        for_class=_is_for_class(file, used),
    )


def _is_for_class(file: TemplateFile, used: set[str]) -> bool:
    per_pupil = not context.PUPIL_NAMES.isdisjoint(used)
    if "eleves" in used and per_pupil:
        raise TemplateError(
            f"Le modèle « {file.name} » mélange une liste de classe (eleves) et des balises d’un "
            "seul élève. Faites deux modèles.",
            source=file.name,
        )
    return "eleves" in used


def _stories(document: WordDocument) -> Iterator[StoryPart]:
    main = document.part
    yield StoryPart(main, document.element.body, BODY_LABEL, "body")
    for relation in main.rels.values():
        if relation.reltype in (*_HEADERS, *_NOTES) and not relation.is_external:
            part = relation.target_part
            kind = "header" if relation.reltype in _HEADERS else "notes"
            yield StoryPart(part, part_root(part), _LABELS[relation.reltype], kind)


def part_root(part: Part) -> Any:
    """The XML of a part, whether python-docx knows its kind or not."""
    return part.element if isinstance(part, XmlPart) else etree.fromstring(part.blob, PARSER)


def _source(story: StoryPart) -> str:
    """The part as text; the body without the properties of its last section."""
    root = story.root
    if story.kind == "body":
        root = copy.deepcopy(root)
        for section in root.findall(qn("w:sectPr")):
            root.remove(section)
    return str(etree.tostring(root, encoding="unicode"))


def _names(environment: TemplateEnvironment, source: str, name: str) -> set[str]:
    try:
        return set(meta.find_undeclared_variables(environment.parse(source)))
    except TemplateSyntaxError as error:
        raise TemplateError(
            f"Le modèle « {name} » ne peut pas être utilisé : une balise est mal écrite "
            f"({error.message}).",
            source=name,
        ) from error


def _forget_noise(root: Any) -> None:
    """Drop what must not be repeated for each pupil and prints nothing.

    Comments, proofing marks, Word's paragraph identities, identities and data links of content
    controls (the link would put back the template's own text).
    """
    for tag in ("commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef",
                "proofErr", "lastRenderedPageBreak"):  # fmt: skip
        for element in list(root.iter(qn(f"w:{tag}"))):
            element.getparent().remove(element)
    for properties in root.iter(qn("w:sdtPr")):
        for tag in ("id", "dataBinding"):
            for element in properties.findall(qn(f"w:{tag}")):
                properties.remove(element)
    for element in root.iter(qn("w:p"), qn("w:tr")):
        for attribute in ("paraId", "textId"):
            element.attrib.pop(f"{{{W14}}}{attribute}", None)
