"""Millions of decisions at once: the index's cells as columns, asked with numpy.

A corpus is compiled once; then each flow, an item from a party to a party at an instant, is
a row of numbers. What a column cannot hold the index answers, one by one: what is made from
other items or was received under an accord, what clients of an addressee may have, a time
not known to the day, and a consent. Needs the extra ``batch``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.accords.times import FAR_PAST, Instant
from comity.compiled.index import Index
from comity.compiled.marking import Marked
from comity.compiled.pair import Pair, Way
from comity.labels import Item, Level, Mark
from comity.release.request import Request

Ints = NDArray[np.int64]
Masks = NDArray[np.uint64]
"""One row a mask, one column 64 bits of it."""
Truths = NDArray[np.bool_]

CHUNK = 65_536  # flows at a time: their columns stay in the processor's cache
KEY = 1 << 39  # more seconds than there are from the far past to the far future
DENIED, BY_AUTHORITY = -1, -2

EACH, CHANGED, ORCON, MARKED, ALL, PLAIN = (1 << n for n in range(6))
"""Whose consent a way asks for: that of everybody else, of those whose purpose changed, of
those who said orcon, of those whose label does not release it, of all; or ask the index."""


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
        starts: the entry and first instant of each row, as one number, in order.
        needs: its categories and kind.
        whose: the parties whose information it is.
        shape: the number of its level and tags; ``leads`` says of each table whether its
            rows lead on from them.
        open_to: the parties to which its label lets it go.
        listed: those without the ones that are only shown it.
        home: the policy by which it is marked, where it has one originator; else -1.
        flags: how it goes: see `DEAD`, `SINGLE` and `SAYS_ORCON`.
        purpose, channel: of each entry, by number; -1 for one that nobody knows.
        holder: the only party that sends an entry as it is held; -1 for anybody.
    """

    entries: tuple[Item | Held, ...]
    starts: Ints
    needs: Masks
    whose: Masks
    shape: Ints
    leads: Truths
    open_to: Masks
    listed: Masks
    home: Ints
    flags: NDArray[np.uint8]
    purpose: Ints
    channel: Ints
    holder: Ints


DEAD, SINGLE, SAYS_ORCON = 1, 2, 4
"""It goes nowhere; only the index can tell; nobody passes it on without consent."""


