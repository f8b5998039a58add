from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import Zone, parse_instant
from comity.talks import (
    Forum,
    Measure,
    MeasureState,
    Member,
    Position,
    Progress,
    Signature,
    Speaker,
    Statement,
    Step,
    Undertaking,
    current,
    members,
)
from comity.talks.said import FOLLOWS, Rank
from make import at, gsomia


def position(name, since, **more):
    when = at(since)
    return Position(
        id=name, by="a", says="x", since=when, known=more.pop("known", when), **more
    )


def steps(*said):
    return tuple(
        Step(since=at(s), is_=Progress(word), source="t", recalled=False)
        for s, word in said
    )


def undertaking(*said, **more):
    known = at(said[0][0]) if said else at("2020-01-01")
    return Undertaking(
        id="u",
        by=("a",),
        to=("b",),
        says="x",
        steps=steps(*said),
        **{"known": known, **more},
    )


LIFTED = Measure(
    id="m",
    by="a",
    what="x",
    states=(
        MeasureState(since=at("2020-01-01"), is_="in force", source="t", recalled=False),
        MeasureState(since=at("2020-03-01"), is_="lifted", source="t", recalled=False),
        MeasureState(since=at("2020-05-01"), is_="in force", source="t", recalled=False),
    ),
)


def test_a_position_counts_once_it_is_known_and_not_when_it_was_taken():
    late = position("p", "2020-01-01", known=at("2020-02-01"))
    assert current([late], at("2020-01-31")) == ()
    assert current([late], at("2020-02-01")) == (late,)


def test_a_revised_position_is_gone_once_the_revision_is_known_and_not_before():
    old = position("old", "2020-01-01")
    new = position("new", "2020-02-01", known=at("2020-02-03"), revises="old")
    assert current([old, new], at("2020-02-02")) == (old,)
    assert current([old, new], at("2020-02-03")) == (new,)


def test_an_undertaking_is_kept_while_its_measure_shows_it_and_only_if_it_was_given():
    given_ = undertaking(("2020-02-01", "given"), does="m:lifted")
    found = [
        given_.progress(at(day), [LIFTED])
        for day in ("2020-01-31", "2020-02-01", "2020-03-01", "2020-05-01")
    ]
    assert found == [None, "given", "kept", "given"]
    asked = undertaking(("2020-02-01", "asked"), does="m:lifted")
    assert asked.progress(at("2020-03-02"), [LIFTED]) == "asked"
    assert given_.progress(at("2020-03-01"), []) == "given"


def test_an_undertaking_is_late_from_the_instant_it_is_due_unless_it_is_kept():
    one = undertaking(("2020-01-01", "given"), due=at("2020-04-01"), does="m:lifted")
    assert not one.late(at("2020-03-31T23:59:59"), [])
    assert one.late(at("2020-04-01"), [])
    assert not one.late(at("2020-04-01"), [LIFTED])
    assert not undertaking(("2020-01-01", "declined"), due=at("2020-02-01")).late(
        at("2020-03-01"), []
    )


def test_a_step_that_is_not_known_yet_is_not_shown():
    one = undertaking(("2020-01-01", "given"), known=at("2020-02-01"))
    assert one.progress(at("2020-01-15"), []) is None
    assert one.progress(at("2020-02-01"), []) == "given"


@given(st.lists(st.sampled_from(Progress), min_size=1, max_size=6))
def test_the_first_step_out_of_place_is_the_one_that_is_named(words):
    one = undertaking(*(("2020-01-01", word) for word in words))
    pairs = list(zip([None, *words], words, strict=False))
    wrong = [n for n, (before, after) in enumerate(pairs) if after not in FOLLOWS[before]]
    found = one.misplaced()
    assert (found is None) is (not wrong)
    if found is not None:
        assert one.steps.index(found) == words.index(found.is_)
        assert words.index(found.is_) <= wrong[0]
        assert found.is_ is words[wrong[0]]


def test_an_undertaking_begins_by_being_asked_for_or_given_and_every_step_has_its_row():
    assert FOLLOWS[None] == {Progress.ASKED, Progress.GIVEN}
    assert set(FOLLOWS) == {None, *Progress}
    reached = set().union(*FOLLOWS.values())
    assert reached == set(Progress)


def test_a_joint_statement_stands_once_all_have_signed():
    statement = Statement(
        id="s",
        title="x",
        by=("a", "b"),
        says="x",
        signed=(
            Signature(since=at("2020-01-01"), by="a"),
            Signature(since=at("2020-01-03"), by="b"),
        ),
    )
    assert statement.missing(at("2019-12-31")) == ("a", "b")
    assert statement.missing(at("2020-01-02")) == ("b",)
    assert not statement.stands(at("2020-01-02"))
    assert statement.stands(at("2020-01-03"))
    assert not replace(statement, by=()).stands(at("2020-01-03"))


def test_a_person_holds_a_capacity_for_a_time():
    speaker = Speaker(
        id="s", name="x", by="a", capacity="y", rank=Rank.MINISTER,
        since=at("2020-01-01"), before=at("2021-01-01"),
    )  # fmt: skip
    assert [speaker.held(at(d)) for d in ("2019-12-31", "2020-01-01", "2020-12-31", "2021-01-01")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert replace(speaker, since=None, before=None).held(at("1990-01-01"))


# -- forums ----------------------------------------------------------------------------------


def test_the_forum_in_bangkok_had_eighteen_members_and_has_nineteen_since_timor_leste_joined():
    world = gsomia()
    forum = next(f for f in world.forums if f.id == "admm-plus")
    seoul = Zone.parse("Asia/Seoul")
    when = {
        "2010-10-11": 0,
        "2010-10-12": 18,
        "2019-11-17": 18,
        "2025-10-25": 18,
        "2025-10-26": 19,
    }
    for day, count in when.items():
        found = members(forum, world.forums, parse_instant(f"{day}T00:00:00", seoul))
        assert len(found) == count, day
    assert {m.party for m in found} == {None, "jp", "kr", "us"}
    assert "Timor-Leste" in {m.name for m in found}


def test_members_of_an_included_forum_are_members_once_and_a_ring_does_no_harm():
    one = Forum(
        id="one", name="x", members=(Member(name="A"), Member(name="B")), includes=("two",)
    )
    two = Forum(
        id="two", name="y", members=(Member(name="B"), Member(name="C", before=at("2020-01-01"))),
        includes=("one", "nowhere"),
    )  # fmt: skip
    assert [m.name for m in members(one, (one, two), at("2019-12-31"))] == ["A", "B", "C"]
    assert [m.name for m in members(one, (one, two), at("2020-01-01"))] == ["A", "B"]


@pytest.mark.parametrize("rank", Rank)
def test_every_level_can_be_written_in_a_file(rank):
    assert str(rank) == rank.value.lower()
