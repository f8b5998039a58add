"""Two accounts of one meeting, side by side by point, and how they stand to one another.

What an account says is told in our own short words. Where it stands there is told by the
paragraph and the digest of a short phrase, so that whoever has the account finds the place
and nothing of it is copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comity.accords.times import Instant, Span, Zone
from comity.talks.wording import meanings


class AccountKind(StrEnum):
    """What sort of text an account is."""

    PRESS_REPORT = "press report"
    OFFICIAL_READOUT = "official readout"
    STATEMENT = "statement"
    MINUTES = "minutes"
    TRANSCRIPT = "transcript"


class Relation(StrEnum):
    """How the accounts of a meeting stand to one another on a point."""

    BOTH = "both"
    """Said by all that tell of it, though one may add something."""
    ONE = "one only"
    """Told by one account alone."""
    PARTS = "different parts"
    """Each tells a different part."""
    ODDS = "at odds"
    """They say what cannot both be so."""
    AMBIGUOUS = "ambiguous"
    """Told, and what is told may mean more than one thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting that accounts tell of.

    Attributes:
        on: the day, local to ``zone``.
        forum: in whose margins, by id.
        accord: about which accord, by id.
        who: the parties.
        speakers: the persons, by id.
    """

    id: str
    title: str
    place: str
    zone: Zone
    on: date
    who: tuple[str, ...]
    forum: str | None = None
    accord: str | None = None
    speakers: tuple[str, ...] = ()
    where: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of a meeting.

    Attributes:
        side: the party from whose side it tells.
        by: who tells, in words.
        dated: when it is dated; a day or an instant.
        day: that day, local to ``zone``; weekdays in it count from here.
        weekday: the weekday that the account itself names beside its date.
        dateline: the place that it names.
        first_hand: whether the teller was in the room.
        after: through whom, nearest to us first.
        revises: an earlier account whose place it takes.
        paragraphs: how many it has.
    """

    id: str
    meeting: str
    side: str
    by: str
    kind: AccountKind
    dated: Span
    day: date
    zone: Zone
    first_hand: bool
    source: str
    dateline: str = ""
    weekday: str | None = None
    after: tuple[str, ...] = ()
    revises: str | None = None
    paragraphs: int | None = None
    where: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that a passage says, so that accounts can be compared.

    Attributes:
        of: about what, in a word of our own that the accounts' passages share.
        is_: what it says of it, in our words; empty for a time.
        time: a time as it is said; see `comity.talks.wording.meanings`.
        means: which of its meanings is meant, where a person has settled that.
        why: why that one.
    """

    of: str
    is_: str = ""
    time: str = ""
    means: Instant | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What one account says of one point, and where.

    Attributes:
        says: in our own short words.
        paragraph: the non-empty line, from 1.
        words, phrase: the length and the digest of a short phrase in it; see
            `comity.talks.phrases`.
        speaker: whose words it reports, by id.
        after: at second hand: through whom the account has it.
        declined: whether the speaker was asked and gave no answer.
    """

    point: int
    account: str
    says: str
    paragraph: int
    words: int
    phrase: str
    facts: tuple[Fact, ...] = ()
    speaker: str | None = None
    after: tuple[str, ...] = ()
    declined: bool = False
    where: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A matter on which accounts are compared, with the relation that a person stated."""

    number: int
    meeting: str
    matter: str
    relation: Relation
    note: str = ""
    where: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A time in an account that may mean more than one thing.

    Attributes:
        may_be: all that it may mean, earliest first; two or more.
        means, why: which one is meant and why, where a person has settled that.
    """

    account: str
    of: str
    time: str
    may_be: tuple[Span, ...]
    means: Instant | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A point with what each account says of it, and the relation.

    Attributes:
        computed: what the passages' facts show; None where they do not say enough, and
            then the stated relation stands.
        adds: what an account alone says, by account.
    """

    point: Point
    passages: tuple[Passage, ...]
    computed: Relation | None
    adds: dict[str, tuple[str, ...]]
    doubts: tuple[Doubt, ...]

    @property
    def relation(self) -> Relation:
        """The relation: as computed, or as stated where nothing could be."""
        return self.point.relation if self.computed is None else self.computed

    def of(self, account: str) -> tuple[Passage, ...]:
        """Return what an account says of it."""
        return tuple(p for p in self.passages if p.account == account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readouts:
    """All meetings of a world, with their accounts, points and passages."""

    meetings: tuple[Meeting, ...] = ()
    accounts: tuple[Account, ...] = ()
    points: tuple[Point, ...] = ()
    passages: tuple[Passage, ...] = ()

    def of(self, meeting: str, at: Instant | None = None) -> tuple[Account, ...]:
        """Return a meeting's accounts dated by an instant, without those revised by then."""
        known = [
            account
            for account in self.accounts
            if account.meeting == meeting and (at is None or account.dated.start <= at)
        ]
        revised = {account.revises for account in known}
        return tuple(account for account in known if account.id not in revised)

    def compared(self, meeting: str, at: Instant | None = None) -> tuple[Compared, ...]:
        """Return a meeting's points in order, as the accounts known by then tell of them."""
        accounts = {account.id: account for account in self.of(meeting, at)}
        found = []
        for point in sorted(self.points, key=lambda point: point.number):
            told = [
                passage
                for passage in self.passages
                if passage.point == point.number and passage.account in accounts
            ]
            if point.meeting == meeting and told:
                found.append(compare(point, told, accounts))
        return tuple(found)


