"""Millions of decisions at once: the index's cells as columns, asked with numpy.

A corpus is compiled once; then each flow, an item from a party to a party at an instant, is
a row of numbers. What a column cannot hold the index answers, one by one: what is made from
other items or was received under an accord, what clients of an addressee may have, a time
not known to the day, a consent that somebody has also refused.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import compress, product
from operator import itemgetter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.compiled.arrays import (
    Ints,
    Masks,
    Stretched,
    Truths,
    apart,
    apart_each,
    has,
    ints,
    masks,
    taken,
    whole,
)
from comity.compiled.corpus import (
    DEAD,
    SAYS_ORCON,
    SINGLE,
    Corpus,
    Held,
    corpus,
    request,
)
from comity.compiled.index import Index
from comity.compiled.leave import Consented
from comity.compiled.many import Flow, Under, asked
from comity.compiled.pair import Pair, Way
from comity.labels import Item

CHUNK = 65_536  # flows at a time: their columns stay in the processor's cache
DENIED, BY_AUTHORITY = -1, -2

EACH, CHANGED, ORCON, MARKED, ALL, PLAIN = (1 << n for n in range(6))
"""Whose consent a way asks for: that of everybody else, of those whose purpose changed, of
those who said orcon, of those whose label does not release it, of all; or ask the index."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Flows:
    """What is asked, one flow a row.

    Attributes:
        entry: the place of the item in the corpus.
        sender, recipient: places in `Columns.parties`.
        at: UTC seconds.
        purpose: its place in `Columns.purposes`; -1 for the item's own.
        channel: its place in `Columns.channels`; -1 for the item's own.
        under: the place in `Columns.accords` of the one that the sender names; -1 for any.
    """

    entry: Ints
    sender: Ints
    recipient: Ints
    at: Ints
    purpose: Ints
    channel: Ints
    under: Ints

    @classmethod
    def of(
        cls,
        entry: Ints,
        sender: Ints,
        recipient: Ints,
        at: Ints,
        *,
        purpose: Ints | None = None,
        channel: Ints | None = None,
        under: Ints | None = None,
    ) -> Flows:
        """Return flows; what is left out is as the item has it."""
        own = np.full(len(entry), -1, np.int64)
        return cls(
            entry=entry,
            sender=sender,
            recipient=recipient,
            at=at,
            purpose=own if purpose is None else purpose,
            channel=own if channel is None else channel,
            under=own if under is None else under,
        )

    def part(self, which: slice | Ints) -> Flows:
        """Return some of them."""
        return Flows(
            entry=self.entry[which],
            sender=self.sender[which],
            recipient=self.recipient[which],
            at=self.at[which],
            purpose=self.purpose[which],
            channel=self.channel[which],
            under=self.under[which],
        )


Kept: TypeAlias = tuple[int, int, str, dict[int, tuple[tuple[int, str | None, bool], ...]]]
"""A way as the columns hold it: what it forbids, whom it asks, its accord and the consents."""


