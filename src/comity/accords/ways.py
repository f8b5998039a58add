"""What would still change the outcome, who may do it, and until when?

Nothing here is typed in: every step of the two tables is tried, by each party alone and by
all together, on the state as it is. What the clock then makes of it is the answer. What
fails says which rule it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from comity.accords import clauses as c
from comity.accords.clock import Clock
from comity.accords.fold import Fold
from comity.accords.instruments import Op, Operation, Stage
from comity.accords.links import HORIZON, View
from comity.accords.state import Effect, Outcome, State
from comity.accords.table import ACCORD, NOTICE, Status
from comity.accords.times import Instant
from comity.accords.trials import trials
from comity.errors import InvalidInput


class Change(StrEnum):
    """What a way does to the accord's end."""

    KEEPS = "keeps it"
    """The accord lasts longer than it would if nothing were done."""
    ENDS = "ends it"
    """It ends sooner."""
    LEAVES = "ends one's own part"
    """It goes on between the others."""
    SUSPENDS = "suspends it"
    RESUMES = "lets it go on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One act that would still change the outcome.

    Attributes:
        op: the operation; on ``notice`` where it is one on a notice.
        by: who performs it; several perform jointly.
        change: what it does.
        article: the article or rule that it rests on.
        ends: when the accord would end then; None for no date.
        before: the first instant at which it no longer would; None for no last instant.
    """

    op: Op
    by: tuple[str, ...]
    notice: str | None
    change: Change
    article: str
    ends: Instant | None
    before: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoHelp:
    """An act that would not change the outcome, and why."""

    op: Op
    by: tuple[str, ...]
    notice: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Every way at an instant.

    Attributes:
        ends: when the accord ends if nothing is done; None for no date.
        following: what the clock alone makes of it next, and when; None for nothing.
        because: which other accords make the standing or its end another than its own.
    """

    at: Instant
    status: Status
    ends: Instant | None
    following: tuple[Instant, Status] | None
    ways: tuple[Way, ...]
    no_help: tuple[NoHelp, ...]
    because: tuple[str, ...] = ()


def ways(clock: Clock, at: Instant, *, party: str | None = None) -> Ways:
    """Return every act that would still change the outcome, and what would not.

    Args:
        clock: of the accord.
        at: the instant; nothing later counts.
        party: under whose readings; None for the text's default.
    """
    if party is not None and party not in clock.accord.parties:
        raise InvalidInput(
            f"`{party}` is no party to `{clock.accord.id}`",
            hint="its parties are " + ", ".join(clock.accord.parties),
            code="no-party",
        )
    fold, state = clock.representative(at, party=party)
    ends = fold.end(state, None)
    found: list[Way] = []
    useless: list[NoHelp] = []
    for operation, by in _candidates(state, ends):
        way = _try(fold, state, at, operation, by)
        if isinstance(way, Way):
            found.append(way)
        elif way is not None:
            useless.append(way)
    joint = {(w.op, w.notice, w.change) for w in found if len(w.by) == 1}
    kept = [w for w in found if len(w.by) == 1 or (w.op, w.notice, w.change) not in joint]
    following = next((s for s in fold.steps(state, HORIZON) if s.now > at), None)
    all_of_them = Ways(
        at=at,
        status=state.status(),
        ends=ends,
        following=None if following is None else (following.now, following.status()),
        ways=tuple(sorted(kept, key=lambda w: (list(Change).index(w.change), w.op, w.by))),
        no_help=tuple(useless),
    )
    return (
        _with_others(clock.view(at, None, party), all_of_them)
        if clock.linked
        else all_of_them
    )


def _with_others(view: View, found: Ways) -> Ways:
    """Return the ways with the accords that it hangs on looked at as well.

    What others end, no act on this accord keeps, and none need end it later.
    """
    at, bound = found.at, view.ended_by_others(found.at)
    following = view.before(at, None)
    because = view.because(at, None)
    kept, useless = list(found.ways), list(found.no_help)
    ends = found.ends
    if bound is not None:
        because = tuple(dict.fromkeys((*because, *view.because(bound, None))))
        ends = bound if ends is None else min(ends, bound)
        why = "it ends then all the same: " + "; ".join(view.because(bound, None))
        kept = []
        for way in found.ways:
            then = bound if way.ends is None else min(way.ends, bound)
            if way.change in (Change.KEEPS, Change.ENDS) and then == ends:
                useless.append(NoHelp(op=way.op, by=way.by, notice=way.notice, why=why))
            else:
                kept.append(replace(way, ends=then))
    return replace(
        found,
        status=view.status(at, None),
        ends=ends,
        following=None if following is None else (following, view.status(following, None)),
        ways=tuple(kept),
        no_help=tuple(useless),
        because=because,
    )


_NOT_WAYS = frozenset(
    {
        Op.SIGN,
        Op.NOTIFY_COMPLETION,
        Op.DEPOSIT,
        Op.DELIVER,
        Op.DECLARE_PROVISIONAL,
        Op.SET_DATE,
        Op.AMEND,
        Op.RESERVE,
        Op.WITHDRAW_RESERVATION,
        Op.OBJECT,
    }
)
"""Steps towards entry, reservations, dates that an actor sets, and changes of the words: an amendment
can do anything, so it is no way that can be tried; `EXTEND` stands for agreeing to go on."""