def compare(
    point: Point, passages: Sequence[Passage], accounts: dict[str, Account]
) -> Compared:
    """Compare what accounts say of one point.

    Args:
        point: the point.
        passages: what is said of it, one or more.
        accounts: the accounts that are compared, by id, also those that say nothing.
    """
    tellers = list(dict.fromkeys(passage.account for passage in passages))
    facts = {
        name: {f.of: f for p in passages if p.account == name for f in p.facts}
        for name in tellers
    }
    read = {
        name: {of: _values(fact, accounts[name]) for of, fact in said.items()}
        for name, said in facts.items()
    }
    doubts = tuple(
        Doubt(
            account=name,
            of=of,
            time=facts[name][of].time,
            may_be=tuple(value for value in values if isinstance(value, Span)),
            means=facts[name][of].means,
            why=facts[name][of].why,
        )
        for name, said in read.items()
        for of, values in said.items()
        if len(values) > 1
    )
    adds = {
        name: tuple(
            of for of in said if not any(of in facts[o] for o in tellers if o != name)
        )
        for name, said in facts.items()
    }
    return Compared(
        point=point,
        passages=tuple(sorted(passages, key=lambda p: tellers.index(p.account))),
        computed=_computed(read, doubts=bool(doubts), alone=len(accounts) > 1),
        adds=adds,
        doubts=doubts,
    )


def _computed(
    read: dict[str, dict[str, list[str | Span]]], *, doubts: bool, alone: bool
) -> Relation | None:
    """Return the relation that facts show; None where an account's are not given."""
    if len(read) == 1:
        return Relation.ONE if alone else None
    shared = set.intersection(*(set(said) for said in read.values()))
    for of in {of for said in read.values() for of in said}:
        values = [said[of] for said in read.values() if of in said]
        if not all(_agree(a, b) for n, a in enumerate(values) for b in values[n + 1 :]):
            return Relation.ODDS
    if doubts:
        return Relation.AMBIGUOUS
    if not all(read.values()):
        return None
    return Relation.BOTH if shared else Relation.PARTS


def _values(fact: Fact, account: Account) -> list[str | Span]:
    """Return all that a fact may say: its words, or each time that is possible."""
    if fact.time:
        return list(meanings(fact.time, account.day, account.zone))
    return [" ".join(fact.is_.split()).casefold()]


def _agree(one: Iterable[str | Span], other: Iterable[str | Span]) -> bool:
    """Say whether two facts may both be so: the same words, or times that overlap."""
    return any(_same(a, b) for a in one for b in other)


def _same(one: str | Span, other: str | Span) -> bool:
    if isinstance(one, Span) and isinstance(other, Span):
        return one.start < other.before and other.start < one.before
    return one == other
