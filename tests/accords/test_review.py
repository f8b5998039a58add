"""Cases that a first reading of the clock got wrong; each was a release that must not happen."""

from dataclasses import replace

import pytest

from comity.accords import Clock, NoticeState, Op, Operation, Reading, Stage, Status, ways
from comity.accords.deadlines import Kind, deadlines
from comity.accords.doubt import TooUncertain
from comity.accords.instruments import Instrument
from comity.accords.times import Span
from comity.accords.trials import earliest_end
from comity.accords.ways import Change
from comity.release import Permit, Request, decide
from make import (
    AFTER,
    RELEASE,
    SIGNED,
    YEARLY,
    accord,
    act,
    at,
    item,
    notice,
    signed,
    world,
)

THREE = ("a", "b", "c")
DAY = "2020-03-01T00:00:00Z/2020-03-02T00:00:00Z"


def status(clock, when):
    return clock.standing(at(when)).status


def states(clock, when):
    return {n.id: n.state for n in clock.standing(at(when)).notices}


# -- doubt ------------------------------------------------------------------------------


def test_acts_that_change_no_standing_never_settle_what_others_leave_open():
    acts = [
        signed(),
        notice("2020-03-01"),
        act(
            "r",
            "a",
            "2020-08-31T00:00:00Z/2020-09-02T00:00:00Z",
            Operation(do=Op.REVOKE_NOTICE, notice="n1"),
        ),
    ]
    protests = [act(f"p{i}", "b", DAY, Op.PROTEST) for i in range(40)]
    text = accord(SIGNED + AFTER)
    assert status(Clock(text, acts), "2020-09-03") is Status.UNSETTLED
    assert status(Clock(text, [*acts, *protests]), "2020-09-03") is Status.UNSETTLED


def test_with_too_many_uncertain_times_nothing_is_settled_and_nothing_released():
    notices = [
        replace(
            notice(DAY, name=f"n{i}"),
            times={(Stage.RECEIVED, ""): Span(at("2020-03-01"), at("2020-03-02"))},
        )
        for i in range(11)
    ]
    acts = [signed(), *notices]
    with pytest.raises(TooUncertain):
        _ = Clock(accord(SIGNED + AFTER), acts).standing(at("2020-04-01"))
    w = world([accord(SIGNED + AFTER + RELEASE)], acts)
    answer = decide(Request(item=item(), sender="a", recipient="b", at=at("2020-04-01")), w)
    assert not isinstance(answer, Permit)
    assert answer.reason == "unsettled"


def test_an_uncertain_time_counts_at_whatever_stage_a_clause_counts_from_it():
    rules = SIGNED.replace("sign:dated", "deposit:received")
    acts = [
        replace(
            act(p, p, "2020-01-01", Op.DEPOSIT),
            times={
                (Stage.DATED, ""): Span.at(at("2020-01-01")),
                (Stage.RECEIVED, ""): Span(at("2020-03-01"), at("2020-03-02")),
            },
        )
        for p in ("a", "b")
    ]
    assert status(Clock(accord(rules), acts), "2020-03-01T12:00:00") is Status.UNSETTLED
    assert status(Clock(accord(rules), acts), "2020-03-02") is Status.IN_FORCE


def test_a_notice_whose_receipt_nobody_recorded_may_have_been_served_or_not():
    dated = Instrument(
        id="d",
        accord="t",
        by=("a",),
        form="written",
        channel="diplomatic",
        times={(Stage.DATED, ""): Span.at(at("2020-03-01"))},
        operations=(Operation(do=Op.GIVE_NOTICE, notice="n1"),),
        source="a test",
    )
    for zone in ("Etc/UTC", "Asia/Seoul"):
        clock = Clock(accord(SIGNED + AFTER, zone=zone), [signed(), dated])
        assert status(clock, "2020-08-01") is Status.IN_FORCE
        assert status(clock, "2020-10-01") is Status.UNSETTLED
        assert clock.standing(at("2020-10-01")).doubts == ("d",)


