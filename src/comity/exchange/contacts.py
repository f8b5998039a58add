"""Contacts: what two nodes tell each other of themselves whenever they meet.

Each carries the latest checkpoints of the common logs with the proof that they grew from
what the other has cosigned, and the other's checkpoints cosigned: so a date in either log is
boxed in between two meetings, and a rewritten log is found at the next one. A log that
shows two histories is a fork: both notes are kept, and exchange with that partner is held
until a person has looked into it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from comity.accords.times import Instant
from comity.errors import InvalidInput
from comity.exchange.site import Site
from comity.log.checkpoint import (
    Checkpoint,
    Policy,
    check_growth,
    cosign,
    cosigner,
    open_checkpoint,
    read_checkpoint,
)
from comity.log.note import Kind, Vkey, add_lines, read_note
from comity.signed import text
from comity.signed.algorithms import ED25519
from comity.signed.partykeys import Use
from comity.wire.contact import Contact, Growth, read_contact, unequal_acts, write_contact
from comity.wire.fields import refuse
from comity.wire.group import Grouped, Groups, Signed, sign_group
from comity.wire.succession import read_succession
from comity.wire.terms import acts_head, deadlines_digest

EVERY = 1
"""Seconds between two checkpoints that a partner is shown of one log under traffic."""

SKEW = 120
"""Seconds by which a partner's clock may differ before it is told to a person."""


@dataclass(frozen=True, slots=True)
class Met:
    """What a partner said of itself.

    Attributes:
        unequal: the accords of which the two do not know the same instruments.
        held: its log shows two histories; exchange with it is held from now on.
    """

    contact: Contact
    unequal: tuple[str, ...]
    held: bool


