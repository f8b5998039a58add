from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.log.merkle import (
    EMPTY,
    SIZE_MAX,
    Frontier,
    consistency,
    frontier,
    in_memory,
    inclusion,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

CT_ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(f"entry {n}".encode()) for n in range(1100)]
READ = in_memory(LEAVES)
SMALL = 70


def tree_head(leaves):
    """The definition of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(tree_head(leaves[:k]), tree_head(leaves[k:]))


def path(m, leaves):
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path(m, leaves[:k]), tree_head(leaves[k:])]
    return [*path(m - k, leaves[k:]), tree_head(leaves[:k])]


def subproof(m, leaves, *, whole):
    """SUBPROOF of RFC 6962 section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [tree_head(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), tree_head(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), tree_head(leaves[:k])]


ROOTS = [tree_head(LEAVES[:n]) for n in range(SMALL + 1)]


def flips(value):
    """Every value that differs in one byte."""
    for at in range(len(value)):
        yield value[:at] + bytes([value[at] ^ 0x40]) + value[at + 1 :]


def refused(check, *args):
    with pytest.raises(InvalidInput) as error:
        check(*args)
    assert error.value.code == "log-unproved"
    assert error.value.hint


# -- growth --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size):
    assert root(leaf_hash(entry) for entry in CT_ENTRIES[:size]).hex() == CT_ROOTS[size - 1]


def test_the_empty_log_has_the_hash_of_nothing():
    assert Frontier().root == root([]) == EMPTY == sha256(b"").digest()


def test_the_root_is_that_of_the_definition_at_every_size():
    assert [root(LEAVES[:n]) for n in range(SMALL + 1)] == ROOTS


@given(st.lists(st.integers(0, 300), max_size=6))
def test_how_appends_are_grouped_does_not_matter(groups):
    state, kept, at = Frontier(), [], 0
    for group in groups:
        taken = LEAVES[at : at + group]
        state, nodes = state.append(taken)
        kept += nodes
        at += len(taken)
    assert (state, kept) == Frontier().append(LEAVES[:at])


@pytest.mark.parametrize("size", [0, 1, 2, 7, 8, 70, 256, 1000])
def test_the_nodes_of_a_log_are_its_whole_subtrees_each_once(size):
    _, nodes = Frontier().append(LEAVES[:size])
    places = [(level, index) for level, index, _ in nodes]
    assert len(set(places)) == len(places)
    assert set(places) == {
        (level, index) for level in range(12) for index in range(size >> level)
    }
    for level, index, value in nodes:
        assert value == tree_head(LEAVES[index << level : (index + 1) << level])


@given(st.integers(0, len(LEAVES)))
def test_a_frontier_is_had_again_from_the_nodes_at_any_earlier_size(size):
    assert frontier(size, READ) == Frontier().append(LEAVES[:size])[0]


@pytest.mark.parametrize(
    ("size", "peaks"),
    [
        (1, ()),
        (0, (EMPTY,)),
        (3, (EMPTY,)),
        (1, (b"short",)),
        (-1, (EMPTY,)),
        (SIZE_MAX + 1, (EMPTY,)),
    ],
)
def test_a_frontier_that_is_none_is_refused(size, peaks):
    with pytest.raises(InvalidInput) as error:
        Frontier(size=size, peaks=peaks)
    assert error.value.code in {"log-frontier", "log-hash"}


def test_a_leaf_that_is_no_hash_is_not_appended():
    with pytest.raises(InvalidInput, match="has 5 bytes"):
        Frontier().append([b"entry"])


# -- proofs --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(1, SMALL + 1))
def test_every_leaf_of_every_small_log_is_proved_as_the_definition_does(size):
    for index in range(size):
        proof = inclusion(index, size, READ)
        assert list(proof) == path(index, LEAVES[:size])
        verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize("size", range(SMALL + 1))
def test_every_growth_of_every_small_log_is_proved_as_the_definition_does(size):
    for old in range(size + 1):
        proof = consistency(old, size, READ)
        expected = subproof(old, LEAVES[:size], whole=True) if old else []
        assert list(proof) == expected
        verify_consistency(old, size, proof, ROOTS[old], ROOTS[size])


@given(st.data())
def test_larger_logs_are_proved_too(data):
    size = data.draw(st.integers(1, len(LEAVES)))
    old = data.draw(st.integers(0, size))
    index = data.draw(st.integers(0, size - 1))
    head = root(LEAVES[:size])
    verify_inclusion(LEAVES[index], index, size, inclusion(index, size, READ), head)
    proof = consistency(old, size, READ)
    verify_consistency(old, size, proof, root(LEAVES[:old]), head)


