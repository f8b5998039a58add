"""How a world's plain files spell what is said beside its accords, one class a table."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from comity.accords.times import Instant, Span, Zone
from comity.errors import InvalidInput
from comity.talks.forums import Forum, Member
from comity.talks.phrases import check_digest
from comity.talks.said import (
    Condition,
    Measure,
    MeasureState,
    Position,
    Progress,
    Rank,
    Signature,
    Speaker,
    Statement,
    Step,
    Undertaking,
)
from comity.worlds.tables import exclusive, sourced


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTable:
    """One state of a measure: ``{ since = "2019-07-04", is = "in force", source = "…" }``."""

    since: str
    is_: str
    source: str = ""
    recalled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureTable:
    """Something outside the accord that a condition hangs on: ``[[measure]]``."""

    id: str
    by: str
    what: str
    states: tuple[StateTable, ...]

    def value(self, zone: Zone) -> Measure:
        """Return the measure, its states in order of time."""
        states = [
            MeasureState(
                since=_first(s.since, zone),
                is_=s.is_,
                source=sourced(s.source, f"a state of `{self.id}`", recalled=s.recalled),
                recalled=s.recalled,
            )
            for s in self.states
        ]
        return Measure(id=self.id, by=self.by, what=self.what, states=tuple(sorted(states)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTable:
    """What a party has said: ``[[position]]``."""

    id: str
    by: str
    says: str
    since: str
    known: str | None = None
    will_not: str | None = None
    speaker: str | None = None
    after: tuple[str, ...] = ()
    revises: str | None = None
    source: str = ""
    recalled: bool = False

    def value(self, zone: Zone) -> Position:
        """Return the position; it is known from when it was taken unless it says later."""
        since = _first(self.since, zone)
        return Position(
            id=self.id,
            by=self.by,
            says=self.says,
            since=since,
            known=since if self.known is None else _first(self.known, zone),
            will_not=self.will_not,
            speaker=self.speaker,
            after=self.after,
            revises=self.revises,
            source=sourced(self.source, f"position `{self.id}`", recalled=self.recalled),
            recalled=self.recalled,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionTable:
    """What a party waits for before it acts: ``[[condition]]``."""

    id: str
    by: str
    accord: str
    does: str
    waits_for: str
    says: str
    since: str
    before: str | None = None
    speaker: str | None = None
    source: str = ""
    recalled: bool = False

    def value(self, zone: Zone) -> Condition:
        """Return the condition."""
        source = sourced(self.source, f"condition `{self.id}`", recalled=self.recalled)
        return Condition(
            id=self.id,
            by=self.by,
            accord=self.accord,
            does=self.does,
            waits_for=self.waits_for,
            says=self.says,
            since=_first(self.since, zone),
            before=exclusive(self.before, zone),
            speaker=self.speaker,
            source=source,
            recalled=self.recalled,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTable:
    """What became of an undertaking: ``{ since = "2023-03-16", is = "given", source = "…" }``."""

    since: str
    is_: Progress
    source: str = ""
    recalled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UndertakingTable:
    """What a party has undertaken or was asked to: ``[[undertaking]]``."""

    id: str
    by: tuple[str, ...]
    says: str
    steps: tuple[StepTable, ...]
    to: tuple[str, ...] = ()
    does: str | None = None
    due: str | None = None
    known: str | None = None
    speaker: str | None = None
    after: tuple[str, ...] = ()

    def value(self, zone: Zone) -> Undertaking:
        """Return the undertaking, its steps in the order in which they stand.

        Raises:
            InvalidInput: nobody's, no step, steps that are not in order of time, or a step
                that may not follow the one before.
        """
        if not self.by or not self.steps:
            raise InvalidInput(
                f"undertaking `{self.id}` is nobody's, or nothing became of it",
                hint="say `by`, and in `steps` at least that it was `asked` or `given`",
                code="empty-list",
            )
        what = f"a step of `{self.id}`"
        steps = tuple(
            Step(
                since=_first(s.since, zone),
                is_=s.is_,
                source=sourced(s.source, what, recalled=s.recalled),
                recalled=s.recalled,
            )
            for s in self.steps
        )
        known = steps[0].since if self.known is None else _first(self.known, zone)
        made = Undertaking(
            id=self.id,
            by=self.by,
            to=self.to,
            says=self.says,
            steps=steps,
            known=known,
            does=self.does,
            due=exclusive(self.due, zone),
            speaker=self.speaker,
            after=self.after,
        )
        wrong = made.misplaced()
        in_order = all(a.since <= b.since for a, b in pairwise(steps))
        if wrong is not None or not in_order:
            why = "its steps are not in order of time"
            if wrong is not None:
                why = f"`{wrong.is_}` does not follow what stands before it"
            raise InvalidInput(
                f"undertaking `{self.id}`: {why}",
                hint="first `asked` or `given`; only what is given is kept, broken or ended",
                code="misplaced-step",
            )
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureTable:
    """Who has signed a statement, and when: ``{ by = "jp", since = "2019-11-17" }``."""

    by: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTable:
    """A joint statement, one text that all sign: ``[[statement]]``."""

    id: str
    title: str
    by: tuple[str, ...]
    says: str
    signed: tuple[SignatureTable, ...] = ()
    text: str | None = None
    meeting: str | None = None
    source: str = ""
    recalled: bool = False

    def value(self, zone: Zone) -> Statement:
        """Return the statement.

        Raises:
            InvalidInput: fewer than two, a signature of somebody else's, or no digest.
        """
        signed = tuple(Signature(by=s.by, since=_first(s.since, zone)) for s in self.signed)
        others = sorted({s.by for s in signed} - set(self.by))
        if len(set(self.by)) < 2 or others:
            why = (
                f"`{others[0]}` signs what is not its own" if others else "is no joint one"
            )
            raise InvalidInput(
                f"statement `{self.id}`: {why}",
                hint="`by` names all whose statement it is, two or more; only they sign",
                code="bad-signature",
            )
        if self.text is not None:
            check_digest(self.text)
        return Statement(
            id=self.id,
            title=self.title,
            by=self.by,
            says=self.says,
            signed=tuple(sorted(signed)),
            text=self.text,
            meeting=self.meeting,
            source=sourced(self.source, f"statement `{self.id}`", recalled=self.recalled),
            recalled=self.recalled,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerTable:
    """A person who speaks for a party: ``[[speaker]]``."""

    id: str
    name: str
    by: str
    capacity: str
    level: Rank
    names: tuple[str, ...] = ()
    since: str | None = None
    before: str | None = None
    source: str = ""
    recalled: bool = False

    def value(self, zone: Zone) -> Speaker:
        """Return the speaker."""
        return Speaker(
            id=self.id,
            name=self.name,
            by=self.by,
            capacity=self.capacity,
            rank=self.level,
            names=self.names,
            since=exclusive(self.since, zone),
            before=exclusive(self.before, zone),
            source=sourced(self.source, f"speaker `{self.id}`", recalled=self.recalled),
            recalled=self.recalled,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberTable:
    """A membership of a forum: ``{ name = "Japan", party = "jp", since = "2010-10-12" }``."""

    name: str
    party: str | None = None
    since: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForumTable:
    """A standing body in whose margins parties meet: ``[[forum]]``."""

    id: str
    name: str
    members: tuple[MemberTable, ...]
    includes: tuple[str, ...] = ()
    since: str | None = None
    source: str = ""
    recalled: bool = False

    def value(self, zone: Zone) -> Forum:
        """Return the forum."""
        return Forum(
            id=self.id,
            name=self.name,
            members=tuple(
                Member(
                    name=m.name,
                    party=m.party,
                    since=exclusive(m.since, zone),
                    before=exclusive(m.before, zone),
                )
                for m in self.members
            ),
            includes=self.includes,
            since=exclusive(self.since, zone),
            source=sourced(self.source, f"forum `{self.id}`", recalled=self.recalled),
            recalled=self.recalled,
        )


def _first(text: str, zone: Zone) -> Instant:
    return Span.parse(text, zone).start
