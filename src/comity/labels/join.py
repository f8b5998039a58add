"""What the whole is marked, made from parts: the join of their labels.

A reader of the whole may read every part: that is the property, and the join is the
strictest label that keeps it. Read literally, the roll-up of ADatP-4774.1 §4.4 drops a
permissive category that is emptied and so lets everybody read; here an emptied set stays,
and nobody reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from comity.labels.label import Label, Level, Mark, Tagged
from comity.labels.policy import Audience, Caveat, Policy, TagType
from comity.labels.validity import faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A label with who may have what bears it, all groups expanded.

    Attributes:
        readers: those to whom it is released, its originators among them; None: everybody.
        shown: those who may be shown it beside them.
        owners: its originators.
    """

    label: Label
    owners: frozenset[str]
    readers: frozenset[str] | None
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One who wants to read, as far as a label asks.

    Attributes:
        levels: the highest that it may read; whatever they dominate it may read as well.
        holds: the values that it holds, by tag set.
    """

    party: str
    levels: tuple[Level, ...]
    holds: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The label of a whole; or none, and why a person has to mark it.

    Attributes:
        part: the label with its readers; None where the policy has none that would do.
        says: what a person should know, such as that nobody may read every part.
    """

    part: Part | None
    says: tuple[str, ...] = ()


def admits(part: Part, reader: Reader, policy: Policy) -> bool:
    """Say whether a reader may read what bears a label (X.841, ISO/IEC 15816).

    The level is one that the reader's dominate; of each restrictive set the reader holds
    every value, of each permissive set one; and it is among those released to.
    """
    label = part.label
    if not any(policy.dominates(level, label.level) for level in reader.levels):
        return False
    if part.readers is not None and reader.party not in part.readers:
        return False
    for name, tag_set in policy.tag_sets.items():
        values = label.tagged(name)
        held = reader.holds.get(name, frozenset())
        if values is None or tag_set.type_ is TagType.INFORMATIVE:
            continue
        if tag_set.type_ is TagType.RESTRICTIVE and not set(values) <= held:
            return False
        if tag_set.type_ is TagType.PERMISSIVE and not set(values) & held:
            return False
    return True


def dominates(upper: Part, lower: Part, policy: Policy) -> bool:
    """Say whether whoever may read ``upper`` may read ``lower``, by the labels alone."""
    if not policy.dominates(upper.label.level, lower.label.level):
        return False
    if lower.readers is not None and (
        upper.readers is None or not upper.readers <= lower.readers
    ):
        return False
    for name, tag_set in policy.tag_sets.items():
        over, under = upper.label.tagged(name), lower.label.tagged(name)
        if tag_set.type_ is TagType.RESTRICTIVE and not set(under or ()) <= set(over or ()):
            return False
        narrower = under is None or (over is not None and set(over) <= set(under))
        if tag_set.type_ is TagType.PERMISSIVE and not narrower:
            return False
    return True


def join(
    parts: Sequence[Part], policy: Policy, *, level: Level | None = None, why: str = ""
) -> Joined:
    """Return the label of what is made from parts of one policy.

    Args:
        parts: at least one; labels of other policies are translated first.
        policy: of all of them.
        level: a higher level that the originator marks the whole with.
        why: the originator's reason for it (*compilation*).
    """
    strangers = sorted({p.label.level.policy for p in parts} - {policy.id})
    if not parts or strangers:
        of = ", ".join(f"`{name}`" for name in strangers) or "nothing"
        return Joined(part=None, says=(f"labels of {of} are first translated",))
    found, says = _level(parts, policy, level)
    if found is None:
        return Joined(part=None, says=says)
    for part in parts:
        after = part.label.successor
        if after is not None and not policy.dominates(found, after.level):
            why_not = (
                f"from its date a part is `{after.level}`, which `{found}` does not cover"
            )
            return Joined(
                part=None, says=(*says, f"{why_not}; the originator marks the whole")
            )
    readers, shown = _readers(parts)
    needed = _needed_and_dropped(parts, policy, readers, shown)
    if needed:
        why_not = (
            f"{needed} asks for holders, and not every part bears it as the whole would"
        )
        return Joined(part=None, says=(*says, f"{why_not}; the originator marks the whole"))
    owners = frozenset(owner for part in parts for owner in part.owners)
    label = Label(
        level=found,
        categories=tuple(dict.fromkeys(k for p in parts for k in p.label.categories)),
        release_to=None
        if readers is None
        else tuple(sorted(_named(readers, found, parts, policy))),
        display_to=tuple(sorted(shown)),
        tags=_tags(parts, policy, readers, shown),
        review=min((p.label.review for p in parts if p.label.review), default=None),
        compilation=why if level is not None else "",
    )
    if _all_have(parts, policy, Caveat.NOFORN) and len({p.owners for p in parts}) == 1:
        label = replace(label, release_to=None, display_to=())
    if readers is not None and not readers:
        says = (*says, "no party may read every part; split the item")
    wrong = faults(label, policy)
    if wrong:
        return Joined(part=None, says=(*says, *wrong))
    part = Part(label=label, owners=owners, readers=readers, shown=shown)
    return Joined(part=part, says=says)


