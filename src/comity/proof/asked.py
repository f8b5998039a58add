"""A request of which nothing is known but its two parties: every other fact is a symbol.

What a request may say is infinite; what decides is not. A word outside the world's lists is
one symbol (*a word that nobody has defined*), a name on a list that is neither the
recipient's nor the sender's nor a group's is one, and so is an id that no act names.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import z3

from comity.accords.instruments import Op
from comity.accords.links import HORIZON
from comity.accords.times import FAR_PAST, Instant
from comity.labels import Item, Level, Mark
from comity.release.marked import label_at
from comity.release.world import World

Word = TypeVar("Word", bound=Hashable)

STRANGE = ""
"""A word, party or name that no list has; an id that no act names."""
NOWHERE = Level("", "")
"""A level that no policy has."""
Pair = tuple[str, str]


def every(terms: Iterable[z3.BoolRef]) -> z3.BoolRef:
    """Return the conjunction; of none, true."""
    return z3.And(*found) if (found := list(terms)) else z3.BoolVal(val=True)


def some(terms: Iterable[z3.BoolRef]) -> z3.BoolRef:
    """Return the disjunction; of none, false."""
    return z3.Or(*found) if (found := list(terms)) else z3.BoolVal(val=False)


def fixed(*, value: bool) -> z3.BoolRef:
    """Return a truth that hangs on no symbol."""
    return z3.BoolVal(val=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Generic[Word]):
    """One of some words: a symbol for each, of which one is true."""

    options: Mapping[Word, z3.BoolRef]

    @classmethod
    def of(cls, name: str, words: Iterable[Word]) -> Choice[Word]:
        """Return a choice among words, each once."""
        found = dict.fromkeys(words)
        return cls(options={word: z3.Bool(f"{name}={word}") for word in found})

    def is_(self, word: Word) -> z3.BoolRef:
        """Return the condition that it is a word; false for one that is no option."""
        return self.options.get(word, fixed(value=False))

    def among(self, words: Iterable[Word]) -> z3.BoolRef:
        """Return the condition that it is one of some words."""
        return some(self.is_(word) for word in dict.fromkeys(words))

    def domain(self) -> z3.BoolRef:
        """Return the condition that just one is true."""
        return z3.PbEq([(symbol, 1) for symbol in self.options.values()], 1)

    def chosen(self, model: z3.ModelRef) -> Word:
        """Return the word that a model chose."""
        return next(word for word, symbol in self.options.items() if true(model, symbol))


def true(model: z3.ModelRef, term: z3.BoolRef) -> bool:
    """Say whether a term is true in a model; what the model leaves open is false."""
    return bool(z3.is_true(model.eval(term, model_completion=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyItem:
    """An item, or a part of one, of which every fact is a symbol.

    Attributes:
        there: for a part: whether the item is made from it.
        level: the one in force at the request's instant.
        listed: whether its label has a list of recipients.
        names, display: who stands on either list.
        dated: whether somebody recorded when it was ``made``.
        sets: whether a tag set stands on the label, by policy and set.
        marks: the values of those sets.
        stray: a set or value that the policy does not have stands on it.
    """

    there: z3.BoolRef
    id: Choice[str]
    level: Choice[Level]
    categories: Mapping[str, z3.BoolRef]
    originators: Mapping[str, z3.BoolRef]
    purpose: Choice[str]
    listed: z3.BoolRef
    names: Mapping[str, z3.BoolRef]
    display: Mapping[str, z3.BoolRef]
    dated: z3.BoolRef
    made: z3.ArithRef
    sets: Mapping[tuple[str, str], z3.BoolRef]
    marks: Mapping[Mark, z3.BoolRef]
    stray: z3.BoolRef

    def level_of(self, policy: str) -> z3.BoolRef:
        """Return the condition that it is marked by a policy."""
        return self.level.among(one for one in self.level.options if one.policy == policy)

    def only(self, party: str) -> z3.BoolRef:
        """Return the condition that it comes from one party and from nobody else."""
        return every(
            symbol if name == party else z3.Not(symbol)
            for name, symbol in self.originators.items()
        )

    def domain(self) -> Iterator[z3.BoolRef]:
        """Yield what holds of every item: its facts fit together."""
        yield self.id.domain()
        yield self.level.domain()
        yield self.purpose.domain()
        for symbol in self.names.values():
            yield z3.Implies(symbol, self.listed)
        for mark, symbol in self.marks.items():
            yield z3.Implies(symbol, self.sets[mark.policy, mark.tag_set])
        for (policy, _), symbol in self.sets.items():
            yield z3.Implies(symbol, self.level_of(policy))
        yield self.made >= FAR_PAST
        yield self.made < HORIZON

    def equals(self, item: Item, level: z3.BoolRef) -> z3.BoolRef:
        """Return the condition that it is a given item, whose level is said apart."""
        label = item.label

        def named(symbols: Mapping[str, z3.BoolRef], names: Iterable[str]) -> z3.BoolRef:
            found = {n if n in symbols else STRANGE for n in names}
            return every(s if n in found else z3.Not(s) for n, s in symbols.items())

        entries = {(label.level.policy, entry.set_) for entry in label.tags}
        marks = set(label.marks)
        return every(
            [
                level,
                named(self.categories, label.categories),
                named(self.originators, item.originators),
                self.purpose.is_(
                    item.purpose if item.purpose in self.purpose.options else STRANGE
                ),
                self.listed == fixed(value=label.release_to is not None),
                named(self.names, label.release_to or ()),
                named(self.display, label.display_to),
                self.dated == fixed(value=item.made is not None),
                self.made == (item.made or 0),
                *(s == fixed(value=key in entries) for key, s in self.sets.items()),
                *(s == fixed(value=mark in marks) for mark, s in self.marks.items()),
                self.stray == fixed(value=_strays(item, self)),
            ]
        )


def _strays(item: Item, symbols: AnyItem) -> bool:
    policy = item.label.level.policy
    names = [entry.set_ for entry in item.label.tags]
    return (
        len(set(names)) < len(names)
        or any((policy, name) not in symbols.sets for name in names)
        or any(mark not in symbols.marks for mark in item.label.marks)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Any request from one party to another.

    Attributes:
        pair: sender and recipient.
        at: the instant, in UTC seconds.
        parts: what the item may be made from; each is there or not.
        broken: the item names a part that nobody has, or is a part of itself.
        purpose, channel: those asked for.
        held: at which level the sender holds it; None for the originator's level.
        held_marks: its tags beside that level.
        held_stray: a tag beside that level that no policy has.
        received: from whom and under which accord the sender has it, as the request
            says; None where it says nothing.
    """

    pair: Pair
    at: z3.ArithRef
    item: AnyItem
    parts: tuple[AnyItem, ...]
    broken: z3.BoolRef
    kind: Choice[str]
    purpose: Choice[str]
    channel: Choice[str]
    held: Choice[Level | None]
    held_marks: Mapping[Mark, z3.BoolRef]
    held_stray: z3.BoolRef
    received: Choice[Pair | None]

    @property
    def members(self) -> tuple[AnyItem, ...]:
        """The item first, then its parts."""
        return (self.item, *self.parts)

    def originates(self, party: str) -> z3.BoolRef:
        """Return the condition that the item or a part of it comes from a party."""
        return some(
            z3.And(member.there, member.originators[party])
            for member in self.members
            if party in member.originators
        )

    def symbols(self) -> Iterator[z3.ExprRef]:
        """Yield every symbol."""
        yield self.at
        for item in self.members:
            yield from (item.there, item.listed, item.dated, item.made, item.stray)
            for choice in (item.id, item.level, item.purpose):
                yield from choice.options.values()
            for table in (item.categories, item.originators, item.names, item.display):
                yield from table.values()
            yield from (*item.sets.values(), *item.marks.values())
        for asked in (self.kind, self.purpose, self.channel, self.held, self.received):
            yield from asked.options.values()
        yield from (self.broken, *self.held_marks.values(), self.held_stray)

    def domain(self, world: World, spans: Iterable[tuple[Instant, Instant]]) -> z3.BoolRef:
        """Return what holds of every request: its facts fit together, and it is in time.

        An id of the world is its item's, with the facts of that item. One made from more
        parts than there are symbols for is left out.
        """
        found = [self.at >= FAR_PAST, self.at < HORIZON, self.item.there]
        found += [term for item in self.members for term in item.domain()]
        for asked in (self.kind, self.purpose, self.channel, self.held, self.received):
            found.append(asked.domain())
        held = z3.Not(self.held.is_(None))
        for symbol in (*self.held_marks.values(), self.held_stray):
            found.append(z3.Implies(symbol, held))
        for place, part in enumerate(self.parts):
            for name, symbol in part.id.options.items():
                if name != STRANGE:
                    found += [
                        z3.Not(z3.And(symbol, other.id.is_(name), other.there, part.there))
                        for other in self.members[: place + 1]
                    ]
        spans = tuple(spans)
        for member in self.members:
            for name, symbol in member.id.options.items():
                item = world.items.get(name)
                if item is not None:
                    level = self._level(member, item, world, spans)
                    same = member.equals(item, level)
                    if member is self.item:
                        same = z3.And(same, self._made_from(item, world, spans))
                        same = z3.And(same, self.kind.is_(item.kind))
                    found.append(z3.Implies(symbol, same))
        return every(found)

    def _level(
        self,
        symbols: AnyItem,
        item: Item,
        world: World,
        spans: Iterable[tuple[Instant, Instant]],
    ) -> z3.BoolRef:
        return every(
            z3.Implies(
                z3.And(self.at >= start, self.at < before),
                symbols.level.is_(label_at(item, world, start).level),
            )
            for start, before in spans
        )

    def _made_from(
        self, item: Item, world: World, spans: Iterable[tuple[Instant, Instant]]
    ) -> z3.BoolRef:
        parts = [world.items.get(name) for name in dict.fromkeys(item.made_from)]
        known = [part for part in parts if part is not None and not part.made_from]
        if len(known) < len(parts) or len(known) > len(self.parts):
            return fixed(value=False)
        rest = self.parts[len(known) :]
        return every(
            [
                z3.Not(self.broken),
                *(z3.Not(part.there) for part in rest),
                *(
                    z3.And(s.there, s.equals(p, self._level(s, p, world, spans)))
                    for s, p in zip(self.parts, known, strict=False)
                ),
            ]
        )


