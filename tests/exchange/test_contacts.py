"""Two nodes that meet see each other's logs grow, and whoever shows two histories is held."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from comity.accords.times import Instant, parse_instant
from comity.errors import InvalidInput
from comity.exchange.contacts import EVERY, SKEW
from comity.exchange.rows import reader
from comity.exchange.sending import Sending
from comity.log.checkpoint import Checkpoint, sign_checkpoint
from comity.signed.partykeys import Use
from comity.wire.consignment import Waiting, read, read_answer
from comity.wire.contact import read_contact, write_contact
from comity.wire.group import Groups, Signed, sign_group
from exchange.nodes import Clock, acquaint, carry, gsomia, node

ACCORD = "jp-rok-gsomia"


@pytest.fixture
def clock():
    return Clock(parse_instant("2019-11-22T12:00:00+09:00"))


@pytest.fixture
def pair(clock):
    both = [node(party, clock) for party in ("kr", "jp")]
    acquaint(*both)
    return both


def send(kr, name):
    item = replace(gsomia().items["missile-warning-1"], id=name)
    kr.send([Sending(item=item, to="jp", content=name.encode())])


def said(errand):
    return read_contact(read(reader(errand.raw)).contact.thing)


def hear(one, other, contact, party=None):
    """Let one hear a contact that the other signs."""
    signed = sign_group(
        Signed.CONTACT, [write_contact(contact)], other.party, other.site.keys.envelope
    )[0]
    groups = Groups(one.partners.keys(Use.ENVELOPE, one.now()))
    with one.database.transaction():
        return one.contacts.hear(signed, party or other.party, one.now(), groups)


def test_a_log_is_shown_with_its_growth_from_what_was_cosigned(pair, clock):
    kr, _ = pair
    send(kr, "one")
    carry(pair)
    clock.now += 10
    send(kr, "two")
    carry(pair)  # our first checkpoint comes back cosigned
    clock.now += 10
    send(kr, "three")
    (errand,) = kr.due()
    contact = said(errand)
    log = kr.database.one("log_of", (ACCORD,))
    cosigned = kr.database.one("cosigned_by", (log["n"], "jp"))
    assert contact.growth[ACCORD].old == cosigned["size"]
    assert contact.checkpoints[ACCORD].split("\n")[1] == str(log["size"])


def test_under_traffic_a_checkpoint_is_shown_once_a_second(pair, clock):
    kr, jp = pair
    shown = []
    for name in ("one", "two", "three"):
        send(kr, name)
        (errand,) = kr.due()
        shown.append(bool(said(errand).checkpoints))
        kr.settle(errand.id, jp.answer("kr", errand.raw))
        clock.now += EVERY if name == "two" else 0
    assert shown == [True, False, True]


def test_a_clock_that_differs_is_told(pair, clock):
    kr, jp = pair
    contact = read_contact(kr.contacts.say("jp", kr.now()).thing)
    for off, told in ((SKEW, 0), (SKEW + 1, SKEW + 1), (-SKEW - 1, -SKEW - 1)):
        hear(jp, kr, replace(contact, at=Instant(clock.now + off)))
        differs = json.loads(jp.database.one("contact", ("kr",))["differs"])
        assert differs["skew"] == told


def test_dates_ahead_that_differ_are_told_where_the_instruments_are_the_same(pair):
    kr, jp = pair
    contact = read_contact(kr.contacts.say("jp", kr.now()).thing)
    other = {ACCORD: "sha256:" + "0" * 64}
    hear(jp, kr, replace(contact, deadlines={**contact.deadlines, **other}))
    assert json.loads(jp.database.one("contact", ("kr",))["differs"])["deadlines"] == [
        ACCORD
    ]
    met = hear(
        jp,
        kr,
        replace(
            contact,
            deadlines={**contact.deadlines, **other},
            acts={**contact.acts, **other},
        ),
    )
    assert met.unequal == (ACCORD,)
    differs = json.loads(jp.database.one("contact", ("kr",))["differs"])
    assert (differs["acts"], differs["deadlines"]) == ([ACCORD], [])


def test_a_contact_is_by_its_sender_and_for_this_node(pair):
    kr, jp = pair
    contact = read_contact(kr.contacts.say("jp", kr.now()).thing)
    for wrong in (replace(contact, recipient="us"), replace(contact, sender="us")):
        with pytest.raises(InvalidInput):
            hear(jp, kr, wrong)
    with pytest.raises(InvalidInput):
        hear(jp, kr, contact, party="us")
    assert jp.database.one("contact", ("kr",)) is None


def test_newer_keys_of_a_partner_are_wanted(pair):
    kr, jp = pair
    contact = read_contact(kr.contacts.say("jp", kr.now()).thing)
    hear(jp, kr, contact)
    assert jp.wants_keys() == ()
    hear(jp, kr, replace(contact, keys=2))
    assert jp.wants_keys() == ("kr",)


def test_a_term_key_that_is_not_known_is_wanted(pair):
    kr, jp = pair
    contact = read_contact(kr.contacts.say("jp", kr.now()).thing)
    hear(jp, kr, replace(contact, terms={ACCORD: "0" * 32}))
    assert jp.wants_keys() == ("kr",)


def forked(kr, size):
    """A second history of kr's log, signed by its own key."""
    name, _ = kr.custody.next_index(ACCORD)
    root = b"\7" * 32
    other = Checkpoint(origin=name, size=size, root=root)
    return sign_checkpoint(other, kr.custody.vkey(name), kr.site.keys.log)


