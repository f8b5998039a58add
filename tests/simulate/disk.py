"""What may go wrong below a node: its disk, its last signed checkpoints and the process itself.

A fault is armed for one call of the node and fires at its n-th write; a call that writes
less goes on untouched. What a process that ended had committed is what its successor finds:
the connection is rolled back, as SQLite does with a file whose writer died.
"""

import sqlite3

from comity.exchange.custody import LogRolledBack

CRASH = "the process ends before a write"
BEFORE = "the process ends before a commit"
AFTER = "the process ends after a commit"
SYNC = "a commit cannot be synced"
FULL = "the disk is full"
UNSIGNED = "the process ends before the last signed checkpoint is kept"
SIGNED = "the process ends after the last signed checkpoint is kept"

DISK_FAULTS = (CRASH, BEFORE, AFTER, SYNC, FULL, UNSIGNED, SIGNED)


class Crashed(BaseException):
    """The process ended here; nothing of a node may catch it."""


class Armed:
    """A fault that waits for its write."""

    def __init__(self):
        self.kind = None
        self.left = 0
        self.kept = False
        self.fired = None

    def arm(self, kind, left, *, kept=False):
        self.kind, self.left, self.kept, self.fired = kind, left, kept, None

    def disarm(self):
        """Return the fault that has fired since it was armed, and forget it."""
        fired, self.kind, self.fired = self.fired, None, None
        return fired

    def due(self, *kinds):
        """Say whether the fault is one of these and fires now."""
        if self.kind not in kinds:
            return False
        self.left -= 1
        if self.left > 0:
            return False
        self.fired, self.kind = self.kind, None
        return True


class Disk:
    """A connection to a database, as `comity.store.Database` uses one, that may fail."""

    def __init__(self, real, armed):
        self.real = real
        self.armed = armed
        self.full = False
        self.writes = 0

    @property
    def in_transaction(self):
        return self.real.in_transaction

    def execute(self, sql, values=()):
        if sql == "COMMIT":
            return self._commit()
        if not sql.startswith(("SELECT", "PRAGMA", "ROLLBACK", "RELEASE", "SAVEPOINT")):
            self._write(sql)
        return self.real.execute(sql, values)

    def executemany(self, sql, rows):
        self._write(sql)
        return self.real.executemany(sql, rows)

    def backup(self, other):
        self.real.backup(other)

    def close(self):
        """Keep the real one open: it stands for what is on the disk."""

    def power_off(self):
        """Leave what was committed, as the next process finds it."""
        if self.real.in_transaction:
            self.real.rollback()

    def _write(self, sql):
        self.writes += 1
        if self.armed.due(CRASH):
            raise Crashed
        if not sql.startswith("BEGIN") and (self.full or self.armed.due(FULL)):
            raise _failed("database or disk is full", sqlite3.SQLITE_FULL)

    def _commit(self):
        self.writes += 1
        if self.armed.due(BEFORE):
            raise Crashed
        if self.armed.due(SYNC):
            if self.armed.kept:
                self.real.commit()
            raise _failed("disk I/O error", sqlite3.SQLITE_IOERR_FSYNC)
        done = self.real.execute("COMMIT")
        if self.armed.due(AFTER):
            raise Crashed
        return done


class Last:
    """The last signed checkpoints of a node, apart from its database."""

    def __init__(self, armed):
        self.kept = {}
        self.armed = armed

    def get(self, origin):
        return self.kept.get(origin)

    def origins(self):
        return tuple(self.kept)

    def swap(self, origin, old, new):
        if self.armed.due(UNSIGNED):
            raise Crashed
        if self.kept.get(origin) != old:
            raise LogRolledBack("another value stands there", code="log-rolled-back")
        self.kept[origin] = new
        if self.armed.due(SIGNED):
            raise Crashed


def memory(image):
    """Return a connection to a database in memory that holds an image."""
    real = sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, cached_statements=256
    )
    real.deserialize(image)
    real.row_factory = sqlite3.Row
    real.execute("PRAGMA foreign_keys=ON")
    return real


def _failed(words, code):
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error
