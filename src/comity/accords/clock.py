"""What is this accord at that instant, for whom, under whose reading, and how sure is it?

`Clock` folds an accord's instruments once for every way in which what is in doubt could
turn out: each uncertain time at its earliest and at its latest, each day that does not
exist rounded down and up. Where the ways agree the standing is theirs; where they differ
it is *unsettled*, and nothing is released on it. It folds again under each party's own
recorded readings and recorded times: where those differ the accord is *disputed*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.fold import Fold
from comity.accords.instruments import Instrument, Op, Operation, Stage
from comity.accords.state import (
    DUE,
    SUSPENDED_NOTICE,
    Effect,
    Notice,
    State,
    Timeline,
    moment_span,
)
from comity.accords.table import NoticeState, Status
from comity.accords.times import FAR_FUTURE, Instant, Rounding, Span
from comity.errors import InvalidInput

UNCERTAIN_MAX = 5
"""Up to this many uncertain instruments every combination of earliest and latest is
folded (64 with rounding); beyond it each is moved alone, with all others at one end."""


class Certainty(StrEnum):
    """How sure an answer is."""

    EXACT = "exact"
    ASSUMED = "assumed"
    """It hangs on a time that is an assumption; the instrument says which."""
    INTERVAL = "interval"
    """It lies inside the interval in which something is known to have happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A party's position on an open point.

    Attributes:
        since: when the party took it.
        known: when it became known to us; None for ``since``.
        source: where it was read; ``attributed`` says that another than the party
            reports it.
    """

    party: str
    accord: str
    open_point: str
    reading: str
    since: Instant
    known: Instant | None = None
    source: str = ""
    attributed: str = ""
    recalled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A notice as one view sees it."""

    id: str
    by: str
    state: NoticeState
    given: Instant
    bites: Instant
    article: str
    suspended: Instant | None
    instrument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyView:
    """What an accord is under one party's readings and recorded times.

    Attributes:
        recorded: whether the party has any reading or time of its own on record.
        readings: its answer to each open point, with the source.
        earliest_end: the earliest instant at which one party alone could end the accord,
            and who; None where none can.
    """

    party: str
    recorded: bool
    readings: tuple[Reading, ...]
    status: Status
    notices: tuple[NoticeView, ...]
    earliest_end: Instant | None
    earliest_end_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The standing between a pair, without what the parties say about it.

    Attributes:
        status, since, before, articles: as in `Standing`.
    """

    status: Status
    since: Instant
    before: Instant | None
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an accord is at an instant.

    Attributes:
        status: between the pair asked for, or between the parties.
        since: from when on the status is established; ``since_earliest`` differs where
            that is known to an interval only.
        before: the first instant at which it will be another, were nothing done; None
            for no date.
        period: first instant and first instant out of the running period; None where no
            period has a fixed end.
        certainty: of the status and the notices.
        disputed: whether recorded readings differ in standing, in a notice, or in the
            earliest end that one party alone could bring about.
        disagreements: what they differ in, in words.
        articles: that the status rests on.
        effects: what each operation so far did, under this view.
        doubts: the instruments whose uncertain time, or the count, leaves it unsettled.
        supposed: readings that everyone is supposed to follow, by open point.
    """

    accord: str
    title: str
    at: Instant
    status: Status
    since: Instant
    since_earliest: Instant
    before: Instant | None
    period: tuple[Instant, Instant] | None
    certainty: Certainty
    notices: tuple[NoticeView, ...]
    disputed: bool
    disagreements: tuple[str, ...]
    readings: Mapping[str, PartyView]
    parties: Mapping[str, Status]
    pairs: Mapping[tuple[str, str], Status]
    articles: tuple[str, ...]
    effects: tuple[Effect, ...]
    doubts: tuple[str, ...]
    supposed: Mapping[str, str]