class Columns:
    """A world as columns.

    Args:
        index: every pair and stretch of it that flows may ask about is compiled.
        pairs: sender and recipient, of the flows that will be asked; all, if not given.
        since, before: the stretch of time in which they will be. About any others the index
            is asked.

    Attributes:
        accords: their ids, by the number that an answer gives.
        parties, purposes, channels: the words, by the number that a flow gives.
    """

    def __init__(
        self,
        index: Index,
        *,
        pairs: Iterable[tuple[str, str]] | None = None,
        since: Instant = FAR_PAST,
        before: Instant = FAR_FUTURE,
    ) -> None:
        self.index = index
        self._since, self._before = max(since, FAR_PAST), min(before, FAR_FUTURE)
        words = index.words
        self.accords = tuple(index.world.lookup.accords)
        self.parties = tuple(words.party)
        self.purposes = tuple(words.purposes)
        self.channels = tuple(words.channels)
        self._numbers = {name: n for n, name in enumerate(self.accords)}
        self._low = len(words.categories) + len(words.kinds)
        self._low += len(words.purposes) + len(words.channels)
        self._purpose = masks([*words.purposes.values(), 0], 0, self._low)
        self._channel = masks([*words.channels.values(), 0], 0, self._low)
        policies = {name: n for n, name in enumerate(index.world.policies)}
        theirs = [index.world.policy_of(party) for party in self.parties]
        self._theirs = ints([policies[p.id] if p else -2 for p in theirs])
        every = product(self.parties, self.parties) if pairs is None else set(pairs)
        self._world(pair for two in every if (pair := index.pair(*two)) is not None)

    # -- the world -------------------------------------------------------------------

    def _world(self, pairs: Iterable[Pair]) -> None:
        index, words = self.index, self.index.words
        size = len(self.parties)
        starts: list[tuple[int, int]] = []
        first: list[int] = []
        order: list[int] = []
        numbers: dict[tuple[object, ...], int] = {}
        ways: list[Way] = []
        self._authorised = np.zeros(size * size, bool)
        self._here = np.zeros(size * size, bool)
        placed = [(self._place(pair.sender, pair.recipient), pair) for pair in pairs]
        for place, pair in sorted(placed, key=itemgetter(0)):
            self._authorised[place] = pair.authorised
            self._here[place] = True
            for cut in self._cuts(pair):
                begins = not starts or starts[-1][0] != place
                starts.append((place, FAR_PAST if begins else cut))
                first.append(len(order))
                for way in index.cell(pair, cut).ways:
                    leave = tuple(way.leave.items())
                    known = (
                        *way[:4],
                        leave,
                        pair.from_ | pair.to if leave else 0,
                        way.plain,
                    )
                    number = numbers.setdefault(known, len(ways))
                    if number == len(ways):
                        ways.append(way)
                    order.append(number)
        self._cells = Stretched(starts, size * size)
        self._first = ints([*first, len(order)])
        self._order = ints(order)
        forbids = [way.forbids for way in ways]
        self._forbids = masks(forbids, 0, self._low)
        self._forbids_from = masks(forbids, words.from_, size)
        tables = {forbid & index.table: 0 for forbid in forbids}
        self._tables = tuple(tables)
        classes = {table: n for n, table in enumerate(self._tables)}
        self._table = ints([classes[forbid & index.table] for forbid in forbids])
        self._accord = ints([self._numbers[way.accord] for way in ways])
        self._asks = np.array([self._asked(way) for way in ways], np.uint8)
        self._leaves = _Leaves(ways, index, self._low)

    def ways(self, sender: str, recipient: str, at: Instant) -> tuple[Kept, ...]:
        """Return what the columns hold between two at an instant, for comparison with the index."""
        words, place = self.index.words, self._place(sender, recipient)
        cell = int(self._cells.at(ints([place]), ints([at]))[0])
        if int(self._cells.row[cell]) != place:
            return ()
        found = []
        for number in self._order[self._first[cell] : self._first[cell + 1]].tolist():
            forbids = whole(self._forbids, number) | self._tables[int(self._table[number])]
            forbids |= whole(self._forbids_from, number) << words.from_
            asks, accord = int(self._asks[number]), self.accords[int(self._accord[number])]
            found.append((forbids, asks, accord, self._leaves.of(number, self.index)))
        return tuple(found)

    def same(self, sender: str, recipient: str) -> bool:
        """Say whether the columns hold between two just what the index does, at every stretch."""
        index, words = self.index, self.index.words
        pair = index.pair(sender, recipient)
        if pair is None or not pair.tracks:
            return self.ways(sender, recipient, Instant(0)) == () if pair else True
        kept = (1 << self._low) - 1 | index.table | words.everybody << words.from_
        cuts = self._cuts(pair)
        for since, before in zip(cuts, [*cuts[1:], self._before], strict=True):
            wanted = tuple(
                (
                    way.forbids & kept,
                    self._asked(way),
                    way.accord,
                    {
                        place: tuple((k.forbids, k.item, bool(k.unless)) for k in consents)
                        for place, consents in way.leave.items()
                    },
                )
                for way in index.cell(pair, since).ways
            )
            for at in (since, Instant(before - 1)):
                if self.ways(sender, recipient, at) != wanted:
                    return False
        return True

    def _place(self, sender: str, recipient: str) -> int:
        places = self.index.words.party
        return places[sender] * len(self.parties) + places[recipient]

    def _cuts(self, pair: Pair) -> list[Instant]:
        """Return the first instant of each stretch that flows may be in; none without accords."""
        if not pair.tracks:
            return []
        first = max(bisect_right(pair.cuts, self._since) - 1, 0)
        return pair.cuts[first : bisect_left(pair.cuts, self._before)]

    def _asked(self, way: Way) -> int:
        words = self.index.words
        everybody = words.everybody
        from_ = way.asks >> words.from_ & everybody
        found = ALL if from_ == everybody else EACH if from_ else 0
        found |= CHANGED if way.asks >> words.changed & everybody else 0
        found |= ORCON if way.asks >> words.orcon & everybody else 0
        found |= MARKED if way.marked else 0
        return found | (PLAIN if way.plain is not None else 0)

    def corpus(self, entries: Iterable[Item | Held]) -> Corpus:
        """Compile items, or items as their senders hold them."""
        return corpus(self.index, entries)

    # -- flows -----------------------------------------------------------------------

    def decide(self, corpus: Corpus, flows: Flows) -> Ints:
        """Decide every flow as `decide` would, one by one.

        Returns:
            The place of the permitting accord in ``accords``; `DENIED`; or `BY_AUTHORITY`.
        """
        index = self.index
        if not self._low:
            return np.full(len(flows.entry), DENIED, np.int64)  # there is no word to use
        offset, width = self._low, len(index.words.levels) + len(index.words.tags) + 1
        leads = apart_each(
            masks(self._tables, offset, width), masks(corpus.shapes, offset, width)
        )
        asked = _Asked(corpus, leads, self._leaves.items(corpus), len(self.parties))
        found = np.full(len(flows.entry), DENIED, np.int64)
        for begin in range(0, len(found), CHUNK):
            part = slice(begin, begin + CHUNK)
            found[part] = self._chunk(asked, flows.part(part))
        return found

    def _chunk(self, asked: _Asked, flows: Flows) -> Ints:
        corpus, size = asked.corpus, asked.parties
        place = flows.sender * size + flows.recipient
        row = corpus.rows.at(flows.entry, flows.at)
        flags, holder = corpus.flags[row], corpus.holder[flows.entry]
        own = (flows.purpose < 0) & (corpus.purpose[flows.entry] < 0)
        own |= (flows.channel < 0) & (corpus.channel[flows.entry] < 0)
        known = ~own & (flags & DEAD == 0) & (flows.sender != flows.recipient)
        known &= (holder == -1) | (holder == flows.sender)
        single = known & (flags & SINGLE != 0)
        single |= known & ((flows.at < self._since) | (flows.at >= self._before))
        single |= known & ~self._here[place]
        known &= ~single
        found = np.full(len(row), DENIED, np.int64)
        alive = np.flatnonzero(known & has(corpus.open_to, row, flows.recipient))
        cell = self._cells.at(place[alive], flows.at[alive])
        between = self._cells.row[cell] == place[alive]
        alive, cell = alive[between], cell[between]
        found[alive] = self._walk(asked, flows.part(alive), row[alive], cell)
        left = known & (found == DENIED) & self._authorised[place] & (flows.under < 0)
        for one in np.flatnonzero(single | left | (found == _ASK)):
            found[one] = self._one(corpus, flows, int(one))
        return found

    def _walk(self, asked: _Asked, flows: Flows, row: Ints, cell: Ints) -> Ints:
        """Try each flow's ways, one after the other, until one lets it go."""
        corpus = asked.corpus
        entry, flags = flows.entry, corpus.flags[row]
        purpose = np.where(flows.purpose < 0, corpus.purpose[entry], flows.purpose)
        channel = np.where(flows.channel < 0, corpus.channel[entry], flows.channel)
        needs = _with(taken(corpus.needs, row), self._low)
        for given, own in ((self._purpose, purpose), (self._channel, channel)):
            needs = tuple(one | more[own] for one, more in zip(needs, given, strict=True))
        whose = taken(corpus.whose, row)
        foreign = np.zeros(len(row), bool)
        for givers in corpus.givers:
            giver = givers[row]
            foreign |= (giver >= 0) & (giver != flows.sender) & (giver != flows.recipient)
        sole = corpus.givers[0][row]
        home = (corpus.home[row] == self._theirs[flows.recipient]) & (
            sole == flows.recipient
        )
        asks = np.full(len(row), ALL | PLAIN, np.uint8)
        asks[foreign] |= EACH
        asks[foreign & (purpose != corpus.purpose[entry])] |= CHANGED
        asks[foreign & (flags & SAYS_ORCON != 0)] |= ORCON
        others = np.flatnonzero(foreign)
        named = has(corpus.listed, row[others], flows.recipient[others])
        asks[others[~named]] |= MARKED
        shape = corpus.shape[row]
        found = np.full(len(row), DENIED, np.int64)
        place, end = self._first[cell], self._first[cell + 1]
        alive = np.flatnonzero(place < end)
        while len(alive):
            way = self._order[place[alive]]
            passes = apart(taken(needs, alive), taken(self._forbids, way))
            passes &= apart(taken(whose, alive), taken(self._forbids_from, way))
            passes &= home[alive] | asked.leads[self._table[way], shape[alive]]
            under = flows.under[alive]
            passes &= (under < 0) | (under == self._accord[way])
            asking = self._asks[way] & asks[alive]
            free = passes & (asking == 0)
            found[alive[free]] = self._accord[way[free]]
            wait = np.flatnonzero(passes & (asking != 0))
            if len(wait):
                which = alive[wait]
                said = self._leaves.given(
                    asked.with_needs(needs),
                    flows,
                    which,
                    row[which],
                    way[wait],
                    asking[wait],
                )
                found[which] = np.where(said == _YES, self._accord[way[wait]], said)
                passes[wait] = said != DENIED
            place[alive] += 1
            alive = alive[~passes]
            alive = alive[place[alive] < end[alive]]
        return found

    def _one(self, corpus: Corpus, flows: Flows, place: int) -> int:
        """Ask the index about one flow."""
        purpose, channel = int(flows.purpose[place]), int(flows.channel[place])
        under = int(flows.under[place])
        asked = replace(
            request(
                corpus.entries[int(flows.entry[place])],
                self.parties[int(flows.sender[place])],
                self.parties[int(flows.recipient[place])],
                Instant(int(flows.at[place])),
            ),
            purpose=None if purpose < 0 else self.purposes[purpose],
            channel=None if channel < 0 else self.channels[channel],
            under=None if under < 0 else self.accords[under],
        )
        answer = self.index.ask(asked)
        if answer.authority is not None:
            return BY_AUTHORITY
        return DENIED if answer.accord is None else self._numbers[answer.accord]


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A corpus against a world: whether each table leads on from each level with its tags."""

    corpus: Corpus
    leads: Truths
    items: Ints
    parties: int
    needs: Masks = ()

    def with_needs(self, needs: Masks) -> _Asked:
        return replace(self, needs=needs)


class _Leaves:
    """The consents of every way, by way and giver."""

    def __init__(self, ways: list[Way], index: Index, low: int) -> None:
        words = index.words
        self._size, self._low = len(words.party), low
        numbers: dict[tuple[object, ...], int] = {}
        groups: list[dict[int, tuple[Consented, ...]]] = []
        leave: list[int] = []
        for way in ways:
            key = tuple(way.leave.items())
            number = numbers.setdefault(key, len(groups))
            if number == len(groups):
                groups.append(dict(way.leave))
            leave.append(number)
        self._leave = ints(leave)
        first: list[int] = [0]
        every: list[Consented] = []
        for group in groups:
            for place in range(self._size):
                every += group.get(place, ())
                first.append(len(every))
        self._first = ints(first)
        self._forbids = masks([consent.forbids for consent in every], 0, low)
        levels = list(words.levels.values())
        classes: dict[int, int] = {}
        for consent in every:
            classes.setdefault(consent.forbids & sum(levels), len(classes))
        reaches = [[not known & level for level in levels] for known in classes]
        self._reaches = np.array(reaches, bool).reshape(len(classes), len(levels))
        self._class = ints([classes[consent.forbids & sum(levels)] for consent in every])
        self._refused = np.array([bool(consent.unless) for consent in every], bool)
        self._named = [consent.item for consent in every]

    def of(
        self, way: int, index: Index
    ) -> dict[int, tuple[tuple[int, str | None, bool], ...]]:
        """Return the consents of a way as they are held, by giver: what they forbid, item, refused."""
        levels = list(index.words.levels.values())
        found: dict[int, tuple[tuple[int, str | None, bool], ...]] = {}
        for place in range(self._size):
            key = int(self._leave[way]) * self._size + place
            consents = range(int(self._first[key]), int(self._first[key + 1]))
            if consents:
                found[place] = tuple(
                    (
                        whole(self._forbids, n)
                        | sum(
                            bit
                            for bit, reaches in zip(
                                levels, self._reaches[self._class[n]], strict=True
                            )
                            if not reaches
                        ),
                        self._named[n],
                        bool(self._refused[n]),
                    )
                    for n in consents
                )
        return found

    def items(self, corpus: Corpus) -> Ints:
        """Return for which entry's item each consent is, by number; -1 for any, -2 for none."""
        numbers = {item: n for n, item in enumerate(corpus.items)}
        return ints([-1 if i is None else numbers.get(i, -2) for i in self._named])

    def given(
        self,
        asked: _Asked,
        flows: Flows,
        which: Ints,
        row: Ints,
        way: Ints,
        asking: NDArray[np.uint8],
    ) -> Ints:
        """Say whether everyone whose consent is asked has given it: yes, no, or ask the index."""
        found = np.where(asking & PLAIN != 0, _ASK, _YES)
        sender, recipient = flows.sender[which], flows.recipient[which]
        needs, level = taken(asked.needs, which), asked.corpus.level[row]
        for givers in asked.corpus.givers:
            giver = givers[row]
            theirs = (giver == sender) | (giver == recipient)
            wanted = (giver >= 0) & (found == _YES) & (~theirs | (asking & ALL != 0))
            one = np.flatnonzero(wanted)
            if len(one):
                key = self._leave[way[one]] * self._size + giver[one]
                item = asked.corpus.item[flows.entry[which[one]]]
                found[one] = self._of(asked, key, taken(needs, one), level[one], item)
        return found

    def _of(self, asked: _Asked, key: Ints, needs: Masks, level: Ints, item: Ints) -> Ints:
        found = np.full(len(key), DENIED, np.int64)
        place, end = self._first[key], self._first[key + 1]
        alive = np.flatnonzero(place < end)
        while len(alive):
            consent = place[alive]
            covers = apart(taken(needs, alive), taken(self._forbids, consent))
            covers &= self._reaches[self._class[consent], level[alive]]
            named = asked.items[consent]
            covers &= (named == -1) | (named == item[alive])
            refused = self._refused[consent]
            found[alive[covers & refused]] = _ASK
            found[alive[covers & ~refused]] = _YES
            place[alive] += 1
            alive = alive[~(covers & ~refused)]
            alive = alive[place[alive] < end[alive]]
        return found


