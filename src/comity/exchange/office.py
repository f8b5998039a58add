"""What a person asks, put to the node; what the node has, put into a person's words.

Every method runs on the node's thread. The values are those of `comity.exchange.desk`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.errors import InvalidInput, NotKnown
from comity.exchange import desk
from comity.exchange.bodies import Bodies
from comity.exchange.checkup import checks
from comity.exchange.node import Node
from comity.exchange.rows import statement_at
from comity.exchange.sending import File, Sending
from comity.exchange.terms import parties_of
from comity.exchange.wording import (
    UNDER_WAY,
    actor_of,
    copy_of,
    require_officer,
    state_of,
    verdict_on,
)
from comity.labels import Item, Label, Level, Tagged
from comity.labels.label import Successor
from comity.signed import read_history, text
from comity.store import Row
from comity.wire.header import Precedence, read_header
from comity.wire.statement import read_statement

OWN = "own"
"""The folder of uploads of this party's own."""


@dataclass(slots=True)
class Desk:
    """The own side's questions, answered by one node."""

    node: Node
    uploads: Bodies

    # -- sending -------------------------------------------------------------------------

    def send(self, sendings: Sequence[desk.Sending], by: str) -> Sequence[desk.Verdict]:
        """Send items; what was sent before, by its id, gets the verdict that it got."""
        del by
        before = [self._before(one) for one in sendings]
        new = [one for one, known in zip(sendings, before, strict=True) if known is None]
        made = [self._sending(one) for one in new]
        outcomes = iter(self.node.send(made) if made else [])
        for one in new:
            if one.upload is not None:
                self.uploads.drop(OWN, one.upload)
        return [
            verdict_on(one, next(outcomes), self.node) if known is None else known
            for one, known in zip(sendings, before, strict=True)
        ]

    def preview(self, sendings: Sequence[desk.Sending]) -> Sequence[desk.Verdict]:
        """Decide as `send` would; nothing is recorded."""
        now = self.node.now()
        return [
            verdict_on(one, self.node.sender.decide(self._sending(one), now), self.node)
            for one in sendings
        ]

    def _before(self, asked: desk.Sending) -> desk.Verdict | None:
        """Return the verdict on an item that was sent to this recipient before."""
        if not asked.item:
            raise InvalidInput(
                "an item without an id", hint="give it a UUIDv7", code="no-item-id"
            )
        for row in self.node.site.database.all("outgoing_of_item", (asked.item,)):
            if row["partner"] == asked.to and row["state"] in UNDER_WAY:
                return desk.Verdict(
                    item=asked.item,
                    to=asked.to,
                    verdict="sent",
                    state=state_of(row),
                    envelope=bytes(row["digest"]).hex(),
                    accord=row["accord"],
                )
        return None

    def _sending(self, asked: desk.Sending) -> Sending:
        if asked.marking is None:
            return self._onward(asked)
        content: bytes | File
        if asked.upload is not None:
            path = self.uploads.path(OWN, asked.upload)
            if not path.exists():
                raise NotKnown(
                    "the content that it names was not brought up",
                    hint="bring it up first, whole",
                    code="no-upload",
                )
            content = File(path.open("rb"), path.stat().st_size)
        elif asked.content is not None:
            content = asked.content
        else:
            raise InvalidInput(
                f"`{asked.item}` has no content",
                hint="give `content`, or `upload` for what was brought up",
                code="no-content",
            )
        marking = asked.marking
        item = Item(
            id=asked.item,
            title="",
            originators=asked.originators or (self.node.party,),
            label=Label(
                level=Level.parse(marking.level),
                categories=marking.categories,
                release_to=marking.release_to,
                display_to=marking.display_to,
                tags=tuple(Tagged(set_=tag.set, values=tag.values) for tag in marking.tags),
                review=marking.review,
                successor=_successor(marking.successor),
                compilation=marking.compilation,
            ),
            kind=asked.kind,
            purpose=asked.purpose,
            channel=asked.channel,
            made=asked.made,
            made_from=asked.made_from,
        )
        return Sending(
            item=item,
            to=asked.to,
            content=content,
            under=asked.under,
            precedence=Precedence(asked.precedence),
        )

    def _onward(self, asked: desk.Sending) -> Sending:
        """Send on what this node received, under its originator's own statement."""
        rows = [
            row
            for row in self.node.site.database.all("incoming_of_item", (asked.item,))
            if row["verdict"] == "receipt" and row["kind"] == "item"
        ]
        if not rows:
            raise NotKnown(
                f"the node holds no item `{asked.item}`, and nothing says how it is marked",
                hint="a new item comes with its marking; `comity inbox` lists what came",
                code="no-item",
            )
        return self.node.opening.onward(
            rows[-1]["n"],
            asked.to,
            asked.officer,
            under=asked.under,
            purpose=asked.purpose or None,
            channel=asked.channel or None,
            precedence=asked.precedence,
        )

    # -- what came -----------------------------------------------------------------------

    def inbox(self, after: int, limit: int) -> Sequence[desk.Arrived]:
        """Return what came after a place, oldest first."""
        rows = self.node.site.database.all("inbox", (after, limit))
        return [self._arrived(row) for row in rows]

    def content(self, n: int, officer: str) -> Iterator[bytes]:
        """Open the content of what came, for a named officer; the log has who did."""
        return self.node.open(n, officer).content

    def acknowledge(self, n: int, by: desk.By) -> desk.Done:
        """Record in the register that an officer has it, and tell its sender."""
        require_officer(by.officer)
        row = self.node.opening.row(n)
        copy = self.node.acknowledge(n, by.officer, by.words)
        return desk.Done(
            done="acknowledged",
            record=bytes(row["digest"]).hex(),
            words=f"copy {copy}, held by {by.officer}",
        )

    def refuse(self, n: int, by: desk.By) -> desk.Done:
        """Record in the register that it goes back."""
        row = self.node.opening.row(n)
        if not by.words.strip():
            raise InvalidInput(
                "a refusal says why", hint="say it in a few words", code="no-words"
            )
        copies = self.node.register.came(row["n"])
        if not copies:
            raise NotKnown("it is in no register", hint="`comity inbox`", code="no-copy")
        with self.node.site.database.transaction():
            copy = self.node.register.end(
                copies[0].serial, copies[0].copy, "returned", by.officer, by.words
            )
        return desk.Done(
            done="refused",
            record=bytes(row["digest"]).hex(),
            words=f"copy {copy.copy} of serial {copy.serial} goes back: {by.words}",
        )

    def _arrived(self, row: Row) -> desk.Arrived:
        item = read_statement(
            statement_at(self.node.site.database, row["statement"]).thing
        ).item
        header = read_header(bytes(row["header"])).header
        copies = self.node.register.came(row["n"])
        handling = json.loads(row["handling"])
        return desk.Arrived(
            n=row["n"],
            item=row["item"],
            sender=row["partner"],
            accord=row["accord"],
            level=str(item.label.level),
            handle_as=tuple(handling["levels"]),
            categories=item.label.categories,
            kind=item.kind,
            purpose=item.purpose,
            precedence=str(header.precedence),
            envelope=bytes(row["digest"]).hex(),
            at=header.at,
            arrived=row["arrived"],
            length=row["length"],
            state=copies[0].state if copies else row["state"],
            acknowledged=copies[0].acknowledged if copies else "",
        )

    # -- what was sent ---------------------------------------------------------------------

    def outbox(self, after: int, limit: int) -> Sequence[desk.Outgoing]:
        """Return what was sent after a place, oldest first."""
        rows = self.node.site.database.all("outbox", (after, limit))
        return [self._outgoing(row) for row in rows]

    def stuck(self) -> Sequence[desk.Outgoing]:
        """Return what was tried and has not arrived, and what never will."""
        rows = self.node.site.database.all("stuck")
        return [self._outgoing(row) for row in rows]

    def _outgoing(self, row: Row) -> desk.Outgoing:
        header = read_header(bytes(row["header"])).header
        state = state_of(row)
        held = {one.party: one.held for one in self.node.partners.all()}
        actor, words, hint = actor_of(row, state, held.get(row["partner"]) or "")
        return desk.Outgoing(
            n=row["n"],
            kind=row["kind"],
            item=row["item"],
            to=row["partner"],
            accord=row["accord"],
            precedence=str(header.precedence),
            state=state,
            envelope=bytes(row["digest"]).hex(),
            submitted=row["submitted"],
            attempts=row["attempts"],
            next=row["next"] if state == "waiting" else None,
            deadline=row["deadline"] if state == "waiting" else None,
            actor=actor,
            trouble=row["trouble"],
            words=words,
            hint=hint,
        )

    def evidence(self, envelope: str) -> bytes:
        """Return the bundle of one exchange, by its digest, or of an item's latest."""
        return self.node.evidence(self._envelope(envelope))

    def _envelope(self, named: str) -> bytes:
        digits = named.removeprefix("sha256:")
        if re.fullmatch(r"[0-9a-f]{64}", digits):
            return bytes.fromhex(digits)
        database = self.node.site.database
        rows = [
            *database.all("incoming_of_item", (named,)),
            *database.all("outgoing_of_item", (named,)),
        ]
        if not rows:
            raise NotKnown(
                f"the node knows no envelope and no item `{named}`",
                hint="`comity inbox` lists what came, with its digest",
                code="no-envelope",
            )
        return bytes(rows[-1]["digest"])

    # -- the register ----------------------------------------------------------------------

    def register(self, item: str) -> Sequence[desk.Copy]:
        """Return every copy, or those of one item."""
        return [copy_of(one) for one in self.node.register.copies(item or None)]

    def hand(self, number: desk.Number, held: desk.Held) -> desk.Copy:
        """Record that a copy has another holder or place."""
        with self.node.database.transaction():
            return copy_of(
                self.node.register.hand(
                    number.serial, number.copy, held.holder, held.place, held.officer
                )
            )

    def duplicate(self, serial: int, held: desk.Held) -> desk.Copy:
        """Record a further copy."""
        require_officer(held.officer)
        with self.node.database.transaction():
            return copy_of(
                self.node.register.duplicate(serial, held.officer, held.holder, held.place)
            )

    def end(self, number: desk.Number, ending: desk.Ending) -> desk.Copy:
        """Record that a copy was destroyed or returned."""
        with self.node.database.transaction():
            return copy_of(
                self.node.register.end(
                    number.serial,
                    number.copy,
                    ending.how,
                    ending.officer,
                    ending.certificate,
                )
            )

    def muster(self, muster: desk.Muster) -> Sequence[desk.Copy]:
        """Record which copies were seen; return those that should be here and were not."""
        require_officer(muster.officer)
        seen = [(one.serial, one.copy) for one in muster.seen]
        with self.node.database.transaction():
            return [copy_of(one) for one in self.node.register.muster(seen, muster.officer)]

    # -- the node itself -------------------------------------------------------------------

    def partners(self) -> Sequence[desk.Partner]:
        """Return the partners, and how things are with each."""
        database, ring = self.node.site.database, self.node.partners.ring
        found = []
        for one in self.node.partners.all():
            newest = ring.newest(one.party)
            heard = database.one("contact", (one.party,))
            waiting = database.value("waiting_for", (one.party,))
            found.append(
                desk.Partner(
                    party=one.party,
                    fingerprint=one.fingerprint,
                    keys=0 if newest is None else newest.version,
                    keys_before=0 if newest is None else newest.before,
                    held=one.held,
                    heard=None if heard is None else heard["at"],
                    waiting=int(waiting or 0),
                )
            )
        return found

    def accept(self, acceptance: desk.Acceptance) -> desk.Partner:
        """Accept a partner whose fingerprint was compared."""
        node = self.node
        party, lists, _ = parties_of(acceptance.file)
        if not lists:
            raise InvalidInput(
                "the file has no key list", hint="ask for another", code="no-key-list"
            )
        listed = read_history(lists)[-1]
        if any(one.party == party for one in node.partners.all()):
            node.take_party_file(party, acceptance.file)
        else:
            _ = node.partners.accept(
                lists[0], acceptance.confirmed, node.now(), acceptance.fingerprint
            )
            node.take_party_file(listed.party, acceptance.file)
            node.site.world.bump()
        return next(one for one in self.partners() if one.party == party)

    def invitation(self, to: str) -> bytes:
        """Return this party's file of keys for a partner."""
        _ = self.node.site.world.now().world.party(to)
        return self.node.party_file(to)

    def renew(self, listed: desk.KeyList) -> desk.Done:
        """Take the next version of this party's key list."""
        site = self.node.site
        with site.database.transaction():
            taken = self.node.partners.renew(self.node.party, listed.raw, site.now())
            site.world.bump()
        return desk.Done(
            done="taken",
            record=text.digest_of(listed.raw),
            words=f"version {taken.version} of the keys of {taken.party}",
        )

    def checks(self) -> Sequence[desk.Check]:
        """Look at everything that should be as it should be."""
        return list(checks(self.node))

    def counts(self) -> Sequence[desk.Count]:
        """Return the numbers of `/metrics` that the node knows."""
        database = self.node.site.database
        found = [
            desk.Count(
                name="comity_outgoing",
                value=row["n"],
                partner=row["partner"],
                state=row["state"],
            )
            for row in database.all("count_outgoing")
        ]
        found += [
            desk.Count(
                name="comity_incoming",
                value=row["n"],
                partner=row["partner"],
                state=row["verdict"],
            )
            for row in database.all("count_incoming")
        ]
        found += [
            desk.Count(
                name="comity_partner_heard_seconds", value=one.heard, partner=one.party
            )
            for one in self.partners()
            if one.heard is not None
        ]
        version = self.node.site.world.now().version
        found.append(desk.Count(name="comity_world_version", value=version))
        return found


def _successor(said: desk.Successor | None) -> Successor | None:
    if said is None:
        return None
    return Successor(at=said.at, level=Level.parse(said.level), earliest=said.earliest)
