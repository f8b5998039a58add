"""How the values of an exchange stand in the rows of the database, and come back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

from comity.accords.times import Instant
from comity.labels import Item, Level, Mark
from comity.release import Request
from comity.signed import text
from comity.store import Database, Row
from comity.wire.group import Grouped
from comity.wire.header import Kind, Precedence
from comity.wire.seal import Box, read_box

RANK: Final = {
    Kind.INSTRUMENT: 0,
    Precedence.FLASH: 1,
    Precedence.IMMEDIATE: 2,
    Precedence.PRIORITY: 3,
    Precedence.ROUTINE: 4,
}
"""In which order things leave: instruments before items of any precedence."""


def keep_group(database: Database, group: bytes) -> int:
    """Keep a group's signature once, and return its row."""
    digest = hashlib.sha256(group).digest()
    found = database.value("group_n", (digest,))
    return (
        int(found) if found is not None else database.run("insert_group", (digest, group))
    )


def keep_box(database: Database, box: Box, kept: bytes | None) -> int:
    """Keep a box once, and return its row. ``kept``: its batch key, for the node itself."""
    digest = hashlib.sha256(box.head + box.sealed).digest()
    found = database.value("box_n", (digest,))
    if found is not None:
        return int(found)
    return database.run("insert_box", (digest, box.head, box.sealed, kept))


def keep_statement(database: Database, stated: Grouped, item: str) -> int:
    """Keep an originator's statement once, and return its row."""
    digest = hashlib.sha256(stated.thing).digest()
    found = database.one("statement", (digest,))
    if found is not None:
        return int(found["n"])
    return database.run(
        "insert_statement",
        {
            "digest": digest,
            "item": item,
            "raw": stated.thing,
            "group_n": keep_group(database, stated.group),
            "place": stated.index,
            "proof": stated.proof,
        },
    )


def statement_at(database: Database, n: int) -> Grouped:
    """Return a kept statement with its signature."""
    row = database.one("statement_n", (n,))
    assert row is not None  # noqa: S101 - a foreign key says so
    return grouped(database, row["raw"], row["group_n"], row["place"], row["proof"])


def grouped(
    database: Database, thing: bytes, group_n: int, place: int, proof: bytes
) -> Grouped:
    """Return a signed thing from its columns."""
    return Grouped(
        bytes(thing), place, bytes(proof), bytes(database.value("group", (group_n,)))
    )


def box_at(database: Database, n: int) -> tuple[Box, bytes | None]:
    """Return a box, and its batch key as it was kept for the node itself."""
    row = database.one("box", (n,))
    assert row is not None  # noqa: S101 - a foreign key says so
    return read_box(bytes(row["head"]), bytes(row["sealed"])), row["kept"]


def asked_row(request: Request) -> bytes:
    """Return what of a request does not stand in the item: to ask again before each attempt."""
    return text.write(
        {
            "channel": request.channel,
            "held_as": None if request.held_as is None else str(request.held_as),
            "held_tags": [str(mark) for mark in request.held_tags],
            "purpose": request.purpose,
            "received": None if request.received is None else list(request.received),
            "recipient": request.recipient,
            "under": request.under,
        }
    )


def asked_again(raw: bytes, item: Item, sender: str, at: Instant) -> Request:
    """Return a request as it was, for another instant."""
    said: dict[str, Any] = text.read(raw)
    received = said["received"]
    return Request(
        item=item,
        sender=sender,
        recipient=said["recipient"],
        at=at,
        purpose=said["purpose"],
        channel=said["channel"],
        under=said["under"],
        held_as=None if said["held_as"] is None else Level.parse(said["held_as"]),
        held_tags=tuple(Mark.parse(mark) for mark in said["held_tags"]),
        received=None if received is None else (received[0], received[1]),
    )


def body_of(database: Database, which: str, row: Row) -> bytes | None:
    """Return a sealed body that stands in the database; None where it is spooled or gone."""
    found = database.value(f"{which}_body", (row["n"],))
    return None if found is None else bytes(found)


def reader(raw: bytes) -> Callable[[int], bytes]:
    """Return what reads bytes piece by piece."""
    position = 0

    def take(size: int) -> bytes:
        nonlocal position
        piece = raw[position : position + size]
        position += len(piece)
        return piece

    return take
