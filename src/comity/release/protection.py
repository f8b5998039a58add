"""How long is what was given protected, and by which rule?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.accords import clauses as c
from comity.accords.accord import Accord, Law
from comity.accords.declassify import lapses
from comity.accords.times import Instant, Rounding, Zone, first_day_out
from comity.errors import InvalidInput
from comity.release.discharge import declassified, disposed
from comity.release.given import Giving
from comity.release.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long what was given is protected, and by which rule.

    Attributes:
        article: empty where no rule is, and it is taken to be so.
        says: the duty, in words.
        before: the first instant at which it is no longer; None for no end yet.
        ended_by: an act that has ended it, with its time.
    """

    article: str
    says: str
    before: Instant | None = None
    ended_by: tuple[str, Instant] | None = None


def protection(here: Record, version: Accord, giving: Giving) -> Kept:
    """Return how long what was given is protected by a text."""
    rule = version.one(c.Survival)
    if rule is None or rule.protect is c.Protect.NOT_SAID:
        return _unsaid(version, rule)
    if isinstance(rule.protect, c.Length):
        return _for_years(here, rule, rule.protect, giving)
    says = f"keep what was given protected, {_SAYS[rule.protect]}"
    while_classified = rule.protect is c.Protect.WHILE_CLASSIFIED
    ended = {
        c.Protect.WHILE_CLASSIFIED: declassified,
        c.Protect.UNTIL_RETURNED: disposed,
    }.get(rule.protect)
    return Kept(
        article=rule.cites,
        says=says,
        before=_lapses(here, version, giving) if while_classified else None,
        ended_by=None if ended is None else ended(here, giving),
    )


def _lapses(here: Record, version: Accord, giving: Giving) -> Instant | None:
    """Return when a classification lapses by the text alone; None where that is not known.

    What the text excepts nobody here can see: then it does not lapse by itself.
    """
    rule = version.one(c.Declassification)
    item = None if giving.item is None else here.world.items.get(giving.item)
    if rule is None or rule.unless is not None or item is None or item.made is None:
        return None
    zone = here.accord.zone
    return zone.start_of(lapses(rule, zone.day_of(Instant(item.made))))


def _for_years(here: Record, rule: c.Survival, length: c.Length, giving: Giving) -> Kept:
    """Return protection for a length: until the latest day that can be meant."""
    end = here.over(giving.pair)
    last = None if end is None else end.latest
    if rule.counted_from is c.CountedFrom.RECEIPT and giving.received:
        last = Instant(max(span.last for span in giving.received))
    ends = () if last is None else counted(here.accord.zone, last, length)
    before = max(ends, default=None)
    says = f"keep what was given protected for {length.for_} after the {rule.counted_from}"
    return Kept(article=rule.cites, says=says, before=before)


def resting(here: Record, version: Accord, pair: tuple[str, str]) -> str:
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
    ways = here.world.clock(here.accord.id).pauses(here.at, pair)
    every = bool(ways) and all(way and way <= stops for way in ways)
    return min(min(way) for way in ways) if every else ""


_SAYS: Mapping[c.Protect, str] = {
    c.Protect.ALWAYS: "with no end",
    c.Protect.WHILE_CLASSIFIED: "until every originator has declassified it",
    c.Protect.UNTIL_RETURNED: "until it is returned or destroyed",
}


def _unsaid(version: Accord, rule: c.Survival | None) -> Kept:
    """Return what is taken where the text does not say how long protection lasts."""
    if version.front.law is Law.VCLT:
        article = "VCLT 70" if rule is None else f"{rule.cites}, VCLT 70"
        why = (
            "the text does not say how long, and the end touches nothing created before it"
        )
    else:
        article = "" if rule is None else rule.cites
        why = "the text does not say how long, and is taken to free nobody"
    return Kept(article=article, says=f"keep what was given protected: {why}")


def counted(zone: Zone, since: Instant, length: c.Length) -> tuple[Instant, ...]:
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
