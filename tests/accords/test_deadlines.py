from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from comity.accords import Clock, deadlines, parse_instant
from comity.accords.deadlines import Kind
from comity.release.agenda import agenda
from comity.report import calendar
from make import (
    ACCORD,
    AFTER,
    RELEASE,
    SIGNED,
    YEARLY,
    accord,
    at,
    gsomia,
    notice,
    signed,
    world,
)
from release.test_duties import ALWAYS, SURVIVE, destroyed, duty, gave, small


def kst(text):
    return parse_instant(text + "+09:00")


def kinds(found):
    return {d.kind: d.before for d in found if d.accord == ACCORD}


def test_the_last_day_for_notice_is_24_august_2019():
    found = kinds(agenda(gsomia(), kst("2019-08-20T00:00:00"), "P1Y"))
    assert found[Kind.LAST_NOTICE] == kst("2019-08-25T00:00:00")
    assert found[Kind.RENEWS] == kst("2019-11-23T00:00:00")


@pytest.mark.parametrize("within", ["P6D", "P30D", "P1Y"])
def test_the_last_day_for_notice_is_listed_though_the_period_ends_later_than_the_list(
    within,
):
    found = kinds(agenda(gsomia(), kst("2019-08-20T00:00:00"), within))
    assert found[Kind.LAST_NOTICE] == kst("2019-08-25T00:00:00")


def test_a_notice_of_three_years_has_its_last_day_three_years_ahead():
    rules = YEARLY.replace("P1Y", "P5Y").replace("P90D", "P3Y")
    assert rules != YEARLY
    clock = Clock(accord(SIGNED + rules), [signed()])
    found = deadlines(clock, at("2021-12-01"), at("2022-02-01"))
    assert [d.kind for d in found] == [Kind.LAST_NOTICE]


def test_a_running_notice_has_its_day_and_no_renewal():
    found = kinds(agenda(gsomia(), kst("2019-09-01T00:00:00"), "P1Y"))
    assert found == {Kind.NOTICE_TAKES_EFFECT: kst("2019-11-23T00:00:00")}


def test_a_late_notice_lets_the_running_period_renew_once_and_no_more():
    late = notice("2020-12-01")  # the year that signing began ends in 31 days
    clock = Clock(accord(SIGNED + YEARLY), [signed(), late])
    found = deadlines(clock, at("2020-12-02"), at("2024-01-01"))
    assert [(d.kind, d.before) for d in found] == [
        (Kind.RENEWS, at("2021-01-01")),
        (Kind.NOTICE_TAKES_EFFECT, at("2022-01-01")),
    ]


def test_nothing_that_is_done_later_is_in_the_list():
    before = agenda(gsomia(), kst("2019-11-22T17:00:00"), "P30D")
    assert [d.kind for d in before if d.accord == ACCORD] == [Kind.NOTICE_TAKES_EFFECT]


def test_a_fixed_end_is_a_deadline():
    text = accord(SIGNED + '\n[term]\ncites = "1"\nuntil = "2020-06-30"\n')
    found = deadlines(Clock(text, [signed()]), at("2020-02-01"), at("2021-01-01"))
    assert [(d.kind, d.before) for d in found] == [(Kind.ENDS, at("2020-07-01"))]


def test_a_notice_after_a_length_is_a_deadline():
    rules = '\n[term]\ncites = "1"\nindefinite = true\n[[exit]]\ncites = "1"\nlength = { for = "P6M", count = "anniversary" }\ntakes_effect = "after the length"\n'
    clock = Clock(accord(SIGNED + rules), [signed(), notice("2020-03-01")])
    found = deadlines(clock, at("2020-03-02"), at("2021-01-01"))
    assert [(d.kind, d.before) for d in found] == [
        (Kind.NOTICE_TAKES_EFFECT, at("2020-09-01"))
    ]


def test_a_calendar_reads_back_with_the_last_day_as_a_day():
    world, now = gsomia(), kst("2019-08-20T00:00:00")
    parsed = Calendar.from_ical(calendar(agenda(world, now, "P1Y"), world, now))
    events = {str(e["summary"]): e for e in parsed.walk("VEVENT")}
    last = next(
        e
        for name, e in events.items()
        if name.startswith("last day for notice: Agreement between Japan and the Republic")
    )
    assert last["dtstart"].dt.isoformat() == "2019-08-24"
    assert last["dtend"].dt.isoformat() == "2019-08-25"
    renews = next(
        e
        for name, e in events.items()
        if name.startswith("renews by silence: Agreement between Japan and the Republic")
    )
    assert renews["dtstart"].dt == datetime(2019, 11, 22, 15, tzinfo=UTC)


def test_the_same_deadline_has_the_same_uid_whenever_it_is_printed():
    world = gsomia()
    uids = []
    for day in ("2019-08-20", "2019-08-21"):
        now = kst(f"{day}T00:00:00")
        parsed = Calendar.from_ical(calendar(agenda(world, now, "P100D"), world, now))
        uids.append({str(e["uid"]) for e in parsed.walk("VEVENT")})
    assert uids[0] <= uids[1]
    assert len(uids[0]) >= 2


def test_the_duties_that_an_end_ahead_will_bring_are_deadlines():
    here = small(ALWAYS, duty(), ended="2020-06-01")
    found = [
        d for d in agenda(here, at("2020-06-02"), "P1Y") if d.kind is Kind.DUTY_FALLS_DUE
    ]
    assert {(d.before, d.accord, d.article) for d in found} == {
        (at("2020-07-02"), "t", "1")
    }
    assert len(found) == 2  # for x, and for whatever b gave
    late = accord(SIGNED + AFTER + RELEASE + ALWAYS + duty())
    coming = world([late], [signed(), notice("2020-03-01")])
    found = [
        d for d in agenda(coming, at("2020-03-02"), "P1Y") if d.kind is Kind.DUTY_FALLS_DUE
    ]
    assert {d.before for d in found} == {at("2020-10-02")}  # it ends on 1 September


def test_protection_that_ends_is_a_deadline_and_what_is_discharged_is_none():
    years = SURVIVE.format('{ for = "P1Y", count = "anniversary" }')
    here = small(years, duty(), acts=[destroyed()])
    found = agenda(here, at("2020-06-20"), "P2Y")
    assert {(d.kind, d.before) for d in found if "x" in d.what} == {
        (Kind.PROTECTION_ENDS, at("2021-06-01"))
    }


def test_deadlines_of_two_items_have_calendar_entries_of_their_own():
    here = small(ALWAYS, duty(), acts=[gave("y")])
    found = agenda(here, at("2020-06-02"), "P1Y")
    parsed = Calendar.from_ical(calendar(found, here, at("2020-06-02")))
    uids = [str(event["uid"]) for event in parsed.walk("VEVENT")]
    assert len(uids) == len(set(uids)) == 3