def _candidates(
    state: State, ends: Instant | None
) -> Iterator[tuple[Operation, tuple[str, ...]]]:
    """Yield every step of the two tables, by each party alone and by all.

    To agree on a later end is no way where no end is fixed.
    """
    parties = tuple(state.members)
    performers = (*((party,) for party in parties), parties)
    steps = {
        step
        for step in ACCORD[state.status()]
        if isinstance(step, Op)
        and step not in _NOT_WAYS
        and not (step is Op.EXTEND and ends is None)
        and not (step is Op.RESUME and not state.pauses)
    }
    actors = [actor for actor in state.accord.all(c.Actor) if actor.id not in state.members]
    for op in sorted(steps):
        may = tuple((actor.id,) for actor in actors if op in actor.may)
        for by in may if op is Op.ENACT else (*performers, *may):
            yield _operation(op, state, None, ends), by
    for notice in state.notices:
        for op in sorted(s for s in NOTICE[notice.state] if isinstance(s, Op)):
            for by in performers:
                yield _operation(op, state, notice.id, ends), by
    for op in (Op.PROTEST, Op.ALLEGE_BREACH):
        for party in parties:
            yield Operation(do=op), (party,)


def _operation(op: Op, state: State, notice: str | None, ends: Instant | None) -> Operation:
    if op is Op.GIVE_NOTICE:
        return Operation(do=op, notice="(a new notice)")
    if op in (Op.EXTEND, Op.ENACT):
        later = state.accord.zone.day_of(ends or state.now) + timedelta(days=366)
        return Operation(do=op, until=later.isoformat())
    return Operation(do=op, notice=notice)


def _try(
    fold: Fold, state: State, at: Instant, operation: Operation, by: tuple[str, ...]
) -> Way | NoHelp | None:
    effect, change, ends = _outcome(fold, state, at, operation, by)
    if effect.outcome is Outcome.WITHOUT_EFFECT:
        return NoHelp(op=operation.do, by=by, notice=operation.notice, why=effect.lacks)
    if change is None:
        if operation.do in (Op.PROTEST, Op.ALLEGE_BREACH):
            return NoHelp(
                op=operation.do,
                by=by,
                notice=None,
                why="recorded; it changes no standing by itself",
            )
        return None
    return Way(
        op=operation.do,
        by=by,
        notice=operation.notice,
        change=change,
        article=effect.basis,
        ends=ends,
        before=_until(fold, state, at, operation, by),
    )


def _outcome(
    fold: Fold, state: State, at: Instant, operation: Operation, by: tuple[str, ...]
) -> tuple[Effect, Change | None, Instant | None]:
    """Perform an act at an instant, and say what it changes."""
    now = fold.at(state, at)
    before = fold.end(now, None)
    tried = [
        fold.apply(now, trial, at, dict.fromkeys(Stage, at))
        for trial in trials(now, by, (operation,))
    ]
    done = [one for one in tried if one.effects[-1].outcome is not Outcome.WITHOUT_EFFECT]
    after = (*done, tried[-1])[0]
    effect = after.effects[-1]
    after = fold.at(after, at)
    ends = fold.end(after, None)
    change = _change(now, after, before, ends)
    if change is None and len(by) == 1 and by[0] in state.members:
        own, then = (fold.leaves(state, by[0]) for state in (now, after))
        if own != then:
            sooner = own is None or (then is not None and then < own)
            return effect, Change.LEAVES if sooner else Change.KEEPS, then
    return effect, change, ends


def _change(
    now: State, after: State, before: Instant | None, ends: Instant | None
) -> Change | None:
    if after.status() is Status.SUSPENDED and now.status() is not Status.SUSPENDED:
        return Change.SUSPENDS
    if now.status() is Status.SUSPENDED and after.status() is not Status.SUSPENDED:
        return Change.RESUMES if after.status() is not Status.ENDED else Change.ENDS
    if ends == before:
        return None
    if ends is None or (before is not None and ends > before):
        return Change.KEEPS
    return Change.ENDS


def _until(
    fold: Fold, state: State, at: Instant, operation: Operation, by: tuple[str, ...]
) -> Instant | None:
    """Return the first instant at which the act would no longer bring that about.

    An act that is closed later, and a notice that comes too late for the same end.
    """
    _, _, ends = _outcome(fold, state, at, operation, by)
    steps = {later.now for later in fold.steps(state, HORIZON)}
    last_days = (
        set(_last_days(fold, state, at)) if operation.do is Op.GIVE_NOTICE else set()
    )
    for later in sorted(instant for instant in steps | last_days if instant > at):
        effect, change, then = _outcome(fold, state, later, operation, by)
        if effect.outcome is Outcome.WITHOUT_EFFECT or change is None:
            return later
        if later in last_days and then != ends:
            return later
    return None


def _last_days(fold: Fold, state: State, at: Instant) -> Iterator[Instant]:
    """Yield the first instants after the last days for notice of the period running."""
    running = fold.rules.period(state, at)
    for rule in state.accord.all(c.Exit):
        last = (
            None if running is None else fold.rules.last_day(state.accord, rule, running[2])
        )
        if last is not None:
            yield state.accord.zone.start_of(last + timedelta(days=1))


DO_WORDS = {
    Op.GIVE_NOTICE: "give notice of termination",
    Op.SUSPEND_NOTICE: "suspend the effect of notice {notice}",
    Op.RESUME_NOTICE: "let the suspended notice {notice} run again",
    Op.WITHDRAW_SUSPENSION: "take back the suspension of notice {notice}",
    Op.REVOKE_NOTICE: "revoke notice {notice}",
    Op.SUSPEND: "suspend the accord's operation",
    Op.RESUME: "let the suspended accord go on",
    Op.TERMINATE: "agree to end it",
    Op.EXTEND: "agree to go on",
    Op.ENACT: "enact it for a time, or anew",
    Op.END_PROVISIONAL: "say that one will not become a party",
    Op.PROTEST: "protest or demand",
    Op.ALLEGE_BREACH: "claim a breach",
}
"""What one would do, in words; ``{notice}`` is its id."""
