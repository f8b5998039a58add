"""One simulated run: a network, a workload and faults, all drawn from one seed."""

import hashlib
import heapq
import random
from dataclasses import dataclass, field

from simulate import attacks, disk, history, work
from simulate.machine import Failed, Machine
from simulate.parties import BEGIN, PARTIES
from simulate.watch import Watch

DROP = "a consignment is lost"
LOSE = "an answer is lost"
DOUBLE = "a consignment arrives twice"
REORDER = "a consignment is overtaken"
DELAY = "a consignment is slow"
CUT = "a way is cut in one direction"
STOP = "a machine stands still"
FORWARD = "a clock jumps ahead"
BACK = "a clock jumps back"
BACKUP = "an old backup is put back"

NETWORK_FAULTS = (DROP, LOSE, DOUBLE, REORDER, DELAY, CUT, STOP, FORWARD, BACK, BACKUP)

TIMEOUT = 30
SPAN = 2 * 86_400
SETTLE = 3 * 86_400
"""Virtual seconds after the last fault within which everything has to come to rest."""


@dataclass(frozen=True)
class Plan:
    """How much of what happens in a run. A seed draws its own; a test may set it."""

    chance: dict = field(default_factory=dict)
    sends: int = 14
    acts: int = 7
    attacks: int = 6
    bent: bool = False
    officers: int = 0

    @classmethod
    def of(cls, rng):
        """Draw a plan: in each run some faults are common and others do not happen."""
        chance = {
            kind: rng.choice((0, 0.05, 0.2))
            for kind in (DROP, LOSE, DOUBLE, REORDER, DELAY)
        }
        chance |= {kind: rng.choice((0, 0.02, 0.06)) for kind in disk.DISK_FAULTS}
        chance |= {kind: rng.choice((0, 1, 3)) for kind in (CUT, STOP, FORWARD, BACK)}
        chance[BACKUP] = rng.choice((0, 1, 2, 3))
        return cls(
            chance=chance,
            bent=rng.random() < 0.25,
            officers=int(rng.random() < 0.15),
        )


CALM = Plan()


