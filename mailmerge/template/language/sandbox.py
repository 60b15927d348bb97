"""The template language, fenced in: no code, no endless loop, no flood of text.

A template comes from a stranger. Jinja's sandbox keeps it away from Python; what the sandbox
leaves open (loops in loops, huge repetitions) is refused when compiling or cut when rendering.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import StrictUndefined, Template, meta, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailmerge.errors import TemplateError
from mailmerge.template.language.comparing import compare_as_word_does
from mailmerge.template.language.filters import FILTERS

MAX_LOOP_DEPTH = 3
MAX_RANGE = 200
MAX_TEXT = 10_000  # one value
MAX_FRAGMENT = 8 * 2**20  # one pupil's XML
MAX_TURNS = 50_000  # of all loops of a part; a class sheet of 300 pupils with levels has 6,300
_TURN = "_tour"

# Jinja's own filters that people know and that can't grow a text without bound.
_USUAL_FILTERS = (
    "abs", "capitalize", "default", "d", "escape", "e", "first", "float", "int", "join", "last",
    "length", "count", "lower", "max", "min", "round", "sort", "string", "sum", "title", "trim",
    "upper",
)  # fmt: skip
_TEXT_METHODS = frozenset({"upper", "lower", "title", "capitalize", "strip"})
# Words of the template language, which no value may be called.
RESERVED = frozenset(
    {"and", "or", "not", "in", "is", "if", "else", "elif", "endif", "for", "endfor", "recursive"}
    | {"true", "false", "none", "set", "loop", "self", "range", "qr", "p", "tr", "tc", "r"}
    | {"block", "extends", "import", "from", "include", "macro", "call", "filter", "with", "print"}
    | {"context", "ignore", "missing", "without", "scoped", "required", "as", "colspan", "cellbg"}
    | {"vm", "hm"}
)
_FORBIDDEN = (
    nodes.Macro, nodes.CallBlock, nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends,
    nodes.Block, nodes.FilterBlock, nodes.AssignBlock, nodes.With,
)  # fmt: skip
# A variable made of itself twice, a few dozen times over, would fill the memory.
_FORBIDDEN_IN_SET = (nodes.Concat, nodes.List, nodes.Tuple, nodes.Dict, nodes.Add, nodes.Mul)


class Missing(StrictUndefined):
    """What a value does not have; an error as soon as it is used."""

    @property
    def _undefined_message(self) -> str:
        return f"« {self._undefined_name} » n’existe pas, vérifiez son orthographe"


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox that knows only our filters, escapes every value and bounds every operation."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        super().__init__(
            autoescape=True, undefined=Missing, finalize=_printed, keep_trailing_newline=True
        )
        usual = {name: self.filters[name] for name in _USUAL_FILTERS}
        self.filters = {name: _bounded(f) for name, f in {**usual, **FILTERS}.items()}
        self.globals = {"range": _short_range, "qr": _no_picture}

    def compiled(self, tree: nodes.Template) -> Template:
        """A template that compares as Word does, whose loops count their turns (`MAX_TURNS`)."""
        compare_as_word_does(tree)
        for loop in tree.find_all(nodes.For):
            turn = nodes.Call(nodes.Name(_TURN, "load"), [], [], None, None)
            loop.body.insert(0, nodes.ExprStmt(turn))
        tree.set_environment(self).set_lineno(1)
        return Template.from_code(self, self.compile(tree), self.globals)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuse what could fill the memory; the rest as usual."""
        if operator == "**" or (operator == "%" and isinstance(left, str)):
            raise SecurityError(f"l’opération « {operator} » n’est pas permise")
        if operator == "*" and not (_is_small(left) and _is_small(right)):
            raise SecurityError("une répétition est démesurée")
        if operator == "+" and (isinstance(left, list) or isinstance(right, list)):
            raise SecurityError("deux listes ne peuvent pas être ajoutées")
        result = super().call_binop(context, operator, left, right)
        if isinstance(result, str) and len(result) > MAX_TEXT:
            raise SecurityError("un texte est démesuré")
        return result

    def is_safe_callable(self, obj: Any) -> bool:
        """Only what we hand over is called, and the few methods of texts that people know."""
        if isinstance(getattr(obj, "__self__", None), str):
            return getattr(obj, "__name__", "") in _TEXT_METHODS
        return getattr(obj, "template_function", False) is True


def _is_small(value: object) -> bool:
    """Whether a factor can't blow up a product: a moderate number, or a text to repeat."""
    if isinstance(value, int | float):
        return abs(value) <= 10_000
    return isinstance(value, str)


