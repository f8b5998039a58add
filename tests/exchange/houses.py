"""Two parties' nodes as their operators have them: real folders, keys, processes, sockets."""

import os
import signal
import socket
import subprocess
import sys
import time

from comity.accords.times import Instant
from comity.errors import NotAtHand
from comity.exchange.client import Client
from comity.exchange.home import make_home
from comity.exchange.keystore import listing
from comity.exchange.partners import Partners
from comity.exchange.routes import Scope
from comity.exchange.settings import Settings
from comity.exchange.terms import parties_of
from comity.signed import KeyList, read_history
from comity.signed.officers import (
    draft,
    make_officer,
    officer_signers,
    put_together,
    sign_draft,
)
from comity.store import Database
from comity.worlds import write_skeleton

PASSPHRASE = "words for a test"  # noqa: S105
YEAR = 365 * 24 * 3_600
PARTIES = ("north", "south")


def free_port():
    """Return a port that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def house(folder, party, world, **more):
    """Make a node's folder with a key list that two officers signed, and a token for all."""
    listen, own = free_port(), free_port()
    settings = Settings(
        party=party,
        world=os.path.relpath(world, folder),
        listen=f"127.0.0.1:{listen}",
        own=f"127.0.0.1:{own}",
        **more,
    )
    now = Instant(int(time.time()))
    home = make_home(folder, settings, PASSPHRASE, os.urandom, now)
    officers = [make_officer(name, os.urandom) for name in ("anna", "berta")]
    listed = KeyList(
        party=party,
        version=1,
        issued=now,
        before=now + YEAR,
        threshold=2,
        officers=tuple(officer for officer, _ in officers),
        keys=listing(home.secrets(PASSPHRASE), now, now + YEAR),
        addresses=(f"https://127.0.0.1:{listen}",),
    )
    payload = draft(listed, None, ["anna", "berta"])
    signed = [sign_draft(payload, o.name, officer_signers(s)) for o, s in officers]
    raw = put_together(payload, signed, None, now).raw
    database = Database.open(home.database)
    with database.transaction():
        Partners(database, party).renew(party, raw, now)
    database.close()
    for name, scopes in (("all", tuple(Scope)), ("desk", (Scope.DESK,))):
        token = home.tokens.give(name, scopes, os.urandom)
        (folder / f"{name}.token").write_text(token + "\n")
    (folder / "pass").write_text(PASSPHRASE + "\n")
    return home


class Running:
    """A node's process."""

    def __init__(self, home):
        self.home = home
        self.log = home.folder / "log"
        self.process = None

    @property
    def folder(self):
        """Its folder."""
        return self.home.folder

    def start(self):
        """Start it, and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [
                    sys.executable,
                    "-c",
                    "from comity.cli import main; main()",
                    "serve",
                    "--node",
                    str(self.folder),
                    "--passphrase",
                    str(self.folder / "pass"),
                ],
                stderr=log,
            )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log.read_text()
            try:
                with self.client() as client:
                    client.health()
                    return self
            except NotAtHand:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def client(self, token="all"):  # noqa: S107
        """Return a client with one of its tokens."""
        secret = (self.folder / f"{token}.token").read_text().strip()
        return Client(f"http://{self.home.settings.own}", secret, timeout=30)

    def stop(self, how=signal.SIGTERM):
        """Stop it, and return its exit code."""
        if self.process is None or self.process.poll() is not None:
            return None
        self.process.send_signal(how)
        return self.process.wait(30)


def acquaint(one, other):
    """Make two running nodes partners, as their operators do by telephone."""
    for here, there in ((one, other), (other, one)):
        with here.client() as ours, there.client() as theirs:
            raw = theirs.invitation(here.home.party)
            party, lists, _ = parties_of(raw)
            fingerprint = read_history(lists)[-1].fingerprint
            assert ours.accept(raw, fingerprint, "read aloud").party == party


def two(folder, **more):
    """Return two running nodes that know each other."""
    world = write_skeleton(folder, "north-south")
    both = [
        Running(house(folder / party, party, world, **more)).start() for party in PARTIES
    ]
    acquaint(*both)
    return both


def eventually(what, seconds=30):
    """Wait until something is so, and return it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def lines_of(running):
    """Return the log of a node."""
    return [line for line in running.log.read_text().split("\n") if line]