def test_an_act_whose_form_nobody_recorded_may_be_in_due_form_or_not():
    formless = replace(notice("2020-03-01"), form=None)
    clock = Clock(accord(SIGNED + YEARLY), [signed("2019-12-01T00:00:00"), formless])
    assert status(clock, "2020-12-01") is Status.UNSETTLED
    oral = replace(formless, form="oral")
    assert (
        status(
            Clock(accord(SIGNED + YEARLY), [signed("2019-12-01T00:00:00"), oral]),
            "2020-12-01",
        )
        is Status.IN_FORCE
    )


def test_what_is_unsettled_names_the_instrument_that_makes_the_difference():
    acts = [
        signed(DAY.split("/", maxsplit=1)[0][:-1]),
        act("p", "b", "2020-01-01T00:00:00Z/2021-01-01T00:00:00Z", Op.PROTEST),
        replace(
            notice("2020-05-01"),
            times={(Stage.RECEIVED, ""): Span(at("2020-05-01"), at("2020-05-03"))},
        ),
    ]
    found = Clock(accord(SIGNED + AFTER), acts).standing(at("2020-11-01T12:00:00"))
    assert found.status is Status.UNSETTLED
    assert found.doubts == ("notice n1",)
    assert found.before == at("2020-11-02")


def test_a_count_on_a_day_that_does_not_exist_says_both_results_beforehand():
    found = Clock(accord(SIGNED + AFTER), [signed(), notice("2020-08-31")]).standing(
        at("2020-09-01")
    )
    assert any("28 Feb 2021" in d and "1 Mar 2021" in d for d in found.doubts)


def test_the_last_safe_day_for_notice_is_the_earlier_of_two():
    rules = SIGNED + YEARLY.replace("P90D", "P3M").replace("clear days", "anniversary")
    clock = Clock(accord(rules), [signed("2019-11-30T00:00:00")])
    found = {d.kind: d.before for d in deadlines(clock, at("2020-06-01"), at("2021-01-01"))}
    assert found[Kind.LAST_NOTICE] == at(
        "2020-08-31"
    )  # 31 August and three months does not exist


# -- entry and membership ---------------------------------------------------------------


def test_nobody_is_bound_who_did_not_consent():
    on_a_day = '\n[entry]\ncites = "1"\nwhen = { on = "2020-01-01" }\n'
    any_party = SIGNED.replace("every party", "any party")
    assert status(Clock(accord(on_a_day), []), "2020-06-01") is Status.NOT_YET
    one = [act("s", "a", "2019-12-01", Op.SIGN)]
    assert status(Clock(accord(on_a_day), one), "2020-06-01") is Status.NOT_YET
    assert status(Clock(accord(any_party), one), "2020-06-01") is Status.NOT_YET
    both = [*one, act("s2", "b", "2020-03-01", Op.SIGN)]
    assert status(Clock(accord(on_a_day), both), "2020-02-29T23:59:59") is Status.NOT_YET
    assert status(Clock(accord(on_a_day), both), "2020-03-01") is Status.IN_FORCE


def test_a_third_depositor_waits_for_its_own_thirty_days():
    rules = """
[entry]
cites = "1"
when = { from = ["deposit:received"], of = "second", then = ["P30D"] }

[joining]
cites = "1"
when = { from = ["deposit:received"], of = "that party", then = ["P30D"] }
"""
    acts = [act(p, p, f"2020-0{m}-01", Op.DEPOSIT) for m, p in enumerate(THREE, start=1)]
    clock = Clock(accord(rules, parties=THREE), acts)
    assert clock.standing(at("2020-03-02")).parties["c"] is Status.NOT_YET
    assert clock.standing(at("2020-03-31")).parties["c"] is Status.IN_FORCE


