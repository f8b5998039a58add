"""What comes back: a statute that is enacted anew, and a party that joins again.

Neither undoes the gap. What a legislature enacts is in force from then on; a party that left
and accedes again is bound from its new date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from comity.accords import clauses as c
from comity.accords.instruments import Op, Stage
from comity.accords.rules import Rules
from comity.accords.state import Act, Member, State
from comity.accords.table import ACCORD, NOTICE, NoticeState, Status
from comity.accords.times import Instant

EXPRESSIONS = frozenset({Op.SIGN, Op.NOTIFY_COMPLETION, Op.DEPOSIT, Op.DELIVER})
"""What expresses consent to be bound (VCLT 11)."""


def enact(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    """Put it in force for all whom it names, by the actor whom the text lets do that."""
    actor = next(
        (a for a in state.accord.all(c.Actor) if {a.id} == set(act.instrument.by)), None
    )
    if actor is None:
        return state, "", "only an actor that the text names enacts, no party"
    until = act.operation.until
    end = None if until is None else state.accord.zone.day_after(until)
    if end is not None and end <= state.now:
        return state, "", f"the last day that it names, {until}, is past"
    zone = state.accord.zone
    members = {
        party: replace(member, status=ACCORD[member.status][Op.ENACT], since=state.now)
        if member.status is not Status.IN_FORCE and Op.ENACT in ACCORD[member.status]
        else member
        for party, member in state.members.items()
    }
    begun = state.entered if state.status() is Status.IN_FORCE else None
    notices = tuple(
        replace(n, state=NoticeState.REVOKED)
        if begun is None and Op.REVOKE_NOTICE in NOTICE[n.state]
        else n
        for n in state.notices
    )
    moved = replace(
        state,
        members=members,
        entered=begun or (state.now, zone.day_of(state.now)),
        notices=notices,
        agreed_end=end,
        basis=(actor.cites,),
    )
    own = rules.term_end(moved)
    if own is not None and own <= state.now:
        return state, "", "it names no last day, and the end that the text has is past"
    return moved, actor.cites, ""


def returns(state: State, party: str, op: Op) -> str:
    """Say what keeps a party that left from joining again; empty where nothing does."""
    member = state.members.get(party)
    if member is None or member.status is not Status.ENDED or op not in EXPRESSIONS:
        return ""
    if state.status() is Status.ENDED:
        return "what has ended takes nobody in"
    joins = state.accord.front.open or state.accord.one(c.Joining) is not None
    return "" if joins else "the text says nothing of joining, and it has left"


def admission(state: State, performers: tuple[str, ...], op: Op) -> str:
    """Say which actor has to join in where a newcomer joins; empty where none is missing.

    The one that the text names. One that an actor put out never comes back by its own act
    alone: that actor has to join in.
    """
    rule = state.accord.one(c.Joining)
    actors = {actor.id for actor in state.accord.all(c.Actor)}
    for party in performers if op in EXPRESSIONS else ():
        if party in actors or not _joins(state, party):
            continue
        out = [
            notice
            for notice in state.notices
            if notice.of == party and notice.state is NoticeState.EFFECTIVE
        ]
        if out and out[-1].by not in performers:
            return (
                f"{out[-1].rule.cites}: `{out[-1].by}` put `{party}` out and has to join in"
            )
        if rule is not None and rule.admitted_by not in (None, *performers):
            return f"{rule.cites} lets nobody join without `{rule.admitted_by}`"
    return ""


def _joins(state: State, party: str) -> bool:
    """Say whether a party comes later: no founder, or one whose part has ended."""
    member = state.members.get(party)
    return member is None or member.status is Status.ENDED


def forgotten(
    state: State, party: str
) -> tuple[Mapping[tuple[Op, Stage], Mapping[str, Instant]], Member]:
    """Return the facts without what once bound a party that left, and it as a newcomer."""
    facts = {
        key: {name: at for name, at in by.items() if name != party}
        if key[0] in (*EXPRESSIONS, Op.DECLARE_PROVISIONAL)
        else by
        for key, by in state.facts.items()
    }
    return facts, Member()
