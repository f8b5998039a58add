"""Why not, from what is remembered of each clause, is what `decide` says: every word of it."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.accords import Op, Operation
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.compiled import Index, pair, told
from comity.errors import NotKnown
from comity.labels import Level
from comity.release import Denial, Permit, Request, decide
from comity.testing import assert_agree, boundary_requests
from comity.worlds import load_world
from make import RELEASE, ROOT, SIGNED, accord, act, at, item, signed
from make import world as world_of
from oracle.compare import WORLDS
from release.worlds_at_random import every_request, instants, worlds

sys.path.insert(0, str(ROOT / "benchmarks"))

from asked import requests as asked_of
from large import large_world


def whole(decision):
    """A decision itself: every word of two is compared."""
    return decision


def differs(index, asked):
    """The first request that is decided otherwise than by `decide`; None where none."""
    for request in asked:
        if index.decide(request) != decide(request, index.world):
            return request
    return None


@settings(max_examples=25, deadline=None)
@given(world=worlds(), when=instants, second=st.integers(-1, 1))
def test_every_denial_of_a_small_world_is_the_plain_one(world, when, second):
    index = Index(world)
    asked = list(every_request([world], Instant(when + second)))
    assert differs(index, asked) is None


@pytest.mark.parametrize("name", ["gsomia", "isac"])
def test_every_denial_of_a_real_world_is_the_plain_one_at_its_boundaries(name):
    world = load_world(WORLDS / name)
    assert assert_agree(world, Index(world).decide, by=whole, limit=1_500, seed=3) == 1_500


@pytest.mark.parametrize("accords", [10, 60])
def test_every_denial_of_a_large_world_is_the_plain_one(accords):
    world = large_world(accords)
    index = Index(world)
    asked = asked_of(world, 1_200, seed=6)
    assert differs(index, asked) is None
    moved = [replace(r, at=Instant(r.at + 5)) for r in asked if r.at < FAR_FUTURE - 5]
    assert differs(index, moved) is None, "what was said in one instant, in another"


def test_what_was_said_of_one_item_is_said_of_another_only_where_it_is_true():
    world = large_world(10)
    index = Index(world)
    asked = asked_of(world, 300, seed=9)
    for request, other in zip(asked, asked[7:], strict=False):
        changed = replace(request, item=other.item)
        assert index.decide(changed) == decide(changed, world)
        label = replace(request.item.label, categories=changed.item.label.categories)
        moved = replace(request, item=replace(request.item, label=label, id="another"))
        assert index.decide(moved) == decide(moved, world)


BLIND = ("held", "scope", "equivalence", "purpose", "channel", "gates", "third_party")
"""The families that read something of a request."""


@pytest.mark.parametrize("name", BLIND)
def test_a_family_that_is_not_asked_again_where_it_should_be_is_noticed(name, monkeypatch):
    look = told.Told._look

    def blind(self, family, text):
        found = look(self, family, text)
        return (lambda *_: None) if family == name and found is not None else found

    monkeypatch.setattr(told.Told, "_look", blind)
    monkeypatch.setattr(told.Kept, "shape", lambda kept, *_: next(kept.numbers))
    for world, asked in (
        (large_world(10), asked_of(large_world(10), 1_500, seed=4)),
        (GATED, GATED_ASKED),
    ):
        if differs(Index(world), asked) is not None:
            return
    pytest.fail(name)


GATED = world_of(
    [
        accord(
            SIGNED
            + RELEASE
            + '[[gate]]\ncites = "1"\nid = "g"\nneeds = "x"\nwho = "recipient"\n'
            + "or_consent = true\n"
        )
    ],
    [
        signed(),
        act(
            "yes",
            "a",
            "2020-01-10",
            Operation(do=Op.CONSENT, holder="a", to="b", item="x", purposes=("p",)),
        ),
    ],
)
"""A world in which a consent stands in for a condition."""

GATED_ASKED = [
    Request(
        item=item(name, originators=whose), sender="a", recipient="b", at=at("2020-02-01")
    )
    for name in ("x", "y")
    for whose in (("a",), ("a", "c"))
]


SHAPE = {
    "level": lambda r: replace(
        r, item=replace(r.item, label=replace(r.item.label, level=Level("none", "NONE")))
    ),
    "categories": lambda r: replace(
        r, item=replace(r.item, label=replace(r.item.label, categories=()))
    ),
    "kind": lambda r: replace(r, item=replace(r.item, kind="")),
    "originators": lambda r: replace(r, item=replace(r.item, originators=())),
    "the item's purpose": lambda r: replace(
        r, item=replace(r.item, purpose=""), purpose=r.for_purpose
    ),
    "purpose": lambda r: replace(r, purpose=""),
    "channel": lambda r: replace(r, channel=""),
    "held as": lambda r: replace(r, held_as=None),
}


@pytest.mark.parametrize("part", SHAPE)
def test_a_shape_that_leaves_something_out_is_noticed(part, monkeypatch):
    shape = told.Kept.shape
    monkeypatch.setattr(
        told.Kept, "shape", lambda kept, r, marks: shape(kept, SHAPE[part](r), marks)
    )
    world = large_world(10)
    asked = asked_of(world, 3_000, seed=4)
    asked += [replace(r, purpose=p) for r in asked[:300] for p in sorted(world.purposes)]
    asked += [
        replace(r, item=replace(r.item, id="another", purpose=p), purpose=r.for_purpose)
        for r in asked[:1_500]
        for p in sorted(world.purposes)[:2]
    ]
    asked += [replace(r, channel=c) for r in asked[:300] for c in sorted(world.channels)]
    assert differs(Index(world), asked) is not None


def test_an_instant_that_is_not_in_the_stretch_is_noticed(monkeypatch):
    init = told.Told.__init__

    def once(self, *args, **more):
        init(self, *args, **more)
        self._cuts = (FAR_PAST,)

    monkeypatch.setattr(told.Told, "__init__", once)
    world = large_world(10)
    assert differs(Index(world), asked_of(world, 300, seed=4)) is not None


def test_a_notice_is_told_from_when_it_is_given():
    """It changes no standing until it bites, and is an article of what is examined."""
    world = load_world(WORLDS / "gsomia")
    index = Index(world)
    given = [
        i for i in world.instruments if any(o.do is Op.GIVE_NOTICE for o in i.operations)
    ]
    starts = {span.start for act in given for span in act.times.values()}
    asked = [
        replace(request, at=Instant(start + second))
        for request in boundary_requests(world, 40, seed=1)
        for start in starts
        for second in (-1, 0, 1)
    ]
    assert differs(index, asked) is None
    articles = {
        one.articles
        for request in asked
        if isinstance(found := index.decide(request), Denial)
        for one in found.considered
    }
    assert len(articles) > 3


@pytest.mark.parametrize("name", ["gsomia", "isac"])
def test_after_each_act_a_denial_is_that_of_the_world_with_it(name):
    told_whole = load_world(WORLDS / name)
    acts = sorted(told_whole.instruments, key=lambda i: i.id)
    for one in acts[:: 20 if name == "gsomia" else 8]:
        less = tuple(i for i in told_whole.instruments if i.id != one.id)
        older = Index(replace(told_whole, instruments=less))
        asked = list(boundary_requests(told_whole, 250, seed=len(one.id)))
        for request in asked:
            older.decide(request)  # what is remembered has to go where the act touches it
        assert differs(older.after([one]), asked) is None, one.id


def test_what_is_remembered_is_let_go_and_the_answer_stays(monkeypatch):
    monkeypatch.setattr(pair, "KEPT_MAX", 200)
    world = large_world(10)
    index = Index(world)
    asked = [r for r in asked_of(world, 600, seed=2) if not index.ask(r).permitted]
    most = 0
    for _ in range(2):
        assert differs(index, asked) is None
        most = max(most, index.pairs.kept.entries)
    assert index.pairs.kept.entries < 400


def test_a_permit_is_made_by_decide_and_a_denial_is_of_what_was_asked():
    world = large_world(10)
    index = Index(world)
    found = [(r, index.decide(r)) for r in asked_of(world, 400, seed=1)]
    assert any(isinstance(one, Permit) for _, one in found)
    for request, one in found:
        assert one.asked is request
        assert isinstance(one, Denial) is not index.ask(request).permitted


def test_an_accord_that_nobody_knows_is_an_error_here_too():
    world = large_world(10)
    request = replace(asked_of(world, 1)[0], under="nothing")
    with pytest.raises(NotKnown):
        Index(world).decide(request)
