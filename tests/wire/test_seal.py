"""A body opens to the content that was committed to, under its whole header, or not at all."""

from __future__ import annotations

import hashlib
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.signed import X25519, XWING
from comity.wire.content import commitment
from comity.wire.header import CHUNK, FRONT_BYTES, chunks_of, write_header
from comity.wire.seal import (
    TAG_BYTES,
    item_key,
    open_box,
    open_bytes,
    open_stream,
    opener,
    padded_size,
    read_box,
    seal_bytes,
    seal_stream,
    sealed_size,
)
from wire import made

KEY = bytes(range(32))
SIZES = [
    0,
    1,
    24,
    CHUNK - FRONT_BYTES - 1,
    CHUNK - FRONT_BYTES,
    CHUNK - FRONT_BYTES + 1,
    CHUNK - 1,
    CHUNK,
    CHUNK + 1,
    3 * CHUNK + 17,
    1 << 20,
]


def content(size):
    return hashlib.shake_256(b"%d" % size).digest(size)


def header_for(what, salt=made.SALT, length=None):
    size = padded_size(len(what) if length is None else length)
    return write_header(
        replace(
            made.sealed().written.header,
            content=commitment(salt, [what]),
            padded=size,
            chunks=chunks_of(size),
        )
    )


def streamed(what, header):
    pieces = []
    digest = seal_stream(
        made.source(what, step=1000),
        header,
        KEY,
        pieces.append,
        salt=made.SALT,
        length=len(what),
    )
    whole = b"".join(pieces)
    assert digest == f"sha256:{hashlib.sha256(whole).hexdigest()}"
    return whole


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_whole_or_in_pieces(size):
    what, header = content(size), header_for(content(size))
    sealed = seal_bytes(what, made.SALT, header, KEY)
    assert sealed == streamed(what, header)
    assert len(sealed) == sealed_size(header.header.padded)
    assert open_bytes(sealed, header, KEY) == (what, made.SALT)
    opening = open_stream(made.source(sealed, step=777), header, KEY)
    assert opening.length == size
    assert b"".join(opening) == what


