"""What rests on one accord alone at an instant: all that would stop with it, and no corpus asked.

Of each party's own information, marked by its own policy, about one category, with no tag, that
its label releases to the recipient; what hangs on a consent, or on a time that is not known to the day, is left
out. What stops because another accord hangs on this one is `comity.changes.lapse`'s
to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from comity.accords.times import Instant
from comity.compiled.index import Index
from comity.compiled.pair import Pair, Way
from comity.compiled.words import union
from comity.labels import Level
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """Flows that one accord alone covers: every combination of one of each list."""

    sender: str
    recipient: str
    level: Level
    categories: tuple[str, ...]
    kinds: tuple[str, ...]
    purposes: tuple[str, ...]
    channels: tuple[str, ...]


def only(index: Index, accord: str, at: Instant) -> tuple[Only, ...]:
    """Return what an accord alone covers at an instant, from each of its parties to another.

    Raises:
        NotKnown: the world has no such accord.
    """
    world = index.world
    parties = sorted(world.lookup.ever(world.accord(accord)) & set(index.words.party))
    found: list[Only] = []
    for sender, recipient in permutations(parties, 2):
        pair = index.pair(sender, recipient)
        if pair is not None:
            found += _between(index, pair, accord, at)
    return tuple(found)


def _between(index: Index, pair: Pair, accord: str, at: Instant) -> Iterator[Only]:
    words = index.words
    place = words.party[pair.sender]
    own = 1 << words.from_ + place
    asked = own | 1 << words.changed + place | 1 << words.orcon + place
    mine: list[Way] = []
    others: list[Way] = []
    for way in index.cell(pair, at).ways:
        sure = way.plain is None and not (way.asks | way.marked) & asked
        if way.accord != accord:
            others.append(way)  # what may cover it is taken to cover it
        elif sure and not way.forbids & own:
            mine.append(way)
    for level in _levels(index.world, pair.sender) if mine else ():
        bit = words.levels[level]
        here = [way for way in mine if not way.forbids & bit]
        if here:
            there = [way for way in others if not way.forbids & (bit | own)]
            yield from _at_level(index, pair, level, here, there)


def _at_level(
    index: Index, pair: Pair, level: Level, mine: Sequence[Way], others: Sequence[Way]
) -> Iterator[Only]:
    words = index.words
    every = union(words.categories.values())
    left: dict[tuple[int, str, str], list[str]] = {}
    for (kind, a), (channel, b), (purpose, d) in product(
        words.kinds.items(), words.channels.items(), words.purposes.items()
    ):
        bits = a | b | d
        covered = union(every & ~way.forbids for way in mine if not way.forbids & bits)
        for way in others if covered else ():
            if not way.forbids & bits:
                covered &= way.forbids
        if covered:
            left.setdefault((covered, kind, channel), []).append(purpose)
    kinds: dict[tuple[int, str, tuple[str, ...]], list[str]] = {}
    for (mask, kind, channel), purposes in left.items():
        kinds.setdefault((mask, kind, tuple(purposes)), []).append(channel)
    groups: dict[tuple[int, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (mask, kind, purposes_), channels in kinds.items():
        groups.setdefault((mask, purposes_, tuple(channels)), []).append(kind)
    for (mask, purposes_, channels_), kinds_ in groups.items():
        yield Only(
            sender=pair.sender,
            recipient=pair.recipient,
            level=level,
            categories=tuple(k for k, bit in words.categories.items() if bit & mask),
            kinds=tuple(kinds_),
            purposes=purposes_,
            channels=channels_,
        )


def _levels(world: World, party: str) -> tuple[Level, ...]:
    """Return the levels of the policy by which a party marks."""
    policy = world.policy_of(party)
    return () if policy is None else tuple(Level(policy.id, name) for name in policy.rungs)
