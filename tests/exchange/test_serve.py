"""Two real nodes: processes, databases, mutual TLS, the courier, and the own side's API."""

import hashlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import comity
from comity.errors import ComityError, InvalidInput, NotKnown
from comity.exchange.client import Client, new_id
from comity.exchange.desk import Marking, Sending
from comity.exchange.routes import ROUTES, Scope, openapi
from exchange.houses import PARTIES, Running, eventually, house, lines_of, two
from exchange.openings import faults

MARKING = Marking(
    level="north:RESTRICTED", categories=("incidents",), release_to=("south",)
)
SECRET = b"three indicators of an attack"
NOTICE = """accord = "north-south"

[[instrument]]
id = "north-notice"
by = ["north"]
form = "written"
dated = "2026-11-01T09:00:00Z"
operations = [{ do = "give_notice", notice = "n1" }]
source = "our note"
"""
HOLD = """[[hold]]
id = "pause"
by = "north"
towards = ["south"]
accords = ["any"]
categories = ["any"]
ground = "an inquiry"
since = "2026-01-01T00:00:00Z"
"""


def item(**more):
    given = {
        "to": "south",
        "item": new_id(),
        "marking": MARKING,
        "kind": "document",
        "purpose": "defence-of-networks",
        "channel": "e-mail",
        "content": SECRET,
    }
    return Sending(**(given | more))


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    both = two(tmp_path_factory.mktemp("two"))
    yield both
    for one in both:
        one.stop()


@pytest.fixture
def north(pair):
    with pair[0].client() as client:
        yield client


@pytest.fixture
def south(pair):
    with pair[1].client() as client:
        yield client


def arrived(south, name):
    found = eventually(lambda: [one for one in south.inbox(limit=1000) if one.item == name])
    return found[0]


# -- crossing ------------------------------------------------------------------------------


def test_an_item_crosses_sealed_and_is_opened_by_a_named_officer(pair, north, south):
    sent = north.send(item())
    assert (sent.verdict, sent.accord) == ("sent", "north-south")
    assert sent.articles
    one = arrived(south, sent.item)
    assert (one.sender, one.level, one.handle_as) == (
        "north",
        "north:RESTRICTED",
        ("south:RISERVATO",),
    )
    assert one.envelope == sent.envelope
    assert b"".join(south.content(one.n, "dave")) == SECRET
    done = south.acknowledge(one.n, "dave", "safe 3")
    assert "dave" in done.words
    assert arrived(south, sent.item).acknowledged == "dave"
    for running in pair:
        for path in running.folder.rglob("node.db*"):
            assert SECRET not in path.read_bytes()


def test_the_receipt_comes_back_to_the_sender(north, south):
    sent = north.send(item())
    arrived(south, sent.item)
    eventually(
        lambda: [
            one
            for one in north.outbox(limit=1000)
            if one.item == sent.item and one.state == "receipted"
        ]
    )


def test_the_same_item_again_is_the_same_sending(north, south):
    one = item()
    first, again = north.send(one), north.send(one)
    assert again.envelope == first.envelope
    arrived(south, one.item)
    time.sleep(0.3)
    assert len([x for x in south.inbox(limit=1000) if x.item == one.item]) == 1


def test_what_may_not_go_is_denied_with_its_reason_and_never_leaves(north, south):
    other = Marking(level="north:RESTRICTED", categories=("incidents",), release_to=())
    denied = north.send(item(marking=other))
    assert denied.verdict == "denied"
    assert denied.reason == "originator_forbids"
    assert denied.hint
    assert denied.item not in {one.item for one in north.outbox(limit=1000)}
    assert denied.item not in {one.item for one in south.inbox(limit=1000)}


def test_many_items_in_one_request_get_a_verdict_each_in_their_order(north, south):
    bad = Marking(level="north:RESTRICTED", categories=("incidents",), release_to=())
    many = [item(marking=bad if n % 3 == 0 else MARKING) for n in range(20)]
    verdicts = north.send_many(many)
    assert [one.item for one in verdicts] == [one.item for one in many]
    assert [one.verdict == "denied" for one in verdicts] == [n % 3 == 0 for n in range(20)]
    for one in verdicts:
        if one.verdict == "sent":
            arrived(south, one.item)


