"""The work that every engine is given: the same requests, as objects and as numbers."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from asked import Asker
from comity.accords.instruments import Operation
from comity.accords.times import FAR_FUTURE
from comity.labels import Level
from comity.release import Permit, Request, World, decide
from flat import BIT, Flat
from outside import UNBOUND, Asked, Outside
from words import CATEGORIES, LEVELS

CATEGORY_BITS = (1 << len(CATEGORIES)) - 1
ANY_POLICY = -1


@dataclass(frozen=True, slots=True)
class FlatRow:
    """One row of the world in numbers; see `flat.Row`."""

    pair: int
    since: int
    before: int
    out: int
    owners_out: int
    asks: int
    accord: int


@dataclass(frozen=True, slots=True)
class FlatConsent:
    """A consent, or what was refused, in numbers.

    Attributes:
        given: of a consent, when it was given; of a refusal, the latest it may have been.
        before: its end; of a refusal the far future.
        words: the categories and purposes that it names; no category takes in all.
        policy, levels: the levels that it names, as places in one policy; `ANY_POLICY`
            where it is for an item of whatever level.
        item: the number of the one item it is for, or -1.
    """

    accord: int
    pair: int
    owner: int
    since: int
    before: int
    given: int
    words: int
    policy: int
    levels: int
    item: int


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be decided, and how the plain evaluator decides the first part of it.

    Attributes:
        expected: for the first requests the place of the permitting accord, or None.
    """

    requests: Sequence[Request]
    asked: Sequence[Asked]
    rows: Sequence[FlatRow]
    consents: Sequence[FlatConsent]
    refusals: Sequence[FlatConsent]
    expected: Sequence[int | None]
    permitted: float

    def slices(self) -> dict[int, list[FlatRow]]:
        """Return the rows of each pair that is asked about."""
        found: dict[int, list[FlatRow]] = {asked.pair: [] for asked in self.asked}
        for row in self.rows:
            if row.pair in found:
                found[row.pair].append(row)
        return found


@runtime_checkable
class Engine(Protocol):
    """What decides the requests of a work, by their places."""

    def one(self, place: int) -> int | bool | None:
        """Decide one request: the place of the permitting accord, or whether there is one."""
        ...


@runtime_checkable
class Batched(Protocol):
    """What decides many at once."""

    def batch(self, count: int) -> Any:  # noqa: ANN401
        """Decide the first so many, in whatever form that has."""
        ...

    def places(self, answers: Any) -> Sequence[int | None]:  # noqa: ANN401
        """Return the places of the permitting accords."""
        ...


@runtime_checkable
class Ready(Protocol):
    """What wants its questions in a form of its own before it is asked them all."""

    def ready(self, count: int) -> None:
        """Make that form."""
        ...


def prepare(world: World, requests: int, sample: int) -> Work:
    """Draw requests, work them out in numbers, and ask the plain evaluator the first ones."""
    asker = Asker(world)
    drawn = list(asker.requests(requests))
    outside = Outside(asker.flat)
    rows = [
        FlatRow(
            outside.pair(row.sender, row.recipient),
            row.since,
            row.before,
            row.way.out | UNBOUND,
            row.way.owners_out,
            row.way.asks,
            outside.accords[row.accord],
        )
        for row in asker.flat.rows()
    ]
    expected: list[int | None] = []
    for request in drawn[:sample]:
        answer = decide(request, world)
        named = answer.accord if isinstance(answer, Permit) else None
        expected.append(None if named is None else outside.accords[named])
    return Work(
        requests=drawn,
        asked=[outside.asked(request) for request in drawn],
        rows=rows,
        consents=list(_consents(world, asker.flat, outside)),
        refusals=list(_refusals(world, asker.flat, outside)),
        expected=expected,
        permitted=sum(one is not None for one in expected) / len(expected),
    )


def _consents(world: World, flat: Flat, outside: Outside) -> Iterator[FlatConsent]:
    for one in world.consents():
        before = FAR_FUTURE if one.before is None else one.before
        yield _terms(
            one.accord, one.by, one.operation, (one.since, before, one.given), flat, outside
        )


def _refusals(world: World, flat: Flat, outside: Outside) -> Iterator[FlatConsent]:
    for one in world.approvals().refusals:
        times = (one.since, FAR_FUTURE, one.last)
        asked = one.asked
        yield _terms(asked.accord, one.by, asked.operation, times, flat, outside)


def _terms(
    accord: str,
    owner: str,
    op: Operation,
    times: tuple[int, int, int],
    flat: Flat,
    outside: Outside,
) -> FlatConsent:
    words = 0
    for category in op.categories:
        words |= BIT["category", category]
    for purpose in op.purposes:
        words |= BIT["purpose", purpose]
    named = [Level.parse(text) for text in op.levels]
    if op.ceiling is not None:
        top = Level.parse(op.ceiling)
        below = LEVELS[: LEVELS.index(top.name) + 1]
        named += [Level(top.policy, name) for name in below] if top.policy == owner else []
    return FlatConsent(
        accord=outside.accords[accord],
        pair=outside.pair(str(op.holder), str(op.to)),
        owner=flat.places[owner],
        since=times[0],
        before=times[1],
        given=times[2],
        words=words,
        policy=flat.places[named[0].policy] if named else ANY_POLICY,
        levels=sum(1 << LEVELS.index(name) for name in {level.name for level in named}),
        item=-1 if op.item is None else outside.items[op.item],
    )


def put(work: Work, path: Path) -> None:
    """Write a work to a file."""
    gc.disable()
    with path.open("wb") as file:
        pickle.dump(work, file, protocol=pickle.HIGHEST_PROTOCOL)


def get(path: Path) -> Work:
    """Read a work from a file that this program has just written."""
    gc.disable()
    with path.open("rb") as file:
        found: Work = pickle.load(file)  # noqa: S301
    gc.enable()
    return found
