"""What a log holds of an entry: a salted commitment, from which nobody can guess it."""

from __future__ import annotations

from hashlib import sha256

from comity.errors import InvalidInput

SALT_BYTES = 32
_DOMAIN = b"comity/leaf/1\n"


def commit(salt: bytes, entry: bytes) -> bytes:
    """Return the commitment to an entry: SHA-256 over a domain, 32 bytes of salt, and it.

    This is the data of the log's leaf. Who has the entry and its salt can show that it is
    this one; who has neither learns nothing, not even of an entry that could be guessed.
    """
    if len(salt) != SALT_BYTES:
        raise InvalidInput(
            f"a salt of {len(salt)} bytes",
            hint=f"a salt has {SALT_BYTES} bytes, drawn at random for this entry alone",
            code="log-salt",
        )
    return sha256(_DOMAIN + salt + entry).digest()