def test_two_histories_are_kept_as_proof_and_exchange_is_held_both_ways(pair, clock):
    kr, jp = pair
    send(kr, "one")
    carry(pair)
    seen = jp.database.one("seen_of", ("kr", ACCORD))
    contact = read_contact(kr.contacts.say("jp", kr.now()).thing)
    note = forked(kr, seen["size"]).decode()
    met = hear(jp, kr, replace(contact, checkpoints={ACCORD: note}, growth={}))
    assert met.held
    (fork,) = jp.database.all("forks")
    assert bytes(fork["second"]) == note.encode()
    assert bytes(fork["first"]) == bytes(seen["note"])
    assert jp.database.one("seen_of", ("kr", ACCORD))["root"] == seen["root"]
    clock.now += 10
    send(kr, "two")
    (errand,) = kr.due()
    answer = jp.answer("kr", errand.raw)
    assert read_answer(reader(answer)).verdicts == (Waiting.HELD,)
    with pytest.raises(InvalidInput, match="two histories"):
        jp.partners.require("kr")


def test_an_older_note_that_was_slow_is_no_news(pair, clock):
    kr, jp = pair
    send(kr, "one")
    (errand,) = kr.due()
    kr.settle(errand.id, jp.answer("kr", errand.raw))
    old = said(errand)
    for name in ("two", "three"):
        clock.now += 10
        send(kr, name)
        carry(pair)
    seen = jp.database.one("seen_of", ("kr", ACCORD))
    assert not hear(jp, kr, old).held
    after = jp.database.one("seen_of", ("kr", ACCORD))
    assert (after["size"], after["root"]) == (seen["size"], seen["root"])
    assert jp.database.all("forks") == []


def test_a_larger_note_without_a_proof_is_not_cosigned(pair):
    kr, jp = pair
    send(kr, "one")
    carry(pair)
    seen = jp.database.one("seen_of", ("kr", ACCORD))
    contact = read_contact(kr.contacts.say("jp", kr.now()).thing)
    note = forked(kr, seen["size"] + 5).decode()
    hear(jp, kr, replace(contact, checkpoints={ACCORD: note}, growth={}))
    assert jp.database.one("seen_of", ("kr", ACCORD))["size"] == seen["size"]


def test_a_checkpoint_that_its_log_did_not_sign_is_refused(pair):
    kr, jp = pair
    send(kr, "one")
    (errand,) = kr.due()
    contact = said(errand)
    note = contact.checkpoints[ACCORD].split("\n")
    note[1] = str(int(note[1]) + 1)
    with pytest.raises(InvalidInput):
        hear(jp, kr, replace(contact, checkpoints={ACCORD: "\n".join(note)}))
    assert jp.database.one("seen_of", ("kr", ACCORD)) is None
