"""The commitment fixes a content and its salt, however the content comes."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.wire.content import commitment

SALT = bytes(range(32))


@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_how_a_content_is_cut_is_no_matter(content, cuts):
    places = [0, *sorted(c for c in cuts if c <= len(content)), len(content)]
    pieces = [content[a:b] for a, b in pairwise(places)]
    assert commitment(SALT, pieces) == commitment(SALT, [content])


def test_it_is_the_hash_that_the_page_says():
    wanted = hashlib.sha256(b"comity/content/1\n" + SALT + b"abc").hexdigest()
    assert commitment(SALT, [b"abc"]) == f"sha256:{wanted}"


@given(st.binary(max_size=40), st.binary(min_size=32, max_size=32))
def test_another_content_or_salt_has_another_commitment(content, salt):
    first = commitment(SALT, [b"abc"])
    assert (commitment(salt, [content]) == first) == (content == b"abc" and salt == SALT)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_salt_has_thirty_two_bytes(size):
    with pytest.raises(InvalidInput):
        commitment(bytes(size), [b"abc"])
