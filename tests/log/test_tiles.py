from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.log import Tile, bundle_bytes, in_log, read_path, tile_bytes, tiles
from comity.log.merkle import Frontier, in_memory, leaf_hash, root

LEAVES = [leaf_hash(f"leaf {n}".encode()) for n in range(70_000)]
READ = in_memory(LEAVES)


def refused(code, check, *args):
    with pytest.raises(InvalidInput) as error:
        check(*args)
    assert error.value.code == code
    assert error.value.hint


# -- paths ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(level=0, index=1234067), "tile/0/x001/x234/067"),
        (Tile(level=0, index=0), "tile/0/000"),
        (Tile(level=1, index=999), "tile/1/999"),
        (Tile(level=1, index=1000), "tile/1/x001/000"),
        (Tile(level=63, index=5), "tile/63/005"),
        (Tile(level=2, index=0, width=1), "tile/2/000.p/1"),
        (Tile(level=0, index=273, width=112), "tile/0/273.p/112"),
        (Tile(level=None, index=1234067), "tile/entries/x001/x234/067"),
        (Tile(level=None, index=12, width=255), "tile/entries/012.p/255"),
    ],
)
def test_a_tile_has_the_path_that_the_specification_gives_it(tile, path):
    assert tile.path == path
    assert read_path(path) == tile


@given(
    st.none() | st.integers(0, 63),
    st.integers(0, 2**55),
    st.integers(1, 256),
)
def test_every_path_is_read_as_it_was_written(level, index, width):
    tile = Tile(level=level, index=index, width=width)
    assert read_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    ["", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000",
     "tile/64/000", "tile/100/000", "tile/-1/000", "tile/+1/000", "tile/0/x000/001",
     "tile/0/001/000", "tile/0/x01/000", "tile/0/x001", "tile/0/x001/x000",
     "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/257", "tile/0/000.p/01",
     "tile/0/000.p/", "tile/0/000.p", "tile/0/000/p/1", "tile/0/000.p/1/",
     "/tile/0/000", "tile/0/000\n", "tile/0/000 ", "tile/Entries/000", "tile/entries/",
     "tile/0/../000", "tile/0/\u0660\u0660\u0660", "tile//000", "tile/0/x000/x000/000",
     "tile/0/" + "x999/" * 30 + "999", "tile/data/000", "checkpoint"],
)  # fmt: skip
def test_what_is_no_path_of_a_tile_is_refused(path):
    refused("bad-tile", read_path, path)


# -- which tiles ---------------------------------------------------------------------------


def test_a_log_of_seventy_thousand_has_the_tiles_that_the_specification_counts():
    found = list(tiles(70_000))
    assert Counter((tile.level, tile.width) for tile in found) == {
        (0, 256): 273,
        (0, 112): 1,
        (1, 256): 1,
        (1, 17): 1,
        (2, 1): 1,
    }
    assert len(set(found)) == len(found)


def test_a_log_of_256_has_a_full_tile_and_one_of_one_hash():
    assert list(tiles(256)) == [Tile(level=0, index=0), Tile(level=1, index=0, width=1)]
    assert list(tiles(0)) == []


@given(st.integers(0, 2**24))
def test_a_log_has_its_tiles_and_no_wider_one(size):
    for tile in tiles(min(size, 300_000)):
        assert in_log(tile, min(size, 300_000))
    for level in range(4):
        have = size >> (8 * level)
        full, rest = divmod(have, 256)
        beyond = Tile(level=level, index=full, width=rest + 1)
        assert not in_log(beyond, size)
        if rest:
            assert in_log(Tile(level=level, index=full, width=rest), size)


def test_a_partial_tile_stays_when_the_log_grows():
    assert in_log(Tile(level=0, index=0, width=5), 5)
    assert in_log(Tile(level=0, index=0, width=5), 10_000)
    assert in_log(Tile(level=None, index=0, width=5), 5)
    assert not in_log(Tile(level=0, index=0, width=5), 4)
    assert not in_log(Tile(level=0, index=0), 0)


# -- bytes ---------------------------------------------------------------------------------


def test_a_tile_has_the_roots_over_the_tiles_below_it():
    size = 70_000
    first = tile_bytes(Tile(level=0, index=0), size, READ)
    assert first == b"".join(LEAVES[:256])
    above = tile_bytes(Tile(level=1, index=0), size, READ)
    assert len(above) == 8192
    for n in (0, 1, 255):
        assert above[32 * n :][:32] == root(LEAVES[256 * n : 256 * (n + 1)])
    partial = tile_bytes(Tile(level=1, index=1, width=17), size, READ)
    assert len(partial) == 17 * 32
    top = tile_bytes(Tile(level=2, index=0, width=1), size, READ)
    assert top == root(LEAVES[:65_536])


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 65_535, 65_536, 70_000])
def test_the_root_is_had_from_the_last_tiles_alone(size):
    def peaks():
        for tile in reversed([t for t in tiles(size) if t.width < 256]):
            raw = tile_bytes(tile, size, READ)
            hashes = [raw[at : at + 32] for at in range(0, len(raw), 32)]
            yield from Frontier().append(hashes)[0].peaks

    assert Frontier(size=size, peaks=tuple(peaks())).root == root(LEAVES[:size])


@pytest.mark.parametrize(
    "tile",
    [
        Tile(level=0, index=0, width=6),
        Tile(level=0, index=1, width=1),
        Tile(level=1, index=0, width=1),
        Tile(level=None, index=0, width=5),
    ],
)
def test_a_tile_that_the_log_does_not_have_is_not_made(tile):
    refused("no-tile", tile_bytes, tile, 5, READ)


def test_a_bundle_has_each_entry_after_its_length():
    entry = sha256(b"commitment").digest()
    assert bundle_bytes([entry, b"", b"x" * 300]) == (
        b"\x00\x20" + entry + b"\x00\x00" + b"\x01\x2c" + b"x" * 300
    )
    assert bundle_bytes([]) == b""
    assert len(bundle_bytes([b"x" * 65_535])) == 65_537


@pytest.mark.parametrize("entries", [[b"x" * 65_536], [b""] * 257])
def test_a_bundle_that_would_not_be_read_is_not_written(entries):
    refused("bad-tile", bundle_bytes, entries)
