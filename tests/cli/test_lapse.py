import json
import shutil

import pytest

from make import ACCORD, GSOMIA

WORLD = str(GSOMIA)
NIGHT = ["--without", "kr-suspension-2019", "--without", "kr-withdrawal-2023"]
SATURDAY = ["--at", "2019-11-23T00:00:00+09:00"]
LAPSE = ["lapse", WORLD, ACCORD, *SATURDAY]


@pytest.fixture
def draft(tmp_path):
    """A copy of the worked example, to be changed."""
    return shutil.copytree(GSOMIA, tmp_path / "draft")


def as_json(run, *words):
    code, out, err = run(*words, "--json")
    assert code == 0, err
    return json.loads(out)


def test_on_friday_evening_an_officer_reads_what_stops_and_what_is_left(run):
    code, out, _ = run(*LAPSE, *NIGHT)
    assert code == 0
    assert "lapsed at 00:00 KST on 23 Nov 2019" in out
    assert "before: covered by jp-rok-gsomia alone: 21(1), 21(3), 2(a)" in out
    assert "now: the accord has ended" in out
    ways = (
        "Seoul → Washington → Tokyo, under us-rok-1987, then us-jp-2007\n"
        "       missing: the written consent of Republic of Korea to release to Japan\n"
        "     the sender's own: kr:II, kr:III\n"
        "     about defence, maritime;",
        "Seoul → Washington → Tokyo, under us-rok-1987 or tisa-2014, then us-jp-2007 or"
        " tisa-2014\n"
        "       missing: the written consent of Republic of Korea to release to Japan\n"
        "     the sender's own: kr:II, kr:III\n"
        "     about nk-missile, nk-nuclear;",
    )
    assert all(way in out for way in ways)
    assert "submarine-track-1" in out
    assert "4 go on as they were" in out


def test_an_instant_without_offset_is_local_to_the_accord(run):
    local = ["--at", "2019-11-23T00:00:00"]
    there = run("lapse", WORLD, ACCORD, *local, *NIGHT)
    assert there == run(*LAPSE, *NIGHT)


def test_a_second_before_nothing_lapses_and_the_midnight_is_named(run):
    code, out, _ = run("lapse", WORLD, ACCORD, "--at", "2019-11-22T23:59:59+09:00", *NIGHT)
    assert code == 0
    assert "it stands: nothing lapses at that instant" in out
    assert "by the clock alone it lapses at 00:00 KST on 23 Nov 2019" in out
    assert "(a) hangs on it alone" in out


def test_with_the_suspension_who_could_still_end_it_is_named(run):
    found = as_json(run, *LAPSE)
    assert found["lapsed"] is None
    assert found["ahead"] == {
        "by_clock": None,
        "by_one": "2019-11-23T00:00:00+09:00",
        "who": ["kr"],
    }


def test_a_program_sees_the_regions_and_the_ways(run):
    found = as_json(run, *LAPSE, *NIGHT)
    stops = [r for r in found["regions"] if r["change"] == "stops"]
    assert {p["from"] for r in stops for p in r["pairs"]} == {"jp", "kr"}
    assert {r["before"]["support"] for r in stops} == {1}
    assert {r["since"] for r in stops} == {"2019-11-23T00:00:00+09:00"}
    assert sum(r["requests"] for r in stops) == sum(r["requests"] for r in found["left"])
    missing = [w["consent_missing"] for i in found["items"] for w in i["ways"]]
    assert [{"of": "kr", "to": "jp"}] in missing


def test_what_rests_on_it_alone_is_what_stops_of_each_ones_own_information(run):
    found, whole = as_json(run, *LAPSE, *NIGHT, "--alone"), as_json(run, *LAPSE, *NIGHT)
    alone = {
        (one["from"], one["to"], one["level"], category, kind, purpose, channel)
        for one in found["alone"]
        for category in one["categories"]
        for kind in one["kinds"]
        for purpose in one["purposes"]
        for channel in one["channels"]
    }
    assert alone == {
        (pair["from"], pair["to"], mark["level"], category, kind, purpose, channel)
        for region in whole["regions"]
        if region["change"] == "stops"
        for pair in region["pairs"]
        for mark in region["information"]
        if mark["of"] == "sender"
        for category in region["categories"]
        for kind in region["kinds"]
        for purpose in region["purposes"]
        for channel in region["channels"]
    }
    assert alone
    assert whole["alone"] is None
    assert found["regions"] == []
    assert found["items"] == whole["items"]
    assert found["duties"] == whole["duties"]


def test_what_rests_on_it_alone_is_said_by_direction(run):
    code, out, _ = run(*LAPSE, *NIGHT, "--alone")
    assert code == 0
    assert "(a) stops, of each party's own information\n" in out
    assert "  2. Seoul → Tokyo\n     kr:II, kr:III\n     about anything; in any form" in out
    assert "requests:" not in out
    _, out, _ = run(*LAPSE, "--alone")
    assert "(a) hangs on it alone, of each party's own information\n" in out


def test_an_accord_on_which_nothing_rests_says_so(run):
    before = ("--at", "2010-01-01T00:00:00+09:00")
    code, out, _ = run("lapse", WORLD, ACCORD, *before, "--alone")
    assert code == 0
    assert "of each party's own information: nothing" in out


def test_nothing_rests_alone_on_an_act(run):
    code, _, err = run("lapse", WORLD, "kr-suspension-2019", *SATURDAY, "--alone")
    assert code == 3
    assert "[alone-is-of-an-accord]" in err
    assert f"or ask about the accord `{ACCORD}`" in err


