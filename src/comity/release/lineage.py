"""What an item was made from, part by part, and whose information is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from comity.accords.times import Instant
from comity.labels import Item
from comity.release import marked
from comity.release.handling import reached
from comity.release.marked import label_at
from comity.release.request import Request
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


def lineage(item: Item, world: World, at: Instant | None = None) -> Lineage:
    """Return an item with its parts and their parts, in the order in which they are named.

    Parts are items of the world. A part that it does not have and a circle are kept apart:
    nothing that has one may go anywhere. With an instant, each has the label that it has
    then.
    """
    if at is not None:
        item = replace(item, label=label_at(item, world, at))
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
                if at is not None and part is not item:
                    part = replace(part, label=label_at(part, world, at))
                parts.append((part, False))
        waiting += reversed(parts)
    return Lineage(
        members=tuple(members.values()), unknown=tuple(unknown), circles=tuple(circles)
    )


def originators(item: Item, world: World) -> tuple[str, ...]:
    """Return every party that an item or a part of it comes from, its own first.

    The third-party rule asks each of them (GSOMIA 6(a); 22 CFR 9.12).
    """
    found = (party for m in lineage(item, world).members for party in m.originators)
    return tuple(dict.fromkeys(found))


def label_cuts(request: Request, world: World) -> Iterator[Instant]:
    """Yield the later instants at which the item's label, or a part's, may say otherwise."""
    for member in lineage(request.item, world).members:
        yield from marked.label_cuts(replace(request, item=member), world)


def below_parts(found: Lineage, world: World) -> Iterator[tuple[Item, str, str]]:
    """Yield each part whose mark an item's own falls short of, with what that wants and has.

    The whole is about all that its parts are about, and its level stands over each of
    theirs, or over one to which the tables lead from it. Only an originator lowers.
    """
    item, *parts = found.members
    level, policy = item.label.level, world.policies.get(item.label.level.policy)
    for part in parts:
        left_out = set(part.label.categories) - set(item.label.categories)
        if left_out:
            wants = f"what its part `{part.id}` is about: {', '.join(sorted(left_out))}"
            yield part, wants, ", ".join(item.label.categories) or "no category"
        over = reached(part.label.level, world)
        if policy is None or not any(policy.dominates(level, one) for one in over):
            wants = f"a level that stands over `{part.label.level}` of its part `{part.id}`"
            yield part, wants, f"`{level}`"
