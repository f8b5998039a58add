"""The commands about a node, asked of two nodes that run."""

import json

import pytest
from click.testing import CliRunner

from comity.cli.main import cli
from exchange.houses import eventually, two

PAUSE = """[[hold]]
id = "pause"
by = "north"
towards = ["south"]
accords = ["any"]
categories = ["any"]
ground = "an inquiry"
since = "2026-01-01T00:00:00Z"
"""
MARKED = """id = "report"
title = "An incident report"
originators = ["north"]
level = "north:RESTRICTED"
categories = ["incidents"]
kind = "document"
purpose = "defence-of-networks"
channel = "e-mail"
release_to = ["south"]
format = "comity-item/1"
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    both = two(tmp_path_factory.mktemp("cli"))
    yield both
    for one in both:
        one.stop()


@pytest.fixture
def north(pair, run):
    return at(pair[0], run)


@pytest.fixture
def south(pair, run):
    return at(pair[1], run)


def at(running, run):
    """Run a command at one node."""

    def call(*words):
        token = running.folder / "all.token"
        return run(*words, "--node", running.folder, "--token", token)

    return call


@pytest.fixture
def report(tmp_path):
    (tmp_path / "report.txt").write_text("three indicators")
    (tmp_path / "report.toml").write_text(MARKED)
    return tmp_path / "report.txt", "--marked", tmp_path / "report.toml", "--to", "south"


def inbox(south, name):
    def find():
        _, out, _ = south("inbox", "--limit", "1000", "--json")
        return [one for one in json.loads(out) if one["item"] == name]

    return eventually(find)[0]


def sent(north, *words):
    code, out, _ = north("send", *words, "--officer", "anna", "--json")
    assert code == 0
    return json.loads(out)


def test_an_item_is_sent_listed_opened_acknowledged_and_refused(
    north, south, report, tmp_path
):
    one = inbox(south, sent(north, *report)["item"])
    to = tmp_path / "came.txt"
    code, out, _ = south("open", one["n"], "--to", to, "--officer", "dave")
    assert (code, to.read_text()) == (0, "three indicators")
    assert to.stat().st_mode & 0o077 == 0
    code, _, err = south("open", one["n"], "--to", to, "--officer", "dave")
    assert code == 3
    assert "is there already" in err
    code, out, _ = south("ack", one["n"], "--officer", "dave", "--place", "safe 3")
    assert code == 0
    assert "dave" in out
    code, out, _ = south("refuse", one["n"], "--officer", "dave", "--why", "not for us")
    assert code == 0
    assert "not for us" in out


def test_an_auditor_proves_an_exchange_offline_with_keys_they_know(
    north, south, report, run, tmp_path
):
    name = sent(north, *report)["item"]
    inbox(south, name)
    good, bad, keys = tmp_path / "good.zip", tmp_path / "bad.zip", tmp_path / "keys"
    keys.mkdir()

    def written():
        if north("evidence", name, "--to", good)[0] == 0:
            return True
        sent(north, *report)  # the logs are cosigned when the two meet again
        return False

    eventually(written, seconds=60)
    assert north("partner", "invite", "south", "--to", keys / "north")[0] == 0
    assert south("partner", "invite", "north", "--to", keys / "south")[0] == 0
    code, out, _ = run("verify", good, "--keys", keys)
    assert code == 0, out
    assert run("verify", good)[0] == 1
    raw = good.read_bytes()
    place = raw.index(b"comity-envelope/1") + 40
    bad.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
    assert run("verify", bad, "--keys", keys)[0] != 0


def test_what_may_not_go_ends_with_2_and_the_words_of_try(north, report, tmp_path):
    closed = tmp_path / "closed.toml"
    closed.write_text(MARKED.replace('["south"]', "[]"))
    content, _, _, *rest = report
    code, out, _ = north("send", content, "--marked", closed, *rest, "--officer", "anna")
    assert code == 2
    assert out.startswith("deny: ")
    assert "hint: " in out


def test_a_preview_sends_nothing(north, report):
    code, out, _ = north("send", *report, "--officer", "anna", "--preview")
    assert code == 0
    assert out.startswith("it may go: ")
    assert "envelope" not in out


def test_holds_are_set_listed_and_lifted(north, report, tmp_path):
    path = tmp_path / "pause.toml"
    path.write_text(PAUSE)
    assert north("hold", "set", path, "--officer", "anna")[0] == 0
    assert "an inquiry" in north("hold", "list")[1]
    assert north("send", *report, "--officer", "anna")[0] == 2
    assert north("hold", "lift", "pause", "--officer", "anna")[0] == 0
    code, _, err = north("hold", "lift", "pause", "--officer", "anna")
    assert (code, "[no-hold]" in err) == (3, True)


def test_a_consent_is_asked_for_only_where_one_is_missing(north, report):
    name = sent(north, *report)["item"]
    code, out, _ = north("consent", "ask", name, "--to", "south", "--officer", "anna")
    assert (code, out) == (0, "no consent is missing\n")
    assert north("consent", "list")[0] == 0
    code, _, err = north(
        "consent", "give", "none", "--under", "north-south", "--officer", "anna"
    )
    assert (code, "[no-request]" in err) == (3, True)


def test_everything_about_a_running_node_is_said_as_words_and_as_json(north):
    for words in (
        ("doctor",),
        ("why-stuck",),
        ("partner", "list"),
        ("register", "list"),
        ("hindsight", "north-south"),
        ("hold", "list"),
        ("consent", "list"),
        ("inbox",),
    ):
        assert north(*words)[0] == 0
        code, out, _ = north(*words, "--json")
        assert code == 0
        assert isinstance(json.loads(out), list)


def test_keys_are_shown_rotated_and_revoked_as_drafts_to_be_signed(pair, run, tmp_path):
    node = ("--node", pair[0].folder)
    code, out, _ = run("key", "list", *node)
    assert (code, "fingerprint: " in out) == (0, True)
    listed = json.loads(run("key", "list", *node, "--json")[1])
    assert listed["party"] == "north"
    key = next(line.split()[2] for line in out.split("\n") if line.startswith("envelope"))
    draft = tmp_path / "next"
    code, out, _ = run(
        "key",
        "revoke",
        key,
        "--from",
        "2026-06-01T00:00:00Z",
        "--why",
        "lost",
        "--to",
        draft,
        *node,
    )
    assert code == 0
    assert "version 2 of the keys of north" in out
    assert "revoked from 2026-06-01T00:00:00Z" in out
    code, _, err = run(
        "key",
        "rotate",
        "log",
        "--to",
        tmp_path / "other",
        *node,
        "--passphrase",
        pair[0].folder / "pass",
    )
    assert (code, "[node-runs]" in err) == (1, True)


def test_tokens_are_given_named_and_taken_back(pair, run, tmp_path):
    node = ("--node", pair[0].folder)
    code, out, _ = run("token", "give", "brief", "--scope", "desk", *node)
    assert (code, out.startswith("comity_")) == (0, True)
    assert "brief" in run("token", "list", *node)[1]
    assert run("token", "take-back", "brief", *node)[0] == 0
    code, _, err = run("token", "take-back", "brief", *node)
    assert (code, "[no-token]" in err) == (3, True)
    code, out, _ = run(
        "token", "give", "kept", "--scope", "desk", "--to", tmp_path / "kept", *node
    )
    assert "comity_" not in out
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0


def test_a_backup_is_taken_of_a_node_that_runs(pair, run, tmp_path):
    code, out, err = run("backup", tmp_path / "b", "--node", pair[0].folder)
    assert code == 0
    assert "node.db" in out
    assert "vault" in err
    assert run("backup", tmp_path / "b", "--node", pair[0].folder)[0] == 3
    code, out, _ = run("restore", tmp_path / "b", tmp_path / "again")
    assert (code, "north" in out) == (0, True)
    code, _, err = run("restore", tmp_path / "b", tmp_path / "again")
    assert (code, "[folder-not-empty]" in err) == (3, True)
    code, _, err = run(
        "serve", "--node", tmp_path / "again", "--passphrase", pair[0].folder / "pass"
    )
    assert (code, "[log-rolled-back]" in err) == (1, True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("inbox",), 4, "[no-token]"),
        (("open", "999", "--to", "x", "--officer", "a", "--token", "T"), 3, "[no-item]"),
        (("send", "--to", "south", "--officer", "a", "--token", "T"), 3, "[no-content]"),
        (("send", "none", "--marked", "none", "--to", "south", "--officer", "a"), 3, ""),
        (("perform", "none", "--officer", "a", "--token", "T"), 3, "[no-file]"),
        (
            ("register", "hand", "x", "--to", "a", "--place", "b", "--officer", "c"),
            3,
            "[bad-number]",
        ),
        (("key", "take", "none", "none"), 3, "[no-file]"),
        (("partner", "accept", "none", "--officer", "a"), 3, "[no-file]"),
        (("token", "give", "x", "--scope", "everything"), 3, "[usage]"),
    ],
)
def test_a_mistake_is_said_without_a_traceback(pair, run, words, code, said, monkeypatch):
    monkeypatch.delenv("COMITY_TOKEN", raising=False)
    given = [pair[0].folder / "all.token" if word == "T" else word for word in words]
    found, out, err = run(*given, "--node", pair[0].folder)
    assert found == code
    assert said in err
    assert "Traceback" not in out + err
    assert "[defect]" not in err


def test_a_folder_that_is_no_nodes_is_said_to_be_none(run, tmp_path):
    for words in (("inbox",), ("doctor",), ("serve",), ("key", "list"), ("token", "list")):
        code, _, err = run(*words, "--node", tmp_path)
        assert (code, "[no-node-folder]" in err) == (3, True)


def test_the_wrong_passphrase_is_said_to_be_wrong(pair, run, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("other words entirely\n")
    pair[1].stop()
    code, _, err = run("serve", "--node", pair[1].folder, "--passphrase", wrong)
    pair[1].start()
    assert code == 3
    assert "passphrase" in err


def every_command(group=cli, way=()):
    for name, command in group.commands.items():
        yield (*way, name), command
        if hasattr(command, "commands"):
            yield from every_command(command, (*way, name))


@pytest.mark.parametrize("way", [way for way, _ in every_command()], ids=" ".join)
def test_every_command_has_help_that_says_what_it_does(way):
    done = CliRunner().invoke(cli, [*way, "--help"])
    assert done.exit_code == 0
    assert len(done.output.split("\n")) > 3
