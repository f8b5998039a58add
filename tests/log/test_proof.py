import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.log import (
    Policy,
    commit,
    consistency,
    inclusion,
    read_proof,
    verify_proof,
    write_proof,
)
from comity.log.proof import PROOF_BYTES_MAX
from log.makers import (
    EAST,
    ENTRIES,
    LEAVES,
    POLICY,
    READ,
    SALTS,
    cosigned,
    flips,
    head,
    note,
)


def proof(index, size):
    return write_proof(SALTS[index], index, inclusion(index, size, READ), cosigned(size))


FIFTH = proof(5, 11)


def refused(code, check, *args):
    with pytest.raises(InvalidInput) as error:
        check(*args)
    assert error.value.code == code
    assert error.value.hint


@given(st.data())
def test_every_entry_of_every_log_is_proved(data):
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    found, signed = verify_proof(proof(index, size), ENTRIES[index], POLICY)
    assert (found.index, signed.checkpoint) == (index, head(size))
    assert commit(found.salt, ENTRIES[index]) == commit(SALTS[index], ENTRIES[index])


def test_a_proof_is_the_text_that_the_specification_says():
    lines = proof(0, 2).decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == f"extra {base64.b64encode(SALTS[0]).decode()}"
    assert lines[2] == "index 0"
    assert lines[3] == base64.b64encode(LEAVES[1]).decode()
    assert lines[4] == ""
    assert lines[5] == EAST.name


def test_a_log_of_one_leaf_has_a_proof_without_hashes():
    assert read_proof(proof(0, 1)).path == ()
    verify_proof(proof(0, 1), ENTRIES[0], POLICY)


def test_another_entry_is_not_proved():
    refused("log-unproved", verify_proof, FIFTH, ENTRIES[6], POLICY)
    for bad in flips(ENTRIES[5]):
        refused("log-unproved", verify_proof, FIFTH, bad, POLICY)


def test_another_salt_or_index_does_not_prove_it():
    path = inclusion(5, 11, READ)
    for salt, index in ((SALTS[6], 5), (SALTS[5], 6), (SALTS[5], 11)):
        bad = write_proof(salt, index, path, cosigned(11))
        refused("log-unproved", verify_proof, bad, ENTRIES[5], POLICY)


def test_a_path_to_another_size_does_not_prove_it():
    for size in (8, 9, 10, 12, 16):
        bad = write_proof(SALTS[5], 5, inclusion(5, 11, READ), cosigned(size))
        refused("log-unproved", verify_proof, bad, ENTRIES[5], POLICY)
    not_a_path = write_proof(SALTS[5], 5, consistency(5, 11, READ), cosigned(11))
    refused("log-unproved", verify_proof, not_a_path, ENTRIES[5], POLICY)


def test_a_checkpoint_that_a_partner_did_not_cosign_proves_nothing_to_who_asks_for_it():
    alone = write_proof(SALTS[5], 5, inclusion(5, 11, READ), note(11))
    refused("note-unsigned", verify_proof, alone, ENTRIES[5], POLICY)
    verify_proof(alone, ENTRIES[5], Policy(log=EAST))


def test_a_proof_with_any_byte_changed_is_refused():
    for bad in flips(FIFTH):
        with pytest.raises(InvalidInput):
            verify_proof(bad, ENTRIES[5], POLICY)


def test_a_proof_that_is_cut_anywhere_is_refused():
    for end in range(len(FIFTH)):
        with pytest.raises(InvalidInput):
            verify_proof(FIFTH[:end], ENTRIES[5], POLICY)


def changed(old, new):
    assert FIFTH.count(old) >= 1
    return FIFTH.replace(old, new, 1)


HASHES = FIFTH.split(b"index 5\n")[1].split(b"\n\n")[0] + b"\n"
SALT = FIFTH.split(b"\n")[1] + b"\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        changed(b"@v1", b"@v2"),
        changed(SALT, b""),
        changed(SALT, SALT + SALT),
        changed(SALT, b"extra AAAA\n"),
        changed(SALT, b"extra \n"),
        changed(b"index 5\n", b""),
        changed(b"index 5", b"index 05"),
        changed(b"index 5", b"index  5"),
        changed(b"index 5", b"index -5"),
        changed(b"index 5", b"Index 5"),
        changed(b"index 5", b"index 5\nindex 5"),
        changed(b"index 5", f"index {2**63}".encode()),
        changed(b"index 5", "index \u0665".encode()),
        changed(HASHES, HASHES + b"AAAA\n"),
        changed(HASHES, HASHES.replace(b"\n", b"\r\n")),
        changed(HASHES, HASHES * 16),
        b"\n" + FIFTH,
        FIFTH + b"\n",
    ],
)
def test_what_is_no_proof_is_refused(raw):
    with pytest.raises(InvalidInput) as error:
        verify_proof(raw, ENTRIES[5], POLICY)
    assert error.value.code in {"bad-tlog-proof", "bad-base64", "bad-note"}
    assert error.value.hint


def test_sixty_three_hashes_are_read_and_sixty_four_are_not():
    write_proof(SALTS[5], 5, [LEAVES[0]] * 63, note(11))
    refused("bad-tlog-proof", write_proof, SALTS[5], 5, [LEAVES[0]] * 64, note(11))


def test_a_proof_that_is_too_large_is_not_looked_at():
    refused("bad-tlog-proof", read_proof, b"\xff" * (PROOF_BYTES_MAX + 1))
