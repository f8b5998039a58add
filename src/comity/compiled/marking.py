"""One item, compiled: what a release of it needs, and whom its label lets have it, by time.

What `comity.release.marked` says of one recipient is said here of all at once, as a mask
of parties. Between two cuts nothing changes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from comity.accords.cuts import Stretches
from comity.accords.instruments import Op
from comity.accords.state import moment_span
from comity.accords.times import FAR_PAST, Instant
from comity.compiled.words import Words, inside
from comity.labels import (
    Audience,
    Caveat,
    Group,
    Item,
    Label,
    Mark,
    Policy,
    TagType,
    faults,
)
from comity.release.marked import label_at
from comity.release.membership import has, put_out
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What an item needs, and who may have it, in one stretch of time.

    Attributes:
        needs: the bits of its label, kind and originators.
        listed: the parties to which its list or audience releases it.
        shown: the parties that may be shown it in the form in which it goes.
        clients: the parties that may have it as clients of whoever is addressed.
        bound: the parties that its tags and its policy's faults leave, whoever is listed.
        own_only: only its originators pass it on.
        home: the policy by which it is marked, for its way back there.
        plain: whether only the plain evaluator answers for it.
    """

    needs: int
    listed: int
    shown: int
    clients: int
    bound: int
    own_only: bool
    home: str
    plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """An item, compiled.

    Attributes:
        cuts: the instants at which it may become another, the far past first.
        parts: what it is from each of them on; None where it goes nowhere.
        sole: a mask of its only originator; 0 where it has several.
        originators: their places.
    """

    cuts: tuple[Instant, ...]
    parts: tuple[Marked | None, ...]
    sole: int
    originators: tuple[int, ...]

    def at(self, at: Instant) -> Marked | None:
        """Return what it is at an instant."""
        return self.parts[max(bisect_right(self.cuts, at) - 1, 0)]


