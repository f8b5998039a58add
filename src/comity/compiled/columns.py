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
    HELD,
    NO_CHANNEL,
    NO_PURPOSE,
    SAYS_ORCON,
    SINGLE,
    Corpus,
    Held,
    corpus,
    request,
)
from comity.compiled.flow import Flow, Under, asked
from comity.compiled.flows import (
    ALL,
    ASK,
    BY_AUTHORITY,
    CHANGED,
    DENIED,
    EACH,
    MARKED,
    ORCON,
    PLAIN,
    YES,
    Flows,
)
from comity.compiled.index import Index
from comity.compiled.leaves import Leaves
from comity.compiled.pair import Pair, Way
from comity.labels import Item

CHUNK = 131_072  # flows at a time: few calls of numpy, on columns that stay in the cache
MANY = 500_000  # ways, of which not all stay there

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
        size, low = len(self.parties), words.low
        self._width = low + size
        self._purpose = masks([*words.purposes.values(), 0], 0, self._width)
        self._channel = masks([*words.channels.values(), 0], 0, self._width)
        both = product(words.party.values(), repeat=2)
        others = [words.everybody & ~(1 << one | 1 << two) for one, two in both]
        self._others = masks([mask << low for mask in others], 0, self._width)
        policies = {name: n for n, name in enumerate(index.world.policies)}
        theirs = [index.world.policy_of(party) for party in self.parties]
        self._asked: _Asked | None = None
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
        self._here = np.eye(size, dtype=bool).ravel()  # nobody sends itself anything
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
        self._forbids = masks([words.packed(mask) for mask in forbids], 0, self._width)
        tables = {forbid & index.table: 0 for forbid in forbids}
        self._tables = tuple(tables)
        classes = {table: n for n, table in enumerate(self._tables)}
        self._table = ints([classes[forbid & index.table] for forbid in forbids])
        self._accord = ints([self._numbers[way.accord] for way in ways])
        self._asks = np.array([self._asks_of(way) for way in ways], np.uint8)
        self._leaves = Leaves(ways, index)

    def ways(self, sender: str, recipient: str, at: Instant) -> tuple[Kept, ...]:
        """Return what the columns hold between two at an instant, for comparison with the index."""
        words, place = self.index.words, self._place(sender, recipient)
        cell = int(self._cells.at(ints([place]), ints([at]))[0])
        if int(self._cells.row[cell]) != place:
            return ()
        found = []
        low = words.low
        for number in self._order[self._first[cell] : self._first[cell + 1]].tolist():
            packed = whole(self._forbids, number)
            forbids = packed & (1 << low) - 1 | packed >> low << words.from_
            forbids |= self._tables[int(self._table[number])]
            asks, accord = int(self._asks[number]), self.accords[int(self._accord[number])]
            found.append((forbids, asks, accord, self._leaves.of(number, self.index)))
        return tuple(found)

    def same(self, sender: str, recipient: str) -> bool:
        """Say whether the columns hold between two just what the index does, at every stretch."""
        index, words = self.index, self.index.words
        pair = index.pair(sender, recipient)
        if pair is None or not pair.tracks:
            return self.ways(sender, recipient, Instant(0)) == () if pair else True
        kept = (1 << words.low) - 1 | index.table | words.everybody << words.from_
        cuts = self._cuts(pair)
        for since, before in zip(cuts, [*cuts[1:], self._before], strict=True):
            wanted = tuple(
                (
                    way.forbids & kept,
                    self._asks_of(way),
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

    def _asks_of(self, way: Way) -> int:
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
        if not self.index.words.low:
            return np.full(len(flows.entry), DENIED, np.int64)  # there is no word to use
        if self._asked is None or self._asked.corpus is not corpus:
            self._asked = self._against(corpus)
        asked = self._asked
        found = np.full(len(flows.entry), DENIED, np.int64)
        order = self._by_pair(flows)
        for begin in range(0, len(found), CHUNK):
            part = slice(begin, begin + CHUNK)
            if order is not None:
                found[order[part]] = self._chunk(asked, flows.part(order[part]))
            else:
                found[part] = self._chunk(asked, flows.part(part))
        return found

    def _against(self, corpus: Corpus) -> _Asked:
        """Put a corpus against the world; remembered while the same one is asked about."""
        words = self.index.words
        offset, width = words.low, len(words.levels) + len(words.tags) + 1
        leads = apart_each(
            masks(self._tables, offset, width), masks(corpus.shapes, offset, width)
        )
        return _Asked(corpus, leads, self._leaves.items(corpus))

    def _by_pair(self, flows: Flows) -> Ints | None:
        """Return the flows pair by pair; none where all pairs stay in the processor's cache."""
        if len(self._order) < MANY or len(flows.entry) <= CHUNK:
            return None
        narrow = np.uint16 if len(self.parties) <= np.iinfo(np.uint16).max else np.int64
        order: Ints = np.argsort(flows.recipient.astype(narrow), kind="stable")
        sender = flows.sender.astype(narrow)[order]
        return order[np.argsort(sender, kind="stable")]

    def _chunk(self, asked: _Asked, flows: Flows) -> Ints:
        corpus = asked.corpus
        place = flows.sender * len(self.parties) + flows.recipient
        row = corpus.rows.at(flows.entry, flows.at)
        flags = corpus.flags[row]
        known = flags & DEAD == 0
        for wordless, given in (
            (flags & NO_PURPOSE, flows.purpose),
            (flags & NO_CHANNEL, flows.channel),
        ):
            known &= (wordless == 0) | (given >= 0)
        held = np.flatnonzero(flags & HELD)
        known[held] &= corpus.holder[flows.entry[held]] == flows.sender[held]
        single = (flags & SINGLE != 0) | ~self._here[place]
        single |= (flows.at < self._since) | (flows.at >= self._before)
        single &= known
        known &= ~single
        found = np.full(len(row), DENIED, np.int64)
        alive = np.flatnonzero(known & has(corpus.open_to, row, flows.recipient))
        cell = self._cells.at(place[alive], flows.at[alive])
        between = self._cells.row[cell] == place[alive]
        alive, cell = alive[between], cell[between]
        found[alive] = self._walk(asked, flows.part(alive), row[alive], cell)
        left = known & (found == DENIED) & self._authorised[place] & (flows.under < 0)
        for one in np.flatnonzero(single | left | (found == ASK)):
            found[one] = self._one(corpus, flows, int(one))
        return found

    def _walk(self, asked: _Asked, flows: Flows, row: Ints, cell: Ints) -> Ints:
        """Try each flow's ways, one after the other, until one lets it go."""
        corpus, needs = asked.corpus, self._needs(asked.corpus, flows, row)
        asks = self._whom(corpus, flows, row, needs)
        home = self._comes_home(corpus, flows, row)
        shape = corpus.shape[row]
        found = np.full(len(row), DENIED, np.int64)
        place, end = self._first[cell], self._first[cell + 1]
        alive = np.flatnonzero(place < end)
        place, end = place[alive], end[alive]
        while len(alive):
            way = self._order[place]
            passes = apart(taken(needs, alive), taken(self._forbids, way))
            tried = np.flatnonzero(passes)
            which, way = alive[tried], way[tried]
            under = flows.under[which]
            goes = home[which] | asked.leads[self._table[way], shape[which]]
            goes &= (under < 0) | (under == self._accord[way])
            tried, which, way = tried[goes], which[goes], way[goes]
            passes[:] = False
            passes[tried] = True
            asking = self._asks[way] & asks[which]
            found[which] = self._accord[way]
            wait = np.flatnonzero(asking)
            if len(wait):
                which, way = which[wait], way[wait]
                said = self._leaves.given(
                    corpus,
                    asked.items,
                    flows.part(which),
                    way,
                    row[which],
                    taken(needs, which),
                    asking[wait],
                )
                found[which] = np.where(said == YES, found[which], said)
                passes[tried[wait]] = said != DENIED
            place += 1
            left = np.flatnonzero(~passes & (place < end))
            alive, place, end = alive[left], place[left], end[left]
        return found

    def _needs(self, corpus: Corpus, flows: Flows, row: Ints) -> Masks:
        """Return what each flow needs, for its own purpose and channel or those given."""
        needs = taken(corpus.whole, row)
        given = np.flatnonzero((flows.purpose >= 0) | (flows.channel >= 0))
        if len(given):
            entry, purpose, channel = (
                each[given] for each in (flows.entry, flows.purpose, flows.channel)
            )
            purpose = np.where(purpose < 0, corpus.purpose[entry], purpose)
            channel = np.where(channel < 0, corpus.channel[entry], channel)
            for column, without, for_, by in zip(
                needs, corpus.needs, self._purpose, self._channel, strict=True
            ):
                if for_.any() or by.any():
                    column[given] = without[row[given]] | for_[purpose] | by[channel]
        return needs

    def _whom(
        self, corpus: Corpus, flows: Flows, row: Ints, needs: Masks
    ) -> NDArray[np.uint8]:
        """Return for each flow on whose consent a way may have to wait."""
        place = flows.sender * len(self.parties) + flows.recipient
        asks = np.full(len(row), ALL | PLAIN, np.uint8)
        others = np.flatnonzero(~apart(needs, taken(self._others, place)))
        entry, purpose = flows.entry[others], flows.purpose[others]
        also = np.full(len(others), EACH, np.uint8)
        also[(purpose >= 0) & (purpose != corpus.purpose[entry])] |= CHANGED
        also[corpus.flags[row[others]] & SAYS_ORCON != 0] |= ORCON
        also[~has(corpus.listed, row[others], flows.recipient[others])] |= MARKED
        asks[others] |= also
        return asks

    def _comes_home(self, corpus: Corpus, flows: Flows, row: Ints) -> Truths:
        """Say of each flow whether it goes to its only originator, as that marks it."""
        home: Truths = corpus.givers[0][row] == flows.recipient
        own = np.flatnonzero(home)
        home[own] = corpus.home[row[own]] == self._theirs[flows.recipient[own]]
        return home

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
    """A corpus against a world.

    Attributes:
        leads: whether each table leads on from each level with its tags.
        items: for which item each consent is.
    """

    corpus: Corpus
    leads: Truths
    items: Ints


def decided_together(index: Index, flows: Sequence[Flow]) -> list[Under]:
    """Decide flows over columns of the pairs and the time that they ask about.

    What has no place there, a stranger or an accord that nobody knows, the index is asked.

    Raises:
        NotKnown: a flow names an accord that the world does not have.
    """
    accords: dict[str | None, int] = {None: -1}
    accords |= {name: n for n, name in enumerate(index.world.lookup.accords)}
    asked_about = {(flow.sender, flow.recipient) for flow in flows}
    pairs = {two for two in asked_about if index.pair(*two) is not None}
    if len(pairs) < len(asked_about) or not {f.under for f in flows} <= accords.keys():
        have_place = [
            (flow.sender, flow.recipient) in pairs and flow.under in accords
            for flow in flows
        ]
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
        pairs=pairs,
        since=min(when),
        before=Instant(max(when) + 1),
    )
    items = {id(flow.item): flow.item for flow in flows}  # to tell equal ones takes longer
    entries = {known: number for number, known in enumerate(items)}
    parties = index.words.party
    found = columns.decide(
        columns.corpus(items.values()),
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
