"""The verifier that stands alone says what `comity.log` says, and is another program."""

import ast
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import verify
from comity.errors import InvalidInput
from comity.log import (
    consistency,
    find_fork,
    frontier,
    in_memory,
    inclusion,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
    write_fork,
    write_proof,
)
from comity.wire.evidence import HEAD, open_bundle
from exchange.nodes import key_list
from log.makers import (
    EAST,
    ENTRIES,
    LEAVES,
    NORTH,
    POLICY,
    READ,
    SALTS,
    WEST,
    cosigned,
    flips,
    head,
    log_key,
    note,
)
from make import ROOT
from wire.bundles import exchange, relisted, rezipped

TOOL = ROOT / "tools" / "verify.py"
PROOF = write_proof(SALTS[5], 5, inclusion(5, 11, READ), cosigned(11))
REWRITTEN = [*LEAVES[:3], leaf_hash(b"another"), *LEAVES[4:]]
OTHER = in_memory(REWRITTEN)
FORK = write_fork(
    find_fork(
        note(8),
        note(12, REWRITTEN),
        POLICY,
        prefix=frontier(8, OTHER).root,
        proof=consistency(8, 12, OTHER),
    )
)
KEYS = ["--log", str(EAST), "--cosigner", str(WEST), "--cosigner", str(NORTH)]
LOG, COSIGNERS = (
    verify.read_key(str(EAST)),
    [verify.read_key(str(vkey)) for vkey in (WEST, NORTH)],
)
REFUSALS = (verify.Refused, UnicodeDecodeError)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "5.tlog-proof").write_bytes(PROOF)
    (tmp_path / "entry").write_bytes(ENTRIES[5])
    (tmp_path / "fork").write_bytes(FORK)
    return tmp_path


