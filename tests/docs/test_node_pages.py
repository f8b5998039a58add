"""The pages on a node and its endpoint have every problem, event, key, limit and code there is."""

import ast
import re
from dataclasses import fields

import pytest

from comity.exchange.endpoint import PARTNERS
from comity.exchange.limits import KIB, MIB
from comity.exchange.logs import EVENTS
from comity.exchange.ownside import OWN
from comity.exchange.problem import PROBLEMS
from comity.exchange.settings import FORMAT, Settings
from docs import pages

HTTP = pages.text_of(pages.FORMATS / "http.md")
NODE = pages.text_of(pages.FORMATS / "node.md")
SOURCE = [
    ast.parse(path.read_text("utf-8"))
    for path in (pages.ROOT / "src" / "comity" / "exchange").glob("*.py")
]


def table(text, heading):
    """Return the rows of the table whose first heading cell is given."""
    lines = text[text.index(f"| {heading} |") :].split("\n\n")[0].split("\n")[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def first_words(method):
    """Yield the first argument of every call of a name in the exchange's source."""
    for tree in SOURCE:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                first = node.args[0]
                if name == method and isinstance(first, ast.Constant):
                    yield first.value


def test_every_problem_is_on_the_page_with_its_status_and_whether_to_ask_again():
    said = {
        row[0].strip("`"): (int(row[1]), row[2] == "yes") for row in table(HTTP, "type")
    }
    assert said == {name: (kind.status, kind.again) for name, kind in PROBLEMS.items()}


def test_every_problem_is_somebodys_answer():
    used = set(first_words("Problem")) | {"not-found", "invalid", "not-at-hand", "no-space"}
    assert set(PROBLEMS) - used == set()


def test_every_event_of_the_log_is_on_the_page_and_is_said():
    said = {
        name for row in table(NODE, "event") for name in re.findall(r"`([a-z]+)`", row[0])
    }
    assert said == set(EVENTS)
    assert set(first_words("say")) == set(EVENTS)


def test_every_key_of_a_node_is_on_the_page():
    said = {row[0].strip("`") for row in table(NODE, "key")}
    assert said == {"format"} | {field.name for field in fields(Settings)}
    assert f'format = "{FORMAT}"' in NODE


@pytest.mark.parametrize(("limits", "place"), [(PARTNERS, 1), (OWN, 2)])
def test_the_limits_on_the_page_are_those_of_the_code(limits, place):
    rows = {row[0]: row[place] for row in table(HTTP, "what")}
    if place == 1:
        assert rows["head of a request"].startswith(f"{limits.head // KIB} KiB")
        assert f"in {limits.head_seconds:g} s" in rows["head of a request"]
        assert rows["TLS handshake"] == f"{limits.handshake_seconds:g} s"
        assert rows["between two requests of a connection"] == f"{limits.idle_seconds} s"
        assert rows["a peer that does not read"] == f"{limits.write_seconds:g} s"
    assert rows["body of one request"] == f"{limits.body // MIB} MiB"
    assert rows["connections, in all / of one peer"] == (
        f"{limits.connections} / {limits.per_peer}"
    )
    assert rows["requests at once of one party or token"] == str(limits.requests_per_peer)
    assert rows["bodies in memory"] == f"{limits.held // MIB} MiB"
