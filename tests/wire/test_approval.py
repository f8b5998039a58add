"""An approval is its very officer's, for one request, for its time."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations

import pytest

from comity.errors import InvalidInput
from comity.signed import ED25519, MLDSA65, sign, signer, text
from comity.wire.approval import PAYLOAD_TYPE, Approval, read_approval, write_approval
from wire import made

OFFICERS = {
    name: [signer(ED25519, made.seed(n)), signer(MLDSA65, made.seed(n))]
    for name, n in (("Kim", 31), ("Lee", 32))
}
KEYS = {s.public.id: (name, s.public) for name, own in OFFICERS.items() for s in own}
REQUEST = text.digest_of(b"what is asked")
APPROVAL = Approval(
    request=REQUEST, party="a", officer="Kim", at=made.NOW, before=made.NOW + 3600
)


def keys(party, key):
    return KEYS[key][1] if party == "a" and key in KEYS else None


def officer_of(party, key):
    return KEYS[key][0] if party == "a" and key in KEYS else None


def read(raw):
    return read_approval(raw, keys, officer_of)


def test_an_approval_reads_back_as_itself():
    assert read(write_approval(APPROVAL, OFFICERS["Kim"])) == APPROVAL


@pytest.mark.parametrize("kept", [k for n in range(2) for k in combinations(range(2), n)])
def test_both_signatures_are_needed(kept):
    envelope = text.read(write_approval(APPROVAL, OFFICERS["Kim"]))
    envelope["signatures"] = [envelope["signatures"][n] for n in kept]
    with pytest.raises(InvalidInput):
        read(text.write(envelope))


def test_nobody_approves_in_anothers_name():
    with pytest.raises(InvalidInput) as error:
        read(write_approval(APPROVAL, OFFICERS["Lee"]))
    assert error.value.code == "other-signer"
    mixed = [OFFICERS["Kim"][0], OFFICERS["Lee"][1]]
    with pytest.raises(InvalidInput) as error:
        read(write_approval(APPROVAL, mixed))
    assert error.value.code == "other-signer"
    with pytest.raises(InvalidInput) as error:
        read(write_approval(replace(APPROVAL, party="b"), OFFICERS["Kim"]))
    assert error.value.code == "unknown-key"


def test_one_key_alone_approves_nothing():
    for one in OFFICERS["Kim"]:
        with pytest.raises(InvalidInput):
            write_approval(APPROVAL, [one])


@pytest.mark.parametrize("more", [{"before": made.NOW}, {"before": made.NOW - 1}])
def test_an_approval_is_not_over_before_it_begins(more):
    with pytest.raises(InvalidInput):
        write_approval(replace(APPROVAL, **more), OFFICERS["Kim"])


@pytest.mark.parametrize(
    "keys_",
    [
        {"format": "comity-approval/2"},
        {"request": "x"},
        {"officer": ""},
        {"party": "b"},
        {"before": "2020-01-01T00:00:00Z"},
        {"at": None},
    ],
    ids=str,
)
def test_what_is_not_as_it_has_to_be_is_refused(keys_):
    envelope = text.read(write_approval(APPROVAL, OFFICERS["Kim"]))
    payload = json.loads(text.read_base64(envelope["payload"]))
    payload.update(keys_)
    with pytest.raises(InvalidInput):
        read(sign(PAYLOAD_TYPE, text.write(payload), OFFICERS["Kim"]))


@pytest.mark.parametrize(
    ("request_", "at", "stands"),
    [
        (REQUEST, made.NOW, True),
        (REQUEST, made.NOW + 3599, True),
        (REQUEST, made.NOW + 3600, False),
        (REQUEST, made.NOW - 1, False),
        (text.digest_of(b"another"), made.NOW, False),
    ],
)
def test_it_stands_for_one_request_and_for_its_time(request_, at, stands):
    assert APPROVAL.stands(request_, at) is stands
