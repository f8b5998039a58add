"""Whatever is given wrong, the command says what, where and what to do, and permits nothing."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from accords.texts import GOOD, changed
from comity.cli.main import cli
from make import ACCORD, GSOMIA
from worlds.small import change, small

WORLD = str(GSOMIA)
TEXT = str(GSOMIA / f"accords/{ACCORD}.accord.md")
AT = ["--at", "2019-10-01T12:00:00+09:00"]
ITEM = ["--item", "submarine-track-1"]
KR_TO_JP = ["--from", "kr", "--to", "jp"]
TRY = ["try", WORLD, *ITEM, *KR_TO_JP, *AT]
ROUTE = ["route", WORLD, *ITEM, *KR_TO_JP, *AT]


@pytest.fixture
def refused(run):
    """Run a command that has to be refused; return the message."""

    def call(*words, code=3, says=""):
        got, out, err = run(*words)
        assert got == code, (got, out, err)
        assert "Traceback" not in out + err
        assert "something in Comity itself failed" not in out + err
        assert not re.search(r"^permit", out, re.MULTILINE)
        if code == 3:
            assert ": error: " in err or err.startswith("error: "), err
            assert out == "" or words[0] == "check"  # it tells of the other files as well
        assert says in out + err, (says, out + err)
        return out + err

    return call


@pytest.fixture
def world(tmp_path):
    """A copy of the worked example that may be broken; without tests, which take time."""
    return shutil.copytree(
        GSOMIA, tmp_path / "gsomia", ignore=shutil.ignore_patterns("*.tests.toml")
    )


def files(tmp_path):
    """Return files that no command can use, by name."""
    made = {
        "no-text": b"\xff\xfe",
        "empty": b"",
        "nul": b"\x00" * 100,
        "words": b"nothing of ours\n",
        "large": b"# x\n" * 2_600_000,
        "broken": changed(("Asia/Tokyo", "Asia/Nowhere")).encode(),
        "newer": changed(("comity-accord/1", "comity-accord/2")).encode(),
        "crlf": GOOD.replace("\n", "\r\n").encode(),
    }
    for name, raw in made.items():
        _ = (tmp_path / name).write_bytes(raw)
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    return [*made, "folder", "loop", "nowhere"]


# -- every command, every file -------------------------------------------------------------

TAKES_TEXT = {
    "check": lambda file: ["check", file],
    "confirm": lambda file: ["confirm", file, "1", "--by", "N"],
    "digest": lambda file: ["digest", file],
    "diff": lambda file: ["diff", file, TEXT],
    "diff, the other": lambda file: ["diff", TEXT, file],
    "propose": lambda file: ["propose", file],
    "print": lambda file: ["print", file],
    "show": lambda file: ["show", file],
    "format": lambda file: ["format", "--check", file],
    "readouts, drafted": lambda file: ["readouts", "draft", file],
}
USABLE = {
    ("folder", "check"),  # a folder is a world to these; tried below
    ("folder", "show"),
    ("newer", "show"),  # shown, and permits nothing
    ("newer", "format"),  # in canonical form, whatever it says
    ("broken", "format"),
    ("crlf", "format"),  # what it is for; tried below
}
TAKES_WORLD = {
    "clock": lambda root: ["clock", root, ACCORD, *AT],
    "ways": lambda root: ["ways", root, ACCORD, *AT],
    "instruments": lambda root: ["instruments", root, ACCORD],
    "deadlines": lambda root: ["deadlines", root, *AT],
    "duties": lambda root: ["duties", root, *AT],
    "lapse": lambda root: ["lapse", root, ACCORD, *AT],
    "try": lambda root: ["try", root, *ITEM, *KR_TO_JP, *AT],
    "route": lambda root: ["route", root, *ITEM, *KR_TO_JP, *AT],
    "readouts": lambda root: ["readouts", root],
    "readouts, checked": lambda root: ["readouts", "check", root],
    "label": lambda root: ["label", root, ITEM[1], *AT],
    "consents": lambda root: ["consents", root, *AT],
}
WHAT_IF = [
    "clock", "ways", "instruments", "deadlines", "duties", "lapse", "try", "route", "label", "consents",
]  # fmt: skip
OTHERS = {"new", "schema", "replay", "book", "gate", "log"}  # the last two: tests/alone
OF_A_NODE = {  # tried in test_node.py
    *("init", "serve", "doctor", "backup", "restore", "token", "key", "partner"),
    *("send", "inbox", "open", "ack", "refuse", "why-stuck", "hindsight", "evidence"),
    *("perform", "approve", "consent", "hold", "register", "verify"),
}


def test_every_command_is_tried_with_what_it_cannot_use():
    tried = {name.split(",")[0] for name in (*TAKES_TEXT, *TAKES_WORLD)}
    assert tried | OTHERS | OF_A_NODE == set(cli.commands)


@pytest.mark.parametrize("command", TAKES_TEXT)
def test_a_file_that_is_no_accord_is_refused_by_every_command_that_takes_one(
    refused, tmp_path, command
):
    for name in files(tmp_path):
        if (name, command) in USABLE:
            continue
        before = (tmp_path / name).read_bytes() if (tmp_path / name).is_file() else None
        message = refused(*TAKES_TEXT[command](tmp_path / name))
        assert name in message, (name, message)
        if before is not None:
            assert (tmp_path / name).read_bytes() == before


def test_a_newer_format_is_shown_and_said_to_permit_nothing(run, tmp_path):
    _ = files(tmp_path)
    code, out, err = run("show", tmp_path / "newer")
    assert code == 0
    assert "Entry into force and end" in out
    assert "enforced" not in out
    assert "until then it permits nothing" in err


@pytest.mark.parametrize("command", [*TAKES_WORLD, "check", "show"])
def test_a_folder_that_is_no_world_is_refused_by_every_command_that_takes_one(
    refused, tmp_path, command
):
    words = TAKES_WORLD.get(command, lambda root: [command, root])
    for name in files(tmp_path):
        if name in ("folder", "nowhere", "loop") or command in TAKES_WORLD:
            message = refused(*words(tmp_path / name))
            assert name in message


@pytest.mark.parametrize("command", [*TAKES_WORLD, "check", "show"])
@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("world.toml", 'zone = "Asia/Seoul"', 'zone = "Mars"', "bad-zone"),
        ("policies/kr.toml", "[[level]]", "[[lever]]", "unknown-table"),
        ("accords/jp-rok-gsomia.accord.md", 'cites = "9"', 'cites = "99"', "cites-nothing"),
        ("instruments/jp-rok-gsomia.toml", 'do = "sign"', 'do = "sing"', "unknown-word"),
        ("readings.toml", '"dormant"', '"asleep"', "no-reading"),
        ("items/synthetic.toml", 'level = "kr:II"', 'level = "II"', "bad-level"),
    ],
)
def test_a_world_with_one_file_broken_is_refused_with_that_file_and_line(
    refused, world, command, name, old, new, code
):
    text = change(world, name, old, new)
    line = next(n for n, row in enumerate(text.split("\n"), start=1) if new in row)
    words = TAKES_WORLD.get(command, lambda root: [command, root])
    message = refused(*words(world), says=f"[{code}]")
    assert re.search(rf"{re.escape(name)}:\d+: error: ", message)
    if code not in ("unknown-table", "no-reading"):
        assert f"{name}:{line}: error" in message


@pytest.mark.parametrize("command", [*TAKES_WORLD, "check", "show"])
@pytest.mark.parametrize("name", ["holds.toml", "readings.toml", "policies/kr.toml"])
def test_a_file_of_a_world_that_cannot_be_read_is_never_left_out(
    refused, world, command, name
):
    (world / name).unlink(missing_ok=True)
    (world / name).symlink_to("nowhere")
    words = TAKES_WORLD.get(command, lambda root: [command, root])
    _ = refused(*words(world), says=f"{name}` stands where a file should be")


# -- names that nobody bears ---------------------------------------------------------------

UNKNOWN = {
    "an accord": (["clock", WORLD, "nato", *AT], "no accord `nato`"),
    "an accord, for ways": (["ways", WORLD, "nato", *AT], "no accord `nato`"),
    "an accord, for acts": (["instruments", WORLD, "nato"], "no accord `nato`"),
    "an accord, for a release": ([*TRY, "--under", "nato"], "no accord `nato`"),
    "an empty accord": (["clock", WORLD, "", *AT], "no accord ``"),
    "a party": (["clock", WORLD, ACCORD, *AT, "--party", "fr"], "`fr`"),
    "a party, for ways": (["ways", WORLD, ACCORD, *AT, "--party", "fr"], "`fr`"),
    "a party of another accord": (["clock", WORLD, ACCORD, *AT, "--party", "us"], "`us`"),
    "a pair": (["clock", WORLD, ACCORD, *AT, "--between", "kr", "fr"], "`fr`"),
    "a pair of one": (["clock", WORLD, ACCORD, *AT, "--between", "kr", "kr"], ""),
    "a sender": ([*TRY, "--from", "fr"], "no party `fr`"),
    "a recipient": ([*TRY, "--to", "fr"], "no party `fr`"),
    "an empty recipient": ([*TRY, "--to", ""], "no party ``"),
    "a sender, for a route": ([*ROUTE, "--from", "fr"], "no party `fr`"),
    "a recipient, for a route": ([*ROUTE, "--to", "fr"], "no party `fr`"),
    "an item": ([*TRY, "--item", "letter"], "letter"),
    "an item, for a route": ([*ROUTE, "--item", "letter"], "letter"),
    "an item of no file": ([*TRY, "--item", "nowhere.toml#x"], "nowhere.toml"),
    "an item not in the file": (
        [*TRY, "--item", f"{GSOMIA / 'items/synthetic.toml'}#letter"], "names 0 items"),
    "a file of several items": (
        [*TRY, "--item", str(GSOMIA / "items/synthetic.toml")], "FILE#ID"),
    "a folder for an item": ([*TRY, "--item", str(GSOMIA / "items")], "items"),
    "an act to be left out": ([*TRY, "--without", "letter"], "no instrument `letter`"),
    "an act, for the clock": (["clock", WORLD, ACCORD, "--without", "x"], "no instrument `x`"),
    "an act, for ways": (["ways", WORLD, ACCORD, "--without", "x"], "no instrument `x`"),
    "an act, for dates": (["deadlines", WORLD, "--without", "x"], "no instrument `x`"),
    "an act, for acts": (["instruments", WORLD, ACCORD, "--without", "x"], "no instrument `x`"),
    "an act, for a route": ([*ROUTE, "--without", "x"], "no instrument `x`"),
    "acts to be supposed": ([*TRY, "--suppose", "nowhere.toml"], "nowhere.toml"),
    "a folder to be supposed": ([*TRY, "--suppose", WORLD], "gsomia"),
    "a reading": ([*TRY, "--reading", "asleep"], "`asleep`"),
    "a reading of a point": ([*TRY, "--reading", "suspended-notice=asleep"], "`asleep`"),
    "a point": ([*TRY, "--reading", "anchor=dormant"], "`anchor`"),
    "an empty reading": ([*TRY, "--reading", ""], "``"),
    "an empty point": ([*TRY, "--reading", "=dormant"], "``"),
    "an article": (["confirm", TEXT, "99", "--by", "N"], "`99`"),
    "a paragraph": (["confirm", TEXT, "21(9)", "--by", "N"], "`21(9)`"),
    "no article": (["confirm", TEXT, "somewhere", "--by", "N"], "`somewhere`"),
    "a name that cannot be written": (["confirm", TEXT, "21", "--by", 'a"b'], "name"),
    "an empty name": (["confirm", TEXT, "21", "--by", ""], "name"),
    "a world after its accord": (["clock", ACCORD, WORLD, *AT], "is no folder here"),
    "a world to compare": (["diff", WORLD, "nowhere"], "`nowhere` cannot be read"),
    "a day of knowledge": ([*TRY, "--known-at", "2019-11-22"], "`2019-11-22T00:00:00Z`"),
    "a period": (["deadlines", WORLD, *AT, "--within", "a year"], "`a year`"),
    "hours": (["deadlines", WORLD, *AT, "--within", "PT24H"], "`PT24H`"),
    "a name for a new world": (["new", "North South"], "`North South`"),
    "a path for a new world": (["new", "../x"], "`../x`"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNKNOWN)
def test_a_name_that_nobody_bears_is_refused_and_named(refused, case):
    words, says = UNKNOWN[case]
    _ = refused(*words, says=says)


NO_INSTANT = [
    "", "now", "2019", "2019-10-01T12:00:00.5Z", "2019-13-01T00:00:00Z",
    "2019-02-30T00:00:00Z", "2019-10-01T24:00:00Z", "2019-10-01T12:60:00Z", "0000-01-01T00:00:00Z",
    "2019-10-01T12:00:00+25:00", "2019-10-01T12:00:00+09:99", "10000-01-01T00:00:00Z",
    "２０１９-10-01T12:00:00Z", "2019-10-01 12:00:00Z", "1570000000", "\x00", "-1", "--",
]  # fmt: skip


@pytest.mark.parametrize("at", NO_INSTANT, ids=ascii)
@pytest.mark.parametrize(
    "command", ["clock", "ways", "deadlines", "duties", "try", "route"]
)
def test_what_is_no_instant_is_refused(refused, command, at):
    words = TAKES_WORLD[command](WORLD)
    words[words.index(AT[1])] = at
    _ = refused(*words)


@pytest.mark.parametrize("command", WHAT_IF)
@pytest.mark.parametrize("at", ["", "then", "2019-10-01", "2019-02-30T00:00:00Z"])
def test_what_is_no_instant_of_knowledge_is_refused(refused, command, at):
    _ = refused(*TAKES_WORLD[command](WORLD), "--known-at", at)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "1600-01-01T00:00:00Z",
                                "2399-12-31T23:59:59Z", "9999-12-31T23:59:59Z"])  # fmt: skip
@pytest.mark.parametrize(
    "command", ["clock", "ways", "deadlines", "duties", "try", "route"]
)
def test_the_first_and_last_instants_of_the_calendar_are_answered_or_refused(
    run, command, at
):
    words = TAKES_WORLD[command](WORLD)
    words[words.index(AT[1])] = at
    code, out, err = run(*words)
    assert code in (0, 2, 3)
    assert code != 0 or command not in ("try", "route") or at.startswith("2399"), (
        "permitted"
    )
    assert "something in Comity itself failed" not in out + err


@pytest.mark.parametrize("command", WHAT_IF)
def test_an_option_that_there_is_not_is_refused(refused, command):
    _ = refused(*TAKES_WORLD[command](WORLD), "--force", says="--help")


@pytest.mark.parametrize("words", [["cloak"], ["clock"], ["try"], ["try", WORLD], ["confirm"],
                                   ["confirm", TEXT, "21"], ["diff", TEXT], ["new"],
                                   ["deadlines", WORLD, "--at"], ["--nothing"], ["check"]],
                         ids=lambda words: " ".join(words[:1] + words[2:]) + str(len(words)))  # fmt: skip
def test_a_command_that_lacks_something_is_refused(refused, words):
    _ = refused(*words, says="--help")


# -- acts ----------------------------------------------------------------------------------

NIGHT = ["clock", WORLD, ACCORD, "--at", "2019-12-01T00:00:00+09:00", "--json"]


def act(name, by, does, *, when="2019-11-01T12:00:00+09:00", accord=ACCORD, more=""):
    return (
        f'[[instrument]]\nid = "{name}"\naccord = "{accord}"\nby = [{by}]\nform = "written"\n'
        f'channel = "diplomatic"\nreceived = "{when}"\n{more}operations = [{does}]\n'
        'supposed = "a test"\n'
    )


@pytest.fixture
def supposing(tmp_path):
    def write(*acts, head=f'accord = "{ACCORD}"\n'):
        path = tmp_path / "what-if.toml"
        _ = path.write_text(head + "\n".join(acts), "utf-8")
        return ["--suppose", str(path)]

    return write


def effects(out, name):
    return [e for e in json.loads(out)["effects"] if e["instrument"] == name]


@pytest.mark.parametrize(
    "does", ["give_notice", "suspend_notice", "terminate", "sign", "amend"]
)
def test_an_act_of_a_stranger_is_recorded_and_without_effect(run, supposing, does):
    one = act("x", '"us"', f'{{ do = "{does}", notice = "n1", amendment = "x" }}')
    code, out, _ = run(*NIGHT, *supposing(one))
    before = json.loads(run(*NIGHT)[1])
    assert code == 0
    assert [e["effect"] for e in effects(out, "x")] == ["without effect"]
    assert json.loads(out)["standing"] == before["standing"]
    assert json.loads(out)["notices"] == before["notices"]


def test_an_act_of_nobody_known_is_without_effect(run, supposing):
    code, out, _ = run(*NIGHT, *supposing(act("x", '"atlantis"', '{ do = "terminate" }')))
    assert code == 0
    assert [e["effect"] for e in effects(out, "x")] == ["without effect"]


def test_a_notice_of_another_accord_does_nothing_to_this_one(run, supposing):
    other = act("x", '"kr"', '{ do = "give_notice", notice = "n9" }', accord="us-rok-1987")
    code, out, _ = run(*NIGHT, *supposing(other))
    assert code == 0
    assert effects(out, "x") == []
    assert "n9" not in {n["id"] for n in json.loads(out)["notices"]}


@pytest.mark.parametrize("does", ["suspend_notice", "resume_notice", "revoke_notice"])
def test_an_act_on_a_notice_that_there_is_not_is_without_effect(run, supposing, does):
    code, out, _ = run(
        *NIGHT, *supposing(act("x", '"kr"', f'{{ do = "{does}", notice = "n9" }}'))
    )
    assert code == 0
    (effect,) = effects(out, "x")
    assert effect["effect"] == "without effect"
    assert "`n9`" in effect["lacks"]


def test_an_act_on_the_notice_of_another_accord_is_without_effect(run, supposing):
    acts = [
        act("x", '"kr"', '{ do = "give_notice", notice = "n9" }', accord="us-rok-1987"),
        act("y", '"kr"', '{ do = "revoke_notice", notice = "n9" }',
            when="2019-11-02T12:00:00+09:00"),
    ]  # fmt: skip
    code, out, _ = run(*NIGHT, *supposing(*acts))
    assert code == 0
    assert [e["effect"] for e in effects(out, "y")] == ["without effect"]


PAIRS = [
    ('{ do = "suspend_notice", notice = "n1" }', '{ do = "revoke_notice", notice = "n1" }'),
    ('{ do = "give_notice", notice = "n8" }', '{ do = "give_notice", notice = "n8" }'),
    ('{ do = "give_notice", notice = "n8" }', '{ do = "revoke_notice", notice = "n8" }'),
    ('{ do = "suspend_notice", notice = "n1" }', '{ do = "resume_notice", notice = "n1" }'),
    ('{ do = "revoke_notice", notice = "n1" }', '{ do = "revoke_notice", notice = "n1" }'),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
@pytest.mark.parametrize("when", ["2019-10-01T12:00:00+09:00", "2019-11-22T18:00:00+09:00"])
def test_two_acts_at_one_instant_are_answered_whichever_stands_first(
    run, supposing, one, other, when
):
    first, second = act("x", '"kr"', one, when=when), act("y", '"kr"', other, when=when)
    answers = []
    for acts in ((first, second), (second, first)):
        code, out, err = run(*NIGHT, *supposing(*acts))
        assert code == 0, err
        found = json.loads(out)
        answers.append(
            (found["standing"], found["notices"], sorted(map(str, found["effects"])))
        )
    assert answers[0] == answers[1]


def test_the_same_act_twice_in_a_file_is_refused(refused, supposing):
    one = act("x", '"kr"', '{ do = "protest" }')
    _ = refused(*NIGHT[:-1], *supposing(one, one), says="[id-twice]")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing-key"),
        ("nonsense\n", "bad-line"),
        (act("x", "", '{ do = "protest" }'), "empty-instrument"),
        (act("x", '"kr"', ""), "empty-instrument"),
        (act("x", '"kr"', '{ do = "dance" }'), "unknown-word"),
        (act("x", '"kr"', '{ do = "protest" }', accord="nato"), "no-accord"),
        (act("x", '"kr"', '{ do = "protest" }', when="soon"), "bad-instant"),
        (act("x", '"kr"', '{ do = "protest", until = "soon" }'), "bad-date"),
        (act("x", '"kr"', '{ do = "protest" }', more='source = "y"\n'), "no-source"),
    ],
)
@pytest.mark.parametrize("command", WHAT_IF)
def test_acts_that_are_spelt_wrong_are_refused_by_every_command(
    refused, supposing, command, text, code
):
    head = "" if not text else f'accord = "{ACCORD}"\n'
    _ = refused(*TAKES_WORLD[command](WORLD), *supposing(text, head=head), says=f"[{code}]")


# -- a release -----------------------------------------------------------------------------

SAMPLE = """id = "x"
title = "made up"
originators = ["kr"]
level = "kr:II"
categories = ["maritime"]
kind = "electronic"
purpose = "maritime-safety"
channel = "government-to-government"
release_to = ["jp"]
"""


def test_the_sample_is_permitted_before_it_is_broken(run, tmp_path):
    path = tmp_path / "item.toml"
    _ = path.write_text(SAMPLE)
    assert run(*TRY, "--item", path)[0] == 0


DENIED = {
    "nobody named": ('release_to = ["jp"]\n', ""),
    "an empty list of recipients": ('release_to = ["jp"]', "release_to = []"),
    "an empty list of originators": ('originators = ["kr"]', "originators = []"),
    "no originator recorded": ('originators = ["kr"]\n', ""),
    "an empty list of categories": ('categories = ["maritime"]', "categories = []"),
    "an unknown category": ('categories = ["maritime"]', 'categories = ["weather"]'),
    "one category too many": ('["maritime"]', '["maritime", "weather"]'),
    "an unknown level": ('level = "kr:II"', 'level = "kr:IX"'),
    "a level of nobody": ('level = "kr:II"', 'level = "fr:II"'),
    "an unknown kind": ('kind = "electronic"', 'kind = "telepathic"'),
    "an unknown purpose": ('purpose = "maritime-safety"', 'purpose = "fun"'),
    "an unknown channel": ('"government-to-government"', '"a friend"'),
    "a third party's": ('originators = ["kr"]', 'originators = ["kr", "us"]'),
}


@pytest.mark.parametrize("case", DENIED)
@pytest.mark.parametrize("command", ["try", "route"])
def test_an_item_that_says_too_little_is_denied_and_never_permitted(
    refused, tmp_path, command, case
):
    old, new = DENIED[case]
    assert old in SAMPLE
    path = tmp_path / "item.toml"
    _ = path.write_text(SAMPLE.replace(old, new, 1))
    words = TRY if command == "try" else ROUTE
    _ = refused(*words, "--item", path, code=2)


@pytest.mark.parametrize(
    "words",
    [
        [*TRY, "--purpose", "fun"],
        [*TRY, "--purpose", ""],
        [*TRY, "--channel", "a friend"],
        [*TRY, "--to", "kr"],
        [*TRY, "--from", "us"],
        [*TRY, "--under", "us-rok-1987"],
        [*TRY, "--at", "2016-11-22T00:00:00+09:00"],
        [*TRY, "--without", "kr-notification-2016"],
    ],
    ids=lambda words: " ".join(words[-2:]),
)
def test_a_request_that_no_article_covers_is_denied(refused, words):
    _ = refused(*words, code=2)


# -- replay, format, new, print ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "nonsense\n", "world nowhere\n", "world .\naccord x\n", "world {w}\n",
     "world {w}\naccord nato\ncase x\n2019-10-01T12:00:00Z  standing  -> in_force\n",
     "world {w}\naccord jp-rok-gsomia\ncase x\nsoon  standing  -> in_force\n",
     "world {w}\naccord jp-rok-gsomia\ncase x\nwithout nobody\n"
     "2019-10-01T12:00:00Z  standing  -> x\n",
     "world {w}\naccord jp-rok-gsomia\ncase x\nmove nobody received 2019-10-01\n"
     "2019-10-01T12:00:00Z  standing  -> x\n",
     "world {w}\naccord jp-rok-gsomia\ncase x\nreading suspended-notice asleep\n"
     "2019-10-01T12:00:00Z  standing  -> x\n"],
)  # fmt: skip
def test_a_story_that_cannot_be_told_is_refused(run, tmp_path, text):
    path = tmp_path / "story.txt"
    _ = path.write_text(text.replace("{w}", WORLD))
    code, out, err = run("replay", path)
    assert code in (1, 3), (out, err)
    assert "something in Comity itself failed" not in out + err
    assert code == 3 or "!" in out


@pytest.mark.parametrize("name", ["nowhere", "folder", "no-text", "large", "loop"])
def test_a_story_that_cannot_be_read_is_refused(refused, tmp_path, name):
    _ = files(tmp_path)
    _ = refused("replay", tmp_path / name, says=name)


def test_format_only_looks_where_it_is_only_to_check(run, tmp_path):
    _ = files(tmp_path)
    before = (tmp_path / "crlf").read_bytes()
    code, out, err = run("format", "--check", tmp_path / "crlf")
    assert (code, out) == (3, "")
    assert "not in canonical form" in err
    assert (tmp_path / "crlf").read_bytes() == before
    assert run("format", tmp_path / "crlf")[0] == 0
    assert (tmp_path / "crlf").read_text("utf-8") == GOOD
    assert run("format", "--check", tmp_path / "crlf")[0] == 0


@pytest.mark.parametrize("name", ["broken", "newer", "words", "empty", "nul"])
def test_format_says_what_it_cannot_mend_and_changes_no_word(run, tmp_path, name):
    _ = files(tmp_path)
    before = (tmp_path / name).read_bytes()
    code, out, err = run("format", tmp_path / name)
    assert "something in Comity itself failed" not in out + err
    assert (tmp_path / name).read_bytes().split() == before.split()
    assert code == (0 if name in ("broken", "newer") else 3), (
        "what has a form is another matter"
    )


def test_a_new_world_where_one_stands_is_refused_and_left_alone(refused, tmp_path):
    root = small(tmp_path)
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    _ = refused("new", "small", "--in", tmp_path, says="stands there already")
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before


def test_a_new_world_in_a_place_that_is_none_is_refused(refused, tmp_path):
    _ = (tmp_path / "file").write_text("x")
    _ = refused("new", "small", "--in", tmp_path / "file", says="cannot be written")


def test_tests_beside_an_accord_that_are_wrong_are_refused(refused, tmp_path):
    root = small(tmp_path)
    _ = change(root, "accords/small.tests.toml", 'item = "report"', 'item = "letter"')
    for words in (["check", root], ["show", root / "accords/small.accord.md"],
                  ["print", root / "accords/small.accord.md"],
                  ["propose", root / "accords/small.accord.md"]):  # fmt: skip
        code, out, err = 3, "", refused(*words[:1], *words[1:], says="no-item")
        assert (code, out) == (3, "")
        assert "small.tests.toml:" in err


# -- for programs --------------------------------------------------------------------------

WITH_JSON = [
    ["clock", WORLD, "nato"],
    ["clock", "nowhere", ACCORD],
    ["clock", WORLD, ACCORD, "--at", "soon"],
    ["clock", WORLD, ACCORD, "--party", "fr"],
    ["ways", WORLD, "nato"],
    ["instruments", WORLD, "nato"],
    ["deadlines", WORLD, "--within", "soon"],
    [*TRY, "--item", "letter"],
    [*TRY, "--to", "fr"],
    [*ROUTE, "--to", "fr"],
    ["show", "nowhere"],
    ["diff", "nowhere", TEXT],
    ["replay", "nowhere"],
    ["deadlines", WORLD, "--ics"],
    ["duties", WORLD, "--ics"],
    ["duties", WORLD, "--within", "90x"],
    ["duties", WORLD, "--party", "fr"],
    ["duties", WORLD, "--accord", "nato"],
    ["duties", WORLD, "--item", "letter"],
    ["try", WORLD],
    ["cloak"],
    ["clock", WORLD, ACCORD, "--force"],
]


@pytest.mark.parametrize("words", WITH_JSON, ids=lambda w: " ".join(w[:1] + w[-2:])[:40])
def test_an_error_is_json_where_json_was_asked_for(run, words):
    code, out, err = run(*words, "--json")
    assert (code, err) == (3, "")
    error = json.loads(out)["error"]
    assert set(error) == {"code", "message", "hint", "findings"}
    assert error["message"]
    assert error["hint"]
    assert error["findings"] == []
    assert "Traceback" not in out


@pytest.mark.parametrize("command", [*TAKES_WORLD, "show"])
def test_findings_are_json_with_file_line_code_and_hint(run, world, command):
    _ = change(world, "policies/kr.toml", "above", "abvoe")
    _ = change(world, "readings.toml", '"dormant"', '"asleep"')
    words = TAKES_WORLD.get(command, lambda root: [command, root])
    code, out, err = run(*words(world), "--json")
    assert (code, err) == (3, "")
    error = json.loads(out)["error"]
    assert error["code"] == "unreadable"
    assert {f["code"] for f in error["findings"]} >= {"unknown-key", "no-reading"}
    for finding in error["findings"]:
        assert set(finding) == {"where", "line", "code", "severity", "message", "hint"}
        assert finding["where"].startswith(str(world))
        assert finding["line"] > 0
        assert finding["hint"]


def test_check_gives_programs_every_finding_and_exit_3(run, world):
    _ = change(world, "policies/kr.toml", "above", "abvoe")
    code, out, _ = run("check", world, "--json")
    assert code == 3
    assert "unknown-key" in {f["code"] for f in json.loads(out)["findings"]}


def test_a_denial_is_json_with_exit_2(run):
    code, out, err = run(*TRY, "--purpose", "fun", "--json")
    assert (code, err) == (2, "")
    assert json.loads(out)["decision"] == "denial"


# -- as a process --------------------------------------------------------------------------


def shell(*words, **options):
    command = [sys.executable, "-c", "from comity.cli.main import main; main()", *words]
    return subprocess.run(command, capture_output=True, timeout=60, check=False, **options)  # noqa: S603


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check", "nowhere.accord.md"], 3),
        (["clock", WORLD, "nato"], 3),
        ([*TRY, "--purpose", "fun"], 2),
        ([*TRY, "--item", "letter", "--json"], 3),
        (["check", b"\xff\xfe"], 3),
        (["show", "/dev/zero"], 3),
        (["digest", "/dev/null"], 3),
    ],
    ids=["file", "accord", "denied", "json", "no-text", "zero", "null"],
)
def test_as_a_process_it_exits_as_it_does_here(words, code):
    done = shell(*words)
    assert done.returncode == code, done
    assert b"Traceback" not in done.stdout + done.stderr
    assert b"itself failed" not in done.stdout + done.stderr


def test_a_reader_that_goes_away_leaves_no_traceback():
    command = [sys.executable, "-c", "from comity.cli.main import main; main()", "schema"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert b"Traceback" not in err


def test_a_terminal_that_knows_no_unicode_is_no_defect():
    done = shell("show", WORLD, env={"PYTHONIOENCODING": "ascii", "PATH": ""})
    assert b"Traceback" not in done.stderr
    assert b"itself failed" not in done.stdout + done.stderr
