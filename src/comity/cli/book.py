"""``book``: a list of agreements as a book; imported, checked, exported, printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from comity.accords.accord import Law
from comity.accords.times import Zone
from comity.book import (
    Book,
    DateOrder,
    EndDay,
    Imported,
    Settings,
    attach,
    check_book,
    is_book,
    load,
    plan,
    read_book,
    read_sheet,
    write,
)
from comity.book.folder import TABLE, UNREAD, read_settings
from comity.book.headings import columns_named
from comity.cli.accord import INVALID, finding_json
from comity.cli.clock import at_option
from comity.cli.deadlines import ahead
from comity.cli.shared import show_json, talk, the_instant, the_period
from comity.errors import Finding, InvalidInput, Severity, Unreadable
from comity.report import book_page, calendar
from comity.worlds import is_folder, read_text

LISTED = 40  # lines of one kind that a person reads; all are in the JSON

folder_argument = click.argument(
    "folder", metavar="FOLDER", type=click.Path(path_type=Path)
)


@click.group("book", short_help="Keep a list of agreements as a book with a clock.")
def book_group() -> None:
    """Keep a list of agreements as a book: each row a small accord, with its deadlines.

    A book is a world's folder. `clock`, `ways`, `deadlines` and `try` work on it: it
    permits nothing, and says what its texts are silent on.
    """


@book_group.command("import", short_help="Take a spreadsheet into a book.")
@click.argument("sheet_file", metavar="SHEET", type=click.Path(path_type=Path))
@click.option(
    "--into",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    help="The book's folder.",
)
@click.option("--us", metavar="NAME", help="Whose book it is; of a new book.")
@click.option("--zone", metavar="ZONE", help="Whose days are counted; of a new book.")
@click.option(
    "--law",
    type=click.Choice([str(law) for law in Law if law is not Law.STATUTE]),
    help="What governs the agreements; of a new book. Default: contract.",
)
@click.option(
    "--dates",
    type=click.Choice([str(order) for order in DateOrder]),
    help="Which number of a date comes first, where its column does not say.",
)
@click.option(
    "--end",
    type=click.Choice([str(day) for day in EndDay]),
    help="What the day in `end` is, where it may be either.",
)
@click.option(
    "--blank-end",
    type=click.Choice(["indefinite"]),
    help="What an empty `end` means. Default: the row is not read.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="HEADING=NAME",
    help="What a heading of your own is. Repeatable.",
)
@click.option("--sheet", metavar="NAME", help="Which sheet of a workbook.")
@click.option(
    "--encoding", default="utf-8", help="Of a CSV file, such as cp949. Default: utf-8."
)
@click.option(
    "--keep-text",
    multiple=True,
    metavar="ID",
    help="The text that was changed by hand counts, whatever the row says. Repeatable.",
)
@click.option(
    "--remove-missing", is_flag=True, help="Remove the agreements that the sheet lacks."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def import_command(
    sheet_file: Path,
    folder: Path,
    us: str | None,
    zone: str | None,
    law: str | None,
    dates: str | None,
    end: str | None,
    blank_end: str | None,
    columns: tuple[str, ...],
    sheet: str | None,
    encoding: str,
    keep_text: tuple[str, ...],
    remove_missing: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Take SHEET (CSV, or a workbook with comity[sheet]) into the book in FOLDER.

    Each row becomes an accord; what cannot be read is said row by row, and kept in
    `not-read.csv` with why. Import the sheet again when it has changed: what is new and
    what changed is said. A text that you changed by hand is not written over. Exit 3 if a
    row was not read.
    """
    named, wrong = columns_named(columns)
    if wrong:
        raise InvalidInput(
            f"`{wrong[0]}` does not say which column a heading is",
            hint="write `--column 'Heading=partner'`; the columns are in the page on books",
            code="no-column",
        )
    book = _the_book(folder, us, zone, law)
    settings = replace(
        book.settings,
        dates=DateOrder(dates) if dates else book.settings.dates,
        end=EndDay(end) if end else book.settings.end,
        blank_end_is_indefinite=bool(blank_end) or book.settings.blank_end_is_indefinite,
        columns=tuple(dict((*book.settings.columns, *named)).items()),
    )
    read = read_sheet(sheet_file, sheet=sheet, encoding=encoding)
    done = plan(
        read,
        replace(book, settings=settings),
        keep_text=keep_text,
        remove_missing=remove_missing,
    )
    if not done.files and any(f.severity is Severity.ERROR for f in done.findings):
        talk("nothing was written")
        raise Unreadable(done.findings)
    if not dry_run:
        write(done)
    if as_json:
        show_json(_imported_json(done))
    else:
        _say_findings(done.findings)
        click.echo("\n".join(_imported_lines(done, folder, dry=dry_run)))
    return INVALID if done.unread else 0


