"""The custody logs of a node: one for each accord, and a house log that nobody else sees.

Leaves are written in the transaction of what they tell. A checkpoint is signed only after
it, and only after the highest size and root ever signed stand in a file of their own,
swapped from the value that this process knows: a node whose database was put back finds
there that it signed more than it remembers, and signs nothing (``LogRolledBack``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from comity.errors import ComityError, NotKnown
from comity.log.checkpoint import Checkpoint, origin, sign_checkpoint
from comity.log.commitment import commit
from comity.log.merkle import (
    Frontier,
    Read,
    consistency,
    frontier,
    inclusion,
    leaf_hash,
    node_hash,
)
from comity.log.note import Kind, Vkey
from comity.log.tiles import bundle_bytes, in_log, read_path, tile_bytes
from comity.signed import text
from comity.signed.algorithms import Signer
from comity.store import Database, Row

HOUSE = ""
"""The accord of the house log: refusals, previews of nothing, and what concerns no partner."""

ENTRY = "comity-entry/1"


class LogRolledBack(ComityError):
    """The database holds less of a log than this node has signed."""


class LastSigned(Protocol):
    """Where the last signed checkpoint is kept, apart from the database and its backups."""

    def get(self, origin: str) -> tuple[int, bytes] | None:
        """Return size and root; None where this log never signed."""

    def origins(self) -> Sequence[str]:
        """Return every log that ever signed."""

    def swap(
        self, origin: str, old: tuple[int, bytes] | None, new: tuple[int, bytes]
    ) -> None:
        """Put the new value in place of the old one, durably.

        Raises:
            LogRolledBack: another value stands there.
        """


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry of a log: what is committed to, and the salt that keeps it from guessing."""

    origin: str
    index: int
    salt: bytes
    entry: bytes


