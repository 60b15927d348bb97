"""Word's own mail-merge fields made into tags: MERGEFIELD, IF, MERGEREC, MERGESEQ.

A value is printed as its tag prints it: a date without ``\\@`` is ``14/03/2011`` here, where Word
prints ``3/14/2011`` for a real date of Excel. Formatting is the field's. Sources: ECMA-376 part 1,
17.16.5. Fields that ask, skip, fetch or write letters' openings are refused by name; the ones that
the engine fills in (PAGE, DATE, TOC …) are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mailmerge.template.findings import Finding, Findings
from mailmerge.template.language.characters import literal
from mailmerge.template.language.conditions import drop, end_of, formatting, write_condition
from mailmerge.template.language.fieldcodes import (
    Argument,
    Field,
    NestedTooDeepError,
    arguments,
    atoms,
    first_result,
    read_fields,
)
from mailmerge.template.language.tokens import unknown_name
from mailmerge.template.language.vocabulary import Names
from mailmerge.template.language.wording import short
from mailmerge.template.runs import (
    Element,
    SpansStructureError,
    T,
    accept_revisions,
    check_joinable,
    remove_between,
    stories,
    text_run,
    w,
)

_REMEDIES: Final = {
    "SKIPIF": "choisissez les élèves avec --class ou --pupil",
    "NEXT": "chaque élève a déjà sa page",
    "NEXTIF": "chaque élève a déjà sa page",
    "ASK": "écrivez le texte dans le modèle",
    "FILLIN": "écrivez le texte dans le modèle",
    "SET": "écrivez le texte à sa place",
    "INCLUDETEXT": "collez le texte dans le modèle",
    "INCLUDEPICTURE": "collez l’image dans le modèle",
    "INCLUDE": "collez le texte dans le modèle",
    "IMPORT": "collez l’image dans le modèle",
    "DATABASE": "collez le tableau dans le modèle",
    "LINK": "collez le contenu dans le modèle",
    "DDE": "collez le contenu dans le modèle",
    "DDEAUTO": "collez le contenu dans le modèle",
    "STYLEREF": "écrivez à sa place la balise voulue, {{ nom }} par exemple",
    "ADDRESSBLOCK": "utilisez les champs un par un",
    "GREETINGLINE": "utilisez un champ SI (IF) ou les champs un par un",
}
# Fields whose value depends on the pupil: in a class's document the engines would count them all.
_VALUES: Final = {
    "MERGEREC": "rang",
    "MERGESEQ": "rang",
    "NUMPAGES": "nombre_de_pages",
    "SECTIONPAGES": "nombre_de_pages",
}
_MERGE: Final = frozenset({"MERGEFIELD", "IF", *_VALUES})
_CASES: Final = {
    "UPPER": "majuscules",
    "LOWER": "minuscules",
    "FIRSTCAP": "premiere_majuscule",
    "CAPS": "capitales",
}
_FORMATS: Final = {"MERGEFORMAT", "CHARFORMAT"}
_OPERATORS: Final = {"=", "<>", "<", "<=", ">", ">="}


def translate_fields(root: Element, names: Names, label: str | None = None) -> list[Finding]:
    """Put tags in the place of one part's mail-merge fields; say which ones can't be translated.

    Args:
        root: the part: ``w:document``, ``w:hdr``, ``w:ftr``, ``w:footnotes``, ``w:endnotes``.
        names: what names mean.
        label: what to call the part in messages; by default derived from ``root``.
    """
    accept_revisions(root)
    translator = _Translator(Findings(root, label), names)
    for story in stories(root):
        try:
            fields, unclosed = read_fields(story)
        except NestedTooDeepError:
            message = (
                "Trop de champs de Word sont imbriqués les uns dans les autres : simplifiez-les."
            )
            translator.findings.add("champ-imbrique", message, story)
            continue
        for begin in unclosed:
            message = (
                "Un champ de Word est commencé mais pas terminé : "
                "supprimez-le et insérez-le à nouveau."
            )
            translator.findings.add("champ-non-ferme", message, begin)
        for found in fields:
            translator.translate(found)
    return translator.findings.all()


def strip_mail_merge(settings: Element) -> set[str]:
    """Forget the data source and the attached template of ``word/settings.xml``.

    They name files of somebody's computer, and Word would ask for them.

    Returns:
        The ids of the relations that nothing refers to any more.
    """
    relations: set[str] = set()
    for element in list(settings.iter(w("mailMerge"), w("attachedTemplate"))):
        for inner in element.iter():
            relations |= {str(v) for k, v in inner.attrib.items() if "relationships" in str(k)}
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return relations


class _Translator:
    def __init__(self, findings: Findings, names: Names) -> None:
        self.findings, self._names = findings, names

    def translate(self, found: Field) -> None:
        """Translate a field in place, and the ones inside it."""
        words = arguments(atoms(found.code))
        keyword = _keyword(words)
        if keyword == "IF":
            self._condition(found, words)
        elif keyword in _MERGE:
            expression = self._expression(found)
            if expression:
                self._put(found, f"{{{{ {expression} }}}}", words)
        elif keyword == "SEQ":
            _freeze(found)
        elif keyword in _REMEDIES or any(map(_merges, found.inner())):
            self._refuse(found, keyword)
        else:
            for shown in found.shown():
                self.translate(shown)

    # --- values ------------------------------------------------------------------------------

    def _expression(self, found: Field) -> str | None:
        """A field inside a field, or alone, as an expression of the template language."""
        words = arguments(atoms(found.code))
        keyword = _keyword(words)
        if keyword == "MERGEFIELD":
            return self._merge_field(found, words[1:])
        if keyword in _VALUES and self._names.resolve(_VALUES[keyword]):
            return self._names.resolve(_VALUES[keyword])
        if keyword == "IF":
            parts = self._parts(found, words)
            if parts is None:
                return None
            test, yes, no = parts
            chosen = self._text(yes), self._text(no) if no else "''"
            return f"({chosen[0]} if {test} else {chosen[1]})" if all(chosen) and test else None
        self._refuse(found, keyword)
        return None

    def _merge_field(self, found: Field, words: Sequence[Argument]) -> str | None:
        first_switch = next((i for i, a in enumerate(words) if a.kind == "switch"), len(words))
        written = " ".join(argument.text for argument in words[:first_switch])
        tag = self._names.resolve(written)
        if tag is None and first_switch > 1 and not words[0].quoted:
            tag = self._names.resolve(words[0].text)  # Word reads the first word only
        if tag is None:
            problem = unknown_name(written, self._names, "Le champ")
            self.findings.add(problem.code, problem.message, found.begin, _shown(found))
            return None
        return self._switched(tag, found, words[first_switch:])

    def _switched(self, tag: str, found: Field, words: Sequence[Argument]) -> str | None:
        pictures, cases, around = [], [], []
        for switch, rest in _switches(words):
            value = " ".join(argument.text for argument in rest)
            if switch in "@#":
                pictures.append(f"|{'date' if switch == '@' else 'nombre'}({literal(value)})")
            elif switch == "*":
                cases += self._case(value, found)
            elif switch in "bf":
                text = self._text(rest[0]) if rest else "''"
                if text is None:
                    return None
                around.append(f"|{'avant' if switch == 'b' else 'apres'}({text})")
        return tag + "".join(pictures + cases + around)

    def _case(self, value: str, found: Field) -> list[str]:
        name = value.upper()
        if name in _CASES:
            return [f"|{_CASES[name]}"]
        if name not in _FORMATS:
            message = (
                f"Le format « \\* {short(value)} » d’un champ n’est pas pris en charge : "
                "la valeur sera imprimée telle quelle."
            )
            self.findings.add("format-ignore", message, found.begin, _shown(found), "warning")
        return []

    def _text(self, argument: Argument) -> str | None:
        """An argument as an expression; None when a field inside it can't be one."""
        pieces: list[str] = []
        text = ""
        for atom in argument.inside:
            if atom.nested is None:
                text += atom.text
                continue
            pieces += [literal(text)] if text else []
            text = ""
            expression = self._expression(atom.nested)
            if expression is None:
                return None
            pieces.append(expression)
        pieces += [literal(text)] if text or not pieces else []
        return " ~ ".join(pieces) if len(pieces) == 1 else f"({' ~ '.join(pieces)})"

    # --- IF ----------------------------------------------------------------------------------

    def _parts(
        self, found: Field, words: Sequence[Argument]
    ) -> tuple[str | None, Argument, Argument | None] | None:
        """The test, what to print when it holds, and when it does not; None when it is no IF."""
        plain = _without_switches(words[1:])
        kinds = [argument.kind for argument in plain]
        wanted = ["word", "operator", *["word"] * 3][: max(len(plain), 4)]
        if kinds == wanted and plain[1].text in _OPERATORS:
            left, right = self._text(plain[0]), self._text(plain[2])
            test = f"{left}|comparer({literal(plain[1].text)}, {right})" if left and right else None
            return test, plain[3], plain[4] if len(plain) == 5 else None
        message = (
            "Le champ SI (IF) n’est pas lisible : il s’écrit "
            'IF valeur = "texte" "si oui" "si non", '
            "avec des guillemets autour de chaque texte."
        )
        if "operator" not in kinds:
            message = (
                "Le champ SI (IF) n’a pas de comparaison. LibreOffice les efface quand il "
                "enregistre : repartez du modèle d’avant et modifiez-le dans Word, ou écrivez une "
                "balise {% if … %} à la place du champ."
            )
        self.findings.add("champ-illisible", message, found.begin, _shown(found))
        return None

    def _condition(self, found: Field, words: Sequence[Argument]) -> None:
        parts = self._parts(found, words)
        if parts is None:
            return
        test, yes, no = parts
        branches = [yes, no] if no else [yes]
        nested = [a.nested for b in branches for a in b.inside if a.nested is not None]
        if test is not None:
            try:
                write_condition(found, test, branches)
            except SpansStructureError:
                message = (
                    "Un champ SI (IF) est à cheval sur plusieurs cellules ou sections : "
                    "gardez-le dans une seule cellule, ou dans des paragraphes qui se suivent."
                )
                self.findings.add("champ-a-cheval", message, found.begin, _shown(found))
        for inner in nested:
            self.translate(inner)

    # --- changes -----------------------------------------------------------------------------

    def _put(self, found: Field, tag: str, words: Sequence[Argument]) -> None:
        """Write a tag in the place of a field."""
        run = text_run(tag, formatting(found, words))
        try:
            check_joinable(found.begin, end_of(found))
        except SpansStructureError:
            message = (
                "Un champ est à cheval sur plusieurs cellules ou sections : "
                "supprimez-le et insérez-le à nouveau."
            )
            self.findings.add("champ-a-cheval", message, found.begin, _shown(found))
            return
        found.begin.addprevious(run)
        remove_between(run, end_of(found))
        drop(end_of(found))

    def _refuse(self, found: Field, keyword: str) -> None:
        remedy = _REMEDIES.get(keyword, "utilisez le champ de fusion directement dans le texte")
        message = (
            f"Le champ {short(keyword) or 'vide'} de Word n’est pas pris en charge : {remedy}."
        )
        self.findings.add("champ-refuse", message, found.begin, _shown(found))


