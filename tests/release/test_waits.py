from dataclasses import replace

from comity.accords import Op, parse_instant
from comity.release import attached, mutual_waits, waits
from comity.talks import Condition, Measure, MeasureState, Position
from make import ACCORD, accord, at, gsomia, world


def kst(text):
    return parse_instant(text + "+09:00")


def test_seoul_waits_for_the_controls_and_tokyo_has_said_that_it_will_not():
    found = mutual_waits(gsomia(), ACCORD, kst("2019-11-21T12:00:00"))
    assert len(found) == 1
    assert found[0].refusal is not None
    assert found[0].refusal.by == "jp"
    said = found[0].says(gsomia())
    assert said.startswith("Seoul waits")
    assert "Tokyo has said that it will not" in said


def test_a_refusal_that_is_not_known_yet_makes_no_circle():
    # Taken on 15 November, known on 18 November.
    assert mutual_waits(gsomia(), ACCORD, kst("2019-11-17T12:00:00")) == ()


def test_the_condition_is_attached_to_the_act_it_is_about():
    when = kst("2019-11-21T12:00:00")
    assert attached(gsomia(), ACCORD, Op.REVOKE_NOTICE, ("kr",), when)
    assert not attached(gsomia(), ACCORD, Op.REVOKE_NOTICE, ("jp",), when)
    assert not attached(gsomia(), ACCORD, Op.EXTEND, ("jp", "kr"), when)


def condition(name, by, does, waits_for, **more):
    return Condition(
        id=name,
        by=by,
        accord="t",
        does=does,
        waits_for=waits_for,
        says=f"{name} says",
        since=at("2020-01-01"),
        **more,
    )


def measure(name, by, *states):
    return Measure(
        id=name,
        by=by,
        what=name,
        states=tuple(
            MeasureState(since=at(s), is_=word, source="t", recalled=False)
            for s, word in states
        ),
    )


CIRCLE = (
    condition("one", "a", "revoke_notice", "controls:lifted"),
    condition("two", "b", "controls:lifted", "a revoke_notice"),
)


def test_two_conditions_that_wait_for_one_another_are_a_circle():
    w = world(
        [accord()],
        conditions=CIRCLE,
        measures=(measure("controls", "b", ("2019-01-01", "in force")),),
    )
    found = mutual_waits(w, "t", at("2020-02-01"))
    assert len(found) == 1
    assert {wait.condition.id for wait in found[0].waits} == {"one", "two"}
    assert found[0].refusal is None
    assert "each waits for the other" in found[0].says(w)


def test_a_condition_that_is_met_opens_the_circle():
    lifted = measure("controls", "b", ("2019-01-01", "in force"), ("2020-01-15", "lifted"))
    w = world([accord()], conditions=CIRCLE, measures=(lifted,))
    assert mutual_waits(w, "t", at("2020-01-14"))
    assert mutual_waits(w, "t", at("2020-02-01")) == ()
    assert [x.met for x in waits(w, "t", at("2020-02-01"))] == [True, False]


def test_a_condition_that_was_dropped_is_no_wait():
    dropped = tuple(replace(c, before=at("2020-01-10")) for c in CIRCLE)
    assert waits(world([accord()], conditions=dropped), "t", at("2020-02-01")) == ()


def test_a_wait_for_what_nobody_refuses_is_no_circle():
    w = world(
        [accord()],
        conditions=CIRCLE[:1],
        measures=(measure("controls", "b", ("2019-01-01", "in force")),),
        positions=(
            Position(
                id="p",
                by="b",
                says="we stay",
                since=at("2020-01-01"),
                known=at("2020-01-01"),
                will_not="other:lifted",
            ),
        ),
    )
    assert mutual_waits(w, "t", at("2020-02-01")) == ()
