"""Consents, requests for consent and refusals, as the instruments record them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """All of them: consents and requests in the order of the instruments.

    Attributes:
        consents: also those that lack something and count for nothing.
    """

    consents: tuple[ConsentGiven, ...]
    asked: tuple[ConsentAsked, ...]
    refusals: tuple[Refusal, ...]


ANSWERS = frozenset({Op.REVOKE_CONSENT, Op.REFUSE_CONSENT})
"""What takes a consent back or refuses one, by whichever instrument it was given or asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Every *no* of a world, by what it answers.

    Attributes:
        revoked: when each giver took a consent back, at the earliest, by (consent, giver).
        refusing: the instruments that refuse a request, by its id.
    """

    revoked: Mapping[tuple[str, str], Instant]
    refusing: Mapping[str | None, Sequence[Instrument]]

    @classmethod
    def of(
        cls,
        revoking: Iterable[tuple[Instrument, Operation]],
        refusing: Iterable[tuple[Instrument, Operation]],
    ) -> Answers:
        """Read the operations that revoke and those that refuse."""
        revoked: dict[tuple[str, str], Instant] = {}
        for instrument, operation in revoking:
            start = moment_span(instrument).start
            for party in instrument.by if operation.consent is not None else ():
                key = (operation.consent or "", party)
                revoked[key] = Instant(min(revoked.get(key, start), start))
        refused: dict[str | None, list[Instrument]] = {}
        for instrument, operation in refusing:
            refused.setdefault(operation.answers, []).append(instrument)
        return cls(revoked=revoked, refusing=refused)


def approvals(
    instruments: Sequence[Instrument], accords: Mapping[str, Accord], answers: Answers
) -> Approvals:
    """Return what the instruments say of consents and requests, and who refused those."""
    asked = tuple(_asked(instruments))
    return Approvals(
        consents=tuple(_given(instruments, accords, answers)),
        asked=asked,
        refusals=tuple(_refusals(asked, answers)),
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


def _refusals(asked: Sequence[ConsentAsked], answers: Answers) -> Iterator[Refusal]:
    """A refusal needs no form and no authority: what is in doubt is not released."""
    for request in asked:
        for instrument in answers.refusing.get(request.id, ()):
            if request.of in instrument.by:
                span = moment_span(instrument)
                yield Refusal(
                    id=instrument.id,
                    by=request.of,
                    asked=request,
                    since=span.start,
                    last=span.last,
                )


def _given(
    instruments: Sequence[Instrument], accords: Mapping[str, Accord], answers: Answers
) -> Iterator[ConsentGiven]:
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
                back = answers.revoked.get((instrument.id, party))
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
