from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.log import (
    Fork,
    Policy,
    consistency,
    find_fork,
    frontier,
    in_memory,
    leaf_hash,
    read_fork,
    verify_fork,
    write_fork,
)
from comity.log.fork import FORK_BYTES_MAX
from log.makers import EAST, LEAVES, POLICY, READ, cosigned, flips, head, log_key, note

REWRITTEN = [*LEAVES[:3], leaf_hash(b"another"), *LEAVES[4:]]
OTHER = in_memory(REWRITTEN)
SAME_SIZE = Fork(older=note(9), newer=note(9, REWRITTEN), prefix=head(9, REWRITTEN).root)


def shown(old, size):
    """What one who holds the larger, rewritten log can give."""
    return {"prefix": frontier(old, OTHER).root, "proof": consistency(old, size, OTHER)}


def refused(code, check, *args, **kwargs):
    with pytest.raises(InvalidInput) as error:
        check(*args, **kwargs)
    assert error.value.code == code
    assert error.value.hint


# -- found ---------------------------------------------------------------------------------


def test_two_roots_at_one_size_are_a_fork():
    assert find_fork(note(9), note(9, REWRITTEN), POLICY) == SAME_SIZE
    assert verify_fork(SAME_SIZE, POLICY) == (head(9), head(9, REWRITTEN))


@given(st.data())
def test_two_histories_are_a_fork_at_any_two_sizes_that_both_have_what_differs(data):
    size = data.draw(st.integers(4, 70))
    old = data.draw(st.integers(4, size))
    older, newer = note(old), note(size, REWRITTEN)
    one, other = data.draw(st.permutations([older, newer]))
    fork = find_fork(one, other, POLICY, **shown(old, size))
    assert fork is not None
    old_head, new_head = verify_fork(read_fork(write_fork(fork)), POLICY)
    assert {old_head.size, new_head.size} == {old, size}


def test_one_history_is_no_fork_at_any_two_sizes():
    for old, size in product(range(14), range(14)):
        small, large = sorted((old, size))
        given_ = {
            "prefix": frontier(small, READ).root,
            "proof": consistency(small, large, READ),
        }
        assert find_fork(note(old), note(size), POLICY, **given_) is None


def test_two_histories_are_no_fork_before_they_part():
    assert find_fork(note(3), note(9, REWRITTEN), POLICY, **shown(3, 9)) is None


def test_two_sizes_alone_show_nothing():
    assert find_fork(note(8), note(9, REWRITTEN), POLICY) is None


def test_cosignatures_are_not_asked_for_and_do_not_hide_a_fork():
    assert find_fork(cosigned(9), note(9, REWRITTEN), POLICY) is not None


# -- refused -------------------------------------------------------------------------------


def test_nobody_is_accused_by_a_note_that_its_log_did_not_sign():
    stranger = log_key("west")
    refused("note-unsigned", find_fork, note(9), note(9, by="west", log=stranger), POLICY)
    forged = note(9).replace(head(9).text.encode(), head(9, REWRITTEN).text.encode())
    refused("note-signature", find_fork, note(9), forged, POLICY)
    false = Fork(older=note(9), newer=forged, prefix=head(9, REWRITTEN).root)
    refused("note-signature", verify_fork, false, POLICY)


def test_a_prefix_that_the_larger_log_does_not_have_proves_nothing():
    for prefix, proof in (
        (LEAVES[0], consistency(8, 12, READ)),
        (LEAVES[0], ()),
        (frontier(8, OTHER).root, consistency(8, 12, OTHER)),
    ):
        refused(
            "log-unproved", find_fork, note(8), note(12), POLICY, prefix=prefix, proof=proof
        )
        false = Fork(older=note(8), newer=note(12), prefix=prefix, proof=tuple(proof))
        refused("log-unproved", verify_fork, false, POLICY)


def test_notes_that_agree_are_no_fork():
    same = Fork(older=note(9), newer=note(9), prefix=head(9).root)
    refused("bad-fork", verify_fork, same, POLICY)
    grown = Fork(
        older=note(8),
        newer=note(12),
        prefix=head(8).root,
        proof=consistency(8, 12, READ),
    )
    refused("bad-fork", verify_fork, grown, POLICY)


def test_the_older_note_comes_first():
    fork = find_fork(note(8), note(12, REWRITTEN), POLICY, **shown(8, 12))
    turned = Fork(older=fork.newer, newer=fork.older, prefix=fork.prefix, proof=fork.proof)
    refused("bad-fork", verify_fork, turned, POLICY)


def test_a_fork_of_another_log_is_refused():
    refused("note-unsigned", verify_fork, SAME_SIZE, Policy(log=log_key("west")))


# -- as a file -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fork",
    [SAME_SIZE, find_fork(note(8), note(12, REWRITTEN), POLICY, **shown(8, 12))],
)
def test_a_fork_is_read_as_it_was_written_and_with_any_byte_changed_is_none(fork):
    raw = write_fork(fork)
    assert read_fork(raw) == fork
    for bad in flips(raw):
        with pytest.raises(InvalidInput):
            verify_fork(read_fork(bad), POLICY)
    for end in range(len(raw)):
        with pytest.raises(InvalidInput):
            verify_fork(read_fork(raw[:end]), POLICY)


RAW = write_fork(SAME_SIZE)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        RAW.replace(b"fork/1", b"fork/2"),
        RAW + b"\n",
        RAW + b"AAAA\n",
        RAW.replace(b"older ", b""),
        RAW.replace(b"older", b"newer"),
        RAW.replace(b"\n", b"\r\n"),
        RAW + RAW.split(b"prefix ")[1] * 64,
        b"\xff" + RAW,
        b" " * (FORK_BYTES_MAX + 1),
    ],
)
def test_what_is_no_fork_is_refused(raw):
    with pytest.raises(InvalidInput) as error:
        verify_fork(read_fork(raw), POLICY)
    assert error.value.code in {"bad-fork", "bad-base64", "bad-note"}


def test_the_log_key_is_the_only_one_that_counts():
    assert verify_fork(SAME_SIZE, Policy(log=EAST)) == verify_fork(SAME_SIZE, POLICY)
