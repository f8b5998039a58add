"""The gate: nothing passes that may not, and what passed is on record with its digest."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import comity
from comity.alone.gate import Denied, fingerprint
from comity.alone.record import Record
from comity.cli.main import main
from comity.errors import ComityError, InvalidInput
from make import ROOT

SCP = """#!{python}
import shutil, sys
source, target = sys.argv[1:]
host, _, name = target.partition(":")
if host != "partner":
    sys.exit("no such host: " + host)
shutil.copy(source, {there!r} + "/" + name)
"""


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with a world, a file and a record, and the way to ask the gate there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMITY_RECORD", raising=False)
    _ = shutil.copytree(ROOT / "worlds" / "isac", tmp_path / "isac")
    (tmp_path / "probe.txt").write_text("a probe of the grid\n")
    (tmp_path / "there").mkdir()
    scp = tmp_path / "scp"
    scp.write_text(SCP.format(python=sys.executable, there=str(tmp_path / "there")))
    scp.chmod(0o755)
    return tmp_path


ASK = ["gate", "--world", "isac", "--from", "grid", "--item", "grid-probe"]
TO = [*ASK, "--file", "probe.txt", "--to"]


def run(*words):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return ended.value.code


def record(folder="record"):
    with Record.open(Path(folder), lambda: int(time.time()), os.urandom) as opened:
        bodies = [one.body for one in opened.entries()]
    return [b for b in bodies if b["event"] not in ("act", "hold", "authority")]


def test_a_file_passes_by_cp_under_an_accord_in_force(desk, capfd):
    assert run(*TO, "cert-north", "--", "cp", "{file}", "there/out.txt") == 0
    assert (desk / "there" / "out.txt").read_text() == "a probe of the grid\n"
    began, ended = record()
    digest = hashlib.sha256(b"a probe of the grid\n").hexdigest()
    assert began["files"] == [{"name": "probe.txt", "sha256": digest, "size": 20}]
    assert began["command"] == ["cp", "probe.txt", "there/out.txt"]
    assert (began["decision"], began["accord"]) == ("permit", "cert-community")
    assert began["words"].startswith("permit: ")
    assert (ended["outcome"], ended["exit"], ended["release"]) == (
        "went",
        0,
        began["release"],
    )
    assert "articles 10(2)" in capfd.readouterr().err


def test_a_file_passes_by_a_program_that_copies_to_another_machine(desk):
    assert run(*TO, "cert-north", "--", desk / "scp", "{file}", "partner:in.txt") == 0
    assert (desk / "there" / "in.txt").exists()


def test_a_file_passes_by_the_standard_input_of_a_command(desk):
    reads = "import sys; open('there/in', 'w').write(sys.stdin.read())"
    assert run(*TO, "cert-north", "--stdin", "--", sys.executable, "-c", reads) == 0
    assert (desk / "there" / "in").read_text() == "a probe of the grid\n"


def test_a_denied_file_stays_and_the_denial_is_on_record_in_its_words(desk, capfd):
    assert run(*TO, "cert-east", "--", "cp", "{file}", "there/out.txt") == 2
    assert not (desk / "there" / "out.txt").exists()
    (denied,) = record()
    assert (denied["event"], denied["reason"]) == ("decided", "originator_forbids")
    assert "on the originator's list of recipients" in denied["words"]
    assert "deny: the originator does not release it to them" in capfd.readouterr().err


def test_what_the_options_say_it_is_decides(desk):
    words = [*ASK[:5], "--file", "probe.txt", "--to", "cert-north", "--label"]
    said = ["--category", "indicators", "--originator", "grid", "--kind", "document"]
    said += ["--purpose", "network-defence", "--channel", "platform"]
    end = ["--", "cp", "{file}", "there/out.txt"]
    assert run(*words, "tlp:AMBER", *said, "--release-to", "cert-north", *end) == 0
    assert run(*words, "tlp:AMBER", *said, *end) in (0, 2)
    assert run(*words, "tlp:PURPLE", *said, *end) == 2
    assert record()[-1]["reason"] == "unknown_word"


@pytest.mark.parametrize(
    "missing", ["--originator", "--kind", "--purpose", "--channel", "--category"]
)
def test_what_is_not_said_is_not_supposed(desk, missing):
    said = {
        "--category": "indicators",
        "--originator": "grid",
        "--kind": "document",
        "--purpose": "network-defence",
        "--channel": "platform",
    }
    words = [w for k, v in said.items() if k != missing for w in (k, v)]
    to = ["--file", "probe.txt", "--to", "cert-north", "--label", "tlp:AMBER"]
    end = ["--release-to", "cert-north", "--", "cp", "{file}", "there/out.txt"]
    assert run(*ASK[:5], *to, *words, *end) in (2, 3)
    assert not (desk / "there" / "out.txt").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--to", "nobody"], "no-party"),
        (["--to", "cert-north", "--under", "no-such"], "no-accord"),
    ],
)
def test_who_or_what_is_unknown_is_refused_and_recorded(desk, words, code):
    end = ["--", "cp", "{file}", "there/out.txt"]
    assert run(*ASK, "--file", "probe.txt", *words, *end) == 3
    assert not (desk / "there" / "out.txt").exists()
    (refused,) = record()
    assert (refused["event"], refused["code"]) == ("refused", code)


def test_a_world_that_cannot_be_read_lets_nothing_pass(desk):
    (desk / "isac" / "holds.toml").write_text("[[hold]\n")
    assert run(*TO, "cert-north", "--", "cp", "{file}", "there/out.txt") == 3
    assert not (desk / "there" / "out.txt").exists()
    assert record()[-1]["event"] == "refused"


def test_nothing_runs_where_the_record_cannot_be_written(desk):
    (desk / "record").write_text("in the way")
    assert run(*TO, "cert-north", "--", "cp", "{file}", "there/out.txt") == 1
    assert not (desk / "there" / "out.txt").exists()


def test_nothing_runs_by_a_clock_that_went_back(desk, monkeypatch):
    later = time.time() + 3_600
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: later)
        assert run(*TO, "cert-north", "--", "cp", "{file}", "there/one.txt") == 0
    assert run(*TO, "cert-north", "--", "cp", "{file}", "there/two.txt") == 1
    assert not (desk / "there" / "two.txt").exists()
    with Record.open(Path("record"), lambda: int(later), os.urandom) as opened:
        *_, last = opened.entries()
    assert (last.body["event"], last.body["code"]) == ("refused", "clock-went-back")


def test_a_command_that_fails_half_way_is_recorded_as_such(desk):
    assert run(*TO, "cert-north", "--", desk / "scp", "{file}", "elsewhere:x") == 5
    assert (record()[-1]["outcome"], record()[-1]["exit"]) == ("failed", 1)


def test_a_command_that_is_not_there_is_recorded_as_not_started(desk):
    assert run(*TO, "cert-north", "--", "no-such-command", "{file}") == 5
    assert record()[-1]["outcome"] == "not started"


@pytest.mark.parametrize(
    "change",
    [
        "open('probe.txt', 'a').write('more')",
        "import os; os.remove('probe.txt')",
        "import os; s = os.stat('probe.txt'); open('probe.txt', 'w').write('A PROBE of the grid\\n');"
        " os.utime('probe.txt', ns=(s.st_atime_ns, s.st_mtime_ns))",
    ],
)
def test_a_file_that_was_changed_while_it_went_is_recorded_as_such(desk, change):
    command = [sys.executable, "-c", change, "{file}"]
    assert run(*TO, "cert-north", "--", *command) == 6
    assert record()[-1]["outcome"] == "changed"


def test_a_gate_that_is_told_to_stop_stops_its_command_and_records_it(desk):
    words = "from comity.cli import main; main()"
    sleeps = [sys.executable, "-c", "open('began', 'w'); import time; time.sleep(60)"]
    gate = subprocess.Popen(
        [sys.executable, "-c", words, *TO, "cert-north", "--", *sleeps, "{file}"],
        stderr=subprocess.DEVNULL,
    )
    while not (desk / "began").exists():
        assert gate.poll() is None
        time.sleep(0.05)
    gate.send_signal(signal.SIGTERM)
    assert gate.wait(30) == 5
    assert record()[-1]["outcome"] == "interrupted"


def test_a_gate_that_was_killed_leaves_a_beginning_and_the_next_one_says_so(desk, capfd):
    words = "from comity.cli import main; main()"
    sleeps = [sys.executable, "-c", "open('began', 'w'); import time; time.sleep(5)"]
    gate = subprocess.Popen(
        [sys.executable, "-c", words, *TO, "cert-north", "--", *sleeps, "{file}"],
        stderr=subprocess.DEVNULL,
    )
    while not (desk / "began").exists():
        assert gate.poll() is None
        time.sleep(0.05)
    gate.kill()
    _ = gate.wait(30)
    assert record()[-1]["event"] == "began"
    assert run(*TO, "cert-north", "--", "cp", "{file}", "there/out.txt") == 0
    assert "began and has no end" in capfd.readouterr().err


def test_what_is_no_plain_file_does_not_pass(desk):
    os.mkfifo("pipe")
    for name in ("pipe", "there", "missing"):
        words = [*ASK, "--to", "cert-north", "--file", name]
        assert run(*words, "--", "cp", "{file}", "x") in (1, 3)
    with pytest.raises(ComityError):
        fingerprint(desk / "pipe")


def test_no_shell_reads_the_command(desk):
    assert run(*TO, "cert-north", "--", "cp", "{file}", "there/$(id);x") == 0
    assert (desk / "there" / "$(id);x").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--", "cp", "probe.txt", "x"],
        ["--stdin", "--", "cat", "{file}"],
        ["--label", "tlp:GREEN", "--", "cp", "{file}", "x"],
    ],
)
def test_a_command_that_says_it_two_ways_or_none_does_not_run(desk, words):
    assert run(*TO, "cert-north", *words) == 3
    assert not (desk / "record").exists()


def test_the_record_is_listed_searched_exported_and_proved(desk, capsys):
    _ = run(*TO, "cert-north", "--", "cp", "{file}", "there/out.txt")
    _ = run(*TO, "cert-east", "--", "cp", "{file}", "there/out.txt")
    _ = capsys.readouterr()
    assert run("log", "--json", "--event", "decided", "--to", "cert-east") == 0
    (denied,) = json.loads(capsys.readouterr().out)
    assert denied["reason"] == "originator_forbids"
    assert run("log", "--csv", "--item", "grid-probe") == 0
    assert len(capsys.readouterr().out.strip().split("\n")) > 2
    assert run("log", "show", denied["number"]) == 0
    assert json.loads(capsys.readouterr().out)["words"] == denied["words"]
    assert run("log", "prove", denied["number"], "denied.json") == 0
    assert run("log", "keys") == 0
    key = capsys.readouterr().out.split("\n")[0].split("  ")[0]
    verify = [sys.executable, ROOT / "tools" / "verify.py", "proof"]
    verify += ["denied.json.tlog-proof", "denied.json", "--log", key]
    assert subprocess.run(verify, check=False).returncode == 0
    assert run("log", "--text", "put out of", "--last", "1", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["number"] == denied["number"]
    assert run("log", "--since", "yesterday") == 3
    assert run("log", "show", "9999") == 3
    assert run("log", "checkpoint") == 0


# -- in Python -----------------------------------------------------------------------------


def test_the_body_of_a_with_runs_only_where_it_may_go(desk):
    with comity.releasing(
        "grid-probe", to="cert-north", sender="grid", world="isac", files=["probe.txt"]
    ) as permit:
        assert permit.accord == "cert-community"
    assert [b["event"] for b in record()] == ["began", "ended"]
    ran = []
    with (
        pytest.raises(Denied) as denied,
        comity.releasing("grid-probe", to="cert-east", sender="grid", world="isac"),
    ):
        ran.append(1)
    assert (ran, denied.value.code) == ([], "originator_forbids")


def test_a_function_is_decided_anew_each_time_that_it_is_called(desk):
    @comity.releasing("grid-probe", to="cert-north", sender="grid", world="isac")
    def send():
        return "sent"

    assert (send(), send()) == ("sent", "sent")
    assert [b["event"] for b in record()] == ["began", "ended"] * 2
    (desk / "isac" / "instruments" / "cert-community.toml").unlink()
    with pytest.raises(ComityError):
        send()


def test_an_exception_ends_a_release_as_failed_and_goes_on(desk):
    with (
        pytest.raises(ZeroDivisionError),
        comity.releasing("grid-probe", to="cert-north", sender="grid", world="isac"),
    ):
        _ = 1 // 0
    assert record()[-1]["outcome"] == "failed"


def test_a_file_that_the_body_changes_is_an_error(desk):
    with (
        pytest.raises(InvalidInput),
        comity.releasing(
            "grid-probe", to="cert-north", sender="grid", world="isac", files=["probe.txt"]
        ),
    ):
        (desk / "probe.txt").write_text("another")
    assert record()[-1]["outcome"] == "changed"
