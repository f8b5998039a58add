"""The changes that the mutation run makes to a file."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from make import ROOT
from mutations import mutations

CORE = ROOT / "src" / "comity"


def changed(source: str) -> list[tuple[str, str]]:
    """Return what is done, and the lines after it."""
    text = dedent(source).lstrip("\n").encode()
    return [(m.what, m.rows(text)[1]) for m in mutations(text)]


def after(source: str) -> list[str]:
    """Return the lines after each change to a function of one line."""
    return [line for _, line in changed(f"def f(a, b, c):\n    {source}\n")]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("return a < b", ["return a <= b"]),
        ("return a <= b", ["return a < b"]),
        ("return a > b", ["return a >= b"]),
        ("return a >= b", ["return a > b"]),
        ("return a == b", ["return a != b"]),
        ("return a != b", ["return a == b"]),
        ("return a is b", ["return a is not b"]),
        ("return a is not b", ["return a is b"]),
        ("return a in b", ["return a not in b"]),
        ("return a not in b", ["return a in b"]),
        ("return a < b < c", ["return a <= b < c", "return a < b <= c"]),
        ("return (a) < (b)", ["return (a) <= (b)"]),
        ("return not a", ["return  a"]),
        ("return not(a)", ["return (a)"]),
        ("return True", ["return False"]),
        ("return a[0]", ["return a[1]"]),
        ("return a | b", ["return a", "return a & b"]),
        ("return a & b", ["return a", "return a | b"]),
        ("return a - b", ["return a", "return a + b"]),
        ("return any(a)", ["return all(a)"]),
        ("return min(a)", ["return max(a)"]),
        ("return c(a, b)", ["return c(b, a)"]),
        ("return c(a, a)", []),
        ("return c(a, *b)", []),
        ("return isinstance(a, b)", []),
        ("return max(a, b)", ["return min(a, b)"]),
        ("return a if b else c", ["return a if (not (b)) else c"]),
        ("return [x for x in a if x]", ["return [x for x in a if True]"]),
        ("a.append(b)", ["pass"]),
        ("a.b = c", ["pass"]),
        ("a[b] = c", ["pass"]),
        ("a += b", ["a -= b", "pass"]),
        ("a |= b", ["a &= b", "pass"]),
        ("a = b", []),
        ("yield a", ["yield from ()"]),
        ("yield from a", ["yield from ()"]),
        ("raise c(a < b)", ["pass"]),
    ],
)
def test_each_operator_does_what_it_says_and_no_more(line, wanted):
    assert sorted(after(line)) == sorted(wanted)


def test_conditions_are_taken_for_one_another_and_each_is_left_out():
    assert sorted(after("return a and b and c")) == [
        "return True and b and c",
        "return a and True and c",
        "return a and b and True",
        "return a and b or c",
        "return a or b and c",
    ]
    assert sorted(after("return a or b")) == [
        "return False or b",
        "return a and b",
        "return a or False",
    ]


def test_a_guard_lets_everything_through_and_turns_round():
    found = changed(
        """
        def f(a):
            if a:
                return 'no'
            for x in a:
                if x:
                    continue
                while x:
                    break
        """
    )
    assert ("return dropped", "pass") in found
    assert found.count(("step dropped", "pass")) == 2
    assert ("condition turned round", "if (not (a)):") in found
    assert ("condition turned round", "while (not (x)):") in found


def test_a_row_is_left_out_of_a_table_of_the_module_and_of_no_other():
    found = changed(
        """
        TABLE = {
            1: "one",
            2: "two",
            3: "three",
        }
        WORDS = ("a", "b", "c")
        def f():
            own = {1: "one", 2: "two", 3: "three"}
            return own
        """
    )
    dropped = [after for what, after in found if what == "row dropped"]
    assert dropped == ["", "", "", 'WORDS = ( "b", "c")', 'WORDS = ("a",  "c")']


def test_words_annotations_decorators_and_the_door_are_left_alone():
    source = '''
    """A docstring with a < b."""
    __all__ = ["a", "b", "c"]
    NAME: bool | None = None
    KIND: TypeAlias = tuple[int, str, bool] | None

    @dataclass(frozen=True, slots=True)
    class A:
        """Another, and a not."""

        x: int | None

        def f(self, a: int | str) -> bool | None:
            """A third."""
            raise ValueError(f"{a < 1} and not {a or 2}", a == 3)
    '''
    assert changed(source) == [("step dropped", "pass")]


def test_an_operator_in_a_comment_is_not_taken_for_the_one_in_the_code():
    assert changed("def f(a, b):\n    return (a  # or not\n        or b)\n") == [
        ("condition dropped", "return (False  # or not"),
        ("or for and", "and b)"),
        ("condition dropped", "or False)"),
    ]


def test_a_change_says_in_which_lines_and_in_which_function_it_is():
    source = b"X = 1\n\n\nclass A:\n    def f(self):\n        return (\n            1\n        )\n"
    outside, inside = mutations(source)
    assert (outside.where, list(outside.lines)) == ("", [1])
    assert (inside.where, list(inside.lines)) == ("A.f", [7])
    assert list(inside.statement) == [6, 7, 8]


@pytest.mark.parametrize(
    "name",
    ["labels/join.py", "accords/table.py", "talks/wording.py", "release/consents.py"],
)
def test_every_change_to_the_core_compiles_and_means_something_else(name):
    source = (CORE / name).read_bytes()
    whole = ast.dump(ast.parse(source))
    found = mutations(source)
    assert found
    for mutation in found:
        text = mutation.applied(source)
        _ = compile(text, name, "exec")
        assert ast.dump(ast.parse(text)) != whole, mutation
    assert len({m.applied(source) for m in found}) == len(found)
