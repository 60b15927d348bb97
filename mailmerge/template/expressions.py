"""The inside of one tag: what was written, made into what Jinja reads.

Smart quotes, odd spaces and signs that Word puts in are undone, names are replaced by the right
ones, and what can't be understood is said. Names are found with Jinja's own lexer, and the result
is read by Jinja's own parser.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from jinja2 import TemplateSyntaxError

from mailmerge.template.sandbox import TemplateEnvironment
from mailmerge.template.vocabulary import Names
from mailmerge.template.wording import short
from mailmerge.text import fold

_ENV: Final = TemplateEnvironment()  # only reads here: nothing is rendered
_ALWAYS_KNOWN: Final = frozenset(_ENV.globals) | {"loop"}
_WORDS: Final = frozenset(
    {"and", "or", "not", "in", "is", "if", "else", "elif", "for", "recursive"}
    | {"true", "false", "none", "True", "False", "None"}
)
# A statement that needs an end, and its end; then the ones that may stand between the two.
BLOCKS: Final = {"if": "endif", "for": "endfor"}
MIDDLES: Final = {"else": ("if", "for"), "elif": ("if",)}
_ENDS: Final = frozenset(BLOCKS.values())
_CELLS: Final = frozenset({"colspan", "cellbg", "vm", "hm"})  # docxtpl's own, for table cells
STATEMENTS: Final = {*BLOCKS, *MIDDLES, *_ENDS, "set", *_CELLS}

_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_CLOSING: Final = {
    '"': '"”“„″',
    "“": '"”“″',
    "”": '"”“″',
    "„": '"”“″',
    "″": '"”″',
    "«": "»",
    "'": "'’‘′",
    "‘": "'’′",
    "’": "'’′",
    "′": "'’′",
}
_SINGLE: Final = "'’‘′"
_SIGNS: Final = {"≠": "!=", "≤": "<=", "≥": ">=", "–": "-", "—": "-", "‑": "-", "−": "-", "×": "*"}
_UNSAFE_HEAD = re.compile(r"[+*~<>=!%\"()\[\]{}“”«»]")
_PREFIX = re.compile(r"(p|tr|tc|r)(?=\s)")
_LOOSE_PREFIX = re.compile(r"\s+(p|tr|tc|r)(?=\s+(?:if|for|else|elif|endif|endfor|set)\b)", re.I)
_SPACED_KEYWORDS = re.compile(r"(else)\s+(?=if\b)|(end)\s+(?=(?:if|for)\b)", re.IGNORECASE)

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


def literal(text: str) -> str:
    """``text`` as a string of the template language that no later step can misread.

    Whatever XML, docxtpl's ``patch_xml`` or Jinja could touch is written as an escape.

    >>> literal("l’été & {{")
    "'l\\\\u2019été \\\\x26 \\\\x7b\\\\x7b'"
    """
    return "'" + "".join(map(_escaped, text)) + "'"


def _escaped(char: str) -> str:
    if char.isalnum() or char in " .,:;!?/()_-=+*@#":
        return char
    code = ord(char)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def clean(body: str) -> str:
    """``body`` with plain spaces, plain signs, and every string written as ``literal`` does."""
    out: list[str] = []
    position = 0
    while position < len(body):
        char = body[position]
        end = _string_end(body, position) if char in _CLOSING else 0
        if end:
            out.append(literal(_string_value(body[position : end + 1])))
            position = end + 1
            continue
        position += 1
        if char in _INVISIBLE:
            continue
        if "！" <= char <= "～":  # the full-width forms of ASCII
            char = chr(ord(char) - 0xFEE0)
        out.append(" " if char.isspace() else _SIGNS.get(char, char))
    return "".join(out).replace("<>", "!=").replace("! =", "!=")


def _string_end(body: str, start: int) -> int:
    """Where the string that opens at ``start`` closes, or 0."""
    closing = _CLOSING[body[start]]
    for position in range(start + 1, len(body)):
        char = body[position]
        if char not in closing or body[position - 1] == "\\":
            continue
        around = body[position - 1 : position + 2]
        apostrophe = (
            char in _SINGLE and len(around) == 3 and around[0].isalnum() and around[2].isalnum()
        )
        if not (apostrophe and position > start + 1):
            return position
    return 0


def _string_value(quoted: str) -> str:
    inner = quoted[1:-1]
    if quoted[0] == "«":
        return inner.strip()
    if "\\" not in inner:
        return inner
    try:
        return inner.encode("ascii", "backslashreplace").decode("unicode-escape")
    except UnicodeDecodeError:
        return inner


def tokens(text: str) -> list[Token]:
    """``text`` as Jinja cuts it.

    Raises:
        TemplateSyntaxError: it can't.
    """
    lexed = list(_ENV.lex("{{ " + text.strip() + " }}"))
    return [(kind, value) for _, kind, value in lexed[2:-2]]


def local_names(statement: str) -> set[str]:
    """The names that a statement makes: ``d`` in ``for d in domaines``, ``x`` in ``set x = 1``."""
    try:
        words = [value for kind, value in tokens(_statement(statement)[1]) if kind != "whitespace"]
    except TemplateSyntaxError:
        return set()
    if not words or words[0] not in ("for", "set"):
        return set()
    stop = "in" if words[0] == "for" else "="
    until = words.index(stop) if stop in words else 2
    return {word for word in words[1:until] if word.isidentifier()}


def rewrite_value(body: str, names: Names, local: Collection[str]) -> Body:
    """The inside of ``{{ … }}``, rewritten."""
    prefix = _PREFIX.match(body)
    written = body[prefix.end() :] if prefix else body
    left, inner, right = _dashes(written)
    head, bar, rest = _split_head(inner)
    result = Body("", prefix=prefix[1] if prefix else "")
    tag = _whole_name(head, names, local)
    source = (tag + bar + clean(rest)) if tag else clean(inner)
    text = _rewrite(source.strip(), names, local, result)
    result.text = f"{result.prefix}{left} {text} {right}"
    _check(f"{{{{ {text} }}}}", body, result)
    return result


def rewrite_statement(body: str, names: Names, local: Collection[str]) -> Body:
    """The inside of ``{% … %}``, rewritten."""
    prefix, source, left, right = _statement(body)
    keyword = source.split(None, 1)[0] if source else ""
    word = keyword.casefold()
    source = word + source[len(keyword) :]
    result = Body("", keyword=word, prefix=prefix)
    if word not in STATEMENTS:
        message = (
            f"L’instruction « {short(body)} » n’est pas prise en charge dans un modèle. "
            "Les instructions possibles sont if, elif, else, endif, for, endfor et set."
        )
        result.problems.append(Problem("instruction-inconnue", message))
        result.text = body
        return result
    text = _rewrite(source, names, local, result)
    result.opens = word in BLOCKS
    result.text = f"{prefix}{left} {text} {right}"
    if word not in _CELLS and word not in _ENDS:
        _check(_completed(word, text), body, result)
    return result


def _statement(body: str) -> tuple[str, str, str, str]:
    """docxtpl's prefix, the statement itself, and the two dashes."""
    prefix = _PREFIX.match(body) or _LOOSE_PREFIX.match(body)
    left, inner, right = _dashes(body[prefix.end() :] if prefix else body)
    source = _SPACED_KEYWORDS.sub(lambda m: "el" if m[1] else "end", clean(inner).strip())
    if source[:4].casefold() == "elif":
        source = "elif" + source[4:]
    return (prefix[1].lower() if prefix else "", source, left, right)


