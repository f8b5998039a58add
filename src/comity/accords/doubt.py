"""In how many ways may what is uncertain have turned out?

Each uncertain instrument is tried at both ends of its interval, and at every instant in
between at which something else happens or from which a length of the text reaches the
instant asked about; each day that does not exist is rounded down and up. `Clock` compares
what the ways come to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product
from math import prod
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord, read_amendment
from comity.accords.fold import Fold
from comity.accords.instruments import Instrument, Op, Stage
from comity.accords.operations import triggers_of
from comity.accords.state import DUE, State, Timeline, moment_span
from comity.accords.table import ON_NOTICE, RECORDED, Status
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant, Period, Rounding, Span, add
from comity.errors import InvalidInput

WAYS_MAX = 1_024
"""How many ways in which uncertain times may turn out are folded (ten that know the day and
cross nothing make as many). With more the standing is unsettled, and `comity check`
asks for better times. Acts that change no standing do not count."""


KNOWN_MAX = 256
"""How many instants a way remembers: a decision and its outlook ask for some dozens."""


class TooUncertain(InvalidInput):
    """So many times are uncertain that what follows from them cannot be told."""


def _amended(amendments: Mapping[str, bytes] | None) -> Iterator[c.Clause]:
    """Yield the clauses of every amendment: one of them may come to hold."""
    for raw in (amendments or {}).values():
        amendment, _ = read_amendment(raw)
        if amendment is not None:
            yield from amendment.clauses


class _Ahead:
    """What the clock alone makes of one state, step by step, each step taken once."""

    def __init__(self, fold: Fold, state: State) -> None:
        self._reached = [state]
        self._coming = fold.steps(state, FAR_FUTURE)
        self._next = next(self._coming, None)

    def by(self, instant: Instant) -> Sequence[State]:
        """Return the states up to an instant, the first of them whenever it began."""
        while self._next is not None and self._next.now <= instant:
            self._reached.append(self._next)
            self._next = next(self._coming, None)
        past = bisect_right(self._reached, instant, lo=1, key=lambda state: state.now)
        return self._reached[:past]


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way in which everything in doubt turns out: a fold and its timeline.

    What it is at an instant is remembered; a decision asks for one instant many times.
    """

    fold: Fold
    timeline: Timeline
    turned: Mapping[str, Instant | None]
    """When each uncertain instrument happened; None for not at all."""
    _ahead: dict[int, _Ahead] = field(default_factory=dict, init=False, repr=False)
    _known: dict[Instant, State] = field(default_factory=dict, init=False, repr=False)

    def at(self, instant: Instant) -> State:
        """Return the state at an instant."""
        found = self._known.get(instant)
        if found is None:
            place = bisect_right(self.timeline, instant, key=lambda entry: entry[0]) - 1
            state = self._steps(place).by(instant)[-1]
            found = replace(state, now=max(state.now, instant))
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            self._known[instant] = found
        return found

    def _steps(self, place: int) -> _Ahead:
        if place not in self._ahead:
            self._ahead[place] = _Ahead(self.fold, self.timeline[place][1])
        return self._ahead[place]

    def since(self, instant: Instant, pair: frozenset[str] | None) -> Instant:
        """Return when the status that holds at an instant began."""
        now = self.at(instant)
        status = now.status(pair)
        began = Instant(0)
        previous: Status | None = None
        for moment, state in self._states(instant):
            held = state.status(pair)
            if held is not previous:
                began, previous = moment, held
        return began if previous is status else now.now

    def moments(self, instant: Instant) -> Iterator[Instant]:
        """Yield every instant by then at which an instrument or the clock changed a standing.

        What only records makes no other standing.
        """
        seen: tuple[object, ...] = ()
        for moment, state in self._states(instant):
            paused = tuple(pause for pause in state.pauses if pause.on(state.now))
            made = (
                (state.members, state.accord, state.versions, state.entered),
                (paused, state.reservations, state.opposed),
            )
            if made != seen:
                yield moment
            seen = made

    def recorded(self) -> Iterator[Instant]:
        """Yield every instant at which something is on record, or the clock takes a step."""
        return (moment for moment, _ in self._states(FAR_FUTURE))

    def _states(self, instant: Instant) -> Iterator[tuple[Instant, State]]:
        past = bisect_right(self.timeline, instant, key=lambda entry: entry[0])
        yield from self.timeline[:past]
        if past:
            yield from ((s.now, s) for s in self._steps(past - 1).by(instant)[1:])


