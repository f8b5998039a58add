"""The reference names every command, option, field, reason and finding that there is."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache

import click
import pytest
from click.testing import CliRunner

from comity.cli.main import cli
from comity.errors import InvalidInput
from comity.exchange.arrival import _FAULTS
from comity.release import Reason
from comity.release.explain import LATER_HELPS
from docs import pages

PAGE = pages.text_of(pages.DOCS / "reference.md")
HEADINGS = re.findall(r"^### `([^`]+)`$", PAGE, re.MULTILINE)
GSOMIA = str(pages.ROOT / "worlds" / "gsomia")
NIGHT = ["--without", "kr-suspension-2019", "--without", "kr-withdrawal-2023"]


def section(heading: str) -> str:
    """Return what stands under a third-level heading."""
    _, _, rest = PAGE.partition(f"### `{heading}`\n")
    return re.split(r"^##", rest, maxsplit=1, flags=re.MULTILINE)[0]


# -- commands ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_a_heading(name):
    assert f"comity {name}" in HEADINGS


def test_no_heading_is_of_a_command_that_is_gone():
    named = {h.removeprefix("comity ") for h in HEADINGS if h.startswith("comity ")}
    assert named == set(cli.commands)


WHAT_IF = {"--without", "--suppose", "--known-at", "--reading", "--json"}


def options(command: click.Command) -> set[str]:
    return {p.opts[0] for p in command.params if isinstance(p, click.Option)}


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_option_is_said(name):
    found = options(cli.commands[name])
    if found >= WHAT_IF:
        found -= WHAT_IF
        assert "what if" in section(f"comity {name}").lower() or name == "route"
    if name == "route":
        assert "It takes what `try` takes" in section("comity route")
        found -= options(cli.commands["try"])
    assert all(option in section(f"comity {name}") for option in found)


def test_the_options_of_what_if_are_said_once():
    assert {word.split()[0] for word in pages.words(PAGE)} >= WHAT_IF


# -- JSON ----------------------------------------------------------------------------------


def fields_said(heading: str) -> set[str]:
    return {cells[0].strip("`") for cells in pages.rows(section(heading))} - {"field"}


def paths(value: object, said: set[str], at: str = "") -> Iterator[str]:
    """Yield the path of every field, no deeper into a list than the page goes."""
    if isinstance(value, dict):
        for key, inner in value.items():
            name = "*" if key in ("jp", "kr", "us") else key
            yield from paths(inner, said, f"{at}.{name}" if at else name)
    elif isinstance(value, list):
        if f"{at}[]" in said:
            yield f"{at}[]"
        else:
            for inner in value:
                yield from paths(inner, said, f"{at}[]")
    elif value is not None or not any(path.startswith(f"{at}.") for path in said):
        yield at


def printed(said: set[str], *words: str) -> set[str]:
    done = CliRunner().invoke(cli, [*words, "--json"], standalone_mode=False)
    return set(paths(json.loads(done.stdout), said))


def test_every_field_of_a_standing_is_said_and_no_other():
    said = fields_said("clock")
    clock = ["clock", GSOMIA, "jp-rok-gsomia", "--at"]
    disputed = printed(said, *clock, "2020-09-01T10:00")
    running = printed(said, *clock, "2019-10-01T10:00")
    assert disputed | running == said


def test_every_field_of_a_decision_is_said_and_no_other():
    said = fields_said("try")
    ask = [
        "try",
        GSOMIA,
        "--item",
        "submarine-track-1",
        "--from",
        "kr",
        "--to",
        "jp",
        *NIGHT,
    ]
    permit = printed(said, *ask, "--at", "2019-11-22T23:59:59+09:00")
    denial = printed(said, *ask, "--at", "2019-11-23T00:00:00+09:00")
    theirs = [*ask[:2], "--item", "missile-warning-1", "--from", "us", "--to", "jp"]
    wanting = printed(said, *theirs, "--at", "2019-11-23T00:00:00+09:00")
    assert permit | denial | wanting == said


def said_as(path: str, said: set[str]) -> str | None:
    """The field of the page that speaks of a printed one: itself, or what it is part of."""
    parents = [path[:place] for place, char in enumerate(path) if char in ".["]
    names = (path, *reversed([one for p in parents for one in (p, f"{p}[]")]))
    return next((name for name in names if name in said), None)


def test_every_field_of_a_lapse_is_said_and_no_other():
    said = fields_said("lapse")
    lapse = ["lapse", GSOMIA, "jp-rok-gsomia", "--at", "2019-11-23T00:00:00+09:00"]
    fields = printed(said, *lapse, *NIGHT) | printed(said, *lapse)
    assert {path for path in fields if said_as(path, said) is None} == set()
    assert {said_as(path, said) for path in fields} == said


# -- reasons -------------------------------------------------------------------------------


def test_the_reasons_stand_in_the_order_in_which_they_decide():
    named = [
        h
        for h in HEADINGS
        if not h.startswith("comity ") and h not in ("clock", "try", "lapse")
    ]
    assert named == [str(reason) for reason in Reason]


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_says_whether_later_helps(reason):
    text = " ".join(section(reason).split())
    assert text.endswith(f"Later helps: {'yes' if reason in LATER_HELPS else 'no'}.")


# -- findings ------------------------------------------------------------------------------

CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")
SAYERS = {"find", "_find", "_error", "_warn", "warning", "_say", "_refuse"}


def strings(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return strings(node.body) + strings(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    return []


def codes_in(node: ast.AST) -> Iterator[str]:
    """Yield the codes that a piece of source gives to findings and errors."""
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg == "code":
                yield from strings(keyword.value)
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        said = [s for a in node.args for s in strings(a) if CODE.fullmatch(s)]
        if name in SAYERS and said:
            yield said[0]
    elif isinstance(node, ast.Tuple) and len(node.elts) == 3:
        code, message = strings(node.elts[0]), node.elts[1]
        sentence = isinstance(message, ast.JoinedStr) or any(
            " " in s for s in strings(message)
        )
        if code and CODE.fullmatch(code[0]) and sentence:
            yield code[0]
    elif isinstance(node, ast.FunctionDef):
        for argument, default in zip(
            node.args.kwonlyargs, node.args.kw_defaults, strict=True
        ):
            if argument.arg == "code" and default is not None:
                yield from strings(default)


@cache
def codes_of_the_source() -> frozenset[str]:
    return frozenset(
        code
        for path in (pages.ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for code in codes_in(node)
    )


def codes_said() -> set[str]:
    _, _, findings = PAGE.partition("\n## Findings\n")
    return {cells[0].strip("`") for cells in pages.rows(findings)} - {"code"}


def test_every_finding_of_the_source_has_its_row():
    assert codes_of_the_source() - codes_said() == set()


def test_no_row_is_of_a_finding_that_is_gone():
    assert codes_said() - codes_of_the_source() == set()


def test_every_code_that_a_node_goes_by_is_one_that_something_gives():
    assert set(_FAULTS) <= codes_of_the_source()


def test_the_search_for_codes_finds_those_that_are_known_to_be_there():
    known = {
        "stale-rule",
        "tab",
        "setext",
        "bad-order",
        "usage",
        "invalid-input",
        "id-twice",
    }
    assert known <= codes_of_the_source()
    assert InvalidInput("x").code in codes_of_the_source()
