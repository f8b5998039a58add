"""The properties of a decision, under their names, over both worlds and at their boundaries."""

from dataclasses import replace
from functools import cache

import pytest

from comity.accords import clauses as c
from comity.accords.table import RELEASING
from comity.accords.times import Instant
from comity.labels import Caveat, Level
from comity.release import Denial, Hold, Permit, Reason, decide
from comity.testing import boundary_requests
from comity.worlds import load_world
from make import GSOMIA, ROOT

GSOMIA_WORLD = load_world(GSOMIA)
ISAC_WORLD = load_world(ROOT / "worlds" / "isac")
WORLDS = (GSOMIA_WORLD, ISAC_WORLD)


def asked(world, many, seed=20191122):
    """Return requests at the boundaries of a world, the same in every run."""
    return list(boundary_requests(world, many, seed=seed))


@cache
def permitted(name, many=60):
    """Return requests that a world permits, with their permits."""
    world = next(world for world in WORLDS if world.id == name)
    found = []
    for request in asked(world, 6_000):
        permit = decide(request, world)
        if isinstance(permit, Permit):
            found.append((request, permit))
        if len(found) == many:
            return found
    raise AssertionError("too few permits")


both = pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.id)


@both
def test_no_release_without_a_standing_accord_or_an_authority(world):
    for request, permit in permitted(world.id):
        pair = (request.sender, request.recipient)
        clock = world.clock(permit.accord)
        for side in pair:
            assert clock.between(request.at, pair, party=side).status in RELEASING
            assert clock.standing(request.at, pair=pair, party=side).status in RELEASING


@both
@pytest.mark.parametrize(
    "kind", [(c.Scope,), (c.Purpose,), (c.Entry,), (c.Equivalence, c.CommonPolicy)]
)
def test_silence_refuses(world, kind):
    """What the accord no longer says it no longer permits; what is one's own comes home."""
    silent = replace(
        world,
        accords=tuple(
            a.without([clause for clause in a.clauses if isinstance(clause, kind)])
            for a in world.accords
        ),
    )
    for request, permit in permitted(world.id):
        if kind == (c.Equivalence, c.CommonPolicy) and coming_home(request):
            continue
        asked_again = replace(request, under=permit.accord)
        assert isinstance(decide(asked_again, silent), Denial)


def coming_home(request):
    return request.item.originators == (request.recipient,)


@both
def test_missing_facts_refuse(world):
    for request, _ in permitted(world.id):
        item = replace(request.item, id="(another)")
        for less in (
            replace(item, originators=()),
            replace(item, label=replace(item.label, categories=())),
            replace(item, label=replace(item.label, level=Level("nobody", "NONE"))),
        ):
            assert isinstance(decide(replace(request, item=less), world), Denial)


@both
@pytest.mark.parametrize("side", ["sender", "recipient"])
def test_a_hold_beats_every_permit(world, side):
    for request, _ in permitted(world.id):
        hold = Hold(
            id="h",
            by=getattr(request, side),
            towards=(c.ANY,),
            accords=(c.ANY,),
            categories=(c.ANY,),
            ground="a court",
            since=request.at,
            stops_accepting=side == "recipient",
        )
        held = decide(request, replace(world, holds=(*world.holds, hold)))
        assert isinstance(held, Denial)
        assert Reason.HELD in {failing.reason for failing in held.failing}
        over = replace(hold, since=Instant(0), before=request.at)
        lifted = replace(world, holds=(*world.holds, over))
        assert isinstance(decide(request, lifted), Permit)


@both
def test_order_and_repetition_do_not_matter(world):
    mixed = replace(
        world,
        instruments=tuple(reversed(world.instruments)),
        holds=tuple(reversed(world.holds)) * 2,
        readings=tuple(reversed(world.readings)) * 2,
    )
    for request in asked(world, 150):
        was, now = decide(request, world), decide(request, mixed)
        assert type(was) is type(now)
        if isinstance(was, Permit) and isinstance(now, Permit):
            assert (was.accord, was.handle_as) == (now.accord, now.handle_as)


@both
def test_fewer_categories_or_caveats_never_lose_a_permit(world):
    """RELIDO and DISPLAY ONLY open what a list closes, so without them one may be lost."""
    tried = 0
    for request, _ in permitted(world.id):
        label = request.item.label
        fewer = [replace(label, categories=(word,)) for word in label.categories]
        if not world.policies[label.level.policy].caveats(label) & OPENING:
            fewer.append(replace(label, tags=()))
        for less in fewer:
            if not request.item.made_from:  # a whole is about all that its parts are about
                item = replace(request.item, id="(another)", label=less)
                assert isinstance(decide(replace(request, item=item), world), Permit)
                tried += 1
    assert tried > 60


OPENING = {Caveat.RELIDO, Caveat.DISPLAY_ONLY}


@both
def test_nor_does_a_lower_level_that_has_a_row(world):
    """For one's own information: a consent may be written for some levels and no other."""
    tried = 0
    for request, permit in permitted(world.id):
        item = request.item
        if item.originators != (request.sender,) or item.made_from:
            continue
        policy, accord = (
            world.policies[item.label.level.policy],
            world.accord(permit.accord),
        )
        rows = {row.from_ for row in accord.all(c.Equivalence)}
        for rule in accord.all(c.CommonPolicy):
            rows |= {Level(rule.policy, name) for name in rule.levels}
        for name in sorted(policy.below(item.label.level.name)):
            lower = Level(policy.id, name)
            if lower in rows:
                label = replace(item.label, level=lower)
                less = replace(item, id="(another)", label=label)
                assert isinstance(decide(replace(request, item=less), world), Permit)
                tried += lower != item.label.level
    assert tried > 10


def test_every_originator_counts():
    """One more originator that has not consented is one too many."""
    tried = 0
    for request, _ in permitted(GSOMIA_WORLD.id):
        item = request.item
        (third,) = set(GSOMIA_WORLD.parties) - {request.sender, request.recipient}
        if third in item.originators or item.made_from:
            continue
        more = replace(item, id="(another)", originators=(*item.originators, third))
        answer = decide(replace(request, item=more), GSOMIA_WORLD)
        assert isinstance(answer, Denial)
        assert third in {party for failing in answer.failing for party in failing.whose}
        tried += 1
    assert tried > 20
