"""Reads the tables of plain files, and collects what is wrong with them.

A file that is there and cannot be read is a finding, never a file that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from comity.accords.accord import Accord
from comity.accords.binding import bind
from comity.accords.instruments import Instrument, InstrumentTable
from comity.accords.text import FILE_BYTES_MAX
from comity.accords.times import Zone, parse_day
from comity.accords.toml import Table, read_tables
from comity.errors import Finding, InvalidInput

T = TypeVar("T")


@dataclass(slots=True)
class FileReader:
    """Reads the tables of plain files below a folder, and collects the findings."""

    root: Path
    findings: list[Finding] = field(default_factory=list)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    heads: dict[Path, Table] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)  # accords that are there and do not load

    def files(self, folder: str, ending: str) -> list[Path]:
        """Return the files of a folder whose names end so, in order; it may be missing."""
        path = self.root / folder
        if not _stands(path):
            return []
        try:
            found = sorted(p for p in path.iterdir() if p.name.endswith(ending))
        except OSError as error:
            why = (error.strerror or "error").lower()
            hint = "a world's accords, policies, instruments and items are in folders"
            self.find(path, 0, "no-file", f"`{path}` cannot be read: {why}", hint)
            return []
        return [p for p in found if not p.name.startswith(".") and self._is_file(p)]

    def optional(self, name: str) -> list[Path]:
        """Return the file of that name, if anything stands there."""
        path = self.root / name
        return [path] if _stands(path) and self._is_file(path) else []

    def _is_file(self, path: Path) -> bool:
        if is_file(path):
            return True
        message = f"`{path}` stands where a file should be, and is none"
        self.find(path, 0, "no-file", message, "put a plain file there, or take it away")
        return False

    def find(self, path: Path, line: int, code: str, message: str, hint: str) -> None:
        """Add a finding."""
        self.findings.append(
            Finding(where=str(path), line=line, code=code, message=message, hint=hint)
        )

    def broken(self, path: Path) -> bool:
        """Say whether a file has a finding; then what is missing may only be unread."""
        return any(finding.where == str(path) for finding in self.findings)

    def line(self, path: Path, key: str) -> int:
        """Return the line of a key in a file's head, as far as it was read."""
        return self.heads[path].line_of(key) if path in self.heads else 1

    def bytes(self, path: Path) -> bytes | None:
        """Return a file's bytes, or None after adding a finding."""
        try:
            return read_bytes(path)
        except InvalidInput as error:
            self.find(path, 0, error.code, error.message, error.hint)
            return None

    def tables(self, path: Path) -> list[Table] | None:
        """Return a file's tables, or None where it cannot be read at all."""
        raw = self.bytes(path)
        if raw is None:
            return None
        try:
            text = _decoded(raw)
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            message = f"byte {error.start} of `{path}` is not UTF-8"
            self.find(path, line, "not-utf-8", message, "save it as UTF-8")
            return None
        found: list[Finding] = []
        result = read_tables(text.split("\n"), 1, found)
        self.findings += [replace(f, where=str(path)) for f in found]
        return result

    def read(
        self, path: Path, head: type[T] | None, kinds: Mapping[str, type[Any]]
    ) -> tuple[T | None, list[tuple[str, Table, Any]]]:
        """Read a file's head and its ``[[tables]]``."""
        found = self.tables(path)
        if found is None:
            return None, []
        head_table = next((x for x in found if not x.name), Table("", many=False, line=1))
        self.heads[path] = head_table
        bound = None if head is None else bind(head, head_table, self.findings, str(path))
        if head is None:
            self.headless(path, head_table)
        rows: list[tuple[str, Table, Any]] = []
        for table in found:
            if not table.name:
                continue
            kind = kinds.get(table.name)
            if kind is None or not table.many:
                names = ", ".join(f"`[[{name}]]`" for name in kinds)
                self.find(
                    path,
                    table.line,
                    "unknown-table",
                    f"`[{table.name}]` does not belong in this file",
                    f"its tables are {names}",
                )
                continue
            value = bind(kind, table, self.findings, str(path))
            if value is not None and self.own_id(path, table):
                rows.append((table.name, table, value))
        return bound, rows

    def headless(self, path: Path, head: Table) -> None:
        """Refuse keys before any table in a file that has no head."""
        if head.lines:
            key = next(iter(head.lines))
            self.find(
                path,
                head.line_of(key),
                "unknown-key",
                f"`{key}` stands before any table",
                "move it into a table",
            )

    def own_id(self, path: Path, table: Table) -> bool:
        """Say whether a table's id is its own in the whole world, or add a finding."""
        name = table.values.get("id")
        if not isinstance(name, str):
            return True
        return self.own_name(path, table.name, name, (table.line, table.line_of("id")))

    def own_name(self, path: Path, kind: str, name: str, lines: tuple[int, int]) -> bool:
        """Say whether an id is the only one of its kind, or add a finding.

        The lines are those of the table and of the id in it.
        """
        here = f"{path}:{lines[0]}"
        first = self.ids.setdefault((kind or "item", name), here)
        if first == here:
            return True
        self.find(
            path,
            lines[1],
            "id-twice",
            f"two `[[{kind}]]` bear the id `{name}`",
            f"the other stands at {first}; give each its own",
        )
        return False

    def made(self, path: Path, table: Table, make: Any, *arguments: Any) -> Any:
        """Call what makes a value; an `InvalidInput` becomes a finding at the table."""
        try:
            return make(*arguments)
        except InvalidInput as error:
            self.find(path, table.line, error.code, error.message, error.hint)
            return None

    def values(
        self, name: str, kinds: Mapping[str, type[Any]], *arguments: Any
    ) -> Iterator[tuple[str, Table, Any]]:
        """Yield what the tables of a file without a head make, if anything stands there."""
        for path in self.optional(name):
            _, rows = self.read(path, None, kinds)
            for kind, table, row in rows:
                if getattr(row, "proposed", False):
                    self.find(
                        path,
                        table.line_of("proposed"),
                        "still-proposed",
                        f"the `[[{kind}]]` is a proposal that nobody has looked at",
                        "read it against the text, mend it, and take `proposed` out",
                    )
                value = self.made(path, table, row.value, *arguments)
                if value is not None:
                    yield kind, table, value

    def instrument(
        self, path: Path, table: Table, row: InstrumentTable, accord: Accord
    ) -> Instrument | None:
        """Return an instrument of an accord, or None after adding findings."""
        for operation in row.operations:
            for day in (operation.until, operation.on):
                if day is not None:
                    _ = self.made(path, table, _end_of_day, day, accord.zone)
        made: Instrument | None = self.made(
            path, table, row.instrument, accord.id, accord.zone, str(path)
        )
        return made