class Turnings:
    """Folds the instruments of one accord once for every way in which doubt may turn out.

    Args:
        accord: as read.
        amendments: bytes of amendments, by id.
    """

    def __init__(self, accord: Accord, amendments: Mapping[str, bytes] | None) -> None:
        self.accord = accord
        self._amendments = amendments
        clauses = [*accord.clauses, *_amended(amendments)]
        self._triggers = {t for clause in clauses for t in triggers_of(clause)}
        self._rules = [x for x in clauses if isinstance(x, (c.Exit, c.Suspension))]
        asked = {op for rule in self._rules for op in rule.requires}
        counted = {trigger.op for trigger in self._triggers}
        self._harmless = RECORDED - asked - counted - {Op.CONFIRM}

    def ways(
        self,
        known: Sequence[Instrument],
        answers: Mapping[str, str],
        side: str | None,
        at: Instant,
    ) -> tuple[Way, ...]:
        """Return every way in which known instruments may have turned out by an instant.

        Raises:
            TooUncertain: there are more than `WAYS_MAX`.
        """
        found = tuple(self._fold_all(known, answers, side, at))
        if not found:
            raise TooUncertain(
                f"the times of `{self.accord.id}` are not known well enough: they may turn"
                f" out in more than {WAYS_MAX:,} ways",
                hint="record some of them as instants; until then nothing is settled",
                code="too-uncertain",
            )
        return found

    def wide(self, known: Sequence[Instrument], side: str | None) -> bool:
        """Say whether an uncertain interval is longer than a day.

        Then what comes between its ends depends on the instant asked about.
        """
        spans = [(i, self._spans(i, side)) for i in known]
        return any(self._doubtful(i, span) and _is_wide(span) for i, span in spans)

    def blurred(
        self, known: Sequence[Instrument], side: str | None
    ) -> Iterator[tuple[Instant, Instant]]:
        """Yield the stretches in which an answer hangs on the very instant asked about.

        Inside an uncertain interval longer than a day, and where a length of the text
        reaches back into one; a week more on both sides.
        """
        for instrument in known:
            spans = self._spans(instrument, side)
            if not (self._doubtful(instrument, spans) and _is_wide(spans)):
                continue
            first, last = spans.widest.start, spans.widest.before
            yield first, last
            for period in self._reaches():
                zone, far = self.accord.zone, last >= FAR_FUTURE
                begin = first  # of what may have been at any time
                if first > FAR_PAST:
                    day = add(zone.day_of(first), period, Rounding.DOWN) - _WEEK
                    begin = zone.start_of(day)
                end = FAR_FUTURE
                if not far:
                    day = add(zone.day_of(last), period, Rounding.UP) + _WEEK
                    end = zone.start_of(day)
                yield begin, end

    def _fold_all(
        self,
        known: Sequence[Instrument],
        answers: Mapping[str, str],
        side: str | None,
        at: Instant,
    ) -> Iterator[Way]:
        spans = [self._spans(instrument, side) for instrument in known]
        doubtful = [
            place
            for place, (span, instrument) in enumerate(zip(spans, known, strict=True))
            if self._doubtful(instrument, span)
        ]
        wide = any(_is_wide(spans[place]) for place in doubtful)
        cuts = self._inside(spans, known, doubtful, answers, side)
        cuts += self._reaching(at) if wide else ()
        points = [
            _points(spans[place].widest, cuts, formless=self._formless(known[place]))
            for place in doubtful
        ]
        if prod(len(each) for each in points) > WAYS_MAX:
            return
        for picks in product(*points):
            chosen = dict(zip(doubtful, picks, strict=True))
            times = [
                chosen.get(place, span.widest.start) for place, span in enumerate(spans)
            ]
            dated = _dated(known, spans, side, times)
            turned = {known[place].id: when for place, when in chosen.items()}
            yield from self._each_rounding(dated, answers, turned)

    def _each_rounding(
        self,
        dated: Sequence[_Dated],
        answers: Mapping[str, str],
        turned: Mapping[str, Instant | None],
    ) -> Iterator[Way]:
        for rounding in Rounding:
            fold = Fold(
                self.accord,
                readings=answers,
                rounding=rounding,
                amendments=self._amendments,
            )
            timeline = fold.history(dated)
            last = timeline[-1][1]
            _ = fold.rules.period(last, last.now)  # notices a count that needs rounding
            yield Way(fold, timeline, turned)
            if not fold.rules.rounded:
                return

    def _inside(
        self,
        spans: Sequence[_Spans],
        known: Sequence[Instrument],
        doubtful: Sequence[int],
        answers: Mapping[str, str],
        side: str | None,
    ) -> list[Instant]:
        """Return the instants at which something happens inside an uncertain interval.

        An act between the two ends of its interval may do what it does at neither: between
        a suspension and its end, before and after a last day for notice.
        """
        wide = [spans[p].widest for p in doubtful if spans[p].widest.before < FAR_FUTURE]
        if not wide:
            return []
        low, high = min(s.start for s in wide), max(s.last for s in wide)
        found = {s.deciding.start for s in spans} | {s.deciding.before for s in spans}
        for late in (False, True):
            times = [span.widest.last if late else span.widest.start for span in spans]
            dated = _dated(known, spans, side, times)
            for way in self._each_rounding(dated, answers, {}):
                found.update(moment for moment, _ in way.timeline)
                for moment, state in way.timeline:
                    if moment <= high:
                        found.update(_dates_ahead(way.fold, state, low, high))
        return sorted(i for i in found if low < i <= high)

    def _spans(self, instrument: Instrument, side: str | None) -> _Spans:
        done = {operation.do for operation in instrument.operations}
        deciding = moment_span(instrument, side)
        used = {t.stage for t in self._triggers if t.op in done and t.stage is not None}
        spans = [deciding, *(instrument.span(stage, side) for stage in sorted(used))]
        known = [span for span in spans if span is not None]
        vague = [span for span in known if not span.exact] or [deciding]
        whole = Span(min(s.start for s in vague), max(s.before for s in vague))
        return _Spans(deciding, whole)

    def _doubtful(self, instrument: Instrument, spans: _Spans) -> bool:
        """Say whether an instrument may turn out in more than one way that matters.

        What only records does not, unless a rule asks for it; of the others the deciding
        time counts, and every time that a clause counts from.
        """
        done = {operation.do for operation in instrument.operations}
        if done <= self._harmless:
            return False
        return not spans.widest.exact or self._formless(instrument)

    def _formless(self, instrument: Instrument) -> bool:
        """Say whether nobody recorded a form or channel that the text asks for."""
        asked = any(
            (rule.form is not None and instrument.form is None)
            or (rule.channel is not None and instrument.channel is None)
            for rule in self._rules
        )
        return asked and any(op.do in _FORMAL for op in instrument.operations)

    def _reaching(self, at: Instant) -> Iterator[Instant]:
        """Yield the instants from which a length of the text reaches the instant asked about.

        A suspension that lasts thirty days, made at some time of a year, may be on.
        """
        yield at
        zone, today = self.accord.zone, self.accord.zone.day_of(at)
        for period in self._reaches():
            try:
                back = add(today, Period("", -period.months, -period.days), Rounding.DOWN)
                # counting and rounding move it by a day or two
                days = [back + timedelta(days=step) for step in range(-2, 3)]
                starts = [zone.start_of(day) for day in days]
            except (InvalidInput, OverflowError):
                continue  # before the calendar nothing was done that could reach it
            yield from starts

    def _reaches(self) -> tuple[Period, ...]:
        """Return each length of the text, and any two of them one after the other."""
        lengths = [length.for_ for rule in self._rules for length in _lengths(rule)]
        both = [
            Period("", a.months + b.months, a.days + b.days)
            for a in lengths
            for b in lengths
        ]
        return (*lengths, *both)


