"""Many decisions together are those of `decide`, with numpy and without it."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.compiled import Index
from comity.compiled.columns import Columns, decided_together
from comity.compiled.flow import Flow
from comity.compiled.flows import Flows
from comity.compiled.many import covering, decided, one_by_one
from comity.errors import NotKnown
from comity.release import Permit, decide
from comity.release.world import Authority
from comity.worlds import load_world
from make import ROOT, accord, at, item, signed
from make import world as small
from oracle.compare import WORLDS

sys.path.insert(0, str(ROOT / "benchmarks"))

from asked import requests as asked_of
from large import large_world

WAYS = {"columns": decided_together, "one by one": one_by_one}


def plainly(flow, world):
    found = decide(flow.request(), world)
    return (found.accord, found.authority) if isinstance(found, Permit) else (None, None)


@pytest.fixture(scope="module", params=["gsomia", "isac", "made up"])
def given(request):
    """A world with flows of its items between any two, at a few instants."""
    if request.param == "made up":
        world = large_world(10)
        asked = asked_of(world, 600, seed=8)
        some = [Flow(r.item, r.sender, r.recipient, r.at, r.under) for r in asked]
        return world, some
    world = load_world(WORLDS / request.param)
    parties = [*list(world.parties)[:5], "a stranger"]
    return world, [
        Flow(one, sender, recipient, at(day), under)
        for one in list(world.items.values())[:3]
        for sender in parties
        for recipient in parties
        for day in ("2016-11-23", "2019-11-23", "2026-03-01")
        for under in (None, world.accords[0].id)
    ]


@pytest.mark.parametrize("how", WAYS)
def test_many_flows_are_answered_as_plainly(given, how):
    world, flows = given
    wanted = [plainly(flow, world) for flow in flows]
    assert [tuple(one) for one in WAYS[how](Index(world), flows)] == wanted
    assert len(set(wanted)) > 2


def test_without_numpy_the_answers_are_the_same(given, monkeypatch):
    world, flows = given
    with_it = decided(Index(world), flows)
    every = covering(Index(world), flows)
    monkeypatch.delitem(sys.modules, "comity.compiled.columns")
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ModuleNotFoundError):
        import comity.compiled.columns  # noqa: F401, PLC0415
    assert decided(Index(world), flows) == with_it
    assert covering(Index(world), flows) == every


def test_every_accord_that_covers_a_flow_is_named(given):
    world, flows = given
    for flow, names in zip(flows[::3], covering(Index(world), flows[::3]), strict=True):
        for one in world.between(flow.sender, flow.recipient):
            found = decide(flow._replace(under=one.id).request(), world)
            assert isinstance(found, Permit) is (one.id in names)


def test_columns_of_some_pairs_and_some_time_are_right_about_all_others_too(given):
    world, flows = given
    index, some = Index(world), flows[:: len(flows) // 3]
    when = sorted(flow.at for flow in some)
    columns = Columns(
        index,
        pairs=[(flow.sender, flow.recipient) for flow in some],
        since=when[0],
        before=Instant(when[-1] + 1),
    )
    whole = Columns(index)
    corpus = whole.corpus([flow.item for flow in flows])
    places = index.words.party
    known = [n for n, f in enumerate(flows) if {f.sender, f.recipient} <= places.keys()]
    asked = whole_flows(flows, known, places)
    assert (columns.decide(corpus, asked) == whole.decide(corpus, asked)).all()


def whole_flows(flows, known, places):
    from comity.compiled.arrays import ints  # noqa: PLC0415

    return Flows.of(
        ints(known),
        ints([places[flows[n].sender] for n in known]),
        ints([places[flows[n].recipient] for n in known]),
        ints([flows[n].at for n in known]),
    )


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("instant", [FAR_PAST - 1, FAR_PAST, FAR_FUTURE - 1, FAR_FUTURE])
def test_flows_at_the_ends_of_time_are_answered_as_plainly(how, instant):
    world = small([accord()], [signed()])
    flows = [
        Flow(item(), "a", "b", Instant(instant)),
        Flow(item(), "a", "b", at("2021-01-01")),
    ]
    found = WAYS[how](Index(world), flows)
    assert [tuple(one) for one in found] == [plainly(flow, world) for flow in flows]


@pytest.mark.parametrize("how", WAYS)
def test_a_flow_under_a_written_authority_names_it(how):
    world = small([accord()], [], authorities_on=True)
    authority = Authority(
        id="leave",
        by="a",
        to=("b",),
        items=(item().id,),
        categories=(),
        levels=(),
        purposes=(item().purpose,),
        conditions=(),
        signed_by=("x", "y"),
        since=at("2020-01-01"),
        before=at("2022-01-01"),
    )
    world = replace(world, authorities=(authority,))
    flows = [Flow(item(), "a", "b", at(day)) for day in ("2021-01-01", "2023-01-01")]
    found = WAYS[how](Index(world), flows)
    assert [tuple(one) for one in found] == [plainly(flow, world) for flow in flows]
    assert [one.authority for one in found] == ["leave", None]


@pytest.mark.parametrize("how", WAYS)
def test_an_accord_that_nobody_knows_is_an_error(how):
    index = Index(small([accord()], [signed()]))
    with pytest.raises(NotKnown):
        WAYS[how](index, [Flow(item(), "a", "b", at("2021-01-01"), "nowhere")])


@pytest.mark.parametrize("how", WAYS)
def test_no_flow_has_no_answer(how):
    assert WAYS[how](Index(small([accord()], [signed()])), []) == []
