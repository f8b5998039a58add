"""Instants, days, written periods, and the rules by which agreements count them.

An instant is a whole number of seconds since 1970-01-01T00:00:00Z. Agreements count
in local days, so a day is turned into an instant only through the zone that the accord
names. Every stretch is half-open: it holds at its first instant and no longer at its
``before``. Nothing here reads a clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from typing import NewType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from comity.errors import InvalidInput

Instant = NewType("Instant", int)

FAR_PAST = Instant(-62_135_596_800 + 172_800)  # two days inside what datetime has, so that
FAR_FUTURE = Instant(253_402_300_799 - 172_800)  # both have a local day in every zone

_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2})?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_SLASHED = re.compile(r"\d{1,4}[/.]\d{1,2}[/.]\d{1,4}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PERIOD = re.compile(
    r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?", re.ASCII
)


YEARS = (
    1600,
    2400,
)  # of any day or instant that is read; agreements are older than neither


class Count(StrEnum):
    """How a period is counted from the day of an event (law.md of the field: §7.4).

    The result is always the *first day out*.
    """

    ANNIVERSARY = "anniversary"
    """The same-numbered day is the first day out; what most treaties practise."""
    NTH_DAY_AFTER = "nth day after"
    """*On the sixtieth day after*: the effect begins with that day."""
    CLEAR_DAYS = "clear days"
    """Whole days between, both ends excluded."""
    CIVIL = "civil"
    """First day not counted, last day included (Regulation 1182/71, art. 3)."""


class FarEnd(StrEnum):
    """To which end of a period a backward count runs."""

    FIRST_DAY_OUT = "first day out"
    LAST_DAY_IN = "last day in"


class Rounding(StrEnum):
    """What a day that does not exist becomes: 31 January and one month."""

    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Period:
    """A period as written. ``P6M`` is not ``P180D``; nothing is normalised.

    Attributes:
        text: the ISO 8601 form as the agreement's file has it.
    """

    text: str
    months: int
    days: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``P1Y``, ``P90D``, ``P2Y6M``.

        Raises:
            InvalidInput: not a period of years, months, weeks or days. Hours are
                refused where agreements count days: ``PT24H`` is not a day.
        """
        found = _PERIOD.fullmatch(text)
        if found is None or text == "P":
            hint = "write years, months, weeks and days: `P1Y`, `P6M`, `P90D`"
            if text.startswith("PT"):
                hint = "an agreement counts days, not hours: write `P1D` for a day"
            raise InvalidInput(f"`{text}` is not a period", hint=hint, code="bad-period")
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        return cls(text, 12 * years + months, 7 * weeks + days)

    def times(self, factor: int) -> Period:
        """Return the period counted ``factor`` times from one day, never chained."""
        return Period(f"{factor}×{self.text}", self.months * factor, self.days * factor)

    def __str__(self) -> str:
        """Return the period as written."""
        return self.text


def add(day: date, period: Period, rounding: Rounding) -> date:
    """Return ``day`` + ``period``: months first, then days.

    Months are added to the original day (31 Aug + 2 months is 31 Oct, never by way of
    30 Sep). Where the target month has no such day, ``rounding`` says whether the last
    day of that month or the first of the next is meant; see `is_ambiguous`.

    Raises:
        InvalidInput: the result lies outside the years 1 to 9999.
    """
    try:
        index = day.year * 12 + day.month - 1 + period.months
        year, month = divmod(index, 12)
        length = _days_in(year, month + 1)
        if day.day <= length:
            moved = date(year, month + 1, day.day)
        elif rounding is Rounding.DOWN:
            moved = date(year, month + 1, length)
        else:
            moved = date(year, month + 1, length) + timedelta(days=1)
        return moved + timedelta(days=period.days)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{day} and {period} is outside the calendar", code="bad-date"
        ) from None


def is_ambiguous(day: date, period: Period) -> bool:
    """Say whether ``day`` + ``period`` lands on a day that does not exist."""
    return add(day, period, Rounding.DOWN) != add(day, period, Rounding.UP)


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def first_day_out(day: date, period: Period, count: Count, rounding: Rounding) -> date:
    """Return the first day on which a period begun by an event on ``day`` is over."""
    moved = add(day, period, rounding)
    if count in (Count.CLEAR_DAYS, Count.CIVIL):
        return moved + timedelta(days=1)
    return moved


def latest_day(out: date, period: Period, count: Count, rounding: Rounding) -> date:
    """Return the last day an event may fall on so that its period is over by ``out``.

    The direction is stated because it matters: *six months before the end* and *the
    latest day whose six months are over by the end* differ on some dates.
    """
    day = add(out, Period("", -period.months, -period.days), Rounding.UP)
    day += timedelta(
        days=5
    )  # months differ by three days, rounding and counting by one each
    while first_day_out(day, period, count, rounding) > out:
        day -= timedelta(days=1)
    return day


