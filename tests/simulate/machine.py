"""One simulated machine: a node, what is on its disk, its clock, and a process that may end."""

from dataclasses import dataclass

from comity.errors import ComityError
from comity.exchange.custody import LogRolledBack
from comity.exchange.node import Node
from comity.store import Database, StorageFailed
from exchange.nodes import random_of
from simulate.disk import Armed, Crashed, Disk, Last, memory
from simulate.parties import SimulatedKeys, begun, seal, world


@dataclass(frozen=True)
class Failed:
    """A call that brought nothing: its code, or that the process ended."""

    code: str


class Machine:
    """Where one party's node runs."""

    def __init__(self, party, seed, now, watch, *, officers=0, base=None):
        image, openers = begun()[party]
        self.party = party
        self.now = now
        self.watch = watch
        self.base = world() if base is None else base
        self.officers = officers
        self.real = memory(image)
        self.armed = Armed()
        self.last = Last(self.armed)
        self.random = random_of(f"{seed} {party}")
        self.keys = SimulatedKeys(party, random_of(f"{seed} keys of {party}"))
        self.keys.openers = dict(openers)
        self.skew = 0
        self.full = False
        self.bent = False
        self.incarnation = 0
        self.busy = {}
        self.node = None
        self.start()

    def clock(self):
        return self.now() + self.skew

    def start(self):
        """Start the node on what is on its disk; say whether it runs."""
        self.incarnation += 1
        self.busy = {}
        self.disk = Disk(self.real, self.armed)
        self.disk.full = self.full
        try:
            self.node = Node(
                self.party,
                self.base,
                Database(self.disk, self.party),
                self.keys,
                self.last,
                clock=self.clock,
                random=self.random,
                encrypt=seal,
                officers=self.officers,
                simulated=True,
            )
        except (Crashed, StorageFailed):
            self.power_off()
        except LogRolledBack:
            self.power_off()
            self.watch.rolled_back(self)
        if self.node is not None and self.bent:
            self.bend()
        return self.node is not None

    def bend(self):
        """Let the node pass over every instrument that partners send it."""
        self.bent = True
        self.node.acts._record = lambda *given, **more: None

    def power_off(self):
        self.disk.power_off()
        self.node = None
        self.busy = {}

    def fill(self, *, full):
        """Fill the disk, or free it."""
        self.full = self.disk.full = full

    def call(self, what, work):
        """Run a call of the node; what it may fail with is an answer too.

        Whatever is no error of ours is a defect, which the watch records.
        """
        if self.node is None:
            return Failed("down")
        try:
            done = work(self.node)
        except Crashed:
            self.power_off()
            done = Failed("crashed")
        except StorageFailed as error:
            if self.node.database.broken:
                self.power_off()
            done = Failed(error.code)
        except ComityError as error:
            done = Failed(error.code)
            if error.code == "log-rolled-back":
                self.power_off()
                self.watch.rolled_back(self)
        except Exception as error:  # noqa: BLE001 - a defect is what we are looking for
            done = Failed(type(error).__name__)
            self.watch.wrong("defect", self.party, f"{what}: {error!r}")
            self.power_off()
        fired = self.armed.disarm()
        if fired is not None:
            self.watch.fault(fired)
        self.watch.look(self)
        return done

    def image(self):
        """Return what a backup of now holds."""
        return self.real.serialize()

    def put_back(self, image):
        """Put an earlier database in place of this one; the node has to be started."""
        self.power_off()
        self.real = memory(image)