def standing(
    accord: Accord,
    instruments: Iterable[Instrument],
    at: Instant,
    *,
    known_at: Instant | None = None,
    party: str | None = None,
    pair: tuple[str, str] | None = None,
    readings: Iterable[Reading] | Mapping[str, str] = (),
) -> Standing:
    """Return what an accord is at an instant.

    Args:
        accord: as read.
        instruments: of any accord; those of others are left out.
        at: the instant asked about; instruments of later instants do nothing yet.
        known_at: what we knew by then: instruments and readings learnt later are left
            out. None: everything.
        party: whose recorded readings and times to follow.
        pair: between whom.
        readings: recorded positions, or a mapping from open point to the one reading to
            follow (*suppose that it is so*).

    Raises:
        InvalidInput: a party that is none, or a reading that the text does not know.
    """
    chosen = readings if isinstance(readings, Mapping) else {}
    recorded = () if isinstance(readings, Mapping) else tuple(readings)
    clock = Clock(accord, instruments, recorded, suppose=chosen)
    return clock.standing(at, known_at=known_at, party=party, pair=pair)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way in which everything in doubt turns out: a fold and its timeline."""

    fold: Fold
    timeline: Timeline

    def at(self, instant: Instant) -> State:
        low, high = 0, len(self.timeline)
        while low < high:
            middle = (low + high) // 2
            if self.timeline[middle][0] <= instant:
                low = middle + 1
            else:
                high = middle
        return self.fold.at(self.timeline[low - 1][1], instant)

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

    def _states(self, instant: Instant) -> Iterator[tuple[Instant, State]]:
        last: State | None = None
        for moment, state in self.timeline:
            if moment > instant:
                break
            last = state
            yield moment, state
        if last is not None:
            for state in self.fold.steps(last, instant):
                yield state.now, state


class Clock:
    """The clock of one accord over its recorded instruments; answers are remembered.

    Args:
        accord: as read.
        instruments: of any accord; those of others are left out.
        readings: the parties' recorded positions.
        suppose: one reading for each of some open points, followed in place of the
            text's default.
        amendments: bytes of amendments, by id.

    Raises:
        InvalidInput: a reading that the text does not know.
    """

    def __init__(
        self,
        accord: Accord,
        instruments: Iterable[Instrument],
        readings: Iterable[Reading] = (),
        *,
        suppose: Mapping[str, str] | None = None,
        amendments: Mapping[str, bytes] | None = None,
    ) -> None:
        self.accord = accord
        self.instruments = tuple(i for i in instruments if i.accord == accord.id)
        self.readings = tuple(r for r in readings if r.accord == accord.id)
        self._suppose = dict(suppose or {})
        self._amendments = amendments
        self._ways: dict[tuple[object, ...], tuple[_Way, ...]] = {}
        self._standings: dict[tuple[object, ...], Standing] = {}
        self._briefs: dict[tuple[object, ...], Brief] = {}
        for point, reading in self._suppose.items():
            check_reading(accord, point, reading)
        for recorded in self.readings:
            check_reading(accord, recorded.open_point, recorded.reading)

    # -- answers -----------------------------------------------------------------

    def standing(
        self,
        at: Instant,
        *,
        known_at: Instant | None = None,
        party: str | None = None,
        pair: tuple[str, str] | None = None,
    ) -> Standing:
        """Return what the accord is at an instant; see the function of that name.

        Raises:
            InvalidInput: a party that this accord does not have.
        """
        key = (at, known_at, party, pair)
        if key not in self._standings:
            if len(self._standings) > CACHE_MAX:
                self._standings.clear()
            self._standings[key] = self._standing(at, known_at, party, pair)
        return self._standings[key]

    def between(self, at: Instant, pair: tuple[str, str], *, party: str) -> Brief:
        """Return the standing between a pair under one side's view: what a decision needs."""
        key = (at, pair, party)
        if key not in self._briefs:
            if len(self._briefs) > CACHE_MAX:
                self._briefs.clear()
            ways, both = self._folded(at, None, party), frozenset(pair)
            _, state = self._representative(ways, at, both)
            self._briefs[key] = Brief(
                status=_agreed(way.at(at).status(both) for way in ways),
                since=max(way.since(at, both) for way in ways),
                before=self._before(ways, at, both),
                articles=_articles(state, both),
            )
        return self._briefs[key]

    def state(self, at: Instant, *, party: str | None = None) -> State:
        """Return one state at an instant: of the way in which the least is in force."""
        return self._representative(self._folded(at, None, party), at, None)[1]

    def representative(
        self, at: Instant, *, party: str | None = None, known_at: Instant | None = None
    ) -> tuple[Fold, State]:
        """Return that state with its fold, to try acts on."""
        return self._representative(self._folded(at, known_at, party), at, None)

    def version(self, at: Instant, pair: tuple[str, str]) -> Accord:
        """Return the text and rules that hold between a pair at an instant."""
        return self.state(at).version(frozenset(pair))

    def rounded(self, at: Instant) -> bool:
        """Say whether a count by an instant falls on a day that does not exist."""
        return any(way.fold.rules.rounded for way in self._folded(at, None, None))

    # -- views -------------------------------------------------------------------

    def _standing(
        self,
        at: Instant,
        known_at: Instant | None,
        party: str | None,
        pair: tuple[str, str] | None,
    ) -> Standing:
        ways = self._folded(at, known_at, party)
        members = {name for way in ways for name in way.at(at).members}
        if pair is not None and pair[0] == pair[1]:
            raise InvalidInput(
                f"`{pair[0]}` and `{pair[1]}` are one party",
                hint="name two parties",
                code="no-party",
            )
        for name in (*((party,) if party else ()), *(pair or ())):
            if name not in members:
                raise InvalidInput(
                    f"`{name}` is no party to `{self.accord.id}`",
                    hint="its parties are " + ", ".join(f"`{m}`" for m in sorted(members)),
                    code="no-party",
                )
        between = self._asked(pair, members)
        fold, state = self._representative(ways, at, between)
        statuses = [way.at(at).status(between) for way in ways]
        settled = len(set(statuses)) == 1
        views = self._views(at, known_at)
        disagreements = _disagreements(self.accord, views)
        begun = [way.since(at, between) for way in ways]
        return Standing(
            accord=self.accord.id,
            title=self.accord.title,
            at=at,
            status=statuses[0] if settled else Status.UNSETTLED,
            since=max(begun),
            since_earliest=min(begun),
            before=self._before(ways, at, between),
            period=self._period(fold, state, at),
            certainty=self._certainty(ways, at, between),
            notices=_notice_views(state),
            disputed=bool(disagreements),
            disagreements=disagreements,
            readings={view.party: view for view in views},
            parties={
                name: _agreed(
                    way.at(at).members[name].status
                    for way in ways
                    if name in way.at(at).members
                )
                for name in sorted(members)
            },
            pairs={
                (a, b): _agreed(way.at(at).status(frozenset((a, b))) for way in ways)
                for place, a in enumerate(sorted(members))
                for b in sorted(members)[place + 1 :]
            },
            articles=_articles(state, between),
            effects=state.effects,
            doubts=(
                *(() if settled else self._doubts(at, party)),
                *self._rounded(ways, at),
            ),
            supposed=self._suppose,
        )

    @staticmethod
    def _asked(pair: tuple[str, str] | None, members: set[str]) -> frozenset[str] | None:
        if pair is not None:
            return frozenset(pair)
        return frozenset(members) if len(members) == 2 else None

    def _views(self, at: Instant, known_at: Instant | None) -> list[PartyView]:
        views: list[PartyView] = []
        for party in self.accord.parties:
            recorded = self._recorded(party, at, known_at)
            own_times = any(side == party for i in self.instruments for _, side in i.times)
            ways = self._folded(at, known_at, party)
            fold, state = self._representative(ways, at, None)
            end, who = earliest_end(fold, state, at)
            views.append(
                PartyView(
                    party=party,
                    recorded=bool(recorded) or own_times,
                    readings=recorded,
                    status=_agreed(way.at(at).status() for way in ways),
                    notices=_notice_views(state),
                    earliest_end=end,
                    earliest_end_by=who,
                )
            )
        return views

    def _recorded(
        self, party: str, at: Instant, known_at: Instant | None
    ) -> tuple[Reading, ...]:
        """Return a party's latest position on each point, taken by then and known."""
        latest: dict[str, Reading] = {}
        for reading in sorted(self.readings, key=lambda r: r.since):
            learnt = reading.since if reading.known is None else reading.known
            if reading.party != party or reading.since > at or reading.recalled:
                continue
            if known_at is None or learnt <= known_at:
                latest[reading.open_point] = reading
        return tuple(latest.values())

    # -- folding -----------------------------------------------------------------

    def _folded(
        self, at: Instant, known_at: Instant | None, party: str | None
    ) -> tuple[_Way, ...]:
        answers = dict(self._suppose)
        if party is not None:
            recorded = self._recorded(party, at, known_at)
            answers.update({r.open_point: r.reading for r in recorded})
        known = tuple(
            i for i in self.instruments if known_at is None or i.known() <= known_at
        )
        side = party if any(s == party for i in known for _, s in i.times) else None
        key = (tuple(sorted(answers.items())), side, tuple(i.id for i in known))
        if key not in self._ways:
            self._ways[key] = tuple(self._fold_all(known, answers, side))
        return self._ways[key]

    def _fold_all(
        self, known: Sequence[Instrument], answers: Mapping[str, str], side: str | None
    ) -> Iterator[_Way]:
        spans = [moment_span(instrument, side) for instrument in known]
        doubtful = [
            place
            for place, (span, instrument) in enumerate(zip(spans, known, strict=True))
            if not span.exact or _formless(self.accord, instrument)
        ]
        for latest in _choices(doubtful):
            dated = [
                made
                for place, (span, instrument) in enumerate(zip(spans, known, strict=True))
                if (
                    made := _resolved(
                        instrument,
                        span,
                        side,
                        late=place in latest,
                        doubted=place in doubtful,
                    )
                )
                is not None
            ]
            for rounding in Rounding:
                fold = Fold(
                    self.accord,
                    readings=answers,
                    rounding=rounding,
                    amendments=self._amendments,
                )
                way = _Way(fold, fold.history(dated))
                last = way.timeline[-1][1]
                _ = fold.rules.period(last, last.now)  # notices a count that needs rounding
                yield way
                if not fold.rules.rounded:
                    break

    @staticmethod
    def _representative(
        ways: Sequence[_Way], at: Instant, pair: frozenset[str] | None
    ) -> tuple[Fold, State]:
        """Return the way under which the least may be released: what is shown of notices.

        Least in force; of equals the one with most notices that may still take effect.
        """

        def least(way: _Way) -> tuple[int, int]:
            state = way.at(at)
            may_bite = sum(n.state in _MAY_BITE for n in state.notices)
            return _LEAST.index(state.status(pair)), -may_bite

        way = min(ways, key=least)
        return way.fold, way.at(at)

    def _before(
        self, ways: Sequence[_Way], at: Instant, pair: frozenset[str] | None
    ) -> Instant | None:
        if len({way.at(at).status(pair) for way in ways}) > 1:
            return self._settles(ways, at, pair)
        found: list[Instant] = []
        for way in ways:
            state = way.at(at)
            status = state.status(pair)
            for later in way.fold.steps(state, _HORIZON):
                if later.status(pair) is not status:
                    found.append(later.now)
                    break
        return min(found, default=None)

    @staticmethod
    def _settles(
        ways: Sequence[_Way], at: Instant, pair: frozenset[str] | None
    ) -> Instant | None:
        """Return when what is unsettled settles: each uncertain time will be past."""
        cuts = {moment for way in ways for moment, _ in way.timeline if moment > at}
        for cut in sorted(cut for cut in cuts if cut < _HORIZON):
            if len({way.at(cut).status(pair) for way in ways}) == 1:
                return cut
        return None

    def _period(
        self, fold: Fold, state: State, at: Instant
    ) -> tuple[Instant, Instant] | None:
        """Return the running period, or None where no end of one is fixed.

        A notice that was to end the accord with an earlier period, and whose effect is
        suspended, kept that period from renewing by silence: the accord goes on, and no
        period is running.
        """
        open_ended = any(
            notice.state is NoticeState.SUSPENDED and notice.bites <= at
            for notice in state.notices
        )
        found = fold.rules.period(state, at)
        if found is None or open_ended or state.status() is Status.ENDED:
            return None
        _, first, out = found
        return self.accord.zone.start_of(first), self.accord.zone.start_of(out)

    def _certainty(
        self, ways: Sequence[_Way], at: Instant, pair: frozenset[str] | None
    ) -> Certainty:
        seen = {
            (
                way.at(at).status(pair),
                tuple((n.id, n.state, n.bites) for n in way.at(at).notices),
            )
            for way in ways
        }
        if len(seen) > 1:
            return Certainty.INTERVAL
        state = ways[0].at(at)
        touched = {
            (n.instrument, n.state)
            for n in state.notices
            if n.state is not NoticeState.REVOKED
        }
        names = {name for name, _ in touched} | {
            effect.instrument
            for effect in state.effects
            if any(n.suspended == effect.at for n in state.notices)
        }
        assumed = any(i.assumed and i.id in names for i in self.instruments)
        return Certainty.ASSUMED if assumed else Certainty.EXACT

    def _doubts(self, at: Instant, party: str | None) -> tuple[str, ...]:
        """Name the instruments that may or may not have happened by an instant."""
        found: list[str] = []
        for instrument in self.instruments:
            span = moment_span(instrument, party)
            if not span.exact and span.start <= at < span.before:
                found.append(instrument.id)
        return tuple(found)

    def _rounded(self, ways: Sequence[_Way], at: Instant) -> Iterator[str]:
        """Say which ends fall on a day that does not exist, with both results."""
        zone = self.accord.zone
        ends: dict[str, set[Instant]] = {}
        for way in ways:
            if not way.fold.rules.rounded:
                continue
            state = way.at(at)
            for notice in state.notices:
                if notice.state in _MAY_BITE:
                    ends.setdefault(f"notice {notice.id}", set()).add(notice.bites)
            period = way.fold.rules.period(state, at)
            if period is not None:
                ends.setdefault("the period", set()).add(zone.start_of(period[2]))
        for what, found in ends.items():
            if len(found) > 1:
                both = " or ".join(zone.say(instant) for instant in sorted(found))
                yield f"{what} ends on a day that does not exist: {both}"


