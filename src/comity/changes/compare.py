"""What differs between two worlds, or one world at two instants: may it go, and how?

`compare` asks `decide` on both sides for every request that the two tell apart
(`comity.changes.cells`) and for every item given, and keeps those with different answers.
It has no rule of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from comity.accords.deadlines import Deadline
from comity.accords.doubt import TooUncertain
from comity.accords.state import moment_span
from comity.accords.table import RELEASING, Status
from comity.accords.times import Instant
from comity.changes.cells import Region, Seen, levels, merged, place, told_apart
from comity.compiled import Index
from comity.errors import InvalidInput
from comity.labels import Item, Level, Mark
from comity.release.agenda import agenda
from comity.release.decide import Denial, Permit, decide
from comity.release.duties import Due, duties
from comity.release.request import Reason, Request
from comity.release.route import Route, routes
from comity.release.world import World

AHEAD = "P1Y"  # how far the dates ahead of both are compared
STEPS_MAX = 64  # changes of one standing that are looked at between two instants


class Change(StrEnum):
    """How two answers to one request differ."""

    STOPS = "stops"
    OTHERWISE = "goes on otherwise"
    """Permitted by both: under other accords, or handled as another level."""
    BEGINS = "begins"
    REFUSED_OTHERWISE = "refused for another reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one world says of a request.

    Attributes:
        accords: every accord that covers it, in the stated order; none where refused.
        authority: the written authority it goes under instead.
        articles: of each accord that covers it, as (accord, article).
        handle_as, handle_tags: how the recipient handles it under the accord chosen.
        reason: why not; None where permitted.
    """

    accords: tuple[str, ...] = ()
    authority: str | None = None
    articles: tuple[tuple[str, str], ...] = ()
    handle_as: tuple[Level, ...] = ()
    handle_tags: tuple[Mark, ...] = ()
    reason: Reason | None = None

    @property
    def permitted(self) -> bool:
        """Whether it may go."""
        return self.reason is None

    @property
    def support(self) -> int:
        """By how many accords it is covered."""
        return len(self.accords)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way on which nothing but consent is missing.

    Attributes:
        parties: from the sender to the recipient.
        accords: for each hop, those under any of which it may be made.
        consents: whose written consent is missing, with the recipient of the hop.
    """

    parties: tuple[str, ...]
    accords: tuple[tuple[str, ...], ...]
    consents: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How the answers to a request, or to all of a region, differ.

    Attributes:
        before, after: for a region, what is the same for all; the articles of any.
        since: the first instant of the stretch in which the answers differ so, up to the
            instant asked about: of one world between two instants, the first after which
            it is as at the end. None where it goes back beyond all that is on record, for
            what is refused on both sides, and between two worlds at two instants.
    """

    change: Change
    before: Answer
    after: Answer
    since: Instant | None = None


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
class ItemDiffers:
    """An item from one of its originators to a party, with this difference.

    Attributes:
        ways: that are left, where it stops.
    """

    item: str
    sender: str
    recipient: str
    difference: Difference
    ways: tuple[Way, ...] = ()


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
class Alike:
    """How many requests the difference leaves as they were.

    Attributes:
        permitted: on both sides, in the same way.
        refused: on both sides, for whatever reason.
        held: of those refused, by a hold before.
    """

    permitted: int = 0
    refused: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that differs.

    Attributes:
        regions: of the requests that one item of one category and originator could make,
            those that differ.
        left: those of them that stop, by what is left to them.
        items: the items given, from each originator to every party.
    """

    before: Seen
    after: Seen
    regions: tuple[RegionDiffers, ...]
    left: tuple[Left, ...]
    items: tuple[ItemDiffers, ...]
    standings: tuple[StandingDiffers, ...]
    regions_alike: Alike
    items_alike: Alike

    def of(self, change: Change) -> tuple[RegionDiffers, ...]:
        """Return the regions that differ in this way."""
        return tuple(r for r in self.regions if r.difference.change is change)

    def items_of(self, change: Change) -> tuple[ItemDiffers, ...]:
        """Return the items that differ in this way."""
        return tuple(i for i in self.items if i.difference.change is change)


def compare(before: Seen, after: Seen, *, items: Iterable[Item] = ()) -> Comparison:
    """Say all that differs between two worlds, or one world at two instants.

    For every request of a region, `decide` permits (or not) on each side as the region
    says; a request in no region has the same answer on both.

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
    asking = _Asking(before, after)
    regions, left, regions_alike = _regions(asking)
    flows, items_alike = _flows(asking, items)
    return Comparison(
        before=before,
        after=after,
        regions=regions,
        left=left,
        items=flows,
        standings=tuple(_standings(before, after)),
        regions_alike=regions_alike,
        items_alike=items_alike,
    )


