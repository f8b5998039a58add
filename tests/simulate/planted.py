"""Bugs that are planted one at a time, to see that the simulator finds each.

Each is a context manager that replaces a function of a node with a wrong one. What it has
to be found within is stated: so many seeds from 0 on.
"""

import json
from contextlib import contextmanager
from unittest.mock import patch

from comity.exchange import arrival, custody, dispatch, node, sending, site, world
from comity.exchange import register as registry
from comity.release import examine
from comity.signed import text
from comity.store import Database, StorageFailed
from comity.wire import group
from comity.wire.consignment import Verdict
from comity.wire.group import Signed, sign_group
from exchange.nodes import keys_of

PLANTED = {}
"""By name: what is wrong, and within how many seeds it is found."""


def planted(words, within):
    """Name a planted bug."""

    def named(make):
        PLANTED[make.__name__] = (words, within, make)
        return make

    return named


def replaced(owner, name, wrong):
    """Return what puts a wrong function in the place of a right one."""
    return patch.object(owner, name, wrong)


@planted("a receipt leaves before its transaction is on disk", 3)
def acknowledged_before_commit():
    @contextmanager
    def transaction(self):
        if self._connection.in_transaction and not getattr(self, "inside", False):
            self._connection.execute("COMMIT")
        if self._connection.in_transaction:
            with right(self):
                yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        self.inside = True
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        finally:
            self.inside = False

    right = Database.transaction
    return replaced(Database, "transaction", transaction)


@planted("the outbox is written outside the transaction of the decision", 3)
def outbox_outside():
    def send(self, sendings):
        outcomes = []
        for one in sendings:
            outcomes += right(self, [one])
            if outcomes and isinstance(outcomes[-1], sending.Sent):
                self._site.database.run("drop_outgoing_body", (outcomes[-1].n,))
        return outcomes

    right = sending.Sender.send
    return replaced(sending.Sender, "send", send)


@planted("a repeat gets a receipt that is made anew", 3)
def receipt_made_anew():
    def again(database, row):
        kept = right(database, row)
        said = json.loads(kept.said.thing)
        said["at"] = "2030-01-01T00:00:00Z"
        signer = keys[said["recipient"]].envelope
        things = sign_group(
            Signed(row["verdict"]), [text.write(said)], said["recipient"], signer
        )
        return Verdict(kept.kind, things[0])

    keys = {party: keys_of(party) for party in ("north", "south", "east")}
    right = arrival.kept_answer
    return replaced(arrival, "kept_answer", again)


@planted("a node that was put back goes on signing", 40)
def checkpoint_rolled_back():
    return replaced(custody.Custody, "check_all", lambda self: None)


@planted("the last signed checkpoint is not kept", 3)
def checkpoint_not_kept():
    def checkpoint(self, accord):
        self._last.swap = lambda *given: None
        return right(self, accord)

    right = custody.Custody.checkpoint
    return replaced(custody.Custody, "checkpoint", checkpoint)


@planted("one originator's consent is taken for all", 60)
def one_consent_for_all():
    def lacking(self, others, consent, *, orcon):
        missing = right(self, others, consent, orcon=orcon)
        return () if len(missing) < len(others) else missing

    right = examine._Examination._without_leave
    return replaced(examine._Examination, "_without_leave", lacking)


@planted("the recipient decides for the instant of sending", 40)
def decided_at_the_wrong_instant():
    def wrong(self, party, one, now):
        return right(self, party, one, one.header.at)

    right = arrival.Arrival._decide
    return replaced(arrival.Arrival, "_decide", wrong)


@planted("the courier does not decide again", 3)
def not_decided_again():
    return replaced(dispatch.Dispatch, "_may", lambda self, row, now: True)


@planted("the courier looks at the clock alone, and not at what was done since", 3)
def acts_since_passed_over():
    def wrong(self, row, now):
        return now < row["good"] or right(self, row, now)

    right = dispatch.Dispatch._may
    return replaced(dispatch.Dispatch, "_may", wrong)


@planted("the recipient trusts the sender's decision", 3)
def sender_trusted():
    def wrong(self, party, one, now):
        right(self, party, one, now)
        one.denial = None

    right = arrival.Arrival._decide
    return replaced(arrival.Arrival, "_decide", wrong)


@planted("a repeat is known by its envelope alone, and not by its item", 60)
def known_by_digest_alone():
    return replaced(arrival.Arrival, "_came_before", lambda self, one: (None, None))


@planted("an item does not wait for the instruments before it", 40)
def items_before_instruments():
    return replaced(dispatch.Dispatch, "_behind", lambda self, row: False)


@planted("a decision looks at a world that has moved on", 3)
def stale_world():
    def now(self):
        return self._now or right(self)

    right = world.NodeWorld.now
    return replaced(world.NodeWorld, "now", now)


@planted("a group's proof is not looked at", 3)
def group_by_its_signature_alone():
    return replaced(group.Group, "check", lambda self, thing, index, proof: None)


@planted("an answer is taken without its signature", 3)
def answer_unsigned():
    def verify(self, grouped, kind):
        return (
            text.read(grouped.thing)["recipient"]
            if kind in said_kinds
            else right(self, grouped, kind)
        )

    said_kinds = (Signed.RECEIPT, Signed.REFUSAL)
    right = group.Groups.verify
    return replaced(group.Groups, "verify", verify)


@planted("an answer is taken for whatever was asked", 60)
def answer_to_another():
    return patch.multiple(dispatch, require_answers=lambda *given: None)


@planted("what was lost once is not tried again", 3)
def given_up_at_once():
    def failed(self, errand_id, code, next_):
        right(self, errand_id, code, next_ + 10**9)

    right = dispatch.Dispatch.failed
    return replaced(dispatch.Dispatch, "failed", failed)


@planted("after a crash nobody remembers that something may have gone out", 80)
def forgotten_that_it_went():
    def run(self, name, values=()):
        return 0 if name == "all_tried" else right(self, name, values)

    right = Database.run
    return replaced(Database, "run", run)


@planted("a full disk is acknowledged", 40)
def full_disk_acknowledged():
    def send(self, sendings):
        try:
            return right(self, sendings)
        except StorageFailed:
            return [sending.Sent(10**6, "sha256:" + "0" * 64, None) for _ in sendings]

    right = node.Node.send
    return replaced(node.Node, "send", send)


@planted("a clock that went back is believed", 40)
def clock_believed():
    return replaced(site.Site, "now", lambda self: site.Instant(self.clock()))


@planted("an arrival is entered in the register twice", 3)
def registered_twice():
    def enter(self, *given):
        right(self, *given)
        return right(self, *given)

    right = registry.Register.enter
    return replaced(registry.Register, "enter", enter)


@planted("a world that was undone goes on deciding", 60)
def undone_world_kept():
    return replaced(world.NodeWorld, "forget", lambda self: False)


@planted("what met a full disk half-way is kept half", 60)
def half_kept():
    def act(self, party, coming, now):
        try:
            right(self, party, coming, now)
        except StorageFailed:
            for one in coming:
                one.fault = one.fault or arrival.Fault.BAD_ENVELOPE

    right = arrival.Arrival._act
    return replaced(arrival.Arrival, "_act", act)
