"""Small changes to a Python file, each of which a test should notice.

The operators are those that matter where something is decided: a boundary that is inclusive, a
condition that is dropped or turned round, any for all, a guard that is gone, a row that is missing
from a table. Words in messages, annotations and decorators are left alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BOUNDARY = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
}
ARITHMETIC = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.BitOr: (r"\|", "&"),
    ast.BitAnd: ("&", "|"),
}
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min"}
FEWEST = 2  # of fewer rows one left may be no table any more
SWAPPED = 2  # a call with just two arguments in order may have them the wrong way round


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One change: the bytes from ``start`` to ``stop`` replaced by ``by``.

    ``lines`` are those of what is changed, ``statement`` those of the statement around it, and
    ``where`` is the function that it stands in; outside any, no test runs it, but the import.
    """

    what: str
    where: str
    start: int
    stop: int
    by: str
    lines: range
    statement: range

    def applied(self, text: bytes) -> bytes:
        """Return the text with the change made."""
        return text[: self.start] + self.by.encode() + text[self.stop :]

    def rows(self, text: bytes) -> tuple[str, str]:
        """Return the lines before and after, without the space around them."""
        line_start = text.rfind(b"\n", 0, self.start) + 1
        line_stop = text.find(b"\n", self.stop)
        before, after = text[line_start:line_stop], text[line_start : self.start]
        after += self.by.encode() + text[self.stop : line_stop]
        return before.decode().strip(), after.decode().strip()


def mutations(source: bytes) -> tuple[Mutation, ...]:
    """Return every change to the file, in the order of the text; each still compiles."""
    walk = _Walk(source)
    walk.visit(ast.parse(source))
    return tuple(sorted(walk.found, key=lambda m: (m.start, m.stop, m.what, m.by)))


