"""What is said, as lines, as sections and in the drawing of an accord's life."""

from itertools import pairwise

from comity.accords import parse_instant
from comity.release import beside
from comity.report import (
    Said,
    beside_section,
    readouts_section,
    report_page,
    said_of,
    timeline,
)
from comity.report.talks import beside_lines, relation_in_words, told
from comity.talks import Measure, MeasureState
from comity.talks.readouts import compare
from make import ACCORD, gsomia
from talks.test_readouts import POINT, TWO, passage


def kst(text):
    return parse_instant(text + "+09:00")


START, BEFORE = kst("2019-01-01T00:00:00"), kst("2024-01-01T00:00:00")


def test_the_section_says_what_the_lines_say():
    world = gsomia()
    zone = world.accord(ACCORD).zone
    found = beside(world, ACCORD, kst("2019-11-21T12:00:00"))
    lines = [
        x.removeprefix("  - ") for x in beside_lines(found, world, zone) if x[0] == " "
    ]
    section = beside_section(found, world, zone)
    assert [row[1] for row in section.rows] == lines
    assert list(dict.fromkeys(row[0] for row in section.rows)) == [
        "positions on record", "conditions", "measures", "undertakings", "joint statements",
    ]  # fmt: skip


def test_nothing_said_leaves_nothing_to_show():
    world = gsomia()
    found = beside(world, ACCORD, kst("2015-01-01T00:00:00"))
    assert beside_lines(found, world, world.accord(ACCORD).zone) == []


def test_what_nobody_has_checked_is_shown_as_recalled():
    world = gsomia()
    found = beside(world, ACCORD, kst("2023-04-01T00:00:00"))
    lines = beside_lines(found, world, world.accord(ACCORD).zone)
    (line,) = [x for x in lines if x.startswith("  - jp-export-controls")]
    assert "lifted, since 23 Mar 2023 (recalled)" in line


def test_a_page_has_both_accounts_point_by_point_with_the_midnight_flagged():
    world = gsomia()
    section = readouts_section(world.readouts.meetings[0], world)
    assert section.columns == ("", "matter", "A", "B", "relation")
    assert len(section.rows) == 19
    assert section.rows[8][2:] == ("–", "chilly throughout", "B only")
    assert section.rows[15][4] == "B only, at second hand"
    page = report_page("t", "l", (section,), "f")
    assert "midnight on 2019-11-23" in page
    assert "meant is 00:00 KST on 23 Nov 2019" in page
    early = readouts_section(world.readouts.meetings[0], world, kst("2019-11-17T23:00:00"))
    assert early.columns == ("", "matter", "A", "relation")


def test_a_relation_that_could_not_be_computed_is_shown_as_stated():
    bare = compare(POINT, [passage("A"), passage("B")], TWO)
    assert relation_in_words(bare) == "both (as stated)"
    assert told((), gsomia()) == "–"


def drawn(said=(), measures=()):
    world = gsomia()
    clock = world.clock(ACCORD)
    return timeline(clock, START, BEFORE, [], "t", said=said, measures=measures)


def lanes(line):
    return {lane.name: lane for lane in line.lanes}


def test_measures_and_what_was_said_stand_below_the_accord_in_the_drawing():
    world = gsomia()
    said = said_of(world, world.accord(ACCORD).zone)
    found = drawn(said, world.measures)
    plain = drawn()
    added = [lane.name for lane in found.lanes[len(plain.lanes) :]]
    assert added == ["said", *(m.id for m in world.measures)]
    assert found.height > plain.height
    assert [b.word for b in lanes(found)["jp-export-controls"].bars] == [
        "announced", "in force", "lifted",
    ]  # fmt: skip
    assert len(lanes(found)["said"].marks) == len(said)
    assert any(
        "Kono" not in m.title and "declined" in m.title for m in lanes(found)["said"].marks
    )
    ys = [lane.y for lane in found.lanes]
    assert all(b - a >= 30 for a, b in pairwise(ys))


def test_what_was_said_outside_the_stretch_is_left_out_and_an_empty_lane_with_it():
    found = drawn(
        [Said(at=kst("2018-12-31T23:59:59"), title="x"), Said(at=BEFORE, title="y")]
    )
    assert "said" not in lanes(found)


def test_a_state_is_drawn_within_the_stretch_alone():
    def state(day, word):
        since = kst(f"{day}T00:00:00")
        return MeasureState(since=since, is_=word, source="t", recalled=False)

    old = Measure(
        id="m", by="jp", what="x",
        states=(state("2010-01-01", "a"), state("2012-01-01", "b"), state("2030-01-01", "c")),
    )  # fmt: skip
    gone = Measure(id="n", by="jp", what="x", states=(state("2030-01-01", "c"),))
    found = lanes(drawn(measures=[old, gone]))
    (bar,) = found["m"].bars
    assert bar.word == "b"
    assert bar.x == drawn().left
    assert "n" not in found
