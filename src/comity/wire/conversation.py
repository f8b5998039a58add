"""The life of one message on both sides, as tables: what may follow what.

A message is an envelope from its submission to its end. Neither side waits for the other in
any state from which it could not be moved on by a person, and whatever may come again, a
repeat, a late answer, is a step that leads back to the same state. Whatever a table does not
name is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NoReturn, TypeVar

from comity.errors import InvalidInput

_State = TypeVar("_State", bound=StrEnum)
_Step = TypeVar("_Step", bound=StrEnum)


class Ours(StrEnum):
    """What a message is to its sender."""

    AWAITING_APPROVAL = "awaiting_approval"
    """Permitted but for an approval by an officer."""
    QUEUED = "queued"
    """Sealed, in the log, and not yet tried."""
    TRIED = "tried"
    """Sent at least once, without an answer that is kept."""
    FATE_UNKNOWN = "fate_unknown"
    """Tried, and may not go again: whether it arrived is asked, and nothing sent."""
    RECEIPTED = "receipted"
    """The recipient's receipt is kept."""
    ACKNOWLEDGED = "acknowledged"
    """So is its officer's acknowledgement."""
    NOT_OPENED = "not_opened"
    """It is in the recipient's log, and its seal did not open there."""
    REFUSED = "refused"
    """The recipient's refusal is kept."""
    NEVER_LEFT = "never_left"
    """It ended before anything was sent (EN 319 522-1: RelayFailure)."""
    DEAD = "dead"
    """Given up after it was tried; it may have arrived, and a late receipt still counts."""
    SUPERSEDED = "superseded"
    """Sealed anew to another key; the other envelope goes on in its place."""


class Step(StrEnum):
    """What happens to a message at its sender."""

    APPROVE = "approve"
    """The last approval that was missing is given, and it is decided and sealed."""
    DENY = "deny"
    """Decided again, before an attempt or on an approval, and it may not go."""
    TRY = "try"
    """It is sent, whatever comes of it."""
    WAIT = "wait"
    """The answer is that there is no verdict yet; nothing of it was kept there."""
    RECEIPT = "receipt"
    REFUSAL = "refusal"
    ACKNOWLEDGEMENT = "acknowledgement"
    OPENING_FAILED = "opening_failed"
    """The recipient's signed word that the seal did not open."""
    NOT_THERE = "not_there"
    """The recipient's signed word that it has no such envelope."""
    GIVE_UP = "give_up"
    """Its deadline has passed, or a person ends it."""
    SUPERSEDE = "supersede"
    """The recipient's key is revoked or destroyed; it is sealed anew."""


_O, S = Ours, Step

_LATE = {S.RECEIPT: _O.RECEIPTED, S.REFUSAL: _O.REFUSED}

SENDER: Mapping[Ours, Mapping[Step, Ours]] = {
    _O.AWAITING_APPROVAL: {
        S.APPROVE: _O.QUEUED,
        S.DENY: _O.NEVER_LEFT,
        S.GIVE_UP: _O.NEVER_LEFT,
    },
    _O.QUEUED: {
        S.TRY: _O.TRIED,
        S.DENY: _O.NEVER_LEFT,
        S.GIVE_UP: _O.NEVER_LEFT,
        S.SUPERSEDE: _O.SUPERSEDED,
    },
    _O.TRIED: {
        S.TRY: _O.TRIED,
        S.WAIT: _O.TRIED,
        **_LATE,
        S.DENY: _O.FATE_UNKNOWN,
        S.GIVE_UP: _O.DEAD,
        S.SUPERSEDE: _O.SUPERSEDED,
    },
    _O.FATE_UNKNOWN: {
        **_LATE,
        S.NOT_THERE: _O.NEVER_LEFT,
        S.GIVE_UP: _O.DEAD,
    },
    _O.RECEIPTED: {
        S.RECEIPT: _O.RECEIPTED,
        S.ACKNOWLEDGEMENT: _O.ACKNOWLEDGED,
        S.OPENING_FAILED: _O.NOT_OPENED,
    },
    _O.ACKNOWLEDGED: {S.RECEIPT: _O.ACKNOWLEDGED, S.ACKNOWLEDGEMENT: _O.ACKNOWLEDGED},
    _O.NOT_OPENED: {S.RECEIPT: _O.NOT_OPENED, S.OPENING_FAILED: _O.NOT_OPENED},
    _O.REFUSED: {S.REFUSAL: _O.REFUSED},
    _O.NEVER_LEFT: {},
    _O.DEAD: _LATE,
    _O.SUPERSEDED: {**_LATE, S.WAIT: _O.SUPERSEDED},
}
"""What may follow what at the sender. A receipt that came for a superseded seal counts: the
item has arrived, and the newer envelope gets the same receipt."""


