"""A world: everything that a decision may look at, as one value.

Parties and policies, accords with what was done under them, recorded readings, holds and
written authorities, and what is said about accords (`comity.talks`). A world has no clock
of its own and never changes; `World.without` and `World.supposing` give another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.clock import Clock
from comity.accords.instruments import Instrument, Op, Operation
from comity.accords.network import Links
from comity.accords.operations import day_after
from comity.accords.standing import Reading
from comity.accords.state import NO_AUTHORITY, moment_span
from comity.accords.times import UTC_ZONE, Instant, Zone
from comity.errors import NotKnown
from comity.labels import Group, Item, Level, Policy, looks
from comity.release.approval import ANSWERS, Answers, Approvals, ConsentGiven, approvals
from comity.release.lookup import Key, Lookup, Tables, Value
from comity.talks import (
    Condition,
    Forum,
    Measure,
    MeasureState,
    Position,
    Readouts,
    Speaker,
    Statement,
    Step,
    Undertaking,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An organisation that may be party to accords.

    Attributes:
        name: in full, as it stands in sentences.
        seat: how negotiators call it for short, such as ``Seoul``.
        names: the name by language, for markings.
        policy: by which it marks, by id; empty: the one of its own id.
    """

    id: str
    name: str
    seat: str
    zone: Zone
    names: Mapping[str, str] = field(default_factory=dict)
    policy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A party's own stop on sharing: no act on the accord, whose standing is unchanged.

    Attributes:
        towards, accords, categories: what it covers; ``any`` covers all.
        stops_accepting: whether it also stops what comes in.
        ground: a decision, a court, a statute's sunset, a pause; in words.
        since, before: half-open; None for no end.
    """

    id: str
    by: str
    towards: tuple[str, ...]
    accords: tuple[str, ...]
    categories: tuple[str, ...]
    ground: str
    since: Instant
    before: Instant | None = None
    stops_accepting: bool = False
    source: str = ""

    def covers(self, accord: str | None, sender: str, recipient: str, item: Item) -> bool:
        """Say whether it stops this way of release, whenever."""
        return (
            self.between(sender, recipient)
            and (accord is None or _in(accord, self.accords))
            and any(_in(category, self.categories) for category in item.label.categories)
        )

    def between(self, sender: str, recipient: str) -> bool:
        """Say whether it stops anything from one party to another, whenever."""
        if self.by == sender:
            return _in(recipient, self.towards)
        return self.by == recipient and self.stops_accepting and _in(sender, self.towards)

    def stands(self, at: Instant) -> bool:
        """Say whether it stands at an instant."""
        return self.since <= at and (self.before is None or at < self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Two persons' written, expiring leave to release one's own information.

    Attributes:
        signed_by: two different persons at least, or it is none.
        items: the items it is for; empty means by ``categories`` and ``levels``.
        conditions: in words, handed on as duties.
    """

    id: str
    by: str
    signed_by: tuple[str, ...]
    to: tuple[str, ...]
    items: tuple[str, ...]
    categories: tuple[str, ...]
    levels: tuple[Level, ...]
    purposes: tuple[str, ...]
    conditions: tuple[str, ...]
    since: Instant
    before: Instant
    source: str = ""

    def covers(self, item: Item, recipient: str, purpose: str) -> bool:
        """Say whether it is written for this release, whenever."""
        if self.items:
            described = item.id in self.items
        else:
            described = (
                bool(self.categories)
                and set(item.label.categories) <= set(self.categories)
                and item.label.level in self.levels
            )
        persons = {looks(name) for name in self.signed_by}
        return (
            len(persons) >= 2
            and recipient in self.to
            and purpose in self.purposes
            and described
        )


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything that a decision may look at.

    Attributes:
        accords: in the stated order in which they are tried.
        authorities_on: written authorities count only where the world says so.
        categories, purposes, kinds, channels: the words that items and requests may use.
        display_kinds: the kinds that leave nothing with the recipient.
        groups: parties by name, each for its time.
        amendments: the bytes of amendments, by id.
        zone: of times without an offset in files about this world.
    """

    id: str
    title: str
    parties: Mapping[str, Party]
    policies: Mapping[str, Policy]
    accords: tuple[Accord, ...]
    instruments: tuple[Instrument, ...] = ()
    readings: tuple[Reading, ...] = ()
    holds: tuple[Hold, ...] = ()
    authorities: tuple[Authority, ...] = ()
    authorities_on: bool = False
    measures: tuple[Measure, ...] = ()
    positions: tuple[Position, ...] = ()
    conditions: tuple[Condition, ...] = ()
    undertakings: tuple[Undertaking, ...] = ()
    statements: tuple[Statement, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    forums: tuple[Forum, ...] = ()
    readouts: Readouts = field(default_factory=Readouts)
    categories: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    display_kinds: frozenset[str] = frozenset()
    zone: Zone = UTC_ZONE
    groups: Mapping[str, Group] = field(default_factory=dict)
    amendments: Mapping[str, bytes] = field(default_factory=dict)
    items: Mapping[str, Item] = field(default_factory=dict)
    suppose: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _clocks: dict[str, Clock] = field(
        default_factory=dict, repr=False, compare=False, init=False
    )
    _approvals: dict[str | None, Approvals] = field(
        default_factory=dict, repr=False, compare=False, init=False
    )
    _lookup: list[Lookup] = field(
        default_factory=list, repr=False, compare=False, init=False
    )
    _answers: list[Answers] = field(
        default_factory=list, repr=False, compare=False, init=False
    )
    _tables: list[Tables] = field(
        default_factory=list, repr=False, compare=False, init=False
    )
    _between: dict[tuple[str, str], tuple[Accord, ...]] = field(
        default_factory=dict, repr=False, compare=False, init=False
    )
    _links: list[Links] = field(default_factory=list, repr=False, compare=False, init=False)
    _held: dict[tuple[str, str], tuple[Hold, ...]] = field(
        default_factory=dict, repr=False, compare=False, init=False
    )

    @property
    def lookup(self) -> Lookup:
        """Tables over the accords and instruments."""
        if not self._lookup:
            self._lookup.append(Lookup.over(self.accords, self.instruments, self.readings))
        return self._lookup[0]

    @property
    def tables(self) -> Tables:
        """Every row of every table of equivalence, by what it leads from."""
        if not self._tables:
            self._tables.append(Tables.over(self.accords))
        return self._tables[0]

    def accord(self, name: str) -> Accord:
        """Return the accord of that id.

        Raises:
            NotKnown: the world has none.
        """
        found = self.lookup.accords.get(name)
        if found is None:
            known = ", ".join(f"`{a.id}`" for a in self.accords) or "none"
            raise NotKnown(
                f"the world `{self.id}` has no accord `{name}`",
                hint=f"its accords: {known}",
                code="no-accord",
            )
        return found

    def clock(self, name: str) -> Clock:
        """Return the clock of the accord of that id.

        Raises:
            NotKnown: the world has none.
            InvalidInput: its standing hangs on itself by way of others.
        """
        if name not in self._clocks:
            links = self.links()
            circle = links.circle(name)
            if circle:
                raise links.circular(circle)
            self._clocks[name] = Clock(
                self.accord(name),
                self.of(name),
                self.lookup.readings.get(name, ()),
                suppose=self.suppose.get(name),
                amendments=self._amending(name),
                others={to: self.clock(to) for to in links.ties(name)},
                later=[(rule, self.clock(by)) for rule, by in links.later(name)],
            )
        return self._clocks[name]

    def _amending(self, accord: str) -> dict[str, bytes]:
        """Return the amendments that build on an accord or that an act of its names."""
        named = {op.amendment for i in self.of(accord) for op in i.operations}
        names = (*self.links().amending.get(accord, ()), *sorted(n for n in named if n))
        return {name: self.amendments[name] for name in names if name in self.amendments}

    def links(self) -> Links:
        """Return which accords hang on which, and which take the place of which."""
        if not self._links:
            self._links.append(Links.of(self.accords, self.amendments))
        return self._links[0]

    def party(self, name: str) -> Party:
        """Return the party of that id.

        Raises:
            NotKnown: the world has none.
        """
        if name not in self.parties:
            known = ", ".join(f"`{p}`" for p in sorted(self.parties))
            raise NotKnown(
                f"the world `{self.id}` has no party `{name}`",
                hint=f"its parties: {known}",
                code="no-party",
            )
        return self.parties[name]

    def policy_of(self, party: str) -> Policy | None:
        """Return the policy by which a party marks, or None."""
        known = self.parties.get(party)
        return self.policies.get(known.policy or party) if known else None

    def acts(self, do: Op) -> tuple[tuple[Instrument, Operation], ...]:
        """Return the operations of a kind with their instruments, as recorded."""
        return self.lookup.done.get(do, ())

    def of(self, accord: str) -> tuple[Instrument, ...]:
        """Return the instruments of an accord, as recorded."""
        return self.lookup.of.get(accord, ())

    def name(self, party: str) -> str:
        """Return a party's name, or the id where the world does not know it."""
        return self.parties[party].name if party in self.parties else party

    def between(self, sender: str, recipient: str) -> tuple[Accord, ...]:
        """Return the accords that ever joined both, in the stated order."""
        key = (sender, recipient)
        if key not in self._between:
            ours, theirs = (self.lookup.joined.get(p, {}) for p in key)
            few, many = sorted((ours, theirs), key=len)
            self._between[key] = tuple(few[n] for n in sorted(few) if n in many)
        return self._between[key]

    def holds_between(self, sender: str, recipient: str) -> tuple[Hold, ...]:
        """Return the holds that stop anything from one party to another, whenever."""
        key = (sender, recipient)
        if key not in self._held:
            self._held[key] = tuple(h for h in self.holds if h.between(*key))
        return self._held[key]

    def approvals(self, accord: str | None = None) -> Approvals:
        """Return every consent, request for consent and refusal on record, or of an accord."""
        if accord not in self._approvals:
            if not self._answers:
                self._answers.append(
                    Answers.of(self.acts(Op.REVOKE_CONSENT), self.acts(Op.REFUSE_CONSENT))
                )
            self._approvals[accord] = approvals(
                self.instruments if accord is None else self.of(accord),
                self.lookup.accords,
                self._answers[0],
            )
        return self._approvals[accord]

    def consents(self, accord: str | None = None) -> tuple[ConsentGiven, ...]:
        """Return every consent that counts, with when it begins for certain and ends."""
        return tuple(one for one in self.approvals(accord).consents if not one.lacks)

    def met(self, accord: Accord, gate: c.Gate, party: str, at: Instant) -> bool:
        """Say whether a party's condition before release is met at an instant, for certain.

        An act that unmeets it counts from its earliest time, whoever allowed it, and against
        every act that meets it and is not certainly later. An act without authority, or one
        that is only recalled, meets nothing.
        """
        acts = [
            (operation, moment_span(instrument))
            for instrument in self.of(accord.id)
            if party in instrument.by
            for operation in instrument.operations
            if operation.condition == gate.id
            and not (
                operation.do is Op.MEET
                and (instrument.recalled or instrument.authority == NO_AUTHORITY)
            )
        ]
        unmet = [span for op, span in acts if op.do is Op.UNMEET and span.start <= at]
        return any(
            op.do is Op.MEET
            and span.last <= at
            and (op.until is None or at < day_after(accord, op.until))
            and all(other.last < span.start for other in unmet)
            for op, span in acts
        )

    def facts(self) -> dict[str, int]:
        """Return how many facts have a source, are recalled, and are supposed.

        Facts are instruments, readings, states of measures, positions, conditions, steps of
        undertakings and statements.
        """
        plain: tuple[
            Reading | MeasureState | Position | Condition | Step | Statement, ...
        ] = (
            *self.readings,
            *(state for measure in self.measures for state in measure.states),
            *self.positions,
            *self.conditions,
            *(step for undertaking in self.undertakings for step in undertaking.steps),
            *self.statements,
        )
        acts = self.instruments
        return {
            "sourced": sum(bool(f.source) for f in (*acts, *plain)),
            "recalled": sum(f.recalled for f in (*acts, *plain)),
            "supposed": sum(bool(act.supposed) for act in acts),
        }

    def without(self, names: Iterable[str]) -> World:
        """Return the world as it were had some instruments never been.

        Raises:
            NotKnown: an id that no instrument bears.
        """
        dropped = set(names)
        if not dropped:
            return self  # with all that its clocks remember
        known = {instrument.id for instrument in self.instruments}
        for name in sorted(dropped - known):
            raise NotKnown(
                f"the world `{self.id}` has no instrument `{name}`",
                hint="see `comity show WORLD` for their ids",
                code="no-instrument",
            )
        kept = tuple(i for i in self.instruments if i.id not in dropped)
        return replace(self, instruments=kept)

    def supposing(self, instruments: Iterable[Instrument]) -> World:
        """Return the world with more instruments; one of a known id takes its place."""
        added = tuple(instruments)
        names = {instrument.id for instrument in added}
        if len(names) < len(added) or any(map(self.lookup.has, names)):
            kept = tuple(i for i in self.instruments if i.id not in names)
            return replace(self, instruments=(*kept, *added))
        made = replace(self, instruments=(*self.instruments, *added))
        self._remembered_by(made, added)
        return made

    def _remembered_by(self, made: World, added: Sequence[Instrument]) -> None:
        """Hand on what more instruments leave as it was: a world of many accords stays quick."""
        lookup = self.lookup.with_more(self.accords, added)
        made._lookup.append(lookup)
        made._links.append(self.links())
        made._tables.append(self.tables)
        touched = {instrument.accord for instrument in added}
        made._held.update(self._held)
        if lookup.joined is self.lookup.joined:
            made._between.update(self._between)
        _take_over(made._clocks, self._clocks, but=self.links().hanging(touched))
        if not any(op.do in ANSWERS for i in added for op in i.operations):
            made._answers.extend(self._answers)
            _take_over(made._approvals, self._approvals, but={*touched, None})

    def as_of(self, at: Instant) -> World:
        """Return the world as it was by an instant: nothing later had been done."""
        kept = tuple(i for i in self.instruments if moment_span(i).start <= at)
        readings = tuple(r for r in self.readings if r.since <= at)
        return replace(self, instruments=kept, readings=readings)

    def reading(self, accord: str, answers: Mapping[str, str]) -> World:
        """Return the world in which everyone follows some readings of an accord.

        Raises:
            InvalidInput: a reading that the text does not know.
        """
        others = tuple(
            r for r in self.readings if r.accord != accord or r.open_point not in answers
        )
        suppose = {**self.suppose, accord: {**self.suppose.get(accord, {}), **answers}}
        world = replace(self, readings=others, suppose=suppose)
        _ = world.clock(accord)
        return world


def _take_over(
    made: dict[Key, Value], older: Mapping[Key, Value], *, but: Iterable[Key]
) -> None:
    made.update(older)  # at once, and what is left out taken back: it is little
    for key in but:
        made.pop(key, None)


def _in(word: str, words: tuple[str, ...]) -> bool:
    return word in words or c.ANY in words
