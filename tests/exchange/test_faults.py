"""What a node does when its disk fails in the middle, and when others cheat.

Each of these was found by the simulator (`make simulate`).
"""

import dataclasses
import json
import sqlite3

import pytest

from comity.accords.times import parse_instant
from comity.exchange.custody import LogRolledBack
from comity.exchange.node import Node
from comity.exchange.rows import reader
from comity.exchange.sending import Sending
from comity.store import Database, StorageFailed
from comity.wire.consignment import read, read_answer, write
from exchange.nodes import Clock, LastSigned, acquaint, carry, gsomia, keys_of, node, states
from exchange.test_node import ACCORD, BEFORE, NOTICE, warning
from simulate.disk import FULL, Armed, Disk


def on_a_disk(party, clock):
    """A node whose disk can be made to fail."""
    made = node(party, clock)
    armed = Armed()
    made.database._connection = Disk(made.database._connection, armed)
    return made, armed


def whole_logs(made):
    """Say whether every log has as many leaves as it says."""
    counted = "SELECT size = (SELECT count(*) FROM leaf WHERE log_n = log.n) FROM log"
    return all(row[0] for row in made.database._connection.execute(counted))


@pytest.fixture
def clock():
    return Clock(BEFORE)


def test_an_instrument_that_meets_a_full_disk_is_taken_whole_another_time(clock):
    clock.now = parse_instant("2023-05-01T12:00:00+09:00")
    kr = node("kr", clock)
    jp, armed = on_a_disk("jp", clock)
    acquaint(kr, jp)
    kr.perform(ACCORD, NOTICE)
    (errand,) = kr.due()
    codes = set()
    for write_ in range(1, 60):
        armed.arm(FULL, write_)
        try:
            answer = jp.answer("kr", errand.raw)
        except StorageFailed as failed:
            codes.add(failed.code)
            assert whole_logs(jp)
        else:
            break
    assert write_ > 5
    assert codes == {"no-space"}
    kr.settle(errand.id, answer)
    assert states(kr, "instrument") == ["receipted"]


def test_what_went_out_is_never_said_not_to_have_left_though_the_disk_was_full(clock):
    lapsing = gsomia().without(("kr-suspension-2019", "kr-withdrawal-2023"))
    kr, jp = (node(party, clock, lapsing) for party in ("kr", "jp"))
    kr.database._connection = disk = Disk(kr.database._connection, Armed())
    acquaint(kr, jp)
    kr.send([warning(under=ACCORD)])
    (errand,) = kr.due()
    jp.answer("kr", errand.raw)
    disk.full = True
    with pytest.raises(StorageFailed):
        kr.failed(errand.id, "timeout", clock.now + 5)
    disk.full = False
    clock.now = parse_instant("2019-11-23T00:00:00+09:00")
    kr.due()
    assert states(kr) == ["fate_unknown"]


def test_an_answer_that_could_not_be_kept_is_taken_again(clock):
    kr, jp = (node(party, clock) for party in ("kr", "jp"))
    kr.database._connection = disk = Disk(kr.database._connection, Armed())
    acquaint(kr, jp)
    kr.send([warning()])
    (errand,) = kr.due()
    answer = jp.answer("kr", errand.raw)
    disk.full = True
    with pytest.raises(StorageFailed):
        kr.together([lambda: kr.settle(errand.id, answer)])
    disk.full = False
    kr.settle(errand.id, answer)
    assert states(kr) == ["receipted"]


def test_a_part_that_was_damaged_is_never_refused_for_ever(clock):
    kr, jp = (node(party, clock) for party in ("kr", "jp"))
    acquaint(kr, jp)
    kr.send([warning()])
    (errand,) = kr.due()
    whole = read(reader(errand.raw))
    part = dataclasses.replace(whole.parts[0], body=bytes(len(whole.parts[0].body)))
    damaged = write(dataclasses.replace(whole, parts=(part,)))
    (verdict,) = read_answer(reader(jp.answer("kr", damaged))).verdicts
    assert json.loads(verdict.said.thing)["retry"] == "later"
    kr.settle(errand.id, jp.answer("kr", errand.raw))
    assert states(kr) == ["receipted"]


def test_an_item_that_is_sent_on_twice_is_there_once_and_settles_twice(clock):
    kr, jp, us = nodes = [node(party, clock) for party in ("kr", "jp", "us")]
    acquaint(*nodes)
    item = gsomia().items["missile-warning-1"]
    kr.send([Sending(item=item, to="us", content=b"x", under="us-rok-1987")])
    kr.perform("us-jp-2007", CONSENTED)
    carry(nodes)
    (row,) = us.database.all("inbox", (0, 9))
    for _ in range(2):
        with us.database.transaction():
            sending = us.opening.onward(row["n"], "jp", "an officer", under="us-jp-2007")
        us.send([sending])
    carry(nodes)
    clock.now += 5
    carry(nodes)
    assert states(us) == ["receipted", "receipted"]
    assert len(jp.database.all("inbox", (0, 9))) == 1


def test_a_node_that_was_put_back_to_before_its_first_log_does_not_start(clock):
    last = LastSigned()
    kr, jp = node("kr", clock, last=last), node("jp", clock)
    acquaint(kr, jp)
    before = kr.database._connection.serialize()
    kr.send([warning()])
    carry([kr, jp])
    real = sqlite3.connect(":memory:", isolation_level=None)
    real.deserialize(before)
    real.row_factory = sqlite3.Row
    with pytest.raises(LogRolledBack):
        Node(
            "kr", gsomia(), Database(real, "kr"), keys_of("kr"), last,
            clock=clock, random=bytes, simulated=True,
        )  # fmt: skip


def test_what_a_node_said_it_does_not_have_it_never_takes(clock):
    lapsing = gsomia().without(("kr-suspension-2019", "kr-withdrawal-2023"))
    kr, jp = (node(party, clock, lapsing) for party in ("kr", "jp"))
    acquaint(kr, jp)
    kr.send([warning(under=ACCORD)])
    (slow,) = kr.due()
    kr.failed(slow.id, "timeout", clock.now)
    with kr.database.transaction():
        kr.database.run("insert_hold", ("h", HOLD, clock.now))
        kr.site.world.bump()
    carry([kr, jp])
    assert states(kr) == ["never_left"]
    jp.answer("kr", slow.raw)
    assert jp.database.all("inbox", (0, 9)) == []


CONSENTED = """[[instrument]]
id = "kr-agrees"
by = ["kr"]
form = "written"
dated = "2019-11-22T11:00:00+09:00"
operations = [{ do = "consent", item = "missile-warning-1", holder = "us", to = "jp", purposes = ["early-warning"] }]
source = "made for the test"
"""
HOLD = """[[hold]]
id = "h"
by = "kr"
towards = ["jp"]
accords = ["any"]
categories = ["any"]
ground = "a decision"
since = "2019-11-22T11:00:00+09:00"
source = "made for the test"
"""
