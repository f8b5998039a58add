"""Fold instruments over an accord, under one set of readings, with every time resolved.

This is the meaning of the clock when nothing is in doubt: each question that the text
leaves open has an answer, each instrument happened at one instant, as one side recorded
it. What is in doubt is `comity.accords.clock`'s business: it folds more than once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.instruments import Instrument, Op, Operation
from comity.accords.operations import HANDLERS, end_for, on_notice, record, with_notice
from comity.accords.revival import EXPRESSIONS
from comity.accords.rules import Rules
from comity.accords.state import (
    NO_AUTHORITY,
    Act,
    Effect,
    Event,
    Member,
    Outcome,
    State,
    Timeline,
    Times,
)
from comity.accords.table import (
    ACCORD,
    BY_ANYBODY,
    NOTICE,
    ON_NOTICE,
    ORDER,
    RECORDED,
    RELEASING,
    NoticeState,
    Status,
    Tick,
)
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant, Rounding


class Fold:
    """Applies instruments and the clock to an accord's state.

    Args:
        accord: the text as signed.
        readings: the answer to each open point, by id; the text's default where none.
        rounding: what a day that does not exist becomes.
        amendments: the bytes of amendments, by id.

    Attributes:
        rules: the clauses under those readings.
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
        self.rules = Rules(
            accord, readings=readings, rounding=rounding, amendments=amendments or {}
        )

    def start(self) -> State:
        """Return the state before anything was done."""
        members = {party: Member() for party in self.accord.parties}
        return State(accord=self.accord, members=members, facts={}, set_dates={})

    def history(self, dated: Iterable[tuple[Instant, Instrument, Times]]) -> Timeline:
        """Return the state after each instrument and each step of the clock, in order.

        Args:
            dated: instruments with the instant each takes place and all its times.
        """
        kept: list[tuple[Instant, State]] = [(FAR_PAST, self.start())]
        for at, instrument, times in sorted(dated, key=_in_order):
            kept += [(step.now, step) for step in self.steps(kept[-1][1], at)]
            kept.append((at, self.apply(kept[-1][1], instrument, at, times)))
            kept += [(step.now, step) for step in self.steps(kept[-1][1], at)]
        return tuple(kept)

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

    def leaves(self, state: State, party: str) -> Instant | None:
        """Return when one party's part ends, were nothing more done; None for no date."""
        for later in (state, *self.steps(state, FAR_FUTURE)):
            if later.members[party].status is Status.ENDED:
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
            parties = {notice.of or notice.by} & state.members.keys()
            if not (parties or state.current()) <= state.current():
                continue  # ended already: there is nothing that it could end
            if notice.state in (NoticeState.RUNNING, NoticeState.LATE):
                yield notice.bites, Tick.TAKES_EFFECT, notice.id
            elif notice.state is NoticeState.SUSPENDED and notice.resumes is not None:
                yield notice.resumes, Tick.RESUMES, notice.id
        for place, pause in enumerate(state.pauses):
            if pause.since > state.now:
                yield pause.since, Tick.RESUMES, f"pause {place}"
            elif pause.before is not None and pause.before > state.now:
                yield pause.before, Tick.RESUMES, f"pause {place}"
        end = self.rules.term_end(state)
        if end is not None and state.status() not in (Status.ENDED, Status.NOT_YET):
            yield end, Tick.ENDS, ""

    def _entries(self, state: State) -> Iterator[Event]:
        entry = state.accord.one(c.Entry)
        if entry is None:
            return
        if state.entered is None:
            found = self.rules.when(state, entry.when, None)
            bound = sorted(self._bound(state, party) for party in self._expressed(state))
            if found is not None and len(bound) > 1:
                yield Instant(max(found[0], bound[1])), Tick.ENTERS, ""
            return
        if state.status() is Status.ENDED:
            return  # what has ended takes nobody in
        joining = state.accord.one(c.Joining)
        for party, member in state.members.items():
            if Tick.ENTERS not in ACCORD[member.status]:
                continue
            if joining is not None:
                own = replace(joining.when, of=c.Of.THAT_PARTY)
                found = self.rules.when(state, own, party)
                if found is not None:
                    yield found[0], Tick.ENTERS, party
            elif party in self._expressed(state):
                yield self._bound(state, party), Tick.ENTERS, party

    @staticmethod
    def _expressed(state: State) -> set[str]:
        """Return who has expressed consent to be bound, by any of its forms (VCLT 11)."""
        named = {p for (op, _), by in state.facts.items() if op in EXPRESSIONS for p in by}
        return named & state.members.keys()

    @staticmethod
    def _bound(state: State, party: str) -> Instant:
        """Return when a party first expressed its consent."""
        return min(
            by[party]
            for (op, _), by in state.facts.items()
            if op in EXPRESSIONS and party in by
        )

    def _provisional(self, state: State) -> Iterator[Event]:
        rule = state.accord.one(c.Provisional)
        if rule is None:
            return
        each = rule.when.of is c.Of.THAT_PARTY
        begins = None if each else self.rules.when(state, rule.when, None)
        ends = (
            state.entered if rule.ends is None else self.rules.when(state, rule.ends, None)
        )
        declared = [p for p, m in state.members.items() if m.declared]
        for party, member in state.members.items():
            if member.status is Status.PROVISIONAL and ends is not None:
                yield ends[0], Tick.LAPSES, party
            waiting = member.status in (Status.NOT_YET, Status.SIGNED)
            over = ends is not None and state.now >= ends[0]
            if each and waiting and member.declared:
                begins = self.rules.when(state, rule.when, party)
            if waiting and member.declared and len(declared) >= 2 and begins and not over:
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
            return end_for(state, tuple(state.members), cites)
        if tick is Tick.RESUMES:
            notice = state.notice(subject)
            if notice is None:
                return state  # a pause begins or ends: the status reads it from the time
            running = NOTICE[notice.state][Tick.RESUMES]
            return with_notice(state, replace(notice, state=running, resumes=None))
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
            found = None if rule is None else self.rules.when(state, rule.when, None)
            entered = None if found is None else (state.now, found[1])
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
        """Return for whom the accord enters into force at its entry.

        Only for those who expressed their consent; where it takes two of many, only for
        those whose own count is over.
        """
        expressed = self._expressed(state)
        rule = state.accord.one(c.Entry)
        if rule is None or rule.when.of is not c.Of.SECOND:
            return [party for party in state.members if party in expressed]
        own = replace(rule.when, of=c.Of.THAT_PARTY)
        counts = {party: self.rules.when(state, own, party) for party in expressed}
        return [p for p, found in counts.items() if found and found[0] <= state.now]

    def _take_effect(self, state: State, name: str) -> State:
        notice = state.notice(name)
        if notice is None:
            return state
        moved = replace(notice, state=NOTICE[notice.state][Tick.TAKES_EFFECT])
        state = with_notice(state, moved)
        own = (notice.of or notice.by,)
        leaving = own if notice.rule.ends is c.Ends.PART else tuple(state.members)
        return end_for(state, leaving, (notice.rule.cites,))

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

        entitled, lacks = self._entitled(state, instrument, operation)
        if not entitled:
            if instrument.authority == NO_AUTHORITY:
                waiting = (*state.unauthorised, instrument)
                state = replace(state, unauthorised=waiting)
            return state, result(Outcome.WITHOUT_EFFECT, lacks=lacks)
        instrument = replace(instrument, by=entitled)
        if op is Op.CONFIRM:
            act = Act(instrument, operation, times)
            return self._confirm(state, act, result(Outcome.EFFECTIVE, "VCLT 8"))
        if op in RECORDED:
            recorded, _, _ = record(self.rules, state, Act(instrument, operation, times))
            return recorded, result(Outcome.DECLARATORY)
        if op in ON_NOTICE:
            moved, outcome, basis, lacks = on_notice(
                self.rules, state, instrument, operation
            )
            return moved, result(outcome, basis, lacks)
        status = self._status_for(state, instrument, operation)
        if op not in _INDIVIDUAL and op not in ACCORD[status]:
            return state, result(
                Outcome.WITHOUT_EFFECT, lacks=f"no step `{op}` while it is `{status}`"
            )
        handler = HANDLERS[op]
        moved, basis, lacks = handler(self.rules, state, Act(instrument, operation, times))
        outcome = Outcome.WITHOUT_EFFECT if lacks else Outcome.EFFECTIVE
        return moved, result(outcome, basis, lacks)

    def _entitled(
        self, state: State, instrument: Instrument, operation: Operation
    ) -> tuple[tuple[str, ...], str]:
        """Return which performers may do this, and what those lack who may not.

        A stranger's name beside theirs takes nothing away from what parties do.
        """
        if instrument.authority == NO_AUTHORITY:
            return (
                (),
                "the signatory had no authority and nobody confirmed the act (VCLT 7, 8)",
            )
        names = tuple(dict.fromkeys(instrument.by))
        lacking = {name: self._lacks(state, name, operation.do) for name in names}
        entitled = tuple(name for name, lacks in lacking.items() if not lacks)
        return entitled, next(
            (lacks for lacks in lacking.values() if lacks), "nobody did it"
        )

    @staticmethod
    def _lacks(state: State, name: str, op: Op) -> str:
        joins = state.accord.front.open and op in (Op.SIGN, Op.DEPOSIT, Op.RESERVE)
        if name in state.members:
            own = state.members[name].status
            alone = op in _INDIVIDUAL and op not in ACCORD[own]
            return f"no step `{op}` while it is `{own}` for `{name}`" if alone else ""
        actor = next((a for a in state.accord.all(c.Actor) if a.id == name), None)
        if op in BY_ANYBODY or (joins and actor is None):
            return ""
        if actor is None:
            return f"`{name}` is neither a party to this accord nor an actor in it"
        return "" if op in actor.may else f"{actor.cites} does not let `{name}` do this"

    def _confirm(self, state: State, act: Act, effect: Effect) -> tuple[State, Effect]:
        """Apply an earlier act that was done without authority (VCLT 8)."""
        name, by = act.operation.instrument, set(act.instrument.by)
        earlier = next(
            (i for i in state.unauthorised if i.id == name and set(i.by) <= by), None
        )
        if earlier is None:
            lacks = f"there is no unauthorised act `{name}` of theirs to confirm"
            return state, replace(
                effect, outcome=Outcome.WITHOUT_EFFECT, basis="", lacks=lacks
            )
        confirmed = replace(earlier, authority="confirmed")
        kept = tuple(i for i in state.unauthorised if i is not earlier)
        state = replace(state, unauthorised=kept)
        for inner in sorted(confirmed.operations, key=lambda op: ORDER.index(op.do)):
            state, done = self._operate(state, confirmed, inner, act.times)
            state = replace(state, effects=(*state.effects, done))
        return state, effect

    @staticmethod
    def _status_for(state: State, instrument: Instrument, operation: Operation) -> Status:
        """Return what the accord is for those who act: between them, for the one, or at all."""
        if operation.between:
            return state.status(frozenset(operation.between))
        own = state.members.get(instrument.by[0])
        if len(instrument.by) > 1 or own is None:
            return state.status()
        if own.status in RELEASING and state.status() is Status.SUSPENDED:
            return Status.SUSPENDED
        return own.status


_INDIVIDUAL = frozenset(
    {
        Op.SIGN,
        Op.NOTIFY_COMPLETION,
        Op.DEPOSIT,
        Op.DELIVER,
        Op.DECLARE_PROVISIONAL,
        Op.END_PROVISIONAL,
        Op.GIVE_NOTICE,
        Op.RESERVE,
        Op.WITHDRAW_RESERVATION,
    }
)
"""What each performer of an instrument does for itself, however many do it together."""

_TICKS: tuple[Tick, ...] = (
    Tick.ENTERS,
    Tick.LAPSES,
    Tick.APPLIES,
    Tick.RESUMES,
    Tick.TAKES_EFFECT,
    Tick.ENDS,
)


def _in_order(dated: tuple[Instant, Instrument, Times]) -> tuple[Instant, int, str]:
    """Order instruments by time; at one instant a signature comes before what follows it."""
    at, instrument, _ = dated
    rank = min((ORDER.index(op.do) for op in instrument.operations), default=len(ORDER))
    return at, rank, instrument.id