def test_a_preview_says_the_same_and_does_nothing(north):
    one = item()
    before = len(north.outbox(limit=1000))
    (said,) = north.preview([one])
    assert (said.verdict, said.accord, said.envelope) == ("sent", "north-south", "")
    assert len(north.outbox(limit=1000)) == before


def test_a_large_item_goes_up_and_across_in_pieces(tmp_path, north, south):
    path = tmp_path / "large"
    path.write_bytes(os.urandom(1 << 20) * 9)
    with path.open("rb") as file:
        sent = north.send(item(content=None), file)
    one = arrived(south, sent.item)
    running = hashlib.sha256()
    for piece in south.content(one.n, "dave"):
        running.update(piece)
    assert running.digest() == hashlib.sha256(path.read_bytes()).digest()


def test_flash_goes_on_its_own_way(north, south):
    sent = north.send(item(precedence="FLASH"))
    assert arrived(south, sent.item).precedence == "FLASH"


def test_what_comes_is_heard_of_as_it_comes(north, south, pair):
    heard, after = [], max((one.n for one in south.inbox(limit=1000)), default=0)

    def listen():
        with pair[1].client() as client:
            for one in client.events(after):
                heard.append(one)
                return

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(0.3)
    sent = north.send(item())
    thread.join(20)
    assert [one.item for one in heard] == [sent.item]


def test_a_hold_stops_sharing_at_once_and_its_end_lets_it_go_on(north, south):
    north.hold(HOLD, "carol")
    assert [one.id for one in north.holds()] == ["pause"]
    assert north.send(item()).reason == "held"
    north.lift("pause", "carol")
    arrived(south, north.send(item()).item)


def test_an_instrument_reaches_the_partner(north, south):
    done = north.perform(NOTICE, "carol")
    assert "north-notice" in done.words
    found = eventually(
        lambda: [x for x in south.instruments("north-south") if x.id == "north-notice"]
    )
    assert (found[0].by, found[0].does, found[0].came) == (
        ("north",),
        ("give_notice",),
        "north",
    )
    assert [one.status for one in south.accords()] == ["in_force"]


def test_both_nodes_are_as_they_should_be(north, south):
    for client in (north, south):
        wrong = eventually(lambda c=client: all(one.ok for one in c.checks()))
        assert wrong


# -- who may ask -----------------------------------------------------------------------------


def raw(running, method, path, body=None, headers=None):
    """Ask without a client; return status, headers, body."""
    host, _, port = running.home.settings.own.partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    endless = answer.getheader("content-type", "").startswith("text/event-stream")
    found = answer.status, dict(answer.getheaders()), b"" if endless else answer.read()
    connection.close()
    return found


def bearer(running, name="all"):
    return {
        "authorization": f"Bearer {(running.folder / f'{name}.token').read_text().strip()}"
    }


def filled(path):
    return path.replace("{n}", "1").replace("{", "").replace("}", "")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_address_wants_a_token_of_its_scope(pair, route):
    north = pair[0]
    if route.scope is None:
        assert raw(north, route.method, filled(route.path))[0] == 200
        return
    for headers in (
        {},
        {"authorization": "Bearer comity_nonsense"},
        {"authorization": "Basic x"},
    ):
        status, _, body = raw(north, route.method, filled(route.path), b"", headers)
        assert status == 401
        assert json.loads(body)["type"] == "/problems/no-token"
    status, _, body = raw(
        north, route.method, filled(route.path), b"", bearer(north, "desk")
    )
    assert (status == 403) is (route.scope is not Scope.DESK)


def test_a_token_that_was_taken_back_opens_nothing(pair):
    north = pair[0]
    secret = north.home.tokens.give("brief", [Scope.DESK], os.urandom)
    headers = {"authorization": f"Bearer {secret}"}
    assert raw(north, "GET", "/1/inbox", headers=headers)[0] == 200
    north.home.tokens.take_back("brief")
    assert raw(north, "GET", "/1/inbox", headers=headers)[0] == 401
    assert secret not in (north.folder / "tokens.toml").read_text()


def test_the_own_side_is_described_as_it_is(north):
    said = north.openapi()
    assert said == json.loads(json.dumps(openapi()))
    there = {(path, method) for path, way in said["paths"].items() for method in way}
    assert there == {(route.path, route.method.lower()) for route in ROUTES}


