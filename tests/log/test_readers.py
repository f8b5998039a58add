"""Readers that know nothing of Comity read its logs: Go's x/mod, and tlog-scales."""

import os
import random
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from tlog_scales import signing, tlog
from tlog_scales.reader import TilesReader

from log.makers import EAST, NIGHT, WEST
from log.published import Published

SIZES = [1, 2, 255, 256, 257, 1000, 66_000]
GO_SOURCE = Path(__file__).parent / "reader"


@pytest.fixture(scope="module")
def logs():
    largest = [sha256(f"commitment {n}".encode()).digest() for n in range(max(SIZES))]
    return {size: Published(largest[:size]) for size in SIZES}


def some(size, count=40):
    """A few places in a log, its edges among them."""
    drawn = random.Random(size).sample(range(size), min(size, count))  # noqa: S311
    return sorted({0, size // 2, size - 1, *drawn})


# -- Go ------------------------------------------------------------------------------------


def _go(*words, seconds=300):
    env = {**os.environ, "GOTOOLCHAIN": "local"}
    return subprocess.run(  # noqa: S603  Go, as it is found on the machine
        ["go", *words],  # noqa: S607
        cwd=GO_SOURCE,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


@pytest.fixture(scope="module")
def go_reader(tmp_path_factory):
    """The reader, built; or a skip that says what is missing."""
    if shutil.which("go") is None:
        pytest.skip("not run: Go reads the custody log; Go is not installed here")
    if _go("mod", "download").returncode:
        pytest.skip(
            "not run: Go reads the custody log; golang.org/x/mod cannot be had here"
        )
    program = tmp_path_factory.mktemp("reader") / "reader"
    built = _go("build", "-o", str(program), ".")
    assert built.returncode == 0, built.stderr
    return program


def lay(folder, log):
    """Lay a log's files into a folder, with its keys and proofs."""

    def line(first, hashes):
        return " ".join([str(first), *(one.hex() for one in hashes)]) + "\n"

    places = some(log.size)
    files = {
        **log.files,
        "log.vkey": f"{EAST}\n".encode(),
        "cosigner.vkey": f"{WEST}\n".encode(),
        "inclusion": "".join(line(n, log.inclusion(n)) for n in places).encode(),
        "consistency": "".join(
            line(n + 1, [log.root(n + 1), *log.consistency(n + 1)]) for n in places
        ).encode(),
    }
    for name, raw in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)


def ask(program, folder):
    return subprocess.run(  # noqa: S603  built above
        [program, folder], capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("size", SIZES)
def test_go_reads_every_entry_and_makes_the_same_proofs(size, logs, go_reader, tmp_path):
    lay(tmp_path, logs[size])
    done = ask(go_reader, tmp_path)
    assert done.returncode == 0, done.stderr
    count = len(some(size))
    assert done.stdout == f"{size} entries, {count} in, {count} grown\n"


@pytest.mark.parametrize(
    ("name", "at", "why"),
    [
        ("checkpoint", 50, "invalid signature"),
        ("checkpoint", -20, "invalid signature"),
        ("tile/0/000", 100, "entry 3 is not the leaf"),
        ("tile/0/003.p/232", 9, "inconsistent tile"),
        ("tile/1/000.p/3", 40, "inconsistent tile"),
        ("tile/entries/002", 40, "entry 513 is not the leaf"),
        ("inclusion", 10, "leaf 0: invalid transparency proof"),
        ("consistency", 10, "size 1: invalid transparency proof"),
    ],
)
def test_go_refuses_what_was_changed(name, at, why, logs, go_reader, tmp_path):
    lay(tmp_path, logs[1000])
    raw = bytearray((tmp_path / name).read_bytes())
    raw[at] = ord("0") if raw[at] == ord("1") else ord("1")
    (tmp_path / name).write_bytes(raw)
    done = ask(go_reader, tmp_path)
    assert done.returncode == 1
    assert why in done.stderr


# -- Python --------------------------------------------------------------------------------


class Files:
    """The files of a log, as that reader asks for them."""

    def __init__(self, files):
        self.files = files

    def get(self, *parts):
        return self.files.get("/".join(parts))


def scales(log):
    reader = TilesReader(Files(log.files))
    return reader, reader.get_checkpoint()


@pytest.mark.parametrize("size", SIZES)
def test_another_python_reader_has_the_same_root_from_the_tiles(size, logs):
    log = logs[size]
    reader, checkpoint = scales(log)
    assert checkpoint.size == size
    assert reader.calculate_root_hash() == checkpoint.root_hash == log.root(size)


@pytest.mark.parametrize("size", SIZES)
def test_another_python_reader_makes_and_takes_the_same_proofs(size, logs):
    log = logs[size]
    reader, checkpoint = scales(log)
    for n in some(size):
        made = reader.get_inclusion_proof(n, size)
        assert tuple(made.node_hashes) == log.inclusion(n)
        leaf = sha256(b"\x00" + reader.get_entry(n)).digest()
        tlog.InclusionProof(n, size, list(log.inclusion(n))).check(
            leaf, checkpoint.root_hash
        )
        grown = reader.get_consistency_proof(n + 1, size)
        assert tuple(grown.node_hashes) == log.consistency(n + 1)
        tlog.ConsistencyProof(n + 1, size, list(log.consistency(n + 1))).check(
            log.root(n + 1), checkpoint.root_hash
        )


def test_another_python_reader_verifies_both_signatures(logs):
    _, checkpoint = scales(logs[1000])
    keys = signing.VkeySet(*(signing.Vkey.from_string(str(key)) for key in (EAST, WEST)))
    verified = keys.verify(checkpoint.signatures, checkpoint)
    assert {vkey.name for vkey, _ in verified} == {EAST.name, WEST.name}
    (witness,) = (sig for vkey, sig in verified if vkey.name == WEST.name)
    assert signing.Ed25519CosignatureVerifier.get_timestamp(witness.payload) == NIGHT
