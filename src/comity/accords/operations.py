"""What each operation does to an accord's state: (state, the rule it rests on, the one it lacks).

Whether an operation may follow at all is the table's business; who may perform it, in which
form, and what it then does is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord, Law, amend
from comity.accords.instruments import Instrument, Op, Operation
from comity.accords.reservations import oppose, reserve, withdraw
from comity.accords.revival import EXPRESSIONS, admission, enact, forgotten, returns
from comity.accords.rules import Rules
from comity.accords.state import (
    DUE,
    SUSPENDED_NOTICE,
    Act,
    Member,
    Notice,
    Outcome,
    Pause,
    State,
)
from comity.accords.table import ACCORD, NOTICE, NoticeState, Status
from comity.accords.times import Instant, parse_day
from comity.errors import Unreadable

Handler: TypeAlias = Callable[[Rules, State, Act], tuple[State, str, str]]


def end_for(state: State, leaving: Sequence[str], cites: tuple[str, ...]) -> State:
    """Return the state in which the accord has ended for some parties."""
    members = dict(state.members)
    for party in leaving:
        if members[party].status is not Status.ENDED:
            members[party] = replace(members[party], status=Status.ENDED, since=state.now)
    return replace(state, members=members, basis=cites)


def with_notice(state: State, notice: Notice) -> State:
    """Return the state with a notice in place of the one of its id."""
    kept = tuple(notice if n.id == notice.id else n for n in state.notices)
    return replace(state, notices=kept)


def record(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    """Record that parties did something for the first time, with all its times."""
    op = act.operation.do
    lacks = next((why for p in act.instrument.by if (why := returns(state, p, op))), "")
    lacks = lacks or admission(state, act.instrument.by, op)
    if lacks:
        return state, "", lacks
    members = dict(state.members)
    for party in act.instrument.by:
        if party in members and members[party].status is Status.ENDED and op in EXPRESSIONS:
            kept, members[party] = forgotten(state, party)
            state = replace(state, facts=kept)
    facts = dict(state.facts)
    actors = {actor.id for actor in state.accord.all(c.Actor)}
    joins = op in (Op.SIGN, Op.DEPOSIT)
    performers = [
        p for p in act.instrument.by if p in members or (joins and p not in actors)
    ]
    for stage, instant in act.times.items():
        by_party = dict(facts.get((op, stage), {}))
        for party in (*performers, *(a for a in act.instrument.by if a in actors)):
            _ = by_party.setdefault(party, instant)
        facts[op, stage] = by_party
    for party in performers:  # an actor, or an originator outside, is no member by an act
        member = members.get(party, Member())
        status = ACCORD[member.status].get(op, member.status)
        declared = member.declared or op is Op.DECLARE_PROVISIONAL
        since = state.now if status is not member.status else member.since
        members[party] = Member(status=status, since=since, declared=declared)
    entry = state.accord.one(c.Entry)
    basis = "" if entry is None else entry.cites
    return replace(state, facts=facts, members=members), basis, ""


def _give_notice(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    """Start a notice under the exit that it claims, or the first that lets it run."""
    if len(act.instrument.by) > 1:
        return _give_together(rules, state, act)
    exits = state.accord.all(c.Exit)
    if not exits:
        rule = "VCLT 56" if state.accord.front.law is Law.VCLT else "its own words"
        return state, "", f"the text has no exit; {rule} opens none by itself"
    claimed = [rule for rule in exits if rule.cites == act.instrument.basis]
    lacks = ""
    for exit_ in claimed or exits:
        lacks = _exit_lacks(rules, state, exit_, act.instrument)
        lacks = lacks or _part_lacks(state, exit_, act, part=exit_.ends is c.Ends.PART)
        if not lacks:
            moved, basis, lacks = _run_notice(
                rules, state, exit_, act.instrument, act.operation
            )
            if not lacks:
                return moved, basis, ""
    return state, "", lacks


def _give_together(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    """Given together, it is a notice of each."""
    bases: list[str] = []
    why = ""
    for place, party in enumerate(act.instrument.by):
        name = act.operation.notice if place == 0 else f"{act.operation.notice} of {party}"
        own = Act(
            replace(act.instrument, by=(party,)),
            replace(act.operation, notice=name),
            act.times,
        )
        state, basis, lacks = _give_notice(rules, state, own)
        bases += [basis] if not lacks else []
        why = why or lacks
    return (state, bases[0], "") if bases else (state, "", why)


def _exit_lacks(rules: Rules, state: State, rule: c.Exit, instrument: Instrument) -> str:
    if rule.who == "either" and not set(instrument.by) <= state.current():
        return f"{rule.cites} gives this exit to the parties"
    if rule.who not in ("either", *instrument.by):
        return f"{rule.cites} gives this exit to `{rule.who}` alone"
    lacks = _form_lacks(rule.cites, rule.form, rule.channel, instrument)
    lacks = lacks or _requires_lacks(state, rule, instrument)
    if lacks:
        return lacks
    if rule.not_before is not None:
        opens = rules.when(state, rule.not_before, None)
        if opens is None or state.now < opens[0]:
            return f"{rule.cites}: no notice counts yet"
    return ""


def _part_lacks(state: State, rule: c.Exit | c.Suspension, act: Act, *, part: bool) -> str:
    """Say what an act lacks that ends or suspends one party's part: an actor has to name it."""
    named = act.operation.party
    own = set(act.instrument.by) <= set(state.members)
    if named is not None and (own or not part):
        return f"{rule.cites} lets nobody do this to the part of `{named}`"
    if own or not part:
        return ""
    if named is None:
        return f"{rule.cites} wants the party named whose part it is"
    return "" if named in state.current() else f"`{named}` has no part in it"


