"""One request asked on both sides of a comparison: how the answers differ, since when, what is left.

`decide` says what each side answers; the index says where between two instants the answer
turns, and which hops of other ways are closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from comity.accords.state import moment_span
from comity.accords.times import FAR_PAST, Instant
from comity.changes.cells import Seen
from comity.compiled import Index
from comity.labels import Level, Mark
from comity.release.decide import Denial, Permit, decide
from comity.release.request import Reason, Request
from comity.release.route import Route, routes
from comity.release.world import World


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


class Asking:
    """Both sides asked for one request at a time.

    Attributes:
        before, after: the two sides.
        old, new: their indexes; the same where it is one world at two instants.
    """

    def __init__(self, before: Seen, after: Seen) -> None:
        self.before, self.after = before, after
        self._one = before[0] is after[0]
        self.new = Index(after[0])
        self.old = self.new if self._one else Index(before[0])

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
        return _ways(replace(request, at=self.after[1]), self.new)

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
            return self.new.covering(now) == (after.accords, after.authority) and (
                self._one or self.old.covering(now) == (before.accords, before.authority)
            )

        same, cuts = last, self._cuts(request)
        start = first if self._one else Instant(min(cuts, default=last) - 1)
        for cut in (*sorted((c for c in cuts if start < c < last), reverse=True), start):
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

    def _cuts(self, request: Request) -> set[Instant]:
        """Return the dates up to the end on which an answer to a request may turn."""
        found: set[Instant] = set()
        for index in {id(index): index for index in (self.old, self.new)}.values():
            pair = index.pair(request.sender, request.recipient)
            marking = index.marking(request.item)
            found.update(marking.cuts, () if pair is None else pair.cuts)
            if any(part is not None and part.plain for part in marking.parts):
                found.update(_dates(index.world))
            for authority in index.world.authorities:
                if authority.by == request.sender:
                    found |= {authority.since, authority.before}
        return {cut for cut in found if FAR_PAST < cut <= self.after[1]}


def _same(one: Answer, other: Answer) -> bool:
    return (one.permitted, one.accords, one.authority) == (
        other.permitted,
        other.accords,
        other.authority,
    )


def handling_of(one: Answer) -> tuple[object, ...]:
    """Return how the recipient handles it."""
    return one.handle_as, one.handle_tags


def _change(before: Answer, after: Answer) -> Change | None:
    if before.permitted is not after.permitted:
        return Change.STOPS if before.permitted else Change.BEGINS
    if not before.permitted:
        return None if before.reason is after.reason else Change.REFUSED_OTHERWISE
    same = _same(before, after) and handling_of(before) == handling_of(after)
    return None if same else Change.OTHERWISE


def _dates(world: World) -> Iterator[Instant]:
    """Yield every date of an act on record."""
    for instrument in world.instruments:
        span = moment_span(instrument)
        yield from (span.start, span.last)


def _ways(request: Request, index: Index) -> tuple[Way, ...]:
    """Return the ways that are left, those that differ in accords alone as one."""
    same: dict[tuple[object, ...], list[Route]] = {}
    for route in routes(request, index.world, closes=index.closes):
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