def run(folder, *words):
    """Run it as a stranger would: isolated, without the project on the path."""
    return subprocess.run(  # noqa: S603  a program of ours
        [sys.executable, "-I", str(TOOL), *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_imports_nothing_of_the_project_and_no_network():
    tree = ast.parse(TOOL.read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    third = imported - set(sys.stdlib_module_names)
    assert third == {"cryptography"}
    assert not imported & {"socket", "urllib", "http", "subprocess"}


def test_it_says_what_a_proof_shows(files):
    done = run(files, "proof", "5.tlog-proof", "entry", *KEYS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == (
        f"the entry is leaf 5 of 11 in {EAST.name}, which signed it"
    )
    assert f"{WEST.name} cosigned" in done.stdout
    assert f"{NORTH.name} cosigned" in done.stdout


def test_it_says_what_a_fork_shows(files):
    done = run(files, "fork", "fork", "--log", str(EAST))
    assert done.returncode == 0, done.stderr
    assert "8 and 12 leaves that are not of one history" in done.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["proof", "5.tlog-proof", "fork", *KEYS], "not this leaf"),
        (["proof", "entry", "entry", *KEYS], "no proof"),
        (["proof", "missing", "entry", *KEYS], "No such file"),
        (["proof", "5.tlog-proof", "entry", "--log", str(log_key("west"))], "has to"),
        (["proof", "5.tlog-proof", "entry", "--log", str(WEST)], "another kind"),
        (["proof", "5.tlog-proof", "entry", "--log", "x"], "does not have 33 bytes"),
        (["fork", "5.tlog-proof", "--log", str(EAST)], "no fork"),
        (["fork", "fork", "--log", str(log_key("west"))], "has to"),
    ],
)
def test_it_refuses_in_a_sentence_and_with_exit_1(files, words, why):
    done = run(files, *words)
    assert done.returncode == 1
    assert done.stderr.startswith("refused: ")
    assert why in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", [["proof", "5.tlog-proof"], ["fork", "fork", "entry"]])
def test_it_asks_for_an_entry_with_a_proof_and_for_none_with_a_fork(files, words):
    done = run(files, *words, "--log", str(EAST))
    assert done.returncode == 2
    assert "a proof is of an entry" in done.stderr


def test_no_changed_byte_passes_it():
    for bad in flips(PROOF):
        with pytest.raises(REFUSALS):
            list(verify.verify_proof(bad, ENTRIES[5], LOG, COSIGNERS))
    for bad in flips(FORK):
        with pytest.raises(REFUSALS):
            list(verify.verify_fork(bad, LOG))


def test_a_signature_that_is_missing_does_not_pass_it():
    alone = write_proof(SALTS[5], 5, inclusion(5, 11, READ), note(11))
    assert list(verify.verify_proof(alone, ENTRIES[5], LOG, []))
    with pytest.raises(verify.Refused, match="has not signed once"):
        list(verify.verify_proof(alone, ENTRIES[5], LOG, COSIGNERS))


HASHES = st.sampled_from([*LEAVES[:6], node_hash(LEAVES[0], LEAVES[1]), head(4).root])


@given(st.integers(-1, 9), st.integers(0, 9), st.lists(HASHES, max_size=4), HASHES, HASHES)
def test_it_takes_an_inclusion_proof_where_the_code_does(index, size, path, leaf, top):
    try:
        verify_inclusion(leaf, index, size, path, top)
        ours = True
    except InvalidInput:
        ours = False
    try:
        theirs = verify.root_by_inclusion(leaf, index, size, path) == top
    except verify.Refused:
        theirs = False
    assert ours is theirs


@given(st.integers(1, 9), st.integers(1, 9), st.lists(HASHES, max_size=4), HASHES, HASHES)
def test_it_takes_a_consistency_proof_where_the_code_does(old, size, path, before, top):
    try:
        verify_consistency(old, size, path, before, top)
        ours = True
    except InvalidInput:
        ours = False
    try:
        roots = verify.roots_by_consistency(old, size, path, before)
        theirs = roots == (before, top)
    except verify.Refused:
        theirs = False
    assert ours is theirs


@given(st.data())
def test_it_takes_every_proof_that_the_code_makes(data):
    size = data.draw(st.integers(1, 600))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    path = list(inclusion(index, size, READ))
    found = verify.root_by_inclusion(LEAVES[index], index, size, path)
    assert found == head(size).root
    path = list(consistency(old, size, READ))
    before = head(old).root
    roots = verify.roots_by_consistency(old, size, path, before)
    assert roots == (before, head(size).root)


# -- bundles -------------------------------------------------------------------------------


def keys_in(folder, parties):
    folder.mkdir()
    for party in parties:
        (folder / f"{party}.json").write_bytes(key_list(party))
    return folder


def said(*words):
    return subprocess.run(  # noqa: S603 - our own tool
        [sys.executable, TOOL, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def crossed():
    kr, jp, digest = exchange()
    return kr.evidence(digest), jp.evidence(digest)


def test_it_verifies_the_bundles_of_both_sides(crossed, tmp_path):
    keys = keys_in(tmp_path / "keys", ("kr", "jp"))
    for place, raw in enumerate(crossed):
        path = tmp_path / f"{place}.zip"
        path.write_bytes(raw)
        found = said("bundle", path, keys)
        assert found.returncode == 0, found.stderr
        assert "kr signed the envelope to jp" in found.stdout
        assert "jp signed the acknowledgement" in found.stdout


def test_it_agrees_with_comity_about_every_file_that_is_changed(crossed, tmp_path):
    keys = verify.read_keys(keys_in(tmp_path / "keys", ("kr", "jp")))
    files = open_bundle(crossed[0])
    names = [n for n in files if not n.startswith(("keys/", "amendment", "instruments/"))]
    for name in names:
        raw = bytearray(files[name])
        raw[len(raw) // 2] ^= 1
        path = tmp_path / "changed.zip"
        changed = {**files, name: bytes(raw)}
        path.write_bytes(rezipped(changed) if name == HEAD else relisted(changed))
        with pytest.raises((verify.Refused, ValueError, LookupError, TypeError)):
            list(verify.verify_bundle(path, keys))


def test_without_the_keys_of_a_party_it_refuses(crossed, tmp_path):
    path = tmp_path / "one.zip"
    path.write_bytes(crossed[0])
    found = said("bundle", path, keys_in(tmp_path / "keys", ("jp",)))
    assert found.returncode == 1
    assert "is not known" in found.stderr
