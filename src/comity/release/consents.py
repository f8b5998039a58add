"""Which recorded consent covers a release: whose, for what, how high, to whom, until when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from comity.accords.instruments import Operation
from comity.accords.times import Instant
from comity.labels import Item, Level, Policy
from comity.release.approval import ConsentAsked, ConsentGiven, Refusal
from comity.release.marked import members_at
from comity.release.request import Request
from comity.release.world import World

Terms: TypeAlias = ConsentGiven | ConsentAsked


def covers(terms: Terms, request: Request, world: World) -> bool:
    """Say whether a consent is written for a release, or a request asks for one, whenever.

    What it leaves out it does not cover. One for an item is for that item alone, not for
    what it is made from nor for what is made from it; one for a class has to cover every
    part that comes from its giver.
    """
    op, party = terms.operation, _giver(terms)
    theirs = [m for m in members_at(request, world) if party in m.originators]
    return (
        described(op)
        and op.item in (None, request.item.id)
        and op.holder == request.sender
        and op.to == request.recipient
        and request.for_purpose in op.purposes
        and bool(theirs)
        and all(_admits(op, part, world.policy_of(party)) for part in theirs)
    )


def described(op: Operation) -> bool:
    """Say whether a consent says what it is for: an item, or categories and levels."""
    return op.item is not None or (bool(op.categories) and _ranked(op))


def in_force(
    party: str, accord: str, request: Request, world: World
) -> tuple[ConsentGiven, ...]:
    """Return a party's consents under one accord that let a release go at its instant."""
    found = (one for one in world.consents(accord) if one.by == party)
    no = [r for r in refused(party, accord, request, world) if r.since <= request.at]
    return tuple(
        consent
        for consent in found
        if consent.stands(request.at)
        and covers(consent, request, world)
        and all(after(consent, refusal) for refusal in no)
    )


def ends(
    party: str, accord: str, request: Request, world: World, found: Sequence[ConsentGiven]
) -> Instant | None:
    """Return when the last of some consents ends, or a refusal ends them; None for never."""
    over = [consent.before for consent in found]
    later = [
        r.since for r in refused(party, accord, request, world) if r.since > request.at
    ]
    last = None if None in over else max((i for i in over if i is not None), default=None)
    return min((i for i in (last, *later) if i is not None), default=None)


def refused(party: str, accord: str, request: Request, world: World) -> Iterator[Refusal]:
    """Yield a party's refusals, whenever made, of requests that asked for this or a part."""
    for refusal in world.approvals(accord).refusals:
        if refusal.by == party and _touches(refusal.asked, request, world):
            yield refusal


def pending(
    party: str, accord: str, request: Request, world: World
) -> tuple[ConsentAsked, ...]:
    """Return the requests to a party, made by then, that ask for this and have no answer."""
    return tuple(
        asked
        for asked in world.approvals(accord).asked
        if asked.of == party
        and asked.since <= request.at
        and covers(asked, request, world)
        and not answered(asked, request.at, world)
    )


def answered(asked: ConsentAsked, at: Instant, world: World) -> bool:
    """Say whether the one asked has answered by an instant, one way or the other."""
    refusals = world.approvals(asked.accord).refusals
    by_then = [r for r in refusals if r.asked == asked and r.since <= at]
    return bool(by_then or granted(asked, at, world))


def granted(asked: ConsentAsked, at: Instant, world: World) -> tuple[ConsentGiven, ...]:
    """Return the consents given by an instant that say that they answer this request."""
    return tuple(
        consent
        for consent in world.consents(asked.accord)
        if consent.operation.answers == asked.id
        and consent.by == asked.of
        and consent.given <= at
    )


def after(consent: ConsentGiven, refusal: Refusal) -> bool:
    """Say whether a consent was certainly given after a refusal, which it then overtakes."""
    return consent.given > refusal.last


def _giver(terms: Terms) -> str:
    return terms.by if isinstance(terms, ConsentGiven) else terms.of


def _ranked(op: Operation) -> bool:
    return bool(op.levels) or op.ceiling is not None


def _admits(op: Operation, part: Item, policy: Policy | None) -> bool:
    """Say whether the categories and levels of a consent, where it has any, take a part in."""
    label = part.label
    return (not op.categories or set(label.categories) <= set(op.categories)) and (
        not _ranked(op) or reaches(op, label.level, policy)
    )


def reaches(op: Operation, level: Level, policy: Policy | None) -> bool:
    """Say whether a level is listed, or at or below the ceiling in its giver's own policy."""
    if str(level) in op.levels:
        return True
    if op.ceiling is None or policy is None:
        return False
    whose, _, name = op.ceiling.partition(":")
    return policy.dominates(Level(whose, name), level)


def _touches(asked: ConsentAsked, request: Request, world: World) -> bool:
    """Say whether what was refused is this release, or takes in any part of it."""
    op = asked.operation
    same = (op.holder, op.to) == (request.sender, request.recipient)
    if not same or request.for_purpose not in op.purposes:
        return False
    if op.item is not None:
        return op.item == request.item.id
    policy = world.policy_of(asked.of)
    return any(
        set(part.label.categories) & set(op.categories)
        and reaches(op, part.label.level, policy)
        for part in members_at(request, world)
        if asked.of in part.originators
    )
