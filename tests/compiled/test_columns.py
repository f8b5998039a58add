"""Columns answer every flow as `decide` does, one by one."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.compiled import Index
from comity.compiled.arrays import Stretched
from comity.compiled.columns import Columns
from comity.compiled.corpus import Held
from comity.compiled.flows import BY_AUTHORITY, DENIED, Flows
from comity.labels import Level, Mark
from comity.release import Permit, Request, decide
from comity.worlds import load_world
from make import RELEASE, ROOT, SIGNED, accord, at, item, signed
from make import world as small
from oracle.compare import WORLDS

sys.path.insert(0, str(ROOT / "benchmarks"))

from asked import requests as asked_of
from large import large_world


def flows(columns, asked):
    """The corpus and the flows that some requests are."""
    entries = [
        r.item
        if r.held_as is None
        else Held(item=r.item, by=r.sender, level=r.held_as, tags=r.held_tags)
        for r in asked
    ]

    def places(words, said):
        numbers = {word: n for n, word in enumerate(words)}
        return np.array([-1 if one is None else numbers[one] for one in said], np.int64)

    return columns.corpus(entries), Flows.of(
        np.arange(len(asked)),
        places(columns.parties, [r.sender for r in asked]),
        places(columns.parties, [r.recipient for r in asked]),
        np.array([r.at for r in asked], np.int64),
        purpose=places(columns.purposes, [r.purpose for r in asked]),
        channel=places(columns.channels, [r.channel for r in asked]),
        under=places(columns.accords, [r.under for r in asked]),
    )


def said(columns, answer):
    if answer == BY_AUTHORITY:
        return "an authority"
    return None if answer == DENIED else columns.accords[answer]


def plainly(request, world):
    found = decide(request, world)
    if not isinstance(found, Permit):
        return None
    return "an authority" if found.authority else found.accord


@pytest.mark.parametrize("accords", [10, 60])
def test_flows_of_a_large_world_are_answered_as_plainly(accords):
    world = large_world(accords)
    columns = Columns(Index(world))
    asked = [r for r in asked_of(world, 1_500, seed=21) if r.received is None]
    found = columns.decide(*flows(columns, asked))
    wanted = [plainly(request, world) for request in asked]
    assert [said(columns, one) for one in found] == wanted
    assert len(set(wanted)) > 5


@pytest.mark.parametrize("name", ["gsomia", "isac"])
def test_flows_of_a_real_world_are_answered_as_plainly(name):
    world = load_world(WORLDS / name)
    columns = Columns(Index(world))
    days = (
        "2016-11-22",
        "2016-11-24",
        "2019-11-22",
        "2019-11-23",
        "2023-03-22",
        "2026-03-01",
    )
    items = list(world.items.values())[:12]
    asked = [
        Request(item=one, sender=sender, recipient=recipient, at=at(day))
        for one in items
        for sender in world.parties
        for recipient in list(world.parties)[:5]
        for day in days
    ]
    found = columns.decide(*flows(columns, asked))
    assert [said(columns, one) for one in found] == [plainly(r, world) for r in asked]


@pytest.mark.parametrize("name", ["gsomia", "isac", "made up"])
def test_the_columns_hold_just_what_the_index_does(name):
    world = large_world(10) if name == "made up" else load_world(WORLDS / name)
    columns = Columns(Index(world))
    pairs = [(a, b) for a in world.parties for b in world.parties]
    assert all(columns.same(*pair) for pair in pairs)
    columns._accord = np.roll(columns._accord, 1)
    assert not all(columns.same(*pair) for pair in pairs)


def test_a_corpus_is_decided_alike_in_one_piece_and_in_many(monkeypatch):
    world = large_world(10)
    columns = Columns(Index(world))
    asked = [r for r in asked_of(world, 500, seed=4) if r.received is None]
    given = flows(columns, asked)
    whole = columns.decide(*given)
    monkeypatch.setattr("comity.compiled.columns.CHUNK", 7)
    assert (columns.decide(*given) == whole).all()
    monkeypatch.setattr("comity.compiled.columns.MANY", 0)
    assert (columns.decide(*given) == whole).all()


def test_no_flow_at_all_is_no_answer():
    columns = Columns(Index(large_world(10)))
    none = np.array([], np.int64)
    assert len(columns.decide(columns.corpus([]), Flows.of(none, none, none, none))) == 0


def test_a_stretch_is_found_as_a_search_finds_it():
    dice = np.random.default_rng(7)
    starts, bounds = [], []
    for row in range(40):
        cuts = sorted({FAR_PAST, *dice.integers(0, 10_000, dice.integers(0, 30)).tolist()})
        bounds.append(cuts)
        starts += [(row, cut) for cut in cuts]
    stretched = Stretched(starts, 40)
    rows, when = dice.integers(0, 40, 5_000), dice.integers(-50, 10_100, 5_000)
    found = stretched.at(rows, when)
    for row, instant, place in zip(rows, when, found, strict=True):
        assert starts[place] == (row, max(c for c in bounds[row] if c <= instant))


def test_a_row_leads_on_from_a_held_tag_that_no_policy_knows_as_it_does_plainly():
    rows = (
        '[[equivalence]]\ncites = "1"\nfrom = "c:LOW"\nto = ["b:LOW"]\n'
        '[[tag_equivalence]]\ncites = "1"\nfrom = "b:s/NONE"\nto = ["a:s/NONE"]\n'
    )
    text = accord(SIGNED + RELEASE.replace("each originator", "not needed") + rows)
    request = Request(
        item=item(originators=("c",), level="c:LOW"),
        sender="b",
        recipient="a",
        at=at("2021-01-01"),
        held_as=Level("b", "LOW"),
        held_tags=(Mark("b", "s", "NONE"),),
    )
    columns = Columns(Index(small([text], [signed()])))
    assert said(columns, columns.decide(*flows(columns, [request]))[0]) == "t"


@pytest.mark.parametrize("instant", [FAR_PAST - 1, FAR_PAST, FAR_FUTURE - 1, FAR_FUTURE])
def test_a_flow_before_or_after_all_time_is_answered_as_plainly(instant):
    world = small([accord()], [signed()])
    columns = Columns(Index(world))
    request = Request(item=item(), sender="a", recipient="b", at=Instant(instant))
    found = columns.decide(*flows(columns, [request]))
    assert said(columns, found[0]) == plainly(request, world)


def test_a_world_without_accords_lets_nothing_go():
    columns = Columns(Index(small([], [])))
    request = Request(item=item(), sender="a", recipient="b", at=at("2021-01-01"))
    assert columns.decide(*flows(columns, [request])).tolist() == [DENIED]


def test_a_world_without_words_lets_nothing_go():
    none = dict.fromkeys(("categories", "kinds", "purposes", "channels"), frozenset())
    columns = Columns(Index(small([accord()], [signed()], **none)))
    request = Request(item=item(), sender="a", recipient="b", at=at("2021-01-01"))
    assert columns.decide(*flows(columns, [request])).tolist() == [DENIED]
