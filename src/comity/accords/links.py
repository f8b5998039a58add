"""What an accord is once the others that its standing hangs on are looked at as well.

An accord may be tied to another, and another may have taken its place between some of its
parties. Each is then asked at the same instant, between the same two where both are parties
to it, and as a whole where they are not. What is not here is unsettled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.doubt import Way
from comity.accords.state import pairs_of
from comity.accords.table import Status
from comity.accords.times import FAR_PAST, Instant

HORIZON = Instant(7_258_118_400)  # 2200-01-01: no term of a living agreement runs longer

History: TypeAlias = tuple[tuple[Instant, Status], ...]
"""Each status that held, with the first instant of it, in order."""

LEAST = (
    Status.ENDED,
    Status.NOT_YET,
    Status.SIGNED,
    Status.UNSETTLED,
    Status.SUSPENDED,
    Status.PROVISIONAL,
    Status.IN_FORCE,
)
"""Statuses from that under which least may be released to that under which most may."""

_NOT_BEGUN = frozenset({Status.NOT_YET, Status.SIGNED})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """An accord as known at one instant under one party's readings, with what it hangs on.

    Attributes:
        ways: in which what is in doubt may have turned out; none where there are too many.
        others: the accords that a tie may name, by id.
        later: the accords that take this one's place, with the rule that says so.
    """

    accord: Accord
    ways: tuple[Way, ...]
    others: Mapping[str, View] = field(default_factory=dict)
    later: tuple[tuple[c.Supersedes, View], ...] = ()

    def own(self, at: Instant, pair: frozenset[str] | None) -> Status:
        """Return the standing by this accord's own words and acts."""
        return agreed({way.at(at).status(pair) for way in self.ways})

    def status(self, at: Instant, pair: frozenset[str] | None) -> Status:
        """Return the standing between a pair, or the best between any two parties."""
        if pair is None:
            return self._whole(at)
        found = self.own(at, pair)
        for tie in self.ties(at, pair):
            found = _under(tie.how, found, self._other(tie, at, pair))
        for _, view in self.later:
            found = _after(found, replaced=view.replaces(at, pair))
        return found

    def _whole(self, at: Instant) -> Status:
        own, pairs = self.own(at, None), tuple(self._pairs(at))
        found = [self.status(at, pair) for pair in pairs]
        if found == [self.own(at, pair) for pair in pairs]:
            return own
        return max(found, key=LEAST.index)

    def ties(self, at: Instant, pair: frozenset[str] | None) -> tuple[c.Tied, ...]:
        """Return the ties of the text that holds between a pair; in doubt, of each text.

        One of sending leaves the standing alone.
        """
        states = [way.at(at) for way in self.ways]
        texts = [state.accord if pair is None else state.version(pair) for state in states]
        ties = dict.fromkeys(tie for text in texts for tie in text.all(c.Tied))
        return tuple(tie for tie in ties if tie.how is not c.Depends.SENDING)

    def _other(self, tie: c.Tied, at: Instant, pair: frozenset[str]) -> Status:
        other = self.others.get(tie.to)
        return Status.UNSETTLED if other is None else other.asked(at, pair)

    def asked(self, at: Instant, pair: frozenset[str]) -> Status:
        """Return the standing for others' sake: as a whole where the pair is not its own."""
        return self.status(at, pair if pair <= self._members(at) else None)

    def replaces(self, at: Instant, pair: frozenset[str]) -> bool | None:
        """Say whether this accord has been in force between a pair by then; None in doubt."""
        if not self.ways:
            return None
        if not pair <= self._members(at):
            return False
        ever = {Status.IN_FORCE in self._had(way, at, pair) for way in self.ways}
        if len(ever) > 1:
            return None
        tied = bool(self.ties(at, pair))
        if ever == {False} or not tied:
            return ever == {True}
        seen = {self.status(cut, pair) for cut in (*self.cuts_until(at), at)}
        if Status.IN_FORCE in seen:
            return True
        return None if Status.UNSETTLED in seen else False

    @staticmethod
    def _had(way: Way, at: Instant, pair: frozenset[str]) -> set[Status]:
        return {way.at(moment).status(pair) for moment in (*way.moments(at), at)}

    def histories(self, at: Instant, pair: frozenset[str]) -> Iterator[History]:
        """Yield, for each way, every status that held between a pair up to an instant."""
        for way in self.ways:
            alone = replace(self, ways=(way,))
            found: list[tuple[Instant, Status]] = []
            for cut in sorted((*alone.cuts_until(at), at)):
                status = alone.status(cut, pair)
                if not found or found[-1][1] is not status:
                    found.append((cut, status))
            yield tuple(found)

    def since(self, at: Instant, pair: frozenset[str] | None) -> Instant:
        """Return from when on the status at an instant has held without a break."""
        now, began = self.status(at, pair), at
        for cut in sorted(self.cuts_until(at), reverse=True):
            if self.status(cut, pair) is not now:
                return began
            began = cut
        return began

    def before(self, at: Instant, pair: frozenset[str] | None) -> Instant | None:
        """Return the first instant at which the clock alone makes it another status."""
        now = self.status(at, pair)
        for cut in sorted(self.cuts_after(at)):
            if self.status(cut, pair) is not now:
                return cut
        return None

    def ended_by_others(self, at: Instant) -> Instant | None:
        """Return from when on others have ended what goes on by its own words; None for no date."""
        for cut in (at, *sorted(self.cuts_after(at))):
            ended = self.status(cut, None) is Status.ENDED
            if ended and self.own(cut, None) is not Status.ENDED:
                return cut
        return None

    def because(self, at: Instant, pair: frozenset[str] | None) -> tuple[str, ...]:
        """Say in words which other accords make the standing another than its own."""
        pairs = (pair,) if pair is not None else tuple(self._pairs(at))
        return tuple(dict.fromkeys(why for one in pairs for why in self._because(at, one)))

    def _because(self, at: Instant, pair: frozenset[str]) -> Iterator[str]:
        found = self.own(at, pair)
        for tie in self.ties(at, pair):
            other = self._other(tie, at, pair)
            under = _under(tie.how, found, other)
            if under is not found:
                is_ = "not here" if tie.to not in self.others else said(other)
                yield f"{tie.cites} ties it to `{tie.to}`, which is {is_}"
            found = under
        for rule, view in self.later:
            replaced = view.replaces(at, pair)
            if _after(found, replaced=replaced) is not found:
                who = " and ".join(sorted(pair))
                has = "has taken" if replaced else "may have taken"
                yield f"`{view.accord.id}` {has} its place between {who} ({rule.cites} there)"

    def _members(self, at: Instant) -> frozenset[str]:
        return frozenset(name for way in self.ways for name in way.at(at).members)

    def _pairs(self, at: Instant) -> Iterator[frozenset[str]]:
        yield from pairs_of(self._members(at))

    def views(self) -> Iterator[View]:
        yield self
        for view in (*self.others.values(), *(view for _, view in self.later)):
            yield from view.views()

    def cuts_until(self, at: Instant) -> set[Instant]:
        """Return every instant by then at which any of the accords became another."""
        found = {FAR_PAST}
        for way in (way for view in self.views() for way in view.ways):
            found.update(way.moments(at))
        return found

    def cuts_after(self, at: Instant) -> set[Instant]:
        """Return every later instant at which the clock alone moves any of the accords."""
        found: set[Instant] = set()
        for way in (way for view in self.views() for way in view.ways):
            found.update(moment for moment, _ in way.timeline)
            found.update(step.now for step in way.fold.steps(way.at(at), HORIZON))
        return {cut for cut in found if at < cut < HORIZON}


def agreed(statuses: set[Status]) -> Status:
    """Return the one status that all agree on; else it is unsettled."""
    return next(iter(statuses)) if len(statuses) == 1 else Status.UNSETTLED


def said(status: Status) -> str:
    """Return a status as one says it."""
    return str(status).replace("_", " ")


def _under(how: c.Depends, own: Status, other: Status) -> Status:
    """Return what a tie makes of a standing, the other accord's being what it is."""
    if how is c.Depends.SENDING or own in (*_NOT_BEGUN, Status.ENDED, Status.UNSETTLED):
        return own
    if other in (Status.ENDED, Status.UNSETTLED):
        return other
    if other in _NOT_BEGUN:
        return Status.SIGNED
    if other is Status.SUSPENDED:
        return other if how is c.Depends.WHILE_IT_STANDS else own
    return min(own, other, key=LEAST.index)


def _after(own: Status, *, replaced: bool | None) -> Status:
    """Return what a later accord makes of a standing."""
    if replaced is False or own in (*_NOT_BEGUN, Status.ENDED):
        return own
    return Status.ENDED if replaced else Status.UNSETTLED
