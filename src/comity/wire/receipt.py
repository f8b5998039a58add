"""Receipts, refusals and acknowledgements: what the other side says of an envelope.

A *receipt* is a node's word that an envelope is in its log; it is stored and given again
byte for byte, never made anew. A *refusal* ends the matter and says why as far as the
other side may know. An *acknowledgement* is a named officer's word that the item is in the
registry, which is what an accord's transmission article means by a receipt; it is another
thing. Event names are those of ETSI EN 319 522-1. The format is ``docs/formats/receipt.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from comity.accords.times import Instant
from comity.release import Reason
from comity.signed import text
from comity.wire.fields import Fields, refuse, written

RECEIPT = "comity-receipt/1"
REFUSAL = "comity-refusal/1"
ACKNOWLEDGEMENT = "comity-acknowledgement/1"
RECEIPT_BYTES_MAX = 8 * 1024  # ids, digests, an origin; no list
INDEX_MAX = (1 << 53) - 1  # of a log's entry, as JSON can carry it

CONSIGNED = "RelayAcceptance"
"""The event of a receipt: the peer node has it durably (EN 319 522-1, B.1)."""
REJECTED = "RelayRejection"
"""The event of a refusal: the peer node refused it (EN 319 522-1, B.2)."""
HANDED_OVER = "ConsignmentAcceptance"
"""The event of an acknowledgement: the recipient's officer accepts (EN 319 522-1, C.3)."""


class Retry(StrEnum):
    """Whether sending it again could help."""

    NEVER = "never"
    AFTER_ACTS = "after acts"
    """Once the two know the same instruments."""
    LATER = "later"


class Fault(StrEnum):
    """Why an envelope is refused for what it is, and not by a decision."""

    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_KEY = "unknown_key"
    BAD_ENVELOPE = "bad_envelope"
    BAD_SEAL = "bad_seal"
    OTHER_RECIPIENT = "other_recipient"
    OTHER_TERMS = "other_terms"
    ACTS_DIFFER = "acts_differ"
    TOO_LATE = "too_late"
    TOO_EARLY = "too_early"
    SAME_ID_OTHER_CONTENT = "same_id_other_content"
    NO_SPACE = "no_space"
    REFUSED = "refused"
    """Refused, and why is not for the asker to know."""


RETRY = {
    Fault.BAD_SIGNATURE: Retry.NEVER,
    Fault.UNKNOWN_KEY: Retry.LATER,
    Fault.BAD_ENVELOPE: Retry.NEVER,
    Fault.BAD_SEAL: Retry.NEVER,
    Fault.OTHER_RECIPIENT: Retry.NEVER,
    Fault.OTHER_TERMS: Retry.AFTER_ACTS,
    Fault.ACTS_DIFFER: Retry.AFTER_ACTS,
    Fault.TOO_LATE: Retry.NEVER,
    Fault.TOO_EARLY: Retry.LATER,
    Fault.SAME_ID_OTHER_CONTENT: Retry.NEVER,
    Fault.NO_SPACE: Retry.LATER,
    Fault.REFUSED: Retry.NEVER,
}
"""Whether the same envelope may be sent again after a fault."""


def retry(reason: Reason | Fault, *, same_acts: bool) -> Retry:
    """Return whether the sender should send the same envelope again.

    A decision may be another once both know the same instruments, and not before.
    """
    if isinstance(reason, Fault):
        return RETRY[reason]
    return Retry.NEVER if same_acts else Retry.AFTER_ACTS


class Asker(StrEnum):
    """Who is told why."""

    OWN_OFFICER = "own officer"
    PARTNER = "partner under this accord"
    STRANGER = "anyone else"


_TOLD_TO_PARTNERS = frozenset(
    {
        Reason.UNKNOWN_WORD,
        Reason.INVALID_LABEL,
        Reason.NO_ACCORD,
        Reason.NOT_YET_IN_FORCE,
        Reason.SUSPENDED,
        Reason.ENDED,
        Reason.DIRECTION_NOT_COVERED,
        Reason.CATEGORY_NOT_COVERED,
        Reason.KIND_NOT_COVERED,
        Reason.NO_EQUIVALENT,
        Reason.PURPOSE_NOT_ADMITTED,
        Reason.CHANNEL_NOT_ADMITTED,
        Reason.EXCEPTED,
    }
)
"""What a partner may know: what the common text, the envelope and the acts tell by themselves.

Not: holds, gates, own readings and doubts, whose consent is missing or refused, what the
lists and tags of others' items say, and what rests on another accord.
"""


def visible_reason(reason: Reason, to: Asker) -> Reason | Fault:
    """Return the reason that somebody may be told; ``refused`` where it is not for them."""
    match to:
        case Asker.OWN_OFFICER:
            return reason
        case Asker.PARTNER:
            return reason if reason in _TOLD_TO_PARTNERS else Fault.REFUSED
        case Asker.STRANGER:
            return Fault.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A node's word that an envelope is in its log.

    Attributes:
        event: of EN 319 522-1.
        envelope: its digest.
        item: the item's id; None for an instrument.
        sender, recipient: of the envelope; the recipient signs.
        accord: None under a written authority.
        log, index: the origin of the recipient's log, and the entry.
        at: the recipient's instant.
        acts: the digest of the instruments that the recipient knew; None without an accord.
    """

    envelope: str
    item: str | None
    sender: str
    recipient: str
    accord: str | None
    log: str
    index: int
    at: Instant
    acts: str | None
    event: str = CONSIGNED


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A node's word that it refused an envelope, which ends the matter unless ``retry`` says so.

    Attributes:
        reason: as far as the sender may know.
        acts: the digest of the instruments that the recipient knew; None where the sender
            is not to know.
    """

    envelope: str
    sender: str
    recipient: str
    reason: str
    retry: Retry
    at: Instant
    acts: str | None
    event: str = REJECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """A named officer's word that an item is in the registry.

    Attributes:
        officer: by name, as registered.
        registry: the serial number under which it is registered.
    """

    envelope: str
    item: str
    sender: str
    recipient: str
    accord: str | None
    officer: str
    registry: str
    at: Instant
    event: str = HANDED_OVER


