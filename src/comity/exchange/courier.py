"""The courier: takes what is due to partners, carries it, and brings the answers back.

Two connections a partner: one kept free for instruments and FLASH, one for the rest. It
goes only to addresses in the partner's own key list, which are resolved once an attempt;
it follows no redirect and asks no proxy. An attempt that fails is told to the node, which
keeps when the next one is; delivery is at least once, and the node sees to *once*.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from comity.errors import ComityError, InvalidInput
from comity.exchange.endpoint import ANSWER, CONSIGNMENT, PIECE
from comity.exchange.limits import MIB
from comity.exchange.logs import Log
from comity.exchange.problem import Problem
from comity.exchange.tls import NoPin
from comity.exchange.writer import Writer

FIRST, MOST = 1.0, 300.0  # seconds before the second attempt, and between any two later
CONNECT, ANSWERED = 10.0, 60.0  # seconds to connect, and to wait for an answer
LARGEST_ANSWER = 32 * MIB


class Errand(Protocol):
    """One consignment that is due; `comity.exchange.dispatch.Errand`."""

    @property
    def id(self) -> int:
        """By which the node knows it."""

    @property
    def partner(self) -> str:
        """To whom."""

    @property
    def flash(self) -> bool:
        """Whether it goes on the way kept free."""

    @property
    def raw(self) -> bytes:
        """Its bytes."""

    @property
    def uploads(self) -> Sequence[tuple[str, Path]]:
        """Bodies to be there before it, by digest."""


class Dispatching(Protocol):
    """What the courier needs of a node."""

    def due(self, busy: frozenset[tuple[str, bool]]) -> Sequence[Errand]:
        """Return what is due, decided again."""

    def settle(self, errand_id: int, raw: bytes) -> None:
        """Take an answer."""

    def failed(self, errand_id: int, code: str, next_: int) -> None:
        """Say that it did not arrive, and when to try again."""

    def attempts(self, errand_id: int) -> int:
        """Return how often it was tried before."""

    def addresses(self, partner: str) -> Sequence[str]:
        """Return the addresses in a partner's key list."""

    def wants_keys(self) -> Sequence[str]:
        """Return the partners whose file of keys has something new."""

    def take_party_file(self, party: str, raw: bytes) -> None:
        """Record what is new in it."""

    def now(self) -> int:
        """Return the node's time."""


Connect = Callable[[str, str, int], http.client.HTTPConnection]
"""Returns a connection to a partner at a host and port, which lets through its key alone."""


