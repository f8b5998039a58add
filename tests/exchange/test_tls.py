"""Two nodes speak TLS 1.3 only with whom the other's key list has, over real sockets."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from shutil import which

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from comity.exchange.certificate import make_tls_key
from comity.exchange.limits import Limits
from comity.exchange.listener import Listener
from comity.exchange.tls import (
    PEER,
    Connection,
    NoPin,
    Pinned,
    admit,
    certificates,
    client_context,
    peer_of,
    server_context,
)
from comity.signed import Revoked, Ring, Use, spki_digest
from exchange.keys_at_hand import NOW, list_of, ring_of, secrets_of
from signed.keys import random_of
from signed.lists import T0, YEAR, signed

RANDOM = random_of(1)
JP, KR, US = (secrets_of(party).tls[0] for party in ("jp", "kr", "us"))
STRANGER = make_tls_key(random_of(99), T0, T0 + YEAR)
EXPIRED = make_tls_key(random_of(98), T0 - YEAR, T0 - 1)


class World:
    """What a server knows, to be changed while it runs."""

    def __init__(self, ring, at=NOW):
        self.ring, self.at = ring, at
        self.seen = []

    async def __call__(self, scope, _receive, send):
        party = peer_of(scope, self.ring, self.at)
        self.seen.append(party)
        body = str(party).encode()
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(world, context):
    """A real listener of the endpoint in a thread of its own."""
    loop = asyncio.new_event_loop()
    listener = Listener(
        world,
        host="127.0.0.1",
        port=0,
        limits=Limits(handshake_seconds=1.0),
        tls=context,
        protocol=Pinned,
    )
    loop.set_exception_handler(lambda *_: None)
    loop.run_until_complete(listener.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield listener.port
    finally:
        asyncio.run_coroutine_threadsafe(listener.stop(1.0), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def counting(ring, party, at=NOW):
    return lambda digest: ring.party_of_tls(digest, at) == party


def of_jp(digest):
    return counting(ring_of("jp"), "jp")(digest)


def asked(port, context, counts=of_jp):
    connection = Connection("127.0.0.1", port, context=context, counts=counts, timeout=5.0)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def jp():
    """The node of jp, which has kr for a partner."""
    world = World(ring_of("jp", "kr"))
    context = server_context(JP, certificates(world.ring, "kr", NOW), RANDOM)
    with serving(world, context) as port:
        world.port = port
        yield world


def client(key, partner=(JP.certificate,)):
    return client_context(key, partner, RANDOM)


def test_partners_know_one_another(jp):
    assert asked(jp.port, client(KR)) == "kr"


def test_the_peer_is_known_for_each_request_of_a_connection(jp):
    connection = Connection(
        "127.0.0.1",
        jp.port,
        context=client(KR),
        counts=of_jp,
        timeout=5.0,
    )
    for _ in range(3):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"kr"
    assert connection.sock.version() == "TLSv1.3"
    assert not connection.sock.session.has_ticket  # none to come back with, without a key
    connection.close()


def turned_away(call):
    """A side that the other does not let in learns so from a closed connection."""
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
        call()


@pytest.mark.parametrize("key", [US, STRANGER], ids=["no partner of jp", "a stranger"])
def test_another_certificate_is_not_let_in(jp, key):
    seen = len(jp.seen)
    turned_away(lambda: asked(jp.port, client(key)))
    assert len(jp.seen) == seen


def bare():
    """A client context without a certificate of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def test_one_without_a_certificate_is_not_let_in(jp):
    seen = len(jp.seen)
    turned_away(lambda: asked(jp.port, bare()))
    assert len(jp.seen) == seen


def test_an_older_tls_is_not_spoken(jp):
    context = client(KR)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    turned_away(lambda: asked(jp.port, context))


def test_a_client_does_not_speak_an_older_tls_either():
    ours = server_context(JP, [KR.certificate], RANDOM)
    ours.minimum_version = ssl.TLSVersion.TLSv1_2
    ours.maximum_version = ssl.TLSVersion.TLSv1_2
    with serving(World(ring_of("jp", "kr")), ours) as port:
        turned_away(lambda: asked(port, client(KR)))


def test_plain_http_is_not_answered(jp):
    seen = len(jp.seen)
    with socket.create_connection(("127.0.0.1", jp.port), 5) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nhost: jp\r\n\r\n")
        answer = b""
        while part := plain.recv(4096):
            answer += part
    assert b"HTTP" not in answer
    assert len(jp.seen) == seen


def test_one_who_says_nothing_is_let_go(jp):
    with socket.create_connection(("127.0.0.1", jp.port), 10) as silent:
        assert silent.recv(1) == b""


def test_a_certificate_that_was_taken_without_its_key_is_no_use():
    """A thief has kr's certificate, and another key."""
    stolen = replace(KR, secret=STRANGER.secret)
    with pytest.raises(ssl.SSLError):
        client(stolen)


# -- the client's side ---------------------------------------------------------------------


def test_a_client_sends_nothing_to_a_node_with_another_key():
    world = World(ring_of("us", "kr"))
    with serving(world, server_context(US, [KR.certificate], RANDOM)) as port:
        turned_away(lambda: asked(port, client(KR)))
    assert world.seen == []


def test_a_client_looks_at_the_list_and_not_only_at_the_handshake(jp):
    """The handshake is good, but the list has dropped the key since."""
    seen = len(jp.seen)
    for counts in (lambda _: False, counting(Ring(), "jp"), counting(ring_of("jp"), "us")):
        with pytest.raises(NoPin, match="shows another key") as caught:
            asked(jp.port, client(KR), counts)
        assert caught.value.code == "no-pin"
        assert caught.value.hint
    assert len(jp.seen) == seen


