"""`route`, `consents` and the drafts, as a person at the keyboard meets them."""

import json
import shutil
from dataclasses import replace

import pytest

from comity.cli.route import closed_lines
from comity.release import Failing, Obstacle, Reason
from make import GSOMIA, world

WORLD = str(GSOMIA)
NIGHT = ["--without", "kr-suspension-2019", "--without", "kr-withdrawal-2023"]
AT = ["--at", "2019-11-23T00:00:00+09:00"]
ROUTE = ["route", WORLD, "--item", "missile-warning-1", "--from", "kr", "--to", "jp", *AT]
BY_US = ["try", WORLD, "--item", "missile-warning-1", "--from", "us", "--to", "jp", *AT]
HELD = ["--held-as", "us:SECRET"]
ASKED = """
[[instrument]]
id = "us-asks"
accord = "us-jp-2007"
by = ["us"]
form = "written"
dated = "2019-11-22T19:00+09:00"
operations = [{ do = "request_consent", of = "kr", holder = "us", to = "jp", item = "missile-warning-1", purposes = ["early-warning"] }]
supposed = "a test"
"""


@pytest.fixture
def asked(tmp_path):
    path = tmp_path / "asked.toml"
    _ = path.write_text('accord = "us-jp-2007"\n' + ASKED, encoding="utf-8")
    return path


def answer(run, *words, code=0):
    got, out, err = run(*words, "--json")
    assert got == code, err
    return json.loads(out)


def test_the_best_way_is_shown_alone_and_the_others_are_counted(run):
    code, out, err = run(*ROUTE, *NIGHT)
    assert code == 2
    assert out.count("not without consent") == 1
    assert "other ways: 3; `--all` lists them" in err
    code, out, err = run(*ROUTE, *NIGHT, "--all")
    assert out.count("Seoul → Washington → Tokyo: not without consent") == 4
    assert "other ways" not in err


def test_why_says_what_closes_the_others(run):
    _, out, _ = run(*ROUTE, *NIGHT, "--why")
    _, _, closed = out.partition("closed:\n")
    assert closed.split("\n")[:2] == [
        "  Seoul → Tokyo: the accord has ended [jp-rok-gsomia 21(3)]",
        "  Seoul → Tokyo: the accord does not cover this direction [tisa-2014 4]",
    ]
    found = answer(run, *ROUTE, *NIGHT, "--why", code=2)
    assert [(o["accord"], o["reason"]) for o in found["closed"]] == [
        ("jp-rok-gsomia", "ended"),
        ("tisa-2014", "direction_not_covered"),
    ]
    assert "closed" not in answer(run, *ROUTE, *NIGHT, code=2)


def test_why_says_once_what_closes_many_hops():
    def closed(sender, recipient, accord, reason=Reason.ENDED, has="one that has ended"):
        failing = Failing(
            reason=reason, accord=accord or "", article="5", wants="it", has=has
        )
        if accord is None:
            failing = replace(failing, article="")
        return Obstacle(sender=sender, recipient=recipient, accord=accord, failing=failing)

    none = (None, Reason.ORIGINATOR_FORBIDS, "b")
    told = (
        closed("a", "b", "t"),
        closed("a", "b", "u"),
        closed("c", "b", "t"),
        closed("c", "b", "u"),
        closed("a", "c", *none),
        closed("b", "c", *none),
        closed("b", "a", None, Reason.NO_ACCORD, "none"),
    )
    assert closed_lines(told, world()) == [
        "closed:",
        "  a, c → b: the accord has ended [t 5; u 5]",
        "  a, b → c: the originator does not release it to them: b",
        "  b → a: no accord between them",
    ]
    assert closed_lines((), world()) == []


def test_the_hops_say_what_could_go_the_same_way(run):
    found = answer(run, *ROUTE, *NIGHT, "--all", code=2)
    by_tisa = found["ways"][1]["hops"]
    assert [hop["accord"] for hop in by_tisa] == ["us-rok-1987", "tisa-2014"]
    assert by_tisa[0]["categories"] == ["defence", "maritime", "nk-missile", "nk-nuclear"]
    assert by_tisa[1]["categories"] == ["nk-missile", "nk-nuclear"]
    _, out, _ = run(*ROUTE, *NIGHT, "--all")
    assert "under tisa-2014, handled as us:SECRET; not for categories defence, mar" in out


def test_a_draft_can_be_supposed_and_performs_nothing(run, tmp_path):
    before = sorted((p, p.read_bytes()) for p in GSOMIA.rglob("*.toml"))
    code, out, err = run(*ROUTE, *NIGHT, "--draft-consent")
    assert code == 2
    assert "nobody has given a consent" in err
    draft = tmp_path / "draft.toml"
    _ = draft.write_text(out, encoding="utf-8")
    code, out, _ = run(*ROUTE, *NIGHT, "--suppose", draft)
    assert code == 0
    assert out.startswith("Seoul → Washington → Tokyo: permitted\n")
    assert before == sorted((p, p.read_bytes()) for p in GSOMIA.rglob("*.toml"))


def test_a_draft_answers_what_was_asked(run, tmp_path, asked):
    code, out, err = run(*BY_US, *HELD, "--suppose", asked, "--draft-consent")
    assert code == 2
    assert 'answers = "us-asks"' in out
    assert "and no answer yet" in err
    draft = tmp_path / "draft.toml"
    _ = draft.write_text(out, encoding="utf-8")
    both = ["--suppose", asked, "--suppose", draft]
    assert answer(run, *BY_US, *HELD, *both)["decision"] == "permit"
    states = [e["state"] for e in answer(run, "consents", WORLD, *AT, *both)]
    assert states == ["in force", "granted"]


