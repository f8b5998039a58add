"""What was given, and what a successor has taken over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.accords import Op, Operation
from comity.release import duties
from make import RELEASE, SIGNED, accord, act, at, notice, signed
from release.test_duties import ALWAYS, ENDS, destroyed, duty, gave, only, small

FOLLOWS = '\n[[supersedes]]\ncites = "1"\naccord = "t"\nadopts = {}\n'


def successor(adopts="true", *rules, name="s"):
    return accord(
        SIGNED + RELEASE + ENDS + FOLLOWS.format(adopts) + "".join(rules), name=name
    )


def after(adopts="true", *rules, entered="2020-05-01", acts=(), name="s", ended=None):
    """Return the small world with a successor that both sign, in place of an end by notice."""
    return small(
        ALWAYS,
        duty(),
        acts=[*acts, act("signed s", ("a", "b"), entered, Op.SIGN, of="s")],
        accords=[successor(adopts, *rules, name=name)],
        ended=ended,
    )


def test_a_successor_that_adopts_takes_the_items_over_from_its_entry():
    here = after()
    assert duties(here, at("2020-04-30T23:59:59")) == ()
    due = only(duties(here, at("2020-05-01")), "back", accord="t", item="x")
    assert due.adopted == "s"
    assert not due.stands
    assert not due.overdue(at("2021-01-01"))


def test_a_successor_that_does_not_adopt_leaves_the_duties_where_they_are():
    here = after("false")
    due = only(duties(here, at("2021-01-01")), "back", accord="t", item="x")
    assert due.adopted is None
    assert due.overdue(at("2021-01-01"))


def test_a_successor_that_does_not_say_that_it_adopts_does_not():
    silent = FOLLOWS.replace("adopts = {}\n", "")
    text = accord(SIGNED + RELEASE + ENDS + silent, name="s")
    entered = act("signed s", ("a", "b"), "2020-05-01", Op.SIGN, of="s")
    here = small(ALWAYS, duty(), acts=[entered], accords=[text], ended=None)
    due = only(duties(here, at("2021-01-01")), "back", accord="t", item="x")
    assert due.adopted is None
    assert due.stands


def test_what_is_adopted_is_protected_under_the_successor_and_after_its_end():
    keeps = duty("keep", "on release", "lasting = true")
    mark = duty("receipt", "on release", "")
    here = after("true", ALWAYS, keeps, mark, duty("burn"))
    found = [d for d in duties(here, at("2021-01-01"), accord="s") if d.item == "x"]
    assert [(d.id, d.stands) for d in found] == [("keep", True)]  # no new receipt for it
    ended = here.supposing([notice("2021-02-01", of="s")])
    later = {d.id for d in duties(ended, at("2021-06-01"), accord="s", item="x")}
    assert later == {"keep", "burn", "survival"}


def test_a_certificate_under_the_earlier_accord_still_counts_under_the_successor():
    here = after("true", ALWAYS, duty("burn"), acts=[destroyed(when="2020-04-01")])
    ended = here.supposing([notice("2021-02-01", of="s")])
    assert (
        only(duties(ended, at("2021-06-01"), accord="s"), "burn", item="x").discharged
        == "gone"
    )


def test_what_was_discharged_before_stays_discharged():
    here = after(acts=[destroyed(when="2020-04-01")])
    due = only(duties(here, at("2021-01-01")), "back", accord="t", item="x")
    assert (due.discharged, due.adopted) == ("gone", None)


def test_what_is_given_under_the_earlier_accord_afterwards_is_not_adopted():
    here = after(acts=[gave("y", "2020-06-01")])
    assert (
        only(duties(here, at("2021-01-01")), "back", accord="t", item="y").adopted is None
    )
    assert not [d for d in duties(here, at("2021-01-01"), accord="s") if d.item == "y"]


def test_a_successor_not_certainly_in_force_takes_nothing_over():
    here = after(entered="2020-05-01T00:00:00Z/2020-05-03T00:00:00Z")
    assert (
        only(duties(here, at("2020-05-02")), "back", accord="t", item="x").adopted is None
    )
    assert only(duties(here, at("2020-05-03")), "back", accord="t", item="x").adopted == "s"


def test_a_successor_in_force_between_others_takes_nothing_over():
    three = ("a", "b", "c")
    entry = SIGNED.replace('of = "every party"', 'of = "second"')
    text = accord(entry + RELEASE + FOLLOWS.format("true"), name="s", parties=three)
    here = small(
        ALWAYS,
        duty(),
        acts=[act("signed s", ("a", "c"), "2020-05-01", Op.SIGN, of="s")],
        accords=[text],
        ended="2020-06-01",
    )
    assert (
        only(duties(here, at("2021-01-01")), "back", accord="t", item="x").adopted is None
    )


def test_whatever_was_given_is_adopted_as_well():
    here = after("true", ALWAYS).without(["gave x"])
    found = [d for d in duties(here, at("2021-01-01"), accord="t") if d.id == "back"]
    assert {(d.item, d.adopted) for d in found} == {(None, "s")}


def test_what_is_adopted_twice_is_the_last_ones():
    third = accord(
        SIGNED + RELEASE + ENDS + ALWAYS + FOLLOWS.format("true").replace('"t"', '"s"'),
        name="u",
    )
    here = small(
        ALWAYS,
        duty(),
        acts=[
            act("signed s", ("a", "b"), "2020-05-01", Op.SIGN, of="s"),
            act("signed u", ("a", "b"), "2021-05-01", Op.SIGN, of="u"),
            notice("2022-01-01", of="u"),
        ],
        accords=[successor("true", ALWAYS), third],
        ended=None,
    )
    assert (
        only(duties(here, at("2022-06-01"), accord="s"), "survival", item="x").adopted
        == "u"
    )
    assert only(duties(here, at("2022-06-01"), accord="u"), "survival", item="x").stands


@pytest.mark.parametrize("holder", ["a", None])
def test_a_release_says_who_gave_by_its_performer_or_by_its_holder(holder):
    by = ("a", "b") if holder is None else "b"
    one = act(
        "r", by, "2020-02-02", Operation(do=Op.RELEASE, item="y", to="b", holder=holder)
    )
    due = only(duties(small(ALWAYS, acts=[one]), at("2021-01-01")), "survival", item="y")
    assert (due.who, due.towards) == ("b", ("a",))


def test_an_end_of_provisional_application_is_an_end():
    provisional = (
        '\n[provisional]\ncites = "1"\nwhen = { from = ["declare_provisional:dated"] }\n'
    )
    entry = (
        '[entry]\ncites = "1"\nwhen = { from = ["deposit:dated"], of = "every party" }\n'
    )
    text = accord(entry + RELEASE + provisional + ALWAYS)
    here = small(ended=None)
    both = act("declared", ("a", "b"), "2020-01-01", Op.DECLARE_PROVISIONAL)
    quits = act("quits", "b", "2020-06-01", Op.END_PROVISIONAL)
    here = replace(here, accords=(text,), instruments=(both, gave(), quits))
    assert duties(here, at("2020-05-31")) == ()
    assert only(duties(here, at("2020-06-01")), "survival", item="x").since == at(
        "2020-06-01"
    )


def test_who_leaves_an_accord_of_many_ends_it_for_what_passed_between_it_and_the_others():
    leaves = ENDS.replace(
        'takes_effect = "at once"', 'takes_effect = "at once"\nends = "part"'
    )
    text = accord(SIGNED + RELEASE + leaves + ALWAYS, parties=("a", "b", "c"))
    every = act("all", ("a", "b", "c"), "2020-01-01", Op.SIGN)
    here = replace(
        small(ended=None),
        accords=(text,),
        instruments=(every, gave(), notice("2020-06-01", by="c")),
    )
    found = duties(here, at("2020-07-01"))
    assert {(d.who, d.towards, d.item) for d in found} == {
        ("a", ("c",), None),
        ("b", ("c",), None),
        ("c", ("a", "b"), None),
    }


def test_signed_twice_is_given_once():
    here = small(ALWAYS, acts=[signed()])
    assert len([d for d in duties(here, at("2021-01-01")) if d.item == "x"]) == 1


@pytest.mark.parametrize(
    "vague", [Operation(do=Op.RELEASE, to="b"), Operation(do=Op.RELEASE, item="x")]
)
def test_a_release_that_does_not_say_what_or_to_whom_brings_nothing_of_its_own(vague):
    here = small(ALWAYS, duty("on", "on release"), ended=None).without(["gave x"])
    bare = duties(here, at("2021-01-01"))
    more = here.supposing([act("vague", "a", "2020-02-01", vague)])
    assert duties(more, at("2021-01-01")) == bare
    assert duties(more.supposing([gave()]), at("2021-01-01")) != bare
