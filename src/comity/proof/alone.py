"""What decides nothing in one accord, by its clauses alone: nothing is known but its text.

It may stand at any time within its term, every condition before release may be met, and
every originator may have consented or not: what is dead then is dead in any world.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import z3

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.links import HORIZON
from comity.accords.times import FAR_PAST, UTC_ZONE, Instant
from comity.errors import Finding
from comity.labels import Policy, Rung, Tag, TagSet, TagType
from comity.proof.asked import fixed
from comity.proof.candidates import of_accord
from comity.proof.consented import Consents
from comity.proof.idle import Pairs, asleep, finding
from comity.proof.spans import Spans
from comity.proof.terms import Terms
from comity.release.world import Hold, Party, World

THIRD = "(a third party)"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyConsents(Consents):
    """Consents of which nothing is on record: any may be given."""

    def consented(self, party: str, accord: str) -> z3.BoolRef:
        """Return a symbol: a party may have consented or not."""
        return z3.Bool(f"consent of {party} under {accord}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone(Terms):
    """What the clauses of one accord permit, whatever is on record beside it."""

    @property
    def consents(self) -> Consents:
        """Any consents."""
        return AnyConsents(world=self.world, asked=self.asked)

    def unbarred(self) -> z3.BoolRef:
        """Return true: what binds beside an accord is not in its text."""
        return fixed(value=True)

    def versions(self, accord: Accord) -> dict[tuple[Accord, ...], set[Instant]]:
        """Return the text, for all time."""
        return {(accord,): set(self.spans.starts)}

    def stands(self, text: Accord) -> z3.BoolRef:
        """Return the condition that the instant is within a term that the text itself ends."""
        term = text.one(c.Term)
        end = None if term is None else term.before
        if term is not None and term.until is not None:
            end = term.until + timedelta(days=1)
        if end is None:
            return fixed(value=True)
        return self.asked.at < text.zone.start_of(end)

    def sending(self, text: Accord) -> z3.BoolRef:  # noqa: ARG002
        """Return true: another text has that."""
        return fixed(value=True)

    def gates(self, text: Accord) -> z3.BoolRef:  # noqa: ARG002
        """Return true: any condition may be met."""
        return fixed(value=True)

    def holds(self, accord: str | None) -> Iterator[Hold]:  # noqa: ARG002
        """Yield none."""
        yield from ()

    def as_received(self, text: Accord) -> z3.BoolRef:  # noqa: ARG002
        """Return true: another text has that."""
        return fixed(value=True)


def idle_alone(accord: Accord) -> Iterator[Finding]:
    """Yield the clauses and words of an accord that decide nothing, by its text alone.

    Rows of a policy by which none of its parties is known to mark are left out: a text does
    not say who marks by what.
    """
    world = _world_of(accord)
    rows = [
        clause
        for clause in accord.all(c.Equivalence)
        for level in (clause.from_, *clause.to)
        if level.policy not in {p.policy for p in world.parties.values()}
    ]
    pairs = Pairs(world, 0, build=Alone, spans=lambda _world, _pair: _spans_of(accord))
    candidates = [one for one in of_accord(accord, (accord,)) if one.of not in rows]
    for one in asleep(pairs, candidates):
        yield finding(one, candidates, pairs)


def _spans_of(accord: Accord) -> Spans:
    rows: tuple[c.Row, ...] = (*accord.all(c.Equivalence), *accord.all(c.TagEquivalence))
    days = {day for row in rows for day in (row.since, row.before) if day is not None}
    cuts = {cut for cut in map(accord.zone.start_of, days) if FAR_PAST < cut < HORIZON}
    return Spans(starts=(FAR_PAST, *sorted(cuts)))


def _world_of(accord: Accord) -> World:
    """Return a world of one accord that knows every word in it, and one third party."""
    exceptions = accord.all(c.Exemption)
    scope, purpose, channel = (
        accord.one(c.Scope),
        accord.one(c.Purpose),
        accord.one(c.Channel),
    )
    names = {*accord.parties, THIRD}
    names |= {n for e in exceptions for n in (*e.originators, *e.recipients)}
    common = {rule.policy for rule in accord.all(c.CommonPolicy)}
    policies = _policies(accord)
    shared = next(iter(common)) if len(common) == 1 else ""

    def party(name: str) -> Party:
        policy = name if name in policies else shared
        return Party(id=name, name=name, seat=name, zone=UTC_ZONE, policy=policy)

    def words(*lists: tuple[str, ...]) -> frozenset[str]:
        return frozenset(word for one in lists for word in one) - {c.ANY}

    return World(
        id=accord.id,
        title=accord.title,
        zone=accord.zone,
        parties={name: party(name) for name in sorted(names)},
        policies=policies,
        accords=(replace(accord, front=replace(accord.front, open=False)),),
        categories=words(
            *(() if scope is None else (scope.categories,)),
            *(e.categories for e in exceptions),
        ),
        kinds=words(*(() if scope is None else (scope.kinds,))),
        purposes=words(
            (
                "(another purpose)",
            ),  # so that one may be given for one, and asked for another
            *(() if purpose is None else (purpose.allowed,)),
            *(e.purposes for e in exceptions),
        ),
        channels=words(*(() if channel is None else (channel.allowed,))),
    )


def _policies(accord: Accord) -> dict[str, Policy]:
    """Return the policies that the tables name, as far as the tables say what they have."""
    levels = {
        (level.policy, level.name)
        for row in accord.all(c.Equivalence)
        for level in (row.from_, *row.to)
    }
    tags = {
        (mark.policy, mark.tag_set, mark.value)
        for row in accord.all(c.TagEquivalence)
        for mark in (row.from_, *row.to)
    }
    for rule in accord.all(c.CommonPolicy):
        levels |= {(rule.policy, name) for name in rule.levels}
        tags |= {(rule.policy, *_parted(text)) for text in rule.tags}
    found: dict[str, Policy] = {}
    for policy in sorted({policy for policy, _ in levels}):
        mine = [(tag_set, value) for of, tag_set, value in sorted(tags) if of == policy]
        found[policy] = Policy(
            id=policy,
            rungs={name: Rung(name=name) for of, name in sorted(levels) if of == policy},
            tag_sets={
                name: TagSet(
                    name=name,
                    type_=TagType.RESTRICTIVE,
                    tags={value: Tag(name=value) for one, value in mine if one == name},
                )
                for name in dict.fromkeys(name for name, _ in mine)
            },
        )
    return found


def _parted(text: str) -> tuple[str, str]:
    tag_set, _, value = text.partition("/")
    return tag_set, value
