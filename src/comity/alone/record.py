"""One side's own record: what was decided, released, held and done, in an order that stays.

::

    record.db      the entries, in logs as a node has them
    record.key     the Ed25519 key that signs their checkpoints
    signed/        the checkpoint signed last of each log, apart from the database
    record.lock    held while something is written

An entry is on disk and covered by a signed checkpoint before `write` returns. Several
processes may write; each does so while it alone holds the lock.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from comity.accords.times import Instant
from comity.alone.events import Entry, Event, on_record
from comity.errors import ComityError, NotKnown
from comity.exchange.custody import Custody, LogRolledBack
from comity.exchange.files import create_private, read_private
from comity.exchange.home import Signed
from comity.exchange.site import ClockWentBack
from comity.log.proof import write_proof
from comity.release import World
from comity.signed import Random, text
from comity.signed.algorithms import ed25519_signer
from comity.store import Database, Row, StorageFailed

KNOWN = "on record: "
"""The setting that holds the acts, holds and authorities of a world that have entries."""

LATE = 60  # seconds by which a clock may go back and be put right by itself
PAGE = 500  # entries read at once


class RecordFailed(ComityError):
    """The record cannot be written, so nothing may be done that has to stand in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One entry as it stands in the record.

    Attributes:
        number: its place in the record, from 1.
        log, place: the log that it is in, and its index there.
        accord: whose log that is; empty for the house log.
        raw: the bytes that are committed to.
    """

    number: int
    log: str
    place: int
    accord: str
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        """What it says."""
        return text.read(self.raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An entry with what proves that it is in its log: to be kept together.

    Attributes:
        entry: the bytes of the entry.
        proof: a C2SP tlog-proof, whose checkpoint this record signed.
        key: the record's key for that log; the reader is to have it from elsewhere.
    """

    entry: bytes
    proof: bytes
    key: str


