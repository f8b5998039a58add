"""One signature for one thing, or for many at once.

What is signed is the root of an RFC 6962 tree over the things, with their kind and number.
Each thing then travels with its place and the hashes that lead from it to the root: for a
single thing there are none. The format is ``docs/formats/envelope.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from comity.log.merkle import leaf_hash, node_hash, verify_inclusion
from comity.signed import text
from comity.signed.algorithms import ED25519, Signer
from comity.signed.dsse import Keys, Named, open_signed, sign, signers_table
from comity.wire.fields import Fields, refuse

FORMAT = "comity-group/1"
PAYLOAD_TYPE = "application/vnd.comity.group+json"
THINGS_MAX = 4096  # of one group: a consignment of any size that is sent
GROUP_BYTES_MAX = 4 * 1024  # one signature, and what it is over
HASH_BYTES = 32

_WHAT = "a group"


class Signed(StrEnum):
    """What kind of things one signature is over; one kind never passes for another."""

    ENVELOPE = "envelope"
    STATEMENT = "statement"
    RECEIPT = "receipt"
    REFUSAL = "refusal"
    CONTACT = "contact"
    ACKNOWLEDGEMENT = "acknowledgement"


@dataclass(frozen=True, slots=True)
class Grouped:
    """A thing, its place among those signed with it, and the signature.

    Attributes:
        thing: the bytes that are signed for.
        proof: the hashes from the thing to the root, one after another.
        group: the signed root.
    """

    thing: bytes = field(repr=False)
    index: int
    proof: bytes = field(repr=False)
    group: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A root whose signature holds, and whose it is."""

    kind: Signed
    root: bytes = field(repr=False)
    size: int
    party: str
    key: str

    def check(self, thing: bytes, index: int, proof: bytes) -> None:
        """Refuse a thing that is not the one at this place.

        Raises:
            InvalidInput: the proof does not lead from it to the root.
        """
        if len(proof) % HASH_BYTES:
            refuse("a proof is not of whole hashes", code="not-in-group")
        hashes = [
            proof[start : start + HASH_BYTES] for start in range(0, len(proof), HASH_BYTES)
        ]
        verify_inclusion(leaf_hash(thing), index, self.size, hashes, self.root)


def sign_group(
    kind: Signed, things: Sequence[bytes], party: str, signer: Signer
) -> tuple[Grouped, ...]:
    """Sign things of one kind together, in their order.

    Raises:
        InvalidInput: no thing, too many, or a signer that is not Ed25519.
    """
    if not 0 < len(things) <= THINGS_MAX:
        refuse(
            f"{len(things)} things in one group",
            code="bad-group",
            hint=f"sign from 1 to {THINGS_MAX} together",
        )
    if signer.public.alg != ED25519:
        refuse("a group is signed with Ed25519", code="bad-group", hint="use that key")
    levels = [[leaf_hash(thing) for thing in things]]
    while len(levels[-1]) > 1:
        levels.append(_above(levels[-1]))
    payload = text.write(
        {
            "format": FORMAT,
            "kind": str(kind),
            "root": text.digest_text(levels[-1][0]),
            "signers": signers_table([Named(party=party, key=signer.public)]),
            "size": len(things),
        }
    )
    group = sign(PAYLOAD_TYPE, payload, [signer])
    return tuple(
        Grouped(thing, index, _path(levels, index), group)
        for index, thing in enumerate(things)
    )


def _above(level: list[bytes]) -> list[bytes]:
    """Return the nodes over a level; a last one without a sibling stands for itself."""
    paired = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return paired + level[len(level) & ~1 :]


def _path(levels: list[list[bytes]], index: int) -> bytes:
    found = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            found.append(level[sibling])
        index >>= 1
    return b"".join(found)


def open_group(raw: bytes, kind: Signed, keys: Keys) -> Group:
    """Return a signed root, once its signature holds. ``keys`` decides for use and time.

    Raises:
        InvalidInput: another kind, more than one signer, an unknown key, a wrong signature.
    """
    verified = open_signed(raw, PAYLOAD_TYPE, keys, {ED25519}, limit=GROUP_BYTES_MAX)
    fields = Fields(dict(verified.body), _WHAT)
    if fields.word("format") != FORMAT:
        refuse("a group is of another format", code="bad-format")
    if fields.word("kind") != kind:
        refuse(
            f"a signature is over things of the kind `{fields.word('kind')}`, not `{kind}`",
            code="other-kind",
        )
    if len(verified.signers) != 1:
        refuse("a group has more than one signer", code="bad-group")
    signed = verified.signers[0]
    return Group(
        kind=kind,
        root=text.read_digest(fields.digest("root")),
        size=fields.number("size", 1, THINGS_MAX),
        party=signed.party,
        key=signed.key.id,
    )


def verify(grouped: Grouped, kind: Signed, keys: Keys) -> str:
    """Return the party that signed a thing of a kind.

    Raises:
        InvalidInput: as `open_group`, or the thing is not in the group.
    """
    group = open_group(grouped.group, kind, keys)
    group.check(grouped.thing, grouped.index, grouped.proof)
    return group.party


class Groups:
    """Opened groups by their bytes: a signature over many things is checked once.

    It holds only what one reading of one consignment met; make another for the next.
    """

    __slots__ = ("_keys", "_open")

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._open: dict[tuple[Signed, bytes], Group] = {}

    def verify(self, grouped: Grouped, kind: Signed) -> str:
        """Return the party that signed a thing, as `verify` does.

        Raises:
            InvalidInput: as `verify`.
        """
        key = (kind, grouped.group)
        group = self._open.get(key)
        if group is None:
            group = self._open[key] = open_group(grouped.group, kind, self._keys)
        group.check(grouped.thing, grouped.index, grouped.proof)
        return group.party
