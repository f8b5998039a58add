"""The parties that a node exchanges with: their key lists, term keys, and whether they are held.

A partner counts once a person has confirmed the fingerprint of its officers out of band.
Its lists are kept in every version; what it signed is judged by the keys of that time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.accords.times import Instant
from comity.errors import InvalidInput, NotKnown
from comity.signed.algorithms import Public
from comity.signed.dsse import Keys
from comity.signed.keylist import KeyList, read_history, read_key_list, read_key_lists
from comity.signed.partykeys import Use
from comity.signed.ring import Ring
from comity.signed.termkey import TermKey, read_term_key
from comity.store import Database, Row
from comity.wire.approval import Approval, read_approval


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner as recorded.

    Attributes:
        confirmed: who compared the fingerprint, and how.
        held: why exchange with it is held; empty where it is not.
    """

    party: str
    fingerprint: str
    confirmed: str
    at: Instant
    held: str


class Partners:
    """The parties known here, own party among them."""

    def __init__(self, database: Database, us: str) -> None:
        self._database = database
        self.us = us
        self._ring: Ring | None = None
        self._terms: dict[tuple[str, str], tuple[TermKey, ...]] = {}

    # -- asking -----------------------------------------------------------------------

    @property
    def ring(self) -> Ring:
        """Every key list that was kept."""
        if self._ring is None:
            histories: dict[str, list[bytes]] = {}
            for row in self._database.all("key_lists"):
                histories.setdefault(row["party"], []).append(bytes(row["raw"]))
            self._ring = Ring.of(read_history(raws) for raws in histories.values())
        return self._ring

    def all(self) -> tuple[Partner, ...]:
        """Return the partners that somebody confirmed."""
        return tuple(_partner(row) for row in self._database.all("partners"))

    def require(self, party: str) -> Partner:
        """Return a confirmed partner with which exchange is not held.

        Raises:
            NotKnown: nobody confirmed it.
            InvalidInput: exchange with it is held.
        """
        row = self._database.one("partner", (party,))
        if row is None:
            raise NotKnown(
                f"`{party}` is no partner of this node",
                hint=f"exchange files and compare fingerprints: `comity partner accept` of"
                f" the file of `{party}`",
                code="no-partner",
            )
        partner = _partner(row)
        if partner.held:
            raise InvalidInput(
                f"exchange with `{party}` is held: {partner.held}",
                hint="see `comity why-stuck`; a person decides what to make of it",
                code="partner-held",
            )
        return partner

    def keys(self, use: Use, at: Instant) -> Keys:
        """Return what looks up keys for a use at a time."""
        return self.ring.for_use(use, at)

    def term_key(self, party: str, accord: str, at: Instant, alg: str) -> TermKey:
        """Return the key of a term to which items for a party are sealed.

        Raises:
            NotKnown: it has published none that counts now.
        """
        for key in reversed(self.term_keys(party, accord)):
            if (
                key.since <= at
                and (key.before is None or at < key.before)
                and key.key.alg == alg
            ):
                return key
        raise NotKnown(
            f"`{party}` has published no key for `{accord}` that counts now",
            hint=f"its node publishes one when it meets ours; ask `{party}`",
            code="no-term-key",
        )

    def term_keys(self, party: str, accord: str) -> tuple[TermKey, ...]:
        """Return the term keys that a party published and has not said to be destroyed.

        One whose signer turned out to have been stolen before it was known here counts as none.
        """
        found = self._terms.get((party, accord))
        if found is None:
            rows = self._database.all("term_keys", (party, accord))
            found = tuple(
                key
                for row in rows
                if row["destroyed"] is None and (key := self._term_key(row)) is not None
            )
            self._terms[party, accord] = found
        return found

    def _term_key(self, row: Row) -> TermKey | None:
        try:
            return read_term_key(bytes(row["raw"]), self.ring, row["known"])
        except InvalidInput:
            return None

    def seal_key(self, party: str, at: Instant, alg: str) -> Public:
        """Return the standing key to which instruments for a party are sealed.

        Raises:
            NotKnown: its key list has none.
        """
        return self.ring.one(party, Use.SEAL, alg, at)

    def read_approval(self, raw: bytes) -> Approval:
        """Return an approval of an officer of ours, signed with that officer's own two keys.

        Raises:
            InvalidInput: another form, or somebody who is no officer in our newest list.
        """
        listed = self.ring.newest(self.us)
        found = {
            key.id: (officer.name, key)
            for officer in (() if listed is None else listed.officers)
            for key in officer.keys
        }
        return read_approval(
            raw,
            lambda party, key: found[key][1] if party == self.us and key in found else None,
            lambda _, key: found[key][0] if key in found else None,
        )

    # -- recording, inside a transaction ----------------------------------------------

    def accept(self, raw: bytes, confirmed: str, now: Instant, fingerprint: str) -> KeyList:
        """Record a party's first key list, whose fingerprint somebody compared.

        Of a party that is on record the lists stay as they are.

        Raises:
            InvalidInput: it is no valid list, of another fingerprint, or of other officers
                than are on record.
        """
        listed = read_key_list(raw, None, now)
        if listed.fingerprint != fingerprint:
            raise InvalidInput(
                f"the fingerprint of `{listed.party}` here is {listed.fingerprint}, which is"
                " not what was read aloud",
                hint="do not accept the file: call them on a number you know, and ask again",
                code="other-fingerprint",
            )
        known = self.ring.newest(listed.party)
        if known is None:
            self._keep(listed, raw, now)
        elif known.fingerprint != fingerprint:
            raise InvalidInput(
                f"other officers of `{listed.party}` are on record here:"
                f" {known.fingerprint}",
                hint="their next key list is signed by those before; ask them for it",
                code="other-officers",
            )
        self._database.run(
            "put_partner",
            {
                "party": listed.party,
                "fingerprint": listed.fingerprint,
                "confirmed": confirmed,
                "at": now,
            },
        )
        return listed

    def renew(self, party: str, raw: bytes, now: Instant) -> KeyList:
        """Record the next version of a party's list; the one that is kept changes nothing.

        Raises:
            InvalidInput: it does not follow from the one that is kept.
        """
        before = self.ring.newest(party)
        listed = read_key_list(raw, before, now)
        if listed is not before:
            self._keep(listed, raw, now)
        return listed

    def catch_up(self, party: str, raws: Sequence[bytes], now: Instant) -> None:
        """Record the versions of a party's list that were missed, oldest first.

        Raises:
            InvalidInput: one does not follow from the one before, or the last has expired.
        """
        for listed in read_key_lists(raws, self.ring.newest(party), now):
            self._keep(listed, listed.raw, now)

    def hold(self, party: str, why: str | None) -> None:
        """Hold exchange with a partner, or lift it."""
        self._database.run("hold_partner", (why, party))

    def forget(self) -> None:
        """Read everything anew: a transaction was undone."""
        self._ring = None
        self._terms.clear()

    def publish(self, raw: bytes, now: Instant) -> TermKey:
        """Record a term key that a party published.

        Raises:
            InvalidInput: it is not signed by the party's record keys.
        """
        key = read_term_key(raw, self.ring, now)
        self._database.run(
            "insert_term_key",
            {
                "party": key.party,
                "accord": key.accord,
                "term": key.term,
                "key": key.key.id,
                "raw": raw,
                "since": key.since,
                "before": key.before,
                "known": now,
            },
        )
        self._terms.pop((key.party, key.accord), None)
        return key

    def _keep(self, listed: KeyList, raw: bytes, now: Instant) -> None:
        for key in listed.keys:
            whose = self.ring.party_of_tls(key.public.raw, now)
            if key.use is Use.TLS and whose not in (None, listed.party):
                raise InvalidInput(
                    f"`{listed.party}` lists the certificate of `{whose}` as its own",
                    hint="nothing of that list was taken; ask both, by another way",
                    code="others-certificate",
                )
        self._database.run("insert_key_list", (listed.party, listed.version, raw, now))
        self._ring = None
        self._terms.clear()


def _partner(row: Row) -> Partner:
    return Partner(
        row["party"],
        row["fingerprint"],
        row["confirmed"],
        Instant(row["at"]),
        row["held"] or "",
    )
