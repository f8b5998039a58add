"""The contact statement: what each side tells the other of itself whenever they meet.

Its latest checkpoints, which box in every time that either claims; the digests of the
instruments it knows and of the dates ahead, which show a difference before it matters; and
which of its key lists is the newest. The format is ``docs/formats/consignment.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.accords.times import Instant
from comity.log.merkle import HASH_BYTES, PROOF_HASHES_MAX
from comity.signed import text
from comity.wire.fields import Fields, refuse, written

FORMAT = "comity-contact/1"
CONTACT_BYTES_MAX = 256 * 1024  # a checkpoint with cosignatures for each common accord
ACCORDS_MAX = 256  # common to two parties
NOTE_CHARS_MAX = 16 * 1024  # of one checkpoint

_WHAT = "a contact statement"


@dataclass(frozen=True, slots=True)
class Growth:
    """How a log grew from the size that the other side has cosigned: RFC 6962's proof."""

    old: int
    proof: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What one side says of itself at an instant.

    Attributes:
        checkpoints: its signed checkpoint of each common accord's log, as a note.
        growth: how each of these logs grew from what the recipient has cosigned.
        cosigned: the recipient's checkpoints, with the sender's cosignature, by accord.
        terms: the id of its newest term key, by accord.
        asked: envelopes of its own, after whose fate it asks, by digest.
        unknown: those after which it was asked and that are not in its log.
        acts: the digest of the instruments it knows, by accord.
        deadlines: the digest of the dates ahead on the day of ``at``, by accord.
        keys: the version of its newest key list.
    """

    sender: str
    recipient: str
    at: Instant
    keys: int
    checkpoints: Mapping[str, str] = field(default_factory=dict)
    growth: Mapping[str, Growth] = field(default_factory=dict)
    cosigned: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    acts: Mapping[str, str] = field(default_factory=dict)
    deadlines: Mapping[str, str] = field(default_factory=dict)


def write_contact(contact: Contact) -> bytes:
    """Return the bytes of a contact statement, to be signed in a group of its kind."""
    return text.write(
        {
            "acts": dict(contact.acts),
            "asked": list(contact.asked),
            "at": written(contact.at),
            "checkpoints": dict(contact.checkpoints),
            "cosigned": dict(contact.cosigned),
            "deadlines": dict(contact.deadlines),
            "format": FORMAT,
            "growth": {
                accord: {"old": one.old, "proof": [text.base64_of(h) for h in one.proof]}
                for accord, one in contact.growth.items()
            },
            "keys": contact.keys,
            "recipient": contact.recipient,
            "sender": contact.sender,
            "terms": dict(contact.terms),
            "unknown": list(contact.unknown),
        }
    )


def read_contact(raw: bytes) -> Contact:
    """Read a contact statement's bytes.

    Raises:
        InvalidInput: another form, or too many accords.
    """
    fields = Fields.of(raw, FORMAT, _WHAT, limit=CONTACT_BYTES_MAX)
    acts, deadlines = fields.inner("acts"), fields.inner("deadlines")
    notes, cosigned = fields.inner("checkpoints"), fields.inner("cosigned")
    growth, terms = fields.inner("growth"), fields.inner("terms")
    for table in (acts, deadlines, notes, cosigned, growth, terms):
        if len(table.body) > ACCORDS_MAX:
            refuse(f"{_WHAT} names more than {ACCORDS_MAX} accords")
    for table in (notes, cosigned):
        for name in table.body:
            if len(table.prose(name)) > NOTE_CHARS_MAX:
                refuse(f"{_WHAT} has a checkpoint of `{name}` that is too long")
    return Contact(
        sender=fields.word("sender"),
        recipient=fields.word("recipient"),
        at=fields.time("at"),
        keys=fields.number("keys", 0, text.INT_MAX),
        checkpoints={name: notes.prose(name) for name in notes.body},
        growth={name: _growth(growth.inner(name)) for name in growth.body},
        cosigned={name: cosigned.prose(name) for name in cosigned.body},
        terms={name: terms.id32(name) for name in terms.body},
        asked=fields.digests("asked"),
        unknown=fields.digests("unknown"),
        acts={name: acts.digest(name) for name in acts.body},
        deadlines={name: deadlines.digest(name) for name in deadlines.body},
    )


def _growth(fields: Fields) -> Growth:
    hashes = tuple(text.read_base64(one) for one in fields.words("proof"))
    if len(hashes) > PROOF_HASHES_MAX or any(len(one) != HASH_BYTES for one in hashes):
        refuse(f"{_WHAT} has a proof that is none")
    return Growth(fields.number("old", 1, text.INT_MAX), hashes)


def unequal_acts(ours: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[str, ...]:
    """Return the accords whose instruments are to be exchanged before any item.

    An accord that one side does not name counts: it may know nothing of it.
    """
    return tuple(
        sorted(n for n in ours.keys() | theirs.keys() if ours.get(n) != theirs.get(n))
    )
