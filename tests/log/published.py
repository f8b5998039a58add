"""A log as its partners see it: the files that a node serves, and proofs from it."""

from comity.log import (
    Policy,
    add_lines,
    bundle_bytes,
    consistency,
    cosign,
    frontier,
    in_memory,
    inclusion,
    leaf_hash,
    open_checkpoint,
    sign_checkpoint,
    tile_bytes,
    tiles,
)
from comity.log.checkpoint import Checkpoint
from comity.log.tiles import Tile
from log.makers import EAST, NIGHT, WEST, signer


class Published:
    """Every file of a log of these commitments, by its path."""

    def __init__(self, commitments):
        self.commitments = commitments
        self.size = len(commitments)
        self.leaves = [leaf_hash(one) for one in commitments]
        self.read = in_memory(self.leaves)
        head = Checkpoint(origin=EAST.name, size=self.size, root=self.root(self.size))
        raw = sign_checkpoint(head, EAST, signer("east"))
        line = cosign(
            open_checkpoint(raw, Policy(log=EAST)),
            None,
            (),
            by=WEST,
            signer=signer("west cosigns"),
            at=NIGHT,
        )
        self.files = {"checkpoint": add_lines(raw, [line])}
        for tile in tiles(self.size):
            self.files[tile.path] = tile_bytes(tile, self.size, self.read)
        for first in range(0, self.size, 256):
            entries = commitments[first : first + 256]
            bundle = Tile(level=None, index=first // 256, width=len(entries))
            self.files[bundle.path] = bundle_bytes(entries)

    def root(self, size):
        return frontier(size, self.read).root

    def inclusion(self, index):
        return inclusion(index, self.size, self.read)

    def consistency(self, old):
        return consistency(old, self.size, self.read)
