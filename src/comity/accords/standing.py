"""What the clock answers: a standing, the notices in it, and what each party makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.state import SUSPENDED_NOTICE, Effect, Notice, State
from comity.accords.table import NoticeState, Status
from comity.accords.times import Instant
from comity.errors import InvalidInput


class Certainty(StrEnum):
    """How sure an answer is."""

    EXACT = "exact"
    ASSUMED = "assumed"
    """It hangs on an instrument that is recalled or supposed, or whose time is assumed."""
    INTERVAL = "interval"
    """It lies inside the interval in which something is known to have happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A party's position on an open point.

    Attributes:
        since: when the party took it.
        known: when it became known to us; None for ``since``.
        source: where it was read; ``attributed`` says that another than the party
            reports it.
    """

    party: str
    accord: str
    open_point: str
    reading: str
    since: Instant
    known: Instant | None = None
    source: str = ""
    attributed: str = ""
    recalled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A notice as one view sees it."""

    id: str
    by: str
    state: NoticeState
    given: Instant
    bites: Instant
    article: str
    suspended: Instant | None
    instrument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyView:
    """What an accord is under one party's readings and recorded times.

    Attributes:
        recorded: whether the party has any reading or time of its own on record.
        readings: its answer to each open point, with the source.
        earliest_end: the earliest instant at which one party alone could end the accord,
            and who; None where none can.
    """

    party: str
    recorded: bool
    readings: tuple[Reading, ...]
    status: Status
    notices: tuple[NoticeView, ...]
    earliest_end: Instant | None
    earliest_end_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The standing between a pair, without what the parties say about it.

    Attributes:
        status, since, before, articles, because: as in `Standing`.
    """

    status: Status
    since: Instant
    before: Instant | None
    articles: tuple[str, ...]
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an accord is at an instant.

    Attributes:
        status: between the pair asked for, or between the parties.
        since: from when on the status is established; ``since_earliest`` differs where
            that is known to an interval only.
        before: the first instant at which it will be another, were nothing done; None
            for no date.
        period: first instant and first instant out of the running period; None where no
            period has a fixed end.
        certainty: of the status and the notices.
        disputed: whether recorded readings differ in standing, in a notice, or in the
            earliest end that one party alone could bring about.
        disagreements: what they differ in, in words.
        articles: that the status rests on.
        effects: what each operation so far did, under this view.
        doubts: the instruments whose uncertain time, or the count, leaves it unsettled.
        supposed: readings that everyone is supposed to follow, by open point.
        because: which other accords make the status another than this one's own, in words.
    """

    accord: str
    title: str
    at: Instant
    status: Status
    since: Instant
    since_earliest: Instant
    before: Instant | None
    period: tuple[Instant, Instant] | None
    certainty: Certainty
    notices: tuple[NoticeView, ...]
    disputed: bool
    disagreements: tuple[str, ...]
    readings: Mapping[str, PartyView]
    parties: Mapping[str, Status]
    pairs: Mapping[tuple[str, str], Status]
    articles: tuple[str, ...]
    effects: tuple[Effect, ...]
    doubts: tuple[str, ...]
    supposed: Mapping[str, str]
    because: tuple[str, ...] = ()


def notice_views(state: State) -> tuple[NoticeView, ...]:
    """Return the notices of a state as a view shows them."""
    return tuple(_notice_view(notice) for notice in state.notices)


def _notice_view(notice: Notice) -> NoticeView:
    return NoticeView(
        id=notice.id,
        by=notice.by,
        state=notice.state,
        given=notice.given,
        bites=notice.bites,
        article=notice.rule.cites,
        suspended=notice.suspended,
        instrument=notice.instrument,
    )


def check_reading(accord: Accord, point: str, reading: str) -> None:
    """Refuse a reading that the text does not know.

    Raises:
        InvalidInput: no such open point, or no such reading of it.
    """
    declared = accord.open_point(point)
    if declared is not None:
        known = declared.readings
    elif point == SUSPENDED_NOTICE:
        known = tuple(c.Suspended)
    else:
        points = [p.id for p in accord.all(c.OpenPoint)] or ["none"]
        raise InvalidInput(
            f"`{accord.id}` has no open point `{point}`",
            hint="its open points: " + ", ".join(points),
            code="no-open-point",
        )
    if reading not in known:
        raise InvalidInput(
            f"`{reading}` is no reading of the open point `{point}`",
            hint="its readings: " + ", ".join(known),
            code="no-reading",
        )