def first_of_next_month(day: date) -> date:
    """Return the first day of the month after the one that ``day`` lies in."""
    return add(day.replace(day=1), Period("P1M", 1, 0), Rounding.DOWN)


@dataclass(frozen=True, slots=True)
class Zone:
    """The place whose days an accord counts: a name of the IANA time zone database."""

    name: str

    @classmethod
    def parse(cls, name: str) -> Zone:
        """Return the zone.

        Raises:
            InvalidInput: the database has no zone of that name.
        """
        known = name not in _MACHINES and not name.startswith(("right/", "posix/"))
        try:
            _ = _zone_info(name if known else "")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidInput(
                f"`{name}` is not a time zone",
                hint="use a name of the IANA database, such as `Asia/Seoul`",
                code="bad-zone",
            ) from None
        return cls(name)

    def day_of(self, instant: Instant) -> date:
        """Return the local day in which the instant lies."""
        return datetime.fromtimestamp(instant, _zone_info(self.name)).date()

    def start_of(self, day: date) -> Instant:
        """Return the first instant of a local day, also where its 00:00 is skipped."""
        return _start_of(self, day)

    def day_after(self, last: str) -> Instant:
        """Return the first instant after a last day, as written."""
        return self.start_of(parse_day(last) + timedelta(days=1))

    def instants(self, naive: datetime) -> tuple[Instant | None, Instant | None]:
        """Return the one, two or no instants that a wall-clock time names."""
        info = _zone_info(self.name)
        found: list[Instant] = []
        for fold in (0, 1):
            stamp = int(naive.replace(tzinfo=info, fold=fold).timestamp())
            back = datetime.fromtimestamp(stamp, info).replace(tzinfo=None, fold=0)
            if back == naive and Instant(stamp) not in found:
                found.append(Instant(stamp))
        if not found:
            return None, None
        return found[0], found[1] if len(found) > 1 else None

    def instant(self, naive: datetime) -> Instant:
        """Return the instant of a wall-clock time in this zone.

        Raises:
            InvalidInput: the time is skipped or comes twice in this zone.
        """
        first, second = self.instants(naive)
        if first is None:
            raise InvalidInput(
                f"{naive.isoformat()} does not exist in {self.name}: the clocks skip it",
                hint="write the offset that is meant, such as `+09:00`",
                code="skipped-local-time",
            )
        if second is not None:
            raise InvalidInput(
                f"{naive.isoformat()} comes twice in {self.name}",
                hint="write the offset that is meant, such as `+09:00`",
                code="ambiguous-local-time",
            )
        return first

    def show(self, instant: Instant) -> str:
        """Return the instant in this zone as RFC 3339, to the second."""
        return datetime.fromtimestamp(instant, _zone_info(self.name)).isoformat()

    def say(self, instant: Instant) -> str:
        """Return the instant as a person reads it, with the zone; never *midnight*.

        A stretch that ends as a day begins is printed as ``00:00 KST on`` that day.
        """
        if instant >= FAR_FUTURE:
            return "no date"
        local = datetime.fromtimestamp(instant, _zone_info(self.name))
        clock = f"{local:%H:%M}" if local.second == 0 else f"{local:%H:%M:%S}"
        return f"{clock} {local:%Z} on {local.day} {local:%b} {local.year}"


_MACHINES = ("localtime", "posixrules", "Factory")  # of a machine, or of nowhere


@lru_cache(maxsize=65_536)
def _start_of(zone: Zone, day: date) -> Instant:
    naive = datetime(day.year, day.month, day.day)  # noqa: DTZ001  made aware below
    first, second = zone.instants(naive)
    if first is None:
        before = naive.replace(tzinfo=_zone_info(zone.name), fold=0)
        return Instant(int(before.timestamp()))
    return Instant(min(first, second if second is not None else first))


@lru_cache(maxsize=128)
def _zone_info(name: str) -> ZoneInfo:
    return ZoneInfo(name)


UTC_ZONE = Zone("Etc/UTC")


def say_day(day: date) -> str:
    """Return a day as a person reads it: ``23 Nov 2019``."""
    return f"{day.day} {day:%b} {day.year}"


