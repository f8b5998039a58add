"""Every instant at which anything of a world may change is found."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.accords import Instant, parse_instant
from comity.labels import Group, Membership
from comity.release import Hold
from comity.testing import Edges
from comity.worlds import load_world
from make import AFTER, RELEASE, ROOT, SIGNED, accord, at, item, notice, signed, world
from oracle.boundary import BESIDE, computed
from oracle.reads import read_world

WORLDS = (ROOT / "worlds" / "gsomia", ROOT / "worlds" / "isac", BESIDE / "labels")
ACCORD = "jp-rok-gsomia"


def every(told):
    edges = Edges(told)
    found = {edge.at for accord in told.accords for edge in edges.of(accord.id)}
    return found | {edge.at for edge in edges.beside}


@pytest.mark.parametrize("root", WORLDS, ids=lambda root: root.name)
def test_no_instant_is_missed_that_the_plain_oracle_looks_at(root: Path):
    """The oracle's clock is other work, and reads the same files by itself."""
    told = read_world(root)
    looked_at = {moment for name in told["accords"] for moment in computed(told, name)}
    looked_at |= {moment for act in told["acts"] for moment in act["span"]}
    near = {edge + step for edge in every(load_world(root)) for step in (-1, 0, 1)}
    assert len(looked_at) > 15
    assert {moment for moment in looked_at if moment > 0} <= near


def test_the_day_on_which_a_suspended_notice_was_to_take_effect_is_an_edge():
    edges = Edges(load_world(WORLDS[0])).of(ACCORD)
    assert parse_instant("2019-11-23T00:00:00+09:00") in {edge.at for edge in edges}


def test_what_is_written_with_a_date_is_an_edge_at_both_its_ends():
    hold = Hold(
        id="h",
        by="a",
        towards=("b",),
        accords=("any",),
        categories=("k",),
        ground="a court",
        since=at("2020-02-01"),
        before=at("2020-03-01"),
    )
    group = Group(
        id="g",
        title="g",
        members=(Membership(party="b", since=at("2020-04-01"), before=at("2020-05-01")),),
    )
    made = replace(item(), made=at("2020-06-01"))
    told = world(
        [accord()], [signed()], holds=(hold,), groups={"g": group}, items={"x": made}
    )
    named = {edge.at: edge.what for edge in Edges(told).beside}
    assert set(named) == {at(f"2020-0{month}-01") for month in (2, 3, 4, 5, 6)}
    assert named[at("2020-03-01")] == "the hold `h`"
    assert named[at("2020-05-01")] == "a day of `b` in the group `g`"


def test_a_row_and_an_act_have_their_days_in_the_zone_of_the_accord():
    row = RELEASE.replace('from = "a:LOW"', 'before = "2020-07-01"\nfrom = "a:LOW"')
    text = accord(SIGNED + AFTER + row, zone="Asia/Seoul")
    found = {edge.at for edge in Edges(world([text], [signed()])).of("t")}
    assert parse_instant("2020-07-01T00:00:00+09:00") in found
    assert parse_instant("2020-07-02T00:00:00+09:00") in found
    assert at("2020-07-01") not in found


def test_an_accord_is_open_from_its_entry_until_its_end_and_to_both_sides():
    told = world([accord(SIGNED + AFTER + RELEASE)], [signed(), notice("2020-03-01")])
    spans = Edges(told).open("t", ("a", "b"))
    assert spans == ((at("2020-01-01"), at("2020-09-01")),)
    assert Edges(told).open("t", ("a", "c")) == ()


def test_what_an_instant_is_near_is_said_in_words():
    told = world([accord(SIGNED + AFTER + RELEASE)], [signed(), notice("2020-03-01")])
    said = set(Edges(told).near(Instant(at("2020-09-01") - 1), ["t"]))
    assert said == {"a second before the clock of `t`"}
    assert set(Edges(told).near(at("2020-08-01"), ["t"])) == set()


def test_the_edges_of_an_accord_are_looked_for_when_it_is_asked_about():
    """So a world of ten thousand costs what is asked of it."""
    many = [accord(name=f"t{number}") for number in range(30)]
    told = world(many, [signed(of="t7")])
    edges = Edges(told)
    assert edges.of("t7")
    assert set(told._clocks) == {"t7"}
