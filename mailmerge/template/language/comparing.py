"""What ``==`` and ``<`` mean in a tag: what Word's IF field means.

People write ``{% if pix >= 300 %}``; Python would refuse to compare the text « 266 » with a number,
and would find that « 64 » comes after « 300 ».
"""

from __future__ import annotations

from functools import reduce
from typing import Final

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

_SIGNS: Final = {"eq": "=", "ne": "<>", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}


def compare_as_word_does(tree: nodes.Template) -> None:
    """Have the filter ``comparer`` make every comparison of ``tree``."""
    _Comparisons().visit(tree)


class _Comparisons(NodeTransformer):
    def visit_Compare(self, node: nodes.Compare) -> nodes.Expr:  # noqa: N802 - Jinja's name
        """``a < b <= c`` as ``a|comparer("<", b) and b|comparer("<=", c)``."""
        self.generic_visit(node)
        lefts = [node.expr, *(operand.expr for operand in node.ops)]
        tests = [_test(*pair) for pair in zip(lefts, node.ops, strict=False)]
        return reduce(nodes.And, tests)


def _test(left: nodes.Expr, operand: nodes.Operand) -> nodes.Expr:
    sign = _SIGNS.get(operand.op)
    if sign is None:  # in, not in
        return nodes.Compare(left, [operand])
    return nodes.Filter(left, "comparer", [nodes.Const(sign), operand.expr], [], None, None)