def answer(request: Request, world: World) -> Answer:
    """Return what a world says of a request, with every accord that covers it."""
    decision = decide(request, world)
    if isinstance(decision, Denial):
        return Answer(reason=decision.reason)
    if decision.authority is not None:
        return Answer(authority=decision.authority)
    accords = world.between(request.sender, request.recipient)
    permits = (
        [decision]
        if len(accords) == 1
        else [
            found
            for accord in accords
            if isinstance(found := decide(replace(request, under=accord.id), world), Permit)
        ]
    )
    return Answer(
        accords=tuple(str(p.accord) for p in permits),
        articles=tuple((str(p.accord), a) for p in permits for a in p.articles),
        handle_as=decision.handle_as,
        handle_tags=decision.handle_tags,
    )


class _Asking:
    """Both sides asked for one request."""

    def __init__(self, before: Seen, after: Seen) -> None:
        self.before, self.after = before, after
        self._one = before[0] is after[0]
        self._new = Index(after[0])
        self._old = self._new if self._one else Index(before[0])
        self._found: tuple[Instant, tuple[Instant, ...]] | None = None
        self._last: dict[tuple[object, ...], bool] = {}

    def difference(self, request: Request) -> Difference | Answer:
        """Return how the answers differ, or the answer where they do not."""
        before, after = self._at(request, self.before[1]), self._at(request, self.after[1])
        old, new = before[0], after[1]
        change = _change(old, new)
        if change is None:
            return new
        return Difference(
            change=change,
            before=old,
            after=new,
            since=None
            if change is Change.REFUSED_OTHERWISE
            else self._since(request, old, new),
        )

    def ways(self, request: Request, found: Difference) -> tuple[Way, ...]:
        """Return the ways that are left to what stops."""
        if found.change is not Change.STOPS:
            return ()
        request = replace(request, at=self.after[1])
        return _ways(request, self.after[0]) if self._arrives(request) else ()

    def _arrives(self, request: Request) -> bool:
        """Say whether any party could make the last hop, at any level; if not, none is left."""
        key = (request.item, request.recipient, request.for_purpose, request.by_channel)
        if key not in self._last:
            world = self.after[0]
            self._last[key] = any(
                isinstance(decision, Permit) or bool(decision.consent_missing)
                for party in world.parties
                if party != request.recipient
                for accord in world.between(party, request.recipient)
                if _stands(world, accord.id, (party, request.recipient), request.at)
                for held_as in (None, *levels(party, [world]))
                for decision in (
                    decide(
                        replace(request, sender=party, held_as=held_as, under=accord.id),
                        world,
                    ),
                )
            )
        return self._last[key]

    def _at(self, request: Request, at: Instant) -> tuple[Answer, Answer]:
        """Return the answers of both worlds at one instant."""
        now = replace(request, at=at)
        after = answer(now, self.after[0])
        return (after if self._one else answer(now, self.before[0])), after

    def _since(self, request: Request, before: Answer, after: Answer) -> Instant | None:
        """Return the first instant of the stretch in which the answers are as at its end.

        Between two of the dates on which anything changes the stretch is halved down to
        the second, so that it is an instant at which the answer turns, whatever turns it.
        """
        (_, first), (_, last) = self.before, self.after
        if (first >= last) if self._one else (first != last):
            return None

        def holds(at: Instant) -> bool:
            now = replace(request, at=at)
            return self._new.covering(now) == (after.accords, after.authority) and (
                self._one or self._old.covering(now) == (before.accords, before.authority)
            )

        start, cuts = self._cuts()
        same = self.after[1]
        for cut in (*cuts, start):
            if not holds(cut):
                otherwise = cut
                break
            same = cut
        else:
            return None  # as long as anything is on record
        probe = Instant(same - 1)  # nearly always the date itself is the first instant
        while same - otherwise > 1:
            if holds(probe):
                same = probe
            else:
                otherwise = probe
            probe = Instant((same + otherwise) // 2)
        return same

    def _cuts(self) -> tuple[Instant, tuple[Instant, ...]]:
        """Return where the stretch begins, and the dates in it, latest first."""
        if self._found is None:
            end = self.after[1]
            dates = {d for w in (self.before[0], self.after[0]) for d in _dates(w)}
            start = min(dates, default=end)
            start = self.before[1] if self._one else Instant(min(start, end) - 1)
            begins = sorted({start, *(date for date in dates if start < date < end)})
            cuts = {
                cut
                for world in (self.before[0], self.after[0])
                for cut in (*begins, *_turns(world, begins, end))
            }
            inside = sorted((cut for cut in cuts if start < cut < end), reverse=True)
            self._found = (start, tuple(inside))
        return self._found


def _same(one: Answer, other: Answer) -> bool:
    return (one.permitted, one.accords, one.authority) == (
        other.permitted,
        other.accords,
        other.authority,
    )


def _handled(one: Answer) -> tuple[object, ...]:
    return one.handle_as, one.handle_tags


def _change(before: Answer, after: Answer) -> Change | None:
    if before.permitted is not after.permitted:
        return Change.STOPS if before.permitted else Change.BEGINS
    if not before.permitted:
        return None if before.reason is after.reason else Change.REFUSED_OTHERWISE
    same = _same(before, after) and _handled(before) == _handled(after)
    return None if same else Change.OTHERWISE


def _dates(world: World) -> Iterator[Instant]:
    """Yield every date on record on which an answer may turn."""
    for instrument in world.instruments:
        span = moment_span(instrument)
        yield from (span.start, span.last)
    ends = [(hold.since, hold.before) for hold in world.holds]
    ends += [(authority.since, authority.before) for authority in world.authorities]
    ends += [(consent.since, consent.before) for consent in world.consents()]
    yield from (date for pair in ends for date in pair if date is not None)


def _turns(world: World, begins: Sequence[Instant], end: Instant) -> Iterator[Instant]:
    """Yield the dates on which the clock alone changes a standing after one of some instants."""
    for accord in world.accords:
        for pair in joined(world, accord.id):
            for side in pair:
                for begin in begins:
                    yield from _turns_of(world, accord.id, pair, side, (begin, end))


def _turns_of(
    world: World,
    accord: str,
    pair: tuple[str, str],
    side: str,
    within: tuple[Instant, Instant],
) -> Iterator[Instant]:
    at, end = within
    for _ in range(STEPS_MAX):
        try:
            before = world.clock(accord).between(at, pair, party=side).before
        except TooUncertain:
            return
        if before is None or before >= end:
            return
        yield before
        at = before


# -- regions -------------------------------------------------------------------------


def _regions(
    asking: _Asking,
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
    handled = found.change is Change.OTHERWISE and _handled(sides[0]) != _handled(sides[1])
    return (
        found.change,
        found.since,
        *(
            (a.accords, a.authority, a.reason, _handled(a) if handled else ())
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


# -- items ---------------------------------------------------------------------------


def _flows(asking: _Asking, items: Iterable[Item]) -> tuple[tuple[ItemDiffers, ...], Alike]:
    parties = sorted({*asking.before[0].parties, *asking.after[0].parties})
    alike = Counter[str]()
    made: list[ItemDiffers] = []
    for item in items:
        for sender in item.originators:
            for recipient in parties:
                if sender == recipient:
                    continue
                request = Request(
                    item=item, sender=sender, recipient=recipient, at=asking.after[1]
                )
                found = asking.difference(request)
                _count(alike, found, 1)
                if isinstance(found, Difference):
                    made.append(
                        ItemDiffers(
                            item=item.id,
                            sender=sender,
                            recipient=recipient,
                            difference=found,
                            ways=asking.ways(request, found),
                        )
                    )
    return tuple(made), Alike(**alike)


def _stands(world: World, accord: str, pair: tuple[str, str], at: Instant) -> bool:
    """Say whether an accord lets anything go between two at an instant, under each view."""
    clock = world.clock(accord)
    try:
        views = [clock.between(at, pair, party=side).status for side in pair]
    except TooUncertain:
        return False
    return all(status in RELEASING for status in views)


# -- what is left --------------------------------------------------------------------


def _ways(request: Request, world: World) -> tuple[Way, ...]:
    """Return the ways that are left, those that differ in accords alone as one."""
    same: dict[tuple[object, ...], list[Route]] = {}
    for route in routes(request, world):
        parties = (request.sender, *(hop.recipient for hop in route.hops))
        same.setdefault((parties, _lacking(route)), []).append(route)
    found: list[Way] = []
    for alike in same.values():
        parties = (request.sender, *(hop.recipient for hop in alike[0].hops))
        by_hop = [
            tuple(dict.fromkeys(str(route.hops[place].accord) for route in alike))
            for place in range(len(parties) - 1)
        ]
        combined = 1
        for accords in by_hop:
            combined *= len(accords)
        each = (
            [tuple(by_hop)]
            if combined == len(alike)
            else [tuple((str(hop.accord),) for hop in route.hops) for route in alike]
        )
        found += [
            Way(parties=parties, accords=accords, consents=_lacking(alike[0]))
            for accords in each
        ]
    return tuple(found)


def _lacking(route: Route) -> tuple[tuple[str, str], ...]:
    """Return whose consent a way lacks, and for release to whom."""
    return tuple(dict.fromkeys((one.of, one.to) for one in route.consents))


# -- standings -----------------------------------------------------------------------


def _standings(before: Seen, after: Seen) -> Iterator[StandingDiffers]:
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
    parties = sorted(world.parties)
    return [
        (one, other)
        for place, one in enumerate(parties)
        for other in parties[place + 1 :]
        if any(a.id == accord for a in world.between(one, other))
    ]