CACHE_MAX = 20_000  # standings remembered; a corpus asks for each of its instants once
_HORIZON = Instant(7_258_118_400)  # 2200-01-01: no term of a living agreement runs longer
_MAY_BITE = frozenset({NoticeState.RUNNING, NoticeState.LATE, NoticeState.SUSPENDED})
_LEAST = (
    Status.ENDED,
    Status.NOT_YET,
    Status.SIGNED,
    Status.UNSETTLED,
    Status.SUSPENDED,
    Status.PROVISIONAL,
    Status.IN_FORCE,
)


def _choices(doubtful: Sequence[int]) -> Iterator[frozenset[int]]:
    """Yield which of the uncertain instruments happened at their latest."""
    if len(doubtful) <= UNCERTAIN_MAX:
        for picks in product((False, True), repeat=len(doubtful)):
            yield frozenset(p for p, late in zip(doubtful, picks, strict=True) if late)
        return
    everything = frozenset(doubtful)
    yield frozenset()
    yield everything
    for place in doubtful:
        yield frozenset({place})
        yield everything - {place}


def _formless(accord: Accord, instrument: Instrument) -> bool:
    """Say whether nobody recorded a form or channel that the text asks for."""
    rules: list[c.Exit | c.Suspension] = [*accord.all(c.Exit), *accord.all(c.Suspension)]
    asked = any(
        (rule.form is not None and instrument.form is None)
        or (rule.channel is not None and instrument.channel is None)
        for rule in rules
    )
    return asked and any(op.do in _FORMAL for op in instrument.operations)


