"""Arrival: verify, decide for ourselves, log, and answer; a repeat gets the same bytes.

One consignment is one transaction. Whatever came before gets the answer that is kept. What
is accepted has a leaf in the accord's log and a receipt that names it; what is refused has
one in the house log and a refusal that says why as far as its sender may know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.accords.times import Instant
from comity.errors import ComityError, InvalidInput, NotAtHand, NotKnown
from comity.exchange.acts import Acts
from comity.exchange.contacts import Contacts, Met
from comity.exchange.custody import HOUSE, entry
from comity.exchange.register import Register
from comity.exchange.rows import RANK, keep_box, keep_group, keep_statement, reader
from comity.exchange.site import Site
from comity.exchange.words import Words, kept_answer
from comity.release import Denial, Permit, Request, decide
from comity.signed import text
from comity.signed.partykeys import Use
from comity.store import StorageFailed
from comity.wire.consignment import (
    Answer,
    Answered,
    Consignment,
    Part,
    Upload,
    Verdict,
    Waiting,
    open_part,
    read,
    write_answer,
)
from comity.wire.conversation import Theirs
from comity.wire.envelope import Envelope
from comity.wire.group import Groups, Signed, sign_group
from comity.wire.header import Header, Kind
from comity.wire.receipt import (
    RETRY,
    Asker,
    Fault,
    Receipt,
    Refusal,
    Retry,
    visible_reason,
    write_receipt,
    write_refusal,
)

EARLY = 600
"""Seconds by which a sender's clock may run ahead of ours."""

_FAULTS = {
    "signer-unknown": Fault.UNKNOWN_KEY,
    "wrong-signature": Fault.BAD_SIGNATURE,
    "signature-missing": Fault.BAD_SIGNATURE,
    "not-in-group": Fault.BAD_SIGNATURE,
    "other-signer": Fault.BAD_SIGNATURE,
    "seal-broken": Fault.BAD_SEAL,
}


@dataclass(slots=True)
class _Coming:
    """One part on its way to a verdict."""

    part: Part
    envelope: Envelope | None = None
    digest: bytes = b""
    fault: Fault | None = None
    denial: Denial | None = None
    permit: Permit | None = None
    again: Answered | None = None
    leaf: int | None = None

    @property
    def header(self) -> Header:
        """Its header, once it was read."""
        assert self.envelope is not None  # noqa: S101 - asked only of what was opened
        return self.envelope.written.header

    @property
    def accepted(self) -> bool:
        """Whether it gets a receipt."""
        return self.again is None and self.fault is None and self.denial is None

    @property
    def final(self) -> bool:
        """Whether its answer is for ever; one that may become another is not kept."""
        return self.fault is None or RETRY[self.fault] is Retry.NEVER


