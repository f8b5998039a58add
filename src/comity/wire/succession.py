"""Succession of a log: the signed word that one log has ended and another goes on in its place.

A node whose database was put back to an earlier state cannot continue a log without
contradicting what it has signed. It ends that log at the last checkpoint that it signed
and begins another; both are named in one record, signed with both of the party's record
keys, and partners take the new log on no other ground. The format is
``docs/formats/log.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.accords.times import Instant
from comity.log.checkpoint import is_simulated
from comity.signed import text
from comity.signed.algorithms import ED25519, MLDSA65, Signer
from comity.signed.dsse import Keys, Named, open_signed, sign, signers_table
from comity.wire.fields import Fields, refuse, written

FORMAT = "comity-log-succession/1"
PAYLOAD_TYPE = "application/vnd.comity.log-succession+json"
SUCCESSION_BYTES_MAX = 32 * 1024

_WHAT = "a succession of logs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """One log ended, another begun.

    Attributes:
        old, new: the origins.
        size, root: of the last checkpoint that the old log signed.
        why: in words.
    """

    party: str
    accord: str
    old: str
    size: int
    root: str
    new: str
    why: str
    at: Instant


def sign_succession(made: Succession, signers: Sequence[Signer]) -> bytes:
    """Return the signed record of a succession.

    Raises:
        InvalidInput: the two logs are one, or of two kinds of clock.
    """
    _check(made)
    named = [Named(party=made.party, key=one.public) for one in signers]
    payload = text.write(
        {
            "accord": made.accord,
            "at": written(made.at),
            "format": FORMAT,
            "new": made.new,
            "old": made.old,
            "party": made.party,
            "root": made.root,
            "signers": signers_table(named),
            "size": made.size,
            "why": made.why,
        }
    )
    return sign(PAYLOAD_TYPE, payload, list(signers))


def read_succession(raw: bytes, keys: Keys) -> Succession:
    """Read a succession, signed by the party whose logs they are.

    Raises:
        InvalidInput: another form, signer, or two logs that cannot follow each other.
    """
    verified = open_signed(
        raw, PAYLOAD_TYPE, keys, frozenset({ED25519, MLDSA65}), limit=SUCCESSION_BYTES_MAX
    )
    fields = Fields(dict(verified.body), _WHAT)
    if fields.word("format") != FORMAT:
        refuse(f"{_WHAT} is of another format", code="bad-format")
    made = Succession(
        party=fields.word("party"),
        accord=fields.word("accord"),
        old=fields.word("old"),
        size=fields.number("size", 0, text.INT_MAX),
        root=fields.digest("root"),
        new=fields.word("new"),
        why=fields.prose("why"),
        at=fields.time("at"),
    )
    if verified.parties != (made.party,):
        refuse(f"{_WHAT} of `{made.party}` is signed by others", code="other-signer")
    _check(made)
    return made


def _check(made: Succession) -> None:
    if made.old == made.new or is_simulated(made.old) != is_simulated(made.new):
        refuse(f"{_WHAT} names one log twice, or logs of two kinds of clock")
