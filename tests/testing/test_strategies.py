"""Strategies draw what the iterator yields, shrink it, and say what they need."""

import builtins
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from comity.accords.times import FAR_FUTURE, FAR_PAST
from comity.errors import NotKnown
from comity.release import Permit, decide
from comity.testing import Edges, instants, items, requests
from comity.worlds import load_world
from make import AFTER, RELEASE, ROOT, SIGNED, accord, notice, signed, world

GSOMIA = load_world(ROOT / "worlds" / "gsomia")
TOLD = world([accord(SIGNED + AFTER + RELEASE)], [signed(), notice("2020-03-01")])
ITEMS, INSTANTS = items(GSOMIA), instants(GSOMIA)
quick = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)


@quick
@given(requests(GSOMIA))
def test_a_request_is_one_that_can_be_decided(request):
    answer = decide(request, GSOMIA)
    assert answer.request == request.digest


@quick
@given(st.data())
def test_items_and_instants_are_drawn_alone_as_well(data):
    item, instant = data.draw(ITEMS), data.draw(INSTANTS)
    assert item.id
    assert FAR_PAST <= instant <= FAR_FUTURE


def test_the_second_before_an_end_is_drawn_and_made_small():
    edges = {edge.at for edge in Edges(TOLD).of("t")}
    found = find(
        requests(TOLD),
        lambda r: isinstance(decide(r, TOLD), Permit) and r.at + 1 in edges,
        settings=settings(max_examples=2_000, database=None),
    )
    assert (found.purpose, found.channel, found.under) == (None, None, None)
    assert len(found.item.label.categories) == 1


def test_an_instant_between_two_edges_is_drawn():
    near = {edge.at + step for edge in Edges(TOLD).of("t") for step in (-1, 0, 1)}
    lowest, highest = min(near), max(near)
    between = find(
        instants(TOLD),
        lambda at: at not in near and lowest < at < highest,
        settings=settings(max_examples=2_000, database=None),
    )
    assert lowest < between < highest


@pytest.mark.parametrize("strategy", [requests, items, instants])
def test_without_hypothesis_it_is_said_what_to_install(strategy, monkeypatch):
    bring_in = builtins.__import__

    def missing(name, *rest):
        if name.partition(".")[0] == "hypothesis":
            raise ImportError(name)
        return bring_in(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(NotKnown, match="needs the package `hypothesis`") as caught:
        strategy(GSOMIA)
    assert "comity[testing]" in caught.value.hint


def test_the_room_itself_needs_no_hypothesis():
    code = "import sys, comity.testing; sys.exit('hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
