"""A file of secrets under a passphrase: scrypt (RFC 7914), then AES-256-GCM.

The head in the clear says how; it is bound into the encryption, and only costs between a
floor and a ceiling are read, so that nobody makes a file cheap to guess or endless to open.
The format is ``docs/formats/keystore.md``.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from comity.errors import InvalidInput
from comity.signed import text
from comity.signed.algorithms import Random, Secret

FORMAT: Final = "comity-secrets/1"
COST: Final = 17  # 2^17 rounds of 1 KiB: 128 MiB and about a third of a second
COSTS: Final = range(14, 21)
PASSPHRASE_MIN: Final = 8
LIMIT: Final = 1 << 20

_DOMAIN = b"comity/secrets/1\n"


def seal_secrets(
    kind: str, body: Mapping[str, Any], passphrase: str, random: Random, cost: int = COST
) -> bytes:
    """Return a body of secrets, encrypted under a passphrase.

    Raises:
        InvalidInput: the passphrase is shorter than 8 characters, or the cost is none.
    """
    if len(passphrase) < PASSPHRASE_MIN:
        _refuse(
            "short-passphrase",
            f"the passphrase has fewer than {PASSPHRASE_MIN} characters",
            "take five or six words at random; the file is as safe as they are",
        )
    if cost not in COSTS:
        _refuse("bad-secrets", f"a cost of {cost}", f"take {COST}")
    head = {
        "cost": cost,
        "format": FORMAT,
        "kdf": "scrypt",
        "kind": kind,
        "nonce": text.base64_of(random(12)),
        "salt": text.base64_of(random(32)),
    }
    cipher = AESGCM(_key(head, passphrase))
    nonce = text.read_base64(head["nonce"])
    sealed = cipher.encrypt(nonce, text.write(body), _DOMAIN + text.write(head))
    return text.write({**head, "sealed": text.base64_of(sealed)})


def open_secrets(kind: str, raw: bytes, passphrase: str) -> dict[str, Any]:
    """Return the body that `seal_secrets` encrypted.

    Raises:
        InvalidInput: no such file, of another kind, or the passphrase is wrong.
    """
    head = text.read(raw, limit=LIMIT)
    sealed = text.read_base64(head.pop("sealed", None))
    if head.get("format") != FORMAT or head.get("kdf") != "scrypt":
        _refuse(
            "newer-format",
            f"the file has the format `{head.get('format')}`, and `{FORMAT}` is read here",
            "install the version of Comity that wrote it",
        )
    if head.get("kind") != kind:
        _refuse(
            "other-type",
            f"the file has the secrets of a {head.get('kind')}, and not of a {kind}",
            "give the file that is meant",
        )
    cost, nonce = head.get("cost"), text.read_base64(head.get("nonce"))
    if type(cost) is not int or cost not in COSTS or len(nonce) != 12:
        _refuse("bad-secrets", "the file's head is not one that Comity writes", _RESTORE)
    try:
        body = AESGCM(_key(head, passphrase)).decrypt(
            nonce, sealed, _DOMAIN + text.write(head)
        )
    except InvalidTag:
        _refuse(
            "wrong-passphrase",
            "the passphrase is wrong, or the file was changed",
            "type it again; if it is right, restore the file from a backup",
        )
    return text.read(body)


def wrap(key: Secret, domain: bytes, plain: bytes, random: Random) -> bytes:
    """Return bytes encrypted under a key of the file's: nonce, then ciphertext."""
    nonce = random(12)
    return nonce + AESGCM(key.seed).encrypt(nonce, plain, domain)


def unwrap(key: Secret, domain: bytes, sealed: bytes) -> bytes:
    """Return what `wrap` encrypted.

    Raises:
        InvalidInput: another key or domain, or it was changed.
    """
    try:
        return AESGCM(key.seed).decrypt(sealed[:12], sealed[12:], domain)
    except (InvalidTag, ValueError):
        _refuse("bad-secrets", "a secret does not open with this node's keys", _RESTORE)


_RESTORE = "restore the file from a backup of this node"


def _key(head: Mapping[str, Any], passphrase: str) -> bytes:
    """Return the key of a passphrase, whichever way its characters were composed."""
    words = unicodedata.normalize("NFC", passphrase).encode()
    salt, rounds = text.read_base64(head.get("salt")), 1 << head["cost"]
    return hashlib.scrypt(
        words, salt=salt, n=rounds, r=8, p=1, dklen=32, maxmem=2 * 1024 * rounds
    )


def _refuse(code: str, message: str, hint: str) -> NoReturn:
    raise InvalidInput(message, hint=hint, code=code)
