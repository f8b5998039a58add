"""An accord's standings, acts, notices and flows over time, drawn as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from comity.accords.clock import Clock
from comity.accords.state import moment_span
from comity.accords.table import Status
from comity.accords.times import Instant, Zone, say_day
from comity.talks import Measure

WIDTH, LEFT, RIGHT = 1040, 195, 20
LANE, GAP = 22, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One item's release at its instant, by the way it would go."""

    at: Instant
    way: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said or undertaken beside the accord, from an instant on."""

    at: Instant
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of a lane; ``word`` stands in it where there is room."""

    x: float
    width: float
    kind: str
    word: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An act, or a flow, at a place in a lane."""

    x: float
    y: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row of the drawing."""

    name: str
    y: float
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A year on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What the template draws."""

    title: str
    left: int
    width: int
    height: float
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]


def cuts(clock: Clock, start: Instant, before: Instant) -> list[Instant]:
    """Return the instants in a stretch at which a standing may change, and its start."""
    found = {start}
    for instrument in clock.instruments:
        span = moment_span(instrument)
        found.update((span.start, span.before))
    found.update(reading.since for reading in clock.readings)
    for at in sorted(i for i in found if start <= i < before):
        following = clock.standing(at).before
        while following is not None and following < before and following not in found:
            found.add(following)
            following = clock.standing(following).before
    return sorted(i for i in found if start <= i < before)


def timeline(
    clock: Clock,
    start: Instant,
    before: Instant,
    flows: Sequence[Flow],
    title: str,
    *,
    said: Sequence[Said] = (),
    measures: Sequence[Measure] = (),
) -> Timeline:
    """Return the drawing of a stretch of an accord's life.

    The first lane is the standing, then each notice, the readings where they are in
    dispute, the acts, and a lane for each way that flows went. Below them stand what was
    said, and a lane for each measure with its states.
    """
    draw = _Drawing(clock, start, before)
    lanes = list(draw.lanes(flows))
    lanes += draw.beside(lanes[-1].y, said, measures)
    return Timeline(
        title=title,
        left=LEFT,
        width=WIDTH,
        height=lanes[-1].y + LANE + 34,
        lanes=tuple(lanes),
        ticks=tuple(draw.ticks()),
    )


class _Drawing:
    def __init__(self, clock: Clock, start: Instant, before: Instant) -> None:
        self._clock = clock
        self._start, self._before = start, before
        self._zone: Zone = clock.accord.zone
        self._edges = [*cuts(clock, start, before), before]

    def _x(self, at: Instant) -> float:
        share = (at - self._start) / (self._before - self._start)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def _bar(self, start: Instant, before: Instant, kind: str, title: str) -> Bar:
        x = self._x(start)
        return Bar(
            x=x,
            width=max(1.5, round(self._x(before) - x, 1)),
            kind=kind,
            word=title,
            title=f"{title}, from {self._zone.say(start)} to {self._zone.say(before)}",
        )

    def ticks(self) -> Iterator[Tick]:
        first = self._zone.day_of(self._start).year
        last = self._zone.day_of(self._before).year
        step = 1 if last - first <= 14 else 5
        for year in range(first, last + 1):
            at = self._zone.start_of(date(year, 1, 1))
            if self._start <= at < self._before and year % step == 0:
                yield Tick(x=self._x(at), label=str(year))

    def lanes(self, flows: Sequence[Flow]) -> Iterator[Lane]:
        y = 10.0
        pairs = list(zip(self._edges, self._edges[1:], strict=False))
        seen = [(a, b, self._clock.standing(a)) for a, b in pairs]
        statuses = [(a, b, str(s.status)) for a, b, s in seen]
        yield Lane(name="standing", y=y, bars=tuple(self._joined(statuses)), marks=())
        names = dict.fromkeys(n.id for _, _, s in seen for n in s.notices)
        for name in names:
            y += LANE + GAP
            states = [
                (a, b, next((str(n.state) for n in s.notices if n.id == name), ""))
                for a, b, s in seen
            ]
            bars = tuple(self._joined(states))
            yield Lane(name=f"notice {name}", y=y, bars=bars, marks=())
        if any(s.disputed for _, _, s in seen):
            y += LANE + GAP
            disputed = [(a, b, "disputed" if s.disputed else "") for a, b, s in seen]
            yield Lane(name="disputed", y=y, bars=tuple(self._joined(disputed)), marks=())
        y += LANE + GAP
        yield Lane(name="acts", y=y, bars=(), marks=tuple(self._acts(y)))
        seen_flows = [f for f in flows if self._start <= f.at < self._before]
        for way in dict.fromkeys(flow.way for flow in seen_flows):
            y += LANE + GAP
            marks = tuple(
                Mark(x=self._x(f.at), y=y + LANE / 2, kind="flow", title=f.title)
                for f in seen_flows
                if f.way == way
            )
            yield Lane(name=way, y=y, bars=(), marks=marks)

    def beside(
        self, y: float, said: Sequence[Said], measures: Sequence[Measure]
    ) -> Iterator[Lane]:
        """Yield the lanes below a place for what was said, and for each measure."""
        marks = [
            (self._x(one.at), one.title)
            for one in said
            if self._start <= one.at < self._before
        ]
        if marks:
            y += LANE + GAP
            drawn = (
                Mark(x=x, y=y + LANE / 2, kind="said", title=title) for x, title in marks
            )
            yield Lane(name="said", y=y, bars=(), marks=tuple(drawn))
        for measure in measures:
            edges = [max(self._start, state.since) for state in measure.states]
            ends = [min(edge, self._before) for edge in (*edges[1:], self._before)]
            bars = tuple(
                self._bar(since, end, "measure", state.is_)
                for state, since, end in zip(measure.states, edges, ends, strict=True)
                if since < end
            )
            if bars:
                y += LANE + GAP
                yield Lane(name=measure.id, y=y, bars=bars, marks=())

    def _joined(self, parts: list[tuple[Instant, Instant, str]]) -> Iterator[Bar]:
        """Join neighbouring stretches of one kind; the empty kind is not drawn."""
        start: Instant | None = None
        kind = ""
        for begins, before, word in [*parts, (self._before, self._before, "")]:
            if word != kind:
                if start is not None and kind not in ("", Status.NOT_YET):
                    yield self._bar(start, begins, kind, kind.replace("_", " "))
                start, kind = begins, word
            _ = before

    def _acts(self, y: float) -> Iterator[Mark]:
        for instrument in self._clock.instruments:
            span = moment_span(instrument)
            if self._start <= span.start < self._before and not instrument.supposed:
                when = say_day(self._zone.day_of(span.start))
                yield Mark(
                    x=self._x(span.start),
                    y=y + LANE / 2,
                    kind="act",
                    title=f"{when}: {instrument.title or instrument.id}",
                )
