from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st
from whenever import Date

from comity.accords.times import (
    Count,
    Instant,
    Period,
    Rounding,
    Span,
    Zone,
    add,
    first_day_out,
    first_of_next_month,
    instant_of,
    is_ambiguous,
    latest_day,
    parse_day,
    parse_instant,
)
from comity.errors import InvalidInput

days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
months = st.integers(0, 600)
periods = st.builds(lambda m, d: Period("", m, d), st.integers(0, 120), st.integers(0, 400))
SEOUL = Zone("Asia/Seoul")


@given(days, months)
@example(date(2024, 1, 31), 1)
@example(date(2020, 8, 31), 6)
def test_months_are_added_as_two_libraries_add_them(day, count):
    ours = add(day, Period("", count, 0), Rounding.DOWN)
    assert ours == day + relativedelta(months=count)
    assert ours.isoformat() == str(Date(day.year, day.month, day.day).add(months=count))


@given(days, months)
def test_rounding_up_is_the_first_of_the_next_month_or_the_same_day(day, count):
    down, up = (add(day, Period("", count, 0), r) for r in Rounding)
    if is_ambiguous(day, Period("", count, 0)):
        assert up == down + timedelta(days=1)
        assert up.day == 1
    else:
        assert up == down
        assert up.day == day.day


@given(days, st.integers(1, 36), st.integers(1, 12))
def test_a_period_counted_n_times_is_never_chained(day, each, times):
    period = Period("", each, 0)
    anchored = add(day, period.times(times), Rounding.DOWN)
    assert anchored == day + relativedelta(months=each * times)


def test_the_thirty_first_of_august_and_two_months_is_the_thirty_first_of_october():
    assert add(date(2021, 8, 31), Period.parse("P1M").times(2), Rounding.DOWN) == date(
        2021, 10, 31
    )


@given(days, periods, st.sampled_from(list(Count)), st.sampled_from(list(Rounding)))
@example(date(2001, 6, 1), Period("", 1, 65), Count.ANNIVERSARY, Rounding.DOWN)
def test_the_latest_day_is_the_last_whose_period_is_over_in_time(
    out, period, count, rounding
):
    latest = latest_day(out, period, count, rounding)
    assert first_day_out(latest, period, count, rounding) <= out
    following = latest + timedelta(days=1)
    assert first_day_out(following, period, count, rounding) > out


@pytest.mark.parametrize(
    ("count", "last"),
    [
        (Count.CLEAR_DAYS, date(2019, 8, 24)),  # law: the practice of both governments
        (Count.ANNIVERSARY, date(2019, 8, 25)),  # the naive subtraction is a day late
        (Count.CIVIL, date(2019, 8, 24)),
        (Count.NTH_DAY_AFTER, date(2019, 8, 25)),
    ],
)
def test_ninety_days_before_23_november_depend_on_the_counting_rule(count, last):
    found = latest_day(date(2019, 11, 23), Period.parse("P90D"), count, Rounding.DOWN)
    assert found == last


def test_ninety_clear_days_lie_wholly_between_24_august_and_23_november():
    between = date(2019, 11, 23) - date(2019, 8, 24) - timedelta(days=1)
    assert between.days == 90


def test_periods_are_kept_as_written():
    assert str(Period.parse("P6M")) == "P6M"
    assert Period.parse("P6M") != Period.parse("P180D")
    assert Period.parse("P1Y2M3W4D") == Period("P1Y2M3W4D", 14, 25)


@pytest.mark.parametrize(
    "text", ["P", "", "1Y", "P-1Y", "P1.5Y", "PT24H", "P1DT1H", "p1y", "P1M1Y"]
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(InvalidInput):
        _ = Period.parse(text)


def test_hours_are_refused_where_days_are_meant_and_the_hint_says_so():
    with pytest.raises(InvalidInput) as caught:
        _ = Period.parse("PT24H")
    assert "P1D" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2019-02-29", "no-such-day"),
        ("2019-13-01", "no-such-day"),
        ("23/11/2019", "bad-date"),
        ("2019-11-3", "bad-date"),
        ("\u0662019-11-23", "bad-date"),
    ],
)
def test_a_day_that_does_not_exist_is_told_from_one_that_is_written_wrong(text, code):
    with pytest.raises(InvalidInput) as caught:
        _ = parse_day(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "2019-11-22T24:00:00Z",
        "2019-11-22T18:00:00",
        "2019-11-22 18:00Z",
        "midnight",
        "2019-11-22T18:00:00.5Z",
        "2019-11-22T18:60:00Z",
        "2019-11-22T18:00:00+09:75",
        "2019-11-22",
    ],
)
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(InvalidInput):
        _ = parse_instant(text)


