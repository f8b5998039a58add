"""A client of one's own node: typed, synchronous, with nothing beside the standard library.

    >>> with Client("http://127.0.0.1:8471", token) as node:
    ...     verdict = node.send(Sending(to="south", content=b"...", marking=marking, ...))

A client is for one thread. It holds one connection, which it opens anew when the node has
closed it.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, BinaryIO, Literal, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from comity.errors import ComityError, InvalidInput, NotAtHand, NotKnown
from comity.exchange import desk
from comity.exchange.desk import Marking, Sending, Tag, Verdict
from comity.exchange.shapes import from_json, to_json

T = TypeVar("T")

INLINE = 256 * 1024  # bytes of content that go with the request itself
PIECE = 8 * 1024 * 1024

__all__ = ["Client", "Marking", "Refused", "Sending", "Tag", "Verdict", "new_id"]


class Refused(ComityError):
    """The node refused a request; ``problem`` is its answer (RFC 9457)."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(
            problem.get("detail") or problem.get("title") or "the node refused",
            hint=problem.get("hint", ""),
            code=problem.get("code")
            or problem.get("type", "").rpartition("/")[2]
            or "refused",
        )
        self.problem = problem


class Client:
    """One's own node, over its own side."""

    def __init__(self, address: str, token: str = "", *, timeout: float = 60.0) -> None:
        """Name the node; nothing is asked yet.

        Args:
            address: ``http://127.0.0.1:PORT``.
            token: one that the node has given out.
            timeout: seconds for one answer.
        """
        parts = urlsplit(address)
        if parts.scheme != "http" or not parts.hostname:
            raise InvalidInput(
                f"`{address}` is no address of a node's own side",
                hint="write `http://127.0.0.1:PORT`, as `node.toml` of the node has it",
                code="bad-address",
            )
        self._host, self._port = parts.hostname, parts.port or 80
        self._token = token
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Client:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # -- sending -------------------------------------------------------------------------

    def send(self, sending: Sending, file: BinaryIO | None = None) -> Verdict:
        """Send one item, and return the verdict: sent, or denied and why.

        Args:
            sending: without an ``item`` it is a new one and gets an id, which the verdict
                has; content of more than 256 KiB goes up in pieces first.
            file: the content, of any size, instead of ``sending.content``.
        """
        content = sending.content
        if not sending.item:
            sending = replace(sending, item=new_id())
        if file is None and content is not None and len(content) > INLINE:
            file = io.BytesIO(content)
        if file is not None:
            sending = replace(sending, content=None, upload=self.upload(file))
        return self.send_many([sending])[0]

    def send_many(self, sendings: Sequence[Sending]) -> tuple[Verdict, ...]:
        """Send up to 500 items in one request; a verdict each, in their order."""
        return self._items(
            "POST", "/1/items", Verdict, {"items": [to_json(s) for s in sendings]}
        )

    def preview(self, sendings: Sequence[Sending]) -> tuple[Verdict, ...]:
        """Say what would come of it; nothing is sent and nothing is recorded."""
        body = {"items": [to_json(s) for s in sendings]}
        return self._items("POST", "/1/items/preview", Verdict, body)

    def upload(self, content: BinaryIO) -> str:
        """Bring a large content up, from where an earlier attempt ended; return its digest."""
        running = hashlib.sha256()
        _ = content.seek(0)
        while piece := content.read(PIECE):
            running.update(piece)
        digest, whole = running.hexdigest(), content.seek(0, os.SEEK_END)
        path = f"/1/uploads/{digest}"
        there = self._one("GET", path, desk.Uploaded)
        while not there.complete:
            _ = content.seek(there.have)
            piece = content.read(PIECE)
            last = there.have + len(piece) - 1
            headers = {"content-range": f"bytes {there.have}-{last}/{whole}"}
            there = from_json(desk.Uploaded, self._json("PUT", path, piece, headers))
        return digest

    def outbox(self, after: int = 0, limit: int = 100) -> tuple[desk.Outgoing, ...]:
        """Return what was sent and how far it is, oldest first."""
        return self._items(
            "GET", _asks("/1/outbox", after=after, limit=limit), desk.Outgoing
        )

    def stuck(self) -> tuple[desk.Outgoing, ...]:
        """Return what does not move: who has to act, and the last error."""
        return self._items("GET", "/1/stuck", desk.Outgoing)

    # -- what came -----------------------------------------------------------------------

    def inbox(self, after: int = 0, limit: int = 100) -> tuple[desk.Arrived, ...]:
        """Return what came after a place in the inbox, oldest first."""
        return self._items("GET", _asks("/1/inbox", after=after, limit=limit), desk.Arrived)

    def content(self, n: int, officer: str) -> Iterator[bytes]:
        """Open the content of what came, for an officer; its pieces, one after the other."""
        response = self._ask("GET", _asks(f"/1/inbox/{n}/content", officer=officer))
        while piece := response.read(1 << 20):
            yield piece

    def events(self, after: int = 0) -> Iterator[desk.Arrived]:
        """Yield what came after a place, and then what comes, as it comes.

        It ends when the node stops; begin anew after the ``n`` of the last one.
        """
        stream = http.client.HTTPConnection(self._host, self._port, timeout=60)
        try:
            response = self._send(stream, "GET", f"/1/events?after={after}", None, {})
            for line in response:
                if line.startswith(b"data: "):
                    yield from_json(desk.Arrived, json.loads(line[6:]))
        except (OSError, http.client.HTTPException):
            return
        finally:
            stream.close()

    def acknowledge(self, n: int, officer: str, words: str = "") -> desk.Done:
        """Record that a named officer has the item."""
        body = to_json(desk.By(officer=officer, words=words))
        return self._one("POST", f"/1/inbox/{n}/acknowledgement", desk.Done, body)

    def refuse(self, n: int, officer: str, words: str) -> desk.Done:
        """Record that a named officer does not take the item, and why."""
        body = to_json(desk.By(officer=officer, words=words))
        return self._one("POST", f"/1/inbox/{n}/refusal", desk.Done, body)

    # -- accords, instruments, holds -------------------------------------------------------

    def accords(self) -> tuple[desk.Standing, ...]:
        """Return the accords of this party, as they stand now."""
        return self._items("GET", "/1/accords", desk.Standing)

    def instruments(self, accord: str) -> tuple[desk.Recorded, ...]:
        """Return the instruments on record under one accord."""
        return self._items(
            "GET", f"/1/accords/{quote(accord, '')}/instruments", desk.Recorded
        )

    def perform(
        self, text: str, officer: str, approvals: Sequence[bytes] = ()
    ) -> desk.Done:
        """Perform an instrument, written as in a file of a world."""
        body = to_json(desk.Text(text=text, officer=officer, approvals=tuple(approvals)))
        return self._one("POST", "/1/instruments", desk.Done, body)

    def consents(self, item: str, to: str) -> tuple[desk.Missing, ...]:
        """Return whose consent is missing, each with the request for it as a draft."""
        return self._items("GET", _asks("/1/consents", item=item, to=to), desk.Missing)

    def holds(self) -> tuple[desk.OnHold, ...]:
        """Return this party's own holds."""
        return self._items("GET", "/1/holds", desk.OnHold)

    def hold(self, text: str, officer: str) -> desk.Done:
        """Set holds, written as in ``holds.toml`` of a world."""
        body = to_json(desk.Text(text=text, officer=officer))
        return self._one("POST", "/1/holds", desk.Done, body)

    def lift(self, hold: str, officer: str, words: str = "") -> desk.Done:
        """End a hold."""
        body = to_json(desk.By(officer=officer, words=words))
        return self._one("POST", f"/1/holds/{quote(hold, '')}/end", desk.Done, body)

    def evidence(self, envelope: str) -> bytes:
        """Return the bundle that proves one exchange, by its envelope or its item; a zip file."""
        return self._ask("GET", f"/1/evidence/{quote(envelope, '')}").read()

    def approve(self, approval: bytes) -> desk.Done:
        """Hand over an officer's signed approval of one sending."""
        return self._one(
            "POST", "/1/approvals", desk.Done, to_json(desk.Approval(raw=approval))
        )

    def hindsight(self, accord: str) -> tuple[desk.Differs, ...]:
        """Return what crossed under an accord and would not have, by what is known now."""
        return self._items("GET", f"/1/accords/{quote(accord, '')}/hindsight", desk.Differs)

    def destroy_keys(self, accord: str, officer: str) -> desk.Done:
        """Destroy the term keys of an accord that has ended. It cannot be undone."""
        body = to_json(desk.By(officer=officer))
        return self._one(
            "POST", f"/1/accords/{quote(accord, '')}/keys/end", desk.Done, body
        )

    # -- the register ----------------------------------------------------------------------

    def register(self, item: str = "") -> tuple[desk.Copy, ...]:
        """Return every copy in the register, or those of one item."""
        return self._items("GET", _asks("/1/register", item=item), desk.Copy)

    def hand(
        self, serial: int, copy: int, holder: str, place: str, officer: str
    ) -> desk.Copy:
        """Record that a copy has another holder or place."""
        body = to_json(desk.Held(holder=holder, place=place, officer=officer))
        return self._one("POST", f"/1/register/{serial}/{copy}/holder", desk.Copy, body)

    def duplicate(self, serial: int, holder: str, place: str, officer: str) -> desk.Copy:
        """Record that a further copy of an item was made."""
        body = to_json(desk.Held(holder=holder, place=place, officer=officer))
        return self._one("POST", f"/1/register/{serial}/copies", desk.Copy, body)

    def end(
        self,
        serial: int,
        copy: int,
        how: Literal["destroyed", "returned"],
        certificate: str,
        officer: str,
    ) -> desk.Copy:
        """Record that a copy was destroyed or returned, by a certificate."""
        body = to_json(desk.Ending(how=how, certificate=certificate, officer=officer))
        return self._one("POST", f"/1/register/{serial}/{copy}/end", desk.Copy, body)

    def muster(
        self, seen: Sequence[tuple[int, int]], officer: str
    ) -> tuple[desk.Copy, ...]:
        """Record which copies were seen; return those that should be here and were not."""
        numbers = tuple(desk.Number(serial=serial, copy=copy) for serial, copy in seen)
        body = to_json(desk.Muster(seen=numbers, officer=officer))
        return self._items("POST", "/1/muster", desk.Copy, body)

    # -- the node itself -------------------------------------------------------------------

    def partners(self) -> tuple[desk.Partner, ...]:
        """Return the partners, and how things are with each."""
        return self._items("GET", "/1/partners", desk.Partner)

    def accept(self, file: bytes, fingerprint: str, confirmed: str) -> desk.Partner:
        """Accept a partner by its file of keys, whose fingerprint was compared."""
        acceptance = desk.Acceptance(
            file=file, fingerprint=fingerprint, confirmed=confirmed
        )
        return self._one("POST", "/1/partners", desk.Partner, to_json(acceptance))

    def invitation(self, to: str) -> bytes:
        """Return this party's file of keys for a partner."""
        return self._ask("GET", _asks("/1/invitation", to=to)).read()

    def renew(self, key_list: bytes) -> desk.Done:
        """Take the next version of this party's key list."""
        return self._one("POST", "/1/keys", desk.Done, to_json(desk.KeyList(raw=key_list)))

    def checks(self) -> tuple[desk.Check, ...]:
        """Look at everything that should be as it should be."""
        return self._items("GET", "/1/checks", desk.Check)

    def health(self) -> desk.Health:
        """Say whether the node answers."""
        return self._one("GET", "/health", desk.Health)

    def metrics(self) -> str:
        """Return the counts, in the text format of Prometheus."""
        return self._ask("GET", "/metrics").read().decode()

    def openapi(self) -> dict[str, Any]:
        """Return the node's description of its own side."""
        found: dict[str, Any] = self._json("GET", "/openapi.json")
        return found

    # -- HTTP ------------------------------------------------------------------------------

    def _one(self, method: str, path: str, kind: type[T], body: object = None) -> T:
        return from_json(kind, self._json(method, path, _encoded(body)))

    def _items(
        self, method: str, path: str, kind: type[T], body: object = None
    ) -> tuple[T, ...]:
        found = self._json(method, path, _encoded(body))
        return tuple(from_json(kind, one) for one in found["items"])

    def _json(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON has no narrower type
        return json.loads(self._ask(method, path, body, headers).read())

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> http.client.HTTPResponse:
        """Ask, once more on a new connection where the node had closed an idle one."""
        fresh = self._connection is None
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                self._host, self._port, timeout=self._timeout
            )
        try:
            return self._send(self._connection, method, path, body, headers or {})
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not fresh and isinstance(
                error, (ConnectionError, http.client.RemoteDisconnected)
            ):
                return self._ask(method, path, body, headers)
            raise _unreachable(self._host, self._port, error) from error

    def _send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
    ) -> http.client.HTTPResponse:
        said = headers | ({"authorization": f"Bearer {self._token}"} if self._token else {})
        connection.request(method, path, body=body, headers=said)
        response = connection.getresponse()
        if response.status >= 400:
            raise _refused(response)
        return response


def new_id() -> str:
    """Return a new item's id: a UUIDv7 (RFC 9562), which sorts by its time."""
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    raw[6] = 0x70 | (raw[6] & 0x0F)
    raw[8] = 0x80 | (raw[8] & 0x3F)
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _encoded(body: object) -> bytes | None:
    return None if body is None else json.dumps(body, ensure_ascii=False).encode()


def _asks(path: str, **named: str | int) -> str:
    return f"{path}?{urlencode(named)}"


def _refused(response: http.client.HTTPResponse) -> ComityError:
    """Return an answer that says no as the error that it is here."""
    try:
        problem = json.loads(response.read())
    except ValueError:
        problem = {"title": f"the node answered {response.status}"}
    refused = Refused(problem)
    if response.status == 404:
        return NotKnown(refused.message, hint=refused.hint, code=refused.code)
    if response.status in (400, 413, 415, 422):
        return InvalidInput(refused.message, hint=refused.hint, code=refused.code)
    return refused


def _unreachable(host: str, port: int, error: Exception) -> NotAtHand:
    return NotAtHand(
        f"no node answers at {host}:{port} ({type(error).__name__})",
        hint="start it with `comity serve`, or see `own` in its `node.toml`",
        code="no-node",
    )
