from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.book.dates import EPOCH, EPOCH_1904, Slashed, day_of
from comity.book.entry import DateOrder
from comity.errors import InvalidInput

DAY = date(2024, 3, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-03-01",
        "2024/03/01",
        "2024/3/1",
        "2024.03.01",
        "2024. 3. 1.",
        "20240301",
        "2024年3月1日",
        "2024년 3월 1일",
        "令和6年3月1日",
        "1 March 2024",
        "1st of March 2024",
        "1. März 2024",
        "1er mars 2024",
        "01-Mar-2024",
        "March 1, 2024",
        "Mar 1 2024",
        "2024-03-01 00:00:00",
        "2024-03-01T00:00",
        "２０２４年３月１日",
        "45352",
        45352.0,
        date(2024, 3, 1),
        datetime(2024, 3, 1),  # noqa: DTZ001  as spreadsheets have it
    ],
)
def test_a_day_is_read_as_people_and_spreadsheets_write_it(cell):
    assert day_of(cell) == DAY


def test_a_serial_date_is_counted_in_its_workbooks_own_system():
    assert day_of(43890.0, EPOCH_1904) == DAY
    assert day_of(45352.0, EPOCH) == DAY


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("31/02/2024", "bad-date"),
        ("2024-02-30", "no-such-day"),
        ("2023年2月29日", "no-such-day"),
        ("30 February 2024", "no-such-day"),
        ("01/03/24", "bad-date"),
        ("1-Mar-24", "bad-date"),
        ("2024-03-01 09:30:00", "bad-date"),
        (datetime(2024, 3, 1, 9, 30), "bad-date"),  # noqa: DTZ001
        (45352.5, "bad-date"),
        (12.0, "bad-date"),
        ("12", "bad-date"),
        ("Q1 2024", "bad-date"),
        ("March 2024", "bad-date"),
        ("2024", "bad-date"),
        ("平成40年3月1日", "bad-date"),
        ("昭和64年1月8日", "bad-date"),
        ("1/1/0999", "bad-date"),
        ("soon", "bad-date"),
    ],
)
def test_what_is_no_whole_day_is_refused(cell, code):
    with pytest.raises(InvalidInput) as refused:
        _ = day_of(cell)
    assert refused.value.code == code


def test_the_first_year_of_an_era_begins_with_its_first_day():
    assert day_of("令和元年5月1日") == date(2019, 5, 1)
    assert day_of("平成31年4月30日") == date(2019, 4, 30)
    with pytest.raises(InvalidInput):
        _ = day_of("令和元年4月30日")


def test_two_numbers_are_a_day_only_with_an_order():
    found = day_of("03/04/2024")
    assert isinstance(found, Slashed)
    assert found.ambiguous
    assert found.day(DateOrder.DAY_FIRST) == date(2024, 4, 3)
    assert found.day(DateOrder.MONTH_FIRST) == date(2024, 3, 4)
    with pytest.raises(InvalidInput):
        _ = found.day(None)


@given(
    st.dates(date(1600, 1, 1), date(2399, 12, 31)),
    st.sampled_from(DateOrder),
    st.sampled_from("/.-"),
)
def test_two_numbers_read_back_in_the_order_in_which_they_were_written(day, order, mark):
    first, second = day.day, day.month
    if order is DateOrder.MONTH_FIRST:
        first, second = second, first
    found = day_of(f"{first:02}{mark}{second:02}{mark}{day.year}")
    assert found.day(order) == day
    assert found.decides in (order, None)
    assert found.ambiguous is (day.day <= 12 and day.day != day.month)


@given(st.dates(date(1928, 1, 1), date(2199, 12, 31)))
def test_a_serial_date_is_the_days_since_day_0(day):
    assert day_of(float((day - EPOCH).days)) == day