def test_where_no_consent_is_missing_there_is_nothing_to_draft(run):
    words = ["try", WORLD, "--item", "missile-warning-1", "--from", "kr", "--to", "us", *AT]
    code, out, err = run(*words, "--draft-consent")
    assert (code, out) == (0, "")
    assert "nothing to draft" in err
    code, out, err = run(*ROUTE[:-2], "--at", "1985-01-01T00:00:00Z", "--draft-consent")
    assert (code, out) == (2, "")


@pytest.mark.parametrize("words", [ROUTE, BY_US])
def test_a_draft_is_no_json(run, words):
    code, _, _ = run(*words, "--draft-consent", "--json")
    assert code == 3


def test_a_level_of_nobody_is_refused(run):
    assert run(*BY_US, "--held-as", "SECRET")[0] == 3
    found = answer(run, *BY_US, "--held-as", "us:TOP SECRET", code=2)
    assert found["reason"] == "no_equivalent"


def test_the_list_of_consents_says_who_waits_for_whom(run, asked):
    code, out, err = run("consents", WORLD, *AT)
    assert (code, out) == (0, "")
    assert "nobody has consented" in err
    code, out, _ = run("consents", WORLD, *AT, "--suppose", asked)
    assert out.startswith("pending: `us-asks` [us-jp-2007 3(c)]: United States asks")
    entry = answer(run, "consents", WORLD, *AT, "--suppose", asked, "--party", "kr")[0]
    assert (entry["state"], entry["of"], entry["by"]) == ("pending", "kr", ["us"])
    assert entry["since"] == "2019-11-22T19:00:00+09:00"
    early = ["--at", "2019-11-22T18:00:00+09:00"]
    assert answer(run, "consents", WORLD, *early, "--suppose", asked) == []


def test_consents_of_a_party_that_is_nobody_here_is_refused(run):
    code, _, err = run("consents", WORLD, *AT, "--party", "zz")
    assert code == 3
    assert "no party `zz`" in err


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('of = "kr"', 'of = "zz"'), "unknown-word"),
        (('of = "kr", ', ""), "empty-operation"),
        (('item = "missile-warning-1", ', ""), "empty-operation"),
        (('item = "missile-warning-1"', 'ceiling = "kr:II"'), "empty-operation"),
        (('do = "request', 'do = "refuse'), "empty-operation"),
        (
            ('do = "request_consent"', 'do = "refuse_consent", answers = "nothing"'),
            "no-request",
        ),
        (
            (
                'item = "missile-warning-1"',
                'categories = ["nk-missile"], ceiling = "us:SECRET"',
            ),
            "foreign-ceiling",
        ),
        (('item = "missile', 'ceiling = "II", item = "missile'), "bad-level"),
        (('item = "missile', 'until = "soon", item = "missile'), "bad-date"),
        (
            (
                'item = "missile',
                'since = "2020-02-01", until = "2020-01-31", item = "missile',
            ),
            "bad-instant",
        ),
    ],
)
def test_a_bad_act_keeps_the_world_from_loading_with_its_line(run, tmp_path, change, code):
    root = shutil.copytree(
        GSOMIA, tmp_path / "gsomia", ignore=shutil.ignore_patterns("*.tests.toml")
    )
    assert change[0] in ASKED
    path = root / "instruments" / "us-jp-2007.toml"
    text = path.read_text("utf-8")
    _ = path.write_text(text + ASKED.replace(*change), "utf-8", newline="\n")
    got, _, err = run("consents", root, *AT)
    assert got == 3
    assert f"[{code}]" in err
    assert "us-jp-2007.toml:" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("parts", "code"),
    [('["gone"]', "no-part"), ('["joint-assessment-1"]', "parts-in-a-circle")],
)
def test_bad_parts_keep_the_world_from_loading(run, tmp_path, parts, code):
    root = shutil.copytree(
        GSOMIA, tmp_path / "gsomia", ignore=shutil.ignore_patterns("*.tests.toml")
    )
    path = root / "items" / "synthetic.toml"
    text = path.read_text("utf-8")
    old = 'made_from = ["missile-warning-1", "patrol-report-1"]'
    assert old in text
    _ = path.write_text(text.replace(old, f"made_from = {parts}"), "utf-8", newline="\n")
    got, _, err = run("consents", root, *AT)
    assert got == 3
    assert f"[{code}]" in err


def test_an_item_in_a_file_may_be_made_from_items_of_the_world_alone(run, tmp_path):
    own = tmp_path / "own.toml"
    text = (
        'format = "comity-item/1"\nid = "own"\ntitle = "t"\noriginators = ["us"]\n'
        'made_from = ["PART"]\nlevel = "us:CONFIDENTIAL"\ncategories = ["defence"]\n'
        'kind = "document"\npurpose = "defence-planning"\n'
        'channel = "government-to-government"\nrelease_to = ["jp"]\n'
    )
    words = ["try", WORLD, "--item", own, "--from", "us", "--to", "jp", *AT]
    _ = own.write_text(text.replace("PART", "radar-note-1"), encoding="utf-8")
    assert answer(run, *words, code=2)["consent_missing"] == ["kr"]
    _ = own.write_text(text.replace("PART", "elsewhere"), encoding="utf-8")
    assert answer(run, *words, code=2)["reason"] == "missing_fact"
    _ = own.write_text(text.replace("PART", "own"), encoding="utf-8")
    assert answer(run, *words, code=2)["reason"] == "missing_fact"
