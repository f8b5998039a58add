"""Deadlines as iCalendar (RFC 5545), for the calendar a person already has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from icalendar import Calendar, Event

from comity.accords.deadlines import LAST_DAYS, Deadline
from comity.accords.times import Instant
from comity.release import World

NOBODY: Mapping[str, str] = MappingProxyType({})


def calendar(
    found: tuple[Deadline, ...],
    world: World,
    at: Instant,
    owners: Mapping[str, str] = NOBODY,
) -> str:
    """Return the deadlines as one calendar, with who looks after each accord as its contact.

    A last day for notice, and that of a review, is an all-day event on that day, in the accord's zone; what
    happens at an instant is an event at that instant in UTC. The same deadline has the same
    UID whenever it is printed, so that a calendar replaces it.
    """
    result = Calendar()
    result.add("prodid", "-//Comity//deadlines//EN")
    result.add("version", "2.0")
    for deadline in found:
        event = Event()
        name = world.accord(deadline.accord).title if deadline.accord else world.title
        seed = f"{world.id}|{deadline.accord}|{deadline.kind}|{deadline.before}"
        seed += f"|{deadline.subject}" if deadline.subject else ""
        event.add("uid", hashlib.sha256(seed.encode()).hexdigest()[:32] + "@comity")
        event.add("dtstamp", datetime.fromtimestamp(at, UTC))
        event.add("summary", f"{deadline.kind}: {name}")
        place = f" [{deadline.article}]" if deadline.article else ""
        event.add("description", f"{deadline.what}{place}")
        if deadline.accord in owners:
            event.add("contact", owners[deadline.accord])
        if deadline.kind in LAST_DAYS:
            zone = world.accord(deadline.accord).zone
            last = zone.day_of(Instant(deadline.before - 1))
            event.add("dtstart", last)
            event.add("dtend", last + timedelta(days=1))
        else:
            event.add("dtstart", datetime.fromtimestamp(deadline.before, UTC))
        result.add_component(event)
    text: str = result.to_ical().decode()
    return text
