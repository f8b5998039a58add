"""``comity readouts``: side by side, found again, drafted. The texts are invented here."""

import json

import click
import pytest

from comity.cli.main import cli
from comity.cli.readouts import SOURCE_FILES_MAX
from comity.talks.phrases import phrase_digest
from docs import pages
from make import GSOMIA
from worlds.small import small

ONE = """The boards met for an hour in the long hall, and came no nearer.
“The ferry ends at midnight on March 15,” the northern board’s envoy said.
"""
OTHER = """The southern board spoke of the ferry for forty minutes.
It ends after the boats of the 15th, the board told its own paper.
"""
HEAD = """[[meeting]]
id = "hall"
title = "The boards"
place = "Riverton"
zone = "Etc/UTC"
on = "2031-03-09"
who = ["north", "south"]

[[account]]
id = "N"
meeting = "hall"
side = "north"
by = "a paper"
kind = "press report"
dated = "2031-03-09"
source = "t"

[[account]]
id = "S"
meeting = "hall"
side = "south"
by = "another paper"
kind = "press report"
dated = "2031-03-10"
source = "t"
"""


def passage(point, account, paragraph, phrase):
    return f"""
[[passage]]
point = {point}
account = "{account}"
says = "in our words"
paragraph = {paragraph}
words = {len(phrase.split())}
phrase = "{phrase_digest(phrase)}"
"""


def point(number, matter, relation):
    return f"""
[[point]]
number = {number}
meeting = "hall"
matter = "{matter}"
relation = "{relation}"
"""


@pytest.fixture
def root(tmp_path):
    folder = small(tmp_path)
    text = HEAD + point(1, "length", "at odds") + point(2, "end", "ambiguous")
    text += passage(1, "N", 1, "met for an hour") + passage(1, "S", 1, "for forty minutes")
    text += passage(2, "N", 2, "at midnight on March 15") + passage(
        2, "S", 2, "boats of the 15th"
    )
    _ = (folder / "readouts.toml").write_text(text, "utf-8")
    return folder


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    _ = (folder / "x.txt").write_text(OTHER, "utf-8")
    _ = (folder / "y").write_text(ONE, "utf-8")
    return folder


# -- side by side ----------------------------------------------------------------------------


def test_the_accounts_of_bangkok_stand_side_by_side_with_the_midnight_flagged(run):
    code, out, _ = run("readouts", GSOMIA)
    assert code == 0
    assert "19 points: 8 both, 6 one only, 3 different parts, 1 at odds, 1 ambiguous" in out
    assert "(18 members that day)" in out
    line = next(x for x in out.split("\n") if "account B: `midnight on 2019-11-23`" in x)
    assert "00:00 KST on 23 Nov 2019 or 00:00 KST on 24 Nov 2019" in line
    assert "meant is 00:00 KST on 23 Nov 2019" in out
    assert (
        "the clock of jp-rok-gsomia, by what was done until 18 Nov 2019: 00:00 KST on 23"
        in out
    )
    assert "at second hand" in out


def test_json_has_every_passage_and_every_meaning_of_an_ambiguous_time(run):
    code, out, _ = run("readouts", GSOMIA, "--json")
    (meeting,) = json.loads(out)
    assert code == 0
    assert sum(len(p["passages"]) for p in meeting["points"]) == 32
    (doubt,) = [d for d in meeting["points"][10]["ambiguous"] if d["account"] == "B"]
    assert [m["from"] for m in doubt["may_be"]] == [
        "2019-11-23T00:00:00+09:00",
        "2019-11-24T00:00:00+09:00",
    ]
    assert doubt["means"] == "2019-11-23T00:00:00+09:00"
    assert meeting["points"][15]["passages"][0]["after"] == ["a Japanese newspaper"]


def test_points_are_chosen_by_their_relation(run):
    _, out, _ = run(
        "readouts", GSOMIA, "--relation", "one only", "--relation", "at odds", "--json"
    )
    assert [p["number"] for p in json.loads(out)[0]["points"]] == [8, 9, 10, 14, 16, 18, 19]
    code, out, _ = run("readouts", GSOMIA, "--relation", "ambiguous")
    assert code == 0
    assert "1 points: 1 ambiguous" in out
    assert "the mood" not in out


