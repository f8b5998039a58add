"""The words of a world as bits of one number.

What a request needs is one number, what a way of release forbids another: where the two
have no bit in common, it may go that way. Each closed list has its own stretch of bits.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from comity.labels import Level, Mark
from comity.release.world import World

Word = TypeVar("Word", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A bit for each word, by list.

    Attributes:
        party: the place of each party; its bits are ``1 << place`` in each of the masks of
            parties below, moved by their offset.
        levels, tags: of every policy; ``level_named`` finds a level by its full name.
        other_tag: of a tag that no policy knows: no row leads on from it.
        from_: bits that say whose information is in an item.
        changed: bits that say whose information goes for another purpose than it was given.
        orcon: bits that say whose information nobody passes on without consent.
    """

    party: Mapping[str, int]
    categories: Mapping[str, int]
    kinds: Mapping[str, int]
    purposes: Mapping[str, int]
    channels: Mapping[str, int]
    levels: Mapping[Level, int]
    level_named: Mapping[str, Level]
    tags: Mapping[Mark, int]
    other_tag: int
    from_: int
    changed: int
    orcon: int

    @classmethod
    def of(cls, world: World) -> Words:
        """Number every word of a world."""
        place = 0

        def numbered(words: Iterable[Word]) -> dict[Word, int]:
            nonlocal place
            found: dict[Word, int] = {}
            for word in words:
                found[word] = 1 << place
                place += 1
            return found

        parties = {party: n for n, party in enumerate(sorted(world.parties))}
        policies = [world.policies[name] for name in sorted(world.policies)]
        made = {
            "categories": numbered(sorted(world.categories)),
            "kinds": numbered(sorted(world.kinds)),
            "purposes": numbered(sorted(world.purposes)),
            "channels": numbered(sorted(world.channels)),
        }
        levels = numbered(Level(p.id, name) for p in policies for name in p.rungs)
        tags = numbered(
            Mark(policy.id, tag_set.name, value)
            for policy in policies
            for tag_set in policy.tag_sets.values()
            for value in tag_set.tags
        )
        other_tag = 1 << place
        place += 1
        return cls(
            party=parties,
            **made,
            levels=levels,
            level_named={str(level): level for level in levels},
            tags=tags,
            other_tag=other_tag,
            from_=place,
            changed=place + len(parties),
            orcon=place + 2 * len(parties),
        )

    @property
    def everybody(self) -> int:
        """A mask of every party."""
        return (1 << len(self.party)) - 1

    @property
    def low(self) -> int:
        """How many bits the categories, kinds, purposes and channels have: they are the first."""
        return sum(map(len, (self.categories, self.kinds, self.purposes, self.channels)))

    def packed(self, bits: int) -> int:
        """Return the bits of those, and after them of whose it is; without levels and tags."""
        whose = bits >> self.from_ & self.everybody
        return bits & (1 << self.low) - 1 | whose << self.low

    @property
    def table(self) -> int:
        """Every bit that a table of equivalence answers for."""
        return union(self.levels.values()) | union(self.tags.values()) | self.other_tag


def union(bits: Iterable[int]) -> int:
    """Return all of some bits together."""
    found = 0
    for bit in bits:
        found |= bit
    return found


def outside(known: Mapping[Word, int], allowed: Iterable[Word]) -> int:
    """Return the bits of the words that a list does not have."""
    inside = set(allowed)
    return union(bit for word, bit in known.items() if word not in inside)


def inside(known: Mapping[Word, int], words: Iterable[Word]) -> int:
    """Return the bits of some words; one that nobody knows has none."""
    return union(known[word] for word in words if word in known)
