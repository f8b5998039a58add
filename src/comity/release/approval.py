"""Consents, requests for consent and refusals, as the instruments record them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from comity.accords.accord import Accord
from comity.accords.instruments import Instrument, Op, Operation
from comity.accords.operations import day_after, first_of
from comity.accords.state import NO_AUTHORITY, moment_span
from comity.accords.times import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """An originator's consent under one accord, with the time in which it stands.

    Attributes:
        operation: what it covers.
        given: the earliest instant at which it may have been given.
        since: the first at which it counts for certain.
        before: the first at which it no longer does; None for no end.
        revoked: when it was taken back, at the earliest; None where it was not.
        lacks: what it lacks to be one; such a consent never counts.
    """

    id: str
    by: str
    accord: str
    operation: Operation
    given: Instant
    since: Instant
    before: Instant | None
    revoked: Instant | None = None
    lacks: str = ""

    def stands(self, at: Instant) -> bool:
        """Say whether it stands at an instant, for certain."""
        ends = self.before is not None and self.before <= at
        return not self.lacks and self.since <= at and not ends


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAsked:
    """A request for consent: who asks whom, and for what.

    Attributes:
        by: who asked.
        of: the originator who is asked.
        since: when it was made, at the earliest.
    """

    id: str
    by: tuple[str, ...]
    of: str
    accord: str
    operation: Operation
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An originator's *no* to a request; it binds from the earliest instant it may be from.

    It beats every consent that was not certainly given after it.

    Attributes:
        asked: the request that it answers.
        last: the latest instant at which it may have been made.
    """

    id: str
    by: str
    asked: ConsentAsked
    since: Instant
    last: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """All of them, in the order of the instruments.

    Attributes:
        consents: also those that lack something and count for nothing.
    """

    consents: tuple[ConsentGiven, ...]
    asked: tuple[ConsentAsked, ...]
    refusals: tuple[Refusal, ...]


def approvals(instruments: Sequence[Instrument], accords: Iterable[Accord]) -> Approvals:
    """Return what the instruments say of consents, requests and refusals."""
    asked = tuple(_asked(instruments))
    return Approvals(
        consents=tuple(_given(instruments, {a.id: a for a in accords})),
        asked=asked,
        refusals=tuple(_refusals(instruments, asked)),
    )


def _asked(instruments: Sequence[Instrument]) -> Iterator[ConsentAsked]:
    for instrument in instruments:
        for operation in instrument.operations:
            if operation.do is Op.REQUEST_CONSENT and operation.of is not None:
                yield ConsentAsked(
                    id=instrument.id,
                    by=instrument.by,
                    of=operation.of,
                    accord=instrument.accord,
                    operation=operation,
                    since=moment_span(instrument).start,
                )


def _refusals(
    instruments: Sequence[Instrument], asked: Sequence[ConsentAsked]
) -> Iterator[Refusal]:
    """A refusal needs no form and no authority: what is in doubt is not released."""
    for instrument in instruments:
        span = moment_span(instrument)
        for operation in instrument.operations:
            if operation.do is not Op.REFUSE_CONSENT:
                continue
            for request in asked:
                if request.id == operation.answers and request.of in instrument.by:
                    yield Refusal(
                        id=instrument.id,
                        by=request.of,
                        asked=request,
                        since=span.start,
                        last=span.last,
                    )


def _revoked(instruments: Sequence[Instrument]) -> dict[tuple[str, str], Instant]:
    """Return when each giver took its consent back, at the earliest."""
    found: dict[tuple[str, str], Instant] = {}
    for instrument in instruments:
        for operation in instrument.operations:
            if operation.do is Op.REVOKE_CONSENT and operation.consent is not None:
                start = moment_span(instrument).start
                for party in instrument.by:
                    key = (operation.consent, party)
                    found[key] = Instant(min(found.get(key, start), start))
    return found


def _given(
    instruments: Sequence[Instrument], accords: dict[str, Accord]
) -> Iterator[ConsentGiven]:
    revoked = _revoked(instruments)
    for instrument in instruments:
        accord, span = accords.get(instrument.accord), moment_span(instrument)
        for operation in instrument.operations:
            if operation.do is not Op.CONSENT:
                continue
            since, last = span.last, None
            if accord is not None and operation.since is not None:
                since = Instant(max(since, first_of(accord, operation.since)))
            if accord is not None and operation.until is not None:
                last = day_after(accord, operation.until)
            for party in instrument.by:
                back = revoked.get((instrument.id, party))
                yield ConsentGiven(
                    id=instrument.id,
                    by=party,
                    accord=instrument.accord,
                    operation=operation,
                    given=span.start,
                    since=since,
                    before=min((i for i in (last, back) if i is not None), default=None),
                    revoked=back,
                    lacks=_lacks(instrument, accord),
                )


def _lacks(instrument: Instrument, accord: Accord | None) -> str:
    """Say why a consent counts for nothing; empty where it counts."""
    if accord is None:
        return "an accord of this world"
    if instrument.form != "written":
        return "the written form"
    if instrument.authority == NO_AUTHORITY:
        return "authority: its signatory had none"
    return "a source: it is only recalled" if instrument.recalled else ""