def _lengths(rule: c.Exit | c.Suspension) -> Iterator[c.Length]:
    named = (rule.length, rule.at_most if isinstance(rule, c.Suspension) else None)
    yield from (length for length in named if length is not None)


def _is_wide(spans: _Spans) -> bool:
    return spans.widest.before - spans.widest.start > _A_DAY


_A_DAY = 25 * 3_600  # the longest that a zone's clocks make of one


_FORMAL = frozenset({Op.GIVE_NOTICE, Op.SUSPEND, *ON_NOTICE})


_Dated: TypeAlias = tuple[Instant, Instrument, dict[Stage, Instant]]


def _points(span: Span, cuts: Sequence[Instant], *, formless: bool) -> list[Instant | None]:
    """Return when an uncertain instrument may have happened, as far as it matters.

    Its ends, and the second before, at and after each cut between them; not at all where
    nobody recorded its deciding time, or its form is not known to be the due one.
    """
    open_ended = span.before >= FAR_FUTURE
    found = {span.start} if open_ended else {span.start, span.last}
    for cut in cuts:
        if span.start < cut < span.last:
            found.update(Instant(cut + step) for step in (-1, 0, 1))
    kept: list[Instant | None] = [*sorted(found)]
    if open_ended or formless:
        kept.append(None)
    return kept


