"""An instrument is its performers' own only if each of them signed it, and is shown by the table."""

from __future__ import annotations

import json
from itertools import combinations

import pytest

import make
from comity.accords import Op, Operation
from comity.errors import InvalidInput, Unreadable
from comity.signed import ED25519, MLDSA65, signer, text
from comity.wire.content import commitment
from comity.wire.envelope import Going, seal_instrument
from comity.wire.header import Kind, read_header
from comity.wire.instrument import accord_of, read_instrument, write_instrument
from comity.wire.reveals import REVEALS, Seen, may_see, require_may_see
from comity.wire.seal import item_key, open_bytes
from wire import made

ACCORD = made.world().accords[0]
NOTICE = """[[instrument]]
id = "note-7"
title = "Note: 終了"
by = ["a"]
form = "written"
channel = "diplomatic"
dated = "2020-05-01"
operations = [{ do = "give_notice", notice = "n1" }]
source = "the registry of A"
"""
RECORD = {
    p: [signer(ED25519, made.seed(n)), signer(MLDSA65, made.seed(n))]
    for p, n in (("a", 21), ("b", 22), ("c", 23))
}
KEYS = {(p, s.public.id): s.public for p, own in RECORD.items() for s in own}


def keys(party, key):
    return KEYS.get((party, key))


def record(table=NOTICE, by=("a",)):
    return write_instrument(ACCORD, table, {p: RECORD[p] for p in by})


def test_an_instrument_reads_back_from_its_record():
    raw = record()
    found = read_instrument(raw, ACCORD, keys)
    assert found.instrument.id == "note-7"
    assert found.instrument.operations == (Operation(do=Op.GIVE_NOTICE, notice="n1"),)
    assert found.performed
    assert accord_of(raw) == "t"


def test_a_record_that_a_performer_did_not_sign_is_not_its_instrument():
    joint = NOTICE.replace('by = ["a"]', 'by = ["a", "b"]')
    assert read_instrument(record(joint, ("a", "b")), ACCORD, keys).performed
    assert not read_instrument(record(joint, ("a",)), ACCORD, keys).performed
    assert not read_instrument(record(by=("b",)), ACCORD, keys).performed


@pytest.mark.parametrize("kept", [k for n in range(4) for k in combinations(range(4), n)])
def test_every_signature_that_is_named_is_needed(kept):
    envelope = text.read(record(by=("a", "b")))
    envelope["signatures"] = [envelope["signatures"][n] for n in kept]
    with pytest.raises(InvalidInput):
        read_instrument(text.write(envelope), ACCORD, keys)


def test_one_algorithm_alone_signs_no_record():
    for one in RECORD["a"]:
        with pytest.raises(InvalidInput) as error:
            write_instrument(ACCORD, NOTICE, {"a": [one]})
        assert error.value.code == "algorithm-missing"


def resigned(**keys_):
    from comity.signed import sign  # noqa: PLC0415
    from comity.wire.instrument import PAYLOAD_TYPE  # noqa: PLC0415

    payload = json.loads(text.read_base64(text.read(record())["payload"]))
    payload.update(keys_)
    return sign(PAYLOAD_TYPE, text.write(payload), RECORD["a"])


@pytest.mark.parametrize(
    "more",
    [
        {"accord": "u"},
        {"id": "note-8"},
        {"by": ["b"]},
        {"by": []},
        {"format": "comity-instrument/2"},
        {"text": ""},
        {"text": NOTICE + NOTICE.replace("note-7", "note-8")},
        {"text": NOTICE.replace("[[instrument]]", "[instrument]")},
        {"text": NOTICE.replace("give_notice", "give_flowers")},
        {"text": NOTICE + 'accord = "u"\n'},
        {"text": NOTICE.replace('dated = "2020-05-01"\n', "")},
        {"text": NOTICE + "\tx = 1\n"},
        {"text": 7},
    ],
    ids=[
        "accord",
        "id",
        "by",
        "by nobody",
        "format",
        "no text",
        "two",
        "not a list",
        "no such act",
        "of another accord",
        "no time",
        "a tab",
        "a number",
    ],
)
def test_what_the_text_does_not_bear_out_is_refused(more):
    with pytest.raises(InvalidInput):
        read_instrument(resigned(**more), ACCORD, keys)


def test_a_text_that_is_no_instrument_is_not_signed_and_every_finding_is_told():
    wrong = NOTICE.replace("give_notice", "give_flowers").replace("form", "frm")
    with pytest.raises(Unreadable) as error:
        record(wrong)
    assert {finding.code for finding in error.value.findings} >= {"unknown-key"}
    assert len(error.value.findings) == 2


# -- sealed without a permit ---------------------------------------------------------------


def sealed(**more):
    values = {
        "salt": made.SALT,
        "batch": made.batch(),
        "under": made.under(),
        "going": Going(at=made.NOW),
    }
    recorded = more.pop("recorded", None) or read_instrument(record(), ACCORD, keys)
    return seal_instrument(recorded, **{**values, **more})


