"""What an item is marked at an instant, and whom its label lets have it.

A label binds whatever an accord permits. It changes by its own date, by its originators'
written act, and nobody else's; a group on its list is expanded by the dated table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from comity.accords.instruments import Instrument, Op, Operation
from comity.accords.state import NO_AUTHORITY, moment_span
from comity.accords.times import Instant, Span
from comity.errors import InvalidInput
from comity.labels import (
    Audience,
    Caveat,
    Item,
    Label,
    Level,
    Part,
    Policy,
    TagType,
    faults,
)
from comity.release.handling import reached
from comity.release.lineage import lineage
from comity.release.membership import admits, cuts, has, put_out
from comity.release.request import Failing, Reason, Request
from comity.release.world import World

# -- what it is marked -----------------------------------------------------------


def label_at(item: Item, world: World, at: Instant) -> Label:
    """Return the label of an item at an instant, after its own dates and new labels.

    A raise counts from the earliest time it may have been made, by any one originator. A
    lowering, or a change to a level beside the present one, counts from the latest, by
    every originator, and against no raise that may be later. Once an originator has given
    a new label, the date in the old one lowers nothing more; and once every one has for
    certain, it raises nothing more.
    """
    acts = tuple(_new_labels(item, world))
    policy = world.policies.get(item.label.level.policy)
    marked = _from_the_earliest(item.label, policy)
    if policy is None or not acts:
        return marked.at(at)
    item = replace(item, label=marked)
    level, changed = item.label.level, False
    raises: list[Span] = []
    for span, new, _ in sorted(acts, key=lambda act: (act[0].start, str(act[1]))):
        if not changed:
            level = item.label.at(span.start).level
        if policy.dominates(new, level):
            if span.start <= at:
                level, changed = new, True
                raises.append(span)
            continue
        agreed = {
            who
            for other, level_of_it, who in acts
            if level_of_it == new
            and other.last <= at
            and all(one.last < other.start for one in raises)
        }
        if agreed >= set(item.originators):
            level, changed = new, True
    if not changed:
        return item.label.at(at)
    after = item.label.successor
    anew = {who for span, _, who in acts if span.last <= at}
    if after is not None and not anew >= set(item.originators):
        if not policy.dominates(after.level, level) or after.level == level:
            after = None
        elif after.at <= at:
            level, after = after.level, None
    else:
        after = None
    return replace(item.label, level=level, successor=after)


def _from_the_earliest(label: Label, policy: Policy | None) -> Label:
    """Return a label whose date, if it raises the level, is the earliest it may be."""
    after = label.successor
    if after is None or after.earliest is None or policy is None:
        return label
    if not policy.dominates(after.level, label.level):
        return label
    return replace(label, successor=replace(after, at=after.earliest, earliest=None))


def _new_labels(item: Item, world: World) -> Iterator[tuple[Span, Level, str]]:
    """Yield each originator's written new label of an item: when, which, by whom."""
    policy = world.policies.get(item.label.level.policy)
    for instrument, operation in world.acts(Op.RELABEL):
        level = _level(operation)
        if operation.item != item.id or level is None or not _in_writing(instrument):
            continue
        if policy is not None and policy.knows(level):
            for party in instrument.by:
                if party in item.originators:
                    yield moment_span(instrument), level, party


def _level(operation: Operation) -> Level | None:
    try:
        return Level.parse(operation.level or "")
    except InvalidInput:
        return None


def _in_writing(instrument: Instrument) -> bool:
    return (
        instrument.form == "written"
        and instrument.authority != NO_AUTHORITY
        and not instrument.recalled
    )


def members_at(request: Request, world: World) -> tuple[Item, ...]:
    """Return the item and its parts, each with its label in force at the request's instant.

    The request's own item has it already.
    """
    if not request.item.made_from:
        return (request.item,)
    first, *parts = lineage(request.item, world).members
    return (first, *(replace(p, label=label_at(p, world, request.at)) for p in parts))


def below_parts(members: tuple[Item, ...], world: World) -> Iterator[tuple[Item, str, str]]:
    """Yield each part whose mark that of the whole falls short of, with what it wants and has.

    The whole, first of the members, is about all that its parts are about, and its level
    stands over each of theirs, or over one to which tables lead from it. Only an
    originator lowers (ADatP-4774.1 §4.4).
    """
    item, *parts = members
    level, policy = item.label.level, world.policies.get(item.label.level.policy)
    for part in parts:
        left_out = set(part.label.categories) - set(item.label.categories)
        if left_out:
            wants = f"what its part `{part.id}` is about: {', '.join(sorted(left_out))}"
            yield part, wants, ", ".join(item.label.categories) or "no category"
        over = reached(part.label.level, world)
        if policy is None or not any(policy.dominates(level, one) for one in over):
            wants = f"a level that stands over `{part.label.level}` of its part `{part.id}`"
            yield part, wants, f"`{level}`"