@pytest.mark.parametrize("size", [0, 1, CHUNK, 3 * CHUNK + 17])
def test_no_body_is_shorter_longer_or_in_another_order(size):
    what, header = content(size), header_for(content(size))
    sealed = seal_bytes(what, made.SALT, header, KEY)
    step = CHUNK + TAG_BYTES
    chunks = [sealed[at : at + step] for at in range(0, len(sealed), step)]
    wrong = [
        sealed[:-1],
        sealed + b"\0",
        sealed[: len(sealed) // 2],
        b"",
        b"".join(chunks[:-1]),
        b"".join([*chunks, chunks[-1]]),
    ]
    if len(chunks) > 2:
        wrong += [
            b"".join([chunks[1], chunks[0], *chunks[2:]]),
            b"".join([chunks[0], chunks[0], *chunks[2:]]),
            b"".join([*chunks[:-1], chunks[0][: len(chunks[-1])]]),
        ]
    for one in wrong:
        with pytest.raises(InvalidInput):
            open_bytes(one, header, KEY)


def test_no_byte_of_a_body_may_change():
    header = header_for(b"the content")
    sealed = seal_bytes(b"the content", made.SALT, header, KEY)
    for at in range(len(sealed)):
        flipped = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(InvalidInput) as refused:
            open_bytes(flipped, header, KEY)
        assert refused.value.code == "seal-broken"


@given(st.binary(min_size=32, max_size=32).filter(lambda key: key != KEY))
def test_another_key_opens_nothing(key):
    header = header_for(b"the content")
    sealed = seal_bytes(b"the content", made.SALT, header, KEY)
    with pytest.raises(InvalidInput):
        open_bytes(sealed, header, key)


def lying(plain, header):
    """Seal bytes that no honest sender would have put into a body."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    nonce = bytes(11) + b"\1"
    return AESGCM(KEY).encrypt(nonce, plain, b"comity/seal/1\n" + header.digest)


def front(length):
    return made.SALT + length.to_bytes(8, "big")


def test_a_sender_that_lies_about_length_padding_or_content_is_caught():
    header = header_for(b"abc")
    padded = header.header.padded
    zeros = padded - FRONT_BYTES
    honest = front(3) + b"abc" + bytes(zeros - 3)
    assert open_bytes(lying(honest, header), header, KEY)[0] == b"abc"
    for plain in (
        front(2) + b"abc" + bytes(zeros - 3),  # padding that is not empty
        front(3) + b"abd" + bytes(zeros - 3),  # another content
        front(4) + b"abc\0" + bytes(zeros - 4),  # the padding as content
        front(2**40) + b"abc" + bytes(zeros - 3),  # longer than the body
        front(3) + b"abc" + bytes(zeros - 4) + b"x",
        (made.SALT[::-1] + front(3)[32:]) + b"abc" + bytes(zeros - 3),  # another salt
    ):
        assert len(plain) == padded
        with pytest.raises(InvalidInput):
            open_bytes(lying(plain, header), header, KEY)


def test_a_body_whose_header_commits_to_another_content_does_not_open():
    what = content(3 * CHUNK)
    lying_header = write_header(
        replace(
            header_for(what).header, content=commitment(made.SALT, [b"another content"])
        )
    )
    with pytest.raises(InvalidInput):
        seal_bytes(what, made.SALT, lying_header, KEY)


def test_the_last_piece_comes_only_once_all_is_verified():
    what, header = content(2 * CHUNK), header_for(content(2 * CHUNK))
    sealed = seal_bytes(what, made.SALT, header, KEY) + b"more"
    got = []
    with pytest.raises(InvalidInput):
        got.extend(open_stream(made.source(sealed), header, KEY))
    assert len(b"".join(got)) < len(what)


@pytest.mark.parametrize(
    "what", [b"the contenT", b"the content.", b"the conten", b""], ids=str
)
def test_a_content_that_changed_between_two_readings_is_not_sealed(what):
    header = header_for(b"the content")
    with pytest.raises(InvalidInput) as refused:
        seal_bytes(what, made.SALT, header, KEY)
    assert refused.value.code == "content-changed"
    with pytest.raises(InvalidInput) as refused:
        seal_stream(
            made.source(what), header, KEY, len, salt=made.SALT, length=len(b"the content")
        )
    assert refused.value.code == "content-changed"


@given(st.integers(0, 1 << 45))
def test_padding_is_at_most_an_eighth_and_hides_small_differences(length):
    size = FRONT_BYTES + length
    padded = padded_size(length)
    assert size <= padded <= size * 1.12 + 1
    assert padded_size(padded - FRONT_BYTES) == padded


def test_memory_does_not_grow_with_the_content():
    size = 256 << 20
    zero = bytes(1 << 16)

    def zeros():
        left = size

        def read(most):
            nonlocal left
            piece = zero[: min(most, left)]
            left -= len(piece)
            return piece

        return read

    reader = zeros()
    digest = commitment(made.SALT, iter(lambda: reader(1 << 16), b""))
    padded = padded_size(size)
    header = write_header(
        replace(
            made.sealed().written.header,
            content=digest,
            padded=padded,
            chunks=chunks_of(padded),
        )
    )
    spool = hashlib.sha256()
    tracemalloc.start()
    seal_stream(zeros(), header, KEY, spool.update, salt=made.SALT, length=size)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20


def test_memory_does_not_grow_with_what_is_opened():
    what = bytes(24 << 20)
    header = header_for(what)
    sealed = seal_bytes(what, made.SALT, header, KEY)
    del what
    tracemalloc.start()
    got = sum(len(piece) for piece in open_stream(made.source(sealed), header, KEY))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert got == 24 << 20
    assert peak < 2 << 20


# -- boxes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("profile", "alg"), [("hybrid-1", XWING), ("classic-1", X25519)])
def test_a_box_opens_with_the_key_that_it_was_sealed_to(profile, alg):
    box = made.batch(profile).box
    assert open_box(box, opener(alg, made.seed(12))) == made.BATCH_KEY
    for other in (opener(alg, made.seed(13)), opener(X25519, made.seed(14))):
        with pytest.raises(InvalidInput):
            open_box(box, other)


@pytest.mark.parametrize("field", ["id", "profile", "sender", "recipient", "accord", "key"])
def test_nothing_that_a_box_says_may_change(field):
    box = made.batch().box
    values = {"id": made.id32(6), "profile": "classic-1", "key": made.id32(9)}
    head = box.head.replace(
        f'"{field}":"{getattr(box, field)}"'.encode(),
        f'"{field}":"{values.get(field, "c")}"'.encode(),
    )
    assert head != box.head
    with pytest.raises(InvalidInput):
        open_box(read_box(head, box.sealed), made.TO_B)


def test_no_byte_of_a_sealed_batch_key_may_change():
    box = made.batch("classic-1").box
    to = opener(X25519, made.seed(12))
    for at in range(len(box.sealed)):
        flipped = box.sealed[:at] + bytes([box.sealed[at] ^ 4]) + box.sealed[at + 1 :]
        with pytest.raises(InvalidInput):
            open_box(read_box(box.head, flipped), to)


@pytest.mark.parametrize("sealed", [b"", b"x", bytes(80), bytes(1168)])
def test_what_is_no_sealed_key_is_refused_and_nothing_crashes(sealed):
    with pytest.raises(InvalidInput):
        open_box(read_box(made.batch().box.head, sealed), made.TO_B)


def test_a_profile_seals_to_its_own_algorithm_alone():
    with pytest.raises(InvalidInput) as refused:
        made.batch("hybrid-1", to=opener(X25519, made.seed(12)).public)
    assert refused.value.code == "wrong-profile"
    with pytest.raises(InvalidInput) as refused:
        made.batch("classic-1", to=made.TO_B.public)
    assert refused.value.code == "wrong-profile"


def test_each_header_has_its_own_key():
    keys = {item_key(KEY, made.bytes32(n)) for n in range(50)}
    assert len(keys) == 50


def test_no_repr_shows_a_key():
    batch = made.batch()
    assert "77" not in repr(batch).replace(batch.box.key, "")
    assert "key=b" not in repr(batch)
    assert "open" not in repr(made.TO_B)
