"""One thing of a request moved: a level, a category, a party, a second.

Each move leaves the rest as it was, so that what changes the answer is what was moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from comity.labels import Level, Successor, Tagged
from comity.release.request import Request
from comity.release.world import World
from comity.testing.fit import DAY, Choose, varied

Thing = TypeVar("Thing")
Move: TypeAlias = Callable[[Request, World, Choose], Request]


def _marked(request: Request, **changes: object) -> Request:
    """Return the request of an item whose label says something else."""
    item = request.item
    return _of(request, label=replace(item.label, **changes))  # type: ignore[arg-type]


def _of(request: Request, **changes: object) -> Request:
    """Return the request of another item, under an id of its own."""
    return replace(request, item=varied(replace(request.item, **changes)))  # type: ignore[arg-type]


def _other(words: Sequence[str], word: str, choose: Choose) -> str:
    """Return another word, the same where there is no other."""
    others = [one for one in words if one != word]
    return choose(others) if others else word


# -- whose, from whom, to whom -----------------------------------------------------------


def swapped(request: Request, world: World, choose: Choose) -> Request:  # noqa: ARG001
    """The other direction, of the item as it is."""
    return replace(request, sender=request.recipient, recipient=request.sender)


def swapped_with_its_owner(request: Request, world: World, choose: Choose) -> Request:
    """The other direction, of the other's own item."""
    owners = tuple(
        request.sender
        if party == request.recipient
        else request.recipient
        if party == request.sender
        else party
        for party in request.item.originators
    )
    turned = replace(request, sender=request.recipient, recipient=request.sender)
    policy = world.policy_of(turned.sender)
    level = request.item.label.level
    if policy is not None and policy.rungs and owners[:1] == (turned.sender,):
        level = Level(policy.id, choose(list(policy.rungs)))
    label = replace(
        request.item.label, level=level, tags=(), release_to=(turned.recipient,)
    )
    return _of(turned, originators=owners, label=label)


def another_recipient(request: Request, world: World, choose: Choose) -> Request:
    """To another party, with the list as it is."""
    return replace(
        request, recipient=_other(sorted(world.parties), request.recipient, choose)
    )


def another_recipient_listed(request: Request, world: World, choose: Choose) -> Request:
    """To another party, to which the originator releases it as well."""
    to = _other(sorted(world.parties), request.recipient, choose)
    listed = tuple(dict.fromkeys((*(request.item.label.release_to or ()), to)))
    return _marked(replace(request, recipient=to), release_to=listed)


def another_sender(request: Request, world: World, choose: Choose) -> Request:
    """From another party."""
    return replace(request, sender=_other(sorted(world.parties), request.sender, choose))


def another_originator(request: Request, world: World, choose: Choose) -> Request:
    """Another party's information, at a level of that party's policy."""
    party = choose(sorted(world.parties))
    policy, level = world.policy_of(party), request.item.label.level
    if policy is not None and policy.id != level.policy and policy.rungs:
        level = Level(policy.id, choose(list(policy.rungs)))
    label = replace(request.item.label, level=level, tags=())
    return _of(request, originators=(party,), label=label)


def one_more_originator(request: Request, world: World, choose: Choose) -> Request:
    """Another party's information too, its consent given or not."""
    party = choose(sorted(world.parties))
    return _of(
        request, originators=tuple(dict.fromkeys((*request.item.originators, party)))
    )


def no_originator(request: Request, world: World, choose: Choose) -> Request:  # noqa: ARG001
    """Nobody recorded whose it is."""
    return _of(request, originators=())


# -- what it is and what for ---------------------------------------------------------------


def another_level(request: Request, world: World, choose: Choose) -> Request:
    """Another level of the same policy."""
    level = request.item.label.level
    policy = world.policies.get(level.policy)
    names = list(policy.rungs) if policy else []
    return _marked(request, level=Level(level.policy, _other(names, level.name, choose)))


def another_category(request: Request, world: World, choose: Choose) -> Request:
    """About something else."""
    words, had = sorted(world.categories), request.item.label.categories
    if not had or not words:
        return _marked(request, categories=())
    gone = choose(had)
    kept = [_other(words, gone, choose) if word == gone else word for word in had]
    return _marked(request, categories=tuple(dict.fromkeys(kept)))


def one_more_category(request: Request, world: World, choose: Choose) -> Request:
    """About one thing more, first or last of its list."""
    had = request.item.label.categories
    word = choose(sorted(world.categories)) if world.categories else ""
    found = choose(((*had, word), (word, *had)))
    return _marked(request, categories=tuple(dict.fromkeys(filter(None, found))))


def no_category(request: Request, world: World, choose: Choose) -> Request:  # noqa: ARG001
    """About nothing that anybody recorded."""
    return _marked(request, categories=())


def another_kind(request: Request, world: World, choose: Choose) -> Request:
    """In another form."""
    return _of(request, kind=_other(sorted(world.kinds), request.item.kind, choose))


def another_purpose(request: Request, world: World, choose: Choose) -> Request:
    """Asked for another purpose than it was given for."""
    return replace(
        request, purpose=_other(sorted(world.purposes), request.for_purpose, choose)
    )


def given_for_another_purpose(request: Request, world: World, choose: Choose) -> Request:
    """Given for another purpose than it is asked for."""
    word = _other(sorted(world.purposes), request.item.purpose, choose)
    return _of(replace(request, purpose=request.for_purpose), purpose=word)


def another_channel(request: Request, world: World, choose: Choose) -> Request:
    """By another way."""
    return replace(
        request, channel=_other(sorted(world.channels), request.by_channel, choose)
    )


