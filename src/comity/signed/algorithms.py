"""The algorithms by which parties sign and are sealed to, and keys of them.

A key's *id* is a digest of its algorithm and its bytes, so that no id names two keys. A
signer is a function beside its public key: a hardware module may stand behind it, and
nothing here keeps a secret where it could be printed.

Sources: Ed25519 RFC 8032; ML-DSA-65 FIPS 204; X25519 RFC 7748; X-Wing
draft-connolly-cfrg-xwing-kem.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from comity.errors import InvalidInput, NotAtHand

ED25519: Final = "ed25519"
MLDSA65: Final = "ml-dsa-65"
XWING: Final = "x-wing"
X25519: Final = "x25519"
SPKI: Final = "spki-sha256"

SIGNING = frozenset({ED25519, MLDSA65})
SEALING = frozenset({XWING, X25519})
PUBLIC_BYTES = {ED25519: 32, MLDSA65: 1952, XWING: 1216, X25519: 32, SPKI: 32}
SEED_BYTES = 32  # of a private key of any of them

Random = Callable[[int], bytes]

# RFC 8032, 5.1.3 reads y modulo p, and OpenSSL reads points of small order. Under such a
# key one signature fits many messages, so neither is a key here.
_P = 2**255 - 19
_Y8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset({0, 1, _P - 1, _Y8, _P - _Y8})  # y, with either sign of x


@dataclass(frozen=True, slots=True)
class Public:
    """A public key: an algorithm and its bytes. Two are equal if both are.

    Raises:
        InvalidInput: an unknown algorithm, a wrong length, or an Ed25519 key that is no
            proper point.
    """

    alg: str
    raw: bytes

    def __post_init__(self) -> None:
        """Refuse what is no key."""
        wanted = PUBLIC_BYTES.get(self.alg)
        if wanted is None:
            raise InvalidInput(
                f"`{self.alg}` is no algorithm that is known here",
                hint=f"known are {', '.join(PUBLIC_BYTES)}",
                code="unknown-algorithm",
            )
        if len(self.raw) != wanted:
            raise InvalidInput(
                f"a public key of `{self.alg}` has {wanted} bytes, and not {len(self.raw)}",
                hint="take the key from its owner's key list",
                code="bad-key",
            )
        if self.alg == ED25519:
            y = int.from_bytes(self.raw, "little") & ((1 << 255) - 1)
            if y >= _P or y in _SMALL_ORDER:
                raise InvalidInput(
                    "an Ed25519 key is no point that a signature could be checked with",
                    hint="its owner has to make another key",
                    code="bad-key",
                )

    @property
    def id(self) -> str:
        """The key's id: 32 hex digits, of its algorithm and bytes."""
        return _key_id(self.alg, self.raw)

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Return whether this key signed these bytes.

        Raises:
            NotAtHand: the algorithm is missing from this machine.
            InvalidInput: the key is not for signing.
        """
        if self.alg not in SIGNING:
            raise InvalidInput(
                f"a key of `{self.alg}` signs nothing",
                hint="name a key that its owner lists for signing",
                code="bad-key",
            )
        require(self.alg)
        try:
            _verifier(self.alg, self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def __repr__(self) -> str:
        """Print the algorithm and the id, not two kilobytes."""
        return f"Public({self.alg} {self.id})"


@dataclass(frozen=True, slots=True)
class Signer:
    """A public key and the function that signs for it; where the secret is, it alone knows."""

    public: Public
    sign: Callable[[bytes], bytes] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Secret:
    """The seed of a private key, which no message, log or traceback prints."""

    seed: bytes = field(repr=False)

    def __repr__(self) -> str:
        """Print nothing of it."""
        return "Secret(…)"


def ed25519_signer(private: bytes) -> Signer:
    """Return the signer of an Ed25519 private key of 32 bytes."""
    key = Ed25519PrivateKey.from_private_bytes(_seed(private))
    return Signer(Public(ED25519, key.public_key().public_bytes_raw()), key.sign)


def mldsa65_signer(private: bytes) -> Signer:
    """Return the signer of an ML-DSA-65 seed of 32 bytes. Its signatures are randomised.

    Raises:
        NotAtHand: this machine has no ML-DSA.
    """
    require(MLDSA65)
    key = mldsa.MLDSA65PrivateKey.from_seed_bytes(_seed(private))

    def sign(message: bytes) -> bytes:
        return key.sign(message)

    return Signer(Public(MLDSA65, key.public_key().public_bytes_raw()), sign)


def signer(alg: str, secret: Secret) -> Signer:
    """Return the signer of a seed, by its algorithm.

    Raises:
        NotAtHand: the algorithm is missing from this machine.
        InvalidInput: the algorithm is not for signing.
    """
    if alg == ED25519:
        return ed25519_signer(secret.seed)
    if alg == MLDSA65:
        return mldsa65_signer(secret.seed)
    raise InvalidInput(
        f"`{alg}` signs nothing",
        hint="sign with `ed25519` or `ml-dsa-65`",
        code="unknown-algorithm",
    )


SealingKey = hpke.MLKEM768X25519PrivateKey | x25519.X25519PrivateKey


def sealing_key(alg: str, secret: Secret) -> SealingKey:
    """Return the private key of HPKE that a seed stands for.

    An X-Wing seed is expanded as its draft says (5.2): SHAKE-256 to the 64 bytes of ML-KEM
    and the 32 of X25519.

    Raises:
        NotAtHand: the algorithm is missing from this machine.
        InvalidInput: the algorithm is not for sealing.
    """
    _check_sealing(alg)
    seed = _seed(secret.seed)
    if alg == X25519:
        return x25519.X25519PrivateKey.from_private_bytes(seed)
    kem, curve = _xwing_parts(seed)
    return hpke.MLKEM768X25519PrivateKey(kem, curve)


def sealing_public(alg: str, secret: Secret) -> Public:
    """Return the public key of a seed for sealing, as key lists carry it.

    Raises:
        NotAtHand: the algorithm is missing from this machine.
        InvalidInput: the algorithm is not for sealing.
    """
    _check_sealing(alg)
    seed = _seed(secret.seed)
    if alg == X25519:
        curve = x25519.X25519PrivateKey.from_private_bytes(seed)
        return Public(X25519, curve.public_key().public_bytes_raw())
    kem, curve = _xwing_parts(seed)
    raw = kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
    return Public(XWING, raw)


def sealing_target(
    public: Public,
) -> hpke.MLKEM768X25519PublicKey | x25519.X25519PublicKey:
    """Return the public key in the form that HPKE takes.

    Raises:
        NotAtHand: the algorithm is missing from this machine.
        InvalidInput: the key is not for sealing, or is none.
    """
    _check_sealing(public.alg)
    try:
        if public.alg == X25519:
            return x25519.X25519PublicKey.from_public_bytes(public.raw)
        return hpke.MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(public.raw[:-32]),
            x25519.X25519PublicKey.from_public_bytes(public.raw[-32:]),
        )
    except ValueError:
        raise InvalidInput(
            f"{public.id} is no key of `{public.alg}`",
            hint="take the key from its owner's key list",
            code="bad-key",
        ) from None


def public_of(alg: str, secret: Secret) -> Public:
    """Return the public key of a seed, of any algorithm that has seeds."""
    return sealing_public(alg, secret) if alg in SEALING else signer(alg, secret).public


def generate(alg: str, random: Random) -> tuple[Public, Secret]:
    """Return a new key. The same random bytes make the same key.

    Raises:
        NotAtHand: the algorithm is missing from this machine.
        InvalidInput: an algorithm that makes no keys.
    """
    secret = Secret(random(SEED_BYTES))
    return public_of(alg, secret), secret


def available() -> frozenset[str]:
    """Return the algorithms that this machine has, found by trying each."""
    return frozenset(alg for alg in SIGNING | SEALING if probe(alg))


def require(alg: str) -> None:
    """Refuse if an algorithm is missing here. Nothing else takes its place.

    Raises:
        NotAtHand: it is.
    """
    if not probe(alg):
        raise NotAtHand(
            f"this machine has no {alg}: what needs it is refused, and not done with less",
            hint="install `cryptography` 48 or later, from a wheel with its own OpenSSL",
            code="no-algorithm",
        )


@cache
def probe(alg: str) -> bool:
    """Return whether the cryptographic library here can do an algorithm."""
    seed = bytes(range(SEED_BYTES))
    try:
        if alg == MLDSA65:
            _ = mldsa.MLDSA65PrivateKey.from_seed_bytes(seed)
        elif alg == XWING:
            _ = hpke.MLKEM768X25519PrivateKey(*_xwing_parts(seed))
        elif alg == X25519:
            _ = x25519.X25519PrivateKey.from_private_bytes(seed)
        else:
            _ = Ed25519PrivateKey.from_private_bytes(seed)
    except (UnsupportedAlgorithm, AttributeError):
        return False
    return True


def _check_sealing(alg: str) -> None:
    if alg not in SEALING:
        raise InvalidInput(
            f"nothing is sealed to a key of `{alg}`",
            hint="seal to `x-wing`, or to `x25519`",
            code="unknown-algorithm",
        )
    require(alg)


def _seed(private: bytes) -> bytes:
    if len(private) != SEED_BYTES:
        raise InvalidInput(
            f"a private key has {SEED_BYTES} bytes, and not {len(private)}",
            hint="take it from the file of keys that Comity wrote",
            code="bad-key",
        )
    return private


def _xwing_parts(seed: bytes) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
    expanded = hashlib.shake_256(seed).digest(96)
    return (
        mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        x25519.X25519PrivateKey.from_private_bytes(expanded[64:]),
    )


@lru_cache(maxsize=4096)
def _key_id(alg: str, raw: bytes) -> str:
    return hashlib.sha256(
        b"comity/key/1\n" + alg.encode("ascii") + b"\n" + raw
    ).hexdigest()[:32]


@lru_cache(maxsize=4096)
def _verifier(alg: str, raw: bytes) -> Ed25519PublicKey | mldsa.MLDSA65PublicKey:
    if alg == ED25519:
        return Ed25519PublicKey.from_public_bytes(raw)
    return mldsa.MLDSA65PublicKey.from_public_bytes(raw)
