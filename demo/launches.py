"""The launches of the table as items, and the way each would go.

The table has no label, purpose or channel: they are an assumption, printed with every
result and changed by the demonstration's flags. A party is an originator only where the
record names it as the source; all others are counted as *originator not recorded*.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from comity.accords import Instant, Span, Zone
from comity.accords.times import UTC_ZONE, parse_day
from comity.compiled import Index
from comity.compiled.flow import Flow, Under
from comity.compiled.many import decided
from comity.labels import Item, Label, Level
from comity.release import World, routes


class Way(StrEnum):
    """How an item would get there."""

    DIRECT = "directly"
    BY_WASHINGTON = "by Washington, with approval"
    NO_WAY = "by no way"
    NOT_SETTLED = "not settled"
    """Only the day is known, and the answer differs within it."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """What the table does not say and the demonstration assumes."""

    levels: dict[str, Level]
    purpose: str
    channel: str = "government-to-government"

    def says(self) -> str:
        """Return it in one line."""
        levels = ", ".join(str(level) for level in self.levels.values())
        return f"level {levels}; purpose {self.purpose}; channel {self.channel}"


@dataclass(frozen=True, slots=True)
class Launch:
    """One row of the table: when, as far as is recorded, and who told of it."""

    id: str
    when: Span
    missile: str
    originators: tuple[str, ...]

    def item(self, originator: str, assumed: Assumption) -> Item:
        """Return what one originator holds of it."""
        others = tuple(p for p in ("jp", "kr", "us") if p != originator)
        return Item(
            id=self.id,
            title=f"launch of {self.missile}",
            originators=(originator,),
            label=Label(
                level=assumed.levels[originator],
                categories=("nk-missile",),
                release_to=others,
            ),
            kind="electronic",
            purpose=assumed.purpose,
            channel=assumed.channel,
        )


def read_launches(path: Path) -> tuple[Launch, ...]:
    """Read the table; a row without a time happened at some instant of its day or month."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_launch(row) for row in csv.DictReader(file))


def _launch(row: dict[str, str]) -> Launch:
    day, clock = row["date_utc"], row["time_utc"]
    if clock:
        when = Span.parse(f"{day}T{clock}:00Z", UTC_ZONE)
    elif len(day) == len("1984-09"):
        first = parse_day(f"{day}-01")
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        when = Span(UTC_ZONE.start_of(first), UTC_ZONE.start_of(after))
    else:
        when = Span.parse(day, UTC_ZONE)
    return Launch(
        id=row["id"],
        when=when,
        missile=row["missile"],
        originators=tuple(row["originators"].split()),
    )


def the_ways(
    launches: Iterable[Launch], index: Index, assumed: Assumption
) -> Iterator[tuple[Launch, dict[str, Way]]]:
    """Yield each launch with how each originator's information on it would get to the other.

    Where the instant is not recorded, both ends of the time in which it happened are asked.
    """
    every = tuple(launches)
    flows = [
        [
            (party, _flows(launch.item(party, assumed), launch))
            for party in launch.originators
        ]
        for launch in every
    ]
    said = iter(decided(index, [f for one in flows for _, some in one for f in some]))
    for launch, one in zip(every, flows, strict=True):
        found = {
            party: {_way(flow, next(said), index) for flow in some} for party, some in one
        }
        yield (
            launch,
            {p: w.pop() if len(w) == 1 else Way.NOT_SETTLED for p, w in found.items()},
        )


def _flows(item: Item, launch: Launch) -> list[Flow]:
    (sender,) = item.originators
    recipient = {"jp": "kr", "kr": "jp"}[sender]
    instants = dict.fromkeys((launch.when.start, launch.when.last))
    return [Flow(item, sender, recipient, at) for at in instants]


def _way(flow: Flow, under: Under, index: Index) -> Way:
    if under.permitted:
        return Way.DIRECT
    ways = routes(flow.request(), index.world, closes=index.closes)
    return Way.BY_WASHINGTON if ways else Way.NO_WAY


@dataclass(slots=True)
class Tally:
    """The launches of one period, and how what each originator held would have gone."""

    name: str
    start: Instant
    before: Instant
    launches: int = 0
    not_recorded: int = 0
    ways: Counter[tuple[str, Way]] = field(default_factory=Counter)

    def cell(self, sender: str) -> str:
        """Return the counts of one direction, in words."""
        parts = [f"{self.ways[sender, way]} {way}" for way in Way if self.ways[sender, way]]
        return ", ".join(parts) or "–"


def tally(
    launches: tuple[Launch, ...], world: World, assumed: Assumption, tallies: list[Tally]
) -> Iterator[tuple[Launch, dict[str, Way]]]:
    """Count launch by launch, and yield each with the ways it went."""
    for launch, found in the_ways(launches, Index(world), assumed):
        period = next(t for t in tallies if t.start <= launch.when.start < t.before)
        period.launches += 1
        period.not_recorded += not launch.originators
        period.ways.update(found.items())
        yield launch, found


def say_when(launch: Launch, zone: Zone) -> str:
    """Return when a launch was, in a zone."""
    return launch.when.say(zone if launch.when.exact else UTC_ZONE)
