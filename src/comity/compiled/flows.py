"""What columns are asked, one flow a row, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from comity.compiled.arrays import Ints

DENIED, BY_AUTHORITY = -1, -2
"""Answers beside the place of the permitting accord."""
YES, ASK = -4, -3
"""Of consents: all are given; only the index can tell."""

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
