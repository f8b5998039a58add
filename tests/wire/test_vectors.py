"""The published vectors come out as they are, open as they say, and fail where they must."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from comity.errors import InvalidInput
from comity.signed import Secret
from comity.wire.group import Grouped, Signed, verify
from comity.wire.header import PROFILES, read_header
from comity.wire.seal import item_key, open_box, open_bytes, opener, read_box
from wire import made
from wire.make_vectors import SAME, VECTORS

READ = {path.stem: json.loads(path.read_text("utf-8")) for path in VECTORS.glob("*.json")}
ENVELOPE = READ["envelope"]


@pytest.mark.parametrize("name", SAME)
def test_the_code_writes_the_vectors_as_they_are(name):
    assert json.loads(json.dumps(SAME[name]())) == READ[name]


def test_no_file_of_vectors_is_left_over():
    assert set(READ) == {*SAME, "boxes"}


@pytest.mark.parametrize("number", [0, 1])
def test_a_box_that_was_sealed_once_opens(number):
    box = READ["boxes"][number]
    read = read_box(box["head"].encode(), bytes.fromhex(box["sealed"]))
    secret = Secret(bytes.fromhex(box["recipient_seed"]))
    key = open_box(read, opener(PROFILES[box["profile"]], secret))
    assert key.hex() == box["batch_key"]


def test_the_envelope_opens_by_the_words_of_the_page_alone():
    """Without a line of the code that sealed it."""
    header, body = ENVELOPE["header"].encode(), bytes.fromhex(ENVELOPE["body"])
    digest = hashlib.sha256(header).digest()
    key = hmac.digest(
        bytes.fromhex(ENVELOPE["batch_key"]), b"comity/item-key/1\n" + digest, "sha256"
    )
    plain = AESGCM(key).decrypt(bytes(11) + b"\1", body, b"comity/seal/1\n" + digest)
    length = int.from_bytes(plain[32:40], "big")
    content = plain[40 : 40 + length]
    assert content.decode() == ENVELOPE["content"]
    assert not any(plain[40 + length :])
    told = json.loads(header)
    assert len(plain) == told["padded"]
    commitment = hashlib.sha256(b"comity/content/1\n" + plain[:32] + content).hexdigest()
    assert told["content"] == json.loads(ENVELOPE["statement"])["content"]
    assert told["content"] == f"sha256:{commitment}"
    statement = hashlib.sha256(ENVELOPE["statement"].encode()).hexdigest()
    assert told["statement"] == f"sha256:{statement}"
    signed = digest + hashlib.sha256(body).digest()
    assert signed.hex() == ENVELOPE["signed"]
    assert ENVELOPE["envelope"] == f"sha256:{hashlib.sha256(signed).hexdigest()}"


@pytest.mark.parametrize("name", ENVELOPE["fails"]["headers"])
def test_no_other_header_opens_the_body(name):
    assert opened_under(ENVELOPE["header"]).decode() == ENVELOPE["content"]
    with pytest.raises(InvalidInput):
        opened_under(ENVELOPE["fails"]["headers"][name])


def opened_under(written):
    header = read_header(written.encode())
    key = item_key(bytes.fromhex(ENVELOPE["batch_key"]), header.digest)
    return open_bytes(bytes.fromhex(ENVELOPE["body"]), header, key)[0]


@pytest.mark.parametrize("name", ENVELOPE["fails"]["bodies"])
def test_no_other_body_opens(name):
    header = read_header(ENVELOPE["header"].encode())
    with pytest.raises(InvalidInput):
        open_bytes(
            bytes.fromhex(ENVELOPE["fails"]["bodies"][name]),
            header,
            bytes.fromhex(ENVELOPE["item_key"]),
        )


@pytest.mark.parametrize("name", ENVELOPE["fails"]["groups"])
def test_no_other_signature_holds(name):
    signed = bytes.fromhex(ENVELOPE["signed"])
    good = Grouped(signed, 0, b"", ENVELOPE["group"].encode())
    assert verify(good, Signed.ENVELOPE, made.keys) == "a"
    with pytest.raises(InvalidInput):
        verify(
            Grouped(signed, 0, b"", ENVELOPE["fails"]["groups"][name].encode()),
            Signed.ENVELOPE,
            made.keys,
        )
