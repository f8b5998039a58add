"""What does a duty arise from: each release, loss, request, change of law, or the end?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from comity.accords import clauses as c
from comity.accords.instruments import Op
from comity.accords.state import moment_span
from comity.accords.times import Instant, Span
from comity.release.given import Giving, Over
from comity.release.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a duty arises from: once, at some time in ``when``.

    Attributes:
        who: who bears the duty; ``towards``: to whom it is owed.
        act: the instrument that records it; empty for the end.
    """

    giving: Giving
    who: str
    towards: str
    when: Span
    act: str = ""


def events(here: Record, rule: c.Duty, givings: tuple[Giving, ...]) -> Iterator[Event]:
    """Yield everything that a duty arises from."""
    if rule.arises is c.Arises.ON_RELEASE:
        yield from _released(rule, givings)
    elif rule.arises is c.Arises.AFTER_END:
        yield from _ended(here, rule, givings)
    elif rule.arises is c.Arises.ON_LOSS:
        yield from _lost(here, rule, givings)
    elif rule.arises is c.Arises.ON_CHANGE_OF_LAW:
        yield from _changed(here)
    else:
        yield from _requested(here, rule, givings)


def _released(rule: c.Duty, givings: tuple[Giving, ...]) -> Iterator[Event]:
    """Each release on record; of what was adopted, only what goes on with the item."""
    goes_on = rule.lasting or bool(set(rule.discharge) & set(c.DISPOSAL))
    for giving in givings:
        if len(giving.under) > 1 and not goes_on:
            continue
        for when, act in giving.acts:
            yield from _borne(rule.who, giving, when, act)


def _ended(here: Record, rule: c.Duty, givings: tuple[Giving, ...]) -> Iterator[Event]:
    """The end of the accord, for each item, or a release after it."""
    for giving in givings:
        end = here.over(giving.pair)
        if end is not None:
            yield from _borne(rule.who, giving, Span.at(since_end(giving, end)), "")


def _lost(here: Record, rule: c.Duty, givings: tuple[Giving, ...]) -> Iterator[Event]:
    """Each loss that was told of; borne by the one who lost it."""
    for instrument, operation in here.acts(here.accord.id):
        if operation.do is not Op.REPORT_LOSS:
            continue
        losers = (operation.holder,) if operation.holder else instrument.by
        when = moment_span(instrument)
        for loser in losers:
            for giving in _held(here, givings, loser, operation.item, when):
                yield from _borne(rule.who, giving, when, instrument.id)


def _held(
    here: Record, givings: tuple[Giving, ...], holder: str, item: str | None, when: Span
) -> list[Giving]:
    """Return how an item had come to its holder; if that is not on record, from any other."""
    known = [
        giving
        for giving in givings
        if (giving.holder, giving.item) == (holder, item)
        and any(span.start <= when.last for span, _ in giving.acts)
    ]
    return known or [
        Giving(item=item, giver=other, holder=holder, under=(here.accord.id,))
        for other in here.others(holder)
    ]


def _changed(here: Record) -> Iterator[Event]:
    """Each change of a party's own law, towards all others."""
    for instrument, operation in here.acts(here.accord.id):
        if operation.do is not Op.CHANGE_LAW:
            continue
        for party in instrument.by:
            for other in here.others(party):
                giving = Giving(
                    item=None, giver=other, holder=party, under=(here.accord.id,)
                )
                yield Event(
                    giving=giving,
                    who=party,
                    towards=other,
                    when=moment_span(instrument),
                    act=instrument.id,
                )


def _requested(here: Record, rule: c.Duty, givings: tuple[Giving, ...]) -> Iterator[Event]:
    """Each request about the duty, for what came from the one who asks.

    One that names no item is for all that is on record between the two.
    """
    for instrument, operation in here.acts(here.accord.id):
        asks = operation.do is Op.REQUEST and operation.about == rule.id
        if not asks or not here.done(instrument):
            continue
        for asker in instrument.by:
            asked = (operation.to,) if operation.to else here.others(asker)
            for other in asked:
                whole = [
                    g
                    for g in givings
                    if set(g.pair) == {asker, other} and operation.item in (None, g.item)
                ]
                sends = rule.who is c.Side.SENDER
                plain = Giving(
                    item=operation.item,
                    giver=other if sends else asker,
                    holder=asker if sends else other,
                    under=(here.accord.id,),
                )
                for giving in whole or [plain]:
                    for event in _borne(
                        rule.who, giving, moment_span(instrument), instrument.id
                    ):
                        if event.who != asker:
                            yield event


def since_end(giving: Giving, end: Over) -> Instant:
    """Return since when what was given is held after the end."""
    first = min((when.start for when, _ in giving.acts), default=end.earliest)
    return Instant(max(first, end.earliest))


def _borne(side: c.Side, giving: Giving, when: Span, act: str) -> Iterator[Event]:
    """Yield an event for each who bears the duty: the giver, the holder, or both."""
    giver, holder = giving.pair
    if side in (c.Side.RECIPIENT, c.Side.EACH):
        yield Event(giving=giving, who=holder, towards=giver, when=when, act=act)
    if side in (c.Side.SENDER, c.Side.EACH):
        yield Event(giving=giving, who=giver, towards=holder, when=when, act=act)
