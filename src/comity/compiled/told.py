"""What the plain evaluator has said, kept for whoever asks the same of a clause again.

A family of clauses reads a part of a request. What it said of that part, between two parties
and in a stretch of time, it says of every request with the same part; and a refusal is
what the families say, put together. There is no rule here, and no word of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.cuts import Stretches
from comity.accords.doubt import TooUncertain
from comity.accords.instruments import Operation
from comity.accords.times import FAR_PAST, Instant
from comity.release.decide import Distance, distance
from comity.release.examine import FAMILIES, NOTHING, Said, examine, examined, said
from comity.release.request import Examined, Request
from comity.release.world import World

Marks: TypeAlias = tuple[bool, bool]
"""Whether the label says orcon, and whether it releases the item to the recipient."""

Look: TypeAlias = Callable[[Request, Marks], Hashable]
"""The part of a request that a family of clauses reads."""

KEPT_MAX = 400_000


@dataclass(slots=True)
class Kept:
    """How much is kept, of all accords together; above `KEPT_MAX` it is let go.

    Attributes:
        shapes: a number for all that the families together read of a request, the two
            parties, the instant and the item's id left aside; never used again.
    """

    entries: int = 0
    shapes: dict[Hashable, int] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def shape(self, request: Request, marks: Marks) -> int:
        """Return the number of a request's shape."""
        item, label = request.item, request.item.label
        key = (
            label.level,
            label.tags,
            label.categories,
            item.kind,
            item.originators,
            item.purpose,
            request.for_purpose,
            request.by_channel,
            request.held_as,
            request.held_tags,
            marks,
        )
        found = self.shapes.get(key)
        if found is None:
            found = self.shapes[key] = next(self.numbers)
            self.entries += 1
        return found


@dataclass(slots=True)
class _Text:
    """One text in one stretch: what the families said that look at no more, and the others."""

    text: Accord
    base: list[Said]
    looking: list[tuple[int, str, Look, dict[Hashable, Said]]]
    whole: dict[int, tuple[Distance, Examined]] = field(default_factory=dict)