def _freeze(found: Field) -> None:
    """Keep a field's stored result alone: LibreOffice would go on counting over all pupils."""
    if found.separate is None or found.separate.getparent() is not found.begin.getparent():
        return
    remove_between(found.begin, found.separate)
    for mark in (found.begin, found.separate, end_of(found)):
        drop(mark)


def _keyword(words: Sequence[Argument]) -> str:
    """The name of a field, in capitals: ``MERGEFIELD``, ``IF``, ``=``."""
    return words[0].text.upper() if words else ""


def _merges(found: Field) -> bool:
    """Whether a field, or one inside its code, takes something from the data."""
    return _keyword(arguments(atoms(found.code))) in _MERGE or any(map(_merges, found.inner()))


def _switches(words: Sequence[Argument]) -> Iterator[tuple[str, list[Argument]]]:
    """Each switch, by its letter or sign, with the words that follow it."""
    starts = [i for i, argument in enumerate(words) if argument.kind == "switch"]
    for start, stop in zip(starts, [*starts[1:], len(words)], strict=False):
        yield words[start].text[1:].lower(), list(words[start + 1 : stop])


def _without_switches(words: Sequence[Argument]) -> list[Argument]:
    switches = {i for i, argument in enumerate(words) if argument.kind == "switch"}
    return [a for i, a in enumerate(words) if i not in switches and i - 1 not in switches]


def _shown(found: Field) -> str:
    """The result last shown, to be found in its paragraph."""
    run = first_result(found)
    return "".join(t.text or "" for t in run.iter(T)) if run is not None else ""
