from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import (
    Certainty,
    Clock,
    NoticeState,
    Op,
    Operation,
    Reading,
    Stage,
    Status,
    standing,
)
from comity.accords.instruments import Instrument
from comity.accords.state import Outcome
from comity.accords.times import Instant, Span
from comity.errors import InvalidInput
from make import AFTER, SIGNED, YEARLY, accord, act, at, notice, signed


def status(clock: Clock, when: str) -> Status:
    return clock.standing(at(when)).status


def states(clock: Clock, when: str) -> dict[str, NoticeState]:
    return {n.id: n.state for n in clock.standing(at(when)).notices}


def test_nothing_is_in_force_before_anything_was_done():
    assert status(Clock(accord(), []), "2020-01-01") is Status.NOT_YET


def test_a_signature_by_one_side_alone_is_no_entry_into_force():
    clock = Clock(accord(), [act("s", "a", "2020-01-01", Op.SIGN)])
    assert status(clock, "2030-01-01") is Status.NOT_YET


def test_an_end_is_the_first_instant_out():
    clock = Clock(accord(SIGNED + AFTER), [signed(), notice("2020-03-30T12:00:00")])
    assert clock.standing(at("2020-04-01")).before == at("2020-09-30")
    assert status(clock, "2020-09-29T23:59:59") is Status.IN_FORCE
    assert status(clock, "2020-09-30T00:00:00") is Status.ENDED


def test_a_notice_is_an_object_and_no_standing_of_the_accord():
    clock = Clock(accord(SIGNED + AFTER), [signed(), notice("2020-03-01")])
    assert status(clock, "2020-03-01") is Status.IN_FORCE
    assert states(clock, "2020-03-01") == {"n1": NoticeState.RUNNING}


def test_there_may_be_several_notices_and_the_earliest_ends_it():
    clock = Clock(
        accord(SIGNED + AFTER),
        [signed(), notice("2020-03-01", "a", "n1"), notice("2020-02-01", "b", "n2")],
    )
    assert clock.standing(at("2020-03-01")).before == at("2020-08-01")


def test_a_revoked_notice_ends_nothing_and_a_second_counts_from_nothing():
    revoke = act("r", "a", "2020-04-01", Operation(do=Op.REVOKE_NOTICE, notice="n1"))
    clock = Clock(
        accord(SIGNED + AFTER),
        [signed(), notice("2020-03-01"), revoke, notice("2020-05-01", name="n2")],
    )
    assert clock.standing(at("2020-04-01")).before is None
    assert clock.standing(at("2020-05-01")).before == at("2020-11-01")


def test_a_notice_may_be_revoked_until_the_last_second_and_not_after():
    for when, ended in (("2020-08-31T23:59:59", False), ("2020-09-01T00:00:00", True)):
        revoke = act("r", "a", when, Operation(do=Op.REVOKE_NOTICE, notice="n1"))
        clock = Clock(accord(SIGNED + AFTER), [signed(), notice("2020-03-01"), revoke])
        assert (status(clock, "2020-09-01") is Status.ENDED) is ended


def test_outside_the_vienna_convention_no_notice_is_revocable_unless_the_text_says_so():
    revoke = act("r", "a", "2020-04-01", Operation(do=Op.REVOKE_NOTICE, notice="n1"))
    acts = [signed(), notice("2020-03-01"), revoke]
    contract = Clock(accord(SIGNED + AFTER, law="contract"), acts)
    allowed = Clock(accord(SIGNED + AFTER + "revocable = true", law="contract"), acts)
    forbidden = Clock(accord(SIGNED + AFTER + "revocable = false"), acts)
    assert status(contract, "2020-09-01") is Status.ENDED
    assert status(allowed, "2020-09-01") is Status.IN_FORCE
    assert status(forbidden, "2020-09-01") is Status.ENDED


