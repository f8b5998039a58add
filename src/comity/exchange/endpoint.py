"""The partner side of the endpoint: what a partner's node may ask of this one.

Who asks is what the pinned certificate says, never a name in the request. A stranger gets
one unsigned answer to everything, and nothing of it is logged but a count.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from comity.errors import InvalidInput, NotKnown
from comity.exchange.answering import answering, json_response
from comity.exchange.bodies import Bodies, Incoming, Piece
from comity.exchange.limits import MIB, Limits, Room, read_body, stated_length
from comity.exchange.logs import Log
from comity.exchange.problem import Problem
from comity.exchange.writer import Writer

CONSIGNMENT = "application/vnd.comity.consignment"
ANSWER = "application/vnd.comity.answer"
PIECE = 8 * MIB
PARTNERS = Limits()
"""The limits of this side."""

_LOG = re.compile(
    r"(comity\.log/[0-9a-f]{32}(?:/simulated)?)/(checkpoint|tile/[0-9a-z./]+)"
)


class Answering(Protocol):
    """What the partner side needs of a node."""

    def answer(self, sender: str, raw: bytes) -> bytes:
        """Return the answer to a consignment."""

    def log_file(self, party: str, origin: str, path: str) -> bytes:
        """Return a checkpoint or a tile of a log, to a party of its accord."""

    def held_of(self, party: str) -> bytes:
        """Return what is held here of a partner, whose node was put back."""

    def party_file(self, to: str) -> bytes:
        """Return this party's key lists, and its term keys of the accords common with another."""


@dataclass(slots=True)
class Endpoint:
    """The partner side, as an ASGI application.

    Attributes:
        peer_of: the partner behind a connection, by its certificate; None for a stranger.
        heard: called after something came from a partner, for those who wait for it.
        strangers: how many were turned away.
    """

    node: Answering
    writer: Writer
    bodies: Bodies
    log: Log
    peer_of: Callable[[Scope], str | None]
    heard: Callable[[], None]
    strangers: int = 0
    consignments: int = 0
    _room: Room = field(default_factory=lambda: Room(PARTNERS))
    _busy: set[Path] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._app()(scope, receive, send)

    def _app(self) -> ASGIApp:
        return answering(self._answer, self.log)

    async def _answer(self, request: Request) -> Response:
        party = self.peer_of(request.scope)
        if party is None:
            self.strangers += 1
            raise Problem("no-partner")
        with self._room.request(party):
            return await self._route(party, request)

    async def _route(self, party: str, request: Request) -> Response:
        path, method = request.url.path, request.method
        _, exchange, rest = path.partition("/exchange/1/")
        first, _, second = rest.partition("/")
        ways: dict[str, dict[str, Callable[[], Awaitable[Response]]]] = {
            "consignments": {"POST": lambda: self._consign(party, request)},
            "keys": {"GET": lambda: self._keys(party)},
            "held": {"GET": lambda: self._held(party)},
        }
        if second:
            ways = {
                "bodies": {
                    "PUT": lambda: self._take(party, request, second),
                    "GET": lambda: self._have(party, second),
                },
                "log": {"GET": lambda: self._log_file(party, second)},
            }
        if not exchange or path != exchange + rest or first not in ways:
            raise Problem("not-found")
        if method not in ways[first]:
            raise Problem("wrong-method", more={"allow": sorted(ways[first])})
        return await ways[first][method]()

    async def _consign(self, party: str, request: Request) -> Response:
        _of_type(request, CONSIGNMENT)
        length = stated_length(request, PARTNERS.body)
        with self._room.body(length):
            raw = await read_body(request, self._room, length)
            urgent = request.headers.get("priority", "") == "u=0" and length < MIB
            try:
                answer = await self.writer.ask(
                    lambda: self.node.answer(party, raw), urgent=urgent, weight=length
                )
            except InvalidInput as error:
                raise Problem("bad-request", code=error.code) from None
        self.consignments += 1
        self.heard()
        return Response(answer, media_type=ANSWER, headers={"cache-control": "no-store"})

    async def _keys(self, party: str) -> Response:
        raw = await self.writer.ask(lambda: self.node.party_file(party))
        return Response(raw, media_type="application/json")

    async def _held(self, party: str) -> Response:
        raw = await self.writer.ask(lambda: self.node.held_of(party))
        return Response(raw, media_type="application/json")

    async def _log_file(self, party: str, name: str) -> Response:
        found = _LOG.fullmatch(name)
        if found is None:
            raise Problem("not-found")
        origin, path = found[1], found[2]
        try:
            raw = await self.writer.ask(lambda: self.node.log_file(party, origin, path))
        except (NotKnown, InvalidInput):
            raise Problem("not-found") from None
        kind = "text/plain; charset=utf-8" if path == "checkpoint" else None
        return Response(raw, media_type=kind or "application/octet-stream")

    async def _have(self, party: str, digest: str) -> Response:
        have, complete = self.bodies.have(party, digest)
        return json_response({"have": have, "complete": complete})

    async def _take(self, party: str, request: Request, digest: str) -> Response:
        piece = Piece.parse(request.headers.get("content-range", ""))
        length = stated_length(request, PIECE)
        if length != piece.length:
            raise Problem(
                "invalid",
                code="bad-range",
                detail="the range is not as long as the content",
            )
        path = self.bodies.path(party, digest)
        if path in self._busy:
            raise Problem("conflict", code="body-busy", retry_after=5)
        self._busy.add(path)
        try:
            incoming = self.bodies.open(party, digest, piece)
            have, complete = await take_piece(request, incoming)
        finally:
            self._busy.discard(path)
        return json_response(
            {"have": have, "complete": complete}, status=201 if complete else 202
        )


async def take_piece(request: Request, incoming: Incoming) -> tuple[int, bool]:
    """Write a piece as it comes, in its time; what came before a break is kept.

    Raises:
        Problem: ``too-slow``, or what `Incoming` says.
    """
    seconds = PARTNERS.body_seconds + incoming.piece.length / PARTNERS.body_rate
    problem: Problem | None = None
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                incoming.take(part)
    except TimeoutError:
        problem = Problem("too-slow")
    except ClientDisconnect:
        problem = Problem("bad-request")
    except Problem as found:
        problem = found
    have, complete = await asyncio.to_thread(incoming.close)
    if problem is not None:
        raise problem
    return have, complete


def _of_type(request: Request, kind: str) -> None:
    said: Any = request.headers.get("content-type", "")
    if said != kind:
        raise Problem("wrong-type", detail=f"it is read as `{kind}`")
