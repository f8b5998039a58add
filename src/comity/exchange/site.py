"""What the parts of one node share: its database, world, keys, clock and the rest.

Clock, randomness and ids are functions, so that a simulator can replay a node; keys are
functions too, so that a hardware module can stand behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from comity.accords.times import Instant
from comity.errors import ComityError, InvalidInput
from comity.exchange.custody import Custody
from comity.exchange.partners import Partners
from comity.exchange.world import NodeWorld
from comity.signed.algorithms import Public, Signer
from comity.store import Database
from comity.wire.seal import Encrypt, Opener

INLINE = 256 * 1024
"""Sealed bodies up to this many bytes stand in the database and travel in the consignment."""

KEPT = 7 * 24 * 3_600
"""Seconds for which delivery is tried; afterwards it ends as a failure."""


class ClockWentBack(ComityError):
    """The clock shows less than this node has recorded."""


class NodeKeys(Protocol):
    """The keys of a node. Where the secrets are, and how they are kept, it alone knows."""

    @property
    def envelope(self) -> Signer:
        """Signs envelopes, statements, receipts and contacts."""

    @property
    def record(self) -> tuple[Signer, ...]:
        """Sign instruments and what else has to stand for decades: both of them."""

    @property
    def log(self) -> Signer:
        """Signs the checkpoints of the node's logs."""

    @property
    def cosign(self) -> Signer:
        """Cosigns the checkpoints of partners."""

    def opener(self, key: str) -> Opener | None:
        """Return what opens boxes sealed to a key of ours; None where it is destroyed."""

    def new_term_key(self, accord: str, term: str, alg: str) -> Public:
        """Make a key pair for an accord's term, and return its public half."""

    def destroy_term_key(self, key: str) -> None:
        """Destroy a key pair for good."""

    def keep(self, secret: bytes) -> bytes:
        """Return a batch key encrypted for the node itself, to seal what waits anew."""

    def kept(self, raw: bytes) -> bytes:
        """Return a batch key that was kept."""


@dataclass(slots=True)
class Site:
    """What the parts of one node share.

    Attributes:
        party: whose node it is.
        clock: UTC seconds. ``now`` guards it.
        random: so many bytes that nobody can foresee.
        encrypt: HPKE's Seal; another only under a simulator.
        spool: the folder of sealed bodies that are too large for the database.
        officers: how many officers have to approve each sending of an item.
    """

    party: str
    database: Database
    world: NodeWorld
    partners: Partners
    custody: Custody
    keys: NodeKeys
    clock: Callable[[], int]
    random: Callable[[int], bytes]
    encrypt: Encrypt
    spool: Path | None = None
    officers: int = 0
    simulated: bool = False
    _high: int = field(default=0)

    def now(self) -> Instant:
        """Return the instant, which is never before one that this node has recorded.

        Raises:
            ClockWentBack: the clock was set back by more than a minute; nothing may be
                decided until it is right again.
        """
        read = int(self.clock())
        if self._high == 0:
            self._high = int(self.database.value("setting", ("high",)) or 0)
        if read < self._high - 60:
            raise ClockWentBack(
                f"the clock shows a time {self._high - read} seconds before one that this"
                " node has recorded",
                hint="set the clock right; if the earlier one was wrong, see `comity doctor`",
                code="clock-went-back",
            )
        self._high = max(read, self._high)
        return Instant(self._high)

    def mark_time(self) -> None:
        """Record the highest instant seen; in a transaction."""
        self.database.run("set_setting", ("high", str(self._high)))

    def uuid(self) -> str:
        """Return a UUIDv7 (RFC 9562): ids are ordered by time, which tables need."""
        ms = int(self.clock()) * 1000
        raw = bytearray(ms.to_bytes(6, "big") + self.random(10))
        raw[6] = 0x70 | (raw[6] & 0x0F)
        raw[8] = 0x80 | (raw[8] & 0x3F)
        text = raw.hex()
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def folder(self) -> Path:
        """Return the spool.

        Raises:
            InvalidInput: this node has none, so what is large cannot be sent.
        """
        if self.spool is None:
            raise InvalidInput(
                "this node has no spool, and the content is too large without one",
                hint=f"send at most {INLINE} bytes",
                code="no-spool",
            )
        return self.spool