def test_provisional_application_binds_nobody_who_is_in_force_and_did_not_declare_it():
    rules = """
[entry]
cites = "1"
when = { from = ["deposit:received"], of = "second" }

[joining]
cites = "1"
when = { from = ["deposit:received"], of = "that party" }

[provisional]
cites = "1"
when = { on = "2020-01-15" }
ends = { on = "2030-01-01" }
"""
    acts = [act(p, p, "2020-01-01", Op.DEPOSIT) for p in ("a", "b")]
    acts += [act(p, p, "2020-01-02", Op.DECLARE_PROVISIONAL) for p in ("c", "d")]
    found = Clock(accord(rules, parties=("a", "b", "c", "d")), acts).standing(
        at("2020-02-01")
    )
    assert found.pairs["a", "b"] is Status.IN_FORCE
    assert found.pairs["c", "d"] is Status.PROVISIONAL
    assert found.pairs["a", "c"] is Status.SIGNED


def test_an_act_without_authority_is_confirmed_by_its_own_side_alone():
    bad = replace(notice("2020-03-01"), authority="none")
    confirm = act("c", "b", "2020-05-01", Operation(do=Op.CONFIRM, instrument=bad.id))
    clock = Clock(accord(SIGNED + AFTER), [signed(), bad, confirm])
    assert states(clock, "2020-05-02") == {}
    own = replace(confirm, by=("a",))
    assert states(Clock(accord(SIGNED + AFTER), [signed(), bad, own]), "2020-05-02") == {
        "n1": NoticeState.RUNNING
    }


# -- notices ----------------------------------------------------------------------------


@pytest.mark.parametrize("op", [Op.REVOKE_NOTICE, Op.SUSPEND_NOTICE])
@pytest.mark.parametrize("change", [{"form": "oral"}, {"channel": "press"}])
def test_what_is_done_to_a_notice_needs_the_form_of_the_notice(op, change):
    spoken = replace(act("x", "a", "2020-04-01", Operation(do=op, notice="n1")), **change)
    clock = Clock(
        accord(SIGNED + YEARLY),
        [signed("2019-12-01T00:00:00"), notice("2020-03-01"), spoken],
    )
    assert states(clock, "2020-04-02") == {"n1": NoticeState.RUNNING}


def test_a_notice_that_may_not_be_taken_back_may_not_be_put_to_sleep():
    sleep = act("s", "a", "2020-04-01", Operation(do=Op.SUSPEND_NOTICE, notice="n1"))
    acts = [signed(), notice("2020-03-01"), sleep]
    assert (
        status(Clock(accord(SIGNED + AFTER + "revocable = false"), acts), "2020-09-01")
        is Status.ENDED
    )
    assert (
        status(Clock(accord(SIGNED + AFTER, law="contract"), acts), "2020-09-01")
        is Status.ENDED
    )
    together = replace(sleep, by=("a", "b"))
    jointly = Clock(
        accord(SIGNED + AFTER, law="contract"), [signed(), notice("2020-03-01"), together]
    )
    assert status(jointly, "2020-09-01") is Status.IN_FORCE


def test_a_notice_may_be_resumed_with_the_days_that_it_had_left():
    sleep = act("s", "a", "2020-04-01", Operation(do=Op.SUSPEND_NOTICE, notice="n1"))
    wake = act(
        "w", "a", "2021-01-01", Operation(do=Op.RESUME_NOTICE, notice="n1", days_left=True)
    )
    clock = Clock(accord(SIGNED + AFTER), [signed(), notice("2020-03-01"), sleep, wake])
    left = (at("2020-09-01") - at("2020-04-01")) // 86_400
    assert clock.standing(at("2021-01-01")).before == at("2021-01-01") + left * 86_400


def test_a_suspended_notice_may_be_kept_asleep_for_longer():
    acts = [
        signed(),
        notice("2020-03-01"),
        act(
            "s",
            "a",
            "2020-04-01",
            Operation(do=Op.SUSPEND_NOTICE, notice="n1", until="2020-06-30"),
        ),
        act(
            "p",
            "a",
            "2020-06-01",
            Operation(do=Op.SUSPEND_NOTICE, notice="n1", until="2020-12-31"),
        ),
    ]
    clock = Clock(accord(SIGNED + AFTER), acts)
    assert states(clock, "2020-12-31T12:00:00") == {"n1": NoticeState.SUSPENDED}
    assert status(clock, "2021-01-01") is Status.ENDED


