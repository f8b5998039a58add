"""What may cross, between whom, at which level, and who has to agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from comity.accords.binding import register
from comity.accords.clause import Clause, Side
from comity.accords.times import Period
from comity.errors import InvalidInput
from comity.labels import Level, Mark

register(Level, Level.parse, r"^[a-z][a-z0-9-]*:.+$")
register(Mark, Mark.parse, r"^[a-z][a-z0-9-]*:[^/]+/.+$")


class Choose(StrEnum):
    """Who picks where an equivalence row has several targets."""

    RECIPIENT = "recipient"
    NOBODY = "nobody"


class Relation(StrEnum):
    """How the levels of a row correspond."""

    EQUAL = "equal"
    AT_LEAST = "at least"
    """The recipient handles it at this level or at one above it."""
    HANDLE_AS = "handle as"
    """The recipient has no such level, and handles it as this one."""
    NONE = "none"
    """No level corresponds, and the text says so: nothing goes."""


class Consent(StrEnum):
    """Whose consent an onward release needs."""

    EACH_ORIGINATOR = "each originator"
    BY_MARKING = "by marking"
    """That of each originator, unless its own marking releases it to the recipient."""
    NEVER = "never"
    """No onward release at all."""
    NOT_NEEDED = "not needed"


class YearsFrom(StrEnum):
    """From when the years of a classification are counted."""

    MARKING = "the marking"
    FIRST_OF_NEXT_YEAR = "1 January of the next year"


class Exempts(StrEnum):
    """Which family of clauses an exception stands beside."""

    SCOPE = "scope"
    PURPOSE = "purpose"
    THIRD_PARTY = "third_party"


class Answer(StrEnum):
    """What an exception answers where it applies."""

    PERMIT = "permit"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(Clause):
    """What may cross: categories, kinds of medium and directions.

    ``["any"]`` admits all; a list that is left out or empty admits nothing. A direction
    is written ``kr to jp``.
    """

    categories: tuple[str, ...]
    kinds: tuple[str, ...]
    directions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence(Clause):
    """One row of the table of levels: directed, and silent rows release nothing.

    Attributes:
        from_: the originator's or holder's level.
        to: the recipient's levels; several need a choice.
        choose: who picks among several.
        relation: how they correspond.
        since: the first day of the row; None: from entry into force.
        before: its first day out, in the accord's zone.
    """

    from_: Level
    to: tuple[Level, ...]
    choose: Choose = Choose.NOBODY
    relation: Relation = Relation.EQUAL
    since: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagEquivalence(Clause):
    """One row of the table of tags: a restrictive or permissive value without one stays.

    Attributes:
        from_: a value of the originator's or holder's policy.
        to: the recipient's values, all of which it then bears.
        drop: the parties agree that the value is left off; ``to`` is empty then.
        since: the first day of the row; None: from entry into force.
        before: its first day out, in the accord's zone.
    """

    from_: Mark
    to: tuple[Mark, ...] = ()
    drop: bool = False
    since: date | None = None
    before: date | None = None

    def __post_init__(self) -> None:
        """Refuse a row that leads nowhere and does not say so.

        Raises:
            InvalidInput: both or neither of ``to`` and ``drop``.
        """
        if bool(self.to) is self.drop:
            raise InvalidInput(
                f"the row of `{self.from_}` says both or neither of `to` and `drop`",
                hint="name the recipient's tags, or say `drop = true` where the text drops it",
                code="bad-row",
            )


Row: TypeAlias = Equivalence | TagEquivalence


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonPolicy(Clause):
    """Both sides mark by one policy: what bears these levels and tags goes as it is.

    Attributes:
        policy: by id.
        levels: those that go, by name; an empty list lets none go.
        tags: those that go, as ``set/value``.
    """

    policy: str
    levels: tuple[str, ...]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose(Clause):
    """For what it may be used.

    Attributes:
        allowed: purposes by name, or ``["any"]``.
        as_given: only for the purpose for which it was given; another needs the consent
            of every originator.
    """

    allowed: tuple[str, ...]
    as_given: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdParty(Clause):
    """What an originator outside the pair has to say."""

    consent: Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate(Clause):
    """A condition that must be met, by a recorded act, before a release.

    Attributes:
        id: by which acts ``meet`` it.
        needs: in words.
        who: whose act meets it.
        or_consent: whether the written consent of every originator to that very release
            stands in for it.
    """

    id: str
    needs: str
    who: Side
    or_consent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Declassification(Clause):
    """When a classification lapses by the text alone.

    Attributes:
        after: how long it lasts.
        counted: from when that is counted.
        unless: what keeps it from lapsing, in words.
        announce: how far ahead the originator announces another classification.
    """

    after: Period
    counted: YearsFrom
    unless: str | None = None
    announce: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel(Clause):
    """By which ways an item may go; others are refused."""

    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption(Clause):
    """An exception beside the article that makes it; never folded into the rule.

    It applies where every list that it gives matches: one that permits needs the whole of
    what is asked in its lists, one that denies catches what has a part there. Two that can
    apply and answer differently are an error.
    """

    to: Exempts
    answer: Answer
    categories: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    originators: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