def _level(
    parts: Sequence[Part], policy: Policy, asked: Level | None
) -> tuple[Level | None, tuple[str, ...]]:
    """Return the lowest level that stands over every part's, if there is just one."""
    levels = tuple(dict.fromkeys(part.label.level for part in parts))
    over = [
        upper
        for upper in (Level(policy.id, name) for name in policy.rungs)
        if all(policy.dominates(upper, lower) for lower in levels)
        and not _opens(upper, parts, policy)
    ]
    lowest = [
        one
        for one in over
        if not any(two != one and policy.dominates(one, two) for two in over)
    ]
    names = " and ".join(f"`{level}`" for level in levels)
    if asked is not None:
        if asked in over:
            return asked, ()
        return None, (f"`{asked}` does not stand over {names}",)
    if len(lowest) == 1:
        return lowest[0], ()
    several = " or ".join(f"`{level}`" for level in lowest)
    said = f"either {several} would do" if several else "no level stands over all of them"
    return None, (f"{names}: {said}; the originator marks the whole, or splits it",)


def _opens(level: Level, parts: Sequence[Part], policy: Policy) -> bool:
    """Say whether a level lets the clients of its readers have what a part does not."""
    return policy.audience(level) is Audience.CLIENTS and any(
        part.readers is not None
        and policy.audience(part.label.level) is not Audience.CLIENTS
        for part in parts
    )


def _named(
    readers: frozenset[str], level: Level, parts: Sequence[Part], policy: Policy
) -> frozenset[str]:
    """Return whom the list of the whole names: its clients have it of who is named there.

    So an originator is left out that does not name itself.
    """
    if policy.audience(level) is not Audience.CLIENTS:
        return readers
    return readers - {
        owner
        for part in parts
        for owner in part.owners
        if part.readers is not None and owner not in (part.label.release_to or ())
    }


def _readers(parts: Sequence[Part]) -> tuple[frozenset[str] | None, frozenset[str]]:
    """Return who may have every part, and who may at least be shown every part."""
    closed = [part.readers for part in parts if part.readers is not None]
    if not closed:
        return None, frozenset()
    readers = frozenset.intersection(*closed)
    seen = [part.readers | part.shown for part in parts if part.readers is not None]
    return readers, frozenset.intersection(*seen) - readers


def _all_have(parts: Sequence[Part], policy: Policy, caveat: Caveat) -> bool:
    return all(caveat in policy.caveats(part.label) for part in parts)


def _dropped(
    parts: Sequence[Part],
    policy: Policy,
    readers: frozenset[str] | None,
    shown: frozenset[str],
) -> set[Caveat]:
    """Return the caveats that the whole bears no more, though a part does."""
    same = len({p.owners for p in parts}) == 1
    return {
        caveat
        for caveat, kept in (
            (Caveat.RELIDO, _all_have(parts, policy, Caveat.RELIDO)),
            (Caveat.NOFORN, _all_have(parts, policy, Caveat.NOFORN) and same),
            (Caveat.EYES_ONLY, bool(readers)),
            (Caveat.DISPLAY_ONLY, bool(shown)),
        )
        if not kept
    }


def _needed_and_dropped(
    parts: Sequence[Part],
    policy: Policy,
    readers: frozenset[str] | None,
    shown: frozenset[str],
) -> str:
    """Name a restrictive value that the whole would lose with its caveat; empty for none.

    Who does not hold it may not read that part, so the whole would open it.
    """
    dropped = _dropped(parts, policy, readers, shown)
    for mark in (mark for part in parts for mark in part.label.marks):
        tag, tag_set = policy.tag(mark), policy.tag_sets.get(mark.tag_set)
        if tag is None or tag_set is None or tag_set.type_ is not TagType.RESTRICTIVE:
            continue
        if tag.caveat in dropped:
            return f"`{mark}`"
    return ""


def _tags(
    parts: Sequence[Part],
    policy: Policy,
    readers: frozenset[str] | None,
    shown: frozenset[str],
) -> tuple[Tagged, ...]:
    """Restrictive and informative sets unite; of permissive ones what all have stays."""
    dropped = _dropped(parts, policy, readers, shown)
    united: list[Tagged] = []
    for name, tag_set in policy.tag_sets.items():
        given = [v for v in (part.label.tagged(name) for part in parts) if v is not None]
        if not given:
            continue
        if tag_set.type_ is TagType.PERMISSIVE:
            values: Iterable[str] = (v for v in given[0] if all(v in g for g in given))
        else:
            values = dict.fromkeys(v for one in given for v in one)
        kept = tuple(
            value
            for value in values
            if (tag := policy.tag(Mark(policy.id, name, value))) is None
            or tag.caveat not in dropped
        )
        if kept or tag_set.type_ is TagType.PERMISSIVE:
            united.append(Tagged(set_=name, values=kept))
    return tuple(united)