@dataclass(slots=True)
class TextReader(FileReader):
    """Reads one text as if it were a file; the root is what findings call it."""

    text: str = ""

    def bytes(self, path: Path) -> bytes:  # noqa: ARG002 - there is one text
        """Return the text's bytes."""
        return self.text.encode()


def _stands(path: Path) -> bool:
    """Say whether anything stands at a path, be it a link that leads nowhere."""
    return path.is_symlink() or path.exists()


def is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, a folder that may not be entered
        return False


def is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        InvalidInput: there is no such file, it is too large, or it is not UTF-8.
    """
    try:
        return _decoded(read_bytes(path))
    except UnicodeDecodeError:
        raise InvalidInput(
            f"`{path}` is not UTF-8", hint="save it as UTF-8", code="not-utf-8"
        ) from None


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        InvalidInput: there is no such file, or it is too large to be one of ours.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)  # no more, whatever its size is said to be
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such file"
        hint = "check the path"
        if isinstance(error, IsADirectoryError):
            hint = "give a file in it; an accord's is `accords/NAME.accord.md`"
        raise InvalidInput(
            f"`{path}` cannot be read: {why.lower()}", hint=hint, code="no-file"
        ) from None
    if len(raw) > FILE_BYTES_MAX:
        raise InvalidInput(
            f"`{path}` has more than {FILE_BYTES_MAX:,} bytes",
            hint="files of a world are shorter; keep annexes apart",
            code="file-too-large",
        )
    return raw


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8-sig").replace("\r\n", "\n")


def _end_of_day(text: str, zone: Zone) -> int:
    """Return the end of a day that an operation names; the clock counts up to it."""
    return zone.start_of(parse_day(text) + timedelta(days=1))
