"""The own side of the endpoint: what persons and programs of this party ask of their node.

It listens on loopback and wants a token for everything but `/health` and `/openapi.json`.
The addresses are those of `comity.exchange.routes`; each handler bears its route's name.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from comity.exchange import desk
from comity.exchange.answering import answering, json_body, json_response
from comity.exchange.bodies import Bodies, Piece
from comity.exchange.endpoint import PIECE, take_piece
from comity.exchange.limits import MIB, Limits, Room, read_body, stated_length
from comity.exchange.logs import Log
from comity.exchange.metrics import exposition
from comity.exchange.problem import Problem
from comity.exchange.routes import ROUTES, Route, openapi
from comity.exchange.shapes import from_json, to_json
from comity.exchange.tokens import Token, Tokens
from comity.exchange.writer import Writer

OWN = Limits(body=64 * MIB, requests_per_peer=64, per_peer=128, held=256 * MIB)
"""The limits of this side."""

MOST_ITEMS = 500  # of one request
MOST_LISTED = 1_000
BEAT = 15.0  # seconds between two signs of life of a stream of events


class Office(Protocol):
    """What the own side needs of a node. ``by`` is the name of the token."""

    def send(self, sendings: Sequence[desk.Sending], by: str) -> Sequence[desk.Verdict]:
        """Send items; a verdict each."""

    def preview(self, sendings: Sequence[desk.Sending]) -> Sequence[desk.Verdict]:
        """Say what would come of it."""

    def inbox(self, after: int, limit: int) -> Sequence[desk.Arrived]:
        """Return what came after a place, oldest first."""

    def content(self, n: int, officer: str) -> Iterator[bytes]:
        """Open the content of what came, for an officer who may."""

    def acknowledge(self, n: int, by: desk.By) -> desk.Done:
        """Record that an officer has it."""

    def refuse(self, n: int, by: desk.By) -> desk.Done:
        """Record that an officer does not take it."""

    def outbox(self, after: int, limit: int) -> Sequence[desk.Outgoing]:
        """Return what was sent after a place, oldest first."""

    def stuck(self) -> Sequence[desk.Outgoing]:
        """Return what does not move."""

    def accords(self) -> Sequence[desk.Standing]:
        """Return the accords as they stand."""

    def instruments(self, accord: str) -> Sequence[desk.Recorded]:
        """Return the instruments under one accord."""

    def perform(self, text: desk.Text) -> desk.Done:
        """Perform an instrument."""

    def consents(self, item: str, to: str) -> Sequence[desk.Missing]:
        """Return the consents that are missing."""

    def holds(self) -> Sequence[desk.OnHold]:
        """Return this party's holds."""

    def hold(self, text: desk.Text) -> desk.Done:
        """Set holds."""

    def lift(self, hold: str, by: desk.By) -> desk.Done:
        """End a hold."""

    def evidence(self, envelope: str) -> bytes:
        """Return the bundle of one exchange."""

    def partners(self) -> Sequence[desk.Partner]:
        """Return the partners."""

    def accept(self, acceptance: desk.Acceptance) -> desk.Partner:
        """Accept a partner."""

    def invitation(self, to: str) -> bytes:
        """Return this party's file of keys for a partner."""

    def renew(self, listed: desk.KeyList) -> desk.Done:
        """Take the next version of this party's key list."""

    def checks(self) -> Sequence[desk.Check]:
        """Look at everything that should be as it should be."""

    def counts(self) -> Sequence[desk.Count]:
        """Return the numbers of `/metrics` that the node knows."""


class Bell:
    """Wakes whoever waits for something to come. One event loop's."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        """Wake everyone."""
        for event in self._waiting:
            event.set()

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for the bell; say whether it rang."""
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return False
        event.clear()
        return True

    def listen(self) -> asyncio.Event:
        """Return what the bell sets, from now on."""
        event = asyncio.Event()
        self._waiting.add(event)
        return event

    def leave(self, event: asyncio.Event) -> None:
        """Listen no more."""
        self._waiting.discard(event)


Handler: TypeAlias = Callable[["Asked"], Awaitable[Response]]


@dataclass(slots=True)
class Asked:
    """One request, with what its route says of it."""

    request: Request
    route: Route
    parts: dict[str, str]
    token: Token | None

    def number(self, name: str, default: int, most: int) -> int:
        """Return a query parameter that is a whole number.

        Raises:
            Problem: ``invalid``.
        """
        text = self.request.query_params.get(name, str(default))
        return _number(name, text, most)