class Arrival:
    """Answers consignments."""

    def __init__(
        self, site: Site, contacts: Contacts, acts: Acts, register: Register, words: Words
    ) -> None:
        self._site = site
        self._contacts = contacts
        self._acts = acts
        self._register = register
        self._words = words

    def answer(self, party: str, raw: bytes) -> Callable[[], bytes]:
        """Take a consignment from a partner; the answer is written once it is on disk.

        In a transaction; call what is returned after it.

        Args:
            party: whose transport it came by.
            raw: its bytes.

        Raises:
            InvalidInput: it is no consignment, not from that party to this node, or its
                contact is not signed by it; nothing was kept.
            NotKnown: nobody confirmed that party here.
            StorageFailed: nothing was kept; the sender tries again.
        """
        site = self._site
        consignment = read(reader(raw))
        if (consignment.sender, consignment.recipient) != (party, site.party):
            raise InvalidInput(
                f"a consignment from `{party}` says that it is from `{consignment.sender}` to"
                f" `{consignment.recipient}`",
                hint="send each party its own",
                code="other-recipient",
            )
        now = site.now()
        heard = self._hear(party, consignment, now)
        if heard is None:
            verdicts: tuple[Answered, ...] = (Waiting.HELD,) * len(consignment.parts)
            words: tuple[Verdict, ...] = ()
            unknown: tuple[str, ...] = ()
        else:
            met, groups = heard
            verdicts = tuple(self._verdicts(party, consignment, met, groups, now))
            for word in consignment.words:
                self._words.heard(party, word, groups, now)
            words, unknown = self._words.fate(party, met.contact.asked)
        site.mark_time()

        def written() -> bytes:
            contact = self._contacts.say(party, now, unknown=unknown)
            return write_answer(Answer(site.party, party, contact, verdicts, words))

        return written

    def _hear(
        self, party: str, consignment: Consignment, now: Instant
    ) -> tuple[Met, Groups] | None:
        """Hear the contact; None where exchange with the partner is held."""
        try:
            _ = self._site.partners.require(party)
        except InvalidInput:
            return None
        groups = Groups(self._site.partners.keys(Use.ENVELOPE, now))
        try:
            met = self._contacts.hear(consignment.contact, party, now, groups)
        except InvalidInput as error:
            if error.code == "signer-unknown":
                self._contacts.wanted.add(party)  # it may have newer keys: fetch its file
            raise
        return None if met.held else (met, groups)

    def _verdicts(
        self,
        party: str,
        consignment: Consignment,
        met: Met,
        groups: Groups,
        now: Instant,
    ) -> Sequence[Answered]:
        coming = [self._open(consignment, part, groups, now) for part in consignment.parts]
        _once(coming)
        waiting = self._wait(party, coming, met)
        if waiting is not None:
            return [waiting] * len(coming)
        self._act(party, coming, now)
        for one in coming:
            if one.accepted and one.header.kind is Kind.ITEM:
                self._decide(party, one, now)
        self._log(coming, now)
        return self._answered(party, coming, now)

    # -- each part --------------------------------------------------------------------

    def _open(
        self, consignment: Consignment, part: Part, groups: Groups, now: Instant
    ) -> _Coming:
        """Verify a part, and find whether it came before."""
        one = _Coming(part)
        database = self._site.database
        try:
            one.envelope = open_part(consignment, part, envelopes=groups, statements=groups)
        except (InvalidInput, NotAtHand) as error:
            one.fault = _FAULTS.get(error.code, Fault.BAD_ENVELOPE)
            return one
        one.digest = text.read_digest(one.envelope.digest)
        row = database.one("incoming_by_digest", (one.digest,))
        if row is not None:
            one.again = kept_answer(database, row)
            self._words.again(row["n"])
            return one
        if one.header.kind is Kind.ITEM:
            one.again, one.fault = self._came_before(one)
        if one.again is None and database.one("disowned", (one.digest, one.header.sender)):
            one.fault = Fault.TOO_LATE  # we said that it is not here, and so it stays
        if one.header.at > now + EARLY:
            one.fault = one.fault or Fault.TOO_EARLY
        if not self._opens(one.header):
            one.fault = one.fault or Fault.UNKNOWN_KEY
        return one

    def _opens(self, header: Header) -> bool:
        """Say whether it is sealed to a key of ours: of an item, one of its accord's terms."""
        site, key = self._site, header.recipient_key
        if header.kind is Kind.ITEM and header.accord is not None:
            ours = site.partners.term_keys(site.party, header.accord)
            if all(one.key.id != key for one in ours):
                return False
        return site.keys.opener(key) is not None

    def _came_before(self, one: _Coming) -> tuple[Answered | None, Fault | None]:
        """Find an item that came in another envelope: the same one, or another by its id."""
        header = one.header
        releasing = header.releasing
        assert releasing is not None  # noqa: S101 - of an item
        content = text.read_digest(header.content)
        for row in self._site.database.all(
            "incoming_same", (releasing.item, header.sender)
        ):
            if bytes(row["content"]) == content:
                return kept_answer(self._site.database, row), None
            return None, Fault.SAME_ID_OTHER_CONTENT
        return None, None

    def _wait(self, party: str, coming: Sequence[_Coming], met: Met) -> Waiting | None:
        """Say whether something has to come first.

        Instruments of ours that this sender does not have go to it before its items are
        decided. Once it has them all, each decides by what it knows.
        """
        database = self._site.database
        if any(
            one.again is None
            and isinstance(one.part.body, Upload)
            and not self._uploaded(party, one.part.body)
            for one in coming
        ):
            return Waiting.BODY_MISSING
        for one in coming:
            if (
                one.accepted
                and one.header.kind is Kind.ITEM
                and one.header.accord in met.unequal
            ):
                waiting = database.value(
                    "waiting_instruments", (party, one.header.accord or "")
                )
                if waiting:
                    return Waiting.ACTS_FIRST
        return None

    def _uploaded(self, party: str, upload: Upload) -> bool:
        path = self._site.folder() / "in" / party / upload.digest.removeprefix("sha256:")
        return path.is_file() and path.stat().st_size == upload.size

    def _act(self, party: str, coming: Sequence[_Coming], now: Instant) -> None:
        """Open and record the instruments, before any item is decided."""
        for one in coming:
            if one.accepted and one.header.kind is Kind.INSTRUMENT:
                assert one.envelope is not None  # noqa: S101
                try:
                    with self._site.database.transaction():
                        self._acts.take(party, one.part, one.envelope, now)
                except StorageFailed:
                    raise  # it is our trouble, and no fault of what came
                except ComityError as error:
                    self._site.custody.forget()
                    if self._site.world.forget():
                        self._contacts.forget_world()
                    one.fault = _FAULTS.get(error.code, Fault.BAD_ENVELOPE)

    def _decide(self, party: str, one: _Coming, now: Instant) -> None:
        """Decide an item for the instant of its arrival, under the accord that it names."""
        envelope, header = one.envelope, one.header
        assert envelope is not None and envelope.statement is not None  # noqa: S101, PT018
        releasing = header.releasing
        assert releasing is not None  # noqa: S101
        if now >= releasing.good_before:
            one.fault = Fault.TOO_LATE
            return
        world = self._site.world.now().world
        item = envelope.statement.item
        onward = party not in item.originators
        request = Request(
            item=item,
            sender=party,
            recipient=self._site.party,
            at=now,
            purpose=releasing.purpose,
            channel=header.channel,
            under=header.accord,
            held_as=releasing.held_as if onward else None,
            held_tags=releasing.held_tags if onward else (),
        )
        try:
            decided = decide(request, world)
        except NotKnown:
            one.fault = Fault.OTHER_TERMS
            return
        if isinstance(decided, Denial):
            one.denial = decided
        elif decided.version != (header.version or ""):
            one.fault = Fault.OTHER_TERMS
        else:
            one.permit = decided

    # -- the log and the answers ------------------------------------------------------

    def _log(self, coming: Sequence[_Coming], now: Instant) -> None:
        """Append the leaves of what is accepted, by accord, and of what is not, in the house."""
        site = self._site
        by_log: dict[str, list[_Coming]] = {}
        for one in coming:
            if one.accepted:
                by_log.setdefault(one.header.accord or HOUSE, []).append(one)
        for accord, those in by_log.items():
            first = site.custody.append(accord, [_accepted(one, now) for one in those])
            for place, one in enumerate(those):
                one.leaf = first + place
        refused = [one for one in coming if one.again is None and not one.accepted]
        known = [one for one in refused if one.envelope is not None]
        if known:
            first = site.custody.append(HOUSE, [_refused(one, now) for one in known])
            for place, one in enumerate(known):
                one.leaf = first + place

    def _answered(
        self, party: str, coming: Sequence[_Coming], now: Instant
    ) -> Sequence[Answered]:
        site = self._site
        heads = self._contacts.heads(party, now)
        answers: dict[int, Answered] = {
            place: one.again for place, one in enumerate(coming) if one.again is not None
        }
        new = [(place, one) for place, one in enumerate(coming) if one.again is None]
        for kind in (Signed.RECEIPT, Signed.REFUSAL):
            those = [
                (place, one)
                for place, one in new
                if one.accepted is (kind is Signed.RECEIPT)
            ]
            if not those:
                continue
            things = [self._said(party, one, heads, now) for _, one in those]
            signed = sign_group(kind, things, site.party, site.keys.envelope)
            for (place, one), said in zip(those, signed, strict=True):
                answers[place] = Verdict(kind, said)
                if one.envelope is not None and one.final:
                    self._keep(party, one, answers[place], now)
        return [answers[place] for place in range(len(coming))]

    def _said(self, party: str, one: _Coming, heads: dict[str, str], now: Instant) -> bytes:
        site = self._site
        if one.envelope is None:
            digest = text.digest_of(one.part.signed.thing)
            return write_refusal(_refusal(digest, party, site.party, one, now, None))
        accord = one.header.accord
        acts = None if accord is None else heads.get(accord)
        if not one.accepted:
            return write_refusal(
                _refusal(one.envelope.digest, party, site.party, one, now, acts)
            )
        origin, _ = site.custody.next_index(accord or HOUSE)
        releasing = one.header.releasing
        assert one.leaf is not None  # noqa: S101 - logged before
        return write_receipt(
            Receipt(
                envelope=one.envelope.digest,
                item=None if releasing is None else releasing.item,
                sender=party,
                recipient=site.party,
                accord=accord,
                log=origin,
                index=one.leaf,
                at=now,
                acts=acts,
            )
        )

    def _keep(self, party: str, one: _Coming, verdict: Answered, now: Instant) -> None:
        """Keep what came, its body while it was accepted, and the answer for ever."""
        assert isinstance(verdict, Verdict) and one.envelope is not None  # noqa: S101, PT018
        database, header, part = self._site.database, one.header, one.part
        stated, releasing = one.envelope.statement, one.header.releasing
        item = "" if releasing is None else releasing.item
        spooled = part.body.digest if isinstance(part.body, Upload) else None
        n = database.run(
            "insert_incoming",
            {
                "digest": one.digest,
                "kind": str(header.kind),
                "item": item,
                "content": text.read_digest(header.content),
                "partner": party,
                "accord": header.accord or "",
                "rank": RANK[Kind.INSTRUMENT if releasing is None else header.precedence],
                "state": str(Theirs.KEPT if one.accepted else Theirs.REFUSED),
                "header": part.header,
                "statement": None
                if part.statement is None or not one.accepted
                else keep_statement(database, part.statement, item),
                "group_n": keep_group(database, part.signed.group),
                "place": part.signed.index,
                "proof": part.signed.proof,
                "box_n": keep_box(database, part.box, None),
                "length": part.body.size
                if isinstance(part.body, Upload)
                else len(part.body),
                "cipher": part.signed.thing[32:],
                "spooled": spooled if one.accepted else None,
                "leaf": one.leaf,
                "arrived": now,
                "handling": text.write(
                    {
                        "levels": []
                        if one.permit is None
                        else list(map(str, one.permit.handle_as)),
                        "tags": []
                        if one.permit is None
                        else list(map(str, one.permit.handle_tags)),
                    }
                ).decode(),
                "verdict": str(verdict.kind),
                "answer": verdict.said.thing,
                "answer_group": keep_group(database, verdict.said.group),
                "answer_place": verdict.said.index,
                "answer_proof": verdict.said.proof,
            },
        )
        if not one.accepted:
            return
        if isinstance(part.body, bytes):
            database.run("insert_incoming_body", (n, part.body))
        if header.kind is Kind.ITEM and stated is not None:
            self._register.enter(n, stated.item.id, header.accord or "", party, now)