def test_the_suspension_of_a_notice_may_have_an_end_and_the_days_run_on():
    suspend = act(
        "s",
        "a",
        "2020-04-01",
        Operation(do=Op.SUSPEND_NOTICE, notice="n1", until="2020-06-30"),
    )
    clock = Clock(accord(SIGNED + AFTER), [signed(), notice("2020-03-01"), suspend])
    assert states(clock, "2020-06-30T23:59:59") == {"n1": NoticeState.SUSPENDED}
    assert states(clock, "2020-07-01") == {"n1": NoticeState.RUNNING}
    assert clock.standing(at("2020-07-01")).before == at("2020-09-01")


def test_a_suspended_notice_resumed_after_its_day_takes_effect_at_once():
    acts = [
        signed(),
        notice("2020-03-01"),
        act("s", "a", "2020-08-31", Operation(do=Op.SUSPEND_NOTICE, notice="n1")),
        act("r", "a", "2021-01-01T10:00:00", Operation(do=Op.RESUME_NOTICE, notice="n1")),
    ]
    clock = Clock(accord(SIGNED + AFTER), acts)
    assert status(clock, "2021-01-01T09:59:59") is Status.IN_FORCE
    assert status(clock, "2021-01-01T10:00:00") is Status.ENDED


def test_withdrawing_a_notice_and_its_suspension_in_one_instrument_never_revives_it():
    operations = [
        Operation(do=Op.WITHDRAW_SUSPENSION, notice="n1"),
        Operation(do=Op.REVOKE_NOTICE, notice="n1"),
    ]
    for order in (operations, operations[::-1]):
        acts = [
            signed(),
            notice("2020-03-01"),
            act("s", "a", "2020-08-31", Operation(do=Op.SUSPEND_NOTICE, notice="n1")),
            act("w", "a", "2021-01-01", *order),
        ]
        clock = Clock(accord(SIGNED + AFTER), acts)
        assert status(clock, "2021-01-02") is Status.IN_FORCE
        assert states(clock, "2021-01-02") == {"n1": NoticeState.REVOKED}
        done = [e.do for e in clock.standing(at("2021-01-02")).effects[-2:]]
        assert done == [Op.REVOKE_NOTICE, Op.WITHDRAW_SUSPENSION]


def test_withdrawing_the_suspension_alone_lets_the_notice_run_again():
    acts = [
        signed(),
        notice("2020-03-01"),
        act("s", "a", "2020-04-01", Operation(do=Op.SUSPEND_NOTICE, notice="n1")),
        act("w", "a", "2020-05-01", Operation(do=Op.WITHDRAW_SUSPENSION, notice="n1")),
    ]
    assert states(Clock(accord(SIGNED + AFTER), acts), "2020-05-01") == {
        "n1": NoticeState.RUNNING
    }


def test_a_late_notice_bites_at_the_end_of_the_next_period():
    clock = Clock(accord(SIGNED + YEARLY), [signed(), notice("2020-12-01")])
    standing_ = clock.standing(at("2020-12-01"))
    assert standing_.notices[0].state is NoticeState.LATE
    assert standing_.before == at("2022-01-01")


@pytest.mark.parametrize(
    ("to", "day", "state"),
    [
        ("first day out", "2019-08-24", "running"),
        ("first day out", "2019-08-25", "late"),
        ("last day in", "2019-08-23", "running"),
        ("last day in", "2019-08-24", "late"),
    ],
)
def test_clear_days_before_the_end_have_two_values_and_the_text_names_which(to, day, state):
    rules = SIGNED + YEARLY.replace('"clear days" }', f'"clear days", to = "{to}" }}')
    clock = Clock(accord(rules), [signed("2016-11-23T00:00:00"), notice(day)])
    assert [str(n.state) for n in clock.standing(at(day)).notices] == [state]


def test_a_term_counted_from_the_thirty_first_is_anchored_and_never_chained():
    monthly = """
[term]
cites = "1"
initial = { for = "P1M", count = "anniversary" }
renewal = { for = "P1M", count = "anniversary", by = "silence" }
"""
    clock = Clock(accord(SIGNED + monthly), [signed("2024-01-31T00:00:00")])
    period = clock.standing(at("2024-04-15")).period
    assert period == (at("2024-03-31"), at("2024-04-30"))


