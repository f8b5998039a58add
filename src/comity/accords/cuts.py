"""When may an accord become another between any two, and what is it in between?

`Clock` answers for one instant. `Stretches` answers for all of time: the instants at which
anything may change are found once, and between two of them nothing does.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from comity.accords.accord import Accord
from comity.accords.clock import Clock
from comity.accords.doubt import TooUncertain, Way
from comity.accords.links import HORIZON, agreed
from comity.accords.reservations import texts
from comity.accords.state import moment_span
from comity.accords.table import Status
from comity.accords.times import FAR_PAST, Instant


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretches:
    """An accord under one party's view, for all of time.

    Attributes:
        clock: of the accord.
        party: whose readings and times are followed; None for the text's defaults.
        learnt: the instants at which an instrument or a reading begins to count, the far
            past first.
        ways: in which what was known by then may have turned out; None where there are
            too many.
        cuts: every instant at which it may become another between some two, in order; None
            where that hangs on the instant asked about.
    """

    clock: Clock
    party: str | None
    learnt: tuple[Instant, ...]
    ways: tuple[tuple[Way, ...] | None, ...]
    cuts: tuple[Instant, ...] | None
    _texts: dict[tuple[Instant, frozenset[str]], tuple[Accord, ...]] = field(
        default_factory=dict, init=False, repr=False
    )

    @classmethod
    def of(cls, clock: Clock, party: str | None) -> Stretches:
        """Find every cut of an accord under a party's view."""
        learnt = tuple(sorted({FAR_PAST, *_learnt(clock, party)}))
        ways = tuple(_ways(clock, at, party) for at in learnt)
        found: set[Instant] = set(learnt)
        for since, before, seen in zip(learnt, (*learnt[1:], HORIZON), ways, strict=True):
            for way in seen or ():
                found.update(m for m in way.moments(before) if since < m < before)
        hanging = tuple(clock.hangs_on())
        settled = not clock.wide(party)
        for other in hanging:
            theirs = cls.of(other, other.side(party))
            settled = settled and theirs.cuts is not None
            found.update(theirs.cuts or ())
        return cls(
            clock=clock,
            party=party,
            learnt=learnt,
            ways=ways,
            cuts=tuple(sorted(found)) if settled else None,
        )

    def status(self, at: Instant, pair: frozenset[str]) -> Status | None:
        """Return the standing between a pair; None where the times are too uncertain."""
        ways = self._at(at)
        if ways is None:
            return None
        if self.clock.linked:
            return self.clock.view(at, None, self.party).status(at, pair)
        return agreed({way.at(at).status(pair) for way in ways})

    def texts(self, at: Instant, pair: frozenset[str]) -> tuple[Accord, ...]:
        """Return the texts that may hold between a pair; none where nobody can tell."""
        return tuple(
            dict.fromkeys(
                text for way in self._at(at) or () for text in texts(way.at(at), pair)
            )
        )

    def _at(self, at: Instant) -> tuple[Way, ...] | None:
        return self.ways[bisect_right(self.learnt, at) - 1]


def _learnt(clock: Clock, party: str | None) -> Iterator[Instant]:
    for instrument in clock.instruments:
        yield moment_span(instrument, party).start
    for reading in clock.readings:
        if reading.party == party:
            yield reading.since


def _ways(clock: Clock, at: Instant, party: str | None) -> tuple[Way, ...] | None:
    try:
        return clock.ways(at, party)
    except TooUncertain:
        return None
