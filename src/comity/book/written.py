"""An entry as an accord: its text, and the very rules that reading the text would give."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from comity.accords import clauses as c
from comity.accords.accord import FORMAT, Accord, Front
from comity.accords.instruments import Instrument, Op, Operation, Stage
from comity.accords.text import Unread, digest
from comity.accords.times import Count, Period, Span, Zone, say_day
from comity.accords.when import Trigger
from comity.book.entry import By, Ending, Entry, Settings, slug

_SIGNED = Trigger(Op.SIGN, Stage.DATED)


@dataclass(slots=True)
class _Page:
    """Lines as they are written, and the rules among them with their lines."""

    lines: list[str] = field(default_factory=list)
    clauses: list[c.Clause] = field(default_factory=list)

    def article(self, heading: str, words: Iterable[str]) -> None:
        self.lines += ["", f"## Article {heading}", "", *words]

    def rules(self, *rules: tuple[str, tuple[str, ...], c.Clause]) -> None:
        self.lines += ["", "```toml comity"]
        for place, (heading, keys, clause) in enumerate(rules):
            self.lines += [""] * (place > 0) + [heading, *keys]
            self.clauses.append(clause)
        self.lines.append("```")

    def line(self) -> int:
        """Return the number of the line of the first heading that `rules` will write."""
        return len(self.lines) + 3


def parties_of(entry: Entry, book: Settings) -> tuple[str, ...]:
    """Return the ids of an entry's parties, ours first."""
    return (slug(book.us), *(slug(name) for name in entry.partners))


def title_of(entry: Entry) -> str:
    """Return what one calls an entry's agreement."""
    who = " and ".join(entry.partners)
    return f"{who}: {entry.purpose}" if entry.purpose else f"Agreement with {who}"


def text_of(entry: Entry, book: Settings) -> str:
    """Return the text of an entry's accord."""
    return "\n".join(_page(entry, book).lines) + "\n"


def accord_of(entry: Entry, book: Settings, raw: bytes, path: Path) -> Accord | None:
    """Return the accord of an entry, if these bytes are its text; else None.

    It is the one that reading the bytes would give, without reading them.
    """
    page = _page(entry, book)
    if "\n".join(page.lines).encode() != raw[:-1] or raw[-1:] != b"\n":
        return None
    front = Front(
        format=FORMAT,
        id=entry.id,
        languages=("en",),
        authentic=("en",),
        zone=book.zone,
        law=book.law,
        parties=parties_of(entry, book),
    )
    return Accord(
        id=entry.id,
        digest=digest(raw),
        title=title_of(entry),
        front=front,
        document=Unread(raw),
        clauses=tuple(page.clauses),
        where=str(path),
    )


def _page(entry: Entry, book: Settings) -> _Page:
    page = _Page(
        [
            "+++",
            f'format = "{FORMAT}"',
            f"id = {quoted(entry.id)}",
            'languages = ["en"]',
            'authentic = ["en"]',
            f'zone = "{book.zone.name}"',
            f'law = "{book.law}"',
            f"parties = [{', '.join(map(quoted, parties_of(entry, book)))}]",
            "+++",
            "",
            f"# {title_of(entry)}",
            "",
            "What the book of agreements says of this one. These are not its own words: where",
            "the two differ, the agreement binds. What nothing is said of is refused.",
        ]
    )
    _begin(page, entry)
    _last(page, entry)
    _leave(page, entry)
    return page


def _begin(page: _Page, entry: Entry) -> None:
    signed = f"It was signed on {say_day(entry.signed)}." if entry.signed else ""
    if entry.start is not None:
        words = f"It is in force from {say_day(entry.start)}."
        key = f'when = {{ on = "{entry.start}" }}'
        when = c.When(on=entry.start)
    else:
        words = "It is in force from the day on which every Party has signed."
        key = 'when = { from = ["sign:dated"], of = "every party" }'
        when = c.When(from_=(_SIGNED,), of=c.Of.EVERY_PARTY)
    page.article("1. Beginning", [words, *([signed] if signed else [])])
    clause = c.Entry(cites="1", when=when, line=page.line())
    page.rules(("[entry]", ('cites = "1"', key), clause))


def _length(period: Period, count: Count) -> tuple[str, c.Length]:
    return f'{{ for = "{period}", count = "{count}" }}', c.Length(for_=period, count=count)


def _last(page: _Page, entry: Entry) -> None:
    said = _say_renewal(entry)
    renewal = entry.renewal
    until, initial = entry.end, None
    if entry.indefinite:
        words, keys = "It stays in force without limit of time.", ["indefinite = true"]
    elif until is not None and not entry.renews:
        words = f"It stays in force until {say_day(until)}, that day included."
        keys = [f'until = "{until}"']
    else:
        length = entry.initial
        if length is None:
            raise ValueError(entry.id)  # reading an entry refuses it
        until = None
        key, initial = _length(length, Count.ANNIVERSARY)
        words = f"It stays in force for {say_period(length)} from its beginning."
        keys = [f"initial = {key}"]
    going_on = None
    if renewal is not None and renewal.for_ is not None:
        by = c.RenewalBy.SILENCE if renewal.by is By.SILENCE else c.RenewalBy.AGREEMENT
        count = Count.ANNIVERSARY
        going_on = c.Renewal(for_=renewal.for_, count=count, by=by)
        keys.append(
            f'renewal = {{ for = "{renewal.for_}", count = "{count}", by = "{by}" }}'
        )
    page.article("2. Duration", [words, said])
    clause = c.Term(
        cites="2",
        initial=initial,
        renewal=going_on,
        indefinite=entry.indefinite,
        until=until,
        line=page.line(),
    )
    page.rules(("[term]", ('cites = "2"', *keys), clause))