def test_a_term_without_renewal_ends_by_itself():
    term = '\n[term]\ncites = "1"\ninitial = { for = "P1Y", count = "anniversary" }\n'
    clock = Clock(accord(SIGNED + term), [signed()])
    assert status(clock, "2020-12-31T23:59:59") is Status.IN_FORCE
    assert status(clock, "2021-01-01") is Status.ENDED


@pytest.mark.parametrize(
    ("key", "first_out"), [("until", "2020-07-01"), ("before", "2020-06-30")]
)
def test_until_is_the_last_day_in_and_before_the_first_day_out(key, first_out):
    term = f'\n[term]\ncites = "1"\n{key} = "2020-06-30"\n'
    clock = Clock(accord(SIGNED + term), [signed()])
    assert clock.standing(at("2020-02-01")).before == at(first_out)


def test_an_agreed_extension_moves_the_end_and_takes_both():
    term = '\n[term]\ncites = "1"\nuntil = "2020-06-30"\n'
    extend = act("e", ("a", "b"), "2020-06-01", Operation(do=Op.EXTEND, until="2020-12-31"))
    alone = replace(extend, by=("a",))
    assert (
        status(Clock(accord(SIGNED + term), [signed(), extend]), "2020-12-31")
        is Status.IN_FORCE
    )
    assert (
        status(Clock(accord(SIGNED + term), [signed(), extend]), "2021-01-01")
        is Status.ENDED
    )
    assert (
        status(Clock(accord(SIGNED + term), [signed(), alone]), "2020-07-01")
        is Status.ENDED
    )


def test_a_gap_is_a_gap_and_an_extension_after_the_end_covers_nothing():
    term = '\n[term]\ncites = "1"\nuntil = "2020-06-30"\n'
    extend = act("e", ("a", "b"), "2020-07-05", Operation(do=Op.EXTEND, until="2020-12-31"))
    clock = Clock(accord(SIGNED + term), [signed(), extend])
    assert status(clock, "2020-07-03") is Status.ENDED
    assert status(clock, "2020-08-01") is Status.ENDED
    effect = clock.standing(at("2020-08-01")).effects[-1]
    assert (effect.outcome, effect.lacks) == (
        Outcome.WITHOUT_EFFECT,
        "no step `extend` while it is `ended`",
    )


def test_termination_by_consent_takes_all_and_bites_at_once():
    both = act("t", ("a", "b"), "2020-06-01T10:00:00", Op.TERMINATE)
    one = replace(both, by=("b",))
    assert status(Clock(accord(), [signed(), both]), "2020-06-01T10:00:00") is Status.ENDED
    assert status(Clock(accord(), [signed(), one]), "2020-06-02") is Status.IN_FORCE


SUSPENSION = '\n[[suspension]]\ncites = "1"\nwho = "a"\n'


def test_a_suspension_is_lifted_by_the_one_who_made_it():
    acts = [
        signed(),
        act("s", "a", "2020-02-01", Op.SUSPEND),
        act("r", "b", "2020-03-01", Op.RESUME),
        act("r2", "a", "2020-04-01", Op.RESUME),
    ]
    clock = Clock(accord(SIGNED + SUSPENSION), acts)
    assert status(clock, "2020-01-31T23:59:59") is Status.IN_FORCE
    assert status(clock, "2020-02-01") is Status.SUSPENDED
    assert status(clock, "2020-03-02") is Status.SUSPENDED
    assert status(clock, "2020-04-01") is Status.IN_FORCE


def test_one_side_suspends_nothing_that_no_article_lets_it_suspend():
    acts = [signed(), act("s", "b", "2020-02-01", Op.SUSPEND)]
    assert status(Clock(accord(SIGNED + SUSPENSION), acts), "2020-02-02") is Status.IN_FORCE


def test_a_suspension_that_has_a_limit_ends_by_itself():
    rule = SUSPENSION + 'at_most = { for = "P30D", count = "anniversary" }\n'
    clock = Clock(
        accord(SIGNED + rule), [signed(), act("s", "a", "2020-02-01", Op.SUSPEND)]
    )
    assert status(clock, "2020-03-01T23:59:59") is Status.SUSPENDED
    assert status(clock, "2020-03-02") is Status.IN_FORCE


