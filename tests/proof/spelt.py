"""A request as values of the symbols, and terms computed on such values."""

from __future__ import annotations

import random
from dataclasses import replace

import z3

from comity.accords.times import Instant
from comity.labels import Level
from comity.proof.asked import NOWHERE, STRANGE
from comity.release.lineage import lineage
from comity.release.marked import label_at
from comity.release.request import Request


class Unspelt(Exception):
    """The request says something for which there is no symbol."""


def values(request, asked, world):
    """Return the value of every symbol, by its number, for a request."""
    found = {symbol.get_id(): False for symbol in asked.symbols()}

    def say(symbol, value=True):
        found[symbol.get_id()] = value

    def choose(choice, word, other=STRANGE):
        say(choice.options[word if word in choice.options else other])

    def spell(symbols, item):
        label = label_at(item, world, request.at)
        names = [entry.set_ for entry in label.tags]
        if len(set(names)) < len(names):
            raise Unspelt("a tag set twice")
        say(symbols.there)
        choose(symbols.id, item.id)
        choose(symbols.level, label.level, NOWHERE)
        choose(symbols.purpose, item.purpose)
        for table, words in (
            (symbols.categories, label.categories),
            (symbols.originators, item.originators),
            (symbols.names, label.release_to or ()),
            (symbols.display, label.display_to),
        ):
            for word in words:
                say(table[word if word in table else STRANGE])
        say(symbols.listed, label.release_to is not None)
        say(symbols.dated, item.made is not None)
        say(symbols.made, item.made or 0)
        for entry in label.tags:
            if (label.level.policy, entry.set_) in symbols.sets:
                say(symbols.sets[label.level.policy, entry.set_])
            elif not entry.values:
                raise Unspelt("an unknown tag set without values")
        for mark in label.marks:
            say(symbols.marks.get(mark, symbols.stray))
        return label

    line = lineage(request.item, world)
    parts = line.members[1:]
    if len(parts) > len(asked.parts) or any(part.made_from for part in parts):
        raise Unspelt("more parts than symbols")
    label = spell(asked.item, request.item)
    for symbols, part in zip(asked.parts, parts, strict=False):
        spell(symbols, part)
    for symbols in asked.parts[len(parts) :]:
        say(symbols.made, 0)
        for choice in (symbols.id, symbols.level, symbols.purpose):
            say(next(iter(choice.options.values())))
    say(asked.at, request.at)
    say(asked.broken, bool(line.unknown or line.circles))
    choose(asked.kind, request.item.kind)
    choose(asked.purpose, request.for_purpose)
    choose(asked.channel, request.by_channel)
    if request.received is not None and request.received not in asked.received.options:
        raise Unspelt("received in a way that no accord has")
    choose(asked.received, request.received, None)
    if request.held_as is None:
        say(asked.held.options[None])
    else:
        if request.held_as == label.level and set(request.held_tags) == set(label.marks):
            if request.held_tags != label.marks:
                raise Unspelt("the same tags in another order")
        known = request.held_as in asked.held.options
        if not known and request.held_as == label.level:
            raise Unspelt("held at a level of another's policy")
        choose(asked.held, request.held_as, NOWHERE)
        for mark in request.held_tags:
            say(asked.held_marks.get(mark, asked.held_stray))
    return found


