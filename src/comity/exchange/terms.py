"""Term keys: made and published before a term begins, handed to partners, destroyed at its end.

Everything under an accord's term is sealed to the recipient's key of that term. The next
one is published before the old one ends, so that midnight finds a key on both sides.
"""

from __future__ import annotations

from comity.accords.table import RELEASING, Status
from comity.accords.times import Instant
from comity.errors import InvalidInput
from comity.exchange.custody import entry
from comity.exchange.site import Site
from comity.signed import text
from comity.signed.partykeys import Use
from comity.signed.termkey import (
    OPEN_TERM,
    Destroyed,
    Grounds,
    OfficerWord,
    PartnerTime,
    TermKey,
    sign_destroyed,
    sign_term_key,
)
from comity.wire.contact import read_contact
from comity.wire.fields import Fields
from comity.wire.header import PROFILES
from comity.wire.succession import read_succession

AHEAD = 30 * 24 * 3_600
"""Seconds before the end of a term at which the key of the next one is published."""

PARTY = "comity-party/1"
PARTY_BYTES_MAX = 4 * 1024 * 1024


class TermKeys:
    """Makes, publishes and takes term keys."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def tick(self) -> None:
        """Publish a key for the running term of each accord of ours, and for the next one."""
        site = self._site
        now = site.now()
        world = site.world.now().world
        for accord in world.lookup.joined.get(site.party, {}).values():
            profile = accord.front.profile
            if profile is None:
                continue
            standing = world.clock(accord.id).standing(now, party=site.party)
            if standing.status not in RELEASING:
                continue
            start, end = standing.period or (None, None)
            self._publish(accord.id, profile, start, end, now)
            if end is not None and now >= end - AHEAD:
                self._publish(accord.id, profile, end, None, now)

    def lacks(self, party: str, accords: tuple[str, ...]) -> bool:
        """Say whether a partner has published no key of the term that runs, as far as known."""
        site = self._site
        if party == site.party:
            return False
        now = site.now()
        world = site.world.now().world
        return any(
            world.accord(accord).front.profile is not None
            and not any(
                key.since <= now and (key.before is None or now < key.before)
                for key in site.partners.term_keys(party, accord)
            )
            and world.clock(accord).standing(now, party=site.party).status in RELEASING
            for accord in accords
        )

    def _publish(
        self,
        accord: str,
        profile: str,
        start: Instant | None,
        end: Instant | None,
        now: Instant,
    ) -> None:
        site = self._site
        zone = site.world.base.accord(accord).zone
        term = OPEN_TERM if start is None else zone.day_of(start).isoformat()
        if any(key.term == term for key in site.partners.term_keys(site.party, accord)):
            return
        made = TermKey(
            party=site.party,
            accord=accord,
            term=term,
            key=site.keys.new_term_key(accord, term, PROFILES[profile]),
            since=now if start is None else start,
            before=end,
        )
        _ = site.partners.publish(sign_term_key(made, site.keys.record), now)
        site.custody.append(
            accord,
            [entry("TermKeyPublished", now, accord=accord, term=term, key=made.key.id)],
        )

    def destroy(self, accord: str, officer: str | None) -> tuple[Destroyed, ...]:
        """Destroy the keys of an accord's terms that are over, so that nothing sealed opens.

        It takes this node's own clock and, beside it, a partner's cosigned time after the
        end, or an officer's word. In a transaction. What lay in a backup of the vault, in
        swap or under the remapping of a disk is not reached.

        Raises:
            InvalidInput: the accord has not ended for this party, what it is is disputed, or
                nobody but this clock says so.
        """
        site = self._site
        now = site.now()
        world = site.world.now().world
        standing = world.clock(accord).standing(now, party=site.party)
        if standing.status is not Status.ENDED or standing.disputed:
            raise InvalidInput(
                f"`{accord}` has not ended beyond dispute, so its keys are kept",
                hint="see `comity clock`; destroying cannot be undone",
                code="not-ended",
            )
        grounds = self._grounds(accord, standing.since, officer, now)
        done = []
        for key in site.partners.term_keys(site.party, accord):
            made = Destroyed(
                party=site.party,
                accord=accord,
                term=key.term,
                key_id=key.key.id,
                at=now,
                grounds=grounds,
            )
            raw = sign_destroyed(made, site.keys.record)
            site.database.run("destroyed_term_key", (raw, site.party, key.key.id))
            site.custody.append(
                accord,
                [
                    entry(
                        "TermKeyDestroyed", now, key=key.key.id, record=text.digest_of(raw)
                    )
                ],
            )
            done.append(made)
        site.partners.forget()
        return tuple(done)

    def _grounds(
        self, accord: str, since: Instant, officer: str | None, now: Instant
    ) -> Grounds:
        if officer:
            return OfficerWord(name=officer, time=now)
        site = self._site
        for partner in site.partners.all():
            row = site.database.one("seen_of", (partner.party, accord))
            contact = site.database.one("contact", (partner.party,))
            if row is not None and contact is not None:
                said = read_contact(bytes(contact["raw"])).at
                if said >= since:
                    return PartnerTime(party=partner.party, time=said)
        raise InvalidInput(
            "only this node's own clock says that it has ended",
            hint="meet a partner after the end, or have an officer say so by name",
            code="one-clock",
        )

    # -- handing on -------------------------------------------------------------------

    def party_file(self, accords: tuple[str, ...]) -> bytes:
        """Return this party's key lists, and its term keys of some accords, as one file."""
        site = self._site
        lists = [
            bytes(row["raw"])
            for row in site.database.all("key_lists")
            if row["party"] == site.party
        ]
        keys = [
            bytes(row["raw"])
            for accord in accords
            for row in site.database.all("term_keys", (site.party, accord))
            if row["destroyed"] is None
        ]
        return text.write(
            {
                "format": PARTY,
                "lists": [text.base64_of(raw) for raw in lists],
                "party": site.party,
                "successions": [
                    text.base64_of(bytes(row["raw"]))
                    for row in site.database.all("successions_of", (site.party,))
                    if row["accord"] in accords
                ],
                "terms": [text.base64_of(raw) for raw in keys],
            }
        )

    def take(self, party: str, raw: bytes) -> None:
        """Record what is new in a partner's file of keys; in a transaction.

        Raises:
            InvalidInput: a list does not follow from the ones kept, or a key is not signed
                by the party.
        """
        site = self._site
        now = site.now()
        fields = Fields.of(raw, PARTY, "a file of keys", limit=PARTY_BYTES_MAX)
        if fields.word("party") != party:
            raise InvalidInput(
                f"the file is of `{fields.word('party')}`, and not of `{party}`",
                hint="take the file of the party that is meant",
                code="other-party",
            )
        lists = [text.read_base64(one) for one in fields.words("lists")]
        if lists:
            site.partners.catch_up(party, lists, now)
        known = self._known(party)
        for one in fields.words("terms"):
            key = text.read_base64(one)
            if key not in known:
                _ = site.partners.publish(key, now)
        for one in fields.words("successions"):
            raw = text.read_base64(one)
            made = read_succession(raw, site.partners.keys(Use.RECORD, now))
            if made.party == party:
                site.database.run(
                    "insert_succession",
                    (party, made.accord, made.old, made.new, raw, now),
                )

    def _known(self, party: str) -> set[bytes]:
        rows = self._site.database.all("all_term_keys")
        return {bytes(row["raw"]) for row in rows if row["party"] == party}


def parties_of(raw: bytes) -> tuple[str, tuple[bytes, ...], tuple[bytes, ...]]:
    """Return the party of a file of keys, its lists and its term keys; nothing is verified.

    Raises:
        InvalidInput: it is no file of keys.
    """
    fields = Fields.of(raw, PARTY, "a file of keys", limit=PARTY_BYTES_MAX)
    return (
        fields.word("party"),
        tuple(map(text.read_base64, fields.words("lists"))),
        tuple(map(text.read_base64, fields.words("terms"))),
    )