class Columns:
    """A world as columns.

    Args:
        index: every pair and stretch of it is compiled.

    Attributes:
        accords: their ids, by the number that an answer gives.
        parties, purposes, channels: the words, by the number that a flow gives.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        words = index.words
        self.accords = tuple(index.world.lookup.accords)
        self.parties = tuple(words.party)
        self.purposes = tuple(words.purposes)
        self.channels = tuple(words.channels)
        self._policy = {name: n for n, name in enumerate(index.world.policies)}
        self._low = len(words.categories) + len(words.kinds)
        self._low += len(words.purposes) + len(words.channels)
        self._high = len(words.levels) + len(words.tags) + 1
        self._build()

    # -- the world -------------------------------------------------------------------

    def _build(self) -> None:
        index, words = self.index, self.index.words
        self._numbers = numbers = {name: n for n, name in enumerate(self.accords)}
        size = len(self.parties)
        starts: list[int] = []
        first: list[int] = []
        order: list[int] = []
        ways: dict[tuple[object, ...], int] = {}
        found: list[tuple[Pair, Way]] = []
        for pair in self._pairs():
            place = words.party[pair.sender] * size + words.party[pair.recipient]
            for cut in pair.cuts:
                starts.append(_key(place, cut))
                first.append(len(order))
                for way in index.cell(pair, cut).ways:
                    known = (way.forbids, way.asks, way.marked, way.accord, way.plain)
                    number = ways.setdefault(known, len(found))
                    if number == len(found):
                        found.append((pair, way))
                    order.append(number)
        first.append(len(order))
        self._starts = np.array(starts, np.int64)
        self._first = np.array(first, np.int64)
        self._order = np.array(order, np.int64)
        forbids = [way.forbids for _, way in found]
        self._forbids = _masks(forbids, 0, self._low)
        self._forbids_from = _masks(forbids, words.from_, size)
        tables = [forbid >> self._low & (1 << self._high) - 1 for forbid in forbids]
        classes = {table: n for n, table in enumerate(dict.fromkeys(tables))}
        self._tables = _masks(list(classes), 0, self._high)
        self._table = np.array([classes[table] for table in tables], np.int64)
        self._accord = np.array([numbers[way.accord] for _, way in found], np.int64)
        self._asks = np.array([self._asked(way) for _, way in found], np.uint8)
        theirs = (index.world.policy_of(party) for party in self.parties)
        self._theirs = np.array([self._policy[p.id] if p else -2 for p in theirs], np.int64)
        authorised = {
            (p.sender, p.recipient) for p in self._pairs(all_=True) if p.authorised
        }
        self._authorised = np.zeros(size * size, bool)
        for sender, recipient in authorised:
            self._authorised[words.party[sender] * size + words.party[recipient]] = True

    def _pairs(self, *, all_: bool = False) -> Iterable[Pair]:
        for sender in self.parties:
            for recipient in self.parties:
                pair = self.index.pair(sender, recipient)
                if pair is not None and (pair.tracks or all_):
                    yield pair

    def _asked(self, way: Way) -> int:
        words = self.index.words
        everybody = words.everybody
        from_ = way.asks >> words.from_ & everybody
        found = ALL if from_ == everybody else EACH if from_ else 0
        found |= CHANGED if way.asks >> words.changed & everybody else 0
        found |= ORCON if way.asks >> words.orcon & everybody else 0
        found |= MARKED if way.marked else 0
        return found | (PLAIN if way.plain is not None else 0)

    # -- the corpus ------------------------------------------------------------------

    def corpus(self, entries: Iterable[Item | Held]) -> Corpus:
        """Compile items, or items as their senders hold them."""
        index, words = self.index, self.index.words
        given = tuple(entries)
        rows: list[tuple[int, Item | Held, Marked | None, int, Instant]] = []
        for number, entry in enumerate(given):
            item = entry.item if isinstance(entry, Held) else entry
            marking = index.marking(item)
            for cut, part in zip(marking.cuts, marking.parts, strict=True):
                rows.append((_key(number, cut), entry, part, marking.sole, cut))
        marks = [self._marks(entry, part) for _, entry, part, *_ in rows]
        shapes = {mark: n for n, mark in enumerate(dict.fromkeys(marks))}
        size, low = len(self.parties), self._low
        parts = [part or _NOWHERE for _, _, part, *_ in rows]
        soles = [sole for *_, sole, _ in rows]
        purposes = {word: n for n, word in enumerate(self.purposes)}
        channels = {word: n for n, word in enumerate(self.channels)}
        items = [entry.item if isinstance(entry, Held) else entry for entry in given]
        holders = [words.party.get(e.by, -2) if isinstance(e, Held) else -1 for e in given]
        return Corpus(
            entries=given,
            starts=np.array([start for start, *_ in rows], np.int64),
            needs=_masks([p.needs for p in parts], 0, low),
            whose=_masks([p.needs for p in parts], words.from_, size),
            shape=np.array([shapes[mark] for mark in marks], np.int64),
            leads=_leads(self._tables, _masks(list(shapes), 0, self._high)),
            open_to=_masks(
                [
                    (p.listed | p.shown) & p.bound | sole
                    for p, sole in zip(parts, soles, strict=True)
                ],
                0,
                size,
            ),
            listed=_masks([p.listed for p in parts], 0, size),
            home=np.array(
                [
                    self._policy.get(p.home, -1) if sole else -1
                    for p, sole in zip(parts, soles, strict=True)
                ],
                np.int64,
            ),
            flags=np.array(
                [self._flags(entry, part, cut) for _, entry, part, _, cut in rows], np.uint8
            ),
            purpose=np.array([purposes.get(i.purpose, -1) for i in items], np.int64),
            channel=np.array([channels.get(i.channel, -1) for i in items], np.int64),
            holder=np.array(holders, np.int64),
        )

    def _marks(self, entry: Item | Held, part: Marked | None) -> int:
        """Return the bits of the level and tags from which a table has to lead on."""
        if part is None:
            return 0
        needs = part.needs
        if isinstance(entry, Held):
            needs = self.index.marked(entry.level, entry.tags)
        return needs >> self._low & (1 << self._high) - 1

    def _flags(self, entry: Item | Held, part: Marked | None, at: Instant) -> int:
        index = self.index
        if part is None:
            return DEAD
        item = entry.item if isinstance(entry, Held) else entry
        single = part.plain or part.clients or part.own_only or index.received(item.id)
        found = SINGLE if single else 0
        if part.needs >> index.words.orcon:
            found |= SAYS_ORCON
        if isinstance(entry, Held) and not single:
            asked = _request(entry, entry.by, "", at)
            found |= 0 if index.well_held(asked, part) else DEAD
        return found

    # -- flows -----------------------------------------------------------------------

    def decide(
        self,
        corpus: Corpus,
        entry: Ints,
        sender: Ints,
        recipient: Ints,
        at: Ints,
        *,
        purpose: Ints | None = None,
        channel: Ints | None = None,
        under: Ints | None = None,
    ) -> Ints:
        """Decide every flow, as `decide` would one by one.

        Args:
            corpus: made by these columns.
            entry: the place of each flow's item in the corpus.
            sender: the place of who sends it in ``parties``.
            recipient: that of who would get it.
            at: UTC seconds.
            purpose: its place in ``purposes``; -1, or none given, for the item's own.
            channel: its place in ``channels``, likewise.
            under: the place of the accord that the sender names; -1, or none, for any.

        Returns:
            The place of the permitting accord in ``accords``; `DENIED`; or `BY_AUTHORITY`.
        """
        none = np.full(len(entry), -1, np.int64)
        flows = _Flows(
            entry=entry,
            sender=sender,
            recipient=recipient,
            at=at,
            purpose=none if purpose is None else purpose,
            channel=none if channel is None else channel,
            under=none if under is None else under,
        )
        found = np.full(len(entry), DENIED, np.int64)
        for begin in range(0, len(entry), CHUNK):
            part = flows.part(slice(begin, begin + CHUNK))
            answers = self._chunk(corpus, part)
            found[begin : begin + CHUNK] = answers
        return found

    def _chunk(self, corpus: Corpus, flows: _Flows) -> Ints:
        size = len(self.parties)
        row = _at(corpus.starts, flows.entry, flows.at)
        place = flows.sender * size + flows.recipient
        cell = _at(self._starts, place, flows.at)
        between = (cell >= 0) & (self._starts[cell] // KEY == place)
        flags = corpus.flags[row]
        known, needs = self._needed(corpus, flows, row)
        known &= (flags & DEAD == 0) & (flows.sender != flows.recipient)
        holder = corpus.holder[flows.entry]
        known &= (holder == -1) | (holder == flows.sender)
        single = known & (flags & SINGLE != 0)
        known &= ~single
        listed = _has(corpus.open_to[row], flows.recipient)
        found = np.full(len(row), DENIED, np.int64)
        alive = np.flatnonzero(known & between & listed)
        ask = [np.flatnonzero(single)]
        if len(alive):
            asked = self._walk(
                corpus, flows.part(alive), row[alive], cell[alive], needs[alive]
            )
            found[alive] = asked
            ask.append(alive[asked == _ASK])
        left = known & (found == DENIED) & self._authorised[place] & (flows.under < 0)
        ask.append(np.flatnonzero(left))
        for place_ in np.concatenate(ask):
            found[place_] = self._one(corpus, flows, int(place_))
        return found

    def _needed(self, corpus: Corpus, flows: _Flows, row: Ints) -> tuple[Truths, Masks]:
        """Return which flows have words that are known, and what each needs of the lists."""
        words = self.index.words
        purposes = _masks([*words.purposes.values(), 0], 0, self._low)
        channels = _masks([*words.channels.values(), 0], 0, self._low)
        own = corpus.purpose[flows.entry]
        purpose = np.where(flows.purpose < 0, own, flows.purpose)
        channel = np.where(flows.channel < 0, corpus.channel[flows.entry], flows.channel)
        known = (purpose >= 0) & (channel >= 0)
        return known, corpus.needs[row] | purposes[purpose] | channels[channel]

    def _walk(
        self,
        corpus: Corpus,
        flows: _Flows,
        row: Ints,
        cell: Ints,
        needs: Masks,
    ) -> Ints:
        """Try each flow's ways, one after the other, until one lets it go."""
        size = len(self.parties)
        whose, flags = corpus.whose[row], corpus.flags[row]
        others = whose.copy()
        for party in (flows.sender, flows.recipient):
            others &= ~_bit(party, size)
        foreign = others.any(axis=1)
        own = corpus.home[row]
        home = (own == self._theirs[flows.recipient]) & _has(whose, flows.recipient)
        asks = np.where(foreign, EACH, 0) | ALL
        purpose = corpus.purpose[flows.entry]
        changed = (flows.purpose >= 0) & (flows.purpose != purpose)
        asks |= np.where(foreign & changed, CHANGED, 0)
        asks |= np.where(foreign & (flags & SAYS_ORCON != 0), ORCON, 0)
        named = _has(corpus.listed[row], flows.recipient)
        asks |= np.where(foreign & ~named, MARKED, 0)
        shape = corpus.shape[row]
        found = np.full(len(row), DENIED, np.int64)
        place, end = self._first[cell], self._first[cell + 1]
        alive = np.flatnonzero(place < end)
        while len(alive):
            way = self._order[place[alive]]
            passes = home[alive] | corpus.leads[self._table[way], shape[alive]]
            passes &= _clear(needs[alive], self._forbids[way])
            passes &= _clear(whose[alive], self._forbids_from[way])
            under = flows.under[alive]
            passes &= (under < 0) | (under == self._accord[way])
            asked = (self._asks[way] & (asks[alive] | PLAIN)) != 0
            found[alive[passes]] = np.where(asked, _ASK, self._accord[way])[passes]
            place[alive] += 1
            alive = alive[~passes]
            alive = alive[place[alive] < end[alive]]
        return found

    def _one(self, corpus: Corpus, flows: _Flows, place: int) -> int:
        """Ask the index about one flow."""
        entry = corpus.entries[int(flows.entry[place])]
        purpose, channel = int(flows.purpose[place]), int(flows.channel[place])
        under = int(flows.under[place])
        asked = _request(
            entry,
            self.parties[int(flows.sender[place])],
            self.parties[int(flows.recipient[place])],
            Instant(int(flows.at[place])),
            purpose=None if purpose < 0 else self.purposes[purpose],
            channel=None if channel < 0 else self.channels[channel],
            under=None if under < 0 else self.accords[under],
        )
        answer = self.index.ask(asked)
        if answer.authority is not None:
            return BY_AUTHORITY
        return DENIED if answer.accord is None else self._numbers[answer.accord]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Flows:
    entry: Ints
    sender: Ints
    recipient: Ints
    at: Ints
    purpose: Ints
    channel: Ints
    under: Ints

    def part(self, which: slice | Ints) -> _Flows:
        return _Flows(
            entry=self.entry[which],
            sender=self.sender[which],
            recipient=self.recipient[which],
            at=self.at[which],
            purpose=self.purpose[which],
            channel=self.channel[which],
            under=self.under[which],
        )