def _completed(word: str, text: str) -> str:
    """The statement with what it needs around it to be read alone."""
    if word in MIDDLES:
        return f"{{% if true %}}{{% {text} %}}{{% endif %}}"
    return f"{{% {text} %}}" + (f"{{% {BLOCKS[word]} %}}" if word in BLOCKS else "")


def _dashes(body: str) -> tuple[str, str, str]:
    left = body[:1] if body[:1] in ("-", "+") else ""
    right = body[-1:] if len(body) > 1 and body[-1:] == "-" else ""
    return left, body[len(left) : len(body) - len(right)], right


def _split_head(text: str) -> tuple[str, str, str]:
    """The value, the first bar, and the filters."""
    quote = ""
    for position, char in enumerate(text):
        if not quote and char in '"“«':
            quote = _CLOSING[char]
        elif quote and char in quote:
            quote = ""
        elif not quote and char == "|":
            return text[:position], "|", text[position + 1 :]
    return text, "", ""


def _whole_name(head: str, names: Names, local: Collection[str]) -> str | None:
    """The tag for a value that is one name as people write it: « Date de naissance », « 1.1 »."""
    written = "".join(c for c in head if c not in _INVISIBLE).strip()
    first = re.match(r"\w+", written)
    if not written or _UNSAFE_HEAD.search(written) or (first and first[0] in local):
        return None
    return names.resolve(" ".join(written.split()))


def _check(source: str, body: str, result: Body) -> None:
    """Have Jinja read the tag, unless something more precise was said already."""
    if result.problems:
        return
    try:
        _ENV.parse(source)
    except TemplateSyntaxError:
        message = (
            f"La balise « {short(body)} » n’est pas lisible : vérifiez les guillemets, "
            "les parenthèses et l’orthographe, ou retapez-la d’un seul trait."
        )
        result.problems.append(Problem("balise-illisible", message))


# --- names ---------------------------------------------------------------------------------------


def _rewrite(source: str, names: Names, local: Collection[str], result: Body) -> str:
    try:
        cut = _phrases(tokens(source), names, local)
    except TemplateSyntaxError:
        return source  # `_check` says so
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
        self._result.problems.append(unknown_name(written, self._names))
        return 1, chain[0]

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
        if value in _ENV.filters:
            return value
        folded = fold(value, "_")
        if folded in _ENV.filters:
            return folded
        close = get_close_matches(folded, sorted(_ENV.filters), n=1)
        advice = f" ; vouliez-vous dire « {close[0]} » ?" if close else "."
        message = f"La transformation « |{short(value)} » n’existe pas{advice}"
        self._result.problems.append(Problem("filtre-inconnu", message))
        return value


def unknown_name(written: str, names: Names, kind: str = "La balise") -> Problem:
    """The problem of a name that nothing answers to, with the nearest right one."""
    nearest = names.nearest(written)
    advice = f" ; vouliez-vous dire « {nearest} » ?" if nearest else "."
    return Problem(
        "balise-inconnue" if kind == "La balise" else "champ-inconnu",
        f"{kind} « {short(written)} » ne correspond à aucune donnée{advice}",
    )
