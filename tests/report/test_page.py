import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from comity.accords import Clock, load_accord, parse_instant
from comity.release.rows import kept
from comity.report import Flow, Section, accord_page, report_page, timeline
from make import GSOMIA, accord, at, gsomia, signed


def page_of(name):
    text = load_accord((GSOMIA / "accords" / f"{name}.accord.md").read_bytes())
    return text, accord_page(text, kept(None, text))


def test_every_line_of_the_words_is_on_the_printed_page():
    text, page = page_of("jp-rok-gsomia")
    for article in text.document.articles:
        for line in article.words().split("\n"):
            assert (
                line.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&#34;")
                in page
            )


def test_a_page_asks_for_nothing_from_outside_and_runs_nothing():
    _, page = page_of("jp-rok-gsomia")
    report = report_page("t", "l", (Section(heading="h"),), "f")
    for text in (page, report):
        assert not re.search(r"(src|href)\s*=", text)
        assert "<script" not in text
        assert "url(" not in text
        assert "@import" not in text


@given(st.text(min_size=1, max_size=40))
def test_nothing_that_a_file_says_becomes_markup(text):
    evil = f"<script>{text}</script><img onerror=x>"
    page = report_page(
        evil,
        evil,
        (
            Section(
                heading=evil,
                paragraphs=(evil,),
                rows=((evil,),),
                columns=(evil,),
                listings=(evil,),
                note=evil,
            ),
        ),
        evil,
    )
    assert "<script>" not in page
    assert "<img" not in page


def kst(text):
    return parse_instant(text + "+09:00")


def drawn(world, flows=()):
    clock = world.clock("jp-rok-gsomia")
    return timeline(
        clock, kst("2014-01-01T00:00:00"), kst("2026-01-01T00:00:00"), list(flows), "t"
    )


def lane(line, name):
    return next(x for x in line.lanes if x.name == name)


def test_the_night_is_drawn_as_it_was_and_as_it_would_have_been():
    world = gsomia()
    was = drawn(world)
    other = drawn(world.without(["kr-suspension-2019", "kr-withdrawal-2023"]))
    assert [b.kind for b in lane(was, "standing").bars] == ["unsettled", "in_force"]
    assert [b.kind for b in lane(other, "standing").bars] == [
        "unsettled",
        "in_force",
        "ended",
    ]
    assert [b.kind for b in lane(was, "notice n1").bars] == [
        "running",
        "suspended",
        "revoked",
    ]
    assert len(lane(was, "disputed").bars) == 1


def test_bars_of_a_lane_meet_and_never_overlap():
    for bars in (x.bars for x in drawn(gsomia()).lanes):
        for left, right in pairwise(bars):
            assert left.x + left.width <= right.x + 1.5


def test_an_act_that_is_only_supposed_is_not_drawn():
    titles = [m.title for m in lane(drawn(gsomia()), "acts").marks]
    assert any("Second note" in t for t in titles)
    assert not any("assurance" in t for t in titles)


def test_flows_outside_the_stretch_are_left_out():
    flows = [
        Flow(at=kst("2019-05-04T09:00:00"), way="directly", title="in"),
        Flow(at=kst("1999-01-01T00:00:00"), way="directly", title="out"),
    ]
    assert [m.title for m in lane(drawn(gsomia(), flows), "directly").marks] == ["in"]


def test_an_end_by_the_clock_alone_is_drawn():
    rules = '\n[entry]\ncites = "1"\nwhen = { from = ["sign:dated"] }\n[term]\ncites = "1"\nuntil = "2020-06-30"\n'
    line = timeline(
        Clock(accord(rules), [signed()]), at("2019-01-01"), at("2022-01-01"), [], "t"
    )
    assert [b.kind for b in line.lanes[0].bars] == ["in_force", "ended"]
