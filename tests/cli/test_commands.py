import json

import pytest

from comity.accords import read_accord
from comity.cli.main import cli
from make import ACCORD, GSOMIA, ROOT

WORLD = str(GSOMIA)
NIGHT = ["--without", "kr-suspension-2019", "--without", "kr-withdrawal-2023"]


def as_json(run, *words, code=0):
    got, out, err = run(*words, "--json")
    assert got == code, err
    return json.loads(out)


def test_the_clock_says_to_programs_all_that_they_were_promised(run):
    found = as_json(run, "clock", WORLD, ACCORD, "--at", "2019-11-22T18:00:00+09:00")
    assert set(found) >= {
        "standing",
        "notices",
        "disputed",
        "readings",
        "since",
        "before",
        "period",
        "certainty",
        "parties",
        "pairs",
        "articles",
    }
    assert found["standing"] == "in_force"
    assert [(n["id"], n["state"]) for n in found["notices"]] == [("n1", "suspended")]
    assert found["disputed"] is False
    assert found["certainty"] == "assumed"
    assert found["before"] is None
    assert found["period"] == {
        "from": "2018-11-23T00:00:00+09:00",
        "before": "2019-11-23T00:00:00+09:00",
    }
    assert found["parties"] == {"jp": "in_force", "kr": "in_force"}
    assert found["pairs"] == [{"between": ["jp", "kr"], "standing": "in_force"}]
    assert set(found["readings"]["jp"]) >= {
        "standing",
        "notices",
        "earliest_end",
        "recorded",
    }


def test_a_program_sees_the_end_as_an_exclusive_instant(run):
    found = as_json(run, "clock", WORLD, ACCORD, "--at", "2019-11-22T17:59:59+09:00")
    assert found["before"] == "2019-11-23T00:00:00+09:00"


@pytest.mark.parametrize(
    ("more", "standing", "notice"),
    [
        (NIGHT, "ended", "effective"),
        (["--reading", "revoked"], "in_force", "revoked"),
        (["--reading", "suspended-notice=dormant"], "in_force", "suspended"),
        (["--known-at", "2019-11-22T17:00:00+09:00"], "ended", "effective"),
        (["--party", "kr"], "in_force", "suspended"),
        (["--between", "jp", "kr"], "in_force", "suspended"),
    ],
)
def test_every_what_if_moves_the_clock(run, more, standing, notice):
    found = as_json(run, "clock", WORLD, ACCORD, "--at", "2019-11-23T00:00:00+09:00", *more)
    assert found["standing"] == standing
    assert [n["state"] for n in found["notices"]] == [notice]


def test_a_supposed_file_takes_the_place_of_a_known_act(run, tmp_path):
    later = tmp_path / "later.toml"
    _ = later.write_text(
        'accord = "jp-rok-gsomia"\n[[instrument]]\nid = "kr-notice-2019"\nby = ["kr"]\n'
        'form = "written"\nchannel = "diplomatic"\nreceived = "2019-08-25"\n'
        'operations = [{ do = "give_notice", notice = "n1" }]\nsupposed = "two days later"\n',
        encoding="utf-8",
    )
    found = as_json(
        run,
        "clock",
        WORLD,
        ACCORD,
        "--at",
        "2019-11-23T00:00:00+09:00",
        *NIGHT,
        "--suppose",
        later,
    )
    assert found["standing"] == "in_force"
    assert found["notices"][0]["state"] == "late"
    assert found["before"] == "2020-11-23T00:00:00+09:00"


TRY = ["try", WORLD, "--item", "submarine-track-1", "--from", "kr", "--to", "jp", "--at"]


def test_a_permit_says_to_programs_all_that_they_were_promised(run):
    found = as_json(run, *TRY, "2019-11-22T23:59:59+09:00", *NIGHT)
    assert found["decision"] == "permit"
    assert (found["reason"], found["accord"], found["failing"]) == (None, ACCORD, [])
    assert found["handle_as"] == ["jp:gokuhi", "jp:tokutei-himitsu"]
    assert found["choice_open"] is True
    assert found["next_closing"] == "2019-11-23T00:00:00+09:00"
    assert {d["article"] for d in found["duties"]} >= {"4(2)", "6(b)"}
    assert "21(3)" in found["articles"]


