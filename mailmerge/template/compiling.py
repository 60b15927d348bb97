"""A template made ready: fields translated, tags understood, every part compiled once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE as REL
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docxtpl import DocxTemplate
from lxml import etree

from mailmerge.errors import TemplateError
from mailmerge.template import context, marking
from mailmerge.template.findings import Finding
from mailmerge.template.language.fields import translate_fields
from mailmerge.template.language.sandbox import Fragment, TemplateEnvironment
from mailmerge.template.language.tags import normalise_tags
from mailmerge.template.language.vocabulary import Vocabulary
from mailmerge.template.notes import store_root, typed_notes
from mailmerge.template.numbering import Lists
from mailmerge.template.opening import TemplateFile
from mailmerge.template.packing import pack
from mailmerge.template.sections import close, make_repeatable, restart_notes
from mailmerge.template.tidying import refusals, tidy, tidy_document
from mailmerge.template.wordxml import NAMESPACES, part_root, qn

BODY_LABEL = "corps du document"
_KINDS = {
    REL.HEADER: ("header", "en-tête"),
    REL.FOOTER: ("header", "pied de page"),
    REL.FOOTNOTES: ("notes", "note de bas de page"),
    REL.ENDNOTES: ("endnotes", "note de fin"),
}
_PICTURES = frozenset({"signature", "logo", "qr"})


@dataclass(frozen=True)
class CompiledTemplate:
    """All that is needed to print any number of pupils.

    Attributes:
        file: the template itself.
        skeleton: the document with an empty body; each class document starts from it.
        body: one pupil's body.
        headers: headers and footers that hold tags, by relation.
        notes: footnotes, by id.
        names: the tags used anywhere (top names: ``nom``, ``etablissement``, ``c_1_1``…).
        for_class: printed once for a class (a list) rather than once a pupil.
    """

    file: TemplateFile
    skeleton: bytes
    body: Fragment
    headers: Mapping[str, Fragment] = field(default_factory=dict)
    notes: Mapping[str, Fragment] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    for_class: bool = False

    def uses(self, *names: str) -> bool:
        """Whether any of these tags is on the page."""
        return not self.names.isdisjoint(names)

    @property
    def alone(self) -> bool:
        """Whether each pupil must be converted apart: no engine but Word restarts footnotes."""
        return bool(self.notes) and not self.for_class


@dataclass(frozen=True)
class StoryPart:
    """One part of the document that people type in.

    Attributes:
        part: python-docx's part.
        root: its XML.
        label: what messages call it.
        kind: ``body``, ``header`` (footers too), ``notes`` or ``endnotes``.
        relation: the id that the main document knows it by.
    """

    part: Part
    root: Any
    label: str
    kind: str
    relation: str = ""


def prepare(document: WordDocument, names: Vocabulary) -> tuple[list[StoryPart], list[Finding]]:
    """Tidy, translate fields and mend tags in every part of ``document``, in place.

    Returns the parts in reading order and everything that is wrong or odd with them.
    """
    findings: list[Finding] = []
    tidy_document(document)
    stories = list(_stories(document))
    for story in stories:
        tidy(story.root)
        findings += translate_fields(story.root, names, story.label)
        findings += normalise_tags(story.root, names, story.label)
        findings += refusals(story.root, story.label, _links_with_tags(story.part))
    return stories, findings


def compile_template(file: TemplateFile, headers: Iterable[str] = ()) -> CompiledTemplate:
    """Compile ``file`` for a table with these column headers.

    Raises:
        TemplateError: unknown or unclosed tags (all named at once), or refused constructs.
    """
    document = file.open()
    stories, findings = prepare(document, context.vocabulary(headers))
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        lines = "".join(f"\n  • {finding.where} : {finding.message}" for finding in errors)
        raise TemplateError(
            f"Le modèle « {file.name} » est à corriger avant de produire les attestations :{lines}",
            source=file.name,
        )
    return _Compiler(file, document, stories).compile()


def check_identity(template: CompiledTemplate) -> None:
    """Refuse a template whose pages could not be told apart.

    Raises:
        TemplateError: it prints neither the pupil's name nor the certification number.
    """
    if not (template.for_class or template.uses("nom", "numero")):
        name = template.file.name
        raise TemplateError(
            f"Le modèle « {name} » n’imprime ni le nom de l’élève ni le numéro de "
            "certification : rien ne permettrait de vérifier que chaque page est la bonne. "
            "Ajoutez {{ nom }}.",
            source=name,
        )


class _Compiler:
    def __init__(
        self, file: TemplateFile, document: WordDocument, stories: list[StoryPart]
    ) -> None:
        self._file = file
        self._name = file.name
        self._document = document
        self._body = stories[0].root
        self._stories = stories[1:]
        self._environment = TemplateEnvironment()
        self._patch = DocxTemplate(None).patch_xml

    def compile(self) -> CompiledTemplate:
        headers = {s.relation: s.root for s in self._stories if s.kind == "header" and _tagged(s)}
        notes = self._mark(headers)
        fragments = [self._fragment(part) for part in (self._body, *headers.values())]
        note_fragments = {identity: self._fragment(note) for identity, note in notes.items()}
        if any(not _PICTURES.isdisjoint(note.names) for note in note_fragments.values()):
            raise self._refused("une image (signature, logo, QR code) est dans une note")
        every = [*fragments, *note_fragments.values()]
        used = frozenset(name for part in every for name in part.names if not name.startswith("_"))
        return CompiledTemplate(
            file=self._file,
            skeleton=self._skeleton(),
            body=fragments[0],
            headers=dict(zip(headers, fragments[1:], strict=True)),
            notes=note_fragments,
            names=used,
            for_class=self._is_for_class(used),
        )

    def _mark(self, headers: Mapping[str, Any]) -> dict[str, Any]:
        """Write our own tags; returns the footnotes that are called, by id."""
        body, lists = self._body, Lists(self._document.part)
        make_repeatable(body, self._empty_header)
        found = {
            note.get(qn("w:id")): note
            for story in self._stories
            if story.kind == "notes"
            for note in typed_notes(story.root)
        }
        for root in (body, *headers.values(), *found.values()):
            lists.mark(root)
        marking.mark_identities([body, *headers.values()])
        marking.mark_first_page(body)
        marking.mark_headers(body, frozenset(headers))
        called = marking.mark_notes(body)
        if called:
            restart_notes(body)
        close(body, marking.UNLESS_LAST, marking.IF_LAST)
        return {identity: note for identity, note in found.items() if identity in called}

    def _fragment(self, root: Any) -> Fragment:
        source = self._patch(etree.tostring(root, encoding="unicode", with_tail=False))
        return Fragment(self._environment, source, self._name)

    def _skeleton(self) -> bytes:
        """The document without what each pupil brings."""
        for story in self._stories:
            if story.kind == "notes":
                for note in typed_notes(story.root):
                    story.root.remove(note)
                store_root(story.part, story.root)
        for child in list(self._body):
            self._body.remove(child)
        self._body.text = None
        return pack(self._document.part.package)

    def _empty_header(self, tag: str) -> str:
        """The relation of a new header (or footer) without text."""
        main = self._document.part
        is_header = tag == qn("w:headerReference")
        kind, root = (REL.HEADER, "hdr") if is_header else (REL.FOOTER, "ftr")
        word = "header" if is_header else "footer"
        number = sum(rel.reltype == kind for rel in main.rels.values())
        content_type = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{word}+xml"
        xml = f'<w:{root} xmlns:w="{NAMESPACES["w"]}"><w:p/></w:{root}>'
        name = PackURI(f"/word/{word}Vide{number}.xml")
        part = Part(name, content_type, xml.encode(), main.package)
        return str(main.relate_to(part, kind))

    def _is_for_class(self, used: frozenset[str]) -> bool:
        if "eleves" in used and not context.PUPIL_NAMES.isdisjoint(used):
            raise self._refused(
                "il mélange une liste de classe (eleves) et des balises d’un seul élève. "
                "Faites deux modèles"
            )
        return "eleves" in used

    def _refused(self, reason: str) -> TemplateError:
        return TemplateError(
            f"Le modèle « {self._name} » ne peut pas être utilisé : {reason}.", source=self._name
        )


def _stories(document: WordDocument) -> Iterator[StoryPart]:
    main = document.part
    yield StoryPart(main, document.element.body, BODY_LABEL, "body")
    for rid, relation in main.rels.items():
        if relation.reltype in _KINDS and not relation.is_external:
            kind, label = _KINDS[relation.reltype]
            part = relation.target_part
            yield StoryPart(part, part_root(part), label, kind, rid)


def _links_with_tags(part: Part) -> set[str]:
    """The ids of a part's links whose address holds a tag (Word writes ``{`` as ``%7B``)."""
    return {
        rid
        for rid, rel in part.rels.items()
        if rel.is_external and ("{{" in rel.target_ref or "%7b%7b" in rel.target_ref.casefold())
    }


def _tagged(story: StoryPart) -> bool:
    """Whether anything in a header differs from pupil to pupil."""
    text = etree.tostring(story.root, encoding="unicode")
    return "{{" in text or "{%" in text
