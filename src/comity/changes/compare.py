"""What differs between two worlds, or one world at two instants: may it go, and how?

`compare` asks `decide` on both sides for every request that the two tell apart
(`comity.changes.cells`) and for every item given, and keeps those with different answers.
It has no rule of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from comity.accords.deadlines import Deadline
from comity.accords.doubt import TooUncertain
from comity.accords.table import Status
from comity.accords.times import Instant
from comity.changes.asking import Answer, Asking, Change, Difference, Way, handling_of
from comity.changes.cells import Region, Seen, merged, place, told_apart
from comity.changes.items import Alike, ItemDiffers, items_apart
from comity.errors import InvalidInput
from comity.labels import Item
from comity.release.agenda import agenda
from comity.release.duties import Due, duties
from comity.release.request import Reason
from comity.release.world import World

AHEAD = "P1Y"  # how far the dates ahead of both are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionDiffers:
    """A region of requests, all with this difference."""

    region: Region
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The ways that are left to a region of what stops, with the fewest consents first.

    Each passes another party or waits for a consent, or both; none is no way.
    """

    region: Region
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDiffers:
    """An accord that is another between two parties.

    Attributes:
        before, after: under the one's view and the other's, once where they agree; empty
            where there is no such accord between them.
    """

    accord: str
    pair: tuple[str, str]
    before: tuple[Status, ...]
    after: tuple[Status, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that differs.

    Attributes:
        regions: of the requests that one item of one category and originator could make,
            those that differ.
        left: those of them that stop, by what is left to them.
        items: those given that go, or went, otherwise, from each originator to every party.
    """

    before: Seen
    after: Seen
    regions: tuple[RegionDiffers, ...]
    left: tuple[Left, ...]
    items: tuple[ItemDiffers, ...]
    regions_alike: Alike
    items_alike: Alike

    def of(self, change: Change) -> tuple[RegionDiffers, ...]:
        """Return the regions that differ in this way."""
        return tuple(r for r in self.regions if r.difference.change is change)

    def items_of(self, change: Change) -> tuple[ItemDiffers, ...]:
        """Return the items that differ in this way."""
        return tuple(i for i in self.items if i.difference.change is change)


def compare(
    before: Seen, after: Seen, *, items: Iterable[Item] = (), requests: bool = True
) -> Comparison:
    """Say all that differs between two worlds, or one world at two instants.

    For every request of a region, `decide` permits (or not) on each side as the region
    says; a request in no region has the same answer on both. Without ``requests`` there
    is no region: in a world of many words and parties there are too many to ask.

    Raises:
        InvalidInput: the worlds share fewer than two parties.
    """
    both = set(before[0].parties) & set(after[0].parties)
    if len(both) < 2:
        raise InvalidInput(
            f"`{before[0].id}` and `{after[0].id}` share fewer than two parties: there is"
            " nothing to compare",
            hint="compare two versions of one world",
            code="nothing-shared",
        )
    asking = Asking(before, after)
    regions, left, regions_alike = _regions(asking) if requests else ((), (), Alike())
    flows, items_alike = items_apart(asking, items)
    return Comparison(
        before=before,
        after=after,
        regions=regions,
        left=left,
        items=flows,
        regions_alike=regions_alike,
        items_alike=items_alike,
    )


# -- regions -------------------------------------------------------------------------


def _regions(
    asking: Asking,
) -> tuple[tuple[RegionDiffers, ...], tuple[Left, ...], Alike]:
    groups: dict[tuple[object, ...], list[tuple[Region, Difference]]] = {}
    left: dict[tuple[Way, ...], list[Region]] = {}
    alike = Counter[str]()
    world, at = asking.after
    for cell in told_apart((asking.before, asking.after)):
        request = next(cell.requests(world, at))
        found = asking.difference(request)
        _count(alike, found, cell.size)
        if isinstance(found, Answer):
            continue
        groups.setdefault(_key(found), []).append((cell, found))
        if found.change is not Change.STOPS:
            continue
        for mark in cell.markings:  # alike, but one may be on the way to the other's
            one = replace(cell, markings=(mark,))
            ways = asking.ways(next(one.requests(world, at)), found)
            left.setdefault(ways, []).append(one)
    made = [
        RegionDiffers(
            region=region,
            difference=replace(
                same[0][1],
                before=_all_articles([d.before for _, d in same]),
                after=_all_articles([d.after for _, d in same]),
            ),
        )
        for same in groups.values()
        for region in merged([cell for cell, _ in same])
    ]
    order = list(Change)
    made.sort(key=lambda r: (order.index(r.difference.change), place(r.region)))
    remains = [
        Left(region=region, ways=ways)
        for ways, cells in left.items()
        for region in merged(cells)
    ]
    remains.sort(key=lambda r: (not r.ways, place(r.region)))
    return tuple(made), tuple(remains), Alike(**alike)


def _key(found: Difference) -> tuple[object, ...]:
    """Return what has to be the same for all requests of a region."""
    sides = (found.before, found.after)
    handled = found.change is Change.OTHERWISE and handling_of(sides[0]) != handling_of(
        sides[1]
    )
    return (
        found.change,
        found.since,
        *(
            (a.accords, a.authority, a.reason, handling_of(a) if handled else ())
            for a in sides
        ),
    )


def _all_articles(answers: Sequence[Answer]) -> Answer:
    found = dict.fromkeys(place for one in answers for place in one.articles)
    levels = {one.handle_as for one in answers}
    return replace(
        answers[0],
        articles=tuple(found),
        handle_as=answers[0].handle_as if len(levels) == 1 else (),
    )


def _count(alike: Counter[str], found: Difference | Answer, size: int) -> None:
    if isinstance(found, Difference):
        if found.change is not Change.REFUSED_OTHERWISE:
            return
        found = found.before
    alike["permitted" if found.permitted else "refused"] += size
    alike["held"] += size * (found.reason is Reason.HELD)


# -- standings -----------------------------------------------------------------------


def standings_apart(before: Seen, after: Seen) -> Iterator[StandingDiffers]:
    """Yield every accord that is another between two parties."""
    names = dict.fromkeys(a.id for world, _ in (before, after) for a in world.accords)
    for name in names:
        pairs = dict.fromkeys(
            pair for world, _ in (before, after) for pair in joined(world, name)
        )
        for pair in pairs:
            old, new = (statuses(one, name, pair) for one in (before, after))
            if old != new:
                yield StandingDiffers(accord=name, pair=pair, before=old, after=new)


def dates_apart(
    before: Seen, after: Seen
) -> tuple[tuple[Deadline, ...], tuple[Deadline, ...]]:
    """Return the dates ahead within a year that one side has and the other has not."""
    old, new = (set(agenda(world, at, AHEAD)) for world, at in (before, after))
    return tuple(sorted(old - new)), tuple(sorted(new - old))


def duties_apart(before: Seen, after: Seen) -> tuple[tuple[Due, ...], tuple[Due, ...]]:
    """Return the duties that one side has and the other has not.

    An accord that is too uncertain to tell what it is has none here.
    """
    old, new = (tuple(_duties(world, at)) for world, at in (before, after))
    return tuple(d for d in old if d not in new), tuple(d for d in new if d not in old)


def _duties(world: World, at: Instant) -> Iterator[Due]:
    for accord in world.accords:
        try:
            yield from duties(world, at, accord=accord.id)
        except TooUncertain:
            continue


def statuses(seen: Seen, accord: str, pair: tuple[str, str]) -> tuple[Status, ...]:
    """Return what an accord is between two, under each one's view, once where they agree."""
    world, at = seen
    if pair not in joined(world, accord):
        return ()
    try:
        found = [world.clock(accord).between(at, pair, party=side).status for side in pair]
    except TooUncertain:
        return (Status.UNSETTLED,)
    return tuple(dict.fromkeys(found))


def joined(world: World, accord: str) -> list[tuple[str, str]]:
    """Return the pairs of parties that an accord ever joined."""
    known = world.lookup.accords.get(accord)
    ever = set() if known is None else world.lookup.ever(known)
    return list(combinations(sorted(ever & world.parties.keys()), 2))
