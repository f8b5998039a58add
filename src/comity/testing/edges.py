"""Where anything of a world may change: every cut of its clocks, and every date written in it.

More instants are found than change an answer. The day on which a suspended notice was to
take effect changes nothing, and is where an engine that forgot the suspension shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from comity.accords.accord import Accord
from comity.accords.doubt import TooUncertain, Way
from comity.accords.instruments import Instrument
from comity.accords.links import HORIZON
from comity.accords.operations import day_after, first_of
from comity.accords.table import RELEASING
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant, Zone
from comity.labels import Group, Item, Policy
from comity.release.world import Authority, Hold, World


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """An instant at which something may change, and what, in words."""

    at: Instant
    what: str


class Edges:
    """The edges of a world; those of an accord are looked for when it is first asked for.

    So a world of ten thousand accords costs nothing until its accords are asked about.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._of: dict[str, tuple[Edge, ...]] = {}
        self._clocks: dict[str, tuple[Edge, ...]] = {}
        self._open: dict[tuple[str, str, str], tuple[tuple[Instant, Instant], ...]] = {}

    def of(self, accord: str) -> tuple[Edge, ...]:
        """Return the edges of one accord, in order: clock, text, acts, consents, readings."""
        if accord not in self._of:
            found = [
                *self.clock(accord),
                *self._words(self._world.accord(accord)),
                *self._acts(self._world.accord(accord)),
                *self._approvals(accord),
                *self._readings(accord),
            ]
            self._of[accord] = _in_order(found)
        return self._of[accord]

    def clock(self, accord: str) -> tuple[Edge, ...]:
        """Return the instants at which an accord's clock does something, under any view."""
        if accord not in self._clocks:
            what = f"the clock of `{accord}`"
            self._clocks[accord] = _in_order(Edge(i, what) for i in self._ticks(accord))
        return self._clocks[accord]

    def open(
        self, accord: str, pair: tuple[str, str]
    ) -> tuple[tuple[Instant, Instant], ...]:
        """Return from when until before when an accord lets things go between two, by its clock.

        None where its times are too uncertain, or where it never does.
        """
        key = (accord, *pair)
        if key not in self._open:
            cuts = sorted({edge.at for edge in self.clock(accord)})
            found: list[tuple[Instant, Instant]] = []
            for since, before in pairwise((*cuts, FAR_FUTURE)):
                if not self._lets(accord, pair, since):
                    continue
                if found and found[-1][1] == since:
                    since = found.pop()[0]  # noqa: PLW2901  one span with the one before
                found.append((since, before))
            self._open[key] = tuple(found)
        return self._open[key]

    @cached_property
    def beside(self) -> tuple[Edge, ...]:
        """The edges of what stands beside the accords: holds, authorities, groups, labels."""
        world = self._world
        return _in_order(
            [
                *(edge for hold in world.holds for edge in lasting("hold", hold)),
                *(edge for one in world.authorities for edge in lasting("authority", one)),
                *(edge for group in world.groups.values() for edge in grouped(group)),
                *(edge for item in world.items.values() for edge in labelled(item)),
                *(edge for policy in world.policies.values() for edge in _obsolete(policy)),
            ]
        )

    def near(self, at: Instant, accords: Iterable[str]) -> Iterator[str]:
        """Say in words which edges of some accords, or beside them, an instant is at or next to."""
        step = {-1: "a second before", 0: "at", 1: "a second after"}
        edges = [*self.beside, *(edge for name in accords for edge in self.of(name))]
        for edge in edges:
            if at - edge.at in step:
                yield f"{step[at - edge.at]} {edge.what}"

    def _lets(self, accord: str, pair: tuple[str, str], at: Instant) -> bool:
        clock = self._world.clock(accord)
        try:
            return all(
                clock.between(at, pair, party=side).status in RELEASING for side in pair
            )
        except TooUncertain:
            return False

    def _ticks(self, accord: str) -> Iterator[Instant]:
        """Yield when the clock does something, to anyone: ways, notices, pauses, periods."""
        clock = self._world.clock(accord)
        sides = {reading.party for reading in clock.readings}
        sides |= {side for act in clock.instruments for _, side in act.times if side}
        for side in (None, *sorted(sides)):
            view = clock.view(HORIZON, None, side)
            yield from view.cuts_until(HORIZON)
            for way in view.ways:
                yield from _of_way(way)

    def _words(self, accord: Accord) -> Iterator[Edge]:
        """Yield the days written in the rules, of the text and of each version of it."""
        view = self._world.clock(accord.id).view(HORIZON, None, None)
        versions = {accord.digest: accord}
        for way in view.ways:
            for _, state in way.timeline:
                for text in (state.accord, *(text for _, text in state.versions)):
                    versions["+".join((text.digest, *text.amended_by))] = text
        for version in versions.values():
            for clause in version.clauses:
                for day in _days(clause):
                    what = f"a day written in {clause.cites} of `{accord.id}`"
                    yield from _of_day(day, accord.zone, what)

    def _acts(self, accord: Accord) -> Iterator[Edge]:
        for act in self._world.of(accord.id):
            for instant in written(act, accord):
                yield Edge(instant, f"the act `{act.id}`")

    def _approvals(self, accord: str) -> Iterator[Edge]:
        found = self._world.approvals(accord)
        for given in found.consents:
            for instant in (given.given, given.since, given.before, given.revoked):
                if instant is not None:
                    yield Edge(instant, f"the consent `{given.id}`")
        for refusal in found.refusals:
            for instant in (refusal.since, refusal.last):
                yield Edge(instant, f"the refusal `{refusal.id}`")

    def _readings(self, accord: str) -> Iterator[Edge]:
        for reading in self._world.clock(accord).readings:
            what = f"the reading of {reading.open_point} by `{reading.party}`"
            for instant in (reading.since, reading.known):
                if instant is not None:
                    yield Edge(instant, what)


