"""A concrete request out of a solver's model, and the request in words.

What the solver found is only believed once `decide` answers so to the very request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import z3

from comity.accords.times import Instant
from comity.labels import Item, Label, Level, Mark, Tagged
from comity.proof.asked import STRANGE, AnyItem, Asked, true
from comity.release.decide import Permit, decide
from comity.release.request import Request
from comity.release.world import World

UNHEARD = "(unheard-of)"
"""A word, a party or a name that no list has."""
ANY_ITEM, ANY_PART = "(any item)", "(any part)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A request that somebody could make, with the world that has its parts.

    Attributes:
        permitted: what `decide` answers to it.
    """

    request: Request
    world: World

    @property
    def permitted(self) -> bool:
        """Whether `decide` permits it."""
        return isinstance(decide(self.request, self.world), Permit)

    def __str__(self) -> str:
        """Return the request in words."""
        return in_words(self.request, self.world)


def witness(model: z3.ModelRef, asked: Asked, world: World, under: str | None) -> Witness:
    """Return the request of a model, in the world or in one that has its parts besides."""
    parts = [
        _item(model, symbols, f"{ANY_PART} {place}", world)
        for place, symbols in enumerate(asked.parts, 1)
        if true(model, symbols.there)
    ]
    item = _item(model, asked.item, ANY_ITEM, world)
    if item.id not in world.items:
        broken = (f"{UNHEARD} part",) if true(model, asked.broken) else ()
        item = replace(
            item,
            kind=_said(asked.kind.chosen(model)),
            made_from=(*(part.id for part in parts), *broken),
        )
    fresh = {part.id: part for part in parts if part.id not in world.items}
    if fresh:
        world = replace(world, items={**world.items, **fresh})
    held = asked.held.chosen(model)
    return Witness(
        world=world,
        request=Request(
            item=item,
            sender=asked.pair[0],
            recipient=asked.pair[1],
            at=Instant(model.eval(asked.at, model_completion=True).as_long()),
            purpose=_said(asked.purpose.chosen(model)),
            channel=_said(asked.channel.chosen(model)),
            under=under,
            held_as=held,
            held_tags=() if held is None else _held(model, asked),
            received=asked.received.chosen(model),
        ),
    )


def _said(word: str) -> str:
    return UNHEARD if word == STRANGE else word


def _item(model: z3.ModelRef, symbols: AnyItem, name: str, world: World) -> Item:
    known = symbols.id.chosen(model)
    if known in world.items:
        return world.items[known]

    def chosen(names: Iterable[tuple[str, z3.BoolRef]]) -> tuple[str, ...]:
        return tuple(_said(name) for name, symbol in names if true(model, symbol))

    level = symbols.level.chosen(model)
    level = level if level.policy else Level("unheard-of", UNHEARD)
    dated = true(model, symbols.dated)
    return Item(
        id=known if known != STRANGE else name,
        title=name,
        originators=chosen(symbols.originators.items()),
        label=Label(
            level=level,
            categories=chosen(symbols.categories.items()),
            release_to=chosen(symbols.names.items())
            if true(model, symbols.listed)
            else None,
            display_to=chosen(symbols.display.items()),
            tags=tuple(_tags(model, symbols, level)),
        ),
        kind="",
        purpose=_said(symbols.purpose.chosen(model)),
        channel=UNHEARD,  # the request says by which
        made=model.eval(symbols.made, model_completion=True).as_long() if dated else None,
    )


def _tags(model: z3.ModelRef, symbols: AnyItem, level: Level) -> Iterator[Tagged]:
    for (policy, name), symbol in symbols.sets.items():
        if policy == level.policy and true(model, symbol):
            values = tuple(
                mark.value
                for mark, borne in symbols.marks.items()
                if (mark.policy, mark.tag_set) == (policy, name) and true(model, borne)
            )
            yield Tagged(set_=name, values=values)
    if true(model, symbols.stray):
        yield Tagged(set_=UNHEARD, values=(UNHEARD,))


def _held(model: z3.ModelRef, asked: Asked) -> tuple[Mark, ...]:
    found = [mark for mark, symbol in asked.held_marks.items() if true(model, symbol)]
    if true(model, asked.held_stray):
        policy = asked.held.chosen(model)
        of = "unheard-of" if policy is None or not policy.policy else policy.policy
        found.append(Mark(of, UNHEARD, UNHEARD))
    return tuple(found)


def plain(asked: Asked) -> Iterator[z3.BoolRef]:
    """Yield what makes a request easy to read, the most welcome first."""
    item = asked.item
    yield from (z3.Not(part.there) for part in asked.parts)
    yield z3.Not(asked.broken)
    yield asked.received.is_(None)
    yield z3.Not(item.stray)
    yield from (z3.Not(symbol) for symbol in item.sets.values())
    yield asked.held.is_(None)
    yield item.id.is_(STRANGE)
    yield z3.Not(item.categories[STRANGE])
    for table in (item.originators, item.categories):
        symbols = list(table.values())
        yield z3.AtMost(*symbols, 1)
    yield from (z3.Not(symbol) for symbol in item.display.values())
    yield z3.Not(z3.And(item.listed, item.names[STRANGE]))
    yield z3.And(item.listed, item.names[asked.pair[1]])
    yield z3.AtMost(*item.names.values(), 1)
    yield from (z3.Not(c.is_(STRANGE)) for c in (asked.kind, asked.purpose, asked.channel))
    yield asked.at >= 0
    yield z3.Not(item.dated)


def in_words(request: Request, world: World) -> str:
    """Return a request as a sentence would say it, without *may it?*."""
    item, label = request.item, request.item.label
    parts = [
        f"{request.sender} to {request.recipient} at {world.zone.show(request.at)}",
        *([] if request.under is None else [f"under {request.under}"]),
        f"an item of {_listed(item.originators)}"
        if item.id in (ANY_ITEM, ANY_PART)
        else f"the item `{item.id}` of {_listed(item.originators)}",
        f"marked {label.level}",
        *(f"tag {mark}" for mark in label.marks),
        f"about {_listed(label.categories)}",
        *([] if label.release_to is None else [f"released to {_listed(label.release_to)}"]),
        *([f"shown to {_listed(label.display_to)}"] if label.display_to else []),
        *([] if request.held_as is None else [f"held as {request.held_as}"]),
        *(f"with {mark} beside" for mark in request.held_tags),
        *(
            []
            if request.received is None
            else [f"received from {request.received[0]} under {request.received[1]}"]
        ),
        f"a {item.kind}" if item.kind else "of no kind",
        f"for {request.for_purpose}",
        f"by {request.by_channel}",
    ]
    for name in item.made_from:
        part = world.items.get(name)
        if part is not None:
            parts.append(
                f"made from `{name}` of {_listed(part.originators)}, marked"
                f" {part.label.level}, about {_listed(part.label.categories)}"
            )
    return ", ".join(parts)


def _listed(words: Iterable[str]) -> str:
    return " and ".join(words) or "nobody or nothing"
