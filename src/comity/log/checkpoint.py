"""Checkpoints: a log's signed word of its size and root, and its partners' cosignatures.

The forms are those of C2SP tlog-checkpoint v1.0.0 and tlog-cosignature v1.0. A log must
not sign two checkpoints that contradict each other; a cosigner says that it has seen none
that contradicts this one, and no larger one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from comity.errors import InvalidInput
from comity.log.merkle import HASH_BYTES, SIZE_MAX, verify_consistency
from comity.log.note import Kind, Line, Vkey, verify_note, write_note
from comity.signed.algorithms import Public, Signer
from comity.signed.text import base64_of, read_base64

_ORIGIN = re.compile(r"comity\.log/[0-9a-f]{32}(?P<simulated>/simulated)?", re.ASCII)
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def origin(random: bytes, *, simulated: bool = False) -> str:
    """Return the origin of a new log from 16 random bytes: it tells nobody whose it is.

    Under a simulated clock it says so, and no real node takes the log.
    """
    name = f"comity.log/{random.hex()}{'/simulated' if simulated else ''}"
    is_simulated(name)
    return name


def is_simulated(name: str) -> bool:
    """Say whether an origin is of a log under a simulated clock; raise if it is none."""
    found = _ORIGIN.fullmatch(name)
    if found is None:
        raise InvalidInput(
            f"`{name}` is no origin of a log",
            hint="an origin is `comity.log/` and 32 hexadecimal digits",
            code="log-origin",
        )
    return found["simulated"] is not None


def cosigner(party: str, public: Public) -> Vkey:
    """Return the key by which a party cosigns: the one in its key list, under its name."""
    return Vkey(name=f"comity.party/{party}", kind=Kind.COSIGNATURE, public=public)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a log says of itself at one size.

    Attributes:
        origin: which log.
        size: how many leaves it has.
        root: the root over them.
        extensions: further lines, which are kept and signed, and mean nothing here.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed, with its last newline."""
        return "\n".join(
            (self.origin, str(self.size), base64_of(self.root), *self.extensions, "")
        )


