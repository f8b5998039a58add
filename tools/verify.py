"""Verify evidence of an exchange. One file: `cryptography`, and nothing of Comity.

    python verify.py bundle FILE.zip KEYS-FOLDER
    python verify.py proof FILE.tlog-proof ENTRY --log KEY --cosigner KEY --cosigner KEY
    python verify.py fork FILE --log KEY

Keys are to be had from elsewhere than the file that they verify. A folder of keys has the
lists that each party gave; a key is written `name+id+key`. Everyone named has to have
signed. Exits with 0 if all holds, and else with 1. Formats: docs/formats/evidence.md and
docs/formats/log.md; sources: RFC 6962 section 2.1, DSSE v1.0.2, C2SP signed-note,
tlog-checkpoint, tlog-cosignature and tlog-proof.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Key = tuple[str, bytes, int, bytes]
"""Name, key id, kind (1 a log's, 4 a cosigner's), public key."""
Line = tuple[str, bytes, bytes]
"""Name, key id, signature."""
Hashes = list[bytes]


EVENTS = (
    ("RelayAcceptance", "RelayRejection"),
    ("SubmissionAcceptance", "InstrumentSent"),
)
"""What entries tell of an envelope: in its recipient's log, and in its sender's."""


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


# -- bundles -------------------------------------------------------------------------------


Ring = dict[tuple[str, str], dict[str, bytes]]
"""By party and use, the public key of each id."""


def read_keys(folder: Path) -> Ring:
    """Return the keys of the lists in a folder: they are taken as they are given.

    A key that one of them says to be revoked counts for nothing, whatever another says.
    """
    ring: Ring = {}
    revoked: set[tuple[str, str]] = set()
    for path in sorted(folder.iterdir()):
        body = json.loads(path.read_bytes())
        lists = [base64.b64decode(one) for one in body.get("lists", [])] or [
            path.read_bytes()
        ]
        for raw in lists:
            said = json.loads(unbase64(json.loads(raw)["payload"]))
            for key in said["keys"]:
                public = unbase64(key["public"])
                name = sha256(b"comity/key/1\n", key["alg"].encode(), b"\n", public)
                if "revoked" in key:
                    revoked.add((said["party"], name.hex()[:32]))
                if key["alg"] == "ed25519":
                    found = ring.setdefault((said["party"], key["use"]), {})
                    found[name.hex()[:32]] = public
    need(ring, f"`{folder}` has no keys")
    return {
        (party, use): {n: raw for n, raw in keys.items() if (party, n) not in revoked}
        for (party, use), keys in ring.items()
    }


def verify_group(
    raw: bytes, kind: str, thing: bytes, placed: dict[str, Any], ring: Ring
) -> str:
    """Return the party that signed a thing, alone or with others."""
    group = json.loads(raw)
    payload, form = unbase64(group["payload"]), group["payloadType"].encode()
    said = json.loads(payload)
    need(said["kind"] == kind and len(said["signers"]) == 1, f"no signature over a {kind}")
    (signer,) = said["signers"]
    public = ring.get((signer["party"], "envelope"), {}).get(signer["key"])
    need(public is not None, f"the key of {signer['party']} is not known")
    by = [one["sig"] for one in group["signatures"] if one["keyid"] == signer["key"]]
    message = b"DSSEv1 %d %b %d %b" % (len(form), form, len(payload), payload)
    try:
        key = Ed25519PublicKey.from_public_bytes(public or b"")
        key.verify(unbase64("".join(by)), message)
    except (InvalidSignature, ValueError):
        raise Refused(f"the signature of {signer['party']} fails") from None
    proof = unbase64(placed["proof"])
    path = [proof[at : at + 32] for at in range(0, len(proof), 32)]
    leaf = sha256(b"\x00", thing)
    root = root_by_inclusion(leaf, placed["index"], said["size"], path)
    need(f"sha256:{root.hex()}" == said["root"], f"the {kind} is not in its group")
    return str(signer["party"])


def verify_bundle(file: Path, ring: Ring) -> Iterator[str]:
    """Return what a bundle shows of one exchange, as lines."""
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        need(all(one.compress_type == 0 for one in infos), "a file is packed")
        files = {one.filename: archive.read(one) for one in infos}
    head = json.loads(files["bundle.json"])
    need(head["format"] == "comity-bundle/1", "no bundle")
    need(set(head["files"]) | {"bundle.json"} == set(files), "other files than it lists")
    for name, digest in head["files"].items():
        need(f"sha256:{sha256(files[name]).hex()}" == digest, f"`{name}` was changed")
    header = json.loads(files["header.json"])
    thing = sha256(files["header.json"]) + bytes.fromhex(head["cipher"][7:])
    envelope = f"sha256:{sha256(thing).hex()}"
    sender, recipient = header["sender"], header["recipient"]

    def signed(name: str, what: bytes, by: str) -> str:
        placed, group = head["signed"][name], files[f"{name}.group.json"]
        need(verify_group(group, name, what, placed, ring) == by, f"not by {by}")
        return f"{by} signed the {name}"

    yield signed("envelope", thing, sender) + f" to {recipient} at {header['at']}"
    if header["kind"] == "item":
        need("statement.json" in files, "an item without its originator's statement")
        stated = json.loads(files["statement.json"])
        digest = f"sha256:{sha256(files['statement.json']).hex()}"
        same = (header["statement"], header["content"]) == (digest, stated["content"])
        need(same, "the statement is of another item")
        yield signed("statement", files["statement.json"], stated["by"])
    need(not {"receipt.json", "refusal.json"} <= set(files), "received and refused at once")
    for name in ("receipt", "refusal", "acknowledgement"):
        if f"{name}.json" in files:
            said = json.loads(files[f"{name}.json"])
            need(said["envelope"] == envelope, f"the {name} is of another envelope")
            same = all(
                said.get(k, header.get(k)) == header.get(k) for k in ("item", "accord")
            )
            need(same, f"the {name} is of another item or accord")
            yield signed(name, files[f"{name}.json"], recipient) + f" at {said['at']}"
    entry = files["entry.json"]
    told = json.loads(entry)
    need(told["envelope"] == envelope, "the entry is of another envelope")
    need(told["event"] in EVENTS[head["maker"] == sender], "the entry tells something else")
    proof = files["entry.tlog-proof"]
    if head["maker"] == recipient and "receipt.json" in files:
        said = json.loads(files["receipt.json"])
        place = f"index {said['index']}\n".encode() in proof.partition(b"\n\n")[0] + b"\n"
        origin = proof.partition(b"\n\n")[2].startswith(f"{said['log']}\n".encode())
        need(place and origin, "the receipt is of another entry")
    yield from _logged(proof, entry, head["maker"], header, ring)
    if header["accord"] is not None:
        text = f"sha256:{sha256(files['accord.md']).hex()}"
        need(header["version"].split("+")[0] == text, "another text than it goes by")
        yield f"the text of {header['accord']} is the one that it goes by"


def _logged(
    proof: bytes, entry: bytes, maker: str, header: dict[str, Any], ring: Ring
) -> Iterator[str]:
    parties = (header["sender"], header["recipient"])
    need(maker in parties, f"{maker} is neither sender nor recipient")
    other = parties[1 - parties.index(maker)]
    origin = proof.partition(b"\n\n")[2].decode().partition("\n")[0]
    logs = ring.get((maker, "log"), {}).values()
    witnesses = ring.get((other, "cosign"), {}).values()
    for log in logs:
        for witness in witnesses:
            mine = _vkey(origin, 1, log)
            theirs = _vkey(f"comity.party/{other}", 4, witness)
            try:
                yield from list(verify_proof(proof, entry, mine, [theirs]))
            except Refused:
                continue
            else:
                return
    raise Refused(f"the log of {maker} is not proved, or not cosigned by {other}")


def _vkey(name: str, kind: int, public: bytes) -> Key:
    return name, sha256(name.encode(), b"\n", bytes([kind]), public)[:4], kind, public


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=["bundle", "proof", "fork"])
    parser.add_argument("file", type=Path)
    parser.add_argument("other", type=Path, nargs="?", help="keys, or a proof's entry")
    parser.add_argument("--log", help="the log's key")
    parser.add_argument("--cosigner", action="append", default=[], help="a cosigner's key")
    given = parser.parse_args()
    if (given.what == "fork") is not (given.other is None):
        parser.error(
            "a proof is of an entry, a bundle goes with keys, and a fork with none"
        )
    if (given.what == "bundle") is not (given.log is None):
        parser.error("name the log's key by --log, but for a bundle")
    try:
        if given.what == "bundle":
            found = verify_bundle(given.file, read_keys(given.other))
        else:
            raw, log = given.file.read_bytes(), read_key(given.log)
            if given.what == "fork":
                found = verify_fork(raw, log)
            else:
                cosigners = [read_key(key) for key in given.cosigner]
                found = verify_proof(raw, given.other.read_bytes(), log, cosigners)
        print("\n".join(found))
    except (
        Refused,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        zipfile.BadZipFile,
    ) as error:
        sys.exit(f"refused: {error}")


if __name__ == "__main__":
    main()
