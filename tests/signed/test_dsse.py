"""A signed record opens only if everyone whom it names has signed these very bytes."""

from __future__ import annotations

import base64
import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput, NotAtHand
from comity.signed import (
    ED25519,
    MLDSA65,
    Named,
    algorithms,
    assemble,
    open_signed,
    sign,
    signature,
    signers_table,
    text,
)
from comity.signed.dsse import SIGNATURES_MAX, pre_auth_encoding
from signed.keys import BOTH, ed, ml

TYPE = "application/vnd.comity.test+json"
PARTIES = {"jp": [ed(1), ml(1)], "kr": [ed(2), ml(2)], "us": [ed(3), ml(3)]}


def ring(party, key_id):
    return next((s.public for s in PARTIES.get(party, ()) if s.public.id == key_id), None)


def payload_of(*parties, **more):
    named = [Named(party=p, key=s.public) for p in parties for s in PARTIES[p]]
    return text.write({"signers": signers_table(named), "word": "x", **more})


def signers_of(*parties):
    return [s for p in parties for s in PARTIES[p]]


RECORD = sign(TYPE, payload_of("jp", "kr"), signers_of("jp", "kr"))


def refused(raw, code, keys=ring, needed=BOTH, kind=TYPE):
    with pytest.raises(InvalidInput) as caught:
        open_signed(raw, kind, keys, needed)
    assert caught.value.code == code
    assert caught.value.hint


def edited(raw, **changes):
    return text.write({**text.read(raw), **changes})


def test_the_pre_auth_encoding_is_the_one_of_the_protocol():
    said = pre_auth_encoding("http://example.com/HelloWorld", b"hello world")
    assert said == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_a_record_opens_to_the_bytes_that_were_signed():
    opened = open_signed(RECORD, TYPE, ring, BOTH)
    assert opened.payload == payload_of("jp", "kr")
    assert opened.body["word"] == "x"
    assert opened.parties == ("jp", "kr")
    assert [n.key for n in opened.signers] == [s.public for s in signers_of("jp", "kr")]


def test_unknown_keys_of_a_payload_are_kept():
    raw = sign(TYPE, payload_of("jp", later={"a": [1]}), signers_of("jp"))
    assert open_signed(raw, TYPE, ring, BOTH).body["later"] == {"a": [1]}


@pytest.mark.parametrize("count", range(4))
def test_every_proper_subset_of_the_signatures_is_refused(count):
    listed = text.read(RECORD)["signatures"]
    assert len(listed) == 4
    for some in combinations(listed, count):
        refused(edited(RECORD, signatures=list(some)), "signature-missing")


@given(
    st.lists(st.sampled_from(sorted(PARTIES)), min_size=1, max_size=3, unique=True),
    st.data(),
)
def test_whoever_signs_no_signature_of_theirs_may_be_missing(parties, data):
    raw = sign(TYPE, payload_of(*parties), signers_of(*parties))
    listed = text.read(raw)["signatures"]
    some = data.draw(st.lists(st.sampled_from(listed), unique_by=lambda one: one["keyid"]))
    if len(some) == len(listed):
        assert open_signed(edited(raw, signatures=some), TYPE, ring, BOTH)
    else:
        refused(edited(raw, signatures=some), "signature-missing")


def test_a_payload_that_names_but_one_algorithm_is_refused_where_two_are_needed():
    named = [Named(party="jp", key=ed(1).public)]
    raw = sign(TYPE, text.write({"signers": signers_table(named)}), [ed(1)])
    assert open_signed(raw, TYPE, ring, {ED25519})
    refused(raw, "algorithm-missing")


def test_each_party_needs_every_algorithm_and_not_all_of_them_together():
    named = [Named(party="jp", key=ed(1).public), Named(party="kr", key=ml(2).public)]
    raw = sign(TYPE, text.write({"signers": signers_table(named)}), [ed(1), ml(2)])
    refused(raw, "algorithm-missing")


def test_needing_no_algorithm_is_a_defect_of_the_caller():
    with pytest.raises(ValueError, match="nothing would be verified"):
        open_signed(RECORD, TYPE, ring, ())


def test_a_signature_by_a_key_that_is_not_named_changes_nothing():
    payload = payload_of("jp")
    made = [signature(TYPE, payload, s) for s in signers_of("jp")]
    stranger = {"keyid": ed(9).public.id, "sig": text.base64_of(b"no signature at all")}
    opened = open_signed(assemble(TYPE, payload, [stranger, *made]), TYPE, ring, BOTH)
    assert opened.parties == ("jp",)
    third = signature(TYPE, payload, ed(2))
    opened = open_signed(assemble(TYPE, payload, [*made, third]), TYPE, ring, BOTH)
    assert opened.parties == ("jp",)


def test_as_many_signatures_as_may_be_are_read_and_one_more_is_not():
    payload = payload_of("jp")
    made = [signature(TYPE, payload, s) for s in signers_of("jp")]
    others = [{"keyid": str(n), "sig": ""} for n in range(SIGNATURES_MAX - 2)]
    assert open_signed(assemble(TYPE, payload, [*made, *others]), TYPE, ring, BOTH)
    others.append({"keyid": "one more", "sig": ""})
    refused(assemble(TYPE, payload, [*made, *others]), "bad-dsse")


def test_a_wrong_signature_of_one_that_is_named_is_refused():
    payload = payload_of("jp")
    one, two = (signature(TYPE, payload, s) for s in signers_of("jp"))
    for bad in (
        [one, {**two, "sig": one["sig"]}],
        [{**one, "sig": two["sig"]}, two],
        [{**one, "sig": ""}, two],
        [signature("text/plain", payload, ed(1)), two],
        [signature(TYPE, payload + b" ", ed(1)), two],
        [{**one, "sig": signature(TYPE, payload, ed(2))["sig"]}, two],
    ):
        refused(assemble(TYPE, payload, bad), "wrong-signature")


