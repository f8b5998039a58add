"""One side's record: on disk before anything happens, signed, provable, never shorter."""

import os
import shutil
import subprocess
import sys

import pytest

from comity.alone.events import Entry, Event
from comity.alone.record import Record, RecordFailed
from comity.errors import ComityError, NotKnown
from comity.exchange.custody import LogRolledBack
from comity.exchange.site import ClockWentBack
from comity.worlds import load_world
from make import ROOT

ISAC = ROOT / "worlds" / "isac"
NOON = 1_800_000_000


class Clock:
    def __init__(self, at=NOON):
        self.at = at

    def __call__(self):
        return self.at


def opened(folder, clock=None):
    return Record.open(folder, clock or Clock(), os.urandom)


def said(words, accord=""):
    return Entry(event=Event.REFUSED, facts={"words": words}, accord=accord)


def test_what_was_written_is_read_in_its_order_by_whoever_opens_it_later(tmp_path):
    with opened(tmp_path / "record") as record:
        first = record.write([said("one"), said("two", "east")])
        assert record.write([said("three")]) == (3,)
    with opened(tmp_path / "record") as record:
        assert first == (1, 2)
        assert [e.body["words"] for e in record.entries()] == ["one", "two", "three"]
        assert [e.accord for e in record.entries()] == ["", "east", ""]
        assert [e.number for e in record.entries(after=1)] == [2, 3]


def test_two_processes_may_write_in_turn(tmp_path):
    with opened(tmp_path / "record") as one, opened(tmp_path / "record") as other:
        for n in range(3):
            _ = one.write([said(f"one {n}")])
            _ = other.write([said(f"other {n}")])
        assert len(list(one.entries())) == 6
    with opened(tmp_path / "record") as record:
        assert record.prove(6).entry == record.entry(6).raw


@pytest.mark.parametrize("number", [1, 5, 9])
def test_a_stranger_verifies_any_entry_with_the_key_alone(tmp_path, number):
    with opened(tmp_path / "record") as record:
        _ = record.write([said(f"entry {n}") for n in range(9)])
        proof = record.prove(number)
    (tmp_path / "entry").write_bytes(proof.entry)
    (tmp_path / "entry.tlog-proof").write_bytes(proof.proof)
    command = [sys.executable, ROOT / "tools" / "verify.py", "proof"]
    command += [tmp_path / "entry.tlog-proof", tmp_path / "entry", "--log", proof.key]
    assert subprocess.run(command, check=False).returncode == 0
    (tmp_path / "entry").write_bytes(proof.entry.replace(b"entry", b"ENTRY"))
    assert subprocess.run(command, check=False, capture_output=True).returncode == 1


def test_a_clock_that_shows_less_than_the_record_decides_nothing(tmp_path):
    clock = Clock()
    with opened(tmp_path / "record", clock) as record:
        _ = record.write([said("one")])
        clock.at -= 30
        assert record.now() == NOON
        clock.at -= 31
        with pytest.raises(ClockWentBack):
            record.now()
        with pytest.raises(ClockWentBack):
            record.write([said("two")])
        assert record.write([said("refused")], late=True) == (2,)
        assert record.entry(2).body["at"] == record.entry(1).body["at"]


def test_a_database_that_was_put_back_is_not_written_to(tmp_path):
    folder = tmp_path / "record"
    with opened(folder) as record:
        _ = record.write([said("one")])
    shutil.copy(folder / "record.db", tmp_path / "old")
    with opened(folder) as record:
        _ = record.write([said("two")])
    shutil.copy(tmp_path / "old", folder / "record.db")
    with pytest.raises(LogRolledBack) as refused:
        opened(folder)
    assert refused.value.code == "record-rolled-back"


def test_a_database_that_was_taken_away_is_not_begun_anew(tmp_path):
    folder = tmp_path / "record"
    with opened(folder) as record:
        _ = record.write([said("one")])
    for file in folder.glob("record.db*"):
        file.unlink()
    with pytest.raises(ComityError) as refused:
        opened(folder)
    assert refused.value.code == "record-rolled-back"


def test_a_key_that_was_taken_away_is_not_made_anew(tmp_path):
    with opened(tmp_path / "record") as record:
        _ = record.write([said("one")])
    (tmp_path / "record" / "record.key").unlink()
    with pytest.raises(NotKnown):
        opened(tmp_path / "record")


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RecordFailed) as refused:
        opened(tmp_path / "file" / "record")
    assert refused.value.code == "record-failed"


def test_the_secrets_of_a_record_are_its_owners_alone(tmp_path):
    with opened(tmp_path / "record") as record:
        _ = record.write([said("one")])
    for name in ("record.key", "record.db"):
        assert (tmp_path / "record" / name).stat().st_mode & 0o077 == 0
    (tmp_path / "record" / "record.key").chmod(0o644)
    with pytest.raises(ComityError) as refused:
        opened(tmp_path / "record")
    assert refused.value.code == "keys-readable"


def test_every_act_and_hold_of_a_world_is_recorded_once(tmp_path):
    world = load_world(ISAC)
    with opened(tmp_path / "record") as record:
        count = len(world.instruments) + len(world.holds) + len(world.authorities)
        assert record.note(world) == count
        assert record.note(world) == 0
        acts = [e for e in record.entries() if e.body["event"] == "act"]
        assert {e.body["id"] for e in acts} == {i.id for i in world.instruments}
        assert all(e.accord == e.body["accord"] for e in acts)


def test_nobody_takes_an_act_away_unseen(tmp_path):
    world = load_world(ISAC)
    act = world.instruments[0].id
    with opened(tmp_path / "record") as record:
        _ = record.note(world)
        assert record.note(world.without((act,))) == 1
        *_, last = record.entries()
        assert (last.body["event"], last.body["what"], last.body["id"]) == (
            "gone",
            "act",
            act,
        )


def test_a_release_that_began_and_has_no_end_is_named(tmp_path):
    def event(which, release):
        return Entry(event=which, facts={"release": release})

    with opened(tmp_path / "record") as record:
        _ = record.write([event(Event.BEGAN, "a"), event(Event.BEGAN, "b")])
        _ = record.write([event(Event.ENDED, "a")])
        assert [e.number for e in record.unfinished()] == [2]