def test_a_denial_says_to_programs_all_that_they_were_promised(run):
    found = as_json(run, *TRY, "2019-11-23T00:00:00+09:00", *NIGHT, code=2)
    assert (found["decision"], found["reason"], found["accord"]) == (
        "denial",
        "ended",
        ACCORD,
    )
    assert found["articles"] == ["21(3)"]
    assert found["failing"][0]["article"] == "21(3)"
    assert set(found) >= {"decision", "reason", "accord", "articles", "duties", "failing"}
    assert found["next_opening"] is None


def test_an_item_may_be_a_file_or_one_of_several(run, tmp_path):
    one = tmp_path / "one.toml"
    _ = one.write_text(
        'format = "comity-item/1"\nid = "own"\ntitle = "t"\noriginators = ["kr"]\nlevel = "kr:III"\n'
        'categories = ["defence"]\nkind = "oral"\npurpose = "early-warning"\n'
        'channel = "government-to-government"\nrelease_to = ["jp"]\n',
        encoding="utf-8",
    )
    words = ["--from", "kr", "--to", "jp", "--at", "2018-01-01T00:00:00Z"]
    assert as_json(run, "try", WORLD, "--item", one, *words)["handle_as"] == ["jp:hi"]
    several = f"{GSOMIA}/items/synthetic.toml"
    code, _, err = run("try", WORLD, "--item", several, *words)
    assert code == 3
    assert "#ID" in err
    assert (
        as_json(run, "try", WORLD, "--item", f"{several}#radar-note-1", *words)["item"]
        == "radar-note-1"
    )


def test_the_way_by_washington_is_no_permit_without_consent(run):
    found = as_json(
        run,
        "route",
        WORLD,
        "--item",
        "missile-warning-1",
        "--from",
        "kr",
        "--to",
        "jp",
        "--at",
        "2019-11-23T00:00:00+09:00",
        *NIGHT,
        code=2,
    )
    assert found["others"] == 3
    assert [way["permitted"] for way in found["ways"]] == [False]
    (consent,) = found["ways"][0]["consents"]
    assert consent == {
        "of": "kr",
        "accord": "us-jp-2007",
        "articles": ["3(c)"],
        "holder": "us",
        "to": "jp",
        "asked": None,
        "asked_since": None,
        "refused": None,
    }


def test_the_ways_name_who_when_and_by_which_article(run):
    found = as_json(run, "ways", WORLD, ACCORD, "--at", "2019-11-21T12:00:00+09:00")
    saving = {
        (w["does"], tuple(w["by"])): w for w in found["ways"] if w["change"] == "keeps it"
    }
    assert saving["revoke_notice", ("kr",)]["article"] == "VCLT 68"
    assert saving["revoke_notice", ("kr",)]["before"] == "2019-11-23T00:00:00+09:00"
    assert saving["revoke_notice", ("kr",)]["conditions"][0]["met"] is False
    assert found["mutual_waits"]


def test_instruments_are_read_aloud_with_their_effect_under_each_reading(run):
    found = {row["id"]: row for row in as_json(run, "instruments", WORLD, ACCORD)}
    night = found["kr-suspension-2019"]
    assert night["says"].startswith("Republic of Korea suspended the effect of notice n1")
    assert "revoked" in night["effects"]["jp"][0]["basis"]
    assert "dormant" in night["effects"]["kr"][0]["basis"]
    assert found["jp-assurance-2016"]["supposed"]


def test_deadlines_come_as_table_json_and_calendar(run):
    words = ["deadlines", WORLD, "--at", "2019-08-20T00:00:00+09:00", "--within", "P6M"]
    kinds = [d["kind"] for d in as_json(run, *words)]
    assert "last day for notice" in kinds
    assert "24 Aug 2019" in run(*words)[1]
    assert run(*words, "--ics")[1].startswith("BEGIN:VCALENDAR")


