"""The inside of one tag: what was written, made into what Jinja reads.

Smart quotes, odd spaces and signs that Word puts in are undone, names are replaced by the right
ones, and what can't be understood is said. Names are found with Jinja's own lexer, and the result
is read by Jinja's own parser.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from jinja2 import TemplateSyntaxError

from mailmerge.template.language.characters import CLOSING, INVISIBLE, clean
from mailmerge.template.language.tokens import (
    BLOCKS,
    CELLS,
    ENDS,
    ENVIRONMENT,
    MIDDLES,
    STATEMENTS,
    Body,
    Problem,
    in_english,
    rewrite_names,
    tokens,
)
from mailmerge.template.language.vocabulary import Names
from mailmerge.template.language.wording import short

_UNSAFE_HEAD = re.compile(r"[+*~<>=!%\"()\[\]{}“”«»]")
_PREFIX = re.compile(r"(p|tr|tc|r)(?=\s)")
_LOOSE_PREFIX = re.compile(r"\s+(p|tr|tc|r)(?=\s+(?:if|for|else|elif|endif|endfor|set)\b)", re.I)
_SPACED_KEYWORDS = re.compile(r"(else)\s+(?=if\b)|(end)\s+(?=(?:if|for)\b)", re.IGNORECASE)


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
    text = rewrite_names(source.strip(), names, local, result)
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
        message = in_english(keyword) or (
            f"L’instruction « {short(body)} » n’est pas prise en charge dans un modèle. "
            "Les instructions possibles sont if, elif, else, endif, for, endfor et set."
        )
        result.problems.append(Problem("instruction-inconnue", message))
        result.text = body
        return result
    text = rewrite_names(source, names, local, result)
    result.opens = word in BLOCKS
    result.text = f"{prefix}{left} {text} {right}"
    if word not in CELLS and word not in ENDS:
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
            quote = CLOSING[char]
        elif quote and char in quote:
            quote = ""
        elif not quote and char == "|":
            return text[:position], "|", text[position + 1 :]
    return text, "", ""


def _whole_name(head: str, names: Names, local: Collection[str]) -> str | None:
    """The tag for a value that is one name as people write it: « Date de naissance », « 1.1 »."""
    written = "".join(c for c in head if c not in INVISIBLE).strip()
    first = re.match(r"\w+", written)
    if not written or _UNSAFE_HEAD.search(written) or (first and first[0] in local):
        return None
    return names.resolve(" ".join(written.split()))


def _check(source: str, body: str, result: Body) -> None:
    """Have Jinja read the tag, unless something more precise was said already."""
    if result.problems:
        return
    try:
        ENVIRONMENT.parse(source)
    except TemplateSyntaxError:
        message = (
            f"La balise « {short(body)} » n’est pas lisible : vérifiez les guillemets, "
            "les parenthèses et l’orthographe, ou retapez-la d’un seul trait."
        )
        result.problems.append(Problem("balise-illisible", message))
