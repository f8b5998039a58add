"""What has to hold after every step, looked at from outside the nodes.

What may be asked only of databases is in `simulate.history`; here is what needs to know who
was told what, and when.
"""

import json
from collections import Counter

from comity.exchange.rows import reader
from comity.log.checkpoint import read_checkpoint
from comity.log.merkle import frontier
from comity.log.note import read_note
from comity.signed import text
from comity.wire.consignment import Verdict, read, read_answer
from comity.wire.contact import read_contact
from comity.wire.conversation import RECIPIENT, SENDER, Ours
from comity.wire.group import Signed
from comity.wire.header import read_header
from comity.wire.statement import read_statement
from simulate import lawful

WAITING = ("queued", "tried")


def _closure(table):
    reached = {state: {state} for state in table}
    for _ in table:
        for state in table:
            for known in list(reached[state]):
                reached[state] |= set(table[known].values())
    return {str(a): {str(b) for b in after} for a, after in reached.items()}


SENDER_MAY = _closure(SENDER)
RECIPIENT_MAY = _closure(RECIPIENT)


class Watch:
    """Looks at each machine after each step, and records what is wrong."""

    def __init__(self):
        self.problems = []
        self.faults = Counter()
        self.done = Counter()
        self.trace = []
        self.machines = {}
        self.told = {}  # (party, n) -> digest, of what its user was told is sent
        self.transmitted = set()  # digests of envelopes that were handed to the network
        self.said = {}  # (recipient, envelope) -> the bytes of the receipt or refusal
        self.notes = {}  # (party, origin, size) -> root
        self.states = {}
        self.gone = {}  # digests of envelopes that are said never to have left, and whose
        self.seen = {}
        self.restored = set()
        self.forged = False

    def wrong(self, what, party, words):
        """Record that something does not hold."""
        self.problems.append((what, party, words))

    def fault(self, kind):
        self.faults[kind] += 1

    def rolled_back(self, machine):
        """Hear that a node will not sign, as its database is older than what it signed."""
        self.done["rolled back, and noticed"] += 1
        if machine.party not in self.restored:
            self.wrong("false alarm", machine.party, "no backup was put back")

    # -- after each step --------------------------------------------------------------

    def look(self, machine):
        """Look at what a machine has on its disk."""
        if machine.bent or machine.real.in_transaction:
            if machine.real.in_transaction:
                self.wrong("left open", machine.party, "a transaction outlives its call")
            return
        real, us = machine.real, machine.party
        at = self.seen.setdefault(us, {"out": 0, "in": 0, "high": 0})
        fresh = real.execute("SELECT * FROM outgoing WHERE n > ? ORDER BY n", (at["out"],))
        for row in fresh.fetchall():
            at["out"] = row["n"]
            self._submitted(machine, row)
        for row in real.execute("SELECT n, digest, state FROM outgoing").fetchall():
            self._moved(us, "out", row, SENDER_MAY, "queued")
        came = real.execute("SELECT * FROM incoming WHERE n > ? ORDER BY n", (at["in"],))
        for row in came.fetchall():
            at["in"] = row["n"]
            self._arrived(machine, row, at)
        for row in real.execute("SELECT n, digest, state FROM incoming").fetchall():
            self._moved(us, "in", row, RECIPIENT_MAY, None)

    def _moved(self, us, way, row, may, first):
        key, state = (us, way, row["n"]), row["state"]
        before = self.states.get(key, first)
        if before == state:
            self.states[key] = state
            return
        self.states[key] = state
        self.trace.append(f"{us} {way} {row['n']} {state}")
        if before is not None and state not in may[before]:
            self.wrong("not in the table", us, f"{way} {row['n']}: {before} to {state}")
        if state == Ours.NEVER_LEFT and way == "out":
            self._never_left(us, row, before)

    def _never_left(self, us, row, before):
        """See that what is said never to have left did not, or that its recipient said so."""
        if bytes(row["digest"]) in self.transmitted and before == Ours.QUEUED:
            self.wrong("never left, but it did", us, f"out {row['n']}")
        self.gone[bytes(row["digest"])] = us

    def _submitted(self, machine, row):
        if row["kind"] != "item":
            return
        verdict = self._ask(machine, row, row["submitted"])
        self.done["items sent"] += 1
        if verdict != "permit":
            self.wrong("sent without a permit", machine.party, f"{row['item']}: {verdict}")

    def _ask(self, machine, row, at):
        (raw,) = machine.real.execute(
            "SELECT raw FROM statement WHERE n = ?", (row["statement"],)
        ).fetchone()
        asked = json.loads(row["request"])
        return lawful.may(
            lawful.known(machine.real, machine.party),
            read_statement(bytes(raw)).item,
            machine.party,
            asked["recipient"],
            at,
            row["accord"],
            held_as=asked["held_as"],
            received=asked["received"],
            purpose=asked["purpose"],
        )

    def _arrived(self, machine, row, at):
        us = machine.party
        if row["arrived"] < at["high"]:
            self.wrong("time went back", us, f"{row['n']} after {at['high']}")
        at["high"] = max(at["high"], row["arrived"])
        header = read_header(bytes(row["header"])).header
        if row["verdict"] == "refusal":
            self.done["refused by the recipient"] += 1
            return
        sender = self.machines[row["partner"]]
        if row["kind"] != "item":
            self.done["instruments arrived"] += 1
            return
        self.done["items arrived"] += 1
        if bytes(row["digest"]) in self.gone:
            self.wrong("never left, but it arrived", us, row["item"])
        if (
            not sender.bent
            and not sender.real.execute(
                "SELECT 1 FROM outgoing WHERE digest = ?", (row["digest"],)
            ).fetchone()
        ):
            self.wrong("nobody sent it", us, f"{row['item']} from {row['partner']}")
        (raw,) = machine.real.execute(
            "SELECT raw FROM statement WHERE n = ?", (row["statement"],)
        ).fetchone()
        stated = read_statement(bytes(raw))
        held = (
            header.releasing.held_as
            if row["partner"] not in stated.item.originators
            else None
        )
        verdict = lawful.may(
            lawful.known(machine.real, us), stated.item, row["partner"], us, row["arrived"],
            row["accord"], held_as=held, purpose=header.releasing.purpose,
        )  # fmt: skip
        if verdict != "permit":
            self.wrong("accepted without a permit", us, f"{row['item']}: {verdict}")
        copies = machine.real.execute(
            "SELECT count(*) FROM register WHERE incoming_n = ? AND copy = 1", (row["n"],)
        ).fetchone()[0]
        if copies != 1:
            self.wrong("not once in the register", us, f"{row['item']}: {copies} entries")

    # -- what leaves a machine --------------------------------------------------------

    def sends(self, machine, errand):
        """Look at a consignment that a node hands to the network."""
        consignment = read(reader(errand.raw))
        self._contact(machine, consignment.contact.thing)
        if machine.bent:
            return
        for n in errand.rows:
            row = machine.real.execute(
                "SELECT * FROM outgoing WHERE n = ?", (n,)
            ).fetchone()
            self.transmitted.add(bytes(row["digest"]))
            if row["kind"] != "item":
                continue
            verdict = self._ask(machine, row, machine.node.now())
            if verdict != "permit":
                self.wrong(
                    "tried without a permit", machine.party, f"{row['item']}: {verdict}"
                )
            if row["state"] not in WAITING:
                self.wrong(
                    "sent though settled", machine.party, f"{row['item']}: {row['state']}"
                )
            before = machine.real.execute(
                "SELECT count(*) FROM outgoing WHERE kind = 'instrument' AND partner = ?"
                " AND accord = ? AND state IN ('queued', 'tried')",
                (row["partner"], row["accord"]),
            ).fetchone()[0]
            if before:
                self.wrong("an item before an instrument", machine.party, row["item"])

    def answers(self, machine, raw):
        """Look at an answer that a node hands to the network."""
        answer = read_answer(reader(raw))
        self._contact(machine, answer.contact.thing)
        if machine.bent:
            return
        for verdict in answer.verdicts:
            if isinstance(verdict, Verdict):
                self._said(machine, verdict)

    def _said(self, machine, verdict):
        body = text.read(verdict.said.thing)
        envelope = body["envelope"]
        row = machine.real.execute(
            "SELECT * FROM incoming WHERE digest = ?", (text.read_digest(envelope),)
        ).fetchone()
        if verdict.kind is Signed.RECEIPT:
            if row is None or bytes(row["answer"]) != verdict.said.thing:
                self.wrong("receipted and not kept", machine.party, envelope)
        elif body["retry"] == "never" and row is None:
            return  # what could not be read has no envelope to keep
        if body.get("retry", "never") != "never":
            return
        known = self.said.setdefault((machine.party, envelope), verdict.said.thing)
        if known != verdict.said.thing:
            self.wrong("another answer to a repeat", machine.party, envelope)

    def _contact(self, machine, thing):
        for note in read_contact(thing).checkpoints.values():
            found = read_checkpoint(read_note(note.encode()).text)
            key = (machine.party, found.origin, found.size)
            root = self.notes.setdefault(key, found.root)
            if machine.bent:
                continue
            if root != found.root:
                self.wrong("two roots of one size", machine.party, f"{found.size}")
            signed = machine.last.get(found.origin)
            if signed is None or signed[0] < found.size:
                self.wrong("signed and not kept", machine.party, f"{found.size}")

    def check_gone(self, machine):
        """See that nothing that is said never to have left has arrived before."""
        for row in machine.real.execute(
            "SELECT digest, item FROM incoming WHERE verdict = 'receipt'"
        ):
            if bytes(row["digest"]) in self.gone:
                self.wrong("never left, but it arrived", machine.party, row["item"])

    # -- what users were told ---------------------------------------------------------

    def was_told(self, machine, n, digest):
        self.told[machine.party, n] = digest

    def check_told(self, machine):
        """See that all that users were told is still there."""
        for (party, n), digest in self.told.items():
            if party != machine.party:
                continue
            row = machine.real.execute(
                "SELECT digest FROM outgoing WHERE n = ?", (n,)
            ).fetchone()
            if row is None or text.digest_text(bytes(row["digest"])) != digest:
                self.wrong("told and lost", party, f"{n}")
        for (party, envelope), thing in self.said.items():
            if party == machine.party and json.loads(thing)["event"] == "RelayAcceptance":
                row = machine.real.execute(
                    "SELECT answer FROM incoming WHERE digest = ?",
                    (text.read_digest(envelope),),
                ).fetchone()
                if row is None or bytes(row["answer"]) != thing:
                    self.wrong("receipted and lost", party, envelope)

    def check_notes(self, machine):
        """See that every checkpoint that a node showed is one of its log as it is now."""
        custody = machine.node.custody
        for (party, origin, size), root in self.notes.items():
            if party != machine.party:
                continue
            row = machine.real.execute(
                "SELECT * FROM log WHERE origin = ?", (origin,)
            ).fetchone()
            if row is None or row["size"] < size:
                self.wrong("a checkpoint ahead of the log", party, f"{size}")
            elif frontier(size, custody.reader(row["n"])).root != root:
                self.wrong("a checkpoint of another log", party, f"{size}")