def test_a_second_exit_is_tried_where_the_first_does_not_carry_the_notice():
    late = (
        YEARLY
        + 'late = "without effect"\n'
        + """
[[exit]]
cites = "1"
length = { for = "P6M", count = "anniversary" }
takes_effect = "after the length"
"""
    )
    clock = Clock(accord(SIGNED + late), [signed(), notice("2020-12-01")])
    assert clock.standing(at("2020-12-02")).before == at("2021-06-01")


def test_an_actor_has_no_exit_that_is_for_either_party():
    actor = (
        '\n[[actor]]\ncites = "1"\nid = "council"\nis = "a body"\nmay = ["give_notice"]\n'
    )
    clock = Clock(
        accord(SIGNED + AFTER + 'ends = "part"\n' + actor),
        [signed(), notice("2020-03-01", "council")],
    )
    assert status(clock, "2020-10-01") is Status.IN_FORCE


def test_a_notice_given_together_is_one_of_each_and_neither_takes_back_the_others():
    both = replace(notice("2020-03-01"), by=("a", "b"))
    revoke = act("r", "a", "2020-04-01", Operation(do=Op.REVOKE_NOTICE, notice="n1"))
    clock = Clock(accord(SIGNED + AFTER), [signed(), both, revoke])
    assert states(clock, "2020-04-02") == {
        "n1": NoticeState.REVOKED,
        "n1 of b": NoticeState.RUNNING,
    }
    assert status(clock, "2020-09-01") is Status.ENDED


def test_a_second_notice_that_bears_a_taken_id_is_a_notice_all_the_same():
    revoke = act("r", "a", "2020-04-01", Operation(do=Op.REVOKE_NOTICE, notice="n1"))
    again = replace(notice("2020-05-01"), id="again")
    clock = Clock(accord(SIGNED + AFTER), [signed(), notice("2020-03-01"), revoke, again])
    assert clock.standing(at("2020-05-02")).before == at("2020-11-01")


def test_a_strangers_name_beside_theirs_takes_nothing_away():
    end = act("t", ("a", "b", "zz"), "2020-03-01", Op.TERMINATE)
    assert (
        status(Clock(accord(SIGNED + AFTER), [signed(), end]), "2020-03-01") is Status.ENDED
    )


def test_what_has_ended_takes_nobody_in():
    rules = (
        SIGNED
        + '\n[joining]\ncites = "1"\nwhen = { from = ["deposit:dated"], of = "that party" }\n'
    )
    acts = [
        signed(),
        act("t", ("a", "b"), "2020-03-01", Op.TERMINATE),
        act("c", "c", "2020-05-01", Op.DEPOSIT),
        act("d", "d", "2020-05-02", Op.DEPOSIT),
    ]
    clock = Clock(accord(rules, front="open = true\n"), acts)
    assert status(clock, "2020-06-01") is Status.ENDED
    assert clock.standing(at("2020-06-01")).pairs["c", "d"] is not Status.IN_FORCE


def test_between_the_ends_of_an_interval_an_act_may_do_what_it_does_at_neither():
    wake = replace(
        act("w", "a", "2020-01-01", Operation(do=Op.RESUME_NOTICE, notice="n1")),
        times={(Stage.RECEIVED, ""): Span(at("2020-08-30"), at("2021-01-01"))},
    )
    acts = [
        signed(),
        notice("2020-03-01"),
        act("s", "a", "2020-08-31", Operation(do=Op.SUSPEND_NOTICE, notice="n1")),
        wake,
    ]
    assert status(Clock(accord(SIGNED + AFTER), acts), "2020-10-01") is Status.UNSETTLED