class Theirs(StrEnum):
    """What a message is to its recipient."""

    UNKNOWN = "unknown"
    """Nothing of it is kept."""
    KEPT = "kept"
    """Verified, permitted, in the log, and receipted; still sealed."""
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    """A named officer has it in the registry."""
    NOT_OPENED = "not_opened"
    """Its seal did not open; a signed event in the log says so."""
    REFUSED = "refused"
    """Refused, with a signed reason that is kept."""


class Met(StrEnum):
    """What happens to a message at its recipient."""

    POSTPONE = "postpone"
    """No verdict yet: instruments first, or its body is not all there."""
    PERMIT = "permit"
    """It verifies and its own decision permits."""
    DENY = "deny"
    """Its own decision denies."""
    FAULT = "fault"
    """It does not verify, and its sender is known."""
    REPEAT = "repeat"
    """It comes again, and gets the kept answer byte for byte."""
    OPEN = "open"
    OPENING_FAILS = "opening_fails"
    ACKNOWLEDGE = "acknowledge"


T, M = Theirs, Met

RECIPIENT: Mapping[Theirs, Mapping[Met, Theirs]] = {
    T.UNKNOWN: {
        M.POSTPONE: T.UNKNOWN,
        M.PERMIT: T.KEPT,
        M.DENY: T.REFUSED,
        M.FAULT: T.REFUSED,
    },
    T.KEPT: {
        M.REPEAT: T.KEPT,
        M.OPEN: T.OPENED,
        M.OPENING_FAILS: T.NOT_OPENED,
    },
    T.OPENED: {M.REPEAT: T.OPENED, M.OPEN: T.OPENED, M.ACKNOWLEDGE: T.ACKNOWLEDGED},
    T.ACKNOWLEDGED: {M.REPEAT: T.ACKNOWLEDGED, M.OPEN: T.ACKNOWLEDGED},
    T.NOT_OPENED: {M.REPEAT: T.NOT_OPENED},
    T.REFUSED: {M.REPEAT: T.REFUSED},
}
"""What may follow what at the recipient."""

SENDER_STARTS = (Ours.AWAITING_APPROVAL, Ours.QUEUED)
RECIPIENT_STARTS = (Theirs.UNKNOWN,)


def sent(state: Ours, step: Step) -> Ours:
    """Return what a message is to its sender after a step.

    Raises:
        InvalidInput: the step may not follow.
    """
    after = SENDER[state].get(step)
    if after is None:
        _not_next(state, step)
    return after


def met(state: Theirs, step: Met) -> Theirs:
    """Return what a message is to its recipient after a step.

    Raises:
        InvalidInput: the step may not follow.
    """
    after = RECIPIENT[state].get(step)
    if after is None:
        _not_next(state, step)
    return after


def diagrams() -> str:
    """Return both tables as Mermaid state diagrams, for the docs."""
    return (
        "### At the sender\n\n"
        + _mermaid(SENDER, SENDER_STARTS)
        + "\n### At the recipient\n\n"
        + _mermaid(RECIPIENT, RECIPIENT_STARTS)
    )


def _not_next(state: StrEnum, step: StrEnum) -> NoReturn:
    raise InvalidInput(
        f"`{step}` may not follow for a message that is `{state}`",
        hint="see the tables in docs/formats/consignment.md",
        code="not-next",
    )


def _mermaid(
    table: Mapping[_State, Mapping[_Step, _State]], starts: tuple[_State, ...]
) -> str:
    lines = ["```mermaid", "stateDiagram-v2", *(f"    [*] --> {one}" for one in starts)]
    for state, steps in table.items():
        by_target: dict[str, list[str]] = {}
        for step, target in steps.items():
            by_target.setdefault(str(target), []).append(str(step))
        lines += [
            f"    {state} --> {target}: {', '.join(words)}"
            for target, words in by_target.items()
        ]
    return "\n".join([*lines, "```", ""])
