"""A fork: two signed checkpoints of one log that cannot both be of one history.

Two notes of one size and two roots contradict each other as they stand. Two notes of two
sizes do by what the larger one begins with: its first leaves have another root than the
smaller note says. Either is proof to anyone who has the log's key; nobody need be believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.errors import InvalidInput
from comity.log.checkpoint import Checkpoint, Policy, open_checkpoint
from comity.log.merkle import HASH_BYTES, PROOF_HASHES_MAX, verify_consistency
from comity.log.note import NOTE_BYTES_MAX
from comity.signed.text import base64_of, read_base64

FIRST_LINE = "comity-fork/1"
FORK_BYTES_MAX = 3 * NOTE_BYTES_MAX
"""Two notes in base64, and the proof between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Two notes that contradict each other, and how.

    Attributes:
        older: the note of the smaller size, or of the same.
        newer: the other.
        prefix: the root, by the newer note, of as many leaves as the older has.
        proof: the consistency proof that leads from ``prefix`` to the newer root.
    """

    older: bytes
    newer: bytes
    prefix: bytes
    proof: tuple[bytes, ...] = ()


def find_fork(
    one: bytes,
    other: bytes,
    policy: Policy,
    *,
    prefix: bytes | None = None,
    proof: Sequence[bytes] = (),
) -> Fork | None:
    """Return the proof that two notes of one log contradict each other, or None.

    Of notes of two sizes, ``prefix`` and ``proof`` show what the larger one begins with:
    whoever has its leaves, or a copy of its tiles, can give them. Without them, None says
    only that nothing is shown. Only the log's own signature counts; of the policy's
    cosigners none is asked, since a fork is what they may never have seen.
    """
    signer = Policy(log=policy.log, simulated=policy.simulated)
    heads = [(open_checkpoint(raw, signer).checkpoint, raw) for raw in (one, other)]
    (old, older), (new, newer) = sorted(heads, key=lambda head: head[0].size)
    if old.size == new.size:
        prefix, proof = new.root, ()
    if prefix is None or prefix == old.root:
        return None
    fork = Fork(older=older, newer=newer, prefix=prefix, proof=tuple(proof))
    _check(fork, old, new)
    return fork


def verify_fork(fork: Fork, policy: Policy) -> tuple[Checkpoint, Checkpoint]:
    """Return the two checkpoints if the log's key signed both and they contradict."""
    signer = Policy(log=policy.log, simulated=policy.simulated)
    old = open_checkpoint(fork.older, signer).checkpoint
    new = open_checkpoint(fork.newer, signer).checkpoint
    _check(fork, old, new)
    return old, new


def write_fork(fork: Fork) -> bytes:
    """Write a fork as a file to keep and to show."""
    lines = [
        FIRST_LINE,
        f"older {base64_of(fork.older)}",
        f"newer {base64_of(fork.newer)}",
        f"prefix {base64_of(fork.prefix)}",
        *map(base64_of, fork.proof),
    ]
    return ("\n".join(lines) + "\n").encode()


def read_fork(raw: bytes) -> Fork:
    """Read a fork's form; :func:`verify_fork` says whether it is one."""
    if len(raw) > FORK_BYTES_MAX:
        raise _bad_fork(f"it has more than {FORK_BYTES_MAX} bytes")
    try:
        lines = raw.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise _bad_fork("it is not ASCII") from None
    if lines[0] != FIRST_LINE or lines[-1] or not 5 <= len(lines) <= 5 + PROOF_HASHES_MAX:
        raise _bad_fork(f"it is not the lines of `{FIRST_LINE}`")
    older, newer, prefix = (
        read_base64(line.removeprefix(f"{name} "))
        for name, line in zip(("older", "newer", "prefix"), lines[1:4], strict=True)
    )
    proof = tuple(map(read_base64, lines[4:-1]))
    if any(len(value) != HASH_BYTES for value in (prefix, *proof)):
        raise _bad_fork("a hash of it does not have 32 bytes")
    fork = Fork(older=older, newer=newer, prefix=prefix, proof=proof)
    if write_fork(fork) != raw:
        raise _bad_fork("it is not written in its one form")
    return fork


def _check(fork: Fork, old: Checkpoint, new: Checkpoint) -> None:
    if old.size > new.size:
        raise _bad_fork("its older note is the larger one")
    if fork.prefix == old.root:
        raise _bad_fork("its notes agree")
    verify_consistency(old.size, new.size, fork.proof, fork.prefix, new.root)


def _bad_fork(why: str) -> InvalidInput:
    return InvalidInput(
        f"this does not prove a fork: {why}",
        hint="keep the notes and go on asking: only notes that contradict prove it",
        code="bad-fork",
    )
