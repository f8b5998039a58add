"""Fold instruments over an accord, under one set of readings, with every time resolved.

This is the meaning of the clock when nothing is in doubt: each question that the text
leaves open has an answer, each instrument happened at one instant, as one side recorded
it. What is in doubt is `comity.accords.clock`'s business: it folds more than once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord, Law, amend
from comity.accords.instruments import MOMENT, Instrument, Op, Operation, Stage
from comity.accords.table import (
    ACCORD,
    NOTICE,
    ON_NOTICE,
    ORDER,
    RECORDED,
    NoticeState,
    Status,
    Tick,
)
from comity.accords.times import (
    FAR_FUTURE,
    FAR_PAST,
    FarEnd,
    Instant,
    Period,
    Rounding,
    Span,
    add,
    first_day_out,
    first_of_next_month,
    is_ambiguous,
    latest_day,
    parse_day,
)
from comity.errors import InvalidInput

SUSPENDED_NOTICE = "suspended-notice"
"""The id of the open point on what a suspended notice is; an accord may declare it, and
where it does not the question is open all the same: no convention answers it."""

NO_AUTHORITY = "none"


class Outcome(StrEnum):
    """What an operation did."""

    EFFECTIVE = "effective"
    DECLARATORY = "declaratory"
    """Recorded; says what is so already, or what changes no standing."""
    WITHOUT_EFFECT = "without effect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one operation of one instrument did, and by which rule.

    Attributes:
        basis: the article or rule it rests on.
        lacks: the rule it lacks, in words; empty where it has effect.
    """

    instrument: str
    do: Op
    at: Instant
    outcome: Outcome
    basis: str = ""
    lacks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice of termination or withdrawal, with a life of its own.

    Attributes:
        bites: the first instant at which it will have taken effect, were nothing done.
        suspended: since when its effect is suspended; ``resumes`` is when it goes on by
            itself.
    """

    id: str
    by: str
    rule: c.Exit
    given: Instant
    bites: Instant
    state: NoticeState
    instrument: str
    suspended: Instant | None = None
    resumes: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A suspension of the accord's operation, for all or for one pair."""

    by: tuple[str, ...]
    since: Instant
    before: Instant | None
    between: frozenset[str]
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What the accord is for one party."""

    status: Status = Status.NOT_YET
    since: Instant = FAR_PAST
    declared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that the instruments so far have made of an accord.

    Attributes:
        entered: the instant of entry into force, and the day that terms count from.
        facts: when each party reached each trigger first.
        basis: the articles that the present state rests on.
    """

    accord: Accord
    now: Instant = FAR_PAST
    members: Mapping[str, Member]
    entered: tuple[Instant, date] | None = None
    facts: Mapping[tuple[Op, Stage], Mapping[str, Instant]]
    set_dates: Mapping[str, date]
    notices: tuple[Notice, ...] = ()
    pauses: tuple[Pause, ...] = ()
    extended: Instant | None = None
    versions: tuple[tuple[frozenset[str], Accord], ...] = ()
    unauthorised: tuple[Instrument, ...] = ()
    effects: tuple[Effect, ...] = ()
    basis: tuple[str, ...] = ()

    def status(self, pair: frozenset[str] | None = None) -> Status:
        """Return the standing between a pair, or the best between any two parties."""
        if pair is not None:
            return self._between(pair)
        standing = [m for m in self.members.values() if m.status not in _GONE]
        for word in (Status.IN_FORCE, Status.PROVISIONAL):
            holding = [p for p, m in self.members.items() if m.status is word]
            if len(holding) >= 2:
                everyone = not any(
                    self._paused(frozenset((a, b)))
                    for place, a in enumerate(holding)
                    for b in holding[place + 1 :]
                )
                some = any(
                    not self._paused(frozenset((a, b)))
                    for place, a in enumerate(holding)
                    for b in holding[place + 1 :]
                )
                return word if everyone or some else Status.SUSPENDED
        if self.entered is not None and len(standing) < 2:
            return Status.ENDED
        if any(m.status is Status.ENDED for m in self.members.values()):
            return Status.ENDED
        signed = [m for m in self.members.values() if m.status is not Status.NOT_YET]
        return Status.SIGNED if len(signed) >= len(self.accord.parties) else Status.NOT_YET

    def _between(self, pair: frozenset[str]) -> Status:
        members = [self.members.get(party, Member()).status for party in pair]
        worst = next(word for word in _WORST if word in members)
        if worst in (Status.IN_FORCE, Status.PROVISIONAL) and self._paused(pair):
            return Status.SUSPENDED
        return worst

    def _paused(self, pair: frozenset[str]) -> bool:
        return any(
            pause.since <= self.now
            and (pause.before is None or self.now < pause.before)
            and (not pause.between or pause.between == pair)
            for pause in self.pauses
        )

    def version(self, pair: frozenset[str]) -> Accord:
        """Return the text and rules that hold between a pair (VCLT 39–41)."""
        return next((a for p, a in reversed(self.versions) if p == pair), self.accord)

    def notice(self, name: str | None) -> Notice | None:
        """Return the notice of that id."""
        return next((n for n in self.notices if n.id == name), None)


