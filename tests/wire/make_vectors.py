"""Writes the vectors of what crosses, from fixed keys, salts, ids and times.

Run it as ``python -m wire.make_vectors`` with the tests on the path. HPKE draws its own
randomness, so the boxes are new each time; everything else comes out the same.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from comity.signed import text
from comity.wire.content import commitment
from comity.wire.group import Signed, sign_group
from comity.wire.header import PROFILES, chunks_of, write_header
from comity.wire.receipt import write_receipt, write_refusal
from comity.wire.seal import item_key, padded_size, seal_bytes
from wire import made
from wire.test_envelope import CHANGES
from wire.test_receipt import RECEIPT, REFUSAL

VECTORS = Path(__file__).parent / "vectors"
SIZES = (0, 1, 1024, 65_496, 65_497, 131_072, 1 << 20)


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def envelope() -> dict[str, object]:
    """One envelope with everything that makes it, and what must fail."""
    sealed, statement = made.sealed(), made.stated()
    header, body = sealed.written, sealed.body
    group = sign_group(Signed.ENVELOPE, [sealed.thing], "a", made.A)[0].group
    return {
        "signing_seed": made.seed(1).seed.hex(),
        "salt": made.SALT.hex(),
        "content": "the content",
        "batch_key": made.BATCH_KEY.hex(),
        "statement": statement.raw.decode(),
        "header": header.raw.decode(),
        "item_key": item_key(made.BATCH_KEY, header.digest).hex(),
        "body": body.hex(),
        "signed": sealed.thing.hex(),
        "envelope": sealed.digest,
        "group": group.decode(),
        "fails": {
            "headers": {name: text.write(one).decode() for name, one in CHANGES.items()},
            "bodies": {
                "first byte": flipped(body, 0).hex(),
                "last byte": flipped(body, len(body) - 1).hex(),
                "shorter": body[:-1].hex(),
                "longer": (body + b"\0").hex(),
                "no tag": body[:-16].hex(),
                "empty": "",
            },
            "groups": {
                "no signature": text.write({**text.read(group), "signatures": []}).decode(),
                "by a stranger": sign_group(Signed.ENVELOPE, [sealed.thing], "a", made.C)[
                    0
                ].group.decode(),
                "as a statement": sign_group(Signed.STATEMENT, [sealed.thing], "a", made.A)[
                    0
                ].group.decode(),
                "of another thing": sign_group(Signed.ENVELOPE, [b"x"], "a", made.A)[
                    0
                ].group.decode(),
            },
        },
    }


def bodies() -> list[dict[str, object]]:
    """Bodies of some sizes: the content is SHAKE-256 of its length in decimal."""
    found = []
    for size in SIZES:
        content = hashlib.shake_256(b"%d" % size).digest(size)
        padded = padded_size(size)
        header = write_header(
            replace(
                made.sealed().written.header,
                content=commitment(made.SALT, [content]),
                padded=padded,
                chunks=chunks_of(padded),
            )
        )
        key = item_key(made.BATCH_KEY, header.digest)
        body = seal_bytes(content, made.SALT, header, key)
        found.append(
            {
                "length": size,
                "padded": padded,
                "chunks": chunks_of(padded),
                "commitment": header.header.content,
                "header_sha256": header.digest.hex(),
                "body_bytes": len(body),
                "body_sha256": hashlib.sha256(body).hexdigest(),
            }
        )
    return found


def groups() -> list[dict[str, object]]:
    """Groups of several sizes: thing n is ``thing n``."""
    return [
        {
            "size": size,
            "group": signed[0].group.decode(),
            "proofs": [one.proof.hex() for one in signed],
        }
        for size in (1, 2, 3, 7, 8)
        for signed in [
            sign_group(Signed.ENVELOPE, [b"thing %d" % n for n in range(size)], "a", made.A)
        ]
    ]


def boxes() -> list[dict[str, object]]:
    """A box of each profile, as it was once sealed."""
    return [
        {
            "profile": profile,
            "recipient_seed": made.seed(12).seed.hex(),
            "head": box.head.decode(),
            "sealed": box.sealed.hex(),
            "batch_key": made.BATCH_KEY.hex(),
        }
        for profile in PROFILES
        for box in [made.batch(profile).box]
    ]


def answers() -> dict[str, str]:
    return {
        "receipt": write_receipt(RECEIPT).decode(),
        "refusal": write_refusal(REFUSAL).decode(),
    }


SAME = {"envelope": envelope, "bodies": bodies, "groups": groups, "answers": answers}


def main() -> None:
    """Write every file of vectors."""
    for name, make_ in {**SAME, "boxes": boxes}.items():
        written = json.dumps(make_(), indent=1, ensure_ascii=False) + "\n"
        _ = (VECTORS / f"{name}.json").write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
