"""How accounts stand to one another, from what they say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import Zone, parse_instant
from comity.accords.times import Span
from comity.talks import Account, Passage, Point, Readouts, Relation
from comity.talks.readouts import AccountKind, Fact, compare
from make import gsomia

SEOUL = Zone.parse("Asia/Seoul")
HASH = "sha256:" + "0" * 64


def account(name, day="2019-11-17", **more):
    return Account(
        id=name,
        meeting="m",
        side="a",
        by="a paper",
        kind=AccountKind.PRESS_REPORT,
        dated=Span.parse(day, SEOUL),
        day=date.fromisoformat(day),
        zone=SEOUL,
        first_hand=False,
        source="t",
        **more,
    )


def passage(name, *facts, point=1, **more):
    return Passage(
        point=point,
        account=name,
        says="x",
        paragraph=1,
        words=3,
        phrase=HASH,
        facts=tuple(
            Fact(of=of, is_=said) if isinstance(said, str) else said for of, said in facts
        ),
        **more,
    )


def time(of, text, means=None):
    instant = None if means is None else parse_instant(means)
    return of, Fact(of=of, time=text, means=instant, why="x" if means else "")


POINT = Point(number=1, meeting="m", matter="x", relation=Relation.BOTH)
TWO = {name: account(name) for name in "AB"}


def related(*passages, accounts=TWO):
    return compare(POINT, passages, accounts).computed


@pytest.mark.parametrize(
    ("passages", "expected"),
    [
        ([passage("A", ("place", "Bangkok"))], Relation.ONE),
        ([passage("A")], Relation.ONE),
        ([passage("A", ("place", "Bangkok")), passage("B", ("place", " bangkok "))], Relation.BOTH),
        (
            [
                passage("A", ("place", "Bangkok")),
                passage("B", ("place", "Bangkok"), ("house", "an hotel")),
            ],
            Relation.BOTH,
        ),
        ([passage("A", ("regret", "x")), passage("B", ("appeal", "y"))], Relation.PARTS),
        ([passage("A", ("place", "Bangkok")), passage("B", ("place", "Hanoi"))], Relation.ODDS),
        ([passage("A", ("x", "y")), passage("B")], None),
        ([passage("A", time("end", "coming Saturday")), passage("B", time("end", "2019-11-23"))],
         Relation.BOTH),
        ([passage("A", time("end", "coming Saturday")), passage("B", time("end", "2019-11-24"))],
         Relation.ODDS),
        ([passage("A", time("end", "Sunday")), passage("B", time("end", "2019-11-17T12:00"))],
         Relation.BOTH),
        ([passage("A", time("end", "2019-11-23")), passage("B", time("end", "midnight on 2019-11-23"))],
         Relation.AMBIGUOUS),
        ([passage("A", time("end", "midnight on 2019-11-23", "2019-11-23T00:00:00+09:00")),
          passage("B", time("end", "2019-11-23T00:00"))], Relation.AMBIGUOUS),
        ([passage("A", time("end", "2019-11-22")), passage("B", time("end", "midnight on 2019-11-23"))],
         Relation.ODDS),
        ([passage("A", ("end", "Saturday")), passage("B", time("end", "Sunday"))], Relation.ODDS),
    ],
)  # fmt: skip
def test_the_relation_of_two_accounts_is_what_they_say(passages, expected):
    assert related(*passages) is expected


def test_nothing_can_be_computed_of_the_only_account_there_is():
    assert related(passage("A", ("x", "y")), accounts={"A": TWO["A"]}) is None


def test_three_accounts_are_at_odds_if_two_of_them_are_and_say_one_thing_only_if_all_do():
    three = {name: account(name) for name in "ABC"}
    same = [passage(name, ("place", "Bangkok")) for name in "AB"]
    assert related(*same, passage("C", ("place", "Hanoi")), accounts=three) is Relation.ODDS
    assert related(*same, passage("C", ("mood", "x")), accounts=three) is Relation.PARTS
    assert related(*same, accounts=three) is Relation.BOTH


def test_a_time_that_may_mean_several_things_is_flagged_with_all_of_them_and_what_is_meant():
    said = passage("B", time("end", "midnight on 2019-11-23", "2019-11-23T00:00:00+09:00"))
    (doubt,) = compare(POINT, [passage("A", ("x", "y")), said], TWO).doubts
    assert (doubt.account, doubt.time, len(doubt.may_be)) == (
        "B",
        "midnight on 2019-11-23",
        2,
    )
    assert doubt.means == doubt.may_be[0].start


FACTS = st.dictionaries(
    st.sampled_from("pqrs"), st.sampled_from("xy"), min_size=1, max_size=4
)


@given(FACTS, FACTS)
def test_the_order_of_the_accounts_does_not_matter(one, other):
    a, b = passage("A", *one.items()), passage("B", *other.items())
    assert related(a, b) is related(b, a)


@given(FACTS, FACTS)
def test_two_accounts_are_at_odds_just_where_they_say_two_things_of_one_matter(one, other):
    found = related(passage("A", *one.items()), passage("B", *other.items()))
    shared = set(one) & set(other)
    odds = any(one[of] != other[of] for of in shared)
    expected = Relation.ODDS if odds else Relation.BOTH if shared else Relation.PARTS
    assert found is expected


@given(FACTS, FACTS)
def test_what_one_account_adds_changes_no_relation(one, other):
    a, b = passage("A", *one.items()), passage("B", *other.items())
    more = passage("B", *other.items(), ("alone", "z"))
    assert related(a, more) is related(a, b)


# -- all of a meeting ------------------------------------------------------------------------


def test_every_relation_of_the_meeting_in_bangkok_is_computed_and_is_the_one_that_was_stated():
    found = gsomia().readouts.compared("bangkok-2019-11-17")
    assert [one.point.number for one in found] == list(range(1, 20))
    assert all(one.computed is one.point.relation for one in found)
    by = {r: [o.point.number for o in found if o.relation is r] for r in Relation}
    assert by[Relation.ONE] == [8, 9, 10, 14, 16, 19]
    assert by[Relation.PARTS] == [6, 7, 13]
    assert by[Relation.ODDS] == [18]
    assert by[Relation.AMBIGUOUS] == [11]
    assert sum(len(one.passages) for one in found) == 32
    assert {p.account for one in found if one.relation is Relation.ONE for p in one.passages
            if one.point.number in (9, 10, 16)} == {"B"}  # fmt: skip


def test_the_midnight_that_was_meant_is_the_one_that_the_clock_has():
    world = gsomia()
    found = world.readouts.compared("bangkok-2019-11-17")[10]
    bites = world.as_of(parse_instant("2019-11-18T16:30+09:00")).clock("jp-rok-gsomia")
    then = bites.standing(parse_instant("2019-11-18T16:30+09:00")).before
    assert {doubt.means for doubt in found.doubts} == {then}
    assert all(len(doubt.may_be) == 2 for doubt in found.doubts)
    assert {doubt.may_be[1].start - doubt.may_be[0].start for doubt in found.doubts} == {
        86_400
    }


def test_a_decision_told_at_second_hand_says_through_whom():
    found = gsomia().readouts.compared("bangkok-2019-11-17")[15]
    assert found.passages[0].after == ("a Japanese newspaper",)


def test_an_account_is_known_from_its_date_and_its_revision_takes_its_place():
    old, new = account("A"), account("A2", "2019-11-20", revises="A")
    said = Readouts(
        accounts=(old, account("B", "2019-11-18"), new),
        points=(POINT,),
        passages=(
            passage("A", ("p", "x")),
            passage("B", ("p", "y")),
            passage("A2", ("p", "y")),
        ),
    )
    day = lambda d: parse_instant(f"2019-11-{d}T00:00:00+09:00")  # noqa: E731
    assert [a.id for a in said.of("m", day(17))] == ["A"]
    assert [a.id for a in said.of("m", day(19))] == ["A", "B"]
    assert [a.id for a in said.of("m")] == ["B", "A2"]
    assert said.compared("m", day(16)) == ()
    assert (
        said.compared("m", day(17))[0].relation is Relation.BOTH
    )  # as stated: one is no pair
    assert said.compared("m", day(19))[0].relation is Relation.ODDS
    assert said.compared("m")[0].relation is Relation.BOTH
