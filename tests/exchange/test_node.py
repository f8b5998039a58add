"""Two nodes exchange: over the real formats, the real SQL and real keys."""

import sqlite3
from dataclasses import replace

import pytest

from comity.accords.times import parse_instant
from comity.errors import InvalidInput, NotKnown
from comity.exchange.custody import LogRolledBack
from comity.exchange.rows import reader
from comity.exchange.sending import Sending, Sent
from comity.release import Denial, Reason
from comity.store import Database
from comity.wire.consignment import read, write
from comity.wire.header import Precedence
from comity.wire.receipt import Asker, Fault, visible_reason
from exchange.nodes import Clock, acquaint, approval, carry, gsomia, keys_of, node, states

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


CONSENT = """[[instrument]]
id = "jp-consent-{accord}"
by = ["jp"]
form = "written"
dated = "2019-11-25T08:00:00+09:00"
operations = [{{ do = "consent", holder = "us", to = "kr", item = "patrol-report-1", purposes = ["maritime-safety"] }}]
source = "made for the test"
"""


SUSPENSION = """[[instrument]]
id = "kr-suspends-all"
by = ["kr", "jp"]
form = "written"
received = "2023-04-01T10:00:00+09:00"
operations = [{ do = "suspend" }]
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


def test_what_is_denied_never_leaves_and_is_in_the_house_log(nodes):
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
    assert bytes(kept["answer"]) in first
    assert bytes(kept["answer"]) in again
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
    kr, _, _ = nodes
    kr.send([warning()])
    track = gsomia().items["submarine-track-1"]
    kr.send([Sending(item=track, to="jp", content=b"now", precedence=Precedence.FLASH)])
    first, second = kr.due()
    assert (first.flash, second.flash) == (True, False)
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
    kr, _, _ = nodes
    kr.send([warning()])
    carry(nodes)
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


def test_a_denial_tells_a_partner_no_more_than_it_may_know():
    assert visible_reason(Reason.HELD, Asker.PARTNER) is Fault.REFUSED


def test_what_was_tried_and_may_no_longer_go_is_asked_after_and_not_sent_again(clock):
    lapsing = gsomia().without(("kr-suspension-2019", "kr-withdrawal-2023"))
    kr, jp = (node(party, clock, lapsing) for party in ("kr", "jp"))
    acquaint(kr, jp)
    kr.send([warning(under=ACCORD)])
    (errand,) = kr.due()
    jp.answer("kr", errand.raw)  # it arrived; the answer is lost
    clock.now = parse_instant("2019-11-23T00:00:00+09:00")
    kr.failed(errand.id, "timeout", clock.now)
    carry([kr, jp])
    assert states(kr) == ["receipted"]


def test_of_what_never_arrived_the_recipient_says_so(clock):
    lapsing = gsomia().without(("kr-suspension-2019", "kr-withdrawal-2023"))
    kr, jp = (node(party, clock, lapsing) for party in ("kr", "jp"))
    acquaint(kr, jp)
    kr.send([warning(under=ACCORD)])
    (errand,) = kr.due()
    clock.now = parse_instant("2019-11-23T00:00:00+09:00")
    kr.failed(errand.id, "timeout", clock.now)
    carry([kr, jp])
    assert states(kr) == ["never_left"]


def test_an_acknowledgement_by_a_named_officer_reaches_the_sender(nodes):
    kr, jp, _ = nodes
    kr.send([warning()])
    carry(nodes)
    list(jp.open(1, "Registrar Sato").content)
    assert jp.acknowledge(1, "Registrar Sato", "registry 2") == "1/1"
    carry(nodes)
    assert states(kr) == ["acknowledged"]
    assert b"Registrar Sato" in bytes(kr.database.one("acknowledged", (1,))["raw"])


def test_tokyo_sends_through_washington_to_seoul_with_tokyos_consent_alone(nodes, clock):
    kr, jp, us = nodes
    clock.now = parse_instant("2019-11-25T09:00:00+09:00")
    item = gsomia().items["patrol-report-1"]
    (sent,) = jp.send([Sending(item=item, to="us", content=b"seen from the air")])
    assert isinstance(sent, Sent)
    carry(nodes)
    onward = us.opening.onward(1, "kr", "an officer", under="us-rok-1987")
    (denied,) = us.send([onward])
    assert isinstance(denied, Denial)
    assert denied.reason is Reason.CONSENT_MISSING
    for accord in ("us-jp-2007", "us-rok-1987"):
        jp.perform(accord, CONSENT.format(accord=accord))
    carry(nodes)
    clock.now += 60
    onward = us.opening.onward(1, "kr", "an officer", under="us-rok-1987")
    (gone,) = us.send([onward])
    assert isinstance(gone, Sent), gone
    carry(nodes)
    (row,) = kr.database.all("inbox", (0, 9))
    opened = kr.open(row["n"], "an officer of Seoul")
    assert b"".join(opened.content) == b"seen from the air"
    assert opened.item.originators == ("jp",)
    statement = kr.database.one("statement_n", (row["statement"],))
    assert bytes(statement["raw"]) == bytes(us.database.one("statement_n", (1,))["raw"])


def put_back(one, clock, snapshot, **more):
    """The node on an earlier copy of its database; its keys and last-signed file are as they are."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(snapshot)
    connection.row_factory = sqlite3.Row
    return node(
        one.party, clock, database=Database(connection, "put back"),
        last=one.custody._last, **more,
    )  # fmt: skip