class Undelivered(Exception):
    """An attempt failed.

    Attributes:
        code: ``unreachable``, ``tls``, ``no-pin``, ``timeout``, ``http-503``, ``bad-answer``,
            ``no-address``.
        after: seconds that the partner asks for; None where it does not say.
    """

    def __init__(self, code: str, after: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.after = after


def backoff(attempts: int, random: Callable[[int], bytes]) -> float:
    """Return how long to wait after so many attempts: doubling, with full jitter.

    Half of it is certain, so that a partner that is down is not asked at once again; half
    is drawn, so that many nodes do not ask it together.
    """
    longest = min(MOST, FIRST * (1 << min(attempts, 30)))
    drawn = int.from_bytes(random(4), "big") / (1 << 32)
    return longest / 2 + drawn * longest / 2


class Way:
    """One kept connection to one partner. One thread's."""

    def __init__(self, partner: str, addresses: Sequence[str], connect: Connect) -> None:
        self._partner = partner
        self._addresses = addresses
        self._connect = connect
        self._connection: http.client.HTTPConnection | None = None

    def carry(self, errand: Errand) -> bytes:
        """Bring an errand, and return the answer.

        Raises:
            Undelivered: with the code of what went wrong.
        """
        fresh = self._connection is None
        try:
            return self._carry(errand)
        except Undelivered as failure:
            self.close()
            if fresh or failure.code not in ("unreachable", "bad-answer", "tls"):
                raise
            return self._carry(errand)  # the partner closed what had been idle: once anew

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _carry(self, errand: Errand) -> bytes:
        for digest, path in errand.uploads:
            self._upload(digest, path)
        headers = {
            "content-type": CONSIGNMENT,
            "priority": "u=0" if errand.flash else "u=3",
        }
        status, kind, raw = self._ask(
            "POST", "/exchange/1/consignments", errand.raw, headers
        )
        if status != 200 or kind != ANSWER:
            raise Undelivered(f"http-{status}" if status != 200 else "bad-answer")
        return raw

    def party_file(self) -> bytes:
        """Return the partner's file of keys.

        Raises:
            Undelivered: with the code of what went wrong.
        """
        status, _, raw = self._ask("GET", "/exchange/1/keys", None, {})
        if status != 200:
            raise Undelivered(f"http-{status}")
        return raw

    def _upload(self, digest: str, path: Path) -> None:
        """Bring a body in pieces, from where an earlier attempt ended."""
        address, whole = f"/exchange/1/bodies/{digest}", path.stat().st_size
        have, complete = _had(self._ask("GET", address, None, {}))
        with path.open("rb") as file:
            while not complete:
                _ = file.seek(have)
                piece = file.read(PIECE)
                if not piece:
                    raise Undelivered("bad-answer")
                span = f"bytes {have}-{have + len(piece) - 1}/{whole}"
                answered = self._ask("PUT", address, piece, {"content-range": span})
                before, (have, complete) = have, _had(answered)
                if have <= before and not complete:
                    raise Undelivered("bad-answer")

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str, bytes]:
        try:
            connection = self._connected()
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            raw = response.read(LARGEST_ANSWER + 1)
        except TimeoutError:
            raise Undelivered("timeout") from None
        except ssl.SSLError:
            raise Undelivered("tls") from None
        except OSError:
            raise Undelivered("unreachable") from None
        except http.client.HTTPException:
            raise Undelivered("bad-answer") from None
        if len(raw) > LARGEST_ANSWER:
            raise Undelivered("bad-answer")
        if response.status in (429, 503, 507):
            after = response.headers.get("retry-after", "")
            seconds = int(after) if after.isascii() and after.isdigit() else None
            raise Undelivered(f"http-{response.status}", seconds)
        return response.status, response.headers.get("content-type", ""), raw

    def _connected(self) -> http.client.HTTPConnection:
        failure: Exception = ConnectionError("the partner has no address")
        for address in self._addresses:
            if self._connection is not None:
                break
            try:
                self._connection = self._opened(address)
            except OSError as error:
                failure = error
        if self._connection is None:
            raise failure
        return self._connection

    def _opened(self, address: str) -> http.client.HTTPConnection:
        parts = urlsplit(address)
        if parts.scheme != "https" or parts.hostname is None:
            raise ConnectionError(f"`{address}` is no https address")
        connection = self._connect(self._partner, parts.hostname, parts.port or 443)
        try:
            connection.connect()
        except NoPin:
            raise Undelivered("no-pin") from None
        connection.auto_open = 0  # it is opened here alone, where its key is looked at
        connection.sock.settimeout(ANSWERED)
        return connection


def _had(answered: tuple[int, str, bytes]) -> tuple[int, bool]:
    status, _, raw = answered
    try:
        said = json.loads(raw)
        have, complete = said["have"], said["complete"]
    except (ValueError, KeyError, TypeError):
        raise Undelivered(f"http-{status}" if status >= 400 else "bad-answer") from None
    if type(have) is not int or type(complete) is not bool or have < 0:
        raise Undelivered("bad-answer")
    return have, complete


