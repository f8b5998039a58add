"""Tiles: a log as files that never change (C2SP tlog-tiles).

A full tile has 256 hashes of one level; the tiles' level *n* is level 8n of the tree. Bundles
have the entries, which here are commitments of 32 bytes, so that a tile tells a partner
nothing but the log's shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.errors import InvalidInput
from comity.log.merkle import SIZE_MAX, Read

WIDTH = 256
HEIGHT = 8
LEVEL_MAX = 63
ENTRY_BYTES_MAX = 2**16 - 1

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/"
    r"(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tile:
    """Which tile.

    Attributes:
        level: of the tiles; None for a bundle of entries.
        index: its place in the level.
        width: how many hashes or entries it has: 256, or fewer while it grows.
    """

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it is served, below the log's prefix."""
        groups = f"{self.index:03d}"
        groups = groups.zfill(-(-len(groups) // 3) * 3)
        parts = [groups[at : at + 3] for at in range(0, len(groups), 3)]
        name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        level = "entries" if self.level is None else self.level
        return f"tile/{level}/{name}{'' if self.width == WIDTH else f'.p/{self.width}'}"


def read_path(path: str) -> Tile:
    """Read a tile's path; a tile has one path, and any other form is refused."""
    found = _PATH.fullmatch(path)
    if found is not None:
        tile = Tile(
            level=None if found["level"] == "entries" else int(found["level"]),
            index=int(found["index"].replace("/", "").replace("x", "")),
            width=int(found["width"] or WIDTH),
        )
        if tile.path == path and (tile.level or 0) <= LEVEL_MAX and tile.width <= WIDTH:
            return tile
    raise InvalidInput(
        f"`{path}` is no path of a tile",
        hint="such as `tile/0/x001/x234/067` or `tile/1/000.p/17`",
        code="bad-tile",
    )


def tiles(size: int) -> Iterator[Tile]:
    """Yield the tiles of hashes of a log, each at its width; a partial one comes last."""
    level = 0
    while size:
        full, rest = divmod(size, WIDTH)
        yield from (Tile(level=level, index=index) for index in range(full))
        if rest:
            yield Tile(level=level, index=full, width=rest)
        level, size = level + 1, full


def in_log(tile: Tile, size: int) -> bool:
    """Say whether a log of a size has all that the tile has.

    A partial tile stays once more of it is there: who was late may still fetch it.
    """
    have = size >> (HEIGHT * (tile.level or 0))
    return 0 < size <= SIZE_MAX and tile.index * WIDTH + tile.width <= have


def tile_bytes(tile: Tile, size: int, read: Read) -> bytes:
    """Return the bytes of a tile of hashes from the whole nodes of a log."""
    if tile.level is None or not in_log(tile, size):
        raise InvalidInput(
            f"a log of {size} leaves has no tile `{tile.path}`",
            hint="read the checkpoint, and fetch what its size has",
            code="no-tile",
        )
    first = tile.index * WIDTH
    level = tile.level * HEIGHT
    return b"".join(read(level, index) for index in range(first, first + tile.width))


def bundle_bytes(entries: Sequence[bytes]) -> bytes:
    """Return the bytes of a bundle: each entry after its length in two bytes."""
    if len(entries) > WIDTH or any(len(entry) > ENTRY_BYTES_MAX for entry in entries):
        raise InvalidInput(
            "too many entries for a bundle, or one that is too long",
            hint=f"at most {WIDTH} entries of at most {ENTRY_BYTES_MAX} bytes",
            code="bad-tile",
        )
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)
