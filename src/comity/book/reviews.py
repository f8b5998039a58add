"""The reviews ahead of a book, and who looks after what, beside the dates of its accords."""

from __future__ import annotations

from datetime import timedelta

from comity.accords.deadlines import Deadline, Kind
from comity.accords.times import Instant, Period, Rounding, add
from comity.book.folder import Book


def reviews(book: Book, at: Instant, within: str) -> tuple[Deadline, ...]:
    """Return the reviews in the period from an instant on, in order.

    Raises:
        InvalidInput: ``within`` is no period.
    """
    zone = book.settings.zone
    today = zone.day_of(at)
    stop = add(today, Period.parse(within), Rounding.UP)
    return tuple(
        sorted(
            Deadline(
                before=zone.start_of(entry.review + timedelta(days=1)),
                kind=Kind.REVIEW,
                accord=entry.id,
                article="",
                what="its owner means to look at it again",
            )
            for entry in book.entries.values()
            if entry.review is not None and today <= entry.review < stop
        )
    )


def owners(book: Book) -> dict[str, str]:
    """Return who looks after each agreement, by its id."""
    return {entry.id: entry.owner for entry in book.entries.values() if entry.owner}
