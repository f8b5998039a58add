"""Masks and stretches of time as numpy arrays; needs the extra ``batch``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.accords.times import FAR_PAST

Ints: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]
Masks: TypeAlias = tuple[NDArray[np.uint64], ...]
"""A mask each: 64 bits of them in one array, the next 64 in the next."""

STEPS = 128  # of time, at which a search begins, at most; a power of two
STEPS_A_STRETCH = 4  # at most, so that the table stays in the processor's cache
KEY = 1 << 39  # more seconds than there are from the far past to the far future
NO_END = 1 << 62


def ints(values: Sequence[int]) -> Ints:
    """Return numbers as an array."""
    return np.array(values, np.int64)


def masks(values: Sequence[int], offset: int, width: int) -> Masks:
    """Return a stretch of bits of some numbers."""
    found = []
    for place in range(offset, offset + width, 64):
        whole = (1 << min(64, offset + width - place)) - 1
        found.append(np.array([value >> place & whole for value in values], np.uint64))
    return tuple(found)


def taken(values: Masks, which: Ints) -> Masks:
    """Return some of some masks."""
    return tuple(column[which] for column in values)


def whole(values: Masks, which: int) -> int:
    """Return one mask as a number."""
    return sum(int(column[which]) << 64 * n for n, column in enumerate(values))


def has(values: Masks, which: Ints, place: Ints) -> Truths:
    """Say of each of some masks whether it has one bit."""
    found = np.zeros(len(which), bool)
    for number, column in enumerate(values):
        shift = (place - 64 * number).clip(0, 63).astype(np.uint64)
        bit = (column[which] >> shift & np.uint64(1)).astype(bool)
        found |= bit & (place >> 6 == number)
    return found


def apart(one: Masks, other: Masks) -> Truths:
    """Say of each two masks whether they have no bit in common."""
    common = one[0] & other[0]
    for mine, theirs in zip(one[1:], other[1:], strict=True):
        common |= mine & theirs
    found: Truths = common == 0
    return found


def apart_each(ones: Masks, others: Masks) -> Truths:
    """Say of each of some masks and each of others whether they have no bit in common."""
    found = np.ones((len(ones[0]), len(others[0])), bool)
    for begin in range(0, len(ones[0]), 1_024):
        block = slice(begin, begin + 1_024)
        for mine, theirs in zip(ones, others, strict=True):
            found[block] &= (mine[block, None] & theirs[None, :]) == 0
    return found


class Stretched:
    """Rows with their stretches of time: in which of a row's is an instant?

    A table of even steps of time says where to begin; there are few cuts in a step.

    Args:
        starts: row and first instant of each stretch, in order; a row's first begins in the
            far past.
        rows: how many rows there are; one may have no stretch.
    """

    def __init__(self, starts: Sequence[tuple[int, int]], rows: int) -> None:
        self.row = ints([*(row for row, _ in starts), -1])  # the last: of no stretch
        since = ints([since for _, since in starts])
        more = self.row[1:-1] == self.row[:-2]
        self._before = np.full(len(self.row), NO_END, np.int64)
        self._before[:-2][more] = since[1:][more]
        cuts = since[since > FAR_PAST]
        low, high = (
            np.quantile(cuts, (0.01, 0.99)).astype(np.int64) if len(cuts) else ints([0, 1])
        )
        self._steps = STEPS
        while self._steps > 1 and self._steps * rows > STEPS_A_STRETCH * len(since):
            self._steps //= 2
        self._low = int(low)
        self._shift = max(int(high - low) // self._steps, 1).bit_length()
        steps = range(1, self._steps + 1)
        edges = ints([0, *(self._low + (n << self._shift) - FAR_PAST for n in steps)])
        keys = self.row[:-1] * KEY + np.clip(since - FAR_PAST, 0, KEY - 1)
        grid = np.arange(rows, dtype=np.int64)[:, None] * KEY + edges[None, :]
        self._begins = np.searchsorted(keys, grid.ravel(), side="right") - 1

    def at(self, row: Ints, at: Ints) -> Ints:
        """Return the stretch that an instant is in; of a row without one, another's or -1."""
        step = at - self._low >> self._shift
        np.clip(step, 0, self._steps, out=step)
        step += row * (self._steps + 1)
        found: Ints = self._begins[step]
        later = np.flatnonzero(self._before[found] <= at)
        while len(later):
            here = found[later] + 1
            found[later] = here
            later = later[self._before[here] <= at[later]]
        return found
