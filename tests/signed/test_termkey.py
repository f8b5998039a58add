"""A term key is published by its party, and so is that it is destroyed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.errors import InvalidInput
from comity.signed import (
    ED25519,
    MLDSA65,
    X25519,
    XWING,
    Destroyed,
    OfficerWord,
    PartnerTime,
    Ring,
    TermKey,
    Use,
    generate,
    read_destroyed,
    read_term_key,
    sign,
    sign_destroyed,
    sign_term_key,
    text,
)
from comity.signed.termkey import DESTROYED_TYPE, OPEN_TERM, PAYLOAD_TYPE
from signed.keys import ed, ml, pair, random_of
from signed.lists import FIRST, NOW, T0, YEAR, key, signed

RING = Ring.of([(signed(FIRST),)])
PAIR = [ed(11), ml(12)]
MADE = TermKey(
    party="jp",
    accord="gsomia",
    term="2019-11-23",
    key=generate(XWING, random_of(60))[0],
    since=T0,
    before=T0 + YEAR,
)
DONE = Destroyed(
    party="jp",
    accord="gsomia",
    term="2019-11-23",
    key_id=MADE.key.id,
    at=T0 + 500,
    grounds=PartnerTime(party="kr", time=T0 + 400),
)


def code_of(read, raw, ring=RING, at=NOW):
    with pytest.raises(InvalidInput) as caught:
        read(raw, ring, at)
    return caught.value.code


@pytest.mark.parametrize(
    "made",
    [
        MADE,
        replace(MADE, before=None, term=OPEN_TERM),
        replace(MADE, key=generate(X25519, random_of(61))[0]),
    ],
    ids=["a term", "open", "x25519"],
)
def test_a_term_key_is_read_as_it_was_published(made):
    assert read_term_key(sign_term_key(made, PAIR), RING, NOW) == made


@pytest.mark.parametrize(
    "grounds", [PartnerTime(party="kr", time=T0 + 400), OfficerWord(name="anna", time=T0)]
)
def test_that_it_is_destroyed_is_read_as_it_was_said(grounds):
    done = replace(DONE, grounds=grounds)
    assert read_destroyed(sign_destroyed(done, PAIR), RING, NOW) == done


@pytest.mark.parametrize("signers", [[ed(11)], [ml(12)], [ed(10), ml(12)], pair(90)])
def test_nothing_less_than_the_pair_for_records_will_do(signers):
    wanted = {"algorithm-missing", "signer-unknown"}
    assert code_of(read_term_key, sign_term_key(MADE, signers)) in wanted
    assert code_of(read_destroyed, sign_destroyed(DONE, signers)) in wanted


def test_only_a_party_itself_speaks_of_its_keys():
    keys = (key(Use.RECORD, ED25519, 21), key(Use.RECORD, MLDSA65, 22))
    other = signed(replace(FIRST, party="kr", keys=keys, logs=()))
    both = RING.adding(other)
    theirs = [
        {"alg": s.public.alg, "key": s.public.id, "party": "kr"} for s in (ed(21), ml(22))
    ]
    for made, kind, read in (
        (sign_term_key(MADE, PAIR), PAYLOAD_TYPE, read_term_key),
        (sign_destroyed(DONE, PAIR), DESTROYED_TYPE, read_destroyed),
    ):
        body = text.read(text.read_base64(text.read(made)["payload"]))
        raw = sign(kind, text.write({**body, "signers": theirs}), [ed(21), ml(22)])
        assert code_of(read, raw, both) == "other-party"
        many = [*body["signers"], *theirs]
        raw = sign(kind, text.write({**body, "signers": many}), [*PAIR, ed(21), ml(22)])
        assert code_of(read, raw, both) == "other-party"


def test_a_term_key_is_signed_with_keys_of_the_time_at_which_it_came():
    raw = sign_term_key(MADE, PAIR)
    assert code_of(read_term_key, raw, at=T0 - 1) == "signer-unknown"
    assert code_of(read_term_key, raw, at=FIRST.before) == "signer-unknown"


def test_one_kind_of_record_is_not_the_other():
    assert code_of(read_destroyed, sign_term_key(MADE, PAIR)) == "other-type"
    assert code_of(read_term_key, sign_destroyed(DONE, PAIR)) == "other-type"


def resigned(raw, kind, **edits):
    body = text.read(text.read_base64(text.read(raw)["payload"]))
    return sign(kind, text.write({**body, **edits}), PAIR)


@pytest.mark.parametrize(
    ("edits", "code"),
    [
        ({"format": "comity-term-key/2"}, "newer-format"),
        ({"party": 1}, "bad-field"),
        ({"accord": None}, "bad-field"),
        ({"term": 2019}, "bad-field"),
        ({"key": "x"}, "bad-field"),
        ({"key": {"alg": XWING, "public": "AA=="}}, "bad-key"),
        ({"key": {"alg": "rot13", "public": "AA=="}}, "unknown-algorithm"),
        (
            {"key": {"alg": ED25519, "public": text.base64_of(ed(1).public.raw)}},
            "unknown-algorithm",
        ),
        ({"since": "yesterday"}, "bad-time"),
        ({"before": text.time_text(T0)}, "bad-field"),
        ({"before": None}, "bad-time"),
    ],
    ids=str,
)
def test_a_term_key_that_is_written_otherwise_is_refused(edits, code):
    raw = resigned(sign_term_key(MADE, PAIR), PAYLOAD_TYPE, **edits)
    assert code_of(read_term_key, raw) == code


@pytest.mark.parametrize(
    ("edits", "code"),
    [
        ({"format": "comity-term-key/1"}, "newer-format"),
        ({"key": 1}, "bad-field"),
        ({"at": 1}, "bad-time"),
        ({"grounds": None}, "bad-field"),
        ({"grounds": {"time": text.time_text(T0)}}, "bad-field"),
        (
            {"grounds": {"partner": "kr", "officer": "x", "time": text.time_text(T0)}},
            "bad-field",
        ),
        ({"grounds": {"partner": "kr"}}, "bad-time"),
        ({"grounds": {"officer": 1, "time": text.time_text(T0)}}, "bad-field"),
    ],
    ids=str,
)
def test_that_it_is_destroyed_said_otherwise_is_refused(edits, code):
    raw = resigned(sign_destroyed(DONE, PAIR), DESTROYED_TYPE, **edits)
    assert code_of(read_destroyed, raw) == code


def test_no_term_key_is_made_that_would_not_be_read():
    for bad in (
        replace(MADE, before=T0),
        replace(MADE, key=ed(1).public),
    ):
        with pytest.raises(InvalidInput):
            sign_term_key(bad, PAIR)
