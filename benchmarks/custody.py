"""The custody log at a size: ``python benchmarks/custody.py 1000000``.

Appending, with every node and with those of the tiles alone; and proofs from SQLite, with
every node kept and with those of the tiles alone, out of which the others are hashed.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from comity.log import (
    Checkpoint,
    Frontier,
    Kind,
    Policy,
    Read,
    Vkey,
    consistency,
    inclusion,
    leaf_hash,
    open_checkpoint,
    origin,
    root,
    sign_checkpoint,
    verify_consistency,
)
from comity.log.tiles import HEIGHT
from comity.signed.algorithms import ed25519_signer

SCHEMA = """CREATE TABLE node (level INTEGER, at INTEGER, hash BLOB,
  PRIMARY KEY (level, at)) WITHOUT ROWID"""
BATCH = 100
ASKED = 2_000
BEHIND = 100
"""How far a partner's last cosigned checkpoint lies behind."""


def main(size: int) -> None:
    """Print every figure of one size."""
    dice = random.Random(1)
    leaves = [leaf_hash(sha256(f"entry {n}".encode()).digest()) for n in range(size)]
    began = time.perf_counter()
    last, _ = Frontier().append(leaves)
    said("append, µs a leaf", [(time.perf_counter() - began) / size])
    places = [dice.randrange(size) for _ in range(ASKED)]
    for name, step, read_of in (
        ("every level", 1, every_level),
        ("tiles alone", HEIGHT, tiles_alone),
    ):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "log.db"
            store = sqlite3.connect(path)
            store.execute("PRAGMA journal_mode = WAL")
            store.execute("PRAGMA synchronous = OFF")  # the disk is not measured here
            store.execute(SCHEMA)
            said(f"{name}: a leaf appended and stored, µs", fill(store, leaves, step))
            read = read_of(store)
            prove = [timed(partial(inclusion, n, size, read)) for n in places]
            said(f"{name}: inclusion proof, µs", prove)
            grown = [
                timed(partial(consistency, size - BEHIND - n, size - n, read))
                for n in range(ASKED // 4)
            ]
            said(f"{name}: consistency proof from {BEHIND} behind, µs", grown)
            store.close()
            print(f"{name}: bytes a leaf on disk: {path.stat().st_size / size:.0f}")
    growing(leaves)
    signing(size, last.root)


def growing(leaves: list[bytes]) -> None:
    """Time the proof of growth from what a partner has seen, for a contact's leaves."""
    seen, _ = Frontier().append(leaves[:-BEHIND])
    for count in (1, 10, BEHIND):
        since = leaves[-BEHIND:][:count]
        prove = partial(seen.growth, since)
        said(
            f"growth by {count}, from the frontier, µs",
            [timed(prove) for _ in range(ASKED)],
        )


def fill(store: sqlite3.Connection, leaves: list[bytes], step: int) -> list[float]:
    """Append in batches, each a transaction; return the processor's seconds a leaf of each."""
    state, spent = Frontier(), list[float]()
    for first in range(0, len(leaves), BATCH):
        batch = leaves[first : first + BATCH]
        began = time.process_time()
        state, nodes = state.append(batch)
        kept = nodes if step == 1 else [node for node in nodes if node[0] % step == 0]
        store.executemany("INSERT INTO node VALUES (?, ?, ?)", kept)
        store.commit()
        spent.append((time.process_time() - began) / len(batch))
    return spent


def every_level(store: sqlite3.Connection) -> Read:
    """Return a reader of nodes that are all kept."""
    ask = "SELECT hash FROM node WHERE level = ? AND at = ?"

    def read(level: int, index: int) -> bytes:
        found: bytes = store.execute(ask, (level, index)).fetchone()[0]
        return found

    return read


def tiles_alone(store: sqlite3.Connection) -> Read:
    """Return a reader that hashes what lies between the levels of tiles."""
    ask = "SELECT hash FROM node WHERE level = ? AND at >= ? AND at < ? ORDER BY at"

    def read(level: int, index: int) -> bytes:
        up = level % HEIGHT
        first, end = index << up, (index + 1) << up
        rows: Iterable[tuple[bytes]] = store.execute(ask, (level - up, first, end))
        return root(row[0] for row in rows)

    return read


def signing(size: int, head: bytes) -> None:
    """Time a checkpoint, signed and opened."""
    signer = ed25519_signer(bytes(32))
    log = Vkey(name=origin(bytes(16)), kind=Kind.LOG, public=signer.public)
    checkpoint = Checkpoint(origin=log.name, size=size, root=head)
    raw = sign_checkpoint(checkpoint, log, signer)
    policy = Policy(log=log)
    sign = partial(sign_checkpoint, checkpoint, log, signer)
    said("a checkpoint signed, µs", [timed(sign) for _ in range(ASKED)])
    open_ = partial(open_checkpoint, raw, policy)
    said("a checkpoint opened, µs", [timed(open_) for _ in range(ASKED)])
    verify = partial(verify_consistency, size, size, (), head, head)
    said("the same size again, µs", [timed(verify) for _ in range(ASKED)])


def timed(what: Callable[[], object]) -> float:
    """Return how many seconds a call took."""
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def said(what: str, seconds: list[float]) -> None:
    """Print a figure in microseconds: the median, and the 99th of a hundred."""
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    print(f"{what}: {statistics.median(ordered) * 1e6:.2f} (p99 {p99 * 1e6:.1f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
