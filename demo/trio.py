"""Three nodes on this machine: made, acquainted, started, asked, stopped.

Each is a process of its own with a database of its own, and they meet over mutual TLS on
loopback. The officers' keys are made for the demonstration; nothing else is left out.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from comity.accords import Instant
from comity.accords.times import FAR_FUTURE
from comity.exchange.client import Client
from comity.exchange.desk import Outgoing
from comity.exchange.home import Home, make_home
from comity.exchange.keystore import listing
from comity.exchange.partners import Partners
from comity.exchange.routes import Scope
from comity.exchange.settings import Settings
from comity.signed.keylist import KeyList
from comity.signed.officers import (
    draft,
    make_officer,
    officer_signers,
    put_together,
    sign_draft,
)
from comity.store import Database
from simulated import PASSPHRASE

YEAR = 31_557_600
OFFICERS = ("first officer", "second officer", "third officer")
MOVING = {"waiting", "fate unknown"}


@dataclass(slots=True)
class Trio:
    """The nodes of some parties, and the clock that they share.

    Attributes:
        folder: where they are.
        ports: of each party's node, to partners and to its own people.
        real: whether the nodes run by the clock of this machine, as `comity serve` does.
    """

    folder: Path
    parties: tuple[str, ...]
    real: bool = False
    ports: dict[str, tuple[int, int]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def clock(self) -> Path:
        """The file that all of them read the time from."""
        return self.folder / "clock"

    def set(self, at: Instant, last: Instant | None = None) -> None:
        """Set the clock of all nodes; it runs on from there, at most to ``last``."""
        fresh = self.folder / "clock.new"
        _ = fresh.write_text(f"{at} {time.time()} {FAR_FUTURE if last is None else last}")
        _ = fresh.replace(self.clock)

    # -- making --------------------------------------------------------------------------

    def make(self, world: Path, at: Instant) -> None:
        """Make each node, its key list signed by two of its three officers, and its token."""
        self.folder.mkdir(parents=True)
        self.set(at)
        before = Instant(int(time.time()) + 20 * YEAR)
        ports = iter(free_ports(2 * len(self.parties)))
        for party in self.parties:
            self.ports[party] = (next(ports), next(ports))
            outer, own = self.ports[party]
            settings = Settings(
                party=party,
                world=os.path.relpath(world, self.folder / party),
                listen=f"127.0.0.1:{outer}",
                own=f"127.0.0.1:{own}",
            )
            home = make_home(self.folder / party, settings, PASSPHRASE, os.urandom, at)
            listed = _key_list(home, at, before, f"https://127.0.0.1:{outer}")
            database = Database.open(home.database)
            with database.transaction():
                _ = Partners(database, party).renew(party, listed.raw, at)
            database.close()
            self.tokens[party] = home.tokens.give("demo", list(Scope), os.urandom)

    def acquaint(self) -> Iterator[tuple[str, str, str]]:
        """Have each accept each other's file, and yield the fingerprints read aloud."""
        for party in self.parties:
            for other in self.parties:
                if other != party:
                    file = self.clients[other].invitation(party)
                    fingerprint = self.fingerprint(other)
                    _ = self.clients[party].accept(
                        file, fingerprint, "read aloud over the demonstration's telephone"
                    )
                    yield party, other, fingerprint

    def fingerprint(self, party: str) -> str:
        """Return what a party's officer reads aloud."""
        database = Database.open(self.folder / party / "node.db")
        try:
            listed = Partners(database, party).ring.newest(party)
        finally:
            database.close()
        assert listed is not None  # noqa: S101 - made above
        return listed.fingerprint

    # -- running -------------------------------------------------------------------------

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the nodes, and stop them in order."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    def start(self) -> None:
        """Start each as a process, and wait until all answer."""
        script = Path(__file__).parent / "simulated.py"
        for party in self.parties:
            command = [
                sys.executable,
                str(script),
                str(self.folder / party),
                str(self.clock),
            ]
            self.processes[party] = subprocess.Popen(command)  # noqa: S603 - our own script
            address = f"http://127.0.0.1:{self.ports[party][1]}"
            self.clients[party] = Client(address, self.tokens[party])
        for party, client in self.clients.items():
            self._wait_for(party, client)

    def _process(self, home: Path) -> subprocess.Popen[bytes]:
        if not self.real:
            script = str(Path(__file__).parent / "simulated.py")
            command = [sys.executable, script, str(home), str(self.clock)]
            return subprocess.Popen(command)  # noqa: S603 - our own script
        secret = home / "passphrase"
        _ = secret.write_text(PASSPHRASE)
        secret.chmod(0o600)
        program = str(Path(sys.executable).parent / "comity")
        command = [program, "serve", "--node", str(home)]
        with (home / "node.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own program
                [*command, "--passphrase", str(secret)], stdout=log, stderr=log
            )

    def _wait_for(self, party: str, client: Client) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                _ = client.health()
            except Exception:  # noqa: BLE001 - not yet
                if self.processes[party].poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        log = (self.folder / party / "node.log").read_text(encoding="utf-8")
        raise RuntimeError(
            f"the node of {party} does not answer; its log ends:\n{log[-2000:]}"
        )

    def stop(self) -> None:
        """Stop each, and wait until its database is closed."""
        for client in self.clients.values():
            client.close()
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            _ = process.wait(timeout=30)
        self.processes.clear()

    def copy(self, to: Path) -> Trio:
        """Return the same nodes again as they are now, for another course of events.

        They are stopped. The copies have the same keys and logs, and must never meet these.
        """
        _ = shutil.copytree(self.folder, to)
        return Trio(to, self.parties, self.real, dict(self.ports), dict(self.tokens))

    # -- waiting -------------------------------------------------------------------------

    def settled(self, party: str, seconds: float = 30) -> dict[str, Outgoing]:
        """Wait until nothing of a party is on its way, and return all of it by envelope."""
        until = time.monotonic() + seconds
        while True:
            out = {one.envelope: one for one in _all(self.clients[party])}
            moving = [one for one in out.values() if one.state in MOVING]
            if not moving:
                return out
            if time.monotonic() > until:
                raise RuntimeError(f"{party}: {len(moving)} do not move: {moving[0]}")
            time.sleep(0.02)


def _all(client: Client) -> Iterable[Outgoing]:
    after = 0
    while found := client.outbox(after, 500):
        yield from found
        after = found[-1].n


def _key_list(home: Home, since: Instant, before: Instant, address: str) -> KeyList:
    """Return the first key list of a node, signed by two of three officers."""
    officers = [make_officer(name, os.urandom) for name in OFFICERS]
    listed = KeyList(
        party=home.party,
        version=1,
        issued=since,
        before=before,
        threshold=2,
        officers=tuple(officer for officer, _ in officers),
        keys=listing(home.secrets(PASSPHRASE), since, before),
        addresses=(address,),
    )
    payload = draft(listed, None, OFFICERS[:2])
    signed = [
        sign_draft(payload, officer.name, officer_signers(secrets))
        for officer, secrets in officers[:2]
    ]
    return put_together(payload, signed, None, since)


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