def test_what_was_told_by_then_is_all_that_is_shown(run):
    _, out, _ = run("readouts", GSOMIA, "--at", "2019-11-17T23:00", "--json")
    (meeting,) = json.loads(out)
    assert [a["id"] for a in meeting["accounts"]] == ["A"]
    assert len(meeting["points"]) == 16
    _, out, _ = run("readouts", GSOMIA, "--at", "2019-11-16T00:00")
    assert "no points" in out


def test_a_meeting_that_is_none_and_a_world_without_readouts_are_said(run, tmp_path):
    code, _, err = run("readouts", GSOMIA, "--meeting", "hanoi")
    assert code == 3
    assert "[no-meeting]" in err
    code, out, err = run("readouts", small(tmp_path))
    assert (code, out) == (0, "")
    assert "has no readouts" in err
    code, _, err = run("readouts", "check", tmp_path / "small")
    assert code == 3
    assert "[no-readouts]" in err


def test_the_group_alone_says_what_it_is_for(run):
    code, out, _ = run("readouts")
    assert code == 0
    assert "side by side" in out


# -- found again -----------------------------------------------------------------------------


def test_every_point_is_found_in_the_copies_whatever_their_names(run, root, source):
    code, out, _ = run("readouts", "check", root, "--source", source)
    assert code == 0
    assert "account N is `y`: 2 of 2 located" in out
    assert "account S is `x.txt`: 2 of 2 located" in out
    assert "point 2: line 2, paragraph 2" in out
    assert "4 of 4 places located" in out


def test_a_moved_and_an_altered_paragraph_are_told_apart(run, root, source):
    altered = "Share\n\n" + ONE.replace("\n", "\n\n").replace("an hour", "an evening")
    _ = (source / "y").write_text(altered, "utf-8")
    code, out, err = run("readouts", "check", root, "--source", source)
    assert code == 1
    assert err == ""
    assert "account N is `y`: 1 of 2 located, 1 of them moved" in out
    assert "point 1: not found; it should stand in paragraph 1" in out
    assert "point 2: line 5: moved, paragraph 3 instead of 2" in out
    assert "3 of 4 places located" in out


@pytest.mark.parametrize("option", [[], ["--source", "copies"]])
def test_without_the_copies_the_source_is_not_at_hand_and_the_exit_is_its_own(
    run, root, tmp_path, option, monkeypatch
):
    (tmp_path / "copies").mkdir()
    _ = (tmp_path / "copies" / ".hidden").write_text(ONE, "utf-8")
    monkeypatch.chdir(tmp_path)
    code, out, err = run("readouts", "check", root, *option)
    assert code == 4
    assert "0 of 4 places located" in out
    assert "the source is not at hand: account N, S" in err


def test_one_copy_alone_leaves_the_other_not_at_hand(run, root, source):
    (source / "x.txt").unlink()
    code, out, err = run("readouts", "check", root, "--source", source, "--json")
    assert code == 4
    one, other = json.loads(out)
    assert (one["file"], other["file"]) == ("y", None)
    assert {p["found"] for p in one["places"]} == {"located"}
    assert {p["found"] for p in other["places"]} == {"missing"}
    assert "account S" in err


def test_what_is_no_text_in_the_folder_is_passed_over_aloud(run, root, source):
    _ = (source / "scan.pdf").write_bytes(b"\xff\xfe\x00")
    _ = (source / "archive").write_text("x " * 100_001, "utf-8")
    (source / "folder").mkdir()
    code, _, err = run("readouts", "check", root, "--source", source)
    assert code == 0
    assert "passed over" in err
    assert "scan.pdf" in err
    assert "archive` is longer than an account" in err


def test_a_folder_that_is_none_or_an_archive_is_refused(run, root, source):
    code, _, err = run("readouts", "check", root, "--source", source / "nowhere")
    assert code == 3
    assert "[no-file]" in err
    for n in range(SOURCE_FILES_MAX):
        _ = (source / str(n)).write_text("x", "utf-8")
    code, _, err = run("readouts", "check", root, "--source", source)
    assert code == 3
    assert "[too-many-files]" in err


# -- drafted ---------------------------------------------------------------------------------


