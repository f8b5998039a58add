"""Which act discharges a duty, certainly, and when?"""

from __future__ import annotations

from comity.accords import clauses as c
from comity.accords.instruments import Instrument, Means, Op, Operation
from comity.accords.state import moment_span
from comity.accords.times import Instant, Span
from comity.release.arising import Event
from comity.release.given import Giving
from comity.release.record import Record


def discharged(here: Record, rule: c.Duty, event: Event) -> tuple[str, Instant] | None:
    """Return the first act that certainly discharges a duty of that event, and when."""
    found = [
        (when.last, instrument.id)
        for name in dict.fromkeys(event.giving.under)
        for instrument, operation in here.acts(name)
        if operation.do in rule.discharge
        and event.who in instrument.by
        and (name == here.accord.id or operation.do in c.DISPOSAL)
        and (when := here.when(instrument)) is not None
        and _answers(here, rule, event, instrument, operation, when)
    ]
    if not found:
        return None
    instant, act = min(found)
    return act, instant


def _answers(
    here: Record,
    rule: c.Duty,
    event: Event,
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
        return after and _disposes(here, rule, event, instrument, operation)
    return after


def _disposes(
    here: Record, rule: c.Duty, event: Event, instrument: Instrument, operation: Operation
) -> bool:
    """Say whether a return or a certificate is of the kind and by the means that is due."""
    giver = event.giving.giver
    if operation.do is Op.RETURN:
        means, formal = Means.RETURN, operation.to in (None, giver)
    else:
        means, formal = Means.DESTROY, instrument.form == "written"
    if rule.choice in (None, c.Side.RECIPIENT):
        return formal
    return formal and _chosen(here, rule, event.giving) == {means}


def _chosen(here: Record, rule: c.Duty, giving: Giving) -> set[Means]:
    """Return what the giver has chosen, the latest where it has chosen twice."""
    said = [
        (moment_span(instrument), operation.means)
        for instrument, operation in here.acts(here.accord.id)
        if operation.do is Op.REQUEST
        and operation.about == rule.id
        and operation.means is not None
        and giving.giver in instrument.by
        and operation.item in (None, giving.item)
        and here.when(instrument) is not None
    ]
    return {
        means
        for when, means in said
        if not any(other.start > when.last for other, _ in said)
    }


def disposed(here: Record, giving: Giving) -> tuple[str, Instant] | None:
    """Return the act by which the holder returned or destroyed an item."""
    end = here.over(giving.pair)
    plain = c.Duty(
        cites="",
        id="",
        what="",
        who=c.Side.RECIPIENT,
        arises=c.Arises.ON_RELEASE,
        discharge=c.DISPOSAL,
    )
    events = [
        Event(giving=giving, who=giving.holder, towards=giving.giver, when=w, act=act)
        for w, act in giving.acts or ([(Span.at(end.earliest), "")] if end else [])
    ]
    done = [discharged(here, plain, event) for event in events]
    known = [one for one in done if one is not None]
    return max(known, key=lambda one: one[1]) if known and len(known) == len(done) else None


def declassified(here: Record, giving: Giving) -> tuple[str, Instant] | None:
    """Return the act by which the last originator declassified an item, if all have."""
    item = None if giving.item is None else here.world.items.get(giving.item)
    if item is None or not item.originators:
        return None
    found: list[tuple[Instant, str]] = []
    for party in item.originators:
        own = [
            (when.last, instrument.id)
            for instrument, operation in here.world.acts(Op.DECLASSIFY)
            if operation.item == item.id
            and party in instrument.by
            and instrument.form == "written"
            and (when := here.when(instrument)) is not None
        ]
        if not own:
            return None
        found.append(min(own))
    instant, act = max(found)
    return act, instant