def template_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark ``function`` as one that templates may call."""
    function.template_function = True  # type: ignore[attr-defined]
    return function


def check_tree(tree: nodes.Template) -> None:
    """Refuse constructs that attestations never need and attacks do.

    Raises:
        SecurityError: macros, imports, loops more than `MAX_LOOP_DEPTH` deep, recursive loops,
            variables that can grow.
    """
    forbidden = next(tree.find_all(_FORBIDDEN), None)
    if forbidden is not None:
        kind = type(forbidden).__name__.lower()
        raise SecurityError(f"la balise « {kind} » n’est pas permise")
    for assignment in tree.find_all(nodes.Assign):
        if next(assignment.node.find_all(_FORBIDDEN_IN_SET), None) or isinstance(
            assignment.node, _FORBIDDEN_IN_SET
        ):
            raise SecurityError("« set » ne sert qu’à donner un nom plus court à une valeur")
    _check_loops(tree, 0)


def _check_loops(node: nodes.Node, depth: int) -> None:
    if isinstance(node, nodes.For):
        depth += 1
        if depth > MAX_LOOP_DEPTH or node.recursive:
            raise SecurityError("les boucles sont trop imbriquées")
    for child in node.iter_child_nodes():
        _check_loops(child, depth)


def explain(error: Exception) -> str:
    """What went wrong in a template, as the end of a French sentence."""
    if isinstance(error, UndefinedError):
        return f"une balise n’a pas de valeur : {error.message}"
    if isinstance(error, SecurityError):
        return str(error.message)
    if isinstance(error, TemplateSyntaxError):
        return "une balise est mal écrite ; retapez-la d’un seul trait"
    return (
        "une balise fait un calcul avec ce qui n’est pas un nombre. Un calcul s’écrit par exemple "
        "{{ pix|int + 1 }}"
    )


class Fragment:
    """One compiled part of a template (body, header, note): XML with tags.

    Attributes:
        names: the tags in it (top names).
    """

    names: frozenset[str]

    def __init__(self, environment: TemplateEnvironment, source: str, template_name: str) -> None:
        self._name = template_name
        try:
            tree = environment.parse(source)
            check_tree(tree)
            self.names = frozenset(meta.find_undeclared_variables(tree))
            self._template = environment.compiled(tree)
        except (JinjaError, RecursionError, ValueError, SyntaxError, MemoryError) as error:
            raise self._refused(error) from error

    def render(self, values: Mapping[str, Any]) -> str:
        """The XML for ``values``.

        Raises:
            TemplateError: a tag can't be computed, or the text grows beyond `MAX_FRAGMENT`.
        """
        pieces, size = [], 0
        try:
            for piece in self._template.generate({**values, _TURN: _turns()}):
                size += len(piece)
                if size > MAX_FRAGMENT:
                    raise SecurityError("le texte produit est démesuré")
                pieces.append(piece)
        except (JinjaError, TypeError, ValueError, ArithmeticError, LookupError,
                AttributeError, RecursionError) as error:  # fmt: skip
            raise self._refused(error) from error
        return "".join(pieces)

    def _refused(self, error: Exception) -> TemplateError:
        return TemplateError(
            f"Le modèle « {self._name} » ne peut pas être utilisé : {explain(error)}.",
            source=self._name,
        )


def _printed(value: object) -> object:
    """``value``, if it has a text of its own; a page that shows Python's would be everybody's."""
    if type(value).__str__ is object.__str__ and not isinstance(value, int | float | None):
        raise SecurityError(
            "une balise n’a pas de texte à imprimer. Pour une liste, écrivez une boucle : "
            "{% for d in domaines %}{{ d.nom }}{% endfor %}"
        )
    return value


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` with its result held to `MAX_TEXT`."""

    @functools.wraps(function)
    def bounded(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        if isinstance(result, str) and len(result) > MAX_TEXT:
            raise SecurityError("un texte est démesuré")
        return result

    return bounded


def _turns() -> Callable[[], str]:
    """A function that each turn of a loop calls."""
    left = MAX_TURNS

    @template_function
    def turn() -> str:
        nonlocal left
        left -= 1
        if left < 0:
            raise SecurityError("les boucles tournent sans fin")
        return ""

    return turn


@template_function
def _no_picture(*_: object) -> str:
    """Stands for ``qr`` where nothing is printed; the rendering brings the real one."""
    return ""


@template_function
def _short_range(*arguments: int) -> range:
    result = range(*arguments)
    if len(result) > MAX_RANGE:
        raise SecurityError("une boucle est démesurée")
    return result
