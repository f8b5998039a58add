"""The Merkle tree of a log: hashes, growth, and proofs (RFC 6962 section 2.1, RFC 9162).

A node of the tree is named by its level and its index in the level. Level 0 has the leaf
hashes; node ``(level, index)`` is the root over the leaves from ``index << level`` to
``(index + 1) << level``. A node whose leaves are all there is whole, and never changes. A
proof reads whole nodes alone, at most two for each level of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from comity.errors import InvalidInput

HASH_BYTES = 32
EMPTY = sha256(b"").digest()
"""The root of an empty log."""

SIZE_MAX = 2**63 - 1
"""More leaves than one log gets; a proof has at most 63 hashes for a leaf of it."""

PROOF_HASHES_MAX = 63
"""As in tlog-witness: at most 63 hashes in a proof."""

Read: TypeAlias = Callable[[int, int], bytes]
"""How proofs read the whole nodes of a log: level and index in, hash out."""


Node: TypeAlias = tuple[int, int, bytes]
"""One whole node: its level, its index, and the root over its leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node over its two children (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The least that must be known of a log to append to it.

    Attributes:
        size: how many leaves the log has.
        peaks: the roots of the whole subtrees into which the leaves fall, largest first:
            one for each bit that is set in the size.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse peaks that are not of this size."""
        if not 0 <= self.size <= SIZE_MAX or len(self.peaks) != self.size.bit_count():
            raise InvalidInput(
                f"a log of {self.size} leaves does not have {len(self.peaks)} peaks",
                hint="read the log's size and nodes from one snapshot of the store",
                code="log-frontier",
            )
        for peak in self.peaks:
            _check_hash(peak, "a peak")

    @property
    def root(self) -> bytes:
        """The root of the tree; of an empty one, the hash of nothing."""
        return _fold(self.peaks)

    def append(self, leaves: Iterable[bytes]) -> tuple[Frontier, list[Node]]:
        """Append leaf hashes, and return what the log is then and the nodes that are whole.

        They are all that became whole, each once and the leaves among them. Of those a log
        keeps the leaves and every eighth level, as tiles have them; a reader folds the rest.
        """
        size, peaks, nodes = self.size, list(self.peaks), list[Node]()
        for leaf in leaves:
            _check_hash(leaf, "a leaf hash")
            level, index, node = 0, size, leaf
            nodes.append((level, index, node))
            while index & 1:
                level, index, node = level + 1, index >> 1, node_hash(peaks.pop(), node)
                nodes.append((level, index, node))
            peaks.append(node)
            size += 1
        return Frontier(size=size, peaks=tuple(peaks)), nodes

    def growth(self, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
        """Return the consistency proof from here to after these leaves, reading nothing.

        All that such a proof has is a peak from before, or a node over leaves since. So a
        log that keeps the frontier its partner has seen proves each contact's few leaves
        from them alone.
        """
        later, nodes = self.append(leaves)
        known = {(level, index): node for level, index, node in nodes}
        known.update(zip(_peaks(0, self.size), self.peaks, strict=True))
        return consistency(self.size, later.size, lambda level, index: known[level, index])


def frontier(size: int, read: Read) -> Frontier:
    """Return the frontier of a log, or of what it was at a smaller size, from its nodes."""
    _check_size(size)
    return Frontier(size=size, peaks=tuple(read(*place) for place in _peaks(0, size)))


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    return Frontier().append(leaves)[0].root


def in_memory(leaves: Iterable[bytes]) -> Read:
    """Return a reader of the tree over leaf hashes, for trees that are small enough."""
    _, nodes = Frontier().append(leaves)
    kept = {(level, index): node for level, index, node in nodes}
    return lambda level, index: kept[level, index]


def inclusion(index: int, size: int, read: Read) -> tuple[bytes, ...]:
    """Return the proof that a leaf is in the tree of a size (RFC 6962 section 2.1.1).

    From the leaf's sibling to the root's child. What lies beyond the last whole subtree
    is folded from its peaks.
    """
    _check_size(size)
    if not 0 <= index < size:
        raise InvalidInput(
            f"a log of {size} leaves has no leaf {index}",
            hint="ask for a leaf below the size of the checkpoint",
            code="log-proof",
        )
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_span(middle, end, read))
            end = middle
        else:
            proof.append(_span(start, middle, read))
            start = middle
    return tuple(reversed(proof))


def consistency(old: int, size: int, read: Read) -> tuple[bytes, ...]:
    """Return the proof that a tree only grew from one size (RFC 6962 section 2.1.2).

    Nothing is to be proved from an empty tree, or from the same size: the proof is empty.
    """
    _check_size(size)
    if not 0 <= old <= size:
        raise InvalidInput(
            f"a log of {size} leaves never had {old}",
            hint="ask for the proof from the smaller size to the larger",
            code="log-proof",
        )
    if old in {0, size}:
        return ()
    proof: list[bytes] = []
    start, end = 0, size
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_span(middle, end, read))
            end = middle
        else:
            proof.append(_span(start, middle, read))
            start = middle
    if start:  # otherwise the verifier has this hash: it is the old root
        proof.append(_span(start, end, read))
    return tuple(reversed(proof))


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise unless the proof leads from the leaf hash to the root (RFC 9162 2.1.3.2)."""
    _check_proof(proof, leaf, root)
    if not 0 <= index < size <= SIZE_MAX:
        raise _unproved(f"leaf {index} is not in a log of {size} leaves")
    at, last, node = index, size - 1, leaf
    for other in proof:
        if last == 0:
            raise _unproved("it has more hashes than the tree has levels")
        if at & 1 or at == last:
            node = node_hash(other, node)
            while not at & 1:  # neither is 0 here, so this ends
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, other)
        at, last = at >> 1, last >> 1
    if last != 0 or node != root:
        raise _unproved(f"leaf {index} does not lead to the root of {size} leaves")