class Contacts:
    """Says what this node tells, and hears what partners tell."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._told: dict[tuple[str, str], Instant] = {}
        self._cosigned: dict[str, dict[str, str]] = {}
        self.wanted: set[str] = set()
        self._digests: dict[tuple[int, str, int], tuple[str, str]] = {}

    # -- saying -----------------------------------------------------------------------

    def common(self, party: str) -> tuple[str, ...]:
        """Return the accords to which both are party, whether they stand or not."""
        joined = self._site.world.now().world.lookup.joined
        ours, theirs = joined.get(self._site.party, {}), joined.get(party, {})
        return tuple(sorted(accord.id for n, accord in ours.items() if n in theirs))

    def say(
        self,
        to: str,
        now: Instant,
        asked: tuple[str, ...] = (),
        unknown: tuple[str, ...] = (),
    ) -> Grouped:
        """Return what is told to a partner; after the transaction whose logs it shows.

        ``asked`` are our envelopes after whose fate we ask, ``unknown`` theirs that we do not
        have.

        Raises:
            LogRolledBack: nothing may be signed.
        """
        site, accords = self._site, self.common(to)
        notes: dict[str, str] = {}
        growth: dict[str, Growth] = {}
        for accord in accords:
            _, size = site.custody.next_index(accord)
            told, old = self._told.get((to, accord)), self._seen_by(to, accord)
            if size == old or (told is not None and now < told + EVERY):
                continue
            notes[accord] = site.custody.checkpoint(accord).decode()
            self._told[to, accord] = now
            if old:
                growth[accord] = Growth(old, site.custody.growth(accord, old, size))
        listed = site.partners.ring.newest(site.party)
        digests = {accord: self._of(accord, now) for accord in accords}
        contact = Contact(
            sender=site.party,
            recipient=to,
            at=now,
            keys=0 if listed is None else listed.version,
            checkpoints=notes,
            growth=growth,
            cosigned=self._cosigned.pop(to, {}),
            terms={
                accord: keys[-1].key.id
                for accord in accords
                if (keys := site.partners.term_keys(site.party, accord))
            },
            asked=asked,
            unknown=unknown,
            acts={accord: acts for accord, (acts, _) in digests.items()},
            deadlines={accord: ahead for accord, (_, ahead) in digests.items()},
        )
        raw = write_contact(contact)
        return sign_group(Signed.CONTACT, [raw], site.party, site.keys.envelope)[0]

    def heads(self, party: str, now: Instant) -> dict[str, str]:
        """Return the acts heads of the accords that are common with a party."""
        return {accord: self._of(accord, now)[0] for accord in self.common(party)}

    def _of(self, accord: str, now: Instant) -> tuple[str, str]:
        """Return the acts head, and the digest of the deadlines as of this day."""
        world = self._site.world.now()
        zone = world.world.accord(accord).zone
        day = zone.start_of(zone.day_of(now))
        key = (world.version, accord, day)
        found = self._digests.get(key)
        if found is None:
            if len(self._digests) > 4096:
                self._digests.clear()
            found = self._digests[key] = (
                acts_head(world.world, accord),
                deadlines_digest(world.world, accord, day),
            )
        return found

    def _seen_by(self, party: str, accord: str) -> int:
        row = self._site.database.one("log_of", (accord,))
        if row is None:
            return 0
        cosigned = self._site.database.one("cosigned_by", (row["n"], party))
        return 0 if cosigned is None else int(cosigned["size"])

    def forget(self) -> None:
        """Tell everything again: a transaction was undone."""
        self._told.clear()
        self._cosigned.clear()

    def forget_world(self) -> None:
        """Say nothing more of a world that was undone."""
        self._digests.clear()

    # -- hearing, inside a transaction ------------------------------------------------

    def hear(self, said: Grouped, party: str, now: Instant, groups: Groups) -> Met:
        """Record what a partner says, and cosign its checkpoints.

        Raises:
            InvalidInput: it is not signed by that partner for this node.
        """
        contact = read_contact(said.thing)
        signer = groups.verify(said, Signed.CONTACT)
        if (signer, contact.sender, contact.recipient) != (party, party, self._site.party):
            refuse(
                "a contact is not by its sender, or not for this node", code="other-signer"
            )
        common = set(self.common(party))
        held = False
        for accord, note in contact.checkpoints.items():
            if accord in common:
                growth = contact.growth.get(accord)
                held |= not self._witness(party, accord, note.encode(), growth, now)
        for accord, note in contact.cosigned.items():
            if accord in common:
                self._was_cosigned(party, accord, note.encode(), now)
        ours = self.heads(party, now)
        theirs = {name: head for name, head in contact.acts.items() if name in common}
        unequal = unequal_acts(ours, theirs)
        differs = {
            "acts": list(unequal),
            "deadlines": [
                name
                for name, digest in contact.deadlines.items()
                if name in common
                and name not in unequal
                and digest != self._of(name, now)[1]
            ],
            "skew": contact.at - now if abs(contact.at - now) > SKEW else 0,
        }
        self._newer_keys(contact)
        self._site.database.run(
            "put_contact", (party, said.thing, now, json.dumps(differs, sort_keys=True))
        )
        return Met(contact, unequal, held)

    def _newer_keys(self, contact: Contact) -> None:
        """Note that a partner has keys that are not known here: its file is to be fetched."""
        site, party = self._site, contact.sender
        newest = site.partners.ring.newest(party)
        common = self.common(party)
        if (newest is not None and contact.keys > newest.version) or any(
            accord in common
            and key not in {one.key.id for one in site.partners.term_keys(party, accord)}
            for accord, key in contact.terms.items()
        ):
            self.wanted.add(party)

    def _witness(
        self, party: str, accord: str, note: bytes, growth: Growth | None, now: Instant
    ) -> bool:
        """Cosign a partner's checkpoint that continues what was seen of its log.

        Return whether it may be one history with it.
        """
        site = self._site
        name = read_checkpoint(read_note(note).text).origin
        key = site.partners.ring.one(party, Use.LOG, ED25519, now)
        policy = Policy(
            log=Vkey(name=name, kind=Kind.LOG, public=key), simulated=site.simulated
        )
        signed = open_checkpoint(note, policy)
        row = site.database.one("seen_of", (party, accord))
        seen, proof = None, tuple[bytes, ...]()
        if row is not None:
            size, root = row["size"], bytes(row["root"])
            seen = Checkpoint(origin=row["origin"], size=size, root=root)
            if seen.origin != name:
                if not self._succeeds(party, accord, seen, name):
                    self.wanted.add(party)
                    return True  # its file of keys has the succession, if there is one
                seen = None
        if seen is not None and row is not None:
            if signed.checkpoint.size < seen.size:
                return True  # an older note that was slow: it is no news
            if growth is not None and growth.old == seen.size:
                proof = growth.proof
            elif signed.checkpoint.size != seen.size:
                return True  # at another contact it proves its growth from what was seen
            try:
                check_growth(seen, signed.checkpoint, proof)
            except InvalidInput:
                site.database.run("insert_fork", (name, party, row["note"], note, now))
                site.partners.hold(party, f"its log of `{accord}` shows two histories")
                return False
        line = cosign(
            signed,
            seen,
            proof,
            by=cosigner(site.party, site.keys.cosign.public),
            signer=site.keys.cosign,
            at=now,
        )
        both = add_lines(note, [line])
        site.database.run(
            "put_seen",
            {
                "origin": name,
                "party": party,
                "accord": accord,
                "size": signed.checkpoint.size,
                "root": signed.checkpoint.root,
                "note": both,
                "at": now,
            },
        )
        self._cosigned.setdefault(party, {})[accord] = both.decode()
        return True

    def _succeeds(self, party: str, accord: str, seen: Checkpoint, name: str) -> bool:
        """Say whether a partner has ended the log that was seen, no earlier than what we saw."""
        row = self._site.database.one("succession_from", (party, seen.origin))
        if row is None:
            return False
        keys = self._site.partners.keys(Use.RECORD, Instant(row["at"]))
        made = read_succession(bytes(row["raw"]), keys)
        if (made.accord, made.new) != (accord, name) or made.size < seen.size:
            return False
        if made.size == seen.size and made.root != text.digest_text(seen.root):
            return False
        self._site.database.run("forget_seen", (party, seen.origin))
        return True

    def _was_cosigned(self, party: str, accord: str, note: bytes, now: Instant) -> None:
        """Keep a partner's cosignature under a checkpoint of ours."""
        site = self._site
        row = site.database.one("log_of", (accord,))
        if row is None or read_checkpoint(read_note(note).text).origin != row["origin"]:
            return  # of a log that was ended since
        key = site.partners.ring.one(party, Use.COSIGN, ED25519, now)
        policy = Policy(
            log=site.custody.vkey(row["origin"]),
            cosigners=(cosigner(party, key),),
            simulated=site.simulated,
        )
        signed = open_checkpoint(note, policy)
        site.database.run(
            "insert_cosigned", (row["n"], signed.checkpoint.size, party, note, now)
        )
