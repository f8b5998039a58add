"""Who is a member of a group at an instant, and who was put out of it?

A group lists its members with their days, or it stands for the parties of an accord; then
the clock says who they are. What is in doubt makes nobody a member, and leaves nobody who
may have been put out one.
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.accords import clauses as c
from comity.accords.doubt import TooUncertain
from comity.accords.state import State
from comity.accords.table import RELEASING, NoticeState
from comity.accords.times import Instant
from comity.labels import Group
from comity.release.world import World


def has(world: World, group: Group, party: str, at: Instant) -> bool:
    """Say whether a party is certainly a member at an instant.

    Of an accord's parties those for whom it is in force, and whose part nobody suspends.
    """
    if not group.accord:
        return group.has(party, at)
    states = _states(world, group, at)
    return bool(states) and all(_bound(state, party) for state in states)


def admits(world: World, group: Group, party: str, made: int | None, at: Instant) -> bool:
    """Say whether a list that names the group admits a party at an instant.

    The party was a member when the item was made and is one now. Without the date of
    making nobody was.
    """
    was = made is not None and has(world, group, party, Instant(made))
    return was and has(world, group, party, at)


def put_out(world: World, group: Group, party: str, at: Instant) -> Instant | None:
    """Return when a party was, or may have been, put out; None if never, or it is in again.

    Of an accord's parties those whose part an actor has ended. The latest time counts, and
    while it is in doubt whether that has happened, the present.
    """
    if not group.accord:
        out = group.put_out(party, at)
        return None if out is None else Instant(out)
    if has(world, group, party, at):
        return None
    ends = [_put_out(state, party) for state in _states(world, group, at)]
    known = [end for end in ends if end is not None]
    if not known:
        return None
    return max(known) if len(known) == len(ends) else at


def _put_out(state: State, party: str) -> Instant | None:
    ends = (
        notice.bites
        for notice in state.notices
        if notice.of == party
        and notice.rule.ends is c.Ends.PART
        and notice.state is NoticeState.EFFECTIVE
    )
    return max(ends, default=None)


def cuts(world: World, group: Group, party: str) -> Iterator[Instant]:
    """Yield the instants at which a party's membership may begin or end."""
    if not group.accord:
        yield from (Instant(cut) for cut in group.cuts(party))
    else:
        yield from world.clock(group.accord).moments()


def _states(world: World, group: Group, at: Instant) -> tuple[State, ...]:
    """Return what the accord may be at an instant; nothing where its times are too uncertain."""
    try:
        return world.clock(group.accord).states(at)
    except TooUncertain:
        return ()


def _bound(state: State, party: str) -> bool:
    member = state.members.get(party)
    own = (pause for pause in state.pauses if pause.of == party)
    paused = any(
        pause.since <= state.now and (pause.before is None or state.now < pause.before)
        for pause in own
    )
    return member is not None and member.status in RELEASING and not paused
