"""Verify a proof or a fork of a custody log. One file: `cryptography`, and nothing of Comity.

    python verify_log.py proof FILE.tlog-proof ENTRY --log KEY --cosigner KEY --cosigner KEY
    python verify_log.py fork FILE --log KEY

Keys are written `name+id+key`, and are to be had from elsewhere than the file that they
verify. Everyone named has to have signed. Exits with 0 if all holds, and else with 1.
The format is docs/formats/log.md; sources: RFC 6962 section 2.1, C2SP signed-note,
tlog-checkpoint, tlog-cosignature and tlog-proof.
"""

import argparse
import base64
import hashlib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Key = tuple[str, bytes, int, bytes]
"""Name, key id, kind (1 a log's, 4 a cosigner's), public key."""
Line = tuple[str, bytes, bytes]
"""Name, key id, signature."""
Hashes = list[bytes]


class Refused(Exception):
    """Something does not hold."""


def need(holds: object, otherwise: str) -> None:
    if not holds:
        raise Refused(otherwise)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text: str, size: int | None = None) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(f"`{text[:40]}` is not base64") from None
    need(base64.b64encode(raw).decode() == text, f"`{text[:40]}` is not base64")
    need(size in (None, len(raw)), f"`{text[:60]}` does not have {size} bytes")
    return raw


def read_key(text: str) -> Key:
    name, _, rest = text.partition("+")
    key_id, _, body = rest.partition("+")
    raw = unbase64(body, 33)
    right = sha256(name.encode(), b"\n", raw)[:4]
    need(right.hex() == key_id and raw[0] in (1, 4), f"`{text}` is no key")
    return name, right, raw[0], raw[1:]


def read_note(raw: bytes) -> tuple[str, list[Line]]:
    """Return a note's text and its signature lines; nothing is verified yet."""
    text, blank, rest = raw.decode().rpartition("\n\n")
    need(blank and rest.endswith("\n"), "no signed note")
    parts = [line.split(" ") for line in rest[:-1].split("\n")]
    need(all(len(p) == 3 and p[0] == "—" for p in parts), "no signature line")
    lines = [(name, unbase64(value)) for _, name, value in parts]
    return text + "\n", [(name, value[:4], value[4:]) for name, value in lines]


def verify_signature(text: str, lines: list[Line], key: Key) -> int | None:
    """Return the time of a cosigner's signature, or None for a log's."""
    name, key_id, kind, public = key
    found = [signature for *who, signature in lines if who == [name, key_id]]
    need(len(found) == 1, f"{name} has not signed once, and has to")
    at, signature, message = None, found[0], text
    if kind == 4:
        at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        message = f"cosignature/v1\ntime {at}\n{text}"
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message.encode())
    except InvalidSignature:
        raise Refused(f"the signature of {name} fails") from None
    return at


def open_checkpoint(
    raw: bytes, log: Key, cosigners: Sequence[Key] = ()
) -> tuple[int, bytes, list[int | None]]:
    """Return size, root and the cosigners' times of a checkpoint that all have signed."""
    text, lines = read_note(raw)
    need(log[2] == 1 and all(key[2] == 4 for key in cosigners), "a key of another kind")
    times = [verify_signature(text, lines, key) for key in (log, *cosigners)]
    origin, size, root, *_ = text.split("\n")
    need(origin == log[0], f"{log[0]} signed for another log, `{origin}`")
    need(re.fullmatch("0|[1-9][0-9]{0,18}", size, re.ASCII), f"`{size}` is no size")
    return int(size), unbase64(root, 32), times[1:]


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01", left, right)


def split(size: int, path: Hashes) -> tuple[int, Hashes, bytes]:
    """Return where a tree of a size is split, and the path below and at its top."""
    need(path, "the path is too short")
    return 1 << ((size - 1).bit_length() - 1), path[:-1], path[-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Hashes) -> bytes:
    """Return the root to which a leaf and its path lead (RFC 6962 section 2.1.1)."""
    need(0 <= index < size, "the log does not have this leaf")
    if size == 1:
        need(not path, "the path is too long")
        return leaf
    middle, path, top = split(size, path)
    if index < middle:
        return node(root_by_inclusion(leaf, index, middle, path), top)
    return node(top, root_by_inclusion(leaf, index - middle, size - middle, path))