def test_a_suspension_with_a_length_begins_when_the_length_is_over():
    rule = SUSPENSION + 'length = { for = "P90D", count = "anniversary" }\n'
    clock = Clock(
        accord(SIGNED + rule), [signed(), act("s", "a", "2020-02-01", Op.SUSPEND)]
    )
    assert status(clock, "2020-04-30T23:59:59") is Status.IN_FORCE
    assert status(clock, "2020-05-01") is Status.SUSPENDED


THREE = ("a", "b", "c")
LEAVES = AFTER + 'ends = "part"\n'


def everyone_signed() -> Instrument:
    return act("signed", THREE, "2020-01-01", Op.SIGN)


def test_one_who_leaves_ends_its_own_part_only():
    clock = Clock(
        accord(SIGNED + LEAVES, parties=THREE),
        [everyone_signed(), notice("2020-03-01", "c")],
    )
    found = clock.standing(at("2020-09-01"))
    assert found.status is Status.IN_FORCE
    assert found.parties["c"] is Status.ENDED
    assert found.pairs["a", "b"] is Status.IN_FORCE
    assert found.pairs["a", "c"] is Status.ENDED


def test_a_pair_is_asked_about_as_a_pair():
    clock = Clock(
        accord(SIGNED + LEAVES, parties=THREE),
        [everyone_signed(), notice("2020-03-01", "c")],
    )
    assert clock.standing(at("2020-09-01"), pair=("b", "c")).status is Status.ENDED
    assert clock.standing(at("2020-09-01"), pair=("a", "b")).status is Status.IN_FORCE


def test_a_suspension_between_two_leaves_the_others_alone():
    suspend = act(
        "s", ("a", "b"), "2020-02-01", Operation(do=Op.SUSPEND, between=("a", "b"))
    )
    clock = Clock(accord(parties=THREE), [everyone_signed(), suspend])
    found = clock.standing(at("2020-02-01"))
    assert found.pairs["a", "b"] is Status.SUSPENDED
    assert found.pairs["a", "c"] is Status.IN_FORCE


def test_when_one_of_two_leaves_nothing_is_left():
    clock = Clock(accord(SIGNED + LEAVES), [signed(), notice("2020-03-01", "b")])
    assert status(clock, "2020-09-01") is Status.ENDED


JOINING = """
[entry]
cites = "1"
when = { from = ["deposit:received"], of = "second", then = ["P30D"] }

[joining]
cites = "1"
when = { from = ["deposit:received"], of = "that party", then = ["P30D"] }
"""


def test_in_force_thirty_days_after_two_deposits_and_then_for_each_after_its_own():
    text = accord(JOINING, parties=THREE)
    acts = [
        act(f"d{p}", p, when, Op.DEPOSIT)
        for p, when in (("a", "2020-01-01"), ("b", "2020-02-01"), ("c", "2020-06-01"))
    ]
    clock = Clock(text, acts)
    assert status(clock, "2020-03-01T23:59:59") is Status.NOT_YET
    assert clock.standing(at("2020-03-02")).pairs["a", "b"] is Status.IN_FORCE
    assert clock.standing(at("2020-06-30")).parties["c"] is Status.NOT_YET
    assert clock.standing(at("2020-07-01")).pairs["a", "c"] is Status.IN_FORCE


def test_an_open_accord_takes_in_one_who_was_not_named():
    text = accord(JOINING, front="open = true\n")
    acts = [act(f"d{p}", p, "2020-01-01", Op.DEPOSIT) for p in ("a", "b")] + [
        act("dz", "z", "2020-06-01", Op.DEPOSIT)
    ]
    assert Clock(text, acts).standing(at("2020-07-01")).parties["z"] is Status.IN_FORCE
    closed = Clock(accord(JOINING), acts).standing(at("2020-07-01"))
    assert "z" not in closed.parties


PROVISIONAL = (
    SIGNED.replace("sign:dated", "deposit:received")
    + """
[provisional]
cites = "1"
when = { on = "2020-02-01" }
ends = { earliest = [{ from = ["entry"] }, { on = "2020-05-01", set_by = "council", about = "end" }] }

[[actor]]
cites = "1"
id = "council"
is = "a joint body"
may = ["set_date"]
"""
)


