"""The recipient verifies and decides for itself; every refusal says what it may and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.accords.times import parse_instant
from comity.errors import InvalidInput, NotKnown
from comity.exchange.arrival import EARLY
from comity.exchange.rows import reader
from comity.exchange.sending import Sending
from comity.wire.consignment import Consignment, read, read_answer, write
from comity.wire.group import Signed
from comity.wire.receipt import Fault, Retry, read_receipt, read_refusal
from exchange.nodes import Clock, acquaint, carry, gsomia, node, states

ACCORD = "jp-rok-gsomia"
NOON = parse_instant("2019-11-22T12:00:00+09:00")


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def pair(clock):
    both = [node(party, clock) for party in ("kr", "jp")]
    acquaint(*both)
    return both


def sending(name="warning", content=b"a launch", **changes):
    item = replace(gsomia().items["missile-warning-1"], id=name)
    return Sending(item=item, to="jp", content=content, **changes)


def refusal(answer, place=0):
    verdict = read_answer(reader(answer)).verdicts[place]
    assert verdict.kind is Signed.REFUSAL
    return read_refusal(verdict.said.thing)


def went(kr, *sendings):
    kr.send(list(sendings))
    (errand,) = kr.due()
    return errand


def changed(errand, change):
    """The consignment with its parts changed."""
    was = read(reader(errand.raw))
    parts = change(was.parts)
    return write(Consignment(was.sender, was.recipient, was.contact, parts, was.words))


def test_a_receipt_names_a_leaf_that_is_in_the_log(pair):
    kr, jp = pair
    answer = jp.answer("kr", went(kr, sending()).raw)
    (verdict,) = read_answer(reader(answer)).verdicts
    receipt = read_receipt(verdict.said.thing)
    leaf = jp.custody.leaf(ACCORD, receipt.index)
    assert leaf.origin == receipt.log
    assert receipt.envelope.encode() in leaf.entry
    assert b'"event":"RelayAcceptance"' in leaf.entry


def test_a_header_that_somebody_changed_is_refused_and_not_for_good(pair):
    kr, jp = pair
    errand = went(kr, sending())

    def change(parts):
        header = parts[0].header.replace(b"ROUTINE", b"PRIORIT")
        return (replace(parts[0], header=header),)

    said = refusal(jp.answer("kr", changed(errand, change)))
    assert said.reason in {str(Fault.BAD_SIGNATURE), str(Fault.BAD_ENVELOPE)}
    assert said.retry is Retry.LATER
    assert jp.database.all("inbox", (0, 9)) == []
    kr.settle(errand.id, jp.answer("kr", errand.raw))
    assert states(kr) == ["receipted"]


def test_what_stands_twice_in_one_consignment_counts_once(pair):
    kr, jp = pair
    errand = went(kr, sending())
    answer = jp.answer("kr", changed(errand, lambda parts: (*parts, *parts)))
    first, _ = read_answer(reader(answer)).verdicts
    assert first.kind is Signed.RECEIPT
    assert refusal(answer, 1).reason == Fault.BAD_ENVELOPE
    assert len(jp.database.all("inbox", (0, 9))) == 1


def test_an_id_that_comes_with_another_content_is_refused(pair):
    kr, jp = pair
    kr.send([sending()])
    carry(pair)
    said = refusal(jp.answer("kr", went(kr, sending(content=b"another")).raw))
    assert (said.reason, said.retry) == (Fault.SAME_ID_OTHER_CONTENT, Retry.NEVER)
    assert len(jp.database.all("inbox", (0, 9))) == 1


def test_what_is_dated_ahead_of_our_clock_waits(clock):
    ahead = Clock(NOON + EARLY + 1)
    kr, jp = node("kr", ahead), node("jp", clock)
    acquaint(kr, jp)
    errand = went(kr, sending())
    said = refusal(jp.answer("kr", errand.raw))
    assert (said.reason, said.retry) == (Fault.TOO_EARLY, Retry.LATER)
    clock.now += 1
    kr.settle(errand.id, jp.answer("kr", errand.raw))
    assert states(kr) == ["receipted"]


def test_what_comes_when_its_permit_is_over_is_refused(pair, clock):
    kr, jp = pair
    errand = went(kr, sending())
    (row,) = kr.database.all("all_outgoing")
    clock.now = row["good"]
    said = refusal(jp.answer("kr", errand.raw))
    assert (said.reason, said.retry) == (Fault.TOO_LATE, Retry.NEVER)


def test_what_is_sealed_to_a_key_that_is_not_here_is_tried_again(pair):
    kr, jp = pair
    errand = went(kr, sending())
    (key,) = jp.partners.term_keys("jp", ACCORD)
    taken = jp.site.keys.openers.pop(key.key.id)
    said = refusal(jp.answer("kr", errand.raw))
    assert (said.reason, said.retry) == (Fault.UNKNOWN_KEY, Retry.LATER)
    jp.site.keys.openers[key.key.id] = taken
    kr.settle(errand.id, jp.answer("kr", errand.raw))
    assert states(kr) == ["receipted"]


def test_a_consignment_of_another_party_or_to_another_is_none(pair):
    kr, jp = pair
    errand = went(kr, sending())
    with pytest.raises(InvalidInput, match="says that it is from"):
        jp.answer("us", errand.raw)
    with pytest.raises(InvalidInput, match="says that it is from"):
        kr.answer("kr", errand.raw)


def test_bytes_that_are_no_consignment_leave_nothing_behind(pair):
    kr, jp = pair
    raw = went(kr, sending()).raw
    before = jp.custody.next_index(ACCORD)
    for broken in (b"", raw[:-1], raw + b"x", b"comity-consignment/2\n" + raw[21:]):
        with pytest.raises(InvalidInput):
            jp.answer("kr", broken)
    assert jp.custody.next_index(ACCORD) == before
    assert jp.database.one("contact", ("kr",)) is None


def test_a_partner_whom_nobody_confirmed_gets_no_answer(pair, clock):
    kr, _ = pair
    errand = went(kr, sending())
    with pytest.raises(NotKnown):
        node("jp", clock).answer("kr", errand.raw)


def test_of_many_each_has_its_own_verdict_in_their_order(pair):
    kr, jp = pair
    kr.send([sending("one"), sending("two")])
    carry(pair)
    errand = went(kr, sending("three"), sending("one", b"other"), sending("four"))
    answer = jp.answer("kr", errand.raw)
    kinds = [verdict.kind for verdict in read_answer(reader(answer)).verdicts]
    assert kinds == [Signed.RECEIPT, Signed.REFUSAL, Signed.RECEIPT]
    kr.settle(errand.id, answer)
    assert states(kr)[2:] == ["receipted", "refused", "receipted"]
