"""A SQLite database that is durable or is not used: WAL, every commit synced.

Statements are named and stand in SQL files beside this one; callers say the name. What is
committed has reached the disk. After an error of the disk SQLite would let one go on
(a failed sync marks its pages clean), so the database closes itself and says so: the
process has to end and start from what the disk has.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

from comity.errors import ComityError, InvalidInput

Row: TypeAlias = sqlite3.Row
Values: TypeAlias = Sequence[Any] | Mapping[str, Any]

VERSION = 1
"""The version of the schema that this program writes."""

_WHOLE = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_PART = ("SAVEPOINT part", "RELEASE part", ("ROLLBACK TO part", "RELEASE part"))

_ROOM = resources.files("comity.store")


class StorageFailed(ComityError):
    """The disk failed or is full; nothing of the transaction was kept."""


class NewerDatabase(InvalidInput):
    """A newer program wrote the database."""


class Database:
    """A node's database, for one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self._connection = connection
        self._where = where
        self._named = _statements()
        self.broken = False

    @classmethod
    def open(cls, path: Path | str) -> Database:
        """Open a database, made or brought up to this version where it is older.

        Raises:
            NewerDatabase: a newer program wrote it.
            InvalidInput: it is no database of a node.
            StorageFailed: the disk does not promise what is asked of it.
        """
        try:
            connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, cached_statements=256
            )
        except sqlite3.Error as error:
            raise _unopened(path, error) from error
        connection.row_factory = sqlite3.Row
        try:
            _settings(connection, memory=str(path) == ":memory:")
            _migrate(connection, str(path))
        except sqlite3.OperationalError as error:
            connection.close()
            raise _unopened(path, error) from error
        except sqlite3.DatabaseError as error:
            connection.close()
            raise InvalidInput(
                f"`{path}` is no database of a node",
                hint="give the folder that `comity init` made, or restore a backup",
                code="bad-database",
            ) from error
        except ComityError:
            connection.close()
            raise
        return cls(connection, str(path))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run what is inside as one transaction: all of it is on disk afterwards, or none.

        Inside another it is a part of it that can fail alone; the whole is on disk when
        the outermost has ended.

        Raises:
            StorageFailed: the disk failed; the database is closed, and the process has to
                start again. A full disk alone leaves it open.
        """
        self._usable()
        inner = self._connection.in_transaction
        begin, end, undo = _PART if inner else _WHOLE
        try:
            self._connection.execute(begin)
            yield
            self._connection.execute(end)
        except sqlite3.OperationalError as error:
            self._undo(undo)
            raise self._failed(error) from error
        except BaseException:
            self._undo(undo)
            raise

    def run(self, name: str, values: Values = ()) -> int:
        """Run a named statement; return the row id of what it inserted last."""
        return self._execute(name, values).lastrowid or 0

    def many(self, name: str, rows: Iterable[Values]) -> None:
        """Run a named statement for each row."""
        self._usable()
        try:
            self._connection.executemany(self._sql(name), rows)
        except sqlite3.OperationalError as error:
            raise self._failed(error) from error

    def changed(self, name: str, values: Values = ()) -> int:
        """Run a named statement; return how many rows it changed."""
        return self._execute(name, values).rowcount

    def all(self, name: str, values: Values = ()) -> list[Row]:
        """Return every row of a named query."""
        return self._execute(name, values).fetchall()

    def one(self, name: str, values: Values = ()) -> Row | None:
        """Return the first row of a named query, or None."""
        row: Row | None = self._execute(name, values).fetchone()
        return row

    def value(self, name: str, values: Values = ()) -> Any:  # noqa: ANN401 - a column's own type
        """Return the first column of the first row, or None."""
        row = self.one(name, values)
        return None if row is None else row[0]

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy, as of now."""
        self._usable()
        with sqlite3.connect(path) as other:
            self._connection.backup(other)
        other.close()

    def checkpoint(self) -> None:
        """Move what the write-ahead log holds into the database, as far as readers let it."""
        self._usable()
        _ = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close it; what was committed is kept."""
        self.broken = True
        self._connection.close()

    def _execute(self, name: str, values: Values) -> sqlite3.Cursor:
        self._usable()
        try:
            return self._connection.execute(self._sql(name), values)
        except sqlite3.OperationalError as error:
            raise self._failed(error) from error

    def _sql(self, name: str) -> str:
        return self._named[name]

    def _usable(self) -> None:
        if self.broken:
            raise StorageFailed(
                f"`{self._where}` was closed after its disk failed",
                hint="start the node again: it goes on from what is on disk",
                code="storage-failed",
            )

    def _undo(self, statements: Sequence[str]) -> None:
        if not self.broken and self._connection.in_transaction:
            try:
                for statement in statements:
                    self._connection.execute(statement)
            except sqlite3.Error:
                self.close()

    def _failed(self, error: sqlite3.OperationalError) -> StorageFailed:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
            return StorageFailed(
                f"the disk of `{self._where}` is full; nothing of this was kept",
                hint="free some space and try again: the node goes on by itself",
                code="no-space",
            )
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StorageFailed(
                f"another process is writing to `{self._where}`",
                hint="one node has one process: stop the other",
                code="database-locked",
            )
        self.close()
        return StorageFailed(
            f"the disk of `{self._where}` failed: {error}",
            hint="look at the disk, then start the node again: it goes on from what is there",
            code="storage-failed",
        )


def schema() -> str:
    """Return the schema of this version, as SQL."""
    return (_ROOM / "schema.sql").read_text(encoding="utf-8")


def migrations() -> tuple[tuple[int, str], ...]:
    """Return each step from one version to the next, as SQL, in order."""
    found = sorted(
        (int(file.name.split("-")[0]), file.read_text(encoding="utf-8"))
        for file in (_ROOM / "migrations").iterdir()
        if file.name.endswith(".sql")
    )
    return tuple(found)


def _settings(connection: sqlite3.Connection, *, memory: bool) -> None:
    """Ask for what durability needs, and see that it was granted.

    SQLite stays silent when a switch to WAL fails, unless the answer is read.
    """
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA busy_timeout=5000")
    connection.execute("PRAGMA secure_delete=ON")
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if (mode != "wal" and not memory) or synchronous != 2:
        raise StorageFailed(
            f"the disk does not keep what it is told to: journal `{mode}`, synchronous {synchronous}",
            hint="put the node's folder on a local disk; network file systems cannot do this",
            code="not-durable",
        )


def _migrate(connection: sqlite3.Connection, where: str) -> None:
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > VERSION:
        raise NewerDatabase(
            f"`{where}` is of version {found}; this program writes version {VERSION}",
            hint="run the newer program, or restore a backup from before its first start",
            code="newer-database",
        )
    for version, sql in migrations():
        if version > found:
            connection.executescript(
                f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {version};\nCOMMIT;"
            )


def _statements() -> dict[str, str]:
    """Read the named statements: each begins with a line ``-- name``."""
    found: dict[str, str] = {}
    for file in sorted((_ROOM / "statements").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".sql"):
            continue
        name, lines = "", list[str]()
        for line in [*file.read_text(encoding="utf-8").split("\n"), "-- :"]:
            if line.startswith("-- :"):
                if name:
                    found[name] = "\n".join(lines).strip().rstrip(";")
                name, lines = line.removeprefix("-- :").strip(), []
            else:
                lines.append(line)
    return found


def _unopened(path: Path | str, error: sqlite3.Error) -> StorageFailed:
    return StorageFailed(
        f"`{path}` cannot be opened: {error}",
        hint="does the folder exist, and may this user write there?",
        code="no-database",
    )
