"""From the rows of a list to entries of the book; every row that cannot be read is said, with why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from comity.accords.text import is_prose
from comity.accords.times import Rounding, add, is_ambiguous
from comity.book import periods
from comity.book.dates import Cell, Slashed, day_of
from comity.book.entry import DateOrder, EndDay, Entry, Settings, slug
from comity.book.headings import IGNORED, NAMES, column_of
from comity.book.sheet import Sheet
from comity.errors import Finding, InvalidInput, Severity

T = TypeVar("T")

DATES = ("signed", "start", "end", "review")
NEEDED = ("partner",)
CELL_MAX = 500  # characters; a longer one is no name and no purpose
_ASKING = frozenset({"dates-asked", "end-asked"})  # about the sheet, not about one row


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRows:
    """What a list says.

    Attributes:
        entries: those that could be read, by id.
        lines: the row of each.
        unread: the numbers of the rows that could not be read.
        findings: why not, and what else a person should know.
        asked: whether the list as a whole waits for an answer; then it has no entries.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    asked: bool = False


@dataclass(slots=True)
class _Reading:
    sheet: Sheet
    book: Settings
    columns: dict[str, tuple[int, str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    orders: dict[str, DateOrder | None] = field(default_factory=dict)
    wrong: set[int] = field(default_factory=set)  # rows with an error
    unsure: set[int] = field(default_factory=set)  # rows with a day or length not read
    either: list[int] = field(default_factory=list)  # rows whose end may be either day

    def find(self, line: int, code: str, message: str, hint: str) -> None:
        self.wrong.add(line)
        self.findings.append(
            Finding(
                where=self.sheet.where, line=line, code=code, message=message, hint=hint
            )
        )

    def warning(self, line: int, code: str, message: str, hint: str) -> None:
        self.findings.append(
            Finding(
                where=self.sheet.where,
                line=line,
                code=code,
                severity=Severity.WARNING,
                message=message,
                hint=hint,
            )
        )

    def cell(self, row: Sequence[Cell], column: str) -> Cell:
        """Return a row's cell; empty where the list has no such column."""
        place, _ = self.columns.get(column, (len(row), ""))
        return row[place] if place < len(row) else ""

    def text(self, row: Sequence[Cell], column: str) -> str:
        """Return a cell as text on one line."""
        cell = self.cell(row, column)
        return f"{cell:.15g}" if isinstance(cell, float) else " ".join(str(cell).split())

    def words(self, row: Sequence[Cell], column: str) -> str:
        """Return a cell as words on one line; a sign for nothing is no words."""
        text = self.text(row, column)
        return "" if periods.is_blank(text) else text


def read_rows(sheet: Sheet, book: Settings) -> ReadRows:
    """Read every row of a list; the findings have everything that is wrong, at once."""
    reading = _Reading(sheet, book)
    _headings(reading)
    if reading.wrong:
        return ReadRows(findings=tuple(sorted(reading.findings)), asked=True)
    _orders(reading)
    read: dict[str, list[tuple[int, Entry]]] = {}
    unread: list[int] = []
    for number, row in sheet.rows:
        entry = _entry(reading, number, row)
        if number in reading.wrong:
            unread.append(number)
        else:
            read.setdefault(entry.id, []).append((number, entry))
    for name, found in read.items():
        if len(found) > 1:
            rows = ", ".join(str(number) for number, _ in found)
            for number, _ in found:
                unread.append(number)
                reading.find(
                    number,
                    "id-twice",
                    f"the rows {rows} make one id, `{name}`",
                    "give each a number of its own in a column `id`",
                )
    if reading.either:
        count = len(reading.either)
        reading.find(
            reading.either[0],
            "end-asked",
            "it begins and ends on the same day of a year, so that `end` may be the last day"
            f" in force or the first day out ({count} such {'rows' if count > 1 else 'row'})",
            "say `--end last-day` or `--end first-day-out`; it is never guessed",
        )
    kept = {name: found[0] for name, found in read.items() if len(found) == 1}
    _names(reading, kept)
    if any(f.code in _ASKING for f in reading.findings):
        return ReadRows(findings=tuple(sorted(set(reading.findings))), asked=True)
    return ReadRows(
        entries={name: entry for name, (_, entry) in sorted(kept.items())},
        lines={name: line for name, (line, _) in kept.items()},
        unread=tuple(sorted(unread)),
        findings=tuple(sorted(set(reading.findings))),
    )


# -- headings, and the order of dates ------------------------------------------------------


def _headings(reading: _Reading) -> None:
    line, said = reading.sheet.heading, reading.sheet.headings
    for place, heading in enumerate(said):
        if not heading:
            continue
        found = column_of(heading, reading.book.columns)
        if found is None:
            reading.warning(
                line,
                "unknown-column",
                f"the column `{heading}` is none that a book has; it is left out",
                f"to read it, say `--column '{heading}=NAME'`; the names are "
                + ", ".join(NAMES),
            )
            continue
        column, unit = found
        if column == IGNORED:
            continue
        if column in reading.columns:
            first = said[reading.columns[column][0]]
            reading.find(
                line,
                "column-twice",
                f"`{first}` and `{heading}` are both the column `{column}`",
                f"say which is not, such as `--column '{heading}={IGNORED}'`",
            )
            continue
        reading.columns[column] = (place, unit)
    for column in NEEDED:
        if column not in reading.columns:
            reading.find(
                line,
                "no-column",
                f"no column is the `{column}`",
                f"say which with `--column 'HEADING={column}'`; the headings are "
                + ", ".join(f"`{heading}`" for heading in said if heading),
            )


def _orders(reading: _Reading) -> None:
    """Find out, column by column, which number of a date is the month; ask where nothing says."""
    for column in DATES:
        numbers = [
            (number, day)
            for number, row in reading.sheet.rows
            if (day := _numbers(reading, row, column)) is not None
        ]
        order = reading.book.dates
        decided = {day.decides: number for number, day in reversed(numbers) if day.decides}
        if order is None and len(decided) == 2:
            _contradicting(reading, column, numbers, decided)
        elif order is None and not decided and any(day.ambiguous for _, day in numbers):
            line, day = next((n, d) for n, d in numbers if d.ambiguous)
            count = sum(day.ambiguous for _, day in numbers)
            reading.find(
                line,
                "dates-asked",
                f"`{day.text}` in `{column}` may be {day.day(DateOrder.DAY_FIRST)} or"
                f" {day.day(DateOrder.MONTH_FIRST)}, and no date of the column says which"
                f" ({count} such {'cells' if count > 1 else 'cell'})",
                "say `--dates day-first` or `--dates month-first`; it is never guessed",
            )
        only = next(iter(decided)) if len(decided) == 1 else None
        reading.orders[column] = order or only


def _numbers(reading: _Reading, row: Sequence[Cell], column: str) -> Slashed | None:
    cell = reading.cell(row, column)
    if not isinstance(cell, str) or not cell:
        return None
    try:
        day = day_of(cell, reading.sheet.epoch)
    except InvalidInput:
        return None  # said when the row is read
    return day if isinstance(day, Slashed) else None


def _contradicting(
    reading: _Reading,
    column: str,
    numbers: Sequence[tuple[int, Slashed]],
    decided: Mapping[DateOrder, int],
) -> None:
    """Find the rows of the rarer order, and those that nobody can read for it."""
    count = Counter(day.decides for _, day in numbers)
    rarer = min(DateOrder, key=lambda order: count[order])
    for number, day in numbers:
        other = decided[next(o for o in DateOrder if o is not day.decides)]
        if day.decides is rarer or (day.decides and count[rarer] == count[day.decides]):
            reading.find(
                number,
                "dates-contradict",
                f"`{day.text}` in `{column}` can only be {day.decides}, and row {other} of"
                " the column can only be the other",
                "mend the one that is wrong, or write year, month and day: `2026-09-01`",
            )
        elif day.ambiguous:
            reading.find(
                number,
                "dates-contradict",
                f"`{day.text}` in `{column}` may be either, and the column has both orders",
                "write year, month and day, or say `--dates day-first` or"
                " `--dates month-first`",
            )


# -- a row ---------------------------------------------------------------------------------


def _entry(reading: _Reading, number: int, row: Sequence[Cell]) -> Entry:
    """Return the entry of a row; it counts only if no finding of the row is an error."""
    partners = _partners(reading, number, row)
    purpose, owner, contact, file = (
        _plain(reading, number, row, column)
        for column in ("purpose", "owner", "contact", "file")
    )
    signed, start, end, review = (_day(reading, number, row, column) for column in DATES)
    unit = {column: u for column, (_, u) in reading.columns.items()}

    def read(column: str, how: Callable[[str, str], T | None]) -> T | None:
        text = reading.words(row, column)
        return _tried(reading, number, column, how, text, unit.get(column, ""))

    term = read("term", lambda text, u: periods.period(text, u) if text else None)
    indefinite = _indefinite(reading, row)
    renewal, notice = read("renewal", periods.renewal), read("notice", periods.notice)
    name = slug(reading.text(row, "id")) or slug(*partners, purpose)
    if not name and partners:
        reading.find(
            number,
            "bad-name",
            "no id can be made from this row",
            "give it one of letters and digits in a column `id`",
        )
    blank = not reading.words(row, "end")
    if (
        blank
        and term is None
        and (renewal is None or renewal.for_ is None)
        and reading.book.blank_end_is_indefinite
    ):
        indefinite = True
    entry = Entry(
        id=name,
        partners=partners,
        purpose=purpose,
        signed=signed,
        start=start,
        end=_last_day(reading, number, start or signed, end),
        indefinite=indefinite,
        term=term,
        renewal=renewal,
        notice=notice,
        owner=owner,
        contact=contact,
        review=review,
        file=file,
        sha256=reading.words(row, "sha256"),
    )
    if number not in reading.unsure:
        for code, message, hint in _together(entry):
            say = reading.warning if code == "starts-before-signed" else reading.find
            say(number, code, message, hint)
    return entry


def _indefinite(reading: _Reading, row: Sequence[Cell]) -> bool:
    return any(
        periods.is_indefinite(reading.words(row, column)) for column in ("end", "term")
    )


def _tried(
    reading: _Reading,
    number: int,
    column: str,
    how: Callable[[str, str], T | None],
    text: str,
    unit: str,
) -> T | None:
    """Call what reads a cell; what it refuses becomes a finding of the row."""
    if column == "term" and periods.is_indefinite(text):
        return None
    try:
        return how(text, unit)
    except InvalidInput as error:
        reading.unsure.add(number)
        reading.find(number, error.code, f"in `{column}`: {error.message}", error.hint)
        return None


def _plain(reading: _Reading, number: int, row: Sequence[Cell], column: str) -> str:
    """Return a cell's words; refuse what would not be plain words in a text or in a sheet."""
    text = reading.words(row, column)
    wrong = _not_plain(text)
    if wrong is not None:
        reading.find(number, wrong[0], f"the cell `{column}` {wrong[1]}", wrong[2])
    return text


def _not_plain(text: str) -> tuple[str, str, str] | None:
    if len(text) > CELL_MAX:
        hint = f"a cell has at most {CELL_MAX}; keep the rest in the document"
        return ("cell-too-long", f"has {len(text)} characters", hint)
    if text[:1] in ("=", "@") or (text[:1] in "+-" and text[1:2].isalpha()):
        return (
            "formula",
            f"begins with `{text[:1]}`, which a spreadsheet takes for a formula",
            "write it another way; it would run where somebody opens the book",
        )
    if text and not is_prose(text):
        return (
            "not-plain",
            "has characters or marks that could not stand in an accord as they are",
            "type it again in plain words; no HTML, link, or sign that cannot be seen",
        )
    return None


def _partners(reading: _Reading, number: int, row: Sequence[Cell]) -> tuple[str, ...]:
    """Return the names of the partners; several stand on lines of their own or after ``;``."""
    cell = reading.cell(row, "partner")
    cell = f"{cell:.15g}" if isinstance(cell, float) else str(cell)
    names = [" ".join(name.split()) for name in cell.replace("\n", ";").split(";")]
    names = [name for name in names if not periods.is_blank(name)]
    us = slug(reading.book.us)
    for name in names:
        wrong = _not_plain(name)
        if wrong is not None:
            reading.find(
                number, wrong[0], f"the partner `{name[:60]}` {wrong[1]}", wrong[2]
            )
        elif not slug(name):
            reading.find(
                number,
                "bad-name",
                f"the partner `{name}` has no letter and no digit",
                "write its name",
            )
    if any(slug(name) == us for name in names):
        reading.find(
            number,
            "no-partner",
            f"the partner is `{reading.book.us}`, whose book this is",
            "name the other side; our own name is not among the partners",
        )
    if not names:
        reading.find(
            number,
            "no-partner",
            "the row names no partner",
            "say with whom; several stand with `;` between",
        )
    if len({slug(name) for name in names}) < len(names):
        reading.find(
            number, "no-partner", "the row names a partner twice", "once is enough"
        )
    return tuple(names)


def _day(reading: _Reading, number: int, row: Sequence[Cell], column: str) -> date | None:
    cell = reading.cell(row, column)
    if isinstance(cell, str) and periods.is_blank(cell):
        return None
    if column == "end" and isinstance(cell, str) and periods.is_indefinite(cell):
        return None
    try:
        day = day_of(cell, reading.sheet.epoch)
        if not isinstance(day, Slashed):
            return day
        order = reading.orders[column]
        if day.ambiguous and order is None:
            reading.unsure.add(number)  # said already, of the column
            return None
        return day.day(order or day.decides)
    except InvalidInput as error:
        reading.unsure.add(number)
        reading.find(number, error.code, f"in `{column}`: {error.message}", error.hint)
        return None


def _last_day(
    reading: _Reading, number: int, first: date | None, end: date | None
) -> date | None:
    """Return the last day in force; ask where the day may be the first day out as well."""
    if end is None:
        return None
    if reading.book.end is EndDay.FIRST_DAY_OUT:
        return end - timedelta(days=1)
    same_day = first is not None and (first.month, first.day) == (end.month, end.day)
    if same_day and reading.book.end is None and first != end:
        reading.either.append(number)
    return end


def _together(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """Say what of an entry does not go together, or is missing."""
    first, end, term = entry.counted_from, entry.end, entry.term
    if first is None:
        yield (
            "no-start",
            "neither `signed` nor `start` says since when it stands",
            "give one of them a day",
        )
    if entry.start and entry.signed and entry.start < entry.signed:
        yield (
            "starts-before-signed",
            f"it starts on {entry.start}, before it was signed on {entry.signed}",
            "it counts from the start; check that the agreement says so",
        )
    if first is not None and end is not None and end < first:
        yield (
            "ends-before-start",
            f"its last day {end} is before its first, {first}",
            "check both; and that day and month are not exchanged",
        )
    elif first is not None and end is not None and term is not None:
        out = end + timedelta(days=1)
        if out not in {add(first, term, rounding) for rounding in Rounding}:
            yield (
                "end-and-term",
                f"`term` {term} from {first} is over on {add(first, term, Rounding.DOWN)},"
                f" and `end` says that {end} is its last day",
                "mend one, or leave one out",
            )
    if entry.indefinite and (end is not None or term is not None or entry.renews):
        yield (
            "end-and-term",
            "it has no end, and an end, a term or a renewal as well",
            "say one of them",
        )
    if not entry.indefinite and end is None and term is None:
        yield (
            "no-end",
            "it renews, and neither `end` nor `term` says when the first term ends"
            if entry.renews
            else "neither `end` nor `term` says how long it stays in force",
            "give one; write `indefinite` in `end` where it has none, or say"
            " `--blank-end indefinite` for the whole list",
        )
    if first is not None and end is None and term is not None and is_ambiguous(first, term):
        yield (
            "no-such-day",
            f"{term} from {first} ends on a day that does not exist",
            "give `end` its last day instead",
        )
    if term is None and end is not None and first is not None and entry.renews:
        yield from _renewed_on_no_day(entry, first)


def _renewed_on_no_day(entry: Entry, first: date) -> Iterator[tuple[str, str, str]]:
    if first <= (entry.end or first) and entry.initial is None:
        yield (
            "no-end",
            "no period leads from its first day to its last",
            "check `start` and `end`",
        )


def _names(reading: _Reading, kept: Mapping[str, tuple[int, Entry]]) -> None:
    """Warn where one party is spelt in two ways."""
    seen: dict[str, str] = {}
    for name, line in sorted(
        (name, line) for line, entry in kept.values() for name in entry.partners
    ):
        first = seen.setdefault(slug(name), name)
        if first != name:
            reading.warning(
                line,
                "name-twice",
                f"`{name}` is taken for `{first}`, which is spelt otherwise elsewhere",
                "write one name in one way; if they are two, tell them apart by a word",
            )