def _run_notice(
    rules: Rules, state: State, rule: c.Exit, instrument: Instrument, operation: Operation
) -> tuple[State, str, str]:
    bites, late, lacks = _bites(rules, state, rule, operation)
    if bites is None:
        return state, "", lacks
    notice = Notice(
        id=_own_id(state, operation.notice or "notice"),
        by=instrument.by[0],
        rule=rule,
        given=state.now,
        bites=bites,
        state=NoticeState.LATE if late else NoticeState.RUNNING,
        instrument=instrument.id,
        of=operation.party,
    )
    return replace(state, notices=(*state.notices, notice)), rule.cites, ""


def _own_id(state: State, name: str) -> str:
    """Return the id, told apart from an earlier notice that bears it."""
    taken = {notice.id for notice in state.notices}
    return next(
        wanted
        for number in range(1, len(taken) + 2)
        if (wanted := name if number == 1 else f"{name} ({number})") not in taken
    )


def _bites(
    rules: Rules, state: State, rule: c.Exit, operation: Operation
) -> tuple[Instant | None, bool, str]:
    """Return when a notice received now takes effect, and whether it is late."""
    zone = state.accord.zone
    effect = rules.choice(state.accord, rule.takes_effect, c.Effect)
    today = zone.day_of(state.now)
    earliest = (
        today
        if rule.length is None
        else rules.out(today, rule.length.for_, rule.length.count)
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
        if late and rules.choice(state.accord, rule.late, c.Late) is c.Late.WITHOUT_EFFECT:
            return None, False, f"{rule.cites}: the day named comes too soon"
        return zone.start_of(max(named, earliest)), late, ""
    running = rules.period(state, state.now)
    if running is None:
        return (
            None,
            False,
            f"{rule.cites} counts from a period, and none is running",
        )
    index, _, out = running
    late = False
    while rule.length is not None and rules.latest(out, rule.length) < today:
        if rules.choice(state.accord, rule.late, c.Late) is c.Late.WITHOUT_EFFECT:
            return None, True, f"{rule.cites}: received too late for this period"
        late = True
        index += 1
        following = rules.boundary(state, index)
        if following is None:
            return None, True, f"{rule.cites}: there is no next period"
        out = following
    return zone.start_of(out), late, ""


def _suspend(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    pair, by = set(act.operation.between), set(act.instrument.by)
    if act.operation.party is not None and by & set(state.members):
        return state, "", "a party suspends its own part, or what is between it and another"
    if pair and not by <= pair:
        return state, "", "one suspends only what is between oneself and others"
    jointly = (pair or state.current()) <= by
    if jointly:
        return _paused(state, act, state.now, None, _by_consent(state, "VCLT 57(b)"))
    lacks = "no article lets one side suspend it alone"
    for rule in state.accord.all(c.Suspension):
        if rule.who not in ("either", *by):
            continue
        lacks = _form_lacks(rule.cites, rule.form, rule.channel, act.instrument)
        lacks = lacks or _requires_lacks(state, rule, act.instrument)
        lacks = lacks or _part_lacks(state, rule, act, part=rule.part)
        if lacks:
            continue
        since = (
            state.now
            if rule.length is None
            else _ahead(rules, state, state.now, rule.length)
        )
        limit = None if rule.at_most is None else _ahead(rules, state, since, rule.at_most)
        return _paused(state, act, since, limit, rule.cites)
    return state, "", lacks


def _ahead(rules: Rules, state: State, instant: Instant, length: c.Length) -> Instant:
    zone = state.accord.zone
    return zone.start_of(rules.out(zone.day_of(instant), length.for_, length.count))


def _paused(
    state: State, act: Act, since: Instant, limit: Instant | None, basis: str
) -> tuple[State, str, str]:
    before = _until(state.accord, act.operation.until)
    ends = [instant for instant in (before, limit) if instant is not None]
    pause = Pause(
        by=act.instrument.by,
        since=since,
        before=min(ends, default=None),
        between=frozenset(act.operation.between),
        basis=basis,
        of=act.operation.party,
    )
    return replace(state, pauses=(*state.pauses, pause), basis=(basis,)), basis, ""


def _resume(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    """End one's own suspensions, also those that have not begun."""
    pair = frozenset(act.operation.between)
    kept: list[Pause] = []
    basis = ""
    for pause in state.pauses:
        mine = set(pause.by) <= set(act.instrument.by) and pause.between == pair
        mine = mine and pause.of == act.operation.party
        if mine and (pause.before is None or pause.before > state.now):
            basis = pause.basis
            if pause.since < state.now:
                kept.append(replace(pause, before=state.now))
        else:
            kept.append(pause)
    if not basis:
        return state, "", "only those who suspended it may let it go on"
    return replace(state, pauses=tuple(kept), basis=(basis,)), basis, ""


def _jointly(state: State, instrument: Instrument, pair: Sequence[str]) -> str:
    missing = sorted((set(pair) or state.current()) - set(instrument.by))
    return f"it takes the consent of {', '.join(missing)} as well" if missing else ""


def _terminate(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    """End it by consent of all, at once or from the day they name (the first day out)."""
    lacks = _jointly(state, act.instrument, ())
    if lacks:
        return state, "", lacks
    basis = _by_consent(state, "VCLT 54(b)")
    if act.operation.on is None:
        return end_for(state, tuple(state.members), (basis,)), basis, ""
    end = state.accord.zone.start_of(parse_day(act.operation.on))
    if end <= state.now:
        return state, "", f"the day it names, {act.operation.on}, is past"
    return replace(state, agreed_end=end), basis, ""


def _extend(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    """Agree to go on: notices that run are gone, and a fixed end moves to a later day."""
    lacks = _jointly(state, act.instrument, ())
    if lacks:
        return state, "", lacks
    rule = state.accord.one(c.Amendment)
    basis = _by_consent(state, "VCLT 39") if rule is None else rule.cites
    bites = [n.bites for n in state.notices if Op.REVOKE_NOTICE in NOTICE[n.state]]
    ends = [*bites, *((end,) if (end := rules.term_end(state)) is not None else ())]
    if not ends:
        return state, "", "no end is fixed that could be moved"
    later = _until(state.accord, act.operation.until)
    if later is not None and later <= max(state.now, min(ends)):
        return state, "", f"it names no later end than the one fixed: {act.operation.until}"
    revoked = tuple(
        replace(n, state=NoticeState.REVOKED) if Op.REVOKE_NOTICE in NOTICE[n.state] else n
        for n in state.notices
    )
    moved = replace(state, notices=revoked)
    return replace(moved, agreed_end=later) if later is not None else moved, basis, ""


def _amend(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    lacks = _jointly(state, act.instrument, act.operation.between)
    if lacks:
        return state, "", lacks
    raw = rules.amendments.get(act.operation.amendment or "")
    if raw is None:
        return (
            state,
            "",
            f"the text of amendment `{act.operation.amendment}` is not here",
        )
    rule = state.accord.one(c.Amendment)
    basis = _by_consent(state, "VCLT 39") if rule is None else rule.cites
    try:
        if act.operation.between:
            pair = frozenset(act.operation.between)
            version = amend(state.version(pair), raw)
            if _lifecycle(version) != _lifecycle(state.version(pair)):
                return (
                    state,
                    "",
                    "between some of the parties only what may cross is changed",
                )
            return replace(state, versions=(*state.versions, (pair, version))), basis, ""
        amended = amend(state.accord, raw)
        versions = tuple((pair, _later(old, raw, amended)) for pair, old in state.versions)
    except Unreadable as error:
        return state, "", f"the amendment does not fit: {error.findings[0].message}"
    return replace(state, accord=amended, versions=versions), basis, ""


def _later(old: Accord, raw: bytes, amended: Accord) -> Accord:
    """Return what holds between a pair after all have amended the text.

    Where the pair's own amendment does not go with it, the later agreement of all holds.
    """
    try:
        return amend(old, raw)
    except Unreadable:
        return amended


def _lifecycle(accord: Accord) -> list[c.Clause]:
    """Return the clauses that say how long an accord lives, wherever they stand."""
    kinds = (c.Entry, c.Joining, c.Provisional, c.Term, c.Exit, c.Suspension, c.OpenPoint)
    return [replace(x, line=0) for x in accord.clauses if isinstance(x, kinds)]


def _end_provisional(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    """Take back that one will become a party: what expressed it counts no longer."""
    leaving = set(act.instrument.by)
    members = {
        party: Member(status=Status.SIGNED, since=state.now) if party in leaving else member
        for party, member in state.members.items()
    }
    facts = {
        key: {party: at for party, at in by.items() if party not in leaving}
        for key, by in state.facts.items()
    }
    basis = _by_consent(state, "VCLT 25(2)")
    return replace(state, members=members, facts=facts, basis=(basis,)), basis, ""


def _object(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    """Record an objection; one to a reservation may keep the accord out of force."""
    if act.operation.instrument is not None:
        return oppose(state, act)
    recorded, _, lacks = record(rules, state, act)
    return recorded, "", lacks


def _set_date(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    operation = act.operation
    if operation.about is None or operation.on is None:
        return state, "", "it names no date that the text lets anybody set"
    for clause in state.accord.clauses:
        for when in whens_of(clause):
            if when.about == operation.about and when.set_by in act.instrument.by:
                dates = {**state.set_dates, operation.about: parse_day(operation.on)}
                return replace(state, set_dates=dates), clause.cites, ""
    return state, "", f"the text does not let them set `{operation.about}`"


def triggers(accord: Accord) -> set[c.Trigger]:
    """Return every trigger that a clause of an accord counts from."""
    return {trigger for clause in accord.clauses for trigger in triggers_of(clause)}


def triggers_of(clause: c.Clause) -> Iterator[c.Trigger]:
    """Yield every trigger that a clause counts from."""
    for when in whens_of(clause):
        yield from when.from_
        yield from (t for t in (when.if_, when.unless) if t is not None)


def whens_of(clause: c.Clause) -> Iterator[c.When]:
    """Yield every *when* of a clause, however deep."""
    waiting = [getattr(clause, name, None) for name in ("when", "ends", "not_before")]
    while waiting:
        when = waiting.pop()
        if isinstance(when, c.When):
            yield when
            waiting += [*when.earliest, *when.latest, when.else_]


def on_notice(
    rules: Rules, state: State, instrument: Instrument, operation: Operation
) -> tuple[State, Outcome, str, str]:
    """Apply what is done to a notice: (state, outcome, the rule it rests on, the one it lacks)."""
    name = operation.notice
    own = [
        notice
        for notice in state.notices
        if notice.by in instrument.by and notice.id in (name, f"{name} of {notice.by}")
    ]
    if not own:
        notice = state.notice(name)
        if notice is None:
            return state, Outcome.WITHOUT_EFFECT, "", f"there is no notice `{name}`"
        return _on_one(rules, state, instrument, operation, notice)
    found: list[tuple[Outcome, str, str]] = []
    for notice in own:  # what was given together may be touched together
        state, outcome, basis, lacks = _on_one(rules, state, instrument, operation, notice)
        found.append((outcome, basis, lacks))
    best = min(found, key=lambda one: list(Outcome).index(one[0]))
    return state, *best


def _on_one(
    rules: Rules, state: State, instrument: Instrument, operation: Operation, notice: Notice
) -> tuple[State, Outcome, str, str]:
    op = operation.do
    jointly = state.current() <= set(instrument.by)
    lacks = _on_notice_lacks(state, notice, instrument, op, jointly=jointly)
    if lacks:
        return state, Outcome.WITHOUT_EFFECT, "", lacks
    consent = _by_consent(state, "VCLT 54(b)")
    basis = _revocable(state, notice)[0] or consent
    step = NOTICE[notice.state].get(op)
    if step is None:  # what is gone already is withdrawn once more
        cleared = replace(notice, suspended=None, resumes=None)
        return with_notice(state, cleared), Outcome.DECLARATORY, basis, ""
    if op is Op.REVOKE_NOTICE:
        moved = replace(notice, state=step, suspended=None, resumes=None)
        return with_notice(state, moved), Outcome.EFFECTIVE, basis, ""
    reading = rules.reading(state.accord, SUSPENDED_NOTICE, c.Suspended.DORMANT)
    basis = f"open point `{SUSPENDED_NOTICE}`: {reading}"
    if op is Op.SUSPEND_NOTICE:
        if reading == c.Suspended.REVOKED:
            moved = replace(notice, state=NoticeState.REVOKED)
        else:
            resumes = _until(state.accord, operation.until)
            since = notice.suspended or state.now
            moved = replace(notice, state=step, suspended=since, resumes=resumes)
        return with_notice(state, moved), Outcome.EFFECTIVE, basis, ""
    if reading == c.Suspended.AGREED_VARIATION and not jointly:
        lacks = "under `agreed variation` one side alone cannot revive the notice"
        return state, Outcome.WITHOUT_EFFECT, "", lacks
    moved = replace(notice, state=step, suspended=None, resumes=None)
    if operation.days_left and notice.suspended is not None:
        moved = replace(moved, bites=_days_left(state, notice, notice.suspended))
    return with_notice(state, moved), Outcome.EFFECTIVE, basis, ""


def _on_notice_lacks(
    state: State, notice: Notice, instrument: Instrument, op: Op, *, jointly: bool
) -> str:
    if notice.by not in instrument.by:
        return f"only `{notice.by}`, who gave the notice, may do this"
    lacks = _form_lacks(
        notice.rule.cites, notice.rule.form, notice.rule.channel, instrument
    )
    if lacks:
        return lacks
    gone = notice.state is NoticeState.REVOKED and op in (
        Op.REVOKE_NOTICE,
        Op.WITHDRAW_SUSPENSION,
    )
    if op not in NOTICE[notice.state] and not gone:
        return f"the notice is `{notice.state}`; it cannot come back, only a new one can"
    if op in (Op.REVOKE_NOTICE, Op.SUSPEND_NOTICE) and not jointly and not gone:
        return _revocable(state, notice)[1]
    return ""


def _days_left(state: State, notice: Notice, suspended: Instant) -> Instant:
    """Return when a notice bites that resumes with the days that were left to it."""
    zone = state.accord.zone
    left = zone.day_of(notice.bites) - zone.day_of(suspended)
    return zone.start_of(zone.day_of(state.now) + left)


def _revocable(state: State, notice: Notice) -> tuple[str, str]:
    if notice.rule.revocable is not None:
        cites = notice.rule.cites
        refused = "" if notice.rule.revocable else f"{cites} lets no notice be taken back"
        return cites, refused
    if state.accord.front.law is Law.VCLT:
        return "VCLT 68", ""
    return (
        "",
        "no rule lets a notice be taken back: this is no treaty between States",
    )


def _requires_lacks(
    state: State, rule: c.Exit | c.Suspension, instrument: Instrument
) -> str:
    for op in rule.requires:
        done = {p for (o, _), by in state.facts.items() if o is op for p in by}
        if not done & set(instrument.by):
            return f"{rule.cites} wants `{op}` by the same party first"
    return ""


def _form_lacks(
    cites: str, form: str | None, channel: str | None, instrument: Instrument
) -> str:
    if form is not None and instrument.form not in (form, DUE):
        return f"{cites} wants it {form}; it was {instrument.form or 'of no recorded form'}"
    if channel is not None and instrument.channel not in (channel, DUE):
        had = instrument.channel or "of no recorded channel"
        return f"{cites} wants the {channel} channel; it was {had}"
    return ""


def _by_consent(state: State, rule: str) -> str:
    """Return the convention's rule for an act of all, or the plain one where it is no treaty."""
    return rule if state.accord.front.law is Law.VCLT else "the consent of all"


def _until(accord: Accord, until: str | None) -> Instant | None:
    return None if until is None else day_after(accord, until)


def day_after(accord: Accord, until: str) -> Instant:
    """Return the first instant after a last day, in the accord's zone."""
    return accord.zone.day_after(until)


def first_of(accord: Accord, since: str) -> Instant:
    """Return the first instant of a day, in the accord's zone."""
    return accord.zone.start_of(parse_day(since))


HANDLERS: Mapping[Op, Handler] = {
    Op.SIGN: record,
    Op.NOTIFY_COMPLETION: record,
    Op.DEPOSIT: record,
    Op.DELIVER: record,
    Op.DECLARE_PROVISIONAL: record,
    Op.END_PROVISIONAL: _end_provisional,
    Op.GIVE_NOTICE: _give_notice,
    Op.SUSPEND: _suspend,
    Op.RESUME: _resume,
    Op.TERMINATE: _terminate,
    Op.EXTEND: _extend,
    Op.AMEND: _amend,
    Op.SET_DATE: _set_date,
    Op.ENACT: enact,
    Op.RESERVE: reserve,
    Op.WITHDRAW_RESERVATION: withdraw,
    Op.OBJECT: _object,
}
"""What each operation that the table admits does to the state."""