def roots_by_consistency(
    old: int, size: int, path: Hashes, old_root: bytes, *, first: bool = True
) -> tuple[bytes, bytes]:
    """Return the old root and the new to which a path leads (RFC 6962 section 2.1.2)."""
    need(0 < old <= size, "the log never had this size")
    if old == size:
        need(len(path) == (0 if first else 1), "the path has another length")
        return (old_root, old_root) if first else (path[0], path[0])
    middle, path, top = split(size, path)
    if old <= middle:
        before, after = roots_by_consistency(old, middle, path, old_root, first=first)
        return before, node(after, top)
    rest = roots_by_consistency(old - middle, size - middle, path, old_root, first=False)
    return node(top, rest[0]), node(top, rest[1])


def verify_proof(
    raw: bytes, entry: bytes, log: Key, cosigners: Sequence[Key]
) -> Iterator[str]:
    """Return what a proof shows of an entry, as lines."""
    head, _, checkpoint = raw.partition(b"\n\n")
    lines = head.decode().split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1" and len(lines) > 2, "no proof of a log")
    need(lines[1].startswith("extra ") and lines[2].startswith("index "), "no proof")
    need(re.fullmatch("index (0|[1-9][0-9]{0,18})", lines[2], re.ASCII), "no index")
    index = int(lines[2][6:])
    size, root, times = open_checkpoint(checkpoint, log, cosigners)
    commitment = sha256(b"comity/leaf/1\n", unbase64(lines[1][6:], 32), entry)
    path = [unbase64(line, 32) for line in lines[3:]]
    leaf = sha256(b"\x00", commitment)
    need(root_by_inclusion(leaf, index, size, path) == root, "the entry is not this leaf")
    yield f"the entry is leaf {index} of {size} in {log[0]}, which signed it"
    for (name, *_), at in zip(cosigners, times, strict=True):
        yield f"{name} cosigned, by its clock {at} seconds after 1970-01-01T00:00:00Z"


def verify_fork(raw: bytes, log: Key) -> Iterator[str]:
    """Return what a fork shows, as lines."""
    lines = raw.decode().split("\n")
    need(lines[0] == "comity-fork/1" and len(lines) > 4 and not lines[-1], "no fork")
    words = [line.partition(" ") for line in lines[1:4]]
    need([word[0] for word in words] == ["older", "newer", "prefix"], "no fork")
    older, newer, prefix = (unbase64(word[2]) for word in words)
    (old, old_root, _), (new, new_root, _) = (
        open_checkpoint(n, log) for n in (older, newer)
    )
    path = [unbase64(line, 32) for line in lines[4:-1]]
    if old:
        roots = roots_by_consistency(old, new, path, prefix)
        need(roots == (prefix, new_root), "the newer log does not begin so")
    else:
        need(prefix == sha256() and not path, "an empty log has one root")
    need(prefix != old_root, "the notes agree")
    yield f"{log[0]} signed {old} and {new} leaves that are not of one history"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=["proof", "fork"])
    parser.add_argument("file", type=Path)
    parser.add_argument("entry", type=Path, nargs="?", help="the entry of a proof")
    parser.add_argument("--log", required=True, help="the log's key")
    parser.add_argument("--cosigner", action="append", default=[], help="a cosigner's key")
    given = parser.parse_args()
    if (given.what == "proof") is (given.entry is None):
        parser.error("a proof is of an entry, and a fork of none")
    try:
        log, cosigners = read_key(given.log), [read_key(key) for key in given.cosigner]
        raw = given.file.read_bytes()
        if given.what == "fork":
            found = verify_fork(raw, log)
        else:
            found = verify_proof(raw, given.entry.read_bytes(), log, cosigners)
        print("\n".join(found))
    except (Refused, OSError, UnicodeDecodeError) as error:
        sys.exit(f"refused: {error}")


if __name__ == "__main__":
    main()
