"""A tag's tokens, as Jinja's own lexer cuts them, written again with the right names.

Names of loops, tests, filters and attributes are told from names of data by where they stand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from jinja2 import TemplateSyntaxError

from mailmerge.template.language.sandbox import TemplateEnvironment
from mailmerge.template.language.vocabulary import Names
from mailmerge.template.language.wording import short
from mailmerge.text import fold

ENVIRONMENT: Final = TemplateEnvironment()  # only reads here: nothing is rendered
_ALWAYS_KNOWN: Final = frozenset(ENVIRONMENT.globals) | {"loop"}
_WORDS: Final = frozenset(
    {"and", "or", "not", "in", "is", "if", "else", "elif", "for", "recursive"}
    | {"true", "false", "none", "True", "False", "None"}
)
# A statement that needs an end, and its end; then the ones that may stand between the two.
BLOCKS: Final = {"if": "endif", "for": "endfor"}
MIDDLES: Final = {"else": ("if", "for"), "elif": ("if",)}
ENDS: Final = frozenset(BLOCKS.values())
CELLS: Final = frozenset({"colspan", "cellbg", "vm", "hm"})  # docxtpl's own, for table cells
STATEMENTS: Final = {*BLOCKS, *MIDDLES, *ENDS, "set", *CELLS}

_ENGLISH: Final = {
    "si": "if", "sinon": "else", "fin": "endif", "finsi": "endif", "pour": "for", "dans": "in",
    "et": "and", "ou": "or", "non": "not",
}  # fmt: skip

Token = tuple[str, str]  # Jinja's type of token, and the text


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a tag: a stable code and a French message."""

    code: str
    message: str


@dataclass(slots=True)
class Body:
    """The inside of a tag, rewritten.

    Attributes:
        text: what stands between the braces, spaces and docxtpl's ``p``, ``tr`` … included.
        keyword: the statement (``"if"``, ``"endfor"`` …), or "" for a value.
        prefix: docxtpl's ``p``, ``tr``, ``tc``, ``r``, or "".
        opens: whether the statement needs an end further on.
    """

    text: str
    keyword: str = ""
    prefix: str = ""
    opens: bool = False
    problems: list[Problem] = field(default_factory=list)


def tokens(text: str) -> list[Token]:
    """``text`` as Jinja cuts it.

    Raises:
        TemplateSyntaxError: it can't.
    """
    lexed = list(ENVIRONMENT.lex("{{ " + text.strip() + " }}"))
    return [(kind, value) for _, kind, value in lexed[2:-2]]


def rewrite_names(source: str, names: Names, local: Collection[str], result: Body) -> str:
    """``source`` with the right names; what is wrong with them is added to ``result``."""
    try:
        cut = _phrases(tokens(source), names, local)
    except TemplateSyntaxError:
        return source  # reading the whole tag says so
    writer = _Writer(cut, names, local, result)
    return writer.text()


def _phrases(cut: list[Token], names: Names, local: Collection[str]) -> list[Token]:
    """Join neighbouring words that make one name: ``Date de naissance`` in an ``if``."""
    out: list[Token] = []
    position = 0
    while position < len(cut):
        size = _phrase_size(cut, position, names, local)
        out.append(("name", "".join(value for _, value in cut[position : position + size])))
        if size == 1:
            out[-1] = cut[position]
        position += size
    return out


def _phrase_size(cut: list[Token], start: int, names: Names, local: Collection[str]) -> int:
    end = start
    while end < len(cut) and cut[end][0] == "name" and cut[end][1].casefold() not in _WORDS:
        if cut[end][1] in local or (end == 0 and cut[end][1] in STATEMENTS):
            break
        if end + 1 >= len(cut) or cut[end + 1][0] != "whitespace":
            end += 1
            break
        end += 2
    for stop in range(end, start + 2, -1):
        phrase = "".join(value for _, value in cut[start:stop]).strip()
        if " " in phrase and cut[stop - 1][0] == "name" and names.resolve(phrase):
            return stop - start
    return 1


