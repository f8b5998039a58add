"""The index: one decision in a few millionths of a second, as `decide` would answer it.

It holds a world as bits and cuts, made from the typed clauses and the clock when somebody
first asks about a pair, and changed where an act changes it. It has no words of its own: why
not is what `decide` says of each clause. Whatever it cannot hold it asks `decide`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import itemgetter

from comity.accords.accord import Accord
from comity.accords.instruments import Instrument, Op
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.compiled.marking import Marked, Marking, Markings
from comity.compiled.pair import Answer, Cell, Pair, Pairs, Way
from comity.compiled.words import Words
from comity.errors import InvalidInput
from comity.labels import Item, Level, Mark, TagType
from comity.release.decide import (
    Decision,
    Distance,
    Permit,
    at_its_instant,
    barring,
    bars,
    decide,
    denied,
)
from comity.release.examine import examine
from comity.release.handling import misheld
from comity.release.request import Examined, Request
from comity.release.world import World


class Index:
    """A world, compiled.

    Args:
        world: as read; the index is of this world and no other.
        words: those of an older world with the same words, parties and policies.

    Attributes:
        pairs: everything between two, compiled when somebody asks.
        table: every bit that a table of equivalence answers for.
    """

    def __init__(self, world: World, *, words: Words | None = None) -> None:
        self.world = world
        self.words = Words.of(world) if words is None else words
        self._markings = Markings(world, self.words)
        self.pairs = Pairs(world, self.words)
        self._items: dict[int, tuple[Item, Marking]] = {}
        self.table = self.words.table
        self._well_held: dict[tuple[object, ...], bool] = {}
        self._known = world.lookup.accords
        self._received = {(op.item, op.to) for _, op in world.acts(Op.RELEASE)}
        self._given = {item for item, _ in self._received}

    def ask(self, request: Request) -> Answer:
        """Answer as `decide` does: whether, and under which accord.

        Raises:
            NotKnown: the request names an accord that the world does not have.
        """
        item, at, pairs = request.item, request.at, self.pairs
        known = self._items.get(id(item))
        marking = known[1] if known is not None and known[0] is item else self.marking(item)
        until = FAR_FUTURE
        if len(marking.cuts) == 1:
            part = marking.parts[0]
        else:
            later = bisect_right(marking.cuts, at) or 1
            part = marking.parts[later - 1]
            until = marking.cuts[later] if later < len(marking.cuts) else FAR_FUTURE
        two = (request.sender, request.recipient)
        pair = pairs.known.get(two)
        if pair is None:
            try:
                pair = pairs.of(*two)
            except InvalidInput:  # an accord that hangs on itself: it has no clock
                return self._plainly(request)
        if pair is None:
            return _NEVER
        if part is None:
            return Answer(None, None, until)
        if (
            part.plain
            or self._received
            or request.under is not None
            or request.received is not None
            or request.held_tags
            or not FAR_PAST <= at < FAR_FUTURE
        ) and self._only_plainly(request, part):
            return self._plainly(request)
        place = (bisect_right(pair.cuts, at) or 1) - 1
        cell = pair.cells[place] or pairs.made(pair, place)
        found = None
        if self.lets(part, marking, pair, at) and (
            request.held_as is None or self.well_held(request, part)
        ):
            needs = self._needs(request, part, marking)
            found = self._way(needs, cell, part, marking, pair, request) if needs else None
        if found is None and pair.authorised and request.under is None:
            return self._plainly(request)
        before = min(until, cell.before) if cell.clear else Instant(at + 1)
        return Answer(None if found is None else found.accord, None, before)

    def decide(self, request: Request) -> Decision:
        """Decide as `decide` does, with every reason.

        Of a refusal, what the clauses say is remembered; a permit `decide` makes, and alone.

        Raises:
            NotKnown: the request names an accord that the world does not have.
        """
        item, at, world = request.item, request.at, self.world
        marking = self.marking(item)
        try:
            part, pair = marking.at(at), self.pairs.of(request.sender, request.recipient)
        except InvalidInput:  # an accord that hangs on itself: it has no clock
            return decide(request, world)
        if (
            part is None
            or pair is None
            or self._only_plainly(request, part)
            or not self._needs(request, part, marking)
            or (pair.authorised and request.under is None)
        ):
            return decide(request, world)
        now = at_its_instant(request, world)
        if not (
            self.lets(part, marking, pair, at)
            and self.well_held(request, part)
            and not pair.holds
        ):
            barred = tuple(bars(now, world))
            if barred:
                return barring(barred, asked=request)
        marks = (bool(part.needs >> self.words.orcon), self._released(part, pair, at))
        shape = self.pairs.kept.shape(now, marks)
        found: list[tuple[Distance, Examined]] = []
        for track in pair.tracks:
            if request.under in (None, track.among.accord.id):
                one = self.pairs.told(pair, track).examined(now, marks, shape, world)
                if not one[1].failing:
                    return decide(request, world)
                found.append(one)
        found.sort(key=_nearest)
        return denied(now, [one for _, one in found], world, asked=request)

    def _only_plainly(self, request: Request, part: Marked) -> bool:
        """Say whether only the plain evaluator can tell."""
        return (
            part.plain
            or request.received is not None
            or (request.under is not None and request.under not in self._known)
            or (self._received and (request.item.id, request.sender) in self._received)
            or not FAR_PAST <= request.at < FAR_FUTURE
            or (bool(request.held_tags) and not self.knows(request.held_tags))
        )

    def covering(self, request: Request) -> tuple[tuple[str, ...], str | None]:
        """Return every accord that covers a request, or the authority under which it goes."""
        first = self.ask(request)
        if first.accord is None or request.under is not None:
            return (() if first.accord is None else (first.accord,)), first.authority
        names = [
            accord.id for accord in self.world.between(request.sender, request.recipient)
        ]
        later = names[names.index(first.accord) + 1 :]
        asked = (replace(request, under=name) for name in later)
        return (first.accord, *(a for one in asked if (a := self.ask(one).accord))), None

    def marking(self, item: Item) -> Marking:
        """Return an item, compiled; remembered for this very item."""
        known = self._items.get(id(item))
        if known is not None and known[0] is item:
            return known[1]
        if len(self._items) >= ITEMS_MAX:
            self._items.clear()
        made = self._markings.of(item)
        self._items[id(item)] = (item, made)
        return made

    def received(self, item: str) -> bool:
        """Say whether it is on record that somebody received an item under an accord."""
        return item in self._given

    def knows(self, marks: tuple[Mark, ...]) -> bool:
        """Say whether each tag is one that a policy knows; else only `decide` can tell."""
        return self._markings.knows(marks)

    def pair(self, sender: str, recipient: str) -> Pair | None:
        """Return all that there is from one party to another, compiled."""
        return self.pairs.of(sender, recipient)

    def cell(self, pair: Pair, at: Instant) -> Cell:
        """Return what may go between a pair at an instant."""
        return self.pairs.cell(pair, at)

    def _needs(self, request: Request, part: Marked, marking: Marking) -> int:
        """Return what a request needs; nothing where it has a word that nobody knows."""
        words, item = self.words, request.item
        purpose = item.purpose if request.purpose is None else request.purpose
        channel = item.channel if request.channel is None else request.channel
        for_, by = words.purposes.get(purpose, 0), words.channels.get(channel, 0)
        if not (for_ and by):
            return 0
        needs = part.needs | for_ | by
        if purpose != item.purpose:
            for place in marking.originators:
                needs |= 1 << words.changed + place
        return needs

    def lets(self, part: Marked, marking: Marking, pair: Pair, at: Instant) -> bool:
        """Say whether the label lets the recipient have it; its own comes home."""
        if marking.sole == pair.to:
            return True
        if not part.bound & pair.to or (
            part.own_only
            and not any(pair.from_ == 1 << place for place in marking.originators)
        ):
            return False
        return bool(part.shown & pair.to) or self._released(part, pair, at)

    def well_held(self, request: Request, part: Marked) -> bool:
        """Say whether the sender holds what it received at a level of its own that leads there."""
        held = request.held_as
        if held is None:
            return True
        item = request.item
        key = (
            item.label,
            item.originators,
            part.needs,
            held,
            request.held_tags,
            request.sender,
        )
        known = self._well_held.get(key)
        if known is None:
            if len(self._well_held) >= ITEMS_MAX:
                self._well_held.clear()
            asked = at_its_instant(request, self.world)
            known = not any(misheld(asked, held, self.world))
            self._well_held[key] = known
        return known

    def marked(self, level: Level, tags: tuple[Mark, ...]) -> int:
        """Return the bits of a level and tags that a sender marks beside the originator's."""
        words, found = self.words, self.words.levels.get(level, 0)
        for mark in tags:
            policy = self.world.policies.get(mark.policy)
            known = None if policy is None else policy.tag_sets.get(mark.tag_set)
            if known is None or known.type_ is not TagType.INFORMATIVE:
                found |= words.tags.get(mark, words.other_tag)
        return found

    def _released(self, part: Marked, pair: Pair, at: Instant) -> bool:
        """Say whether the list or the audience of a label releases it to the recipient."""
        if part.listed & pair.to:
            return True
        return bool(
            part.clients & pair.to
            and part.listed & pair.from_
            and self._markings.clients(pair.sender, at) & pair.to
        )

    def _way(
        self,
        needs: int,
        cell: Cell,
        part: Marked,
        marking: Marking,
        pair: Pair,
        request: Request,
    ) -> Way | None:
        tested, under = needs, request.under
        if marking.sole == pair.to and part.home == pair.theirs:
            tested &= ~self.table  # it is marked there already
        elif request.held_as is not None:
            tested = tested & ~self.table | self.marked(request.held_as, request.held_tags)
        for way in cell.ways:
            if tested & way.forbids or (under is not None and way.accord != under):
                continue
            if way.plain is not None:
                if self._examined(request, way.plain):
                    return way
                continue
            asked = needs & way.asks
            marked = needs & way.marked
            if marked and not self._released(part, pair, request.at):
                asked |= marked
            if not asked or self._consented(asked, needs, way, marking, request.item.id):
                return way
        return None

    def _consented(
        self, asked: int, needs: int, way: Way, marking: Marking, item: str
    ) -> bool:
        """Say whether everyone asked has consented."""
        words = self.words
        for place in marking.originators:
            bits = (
                1 << words.from_ + place
                | 1 << words.changed + place
                | 1 << words.orcon + place
            )
            if asked & bits and not any(
                consent.covers(needs, item) for consent in way.leave.get(place, ())
            ):
                return False
        return True

    def _examined(self, request: Request, accord: Accord) -> bool:
        """Ask the plain evaluator about one accord, where a time is not known to the day."""
        return not examine(at_its_instant(request, self.world), accord, self.world).failing

    def _plainly(self, request: Request) -> Answer:
        found = decide(request, self.world)
        before = Instant(request.at + 1)  # acts of later instants are on record already
        if isinstance(found, Permit):
            return Answer(found.accord, found.authority, before)
        return Answer(None, None, before)

    # -- who, and what ---------------------------------------------------------------

    def recipients(
        self,
        item: Item,
        sender: str,
        at: Instant,
        *,
        purpose: str | None = None,
        channel: str | None = None,
    ) -> Iterator[tuple[str, Answer]]:
        """Yield who may have an item from a sender at an instant, and under which accord."""
        for recipient in self.words.party:
            asked = Request(
                item=item,
                sender=sender,
                recipient=recipient,
                at=at,
                purpose=purpose,
                channel=channel,
            )
            answer = self.ask(asked)
            if answer.permitted:
                yield recipient, answer

    def obtainable(
        self, items: Iterable[Item], recipient: str, at: Instant
    ) -> Iterator[tuple[Item, str, Answer]]:
        """Yield what a party may have of some items, and from which of their originators."""
        for item in items:
            for sender in dict.fromkeys(item.originators):
                asked = Request(item=item, sender=sender, recipient=recipient, at=at)
                answer = self.ask(asked)
                if answer.permitted:
                    yield item, sender, answer

    # -- acts ------------------------------------------------------------------------

    def after(self, acts: Iterable[Instrument]) -> Index:
        """Return the index of the world with more acts; only what they touch is made anew."""
        added = tuple(acts)
        world = self.world.supposing(added)
        made = Index(world, words=self.words)
        if len(world.instruments) == len(self.world.instruments) + len(added):
            made._keep(self, added)
        return made

    def _keep(self, older: Index, added: Sequence[Instrument]) -> None:
        kinds = {op.do for act in added for op in act.operations}
        grouped = any(group.accord for group in self.world.groups.values())
        if not (grouped or Op.RELABEL in kinds):
            self._markings, self._items = older._markings, older._items
        self.pairs.keep(older.pairs, added)


_nearest = itemgetter(0)
_NEVER = Answer(None, None, FAR_FUTURE)
ITEMS_MAX = 200_000  # items remembered
