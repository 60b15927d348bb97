"""The template language, fenced in: attacks are refused, what people write works."""

from __future__ import annotations

import pytest
from support.printing import WHO, class_document, para, word_file

from mailmerge.errors import TemplateError
from mailmerge.template.context import FrenchDate, Level, Text
from mailmerge.template.language.sandbox import (
    MAX_FRAGMENT,
    MAX_TURNS,
    Fragment,
    TemplateEnvironment,
)


def render(source: str, **values: object) -> str:
    return Fragment(TemplateEnvironment(), source, "m.docx").render(values)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ x['__class__'] }}",
        "{{ x|attr('__class__') }}",
        "{{ range.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__ }}",
        "{{ '{0.__class__}'.format(x) }}",
        "{{ '%s'|format(x) }}",
        "{{ x.encode() }}",
        "{{ open('/etc/passwd').read() }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'a' %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% call x() %}{% endcall %}",
        "{% filter upper %}{% endfilter %}",
        "{% set y %}a{% endset %}",
        "{% block a %}{% endblock %}",
        "{% with a = 1 %}{% endwith %}",
        "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% set l = [] %}",
        "{{ namespace(a=1) }}",
        "{{ dict(a=1) }}",
        "{{ (" * 200 + ")" * 200 + " }}",
        "{% if 1 %}" * 300 + "{% endif %}" * 300,
        "{{ " + "9" * 6000 + " }}",
        "{{ " + "not " * 20_000 + "1 }}",
        "{{ " + "-" * 20_000 + "1 }}",
    ],
)
def test_code_in_a_tag_is_refused(source: str) -> None:
    with pytest.raises(TemplateError, match="ne peut pas être utilisé"):
        render(source, x="a")


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a' * 1000000000 }}",
        "{{ 1000000000 * 'a' }}",
        "{{ [1] * 1000000000 }}",
        "{{ (1,) * 1000000000 }}",
        "{{ ['a'] + ['b'] }}",
        "{{ 9 ** 999999999 }}",
        "{{ 99999 * 99999 * 99999 }}",
        "{{ '%999999999d' % 1 }}",
        "{% set a = 'x' ~ 'x' %}",
        "{% set a = 'x' * 2 %}",
        "{% for a in range(1000000000) %}{% endfor %}",
        "{% for a in range(200) %}{% for b in range(200) %}{% for c in range(200) %}"
        "{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in [1] %}{% for b in [1] %}{% for c in [1] %}{% for d in [1] %}"
        "{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in 'x' * 200 * 50 %}{% for b in 'x' * 200 * 50 %}{% endfor %}{% endfor %}",
        "{% for a in range(200) %}{% for b in range(200) %}{{ x * 900 }}{% endfor %}{% endfor %}",
        "{{ x * 10001 }}",
        "{{ (x * 9000)|avant(x * 9000) }}",
    ],
)
def test_what_would_fill_the_memory_or_never_end_is_refused(source: str) -> None:
    with pytest.raises(TemplateError, match=r"démesuré|imbriqu|permise|set|sans fin|ajoutées"):
        render(source, x="a")


