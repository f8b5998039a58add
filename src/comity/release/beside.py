"""What is said and what stands beside an accord at an instant, as one value to be shown.

It tells and never acts: no decision looks at it.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.accords.times import Instant
from comity.release.waits import Wait, waits
from comity.release.world import World
from comity.talks import (
    Measure,
    MeasureState,
    Position,
    Progress,
    Statement,
    Undertaking,
    current,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undertaken:
    """An undertaking with how far it has come.

    Attributes:
        late: whether it was due and is not kept.
    """

    undertaking: Undertaking
    progress: Progress
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is known by an instant to be said and to stand beside an accord.

    Attributes:
        positions: without those revised by then.
        conditions: those attached to acts on this accord.
        measures: each with its state by then.
        undertakings: those that somebody has asked for or given by then.
        statements: joint statements that at least one has signed by then.
    """

    at: Instant
    positions: tuple[Position, ...]
    conditions: tuple[Wait, ...]
    measures: tuple[tuple[Measure, MeasureState], ...]
    undertakings: tuple[Undertaken, ...]
    statements: tuple[Statement, ...]


def beside(world: World, accord: str, at: Instant) -> Beside:
    """Return what is said and stands beside an accord at an instant.

    Positions, undertakings and statements are about no accord in particular; all that the
    world has are shown, those of strangers to the accord as well.
    """
    return Beside(
        at=at,
        positions=current(world.positions, at),
        conditions=waits(world, accord, at),
        measures=tuple(
            (measure, state)
            for measure in world.measures
            if (state := measure.at(at)) is not None
        ),
        undertakings=tuple(
            Undertaken(undertaking=u, progress=progress, late=u.late(at, world.measures))
            for u in world.undertakings
            if (progress := u.progress(at, world.measures)) is not None
        ),
        statements=tuple(
            s for s in world.statements if any(one.since <= at for one in s.signed)
        ),
    )


def clock_says(world: World, accord: str, at: Instant) -> Instant | None:
    """Return when the standing changes next by the clock alone, as of what was done by then.

    A person who settles which *midnight* an account means may set it beside this.
    """
    return world.clock(accord).standing(at).before
