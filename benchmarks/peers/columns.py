"""Ours, in columns: items compiled once, flows as rows of numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from comity.compiled import Index
from comity.compiled.arrays import Ints
from comity.compiled.columns import Columns
from comity.compiled.corpus import Held
from comity.compiled.flows import Flows
from comity.labels import Item
from comity.release import Request, World
from work import Work


class InColumns:
    """The columns of an index; they decide many at once, and none alone."""

    def __init__(self, world: World, work: Work) -> None:
        """Compile every pair, and every item as its sender holds it."""
        self._columns = Columns(Index(world))
        places = {accord.id: n for n, accord in enumerate(world.accords)}
        self._named = [places[name] for name in self._columns.accords]
        self._requests = work.requests
        entries = {_key(request): _entry(request) for request in work.requests}
        self._places = {key: n for n, key in enumerate(entries)}
        self._corpus = self._columns.corpus(entries.values())
        self._flows: Flows | None = None

    def ready(self, count: int) -> None:
        """Write the requests as numbers."""
        columns, asked = self._columns, self._requests[:count]
        party = {name: n for n, name in enumerate(columns.parties)}
        purpose = {name: n for n, name in enumerate(columns.purposes)}
        channel = {name: n for n, name in enumerate(columns.channels)}
        accord = {name: n for n, name in enumerate(columns.accords)}

        def numbers(values: Sequence[int]) -> Ints:
            return np.array(values, np.int64)

        self._flows = Flows(
            entry=numbers([self._places[_key(r)] for r in asked]),
            sender=numbers([party[r.sender] for r in asked]),
            recipient=numbers([party[r.recipient] for r in asked]),
            at=numbers([r.at for r in asked]),
            purpose=numbers([purpose[r.purpose] if r.purpose else -1 for r in asked]),
            channel=numbers([channel[r.channel] if r.channel else -1 for r in asked]),
            under=numbers([accord[r.under] if r.under else -1 for r in asked]),
        )

    def batch(self, count: int) -> Ints:
        """Decide many at once."""
        if self._flows is None:
            self.ready(count)
        assert self._flows is not None  # noqa: S101
        return self._columns.decide(self._corpus, self._flows)

    def places(self, answers: Ints) -> list[int | None]:
        """Return the places of the permitting accords."""
        return [None if n < 0 else self._named[n] for n in answers.tolist()]


def _key(request: Request) -> tuple[object, ...]:
    if request.held_as is None:
        return (request.item.id,)
    return (request.item.id, request.sender, request.held_as)


def _entry(request: Request) -> Item | Held:
    if request.held_as is None:
        return request.item
    return Held(item=request.item, by=request.sender, level=request.held_as)