class Custody:
    """Grows logs, signs their checkpoints, and proves from them."""

    def __init__(
        self,
        database: Database,
        signer: Signer,
        last: LastSigned,
        random: Callable[[int], bytes],
        *,
        simulated: bool,
    ) -> None:
        self._database = database
        self._signer = signer
        self._last = last
        self._random = random
        self._simulated = simulated
        self._known: dict[str, tuple[Row, Frontier]] = {}
        self._notes: dict[str, tuple[int, bytes]] = {}

    # -- growing, inside a transaction ------------------------------------------------

    def append(self, accord: str, entries: Sequence[bytes]) -> int:
        """Append entries to an accord's log; return the index of the first.

        Inside the transaction of what they tell.
        """
        row, before = self._state(accord)
        salts = [self._random(32) for _ in entries]
        hashes = [
            leaf_hash(commit(salt, entry))
            for salt, entry in zip(salts, entries, strict=True)
        ]
        after, nodes = before.append(hashes)
        n, start = row["n"], before.size
        self._database.many(
            "insert_leaf",
            [(n, start + i, hashes[i], salts[i], entry) for i, entry in enumerate(entries)],
        )
        kept = [
            (n, level, index, node)
            for level, index, node in nodes
            if level and level % 8 == 0
        ]
        if kept:
            self._database.many("insert_node_hash", kept)
        self._database.run("grow_log", (after.size, b"".join(after.peaks), n))
        self._known[accord] = (row, after)
        return start

    def next_index(self, accord: str) -> tuple[str, int]:
        """Return the log's origin and the index that its next entry gets."""
        row, now = self._state(accord)
        return row["origin"], now.size

    def forget(self) -> None:
        """Read sizes anew: a transaction that grew a log was undone."""
        self._known.clear()
        self._notes.clear()

    # -- signing, after the transaction -----------------------------------------------

    def checkpoint(self, accord: str) -> bytes:
        """Return the signed note of a log as it is committed.

        Raises:
            LogRolledBack: this node has signed a longer log, or another one.
        """
        row, now = self._state(accord)
        name = row["origin"]
        kept = self._notes.get(name)
        if kept is not None and kept[0] == now.size:
            return kept[1]
        signed, here = self._last.get(name), (now.size, now.root)
        self._check(name, signed, now)
        if signed != here:
            self._last.swap(name, signed, here)
        note = sign_checkpoint(
            Checkpoint(origin=name, size=now.size, root=now.root),
            self.vkey(name),
            self._signer,
        )
        self._notes[name] = (now.size, note)
        return note

    def rolled_back(self) -> tuple[str, ...]:
        """Return the origins of the running logs that hold less than this node has signed."""
        found = []
        for row in self._database.all("logs"):
            if row["ended"] is None:
                try:
                    self._check(
                        row["origin"], self._last.get(row["origin"]), self._read(row)
                    )
                except LogRolledBack:
                    found.append(row["origin"])
        return tuple(found)

    def succeed(self, name: str, now: int) -> tuple[str, int, bytes, str]:
        """End one of our logs and begin another; in a transaction.

        Return the accord, the size and root that the old log signed last, and the new origin.
        """
        row = self._database.one("log_by_origin", (name,))
        signed = self._last.get(name)
        if row is None or signed is None:
            raise _no_file(name)
        self._database.run("end_log", (now, row["n"]))
        self._known.pop(row["accord"], None)
        self._notes.pop(name, None)
        new, _ = self._state(row["accord"])
        return row["accord"], signed[0], signed[1], new["origin"]

    def check_all(self) -> None:
        """See that no log is missing, shorter or another than what this node has signed.

        Raises:
            LogRolledBack: one is.
        """
        here = {row["origin"]: row for row in self._database.all("logs")}
        for name in self._last.origins():
            row = here.get(name)
            if row is None:
                raise LogRolledBack(
                    f"the log `{name}` was signed, and the database does not have it",
                    hint="the database was put back to before it began: restore a later one",
                    code="log-rolled-back",
                )
            if row["ended"] is None:
                self._check(name, self._last.get(name), self._read(row))

    def _check(self, name: str, signed: tuple[int, bytes] | None, now: Frontier) -> None:
        if signed is None:
            return
        size, root = signed
        row = self._database.one("log_by_origin", (name,))
        if (
            row is None
            or size > now.size
            or frontier(size, self.reader(row["n"])).root != root
        ):
            raise LogRolledBack(
                f"the log `{name}` was signed with {size} leaves, and the database has"
                f" {now.size} or others",
                hint="the database was put back: let the node fetch from its partners what"
                " they hold (`comity doctor --recover`), before it signs anything",
                code="log-rolled-back",
            )

    def vkey(self, name: str) -> Vkey:
        """Return the public key of a log of ours."""
        return Vkey(name=name, kind=Kind.LOG, public=self._signer.public)

    # -- proving ----------------------------------------------------------------------

    def prove(self, accord: str, index: int, size: int) -> tuple[bytes, ...]:
        """Return the inclusion proof of a leaf in the log of a size."""
        row, _ = self._state(accord)
        return inclusion(index, size, self.reader(row["n"]))

    def growth(self, accord: str, old: int, size: int) -> tuple[bytes, ...]:
        """Return the consistency proof from one size to another."""
        row, _ = self._state(accord)
        return consistency(old, size, self.reader(row["n"]))

    def leaf(self, accord: str, index: int) -> Leaf:
        """Return one entry with its salt.

        Raises:
            NotKnown: the log has no such leaf.
        """
        row, _ = self._state(accord)
        found = self._database.one("leaf", (row["n"], index))
        if found is None:
            raise NotKnown(
                f"the log of `{accord or 'the house'}` has no leaf {index}",
                hint="ask for one below its size",
                code="no-leaf",
            )
        return Leaf(row["origin"], index, found["salt"], found["entry"])

    def accord_of(self, name: str) -> str | None:
        """Return the accord of one of our logs by its origin; None where it is none."""
        row = self._database.one("log_by_origin", (name,))
        return None if row is None else str(row["accord"])

    def file(self, name: str, path: str) -> bytes:
        """Return a checkpoint, a tile, or a bundle of the entries' commitments, by C2SP path.

        Raises:
            NotKnown: there is no such log or tile.
            InvalidInput: the path is none.
        """
        row = self._database.one("log_by_origin", (name,))
        if row is None:
            raise _no_file(path)
        if path == "checkpoint":
            if row["ended"] is not None:
                raise _no_file(path)  # what it signed last is in the succession
            return self.checkpoint(row["accord"])
        tile = read_path(path)
        if not in_log(tile, row["size"]):
            raise _no_file(path)
        if tile.level is None:
            start = tile.index * 256
            rows = self._database.all("leaves", (row["n"], start, start + tile.width))
            return bundle_bytes([commit(one["salt"], one["entry"]) for one in rows])
        return tile_bytes(tile, row["size"], self.reader(row["n"]))

    def reader(self, n: int) -> Read:
        """Return how proofs read a log's nodes: those between tiles are folded anew."""

        def read(level: int, index: int) -> bytes:
            stored, inner = level - level % 8, level % 8
            start, end = index << inner, (index + 1) << inner
            if stored == 0:
                rows = self._database.all("leaf_hashes", (n, start, end))
            else:
                rows = self._database.all("node_hashes", (n, stored, start, end))
            hashes = [bytes(row[0]) for row in rows]
            if len(hashes) != end - start:
                raise KeyError(f"node {level}/{index} of log {n} is not whole")
            while len(hashes) > 1:
                hashes = [
                    node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)
                ]
            return hashes[0]

        return read

    def _state(self, accord: str) -> tuple[Row, Frontier]:
        known = self._known.get(accord)
        if known is not None:
            return known
        row = self._database.one("log_of", (accord,))
        if row is None:
            name = origin(self._random(16), simulated=self._simulated)
            self._database.run("insert_log", (accord, name))
            row = self._database.one("log_of", (accord,))
            assert row is not None  # noqa: S101 - just inserted
        known = (row, self._read(row))
        self._known[accord] = known
        return known

    def _read(self, row: Row) -> Frontier:
        raw = bytes(row["frontier"])
        peaks = tuple(raw[i : i + 32] for i in range(0, len(raw), 32))
        return Frontier(size=row["size"], peaks=peaks)


def entry(event: str, at: int, **facts: object) -> bytes:
    """Return an entry as its log has it: what happened, when by our clock, and to what."""
    return text.write({"format": ENTRY, "event": event, "at": text.time_text(at), **facts})


def _no_file(path: str) -> NotKnown:
    return NotKnown(
        f"there is no `{path}` here",
        hint="a party of the accord may read its log; see docs/formats/log.md",
        code="no-tile",
    )