def a_word_of_nobody(request: Request, world: World, choose: Choose) -> Request:  # noqa: ARG001
    """A word that the world does not define."""
    word = "(a word of nobody)"
    asked = (
        replace(request, purpose=word),
        replace(request, channel=word),
        _of(request, kind=word),
        _marked(request, categories=(*request.item.label.categories, word)),
    )
    return choose(asked)


# -- how it is marked -----------------------------------------------------------------------


def another_list(request: Request, world: World, choose: Choose) -> Request:
    """Released to one other, or to a group."""
    names = [*sorted(world.parties), *sorted(world.groups)]
    return _marked(request, release_to=(choose(names),))


def an_empty_list(request: Request, world: World, choose: Choose) -> Request:  # noqa: ARG001
    """Released to nobody at all."""
    return _marked(request, release_to=())


def no_list(request: Request, world: World, choose: Choose) -> Request:  # noqa: ARG001
    """Released to whom its level is for, if to anybody."""
    return _marked(request, release_to=None)


def only_shown(request: Request, world: World, choose: Choose) -> Request:  # noqa: ARG001
    """On the display list, and off the list of release."""
    return _marked(request, release_to=(), display_to=(request.recipient,))


def another_tag(request: Request, world: World, choose: Choose) -> Request:
    """One tag set with another value, with none, or left out."""
    label = request.item.label
    policy = world.policies.get(label.level.policy)
    if policy is None or not policy.tag_sets:
        return request
    name = choose(list(policy.tag_sets))
    values: list[tuple[str, ...]] = [(), *((tag,) for tag in policy.tag_sets[name].tags)]
    kept = tuple(entry for entry in label.tags if entry.set_ != name)
    if len(kept) < len(label.tags) and choose((False, True)):
        return _marked(request, tags=kept)
    return _marked(request, tags=(*kept, Tagged(set_=name, values=choose(values))))


def marked_anew(request: Request, world: World, choose: Choose) -> Request:
    """The label has a date, the instant of the request, and another level from it."""
    level = request.item.label.level
    policy = world.policies.get(level.policy)
    names = list(policy.rungs) if policy else [level.name]
    after = Successor(
        at=request.at, level=Level(level.policy, _other(names, level.name, choose))
    )
    return _marked(request, successor=after)


def made_at_another_time(request: Request, world: World, choose: Choose) -> Request:  # noqa: ARG001
    """Made at another time, or nobody recorded when."""
    return _of(request, made=choose((None, request.at, request.at - 3_000 * DAY)))


def made_from_a_part(request: Request, world: World, choose: Choose) -> Request:
    """Made from an item of the world, or from one that nobody has."""
    parts = (*world.items, "(no such item)")
    return _of(request, made_from=(choose(parts),))


# -- what the sender says of it ---------------------------------------------------------------


def held_otherwise(request: Request, world: World, choose: Choose) -> Request:
    """Held at another level of the sender's own, or at the originator's."""
    policy = world.policy_of(request.sender)
    own = [Level(policy.id, name) for name in policy.rungs] if policy else []
    return replace(request, held_as=choose([None, *own]))


def under_a_named_accord(request: Request, world: World, choose: Choose) -> Request:
    """Under one accord of the sender's, named."""
    names = [a.id for a in world.lookup.joined.get(request.sender, {}).values()]
    return replace(request, under=choose(names)) if names else request


def received_from_another(request: Request, world: World, choose: Choose) -> Request:
    """Received by the sender under an accord of its own, from another party to it."""
    accords = list(world.lookup.joined.get(request.sender, {}).values())
    if not accords:
        return request
    accord = choose(accords)
    others = sorted(world.lookup.ever(accord) - {request.sender})
    return replace(request, received=(choose(others), accord.id)) if others else request


MOVES: tuple[Move, ...] = (
    another_category,
    one_more_category,
    another_level,
    another_kind,
    another_purpose,
    given_for_another_purpose,
    another_channel,
    another_list,
    an_empty_list,
    no_list,
    another_tag,
    only_shown,
    made_at_another_time,
    made_from_a_part,
    swapped,
    swapped_with_its_owner,
    another_recipient,
    another_recipient_listed,
    another_sender,
    another_originator,
    one_more_originator,
    no_originator,
    no_category,
    a_word_of_nobody,
    held_otherwise,
    under_a_named_accord,
    received_from_another,
)
"""Every way in which one thing is moved."""


def simpler(request: Request) -> Iterator[Request]:
    """Yield requests that say less, each in one thing: by these a counterexample is made small."""
    item, label = request.item, request.item.label
    yield from _plainer(request)
    for part in item.made_from:
        yield _of(request, made_from=_without(item.made_from, part))
    if item.made is not None:
        yield _of(request, made=None)
    for party in item.originators if len(item.originators) > 1 else ():
        yield _of(request, originators=_without(item.originators, party))
    for word in label.categories if len(label.categories) > 1 else ():
        yield _marked(request, categories=_without(label.categories, word))
    for tagged in label.tags:
        yield _marked(request, tags=_without(label.tags, tagged))
    for name in label.display_to:
        yield _marked(request, display_to=_without(label.display_to, name))
    listed = label.release_to or ()
    for name in listed if len(listed) > 1 else ():
        yield _marked(request, release_to=_without(listed, name))
    if label.successor is not None:
        yield _marked(request, successor=None)
    if label.review is not None:
        yield _marked(request, review=None)


def _plainer(request: Request) -> Iterator[Request]:
    """Yield what leaves out one thing that the sender says of it."""
    less = (
        replace(request, purpose=None),
        replace(request, channel=None),
        replace(request, under=None),
        replace(request, held_as=None),
        replace(request, held_tags=()),
        replace(request, received=None),
    )
    yield from (one for one in less if one != request)


def _without(words: Sequence[Thing], word: Thing) -> tuple[Thing, ...]:
    return tuple(one for one in words if one != word)