def test_provisional_application_is_between_those_who_declared_it():
    acts = [act(p, p, "2020-01-15", Op.DECLARE_PROVISIONAL) for p in ("a", "b")]
    clock = Clock(accord(PROVISIONAL, parties=THREE), acts)
    found = clock.standing(at("2020-02-01"))
    assert found.pairs["a", "b"] is Status.PROVISIONAL
    assert found.pairs["a", "c"] is Status.NOT_YET


def test_provisional_application_ends_on_its_day_unless_the_actor_sets_another():
    acts = [act(p, p, "2020-01-15", Op.DECLARE_PROVISIONAL) for p in ("a", "b")]
    later = act(
        "set",
        "council",
        "2020-04-01",
        Operation(do=Op.SET_DATE, about="end", on="2020-06-01"),
    )
    stranger = replace(later, by=("nobody",))
    assert status(Clock(accord(PROVISIONAL), acts), "2020-05-01") is Status.SIGNED
    assert (
        status(Clock(accord(PROVISIONAL), [*acts, later]), "2020-05-31")
        is Status.PROVISIONAL
    )
    assert status(Clock(accord(PROVISIONAL), [*acts, later]), "2020-06-01") is Status.SIGNED
    assert (
        status(Clock(accord(PROVISIONAL), [*acts, stranger]), "2020-05-01") is Status.SIGNED
    )


def test_one_who_will_not_become_a_party_ends_provisional_application():
    acts = [act(p, p, "2020-01-15", Op.DECLARE_PROVISIONAL) for p in ("a", "b")]
    out = act("out", "b", "2020-03-01", Op.END_PROVISIONAL)
    assert (
        Clock(accord(PROVISIONAL), [*acts, out]).standing(at("2020-03-01")).pairs["a", "b"]
        is Status.SIGNED
    )


def test_the_order_of_steps_matters():
    ends = {}
    for steps in ('"P1M", "first of next month"', '"first of next month", "P1M"'):
        rule = f'\n[entry]\ncites = "1"\nwhen = {{ from = ["sign:dated"], then = [{steps}] }}\n'
        ends[steps] = Clock(accord(rule), [signed("2020-01-31T00:00:00")]).standing(
            at("2020-01-31")
        )
    assert [s.before for s in ends.values()] == [at("2020-03-01"), at("2020-03-01")]
    rule = '\n[entry]\ncites = "1"\nwhen = { from = ["sign:dated"], then = ["first of next month", "P1D"] }\n'
    assert Clock(accord(rule), [signed()]).standing(at("2020-01-01")).before == at(
        "2020-02-02"
    )
    rule = '\n[entry]\ncites = "1"\nwhen = { from = ["sign:dated"], then = ["P1D", "first of next month"] }\n'
    assert Clock(accord(rule), [signed("2020-01-31T00:00:00")]).standing(
        at("2020-01-31")
    ).before == at("2020-03-01")


def test_if_and_else_choose_by_what_has_happened():
    rule = """
[entry]
cites = "1"
when = { from = ["deposit:received"], if = "deposit:received", else = { from = ["sign:dated"] } }
"""
    assert status(Clock(accord(rule), [signed()]), "2020-01-01") is Status.IN_FORCE


# -- doubt ----------------------------------------------------------------------------


def test_inside_the_interval_of_an_uncertain_time_the_standing_is_unsettled():
    entry = act("signed", ("a", "b"), "2020-01-01T00:00:00Z/2020-01-01T06:00:00Z", Op.SIGN)
    clock = Clock(accord(), [entry])
    assert status(clock, "2019-12-31T23:59:59") is Status.NOT_YET
    found = clock.standing(at("2020-01-01T03:00:00"))
    assert (found.status, found.certainty) == (Status.UNSETTLED, Certainty.INTERVAL)
    assert found.doubts == ("signed",)
    assert found.before is not None
    assert found.before <= at("2020-01-01T06:00:00")
    assert status(clock, "2020-01-01T06:00:00") is Status.IN_FORCE


