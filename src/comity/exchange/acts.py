"""Instruments: performed and signed here, recorded from paper, and received from partners.

Each goes, once, to everybody who may see it, before any item under its accord. They need no
permit: a notice, a consent's withdrawal and a certificate of destruction must leave after a
lapse too. Every one bumps the version of the world in its own transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from comity.accords.instruments import Instrument
from comity.accords.times import Instant
from comity.errors import InvalidInput
from comity.exchange.custody import entry
from comity.exchange.rows import RANK, keep_box, keep_group
from comity.exchange.site import Site
from comity.signed import text
from comity.signed.partykeys import Use
from comity.store import Row
from comity.wire.consignment import Part
from comity.wire.content import SALT_BYTES
from comity.wire.conversation import Ours
from comity.wire.envelope import Envelope, Going, Sealed, seal_instrument
from comity.wire.fields import refuse
from comity.wire.group import Signed, sign_group
from comity.wire.header import PROFILES, Kind, Precedence
from comity.wire.instrument import Recorded, accord_of, read_instrument, write_instrument
from comity.wire.reveals import may_see
from comity.wire.seal import item_key, open_box, open_bytes, seal_box, sealed_size
from comity.wire.terms import instrument_digest, terms_between

YEARS = 10 * 365 * 24 * 3_600  # an instrument is tried until it arrives


class Acts:
    """Records instruments, and sends them to those who may see them."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def perform(self, accord: str, table: str) -> Recorded:
        """Sign an instrument of ours, record it, and send it to whom it concerns.

        Args:
            accord: that it is about.
            table: one ``[[instrument]]``, as a file of a world has it.

        Raises:
            NotKnown: no such accord here.
            Unreadable: with every finding in the text.
            InvalidInput: others perform it, or its id is taken.
        """
        site = self._site
        text_ = site.world.base.accord(accord)
        instrument = site.world.read(accord, table)
        if site.party not in instrument.by:
            raise InvalidInput(
                f"`{instrument.id}` is performed by {' and '.join(instrument.by)}, and not by"
                f" `{site.party}`",
                hint="record what others did, on paper or by word, with `comity record`",
                code="not-ours",
            )
        raw = write_instrument(text_, table, {site.party: list(site.keys.record)})
        with site.database.transaction():
            now = site.now()
            recorded = Recorded(instrument, (site.party,), raw)
            self._record(recorded.instrument, table, raw, site.party, now)
            self._spread(recorded, now)
            site.mark_time()
        return recorded

    def record(self, accord: str, table: str, came: str) -> Instrument:
        """Record an instrument that came on paper or by word; it goes to nobody.

        Raises:
            NotKnown: no such accord here.
            Unreadable: with every finding in the text.
            InvalidInput: its id is taken.
        """
        site = self._site
        instrument = site.world.read(accord, table)
        with site.database.transaction():
            now = site.now()
            self._record(instrument, table, None, came, now)
            site.mark_time()
        return instrument

    def take(self, party: str, part: Part, envelope: Envelope, now: Instant) -> None:
        """Open an instrument that came, and record it; in the transaction of its arrival.

        Raises:
            InvalidInput: it does not open, is not signed by a performer, or another bears
                its id.
            NotKnown: it is about an accord that is not one here.
        """
        site, header = self._site, envelope.written.header
        opener = site.keys.opener(header.recipient_key)
        if opener is None or not isinstance(part.body, bytes):
            refuse(
                "an instrument is sealed to another key, or too long", code="seal-broken"
            )
        key = item_key(open_box(envelope.box, opener), envelope.written.digest)
        raw, _ = open_bytes(part.body, envelope.written, key)
        accord = site.world.base.accord(accord_of(raw))
        recorded = read_instrument(raw, accord, site.partners.keys(Use.RECORD, now))
        if party not in recorded.signed_by or header.accord != accord.id:
            refuse("an instrument is signed by others than its sender", code="other-signer")
        instrument = recorded.instrument
        if not recorded.performed:
            refuse(
                f"`{party}` records an instrument of {' and '.join(instrument.by)}; only its"
                " performers' own word is taken from the wire",
                code="other-signer",
            )
        if not may_see(instrument, site.party, site.world.now().world):
            refuse("an instrument came that is not for this node to see", code="not-to-see")
        body = text.read(_payload(raw))
        known = site.database.one("instrument", (accord.id, instrument.id))
        if known is not None:
            if known["digest"] != instrument_digest(instrument):
                refuse(
                    f"another instrument bears the id `{instrument.id}`", code="id-twice"
                )
            return
        self._record(
            instrument, body["text"], raw, party, now, received={site.party: int(now)}
        )

    def shown(self, row: Row, party: str) -> bool:
        """Say whether a kept instrument is one that a party has or may have seen."""
        world = self._site.world.now().world
        made = self._site.world.read(row["accord"], row["text"])
        return may_see(made, party, world)

    def relearn(self, raw: bytes, received: Mapping[str, object], now: Instant) -> int:
        """Record again a signed instrument that was forgotten; return whether it was new.

        In a transaction.

        Raises:
            InvalidInput: it is not signed by its performers.
        """
        site = self._site
        accord = site.world.base.accord(accord_of(raw))
        recorded = read_instrument(raw, accord, site.partners.keys(Use.RECORD, now))
        made = recorded.instrument
        if site.database.one("instrument", (accord.id, made.id)) is not None:
            return 0
        times = {
            party: at
            for party, at in received.items()
            if isinstance(at, int) and 0 <= at <= now
        }
        came = recorded.signed_by[0]
        if site.party not in recorded.signed_by:
            times.setdefault(site.party, int(now))
        self._record(made, text.read(_payload(raw))["text"], raw, came, now, times)
        return 1

    def received(self, accord: str, instrument: str, party: str, at: Instant) -> None:
        """Record when a partner logged an instrument of ours: that is when it received it."""
        site = self._site
        row = site.database.one("instrument", (accord, instrument))
        if row is None:
            return
        logged = json.loads(row["received"])
        if party not in logged:
            logged[party] = int(at)
            site.database.run(
                "set_received", (json.dumps(logged, sort_keys=True), row["n"])
            )
            site.world.bump()

    # -- inside a transaction ---------------------------------------------------------

    def _record(
        self,
        instrument: Instrument,
        table: str,
        raw: bytes | None,
        came: str,
        now: Instant,
        received: dict[str, int] | None = None,
    ) -> None:
        site = self._site
        digest = instrument_digest(instrument)
        if site.world.now().world.lookup.has(instrument.id):
            raise InvalidInput(
                f"an instrument `{instrument.id}` is on record already",
                hint="give each its own id",
                code="id-twice",
            )
        site.database.run(
            "insert_instrument",
            {
                "id": instrument.id,
                "accord": instrument.accord,
                "digest": digest,
                "text": table,
                "record": raw,
                "came": came,
                "known": now,
                "received": json.dumps(received or {}),
            },
        )
        site.custody.append(
            instrument.accord,
            [
                entry(
                    "Instrument", now,
                    id=instrument.id, accord=instrument.accord, digest=digest, came=came,
                    does=[str(operation.do) for operation in instrument.operations],
                )
            ],
        )  # fmt: skip
        site.world.bump()
        # one with which the clock cannot be read would stop everything from here on
        clock = site.world.now().world.clock(instrument.accord)
        _ = clock.standing(now)

    def _spread(self, recorded: Recorded, now: Instant) -> None:
        """Queue an instrument for every partner who may see it."""
        site = self._site
        world = site.world.now().world
        for partner in site.partners.all():
            if partner.party != site.party and may_see(
                recorded.instrument, partner.party, world
            ):
                self.queue(recorded, partner.party, now)

    def queue(self, recorded: Recorded, to: str, now: Instant) -> None:
        """Seal an instrument for a partner, and put it in the outbox.

        Raises:
            NotKnown: the partner lists no key to seal it to.
        """
        site, accord = self._site, recorded.instrument.accord
        under = terms_between(site.world.now().world, accord, (site.party, to), now)
        profile = under.profile
        if profile is None:
            raise InvalidInput(
                f"the accord `{accord}` names no profile, so nothing is sealed under it",
                hint='have `profile = "hybrid-1"` agreed in its front matter',
                code="no-profile",
            )
        batch = seal_box(
            site.random(32),
            site.partners.seal_key(to, now, PROFILES[profile]),
            id=site.random(16).hex(),
            profile=profile,
            sender=site.party,
            recipient=to,
            accord=accord,
            encrypt=site.encrypt,
        )
        sealed = seal_instrument(
            recorded,
            salt=site.random(SALT_BYTES),
            batch=batch,
            under=under,
            going=Going(at=now, precedence=Precedence.IMMEDIATE),
        )
        signed = sign_group(
            Signed.ENVELOPE, [sealed.thing], site.party, site.keys.envelope
        )[0]
        leaf = site.custody.append(accord, [_sent(sealed, recorded, to, now)])
        n = site.database.run(
            "insert_outgoing",
            {
                "digest": text.read_digest(sealed.digest),
                "kind": "instrument",
                "item": recorded.instrument.id,
                "partner": to,
                "accord": accord,
                "rank": RANK[Kind.INSTRUMENT],
                "state": str(Ours.QUEUED),
                "header": sealed.written.raw,
                "statement": None,
                "request": None,
                "group_n": keep_group(site.database, signed.group),
                "place": signed.index,
                "proof": signed.proof,
                "box_n": keep_box(site.database, batch.box, None),
                "length": sealed_size(sealed.written.header.padded),
                "cipher": sealed.thing[32:],
                "spooled": None,
                "leaf": leaf,
                "world": 0,
                "good": 0,
                "submitted": now,
                "deadline": now + YEARS,
                "next": now,
            },
        )
        site.database.run("insert_outgoing_body", (n, sealed.body))


def _sent(sealed: Sealed, recorded: Recorded, to: str, now: Instant) -> bytes:
    return entry(
        "InstrumentSent", now,
        envelope=sealed.digest, id=recorded.instrument.id, to=to,
    )  # fmt: skip


def _payload(raw: bytes) -> bytes:
    return text.read_base64(text.read(raw)["payload"])
