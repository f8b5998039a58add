"""A book on disk: a world's folder with `book.toml`, `book.csv`, and what stands for each entry."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.accords.accord import Accord, Law
from comity.accords.instruments import Instrument
from comity.accords.times import Zone
from comity.book.entry import COLUMNS, DateOrder, EndDay, Entry, Settings, slug
from comity.book.headings import NAMES
from comity.book.reading import read_rows
from comity.book.sheet import read_sheet
from comity.book.written import accord_of, act_of, quoted
from comity.errors import InvalidInput, Unreadable
from comity.release.world import World
from comity.worlds import load_world
from comity.worlds.reader import FileReader, is_file

FORMAT = "comity-book/1"
SETTINGS, TABLE, UNREAD = "book.toml", "book.csv", "not-read.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookHead:
    """The head of ``book.toml``: what holds for the whole book.

    Attributes:
        format: ``comity-book/1``.
        us: the organisation whose book it is, by name.
        zone: whose days are counted.
        law: what governs the agreements beside their words.
        dates: which number of a date is the month, where its column does not say.
        end: what the day in *end* is, where it may be either.
        blank_end: ``indefinite`` where an empty *end* means that there is none.
    """

    format: str
    us: str
    zone: Zone
    law: Law = Law.CONTRACT
    dates: DateOrder | None = None
    end: EndDay | None = None
    blank_end: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnTable:
    """A heading of the list's own: ``[[column]]``."""

    heading: str
    is_: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A book as it is on disk.

    Attributes:
        root: its folder.
        entries: by id.
    """

    root: Path
    settings: Settings
    entries: Mapping[str, Entry]

    # What `comity.worlds.known.Known` asks.

    def accord(self, path: Path, raw: bytes) -> Accord | None:
        """Return the accord of an entry, where its file is as the book writes it."""
        entry = self.entries.get(path.name.removesuffix(".accord.md"))
        return None if entry is None else accord_of(entry, self.settings, raw, path)

    def instruments(
        self, path: Path, raw: bytes, accords: Mapping[str, Accord]
    ) -> tuple[Instrument, ...] | None:
        """Return the acts of an entry, where their file is as the book writes it."""
        entry = self.entries.get(path.name.removesuffix(".toml"))
        if entry is None or entry.id not in accords:
            return None
        if accords[entry.id].zone != self.settings.zone:
            return None  # somebody changed the text, and the act's day is another
        act = act_of(entry, self.settings, raw, path)
        return None if act is None else (act,)


def is_book(root: Path) -> bool:
    """Say whether a folder is a book."""
    return is_file(root / SETTINGS)


def load(root: Path) -> World:
    """Read a world's folder; one that is a book has its unchanged entries known beforehand.

    Raises:
        Unreadable: with every error in any of its files.
        InvalidInput: there is no world.
    """
    return load_world(root, read_book(root)) if is_book(root) else load_world(root)


def read_book(root: Path) -> Book:
    """Read a book's settings and its table.

    Raises:
        Unreadable: with everything that is wrong in either.
        InvalidInput: it is no book.
    """
    settings = read_settings(root)
    path = root / TABLE
    if not is_file(path):
        raise InvalidInput(
            f"`{root}` has no `{TABLE}`",
            hint="import the list again: `comity book import SHEET --into FOLDER`",
            code="no-book",
        )
    read = read_rows(read_sheet(path), settings.of_table()) if _has_rows(path) else None
    found = () if read is None else read.findings
    wrong = [finding for finding in found if finding.severity == "error"]
    if wrong:
        raise Unreadable(wrong)
    return Book(root=root, settings=settings, entries={} if read is None else read.entries)


def _has_rows(path: Path) -> bool:
    """Say whether a table is more than the headings of a book without entries."""
    with path.open("rb") as file:
        return file.read(4096) != table_text([]).encode()


def read_settings(root: Path) -> Settings:
    """Read ``book.toml``.

    Raises:
        Unreadable: with everything that is wrong in it.
        InvalidInput: it is not there.
    """
    path = root / SETTINGS
    if not is_file(path):
        raise InvalidInput(
            f"`{root}` is no book of agreements: it has no `{SETTINGS}`",
            hint="make one with `comity book import SHEET --into FOLDER`",
            code="no-book",
        )
    reader = FileReader(root)
    head, rows = reader.read(path, BookHead, {"column": ColumnTable})
    if head is not None and head.format != FORMAT:
        reader.find(
            path,
            reader.line(path, "format"),
            "bad-format",
            f"`{head.format}` is not a format of books",
            f'write `format = "{FORMAT}"`',
        )
    if head is not None and head.blank_end not in ("", "indefinite"):
        reader.find(
            path,
            reader.line(path, "blank_end"),
            "bad-word",
            f"`{head.blank_end}` is nothing that a blank end can mean",
            'write `blank_end = "indefinite"`, or take it out',
        )
    if head is not None and not slug(head.us):
        reader.find(
            path,
            reader.line(path, "us"),
            "bad-name",
            f"`{head.us}` has no letter and no digit",
            "write the name of the organisation whose book it is",
        )
    for _, table, row in rows:
        if row.is_ not in NAMES:
            reader.find(
                path,
                table.line_of("is"),
                "no-column",
                f"`{row.is_}` is no column of a book",
                "the columns are " + ", ".join(NAMES),
            )
    if head is None or reader.findings:
        raise Unreadable(sorted(set(reader.findings)))
    return Settings(
        us=head.us,
        zone=head.zone,
        law=head.law,
        dates=head.dates,
        end=head.end,
        blank_end_is_indefinite=bool(head.blank_end),
        columns=tuple((row.heading, row.is_) for _, _, row in rows),
    )


def settings_text(book: Settings) -> str:
    """Return the ``book.toml`` of some settings."""
    lines = [
        "# What holds for the whole book, and the answers to what its sheet leaves open.",
        f'format = "{FORMAT}"',
        f"us = {quoted(book.us)}",
        f'zone = "{book.zone.name}"',
        f'law = "{book.law}"',
        *([f'dates = "{book.dates}"'] if book.dates else []),
        *([f'end = "{book.end}"'] if book.end else []),
        *(['blank_end = "indefinite"'] if book.blank_end_is_indefinite else []),
    ]
    for heading, column in book.columns:
        lines += ["", "[[column]]", f"heading = {quoted(heading)}", f'is = "{column}"']
    return "\n".join(lines) + "\n"


def table_text(entries: Iterable[Entry]) -> str:
    """Return entries as the table of a book: CSV (RFC 4180) with LF, one row an agreement."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for entry in sorted(entries, key=lambda one: one.id):
        writer.writerow(entry.cells())
    return out.getvalue()


def sha256_of(path: Path) -> str | None:
    """Return ``sha256:`` and the digest of a file, however long; None where there is none."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return None
