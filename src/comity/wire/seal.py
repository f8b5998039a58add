"""Sealing: a batch key to one recipient's key, and bodies under keys derived from it.

A *box* is one HPKE (RFC 9180) base-mode encryption of a batch key; X-Wing or X25519 by
the accord's profile. Each body has a key of its own, derived from the batch key and the
hash of its whole header, and is cut into chunks of AES-256-GCM whose nonces count and mark
the last (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár 2015). So no
header can be changed, and no chunk dropped, added or moved, without the opening failing.
The format is ``docs/formats/envelope.md``.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from comity.errors import InvalidInput
from comity.signed import text
from comity.signed.algorithms import (
    XWING,
    Public,
    Secret,
    sealing_key,
    sealing_public,
    sealing_target,
)
from comity.wire.content import SALT_BYTES, committing
from comity.wire.fields import Fields, refuse
from comity.wire.header import CHUNK, FRONT_BYTES, PROFILES, Written, chunks_of

BOX_FORMAT = "comity-box/1"
BOX_BYTES_MAX = 4 * 1024  # a head, or an encapsulated key of X-Wing with 32 bytes sealed
BATCH_KEY_BYTES = 32
TAG_BYTES = 16

_BOX = b"comity/box/1\n"
_ITEM_KEY = b"comity/item-key/1\n"
_SEAL = b"comity/seal/1\n"

Read = Callable[[int], bytes]
"""Gives at most so many of the bytes that come next; none at the end."""
Write = Callable[[bytes], object]
Encrypt = Callable[[Public, bytes, bytes], bytes]
"""HPKE's Seal as a function of recipient's key, info and plaintext."""


# -- boxes ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A batch key, sealed to one recipient's key under one accord.

    Attributes:
        key: the id of the recipient's key.
        head: the bytes that say all this; their hash is bound into the encryption.
        sealed: what HPKE made of the batch key.
    """

    id: str
    profile: str
    sender: str
    recipient: str
    accord: str | None
    key: str
    head: bytes = field(repr=False)
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """A box and the batch key in it: what a sender seals the bodies of one batch with."""

    box: Box
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opener:
    """A recipient's key and the function that opens with it; it alone knows the secret.

    Attributes:
        open: HPKE's Open of the sealed bytes and the info. It raises `InvalidInput`.
    """

    public: Public
    open: Callable[[bytes, bytes], bytes] = field(repr=False, compare=False)


def opener(alg: str, secret: Secret) -> Opener:
    """Return what opens with a key that is at hand.

    Raises:
        NotAtHand: the algorithm is missing from this machine.
        InvalidInput: the algorithm is not for sealing.
    """
    key, suite = sealing_key(alg, secret), _suite(alg)

    def open_(sealed: bytes, info: bytes) -> bytes:
        try:
            return suite.decrypt(sealed, key, info)
        except (InvalidTag, ValueError):
            _broken("a box does not open with the key that it names")

    return Opener(sealing_public(alg, secret), open_)


def encrypt_to(public: Public, info: bytes, plaintext: bytes) -> bytes:
    """Encrypt to a recipient's key. HPKE draws its own randomness.

    Raises:
        NotAtHand: the algorithm is missing from this machine.
    """
    return _suite(public.alg).encrypt(plaintext, _target(public), info)


_target = lru_cache(maxsize=1024)(sealing_target)  # of X-Wing, a kilobyte to be expanded


def seal_box(
    key: bytes,
    to: Public,
    *,
    id: str,  # noqa: A002
    profile: str,
    sender: str,
    recipient: str,
    accord: str | None,
    encrypt: Encrypt = encrypt_to,
) -> Batch:
    """Seal a batch key to a recipient, and return it with its box.

    Raises:
        InvalidInput: the recipient's key is not of the profile's algorithm, or the batch key
            not of 32 bytes.
        NotAtHand: the algorithm is missing from this machine; nothing takes its place.
    """
    if PROFILES.get(profile) != to.alg:
        raise InvalidInput(
            f"the profile `{profile}` does not seal to a key of `{to.alg}`",
            hint="the accord's annex names the profile; ask the recipient for a key of it",
            code="wrong-profile",
        )
    if len(key) != BATCH_KEY_BYTES:
        raise InvalidInput(
            f"a batch key of {len(key)} bytes",
            hint=f"draw {BATCH_KEY_BYTES} random bytes for each box",
            code="bad-key",
        )
    head = text.write(
        {
            "accord": accord,
            "format": BOX_FORMAT,
            "id": id,
            "key": to.id,
            "profile": profile,
            "recipient": recipient,
            "sender": sender,
        }
    )
    return Batch(read_box(head, encrypt(to, _info(head), key)), key)


