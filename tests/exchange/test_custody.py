"""Logs grow in the transaction of what they tell, prove what they hold, and sign no second history."""

from __future__ import annotations

import pytest

from comity.errors import InvalidInput, NotKnown
from comity.exchange.custody import Custody, LogRolledBack, entry
from comity.log.checkpoint import Policy, open_checkpoint
from comity.log.commitment import commit
from comity.log.merkle import leaf_hash, verify_consistency, verify_inclusion
from comity.log.tiles import read_path
from comity.signed import text
from comity.signed.algorithms import ED25519, generate, signer
from comity.store import Database
from exchange.nodes import LastSigned, random_of

PUBLIC, SECRET = generate(ED25519, random_of("log"))
SIGNER = signer(ED25519, SECRET)
SIZE = 300


def custody(database, last, **more):
    more = {"simulated": False, **more}
    seed = more.pop("seed", "salts")
    return Custody(database, SIGNER, last, random_of(seed), **more)


def opened(one, note):
    name = note.decode().split("\n")[0]
    return open_checkpoint(note, Policy(log=one.vkey(name))).checkpoint


@pytest.fixture(scope="module")
def grown():
    """A log of 300 leaves, grown in batches, and its note."""
    database = Database.open(":memory:")
    one = custody(database, LastSigned())
    roots = {}
    with database.transaction():
        for start in range(0, SIZE, 60):
            entries = [entry("Test", 0, n=n) for n in range(start, start + 60)]
            assert one.append("t", entries) == start
            roots[start + 60] = one._state("t")[1].root
    return one, opened(one, one.checkpoint("t")), roots


def test_every_leaf_is_proved_to_be_in_the_signed_log(grown):
    one, signed, _ = grown
    for index in (0, 1, 59, 60, 255, 256, 299):
        leaf = one.leaf("t", index)
        assert text.read(leaf.entry)["n"] == index
        verify_inclusion(
            leaf_hash(commit(leaf.salt, leaf.entry)),
            index,
            signed.size,
            one.prove("t", index, signed.size),
            signed.root,
        )


def test_growth_from_every_size_that_was_signed_is_proved(grown):
    one, signed, roots = grown
    for size, root in roots.items():
        proof = one.growth("t", size, signed.size)
        verify_consistency(size, signed.size, proof, root, signed.root)


def test_a_proof_of_another_leaf_does_not_hold(grown):
    one, signed, _ = grown
    leaf = one.leaf("t", 7)
    with pytest.raises(InvalidInput):
        verify_inclusion(
            leaf_hash(commit(leaf.salt, leaf.entry)),
            8,
            signed.size,
            one.prove("t", 8, signed.size),
            signed.root,
        )


def test_tiles_have_the_hashes_and_entries_the_commitments(grown):
    one, _, _ = grown
    name, _ = one.next_index("t")
    first = one.file(name, "tile/0/000")
    leaf = one.leaf("t", 255)
    assert len(first) == 256 * 32
    assert first[-32:] == leaf_hash(commit(leaf.salt, leaf.entry))
    assert len(one.file(name, "tile/0/001.p/44")) == 44 * 32
    assert len(one.file(name, "tile/1/000.p/1")) == 32
    bundle = one.file(name, "tile/entries/000")
    assert bundle[-32:] == commit(leaf.salt, leaf.entry)
    assert leaf.entry not in bundle


@pytest.mark.parametrize("path", ["tile/0/001", "tile/0/002.p/1", "tile/2/000.p/1"])
def test_a_tile_beyond_the_log_is_not_known(grown, path):
    one, _, _ = grown
    _ = read_path(path)
    with pytest.raises(NotKnown):
        one.file(one.next_index("t")[0], path)


def test_nobody_learns_which_other_logs_there_are(grown):
    one, _, _ = grown
    with pytest.raises(NotKnown):
        one.file("comity.log/" + "0" * 32, "checkpoint")
    with pytest.raises(NotKnown):
        one.leaf("t", SIZE)
    assert one.accord_of("comity.log/" + "0" * 32) is None


def test_each_accord_has_a_log_of_an_origin_that_tells_nothing():
    database = Database.open(":memory:")
    one = custody(database, LastSigned(), simulated=True)
    with database.transaction():
        names = {one.next_index(accord)[0] for accord in ("", "t", "u")}
    assert len(names) == 3
    assert all(name.endswith("/simulated") for name in names)


def test_the_last_signed_checkpoint_stands_apart_before_the_note_is_out():
    database, last = Database.open(":memory:"), LastSigned()
    one = custody(database, last)
    with database.transaction():
        one.append("t", [b"one"])
    note = one.checkpoint("t")
    signed = opened(one, note)
    assert last.kept[signed.origin] == (1, signed.root)
    assert one.checkpoint("t") == note


def test_what_was_undone_is_not_in_the_log():
    database = Database.open(":memory:")
    one = custody(database, LastSigned())
    with database.transaction():
        one.append("t", [b"kept"])
    with database.transaction():
        one.append("t", [b"undone"])
        database._connection.execute("ROLLBACK")
        database._connection.execute("BEGIN")
    one.forget()
    assert one.next_index("t")[1] == 1
    with pytest.raises(NotKnown):
        one.leaf("t", 1)


def put_back(path):
    """A database with one leaf fewer than was signed."""
    last, after = LastSigned(), Database.open(path)
    one = custody(after, last)
    with after.transaction():
        one.append("t", [b"one"])
    after.copy_to(path.with_name("copy"))
    with after.transaction():
        one.append("t", [b"two"])
    signed = opened(one, one.checkpoint("t"))
    return custody(Database.open(path.with_name("copy")), last, seed="again"), signed


def test_a_log_that_is_shorter_than_what_was_signed_signs_nothing(tmp_path):
    one, signed = put_back(tmp_path / "node.db")
    assert one.rolled_back() == (signed.origin,)
    with pytest.raises(LogRolledBack, match="signed with 2 leaves"):
        one.check_all()
    with pytest.raises(LogRolledBack):
        one.checkpoint("t")


def test_a_log_of_the_same_size_with_other_leaves_signs_nothing(tmp_path):
    one, _ = put_back(tmp_path / "node.db")
    with one._database.transaction():
        one.append("t", [b"another"])
    with pytest.raises(LogRolledBack):
        one.checkpoint("t")


def test_a_log_that_is_ended_names_its_last_signed_size_and_another_goes_on(tmp_path):
    one, signed = put_back(tmp_path / "node.db")
    with one._database.transaction():
        accord, size, root, new = one.succeed(signed.origin, 7)
    assert (accord, size, root) == ("t", 2, signed.root)
    assert one.next_index("t") == (new, 0)
    assert new != signed.origin
    one.check_all()


def test_a_log_that_is_ended_shows_no_checkpoint_of_the_one_that_follows(tmp_path):
    one, signed = put_back(tmp_path / "node.db")
    with one._database.transaction():
        one.succeed(signed.origin, 7)
        one.append("t", [b"new"])
    with pytest.raises(NotKnown):
        one.file(signed.origin, "checkpoint")


def test_two_processes_do_not_sign_one_log_from_two_values():
    database, last = Database.open(":memory:"), LastSigned()
    one = custody(database, last)
    with database.transaction():
        one.append("t", [b"one"])
    name, _ = one.next_index("t")
    last.kept[name] = (1, bytes(32))
    with pytest.raises(LogRolledBack):
        one.checkpoint("t")