def test_the_key_is_looked_at_before_the_first_byte_of_http():
    """The server takes any client, and would note whatever it is sent."""
    got = []
    context = server_context(JP, [KR.certificate], RANDOM)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            plain, _ = listening.accept()
            plain.settimeout(5)
            with context.wrap_socket(plain, server_side=True) as sock:
                got.append(sock.recv(100))

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(NoPin):
            asked(listening.getsockname()[1], client(KR), lambda _: False)
        thread.join()
    assert got == [b""]


def test_a_closed_port_is_an_error_of_the_system():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        asked(port, client(KR))


# -- time, and what changes while a node runs ----------------------------------------------


def test_a_key_that_has_ended_by_the_lists_and_the_nodes_clock_is_a_strangers(jp):
    for at, wanted in (
        (T0 + 2 * YEAR - 1, "kr"),
        (T0 + 2 * YEAR, "None"),
        (T0 - 1, "None"),
    ):
        jp.at = at
        try:
            assert asked(jp.port, client(KR)) == wanted
        finally:
            jp.at = NOW


def test_the_dates_in_a_certificate_are_not_looked_at_and_those_of_the_list_are():
    world = World(ring_of("jp", "kr"))
    with serving(world, server_context(JP, [EXPIRED.certificate], RANDOM)) as port:
        assert asked(port, client(EXPIRED)) == "None"


def test_a_key_revoked_while_a_connection_is_open_counts_no_more(jp):
    connection = Connection(
        "127.0.0.1",
        jp.port,
        context=client(KR),
        counts=of_jp,
        timeout=5.0,
    )
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"kr"
    kept, before = jp.ring, list_of("kr")
    keys = tuple(
        replace(k, revoked=Revoked(at=NOW, why="stolen")) if k.use is Use.TLS else k
        for k in before.keys
    )
    later = replace(before, version=2, keys=keys, raw=b"", payload=b"")
    jp.ring = kept.adding(signed(later, before))
    try:
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"None"
    finally:
        jp.ring = kept
        connection.close()


def test_a_partner_is_added_while_the_node_runs():
    world = World(ring_of("jp", "kr"))
    context = server_context(JP, certificates(world.ring, "kr", NOW), RANDOM)
    with serving(world, context) as port:
        turned_away(lambda: asked(port, client(US)))
        world.ring = ring_of("jp", "kr", "us")
        admit(context, certificates(world.ring, "us", NOW))
        admit(context, certificates(world.ring, "us", NOW))
        assert asked(port, client(US)) == "us"
        assert asked(port, client(KR)) == "kr"


def test_a_node_without_partners_lets_nobody_in():
    world = World(ring_of("jp"))
    with serving(world, server_context(JP, [], RANDOM)) as port:
        turned_away(lambda: asked(port, client(KR)))


def test_a_partner_may_show_any_of_the_keys_that_its_list_has():
    """While kr changes its key, both are listed."""
    fresh = make_tls_key(random_of(97), T0, T0 + YEAR)
    world = World(ring_of("jp", "kr"))
    context = server_context(JP, [KR.certificate, fresh.certificate], RANDOM)
    with serving(world, context) as port:
        assert asked(port, client(KR)) == "kr"
        assert asked(port, client(fresh)) == "None"


def test_many_partners_are_told_apart():
    numbers = count(1000)
    keys = [make_tls_key(random_of(next(numbers)), T0, T0 + YEAR) for _ in range(40)]
    world = World(ring_of("jp", "kr"))
    every = [*(k.certificate for k in keys), KR.certificate]
    with serving(world, server_context(JP, every, RANDOM)) as port:
        assert asked(port, client(KR)) == "kr"
        assert asked(port, client(keys[20])) == "None"
        turned_away(lambda: asked(port, client(US)))


# -- the certificate -----------------------------------------------------------------------


def test_a_certificate_names_nobody_and_may_sign_no_other():
    shown = x509.load_der_x509_certificate(JP.certificate)
    assert shown.subject == shown.issuer
    assert "jp" not in shown.subject.rfc4514_string().lower().replace("comity", "")
    assert isinstance(shown.public_key(), ec.EllipticCurvePublicKey)
    basic = shown.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not basic.ca
    usage = shown.extensions.get_extension_for_class(x509.KeyUsage).value
    assert not usage.key_cert_sign
    shown.verify_directly_issued_by(shown)


def test_a_certificate_is_made_from_its_random_bytes_alone():
    again = make_tls_key(random_of(99), T0, T0 + YEAR)
    assert again == STRANGER
    assert make_tls_key(random_of(98), T0, T0 + YEAR).public != STRANGER.public
    assert again.public.raw == spki_digest(again.certificate)


OPENSSL = which("openssl")


@pytest.mark.skipif(OPENSSL is None, reason="not run: no openssl here")
def test_the_pin_is_the_one_that_openssl_computes():
    made = JP.certificate
    for step in (
        "x509 -inform der -noout -pubkey",
        "pkey -pubin -outform der",
        "dgst -sha256 -binary",
    ):
        done = subprocess.run(  # noqa: S603
            [OPENSSL, *step.split()], input=made, capture_output=True, check=True
        )
        made = done.stdout
    assert made == JP.public.raw


def test_no_key_is_written_in_the_clear_and_none_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pem = JP.pem(b"a moment")
    assert b"ENCRYPTED PRIVATE KEY" in pem
    assert client(JP)
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_not_printed():
    assert JP.secret.seed.hex() not in repr(JP)
    assert repr(JP.secret.seed) not in repr(JP)
    assert "Secret" not in repr(JP)


def test_a_scope_without_a_peer_is_a_strangers():
    for scope in ({}, {PEER: None}, {PEER: "jp"}, {PEER: b""}):
        assert peer_of(scope, ring_of("jp", "kr"), NOW) is None