class _Walk(ast.NodeVisitor):
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.found: list[Mutation] = []
        self._starts = [0, *(m.end() for m in re.finditer(rb"\n", source))]
        self._statement: ast.stmt | None = None
        self._names: list[str] = []
        self._functions = 0

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def _start(self, node: ast.expr | ast.stmt) -> int:
        return self._at(node.lineno, node.col_offset)

    def _stop(self, node: ast.expr | ast.stmt) -> int:
        return self._at(node.end_lineno or 0, node.end_col_offset or 0)

    def _text(self, node: ast.expr | ast.stmt) -> str:
        return self.source[self._start(node) : self._stop(node)].decode()

    def _add(self, what: str, start: int, stop: int, by: str) -> None:
        """Keep a change; its lines are those of the bytes that it takes away."""
        first = self.source.count(b"\n", 0, start) + 1
        last = self.source.count(b"\n", 0, max(start, stop - 1)) + 1
        around = self._statement
        self.found.append(
            Mutation(
                what=what,
                where=".".join(self._names) if self._functions else "",
                start=start,
                stop=stop,
                by=by,
                lines=range(first, last + 1),
                statement=range(around.lineno, _head(around) + 1) if around else range(0),
            )
        )

    def _replace(self, what: str, node: ast.expr | ast.stmt, by: str) -> None:
        self._add(what, self._start(node), self._stop(node), by)

    def _between(
        self, what: str, pair: tuple[ast.expr, ast.expr], old: str, new: str
    ) -> None:
        """Replace an operator, which stands between its two operands."""
        start, stop = self._stop(pair[0]), self._start(pair[1])
        gap = self.source[start:stop].decode()
        word = rf"\b{old}\b" if old[0].isalpha() else old
        if (
            at := re.search(word, re.sub(r"#.*", lambda m: " " * len(m[0]), gap))
        ) is not None:
            before = len(gap[: at.start()].encode())
            self._add(what, start + before, start + before + len(at[0].encode()), new)

    # Where the walk goes, and where it does not.

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            around, self._statement = self._statement, node
            self._walk(node)
            self._statement = around
        else:
            self._walk(node)

    def _walk(self, node: ast.AST) -> None:
        for operator in OPERATORS.get(type(node), ()):
            operator(self, node)
        match node:
            case ast.JoinedStr():  # a message; and its positions are not to be had before 3.12
                return
            case ast.FunctionDef():
                self._go(node.args)
                self._functions += 1
                self._named(node)
                self._functions -= 1
            case ast.ClassDef():
                self._named(node)
            case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
                return
            case ast.AnnAssign():
                self._go(node.value)
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                return
            case ast.Raise():
                return
            case ast.arguments():
                self._go(node.defaults, [d for d in node.kw_defaults if d is not None])
            case _:
                self.generic_visit(node)

    def _named(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        self._names.append(node.name)
        self._go(node.body)
        _ = self._names.pop()

    def _go(self, *parts: ast.AST | list[ast.stmt] | list[ast.expr] | None) -> None:
        for part in parts:
            for node in part if isinstance(part, list) else (part,):
                if node is not None:
                    self.visit(node)

    # The operators.

    def boundary(self, node: ast.Compare) -> None:
        """Let the end in, or keep it out; turn a test round."""
        operands = [node.left, *node.comparators]
        for i, operator in enumerate(node.ops):
            old, new = BOUNDARY[type(operator)]
            self._between("comparison", (operands[i], operands[i + 1]), old, new)

    def conditions(self, node: ast.BoolOp) -> None:
        """Take one condition for all, or all for one; and leave out each in turn."""
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for pair in zip(node.values, node.values[1:], strict=False):
            self._between(f"{old} for {new}", pair, old, new)
        for value in node.values:
            self._replace("condition dropped", value, str(old == "and"))

    def negation(self, node: ast.UnaryOp) -> None:
        """Forget a *not*."""
        if isinstance(node.op, ast.Not):
            start = self._start(node)
            self._add("not dropped", start, start + len("not"), "")

    def turned(self, node: ast.If | ast.IfExp | ast.While) -> None:
        """Turn a condition round that is a bare word; the others have operators of their own."""
        if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            self._replace(
                "condition turned round", node.test, f"(not ({self._text(node.test)}))"
            )

    def filters(self, node: ast.comprehension) -> None:
        """Let everything through."""
        for test in node.ifs:
            self._replace("filter dropped", test, "True")

    def constant(self, node: ast.Constant) -> None:
        """Say yes for no; count one more."""
        if isinstance(node.value, bool):
            self._replace("yes for no", node, str(not node.value))
        elif isinstance(node.value, int):
            self._replace("one more", node, str(node.value + 1))

    def arithmetic(self, node: ast.BinOp) -> None:
        """Add for take away, either for both; and leave the second out."""
        if type(node.op) in ARITHMETIC:
            self._between("operator", (node.left, node.right), *ARITHMETIC[type(node.op)])
            self._replace("operand dropped", node, self._text(node.left))

    def counting(self, node: ast.AugAssign) -> None:
        """Take away for add, keep what both have for what either has."""
        if type(node.op) in ARITHMETIC:
            old, new = ARITHMETIC[type(node.op)]
            self._between("operator", (node.target, node.value), f"{old}=", f"{new}=")

    def call(self, node: ast.Call) -> None:
        """Take any for all, the least for the most, the second for the first."""
        if isinstance(node.func, ast.Name) and node.func.id in CALLS:
            self._replace("any for all, least for most", node.func, CALLS[node.func.id])
        if len(node.args) == SWAPPED and not node.keywords and not _in_any_order(node):
            first, second = (self._text(argument) for argument in node.args)
            if first != second and not any(isinstance(a, ast.Starred) for a in node.args):
                start, stop = self._start(node.args[0]), self._stop(node.args[1])
                self._add("arguments swapped", start, stop, f"{second}, {first}")

    def dropped(
        self,
        node: ast.Expr | ast.Assign | ast.AugAssign | ast.Continue | ast.Break | ast.Raise,
    ) -> None:
        """Leave a step out."""
        match node:
            case ast.Expr(value=ast.Yield() | ast.YieldFrom()):
                self._replace("yield dropped", node, "yield from ()")
            case (
                ast.Expr(value=ast.Constant())
                | ast.Assign(targets=[ast.Name() | ast.Tuple()])
            ):
                return  # a docstring; a name that would be missing at once
            case _:
                self._replace("step dropped", node, "pass")

    def guard(self, node: ast.If) -> None:
        """Go on where one should have stopped."""
        last = node.body[-1]
        if isinstance(last, ast.Return):
            self._replace("return dropped", last, "pass")

    def table(self, node: ast.Dict | ast.Tuple | ast.List | ast.Set) -> None:
        """Leave a row out of a table."""
        match self._statement:
            case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign() if not self._functions:
                ends = _rows(node)
            case _:
                return
        for first, last in ends:
            stop = self._stop(last)
            comma = re.match(rb"\s*,", self.source[stop:])
            if len(ends) > FEWEST and comma is not None:
                self._add("row dropped", self._start(first), stop + comma.end(), "")


def _rows(
    node: ast.Dict | ast.Tuple | ast.List | ast.Set,
) -> list[tuple[ast.expr, ast.expr]]:
    """Return where each row of a table begins and ends."""
    if isinstance(node, ast.Dict):
        return [
            (k, v) for k, v in zip(node.keys, node.values, strict=True) if k is not None
        ]
    return [(e, e) for e in node.elts]


def _head(node: ast.stmt) -> int:
    """Return the last line of a statement, or of its head if it has a body."""
    body: list[ast.stmt] = getattr(node, "body", [])
    if body:
        return max(node.lineno, body[0].lineno - 1)
    return max(node.lineno, node.end_lineno or 0)


def _in_any_order(node: ast.Call) -> bool:
    """Say whether the order of the arguments is one that nobody mistakes, or tells nothing."""
    known = {"isinstance", "issubclass", "max", "min"}
    return isinstance(node.func, ast.Name) and node.func.id in known


OPERATORS: dict[type[ast.AST], tuple[Callable[[_Walk, Any], None], ...]] = {
    ast.Compare: (_Walk.boundary,),
    ast.BoolOp: (_Walk.conditions,),
    ast.UnaryOp: (_Walk.negation,),
    ast.If: (_Walk.turned, _Walk.guard),
    ast.IfExp: (_Walk.turned,),
    ast.While: (_Walk.turned,),
    ast.comprehension: (_Walk.filters,),
    ast.Constant: (_Walk.constant,),
    ast.BinOp: (_Walk.arithmetic,),
    ast.Call: (_Walk.call,),
    ast.Expr: (_Walk.dropped,),
    ast.Assign: (_Walk.dropped,),
    ast.AugAssign: (_Walk.counting, _Walk.dropped),
    ast.Continue: (_Walk.dropped,),
    ast.Break: (_Walk.dropped,),
    ast.Raise: (_Walk.dropped,),
    ast.Dict: (_Walk.table,),
    ast.Tuple: (_Walk.table,),
    ast.List: (_Walk.table,),
    ast.Set: (_Walk.table,),
}
