"""What rests on one accord alone is what stops when it is taken away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from comity.compiled import Index
from comity.compiled.only import only
from comity.errors import NotKnown
from comity.release import Permit, decide
from make import at
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
    for accord in world.accords:
        rest = replace(world, accords=tuple(a for a in world.accords if a is not accord))
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
            for one in only(index, accord.id, when)
            for category in one.categories
            for kind in one.kinds
            for purpose in one.purposes
            for channel in one.channels
        }
        sent = {key for key in found if str(key[2]).startswith(f"{key[0]}:")}
        assert sent == stops


def test_an_accord_that_nobody_knows_is_an_error():
    with pytest.raises(NotKnown):
        only(Index(world_of()), "nothing", at("2020-01-01"))