_FORMAL = frozenset({Op.GIVE_NOTICE, Op.SUSPEND})


def _resolved(
    instrument: Instrument, span: Span, side: str | None, *, late: bool, doubted: bool
) -> tuple[Instant, Instrument, dict[Stage, Instant]] | None:
    """Return an instrument as it turns out: at its earliest and in due form, or the reverse.

    One whose time nobody recorded has, at the latest, not happened at all.
    """
    if late and span.before >= FAR_FUTURE:
        return None
    times: dict[Stage, Instant] = {}
    for stage in Stage:
        known = instrument.span(stage, side)
        if known is not None and known.before < FAR_FUTURE:
            times[stage] = known.last if late else known.start
    if doubted and not late:
        form, channel = instrument.form or DUE, instrument.channel or DUE
        instrument = replace(instrument, form=form, channel=channel)
    return span.last if late else span.start, instrument, times


def _agreed(statuses: Iterable[Status]) -> Status:
    found = set(statuses)
    return found.pop() if len(found) == 1 else Status.UNSETTLED


def _notice_views(state: State) -> tuple[NoticeView, ...]:
    return tuple(_notice_view(notice) for notice in state.notices)


def _notice_view(notice: Notice) -> NoticeView:
    return NoticeView(
        id=notice.id,
        by=notice.by,
        state=notice.state,
        given=notice.given,
        bites=notice.bites,
        article=notice.rule.cites,
        suspended=notice.suspended,
        instrument=notice.instrument,
    )