class Compiled:
    """A term as a list of steps, each computed once from those before it."""

    def __init__(self, term):
        self.steps = []
        places = {}
        waiting = [(term, False)]
        while waiting:
            one, ready = waiting.pop()
            if one.get_id() in places:
                continue
            if not ready:
                waiting.append((one, True))
                waiting += [(child, False) for child in one.children()]
                continue
            places[one.get_id()] = len(self.steps)
            arguments = [places[child.get_id()] for child in one.children()]
            self.steps.append((self._step(one), arguments, one.get_id()))
        self.term = term  # so that no number is given away

    @staticmethod
    def _step(term):
        kind = term.decl().kind()
        if kind == z3.Z3_OP_UNINTERPRETED:
            return None
        if kind == z3.Z3_OP_ANUM:
            number = term.as_long()
            return lambda: number
        if kind in (z3.Z3_OP_PB_AT_MOST, z3.Z3_OP_PB_LE, z3.Z3_OP_PB_EQ):
            bound = term.decl().params()[0]
            if kind == z3.Z3_OP_PB_EQ:
                return lambda *found: sum(found) == bound
            return lambda *found: sum(found) <= bound
        return {
            z3.Z3_OP_TRUE: lambda: True,
            z3.Z3_OP_FALSE: lambda: False,
            z3.Z3_OP_AND: lambda *found: all(found),
            z3.Z3_OP_OR: lambda *found: any(found),
            z3.Z3_OP_NOT: lambda one: not one,
            z3.Z3_OP_IMPLIES: lambda one, two: not one or two,
            z3.Z3_OP_ITE: lambda one, two, three: two if one else three,
            z3.Z3_OP_EQ: lambda one, two: one == two,
            z3.Z3_OP_LE: lambda one, two: one <= two,
            z3.Z3_OP_GE: lambda one, two: one >= two,
            z3.Z3_OP_LT: lambda one, two: one < two,
            z3.Z3_OP_GT: lambda one, two: one > two,
        }[kind]

    def __call__(self, found):
        done = []
        for step, arguments, name in self.steps:
            if step is None:
                done.append(found[name])
            else:
                done.append(step(*[done[place] for place in arguments]))
        return done[-1]


def at_boundaries(world, spans, pair, count, dice):
    """Return requests between a pair, half of them one change away from one that is permitted."""
    from comity.release import Permit, decide

    items = list(world.items.values())
    likely = [item for item in items if pair[0] in item.originators] or items
    cuts = [Instant(cut + by) for cut in spans.starts[1:] for by in (-1, 0, 1)]
    marks = [
        mark
        for policy in world.policies.values()
        for name, tag_set in policy.tag_sets.items()
        for value in tag_set.tags
        for mark in (_mark(policy.id, name, value),)
    ]
    own = world.policy_of(pair[0])
    levels = [Level(own.id, rung) for rung in own.rungs] if own else []
    ways = [
        (giver, accord.id)
        for giver in world.parties
        if giver != pair[0]
        for accord in world.between(giver, pair[0])
    ]
    found, permits = [], []
    while len(found) < count:
        if permits and dice.random() < 0.6:
            request = dice.choice(permits)
            for what in dice.sample(
                ("at", "item", "purpose", "channel", "held", "received"), 2
            ):
                request = _changed(
                    request, what, dice, cuts, items, world, levels, marks, ways
                )
                if dice.random() < 0.6:
                    break
        else:
            request = Request(
                item=dice.choice(likely if dice.random() < 0.7 else items),
                sender=pair[0],
                recipient=pair[1],
                at=dice.choice(cuts),
            )
            if request.item.originators and pair[0] not in request.item.originators:
                request = _changed(
                    request, "held", dice, cuts, items, world, levels, marks, ways
                )
        found.append(request)
        if isinstance(decide(request, world), Permit):
            permits.append(request)
    return found


def _changed(request, what, dice, cuts, items, world, levels, marks, ways):
    if what == "at":
        near = (
            cuts.index(request.at) if request.at in cuts and dice.random() < 0.5 else None
        )
        place = (
            dice.randrange(len(cuts))
            if near is None
            else near + dice.choice((-2, -1, 1, 2))
        )
        return replace(request, at=cuts[place % len(cuts)])
    if what == "item":
        return replace(request, item=dice.choice(items))
    if what == "purpose":
        words = [None, "unheard-of", *sorted(world.purposes)]
        return replace(request, purpose=dice.choice(words))
    if what == "channel":
        words = [None, "unheard-of", *sorted(world.channels)]
        return replace(request, channel=dice.choice(words))
    if what == "received":
        return replace(request, received=dice.choice([None, *ways]))
    label = request.item.label
    held = dice.choice([None, *levels, *levels, label.level])
    tags = () if dice.random() < 0.5 else label.marks
    if marks and dice.random() < 0.4:
        tags = tuple(dice.sample(marks, dice.randint(0, min(2, len(marks)))))
    return replace(request, held_as=held, held_tags=() if held is None else tags)


def _mark(policy, name, value):
    from comity.labels import Mark

    return Mark(policy, name, value)


__all__ = ["Compiled", "Unspelt", "at_boundaries", "random", "values"]
