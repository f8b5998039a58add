"""A partner counts once a person has compared its fingerprint, and its lists only go on."""

from __future__ import annotations

import pytest

from comity.accords.times import parse_instant
from comity.errors import InvalidInput, NotKnown
from comity.exchange.rows import reader
from comity.exchange.sending import Sending
from comity.signed.algorithms import X25519, XWING
from comity.signed.keylist import fingerprint
from comity.wire.consignment import Waiting, read_answer
from exchange.nodes import (
    Clock,
    acquaint,
    approval,
    carry,
    gsomia,
    key_list,
    node,
    states,
)

ACCORD = "jp-rok-gsomia"


@pytest.fixture
def clock():
    return Clock(parse_instant("2019-11-22T12:00:00+09:00"))


@pytest.fixture
def kr(clock):
    return node("kr", clock)


def accept(one, party, said=None):
    raw = key_list(party)
    with one.database.transaction():
        return one.partners.accept(
            raw, "read aloud to Mr Abe", one.now(), said or fingerprint(raw)
        )


def test_another_fingerprint_than_was_read_aloud_is_refused(kr):
    with pytest.raises(InvalidInput, match="not what was read aloud"):
        accept(kr, "jp", fingerprint(key_list("us")))
    assert kr.partners.all() == ()
    with pytest.raises(NotKnown, match="no partner"):
        kr.partners.require("jp")


def test_who_compared_it_and_how_is_on_record(kr):
    accept(kr, "jp")
    partner = kr.partners.require("jp")
    assert partner.confirmed == "read aloud to Mr Abe"
    assert partner.fingerprint == fingerprint(key_list("jp"))


def test_a_partner_that_is_accepted_again_keeps_its_lists(kr):
    accept(kr, "jp")
    accept(kr, "jp")
    assert len(kr.database.all("key_lists")) == 1


def test_the_list_that_is_kept_changes_nothing_and_a_strangers_is_another_party(kr):
    accept(kr, "jp")
    with kr.database.transaction():
        kr.partners.renew("jp", key_list("jp"), kr.now())
        kr.partners.catch_up("jp", [key_list("jp")], kr.now())
    assert len(kr.database.all("key_lists")) == 1
    with pytest.raises(InvalidInput), kr.database.transaction():
        kr.partners.renew("jp", key_list("us"), kr.now())


def test_held_exchange_sends_nothing_and_answers_that_it_waits(clock):
    both = kr, jp = [node(party, clock) for party in ("kr", "jp")]
    acquaint(*both)
    item = gsomia().items["missile-warning-1"]
    kr.send([Sending(item=item, to="jp", content=b"a launch")])
    with jp.database.transaction():
        jp.partners.hold("kr", "a person looks into it")
    (errand,) = kr.due()
    answer = jp.answer("kr", errand.raw)
    assert read_answer(reader(answer)).verdicts == (Waiting.HELD,)
    kr.settle(errand.id, answer)
    assert states(kr) == ["tried"]
    with kr.database.transaction():
        kr.partners.hold("jp", "we too")
    clock.now += 60
    assert kr.due() == ()
    with pytest.raises(InvalidInput, match="is held: we too"):
        kr.send([Sending(item=gsomia().items["submarine-track-1"], to="jp", content=b"x")])
    for one, other in ((kr, "jp"), (jp, "kr")):
        with one.database.transaction():
            one.partners.hold(other, None)
    carry(both)
    assert states(kr) == ["receipted"]


def test_an_item_is_sealed_to_a_key_of_the_term_that_runs_and_to_no_other(clock):
    both = kr, jp = [node(party, clock) for party in ("kr", "jp")]
    acquaint(*both, since=clock.now)
    key = kr.partners.term_key("jp", ACCORD, kr.now(), XWING)
    assert key.party == jp.party
    for at, alg in ((clock.now - 1, XWING), (clock.now, X25519)):
        with pytest.raises(NotKnown, match="published no key"):
            kr.partners.term_key("jp", ACCORD, at, alg)


def test_an_approval_is_an_officers_of_ours(clock):
    kr, jp = (node(party, clock) for party in ("kr", "jp"))
    acquaint(kr, jp)
    matter = "sha256:" + "0" * 64
    said = kr.partners.read_approval(approval("kr", "anna", matter, clock.now))
    assert (said.officer, said.request) == ("anna", matter)
    with pytest.raises(InvalidInput):
        kr.partners.read_approval(approval("jp", "anna", matter, clock.now))


def test_an_officer_whose_approval_ended_approves_again(clock):
    kr, jp = node("kr", clock, officers=1), node("jp", clock)
    acquaint(kr, jp)
    item = gsomia().items["missile-warning-1"]
    sending = Sending(item=item, to="jp", content=b"a launch")
    (waiting,) = kr.send([sending])
    kr.approve(approval("kr", "anna", waiting.matter, clock.now))
    clock.now += 3_600
    assert kr.send([sending])[0].given == ()
    kr.approve(approval("kr", "anna", waiting.matter, clock.now))
    kr.send([sending])
    assert states(kr) == ["queued"]
