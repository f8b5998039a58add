"""What is wrong with a table of equivalence, seen with both policies beside it.

Six things are looked for when the parties sign (labels of several schemes compare in no
other way): the table is total on what may flow, unambiguous (`comity.accords.checks`),
keeps the order, lowers nothing on return, keeps the protection, and is not to be composed.
Each finding shows the rows that fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import permutations, product
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.errors import Finding, Severity
from comity.labels import Level, Mark, Policy
from comity.release.world import World

Check: TypeAlias = Callable[[World], Iterator[Finding]]


def _warn(accord: Accord, line: int, code: str, message: str, hint: str) -> Finding:
    return Finding(
        where=accord.where or accord.id,
        line=line,
        code=code,
        severity=Severity.WARNING,
        message=message,
        hint=hint,
    )


def _shown(row: c.Equivalence) -> str:
    to = ", ".join(map(str, row.to)) or "none"
    return f"{row.cites}: {row.from_} → {to}"


def _rows(accord: Accord) -> tuple[c.Equivalence, ...]:
    """Return the rows that name levels; one that says `none` leads nowhere."""
    return tuple(
        row for row in accord.all(c.Equivalence) if row.relation is not c.Relation.NONE
    )


def levels_are_in_policies(world: World) -> Iterator[Finding]:
    """Each level and tag of a table is in its policy."""
    for accord in world.accords:
        rows: tuple[c.Row, ...] = (
            *accord.all(c.Equivalence),
            *accord.all(c.TagEquivalence),
        )
        named = [(row.line, one) for row in rows for one in (row.from_, *row.to)]
        for rule in accord.all(c.CommonPolicy):
            named += [(rule.line, Level(rule.policy, name)) for name in rule.levels]
            for text in rule.tags:
                tag_set, _, value = text.partition("/")
                named.append((rule.line, Mark(rule.policy, tag_set, value)))
        for line, one in named:
            policy = world.policies.get(one.policy)
            if policy is not None and _known(one, policy):
                continue
            known = [] if policy is None else _all(one, policy)
            yield Finding(
                where=accord.where or accord.id,
                line=line,
                code="unknown-level" if isinstance(one, Level) else "unknown-tag",
                message=f"the row names `{one}`, which no policy here has",
                hint=f"those of `{one.policy}`: " + (", ".join(known) or "none"),
            )


def _known(one: Level | Mark, policy: Policy) -> bool:
    return policy.knows(one) if isinstance(one, Level) else policy.tag(one) is not None


def _all(one: Level | Mark, policy: Policy) -> list[str]:
    if isinstance(one, Level):
        return list(policy.rungs)
    return [f"{name}/{tag}" for name, s in policy.tag_sets.items() for tag in s.tags]


def equivalence_is_total(world: World) -> Iterator[Finding]:
    """Every level at or below one that has a row has a row as well."""
    for accord, policy, theirs in _pairs(world):
        rows = [r for r in _rows(accord) if _leads(r, policy.id, theirs)]
        said = {r.from_ for r in accord.all(c.Equivalence)}
        for name in policy.rungs:
            level = Level(policy.id, name)
            over = [r for r in rows if policy.dominates(r.from_, level)]
            if over and level not in said:
                yield _warn(
                    accord,
                    over[0].line,
                    "row-missing",
                    f"`{level}` has no row to `{theirs}`, and a level above it has"
                    f" ({_shown(over[0])}): nothing flows at it",
                    'add the row, or one with `relation = "none"` where the text says so',
                )


def equivalence_keeps_the_order(world: World) -> Iterator[Finding]:
    """A higher level leads to no lower level than a lower one does, nor to one beside it."""
    for accord in world.accords:
        for upper, lower in permutations(_rows(accord), 2):
            policy = world.policies.get(upper.from_.policy)
            if policy is None or upper.from_ == lower.from_:
                continue
            if not policy.dominates(upper.from_, lower.from_):
                continue
            for high, low in product(upper.to, lower.to):
                theirs = world.policies.get(high.policy)
                if theirs is None or not (theirs.knows(high) and theirs.knows(low)):
                    continue
                if not theirs.dominates(high, low):
                    yield _warn(
                        accord,
                        upper.line,
                        "order-lost",
                        f"`{upper.from_}` stands above `{lower.from_}`, and `{high}` does"
                        f" not stand above `{low}` ({_shown(upper)}; {_shown(lower)})",
                        "check the table against the text",
                    )


def nothing_is_lowered_on_return(world: World) -> Iterator[Finding]:
    """There and back again leads to the level it had, or to one above it.

    Where the originator chooses among several on its return, one of them is enough.
    """
    for accord in world.accords:
        for there in _rows(accord):
            policy = world.policies.get(there.from_.policy)
            for to in there.to:
                back = [row for row in _rows(accord) if row.from_ == to]
                homes = [h for r in back for h in r.to if h.policy == there.from_.policy]
                if policy is None or not homes:
                    continue
                if not any(policy.dominates(home, there.from_) for home in homes):
                    yield _warn(
                        accord,
                        back[0].line,
                        "lowered-on-return",
                        f"`{there.from_}` comes back as {', '.join(map(str, homes))}, which"
                        f" does not stand at or above it ({_shown(there)};"
                        f" {'; '.join(map(_shown, back))})",
                        "check the table; what comes home keeps its originator's label",
                    )


def protection_is_kept(world: World) -> Iterator[Finding]:
    """What protects a level at least, its counterpart asks for as well, or an added tag."""
    for accord in world.accords:
        for row in _rows(accord):
            mine = _handling(world.policies, row.from_)
            for to in row.to:
                lost = mine - _handling(world.policies, to)
                if lost and row.relation is not c.Relation.HANDLE_AS:
                    yield _warn(
                        accord,
                        row.line,
                        "protection-lost",
                        f"`{to}` does not ask for {', '.join(sorted(lost))}, as `{row.from_}`"
                        f" does ({_shown(row)})",
                        "map it higher, or state the handling of their level",
                    )


def no_way_round_arrives_lower(world: World) -> Iterator[Finding]:
    """A table is not composed with another: the way round leads to no lower level."""
    rows = [(accord, row) for accord in world.accords for row in _rows(accord)]
    direct: dict[tuple[Level, str], list[c.Equivalence]] = {}
    for _, row in rows:
        for name in {to.policy for to in row.to}:
            direct.setdefault((row.from_, name), []).append(row)
    for (_, first), (accord, second) in product(rows, rows):
        if second.from_ not in first.to:
            continue
        for end in second.to:
            policy = world.policies.get(end.policy)
            for straight in direct.get((first.from_, end.policy), ()):
                theirs = [to for to in straight.to if to.policy == end.policy]
                if policy is None or any(policy.dominates(end, to) for to in theirs):
                    continue
                yield _warn(
                    accord,
                    second.line,
                    "lower-by-a-detour",
                    f"`{first.from_}` arrives as `{end}` by way of `{second.from_}`, and"
                    f" directly as {', '.join(map(str, theirs))} ({_shown(first)};"
                    f" {_shown(second)}; {_shown(straight)})",
                    "what travels a route is handled as the stricter of the two",
                )


def _handling(policies: Mapping[str, Policy], level: Level) -> set[str]:
    policy = policies.get(level.policy)
    rung = None if policy is None else policy.rungs.get(level.name)
    return set() if rung is None else set(rung.handling)


def _pairs(world: World) -> Iterator[tuple[Accord, Policy, str]]:
    """Yield each accord with each policy from which a table of it leads to another."""
    for accord in world.accords:
        pairs = {(row.from_.policy, to.policy) for row in _rows(accord) for to in row.to}
        for mine, theirs in sorted(pairs):
            if mine in world.policies:
                yield accord, world.policies[mine], theirs


def _leads(row: c.Equivalence, mine: str, theirs: str) -> bool:
    return row.from_.policy == mine and any(to.policy == theirs for to in row.to)


NAMES: tuple[Check, ...] = (levels_are_in_policies,)
"""Checks whose errors keep a world from loading."""

TABLES: tuple[Check, ...] = (
    equivalence_is_total,
    equivalence_keeps_the_order,
    nothing_is_lowered_on_return,
    protection_is_kept,
    no_way_round_arrives_lower,
)
"""Every other check of a table; that it is unambiguous an accord shows alone."""
