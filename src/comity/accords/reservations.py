"""Reservations: articles whose rules do not hold between one party and the others.

Whether a reservation holds depends on acceptance and objection (VCLT 19-23), which the
parties may see differently. So both texts are asked, the whole one and the one without the
reserved articles: a reservation never lets more go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from comity.accords import clauses as c
from comity.accords.accord import Accord, Law
from comity.accords.rules import Rules
from comity.accords.state import Act, Reservation, State
from comity.accords.text import Citation

_LIFE = (c.Entry, c.Joining, c.Provisional, c.Term, c.Exit, c.Suspension, c.Amendment)


def reserve(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    """Record that a party reserves articles between itself and the others (VCLT 19)."""
    articles = act.operation.articles
    known = {article.number for article in state.accord.document.articles if article.number}
    unknown = [number for number in articles if number not in known]
    lacks = ""
    if state.accord.front.law is not Law.VCLT:
        lacks = "no rule lets a part be reserved: this is no treaty between States"
    elif len(state.members) < 3:
        lacks = "between two alone it is no reservation but another text, to be agreed on"
    elif unknown:
        lacks = f"the text has no article {', '.join(unknown)}"
    elif any(isinstance(rule, _LIFE) for rule in _within(state.accord, articles)):
        lacks = (
            "recorded only: the article says how long the accord lives, and that is not"
            " computed apart for two of its parties"
        )
    if lacks:
        return state, "", lacks
    made = tuple(
        Reservation(by=party, articles=articles, instrument=act.instrument.id)
        for party in act.instrument.by
    )
    return replace(state, reservations=(*state.reservations, *made)), "VCLT 19", ""


def withdraw(rules: Rules, state: State, act: Act) -> tuple[State, str, str]:
    """Take a reservation back, which needs nobody's consent (VCLT 22)."""
    gone = [
        r
        for r in state.reservations
        if r.instrument == act.operation.instrument and r.by in act.instrument.by
    ]
    if not gone:
        why = f"there is no reservation `{act.operation.instrument}` of theirs"
        return state, "", why
    kept = tuple(r for r in state.reservations if r not in gone)
    return replace(state, reservations=kept), "VCLT 22(1)", ""


def oppose(state: State, act: Act) -> tuple[State, str, str]:
    """Object to a reservation; the accord is not in force between the two if that is said.

    VCLT 20(4)(b). An objection that says nothing of it leaves both texts to be asked.
    """
    name = act.operation.instrument
    made = [r for r in state.reservations if r.instrument == name]
    if not made:
        return state, "", f"there is no reservation `{name}`"
    if not act.operation.opposes:
        return state, "VCLT 20(4)(b)", ""
    pairs = {
        frozenset((party, r.by))
        for party in act.instrument.by
        for r in made
        if party in state.members and party != r.by
    }
    opposed = tuple(
        dict.fromkeys((*state.opposed, *((pair, name or "") for pair in pairs)))
    )
    return replace(state, opposed=opposed), "VCLT 20(4)(b)", ""


def texts(state: State, pair: frozenset[str]) -> Iterator[Accord]:
    """Yield the texts to ask between a pair: the whole, and without what is reserved."""
    whole = state.version(pair)
    yield whole
    reserved = [number for r in state.reservations if r.by in pair for number in r.articles]
    if reserved:
        yield whole.without(tuple(_within(whole, reserved)))


def _within(accord: Accord, articles: tuple[str, ...] | list[str]) -> Iterator[c.Clause]:
    for rule in accord.clauses:
        cited = Citation.parse(rule.cites)
        if cited is not None and cited.article in articles:
            yield rule
