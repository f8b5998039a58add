"""What a label itself lets go to the recipient, as a condition on any item.

The counterpart of `comity.release.marked`, from the same policies and groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import z3

from comity.accords.times import Instant
from comity.labels import Audience, Caveat, Group, Mark, Policy, Tag, TagType
from comity.proof.asked import NOWHERE, AnyItem, Asked, every, fixed, some
from comity.proof.received import Known
from comity.proof.spans import Spans
from comity.release.membership import has, put_out
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The labels of any item and its parts, before any accord is looked at.

    Attributes:
        bound: by which texts the sender has what it would send, as far as asked already.
    """

    world: World
    asked: Asked
    spans: Spans
    bound: Known = field(default_factory=dict)
    _members: dict[tuple[str, str, int], z3.BoolRef] = field(default_factory=dict)
    _outs: dict[tuple[str, str], list[tuple[z3.ArithRef, z3.BoolRef]]] = field(
        default_factory=dict
    )
    _kept: dict[tuple[str, int], z3.BoolRef] = field(default_factory=dict)

    def _once(self, what: str, item: AnyItem, make: Callable[[], z3.BoolRef]) -> z3.BoolRef:
        key = (what, item.there.get_id())
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    # -- groups ------------------------------------------------------------------

    def member(self, group: Group, party: str, at: z3.ArithRef) -> z3.BoolRef:
        """Return the condition that a party is certainly a member at an instant."""
        key = (group.id, party, at.get_id())
        if key not in self._members:
            self._members[key] = self.spans.when(
                lambda t: has(self.world, group, party, t), at
            )
        return self._members[key]

    def _admits(self, group: Group, party: str, item: AnyItem) -> z3.BoolRef:
        return z3.And(
            item.dated,
            self.member(group, party, item.made),
            self.member(group, party, self.asked.at),
        )

    def _community(self, policy: Policy) -> Group | None:
        return self.world.groups.get(policy.community)

    def out(self, item: AnyItem, party: str) -> z3.BoolRef:
        """Return the condition that a party was put out of the community of the item's policy."""
        return some(
            z3.And(item.level_of(policy.id), within)
            for policy in self.world.policies.values()
            for _, within in self._put_out(policy, party)
        )

    def _put_out(self, policy: Policy, party: str) -> list[tuple[z3.ArithRef, z3.BoolRef]]:
        """Return each instant at which it was put out, with when that is what counts.

        While that is in doubt it is the present.
        """
        key = (policy.id, party)
        if key not in self._outs:
            self._outs[key] = self._outs_of(policy, party)
        return self._outs[key]

    def _outs_of(self, policy: Policy, party: str) -> list[tuple[z3.ArithRef, z3.BoolRef]]:
        group, at = self._community(policy), self.asked.at
        if group is None:
            return []
        found: dict[Instant | None, set[Instant]] = {}
        for start, before in self.spans:
            out = put_out(self.world, group, party, start)
            if out is not None:
                after = Instant(min(start + 1, before - 1))
                moves = out == start and put_out(self.world, group, party, after) == after
                found.setdefault(None if moves else out, set()).add(start)
        return [
            (
                at if out is None else z3.IntVal(out),
                self.spans.when(starts.__contains__, at),
            )
            for out, starts in found.items()
        ]

    def _named_since(
        self, item: AnyItem, names: Mapping[str, z3.BoolRef], party: str
    ) -> z3.BoolRef:
        """Return the condition that a list made since a party was put out names it itself."""
        since = some(
            z3.And(item.level_of(policy.id), within, item.dated, item.made >= out)
            for policy in self.world.policies.values()
            for out, within in self._put_out(policy, party)
        )
        return z3.And(since, names[party])

    def _listed(
        self, item: AnyItem, names: Mapping[str, z3.BoolRef], party: str
    ) -> z3.BoolRef:
        groups = self.world.groups
        return some(
            z3.And(symbol, self._admits(groups[name], party, item))
            if name in groups
            else symbol
            for name, symbol in names.items()
            if name in groups or name == party
        )

    def _addressed(
        self, item: AnyItem, names: Mapping[str, z3.BoolRef], party: str
    ) -> z3.BoolRef:
        return z3.If(
            self.out(item, party),
            self._named_since(item, names, party),
            self._listed(item, names, party),
        )

    # -- whom it lets have it ----------------------------------------------------

    def audience(self, item: AnyItem, *audiences: Audience) -> z3.BoolRef:
        """Return the condition that the level of an item is for one of some audiences."""
        return item.level.among(
            level
            for level in item.level.options
            if (policy := self.world.policies.get(level.policy)) is not None
            and policy.audience(level) in audiences
        )

    def releasable(self, item: AnyItem) -> z3.BoolRef:
        """Return the condition that an item's label releases it to the recipient."""
        return self._once("releasable", item, lambda: self._releasable(item))

    def _releasable(self, item: AnyItem) -> z3.BoolRef:
        sender, recipient = self.asked.pair
        public = z3.And(self.audience(item, Audience.PUBLIC), z3.Not(item.listed))
        out = self.out(item, recipient)
        since = self._named_since(item, item.names, recipient)
        clients = some(
            self.member(group, recipient, self.asked.at)
            for group in self.world.groups.values()
            if group.clients_of == sender
        )
        by_client = z3.And(
            self.audience(item, Audience.CLIENTS),
            item.listed,
            clients,
            self._addressed(item, item.names, sender),
        )
        by_list = z3.And(item.listed, self._listed(item, item.names, recipient))
        by_community = some(
            z3.And(
                item.level_of(policy.id),
                self._admits(group, recipient, item),
            )
            for policy in self.world.policies.values()
            if (group := self._community(policy)) is not None
        )
        community = z3.And(
            self.audience(item, Audience.COMMUNITY), z3.Not(item.listed), by_community
        )
        named = some((by_list, by_client, community, public))
        return z3.If(out, z3.Or(public, since), named)

    def shown(self, item: AnyItem) -> z3.BoolRef:
        """Return the condition that the recipient may be shown an item without keeping it."""
        recipient = self.asked.pair[1]
        return self._once(
            "shown", item, lambda: self._addressed(item, item.display, recipient)
        )

    # -- caveats -----------------------------------------------------------------

    def caveat(self, item: AnyItem, caveat: Caveat) -> z3.BoolRef:
        """Return the condition that a tag of an item asks for something."""
        return some(
            symbol
            for mark, symbol in item.marks.items()
            if (tag := self._tag(mark)) is not None and tag.caveat is caveat
        )

    def _tag(self, mark: Mark) -> Tag | None:
        policy = self.world.policies.get(mark.policy)
        return None if policy is None else policy.tag(mark)

    def admits(self, item: AnyItem) -> z3.BoolRef:
        """Return the condition that a label puts nothing in the way, whatever an accord permits."""
        sender, recipient = self.asked.pair
        world, asked = self.world, self.asked
        on_the_list = z3.If(
            self.shown(item),
            asked.kind.among(world.display_kinds),
            z3.And(self.caveat(item, Caveat.RELIDO), z3.Not(self.out(item, recipient))),
        )
        own_release = item.originators.get(sender, fixed(value=False))
        return z3.Or(
            item.only(recipient),
            item.level.is_(NOWHERE),
            every(
                (
                    self.valid(item),
                    z3.Or(self.releasable(item), on_the_list),
                    z3.Not(self.caveat(item, Caveat.NOFORN)),
                    z3.Implies(self.caveat(item, Caveat.EYES_ONLY), own_release),
                    self.held(item),
                )
            ),
        )

    def held(self, item: AnyItem) -> z3.BoolRef:
        """Return the condition that the recipient holds what the tags of an item ask for."""
        found: list[z3.BoolRef] = []
        for policy, name, type_, marks in self._sets(item):
            there = item.sets[policy.id, name]
            if type_ is TagType.PERMISSIVE:
                one = some(z3.And(symbol, self._holds(mark)) for mark, symbol in marks)
                found.append(z3.Implies(there, one))
            elif type_ is TagType.RESTRICTIVE:
                found += [
                    z3.Implies(symbol, self._holds(mark))
                    for mark, symbol in marks
                    if (tag := self._tag(mark)) is not None and tag.holders
                ]
        return every(found)

    def _sets(
        self, item: AnyItem
    ) -> Iterable[tuple[Policy, str, TagType, list[tuple[Mark, z3.BoolRef]]]]:
        for policy in self.world.policies.values():
            for name, tag_set in policy.tag_sets.items():
                key = (policy.id, name)
                marks = [
                    (m, s) for m, s in item.marks.items() if (m.policy, m.tag_set) == key
                ]
                yield policy, name, tag_set.type_, marks

    def _holds(self, mark: Mark) -> z3.BoolRef:
        tag = self._tag(mark)
        group = self.world.groups.get("" if tag is None else tag.holders)
        if group is None:
            return fixed(value=False)
        return self.member(group, self.asked.pair[1], self.asked.at)

    # -- validity ----------------------------------------------------------------

    def valid(self, item: AnyItem) -> z3.BoolRef:
        """Return the condition that a label is one that its policy allows (`comity.labels.faults`)."""
        return z3.And(
            z3.Not(item.stray),
            *(
                z3.Implies(item.level_of(policy.id), self._valid(item, policy))
                for policy in self.world.policies.values()
            ),
        )

    def _valid(self, item: AnyItem, policy: Policy) -> z3.BoolRef:
        found: list[z3.BoolRef] = []
        for level, symbol in item.level.options.items():
            if level.policy == policy.id:
                rung = policy.rungs[level.name]
                found.append(z3.Implies(symbol, _current(item, rung.obsolete)))
        for name, tag_set in policy.tag_sets.items():
            there = item.sets[policy.id, name]
            marks = {v: item.marks[Mark(policy.id, name, v)] for v in tag_set.tags}
            if tag_set.required:
                found.append(there)
            if tag_set.at_most is not None and len(marks) > tag_set.at_most:
                found.append(z3.PbLe([(s, 1) for s in marks.values()], tag_set.at_most))
            for value, symbol in marks.items():
                beside = self._beside(item, policy, tag_set.tags[value])
                found.append(z3.Implies(symbol, beside))
        return every((*found, self._caveats_agree(item)))

    def _beside(self, item: AnyItem, policy: Policy, tag: Tag) -> z3.BoolRef:
        def there(text: str) -> z3.BoolRef:
            tag_set, _, value = text.partition("/")
            return item.marks.get(Mark(policy.id, tag_set, value), fixed(value=False))

        found = [_current(item, tag.obsolete)]
        if tag.levels is not None:
            allowed = [one for one in item.level.options if one.name in tag.levels]
            found.append(item.level.among(allowed))
        found += [z3.Not(there(other)) for other in tag.not_with]
        found += [there(other) for other in tag.needs]
        return every(found)

    def _caveats_agree(self, item: AnyItem) -> z3.BoolRef:
        has_ = {caveat: self.caveat(item, caveat) for caveat in Caveat}
        noforn, listed = has_[Caveat.NOFORN], some(item.names.values())
        shown = some(item.display.values())
        alone = (noforn, has_[Caveat.RELIDO], has_[Caveat.DISPLAY_ONLY])
        return every(
            (
                z3.AtMost(*alone, 1),
                z3.Not(z3.And(noforn, z3.Or(item.listed, shown))),
                z3.Not(z3.And(noforn, has_[Caveat.EYES_ONLY])),
                z3.Implies(has_[Caveat.EYES_ONLY], listed),
                has_[Caveat.DISPLAY_ONLY] == shown,
            )
        )


def _current(item: AnyItem, obsolete: int | None) -> z3.BoolRef:
    if obsolete is None:
        return fixed(value=True)
    return z3.And(item.dated, item.made < obsolete)
