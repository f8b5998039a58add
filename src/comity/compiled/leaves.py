"""The consents of every way as columns: has everyone who is asked consented?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from comity.compiled.arrays import Ints, Masks, apart, ints, masks, taken, whole
from comity.compiled.corpus import Corpus
from comity.compiled.flows import ALL, ASK, DENIED, PLAIN, YES, Flows
from comity.compiled.index import Index
from comity.compiled.leave import Consented
from comity.compiled.pair import Way


class Leaves:
    """The consents of every way, by way and giver."""

    def __init__(self, ways: Sequence[Way], index: Index) -> None:
        words = index.words
        self._size = len(words.party)
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
        self._forbids = masks(
            [words.packed(consent.forbids) for consent in every], 0, words.low + self._size
        )
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
        corpus: Corpus,
        items: Ints,
        flows: Flows,
        way: Ints,
        row: Ints,
        needs: Masks,
        asking: NDArray[np.uint8],
    ) -> Ints:
        """Say of each flow whether everyone whom a way asks has consented: YES, DENIED, or ASK.

        What ``items`` says of the corpus comes first; then, flow by flow, the way, the row of
        the item, what it needs, and on whose consent it may have to wait.
        """
        found = np.where(asking & PLAIN != 0, ASK, YES)
        level, item = corpus.level[row], corpus.item[flows.entry]
        for givers in corpus.givers:
            giver = givers[row]
            if not (giver >= 0).any():
                break
            theirs = (giver == flows.sender) | (giver == flows.recipient)
            wanted = (giver >= 0) & (found == YES) & (~theirs | (asking & ALL != 0))
            one = np.flatnonzero(wanted)
            if len(one):
                key = self._leave[way[one]] * self._size + giver[one]
                covered = self._of(key, taken(needs, one), level[one], item[one], items)
                found[one] = covered
        return found

    def _of(self, key: Ints, needs: Masks, level: Ints, item: Ints, items: Ints) -> Ints:
        found = np.full(len(key), DENIED, np.int64)
        place, end = self._first[key], self._first[key + 1]
        alive = np.flatnonzero(place < end)
        while len(alive):
            consent = place[alive]
            covers = apart(taken(needs, alive), taken(self._forbids, consent))
            covers &= self._reaches[self._class[consent], level[alive]]
            named = items[consent]
            covers &= (named == -1) | (named == item[alive])
            refused = self._refused[consent]
            found[alive[covers & refused]] = ASK
            found[alive[covers & ~refused]] = YES
            place[alive] += 1
            alive = alive[~(covers & ~refused)]
            alive = alive[place[alive] < end[alive]]
        return found
