"""Logs, keys and notes that tests share; every key is from a seed that is written here."""

from hashlib import sha256

from comity.log import (
    Checkpoint,
    Kind,
    Policy,
    Vkey,
    add_lines,
    commit,
    cosign,
    cosigner,
    in_memory,
    leaf_hash,
    open_checkpoint,
    origin,
    root,
    sign_checkpoint,
)
from comity.signed.algorithms import ed25519_signer

NIGHT = 1574434800  # 2019-11-23T00:00:00 in Seoul


def signer(name):
    return ed25519_signer(sha256(name.encode()).digest())


def log_key(name="east", *, simulated=False):
    where = origin(sha256(name.encode()).digest()[:16], simulated=simulated)
    return Vkey(name=where, kind=Kind.LOG, public=signer(name).public)


EAST = log_key()
WEST, NORTH = (
    cosigner(name, signer(f"{name} cosigns").public) for name in ("west", "north")
)
POLICY = Policy(log=EAST, cosigners=(WEST, NORTH))
ENTRIES = [f"receipt {n}".encode() for n in range(600)]
SALTS = [sha256(b"salt" + entry).digest() for entry in ENTRIES]
COMMITMENTS = [commit(s, e) for s, e in zip(SALTS, ENTRIES, strict=True)]
LEAVES = [leaf_hash(one) for one in COMMITMENTS]
READ = in_memory(LEAVES)


def head(size, leaves=LEAVES, log=EAST):
    return Checkpoint(origin=log.name, size=size, root=root(leaves[:size]))


def note(size, leaves=LEAVES, *, by="east", log=EAST):
    """The log's own note of its size."""
    return sign_checkpoint(head(size, leaves, log), log, signer(by))


def cosigned(size, at=NIGHT):
    """The same, cosigned by both partners."""
    raw = note(size)
    seen = open_checkpoint(raw, Policy(log=EAST))
    return add_lines(
        raw,
        [
            cosign(seen, None, (), by=by, signer=signer(f"{name} cosigns"), at=at)
            for name, by in (("west", WEST), ("north", NORTH))
        ],
    )


def flips(value):
    """Every value that differs in one byte."""
    for at in range(len(value)):
        yield value[:at] + bytes([value[at] ^ 0x40]) + value[at + 1 :]
