"""Approvals: an officer's signed word that one release, and no other, may go.

It is over the digest of the request, and holds for a time. Until enough of them are there a
decision lacks an approval; no approval permits anything by itself. The format is
``docs/formats/envelope.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.accords.times import Instant
from comity.signed import text
from comity.signed.algorithms import Signer
from comity.signed.dsse import Keys, Named, open_signed, sign, signers_table
from comity.wire.fields import Fields, refuse, written
from comity.wire.instrument import RECORD

FORMAT = "comity-approval/1"
PAYLOAD_TYPE = "application/vnd.comity.approval+json"
APPROVAL_BYTES_MAX = 32 * 1024  # two signatures of the record's algorithms

_WHAT = "an approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What an officer approves.

    Attributes:
        request: the digest of what is asked.
        party, officer: who approves; the officer by name, as the party's key list has it.
        at, before: from when and until when it holds.
    """

    request: str
    party: str
    officer: str
    at: Instant
    before: Instant

    def stands(self, request: str, at: Instant) -> bool:
        """Say whether it is for this request and holds at an instant."""
        return self.request == request and self.at <= at < self.before


def write_approval(approval: Approval, signers: Sequence[Signer]) -> bytes:
    """Return the record of an approval, signed with both of the officer's keys.

    Raises:
        InvalidInput: it is over before it begins, or one key alone signs.
    """
    _check(approval)
    if {one.public.alg for one in signers} != RECORD:
        refuse(
            f"an approval is signed with {' and '.join(sorted(RECORD))}",
            code="algorithm-missing",
            hint="sign it with both of the officer's keys",
        )
    named = [Named(party=approval.party, key=one.public) for one in signers]
    payload = text.write(
        {
            "at": written(approval.at),
            "before": written(approval.before),
            "format": FORMAT,
            "officer": approval.officer,
            "party": approval.party,
            "request": approval.request,
            "signers": signers_table(named),
        }
    )
    return sign(PAYLOAD_TYPE, payload, list(signers))


def read_approval(
    raw: bytes, keys: Keys, officer_of: Callable[[str, str], str | None]
) -> Approval:
    """Read an approval, signed with both keys of the very officer that it names.

    Args:
        raw: the record as it came.
        keys: the officers' keys, by party and id.
        officer_of: whose key it is: the officer's name by party and id.

    Raises:
        InvalidInput: another form, signer or officer.
    """
    verified = open_signed(raw, PAYLOAD_TYPE, keys, RECORD, limit=APPROVAL_BYTES_MAX)
    fields = Fields(dict(verified.body), _WHAT)
    if fields.word("format") != FORMAT:
        refuse(f"{_WHAT} is of another format", code="bad-format")
    approval = Approval(
        request=fields.digest("request"),
        party=fields.word("party"),
        officer=fields.word("officer"),
        at=fields.time("at"),
        before=fields.time("before"),
    )
    _check(approval)
    for one in verified.signers:
        whose = officer_of(one.party, one.key.id)
        if one.party != approval.party or whose != approval.officer:
            refuse(
                f"{_WHAT} of `{approval.officer}` is signed by another",
                code="other-signer",
            )
    return approval


def _check(approval: Approval) -> None:
    if approval.before <= approval.at:
        refuse(f"{_WHAT} is over before it begins", code="bad-instant")
