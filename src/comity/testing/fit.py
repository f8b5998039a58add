"""Requests that fit: built from the words of an accord, a consent, a hold, so as to be let go.

A request drawn word by word is refused for several reasons at once, and a fault in one of them
does not show. One that fits is a step away from every clause it fits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, TypeAlias, TypeVar

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.instruments import Instrument, Op, Operation
from comity.accords.links import HORIZON
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.labels import Audience, Group, Item, Label, Level, Policy, Tagged
from comity.release.approval import ConsentGiven, Refusal
from comity.release.handling import reached
from comity.release.request import Request
from comity.release.world import Authority, Hold, World
from comity.testing.edges import Edge, Edges, grouped, labelled, lasting, written

Thing = TypeVar("Thing")


class Choose(Protocol):
    """Picks one of several things, never of none; the first is the simplest."""

    def __call__(self, among: Sequence[Thing], /) -> Thing:
        """Return one of them."""


ACCORD = "accord"
DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A request that fits, and where in time it would turn.

    Attributes:
        accord: under which it fits; empty for a written authority.
        edges: those of what it was built to fit.
        turns: when the accord begins and ends to let things go between the two.
    """

    request: Request
    accord: str
    edges: tuple[Edge, ...]
    turns: tuple[Instant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is already chosen; the rest is taken from the accord.

    Attributes:
        senders, recipients: from whom and to whom; empty for whomever it covers.
        under: whether the sender names the accord.
    """

    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    under: bool = False
    originator: str | None = None
    item: Item | None = None
    categories: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    purposes: tuple[str, ...] = ()
    release_to: tuple[str, ...] | None = None
    edges: tuple[Edge, ...] = ()
    tags: tuple[Tagged, ...] = ()
    since: Instant = FAR_PAST
    before: Instant = FAR_FUTURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A part of an accord, or an act about one, that has dates of its own: a row, a gate."""

    accord: str
    terms: Terms


Aim: TypeAlias = Accord | Detail | ConsentGiven | Refusal | Hold | Authority | Group | Item
"""What a request is built to fit."""


class Fits:
    """Builds requests that fit, over one world; nothing is listed before it is needed."""

    def __init__(self, world: World, edges: Edges) -> None:
        self.world = world
        self._edges = edges
        self._led_to: dict[Level, frozenset[Level]] = {}

    @cached_property
    def aims(self) -> Mapping[str, Sequence[Aim]]:
        """What there is to fit, by kind; the kinds of which there is nothing are left out."""
        approvals = self.world.approvals()
        kinds: dict[str, Sequence[Aim]] = {
            ACCORD: self.world.accords,
            "detail": tuple(details(self.world)),
            "consent": approvals.consents,
            "refusal": approvals.refusals,
            "hold": self.world.holds,
            "authority": self.world.authorities,
            "group": tuple(self.world.groups.values()),
            "item": tuple(self.world.items.values()),
        }
        return {kind: found for kind, found in kinds.items() if found}

    def fit(self, aim: Aim, choose: Choose) -> Fit | None:
        """Return a request that fits an accord, or one accord and what else is aimed at.

        None where nothing can fit it: an accord of one party, a hold on no accord.
        """
        match aim:
            case Accord():
                return self._under(aim, Terms(edges=self._edges.of(aim.id)), choose)
            case Detail():
                return self._under(self.world.accord(aim.accord), aim.terms, choose)
            case ConsentGiven():
                edges = _edges(f"the consent `{aim.id}`", aim.given, aim.since, aim.before)
                return self._approved(aim.accord, aim.by, aim.operation, edges, aim, choose)
            case Refusal():
                edges = _edges(f"the refusal `{aim.id}`", aim.since, aim.last)
                asked = aim.asked
                return self._approved(
                    asked.accord, asked.of, asked.operation, edges, None, choose
                )
            case Hold():
                return self._held(aim, choose)
            case Authority():
                return self._authorised(aim, choose)
            case Group():
                return self._member(aim, choose)
            case Item():
                return self._item(aim, choose)

    # -- by what is aimed at -----------------------------------------------------------

    def _approved(
        self,
        accord: str,
        giver: str,
        op: Operation,
        edges: tuple[Edge, ...],
        given: ConsentGiven | None,
        choose: Choose,
    ) -> Fit | None:
        """What an originator was asked for: its information, onward from holder to recipient."""
        if accord not in self.world.lookup.accords or op.holder is None or op.to is None:
            return None
        others = self.world.between(op.holder, op.to)
        text = choose([self.world.accord(accord), *others])
        terms = Terms(
            senders=(op.holder,),
            recipients=(op.to,),
            under=text.id != accord,
            originator=giver,
            item=None if op.item is None else self.world.items.get(op.item),
            categories=op.categories,
            levels=self._covered(giver, op),
            purposes=op.purposes,
            edges=edges,
            since=FAR_PAST if given is None else given.since,
            before=(given.before if given else None) or FAR_FUTURE,
        )
        return self._under(text, terms, choose)

    def _covered(self, giver: str, op: Operation) -> tuple[Level, ...]:
        found = [Level.parse(text) for text in op.levels]
        policy = self.world.policy_of(giver)
        if op.ceiling is not None and policy is not None:
            below = policy.below(Level.parse(op.ceiling).name)
            found += [Level(policy.id, name) for name in sorted(below)]
        return tuple(dict.fromkeys(found))

    def _held(self, hold: Hold, choose: Choose) -> Fit | None:
        joined = list(self.world.lookup.joined.get(hold.by, {}).values())
        mine = [a for a in joined if c.ANY in hold.accords or a.id in hold.accords]
        if not mine:
            return None
        accord = choose(mine)
        others = [
            party
            for party in self._members(accord)
            if party != hold.by and (c.ANY in hold.towards or party in hold.towards)
        ]
        if not others:
            return None
        other = choose(others)
        ways = [(hold.by, other), *([(other, hold.by)] if hold.stops_accepting else [])]
        sender, recipient = choose(ways)
        terms = Terms(
            senders=(sender,),
            recipients=(recipient,),
            categories=() if c.ANY in hold.categories else (choose(hold.categories),),
            edges=tuple(lasting("hold", hold)),
        )
        return self._under(accord, terms, choose)

    def _authorised(self, authority: Authority, choose: Choose) -> Fit | None:
        """Outside any accord: the signer's own information, to those named."""
        to = [party for party in authority.to if party != authority.by]
        policy = self.world.policy_of(authority.by)
        if not to or policy is None or not authority.purposes:
            return None
        recipient = choose(to)
        named = [self.world.items[n] for n in authority.items if n in self.world.items]
        if authority.items and not named:
            return None
        levels = authority.levels or [Level(policy.id, name) for name in policy.rungs]
        at = choose((authority.since, Instant(authority.before - 1)))
        purpose = choose(authority.purposes)
        if named:
            item = choose(named)
        else:
            kinds, channels = sorted(self.world.kinds), sorted(self.world.channels)
            if not (kinds and channels and authority.categories):
                return None
            item = varied(
                Item(
                    id="",
                    title="",
                    originators=(authority.by,),
                    label=self._marked(
                        choose(levels),
                        (choose(authority.categories),),
                        (recipient,),
                        (),
                        choose,
                    ),
                    kind=choose(kinds),
                    purpose=purpose,
                    channel=choose(channels),
                    made=at - DAY,
                )
            )
        request = Request(
            item=item,
            sender=authority.by,
            recipient=recipient,
            at=at,
            purpose=None if item.purpose == purpose else purpose,
        )
        edges = tuple(lasting("authority", authority))
        return Fit(request=request, accord="", edges=edges, turns=())

    def _member(self, group: Group, choose: Choose) -> Fit | None:
        """An item released to a group, to one that is or was a member, at that one's edges."""
        by_accord = group.accord in self.world.lookup.accords
        if by_accord:
            recipients = self._members(self.world.accord(group.accord))
        else:
            recipients = [member.party for member in group.members]
        if not recipients:
            return None
        recipient = choose(recipients)
        edges = self._edges.clock(group.accord) if by_accord else grouped(group, recipient)
        accords = list(self.world.lookup.joined.get(recipient, {}).values())
        if not accords or not edges:
            return None
        accord = choose(accords)
        senders = [p for p in self._members(accord) if p != recipient]
        if not senders:
            return None
        sender = choose(senders)
        terms = Terms(
            senders=(sender,),
            recipients=(recipient,),
            originator=sender,
            release_to=(group.id,),
            edges=edges,
        )
        found = self._under(accord, terms, choose)
        if found is None:
            return None
        made = choose(edges).at + choose((DAY, DAY, 0, -1))
        item = varied(replace(found.request.item, made=made))
        return replace(found, request=replace(found.request, item=item))

    def _item(self, item: Item, choose: Choose) -> Fit | None:
        """An item of the world as it is, from one that has it to one that may."""
        holders = [p for p in item.originators if p in self.world.parties]
        sender = choose(holders or sorted(self.world.parties))
        accords = list(self.world.lookup.joined.get(sender, {}).values())
        if not accords:
            return None
        accord = choose(accords)
        others = [p for p in self._members(accord) if p != sender]
        listed = [p for p in others if p in (item.label.release_to or ())]
        if not others:
            return None
        terms = Terms(
            senders=(sender,),
            recipients=(choose(listed or others),),
            item=item,
            purposes=(item.purpose,),
            edges=tuple(labelled(item)),
        )
        return self._under(accord, terms, choose)

    # -- under an accord ---------------------------------------------------------------

    def _under(self, accord: Accord, terms: Terms, choose: Choose) -> Fit | None:
        """Take what is not chosen yet from the words of an accord, or of a version of it."""
        text = choose(self._texts(accord))
        pair = self._pair(text, terms, choose)
        if pair is None or pair[0] == pair[1]:
            return None
        at = self._when(accord, pair, terms, choose)
        if at is None:
            return None
        rule = text.one(c.Purpose)
        allowed = terms.purposes or _listed(
            rule.allowed if rule else (), self.world.purposes
        )
        if not allowed:
            return None
        purpose = choose(allowed)
        item, held_as = terms.item, None
        if item is None:
            item, held_as = self._made(text, pair, terms, at, purpose, choose)
        if item is None:
            return None
        request = Request(
            item=item,
            sender=pair[0],
            recipient=pair[1],
            at=at,
            purpose=None if item.purpose == purpose else purpose,
            held_as=held_as,
            under=accord.id if terms.under else None,
        )
        return Fit(
            request=request,
            accord=accord.id,
            edges=terms.edges,
            turns=tuple(
                instant
                for span in self._edges.open(accord.id, pair)
                for instant in span
                if instant < HORIZON
            ),
        )

    def _made(
        self,
        text: Accord,
        pair: tuple[str, str],
        terms: Terms,
        at: Instant,
        purpose: str,
        choose: Choose,
    ) -> tuple[Item | None, Level | None]:
        scope, channel = text.one(c.Scope), text.one(c.Channel)
        kinds = _listed(scope.kinds if scope else (), self.world.kinds)
        channels = _listed(channel.allowed if channel else (c.ANY,), self.world.channels)
        inside = _listed(scope.categories if scope else (), self.world.categories)
        wanted = [word for word in terms.categories if word in inside] or terms.categories
        categories = wanted or inside
        origin = terms.originator or self._origin(text, pair, choose)
        level, held_as = self._level(text, pair, origin, terms.levels, choose)
        if not (kinds and channels and categories) or level is None:
            return None, None
        lists = terms.release_to or choose(self._lists(level, origin, pair))
        item = Item(
            id="",
            title="",
            originators=(origin,),
            label=self._marked(level, (choose(categories),), lists, terms.tags, choose),
            kind=choose(kinds),
            purpose=purpose,
            channel=choose(channels),
            made=at - DAY,
        )
        return varied(item), held_as

    def _texts(self, accord: Accord) -> list[Accord]:
        """Return the accord as signed and as it was amended."""
        view = self.world.clock(accord.id).view(HORIZON, None, None)
        found = {accord.amended_by: accord}
        for way in view.ways:
            now = way.at(HORIZON)
            for text in (now.accord, *(text for _, text in now.versions)):
                found.setdefault(text.amended_by, text)
        return list(found.values())

    def _members(self, accord: Accord) -> list[str]:
        return sorted(self.world.lookup.ever(accord))

    def _pair(self, text: Accord, terms: Terms, choose: Choose) -> tuple[str, str] | None:
        """Return sender and recipient in a direction that the text covers, if it names any."""
        scope, members = text.one(c.Scope), self._members(text)
        named = [way.partition(" to ") for way in (scope.directions if scope else ())]
        ways = [
            (sender, recipient)
            for sender, to, recipient in named
            if to
            and (not terms.senders or sender in terms.senders)
            and (not terms.recipients or recipient in terms.recipients)
        ]
        if ways:
            return choose(ways)
        if not terms.senders and len(terms.recipients) == 1:
            members = [party for party in members if party not in terms.recipients]
        if not (terms.senders or members):
            return None
        sender = choose(terms.senders or members)
        others = [party for party in terms.recipients or members if party != sender]
        return (sender, choose(others)) if others else None

    def _when(
        self, accord: Accord, pair: tuple[str, str], terms: Terms, choose: Choose
    ) -> Instant | None:
        """Return an instant at which the accord lets things go, within what is asked for."""
        spans = [
            (max(since, terms.since), min(before, terms.before))
            for since, before in self._edges.open(accord.id, pair)
        ]
        spans = [(since, before) for since, before in spans if since < before]
        if not spans:
            edges = self._edges.of(accord.id) or terms.edges
            return choose(edges).at if edges else None
        since, before = choose(spans)
        last = Instant(min(before, since + 400 * DAY) - 1)
        return choose((Instant((since + last) // 2), since, last))

    def _origin(self, text: Accord, pair: tuple[str, str], choose: Choose) -> str:
        """Return whose information it is: mostly the sender's own."""
        whose = choose((0, 0, 0, 1, 2))
        if whose < 2:
            return pair[whose]
        givers = [
            given.by for given in self.world.consents(text.id) if given.by not in pair
        ]
        others = [party for party in self.world.parties if party not in pair]
        return choose(givers or others or pair[:1])

    def _level(
        self,
        text: Accord,
        pair: tuple[str, str],
        origin: str,
        among: Sequence[Level],
        choose: Choose,
    ) -> tuple[Level | None, Level | None]:
        """Return the level of the originator's policy, and at which the sender holds it."""
        theirs, mine = self.world.policy_of(pair[1]), self.world.policy_of(pair[0])
        policy = self.world.policy_of(origin)
        if policy is None:
            return None, None
        asked = list(among) or [Level(policy.id, name) for name in policy.rungs]
        if origin == pair[1] or theirs is None or mine is None or not asked:
            return (choose(asked) if asked else None), None
        rows = _rows(text, theirs.id)
        direct = [level for level in asked if level in rows]
        if direct:
            return choose(direct), None
        level = choose(asked)
        held = [
            row
            for row in rows
            if row.policy == mine.id != level.policy and row in self._reached(level)
        ]
        return level, choose(held) if held else None

    def _reached(self, level: Level) -> frozenset[Level]:
        """Return the levels to which the tables of all accords lead from one."""
        if level not in self._led_to:
            self._led_to[level] = reached(level, self.world)
        return self._led_to[level]

    def _lists(
        self, level: Level, origin: str, pair: tuple[str, str]
    ) -> list[tuple[str, ...] | None]:
        """Return lists that let the recipient have it; None where its level does of itself."""
        policy = self.world.policies.get(level.policy)
        audience = None if policy is None else policy.audience(level)
        wide = tuple(sorted({*pair} - {origin}))
        found: list[tuple[str, ...] | None] = [(pair[1],), wide or (pair[1],)]
        if audience in (Audience.COMMUNITY, Audience.PUBLIC):
            found.append(None)
        return found

    def _marked(
        self,
        level: Level,
        categories: tuple[str, ...],
        release_to: tuple[str, ...] | None,
        tags: tuple[Tagged, ...],
        choose: Choose,
    ) -> Label:
        """Return a label with the tags that its policy asks every label to have."""
        policy = self.world.policies.get(level.policy)
        return Label(
            level=level,
            categories=categories,
            release_to=release_to,
            tags=tags or tuple(_required(policy, choose) if policy else ()),
        )


def details(world: World) -> Iterator[Detail]:
    """Yield the dated rows of a world's accords, and the acts about conditions, levels and items."""
    for accord in world.accords:
        rows: tuple[c.Row, ...] = (
            *accord.all(c.Equivalence),
            *accord.all(c.TagEquivalence),
        )
        for row in rows:
            if row.since is not None or row.before is not None:
                yield _of_row(accord, row, world)
    for do in (Op.MEET, Op.UNMEET, Op.DESIGNATE, Op.RELABEL):
        for act, operation in world.acts(do):
            if act.accord in world.lookup.accords:
                yield _of_act(world.accord(act.accord), act, operation, world)


def _of_row(accord: Accord, row: c.Row, world: World) -> Detail:
    """Return what a dated row leads from and to, and its days."""
    marks = _marking_by({row.from_.policy}, accord, world)
    zone = accord.zone
    days = (None if day is None else zone.start_of(day) for day in (row.since, row.before))
    tagged = (
        (Tagged(set_=row.from_.tag_set, values=(row.from_.value,)),)
        if isinstance(row, c.TagEquivalence)
        else ()
    )
    return Detail(
        accord=accord.id,
        terms=Terms(
            senders=marks,
            recipients=_marking_by({to.policy for to in row.to}, accord, world),
            originator=marks[0] if len(marks) == 1 else None,
            levels=(row.from_,) if isinstance(row, c.Equivalence) else (),
            tags=tagged,
            edges=_edges(f"a day of the row of `{row.from_}` in `{accord.id}`", *days),
        ),
    )


def _marking_by(policies: set[str], accord: Accord, world: World) -> tuple[str, ...]:
    """Return the parties of an accord that mark by one of some policies."""
    parties = sorted(world.lookup.ever(accord))
    found = ((party, world.policy_of(party)) for party in parties)
    return tuple(party for party, policy in found if policy and policy.id in policies)


def _of_act(accord: Accord, act: Instrument, op: Operation, world: World) -> Detail:
    """Return to whom an act opens or closes the way, or the item that it marks anew."""
    gate = next((g for g in accord.all(c.Gate) if g.id == op.condition), None)
    sending = op.do is Op.RELABEL or (gate is not None and gate.who is c.Side.SENDER)
    return Detail(
        accord=accord.id,
        terms=Terms(
            senders=act.by if sending else (),
            recipients=() if sending else act.by,
            item=None if op.item is None else world.items.get(op.item),
            categories=op.categories,
            edges=_edges(f"the act `{act.id}`", *written(act, accord)),
        ),
    )


def _required(policy: Policy, choose: Choose) -> Iterator[Tagged]:
    for name, tag_set in policy.tag_sets.items():
        if tag_set.required and tag_set.tags:
            yield Tagged(set_=name, values=(choose(list(tag_set.tags)),))


def _rows(text: Accord, policy: str) -> list[Level]:
    """Return the levels from which a text leads to a policy."""
    found = {
        row.from_: None
        for row in text.all(c.Equivalence)
        if any(to.policy == policy for to in row.to)
    }
    for rule in text.all(c.CommonPolicy):
        if rule.policy == policy:
            found |= {Level(policy, name): None for name in rule.levels}
    return list(found)


def _listed(words: Sequence[str], known: frozenset[str]) -> Sequence[str]:
    """Return the words of a clause; every known one where it says ``any``."""
    return sorted(known) if c.ANY in words else words


def _edges(what: str, *instants: Instant | None) -> tuple[Edge, ...]:
    return tuple(Edge(i, what) for i in instants if i is not None)


def varied(item: Item) -> Item:
    """Return an item under an id that tells it from every other: no two that differ share one."""
    facts = repr(replace(item, id="", title=""))
    name = "varied-" + hashlib.sha256(facts.encode()).hexdigest()[:12]
    return replace(item, id=name, title=name)
