"""Items decided together differ as they do asked one by one."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from comity.accords import Op, Operation
from comity.changes.asking import Answer, Asking, Change
from comity.changes.items import Alike, items_apart
from comity.compiled import many
from comity.release import Reason, Request
from make import (
    RELEASE,
    ROOT,
    SIGNED,
    accord,
    act,
    at,
    gsomia,
    item,
    signed,
    world,
)

sys.path.insert(0, str(ROOT / "benchmarks"))

from asked import requests as asked_of
from large import large_world

NOW = at("2020-06-01")
NIGHT = at("2019-11-22T15:00:00")


def of_a_large_world():
    """One world at two instants; with and without some acts, some holds, half the accords."""
    large, when = large_world(10), at("2018-06-01")
    asked = [r.item for r in asked_of(large, 400, seed=3)]
    items = tuple({one.id: one for one in asked if len(one.originators) < 3}.values())[:60]
    yield (large, at("2009-06-01")), (large, at("2022-06-01")), items
    fewer = replace(large, holds=(), instruments=large.instruments[::2])
    yield (fewer, when), (large, when), items
    rest = replace(large, accords=large.accords[::2])
    yield (large, when), (rest, when), items


def of_the_night():
    """What stops at midnight, and later."""
    ended = gsomia().without(["kr-suspension-2019", "kr-withdrawal-2023"])
    items = tuple(ended.items.values())
    yield (ended, NIGHT - 1), (ended, NIGHT), items
    yield (ended, NIGHT), (gsomia(), NIGHT), items


def of_choices():
    """A recipient that designates another level, for one item, for one category, and for all."""
    offers = '\n[[equivalence]]\ncites = "1"\nfrom = "a:HIGH"\nto = ["b:LOW", "b:HIGH"]\n'
    text = accord(SIGNED + RELEASE + offers + 'choose = "recipient"\n')
    items = [item(f"x{n}", level="a:HIGH") for n in range(3)]
    items.append(item("y", level="a:HIGH", categories=("l",)))
    before = world([text], [signed()])
    for change in ({"item": "x1"}, {"categories": ("l",)}, {}):
        designates = Operation(do=Op.DESIGNATE, level="b:HIGH", **change)
        after = world([text], [signed(), act("chosen", "b", "2020-03-01", designates)])
        yield (before, NOW), (after, NOW), tuple(items)


CASES = [*of_a_large_world(), *of_the_night(), *of_choices()]


def one_by_one(before, after, items):
    """The differences and counts, each flow decided plainly."""
    asking, parties = Asking(before, after), {*before[0].parties, *after[0].parties}
    made, permitted, refused, held = [], 0, 0, 0
    for one in items:
        for sender in one.originators:
            for recipient in sorted(parties - {sender}):
                request = Request(item=one, sender=sender, recipient=recipient, at=after[1])
                found = asking.difference(request)
                if isinstance(found, Answer):
                    was = found
                elif found.change is Change.REFUSED_OTHERWISE:
                    was = found.before
                else:
                    ways = asking.ways(request, found)
                    made.append((one.id, sender, recipient, found, ways))
                    continue
                permitted += was.permitted
                refused += not was.permitted
                held += was.reason is Reason.HELD
    return made, Alike(permitted=permitted, refused=refused, held=held)


@pytest.mark.parametrize("number", range(len(CASES)))
@pytest.mark.parametrize("numpy", [True, False], ids=["columns", "one by one"])
def test_items_decided_together_differ_as_they_do_one_by_one(number, numpy, monkeypatch):
    before, after, items = CASES[number]
    if not numpy:
        monkeypatch.setattr("comity.changes.items.decided", many.one_by_one)
        monkeypatch.setattr(many, "decided", many.one_by_one)
    found = compare_items(before, after, items)
    assert found == one_by_one(before, after, items)
    assert found[0]


def compare_items(before, after, items):
    made, alike = items_apart(Asking(before, after), items)
    return [(i.item, i.sender, i.recipient, i.difference, i.ways) for i in made], alike
