"""A socket that listens: connections are counted, heads and waits are bounded.

The HTTP itself is uvicorn's; its protocol is guarded here against what it has no limit
for: a head that never ends or comes a byte at a time, a handshake that stalls, a peer that
does not read, more connections than the node can hold.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections import Counter
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from comity.exchange.limits import Limits
from comity.exchange.problem import MEDIA_TYPE, Problem


class Doors:
    """How many connections are open, in all and of each peer."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.turned_away = 0
        self._open: Counter[str] = Counter()

    @property
    def open(self) -> int:
        """How many connections are open."""
        return self._open.total()

    def enter(self, peer: str) -> bool:
        """Count a connection of a peer; say no where there are too many."""
        full = self.open >= self.limits.connections
        if full or self._open[peer] >= self.limits.per_peer:
            self.turned_away += 1
            return False
        self._open[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        """Count it out again."""
        self._open[peer] -= 1
        if not self._open[peer]:
            del self._open[peer]


class Guarded(HttpToolsProtocol):
    """uvicorn's protocol with a bound on everything that a peer may keep open."""

    doors: Doors

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._head = self._headers = 0
        self._in_head = False
        self._entered = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let a peer in, or say that there are too many."""
        super().connection_made(transport)
        peer = self.peer()
        if not self.doors.enter(peer):
            self._end(Problem("too-many", retry_after=5))
            return
        self._entered = peer
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it out."""
        if self._entered:
            self.doors.leave(self._entered)
            self._entered = ""
        self._end_head()
        self.resume_writing()
        super().connection_lost(exc)

    def peer(self) -> str:
        """Return by what the connections of one peer are counted together: its address."""
        return self.client[0] if self.client else "local"

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and end what has gone on for too long."""
        if self.transport.is_closing():
            return
        if not self._in_head and self._idle():
            self._begin_head()
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head > self.doors.limits.head:
            self._end(Problem("large-head"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, unless the head is too large with it."""
        self._headers += len(name) + len(value)
        if self._headers > self.doors.limits.head:
            raise ValueError("large head")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """From here on the body has its own deadline."""
        self._end_head()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in one form with everything else."""
        del msg
        self._end(Problem("bad-request"))

    def pause_writing(self) -> None:
        """Give a peer that does not read a time to begin."""
        super().pause_writing()
        self._unread = self.loop.call_later(
            self.doors.limits.write_seconds, self.transport.abort
        )

    def resume_writing(self) -> None:
        """It reads again."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        super().resume_writing()

    def _idle(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _begin_head(self) -> None:
        self._in_head, self._head, self._headers = True, 0, 0
        self._timer = self.loop.call_later(self.doors.limits.head_seconds, self._too_slow)

    def _end_head(self) -> None:
        self._in_head = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        if self._head:
            self._end(Problem("too-slow"))
        else:
            self.transport.close()

    def _end(self, problem: Problem) -> None:
        """Say why, and close: nothing of this connection is read any more."""
        self._end_head()
        if self.transport.is_closing():
            return
        raw = json.dumps(problem.body()).encode()
        again = problem.retry_after
        retry = b"" if again is None else b"retry-after: %d\r\n" % again
        self.transport.write(
            b"HTTP/1.1 %d \r\ncontent-type: %s\r\ncontent-length: %d\r\n%sconnection: close\r\n\r\n%s"
            % (problem.kind.status, MEDIA_TYPE.encode(), len(raw), retry, raw)
        )
        self.transport.close()


class Listener:
    """One side of the endpoint on its socket."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        port: int,
        limits: Limits,
        tls: ssl.SSLContext | None = None,
        protocol: type[Guarded] = Guarded,
    ) -> None:
        self.doors = Doors(limits)
        self._tls = tls
        self._protocol = type(protocol.__name__, (protocol,), {"doors": self.doors})
        self._state = ServerState()
        self._config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=limits.idle_seconds,
        )
        self._socket = _bound(host, port)
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port, also where any was asked for."""
        number: int = self._socket.getsockname()[1]
        return number

    async def start(self) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        self._config.load()
        handshake = self.doors.limits.handshake_seconds if self._tls else None
        self._server = await loop.create_server(
            lambda: self._protocol(self._config, self._state, {}, loop),
            sock=self._socket,
            ssl=self._tls,
            ssl_handshake_timeout=handshake,
            backlog=256,
        )

    async def stop(self, grace: float) -> None:
        """Take nothing new, let what is being answered end, then close."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, late = await asyncio.wait(list(self._state.tasks), timeout=grace)
            for task in late:
                task.cancel()
        for connection in list(self._state.connections):
            if connection.transport is not None:
                connection.transport.abort()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only on a socket that says that it is of TCP.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from error
    return listening