def test_an_instant_is_utc_seconds():
    assert parse_instant("2019-11-22T18:00:00+09:00") == 1_574_413_200
    assert parse_instant("2019-11-22T09:00Z") == 1_574_413_200
    assert parse_instant("2019-11-22T18:00", SEOUL) == 1_574_413_200


def test_a_local_time_that_comes_twice_or_never_is_an_error_that_names_the_zone():
    rome = Zone("Europe/Rome")
    with pytest.raises(InvalidInput) as twice:
        _ = parse_instant("2026-10-25T02:30:00", rome)
    with pytest.raises(InvalidInput) as never:
        _ = parse_instant("2026-03-29T02:30:00", rome)
    assert (twice.value.code, never.value.code) == (
        "ambiguous-local-time",
        "skipped-local-time",
    )


def test_a_day_begins_at_its_first_instant_even_where_midnight_is_skipped():
    # In Beirut the clocks went from 00:00 to 01:00 on 28 March 2021.
    beirut = Zone("Asia/Beirut")
    start = beirut.start_of(date(2021, 3, 28))
    assert beirut.day_of(start) == date(2021, 3, 28)
    assert beirut.day_of(Instant(start - 1)) == date(2021, 3, 27)


def test_seoul_was_an_hour_ahead_on_the_day_of_1987():
    assert SEOUL.show(parse_instant("1987-09-24T02:00:00Z")) == "1987-09-24T12:00:00+10:00"


@given(
    days,
    st.sampled_from(
        ["Asia/Seoul", "Europe/Rome", "America/New_York", "Etc/UTC", "Asia/Pyongyang"]
    ),
)
def test_every_day_ends_where_the_next_begins(day, name):
    zone = Zone(name)
    span = Span.parse(day.isoformat(), zone)
    assert zone.day_of(span.start) == day == zone.day_of(span.last)
    assert span.before == zone.start_of(day + timedelta(days=1))


def test_midnight_is_never_said():
    assert (
        SEOUL.say(parse_instant("2019-11-23T00:00:00+09:00")) == "00:00 KST on 23 Nov 2019"
    )


def test_an_interval_is_half_open_and_may_not_be_empty():
    span = Span.parse("2014-12-28T15:00Z/2014-12-29T05:00Z", SEOUL)
    assert span.last == parse_instant("2014-12-29T04:59:59Z")
    with pytest.raises(InvalidInput):
        _ = Span.parse("2014-12-29T05:00Z/2014-12-29T05:00Z", SEOUL)


def test_a_naive_datetime_is_nobodys_time():
    with pytest.raises(InvalidInput):
        _ = instant_of(datetime(2019, 11, 22))  # noqa: DTZ001
    assert instant_of(datetime(2019, 11, 22, tzinfo=UTC)) == 1_574_380_800


@pytest.mark.parametrize(
    "name", ["KST", "", "Asia/Nowhere", "../etc/passwd", "/etc/passwd"]
)
def test_a_zone_is_a_name_of_the_database(name):
    with pytest.raises(InvalidInput):
        _ = Zone.parse(name)


@given(days)
def test_the_first_of_the_next_month_is_the_first_and_later(day):
    found = first_of_next_month(day)
    assert found.day == 1
    assert 1 <= (found - day).days <= 31


def test_a_count_beyond_the_calendar_is_an_error_and_no_crash():
    with pytest.raises(InvalidInput):
        _ = add(date(9999, 12, 31), Period.parse("P1D"), Rounding.DOWN)
