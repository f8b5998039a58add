"""To whom an instrument may be sent: what each kind of act may reveal, as a table.

Instruments need no permit, because they have to leave after a lapse. So it is said here,
act by act, who may see one. Silence is refusal: an act that is in neither column is sent
to nobody, and of several acts in one instrument each has to let it go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from comity.accords.accord import Existence
from comity.accords.instruments import Instrument, Op, Operation
from comity.errors import InvalidInput
from comity.release import World


class Seen(StrEnum):
    """Who may see an instrument of the other side."""

    PARTIES = "parties"
    """Every party of the accord: it is about the accord itself."""
    CONCERNED = "concerned"
    """Those whom it names, or whose item or earlier act it is about."""


_CONCERNED = frozenset(
    {
        Op.CONSENT,
        Op.REQUEST_CONSENT,
        Op.REFUSE_CONSENT,
        Op.REVOKE_CONSENT,
        Op.RELEASE,
        Op.DESIGNATE,
        Op.RELABEL,
        Op.REPORT,
        Op.REQUEST,
        Op.RETURN,
        Op.CERTIFY_DESTRUCTION,
        Op.REPORT_LOSS,
        Op.DECLASSIFY,
    }
)
_PARTIES = frozenset(
    {
        Op.SIGN,
        Op.NOTIFY_COMPLETION,
        Op.DEPOSIT,
        Op.DELIVER,
        Op.DECLARE_PROVISIONAL,
        Op.END_PROVISIONAL,
        Op.GIVE_NOTICE,
        Op.SUSPEND_NOTICE,
        Op.RESUME_NOTICE,
        Op.WITHDRAW_SUSPENSION,
        Op.REVOKE_NOTICE,
        Op.SUSPEND,
        Op.RESUME,
        Op.TERMINATE,
        Op.EXTEND,
        Op.AMEND,
        Op.SET_DATE,
        Op.ENACT,
        Op.LAY,
        Op.OBJECT,
        Op.RESERVE,
        Op.WITHDRAW_RESERVATION,
        Op.CONFIRM,
        Op.MEET,
        Op.UNMEET,
        Op.CHANGE_LAW,
        Op.ALLEGE_BREACH,
        Op.PROTEST,
    }
)
REVEALS: Mapping[Op, Seen] = {
    **dict.fromkeys(_PARTIES, Seen.PARTIES),
    **dict.fromkeys(_CONCERNED, Seen.CONCERNED),
}
"""Who may see an act of each kind; one that is not here is seen by nobody."""


def may_see(instrument: Instrument, party: str, world: World) -> bool:
    """Say whether an instrument may be sent to a party.

    A party of the accord sees what is about the accord. What is about items and consents,
    those see whom it names, who performed it, the originators of its item and of the act
    that it answers, and the other party of an accord between two. Of an accord whose
    existence is classified nobody sees anything but its parties.
    """
    accord = world.accord(instrument.accord)
    parties = world.lookup.ever(accord)
    bound = party in parties
    if accord.front.existence is Existence.CLASSIFIED and not bound:
        return False
    of_two = bound and len(parties) == 2
    return bool(instrument.operations) and all(
        _sees(operation, instrument, party, world, bound=bound, of_two=of_two)
        for operation in instrument.operations
    )


def require_may_see(instrument: Instrument, party: str, world: World) -> None:
    """Refuse to send an instrument to a party that may not see it.

    Raises:
        InvalidInput: the table keeps it from the party.
    """
    if not may_see(instrument, party, world):
        raise InvalidInput(
            f"the instrument `{instrument.id}` is not for `{party}` to see",
            hint="see the table of what instruments reveal in docs/formats/envelope.md",
            code="not-to-see",
        )


def _sees(
    operation: Operation,
    instrument: Instrument,
    party: str,
    world: World,
    *,
    bound: bool,
    of_two: bool,
) -> bool:
    seen = REVEALS.get(operation.do)
    if seen is Seen.PARTIES:
        return bound
    return seen is Seen.CONCERNED and (
        of_two or party in set(_concerned(operation, instrument, world))
    )


def _concerned(
    operation: Operation, instrument: Instrument, world: World, *, deep: bool = True
) -> Iterator[str]:
    """Yield whom an act concerns: its own names, and those of what it is about."""
    yield from instrument.by
    yield from _named(operation)
    item = None if operation.item is None else world.items.get(operation.item)
    if item is not None:
        yield from item.originators
    answered = (operation.answers, operation.consent, operation.instrument)
    for name in answered if deep else ():
        for earlier in () if name is None else world.instruments:
            if earlier.id == name:
                for one in earlier.operations:
                    yield from _concerned(one, earlier, world, deep=False)


def _named(operation: Operation) -> Iterable[str]:
    names = (operation.to, operation.holder, operation.of, operation.party)
    return [name for name in names if name is not None]
