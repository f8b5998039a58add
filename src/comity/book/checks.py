"""What is wrong with a book: texts beside its entries, documents that changed, reviews past."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeAlias

from comity.book.folder import TABLE, UNREAD, Book, sha256_of
from comity.book.importing import accord_path, acts_path
from comity.book.written import acts_text, text_of
from comity.errors import Finding, InvalidInput, Severity
from comity.worlds.reader import is_file, read_bytes

Check: TypeAlias = Callable[[Book, date], Iterator[Finding]]


def check_book(book: Book, today: date) -> list[Finding]:
    """Return every finding of every check."""
    return sorted({finding for one in ALWAYS for finding in one(book, today)})


def documents_are_those_attached(book: Book, today: date) -> Iterator[Finding]:
    """A document is the one that was attached, to the last byte."""
    del today
    for entry in book.entries.values():
        if not entry.file:
            continue
        path = book.root / entry.file
        now = sha256_of(path)
        if now is None:
            yield _error(
                str(book.root / TABLE),
                "no-attachment",
                f"`{entry.file}` of `{entry.id}` is no file that is there",
                f"put it back, or `comity book attach FOLDER {entry.id} FILE`",
            )
        elif not entry.sha256:
            yield _warn(
                str(book.root / TABLE),
                "no-digest",
                f"`{entry.file}` of `{entry.id}` has no digest, so a change would not be seen",
                f"`comity book attach FOLDER {entry.id} FILE`",
            )
        elif now != entry.sha256:
            yield _error(
                str(path),
                "attachment-changed",
                f"the document of `{entry.id}` is not the one that was attached: it was"
                f" {entry.sha256[:19]}… and is {now[:19]}…",
                "put the old one back; or, if the new one is right,"
                f" `comity book attach FOLDER {entry.id} FILE`",
            )


def every_entry_has_its_text(book: Book, today: date) -> Iterator[Finding]:
    """Each entry has its accord and acts as the book writes them, or as a person changed them."""
    del today
    for entry in book.entries.values():
        for path, text in (
            (accord_path(book.root, entry.id), text_of(entry, book.settings)),
            (acts_path(book.root, entry.id), acts_text(entry, book.settings)),
        ):
            if not is_file(path):
                yield _error(
                    str(path),
                    "no-accord",
                    f"the file of `{entry.id}` is not there",
                    "import the list again",
                )
                continue
            try:
                same = read_bytes(path) == text.encode()
            except InvalidInput as error:
                yield _error(str(path), error.code, error.message, error.hint)
                continue
            if not same:
                yield _warn(
                    str(path),
                    "changed-by-hand",
                    f"`{entry.id}` is not as the book wrote it: the clock follows this file,"
                    " and not the table",
                    "nothing, if that is meant; the table then only lists it",
                )


def every_text_has_its_entry(book: Book, today: date) -> Iterator[Finding]:
    """An accord in the folder is in the table, or nobody looks after it."""
    del today
    for path in sorted((book.root / "accords").glob("*.accord.md")):
        if path.name.removesuffix(".accord.md") not in book.entries:
            yield _warn(
                str(path),
                "no-entry",
                f"`{path.name}` is an accord that the table does not list",
                "add a row to your list, or take the file away",
            )


def every_row_was_read(book: Book, today: date) -> Iterator[Finding]:
    """No row of the last import waits to be mended."""
    del today
    path = book.root / UNREAD
    if is_file(path):
        yield _warn(
            str(path),
            "not-read",
            "rows of the last import could not be read, and are not in the book",
            "mend them in your list (the last column says why), and import it again",
        )


def reviews_are_held(book: Book, today: date) -> Iterator[Finding]:
    """No day of review has passed."""
    for entry in book.entries.values():
        if entry.review is not None and entry.review < today:
            who = entry.owner or "nobody named"
            yield _warn(
                str(book.root / TABLE),
                "review-past",
                f"`{entry.id}` was to be reviewed by {entry.review} ({who})",
                "review it, and write the next day in your list",
            )


def _error(where: str, code: str, message: str, hint: str) -> Finding:
    return Finding(where=where, code=code, message=message, hint=hint)


def _warn(where: str, code: str, message: str, hint: str) -> Finding:
    return Finding(
        where=where, code=code, severity=Severity.WARNING, message=message, hint=hint
    )


ALWAYS: tuple[Check, ...] = (
    every_row_was_read,
    every_entry_has_its_text,
    every_text_has_its_entry,
    documents_are_those_attached,
    reviews_are_held,
)
"""Every check, in the order in which a reader would make them."""
