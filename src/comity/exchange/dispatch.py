"""Dispatch: what is due to whom, decided again before each attempt, and what became of it.

Instruments leave before items of any precedence, FLASH alone and before the rest. An item
waits while an instrument of its accord has yet to reach the same partner. One that may no
longer go ends as *never left*; one that may go, but by another decision than it was sealed
under, is sealed anew. Whatever a partner answers is verified before it counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from comity.accords.times import Instant
from comity.errors import InvalidInput, NotKnown
from comity.exchange.acts import Acts
from comity.exchange.contacts import Contacts
from comity.exchange.custody import HOUSE, entry
from comity.exchange.rows import (
    RANK,
    asked_again,
    body_of,
    box_at,
    grouped,
    keep_group,
    reader,
    statement_at,
)
from comity.exchange.sending import Sender, Sending, Sent
from comity.exchange.site import Site
from comity.exchange.words import Words
from comity.release import Permit, decide
from comity.signed import text
from comity.signed.partykeys import Use
from comity.store import Row
from comity.wire.consignment import (
    Answered,
    Consignment,
    Part,
    Upload,
    Verdict,
    Waiting,
    read_answer,
    write,
)
from comity.wire.conversation import Ours, Step, sent
from comity.wire.envelope import require_permitted
from comity.wire.fields import refuse
from comity.wire.group import Groups, Signed
from comity.wire.header import Kind, Precedence, read_header
from comity.wire.receipt import (
    Receipt,
    Retry,
    read_receipt,
    read_refusal,
    require_about,
    require_answers,
)
from comity.wire.seal import item_key, open_bytes
from comity.wire.statement import read_statement

BATCH = 500
"""Parts of one consignment at most, of what is neither an instrument nor FLASH."""

BATCH_BYTES = 8 * 1024 * 1024
"""Bytes of bodies of one consignment at most."""

AGAIN = 1
"""Seconds after which something is tried again that the partner asked to wait with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One consignment that is due to a partner.

    Attributes:
        flash: whether it goes on the way kept free for instruments and FLASH.
        uploads: bodies to be uploaded before, by digest, and where they are.
        rows: the places of its parts in the outbox.
        words: the rows of the acknowledgements in it.
    """

    id: int
    partner: str
    flash: bool
    raw: bytes = field(repr=False)
    uploads: tuple[tuple[str, Path], ...] = ()
    rows: tuple[int, ...] = ()
    words: tuple[int, ...] = ()


class Dispatch:
    """Makes errands of what is due, and settles them."""

    def __init__(
        self, site: Site, sender: Sender, acts: Acts, contacts: Contacts, words: Words
    ) -> None:
        self._site = site
        self._sender = sender
        self._acts = acts
        self._contacts = contacts
        self._words = words
        self._errands: dict[int, Errand] = {}
        self._silent: dict[str, tuple[Instant, int]] = {}  # after words that did not arrive
        self._handed: set[int] = set()  # rows that went out, whatever the disk says of them
        self._over: list[tuple[Errand, bool]] = []  # ended in the transaction that is open
        self._next = 1

    # -- what is due ------------------------------------------------------------------

    def due(
        self, busy: frozenset[tuple[str, bool]] = frozenset()
    ) -> Callable[[], tuple[Errand, ...]]:
        """Decide what is due, at most one errand for each partner and way.

        In a transaction; call what is returned after it.

        Args:
            busy: the partners and ways on which an errand is out.
        """
        site = self._site
        now = site.now()
        out = {row for errand in self._errands.values() for row in errand.rows}
        made: list[tuple[str, bool, list[Row]]] = []
        for partner in self._open(now):
            for flash in (True, False):
                if (partner, flash) in busy:
                    continue
                going: list[Row] = []
                while not going and (
                    rows := self._rows(partner, now, flash=flash, out=out)
                ):
                    going = self._going(rows, now)
                if going or (not flash and self._speaks(partner, now)):
                    made.append((partner, flash, going))
        return lambda: tuple(
            self._errand(partner, going, now, flash=flash) for partner, flash, going in made
        )

    def next_due(self) -> Instant | None:
        """Return when something is due next; None where nothing waits."""
        out = [row for errand in self._errands.values() for row in errand.rows]
        found = self._site.database.value("next_due", (json.dumps(out),))
        return None if found is None else Instant(found)

    def _open(self, now: Instant) -> list[str]:
        """Return the partners to whom anything may be due, and with whom nothing is held."""
        database = self._site.database
        named = {row["partner"] for row in database.all("due_partners")}
        named |= {row["partner"] for row in database.all("talk_partners", (now,))}
        partners = {one.party: one for one in self._site.partners.all()}
        return sorted(
            party for party in named if party in partners and not partners[party].held
        )

    def _speaks(self, partner: str, now: Instant) -> bool:
        """Say whether there are words for a partner, or a fate to ask after.

        After an attempt with words alone that failed, not before its time.
        """
        if now < self._silent.get(partner, (now, 0))[0]:
            return False
        rows = self._site.database.all("talk_partners", (now,))
        return partner in {row["partner"] for row in rows}

    def _rows(self, partner: str, now: Instant, *, flash: bool, out: set[int]) -> list[Row]:
        """Choose what goes next on one of the two ways to a partner."""
        database = self._site.database
        ranks = (
            (RANK[Kind.INSTRUMENT], RANK[Precedence.FLASH])
            if flash
            else (
                RANK[Precedence.IMMEDIATE],
                RANK[Precedence.PRIORITY],
                RANK[Precedence.ROUTINE],
            )
        )
        chosen: list[Row] = []
        size = 0
        for rank in ranks:
            most = 1 if rank == RANK[Precedence.FLASH] else BATCH
            for row in database.all("due", (partner, rank, now, most + len(out))):
                if row["n"] in out or self._behind(row):
                    continue
                if chosen and (len(chosen) >= most or size + row["length"] > BATCH_BYTES):
                    return chosen
                chosen.append(row)
                size += 0 if row["spooled"] else row["length"]
            if chosen and flash:
                return chosen
        return chosen

    def _behind(self, row: Row) -> bool:
        """Say whether an instrument of its accord has to reach the partner before."""
        return row["kind"] == "item" and bool(
            self._site.database.value(
                "waiting_instruments", (row["partner"], row["accord"])
            )
        )

    def _going(self, rows: Sequence[Row], now: Instant) -> list[Row]:
        """Decide each again; what may not go ends here."""
        going = []
        for row in rows:
            if now >= row["deadline"]:
                self._end(row, now, Step.GIVE_UP, "its time for delivery is over")
            elif row["kind"] == "instrument" or self._may(row, now):
                going.append(row)
        return going

    def _errand(
        self, partner: str, going: Sequence[Row], now: Instant, *, flash: bool
    ) -> Errand:
        """Write a consignment of what may go."""
        site = self._site
        uploads: list[tuple[str, Path]] = []
        parts = tuple(self._part(row, uploads) for row in going)
        asked = () if flash else self._words.asking(partner)
        words = () if flash else self._words.waiting(partner)
        contact = self._contacts.say(partner, now, asked=asked)
        said = tuple(word for _, word in words)
        errand = Errand(
            id=self._next,
            partner=partner,
            flash=flash,
            raw=write(Consignment(site.party, partner, contact, parts, said)),
            uploads=tuple(uploads),
            rows=tuple(row["n"] for row in going),
            words=tuple(n for n, _ in words),
        )
        self._next += 1
        self._errands[errand.id] = errand
        self._handed.update(errand.rows)
        return errand

    def _part(self, row: Row, uploads: list[tuple[str, Path]]) -> Part:
        database = self._site.database
        header = read_header(bytes(row["header"]))
        held = body_of(database, "outgoing", row)
        ciphertext = bytes(row["cipher"])
        body: bytes | Upload
        if held is None:
            body = Upload(text.digest_text(ciphertext), row["length"])
            uploads.append((ciphertext.hex(), self._site.folder() / row["spooled"]))
        else:
            body = held
        signed = grouped(
            database, header.digest + ciphertext, row["group_n"], row["place"], row["proof"]
        )
        box, _ = box_at(database, row["box_n"])
        stated = (
            None if row["statement"] is None else statement_at(database, row["statement"])
        )
        return Part(Kind(row["kind"]), bytes(row["header"]), signed, stated, box, body)

    # -- deciding again ---------------------------------------------------------------

    def _may(self, row: Row, now: Instant) -> bool:
        """Decide an item again; it ends here if it may no longer go as it was sealed."""
        site = self._site
        world = site.world.now()
        if row["world"] == world.version and now < row["good"]:
            return True  # nothing has changed, and nothing changes by itself before
        stated = statement_at(site.database, row["statement"])
        item = read_statement(stated.thing).item
        request = asked_again(bytes(row["request"]), item, site.party, now)
        try:
            decided = decide(request, world.world)
        except NotKnown as error:  # its accord was taken out of this node's world
            self._end(row, now, Step.DENY, f"it may no longer go: {error.message}")
            return False
        if not isinstance(decided, Permit):
            self._end(row, now, Step.DENY, f"it may no longer go: {decided.reason}")
            return False
        return self._as_sealed(row, decided, now) or self._anew(row, decided, now)

    def _as_sealed(self, row: Row, permit: Permit, now: Instant) -> bool:
        """Say whether a permit of now lets the envelope go as it is."""
        header = read_header(bytes(row["header"])).header
        try:
            require = self._sender.under(permit, now) if permit.accord else None
            require_permitted(permit, header, require)
        except InvalidInput:
            return False
        return True

    def _anew(self, row: Row, permit: Permit, now: Instant) -> bool:
        """Seal an item again, by the decision of now; the new envelope names the old one."""
        site = self._site
        header = read_header(bytes(row["header"]))
        _, kept = box_at(site.database, row["box_n"])
        body = body_of(site.database, "outgoing", row)
        if kept is None or body is None:
            self._end(
                row, now, Step.DENY, "what it was sealed under has changed: send it again"
            )
            return False
        content, salt = open_bytes(
            body, header, item_key(site.keys.kept(bytes(kept)), header.digest)
        )
        stated = statement_at(site.database, row["statement"])
        asked = permit.asked
        releasing = header.header.releasing
        again = Sending(
            item=asked.item,
            to=asked.recipient,
            content=content,
            under=asked.under,
            purpose=asked.purpose,
            channel=asked.channel,
            precedence=header.header.precedence,
            held_as=asked.held_as,
            held_tags=asked.held_tags,
            received=asked.received,
            statement=stated,
            salt=salt,
            lineage=() if releasing is None else releasing.lineage,
            supersedes=text.digest_text(bytes(row["digest"])),
        )
        try:
            outcome = self._sender.send([again])[0]
        except (InvalidInput, NotKnown) as error:  # such as a key that is yet to come
            site.custody.forget()
            site.database.run("wait_more", (now + AGAIN, error.code, row["n"]))
            return False
        if isinstance(outcome, Sent):
            self._end(row, now, Step.SUPERSEDE, f"sealed anew as {outcome.envelope}")
        else:
            self._end(row, now, Step.DENY, "it may no longer go as it was approved")
        return False

    def _end(self, row: Row, now: Instant, step: Step, why: str) -> None:
        """End the delivery of one, as the table of the conversation has it, and log it.

        What was tried before may have arrived: of that nobody says that it never left.
        """
        site = self._site
        before = Ours(row["state"])
        if before is Ours.QUEUED and row["n"] in self._handed:
            before = sent(before, Step.TRY)
        state = sent(before, step)
        site.database.run("settle", (str(state), now, why, row["n"]))
        site.custody.append(
            row["accord"] or HOUSE,
            [
                entry(
                    "RelayFailure", now,
                    envelope=text.digest_text(bytes(row["digest"])), item=row["item"],
                    to=row["partner"], state=str(state), why=why,
                )
            ],
        )  # fmt: skip
        self._drop(row)

    def _drop(self, row: Row) -> None:
        """Let go of a body that nobody needs any more."""
        self._site.database.run("drop_outgoing_body", (row["n"],))
        self._site.database.run("drop_kept", (row["box_n"], row["box_n"]))

    # -- what became of it ------------------------------------------------------------

    def settle(self, errand_id: int, raw: bytes) -> None:
        """Take a partner's answer to an errand; in a transaction.

        Raises:
            InvalidInput: it is no answer to it, or not signed by the partner; nothing was
                kept, and the errand is still out: say `failed`.
            NotKnown: no such errand is out.
        """
        site = self._site
        errand = self._out(errand_id)
        answer = read_answer(reader(raw))
        if (answer.sender, answer.recipient) != (errand.partner, site.party) or len(
            answer.verdicts
        ) != len(errand.rows):
            refuse("the answer is to another consignment", code="other-answer")
        now = site.now()
        groups = Groups(site.partners.keys(Use.ENVELOPE, now))
        met = self._contacts.hear(answer.contact, errand.partner, now, groups)
        self._words.told(errand.words)
        entries: dict[str, list[bytes]] = {}
        for n, verdict in zip(errand.rows, answer.verdicts, strict=True):
            row = site.database.one("outgoing", (n,))
            if row is not None:
                self._settled(row, verdict, errand.partner, groups, now, entries)
        for word in answer.words:
            self._fate(word, errand.partner, groups, now, entries)
        for digest in met.contact.unknown:
            self._not_there(digest, errand.partner, now)
        for accord, those in entries.items():
            site.custody.append(accord, those)
        site.mark_time()
        self._over.append((self._errands.pop(errand_id), True))
        _ = self._silent.pop(errand.partner, None)
        self._forget_spooled(errand)

    def failed(self, errand_id: int, code: str, next_: int) -> None:
        """Say that an errand did not reach its partner; it is tried again.

        It is out no more, even where this cannot be written down.
        """
        site = self._site
        errand = self._out(errand_id)
        self._over.append((self._errands.pop(errand_id), False))
        for n in errand.rows:
            site.database.run("put_off", (next_, code, n))
        if not errand.rows:
            _, tries = self._silent.get(errand.partner, (next_, 0))
            self._silent[errand.partner] = (Instant(next_), tries + 1)
        site.database.run("ask_later", (next_, errand.partner))

    def kept(self) -> None:
        """Hear that a transaction is on disk: it says of what went out that it did."""
        for errand, _ in self._over:
            self._handed.difference_update(errand.rows)
        self._over.clear()

    def undone(self) -> None:
        """Hear that a transaction was undone: what it settled is out as before."""
        self._errands.update({errand.id: errand for errand, out in self._over if out})
        self._over.clear()

    def _out(self, errand_id: int) -> Errand:
        errand = self._errands.get(errand_id)
        if errand is None:
            raise NotKnown(
                f"no errand {errand_id} is out",
                hint="it was settled, or the node was started anew: ask for what is due",
                code="no-errand",
            )
        return errand

    def attempts(self, errand_id: int) -> int:
        """Return how often the first part of an errand, or words alone, were tried before."""
        errand = self._out(errand_id)
        if not errand.rows:
            return self._silent.get(errand.partner, (0, 0))[1]
        row = self._site.database.one("outgoing", (errand.rows[0],))
        return 0 if row is None else int(row["attempts"])

    def _settled(
        self,
        row: Row,
        verdict: Answered,
        partner: str,
        groups: Groups,
        now: Instant,
        entries: dict[str, list[bytes]],
    ) -> None:
        site, database = self._site, self._site.database
        if isinstance(verdict, Waiting):
            database.run("put_off", (now + AGAIN, str(verdict), row["n"]))
            return
        by = groups.verify(verdict.said, verdict.kind)
        envelope = text.digest_text(bytes(row["digest"]))
        kept = {
            "n": row["n"],
            "verdict": str(verdict.kind),
            "raw": verdict.said.thing,
            "group_n": keep_group(database, verdict.said.group),
            "place": verdict.said.index,
            "proof": verdict.said.proof,
        }
        if verdict.kind is Signed.RECEIPT:
            receipt = read_receipt(verdict.said.thing)
            self._about(receipt, row, by)
            self._step(row, Step.RECEIPT, now, "")
            if row["kind"] == "instrument":
                self._acts.received(row["accord"], row["item"], partner, receipt.at)
            event = "ReceiptReceived"
        else:
            refusal = read_refusal(verdict.said.thing)
            require_answers(refusal, envelope, site.party, by)
            if refusal.retry is not Retry.NEVER:
                self._try_again(row, refusal.retry, refusal.reason, now)
                return
            self._step(row, Step.REFUSAL, now, refusal.reason)
            event = "RefusalReceived"
        database.run("insert_answer", kept)
        entries.setdefault(row["accord"] or HOUSE, []).append(
            entry(
                event, now,
                envelope=envelope, answer=text.digest_of(verdict.said.thing), by=by,
            )
        )  # fmt: skip
        self._drop(row)

    def _fate(
        self,
        word: Verdict,
        partner: str,
        groups: Groups,
        now: Instant,
        entries: dict[str, list[bytes]],
    ) -> None:
        """Take the answer to one after whose fate was asked; another's is passed over."""
        read = read_receipt if word.kind is Signed.RECEIPT else read_refusal
        digest = text.read_digest(read(word.said.thing).envelope)
        row = self._asked_after(digest, partner)
        if row is not None:
            self._settled(row, word, partner, groups, now, entries)

    def _not_there(self, digest: str, partner: str, now: Instant) -> None:
        """End what the partner says, signed, that it never got."""
        row = self._asked_after(text.read_digest(digest), partner)
        if row is not None:
            self._end(row, now, Step.NOT_THERE, "the recipient does not have it")

    def _asked_after(self, digest: bytes, partner: str) -> Row | None:
        """Return one of ours to a partner after whose fate we ask; None of any other."""
        row = self._site.database.one("outgoing_by_digest", (digest,))
        if row is None or (row["partner"], row["state"]) != (partner, Ours.FATE_UNKNOWN):
            return None
        return row

    def _step(self, row: Row, step: Step, now: Instant, why: str) -> None:
        """Move on from *tried*: an answer to what was queued shows that it was."""
        state = Ours(row["state"])
        before = sent(state, Step.TRY) if state is Ours.QUEUED else state
        self._site.database.run("settle", (str(sent(before, step)), now, why, row["n"]))

    def _about(self, receipt: Receipt, row: Row, by: str) -> None:
        """Refuse a receipt for another envelope, but for an earlier one of the same item.

        The recipient has an item once, by whichever envelope came first: one that this
        supersedes, or one by which somebody here sent it before.
        """
        site = self._site
        if row["kind"] == "item":
            earlier = site.database.one(
                "outgoing_by_digest", (text.read_digest(receipt.envelope),)
            )
            if earlier is not None and _same_item(earlier, row):
                row = earlier
        envelope = text.digest_text(bytes(row["digest"]))
        require_answers(receipt, envelope, site.party, by)
        item = row["item"] if row["kind"] == "item" else None
        require_about(receipt, item, row["accord"] or None)

    def _try_again(self, row: Row, retry: Retry, reason: str, now: Instant) -> None:
        """Seal anew what was refused for what may have changed, or try it again later."""
        database = self._site.database
        wait = min(300, AGAIN << min(row["attempts"], 8))
        database.run("put_off", (now + wait, reason, row["n"]))
        if retry is Retry.AFTER_ACTS:
            database.run("seal_anew", (row["n"],))

    def _forget_spooled(self, errand: Errand) -> None:
        for n in errand.rows:
            row = self._site.database.one("outgoing", (n,))
            if (
                row is not None
                and row["spooled"]
                and row["state"] not in (Ours.QUEUED, Ours.TRIED)
            ):
                (self._site.folder() / row["spooled"]).unlink(missing_ok=True)


def _same_item(one: Row, other: Row) -> bool:
    """Say whether two envelopes bring the same content of the same item to the same party."""
    contents = (read_header(bytes(row["header"])).header.content for row in (one, other))
    return (one["item"], one["partner"]) == (other["item"], other["partner"]) and len(
        set(contents)
    ) == 1
