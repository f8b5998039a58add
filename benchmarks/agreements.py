"""A book of agreements of any size: ``python benchmarks/agreements.py 100 1000 10000``.

A list is made up from a seed, imported, and loaded: by the book, which knows what it wrote, and
as a plain world, every text read. The two worlds are compared. Times are of the processor, so
that other work on the machine does not count.
"""

from __future__ import annotations

import csv
import gc
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from comity.accords import parse_instant
from comity.accords.times import Zone
from comity.book import Book, Settings, check_book, load, plan, read_book, read_sheet, write
from comity.release.agenda import agenda
from comity.worlds import load_world

T = TypeVar("T")

AT = parse_instant("2026-01-05T09:00:00Z")
HEADINGS = (
    "Partner", "Purpose", "Signed", "Start", "End", "Renewal", "Notice", "Owner", "Review",
)  # fmt: skip
PURPOSES = ("threat indicators", "incident reports", "research data", "joint training")
NOTICES = ("3 months", "90 days", "6 months in writing", "none", "")


def main(size: int, folder: Path) -> None:
    """Print every figure of one book."""
    path, root = folder / "list.csv", folder / "book"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(rows(size))
    settings = Settings(us="Our Agency", zone=Zone.parse("Europe/Vienna"))
    book = Book(root=root, settings=settings, entries={})
    done = timed("a list read and planned, s", lambda: plan(read_sheet(path), book))
    timed("written, s", lambda: write(done))
    again = timed("read and planned again, nothing changed, s", lambda: planned(path, root))
    if again or done.unread:
        raise SystemExit("the list was not imported whole")
    quick = timed("loaded as a book, s", lambda: load(root))
    plain = timed("loaded as a plain world, every text read, s", lambda: load_world(root))
    if (quick.accords, quick.instruments, quick.parties) != (
        plain.accords,
        plain.instruments,
        plain.parties,
    ):
        raise SystemExit("the two worlds are not the same")
    _ = timed("checked, s", lambda: check_book(read_book(root), date(2026, 1, 5)))
    found = timed("the dates of 90 days, s", lambda: agenda(quick, AT, "P90D"))
    print(f"{'dates found':<50}{len(found):>10,}")


def planned(path: Path, root: Path) -> int:
    """Return how many files a second import of the same list would write."""
    return len(plan(read_sheet(path), read_book(root)).files)


def rows(size: int) -> list[list[str]]:
    """Return a list of agreements, made up; the same for a size each time."""
    dice = random.Random(size)
    found: list[list[str]] = []
    for number in range(size):
        first = date(2012, 1, 1) + timedelta(days=dice.randrange(5_000))
        years = dice.randrange(1, 6)
        last = first.replace(year=first.year + years, day=min(first.day, 28))
        end, renewal = dice.choice(
            [
                ("indefinite", ""),
                ((last - timedelta(days=1)).isoformat(), "none"),
                ((last - timedelta(days=1)).isoformat(), "auto-renews yearly"),
                ((last - timedelta(days=1)).isoformat(), "1 year by agreement"),
            ]
        )
        signed = first - timedelta(days=dice.randrange(60))
        found.append(
            [
                f"Partner {number:05} Ltd",
                dice.choice(PURPOSES),
                signed.isoformat(),
                dice.choice([first.isoformat(), first.strftime("%d %B %Y")]),
                end,
                renewal,
                dice.choice(NOTICES),
                f"Owner {dice.randrange(40)}",
                (date(2026, 1, 1) + timedelta(days=dice.randrange(700))).isoformat(),
            ]
        )
    return found


def timed(name: str, what: Callable[[], T]) -> T:
    """Print how many seconds of a processor something takes."""
    _ = gc.collect()
    began = time.process_time()
    result = what()
    print(f"{name:<50}{time.process_time() - began:>10.2f}")
    return result


if __name__ == "__main__":
    for given in sys.argv[1:] or ["100", "1000", "10000"]:
        print(f"\n{int(given):,} agreements")
        with tempfile.TemporaryDirectory() as place:
            main(int(given), Path(place))
