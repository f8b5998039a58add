"""What is this accord at that instant, for whom, under whose reading, and how sure is it?

`Clock` folds an accord's instruments once for every way in which what is in doubt may have
turned out (`comity.accords.doubt`). Where the ways agree the standing is theirs; where they
differ it is *unsettled*, and nothing is released on it. It folds again under each party's own
recorded readings and recorded times: where those differ the accord is *disputed*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.dispute import Seen, differences
from comity.accords.doubt import TooUncertain, Turnings, Way
from comity.accords.fold import Fold
from comity.accords.instruments import Instrument
from comity.accords.links import HORIZON, LEAST, History, View, agreed
from comity.accords.reservations import texts
from comity.accords.standing import (
    Brief,
    Certainty,
    PartyView,
    Reading,
    Standing,
    check_reading,
    notice_views,
)
from comity.accords.state import Outcome, State, moment_span
from comity.accords.table import NoticeState, Status
from comity.accords.times import FAR_FUTURE, Instant
from comity.accords.trials import earliest_end
from comity.errors import InvalidInput


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


class Clock:
    """The clock of one accord over its recorded instruments; answers are remembered.

    Args:
        accord: as read.
        instruments: of any accord; those of others are left out.
        readings: the parties' recorded positions.
        suppose: one reading for each of some open points, followed in place of the
            text's default.
        amendments: bytes of amendments, by id.
        others: clocks of the accords that a tie of this one may name, by id; one that is
            not among them leaves the standing unsettled.
        later: clocks of the accords that take this one's place, with the rule of theirs.

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
        others: Mapping[str, Clock] | None = None,
        later: Sequence[tuple[c.Supersedes, Clock]] = (),
    ) -> None:
        self.accord = accord
        self._others = dict(others or {})
        self._later = tuple(later)
        ties = [t for t in accord.all(c.Tied) if t.how is not c.Depends.SENDING]
        self._alone = not (self._others or self._later or ties)
        self.instruments = tuple(i for i in instruments if i.accord == accord.id)
        self.readings = tuple(r for r in readings if r.accord == accord.id)
        self._suppose = dict(suppose or {})
        self._ways: dict[tuple[object, ...], tuple[Way, ...]] = {}
        self._ways_seen: dict[tuple[object, ...], tuple[Way, ...]] = {}
        self._wholes: dict[tuple[Instant, str | None], Brief] = {}
        self._moments: tuple[Instant, ...] | None = None
        self._texts: dict[tuple[Instant, tuple[str, str]], tuple[Accord, ...]] = {}
        self._standings: dict[tuple[object, ...], Standing] = {}
        self._briefs: dict[tuple[object, ...], Brief] = {}
        self._histories: dict[tuple[Instant, frozenset[str]], frozenset[History]] = {}
        self._turnings = Turnings(accord, amendments)
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
            brief = Brief(
                status=_agreed(way.at(at).status(both) for way in ways),
                since=max(way.since(at, both) for way in ways),
                before=self._before(ways, at, both),
                articles=_articles(state, both),
            )
            if not self._alone:
                brief = _linked(self.view(at, None, party), brief, at, both)
            self._briefs[key] = brief
        return self._briefs[key]

    def whole(self, at: Instant, *, party: str | None = None) -> Brief:
        """Return the standing between the parties as a whole, or between a member and any.

        What a party's own law authorises is asked so: there is no pair.
        """
        key = (at, party)
        if key not in self._wholes:
            if len(self._wholes) > CACHE_MAX:
                self._wholes.clear()
            view = self.view(at, None, party)
            self._wholes[key] = Brief(
                status=view.status(at, None),
                since=view.since(at, None),
                before=view.before(at, None),
                articles=(),
                because=view.because(at, None),
            )
        return self._wholes[key]

    def ways(self, at: Instant, party: str | None) -> tuple[Way, ...]:
        """Return every way in which what is in doubt may have turned out, as a party sees it.

        Raises:
            TooUncertain: there are too many.
        """
        return self._folded(at, None, party)

    def foreseen(self, at: Instant, party: str | None) -> tuple[Way, ...]:
        """Return the ways under the readings of an instant, with every instrument on record.

        Where there is but one, it says what the accord is at every instant under these
        readings: an instrument does nothing before its time.

        Raises:
            TooUncertain: there are too many.
        """
        answers = dict(self._suppose)
        if party is not None:
            recorded = self._recorded(party, at, None)
            answers.update({r.open_point: r.reading for r in recorded})
        return self._ways_under(FAR_FUTURE, None, answers, party)

    def blurred(self, party: str | None) -> tuple[tuple[Instant, Instant], ...]:
        """Return the stretches in which an answer hangs on the very instant asked about.

        There a time is known less well than to the day; half-open.
        """
        return tuple(self._turnings.blurred(self.instruments, party))

    def side(self, party: str | None) -> str | None:
        """Return the party, or None where it has nothing of its own on record.

        Neither a reading nor a time, here or of an accord that this one hangs on: then it
        sees what the text says by default.
        """
        own = any(r.party == party for r in self.readings)
        own = own or any(side == party for i in self.instruments for _, side in i.times)
        return party if own or any(k.side(party) for k in self.hangs_on()) else None

    def hangs_on(self) -> Iterator[Clock]:
        """Yield the clocks of the accords that this one's standing hangs on."""
        yield from self._others.values()
        yield from (clock for _, clock in self._later)

    @property
    def linked(self) -> bool:
        """Whether the standing hangs on other accords."""
        return not self._alone

    def view(self, at: Instant, known_at: Instant | None, party: str | None) -> View:
        """Return the accord as known at an instant, with the others that it hangs on."""
        try:
            ways = self._folded(at, known_at, party)
        except TooUncertain:
            ways = ()
        others = {n: one.view(at, known_at, party) for n, one in self._others.items()}
        later = tuple((r, one.view(at, known_at, party)) for r, one in self._later)
        return View(accord=self.accord, ways=ways, others=others, later=later)

    def state(self, at: Instant, *, party: str | None = None) -> State:
        """Return one state at an instant: of the way in which the least is in force."""
        return self._representative(self._folded(at, None, party), at, None)[1]

    def states(self, at: Instant) -> tuple[State, ...]:
        """Return the state at an instant in each way in which doubt may have turned out.

        Raises:
            TooUncertain: there are too many.
        """
        return tuple(way.at(at) for way in self._folded(at, None, None))

    def moments(self) -> tuple[Instant, ...]:
        """Return every instant at which an instrument or the clock may change it; in order."""
        if self._moments is None:
            try:
                ways = self._folded(HORIZON, None, None)
            except TooUncertain:
                ways = ()
            found = {moment for way in ways for moment in way.moments(HORIZON)}
            self._moments = tuple(sorted(found))
        return self._moments

    def representative(
        self, at: Instant, *, party: str | None = None, known_at: Instant | None = None
    ) -> tuple[Fold, State]:
        """Return that state with its fold, to try acts on."""
        return self._representative(self._folded(at, known_at, party), at, None)

    def versions(self, at: Instant, pair: tuple[str, str]) -> tuple[Accord, ...]:
        """Return the text and rules that hold between a pair, under either side's view.

        More than one where it is in doubt which; what any of them refuses is refused.
        """
        key = (at, pair)
        if key not in self._texts:
            if len(self._texts) > CACHE_MAX:
                self._texts.clear()
            both = frozenset(pair)
            found = (
                text
                for side in pair
                for way in self._folded(at, None, side)
                for text in texts(way.at(at), both)
            )
            self._texts[key] = tuple(dict.fromkeys(found))
        return self._texts[key]

    def histories(self, at: Instant, pair: tuple[str, str]) -> frozenset[History]:
        """Return how it may have stood between a pair up to an instant.

        One history for each way in which what is in doubt may have turned out, under each
        party's readings and times: what is true in all of them is certain.
        """
        key = (at, frozenset(pair))
        if key not in self._histories:
            if len(self._histories) > CACHE_MAX:
                self._histories.clear()
            self._histories[key] = self._history(at, frozenset(pair))
        return self._histories[key]

    def _history(self, at: Instant, pair: frozenset[str]) -> frozenset[History]:
        found: set[History] = set()
        seen: set[tuple[tuple[Way, ...], ...]] = set()
        for side in self.members(at):
            _ = self._folded(at, None, side)  # raises where there are too many ways
            view = self.view(at, None, side)
            ways = tuple(one.ways for one in view.views())
            if ways not in seen:  # most parties have said nothing, and see the same
                seen.add(ways)
                found.update(view.histories(at, pair))
        return frozenset(found)

    def members(self, at: Instant) -> tuple[str, ...]:
        """Return the parties, and those that may have joined by an instant."""
        ways = self._folded(at, None, None)
        return tuple(sorted({name for way in ways for name in way.at(at).members}))

    def pauses(self, at: Instant, pair: tuple[str, str]) -> frozenset[frozenset[str]]:
        """Return what each way suspends the operation between a pair on at an instant.

        One set of rules for each way under each party's readings; empty where it is not
        suspended.
        """
        both = frozenset(pair)
        return frozenset(
            frozenset(pause.basis for pause in way.at(at).pausing(both))
            if way.at(at).status(both) is Status.SUSPENDED
            else frozenset()
            for side in self.members(at)
            for way in self._folded(at, None, side)
        )

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
        views = self._views(at, known_at, members)
        disagreements = tuple(self._disputes(at, known_at, members))
        begun = [way.since(at, between) for way in ways]
        found = Standing(
            accord=self.accord.id,
            title=self.accord.title,
            at=at,
            status=statuses[0] if settled else Status.UNSETTLED,
            since=max(begun),
            since_earliest=min(begun),
            before=self._before(ways, at, between),
            period=self._period(fold, state, at),
            certainty=self._certainty(ways, at, between),
            notices=notice_views(state),
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
                *(() if settled else self._doubts(ways, at, between)),
                *self._rounded(ways, at),
            ),
            supposed=self._suppose,
        )
        if self._alone:
            return found
        found = self._hanging(found, at, known_at)
        return _linked_standing(self.view(at, known_at, party), found, at, between)

    def _hanging(self, found: Standing, at: Instant, known_at: Instant | None) -> Standing:
        """Return a standing no surer, and no less disputed, than those that it hangs on."""
        ties = {t.to for t in self.accord.all(c.Tied) if t.how is not c.Depends.SENDING}
        clocks = [one for name, one in self._others.items() if name in ties]
        clocks += [one for _, one in self._later]
        others: list[Standing] = []
        for clock in clocks:
            try:
                others.append(clock.standing(at, known_at=known_at))
            except TooUncertain:
                continue  # then this one is unsettled, and says so
        assumed = any(o.certainty is Certainty.ASSUMED for o in others)
        doubtful = assumed and found.certainty is Certainty.EXACT
        said = (f"`{o.accord}`: {what}" for o in others for what in o.disagreements)
        disagreements = tuple(dict.fromkeys((*found.disagreements, *said)))
        views = {
            name: self._seen_with_others(seen, at, known_at)
            for name, seen in found.readings.items()
        }
        return replace(
            found,
            readings=views,
            certainty=Certainty.ASSUMED if doubtful else found.certainty,
            disagreements=disagreements,
            disputed=bool(disagreements),
        )

    def _seen_with_others(
        self, seen: PartyView, at: Instant, known_at: Instant | None
    ) -> PartyView:
        """Return what a party sees, the accords that this one hangs on looked at as well."""
        view = self.view(at, known_at, seen.party if seen.recorded else None)
        bound, end = view.ended_by_others(at), seen.earliest_end
        sooner = bound is not None and (end is None or bound < end)
        return replace(
            seen,
            status=view.status(at, None),
            earliest_end=bound if sooner else end,
            earliest_end_by=() if sooner else seen.earliest_end_by,
        )

    @staticmethod
    def _asked(pair: tuple[str, str] | None, members: set[str]) -> frozenset[str] | None:
        if pair is not None:
            return frozenset(pair)
        return frozenset(members) if len(members) == 2 else None

    def _views(
        self, at: Instant, known_at: Instant | None, members: Iterable[str]
    ) -> list[PartyView]:
        seen: dict[tuple[Way, ...], Seen] = {}
        return [self._view(at, known_at, party, seen) for party in sorted(members)]

    def _view(
        self,
        at: Instant,
        known_at: Instant | None,
        party: str,
        seen: dict[tuple[Way, ...], Seen],
    ) -> PartyView:
        recorded = self._recorded(party, at, known_at)
        timed = any(side == party for i in self.instruments for _, side in i.times)
        ways = self._folded(at, known_at, party)
        if ways not in seen:  # most parties have said nothing, and see the same
            seen[ways] = self._under(ways, at)
        view = seen[ways]
        return PartyView(
            party=party,
            recorded=bool(recorded) or timed,
            readings=recorded,
            status=view.status,
            notices=view.notices,
            earliest_end=view.earliest_end,
            earliest_end_by=view.earliest_end_by,
        )

    def _disputes(
        self, at: Instant, known_at: Instant | None, members: Iterable[str]
    ) -> Iterator[str]:
        """Say in what recorded positions differ, two parties at a time.

        Two are compared on what both have put on record: open points on which both have a
        reading, and instruments of which both recorded the times. A party that recorded
        nothing adds nothing.
        """
        said = [
            party
            for party in sorted(members)
            if self._recorded(party, at, known_at)
            or any(side == party for i in self.instruments for _, side in i.times)
        ]
        for one, other in combinations(said, 2):
            first, second = (
                {r.open_point: r.reading for r in self._recorded(p, at, known_at)}
                for p in (one, other)
            )
            common = first.keys() & second.keys()
            times = self._both_timed(one, other)
            if not common and not times:
                continue
            seen = [
                self._seen(
                    at, known_at, {p: held[p] for p in common}, side if times else None
                )
                for side, held in ((one, first), (other, second))
            ]
            yield from differences(self.accord, (one, other), seen[0], seen[1])

    def _both_timed(self, one: str, other: str) -> bool:
        sides = [{side for _, side in i.times} for i in self.instruments]
        return any({one, other} <= named for named in sides)

    def _seen(
        self,
        at: Instant,
        known_at: Instant | None,
        answers: Mapping[str, str],
        side: str | None,
    ) -> Seen:
        ways = self._ways_under(at, known_at, {**self._suppose, **answers}, side)
        return self._under(ways, at)

    def _under(self, ways: tuple[Way, ...], at: Instant) -> Seen:
        fold, state = self._representative(ways, at, None)
        end, who = earliest_end(fold, state, at)
        return Seen(
            status=_agreed(way.at(at).status() for way in ways),
            pairs={p: _agreed(w.at(at).status(p) for w in ways) for p in state.pairs()},
            notices=notice_views(state),
            earliest_end=end,
            earliest_end_by=who,
        )

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
    ) -> tuple[Way, ...]:
        """Return the ways under a party's own readings and times, or the text's defaults."""
        key = (at, known_at, party)
        if key not in self._ways_seen:
            if len(self._ways_seen) > CACHE_MAX:
                self._ways_seen.clear()
            answers = dict(self._suppose)
            if party is not None:
                recorded = self._recorded(party, at, known_at)
                answers.update({r.open_point: r.reading for r in recorded})
            self._ways_seen[key] = self._ways_under(at, known_at, answers, party)
        return self._ways_seen[key]

    def _ways_under(
        self,
        at: Instant,
        known_at: Instant | None,
        answers: Mapping[str, str],
        party: str | None,
    ) -> tuple[Way, ...]:
        known = tuple(
            i
            for i in self.instruments
            if (known_at is None or i.known() <= known_at)
            and moment_span(i, party).start <= at  # what comes later has done nothing yet
        )
        side = party if any(s == party for i in known for _, s in i.times) else None
        asked = at if self._turnings.wide(known, side) else None
        key = (tuple(sorted(answers.items())), side, tuple(i.id for i in known), asked)
        if key not in self._ways:
            if len(self._ways) > CACHE_MAX:
                self._ways.clear()
            self._ways[key] = self._turnings.ways(known, answers, side, at)
        return self._ways[key]

    @staticmethod
    def _representative(
        ways: Sequence[Way], at: Instant, pair: frozenset[str] | None
    ) -> tuple[Fold, State]:
        """Return the way under which the least may be released: what is shown of notices.

        Least in force; of equals the one with most notices that may still take effect.
        """

        def least(way: Way) -> tuple[int, int]:
            state = way.at(at)
            may_bite = sum(n.state in _MAY_BITE for n in state.notices)
            return LEAST.index(state.status(pair)), -may_bite

        way = min(ways, key=least)
        return way.fold, way.at(at)

    def _before(
        self, ways: Sequence[Way], at: Instant, pair: frozenset[str] | None
    ) -> Instant | None:
        if len({way.at(at).status(pair) for way in ways}) > 1:
            return self._settles(ways, at, pair)
        found: list[Instant] = []
        for way in ways:
            state = way.at(at)
            status = state.status(pair)
            for later in way.fold.steps(state, HORIZON):
                if later.status(pair) is not status:
                    found.append(later.now)
                    break
        return min(found, default=None)

    @staticmethod
    def _settles(
        ways: Sequence[Way], at: Instant, pair: frozenset[str] | None
    ) -> Instant | None:
        """Return when what is unsettled settles: each uncertain time will be past."""
        cuts = {moment for way in ways for moment, _ in way.timeline if moment > at}
        for way in ways:
            cuts.update(step.now for step in way.fold.steps(way.at(at), HORIZON))
        for cut in sorted(cut for cut in cuts if cut < HORIZON):
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
            notice.state is NoticeState.SUSPENDED
            and notice.bites <= at
            and notice.rule.ends is c.Ends.ACCORD
            for notice in state.notices
        )
        found = fold.rules.period(state, at)
        if found is None or open_ended or state.status() is Status.ENDED:
            return None
        _, first, out = found
        return self.accord.zone.start_of(first), self.accord.zone.start_of(out)

    def _certainty(
        self, ways: Sequence[Way], at: Instant, pair: frozenset[str] | None
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
        gone = {n.id for n in state.notices if n.state is NoticeState.REVOKED}
        supposed = {
            i.id: i for i in self.instruments if i.assumed or i.recalled or i.supposed
        }
        for effect in state.effects:
            known = supposed.get(effect.instrument)
            if known is None or effect.outcome is not Outcome.EFFECTIVE:
                continue
            touched = {op.notice for op in known.operations if op.do is effect.do}
            if not touched <= gone:
                return Certainty.ASSUMED
        return Certainty.EXACT

    @staticmethod
    def _doubts(
        ways: Sequence[Way], at: Instant, pair: frozenset[str] | None
    ) -> Iterator[str]:
        """Name each instrument that alone, later instead of earlier, changes the status."""
        names = sorted({name for way in ways for name in way.turned})
        for name in names:
            seen: dict[tuple[object, ...], set[Status]] = {}
            for way in ways:
                others = tuple((n, t) for n, t in way.turned.items() if n != name)
                key = (others, way.fold.rules.rounding)
                seen.setdefault(key, set()).add(way.at(at).status(pair))
            if any(len(statuses) > 1 for statuses in seen.values()):
                yield name

    def _rounded(self, ways: Sequence[Way], at: Instant) -> Iterator[str]:
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
_MAY_BITE = frozenset({NoticeState.RUNNING, NoticeState.LATE, NoticeState.SUSPENDED})


def _agreed(statuses: Iterable[Status]) -> Status:
    return agreed(set(statuses))


def _linked(view: View, brief: Brief, at: Instant, pair: frozenset[str]) -> Brief:
    """Return a brief with the other accords looked at, and the articles that say so."""
    because = view.because(at, pair)
    ties = (tie.cites for tie in view.ties(at, pair) if because)
    return Brief(
        status=view.status(at, pair),
        since=view.since(at, pair),
        before=view.before(at, pair),
        articles=tuple(dict.fromkeys((*ties, *brief.articles))),
        because=because,
    )


def _linked_standing(
    view: View, found: Standing, at: Instant, pair: frozenset[str] | None
) -> Standing:
    """Return a standing with the other accords looked at."""
    pairs = {two: view.status(at, frozenset(two)) for two in found.pairs}
    touched = {name for two in pairs if pairs[two] is not found.pairs[two] for name in two}
    best = {
        name: max((pairs[two] for two in pairs if name in two), key=LEAST.index)
        for name in touched
    }
    because = view.because(at, pair)
    status = view.status(at, pair)
    since = view.since(at, pair)
    return replace(
        found,
        status=status,
        since=since,
        since_earliest=found.since_earliest if since == found.since else since,
        before=view.before(at, pair),
        certainty=Certainty.INTERVAL if status is Status.UNSETTLED else found.certainty,
        pairs=pairs,
        parties={**found.parties, **best},
        articles=tuple(
            dict.fromkeys(
                (*(t.cites for t in view.ties(at, pair) if because), *found.articles)
            )
        ),
        because=because,
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
