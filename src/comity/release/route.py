"""The hop-by-hop ways by which an item may lawfully get there, with each missing consent.

A route with a missing consent is never a permit. Hops beyond the first are indicative: the
node there decides for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from comity.labels import Level, Mark
from comity.release.decide import Decision, Denial, Permit, decide
from comity.release.request import Request
from comity.release.world import World

HOPS_MAX = 3  # an item that needs four nodes to cross has lost its originator's control


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One release on the way.

    Attributes:
        handle_as: the recipient's levels, where the hop is permitted or lacks consent
            alone.
        handle_tags: the recipient's tags beside them.
    """

    sender: str
    recipient: str
    decision: Decision
    accord: str | None
    handle_as: tuple[Level, ...]
    handle_tags: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way through several accords.

    Attributes:
        consents: whose consent is missing, with the hop's recipient.
    """

    hops: tuple[Hop, ...]
    consents: tuple[tuple[str, str], ...]

    @property
    def permitted(self) -> bool:
        """Whether every hop is a permit."""
        return all(isinstance(hop.decision, Permit) for hop in self.hops)


def routes(request: Request, world: World, *, hops: int = HOPS_MAX) -> tuple[Route, ...]:
    """Return the ways on which nothing but consent is missing, best first.

    Fewest missing consents first, then fewest hops. No party is passed twice.
    """
    found = tuple(_extend(request, world, (), request.sender, hops))
    return tuple(sorted(found, key=lambda r: (len(r.consents), len(r.hops))))


def _extend(
    request: Request, world: World, so_far: tuple[Hop, ...], holder: str, left: int
) -> Iterator[Route]:
    first = () if request.held_as is None else (request.held_as,)
    held = so_far[-1].handle_as if so_far else first
    tags = so_far[-1].handle_tags if so_far else request.held_tags
    passed = {request.sender, *(hop.recipient for hop in so_far)}
    for party in sorted(world.parties):
        if party in passed or (left == 1 and party != request.recipient):
            continue
        step = replace(
            request, sender=holder, recipient=party, held_as=None, held_tags=tags
        )
        for hop in _hop(step, world, held):
            hops = (*so_far, hop)
            if party == request.recipient:
                yield Route(hops=hops, consents=_missing(hops))
            else:
                yield from _extend(request, world, hops, party, left - 1)


def _hop(step: Request, world: World, held: tuple[Level, ...]) -> Iterator[Hop]:
    """Decide one hop under each accord, from each level at which the holder may hold it.

    Where the holder has not chosen among several levels, the hop must do for all.
    """
    for accord in world.between(step.sender, step.recipient):
        decisions = [
            decide(replace(step, under=accord.id, held_as=level), world)
            for level in (held or (None,))
        ]
        passing = [d for d in decisions if isinstance(d, Permit) or d.consent_missing]
        if len(passing) != len(decisions):
            continue
        handle = tuple(dict.fromkeys(level for d in decisions for level in _levels(d)))
        worst = next((d for d in decisions if isinstance(d, Denial)), decisions[0])
        yield Hop(
            sender=step.sender,
            recipient=step.recipient,
            decision=worst,
            accord=accord.id,
            handle_as=handle,
            handle_tags=tuple(dict.fromkeys(t for d in decisions for t in _tags(d))),
        )


def _levels(decision: Decision) -> tuple[Level, ...]:
    match decision:
        case Permit():
            return decision.handle_as
        case Denial():
            return decision.considered[0].handle_as if decision.considered else ()


def _tags(decision: Decision) -> tuple[Mark, ...]:
    match decision:
        case Permit():
            return decision.handle_tags
        case Denial():
            return decision.considered[0].handle_tags if decision.considered else ()


def _missing(hops: tuple[Hop, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(
        dict.fromkeys(
            (whose, hop.recipient)
            for hop in hops
            if isinstance(hop.decision, Denial)
            for whose in hop.decision.consent_missing
        )
    )
