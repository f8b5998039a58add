"""How much is taken at once, and for how long one waits: every limit of the endpoint.

Whatever comes from outside is cut off before it is held in memory: a body by its stated
length, a head by its bytes, a slow sender by a deadline that grows with the length. Beyond
a limit the answer is a problem with a time to come back, never a queue without end.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from comity.exchange.problem import Problem

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one side of the endpoint; seconds and bytes.

    Attributes:
        head, head_seconds: of a request's head, from its first byte.
        handshake_seconds: of TLS.
        idle_seconds: between two requests of one connection.
        write_seconds: for a peer that does not read what it asked for.
        body: of one request.
        body_seconds, body_rate: a body of n bytes has ``body_seconds + n / body_rate``.
        connections, per_peer: open at once, in all and of one peer.
        requests_per_peer: being answered at once for one peer.
        held: bytes of bodies in memory, over all requests.
    """

    head: int = 16 * KIB
    head_seconds: float = 5.0
    handshake_seconds: float = 5.0
    idle_seconds: int = 75
    write_seconds: float = 30.0
    body: int = 16 * MIB
    body_seconds: float = 10.0
    body_rate: int = 64 * KIB
    connections: int = 512
    per_peer: int = 32
    requests_per_peer: int = 8
    held: int = 64 * MIB


class Room:
    """What is in hand now: bytes of bodies, and requests of each peer. One event loop's."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.held = 0
        self._requests: Counter[str] = Counter()

    @contextmanager
    def request(self, peer: str) -> Iterator[None]:
        """Count a request of a peer while it is answered.

        Raises:
            Problem: ``too-many``.
        """
        if self._requests[peer] >= self.limits.requests_per_peer:
            raise Problem("too-many", retry_after=1)
        self._requests[peer] += 1
        try:
            yield
        finally:
            self._requests[peer] -= 1
            if not self._requests[peer]:
                del self._requests[peer]

    @contextmanager
    def body(self, length: int) -> Iterator[None]:
        """Keep room for a body of a length.

        Raises:
            Problem: ``busy``.
        """
        if self.held + length > self.limits.held:
            raise Problem("busy", retry_after=2)
        self.held += length
        try:
            yield
        finally:
            self.held -= length


def stated_length(request: Request, most: int) -> int:
    """Return the length that a request states, where it is within a limit.

    Raises:
        Problem: ``no-length``, ``too-large``; the connection is of no more use.
    """
    text = request.headers.get("content-length", "")
    if not (text.isascii() and text.isdigit()):
        raise Problem("no-length")
    length = int(text) if len(text) < 16 else most + 1
    if length > most:
        raise Problem("too-large", more={"limit": most})
    return length


async def read_body(request: Request, room: Room, length: int) -> bytes:
    """Return the body of a request, in its time.

    Raises:
        Problem: ``too-slow``, or ``bad-request`` where it ends early.
    """
    limits = room.limits
    try:
        async with asyncio.timeout(limits.body_seconds + length / limits.body_rate):
            return b"".join([part async for part in request.stream()])
    except TimeoutError:
        raise Problem("too-slow") from None
    except ClientDisconnect:
        raise Problem("bad-request") from None
