"""What the parties do: items of their own and of others, instruments, holds, approvals."""

from datetime import UTC, datetime

from comity.exchange.sending import Awaiting, Sending, Sent
from comity.labels import Item, Label, Level
from comity.release import Denial
from comity.wire.header import Precedence
from exchange.nodes import approval
from simulate.machine import Failed
from simulate.parties import PARTIES

ACCORDS = {
    frozenset({"north", "south"}): "north-south",
    frozenset({"north", "east"}): "north-east",
    frozenset({"south", "east"}): "south-east",
}


def when(at):
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Work:
    """Draws what the parties do next."""

    def __init__(self, run):
        self.run = run
        self.rng = run.rng
        self.count = 0
        self.notices = {}
        self.paused = set()
        self.consents = []
        self.holds = []
        self.sent = []

    def name(self, what):
        self.count += 1
        return f"{what}-{self.count}"

    # -- items ------------------------------------------------------------------------

    def item(self, sender, *, originators=None, categories=None):
        """Return an item as a party may have one; some may not go anywhere."""
        rng = self.rng
        if originators is None:
            others = [one for one in (*PARTIES, "west") if one != sender]
            more = rng.choice((0, 0, 0, 0, 1, 2))
            originators = (sender, *rng.sample(others, more))
        return Item(
            id=self.name("item"),
            title="made up",
            originators=tuple(sorted(originators)),
            label=Label(
                level=Level(sender, rng.choice(("LOW", "HIGH"))),
                categories=categories
                or (rng.choice((*["patrols", "weather"] * 5, "cables")),),
                release_to=rng.choice((*[tuple(PARTIES)] * 8, ("south",), None)),
            ),
            kind="document",
            purpose="watch",
            channel="wire",
        )

    def send(self):
        """Send items of one's own, or one that came, or one that was sent before."""
        rng = self.rng
        machine = self.run.machines[rng.choice(PARTIES)]
        what = rng.random()
        if what < 0.25:
            self.onward(machine)
        elif what < 0.35 and self.sent:
            party, sending = rng.choice(self.sent)
            self._send(self.run.machines[party], [sending])
        else:
            to = rng.choice([one for one in PARTIES if one != machine.party])
            count = rng.choice((1, 1, 2, 4))
            self._send(machine, [self._own(machine.party, to) for _ in range(count)])

    def _own(self, sender, to):
        rng = self.rng
        return Sending(
            item=self.item(sender),
            to=to,
            content=f"content {self.count}".encode() * rng.choice((1, 9)),
            under=rng.choice((None, ACCORDS[frozenset({sender, to})])),
            precedence=rng.choice(
                (
                    Precedence.ROUTINE,
                    Precedence.ROUTINE,
                    Precedence.PRIORITY,
                    Precedence.FLASH,
                )
            ),
        )

    def onward(self, machine):
        """Hand on an item that came, as it is held here."""
        rows = machine.real.execute(
            "SELECT n, partner FROM incoming WHERE kind = 'item' AND verdict = 'receipt'"
        ).fetchall()
        if not rows:
            return
        row = self.rng.choice(rows)
        to = next(one for one in PARTIES if one not in (machine.party, row["partner"]))

        def work(node):
            with node.database.transaction():
                return node.opening.onward(row["n"], to, "an officer")

        sending = self.run.call(machine, "onward", work)
        if isinstance(sending, Failed):
            return
        self.run.watch.done["items handed on"] += 1
        self._consents_for(sending, machine.party, to)
        self._send(machine, [sending])

    def _send(self, machine, sendings):
        outcomes = self.run.call(machine, "send", lambda node: node.send(sendings))
        if isinstance(outcomes, Failed):
            return
        watch = self.run.watch
        for sending, outcome in zip(sendings, outcomes, strict=True):
            match outcome:
                case Sent():
                    watch.was_told(machine, outcome.n, outcome.envelope)
                    self.sent.append((machine.party, sending))
                case Denial():
                    watch.done["denied before sending"] += 1
                    self._consents_for(sending, machine.party, sending.to)
                    self.run.at(
                        self.rng.choice((450, 4_000)), self._again, machine, sending
                    )
                case Awaiting():
                    watch.done["awaiting approval"] += 1
                    self.run.at(100, self._approve, machine, sending, outcome.matter)
            self.run.trace(machine.party, sending.item.id, type(outcome).__name__)
        if machine.node is not None:
            self.run.kick(machine)

    def _again(self, machine, sending):
        """Ask once more for what was denied: a consent may have come."""
        if self.run.faulty and self.rng.random() < 0.4:
            self._send(machine, [sending])

    def _approve(self, machine, sending, matter):
        def work(node):
            node.approve(approval(machine.party, "anna", matter, node.now()))

        if not isinstance(self.run.call(machine, "approve", work), Failed):
            self._send(machine, [sending])

    def open(self):
        """Open an item that came."""
        machine = self.run.machines[self.rng.choice(PARTIES)]
        rows = machine.real.execute(
            "SELECT n FROM incoming WHERE kind = 'item' AND verdict = 'receipt'"
        ).fetchall()
        if rows:
            n = self.rng.choice(rows)["n"]
            self.run.call(
                machine, "open", lambda node: b"".join(node.open(n, "an officer").content)
            )

    def keys(self):
        """Let a node publish the keys of its terms, and a partner fetch them."""
        machine = self.run.machines[self.rng.choice(PARTIES)]
        self.run.call(machine, "tick", lambda node: node.tick())
        for other in self.run.machines.values():
            if other is machine:
                continue
            raw = self.run.call(
                machine, "keys", lambda node, to=other: node.party_file(to.party)
            )
            if not isinstance(raw, Failed):
                self.run.call(
                    other,
                    "take keys",
                    lambda node, raw=raw: node.take_party_file(machine.party, raw),
                )

    # -- instruments and holds --------------------------------------------------------

    def act(self):
        """Do something that changes what may go."""
        self.rng.choice(
            (self.notice, self.pause, self.consent, self.consent, self.take_back, self.hold)
        )()

    def _pair(self):
        one, other = self.rng.sample(PARTIES, 2)
        return self.run.machines[one], ACCORDS[frozenset({one, other})]

    def notice(self):
        machine, accord = self._pair()
        if accord in self.notices and self.rng.random() < 0.6:
            by, notice = self.notices.pop(accord)
            self._perform(
                self.run.machines[by], accord, {"do": "revoke_notice", "notice": notice}
            )
            return
        notice = self.name("n")
        if self._perform(machine, accord, {"do": "give_notice", "notice": notice}):
            self.notices[accord] = (machine.party, notice)

    def pause(self):
        machine, accord = self._pair()
        if self.paused and self.rng.random() < 0.6:
            party, accord = self.rng.choice(sorted(self.paused))
            machine = self.run.machines[party]
        key = (machine.party, accord)
        does = "resume" if key in self.paused else "suspend"
        if self._perform(machine, accord, {"do": does}):
            self.paused ^= {key}

    def _consents_for(self, sending, holder, to):
        """Let some of those agree whose consent an onward release needs."""
        for who in sending.item.originators:
            if who not in (holder, to) and self.rng.random() < 0.7:
                later = self.rng.choice((1, 400))
                self.run.at(later, self._consent, who, holder, to, sending.item.id)

    def consent(self):
        rng = self.rng
        holder, to = rng.sample(PARTIES, 2)
        third = [one for one in (*PARTIES, "west") if one not in (holder, to)]
        item = f"item-{rng.randrange(1, self.count + 2)}"
        self._consent(rng.choice(third), holder, to, item)

    def _consent(self, who, holder, to, item):
        operation = {
            "do": "consent", "holder": holder, "to": to, "item": item,
            "purposes": ["watch"],
        }  # fmt: skip
        accord = ACCORDS[frozenset({holder, to})]
        if who != "west":
            done = self._perform(self.run.machines[who], accord, operation)
            if done:
                self.consents.append((who, accord, done))
            return
        table, _ = self._table("west", operation)
        for party in (holder, to):
            self.run.at(self.rng.choice((1, 3_000)), self._paper, party, accord, table)

    def _paper(self, party, accord, table):
        self.run.call(
            self.run.machines[party],
            "record",
            lambda node: node.record(accord, table, "on paper"),
        )

    def take_back(self):
        if self.consents:
            who, accord, name = self.rng.choice(self.consents)
            self._perform(
                self.run.machines[who], accord, {"do": "revoke_consent", "consent": name}
            )

    def _perform(self, machine, accord, operation):
        table, name = self._table(machine.party, operation, machine.clock())
        done = self.run.call(machine, "perform", lambda node: node.perform(accord, table))
        if isinstance(done, Failed):
            return None
        self.run.watch.done["instruments performed"] += 1
        to = next((one for one in accord.split("-") if one != machine.party), None)
        if machine.party in accord.split("-") and self.rng.random() < 0.3:
            self._send(machine, [self._own(machine.party, to)])
        if machine.node is not None:
            self.run.kick(machine)
        return name

    def _table(self, by, operation, at=None):
        name = self.name(f"act-{operation['do']}")
        stage = "dated" if "consent" in operation["do"] else "sent"
        said = ", ".join(f"{key} = {_toml(value)}" for key, value in operation.items())
        table = f"""[[instrument]]
id = "{name}"
by = ["{by}"]
form = "written"
{stage} = "{when(self.run.time if at is None else at)}"
operations = [{{ {said} }}]
source = "the simulator"
"""
        return table, name

    def hold(self):
        """Set a hold of a party's own, or end one."""
        if self.holds and self.rng.random() < 0.5:
            party, name = self.holds.pop()
            self._hold(
                party, lambda node: node.database.run("end_hold", (node.now(), name))
            )
            return
        one, other = self.rng.sample(PARTIES, 2)
        name = self.name("hold")

        def work(node):
            text = f"""[[hold]]
id = "{name}"
by = "{one}"
towards = ["{other}"]
accords = ["any"]
categories = ["any"]
ground = "a decision"
since = "{when(node.now())}"
stops_accepting = true
source = "the simulator"
"""
            node.database.run("insert_hold", (name, text, node.now()))

        if self._hold(one, work):
            self.holds.append((one, name))

    def _hold(self, party, work):
        def whole(node):
            with node.database.transaction():
                work(node)
                node.site.world.bump()

        return not isinstance(
            self.run.call(self.run.machines[party], "hold", whole), Failed
        )


def _toml(value):
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"'
