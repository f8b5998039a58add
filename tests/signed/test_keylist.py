"""A list of keys is what enough of its officers signed, old and new, in order and in time."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import InvalidInput, NotAtHand
from comity.signed import (
    ED25519,
    MLDSA65,
    X25519,
    Key,
    Revoked,
    Use,
    algorithms,
    assemble,
    fingerprint,
    key_list_payload,
    read_history,
    read_key_list,
    read_key_lists,
    signature,
    text,
)
from comity.signed.keylist import PAYLOAD_TYPE, SKEW, unverified
from comity.signed.officers import officer_signers
from signed.keys import ed
from signed.lists import (
    FIRST,
    NODE,
    NOW,
    ORIGIN,
    T0,
    YEAR,
    key,
    log,
    next_of,
    officer,
    signed,
)

ONE = signed(FIRST)
TWO = signed(next_of(FIRST), ONE)


def forged(listed, by, **edits):
    """A list signed by these officers, whether or not they are enough."""
    people = [officer(*name) if isinstance(name, tuple) else officer(name) for name in by]
    payload = key_list_payload(listed, [person for person, _ in people])
    if edits:
        payload = text.write({**text.read(payload), **edits})
    signers = [one for _, seeds in people for one in officer_signers(seeds)]
    made = [signature(PAYLOAD_TYPE, payload, one) for one in signers]
    return assemble(PAYLOAD_TYPE, payload, made)


def refused(raw, code, previous=None, now=NOW):
    with pytest.raises(InvalidInput) as caught:
        read_key_list(raw, previous, now)
    assert caught.value.code == code
    assert caught.value.hint


def test_a_list_is_read_as_it_was_drafted():
    assert read_key_list(ONE.raw, None, NOW) == FIRST
    assert read_key_list(TWO.raw, ONE, NOW) == next_of(FIRST)


def test_unknown_keys_of_a_list_are_kept_in_its_bytes():
    raw = forged(FIRST, ["anna", "berta"], later={"a": 1})
    listed = read_key_list(raw, None, NOW)
    assert listed == FIRST
    assert text.read(listed.payload)["later"] == {"a": 1}
    assert listed.raw == raw


def test_a_key_for_something_that_is_not_known_yet_is_used_for_nothing():
    body = text.read(key_list_payload(FIRST, ()))
    later = [{**body["keys"][0], "use": "webhook"}, {**body["keys"][0], "alg": "ed448"}]
    raw = forged(FIRST, ["anna", "berta"], keys=[*body["keys"], *later])
    assert read_key_list(raw, None, NOW).keys == FIRST.keys


@pytest.mark.parametrize("count", range(4))
def test_every_proper_subset_of_the_signatures_is_refused(count):
    envelope = text.read(ONE.raw)
    assert len(envelope["signatures"]) == 4
    for some in combinations(envelope["signatures"], count):
        refused(text.write({**envelope, "signatures": list(some)}), "signature-missing")


PEOPLE = ["anna", "berta", "chris", "dora"]


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.sampled_from(PEOPLE)),
    st.integers(1, 3),
    st.sets(st.sampled_from(PEOPLE), min_size=1),
    st.data(),
)
def test_a_version_needs_enough_of_the_old_officers_and_of_the_new(by, most, new, data):
    threshold = data.draw(st.integers(1, len(new)))
    old = replace(FIRST, threshold=most)
    first = read_history([forged(old, ["anna", "berta", "chris"])])[0]
    listed = next_of(
        old, threshold=threshold, officers=tuple(officer(n)[0] for n in sorted(new))
    )
    raw = forged(listed, sorted(by))
    enough = len(by & {"anna", "berta", "chris"}) >= most and len(by & new) >= threshold
    stranger = by - new - {"anna", "berta", "chris"}
    if enough and not stranger:
        assert read_key_list(raw, first, NOW) == listed
    else:
        with pytest.raises(InvalidInput) as caught:
            read_key_list(raw, first, NOW)
        assert caught.value.code in ("threshold", "no-signers", "signer-unknown")


def test_strangers_sign_no_next_version_with_officers_of_their_own():
    mallory = tuple(officer(n)[0] for n in ("mallory", "mary"))
    listed = next_of(FIRST, officers=mallory)
    refused(forged(listed, ["mallory", "mary"]), "threshold", ONE)


def test_one_who_signs_with_one_key_of_two_is_not_passed_over():
    payload = text.read(key_list_payload(FIRST, [officer(n)[0] for n in PEOPLE[:3]]))
    payload["signers"] = payload["signers"][:5]
    raw = text.write(payload)
    signers = [s for n in PEOPLE[:3] for s in officer_signers(officer(n)[1])][:5]
    made = [signature(PAYLOAD_TYPE, raw, one) for one in signers]
    refused(assemble(PAYLOAD_TYPE, raw, made), "algorithm-missing")


def test_two_halves_of_two_officers_are_not_one_officer():
    listed = replace(FIRST, threshold=1)
    one, two = (officer(n) for n in ("anna", "berta"))
    payload = text.read(key_list_payload(listed, [one[0], two[0]]))
    payload["signers"] = [payload["signers"][0], payload["signers"][3]]
    raw = text.write(payload)
    signers = (officer_signers(one[1])[0], officer_signers(two[1])[1])
    made = [signature(PAYLOAD_TYPE, raw, s) for s in signers]
    refused(assemble(PAYLOAD_TYPE, raw, made), "algorithm-missing")


def test_a_node_key_signs_no_list():
    payload = text.read(key_list_payload(FIRST, [officer("anna")[0]]))
    node = {"alg": ED25519, "key": ed(10).public.id, "party": "jp"}
    raw = text.write({**payload, "signers": [*payload["signers"], node]})
    signers = [*officer_signers(officer("anna")[1]), ed(10)]
    made = [signature(PAYLOAD_TYPE, raw, one) for one in signers]
    refused(assemble(PAYLOAD_TYPE, raw, made), "signer-unknown")


# -- order and time ------------------------------------------------------------------------


def test_the_list_that_is_kept_is_answered_with_itself():
    assert read_key_list(ONE.raw, ONE, NOW) is ONE
    again = forged(FIRST, ["anna", "berta"])
    assert again != ONE.raw
    assert read_key_list(again, ONE, NOW) is ONE


def test_an_older_list_is_a_rollback():
    refused(ONE.raw, "keys-rollback", TWO)


def test_a_list_comes_after_those_between():
    three = signed(next_of(TWO), TWO)
    refused(three.raw, "keys-gap", ONE)
    assert read_key_list(three.raw, TWO, NOW).version == 3


def test_two_lists_of_one_version_are_proof_and_neither_is_taken():
    other = forged(replace(FIRST, addresses=()), ["anna", "berta"])
    refused(other, "keys-forked", ONE)


def test_a_strangers_list_of_the_same_version_is_no_proof_against_the_party():
    mallory = tuple(officer(n)[0] for n in ("mallory", "mary"))
    listed = replace(FIRST, officers=mallory)
    refused(forged(listed, ["mallory", "mary"]), "threshold", ONE)


def test_one_who_was_away_reads_the_expired_versions_between():
    two = signed(next_of(FIRST, before=T0 + 500), ONE)
    three = signed(next_of(two, before=T0 + 9000), two)
    at = T0 + 600
    refused(two.raw, "keys-expired", ONE, at)
    raws = [ONE.raw, two.raw, three.raw]
    assert read_key_lists(raws, ONE, at) == (two, three)
    assert read_key_lists(raws, None, at) == (ONE, two, three)
    assert read_key_lists([three.raw], three, at) == ()
    assert read_key_lists([], None, at) == ()
    assert read_key_lists(raws, two, at) == (three,)
    assert read_key_lists(raws, three, at) == ()
    for some, previous, when, code in (
        ([two.raw], ONE, at, "keys-expired"),
        (raws, ONE, T0 + 9000, "keys-expired"),
        ([], ONE, FIRST.before, "keys-expired"),
        ([three.raw], ONE, at, "keys-gap"),
        ([three.raw, two.raw], two, at, "keys-rollback"),
        (raws, None, T0 - SKEW, "keys-not-yet"),
        (raws[:2], three, at, "keys-rollback"),
    ):
        with pytest.raises(InvalidInput) as caught:
            read_key_lists(some, previous, when)
        assert caught.value.code == code


def test_a_list_is_of_the_party_that_is_meant():
    other = replace(FIRST, party="kr", version=2)
    refused(forged(other, ["anna", "berta"]), "other-party", ONE)


def test_a_version_is_not_issued_before_the_one_before():
    raw = forged(next_of(FIRST, issued=T0 - 1), ["anna", "berta"])
    refused(raw, "keys-back-dated", ONE)


def test_a_list_ends_to_the_second():
    assert read_key_list(ONE.raw, None, FIRST.before - 1)
    refused(ONE.raw, "keys-expired", now=FIRST.before)
    refused(ONE.raw, "keys-expired", ONE, now=FIRST.before)


def test_a_list_of_tomorrow_waits_and_five_minutes_between_clocks_are_nothing():
    assert read_key_list(ONE.raw, None, T0 - SKEW)
    refused(ONE.raw, "keys-not-yet", now=T0 - SKEW - 1)


def test_what_was_kept_is_read_again_after_it_has_expired():
    assert read_history([ONE.raw, TWO.raw]) == (ONE, TWO)
    with pytest.raises(InvalidInput):
        read_history([TWO.raw, ONE.raw])


# -- the fingerprint -----------------------------------------------------------------------


def test_a_fingerprint_is_eight_groups_of_five_digits():
    groups = fingerprint(ONE.raw).split(" ")
    assert len(groups) == 8
    assert all(len(g) == 5 and g.isdigit() for g in groups)
    assert fingerprint(ONE.raw) == FIRST.fingerprint == ONE.fingerprint


def test_a_fingerprint_stays_while_the_officers_do():
    assert TWO.fingerprint == ONE.fingerprint
    again = replace(FIRST, officers=FIRST.officers[::-1], keys=(), logs=(), addresses=())
    assert again.fingerprint == ONE.fingerprint
    renamed = replace(FIRST.officers[0], name="anna b.")
    assert replace(FIRST, officers=(renamed, *FIRST.officers[1:])).fingerprint == (
        ONE.fingerprint
    )


@pytest.mark.parametrize(
    "change",
    [
        {"party": "kr"},
        {"threshold": 1},
        {"officers": FIRST.officers[:2]},
        {"officers": (officer("dora")[0], *FIRST.officers[1:])},
        {"officers": (*FIRST.officers, officer("dora")[0])},
        {
            "officers": (
                replace(FIRST.officers[0], mldsa65=officer("dora")[0].mldsa65),
                *FIRST.officers[1:],
            )
        },
    ],
)
def test_another_root_has_another_fingerprint(change):
    assert replace(FIRST, **change).fingerprint != ONE.fingerprint


def test_a_list_that_its_officers_did_not_sign_has_no_fingerprint():
    with pytest.raises(InvalidInput):
        fingerprint(forged(FIRST, ["anna"]))


# -- what is wrong in itself ---------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"version": 0},
        {"before": T0},
        {"threshold": 0},
        {"threshold": 4},
        {"officers": ()},
        {"officers": (FIRST.officers[0],) * 2},
        {"officers": (FIRST.officers[0], replace(FIRST.officers[0], name="x"))},
        {"officers": (FIRST.officers[0], replace(FIRST.officers[1], name="anna"))},
        {"officers": tuple(officer(f"o{n}")[0] for n in range(17))},
        {"officers": (replace(FIRST.officers[0], name=" anna"), *FIRST.officers[1:])},
        {"officers": (replace(FIRST.officers[0], name="anna\u202e"), *FIRST.officers[1:])},
        {"keys": (*NODE, NODE[0])},
        {"keys": (*NODE, replace(NODE[0], use=Use.COSIGN))},
        {"keys": (replace(NODE[0], before=T0),)},
        {
            "keys": (
                *NODE,
                Key(
                    use=Use.ENVELOPE,
                    public=FIRST.officers[0].ed25519,
                    since=T0,
                    before=T0 + 1,
                ),
            )
        },
        {"keys": tuple(key(Use.ENVELOPE, ED25519, n) for n in range(100, 357)), "logs": ()},
        {"keys": NODE[:3]},
        {"logs": (log(), log(accord="tisa"))},
        {"logs": (log(), log(origin="comity.log/" + "0b" * 16))},
        {"logs": (replace(log(), origin="comity.log/XY"),)},
        {"logs": (replace(log(), vkey=log().vkey.replace("AQ", "Ag", 1)),)},
        {"logs": (replace(log(), origin=ORIGIN + "/simulated"),)},
        {"party": "j p"},
        {"party": ""},
        {"party": "jp\u200b"},
    ],
)
def test_a_list_that_does_not_fit_together_is_refused(change):
    refused(forged(replace(FIRST, **change), ["anna", "berta"]), "bad-key-list")


@pytest.mark.parametrize(
    "address",
    [
        "http://jp.example",
        "https://",
        "https://jp.example/",
        "https://jp.example/path",
        "https://jp.example?x",
        "https://user@jp.example",
        "https://jp.example:0",
        "https://JP.example",
        "https://jp_1.example",
        "https://日本.example",
        "https://jp.example:8443\n",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_is_a_host_and_a_port_and_nothing_more(address):
    refused(forged(replace(FIRST, addresses=(address,)), ["anna", "berta"]), "bad-key-list")


@pytest.mark.parametrize(
    "address", ["https://jp.example", "https://127.0.0.1:8443", "https://[::1]:443"]
)
def test_addresses_that_are_ones(address):
    listed = replace(FIRST, addresses=(address,))
    assert signed(listed).addresses == (address,)


BODY = text.read(key_list_payload(FIRST, ()))


@pytest.mark.parametrize(
    ("edits", "code"),
    [
        ({"format": "comity-keys/2"}, "newer-format"),
        ({"format": 1}, "bad-field"),
        ({"version": "1"}, "bad-field"),
        ({"version": True}, "bad-field"),
        ({"issued": "2019-01-01"}, "bad-time"),
        ({"before": None}, "bad-time"),
        ({"officers": ["anna"]}, "bad-key-list"),
        ({"officers": "anna"}, "bad-field"),
        ({"officers": [{**BODY["officers"][0], ED25519: "AA=="}]}, "bad-key"),
        ({"officers": [{**BODY["officers"][0], MLDSA65: 1}]}, "bad-base64"),
        ({"keys": [1]}, "bad-key-list"),
        ({"keys": [{}]}, "bad-field"),
        ({"keys": [{**BODY["keys"][0], "revoked": 1}]}, "bad-key-list"),
        ({"keys": [{**BODY["keys"][0], "revoked": {}}]}, "bad-time"),
        ({"keys": [{**BODY["keys"][0], "public": "AA=="}]}, "bad-key"),
        ({"addresses": [1]}, "bad-key-list"),
        ({"addresses": ["https://a"] * 17}, "bad-key-list"),
        ({"logs": [{}]}, "bad-field"),
        ({"logs": [{**BODY["logs"][0], "vkey": "x"}]}, "bad-key-list"),
        ({"logs": [{**BODY["logs"][0], "vkey": f"{ORIGIN}+01234567+_"}]}, "bad-base64"),
    ],
    ids=str,
)
def test_a_value_of_another_kind_is_refused(edits, code):
    refused(forged(FIRST, ["anna", "berta"], **edits), code)


@pytest.mark.parametrize(
    "name", ["party", "version", "keys", "officers", "threshold", "logs"]
)
def test_a_list_without_one_of_its_parts_is_refused(name):
    body = {k: v for k, v in BODY.items() if k != name}
    with pytest.raises(InvalidInput):
        unverified(text.write(body))


def test_a_certificate_is_that_of_its_pin():
    spki = {**BODY["keys"][0], "use": "tls", "alg": "spki-sha256"}
    for certificate in (None, "", "AAAA", text.base64_of(b"no certificate")):
        keys = [*BODY["keys"], {**spki, "certificate": certificate}]
        with pytest.raises(InvalidInput) as caught:
            unverified(text.write({**BODY, "keys": keys}))
        assert caught.value.code in ("bad-certificate", "bad-base64")


def test_a_key_is_listed_with_its_own_algorithm_for_its_use():
    for use, alg in ((Use.ENVELOPE, MLDSA65), (Use.SEAL, ED25519), (Use.TLS, X25519)):
        listed = replace(FIRST, keys=(*NODE, key(use, alg, 77)))
        assert signed(listed).keys == NODE


def test_without_ml_dsa_no_list_is_read(monkeypatch):
    monkeypatch.setattr(algorithms, "probe", lambda alg: alg != MLDSA65)
    with pytest.raises(NotAtHand):
        read_key_list(ONE.raw, None, NOW)


def test_a_revoked_key_is_read_with_its_time_and_reason():
    revoked = Revoked(at=T0 + YEAR, why="stolen")
    keys = (replace(NODE[0], revoked=revoked), *NODE[1:])
    assert signed(replace(FIRST, keys=keys)).keys[0].revoked == revoked
