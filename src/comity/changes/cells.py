"""The requests that two worlds tell apart, and sets of them as regions.

Without a corpus a comparison asks about every request there could be: one item of one
category and one originator, with no tag, which nothing names by its id and its originator
releases to all. There are as many as there are words. Most are alike: two words are
*alike* if they stand in exactly the same lists of both worlds (scopes, exceptions,
purposes, channels, holds, consents, authorities, the words of the world). Then exchanging
them changes neither world, and so no answer: one is asked for all. Third parties are alike as
originators if they mark by the same levels, have consented to nothing, and stand in the
same lists of the rules. Levels, senders and recipients are each asked for themselves.

A set of such requests that get one answer is printed as few *regions*: products of lists.
Two regions are made one where they differ in one list alone, until no two can be; so
every request lies in exactly one region, and none is in a region that was not asked or is
alike one that was. The requests that two worlds tell apart are therefore compared whole,
with `decide` alone and no second rule.

An item of several categories or originators is more than the sum of its parts (one accord
must cover all of it): for those, compare the items themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from itertools import product
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.doubt import TooUncertain
from comity.accords.times import Instant
from comity.labels import Item, Label, Level
from comity.release.request import Request
from comity.release.world import World

Seen: TypeAlias = tuple[World, Instant]
"""A world at one instant."""

ANY_ITEM = "(any item)"  # no world's item can be called so, and no consent names it


class Origin(StrEnum):
    """Whose information it is, seen from the pair."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    THIRD = "third party"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """How an item is marked, and at which level its sender holds it.

    Attributes:
        third: the originator that is neither sender nor recipient.
        held_as: the sender's own level for what it received; None where the originator's
            level is the sender's too.
    """

    origin: Origin
    third: str | None
    level: Level
    held_as: Level | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The requests that combine one of each list.

    Attributes:
        pairs: sender and recipient.
    """

    pairs: tuple[tuple[str, str], ...]
    markings: tuple[Marking, ...]
    categories: tuple[str, ...]
    kinds: tuple[str, ...]
    purposes: tuple[str, ...]
    channels: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many requests it holds."""
        size = 1
        for name in _LISTS:
            size *= len(getattr(self, name))
        return size

    def requests(self, world: World, at: Instant) -> Iterator[Request]:
        """Yield every request of it, at an instant; released to every party of a world."""
        for (sender, recipient), mark, category, kind, purpose, channel in product(
            self.pairs,
            self.markings,
            self.categories,
            self.kinds,
            self.purposes,
            self.channels,
        ):
            originators = {
                Origin.SENDER: sender,
                Origin.RECIPIENT: recipient,
                Origin.THIRD: mark.third or "",
            }
            item = Item(
                id=ANY_ITEM,
                title=ANY_ITEM,
                originators=(originators[mark.origin],),
                label=Label(
                    level=mark.level,
                    categories=(category,),
                    release_to=tuple(sorted(world.parties)),
                ),
                kind=kind,
                purpose=purpose,
                channel=channel,
            )
            yield Request(
                item=item,
                sender=sender,
                recipient=recipient,
                at=at,
                held_as=mark.held_as,
            )


_LISTS = ("kinds", "channels", "purposes", "categories", "markings", "pairs")


# -- what is told apart --------------------------------------------------------------


def told_apart(seen: Sequence[Seen]) -> Iterator[Region]:
    """Yield every request that could be asked, those that are alike as one region.

    All requests of a region get the same answer in each of the worlds.
    """
    worlds = [world for world, _ in seen]
    lists = [found for one in seen for found in _lists_of(one)]
    words = [
        _alike({word for world in worlds for word in getattr(world, name)}, lists)
        for name in ("categories", "kinds", "purposes", "channels")
    ]
    apart, held = _apart(seen), _Held(worlds)
    for pair in _pairs(worlds):
        for markings in _markings(pair, worlds, apart, held):
            for categories, kinds, purposes, channels in product(*words):
                yield Region(
                    pairs=(pair,),
                    markings=markings,
                    categories=categories,
                    kinds=kinds,
                    purposes=purposes,
                    channels=channels,
                )


def _alike(words: Iterable[str], lists: Sequence[frozenset[str]]) -> list[tuple[str, ...]]:
    """Return the words in groups that stand in the same lists."""
    groups: dict[tuple[bool, ...], list[str]] = {}
    for word in sorted(words):
        groups.setdefault(tuple(word in found for found in lists), []).append(word)
    return [tuple(group) for group in groups.values()]


def _lists_of(seen: Seen) -> Iterator[frozenset[str]]:
    """Yield every list of words that a decision in this world could look at."""
    world, _ = seen
    yield from (world.categories, world.kinds, world.purposes, world.channels)
    yield world.display_kinds
    yield from _strings((world.holds, world.authorities))
    yield from _strings([i.operations for i in world.instruments])
    yield from _strings(list(_clauses(seen)))


def _clauses(seen: Seen) -> Iterator[c.Clause]:
    """Yield every rule of every text that holds between some two, and of those as agreed."""
    world, at = seen
    for accord in world.accords:
        yield from accord.clauses
        for pair in _pairs([world]):
            if accord in world.between(*pair):
                try:
                    versions = world.clock(accord.id).versions(at, pair)
                except TooUncertain:
                    continue  # nothing goes under it, whatever its words are
                for version in versions:
                    yield from () if version is accord else version.clauses


def _strings(value: object) -> Iterator[frozenset[str]]:
    """Yield each list of strings in a value, a lone string as a list of one."""
    if isinstance(value, str):
        yield frozenset((value,))
    elif is_dataclass(value):
        for spec in fields(value):
            yield from _strings(getattr(value, spec.name))
    elif isinstance(value, Mapping):
        yield from _strings((tuple(value), tuple(value.values())))
    elif isinstance(value, (tuple, list, frozenset)):
        yield frozenset(part for part in value if isinstance(part, str))
        for part in value:
            if not isinstance(part, str):
                yield from _strings(part)


def _pairs(worlds: Sequence[World]) -> list[tuple[str, str]]:
    """Return the directions in which an accord or a written authority could let anything go."""
    parties = sorted({party for world in worlds for party in world.parties})
    return [
        (sender, recipient)
        for sender, recipient in product(parties, parties)
        if sender != recipient
        and any(
            world.between(sender, recipient)
            or any(a.by == sender and recipient in a.to for a in world.authorities)
            for world in worlds
        )
    ]


def _markings(
    pair: tuple[str, str],
    worlds: Sequence[World],
    apart: Mapping[str, object],
    held: _Held,
) -> Iterator[tuple[Marking, ...]]:
    """Yield every marking of a pair's information, those of third parties that are alike as one."""
    sender, recipient = pair
    groups: dict[tuple[object, ...], list[Marking]] = {}
    for originator in sorted({party for world in worlds for party in world.parties}):
        origin = {sender: Origin.SENDER, recipient: Origin.RECIPIENT}.get(
            originator, Origin.THIRD
        )
        third = originator if origin is Origin.THIRD else None
        for level in levels(originator, worlds):
            own = origin is Origin.SENDER
            for held_as in [None] if own else held.at(level, sender):
                mark = Marking(origin=origin, third=third, level=level, held_as=held_as)
                key = (origin, third and apart[originator], level, held_as)
                groups.setdefault(key, []).append(mark)
    yield from (tuple(group) for group in groups.values())


