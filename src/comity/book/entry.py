"""An entry of the book: what an organisation's list says of one agreement."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from comity.accords.accord import Law
from comity.accords.times import Period, Rounding, Zone, add, is_ambiguous

ID_MAX = 60  # characters: an id stands in file names and calendars


class DateOrder(StrEnum):
    """Which of two numbers of a date is the month."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class EndDay(StrEnum):
    """What the day in the column *end* is."""

    LAST_DAY = "last-day"
    FIRST_DAY_OUT = "first-day-out"


class By(StrEnum):
    """What renews a term."""

    NOTHING = "none"
    SILENCE = "silence"
    AGREEMENT = "by agreement"


class Ending(StrEnum):
    """When a notice takes effect; `UNSAID` leaves it to the term."""

    UNSAID = ""
    ANY_TIME = "at any time"
    END = "to the end of the period"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renews:
    """How a term goes on: by what, and for how long; only an agreement may leave that open."""

    by: By
    for_: Period | None = None

    def __str__(self) -> str:
        """Return it as the book's table has it: ``none``, ``P1Y``, ``P1Y by agreement``."""
        if self.by is By.SILENCE:
            return str(self.for_)
        return str(self.by) if self.for_ is None else f"{self.for_} {self.by}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """How a party ends it by notice; without a length nobody does."""

    for_: Period | None
    ending: Ending = Ending.UNSAID
    written: bool = False

    def __str__(self) -> str:
        """Return it as the book's table has it: ``none``, ``P3M in writing at any time``."""
        if self.for_ is None:
            return "none"
        how = " in writing" if self.written else ""
        return f"{self.for_}{how} {self.ending}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One agreement as the book has it.

    Attributes:
        id: of its accord; the row that bears it again is the same agreement.
        partners: the other parties, by name.
        purpose: in the list's own words.
        signed: the day of the signatures.
        start: the day from which it is in force; None: from the signatures.
        end: the last day in force.
        indefinite: it says that it has no end.
        term: how long the first term is.
        renewal, notice: None where the list says nothing.
        owner: who looks after it here.
        contact: at the partner's.
        review: when its owner means to look at it again.
        file: the attached document, from the book's folder.
        sha256: the digest that it had when it was attached; empty for none.
    """

    id: str
    partners: tuple[str, ...]
    purpose: str = ""
    signed: date | None = None
    start: date | None = None
    end: date | None = None
    indefinite: bool = False
    term: Period | None = None
    renewal: Renews | None = None
    notice: Notice | None = None
    owner: str = ""
    contact: str = ""
    review: date | None = None
    file: str = ""
    sha256: str = ""

    @property
    def counted_from(self) -> date | None:
        """The day from which its first term is counted."""
        return self.signed if self.start is None else self.start

    @property
    def renews(self) -> bool:
        """Whether a term follows the first one, by silence or on a stated agreement."""
        return self.renewal is not None and self.renewal.for_ is not None

    @property
    def initial(self) -> Period | None:
        """The first term, as stated or from its first and last day."""
        first = self.counted_from
        if self.term is not None or self.end is None or first is None:
            return self.term
        return between(first, self.end + timedelta(days=1))

    def cells(self) -> dict[str, str]:
        """Return the entry as a row of the book's table, by column."""
        return {
            spec.name.removesuffix("s") if spec.name == "partners" else spec.name: _cell(
                getattr(self, spec.name)
            )
            for spec in fields(self)
            if spec.name != "indefinite"
        } | ({"end": "indefinite"} if self.indefinite else {})


COLUMNS = (
    "id",
    "partner",
    "purpose",
    "signed",
    "start",
    "end",
    "term",
    "renewal",
    "notice",
    "owner",
    "contact",
    "review",
    "file",
    "sha256",
)
"""The columns of the book's table, in order."""


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "; ".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for the whole book, and the answers to what a sheet leaves open.

    Attributes:
        us: the organisation whose book it is, by name.
        zone: whose days are counted.
        law: what governs the agreements beside their words.
        dates: which number is the month; None: nobody was asked.
        end: what the day in *end* is where it may be either; None: nobody was asked.
        blank_end_is_indefinite: an empty *end* means that there is none.
        columns: the list's own headings, by what they are of `COLUMNS`.
    """

    us: str
    zone: Zone
    law: Law = Law.CONTRACT
    dates: DateOrder | None = None
    end: EndDay | None = None
    blank_end_is_indefinite: bool = False
    columns: tuple[tuple[str, str], ...] = ()

    def of_table(self) -> Settings:
        """Return the settings by which the book's own table is read: it leaves nothing open."""
        return Settings(us=self.us, zone=self.zone, law=self.law, end=EndDay.LAST_DAY)


def between(first: date, out: date) -> Period | None:
    """Return the period from a day to the first day out: years or months where they fit."""
    months = 12 * (out.year - first.year) + out.month - first.month
    if months > 0:
        text = f"P{months // 12}Y" if months % 12 == 0 else f"P{months}M"
        whole = Period.parse(text)
        if add(first, whole, Rounding.DOWN) == out and not is_ambiguous(first, whole):
            return whole
    days = (out - first).days
    return Period.parse(f"P{days}D") if 0 < days < 100_000 else None


@lru_cache(maxsize=65_536)
def slug(*names: str) -> str:
    """Return an id made from names: small letters and digits of any script, and hyphens."""
    spelt = unicodedata.normalize("NFKD", " ".join(names))
    spelt = unicodedata.normalize("NFKD", spelt.casefold())
    plain = "".join(char for char in spelt if not "\u0300" <= char <= "\u036f")
    kept = "".join(
        char if unicodedata.category(char)[0] in "LNM" else " "
        for char in unicodedata.normalize("NFC", plain)
    )
    words = kept.split()
    while len(words) > 1 and len("-".join(words)) > ID_MAX:
        _ = words.pop()
    return "-".join(words)[:ID_MAX]
