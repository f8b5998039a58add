"""How a world's plain files spell what is said beside its accords, one class a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from comity.accords.times import Instant, Span, Zone, parse_instant
from comity.errors import InvalidInput
from comity.talks.forums import Forum, Member
from comity.talks.phrases import check_phrase
from comity.talks.readouts import (
    Account,
    AccountKind,
    Fact,
    Meeting,
    Passage,
    Point,
    Relation,
)
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
from comity.talks.wording import WEEKDAYS
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
            check_phrase(2, self.text)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingTable:
    """A meeting that accounts tell of: ``[[meeting]]``."""

    id: str
    title: str
    place: str
    zone: Zone
    on: date
    who: tuple[str, ...]
    forum: str | None = None
    accord: str | None = None
    speakers: tuple[str, ...] = ()
    proposed: bool = False

    def value(self, _: Zone) -> Meeting:
        """Return the meeting."""
        return Meeting(
            id=self.id,
            title=self.title,
            place=self.place,
            zone=self.zone,
            on=self.on,
            who=self.who,
            forum=self.forum,
            accord=self.accord,
            speakers=self.speakers,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTable:
    """One account of a meeting: ``[[account]]``."""

    id: str
    meeting: str
    side: str
    by: str
    kind: AccountKind
    dated: str
    source: str
    zone: Zone | None = None
    first_hand: bool = False
    dateline: str = ""
    weekday: str | None = None
    after: tuple[str, ...] = ()
    revises: str | None = None
    paragraphs: int | None = None
    proposed: bool = False

    def value(self, zone: Zone) -> Account:
        """Return the account.

        Raises:
            InvalidInput: its date is none, or its weekday no day of the week.
        """
        own = zone if self.zone is None else self.zone
        dated = Span.parse(self.dated, own)
        if self.weekday is not None and self.weekday not in WEEKDAYS:
            raise InvalidInput(
                f"`{self.weekday}` is no day of the week",
                hint="write " + ", ".join(f"`{day}`" for day in WEEKDAYS),
                code="unknown-word",
            )
        return Account(
            id=self.id,
            meeting=self.meeting,
            side=self.side,
            by=self.by,
            kind=self.kind,
            dated=dated,
            day=own.day_of(dated.start),
            zone=own,
            first_hand=self.first_hand,
            source=self.source,
            dateline=self.dateline,
            weekday=self.weekday,
            after=self.after,
            revises=self.revises,
            paragraphs=self.paragraphs,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTable:
    """A matter on which accounts are compared: ``[[point]]``."""

    number: int
    meeting: str
    matter: str
    relation: Relation
    note: str = ""
    proposed: bool = False

    def value(self, _: Zone) -> Point:
        """Return the point.

        Raises:
            InvalidInput: its matter has no words.
        """
        return Point(
            number=self.number,
            meeting=self.meeting,
            matter=_words(self.matter, "matter"),
            relation=self.relation,
            note=self.note,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTable:
    """One thing that a passage says: ``{ of = "length", is = "40 minutes" }``.

    A time is ``{ of = "end", time = "midnight on 2019-11-23" }``; where a person has
    settled what is meant, with ``means`` and ``why``.
    """

    of: str
    is_: str = ""
    time: str = ""
    means: str | None = None
    why: str = ""

    def value(self) -> Fact:
        """Return the fact.

        Raises:
            InvalidInput: it says nothing, or two things, or settles a time without a why.
        """
        settled = self.means is not None
        if bool(self.is_) is bool(self.time):
            raise InvalidInput(
                f"the fact of `{self.of}` says neither or both of `is` and `time`",
                hint="write `is` for words, `time` for a time as it is said",
                code="bad-fact",
            )
        if settled is not bool(self.why) or (settled and not self.time):
            raise InvalidInput(
                f"the fact of `{self.of}` has to say `means` and `why` together, of a time",
                hint="what is meant is a person's finding: say why",
                code="bad-fact",
            )
        means = None if self.means is None else parse_instant(self.means)
        return Fact(of=self.of, is_=self.is_, time=self.time, means=means, why=self.why)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageTable:
    """What one account says of one point, and where: ``[[passage]]``."""

    point: int
    account: str
    says: str
    paragraph: int
    words: int
    phrase: str
    facts: tuple[FactTable, ...] = ()
    speaker: str | None = None
    after: tuple[str, ...] = ()
    declined: bool = False
    proposed: bool = False

    def value(self, _: Zone) -> Passage:
        """Return the passage.

        Raises:
            InvalidInput: no digest of a short phrase, a fact that is none, or no words.
        """
        check_phrase(self.words, self.phrase)
        return Passage(
            point=self.point,
            account=self.account,
            says=_words(self.says, "says"),
            paragraph=self.paragraph,
            words=self.words,
            phrase=self.phrase,
            facts=tuple(fact.value() for fact in self.facts),
            speaker=self.speaker,
            after=self.after,
            declined=self.declined,
        )


def _words(text: str, key: str) -> str:
    """Return a text that says something in words.

    Raises:
        InvalidInput: it has no letter, as in a draft that nobody has written out.
    """
    if not any(char.isalpha() for char in text):
        raise InvalidInput(
            f"`{key}` has no words",
            hint="say it in your own short words",
            code="no-words",
        )
    return text


def _first(text: str, zone: Zone) -> Instant:
    return Span.parse(text, zone).start