def test_a_notice_that_may_have_come_in_time_or_late_leaves_the_year_between_unsettled():
    vague = replace(
        notice("2020-01-01"),
        times={(Stage.RECEIVED, ""): Span(at("2020-09-01"), at("2020-11-01"))},
    )
    found = Clock(accord(SIGNED + YEARLY), [signed(), vague]).standing(at("2021-06-01"))
    assert (found.status, found.doubts) == (Status.UNSETTLED, ("notice n1",))
    assert found.before == at("2022-01-01")


# -- suspension and agreed ends ------------------------------------------------------------

EITHER = '\n[[suspension]]\ncites = "1"\n'


def test_it_goes_on_only_when_every_one_who_suspended_it_lets_it():
    acts = [
        signed(),
        act("sa", "a", "2020-02-01", Op.SUSPEND),
        act("sb", "b", "2020-02-10", Op.SUSPEND),
        act("ra", "a", "2020-03-01", Op.RESUME),
    ]
    assert status(Clock(accord(SIGNED + EITHER), acts), "2020-03-02") is Status.SUSPENDED
    both = [*acts, act("rb", "b", "2020-04-01", Op.RESUME)]
    assert status(Clock(accord(SIGNED + EITHER), both), "2020-04-01") is Status.IN_FORCE


def test_one_suspends_only_what_is_between_oneself_and_others():
    everyone = act("s", THREE, "2020-01-01", Op.SIGN)
    text = accord(SIGNED + EITHER, parties=THREE)
    mine = Clock(text, [everyone, act("x", "a", "2020-02-01", Op.SUSPEND)]).standing(
        at("2020-02-01")
    )
    assert (mine.pairs["a", "b"], mine.pairs["b", "c"]) == (
        Status.SUSPENDED,
        Status.IN_FORCE,
    )
    theirs = act("x", "a", "2020-02-01", Operation(do=Op.SUSPEND, between=("b", "c")))
    assert (
        Clock(text, [everyone, theirs]).standing(at("2020-02-01")).pairs["b", "c"]
        is Status.IN_FORCE
    )


def test_a_suspension_that_has_not_begun_can_be_called_off():
    rule = EITHER + 'length = { for = "P90D", count = "anniversary" }\n'
    acts = [
        signed(),
        act("s", "a", "2020-02-01", Op.SUSPEND),
        act("r", "a", "2020-03-01", Op.RESUME),
    ]
    assert status(Clock(accord(SIGNED + rule), acts), "2020-06-01") is Status.IN_FORCE


def test_a_suspension_for_breach_needs_a_claimed_breach_by_the_same_party():
    rule = EITHER + 'requires = ["allege_breach"]\n'
    suspend = act("s", "a", "2020-03-01", Op.SUSPEND)
    claim = act("c", "a", "2020-02-01", Op.ALLEGE_BREACH)
    text = accord(SIGNED + rule)
    assert status(Clock(text, [signed(), suspend]), "2020-03-01") is Status.IN_FORCE
    assert (
        status(Clock(text, [signed(), replace(claim, by=("b",)), suspend]), "2020-03-01")
        is Status.IN_FORCE
    )
    assert status(Clock(text, [signed(), claim, suspend]), "2020-03-01") is Status.SUSPENDED


def test_an_agreement_to_go_on_makes_no_end_where_none_was_and_never_an_earlier_one():
    text = accord(SIGNED + YEARLY)
    go_on = act("e", ("a", "b"), "2020-03-01", Operation(do=Op.EXTEND, until="2020-06-30"))
    assert (
        Clock(text, [signed(), go_on]).standing(at("2020-07-01")).status is Status.IN_FORCE
    )
    fixed = accord(SIGNED + '\n[term]\ncites = "1"\nuntil = "2020-12-31"\n')
    assert status(Clock(fixed, [signed(), go_on]), "2020-12-31") is Status.IN_FORCE


