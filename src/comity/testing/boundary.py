"""Requests at the boundaries of a world, one after another, the same for the same seed.

Each is drawn in three steps: what to fit (an accord, a consent, a hold …), the request
that fits it, and what is moved: the instant to an edge and a second to each side of it, or
one thing of the request. A generator that draws each word by itself misses an end that is
inclusive 10,000 times out of 10,000: it has one second of a few hundred million.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from typing import TypeVar

from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.errors import InvalidInput
from comity.release.request import Request
from comity.release.world import World
from comity.testing.edges import Edges
from comity.testing.fit import Aim, Choose, Fit, Fits
from comity.testing.moves import MOVES

Thing = TypeVar("Thing")

STEPS = (0, -1, 1)  # at an edge, the last second before it, the first after it
IN_VAIN = 2_000  # draws without a request that was not drawn before: there are no more


class Boundaries:
    """What the requests of one world are drawn from; it is listed once, and lazily.

    Raises:
        InvalidInput: no accord, consent, hold or other thing to ask about.
    """

    def __init__(self, world: World) -> None:
        self.edges = Edges(world)
        self.fits = Fits(world, self.edges)
        self._world = world
        if not self.fits.aims:
            raise InvalidInput(
                f"the world `{world.id}` has nothing to ask about",
                hint="give it an accord; without one every request is refused",
                code="empty-world",
            )

    def aim(self, choose: Choose) -> Aim:
        """Choose what to fit: the kind first, so that few holds are not lost among many accords."""
        return choose(self.fits.aims[choose(tuple(self.fits.aims))])

    def drawn(self, aim: Aim, choose: Choose) -> tuple[Request, ...]:
        """Return one request that fits, moved in one thing, or around one edge.

        Around an edge they are three: at it, a second before and a second after. Empty
        where nothing can fit what was aimed at.
        """
        fit = self.fits.fit(aim, choose)
        if fit is None:
            return ()
        how = choose(("edge", "move", "move at an edge", "as it is"))
        request = fit.request
        if how in ("move", "move at an edge"):
            request = choose(MOVES)(request, self._world, choose)
        if how in ("edge", "move at an edge"):
            return self._around(request, fit, choose)
        return (request,)

    def instant(self, choose: Choose) -> Instant:
        """Return an instant at an edge, a second to either side, or between two edges."""
        aim = self.aim(choose)
        fit = self.fits.fit(aim, choose)
        pools = [] if fit is None else self._pools(fit)
        if not pools:
            return Instant(0) if fit is None else fit.request.at
        pool = choose(pools)
        at = choose(pool)
        later = [other for other in pool if other > at]
        between = choose((False, False, False, True))
        if later and between:
            return Instant((at + min(later)) // 2)
        return _within(at + choose(STEPS))

    def _around(self, request: Request, fit: Fit, choose: Choose) -> tuple[Request, ...]:
        pools = self._pools(fit)
        if not pools:
            return (request,)
        at = choose(choose(pools))
        return tuple(replace(request, at=_within(at + step)) for step in STEPS)

    def _pools(self, fit: Fit) -> list[Sequence[Instant]]:
        """Return the edges of a fit, those likeliest to turn an answer twice."""
        own = [edge.at for edge in fit.edges]
        turns = list(fit.turns)
        every = [edge.at for edge in self.edges.of(fit.accord)] if fit.accord else []
        beside = [edge.at for edge in self.edges.beside]
        return [pool for pool in (own, turns, own, turns, every, beside) if pool]


def boundary_requests(
    world: World, limit: int | None = None, *, seed: int = 0
) -> Iterator[Request]:
    """Yield different requests at the boundaries of a world, the same for the same seed.

    Every kind of thing has its turn: accords, consents, refusals, holds, written
    authorities, groups, items. Items that differ from the world's have an id of their
    own, and no two that differ share one.

    Args:
        world: yours; nothing of it is changed.
        limit: how many at most; None for as many as there are.
        seed: another one gives other requests.

    Raises:
        InvalidInput: a world with nothing to ask about.
    """
    return _requests(Boundaries(world), limit, seed)


def _requests(found: Boundaries, limit: int | None, seed: int) -> Iterator[Request]:
    dice = random.Random(seed)  # noqa: S311  no secret: the same requests each time

    def choose(among: Sequence[Thing]) -> Thing:
        return among[dice.randrange(len(among))]

    turns = cycle([_shuffled(aims, dice) for aims in found.fits.aims.values()])
    seen: set[str] = set()
    in_vain = 0
    while in_vain < IN_VAIN:
        in_vain += 1
        for request in found.drawn(next(next(turns)), choose):
            if request.digest in seen:
                continue
            if limit is not None and len(seen) >= limit:
                return
            seen.add(request.digest)
            in_vain = 0
            yield request


def _shuffled(aims: Sequence[Thing], dice: random.Random) -> Iterator[Thing]:
    """Yield all of some aims in a random order, again and again."""
    order = list(range(len(aims)))
    while True:
        dice.shuffle(order)
        yield from (aims[place] for place in order)


def _within(at: int) -> Instant:
    return Instant(min(max(at, FAR_PAST), FAR_FUTURE))
