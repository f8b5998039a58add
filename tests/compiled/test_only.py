"""What rests on one accord alone is what stops when it is taken away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from comity.accords import Op, Operation
from comity.compiled import Index
from comity.compiled.only import only
from comity.errors import NotKnown
from comity.release import Permit, decide
from make import RELEASE, SIGNED, accord, act, at, signed
from make import world as world_of
from release.worlds_at_random import every_request, instants, worlds


def permitted(request, world):
    found = decide(request, world)
    return isinstance(found, Permit) and found.authority is None


@settings(max_examples=30, deadline=None)
@given(world=worlds(), when=instants)
def test_it_is_whatever_no_other_accord_covers(world, when):
    index = Index(world)
    asked = [
        r
        for r in every_request([world], when)
        if r.item.originators == (r.sender,) and r.held_as is None
    ]
    for one_of in world.accords:
        rest = replace(world, accords=tuple(a for a in world.accords if a is not one_of))
        stops = {
            (
                r.sender,
                r.recipient,
                r.item.label.level,
                r.item.label.categories[0],
                r.item.kind,
                r.for_purpose,
                r.by_channel,
            )
            for r in asked
            if permitted(r, world) and not permitted(r, rest)
        }
        found = {
            (one.sender, one.recipient, one.level, category, kind, purpose, channel)
            for one in only(index, one_of.id, when)
            for category in one.categories
            for kind in one.kinds
            for purpose in one.purposes
            for channel in one.channels
        }
        assert found == stops


GATE = """
[[gate]]
cites = "1"
id = "assured"
needs = "an assurance"
who = "sender"
or_consent = true
"""


def test_what_another_accord_covers_with_a_consent_does_not_rest_on_one_alone():
    other = accord(SIGNED + RELEASE + GATE, name="u")
    consent = Operation(
        do=Op.CONSENT,
        holder="a",
        to="b",
        categories=("k", "l", "m"),
        levels=("a:LOW", "b:LOW"),
        purposes=("p", "q"),
    )
    when = at("2020-06-01")
    acts = [signed(), act("s", ("a", "b"), "2020-01-01", Op.SIGN, of="u")]
    alone = world_of([accord()], acts[:1])
    both = world_of(
        [accord(), other], [*acts, act("yes", "a", "2020-02-01", consent, of="u")]
    )
    assert any(one.sender == "a" for one in only(Index(alone), "t", when))
    assert not [one for one in only(Index(both), "t", when) if one.sender == "a"]


def test_an_accord_that_nobody_knows_is_an_error():
    with pytest.raises(NotKnown):
        only(Index(world_of()), "nothing", at("2020-01-01"))
