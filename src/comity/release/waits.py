"""Who waits for whom? Conditions attached to acts, and the circle in which nobody moves.

A condition tells and never acts: it is what a party has said that it waits for.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.accords.instruments import Op
from comity.accords.state import Outcome
from comity.accords.times import Instant
from comity.release.world import World
from comity.talks import Condition, Position, current


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One party's wait: what it would do, what it waits for, and how that stands."""

    condition: Condition
    met: bool
    refused_by: Position | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MutualWait:
    """Waits that end in a refusal or come back to where they began.

    Attributes:
        waits: in order.
        refusal: the position at which the chain ends; None for a true circle.
    """

    waits: tuple[Wait, ...]
    refusal: Position | None

    def says(self, world: World) -> str:
        """Return it in one sentence."""
        parts = [wait.condition.says for wait in self.waits]
        if self.refusal is not None:
            seat = _seat(world, self.refusal.by)
            parts.append(f"{seat} has said that it will not ({self.refusal.says})")
        else:
            parts.append("and so each waits for the other")
        return "; ".join(parts)


def waits(world: World, accord: str, at: Instant) -> tuple[Wait, ...]:
    """Return the conditions attached to acts on an accord, as they stand at an instant."""
    return tuple(
        Wait(
            condition=condition,
            met=_holds(world, accord, condition.waits_for, at),
            refused_by=_refusal(world, condition.waits_for, at),
        )
        for condition in world.conditions
        if condition.accord == accord
        and condition.since <= at
        and (condition.before is None or at < condition.before)
    )


def mutual_waits(world: World, accord: str, at: Instant) -> tuple[MutualWait, ...]:
    """Return every chain of unmet conditions that ends in a refusal or in a circle."""
    open_ = [wait for wait in waits(world, accord, at) if not wait.met]
    found: list[MutualWait] = []
    seen: set[frozenset[str]] = set()
    for start in open_:
        chain = [start]
        closed: Position | None = None
        while True:
            last = chain[-1]
            if last.refused_by is not None:
                closed = last.refused_by
                break
            following = next(
                (w for w in open_ if _answers(w.condition, last.condition)), None
            )
            if following is None:
                chain = []
                break
            if following in chain:
                chain = chain[chain.index(following) :]
                break
            chain.append(following)
        names = frozenset(wait.condition.id for wait in chain)
        if chain and names not in seen:
            seen.add(names)
            found.append(MutualWait(waits=tuple(chain), refusal=closed))
    return tuple(found)


def attached(
    world: World, accord: str, op: Op, by: tuple[str, ...], at: Instant
) -> list[Wait]:
    """Return the conditions that a party has attached to an act."""
    return [
        wait
        for wait in waits(world, accord, at)
        if wait.condition.does == op and wait.condition.by in by
    ]


def _holds(world: World, accord: str, what: str, at: Instant) -> bool:
    """Say whether ``measure:state`` holds, or ``party operation`` has been done."""
    name, colon, state = what.partition(":")
    if colon:
        measure = next((m for m in world.measures if m.id == name), None)
        return measure is not None and measure.state(at) == state
    party, _, operation = what.rpartition(" ")
    by = {i.id: i.by for i in world.instruments}
    return any(
        effect.do == operation
        and effect.outcome is Outcome.EFFECTIVE
        and (not party or party in by[effect.instrument])
        for effect in world.clock(accord).standing(at).effects
    )


def _refusal(world: World, what: str, at: Instant) -> Position | None:
    return next(
        (
            position
            for position in current(world.positions, at)
            if position.will_not == what
        ),
        None,
    )


def _answers(condition: Condition, earlier: Condition) -> bool:
    """Say whether a condition is about doing what an earlier one waits for."""
    return earlier.waits_for in (condition.does, f"{condition.by} {condition.does}")


def _seat(world: World, party: str) -> str:
    return world.parties[party].seat if party in world.parties else party