@given(st.data())
def test_growth_is_proved_from_what_was_seen_and_the_leaves_since(data):
    size = data.draw(st.integers(0, len(LEAVES)))
    old = data.draw(st.integers(0, size))
    seen = Frontier().append(LEAVES[:old])[0]
    assert seen.growth(LEAVES[old:size]) == consistency(old, size, READ)


@pytest.mark.parametrize("prove", [inclusion, consistency])
def test_a_proof_reads_at_most_two_nodes_for_each_level_of_the_tree(prove):
    for size in (2, 64, 65, 127, 999, 1023, 1024, 1100):
        for index in range(1, size):
            read = []
            prove(index, size, lambda *p, log=read: log.append(p) or READ(*p))
            assert len(set(read)) == len(read) <= 2 * (size - 1).bit_length()


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8, 11, 64, 70])
def test_an_inclusion_proof_with_any_byte_changed_fails(size):
    for index in range(size):
        proof = inclusion(index, size, READ)
        leaf, head = LEAVES[index], ROOTS[size]
        for n, one in enumerate(proof):
            for bad in flips(one):
                changed = (*proof[:n], bad, *proof[n + 1 :])
                refused(verify_inclusion, leaf, index, size, changed, head)
        refused(verify_inclusion, leaf, index, size, (*proof, EMPTY), head)
        refused(verify_inclusion, leaf, index, size, (EMPTY, *proof), head)
        if proof:
            refused(verify_inclusion, leaf, index, size, proof[:-1], head)
            refused(verify_inclusion, leaf, index, size, proof[1:], head)
        for bad in flips(leaf):
            refused(verify_inclusion, bad, index, size, proof, head)
        for other in set(range(-1, size + 2)) - {index}:
            refused(verify_inclusion, leaf, other, size, proof, head)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 6, 7, 8, 11, 64, 70])
def test_a_consistency_proof_with_any_byte_changed_fails(size):
    for old in range(size + 1):
        proof = consistency(old, size, READ)
        before, after = ROOTS[old], ROOTS[size]
        for n, one in enumerate(proof):
            for bad in flips(one):
                changed = (*proof[:n], bad, *proof[n + 1 :])
                refused(verify_consistency, old, size, changed, before, after)
        refused(verify_consistency, old, size, (*proof, EMPTY), before, after)
        refused(verify_consistency, old, size, (EMPTY, *proof), before, after)
        if proof:
            refused(verify_consistency, old, size, proof[:-1], before, after)
            refused(verify_consistency, old, size, proof[1:], before, after)
        for bad in flips(before):
            refused(verify_consistency, old, size, proof, bad, after)
        for bad in flips(after) if old or not size else ():
            refused(verify_consistency, old, size, proof, before, bad)
        for other in set(range(-1, size + 2)) - {old}:
            refused(verify_consistency, other, size, proof, before, after)


def test_two_histories_are_never_consistent():
    rewritten = [*LEAVES[:20], leaf_hash(b"another"), *LEAVES[21:]]
    other = in_memory(rewritten)
    for size in range(22, SMALL):
        for old in range(21, size):
            for proof in (consistency(old, size, READ), consistency(old, size, other)):
                refused(
                    verify_consistency,
                    old,
                    size,
                    proof,
                    ROOTS[old],
                    root(rewritten[:size]),
                )


def test_a_proof_of_more_than_sixty_three_hashes_is_refused_unread():
    long = (EMPTY,) * 64
    refused(verify_inclusion, EMPTY, 0, SIZE_MAX, long, EMPTY)
    refused(verify_consistency, 1, SIZE_MAX, long, EMPTY, EMPTY)


def test_a_proof_with_something_that_is_no_hash_is_refused():
    for bad in (b"", b"x" * 31, b"x" * 33):
        with pytest.raises(InvalidInput, match="a SHA-256 hash has 32"):
            verify_inclusion(LEAVES[0], 0, 2, (bad,), ROOTS[2])
        with pytest.raises(InvalidInput, match="a SHA-256 hash has 32"):
            verify_consistency(1, 2, (bad,), ROOTS[1], ROOTS[2])
        with pytest.raises(InvalidInput, match="a SHA-256 hash has 32"):
            verify_inclusion(LEAVES[0], 0, 2, (LEAVES[1],), bad)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5), (0, SIZE_MAX + 1)])
def test_a_proof_of_what_is_not_there_is_not_made(index, size):
    with pytest.raises(InvalidInput) as error:
        inclusion(index, size, READ)
    assert error.value.code == "log-proof"


@pytest.mark.parametrize(("old", "size"), [(6, 5), (-1, 5), (0, SIZE_MAX + 1), (0, -1)])
def test_a_growth_that_never_was_is_not_proved(old, size):
    with pytest.raises(InvalidInput) as error:
        consistency(old, size, READ)
    assert error.value.code == "log-proof"
