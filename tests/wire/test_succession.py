"""A log follows another on its party's own signed word, and on no other ground."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.accords.times import Instant
from comity.errors import InvalidInput
from comity.signed import text
from comity.wire.succession import Succession, read_succession, sign_succession
from exchange.nodes import keys_of

MADE = Succession(
    party="kr",
    accord="jp-rok-gsomia",
    old="comity.log/" + "0" * 32,
    size=7,
    root=text.digest_of(b"root"),
    new="comity.log/" + "1" * 32,
    why="the disk failed",
    at=Instant(1_574_000_000),
)


def keys(party, key_id):
    found = {one.public.id: one.public for one in keys_of(party).record}
    return found.get(key_id)


def test_a_succession_reads_back_as_itself():
    assert read_succession(sign_succession(MADE, keys_of("kr").record), keys) == MADE


@pytest.mark.parametrize("left", [0, 1])
def test_one_of_the_two_keys_is_not_enough(left):
    raw = sign_succession(MADE, [keys_of("kr").record[left]])
    with pytest.raises(InvalidInput):
        read_succession(raw, keys)


def test_nobody_ends_the_log_of_another():
    raw = sign_succession(replace(MADE, party="jp"), keys_of("jp").record)
    forged = text.read(raw)
    payload = text.read(text.read_base64(forged["payload"])) | {"party": "kr"}
    forged["payload"] = text.base64_of(text.write(payload))
    with pytest.raises(InvalidInput):
        read_succession(text.write(forged), keys)


@pytest.mark.parametrize(
    "new", [MADE.old, MADE.new + "/simulated"], ids=["the same log", "another clock"]
)
def test_two_logs_that_cannot_follow_each_other_are_refused(new):
    with pytest.raises(InvalidInput):
        sign_succession(replace(MADE, new=new), keys_of("kr").record)
