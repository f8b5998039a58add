"""Keys have ids; bad keys are none; a missing algorithm refuses."""

from __future__ import annotations

import hashlib
import traceback

import pytest
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput, NotAtHand
from comity.signed import ED25519, MLDSA65, SPKI, X25519, XWING, Public, Secret, algorithms
from comity.signed.algorithms import (
    PUBLIC_BYTES,
    available,
    ed25519_signer,
    generate,
    mldsa65_signer,
    public_of,
    sealing_key,
    sealing_public,
    sealing_target,
    signer,
)
from signed.keys import ed, ml, random_of

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493


def test_this_machine_has_every_algorithm():
    assert available() == {ED25519, MLDSA65, X25519, XWING}


def test_a_key_id_is_the_digest_of_algorithm_and_bytes():
    key = ed(1).public
    said = hashlib.sha256(b"comity/key/1\ned25519\n" + key.raw).hexdigest()
    assert key.id == said[:32]


def test_the_same_bytes_under_two_algorithms_are_two_keys():
    raw = ed(1).public.raw
    assert Public(ED25519, raw).id != Public(X25519, raw).id


@pytest.mark.parametrize("made", [ed(1), ml(1)], ids=["ed25519", "ml-dsa-65"])
def test_what_a_signer_signs_its_key_verifies_and_nothing_else(made):
    signed = made.sign(b"word")
    assert made.public.verify(signed, b"word")
    assert not made.public.verify(signed, b"Word")
    assert not made.public.verify(b"", b"word")
    assert not made.public.verify(signed[:-1], b"word")
    assert not made.public.verify(signed + b"\0", b"word")
    for place in range(0, len(signed), max(1, len(signed) // 64)):
        bad = bytearray(signed)
        bad[place] ^= 1
        assert not made.public.verify(bytes(bad), b"word")


def test_the_key_of_another_verifies_nothing():
    assert not ed(2).public.verify(ed(1).sign(b"word"), b"word")
    assert not ml(2).public.verify(ml(1).sign(b"word"), b"word")


# RFC 8032, 7.1, tests 1 and 2
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
        "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
        "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("seed", "public", "message", "made"), VECTORS)
def test_ed25519_is_that_of_the_rfc(seed, public, message, made):
    key = ed25519_signer(bytes.fromhex(seed))
    assert key.public.raw.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == made


def test_a_signature_with_its_scalar_made_larger_by_the_order_is_another_and_refused():
    made = ed(1)
    signed = made.sign(b"word")
    scalar = int.from_bytes(signed[32:], "little")
    for times in range(1, 8):
        larger = signed[:32] + (scalar + times * ORDER).to_bytes(32, "little")
        assert not made.public.verify(larger, b"word")


ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7


@pytest.mark.parametrize("sign", [0, 1 << 255])
@pytest.mark.parametrize(
    "y", [0, 1, P - 1, ORDER_8, P - ORDER_8, *range(P, 1 << 255)], ids=hex
)
def test_a_point_of_small_order_or_written_otherwise_is_no_key(y, sign):
    with pytest.raises(InvalidInput) as caught:
        Public(ED25519, (y | sign).to_bytes(32, "little"))
    assert caught.value.code == "bad-key"


def test_every_point_of_small_order_is_among_those_refused():
    # The curve is -x² + y² = 1 + d·x²·y²; 8·(x, y) = 0 for these and no others.
    d = -121665 * pow(121666, P - 2, P) % P

    def add(one, other):
        (x1, y1), (x2, y2) = one, other
        k = d * x1 * x2 * y1 * y2 % P
        x = (x1 * y2 + x2 * y1) * pow(1 + k, P - 2, P) % P
        y = (y1 * y2 + x1 * x2) * pow(1 - k, P - 2, P) % P
        return x, y

    x2 = (ORDER_8**2 - 1) * pow(d * ORDER_8**2 + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if x * x % P != x2:
        x = x * pow(2, (P - 1) // 4, P) % P
    point, seen = (x, ORDER_8), []
    one = point
    for _ in range(8):
        seen.append(one)
        one = add(one, point)
    assert one == point
    assert len(set(seen)) == 8
    assert {y for _, y in seen} == algorithms._SMALL_ORDER


@pytest.mark.parametrize("alg", PUBLIC_BYTES)
def test_a_key_of_a_wrong_length_is_none(alg):
    for size in (0, PUBLIC_BYTES[alg] - 1, PUBLIC_BYTES[alg] + 1):
        with pytest.raises(InvalidInput) as caught:
            Public(alg, b"\x02" * size)
        assert caught.value.code == "bad-key"


@pytest.mark.parametrize("alg", ["", "Ed25519", "ed448", "ml-dsa-44", "rsa", "none"])
def test_an_unknown_algorithm_is_none(alg):
    with pytest.raises(InvalidInput) as caught:
        Public(alg, b"\x02" * 32)
    assert caught.value.code == "unknown-algorithm"
    with pytest.raises(InvalidInput):
        signer(alg, Secret(bytes(32)))


@pytest.mark.parametrize("alg", [X25519, XWING, SPKI])
def test_a_key_that_is_not_for_signing_verifies_nothing(alg):
    with pytest.raises(InvalidInput):
        Public(alg, b"\x02" * PUBLIC_BYTES[alg]).verify(b"", b"")


@pytest.mark.parametrize("alg", [ED25519, MLDSA65, SPKI])
def test_nothing_is_sealed_to_a_key_for_signing(alg):
    key = ed(1).public if alg == ED25519 else Public(alg, b"\x02" * PUBLIC_BYTES[alg])
    with pytest.raises(InvalidInput):
        sealing_target(key)
    with pytest.raises(InvalidInput):
        sealing_key(alg, Secret(bytes(32)))


@pytest.mark.parametrize("alg", [ED25519, MLDSA65, X25519, XWING])
def test_the_same_random_bytes_make_the_same_key(alg):
    public, secret = generate(alg, random_of(5))
    assert generate(alg, random_of(5)) == (public, secret)
    assert generate(alg, random_of(6))[0] != public
    assert public_of(alg, secret) == public
    assert len(public.raw) == PUBLIC_BYTES[alg]


@pytest.mark.parametrize(
    ("alg", "kem"), [(X25519, KEM.X25519), (XWING, KEM.MLKEM768_X25519)]
)
def test_what_is_sealed_to_a_public_key_its_seed_opens(alg, kem):
    suite = Suite(kem, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    public, secret = generate(alg, random_of(7))
    sealed = suite.encrypt(b"word", sealing_target(public), info=b"i")
    assert suite.decrypt(sealed, sealing_key(alg, secret), info=b"i") == b"word"


def test_an_x_wing_key_is_that_of_its_draft():
    # draft-connolly-cfrg-xwing-kem, appendix C, the first vector: how its public key begins, and
    # how each of its halves ends.
    seed = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
    raw = sealing_public(XWING, Secret(seed)).raw
    assert raw[:16].hex() == "e2236b35a8c24b39b10aa1323a96a919"
    assert raw[-48:-32].hex() == "3f1f942d2ea179fe722f06cc03de5b69"
    assert (
        raw[-32:].hex()
        == "859edb06eff389b27dce59844570216223593d4ba32d9abac8cd049040ef6534"
    )


def test_what_is_no_point_of_ml_kem_is_no_key():
    with pytest.raises(InvalidInput) as caught:
        sealing_target(Public(XWING, b"\xff" * 1216))
    assert caught.value.code == "bad-key"


@given(st.binary(max_size=64).filter(lambda raw: len(raw) != 32))
def test_a_seed_of_a_wrong_length_is_refused_and_not_printed(seed):
    for make in (ed25519_signer, mldsa65_signer):
        with pytest.raises(InvalidInput) as caught:
            make(seed)
        assert caught.value.code == "bad-key"
        if len(seed) > 3:
            assert seed.hex() not in str(caught.value)


def test_no_key_shows_its_secret():
    secret = Secret(bytes(range(32)))
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        repr([secret]),
        repr(signer(ED25519, secret)),
        repr(signer(MLDSA65, secret)),
        repr(generate(X25519, lambda count: bytes(range(count)))),
    ]
    try:
        signer("rsa", secret)
    except InvalidInput as error:
        shown += traceback.format_exception(error)
    for said in shown:
        assert secret.seed.hex()[:8] not in said
        assert repr(secret.seed)[2:12] not in said


# -- a machine that lacks one --------------------------------------------------------------


@pytest.fixture
def without(monkeypatch):
    def lack(alg):
        monkeypatch.setattr(algorithms, "probe", lambda asked: asked != alg)

    return lack


def test_without_ml_dsa_nothing_is_signed_or_verified_with_it(without):
    made = ml(1)
    signed = made.sign(b"word")
    without(MLDSA65)
    assert MLDSA65 not in available()
    for call in (
        lambda: made.public.verify(signed, b"word"),
        lambda: mldsa65_signer(bytes(32)),
        lambda: generate(MLDSA65, random_of(1)),
    ):
        with pytest.raises(NotAtHand, match="has no ml-dsa-65") as caught:
            call()
        assert caught.value.code == "no-algorithm"


def test_without_x_wing_nothing_is_sealed_and_x25519_does_not_take_its_place(without):
    public, secret = generate(XWING, random_of(1))
    without(XWING)
    for call in (
        lambda: sealing_target(public),
        lambda: sealing_key(XWING, secret),
        lambda: generate(XWING, random_of(1)),
    ):
        with pytest.raises(NotAtHand):
            call()
    assert generate(X25519, random_of(1))[0].alg == X25519
