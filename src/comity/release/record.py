"""The acts on record under one accord by an instant: what a duty arises from and is judged by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from comity.accords.accord import Accord
from comity.accords.instruments import Instrument, Op, Operation
from comity.accords.state import NO_AUTHORITY, moment_span
from comity.accords.times import Instant, Span
from comity.release.given import Giving, Over, acts, adopted, over
from comity.release.world import World

Done: TypeAlias = tuple[Instrument, Operation]


@dataclass(slots=True)
class Record:
    """What was done under one accord by an instant, as far as it is on record.

    Attributes:
        at: acts of later instants are not there.
    """

    world: World
    accord: Accord
    at: Instant
    _over: dict[frozenset[str], Over | None] = field(default_factory=dict)
    _acts: dict[str, tuple[Done, ...]] = field(default_factory=dict)

    def pairs(self, givings: Iterable[Giving]) -> set[tuple[str, str]]:
        """Return every pair of members, and every pair between whom something was given."""
        members = self.world.clock(self.accord.id).members(self.at)
        found = {(one, two) for one in members for two in members if one < two}
        return found | {(min(g.pair), max(g.pair)) for g in givings}

    def others(self, party: str) -> tuple[str, ...]:
        """Return the other members."""
        members = self.world.clock(self.accord.id).members(self.at)
        return tuple(name for name in members if name != party)

    def versions(self, pair: tuple[str, str]) -> tuple[Accord, ...]:
        """Return the texts that hold between two; what any of them asks is due."""
        return self.world.clock(self.accord.id).versions(self.at, pair)

    def over(self, pair: tuple[str, str]) -> Over | None:
        """Return from when on the accord is over between two."""
        key = frozenset(pair)
        if key not in self._over:
            clock = self.world.clock(self.accord.id)
            self._over[key] = over(clock, self.at, pair)
        return self._over[key]

    def acts(self, accord: str) -> tuple[Done, ...]:
        """Return what may have been done by now under an accord, but for releases."""
        if accord not in self._acts:
            self._acts[accord] = tuple(
                (instrument, operation)
                for instrument, operation in acts(self.world, accord, self.at)
                if operation.do is not Op.RELEASE
            )
        return self._acts[accord]

    def when(self, instrument: Instrument) -> Span | None:
        """Return when an act was done, if it certainly was, and with authority.

        An act without authority counts from its confirmation (VCLT 8); one that nobody has
        checked discharges nothing.
        """
        if instrument.recalled:
            return None
        when = moment_span(instrument)
        if instrument.authority == NO_AUTHORITY:
            later = [
                moment_span(i)
                for i, op in self.acts(instrument.accord)
                if op.do is Op.CONFIRM
                and op.instrument == instrument.id
                and set(instrument.by) <= set(i.by)
                and i.authority != NO_AUTHORITY
            ]
            if not later:
                return None
            when = min(later, key=lambda span: span.last)
        return when if when.last <= self.at else None

    def done(self, instrument: Instrument) -> bool:
        """Say whether an act may have been done with authority."""
        return instrument.authority != NO_AUTHORITY or self.when(instrument) is not None

    def taken(self, giving: Giving) -> str | None:
        """Return the successor that has taken over what was given."""
        found = adopted(self.world, giving, self.accord.id, self.at)
        return None if found is None else found[0]
