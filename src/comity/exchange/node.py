"""One party's node: what it is asked, by its own people and by partners, and what it answers.

Bytes in, bytes out: no network, and no clock but the one it was given. One thread uses it.
What it has committed survives; what it says outside has been committed before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from comity.accords.times import Instant
from comity.errors import NotKnown
from comity.exchange.acts import Acts
from comity.exchange.arrival import Arrival
from comity.exchange.contacts import Contacts
from comity.exchange.custody import Custody, LastSigned, LogRolledBack
from comity.exchange.dispatch import Dispatch, Errand
from comity.exchange.hindsight import Hindsight, Otherwise
from comity.exchange.opening import Opened, Opening
from comity.exchange.partners import Partners
from comity.exchange.proving import Proving
from comity.exchange.recovery import Recovery
from comity.exchange.register import Register
from comity.exchange.sending import Outcome, Sender, Sending
from comity.exchange.site import NodeKeys, Site
from comity.exchange.terms import TermKeys
from comity.exchange.words import Words
from comity.exchange.world import NodeWorld
from comity.release import World
from comity.signed.termkey import Destroyed
from comity.store import Database, StorageFailed
from comity.wire.seal import Encrypt, encrypt_to
from comity.wire.succession import Succession

T = TypeVar("T")

FETCHED = 3_600
"""Seconds after which a partner's file of keys is fetched again."""


@dataclass(frozen=True, slots=True)
class _Later:
    """What is said outside only once the transaction is on disk."""

    say: Callable[[], Any]


def _say(later: _Later) -> Any:  # noqa: ANN401 - each call's own
    """Say what is on disk, or return why it cannot be said: to one caller, and no other."""
    try:
        return later.say()
    except (StorageFailed, LogRolledBack):
        raise
    except Exception as error:  # noqa: BLE001 - handed to whoever called
        return error