class _Writer:
    """Writes a tag's tokens again with the right names."""

    def __init__(
        self, cut: list[Token], names: Names, local: Collection[str], result: Body
    ) -> None:
        self._cut, self._names, self._local, self._result = cut, names, local, result
        self._depth = 0

    def text(self) -> str:
        """The tag."""
        return "".join(self._pieces())

    def _pieces(self) -> Iterator[str]:
        position = 0
        while position < len(self._cut):
            kind, value = self._cut[position]
            if kind == "name" and not (position == 0 and self._result.keyword):
                size, text = self._name(position)
                position += size
                yield text
                continue
            if kind == "float":
                value = self._names.resolve(value) or value
            self._depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(value, 0)
            if value == "=" and self._depth == 0 and self._result.keyword in ("if", "elif"):
                value = "=="
            position += 1
            yield value

    def _name(self, position: int) -> tuple[int, str]:
        """How many tokens a name takes, and what to write for them."""
        value = self._cut[position][1]
        before, after = self._neighbour(position, -1), self._neighbour(position, 1)
        if before == "|":
            return 1, self._filter(value)
        if value.casefold() in _WORDS and value not in self._local:
            return 1, value if value in _WORDS else value.casefold()
        if before == ".":
            return 1, self._attribute(value, after)
        keyword_argument = after == "=" and self._depth > 0 and before in ("(", ",")
        if keyword_argument or before == "is" or self._is_negated_test(position):
            return 1, value
        if value in self._local or value in _ALWAYS_KNOWN:
            return 1, value
        return self._variable(position)

    def _variable(self, position: int) -> tuple[int, str]:
        chain = self._chain(position)
        for size in range(len(chain), 0, -2):
            tag = self._names.resolve("".join(chain[:size]))
            if tag:
                return size, tag
        written = "".join(chain[:3] if len(chain) >= 3 else chain)
        self._result.problems.append(self._unknown(written))
        return 1, chain[0]

    def _unknown(self, written: str) -> Problem:
        english = in_english(written)
        if english:
            return Problem("mot-francais", english)
        problem = unknown_name(written, self._names)
        if self._depth == 0 or self._names.nearest(written):
            return problem
        quotes = ' Un texte se met entre guillemets : {{ date_naissance|date("d MMMM yyyy") }}.'
        return Problem(problem.code, problem.message + quotes)

    def _chain(self, position: int) -> list[str]:
        """``["chef", ".", "nom"]``."""
        chain = [self._cut[position][1]]
        rest = self._cut[position + 1 :]
        for dot, name in zip(rest[::2], rest[1::2], strict=False):
            if dot[1] != "." or name[0] != "name":
                break
            chain += [".", name[1]]
        return chain

    def _neighbour(self, position: int, step: int) -> str:
        position += step
        while 0 <= position < len(self._cut):
            if self._cut[position][0] != "whitespace":
                return self._cut[position][1]
            position += step
        return ""

    def _is_negated_test(self, position: int) -> bool:
        words = [value for kind, value in self._cut[:position] if kind != "whitespace"]
        return words[-2:] == ["is", "not"]

    def _attribute(self, value: str, after: str) -> str:
        if value.startswith("_"):
            message = f"La balise contient « .{short(value)} », qui est interdit dans un modèle."
            self._result.problems.append(Problem("balise-interdite", message))
        return (
            value
            if after == "(" or (value == value.lower() and value.isascii())
            else fold(value, "_")
        )

    def _filter(self, value: str) -> str:
        if value in ENVIRONMENT.filters:
            return value
        folded = fold(value, "_")
        if folded in ENVIRONMENT.filters:
            return folded
        close = get_close_matches(folded, sorted(ENVIRONMENT.filters), n=1)
        advice = f" ; vouliez-vous dire « {close[0]} » ?" if close else "."
        message = f"La transformation « |{short(value)} » n’existe pas{advice}"
        self._result.problems.append(Problem("filtre-inconnu", message))
        return value


def in_english(word: str) -> str:
    """The advice for a word of the language that was written in French, else ""."""
    english = _ENGLISH.get(word.casefold())
    return f"Dans une balise, « {word} » s’écrit « {english} »." if english else ""


def unknown_name(written: str, names: Names, kind: str = "La balise") -> Problem:
    """The problem of a name that nothing answers to, with the nearest right one."""
    nearest = names.nearest(written)
    advice = f" ; vouliez-vous dire « {nearest} » ?" if nearest else "."
    return Problem(
        "balise-inconnue" if kind == "La balise" else "champ-inconnu",
        f"{kind} « {short(written)} » ne correspond à aucune donnée{advice}",
    )