def _say_renewal(entry: Entry) -> str:
    renewal = entry.renewal
    if renewal is None:
        return "The book does not say that it is extended."
    if renewal.by is By.NOTHING:
        return "It is not extended."
    how_long = "" if renewal.for_ is None else f" for {say_period(renewal.for_)} each time"
    if renewal.by is By.SILENCE:
        return f"It is then extended{how_long}, unless a Party gives notice."
    return f"It is extended{how_long} only if the Parties agree on it."


def at_end(entry: Entry) -> bool:
    """Say whether a notice ends the accord at the end of a period, and not after its length.

    Where the list does not say, it does if the agreement is extended.
    """
    notice = entry.notice
    if notice is None or notice.ending is Ending.UNSAID:
        return entry.renews
    return notice.ending is Ending.END


def _leave(page: _Page, entry: Entry) -> None:
    notice = entry.notice
    if notice is None or notice.for_ is None:
        words = (
            "The book does not say that a Party may end it by notice."
            if notice is None
            else "No Party ends it by notice."
        )
        page.article("3. Notice", [words])
        return
    written = "written notice" if notice.written else "notice"
    last = at_end(entry)
    count = Count.CLEAR_DAYS if last else Count.ANNIVERSARY
    key, length = _length(notice.for_, count)
    effect = c.Effect.END_OF_PERIOD if last else c.Effect.AFTER_LENGTH
    when = (
        f"A Party ends it at the end of a period by {written}, with"
        f" {say_period(notice.for_)} between."
        if last
        else f"A Party ends it by {written}, {say_period(notice.for_)} after it is received."
    )
    page.article("3. Notice", [when])
    clause = c.Exit(
        cites="3",
        form="written" if notice.written else None,
        length=length,
        takes_effect=effect,
        line=page.line(),
    )
    form = ['form = "written"'] if notice.written else []
    keys = ('cites = "3"', *form, f"length = {key}", f'takes_effect = "{effect}"')
    page.rules(("[[exit]]", keys, clause))


def say_period(period: Period) -> str:
    """Return a period in words: ``1 year and 6 months``."""
    years, months = divmod(period.months, 12)
    parts = ((years, "year"), (months, "month"), (period.days, "day"))
    said = [f"{n} {unit}{'s' * (n > 1)}" for n, unit in parts if n]
    return " and ".join(said)


# -- what was done, and who there is -------------------------------------------------------


UNSIGNED = (
    "the book does not say when it was signed; no later than the day before it starts"
)


def _signature(entry: Entry) -> tuple[date, bool]:
    """Return the day of the signatures, and whether that is an assumption.

    An accord that begins on a day begins only if it was signed.
    """
    if entry.signed is not None:
        return entry.signed, False
    if entry.start is None:
        raise ValueError(entry.id)  # reading an entry refuses it
    return entry.start - timedelta(days=1), True


def acts_text(entry: Entry, book: Settings) -> str:
    """Return the file of an entry's instruments."""
    by = ", ".join(map(quoted, parties_of(entry, book)))
    day, assumed = _signature(entry)
    said = f'assumed = ["dated"]\nassumption = "{UNSIGNED}"\n' if assumed else ""
    return (
        f"accord = {quoted(entry.id)}\n\n[[instrument]]\n"
        f"id = {quoted(f'{entry.id}-signed')}\nby = [{by}]\n"
        f'dated = "{day}"\noperations = [{{ do = "sign" }}]\nrecalled = true\n{said}'
    )


ACT_LINE = 3
"""The line of the instrument in that file."""


def act_of(entry: Entry, book: Settings, raw: bytes, path: Path) -> Instrument | None:
    """Return the instrument of an entry's file, if these bytes are that file; else None."""
    if acts_text(entry, book).encode() != raw:
        return None
    day, assumed = _signature(entry)
    return Instrument(
        id=f"{entry.id}-signed",
        accord=entry.id,
        by=parties_of(entry, book),
        times={(Stage.DATED, ""): _day(day, book.zone)},
        assumed=(Stage.DATED,) if assumed else (),
        assumption=UNSIGNED if assumed else "",
        operations=(Operation(do=Op.SIGN),),
        recalled=True,
        where=str(path),
        line=ACT_LINE,
    )


def _day(day: date, zone: Zone) -> Span:
    return Span.parse(day.isoformat(), zone)


def world_text(entries: Iterable[Entry], book: Settings) -> str:
    """Return the ``world.toml`` of a book: who there is; no words, so nothing is released."""
    head = [
        "# The book of agreements as a world. The words that items may use are yours to add.",
        'format = "comity-world/1"',
        'id = "book"',
        f"title = {quoted(f'{book.us}: book of agreements')}",
        f'zone = "{book.zone.name}"',
        'order = "by id"',
        "categories = []",
        "purposes = []",
        "kinds = []",
        "channels = []",
    ]
    return (
        "\n".join(head)
        + "\n"
        + "".join(
            party_text(party, name, book) for party, name in names_of(entries, book).items()
        )
    )


def names_of(entries: Iterable[Entry], book: Settings) -> dict[str, str]:
    """Return the parties of a book by id, ours first; the first spelling of a name counts."""
    found = {slug(book.us): book.us}
    for name in sorted({name for entry in entries for name in entry.partners}):
        _ = found.setdefault(slug(name), name)
    return found


def party_text(party: str, name: str, book: Settings) -> str:
    """Return a party as ``world.toml`` has it."""
    return (
        f"\n[[party]]\nid = {quoted(party)}\nname = {quoted(name)}\n"
        f'zone = "{book.zone.name}"\n'
    )


def quoted(text: str) -> str:
    """Return plain words as a string of TOML."""
    return json.dumps(text, ensure_ascii=False)