def label_cuts(request: Request, world: World) -> Iterator[Instant]:
    """Yield the instants after the request at which a label may say something else."""
    found: set[int] = set()
    for member in lineage(request.item, world).members:
        after = member.label.successor
        if after is not None:
            found.add(after.at)
            found.add(after.at if after.earliest is None else after.earliest)
        for span, _, _ in _new_labels(member, world):
            found.update((span.start, span.last))
    for group in world.groups.values():
        found.update(cuts(world, group, request.recipient))
        found.update(cuts(world, group, request.sender))
    for accord in world.between(request.sender, request.recipient):
        for span, _, operation in world.lookup.designating.get(accord.id, ()):
            if operation.item in (None, request.item.id):
                found.add(span.last)
    yield from (Instant(cut) for cut in sorted(found) if cut > request.at)


# -- whom it lets have it --------------------------------------------------------


def releasable(item: Item, sender: str, recipient: str, world: World, at: Instant) -> bool:
    """Say whether an item's label releases it to a party at an instant.

    By the list, its groups expanded; without one, by the audience of its level. What is
    neither listed nor for an audience is the originator's alone. A party that was put out
    of the policy's community has of what was made before only what is for everybody, and
    of what was made since what names the party itself.
    """
    label = item.label
    policy = world.policies.get(label.level.policy)
    audience = None if policy is None else policy.audience(label.level)
    listed = label.release_to
    public = audience is Audience.PUBLIC and listed is None
    if put_out_of(item, recipient, world, at) is not None:
        return public or _named_since(item, listed or (), recipient, world, at)
    if listed is not None and _listed(item, listed, recipient, world, at):
        return True
    if audience is Audience.CLIENTS and listed is not None:
        return _addressed(item, listed, sender, world, at) and any(
            group.clients_of == sender and has(world, group, recipient, at)
            for group in world.groups.values()
        )
    if listed is not None or policy is None:
        return False
    if audience is Audience.COMMUNITY:
        community = world.groups.get(policy.community)
        return community is not None and admits(world, community, recipient, item.made, at)
    return public


def put_out_of(
    item: Item, recipient: str, world: World, at: Instant
) -> tuple[str, Instant] | None:
    """Return of which community, that of the item's policy, a party was put out, and when."""
    policy = world.policies.get(item.label.level.policy)
    community = None if policy is None else world.groups.get(policy.community)
    out = None if community is None else put_out(world, community, recipient, at)
    return None if community is None or out is None else (community.id, out)


def _named_since(
    item: Item, names: tuple[str, ...], party: str, world: World, at: Instant
) -> bool:
    """Say whether a list made after a party was put out names the party itself.

    A group on it does not: a table that nobody has kept up must not bring the party back.
    """
    out = put_out_of(item, party, world, at)
    since = out is None or (item.made is not None and out[1] <= item.made)
    return since and party in names


def _listed(
    item: Item, names: tuple[str, ...], party: str, world: World, at: Instant
) -> bool:
    return any(
        name == party
        if name not in world.groups
        else admits(world, world.groups[name], party, item.made, at)
        for name in names
    )


def _addressed(
    item: Item, names: tuple[str, ...], party: str, world: World, at: Instant
) -> bool:
    """Say whether a list is for a party; for one that was put out, whether it names it since."""
    if put_out_of(item, party, world, at) is not None:
        return _named_since(item, names, party, world, at)
    return _listed(item, names, party, world, at)


def shown(item: Item, recipient: str, world: World, at: Instant) -> bool:
    """Say whether a party may be shown an item without keeping it."""
    return _addressed(item, item.label.display_to, recipient, world, at)


def as_part(item: Item, world: World, at: Instant) -> Part:
    """Return an item's label with its readers, as the join of several needs it.

    The readers are those on its list, or without one those to whom an originator may
    release it; *everybody* where it is for the public. Their clients are told by the level.
    """
    label = label_at(item, world, at)
    policy = world.policies.get(label.level.policy)
    owners = frozenset(item.originators)
    now = replace(item, label=label)
    everybody = (
        label.release_to is None
        and policy is not None
        and policy.audience(label.level) is Audience.PUBLIC
    )
    listed = label.release_to
    if listed is not None:
        readers = {p for p in world.parties if _addressed(now, listed, p, world, at)}
    else:
        readers = {
            party
            for party in world.parties
            for owner in item.originators
            if releasable(now, owner, party, world, at)
        }
    display = {party for party in world.parties if shown(now, party, world, at)}
    return Part(
        label=label,
        owners=owners,
        readers=None if everybody else owners | readers,
        shown=frozenset(display - readers - owners),
    )