def test_a_draft_is_toml_that_its_world_refuses_until_a_person_has_been_over_it(
    run, root, source
):
    code, out, err = run(
        "readouts", "draft", source / "y", "--dated", "2031-03-09", "--world", root
    )
    assert code == 0
    assert "nothing is decided" in err
    assert "`midnight on march 15` may be 00:00 on 15 Mar 2031" in out
    _ = (root / "readouts.toml").write_text(out, "utf-8")
    code, shown, err = run("readouts", root)
    assert code == 3
    assert shown == ""
    assert err.count("[still-proposed]") == out.count("proposed = true")


def test_a_draft_finds_the_names_of_a_world(run, tmp_path):
    path = tmp_path / "text"
    _ = path.write_text(
        "On 2019-11-17 Kono Tarou met Jeong Kyeong-doo in Bangkok.\n", "utf-8"
    )
    _, out, _ = run("readouts", "draft", path, "--world", GSOMIA)
    assert "`kono tarou` looks like Kono Taro: misspelt?" in out
    assert "names Jeong Kyeong-doo" in out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], "no-dateline"),
        (["--dated", "soon"], "bad-date"),
        (["--dated", "2031-02-30"], "no-such-day"),
        (["--dated", "2031-03-09", "--world", "nowhere"], "no-world"),
    ],
)
def test_a_draft_without_its_day_or_of_no_world_is_refused(run, source, words, code):
    exit_code, out, err = run("readouts", "draft", source / "y", *words)
    assert (exit_code, out) == (3, "")
    assert f"[{code}]" in err


# -- and ways --------------------------------------------------------------------------------


def test_ways_show_what_is_said_as_it_is_known_at_the_instant(run):
    def at(text, *more):
        code, out, _ = run("ways", GSOMIA, "jp-rok-gsomia", "--at", text, "--json", *more)
        assert code == 0
        return json.loads(out)

    before = at("2019-11-17T12:00:00+09:00")
    after = at("2019-11-18T12:00:00+09:00")
    late = at("2019-11-18T12:00:00+09:00", "--known-at", "2019-11-17T12:00:00+09:00")
    ids = [p["id"] for p in before["positions"]]
    assert "jp-keeps-controls" not in ids
    assert [p["id"] for p in late["positions"]] == ids
    kept = next(p for p in after["positions"] if p["id"] == "jp-keeps-controls")
    assert kept["after"] == ["account B", "a Japanese newspaper"]
    assert kept["since"] < kept["known"]
    assert after["conditions"][0]["refused_by"] == "jp-keeps-controls"
    assert {m["id"]: m["state"] for m in after["measures"]}["jp-white-list"] == "removed"
    assert after["statements"][0]["not_signed"] == []


def test_an_undertaking_is_shown_as_kept_once_its_measure_is_so(run):
    def progress(text):
        _, out, _ = run("ways", GSOMIA, "jp-rok-gsomia", "--at", text, "--json")
        return {u["id"]: u["progress"] for u in json.loads(out)["undertakings"]}

    assert "jp-lifts-controls" not in progress("2023-03-15T12:00:00+09:00")
    assert progress("2023-03-22T12:00:00+09:00")["jp-lifts-controls"] == "given"
    assert progress("2023-03-23T12:00:00+09:00")["jp-lifts-controls"] == "kept"
    assert progress("2019-11-23T12:00:00+09:00")["kr-complaint-rests"] == "kept"
    assert progress("2020-06-18T12:00:00+09:00")["kr-complaint-rests"] == "ended"
    assert progress("2019-11-18T12:00:00+09:00")["kr-think-again"] == "declined"


def test_ways_say_in_words_who_spoke_and_through_whom_it_is_known(run):
    _, out, _ = run("ways", GSOMIA, "jp-rok-gsomia", "--at", "2019-11-21T12:00:00+09:00")
    assert "Japan (Kono Taro, Minister of Defence; minister): in Bangkok" in out
    assert "(known through account B, after a Japanese newspaper)" in out
    assert "15 Nov 2019 (known 18 Nov 2019), Japan" in out
    assert "jp-white-list of Japan: removed, since 28 Aug 2019" in out
    assert "think again about ending the agreement: declined" in out
    assert "signed by all" in out


# -- the page --------------------------------------------------------------------------------


def test_every_option_of_its_commands_is_on_the_page():
    text = pages.text_of(pages.DOCS / "reference.md")
    _, _, rest = text.partition("### `comity readouts`\n")
    section = rest.partition("\n### ")[0]
    for command in cli.commands["readouts"].commands.values():
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.opts[0] in section
