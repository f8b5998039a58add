"""How an accord begins, goes on, is suspended and ends, and on which others it hangs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comity.accords.clause import Clause, PointRef
from comity.accords.instruments import Op
from comity.accords.times import Count, Period
from comity.accords.when import Length, Of, When
from comity.errors import InvalidInput


class RenewalBy(StrEnum):
    """What makes a term renew."""

    SILENCE = "silence"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """How a term goes on: by silence unless notice is given, or only by agreement."""

    for_: Period
    count: Count
    by: RenewalBy


class Effect(StrEnum):
    """When an exit takes effect."""

    END_OF_PERIOD = "end of period"
    AFTER_LENGTH = "after the length"
    ON_DATE_NAMED = "on the date named"
    AT_ONCE = "at once"


class Late(StrEnum):
    """What a notice does that comes too late for the running period."""

    NEXT_PERIOD = "next period"
    WITHOUT_EFFECT = "without effect"


class Ends(StrEnum):
    """What an exit ends."""

    ACCORD = "accord"
    PART = "part"
    """Only the notifier's part; the accord goes on between the others."""


class Suspended(StrEnum):
    """What a suspended notice is: readings of a question no convention answers."""

    DORMANT = "dormant"
    """The notifier may let it take effect at any time, at once."""
    REVOKED = "revoked"
    """The notice is gone; to end the accord takes a new one."""
    AGREED_VARIATION = "agreed variation"
    """Both sides agreed to go on; only the accord's own exit ends it."""


class Depends(StrEnum):
    """How the standing of one accord hangs on that of another."""

    START_AND_END = "start and end"
    """It stands not before the other does, and no longer; a suspension stays the other's."""
    WHILE_IT_STANDS = "while it stands"
    """As `START_AND_END`, and it is suspended while the other is."""
    SENDING = "sending"
    """Only what some parties send: the other authorises their sending, as a statute does."""


class Meanwhile(StrEnum):
    """What becomes of protection while the operation is suspended."""

    GOES_ON = "goes on"
    STOPS = "stops"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Clause):
    """When the accord enters into force."""

    when: When


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining(Clause):
    """When it enters into force for a party that comes later, or comes back.

    Attributes:
        admitted_by: the actor without whom nobody joins: both perform the instrument. None:
            a newcomer joins alone.
    """

    when: When
    admitted_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisional(Clause):
    """From when to when it is applied provisionally; only between those who declared."""

    when: When
    ends: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Clause):
    """How long it stays in force.

    Exactly one of ``initial``, ``indefinite``, ``until`` (last day) and ``before`` (first
    day out).
    """

    initial: Length | None = None
    renewal: Renewal | None = None
    indefinite: bool = False
    until: date | None = None
    before: date | None = None

    def __post_init__(self) -> None:
        """Refuse a term that says nothing or two things.

        Raises:
            InvalidInput: not exactly one length.
        """
        said = [self.initial, self.until, self.before]
        if sum(part is not None for part in said) + self.indefinite != 1:
            raise InvalidInput(
                "a term says exactly one of `initial`, `indefinite`, `until` and `before`",
                hint='for example `initial = { for = "P1Y", count = "anniversary" }`',
                code="bad-term",
            )
        if self.renewal is not None and self.initial is None:
            raise InvalidInput(
                "`renewal` needs `initial`: a term renews from where the first one ends",
                hint="say `initial` as well",
                code="bad-term",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit(Clause):
    """How a party ends the accord, or its part in it, by notice.

    Attributes:
        who: ``either``, or a party or actor by id.
        form, channel: what the notice needs; None asks nothing.
        length: how far ahead; counted back from the end of the period, or forward from
            receipt where it takes effect after the length.
        requires: acts of the same party that must have been done before.
        not_before: no notice counts before this.
        takes_effect, late: or an open point.
        ends: the accord, or the notifier's part.
        revocable: whether a notice may be taken back before it takes effect; None leaves
            it to the governing law (VCLT 68: yes).
    """

    who: str = "either"
    form: str | None = None
    channel: str | None = None
    length: Length | None = None
    requires: tuple[Op, ...] = ()
    not_before: When | None = None
    takes_effect: Effect | PointRef = Effect.END_OF_PERIOD
    late: Late | PointRef = Late.NEXT_PERIOD
    ends: Ends = Ends.ACCORD
    revocable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension(Clause):
    """How a party suspends the accord's operation.

    Attributes:
        who, form, channel, requires: as for an exit; ``requires = ["allege_breach"]`` asks
            for a claimed breach.
        length: how long after receipt it begins; None is at once.
        at_most: how long it lasts at most.
        part: whether the actor in ``who`` suspends one party's part, which its act names.
        protection: whether what was given stays protected meanwhile. Suspension frees
            from performance (VCLT 72); protection stops only where the text says so.
    """

    who: str = "either"
    form: str | None = None
    channel: str | None = None
    length: Length | None = None
    requires: tuple[Op, ...] = ()
    at_most: Length | None = None
    part: bool = False
    protection: Meanwhile = Meanwhile.GOES_ON


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment(Clause):
    """How the text is changed: by written consent of all."""

    by: Of = Of.EVERY_PARTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor(Clause):
    """An organ, a depositary or a joint body, with the acts it may do."""

    id: str
    is_: str
    may: tuple[Op, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supersedes(Clause):
    """This accord takes the place of an earlier one, between those for whom it is in force.

    Once it has been in force between two parties, the earlier one has ended between them,
    and stays so; it goes on between all others (VCLT 30, 59).

    Attributes:
        accord: the earlier accord, by id.
        adopts: whether the items given under the earlier one count as given under this one.
    """

    accord: str
    adopts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied(Clause):
    """The standing of this accord hangs on that of another at the same instant.

    Attributes:
        to: the other accord, by id.
        how: in what.
        who: with ``sending``, the parties who may send only while the other stands.
    """

    to: str
    how: Depends
    who: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a tie of sending for nobody, and names that no other tie asks for.

        Raises:
            InvalidInput: ``who`` and ``how`` do not go together.
        """
        if (self.how is Depends.SENDING) is not bool(self.who):
            raise InvalidInput(
                '`who` goes with `how = "sending"`, and with nothing else',
                hint="name the parties who may send only while the other stands; a tie of the"
                " whole accord names nobody",
                code="bad-tie",
            )
