"""One exchange, and the process ends at each of its writes in turn: nothing is lost or doubled."""

import pytest

from comity.exchange.sending import Sending, Sent
from comity.labels import Item, Label, Level
from exchange.nodes import Clock
from simulate import history
from simulate.disk import AFTER, BEFORE, CRASH, FULL, SIGNED, SYNC, UNSIGNED
from simulate.machine import Failed, Machine
from simulate.parties import BEGIN
from simulate.watch import Watch


def item():
    return Item(
        id="item-1",
        title="made up",
        originators=("north",),
        label=Label(
            level=Level("north", "LOW"), categories=("weather",), release_to=("south",)
        ),
        kind="document",
        purpose="watch",
        channel="wire",
    )


class Exchange:
    """Two machines, and an exchange that is taken up again wherever it broke."""

    def __init__(self):
        self.watch = Watch()
        self.clock = Clock(BEGIN)
        self.machines = {
            party: Machine(party, 1, self.clock, self.watch) for party in ("north", "south")
        }
        self.watch.machines = self.machines

    def call(self, party, what, work):
        machine = self.machines[party]
        done = machine.call(what, work)
        if machine.node is None:
            machine.start()
        return done

    def run(self):
        sending = Sending(item=item(), to="south", content=b"rain", under="north-south")
        while not self._sent():
            self.call("north", "send", lambda node: node.send([sending]))
        for _ in range(12):
            self.clock.now += 30
            errands = self.call("north", "due", lambda node: node.due())
            if not isinstance(errands, Failed):
                for errand in errands:
                    self._carry(errand)

    def _sent(self):
        return self.machines["north"].real.execute("SELECT 1 FROM outgoing").fetchone()

    def _carry(self, errand):
        answer = self.call("south", "answer", lambda node: node.answer("north", errand.raw))
        if not isinstance(answer, Failed):
            self.watch.answers(self.machines["south"], answer)
            done = self.call("north", "settle", lambda node: node.settle(errand.id, answer))
            if not isinstance(done, Failed):
                return
        later = self.clock.now + 1
        self.call("north", "failed", lambda node: node.failed(errand.id, "timeout", later))

    def problems(self):
        north, south = (self.machines[party].real for party in ("north", "south"))
        return [
            *self.watch.problems,
            *history.problems("north", north, "south", south),
            *history.problems("south", south, "north", north),
        ]


@pytest.mark.parametrize("kind", [CRASH, FULL, BEFORE, AFTER, SYNC, UNSIGNED, SIGNED])
@pytest.mark.parametrize("party", ["north", "south"])
def test_a_process_that_ends_at_any_write_loses_and_doubles_nothing(party, kind):
    for write in range(1, 200):
        exchange = Exchange()
        armed = exchange.machines[party].armed
        fired = []
        disarm = armed.disarm

        def keep_armed(disarm=disarm, armed=armed, fired=fired):
            if armed.fired is None:
                return None
            fired.append(armed.fired)
            return disarm()

        armed.disarm = keep_armed
        armed.arm(kind, write, kept=write % 2 == 0)
        exchange.run()
        assert (write, exchange.problems()) == (write, [])
        (row,) = exchange.machines["north"].real.execute("SELECT state FROM outgoing")
        assert (write, row["state"]) == (write, "receipted")
        if not fired:
            break
    assert write > 1, "the fault never fired"
    assert not fired, "the exchange has more writes than were tried"


def test_sending_again_after_a_crash_is_told_as_sent():
    exchange = Exchange()
    sending = Sending(item=item(), to="south", content=b"rain", under="north-south")
    (sent,) = exchange.call("north", "send", lambda node: node.send([sending]))
    assert isinstance(sent, Sent)
