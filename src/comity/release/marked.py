"""What an item is marked at an instant, and whom its label lets have it.

A label binds whatever an accord permits. It changes by its own date, by its originators'
written act, and nobody else's; a group on its list is expanded by the dated table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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
from comity.release.request import Failing, Reason, Request
from comity.release.world import World

# -- what it is marked -----------------------------------------------------------


def label_at(item: Item, world: World, at: Instant) -> Label:
    """Return the label of an item at an instant, after its own dates and new labels.

    A raise counts from the earliest time it may have been made, by any one originator. A
    lowering, or a change to a level beside the present one, counts from the latest, by
    every originator, and against no raise that may be later. Once an originator has given
    a new label, the date in the old one changes nothing more.
    """
    acts = tuple(_new_labels(item, world))
    policy = world.policies.get(item.label.level.policy)
    if policy is None or not acts:
        return item.label.at(at)
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
    return (
        replace(item.label, level=level, successor=None) if changed else item.label.at(at)
    )


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


def label_cuts(request: Request, world: World) -> Iterator[Instant]:
    """Yield the instants after the request at which its label may say something else."""
    item = request.item
    found: set[int] = set()
    if item.label.successor is not None:
        found.add(item.label.successor.at)
    for span, _, _ in _new_labels(item, world):
        found.update((span.start, span.last))
    for group in world.groups.values():
        found.update(group.cuts(request.recipient))
        found.update(group.cuts(request.sender))
    for instrument, operation in world.acts(Op.DESIGNATE):
        if operation.item in (None, item.id):
            found.add(moment_span(instrument).last)
    yield from (Instant(cut) for cut in sorted(found) if cut > request.at)


# -- whom it lets have it --------------------------------------------------------


def releasable(item: Item, sender: str, recipient: str, world: World, at: Instant) -> bool:
    """Say whether an item's label releases it to a party at an instant.

    By the list, its groups expanded; without one, by the audience of its level. What is
    neither listed nor for an audience is the originator's alone. A party that was put out
    of the policy's community has only what is for everybody, of what was made before.
    """
    label = item.label
    policy = world.policies.get(label.level.policy)
    audience = None if policy is None else policy.audience(label.level)
    listed = label.release_to
    community = None if policy is None else world.groups.get(policy.community)
    if community is not None and community.put_out(recipient, item.made, at):
        return audience is Audience.PUBLIC and listed is None
    if listed is not None and _listed(item, listed, recipient, world, at):
        return True
    if audience is Audience.CLIENTS and listed is not None:
        holder = sender in item.originators or _listed(item, listed, sender, world, at)
        return holder and any(
            group.clients_of == sender and group.has(recipient, at)
            for group in world.groups.values()
        )
    if listed is not None or policy is None:
        return False
    if audience is Audience.COMMUNITY:
        return community is not None and community.admits(recipient, item.made, at)
    return audience is Audience.PUBLIC


def _listed(
    item: Item, names: tuple[str, ...], party: str, world: World, at: Instant
) -> bool:
    return any(
        name == party
        if name not in world.groups
        else world.groups[name].admits(party, item.made, at)
        for name in names
    )


def shown(item: Item, recipient: str, world: World, at: Instant) -> bool:
    """Say whether a party may be shown an item without keeping it."""
    return _listed(item, item.label.display_to, recipient, world, at)


def as_part(item: Item, world: World, at: Instant) -> Part:
    """Return an item's label with its readers, as the join of several needs it.

    The readers are those to whom an originator may release it; *everybody* where it is
    for the public.
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


def barred_by_label(request: Request, world: World) -> Iterator[Failing]:
    """Say what the label itself puts in the way, whatever an accord permits.

    The request's label is the one in force. A party's own information comes home whatever
    it is marked.
    """
    item, recipient = request.item, request.recipient
    policy = world.policies.get(item.label.level.policy)
    if policy is None or item.originators == (recipient,):
        return
    for wrong in faults(item.label, policy, item.made):
        yield _fail(request, Reason.INVALID_LABEL, "a label that its policy allows", wrong)
    caveats = policy.caveats(item.label)
    yield from _off_the_list(request, world, caveats)
    if Caveat.NOFORN in caveats:
        yield _fail(
            request, Reason.CAVEAT_NOT_ADMITTED, "the originator as recipient", "noforn"
        )
    if Caveat.EYES_ONLY in caveats and request.sender not in item.originators:
        wants = "release by the originator itself"
        yield _fail(request, Reason.CAVEAT_NOT_ADMITTED, wants, "eyes-only, sent onward")
    yield from _not_held(request, policy, world)


def _off_the_list(
    request: Request, world: World, caveats: frozenset[Caveat]
) -> Iterator[Failing]:
    item, recipient = request.item, request.recipient
    if releasable(item, request.sender, recipient, world, request.at):
        return
    if shown(item, recipient, world, request.at):
        if item.kind not in world.display_kinds:
            kinds = ", ".join(sorted(world.display_kinds)) or "none"
            yield _fail(
                request,
                Reason.CAVEAT_NOT_ADMITTED,
                f"a kind that leaves nothing with them: {kinds}",
                item.kind,
            )
        return
    if Caveat.RELIDO in caveats:
        return  # consent decides, under the accord
    yield _fail(
        request,
        Reason.ORIGINATOR_FORBIDS,
        f"`{recipient}` on the originator's list of recipients",
        _list_in_words(item, world),
    )


def _list_in_words(item: Item, world: World) -> str:
    label = item.label
    if label.release_to is None:
        policy = world.policies.get(label.level.policy)
        audience = None if policy is None else policy.audience(label.level)
        if policy is not None and audience is Audience.COMMUNITY:
            community = policy.community or "a community that nobody named"
            made = "" if item.made is not None else "; nobody recorded when it was made"
            return f"no list: the members of `{community}`, then and now{made}"
        return "no list: the originator only"
    if not label.release_to:
        return "an empty list: nobody"
    groups = [name for name in label.release_to if name in world.groups]
    then = " (groups: those who were members when it was made, and are)" if groups else ""
    return ", ".join(label.release_to) + then


def _not_held(request: Request, policy: Policy, world: World) -> Iterator[Failing]:
    """A restrictive value asks for every one of its holders, a permissive set for one."""

    def holds(tag_set: str, value: str) -> bool:
        tag = policy.tag_sets[tag_set].tags[value]
        group = world.groups.get(tag.holders)
        return group is not None and group.has(request.recipient, request.at)

    for name, tag_set in policy.tag_sets.items():
        values = request.item.label.tagged(name)
        known = [value for value in values or () if value in tag_set.tags]
        if values is None or tag_set.type_ is TagType.INFORMATIVE:
            continue
        if tag_set.type_ is TagType.PERMISSIVE:
            missing = [] if any(holds(name, value) for value in known) else [name]
        else:
            missing = [
                f"{name}/{value}"
                for value in known
                if tag_set.tags[value].holders and not holds(name, value)
            ]
        for one in missing:
            wants = f"`{request.recipient}` among the holders of `{one}`"
            has = ", ".join(values) or "an empty set: nobody"
            yield _fail(request, Reason.CAVEAT_NOT_ADMITTED, wants, has)


def _fail(request: Request, reason: Reason, wants: str, has: str) -> Failing:
    return Failing(
        reason=reason,
        accord="",
        article="",
        wants=wants,
        has=has,
        whose=request.item.originators,
    )
