from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.log import commit


def test_the_commitment_is_over_the_domain_the_salt_and_the_entry():
    salt = bytes(range(32))
    expected = sha256(b"comity/leaf/1\n" + salt + b"entry").digest()
    assert commit(salt, b"entry") == expected
    assert expected.hex() == (
        "de19ce34df5cc29473888d03e317377ccda183a8a96d3f7ec8c44a15465cd048"
    )


@given(st.binary(max_size=40), st.binary(min_size=32, max_size=32), st.integers(0, 31))
def test_another_salt_is_another_commitment(entry, salt, at):
    other = salt[:at] + bytes([salt[at] ^ 1]) + salt[at + 1 :]
    assert commit(salt, entry) != commit(other, entry)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_salt_has_thirty_two_bytes(size):
    with pytest.raises(InvalidInput, match="a salt of") as error:
        commit(bytes(size), b"entry")
    assert error.value.code == "log-salt"
