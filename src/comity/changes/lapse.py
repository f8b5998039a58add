"""What stops when an accord lapses, what goes on by another way, and which duties begin?

A lapse is one comparison (`comity.changes.compare`): the world in the last second in which
the accord stood against the world at the instant asked about. So is an act, a hold or an
authority: the world as if it had never been against the world with it. Suspension, the
exit of one member, a revoked consent and an amendment are acts, and are asked alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from comity.accords.standing import Brief
from comity.accords.table import RELEASING, Status
from comity.accords.times import FAR_PAST, Instant
from comity.changes.compare import Comparison, compare, duties_apart, joined
from comity.compiled import Index
from comity.compiled.only import Only, only
from comity.errors import InvalidInput, NotKnown
from comity.labels import Item
from comity.release.duties import Due, beginning
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """What an accord is between two parties.

    Attributes:
        stands: whether it stands under both sides' views.
        lapsed: the first instant at which it no longer stood; None where it stands, or
            never stood before.
    """

    pair: tuple[str, str]
    statuses: tuple[Status, ...]
    stands: bool
    lapsed: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """When an accord that stands may lapse, were nothing more done, and at the earliest.

    Attributes:
        by_clock: the first instant at which it no longer stands between some two.
        by_one: the earliest instant at which one party alone could bring that about, under
            anybody's reading.
        who: that party.
    """

    by_clock: Instant | None
    by_one: Instant | None
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """What stops, and what follows.

    Attributes:
        what: the accord, act, hold or authority asked about, by its id.
        accord: the accord concerned; None where no single one is.
        lapsed: the latest instant by then at which the accord ceased to stand between some
            two; None where it stands between all for whom it ever stood.
        between: the accord between each two.
        comparison: where the accord lapsed, the last second before against the instant
            asked about. Where it stands, the world with it against the world without it:
            what hangs on it.
        ahead: where it stands.
        begins: the duties that the end of the accord brings, as they stand at the instant;
            of an act, hold or authority, the duties that there are because of it.
        gone: of an act, hold or authority, the duties that there are not because of it.
        alone: what rested on the accord alone when it last stood, where that was asked for
            instead of every request.
    """

    what: str
    accord: str | None
    at: Instant
    lapsed: Instant | None
    between: tuple[Between, ...]
    comparison: Comparison
    ahead: Ahead | None
    begins: tuple[Due, ...]
    gone: tuple[Due, ...] = ()
    alone: tuple[Only, ...] | None = None


def lapse(
    world: World,
    what: str,
    at: Instant,
    *,
    items: Iterable[Item] = (),
    alone: bool = False,
) -> Lapse:
    """Say what stops by then because of one accord, act, hold or authority.

    With ``alone`` it is not every request that is compared: of each party's own
    information it says what rests on the accord alone (`comity.compiled.only`), which is
    found at once in a world of any size. Items are compared all the same.

    Raises:
        NotKnown: the world has nothing of that id.
        InvalidInput: nothing rests alone on an act, a hold or an authority.
        TooUncertain: so many times are uncertain that nobody can tell what the accord is.
    """
    if any(accord.id == what for accord in world.accords):
        return _of_accord(world, what, at, tuple(items), alone=alone)
    acts = [i for i in world.instruments if i.id == what]
    without = replace(
        world,
        instruments=tuple(i for i in world.instruments if i.id != what),
        holds=tuple(h for h in world.holds if h.id != what),
        authorities=tuple(a for a in world.authorities if a.id != what),
    )
    if without == world:
        known = ", ".join(f"`{a.id}`" for a in world.accords) or "none"
        raise NotKnown(
            f"the world `{world.id}` has no accord, act, hold or authority `{what}`",
            hint=f"its accords: {known}; `comity show WORLD` lists the acts",
            code="no-such-thing",
        )
    accord = acts[0].accord if acts else None
    if alone:
        raise InvalidInput(
            f"`{what}` is no accord: what rests alone on it cannot be asked",
            hint="leave `--alone` out"
            + ("" if accord is None else f", or ask about the accord `{accord}`"),
            code="alone-is-of-an-accord",
        )
    comparison = compare((without, at), (world, at), items=items)
    gone, begins = duties_apart((without, at), (world, at))
    return Lapse(
        what=what,
        accord=accord,
        at=at,
        lapsed=None,
        between=() if accord is None else _between(world, accord, at),
        comparison=comparison,
        ahead=None,
        begins=begins,
        gone=gone,
    )


def _of_accord(
    world: World, accord: str, at: Instant, items: tuple[Item, ...], *, alone: bool
) -> Lapse:
    between = _between(world, accord, at)
    ended = [b.lapsed for b in between if b.lapsed is not None]
    if ended:
        lapsed = max(ended)
        before, after = (world, Instant(lapsed - 1)), (world, at)
        ahead = None
    else:
        lapsed = None
        rest = tuple(a for a in world.accords if a.id != accord)
        before, after = (world, at), (replace(world, accords=rest), at)
        ahead = _ahead(world, accord, at) if any(b.stands for b in between) else None
    return Lapse(
        what=accord,
        accord=accord,
        at=at,
        lapsed=lapsed,
        between=between,
        comparison=compare(before, after, items=items, requests=not alone),
        ahead=ahead,
        begins=beginning(world, accord, at),
        alone=only(Index(world), accord, before[1]) if alone else None,
    )


def _between(world: World, accord: str, at: Instant) -> tuple[Between, ...]:
    found: list[Between] = []
    for pair in joined(world, accord):
        briefs = _briefs(world, accord, pair, at)
        stands = _stands(briefs)
        found.append(
            Between(
                pair=pair,
                statuses=tuple(dict.fromkeys(brief.status for brief in briefs)),
                stands=stands,
                lapsed=None if stands else _lapsed(world, accord, pair, at),
            )
        )
    return tuple(found)


def _briefs(
    world: World, accord: str, pair: tuple[str, str], at: Instant
) -> tuple[Brief, ...]:
    return tuple(world.clock(accord).between(at, pair, party=side) for side in pair)


def _stands(briefs: Iterable[Brief]) -> bool:
    return all(brief.status in RELEASING for brief in briefs)


def _lapsed(
    world: World, accord: str, pair: tuple[str, str], at: Instant
) -> Instant | None:
    """Go back, standing by standing, to the last second in which it stood for both sides."""
    while True:
        briefs = _briefs(world, accord, pair, at)
        if _stands(briefs):
            return Instant(at + 1)
        since = min(brief.since for brief in briefs if brief.status not in RELEASING)
        if since <= FAR_PAST:
            return None
        at = Instant(since - 1)


def _ahead(world: World, accord: str, at: Instant) -> Ahead:
    ends = [
        end
        for pair in joined(world, accord)
        if (end := _next_end(world, accord, pair, at)) is not None
    ]
    views = world.clock(accord).standing(at).readings.values()
    alone = [
        (view.earliest_end, view.earliest_end_by)
        for view in views
        if view.earliest_end is not None
    ]
    first = min(alone, default=None)
    return Ahead(
        by_clock=min(ends, default=None),
        by_one=None if first is None else first[0],
        who=() if first is None else first[1],
    )


def _next_end(
    world: World, accord: str, pair: tuple[str, str], at: Instant
) -> Instant | None:
    """Follow the clock alone to the first instant at which it no longer stands."""
    while True:
        briefs = _briefs(world, accord, pair, at)
        if not _stands(briefs):
            return at
        later = [brief.before for brief in briefs if brief.before is not None]
        if not later:
            return None
        at = min(later)
