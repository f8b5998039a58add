"""Requests at the boundaries: different, the same each time, near misses, and cheap."""

from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest

from comity.accords.times import FAR_FUTURE, FAR_PAST
from comity.errors import InvalidInput
from comity.release import Hold, Permit, Reason, decide
from comity.testing import boundary_requests
from comity.worlds import load_world
from make import AFTER, RELEASE, ROOT, SIGNED, accord, signed, world
from testing import planted

TOLD = {name: load_world(ROOT / "worlds" / name) for name in ("gsomia", "isac")}
SMALL = world([accord(SIGNED + AFTER + RELEASE)], [signed()])
LEAST_SHARE = 0.25
"""Of permits, and of denials: what is refused throughout shows little."""


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_requests_are_different_and_the_same_for_the_same_seed(told):
    first = list(boundary_requests(told, 300, seed=1))
    assert first == list(
        boundary_requests(load_world(ROOT / "worlds" / told.id), 300, seed=1)
    )
    assert len({request.digest for request in first}) == 300
    assert first != list(boundary_requests(told, 300, seed=2))


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_many_are_permitted_and_many_are_a_step_away(told):
    found = Counter(
        isinstance(decide(request, told), Permit)
        for request in boundary_requests(told, 600)
    )
    assert found[True] > LEAST_SHARE * 600
    assert found[False] > LEAST_SHARE * 600


def test_most_reasons_for_a_denial_come_up_soon():
    """Two of them take an accord that neither world has: one of one side's kind, and one too open."""
    found = {
        answer.reason
        for told in (
            *TOLD.values(),
            planted.world("labels, inspected"),
            planted.world("labels"),
        )
        for request in boundary_requests(told, 500)
        if not isinstance(answer := decide(request, told), Permit)
    }
    assert set(Reason) - found <= {Reason.ONWARD_NOT_ADMITTED, Reason.EXCEPTED}


def test_a_second_to_each_side_of_an_edge_is_asked_with_all_else_the_same():
    found: dict[str, set[int]] = {}
    for request in boundary_requests(TOLD["gsomia"], 400):
        key = replace(request, at=FAR_PAST).digest
        found.setdefault(key, set()).add(request.at)
    around = [at for at in found.values() if any({m - 1, m + 1} <= at for m in at)]
    assert len(around) > 40


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_no_two_items_that_differ_share_an_id(told):
    seen = dict(told.items)
    for request in boundary_requests(told, 1_000):
        assert seen.setdefault(request.item.id, request.item) == request.item


def test_a_world_is_left_as_it_was():
    before = replace(TOLD["gsomia"])
    _ = list(boundary_requests(TOLD["gsomia"], 200))
    assert TOLD["gsomia"] == before


def test_no_instant_is_outside_time():
    for request in boundary_requests(SMALL, 500):
        assert FAR_PAST <= request.at <= FAR_FUTURE


def test_a_limit_is_kept_and_without_one_they_end_where_there_are_no_more():
    assert len(list(boundary_requests(SMALL, 7))) == 7
    assert list(boundary_requests(SMALL, 0)) == []
    hold = Hold(
        id="h",
        by="c",
        towards=("any",),
        accords=("any",),
        categories=("any",),
        ground="it has no accord",
        since=FAR_PAST,
    )
    assert list(boundary_requests(world(holds=(hold,)))) == []


def test_a_world_with_nothing_to_ask_about_is_refused_and_at_once():
    with pytest.raises(InvalidInput, match="nothing to ask about") as caught:
        boundary_requests(world())
    assert caught.value.code == "empty-world"


def test_in_a_world_of_many_accords_only_those_asked_about_are_folded():
    many = [accord(SIGNED + AFTER + RELEASE, name=f"t{number}") for number in range(300)]
    told = world(many, [signed(of=text.id) for text in many])
    found = list(islice(boundary_requests(told), 100))
    assert len(found) == 100
    assert len(told._clocks) < 40
