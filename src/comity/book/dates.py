"""Days as people and spreadsheets write them; which of two numbers is the month is never guessed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from comity.accords.times import YEARS
from comity.book.entry import DateOrder
from comity.errors import InvalidInput

Cell: TypeAlias = "str | date | float"
"""A cell as its sheet has it: words, a day (or a `datetime`), a number."""

EPOCH, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
"""Day 0 of a serial date, in the two systems of spreadsheets (ECMA-376, part 1, 18.17.4.1)."""

SERIALS = (10_000, 110_000)  # from 1927 to 2201, as days of the first system

_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january jan januar jänner janvier janv",
            "february feb februar février févr fév",
            "march mar märz mrz mars",
            "april apr avril avr",
            "may mai",
            "june jun juni juin",
            "july jul juli juillet juil",
            "august aug août",
            "september sep sept septembre",
            "october oct oktober okt octobre",
            "november nov novembre",
            "december dec dezember dez décembre déc",
        ),
        start=1,
    )
    for word in words.split()
}
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*(?:[-/.]|年|년)\s*(\d{1,2})\s*(?:[-/.]|月|월)\s*(\d{1,2})\s*(?:\.|日|일)?"
)
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_MONTH = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s/-]*(?:of )?({_NAME})\.?,?[\s/-]*(\d{{4}})"
)
_MONTH_DAY = re.compile(
    rf"({_NAME})\.?[\s/-]*(\d{{1,2}})(?:st|nd|rd|th)?,?[\s/-]+(\d{{4}})"
)
_SLASHED = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})")
_SHORT_YEAR = re.compile(rf"\d{{1,2}}[\s/.-]+(?:\d{{1,2}}|(?:{_NAME})\.?)[\s/.-]+'?\d{{2}}")
_ERA = re.compile(r"(令和|平成|昭和)\s*(\d{1,2}|元)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_ERAS = {  # first and last day of each, by the Era Name Act and the orders under it
    "昭和": (date(1926, 12, 25), date(1989, 1, 7)),
    "平成": (date(1989, 1, 8), date(2019, 4, 30)),
    "令和": (date(2019, 5, 1), date.max),
}
_NO_TIME = re.compile(r"[ t]0{1,2}:00(?::00(?:\.0+)?)?$")


@dataclass(frozen=True, slots=True)
class Slashed:
    """Two numbers and a year, as written: a day of which nothing but its numbers is known."""

    text: str
    first: int
    second: int
    year: int

    def orders(self) -> frozenset[DateOrder]:
        """Return the orders in which it is a day; both where they make the same one."""
        return frozenset(order for order in DateOrder if self._made(order) is not None)

    @property
    def ambiguous(self) -> bool:
        """Whether the two orders make two days."""
        return len(self.orders()) == 2 and self.first != self.second

    @property
    def decides(self) -> DateOrder | None:
        """The only order in which it is a day, if there is one."""
        found = self.orders()
        return next(iter(found)) if len(found) == 1 else None

    def day(self, order: DateOrder | None) -> date:
        """Return the day; without an order only one that is the same in both.

        Raises:
            InvalidInput: it is no day in that order.
        """
        made = self._made(order or DateOrder.DAY_FIRST)
        if made is None or (order is None and self.first != self.second):
            raise _no_day(self.text, order)
        return made

    def _made(self, order: DateOrder) -> date | None:
        day, month = self.first, self.second
        if order is DateOrder.MONTH_FIRST:
            day, month = month, day
        try:
            return date(self.year, month, day)
        except ValueError:
            return None


def _no_day(text: str, order: DateOrder | None = None) -> InvalidInput:
    read = f", read {order}" if order else ""
    return InvalidInput(
        f"`{text}` is no day{read}",
        hint="write year, month and day: `2026-09-01`",
        code="bad-date",
    )


def day_of(cell: Cell, epoch: date = EPOCH) -> date | Slashed:
    """Return the day of a cell, or two numbers of which either may be the month.

    A number is a serial date of its sheet's system.

    Raises:
        InvalidInput: no day, one that does not exist, a year of two digits, a time of day.
    """
    if isinstance(cell, datetime):
        if cell.time() != datetime.min.time():
            raise _bad(str(cell), "take the time of day out; an agreement counts days")
        return _checked(cell.date())
    if isinstance(cell, date):
        return _checked(cell)
    if isinstance(cell, float):
        return _serial(cell, epoch)
    try:
        return _checked(date.fromisoformat(cell))
    except ValueError:
        return _in_words(cell, epoch)


def _in_words(cell: str, epoch: date) -> date | Slashed:
    text = " ".join(unicodedata.normalize("NFKC", cell).casefold().split())
    text = _NO_TIME.sub("", text)
    if text.isdecimal() and len(text) in (5, 6):
        return _serial(float(text), epoch)
    if found := _YEAR_FIRST.fullmatch(text) or _PACKED.fullmatch(text):
        return _made(cell, int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_MONTH.fullmatch(text):
        return _made(cell, int(found[3]), _MONTHS[found[2]], int(found[1]))
    if found := _MONTH_DAY.fullmatch(text):
        return _made(cell, int(found[3]), _MONTHS[found[1]], int(found[2]))
    if found := _ERA.fullmatch(text):
        return _of_era(cell, found)
    if found := _SLASHED.fullmatch(text):
        numbers = Slashed(cell, int(found[1]), int(found[2]), int(found[3]))
        if not numbers.orders() or not YEARS[0] <= numbers.year < YEARS[1]:
            raise _no_day(cell)
        return numbers
    if _SHORT_YEAR.fullmatch(text):
        raise _bad(cell, "write the year with four digits; the century is never guessed")
    raise _bad(cell, "write year, month and day: `2026-09-01`")


def _bad(cell: str, hint: str) -> InvalidInput:
    return InvalidInput(f"`{cell}` is not a day", hint=hint, code="bad-date")


def _checked(day: date) -> date:
    if not YEARS[0] <= day.year < YEARS[1]:
        raise _bad(day.isoformat(), f"the years run from {YEARS[0]} to {YEARS[1] - 1}")
    return day


def _made(cell: str, year: int, month: int, day: int) -> date:
    try:
        return _checked(date(year, month, day))
    except ValueError:
        raise InvalidInput(
            f"the day `{cell}` does not exist",
            hint="check the month's length",
            code="no-such-day",
        ) from None


def _serial(number: float, epoch: date) -> date:
    if number != int(number) or not SERIALS[0] <= number < SERIALS[1]:
        raise _bad(f"{number:g}", "write year, month and day: `2026-09-01`")
    return epoch + timedelta(days=int(number))


def _of_era(cell: str, found: re.Match[str]) -> date:
    first, last = _ERAS[found[1]]
    year = first.year - 1 + (1 if found[2] == "元" else int(found[2]))
    made = _made(cell, year, int(found[3]), int(found[4]))
    if not first <= made <= last:
        raise _bad(cell, f"{found[1]} has no such day")
    return made