_ASK = -3  # the index, about this one flow
_NOWHERE = Marked(
    needs=0, listed=0, shown=0, clients=0, bound=0, own_only=False, home="", plain=False
)


def _request(
    entry: Item | Held,
    sender: str,
    recipient: str,
    at: Instant,
    *,
    purpose: str | None = None,
    channel: str | None = None,
    under: str | None = None,
) -> Request:
    held = entry if isinstance(entry, Held) else None
    return Request(
        item=entry.item if isinstance(entry, Held) else entry,
        sender=sender,
        recipient=recipient,
        at=at,
        purpose=purpose,
        channel=channel,
        under=under,
        held_as=None if held is None else held.level,
        held_tags=() if held is None else held.tags,
    )


def _key(row: int, at: int) -> int:
    return row * KEY + min(max(at - FAR_PAST, 0), KEY - 1)


def _at(starts: Ints, row: Ints, at: Ints) -> Ints:
    """Return the last start at or before each row and instant."""
    keys = row * KEY + np.clip(at - FAR_PAST, 0, KEY - 1)
    return np.searchsorted(starts, keys, side="right") - 1


def _masks(values: Sequence[int], offset: int, width: int) -> Masks:
    """Return a stretch of bits of some numbers, 64 a column."""
    whole = (1 << 64) - 1
    columns = [
        np.array([value >> place & whole for value in values], np.uint64)
        for place in range(offset, offset + width, 64)
    ]
    spare = -width % 64
    if spare:
        columns[-1] &= np.uint64(whole >> spare)
    return np.stack(columns, axis=1)


