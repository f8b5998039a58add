import asyncio
import hashlib
import http.client
import itertools
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from comity.exchange.answering import answering, json_response
from comity.exchange.bodies import Bodies, Piece
from comity.exchange.courier import FIRST, MOST, Undelivered, Way, backoff
from comity.exchange.endpoint import ANSWER, take_piece
from comity.exchange.logs import Log
from exchange.served import served


@given(st.integers(0, 10**6), st.binary(min_size=4, max_size=4))
def test_one_waits_longer_each_time_and_never_longer_than_the_most(attempts, drawn):
    waited = backoff(attempts, lambda size: drawn[:size])
    longest = min(MOST, FIRST * 2 ** min(attempts, 30))
    assert longest / 2 <= waited <= longest


def test_two_nodes_do_not_wait_alike():
    assert len({backoff(5, os.urandom) for _ in range(50)}) == 50


@dataclass
class Errand:
    raw: bytes = b"a consignment"
    flash: bool = False
    partner: str = "south"
    id: int = 1
    uploads: tuple[tuple[str, Path], ...] = field(default=())


class Lines:
    def write(self, text):
        self.text = text

    def flush(self):
        pass


def answers(handler):
    return answering(handler, Log(Lines(), lambda: 0))


def way(port):
    """A way without TLS: what the wire says of it, `test_tls` has."""

    def connect(partner, host, _):
        assert (partner, host) == ("south", "127.0.0.1")
        return http.client.HTTPConnection(host, port, timeout=0.5)

    return Way("south", (f"https://127.0.0.1:{port}",), connect)


def carried(handler, errand=None):
    with served(answers(handler)) as listener:
        one = way(listener.port)
        try:
            return one.carry(errand or Errand())
        finally:
            one.close()


def test_what_is_answered_comes_back():
    async def handler(request: Request) -> Response:
        assert request.headers["priority"] == "u=3"
        return Response(await request.body(), media_type=ANSWER)

    assert carried(handler) == b"a consignment"


@pytest.mark.parametrize(
    ("status", "headers", "code", "after"),
    [
        (503, {"retry-after": "7"}, "http-503", 7),
        (429, {}, "http-429", None),
        (507, {"retry-after": "soon"}, "http-507", None),
        (400, {}, "http-400", None),
        (302, {"location": "http://127.0.0.1:1/"}, "http-302", None),
        (200, {"content-type": "text/html"}, "bad-answer", None),
    ],
)
def test_whatever_else_comes_is_a_failure_with_its_code(status, headers, code, after):
    async def handler(request: Request) -> Response:
        _ = await request.body()
        return Response(b"x", status_code=status, headers=headers)

    with pytest.raises(Undelivered) as failure:
        carried(handler)
    assert (failure.value.code, failure.value.after) == (code, after)


def test_a_partner_that_does_not_answer_is_not_waited_for_for_ever():
    async def handler(request: Request) -> Response:
        _ = await request.body()
        await asyncio.sleep(2)
        return Response(b"")

    with served(answers(handler)) as listener:
        one = way(listener.port)
        one._connection = http.client.HTTPConnection(
            "127.0.0.1", listener.port, timeout=0.3
        )
        with pytest.raises(Undelivered) as failure:
            one.carry(Errand())
    assert failure.value.code == "timeout"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "ftp://127.0.0.1", "https://", "file:///etc/passwd"]
)
def test_it_goes_to_https_and_nowhere_else(address):
    def connect(*_):
        raise AssertionError("it was connected to")

    with pytest.raises(Undelivered) as failure:
        Way("south", (address,), connect).carry(Errand())
    assert failure.value.code == "unreachable"


def test_a_large_body_goes_on_where_it_broke_off(tmp_path):
    raw = os.urandom(20 << 20)
    path = tmp_path / "body"
    path.write_bytes(raw)
    digest = hashlib.sha256(raw).hexdigest()
    bodies = Bodies(folder=tmp_path / "in")
    begun = bodies.open("north", digest, Piece(0, 1000, len(raw)))
    begun.take(raw[:1000])
    begun.close()
    puts = itertools.count()
    taken = []

    async def handler(request: Request) -> Response:
        if request.method == "POST":
            _ = await request.body()
            return Response(b"answer", media_type=ANSWER)
        if request.method == "GET":
            have, complete = bodies.have("north", digest)
            return json_response({"have": have, "complete": complete})
        piece = Piece.parse(request.headers["content-range"])
        taken.append(piece.start)
        if next(puts) == 1:
            return Response(b"", status_code=503, headers={"connection": "close"})
        have, complete = await take_piece(request, bodies.open("north", digest, piece))
        return json_response({"have": have, "complete": complete})

    errand = Errand(uploads=((digest, path),))
    with served(answers(handler)) as listener:
        one = way(listener.port)
        with pytest.raises(Undelivered):
            one.carry(errand)
        assert one.carry(errand) == b"answer"
        one.close()
    assert taken[0] == 1000
    assert taken[1] == taken[2] == 1000 + (8 << 20)
    assert bodies.path("north", digest).read_bytes() == raw


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"{}",
        b"[]",
        b'{"have": -1, "complete": false}',
        b'{"have": true, "complete": true}',
    ],
)
def test_a_partner_that_talks_nonsense_of_a_body_ends_the_attempt(tmp_path, said):
    path = tmp_path / "body"
    path.write_bytes(b"abc")

    async def handler(request: Request) -> Response:
        _ = await request.body()
        return Response(said)

    with pytest.raises(Undelivered) as failure:
        carried(handler, Errand(uploads=(("a" * 64, path),)))
    assert failure.value.code == "bad-answer"