def _dated(
    known: Sequence[Instrument],
    spans: Sequence[_Spans],
    side: str | None,
    times: Sequence[Instant | None],
) -> list[_Dated]:
    """Return the instruments with these times, without those that then never happen."""
    made = (
        _resolved(instrument, span, side, when)
        for instrument, span, when in zip(known, spans, times, strict=True)
    )
    return [dated for dated in made if dated is not None]


def _resolved(
    instrument: Instrument, spans: _Spans, side: str | None, when: Instant | None
) -> _Dated | None:
    """Return an instrument as it turns out, its times as near to ``when`` as may be.

    A form that nobody recorded is then the due one; where it is not, the instrument has not
    happened.
    """
    if when is None:
        return None

    def at(span: Span) -> Instant:
        return Instant(min(max(when, span.start), span.last))

    times = {
        stage: at(span)
        for stage in Stage
        if (span := instrument.span(stage, side)) is not None and span.before < FAR_FUTURE
    }
    form, channel = instrument.form or DUE, instrument.channel or DUE
    return at(spans.deciding), replace(instrument, form=form, channel=channel), times


@dataclass(frozen=True, slots=True)
class _Spans:
    """When an instrument takes place, and the stretch in which its times that matter lie."""

    deciding: Span
    widest: Span


def _dates_ahead(
    fold: Fold, state: State, low: Instant, high: Instant
) -> Iterator[Instant]:
    """Yield the period ends and the instants after the last days for notice in a stretch."""
    zone = state.accord.zone
    running = fold.rules.period(state, max(low, state.now))
    index = 1 if running is None else running[0]
    while True:
        out = fold.rules.boundary(state, index)
        if out is None or zone.start_of(out) > high + _TWO_YEARS:
            return
        yield zone.start_of(out)
        for rule in state.accord.all(c.Exit):
            last = fold.rules.last_day(state.accord, rule, out)
            if last is not None:
                yield zone.start_of(last + timedelta(days=1))
        index += 1


_WEEK = timedelta(days=7)
_TWO_YEARS = 2 * 366 * 86_400
