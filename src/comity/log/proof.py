"""The proof that an entry is in a log, as one file (C2SP tlog-proof v1).

It holds the entry's salt, its index, the path to the root and a checkpoint with its
cosignatures. With the entry and keys known from elsewhere it is verified anywhere, offline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from comity.errors import InvalidInput
from comity.log.checkpoint import Policy, Signed, open_checkpoint
from comity.log.commitment import SALT_BYTES, commit
from comity.log.merkle import (
    HASH_BYTES,
    PROOF_HASHES_MAX,
    SIZE_MAX,
    leaf_hash,
    verify_inclusion,
)
from comity.log.note import NOTE_BYTES_MAX, read_note
from comity.signed.text import base64_of, read_base64

FIRST_LINE = "c2sp.org/tlog-proof@v1"
PROOF_BYTES_MAX = NOTE_BYTES_MAX + 4096
"""A checkpoint of the largest size, and 63 lines of 44 characters before it, with room."""

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof as read: well-formed, and nothing verified.

    Attributes:
        salt: the salt of the entry's commitment; the format's *extra data*.
        index: the entry's place in the log.
        path: the hashes from the leaf's sibling to the root's child.
        checkpoint: the note of the checkpoint, as it came.
    """

    salt: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes


def write_proof(salt: bytes, index: int, path: Sequence[bytes], checkpoint: bytes) -> bytes:
    """Write a proof; files of it end in ``.tlog-proof``."""
    lines = [
        FIRST_LINE,
        f"extra {base64_of(salt)}",
        f"index {index}",
        *map(base64_of, path),
    ]
    raw = "\n".join((*lines, "", "")).encode() + checkpoint
    read_proof(raw)
    return raw


def read_proof(raw: bytes) -> Proof:
    """Read a proof's form; :func:`verify_proof` says whether it holds."""
    if len(raw) > PROOF_BYTES_MAX:
        raise _bad_proof(f"it has more than {PROOF_BYTES_MAX} bytes")
    head, blank, checkpoint = raw.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise _bad_proof("a line before the checkpoint is not ASCII") from None
    if first != FIRST_LINE or not blank:
        raise _bad_proof(f"it does not begin with `{FIRST_LINE}`")
    extra = lines.pop(0) if lines and lines[0].startswith("extra ") else ""
    salt = read_base64(extra.removeprefix("extra "))
    if len(salt) != SALT_BYTES:
        raise _bad_proof("its extra data is no salt")
    index = _INDEX.fullmatch(lines.pop(0) if lines else "")
    if index is None or int(index[1]) >= SIZE_MAX:
        raise _bad_proof("it does not say its index")
    if len(lines) > PROOF_HASHES_MAX:
        raise _bad_proof(f"it has more than {PROOF_HASHES_MAX} hashes")
    path = tuple(map(read_base64, lines))
    if any(len(one) != HASH_BYTES for one in path):
        raise _bad_proof("a line of its path is no hash")
    read_note(checkpoint)
    return Proof(salt=salt, index=int(index[1]), path=path, checkpoint=checkpoint)


def verify_proof(raw: bytes, entry: bytes, policy: Policy) -> tuple[Proof, Signed]:
    """Return the proof and its checkpoint if the entry is in the log, or raise.

    Established, in this order: everyone whom the policy names signed the checkpoint; the
    commitment to these bytes, with the proof's salt, is the leaf at the index.
    """
    proof = read_proof(raw)
    signed = open_checkpoint(proof.checkpoint, policy)
    head = signed.checkpoint
    leaf = leaf_hash(commit(proof.salt, entry))
    verify_inclusion(leaf, proof.index, head.size, proof.path, head.root)
    return proof, signed


def _bad_proof(why: str) -> InvalidInput:
    return InvalidInput(
        f"this is no proof of a log: {why}",
        hint="ask for it again, and see docs/formats/log.md",
        code="bad-tlog-proof",
    )
