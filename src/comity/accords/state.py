"""What an accord is made of at an instant: members, notices, pauses, and what was done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.instruments import MOMENT, Instrument, Op, Operation, Stage
from comity.accords.table import NoticeState, Status, Tick
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant, Span

SUSPENDED_NOTICE = "suspended-notice"
"""The id of the open point on what a suspended notice is; an accord may declare it, and
where it does not the question is open all the same: no convention answers it."""

NO_AUTHORITY = "none"
DUE = "(due)"
"""A form or channel that nobody recorded, supposed to be the one that the text asks for."""


class Outcome(StrEnum):
    """What an operation did."""

    EFFECTIVE = "effective"
    DECLARATORY = "declaratory"
    """Recorded; says what is so already, or what changes no standing."""
    WITHOUT_EFFECT = "without effect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one operation of one instrument did, and by which rule.

    Attributes:
        basis: the article or rule it rests on.
        lacks: the rule it lacks, in words; empty where it has effect.
    """

    instrument: str
    do: Op
    at: Instant
    outcome: Outcome
    basis: str = ""
    lacks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice of termination or withdrawal, with a life of its own.

    Attributes:
        bites: the first instant at which it will have taken effect, were nothing done.
        suspended: since when its effect is suspended; ``resumes`` is when it goes on by
            itself.
        of: the party whose part it ends, where an actor gave it; None for its giver's.
    """

    id: str
    by: str
    rule: c.Exit
    given: Instant
    bites: Instant
    state: NoticeState
    instrument: str
    suspended: Instant | None = None
    resumes: Instant | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A suspension of the accord's operation, for all, for one pair or for one party's part."""

    by: tuple[str, ...]
    since: Instant
    before: Instant | None
    between: frozenset[str]
    basis: str
    of: str | None = None

    def on(self, at: Instant) -> bool:
        """Say whether it is on at an instant."""
        return self.since <= at and (self.before is None or at < self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Articles that a party reserves between itself and the others."""

    by: str
    articles: tuple[str, ...]
    instrument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What the accord is for one party."""

    status: Status = Status.NOT_YET
    since: Instant = FAR_PAST
    declared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that the instruments so far have made of an accord.

    Attributes:
        entered: the instant of entry into force, and the day that terms count from.
        facts: when each party reached each trigger first.
        agreed_end: the end that all agreed on, in place of the text's own.
        reservations: of articles, by party.
        opposed: pairs between which an objection to a reservation keeps it out of force,
            with the reservation.
        basis: the articles that the present state rests on.
    """

    accord: Accord
    now: Instant = FAR_PAST
    members: Mapping[str, Member]
    entered: tuple[Instant, date] | None = None
    facts: Mapping[tuple[Op, Stage], Mapping[str, Instant]]
    set_dates: Mapping[str, date]
    notices: tuple[Notice, ...] = ()
    pauses: tuple[Pause, ...] = ()
    agreed_end: Instant | None = None
    versions: tuple[tuple[frozenset[str], Accord], ...] = ()
    unauthorised: tuple[Instrument, ...] = ()
    effects: tuple[Effect, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    opposed: tuple[tuple[frozenset[str], str], ...] = ()
    basis: tuple[str, ...] = ()

    def status(self, pair: frozenset[str] | None = None) -> Status:
        """Return the standing between a pair, or the best between any two parties."""
        if pair is not None:
            return self._between(pair)
        for word, holding in (
            (Status.IN_FORCE, self._holding({Status.IN_FORCE})),
            (Status.PROVISIONAL, self._holding({Status.IN_FORCE, Status.PROVISIONAL})),
        ):
            if len(holding) > 1:
                paused = self.pauses and all(map(self._paused, pairs_of(holding)))
                return Status.SUSPENDED if paused else word
        members = [member.status for member in self.members.values()]
        if self.entered is not None or Status.ENDED in members:
            return Status.ENDED if Status.ENDED in members else Status.NOT_YET
        signed = sum(status is not Status.NOT_YET for status in members)
        return Status.SIGNED if signed >= len(self.accord.parties) else Status.NOT_YET

    def _holding(self, words: set[Status]) -> list[str]:
        """Return the parties in a status; of provisional ones, those who declared it."""
        alike = words == {Status.IN_FORCE}
        return [
            p
            for p, m in self.members.items()
            if m.status in words and (alike or m.declared)
        ]

    def pairs(self) -> Iterator[frozenset[str]]:
        """Yield every pair of members."""
        return pairs_of(self.members)

    def current(self) -> set[str]:
        """Return the parties for which it is in force or applied."""
        return {party for party, m in self.members.items() if m.status not in GONE}

    def _between(self, pair: frozenset[str]) -> Status:
        members = [self.members.get(party, Member()) for party in pair]
        worst = next(word for word in _WORST if word in {m.status for m in members})
        if worst is Status.PROVISIONAL and not all(member.declared for member in members):
            return Status.SIGNED  # applied provisionally between those who declared it
        if worst not in (Status.IN_FORCE, Status.PROVISIONAL):
            return worst
        if self.opposed and self._opposed(pair):
            return Status.SIGNED
        return Status.SUSPENDED if self._paused(pair) else worst

    def _opposed(self, pair: frozenset[str]) -> bool:
        standing = {r.instrument for r in self.reservations if r.by in pair}
        return any(two == pair and name in standing for two, name in self.opposed)

    def _paused(self, pair: frozenset[str]) -> bool:
        return bool(self.pausing(pair))

    def pausing(self, pair: frozenset[str]) -> tuple[Pause, ...]:
        """Return the suspensions of the operation that are on between a pair."""
        return tuple(
            pause
            for pause in self.pauses
            if pause.on(self.now) and self._covers(pause, pair)
        )

    def _covers(self, pause: Pause, pair: frozenset[str]) -> bool:
        """Say whether a pause is between a pair: its own, or all that its makers have.

        An actor that is no party suspends one party's part, or everything.
        """
        if pause.between:
            return pause.between == pair
        if pause.of is not None:
            return pause.of in pair
        if not set(pause.by) & set(self.members):
            return True
        return bool(pair & set(pause.by)) or self.current() <= set(pause.by)

    def version(self, pair: frozenset[str]) -> Accord:
        """Return the text and rules that hold between a pair (VCLT 39–41)."""
        return next((a for p, a in reversed(self.versions) if p == pair), self.accord)

    def notice(self, name: str | None) -> Notice | None:
        """Return the notice of that id."""
        return next((n for n in self.notices if n.id == name), None)


def pairs_of(parties: Iterable[str]) -> Iterator[frozenset[str]]:
    """Yield every pair of some parties."""
    for one, other in combinations(sorted(parties), 2):
        yield frozenset((one, other))


GONE = frozenset({Status.ENDED, Status.NOT_YET, Status.SIGNED})
_WORST = (
    Status.ENDED,
    Status.NOT_YET,
    Status.SIGNED,
    Status.PROVISIONAL,
    Status.IN_FORCE,
)


@dataclass(frozen=True, slots=True)
class Act:
    """One operation of one instrument, with the instrument's resolved times."""

    instrument: Instrument
    operation: Operation
    times: Times


Times: TypeAlias = Mapping[Stage, Instant]
Event: TypeAlias = tuple[Instant, Tick, str]
Timeline: TypeAlias = tuple[tuple[Instant, State], ...]


def moment_span(instrument: Instrument, side: str | None = None) -> Span:
    """Return when an instrument takes place, as far as is known.

    An instrument whose deciding time nobody recorded takes place at some time after the
    latest that was recorded: it decides nothing, and it is not forgotten.
    """
    stages = {MOMENT[operation.do] for operation in instrument.operations}
    wanted = min(stages, key=len) if stages else MOMENT[Op.PROTEST]
    for stage in wanted:
        span = instrument.span(stage, side)
        if span is not None:
            return span
    known = [instrument.span(stage, side) for stage in Stage]
    starts = [span.start for span in known if span is not None]
    return Span(max(starts, default=FAR_PAST), FAR_FUTURE)