def parse_day(text: str) -> date:
    """Read ``2016-11-23``.

    Raises:
        InvalidInput: not a day, or a day that does not exist.
    """
    if not _DAY.fullmatch(text):
        raise InvalidInput(
            f"`{text}` is not a day", hint="write it as `2016-11-23`", code="bad-date"
        )
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"the day `{text}` does not exist",
            hint="check the month's length",
            code="no-such-day",
        ) from None
    if not YEARS[0] <= day.year < YEARS[1]:
        raise InvalidInput(
            f"the day `{text}` lies outside the years {YEARS[0]} to {YEARS[1] - 1}",
            hint="for *no end*, leave the end out",
            code="bad-date",
        )
    return day


def parse_instant(text: str, zone: Zone | None = None) -> Instant:
    """Read an RFC 3339 instant; without an offset it is local to ``zone``, if given.

    Raises:
        InvalidInput: no such form, no offset and no zone, a fraction of a second, or a
            local time that the zone skips or has twice.
    """
    found = _INSTANT.fullmatch(text)
    if found is None:
        day_alone = _DAY.fullmatch(text) is not None
        raise InvalidInput(
            f"`{text}` is {'a day and ' if day_alone else ''}not an instant",
            hint=f"add the time of day: `{text}T00:00:00{'Z' if zone is None else ''}`"
            if day_alone
            else "write day, time and offset: `2026-06-01T12:00:00+02:00`",
            code="bad-instant",
        )
    day, clock, seconds, offset = found.groups()
    if clock.startswith("24"):
        raise InvalidInput(
            f"`{text}` uses 24:00",
            hint="write the first instant of the next day: `…T00:00:00`",
            code="bad-instant",
        )
    local_day = parse_day(day)
    try:
        naive = datetime.fromisoformat(f"{local_day}T{clock}{seconds or ':00'}")
        if offset is None:
            if zone is None:
                raise InvalidInput(
                    f"`{text}` has no offset from UTC",
                    hint="add one: `Z` or `+09:00`",
                    code="bad-instant",
                )
            return zone.instant(naive)
        aware = naive.replace(tzinfo=_offset(offset))
        return Instant(int(aware.timestamp()))
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"`{text}` is not an instant",
            hint="hours run to 23, minutes and seconds to 59",
            code="bad-instant",
        ) from None


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if minutes > 59:
        raise ValueError(text)
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if text[0] == "-" else delta)


def instant_of(moment: datetime) -> Instant:
    """Return the instant of an aware ``datetime``, dropping fractions of a second.

    Raises:
        InvalidInput: the value has no zone; a naive time is nobody's time.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise InvalidInput(
            f"{moment.isoformat()} has no zone",
            hint="pass an aware datetime",
            code="bad-instant",
        )
    return Instant(int(moment.timestamp() // 1))


@dataclass(frozen=True, slots=True)
class Span:
    """When something happened, as far as is known: somewhere in ``[start, before)``.

    An instant known to the second is a span of one second. A day is a span from its
    first instant to that of the next day.
    """

    start: Instant
    before: Instant

    @property
    def exact(self) -> bool:
        """Whether the instant is known to the second."""
        return self.before - self.start == 1

    @property
    def last(self) -> Instant:
        """The latest instant at which it may have happened."""
        return Instant(self.before - 1)

    @classmethod
    def at(cls, instant: Instant) -> Span:
        """Return the span of an instant that is known."""
        return cls(instant, Instant(instant + 1))

    @classmethod
    def parse(cls, text: str, zone: Zone) -> Span:
        """Read an instant, a day in ``zone``, or an interval ``A/B`` of instants.

        Raises:
            InvalidInput: none of these, or an interval that is empty.
        """
        if _SLASHED.fullmatch(text):
            raise InvalidInput(
                f"`{text}` is not a day",
                hint="write year, month and day: `2026-09-01`; which of two numbers is the"
                " month is never guessed",
                code="bad-date",
            )
        if "/" in text:
            first, _, second = text.partition("/")
            span = cls(parse_instant(first, zone), parse_instant(second, zone))
            if span.before <= span.start:
                raise InvalidInput(
                    f"the interval `{text}` is empty",
                    hint="put the earlier instant first",
                    code="bad-instant",
                )
            return span
        if _DAY.fullmatch(text):
            day = parse_day(text)
            return cls(zone.start_of(day), zone.start_of(day + timedelta(days=1)))
        return cls.at(parse_instant(text, zone))

    def say(self, zone: Zone) -> str:
        """Return the span as a person reads it."""
        if self.exact:
            return f"at {zone.say(self.start)}"
        day = zone.day_of(self.start)
        if self == Span.parse(day.isoformat(), zone):
            return f"on {say_day(day)}"
        if self.before >= FAR_FUTURE:
            return f"at some time from {zone.say(self.start)} on"
        return f"between {zone.say(self.start)} and {zone.say(self.before)}"