def test_what_new_writes_checks_clean_and_works(run, tmp_path):
    assert run("new", "north-south", "--in", tmp_path)[0] == 0
    root = tmp_path / "north-south"
    code, out, err = run("check", root)
    assert code == 0
    assert "4 enforced" in out
    assert "rule-without-row" not in err
    found = as_json(
        run,
        "try",
        root,
        "--item",
        "sample",
        "--from",
        "north",
        "--to",
        "south",
        "--at",
        "2026-06-01T00:00:00Z",
    )
    assert found["decision"] == "permit"
    assert run("new", "north-south", "--in", tmp_path)[0] == 3


def test_what_is_confirmed_is_no_longer_unread_and_is_another_version(run, tmp_path):
    assert run("new", "n", "--in", tmp_path)[0] == 0
    path = tmp_path / "n" / "accords" / "n.accord.md"
    before, _ = read_accord(path.read_bytes())
    for article in "1234":
        assert run("confirm", path, article, "--by", "A. Reader")[0] == 0
    after, _ = read_accord(path.read_bytes())
    assert all(c.read_by == "A. Reader" for c in after.clauses)
    assert before.digest != after.digest
    assert before.document.text_digest == after.document.text_digest
    findings = as_json(run, "check", path)["findings"]
    assert {f["code"] for f in findings} == {"tests-of-another-version"}


def test_a_changed_word_makes_its_rule_stale_and_check_refuses(run, tmp_path):
    assert run("new", "n", "--in", tmp_path)[0] == 0
    path = tmp_path / "n" / "accords" / "n.accord.md"
    assert run("confirm", path, "3", "--by", "A. Reader")[0] == 0
    _ = path.write_bytes(
        path.read_bytes().replace(b"passed on to others", b"passed on to anyone")
    )
    found = as_json(run, "check", path, code=3)["findings"]
    assert "stale-rule" in {f["code"] for f in found}
    assert run("clock", tmp_path / "n", "n", "--at", "2026-06-01T00:00:00Z")[0] == 3


def test_format_mends_bytes_and_changes_no_word(run, tmp_path):
    path = tmp_path / "x.accord.md"
    clean = (GSOMIA / "accords" / f"{ACCORD}.accord.md").read_bytes()
    _ = path.write_bytes(b"\xef\xbb\xbf" + clean.replace(b"\n", b"\r\n").rstrip())
    assert run("format", path, "--check")[0] == 3
    assert run("format", path)[0] == 0
    assert path.read_bytes() == clean


def test_the_digest_is_the_sha256_of_the_bytes(run):
    import hashlib  # noqa: PLC0415

    path = GSOMIA / "accords" / f"{ACCORD}.accord.md"
    assert hashlib.sha256(path.read_bytes()).hexdigest() in run("digest", path)[1]


def test_diff_shows_words_and_rules_by_article(run, tmp_path):
    old = GSOMIA / "accords" / f"{ACCORD}.accord.md"
    new = tmp_path / "new.accord.md"
    _ = new.write_bytes(
        old.read_bytes().replace(b"ninety days", b"sixty days").replace(b"P90D", b"P60D")
    )
    found = as_json(run, "diff", old, new)
    assert [d["article"] for d in found] == ["21"]
    assert any("P60D" in line for line in found[0]["added"])
    assert "the same" in run("diff", old, old)[2]


def test_proposed_rows_can_be_kept_as_they_are(run, tmp_path):
    assert run("new", "n", "--in", tmp_path)[0] == 0
    path = tmp_path / "n" / "accords" / "n.accord.md"
    _, proposed, _ = run("propose", path)
    tests = path.with_name("n.tests.toml")
    _ = tests.write_text(
        tests.read_text(encoding="utf-8") + "\n" + proposed, encoding="utf-8"
    )
    assert run("check", path)[0] == 0


def test_the_schema_is_json_and_closed(run):
    found = json.loads(run("schema")[1])
    assert found["additionalProperties"] is False
    assert found["$defs"]["Exit"]["additionalProperties"] is False


