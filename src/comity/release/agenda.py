"""Every date ahead of a world: its accords', holds', authorities' and consents'."""

from __future__ import annotations

from comity.accords.deadlines import Deadline, Kind, deadlines
from comity.accords.times import Instant, Period, Rounding, add
from comity.release.world import World


def agenda(world: World, at: Instant, within: str) -> tuple[Deadline, ...]:
    """Return the deadlines in the period from an instant on, in order.

    Nothing that was done later than ``at`` counts.

    Raises:
        InvalidInput: ``within`` is no period.
    """
    period = Period.parse(within)
    world = world.as_of(at)
    found: list[Deadline] = []
    for accord in world.accords:
        last = add(accord.zone.day_of(at), period, Rounding.UP)
        before = accord.zone.start_of(last)
        found += deadlines(world.clock(accord.id), at, before)
    zone = next(iter(world.parties.values())).zone
    before = zone.start_of(add(zone.day_of(at), period, Rounding.UP))
    for kind, end, what in _ends(world):
        if end is not None and at < end < before:
            found.append(Deadline(before=end, kind=kind, accord="", article="", what=what))
    return tuple(sorted(found))


def _ends(world: World) -> list[tuple[Kind, Instant | None, str]]:
    return [
        *((Kind.HOLD_ENDS, h.before, f"hold {h.id}: {h.ground}") for h in world.holds),
        *(
            (Kind.AUTHORITY_ENDS, a.before, f"authority {a.id} of {world.name(a.by)}")
            for a in world.authorities
        ),
        *(
            (Kind.CONSENT_ENDS, k.before, f"consent {k.id} of {world.name(k.by)}")
            for k in world.consents()
        ),
    ]