def _bit(place: Ints, width: int) -> Masks:
    """Return the mask of one bit each."""
    made = np.zeros((len(place), -(-width // 64)), np.uint64)
    made[np.arange(len(place)), place >> 6] = np.uint64(1) << (place & 63).astype(np.uint64)
    return made


def _has(masks: Masks, place: Ints) -> Truths:
    """Say of each mask whether it has one bit."""
    word = masks[np.arange(len(place)), place >> 6]
    found: Truths = (word >> (place & 63).astype(np.uint64) & np.uint64(1)).astype(bool)
    return found


def _clear(needs: Masks, forbids: Masks) -> Truths:
    """Say of each two masks whether they have no bit in common."""
    common = needs[:, 0] & forbids[:, 0]
    for column in range(1, needs.shape[1]):
        common |= needs[:, column] & forbids[:, column]
    found: Truths = common == 0
    return found


def _leads(tables: Masks, shapes: Masks) -> Truths:
    """Say of each table and each level with its tags whether its rows lead on."""
    found = np.ones((len(tables), len(shapes)), bool)
    for begin in range(0, len(tables), 1_024):
        block = slice(begin, begin + 1_024)
        for column in range(tables.shape[1]):
            common = tables[block, column, None] & shapes[None, :, column]
            found[block] &= common == 0
    return found
