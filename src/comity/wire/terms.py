"""Digests by which two sides notice that they would decide by different things.

*Terms*: the text, the amendments in force between the two, both policies, and the groups
that may decide. *Acts head*: the instruments that the author knew of an accord, by what all
sides must agree on about each. *Deadlines*: what the clock makes of it all for two years.
None of them permits anything; unequal ones ask for a look, or for an exchange of
instruments first. The format is ``docs/formats/envelope.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum

from comity.accords import deadlines
from comity.accords.instruments import Instrument, Operation, Stage
from comity.accords.times import Instant, Period, Rounding, add
from comity.labels import Group, Policy
from comity.release import World
from comity.signed import text
from comity.wire.fields import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under what two parties stand at an instant: what an envelope says it goes by.

    It holds for the same world until the permit's ``good_before``; a node may keep it so
    long.

    Attributes:
        pair: the two, in order.
        versions: of the text, as permits name them; several while it is in doubt which.
        profile: that the accord's annex names; None: nothing is sealed under it.
        digest: of the terms.
        acts: the acts head.
        world: of which all this is true.
    """

    accord: str
    pair: tuple[str, str]
    versions: tuple[str, ...]
    profile: str | None
    digest: str
    acts: str
    world: World = field(repr=False, compare=False)


def terms_between(
    world: World,
    accord: str,
    pair: tuple[str, str],
    at: Instant,
    named: Collection[str] = (),
) -> Terms:
    """Return under what two parties stand. ``named``: the groups that a label names.

    Raises:
        NotKnown: the world has no such accord.
        InvalidInput: it is too uncertain which text holds.
    """
    two = (min(pair), max(pair))
    texts = world.clock(accord).versions(at, two)
    profiles = {version.front.profile for version in texts}
    return Terms(
        accord=accord,
        pair=two,
        versions=tuple("+".join((v.digest, *v.amended_by)) for v in texts),
        profile=profiles.pop() if len(profiles) == 1 else None,
        digest=terms_digest(world, accord, two, at, named),
        acts=acts_head(world, accord),
        world=world,
    )


def terms_digest(
    world: World,
    accord: str,
    pair: tuple[str, str],
    at: Instant,
    named: Collection[str] = (),
) -> str:
    """Return the digest of everything that a decision between two parties uses.

    It is the same whoever of the two asks, and in whatever order things are on file.

    Raises:
        NotKnown: the world has no such accord.
        InvalidInput: it is too uncertain which text holds.
    """
    two = (min(pair), max(pair))
    lines = {
        line
        for version in world.clock(accord).versions(at, two)
        for line in (
            f"text {version.digest}",
            *(f"amendment {digest}" for digest in version.amended_by),
        )
    }
    policies = [(party, world.policy_of(party)) for party in two]
    for party, policy in policies:
        told = "none" if policy is None else _digest(_policy_facts(policy))
        lines.add(f"policy {party} {told}")
    for group in _deciding(world, two, [p for _, p in policies if p is not None], named):
        lines.add(f"group {group.id} {_digest(_group_facts(group))}")
    return _over("comity/terms/1", lines)


def acts_head(world: World, accord: str) -> str:
    """Return the digest of the instruments that a world knows of an accord.

    Two sides that know the same instruments have the same, whatever each recorded about
    how and when they reached it.

    Raises:
        NotKnown: the world has no such accord.
    """
    known = world.of(world.accord(accord).id)
    return _over("comity/acts/1", (f"{one.id} {instrument_digest(one)}" for one in known))


def instrument_digest(instrument: Instrument) -> str:
    """Return the digest of what all sides must agree on about an instrument.

    Its id, performers, form and claimed basis, its operations, and when it was dated and
    sent: not when it was received or recorded, nor where the fact was read.
    """
    return _digest(
        {
            "basis": instrument.basis,
            "by": sorted(instrument.by),
            "dated": _spans(instrument, Stage.DATED),
            "form": instrument.form,
            "id": instrument.id,
            "operations": sorted(
                text.write(_operation_facts(op)).decode() for op in instrument.operations
            ),
            "sent": _spans(instrument, Stage.SENT),
        }
    )


def deadlines_digest(world: World, accord: str, at: Instant, years: int = 2) -> str:
    """Return the digest of the dates ahead of an accord, as the clock has them at an instant.

    Two nodes that differ in it differ in an instrument, a reading, the zones' data or the
    software, and had better know before a day comes on which that matters.

    Raises:
        NotKnown: the world has no such accord.
    """
    zone = world.accord(accord).zone
    last = add(zone.day_of(at), Period("", 12 * years, 0), Rounding.UP)
    ahead = deadlines(world.clock(accord), at, zone.start_of(last))
    lines = (f"{one.before} {one.kind} {one.article}" for one in ahead)
    return _over("comity/deadlines/1", lines)


def _deciding(
    world: World,
    pair: tuple[str, str],
    policies: Iterable[Policy],
    named: Collection[str],
) -> Iterator[Group]:
    """Yield the groups that may decide: by a policy, as clients, or by a label's lists."""
    names = set(named)
    for policy in policies:
        names.add(policy.community)
        for tag_set in policy.tag_sets.values():
            names.update(tag.holders for tag in tag_set.tags.values())
    for group in world.groups.values():
        if group.id in names or group.clients_of in pair:
            yield group


def _policy_facts(policy: Policy) -> Value:
    """Return what of a policy may decide: not its markings' words, nor its source."""
    return {
        "community": policy.community,
        "id": policy.id,
        "levels": {
            name: {
                "above": sorted(rung.above),
                "audience": None if rung.audience is None else str(rung.audience),
                "handling": sorted(rung.handling),
                "obsolete": rung.obsolete,
            }
            for name, rung in policy.rungs.items()
        },
        "sets": {
            name: {
                "at_most": one.at_most,
                "required": one.required,
                "tags": {
                    word: {
                        "caveat": None if tag.caveat is None else str(tag.caveat),
                        "holders": tag.holders,
                        "levels": None if tag.levels is None else sorted(tag.levels),
                        "needs": sorted(tag.needs),
                        "not_with": sorted(tag.not_with),
                        "obsolete": tag.obsolete,
                    }
                    for word, tag in one.tags.items()
                },
                "type": str(one.type_),
            }
            for name, one in policy.tag_sets.items()
        },
    }


def _group_facts(group: Group) -> Value:
    return {
        "accord": group.accord,
        "clients_of": group.clients_of,
        "members": sorted(
            text.write(
                {
                    "before": member.before,
                    "last": member.last,
                    "party": member.party,
                    "removed": member.removed,
                    "since": member.since,
                }
            ).decode()
            for member in group.members
        ),
    }


_DEFAULTS = {spec.name: spec.default for spec in fields(Operation)}


def _operation_facts(operation: Operation) -> Value:
    """Return what an operation says; what it leaves out is left out."""
    facts: Value = {}
    for name, default in _DEFAULTS.items():
        value = getattr(operation, name)
        if value != default:
            facts[name] = str(value) if isinstance(value, StrEnum) else value
    return facts


def _spans(instrument: Instrument, stage: Stage) -> list[list[object]]:
    return sorted(
        [side, span.start, span.before]
        for (reached, side), span in instrument.times.items()
        if reached is stage
    )


def _digest(facts: Value) -> str:
    return text.digest_of(text.write(facts))


def _over(domain: str, lines: Iterable[str]) -> str:
    """Return SHA-256 over a domain and sorted lines, each with its end."""
    running = hashlib.sha256(f"{domain}\n".encode())
    for line in sorted(lines):
        running.update(f"{line}\n".encode())
    return f"sha256:{running.hexdigest()}"