def test_an_agreed_end_comes_on_the_first_day_out_that_they_name():
    end = act("t", ("a", "b"), "2020-03-01", Operation(do=Op.TERMINATE, on="2020-07-01"))
    clock = Clock(accord(SIGNED + YEARLY), [signed(), end])
    assert status(clock, "2020-06-30T23:59:59") is Status.IN_FORCE
    assert status(clock, "2020-07-01") is Status.ENDED


def test_those_who_are_left_act_together_without_the_one_who_left():
    text = accord(SIGNED + AFTER + 'ends = "part"\n', parties=THREE)
    acts = [
        act("s", THREE, "2020-01-01", Op.SIGN),
        notice("2020-02-01", "c"),
        act("t", ("a", "b"), "2020-10-01", Op.TERMINATE),
    ]
    assert status(Clock(text, acts), "2020-10-01") is Status.ENDED


def test_only_the_actor_whom_the_text_names_sets_the_date():
    rules = (
        SIGNED
        + """
[provisional]
cites = "1"
when = { on = "2020-02-01" }
ends = { on = "2020-05-01", set_by = "council", about = "end" }

[[actor]]
cites = "1"
id = "council"
is = "a body"
may = ["set_date"]

[[actor]]
cites = "1"
id = "clerk"
is = "another"
may = ["set_date"]
"""
    )
    text = accord(rules.replace("sign:dated", "deposit:received"))
    acts = [act(p, p, "2020-01-15", Op.DECLARE_PROVISIONAL) for p in ("a", "b")]
    by_clerk = act(
        "x", "clerk", "2020-04-01", Operation(do=Op.SET_DATE, about="end", on="2020-09-01")
    )
    assert status(Clock(text, [*acts, by_clerk]), "2020-05-02") is Status.SIGNED
    assert (
        status(Clock(text, [*acts, replace(by_clerk, by=("council",))]), "2020-05-02")
        is Status.PROVISIONAL
    )


# -- what parties say ------------------------------------------------------------------------


LATE_OPEN = """
[[open_point]]
cites = "1"
id = "l"
question = "late?"
readings = ["next period", "without effect"]
default = "next period"
"""


def test_a_reading_of_one_point_and_of_another_are_no_dispute():
    late = YEARLY.replace("length =", 'late = { open_point = "l" }\nlength =')
    rules = SIGNED + late + LATE_OPEN
    acts = [
        signed(),
        notice("2020-03-01"),
        act("s", "a", "2020-04-01", Operation(do=Op.SUSPEND_NOTICE, notice="n1")),
    ]
    held = [
        Reading(
            party="a",
            accord="t",
            open_point="suspended-notice",
            reading="revoked",
            since=at("2020-05-01"),
        ),
        Reading(
            party="b",
            accord="t",
            open_point="l",
            reading="without effect",
            since=at("2020-05-01"),
        ),
    ]
    assert not Clock(accord(rules), acts, held).standing(at("2020-06-01")).disputed


@pytest.mark.parametrize("refuses", ["a", "b"])
def test_a_notice_that_one_side_alone_sees_is_a_dispute_whichever_it_is(refuses):
    rules = SIGNED + YEARLY.replace("length =", 'late = { open_point = "l" }\nlength =')
    held = [
        Reading(
            party=party,
            accord="t",
            open_point="l",
            reading="without effect" if party == refuses else "next period",
            since=at("2020-11-02"),
        )
        for party in ("a", "b")
    ]
    clock = Clock(accord(rules + LATE_OPEN), [signed(), notice("2020-11-01")], held)
    found = clock.standing(at("2020-11-03"))
    assert found.disputed
    assert any("differ in notice n1" in text for text in found.disagreements)


def test_an_end_that_comes_in_any_case_is_nobodys():
    fixed = Clock(
        accord(SIGNED + '\n[term]\ncites = "1"\nuntil = "2020-12-31"\n'), [signed()]
    )
    fold, state = fixed.representative(at("2020-06-01"))
    assert earliest_end(fold, state, at("2020-06-01")) == (at("2021-01-01"), ())