class Told:
    """What has been said of one accord from one party to another.

    Args:
        world: as read; of a later one that leaves the accord as it was, all of it holds.
        accord: by id.
        seen: every accord that may change the answer, under the view of each of the two.
        approvals: the operations of consents and refusals between the two.
        cuts: the instants at which anything else of the accord, or a hold, changes.
        kept: to count in.
    """

    def __init__(
        self,
        world: World,
        accord: Accord,
        two: tuple[str, str],
        *,
        seen: Sequence[Stretches],
        approvals: Iterable[Operation],
        cuts: Iterable[Instant],
        kept: Kept,
    ) -> None:
        self._two = two
        self._accord = accord
        self._blurred = any(one.blurred for one in seen)
        self._held = bool(world.holds_between(*two))
        self._approvals = tuple(approvals)
        made = world.lookup.designating.get(accord.id, ())
        self._designations = tuple(operation for _, _, operation in made)
        self._named = {operation.item for operation in self._approvals}
        self._named.update(operation.item for operation in self._designations)
        self._cuts: tuple[Instant, ...] = (FAR_PAST,)
        if not self._blurred:
            found = {FAR_PAST, *cuts, *(span.last for span, _, _ in made)}
            found.update(cut for one in seen for cut in one.recorded())
            self._cuts = tuple(sorted(found))
        self._stretches: dict[int, tuple[_Text, ...]] = {}
        self._words: dict[Accord, dict[str, dict[Hashable, Said]]] = {}
        self._kept = kept

    def examined(
        self, request: Request, marks: Marks, shape: int, world: World
    ) -> tuple[Distance, Examined]:
        """Return what `examine` does of the accord, and how far it is from permitting.

        Args:
            request: of an item that has no parts and was received under no accord, with
                its label in force.
            marks: of that label.
            shape: of the request.
            world: as read.
        """
        if self._blurred:
            return self._plainly(request, world)
        place = bisect_right(self._cuts, request.at) - 1
        texts = self._stretches.get(place)
        if texts is None:
            try:
                texts = self._made(request, world)
            except TooUncertain:
                return self._plainly(request, world)
            self._stretches[place] = texts
        if request.item.id in self._named:
            found = [self._examined(text, request, marks, world) for text in texts]
        else:
            found = []
            for text in texts:
                one = text.whole.get(shape)
                if one is None:
                    one = text.whole[shape] = self._examined(text, request, marks, world)
                    self._kept.entries += 1
                found.append(one)
        return max(found, key=_failing) if len(found) > 1 else found[0]

    def _plainly(self, request: Request, world: World) -> tuple[Distance, Examined]:
        """Ask for this very instant: its times are not known well enough."""
        one = examine(request, self._accord, world)
        return distance(one), one

    def _examined(
        self, text: _Text, request: Request, marks: Marks, world: World
    ) -> tuple[Distance, Examined]:
        parts = text.base.copy()
        for place, name, look, known in text.looking:
            part = look(request, marks)
            found = known.get(part)
            if found is None:
                found = known[part] = said(name, request, text.text, world)
                self._kept.entries += 1
            parts[place] = found
        one = examined(text.text, parts)
        return distance(one), one

    def _made(self, request: Request, world: World) -> tuple[_Text, ...]:
        """Ask the families that look at no more than the two parties and the stretch."""
        texts = world.clock(self._accord.id).versions(request.at, self._two)
        found = []
        for text in texts:
            words = self._words.setdefault(text, {"scope": {}, "channel": {}})
            base, looking = [NOTHING] * len(FAMILIES), []
            for place, name in enumerate(FAMILIES):
                look = self._look(name, text)
                if look is not None:
                    looking.append((place, name, look, words.get(name, {})))
                elif name != "received":  # of what was received nothing is kept
                    base[place] = said(name, request, text, world)
            found.append(_Text(text, base, looking))
            self._kept.entries += 1
        return tuple(found)

    # -- what a family reads -----------------------------------------------------------

    def _look(self, name: str, text: Accord) -> Look | None:
        """Return what a family of a text reads of a request; None for nothing."""
        looks: dict[str, Callable[[Accord], Look | None]] = {
            "held": lambda _: _categories if self._held else None,
            "scope": _scope,
            "equivalence": lambda _: self._equivalence(),
            "purpose": self._purpose,
            "channel": lambda _: _channel,
            "gates": self._gates,
            "third_party": self._third_party,
        }
        return looks[name](text) if name in looks else None

    def _consent(self) -> Callable[[Request], Hashable]:
        """Return what consents and refusals between the two read."""
        named = {operation.item for operation in self._approvals}
        if not self._approvals:
            return lambda _: None

        def look(request: Request) -> Hashable:
            item, label = request.item, request.item.label
            name = item.id if item.id in named else None
            return request.for_purpose, label.categories, label.level, name

        return look

    def _equivalence(self) -> Look:
        named = {operation.item for operation in self._designations}
        about = any(operation.categories for operation in self._designations)

        def look(request: Request, _: Marks) -> Hashable:
            item, label = request.item, request.item.label
            return (
                label.level,
                label.tags,
                request.held_as,
                request.held_tags,
                item.originators == (request.recipient,),
                item.id if item.id in named else None,
                label.categories if about else None,
            )

        return look

    def _purpose(self, text: Accord) -> Look:
        excepted, consent = _excepted(text, c.Exempts.PURPOSE), self._consent()

        def look(request: Request, _: Marks) -> Hashable:
            item, purpose = request.item, request.for_purpose
            if excepted:
                about = (item.label.categories, item.originators)
                return purpose, item.purpose, about, consent(request)
            if purpose == item.purpose:
                return purpose
            return purpose, item.purpose, item.originators, consent(request)

        return look

    def _gates(self, text: Accord) -> Look | None:
        if not any(gate.or_consent for gate in text.all(c.Gate)):
            return None
        consent = self._consent()
        return lambda request, _: (request.item.originators, consent(request))

    def _third_party(self, text: Accord) -> Look:
        two, consent = frozenset(self._two), self._consent()
        excepted = _excepted(text, c.Exempts.THIRD_PARTY)

        def look(request: Request, marks: Marks) -> Hashable:
            item = request.item
            if two.issuperset(item.originators):
                return None
            about = (item.label.categories, request.for_purpose) if excepted else None
            return item.originators, marks, about, consent(request)

        return look


def _failing(found: tuple[Distance, Examined]) -> int:
    return len(found[1].failing)


def _excepted(text: Accord, to: c.Exempts) -> bool:
    return any(exception.to is to for exception in text.all(c.Exemption))


def _categories(request: Request, _: Marks) -> Hashable:
    return request.item.label.categories


def _channel(request: Request, _: Marks) -> Hashable:
    return request.by_channel


def _scope(text: Accord) -> Look:
    if not _excepted(text, c.Exempts.SCOPE):
        return lambda request, _: (request.item.label.categories, request.item.kind)

    def look(request: Request, _: Marks) -> Hashable:
        item = request.item
        return item.label.categories, item.kind, item.originators, request.for_purpose

    return look