def test_the_turns_of_all_loops_count_together() -> None:
    one = "{% for a in range(200) %}{% for b in range(100) %}{% endfor %}{% endfor %}"
    assert render(one) == ""
    with pytest.raises(TemplateError, match="sans fin"):
        render(one * (MAX_TURNS // 20_000 + 1))


def test_each_pupil_has_all_the_turns() -> None:
    fragment = Fragment(TemplateEnvironment(), "{% for a in x %}{% endfor %}", "m.docx")
    for _ in range(3):
        assert fragment.render({"x": range(MAX_TURNS - 10)}) == ""


def test_a_part_that_grows_beyond_all_measure_is_cut() -> None:
    with pytest.raises(TemplateError, match="démesuré"):
        render("{% for a in x %}{{ y }}{% endfor %}", x=range(1000), y="a" * (MAX_FRAGMENT // 900))


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("{{ nom|upper }} {{ nom.upper() }}", "ZOÉ ZOÉ"),
        ("{% for a in range(3) %}{{ loop.index }}{% if not loop.last %}, {% endif %}{% endfor %}",
         "1, 2, 3"),
        ("{% set n = nom %}{{ n }}", "Zoé"),
        ("{{ pix|int + 10 }} {{ pix|int * 2 }} {{ pix|int // 3 }}", "276 532 88"),
        ("{{ '-' * 5 }} {{ nom ~ '!' }}", "----- Zoé!"),
        ("{% if pix|int >= 256 %}oui{% else %}non{% endif %}", "oui"),
        ("{{ qr('a') }}", ""),
    ],
)  # fmt: skip
def test_what_people_write_works(source: str, printed: str) -> None:
    assert render(source, nom="Zoé", pix="266") == printed


def test_values_are_escaped_and_never_read_as_a_template() -> None:
    for value in ("{{ 7*7 }}", "{% for %}", "{# #}"):
        assert render("{{ x }}", x=value) == value
    assert render("{{ x }}", x="<w:br/>&]]>") == "&lt;w:br/&gt;&amp;]]&gt;"


def test_our_own_tags_can_not_be_written_in_a_template() -> None:
    for name in ("_note('1')", "_entete('rId1')", "_eleve", "_liste('1')", "_tour()"):
        with pytest.raises(TemplateError, match="ne correspond à aucune donnée"):
            class_document(word_file(WHO + para(f"{{{{ {name} }}}}")))


def test_a_template_of_endless_tags_is_refused_before_anything_else() -> None:
    with pytest.raises(TemplateError, match="démesuré"):
        class_document(word_file(WHO + para("{{ " * 30_000)))


def test_a_class_document_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailmerge.template.rendering.MAX_DOCUMENT", 3_000)
    with pytest.raises(TemplateError, match="démesuré"):
        class_document(word_file(WHO + para("long " * 100)))


@pytest.mark.parametrize(
    ("pix", "condition", "holds"),
    [
        ("303", "pix >= 300", True),
        ("64", "pix >= 300", False),
        ("64", 'pix >= "300"', False),
        ("300", "pix == 300", True),
        ("300", "pix != 300", False),
        ("303", "256 <= pix < 384", True),
        ("512", "256 <= pix < 384", False),
        ("-", "pix >= 300", False),
        ("", "pix < 64", True),
        ("303", "pix in ['303']", True),
    ],
)
def test_a_condition_compares_numbers_as_numbers(pix: str, condition: str, holds: bool) -> None:
    printed = render(f"{{% if {condition} %}}oui{{% endif %}}", pix=Text(pix))
    assert printed == ("oui" if holds else "")


def test_a_condition_compares_levels_and_dates_too() -> None:
    level, born, end = Level("1.1", "…", 4), FrenchDate(2011, 3, 14), FrenchDate(2010, 12, 31)
    assert render("{{ c >= 3 and c == 4 and c > '2' }}", c=level) == "True"
    assert render("{{ born > end }} {{ born < '01/01/2012' }}", born=born, end=end) == "True True"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ pix + 1 }}", "un calcul s’écrit"),
        ("{{ pix / 2 }}", "un calcul s’écrit"),
        ("{% for d in levels %}{{ d.titre }}{% endfor %}", "« titre » n’existe pas"),
    ],
)
def test_what_cannot_be_computed_is_said_in_french_with_what_to_do(source: str, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(source, pix=Text("303"), levels=[Level("1.1", "…", 4)])
    message = caught.value.message.replace("\u202f", " ").replace("\u00a0", " ")
    assert said.casefold() in message.casefold()
    assert "'" not in message


@pytest.mark.parametrize("source", ["{{ levels }}", "{{ levels[:1] }}", "{{ qr }}"])
def test_a_list_or_a_function_is_never_printed_as_python_writes_it(source: str) -> None:
    with pytest.raises(TemplateError, match="boucle"):
        render(source, levels=[Level("1.1", "…", 4)])
    assert render("{{ levels[0] }} {{ levels|length }} {{ 2.5 }}", levels="4") == "4 1 2.5"
