"""A corpus as columns: each item, as its sender holds it, compiled once for many flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.accords.times import Instant
from comity.compiled.arrays import Ints, Masks, Stretched, ints, masks
from comity.compiled.index import Index
from comity.compiled.marking import Marked
from comity.labels import Item, Level, Mark
from comity.release.request import Request

DEAD, SINGLE, SAYS_ORCON, HELD, NO_PURPOSE, NO_CHANNEL = (1 << n for n in range(6))
"""It goes nowhere; only the index can tell; nobody passes it on without consent; its holder
alone sends it so; its own purpose, or channel, is a word that nobody knows."""

GIVERS = 4  # of an item with more originators the index decides, one flow at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An item that its sender received, and holds at a level of its own."""

    item: Item
    by: str
    level: Level
    tags: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Corpus:
    """Items as columns: a row for each stretch of time in which a label stays as it is.

    Attributes:
        entries: the items, or how their senders hold them, as given.
        items: the ids of their items; ``item`` is that of each entry, by number.
        rows: the stretches of each entry.
        needs: of the categories, the kind, and whose information it is, as `Words.packed`
            has them; of its own purpose and channel in ``whole`` as well.
        givers: the places of those whose information it is, -1 for none.
        shape: the number of the level and tags that a table has to lead on from, in
            ``shapes``; ``level`` is the originator's own, by number.
        open_to: the parties to which its label lets it go.
        listed: those without the ones that are only shown it.
        home: the policy by which it is marked, where it has one originator; else -1.
        flags: `DEAD`, `SINGLE`, `SAYS_ORCON`, `HELD`, `NO_PURPOSE` and `NO_CHANNEL`.
        purpose, channel: of each entry, by number; -1 for one that nobody knows.
        holder: the only party that sends an entry as it is held; -1 for anybody.
    """

    entries: tuple[Item | Held, ...]
    items: tuple[str, ...]
    item: Ints
    rows: Stretched
    needs: Masks
    whole: Masks
    givers: tuple[Ints, ...]
    shape: Ints
    shapes: tuple[int, ...]
    level: Ints
    open_to: Masks
    listed: Masks
    home: Ints
    flags: NDArray[np.uint8]
    purpose: Ints
    channel: Ints
    holder: Ints


@dataclass(frozen=True, slots=True)
class _Row:
    entry: Item | Held
    item: Item
    since: Instant
    sole: int
    part: Marked | None


def corpus(index: Index, entries: Iterable[Item | Held]) -> Corpus:
    """Compile items, or items as their senders hold them."""
    words, given = index.words, tuple(entries)
    starts: list[tuple[int, int]] = []
    rows: list[_Row] = []
    for number, entry in enumerate(given):
        item = item_of(entry)
        marking = index.marking(item)
        for since, part in zip(marking.cuts, marking.parts, strict=True):
            starts.append((number, since))
            rows.append(_Row(entry, item, since, marking.sole, part))
    parts = [row.part or _NOWHERE for row in rows]
    marks = [_marks(index, row) for row in rows]
    shapes = {mark: n for n, mark in enumerate(dict.fromkeys(marks))}
    levels = {bit: n for n, bit in enumerate(words.levels.values())}
    every = sum(words.levels.values())
    policies = {name: n for n, name in enumerate(index.world.policies)}
    size, width = len(words.party), words.low + len(words.party)
    open_to = [
        (part.listed | part.shown) & part.bound | row.sole
        for row, part in zip(rows, parts, strict=True)
    ]
    home = [
        policies.get(part.home, -1) if row.sole else -1
        for row, part in zip(rows, parts, strict=True)
    ]
    needs = [words.packed(part.needs) for part in parts]
    purposes = {word: n for n, word in enumerate(words.purposes)}
    channels = {word: n for n, word in enumerate(words.channels)}
    holders = [words.party.get(e.by, -2) if isinstance(e, Held) else -1 for e in given]
    ids = {name: n for n, name in enumerate(dict.fromkeys(item_of(e).id for e in given))}
    return Corpus(
        entries=given,
        items=tuple(ids),
        item=ints([ids[item_of(e).id] for e in given]),
        rows=Stretched(starts, len(given)),
        needs=masks(needs, 0, width),
        whole=masks(
            [bits | _own(index, row.item) for bits, row in zip(needs, rows, strict=True)],
            0,
            width,
        ),
        givers=_givers(index, rows),
        shape=ints([shapes[mark] for mark in marks]),
        shapes=tuple(shapes),
        level=ints([levels.get(part.needs & every, 0) for part in parts]),
        open_to=masks(open_to, 0, size),
        listed=masks([part.listed for part in parts], 0, size),
        home=ints(home),
        flags=np.array([_flags(index, row) for row in rows], np.uint8),
        purpose=ints([purposes.get(item_of(e).purpose, -1) for e in given]),
        channel=ints([channels.get(item_of(e).channel, -1) for e in given]),
        holder=ints(holders),
    )


def item_of(entry: Item | Held) -> Item:
    """Return the item of an entry."""
    return entry.item if isinstance(entry, Held) else entry


def request(entry: Item | Held, sender: str, recipient: str, at: Instant) -> Request:
    """Return the request that a flow stands for."""
    held = entry if isinstance(entry, Held) else None
    return Request(
        item=item_of(entry),
        sender=sender,
        recipient=recipient,
        at=at,
        held_as=None if held is None else held.level,
        held_tags=() if held is None else held.tags,
    )


def _marks(index: Index, row: _Row) -> int:
    """Return the bits of the level and tags from which a table has to lead on."""
    if row.part is None:
        return 0
    if isinstance(row.entry, Held):
        return index.marked(row.entry.level, row.entry.tags)
    return row.part.needs & index.table


def _givers(index: Index, rows: Sequence[_Row]) -> tuple[Ints, ...]:
    """Return the originators of each row, by place: the first of each, the second, and so on."""
    places = index.words.party
    known = [
        tuple(places[p] for p in dict.fromkeys(r.item.originators) if p in places)
        for r in rows
    ]
    return tuple(
        ints([found[n] if n < len(found) else -1 for found in known]) for n in range(GIVERS)
    )


def _own(index: Index, item: Item) -> int:
    """Return the bits of an item's own purpose and channel."""
    words = index.words
    return words.purposes.get(item.purpose, 0) | words.channels.get(item.channel, 0)


def _flags(index: Index, row: _Row) -> int:
    part = row.part
    if part is None:
        return DEAD
    many = len(set(row.item.originators)) > GIVERS
    single = part.plain or part.clients or part.own_only or many
    untold = isinstance(row.entry, Held) and not index.knows(row.entry.tags)
    found = HELD if isinstance(row.entry, Held) else 0
    found |= 0 if row.item.purpose in index.words.purposes else NO_PURPOSE
    found |= 0 if row.item.channel in index.words.channels else NO_CHANNEL
    if single or untold or index.received(row.item.id):
        return found | SINGLE
    found |= SAYS_ORCON if part.needs >> index.words.orcon else 0
    if isinstance(row.entry, Held):
        asked = request(row.entry, row.entry.by, "", row.since)
        found |= 0 if index.well_held(asked, part) else DEAD
    return found


_NOWHERE = Marked(
    needs=0, listed=0, shown=0, clients=0, bound=0, own_only=False, home="", plain=False
)