def test_a_count_that_falls_on_a_day_that_does_not_exist_leaves_the_stretch_unsettled():
    clock = Clock(accord(SIGNED + AFTER), [signed(), notice("2020-08-31")])
    assert status(clock, "2021-02-27T23:59:59") is Status.IN_FORCE
    assert status(clock, "2021-02-28T12:00:00") is Status.UNSETTLED
    assert status(clock, "2021-03-01") is Status.ENDED


def test_an_instrument_whose_deciding_time_nobody_recorded_leaves_it_unsettled_from_then_on():
    text = accord(SIGNED + YEARLY.replace("renewal", "#renewal"))
    revoke = Instrument(
        id="r",
        accord="t",
        by=("a",),
        form="written",
        channel="diplomatic",
        times={(Stage.DATED, ""): Span.at(at("2020-02-01"))},
        operations=(Operation(do=Op.REVOKE_NOTICE, notice="n1"),),
        source="a test",
    )
    after = accord(SIGNED + AFTER)
    clock = Clock(after, [signed(), notice("2020-01-02"), revoke])
    assert status(clock, "2020-07-02") is Status.UNSETTLED
    assert Clock(text, [signed()]).standing(at("2020-06-01")).status is Status.IN_FORCE


@given(st.lists(st.integers(0, 40), min_size=1, max_size=7))
def test_more_uncertain_instruments_never_settle_what_fewer_leave_open(offsets):
    day = 86_400
    acts = [signed()]
    for place, offset in enumerate(offsets):
        start = Instant(at("2020-02-01") + offset * day)
        protest = act(f"p{place}", "b", "2020-02-01", Op.PROTEST)
        span = Span(start, Instant(start + day))
        acts.append(replace(protest, times={(Stage.DATED, ""): span}))
    clock = Clock(accord(), acts)
    assert status(clock, "2020-03-01") is Status.IN_FORCE
    uncertain = replace(
        acts[0], times={(Stage.DATED, ""): Span(at("2020-01-01"), at("2021-01-01"))}
    )
    assert status(Clock(accord(), [uncertain, *acts[1:]]), "2020-03-01") is Status.UNSETTLED


def test_times_that_the_sides_recorded_differently_are_nobodys_word_alone():
    text = accord(SIGNED + AFTER)
    given_ = replace(
        notice("2020-03-01"),
        times={
            (Stage.RECEIVED, "a"): Span.at(at("2020-03-01")),
            (Stage.RECEIVED, "b"): Span.at(at("2020-03-05")),
        },
    )
    clock = Clock(text, [signed(), given_])
    assert status(clock, "2020-09-03") is Status.UNSETTLED
    assert clock.standing(at("2020-09-03"), party="a").status is Status.ENDED
    assert clock.standing(at("2020-09-03"), party="b").status is Status.IN_FORCE
    assert clock.standing(at("2020-09-03")).disputed


# -- readings -------------------------------------------------------------------------


def reading(party: str, choice: str, since: str = "2020-01-01") -> Reading:
    return Reading(
        party=party,
        accord="t",
        open_point="suspended-notice",
        reading=choice,
        since=at(since),
    )


SLEEPING = (
    signed(),
    notice("2020-03-01"),
    act("s", "a", "2020-04-01", Operation(do=Op.SUSPEND_NOTICE, notice="n1")),
)


def test_it_is_disputed_only_while_two_recorded_readings_differ():
    text = accord(SIGNED + AFTER)
    one = Clock(text, SLEEPING, [reading("a", "dormant")])
    same = Clock(text, SLEEPING, [reading("a", "dormant"), reading("b", "dormant")])
    differ = Clock(
        text, SLEEPING, [reading("a", "dormant"), reading("b", "revoked", "2020-06-01")]
    )
    assert not one.standing(at("2020-07-01")).disputed
    assert not same.standing(at("2020-07-01")).disputed
    assert not differ.standing(at("2020-05-31")).disputed
    assert differ.standing(at("2020-06-01")).disputed


def test_a_party_without_a_reading_is_shown_as_such():
    found = Clock(accord(SIGNED + AFTER), SLEEPING, [reading("a", "dormant")]).standing(
        at("2020-07-01")
    )
    assert found.readings["a"].recorded
    assert not found.readings["b"].recorded


