"""Two nodes exchange: over the real formats, the real SQL and real keys."""

import pytest
from exchange.nodes import Clock, acquaint, carry, gsomia, node, states

from comity.accords.times import parse_instant
from comity.errors import InvalidInput, NotKnown
from comity.exchange.sending import Sending, Sent
from comity.release import Denial, Reason
from comity.wire.header import Precedence

ACCORD = "jp-rok-gsomia"
BEFORE = parse_instant("2019-11-22T12:00:00+09:00")
NOTICE = """[[instrument]]
id = "kr-notice-again"
by = ["kr"]
form = "written"
channel = "diplomatic"
sent = "2023-05-01T10:00:00+09:00"
basis = "21(3)"
operations = [{ do = "give_notice", notice = "n9" }]
source = "made for the test"
"""


@pytest.fixture
def clock():
    return Clock(BEFORE)


@pytest.fixture
def nodes(clock):
    made = [node(party, clock) for party in ("kr", "jp", "us")]
    acquaint(*made)
    return made


def warning(**changes):
    item = gsomia().items["missile-warning-1"]
    return Sending(item=item, to="jp", content=b"a launch, detected", **changes)


def test_an_item_that_may_go_arrives_is_receipted_and_opens(nodes):
    kr, jp, _ = nodes
    (sent,) = kr.send([warning()])
    assert isinstance(sent, Sent)
    carry(nodes)
    assert states(kr) == ["receipted"]
    opened = jp.open(1, "an officer")
    assert b"".join(opened.content) == b"a launch, detected"
    assert opened.item == gsomia().items["missile-warning-1"]


def test_what_is_denied_never_leaves_and_is_in_the_house_log(nodes, clock):
    kr, jp, _ = nodes
    item = gsomia().items["submarine-track-1"]
    (denied,) = kr.send([Sending(item=item, to="jp", content=b"x", under="tisa-2014")])
    assert isinstance(denied, Denial)
    carry(nodes)
    assert states(kr) == []
    assert b"SubmissionRejection" in kr.custody.leaf("", 0).entry
    assert jp.database.all("inbox", (0, 9)) == []


def test_a_repeat_gets_the_same_bytes_however_late(nodes, clock):
    kr, jp, _ = nodes
    kr.send([warning()])
    (errand,) = kr.due()
    first = jp.answer("kr", errand.raw)
    kept = jp.database.one("incoming", (1,))
    clock.now += 400 * 24 * 3_600
    again = jp.answer("kr", errand.raw)
    kr.settle(errand.id, again)
    answered = kr.database.one("answer", (1,))
    assert bytes(answered["raw"]) == bytes(kept["answer"])
    assert bytes(kept["answer"]) in first and bytes(kept["answer"]) in again
    assert len(jp.database.all("inbox", (0, 9))) == 1


def test_an_item_queued_before_midnight_does_not_leave_after_the_lapse(clock):
    lapsing = gsomia().without(("kr-suspension-2019", "kr-withdrawal-2023"))
    kr, jp = (node(party, clock, lapsing) for party in ("kr", "jp"))
    acquaint(kr, jp)
    kr.send([warning(under=ACCORD)])
    clock.now = parse_instant("2019-11-23T00:00:00+09:00")
    carry([kr, jp])
    assert states(kr) == ["never_left"]
    assert jp.database.all("inbox", (0, 9)) == []


def test_what_arrives_after_the_lapse_is_refused_by_the_recipient_for_itself(clock):
    lapsing = gsomia().without(("kr-suspension-2019", "kr-withdrawal-2023"))
    kr, jp = (node(party, clock, lapsing) for party in ("kr", "jp"))
    acquaint(kr, jp)
    kr.send([warning(under=ACCORD)])
    (errand,) = kr.due()
    clock.now = parse_instant("2019-11-23T00:00:00+09:00")
    kr.settle(errand.id, jp.answer("kr", errand.raw))
    assert states(kr) == ["refused"]
    assert jp.database.all("inbox", (0, 9)) == []


def test_an_item_to_another_party_is_refused_by_whoever_gets_it(nodes):
    kr, _, us = nodes
    kr.send([warning()])
    (errand,) = kr.due()
    with pytest.raises(InvalidInput):
        us.answer("kr", errand.raw)


