"""What is said and what stands beside an accord: it tells, and never acts.

Positions, conditions over measures, undertakings with their answers, and joint statements,
each dated, with its source and who said it in which capacity. Nothing here changes a
standing or a decision: what does is an instrument.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from comity.accords.times import Instant


class Rank(StrEnum):
    """At which level somebody speaks; highest first.

    The first three may bind their State without further powers (Vienna Convention on the
    Law of Treaties, art. 7(2)(a)); what anybody else says is a position and no act.
    """

    HEAD_OF_STATE = "head of state"
    HEAD_OF_GOVERNMENT = "head of government"
    FOREIGN_MINISTER = "foreign minister"
    MINISTER = "minister"
    VICE_MINISTER = "vice-minister"
    AMBASSADOR = "ambassador"
    OFFICIAL = "official"
    SPOKESPERSON = "spokesperson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A person who speaks for a party, in one capacity.

    Attributes:
        by: the party.
        capacity: in words, such as ``Minister of Defence``.
        names: other spellings that are right as well.
        since, before: while the person held the capacity, as far as is recorded.
    """

    id: str
    name: str
    by: str
    capacity: str
    rank: Rank
    names: tuple[str, ...] = ()
    since: Instant | None = None
    before: Instant | None = None
    source: str = ""
    recalled: bool = False
    where: str = ""
    line: int = 0

    def held(self, at: Instant) -> bool:
        """Say whether the record has the person in that capacity at an instant."""
        return (self.since is None or self.since <= at) and (
            self.before is None or at < self.before
        )


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class MeasureState:
    """What a measure is from an instant on."""

    since: Instant
    is_: str
    source: str
    recalled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something outside the accord that a condition may hang on, with its dated states."""

    id: str
    by: str
    what: str
    states: tuple[MeasureState, ...]
    where: str = ""
    line: int = 0

    def at(self, at: Instant) -> MeasureState | None:
        """Return the recorded state at an instant; None before the first."""
        held = [state for state in self.states if state.since <= at]
        return held[-1] if held else None

    def state(self, at: Instant) -> str:
        """Return the state at an instant in its word; empty before the first is recorded."""
        held = self.at(at)
        return "" if held is None else held.is_


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What a party has said that it wants, will do or will not do.

    Attributes:
        known: when it became known; it may have been taken earlier.
        will_not: the act or the measure's state that it refuses; ``measure:state`` or an
            operation.
        speaker: who said it, by id.
        after: through whom it is known, nearest to us first; empty for at first hand.
        revises: an earlier position of the same party whose place it takes.
    """

    id: str
    by: str
    says: str
    since: Instant
    known: Instant
    will_not: str | None = None
    speaker: str | None = None
    after: tuple[str, ...] = ()
    revises: str | None = None
    source: str = ""
    recalled: bool = False
    where: str = ""
    line: int = 0


def current(positions: Iterable[Position], at: Instant) -> tuple[Position, ...]:
    """Return the positions known by an instant, without those revised by then."""
    known = [position for position in positions if position.known <= at]
    revised = {position.revises for position in known}
    return tuple(position for position in known if position.id not in revised)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a party waits for before it performs an act or changes a measure.

    It tells and never acts.

    Attributes:
        does: an operation on the accord, or ``measure:state``.
        waits_for: ``measure:state``, or an operation of another party as ``party op``.
    """

    id: str
    by: str
    accord: str
    does: str
    waits_for: str
    says: str
    since: Instant
    before: Instant | None = None
    speaker: str | None = None
    source: str = ""
    recalled: bool = False
    where: str = ""
    line: int = 0


class Progress(StrEnum):
    """How far an undertaking has come. One that is asked for and not given is a proposal."""

    ASKED = "asked"
    DECLINED = "declined"
    GIVEN = "given"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


P = Progress
FOLLOWS: dict[Progress | None, frozenset[Progress]] = {
    None: frozenset({P.ASKED, P.GIVEN}),
    P.ASKED: frozenset({P.DECLINED, P.GIVEN, P.WITHDRAWN}),
    P.DECLINED: frozenset({P.ASKED, P.GIVEN}),
    P.GIVEN: frozenset({P.KEPT, P.BROKEN, P.WITHDRAWN, P.ENDED}),
    P.KEPT: frozenset({P.BROKEN, P.ENDED}),
    P.BROKEN: frozenset({P.KEPT, P.ENDED}),
    P.WITHDRAWN: frozenset({P.ASKED, P.GIVEN}),
    P.ENDED: frozenset({P.ASKED, P.GIVEN}),
}
"""What may follow what in the life of an undertaking; None is before the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of an undertaking at an instant, and how that is known."""

    since: Instant
    is_: Progress
    source: str
    recalled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Undertaking:
    """What a party has undertaken, or was asked to undertake.

    Attributes:
        by: who would do it; several for what all undertake alike.
        to: to whom it is given, or who asked for it.
        does: what would show that it is kept: ``measure:state``, or an operation.
        due: the first instant at which it is late.
        steps: in order of time.
        known: when it became known.
    """

    id: str
    by: tuple[str, ...]
    to: tuple[str, ...]
    says: str
    steps: tuple[Step, ...]
    known: Instant
    does: str | None = None
    due: Instant | None = None
    speaker: str | None = None
    after: tuple[str, ...] = ()
    where: str = ""
    line: int = 0

    def step(self, at: Instant) -> Step | None:
        """Return the latest recorded step at an instant; None before the first is known."""
        past = [step for step in self.steps if step.since <= at and self.known <= at]
        return past[-1] if past else None

    def progress(self, at: Instant, measures: Iterable[Measure]) -> Progress | None:
        """Return how far it has come: a given one is kept once its measure shows it."""
        step = self.step(at)
        if step is None:
            return None
        name, colon, state = (self.does or "").partition(":")
        shown = bool(colon) and any(m.id == name and m.state(at) == state for m in measures)
        return Progress.KEPT if step.is_ is Progress.GIVEN and shown else step.is_

    def late(self, at: Instant, measures: Iterable[Measure]) -> bool:
        """Say whether it was due before an instant and is given and not kept."""
        given = self.progress(at, measures) is Progress.GIVEN
        return given and self.due is not None and self.due <= at

    def misplaced(self) -> Step | None:
        """Return the first step that may not follow the one before; see `FOLLOWS`."""
        last: Progress | None = None
        for step in self.steps:
            if step.is_ not in FOLLOWS[last]:
                return step
            last = step.is_
        return None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Signature:
    """A party's word that a statement's text is its own as well, and from when."""

    since: Instant
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A joint statement: one text that all sign. It binds nobody and changes no standing.

    Attributes:
        by: all whose statement it is.
        signed: who has signed, and when; it stands once everybody has.
        text: the digest of the text that all signed, where somebody has it.
        meeting: the meeting it came from, by id.
    """

    id: str
    title: str
    by: tuple[str, ...]
    says: str
    signed: tuple[Signature, ...]
    text: str | None = None
    meeting: str | None = None
    source: str = ""
    recalled: bool = False
    where: str = ""
    line: int = 0

    def missing(self, at: Instant) -> tuple[str, ...]:
        """Return who has not signed by an instant; nobody's statement until it is empty."""
        done = {one.by for one in self.signed if one.since <= at}
        return tuple(party for party in self.by if party not in done)

    def stands(self, at: Instant) -> bool:
        """Say whether all have signed by an instant."""
        return bool(self.by) and not self.missing(at)
