"""Which duties stand, from when, until when, and which act has discharged them?

Nothing here is stored: duties are what an accord's clauses make of the acts on record. In
doubt a duty begins at the earliest instant at which it may have begun, falls due at the
earliest that can be meant, and protection ends at the latest. Only an act, an adoption by a
successor or its own time ends one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord, Law
from comity.accords.instruments import Instrument, Means, Op, Operation
from comity.accords.state import NO_AUTHORITY, moment_span
from comity.accords.times import FAR_FUTURE, Instant, Rounding, Span, Zone, first_day_out
from comity.errors import InvalidInput, NotKnown
from comity.release.given import Giving, Over, acts, adopted, given, over
from comity.release.world import World

SURVIVAL = "survival"
"""The id of the duty that the survival clause brings, or in its silence the law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One duty of one party, as it stands at an instant.

    Attributes:
        id: of the ``[[duty]]``, or `SURVIVAL`.
        article: where it is written; empty where no rule is, and it is taken to be so.
        who: who bears it; ``towards``: to whom it is owed.
        arises: what it arises from.
        since: from when on it stands, at the earliest.
        before: what has to be done must be done before it; of one that lasts, the first
            instant at which it is over. None for no end.
        item: None for whatever was given.
        lasting: it is kept as long as it stands, and not done once.
        discharged: the instrument that discharged it; ``discharged_at`` is when.
        adopted: the accord that has taken the item over; the duty runs no longer.
        paused: the article by which it rests while the operation is suspended.
    """

    accord: str
    id: str
    article: str
    what: str
    who: str
    towards: tuple[str, ...]
    arises: c.Arises
    since: Instant
    before: Instant | None
    item: str | None = None
    lasting: bool = False
    discharged: str | None = None
    discharged_at: Instant | None = None
    adopted: str | None = None
    paused: str = ""

    @property
    def stands(self) -> bool:
        """Whether it is still to be kept or done: neither discharged, adopted nor resting."""
        return self.discharged is None and self.adopted is None and not self.paused

    def overdue(self, at: Instant) -> bool:
        """Say whether what has to be done was not done in time."""
        late = not self.lasting and self.before is not None and self.before <= at
        return self.stands and late


def duties(
    world: World,
    at: Instant,
    *,
    accord: str | None = None,
    party: str | None = None,
    item: str | None = None,
) -> tuple[Due, ...]:
    """Return every duty that has arisen by an instant and is not over by its own time.

    Those overdue come first, then by when they fall due; then those that an act has
    discharged or a successor has taken over.

    Args:
        world: with the acts on record; those of later instants count for nothing yet.
        at: the instant asked about.
        accord: of this one only.
        party: borne by this one only.
        item: about this one only.

    Raises:
        NotKnown: an accord, party or item that the world does not have.
        InvalidInput: times so uncertain that the standing cannot be told.
    """
    accords = world.accords if accord is None else (world.accord(accord),)
    if party is not None:
        _ = world.party(party)
    if item is not None and item not in world.items:
        raise NotKnown(
            f"the world `{world.id}` has no item `{item}`",
            hint="`comity show WORLD` lists its items",
            code="no-item",
        )
    found = (
        due
        for one in accords
        for due in _Duties(world, one, at).all()
        if (party is None or due.who == party) and (item is None or due.item == item)
    )
    return tuple(sorted(_together(found), key=lambda due: _order(due, at)))


def beginning(world: World, accord: str, at: Instant) -> tuple[Due, ...]:
    """Return the duties that the end of an accord brings, as they stand at an instant.

    Empty as long as nobody reads the accord as ended; they begin with the earliest end
    under anyone's readings.

    Raises:
        NotKnown: the world has no such accord.
        InvalidInput: times so uncertain that the standing cannot be told.
    """
    found = duties(world, at, accord=accord)
    return tuple(due for due in found if due.arises is c.Arises.AFTER_END)


def _order(due: Due, at: Instant) -> tuple[object, ...]:
    return (
        not due.stands,
        not due.overdue(at),
        FAR_FUTURE if due.before is None else due.before,
        due.since,
        due.accord,
        due.article,
        due.id,
        due.item or "",
        due.who,
        due.towards,
    )


def _together(found: Iterable[Due]) -> Iterator[Due]:
    """Join those that differ only in to whom they are owed."""
    owed: dict[Due, set[str]] = {}
    for due in found:
        owed.setdefault(replace(due, towards=()), set()).update(due.towards)
    for due, towards in owed.items():
        yield replace(due, towards=tuple(sorted(towards)))


# -- what an accord brings -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """What a duty arises from: once, at some time in ``when``."""

    giving: Giving
    who: str
    towards: str
    when: Span
    act: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """How long what was given is protected, and by which rule.

    Attributes:
        before: the first instant at which it is no longer; None for no end yet.
        ended_by: an act that has ended it, with its time.
    """

    article: str
    says: str
    before: Instant | None = None
    ended_by: tuple[str, Instant] | None = None


_Done: TypeAlias = tuple[Instrument, Operation]


@dataclass(slots=True)
class _Duties:
    """The duties of one accord at one instant."""

    world: World
    accord: Accord
    at: Instant
    _over: dict[frozenset[str], Over | None] = field(default_factory=dict)
    _acts: dict[str, tuple[_Done, ...]] = field(default_factory=dict)

    def all(self) -> Iterator[Due]:
        """Yield every duty that has arisen."""
        givings = given(self.world, self.accord, self.at)
        for giving in givings:
            end = self.over(giving.pair)
            if end is not None:
                for version in self.versions(giving.pair):
                    yield from self.surviving(version, giving, end)
        events: dict[c.Duty, list[_Event]] = {}
        for pair in self.pairs(givings):
            for version in self.versions(pair):
                for rule in version.all(c.Duty):
                    if rule not in events:
                        events[rule] = list(self.events(rule, givings))
                    own = [e for e in events[rule] if {e.who, e.towards} == set(pair)]
                    yield from self.of(rule, version, own)

    # -- between whom, is it over, and what was done ---------------------------------

    def pairs(self, givings: Iterable[Giving]) -> set[tuple[str, str]]:
        """Return every pair of members, and every pair between whom something was given."""
        members = self.world.clock(self.accord.id).members(self.at)
        found = {(one, two) for one in members for two in members if one < two}
        return found | {(min(g.pair), max(g.pair)) for g in givings}

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

    def acts(self, accord: str) -> tuple[_Done, ...]:
        """Return what may have been done by now under an accord, but for releases."""
        if accord not in self._acts:
            self._acts[accord] = tuple(
                (instrument, operation)
                for instrument, operation in acts(self.world, accord, self.at)
                if operation.do is not Op.RELEASE
            )
        return self._acts[accord]

    # -- what a duty arises from -----------------------------------------------------

    def events(self, rule: c.Duty, givings: tuple[Giving, ...]) -> Iterator[_Event]:
        """Yield everything that a duty arises from."""
        if rule.arises is c.Arises.ON_RELEASE:
            yield from self.released(rule, givings)
        elif rule.arises is c.Arises.AFTER_END:
            yield from self.ended(rule, givings)
        elif rule.arises is c.Arises.ON_LOSS:
            yield from self.lost(rule, givings)
        elif rule.arises is c.Arises.ON_CHANGE_OF_LAW:
            yield from self.changed()
        else:
            yield from self.requested(rule, givings)

    def released(self, rule: c.Duty, givings: tuple[Giving, ...]) -> Iterator[_Event]:
        """Each release on record; of what was adopted, only what goes on with the item."""
        goes_on = rule.lasting or bool(set(rule.discharge) & set(c.DISPOSAL))
        for giving in givings:
            if len(giving.under) > 1 and not goes_on:
                continue
            for when, act in giving.acts:
                yield from _borne(rule.who, giving, when, act)

    def ended(self, rule: c.Duty, givings: tuple[Giving, ...]) -> Iterator[_Event]:
        """The end of the accord, for each item, or a release after it."""
        for giving in givings:
            end = self.over(giving.pair)
            if end is not None:
                yield from _borne(rule.who, giving, Span.at(_since(giving, end)), "")

    def lost(self, rule: c.Duty, givings: tuple[Giving, ...]) -> Iterator[_Event]:
        """Each loss that was told of; borne by the one who lost it."""
        for instrument, operation in self.acts(self.accord.id):
            if operation.do is not Op.REPORT_LOSS:
                continue
            losers = (operation.holder,) if operation.holder else instrument.by
            when = moment_span(instrument)
            for loser in losers:
                for giving in self.held(givings, loser, operation.item, when):
                    yield from _borne(rule.who, giving, when, instrument.id)

    def held(
        self, givings: tuple[Giving, ...], holder: str, item: str | None, when: Span
    ) -> list[Giving]:
        """Return how an item had come to its holder; if that is not on record, from any other."""
        known = [
            giving
            for giving in givings
            if (giving.holder, giving.item) == (holder, item)
            and any(span.start <= when.last for span, _ in giving.acts)
        ]
        return known or [
            Giving(item=item, giver=other, holder=holder, under=(self.accord.id,))
            for other in self.others(holder)
        ]

    def others(self, party: str) -> tuple[str, ...]:
        """Return the other members."""
        members = self.world.clock(self.accord.id).members(self.at)
        return tuple(name for name in members if name != party)

    def changed(self) -> Iterator[_Event]:
        """Each change of a party's own law, towards all others."""
        for instrument, operation in self.acts(self.accord.id):
            if operation.do is not Op.CHANGE_LAW:
                continue
            for party in instrument.by:
                for other in self.others(party):
                    giving = Giving(
                        item=None, giver=other, holder=party, under=(self.accord.id,)
                    )
                    yield _Event(
                        giving=giving,
                        who=party,
                        towards=other,
                        when=moment_span(instrument),
                        act=instrument.id,
                    )

    def requested(self, rule: c.Duty, givings: tuple[Giving, ...]) -> Iterator[_Event]:
        """Each request about the duty, for what came from the one who asks.

        One that names no item is for all that is on record between the two.
        """
        for instrument, operation in self.acts(self.accord.id):
            asks = operation.do is Op.REQUEST and operation.about == rule.id
            if not asks or not self.done(instrument):
                continue
            for asker in instrument.by:
                asked = (operation.to,) if operation.to else self.others(asker)
                for other in asked:
                    whole = [
                        g
                        for g in givings
                        if set(g.pair) == {asker, other}
                        and operation.item in (None, g.item)
                    ]
                    sends = rule.who is c.Side.SENDER
                    plain = Giving(
                        item=operation.item,
                        giver=other if sends else asker,
                        holder=asker if sends else other,
                        under=(self.accord.id,),
                    )
                    for giving in whole or [plain]:
                        for event in _borne(
                            rule.who, giving, moment_span(instrument), instrument.id
                        ):
                            if event.who != asker:
                                yield event

    # -- what becomes of it ----------------------------------------------------------

    def of(self, rule: c.Duty, version: Accord, events: Iterable[_Event]) -> Iterator[Due]:
        """Yield the duties that a rule makes of events: those still open, those discharged."""
        groups: dict[tuple[str, str, str | None], list[_Event]] = {}
        for event in events:
            key = (event.who, event.towards, event.giving.item)
            groups.setdefault(key, []).append(event)
        for group in groups.values():
            if rule.lasting:
                yield from self.kept(rule, version, group)
                continue
            parts: dict[tuple[str, Instant] | None, list[_Event]] = {}
            for event in group:
                parts.setdefault(self.discharged(rule, event), []).append(event)
            for act, part in parts.items():
                yield self.due(rule, part, act)

    def due(
        self, rule: c.Duty, events: list[_Event], act: tuple[str, Instant] | None
    ) -> Due:
        """Return one duty: from the earliest event on, until the earliest deadline."""
        first = events[0]
        ends = [self.deadline(rule, event.when.start) for event in events]
        taken = None
        if act is None and (
            rule.arises is c.Arises.AFTER_END or set(rule.discharge) & set(c.DISPOSAL)
        ):
            taken = self.taken(first.giving)
        return Due(
            accord=self.accord.id,
            id=rule.id,
            article=rule.cites,
            what=rule.what,
            who=first.who,
            towards=(first.towards,),
            arises=rule.arises,
            since=Instant(min(event.when.start for event in events)),
            before=min((end for end in ends if end is not None), default=None),
            item=first.giving.item,
            discharged=None if act is None else act[0],
            discharged_at=None if act is None else act[1],
            adopted=taken,
        )

    def deadline(self, rule: c.Duty, since: Instant) -> Instant | None:
        """Return before when a duty that arose at an instant must be done; the earliest."""
        if rule.within is None:
            return None
        if isinstance(rule.within, c.Within):
            return since
        return min(_counted(self.accord.zone, since, rule.within), default=None)

    def taken(self, giving: Giving) -> str | None:
        """Return the successor that has taken over what was given."""
        found = adopted(self.world, giving, self.accord.id, self.at)
        return None if found is None else found[0]

    # -- which act discharges --------------------------------------------------------

    def discharged(self, rule: c.Duty, event: _Event) -> tuple[str, Instant] | None:
        """Return the first act that certainly discharges a duty of that event, and when."""
        found = [
            (when.last, instrument.id)
            for name in dict.fromkeys(event.giving.under)
            for instrument, operation in self.acts(name)
            if operation.do in rule.discharge
            and event.who in instrument.by
            and (name == self.accord.id or operation.do in c.DISPOSAL)
            and (when := self.when(instrument)) is not None
            and self.answers(rule, event, instrument, operation, when)
        ]
        if not found:
            return None
        instant, act = min(found)
        return act, instant

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

    def answers(
        self,
        rule: c.Duty,
        event: _Event,
        instrument: Instrument,
        operation: Operation,
        when: Span,
    ) -> bool:
        """Say whether an act is about this duty and this item, and came after it arose."""
        if operation.item != event.giving.item:
            return False
        named = event.act in (operation.instrument, instrument.id)
        known = operation.instrument is not None and operation.do is Op.REPORT
        if known and operation.instrument != event.act:
            return False
        after = when.start >= event.when.last or (bool(event.act) and named)
        if operation.do is Op.REPORT:
            return after and operation.about == rule.id
        if operation.do in c.DISPOSAL:
            given_acts = event.giving.acts
            if given_acts and event.act not in {act for _, act in given_acts}:
                after = all(when.start >= span.last for span, _ in given_acts)
            return after and self.disposes(rule, event, instrument, operation)
        return after

    def disposes(
        self, rule: c.Duty, event: _Event, instrument: Instrument, operation: Operation
    ) -> bool:
        """Say whether a return or a certificate is of the kind and by the means that is due."""
        giver = event.giving.giver
        if operation.do is Op.RETURN:
            means, formal = Means.RETURN, operation.to in (None, giver)
        else:
            means, formal = Means.DESTROY, instrument.form == "written"
        if rule.choice in (None, c.Side.RECIPIENT):
            return formal
        return formal and self.chosen(rule, event.giving) == {means}

    def chosen(self, rule: c.Duty, giving: Giving) -> set[Means]:
        """Return what the giver has chosen, the latest where it has chosen twice."""
        said = [
            (moment_span(instrument), operation.means)
            for instrument, operation in self.acts(self.accord.id)
            if operation.do is Op.REQUEST
            and operation.about == rule.id
            and operation.means is not None
            and giving.giver in instrument.by
            and operation.item in (None, giving.item)
            and self.when(instrument) is not None
        ]
        return {
            means
            for when, means in said
            if not any(other.start > when.last for other, _ in said)
        }

    # -- what lasts ------------------------------------------------------------------

    def surviving(self, version: Accord, giving: Giving, end: Over) -> Iterator[Due]:
        """Yield the duty that the survival clause brings to who holds what was given."""
        event = _Event(
            giving=giving,
            who=giving.holder,
            towards=giving.giver,
            when=Span.at(_since(giving, end)),
        )
        kept = self.protection(version, giving)
        yield from self.lasting(
            SURVIVAL, kept.article, kept.says, c.Arises.AFTER_END, [event], version, kept
        )

    def kept(self, rule: c.Duty, version: Accord, events: list[_Event]) -> Iterator[Due]:
        """Yield a duty that is kept as long as what was given is protected."""
        kept = self.protection(version, events[0].giving)
        yield from self.lasting(
            rule.id, rule.cites, rule.what, rule.arises, events, version, kept
        )

    def lasting(
        self,
        name: str,
        article: str,
        what: str,
        arises: c.Arises,
        events: list[_Event],
        version: Accord,
        kept: _Kept,
    ) -> Iterator[Due]:
        """Yield a lasting duty, unless its time is over."""
        first = events[0]
        since = Instant(min(event.when.start for event in events))
        if kept.before is not None and kept.before <= self.at:
            return
        yield Due(
            accord=self.accord.id,
            id=name,
            article=article,
            what=what,
            who=first.who,
            towards=(first.towards,),
            arises=arises,
            since=since,
            before=kept.before,
            item=first.giving.item,
            lasting=True,
            discharged=None if kept.ended_by is None else kept.ended_by[0],
            discharged_at=None if kept.ended_by is None else kept.ended_by[1],
            adopted=None if kept.ended_by else self.taken(first.giving),
            paused=self.resting(version, first.giving.pair),
        )

    def protection(self, version: Accord, giving: Giving) -> _Kept:
        """Return how long what was given is protected by a text."""
        rule = version.one(c.Survival)
        if rule is None or rule.protect is c.Protect.NOT_SAID:
            return _unsaid(version, rule)
        if isinstance(rule.protect, c.Length):
            return self.for_years(rule, rule.protect, giving)
        says = f"keep what was given protected, {_SAYS[rule.protect]}"
        ended = {
            c.Protect.WHILE_CLASSIFIED: self.declassified,
            c.Protect.UNTIL_RETURNED: self.disposed,
        }.get(rule.protect)
        return _Kept(
            article=rule.cites,
            says=says,
            ended_by=None if ended is None else ended(giving),
        )

    def for_years(self, rule: c.Survival, length: c.Length, giving: Giving) -> _Kept:
        """Return protection for a length: until the latest day that can be meant."""
        end = self.over(giving.pair)
        last = None if end is None else end.latest
        if rule.counted_from is c.CountedFrom.RECEIPT and giving.received:
            last = Instant(max(span.last for span in giving.received))
        ends = () if last is None else _counted(self.accord.zone, last, length)
        before = max(ends, default=None)
        says = (
            f"keep what was given protected for {length.for_} after the {rule.counted_from}"
        )
        return _Kept(article=rule.cites, says=says, before=before)

    def declassified(self, giving: Giving) -> tuple[str, Instant] | None:
        """Return the act by which the last originator declassified an item, if all have."""
        item = None if giving.item is None else self.world.items.get(giving.item)
        if item is None or not item.originators:
            return None
        found: list[tuple[Instant, str]] = []
        for party in item.originators:
            own = [
                (when.last, instrument.id)
                for instrument, operation in self.world.acts(Op.DECLASSIFY)
                if operation.item == item.id
                and party in instrument.by
                and instrument.form == "written"
                and (when := self.when(instrument)) is not None
            ]
            if not own:
                return None
            found.append(min(own))
        instant, act = max(found)
        return act, instant

    def disposed(self, giving: Giving) -> tuple[str, Instant] | None:
        """Return the act by which the holder returned or destroyed an item."""
        end = self.over(giving.pair)
        plain = c.Duty(
            cites="",
            id="",
            what="",
            who=c.Side.RECIPIENT,
            arises=c.Arises.ON_RELEASE,
            discharge=c.DISPOSAL,
        )
        events = [
            _Event(giving=giving, who=giving.holder, towards=giving.giver, when=w, act=act)
            for w, act in giving.acts or ([(Span.at(end.earliest), "")] if end else [])
        ]
        done = [self.discharged(plain, event) for event in events]
        known = [one for one in done if one is not None]
        return (
            max(known, key=lambda one: one[1])
            if known and len(known) == len(done)
            else None
        )

    def resting(self, version: Accord, pair: tuple[str, str]) -> str:
        """Return the article by which protection rests while the operation is suspended.

        Only where every suspension that is on is certain, and each by a rule that says so.
        """
        stops = {
            rule.cites
            for rule in version.all(c.Suspension)
            if rule.protection is c.Meanwhile.STOPS
        }
        if not stops:
            return ""
        ways = self.world.clock(self.accord.id).pauses(self.at, pair)
        every = bool(ways) and all(way and way <= stops for way in ways)
        return min(min(way) for way in ways) if every else ""