def test_an_instrument_leaves_also_once_nothing_may_go():
    ended = make.world(
        made.world().accords,
        [make.signed(), make.act("end", ("a", "b"), "2020-02-01", Op.TERMINATE)],
    )
    done = sealed(under=made.under(ended))
    header = read_header(done.written.raw)
    assert header.header.kind is Kind.INSTRUMENT
    assert header.header.content == commitment(made.SALT, [record_of(done)])
    assert b'"item"' not in done.written.raw
    assert b"good_before" not in done.written.raw


def record_of(done):
    key = item_key(made.BATCH_KEY, done.written.digest)
    return open_bytes(done.body, done.written, key)[0]


def test_what_opens_is_the_record_as_it_was_signed():
    raw = record()
    done = sealed(recorded=read_instrument(raw, ACCORD, keys))
    assert record_of(done) == raw


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"batch": made.batch(accord="u")}, "envelope-mismatch"),
        ({"batch": made.batch(recipient="c")}, "envelope-mismatch"),
        ({"batch": made.batch("classic-1")}, "envelope-mismatch"),
        (
            {"batch": made.batch(recipient="c"), "under": made.under(pair=("a", "c"))},
            "not-to-see",
        ),
    ],
)
def test_it_goes_to_nobody_else(more, code):
    with pytest.raises(InvalidInput) as error:
        sealed(**more)
    assert error.value.code == code


# -- who may see what ----------------------------------------------------------------------


def test_every_operation_is_in_the_table():
    assert set(REVEALS) == set(Op)


MANY = make.accord(
    make.SIGNED + make.RELEASE,
    name="m",
    parties=("a", "b", "c"),
    front='profile = "hybrid-1"\n',
)
ITEM = make.item(originators=("c",), level="c:LOW")
LARGE = make.world([MANY], items={"x": ITEM})


def done(op, **more):
    return make.act("i", "a", "2020-01-01", Operation(do=op, **more), of="m")


@pytest.mark.parametrize("op", [op for op in Op if REVEALS[op] is Seen.PARTIES])
def test_what_is_about_the_accord_every_party_sees_and_nobody_else(op):
    assert may_see(done(op), "b", LARGE)
    assert may_see(done(op), "c", LARGE)
    assert not may_see(done(op), "d", LARGE)


@pytest.mark.parametrize("op", [op for op in Op if REVEALS[op] is Seen.CONCERNED])
def test_what_is_about_items_only_those_see_whom_it_concerns(op):
    assert not may_see(done(op), "b", LARGE)
    assert may_see(done(op, to="b"), "b", LARGE)
    assert may_see(done(op, holder="b"), "b", LARGE)
    assert may_see(done(op, of="d"), "d", LARGE)
    assert not may_see(done(op, to="b"), "c", LARGE)
    assert may_see(done(op, to="b", item="x"), "c", LARGE)
    assert not may_see(done(op, item="unknown"), "c", LARGE)


@pytest.mark.parametrize("key", ["answers", "consent", "instrument"])
def test_an_answer_is_seen_by_those_whom_the_question_concerned(key):
    asked = make.act(
        "ask", "b", "2019-12-01", Operation(do=Op.REQUEST_CONSENT, of="a", to="d"), of="m"
    )
    world = make.world([MANY], [asked])
    assert may_see(done(Op.REFUSE_CONSENT, **{key: "ask"}), "b", world)
    assert may_see(done(Op.REFUSE_CONSENT, **{key: "ask"}), "d", world)
    assert not may_see(done(Op.REFUSE_CONSENT, **{key: "ask"}), "c", world)
    assert not may_see(done(Op.REFUSE_CONSENT, **{key: "no such"}), "b", world)


def test_each_operation_of_an_instrument_has_to_allow_it():
    both = make.act(
        "i", "a", "2020-01-01", Op.PROTEST, Operation(do=Op.REPORT_LOSS, item="x"), of="m"
    )
    assert may_see(both, "c", LARGE)
    assert not may_see(both, "b", LARGE)


def test_an_instrument_without_an_operation_is_seen_by_nobody():
    assert not may_see(make.act("i", "a", "2020-01-01", of="m"), "b", LARGE)


def test_between_two_each_sees_what_the_other_does_about_items():
    loss = make.act("i", "a", "2020-01-01", Operation(do=Op.REPORT_LOSS, item="x"))
    assert may_see(loss, "b", made.world())
    assert not may_see(loss, "c", made.world())


def test_of_a_classified_accord_nobody_outside_sees_anything():
    hidden = make.accord(
        make.SIGNED + make.RELEASE, name="m", front='existence = "classified"\n'
    )
    world = make.world([hidden])
    named = done(Op.CONSENT, to="c", holder="b")
    assert may_see(named, "b", world)
    assert not may_see(named, "c", world)
    assert may_see(named, "c", make.world([make.accord(name="m")]))
    with pytest.raises(InvalidInput):
        require_may_see(named, "c", world)