READS = [
    r for r in ROUTES if r.method == "GET" and r.gives is not None and "{" not in r.path
]


@pytest.mark.parametrize("route", READS, ids=lambda route: route.name)
def test_what_is_answered_fits_its_description(pair, north, route):
    document = north.openapi()
    asks = {"consents": "?item=sample&to=south"}.get(route.name, "")
    status, _, body = raw(pair[0], "GET", route.path + asks, headers=bearer(pair[0]))
    assert status == 200
    schema = document["paths"][route.path]["get"]["responses"]["200"]["content"][
        route.media
    ]["schema"]
    if route.many:
        schema = schema | {"additionalProperties": False}
    assert faults(schema, json.loads(body), document) == []


def test_verdicts_fit_their_description_too(pair, north):
    document = north.openapi()
    body = json.dumps({"items": [{"to": "south", "item": new_id()}]})
    status, _, answer = raw(pair[0], "POST", "/1/items", body, bearer(pair[0]))
    problem = document["components"]["schemas"]["Problem"]
    assert status == 404
    assert faults(problem, json.loads(answer), document) == []
    (verdict,) = north.send_many([item()])
    found = raw(pair[0], "GET", "/1/outbox?limit=1000", headers=bearer(pair[0]))
    assert verdict.envelope in found[2].decode()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/1/items", b"{", 400),
        ("POST", "/1/items", b'{"items": [], "items": []}', 400),
        ("POST", "/1/items", b"[" * 100_000, 400),
        ("POST", "/1/items", b'{"items": []}', 422),
        ("POST", "/1/items", b'{"items": [{"to": 1}]}', 422),
        ("POST", "/1/items", b'{"items": [{"to": "south"}]}', 422),
        ("POST", "/1/instruments", b'{"text": "x = [", "officer": "a"}', 422),
        ("POST", "/1/instruments", b'{"text": "", "officer": "a"}', 422),
        ("POST", "/1/holds", b'{"text": "nonsense", "officer": "a"}', 422),
        ("GET", "/1/inbox?after=-1", None, 422),
        ("GET", "/1/inbox?limit=1001", None, 422),
        ("GET", "/1/inbox/999999999/content?officer=a", None, 404),
        ("GET", "/1/inbox/x/content?officer=a", None, 422),
        ("GET", "/1/accords/none/instruments", None, 404),
        ("GET", "/1/nothing", None, 404),
        ("PATCH", "/1/items", b"", 405),
        ("POST", "/1/holds/none/end", b'{"officer": "a"}', 404),
        ("PUT", "/1/uploads/" + "a" * 64, b"abc", 422),
    ],
)
def test_what_cannot_be_read_gets_a_problem_and_no_defect(pair, method, path, body, status):
    found, headers, answer = raw(pair[0], method, path, body, bearer(pair[0]))
    said = json.loads(answer)
    assert (found, said["status"]) == (status, status)
    assert headers["content-type"] == "application/problem+json"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from(
        ["/1/items", "/1/instruments", "/1/holds", "/1/partners", "/1/keys"]
    ),
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
)
def test_no_body_makes_a_defect(pair, path, body):
    status, _, _ = raw(pair[0], "POST", path, json.dumps(body), bearer(pair[0]))
    assert 400 <= status < 500


def test_metrics_count_and_name_no_accord_no_item_and_no_person(north):
    sent = north.send(item())
    text = north.metrics()
    assert 'comity_outgoing{partner="south",state=' in text
    for word in ("north-south", sent.item, "incidents", "RESTRICTED", "carol", "dave"):
        assert word not in text


def test_the_log_has_no_content(pair, north, south):
    sent = north.send(item())
    arrived(south, sent.item)
    for running in pair:
        lines = lines_of(running)
        assert lines
        for line in lines:
            assert json.loads(line)["event"]
            for word in (
                "RESTRICTED",
                "incidents",
                "dave",
                "carol",
                sent.item,
                "indicators",
            ):
                assert word not in line


# -- the partner side ------------------------------------------------------------------------


