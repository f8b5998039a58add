from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import clauses as c
from comity.accords.declassify import announce_by, lapses
from comity.accords.times import Period


def rule(after="P30Y", counted=c.YearsFrom.FIRST_OF_NEXT_YEAR, announce="P6W"):
    return c.Declassification(
        cites="3",
        after=Period.parse(after),
        counted=counted,
        announce=None if announce is None else Period.parse(announce),
    )


@pytest.mark.parametrize(
    ("marked", "first_day_out"),
    [
        ("2007-06-01", "2038-01-01"),
        ("2007-12-31", "2038-01-01"),
        ("2008-01-01", "2039-01-01"),
        ("2008-02-29", "2039-01-01"),
    ],
)
def test_thirty_years_are_counted_from_the_first_of_the_next_year(marked, first_day_out):
    assert lapses(rule(), date.fromisoformat(marked)) == date.fromisoformat(first_day_out)


def test_counted_from_the_marking_a_day_that_does_not_exist_protects_longer():
    own = rule(counted=c.YearsFrom.MARKING)
    assert lapses(own, date(2007, 6, 1)) == date(2037, 6, 1)
    assert lapses(own, date(2008, 2, 29)) == date(2038, 3, 1)


def test_another_classification_is_announced_six_weeks_ahead_or_not_at_all():
    assert announce_by(rule(), date(2026, 6, 15)) == date(2026, 5, 4)
    assert announce_by(rule(announce=None), date(2026, 6, 15)) is None


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_it_lapses_never_earlier_than_counted_from_the_marking(marked):
    assert lapses(rule(), marked) >= lapses(rule(counted=c.YearsFrom.MARKING), marked)