def ask(world: World, pair: Pair, parts: int = 1, *, received: bool = True) -> Asked:
    """Return any request of a world between a pair, of an item with so many parts at most.

    Without ``received``, any that does not say how the sender has the item; what is on
    record counts all the same.
    """
    own = world.policy_of(pair[0])
    levels = [
        Level(policy.id, rung)
        for policy in world.policies.values()
        for rung in policy.rungs
    ]
    held = [level for level in levels if own is not None and level.policy == own.id]
    ways = [None, *(_ways_here(world, pair[0]) if received else ())]
    item, *made_from = (
        _any_item(world, pair, f"{place or ''}:", levels) for place in range(parts + 1)
    )
    return Asked(
        pair=pair,
        at=z3.Int("at"),
        item=item,
        parts=tuple(made_from),
        broken=z3.Bool("broken"),
        kind=Choice.of("kind", [*sorted(world.kinds), STRANGE]),
        purpose=Choice.of("asked", [*sorted(world.purposes), STRANGE]),
        channel=Choice.of("channel", [*sorted(world.channels), STRANGE]),
        held=Choice.of("held", [None, *held, NOWHERE]),
        held_marks={m: z3.Bool(f"holds {m}") for m in _marks(world)},
        held_stray=z3.Bool("holds another"),
        received=Choice.of("received", ways),
    )


