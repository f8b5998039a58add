"""A bounded run of the fuzzer with a fixed seed; the long ones are made by hand."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from comity.accords.text import read_document
from fuzz.fuzz_accord import CHANGES, Hung, mutate, run, try_accord
from make import GSOMIA

SCRIPT = Path(__file__).with_name("fuzz_accord.py")
SEED = 20191122


def test_three_hundred_changed_files_are_read_or_refused_and_nothing_else_happens():
    tally = run(SEED, executions=300)
    assert tally.executions == 300
    assert tally.crashes == [], tally.crashes[0][2]
    assert tally.accords_loaded >= 10
    assert tally.worlds_loaded >= 10


def test_a_seed_makes_the_same_changes_again():
    raw = (GSOMIA / "accords/jp-rok-gsomia.accord.md").read_bytes()
    one, other = (
        [mutate(rng, raw, [raw]) for _ in range(20)]
        for rng in (random.Random(SEED), random.Random(SEED))  # noqa: S311
    )
    assert one == other
    assert len(set(one)) > 15


@pytest.mark.parametrize(
    "change", dict.fromkeys(CHANGES), ids=lambda change: change.__name__
)
def test_every_change_of_the_fuzzer_changes_something(change):
    rng = random.Random(SEED)  # noqa: S311
    raw = (GSOMIA / "accords/jp-rok-gsomia.accord.md").read_bytes()
    assert any(change(rng, raw, [raw]) != raw for _ in range(20))
    assert isinstance(change(rng, b"", [b""]), bytes)


def test_the_fuzzer_sees_a_reader_that_throws_and_one_that_never_ends(monkeypatch):
    def throws(raw, _where=""):
        raise KeyError(raw[:3])

    monkeypatch.setattr("fuzz.fuzz_accord.read_accord", throws)
    assert "KeyError" in next(iter(run(SEED, executions=20).outcomes))

    def never_ends(_raw, _where=""):
        raise Hung("as the alarm would")

    monkeypatch.setattr("fuzz.fuzz_accord.read_accord", never_ends)
    assert "Hung" in next(iter(run(SEED, executions=20).outcomes))


def test_the_fuzzer_sees_what_does_not_print_back(monkeypatch):
    raw = (GSOMIA / "accords/tisa-2014.accord.md").read_bytes()
    assert try_accord(raw, (), ())
    document = type(read_document(raw))
    monkeypatch.setattr(document, "__str__", lambda self: self.raw.decode() + "\n")
    with pytest.raises(AssertionError, match="does not print back"):
        _ = try_accord(raw, (), ())


def test_the_script_runs_by_itself_and_says_what_it_did(tmp_path):
    command = [
        sys.executable,
        str(SCRIPT),
        "--seconds",
        "1",
        "--seed",
        "1",
        "--keep",
        tmp_path,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("seed 1: ")
    assert "0 failures" in done.stdout
    assert list(tmp_path.iterdir()) == []
