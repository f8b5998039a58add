"""Strict JSON has one form for a value, and refuses every other."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.signed import text

STRINGS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
LEAVES = st.none() | st.booleans() | st.integers(-text.INT_MAX, text.INT_MAX) | STRINGS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(STRINGS, inner), max_leaves=20
)
OBJECTS = st.dictionaries(STRINGS, VALUES)


def code_of(call, *args, **named):
    with pytest.raises(InvalidInput) as caught:
        call(*args, **named)
    assert caught.value.hint
    return caught.value.code


@given(OBJECTS)
def test_what_is_written_is_read_as_the_same_value(value):
    assert text.read(text.write(value)) == value


@given(OBJECTS)
def test_what_is_read_would_be_written_with_the_same_bytes(value):
    spaced = json.dumps(value).encode()
    try:
        read = text.read(spaced)
    except InvalidInput:
        return
    assert text.write(read) == spaced


@given(st.binary(max_size=40))
def test_any_bytes_are_read_as_they_would_be_written_or_refused(raw):
    with suppress(InvalidInput):
        assert text.write(text.read(raw)) == raw


def nested(levels):
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b"{}x", "not-json"),
        (b"{}{}", "not-json"),
        (b'{"a":tru}', "not-json"),
        (b"{'a':1}", "not-json"),
        (b'{"a":"\x01"}', "not-json"),
        (b"[]", "json-no-object"),
        (b"1", "json-no-object"),
        (b"null", "json-no-object"),
        (b"\xef\xbb\xbf{}", "json-bom"),
        (b"\xff\xfe{\0}\0", "json-not-utf-8"),
        (b'{"a":"\xff"}', "json-not-utf-8"),
        (b'{"a":"\xed\xa0\x80"}', "json-not-utf-8"),
        (b'{"a":"\xc0\xaf"}', "json-not-utf-8"),
        (b'{"a":"\\ud800"}', "json-surrogate"),
        (b'{"\\udfff":1}', "json-surrogate"),
        (b'{"a":1,"a":1}', "json-key-twice"),
        (b'{"a":1,"\\u0061":2}', "json-key-twice"),
        (b'{"b":{"a":1,"a":2}}', "json-key-twice"),
        (b'{"a":1.0}', "json-number"),
        (b'{"a":1e2}', "json-number"),
        (b'{"a":-0.0}', "json-number"),
        (b'{"a":NaN}', "json-number"),
        (b'{"a":Infinity}', "json-number"),
        (b'{"a":-Infinity}', "json-number"),
        (b'{"a":9007199254740992}', "json-number"),
        (b'{"a":-9007199254740992}', "json-number"),
        (b'{"a":%s}' % (b"9" * 5000), "json-number"),
        (b'{"a":-0}', "json-form"),
        (b'{"a": 1}', "json-form"),
        (b"{} ", "json-form"),
        (b"{}\n", "json-form"),
        (b'{"b":1,"a":2}', "json-form"),
        (b'{"a":"\\u00e9"}', "json-form"),
        (b'{"a":"\\/"}', "json-form"),
        (b'{"a":"\\u000A"}', "json-form"),
        (b'{"a":"\\u0000"}', "json-nul"),
        (b'{"\\u0000":1}', "json-nul"),
        (b'{"a":"\\\\\\u0000"}', "json-nul"),
        (nested(33), "json-too-deep"),
        (b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", "json-too-deep"),
        (b"[" * 200_000, "json-too-deep"),
        (nested(100_000), "json-too-deep"),
    ],
)
def test_what_readers_disagree_on_is_refused(raw, code):
    assert code_of(text.read, raw) == code


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"a":"\\\\u0000"}',
        b'{"a":9007199254740991,"b":-9007199254740991}',
        '{"a":"日本국 😀"}'.encode(),
        nested(32),
        b'{"a":[%s]}' % b",".join([b"{}"] * 200),
        b'{"a":"%s"}' % (b"[" * 200),
    ],
)
def test_what_they_agree_on_is_read(raw):
    assert text.write(text.read(raw)) == raw


def test_more_than_the_limit_is_not_even_looked_at():
    assert code_of(text.read, b"x" * (text.LIMIT + 1)) == "json-too-large"
    assert code_of(text.read, b'{"a":1}', limit=6) == "json-too-large"
    assert text.read(b'{"a":1}', limit=7) == {"a": 1}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"a": 1.0}, "json-number"),
        ({"a": float("nan")}, "json-number"),
        ({"a": b"x"}, "json-number"),
        ({"a": [1, [1.0]]}, "json-number"),
        ({"a": 1 << 53}, "json-number"),
        ({"a": {1: 2}}, "json-key"),
        ({"a": "\0"}, "json-nul"),
        ({"\0": 1}, "json-nul"),
        ({"a": "\ud800"}, "json-surrogate"),
    ],
)
def test_nothing_is_written_that_would_not_be_read(value, code):
    assert code_of(text.write, value) == code


def test_nothing_too_deep_is_written():
    value = {}
    for _ in range(31):
        value = {"a": value}
    assert text.read(text.write(value)) == value
    assert code_of(text.write, {"a": value}) == "json-too-deep"
    listed = "x"
    for _ in range(31):
        listed = [listed]
    assert text.read(text.write({"a": listed})) == {"a": listed}
    assert code_of(text.write, {"a": [listed]}) == "json-too-deep"


@given(st.binary())
def test_base64_has_one_form(raw):
    assert text.read_base64(text.base64_of(raw)) == raw


@pytest.mark.parametrize(
    "said",
    ["QQ", "QQ=", "QR==", "Q Q==", "QQ==\n", "_-8=", "QQ===", "é", None, 7, "====", "Q"],
)
def test_another_form_of_base64_is_refused(said):
    assert code_of(text.read_base64, said) == "bad-base64"


@given(st.binary(min_size=32, max_size=32))
def test_a_digest_has_one_form(raw):
    assert text.read_digest(text.digest_text(raw)) == raw


def test_the_digest_of_nothing_is_the_one_that_everybody_knows():
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert text.digest_of(b"") == f"sha256:{empty}"


@pytest.mark.parametrize(
    "said", ["", "sha256:", "sha256:" + "A" * 64, "a" * 64, "sha256:" + "a" * 63, None]
)
def test_another_form_of_a_digest_is_refused(said):
    assert code_of(text.read_digest, said) == "no-digest"


@given(st.integers(-11_676_096_000, 13_569_465_599))
def test_a_time_has_one_form(seconds):
    assert text.read_time(text.time_text(seconds)) == seconds


def test_a_time_is_the_instant_that_one_thinks():
    assert text.time_text(1_574_413_200) == "2019-11-22T09:00:00Z"


@pytest.mark.parametrize(
    "said",
    [
        "2019-11-22T09:00:00",
        "2019-11-22T09:00:00z",
        "2019-11-22T09:00:00+00:00",
        "2019-11-22 09:00:00Z",
        "2019-11-22T09:00Z",
        "2019-11-22T09:00:00.5Z",
        "2019-02-30T09:00:00Z",
        "2019-11-22T24:00:00Z",
        "2019-11-22T23:59:60Z",
        "1599-12-31T23:59:59Z",
        "2400-01-01T00:00:00Z",
        "٢٠١٩-11-22T09:00:00Z",
        1574413200,
        None,
    ],
)
def test_another_form_of_a_time_is_refused(said):
    assert code_of(text.read_time, said) == "bad-time"


def test_a_field_is_of_its_kind_and_a_boolean_is_no_number():
    body = {"a": 1, "b": True, "c": None}
    assert text.field(body, "a", int, "it") == 1
    for key in ("b", "c", "d"):
        assert code_of(text.field, body, key, int, "it") == "bad-field"
