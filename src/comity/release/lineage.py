"""What an item was made from, part by part, and whose information is in it."""

from __future__ import annotations

from dataclasses import dataclass

from comity.labels import Item
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """An item with all its parts, and what is wrong with what it says of them.

    Attributes:
        members: the item first, then each part once, however often and deep it is used.
        unknown: (the item that names it, the part that the world does not have).
        circles: the ids along a way on which an item is a part of itself.
    """

    members: tuple[Item, ...]
    unknown: tuple[tuple[str, str], ...] = ()
    circles: tuple[tuple[str, ...], ...] = ()

    def of(self, party: str) -> tuple[Item, ...]:
        """Return the members that come from a party: the item, parts of it, or none."""
        return tuple(member for member in self.members if party in member.originators)


def lineage(item: Item, world: World) -> Lineage:
    """Return an item with its parts and their parts, in the order in which they are named.

    Parts are items of the world. A part that it does not have and a circle are kept apart:
    nothing that has one may go anywhere.
    """
    if not item.made_from:
        return Lineage(members=(item,))
    members = {item.id: item}
    unknown: list[tuple[str, str]] = []
    circles: list[tuple[str, ...]] = []
    closed: set[str] = set()
    way: list[str] = []
    waiting: list[tuple[Item, bool]] = [(item, False)]
    while waiting:
        member, done = waiting.pop()
        if done:
            closed.add(way.pop())
            continue
        if member.id in way:
            circles.append((*way[way.index(member.id) :], member.id))
            continue
        if member.id in closed:
            continue
        members.setdefault(member.id, member)
        way.append(member.id)
        waiting.append((member, True))
        parts: list[tuple[Item, bool]] = []
        for name in dict.fromkeys(member.made_from):
            part = item if name == item.id else world.items.get(name)
            if part is None:
                unknown.append((member.id, name))
            else:
                parts.append((part, False))
        waiting += reversed(parts)
    return Lineage(
        members=tuple(members.values()), unknown=tuple(unknown), circles=tuple(circles)
    )


def originators(item: Item, world: World) -> tuple[str, ...]:
    """Return every party that an item or a part of it comes from, its own first.

    The third-party rule asks each of them (GSOMIA 6(a); 22 CFR 9.12).
    """
    if not item.made_from and len(item.originators) == 1:
        return item.originators
    found = (party for m in lineage(item, world).members for party in m.originators)
    return tuple(dict.fromkeys(found))
