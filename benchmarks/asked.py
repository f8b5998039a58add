"""Requests of a large world: some built to fit, some that miss by one thing, some uniform.

Every situation is first asked of the plain evaluator, and one that it permits is kept with
the time for which it permits: requests that fit lie in that time, near misses at its edges.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from comity.accords import Accord, Instant
from comity.accords import clauses as c
from comity.labels import Item, Label, Level, Policy, Successor, Tagged
from comity.release import Denial, Request, World, decide
from comity.release.approval import ConsentGiven
from words import CATEGORIES, CHANNELS, FIRST, KINDS, LAST, LEVELS, PURPOSES, Dice, start

FIT, NEAR = 0.42, 0.50  # the rest is uniform
SITUATIONS = 3_000  # at most, each with up to six labels

_WAYS = {"own": 52, "onward": 28, "onward by item": 10, "home": 10}
"""How often something goes in which way: what it is to sender and recipient."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """A request that is permitted, and for how long at least."""

    request: Request
    before: Instant


class Asker:
    """Draws requests of one world."""

    def __init__(self, world: World, seed: int = 1) -> None:
        """Look up who may ask what."""
        self.world = world
        self.dice = Dice("requests", world.id, seed)
        self._names = tuple(world.parties)
        self._groups = tuple(world.groups)
        self._accords = {one.id: one for one in world.accords}
        consents = world.consents()
        self._for_items = [one for one in consents if one.operation.item is not None]
        self._for_classes = [one for one in consents if one.operation.item is None]
        self._alike: dict[tuple[object, ...], list[ConsentGiven]] = defaultdict(list)
        for one in self._for_classes:
            self._alike[one.accord, one.operation.holder, one.operation.to].append(one)
        self._rows: dict[str, list[tuple[Level, Level]]] = defaultdict(list)
        for accord in world.accords:
            for row in accord.all(c.Equivalence):
                for to in row.to:
                    self._rows[to.policy].append((row.from_, to))
        self._made = 0
        self._broken: dict[tuple[str, str], Item] = {}

    # -- what fits -----------------------------------------------------------------

    def fitting(self, count: int) -> tuple[Fitting, ...]:
        """Return at most so many permitted requests, nearly all of different items."""
        found: list[Fitting] = []
        for way, share in _WAYS.items():
            last = len(found) + count * share // 100
            for _ in range(count * 40):
                if len(found) == last:
                    break
                asked = self._situation(way)
                before = None if asked is None else self._permitted(asked)
                if asked is not None and before is not None:
                    found.append(Fitting(asked, before))
        return tuple(found)

    def _permitted(self, request: Request) -> Instant | None:
        """Return until when it is permitted, looking past a few cuts; None if it is not."""
        before = None
        for _ in range(4):
            answer = decide(request, self.world)
            if isinstance(answer, Denial):
                break
            before = answer.good_before
            if before >= start(LAST):
                break
            request = replace(request, at=before)
        return before

    def _situation(self, way: str) -> Request | None:
        if way.startswith("onward"):
            return self._onward(by_item=way == "onward by item")
        accord = self.dice.one(self.world.accords)
        sender, recipient = self._pair(accord)
        if way == "home":
            return self._home(accord, sender, recipient)
        levels = [r.from_ for r in accord.all(c.Equivalence) if r.from_.policy == sender]
        if not levels:
            return None
        item = self._item(accord, (sender,), self.dice.one(levels), recipient)
        if self.dice.chance(0.12):
            item = replace(item, originators=(sender, recipient))
        under = accord.id if self.dice.chance(0.3) else None
        at = self._moment()
        return Request(item=item, sender=sender, recipient=recipient, at=at, under=under)

    def _home(self, accord: Accord, sender: str, recipient: str) -> Request:
        """What the recipient itself had given comes home."""
        level = Level(recipient, self.dice.one(LEVELS))
        item = self._item(accord, (recipient,), level, sender)
        return Request(item=item, sender=sender, recipient=recipient, at=self._moment())

    def _onward(self, *, by_item: bool) -> Request | None:
        """Something of others', which a consent on record is about."""
        consent = self.dice.one(self._for_items if by_item else self._for_classes)
        accord, op = self._accords[consent.accord], consent.operation
        if op.item is not None:
            item = self.world.items[op.item]
        else:
            item = self._for_consent(accord, consent)
        sender, recipient = str(op.holder), str(op.to)
        policy = item.label.level.policy
        held = [to for one, to in self._rows[sender] if one.policy == policy]
        if not held:
            return None
        at = self._moment()
        if self.dice.chance(0.8):
            last = consent.before or Instant(start(LAST))
            at = Instant(self.dice.number(consent.since, max(consent.since, last - 1)))
        received = None
        if self.dice.chance(0.08):
            names = [a.id for a in self.world.between(policy, sender) if a is not accord]
            received = (policy, self.dice.one(names)) if names else None
        return Request(
            item=item,
            sender=sender,
            recipient=recipient,
            at=at,
            purpose=self.dice.one(op.purposes),
            channel=self._channel(accord),
            under=accord.id if self.dice.chance(0.3) else None,
            held_as=self.dice.one(held),
            received=received,
        )

    def _for_consent(self, accord: Accord, consent: ConsentGiven) -> Item:
        op = consent.operation
        alike = self._alike[consent.accord, op.holder, op.to]
        owners = [consent.by, *(other.by for other in alike if self.dice.chance(0.5))]
        owners += [str(op.holder)] if self.dice.chance(0.2) else []
        level = Level(consent.by, self.dice.one(LEVELS[:2]))
        item = self._item(accord, tuple(dict.fromkeys(owners))[:3], level, str(op.to))
        words = [w for w in op.categories if _lists(accord.one(c.Scope), w)]
        categories = self.dice.some(words or op.categories, 1, 2)
        return replace(item, label=replace(item.label, categories=categories))

    def _item(
        self, accord: Accord, owners: tuple[str, ...], level: Level, recipient: str
    ) -> Item:
        dice, scope, purpose = self.dice, accord.one(c.Scope), accord.one(c.Purpose)
        self._made += 1
        name = f"i{self._made:06}"
        named = (recipient, *dice.some(self._names, 1, 3))
        lists = [named, (dice.one(self._groups),), None, ()]
        label = Label(
            level=level,
            categories=dice.some(
                _words(scope.categories if scope else (), CATEGORIES), 1, 4
            ),
            release_to=dice.weighted(lists, (80, 18, 1, 1)),
            tags=self._tags(level),
            successor=self._successor(level) if dice.chance(0.05) else None,
        )
        return Item(
            id=name,
            title=name,
            originators=owners,
            label=label,
            kind=dice.one(_words(scope.kinds if scope else (), KINDS)),
            purpose=dice.one(_words(purpose.allowed if purpose else (), PURPOSES)),
            channel=self._channel(accord),
            made=start(dice.day(FIRST, LAST)),
        )

    def _tags(self, level: Level) -> tuple[Tagged, ...]:
        policy: Policy = self.world.policies[level.policy]
        if not policy.tag_sets or not self.dice.chance(0.4):
            return ()
        name = self.dice.one(tuple(policy.tag_sets))
        value = self.dice.one(tuple(policy.tag_sets[name].tags))
        return (Tagged(set_=name, values=(value,)),)

    def _successor(self, level: Level) -> Successor:
        return Successor(
            at=self.dice.moment(FIRST, LAST),
            level=Level(level.policy, self.dice.one(LEVELS)),
        )

    def _channel(self, accord: Accord) -> str:
        rule = accord.one(c.Channel)
        return self.dice.one(_words(rule.allowed if rule else (), CHANNELS))

    def _moment(self) -> Instant:
        return self.dice.moment(FIRST, LAST)

    def _pair(self, accord: Accord) -> tuple[str, str]:
        """Return who sends to whom, in a direction of the text; one may have come later."""
        scope = accord.one(c.Scope)
        ways = [] if scope is None or "any" in scope.directions else scope.directions
        if ways:
            sender, _, recipient = self.dice.one(ways).partition(" to ")
            return sender, recipient
        levels = accord.all(c.Equivalence)
        members = sorted({*accord.parties, *(row.from_.policy for row in levels)})
        one, other = self.dice.some(members, 2, 2)
        return (one, other) if self.dice.chance(0.5) else (other, one)

    # -- what is asked -------------------------------------------------------------

    def requests(self, count: int) -> Iterator[Request]:
        """Yield so many requests."""
        fitting = self.fitting(min(SITUATIONS, max(20, count // 10)))
        for _ in range(count):
            which = self.dice.one(fitting)
            draw = self.dice.number(0, 99_999) / 100_000
            if draw < FIT:
                yield self._inside(which)
            elif draw < FIT + NEAR:
                yield self._missing(which)
            else:
                yield self._uniform(which)

    def _inside(self, which: Fitting) -> Request:
        """Return it at an instant at which it is permitted as well."""
        first, last = which.request.at, min(which.before, start(LAST)) - 1
        return replace(which.request, at=Instant(self.dice.number(first, max(first, last))))

    def _missing(self, which: Fitting) -> Request:
        """Return it with one thing other than it was: half of the time the instant."""
        if self.dice.chance(0.5):
            return self._at_an_edge(which)
        request, text = which.request, self._under(which.request)
        if self.dice.chance(0.3):
            what = self.dice.one(
                ("level", "categories", "originators", "kind", "release_to")
            )
            return replace(request, item=self._changed(request.item, what, text))
        return self._otherwise(request, text)

    def _at_an_edge(self, which: Fitting) -> Request:
        """Return it a second before it is permitted no longer, or just then, or a second later."""
        dice, text = self.dice, self._under(which.request)
        at = which.before + dice.weighted((-1, 0, 1), (1, 4, 2))
        if which.before > start(LAST) or dice.chance(0.2):
            moments = self.world.clock(text.id).moments() or (which.before,)
            at = dice.one((moments[0], moments[0], dice.one(moments))) + dice.number(-1, 1)
        return replace(which.request, at=Instant(at))

    def _otherwise(self, request: Request, text: Accord) -> Request:
        """Return it between others, for another purpose, or by another way."""
        dice, purpose, channel = self.dice, text.one(c.Purpose), text.one(c.Channel)
        match dice.number(0, 4):
            case 0:
                allowed = purpose.allowed if purpose else ()
                return replace(request, purpose=self._outside(allowed, PURPOSES))
            case 1:
                allowed = channel.allowed if channel else ()
                return replace(request, channel=self._outside(allowed, CHANNELS))
            case 2:
                return replace(request, sender=request.recipient, recipient=request.sender)
            case 3:
                return replace(request, recipient=dice.one(self._names))
            case _:
                if request.held_as is None:
                    changed = self._changed(request.item, "categories", text)
                    return replace(request, item=changed)
                level = Level(request.held_as.policy, dice.one(LEVELS))
                return replace(request, held_as=level)

    def _outside(self, allowed: tuple[str, ...], known: tuple[str, ...]) -> str:
        """Return a word that a list leaves out, if it leaves any out."""
        left = tuple(word for word in known if word not in allowed)
        return self.dice.one(left if left and c.ANY not in allowed else known)

    def _under(self, request: Request) -> Accord:
        return self.dice.one(self.world.between(request.sender, request.recipient))

    def _changed(self, item: Item, what: str, text: Accord) -> Item:
        """Return another item that differs in one thing; the same each time it is asked for."""
        key = (item.id, what)
        if key in self._broken:
            return self._broken[key]
        dice, label, scope = self.dice, item.label, text.one(c.Scope)
        match what:
            case "level":
                level = Level(label.level.policy, dice.one(LEVELS))
                label = replace(label, level=level, successor=None)
            case "categories":
                word = self._outside(scope.categories if scope else (), CATEGORIES)
                label = replace(label, categories=(*label.categories, word))
            case "release_to":
                label = replace(label, release_to=dice.some(self._names, 1, 3))
            case "kind":
                item = replace(
                    item, kind=self._outside(scope.kinds if scope else (), KINDS)
                )
            case _:
                item = replace(item, originators=(*item.originators, dice.one(self._names)))
        label = replace(label, categories=tuple(dict.fromkeys(label.categories)))
        who = tuple(dict.fromkeys(item.originators))
        self._made += 1
        changed = replace(item, id=f"i{self._made:06}", label=label, originators=who)
        self._broken[key] = changed
        return changed

    def _uniform(self, which: Fitting) -> Request:
        one, other = self.dice.some(self._names, 2, 2)
        return Request(
            item=which.request.item,
            sender=one,
            recipient=other,
            at=self._moment(),
            purpose=self.dice.one(PURPOSES),
            channel=self.dice.one(CHANNELS),
        )


def requests(world: World, count: int, seed: int = 1) -> list[Request]:
    """Return so many requests of a world; the same seed asks the same."""
    return list(Asker(world, seed).requests(count))


def _words(said: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    return known if not said or c.ANY in said else said


def _lists(scope: c.Scope | None, word: str) -> bool:
    return scope is not None and (word in scope.categories or c.ANY in scope.categories)


__all__ = ["Asker", "Fitting", "requests"]
