"""Points proposed from a text, and nothing decided.

A paragraph becomes a point without words: a person writes what it says. What can be found
by looking is found and flagged: names and how they are misspelt, weekdays as counted from
the dateline, times that may mean several things with all that they may mean.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher

from comity.accords.times import UTC_ZONE
from comity.errors import InvalidInput, printable
from comity.talks.furniture import furniture
from comity.talks.phrases import (
    EDGES,
    PHRASE_WORDS_MIN,
    TEXT_CHARS_MAX,
    Paragraph,
    blocks,
    paragraphs,
    phrase_digest,
)
from comity.talks.wording import WEEKDAYS, meanings, say_meaning, weekday

LIKE = 0.8  # from here on a spelling looks like a name; `Japanese` is not `Japan`
NAME_LETTERS_MIN = 5  # shorter names look like too many words
DATELINE_CHARS_MAX = 40  # before its date: a place, perhaps a weekday
PHRASE_LENGTHS = (5, 6, 7, 4, 3, PHRASE_WORDS_MIN)
UNWRITTEN = "…"  # what a person writes in its place; as it stands it does not load

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})\.?"
_DATES = (
    re.compile(r"\b(?P<year>\d{4})[-./] ?(?P<number>\d{1,2})[-./] ?(?P<day>\d{1,2})\b"),
    re.compile(
        rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:, ?(?P<year>\d{{4}}))?\b"
    ),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH}(?:,? (?P<year>\d{{4}}))?\b"
    ),
)
_DAYNAME = "|".join(day.lower() for day in WEEKDAYS)
_HOUR = r"(?P<hour>midnight|noon|12 ?a\.?m\b\.?|12 ?p\.?m\b\.?)"
_WEEKDAY = re.compile(
    rf"\b(?:(?P<which>last|next|this|past|coming) )?(?P<name>{_DAYNAME})\b"
)
_HOUR_BEFORE = re.compile(rf"\b{_HOUR}(?: (?:on|of))?,? $")
_HOUR_ALONE = re.compile(rf"\b{_HOUR}(?![\w-])")
_DATELINE = re.compile(
    r"[)\w., ]{0,12} ?(?:\(|--|[-–—] )"
)  # what follows a dateline's date
_UNTIL = re.compile(r"\b(?:until|till|by|through) $")


@dataclass(frozen=True, slots=True)
class Names:
    """Names that are registered, each with other spellings that are right as well."""

    right: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def spellings(self) -> dict[tuple[str, ...], str]:
        """Return every right spelling as its words, with the name it is of."""
        return {
            tuple(_plain_words(spelling.lower().split())): name
            for name, others in self.right.items()
            for spelling in (name, *others)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFound:
    """A registered name in a text.

    Attributes:
        written: as the text has it, in lower case.
        right: whether that is a spelling on record.
    """

    name: str
    written: str
    line: int
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFound:
    """A time in a text.

    Attributes:
        written: as the text has it, in lower case.
        wording: as `comity.talks.wording.meanings` reads it; empty where it names no day.
        may_be: all that it may mean, in words; more than one is flagged.
    """

    written: str
    wording: str
    line: int
    may_be: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A paragraph that may hold a point, by its place.

    Attributes:
        unique: whether the phrase stands nowhere else in the text.
    """

    paragraph: int
    line: int
    words: int
    phrase: str
    unique: bool
    names: tuple[NameFound, ...]
    times: tuple[TimeFound, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is proposed from one text.

    Attributes:
        dated, weekday: the day from which weekdays count, and the weekday that the text
            names beside it.
        left_out: the lines left out as page furniture, each with why.
    """

    account: str
    dated: date
    weekday: str | None
    paragraphs: int
    proposed: tuple[Proposed, ...]
    left_out: tuple[tuple[int, str], ...]

    def notes(self) -> list[str]:
        """Return what a person should know at once."""
        flagged = [t for p in self.proposed for t in p.times if len(t.may_be) != 1]
        misspelt = [n for p in self.proposed for n in p.names if not n.right]
        notes = [
            f"points proposed: {len(self.proposed)}, from {self.paragraphs} paragraphs;"
            f" left out as page furniture: {len(self.left_out)}; times flagged:"
            f" {len(flagged)}; names perhaps misspelt: {len(misspelt)}; nothing is decided"
        ]
        if self.weekday is not None and self.weekday != weekday(self.dated):
            notes.append(
                f"the text is dated {self.weekday}, {self.dated}, which was a"
                f" {weekday(self.dated)}: check the date before any weekday"
            )
        return notes

    def toml(self) -> str:
        """Return the draft as a file that no world loads until a person has been over it."""
        return "\n".join([*self._head(), *self._points()]) + "\n"

    def _head(self) -> Iterator[str]:
        yield "# Proposed by `comity readouts draft`; nothing in it is decided, and none of the"
        yield "# text's sentences is in it. Read each table against the text, write what stands"
        yield f"# as `{UNWRITTEN}` in your own short words, and take `proposed` out."
        for note in self.notes():
            yield f"# {note}"
        for line, why in self.left_out:
            yield f"# line {line} is left out: {why}"
        yield ""
        yield "[[meeting]]"
        yield 'id = "meeting"'
        yield f'title = "{UNWRITTEN}"'
        yield f'place = "{UNWRITTEN}"'
        yield 'zone = "Etc/UTC"'
        yield f'on = "{self.dated}"'
        yield "who = []"
        yield "proposed = true"
        yield ""
        yield "[[account]]"
        yield f"id = {_quoted(self.account)}"
        yield 'meeting = "meeting"'
        yield f'side = "{UNWRITTEN}"'
        yield f'by = "{UNWRITTEN}"'
        yield 'kind = "press report"'
        yield f'dated = "{self.dated}"'
        if self.weekday is not None:
            yield f'weekday = "{self.weekday}"'
        yield f'source = "{UNWRITTEN}"'
        yield f"paragraphs = {self.paragraphs}"
        yield "proposed = true"

    def _points(self) -> Iterator[str]:
        for number, one in enumerate(self.proposed, 1):
            yield ""
            yield from _flags(one)
            yield "[[point]]"
            yield f"number = {number}"
            yield 'meeting = "meeting"'
            yield f'matter = "{UNWRITTEN}"'
            yield 'relation = "one only"'
            yield "proposed = true"
            yield ""
            yield "[[passage]]"
            yield f"point = {number}"
            yield f"account = {_quoted(self.account)}"
            yield f'says = "{UNWRITTEN}"'
            yield f"paragraph = {one.paragraph}"
            yield f"words = {one.words}"
            yield f'phrase = "{one.phrase}"'
            times = [time.wording for time in one.times if time.wording]
            if times:
                facts = (
                    f'{{ of = "time {n}", time = "{time}" }}'
                    for n, time in enumerate(dict.fromkeys(times), 1)
                )
                yield f"facts = [{', '.join(facts)}]"
            yield "proposed = true"


def _flags(one: Proposed) -> Iterator[str]:
    yield f"# paragraph {one.paragraph}, line {one.line}"
    if not one.unique:
        yield "#   its phrase stands elsewhere as well: choose another"
    for name in dict.fromkeys(n.name for n in one.names if n.right):
        yield printable(f"#   names {name}")
    for found in one.names:
        if not found.right:
            yield printable(
                f"#   line {found.line}: `{found.written}` looks like {found.name}: misspelt?"
            )
    for time in one.times:
        said = " or ".join(time.may_be) or "any day: it names none"
        flag = "is" if len(time.may_be) == 1 else "may be"
        yield printable(f"#   line {time.line}: `{time.written}` {flag} {said}")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def draft(
    text: str,
    *,
    account: str = "A",
    dated: date | None = None,
    names: Names | None = None,
    where: str = "text",
) -> Draft:
    """Propose points from a text.

    Args:
        text: the account, as plain text.
        account: its id.
        dated: the day that it is dated; left out, its own dateline has to say it in full.
        names: those to look for.
        where: what the text is called in an error.

    Raises:
        InvalidInput: no date is said, or the text is longer than an account.
    """
    if len(text) > TEXT_CHARS_MAX:
        raise InvalidInput(
            f"`{where}` has more than {TEXT_CHARS_MAX:,} characters",
            hint="give one account at a time",
            code="file-too-large",
        )
    parts = _parts(text)
    day, named = _dateline(parts, dated, where)
    left_out: list[tuple[int, str]] = []
    proposed: list[Proposed] = []
    spellings = (names or Names()).spellings()
    why = furniture(parts)
    counts = _counts(parts)
    for part in parts:
        if part.number in why:
            left_out.append((part.lines[0], why[part.number]))
            continue
        length, start, unique = _phrase(part, counts)
        if not length:
            left_out.append((part.lines[0], "it is one word"))
            continue
        proposed.append(
            Proposed(
                paragraph=part.number,
                line=part.lines[start],
                words=length,
                phrase=phrase_digest(" ".join(part.words[start : start + length])),
                unique=unique,
                names=tuple(_names(part, spellings)),
                times=tuple(_times(part, day)),
            )
        )
    return Draft(
        account=account,
        dated=day,
        weekday=named,
        paragraphs=len(parts),
        proposed=tuple(proposed),
        left_out=tuple(left_out),
    )


def _parts(text: str) -> tuple[Paragraph, ...]:
    """Return the paragraphs: lines, or blocks where most blocks have several lines."""
    wrapped = blocks(text)
    several = sum(len(set(part.lines)) > 1 for part in wrapped)
    return wrapped if len(wrapped) > 1 and 2 * several > len(wrapped) else paragraphs(text)


def _counts(parts: Sequence[Paragraph]) -> dict[int, Counter[str]]:
    """Return how often each phrase stands in the whole text, by its length."""
    words = [word for part in parts for word in part.words]
    return {length: Counter(_bare(words, length)) for length in PHRASE_LENGTHS}


def _bare(words: Sequence[str], length: int) -> Iterator[str]:
    for start in range(len(words) - length + 1):
        yield " ".join(words[start : start + length]).strip(EDGES)


def _phrase(part: Paragraph, counts: Mapping[int, Counter[str]]) -> tuple[int, int, bool]:
    """Return (length, start, unique) of the first phrase that stands nowhere else."""
    for length in PHRASE_LENGTHS:
        for start, bare in enumerate(_bare(part.words, length)):
            if counts[length][bare] == 1 and len(bare.split(" ")) == length:
                return length, start, True
    length = min(PHRASE_LENGTHS[0], len(part.words))
    return (length, 0, False) if length >= PHRASE_WORDS_MIN else (0, 0, False)


# -- times -----------------------------------------------------------------------------------


def _dateline(
    parts: Sequence[Paragraph], dated: date | None, where: str
) -> tuple[date, str | None]:
    """Return the day from which weekdays count, and the weekday that the text names beside it.

    A dateline before the words, `RIVERTON, Nov. 17 (Agency) --`, goes before any other date;
    the year that it leaves out is that of the first date in full, or of ``dated``.

    Raises:
        InvalidInput: no date in full, and none is given.
    """
    texts = [" ".join(part.words) for part in parts]
    full = [(text, one) for text in texts for one in _days(text, None)]
    near = dated if dated is not None else full[0][1][2] if full else None
    if near is None:
        raise InvalidInput(
            f"`{where}` has no date with its year, so no weekday in it can be counted",
            hint="give the day that it is dated: `--dated 2019-11-17`",
            code="no-dateline",
        )
    lines = [
        (text, one)
        for text in texts
        for one in _days(text, near)
        if one[0] <= DATELINE_CHARS_MAX
        and (not one[0] or text[: one[0]].endswith(", "))
        and _DATELINE.match(text, one[1])
    ]
    for text, (start, end, day) in (*lines, *full):
        if dated in (None, day):
            named = _WEEKDAY.search(text, max(0, start - 12), min(len(text), end + 14))
            return day, None if named is None else named["name"].capitalize()
    return near, None


def _days(text: str, near: date | None) -> Iterator[tuple[int, int, date]]:
    """Yield (start, end, day) of each date; one without a year is the nearest to ``near``."""
    taken: list[range] = []
    for pattern in _DATES:
        for found in pattern.finditer(text):
            parts = found.groupdict()
            if found.start() in (at for span in taken for at in span):
                continue
            month = int(parts.get("number") or 0) or _MONTHS[parts.get("month") or "may"]
            years = [int(parts["year"])] if parts["year"] else []
            if not years and near is not None:
                years = [near.year - 1, near.year, near.year + 1]
            days = [d for year in years if (d := _day(year, month, int(parts["day"])))]
            if days:
                taken.append(range(found.start(), found.end()))
                best = min(days, key=lambda d: 0 if near is None else abs((d - near).days))
                yield found.start(), found.end(), best


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= 1600 else None
    except ValueError:
        return None


def _times(part: Paragraph, dated: date) -> Iterator[TimeFound]:
    """Yield each time of a paragraph that may be told wrong, with all that it may mean."""
    text = " ".join(part.words)
    found = [(start, end, day.isoformat()) for start, end, day in _days(text, dated)]
    for match in _WEEKDAY.finditer(text):
        which, name = match["which"], match["name"].capitalize()
        which = {"this": "coming"}.get(which or "", which)
        found.append((match.start(), match.end(), f"{which} {name}" if which else name))
    used: set[int] = set()
    for begin, end, day in sorted(found):
        hour, until = _HOUR_BEFORE.search(text, 0, begin), _UNTIL.search(text, 0, begin)
        start, wording = begin, day
        if hour is not None:
            start, wording = hour.start(), f"{_hour(hour['hour'])} on {day}"
            used.add(start)
        elif until is not None:
            start, wording = until.start(), f"until {day}"
        may_be = meanings(wording, dated, UTC_ZONE)
        yield TimeFound(
            written=text[start:end],
            wording=wording,
            line=part.lines[text.count(" ", 0, start)],
            may_be=tuple(say_meaning(span, UTC_ZONE) for span in may_be),
        )
    for match in _HOUR_ALONE.finditer(text):
        if match.start() not in used and _hour(match["hour"]) != "noon":
            line = part.lines[text.count(" ", 0, match.start())]
            yield TimeFound(written=match["hour"], wording="", line=line, may_be=())


def _hour(text: str) -> str:
    plain = text.replace(".", "").replace(" ", "")
    return {"12am": "12 am", "12pm": "12 pm"}.get(plain, plain)


# -- names -----------------------------------------------------------------------------------


def _plain_words(words: Sequence[str]) -> Iterator[str]:
    """Yield words without punctuation, possessive or hyphen, as names are compared."""
    for word in words:
        bare = word.strip(EDGES + "[]!?").removesuffix("'s")
        yield from (part for part in bare.split("-") if part)


def _names(
    part: Paragraph, spellings: Mapping[tuple[str, ...], str]
) -> Iterator[NameFound]:
    """Yield the registered names of a paragraph, and what looks like one misspelt."""
    words, lines = [], []
    for word, line in zip(part.words, part.lines, strict=True):
        for plain in _plain_words([word]):
            words.append(plain)
            lines.append(line)
    taken: set[int] = set()
    for spelling, name in sorted(spellings.items(), key=lambda one: -len(one[0])):
        for start in range(len(words) - len(spelling) + 1):
            here = range(start, start + len(spelling))
            if tuple(words[start : here.stop]) == spelling and not taken & set(here):
                taken |= set(here)
                yield NameFound(
                    name=name, written=" ".join(spelling), line=lines[start], right=True
                )
    for spelling, name in sorted(spellings.items(), key=lambda one: -len(one[0])):
        for start in range(len(words) - len(spelling) + 1):
            here = range(start, start + len(spelling))
            window = words[start : here.stop]
            if not taken & set(here) and _looks_like(window, spelling):
                taken |= set(here)
                yield NameFound(
                    name=name, written=" ".join(window), line=lines[start], right=False
                )


def _looks_like(window: Sequence[str], spelling: Sequence[str]) -> bool:
    """Say whether words are a name's in another order, or nearly its letters."""
    if len(window) > 1 and sorted(window) == sorted(spelling):
        return True
    one, other = " ".join(window), " ".join(spelling)
    if len(other) < NAME_LETTERS_MIN or one[:1] != other[:1]:
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= LIKE and matcher.ratio() >= LIKE