def _once(coming: Sequence[_Coming]) -> None:
    """Refuse what stands twice in one consignment: nobody honest sends it so."""
    seen: set[object] = set()
    for one in coming:
        if one.envelope is None or one.again is not None:
            continue
        releasing = one.header.releasing
        key = one.digest if releasing is None else (releasing.item, one.header.sender)
        if key in seen:
            one.fault = one.fault or Fault.BAD_ENVELOPE
            one.envelope = None
        seen.add(key)


def _refusal(
    digest: str,
    party: str,
    us: str,
    one: _Coming,
    now: Instant,
    acts: str | None,
) -> Refusal:
    if one.denial is not None:
        reason = visible_reason(one.denial.reason, Asker.PARTNER)
        retry = Retry.NEVER
    else:
        reason = one.fault or Fault.BAD_ENVELOPE
        # what does not verify may not be the envelope that it says: of that nothing is final
        retry = Retry.LATER if one.envelope is None else RETRY[reason]
    return Refusal(
        envelope=digest,
        sender=party,
        recipient=us,
        reason=str(reason),
        retry=retry,
        at=now,
        acts=acts,
    )


def _accepted(one: _Coming, now: Instant) -> bytes:
    assert one.envelope is not None  # noqa: S101
    releasing, permit = one.header.releasing, one.permit
    return entry(
        "RelayAcceptance", now,
        envelope=one.envelope.digest, sender=one.header.sender, accord=one.header.accord,
        item=None if releasing is None else releasing.item,
        articles=[] if permit is None else list(permit.articles),
        handle_as=[] if permit is None else list(map(str, permit.handle_as)),
    )  # fmt: skip


def _refused(one: _Coming, now: Instant) -> bytes:
    assert one.envelope is not None  # noqa: S101
    denial = one.denial
    return entry(
        "RelayRejection", now,
        envelope=one.envelope.digest, sender=one.header.sender,
        reason=str(one.fault if denial is None else denial.reason),
        articles=[] if denial is None else list(denial.articles),
    )  # fmt: skip