def read_box(head: bytes, sealed: bytes) -> Box:
    """Read a box as it came.

    Raises:
        InvalidInput: another form, or an unknown profile.
    """
    fields = Fields.of(head, BOX_FORMAT, "a box", limit=BOX_BYTES_MAX)
    if len(sealed) > BOX_BYTES_MAX:
        refuse(f"a box holds {len(sealed)} sealed bytes")
    return Box(
        id=fields.id32("id"),
        profile=fields.choice("profile", PROFILES),
        sender=fields.word("sender"),
        recipient=fields.word("recipient"),
        accord=fields.word_or_none("accord"),
        key=fields.id32("key"),
        head=head,
        sealed=sealed,
    )


def open_box(box: Box, with_: Opener) -> bytes:
    """Return the batch key of a box.

    Raises:
        InvalidInput: another key, another algorithm than the profile's, or it was changed.
    """
    if with_.public.id != box.key or PROFILES[box.profile] != with_.public.alg:
        _broken("a box names another key, or another profile, than the one at hand")
    key = with_.open(box.sealed, _info(box.head))
    if len(key) != BATCH_KEY_BYTES:
        _broken("a box holds no batch key")
    return key


def item_key(batch_key: bytes, header_digest: bytes) -> bytes:
    """Return the key of one body: HMAC-SHA256 of the batch key over its header's hash."""
    return hmac.digest(batch_key, _ITEM_KEY + header_digest, "sha256")


def _info(head: bytes) -> bytes:
    return _BOX + hashlib.sha256(head).digest()


