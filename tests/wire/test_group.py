"""One signature over many things proves each of them, at its place, of its kind, and no other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.log.merkle import leaf_hash, root
from comity.signed import MLDSA65, signer, text
from comity.wire.group import THINGS_MAX, Groups, Signed, open_group, sign_group, verify
from wire import made


def things(number):
    return [b"thing %d" % n for n in range(number)]


def group(number, kind=Signed.ENVELOPE):
    return sign_group(kind, things(number), "a", made.A)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200), st.data())
def test_each_thing_of_a_group_is_proved_to_be_its_signers(number, data):
    signed = group(number)
    one = signed[data.draw(st.integers(0, number - 1))]
    assert verify(one, Signed.ENVELOPE, made.keys) == "a"


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8, 500])
def test_the_root_is_that_of_rfc_6962(number):
    opened = open_group(group(number)[0].group, Signed.ENVELOPE, made.keys)
    assert opened.root == root(map(leaf_hash, things(number)))
    assert opened.size == number


def test_a_single_thing_needs_no_proof():
    assert group(1)[0].proof == b""


@pytest.mark.parametrize("number", [1, 2, 7, 33])
def test_another_thing_place_or_proof_is_refused(number):
    signed = group(number)
    for one in signed:
        for wrong in (
            replace(one, thing=one.thing + b"x"),
            replace(one, thing=b""),
            replace(one, index=one.index + 1),
            replace(one, index=-1),
            replace(one, index=number),
            replace(one, proof=one.proof + bytes(32)),
            replace(one, proof=one.proof[:-32] if one.proof else b"\0" * 31),
            replace(one, proof=one.proof + b"x"),
        ):
            with pytest.raises(InvalidInput):
                verify(wrong, Signed.ENVELOPE, made.keys)


def test_no_byte_of_a_proof_or_signature_may_change():
    one = group(5)[3]
    for at in range(len(one.proof)):
        flipped = one.proof[:at] + bytes([one.proof[at] ^ 1]) + one.proof[at + 1 :]
        with pytest.raises(InvalidInput):
            verify(replace(one, proof=flipped), Signed.ENVELOPE, made.keys)
    for at in range(len(one.group)):
        flipped = one.group[:at] + bytes([one.group[at] ^ 1]) + one.group[at + 1 :]
        with pytest.raises(InvalidInput):
            verify(replace(one, group=flipped), Signed.ENVELOPE, made.keys)


@pytest.mark.parametrize("kind", [k for k in Signed if k is not Signed.ENVELOPE])
def test_one_kind_never_passes_for_another(kind):
    with pytest.raises(InvalidInput) as refused:
        verify(group(2)[0], kind, made.keys)
    assert refused.value.code == "other-kind"


def test_a_stripped_signature_is_refused():
    one = group(1)[0]
    value = {**text.read(one.group), "signatures": []}
    with pytest.raises(InvalidInput) as refused:
        verify(replace(one, group=text.write(value)), Signed.ENVELOPE, made.keys)
    assert refused.value.code == "signature-missing"


def test_a_key_that_is_not_the_partys_is_refused():
    forged = sign_group(Signed.ENVELOPE, [b"x"], "b", made.A)[0]
    with pytest.raises(InvalidInput) as refused:
        verify(forged, Signed.ENVELOPE, made.keys)
    assert refused.value.code == "signer-unknown"


def test_a_group_has_one_thing_at_least_and_not_too_many():
    for number in (0, THINGS_MAX + 1):
        with pytest.raises(InvalidInput):
            group(number)


def test_a_group_is_signed_with_ed25519():
    with pytest.raises(InvalidInput):
        sign_group(Signed.ENVELOPE, [b"x"], "a", signer(MLDSA65, made.seed(1)))


def test_a_signature_is_checked_once_for_many_things_and_each_thing_still():
    asked = []

    def keys(party, key):
        asked.append(key)
        return made.keys(party, key)

    groups = Groups(keys)
    signed = group(20)
    assert {groups.verify(one, Signed.ENVELOPE) for one in signed} == {"a"}
    assert len(asked) == 1
    with pytest.raises(InvalidInput):
        groups.verify(replace(signed[0], index=1), Signed.ENVELOPE)
    with pytest.raises(InvalidInput):
        groups.verify(signed[0], Signed.RECEIPT)
