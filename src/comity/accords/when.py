"""When something begins or ends, and how long it lasts, as one expression for every clause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comity.accords.binding import register
from comity.accords.instruments import Op, Stage
from comity.accords.times import Count, FarEnd, Period
from comity.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event that a clause counts from: an operation at a named stage, or the entry.

    Attributes:
        by: whose act it is, a party's or an actor's; None leaves it to the *when*.
    """

    op: Op | None
    stage: Stage | None
    by: str | None = None

    @classmethod
    def parse(cls, text: str) -> Trigger:
        """Read ``notify_completion:dated``, ``object:dated by congress``, or ``entry``.

        Raises:
            InvalidInput: no such operation or stage, or no stage named.
        """
        if text == "entry":
            return cls(None, None)
        event, _, by = text.partition(" by ")
        name, _, stage = event.partition(":")
        try:
            return cls(Op(name), Stage(stage), by or None)
        except ValueError:
            raise InvalidInput(
                f"`{text}` is not a trigger",
                hint="name the act and its stage, such as `notify_completion:dated` or"
                " `deposit:received`; or `entry`",
                code="bad-trigger",
            ) from None

    def __str__(self) -> str:
        """Return the trigger as written."""
        if self.op is None:
            return "entry"
        return f"{self.op}:{self.stage}" + (f" by {self.by}" if self.by else "")


FIRST_OF_NEXT_MONTH = "first of next month"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a count: a period, or on to the first day of the next month."""

    period: Period | None

    @classmethod
    def parse(cls, text: str) -> Step:
        """Read ``P6M`` or ``first of next month``."""
        return cls(None) if text == FIRST_OF_NEXT_MONTH else cls(Period.parse(text))

    def __str__(self) -> str:
        """Return the step as written."""
        return FIRST_OF_NEXT_MONTH if self.period is None else self.period.text


register(Trigger, Trigger.parse, r"^(entry|[a-z_]+:[a-z]+( by .+)?)$")
register(Step, Step.parse, rf"^({FIRST_OF_NEXT_MONTH}|P.+)$")


class Of(StrEnum):
    """Whose act a trigger waits for."""

    EVERY_PARTY = "every party"
    ANY_PARTY = "any party"
    THAT_PARTY = "that party"
    SECOND = "second"
    """The second of two or more: *thirty days after two deposits*."""


class Pick(StrEnum):
    """Which of several triggers counts."""

    LATEST = "latest"
    EARLIEST = "earliest"


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """When something begins or ends: from triggers, by steps, in order.

    Attributes:
        from_: the triggers; several are picked from by ``pick``.
        of: whose act each trigger waits for.
        then: steps, in the order they stand; none means the instant itself.
        count: how the days of the steps are counted.
        on: a day, instead of triggers; it comes as that day begins.
        until: a last day, instead of triggers; it comes as the next day begins.
        earliest, latest: the earliest (latest) of several; one that never comes is left
            out of ``earliest`` and keeps ``latest`` from coming.
        if_, else_: where the trigger ``if`` has occurred this holds, and otherwise
            ``else``.
        unless: where this trigger has occurred before it comes, it never does.
        set_by: an actor who may set another day by the operation ``set_date``, with
            ``about`` naming it.
        about: the name by which it is set.
    """

    from_: tuple[Trigger, ...] = ()
    of: Of = Of.EVERY_PARTY
    pick: Pick = Pick.LATEST
    then: tuple[Step, ...] = ()
    count: Count = Count.ANNIVERSARY
    on: date | None = None
    until: date | None = None
    earliest: tuple[When, ...] = ()
    latest: tuple[When, ...] = ()
    if_: Trigger | None = None
    else_: When | None = None
    unless: Trigger | None = None
    set_by: str | None = None
    about: str | None = None

    def __post_init__(self) -> None:
        """Refuse an expression that says nothing, or two things.

        Raises:
            InvalidInput: not exactly one of the five ways to say when.
        """
        ways = [
            bool(self.from_),
            self.on is not None,
            self.until is not None,
            bool(self.earliest),
            bool(self.latest),
        ]
        if sum(ways) != 1:
            raise InvalidInput(
                "a *when* says exactly one of `from`, `on`, `until`, `earliest` and `latest`",
                hint='for example `{ from = ["notify_completion:dated"] }`',
                code="bad-when",
            )
        if self.then and not self.from_:
            raise InvalidInput(
                "`then` needs `from`: steps are counted from an event",
                hint="move `then` into the *when* that has the trigger",
                code="bad-when",
            )
        if (self.set_by is None) is not (self.about is None):
            raise InvalidInput(
                "`set_by` and `about` go together",
                hint="name the actor and what it sets",
                code="bad-when",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A period with the rule by which it is counted."""

    for_: Period
    count: Count
    to: FarEnd = FarEnd.FIRST_DAY_OUT