class Node:
    """A party's node."""

    def __init__(  # noqa: PLR0913 - everything that a test or a simulator sets
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
        recovering: bool = False,
    ) -> None:
        """Start a node on what is on disk.

        ``recovering`` starts one whose database was put back: only `held_of`, `relearn` and
        `succeed` are of use then, for nothing may be signed until the last is done.

        Raises:
            LogRolledBack: the database is older than what this node has signed.
            StorageFailed: the disk fails.
        """
        self.party = party
        self.simulated = simulated
        self.database = database
        self.custody = Custody(database, keys.log, last, random, simulated=simulated)
        self.partners = Partners(database, party)
        self.site = site = Site(
            party=party,
            database=database,
            world=NodeWorld(world, database, party),
            partners=self.partners,
            custody=self.custody,
            keys=keys,
            clock=clock,
            random=random,
            encrypt=encrypt,
            spool=spool,
            officers=officers,
            simulated=simulated,
        )
        self.acts = Acts(site)
        self.register = Register(site)
        self.contacts = Contacts(site)
        self.sender = Sender(site)
        self.opening = Opening(site, self.register)
        self.terms = TermKeys(site)
        self.words = Words(site, self.register)
        self.dispatch = Dispatch(site, self.sender, self.acts, self.contacts, self.words)
        self.arrival = Arrival(site, self.contacts, self.acts, self.register, self.words)
        self.proving = Proving(site, self.acts)
        self.hindsight = Hindsight(site)
        self.recovery = Recovery(site, self.register, self.acts)
        self._grouping = False
        self._asked: dict[str, Instant] = {}
        if not recovering:
            self.custody.check_all()
        with database.transaction():  # before a crash it may have been sent all the same
            database.run("all_tried")

    def now(self) -> Instant:
        """Return the instant; see `Site.now`."""
        return self.site.now()

    # -- transactions -----------------------------------------------------------------

    def together(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """Run calls in one transaction; return each result, or the exception it ended with.

        A call that raises undoes itself alone. Results come once everything is on disk.

        Raises:
            StorageFailed: the disk failed or is full; nothing of any call was kept.
        """
        results: list[Any] = []
        try:
            with self.database.transaction():
                self._grouping = True
                results.extend(self._alone(call) for call in calls)
        except BaseException:
            self._forget()
            self.dispatch.undone()
            raise
        finally:
            self._grouping = False
        self.dispatch.kept()
        return [_say(one) if isinstance(one, _Later) else one for one in results]

    def _alone(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - each call's own
        try:
            with self.database.transaction():
                return call()
        except StorageFailed:
            raise
        except Exception as error:  # noqa: BLE001 - handed to whoever called
            self._forget()
            return error

    def _whole(self, work: Callable[[], T]) -> T:
        """Run one piece of work as a transaction, or as a part of the one that is open."""
        try:
            with self.database.transaction():
                done = work()
        except BaseException:
            self._forget()
            if not self._grouping:
                self.dispatch.undone()
            raise
        if not self._grouping:
            self.dispatch.kept()
        return done

    def _said(self, work: Callable[[], Callable[[], T]]) -> T:
        """Run work whose result is said outside, which is after it is on disk."""
        say = self._whole(work)
        later: Any = _Later(say)
        return later if self._grouping else say()

    def _forget(self) -> None:
        """Forget what was remembered of a transaction that was undone."""
        self.custody.forget()
        self.partners.forget()
        self.contacts.forget()
        if self.site.world.forget():
            self.contacts.forget_world()
            self.sender.forget_world()

    # -- partners' side ---------------------------------------------------------------

    def answer(self, party: str, raw: bytes) -> bytes:
        """Answer a partner's consignment; see `Arrival.answer`."""
        return self._said(lambda: self.arrival.answer(party, raw))

    def due(self, busy: frozenset[tuple[str, bool]] = frozenset()) -> tuple[Errand, ...]:
        """Return what is due to partners; see `Dispatch.due`."""
        return self._said(lambda: self.dispatch.due(busy))

    def settle(self, errand_id: int, raw: bytes) -> None:
        """Take a partner's answer; see `Dispatch.settle`."""
        self._whole(lambda: self.dispatch.settle(errand_id, raw))

    def failed(self, errand_id: int, code: str, next_: int) -> None:
        """Say that an errand did not arrive; see `Dispatch.failed`."""
        self._whole(lambda: self.dispatch.failed(errand_id, code, next_))

    def attempts(self, errand_id: int) -> int:
        """Return how often an errand's first part was tried before."""
        return self.dispatch.attempts(errand_id)

    def next_due(self) -> Instant | None:
        """Return when something is due next; None where nothing waits."""
        return self.dispatch.next_due()

    def addresses(self, party: str) -> tuple[str, ...]:
        """Return where a partner's node listens, as its key list says; nowhere else is tried."""
        listed = self.partners.ring.newest(party)
        return () if listed is None else listed.addresses

    def party_of(self, spki: bytes) -> str | None:
        """Return whose certificate has a public key of that digest; None: nobody's here."""
        return self.partners.ring.party_of_tls(spki, self.now())

    def log_file(self, party: str, origin: str, path: str) -> bytes:
        """Return a checkpoint or a tile of one of our logs, to a party of its accord.

        Raises:
            NotKnown: no such log or tile, or not for that party: nobody learns which.
        """
        accord = self.custody.accord_of(origin)
        if accord is None or accord not in self.contacts.common(party):
            raise NotKnown(
                f"there is no `{path}` here",
                hint="a party of the accord may read its log; see docs/formats/log.md",
                code="no-tile",
            )
        return self.custody.file(origin, path)

    def party_file(self, to: str) -> bytes:
        """Return this party's key lists, and its term keys of the accords common with another."""
        return self.terms.party_file(self.contacts.common(to))

    def wants_keys(self) -> tuple[str, ...]:
        """Return the partners that have keys which are not known here: fetch their files."""
        return tuple(sorted(self.contacts.wanted))

    def take_party_file(self, party: str, raw: bytes) -> None:
        """Record what is new in a partner's file of keys.

        Raises:
            InvalidInput: a list does not follow from the ones kept, or a term key is not
                signed by the party.
        """
        self._whole(lambda: self.terms.take(party, raw))
        self.contacts.wanted.discard(party)

    # -- after a backup was put back -----------------------------------------------------

    def held_of(self, party: str) -> bytes:
        """Return what is held here of a partner, for a node that was put back."""
        return self.recovery.held_of(party)

    def relearn(self, party: str, raw: bytes) -> int:
        """Take what a partner holds of this node; return how much was forgotten."""
        return self._whole(lambda: self.recovery.take(party, raw))

    def succeed(self, why: str) -> tuple[Succession, ...]:
        """End the logs that cannot be continued, once partners were asked, and begin others."""
        names = self.custody.rolled_back()
        return self._whole(lambda: self.recovery.succeed(names, why))

    # -- own side ---------------------------------------------------------------------

    def send(self, sendings: Sequence[Sending]) -> list[Outcome]:
        """Send items; see `Sender.send`."""
        return self._whole(lambda: self.sender.send(sendings))

    def open(self, n: int, officer: str) -> Opened:
        """Open an item that came, for a named officer; see `Opening.open`."""
        return self._whole(lambda: self.opening.open(n, officer))

    def acknowledge(self, n: int, officer: str, place: str = "") -> str:
        """Record that a named officer has an item, and tell its sender; return its serial.

        See `Words.acknowledge`.
        """
        row = self.opening.row(n)
        said = self._whole(lambda: self.words.acknowledge(n, row, officer, place))
        return said.registry

    def approve(self, raw: bytes) -> str:
        """Record an officer's approval; return the digest of what it approves."""
        return self._whole(lambda: self.sender.approve(raw))

    def evidence(self, digest: bytes) -> bytes:
        """Return the bundle that proves one exchange; see `Proving.bundle`."""
        return self.proving.bundle(digest)

    def otherwise(self, accord: str) -> tuple[Otherwise, ...]:
        """Return what crossed under an accord and would not have, by what is known now."""
        return self.hindsight.otherwise(accord)

    def destroy_keys(
        self, accord: str, officer: str | None = None
    ) -> tuple[Destroyed, ...]:
        """Destroy the term keys of an accord that has ended; see `TermKeys.destroy`.

        What is on record about it is on disk before the keys go.
        """
        done = self._whole(lambda: self.terms.destroy(accord, officer))
        for one in done:
            self.site.keys.destroy_term_key(one.key_id)
        return done

    def perform(self, accord: str, table: str) -> str:
        """Perform an instrument; return its id. See `Acts.perform`."""
        done = self._whole(lambda: self.acts.perform(accord, table))
        return done.instrument.id

    def record(self, accord: str, table: str, came: str) -> str:
        """Record an instrument that came on paper or by word; return its id."""
        return self._whole(lambda: self.acts.record(accord, table, came)).id

    def tick(self) -> None:
        """Do what the time asks for: publish the keys of terms that begin, and want others'.

        Each partner's file of keys is wanted once an hour, whatever it says of itself: one
        whose key is revoked cannot sign that it is.
        """
        self._whole(self.terms.tick)
        now = self.now()
        for partner in self.partners.all():
            lacks = self.terms.lacks(partner.party, self.contacts.common(partner.party))
            asked = self._asked.get(partner.party)
            if partner.party != self.party and (
                lacks or asked is None or now >= asked + FETCHED
            ):
                self._asked[partner.party] = now
                self.contacts.wanted.add(partner.party)
