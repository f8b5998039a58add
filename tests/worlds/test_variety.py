from datetime import date
from functools import cache

import pytest

from comity.accords import Certainty, Op, Status
from comity.accords import clauses as c
from comity.accords.declassify import announce_by, lapses
from comity.errors import Severity
from comity.labels import Item, Label, Level
from comity.release import Request, decide
from comity.release.examine import examine
from comity.release.rows import Kept, kept, run
from comity.release.worldchecks import check_world
from comity.worlds import load_rows, load_world, rows_path
from make import ROOT, at

VARIETY = ROOT / "worlds" / "variety"
FILES = sorted((VARIETY / "accords").glob("*.accord.md"))
SIXTEEN = {
    1: "us-jp-2007",
    3: "jp-au-2012",
    6: "eu-au-2010",
    8: "eu-uk-2020",
    10: "nato-1997",
    12: "nordic-2010",
    13: "cz-sk-2005",
    14: "at-de-2007",
    15: "at-fr",
    16: "ch-sg-2016",
    20: "us-ua-practice",
    23: "eu-us-pnr-2004",
    24: "us-uk-2019",
    25: "us-cisa-2015",
    26: "dursa",
    27: "tefca",
}


@cache
def world():
    return load_world(VARIETY)


@cache
def rows(path):
    accord = next(a for a in world().accords if a.where == str(path))
    found = load_rows(rows_path(path), accord)
    assert found is not None, "no tests beside it"
    return accord, found


def test_the_sixteen_are_here_and_in_the_readme():
    readme = (VARIETY / "README.md").read_text("utf-8")
    assert set(SIXTEEN.values()) <= {a.id for a in world().accords}
    for number, name in SIXTEEN.items():
        assert f"| {number} | `{name}`" in readme


def test_the_world_has_no_error_and_nothing_in_it_is_without_effect():
    found = check_world(world())
    assert [f for f in found if f.severity is Severity.ERROR] == []
    assert [f.message for f in found if f.code == "without-effect"] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name.removesuffix(".accord.md"))
def test_every_row_comes_true_of_the_version_it_was_written_for(path):
    accord, found = rows(path)
    assert found.rows
    assert found.about == accord.digest
    assert [(f.row.name, f.answer) for f in run(found, accord)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name.removesuffix(".accord.md"))
def test_no_row_rests_on_what_is_only_recalled(path):
    _, found = rows(path)
    recalled = {i.id for i in world().instruments if i.recalled}
    assert [i.id for i in found.instruments if i.recalled or i.id in recalled] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name.removesuffix(".accord.md"))
def test_what_the_rows_take_from_the_world_is_told_as_the_world_tells_it(path):
    known = {i.id: i for i in world().instruments}
    _, found = rows(path)
    for mine in found.instruments:
        if mine.source:
            theirs = known[mine.id]
            assert (mine.times, mine.operations, mine.source) == (
                theirs.times,
                theirs.operations,
                theirs.source,
            )


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name.removesuffix(".accord.md"))
def test_a_section_that_is_recalled_is_enforced_by_no_row(path):
    accord, found = rows(path)
    for article in kept(found, accord):
        if "recalled" in article.title:
            assert article.kept is Kept.RECORDED


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name.removesuffix(".accord.md"))
def test_each_file_says_that_its_words_and_numbers_are_its_own(path):
    text = " ".join(path.read_text("utf-8").split())
    assert (
        "this file's own" in text
        or "bears its own number" in text
        or "bear their own" in text
    )


def test_what_is_recalled_is_shown_and_marked_as_assumed():
    clock = world().clock("eu-uk-2020")
    now = clock.standing(at("2022-01-01"))
    assert (now.status, now.certainty) == (Status.IN_FORCE, Certainty.ASSUMED)
    sourced = world().without([i.id for i in world().instruments if i.recalled])
    then = sourced.clock("eu-uk-2020").standing(at("2022-01-01"))
    assert (then.status, then.certainty) == (Status.SIGNED, Certainty.EXACT)