def _articles(state: State, pair: frozenset[str] | None) -> tuple[str, ...]:
    kept = list(state.basis)
    term = state.accord.one(c.Term)
    if state.status(pair) is Status.IN_FORCE and term is not None:
        kept.append(term.cites)
    kept += [
        n.rule.cites
        for n in state.notices
        if n.state in (NoticeState.RUNNING, NoticeState.LATE, NoticeState.SUSPENDED)
    ]
    return tuple(dict.fromkeys(kept))


def earliest_end(
    fold: Fold, state: State, at: Instant
) -> tuple[Instant | None, tuple[str, ...]]:
    """Return the earliest instant at which one party alone could end the accord, and who.

    Found by trying: every party gives a notice under every exit, and takes back the
    suspension of each notice of its own; what the clock then does is the answer.
    """
    found: dict[str, Instant] = {}
    for party in state.members:
        for operation in _one_sided(state, party):
            for trial in trials(state, (party,), (operation,)):
                after = fold.apply(state, trial, at, {Stage.RECEIVED: at})
                effect = after.effects[-1]
                if effect.lacks:
                    continue
                end = fold.end(after, None)
                if end is not None:
                    found[party] = min(end, found.get(party, end))
    if not found:
        return None, ()
    best = min(found.values())
    return best, tuple(sorted(p for p, end in found.items() if end == best))