def tls(running, context):
    host, _, port = running.home.settings.listen.partition(":")
    plain = socket.create_connection((host, int(port)), timeout=10)
    return context.wrap_socket(plain, server_hostname="node")


def test_a_stranger_without_a_certificate_gets_no_byte_of_http(pair):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(OSError), tls(pair[1], context) as secure:  # noqa: PT011, PT012
        secure.sendall(b"GET /exchange/1/keys HTTP/1.1\r\nhost: x\r\n\r\n")
        assert secure.recv(100) == b""
        raise ConnectionError


def test_plain_http_on_the_partner_side_gets_nothing(pair):
    host, _, port = pair[1].home.settings.listen.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        plain.sendall(b"GET /exchange/1/keys HTTP/1.1\r\nhost: x\r\n\r\n")
        try:
            said = plain.recv(1000)
        except ConnectionError:
            said = b""
    assert b"HTTP" not in said


def test_the_own_side_is_on_loopback_and_nowhere_else(pair):
    assert all(one.home.settings.own.startswith("127.0.0.1:") for one in pair)


# -- stopping, dying, going on ---------------------------------------------------------------


def test_a_second_process_of_one_node_does_not_start(pair):
    done = subprocess.run(  # noqa: S603 - our own command
        [
            sys.executable,
            "-c",
            "from comity.cli import main; main()",
            "serve",
            "--node",
            str(pair[0].folder),
            "--passphrase",
            str(pair[0].folder / "pass"),
        ],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert b"is running" in done.stderr


def test_what_was_sent_while_the_partner_was_down_arrives_once_it_is_up(pair, north):
    assert pair[1].stop() == 0
    sent = north.send(item())
    stuck = eventually(lambda: [one for one in north.stuck() if one.item == sent.item])
    assert stuck[0].actor == "south"
    assert stuck[0].trouble == "unreachable"
    assert stuck[0].words
    assert stuck[0].hint
    pair[1].start()
    with pair[1].client() as south:
        arrived(south, sent.item)
    eventually(lambda: sent.item not in {one.item for one in north.stuck()}, seconds=60)


def test_a_node_that_is_killed_loses_nothing_that_it_acknowledged(pair):
    sent = []
    with pair[0].client() as north:
        done = threading.Event()

        def send():
            try:
                while not done.is_set():
                    sent.extend(
                        one.item for one in north.send_many([item() for _ in range(5)])
                    )
            except ComityError:
                pass

        thread = threading.Thread(target=send)
        thread.start()
        time.sleep(1.0)
        assert pair[0].stop(signal.SIGKILL) == -signal.SIGKILL
        done.set()
        thread.join(30)
    assert sent
    pair[0].start()
    with pair[1].client() as south:
        eventually(
            lambda: set(sent) <= {one.item for one in south.inbox(limit=1000)}, seconds=60
        )
        names = [one.item for one in south.inbox(limit=1000)]
        assert len(names) == len(set(names))


def test_a_node_that_is_told_to_stop_ends_in_order(pair):
    assert pair[0].stop() == 0
    assert json.loads(lines_of(pair[0])[-1])["event"] == "stopped"
    pair[0].start()


# -- the client ------------------------------------------------------------------------------


def test_the_client_is_at_the_door_of_the_package():
    assert comity.Client is Client


def test_importing_the_package_imports_nothing_of_the_exchange():
    code = "import sys, comity; print([m for m in sys.modules if 'exchange' in m])"
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code], capture_output=True, check=True
    )
    assert done.stdout.strip() == b"[]"


def test_a_client_says_what_it_needs(north):
    with pytest.raises(NotKnown):
        north.instruments("none")
    with pytest.raises(InvalidInput):
        north.perform("nonsense", "carol")
    with pytest.raises(InvalidInput, match="no address"):
        Client("https://127.0.0.1:1")
    with pytest.raises(ComityError, match="no node answers"):
        Client("http://127.0.0.1:1").health()


def test_one_house_has_rights_for_its_owner_alone(tmp_path, pair):
    running = Running(house(tmp_path / PARTIES[0], PARTIES[0], pair[0].home.world))
    assert running.folder.stat().st_mode & 0o077 == 0
    for name in ("node.keys", "node.db", "tokens.toml"):
        assert (running.folder / name).stat().st_mode & 0o077 == 0
