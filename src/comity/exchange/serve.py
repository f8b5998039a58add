"""The process of a node: both sides of its endpoint, its courier, and its one thread.

It ends in order when it is told to, and at once when its disk has failed: what was not on
disk was not acknowledged, and the next start goes on from what is there.
"""

from __future__ import annotations

import asyncio
import http.client
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import uvloop
from starlette.types import Scope

from comity.exchange import desk
from comity.exchange.bodies import Bodies
from comity.exchange.courier import CONNECT, Courier
from comity.exchange.endpoint import PARTNERS, Endpoint
from comity.exchange.home import Home
from comity.exchange.keystore import Keyring, forbid_core_dumps
from comity.exchange.listener import Listener
from comity.exchange.logs import Log
from comity.exchange.node import Node
from comity.exchange.office import Desk
from comity.exchange.ownside import OWN, Bell, OwnSide
from comity.exchange.problem import Problem
from comity.exchange.settings import host_and_port
from comity.exchange.tls import (
    Connection,
    Pinned,
    admit,
    certificates,
    client_context,
    peer_of,
    server_context,
)
from comity.exchange.writer import Writer
from comity.signed import Random, Ring

GRACE = 5.0  # seconds for what is being answered when the node stops
TICK = 1.0  # seconds between two looks at what the time asks for
STRANGERS = 60.0  # seconds between two entries on how many were turned away


def serve(
    home: Home,
    passphrase: str,
    log: Log,
    clock: Callable[[], int],
    random: Random,
    *,
    simulated: bool = False,
) -> bool:
    """Run a node until it is told to stop; say whether it ended in order.

    ``simulated`` as in `Home.open`.

    Raises:
        NodeRuns: another process runs it.
        ComityError: it cannot begin; what and why.
        OSError: an address is taken, or not this machine's.
    """
    forbid_core_dumps()
    with home.locked():
        node, keys = home.open(passphrase, clock, random, simulated=simulated)
        try:
            return uvloop.run(_Process(home, node, keys, log, clock, random).run())
        finally:
            node.database.close()


@dataclass(slots=True)
class _Known:
    """The key lists as they were last read on the node's thread: whose certificate is whose."""

    ring: Ring
    clock: Callable[[], int]
    admitted: set[bytes] = field(default_factory=set)

    def peer(self, scope: Scope) -> str | None:
        """Return the partner behind a request; None for a stranger."""
        return peer_of(scope, self.ring, self.clock())

    def new(self, partners: Sequence[str]) -> list[bytes]:
        """Return the certificates of partners that do not connect yet."""
        found = [
            one
            for party in partners
            for one in certificates(self.ring, party, self.clock())
            if one not in self.admitted
        ]
        self.admitted.update(found)
        return found


class _Process:
    """What runs, and in which order it ends."""

    def __init__(
        self,
        home: Home,
        node: Node,
        keys: Keyring,
        log: Log,
        clock: Callable[[], int],
        random: Random,
    ) -> None:
        self._node, self._keys, self._log = node, keys, log
        self._clock, self._random = clock, random
        self._ended = asyncio.Event()
        self._in_order = True
        self._bell = Bell()
        node.tick()
        self._known = _Known(node.partners.ring, clock)
        partners = [one.party for one in node.partners.all()]
        self._tls = server_context(keys.tls, self._known.new(partners), random)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writer = Writer(node.together, failed=self._failed)
        self._courier = Courier(node, self._writer, self._connect, log, random)
        self._endpoint = Endpoint(
            node=node,
            writer=self._writer,
            bodies=Bodies(folder=home.spool / "in"),
            log=log,
            peer_of=self._known.peer,
            heard=self._heard,
        )
        uploads = Bodies(folder=home.folder / "uploads")
        self._own = OwnSide(
            party=node.party,
            office=Desk(node, uploads),
            writer=self._writer,
            tokens=home.tokens,
            uploads=uploads,
            bell=self._bell,
            log=log,
            gauges=self._gauges,
            changed=self._courier.wake,
        )
        host, port = _place(home.settings.listen)
        own_host, own_port = _place(home.settings.own)
        self._listeners = (
            Listener(
                self._endpoint,
                host=host,
                port=port,
                limits=PARTNERS,
                tls=self._tls,
                protocol=Pinned,
            ),
            Listener(self._own, host=own_host, port=own_port, limits=OWN),
        )

    async def run(self) -> bool:
        """Run until it is told to stop, or cannot go on."""
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._ended.set)
        for listener in self._listeners:
            await listener.start()
        self._courier.start()
        ticking = asyncio.create_task(self._tick())
        ports = [listener.port for listener in self._listeners]
        self._log.say("started", party=self._node.party, listen=ports[0], own=ports[1])
        _ = await self._ended.wait()
        self._log.say("stopping")
        _ = ticking.cancel()
        for listener in self._listeners:
            await listener.stop(GRACE if self._in_order else 0)
        await asyncio.to_thread(self._courier.stop)
        await asyncio.to_thread(self._writer.stop)
        self._log.say("stopped")
        return self._in_order

    async def _tick(self) -> None:
        """Do what the time asks for, and let new partners connect."""
        told, since = 0, self._loop_time()
        while True:
            try:
                await self._writer.ask(self._node.tick)
                await self._look()
            except Problem:
                pass  # it is busy or stopping: at the next tick
            except Exception as error:  # noqa: BLE001 - one defect must not stop the rest
                self._log.defect(error)
            if self._endpoint.strangers > told and self._loop_time() - since > STRANGERS:
                self._log.say("strangers", count=self._endpoint.strangers - told)
                told, since = self._endpoint.strangers, self._loop_time()
            await asyncio.sleep(TICK)

    async def _look(self) -> None:
        """Read the key lists anew."""
        partners = self._node.partners
        ring, names = await self._writer.ask(
            lambda: (partners.ring, [one.party for one in partners.all()])
        )
        self._known.ring = ring
        admit(self._tls, self._known.new(names))

    def _connect(self, partner: str, host: str, port: int) -> http.client.HTTPConnection:
        """Return a connection that lets through the keys that count for a partner now."""
        ring, key = self._writer.call(
            lambda: (self._node.partners.ring, self._keys.tls)
        ).result()
        now = self._clock()
        return Connection(
            host,
            port,
            context=client_context(key, certificates(ring, partner, now), self._random),
            counts=lambda digest: ring.party_of_tls(digest, now) == partner,
            timeout=CONNECT,
        )

    def _heard(self) -> None:
        self._bell.ring()
        self._courier.wake()

    def _gauges(self) -> Sequence[desk.Count]:
        turned = sum(listener.doors.turned_away for listener in self._listeners)
        return [
            desk.Count(name="comity_strangers_total", value=self._endpoint.strangers),
            desk.Count(name="comity_turned_away_total", value=turned),
            desk.Count(name="comity_consignments_total", value=self._endpoint.consignments),
            desk.Count(name="comity_groups_total", value=self._writer.groups),
            desk.Count(name="comity_calls_total", value=self._writer.calls),
        ]

    def _failed(self, error: BaseException) -> None:
        """The node's thread has ended: acknowledge nothing more, and end."""
        self._in_order = False
        self._log.say("failed", code=getattr(error, "code", type(error).__name__))
        if self._loop is not None:
            _ = self._loop.call_soon_threadsafe(self._ended.set)

    def _loop_time(self) -> float:
        return asyncio.get_running_loop().time()


def _place(text: str) -> tuple[str, int]:
    found: Any = host_and_port(text)  # it was checked when the settings were read
    host, port = found
    return str(host), int(port)
