"""What a record has entries of: a closed list, and the facts of each as they are written.

An entry is strict JSON of the form that a node's logs have (`comity-entry/1`). The words of
a decision stand in it as they were said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from comity.accords.instruments import Instrument
from comity.accords.times import Instant
from comity.exchange.custody import HOUSE, entry
from comity.release import Decision, Denial, Hold, Permit, Request, World, explain
from comity.release.world import Authority
from comity.signed import text
from comity.wire.terms import instrument_digest

_FIRST, _LAST = -11_676_096_000, 13_569_465_600  # the years 1600 and 2400, as `time_text`


class Event(StrEnum):
    """What happened; each has a row in ``docs/formats/record.md``."""

    DECIDED = "decided"
    REFUSED = "refused"
    BEGAN = "began"
    ENDED = "ended"
    ACT = "act"
    HOLD = "hold"
    AUTHORITY = "authority"
    GONE = "gone"


class Outcome(StrEnum):
    """How a release ended."""

    WENT = "went"
    FAILED = "failed"
    CHANGED = "changed"
    INTERRUPTED = "interrupted"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry to be written.

    Attributes:
        accord: in whose log it stands; empty for the house log.
    """

    event: Event
    facts: Mapping[str, Any]
    accord: str = HOUSE

    def raw(self, at: Instant) -> bytes:
        """Return its bytes, for the instant at which it is written."""
        return entry(str(self.event), at, **self.facts)


def decided(request: Request, decision: Decision, world: World) -> dict[str, Any]:
    """Return the facts of a decision, its words with them."""
    facts = asked(request) | {
        "accord": decision.accord,
        "articles": list(decision.articles),
        "request": decision.request,
        "words": explain(request, decision, world),
    }
    match decision:
        case Permit():
            return facts | {
                "decision": "permit",
                "authority": decision.authority,
                "version": decision.version or None,
                "good_before": time_said(decision.good_before),
            }
        case Denial():
            return facts | {"decision": "denial", "reason": str(decision.reason)}


def asked(request: Request) -> dict[str, Any]:
    """Return the facts of what was asked."""
    item = request.item
    return {
        "item": item.id,
        "label": str(item.label.level),
        "categories": list(item.label.categories),
        "from": request.sender,
        "to": request.recipient,
        "purpose": request.for_purpose,
        "channel": request.by_channel,
        "under": request.under,
    }


def on_record(world: World) -> Iterator[tuple[str, Entry]]:
    """Yield every act, hold and authority of a world, each with a key of its very facts."""
    for act in world.instruments:
        yield _keyed(Event.ACT, _act(act), act.accord)
    for hold in world.holds:
        yield _keyed(Event.HOLD, _plain(hold))
    for authority in world.authorities:
        yield _keyed(Event.AUTHORITY, _plain(authority))


def _keyed(event: Event, facts: dict[str, Any], accord: str = HOUSE) -> tuple[str, Entry]:
    key = f"{event} {facts['id']} {text.digest_of(text.write(facts))}"
    return key, Entry(event=event, facts=facts, accord=accord)


def _act(act: Instrument) -> dict[str, Any]:
    return {
        "id": act.id,
        "accord": act.accord,
        "by": list(act.by),
        "does": [str(operation.do) for operation in act.operations],
        "title": act.title,
        "digest": instrument_digest(act),
    }


def _plain(value: Hold | Authority) -> dict[str, Any]:
    """Return the facts of a hold or an authority; instants as times, where they have one."""
    return {f.name: _said(f.name, getattr(value, f.name)) for f in fields(value)}


def _said(name: str, value: object) -> object:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    if name in ("since", "before") and isinstance(value, int):
        return time_said(value)
    return value


def time_said(at: int) -> str | None:
    """Return an instant as entries have it; None for one that lies beyond all dates."""
    return text.time_text(at) if _FIRST <= at < _LAST else None
