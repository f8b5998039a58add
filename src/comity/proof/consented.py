"""Which consents on record let any request go, as a condition on it.

The counterpart of `comity.release.consents`, from the same acts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import z3

from comity.accords.instruments import Operation
from comity.labels import Level, Policy
from comity.proof.asked import AnyItem, Asked, every, fixed, some
from comity.proof.spans import within
from comity.release.approval import ConsentGiven, Refusal
from comity.release.consents import after
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """The consents of a world, as far as any request asks for one.

    Attributes:
        dropped: consents, by value, that are taken not to be.
        found: what has been said of a party and an accord already.
    """

    world: World
    asked: Asked
    dropped: Collection[object] = ()
    found: dict[tuple[str, str], z3.BoolRef] = field(default_factory=dict)

    def consented(self, party: str, accord: str) -> z3.BoolRef:
        """Return the condition that a party has consented under an accord."""
        if (party, accord) not in self.found:
            self.found[party, accord] = some(
                self.counts(consent)
                for consent in self.world.consents(accord)
                if consent.by == party and consent not in self.dropped
            )
        return self.found[party, accord]

    def counts(self, consent: ConsentGiven) -> z3.BoolRef:
        """Return the condition that one consent covers the request and nothing overtakes it."""
        at = self.asked.at
        return every(
            (
                within(at, consent.since, consent.before),
                self._covers(consent),
                *(
                    z3.Not(z3.And(at >= refusal.since, self._touches(refusal)))
                    for refusal in self.world.approvals(consent.accord).refusals
                    if refusal.by == consent.by and not after(consent, refusal)
                ),
            )
        )

    def _covers(self, consent: ConsentGiven) -> z3.BoolRef:
        op, party, asked = consent.operation, consent.by, self.asked
        described = op.item is not None or (bool(op.categories) and _ranked(op))
        if not described or (op.holder, op.to) != asked.pair:
            return fixed(value=False)
        policy = self.world.policy_of(party)
        return every(
            (
                *(() if op.item is None else (asked.item.id.is_(op.item),)),
                asked.purpose.among(op.purposes),
                asked.originates(party),
                *(
                    z3.Implies(
                        z3.And(part.there, part.originators[party]),
                        self._admits(op, part, policy),
                    )
                    for part in asked.members
                    if party in part.originators
                ),
            )
        )

    def _admits(self, op: Operation, part: AnyItem, policy: Policy | None) -> z3.BoolRef:
        found = []
        if op.categories:
            found += [
                z3.Not(symbol)
                for word, symbol in part.categories.items()
                if word not in op.categories
            ]
        if _ranked(op):
            found.append(self._reaches(op, part, policy))
        return every(found)

    @staticmethod
    def _reaches(op: Operation, part: AnyItem, policy: Policy | None) -> z3.BoolRef:
        return part.level.among(
            level for level in part.level.options if reaches(op, level, policy)
        )

    def _touches(self, refusal: Refusal) -> z3.BoolRef:
        op, asked = refusal.asked.operation, self.asked
        if (op.holder, op.to) != asked.pair:
            return fixed(value=False)
        purpose = asked.purpose.among(op.purposes)
        if op.item is not None:
            return z3.And(purpose, asked.item.id.is_(op.item))
        party = refusal.by
        policy = self.world.policy_of(party)
        return z3.And(
            purpose,
            some(
                z3.And(
                    part.there,
                    part.originators[party],
                    _any_of(part, op.categories),
                    self._reaches(op, part, policy),
                )
                for part in asked.members
                if party in part.originators
            ),
        )


def _any_of(part: AnyItem, words: Iterable[str]) -> z3.BoolRef:
    return some(part.categories[word] for word in words if word in part.categories)


def _ranked(op: Operation) -> bool:
    return bool(op.levels) or op.ceiling is not None


def reaches(op: Operation, level: Level, policy: Policy | None) -> bool:
    """Say whether a consent lists a level, or has it at or below its ceiling."""
    if str(level) in op.levels:
        return True
    if op.ceiling is None or policy is None:
        return False
    whose, _, name = op.ceiling.partition(":")
    return policy.dominates(Level(whose, name), level)
