"""The stretches of time in which nothing changes by itself, between one pair.

What hangs on the instant and on the pair alone (a standing, a version, a membership, a row
and its days) is asked of the plain clock and the plain tables, once for each stretch. So no
count of days and no reading is written a second time for the solver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import z3

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.doubt import TooUncertain
from comity.accords.instruments import Instrument, Op
from comity.accords.links import HORIZON
from comity.accords.operations import day_after
from comity.accords.state import moment_span
from comity.accords.times import FAR_PAST, Instant
from comity.proof.asked import Pair, some
from comity.release.membership import cuts as group_cuts
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Half-open stretches that cover all time up to the clock's horizon.

    Attributes:
        starts: the first instant of each, in order.
    """

    starts: tuple[Instant, ...]

    def __iter__(self) -> Iterator[tuple[Instant, Instant]]:
        """Yield each stretch as its first instant and the first after it."""
        yield from zip(self.starts, (*self.starts[1:], HORIZON), strict=True)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.starts)

    def when(self, holds: Callable[[Instant], bool], at: z3.ArithRef) -> z3.BoolRef:
        """Return the condition that something holds at a symbolic instant.

        Asked once for each stretch. What is too uncertain to say does not hold.
        """
        found: list[tuple[Instant, Instant]] = []
        for start, before in self:
            try:
                yes = holds(start)
            except TooUncertain:
                yes = False
            if yes and found and found[-1][1] == start:
                found[-1] = (found[-1][0], before)
            elif yes:
                found.append((start, before))
        return some(within(at, start, before) for start, before in found)


def within(at: z3.ArithRef, start: Instant | None, before: Instant | None) -> z3.BoolRef:
    """Return the condition that a symbolic instant lies in a half-open stretch."""
    bounds = [] if start is None or start <= FAR_PAST else [at >= start]
    if before is not None and before < HORIZON:
        bounds.append(at < before)
    return z3.And(*bounds) if bounds else z3.BoolVal(val=True)


def spans_of(world: World, pair: Pair, *, received: bool = True) -> Spans:
    """Return the stretches in which nothing that decides between a pair changes by itself.

    Without ``received``, of requests that do not say how the sender has the item.
    """
    accords = _that_matter(world, pair, received=received)
    found = {FAR_PAST, *_written(world, pair, accords)}
    for accord in accords:
        found.update(world.clock(accord.id).moments())
        found.update(_of_clauses(accord))
    found = {Instant(cut) for cut in found if FAR_PAST <= cut < HORIZON}
    waiting = sorted(found)
    while waiting:
        fresh = {cut for at in waiting for cut in _next(world, pair, at)} - found
        waiting = sorted(cut for cut in fresh if cut < HORIZON)
        found.update(waiting)
    return Spans(starts=tuple(sorted(found)))


def _that_matter(world: World, pair: Pair, *, received: bool) -> tuple[Accord, ...]:
    """Return the accords between the pair, those they hang on, and those the sender received by."""
    known = world.links().known
    names = {accord.id for accord in world.between(*pair)}
    names |= {
        tie.to
        for accord in world.between(*pair)
        for tie in accord.all(c.Tied)
        if tie.to in known
    }
    names |= {group.accord for group in world.groups.values() if group.accord}
    names |= {act.accord for act, op in world.acts(Op.RELEASE) if op.to == pair[0]}
    if received:
        others = (party for party in world.parties if party != pair[0])
        names |= {accord.id for p in others for accord in world.between(pair[0], p)}
    return tuple(accord for accord in world.accords if accord.id in names)


def _written(world: World, pair: Pair, accords: tuple[Accord, ...]) -> Iterator[Instant]:
    """Yield every instant that an act, a reading, a hold, a list or an authority writes."""
    names = {accord.id for accord in accords}
    for accord in accords:
        for instrument in world.of(accord.id):
            yield from _of_act(instrument, accord)
        for refusal in world.approvals(accord.id).refusals:
            yield from (refusal.since, Instant(refusal.last + 1))
        for consent in world.consents(accord.id):
            yield from (consent.given, consent.since)
            yield from (() if consent.before is None else (consent.before,))
    for reading in world.readings:
        if reading.accord in names:
            yield reading.since
    for hold in world.holds:
        yield hold.since
        yield from (() if hold.before is None else (hold.before,))
    for authority in world.authorities:
        yield from (authority.since, authority.before)
    for group in world.groups.values():
        for party in pair:
            yield from group_cuts(world, group, party)
            yield from (
                Instant(member.last + 1)
                for member in group.members
                if member.last is not None
            )


def _of_act(instrument: Instrument, accord: Accord) -> Iterator[Instant]:
    for side in {None, *(side for _, side in instrument.times if side)}:
        span = moment_span(instrument, side)
        yield from (span.start, span.last, span.before, Instant(span.last + 1))
    for operation in instrument.operations:
        if operation.until is not None:
            yield day_after(accord, operation.until)


def _of_clauses(accord: Accord) -> Iterator[Instant]:
    rows: tuple[c.Row, ...] = (*accord.all(c.Equivalence), *accord.all(c.TagEquivalence))
    for row in rows:
        for day in (row.since, row.before):
            if day is not None:
                yield accord.zone.start_of(day)


def _next(world: World, pair: Pair, at: Instant) -> Iterator[Instant]:
    """Yield when a standing that is asked at an instant changes next."""
    for accord in world.between(*pair):
        clock = world.clock(accord.id)
        try:
            for side in pair:
                found = clock.between(at, pair, party=side).before
                yield from (() if found is None else (found,))
            for tie in accord.all(c.Tied):
                if tie.how is c.Depends.SENDING and tie.to in world.links().known:
                    found = world.clock(tie.to).whole(at, party=pair[0]).before
                    yield from (() if found is None else (found,))
        except TooUncertain:
            continue