def _suite(alg: str) -> hpke.Suite:
    kem = hpke.KEM.MLKEM768_X25519 if alg == XWING else hpke.KEM.X25519
    return hpke.Suite(kem, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


# -- bodies --------------------------------------------------------------------------------


def padded_size(length: int) -> int:
    """Return the padded size of a plaintext that holds so much content.

    Padmé (Nikitin and others, PURBs, 2019): at most 12 per cent more, and the size tells
    O(log log) bits of the length.
    """
    size = FRONT_BYTES + length
    exponent = size.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (size + mask) & ~mask


def sealed_size(padded: int) -> int:
    """Return how many bytes a body of that padded size has when it is sealed."""
    return padded + TAG_BYTES * chunks_of(padded)


def seal_bytes(content: bytes, salt: bytes, header: Written, key: bytes) -> bytes:
    """Seal a content that is at hand whole.

    Raises:
        InvalidInput: the header commits to another content or names another size.
    """
    running = committing(salt)
    running.update(content)
    _same(header, running.hexdigest(), len(content))
    plain = b"".join(
        (
            salt,
            len(content).to_bytes(8, "big"),
            content,
            bytes(header.header.padded - FRONT_BYTES - len(content)),
        )
    )
    seal, data = AESGCM(key), _SEAL + header.digest
    last = header.header.chunks - 1
    if last == 0:
        return seal.encrypt(_nonce(0, last=True), plain, data)
    return b"".join(
        seal.encrypt(_nonce(n, last=n == last), plain[n * CHUNK : n * CHUNK + CHUNK], data)
        for n in range(last + 1)
    )


def seal_stream(
    read: Read, header: Written, key: bytes, write: Write, *, salt: bytes, length: int
) -> str:
    """Seal a content of a known length piece by piece, and return the ciphertext's digest.

    The content is read a second time here: the first was for the commitment that the
    header has. Memory does not grow with it.

    Raises:
        InvalidInput: what is read is not what the header commits to; what was written then
            is to be thrown away.
    """
    running, digest = committing(salt), hashlib.sha256()
    seal, data = AESGCM(key), _SEAL + header.digest
    source = _Padded(read, salt, length, header.header.padded, running.update)
    last = header.header.chunks - 1
    for number in range(last + 1):
        chunk = seal.encrypt(_nonce(number, last=number == last), source.take(CHUNK), data)
        digest.update(chunk)
        _ = write(chunk)
    if read(1):
        _changed()
    _same(header, running.hexdigest(), length)
    return f"sha256:{digest.hexdigest()}"


class _Padded:
    """Front, content and padding as one stream."""

    def __init__(
        self, read: Read, salt: bytes, length: int, padded: int, seen: Write
    ) -> None:
        self._read, self._seen = read, seen
        self._front = salt + length.to_bytes(8, "big")
        self._left = length
        self._zeros = padded - FRONT_BYTES - length
        if self._zeros < 0:
            _changed()

    def take(self, size: int) -> bytes:
        """Return the next bytes, fewer than asked only at the end."""
        parts, self._front = [self._front], b""
        room = size - len(parts[0])
        while room and self._left:
            piece = self._read(min(room, self._left))
            if not piece or len(piece) > room:
                _changed()
            _ = self._seen(piece)
            parts.append(piece)
            room -= len(piece)
            self._left -= len(piece)
        zeros = min(room, self._zeros)
        self._zeros -= zeros
        parts.append(bytes(zeros))
        return b"".join(parts)


class Opening:
    """A body being opened: its content piece by piece, to be trusted only at the end.

    Iterating yields the content. The last piece is held back until the length, the
    padding, the end of the body and the commitment have been verified; an `InvalidInput`
    comes in its place, and then nothing that was yielded before counts.

    Attributes:
        salt: of the commitment; goes with the item on its way onward.
        length: of the content, as the body says it.
    """

    def __init__(self, read: Read, header: Written, key: bytes) -> None:
        self._read = read
        self._header = header
        self._aead = AESGCM(key)
        self._data = _SEAL + header.digest
        first = self._chunk(0)
        if len(first) < FRONT_BYTES:
            _broken("a body is too short to have a front")
        self.salt = first[:SALT_BYTES]
        self.length = int.from_bytes(first[SALT_BYTES:FRONT_BYTES], "big")
        if header.header.padded != padded_size(self.length):
            _broken("a body is not padded as its length asks")
        self._first = first[FRONT_BYTES:]

    def __iter__(self) -> Iterator[bytes]:
        """Yield the content; it can be iterated once."""
        running, left, held = committing(self.salt), self.length, b""
        plain = self._first
        for number in range(self._header.header.chunks):
            if number:
                plain = self._chunk(number)
            piece, zeros = plain[:left], plain[left:]
            if zeros.count(0) != len(zeros):
                _broken("the padding of a body is not empty")
            if piece:
                if held:
                    yield held
                running.update(piece)
                left -= len(piece)
                held = piece
        if left or self._read(1):
            _broken("a body does not end where its header says")
        if f"sha256:{running.hexdigest()}" != self._header.header.content:
            _broken("a body holds another content than its header commits to")
        if held:
            yield held

    def _chunk(self, number: int) -> bytes:
        header = self._header.header
        last = number == header.chunks - 1
        size = header.padded - number * CHUNK if last else CHUNK
        raw = _exactly(self._read, size + TAG_BYTES)
        try:
            return self._aead.decrypt(_nonce(number, last=last), raw, self._data)
        except InvalidTag:
            _broken("a body does not open under its header")


def open_stream(read: Read, header: Written, key: bytes) -> Opening:
    """Begin to open a body; iterate over what is returned, to its end, for the content.

    Raises:
        InvalidInput: it is not what was sealed under this header with this key.
    """
    return Opening(read, header, key)


def open_bytes(sealed: bytes, header: Written, key: bytes) -> tuple[bytes, bytes]:
    """Return the content and its salt of a body that is at hand whole.

    Raises:
        InvalidInput: it is not what was sealed under this header with this key.
    """
    position = 0

    def read(size: int) -> bytes:
        nonlocal position
        piece = sealed[position : position + size]
        position += len(piece)
        return piece

    opening = Opening(read, header, key)
    return b"".join(opening), opening.salt


def _exactly(read: Read, size: int) -> bytes:
    """Return so many bytes, however small the pieces are in which they come."""
    raw = read(size)
    if len(raw) == size:
        return raw
    parts = [raw]
    while raw and (size := size - len(raw)) > 0:
        raw = read(size)
        parts.append(raw)
    return b"".join(parts)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")


def _same(header: Written, hexdigest: str, length: int) -> None:
    if header.header.content != f"sha256:{hexdigest}":
        _changed()
    if header.header.padded != padded_size(length):
        _changed()


def _changed() -> NoReturn:
    raise InvalidInput(
        "the content is not the one that the header was written for",
        hint="it changed between two readings; send it again",
        code="content-changed",
    )


def _broken(message: str) -> NoReturn:
    raise InvalidInput(
        message,
        hint="nothing of it was kept; ask the sender to send it again",
        code="seal-broken",
    )