def test_each_party_is_answered_under_its_own_reading():
    resume = act("r", "a", "2020-10-01", Operation(do=Op.RESUME_NOTICE, notice="n1"))
    clock = Clock(
        accord(SIGNED + AFTER),
        [*SLEEPING, resume],
        [reading("a", "dormant"), reading("b", "revoked")],
    )
    assert clock.standing(at("2020-10-01"), party="a").status is Status.ENDED
    assert clock.standing(at("2020-10-01"), party="b").status is Status.IN_FORCE


def test_a_reading_is_not_known_before_it_is_known():
    late = replace(reading("b", "revoked", "2020-06-01"), known=at("2020-08-01"))
    clock = Clock(accord(SIGNED + AFTER), SLEEPING, [reading("a", "dormant"), late])
    assert clock.standing(at("2020-07-01")).disputed
    assert not clock.standing(at("2020-07-01"), known_at=at("2020-07-15")).disputed


def test_a_recalled_reading_is_followed_by_nobody():
    recalled = replace(reading("b", "revoked"), recalled=True)
    clock = Clock(accord(SIGNED + AFTER), SLEEPING, [reading("a", "dormant"), recalled])
    assert not clock.standing(at("2020-07-01")).disputed


@pytest.mark.parametrize(
    ("point", "choice"), [("no-such", "dormant"), ("suspended-notice", "asleep")]
)
def test_a_reading_that_the_text_does_not_know_is_refused(point, choice):
    with pytest.raises(InvalidInput):
        _ = standing(accord(), [signed()], at("2020-01-02"), readings={point: choice})


# -- whoever does it ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "change", "why"),
    [
        ("z", {}, "neither a party"),
        ("a", {"authority": "none"}, "no authority"),
        ("a", {"form": "oral"}, "wants it written"),
        ("a", {"channel": "press"}, "wants the diplomatic channel"),
    ],
)
def test_what_has_no_basis_is_recorded_and_without_effect(by, change, why):
    bad = replace(notice("2020-03-01", by), **change)
    clock = Clock(accord(SIGNED + YEARLY), [signed(), bad])
    found = clock.standing(at("2020-03-02"))
    assert found.notices == ()
    assert found.effects[-1].outcome is Outcome.WITHOUT_EFFECT
    assert why in found.effects[-1].lacks


def test_an_act_without_authority_takes_effect_when_it_is_confirmed():
    bad = replace(notice("2020-03-01"), authority="none")
    confirm = act("c", "a", "2020-05-01", Operation(do=Op.CONFIRM, instrument=bad.id))
    clock = Clock(accord(SIGNED + AFTER), [signed(), bad, confirm])
    assert states(clock, "2020-04-30") == {}
    assert states(clock, "2020-05-01") == {"n1": NoticeState.RUNNING}


def test_a_breach_opens_options_and_ends_nothing_by_itself():
    breach = act("b", "b", "2020-03-01", Op.ALLEGE_BREACH)
    clock = Clock(accord(), [signed(), breach])
    assert status(clock, "2030-01-01") is Status.IN_FORCE
    assert clock.standing(at("2020-03-01")).effects[-1].outcome is Outcome.DECLARATORY


def test_a_text_without_an_exit_opens_none():
    clock = Clock(accord(), [signed(), notice("2020-03-01")])
    assert "VCLT 56" in clock.standing(at("2020-03-01")).effects[-1].lacks
    assert status(clock, "2030-01-01") is Status.IN_FORCE


def test_instruments_of_another_accord_do_nothing_here():
    other = notice("2020-03-01", of="another")
    assert (
        status(Clock(accord(SIGNED + AFTER), [signed(), other]), "2021-01-01")
        is Status.IN_FORCE
    )


def test_what_was_learnt_later_was_not_known_before():
    late = replace(notice("2020-03-01"), recorded=at("2020-10-01"))
    clock = Clock(accord(SIGNED + AFTER), [signed(), late])
    assert status(clock, "2020-09-15") is Status.ENDED
    assert (
        clock.standing(at("2020-09-15"), known_at=at("2020-09-15")).status
        is Status.IN_FORCE
    )


