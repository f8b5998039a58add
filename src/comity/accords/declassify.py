"""On which day does a classification lapse by the text alone?"""

from __future__ import annotations

from datetime import date

from comity.accords import clauses as c
from comity.accords.times import Count, Rounding, first_day_out, latest_day


def lapses(rule: c.Declassification, marked: date) -> date:
    """Return the first day on which what was marked on a day is no longer classified.

    Unless its originator marked it otherwise or extended it, which the rule's ``unless``
    says in words and nobody here can see. A day that does not exist is the next one: the
    longer protection.
    """
    first_of_next = rule.counted is c.YearsFrom.FIRST_OF_NEXT_YEAR
    begins = date(marked.year + 1, 1, 1) if first_of_next else marked
    return first_day_out(begins, rule.after, Count.ANNIVERSARY, Rounding.UP)


def announce_by(rule: c.Declassification, change: date) -> date | None:
    """Return the last day on which a change intended for a day is announced in time.

    None where the text asks for no announcement.
    """
    if rule.announce is None:
        return None
    return latest_day(change, rule.announce, Count.ANNIVERSARY, Rounding.UP)
