import http.client
import socket
import time

import pytest
from starlette.requests import Request
from starlette.responses import Response

from comity.exchange.answering import answering
from comity.exchange.limits import Limits, Room, read_body, stated_length
from comity.exchange.logs import Log
from exchange.served import exchange, served, speak

QUICK = Limits(
    head=2048,
    head_seconds=0.3,
    body_seconds=0.3,
    body_rate=1 << 20,
    write_seconds=0.3,
    idle_seconds=1,
    connections=8,
    per_peer=4,
)
HEAD = b"POST / HTTP/1.1\r\nhost: x\r\n"


class Lines:
    """Where a log writes to."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def echo(limits=QUICK, most=4096, answer=None):
    room = Room(limits)

    async def handler(request: Request) -> Response:
        length = stated_length(request, most)
        with room.request("one"), room.body(length):
            raw = await read_body(request, room, length)
        return Response(answer or raw)

    return answering(handler, Log(Lines(), lambda: 0))


def test_a_request_within_the_limits_is_answered_and_the_connection_kept():
    with served(echo(), QUICK) as listener:
        one = http.client.HTTPConnection("127.0.0.1", listener.port)
        for body in (b"", b"a", b"b" * 4096):
            one.request("POST", "/", body)
            assert one.getresponse().read() == body
        one.close()


def test_a_body_larger_than_the_limit_is_refused_before_it_is_read():
    with served(echo(), QUICK) as listener:
        said = exchange(listener.port, HEAD + b"content-length: 999999999999\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 413")
    assert b'"limit": 4096' in said
    assert b"connection: close" in said


@pytest.mark.parametrize(
    "length",
    [b"", b"transfer-encoding: chunked\r\n", b"content-length: 9999999999999999999\r\n"],
)
def test_a_body_of_no_stated_length_is_refused(length):
    with served(echo(), QUICK) as listener:
        said = exchange(listener.port, HEAD + length + b"\r\n")
    assert said[:12] in (b"HTTP/1.1 411", b"HTTP/1.1 413")


@pytest.mark.parametrize("length", [b"-1", b"1_0", b"+4", b"4, 4", b"\xd9\xa4", b"0x4"])
def test_a_length_that_is_no_number_is_refused(length):
    with served(echo(), QUICK) as listener:
        said = exchange(
            listener.port, HEAD + b"content-length: " + length + b"\r\n\r\nabcd"
        )
    assert said.startswith((b"HTTP/1.1 400", b"HTTP/1.1 411"))


def test_two_lengths_that_differ_are_refused():
    with served(echo(), QUICK) as listener:
        lengths = b"content-length: 4\r\ncontent-length: 5\r\n"
        said = exchange(listener.port, HEAD + lengths + b"\r\nabcde")
    assert said.startswith(b"HTTP/1.1 400")


def test_a_head_that_comes_a_byte_at_a_time_is_cut_off():
    with served(echo(), QUICK) as listener:
        began = time.monotonic()
        said = exchange(listener.port, *[b"%c" % c for c in HEAD * 3], pause=0.05)
        assert time.monotonic() - began < 5
    assert said.startswith(b"HTTP/1.1 408")


def test_a_connection_that_says_nothing_is_closed():
    with served(echo(), QUICK) as listener:
        assert exchange(listener.port) == b""


def test_a_second_head_is_held_to_the_same_time():
    with served(echo(), QUICK) as listener:
        whole = HEAD + b"content-length: 1\r\n\r\na"
        said = exchange(listener.port, whole, *[b"P"] * 4, b"O" * 4, pause=0.1)
    assert said.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 4" in said


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
def test_a_head_without_end_is_cut_off(end):
    with served(echo(), QUICK) as listener:
        said = exchange(listener.port, HEAD + b"x: " + b"y" * 70_000 + end)
    assert said.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))


def test_many_small_headers_are_a_large_head():
    with served(echo(), QUICK) as listener:
        many = b"".join(b"x-%d: y\r\n" % n for n in range(1000))
        said = exchange(listener.port, HEAD + many + b"\r\n")
    assert said.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))


def test_a_body_that_stalls_is_cut_off():
    with served(echo(), QUICK) as listener:
        said = exchange(listener.port, HEAD + b"content-length: 100\r\n\r\nabc")
    assert said.startswith(b"HTTP/1.1 408")


def test_what_is_no_http_gets_one_answer():
    with served(echo(), QUICK) as listener:
        said = exchange(listener.port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    assert said.startswith(b"HTTP/1.1 400")
    assert b"/problems/bad-request" in said


def test_a_peer_that_does_not_read_is_cut_off():
    large = echo(answer=b"z" * (32 << 20))
    with served(large, QUICK) as listener, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", listener.port))
        deaf.sendall(HEAD + b"content-length: 0\r\n\r\n")
        time.sleep(1.2)
        assert listener.doors.open == 0


def test_one_peer_has_so_many_connections_and_no_more():
    with served(echo(), QUICK) as listener:
        held = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(4)]
        time.sleep(0.05)
        said = exchange(listener.port)
        for one in held:
            one.close()
        assert said.startswith(b"HTTP/1.1 429")
        assert b"retry-after: 5" in said
        assert listener.doors.turned_away == 1
        time.sleep(0.1)
        whole = HEAD + b"content-length: 1\r\n\r\na"
        with socket.create_connection(("127.0.0.1", listener.port)) as again:
            assert speak(again, whole, until_closed=False).startswith(b"HTTP/1.1 200")


def test_bodies_that_do_not_fit_into_memory_together_wait_outside():
    limits = Limits(held=1000)
    with served(echo(limits), limits) as listener:
        said = exchange(listener.port, HEAD + b"content-length: 1001\r\n\r\n", timeout=5)
    assert said.startswith(b"HTTP/1.1 503")
    assert b"retry-after" in said


def test_a_defect_shows_its_place_to_the_log_and_nothing_to_the_peer():
    lines = Lines()

    async def broken(request):
        assert request.method == "POST"
        raise ValueError("the content of somebody's item")

    with served(answering(broken, Log(lines, lambda: 0)), QUICK) as listener:
        said = exchange(listener.port, HEAD + b"content-length: 0\r\n\r\n")
    assert b"/problems/defect" in said
    assert b"somebody" not in said
    assert "ValueError" in lines.text
    assert "somebody" not in lines.text
    assert "test_listener.py" in lines.text