class Markings:
    """Compiles items of one world; who is in which group is found once."""

    def __init__(self, world: World, words: Words) -> None:
        self._world = world
        self._words = words
        self._groups: dict[str, tuple[Instant, ...] | None] = {}
        self._masks: dict[tuple[str, int], int] = {}
        self._outs: dict[tuple[str, int], dict[str, Instant]] = {}
        self._clients: dict[tuple[str, int], int] = {}
        self._alike: dict[tuple[object, ...], Marking] = {}
        self._relabelled = {op.item for _, op in world.acts(Op.RELABEL)}
        self.client_cuts: tuple[Instant, ...] | None = self._cuts_of(
            group.id for group in world.groups.values() if group.clients_of
        )

    def of(self, item: Item) -> Marking:
        """Compile an item."""
        key = (item.label, item.originators, item.made, item.kind)
        world = self._world
        alike = not (
            item.made_from or item.id in world.items or item.id in self._relabelled
        )
        found = self._alike.get(key) if alike else None
        if found is not None:
            return found
        made = self._made(item)
        if alike:
            if len(self._alike) >= ALIKE_MAX:
                self._alike.clear()
            self._alike[key] = made
        return made

    def _made(self, item: Item) -> Marking:
        cuts = self._cuts(item)
        places = self._words.party
        known = (
            bool(item.originators and item.label.categories)
            and self._world.items.get(item.id, item) == item
            and item.label.level.policy in self._world.policies
            and all(party in places for party in item.originators)
            and all(word in self._words.categories for word in item.label.categories)
            and item.kind in self._words.kinds
        )
        plain = item.made_from or cuts is None
        starts = (FAR_PAST,) if plain or cuts is None else (FAR_PAST, *cuts)
        if plain:
            parts: tuple[Marked | None, ...] = (_PLAIN,)
        else:
            parts = tuple(self._part(item, at) if known else None for at in starts)
        return Marking(
            cuts=starts,
            parts=parts,
            sole=self._mask(item.originators) if len(item.originators) == 1 else 0,
            originators=tuple(places[p] for p in item.originators if p in places),
        )

    def _cuts(self, item: Item) -> tuple[Instant, ...] | None:
        """Return when an item's label or its readers may change; None where nobody can say."""
        label, found = item.label, set[Instant]()
        after = label.successor
        if after is not None:
            found.update(Instant(i) for i in (after.at, after.earliest) if i is not None)
        for instrument, operation in self._world.acts(Op.RELABEL):
            if operation.item == item.id:
                span = moment_span(instrument)
                found.update((span.start, span.last))
        if item.made is not None:
            found.update((Instant(item.made), Instant(item.made + 1)))
        groups = self._cuts_of(self._named(label))
        if groups is None:
            return None
        clients = self.client_cuts if self._for_clients(label) else None
        return tuple(sorted({*found, *groups, *(clients or ())}))

    def _for_clients(self, label: Label) -> bool:
        """Say whether a label may release to the clients of those on its list."""
        names = [label.level.policy]
        if label.successor is not None:
            names.append(label.successor.level.policy)
        policies = (self._world.policies.get(name) for name in names)
        rungs = (rung for p in policies if p is not None for rung in p.rungs.values())
        listed = label.release_to is not None
        return listed and any(rung.audience is Audience.CLIENTS for rung in rungs)

    def _named(self, label: Label) -> Iterator[str]:
        """Yield the groups that a label may hang on."""
        policies = [label.level.policy]
        if label.successor is not None:
            policies.append(label.successor.level.policy)
        names = [*(label.release_to or ()), *label.display_to]
        for policy in (self._world.policies.get(name) for name in policies):
            if policy is not None:
                names.append(policy.community)
                tags = (policy.tag(mark) for mark in label.marks)
                names += [tag.holders for tag in tags if tag is not None]
        yield from dict.fromkeys(name for name in names if name in self._world.groups)

    def _cuts_of(self, names: Iterable[str]) -> tuple[Instant, ...] | None:
        found: set[Instant] = set()
        for name in names:
            cuts = self._group(name)
            if cuts is None:
                return None
            found.update(cuts)
        return tuple(sorted(found))

    def _group(self, name: str) -> tuple[Instant, ...] | None:
        if name not in self._groups:
            group = self._world.groups[name]
            if group.accord:
                clock = self._world.clock(group.accord)
                seen = Stretches.of(clock, None)
                self._groups[name] = None if seen.blurred else seen.cuts
            else:
                ends = (Instant(i) for p in self._words.party for i in group.cuts(p))
                last = (Instant(m.last) for m in group.members if m.last is not None)
                self._groups[name] = tuple(sorted({*ends, *last}))
        return self._groups[name]

    # -- who is in which group -------------------------------------------------------

    def _members(self, group: Group, at: Instant) -> int:
        """Return a mask of the members of a group at an instant."""
        key = (group.id, bisect_right(self._group(group.id) or (), at))
        if key not in self._masks:
            world = self._world
            members = (p for p in self._words.party if has(world, group, p, at))
            self._masks[key] = self._mask(members)
        return self._masks[key]

    def _out(self, group: Group, at: Instant) -> dict[str, Instant]:
        """Return who was put out of a group by an instant, and when."""
        key = (group.id, bisect_right(self._group(group.id) or (), at))
        if key in self._outs:
            return self._outs[key]
        found = ((p, put_out(self._world, group, p, at)) for p in self._words.party)
        outs = {party: out for party, out in found if out is not None}
        if not group.accord:  # in doubt, an accord's parties are put out at the present
            self._outs[key] = outs
        return outs

    def clients(self, sender: str, at: Instant) -> int:
        """Return a mask of the clients of a party at an instant."""
        key = (sender, bisect_right(self.client_cuts or (), at))
        if key not in self._clients:
            mask = 0
            for group in self._world.groups.values():
                if group.clients_of == sender:
                    mask |= self._members(group, at)
            self._clients[key] = mask
        return self._clients[key]

    def _mask(self, parties: Iterable[str]) -> int:
        places = self._words.party
        mask = 0
        for party in parties:
            if party in places:
                mask |= 1 << places[party]
        return mask

    # -- one stretch -----------------------------------------------------------------

    def _part(self, item: Item, at: Instant) -> Marked | None:
        label = label_at(item, self._world, at)
        policy = self._world.policies.get(label.level.policy)
        if policy is None or not policy.knows(label.level):
            return None
        caveats = policy.caveats(label)
        if Caveat.RELIDO in caveats:
            return _PLAIN
        if not self.knows(label.marks):
            return _PLAIN
        audience = policy.audience(label.level)
        reaching = audience is Audience.CLIENTS and label.release_to is not None
        if reaching and self.client_cuts is None:
            return _PLAIN
        clients = self._words.everybody & ~self._mask(self._put_out(policy, at))
        now = replace(item, label=label)
        bound = self._words.everybody
        if Caveat.NOFORN in caveats or faults(label, policy, item.made):
            bound = 0
        bound &= self._holding(now, policy, at)
        return Marked(
            needs=self._needs(now, policy, orcon=Caveat.ORCON in caveats),
            listed=self._listed(now, policy, audience, at),
            shown=self._addressed(now, policy, label.display_to, at)
            if item.kind in self._world.display_kinds
            else 0,
            clients=clients if reaching else 0,
            bound=bound,
            own_only=Caveat.EYES_ONLY in caveats,
            home=policy.id,
            plain=False,
        )

    def knows(self, marks: Iterable[Mark]) -> bool:
        """Say whether each tag has a bit; a row may lead on from one that no policy knows."""
        return all(mark in self._words.tags for mark in marks)

    def _needs(self, item: Item, policy: Policy, *, orcon: bool) -> int:
        words, label = self._words, item.label
        needs = words.levels[label.level] | words.kinds[item.kind]
        needs |= inside(words.categories, label.categories)
        for mark in label.marks:
            known = policy.tag_sets.get(mark.tag_set)
            if known is None or known.type_ is not TagType.INFORMATIVE:
                needs |= words.tags.get(mark, words.other_tag)
        whose = self._mask(item.originators)
        needs |= whose << words.from_
        return needs | whose << words.orcon if orcon else needs

    def _listed(
        self, item: Item, policy: Policy, audience: Audience | None, at: Instant
    ) -> int:
        """Return to whom the label releases by itself, the clients of others left aside."""
        label, out = item.label, self._put_out(policy, at)
        everybody = audience is Audience.PUBLIC and label.release_to is None
        if everybody:
            return self._words.everybody
        if label.release_to is not None:
            return self._addressed(item, policy, label.release_to, at)
        community = self._world.groups.get(policy.community)
        if audience is not Audience.COMMUNITY or community is None or item.made is None:
            return 0
        then = self._members(community, Instant(item.made))
        return then & self._members(community, at) & ~self._mask(out)

    def _addressed(
        self, item: Item, policy: Policy, names: tuple[str, ...], at: Instant
    ) -> int:
        """Return for whom a list is; for one that was put out, whether it names it since."""
        out = self._put_out(policy, at)
        mask = 0
        for name in names:
            group = self._world.groups.get(name)
            if group is None:
                mask |= self._mask((name,))
            elif item.made is not None:
                then = self._members(group, Instant(item.made))
                mask |= then & self._members(group, at)
        since = [
            party
            for party, when in out.items()
            if party in names and item.made is not None and when <= item.made
        ]
        return mask & ~self._mask(out) | self._mask(since)

    def _put_out(self, policy: Policy, at: Instant) -> dict[str, Instant]:
        community = self._world.groups.get(policy.community)
        return {} if community is None else self._out(community, at)

    def _holding(self, item: Item, policy: Policy, at: Instant) -> int:
        """Return who holds what the tags ask for."""
        mask = self._words.everybody
        for name, tag_set in policy.tag_sets.items():
            values = item.label.tagged(name)
            if values is None or tag_set.type_ is TagType.INFORMATIVE:
                continue
            held = [
                self._world.groups.get(tag_set.tags[value].holders)
                if tag_set.tags[value].holders
                else _ANYBODY
                for value in values
                if value in tag_set.tags
            ]
            masks = [self._holders(group, tag_set.type_, at) for group in held]
            if tag_set.type_ is TagType.PERMISSIVE:
                some = 0
                for one in masks:
                    some |= one
                mask &= some
            else:
                for one in masks:
                    mask &= one
        return mask

    def _holders(self, group: Group | None, type_: TagType, at: Instant) -> int:
        """Return who holds a value: without holders all, of a restrictive one; else nobody."""
        if group is _ANYBODY:
            return self._words.everybody if type_ is TagType.RESTRICTIVE else 0
        return 0 if group is None else self._members(group, at)


ALIKE_MAX = 100_000  # labels remembered; a corpus has few that differ
_ANYBODY = Group(id="", title="")
_PLAIN = Marked(
    needs=0, listed=0, shown=0, clients=0, bound=0, own_only=False, home="", plain=True
)
