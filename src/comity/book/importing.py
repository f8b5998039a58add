"""A list taken into a book: what is new, what changed, and nothing kept that was not read whole.

A text that a person has changed is never written over, and no agreement is removed unless one
says so.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from comity.accords.text import FILE_BYTES_MAX
from comity.book.entry import COLUMNS, Entry, Settings
from comity.book.folder import (
    SETTINGS,
    TABLE,
    UNREAD,
    Book,
    settings_text,
    sha256_of,
    table_text,
)
from comity.book.reading import ReadRows, read_rows
from comity.book.sheet import Sheet
from comity.book.written import acts_text, names_of, party_text, text_of, world_text
from comity.errors import Finding, InvalidInput, Severity
from comity.worlds.reader import FileReader
from comity.worlds.tables import PartyTable, WorldHead

_BESIDE = ("owner", "contact", "review", "file", "sha256")
"""What an entry has that its text does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One cell of an agreement that is another than before."""

    id: str
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import does to a book.

    Attributes:
        new, removed: the agreements that come and go, by id.
        changed: cell by cell.
        same: how many stay as they are.
        missing: those of the book that are not in the list, and stay.
        unread: how many rows could not be read.
        findings: why not, and what else a person should know.
        files: the bytes of every file that is written, None for one that goes.
    """

    new: tuple[str, ...] = ()
    changed: tuple[Change, ...] = ()
    removed: tuple[str, ...] = ()
    same: int = 0
    missing: tuple[str, ...] = ()
    unread: int = 0
    findings: tuple[Finding, ...] = ()
    files: Mapping[Path, bytes | None] = field(default_factory=dict)


def plan(
    sheet: Sheet,
    book: Book,
    *,
    keep_text: Collection[str] = (),
    remove_missing: bool = False,
) -> Imported:
    """Say what importing a list would do to a book; nothing is written.

    Args:
        sheet: the list.
        book: as it is, with the settings that are to hold; empty for a new one.
        keep_text: ids of agreements whose text was changed by hand and counts as it is.
        remove_missing: whether agreements that the list does not have go.
    """
    root, settings = book.root, book.settings
    own = sheet.headings == COLUMNS  # a book's table, exported: it leaves nothing open
    read = read_rows(sheet, settings.of_table() if own else settings)
    if read.asked:
        return Imported(unread=len(sheet.rows), findings=read.findings)
    findings = list(read.findings)
    attached = dict(_attached(sheet, read, book, findings))
    refused = {f.line for f in findings if f.severity is Severity.ERROR}
    files: dict[Path, bytes | None] = {}
    kept, left = dict(book.entries), set(book.entries)
    new: list[str] = []
    changed: list[Change] = []
    for name, entry in attached.items():
        left.discard(name)
        if read.lines[name] in refused:
            continue
        old = book.entries.get(name)
        wrong, writes = _texts(book, old, entry, by_hand=name in keep_text)
        if wrong:
            row = read.lines[name]
            findings += [replace(f, where=sheet.where, line=row) for f in wrong]
            refused.add(row)
            continue
        files |= writes
        kept[name] = entry
        if old is None:
            new.append(name)
        else:
            changed += _differences(old, entry)
    unread = sorted({*read.unread, *(n for n in refused if n != sheet.heading)})
    # A row that cannot be read may be the very one that seems to be missing.
    gone = tuple(sorted(left)) if remove_missing and not unread else ()
    for name in gone:
        files |= _without(root, kept.pop(name), settings, findings)
    touched = {*new, *(one.id for one in changed)}
    files |= _world(book, kept)
    files[root / SETTINGS] = settings_text(settings).encode()
    files[root / TABLE] = table_text(kept.values()).encode()
    files[root / UNREAD] = _unread_text(sheet, unread, findings)
    return Imported(
        new=tuple(new),
        changed=tuple(changed),
        removed=gone,
        same=len(attached) - len(touched) - sum(n in refused for n in read.lines.values()),
        missing=tuple(sorted(left - set(gone))),
        unread=len(unread),
        findings=tuple(sorted(set(findings))),
        files={path: raw for path, raw in files.items() if _differs(path, raw)},
    )