def _any_item(world: World, pair: Pair, name: str, levels: Iterable[Level]) -> AnyItem:
    marks = _marks(world)
    names = [*dict.fromkeys((*pair, *sorted(world.groups))), STRANGE]
    sets = [(p.id, tag_set) for p in world.policies.values() for tag_set in p.tag_sets]

    def symbols(what: str, words: Iterable[Word]) -> dict[Word, z3.BoolRef]:
        return {word: z3.Bool(f"{name}{what} {word}") for word in words}

    return AnyItem(
        there=z3.Bool(f"{name}there"),
        id=Choice.of(f"{name}id", [STRANGE, *_ids(world, pair)]),
        level=Choice.of(f"{name}level", [*levels, NOWHERE]),
        categories=symbols("about", [*sorted(world.categories), STRANGE]),
        originators=symbols("from", [*sorted(world.parties), STRANGE]),
        purpose=Choice.of(f"{name}for", [*sorted(world.purposes), STRANGE]),
        listed=z3.Bool(f"{name}listed"),
        names=symbols("released to", names),
        display=symbols("shown to", names),
        dated=z3.Bool(f"{name}dated"),
        made=z3.Int(f"{name}made"),
        sets=symbols("set", sets),
        marks=symbols("tag", marks),
        stray=z3.Bool(f"{name}another tag"),
    )


def _marks(world: World) -> list[Mark]:
    return [
        Mark(policy.id, name, value)
        for policy in world.policies.values()
        for name, tag_set in policy.tag_sets.items()
        for value in tag_set.tags
    ]


def _ids(world: World, pair: Pair) -> list[str]:
    """Return the ids that an act or an authority names for this way of release."""
    sender, recipient = pair
    found = {
        operation.item
        for do in (Op.CONSENT, Op.REQUEST_CONSENT)
        for _, operation in world.acts(do)
        if (operation.holder, operation.to) == pair
    }
    found |= {op.item for _, op in world.acts(Op.RELEASE) if op.to == sender}
    for authority in world.authorities:
        if authority.by == sender and recipient in authority.to:
            found |= set(authority.items)
    return sorted(name for name in found if name is not None)


def _ways_here(world: World, sender: str) -> list[Pair]:
    """Return from whom, and under which accord, the sender may have received something."""
    return [
        (giver, accord.id)
        for giver in sorted(world.parties)
        if giver != sender
        for accord in world.between(giver, sender)
    ]
