"""What is due goes in order, is decided again before each attempt, and ends as the table says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.accords.times import parse_instant
from comity.errors import InvalidInput, NotKnown
from comity.exchange import dispatch
from comity.exchange.rows import reader
from comity.exchange.sending import File, Sending
from comity.exchange.site import INLINE, KEPT
from comity.release import Denial
from comity.wire.consignment import Upload, read
from comity.wire.header import Precedence
from exchange.nodes import Clock, acquaint, carry, gsomia, node, states

NOON = parse_instant("2019-11-22T12:00:00+09:00")
MIDNIGHT = parse_instant("2019-11-23T00:00:00+09:00")
HOLD = """[[hold]]
id = "pause"
by = "kr"
towards = ["jp"]
accords = ["any"]
categories = ["any"]
ground = "an inquiry"
since = "2019-11-22T12:30:00+09:00"
source = "made for the test"
"""


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def pair(clock):
    both = [node(party, clock) for party in ("kr", "jp")]
    acquaint(*both)
    return both


def sending(n=0, content=b"a launch", **changes):
    item = replace(gsomia().items["missile-warning-1"], id=f"warning-{n}")
    return Sending(item=item, to="jp", content=content, **changes)


def order(errand):
    return [part.header for part in read(reader(errand.raw)).parts]


def test_what_is_more_urgent_stands_first_whatever_was_queued_first(pair):
    kr, _ = pair
    ranks = [Precedence.ROUTINE, Precedence.PRIORITY, Precedence.IMMEDIATE]
    for n, precedence in enumerate(ranks):
        kr.send([sending(n, precedence=precedence)])
    (errand,) = kr.due()
    assert errand.rows == (3, 2, 1)


def test_flash_travels_alone_and_one_at_a_time(pair):
    kr, _ = pair
    kr.send([sending(n, precedence=Precedence.FLASH) for n in range(2)])
    kr.send([sending(9)])
    flash, rest = kr.due()
    assert (flash.flash, flash.rows) == (True, (1,))
    assert (rest.flash, rest.rows) == (False, (3,))


def test_what_is_out_is_not_handed_out_again(pair, clock):
    kr, _ = pair
    kr.send([sending()])
    (errand,) = kr.due()
    assert kr.due() == ()
    assert kr.next_due() is None
    kr.failed(errand.id, "unreachable", clock.now + 7)
    assert kr.next_due() == clock.now + 7
    with pytest.raises(NotKnown, match="no errand"):
        kr.failed(errand.id, "unreachable", clock.now)


def test_a_way_on_which_an_errand_is_out_waits(pair):
    kr, _ = pair
    kr.send([sending()])
    assert kr.due(frozenset({("jp", False)})) == ()
    assert len(kr.due(frozenset({("jp", True)}))) == 1


def test_a_consignment_ends_before_its_bodies_are_too_many(pair, monkeypatch):
    kr, _ = pair
    monkeypatch.setattr(dispatch, "BATCH_BYTES", 10_000)
    kr.send([sending(n, b"x" * 4_000) for n in range(5)])
    sizes = [len(errand.rows) for errand in iter(lambda: next(iter(kr.due()), None), None)]
    assert sum(sizes) == 5
    assert max(sizes) == 2


def test_what_could_not_be_delivered_in_its_time_is_given_up(pair, clock):
    kr, jp = pair
    kr.send([sending()])
    (errand,) = kr.due()
    kr.failed(errand.id, "unreachable", clock.now + KEPT - 1)
    clock.now += KEPT
    assert kr.due() == ()
    assert states(kr) == ["dead"]
    assert kr.database.value("outgoing_body", (1,)) is None
    assert jp.database.all("inbox", (0, 9)) == []


def test_a_hold_between_sending_and_leaving_stops_it(pair, clock):
    kr, jp = pair
    kr.send([sending()])
    with kr.database.transaction():
        kr.database.run("insert_hold", ("pause", HOLD, clock.now))
        kr.site.world.bump()
    clock.now += 3_600
    carry(pair)
    assert states(kr) == ["never_left"]
    assert isinstance(kr.send([sending(2)])[0], Denial)
    assert jp.database.all("inbox", (0, 9)) == []


def test_the_end_of_a_delivery_is_in_the_log(pair, clock):
    kr, _ = pair
    kr.send([sending()])
    clock.now += KEPT
    assert kr.due() == ()
    assert states(kr) == ["never_left"]
    _, size = kr.custody.next_index("jp-rok-gsomia")
    assert b'"event":"RelayFailure"' in kr.custody.leaf("jp-rok-gsomia", size - 1).entry


def test_an_answer_to_another_consignment_settles_nothing(pair):
    kr, jp = pair
    kr.send([sending(0)])
    (first,) = kr.due()
    one = jp.answer("kr", first.raw)
    kr.settle(first.id, one)
    kr.send([sending(1)])
    (second,) = kr.due()
    with pytest.raises(InvalidInput):
        kr.settle(second.id, one)
    assert states(kr)[0] == "receipted"
    assert states(kr)[1] in ("queued", "tried")
    kr.settle(second.id, jp.answer("kr", second.raw))
    assert states(kr) == ["receipted", "receipted"]


def test_an_answer_that_somebody_changed_settles_nothing(pair):
    kr, jp = pair
    kr.send([sending()])
    (errand,) = kr.due()
    answer = jp.answer("kr", errand.raw)
    for place in range(0, len(answer), len(answer) // 25):
        changed = bytearray(answer)
        changed[place] ^= 1
        with pytest.raises(InvalidInput):
            kr.settle(errand.id, bytes(changed))
    assert states(kr) == ["queued"]
    kr.settle(errand.id, answer)
    assert states(kr) == ["receipted"]


def test_what_is_too_large_for_the_database_is_spooled_and_uploaded_before(tmp_path, clock):
    both = kr, jp = [node(party, clock, spool=tmp_path / party) for party in ("kr", "jp")]
    acquaint(*both)
    for party in ("kr", "jp"):
        (tmp_path / party).mkdir()
    content = bytes(range(256)) * (INLINE // 256 + 1)
    source = tmp_path / "content"
    source.write_bytes(content)
    with source.open("rb") as file:
        kr.send([sending(content=File(file, len(content)))])
    (errand,) = kr.due()
    ((digest, path),) = errand.uploads
    (part,) = read(reader(errand.raw)).parts
    assert isinstance(part.body, Upload)
    kr.settle(errand.id, jp.answer("kr", errand.raw))  # it did not come: wait
    assert states(kr) == ["tried"]
    there = tmp_path / "jp" / "in" / "kr" / digest
    there.parent.mkdir(parents=True)
    there.write_bytes(path.read_bytes())
    clock.now += 60
    (errand,) = kr.due()
    first = jp.answer("kr", errand.raw)
    assert b"".join(jp.open(1, "an officer").content) == content
    there.unlink()  # a repeat gets its answer even when the body is gone
    again = jp.answer("kr", errand.raw)
    kept = bytes(jp.database.one("incoming", (1,))["answer"])
    assert kept in first
    assert kept in again
    kr.settle(errand.id, again)
    assert states(kr) == ["receipted"]
    assert not path.exists()
