"""Duties: what brings them, until when they run, and which act discharges them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.accords import Op, Operation, Reading, Stage
from comity.accords.instruments import Means
from comity.release import beginning, duties
from make import RELEASE, SIGNED, accord, act, at, item, notice, signed, world

ENDS = """
[term]
cites = "1"
indefinite = true

[[exit]]
cites = "1"
takes_effect = "at once"
"""
ALWAYS = '\n[survival]\ncites = "1"\nprotect = "always"\n'


def duty(
    name="back",
    arises="after the end",
    more='within = { for = "P30D", count = "civil" }\ndischarge = ["return", "certify_destruction"]',
    who="recipient",
):
    return (
        f'\n[[duty]]\ncites = "1"\nid = "{name}"\nwhat = "do {name}"\nwho = "{who}"\n'
        f'arises = "{arises}"\n{more}\n'
    )


def small(*rules, acts=(), ended="2020-06-01", accords=(), **front):
    """Return a world of one accord, signed on 1 Jan 2020 and ended, with x given by a to b."""
    text = accord(SIGNED + RELEASE + ENDS + "".join(rules), **front)
    done = [signed(), gave(), *acts]
    if ended is not None:
        done.append(notice(ended))
    items = {name: item(name) for name in ("x", "y")}
    return world([text, *accords], done, items=items)


def gave(what="x", when="2020-02-01", name=None, **more):
    operation = Operation(do=Op.RELEASE, item=what, to="b")
    return act(name or f"gave {what}", "a", when, operation, **more)


def only(found, name, **wanted):
    """Return the one duty of that id."""
    kept = [
        due
        for due in found
        if due.id == name
        and all(getattr(due, key) == value for key, value in wanted.items())
    ]
    assert len(kept) == 1, [(d.id, d.who, d.item, d.since) for d in found]
    return kept[0]


def test_a_duty_after_the_end_begins_with_the_end_for_each_item_on_record():
    here = small(ALWAYS, duty())
    assert beginning(here, "t", at("2020-05-31T23:59:59")) == ()
    due = only(beginning(here, "t", at("2020-06-01")), "back", item="x")
    assert (due.who, due.towards, due.since) == ("b", ("a",), at("2020-06-01"))
    assert due.before == at("2020-07-02")  # thirty days, the first not counted, the last in


@pytest.mark.parametrize("ended", ["2020-06-01", None])
def test_nothing_begins_before_the_end(ended):
    here = small(ALWAYS, duty(), ended=ended)
    assert beginning(here, "t", at("2020-05-31")) == ()


def test_a_certificate_for_the_item_discharges_destruction():
    gone = act("gone", "b", "2020-06-10", Operation(do=Op.CERTIFY_DESTRUCTION, item="x"))
    here = small(ALWAYS, duty(), acts=[gone])
    due = only(duties(here, at("2020-08-01")), "back", item="x")
    assert (due.discharged, due.discharged_at) == ("gone", at("2020-06-10"))
    assert not due.overdue(at("2020-08-01"))


def destroyed(what="x", when="2020-06-10", by="b", name="gone", **more):
    operation = Operation(do=Op.CERTIFY_DESTRUCTION, item=what)
    return act(name, by, when, operation, **more)


def returned(what="x", when="2020-06-10", by="b", to=None, name="back", **more):
    return act(name, by, when, Operation(do=Op.RETURN, item=what, to=to), **more)


def reported(about, when, by="b", what="x", name="told", instrument=None, **more):
    operation = Operation(do=Op.REPORT, about=about, item=what, instrument=instrument)
    return act(name, by, when, operation, **more)


def state(here, name="back", item_="x", when="2021-01-01", **wanted):
    due = only(duties(here, at(when)), name, item=item_, **wanted)
    return due.discharged or due.adopted or due.paused or due.overdue(at(when))


# -- who bears what, since when, until when ------------------------------------------------


@pytest.mark.parametrize(
    ("who", "bears"), [("recipient", {"b"}), ("sender", {"a"}), ("each", {"a", "b"})]
)
def test_sender_and_recipient_are_those_of_the_release(who, bears):
    here = small(ALWAYS, duty(who=who))
    assert {
        d.who for d in duties(here, at("2021-01-01"), item="x") if d.id == "back"
    } == bears


@pytest.mark.parametrize(
    ("within", "before"),
    [
        ('{ for = "P30D", count = "civil" }', "2020-07-02"),
        ('{ for = "P30D", count = "clear days" }', "2020-07-02"),
        ('{ for = "P30D", count = "nth day after" }', "2020-07-01"),
        ('{ for = "P1M", count = "anniversary" }', "2020-07-01"),
        ('"at once"', "2020-06-01"),
    ],
)
def test_the_time_runs_from_the_end_by_the_counting_rule_of_the_clause(within, before):
    here = small(ALWAYS, duty(more=f"within = {within}"))
    due = only(duties(here, at("2021-01-01")), "back", item="x")
    assert due.before == at(before)
    assert due.overdue(at(before))
    assert not due.overdue(at(before) - 1)


def test_days_are_those_of_the_accords_zone():
    here = small(ALWAYS, duty(), zone="Asia/Seoul", ended="2020-06-01T15:00:00")
    due = only(duties(here, at("2021-01-01")), "back", item="x")
    assert due.since == at("2020-06-01T15:00:00")  # 2 June in Seoul
    assert due.before == at("2020-07-02T15:00:00")  # 3 July in Seoul


def test_of_a_day_that_does_not_exist_the_earlier_is_the_deadline():
    here = small(
        ALWAYS,
        duty(more='within = { for = "P1M", count = "anniversary" }'),
        ended="2020-01-31",
    )
    here = here.supposing([gave(when="2020-01-15")])
    due = only(duties(here, at("2020-03-15")), "back", item="x")
    assert due.before == at("2020-02-29")


def test_a_duty_for_which_no_last_day_is_said_is_never_overdue():
    here = small(ALWAYS, duty(more=""))
    due = only(duties(here, at("2099-01-01")), "back", item="x")
    assert due.before is None
    assert due.stands
    assert not due.overdue(at("2099-01-01"))


def test_with_no_release_on_record_the_duty_is_for_whatever_was_given_in_each_direction():
    here = small(ALWAYS, duty()).without(["gave x"])
    found = [d for d in duties(here, at("2021-01-01")) if d.id == "back"]
    assert {(d.who, d.towards, d.item) for d in found} == {
        ("b", ("a",), None),
        ("a", ("b",), None),
    }


def test_a_direction_that_the_scope_does_not_admit_brings_nothing():
    one_way = RELEASE.replace('directions = ["any"]', 'directions = ["a to b"]')
    text = accord(SIGNED + one_way + ENDS + ALWAYS)
    here = world([text], [signed(), notice("2020-06-01")])
    assert {d.who for d in duties(here, at("2021-01-01"))} == {"b"}


def test_where_one_direction_is_on_record_the_other_is_whatever_was_given():
    here = small(ALWAYS)
    found = {(d.who, d.item) for d in duties(here, at("2021-01-01"))}
    assert found == {("b", "x"), ("a", None)}


def test_an_accord_that_never_stood_brings_nothing_but_to_what_was_given_all_the_same():
    text = accord(SIGNED + RELEASE + ENDS + ALWAYS + duty("on", "on release"))
    here = world([text], [gave()], items={"x": item("x")})
    assert [(d.id, d.item) for d in duties(here, at("2021-01-01"))] == [("on", "x")]


def test_a_release_recorded_by_both_sides_is_one_release_from_the_earlier_time():
    mine = gave(when="2020-02-02", name="sent")
    theirs = act(
        "got", "b", "2020-02-01", Operation(do=Op.RELEASE, item="x", to="b", holder="a")
    )
    here = small(
        duty("on", "on release", "lasting = true"), acts=[mine, theirs], ended=None
    )
    here = here.without(["gave x"])
    due = only(duties(here, at("2021-01-01")), "on")
    assert due.since == at("2020-02-01")


def test_a_duty_that_two_releases_bring_runs_from_the_first():
    for first, again in (("2020-02-01", "2020-03-01"), ("2020-03-01", "2020-02-01")):
        here = small(duty("on", "on release"), ended=None).without(["gave x"])
        here = here.supposing([gave(when=first), gave(when=again, name="again")])
        due = only(duties(here, at("2021-01-01")), "on")
        assert (due.since, due.before) == (at("2020-02-01"), at("2020-03-03"))


def test_what_is_released_after_the_end_is_due_from_then():
    here = small(ALWAYS, duty()).supposing([gave("y", "2020-07-10")])
    due = only(duties(here, at("2021-01-01")), "back", item="y")
    assert due.since == at("2020-07-10")


# -- doubt ---------------------------------------------------------------------------------


def test_a_duty_begins_at_the_earliest_end_under_anyones_reading():
    late = (
        '\n[term]\ncites = "1"\ninitial = { for = "P1Y", count = "anniversary" }\n'
        '\n[[exit]]\ncites = "1"\ntakes_effect = { open_point = "when" }\n'
        'length = { for = "P30D", count = "anniversary" }\n'
        '\n[[open_point]]\ncites = "1"\nid = "when"\nquestion = "q"\n'
        'readings = ["at once", "end of period"]\ndefault = "end of period"\n'
    )
    text = accord(SIGNED + RELEASE + late + ALWAYS)
    readings = [
        Reading(party=p, accord="t", open_point="when", reading=r, since=at("2020-03-01"))
        for p, r in (("a", "at once"), ("b", "end of period"))
    ]
    here = world([text], [signed(), gave(), notice("2020-06-01")], readings=tuple(readings))
    due = only(beginning(here, "t", at("2020-06-02")), "survival", item="x")
    assert due.since == at("2020-06-01")
    agreed = world(
        [text], [signed(), gave(), notice("2020-06-01")], readings=(readings[1],)
    )
    assert beginning(agreed, "t", at("2020-06-02")) == ()


def test_of_an_end_known_to_the_day_the_duty_begins_with_the_day():
    here = small(ALWAYS, duty(), ended="2020-06-01T00:00:00Z/2020-06-02T00:00:00Z")
    due = only(duties(here, at("2020-06-01T00:00:00")), "back", item="x")
    assert due.since == at("2020-06-01")


def test_protection_for_years_ends_on_the_latest_day_that_can_be_meant():
    years = SURVIVE.format('{ for = "P2Y", count = "anniversary" }')
    vague = small(years, ended="2020-06-01T00:00:00Z/2020-06-03T00:00:00Z")
    due = only(duties(vague, at("2021-01-01")), "survival", item="x")
    assert due.since == at("2020-06-01")
    assert due.before == at("2022-06-02")


def test_protection_that_would_end_on_a_day_that_does_not_exist_ends_on_the_later():
    month = SURVIVE.format('{ for = "P1M", count = "anniversary" }')
    here = small(month, ended="2020-01-31").supposing([gave(when="2020-01-15")])
    assert only(duties(here, at("2020-02-01")), "survival", item="x").before == at(
        "2020-03-01"
    )


def test_an_act_that_may_have_come_before_the_duty_does_not_discharge_it():
    loss = act("loss", "b", "2020-03-01", Operation(do=Op.REPORT_LOSS, item="x"))
    vague = reported("tell", "2020-02-28T00:00:00Z/2020-03-02T00:00:00Z")
    here = small(duty("tell", "on loss", ""), acts=[loss, vague], ended=None)
    assert state(here, "tell") is False
    named = reported("tell", "2020-02-28T00:00:00Z/2020-03-02T00:00:00Z", instrument="loss")
    assert state(here.supposing([named]), "tell") == "told"


def test_an_act_counts_only_once_it_was_certainly_done():
    gone = destroyed(when="2020-06-10T00:00:00Z/2020-06-20T00:00:00Z")
    here = small(ALWAYS, duty(), acts=[gone])
    assert only(duties(here, at("2020-06-15")), "back", item="x").discharged is None
    assert only(duties(here, at("2020-06-20")), "back", item="x").discharged == "gone"


# -- what discharges, and what does not ----------------------------------------------------

BOTH = 'discharge = ["return", "certify_destruction", "report"]'


@pytest.mark.parametrize(
    ("done", "by"),
    [
        (destroyed(), "gone"),
        (returned(), "back"),
        (returned(to="a"), "back"),
        (reported("back", "2020-06-10"), "told"),
        (
            destroyed(when="2020-02-01T00:00:01"),
            "gone",
        ),  # before the end, after the release
        (destroyed(by=("a", "b")), "gone"),
        (destroyed(by="a"), False),  # not the one who bears it
        (destroyed(by="c"), False),
        (destroyed("y"), False),  # another item
        (destroyed(None), False),  # whatever was given, not this item
        (destroyed(when="2020-01-31"), False),  # before it was received
        (destroyed(form="oral"), False),
        (destroyed(form=None), False),
        (destroyed(authority="none"), False),
        (returned(to="c"), False),  # to another than the giver
        (reported("back", "2020-05-31"), False),  # before the duty arose
        (reported("other", "2020-06-10"), False),  # about another duty
        (reported("back", "2020-06-10", what=None), False),
        (reported("back", "2020-06-10", what="y"), False),
        (
            reported("back", "2020-06-10", instrument="gave x"),
            False,
        ),  # about something else
    ],
)
def test_what_discharges_a_duty_and_what_does_not(done, by):
    here = small(ALWAYS, duty(more=BOTH), duty("other"), acts=[done])
    assert state(here) == by


def test_a_recalled_act_discharges_nothing():
    here = small(ALWAYS, duty(), acts=[replace(destroyed(), recalled=True, source="")])
    assert state(here) is True


def test_an_act_without_authority_discharges_from_its_confirmation_on():
    confirmed = act("yes", "b", "2020-06-20", Operation(do=Op.CONFIRM, instrument="gone"))
    here = small(ALWAYS, duty(), acts=[destroyed(authority="none"), confirmed])
    due = only(duties(here, at("2021-01-01")), "back", item="x")
    assert (due.discharged, due.discharged_at) == ("gone", at("2020-06-20"))
    by_another = replace(confirmed, by=("a",))
    assert state(here.supposing([by_another])) is True


def test_an_act_under_another_accord_discharges_nothing():
    other = accord(SIGNED + RELEASE, name="o")
    here = small(ALWAYS, duty(), acts=[destroyed(of="o")], accords=[other])
    assert state(here) is True


def test_only_the_acts_that_the_clause_names_discharge_it():
    here = small(ALWAYS, duty(more='discharge = ["return"]'), acts=[destroyed()])
    assert state(here) is False
    assert state(here.supposing([returned()])) == "back"


def test_what_is_given_again_after_it_was_destroyed_is_due_again():
    here = small(
        ALWAYS, duty("on", "on release", BOTH), acts=[destroyed(when="2020-03-01")]
    )
    again = here.supposing([gave(when="2020-04-01", name="again")])
    assert only(duties(again, at("2020-03-15")), "on", item="x").discharged == "gone"
    found = [d for d in duties(again, at("2020-05-01"), item="x") if d.id == "on"]
    assert {(d.since, d.discharged) for d in found} == {
        (at("2020-02-01"), "gone"),
        (at("2020-04-01"), None),
    }


def test_whatever_was_given_is_discharged_by_an_act_that_names_no_item():
    here = small(ALWAYS, duty(), acts=[destroyed(None)]).without(["gave x"])
    assert only(duties(here, at("2021-01-01")), "back", who="b").discharged == "gone"
    assert only(duties(here, at("2021-01-01")), "back", who="a").discharged is None


# -- loss, change of law, request, choice --------------------------------------------------


def test_a_loss_is_told_at_once_and_then_reported():
    tell = duty("tell", "on loss", 'within = "at once"\ndischarge = ["report_loss"]')
    report = duty("report", "on loss", 'within = { for = "P30D", count = "civil" }')
    found_by_a = act(
        "seen", "a", "2020-03-01", Operation(do=Op.REPORT_LOSS, item="x", holder="b")
    )
    here = small(tell, report, acts=[found_by_a], ended=None)
    assert only(duties(here, at("2020-03-01")), "tell").overdue(at("2020-03-01"))
    assert only(duties(here, at("2020-03-01")), "report").who == "b"
    told = act("told", "b", "2020-03-02", Operation(do=Op.REPORT_LOSS, item="x"))
    after = here.supposing([told])
    assert {d.discharged for d in duties(after, at("2020-03-03")) if d.id == "tell"} == {
        "told"
    }
    assert only(duties(after, at("2020-03-03")), "report").discharged is None
    done = after.supposing([reported("report", "2020-03-20", name="found")])
    assert only(duties(done, at("2020-04-01")), "report").discharged == "found"


def test_a_loss_of_what_nobody_recorded_is_owed_to_every_other():
    loss = act("loss", "b", "2020-03-01", Operation(do=Op.REPORT_LOSS, item="y"))
    here = small(duty("report", "on loss", ""), acts=[loss], ended=None)
    due = only(duties(here, at("2021-01-01")), "report")
    assert (due.who, due.towards, due.item) == ("b", ("a",), "y")


def test_a_change_of_law_is_told_by_the_one_whose_law_it_is():
    law = act("law", "a", "2020-03-01", Op.CHANGE_LAW)
    here = small(duty("tell", "on change of law", "", who="each"), acts=[law], ended=None)
    due = only(duties(here, at("2021-01-01")), "tell")
    assert (due.who, due.towards) == ("a", ("b",))
    told = reported("tell", "2020-03-02", by="a", what=None)
    assert (
        only(duties(here.supposing([told]), at("2021-01-01")), "tell").discharged == "told"
    )


def test_a_second_change_of_law_needs_a_second_word():
    laws = [act(f"law {n}", "a", f"2020-0{n}-01", Op.CHANGE_LAW) for n in (3, 5)]
    told = reported("tell", "2020-04-01", by="a", what=None)
    here = small(duty("tell", "on change of law", ""), acts=[*laws, told], ended=None)
    found = [d for d in duties(here, at("2021-01-01")) if d.id == "tell"]
    assert {(d.since, d.discharged) for d in found} == {
        (at("2020-03-01"), "told"),
        (at("2020-05-01"), None),
    }


def asked(
    about="back", when="2020-03-01", by="a", means=None, what="x", name="asked", **more
):
    operation = Operation(do=Op.REQUEST, about=about, item=what, means=means)
    return act(name, by, when, operation, **more)


def test_a_request_starts_the_clock_for_the_one_who_is_asked():
    on_request = duty(
        "back",
        "on request",
        'within = { for = "P10D", count = "civil" }\ndischarge = ["return"]',
    )
    here = small(on_request, ended=None)
    assert duties(here, at("2021-01-01")) == ()
    due = only(duties(here.supposing([asked()]), at("2021-01-01")), "back")
    assert (due.who, due.item, due.before) == ("b", "x", at("2020-03-12"))
    assert state(here.supposing([asked(), returned()]), "back") == "back"


@pytest.mark.parametrize(
    "request_", [asked(by="b"), asked(authority="none"), asked(about="other")]
)
def test_a_request_by_the_holder_itself_without_authority_or_about_another_duty_is_none(
    request_,
):
    here = small(duty("back", "on request", ""), acts=[request_], ended=None)
    assert [d for d in duties(here, at("2021-01-01")) if d.who == "b"] == []


def test_a_request_for_all_is_for_every_item_on_record():
    here = small(
        duty("back", "on request", ""), acts=[gave("y"), asked(what=None)], ended=None
    )
    assert {d.item for d in duties(here, at("2021-01-01"))} == {"x", "y"}


CHOICE = (
    'choice = "sender"\nwithin = { for = "P30D", count = "civil" }\n'
    'discharge = ["return", "certify_destruction"]'
)


@pytest.mark.parametrize(
    ("requests", "done", "by"),
    [
        ([], destroyed(), True),  # nobody has chosen
        ([asked(means=Means.DESTROY)], destroyed(), "gone"),
        ([asked(means=Means.RETURN)], destroyed(), True),
        ([asked(means=Means.RETURN)], returned(), "back"),
        ([asked(means=Means.DESTROY, what=None)], destroyed(), "gone"),
        (
            [asked(means=Means.DESTROY, by="b")],
            destroyed(),
            True,
        ),  # the holder's is no choice
        (
            [
                asked(means=Means.DESTROY),
                asked(means=Means.RETURN, when="2020-04-01", name="2"),
            ],
            destroyed(),
            True,
        ),
        (
            [asked(means=Means.DESTROY), asked(means=Means.RETURN, name="2")],
            destroyed(),
            True,  # two at once choose nothing
        ),
        (
            [asked(means=Means.DESTROY, when="2020-07-01")],
            destroyed(),
            "gone",
        ),  # chosen later
    ],
)
def test_where_the_giver_chooses_only_what_it_chose_discharges(requests, done, by):
    here = small(ALWAYS, duty(more=CHOICE), acts=[*requests, done])
    assert state(here) == by


def test_where_the_recipient_chooses_either_discharges():
    mine = CHOICE.replace('"sender"', '"recipient"')
    assert state(small(ALWAYS, duty(more=mine), acts=[destroyed()])) == "gone"


# -- survival in its forms -----------------------------------------------------------------

SURVIVE = '\n[survival]\ncites = "1"\nprotect = {}\n'


def survival(here, when="2021-01-01", **wanted):
    return only(duties(here, at(when)), "survival", item="x", **wanted)


def test_always_has_no_end_and_no_act_ends_it():
    due = survival(small(ALWAYS, acts=[destroyed(), reported("survival", "2020-07-01")]))
    assert (due.before, due.discharged, due.lasting) == (None, None, True)
    assert not due.overdue(at("2099-01-01"))


@pytest.mark.parametrize(
    ("law", "rules", "article"),
    [
        ("vclt", "", "VCLT 70"),
        ("contract", "", ""),
        ("political", "", ""),
        ("vclt", SURVIVE.format('"not said"'), "1, VCLT 70"),
        ("contract", SURVIVE.format('"not said"'), "1"),
    ],
)
def test_what_the_text_does_not_say_frees_nobody_and_is_said(law, rules, article):
    due = survival(small(rules, law=law))
    assert due.article == article
    assert "does not say" in due.what
    assert due.before is None


def test_years_after_the_end_run_from_the_end():
    years = SURVIVE.format('{ for = "P2Y", count = "anniversary" }')
    here = small(years)
    assert survival(here).before == at("2022-06-01")
    assert survival(here, "2022-05-31T23:59:59").stands
    assert duties(here, at("2022-06-01"), item="x") == ()


def test_years_after_receipt_run_from_the_receipt_of_each_item():
    years = SURVIVE.format('{ for = "P2Y", count = "anniversary" }')
    late = gave("y", "2020-03-01", times={Stage.RECEIVED: "2020-04-01"})
    here = small(years + 'counted_from = "receipt"\n', acts=[late])
    assert survival(here).before == at("2022-02-01")
    assert only(duties(here, at("2021-01-01")), "survival", item="y").before == at(
        "2022-04-01"
    )


def test_years_while_it_may_still_stand_have_no_end_yet():
    years = SURVIVE.format('{ for = "P1Y", count = "anniversary" }')
    here = small(years, duty("on", "on release", "lasting = true"), ended=None)
    assert only(duties(here, at("2030-01-01")), "on", item="x").before is None


def declassified(by="a", when="2020-09-01", name="open", **more):
    return act(name, by, when, Operation(do=Op.DECLASSIFY, item="x"), **more)


def test_while_classified_ends_when_every_originator_has_declassified():
    here = small(SURVIVE.format('"while classified"'))
    shared = replace(here, items={"x": item("x", originators=("a", "c"))})
    one, other = declassified(), declassified("c", "2020-10-01", "open too")
    assert survival(shared.supposing([one])).discharged is None
    done = survival(shared.supposing([one, other]))
    assert (done.discharged, done.discharged_at) == ("open too", at("2020-10-01"))


LAPSES = '\n[declassification]\ncites = "1"\nafter = "P2Y"\ncounted = "{}"\n'


@pytest.mark.parametrize(
    ("more", "made", "before"),
    [
        ("", "2020-01-10", "2023-01-01"),
        ("", None, None),
        ('unless = "marked otherwise"\n', "2020-01-10", None),
    ],
)
def test_while_classified_ends_when_the_classification_lapses_by_the_text(
    more, made, before
):
    rule = LAPSES.format("1 January of the next year") + more
    here = small(SURVIVE.format('"while classified"'), rule)
    dated = replace(item("x"), made=None if made is None else at(made))
    due = survival(replace(here, items={"x": dated}))
    assert due.before == (None if before is None else at(before))


@pytest.mark.parametrize(
    "word", [declassified("b"), declassified(form="oral"), declassified(authority="none")]
)
def test_only_the_originators_written_word_declassifies(word):
    here = small(SURVIVE.format('"while classified"'), acts=[word])
    assert survival(here).discharged is None


def test_until_returned_or_destroyed_ends_with_either():
    here = small(SURVIVE.format('"until returned or destroyed"'))
    assert survival(here).discharged is None
    assert survival(here.supposing([destroyed()])).discharged == "gone"
    assert survival(here.supposing([returned()])).discharged == "back"
    assert survival(here.supposing([destroyed("y")])).discharged is None


# -- suspension ----------------------------------------------------------------------------

STOPPABLE = '\n[[suspension]]\ncites = "1"\n{}\n'


@pytest.mark.parametrize(
    ("says", "rests"),
    [("", ""), ('protection = "goes on"', ""), ('protection = "stops"', "1")],
)
def test_suspension_takes_no_protection_away_unless_its_rule_says_so(says, rests):
    keeps = duty("on", "on release", "lasting = true")
    paused = act("pause", "a", "2020-03-01", Operation(do=Op.SUSPEND, until="2020-03-31"))
    here = small(STOPPABLE.format(says), keeps, acts=[paused], ended=None)
    assert only(duties(here, at("2020-03-15")), "on").paused == rests
    assert only(duties(here, at("2020-04-01")), "on").paused == ""
    assert only(duties(here, at("2020-02-15")), "on").paused == ""


def test_a_suspension_that_is_not_certain_takes_no_protection_away():
    keeps = duty("on", "on release", "lasting = true")
    paused = act("pause", "a", "2020-03-01T00:00:00Z/2020-03-20T00:00:00Z", Op.SUSPEND)
    here = small(STOPPABLE.format('protection = "stops"'), keeps, acts=[paused], ended=None)
    assert only(duties(here, at("2020-03-15")), "on").paused == ""
    assert only(duties(here, at("2020-03-20")), "on").paused == "1"


def test_what_is_suspended_is_not_over():
    paused = act("pause", "a", "2020-03-01", Op.SUSPEND)
    here = small(STOPPABLE.format(""), ALWAYS, duty(), acts=[paused], ended=None)
    assert beginning(here, "t", at("2020-03-15")) == ()
    ended = here.supposing([notice("2020-04-01")])
    assert only(duties(ended, at("2020-05-01")), "back", item="x").since == at("2020-04-01")


def test_a_suspension_agreed_by_all_takes_no_protection_away():
    keeps = duty("on", "on release", "lasting = true")
    paused = act("pause", ("a", "b"), "2020-03-01", Op.SUSPEND)
    here = small(STOPPABLE.format('protection = "stops"'), keeps, acts=[paused], ended=None)
    assert only(duties(here, at("2020-03-15")), "on").paused == ""
