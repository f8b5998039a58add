"""A consignment reads back as itself, is held against every limit, and each part stands alone."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.signed import text
from comity.wire.consignment import (
    HEAD_BYTES_MAX,
    INLINE_BYTES_MAX,
    PARTS_MAX,
    TOTAL_BYTES_MAX,
    Answer,
    Upload,
    Verdict,
    Waiting,
    open_part,
    read,
    read_answer,
    write,
    write_answer,
)
from comity.wire.group import Signed, sign_group
from comity.wire.header import Kind, Precedence
from comity.wire.seal import item_key, open_box, open_bytes
from wire import made

CONTENTS = (b"one", b"", b"three" * 100)


def opened(consignment):
    envelopes, statements = made.groups(), made.groups()
    return [
        open_part(consignment, part, envelopes=envelopes, statements=statements)
        for part in consignment.parts
    ]


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_a_consignment_reads_back_as_itself_however_it_comes(step):
    sent = made.consigned(CONTENTS)
    assert read(made.source(write(sent), step)) == sent


def test_from_the_items_to_the_items():
    came = read(made.source(write(made.consigned(CONTENTS))))
    key = open_box(came.parts[0].box, made.TO_B)
    got = []
    for part, envelope in zip(came.parts, opened(came), strict=True):
        own = item_key(key, envelope.written.digest)
        got.append(open_bytes(part.body, envelope.written, own)[0])
    assert tuple(got) == CONTENTS


def test_what_is_shared_is_carried_once():
    raw = write(made.consigned(CONTENTS))
    head = json.loads(raw.split(b"\n", 2)[1])
    assert len(head["boxes"]) == 1
    assert len(head["groups"]) == 3


def test_a_part_that_does_not_hold_leaves_the_others_alone():
    sent = made.consigned(CONTENTS)
    bad = replace(sent.parts[1], body=bytes(len(sent.parts[1].body)))
    came = read(
        made.source(write(replace(sent, parts=(sent.parts[0], bad, sent.parts[2]))))
    )
    for number in (0, 2):
        alone = replace(came, parts=(came.parts[number],))
        assert opened(alone)
    with pytest.raises(InvalidInput):
        opened(replace(came, parts=(came.parts[1],)))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_byte_may_change(data):
    raw = write(made.consigned((b"one", b"two")))
    assert all_of_it(raw)
    place = data.draw(st.integers(0, len(raw) - 1))
    flipped = raw[:place] + bytes([raw[place] ^ (1 << data.draw(st.integers(0, 7)))])
    flipped += raw[place + 1 :]
    with pytest.raises(InvalidInput):
        _ = all_of_it(flipped)


def all_of_it(raw):
    """Read, verify and unbox everything of a consignment."""
    came = read(made.source(raw))
    _ = opened(came)
    _ = made.groups().verify(came.contact, Signed.CONTACT)
    return [open_box(part.box, made.TO_B) for part in came.parts]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_consignment_is_shorter_or_longer(data):
    raw = write(made.consigned())
    cut = data.draw(st.integers(0, len(raw) - 1))
    for wrong in (raw[:cut], raw + raw[:1], raw + b"\n"):
        with pytest.raises(InvalidInput):
            read(made.source(wrong))


def changed(change):
    first, head, rest = write(made.consigned()).split(b"\n", 2)
    value = json.loads(head)
    change(value)
    return b"\n".join((first, text.write(value), rest))


def put(*path):
    *way, last, value = path

    def change(head):
        for step in way:
            head = head[step]
        head[last] = value

    return change


@pytest.mark.parametrize(
    "path",
    [
        ("parts", {}),
        ("words", None),
        ("words", [{"kind": "wait"}]),
        ("words", [{"kind": "contact", "length": 1, "proof": 0, "group": 0, "index": 0}]),
        ("parts", 0, "body", INLINE_BYTES_MAX + 1),
        ("parts", 0, "body", 0),
        ("parts", 0, "body", -1),
        ("parts", 0, "body", "9"),
        ("parts", 0, "body", True),
        ("parts", 0, "header", 70_000),
        ("parts", 0, "proof", 64 * 32),
        ("parts", 0, "box", 1),
        ("parts", 0, "group", 9),
        ("parts", 0, "group", -1),
        ("parts", 0, "kind", "letter"),
        ("parts", 0, "statement", 7),
        ("parts", 0, "statement", "length", 70_000),
        ("parts", 0, "upload", {"digest": "x", "size": 1}),
        ("groups", []),
        ("groups", 0, 0),
        ("groups", 0, 5000),
        ("groups", [100] * 1026),
        ("boxes", 0, "sealed", 5000),
        ("boxes", [{"head": 1, "sealed": 1}] * (PARTS_MAX + 1)),
        ("contact", None),
        ("contact", "length", 300_000),
        ("sender", ""),
        ("recipient", None),
    ],
    ids=str,
)
def test_a_head_beyond_a_limit_is_refused(path):
    with pytest.raises(InvalidInput):
        read(made.source(changed(put(*path))))


def test_too_many_parts_are_refused_before_anything_of_them_is_read():
    def change(head):
        head["parts"] *= PARTS_MAX + 1

    asked = []
    raw = changed(change)
    source = made.source(raw, 4096)

    def reading(size):
        asked.append(size)
        return source(size)

    with pytest.raises(InvalidInput):
        read(reading)
    head = raw.index(b"\n", 30)
    assert len(asked) * 4096 <= head + 2 * 4096


def test_more_than_all_together_may_be_is_refused_before_it_is_read():
    def change(head):
        part = {**head["parts"][0], "body": INLINE_BYTES_MAX}
        head["parts"] = [part] * (TOTAL_BYTES_MAX // INLINE_BYTES_MAX + 1)

    raw = changed(change)
    with pytest.raises(InvalidInput) as error:
        read(made.source(raw))
    assert "more than" in error.value.message


def test_a_head_that_never_ends_is_left():
    endless = b"comity-consignment/1\n" + b"{" * 64
    taken = 0

    def read_on(size):
        nonlocal taken
        taken += size
        return endless if taken == size else b"x" * size

    tracemalloc.start()
    with pytest.raises(InvalidInput):
        read(read_on)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 2 * HEAD_BYTES_MAX
    assert peak < 8 * HEAD_BYTES_MAX


@pytest.mark.parametrize(
    "raw",
    [b"", b"\n", b"comity-consignment/2\n{}\n", b"GET / HTTP/1.1\r\n\r\n", b"x" * 5000],
    ids=["nothing", "a line", "newer", "another protocol", "no line"],
)
def test_what_is_no_consignment_is_refused(raw):
    with pytest.raises(InvalidInput):
        read(made.source(raw))


# -- parts ---------------------------------------------------------------------------------


def test_flash_travels_alone():
    alone = made.consigned(precedence=Precedence.FLASH)
    assert opened(alone)
    with pytest.raises(InvalidInput) as error:
        opened(made.consigned(CONTENTS, precedence=Precedence.FLASH))
    assert "alone" in error.value.message


@pytest.mark.parametrize("more", [{"sender": "c"}, {"recipient": "c"}], ids=str)
def test_each_part_is_from_the_sender_to_the_recipient(more):
    with pytest.raises(InvalidInput):
        opened(replace(made.consigned(), **more))


def test_a_part_is_of_the_kind_that_the_head_says():
    sent = made.consigned()
    other = replace(sent.parts[0], kind=Kind.INSTRUMENT)
    with pytest.raises(InvalidInput):
        opened(replace(sent, parts=(other,)))


def test_a_long_body_comes_before_and_is_named_by_its_digest():
    sent = made.consigned((bytes(2 * INLINE_BYTES_MAX),))
    with pytest.raises(InvalidInput):
        write(sent)
    body = sent.parts[0].body
    upload = Upload(text.digest_of(body), len(body))
    away = replace(sent, parts=(replace(sent.parts[0], body=upload),))
    came = read(made.source(write(away)))
    assert came.parts[0].body == upload
    assert opened(came)
    wrong = replace(upload, digest=text.digest_of(b"another"))
    came = read(
        made.source(write(replace(away, parts=(replace(away.parts[0], body=wrong),))))
    )
    with pytest.raises(InvalidInput):
        opened(came)


def test_a_consignment_has_not_too_many_parts_and_may_have_none():
    sent = made.consigned()
    with pytest.raises(InvalidInput):
        write(replace(sent, parts=sent.parts * (PARTS_MAX + 1)))
    alone = replace(sent, parts=())
    assert read(made.source(write(alone))) == alone


def words():
    done = sign_group(Signed.ACKNOWLEDGEMENT, [b"done", b"and done"], "a", made.A)
    refusal = sign_group(Signed.REFUSAL, [b"no"], "a", made.A)[0]
    return (
        Verdict(Signed.ACKNOWLEDGEMENT, done[1]),
        Verdict(Signed.REFUSAL, refusal),
        Verdict(Signed.ACKNOWLEDGEMENT, done[0]),
    )


@pytest.mark.parametrize("contents", [(), CONTENTS], ids=["alone", "beside envelopes"])
def test_what_is_said_of_earlier_envelopes_goes_along(contents):
    sent = replace(made.consigned(contents or (b"x",)), words=words())
    sent = sent if contents else replace(sent, parts=())
    assert read(made.source(write(sent), 9)) == sent


# -- answers -------------------------------------------------------------------------------


def answer():
    receipts = sign_group(Signed.RECEIPT, [b"one", b"two"], "b", made.B)
    refusal = sign_group(Signed.REFUSAL, [b"no"], "b", made.B)[0]
    return Answer(
        "b",
        "a",
        made.contact("b", "a"),
        (
            Verdict(Signed.RECEIPT, receipts[0]),
            Waiting.ACTS_FIRST,
            Verdict(Signed.REFUSAL, refusal),
            Verdict(Signed.RECEIPT, receipts[1]),
        ),
    )


def test_an_answer_says_besides_what_it_was_asked_after():
    more = replace(answer(), words=words())
    assert read_answer(made.source(write_answer(more), 5)) == more


def test_an_answer_reads_back_as_itself():
    assert read_answer(made.source(write_answer(answer()), 5)) == answer()


def test_each_verdict_of_an_answer_is_signed():
    for one in read_answer(made.source(write_answer(answer()))).verdicts:
        if isinstance(one, Verdict):
            assert made.groups().verify(one.said, one.kind) == "b"


@pytest.mark.parametrize("reason", Waiting)
def test_every_word_for_waiting_is_read(reason):
    raw = write_answer(replace(answer(), verdicts=(reason,)))
    assert read_answer(made.source(raw)).verdicts == (reason,)
    with pytest.raises(InvalidInput):
        read_answer(made.source(raw.replace(str(reason).encode(), b"no such word")))


def test_neither_is_read_as_the_other():
    with pytest.raises(InvalidInput):
        read(made.source(write_answer(answer())))
    with pytest.raises(InvalidInput):
        read_answer(made.source(write(made.consigned())))
