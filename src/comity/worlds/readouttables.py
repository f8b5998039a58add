"""How a world's plain files spell readouts: meetings, accounts, points and passages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from comity.accords.times import Span, Zone, parse_instant
from comity.errors import InvalidInput
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
from comity.talks.wording import WEEKDAYS


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