def write(imported: Imported) -> None:
    """Write what an import planned; the table comes last, so that a broken run is done again.

    Raises:
        InvalidInput: a file cannot be written.
    """
    last = {path: raw for path, raw in imported.files.items() if path.name == TABLE}
    for path, raw in {**imported.files, **last}.items():
        if path not in last:
            _put(path, raw)
    for path, raw in last.items():
        _put(path, raw)


def _put(path: Path, raw: bytes | None) -> None:
    try:
        if raw is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        _ = beside.write_bytes(raw)
        _ = beside.replace(path)
    except OSError as error:
        raise InvalidInput(
            f"`{path}` cannot be written: {(error.strerror or 'error').lower()}",
            hint="mend that, and import again: what was written already stays",
            code="cannot-write",
        ) from None


def _differs(path: Path, raw: bytes | None) -> bool:
    return _there(path) != raw


def _there(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _differences(old: Entry, new: Entry) -> Iterator[Change]:
    before, after = old.cells(), new.cells()
    for column in COLUMNS:
        if before[column] != after[column]:
            yield Change(id=new.id, column=column, old=before[column], new=after[column])


# -- the texts, and what a person has changed in them --------------------------------------


def accord_path(root: Path, name: str) -> Path:
    """Return the file of an entry's accord."""
    return root / "accords" / f"{name}.accord.md"


def acts_path(root: Path, name: str) -> Path:
    """Return the file of an entry's instruments."""
    return root / "instruments" / f"{name}.toml"


def _texts(
    book: Book, old: Entry | None, new: Entry, *, by_hand: bool
) -> tuple[list[Finding], dict[Path, bytes | None]]:
    """Return what is written for an entry, or why nothing may be."""
    files: dict[Path, bytes | None] = {}
    wrong: list[Finding] = []
    for path, made in (
        (accord_path(book.root, new.id), text_of),
        (acts_path(book.root, new.id), acts_text),
    ):
        there = _there(path) or b""
        before = b"" if old is None else made(old, book.settings).encode()
        after = made(new, book.settings).encode()
        if there in (before, after):
            files[path] = after or None
        elif (before != after or old is None) and not by_hand:
            wrong.append(
                Finding(
                    code="changed-by-hand",
                    message=f"`{path}` is not as the book wrote it, and the row says something"
                    f" else of `{new.id}` than before{_said_anew(old, new)}",
                    hint=f"change the text as well, then say `--keep-text {new.id}`",
                )
            )
    return wrong, files


def _said_anew(old: Entry | None, new: Entry) -> str:
    if old is None:
        return ""
    said = [
        f"{one.column} `{one.old}` → `{one.new}`"
        for one in _differences(old, new)
        if one.column not in _BESIDE
    ]
    return ": " + ", ".join(said)


def _without(
    root: Path, entry: Entry, settings: Settings, findings: list[Finding]
) -> dict[Path, bytes | None]:
    """Return the files of an entry that goes; one that a person changed stays, and is said."""
    files: dict[Path, bytes | None] = {}
    for path, text in (
        (accord_path(root, entry.id), text_of(entry, settings)),
        (acts_path(root, entry.id), acts_text(entry, settings)),
    ):
        there = _there(path)
        if there == text.encode():
            files[path] = None
        elif there is not None:
            findings.append(
                Finding(
                    where=str(path),
                    code="no-entry",
                    severity=Severity.WARNING,
                    message=f"`{entry.id}` is no longer in the book, and its file was changed"
                    " by hand, so it stays",
                    hint="take the file away if the agreement is to go",
                )
            )
    return files


def _world(book: Book, kept: Mapping[str, Entry]) -> dict[Path, bytes | None]:
    """Return the ``world.toml``: written anew, or with the parties added that it lacks.

    Raises:
        InvalidInput: it would be too long to be read.
    """
    path = book.root / "world.toml"
    there, settings = _there(path), book.settings
    text = world_text(kept.values(), settings)
    if there is not None and there != world_text(book.entries.values(), settings).encode():
        _, rows = FileReader(book.root).read(path, WorldHead, {"party": PartyTable})
        known = {row.id for _, _, row in rows}
        text = there.decode("utf-8") + "".join(
            party_text(party, name, settings)
            for party, name in names_of(kept.values(), settings).items()
            if party not in known
        )
    raw = text.encode()
    if len(raw) > FILE_BYTES_MAX:
        raise InvalidInput(
            f"the partners of this book make a `world.toml` of {len(raw):,} bytes",
            hint=f"a file has at most {FILE_BYTES_MAX:,}; make two books, by kind of agreement",
            code="file-too-large",
        )
    return {path: raw}


# -- attached documents --------------------------------------------------------------------


def _attached(
    sheet: Sheet, read: ReadRows, book: Book, findings: list[Finding]
) -> Iterator[tuple[str, Entry]]:
    """Yield the entries, each with its document as it stands in the book, and its digest."""
    for name, entry in read.entries.items():
        old = book.entries.get(name)
        yield (
            name,
            entry
            if not entry.file
            else _with_document(sheet, read.lines[name], entry, old, book.root, findings),
        )


def _with_document(
    sheet: Sheet,
    row: int,
    entry: Entry,
    old: Entry | None,
    root: Path,
    findings: list[Finding],
) -> Entry:
    places = (Path(sheet.where).parent / entry.file, root / entry.file)
    found = next(((p, d) for p in places if (d := sha256_of(p)) is not None), None)
    if found is None:
        same = old is not None and entry.file == old.file
        findings.append(
            Finding(
                where=sheet.where,
                line=row,
                code="no-attachment",
                severity=Severity.WARNING,
                message=f"`{entry.file}` is no file that is there",
                hint="put it beside the list, or mend the path; until then it has no digest",
            )
        )
        return replace(entry, sha256=old.sha256) if same and old else entry
    path, digest = found
    stored = Path(os.path.relpath(path, root)).as_posix()
    known = entry.sha256 or (old.sha256 if old is not None and old.file == stored else "")
    if known and known != digest:
        findings.append(
            Finding(
                where=sheet.where,
                line=row,
                code="attachment-changed",
                message=f"`{entry.file}` is another file than the one that was attached"
                f" ({known[:19]}… then, {digest[:19]}… now)",
                hint="put the old one back; or, if the new one is right, say"
                f" `comity book attach FOLDER {entry.id} {entry.file}`",
            )
        )
    return replace(entry, file=stored, sha256=digest)


# -- rows that could not be read -----------------------------------------------------------


def _unread_text(sheet: Sheet, unread: list[int], findings: list[Finding]) -> bytes | None:
    """Return the rows that could not be read, each with why, to be mended and imported."""
    if not unread:
        return None
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    _ = writer.writerow([*sheet.headings, "row", "why"])
    rows = dict(sheet.rows)
    for number in unread:
        why = "; ".join(
            f.message for f in findings if f.line == number and f.severity is Severity.ERROR
        )
        cells = [str(cell) for cell in rows[number]][: len(sheet.headings)]
        cells += [""] * (len(sheet.headings) - len(cells))
        _ = writer.writerow([_inert(cell) for cell in cells] + [str(number), why])
    return out.getvalue().encode()


def _inert(cell: str) -> str:
    """Return a cell that no spreadsheet runs."""
    return f"'{cell}" if cell[:1] in ("=", "@") else cell


def attach(book: Book, name: str, path: Path) -> tuple[str, str]:
    """Attach a document to an agreement; return the digest that it had and the one it has now.

    Raises:
        InvalidInput: there is no such file or agreement.
    """
    entry = book.entries.get(name)
    if entry is None:
        raise InvalidInput(
            f"the book has no agreement `{name}`",
            hint="`comity book check FOLDER` lists what is wrong; its ids are in `book.csv`",
            code="no-accord",
        )
    digest = sha256_of(path)
    if digest is None:
        raise InvalidInput(
            f"`{path}` cannot be read: no such file", hint="check the path", code="no-file"
        )
    stored = Path(os.path.relpath(path, book.root)).as_posix()
    entries = {**book.entries, name: replace(entry, file=stored, sha256=digest)}
    _put(book.root / TABLE, table_text(entries.values()).encode())
    return entry.sha256, digest
