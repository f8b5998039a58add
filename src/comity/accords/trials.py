"""Acts tried on a state as it is: what would come of them, if somebody performed them now?"""

from __future__ import annotations

from collections.abc import Iterator

from comity.accords import clauses as c
from comity.accords.fold import Fold
from comity.accords.instruments import Instrument, Op, Operation, Stage
from comity.accords.state import State
from comity.accords.table import NoticeState
from comity.accords.times import Instant


def earliest_end(
    fold: Fold, state: State, at: Instant
) -> tuple[Instant | None, tuple[str, ...]]:
    """Return the earliest instant at which one party alone could end the accord, and who.

    Found by trying: every party gives a notice under every exit, and takes back the
    suspension of each notice of its own; what the clock then does is the answer. An end
    that comes in any case is nobody's, unless a notice brings it.
    """
    found: dict[str, Instant] = {}
    anyway = fold.end(state, None)
    for party in state.members:
        for operation in _one_sided(fold, state, party):
            for trial in trials(state, (party,), (operation,)):
                after = fold.apply(state, trial, at, {Stage.RECEIVED: at})
                if after.effects[-1].lacks:
                    continue
                end = fold.end(after, None)
                if end is not None and (anyway is None or end < anyway):
                    found[party] = min(end, found.get(party, end))
    for notice in state.notices:
        if (
            notice.state in (NoticeState.RUNNING, NoticeState.LATE)
            and notice.bites == anyway
        ):
            found[notice.by] = notice.bites
    if not found:
        return anyway, ()
    best = min(found.values())
    return best, tuple(sorted(p for p, end in found.items() if end == best))


def _one_sided(fold: Fold, state: State, party: str) -> Iterator[Operation]:
    yield Operation(do=Op.GIVE_NOTICE, notice="(a new notice)")
    today = state.accord.zone.day_of(state.now)
    for rule in state.accord.all(
        c.Exit
    ):  # an exit on a day named: the earliest that it may
        first = (
            today
            if rule.length is None
            else fold.rules.out(today, rule.length.for_, rule.length.count)
        )
        yield Operation(do=Op.GIVE_NOTICE, notice="(a new notice)", on=first.isoformat())
    for notice in state.notices:
        if notice.by == party:
            yield Operation(do=Op.RESUME_NOTICE, notice=notice.id)


def trials(
    state: State, by: tuple[str, ...], operations: tuple[Operation, ...]
) -> Iterator[Instrument]:
    """Yield instruments that would perform operations, in each form the text asks for."""
    forms: dict[tuple[str | None, str | None], None] = {}
    rules: list[c.Exit | c.Suspension] = [
        *state.accord.all(c.Exit),
        *state.accord.all(c.Suspension),
    ]
    for rule in rules:
        forms[rule.form, rule.channel] = None
    for form, channel in forms or {("written", None): None}:
        yield Instrument(
            id="(supposed)",
            accord=state.accord.id,
            by=by,
            form=form,
            channel=channel,
            operations=operations,
            source="supposed",
        )
