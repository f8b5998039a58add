"""A request as values of the symbols, and terms computed on such values."""

from __future__ import annotations

from dataclasses import replace

import z3

from comity.accords.times import Instant
from comity.labels import Level, Mark
from comity.proof.asked import NOWHERE, STRANGE
from comity.release import Permit, decide
from comity.release.lineage import lineage
from comity.release.marked import label_at
from comity.release.request import Request


class Unspelt(Exception):
    """The request says something for which there is no symbol."""


def values(request, asked, world):
    """Return the value of every symbol, by its number, for a request."""
    spell = Spell(request, asked, world)
    spell.items()
    spell.request_itself()
    spell.held()
    return spell.found


class Spell:
    """Gives the symbols their values, one group after another."""

    def __init__(self, request, asked, world):
        self.request, self.asked, self.world = request, asked, world
        self.found = {symbol.get_id(): False for symbol in asked.symbols()}

    def say(self, symbol, *, value=True):
        self.found[symbol.get_id()] = value

    def choose(self, choice, word, other=STRANGE):
        self.say(choice.options[word if word in choice.options else other])

    def items(self):
        line = lineage(self.request.item, self.world)
        parts, symbols = line.members[1:], self.asked.parts
        if len(parts) > len(symbols) or any(part.made_from for part in parts):
            raise Unspelt("more parts than symbols")
        self.item(self.asked.item, self.request.item)
        for one, part in zip(symbols, parts, strict=False):
            self.item(one, part)
        for one in symbols[len(parts) :]:
            self.say(one.made, value=0)
            for choice in (one.id, one.level, one.purpose):
                self.say(next(iter(choice.options.values())))
        self.say(self.asked.broken, value=bool(line.unknown or line.circles))

    def item(self, symbols, item):
        label = label_at(item, self.world, self.request.at)
        self.say(symbols.there)
        self.choose(symbols.id, item.id)
        self.choose(symbols.level, label.level, NOWHERE)
        self.choose(symbols.purpose, item.purpose)
        for table, words in (
            (symbols.categories, label.categories),
            (symbols.originators, item.originators),
            (symbols.names, label.release_to or ()),
            (symbols.display, label.display_to),
        ):
            for word in words:
                self.say(table[word if word in table else STRANGE])
        self.say(symbols.listed, value=label.release_to is not None)
        self.say(symbols.dated, value=item.made is not None)
        self.say(symbols.made, value=item.made or 0)
        self.tags(symbols, label)

    def tags(self, symbols, label):
        names = [entry.set_ for entry in label.tags]
        if len(set(names)) < len(names):
            raise Unspelt("a tag set twice")
        for entry in label.tags:
            if (label.level.policy, entry.set_) in symbols.sets:
                self.say(symbols.sets[label.level.policy, entry.set_])
            elif not entry.values:
                raise Unspelt("an unknown tag set without values")
        for mark in label.marks:
            self.say(symbols.marks.get(mark, symbols.stray))

    def request_itself(self):
        request, asked = self.request, self.asked
        if request.received is not None and request.received not in asked.received.options:
            raise Unspelt("received in a way that no accord has")
        self.say(asked.at, value=request.at)
        self.choose(asked.kind, request.item.kind)
        self.choose(asked.purpose, request.for_purpose)
        self.choose(asked.channel, request.by_channel)
        self.choose(asked.received, request.received, None)

    def held(self):
        request, asked = self.request, self.asked
        held, tags = request.held_as, request.held_tags
        if held is None:
            self.say(asked.held.options[None])
            return
        label = label_at(request.item, self.world, request.at)
        same = held == label.level and set(tags) == set(label.marks)
        if same and tags != label.marks:
            raise Unspelt("the same tags in another order")
        if held not in asked.held.options and held == label.level:
            raise Unspelt("held at a level of another's policy")
        self.choose(asked.held, held, NOWHERE)
        for mark in tags:
            self.say(asked.held_marks.get(mark, asked.held_stray))


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
    draw = Draw(world, spans, pair, dice)
    found, permits = [], []
    while len(found) < count:
        if permits and dice.random() < 0.6:
            request = dice.choice(permits)
            for what in dice.sample(sorted(Draw.CHANGES), dice.choice((1, 1, 2))):
                request = Draw.CHANGES[what](draw, request)
        else:
            request = draw.afresh()
        found.append(request)
        if isinstance(decide(request, world), Permit):
            permits.append(request)
    return found


class Draw:
    """Draws requests between a pair, at the edges of the stretches of time."""

    def __init__(self, world, spans, pair, dice):
        self.world, self.pair, self.dice = world, pair, dice
        self.items = list(world.items.values())
        self.cuts = [Instant(cut + by) for cut in spans.starts[1:] for by in (-1, 0, 1)]
        own = world.policy_of(pair[0])
        self.levels = [Level(own.id, rung) for rung in own.rungs] if own else []
        self.marks = [
            Mark(policy.id, name, value)
            for policy in world.policies.values()
            for name, tag_set in policy.tag_sets.items()
            for value in tag_set.tags
        ]
        self.ways = [
            (giver, accord.id)
            for giver in world.parties
            if giver != pair[0]
            for accord in world.between(giver, pair[0])
        ]

    def afresh(self):
        mine = [item for item in self.items if self.pair[0] in item.originators]
        likely = mine if mine and self.dice.random() < 0.7 else self.items
        request = Request(
            item=self.dice.choice(likely),
            sender=self.pair[0],
            recipient=self.pair[1],
            at=self.dice.choice(self.cuts),
        )
        return request if request.item in mine else self.held(request)

    def at(self, request):
        if request.at in self.cuts and self.dice.random() < 0.5:
            place = self.cuts.index(request.at) + self.dice.choice((-2, -1, 1, 2))
            return replace(request, at=self.cuts[place % len(self.cuts)])
        return replace(request, at=self.dice.choice(self.cuts))

    def item(self, request):
        return replace(request, item=self.dice.choice(self.items))

    def purpose(self, request):
        words = [None, "unheard-of", *sorted(self.world.purposes)]
        return replace(request, purpose=self.dice.choice(words))

    def channel(self, request):
        words = [None, "unheard-of", *sorted(self.world.channels)]
        return replace(request, channel=self.dice.choice(words))

    def received(self, request):
        return replace(request, received=self.dice.choice([None, *self.ways]))

    def held(self, request):
        label = request.item.label
        level = self.dice.choice([None, *self.levels, *self.levels, label.level])
        tags = () if self.dice.random() < 0.5 else label.marks
        if self.marks and self.dice.random() < 0.4:
            many = self.dice.randint(0, min(2, len(self.marks)))
            tags = tuple(self.dice.sample(self.marks, many))
        return replace(request, held_as=level, held_tags=() if level is None else tags)

    CHANGES = {  # noqa: RUF012
        "at": at,
        "item": item,
        "purpose": purpose,
        "channel": channel,
        "received": received,
        "held": held,
    }
