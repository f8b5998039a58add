"""Policies and labels for the tests of this room."""

from __future__ import annotations

from comity.labels import (
    Caveat,
    Label,
    Level,
    Part,
    Policy,
    Rung,
    Tag,
    Tagged,
    TagSet,
    TagType,
)


def ladder(**above: tuple[str, ...]) -> dict[str, Rung]:
    """Return levels by name, each with those directly below it."""
    return {name: Rung(name=name, above=tuple(below)) for name, below in above.items()}


def tags(name: str, type_: TagType, **values: Tag) -> TagSet:
    """Return a tag set of values by name."""
    return TagSet(name=name, type_=type_, tags=values)


SETS = {
    "handling": tags("handling", TagType.RESTRICTIVE, A=Tag(name="A"), B=Tag(name="B")),
    "releasable": tags("releasable", TagType.PERMISSIVE, X=Tag(name="X"), Y=Tag(name="Y")),
    "note": tags("note", TagType.INFORMATIVE, N=Tag(name="N"), M=Tag(name="M")),
    "caveat": tags(
        "caveat",
        TagType.INFORMATIVE,
        **{one.value: Tag(name=one.value, caveat=one) for one in Caveat},
    ),
}

NORTH = Policy(
    id="n",
    rungs=ladder(OPEN=(), LOW=("OPEN",), HIGH=("LOW",)),
    tag_sets=SETS,
)
"""Three levels in a row, and a tag set of each type."""

BESIDE = Policy(
    id="j", rungs=ladder(HI=(), GOKUHI=("HI",), TOKUTEI=("HI",), TOP=("GOKUHI", "TOKUTEI"))
)
"""A statutory regime beside the ladder, and one level over both."""


def label(level: str, *, policy: str = "n", lists: object = None, **sets: object) -> Label:
    """Return a label; tag sets by name, the list of recipients as ``lists``."""
    return Label(
        level=Level(policy, level),
        categories=("k",),
        release_to=None if lists is None else tuple(lists),  # type: ignore[arg-type]
        tags=tuple(
            Tagged(set_=name, values=tuple(values))  # type: ignore[arg-type]
            for name, values in sets.items()
        ),
    )


def part(
    of: Label, *readers: str, owners: tuple[str, ...] = ("o",), everybody: bool = False
) -> Part:
    """Return a label with its readers."""
    return Part(
        label=of,
        owners=frozenset(owners),
        readers=None if everybody else frozenset((*owners, *readers)),
    )