def _the_book(folder: Path, us: str | None, zone: str | None, law: str | None) -> Book:
    """Return the book that is there, or an empty one.

    Raises:
        InvalidInput: a new book without a name and a zone, or an old one with others.
    """
    if is_book(folder):
        settings = read_settings(folder)
        given = {"--us": us, "--zone": zone, "--law": law}
        has = {
            "--us": settings.us,
            "--zone": settings.zone.name,
            "--law": str(settings.law),
        }
        for option, value in given.items():
            if value not in (None, has[option]):
                raise InvalidInput(
                    f"the book in `{folder}` has `{option} {has[option]}` already",
                    hint="import into another folder: it is part of every text",
                    code="other-book",
                )
        if (folder / TABLE).exists():
            return read_book(folder)
        return Book(root=folder, settings=settings, entries={})
    if is_folder(folder) and any(folder.iterdir()):
        raise InvalidInput(
            f"`{folder}` is no book, and is not empty",
            hint="choose a new folder; nothing was written",
            code="exists",
        )
    if us is None or zone is None:
        raise InvalidInput(
            "a new book needs to know whose it is, and whose days are counted",
            hint="add `--us 'Our Agency' --zone Europe/Vienna`",
            code="no-us",
        )
    made = Settings(us=us, zone=Zone.parse(zone), law=Law(law) if law else Law.CONTRACT)
    return Book(root=folder, settings=made, entries={})


def _say_findings(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        click.echo(str(finding), err=True)


def _imported_lines(done: Imported, folder: Path, *, dry: bool) -> Iterator[str]:
    """Yield what an import did, as a person reads it."""
    if dry:
        yield "nothing is written; it would be:"
    if done.new:
        yield f"new: {len(done.new)}"
        yield from _few([f"  {name}" for name in done.new])
    if done.changed:
        by_id: dict[str, list[str]] = defaultdict(list)
        for one in done.changed:
            old, new = one.old or "nothing", one.new or "nothing"
            by_id[one.id].append(f"{one.column} {old} → {new}")
        yield f"changed: {len(by_id)}"
        yield from _few([f"  {name}: {', '.join(said)}" for name, said in by_id.items()])
    if done.removed:
        yield f"removed: {len(done.removed)}"
        yield from _few([f"  {name}" for name in done.removed])
    if done.same:
        yield f"as before: {done.same}"
    if done.missing:
        yield f"in the book and not in the sheet, left as they are: {len(done.missing)}"
        yield from _few([f"  {name}" for name in done.missing])
    if done.unread:
        where = "" if dry else f"; they are in {folder / UNREAD}"
        yield f"not read: {done.unread}{where}"


def _few(lines: list[str]) -> list[str]:
    if len(lines) <= LISTED:
        return lines
    return [*lines[:LISTED], f"  and {len(lines) - LISTED} others"]


def _imported_json(done: Imported) -> dict[str, Any]:
    return {
        "new": list(done.new),
        "changed": [
            {"id": c.id, "column": c.column, "old": c.old, "new": c.new}
            for c in done.changed
        ],
        "removed": list(done.removed),
        "same": done.same,
        "missing": list(done.missing),
        "not_read": done.unread,
        "findings": [finding_json(f) for f in done.findings],
    }


@book_group.command("check", short_help="Say what is wrong with a book.")
@folder_argument
@at_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def check_book_command(folder: Path, at: str | None, as_json: bool) -> int:
    """Say what is wrong with a book: documents that changed, texts without entry, reviews past.

    The world must load as well. Exit 3 on an error; warnings alone exit 0.
    """
    book = read_book(folder)
    today = book.settings.zone.day_of(the_instant(at, book.settings.zone))
    found = check_book(book, today)
    try:
        _ = load(folder)
    except Unreadable as error:
        found = sorted({*found, *error.findings})
    errors = sum(f.severity is Severity.ERROR for f in found)
    if as_json:
        show_json([finding_json(f) for f in found])
    else:
        _say_findings(tuple(found))
        warnings = len(found) - errors
        click.echo(
            f"agreements: {len(book.entries)}; errors: {errors}; warnings: {warnings}"
        )
    return INVALID if errors else 0


@book_group.command(
    "attach", short_help="Attach a document to an agreement, by its digest."
)
@folder_argument
@click.argument("agreement", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path))
def attach_command(folder: Path, agreement: str, file: Path) -> None:
    """Attach FILE to the agreement ID: its place and its SHA-256 digest are kept, no copy."""
    old, new = attach(read_book(folder), agreement, file)
    click.echo(f"{agreement}: {new}" + (f"\nbefore: {old}" if old not in ("", new) else ""))


@book_group.command("export", short_help="Print a book as CSV or iCalendar.")
@folder_argument
@click.option("--ics", is_flag=True, help="Its dates ahead as iCalendar, in place of CSV.")
@at_option
@click.option("--within", default="P1Y", metavar="PERIOD", help="How far ahead; P1Y.")
def export_command(folder: Path, ics: bool, at: str | None, within: str) -> None:
    """Print a book as CSV, which imports again as it is, or its dates ahead as iCalendar."""
    book = read_book(folder)
    if not ics:
        click.echo(read_text(folder / TABLE), nl=False)
        return
    world = load(folder)
    instant = the_instant(at, book.settings.zone)
    found, who = ahead(folder, world, instant, the_period(within))
    click.echo(calendar(found, world, instant, who), nl=False)


@book_group.command("print", short_help="Print a book as one page.")
@folder_argument
@at_option
@click.option("--within", default="P1Y", metavar="PERIOD", help="How far ahead; P1Y.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to; default stdout.")
def print_book_command(folder: Path, at: str | None, within: str, out: Path | None) -> None:
    """Print a book as one page: what lies ahead, each agreement, the documents."""
    book, world = read_book(folder), load(folder)
    instant = the_instant(at, book.settings.zone)
    found, who = ahead(folder, world, instant, the_period(within))
    page = book_page(book, world, instant, found, who)
    if out is None:
        click.echo(page, nl=False)
    else:
        _ = out.write_text(page, encoding="utf-8")
        talk(f"wrote {out}")


COMMANDS = (book_group,)
