"""What a world looks up again and again: by id, by accord, by party, by kind of act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.instruments import Instrument, Op, Operation
from comity.accords.standing import Reading
from comity.accords.state import moment_span
from comity.accords.times import Instant, Span
from comity.labels import Level, Mark

Done: TypeAlias = tuple[Instrument, Operation]
Key = TypeVar("Key")
Value = TypeVar("Value")


NAMES = 1_000
"""Above so many, those of further instruments are kept apart: nobody copies all for one."""

Designation: TypeAlias = tuple[Span, Instrument, Operation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Tables over the accords and instruments of a world, each in their order.

    Attributes:
        accords: by id.
        names: the ids of the instruments, some at a time.
        of: the instruments of an accord, by its id.
        done: the operations of a kind with their instruments.
        readings: the recorded positions on an accord, by its id.
        joined: the accords that ever had a party, with their place in the stated order.
        designating: an accord's designations of levels, with when each was made.
    """

    accords: dict[str, Accord]
    names: tuple[frozenset[str], ...]
    of: dict[str, tuple[Instrument, ...]]
    done: dict[Op, tuple[Done, ...]]
    readings: dict[str, tuple[Reading, ...]]
    joined: dict[str, dict[int, Accord]]
    designating: dict[str, tuple[Designation, ...]]

    @classmethod
    def over(
        cls,
        accords: Sequence[Accord],
        instruments: Sequence[Instrument],
        readings: Sequence[Reading],
    ) -> Lookup:
        """Make the tables."""
        made = cls(
            accords={a.id: a for a in (*accords, *reversed(accords))},
            names=(frozenset(i.id for i in instruments),),
            of=_grouped((i.accord, i) for i in instruments),
            done=_grouped((op.do, (i, op)) for i in instruments for op in i.operations),
            readings=_grouped((r.accord, r) for r in readings),
            joined={},
            designating=_grouped(_designations(instruments)),
        )
        for place, accord in enumerate(accords):
            for party in made.ever(accord):
                made.joined.setdefault(party, {})[place] = accord
        return made

    def ever(self, accord: Accord) -> set[str]:
        """Return every party that an accord names, or that has joined it by some act."""
        found = set(accord.parties)
        if accord.front.open:
            for instrument in self.of.get(accord.id, ()):
                if any(op.do in (Op.SIGN, Op.DEPOSIT) for op in instrument.operations):
                    found.update(instrument.by)
        return found

    def has(self, name: str) -> bool:
        """Say whether an instrument bears an id."""
        return any(name in some for some in self.names)

    def with_more(self, accords: Sequence[Accord], added: Sequence[Instrument]) -> Lookup:
        """Return the tables with more instruments at the end, none of a known id."""
        of, done = dict(self.of), dict(self.done)
        designating = dict(self.designating)
        for name, made_known in _designations(added):
            designating[name] = (*designating.get(name, ()), made_known)
        for instrument in added:
            of[instrument.accord] = (*of.get(instrument.accord, ()), instrument)
            for op in instrument.operations:
                done[op.do] = (*done.get(op.do, ()), (instrument, op))
        *others, last = self.names
        more = frozenset(i.id for i in added)
        names = (*self.names, more) if len(last) > NAMES else (*others, last | more)
        made = replace(self, names=names, of=of, done=done, designating=designating)
        touched = {i.accord for i in added}
        opened = [n for n in touched if n in self.accords and self.accords[n].front.open]
        if not opened:
            return made
        joined = {party: dict(found) for party, found in self.joined.items()}
        for place, accord in enumerate(accords):
            if accord.id in opened:
                for party in made.ever(accord):
                    joined.setdefault(party, {})[place] = accord
        return replace(made, joined=joined)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Every row of every table of equivalence, by the level or tag that it leads from.

    Attributes:
        reached: the levels to which the rows lead from one, once somebody has asked.
        marks_reached: likewise for tags, and whether a row drops one of them.
        leading: the rows of a text that lead to one policy, likewise.
        led_to: the tags of a party to which its own accords lead, likewise.
    """

    levels: dict[Level, tuple[Level, ...]]
    tags: dict[Mark, tuple[c.TagEquivalence, ...]]
    reached: dict[Level, frozenset[Level]] = field(default_factory=dict)
    marks_reached: dict[Mark, tuple[frozenset[Mark], bool]] = field(default_factory=dict)
    leading: dict[tuple[Accord, str], Leading] = field(default_factory=dict)
    led_to: dict[str, frozenset[Mark]] = field(default_factory=dict)

    @classmethod
    def over(cls, accords: Iterable[Accord]) -> Tables:
        """Read the tables; a row that says `none` leads nowhere."""
        every = tuple(accords)
        return cls(
            levels=_grouped(
                (row.from_, to)
                for accord in every
                for row in accord.all(c.Equivalence)
                if row.relation is not c.Relation.NONE
                for to in row.to
                if to != row.from_
            ),
            tags=_grouped(
                (row.from_, row) for a in every for row in a.all(c.TagEquivalence)
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Leading:
    """The rows of one text that lead to one policy, each with its first instant and first out."""

    levels: tuple[tuple[Instant, Instant, c.Equivalence], ...]
    tags: tuple[tuple[Instant, Instant, c.TagEquivalence], ...]


def _designations(instruments: Iterable[Instrument]) -> Iterator[tuple[str, Designation]]:
    for instrument in instruments:
        for operation in instrument.operations:
            if operation.do is Op.DESIGNATE:
                yield instrument.accord, (moment_span(instrument), instrument, operation)


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, tuple[Value, ...]]:
    found: dict[Key, list[Value]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}