class Record:
    """A record that is open. For one thread."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        seed: bytes,
        clock: Callable[[], int],
        random: Random,
    ) -> None:
        self.folder = folder
        self._database = database
        self._last = Signed(folder / "signed")
        self._clock = clock
        self._custody = Custody(
            database, ed25519_signer(seed), self._last, random, simulated=False
        )
        self._unsigned: set[str] = set()

    @classmethod
    def open(cls, folder: Path, clock: Callable[[], int], random: Random) -> Record:
        """Open a record, made where there is none, and see that it can be written.

        Raises:
            RecordFailed: it cannot be written here.
            LogRolledBack: it holds less than it has signed.
            ComityError: its files are not a record's.
        """
        try:
            fresh = not folder.exists()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / "signed").mkdir(mode=0o700, exist_ok=True)
            key, database_file = folder / "record.key", folder / "record.db"
            if not key.exists() and (fresh or not database_file.exists()):
                create_private(key, random(32))
            database = Database.open(database_file)
            database_file.chmod(0o600)
            record = cls(folder, database, read_private(key, 32), clock, random)
        except StorageFailed as error:
            raise _unwritable(folder, error.message) from error
        except OSError as error:
            why = (error.strerror or "the system refused").lower()
            raise _unwritable(folder, why) from error
        try:
            record._probe()
            record._whole()
        except BaseException:
            record.close()
            raise
        return record

    def __enter__(self) -> Self:
        """Leave it to close at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close it; what was written is kept."""
        self._database.close()

    # -- writing ----------------------------------------------------------------------

    def now(self) -> Instant:
        """Return the instant, by a clock that shows no less than this record has.

        Raises:
            ClockWentBack: it shows a time before the last entry.
        """
        read, high = int(self._clock()), self._high()
        if read < high - LATE:
            raise ClockWentBack(
                f"the clock shows {text.time_text(read)}, and the record in"
                f" `{self.folder}` has an entry of {text.time_text(high)}",
                hint="set the clock right; nothing is decided until it shows a later time",
                code="clock-went-back",
            )
        return Instant(max(read, high))

    def write(self, entries: Sequence[Entry], *, late: bool = False) -> tuple[int, ...]:
        """Append entries, all of them or none, and return their numbers.

        They are on disk, and under a signed checkpoint, when this returns. With ``late`` a
        clock that went back does not keep them out: they bear the time of the last entry.

        Raises:
            RecordFailed: they could not be written.
            ClockWentBack: the clock shows a time before the last entry.
        """
        with self._alone():
            at = Instant(max(int(self._clock()), self._high())) if late else self.now()
            numbers = self._append(entries, at)
            self._sign()
        return numbers

    def note(self, world: World) -> int:
        """Append every act, hold and authority of a world that has no entry yet.

        Those that had one and are not in the world any more get an entry of their own:
        nobody takes an act away unseen. Return how many entries there were.
        """
        setting = KNOWN + world.id
        found = dict(on_record(world))
        with self._alone():
            said = self._database.value("setting", (setting,))
            before = set(json.loads(said or "[]"))
            if before == set(found):
                return 0
            gone = sorted(before - set(found))
            entries = [e for key, e in found.items() if key not in before]
            entries += [Entry(event=Event.GONE, facts=_gone(key)) for key in gone]
            with self._database.transaction():
                _ = self._append(entries, self.now())
                self._database.run("set_setting", (setting, json.dumps(sorted(found))))
            self._sign()
        return len(entries)

    def _append(self, entries: Sequence[Entry], at: Instant) -> tuple[int, ...]:
        numbers = list[int]()
        with self._database.transaction():
            for one in entries:
                place = self._custody.append(one.accord, [one.raw(at)])
                origin, _ = self._custody.next_index(one.accord)
                numbers.append(self._number(origin, place))
                self._unsigned.add(one.accord)
            self._database.run("set_setting", ("high", str(at)))
        return tuple(numbers)

    def _number(self, origin: str, place: int) -> int:
        return int(self._database.value("entry_number", (origin, place)))

    def _sign(self) -> None:
        for accord in sorted(self._unsigned):
            _ = self._custody.checkpoint(accord)
        self._unsigned.clear()

    def _high(self) -> int:
        return int(self._database.value("setting", ("high",)) or 0)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock; whatever keeps the disk from taking an entry is one error."""
        try:
            handle = os.open(self.folder / "record.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unwritable(self.folder, str(error.strerror).lower()) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._custody.forget()
            yield
        except StorageFailed as error:
            raise _unwritable(self.folder, error.message) from error
        except OSError as error:
            raise _unwritable(self.folder, str(error.strerror).lower()) from error
        finally:
            os.close(handle)

    def _probe(self) -> None:
        """Write the setting that stands there already: a disk that refuses says so now."""
        with self._alone(), self._database.transaction():
            self._database.run("set_setting", ("high", str(self._high())))

    def _whole(self) -> None:
        rows = self._database.all("logs")
        missing = self._last.strangers(row["origin"] for row in rows)
        if missing or self._custody.rolled_back():
            raise LogRolledBack(
                f"the record in `{self.folder}` holds less than it has signed",
                hint="its database was put back or changed: keep the folder as it is for"
                " whoever looks into it, and begin a new record in another one",
                code="record-rolled-back",
            )

    # -- reading ----------------------------------------------------------------------

    def entries(self, after: int = 0) -> Iterator[Written]:
        """Yield the entries after a number, in the order in which they were written."""
        while rows := self._database.all("entries", (after, PAGE)):
            for row in rows:
                yield _written(row)
            after = rows[-1]["n"]

    def entry(self, number: int) -> Written:
        """Return one entry.

        Raises:
            NotKnown: there is none of that number.
        """
        row = self._database.one("entry_at", (number,))
        if row is None:
            raise NotKnown(
                f"the record in `{self.folder}` has no entry {number}",
                hint="`comity log` lists them",
                code="no-entry",
            )
        return _written(row)

    def unfinished(self) -> tuple[Written, ...]:
        """Return the releases that began and of whose end nothing is known."""
        begun: dict[str, Written] = {}
        for one in self.entries():
            body = one.body
            if body["event"] == Event.BEGAN:
                begun[body["release"]] = one
            elif body["event"] == Event.ENDED:
                _ = begun.pop(body["release"], None)
        return tuple(begun.values())

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Return each log of this record: its accord, and the key that verifies it."""
        rows = self._database.all("logs")
        return tuple(
            (row["accord"], str(self._custody.vkey(row["origin"]))) for row in rows
        )

    def checkpoint(self, accord: str) -> bytes:
        """Return the signed checkpoint of an accord's log; empty for the house log."""
        with self._alone():
            return self._custody.checkpoint(accord)

    def prove(self, number: int) -> Proof:
        """Return an entry with the proof that it stands in its log.

        Raises:
            NotKnown: there is none of that number.
        """
        found = self.entry(number)
        with self._alone():
            note = self._custody.checkpoint(found.accord)
            _, size = self._custody.next_index(found.accord)
            leaf = self._custody.leaf(found.accord, found.place)
            path = self._custody.prove(found.accord, found.place, size)
        return Proof(
            entry=found.raw,
            proof=write_proof(leaf.salt, found.place, path, note),
            key=str(self._custody.vkey(found.log)),
        )


def _written(row: Row) -> Written:
    return Written(
        number=row["n"],
        log=row["origin"],
        place=row["place"],
        accord=row["accord"],
        raw=bytes(row["entry"]),
    )


def _gone(key: str) -> dict[str, str]:
    event, name, digest = key.split(" ", 2)
    return {"what": event, "id": name, "digest": digest}


def _unwritable(folder: Path, why: str) -> RecordFailed:
    return RecordFailed(
        f"the record in `{folder}` cannot be written: {why}",
        hint="nothing is released without an entry: give a folder that may be written,"
        " by `--record` or COMITY_RECORD",
        code="record-failed",
    )
