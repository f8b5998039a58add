"""Every date ahead of a world: its accords', duties', holds', authorities' and consents'."""

from __future__ import annotations

from comity.accords.deadlines import Deadline, Kind, deadlines
from comity.accords.times import Instant, Period, Rounding, add
from comity.release.duties import Due, duties
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
        ahead = deadlines(world.clock(accord.id), at, before)
        found += ahead
        ends = {one.before for one in ahead if one.kind in _MAY_END}
        found += _of_duties(world, accord.id, {at, *ends, Instant(before - 1)}, at, before)
    zone = next(iter(world.parties.values())).zone
    before = zone.start_of(add(zone.day_of(at), period, Rounding.UP))
    for kind, end, what in _ends(world):
        if end is not None and at < end < before:
            found.append(Deadline(before=end, kind=kind, accord="", article="", what=what))
    return tuple(sorted(found))


def as_deadline(due: Due, world: World) -> Deadline | None:
    """Return when a duty falls due, or protection ends; None where nothing is to come of it."""
    if not due.stands or due.before is None:
        return None
    about = "whatever was given" if due.item is None else due.item
    towards = ", ".join(world.name(party) for party in due.towards)
    return Deadline(
        before=due.before,
        kind=Kind.PROTECTION_ENDS if due.lasting else Kind.DUTY_FALLS_DUE,
        accord=due.accord,
        article=due.article,
        what=f"{world.name(due.who)}: {due.what} ({about}, towards {towards})",
        subject=f"{due.id}|{due.who}|{due.item or ''}|{','.join(due.towards)}",
    )


def _of_duties(
    world: World, accord: str, instants: set[Instant], at: Instant, before: Instant
) -> set[Deadline]:
    """Return the deadlines of the duties that have arisen by some instants.

    Those that the end of the accord brings arise at an instant ahead.
    """
    found = (
        as_deadline(due, world)
        for instant in instants
        for due in duties(world, instant, accord=accord)
    )
    return {one for one in found if one is not None and at < one.before < before}


_MAY_END = frozenset({Kind.NOTICE_TAKES_EFFECT, Kind.ENDS})


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
