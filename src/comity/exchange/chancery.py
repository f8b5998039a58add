"""Accords, instruments, consents, holds and keys, as an officer asks of the node about them.

Every method runs on the node's thread. The values are those of `comity.exchange.desk`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.errors import InvalidInput, NotKnown
from comity.exchange import desk
from comity.exchange.drafts import request_for
from comity.exchange.node import Node
from comity.exchange.wording import one_instrument, require_officer, standing_of
from comity.labels import Item
from comity.release import Permit, Request, decide, missing, missing_words
from comity.signed import text
from comity.wire.statement import read_statement
from comity.worlds import holds_in


@dataclass(slots=True)
class Chancery:
    """What is agreed and done about it, at one node."""

    node: Node

    def accords(self) -> Sequence[desk.Standing]:
        """Return the accords of this party as they stand with each other party."""
        now, world = self.node.now(), self.node.site.world.now().world
        joined = world.lookup.joined
        ours = joined.get(self.node.party, {})
        return [
            standing_of(accord, world, now, (self.node.party, other))
            for place, accord in sorted(ours.items())
            for other, theirs in sorted(joined.items())
            if place in theirs and other != self.node.party
        ]

    def instruments(self, accord: str) -> Sequence[desk.Recorded]:
        """Return the instruments on record under one accord."""
        world = self.node.site.world.now().world
        rows = {
            row["id"]: row
            for row in self.node.site.database.all("instruments_of", (accord,))
        }
        _ = world.accord(accord)
        return [
            desk.Recorded(
                id=one.id,
                accord=accord,
                by=one.by,
                does=tuple(str(operation.do) for operation in one.operations),
                digest=rows[one.id]["digest"] if one.id in rows else "",
                known=one.known(),
                came=rows[one.id]["came"] if one.id in rows else "folder",
                text=rows[one.id]["text"] if one.id in rows else "",
            )
            for one in world.instruments
            if one.accord == accord
        ]

    def perform(self, asked: desk.Text) -> desk.Done:
        """Perform an instrument of ours."""
        require_officer(asked.officer)
        accord, table = one_instrument(asked.text)
        name = self.node.perform(accord, table)
        return desk.Done(
            done="performed",
            record=text.digest_of(table.encode()),
            words=f"`{name}` under `{accord}` is signed and on its way",
        )

    def consents(self, item: str, to: str) -> Sequence[desk.Missing]:
        """Return the consents that are missing for an item that the node holds."""
        world, now = self.node.site.world.now().world, self.node.now()
        known = self._held(item)
        request = Request(item=known, sender=self.node.party, recipient=to, at=now)
        decision = decide(request, world)
        if isinstance(decision, Permit):
            return []
        return [
            desk.Missing(
                whose=one.of,
                accord=one.accord,
                item=item,
                state=missing_words(one, world),
                draft=request_for(
                    one, self.node.party, world.accord(one.accord).zone.show(now)
                ),
            )
            for one in missing(request, decision, world)
        ]

    def _held(self, item: str) -> Item:
        row = self.node.site.database.one("statements_of", (item,))
        if row is not None:
            return read_statement(bytes(row["raw"])).item
        world = self.node.site.world.now().world
        if item in world.items:
            return world.items[item]
        raise NotKnown(
            f"the node holds no item `{item}`",
            hint="`comity inbox` lists what came",
            code="no-item",
        )

    def holds(self) -> Sequence[desk.OnHold]:
        """Return this party's holds that stand, or will."""
        now = self.node.now()
        return [
            desk.OnHold(
                id=hold.id,
                towards=hold.towards,
                accords=hold.accords,
                categories=hold.categories,
                ground=hold.ground,
                since=hold.since,
                before=hold.before,
            )
            for hold in self.node.site.world.now().world.holds
            if hold.by == self.node.party and (hold.before is None or now < hold.before)
        ]

    def hold(self, asked: desk.Text) -> desk.Done:
        """Set holds of this party."""
        require_officer(asked.officer)
        site = self.node.site
        world = site.world.now().world
        holds = holds_in(asked.text, world.zone)
        for hold in holds:
            if hold.by != self.node.party:
                raise InvalidInput(
                    f"`{hold.id}` is a hold of `{hold.by}`",
                    hint=f"a node sets the holds of `{self.node.party}` alone",
                    code="not-ours",
                )
        with site.database.transaction():
            for hold in holds:
                site.database.run("insert_hold", (hold.id, asked.text, site.now()))
            site.world.bump()
        names = ", ".join(hold.id for hold in holds)
        return desk.Done(
            done="held", record=text.digest_of(asked.text.encode()), words=f"set: {names}"
        )

    def lift(self, hold: str, by: desk.By) -> desk.Done:
        """End a hold of this party that was set here."""
        require_officer(by.officer)
        site = self.node.site
        with site.database.transaction():
            if not site.database.changed("end_hold", (site.now(), hold)):
                raise NotKnown(
                    f"no hold `{hold}` was set at this node, or it has ended",
                    hint="`comity hold list`; one of the world's files is ended there",
                    code="no-hold",
                )
            site.world.bump()
        return desk.Done(done="lifted", record="", words=f"`{hold}` has ended")

    def approve(self, approval: desk.Approval) -> desk.Done:
        """Take an officer's approval of one sending."""
        matter = self.node.approve(approval.raw)
        return desk.Done(done="approved", record=matter, words=f"`{matter}`")

    def hindsight(self, accord: str) -> Sequence[desk.Differs]:
        """Return what crossed under an accord and would not have, by what is known now."""
        _ = self.node.site.world.now().world.accord(accord)
        return [
            desk.Differs(
                item=one.item,
                envelope=one.envelope.removeprefix("sha256:"),
                partner=one.partner,
                outgoing=one.outgoing,
                at=one.at,
                reason=str(one.reason),
                articles=one.articles,
            )
            for one in self.node.otherwise(accord)
        ]

    def destroy(self, accord: str, by: desk.By) -> desk.Done:
        """Destroy the term keys of an accord that has ended."""
        require_officer(by.officer)
        done = self.node.destroy_keys(accord, by.officer)
        return desk.Done(
            done="destroyed",
            record=", ".join(one.key_id for one in done),
            words=f"{len(done)} term keys of `{accord}`; what disks and backups keep is not reached",
        )