def test_a_party_that_is_none_is_refused():
    with pytest.raises(InvalidInput):
        _ = Clock(accord(), [signed()]).standing(at("2020-01-02"), party="z")


# -- properties -----------------------------------------------------------------------

operations = st.sampled_from(
    [
        Operation(do=Op.GIVE_NOTICE, notice="n1"),
        Operation(do=Op.GIVE_NOTICE, notice="n2"),
        Operation(do=Op.SUSPEND_NOTICE, notice="n1"),
        Operation(do=Op.RESUME_NOTICE, notice="n1"),
        Operation(do=Op.REVOKE_NOTICE, notice="n1"),
        Operation(do=Op.REVOKE_NOTICE, notice="n2"),
        Operation(do=Op.SUSPEND),
        Operation(do=Op.RESUME),
        Operation(do=Op.TERMINATE),
        Operation(do=Op.PROTEST),
        Operation(do=Op.EXTEND, until="2025-12-31"),
    ]
)
story = st.lists(
    st.tuples(
        st.integers(0, 900),
        st.sampled_from([("a",), ("b",), ("a", "b"), ("z",)]),
        operations,
    ),
    max_size=7,
)
RULES = SIGNED + YEARLY + SUSPENSION


def told(parts) -> list[Instrument]:
    day = 86_400
    return [signed()] + [
        replace(
            act(f"i{place}", by, "2020-01-02", op),
            times={
                (stage, ""): Span.at(Instant(at("2020-01-02") + offset * day + place))
                for stage in Stage
            },
        )
        for place, (offset, by, op) in enumerate(parts)
    ]


@given(story, st.integers(0, 1500), st.randoms())
def test_the_order_in_which_instruments_are_listed_does_not_matter(parts, offset, rng):
    acts = told(parts)
    shuffled = acts[:]
    rng.shuffle(shuffled)
    when = Instant(at("2020-01-01") + offset * 86_400)
    one = Clock(accord(RULES), acts).standing(when)
    other = Clock(accord(RULES), shuffled).standing(when)
    assert (one.status, one.before, one.notices) == (
        other.status,
        other.before,
        other.notices,
    )


@given(story, st.integers(0, 1500))
def test_after_the_end_nothing_comes_back(parts, offset):
    acts = told(parts)
    clock = Clock(accord(RULES), acts)
    when = Instant(at("2020-01-01") + offset * 86_400)
    if clock.standing(when).status is Status.ENDED:
        for later in (1, 86_400, 10_000_000):
            assert clock.standing(Instant(when + later)).status is Status.ENDED


@given(story, st.integers(0, 1500))
def test_what_is_done_later_changes_nothing_now(parts, offset):
    acts = told(parts)
    when = Instant(at("2020-01-01") + offset * 86_400)
    by_then = [i for i in acts if i.span(Stage.DATED).start <= when]
    one = Clock(accord(RULES), acts).standing(when)
    other = Clock(accord(RULES), by_then).standing(when)
    assert (one.status, one.before, one.notices) == (
        other.status,
        other.before,
        other.notices,
    )


@given(story, st.integers(0, 1500))
def test_the_standing_does_not_change_before_it_says_so(parts, offset):
    when = Instant(at("2020-01-01") + offset * 86_400)
    by_then = [i for i in told(parts) if i.span(Stage.DATED).start <= when]
    clock = Clock(accord(RULES), by_then)
    found = clock.standing(when)
    horizon = found.before or Instant(when + 90_000_000)
    middle = Instant((when + horizon) // 2)
    assert clock.standing(middle).status is found.status
    assert clock.standing(Instant(horizon - 1)).status is found.status
    if found.before is not None:
        assert clock.standing(found.before).status is not found.status


@given(story, st.integers(0, 1500))
def test_a_stranger_changes_nothing(parts, offset):
    when = Instant(at("2020-01-01") + offset * 86_400)
    acts = told(parts)
    known = [i for i in acts if "z" not in i.by]
    one, other = (Clock(accord(RULES), x).standing(when) for x in (acts, known))
    assert (one.status, one.notices) == (other.status, other.notices)