def test_an_exit_on_a_day_named_is_one_that_a_party_has():
    rules = AFTER.replace("after the length", "on the date named")
    clock = Clock(accord(SIGNED + rules), [signed()])
    fold, state = clock.representative(at("2020-06-01"))
    assert earliest_end(fold, state, at("2020-06-01")) == (at("2020-12-01"), ("a", "b"))


def test_a_way_says_until_when_it_brings_that_end():
    clock = Clock(accord(SIGNED + YEARLY), [signed()])
    found = {w.by: w for w in ways(clock, at("2020-03-01")).ways if w.op is Op.GIVE_NOTICE}
    assert found["a",].ends == at("2021-01-01")
    assert found["a",].before == at("2020-10-03")  # ninety clear days before 1 January


def test_leaving_a_many_party_accord_is_a_way_that_ends_ones_own_part():
    text = accord(SIGNED + AFTER + 'ends = "part"\n', parties=THREE)
    clock = Clock(text, [act("s", THREE, "2020-01-01", Op.SIGN)])
    leaves = [w for w in ways(clock, at("2020-03-01")).ways if w.change is Change.LEAVES]
    assert {w.by for w in leaves} == {("a",), ("b",), ("c",)}


def test_a_suspended_notice_keeps_the_period_from_renewing_by_silence():
    sleep = act("s", "a", "2020-04-01", Operation(do=Op.SUSPEND_NOTICE, notice="n1"))
    clock = Clock(
        accord(SIGNED + YEARLY),
        [signed("2019-12-01T00:00:00"), notice("2020-03-01"), sleep],
    )
    kinds = {d.kind for d in deadlines(clock, at("2020-05-01"), at("2021-05-01"))}
    assert Kind.RENEWS not in kinds


def test_a_short_suspension_at_some_time_of_a_year_leaves_the_year_unsettled():
    rule = EITHER + 'at_most = { for = "P30D", count = "anniversary" }\n'
    vague = replace(
        act("s", "a", "2021-01-01", Op.SUSPEND),
        times={(Stage.RECEIVED, ""): Span(at("2021-01-01"), at("2022-01-01"))},
    )
    clock = Clock(accord(SIGNED + rule), [signed(), vague])
    assert status(clock, "2020-12-31T23:59:59") is Status.IN_FORCE
    for day in ("2021-01-02", "2021-07-05", "2022-01-15"):
        assert status(clock, day) is Status.UNSETTLED
    assert status(clock, "2022-03-01") is Status.IN_FORCE
    unrecorded = replace(vague, times={(Stage.SENT, ""): Span.at(at("2021-01-01"))})
    clock = Clock(accord(SIGNED + rule), [signed(), unrecorded])
    assert status(clock, "2023-07-05") is Status.UNSETTLED


def test_what_may_happen_later_is_no_doubt_now():
    many = [
        replace(
            notice("2021-03-01", name=f"n{i}"),
            times={(Stage.RECEIVED, ""): Span(at("2021-03-01"), at("2021-03-02"))},
        )
        for i in range(20)
    ]
    assert (
        status(Clock(accord(SIGNED + AFTER), [signed(), *many]), "2021-02-28")
        is Status.IN_FORCE
    )


IV = Span(at("2020-02-01"), at("2020-12-01"))


def vaguely(instrument, **spans):
    return replace(instrument, times={(stage, ""): spans.get(stage, IV) for stage in Stage})


def test_a_confirmation_at_some_time_of_a_year_is_in_doubt_until_it_is_over():
    unsigned = act("b", "b", "2020-01-01", Op.SIGN, authority="none")
    confirm = vaguely(act("c", "b", "2020-02-01", Operation(do=Op.CONFIRM, instrument="b")))
    clock = Clock(accord(), [act("a", "a", "2020-01-01", Op.SIGN), unsigned, confirm])
    assert status(clock, "2020-06-01") is Status.UNSETTLED
    assert status(clock, "2020-12-01") is Status.IN_FORCE