_YES, _ASK = -4, -3  # of a consent; of what only the index can tell


def _with(needs: Masks, width: int) -> Masks:
    """Return masks with room for more bits."""
    columns = -(-width // 64)
    none = np.zeros(len(needs[0]), np.uint64)
    return (*needs, *(none for _ in range(columns - len(needs))))


def decided_together(index: Index, flows: Sequence[Flow]) -> list[Under]:
    """Decide flows over columns of the pairs and the time that they ask about.

    What has no place there, a stranger or an accord that nobody knows, the index is asked.

    Raises:
        NotKnown: a flow names an accord that the world does not have.
    """
    accords: dict[str | None, int] = {None: -1}
    accords |= {name: n for n, name in enumerate(index.world.lookup.accords)}
    have_place = [
        index.pair(flow.sender, flow.recipient) is not None and flow.under in accords
        for flow in flows
    ]
    if not all(have_place):
        placed = iter(decided_together(index, list(compress(flows, have_place))))
        return [
            next(placed) if one else asked(index, flow)
            for flow, one in zip(flows, have_place, strict=True)
        ]
    if not flows:
        return []
    when = [flow.at for flow in flows]
    columns = Columns(
        index,
        pairs=((flow.sender, flow.recipient) for flow in flows),
        since=min(when),
        before=Instant(max(when) + 1),
    )
    entries: dict[
        int, int
    ] = {}  # by identity: to tell whether items are equal takes longer
    items: list[Item] = []
    for flow in flows:
        if id(flow.item) not in entries:
            entries[id(flow.item)] = len(items)
            items.append(flow.item)
    parties = index.words.party
    found = columns.decide(
        columns.corpus(items),
        Flows.of(
            ints([entries[id(flow.item)] for flow in flows]),
            ints([parties[flow.sender] for flow in flows]),
            ints([parties[flow.recipient] for flow in flows]),
            ints(when),
            under=ints([accords[flow.under] for flow in flows]),
        ),
    )
    words = [Under(accord) for accord in columns.accords]
    return [
        words[one] if one >= 0 else _NO if one == DENIED else asked(index, flow)
        for one, flow in zip(found.tolist(), flows, strict=True)
    ]


_NO = Under()