class Simulation:
    """The machines, what is under way between them, and what will happen when."""

    def __init__(self, seed, plan=None):
        self.rng = rng = random.Random(seed)
        self.plan = Plan.of(rng) if plan is None else plan
        self.time = BEGIN
        self.watch = Watch()
        self.events = []
        self.order = 0
        self.cut = {}
        self.log = []  # consignments that crossed: (sender, recipient, raw)
        self.answered = []  # answers that crossed
        self.faulty = True
        bent = rng.choice(PARTIES) if self.plan.bent else None
        self.machines = {}
        for party in PARTIES:
            self.machines[party] = Machine(
                party,
                seed,
                lambda: self.time,
                self.watch,
                officers=self.plan.officers,
                base=attacks.bent_world() if party == bent else None,
            )
            if party == bent:
                self.machines[party].bend()
        self.watch.machines = self.machines
        self.hot = [rng.randrange(SPAN // 2) for _ in range(3)]
        self.work = work.Work(self)
        self.attacks = attacks.Attacks(self)
        self.bent = None if bent is None else self.machines[bent]
        self._schedule()

    # -- what happens when ------------------------------------------------------------

    def _schedule(self):
        plan = self.plan
        for count, what in (
            (plan.sends, self.work.send),
            (plan.acts, self.work.act),
            (plan.attacks, self.attacks.one),
            (2, self.work.open),
            (2, self.work.keys),
            (plan.chance.get(CUT, 0), self._cut),
            (plan.chance.get(STOP, 0), self._stop),
            (plan.chance.get(FORWARD, 0), self._forward),
            (plan.chance.get(BACK, 0), self._back),
            (plan.chance.get(BACKUP, 0), self._backup),
        ):
            for _ in range(count):
                self.at(self._moment(), what)

    def _moment(self):
        """Draw a moment; most lie close together, so that what happens falls in between."""
        if self.rng.random() < 0.3:
            return self.rng.randrange(SPAN)
        return self.rng.choice(self.hot) + self.rng.randrange(300)

    def at(self, after, what, *given):
        """Let something happen after so many seconds."""
        self.order += 1
        heapq.heappush(self.events, (self.time + after, self.order, what, given))

    def happens(self, kind):
        """Draw whether a fault happens, and count it."""
        if not self.faulty or self.rng.random() >= self.plan.chance.get(kind, 0):
            return False
        self.watch.fault(kind)
        return True

    def run(self):
        """Run to the end: faults, then calm, then what has to hold in the end."""
        self._until(BEGIN + SPAN)
        self._calm()
        self._until(self.time + SETTLE)
        self._finish()
        return self.watch

    def _until(self, end):
        while self.events and self.events[0][0] <= end:
            self.time, _, what, given = heapq.heappop(self.events)
            what(*given)
        self.time = end

    def _calm(self):
        """End every fault; what ought to run runs, and every clock is right."""
        self.faulty = False
        self.cut = {}
        for machine in self.machines.values():
            machine.armed.disarm()
            machine.fill(full=False)
            machine.skew = 0
        for hour in range(0, SETTLE // 3_600, 4):
            self.at(hour * 3_600, self._wake)

    def _wake(self):
        for machine in self.machines.values():
            if machine.node is None:
                self._start(machine)
            self.kick(machine)

    def _finish(self):
        for machine in self.machines.values():
            if machine.bent:
                continue
            if machine.node is None:
                self.watch.wrong("does not start", machine.party, "")
                continue
            self.watch.check_told(machine)
            self.watch.check_notes(machine)
            self.watch.check_gone(machine)
            for row in machine.real.execute("SELECT * FROM outgoing ORDER BY n"):
                if row["state"] in ("queued", "tried") and not self._held(machine, row):
                    words = f"{row['n']} to {row['partner']}: {row['trouble']}"
                    self.watch.wrong("does not settle", machine.party, words)

        honest = [one for one in self.machines.values() if not one.bent]
        for one in honest:
            for other in honest:
                if one is not other:
                    names = (one.party, one.real, other.party, other.real)
                    self.watch.problems += history.problems(*names)

    def _held(self, machine, row):
        """Say whether a message visibly waits for a person: exchange with a side is held."""
        pairs = ((machine, row["partner"]), (self.machines[row["partner"]], machine.party))
        return any(
            one.real.execute(
                "SELECT held FROM partner WHERE party = ?", (other,)
            ).fetchone()[0]
            for one, other in pairs
        )

    # -- the machines -----------------------------------------------------------------

    def call(self, machine, what, work_):
        """Call a node, with a fault of its disk armed now and then."""
        if self.faulty and not machine.bent:
            for kind in disk.DISK_FAULTS:
                if self.rng.random() < self.plan.chance.get(kind, 0):
                    left = (
                        self.rng.randrange(1, 26) if kind in (disk.CRASH, disk.FULL) else 1
                    )
                    machine.armed.arm(kind, left, kept=self.rng.random() < 0.5)
                    break
        done = machine.call(what, work_)
        failed = done.code if isinstance(done, Failed) else "done"
        self.trace(machine.party, what, failed)
        if machine.node is None:
            self.at(self.rng.choice((1, 20, 600)), self._start, machine)
        return done

    def _start(self, machine):
        if machine.node is not None:
            return
        if not machine.start():
            self.at(60, self._start, machine)
            return
        self.trace(machine.party, "starts")
        self.watch.check_told(machine)
        self.watch.look(machine)
        self.kick(machine)

    def trace(self, *words):
        self.watch.trace.append(" ".join(map(str, (self.time - BEGIN, *words))))

    # -- the network ------------------------------------------------------------------

    def kick(self, machine, after=1):
        """Let a machine look for what is due."""
        self.at(after, self._dispatch, machine, machine.incarnation)

    def _dispatch(self, machine, incarnation):
        if machine.node is None or machine.incarnation != incarnation:
            return
        busy = frozenset(machine.busy.values())
        errands = self.call(machine, "due", lambda node: node.due(busy))
        if isinstance(errands, Failed):
            if machine.node is not None:
                self.kick(machine, 60)
            return
        for errand in errands:
            machine.busy[errand.id] = (errand.partner, errand.flash)
            self.watch.sends(machine, errand)
            self._send(machine, errand)
        if not errands:
            later = machine.node.next_due()
            if later is not None:
                self.kick(machine, max(1, later - machine.clock()))

    def _send(self, machine, errand):
        to, rng = self.machines[errand.partner], self.rng
        self.log.append((machine.party, to.party, errand.raw))
        way = (machine, errand.id, machine.incarnation)
        self.at(TIMEOUT, self._timeout, *way)
        if self.time < self.cut.get((machine.party, to.party), 0):
            return
        if self.happens(DROP):
            return
        raw = self.attacks.on_the_way_to(errand.raw)
        delay = rng.choice((0, 0, 1))
        if self.happens(DELAY):
            delay = rng.randrange(5, 2 * TIMEOUT)
        if self.happens(REORDER):
            delay += rng.randrange(60, 7_200)
        self.at(delay, self._arrive, to, machine.party, raw, way)
        if self.happens(DOUBLE):
            later = rng.choice((2, 100, 20_000, 100_000))
            self.at(later, self._arrive, to, machine.party, errand.raw, None)

    def _arrive(self, to, sender, raw, way):
        answer = self.call(to, "answer", lambda node: node.answer(sender, raw))
        if isinstance(answer, Failed):
            if way is not None:
                self.at(0, self._failed, *way, answer.code)
            return
        self.watch.answers(to, answer)
        self.kick(to)
        if way is None or self.happens(LOSE):
            return
        if self.time < self.cut.get((to.party, sender), 0):
            return
        answer = self.attacks.on_the_way(to, answer)
        self.answered.append((to.party, sender, answer))
        self.at(self.rng.choice((0, 0, 1)), self._settle, *way, answer)

    def _settle(self, machine, errand, incarnation, raw):
        if not self._out(machine, errand, incarnation):
            return
        done = self.call(machine, "settle", lambda node: node.settle(errand, raw))
        if isinstance(done, Failed):
            self._failed(machine, errand, incarnation, done.code)
            return
        machine.busy.pop(errand, None)
        self.kick(machine)

    def _timeout(self, machine, errand, incarnation):
        if self._out(machine, errand, incarnation):
            self._failed(machine, errand, incarnation, "timeout")

    def _failed(self, machine, errand, incarnation, code):
        if not self._out(machine, errand, incarnation):
            return
        wait = min(300, 2 << min(machine.node.attempts(errand), 8))
        later = machine.clock() + wait
        done = self.call(machine, "failed", lambda node: node.failed(errand, code, later))
        machine.busy.pop(errand, None)
        self.kick(machine, wait if not isinstance(done, Failed) else 10)

    def _out(self, machine, errand, incarnation):
        return (
            machine.node is not None
            and machine.incarnation == incarnation
            and errand in machine.busy
        )

    # -- faults of their own ----------------------------------------------------------

    def _cut(self):
        one, other = self.rng.sample(PARTIES, 2)
        self.watch.fault(CUT)
        self.cut[one, other] = self.time + self.rng.choice((60, 3_600, 40_000))

    def _stop(self):
        machine = self.machines[self.rng.choice(PARTIES)]
        self.watch.fault(STOP)
        machine.power_off()
        self.at(self.rng.choice((5, 900, 30_000)), self._start, machine)

    def _forward(self):
        machine = self.machines[self.rng.choice(PARTIES)]
        self.watch.fault(FORWARD)
        machine.skew = self.rng.choice((30, 500, 5_000))
        self.at(self.rng.choice((60, 4_000)), self._right, machine)

    def _back(self):
        machine = self.machines[self.rng.choice(PARTIES)]
        self.watch.fault(BACK)
        machine.skew = -self.rng.choice((30, 300, 90_000))
        self.at(self.rng.choice((60, 4_000)), self._right, machine)

    def _right(self, machine):
        machine.skew = 0
        self.kick(machine)

    def _backup(self):
        """Put an old database back, and the right one again once the node has noticed."""
        machine = self.machines[self.rng.choice(PARTIES)]
        if machine.node is None or machine.bent:
            return
        sizes = dict(machine.real.execute("SELECT origin, size FROM log").fetchall())
        later = self.rng.choice((600, 20_000))
        self.at(later, self._put_back, machine, machine.image(), sizes)

    def _put_back(self, machine, old, sizes):
        signed = machine.last.kept.items()
        if machine.node is None or all(
            sizes.get(name, 0) >= size for name, (size, _) in signed
        ):
            return  # nothing that it had not then was signed since: no checkpoint can tell
        self.watch.fault(BACKUP)
        right = machine.image()
        machine.put_back(old)
        self.watch.restored.add(machine.party)
        before = self.watch.done["rolled back, and noticed"]
        if machine.start():
            self.watch.wrong("a backup was not noticed", machine.party, "")
        elif self.watch.done["rolled back, and noticed"] == before:
            self.watch.wrong("a backup was not noticed", machine.party, "it does not start")
        machine.put_back(right)
        self.watch.restored.discard(machine.party)
        self._start(machine)


def simulate(seed, plan=None):
    """Run a seed; return what the watch saw."""
    return Simulation(seed, plan).run()


def trace_hash(watch):
    """Return a digest of everything that happened, for two runs to be compared."""
    return hashlib.sha256("\n".join(watch.trace).encode()).hexdigest()