def barred_by_label(request: Request, item: Item, world: World) -> Iterator[Failing]:
    """Say what a label itself puts in the way, whatever an accord permits.

    Args:
        request: what is asked.
        item: the request's item, or a part of it, with its label in force.
        world: with policies and groups.

    A party's own information comes home whatever it is marked.
    """
    policy = world.policies.get(item.label.level.policy)
    if policy is None or item.originators == (request.recipient,):
        return
    asked = _Asked(request, item, policy, world)
    for wrong in faults(item.label, policy, item.made):
        yield asked.fail(Reason.INVALID_LABEL, "a label that its policy allows", wrong)
    caveats = policy.caveats(item.label)
    yield from asked.off_the_list(caveats)
    if Caveat.NOFORN in caveats:
        wants = "the originator as recipient"
        yield asked.fail(Reason.CAVEAT_NOT_ADMITTED, wants, "noforn")
    if Caveat.EYES_ONLY in caveats and request.sender not in item.originators:
        wants = "release by the originator itself"
        yield asked.fail(Reason.CAVEAT_NOT_ADMITTED, wants, "eyes-only, sent onward")
    yield from asked.not_held()


@dataclass(frozen=True, slots=True)
class _Asked:
    """One label, of the item asked for or of a part of it, against one request."""

    request: Request
    item: Item
    policy: Policy
    world: World

    def fail(self, reason: Reason, wants: str, has: str) -> Failing:
        part = self.item.id != self.request.item.id
        return Failing(
            reason=reason,
            accord="",
            article="",
            wants=f"{wants}, for its part `{self.item.id}`" if part else wants,
            has=has,
            whose=self.item.originators,
        )

    def off_the_list(self, caveats: frozenset[Caveat]) -> Iterator[Failing]:
        request, world = self.request, self.world
        recipient = request.recipient
        if releasable(self.item, request.sender, recipient, world, request.at):
            return
        if shown(self.item, recipient, world, request.at):
            if request.item.kind not in world.display_kinds:
                kinds = ", ".join(sorted(world.display_kinds)) or "none"
                wants = f"a kind that leaves nothing with them: {kinds}"
                yield self.fail(Reason.CAVEAT_NOT_ADMITTED, wants, request.item.kind)
            return
        out = put_out_of(self.item, recipient, world, request.at)
        if Caveat.RELIDO in caveats and out is None:
            return  # consent decides, under the accord
        wants = f"`{recipient}` on the originator's list of recipients"
        found = self._list_in_words() if out is None else self._out_in_words(*out)
        yield self.fail(Reason.ORIGINATOR_FORBIDS, wants, found)

    def _out_in_words(self, community: str, out: Instant) -> str:
        made = self.item.made
        when = "an item made before" if made is not None else "an item of unknown date"
        if made is not None and out <= made:
            when = "an item made since that does not name it"
        return f"a party put out of `{community}` at {self.world.zone.say(out)}, and {when}"

    def _list_in_words(self) -> str:
        label, policy = self.item.label, self.policy
        if label.release_to is None:
            if policy.audience(label.level) is Audience.COMMUNITY:
                community = policy.community or "a community that nobody named"
                made = "" if self.item.made is not None else "; nobody recorded its date"
                return f"no list: the members of `{community}`, then and now{made}"
            return "no list: the originator only"
        if not label.release_to:
            return "an empty list: nobody"
        groups = any(name in self.world.groups for name in label.release_to)
        then = " (groups: those who were members when it was made, and are)"
        return ", ".join(label.release_to) + (then if groups else "")

    def not_held(self) -> Iterator[Failing]:
        """A restrictive value asks for every one of its holders, a permissive set for one."""
        for name, tag_set in self.policy.tag_sets.items():
            values = self.item.label.tagged(name)
            if values is None or tag_set.type_ is TagType.INFORMATIVE:
                continue
            known = [value for value in values if value in tag_set.tags]
            if tag_set.type_ is TagType.PERMISSIVE:
                missing = [] if any(self._holds(name, value) for value in known) else [name]
            else:
                missing = [
                    f"{name}/{value}"
                    for value in known
                    if tag_set.tags[value].holders and not self._holds(name, value)
                ]
            for one in missing:
                wants = f"`{self.request.recipient}` among the holders of `{one}`"
                has = ", ".join(values) or "an empty set: nobody"
                yield self.fail(Reason.CAVEAT_NOT_ADMITTED, wants, has)

    def _holds(self, tag_set: str, value: str) -> bool:
        group = self.world.groups.get(self.policy.tag_sets[tag_set].tags[value].holders)
        return group is not None and has(
            self.world, group, self.request.recipient, self.request.at
        )
