from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import Zone, parse_instant
from comity.accords.times import UTC_ZONE, Span
from comity.errors import InvalidInput
from comity.talks.wording import HOURS, WEEKDAYS, meanings, say_meaning, weekday

SEOUL = Zone.parse("Asia/Seoul")
SUNDAY = date(2019, 11, 17)
DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31))
ZONES = st.sampled_from(["Asia/Seoul", "Europe/Vienna", "America/New_York", "Etc/UTC"])


def kst(text):
    return parse_instant(text + "+09:00")


def test_midnight_on_the_23rd_may_be_where_that_day_begins_or_where_it_ends():
    found = meanings("midnight on 2019-11-23", SUNDAY, SEOUL)
    assert found == (
        Span.at(kst("2019-11-23T00:00:00")),
        Span.at(kst("2019-11-24T00:00:00")),
    )
    # The announcement at 18:00 on the 22nd was told as six hours before the end.
    assert found[0].start - kst("2019-11-22T18:00:00") == 6 * 3600


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 pm on 2019-11-23", ["2019-11-23T12:00:00", "2019-11-24T00:00:00"]),
        ("12 am on 2019-11-23", ["2019-11-23T00:00:00", "2019-11-23T12:00:00"]),
        ("noon on 2019-11-23", ["2019-11-23T12:00:00"]),
        ("until 2019-11-23", ["2019-11-23T00:00:00", "2019-11-24T00:00:00"]),
        ("until coming Saturday", ["2019-11-23T00:00:00", "2019-11-24T00:00:00"]),
        ("midnight on past Friday", ["2019-11-15T00:00:00", "2019-11-16T00:00:00"]),
        ("2019-11-22T18:00", ["2019-11-22T18:00:00"]),
        (
            "midnight on Saturday",
            [f"2019-11-{day}T00:00:00" for day in (16, 17, 23, 24)],
        ),
    ],
)
def test_an_hour_has_every_meaning_that_it_may_have(text, expected):
    found = meanings(text, SUNDAY, SEOUL)
    assert found == tuple(Span.at(kst(one)) for one in expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Saturday", ["2019-11-16", "2019-11-23"]),
        ("Sunday", ["2019-11-17"]),
        ("past Sunday", ["2019-11-10"]),
        ("coming Sunday", ["2019-11-24"]),
        ("past Friday", ["2019-11-15"]),
        ("coming Tuesday", ["2019-11-19"]),
        ("last Friday", ["2019-11-08", "2019-11-15"]),
        ("next Saturday", ["2019-11-23", "2019-11-30"]),
        ("2019-11-17", ["2019-11-17"]),
    ],
)
def test_a_weekday_is_counted_from_the_day_on_which_it_was_said(text, expected):
    found = meanings(text, SUNDAY, SEOUL)
    assert found == tuple(Span.parse(day, SEOUL) for day in expected)


@given(day=DAYS, zone=ZONES)
def test_the_two_midnights_of_a_day_lie_one_local_day_apart_whatever_the_clocks_do(
    day, zone
):
    zone = Zone.parse(zone)
    first, second = meanings(f"midnight on {day}", day, zone)
    assert zone.day_of(first.start) == day
    assert zone.day_of(second.start) == day + timedelta(days=1)


@given(
    day=DAYS,
    name=st.sampled_from(WEEKDAYS),
    which=st.sampled_from(["", "past ", "coming ", "last ", "next "]),
)
def test_every_meaning_of_a_weekday_falls_on_it_and_no_farther_than_two_weeks(
    day, name, which
):
    found = meanings(which + name, day, UTC_ZONE)
    days = [UTC_ZONE.day_of(span.start) for span in found]
    assert {weekday(one) for one in days} == {name}
    assert all(abs((one - day).days) <= 14 for one in days)
    assert days == sorted(set(days))
    if which in ("past ", "coming "):
        assert len(days) == 1


@given(day=DAYS, hour=st.sampled_from(sorted(HOURS)))
def test_every_meaning_of_an_hour_lies_in_its_day_or_ends_it(day, hour):
    start, end = UTC_ZONE.start_of(day), UTC_ZONE.start_of(day + timedelta(days=1))
    for span in meanings(f"{hour} on {day}", day, UTC_ZONE):
        assert start <= span.start <= end


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("midnight", "bad-instant"),
        ("midnight on 2019-11-31", "no-such-day"),
        ("Caturday", "bad-instant"),
        ("noon on soon", "bad-date"),
        ("until", "bad-instant"),
        ("23/11/2019", "bad-date"),
    ],
)
def test_what_is_no_time_is_refused(text, code):
    with pytest.raises(InvalidInput) as error:
        _ = meanings(text, SUNDAY, SEOUL)
    assert error.value.code == code


def test_an_instant_at_which_two_days_meet_is_said_under_both_names():
    first, second = meanings("midnight on 2019-11-23", SUNDAY, SEOUL)
    assert say_meaning(first, SEOUL) == "00:00 on 23 Nov 2019 (24:00 on 22 Nov 2019)"
    assert say_meaning(second, SEOUL) == "00:00 on 24 Nov 2019 (24:00 on 23 Nov 2019)"
    assert say_meaning(Span.parse("2019-11-23", SEOUL), SEOUL) == "23 Nov 2019"