def test_the_agreement_on_information_is_tied_to_that_on_trade():
    w = world().without([i.id for i in world().instruments if i.accord == "eu-uk-tca"])
    standing = w.clock("eu-uk-2020").standing(at("2021-01-15"))
    assert standing.status is Status.SIGNED
    assert standing.because == ("3 ties it to `eu-uk-tca`, which is not yet",)


def test_the_gap_of_2006_is_half_open_and_between_two_accords():
    first, second = (world().clock(f"eu-us-pnr-{year}") for year in (2004, 2006))
    ended = first.standing(at("2006-10-10"))
    assert (ended.status, ended.since) == (Status.ENDED, at("2006-09-29T22:00:00"))
    assert second.standing(at("2006-10-15T21:59:59")).status is Status.NOT_YET
    began = second.standing(at("2006-10-17"))
    assert (began.since_earliest, began.since) == (
        at("2006-10-15T22:00:00"),
        at("2006-10-16T21:59:59"),
    )


def test_the_court_is_a_measure_that_ends_nothing():
    (measure,) = world().measures
    assert measure.state(at("2006-06-15")).startswith("annulled")
    assert all(state.recalled for state in measure.states)
    assert world().clock("eu-us-pnr-2004").standing(at("2006-06-15")).status == "in_force"


def test_the_gaps_of_the_statute_stay_gaps():
    clock = world().clock("us-cisa-2015")
    for since, before in (
        ("2025-10-01T04:00:00", "2025-11-12T05:00:00"),
        ("2026-01-31T05:00:00", "2026-02-03T05:00:00"),
    ):
        inside = clock.standing(at(since))
        assert (inside.status, inside.since) == (Status.ENDED, at(since))
        assert clock.standing(at(since) - 1).status is Status.IN_FORCE
        assert clock.standing(at(before) - 1).status is Status.ENDED
        assert clock.standing(at(before)).status is Status.UNSETTLED


def request(sender, recipient, when, under):
    thing = Item(
        id="x",
        title="x",
        originators=(sender,),
        label=Label(
            level=Level(sender, "S"), categories=("information",), release_to=(recipient,)
        ),
        kind="document",
        purpose="as-given",
        channel="government-to-government",
    )
    return Request(item=thing, sender=sender, recipient=recipient, at=at(when), under=under)


def test_the_pause_is_a_hold_and_the_standing_is_what_it_was():
    clock = world().clock("us-ua-practice")
    assert clock.standing(at("2025-03-08")).status is Status.IN_FORCE
    hold = world().holds[0]
    for when, stands in (
        ("2025-03-05T04:59:59", False),
        ("2025-03-05T05:00:00", True),
        ("2025-03-12T03:59:59", True),
        ("2025-03-12T04:00:00", False),
    ):
        assert hold.stands(at(when)) is stands
        asked = decide(request("us", "ua", when, "us-ua-practice"), world())
        assert ("held" in {f.reason for f in asked.failing}) is stands


def test_nationals_of_third_states_are_a_condition_before_release():
    asked = request("fr", "at", "2020-01-01", "at-fr")
    failing = examine(asked, world().accord("at-fr"), world()).failing
    (gate,) = (f for f in failing if f.reason == "condition_not_met")
    assert (gate.article, gate.whose) == ("4", ("at",))
    assert "originator's written consent" in gate.wants


def test_a_classification_lapses_on_the_first_of_january_thirty_years_on():
    rule = world().accord("at-de-2007").one(c.Declassification)
    assert lapses(rule, date(2007, 6, 15)) == date(2038, 1, 1)
    assert announce_by(rule, date(2038, 1, 1)) == date(2037, 11, 20)


def test_nothing_may_cross_under_any_of_them():
    for accord in world().accords:
        assert not accord.all(c.Scope)
        assert not accord.all(c.Equivalence)


def test_every_new_operation_is_used_somewhere_here_or_in_a_file_of_tests():
    files = [rows(path)[1] for path in FILES]
    done = {op.do for f in files for i in f.instruments for op in i.operations}
    assert {Op.ENACT, Op.LAY, Op.OBJECT, Op.DECLARE_PROVISIONAL, Op.DEPOSIT} <= done