def test_a_node_that_was_put_back_signs_nothing_until_its_partners_were_asked(nodes, clock):
    kr, jp, us = nodes
    kr.send([warning()])
    carry(nodes)
    snapshot = jp.database._connection.serialize()
    clock.now += 60
    track = gsomia().items["submarine-track-1"]
    kr.send([Sending(item=track, to="jp", content=b"after the backup")])
    (errand,) = kr.due()
    first = jp.answer("kr", errand.raw)
    kr.settle(errand.id, first)
    given = bytes(jp.database.one("incoming", (2,))["answer"])
    with pytest.raises(LogRolledBack, match="was signed with"):
        put_back(jp, clock, snapshot)
    again = put_back(jp, clock, snapshot, recovering=True)
    assert again.relearn("kr", kr.held_of("jp")) == 1
    assert again.relearn("kr", kr.held_of("jp")) == 0
    (ended,) = again.succeed("the disk failed")
    assert ended.accord == ACCORD
    again = put_back(again, clock, again.database._connection.serialize())
    assert again.answer("kr", errand.raw)
    assert bytes(again.database.one("incoming", (2,))["answer"]) == given
    assert [copy.state for copy in again.register.copies(track.id)] == ["lost"]
    everybody = [kr, again, us]
    clock.now += 60
    kr.send([another("warning-2")])
    carry(everybody)
    assert kr.wants_keys() == ("jp",)
    kr.take_party_file("jp", again.party_file("kr"))
    clock.now += 60
    kr.send([another("warning-3")])
    carry(everybody)
    assert kr.database.one("seen_of", ("jp", ACCORD))["origin"] == ended.new
    assert kr.database.one("partner", ("jp",))["held"] is None


def another(name):
    item = replace(gsomia().items["missile-warning-1"], id=name)
    return Sending(item=item, to="jp", content=name.encode())


def test_an_instrument_learnt_late_shows_what_would_have_been_decided_otherwise(
    nodes, clock
):
    kr, jp, _ = nodes
    clock.now = parse_instant("2023-05-01T12:00:00+09:00")
    kr.send([warning()])
    carry(nodes)
    assert jp.otherwise(ACCORD) == ()
    clock.now += 24 * 3_600
    jp.record(ACCORD, SUSPENSION, "a note on paper, found a day late")
    (late,) = jp.otherwise(ACCORD)
    assert (late.item, late.outgoing, late.reason) == (
        "missile-warning-1",
        False,
        Reason.UNSETTLED,
    )


def test_four_eyes_send_what_two_cannot(clock):
    kr, jp = node("kr", clock, officers=2), node("jp", clock)
    acquaint(kr, jp)
    (waiting,) = kr.send([warning()])
    assert (waiting.needed, waiting.given) == (2, ())
    kr.approve(approval("kr", "anna", waiting.matter, clock.now))
    (waiting,) = kr.send([warning()])
    assert waiting.given == ("anna",)
    kr.approve(approval("kr", "anna", waiting.matter, clock.now))
    assert kr.send([warning()])[0].given == ("anna",)
    kr.approve(approval("kr", "berta", waiting.matter, clock.now))
    other = Sending(item=warning().item, to="jp", content=b"another content")
    assert kr.send([other])[0].given == ()
    (sent,) = kr.send([warning()])
    assert isinstance(sent, Sent)
    with pytest.raises(InvalidInput):
        kr.approve(approval("jp", "anna", waiting.matter, clock.now))


def test_an_approval_ends_by_itself(clock):
    kr, jp = node("kr", clock, officers=1), node("jp", clock)
    acquaint(kr, jp)
    (waiting,) = kr.send([warning()])
    kr.approve(approval("kr", "anna", waiting.matter, clock.now))
    clock.now += 3_600
    assert kr.send([warning()])[0].given == ()


def test_term_keys_are_destroyed_after_the_lapse_and_what_was_sealed_opens_no_more(clock):
    lapsing = gsomia().without(("kr-suspension-2019", "kr-withdrawal-2023"))
    kr, jp = (node(party, clock, lapsing) for party in ("kr", "jp"))
    acquaint(kr, jp)
    kr.send([warning(under=ACCORD)])
    carry([kr, jp])
    with pytest.raises(InvalidInput, match="has not ended"):
        jp.destroy_keys(ACCORD)
    clock.now = parse_instant("2019-11-23T00:00:00+09:00")
    with pytest.raises(InvalidInput, match="own clock"):
        jp.destroy_keys(ACCORD)
    (done,) = jp.destroy_keys(ACCORD, "Registrar Sato")
    assert done.accord == ACCORD
    with pytest.raises(InvalidInput, match="destroyed"):
        jp.open(1, "an officer")


def test_what_an_unknown_key_signs_makes_the_node_want_its_senders_newer_keys(nodes):
    kr, jp, _ = nodes
    kr.send([warning()])
    (errand,) = kr.due()
    kr.site.keys = keys_of("stranger")
    contact = kr.contacts.say("jp", kr.now())
    kr.site.keys = keys_of("kr")
    forged = replace(read(reader(errand.raw)), contact=contact)
    with pytest.raises(InvalidInput) as caught:
        jp.answer("kr", write(forged))
    assert caught.value.code == "signer-unknown"
    assert jp.wants_keys() == ("kr",)


def test_a_partners_keys_are_fetched_again_within_the_hour(nodes, clock):
    kr, _, _ = nodes
    kr.tick()
    assert kr.wants_keys() == ("jp", "us")
    for party in ("jp", "us"):
        other = next(one for one in nodes if one.party == party)
        kr.take_party_file(party, other.party_file("kr"))
    assert kr.wants_keys() == ()
    clock.now += 3_600
    kr.tick()
    assert kr.wants_keys() == ("jp", "us")
