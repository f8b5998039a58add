"""An acknowledgement reaches its sender whatever is lost on the way, and nobody else's counts."""

from __future__ import annotations

import pytest

from comity.accords.times import parse_instant
from comity.errors import InvalidInput, NotKnown
from comity.exchange.sending import Sending
from comity.signed.partykeys import Use
from comity.wire.group import Groups
from exchange.nodes import Clock, acquaint, carry, gsomia, node, states

ITEM = "missile-warning-1"


@pytest.fixture
def clock():
    return Clock(parse_instant("2019-11-22T12:00:00+09:00"))


@pytest.fixture
def pair(clock):
    both = [node(party, clock) for party in ("kr", "jp")]
    acquaint(*both)
    both[0].send([Sending(item=gsomia().items[ITEM], to="jp", content=b"a launch")])
    return both


def opened(jp, officer="Registrar Sato"):
    list(jp.open(1, officer).content)
    return jp.acknowledge(1, officer, "registry 2")


def test_an_acknowledgement_that_overtakes_the_receipt_is_not_lost(pair, clock):
    kr, jp = pair
    (errand,) = kr.due()
    jp.answer("kr", errand.raw)
    kr.failed(errand.id, "timeout", clock.now + 5)
    opened(jp)
    (words,) = jp.due()
    jp.settle(words.id, kr.answer("jp", words.raw))
    assert states(kr) == ["tried"]
    clock.now += 5
    carry(pair)
    assert states(kr) == ["acknowledged"]


def test_words_that_do_not_arrive_wait_for_their_next_time(pair, clock):
    kr, jp = pair
    carry(pair)
    opened(jp)
    for tries in (0, 1):
        (errand,) = jp.due()
        assert errand.rows == ()
        assert jp.attempts(errand.id) == tries
        jp.failed(errand.id, "unreachable", clock.now + 30)
        assert jp.due() == ()
        clock.now += 30
    carry(pair)
    assert states(kr) == ["acknowledged"]
    assert jp.due() == ()


def test_the_same_officer_again_changes_nothing(pair):
    kr, jp = pair
    carry(pair)
    assert opened(jp) == "1/1"
    before = jp.custody.next_index("jp-rok-gsomia")
    assert jp.acknowledge(1, "Registrar Sato", "registry 2") == "1/1"
    assert len(jp.database.all("words_waiting", ("kr",))) == 1
    assert jp.custody.next_index("jp-rok-gsomia")[0] == before[0]
    with pytest.raises(InvalidInput, match="acknowledged by Registrar Sato"):
        jp.acknowledge(1, "Captain Oda", "room 4")
    assert kr.database.one("acknowledged", (1,)) is None


def test_what_was_not_opened_is_not_acknowledged(pair):
    _, jp = pair
    carry(pair)
    with pytest.raises(InvalidInput):
        jp.acknowledge(1, "Registrar Sato", "registry 2")
    assert jp.due() == ()
    assert [copy.acknowledged for copy in jp.register.copies()] == [""]
    with pytest.raises(NotKnown):
        jp.acknowledge(2, "Registrar Sato", "registry 2")


def test_an_acknowledgement_by_another_than_the_recipient_is_passed_over(clock):
    three = [node(party, clock) for party in ("kr", "jp", "us")]
    acquaint(*three)
    kr, jp, _ = three
    kr.send([Sending(item=gsomia().items[ITEM], to="jp", content=b"a launch")])
    carry(three)
    opened(jp)
    word = jp.words.waiting("kr")[0][1]
    groups = Groups(kr.partners.keys(Use.ENVELOPE, kr.now()))
    with kr.database.transaction():
        kr.words.heard("us", word, groups, kr.now())
    assert states(kr) == ["receipted"]
    with kr.database.transaction():
        kr.words.heard("jp", word, groups, kr.now())
    assert states(kr) == ["acknowledged"]
