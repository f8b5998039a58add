import pytest

from comity.accords import Clock, Op, Operation
from comity.errors import Unreadable
from make import AFTER, accord, act, at

WINDOW = """
[entry]
cites = "1"
when = { latest = [{ from = ["notify_completion:dated"] }, { from = ["lay:dated by a"], then = ["P180D"], count = "nth day after" }], unless = "object:dated by congress" }

[[actor]]
cites = "1"
id = "congress"
is = "the legislature of a"
may = ["object"]
"""


def window(*acts):
    return Clock(accord(WINDOW + AFTER), acts)


def is_at(clock, *whens):
    return [str(clock.standing(at(when)).status) for when in whens]


READY = act("ready", ("a", "b"), "2020-01-10", Op.NOTIFY_COMPLETION)
LAID = act("laid", "a", "2020-01-01", Op.LAY)


def objection(when, by="congress"):
    return act("no", by, when, Op.OBJECT)


def test_nothing_is_in_force_before_the_window_is_over_and_no_sooner_than_the_parties_act():
    assert is_at(window(READY, LAID), "2020-06-28T23:59:59", "2020-06-29") == [
        "not_yet",
        "in_force",
    ]
    late = act("ready", ("a", "b"), "2020-08-01", Op.NOTIFY_COMPLETION)
    assert is_at(window(late, LAID), "2020-07-31T23:59:59", "2020-08-01") == [
        "not_yet",
        "in_force",
    ]


def test_what_was_never_laid_before_the_body_or_by_another_does_not_enter():
    other = act("laid", "b", "2020-01-01", Op.LAY)
    assert is_at(window(READY), "2030-01-01") == ["not_yet"]
    assert is_at(window(READY, other), "2030-01-01") == ["not_yet"]


def test_an_objection_within_the_window_stops_it_and_one_after_it_or_of_another_does_not():
    assert is_at(window(READY, LAID, objection("2020-06-28T23:59:59")), "2030-01-01") == [
        "not_yet"
    ]
    assert is_at(window(READY, LAID, objection("2020-06-29")), "2030-01-01") == ["in_force"]
    assert is_at(window(READY, LAID, objection("2020-02-01", by="b")), "2030-01-01") == [
        "in_force"
    ]


def test_an_actors_act_is_no_partys():
    rules = """
[entry]
cites = "1"
when = { from = ["deliver:dated"], of = "second" }

[[actor]]
cites = "1"
id = "clerk"
is = "keeps it"
may = ["deliver"]
"""
    acts = [
        act("x", "a", "2020-01-01", Op.DELIVER),
        act("y", "clerk", "2020-02-01", Op.DELIVER),
    ]
    clock = Clock(accord(rules), acts)
    assert is_at(clock, "2020-03-01") == ["not_yet"]
    assert set(clock.standing(at("2020-03-01")).parties) == {"a", "b"}


UNTIL = """
[provisional]
cites = "1"
when = { from = ["declare_provisional:dated"] }
ends = { earliest = [{ until = "2021-02-28", set_by = "council", about = "the last day" }, { from = ["entry"] }] }

[entry]
cites = "1"
when = { from = ["notify_completion:dated"] }

[[actor]]
cites = "1"
id = "council"
is = "a joint body"
may = ["set_date"]
"""
DECLARED = act("d", ("a", "b"), "2021-01-01", Op.DECLARE_PROVISIONAL)


def test_a_last_day_is_in_and_another_that_is_set_in_its_place_is_a_last_day_too():
    clock = Clock(accord(UNTIL), [DECLARED])
    assert is_at(clock, "2021-02-28T23:59:59", "2021-03-01") == ["provisional", "signed"]
    other = Operation(do=Op.SET_DATE, about="the last day", on="2021-04-30")
    clock = Clock(accord(UNTIL), [DECLARED, act("set", "council", "2021-02-23", other)])
    assert is_at(clock, "2021-04-30T23:59:59", "2021-05-01") == ["provisional", "signed"]


def test_entry_into_force_ends_provisional_application_if_it_comes_earlier():
    ready = act("n", ("a", "b"), "2021-02-01", Op.NOTIFY_COMPLETION)
    clock = Clock(accord(UNTIL), [DECLARED, ready])
    assert is_at(clock, "2021-01-31", "2021-02-01", "2021-03-01") == [
        "provisional",
        "in_force",
        "in_force",
    ]


def test_a_when_says_one_thing():
    with pytest.raises(Unreadable) as caught:
        _ = accord(
            '[entry]\ncites = "1"\nwhen = { on = "2020-01-01", until = "2020-01-02" }\n'
        )
    assert [f.code for f in caught.value.findings] == ["bad-when"]
