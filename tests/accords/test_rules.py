import pytest

from comity.accords import Clock, Op, Operation, Stage
from comity.accords import clauses as c
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


def test_an_objection_after_the_window_takes_nothing_back():
    clock = window(READY, LAID, objection("2020-12-01"))
    fold, state = clock.representative(at("2021-01-01"))
    when = clock.accord.one(c.Entry).when
    assert fold.rules.when(state, when, None)[0] == at("2020-06-29")


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


CLERK = """
[entry]
cites = "1"
when = { from = ["deliver:dated"], of = "OF" }

[[actor]]
cites = "1"
id = "clerk"
is = "keeps it"
may = ["deliver"]
"""


@pytest.mark.parametrize("of", ["second", "any party"])
@pytest.mark.parametrize("signed", [(), ("a", "b")])
def test_an_actors_act_is_no_partys(of, signed):
    acts = [
        act("x", "a", "2020-01-10", Op.DELIVER),
        act("y", "clerk", "2020-01-05", Op.DELIVER),
        *([act("s", signed, "2020-01-01", Op.SIGN)] if signed else []),
    ]
    clock = Clock(accord(CLERK.replace("OF", of)), acts)
    entered = bool(signed) and of == "any party"
    assert is_at(clock, "2020-01-09")[0] != "in_force"
    assert (is_at(clock, "2020-03-01") == ["in_force"]) is entered
    parties = clock.standing(at("2020-03-01")).parties
    assert {p: s == "in_force" for p, s in parties.items()} == {"a": entered, "b": entered}


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


EACH = """
[provisional]
cites = "1"
when = { from = ["declare_provisional:dated"], of = "that party", then = ["P30D"], count = "nth day after" }

[entry]
cites = "1"
when = { from = ["deposit:dated"], of = "second" }

[joining]
cites = "1"
when = { from = ["deposit:dated"] }
"""


def test_provisional_application_begins_for_each_from_its_own_declaration_and_between_declarers():
    acts = [
        act(f"{p} declares", p, when, Op.DECLARE_PROVISIONAL)
        for p, when in (("a", "2020-01-01"), ("b", "2020-02-01"), ("c", "2020-04-01"))
    ]
    clock = Clock(accord(EACH, parties=("a", "b", "c", "d")), acts)

    def pairs(when):
        found = clock.standing(at(when)).pairs
        return {"".join(p) for p, s in found.items() if s == "provisional"}

    assert pairs("2020-03-01") == set()
    assert pairs("2020-03-02") == {"ab"}
    assert pairs("2020-04-30") == {"ab"}
    assert pairs("2020-05-01") == {"ab", "ac", "bc"}


def test_entry_for_two_ends_provisional_application_for_all_where_the_text_says_no_other_end():
    acts = [
        *(act(f"{p} declares", p, "2020-01-01", Op.DECLARE_PROVISIONAL) for p in "abc"),
        *(act(f"{p} deposits", p, "2020-06-01", Op.DEPOSIT) for p in "ab"),
        act("c deposits", "c", "2020-09-01", Op.DEPOSIT),
    ]
    clock = Clock(accord(EACH, parties=("a", "b", "c")), acts)
    for when, ab, ac in (
        ("2020-05-31", "provisional", "provisional"),
        ("2020-06-01", "in_force", "signed"),
        ("2020-09-01", "in_force", "in_force"),
    ):
        found = clock.standing(at(when)).pairs
        assert (found["a", "b"], found["a", "c"]) == (ab, ac)


def test_a_term_may_renew_for_another_length_than_the_first():
    rules = """
[entry]
cites = "1"
when = { from = ["sign:dated"] }

[term]
cites = "1"
initial = { for = "P5Y", count = "anniversary" }
renewal = { for = "P1Y", count = "anniversary", by = "silence" }

[[exit]]
cites = "1"
length = { for = "P6M", count = "anniversary" }
"""
    signed = act("s", ("a", "b"), "2010-08-01", Op.SIGN)
    clock = Clock(accord(rules), [signed])
    assert clock.standing(at("2012-01-01")).period == (at("2010-08-01"), at("2015-08-01"))
    assert clock.standing(at("2015-08-01")).period == (at("2015-08-01"), at("2016-08-01"))
    gives = Operation(do=Op.GIVE_NOTICE, notice="n1")
    for when, ends in (("2015-02-01", "2015-08-01"), ("2015-02-02", "2016-08-01")):
        clock = Clock(accord(rules), [signed, act("n", "a", when, gives)])
        assert clock.standing(at(when)).notices[0].bites == at(ends)


def test_a_deposit_counts_from_its_receipt_or_from_when_the_depositary_told():
    rules = """
[entry]
cites = "1"
when = { from = ["deposit:STAGE"], of = "second", then = ["P30D"], count = "nth day after" }
"""
    told = [
        act("a", "a", "2020-01-01", Op.DEPOSIT, times={Stage.INFORMED: "2020-01-20"}),
        act("b", "b", "2020-02-01", Op.DEPOSIT, times={Stage.INFORMED: "2020-02-10"}),
    ]
    for stage, before, when in (
        ("received", "2020-03-01T23:59:59", "2020-03-02"),
        ("informed", "2020-03-10T23:59:59", "2020-03-11"),
    ):
        clock = Clock(accord(rules.replace("STAGE", stage)), told)
        assert is_at(clock, before, when) == ["not_yet", "in_force"]