def write_receipt(receipt: Receipt) -> bytes:
    """Return the bytes of a receipt, to be signed in a group of its kind, and kept."""
    return text.write(
        {
            "accord": receipt.accord,
            "acts": receipt.acts,
            "at": written(receipt.at),
            "envelope": receipt.envelope,
            "event": receipt.event,
            "format": RECEIPT,
            "index": receipt.index,
            "item": receipt.item,
            "log": receipt.log,
            "recipient": receipt.recipient,
            "sender": receipt.sender,
        }
    )


def read_receipt(raw: bytes) -> Receipt:
    """Read a receipt's bytes.

    Raises:
        InvalidInput: another form or event.
    """
    fields = Fields.of(raw, RECEIPT, "a receipt", limit=RECEIPT_BYTES_MAX)
    return Receipt(
        event=fields.choice("event", (CONSIGNED,)),
        envelope=fields.digest("envelope"),
        item=fields.word_or_none("item"),
        sender=fields.word("sender"),
        recipient=fields.word("recipient"),
        accord=fields.word_or_none("accord"),
        log=fields.word("log"),
        index=fields.number("index", 0, INDEX_MAX),
        at=fields.time("at"),
        acts=fields.digest_or_none("acts"),
    )


def write_refusal(refusal: Refusal) -> bytes:
    """Return the bytes of a refusal, to be signed in a group of its kind, and kept."""
    return text.write(
        {
            "acts": refusal.acts,
            "at": written(refusal.at),
            "envelope": refusal.envelope,
            "event": refusal.event,
            "format": REFUSAL,
            "reason": refusal.reason,
            "recipient": refusal.recipient,
            "retry": str(refusal.retry),
            "sender": refusal.sender,
        }
    )


def read_refusal(raw: bytes) -> Refusal:
    """Read a refusal's bytes.

    Raises:
        InvalidInput: another form, or a reason or event that is none.
    """
    fields = Fields.of(raw, REFUSAL, "a refusal", limit=RECEIPT_BYTES_MAX)
    return Refusal(
        event=fields.choice("event", (REJECTED,)),
        envelope=fields.digest("envelope"),
        sender=fields.word("sender"),
        recipient=fields.word("recipient"),
        reason=fields.choice("reason", REASONS),
        retry=Retry(fields.choice("retry", [str(one) for one in Retry])),
        at=fields.time("at"),
        acts=fields.digest_or_none("acts"),
    )


REASONS = frozenset({*map(str, Reason), *map(str, Fault)})
"""Every word that a refusal may give as its reason."""


def write_acknowledgement(done: Acknowledgement) -> bytes:
    """Return the bytes of an acknowledgement, to be signed in a group of its kind."""
    return text.write(
        {
            "accord": done.accord,
            "at": written(done.at),
            "envelope": done.envelope,
            "event": done.event,
            "format": ACKNOWLEDGEMENT,
            "item": done.item,
            "officer": done.officer,
            "recipient": done.recipient,
            "registry": done.registry,
            "sender": done.sender,
        }
    )


def read_acknowledgement(raw: bytes) -> Acknowledgement:
    """Read an acknowledgement's bytes.

    Raises:
        InvalidInput: another form or event.
    """
    what = "an acknowledgement"
    fields = Fields.of(raw, ACKNOWLEDGEMENT, what, limit=RECEIPT_BYTES_MAX)
    return Acknowledgement(
        event=fields.choice("event", (HANDED_OVER,)),
        envelope=fields.digest("envelope"),
        item=fields.word("item"),
        sender=fields.word("sender"),
        recipient=fields.word("recipient"),
        accord=fields.word_or_none("accord"),
        officer=fields.word("officer"),
        registry=fields.word("registry"),
        at=fields.time("at"),
    )


def require_answers(
    answer: Receipt | Refusal | Acknowledgement, envelope: str, sender: str, by: str
) -> None:
    """Refuse an answer that is not about this envelope, or not by its recipient.

    Args:
        answer: as read.
        envelope: the digest of the envelope that was sent.
        sender: who sent it.
        by: who signed the answer.

    Raises:
        InvalidInput: it is about another, or signed by somebody else.
    """
    if (answer.envelope, answer.sender, answer.recipient) != (envelope, sender, by):
        refuse(
            "an answer is about another envelope, or not by its recipient",
            code="other-answer",
        )


def require_about(
    answer: Receipt | Acknowledgement, item: str | None, accord: str | None
) -> None:
    """Refuse a word that names another item or accord than the envelope that it is about.

    Raises:
        InvalidInput: it does.
    """
    if (answer.item, answer.accord) != (item, accord):
        refuse("an answer is about another item or accord", code="other-answer")