def _apart(seen: Sequence[Seen]) -> dict[str, object]:
    """Return what tells each party from others, as an originator outside the pair."""
    lists = [found for one in seen for found in _strings(list(_clauses(one)))]
    consented = {given.by for world, _ in seen for given in world.consents()}
    return {
        party: party
        if party in consented
        else (
            tuple(party in w.parties for w, _ in seen),
            tuple(party in found for found in lists),
        )
        for world, _ in seen
        for party in world.parties
    }


def levels(party: str, worlds: Sequence[World]) -> list[Level]:
    """Return the levels of the policy by which a party marks."""
    found = {
        Level(policy.id, name): None
        for world in worlds
        if (policy := world.policy_of(party)) is not None
        for name in policy.rungs
    }
    return list(found)


class _Held:
    """At which levels of its own a holder may hold another's information."""

    def __init__(self, worlds: Sequence[World]) -> None:
        self._worlds = worlds
        self._reached: dict[Level, set[Level]] = {}
        self._rows: dict[Level, set[Level]] = {}
        for world in worlds:
            for accord in world.accords:
                for row in accord.all(c.Equivalence):
                    self._rows.setdefault(row.from_, set()).update(row.to)

    def at(self, level: Level, holder: str) -> list[Level | None]:
        """Return the holder's levels to which a chain of tables leads.

        None where the holder marks by the same policy. None at all where no table leads to
        one: it cannot have been given under an accord.
        """
        own = levels(holder, self._worlds)
        if level in own:
            return [None]
        if level not in self._reached:
            seen, waiting = {level}, [level]
            while waiting:
                fresh = self._rows.get(waiting.pop(), set()) - seen
                seen |= fresh
                waiting += fresh
            self._reached[level] = seen
        return [to for to in own if to in self._reached[level]]


# -- as few regions as will do ---------------------------------------------------------


def merged(regions: Iterable[Region]) -> tuple[Region, ...]:
    """Return the same requests in regions of which no two can be made one."""
    found = list(regions)
    while True:
        before = len(found)
        for name in _LISTS:
            found = _merged_in(found, name)
        if len(found) == before:
            return tuple(sorted(found, key=place))


def _merged_in(regions: Iterable[Region], name: str) -> list[Region]:
    """Make one of those that differ in one list alone."""
    groups: dict[tuple[object, ...], list[Region]] = {}
    for region in regions:
        rest = tuple(getattr(region, other) for other in _LISTS if other != name)
        groups.setdefault(rest, []).append(region)
    made: list[Region] = []
    for same in groups.values():
        united = {part: None for region in same for part in getattr(region, name)}
        values = {name: tuple(sorted(united, key=_order))}
        made.append(replace(same[0], **values))
    return made


def place(region: Region) -> tuple[object, ...]:
    """Return where a region stands in a list: by direction, then by whose it is."""
    first = (getattr(region, name)[0] for name in reversed(_LISTS))
    return tuple(_order(part) for part in first)


def _order(part: object) -> tuple[str, ...]:
    if isinstance(part, Marking):
        rank = str(list(Origin).index(part.origin))
        return rank, part.third or "", str(part.level), str(part.held_as or "")
    return part if isinstance(part, tuple) else (str(part),)
