"""Times as people say them, with every instant or day that they may mean.

``midnight on 2019-11-23`` may be the instant at which that day begins or the one at which
it ends; ``12 pm`` may be noon or midnight; a bare ``Saturday`` may be the last or the
coming one. Agreements are lost between the two, so nothing here chooses.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from comity.accords.times import Instant, Span, Zone, parse_day, say_day
from comity.errors import InvalidInput

WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
HOURS: dict[str, tuple[int, ...]] = {
    "midnight": (0, 24),
    "12 am": (0, 12),
    "12 pm": (12, 24),
    "noon": (12,),
}
"""Words for a time of day, and the hours of the day that they may mean."""

_HOUR = re.compile(rf"({'|'.join(HOURS)}) on (.+)|until (.+)")
_UNTIL = (0, 24)  # of an end told as a day: whether that day is still in
_WEEKDAY = re.compile(rf"(?:(past|coming|last|next) )?({'|'.join(WEEKDAYS)})")


def meanings(text: str, dated: date, zone: Zone) -> tuple[Span, ...]:
    """Return all that a time may mean, earliest first; a day is the span of the whole day.

    Args:
        text: an instant, a day, an interval; a weekday, also as ``past`` or ``coming``,
            or as ``last`` or ``next``, which may be a week farther;
            ``midnight``, ``noon``, ``12 am``, ``12 pm`` ``on`` a day or a weekday; or
            ``until`` one, which leaves open whether that day is still in.
        dated: the day on which it was said, from which weekdays count.
        zone: the place whose days are meant.

    Raises:
        InvalidInput: it is none of these.
    """
    hour = _HOUR.fullmatch(text)
    if hour is not None:
        found = {
            Span.at(_at(day, each, zone))
            for day in _days(hour[2] or hour[3], dated)
            for each in (HOURS[hour[1]] if hour[1] else _UNTIL)
        }
    elif _WEEKDAY.fullmatch(text):
        found = {_whole(day, zone) for day in _days(text, dated)}
    else:
        try:
            found = {Span.parse(text, zone)}
        except InvalidInput as error:
            hint = "write `2019-11-23T00:00+09:00`, `2019-11-23`, `coming Saturday`,"
            hint += " `until coming Saturday`, `midnight on 2019-11-23`"
            raise InvalidInput(error.message, hint=hint, code=error.code) from None
    return tuple(sorted(found, key=lambda span: (span.start, span.before)))


def say_meaning(span: Span, zone: Zone) -> str:
    """Return a meaning as the clock on the wall: a day, or an instant under both its names."""
    day = zone.day_of(span.start)
    if not span.exact:
        return say_day(day)
    if zone.start_of(day) == span.start:
        return f"00:00 on {say_day(day)} (24:00 on {say_day(day - timedelta(1))})"
    return f"{zone.show(span.start)[11:16]} on {say_day(day)}"


def weekday(day: date) -> str:
    """Return the day's English name."""
    return WEEKDAYS[day.weekday()]


def _days(text: str, dated: date) -> tuple[date, ...]:
    """Return the days that a date or a weekday may be, said on ``dated``.

    A weekday said on that very weekday is that day; with a word before it, it never is.
    `last` and `next` may be of this week or of the one beyond.
    """
    found = _WEEKDAY.fullmatch(text)
    if found is None:
        return (parse_day(text),)
    ahead = (WEEKDAYS.index(found[2]) - dated.weekday()) % 7
    past = dated + timedelta(days=ahead - 7)
    coming = dated + timedelta(days=ahead or 7)
    week = timedelta(days=7)
    return {
        "past": (past,),
        "coming": (coming,),
        "last": (past - week, past),
        "next": (coming, coming + week),
    }.get(found[1], (dated,) if ahead == 0 else (past, coming))


def _at(day: date, hour: int, zone: Zone) -> Instant:
    if hour == 12:
        return Span.parse(f"{day}T12:00:00", zone).start
    return zone.start_of(day + timedelta(days=hour // 24))


def _whole(day: date, zone: Zone) -> Span:
    return Span(zone.start_of(day), zone.start_of(day + timedelta(days=1)))
