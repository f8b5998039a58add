"""Polars: a batch as one join; each pair's time is cut into cells beforehand.

It has no single decision worth the name: a plan for one row costs as much as for thousands.
Which accords have the consents they ask for is worked out outside, in its favour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from comity.release import World
from work import CATEGORY_BITS, FlatRow, Work

_HALF = 60


class Polars:
    """Frames of cells and ways, joined with a frame of requests."""

    def __init__(self, world: World, work: Work) -> None:
        """Make the frames; those of the requests are not counted."""
        del world
        self._ways = pl.DataFrame(
            [
                (
                    number,
                    _signed(row.out & CATEGORY_BITS),
                    row.out >> 64,
                    row.owners_out & (1 << _HALF) - 1,
                    row.owners_out >> _HALF,
                    row.asks,
                    row.accord,
                )
                for number, row in enumerate(work.rows)
            ],
            schema=["way", "w_categories", "w_words", "w_low", "w_high", "asks", "accord"],
            orient="row",
        )
        cells = list(_cells(work.rows))
        self._cells = pl.DataFrame(
            [(pair, at, n) for n, (pair, at, _) in enumerate(cells)],
            schema=["pair", "at", "cell"],
            orient="row",
        ).sort("at")
        members = [(n, way) for n, (_, _, ways) in enumerate(cells) for way in ways]
        self._members = pl.DataFrame(members, schema=["cell", "way"], orient="row").join(
            self._ways, on="way"
        )
        self._work = work
        self._made = 0
        self._requests = pl.DataFrame()
        self._leave = pl.DataFrame()
        self._leave_all = pl.DataFrame()

    def ready(self, count: int) -> None:
        """Make the frames of the requests."""
        asked = self._work.asked[:count]
        self._requests = pl.DataFrame(
            [
                (
                    n,
                    one.pair,
                    one.at,
                    _signed(one.needs & CATEGORY_BITS),
                    one.needs >> 64,
                    one.owners & (1 << _HALF) - 1,
                    one.owners >> _HALF,
                    one.flags,
                    one.under,
                )
                for n, one in enumerate(asked)
            ],
            schema=[
                "n",
                "pair",
                "at",
                "categories",
                "words",
                "low",
                "high",
                "flags",
                "under",
            ],
            orient="row",
        ).sort("at")
        schema = {"n": pl.Int64, "accord": pl.Int64}
        self._leave = pl.DataFrame(
            [(n, a) for n, one in enumerate(asked) for a in one.leave], schema, orient="row"
        ).with_columns(leave=pl.lit(1))
        self._leave_all = pl.DataFrame(
            [(n, a) for n, one in enumerate(asked) for a in one.leave_all],
            schema,
            orient="row",
        ).with_columns(leave_all=pl.lit(1))

    def batch(self, count: int) -> pl.DataFrame:
        """Decide many in one plan."""
        del count
        col = pl.col
        return (
            self._requests.lazy()
            .join_asof(self._cells.lazy(), on="at", by="pair", check_sortedness=False)
            .join(self._members.lazy(), on="cell")
            .filter(
                (col("w_categories") & col("categories") == 0)
                & (col("w_words") & col("words") == 0)
                & (col("w_low") & col("low") == 0)
                & (col("w_high") & col("high") == 0)
                & ((col("under") == -1) | (col("under") == col("accord")))
            )
            .join(self._leave.lazy(), on=["n", "accord"], how="left")
            .join(self._leave_all.lazy(), on=["n", "accord"], how="left")
            .filter(
                ((col("asks") & col("flags") & 7 == 0) | (col("leave") == 1))
                & ((col("asks") & 8 == 0) | (col("leave_all") == 1))
            )
            .group_by("n")
            .agg(col("accord").min())
            .collect()
        )

    def places(self, answers: pl.DataFrame) -> list[int | None]:
        """Return the places of the permitting accords."""
        found: list[int | None] = [None] * self._requests.height
        for place, accord in answers.iter_rows():
            found[place] = accord
        return found


def _cells(rows: Sequence[FlatRow]) -> Iterator[tuple[int, int, list[int]]]:
    """Yield each pair's stretches of time, with the ways that are open in each."""
    pairs: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        pairs.setdefault(row.pair, []).append(number)
    for pair, numbers in pairs.items():
        edges: dict[int, tuple[list[int], list[int]]] = {}
        for number in numbers:
            edges.setdefault(rows[number].since, ([], []))[0].append(number)
            edges.setdefault(rows[number].before, ([], []))[1].append(number)
        running: dict[int, None] = {}
        for at in sorted(edges):
            begin, end = edges[at]
            for number in end:
                running.pop(number, None)
            running.update(dict.fromkeys(begin))
            yield pair, at, list(running)


def _signed(mask: int) -> int:
    return mask - (1 << 64) if mask >> 63 else mask
