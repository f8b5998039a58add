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
from typing import TypeVar

from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.errors import InvalidInput
from comity.release.request import Request
from comity.release.world import World
from comity.testing.edges import Edge, Edges
from comity.testing.fit import ACCORD, Aim, Choose, Fit, Fits
from comity.testing.moves import MOVES, Move, marked_anew

Thing = TypeVar("Thing")

STEPS = (-1, 0, 1)  # in this order: an engine that keeps an answer keeps it over the edge
MOVES_A_VISIT = 3  # as many as one edge takes requests
EDGES_A_VISIT = 2  # looked at before another thing has its turn
WEIGHTS = {ACCORD: 12, "group": 8, "item": 1}  # how often, beside the 4 of all others
WEIGHED_MAX = 16  # things of a kind beyond which it has no more turns
IN_VAIN = 500  # visits without a request that was not there before: there are no more


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

    def drawn(self, choose: Choose) -> Request | None:
        """Return a request that fits, as it is, at an edge, or moved in one thing.

        None where nothing can fit what was aimed at.
        """
        fit = self.fits.fit(self.aim(choose), choose)
        if fit is None:
            return None
        how = choose(("as it is", "edge", "move", "move at an edge", "dated"))
        request = fit.request
        if how.startswith("move"):
            request = self.moved(fit, choose(MOVES), choose)
        if how == "dated":
            return choose(around(self.dated(fit, choose), request.at))
        instants = _instants(fit.edges)
        if "edge" in how and instants:
            return choose(around(request, choose(instants)))
        return request

    def moved(self, fit: Fit, move: Move, choose: Choose) -> Request:
        """Return what fits with one thing moved, at the instant at which it fits."""
        return move(fit.request, self._world, choose)

    def dated(self, fit: Fit, choose: Choose) -> Request:
        """Return what fits with a label that changes at its instant."""
        return marked_anew(fit.request, self._world, choose)

    def instant(self, choose: Choose) -> Instant:
        """Return an instant at an edge, a second to either side, or between two edges."""
        fit = self.fits.fit(self.aim(choose), choose)
        edges = () if fit is None else fit.edges
        pool = sorted({edge.at for edge in (*edges, *self.edges.beside)})
        if not pool:
            return FAR_PAST if fit is None else fit.request.at
        place = choose(range(len(pool)))
        how = choose(("step", "step", "step", "between"))
        if how == "between" and place + 1 < len(pool):
            return Instant((pool[place] + pool[place + 1]) // 2)
        return _within(pool[place] + choose(STEPS))


def around(request: Request, at: Instant) -> tuple[Request, ...]:
    """Return a request a second before an instant, at it, and a second after."""
    return tuple(replace(request, at=_within(at + step)) for step in STEPS)


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
    seen: set[str] = set()
    in_vain = 0
    for some in _visits(found, random.Random(seed)):  # noqa: S311  no secret: the same each time
        in_vain += 1
        for request in some:
            if request.digest in seen:
                continue
            if limit is not None and len(seen) >= limit:
                return
            seen.add(request.digest)
            in_vain = 0
            yield request
        if in_vain > IN_VAIN:
            return


def _visits(found: Boundaries, dice: random.Random) -> Iterator[Sequence[Request]]:
    """Yield, aim by aim, what is around its next edge, and what is moved in the next thing.

    Nothing is drawn twice before the rest was drawn once: an edge, a move, an aim of a kind.
    """

    def choose(among: Sequence[Thing]) -> Thing:
        return among[dice.randrange(len(among))]

    moves: dict[str, Iterator[Move]] = {}
    sweeps: dict[tuple[Edge, ...], Iterator[Instant]] = {}
    for number, aim in enumerate(_in_turn(found, dice)):
        fit = found.fits.fit(aim, choose)
        if fit is None:
            yield ()
            continue
        if fit.edges:
            if fit.edges not in sweeps:
                sweeps[fit.edges] = _sweep(fit, dice)
            for _ in range(_edges_a_visit(fit)):
                yield around(fit.request, next(sweeps[fit.edges]))
        if number % 3 == 0:
            yield around(found.dated(fit, choose), fit.request.at)
        if fit.accord not in moves:
            moves[fit.accord] = _shuffled(MOVES, dice)
        for _ in range(MOVES_A_VISIT):
            again = found.fits.fit(aim, choose) or fit
            yield (found.moved(again, next(moves[fit.accord]), choose),)


def _in_turn(found: Boundaries, dice: random.Random) -> Iterator[Aim]:
    """Yield aims, each kind as often as it has edges, and none lost among ten thousand others."""
    kinds = {kind: _shuffled(aims, dice) for kind, aims in found.fits.aims.items()}
    weights = {
        kind: WEIGHTS.get(kind, 4) * min(len(aims), WEIGHED_MAX)
        for kind, aims in found.fits.aims.items()
    }
    credit = dict.fromkeys(kinds, 0)
    while True:
        for kind, weight in weights.items():
            credit[kind] += weight
        most = max(credit, key=lambda kind: credit[kind])
        credit[most] -= sum(weights.values())
        yield next(kinds[most])


def _edges_a_visit(fit: Fit) -> int:
    """Return how many edges to look at before another aim: all, where there are few."""
    return min(len(_instants(fit.edges)), EDGES_A_VISIT)


def _sweep(fit: Fit, dice: random.Random) -> Iterator[Instant]:
    """Yield every edge of a fit, those first at which the accord itself turns; again and again."""
    every = set(_instants(fit.edges))
    first = sorted(every & set(fit.turns))
    rest = sorted(every - set(first))
    while True:
        dice.shuffle(first)
        dice.shuffle(rest)
        yield from (*first, *rest)


def _shuffled(things: Sequence[Thing], dice: random.Random) -> Iterator[Thing]:
    """Yield all of some things in a random order, again and again."""
    order = list(range(len(things)))
    while True:
        dice.shuffle(order)
        yield from (things[place] for place in order)


def _instants(edges: Sequence[Edge]) -> list[Instant]:
    """Return the instants of some edges, of two seconds in a row the later."""
    found = sorted({edge.at for edge in edges})
    return [at for at in found if at + 1 not in found]


def _within(at: int) -> Instant:
    return Instant(min(max(at, FAR_PAST), FAR_FUTURE))