def test_items_of_a_file_take_the_place_of_those_of_the_world(run, tmp_path):
    file = tmp_path / "one.toml"
    _ = file.write_text(
        '[[item]]\nid = "one"\ntitle = "one"\noriginators = ["kr"]\nlevel = "kr:II"\n'
        'categories = ["maritime", "nk-missile"]\nkind = "oral"\npurpose = "early-warning"\n'
        'channel = "government-to-government"\nrelease_to = ["jp"]\nsynthetic = true\n',
        encoding="utf-8",
    )
    found = as_json(run, *LAPSE, *NIGHT, "--items", str(file))
    (one,) = found["items"]
    assert (one["item"], one["to"], one["ways"]) == ("one", "jp", [])  # not to Washington


def test_an_act_that_nobody_has_done_is_supposed_and_asked_about(run, tmp_path):
    file = tmp_path / "leaving.toml"
    _ = file.write_text(
        'accord = "tisa-2014"\n[[instrument]]\nid = "leaving"\ntitle = "x"\nby = ["kr"]\n'
        'received = "2019-11-23T00:00:00+09:00"\nsupposed = "a test"\n'
        'operations = [{ do = "give_notice", notice = "out" }]\n',
        encoding="utf-8",
    )
    words = ["lapse", WORLD, "leaving", *SATURDAY, "--suppose", str(file)]
    found = as_json(run, *words)
    assert {r["change"] for r in found["regions"]} == {"goes on otherwise"}
    code, out, _ = run(*words)
    assert code == 0
    assert "(b) goes on under another accord, directly" in out
    assert "without it: covered by us-rok-1987: 4, 5, 1, 2, 3(b); tisa-2014: 9, 4, 3" in out
    assert "with it: covered by us-rok-1987 alone: 4, 5, 1, 2, 3(b)" in out


def test_a_changed_text_is_judged_before_it_is_signed(run, draft):
    text = draft / "accords" / f"{ACCORD}.accord.md"
    changed = text.read_text(encoding="utf-8").replace(
        'allowed = ["government-to-government"]', "allowed = []"
    )
    _ = text.write_text(changed, encoding="utf-8")
    code, out, err = run("diff", WORLD, draft, "--at", "2019-10-01T00:00:00+09:00")
    assert code == 0, err
    assert "permitted in the first alone" in out
    assert "second: the accord does not admit the channel" in out
    assert "of this goes on in the second by another way" in out
    found = as_json(run, "diff", WORLD, draft, "--at", "2019-10-01T00:00:00+09:00")
    assert {r["change"] for r in found["regions"]} == {
        "stops",
        "refused for another reason",
    }
    assert found["standings"] == []


def test_two_worlds_that_differ_in_an_act_differ_in_standing(run, draft):
    acts = draft / "instruments" / f"{ACCORD}.toml"
    kept, _, _ = acts.read_text(encoding="utf-8").partition(
        '[[instrument]]\nid = "kr-suspension-2019"'
    )
    _ = acts.write_text(kept, encoding="utf-8")
    code, out, err = run("diff", WORLD, draft, *SATURDAY)
    assert code == 0, err
    assert out.startswith(
        f"the first: {WORLD}\nthe second: {draft}\nat 00:00 JST on 23 Nov 2019\n\nstanding\n"
    )
    assert "\nunaffected\n" in out
    assert "refused in both, for another reason" in out
    found = as_json(run, "diff", WORLD, draft, *SATURDAY)
    assert found["standings"] == [
        {
            "accord": ACCORD,
            "pair": ["jp", "kr"],
            "before": ["in_force"],
            "after": ["ended"],
        }
    ]


def test_a_world_compared_with_itself_differs_in_nothing(run):
    code, out, err = run("diff", WORLD, WORLD, *SATURDAY)
    assert code == 0
    assert "nothing differs at that instant" in err
    assert "permitted in the first alone: nothing" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["lapse", WORLD, "x", *SATURDAY], "no accord, act, hold or authority `x`"),
        (["lapse", WORLD, ACCORD, "--at", "2019-11-23"], "is a day and not an instant"),
        ([*LAPSE, "--without", "x"], "no instrument `x`"),
        ([*LAPSE, "--items", "nowhere.toml"], "nowhere.toml"),
        (["lapse", "nowhere", ACCORD], "nowhere"),
        (["lapse", WORLD], "Missing argument 'WHAT'"),
        (["diff", WORLD, str(GSOMIA / "world.toml")], "one an accord's file"),
        (["diff", WORLD, "nowhere", *SATURDAY], "nowhere"),
    ],
)
def test_bad_input_is_said_and_nothing_is_listed(run, words, says):
    code, out, err = run(*words)
    assert (code, out) == (3, "")
    assert "error:" in err
    assert says in err


def test_options_of_worlds_are_refused_with_files(run):
    text = str(GSOMIA / "accords" / f"{ACCORD}.accord.md")
    code, _, err = run("diff", text, text, *SATURDAY)
    assert code == 3
    assert "[not-alike]" in err


def test_worlds_that_share_no_parties_are_not_compared(run, tmp_path):
    assert run("new", "other", "--in", tmp_path)[0] == 0
    code, out, err = run("diff", WORLD, tmp_path / "other", *SATURDAY)
    assert (code, out) == (3, "")
    assert "share fewer than two parties" in err