def test_a_stranger_is_told_nothing(nodes, clock):
    kr, _, _ = nodes
    kr.send([warning()])
    (errand,) = kr.due()
    alone = node("jp", clock)
    with pytest.raises(NotKnown):
        alone.answer("kr", errand.raw)


def test_flash_overtakes_what_was_queued_before(nodes):
    kr, jp, _ = nodes
    kr.send([warning()])
    track = gsomia().items["submarine-track-1"]
    kr.send([Sending(item=track, to="jp", content=b"now", precedence=Precedence.FLASH)])
    first, second = kr.due()
    assert first.flash and not second.flash
    assert first.rows == (2,)


def test_an_instrument_reaches_the_partner_and_counts_from_when_it_was_logged(nodes, clock):
    kr, jp, us = nodes
    clock.now = parse_instant("2023-05-01T12:00:00+09:00")
    kr.perform(ACCORD, NOTICE)
    carry(nodes)
    assert states(kr, "instrument") == ["receipted"]
    for one in (kr, jp):
        notices = one.site.world.now().world.clock(ACCORD).standing(clock.now).notices
        assert "n9" in [notice.id for notice in notices]
    assert us.database.all("instruments_of", (ACCORD,)) == []


def test_instruments_go_before_items_of_any_precedence(nodes, clock):
    kr, jp, _ = nodes
    clock.now = parse_instant("2023-05-01T12:00:00+09:00")
    kr.send([warning(precedence=Precedence.FLASH)])
    kr.perform(ACCORD, NOTICE)
    (errand,) = kr.due()
    row = kr.database.one("outgoing", (errand.rows[0],))
    assert row["kind"] == "instrument"
    kr.settle(errand.id, jp.answer("kr", errand.raw))
    carry(nodes)
    assert states(kr)[-1] == "receipted"


def test_what_was_queued_is_sealed_anew_when_an_act_has_changed_the_terms(nodes, clock):
    kr, jp, _ = nodes
    clock.now = parse_instant("2023-05-01T12:00:00+09:00")
    kr.send([warning()])
    kr.perform(ACCORD, NOTICE)
    carry(nodes)
    assert states(kr) == ["superseded", "receipted"]
    assert len(jp.database.all("inbox", (0, 9))) == 1


def test_a_lost_answer_is_asked_for_again_and_nothing_is_doubled(nodes, clock):
    kr, jp, _ = nodes
    kr.send([warning()])
    (errand,) = kr.due()
    jp.answer("kr", errand.raw)
    kr.failed(errand.id, "timeout", clock.now + 5)
    assert kr.due() == ()
    clock.now += 5
    carry(nodes)
    assert states(kr) == ["receipted"]
    assert len(jp.database.all("inbox", (0, 9))) == 1


def test_partners_cosign_each_others_logs(nodes, clock):
    kr, jp, _ = nodes
    for _ in range(3):
        clock.now += 10
        kr.send([warning()])
        carry(nodes)
        break
    clock.now += 10
    track = gsomia().items["submarine-track-1"]
    kr.send([Sending(item=track, to="jp", content=b"more")])
    carry(nodes)
    log = kr.database.one("log_of", (ACCORD,))
    assert kr.database.one("cosigned_by", (log["n"], "jp"))["size"] >= 1


def test_a_log_that_was_rewritten_is_found_at_the_next_contact(nodes, clock):
    kr, jp, _ = nodes
    kr.send([warning()])
    carry(nodes)
    clock.now += 10
    with jp.database.transaction():
        seen = jp.database.one("seen_of", ("kr", ACCORD))
        jp.database.run(
            "put_seen",
            {**dict(seen), "size": 1, "root": bytes(32)},
        )
    track = gsomia().items["submarine-track-1"]
    kr.send([Sending(item=track, to="jp", content=b"more")])
    with kr.database.transaction():
        log = kr.database.one("log_of", (ACCORD,))
        kr.database.run("insert_cosigned", (log["n"], 1, "jp", b"", clock.now))
    (errand,) = kr.due()
    jp.answer("kr", errand.raw)
    assert len(jp.database.all("forks")) == 1
    assert "two histories" in jp.database.one("partner", ("kr",))["held"]


def test_a_denial_tells_a_partner_no_more_than_it_may_know(nodes, clock):
    from comity.wire.receipt import Asker, Fault, visible_reason

    assert visible_reason(Reason.HELD, Asker.PARTNER) is Fault.REFUSED