def test_no_byte_of_the_payload_or_of_a_signature_may_change():
    envelope = text.read(RECORD)
    payload = bytearray(text.read_base64(envelope["payload"]))
    for place in range(len(payload)):
        bad = bytes(payload[:place]) + bytes([payload[place] ^ 1]) + payload[place + 1 :]
        with pytest.raises(InvalidInput):
            open_signed(edited(RECORD, payload=text.base64_of(bad)), TYPE, ring, BOTH)
    for n, one in enumerate(envelope["signatures"]):
        made = bytearray(text.read_base64(one["sig"]))
        for place in range(0, len(made), 1 + len(made) // 40):
            bad = bytearray(made)
            bad[place] ^= 0x80
            listed = list(envelope["signatures"])
            listed[n] = {**one, "sig": text.base64_of(bytes(bad))}
            refused(edited(RECORD, signatures=listed), "wrong-signature")


def test_a_key_of_another_party_is_not_known():
    claimed = [Named(party="us", key=s.public) for s in PARTIES["jp"]]
    raw = sign(TYPE, text.write({"signers": signers_table(claimed)}), signers_of("jp"))
    refused(raw, "signer-unknown")


def test_a_stranger_is_not_known():
    both = [ed(8), ml(8)]
    named = [Named(party="jp", key=s.public) for s in both]
    refused(
        sign(TYPE, text.write({"signers": signers_table(named)}), both), "signer-unknown"
    )


def test_a_ring_that_answers_with_another_key_is_not_believed():
    refused(RECORD, "signer-unknown", keys=lambda *_: ed(9).public)
    refused(RECORD, "signer-unknown", keys=lambda *_: None)


def test_the_algorithm_that_is_named_is_that_of_the_key():
    table = [{**Named(party="jp", key=ed(1).public).table(), "alg": MLDSA65}]
    table += [{**Named(party="jp", key=ml(1).public).table(), "alg": ED25519}]
    payload = text.write({"signers": table})
    made = [signature(TYPE, payload, s) for s in signers_of("jp")]
    refused(assemble(TYPE, payload, made), "signer-unknown")


def test_a_record_of_another_type_is_refused_though_its_signatures_are_good():
    refused(RECORD, "other-type", kind="application/vnd.comity.other+json")
    refused(edited(RECORD, payloadType="text/plain"), "wrong-signature", kind="text/plain")


@pytest.mark.parametrize(
    "signers",
    [
        None,
        [],
        "jp",
        {},
        [{"alg": ED25519, "key": ed(1).public.id, "party": "jp"}] * (SIGNATURES_MAX + 1),
    ],
)
def test_a_payload_without_signers_is_refused(signers):
    body = {} if signers is None else {"signers": signers}
    refused(assemble(TYPE, text.write(body), []), "no-signers")


@pytest.mark.parametrize(
    "signers",
    [
        ["jp"],
        [{"alg": ED25519, "key": ed(1).public.id}],
        [{"alg": ED25519, "key": 1, "party": "jp"}],
        [{"alg": ED25519, "key": ed(1).public.id, "party": "jp", "more": "x"}],
        [Named(party="jp", key=ed(1).public).table()] * 2,
        [Named(party=p, key=ed(1).public).table() for p in ("jp", "kr")],
    ],
)
def test_signers_that_are_written_otherwise_or_twice_are_refused(signers):
    refused(assemble(TYPE, text.write({"signers": signers}), []), "bad-signers")


@pytest.mark.parametrize(
    "change",
    [
        {"more": 1},
        {"signatures": None},
        {"signatures": ["x"]},
        {"signatures": [{"keyid": "x"}]},
        {"signatures": [{"keyid": 1, "sig": ""}]},
        {"signatures": [{"keyid": "x", "sig": "", "cert": ""}]},
        {"signatures": [{"keyid": "x", "sig": ""}] * 2},
        {"signatures": [{"keyid": str(n), "sig": ""} for n in range(SIGNATURES_MAX + 1)]},
    ],
)
def test_an_envelope_that_is_written_otherwise_is_refused(change):
    refused(edited(RECORD, **change), "bad-dsse")


def test_an_envelope_in_another_form_is_refused():
    value = text.read(RECORD)
    refused(json.dumps(value).encode(), "json-form")
    refused(RECORD + b"\n", "json-form")
    url_safe = base64.urlsafe_b64encode(text.read_base64(value["payload"])).decode()
    if url_safe != value["payload"]:
        refused(edited(RECORD, payload=url_safe), "bad-base64")
    refused(edited(RECORD, payload=value["payload"] + "===="), "bad-base64")
    refused(edited(RECORD, payload=text.base64_of(b"[]")), "json-no-object")


def test_nothing_is_signed_by_others_than_the_payload_names():
    for others in ([ed(1)], [], [ed(1), ml(2)], [*signers_of("jp"), ed(2)], [ed(1)] * 2):
        with pytest.raises(InvalidInput) as caught:
            sign(TYPE, payload_of("jp"), others)
        assert caught.value.code == "signers-differ"


def test_without_ml_dsa_the_ed25519_signature_alone_does_not_do(monkeypatch):
    monkeypatch.setattr(algorithms, "probe", lambda alg: alg != MLDSA65)
    with pytest.raises(NotAtHand):
        open_signed(RECORD, TYPE, ring, BOTH)


def test_what_is_printed_of_a_verified_record_leaves_its_payload_out():
    opened = open_signed(
        sign(TYPE, payload_of("jp", title="very private"), signers_of("jp")),
        TYPE,
        ring,
        BOTH,
    )
    assert "private" not in repr(opened)