_GONE = frozenset({Status.ENDED, Status.NOT_YET, Status.SIGNED})
_WORST = (
    Status.ENDED,
    Status.NOT_YET,
    Status.SIGNED,
    Status.PROVISIONAL,
    Status.IN_FORCE,
)

Event: TypeAlias = tuple[Instant, Tick, str]
Timeline: TypeAlias = tuple[tuple[Instant, State], ...]


class Fold:
    """Applies instruments and the clock to an accord's state.

    Args:
        accord: the text as signed.
        readings: the answer to each open point, by id; the text's default where none.
        rounding: what a day that does not exist becomes.
        amendments: the bytes of amendments, by id.

    Attributes:
        rounded: whether a count so far fell on a day that does not exist.
    """

    def __init__(
        self,
        accord: Accord,
        *,
        readings: Mapping[str, str],
        rounding: Rounding = Rounding.DOWN,
        amendments: Mapping[str, bytes] | None = None,
    ) -> None:
        self.accord = accord
        self.rounded = False
        self._readings = readings
        self._rounding = rounding
        self._amendments = amendments or {}

    def start(self) -> State:
        """Return the state before anything was done."""
        members = {party: Member() for party in self.accord.parties}
        return State(accord=self.accord, members=members, facts={}, set_dates={})

    def history(self, dated: Iterable[tuple[Instant, Instrument, Times]]) -> Timeline:
        """Return the state after each instrument and each step of the clock, in order.

        Args:
            dated: instruments with the instant each takes place and all its times.
        """
        state = self.start()
        kept: list[tuple[Instant, State]] = [(FAR_PAST, state)]
        for at, instrument, times in sorted(dated, key=_in_order):
            for state in self.steps(state, at):
                kept.append((state.now, state))
            state = self.apply(state, instrument, at, times)
            kept.append((at, state))
            for state in self.steps(state, at):
                kept.append((state.now, state))
        return tuple(kept)

    # -- the clock ---------------------------------------------------------------

    def steps(self, state: State, to: Instant) -> Iterator[State]:
        """Yield the state after each step that the clock takes up to ``to``."""
        while True:
            event = self.next_event(state)
            if event is None or event[0] > to:
                return
            state = self._tick(state, event)
            yield state

    def at(self, state: State, instant: Instant) -> State:
        """Return the state as the clock alone makes it by an instant."""
        for later in self.steps(state, instant):
            state = later
        return replace(state, now=max(state.now, instant))

    def end(self, state: State, pair: frozenset[str] | None) -> Instant | None:
        """Return when the accord ends, were nothing more done; None for no date."""
        if state.status(pair) is Status.ENDED:
            return state.now
        for later in self.steps(state, FAR_FUTURE):
            if later.status(pair) is Status.ENDED:
                return later.now
        return None

    def next_event(self, state: State) -> Event | None:
        """Return the next step that the clock takes by itself."""
        events = [e for e in self._events(state) if e[0] < FAR_FUTURE]
        if not events:
            return None
        at, tick, subject = min(events, key=lambda e: (e[0], _TICKS.index(e[1]), e[2]))
        return Instant(max(at, state.now)), tick, subject

    def _events(self, state: State) -> Iterator[Event]:
        yield from self._entries(state)
        yield from self._provisional(state)
        for notice in state.notices:
            if notice.state in (NoticeState.RUNNING, NoticeState.LATE):
                yield notice.bites, Tick.TAKES_EFFECT, notice.id
            elif notice.state is NoticeState.SUSPENDED and notice.resumes is not None:
                yield notice.resumes, Tick.RESUMES, notice.id
        for place, pause in enumerate(state.pauses):
            if pause.since > state.now:
                yield pause.since, Tick.RESUMES, f"pause {place}"
            elif pause.before is not None and pause.before > state.now:
                yield pause.before, Tick.RESUMES, f"pause {place}"
        end = self._term_end(state)
        if end is not None and state.status() not in (Status.ENDED, Status.NOT_YET):
            yield end, Tick.ENDS, ""

    def _entries(self, state: State) -> Iterator[Event]:
        entry = state.accord.one(c.Entry)
        if entry is None:
            return
        if state.entered is None:
            found = self.when(state, entry.when, None)
            if found is not None:
                yield found[0], Tick.ENTERS, ""
            return
        joining = state.accord.one(c.Joining)
        if joining is None:
            return
        for party, member in state.members.items():
            if member.status in (Status.NOT_YET, Status.SIGNED, Status.PROVISIONAL):
                found = self.when(state, joining.when, party)
                if found is not None:
                    yield found[0], Tick.ENTERS, party

    def _provisional(self, state: State) -> Iterator[Event]:
        rule = state.accord.one(c.Provisional)
        if rule is None:
            return
        begins = self.when(state, rule.when, None)
        ends = None if rule.ends is None else self.when(state, rule.ends, None)
        declared = [p for p, m in state.members.items() if m.declared]
        for party, member in state.members.items():
            if member.status is Status.PROVISIONAL and ends is not None:
                yield ends[0], Tick.LAPSES, party
            waiting = member.status in (Status.NOT_YET, Status.SIGNED)
            if waiting and member.declared and len(declared) >= 2 and begins is not None:
                if ends is None or state.now < ends[0]:
                    yield begins[0], Tick.APPLIES, party

    def _tick(self, state: State, event: Event) -> State:
        at, tick, subject = event
        state = replace(state, now=at)
        if tick is Tick.ENTERS:
            return self._enter(state, subject)
        if tick is Tick.TAKES_EFFECT:
            return self._take_effect(state, subject)
        if tick is Tick.ENDS:
            term = state.accord.one(c.Term)
            cites = () if term is None else (term.cites,)
            return self._end(state, tuple(state.members), cites)
        if tick is Tick.RESUMES:
            notice = state.notice(subject)
            if notice is None:
                return state  # a pause begins or ends: the status reads it from the time
            running = NOTICE[notice.state][Tick.RESUMES]
            return self._with_notice(state, replace(notice, state=running, resumes=None))
        rule = state.accord.one(c.Provisional)
        member = state.members[subject]
        moved = replace(member, status=ACCORD[member.status][tick], since=at)
        if tick is Tick.LAPSES:
            moved = replace(moved, declared=False)
        cites = () if rule is None else (rule.cites,)
        return replace(state, members={**state.members, subject: moved}, basis=cites)

    def _enter(self, state: State, subject: str) -> State:
        rule: c.Entry | c.Joining | None = state.accord.one(c.Joining)
        entered = state.entered
        if not subject:
            rule = state.accord.one(c.Entry)
            found = None if rule is None else self.when(state, rule.when, None)
            entered = found
            who = self._entering(state)
        else:
            who = [subject]
        members = dict(state.members)
        for party in who:
            status = members[party].status
            if Tick.ENTERS in ACCORD[status]:
                moved = ACCORD[status][Tick.ENTERS]
                members[party] = replace(members[party], status=moved, since=state.now)
        cites = () if rule is None else (rule.cites,)
        return replace(state, members=members, entered=entered, basis=cites)

    def _entering(self, state: State) -> list[str]:
        """Return for whom the accord enters into force at its entry."""
        rule = state.accord.one(c.Entry)
        if rule is None or rule.when.of is not c.Of.SECOND:
            return list(state.accord.parties)
        key = [(t.op, t.stage) for t in rule.when.from_]
        return [
            party
            for party in state.members
            if all(
                op and stage and party in state.facts.get((op, stage), {})
                for op, stage in key
            )
        ]

    def _take_effect(self, state: State, name: str) -> State:
        notice = state.notice(name)
        if notice is None:
            return state
        moved = replace(notice, state=NOTICE[notice.state][Tick.TAKES_EFFECT])
        state = self._with_notice(state, moved)
        leaving = (notice.by,) if notice.rule.ends is c.Ends.PART else tuple(state.members)
        return self._end(state, leaving, (notice.rule.cites,))

    def _end(self, state: State, leaving: Sequence[str], cites: tuple[str, ...]) -> State:
        members = dict(state.members)
        for party in leaving:
            if members[party].status is not Status.ENDED:
                members[party] = replace(
                    members[party], status=Status.ENDED, since=state.now
                )
        return replace(state, members=members, basis=cites)

    @staticmethod
    def _with_notice(state: State, notice: Notice) -> State:
        kept = tuple(notice if n.id == notice.id else n for n in state.notices)
        return replace(state, notices=kept)

    # -- counting ----------------------------------------------------------------

    def when(
        self, state: State, when: c.When, party: str | None
    ) -> tuple[Instant, date] | None:
        """Return the instant and the local day that an expression comes to, if it does."""
        zone = state.accord.zone
        if when.about is not None and when.about in state.set_dates:
            day = state.set_dates[when.about]
            return zone.start_of(day), day
        if (
            when.if_ is not None
            and self._trigger(state, when.if_, c.Of.ANY_PARTY, party) is None
        ):
            return None if when.else_ is None else self.when(state, when.else_, party)
        if when.on is not None:
            return zone.start_of(when.on), when.on
        if when.earliest or when.latest:
            parts = [self.when(state, part, party) for part in when.earliest or when.latest]
            come = [part for part in parts if part is not None]
            if when.earliest:
                return min(come, default=None)
            return max(come) if len(come) == len(parts) else None
        found = [self._trigger(state, trigger, when.of, party) for trigger in when.from_]
        known = [instant for instant in found if instant is not None]
        if not known or (when.pick is c.Pick.LATEST and len(known) < len(found)):
            return None
        instant = max(known) if when.pick is c.Pick.LATEST else min(known)
        day = zone.day_of(instant)
        if not when.then:
            return instant, day
        for step in when.then:
            if step.period is None:
                day = first_of_next_month(day)
            else:
                day = self._out(day, step.period, when.count)
        return zone.start_of(day), day

    def _trigger(
        self, state: State, trigger: c.Trigger, of: c.Of, party: str | None
    ) -> Instant | None:
        if trigger.op is None or trigger.stage is None:
            return None if state.entered is None else state.entered[0]
        facts = state.facts.get((trigger.op, trigger.stage), {})
        if of is c.Of.THAT_PARTY:
            return facts.get(party or "")
        if of is c.Of.ANY_PARTY:
            return min(facts.values(), default=None)
        if of is c.Of.SECOND:
            return sorted(facts.values())[1] if len(facts) > 1 else None
        named = [facts.get(name) for name in state.accord.parties]
        known = [instant for instant in named if instant is not None]
        return max(known) if len(known) == len(named) else None

    def _out(self, day: date, period: Period, count: c.Count) -> date:
        self.rounded = self.rounded or is_ambiguous(day, period)
        return first_day_out(day, period, count, self._rounding)

    def _latest(self, out: date, length: c.Length) -> date:
        """Return the last day on which a notice still keeps its length."""
        end = out if length.to is FarEnd.FIRST_DAY_OUT else out - timedelta(days=1)
        return latest_day(end, length.for_, length.count, self._rounding)

    def last_day(self, rule: c.Exit, out: date) -> date | None:
        """Return the last day for a notice that ends the accord as ``out`` begins.

        None where the exit does not count from the end of a period.
        """
        if self._choice(rule.takes_effect, c.Effect) is not c.Effect.END_OF_PERIOD:
            return None
        if rule.length is None:
            return out - timedelta(days=1)
        return self._latest(out, rule.length)

    def boundary(self, state: State, index: int) -> date | None:
        """Return the first day after the period of that number; 0 is the first day in.

        Counted anew from the day of entry each time, never from the period before.
        """
        term = state.accord.one(c.Term)
        if term is None or term.initial is None or state.entered is None:
            return None
        day = state.entered[1]
        if index == 0:
            return day
        initial, renewal = term.initial, term.renewal
        if index > 1 and renewal is None:
            return None
        extra = renewal.for_.times(index - 1) if renewal is not None else Period("", 0, 0)
        whole = Period(
            "", initial.for_.months + extra.months, initial.for_.days + extra.days
        )
        return self._out(day, whole, initial.count)

    def period(self, state: State, instant: Instant) -> tuple[int, date, date] | None:
        """Return the number, first day and first day out of the period at an instant."""
        first = self.boundary(state, 0)
        out = self.boundary(state, 1)
        if first is None or out is None:
            return None
        today = state.accord.zone.day_of(instant)
        if today < first:
            return None
        index = 1
        term = state.accord.one(c.Term)
        if today >= out and term is not None and term.renewal is not None:
            length = term.renewal.for_
            days = length.months * 30 + length.days  # a lower bound needs the longest month
            index += max(0, (today - out).days // max(1, days + length.months + 1) - 1)
        while True:
            here, there = self.boundary(state, index - 1), self.boundary(state, index)
            if here is None or there is None:
                return None
            if here <= today < there:
                return index, here, there
            index += 1

    def _term_end(self, state: State) -> Instant | None:
        """Return when the term ends by itself; None while it renews by silence."""
        term = state.accord.one(c.Term)
        zone = state.accord.zone
        if term is None:
            return None
        if state.extended is not None:
            return state.extended
        if term.until is not None:
            return zone.start_of(term.until + timedelta(days=1))
        if term.before is not None:
            return zone.start_of(term.before)
        silent = term.renewal is not None and term.renewal.by is c.RenewalBy.SILENCE
        out = self.boundary(state, 1)
        return None if silent or out is None else zone.start_of(out)

    # -- instruments -------------------------------------------------------------

    def apply(
        self, state: State, instrument: Instrument, at: Instant, times: Times
    ) -> State:
        """Return the state after an instrument; what it did is in ``effects``."""
        state = replace(self.at(state, at), now=at)
        for operation in sorted(instrument.operations, key=lambda op: ORDER.index(op.do)):
            state, effect = self._operate(state, instrument, operation, times)
            state = replace(state, effects=(*state.effects, effect))
        return state

    def _operate(
        self, state: State, instrument: Instrument, operation: Operation, times: Times
    ) -> tuple[State, Effect]:
        op = operation.do

        def result(outcome: Outcome, basis: str = "", lacks: str = "") -> Effect:
            return Effect(
                instrument=instrument.id,
                do=op,
                at=state.now,
                outcome=outcome,
                basis=basis,
                lacks=lacks,
            )

        lacks = self._performer_lacks(state, instrument, operation)
        if lacks:
            if instrument.authority == NO_AUTHORITY:
                waiting = (*state.unauthorised, instrument)
                state = replace(state, unauthorised=waiting)
            return state, result(Outcome.WITHOUT_EFFECT, lacks=lacks)
        if op is Op.CONFIRM:
            return self._confirm(
                state, operation, times, result(Outcome.EFFECTIVE, "VCLT 8")
            )
        if op in RECORDED:
            return state, result(Outcome.DECLARATORY)
        if op in ON_NOTICE:
            moved, outcome, basis, lacks = self._on_notice(state, instrument, operation)
            return moved, result(outcome, basis, lacks)
        status = self._status_for(state, instrument, operation)
        if op not in ACCORD[status]:
            return state, result(
                Outcome.WITHOUT_EFFECT, lacks=f"no step `{op}` while it is `{status}`"
            )
        handler = _HANDLERS[op]
        moved, basis, lacks = handler(self, state, instrument, operation, times)
        outcome = Outcome.WITHOUT_EFFECT if lacks else Outcome.EFFECTIVE
        return moved, result(outcome, basis, lacks)

    def _performer_lacks(
        self, state: State, instrument: Instrument, operation: Operation
    ) -> str:
        """Say which right the performers lack, or nothing."""
        actors = {actor.id: actor for actor in state.accord.all(c.Actor)}
        for name in instrument.by:
            joins = state.accord.front.open and operation.do in (Op.SIGN, Op.DEPOSIT)
            if name in state.members or joins:
                continue
            actor = actors.get(name)
            if actor is None:
                return f"`{name}` is neither a party to this accord nor an actor in it"
            if operation.do not in actor.may:
                return f"{actor.cites} does not let `{name}` do this"
        if instrument.authority == NO_AUTHORITY:
            return "the signatory had no authority and nobody confirmed the act (VCLT 7, 8)"
        return ""

    def _confirm(
        self, state: State, operation: Operation, times: Times, effect: Effect
    ) -> tuple[State, Effect]:
        """Apply an earlier act that was done without authority (VCLT 8)."""
        earlier = next(
            (i for i in state.unauthorised if i.id == operation.instrument), None
        )
        if earlier is None:
            lacks = f"no unauthorised act `{operation.instrument}` to confirm"
            return state, replace(
                effect, outcome=Outcome.WITHOUT_EFFECT, basis="", lacks=lacks
            )
        confirmed = replace(earlier, authority="confirmed")
        for inner in sorted(confirmed.operations, key=lambda op: ORDER.index(op.do)):
            state, done = self._operate(state, confirmed, inner, times)
            state = replace(state, effects=(*state.effects, done))
        kept = tuple(i for i in state.unauthorised if i is not earlier)
        return replace(state, unauthorised=kept), effect

    def _status_for(
        self, state: State, instrument: Instrument, operation: Operation
    ) -> Status:
        if operation.between:
            return state.status(frozenset(operation.between))
        if len(instrument.by) == 1 and instrument.by[0] in state.members:
            own = state.members[instrument.by[0]].status
            paused = own in (Status.IN_FORCE, Status.PROVISIONAL)
            if paused and state.status() is Status.SUSPENDED:
                return Status.SUSPENDED
            return own
        if instrument.by[0] not in state.members and operation.do in (
            Op.SIGN,
            Op.DEPOSIT,
        ):
            return Status.NOT_YET  # a joiner
        return state.status()

    def _on_notice(
        self, state: State, instrument: Instrument, operation: Operation
    ) -> tuple[State, Outcome, str, str]:
        """Apply what is done to a notice: (state, outcome, basis, lacks)."""
        op = operation.do
        notice = state.notice(operation.notice)
        if notice is None:
            lacks = f"there is no notice `{operation.notice}`"
            return state, Outcome.WITHOUT_EFFECT, "", lacks
        jointly = set(state.accord.parties) <= set(instrument.by)
        if notice.by not in instrument.by:
            lacks = f"only `{notice.by}`, who gave the notice, may do this"
            return state, Outcome.WITHOUT_EFFECT, "", lacks
        step = NOTICE[notice.state].get(op)
        if step is None:
            gone = notice.state is NoticeState.REVOKED and op in (
                Op.REVOKE_NOTICE,
                Op.WITHDRAW_SUSPENSION,
            )
            if gone:
                cleared = replace(notice, suspended=None, resumes=None)
                return (
                    self._with_notice(state, cleared),
                    Outcome.DECLARATORY,
                    "VCLT 68",
                    "",
                )
            lacks = (
                f"the notice is `{notice.state}`; it cannot come back, only a new one can"
            )
            return state, Outcome.WITHOUT_EFFECT, "", lacks
        reading = self.reading(SUSPENDED_NOTICE, c.Suspended.DORMANT)
        if op is Op.REVOKE_NOTICE:
            basis, lacks = self._revocable(state, notice)
            if lacks and not jointly:
                return state, Outcome.WITHOUT_EFFECT, "", lacks
            moved = replace(notice, state=step, suspended=None, resumes=None)
            return self._with_notice(state, moved), Outcome.EFFECTIVE, basis, ""
        if op is Op.SUSPEND_NOTICE:
            basis = f"open point `{SUSPENDED_NOTICE}`: {reading}"
            if reading == c.Suspended.REVOKED:
                moved = replace(notice, state=NoticeState.REVOKED)
            else:
                resumes = _until(state.accord, operation.until)
                moved = replace(notice, state=step, suspended=state.now, resumes=resumes)
            return self._with_notice(state, moved), Outcome.EFFECTIVE, basis, ""
        if reading == c.Suspended.AGREED_VARIATION and not jointly:
            lacks = "under `agreed variation` one side alone cannot revive the notice"
            return state, Outcome.WITHOUT_EFFECT, "", lacks
        moved = replace(notice, state=step, suspended=None, resumes=None)
        basis = f"open point `{SUSPENDED_NOTICE}`: {reading}"
        return self._with_notice(state, moved), Outcome.EFFECTIVE, basis, ""

    @staticmethod
    def _revocable(state: State, notice: Notice) -> tuple[str, str]:
        if notice.rule.revocable is not None:
            cites = notice.rule.cites
            refused = (
                "" if notice.rule.revocable else f"{cites} lets no notice be taken back"
            )
            return cites, refused
        if state.accord.front.law is Law.VCLT:
            return "VCLT 68", ""
        return (
            "",
            "no rule lets a notice be taken back: this is no treaty between States",
        )

    def reading(self, point: str, default: str) -> str:
        """Return the answer to an open point: a reading, or the text's default."""
        declared = self.accord.open_point(point)
        fallback = default if declared is None else declared.default
        return self._readings.get(point, fallback)

    def _fact(
        self, state: State, instrument: Instrument, operation: Operation, times: Times
    ) -> tuple[State, str, str]:
        """Record a signature, notification, deposit, delivery or declaration."""
        facts = dict(state.facts)
        for stage, instant in times.items():
            by_party = dict(facts.get((operation.do, stage), {}))
            for party in instrument.by:
                _ = by_party.setdefault(party, instant)
            facts[operation.do, stage] = by_party
        members = dict(state.members)
        for party in instrument.by:
            member = members.get(party, Member())
            status = ACCORD[member.status].get(operation.do, member.status)
            declared = member.declared or operation.do is Op.DECLARE_PROVISIONAL
            since = state.now if status is not member.status else member.since
            members[party] = Member(status=status, since=since, declared=declared)
        entry = state.accord.one(c.Entry)
        basis = "" if entry is None else entry.cites
        return replace(state, facts=facts, members=members), basis, ""

    def _give_notice(
        self, state: State, instrument: Instrument, operation: Operation, times: Times
    ) -> tuple[State, str, str]:
        if operation.notice is None or state.notice(operation.notice) is not None:
            return (
                state,
                "",
                f"a notice needs an id of its own, not `{operation.notice}`",
            )
        exits = state.accord.all(c.Exit)
        if not exits:
            rule = "VCLT 56" if state.accord.front.law is Law.VCLT else "its own words"
            return state, "", f"the text has no exit; {rule} opens none by itself"
        lacks = ""
        for rule_ in exits:
            lacks = self._exit_lacks(state, rule_, instrument)
            if lacks:
                continue
            return self._run_notice(state, rule_, instrument, operation)
        return state, "", lacks

    def _exit_lacks(self, state: State, rule: c.Exit, instrument: Instrument) -> str:
        if rule.who not in ("either", *instrument.by):
            return f"{rule.cites} gives this exit to `{rule.who}` alone"
        lacks = _form_lacks(rule.cites, rule.form, rule.channel, instrument)
        if lacks:
            return lacks
        if rule.not_before is not None:
            opens = self.when(state, rule.not_before, None)
            if opens is None or state.now < opens[0]:
                return f"{rule.cites}: no notice counts yet"
        return ""

    def _run_notice(
        self, state: State, rule: c.Exit, instrument: Instrument, operation: Operation
    ) -> tuple[State, str, str]:
        bites, late, lacks = self._bites(state, rule, operation)
        if bites is None:
            return state, "", lacks
        notice = Notice(
            id=operation.notice or "",
            by=instrument.by[0],
            rule=rule,
            given=state.now,
            bites=bites,
            state=NoticeState.LATE if late else NoticeState.RUNNING,
            instrument=instrument.id,
        )
        return replace(state, notices=(*state.notices, notice)), rule.cites, ""

    def _bites(
        self, state: State, rule: c.Exit, operation: Operation
    ) -> tuple[Instant | None, bool, str]:
        """Return when a notice received now takes effect, and whether it is late."""
        zone = state.accord.zone
        effect = self._choice(rule.takes_effect, c.Effect)
        today = zone.day_of(state.now)
        earliest = (
            today
            if rule.length is None
            else self._out(today, rule.length.for_, rule.length.count)
        )
        if effect is c.Effect.AT_ONCE:
            return state.now, False, ""
        if effect is c.Effect.AFTER_LENGTH and rule.length is None:
            return (
                None,
                False,
                f"{rule.cites} says no length, and the notice waits for one",
            )
        if effect is c.Effect.AFTER_LENGTH:
            return zone.start_of(earliest), False, ""
        if effect is c.Effect.ON_DATE_NAMED:
            if operation.on is None:
                return None, False, f"{rule.cites} wants the notice to name a day"
            named = parse_day(operation.on)
            late = named < earliest
            if late and self._choice(rule.late, c.Late) is c.Late.WITHOUT_EFFECT:
                return None, False, f"{rule.cites}: the day named comes too soon"
            return zone.start_of(max(named, earliest)), late, ""
        running = self.period(state, state.now)
        if running is None:
            return (
                None,
                False,
                f"{rule.cites} counts from a period, and none is running",
            )
        index, _, out = running
        late = False
        while rule.length is not None and self._latest(out, rule.length) < today:
            if self._choice(rule.late, c.Late) is c.Late.WITHOUT_EFFECT:
                return None, True, f"{rule.cites}: received too late for this period"
            late = True
            index += 1
            following = self.boundary(state, index)
            if following is None:
                return None, True, f"{rule.cites}: there is no next period"
            out = following
        return zone.start_of(out), late, ""

    def _choice(self, said: StrEnum | c.PointRef, kind: type[StrEnum]) -> StrEnum:
        if not isinstance(said, c.PointRef):
            return said
        reading = self.reading(said.open_point, "")
        if reading not in {str(word) for word in kind}:
            raise InvalidInput(
                f"the open point `{said.open_point}` is read as `{reading}`, which the rule"
                " that refers to it does not know",
                hint="`comity check FILE` says where",
                code="no-reading",
            )
        return kind(reading)

    def _suspend(
        self, state: State, instrument: Instrument, operation: Operation, times: Times
    ) -> tuple[State, str, str]:
        rule = next(
            (
                rule
                for rule in state.accord.all(c.Suspension)
                if rule.who in ("either", *instrument.by)
            ),
            None,
        )
        jointly = set(operation.between or state.accord.parties) <= set(instrument.by)
        if rule is None and not jointly:
            return state, "", "no article lets one side suspend it alone (VCLT 57)"
        since, basis = state.now, "VCLT 57(b)"
        if rule is not None:
            basis = rule.cites
            lacks = _form_lacks(rule.cites, rule.form, rule.channel, instrument)
            if lacks:
                return state, "", lacks
            if rule.length is not None:
                today = state.accord.zone.day_of(state.now)
                out = self._out(today, rule.length.for_, rule.length.count)
                since = state.accord.zone.start_of(out)
        before = _until(state.accord, operation.until)
        if rule is not None and rule.at_most is not None:
            today = state.accord.zone.day_of(since)
            out = self._out(today, rule.at_most.for_, rule.at_most.count)
            limit = state.accord.zone.start_of(out)
            before = limit if before is None else Instant(min(before, limit))
        pause = Pause(
            by=instrument.by,
            since=since,
            before=before,
            between=frozenset(operation.between),
            basis=basis,
        )
        return replace(state, pauses=(*state.pauses, pause), basis=(basis,)), basis, ""

    def _resume(
        self, state: State, instrument: Instrument, operation: Operation, times: Times
    ) -> tuple[State, str, str]:
        pair = frozenset(operation.between)
        kept: list[Pause] = []
        basis = ""
        for pause in state.pauses:
            mine = set(pause.by) <= set(instrument.by) and pause.between == pair
            open_ = pause.before is None or pause.before > state.now
            if mine and open_:
                basis = pause.basis
                kept.append(replace(pause, before=state.now))
            else:
                kept.append(pause)
        if not basis:
            return state, "", "only those who suspended it may let it go on"
        return replace(state, pauses=tuple(kept), basis=(basis,)), basis, ""

    def _jointly(self, state: State, instrument: Instrument, pair: Sequence[str]) -> str:
        needed = set(pair) or {
            party for party, m in state.members.items() if m.status not in _GONE
        }
        missing = sorted(needed - set(instrument.by))
        return f"it takes the consent of {', '.join(missing)} as well" if missing else ""

    def _terminate(
        self, state: State, instrument: Instrument, operation: Operation, times: Times
    ) -> tuple[State, str, str]:
        lacks = self._jointly(state, instrument, ())
        if lacks:
            return state, "", lacks
        return self._end(state, tuple(state.members), ("VCLT 54(b)",)), "VCLT 54(b)", ""

    def _extend(
        self, state: State, instrument: Instrument, operation: Operation, times: Times
    ) -> tuple[State, str, str]:
        lacks = self._jointly(state, instrument, ())
        if lacks:
            return state, "", lacks
        rule = state.accord.one(c.Amendment)
        basis = "VCLT 39" if rule is None else rule.cites
        revoked = tuple(
            replace(n, state=NoticeState.REVOKED)
            if Op.REVOKE_NOTICE in NOTICE[n.state]
            else n
            for n in state.notices
        )
        extended = _until(state.accord, operation.until)
        return replace(state, notices=revoked, extended=extended), basis, ""

    def _amend(
        self, state: State, instrument: Instrument, operation: Operation, times: Times
    ) -> tuple[State, str, str]:
        lacks = self._jointly(state, instrument, operation.between)
        if lacks:
            return state, "", lacks
        raw = self._amendments.get(operation.amendment or "")
        if raw is None:
            return (
                state,
                "",
                f"the text of amendment `{operation.amendment}` is not here",
            )
        rule = state.accord.one(c.Amendment)
        basis = "VCLT 39" if rule is None else rule.cites
        if operation.between:
            pair = frozenset(operation.between)
            version = amend(state.version(pair), raw)
            return (
                replace(state, versions=(*state.versions, (pair, version))),
                basis,
                "",
            )
        amended = amend(state.accord, raw)
        versions = tuple((pair, amend(old, raw)) for pair, old in state.versions)
        return replace(state, accord=amended, versions=versions), basis, ""

    def _end_provisional(
        self, state: State, instrument: Instrument, operation: Operation, times: Times
    ) -> tuple[State, str, str]:
        members = dict(state.members)
        for party in instrument.by:
            members[party] = Member(status=Status.SIGNED, since=state.now)
        return replace(state, members=members, basis=("VCLT 25(2)",)), "VCLT 25(2)", ""

    def _set_date(
        self, state: State, instrument: Instrument, operation: Operation, times: Times
    ) -> tuple[State, str, str]:
        rule = next(
            (a for a in state.accord.all(c.Actor) if a.id == instrument.by[0]), None
        )
        if rule is None or operation.about is None or operation.on is None:
            return state, "", "only an actor whom the text names may set a date"
        dates = {**state.set_dates, operation.about: parse_day(operation.on)}
        return replace(state, set_dates=dates), rule.cites, ""


Times: TypeAlias = Mapping[Stage, Instant]

_HANDLERS = {
    Op.SIGN: Fold._fact,  # noqa: SLF001  the class's own table of operations
    Op.NOTIFY_COMPLETION: Fold._fact,  # noqa: SLF001
    Op.DEPOSIT: Fold._fact,  # noqa: SLF001
    Op.DELIVER: Fold._fact,  # noqa: SLF001
    Op.DECLARE_PROVISIONAL: Fold._fact,  # noqa: SLF001
    Op.END_PROVISIONAL: Fold._end_provisional,  # noqa: SLF001
    Op.GIVE_NOTICE: Fold._give_notice,  # noqa: SLF001
    Op.SUSPEND: Fold._suspend,  # noqa: SLF001
    Op.RESUME: Fold._resume,  # noqa: SLF001
    Op.TERMINATE: Fold._terminate,  # noqa: SLF001
    Op.EXTEND: Fold._extend,  # noqa: SLF001
    Op.AMEND: Fold._amend,  # noqa: SLF001
    Op.SET_DATE: Fold._set_date,  # noqa: SLF001
}

_TICKS: tuple[Tick, ...] = (
    Tick.ENTERS,
    Tick.LAPSES,
    Tick.APPLIES,
    Tick.RESUMES,
    Tick.TAKES_EFFECT,
    Tick.ENDS,
)


def _form_lacks(
    cites: str, form: str | None, channel: str | None, instrument: Instrument
) -> str:
    if form is not None and instrument.form != form:
        return f"{cites} wants it {form}; it was {instrument.form or 'of no recorded form'}"
    if channel is not None and instrument.channel != channel:
        had = instrument.channel or "of no recorded channel"
        return f"{cites} wants the {channel} channel; it was {had}"
    return ""


def _in_order(dated: tuple[Instant, Instrument, Times]) -> tuple[Instant, int, str]:
    """Order instruments by time; at one instant a signature comes before what follows it."""
    at, instrument, _ = dated
    rank = min((ORDER.index(op.do) for op in instrument.operations), default=len(ORDER))
    return at, rank, instrument.id


def moment_span(instrument: Instrument, side: str | None = None) -> Span:
    """Return when an instrument takes place, as far as is known.

    An instrument whose deciding time nobody recorded takes place at some time after the
    latest that was recorded: it decides nothing, and it is not forgotten.
    """
    stages = {MOMENT[operation.do] for operation in instrument.operations}
    wanted = min(stages, key=len) if stages else MOMENT[Op.PROTEST]
    for stage in wanted:
        span = instrument.span(stage, side)
        if span is not None:
            return span
    known = [instrument.span(stage, side) for stage in Stage]
    starts = [span.start for span in known if span is not None]
    return Span(max(starts, default=FAR_PAST), FAR_FUTURE)


def _until(accord: Accord, until: str | None) -> Instant | None:
    return None if until is None else day_after(accord, until)


def day_after(accord: Accord, until: str) -> Instant:
    """Return the first instant after a last day, in the accord's zone."""
    return accord.zone.start_of(parse_day(until) + timedelta(days=1))
