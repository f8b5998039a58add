"""Sending: decide, seal, and in one short transaction record what will go.

Sealing comes before the transaction and may take long; in it the world's version and the
clock are read once. If the world has moved on, or a permit's time is over, what was
sealed is thrown away and everything is decided anew.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, TypeAlias

from comity.accords.times import Instant
from comity.errors import InvalidInput
from comity.exchange.custody import HOUSE, entry
from comity.exchange.rows import (
    RANK,
    asked_row,
    keep_box,
    keep_group,
    keep_statement,
)
from comity.exchange.site import INLINE, KEPT, Site
from comity.labels import Item, Level, Mark
from comity.release import Denial, Permit, Request, decide
from comity.signed import text
from comity.wire.content import SALT_BYTES, commitment
from comity.wire.conversation import Ours
from comity.wire.envelope import Going, Sealed, Stream, seal_item
from comity.wire.group import Grouped, Signed, sign_group
from comity.wire.header import HYBRID, PROFILES, Precedence
from comity.wire.seal import Batch, Box, padded_size, seal_box, sealed_size
from comity.wire.statement import Statement, read_statement, statement_of
from comity.wire.terms import Terms, terms_between

_PIECE = 1 << 20  # bytes read at once of a content that is not held whole
_TRIES = 3  # times that the world may move on under one sending


@dataclass(frozen=True, slots=True)
class File:
    """A content on disk, which is read twice and never held whole.

    Attributes:
        length: in bytes.
    """

    file: BinaryIO = field(repr=False)
    length: int

    def pieces(self) -> Iterator[bytes]:
        """Yield the content from its beginning."""
        _ = self.file.seek(0)
        while piece := self.file.read(_PIECE):
            yield piece


Content: TypeAlias = bytes | File


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One item for one recipient.

    Attributes:
        under: the accord; None lets the stated order choose.
        held_as, held_tags: this party's own level and tags, of an item that it received.
        received: from whom and under which accord this party has it.
        statement: the originator's, of an item that was received, with its signature.
        salt: of that statement's commitment.
        lineage: the envelopes by which this party had it.
        supersedes: the envelope of which this is another seal.
    """

    item: Item
    to: str
    content: Content = field(repr=False)
    under: str | None = None
    purpose: str | None = None
    channel: str | None = None
    precedence: Precedence = Precedence.ROUTINE
    held_as: Level | None = None
    held_tags: tuple[Mark, ...] = ()
    received: tuple[str, str] | None = None
    statement: Grouped | None = None
    salt: bytes | None = field(default=None, repr=False)
    lineage: tuple[str, ...] = ()
    supersedes: str | None = None

    def request(self, sender: str, at: Instant) -> Request:
        """Return what is asked of the decision."""
        return Request(
            item=self.item,
            sender=sender,
            recipient=self.to,
            at=at,
            purpose=self.purpose,
            channel=self.channel,
            under=self.under,
            held_as=self.held_as,
            held_tags=self.held_tags,
            received=self.received,
        )

    def matter(self, accord: str | None) -> str:
        """Return what officers approve: this item and content, to whom, under what, for what."""
        pieces = (
            [self.content] if isinstance(self.content, bytes) else self.content.pieces()
        )
        running = hashlib.sha256()
        for piece in pieces:
            running.update(piece)
        asked = self.request("", Instant(0))
        return text.digest_of(
            text.write(
                {
                    "accord": accord,
                    "content": running.hexdigest(),
                    "format": "comity-matter/1",
                    "request": asked.digest,
                }
            )
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """It is recorded and will be delivered, as long as it may.

    Attributes:
        n: its place in the outbox.
        envelope: its digest.
    """

    n: int
    envelope: str
    permit: Permit


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Officers have to approve it first.

    Attributes:
        matter: what they approve, as a digest.
    """

    matter: str
    needed: int
    given: tuple[str, ...]


Outcome: TypeAlias = Sent | Denial | Awaiting


@dataclass(slots=True)
class _Ready:
    """One sending that was permitted, on its way through sealing."""

    place: int
    sending: Sending
    permit: Permit
    under: Terms | None
    statement: Statement
    stated: Grouped | None
    salt: bytes
    sealed: Sealed | None = None
    spooled: str | None = None


@dataclass(slots=True)
class _Sealed:
    """What one box and one signature are for."""

    box: Box
    kept: bytes
    those: list[_Ready]
    signed: tuple[Grouped, ...]


class Sender:
    """Takes sendings, and records those that may go."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._terms: dict[tuple[int, str, str], tuple[Instant, Terms]] = {}

    def send(self, sendings: Sequence[Sending]) -> list[Outcome]:
        """Send items, each decided for itself; those for one recipient are sealed together.

        What is denied is recorded in the house log.

        Raises:
            InvalidInput: a statement, content or key that does not fit; nothing was recorded.
            NotKnown: no such partner, or one that has published no key.
            NotAtHand: an algorithm is missing here.
        """
        site = self._site
        for _ in range(_TRIES):
            version, now = site.world.now().version, site.now()
            outcomes: dict[int, Outcome] = {}
            ready: dict[tuple[str, str | None], list[_Ready]] = {}
            for place, sending in enumerate(sendings):
                decided = self.decide(sending, now)
                if isinstance(decided, Permit):
                    one = self._ready(place, sending, decided, now)
                    ready.setdefault((sending.to, decided.accord), []).append(one)
                else:
                    outcomes[place] = decided
            batches = [
                self._sealed(to, accord, those, now)
                for (to, accord), those in ready.items()
            ]
            with site.database.transaction():
                at = site.now()
                if self._stands(version, at, batches):
                    self._record(sendings, outcomes, batches, at, version)
                    return [outcomes[place] for place in range(len(sendings))]
            _unspool(site, batches)
        raise InvalidInput(
            "the world kept changing while this was sealed",
            hint="send it again",
            code="world-moved",
        )

    def forget_world(self) -> None:
        """Keep no terms of a world that was undone."""
        self._terms.clear()

    def decide(self, sending: Sending, now: Instant) -> Permit | Denial | Awaiting:
        """Decide a sending as `send` would, without sending it."""
        site = self._site
        decided = decide(sending.request(site.party, now), site.world.now().world)
        if isinstance(decided, Denial) or not site.officers:
            return decided
        matter = sending.matter(decided.accord)
        given = self._approved(matter, now)
        if len(given) < site.officers:
            return Awaiting(matter, site.officers, given)
        return decided

    def approve(self, raw: bytes) -> str:
        """Record an officer's approval, and return what it approves; in a transaction.

        Raises:
            InvalidInput: it is not signed by an officer of ours with both keys.
        """
        site = self._site
        approval = site.partners.read_approval(raw)
        now = site.now()
        site.database.run("insert_approval", (approval.request, approval.officer, raw, now))
        site.custody.append(
            HOUSE,
            [entry("Approval", now, matter=approval.request, record=text.digest_of(raw))],
        )
        return approval.request

    def _approved(self, matter: str, now: Instant) -> tuple[str, ...]:
        """Return the officers whose approvals of a matter stand."""
        found = []
        for row in self._site.database.all("approvals", (matter,)):
            try:
                one = self._site.partners.read_approval(bytes(row["raw"]))
            except InvalidInput:
                continue  # who gave it is no officer any more
            if one.stands(matter, now):
                found.append(one.officer)
        return tuple(dict.fromkeys(found))

    def _stands(self, version: int, at: Instant, batches: Sequence[_Sealed]) -> bool:
        permits = (one.permit for batch in batches for one in batch.those)
        return self._site.world.now().version == version and all(
            at < permit.good_before for permit in permits
        )

    def _ready(self, place: int, sending: Sending, permit: Permit, now: Instant) -> _Ready:
        site = self._site
        _ = site.partners.require(sending.to)
        under = None if permit.accord is None else self.under(permit, now)
        if sending.statement is not None and sending.salt is not None:
            stated = read_statement(sending.statement.thing)
            return _Ready(
                place, sending, permit, under, stated, sending.statement, sending.salt
            )
        if site.party not in sending.item.originators:
            raise InvalidInput(
                f"`{sending.item.id}` comes from {' and '.join(sending.item.originators)},"
                " and goes on with their own statement alone",
                hint="send on what was received by its id",
                code="no-statement",
            )
        salt, content = site.random(SALT_BYTES), sending.content
        pieces = [content] if isinstance(content, bytes) else content.pieces()
        raw = statement_of(
            sending.item, by=site.party, content=commitment(salt, pieces), at=now
        )
        return _Ready(place, sending, permit, under, read_statement(raw), None, salt)

    def under(self, permit: Permit, now: Instant) -> Terms:
        """Return the terms of a permit's accord; they hold until the permit's next cut."""
        world = self._site.world.now()
        label = permit.asked.item.label
        named = {*(label.release_to or ()), *label.display_to} & set(world.world.groups)
        key = (world.version, permit.accord or "", permit.asked.recipient)
        known = self._terms.get(key)
        if known is not None and now < known[0] and not named:
            return known[1]
        pair = (permit.asked.sender, permit.asked.recipient)
        made = terms_between(world.world, permit.accord or "", pair, now, named)
        if not named:
            self._terms = {k: v for k, v in self._terms.items() if k[0] == world.version}
            self._terms[key] = (permit.good_before, made)
        return made

    # -- sealing ----------------------------------------------------------------------

    def _sealed(
        self, to: str, accord: str | None, those: list[_Ready], now: Instant
    ) -> _Sealed:
        site = self._site
        batch = self._batch(to, accord, those[0].under, now)
        fresh = [one for one in those if one.stated is None]
        if fresh:
            raws = [one.statement.raw for one in fresh]
            signed = sign_group(Signed.STATEMENT, raws, site.party, site.keys.envelope)
            for one, grouped in zip(fresh, signed, strict=True):
                one.stated = grouped
        things = [self._seal(one, batch, now).thing for one in those]
        envelopes = sign_group(Signed.ENVELOPE, things, site.party, site.keys.envelope)
        return _Sealed(batch.box, site.keys.keep(batch.key), those, envelopes)

    def _batch(
        self, to: str, accord: str | None, under: Terms | None, now: Instant
    ) -> Batch:
        site = self._site
        profile = HYBRID if under is None else _profile(under)
        alg = PROFILES[profile]
        return seal_box(
            site.random(32),
            site.partners.seal_key(to, now, alg)
            if accord is None
            else site.partners.term_key(to, accord, now, alg).key,
            id=site.random(16).hex(),
            profile=profile,
            sender=site.party,
            recipient=to,
            accord=accord,
            encrypt=site.encrypt,
        )

    def _seal(self, one: _Ready, batch: Batch, now: Instant) -> Sealed:
        sending, content = one.sending, one.sending.content
        going = Going(
            at=now,
            precedence=sending.precedence,
            lineage=sending.lineage,
            supersedes=sending.supersedes,
        )
        length = len(content) if isinstance(content, bytes) else content.length
        if sealed_size(padded_size(length)) <= INLINE:
            held = content if isinstance(content, bytes) else b"".join(content.pieces())
            one.sealed = seal_item(
                one.permit, one.statement, held,
                salt=one.salt, batch=batch, under=one.under, going=going,
            )  # fmt: skip
            return one.sealed
        folder = self._site.folder()
        name = self._site.random(16).hex()
        source = content if isinstance(content, File) else None
        if source is None:
            raise InvalidInput(
                f"`{sending.item.id}` has {length} bytes, too many to be held in memory",
                hint="send it as a file",
                code="too-large",
            )
        _ = source.file.seek(0)
        with (folder / name).open("xb") as spool:
            stream = Stream(source.file.read, length, spool.write)
            one.sealed = seal_item(
                one.permit, one.statement, stream,
                salt=one.salt, batch=batch, under=one.under, going=going,
            )  # fmt: skip
            spool.flush()
            os.fsync(spool.fileno())
        one.spooled = name
        return one.sealed

    # -- recording, in the transaction ------------------------------------------------

    def _record(
        self,
        sendings: Sequence[Sending],
        outcomes: dict[int, Outcome],
        batches: Sequence[_Sealed],
        at: Instant,
        version: int,
    ) -> None:
        site, database = self._site, self._site.database
        for batch in batches:
            accord = batch.box.accord
            box_n = keep_box(database, batch.box, batch.kept)
            group_n = keep_group(database, batch.signed[0].group)
            leaf = site.custody.append(
                HOUSE if accord is None else accord,
                [_submitted(one, at) for one in batch.those],
            )
            for one, grouped in zip(batch.those, batch.signed, strict=True):
                n = self._row(one, grouped, at, version, box_n, group_n, leaf)
                outcomes[one.place] = Sent(n, _sealed_of(one).digest, one.permit)
                leaf += 1
        denied = [
            entry(
                "SubmissionRejection", at,
                item=sendings[place].item.id, to=sendings[place].to,
                reason=str(outcome.reason), accord=outcome.accord,
                articles=list(outcome.articles),
            )
            for place, outcome in outcomes.items()
            if isinstance(outcome, Denial)
        ]  # fmt: skip
        if denied:
            site.custody.append(HOUSE, denied)
        site.mark_time()

    def _row(
        self,
        one: _Ready,
        signed: Grouped,
        at: Instant,
        version: int,
        box_n: int,
        group_n: int,
        leaf: int,
    ) -> int:
        database, sealed, sending = self._site.database, _sealed_of(one), one.sending
        assert one.stated is not None  # noqa: S101 - signed in `_sealed`
        header = sealed.written.header
        body = sealed.body
        n = database.run(
            "insert_outgoing",
            {
                "digest": text.read_digest(sealed.digest),
                "kind": "item",
                "item": sending.item.id,
                "partner": sending.to,
                "accord": header.accord or "",
                "rank": RANK[sending.precedence],
                "state": str(Ours.QUEUED),
                "header": sealed.written.raw,
                "statement": keep_statement(database, one.stated, sending.item.id),
                "request": asked_row(one.permit.asked),
                "group_n": group_n,
                "place": signed.index,
                "proof": signed.proof,
                "box_n": box_n,
                "length": sealed_size(header.padded),
                "cipher": sealed.thing[32:],
                "spooled": one.spooled,
                "leaf": leaf,
                "world": version,
                "good": one.permit.good_before,
                "submitted": at,
                "deadline": at + KEPT,
                "next": at,
            },
        )
        if body is not None:
            database.run("insert_outgoing_body", (n, body))
        return n


def _submitted(one: _Ready, at: Instant) -> bytes:
    sealed, permit = _sealed_of(one), one.permit
    return entry(
        "SubmissionAcceptance", at,
        envelope=sealed.digest, item=one.sending.item.id, to=one.sending.to,
        accord=permit.accord, authority=permit.authority, articles=list(permit.articles),
        request=permit.request,
    )  # fmt: skip


def _sealed_of(one: _Ready) -> Sealed:
    assert one.sealed is not None  # noqa: S101 - sealed before it is recorded
    return one.sealed


def _profile(under: Terms) -> str:
    """Return the profile that the accord's annex names.

    Raises:
        InvalidInput: it names none, so nothing is sealed under it.
    """
    if under.profile is None:
        raise InvalidInput(
            f"the accord `{under.accord}` names no profile, so nothing is sealed under it",
            hint='have `profile = "hybrid-1"` agreed in its front matter',
            code="no-profile",
        )
    return under.profile


def _unspool(site: Site, batches: Sequence[_Sealed]) -> None:
    for batch in batches:
        for one in batch.those:
            if one.spooled is not None:
                (site.folder() / one.spooled).unlink(missing_ok=True)
