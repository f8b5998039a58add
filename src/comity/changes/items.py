"""Items on both sides of a comparison, from each of their originators to every party.

All are decided together (`comity.compiled.many`); those that differ are asked one by one, for
the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from comity.accords.times import Instant
from comity.changes.asking import Answer, Asking, Difference, Way, answer
from comity.compiled import Index
from comity.compiled.flow import Flow, Under
from comity.compiled.many import covering, decided
from comity.labels import Item
from comity.release.request import Reason
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDiffers:
    """An item from one of its originators to a party, with this difference.

    Attributes:
        ways: that are left, where it stops.
    """

    item: str
    sender: str
    recipient: str
    difference: Difference
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """How many requests the difference leaves as they were.

    Attributes:
        permitted: on both sides, in the same way.
        refused: on both sides, for whatever reason.
        held: of those refused, by a hold before.
    """

    permitted: int = 0
    refused: int = 0
    held: int = 0


def items_apart(
    asking: Asking, items: Iterable[Item]
) -> tuple[tuple[ItemDiffers, ...], Alike]:
    """Return the flows of some items that go, or went, otherwise, and count the others."""
    before, after = _Side(asking.old, asking.before[1]), _Side(asking.new, asking.after[1])
    flows = _flows(asking, items)
    two = list(zip(before.decided(flows), after.decided(flows), strict=True))
    goes_on = [was.permitted and now.permitted for was, now in two]
    same = iter(
        _same([f for f, on in zip(flows, goes_on, strict=True) if on], before, after)
    )
    made: list[ItemDiffers] = []
    permitted = refused = held = 0
    for flow, (was, now), on in zip(flows, two, goes_on, strict=True):
        if on and next(same):
            permitted += 1
        elif was.permitted or now.permitted:
            request = flow.request()
            found = asking.difference(request)
            if isinstance(found, Answer):  # what `decide` says is what counts
                permitted += found.permitted
                refused += not found.permitted
                continue
            made.append(
                ItemDiffers(
                    item=flow.item.id,
                    sender=flow.sender,
                    recipient=flow.recipient,
                    difference=found,
                    ways=asking.ways(request, found),
                )
            )
        else:
            refused += 1
            held += before.held(flow)
    return tuple(made), Alike(permitted=permitted, refused=refused, held=held)


def _flows(asking: Asking, items: Iterable[Item]) -> list[Flow]:
    parties = sorted({*asking.before[0].parties, *asking.after[0].parties})
    return [
        Flow(item, sender, recipient, asking.after[1])
        for item in items
        for sender in item.originators
        for recipient in parties
        if sender != recipient
    ]


def _same(flows: Sequence[Flow], before: _Side, after: _Side) -> list[bool]:
    """Say of flows that go on whether by the same accords, and handled alike."""
    old, new = before.covering(flows), after.covering(flows)
    return [
        was == now and before.handled(flow, was) == after.handled(flow, now)
        for flow, was, now in zip(flows, old, new, strict=True)
    ]


@dataclass(slots=True)
class _Side:
    """One side: many flows of it decided at its instant."""

    index: Index
    at: Instant
    _handled: dict[tuple[object, ...], object] = field(default_factory=dict)
    _named: frozenset[str] | None = None

    def decided(self, flows: Sequence[Flow]) -> list[Under]:
        return decided(self.index, [flow._replace(at=self.at) for flow in flows])

    def covering(self, flows: Sequence[Flow]) -> list[tuple[str | None, ...]]:
        """Return by which accords each permitted flow goes; or by which authority."""
        now = [flow._replace(at=self.at) for flow in flows]
        found = covering(self.index, now)
        return [
            accords or (None, answer(flow.request(), self.world).authority)
            for flow, accords in zip(now, found, strict=True)
        ]

    @property
    def world(self) -> World:
        return self.index.world

    def handled(self, flow: Flow, accords: tuple[str | None, ...]) -> object:
        """Return how the recipient handles what goes; what is marked alike is asked once.

        An item that an act names, or that is made from others, is asked by itself.
        """
        item, name = flow.item, accords[0]
        if name is None:
            return None
        if self._named is None:
            acts = (op for act in self.world.instruments for op in act.operations)
            self._named = frozenset(op.item for op in acts if op.item is not None)
        alone = item.id in self._named or item.made_from
        key = (
            flow.sender,
            flow.recipient,
            name,
            item.id if alone else "",
            item.label if alone or name in self.world.lookup.designating else "",
            item.label.level,
            item.label.marks,
            item.label.successor,
            item.originators == (flow.recipient,),
        )
        if key not in self._handled:
            found = answer(flow._replace(at=self.at).request(), self.world)
            self._handled[key] = (found.handle_as, found.handle_tags)
        return self._handled[key]

    def held(self, flow: Flow) -> bool:
        """Say whether a refused flow is refused by a hold."""
        pair = self.index.pair(flow.sender, flow.recipient)
        if pair is None or not any(hold.stands(self.at) for hold in pair.holds):
            return False
        found = answer(flow._replace(at=self.at).request(), self.world)
        return found.reason is Reason.HELD