def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint, whose signatures somebody has verified."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or "" in lines[:-1]:
        raise _bad_checkpoint("it does not have an origin, a size and a root, a line each")
    name, size, written, *extensions = lines[:-1]
    root = read_base64(written)
    if not _SIZE.fullmatch(size) or int(size) > SIZE_MAX:
        raise _bad_checkpoint(f"`{size}` is no size")
    if len(root) != HASH_BYTES:
        raise _bad_checkpoint(f"`{written}` is no root")
    return Checkpoint(origin=name, size=int(size), root=root, extensions=tuple(extensions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Who has to have signed a checkpoint: the log, and every one of these cosigners.

    Attributes:
        log: the log's key; its name is the origin.
        cosigners: the keys of those who must have cosigned, all of them.
        simulated: whether this node runs under a simulated clock. A log of the other kind
            is refused.
    """

    log: Vkey
    cosigners: tuple[Vkey, ...] = ()
    simulated: bool = False

    def __post_init__(self) -> None:
        """Refuse keys of the wrong kind, and two of one name."""
        names = [self.log.name, *(vkey.name for vkey in self.cosigners)]
        kinds = {vkey.kind for vkey in self.cosigners}
        if self.log.kind is not Kind.LOG or kinds - {Kind.COSIGNATURE}:
            raise _bad_policy("a log signs with a log's key, and others with a cosigner's")
        if len(set(names)) < len(names):
            raise _bad_policy("two keys have one name")
        if is_simulated(self.log.name) is not self.simulated:
            raise InvalidInput(
                f"`{self.log.name}` is of a log under "
                f"{'a real' if self.simulated else 'a simulated'} clock",
                hint="a node takes only logs of its own kind; ask for the partner's real key",
                code="log-simulated",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A checkpoint that everyone signed who had to.

    Attributes:
        cosigned: when each cosigner says to have signed, by the name of its key, in UTC
            seconds. Such a time is a claim of the cosigner.
        raw: the note as it came.
    """

    checkpoint: Checkpoint
    cosigned: Mapping[str, int] = field(default_factory=dict)
    raw: bytes


def sign_checkpoint(checkpoint: Checkpoint, log: Vkey, signer: Signer) -> bytes:
    """Return the note of a checkpoint, signed by its log.

    Whoever calls has kept the last checkpoint that this log signed, and has seen that this
    one continues it: :func:`check_growth`.
    """
    if checkpoint.origin != log.name or log.kind is not Kind.LOG:
        raise _bad_policy(f"`{log.name}` does not sign for the log `{checkpoint.origin}`")
    if read_checkpoint(checkpoint.text) != checkpoint:
        raise _bad_checkpoint("it would be read as another")
    return write_note(checkpoint.text, [log.sign(checkpoint.text, signer)])


def open_checkpoint(raw: bytes, policy: Policy) -> Signed:
    """Return the checkpoint of a note that everyone signed whom the policy names.

    Other signatures are ignored. It says nothing of how the log grew to it.
    """
    note, times = verify_note(raw, (policy.log, *policy.cosigners))
    checkpoint = read_checkpoint(note.text)
    if checkpoint.origin != policy.log.name:
        raise InvalidInput(
            f"`{policy.log.name}` signed a checkpoint of `{checkpoint.origin}`",
            hint="keep the note: a log signs for no other log",
            code="log-origin",
        )
    cosigned = {name: at for name, at in times.items() if at is not None}
    return Signed(checkpoint=checkpoint, cosigned=cosigned, raw=raw)


def check_growth(seen: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """Raise unless a log only grew from the checkpoint that was seen to the new one.

    A smaller size is no fork: the older note may have been slow. The same size with
    another root is one.
    """
    if seen.origin != new.origin:
        raise InvalidInput(
            f"`{seen.origin}` and `{new.origin}` are two logs",
            hint="compare checkpoints of one log",
            code="log-origin",
        )
    if new.size < seen.size:
        raise InvalidInput(
            f"the log `{new.origin}` was seen with {seen.size} leaves, and now shows "
            f"{new.size}",
            hint="ask for its latest checkpoint; if it has none, it was put back",
            code="log-shorter",
        )
    if new.size == seen.size and new.root != seen.root:
        raise InvalidInput(
            f"the log `{new.origin}` shows two roots at {new.size} leaves",
            hint="keep both notes: together they prove a fork",
            code="log-forked",
        )
    verify_consistency(seen.size, new.size, proof, seen.root, new.root)


def cosign(
    signed: Signed,
    seen: Checkpoint | None,
    proof: Sequence[bytes],
    *,
    by: Vkey,
    signer: Signer,
    at: int,
) -> Line:
    """Return a cosigner's line under a checkpoint that continues what it has seen.

    ``seen`` is the largest checkpoint of this log that the cosigner ever cosigned; None
    only before its first. The caller stores the new one in its place before the line
    leaves (tlog-witness).
    """
    if by.kind is not Kind.COSIGNATURE:
        raise _bad_policy(f"`{by.name}` is no cosigner's key")
    if seen is not None:
        check_growth(seen, signed.checkpoint, proof)
    elif proof:
        raise InvalidInput(
            "a proof came with the first checkpoint that is seen of this log",
            hint="with nothing to compare, send no proof",
            code="log-unproved",
        )
    return by.sign(signed.checkpoint.text, signer, at=at)


def _bad_checkpoint(why: str) -> InvalidInput:
    return InvalidInput(
        f"this is no checkpoint: {why}",
        hint="ask for it again, and see docs/formats/log.md",
        code="bad-checkpoint",
    )


def _bad_policy(why: str) -> InvalidInput:
    return InvalidInput(
        f"these keys do not go together: {why}",
        hint="see whose key list says what for which use",
        code="log-policy",
    )