def lasting(what: str, one: Hold | Authority) -> Iterator[Edge]:
    """Yield when a hold or an authority begins and ends."""
    for instant in (one.since, one.before):
        if instant is not None:
            yield Edge(instant, f"the {what} `{one.id}`")


def grouped(group: Group, party: str | None = None) -> tuple[Edge, ...]:
    """Return when a listed member of a group comes, goes, or may have been put out."""
    return _in_order(
        Edge(Instant(instant), f"a day of `{member.party}` in the group `{group.id}`")
        for member in group.members
        if party in (None, member.party)
        for instant in (member.since, member.before, member.last)
        if instant is not None
    )


def labelled(item: Item) -> Iterator[Edge]:
    """Yield the dates of an item and its label."""
    label = item.label
    dates = [("was made", item.made), ("has its review", label.review)]
    if label.successor is not None:
        after = label.successor
        dates += [("is marked anew", at) for at in (after.at, after.earliest)]
    for what, instant in dates:
        if instant is not None:
            yield Edge(Instant(instant), f"where `{item.id}` {what}")


def _obsolete(policy: Policy) -> Iterator[Edge]:
    """Yield from when a policy no longer has a level or a tag."""
    ends = [(rung.name, rung.obsolete) for rung in policy.rungs.values()]
    for tag_set in policy.tag_sets.values():
        ends += [(tag.name, tag.obsolete) for tag in tag_set.tags.values()]
    for name, obsolete in ends:
        if obsolete is not None:
            yield Edge(
                Instant(obsolete), f"the end of `{name}` in the policy `{policy.id}`"
            )


def _of_way(way: Way) -> Iterator[Instant]:
    """Yield when notices bite, pauses begin and end, and periods begin, suspended or not."""
    for moment, state in (*way.timeline, (HORIZON, way.at(HORIZON))):
        for notice in state.notices:
            yield from (notice.given, notice.bites)
            yield from (i for i in (notice.suspended, notice.resumes) if i is not None)
        for pause in state.pauses:
            yield pause.since
            yield from () if pause.before is None else (pause.before,)
        period = way.fold.rules.period(state, moment) if moment < HORIZON else None
        for day in period[1:] if period is not None else ():
            yield state.accord.zone.start_of(day)


def written(act: Instrument, accord: Accord) -> Iterator[Instant]:
    """Yield the times of an act, and the first and the last day that it says."""
    for span in act.times.values():
        yield from (span.start, span.last)
    for operation in act.operations:
        for day in (operation.since, operation.on):
            if day is not None:
                yield first_of(accord, day)
        if operation.until is not None:
            yield day_after(accord, operation.until)


def _days(value: object) -> Iterator[date]:
    """Yield each day in a rule, however deep."""
    if isinstance(value, date):
        yield value
    elif is_dataclass(value):
        for spec in fields(value):
            yield from _days(getattr(value, spec.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from _days(part)


def _of_day(day: date, zone: Zone, what: str) -> Iterator[Edge]:
    """Yield both ends of a day: whether it is the last one in or the first one out differs."""
    yield Edge(zone.start_of(day), what)
    yield Edge(zone.start_of(day + timedelta(days=1)), what)


def _in_order(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Return edges in order, each once, without the ends of time."""
    return tuple(sorted({edge for edge in edges if FAR_PAST < edge.at < FAR_FUTURE}))