class Courier:
    """Carries errands, each way of a partner on a thread of its own."""

    def __init__(
        self,
        node: Dispatching,
        writer: Writer,
        connect: Connect,
        log: Log,
        random: Callable[[int], bytes],
    ) -> None:
        self._node = node
        self._writer = writer
        self._connect = connect
        self._log = log
        self._random = random
        self._ways: dict[tuple[str, bool], Way] = {}
        self._busy: set[tuple[str, bool]] = set()
        self._waits: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()
        self._more = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Begin to carry."""
        self._thread.start()

    def wake(self) -> None:
        """Look now whether something is due. Any thread may call it."""
        self._more.set()

    def stop(self) -> None:
        """Take nothing new; what is out is told as failed, and goes again after the start."""
        self._ended = True
        self._more.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        for way in list(self._ways.values()):
            way.close()

    def _run(self) -> None:
        while not self._ended:
            _ = self._more.wait(timeout=1.0)
            self._more.clear()
            try:
                self._look()
            except Problem:
                continue  # the node has too much to do; it is asked again
            except ComityError as error:
                self._log.say("undelivered", code=error.code)
            except Exception as error:  # noqa: BLE001 - one defect must not stop the courier
                self._log.defect(error)

    def _look(self) -> None:
        with self._lock:
            busy = frozenset(self._busy)
        for errand in self._writer.call(lambda: self._node.due(busy), urgent=True).result():
            self._out((errand.partner, errand.flash), partial(self._try, errand))
        for partner in self._writer.call(self._node.wants_keys).result():
            key, now = (partner, True), time.monotonic()
            if key not in self._busy and now >= self._waits.get(partner, (0.0, 0.0))[0]:
                self._out(key, partial(self._fetch, partner))

    def _out(self, key: tuple[str, bool], work: Callable[[tuple[str, bool]], None]) -> None:
        """Do something on a way to a partner, on a thread of its own."""
        with self._lock:
            self._busy.add(key)
        threading.Thread(
            target=self._do, args=(key, work), name="courier-way", daemon=True
        ).start()

    def _do(self, key: tuple[str, bool], work: Callable[[tuple[str, bool]], None]) -> None:
        try:
            work(key)
        except Problem:
            pass  # the node is stopping
        except Exception as error:  # noqa: BLE001 - as above
            self._log.defect(error)
        finally:
            with self._lock:
                self._busy.discard(key)
            self._more.set()

    def _try(self, errand: Errand, key: tuple[str, bool]) -> None:
        try:
            raw = self._way(errand.partner, key).carry(errand)
            self._writer.call(
                lambda: self._node.settle(errand.id, raw), urgent=errand.flash
            ).result()
        except (Undelivered, InvalidInput) as failure:
            if isinstance(failure, Undelivered):
                self._failed(errand, failure)
            else:
                self._failed(errand, Undelivered("bad-answer"))
        else:
            self._log.say("delivered", partner=errand.partner, bytes=len(errand.raw))

    def _fetch(self, partner: str, key: tuple[str, bool]) -> None:
        """Fetch a partner's file of keys; if it cannot be had, wait longer each time."""
        try:
            raw = self._way(partner, key).party_file()
            self._writer.call(lambda: self._node.take_party_file(partner, raw)).result()
        except (Undelivered, ComityError) as failure:
            self._log.say("undelivered", partner=partner, code=failure.code)
            way = self._ways.pop(key, None)
            if way is not None:
                way.close()
            wait = min(2 * self._waits.get(partner, (0.0, 0.5))[1], float(MOST))
            self._waits[partner] = (time.monotonic() + wait, wait)
        else:
            _ = self._waits.pop(partner, None)

    def _way(self, partner: str, key: tuple[str, bool]) -> Way:
        if key not in self._ways:
            addresses = self._writer.call(lambda: self._node.addresses(partner)).result()
            if not addresses:
                raise Undelivered("no-address")
            self._ways[key] = Way(partner, tuple(addresses), self._connect)
        return self._ways[key]

    def _failed(self, errand: Errand, failure: Undelivered) -> None:
        way = self._ways.pop((errand.partner, errand.flash), None)
        if way is not None:
            way.close()  # its addresses and keys may be others by the next attempt

        def tell() -> None:
            wait = backoff(self._node.attempts(errand.id), self._random)
            if failure.after is not None:
                wait = min(max(wait, failure.after), MOST)
            self._node.failed(
                errand.id, failure.code, self._node.now() + max(1, round(wait))
            )

        self._writer.call(tell).result()
        self._log.say("undelivered", partner=errand.partner, code=failure.code)
