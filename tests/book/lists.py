"""Lists of agreements, and books made from them, for the tests."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

from hypothesis import strategies as st

from comity.accords.text import is_prose
from comity.accords.times import Period, Zone
from comity.book import Book, Entry, Settings, plan, read_sheet, write
from comity.book.entry import By, Ending, Notice, Renews, slug
from comity.book.periods import is_blank
from comity.book.reading import read_rows

US = Settings(us="Our Agency", zone=Zone.parse("Europe/Vienna"))

ACME = {
    "Partner": "Acme Ltd",
    "Purpose": "Support",
    "Signed": "2024-02-15",
    "Start": "2024-03-01",
    "End": "2025-02-28",
    "Renewal": "auto-renews yearly",
    "Notice": "3 months",
    "Owner": "M. Muster",
    "Review": "2026-06-01",
}
NORTH = {
    "Partner": "University of the North",
    "Purpose": "Research data",
    "Signed": "2023-04-03",
    "End": "indefinite",
    "Notice": "6 months in writing",
}
SOUTH = {
    "Partner": "Rathaus Süd",
    "Purpose": "Incidents",
    "Start": "2024-06-01",
    "End": "2026-12-31",
    "Renewal": "none",
    "Owner": "K. Klein",
}


def save(folder: Path, *rows: dict[str, str], name: str = "list.csv") -> Path:
    """Write rows as a CSV file; their keys are its headings."""
    headings = list(dict.fromkeys(key for row in rows for key in row))
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, headings)
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(folder: Path, *rows: dict[str, str], settings: Settings = US):
    """Read rows as a list."""
    return read_rows(read_sheet(save(folder, *rows)), settings)


def said(found) -> list[tuple[int, str]]:
    """Return the row and code of each error."""
    return [(f.line, f.code) for f in found.findings if f.severity == "error"]


def empty(root: Path, settings: Settings = US) -> Book:
    """Return a book of nothing."""
    return Book(root=root, settings=settings, entries={})


def made(folder: Path, *rows: dict[str, str], settings: Settings = US) -> Path:
    """Make a book from rows; return its folder."""
    root = folder / "book"
    write(plan(read_sheet(save(folder, *rows)), empty(root, settings)))
    return root


WORDS = st.text(
    st.characters(categories=["Lu", "Ll", "Lo"], max_codepoint=0xD7A3),
    min_size=1,
    max_size=8,
).filter(
    lambda word: (
        slug(word) not in ("", "our-agency") and is_prose(word) and not is_blank(word)
    )
)


@st.composite
def entries(draw) -> Entry:
    """Draw an entry that a list could have."""
    name = " ".join(draw(st.lists(WORDS, min_size=1, max_size=3)))
    first = draw(st.dates(date(1990, 2, 1), date(2040, 1, 1)))
    signed = draw(
        st.one_of(st.none(), st.just(first - timedelta(days=draw(st.integers(0, 60)))))
    )
    lengths = st.builds(
        lambda n, u: Period.parse(f"P{n}{u}"), st.integers(1, 40), st.sampled_from("DMY")
    )
    renewal = draw(
        st.one_of(
            st.none(),
            st.just(Renews(by=By.NOTHING)),
            st.just(Renews(by=By.AGREEMENT)),
            st.builds(Renews, by=st.sampled_from([By.SILENCE, By.AGREEMENT]), for_=lengths),
        )
    )
    notice = draw(
        st.one_of(
            st.none(),
            st.just(Notice(for_=None)),
            st.builds(
                Notice, for_=lengths, ending=st.sampled_from(Ending), written=st.booleans()
            ),
        )
    )
    how = draw(st.sampled_from(["end", "indefinite"]))
    if how == "indefinite" and renewal is not None and renewal.for_ is not None:
        renewal = None
    return Entry(
        id=draw(WORDS.map(slug)),
        partners=(name,),
        purpose=draw(st.one_of(st.just(""), WORDS)),
        signed=signed,
        start=first if signed is None or draw(st.booleans()) else None,
        end=first + timedelta(days=draw(st.integers(0, 4000))) if how == "end" else None,
        indefinite=how == "indefinite",
        renewal=renewal,
        notice=notice,
        owner=draw(st.one_of(st.just(""), WORDS)),
        review=draw(st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2040, 1, 1)))),
    )