def test_show_counts_how_well_the_world_is_known(run):
    facts = as_json(run, "show", WORLD)["facts"]
    assert facts["sourced"] > facts["recalled"]
    articles = as_json(run, "show", GSOMIA / "accords" / f"{ACCORD}.accord.md")["articles"]
    assert len(articles) == 21


def test_print_writes_a_page(run, tmp_path):
    out = tmp_path / "page.html"
    assert run("print", GSOMIA / "accords" / f"{ACCORD}.accord.md", "--out", out)[0] == 0
    assert "21(3)" in out.read_text(encoding="utf-8")


def test_replay_fails_where_an_answer_is_another(run, tmp_path):
    story = tmp_path / "s.txt"
    world = GSOMIA
    _ = story.write_text(
        f"world {world}\naccord {ACCORD}\ncase one\n2019-11-23T00:00:00 standing -> ended; n1 effective\n",
        encoding="utf-8",
    )
    code, out, _ = run("replay", story)
    assert code == 1
    assert "expected: ended" in out
    assert run("replay", story, *NIGHT)[0] == 0


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_a_help_text_that_says_what_it_does(run, name):
    code, out, _ = run(name, "--help")
    assert code == 0
    assert len(out.split("\n")) > 4


def test_talk_goes_to_stderr_and_data_to_stdout(run, tmp_path):
    _, out, err = run("new", "n", "--in", tmp_path)
    assert out == ""
    assert "wrote" in err


def test_replays_of_the_repository_are_right(run):
    for path in sorted((ROOT / "tests" / "scenarios").glob("*.txt")):
        assert run("replay", path)[0] == 0


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_world_in_which_nothing_was_done_yet_is_asked_in_any_zone(run, tmp_path, zone):
    assert run("new", "far", "--in", tmp_path)[0] == 0
    root = tmp_path / "far"
    for path in (root / "world.toml", root / "accords" / "far.accord.md"):
        _ = path.write_text(
            path.read_text(encoding="utf-8").replace("Etc/UTC", zone), encoding="utf-8"
        )
    (root / "instruments" / "far.toml").unlink()
    found = as_json(run, "clock", root, "far", "--at", "2026-06-01T00:00:00Z")
    assert (found["standing"], found["since"]) == ("not_yet", None)
    assert run("ways", root, "far", "--at", "2026-06-01T00:00:00Z")[0] == 0
    assert run("deadlines", root, "--at", "2026-06-01T00:00:00Z")[0] == 0
    words = ["--from", "north", "--to", "south", "--at", "2026-06-01T00:00:00Z"]
    assert run("try", root, "--item", "sample", *words)[0] == 2


def test_an_instrument_without_any_time_is_refused_with_its_line(run, tmp_path):
    assert run("new", "far", "--in", tmp_path)[0] == 0
    path = tmp_path / "far" / "instruments" / "far.toml"
    lines = [
        x for x in path.read_text(encoding="utf-8").split("\n") if not x.startswith("dated")
    ]
    _ = path.write_text("\n".join(lines), encoding="utf-8")
    code, _, err = run("check", tmp_path / "far")
    assert code == 3
    assert "[no-time]" in err
    assert "far.toml:" in err


def test_the_rules_of_an_amendment_are_confirmed_like_any(run, tmp_path):
    assert run("new", "n", "--in", tmp_path)[0] == 0
    path = tmp_path / "n" / "accords" / "n.accord.md"
    accord, _ = read_accord(path.read_bytes())
    amendment = path.with_name("wider.amendment.md")
    _ = amendment.write_text(
        f'+++\nformat = "comity-amendment/1"\nid = "wider"\nbase = "{accord.digest}"\n'
        'languages = ["en"]\nauthentic = ["en"]\n+++\n\n# Wider\n\n## Article 3. Third parties\n\n'
        'Nothing is passed on.\n\n```toml comity\n[third_party]\ncites = "3"\nconsent = "never"\n```\n',
        encoding="utf-8",
    )
    assert run("confirm", amendment, "3", "--by", "A. Reader")[0] == 0
    assert 'read_by = "A. Reader"' in amendment.read_text(encoding="utf-8")
    assert run("check", tmp_path / "n")[0] == 0
