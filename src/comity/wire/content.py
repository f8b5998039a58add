"""The commitment to an item's content: one name for it at every hop.

SHA-256 over a domain, a salt of 32 bytes and the plaintext. The salt travels inside the
seal: whoever sees only the commitment can test no guess, and a sealed body opens to one
content alone, whatever key is tried, which AES-GCM by itself does not promise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from comity.errors import InvalidInput

if TYPE_CHECKING:
    from hashlib import _Hash

SALT_BYTES = 32
_DOMAIN = b"comity/content/1\n"


def committing(salt: bytes) -> _Hash:
    """Return a running hash to which the plaintext is added piece by piece.

    Raises:
        InvalidInput: the salt is not of 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise InvalidInput(
            f"a salt of {len(salt)} bytes",
            hint=f"draw {SALT_BYTES} random bytes for each new content",
            code="bad-salt",
        )
    return hashlib.sha256(_DOMAIN + salt)


def commitment(salt: bytes, plaintext: Iterable[bytes]) -> str:
    """Return the commitment to a content that comes in pieces; how it is cut is no matter.

    Raises:
        InvalidInput: the salt is not of 32 bytes.
    """
    running = committing(salt)
    for piece in plaintext:
        running.update(piece)
    return f"sha256:{running.hexdigest()}"