@dataclass(slots=True)
class OwnSide:
    """The own side, as an ASGI application.

    Attributes:
        gauges: counts of the process, beside those of the node.
        changed: called after something was asked that may have made work.
    """

    party: str
    office: Office
    writer: Writer
    tokens: Tokens
    uploads: Bodies
    bell: Bell
    log: Log
    gauges: Callable[[], Sequence[desk.Count]]
    changed: Callable[[], None]
    _room: Room = field(default_factory=lambda: Room(OWN))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await answering(self._answer, self.log)(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        route, parts = _route(request.method, request.url.path)
        token = None
        if route.scope is not None:
            token = self._token(request)
            if route.scope not in token.scopes:
                raise Problem("wrong-scope", detail=f"it takes the scope `{route.scope}`")
        handler: Handler = getattr(self, f"_{route.name}")
        with self._room.request("" if token is None else token.name):
            response = await handler(Asked(request, route, parts, token))
        if route.method == "POST":
            self.changed()
        return response

    def _token(self, request: Request) -> Token:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        token = self.tokens.of(secret) if scheme.lower() == "bearer" else None
        if token is None:
            raise Problem("no-token")
        return token

    async def _read(self, asked: Asked, kind: type) -> Any:  # noqa: ANN401 - the route's type
        length = stated_length(asked.request, OWN.body)
        with self._room.body(length):
            body = json_body(await read_body(asked.request, self._room, length))
        if not asked.route.takes_many:
            return from_json(kind, body)
        if not isinstance(body, dict) or body.keys() != {"items"}:
            raise Problem(
                "invalid", code="bad-json", detail="the body has the key `items` alone"
            )
        if not isinstance(body["items"], list) or not 1 <= len(body["items"]) <= MOST_ITEMS:
            raise Problem(
                "invalid", code="bad-json", detail=f"`items` is a list of 1 to {MOST_ITEMS}"
            )
        return tuple(from_json(kind, one) for one in body["items"])

    # -- open, and for the operator ------------------------------------------------------

    async def _health(self, asked: Asked) -> Response:
        del asked
        return json_response(to_json(desk.Health(ok=True, party=self.party)))

    async def _openapi(self, asked: Asked) -> Response:
        del asked
        return json_response(openapi())

    async def _metrics(self, asked: Asked) -> Response:
        counts = [*await self.writer.ask(self.office.counts), *self.gauges()]
        return Response(exposition(counts), headers={"content-type": asked.route.media})

    async def _checks(self, asked: Asked) -> Response:
        del asked
        return _list(await self.writer.ask(self.office.checks))

    async def _partners(self, asked: Asked) -> Response:
        del asked
        return _list(await self.writer.ask(self.office.partners))

    async def _accept(self, asked: Asked) -> Response:
        acceptance = await self._read(asked, desk.Acceptance)
        done = await self.writer.ask(lambda: self.office.accept(acceptance))
        return json_response(to_json(done))

    async def _invitation(self, asked: Asked) -> Response:
        to = asked.request.query_params.get("to", "")
        raw = await self.writer.ask(lambda: self.office.invitation(to))
        return Response(raw, media_type=asked.route.media)

    async def _renew(self, asked: Asked) -> Response:
        listed = await self._read(asked, desk.KeyList)
        done = await self.writer.ask(lambda: self.office.renew(listed))
        return json_response(to_json(done))

    # -- sending -------------------------------------------------------------------------

    async def _send(self, asked: Asked) -> Response:
        sendings: tuple[desk.Sending, ...] = await self._read(asked, desk.Sending)
        by = "" if asked.token is None else asked.token.name
        urgent = any(one.precedence == "FLASH" for one in sendings)
        weight = sum(len(one.content or b"") + 1024 for one in sendings)
        return _list(
            await self.writer.ask(
                lambda: self.office.send(sendings, by), urgent=urgent, weight=weight
            )
        )

    async def _preview(self, asked: Asked) -> Response:
        sendings = await self._read(asked, desk.Sending)
        return _list(await self.writer.ask(lambda: self.office.preview(sendings)))

    async def _uploaded(self, asked: Asked) -> Response:
        have, complete = self.uploads.have("own", asked.parts["digest"])
        return json_response({"have": have, "complete": complete})

    async def _upload(self, asked: Asked) -> Response:
        piece = Piece.parse(asked.request.headers.get("content-range", ""))
        if stated_length(asked.request, PIECE) != piece.length:
            raise Problem(
                "invalid",
                code="bad-range",
                detail="the range is not as long as the content",
            )
        incoming = self.uploads.open("own", asked.parts["digest"], piece)
        have, complete = await take_piece(asked.request, incoming)
        return json_response({"have": have, "complete": complete})

    async def _outbox(self, asked: Asked) -> Response:
        after = asked.number("after", 0, 1 << 60)
        limit = asked.number("limit", 100, MOST_LISTED)
        return _list(await self.writer.ask(lambda: self.office.outbox(after, limit)))

    async def _stuck(self, asked: Asked) -> Response:
        del asked
        return _list(await self.writer.ask(self.office.stuck))

    # -- what came -----------------------------------------------------------------------

    async def _inbox(self, asked: Asked) -> Response:
        after = asked.number("after", 0, 1 << 60)
        limit = asked.number("limit", 100, MOST_LISTED)
        return _list(await self.writer.ask(lambda: self.office.inbox(after, limit)))

    async def _events(self, asked: Asked) -> Response:
        last = asked.request.headers.get("last-event-id")
        after = (
            asked.number("after", 0, 1 << 60)
            if last is None
            else _number("id", last, 1 << 60)
        )
        return StreamingResponse(
            self._coming(after),
            media_type=asked.route.media,
            headers={"cache-control": "no-store"},
        )

    async def _coming(self, after: int) -> AsyncIterator[str]:
        """Yield what is there and then what comes, each once, and signs of life between."""
        event = self.bell.listen()
        yield ": there\n\n"
        try:
            while True:
                place = after
                found = await self.writer.ask(lambda: self.office.inbox(place, 100))  # noqa: B023 - awaited here
                for one in found:
                    after = one.n
                    yield f"id: {one.n}\nevent: arrived\ndata: {json.dumps(to_json(one))}\n\n"
                if not found and not await self.bell.wait(event, BEAT):
                    yield ": there\n\n"
        finally:
            self.bell.leave(event)

    async def _content(self, asked: Asked) -> Response:
        n = _number("n", asked.parts["n"], 1 << 60)
        officer = asked.request.query_params.get("officer", "")
        if not officer:
            raise Problem("invalid", code="no-officer", detail="say for which `officer`")
        pieces = await self.writer.ask(lambda: self.office.content(n, officer))
        return StreamingResponse(
            pieces, media_type=asked.route.media, headers={"cache-control": "no-store"}
        )

    async def _acknowledge(self, asked: Asked) -> Response:
        n, by = _number("n", asked.parts["n"], 1 << 60), await self._read(asked, desk.By)
        return json_response(
            to_json(await self.writer.ask(lambda: self.office.acknowledge(n, by)))
        )

    async def _refuse(self, asked: Asked) -> Response:
        n, by = _number("n", asked.parts["n"], 1 << 60), await self._read(asked, desk.By)
        return json_response(
            to_json(await self.writer.ask(lambda: self.office.refuse(n, by)))
        )

    # -- accords, instruments, holds -------------------------------------------------------

    async def _accords(self, asked: Asked) -> Response:
        del asked
        return _list(await self.writer.ask(self.office.accords))

    async def _instruments(self, asked: Asked) -> Response:
        accord = asked.parts["accord"]
        return _list(await self.writer.ask(lambda: self.office.instruments(accord)))

    async def _perform(self, asked: Asked) -> Response:
        text = await self._read(asked, desk.Text)
        return json_response(
            to_json(await self.writer.ask(lambda: self.office.perform(text), urgent=True))
        )

    async def _consents(self, asked: Asked) -> Response:
        item = asked.request.query_params.get("item", "")
        to = asked.request.query_params.get("to", "")
        return _list(await self.writer.ask(lambda: self.office.consents(item, to)))

    async def _holds(self, asked: Asked) -> Response:
        del asked
        return _list(await self.writer.ask(self.office.holds))

    async def _hold(self, asked: Asked) -> Response:
        text = await self._read(asked, desk.Text)
        return json_response(
            to_json(await self.writer.ask(lambda: self.office.hold(text), urgent=True))
        )

    async def _lift(self, asked: Asked) -> Response:
        by, hold = await self._read(asked, desk.By), asked.parts["hold"]
        return json_response(
            to_json(await self.writer.ask(lambda: self.office.lift(hold, by)))
        )

    async def _evidence(self, asked: Asked) -> Response:
        envelope = asked.parts["envelope"]
        raw = await self.writer.ask(lambda: self.office.evidence(envelope))
        return Response(
            raw, media_type=asked.route.media, headers={"cache-control": "no-store"}
        )


_PATTERNS = [
    (re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]{1,200})", route.path)), route)
    for route in ROUTES
]


def _route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    allowed = []
    for pattern, route in _PATTERNS:
        found = pattern.fullmatch(path)
        if found is not None:
            if route.method == method:
                return route, found.groupdict()
            allowed.append(route.method)
    if allowed:
        raise Problem("wrong-method", more={"allow": sorted(allowed)})
    raise Problem("not-found")


def _number(name: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) > most:
        raise Problem(
            "invalid", code="bad-number", detail=f"`{name}` is a whole number up to {most}"
        )
    return int(text)


def _list(values: Sequence[object]) -> Response:
    return json_response({"items": [to_json(value) for value in values]})