def test_an_act_that_only_records_is_in_doubt_where_a_clause_counts_from_it():
    rules = SIGNED.replace("sign:dated", "report:dated").replace("every party", "any party")
    report = vaguely(act("r", "a", "2020-02-01", Op.REPORT))
    clock = Clock(accord(rules), [signed(), report])
    assert status(clock, "2020-06-01") is Status.UNSETTLED


def test_what_an_amendment_asks_for_may_be_what_is_missing():
    base = accord(SIGNED + AFTER)
    amendment = f"""+++
format = "comity-amendment/1"
id = "m"
base = "{base.digest}"
languages = ["en"]
authentic = ["en"]
+++

# M

## Article 1. All of it

The words.

```toml comity
{(SIGNED + AFTER + 'form = "written"').strip()}
```
"""
    acts = [
        signed(),
        act("m", ("a", "b"), "2020-01-10", Operation(do=Op.AMEND, amendment="m")),
        notice("2020-02-01"),
        replace(
            act("r", "a", "2020-03-01", Operation(do=Op.REVOKE_NOTICE, notice="n1")),
            form=None,
        ),
    ]
    clock = Clock(base, acts, amendments={"m": amendment.encode()})
    assert status(clock, "2020-09-01") is Status.UNSETTLED


def test_a_notice_given_together_may_be_taken_back_together():
    both = replace(notice("2020-03-01"), by=("a", "b"))
    revoke = act("r", ("a", "b"), "2020-04-01", Operation(do=Op.REVOKE_NOTICE, notice="n1"))
    clock = Clock(accord(SIGNED + AFTER), [signed(), both, revoke])
    assert set(states(clock, "2020-04-02").values()) == {NoticeState.REVOKED}
    mine = Clock(accord(SIGNED + AFTER), [signed(), both, replace(revoke, by=("b",))])
    assert states(mine, "2020-04-02") == {
        "n1": NoticeState.RUNNING,
        "n1 of b": NoticeState.REVOKED,
    }


def test_a_notice_given_together_has_effect_where_one_of_them_may_give_it():
    rules = SIGNED + AFTER + 'who = "b"\n'
    both = replace(notice("2020-03-01"), by=("a", "b"))
    found = Clock(accord(rules), [signed(), both]).standing(at("2020-03-02"))
    assert [n.by for n in found.notices] == ["b"]
    assert found.effects[-1].outcome == "effective"


def test_what_all_agree_on_later_holds_between_a_pair_that_had_agreed_on_its_own():
    def amendment(name, base, rules):
        return f"""+++
format = "comity-amendment/1"
id = "{name}"
base = "{base}"
languages = ["en"]
authentic = ["en"]
+++

# {name}

## Article 1. All of it

The words.

```toml comity
{rules.strip()}
```
""".encode()

    base = accord(
        SIGNED + RELEASE.replace('categories = ["any"]', 'categories = ["k"]'),
        parties=THREE,
    )
    wide = amendment("wide", base.digest, SIGNED + RELEASE)
    narrow = amendment(
        "narrow",
        base.digest,
        SIGNED + RELEASE.replace('categories = ["any"]', 'categories = ["l"]'),
    )
    acts = [
        act("s", THREE, "2020-01-01", Op.SIGN),
        act(
            "w",
            ("a", "c"),
            "2020-01-10",
            Operation(do=Op.AMEND, amendment="wide", between=("a", "c")),
        ),
        act("n", THREE, "2020-02-01", Operation(do=Op.AMEND, amendment="narrow")),
    ]
    w = world([base], acts, amendments={"wide": wide, "narrow": narrow})
    for sender, recipient in (("a", "b"), ("a", "c")):
        answer = decide(
            Request(item=item(), sender=sender, recipient=recipient, at=at("2020-03-01")), w
        )
        assert not isinstance(answer, Permit)
