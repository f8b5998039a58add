"""What was once answered otherwise than by `decide`, or remembered for too long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.accords import Op
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.compiled import Index
from comity.labels import (
    Audience,
    Group,
    Level,
    Mark,
    Membership,
    Policy,
    Rung,
    Successor,
    Tagged,
    TagSet,
    TagType,
)
from comity.release import Permit, Request, decide
from make import AFTER, RELEASE, SIGNED, accord, act, at, item, notice, signed, world

PAUSE = '[[suspension]]\ncites = "1"\n'


def asked(when="2021-01-01", **changed):
    return Request(
        **{"item": item(), "sender": "a", "recipient": "b", "at": at(when), **changed}
    )


def plainly(request, here):
    found = decide(request, here)
    return (found.accord, found.authority) if isinstance(found, Permit) else (None, None)


def same(index, request):
    """Whether the index answers as `decide`; and the answer."""
    found = index.ask(request)
    return found[:2] == plainly(request, index.world)


LONG = '[term]\ncites = "1"\ninitial = { for = "P250Y", count = "anniversary" }\n'


@pytest.mark.parametrize("when", ["2199-12-31", "2200-01-02", "2269-12-31", "2270-01-02"])
def test_a_term_that_ends_after_the_next_century_ends(when):
    index = Index(world([accord(SIGNED + LONG + RELEASE)], [signed()]))
    assert same(index, asked(when))


@pytest.mark.parametrize("when", ["2204-12-31", "2205-01-01", "2205-01-02"])
def test_an_act_of_a_later_century_does_what_it_does(when):
    text = accord(SIGNED + AFTER + PAUSE + RELEASE)
    stop = act("stop", "a", "2205-01-01", Op.SUSPEND)
    assert same(Index(world([text], [signed(), stop])), asked(when))


def test_a_level_of_a_policy_that_nobody_knows_is_not_mended_by_its_successor():
    after = Successor(at=at("2020-06-01"), level=Level("a", "LOW"))
    one = item(level="nobody:LOW")
    one = replace(one, label=replace(one.label, successor=after))
    index = Index(world([accord()], [signed()]))
    assert not index.ask(asked(item=one)).permitted
    assert same(index, asked(item=one))


# -- until then the same -------------------------------------------------------------------------


def changes_by(index, request, when):
    """Whether the answer is another at an instant, and the index said that it might be."""
    later = replace(request, at=at(when))
    assert same(index, request)
    assert same(index, later)
    assert index.ask(later)[:2] != index.ask(request)[:2]
    return request.at < index.ask(request).before <= later.at


def test_a_level_that_nobody_knows_yet_lasts_until_its_successor():
    after = Successor(at=at("2022-01-01"), level=Level("a", "LOW"))
    one = item(level="a:NONE")
    one = replace(one, label=replace(one.label, successor=after))
    index = Index(world([accord()], [signed()]))
    assert changes_by(index, asked(item=one), "2022-01-01")


def test_what_clients_of_an_addressee_may_have_lasts_while_they_are_clients():
    policy = Policy(
        id="a", rungs={"CLIENTS": Rung(name="CLIENTS", audience=Audience.CLIENTS)}
    )
    rows = '[[equivalence]]\ncites = "1"\nfrom = "a:CLIENTS"\nto = ["b:LOW"]\n'
    here = world([accord(SIGNED + RELEASE + rows)], [signed()])
    member = Membership(party="b", since=at("2020-01-01"), before=at("2022-01-01"))
    clients = Group(id="clients", title="", clients_of="a", members=(member,))
    policies = {**here.policies, "a": policy}
    index = Index(replace(here, policies=policies, groups={"clients": clients}))
    one = item(level="a:CLIENTS", release_to=("a",))
    assert index.ask(asked(item=one)).permitted
    assert changes_by(index, asked(item=one), "2022-01-01")


def test_what_only_the_evaluator_can_tell_lasts_no_longer_than_an_act_on_record_lets_it():
    text = accord(SIGNED + AFTER + PAUSE + RELEASE)
    stop = act("stop", "a", "2022-01-01", Op.SUSPEND)
    index = Index(world([text], [signed(), stop], items={"part": item("part")}))
    whole = replace(item("whole"), made_from=("part",))
    assert changes_by(index, asked(item=whole), "2022-01-01")


def test_where_a_time_is_not_known_to_the_day_no_answer_lasts():
    text = accord(SIGNED + AFTER + RELEASE)
    leaving = notice("2022-01-01T00:00:00Z/2022-03-01T00:00:00Z")
    index = Index(world([text], [signed(), leaving]))
    request = asked("2022-01-15")
    assert same(index, request)
    assert index.ask(request).before == request.at + 1


@pytest.mark.parametrize("instant", [FAR_PAST - 1, FAR_PAST, FAR_FUTURE - 1, FAR_FUTURE])
def test_before_and_after_all_time_is_as_it_is_plainly(instant):
    index = Index(world([accord()], [signed()]))
    assert same(index, replace(asked(), at=Instant(instant)))


# -- what is not known ---------------------------------------------------------------------------


@pytest.mark.parametrize("length", ["P1D", "P6M"])
def test_an_act_of_which_nobody_knows_the_time_settles_nothing(length):
    text = accord(SIGNED + AFTER.replace("P6M", length) + PAUSE + RELEASE)
    stop = replace(act("stop", "a", "2022-01-01", Op.SUSPEND), times={})
    index = Index(world([text], [signed(), stop]))
    assert all(
        same(index, asked(when)) for when in ("1950-01-01", "2021-01-01", "2300-01-01")
    )
    assert not index.ask(asked()).permitted


UNKNOWN = '[[tag_equivalence]]\ncites = "1"\nfrom = "{}:s/NONE"\nto = ["{}:s/NONE"]\n'


def with_tag_sets(*rows):
    tag_sets = {"s": TagSet(name="s", type_=TagType.RESTRICTIVE, tags={})}
    here = world(
        [accord(SIGNED + RELEASE.replace("each originator", "not needed") + "".join(rows))],
        [signed()],
    )
    policies = {n: replace(p, tag_sets=tag_sets) for n, p in here.policies.items()}
    return replace(here, policies=policies)


def test_a_row_leads_on_from_a_held_tag_that_no_policy_knows_as_it_does_plainly():
    row = '[[equivalence]]\ncites = "1"\nfrom = "c:LOW"\nto = ["b:LOW"]\n'
    request = asked(
        item=item(originators=("c",), level="c:LOW"),
        sender="b",
        recipient="a",
        held_as=Level("b", "LOW"),
        held_tags=(Mark("b", "s", "NONE"),),
    )
    assert same(Index(with_tag_sets(row, UNKNOWN.format("b", "a"))), request)
    assert same(Index(with_tag_sets(row)), request)


def test_a_row_leads_home_from_a_tag_that_no_policy_knows_as_it_does_plainly():
    one = item(originators=("b",))
    tagged = replace(one.label, tags=(Tagged(set_="s", values=("NONE",)),))
    request = asked(item=replace(one, label=tagged))
    assert same(Index(with_tag_sets(UNKNOWN.format("a", "b"))), request)
    assert same(Index(with_tag_sets()), request)
