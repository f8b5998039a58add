"""When may an accord become another between any two, and what is it in between?

`Clock` answers for one instant. `Stretches` answers for all of time: the instants at which
anything may change are found once, and between two of them nothing does.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from comity.accords.accord import Accord
from comity.accords.clock import Clock
from comity.accords.doubt import TooUncertain, Way
from comity.accords.links import agreed
from comity.accords.reservations import texts
from comity.accords.state import moment_span
from comity.accords.table import Status
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretches:
    """An accord under one party's view, for all of time.

    Attributes:
        clock: of the accord.
        party: whose readings and times are followed; None for the text's defaults.
        cuts: every instant at which it may become another between some two, in order, the
            far past first.
        blurred: the stretches, half-open, in which it may be another at any instant, for
            a time is known less well than to the day.
    """

    clock: Clock
    party: str | None
    cuts: tuple[Instant, ...]
    blurred: tuple[tuple[Instant, Instant], ...]
    _begins: tuple[Instant, ...] = ()
    _ways: dict[Instant, tuple[Way, ...] | None] = field(
        default_factory=dict, init=False, repr=False
    )

    @classmethod
    def of(cls, clock: Clock, party: str | None) -> Stretches:
        """Find every cut of an accord under a party's view."""
        blurred = list(clock.blurred(party))
        blurred_alone = bool(blurred)
        begins, found, seen = _begun(clock, party, [i for two in blurred for i in two])
        for other in clock.hangs_on():
            theirs = cls.of(other, other.side(party))
            found.update(theirs.cuts)
            blurred += theirs.blurred
        made = cls(
            clock=clock,
            party=party,
            cuts=tuple(sorted(found)),
            blurred=tuple(blurred),
            _begins=() if blurred_alone else tuple(begins),
        )
        made._ways.update(seen)
        return made

    def recorded(self) -> frozenset[Instant]:
        """Return every instant at which what is said of it, in words, may change.

        A notice that is given changes no standing until it bites, but it is told. Only
        where nothing is blurred.
        """
        instruments = self.clock.instruments
        spans = [moment_span(i, self.party) for i in instruments]
        found = {end for span in spans for end in (span.start, span.last)}
        found.update(self.cuts)
        found.update(
            m for ways in self._ways.values() for w in ways or () for m in w.recorded()
        )
        for other in self.clock.hangs_on():
            found |= Stretches.of(other, other.side(self.party)).recorded()
        return frozenset(found)

    def clear(self, at: Instant) -> bool:
        """Say whether it is the same from an instant on up to the next cut."""
        return not any(since <= at < before for since, before in self.blurred)

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
        if self._begins:  # what was known then says it until more is
            at = self._begins[max(bisect_right(self._begins, at) - 1, 0)]
        if at not in self._ways:
            self._ways[at] = _ways(self.clock, at, self.party)
        return self._ways[at]


def _begun(
    clock: Clock, party: str | None, more: list[Instant]
) -> tuple[list[Instant], set[Instant], dict[Instant, tuple[Way, ...] | None]]:
    """Return from when what is known lasts, every cut, and the ways from each on.

    A reading counts from when it was taken. Where nothing on record is in doubt, all of it
    is folded at once; else instrument by instrument, as each becomes known.
    """
    taken = {FAR_PAST, *(r.since for r in clock.readings if r.party == party)}
    begins: set[Instant] = set()
    seen: dict[Instant, tuple[Way, ...] | None] = {}
    found: set[Instant] = set()
    read = sorted(taken)
    for since, before in zip(read, (*read[1:], FAR_FUTURE), strict=True):
        whole = None if more else _foreseen(clock, since, party)
        starts = {since}
        if whole is None or len(whole) > 1:
            spans = (moment_span(i, party).start for i in clock.instruments)
            starts |= {i for i in (*spans, *more) if since < i < before}
        ordered = sorted(starts)
        for begin, end in zip(ordered, (*ordered[1:], before), strict=True):
            one = whole is not None and len(whole) == 1
            seen[begin] = ways = whole if one else _ways(clock, begin, party)
            for way in ways or ():
                found.update(m for m in way.moments(end) if begin < m < end)
        begins |= starts
    return sorted(begins), found | begins, seen


def _foreseen(clock: Clock, at: Instant, party: str | None) -> tuple[Way, ...] | None:
    try:
        return clock.foreseen(at, party)
    except TooUncertain:
        return None


def _ways(clock: Clock, at: Instant, party: str | None) -> tuple[Way, ...] | None:
    try:
        return clock.ways(at, party)
    except (InvalidInput, OverflowError):  # or a count leads out of the calendar
        return None
