"""The index answers every request as `decide` does, and an act changes only what it touches."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.accords import Op, Operation
from comity.accords.times import FAR_PAST, Instant
from comity.compiled import Index
from comity.errors import InvalidInput, NotKnown
from comity.release import Denial, Permit, Reason, Request, decide
from comity.worlds import load_world
from make import AFTER, RELEASE, ROOT, SIGNED, accord, at, item, notice, signed
from make import world as world_of
from oracle.boundary import BESIDE, prepare, requests
from oracle.compare import CASES, WORLDS
from release.worlds_at_random import every_request, instants, worlds

sys.path.insert(0, str(ROOT / "benchmarks"))

from asked import requests as asked_of
from large import large_world


def plainly(request, world):
    found = decide(request, world)
    return (found.accord, found.authority) if isinstance(found, Permit) else (None, None)


def differs(index, asked):
    """The first request that the index answers otherwise than `decide`; None where none."""
    for request in asked:
        found = index.ask(request)
        if (found.accord, found.authority) != plainly(request, index.world):
            return request
    return None


@settings(max_examples=25, deadline=None)
@given(world=worlds(), when=instants, second=st.integers(-1, 1))
def test_every_request_of_a_small_world_is_answered_as_plainly(world, when, second):
    index = Index(world)
    assert differs(index, every_request([world], Instant(when + second))) is None


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_real_world_is_answered_as_plainly_at_its_boundaries(case, tmp_path):
    source = WORLDS / case.world if (WORLDS / case.world).exists() else BESIDE / case.world
    told = prepare(source, tmp_path / "w", case.beside, case.without)
    world = load_world(tmp_path / "w")
    found = [
        Request(
            item=world.items[one["item"]],
            sender=one["from"],
            recipient=one["to"],
            at=Instant(one["at"]),
            purpose=one["purpose"],
            channel=one["channel"],
            under=one["under"],
        )
        for one in requests(tmp_path / "w", told, 600 // case.share, 11)
    ]
    assert differs(Index(world), found) is None


@pytest.mark.parametrize("accords", [10, 60])
def test_a_large_world_is_answered_as_plainly(accords):
    world = large_world(accords)
    index = Index(world)
    assert differs(index, asked_of(world, 1_500, seed=5)) is None


def test_until_then_the_answer_stays_the_same():
    world = large_world(10)
    index = Index(world)
    for request in asked_of(world, 300, seed=8):
        if request.at < FAR_PAST + 2:
            continue
        found = index.ask(request)
        assert found.before > request.at
        if found.before < at("2100-01-01"):
            last = replace(request, at=Instant(found.before - 1))
            assert index.ask(last)[:2] == found[:2], request


def test_an_accord_that_nobody_knows_is_an_error_as_it_is_plainly():
    world = large_world(10)
    request = replace(asked_of(world, 1)[0], under="nothing")
    with pytest.raises(NotKnown):
        decide(request, world)
    with pytest.raises(NotKnown):
        Index(world).ask(request)


@pytest.mark.parametrize(
    "change",
    [
        {"sender": "nobody"},
        {"recipient": "nobody"},
        {"purpose": "no purpose"},
        {"channel": "no channel"},
        {"item": item("x", originators=("nobody",))},
        {"item": item("x", originators=())},
        {"item": item("x", categories=())},
        {"item": item("x", kind="no kind")},
        {"item": item("x", level="a:NONE")},
    ],
)
def test_an_unknown_word_permits_nothing(change):
    world = large_world(10)
    index = Index(world)
    permitted = next(r for r in asked_of(world, 200) if index.ask(r).permitted)
    assert not index.ask(replace(permitted, **change)).permitted


def test_accords_in_a_circle_are_answered_as_plainly():
    tie = '\n[[tied]]\ncites = "1"\nto = "{}"\nhow = "start and end"\n'
    texts = [
        accord(SIGNED + RELEASE + tie.format(to), name=name)
        for name, to in (("t", "u"), ("u", "t"))
    ]
    told = world_of(texts, [signed()])
    index = Index(told)
    barred = Request(
        item=item(kind="no kind"), sender="a", recipient="b", at=at("2020-02-01")
    )
    assert isinstance(decide(barred, told), Denial)
    assert index.decide(barred) == decide(barred, told)
    assert not index.ask(barred).permitted
    for answer in (index.ask, index.decide, lambda r: decide(r, told)):
        with pytest.raises(InvalidInput) as caught:
            answer(replace(barred, item=item()))
        assert caught.value.code == "circle"


def test_what_was_done_at_no_known_time_is_not_settled_at_the_beginning_of_the_calendar():
    told = world_of(
        [accord(SIGNED + AFTER + RELEASE)],
        [replace(signed(), times={}), replace(notice("2020-03-01"), times={})],
    )
    index = Index(told)
    for when in (FAR_PAST, FAR_PAST + 1, FAR_PAST + 86_400 * 40, at("2020-01-01")):
        request = Request(item=item(), sender="a", recipient="b", at=Instant(when))
        found = decide(request, told)
        assert isinstance(found, Denial)
        assert found.reason is Reason.UNSETTLED
        assert index.decide(request) == found


# -- acts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gsomia", "isac"])
def test_after_each_act_the_index_is_that_of_the_world_with_it(name):
    whole = load_world(WORLDS / name)
    acts = sorted(whole.instruments, key=lambda i: i.id)[:: 9 if name == "gsomia" else 4]
    items = list(whole.items.values())[:6]
    for act in acts:
        world = replace(
            whole, instruments=tuple(i for i in whole.instruments if i.id != act.id)
        )
        older = Index(world)
        cuts = [cut for cut in moments(whole, act) if cut > 0]
        asked = [
            Request(item=one, sender=sender, recipient=recipient, at=Instant(cut))
            for cut in cuts
            for one in items
            for sender in whole.parties
            for recipient in list(whole.parties)[:4]
        ][:400]
        for request in asked:
            older.ask(request)  # what is remembered has to go where the act touches it
        assert differs(older.after([act]), asked) is None, act.id


def moments(world, act):
    """Some instants at which an accord changes, and one second before each."""
    found = world.clock(act.accord).moments()[1:]
    return [cut - step for cut in found[-4:] for step in (0, 1)]


def test_an_act_leaves_the_pairs_of_other_accords_as_they_were():
    world = large_world(60)
    index = Index(world)
    asked = asked_of(world, 400, seed=3)
    for request in asked:
        index.ask(request)
    act = next(i for i in world.instruments if i.operations[0].do is Op.GIVE_NOTICE)
    again = replace(act, id="once more")
    made = index.after([again])
    parties = set(world.accord(act.accord).parties)
    for request in asked:
        touched = {request.sender, request.recipient} <= parties
        if request.sender in world.parties and request.recipient in world.parties:
            same = made.pair(request.sender, request.recipient) is index.pair(
                request.sender, request.recipient
            )
            assert not (same and touched)
    kept = sum(
        made.pair(r.sender, r.recipient) is index.pair(r.sender, r.recipient) for r in asked
    )
    assert kept > len(asked) / 2
    assert differs(made, asked) is None


def test_an_act_leaves_what_other_accords_let_go_between_the_same_two():
    world = large_world(60)
    index = Index(world)
    act = next(i for i in world.instruments if i.operations[0].do is Op.GIVE_NOTICE)
    sender, recipient = next(
        two
        for two in permutations(world.accord(act.accord).parties, 2)
        if len(world.between(*two)) > 1
    )
    older = index.pair(sender, recipient)
    first = index.after([replace(act, id="once more")])
    made = first.after([replace(act, id="and again")]).pair(sender, recipient)
    same = {
        track.among.accord.id: track is other
        for track, other in zip(made.tracks, older.tracks, strict=True)
    }
    assert same.pop(act.accord) is False
    assert set(same.values()) == {True}


@pytest.mark.parametrize("op", [Op.REVOKE_CONSENT, Op.REFUSE_CONSENT])
def test_a_no_touches_only_the_accord_under_which_it_was_given_or_asked(op):
    world = large_world(60)
    asked = asked_of(world, 500, seed=3)
    index = Index(world)
    for request in asked:
        index.ask(request)
    answered, name = next(
        (act, one.id)
        for act in world.instruments
        for one in (
            world.consents(act.accord)
            if op is Op.REVOKE_CONSENT
            else world.approvals(act.accord).asked
        )
        if one.id == act.id
    )
    elsewhere = next(a.id for a in world.accords if a.id != answered.accord)
    said = {"consent": name} if op is Op.REVOKE_CONSENT else {"answers": name}
    by = answered.by if op is Op.REVOKE_CONSENT else (answered.operations[0].of,)
    no = replace(
        answered, id="no", accord=elsewhere, by=by, operations=(Operation(do=op, **said),)
    )
    made = index.after([no])
    assert differs(made, asked) is None
    parties = set(world.accord(answered.accord).parties)
    theirs = [k for k, pair in index.pairs.known.items() if pair and set(k) <= parties]
    assert theirs
    assert not any(made.pairs.known.get(two) is index.pairs.known[two] for two in theirs)
    assert len(made.pairs.known) > len(index.pairs.known) / 2


# -- who, and what -------------------------------------------------------------------------------


def test_who_may_have_an_item_is_whoever_it_may_go_to():
    world = load_world(WORLDS / "gsomia")
    index = Index(world)
    when = at("2020-01-01")
    for one in list(world.items.values())[:20]:
        for sender in world.parties:
            asked = [
                Request(item=one, sender=sender, recipient=to, at=when)
                for to in world.parties
            ]
            wanted = {r.recipient for r in asked if isinstance(decide(r, world), Permit)}
            assert {to for to, _ in index.recipients(one, sender, when)} == wanted


def test_what_a_party_may_have_is_whatever_may_go_to_it():
    world = load_world(WORLDS / "gsomia")
    index = Index(world)
    when = at("2020-01-01")
    items = list(world.items.values())
    found = {(one.id, sender) for one, sender, _ in index.obtainable(items, "jp", when)}
    wanted = {
        (one.id, sender)
        for one in items
        for sender in one.originators
        if isinstance(
            decide(Request(item=one, sender=sender, recipient="jp", at=when), world), Permit
        )
    }
    assert found == wanted
    assert found
