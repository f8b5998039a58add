"""Is a label one that its policy allows? Validity comes before any decision.

The rules are those of ADatP-4774 and X.841 as a policy states them, and of the caveats
among themselves: NOFORN excludes every release, EYES ONLY needs a list, DISPLAY ONLY a
display list (ISM rules 00031 to 00033, 00169).
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.labels.label import Label
from comity.labels.policy import Caveat, Policy, Tag, TagSet

_ALONE = (Caveat.NOFORN, Caveat.RELIDO, Caveat.DISPLAY_ONLY)


def faults(label: Label, policy: Policy, made: int | None = None) -> tuple[str, ...]:
    """Return what makes a label invalid under its policy, in words; empty where it is valid.

    Args:
        label: of that policy.
        policy: by which it is marked.
        made: when the item was made, in UTC seconds. An obsolete value is valid on what
            was made before it became so; where nobody recorded when, it is not.
    """
    return tuple(_faults(label, policy, made))


def _faults(label: Label, policy: Policy, made: int | None) -> Iterator[str]:
    rung = policy.rungs.get(label.level.name) if policy.knows(label.level) else None
    if rung is None:
        yield f"`{label.level}` is no level of the policy `{policy.id}`"
        return
    if _gone(rung.obsolete, made):
        yield f"the level `{label.level}` is obsolete for an item made {_when(made)}"
    names = [entry.set_ for entry in label.tags]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"the tag set `{name}` stands twice"
        if name not in policy.tag_sets:
            yield f"`{name}` is no tag set of the policy `{policy.id}`"
    for tag_set in policy.tag_sets.values():
        yield from _of_set(label, tag_set, made)
    yield from _of_caveats(label, policy)
    if label.successor is not None:
        yield from _of_successor(label, policy)


def _of_set(label: Label, tag_set: TagSet, made: int | None) -> Iterator[str]:
    values = label.tagged(tag_set.name)
    if values is None:
        if tag_set.required:
            yield f"the tag set `{tag_set.name}` is required"
        return
    if tag_set.at_most is not None and len(values) > tag_set.at_most:
        yield f"`{tag_set.name}` has {len(values)} values; at most {tag_set.at_most}"
    for value in values:
        tag = tag_set.tags.get(value)
        place = f"`{tag_set.name}/{value}`"
        if tag is None:
            yield f"{place} is no value of the tag set"
            continue
        if _gone(tag.obsolete, made):
            yield f"{place} is obsolete for an item made {_when(made)}"
        yield from _beside(label, tag, place)


def _beside(label: Label, tag: Tag, place: str) -> Iterator[str]:
    there = {f"{mark.tag_set}/{mark.value}" for mark in label.marks}
    if tag.levels is not None and label.level.name not in tag.levels:
        allowed = ", ".join(tag.levels) or "no level"
        yield f"{place} stands beside {allowed} only, not `{label.level.name}`"
    for other in tag.not_with:
        if other in there:
            yield f"{place} may not stand beside `{other}`"
    for other in tag.needs:
        if other not in there:
            yield f"{place} needs `{other}` beside it"


def _of_caveats(label: Label, policy: Policy) -> Iterator[str]:
    found = policy.caveats(label)
    alone = [str(caveat) for caveat in _ALONE if caveat in found]
    if len(alone) > 1:
        yield f"{' and '.join(alone)} exclude one another"
    if Caveat.NOFORN in found and (label.release_to is not None or label.display_to):
        yield "noforn stands beside a list of recipients"
    if Caveat.NOFORN in found and Caveat.EYES_ONLY in found:
        yield "noforn and eyes-only exclude one another"
    if Caveat.EYES_ONLY in found and not label.release_to:
        yield "eyes-only needs a list of recipients"
    if (Caveat.DISPLAY_ONLY in found) is not bool(label.display_to):
        yield "display-only and a display list go together"


def _of_successor(label: Label, policy: Policy) -> Iterator[str]:
    if label.successor is not None and not policy.knows(label.successor.level):
        yield f"the successor `{label.successor.level}` is no level of `{policy.id}`"


def _gone(obsolete: int | None, made: int | None) -> bool:
    return obsolete is not None and (made is None or made >= obsolete)


def _when(made: int | None) -> str:
    return "nobody knows when" if made is None else "since then"
