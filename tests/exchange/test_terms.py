"""A key for each term, published before it begins, handed on, and destroyed when it is over."""

from __future__ import annotations

import pytest

from comity.accords.times import parse_instant
from comity.errors import InvalidInput
from comity.exchange.sending import Sending
from comity.exchange.terms import AHEAD, parties_of
from comity.signed import text
from comity.signed.keylist import fingerprint
from comity.wire.contact import read_contact
from exchange.nodes import Clock, acquaint, carry, gsomia, key_list, node, states

ACCORD = "jp-rok-gsomia"
MIDNIGHT = parse_instant("2019-11-23T00:00:00+09:00")
RENEWAL = parse_instant("2018-11-23T00:00:00+09:00")
LAPSING = gsomia().without(("kr-suspension-2019", "kr-withdrawal-2023"))


def listed(one, party):
    return [key.term for key in one.partners.term_keys(party, ACCORD)]


def introduced(clock, world=None):
    """Two partners that have each other's key lists, and no term keys yet."""
    both = [node(party, clock, world) for party in ("kr", "jp")]
    for one in both:
        with one.database.transaction():
            for other in both:
                raw = key_list(other.party)
                one.partners.accept(raw, "by the test", one.now(), fingerprint(raw))
    return both


def test_the_running_term_has_one_key_and_the_next_is_published_ahead():
    clock = Clock(RENEWAL - AHEAD - 1)
    kr, _ = introduced(clock)
    kr.tick()
    kr.tick()
    assert listed(kr, "kr") == ["2017-11-23"]
    clock.now += 1
    kr.tick()
    assert listed(kr, "kr") == ["2017-11-23", "2018-11-23"]
    first, second = kr.partners.term_keys("kr", ACCORD)
    assert first.before == second.since == RENEWAL
    clock.now = RENEWAL
    kr.tick()
    assert listed(kr, "kr") == ["2017-11-23", "2018-11-23"]


def test_midnight_finds_a_key_on_both_sides():
    clock = Clock(RENEWAL - 1)
    both = kr, jp = introduced(clock)
    for one in both:
        one.tick()
    for one, other in ((kr, jp), (jp, kr)):
        one.take_party_file(other.party, other.party_file(one.party))
    clock.now = RENEWAL
    item = gsomia().items["missile-warning-1"]
    kr.send([Sending(item=item, to="jp", content=b"a launch", under=ACCORD)])
    carry(both)
    assert states(kr) == ["receipted"]


def test_a_partner_without_a_key_for_the_term_is_lacking():
    clock = Clock(RENEWAL)
    kr, jp = introduced(clock)
    kr.tick()
    assert kr.wants_keys() == ("jp",)
    jp.tick()
    kr.take_party_file("jp", jp.party_file("kr"))
    assert kr.wants_keys() == ()
    kr.tick()
    assert "jp" not in kr.wants_keys()


def test_no_key_is_made_for_what_does_not_stand():
    clock = Clock(MIDNIGHT)
    kr, _ = introduced(clock, LAPSING)
    kr.tick()
    assert listed(kr, "kr") == []


def test_a_file_of_keys_has_the_lists_and_the_keys_of_common_accords_alone():
    clock = Clock(RENEWAL)
    three = [node(party, clock) for party in ("kr", "jp", "us")]
    acquaint(*three)
    kr, jp, us = three
    party, lists, terms = parties_of(kr.party_file("jp"))
    assert (party, lists) == ("kr", (key_list("kr"),))
    accords = {
        text.read(text.read_base64(text.read(raw)["payload"]))["accord"] for raw in terms
    }
    assert accords <= set(kr.contacts.common("jp"))
    assert accords != set(us.contacts.common("kr"))
    jp.take_party_file("kr", kr.party_file("jp"))
    with pytest.raises(InvalidInput, match="and not of `us`"):
        jp.take_party_file("us", kr.party_file("jp"))


def test_a_file_in_which_a_key_is_changed_is_refused_whole():
    clock = Clock(RENEWAL)
    kr, jp = introduced(clock)
    jp.tick()
    file = text.read(jp.party_file("kr"))
    broken = text.read(text.read_base64(file["terms"][0]))
    payload = text.read(text.read_base64(broken["payload"])) | {"term": "open"}
    broken["payload"] = text.base64_of(text.write(payload))
    file["terms"][0] = text.base64_of(text.write(broken))
    with pytest.raises(InvalidInput):
        kr.take_party_file("jp", text.write(file))
    assert listed(kr, "jp") == []


def test_a_partners_signed_time_after_the_end_is_grounds_enough():
    clock = Clock(MIDNIGHT - 60)
    both = kr, jp = [node(party, clock, LAPSING) for party in ("kr", "jp")]
    acquaint(*both)
    item = gsomia().items["missile-warning-1"]
    kr.send([Sending(item=item, to="jp", content=b"a launch", under=ACCORD)])
    carry(both)
    clock.now = MIDNIGHT
    with pytest.raises(InvalidInput, match="own clock"):
        jp.destroy_keys(ACCORD)
    said = kr.contacts.say("jp", kr.now())
    assert read_contact(said.thing).at == MIDNIGHT
    with jp.database.transaction():
        jp.database.run("put_contact", ("kr", said.thing, clock.now, "{}"))
    (done,) = jp.destroy_keys(ACCORD)
    assert (done.grounds.party, done.grounds.time) == ("kr", MIDNIGHT)
    assert listed(jp, "jp") == []
    left = parties_of(jp.party_file("kr"))[2]
    assert all(done.key_id not in str(text.read(raw)) for raw in left)
    assert jp.destroy_keys(ACCORD) == ()
