"""One party's node: what it is asked, by its own people and by partners, and what it answers.

Bytes in, bytes out: no network and no clock but the one it was given. One thread uses it.
What it has committed survives; what it says outside has been committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from comity.accords.times import Instant
from comity.exchange.acts import Acts
from comity.exchange.arrival import Arrival
from comity.exchange.contacts import Contacts
from comity.exchange.custody import Custody, LastSigned
from comity.exchange.dispatch import Dispatch, Errand
from comity.exchange.partners import Partners
from comity.exchange.register import Register
from comity.exchange.sending import Outcome, Sender, Sending
from comity.exchange.site import NodeKeys, Site
from comity.exchange.world import NodeWorld
from comity.release import World
from comity.store import Database
from comity.wire.seal import Encrypt, encrypt_to


class Node:
    """A party's node."""

    def __init__(
        self,
        party: str,
        world: World,
        database: Database,
        keys: NodeKeys,
        last: LastSigned,
        *,
        clock: Callable[[], int],
        random: Callable[[int], bytes],
        encrypt: Encrypt = encrypt_to,
        spool: Path | None = None,
        officers: int = 0,
        simulated: bool = False,
    ) -> None:
        custody = Custody(database, keys.log, last, random, simulated=simulated)
        partners = Partners(database, party)
        self.site = Site(
            party=party,
            database=database,
            world=NodeWorld(world, database, party),
            partners=partners,
            custody=custody,
            keys=keys,
            clock=clock,
            random=random,
            encrypt=encrypt,
            spool=spool,
            officers=officers,
            simulated=simulated,
        )
        custody.check_all()
        with database.transaction():  # before a crash it may have been sent all the same
            database.run("all_tried")
        self.partners = partners
        self.custody = custody
        self.acts = Acts(self.site)
        self.register = Register(self.site)
        self.contacts = Contacts(self.site)
        self.sender = Sender(self.site)
        self.dispatch = Dispatch(self.site, self.sender, self.acts, self.contacts)
        self.arrival = Arrival(self.site, self.contacts, self.acts, self.register)
        self.party = party
        self.simulated = simulated

    def now(self) -> Instant:
        """Return the instant; see `Site.now`."""
        return self.site.now()

    def send(self, sendings: Sequence[Sending]) -> list[Outcome]:
        """Send items; see `Sender.send`."""
        with self._whole():
            return self.sender.send(sendings)

    def answer(self, party: str, raw: bytes) -> bytes:
        """Answer a partner's consignment; see `Arrival.answer`."""
        with self._whole():
            return self.arrival.answer(party, raw)

    def due(self, busy: frozenset[tuple[str, bool]] = frozenset()) -> tuple[Errand, ...]:
        """Return what is due to partners; see `Dispatch.due`."""
        with self._whole():
            return self.dispatch.due(busy)

    def settle(self, errand_id: int, raw: bytes) -> None:
        """Take a partner's answer; see `Dispatch.settle`."""
        with self._whole():
            self.dispatch.settle(errand_id, raw)

    def failed(self, errand_id: int, code: str, next_: int) -> None:
        """Say that an errand did not arrive; see `Dispatch.failed`."""
        with self._whole():
            self.dispatch.failed(errand_id, code, next_)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Forget what was remembered of a transaction that was undone."""
        try:
            yield
        except BaseException:
            self.custody.forget()
            self.partners.forget()
            self.contacts.forget()
            raise