def _one_sided(state: State, party: str) -> Iterator[Operation]:
    yield Operation(do=Op.GIVE_NOTICE, notice="(a new notice)")
    for notice in state.notices:
        if notice.by == party:
            yield Operation(do=Op.RESUME_NOTICE, notice=notice.id)


def trials(
    state: State, by: tuple[str, ...], operations: tuple[Operation, ...]
) -> Iterator[Instrument]:
    """Yield instruments that would perform operations, in each form the text asks for."""
    forms: dict[tuple[str | None, str | None], None] = {}
    rules: list[c.Exit | c.Suspension] = [
        *state.accord.all(c.Exit),
        *state.accord.all(c.Suspension),
    ]
    for rule in rules:
        forms[rule.form, rule.channel] = None
    for form, channel in forms or {("written", None): None}:
        yield Instrument(
            id="(supposed)",
            accord=state.accord.id,
            by=by,
            form=form,
            channel=channel,
            operations=operations,
            source="supposed",
        )


def _disagreements(accord: Accord, views: Sequence[PartyView]) -> tuple[str, ...]:
    """Say in what the recorded views differ; a party without one adds nothing."""
    recorded = [view for view in views if view.recorded]
    found: list[str] = []
    for place, one in enumerate(recorded):
        for other in recorded[place + 1 :]:
            pair = f"{one.party} and {other.party}"
            if one.status is not other.status:
                found.append(f"{pair} differ in standing: {one.status} and {other.status}")
            for first in one.notices:
                second = next((n for n in other.notices if n.id == first.id), None)
                if second is None or second.state is not first.state:
                    state = "absent" if second is None else second.state
                    found.append(
                        f"{pair} differ in notice {first.id}: {first.state} and {state}"
                    )
            if one.earliest_end != other.earliest_end:
                zone = accord.zone
                first_end, second_end = (
                    "never" if end is None else zone.say(end)
                    for end in (one.earliest_end, other.earliest_end)
                )
                found.append(
                    f"{pair} differ in the earliest end by one side alone: "
                    f"{first_end} and {second_end}"
                )
    return tuple(found)


def check_reading(accord: Accord, point: str, reading: str) -> None:
    """Refuse a reading that the text does not know.

    Raises:
        InvalidInput: no such open point, or no such reading of it.
    """
    declared = accord.open_point(point)
    if declared is not None:
        known = declared.readings
    elif point == SUSPENDED_NOTICE:
        known = tuple(c.Suspended)
    else:
        points = [p.id for p in accord.all(c.OpenPoint)] or ["none"]
        raise InvalidInput(
            f"`{accord.id}` has no open point `{point}`",
            hint="its open points: " + ", ".join(points),
            code="no-open-point",
        )
    if reading not in known:
        raise InvalidInput(
            f"`{reading}` is no reading of the open point `{point}`",
            hint="its readings: " + ", ".join(known),
            code="no-reading",
        )
