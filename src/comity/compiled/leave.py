"""Recorded consents to one way of release, compiled: whose, for what, and which *no* beats them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.accords.instruments import Operation
from comity.accords.times import Instant
from comity.compiled.words import Words, inside, outside
from comity.labels import Level
from comity.release.approval import ConsentGiven, Refusal
from comity.release.consents import after, described, reaches
from comity.release.world import World


@dataclass(frozen=True, slots=True)
class Refused:
    """What was refused: an item, or whatever has a part of each of these."""

    item: str | None
    categories: int
    levels: int
    purposes: int

    def hits(self, needs: int, item: str) -> bool:
        """Say whether this is, or takes in, what is asked."""
        if not self.purposes & needs:
            return False
        if self.item is not None:
            return self.item == item
        return bool(self.categories & needs and self.levels & needs)


@dataclass(frozen=True, slots=True)
class Consented:
    """What a consent covers, and the refusals that it does not overtake."""

    item: str | None
    forbids: int
    unless: tuple[Refused, ...]

    def covers(self, needs: int, item: str) -> bool:
        """Say whether it lets this go."""
        return (
            not self.forbids & needs
            and (self.item is None or self.item == item)
            and not any(no.hits(needs, item) for no in self.unless)
        )


def leave(
    consents: Sequence[ConsentGiven],
    refusals: Sequence[Refusal],
    at: Instant,
    world: World,
    words: Words,
) -> dict[int, tuple[Consented, ...]]:
    """Compile the consents between two parties at an instant, by the place of their giver."""
    found: dict[int, list[Consented]] = {}
    for consent in consents:
        if (
            consent.stands(at)
            and described(consent.operation)
            and consent.by in words.party
        ):
            said_no = tuple(
                _refused(refusal, world, words)
                for refusal in refusals
                if refusal.by == consent.by
                and refusal.since <= at
                and not after(consent, refusal)
            )
            op = consent.operation
            forbids = outside(words.purposes, op.purposes)
            if op.categories:
                forbids |= outside(words.categories, op.categories)
            if op.levels or op.ceiling is not None:
                reached = _reached(op, consent.by, world, words)
                forbids |= outside(words.levels, reached)
            covered = Consented(op.item, forbids, said_no)
            found.setdefault(words.party[consent.by], []).append(covered)
    return {place: tuple(covered) for place, covered in found.items()}


def _refused(refusal: Refusal, world: World, words: Words) -> Refused:
    op = refusal.asked.operation
    return Refused(
        item=op.item,
        categories=inside(words.categories, op.categories),
        levels=inside(words.levels, _reached(op, refusal.by, world, words)),
        purposes=inside(words.purposes, op.purposes),
    )


def _reached(op: Operation, giver: str, world: World, words: Words) -> Iterator[Level]:
    policy = world.policy_of(giver)
    own = () if policy is None else (Level(policy.id, name) for name in policy.rungs)
    named = (words.level_named[name] for name in op.levels if name in words.level_named)
    for level in dict.fromkeys((*own, *named)):
        if reaches(op, level, policy):
            yield level
