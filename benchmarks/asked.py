"""Requests of a large world: some built to fit, some that miss by one thing, some uniform.

What fits is built from the rows of one accord between two parties (`flat`), with the time
for which it should be permitted: requests that fit lie in that time, near misses differ in
one thing, half of them in the instant, at the edges of that time and a second to each side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from comity.accords import Accord, Instant
from comity.accords import clauses as c
from comity.labels import Item, Label, Level, Successor, Tagged
from comity.release import Request, World
from comity.release.approval import ConsentGiven
from flat import BIT, GATE, OTHERS, TAGS, Flat, Row
from words import CATEGORIES, CHANNELS, FIRST, KINDS, LAST, LEVELS, PURPOSES, Dice, start

FIT, NEAR = 0.42, 0.50  # the rest is uniform
SITUATIONS = 3_000  # at most, each with up to six labels

_WAYS = {"own": 52, "free": 10, "onward": 22, "onward by item": 8, "home": 8}
"""How often something goes in which way: what it is to sender and recipient."""

_BEGIN, _END = start(FIRST), start(LAST)


@dataclass(frozen=True, slots=True)
class Fitting:
    """A request that should be permitted, and from when until when."""

    request: Request
    row: Row
    since: Instant
    before: Instant


class Asker:
    """Draws requests of one world."""

    def __init__(self, world: World, seed: int = 1) -> None:
        """Look up who may ask what."""
        self.world = world
        self.dice = Dice("requests", world.id, seed)
        self.flat = Flat(world)
        self._names = tuple(world.parties)
        self._accords = {one.id: one for one in world.accords}
        consents = world.consents()
        self._for_items = [one for one in consents if one.operation.item is not None]
        self._for_classes = [one for one in consents if one.operation.item is None]
        self._alike: dict[tuple[object, ...], list[ConsentGiven]] = defaultdict(list)
        for one in self._for_classes:
            self._alike[one.accord, one.operation.holder, one.operation.to].append(one)
        self._held: dict[tuple[str, str], list[tuple[Level, Level]]] = defaultdict(list)
        for accord in world.accords:
            for row in accord.all(c.Equivalence):
                for to in row.to if row.relation is not c.Relation.NONE else ():
                    self._held[row.from_.policy, to.policy].append((row.from_, to))
        self._sources: dict[str, list[str]] = defaultdict(list)
        for origin, holder in self._held:
            self._sources[holder].append(origin)
        self._made = 0
        self._broken: dict[tuple[str, str], Item] = {}

    # -- what fits -----------------------------------------------------------------

    def fitting(self, count: int) -> tuple[Fitting, ...]:
        """Return about so many requests that should be permitted."""
        found: list[Fitting] = []
        for way, share in _WAYS.items():
            last = len(found) + max(1, count * share // 100)
            for _ in range(count * 40):
                if len(found) == last:
                    break
                built = self._consented(way) if "onward" in way else self._built(way)
                if built is not None:
                    found.append(built)
        return tuple(found)

    def _built(self, way: str) -> Fitting | None:
        accord = self.dice.one(self.world.accords)
        sender, recipient = self._pair(accord)
        row = self._row(accord, sender, recipient)
        if row is None or row.way.asks & GATE:
            return None
        owners: tuple[str, ...] = (sender,)
        held: Level | None = None
        level = self._one("level", LEVELS, row)
        if way == "home":
            owners, level = (recipient,), self.dice.one(LEVELS)
        elif way == "free":
            if row.way.asks & OTHERS or row.way.out & BIT["others", ""]:
                return None
            pairs = self._towards(sender, recipient, level)
            if not pairs:
                return None
            origin, held = self.dice.one(pairs)
            owners, level = (origin.policy,), origin.name
        elif self.dice.chance(0.12):
            owners = (sender, recipient)
        if level is None or row.way.owners_out & self.flat.owners(owners):
            return None
        marked = Level(owners[0], level)
        return self._fitting(row, marked, owners, held=held)

    def _towards(
        self, sender: str, recipient: str, level: str | None
    ) -> list[tuple[Level, Level]]:
        """Return levels of one third party that the sender holds at a level of its own."""
        origins = [p for p in self._sources[sender] if p not in (sender, recipient)]
        if not origins or level is None:
            return []
        pairs = self._held[self.dice.one(origins), sender]
        return [pair for pair in pairs if pair[1].name == level]

    def _consented(self, way: str) -> Fitting | None:
        """Something of others', which a consent on record is about."""
        consent = self.dice.one(self._for_items if "item" in way else self._for_classes)
        accord, op = self._accords[consent.accord], consent.operation
        row = self._row(accord, str(op.holder), str(op.to))
        if row is None or row.way.out & BIT["others", ""]:
            return None
        if not row.way.asks & OTHERS and self.dice.chance(0.7):
            return None
        item = None if op.item is None else self.world.items[op.item]
        owners = self._owners(consent) if item is None else item.originators
        if row.way.owners_out & self.flat.owners(owners):
            return None
        level = item.label.level.name if item else self.dice.one(LEVELS[:2])
        pairs = [
            (one, to)
            for one, to in self._held[owners[0], row.sender]
            if one.name == level and not row.way.out & BIT["level", to.name]
        ]
        if not pairs:
            return None
        origin, held = self.dice.one(pairs)
        return self._fitting(row, origin, owners, held=held, consent=consent, item=item)

    def _owners(self, consent: ConsentGiven) -> tuple[str, ...]:
        op = consent.operation
        alike = self._alike[consent.accord, op.holder, op.to]
        owners = [consent.by, *(other.by for other in alike if self.dice.chance(0.5))]
        owners += [str(op.holder)] if self.dice.chance(0.2) else []
        return tuple(dict.fromkeys(owners))[:3]

    def _no(self, consent: ConsentGiven) -> Instant:
        """Return when the giver first refuses what it has consented to; or the end of time."""
        found = (
            refusal.since
            for refusal in self.world.approvals(consent.accord).refusals
            if refusal.id.startswith(f"{consent.id}/")
        )
        return min(found, default=_END)

    def _row(self, accord: Accord, sender: str, recipient: str) -> Row | None:
        rows = self.flat.leg(accord, sender, recipient)
        rows = tuple(row for row in rows if row.since < _END and row.before > _BEGIN)
        rare = [row for row in rows if row.way.owners_out]
        if rare and self.dice.chance(0.5):
            return self.dice.one(rare)
        return self.dice.one(rows) if rows else None

    def _one(self, kind: str, known: Sequence[str], row: Row) -> str | None:
        left = [word for word in known if not row.way.out & BIT[kind, word]]
        return self.dice.one(left) if left else None

    def _fitting(
        self,
        row: Row,
        level: Level,
        owners: tuple[str, ...],
        *,
        held: Level | None,
        consent: ConsentGiven | None = None,
        item: Item | None = None,
    ) -> Fitting | None:
        """Return a request that the row, and a consent where there is one, should let go."""
        dice = self.dice
        since, before = max(row.since, _BEGIN), min(row.before, _END)
        agreed = row.way.out
        if consent is not None:
            since = max(since, consent.since)
            before = min(before, consent.before or _END, self._no(consent))
            op = consent.operation
            for word in CATEGORIES:
                agreed |= (
                    BIT["category", word]
                    if op.categories and word not in op.categories
                    else 0
                )
            for word in PURPOSES:
                agreed |= BIT["purpose", word] if word not in op.purposes else 0
        if before - since < 2:
            return None
        row = replace(row, way=replace(row.way, out=agreed))
        purpose, channel = (
            self._one("purpose", PURPOSES, row),
            self._one("channel", CHANNELS, row),
        )
        made = item or self._item(row, level, owners, since, before)
        if made is None or purpose is None or channel is None:
            return None
        after = made.label.successor
        if after is not None:
            before = min(before, Instant(after.at))
        return Fitting(
            Request(
                item=made,
                sender=row.sender,
                recipient=row.recipient,
                at=Instant(dice.number(since, before - 1)),
                purpose=purpose,
                channel=channel,
                under=row.accord if dice.chance(0.3) else None,
                held_as=held,
            ),
            row,
            Instant(since),
            Instant(before),
        )

    def _item(
        self, row: Row, level: Level, owners: tuple[str, ...], since: int, before: int
    ) -> Item | None:
        dice = self.dice
        left = [word for word in CATEGORIES if not row.way.out & BIT["category", word]]
        kind, purpose = self._one("kind", KINDS, row), self._one("purpose", PURPOSES, row)
        if not left or kind is None or purpose is None:
            return None
        self._made += 1
        name = f"i{self._made:06}"
        made = start(dice.day(FIRST, LAST))
        listed: tuple[str, ...] = (row.recipient, *dice.some(self._names, 1, 3))
        if dice.chance(0.2):
            groups = [
                (group.id, member)
                for group in self.world.groups.values()
                for member in group.members
                if member.party == row.recipient and member.stands(since)
            ]
            if groups:
                group, member = dice.one(groups)
                listed, made = (group,), Instant(member.since + 1)
        after = None
        if dice.chance(0.06):
            at = dice.number(since + 1, before - 1)
            after = Successor(at=at, level=Level(level.policy, dice.one(LEVELS)))
        return Item(
            id=name,
            title=name,
            originators=owners,
            label=Label(
                level=level,
                categories=dice.some(left, 1, 4),
                release_to=listed,
                tags=self._tags(row, level),
                successor=after,
            ),
            kind=kind,
            purpose=purpose if dice.chance(0.5) else dice.one(PURPOSES),
            channel=dice.one(CHANNELS),
            made=made,
        )

    def _tags(self, row: Row, level: Level) -> tuple[Tagged, ...]:
        """Return a tag of those that the row leads on, or one that only tells or asks."""
        if not self.world.policies[level.policy].tag_sets or not self.dice.chance(0.4):
            return ()
        led = [tag for tag in TAGS if not row.way.out & BIT["tag", tag]]
        if led and level.policy == row.sender and self.dice.chance(0.5):
            return (Tagged(set_="compartment", values=(self.dice.one(led).split("/")[1],)),)
        value = self.dice.one(("ORCON", "DRAFT", "DRAFT"))
        return (Tagged(set_="control", values=(value,)),)

    def _pair(self, accord: Accord) -> tuple[str, str]:
        """Return who sends to whom; one may have come later."""
        one, other = self.dice.some(sorted(self.flat.members(accord)), 2, 2)
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
        return replace(
            which.request, at=Instant(self.dice.number(which.since, which.before - 1))
        )

    def _missing(self, which: Fitting) -> Request:
        """Return it with one thing other than it was: half of the time the instant."""
        if self.dice.chance(0.5):
            return self._at_an_edge(which)
        if which.row.way.owners_out and self.dice.chance(0.5):
            return replace(which.request, item=self._changed(which, "originators"))
        if self.dice.chance(0.3):
            what = self.dice.one(
                ("level", "categories", "originators", "kind", "release_to")
            )
            return replace(which.request, item=self._changed(which, what))
        return self._otherwise(which)

    def _at_an_edge(self, which: Fitting) -> Request:
        """Return it as its time begins or ends, or a second before or after that."""
        dice = self.dice
        edges: list[tuple[int, tuple[int, ...]]] = []
        if which.since > _BEGIN:
            edges.append((which.since, (-1, -1, -1, 0)))
        if which.before < _END:
            edges.append((which.before, (-1, 0, 0, 1)))
        if not edges:
            edges.append((_BEGIN - 86_400 * 400, (0,)))
        edge, steps = dice.one(edges)
        return replace(which.request, at=Instant(edge + dice.one(steps)))

    def _otherwise(self, which: Fitting) -> Request:
        """Return it between others, for another purpose, or by another way."""
        request = which.request
        match self.dice.number(0, 4):
            case 0:
                return replace(request, purpose=self._outside("purpose", PURPOSES, which))
            case 1:
                return replace(request, channel=self._outside("channel", CHANNELS, which))
            case 2:
                return replace(request, sender=request.recipient, recipient=request.sender)
            case 3:
                return replace(request, recipient=self.dice.one(self._names))
            case _:
                if request.held_as is None:
                    return replace(request, item=self._changed(which, "categories"))
                level = Level(request.held_as.policy, self.dice.one(LEVELS))
                return replace(request, held_as=level)

    def _outside(self, kind: str, known: Sequence[str], which: Fitting) -> str:
        """Return a word that the row leaves out, if it leaves any out."""
        left = [word for word in known if which.row.way.out & BIT[kind, word]]
        return self.dice.one(left or known)

    def _changed(self, which: Fitting, what: str) -> Item:
        """Return another item that differs in one thing; the same each time it is asked for."""
        item = which.request.item
        key = (item.id, what)
        if key in self._broken:
            return self._broken[key]
        dice, label = self.dice, item.label
        match what:
            case "level":
                level = Level(label.level.policy, dice.one(LEVELS))
                label = replace(label, level=level, successor=None)
            case "categories":
                word = self._outside("category", CATEGORIES, which)
                label = replace(label, categories=(*label.categories, word))
            case "release_to":
                label = replace(label, release_to=dice.some(self._names, 1, 3))
            case "kind":
                item = replace(item, kind=self._outside("kind", KINDS, which))
            case _:
                out = [
                    p
                    for p in self._names
                    if which.row.way.owners_out & self.flat.owners([p])
                ]
                another = dice.one(out or self._names)
                item = replace(item, originators=(*item.originators, another))
        label = replace(label, categories=tuple(dict.fromkeys(label.categories)))
        who = tuple(dict.fromkeys(item.originators))
        self._made += 1
        changed = replace(item, id=f"i{self._made:06}", label=label, originators=who)
        self._broken[key] = changed
        return changed

    def _uniform(self, which: Fitting) -> Request:
        one, other = self.dice.some(self._names, 2, 2)
        own = which.request.item.label.level.policy in (one, other)
        return Request(
            item=which.request.item,
            sender=one,
            recipient=other,
            at=self.dice.moment(FIRST, LAST),
            purpose=self.dice.one(PURPOSES),
            channel=self.dice.one(CHANNELS),
            held_as=None if own else Level(one, self.dice.one(LEVELS)),
        )


def requests(world: World, count: int, seed: int = 1) -> list[Request]:
    """Return so many requests of a world; the same seed asks the same."""
    return list(Asker(world, seed).requests(count))


__all__ = ["Asker", "Fitting", "requests"]