_SAYS: Mapping[c.Protect, str] = {
    c.Protect.ALWAYS: "with no end",
    c.Protect.WHILE_CLASSIFIED: "until every originator has declassified it",
    c.Protect.UNTIL_RETURNED: "until it is returned or destroyed",
}


def _unsaid(version: Accord, rule: c.Survival | None) -> _Kept:
    """Return what is taken where the text does not say how long protection lasts."""
    if version.front.law is Law.VCLT:
        article = "VCLT 70" if rule is None else f"{rule.cites}, VCLT 70"
        why = (
            "the text does not say how long, and the end touches nothing created before it"
        )
    else:
        article = "" if rule is None else rule.cites
        why = "the text does not say how long, and is taken to free nobody"
    return _Kept(article=article, says=f"keep what was given protected: {why}")


def _since(giving: Giving, end: Over) -> Instant:
    """Return since when what was given is held after the end."""
    first = min((when.start for when, _ in giving.acts), default=end.earliest)
    return Instant(max(first, end.earliest))


def _borne(side: c.Side, giving: Giving, when: Span, act: str) -> Iterator[_Event]:
    """Yield an event for each who bears the duty: the giver, the holder, or both."""
    giver, holder = giving.pair
    if side in (c.Side.RECIPIENT, c.Side.EACH):
        yield _Event(giving=giving, who=holder, towards=giver, when=when, act=act)
    if side in (c.Side.SENDER, c.Side.EACH):
        yield _Event(giving=giving, who=giver, towards=holder, when=when, act=act)


def _counted(zone: Zone, since: Instant, length: c.Length) -> tuple[Instant, ...]:
    """Return the first instant out, both where it falls on a day that does not exist.

    None where it lies beyond the calendar: no end that anybody will see.
    """
    day = zone.day_of(since)
    try:
        return tuple(
            zone.start_of(first_day_out(day, length.for_, length.count, rounding))
            for rounding in Rounding
        )
    except (InvalidInput, OverflowError):
        return ()