def verify_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Raise unless the tree of the old root only grew to the new (RFC 9162 2.1.4.2)."""
    _check_proof(proof, old_root, root)
    if not 0 <= old <= size <= SIZE_MAX:
        raise _unproved(f"a log of {size} leaves never had {old}")
    if (not old and old_root != EMPTY) or (not size and root != EMPTY):
        raise _unproved("the root of an empty log is the hash of nothing")
    if old in {0, size}:
        if proof or (old == size and old_root != root):
            raise _unproved(f"the roots of {old} and {size} leaves do not agree")
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise _unproved("it is empty, and the log grew")
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for other in path[1:]:
        if last == 0:
            raise _unproved("it has more hashes than the tree has levels")
        if at & 1 or at == last:
            before, after = node_hash(other, before), node_hash(other, after)
            while not at & 1:  # neither is 0 here, so this ends
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, other)
        at, last = at >> 1, last >> 1
    if last != 0 or before != old_root or after != root:
        raise _unproved(f"the log of {size} leaves does not begin with the {old} before")


def _split(size: int) -> int:
    """Return the largest power of two below a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)


def _peaks(start: int, end: int) -> list[tuple[int, int]]:
    """Return the whole subtrees that cover a stretch which begins at one, largest first."""
    places: list[tuple[int, int]] = []
    while start < end:
        level = (end - start).bit_length() - 1
        places.append((level, start >> level))
        start += 1 << level
    return places


def _span(start: int, end: int, read: Read) -> bytes:
    return _fold([read(*place) for place in _peaks(start, end)])


def _fold(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY
    node = peaks[-1]
    for left in reversed(peaks[:-1]):
        node = node_hash(left, node)
    return node


def _check_size(size: int) -> None:
    if not 0 <= size <= SIZE_MAX:
        raise InvalidInput(
            f"a log cannot have {size} leaves",
            hint="a size is a whole number below 2^63",
            code="log-proof",
        )


def _check_hash(value: bytes, what: str) -> None:
    if len(value) != HASH_BYTES:
        raise InvalidInput(
            f"{what} has {len(value)} bytes, and a SHA-256 hash has {HASH_BYTES}",
            hint="give the hash itself, not its hexadecimal or base64 form",
            code="log-hash",
        )


def _check_proof(proof: Sequence[bytes], *hashes: bytes) -> None:
    if len(proof) > PROOF_HASHES_MAX:
        raise _unproved(f"it has {len(proof)} hashes, and at most {PROOF_HASHES_MAX} fit")
    for value in (*proof, *hashes):
        _check_hash(value, "a hash of a proof")


def _unproved(why: str) -> InvalidInput:
    return InvalidInput(
        f"the proof does not hold: {why}",
        hint="ask the log for the proof again; if it stays so, keep both and ask the partner",
        code="log-unproved",
    )
