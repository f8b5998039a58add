"""A book of agreements as a page to print."""

from __future__ import annotations

from collections.abc import Mapping

from comity.accords.deadlines import LAST_DAYS, Deadline, Kind
from comity.accords.table import Status
from comity.accords.times import FAR_PAST, Instant, say_day
from comity.book import Book, Entry
from comity.book.entry import By
from comity.book.written import say_period, title_of
from comity.release import World
from comity.report.page import Section, report_page

SHORT = 12  # digits of a digest that a person compares; all stand in the book's table


def book_page(
    book: Book,
    world: World,
    at: Instant,
    found: tuple[Deadline, ...],
    owners: Mapping[str, str],
) -> str:
    """Return a book as one self-contained page: what lies ahead, each agreement, the documents."""
    zone = book.settings.zone
    entries = sorted(book.entries.values(), key=lambda e: (e.partners, e.purpose, e.id))
    day = say_day(zone.day_of(at))
    footer = (
        "Written from the book, not from the agreements' own words; where the two differ,"
        " the agreement binds. It permits nothing by itself."
    )
    return report_page(
        f"{book.settings.us}: book of agreements",
        f"{len(entries)} agreements, as on {day} ({zone.name}).",
        (
            _ahead(world, found, owners),
            _agreements(entries, world, at, found),
            _documents(entries),
        ),
        footer,
    )


def _ahead(world: World, found: tuple[Deadline, ...], owners: Mapping[str, str]) -> Section:
    return Section(
        heading="What lies ahead",
        paragraphs=() if found else ("Nothing, in the time asked for.",),
        columns=("when", "what", "agreement", "owner", "in words") if found else (),
        rows=tuple(
            (
                _when(one, world),
                str(one.kind),
                world.accord(one.accord).title if one.accord else "",
                owners.get(one.accord, ""),
                one.what,
            )
            for one in found
        ),
    )


def _when(one: Deadline, world: World) -> str:
    zone = world.accord(one.accord).zone if one.accord else world.zone
    if one.kind in LAST_DAYS:
        return f"by {say_day(zone.day_of(Instant(one.before - 1)))}"
    return zone.say(one.before)


def _agreements(
    entries: list[Entry], world: World, at: Instant, found: tuple[Deadline, ...]
) -> Section:
    last: dict[str, str] = {}
    for one in found:
        if one.kind is Kind.LAST_NOTICE:
            _ = last.setdefault(one.accord, _when(one, world).removeprefix("by "))
    known = {accord.id for accord in world.accords}
    return Section(
        heading="Agreements",
        columns=(
            "agreement",
            "standing",
            "since",
            "until",
            "renewal",
            "notice",
            "last day for notice",
            "owner, contact",
            "review",
        ),
        rows=tuple(
            (
                title_of(entry),
                *(
                    _standing(entry, world, at)
                    if entry.id in known
                    else ("no text", "", "")
                ),
                _renewal(entry),
                _notice(entry),
                last.get(entry.id, ""),
                ", ".join(text for text in (entry.owner, entry.contact) if text),
                say_day(entry.review) if entry.review else "",
            )
            for entry in entries
        ),
    )


def _standing(entry: Entry, world: World, at: Instant) -> tuple[str, str, str]:
    """Return the standing, since when, and the last day of the running period."""
    clock = world.clock(entry.id)
    standing = clock.standing(at)
    zone = clock.accord.zone
    out = standing.period[1] if standing.period is not None else standing.before
    last = "" if standing.status is Status.ENDED else "no end"
    if out is not None:
        last = say_day(zone.day_of(Instant(out - 1)))
    since = "" if standing.since <= FAR_PAST else say_day(zone.day_of(standing.since))
    return str(standing.status).replace("_", " "), since, last


def _renewal(entry: Entry) -> str:
    renewal = entry.renewal
    if renewal is None or renewal.for_ is None:
        return str(renewal or "")
    by = "" if renewal.by is By.SILENCE else f" {renewal.by}"
    return say_period(renewal.for_) + by


def _notice(entry: Entry) -> str:
    notice = entry.notice
    if notice is None or notice.for_ is None:
        return str(notice or "")
    return str(notice).replace(notice.for_.text, say_period(notice.for_), 1)


def _documents(entries: list[Entry]) -> Section:
    rows = tuple(
        (
            title_of(entry),
            entry.file,
            entry.sha256.removeprefix("sha256:")[:SHORT] or "no digest",
        )
        for entry in entries
        if entry.file
    )
    return Section(
        heading="Documents",
        paragraphs=() if rows else ("None is attached.",),
        columns=("agreement", "file", f"SHA-256, first {SHORT} digits") if rows else (),
        rows=rows,
    )
